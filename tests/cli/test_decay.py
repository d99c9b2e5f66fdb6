"""``g2sym decay``: tables, files, pictures, and one clear sentence for what makes no sense.

Expected values are the rates sheet's (sections 1 and 12: closed forms checked with explicit Dirac matrices).
"""

from __future__ import annotations

import csv
import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import g2sym
from g2sym.errors import UsageError
from g2sym.queries.decays import CLOSED, NONE, OPEN

ALP = ("decay", "alp", "--flavour", "g_aff=mass", "--set", "g_aff[mu]=1e-3", "--set", "g_agg=1e-4")
CP = """schema = 1
name = "cp"
lagrangian = '''
-g_S*s*bar(mu)*mu - g_P*s*I*bar(mu)*gamma5*mu - y*s*bar(chi)*chi - k*s*bar(mu)*e - k*s*bar(e)*mu
'''
[fields.s]
spin = 0
mass = "m_s"
[fields.chi]
spin = 0.5
charge = 0
mass = "m_chi"
[parameters.g_S]
dimension = 0
[parameters.g_P]
dimension = 0
[parameters.y]
dimension = 0
[parameters.k]
dimension = 0
"""
QUARK = """schema = 1
name = "quark"
lagrangian = "-g*s*bar(mu)*mu - h*s*bar(u)*u - w*s*p*p*p"
[fields.s]
spin = 0
mass = "m_s"
[fields.p]
spin = 0
mass = "m_p"
[parameters.g]
dimension = 0
[parameters.h]
dimension = 0
default = 0
[parameters.w]
dimension = 0
default = 0
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("cp.toml").write_text(CP)
    Path("quark.toml").write_text(QUARK)
    return tmp_path


def near(text, value, relative=2e-12):
    return math.isclose(float(text), value, rel_tol=relative)


def channels(document, at=0):
    return {" ".join(c["products"]): c for c in document["points"][at]["channels"]}


def test_every_channel_of_a_pseudoscalar(g2):
    """Widths, a branching ratio and a lifetime of the sheet, digit by digit."""
    found = g2(*ALP, "--set", "m_a=0.5", "--digits", "15", "--json").json
    own = channels(found)
    assert set(own) == {"A A", "A Z", "e bar(e)", "mu bar(mu)", "tau bar(tau)"}
    assert near(own["mu bar(mu)"]["width"]["value"], 1.80302791482893e-8)
    assert near(own["A A"]["width"]["value"], 6.21698996452716e-12)
    assert near(own["A A"]["branching_ratio"]["value"], 3.44680559158629e-4)
    assert near(found["points"][0]["lifetime"]["value"], 3.64923969093118e-17)
    states = {name: one["state"] for name, one in own.items()}
    assert states["A Z"] == states["tau bar(tau)"] == CLOSED
    assert states["A A"] == states["e bar(e)"] == states["mu bar(mu)"] == OPEN
    assert (own["tau bar(tau)"]["width"]["value"], own["tau bar(tau)"]["width"]["radius"]) == ("0", "0")
    assert own["mu bar(mu)"]["opens"] == "2*m_mu"
    assert Fraction(own["mu bar(mu)"]["threshold"]) == 2 * Fraction("0.1056583755")
    c = 299792458
    assert near(found["points"][0]["c_tau"]["value"], 3.64923969093118e-17 * c)
    total = sum(float(one["width"]["value"]) for one in own.values())
    assert near(found["points"][0]["total"]["value"], total)
    assert math.isclose(sum(float(one["branching_ratio"]["value"]) for one in own.values()), 1)


def test_the_decay_length_for_an_energy(g2):
    """Of a dark photon that decays to e+ e-; the sheet's value."""
    found = g2(
        "decay", "dark_photon", "--set", "m_A=0.0169", "--set", "eps=1e-3", "--energy", "0.1", "--json"
    )
    assert near(found.json["points"][0]["decay_length"]["value"], 2.7994900914589343e-5, 1e-9)
    assert found.json["energy"] == "0.1"


def test_the_text(g2):
    out = g2(*ALP, "--set", "m_a=0.5", "--energy", "10").out
    assert "a -> mu bar(mu)" in out
    assert "0.211317" in out
    assert "decay length at 10 GeV" in out
    assert "No effect on the decays of a at tree level: Lambda." in out
    assert "Only in channels that are closed here: g_agZ (A Z)." in out
    assert "hadronic decays are not included" in out
    assert "loops of charged fermions" in out
    out = g2(*ALP, "--set", "m_a=0.1").out
    assert "hadronic" not in out


