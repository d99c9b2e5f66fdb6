"""--lepton, --observable and --measurement repeated: bound, map and eval, their files, their sentences."""

import csv
import json

import numpy as np
import pytest

from tests.cli.test_observables import CP, LIMIT

LEPTOPHILIC = """schema = 1
name = "leptophilic"
lagrangian = "-y*s*bar(f)*f"
[fields.s]
spin = 0
mass = "m_s"
[parameters.y]
dimension = 0
flavour = "mass"
"""
FLAVOURED = """schema = 1
name = "cpfv"
lagrangian = '''
-s*bar(mu)*(g_S + I*g_P*gamma5)*mu + (-k*s*bar(mu)*PR*tau + hc) + (-h*s*bar(e)*PR*mu + hc)
'''
[fields.s]
spin = 0
mass = "m_s"
[parameters.g_S]
dimension = 0
[parameters.g_P]
dimension = 0
[parameters.k]
dimension = 0
default = "g_S"
[parameters.h]
dimension = 0
default = "g_S/100"
"""
FOUR = [
    word
    for name in ("electron-2023-cs", "electron-2023-rb", "muon-2025", "tau-2024")
    for word in ("--measurement", name)
]
TWO = ("--measurement", "electron-2023-rb", "--measurement", "muon-2025")
PHOTON = ("dark_photon", "--set", "m_A=0.1")


@pytest.fixture
def files(tmp_path, monkeypatch):
    for name, text in (("cp.toml", CP), ("edm.toml", LIMIT), ("lepto.toml", LEPTOPHILIC)):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_command_gives_all_exclusions_of_a_leptophilic_scalar(g2, files):
    """Electron (Cs and Rb), muon and tau in one plane, coupling against mass, as table and picture."""
    outputs = ("-o", "all.png", "-o", "all.csv", "-o", "all.json", "-o", "all.npz")
    plane = ("map", "lepto.toml", "--x", "m_s=1e-2:10", "--y", "y[mu]=1e-5:10", "--resolution", 128)
    done = g2(*plane, *FOUR, *outputs)
    assert (done.code, done.err.count("wrote ")) == (0, 4)
    for name in FOUR[1::2]:
        assert name in done.out
    rows = list(csv.DictReader((files / "all.csv").read_text().splitlines()))
    assert {row["muon-2025"] for row in rows} == {"allowed", "excluded", "undecided"}
    assert sum(float(row["area"]) for row in rows) == pytest.approx(1)
    document = json.loads((files / "all.json").read_text())
    assert document["g2sym"]["flavour"] == {"y": {"link": "mass", "quoted_for": "mu"}}
    assert document["g2sym"]["units"]["y[mu]"] == "1"
    measured = {f["properties"]["measurement"] for f in document["features"]}
    assert measured == {*FOUR[1::2], "all"}
    with np.load(files / "all.npz") as parts:
        assert parts["states"].shape[0] == 4
    first = [(files / name).read_bytes() for name in outputs[1::2]]
    assert g2(*plane, *FOUR, *outputs).code == 0
    assert [(files / name).read_bytes() for name in outputs[1::2]] == first


def test_a_cp_and_flavour_violating_model_goes_from_its_file_to_one_plane(g2, files):
    (files / "cpfv.toml").write_text(FLAVOURED)
    four = [
        word
        for name in ("muon-2025", "muon-edm-2009", "tau-mu-gamma-2021", "mu-e-gamma-2025")
        for word in ("--measurement", name)
    ]
    plane = ("map", "cpfv.toml", "--x", "g_S=1e-6:1", "--y", "g_P=1e-6:1", "--set", "m_s=10")
    done = g2(*plane, *four, "--resolution", 128, "-o", "cp.png", "-o", "cp.csv", "--json")
    assert done.code == 0, done.err
    named = [c["observable"] for c in done.json["conditions"]]
    assert named == ["a(mu)", "d(mu)", "BR(tau -> mu A)", "BR(mu -> e A)"]
    assert [c["confidence"] for c in done.json["conditions"]] == [None, "0.95", "0.9", "0.9"]
    point = ("eval", "cpfv.toml", "--set", "m_s=10", "--set", "g_S=1e-3", "--set", "g_P=1e-2")
    parts = g2(*point, *four, "--json").json["likelihood"]["measurements"]
    assert [one["likelihood"]["z"] and one["likelihood"]["z"][:5] for one in parts] == [
        None, "1.959", "1.644", "1.644",
    ]  # fmt: skip
    rows = list(csv.DictReader((files / "cp.csv").read_text().splitlines()))
    excluded = sum(float(r["area"]) for r in rows if r["mu-e-gamma-2025"] == "excluded")
    assert excluded == pytest.approx(done.json["conditions"][3]["areas"]["excluded"])


