"""Closed forms of l -> l' gamma, and expansions in both leptons' masses with certified remainders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from g2sym.base import arguments
from g2sym.base.balls import Ball, number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.derive.terms import Term
from g2sym.derive.topology import EXCHANGED, INTERNAL, TURNED
from g2sym.derive.transitions import Transition, derive_transition
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.printing import frac_expression, functions_expression
from g2sym.integrals.rational import Frac, constant
from g2sym.integrals.transition import TransitionIntegral
from g2sym.integrals.triangle import Field
from g2sym.integrals.under import Orders, Part, parts, symbolic
from g2sym.observables.values import Values

if TYPE_CHECKING:
    from typing import Any

    import sympy
    from flint import acb, arb

    from g2sym.lagrangian.declaration import Declaration

    Rational = Any
    """flint.fmpq, which ships no types"""

SLOTS = (EXCHANGED.name, INTERNAL.name)
"""The internal masses of an integral."""
MAX_ORDER = 8
"""Highest power of the leptons' masses in a series."""
SIDES = ("right", "left")


def _sides(found: Transition) -> dict[str, list[Term]]:
    """Return the terms of m^2 A_R and of m^2 A_L, with complex coefficients."""
    even = [*found.tree, *found.magnetic]
    odd = [*found.electric_tree, *found.electric]
    half = Coefficient.number(Fraction(1, 2))
    out: dict[str, list[Term]] = {}
    for side, sign in (("right", half), ("left", -half)):
        own = [Term(t.coefficient * half, t.integral, t.masses) for t in even]
        out[side] = own + [Term(t.coefficient * sign, t.integral, t.masses) for t in odd]
    return out


def closed_forms(
    declaration: Declaration, first: str, second: str, conventions: Conventions, light: bool
) -> dict[str, sympy.Expr]:
    """Return A_R ("right") and A_L ("left") below threshold, with dilogarithms.

    Parameters: ``light`` True takes the second lepton's mass to zero. Raises UnsupportedError where a
    coupling is not derived.
    """
    import sympy

    found = derive_transition(declaration, first, second, conventions)
    refuse(found)
    out = {}
    for side, terms in _sides(found).items():
        total = sympy.Integer(0)
        for term in terms:
            integral = term.integral
            if isinstance(integral, TransitionIntegral):
                if light:
                    integral = integral.substitute({TURNED.name: constant(0)})
                body = functions_expression(integral.functions, term.masses.ratios())
            else:
                body = sympy.Integer(1)
            total += term.coefficient.to_sympy() * body
        out[side] = total / (16 * sympy.pi**2 * sympy.Symbol(f"m_{first}") ** 2)
    return out


def refuse(found: Transition) -> None:
    """Refuse couplings that are not derived, whatever their values; raises UnsupportedError."""
    for one in found.pending:
        raise UnsupportedError(f"{one.text[:1].upper()}{one.text[1:]}: {one.reason}.")


@dataclass(frozen=True)
class TransitionSeries:
    """A_R and A_L expanded in the masses of both leptons, every order exact; made by `series`.

    Parameters: the leptons ``first`` and ``second``; ``order``, the highest power of their masses that is
    kept, counted beside internal masses: -1 holds what the internal fermion's mass flips, m_F/(m M^2), and 0
    the rest of the leading order, 1/M^2.
    """

    first: str
    second: str
    order: int
    _sides: Mapping[str, Sequence[tuple[Term, tuple[Part, ...]]]]

    @cached_property
    def terms(self) -> dict[int, tuple[sympy.Expr, sympy.Expr]]:
        """A_R and A_L in GeV^-2 by power of the leptons' masses, as SymPy expressions."""
        import sympy

        unit = 16 * sympy.pi**2 * sympy.Symbol(f"m_{self.first}") ** 2
        powers: dict[int, list[sympy.Expr]] = {}
        for place, side in enumerate(SIDES):
            for term, some in self._sides[side]:
                for power, body in _bodies(term, some, self.order):
                    powers.setdefault(power, [sympy.Integer(0)] * 2)
                    powers[power][place] += term.coefficient.to_sympy() * body / unit
        return {power: (both[0], both[1]) for power, both in sorted(powers.items())}

    @property
    def right(self) -> sympy.Expr:
        """A_R in GeV^-2 up to the order."""
        import sympy

        return sympy.Add(*(right for right, _ in self.terms.values()))

    @property
    def left(self) -> sympy.Expr:
        """A_L in GeV^-2 up to the order."""
        import sympy

        return sympy.Add(*(left for _, left in self.terms.values()))

    def enclose(self, known: Values, bits: int) -> dict[str, tuple[Ball, Ball]]:
        """Return balls that hold the exact A_R and A_L: real and imaginary part, remainder included.

        Parameters: ``known``, values of all couplings and masses; ``bits`` of working precision. Raises
        UsageError for missing values and where the lepton could decay into the loop.
        """
        out = {}
        kernels: dict[object, arb] = {}
        for side, terms in self._sides.items():
            known.require(n for t, _ in terms for n in t.needs())
            with working_precision(bits):
                total = _sum(terms, known, self.order, f"m_{self.first}", kernels)
                out[side] = (Ball.from_arb(total.real), Ball.from_arb(total.imag))
        return out


