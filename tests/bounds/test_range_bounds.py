"""What a series leaves out over a range of masses: bounds that hold at every point, and nearly tight ones."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.base.balls import number, working_precision
from g2sym.base.exact import decimal_text
from g2sym.derive.assemble import neutral_kernel
from g2sym.derive.dirac import BOSON, GAMMA5
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.certificate import ArcPart, LogPart
from g2sym.integrals.expansion import Expansion, expand, leading, toward, toward_mass
from g2sym.integrals.rational import Frac, constant, gen, zero
from g2sym.integrals.values import Value
from g2sym.kernels import ranges
from g2sym.kernels.confirmed import freeze, left_out
from g2sym.kernels.ranges import bound_of, range_bound, rounded_up, usual_reach
from g2sym.kernels.remainder import fixed
from g2sym.observables.prepared import PreparedSum
from g2sym.proofs.integrals import prove_remainder
from g2sym.proofs.sympy_balls import sympy_ball
from g2sym.queries import remainders

F = Fraction
RHO = gen("rho")
NONE = Frac.of(0)
STRINGS = {"scalar": ((), 0), "axial": ((GAMMA5, BOSON), 1), "vector": ((BOSON,), 1)}
KERNELS = {name: neutral_kernel(s, s, spin).canonical for name, (s, spin) in STRINGS.items()}
EQUAL = {name: fixed(form, {"nu": F(1)}) for name, form in KERNELS.items()}
PATHS = {
    "0": toward_mass(zero()),
    "oo": toward_mass("oo"),
    "M = 2m": toward_mass(Frac.of(2)),
    "M = 2m from below": toward_mass(Frac.of(2), -1),
}
SHARES = [F(1), F(9, 10), F(1, 2), F(1, 7), F(1, 100), F(1, 10**6)]


def gaps(form: ClosedForm, found: Expansion, reach: Fraction) -> list[tuple[Fraction, arb]]:
    with working_precision(1200):
        return [(reach * s, left_out(form, found, reach * s, extra=600)) for s in SHARES]


# whole kernels ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("nu", [F(1), F(3), F(1, 3)])
@pytest.mark.parametrize("where", PATHS)
@pytest.mark.parametrize("powers", [1, 4])
def test_a_series_keeps_its_bound_over_the_range(name, nu, where, powers):
    """Measured: at most 5 times what is left out, at the end of the range."""
    form, path = fixed(KERNELS[name], {"nu": nu}), PATHS[where]
    if where == "0" and nu < 1:
        return
    found = leading(form, path, powers)
    bound = bound_of(form, found, usual_reach(form, path))
    assert bound is not None
    assert bound == range_bound(form, freeze(path), found.end, bound.reach)
    for t, gap in gaps(form, found, bound.reach):
        with working_precision(200):
            assert gap <= bound.at(t) <= 5 * gap


@settings(max_examples=30, deadline=None)
@given(
    name=st.sampled_from(sorted(KERNELS)),
    nu=st.fractions(F(1, 4), 5, max_denominator=8),
    where=st.sampled_from(sorted(PATHS)),
    end=st.integers(1, 9).map(lambda n: F(n, 2)),
    share=st.fractions(F(1, 50), 1, max_denominator=50),
    inside=st.fractions(F(1, 1000), 1, max_denominator=1000),
)
def test_any_range_inside_convergence(name, nu, where, end, share, inside):
    form, path = fixed(KERNELS[name], {"nu": nu}), PATHS[where]
    try:
        reach = usual_reach(form, path) * 3 * share
        bound = range_bound(form, freeze(path), end, reach)
    except UnsupportedError:  # above threshold, or a singularity inside
        return
    whole = expand(form, path, end)
    found = replace(whole, terms=tuple(t for t in whole.terms if t[0] < end), end=end)
    t = reach * inside
    with working_precision(800):
        assert left_out(form, found, t, extra=400) <= bound.at(t)


# each part of it, with no power kept beyond the truncation --------------------------------------------------
PIECES = {
    "rational": ClosedForm(Frac.of(1, RHO + 1)),
    "1/(1/4 + rho)": ClosedForm(Frac.of(1, RHO + constant(F(1, 4)))),
    "ln(1 + rho)": ClosedForm(NONE, ((RHO + 1, Frac.of(1)),)),
    "ln(1 + rho)/(3 - rho)": ClosedForm(NONE, ((RHO + 1, Frac.of(1, 3 - RHO)),)),
    "ln(3 - 2 rho)": ClosedForm(NONE, ((3 - 2 * RHO, Frac.of(1)),)),
    "T(rho, 1)": ClosedForm(NONE, (), (((RHO, constant(1)), Frac.of(1)),)),
    "rho T(rho, 4)": ClosedForm(NONE, (), (((RHO, constant(4)), Frac.of(RHO)),)),
    "T(rho, 1)/(3 - rho)": ClosedForm(NONE, (), (((RHO, constant(1)), Frac.of(1, 3 - RHO)),)),
    "T(rho, 4)/rho": ClosedForm(NONE, (), (((RHO, constant(4)), Frac.of(1, RHO)),)),
}


@pytest.mark.parametrize("name", PIECES)
@pytest.mark.parametrize("end", [1, 2, 5])
@pytest.mark.parametrize(("reach", "most"), [(F(1, 1000), F(2)), (F(1, 4), F(9)), (F(3, 5), F(31))])
def test_a_bound_from_the_residuals_alone(monkeypatch, name, end, reach, most):
    """With nothing summed beyond the truncation, each residual's integral carries the bound."""
    monkeypatch.setattr(ranges, "EXTRA", 0)
    form, path = PIECES[name], toward("rho", zero())
    found = expand(form, path, end)
    bound = bound_of(form, found, reach)
    assert bound is not None
    if name == "ln(1 + rho)/(3 - rho)":  # the two parts of its first power left out cancel to a fifth
        most = max(most, F(6))
    for t, gap in gaps(form, found, reach):
        with working_precision(200):
            assert gap <= bound.at(t), t
            assert bound.at(t) <= number(most) * gap, t