def test_the_bound_is_a_table_and_a_picture(g2, files):
    where = ("bound", "lepto.toml", "--on", "y[mu]", "--vary", "m_s=0.01:10:4")
    done = g2(*where, *FOUR, "--csv", "b.csv", "--plot", "b.png")
    assert done.code == 0, done.err
    assert (files / "b.png").stat().st_size > 10_000
    rows = list(csv.DictReader((files / "b.csv").read_text().splitlines()))
    document = g2(*where, *FOUR, "--json").json
    assert len(rows) == 4 * 5
    for at, row in enumerate(document["rows"]):
        own = rows[5 * at : 5 * at + 5]
        assert [r["measurement"] for r in own] == ["all", *FOUR[1::2]]
        assert own[0]["high"] == row["allowed_decimal"][0][1]
        for line in own[1:]:
            assert line["high"] == row["by_measurement"][line["measurement"]]["allowed_decimal"][0][1]
        assert float(own[0]["high"]) == min(float(r["high"]) for r in own[1:])
    assert [c["observable"] for c in document["conditions"]] == ["a(e)", "a(e)", "a(mu)", "a(tau)"]
    assert document["units"]["m_s"] == "GeV"


def test_leptons_alone_take_the_default_measurements(g2, files):
    done = g2("bound", *PHOTON, "--on", "eps", "--lepton", "e", "--lepton", "mu", "--json").json
    assert [c["measurement"]["name"] for c in done["conditions"]] == ["electron-2023-rb", "muon-2025"]
    other = g2("bound", *PHOTON, "--on", "eps", *TWO, "--json").json
    assert other["rows"] == done["rows"]
    mixed = g2("bound", *PHOTON, "--on", "eps", "--lepton", "e", "--lepton", "mu", "--measurement",
               "electron-2023-cs", "--json").json  # fmt: skip
    assert [c["measurement"]["name"] for c in mixed["conditions"]] == ["electron-2023-cs", "muon-2025"]


def test_a_criterion_may_be_one_measurements_own(g2, files):
    how = ("--criterion", "muon-2025=interval", "--n-sigma", "3", "--n-sigma", "muon-2025=1")
    done = g2("bound", *PHOTON, "--on", "eps", *TWO, *how, "--json").json
    windows = [c["window"] for c in done["conditions"]]
    assert [(w["criterion"], w["n_sigma"]) for w in windows] == [("sensitivity", "3"), ("interval", "1")]
    alone = g2("bound", *PHOTON, "--on", "eps", "--measurement", "muon-2025", *how[:2], "--json").json
    assert alone["criterion"] == "interval"


def test_a_limit_beside_a_difference_keeps_its_own_level(g2, files):
    both = ("--measurement", "muon-2025", "--measurement", "edm.toml")
    done = g2("bound", "cp.toml", "--on", "g_P", "--set", "m_s=0.5", "--set", "g_S=1e-3", *both,
              "--criterion", "conservative", "--json").json  # fmt: skip
    assert [c["window"]["criterion"] for c in done["conditions"]] == ["conservative", "limit"]
    assert [c["confidence"] for c in done["conditions"]] == [None, "0.95"]
    text = g2("eval", "cp.toml", "--set", "m_s=0.5", "--set", "g_S=1e-3", "--set", "g_P=1e-3", *both)
    assert "edm is a limit at 95 %: its likelihood is taken as a half-Gaussian" in text.out


