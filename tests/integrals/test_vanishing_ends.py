"""Integrals whose Delta vanishes at an end of the range, as for a massless internal fermion."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest

from g2sym.derive.assemble import neutral_kernel
from g2sym.integrals.canonical import ClosedForm, integrate
from g2sym.integrals.rational import Poly, constant, fold, gen

X, RHO = gen("x"), gen("rho")
DELTA = (1 - X) * (RHO - X)
MASS = 3


def _real(value: Any) -> mpmath.mpf:
    return mpmath.mpf(int(value.p)) / int(value.q) if hasattr(value, "p") else mpmath.mpf(value)


def _value(form: ClosedForm) -> mpmath.mpf:
    assert not form.arcs
    return form.fold(lambda name: mpmath.mpf({"rho": MASS}[name]), _real, mpmath.log, lambda a, b: None)


@pytest.mark.parametrize(
    ("powers", "log"),
    [
        ({1: (1 - X) * X**2}, 0 * X),
        ({2: (1 - X) ** 3 * X, 1: 1 - X}, X**2 + 1),
        ({3: (1 - X) ** 3 * (X**4 + RHO)}, 0 * X),
        ({2: (1 - X) * ((1 - X) * RHO + 3 * (RHO - X)), 1: 0 * X - 3}, 0 * X),
    ],
)
@pytest.mark.parametrize("mirrored", [False, True])
def test_against_quadrature(powers: dict[int, Poly], log: Poly, mirrored: bool) -> None:
    with mpmath.workdps(30):

        def at(poly: Poly, x: mpmath.mpf) -> mpmath.mpf:
            return fold(poly, lambda name: {"x": x, "rho": mpmath.mpf(MASS)}[name], _real)

        def integrand(u: mpmath.mpf) -> mpmath.mpf:
            with mpmath.workdps(400):  # the poles at u = 1 - x = 0 cancel
                x = 1 - u
                delta = u * (MASS - x)
                return sum(at(p, x) / delta**k for k, p in powers.items()) + at(log, x) * mpmath.log(delta)

        want = mpmath.quad(integrand, [0, 0.5, 1])
        if mirrored:

            def turn(poly: Poly) -> Poly:
                return poly.substitute({"x": 1 - X})

            got = _value(integrate({k: turn(p) for k, p in powers.items()}, turn(log), turn(DELTA)))
        else:
            got = _value(integrate(powers, log, DELTA))
        assert abs(got - want) < mpmath.mpf("1e-18")


@pytest.mark.parametrize("powers", [{1: 1 + 0 * X}, {2: (1 - X) ** 2 + (1 - X)}])
def test_a_divergence_is_refused(powers: dict[int, Poly]) -> None:
    with pytest.raises(ArithmeticError, match="diverges"):
        integrate(powers, 0 * X, DELTA)


@pytest.mark.parametrize("spin", [0, 1])
def test_a_massless_internal_fermion(spin: int) -> None:
    """The closed form at nu = 0 is the limit of the closed form at small nu."""
    strings = ((), ()) if spin == 0 else (("@boson",), ("@boson",))
    form = neutral_kernel(*strings, spin).substitute({"nu": constant(0)}).canonical
    integral = neutral_kernel(*strings, spin)
    with mpmath.workdps(30):

        def integrand(x: mpmath.mpf) -> mpmath.mpf:
            # finite at x = 1, where numerator and Delta vanish together
            values = {"x": x, "rho": mpmath.mpf(MASS), "nu": mpmath.mpf(0)}

            def at(poly: Poly) -> mpmath.mpf:
                return fold(poly, values.__getitem__, _real)

            total = sum(at(p) / at(integral.delta) ** k for k, p in integral.powers)
            return (total + at(integral.log) * mpmath.log(at(integral.delta))) / at(integral.divisor)

        want = mpmath.quad(integrand, [0, 0.5, 1])
        assert abs(_value(form) - want) < mpmath.mpf("1e-18")
