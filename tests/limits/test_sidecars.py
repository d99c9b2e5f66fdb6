"""Sidecars: every key checked, one sentence for a mistake: where, what, which rule, how to mend."""

import pytest

from g2sym.base.names import parse_observable
from g2sym.errors import InputError
from g2sym.limits import load
from g2sym.limits.sidecars import read_sidecar
from tests.limits.cases import sidecar

TABLE = "0.1 1e-3\n0.2 1e-3\n"


def test_everything_that_is_said_stands_in_the_record(make):
    limit = make(
        TABLE,
        title='"Mine, 2030"',
        quantity='"sigma( e bar(e) -> A X ) * BR(X -> A A)"',
        limit='{ unit = "pb" }',
        process='{ sqrt_s = "10.58", luminosity_pb = 445, alpha_D = 0.1, m_chi_over_m_A = "1/3" }',
        assumes='["BR(X -> A A)=1", "prompt"]',
        final_state='["A", "A"]',
        decay_radius_m='"1.25"',
        role='"projection"',
        licence='"MIT"',
        note='"a note"',
    )
    record = limit.as_dict()
    assert record == {
        "id": "mine", "title": "Mine, 2030", "quantity": "BR(X -> A A)*sigma(e bar(e) -> A X)", "unit": "pb",
        "shape": "points", "confidence": "0.95", "role": "projection",
        "assumes": ["BR(X -> A A)=1", "prompt"],
        "final_state": ["A", "A"], "decay_radius_m": "1.25", "reference": "an example", "licence": "MIT",
        "process": {"sqrt_s": "10.58", "luminosity_pb": "445", "alpha_D": "0.1", "m_chi_over_m_A": "1/3"},
        "note": "a note", "file": "mine.txt",
    }  # fmt: skip
    assert limit.quantity == str(parse_observable("sigma(e bar(e) -> A X)*BR(X -> A A)"))
    assert make(TABLE, confidence='"not stated"').confidence is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"quantty": '"g_gg"'}, "unknown key 'quantty' (did you mean 'quantity'?)"),
        ({"id": '"two words"'}, "limit 1: id 'two words'"),
        ({"id": "5"}, "id '5'"),
        ({"id": '"=cmd"'}, "id '=cmd'"),
        ({"file": None}, "give either file, a table, or value"),
        ({"value": '"1"'}, "give either file, a table, or value"),
        ({"file": '"../other.txt"'}, "not below the sidecar's folder"),
        ({"file": '"/etc/hostname"'}, "not below the sidecar's folder"),
        ({"file": '"C:\\\\x.txt"'}, "not below the sidecar's folder"),
        ({"file": '"a\\u0000b"'}, "not one printable line"),
        ({"also": '["x"]'}, "also belongs to sidecars that ship"),
        ({"format": None}, "format is missing"),
        ({"format": '"pionts"'}, "format 'pionts' (did you mean 'points'?)"),
        ({"columns": '["mass"]'}, "needs mass, limit, each once"),
        ({"columns": '["mass", "limit", "limit"]'}, "needs mass, limit, each once"),
        ({"columns": '["m", "limit"]'}, "columns is no list of"),
        ({"columns": '"mass"'}, "columns is no list of"),
        ({"headers": '{ mass = "m" }'}, "headers belong to format"),
        ({"closing": '"corner"'}, "of a contour"),
        ({"mass": None}, "mass: unit is missing"),
        ({"mass": '{ unit = "GeV/c2" }'}, "mass: unit 'GeV/c2'"),
        ({"mass": '{ unit = "gev" }'}, "choose eV, keV, MeV, GeV"),
        ({"mass": '{ unit = "GeV", scale = "0" }'}, "not positive"),
        ({"mass": '{ unit = "GeV", scale = "3*x" }'}, "is not a number"),
        ({"mass": '{ unit = "GeV", low = 1 }'}, "unknown key 'low'"),
        ({"mass": '"GeV"'}, "mass is no table"),
        ({"limit": None}, "limit: unit is missing"),
        ({"limit": '{ unit = "pb" }'}, "none of the quantity; choose eV^-1, keV^-1, MeV^-1, GeV^-1"),
        ({"limit": '{ unit = "GeV^-1", transform = "sqrt(2*x)" }'}, "transform 'sqrt(2*x)'"),
        ({"limit": '{ unit = "GeV^-1", transform = "__import__(\'os\')" }'}, "choose none, sqrt(810 y)"),
        ({"quantity": None}, "quantity is missing"),
        ({"quantity": '"g_g"'}, "no coupling (did you mean 'g_gg'?)"),
        ({"quantity": '"BR(a -> A A)"'}, "does not hold the mediator; call it X"),
        ({"quantity": '"BR(X -> A A"'}, "quantity"),
        ({"quantity": '"BR(X -> A A)*lifetime(X)*sigma(e bar(e) -> A X)"'}, "has the unit pb*s"),
        ({"no_limit_from": '"-1"'}, "no_limit_from: '-1' is not positive"),
        ({"no_limit_from": "true"}, "a truth value is not a number"),
        ({"confidence": None}, "confidence is missing"),
        ({"confidence": '"95"'}, "not between 0 and 1"),
        ({"confidence": '"2 sigma"'}, "is not a number"),
        ({"role": '"measurement"'}, "role 'measurement' (did you mean 'measured'?)"),
        ({"reference": None}, "reference is missing"),
        ({"reference": '"=HYPERLINK(1)"'}, "begins with =, which spreadsheets take for a formula"),
        ({"reference": '"a\\nb"'}, "not one printable line"),
        ({"reference": '"\\u001b[31mred"'}, "not one printable line"),
        ({"reference": f'"{"x" * 501}"'}, "not one printable line"),
        ({"assumes": '"prompt"'}, "assumes is no list"),
        ({"assumes": "[1]"}, "is no text"),
        ({"final_state": '["A A*"]'}, "final_state"),
        ({"process": '{ sqrts = 1 }'}, "unknown key 'sqrts' (did you mean 'sqrt_s'?)"),
        ({"process": '{ sqrt_s = -1 }'}, "not positive"),
        ({"decay_radius_m": '"0"'}, "not positive"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(tmp_path, changes, said):
    path = tmp_path / "mine.toml"
    path.write_text(sidecar(**changes))
    with pytest.raises(InputError) as found:
        load(path)
    text = str(found.value)
    assert said in text
    assert text.startswith("sidecar '")
    assert text.endswith(".")
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "schema is missing"),
        ("schema = 2\n[[limit]]\n", "schema is '2'"),
        ("schema = 1\n", "no [[limit]]"),
        ("schema = 1\nlimit = 3\n", "no [[limit]]"),
        ("schema = 1\nlimit = [3]\n", "no [[limit]]"),
        ("schema = 1\n[limits]\n", "unknown key 'limits' (did you mean 'limit'?)"),
        ("schema = 1\n[[limit]]\nid = 'a'\n[[limit]]\nid = 'a'\n", "id a stands twice"),
        ("schema = 1\n[[limit]]\n", "id is missing"),
        ("not toml", "not valid TOML"),
        ("a = " + "[" * 900, "nests deeper"),
    ],
)
def test_documents_that_are_no_sidecar(text, said):
    with pytest.raises(InputError) as found:
        read_sidecar(text.encode(), "sidecar 'x'")
    assert said in str(found.value)


def test_latex_and_markup_in_a_title_are_text(make):
    title = r"$\\input{/etc/passwd}$ !!python/object <b>"
    assert make(TABLE, title=f'"{title}"').title == title.replace("\\\\", "\\")