def total(add, part, t):
    """The bound on one part's error at the end of a range."""
    found = ranges._Sum(t)
    add(found, part)
    out = arb(0)
    for e, j, size in found.terms:
        out += size * number(t) ** number(e) * abs(number(t).log()) ** j
    return out


def quadrature(f, t):
    """int_0^t f to 20 digits; a logarithm at 0 does no harm."""
    with mpmath.workdps(30):
        return arb(mpmath.nstr(mpmath.quad(f, [0, mpmath.mpf(t.numerator) / t.denominator]), 22))


@pytest.mark.parametrize("t", [F(1, 100), F(9, 10), F(99, 100)])
@pytest.mark.parametrize("power", [0, 3])
def test_the_error_of_a_logarithm(t, power):
    """a = 1 - t and r = t^n, with a factor 2 t^-1: measured up to 22 times the integral."""
    one = Frac.of(1)
    part = LogPart({-1: Frac.of(2)}, {0: one, 1: -one}, {power: -one})
    with working_precision(100):
        truth = 2 / number(t) * quadrature(lambda s: s**power / (1 - s), t)
        assert truth <= total(ranges._add_log, part, t) <= 100 * truth


@pytest.mark.parametrize("t", [F(1, 100), F(9, 10), F(99, 100)])
@pytest.mark.parametrize(("power", "logs"), [(0, 0), (3, 0), (1, 1), (3, 1)])
@pytest.mark.parametrize("start", [0, 2, -2])
def test_the_error_of_an_arc(t, power, logs, start):
    """L = t^k (1 - t), q = 1 - t/2 and r = t^(n + k/2) ln t: measured up to 10 times the integral."""
    one, half = Frac.of(1), F(start, 2)
    lam = {start: one, start + 1: -one}
    terms = {(power + half, logs): Frac.of(3)}
    part = ArcPart(
        {0: Frac.of(2)}, lam, {0: one, 1: Frac.of(constant(F(-1, 2)))}, ((Value.rational(5), terms),)
    )
    with working_precision(100):
        x = number(t)
        inner = quadrature(lambda s: s**power * mpmath.log(s) ** logs / ((1 - s / 2) * mpmath.sqrt(1 - s)), t)
        truth = 30 * abs(inner) / (x**start * (1 - x)).sqrt()
        found = total(ranges._add_arc, part, t)
        assert truth <= found * (1 + arb(10) ** -18)
        assert found <= 100 * truth


