"""Observables of a lepton that can decay into the loop: real and imaginary part, in every query."""

from __future__ import annotations

import json
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import InvalidPointsWarning, UnsupportedError, UsageError
from g2sym.kernels.kernel import Kernel

MU = Fraction("0.1056583755")
INNER = Fraction("0.0431583755")
EDGE = 0.0625
"""A double: EDGE + INNER is exactly the muon's mass."""


@pytest.fixture(scope="module")
def model() -> g2.Model:
    """A neutral scalar, muon and a fermion of charge -1, with scalar and pseudoscalar couplings y and z."""
    boson, inner = g2.scalar("phi", mass="m_B"), g2.fermion("N", charge=-1, mass="m_N")
    text = "phi*bar(mu)*(y + I*z*gamma5)*N + hc"
    return g2.Model(text, name="light", parameters=[boson, inner, g2.parameter("y"), g2.parameter("z")])


def scalar(mass: str, inner: str, flip: int) -> mpmath.mpc:
    """Leveille's integral (m^2/8 pi^2) int x^2 (1 - x + flip m_F/m)/(Delta - i0) on a deformed contour."""
    with mpmath.workdps(40):
        m = mpmath.mpf("0.1056583755")
        r, e = (mpmath.mpf(mass) / m) ** 2, mpmath.mpf(inner) / m

        def body(x):
            return x**2 * (1 - x + flip * e) / (r * (1 - x) + e**2 * x - x * (1 - x))

        middle = (1 + r - e**2) / 2
        root = mpmath.sqrt(middle**2 - r)
        path = [0, middle - root + 0.3j * root, middle, middle + root - 0.3j * root, 1]
        return mpmath.quad(body, path) / (8 * mpmath.pi**2)


def test_both_parts_of_a_value(model):
    amm = model.anomalous_moment("mu")
    got = amm.evaluate(25, m_B="0.05", m_N="0.02", y="0.3", z="0.7")
    with mpmath.workdps(40):
        want = mpmath.mpf("0.09") * scalar("0.05", "0.02", 1) + mpmath.mpf("0.49") * scalar(
            "0.05", "0.02", -1
        )
        assert abs(got.mpf() - want.real) < 1e-24 * abs(want)
        assert abs(got.imaginary.mpf(25) - want.imag) < 1e-24 * abs(want)
    assert complex(got) == complex(float(got.ball), float(got.imaginary))
    record = json.loads(json.dumps(got.as_dict()))
    assert record["complex"] == {"re": record["value"], "im": got.imaginary.text(25)}
    assert record["complex_radius"]["re"] == record["radius"]
    (said,) = [s for s in record["announcements"] if "lies below" in s]
    assert said.startswith("m_B + m_N lies below m_mu: the muon can decay into the loop, a(mu) is complex")
    below = amm.evaluate(25, m_B="0.5", m_N="0.02", y="0.3", z="0.7")
    assert below.imaginary is None
    assert complex(below) == float(below)
    assert "complex" not in below.as_dict()
    assert not any("lies below" in s for s in below.record["announcements"])
    # what does not couple opens no threshold
    silent = amm.evaluate(25, m_B="0.05", m_N="0.02", y=0, z=0)
    assert silent.imaginary is None
    assert silent.ball.sign == 0


def test_the_imaginary_part_by_name(model):
    point = {"m_B": "0.05", "m_N": "0.02", "y": "0.3", "z": "0.7"}
    whole = model.anomalous_moment("mu").evaluate(25, point)
    imaginary = model.observable("im(a(mu))")
    assert imaginary.evaluate(25, point).ball.midpoint == whole.imaginary.midpoint
    assert imaginary.evaluate(25, point).record["observable"] == "im(a(mu))"
    assert imaginary.evaluate(25, {**point, "m_B": 1}).ball.sign == 0
    assert model.observable("re(a(mu))").name == "a(mu)"
    ratio = model.observable("im(a(mu))/a(mu)").evaluate(20, point).ball
    assert abs(ratio.midpoint - whole.imaginary.midpoint / whole.ball.midpoint) < Fraction(1, 10**18)
    with pytest.raises(UsageError, match="Im Delta a_mu is zero at these values"):
        model.observable("a(mu)/im(a(mu))").evaluate(20, {**point, "m_B": 1})
    dipole = model.observable("im(d(mu))")
    assert dipole.evaluate(20, point, unit="e_cm").record["unit"] == "e_cm"
    assert dipole.evaluate(20, point).ball == model.electric_dipole("mu").evaluate(20, point).imaginary
    assert dipole.evaluate(20, {**point, "y": 0}).ball.sign == 0


