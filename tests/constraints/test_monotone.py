"""Kernels over a whole mass range: the truth lies within the stated distance of every chord."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym.base.coefficients import Coefficient
from g2sym.constraints.planes import products
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.rational import constant, gen
from g2sym.kernels.closed import ClosedKernel as Kernel
from g2sym.kernels.kernel import Kernel as Whole
from g2sym.kernels.monotone import parts, sample
from g2sym.kernels.sampled import Sampled, power
from g2sym.model.model import load_model
from g2sym.queries.pieces import split, take_apart

CASES = {
    "alp": "m_a",
    "scalar": "m_s",
    "dark_photon": "m_A",
    "axial_vector": "m_A",
}
HEAVY = """
schema = 1
name = "mine"
lagrangian = '''
-g_1*s*bar(mu)*psi - g_2*X(al)*bar(mu)*gamma(al)*gamma5*psi + hc
'''
[fields.s]
spin = 0
charge = 0
mass = "m_s"
[fields.X]
spin = 1
charge = 0
mass = "m_X"
[fields.psi]
spin = "1/2"
charge = -1
mass = "m_F"
[parameters.g_1]
dimension = 0
[parameters.g_2]
dimension = 0
"""


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "mine.toml"
    path.write_text(HEAVY)
    return load_model(str(path)).anomalous_moment("mu")


def strays(sampled, edges, at, truth):
    """How far the truth at a point is from the chord, in units of the stated bound."""
    cell = min(int(np.searchsorted(edges, at, side="right")) - 1, len(edges) - 2)
    low, high = (Fraction(float(e)) for e in edges[cell : cell + 2])
    a, b = (Fraction(float(v)) for v in sampled.values[cell : cell + 2])
    chord = a + (b - a) * (Fraction(at) - low) / (high - low)
    return abs(truth - chord) - Fraction(float(sampled.stray[cell]))


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(CASES)),
    decade=st.integers(-5, 3),
    span=st.floats(0.01, 4),
    cells=st.sampled_from((1, 7, 300)),
    share=st.lists(st.floats(0, 1), min_size=3, max_size=3),
)
def test_every_kernel_stays_within_its_bound(name, decade, span, cells, share):
    moment = load_model(name).anomalous_moment("mu")
    axis = CASES[name]
    edges = 10.0**decade * np.exp(np.linspace(0, span * np.log(10), cells + 1))
    known = moment.values({})
    unit = known.exact("m_mu")
    for term in moment.derivation.terms():
        symbols = term.masses.symbols()
        if "rho" not in symbols:
            continue
        fixed = {n: (known.exact(s) / unit) ** p for n, (s, p) in symbols.items() if s != axis}
        for part in parts(term.integral, "rho", fixed):
            found = sample(part, "rho", edges, unit, 2, Whole.of(term.integral).threshold("rho", fixed))
            kernel = Kernel(part.integral.canonical)
            for s in share:
                at = float(edges[0] * (edges[-1] / edges[0]) ** s)
                at = min(max(at, edges[0]), edges[-1])
                ball = kernel.ball({"rho": (Fraction(at) / unit) ** 2}, 90)
                from g2sym.base.balls import Ball

                assert strays(found, edges, at, Ball.from_arb(ball).midpoint) <= 0


@pytest.mark.parametrize("axis", ["m_F", "m_s", "m_X"])
def test_delta_a_is_the_sum_of_the_products(heavy, axis):
    fixed = {"m_F": "0.7", "m_s": "0.3", "m_X": "1.5", "g_2": "0.01"}
    del fixed[axis]
    edges = np.geomspace(0.2, 40, 257), np.array([0.5, 0.5001])
    structure = take_apart(heavy, fixed, (axis, "g_1"))
    xs, ys = products(structure, edges)
    for cell in range(0, 256, 15):
        for row in range(1):
            x, y = edges[0][cell] * 1.001, 0.50003
            truth = heavy.enclose(80, params={**fixed, axis: float(x), "g_1": float(y)}).midpoint
            total = slack = Fraction(0)
            for f, h in zip(xs, ys, strict=True):
                a = _chord(f, edges[0], cell, x)
                b = _chord(h, edges[1], row, y)
                df, dh = Fraction(float(f.stray[cell])), Fraction(float(h.stray[row]))
                total += a * b
                slack += df * (abs(b) + dh) + abs(a) * dh
            assert abs(total - truth) <= slack
            assert slack <= Fraction(1, 500) * sum(
                abs(_chord(f, edges[0], cell, x) * _chord(h, edges[1], row, y))
                for f, h in zip(xs, ys, strict=True)
            ) + Fraction(1, 10**12)


def _chord(sampled, edges, cell, at):
    low, high = (Fraction(float(e)) for e in edges[cell : cell + 2])
    a, b = (Fraction(float(v)) for v in sampled.values[cell : cell + 2])
    return a + (b - a) * (Fraction(float(at)) - low) / (high - low)


def test_a_mixed_numerator_becomes_two_positive_ones():
    from g2sym.kernels.monotone import _signed

    x, y = gen("x"), gen("y")
    for poly in (x - y - y * y, 2 * x**2 - x, constant(3) - 7 * y, (x - y) ** 2 - 2 * y):
        up, down = _signed(poly)
        assert up - down == poly
        for a in range(11):
            for b in range(a + 1):
                at = (Fraction(a, 10), Fraction(b, 10), *(Fraction(0),) * 4)
                for half in (up, down):
                    value = sum(
                        Fraction(int(c.p), int(c.q)) * at[0] ** int(p[0]) * at[1] ** int(p[1])
                        for p, c in half.to_dict().items()
                    )
                    assert value >= 0


@settings(max_examples=60, deadline=None)
@given(
    exponents=st.lists(st.integers(-3, 4), min_size=2, max_size=2),
    low=st.floats(1e-6, 10),
    ratio=st.floats(1.0001, 50),
    share=st.floats(0, 1),
    levels=st.integers(0, 3),
)
def test_powers_and_products_stay_within_their_bounds(exponents, low, ratio, share, levels):
    edges = np.linspace(low, low * ratio, 9)
    if not np.all(np.diff(edges) > 0):
        return
    found = power(edges, exponents[0]) * power(edges, exponents[1])
    at = min(max(low + (low * ratio - low) * share, edges[0]), edges[-1])
    truth = Fraction(at) ** exponents[0] * Fraction(at) ** exponents[1]
    cell = min(int(np.searchsorted(edges, at, side="right")) - 1, 7)
    # a coarser cell's chord runs in the number of the edge, not in x
    place = cell + float(
        (Fraction(at) - Fraction(edges[cell])) / (Fraction(edges[cell + 1]) - Fraction(edges[cell]))
    )
    for _ in range(levels):
        found, place = found.coarser(), place / 2
    cell = min(int(place), len(found.stray) - 1)
    a, b = (float(v) for v in found.values[cell : cell + 2])
    chord = a + (b - a) * (place - cell)
    assert abs(float(truth) - chord) <= found.stray[cell] + 1e-14 * abs(float(truth))


def test_a_negative_power_needs_a_range_without_zero():
    with pytest.raises(UsageError, match="infinite"):
        power(np.linspace(-1, 1, 5), -1)


def test_splitting_a_coefficient():
    g, m, h = (Coefficient.symbol(n) for n in ("g", "m", "h"))
    parts_of = split((g**2 + g * h) / m**2, ("g", "m"))
    assert parts_of == {(2, -2): Coefficient.number(1), (1, -2): h}
    with pytest.raises(UnsupportedError, match="sum of powers"):
        split(g / (m + 1), ("g", "m"))


def test_what_cannot_be_varied_is_refused():
    moment = load_model("alp").anomalous_moment("mu")
    with pytest.raises(UsageError, match="g_afff"):
        take_apart(moment, {"m_a": 1}, ("g_afff", "g_agg"))
    with pytest.raises(UsageError, match="both varied and given"):
        take_apart(moment, {"m_a": 1, "g_agg": 1}, ("g_aff", "g_agg"))
    with pytest.raises(UsageError, match="twice"):
        take_apart(moment, {"m_a": 1}, ("g_aff", "g_aff"))
    with pytest.raises(UsageError, match="m_a has no value"):
        take_apart(moment, {}, ("g_aff", "g_agg"))


def test_a_bound_on_a_sampled_function_is_kept_by_scaling():
    from flint import arb

    found = Sampled(np.array([1.0, 2.0]), np.array([0.5])).scale(arb(3, 0.25))
    assert found.values.tolist() == [3.0, 6.0]
    assert found.stray[0] >= 3 * 0.5 + 2.5 * 0.25