def test_a_unit_holds_where_it_fits(g2, files):
    both = ("--measurement", "muon-2025", "--measurement", "edm.toml", "--unit", "e_cm")
    point = ("cp.toml", "--set", "m_s=0.5", "--set", "g_S=1e-3")
    windows = [c["window"] for c in g2("bound", *point, "--on", "g_P", *both, "--json").json["conditions"]]
    assert [(w["high"], w["unit"]) for w in windows] == [("1.274e-9", "1"), ("1.8e-19", "e_cm")]
    plane = ("map", "cp.toml", "--set", "m_s=1", "--x", "g_S=.1:1", "--y", "g_P=.1:1", "--resolution", 16)
    assert g2(*plane, *both, "--json").json["conditions"][1]["window"]["unit"] == "e_cm"
    values = g2("eval", *point, "--set", "g_P=1e-3", *both, "--parametric", "--json").json["observables"]
    alone = g2("eval", *point, "--set", "g_P=1e-3", "--observable", "d(mu)", "--unit", "e_cm", "--json").json
    assert [one["unit"] for one in values] == ["1", "e_cm"]
    assert values[1]["value"] == alone["value"]


def test_eval_prints_values_pulls_and_chi2(g2, files):
    point = ("eval", *PHOTON, "--set", "eps=2e-3")
    done = g2(*point, *TWO, "--json").json
    parts = [
        g2(*point, "--lepton", lepton, "--measurement", name, "--json").json
        for lepton, name in (("e", "electron-2023-rb"), ("mu", "muon-2025"))
    ]
    assert [one["value"] for one in done["observables"]] == [part["value"] for part in parts]
    pulls = [one["pull"] for one in done["likelihood"]["measurements"]]
    assert pulls == [part["measurement"]["pull"] for part in parts]
    chi2 = sum(float(p) ** 2 for p in pulls)
    assert float(done["likelihood"]["chi2"]) == pytest.approx(chi2, rel=1e-4)
    assert float(done["likelihood"]["log_likelihood"]) == pytest.approx(-chi2 / 2, rel=1e-4)
    text = g2(*point, *TWO)
    assert f"chi^2 = {done['likelihood']['chi2']}" in text.out
    values = g2(*point, "--lepton", "e", "--observable", "a(e)", "--json").json
    assert values["observable"] == "a(e)"
    several = g2(*point, "--observable", "a(e)", "--observable", "d(mu)", "--parametric", "--json").json
    assert [one["observable"] for one in several["observables"]] == ["a(e)", "d(mu)"]
    assert "likelihood" not in several
    assert "parametric" in several["observables"][0]


def test_one_map_has_a_table_too(g2, files):
    done = g2(
        "map", "dark_photon", "--x", "m_A=.1:1", "--y", "eps=1e-5:1", "--resolution", 64, "-o", "one.csv"
    )
    assert done.code == 0
    rows = list(csv.reader((files / "one.csv").read_text().splitlines()))
    assert rows[0] == ["muon-2025", "area"]
    assert sum(float(area) for _, area in rows[1:]) == pytest.approx(1)


