"""Files nobody vouches for: generated from their grammars, then damaged in a place or two."""

from __future__ import annotations

import re

from hypothesis import strategies as st

LEPTONS = ("e", "mu", "tau")
FIELDS = {
    "S": {"spin": "0"},
    "P": {"spin": "0", "parity": "-1", "mass": '"m_P"'},
    "V": {"spin": "1", "latex": "'V'"},
    "C": {"spin": "0", "charge": "1"},
    "N": {"spin": '"1/2"'},
    "E": {"spin": '"1/2"', "charge": "-1", "mass": "250"},
}
PARAMETERS = {
    "g": {"dimension": "0"},
    "k": {"dimension": "0", "default": '"g^2/3"'},
    "y": {"dimension": "0", "complex": "true"},
    "h": {"dimension": "-1", "default": "0"},
    "Lambda": {"dimension": "1", "default": "1000"},
}
TERMS = (
    "-{c}*S*bar({l})*{l}",
    "-I*{c}*P*bar({l})*gamma5*{l}",
    "-{c}/m_f*d(al, P)*bar(f)*gamma5*gamma(al)*f",
    "{c}*bar({l})*gamma(al)*{l}*V(al)",
    "{c}*bar({l})*gamma(al)*gamma5*{l}*V(al)",
    "-h/4*S*F(A, al, be)*F(A, al, be)",
    "-h*{c}/4*P*F(A, al, be)*Fdual(Z, al, be)",
    "(y*S*bar(e)*PL*mu + hc)",
    "({c}*C*bar(N)*PR*{l} + hc)",
    "({c}*S*bar(E)*PL*{l} + hc)",
    "({c}/m_f*F(A, al, be)*bar({l})*sigma(al, be)*E + hc)",
    "{c}*S*bar(t)*t",
    "{c}*S^4",
)
"""Most of them are right; what is not derived yet is among them."""
ATOMS = (
    "g", "g", "k", "h*m_f", "e_em", "sin_w", "cos_w", "pi", "sqrt(2)", "1/3", "2", "m_f/m_mu", "0.25",
    "1e-3", "re_y",
)  # fmt: skip

coefficients = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("*".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} + {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} - 2*{pair[1]})"),
        st.tuples(inner, st.integers(-2, 5)).map(lambda pair: f"({pair[0]})^{pair[1]}"),
        st.tuples(inner, st.sampled_from(["2", "g", "cos_w", "(1 + pi)"])).map("/".join),
    ),
    max_leaves=5,
)
terms = st.builds(
    lambda shape, c, lepton: shape.format(c=c, l=lepton),
    st.sampled_from(TERMS),
    coefficients,
    st.sampled_from([*LEPTONS, "f", "f", "mu"]),
)
lagrangians = st.lists(terms, min_size=1, max_size=4).map(
    lambda every: "\n".join(t if k == 0 or t[0] in "+-" else f"+ {t}" for k, t in enumerate(every))
)

ENCODINGS = ("utf-8",) * 6 + ("utf-8-sig", "utf-16", "latin-1")
BYTES = (
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\x00",
    b"\x1b]0;x\x07",
    b"\xe2\x80\xae",
)
"""Bytes that are no UTF-8, and some that no text should hold."""

PLACES = (
    "m_S -> 0", "m_S -> oo", "m_P -> oo", "m_S = 0.5", "m_S = m_mu", "m_V -> 0", "g -> 0", "m_S ->", "-> 0",
    "m_S -> 1/0",
)  # fmt: skip
FORMULA = (
    "g^2", "m_f^2", "m_S", "m_S^2", "pi", "ln(m_S^2/m_f^2)", "sqrt(m_S^2 - m_f^2)", "11/6", "e_em^2",
    "ln(2)", "ln(0)",
)  # fmt: skip
SIGNS = ("*", "/", " + ", " - ", "^")
formulas = st.recursive(
    st.sampled_from(FORMULA),
    lambda inner: st.builds(
        lambda one, sign, two: f"({one}{sign}{two})", inner, st.sampled_from(SIGNS), inner
    ),
    max_leaves=6,
)