def series(
    declaration: Declaration, first: str, second: str, conventions: Conventions, highest: int
) -> TransitionSeries:
    """Expand A_R and A_L in both leptons' masses under the integral.

    Parameters: ``highest``, see `TransitionSeries.order`. Raises UnsupportedError where a coupling is not
    derived, UsageError for an order beyond `MAX_ORDER`.
    """
    highest = arguments.whole(highest, "order", -1, MAX_ORDER)
    found = derive_transition(declaration, first, second, conventions, merged=False)
    refuse(found)
    sides = {side: [(t, _parts(t)) for t in terms] for side, terms in _sides(found).items()}
    return TransitionSeries(first, second, highest, sides)


def _parts(term: Term) -> tuple[Part, ...]:
    return tuple(parts(term.integral, SLOTS)) if isinstance(term.integral, TransitionIntegral) else ()


def _bodies(term: Term, some: Sequence[Part], highest: int) -> Iterator[tuple[int, sympy.Expr]]:
    """Yield the orders of an integral by power of the leptons' masses, as SymPy expressions."""
    import sympy

    integral = term.integral
    if not isinstance(integral, TransitionIntegral):
        yield -1, sympy.Integer(1)
        return
    ratios = term.masses.ratios()
    a, b, _ = integral.lines
    log = sympy.log(sympy.factor(frac_expression(Frac.of(b, a), ratios)))
    for part, n in _kept(some, highest):
        plain, beside = symbolic(part, n, integral)
        body = sympy.factor(frac_expression(plain, ratios))
        yield 2 * n - part.degree, body + sympy.factor(frac_expression(beside, ratios)) * log


def _kept(some: Iterable[Part], highest: int) -> Iterator[tuple[Part, int]]:
    """Yield the parts with the orders n at which 2 (n + 1) - h - 2 is at most the highest power."""
    for part in some:
        for n in range(_count(part, highest)):
            yield part, n


def _count(part: Part, highest: int) -> int:
    return max(0, (highest + part.degree) // 2 + 1)


def _sum(
    terms: Iterable[tuple[Term, tuple[Part, ...]]],
    known: Values,
    highest: int,
    mass: str,
    kernels: dict[object, arb],
) -> acb:
    """Add up a form factor's series at a point, with its remainder, in the precision in force.

    Parameters: ``kernels``, those that both sides share, by content and masses.
    """
    from flint import acb, arb, fmpq

    total = acb(0)
    coefficient = known.symbol_balls()
    for term, some in terms:
        factor = acb(coefficient(term.coefficient.real()), coefficient(term.coefficient.imag()))
        if not isinstance(term.integral, TransitionIntegral):
            total += factor
            continue
        key = (term.integral.identity, term.masses)
        if key not in kernels:
            ratios = term.masses.exact_ratios(known.exact)
            at = {n: fmpq(v.numerator, v.denominator) for n, v in ratios.items()}
            kernels[key] = _kernel(term.integral, some, at, highest)
        total += factor * kernels[key]
    unit = known.exact(mass)
    return total / (16 * arb.pi() ** 2 * number(unit) ** 2)


def _kernel(
    integral: TransitionIntegral, some: Sequence[Part], at: Mapping[str, Rational], highest: int
) -> arb:
    """Return an integral's series at exact masses, the ball widened by what is left out."""
    from flint import arb, fmpq

    field = Field(fmpq, lambda v: bool(v == 0))

    def value(frac: Frac) -> Rational:
        return frac.fold(lambda n: at[n], lambda v: fmpq(v) if isinstance(v, int) else v)

    a, b, c = (value(Frac.of(one)) for one in integral.lines)
    w = 1 - c
    root = (arb(a).sqrt() + arb(b).sqrt()) ** 2
    ratio = arb(max(fmpq(1), w)) / root if root > 0 else arb(2)
    if not ratio < 1:
        raise UsageError(
            "The lepton could decay into the loop, or nearly so: there is no series in its mass; raise an "
            "internal mass."
        )
    ratio = arb(ratio.upper())
    plain, log, order = field.of(0), field.of(0), Orders(a, b, w, field)
    rest = arb(0)
    for part in some:
        weights = {place: value(factor) for place, factor in part.weights.items()}
        count = _count(part, highest)
        for n in range(count):
            one, two = order(weights, n)
            plain, log = plain + one, log + two
        sizes = {place: abs(factor) for place, factor in weights.items()}
        one, two = order(sizes, 0)
        size = arb(one) + (arb(two) * arb(b / a).log() if two != 0 else arb(0))
        rest += ratio**count / (1 - ratio) * size
    total = arb(plain) + (arb(log) * arb(b / a).log() if log != 0 else arb(0))
    return total + arb(0, rest.upper())
