"""Taylor enclosures of low degree on wide intervals: both rests beside what the polynomial leaves out."""

from dataclasses import replace
from fractions import Fraction

import pytest
from flint import acb, arb

import g2sym as g2
from g2sym.base.balls import number, working_precision
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import Frac, constant, gen
from g2sym.kernels import taylor
from g2sym.kernels.isolation import EFFORT
from g2sym.kernels.slices import arc_complex
from g2sym.kernels.taylor import Enclosure
from g2sym.queries.masses import mass_function

F = Fraction
ALP = g2.load_model("alp").anomalous_moment("mu")
AXIAL = g2.load_model("axial_vector").anomalous_moment("e")
FALLING = {
    "alp": mass_function(ALP, "m_a", ALP.values({"g_aff": "1", "g_agg": "0"})),
    "axial": mass_function(AXIAL, "m_A", AXIAL.values({"eps": "1"})),
}
WHOLE = {
    name: taylor.MassFunction([replace(piece, run=None) for piece in function.pieces])
    for name, function in FALLING.items()
}
"""The same, bounded on circles by their closed forms."""
RHO, NU = gen("rho"), gen("nu")
FORMS = {
    "power": ClosedForm(Frac.of(1, RHO)),
    "logarithm": ClosedForm(Frac.of(0), ((RHO, Frac.of(1)),)),
    "arc": ClosedForm(Frac.of(0), (), (((RHO, constant(1)), Frac.of(1)),)),
}


def piece(powers, form=None):
    one = ClosedForm(Frac.of(0)) if form is None else form
    return taylor.Piece(lambda bits: arb(1), one, {n: (F(1), p) for n, p in powers.items()})


FUNCTIONS = {name: taylor.MassFunction((piece({"rho": 2}, form),)) for name, form in FORMS.items()}


def left_out(found, function, bits=300):
    """The largest error of the polynomial, and of its derivative, on a grid of the interval."""
    low, high = found.centre - found.radius, found.centre + found.radius
    value = slope = number(0)
    step = found.radius / 10**30
    for n in range(17):
        at = low + (high - low) * F(n, 16)
        x = number(at - found.centre)
        p = sum((c * x**k for k, c in enumerate(found.coefficients)), number(0))
        dp = sum((k * c * x ** (k - 1) for k, c in enumerate(found.coefficients) if k), number(0))
        value = value.max(abs(function.at(at, bits) - p))
        rise = (function.at(at + step, bits) - function.at(at - step, bits)) / number(2 * step)
        slope = slope.max(abs(rise - dp))
    return value, slope


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("place", [F(1, 100), F(1), F(30)])
def test_what_a_polynomial_of_low_degree_leaves_out(name, degree, place):
    """Each degree loses a factor of up to 4, by which the circle is smaller than the distance of m = 0."""
    function = FUNCTIONS[name]
    with working_precision(300):
        found = function.enclose(place, place * F(6, 5), 300, degree)
        value, slope = left_out(found, function)
        assert value <= found.rest <= 1000 * 4 ** (degree - 1) * value
        assert slope <= found.slope_rest <= 1000 * 4 ** (degree - 1) * slope


@pytest.mark.parametrize("name", sorted(WHOLE))
@pytest.mark.parametrize("place", [F(1, 1000), F(1, 10), F(3), F(100)])
@pytest.mark.parametrize(("degree", "bits"), [(2, 700), *((d, b + 400) for d, b in EFFORT)])
def test_whole_kernels(name, place, degree, bits):
    """Terms are bounded one by one: what they cancel, a power of the mass over the lepton's, is lost.

    Cauchy's estimate alone is too large by 6e5 for degree 2 at m_a = 1 MeV, by 1e35 at m_A = 100 GeV over
    m_e. Where that is more than 1e-12 of the function, further coefficients bring it down to at most 2.2
    times what is left out; for degree 24 at m_A = 100 GeV, to 2e-25 of the function.
    """
    with working_precision(bits):
        found = WHOLE[name].enclose(place, place * F(13, 12), bits, degree)
        value, slope = left_out(found, WHOLE[name], bits)
        size = abs(found.coefficients[0]) + abs(found.coefficients[1]) * number(found.radius)
        assert value <= found.rest
        assert found.rest <= 3 * value or found.rest < 1e-12 * size
        if degree == 2:
            assert slope <= found.slope_rest <= 3 * slope
            monkey = pytest.MonkeyPatch()
            with monkey.context() as patch:
                patch.setattr(taylor, "EXTRA", 0)
                lax = WHOLE[name].enclose(place, place * F(13, 12), bits, degree)
            assert lax.rest >= 1000 * found.rest


