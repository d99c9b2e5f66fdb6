"""``g2sym measurements``: the list, one whole, a user's own file."""

import pytest

from g2sym.cli.reading import DEFAULT_MEASUREMENT, DEFAULT_OF_OTHERS
from g2sym.inputs import load_measurement, measurement_names

OWN = """schema = 1
name = "mine"
observable = "d(tau)"
unit = "e_cm"
kind = "range"
date = 2030-01-31
low = -1e-18
high = 3e-18
confidence = 0.9
source = "an example"
"""


def test_the_list_has_every_measurement_with_its_source(g2):
    done = g2("measurements")
    assert done.code == 0
    rows = {line.split()[0]: line for line in done.out.splitlines()[2:] if line.strip()}
    assert set(measurement_names()) <= rows.keys()
    for name in measurement_names():
        found = load_measurement(name)
        assert found.observable in rows[name]
        assert found.kind in rows[name]
        assert found.date in rows[name]
        assert all(source in rows[name] for source in found.all_sources)
    assert "|d(e)| < 4.1e-30 e cm" in rows["electron-edm-2023"]
    assert "90 %" in rows["electron-edm-2023"]
    assert "-0.0024 to 0.0047, less 0.00117721" in rows["tau-2025"]
    assert "+3.2e-3 -3.1e-3" in rows["tau-2024"].replace("00e", "e")
    assert "3.85e-10 +- 6.37e-10" in rows["muon-2025"]


def test_the_star_marks_what_is_taken_where_none_is_named(g2):
    document = g2("measurements", "--json").json
    taken = {m["observable"]: m["name"] for m in document["measurements"] if m["default"]}
    others = {f"a({lepton})": name for lepton, name in DEFAULT_MEASUREMENT.items()}
    assert taken == {**others, **DEFAULT_OF_OTHERS}
    assert dict(DEFAULT_MEASUREMENT) == {"e": "electron-2023-rb", "mu": "muon-2025", "tau": "tau-2024"}
    for observable, name in taken.items():
        assert load_measurement(name).observable == observable
    starred = {line.split()[0] for line in g2("measurements").out.splitlines() if " * " in line}
    assert starred == set(taken.values())


def test_one_observable_alone(g2):
    done = g2("measurements", "--observable", "a( mu )", "--json")
    names = [m["name"] for m in done.json["measurements"]]
    assert names == ["muon-2021", "muon-2023", "muon-2025", "muon-2025-wp"]
    assert all(m["window"]["criterion"] == "sensitivity" for m in done.json["measurements"])


def test_one_whole(g2):
    said = " ".join(g2("measurements", "tau-2025").out.split())
    for words in (
        "prediction 0.00117721 +- 5e-8, eidelman-2007, 2007-01-29",
        "window [-0.00357721, 0.00352279]: Delta a within the published range",
        "the prediction is subtracted exactly",
        "taken as a Gaussian about its middle",
        "JHEP 10, 054 (2025), arXiv:2503.19836",
    ):
        assert words in said
    said = " ".join(g2("measurements", "mu-e-gamma-2025").out.split())
    assert "window [0, 1.5e-13]" in said
    assert "default for BR(mu -> e A)" in said
    assert "+0.0032 -0.0031" in g2("measurements", "tau-2024").out


def test_a_file_of_ones_own_is_checked(g2, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(OWN)
    done = g2("measurements", path)
    assert done.code == 0
    assert "-1e-18 to 3e-18 e cm" in done.out
    assert "GeV^-1: d(tau) within the published range" in done.out
    path.write_text(OWN.replace("3e-18", "-3e-18"))
    done = g2("measurements", path)
    assert done.code == 3
    assert done.one_sentence
    assert "low = -1e-18 is not below high = -3e-18" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("muon-2026",), 3, "did you mean 'muon-2025'"),
        (("--observable", "d(muon)"), 2, "did you mean 'd(mu)'"),
        (("--observable", "a(e)/a(mu)"), 2, "no bundled measurement of a(e)/a(mu); there are of a(e), d(e)"),
        (("muon-2025", "--observable", "a(mu)"), 2, "leave it out beside the name"),
        (("no/such.toml",), 3, "no such file"),
    ],
)
def test_mistakes(g2, arguments, code, said):
    done = g2("measurements", *arguments)
    assert done.code == code
    assert done.one_sentence
    assert said in done.err


MODEL = """schema = 1
name = "mixed"
lagrangian = "-s*bar(l)*(g_S + I*g_P*gamma5)*l"
[fields.s]
spin = 0
mass = "m_s"
[parameters.g_S]
dimension = 0
[parameters.g_P]
dimension = 0
"""


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
def test_an_electric_dipole_moment_has_a_default(g2, tmp_path, lepton):
    path = tmp_path / "mixed.toml"
    path.write_text(MODEL.replace("bar(l)", f"bar({lepton})").replace("gamma5)*l", f"gamma5)*{lepton}"))
    point = ("--set", "m_s=1", "--set", "g_S=1e-3")
    done = g2("bound", path, "--observable", f"d({lepton})", "--on", "g_P", *point)
    assert done.code == 0, done.err
    assert DEFAULT_OF_OTHERS[f"d({lepton})"] in done.out
    refused = g2("bound", path, "--observable", f"d({lepton})", "--on", "g_P", *point, "--n-sigma", "2")
    assert refused.code == 2
    assert "at its own confidence level" in refused.err
    pulled = g2(
        "eval", path, "--observable", f"d({lepton})", *point, "--set", "g_P=1",
        "--measurement", DEFAULT_OF_OTHERS[f"d({lepton})"],
    )  # fmt: skip
    assert pulled.code == 2
    assert "has no sigma, so no pull either" in pulled.err