WRONG = (
    "nan", "inf", "-inf", "1e400", "-1e-400", "1e999999999", "0", "-0.0", "-1", "1", "2", "1.5", "0x1F",
    "1_000", "true", "1979-05-27", "07:32:00", '""', '" "', '"nan"', '"inf"', '"1/0"', '"0/1"', '"1/3"',
    '"0x10"', '"1e9999"', '"-"', "[]", "[1, 2]", "[[]]", "{}", "{ a = 1 }", '["a", 1]', '"m_"', '"m_mu"',
    '"m_Z"', '"mu"', '"g"', '"__class__"', '"g + h"', '"sqrt(-1)"', '"g^64"', '"(g+h+k)^40"', '"1/g"',
    '"e_em/0"', '"I"', '"\\u0000"', '"\\u202e\\u0301"', '"\\U0001F98C"', '"universal"', '"mass"',
    "'''\n\n'''", '"(((g+h)^9+k)^9+y)^9"', '"((((2^64)^64)^64)^64)"', '"sqrt(sqrt(sqrt(sqrt(sqrt(g)))))"',
    "[" * 15 + "]" * 15, "[" * 300 + "]" * 300, "{ a = " * 12 + "1" + " }" * 12, '["\\u0007"]', "+1",
    "1e-400", "0b101", "1.", "9" * 40, "9" * 5000, f'"{"x" * 3000}"', f'"{"9" * 400}"', f'"{"(" * 60}"',
)  # fmt: skip
"""Values in the place of others."""
JUNK = (
    "(", ")", "*", "/", "^", "**", "+", "-", ",", "+ hc", "I*", "bar(", "gamma(al)", "gamma5*",
    "sigma(al, al)", "PL", "F(A, al, be)", "d(al, S)", "V(be)", "S*", "S^64*", "^-1", "^999", "/0", "0*",
    "1e400*", "9" * 50, "1..2", "1e", "@", "\u00e9", "\\", "'''", '"', "#", "\x00", "\u202e", "cc(e)",
    "\x1b[2J", "\x7f", "\x85", "\u2028", "\ufeff", "\r", "\uff47", "\u03bc", "\u00b2", "\u0661", "mu\u0301",
    "(" * 40 + "g" + ")" * 40, "(" * 3000, "sqrt(" * 9 + "g" + ")" * 9, "-" * 300, "bar(bar(mu))",
    "cc(cc(e))", "((((g+h)^8+k)^8+g)^8+h)^8*", "(g+h+k+pi+sin_w)^64*", "2^64^64*", "d(al, d(be, S))", "[[[[",
    "]]", "=", "\n", "\n[fields.S]\n", "\nschema = 2\n", "\n[a.b.c.d]\n", "\n\"\" = 1\n", "W(al)",
    "sqrt(3/4)*", "sqrt(g)*", "undeclared*", "m_tau*", "re_y*", "nu_e", "f", "__import__('os')",
)  # fmt: skip
"""Pieces put somewhere into a text."""
KEYS = (
    "colour", "spin", "default", "mass", "value", "unit", "unknown", '""', '"\\u0007"', '"\u00e9"', "a.b.c.d",
    "-", '"__class__"', "9", "x" * 300,
)  # fmt: skip
"""Keys put into a table, where most of them have no business."""


def write(entries: dict[str, str]) -> str:
    return "".join(f"{key} = {value}\n" for key, value in entries.items())


@st.composite
def spoilt(draw: st.DrawFn, entries: dict[str, str]) -> dict[str, str]:
    """The entries of a table with one left out, given a wrong value, or added; or as they are."""
    out = dict(entries)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        what = draw(st.sampled_from(["value", "value", "drop", "add"]))
        key = draw(st.sampled_from(KEYS if what == "add" else sorted(out) or KEYS))
        if what == "drop":
            out.pop(key, None)
        else:
            wrong = draw(st.sampled_from(WRONG))
            out[key] = '"x"' if wrong == '"nan"' and key == "name" else wrong  # where it is no number
    return out


TOKEN = re.compile(r"[A-Za-z_]\w*|[\d.]+|\s+|.", re.DOTALL)


def swapped(text: str, draw: st.DrawFn) -> str:
    """A text with two of its tokens exchanged."""
    tokens = TOKEN.findall(text)
    if len(tokens) < 2:
        return text
    one, two = (draw(st.integers(0, len(tokens) - 1)) for _ in range(2))
    tokens[one], tokens[two] = tokens[two], tokens[one]
    return "".join(tokens)


@st.composite
def damaged(draw: st.DrawFn, text: str, junk: tuple[str, ...] = JUNK) -> str:
    """A text with pieces put in, taken out or repeated; or as it is."""
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2, 3]))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        what = draw(st.sampled_from(["insert", "insert", "remove", "double", "many", "swap"]))
        if what == "swap":
            text = swapped(text, draw)
            continue
        if what == "insert":
            middle = draw(st.sampled_from(junk)) + text[start:end]
        else:
            middle = text[start:end] * {"remove": 0, "double": 2, "many": 500}[what]
        text = text[:start] + middle + text[end:]
    return text