def test_the_error_where_t_is_rational():
    """T = 2/u, u = 1 - t, and s off by r/u."""
    one = Frac.of(1)
    part = ArcPart({2: one}, {}, {0: one, 1: -one}, ((Value.rational(1), {(F(1), 0): -one}),))
    with working_precision(100):
        truth = number(F(9, 10)) ** 3 * 10
        assert truth <= total(ranges._add_arc, part, F(9, 10)) * (1 + arb(2) ** -60)
        assert total(ranges._add_arc, part, F(9, 10)) <= 1.2 * truth


def test_an_expansion_with_the_whole_range_of_a_circle():
    """As far as 999/1000 of the way to the zero of L at rho = 4: the square root's lower bound counts."""
    form, path = PIECES["T(rho, 1)"], toward("rho", zero())
    found = expand(form, path, 30)
    bound = bound_of(form, found, F(39, 10))
    assert bound is not None
    for t, gap in gaps(form, found, F(39, 10)):
        with working_precision(200):
            assert gap <= bound.at(t)
    with pytest.raises(UnsupportedError, match="choose a smaller one"):
        bound_of(form, found, F(4))


def test_a_logarithm_under_the_integral():
    """int_0^t s^(a-1) |ln s| ds, t on either side of 1."""
    for a, t in ((F(1, 2), F(1, 10)), (F(3), F(9, 10)), (F(2), F(7)), (F(1), F(1))):
        with working_precision(100):
            x, p = number(t), number(a)
            below = x.min(number(1))
            truth = below**p * (1 / p**2 - below.log() / p)
            if t > 1:
                truth += (x**p * x.log() - (x**p - 1) / p) / p
            bound = x**p * (abs(x.log()) / p + 1 / p**2)
            assert truth <= bound * (1 + arb(2) ** -80)


@pytest.mark.parametrize(
    ("dense", "reach", "least"),
    [
        ([1, 1], F(3), 1.0),
        ([1, -1], F(1, 2), 0.5),
        ([1, -1], F(999, 1000), 0.001),
        ([2, -3, F(9, 8)], F(2), 0.0),
        ([1, -1, F(1, 2)], F(2), 0.5),
        ([1, -2, 2], F(2), 0.5),
    ],
)
def test_the_least_value_of_a_polynomial(dense, reach, least):
    with working_precision(100):
        if not least:  # it touches zero at 4/3
            with pytest.raises(UnsupportedError):
                ranges._least([F(c) for c in dense], F(0), reach, 0)
            return
        found = ranges._least([F(c) for c in dense], F(0), reach, 0)
        assert found <= least
        assert least <= 1.5 * found


# what is claimed --------------------------------------------------------------------------------------------
def claimed(form: ClosedForm, found: Expansion, reach: Fraction) -> tuple[Fraction, Fraction]:
    bound = bound_of(form, found, reach)
    assert bound is not None
    return rounded_up(bound.plain), rounded_up(bound.log)