BOUND = ("bound", *PHOTON, "--on", "eps")
GRID = ("scan", "dark_photon", "--vary", "m_A=1:2:3", "--vary", "eps=.1:1:3")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        ((*BOUND, *TWO, "--measurement", "muon-2025"), 2, "'muon-2025' is given twice"),
        ((*BOUND, "--lepton", "mu", "--lepton", "mu"), 2, "is given twice"),
        ((*BOUND, "--observable", "a(mu)", "--observable", "a( mu )"), 2, "'a(mu)' is given twice"),
        ((*BOUND, "--lepton", "e", "--lepton", "mu", "--observable", "a(e)"), 2, "write every observable as"),
        ((*BOUND, "--lepton", "e", "--lepton", "mu", "--measurement", "tau-2024"), 2, "add --lepton tau"),
        ((*BOUND, "--lepton", "mu", "--measurement", "muon-2025", "--measurement", "electron-2023-rb"), 2,
         "electron-2023-rb' is of a(e), which is not asked for"),
        ((*BOUND, "--observable", "a(mu)", "--observable", "a(e)*d(mu)"), 2, "bundled measurement of a(e)"),
        ((*BOUND, *TWO, "--criterion", "muon=interval"), 2, "none of the measurements has this name"),
        ((*BOUND, *TWO, "--criterion", "interval", "--criterion", "sensitivity"), 2, "twice for every"),
        ((*BOUND, *TWO, "--n-sigma", "muon-2025=1", "--n-sigma", "muon-2025=1"), 2, "twice for 'muon"),
        ((*BOUND, *TWO, "--criterion", "=interval"), 2, "write VALUE"),
        ((*BOUND, *TWO, "--criterion", "intervall"), 2, "did you mean 'interval'"),
        ((*BOUND, *TWO, "--n-sigma", "muon-2025=two"), 2, "not a number"),
        ((*BOUND, *TWO, "--n-sigma", "0"), 2, "positive"),
        ((*BOUND, *TWO, "--measurement", "muon-2026"), 3, "did you mean 'muon-2025'"),
        ((*BOUND, *TWO, "--measurement", "edm.toml", "--n-sigma", "edm=2"), 2, "own confidence level"),
        (("bound", *PHOTON, "--on", "eqs", *TWO), 2, "did you mean 'eps'"),
        (("bound", "lepto.toml", "--on", "y", "--set", "m_s=1", *TWO), 2, "as y[e]"),
        (("bound", "lepto.toml", "--on", "y[muon]", "--set", "m_s=1", *TWO), 2, "muon"),
        (("map", "lepto.toml", "--x", "m_s=1:2", "--y", "y=1:2", *TWO), 2, "as y[e]"),
        (("map", "dark_photon", "--x", "m_A=1:2", "--y", "z=1:2", *TWO), 2, "no parameter 'z'"),
        (("eval", *PHOTON, *TWO), 2, "eps"),
        (("eval", *PHOTON, "--set", "eps=1", *TWO, "--unit", "e_cm"), 2, "e_cm"),
        (("scan", "dark_photon", "--vary", "m_A=1:2:3", "--on", "eps", *TWO), 2, "--on takes one"),
        ((*BOUND, *TWO, "--unit", "furlong"), 2, "furlong"),
        ((*BOUND, *TWO, "--unit", "e_cm"), 2, "e_cm"),
        ((*GRID, "--unit", "e_cm", *TWO), 2, "natural units"),
        ((*GRID, "--count", *TWO), 2, "--count"),
        ((*GRID, "--resume", *TWO), 2, "-o"),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_gets_one_sentence(g2, files, arguments, code, word):
    before = sorted(files.iterdir())
    done = g2(*arguments)
    assert (done.code, done.out) == (code, "")
    assert done.one_sentence, done.err
    assert word in done.err
    assert sorted(files.iterdir()) == before


def test_contradictions_are_said(g2, files):
    how = ("--criterion", "interval", "--n-sigma", "1")
    done = g2("bound", "dark_photon", "--set", "m_A=1", "--on", "eps", *TWO, *how)
    assert done.code == 0
    assert "contradict each other" in done.out


def test_a_scan_judges_by_every_measurement(g2, files):
    where = ("scan", "dark_photon", "--vary", "m_A=.01:10:6", "--vary", "eps=1e-5:1:7", *TWO)
    done = g2(*where, "-o", "folder", "--json")
    assert done.code == 0, done.err
    assert sum(done.json["verdicts"].values()) == 42
    alone = g2("scan", "dark_photon", *where[2:6], "--measurement", "muon-2025", "--json").json
    assert done.json["conditions"][1]["verdicts"] == alone["verdicts"]
    assert sorted(p.name for p in (files / "folder").iterdir()) == [
        "1-electron-2023-rb.zarr", "2-muon-2025.zarr",
    ]  # fmt: skip
    again = g2(*where, "-o", "folder")
    assert (again.code, again.one_sentence) == (2, True)
    resumed = g2(*where, "-o", "folder", "--resume", "--json")
    assert resumed.json["verdicts"] == done.json["verdicts"]
    text = g2(*where).out
    assert "all together" in text
    assert f"least chi^2 = {done.json['best']['chi2']:.6g}" in text