@st.composite
def nested_powers(draw: st.DrawFn) -> str:
    """A small model file whose defaults are powers of sums of each other."""
    levels, power = draw(st.integers(1, 6)), draw(st.sampled_from([1, 2, 3, 5, 9, 20, 64]))
    front = draw(st.sampled_from(["p0", "sqrt(p0)", "1/p0", "(p0 + q0)^2", "p0*q0^9"]))
    inner = draw(
        st.sampled_from(["p{k} + q0 + q1", "p{k}*q0 - q1", "1/(p{k} + q0)", "sqrt(p{k}) + q1", "p{k}"])
    )
    text = f'schema = 1\nname = "nested"\nlagrangian = "{front}*S*bar(mu)*mu"\n[fields.S]\nspin = 0\n'
    for level in range(levels):
        default = f"({inner.format(k=level + 1)})^{power}"
        text += f'[parameters.p{level}]\ndimension = 0\ndefault = "{default}"\n'
    last = draw(st.sampled_from(["", 'default = "p0"\n', 'default = "(q0 + q1)^64"\n', "default = 1\n"]))
    text += f"[parameters.p{levels}]\ndimension = 0\n{last}"
    return text + "".join(f"[parameters.q{k}]\ndimension = 0\n" for k in (0, 1))


@st.composite
def model_files(draw: st.DrawFn) -> bytes:
    """Model files, some of them right."""
    nested = draw(st.integers(0, 9)) == 0
    text = draw(nested_powers() if nested else generated_models())
    if draw(st.integers(0, 19)) == 0:
        text = draw(damaged(text))
    return draw(encoded(text))


@st.composite
def encoded(draw: st.DrawFn, text: str) -> bytes:
    """A text in UTF-8, at times in something else or with a few bytes in it."""
    raw = text.encode(draw(st.sampled_from((*ENCODINGS, *["utf-8"] * 20))), "replace")
    if draw(st.integers(0, 29)) == 0:
        at = draw(st.integers(0, len(raw)))
        raw = raw[:at] + draw(st.sampled_from(BYTES)) + raw[at:]
    return raw


@st.composite
def generated_models(draw: st.DrawFn) -> str:
    """Model files from the grammar, damaged in one of their parts or not at all."""
    part = draw(st.sampled_from(["none", "none", "lagrangian", "tables", "tables", "file"]))
    lagrangian = draw(lagrangians)
    used = {
        *re.findall(r"[A-Za-z_]\w*", lagrangian),
        "g",
        "h",
        "Lambda",
        *("y" if "_y" in lagrangian else ""),
    }
    if part == "lagrangian":
        lagrangian = draw(damaged(lagrangian))
    tables = {f"fields.{n}": t for n, t in FIELDS.items() if n in used}
    tables |= {f"parameters.{n}": t for n, t in PARAMETERS.items() if n in used}
    top = {"schema": "1", "name": '"fuzz"', "lagrangian": f"'''\n{lagrangian}\n'''"}
    if part == "tables":
        for name in draw(st.lists(st.sampled_from(sorted(tables)), min_size=1, max_size=3, unique=True)):
            tables[name] = draw(spoilt(tables[name]))
        if draw(st.booleans()):
            top = draw(spoilt(top))
        if draw(st.booleans()):
            tables["conventions"] = draw(spoilt({"epsilon0123": "1", "scheme": '"larin"'}))
    text = write(top) + "".join(f"[{name}]\n{write(entries)}" for name, entries in tables.items())
    if draw(st.integers(0, 3)) == 0:
        value = draw(damaged(draw(formulas)))
        expected = {"at": f'"{draw(st.sampled_from(PLACES))}"', "value": f'"{value}"'}
        text += "[[expect]]\n" + write(draw(spoilt({**expected, "contribution": '"one-loop"'})))
    return draw(damaged(text)) if part == "file" else text


OBSERVABLES = ('"a(mu)"', '"d(mu)"', '"a(e)/a(mu)"', '"a(mu"', '"a(mu)^99"', '"b(mu)"')


