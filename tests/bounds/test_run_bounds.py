"""Kernels along one slot: intervals of any width and regions of complex masses, beside values inside."""

from fractions import Fraction

import pytest
from flint import acb, arb

import g2sym as g2
from g2sym.base.balls import number, working_precision
from g2sym.kernels.kernel import Kernel
from g2sym.kernels.slices import Slice
from tests.kernels.exchange import CHARGED, FERMION, kernel

F = Fraction
MODELS = {
    "scalar": {"g_sff": 1, "g_sgg": 1, "m_s": 1},
    "alp": {"g_aff": 1, "g_agg": 1, "m_a": 1},
    "axial_vector": {"eps": 1, "m_A": 1},
    "dark_photon": {"eps": 1, "m_A": 1},
}
PAIRS = ("SS", "PP", "SP", "VV", "AA", "VA")


def runs():
    """The kernels of the shipped models along the mediator's mass, and of two masses along either."""
    out = {}
    for name, values in MODELS.items():
        moment = g2.load_model(name).anomalous_moment("mu")
        (amplitude,) = moment.quantity.amplitudes
        known = amplitude.values(moment.values(values))
        for n, term in enumerate(amplitude.terms):
            ratios = term.masses.exact_ratios(known.exact)
            moving = [slot for slot, symbol, _ in term.masses.slots if symbol in values]
            if len(moving) == 1 and not known.vanishes(term.coefficient):
                rest = {k: v for k, v in ratios.items() if k != moving[0]}
                out[f"{name} {n}"] = Kernel.of(term.integral).along(moving[0], rest)
    for photon in ("fermion", "boson"):
        for pair in PAIRS:
            out[f"{photon} {pair} rho"] = kernel(photon, pair).along("rho", {"nu": F(3, 2)})
            out[f"{photon} {pair} nu"] = kernel(photon, pair).along("nu", {"rho": F(5, 2)})
    return out


RUNS = {name: run for name, run in runs().items() if run.falls is not None}
SINGLE = [name for name, run in RUNS.items() if len(run.falls) == 1]


def at(run, t, bits=80):
    return Kernel.of(run.integral).ball({**run.fixed, run.slot: t}, bits)


def test_there_are_runs_of_every_kind():
    assert {f"{photon} {pair} {slot}" for photon in ("fermion", "boson") for pair in PAIRS for slot in
            ("rho", "nu")} <= set(RUNS)  # fmt: skip
    falls = [fall for run in RUNS.values() for fall in run.falls]
    assert {fall.positive for fall in falls} == {True, False}
    assert {fall.sign for fall in falls} == {1, -1}
    assert {fall.step for fall in falls} == {1, 2}
    assert {-1, 0, 1, 2} <= {fall.power for fall in falls}


@pytest.mark.parametrize("name", sorted(RUNS))
@pytest.mark.parametrize(
    ("low", "ratio"),
    [(F(1, 10**12), F(10**30)), (F(1, 50), F(11, 10)), (F(2), F(10)), (F(10**9), F(2)), (F(10**20), F(1))],
)
def test_values_lie_within_the_range(name, low, ratio):
    """At both ends and between; one falling function has no others (a radius is rounded to 30 bits)."""
    run = RUNS[name]
    if not low > run.threshold:
        assert run.range(low, low * ratio) is None
        return
    found = run.range(low, low * ratio)
    with working_precision(200):
        ends = at(run, low), at(run, low * ratio)
        for value in (*ends, at(run, low * (1 + ratio) / 2), at(run, 2 * low / (1 + 1 / ratio))):
            assert found.lower() <= value.upper()
            assert found.upper() >= value.lower()
        if len(run.falls) == 1 and run.falls[0].power == 0:
            narrow = ends[0].union(ends[1])
            assert (
                found.upper() - found.lower()
                <= (narrow.upper() - narrow.lower()) * (1 + arb(2) ** -27) + abs(ends[0]) * arb(2) ** -60
            )


