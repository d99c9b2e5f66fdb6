"""Where contributions cancel: the couplings at which an observable vanishes, as formulas and as numbers.

An amplitude is a polynomial of degree at most two in each coupling, so its zeros are closed forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from g2sym.base import arguments
from g2sym.base.balls import MAX_DIGITS, Ball, certify, working_precision
from g2sym.base.classes import dataclass
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UsageError, shorten
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.notices import not_included_latex
from g2sym.observables.quantity import Quantity
from g2sym.queries.powers import fraction_in

if TYPE_CHECKING:
    import sympy
    from flint import arb

PROBE_BITS = 512
"""Precision at which a coefficient that stays an interval around zero is given up on."""


@dataclass(frozen=True)
class Cancellation:
    """The values of one coupling at which an observable vanishes; made by `Observable.cancellation`.

    ``name`` is the coupling, ``parts`` maps its powers to the terms that multiply them.
    """

    quantity: Quantity
    name: str
    given: Mapping[str, object]
    parts: Mapping[int, tuple[Term, ...]]

    @property
    def solutions(self) -> tuple[sympy.Expr, ...]:
        """The zeros as SymPy expressions in the other couplings and the masses."""
        import sympy

        c = {n: sympy.Add(*(t.closed_form() for t in terms)) for n, terms in self.parts.items()}
        lowest, highest = min(c), max(c)
        out: list[sympy.Expr] = [sympy.Integer(0)] if lowest > 0 else []
        if highest - lowest == 1:
            out.append(-c[lowest] / c[highest])
        elif highest - lowest == 2:
            a, b, free = c[highest], c.get(lowest + 1, sympy.Integer(0)), c[lowest]
            root = sympy.sqrt(b**2 - 4 * a * free)
            out += [(-b - root) / (2 * a), (-b + root) / (2 * a)]
        elif highest - lowest > 2:
            raise UsageError(
                f"{self.quantity.label} has degree {highest} in {self.name}; its zeros have no closed form."
            )
        return tuple(out)

    def evaluate(
        self, digits: int = 17, params: Mapping[str, object] | None = None, **values: object
    ) -> tuple[Ball, ...]:
        """Return the zeros other than 0 as certified numbers, in ascending order.

        Parameters: ``digits``, significant decimals; values of everything else by name.
        Raises UsageError for missing values, PrecisionError when a discriminant cannot be told from 0.
        """
        return self.solve(digits, params, **values)[0]

    def solve(
        self, digits: int = 17, params: Mapping[str, object] | None = None, **values: object
    ) -> tuple[tuple[Ball, ...], bool]:
        """Return the zeros other than 0, and whether 0 is one too; all else is as for `evaluate`."""
        arguments.whole(digits, "digits", 1, MAX_DIGITS)
        _, more = self.quantity.asked(arguments.given(params, values))
        known = self.quantity.values({**self.given, **more})
        compute, _ = fraction_in(self.quantity, self.name, known)
        label = self.quantity.label
        with working_precision(PROBE_BITS):
            probe = compute(PROBE_BITS)
        used = [n for n, c in enumerate(probe) if not c.is_zero()]
        if not used:
            raise UsageError(f"{label} vanishes for every {self.name} at these values: nothing to solve.")
        low, high = used[0], used[-1]
        what = f"zero of {label} in {self.name}"
        if high - low == 0:
            return (), low > 0
        if high - low == 1:
            return (certify(lambda bits: _linear(compute(bits), low), digits, what),), low > 0
        if high - low > 2:
            raise UsageError(f"{label} has degree {high} in {self.name}; its zeros have no closed form.")
        a, b, c = probe[high], probe[low + 1], probe[low]
        with working_precision(PROBE_BITS):
            if b * b - 4 * a * c < 0:
                return (), low > 0
        roots = [certify(_quadratic(compute, low, sign), digits, what) for sign in (-1, 1)]
        return tuple(sorted(roots, key=lambda ball: ball.midpoint)), low > 0

    def _repr_latex_(self) -> str:
        import sympy

        name = sympy.latex(sympy.Symbol(self.name))
        lines = [f"{name} = {sympy.latex(s)}" for s in self.solutions]
        known = self.quantity.values(self.given)
        return (
            "$\\displaystyle "
            + r",\quad ".join(lines)
            + not_included_latex(self.quantity.missing(known))
            + "$"
        )


def _linear(c: list[arb], low: int) -> arb:
    return -c[low] / c[low + 1]


def _quadratic(compute: Callable[[int], list[arb]], low: int, sign: int) -> Callable[[int], arb]:
    def root(bits: int) -> arb:
        c = compute(bits)
        a, b, free = c[low + 2], c[low + 1], c[low]
        return (-b + sign * (b * b - 4 * a * free).sqrt()) / (2 * a)

    return root


def only_numerator(quantity: Quantity) -> Amplitude:
    """Return the one amplitude whose zeros are those of an observable.

    Raises UsageError for a product of several: each has zeros of its own.
    """
    if len(quantity.numerator) != 1:
        raise UsageError(
            f"{quantity.text} is a product: it vanishes where one of its amplitudes does; ask for "
            f"{' or '.join(a.name for a, _ in quantity.numerator)}."
        )
    return quantity.numerator[0][0]


def cancellation(quantity: Quantity, name: str, given: Mapping[str, object]) -> Cancellation:
    """Split an observable's numerator by powers of one coupling, what was not given left symbolic.

    Defaults that are expressions of other parameters are inserted, so that a coupling fixed by
    another one moves with it; plain numerical defaults stay symbols.
    Raises UsageError for a name that is not a coupling (a mass, the cut-off) or on which the observable
    does not depend.
    """
    quantity, given = quantity.asked(given, name)
    name = quantity.full_name(name)
    amplitude = only_numerator(quantity)
    quantity.refuse_pending(quantity.values(given))
    quantity.refuse_imaginary("cancellation")
    known = amplitude.values(quantity.values(given))
    declared = amplitude.declaration.parameters
    if name not in declared or declared[name].complex:
        couplings = ", ".join(n for n, p in declared.items() if not p.complex)
        raise UsageError(
            f"{shorten(name)} is not a real coupling of '{amplitude.declaration.name}'; it has {couplings}."
        )
    if name in amplitude.masses:
        raise UsageError(
            f"{amplitude.label} is no polynomial in {name}; solve for a coupling, or search an "
            f'interval of a mediator mass with zeros("{name}", interval=(low, high)).'
        )
    plain = {n for n, p in declared.items() if p.default is None or not p.default.symbols}
    keep = frozenset(({name} | plain) - set(known.given))

    def split(one: Amplitude) -> dict[int, list[Term]]:
        parts: dict[int, list[Term]] = {}
        for term in one.terms:
            for powers, factor in known.expand(term.coefficient, keep).collect([name]).items():
                if not vanishes(factor):
                    parts.setdefault(powers[0], []).append(Term(factor, term.integral, term.masses))
        return parts

    parts = split(amplitude)
    below = [min(split(a), default=0) * power for a, power in quantity.denominator]
    shift = min(min(parts, default=0) * quantity.numerator[0][1], sum(below))
    if shift and quantity.numerator[0][1] == 1:  # a power of the coupling that the quotient does not have
        parts = {n - shift: terms for n, terms in parts.items()}
    if max(parts, default=0) == 0:
        raise UsageError(f"{quantity.label} does not depend on {name} here: nothing cancels.")
    return Cancellation(quantity, name, dict(given), {n: tuple(terms) for n, terms in sorted(parts.items())})


def default_coupling(quantity: Quantity, given: Mapping[str, object]) -> str:
    """Return the coupling to solve for when none is named: the one effective coupling to gauge bosons.

    Raises UsageError when there is no such coupling or more than one.
    """
    free = [
        n
        for n, p in quantity.declaration.parameters.items()
        if p.dimension < 0 and n not in given and (p.default is None or not p.default.symbols)
    ]
    if len(free) != 1:
        masses = set(quantity.declaration.masses)
        names = ", ".join(free or (n for n in quantity.declaration.parameters if n not in masses))
        raise UsageError(f"Name the coupling to solve for (one of {names}).")
    return free[0]


def unit_couplings(quantity: Quantity, name: str, given: Mapping[str, object]) -> dict[str, int]:
    """Return 1 for every coupling without a value: the line is then a ratio to that coupling."""
    masses = set(quantity.declaration.masses)
    return {
        n: 1
        for n, p in quantity.declaration.parameters.items()
        if p.default is None and n != name and n not in given and n not in masses and not p.complex
    }