@st.composite
def measurement_files(draw: st.DrawFn) -> bytes:
    """Measurement files of both kinds, some of them right."""
    top = {"schema": "1", "name": '"fuzz"', "lepton": '"mu"', "date": "2030-01-31", "title": '"t"'}
    tables: dict[str, dict[str, str]] = {}
    if draw(st.booleans()):
        top |= {"kind": '"limit"', "value": "1e-9", "confidence": "0.95", "source": '"x"'}
    else:
        top["kind"] = '"difference"'
        value = draw(st.sampled_from(["38e-11", "-1e-9", "0"]))
        error = draw(st.sampled_from(["63e-11", "{ up = 1e-10, down = 3e-10 }", "0", "1e-300"]))
        tables["difference"] = {"value": value, "error": error, "source": '"x"'}
        if draw(st.booleans()):
            tables["experiment"] = {"value": "116592071e-11", "error": "15e-11", "source": '["a", "b"]'}
            tables["prediction"] = {"value": "116592033e-11", "error": "62e-11", "source": '"y"'}
    part = draw(st.sampled_from(["none", "none", "top", "tables", "tables", "file"]))
    if part == "top" or (part == "tables" and not tables):
        top = draw(spoilt(top))
        if draw(st.booleans()):
            top["observable"] = draw(st.sampled_from(OBSERVABLES))
    elif part == "tables":
        name = draw(st.sampled_from(sorted(tables)))
        tables[name] = draw(spoilt(tables[name]))
    text = write(top) + "".join(f"[{name}]\n{write(entries)}" for name, entries in tables.items())
    return draw(encoded(draw(damaged(text)) if part == "file" else text))


CONSTANTS = ("m_mu", "m_e", "m_tau", "m_Z", "alpha_inverse", "sin2_theta_w", "G_F", "m_t", "m_x", "alpha")


@st.composite
def input_files(draw: st.DrawFn) -> bytes:
    """Files of constants, some of them right."""
    top = {"schema": "1", "kind": '"constants"'}
    tables = {}
    for name in draw(st.lists(st.sampled_from(CONSTANTS), max_size=3, unique=True)):
        value = draw(
            st.sampled_from(['"0.1"', "0.1056", '"137.036"', "0.23", "80", '"1e-5"', "0", "-1", '"1e300"'])
        )
        tables[name] = {"value": value, "uncertainty": "0", "source": '"x"', "date": "2030-01-31"}
        if name in ("alpha_inverse", "sin2_theta_w", "G_F"):
            tables[name]["unit"] = draw(st.sampled_from(['"1"', '"GeV^-2"']))
    part = draw(st.sampled_from(["none", "none", "top", "tables", "tables", "file"]))
    if part == "top":
        top = draw(spoilt(top))
    elif part == "tables" and tables:
        name = draw(st.sampled_from(sorted(tables)))
        tables[name] = draw(spoilt(tables[name]))
    text = write(top) + "".join(f"[constants.{name}]\n{write(entries)}" for name, entries in tables.items())
    return draw(encoded(draw(damaged(text)) if part == "file" else text))


NUMBERS = (
    "0.1", "1", "1e-3", "0.5", "10", "1e5", "-1e-3", "0", "1e-300", "1e300", "5e-324",
    "1.7976931348623157e308",
)  # fmt: skip
CELLS = (
    *NUMBERS, "nan", "inf", "-inf", "1e400", "1e-400", "", " ", "x", "1,5", "0x10", "1_0", "\u0661", '"1"',
    '"', "--1", "1e", "1/3", "2*m_mu", "500MeV", "9" * 400, "\x00", "\r", "=1+1", "\u00e9",
)  # fmt: skip
HEADS = (["m_a", "g_aff"], ["g_aff", "m_a", "g_agg"], ["m_a"], ["m_a", "g_aff", "Lambda"])
NAMES = ("m_a", "g_aff", "", "m_mu", "eps", "g aff", "\u017f", "m_a ")


@st.composite
def point_files(draw: st.DrawFn) -> bytes:
    """Lists of points as CSV, some of them right."""
    wrong, names = draw(st.booleans()), draw(st.sampled_from(HEADS))
    if wrong and draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(NAMES), max_size=5))
    row = st.lists(st.sampled_from(CELLS if wrong else NUMBERS), min_size=len(names), max_size=len(names))
    rows = draw(st.lists(row, min_size=draw(st.sampled_from([0, 1, 1, 1])), max_size=5))
    if wrong and rows and draw(st.booleans()):
        rows[-1] = rows[-1][:-1]
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = "".join(",".join(row) + end for row in [names, *rows])
    text = draw(damaged(text, CELLS)) if draw(st.integers(0, 3)) == 0 else text
    return text.encode(draw(st.sampled_from(ENCODINGS)), "replace")