def test_a_narrow_range_is_narrow():
    """About as wide as the parts vary, each of them of the size of the whole."""
    for name, run in RUNS.items():
        found, value = run.range(F(4), F(4) * (1 + F(1, 10**6))), at(run, F(4))
        with working_precision(100):
            assert found.rad() < 3e-4 * abs(value), name


def complex_value(run, t):
    """The kernel at a complex slot: its closed form, continued off the real axis."""
    value = Slice(Kernel.of(run.integral).closed(run.fixed).form, run.slot, run.fixed).at_complex(t)
    assert value.is_finite()
    return value


@pytest.mark.parametrize("name", sorted(RUNS))
@pytest.mark.parametrize(
    ("low", "ratio"),
    [(F(1, 10**6), F(2)), (F(1, 50), F(9)), (F(2), F(21, 20)), (F(30), F(4)), (F(10**9), F(2))],
)
def test_moduli_are_within_the_size(name, low, ratio):
    """On the border of |t| <= high and Re t^n >= low^n; the largest there is hardly exceeded."""
    run, high = RUNS[name], low * ratio
    if not low > run.threshold:
        assert run.size(low, high) is None
        return
    bound = run.size(low, high)
    order = max(fall.step for fall in run.falls)
    worst = arb(0)
    with working_precision(700):
        s0, s1 = number(low) ** order, number(high) ** order
        tall = (s1**2 - s0**2).sqrt()
        points = [acb(s0, tall * k / 4) for k in range(5)]
        for k in range(1, 5):
            x = s0 + (s1 - s0) * k / 4
            points.append(acb(x, (s1**2 - x**2).sqrt() if k < 4 else 0))
        for s in points:
            t = s if order == 1 else s.sqrt()
            size = abs(complex_value(run, t)).mid()
            assert size <= bound * (1 + arb(2) ** -60), (name, t)
            worst = max(worst, size)
        if len(run.falls) == 1:
            fall = run.falls[0]
            least = 1 if fall.positive and not fall.power else 30
            assert bound <= worst * least * (1 + arb(2) ** -60) * number(ratio) ** (2 * abs(fall.power))


def test_the_term_of_a_logarithm():
    """For a large s a logarithm falls like -ln s: what it falls by off the real axis is within the bound."""
    logs = [run for run in RUNS.values() if any(not fall.positive for fall in run.falls)]
    assert logs
    for run in logs:
        for k, fall in enumerate(run.falls):
            if fall.positive:
                continue
            for low in (F(1, 10), F(1), F(7), F(100), F(10**6)):
                one = type(run)(run.integral, run.slot, run.power, run.fixed, run.threshold)
                one.__dict__["falls"] = (fall,)
                bound = one.size(low, 8 * low)
                line = Slice(fall.closed.form, run.slot, {})
                with working_precision(400):
                    for t in (acb(number(8 * low)), acb(number(low), (63 * arb(1)).sqrt() * number(low))):
                        assert abs(line.at_complex(t)).mid() <= bound, (k, low)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(("photon", "formulas"), [("fermion", FERMION), ("boson", CHARGED)])
def test_against_the_integrand(photon, formulas, pair):
    """Independent of closed forms: the integrand of the literature at a complex boson mass, in quadrature."""
    e, low, high = F(3, 2), F(2), F(5)
    bound = RUNS[f"{photon} {pair} rho"].size(low, high)
    with working_precision(120):
        for r in (acb(2), acb(2, 2), acb(2, arb(21).sqrt()), acb(4, -3)):

            def integrand(x, _, r=r):
                weight = 1 - x if photon == "fermion" else x
                delta = r * weight + number(e) ** 2 * (1 - weight) - x * (1 - x)
                return formulas[pair](x, r, number(e)) / delta

            value = abs(acb.integral(integrand, acb(0), acb(1)))
            assert value.mid() <= bound
            assert bound <= 40 * value


def test_thresholds_and_kernels_that_do_not_fall():
    run = kernel("fermion", "SS").along("rho", {"nu": F(1, 2)})
    assert run.range(F(1, 4), F(2)) is None  # exactly on it
    assert run.range(F(26, 100), F(2)) is not None
    assert run.size(F(1, 5), F(2)) is None