def test_imaginary_parts_that_cancel_are_exactly_zero():
    """sqrt D = sqrt((1 - (M + m_F)^2)(1 - (M - m_F)^2)) is 48/65 and 12/25 of m^2 here: both parts are pi
    times rational numbers, so that couplings can make their sum vanish."""
    fields = [g2.scalar("phi", mass="m_B"), g2.fermion("N", charge=-1, mass="m_N")]
    fields += [g2.scalar("chi", mass="m_C"), g2.fermion("L", charge=-1, mass="m_L")]
    couplings = [g2.parameter(name) for name in "yzuv"]
    text = "phi*bar(mu)*(y + I*z*gamma5)*N + chi*bar(mu)*(u + I*v*gamma5)*L + hc"
    two = g2.Model(text, name="two", parameters=[*fields, *couplings]).observable("im(d(mu))")
    masses = {"m_B": MU * Fraction(32, 65), "m_N": MU * Fraction(7, 65)}
    masses |= {"m_C": MU * Fraction(7, 10), "m_L": MU * Fraction(1, 10)}
    parts = [two.evaluate(30, **masses, y=1, z=a, u=1, v=b).ball.midpoint for a, b in ((1, 0), (0, 1))]
    sizes = {}
    for term in two.quantity.single.terms:
        names = {slot: symbol for slot, symbol, _ in term.masses.slots}
        values = {s: (masses[names[s]] / MU) ** p for s, _, p in term.masses.slots}
        ((w, square),) = Kernel.of(term.integral).imaginary(values)
        boson = names["rho"]
        root = Fraction(12, 25) if boson == "m_C" else Fraction(48, 65)
        assert Fraction(int(square.p), int(square.q)) == root**2
        sizes[boson] = Fraction(int(w.p), int(w.q)) / root
    ratio = sizes["m_B"] / sizes["m_C"]
    assert abs(parts[0] / parts[1] / ratio - 1) < Fraction(1, 10**27)
    assert two.evaluate(30, **masses, y=1, z=1, u=1, v=-ratio).ball.sign == 0
    beside = two.evaluate(30, **masses, y=1, z=1, u=1, v=-ratio * (1 + Fraction(1, 10**50)))
    assert abs(beside.ball.midpoint / parts[1] / ratio + Fraction(1, 10**50)) < Fraction(1, 10**77)


def test_exactly_on_the_threshold(model):
    amm = model.anomalous_moment("mu")
    point = {"m_B": EDGE, "m_N": INNER}
    with pytest.raises(UsageError, match=r"m_B \+ m_N is exactly m_mu, the threshold .* inverse root"):
        amm.evaluate(20, **point, y=1, z=0)
    with pytest.raises(UsageError, match="inverse root"):
        model.observable("im(a(mu))").evaluate(20, **point, y=1, z=0)
    finite = amm.evaluate(20, **point, y=0, z=1)  # the numerator of P vanishes there
    assert finite.imaginary is None
    step = Fraction(1, 10**30)
    for side in (1 + step, 1 - step):
        beside = amm.evaluate(20, m_B=Fraction(EDGE) * side, m_N=INNER, y=0, z=1)
        assert abs(beside.ball.midpoint / finite.ball.midpoint - 1) < Fraction(1, 10**13)
    assert model.observable("im(a(mu))").evaluate(20, **point, y=0, z=1).ball.sign == 0