def test_a_mixed_scalar_with_a_dark_fermion_and_unequal_masses(g2, files):
    """General formula of the sheet: sqrt(lambda)/(8 pi M^3) {|C_S|^2 [M^2-(m1+m2)^2] + ...}."""
    values = {"g_S": 2e-3, "g_P": 3e-3, "y": 1e-2, "k": 1e-3}
    options = [word for n, v in values.items() for word in ("--set", f"{n}={v}")]
    own = channels(g2("decay", "cp.toml", *options, "--set", "m_s=0.9", "--set", "m_chi=0.3", "--json").json)
    m_e, m_mu, big = 0.00051099895069, 0.1056583755, 0.9

    def width(one, two, scalar, pseudo):
        lam = (big**2 - (one + two) ** 2) * (big**2 - (one - two) ** 2)
        square = scalar**2 * (big**2 - (one + two) ** 2) + pseudo**2 * (big**2 - (one - two) ** 2)
        return math.sqrt(lam) / (8 * math.pi * big**3) * square

    assert near(own["mu bar(mu)"]["width"]["value"], width(m_mu, m_mu, 2e-3, 3e-3), 1e-9)
    assert near(own["chi bar(chi)"]["width"]["value"], width(0.3, 0.3, 1e-2, 0), 1e-9)
    for name in ("mu bar(e)", "e bar(mu)"):
        assert near(own[name]["width"]["value"], width(m_mu, m_e, 1e-3, 0), 1e-9)
        assert own[name]["opens"] in ("m_mu + m_e", "m_e + m_mu")


def test_exactly_at_a_threshold_the_channel_is_closed(g2):
    at = channels(g2("decay", "dark_photon", "--set", "eps=1e-3", "--set", "m_A=2*m_mu", "--json").json)
    assert at["mu bar(mu)"]["state"] == CLOSED
    assert at["mu bar(mu)"]["width"]["value"] == "0"
    above = g2("decay", "dark_photon", "--set", "eps=1e-3", "--set", "m_A=2*m_mu + 1e-30GeV", "--json").json
    assert channels(above)["mu bar(mu)"]["state"] == OPEN
    assert float(channels(above)["mu bar(mu)"]["width"]["value"]) > 0


def test_a_stable_particle(g2):
    done = g2("decay", "dark_photon", "--set", "m_A=1e-3", "--set", "eps=1e-3")
    assert done.code == 0
    assert "Ap is stable here: e bar(e) opens at 2*m_e = 0.001022 GeV" in done.out
    found = g2("decay", "dark_photon", "--set", "m_A=1e-3", "--set", "eps=1e-3", "--json").json["points"][0]
    assert found["stable"] is True
    assert (found["lifetime"], found["c_tau"], found["decay_length"]) == (None, None, None)
    assert found["total"] == {"value": "0", "radius": "0"}
    assert all(one["branching_ratio"] is None for one in found["channels"])
    done = g2("decay", "dark_photon", "--set", "m_A=0", "--set", "eps=1e-3")
    assert "m_A is zero: a massless particle does not decay." in done.out
    done = g2("decay", "dark_photon", "--set", "m_A=1", "--set", "eps=0")
    assert "have no coupling" in done.out


def test_channels_without_a_coupling_need_no_mass(g2, files):
    """A quark's mass has no value of its own; without a coupling to it none is asked for."""
    options = ("--parent", "s", "--set", "m_s=1", "--set", "g=1e-3", "--set", "m_p=0.1")
    own = channels(g2("decay", "quark.toml", *options, "--json").json)
    assert own["u bar(u)"]["state"] == NONE
    assert own["u bar(u)"]["threshold"] is None
    done = g2("decay", "quark.toml", *options, "--set", "h=1e-3")
    assert done.code == 2
    assert "m_u has no value" in done.err
    out = g2("decay", "quark.toml", *options, "--set", "h=1e-3", "--input", "m_u=0.0022").out
    assert "free quarks" in out
    assert "hadronic decays are not included" in out


def test_what_is_not_derived_is_refused_or_named(g2, files):
    options = ("--parent", "s", "--set", "m_s=1", "--set", "g=1e-3", "--set", "m_p=0.1", "--set", "w=0.1")
    done = g2("decay", "quark.toml", *options)
    assert done.code != 0
    assert done.one_sentence
    out = g2("decay", "quark.toml", *options, "--partial").out
    assert "Not included: the decay of 's' through" in out
    assert "at tree level: m_p." in out  # w has an effect, which is not derived