@pytest.mark.parametrize("name", EQUAL)
@pytest.mark.parametrize("where", ["0", "oo"])
def test_a_claim_is_proved_refuted_or_open(name, where):
    form, path = EQUAL[name], PATHS[where]
    found, reach = leading(form, path, 2), F(1, 10)
    plain, log = claimed(form, found, reach)
    proof = prove_remainder(form, found, reach=reach)
    assert (proof.kind, proof.verdict) == ("remainder", "proved")
    assert "for 0 < t <= 1/10" in proof.statement
    assert decimal_text(plain, 12) in proof.result
    assert prove_remainder(form, found, reach=reach, claim=(plain, log)).verdict == "proved"
    assert prove_remainder(form, found, reach=reach, claim=(plain * 2, log)).verdict == "proved"
    altered = plain / 20, log / 20
    wrong = prove_remainder(form, found, reach=reach, claim=altered)
    assert wrong.verdict == "disproved"
    assert "in balls" in wrong.method
    if log:
        half = prove_remainder(form, found, reach=reach, claim=(plain, log / 2))
        assert half.verdict in ("open", "disproved")
    near = prove_remainder(form, found, reach=reach, claim=(plain * F(999, 1000), log * F(999, 1000)))
    assert near.verdict in ("open", "disproved")
    assert prove_remainder(form, found).verdict == "enclosed"


def test_an_altered_series_is_not_proved_over_a_range():
    form, path = EQUAL["vector"], PATHS["oo"]
    found, reach = leading(form, path, 2), F(1, 10)
    claim = claimed(form, found, reach)
    (e, j, value), *rest = found.terms
    wrong = replace(found, terms=((e, j, value + Value.rational(F(1, 10**9))), *rest))
    assert bound_of(form, wrong, reach) is None
    assert prove_remainder(form, wrong, reach=reach).verdict == "disproved"
    assert prove_remainder(form, wrong, reach=reach, claim=claim).verdict == "disproved"
    slight = replace(found, terms=((e, j, value + Value.rational(F(1, 10**60))), *rest))
    assert prove_remainder(form, slight, reach=reach, claim=claim).verdict == "open"


def test_a_range_with_a_singularity_is_refused():
    form, path = EQUAL["scalar"], PATHS["oo"]
    with pytest.raises(UnsupportedError, match="choose a smaller one"):
        range_bound(form, freeze(path), F(6), F(1, 2))


@pytest.mark.parametrize(("radius", "reach"), [("1", "1/10"), ("8/100", "1/50"), ("79/1000", "1/100")])
def test_the_reach_that_is_chosen(radius, reach):
    form = ClosedForm(Frac.of(1, RHO - constant(F(radius))))
    assert usual_reach(form, toward("rho", zero())) == F(reach)
    assert usual_reach(ClosedForm(Frac.of(RHO)), toward("rho", zero())) == F(1, 10)


def test_numbers_are_rounded_up():
    with working_precision(100):
        assert rounded_up(number(F(12341, 10**7))) == F(1235, 10**6)
        assert rounded_up(number(F(1234, 10**6))) in (F(1234, 10**6), F(1235, 10**6))
        assert rounded_up(number(0)) == 0
        assert rounded_up(arb(2) ** 100) > 2**100


# an observable ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "mass", "couplings"),
    [
        ("alp", "m_a", {"g_aff": "1/3", "g_agg": "-2", "g_agZ": "5", "Lambda": 1000}),
        ("scalar", "m_s", {"g_sff": "1/3", "g_sgg": "-2", "g_sgZ": "5", "Lambda": 1000}),
        ("dark_photon", "m_A", {"eps": "1/7"}),
        ("axial_vector", "m_A", {"eps": "1/7"}),
    ],
)
@pytest.mark.parametrize("point", [0, "oo"])
@pytest.mark.parametrize("lepton", ["mu", "tau"])
def test_an_observable_keeps_its_bound(model, mass, couplings, point, lepton):
    """Against its values in balls: the bound holds throughout, and is not 1000 times what is left out."""
    moment = g2.load_model(model).anomalous_moment(lepton)
    unit = moment.values().exact(f"m_{lepton}")
    for name, contribution in moment.contributions.items():
        found = moment.remainder(mass, point, 2, contribution=name, **couplings)
        series = moment.series(mass, point, 2, name, **couplings).to_sympy()
        stated = found.to_sympy()
        for share in SHARES[:5]:
            t = found.reach * share
            known = moment.values({**couplings, mass: unit * t if point == 0 else unit / t})
            with working_precision(600):
                exact = PreparedSum(contribution.terms, known, name)(400)
                values = {str(s): known.ball(str(s)) for s in series.free_symbols | stated.free_symbols}
                gap, bound = abs(exact - sympy_ball(series, values)), sympy_ball(stated, values)
                assert gap <= bound, (name, t)
                assert bound <= 1000 * gap, (name, t)