@pytest.fixture(scope="module")
def two_loops() -> g2.Model:
    """A neutral scalar with a charged fermion, and a charged scalar with a neutral one."""
    fields = [g2.scalar("phi", mass="m_B"), g2.fermion("N", charge=-1, mass="m_N")]
    fields += [g2.scalar("H", charge=-1, mass="m_C"), g2.fermion("L", mass="m_L")]
    text = "y*phi*bar(mu)*N + sqrt(x)*H*bar(mu)*L + hc"
    return g2.Model(text, name="two", parameters=[*fields, g2.parameter("x"), g2.parameter("y")])


def test_what_is_infinite_at_different_masses_does_not_cancel(two_loops):
    """At M = 3/5 and 1/4 of the muon's mass, with m_F the rest, T has the coefficients 72/125 and -9/16."""
    masses = {"m_B": MU * Fraction(3, 5), "m_N": MU * Fraction(2, 5)}
    masses |= {"m_C": MU * Fraction(1, 4), "m_L": MU * Fraction(3, 4)}
    weights = {}
    for term in two_loops.anomalous_moment("mu").quantity.single.terms:
        names = {slot: symbol for slot, symbol, _ in term.masses.slots}
        values = {s: (masses[names[s]] / MU) ** p for s, _, p in term.masses.slots}
        ((what, weight),) = Kernel.of(term.integral).continued(values).singular
        assert what == "T"
        weights[str(term.coefficient)] = Fraction(int(weight.p), int(weight.q))
    assert weights == {"y^2": Fraction(72, 125), "x": Fraction(-9, 16)}
    for text in ("a(mu)", "im(a(mu))"):
        with pytest.raises(UsageError, match=r"is exactly m_mu, the threshold .* inverse root"):
            two_loops.observable(text).evaluate(20, **masses, y=1, x=Fraction(128, 125))


def test_what_is_infinite_at_the_same_masses_cancels():
    """Charges like the masses: at rest, the pair has no dipole moment about its centre of mass.

    The photon on the fermion gives T with -Q_F 4 M^2 m_F, on the boson with Q_B 4 M m_F^2, in units of m.
    """
    fields = [g2.scalar("phi", charge="-2/3", mass="m_B"), g2.fermion("N", charge="-1/3", mass="m_N")]
    text = "y*phi*bar(mu)*N + hc"
    amm = g2.Model(text, parameters=[*fields, g2.parameter("y")]).anomalous_moment("mu")
    found = amm.evaluate(30, m_B=MU * Fraction(2, 3), m_N=MU / 3, y=1)
    assert found.imaginary is None
    for step in (1 + Fraction(1, 10**40), 1 - Fraction(1, 10**40)):
        beside = amm.evaluate(30, m_B=MU * Fraction(2, 3) * step, m_N=MU / 3, y=1)
        assert abs(beside.ball.midpoint / found.ball.midpoint - 1) < Fraction(1, 10**18)
    with pytest.raises(UsageError, match="exactly m_mu"):
        amm.evaluate(30, m_B=MU * Fraction(3, 5), m_N=MU * Fraction(2, 5), y=1)


def test_imaginary_parts_with_independent_roots_add_up(two_loops):
    imaginary = two_loops.observable("im(a(mu))")
    masses = {"m_B": "0.03", "m_N": "0.02", "m_C": "0.01", "m_L": "0.07"}
    first, second, both = (
        imaginary.evaluate(30, **masses, y=y, x=x).ball.midpoint for y, x in ((3, 0), (0, 2), (3, 2))
    )
    assert first > 0 > second
    assert abs(both / (first + second) - 1) < Fraction(1, 10**28)


