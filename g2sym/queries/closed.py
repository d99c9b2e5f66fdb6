"""Closed forms as SymPy expressions, confirmed in balls before anybody sees them."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

from g2sym.base.balls import number, working_precision
from g2sym.base.classes import replace
from g2sym.derive.terms import Term
from g2sym.errors import CheckFailed, UnsupportedError, UsageError
from g2sym.kernels.confirmed import form_ball
from g2sym.observables.factors import Powers
from g2sym.observables.quantity import Quantity
from g2sym.proofs.integrals import prove_closed_form
from g2sym.proofs.sympy_balls import square_root, sympy_ball
from g2sym.queries import closed_rates

if TYPE_CHECKING:
    import sympy
    from flint import arb

BITS = 100


def confirmed_closed_form(term: Term) -> sympy.Expr:
    """Return a term's closed form, prefactors included.

    The canonical form is proved to be the integral of the integrand, and the expression itself, branches
    included, has been compared with the canonical form at two random rational points, one on each side of the
    removable point where there is one. Raises CheckFailed for a form that is not proved, and should the
    comparison fail.
    """
    proof = prove_closed_form(term.integral)
    if proof.verdict != "proved":
        raise CheckFailed(f"The closed form of {term.integral.diagram} is {proof.verdict}: {proof.method}.")
    expression = term.closed_form()
    random = Random(3)
    for light in (True, False):
        values = {n: Fraction(random.randint(2, 40), 7) for n in sorted(term.coefficient.symbols)}
        values[term.masses.lepton] = Fraction(random.randint(10, 20), 7)
        for place, symbol in enumerate(term.masses.names):
            size = (random.randint(11, 19), 10) if light else (random.randint(30, 90), 10)
            # the offsets keep sums and differences of masses away from the points where branches meet
            values[symbol] = values[term.masses.lepton] * (Fraction(*size) + Fraction(place, 997))
        direct = form_ball(term.integral.canonical, term.masses.exact_ratios(values.__getitem__), BITS)
        with working_precision(4 * BITS):
            balls = {n: number(v) for n, v in values.items()} | {"pi": number(0).pi()}
            factor = term.coefficient.fold(balls.__getitem__, _real, square_root)
            want = factor * direct / (16 * balls["pi"] ** 2)
            got = sympy_ball(expression, balls)
            if not (got.overlaps(want) and got.rel_accuracy_bits() > BITS // 2):
                raise CheckFailed(
                    f"The expression for {term.integral.diagram} does not evaluate to its integral."
                )
    return expression


def closed_form(quantity: Quantity) -> sympy.Expr:
    """Return an observable in closed form as a SymPy expression in the couplings and masses."""
    import sympy

    if closed_rates.is_rate(quantity):
        return closed_rates.closed_form(quantity)
    quantity.refuse_pending(quantity.values())
    quantity.refuse_imaginary("closed form")

    def product(factors: Powers) -> sympy.Expr:
        return sympy.Mul(
            *(sympy.Add(*(confirmed_closed_form(t) for t in a.terms)) ** power for a, power in factors)
        )

    return product(quantity.numerator) / _nonzero(product(quantity.denominator), quantity)


def refuse_rate(quantity: Quantity, why: str) -> None:
    """Refuse what only loops have; raises UnsupportedError."""
    if closed_rates.is_rate(quantity):
        raise UnsupportedError(
            f"{quantity.text} is a tree amplitude squared, with {why}: its phase space is integrated in "
            "closed form. Ask for closed_form()."
        )


def _nonzero(below: sympy.Expr, quantity: Quantity) -> sympy.Expr:
    """Refuse a denominator without a term."""
    if below == 0:
        raise UsageError(f"The denominator of {quantity.text} is zero in this model, so it has no value.")
    return below


def integral(quantity: Quantity) -> sympy.Expr:
    """Return an observable as unevaluated SymPy integrals."""
    import sympy

    refuse_rate(quantity, "no Feynman parameters")
    quantity.refuse_pending(quantity.values())
    quantity.refuse_imaginary("integral")

    def product(factors: Powers) -> sympy.Expr:
        sums = (sympy.Add(*(c.integral() for c in a.contributions.values())) ** power for a, power in factors)
        return sympy.Mul(*sums)

    return product(quantity.numerator) / _nonzero(product(quantity.denominator), quantity)


def integrand(quantity: Quantity) -> sympy.Expr:
    """Return what has to be integrated over the Feynman parameters to give the observable.

    That of a quotient is the numerator's integrand over the denominator, an integral that is left as it
    is. Raises UsageError for several contributions over different parameters, and for products.
    """
    import sympy

    refuse_rate(quantity, "no Feynman parameters")
    if len(quantity.numerator) != 1 or quantity.numerator[0][1] != 1:
        raise UsageError(
            f"{quantity.text} is a product of integrals, with no integrand of its own; take those of its "
            "amplitudes, or integral()."
        )
    quantity.refuse_pending(quantity.values())
    quantity.refuse_imaginary("integrand")
    amplitude = quantity.numerator[0][0]
    parts = list(amplitude.contributions.values())
    if len({c.variables for c in parts}) > 1 or any(c.outside != 0 for c in parts):
        raise UsageError(
            f"The contributions {', '.join(amplitude.contributions)} are integrals over different Feynman "
            "parameters; take contributions[name].integrand, or integral() for the sum."
        )
    body = sympy.Add(*(c.integrand for c in parts))
    if quantity.denominator:
        below = integral(replace(quantity, name=quantity.name.below))
        return body / below
    return body


def _real(re: Fraction, im: Fraction) -> arb:
    return number(re)