def test_over_masses(g2, files):
    done = g2(*ALP, "--vary", "m_a=.01:10:60", "--csv", "a.csv", "--plot", "a.png", "--json")
    assert done.code == 0
    found = done.json
    assert len(found["points"]) == 60
    assert found["versions"].keys() >= {"matplotlib"}
    with open("a.csv") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 60
    for row, point in zip(rows, found["points"], strict=True):
        assert row["Gamma(a)"] == point["total"]["value"]
        assert Fraction(row["m_a"]) == Fraction(point["point"]["m_a"])
        ratios = [float(v) for name, v in row.items() if name.startswith("BR(")]
        assert math.isclose(sum(ratios), 1, rel_tol=1e-8)
    assert Path("a.png").read_bytes()[:4] == b"\x89PNG"
    text = g2(*ALP, "--vary", "m_a=.01:10:60").out
    assert "Thresholds: A Z at m_Z = 91.1876 GeV; e bar(e) at 2*m_e" in text
    assert "of 60 rows" in text


def test_widths_of_the_z(g2):
    """Gamma(Z -> gamma X) of the sheet, with the measured total width."""
    arguments = ("--parent", "Z", "--set", "g_aff[mu]=0", "--set", "g_agZ=1e-4", "--set", "m_a=10")
    found = g2("decay", "alp", *arguments, "--digits", "15", "--json").json
    assert near(channels(found)["A a"]["width"]["value"], 2.42450192726252e-5)
    assert near(channels(found)["A a"]["branching_ratio"]["value"], 2.42450192726252e-5 / 2.4955, 1e-9)
    assert "total (measured)" in g2("decay", "alp", *arguments).out
    out = g2("decay", "alp", *arguments[:4], "--set", "m_a=10", "--set", "g_agg=1e-4").out
    assert "g_agZ = -g_agg*sin_w/cos_w (default)" in out.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("alp", "--set", "g_aff=1e-3", "--set", "m_a=1"), "give g_aff[mu], the value for the muon"),
        (("alp", "--set", "g_aff[mu]=1e-3"), "m_a has no value"),
        (("alp", "--parent", "b2", "--set", "m_a=1"), "no particle 'b2'"),
        (("alp", "--parent", "a a"), "the one particle"),
        (("alp", "--parent", "bar(a)"), "its own antiparticle"),
        (("alp", "--parent", "mu"), "fermion"),
        (("alp", "--parent", "W"), "Standard Model"),
        (("alp", "--parent", "A"), "Standard Model"),
        (("alp", "--parent", "Jpsi"), "BR(Jpsi -> A a)"),
        (("quark.toml", "--set", "m_s=1"), "mediators s, p: name what decays"),
        (("cp.toml", "--parent", "chi"), "chi is a fermion"),
        (("dark_photon", "--set", "m_A=1", "--set", "eps=1", "--energy", "0.5"), "below m_A = 1 GeV"),
        (("dark_photon", "--set", "m_A=1", "--set", "eps=1", "--energy", "x"), "--energy"),
        (("dark_photon", "--set", "m_A=1", "--set", "eps=1", "--digits", "0"), "digits"),
        (("dark_photon", "--set", "m_A=-1", "--set", "eps=1"), "negative"),
        (("dark_photon", "--set", "m_A=1", "--set", "sqrt_s=1"), "kinematic variable of sigma"),
        (("dark_photon", "--set", "m_A=1", "--set", "energy=1"), "--energy GEV"),
        (("dark_photon", "--set", "m_A=1", "--vary", "m_A=1:2:3"), "both set and varied"),
        (("dark_photon", "--set", "eps=1", "--plot", "x.png"), "give one --vary"),
        (("dark_photon", "--set", "eps=1", "--vary", "m_A=1:2:3", "--plot", "x.foo"), ".foo"),
        (("dark_photon", "--set", "eps=1", "--vary", "m_A=1:2:3", "--plot", "no/x.png"), "does not exist"),
        (("dark_photon", "--set", "eps=1", "--vary", "m_A=.0001:.001:3", "--plot", "x.png"), "stable"),
        (("dark_photon", "--set", "eps=1", "--vary", "m_A=1:2"), "FROM:TO:COUNT"),
    ],
)  # fmt: skip
def test_mistakes_get_one_sentence(g2, files, arguments, word):
    done = g2("decay", *arguments)
    assert done.code in (2, 3)
    assert done.out == ""
    assert done.one_sentence, done.err
    assert word in done.err
    assert sorted(p.name for p in files.iterdir()) == ["cp.toml", "quark.toml"]