def test_a_massless_vector_has_no_value_above_threshold():
    """Below it, where the kernel diverges as well, the imaginary part is zero at every mass."""
    fields = [g2.vector("V", mass="m_V"), g2.fermion("N", charge=-1, mass="m_N")]
    model = g2.Model("y*V(al)*bar(mu)*gamma(al)*N + hc", fields=fields, parameters=[g2.parameter("y")])
    for text in ("a(mu)", "im(a(mu))"):
        with pytest.raises(
            UsageError, match="m_V = 0: a contribution diverges as m_V -> 0, above the thresh"
        ):
            model.observable(text).evaluate(20, m_V=0, m_N="0.05", y=1)
    assert model.observable("im(a(mu))").evaluate(20, m_V=0, m_N="0.5", y=1).ball.sign == 0
    with pytest.raises(UsageError, match=r"m_V = 0: Delta a_mu diverges like \(m_V/m_mu\)\^-2"):
        model.anomalous_moment("mu").evaluate(20, m_V=0, m_N="0.5", y=1)


def test_arrays_across_the_threshold(model):
    amm, imaginary = model.anomalous_moment("mu"), model.observable("im(a(mu))")
    masses = np.array([0.0, 0.01, 0.05, EDGE, np.nextafter(EDGE, 1), 0.2, 7.0])
    couplings = np.array([[0.0], [0.3]])
    with pytest.warns(InvalidPointsWarning, match=r"^1 of 14 values are NaN. 1: m_B \+ m_N is exactly m_mu"):
        found = amm.lambdify()(m_B=masses, m_N=INNER, y=couplings, z=0.7, full=True)
    assert found.invalid.sum() == 1
    assert found.invalid[1, 3]
    assert (found.rungs == 0).tolist() == found.invalid.tolist()
    ((why, mask),) = found.reasons.items()
    assert "threshold" in why
    assert mask.tolist() == found.invalid.tolist()
    with pytest.warns(InvalidPointsWarning):
        other = imaginary.lambdify()(m_B=masses, m_N=INNER, y=couplings, z=0.7)
    for i in range(2):
        for j, mass in enumerate(masses):
            if (i, j) == (1, 3):
                assert np.isnan(found.values[i, j])
                assert np.isnan(other[i, j])
                continue
            here = {"m_B": Fraction(mass), "m_N": INNER, "y": Fraction(couplings[i, 0]), "z": Fraction(0.7)}
            want = amm.evaluate(17, here)
            assert abs(found.values[i, j] / float(want) - 1) < 1e-12
            im = 0.0 if want.imaginary is None else float(want.imaginary)
            assert abs(other[i, j] - im) <= 1e-12 * abs(im)
    inner = amm.lambdify()(m_B=0.05, m_N=np.array([0.0, 0.02, 0.5]), y=1.0, z=0.0)
    for value, mass in zip(inner, (0, Fraction(0.02), Fraction(0.5)), strict=True):
        assert abs(value / float(amm.evaluate(m_B=Fraction(0.05), m_N=mass, y=1, z=0)) - 1) < 1e-12
    with pytest.raises(UsageError, match="exactly m_mu"):
        amm.lambdify()(m_B=EDGE, m_N=INNER, y=1, z=0)


def test_a_table_beside_a_threshold_leaves_what_lies_above_to_balls(model, tmp_path, monkeypatch):
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path))
    amm = model.anomalous_moment("mu")
    random = np.random.default_rng(4)
    masses = np.concatenate([10 ** random.uniform(-1, 3, 24_000), random.uniform(0.001, 0.085, 60)])
    values = amm.lambdify()(m_B=masses, m_N="0.02", y=0.3, z=0.7)
    for k in (*range(0, 24_000, 1200), *range(24_000, 24_060, 4)):
        want = amm.evaluate(17, m_B=Fraction(masses[k]), m_N="0.02", y=Fraction(0.3), z=Fraction(0.7))
        assert abs(values[k] / float(want) - 1) < 1e-12


