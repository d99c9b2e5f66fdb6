"""Wilson coefficients: values of the reference, what files mean, scales, mistakes."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from math import pi, sqrt
from pathlib import Path

import pytest
from mpmath import mp

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle import Field
from oracle.transitions import transition

import g2sym as g2
from g2sym.base.balls import Ball
from g2sym.base.exact import read_number
from g2sym.errors import UnsupportedError, UsageError
from g2sym.interchange.names import name_of, read_process
from tests.cases import CASES, load, values
from tests.interchange import formulas

ONE_LEPTON = [
    case for case in CASES if case["quantity"] in ("L_egamma", "flavio_C7") and len(case["leptons"]) == 1
]
E_CM = 1.973269804e-14


def cp_scalar() -> g2.Model:
    """L = -s fbar (g_S + i g_P gamma5) f, the same for every lepton."""
    s, f = g2.scalar("s", mass="m_s"), g2.lepton("f")
    g_S = g2.parameter("g_S", flavour="universal")
    g_P = g2.parameter("g_P", flavour="universal")
    return g2.Model(-s * g2.bar(f) * (g_S + g2.I * g_P * g2.gamma5) * f, name="cp")


POINT = {"m_s": "50", "g_S": "0.02", "g_P": "0.03"}


@pytest.mark.parametrize("case", ONE_LEPTON, ids=lambda c: c["id"])
def test_the_reference_to_45_digits(case: dict, tmp_path: Path) -> None:
    basis = "JMS" if case["quantity"] == "L_egamma" else "flavio"
    found = load(case, tmp_path).wilson(*case["leptons"], digits=48, basis=basis, params=values(case))
    (name,) = found
    for part, ball in (("re", found[name].re), ("im", found[name].im)):
        want = read_number(case["value"][part])
        assert abs(ball.midpoint - want) < abs(want) * Fraction(1, 10**45)
        assert ball.agrees(48)


def test_a_transition_of_the_reference_to_45_digits(tmp_path: Path) -> None:
    """[L_egamma]_{e mu}: the row is the lepton that comes out."""
    (case,) = [c for c in CASES if c["quantity"] == "L_egamma" and len(c["leptons"]) == 2]
    for basis, name in (("JMS", "egamma_12"), ("flavio", "Cgamma_mue")):
        found = load(case, tmp_path).wilson("mu -> e", digits=48, basis=basis, params=values(case))
        for part, ball in (("re", found[name].re), ("im", found[name].im)):
            want = read_number(case["value"][part])
            assert abs(ball.midpoint - want) < abs(want) * Fraction(1, 10**45)


def test_both_cases_of_one_lepton_are_there() -> None:
    assert len(ONE_LEPTON) == 2


# transitions ----------------------------------------------------------------------------------
RATES = [
    case for case in CASES if case["quantity"] == "BR" and not case["note"].startswith("above threshold")
]


@pytest.mark.parametrize("case", RATES, ids=lambda c: c["id"])
def test_branching_ratios_follow_from_the_file(case: dict, tmp_path: Path) -> None:
    first, second = case["leptons"]
    found = load(case, tmp_path).wilson(f"{first} -> {second}", params=values(case))
    read = formulas.read(found.wcxf())
    masses = (float(case["inputs"][f"m_{lepton}"]) for lepton in (first, second))
    lifetime = 1 / float(case["inputs"][f"Gamma_{first}"])
    rate = formulas.flavio_br(
        read[f"Cgamma_{first}{second}"], read[f"Cgamma_{second}{first}"], *masses, lifetime
    )
    assert rate == pytest.approx(float(case["value"]["re"]), rel=1e-12)
    assert float(found.observables[f"BR({first} -> {second} A)"]) == pytest.approx(rate, rel=1e-12)


def lfv(inputs: dict[str, str] | None = None) -> g2.Model:
    """A charged scalar and a neutral fermion with couplings to every lepton, and no other ones."""
    phi, n = g2.scalar("phi", mass="m_phi", charge=-1), g2.fermion("N", mass="m_N", charge=0)
    names = [f"y_{lepton}_{side}" for lepton in ("e", "mu", "tau") for side in "LR"]
    text = " + ".join(
        f"phi*bar({lepton})*(y_{lepton}_L*PL + y_{lepton}_R*PR)*N" for lepton in ("e", "mu", "tau")
    )
    couplings = [g2.parameter(name, complex=True) for name in names]
    return g2.Model(f"{text} + hc", inputs, name="lfv", fields=[phi, n], parameters=couplings)


LFV = {
    "m_phi": "500", "m_N": "90",
    "y_e_L": 0.01 + 0.02j, "y_e_R": -0.03 + 0.01j, "y_mu_L": 0.02j, "y_mu_R": 0.03,
    "y_tau_L": 0.05 - 0.02j, "y_tau_R": 0.01 + 0.01j,
}  # fmt: skip


def texts() -> dict[str, str]:
    """The point above with decimal texts, as the reference by quadrature takes it."""
    found = {name: value for name, value in LFV.items() if isinstance(value, str)}
    for name, value in LFV.items():
        if not isinstance(value, str):
            found |= {f"re_{name}": repr(complex(value).real), f"im_{name}": repr(complex(value).imag)}
    return found


@pytest.mark.parametrize(("first", "second"), [("mu", "e"), ("tau", "e"), ("tau", "mu")])
def test_transitions_against_quadrature_in_both_directions(first: str, second: str) -> None:
    """[L]_{21} = e m1 A_R(l1 -> l2)/2 and [L]_{12} = e m2 A_R(l2 -> l1)/2, each amplitude by quadrature."""
    model = lfv()
    masses = {f"m_{lepton}": str(float(model.inputs.value(f"m_{lepton}"))) for lepton in ("e", "mu", "tau")}
    fields = {
        "phi": Field("phi", Fraction(0), Fraction(-1), Fraction(500)),
        "N": Field("N", Fraction(1, 2), Fraction(0), Fraction(90)),
    }
    lagrangian = model.declaration.text
    found = model.wilson(f"{first} -> {second}", params=LFV)
    with mp.workdps(30):
        charge = mp.sqrt(4 * mp.pi / mp.mpf("137.035999177"))
        for one, other in ((first, second), (second, first)):
            right, _ = transition(lagrangian, fields, {**texts(), **masses}, one, other)
            want = complex(charge * mp.mpf(masses[f"m_{one}"]) * right / 2)
            assert complex(found[f"Cgamma_{one}{other}"]) == pytest.approx(want, rel=1e-13)


def test_the_observables_of_the_same_name() -> None:
    """L_egamma as an observable is what files in the JMS basis hold."""
    model = lfv()
    found = model.wilson("mu", "mu -> e", basis="JMS", eft="WET", scale=80, params=LFV)
    for name, text in (("egamma_22", "L_egamma(mu)"), ("egamma_12", "L_egamma(mu -> e)")):
        for part, ball in (("re", found[name].re), ("im", found[name].im)):
            assert ball.overlaps(model.observable(f"{part}({text})").evaluate(params=LFV).ball)


def test_no_transition_above_threshold(tmp_path: Path) -> None:
    case = next(c for c in CASES if c["note"].startswith("above threshold") and c["quantity"] == "BR")
    found = load(case, tmp_path).wilson("tau -> mu", params=values(case))
    assert "m_tau is above the threshold of phi and N" in found.absent["tau -> mu"]
    with pytest.raises(UsageError, match="no Hermitian Lagrangian"):
        found.wcxf()
    assert float(found.observables["BR(tau -> mu A)"]) == pytest.approx(float(case["value"]["re"]))
    assert "Br(tau -> mu gamma)" in found.slha()


def test_moments_and_transitions_together() -> None:
    found = lfv().wilson("mu", "mu -> e", eft="WET-4", scale=1, params=LFV)
    assert list(found) == ["C7_mumu", "Cgamma_mue", "Cgamma_emu"]
    assert [found[name].unit for name in found] == ["1", "GeV^-1", "GeV^-1"]
    with pytest.raises(UsageError, match="C7_mumu in WET-3 at 1 GeV and Cgamma_mue in WET-4 at 1 GeV"):
        lfv().wilson("mu", "mu -> e", params=LFV).wcxf()
    assert str(lfv().wilson("mu -> e", params=LFV).home) == "WET-4 at 1 GeV"
    own = json.loads(lfv().wilson("tau -> mu", "tau -> e", params=LFV).wcxf())
    assert (own["eft"], own["scale"], len(own["values"])) == ("WET-4", 1.8, 4)


def test_couplings_quoted_for_a_lepton() -> None:
    linked = g2.load_model("scalar").with_flavour(g_sff="mass")
    with pytest.raises(UsageError, match="say for whom it is quoted"):
        linked.wilson("e", "mu", m_s=5, g_sff=1)
    found = linked.wilson("e", "mu", params={"m_s": 5, "g_sff[mu]": "1e-3"})
    one = linked.anomalous_moment("e").evaluate(params={"m_s": 5, "g_sff[mu]": "1e-3"})
    assert found.observables["a(e)"].overlaps(one.ball)
    assert json.loads(found.wcxf())["metadata"]["flavour"]["g_sff"]["quoted_for"] == "mu"


# what a file means ----------------------------------------------------------------------------
def test_the_meaning_of_the_operators() -> None:
    """The energy of a lepton at rest gives the relations of a and d to L_egamma, signs included."""
    charge = 0.3
    a, d = formulas.moments(2e-9 - 5e-9j, 0.1, charge)
    assert a == pytest.approx(4 * 0.1 * 2e-9 / charge, rel=1e-13)
    assert d == pytest.approx(2 * 5e-9 / charge, rel=1e-13)


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
@pytest.mark.parametrize("basis", ["flavio", "JMS"])
def test_moments_follow_from_the_file(lepton: str, basis: str) -> None:
    model = cp_scalar()
    found = model.wilson(lepton, basis=basis, params=POINT)
    (coefficient,) = formulas.read(found.wcxf()).values()
    stated = json.loads(found.wcxf())["metadata"]["inputs"]
    mass = float(stated[f"m_{lepton}"])
    charge = sqrt(4 * pi / float(model.inputs.value("alpha_inverse")))
    if basis == "flavio":
        fermi = float(stated["G_F"])
        a = formulas.flavio_a(coefficient, fermi, mass)
        assert a == pytest.approx(float(model.anomalous_moment(lepton).evaluate(params=POINT)), rel=1e-12)
        coefficient *= formulas.c7_prefactor(fermi, mass, charge)
    else:
        assert float(stated["alpha_inverse"]) == pytest.approx(4 * pi / charge**2, rel=1e-13)
    a, d = formulas.moments(coefficient, mass, charge)
    assert a == pytest.approx(float(model.anomalous_moment(lepton).evaluate(params=POINT)), rel=1e-12)
    assert d == pytest.approx(float(model.electric_dipole(lepton).evaluate(params=POINT)), rel=1e-12)
    assert d < 0  # equal signs of g_S and g_P


def test_a_real_coefficient_is_a_plain_number() -> None:
    found = g2.load_model("dark_photon").wilson("mu", m_A="50", eps="0.1")
    assert found["C7_mumu"].im.sign == 0
    assert isinstance(json.loads(found.wcxf())["values"]["C7_mumu"], float)
    assert complex(found["C7_mumu"]).imag == 0


def test_what_stands_with_a_file() -> None:
    found = cp_scalar().wilson("mu", params=POINT)
    document = json.loads(found.wcxf())
    assert (document["eft"], document["basis"], document["scale"]) == ("WET-3", "flavio", 1.0)
    stated = document["metadata"]
    assert stated["values"] == {"m_s": "50", "g_S": "0.02", "g_P": "0.03"}
    assert stated["inputs"]["G_F"] == "0.000011663788"
    assert any("Standard Model" in one for one in stated["statements"])
    assert any("QED logarithms" in one for one in stated["statements"])
    assert stated["conventions"]["covariant_derivative"] == "D = d + i e Q A"


def test_a_particle_below_the_scale_is_named() -> None:
    light = g2.load_model("dark_photon").wilson("mu", m_A="0.1", eps="1e-3").statements
    assert any("m_A = 0.1 GeV is below the scale" in one for one in light)
    heavy = g2.load_model("dark_photon").wilson("mu", m_A="10", eps="1e-3").statements
    assert not any("below the scale" in one for one in heavy)
    tau = g2.load_model("dark_photon").wilson("tau", m_A="10", eps="1e-3").statements
    assert any("m_A = 10 GeV is below the scale" in one for one in tau)


# scales ---------------------------------------------------------------------------------------
def test_flavios_scales() -> None:
    found = cp_scalar().wilson("e", "mu", "tau", params=POINT)
    assert {name: str(home) for name, home in found.homes.items()} == {
        "C7_ee": "WET-3 at 1 GeV",
        "C7_mumu": "WET-3 at 1 GeV",
        "C7_tautau": "WET at 91.1876 GeV",
    }
    with pytest.raises(UsageError, match=r"C7_ee in WET-3 at 1 GeV and C7_tautau in WET at 91\.1876 GeV"):
        found.wcxf()
    assert len(formulas.read(cp_scalar().wilson("e", "mu", params=POINT).wcxf())) == 2


def test_another_scale_changes_no_value() -> None:
    own = cp_scalar().wilson("tau", params=POINT)
    other = cp_scalar().wilson("tau", "mu", eft="WET-4", scale="1.8", params=POINT)
    document = json.loads(other.wcxf())
    assert (document["eft"], document["scale"]) == ("WET-4", 1.8)
    assert formulas.read(other.wcxf())["C7_tautau"] == formulas.read(own.wcxf())["C7_tautau"]


# above threshold ------------------------------------------------------------------------------
def light_model() -> g2.Model:
    s, f = g2.scalar("phi", mass="m_phi"), g2.lepton("f")
    n = g2.fermion("N", charge=-1, mass="m_N")
    y = g2.parameter("y", flavour="universal")
    return g2.Model(y * s * g2.bar(f) * n + g2.hc, name="light")


def test_no_coefficient_above_threshold() -> None:
    point = {"m_phi": "0.5", "m_N": "0.1", "y": "1e-3"}
    found = light_model().wilson("mu", "tau", params=point)
    assert list(found) == ["C7_mumu"]
    assert "m_phi + m_N lies below m_tau" in found.absent["tau"]
    assert any("absorptive" in one for one in found.statements)
    with pytest.raises(UsageError, match="no Hermitian Lagrangian"):
        found.wcxf()
    assert "Delta(g-2)_tau/2" in found.slha()
    assert any("this is its real part" in one for one in found.statements)
    (only,) = light_model().wilson("mu", params=point)
    assert only == "C7_mumu"


# parts ----------------------------------------------------------------------------------------
def test_names() -> None:
    assert name_of("JMS", "mu", "tau") == "egamma_23"
    assert name_of("flavio", "mu", "tau") == "Cgamma_taumu"
    assert str(read_process(" tau->mu ")) == "tau -> mu"


def test_a_mapping_in_all_but_name() -> None:
    found = cp_scalar().wilson("mu", params=POINT)
    assert len(found) == 1
    assert found["C7_mumu"].unit == "1"
    with pytest.raises(UsageError, match="did you mean 'C7_mumu'"):
        found["C7_mumuu"]
    record = found.as_dict()
    assert record["coefficients"]["C7_mumu"]["eft"] == "WET-3"
    assert json.loads(json.dumps(record))["processes"] == ["mu"]


@pytest.mark.parametrize(
    ("processes", "options", "message"),
    [
        ((), {}, "no process is named"),
        (("muon",), {}, r"no charged lepton 'muon' \(did you mean 'mu'\?\)"),
        (("mu", "mu"), {}, "mu is named twice"),
        (("e -> mu",), {}, "e does not decay into mu; write 'mu -> e'"),
        (("mu -> mu",), {}, "write 'mu' for its moments"),
        (("mu to e",), {}, "neither a charged lepton nor a decay"),
        ((3,), {}, "neither a charged lepton nor a decay"),
        (("mu",), {"basis": "Warsaw"}, "no basis 'Warsaw'"),
        (("mu",), {"basis": 3}, "basis = 3 is no text"),
        (("mu",), {"eft": "WET"}, "eft and scale belong together"),
        (("mu",), {"scale": 1}, "eft and scale belong together"),
        (("mu",), {"eft": "SMEFT", "scale": 1}, "no effective theory 'SMEFT'"),
        (("mu",), {"eft": "WET", "scale": 0}, "not positive"),
        (("mu",), {"eft": "WET", "scale": "high"}, "not a number"),
        (("tau",), {"eft": "WET-3", "scale": 1}, "WET-3 is without the tau"),
        (("mu", "tau -> e"), {"eft": "WET-3", "scale": 1}, "WET-3 is without the tau"),
        (("mu",), {"digits": 0}, "whole number from 1"),
        (("mu",), {"m_phi": 1}, "has no parameter 'm_phi'"),
    ],
)
def test_mistakes_get_one_sentence(processes: tuple, options: dict, message: str) -> None:
    given = options if "m_phi" in options else {**options, "params": POINT}
    with pytest.raises(UsageError, match=message) as caught:
        cp_scalar().wilson(*processes, **given)
    assert str(caught.value).endswith(".")


def test_missing_values_and_couplings_without_a_rule() -> None:
    with pytest.raises(UsageError, match="m_s has no value"):
        cp_scalar().wilson("mu", g_S=1, g_P=1)
    text = "-s*bar(mu)*(g_S + I*g_P*gamma5)*mu - y*s*s*bar(mu)*mu"
    names = {"g_S": 0, "g_P": 0, "y": -1}
    two = g2.Model(
        text,
        fields=[g2.scalar("s", mass="m_s")],
        parameters=[g2.parameter(name, dimension=dimension) for name, dimension in names.items()],
    )
    with pytest.raises(UnsupportedError):
        two.wilson("mu", y=1, params=POINT)
    left = two.wilson("mu", y=1, partial=True, params=POINT)
    assert any("y" in one and "not" in one.lower() for one in left.statements)


@pytest.mark.parametrize("size", ["1e-160", "1e160"])
def test_values_beyond_doubles_are_refused_in_files(size: str) -> None:
    found = g2.load_model("dark_photon").wilson("mu", m_A="50", eps=size)
    for write in (found.wcxf, found.slha):
        with pytest.raises(UsageError, match="beyond the range of doubles"):
            write()
    assert isinstance(found["C7_mumu"].re, Ball)