def test_a_range_up_to_a_mass():
    moment = g2.load_model("dark_photon").anomalous_moment("mu")
    usual = moment.remainder("m_A", "oo")
    assert str(usual).endswith("for m_A >= 10*m_mu")
    assert usual.as_dict()["range"] == "m_A >= 10*m_mu"
    same = moment.remainder("m_A", "oo", to="10*m_mu")
    assert same.parts == usual.parts
    assert same.where == "m_A >= 1.056583755 GeV and m_mu = 0.1056583755 GeV"
    near = moment.remainder("m_A", "oo", to="500MeV")
    assert near.parts[0][1] > usual.parts[0][1]
    assert near.range == "m_A >= 0.5 GeV"
    assert moment.remainder("m_A", 0, to="10MeV").range == "m_A <= 0.01 GeV"
    around = moment.remainder("m_A", "2*m_mu", 1)
    assert around.range == "0 < (m_A - 2*m_mu)/m_mu <= 1/10"
    assert "ln" not in around.text


def test_other_masses_have_their_values():
    heavy = g2.load_model("alp").anomalous_moment("mu").remainder("m_a", "oo", contribution="barr-zee-z")
    assert heavy.where == "m_a >= 5000*m_mu and m_Z = 91.1876 GeV and m_mu = 0.1056583755 GeV"


def test_what_is_refused():
    moment = g2.load_model("dark_photon").anomalous_moment("mu")
    with pytest.raises(UnsupportedError, match="choose a smaller one"):
        moment.remainder("m_A", "oo", to="150MeV")
    with pytest.raises(UsageError, match="above 0"):
        moment.remainder("m_A", "oo", to=0)
    with pytest.raises(UsageError, match="leave to out"):
        moment.remainder("m_A", "2*m_mu", to=1)
    with pytest.raises(UsageError, match="several amplitudes"):
        g2.load_model("dark_photon").observable("a(e)/a(mu)").remainder("m_A", "oo")
    with pytest.raises(UsageError, match="order"):
        moment.remainder("m_A", "oo", 0)


@pytest.fixture
def other():
    s, mu, y = g2.scalar("S", mass="m_S", parity=None), g2.lepton("mu"), g2.parameter("y")
    n = g2.fermion("N", mass="m_N", charge=-1)
    return g2.Model(-y * s * g2.bar(mu) * n + g2.hc)


def test_a_mass_without_a_value(other):
    moment = other.anomalous_moment("mu")
    with pytest.raises(UsageError, match="m_N has no value"):
        moment.remainder("m_S", 0)
    found = moment.remainder("m_S", 0, m_N=1)
    assert str(found).endswith("for m_S <= 0.1*m_mu and m_N = 1 GeV and m_mu = 0.1056583755 GeV")
    rows = [r.proof for r in g2.check(other, "mu") if r.proof.kind == "remainder"]
    assert [p.verdict for p in rows] == ["enclosed", "enclosed"]
    assert all("2 random rational points" in p.method for p in rows)


def test_check_states_the_range():
    rows = [r.proof for r in g2.check(g2.load_model("scalar"), "tau") if r.proof.kind == "remainder"]
    assert len(rows) == 6
    assert all(p.verdict == "proved" for p in rows)
    assert all("for m_s >= " in p.result or "for m_s <= " in p.result for p in rows)


def test_values_that_the_series_does_not_hold_for(other):
    """Symbolically m_N > m_mu: a lighter one is refused."""
    moment = other.anomalous_moment("mu")
    series = moment.series("m_S", 0)
    assert [str(c) for c in series.conditions]
    known = moment.values({"m_N": "0.05"})
    with pytest.raises(UsageError, match="do not fulfil"):
        remainders.bounded(moment.quantity.single, series, known)
