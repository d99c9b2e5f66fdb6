"""``g2sym wilson``: what it prints, files, mistakes."""

from __future__ import annotations

import json

import pytest

POINT = ("--set", "m_A=50", "--set", "eps=0.1")
MU = ("--lepton", "mu")
LFV = """schema = 1
name = "lfv"
lagrangian = "phi*bar(mu)*PR*N*y_mu + phi*bar(e)*PR*N*y_e + hc"
[fields.phi]
spin = 0
charge = "-1"
mass = "m_phi"
[fields.N]
spin = "1/2"
charge = "0"
mass = "m_N"
[parameters.y_mu]
dimension = 0
[parameters.y_e]
dimension = 0
"""
AT = ("--set", "m_phi=500", "--set", "m_N=90", "--set", "y_mu=0.1", "--set", "y_e=0.01")


def test_the_summary(g2):
    done = g2("wilson", "dark_photon", *POINT)
    assert done.code == 0
    assert "C7_mumu" in done.out
    assert "WET-3 at 1 GeV" in done.out
    assert "those of the Standard Model are not included" in done.out
    assert "QED logarithms" in done.out
    assert "eps universal" in done.out


def test_a_file_on_standard_output_is_the_file_alone(g2, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ("wilson", "dark_photon", *POINT, "--to", "wcxf", "--edition", "pdg-2026")
    done = g2(*words)
    assert json.loads(done.out)["metadata"]["edition"] == "pdg-2026"
    written = g2(*words, "-o", "file.json")
    assert written.code == 0
    assert (tmp_path / "file.json").read_text() == done.out
    assert "inputs of the edition pdg-2026" in written.out


def test_an_slha_block(g2, tmp_path):
    path = tmp_path / "out.slha"
    done = g2("wilson", "dark_photon", *POINT, "--lepton", "e", "--lepton", "mu", "--to", "slha", "-o", path)
    assert done.code == 0
    lines = path.read_text().splitlines()
    assert "Block SPhenoLowEnergy  # low energy observables" in lines
    assert [line.split()[0] for line in lines[-4:]] == ["20", "21", "23", "24"]


def test_json(g2, tmp_path):
    path = tmp_path / "lfv.toml"
    path.write_text(LFV)
    done = g2("wilson", path, "--transition", "mu -> e", *AT, "--json", "--digits", "30")
    found = done.json
    assert found["processes"] == ["mu -> e"]
    assert set(found["coefficients"]) == {"Cgamma_mue", "Cgamma_emu"}
    one = found["coefficients"]["Cgamma_mue"]
    assert (one["eft"], one["scale"], one["unit"]) == ("WET-4", "1", "GeV^-1")
    assert float(one["re"]["radius"]) < 1e-28 * abs(float(one["re"]["value"]))
    assert found["inputs_used"].keys() >= {"m_mu", "m_e", "alpha_inverse", "tau_mu"}
    assert found["units"]["m_phi"] == "GeV"
    text = g2("wilson", path, "--transition", "mu -> e", *AT).out
    assert "BR(mu -> e A)" in text
    assert "GeV^-2" in text


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("wilson", "dark_photon"), 2, "have no value"),
        (("wilson", "dark_photon", *POINT, "--lepton", "muon"), 2, "'muon'"),
        (("wilson", "dark_photon", *POINT, "--lepton", "mu", "--lepton", "mu"), 2, "mu is named twice"),
        (("wilson", "dark_photon", *POINT, "--transition", "mu"), 2, "write --lepton mu"),
        (("wilson", "dark_photon", *POINT, "--transition", "e -> mu"), 2, "write 'mu -> e'"),
        (("wilson", "dark_photon", *POINT, "--basis", "Warsaw"), 2, "no basis 'Warsaw'"),
        (("wilson", "dark_photon", *POINT, "--to", "flha"), 2, "'flha'"),
        (("wilson", "dark_photon", *POINT, "--eft", "WET"), 2, "belong together"),
        (("wilson", "dark_photon", *POINT, "--eft", "WET", "--scale", "x"), 2, "--scale"),
        (("wilson", "dark_photon", *POINT, "-o", "file.json"), 2, "-o needs --to"),
        (("wilson", "dark_photon", *POINT, "--to", "wcxf", "-o", "no/file"), 2, "does not exist"),
        (("wilson", "dark_photon", *POINT, "--to", "wcxf", *MU, "--lepton", "tau"), 2, "one scale"),
        (("wilson", "dark_photon", *POINT, "--digits", "0"), 2, "digits"),
        (("wilson", "scalar", "--lepton", "e", *MU, "--set", "m_s=1", "--set", "g_sff=1"), 2, "quoted"),
        (("wilson", "no/such.toml", *POINT), 3, "no such file"),
    ],
)  # fmt: skip
def test_mistakes_get_one_sentence(g2, arguments, code, word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = g2(*arguments)
    assert done.code == code
    assert done.out == ""
    assert done.one_sentence, done.err
    assert word in done.err
    assert list(tmp_path.iterdir()) == []
