"""Sums on and above a threshold, where the lepton can decay into the loop: infinite and imaginary parts.

Coefficients are real, and kernels are complex above threshold (see `g2sym.kernels.continued`). The imaginary
part of a sum is pi times a sum of real coefficient times rational number over a square root, so that it is
known exactly whether it is zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from g2sym.base.balls import number
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Masses, Term
from g2sym.errors import UsageError
from g2sym.kernels.kernel import Kernel, Ratios
from g2sym.observables.summands import Summand, Symbols, summand
from g2sym.observables.values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import arb

ZERO = Coefficient.number(0)


def refuse_singular(every: Sequence[Summand], known: Values, label: str) -> None:
    """Refuse a sum that diverges exactly on a threshold.

    Parameters: ``every`` summand, of which those on a threshold are looked at: what is infinite there may
    cancel between kernels of the same masses. Raises UsageError with the mend.
    """
    totals: dict[tuple[Masses, str], tuple[Summand, Coefficient]] = {}
    for s in every:
        if s.kernel.side(s.ratios):
            continue
        for what, weight in s.kernel.continued(s.ratios).singular:
            key = (s.term.masses, what)
            _, before = totals.get(key, (s, ZERO))
            totals[key] = s, before + known.expand(s.coefficient) * _coefficient(weight)
    for (_, what), (s, total) in totals.items():
        if not vanishes(total):
            raise UsageError(_on_threshold(s.term, s.kernel, s.ratios, label, what))


def refuse_singular_term(term: Term, kernel: Kernel, ratios: Ratios) -> None:
    """Refuse masses at which this one kernel diverges on a threshold; raises UsageError."""
    if kernel.side(ratios) == 0 and (singular := kernel.continued(ratios).singular):
        raise UsageError(_on_threshold(term, kernel, ratios, "a contribution", singular[0][0]))


def _on_threshold(term: Term, kernel: Kernel, ratios: Ratios, label: str, what: str) -> str:
    masses = kernel.shown(ratios, {slot: symbol for slot, symbol, _ in term.masses.slots})
    how = "like the inverse root of the distance" if what == "T" else "logarithmically"
    return (
        f"{masses} is exactly {term.masses.lepton}, the threshold at which the lepton can decay into the "
        f"loop; {label} diverges {how} there: move one of the masses."
    )


def refuse_divergent_above(term: Term, kernel: Kernel, ratios: Ratios) -> None:
    """Refuse a mediator's mass of zero at which a kernel above threshold diverges; raises UsageError."""
    light = kernel.vanishing(ratios)
    if light and kernel.diverges(ratios):
        boson = term.masses.symbols()[light[0]][0]
        raise UsageError(
            f"{boson} = 0: a contribution diverges as {boson} -> 0, above the threshold at which the lepton "
            "can decay into the loop; give a positive mass."
        )


def crossed(term: Term, known: Values) -> str:
    """Return the masses of a threshold that a term's lepton lies above, as a sum; empty where it is real."""
    kernel = Kernel.of(term.integral)
    if not kernel.integral.thresholds:
        return ""
    ratios = term.masses.exact_ratios(known.exact)
    if kernel.side(ratios) >= 0:
        return ""
    return kernel.shown(ratios, {slot: symbol for slot, symbol, _ in term.masses.slots})


class ImaginarySum:
    """The imaginary part of a sum of coefficient times kernel over 16 pi^2; call it with a number of bits.

    Parameters: ``terms``; ``known``, the values; ``label``, how a message calls the sum. Zero where no
    kernel is above threshold.
    Raises UsageError for missing values, on a threshold where it diverges, and where it diverges with the
    mass of a boson.
    """

    def __init__(self, terms: Sequence[Term], known: Values, label: str) -> None:
        known.require(n for t in terms for n in t.needs())
        every = [summand(t, known) for t in terms if not known.vanishes(t.coefficient)]
        for s in every:
            if s.kernel.side(s.ratios) < 0:
                refuse_divergent_above(s.term, s.kernel, s.ratios)
        refuse_singular(every, known, label)
        self._symbols = Symbols(known, (n for s in every for n in s.coefficient.symbols))
        # one entry for each root that is no rational multiple of another: they are independent
        self._roots: list[tuple[Fraction, list[tuple[Coefficient, Fraction]]]] = []
        for s in every:
            for weight, square in s.kernel.imaginary(s.ratios):
                self._put(s.coefficient, _fraction(weight), _fraction(square))
        self._roots = [
            (square, parts)
            for square, parts in self._roots
            if not vanishes(sum((known.expand(c) * Coefficient.number(w) for c, w in parts), ZERO))
        ]

    def _put(self, coefficient: Coefficient, weight: Fraction, square: Fraction) -> None:
        for known, parts in self._roots:
            ratio = known / square
            root = Fraction(isqrt(ratio.numerator), isqrt(ratio.denominator))
            if root * root == ratio:  # 1/sqrt(square) = root/sqrt(known)
                parts.append((coefficient, weight * root))
                return
        self._roots.append((square, [(coefficient, weight)]))

    @property
    def is_zero(self) -> bool:
        """True when the sum is exactly zero."""
        return not self._roots

    def __call__(self, bits: int) -> arb:
        total, value = number(0), self._symbols.balls()
        for square, parts in self._roots:
            own = sum((value(c) * number(w) for c, w in parts), number(0))
            total += own / number(square).sqrt()
        return total / (16 * number(0).pi()) if self._roots else total


def imaginary_ball(kernel: Kernel, ratios: Ratios) -> arb:
    """Return the imaginary part of a kernel at the precision in force, exactly zero where it is real."""
    total = number(0)
    for weight, square in kernel.imaginary(ratios):
        total += number(weight) / number(square).sqrt()
    return total * total.pi() if not total.is_zero() else total


def _fraction(value: Any) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _coefficient(value: Any) -> Coefficient:
    return Coefficient.number(_fraction(value))