@pytest.mark.parametrize("name", sorted(FALLING))
@pytest.mark.parametrize("place", [F(1, 1000), F(1, 10), F(3), F(100), F(10**20)])
@pytest.mark.parametrize("degree", [2, 8])
def test_kernels_bounded_by_their_values(name, place, degree):
    """In the bound by real values nothing cancels: Cauchy's estimate is as good for every mass.

    Per degree it loses a factor of up to 3, by which the circle is smaller than the distance of m = 0.
    """
    bits = 1600
    with working_precision(bits):
        found = FALLING[name].enclose(place, place * F(13, 12), bits, degree)
        value, slope = left_out(found, FALLING[name], bits)
        assert value <= found.rest <= 100 * 3**degree * value
        assert slope <= found.slope_rest <= 100 * 3**degree * slope


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_function_on_an_interval_as_wide_as_can_be(name):
    """The circle is then only 5/3 times as wide as the interval, and the geometric series counts."""
    function = FUNCTIONS[name]
    with working_precision(300):
        found = function.enclose(F(2, 3), F(1), 300, 1)
        assert found.radius / (found.centre / 3) == F(3, 5)
        value, slope = left_out(found, function)
        assert value <= found.rest <= 1000 * value
        assert slope <= found.slope_rest <= 1000 * slope


@pytest.mark.parametrize("n", [1, 2, 3, 6])
@pytest.mark.parametrize("share", [F(1, 8), F(3, 5), F(9, 10)])
def test_the_rests_are_those_of_a_geometric_series(n, share):
    """|a_k| = S/R^k for k >= n: the rests are at least, and hardly more than, the sums of such terms."""
    function = taylor.MassFunction((piece({}),))
    reach = {}

    def bound(piece, centre, radius):
        reach["r"] = radius
        return arb(1)

    with working_precision(200), pytest.MonkeyPatch.context() as patch:
        patch.setattr(taylor, "_bound", bound)
        patch.setattr(taylor, "EXTRA", 0)
        centre = F(3)
        radius = share if share > F(1, 8) else F(1, 100)
        found = function.enclose(centre - radius, centre + radius, 200, n - 1)
        x = radius / reach["r"]
        scale = 1 / (16 * arb.pi() ** 2)
        rest = scale * number(x**n / (1 - x))
        slope = scale * number((n * x ** (n - 1) - (n - 1) * x**n) / (1 - x) ** 2 / reach["r"])
        assert rest * (1 - arb(2) ** -150) <= found.rest <= rest * (1 + arb(2) ** -150)
        assert slope * (1 - arb(2) ** -150) <= found.slope_rest <= slope * number(n / (n - (n - 1) * x) * 2)


# products ---------------------------------------------------------------------------------------
def enclosure(coefficients, rest, slope):
    radius = F(1, 2)
    return Enclosure(
        F(1), radius, tuple(number(F(c)) for c in coefficients), number(F(rest)), number(F(slope))
    )


@pytest.mark.parametrize(
    ("f", "g"),
    [
        (((1, 2, 3), 1, 5), ((7, 1, 2), 2, 3)),
        (((1, 2, 3), 0, 0), ((7, 1, 2), 0, 0)),
        (((1, 0, 0), 1, 0), ((3, 0, 0), 0, 0)),
        (((1, 0, 0), 0, 0), ((3, 0, 0), 1, 0)),
        (((0, 0, 0), 1, 2), ((0, 0, 0), 3, 5)),
        (((0, 0, 5), 0, 1), ((0, 2, 0), 0, 0)),
        (((0, 2, 0), 0, 0), ((0, 0, 5), 0, 1)),
    ],
)
def test_a_product_leaves_out_what_is_stated(f, g):
    """Coefficients of one sign, rests and their slopes largest at the right end: there is no slack."""
    one, two = enclosure(*f), enclosure(*g)
    r = one.radius

    def at_end(coefficients, rest, slope):
        value = sum(F(c) * r**n for n, c in enumerate(coefficients))
        rise = sum(n * F(c) * r ** (n - 1) for n, c in enumerate(coefficients) if n)
        return value + rest, rise + slope

    with working_precision(200):
        found = one.times(two)
        (a, da), (b, db) = at_end(*f), at_end(*g)
        kept = [sum(F(f[0][i]) * F(g[0][k - i]) for i in range(k + 1)) for k in range(3)]
        p, dp = at_end(kept, 0, 0)
        assert [F(int(c.unique_fmpz() or 0)) for c in found.coefficients] == kept
        for bound, true in ((found.rest, a * b - p), (found.slope_rest, da * b + a * db - dp)):
            assert number(true) <= bound <= number(true) * (1 + arb(2) ** -100) + arb(2) ** -150