def test_bounds_scans_and_counts_take_the_real_part(model):
    amm = model.anomalous_moment("mu")
    found = g2.bound(amm, "z", "muon-2025", m_N="0.02", y=0, m_B=["0.05", "1"])
    assert any("this is its real part" in s for s in found.record["announcements"])
    for row in found.rows:
        (_, high) = row.windows[0]
        at = amm.evaluate(20, m_B=row.values["m_B"], m_N="0.02", y=0, z=high.midpoint).ball.midpoint
        assert abs(abs(at) - found.window.high.exact) < abs(at) / 10**12
    scan = g2.scan(amm, {"m_B": [0.05, 1.0], "z": [1e-3, 1e-1]}, "muon-2025", m_N="0.02", y=0)
    want = amm.evaluate(m_B=Fraction(0.05), m_N="0.02", y=0, z=Fraction(1e-1))
    assert abs(scan["delta_a"][0, 1] / float(want) - 1) < 1e-12
    imaginary = g2.scan(model.observable("im(a(mu))"), {"m_B": [0.05, 1.0], "z": [1e-1]}, m_N="0.02", y=0)
    assert abs(imaginary["delta_a"][0, 0] / float(want.imaginary) - 1) < 1e-12
    assert imaginary["delta_a"][1, 0] == 0
    count = g2.count_excluded(amm, {"m_B": [0.05, 1.0], "z": [1e-3, 1e-1]}, "muon-2025", m_N="0.02", y=0)
    assert count.allowed == int((scan["verdict"] == 1).sum())
    with pytest.raises(UsageError, match="threshold"):
        g2.scan(amm, {"m_B": [EDGE, 1.0], "y": [1e-3]}, m_N=INNER, z=0)


def test_what_needs_real_integrals_says_so(model):
    amm = model.anomalous_moment("mu")
    for ask in (
        lambda: g2.exclusion_map(amm, ("m_B", "0.01", 2), ("y", "1e-3", 1), "muon-2025", m_N="0.02", z=0),
        lambda: amm.zeros("m_B", interval=("0.01", 1), m_N="0.02", y=1, z=0),
        lambda: g2.bound(amm, "m_B", "muon-2025", interval=("0.01", 1), m_N="0.02", y=1, z=0),
    ):
        with pytest.raises(UnsupportedError, match=r"m_B \+ m_N is not above m_mu"):
            ask()
    with pytest.raises(UnsupportedError, match="limit lies above threshold"):
        amm.limit("m_B", 0, m_N="0.02")


@pytest.mark.parametrize(
    ("query", "what"),
    [
        (lambda o: o.closed_form(), "closed form"),
        (lambda o: o.integral(), "integral"),
        (lambda o: o.integrand, "integrand"),
        (lambda o: o.limit("m_B", "oo"), "limit"),
        (lambda o: o.series("m_B", "oo"), "series"),
        (lambda o: o.zeros("y"), "zeros"),
        (lambda o: o.cancellation("y"), "cancellation"),
    ],
)
def test_queries_that_imaginary_parts_do_not_have(model, query, what):
    with pytest.raises(
        UnsupportedError, match=rf"im\(a\(mu\)\) has values.* no {what}; ask for that of a\(mu\)"
    ):
        query(model.observable("im(a(mu))"))


def test_the_closed_form_is_the_complex_conjugate_above_threshold(model):
    """SymPy's principal values lie on the other side of the cuts than -i0."""
    amm = model.anomalous_moment("mu")
    for inner in ("0.02", "0"):
        want = amm.evaluate(20, m_B="0.05", m_N=inner, y="0.3", z="0.7")
        form = amm.closed_form()
        if inner == "0":  # the limit of the expression
            inner = "1e-30"
        values = {"m_B": "0.05", "m_N": inner, "y": "0.3", "z": "0.7", "m_mu": "0.1056583755"}
        import sympy

        got = form.subs({sympy.Symbol(n): sympy.Rational(v) for n, v in values.items()}).evalf(40)
        re, im = (mpmath.mpf(str(part)) for part in got.as_real_imag())
        assert abs(re / want.mpf() - 1) < 1e-15
        assert abs(-im / want.imaginary.mpf(20) - 1) < 1e-15


def test_copies_of_imaginary_parts(model):
    import pickle

    imaginary = model.observable("im(a(mu))")
    again = pickle.loads(pickle.dumps(imaginary))
    point = {"m_B": "0.05", "m_N": "0.02", "y": "0.3", "z": "0.7"}
    assert again.name == "im(a(mu))"
    assert again.evaluate(20, point).ball == imaginary.evaluate(20, point).ball