def test_a_fermion_that_does_not_decay_is_said_to_be_stable(g2, files):
    """chi stands twice in its coupling: it cannot decay, and a width into others is exactly zero."""
    options = ("--set", "m_s=1", "--set", "m_chi=2")
    assert g2("eval", "cp.toml", "--observable", "Gamma(chi)", *options).code == 0
    done = g2("eval", "cp.toml", "--observable", "lifetime(chi)", *options)
    assert done.code == 2
    assert "Gamma(chi) is zero at these values" in done.err
    assert g2("eval", "cp.toml", "--observable", "Gamma(chi -> mu bar(e))", *options).code == 0
    assert "chi is a fermion" in g2("decay", "cp.toml", "--parent", "chi", *options).err


def test_in_python():
    model = g2sym.load_model("dark_photon")
    found = model.decays("Ap", m_A="0.5", eps="1e-3", energy="10")
    assert repr(found) == str(found)
    assert found.table in str(found)
    row = found.rows[0]
    assert near(row.branches[1].width.shown(15), 1.20070879386875e-9, 1e-9)  # V to mu mu of the sheet
    assert json.loads(json.dumps(found.as_dict()))["parent"] == "Ap"
    masses = np.geomspace(0.001, 10, 40)
    figure = model.decays(m_A=masses, eps=1e-3).plot()
    ratios, width = figure.axes
    assert width.get_ylabel() == "total width [GeV]"
    marked = [line.get_xdata()[0] for line in width.get_lines() if len(line.get_xdata()) == 2]
    twice = [2 * float(model.inputs.value(m)) for m in ("m_e", "m_mu", "m_tau")]
    assert np.allclose(sorted(marked), twice)
    for line in ratios.get_lines():
        drawn = np.asarray(line.get_ydata(), dtype=float)
        assert np.nanmax(drawn) <= 1 + 1e-12
    assert abs(figure.get_figwidth() - 8.6 / 2.54) < 1e-9
    with pytest.raises(UsageError, match="over one varied parameter"):
        found.plot()
    with pytest.raises(UsageError, match=r"use \.png"):
        model.decays(m_A=[1, 2], eps=1e-3).plot("x.gif")


def test_over_the_mass_of_a_product(files):
    """Channels close where the products are as heavy as what decays; the picture says where."""
    model = g2sym.load_model("cp.toml")
    masses = np.linspace(0.1, 1, 30)
    found = model.decays("s", m_s=1, m_chi=masses, g_S=1e-3, g_P=0, k=0, y=1e-3)
    assert "chi bar(chi) at 2*m_chi" in found.table
    shut = [row for row in found.rows if row.values["m_chi"] >= Fraction(1, 2)]
    for row in shut:
        assert next(b for b in row.branches if b.name == "chi bar(chi)").width.midpoint == 0
    ratios, _ = found.plot().axes
    marks = [line.get_xdata()[0] for line in ratios.get_lines() if len(line.get_xdata()) == 2]
    assert np.allclose(marks, [0.5])
    assert any("2m_" in text.get_text() for text in ratios.texts)


def test_charged_bosons_and_their_antiparticles():
    """Gamma = |y|^2 sqrt(lambda) (M^2 - m1^2 - m2^2)/(16 pi M^3) for y H Nbar PR mu: C_S = C_P = y/2."""
    fields = [g2sym.scalar("H", charge=1, mass="m_H"), g2sym.fermion("N", mass="m_N")]
    model = g2sym.Model("y*H*bar(N)*PR*mu + hc", fields=fields, parameters=[g2sym.parameter("y")])
    found = model.decays("H", y="1/2", m_H=300, m_N=100)
    other = model.decays("bar(H)", y="1/2", m_H=300, m_N=100)
    assert [b.name for b in found.rows[0].branches] == ["N bar(mu)"]
    assert [b.name for b in other.rows[0].branches] == ["mu bar(N)"]
    assert found.rows[0].total == other.rows[0].total
    big, one, two = 300.0, 100.0, 0.1056583755
    lam = (big**2 - (one + two) ** 2) * (big**2 - (one - two) ** 2)
    expected = 0.25 * math.sqrt(lam) / (16 * math.pi * big**3) * (big**2 - one**2 - two**2)
    assert near(found.rows[0].total.shown(15), expected, 1e-9)
    assert not any("photons" in sentence for sentence in found.announcements)


def test_the_strokes_differ_without_colour():
    from g2sym.drawing.curves import STROKES

    assert len({(dashes, width) for _, dashes, width in STROKES}) == len(STROKES)