def test_sums_and_multiples():
    with working_precision(100):
        total = enclosure((1, 2), 1, 2).plus(enclosure((3, 4), 5, 7))
        assert (total.rest, total.slope_rest) == (6, 9)
        scaled = enclosure((1, 2), 1, 2).scale(number(-3))
        assert (scaled.rest, scaled.slope_rest) == (3, 6)


# bounds on the circle ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("poly", "powers"),
    [
        (RHO, {"rho": 2}),
        (RHO, {"rho": 1}),
        (3 * RHO, {"rho": 2}),
        (RHO * NU, {"rho": 1, "nu": 1}),
        (RHO * NU, {"rho": 2, "nu": 2}),
        (RHO**2, {"rho": 2}),
        (RHO, {"rho": -2}),
        (RHO - NU / 4, {"rho": 2, "nu": 1}),
    ],
)
def test_an_argument_on_the_disc(poly, powers):
    """Least real part and largest modulus on the circle, where both lie."""
    one = piece(powers)
    centre, reach = F(3), F(1)
    with working_precision(100):
        low, high = centre - reach, centre + reach
        sizes = {n: (number(low**p), number(high**p)) for n, p in powers.items()}
        least, most = taylor._least(poly, sizes, taylor._disc(one, centre, reach), powers)
        real, size = arb(10**9), arb(0)
        for n in range(257):
            angle = arb(n) / 256
            mass = acb(number(centre)) + number(reach) * acb(arb.cos_pi(angle), arb.sin_pi(angle))
            value = acb(poly.fold(lambda name, m=mass: m ** powers[name], number))
            real, size = real.min(value.real), size.max(abs(value))
        assert least <= real + arb(2) ** -60
        assert most >= size - arb(2) ** -60
        if least > 0:
            assert real <= 1000 * least
        assert most <= 1000 * size


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_an_enclosure_holds_the_function_and_its_slope(name):
    """At points, where the polynomial of first degree alone is off by nearly the rest."""
    function = FUNCTIONS[name]
    with working_precision(300):
        low, high = F(1), F(6, 5)
        found = function.enclose(low, high, 300, 1)
        step = F(1, 10**30)
        for at in (low + step, F(11, 10), high - step):
            rise = (function.at(at + step, 300) - function.at(at - step, 300)) / number(2 * step)
            assert found.values(at, at + step).contains(function.at(at, 300))
            assert found.slopes(at - step, at + step).overlaps(rise)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@pytest.mark.parametrize(("centre", "reach"), [(F(1), F(1, 3)), (F(3, 2), F(1, 2))])
def test_a_bound_on_the_circle(name, centre, reach):
    """On pieces of the circle, ends included: every value at 256 points lies below, and not far below."""
    for one in FUNCTIONS[name].pieces:
        with working_precision(100):
            bound = taylor._bound(one, centre, reach)
            most = arb(0)
            for n in range(257):
                angle = arb(n) / 256
                mass = acb(number(centre)) + number(reach) * acb(arb.cos_pi(angle), arb.sin_pi(angle))
                values = {k: number(s) * mass**p for k, (s, p) in one.ratios.items()}
                value = one.form.fold(values.__getitem__, number, lambda a: acb(a).log(), arc_complex)
                most = most.max(abs(acb(value)))
            assert not most > bound
            assert bound <= 1000 * most


def test_the_bound_counts_the_ends_of_the_pieces():
    """A function that is largest where two pieces of the circle meet: m at the right end."""
    one = piece({"rho": 1}, ClosedForm(Frac.of(RHO**4)))
    with working_precision(100):
        assert arb(4) ** 4 <= taylor._bound(one, F(3), F(1)) <= 2 * arb(4) ** 4
