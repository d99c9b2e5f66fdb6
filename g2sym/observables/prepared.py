"""A sum of terms at one point, prepared once: exact masses and coefficients, then numbers at any precision.

Nothing here asks the declaration again once a sum is prepared: symbols are resolved to inputs and exact
values, slots to exact ratios, coefficients that vanish or cancel are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError
from g2sym.kernels.kernel import Kernel
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.summands import Ratios, Summand, Symbols, check_cutoff, summand
from g2sym.observables.threshold import (
    ImaginarySum,
    crossed,
    refuse_divergent_above,
    refuse_singular,
    refuse_singular_term,
)
from g2sym.observables.values import PROBE_BITS, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb

    from g2sym.integrals.values import Atom, Value

ZERO = Coefficient.number(0)


class PreparedSum:
    """sum of coefficient times kernel over 16 pi^2; call it with a number of bits inside `certify`.

    A sum that vanishes on shell is exactly zero: where a ball does not tell it from zero, terms in equal
    masses are compared by canonical form and the whole is added up exactly at its values, once.

    Parameters: ``terms``; ``known``, the values; ``label``, how a message calls the sum. Above threshold the
    sum is the real part.
    Raises UsageError for missing values and for a sum that diverges: where a mediator's mass is zero, and on
    a threshold.
    """

    def __init__(self, terms: Sequence[Term], known: Values, label: str) -> None:
        known.require(n for t in terms for n in t.needs())
        every = [summand(t, known) for t in terms if not known.vanishes(t.coefficient)]
        self._symbols = Symbols(known, (n for s in every for n in s.coefficient.symbols))
        self._known, self._label, self._compared = known, label, not every
        self._put(every)

    def _put(self, every: list[Summand]) -> None:
        light: list[Summand] = []
        regular: list[Summand] = []
        for s in every:
            if s.kernel.vanishing(s.ratios):
                if s.kernel.side(s.ratios) >= 0:
                    light.append(s)
                    continue
                refuse_divergent_above(s.term, s.kernel, s.ratios)
            if not s.kernel.is_zero(s.ratios):
                regular.append(s)
        self._every, self._regular = every, _without_cancelled(regular, self._known)
        refuse_singular(self._regular, self._known, self._label)
        self._limits = massless_limit(light, self._known, self._label)

    @property
    def is_zero(self) -> bool:
        """True when the sum is proved to be exactly zero."""
        if not self._compared:
            with working_precision(PROBE_BITS):
                self(PROBE_BITS)
        return not (self._regular or self._limits)

    def __call__(self, bits: int) -> arb:
        total = self._sum(bits)
        if not self._compared and total.contains(0) and not total.is_zero():
            from g2sym.observables.zero import vanishes_at, without_vanishing  # seldom needed

            self._compared = True
            terms = [s.term for s in self._every]
            kept = {id(t) for t in without_vanishing(terms, self._known)}
            if kept and vanishes_at([t for t in terms if id(t) in kept], self._known):
                kept = set()
            if len(kept) < len(self._every):
                self._put([s for s in self._every if id(s.term) in kept])
                total = self._sum(bits)
        return total

    def _sum(self, bits: int) -> arb:
        from flint import arb

        total, value = arb(0), self._symbols.balls()
        if self._limits:
            from g2sym.kernels.remainder import value_ball

            for coefficient, limit in self._limits:
                total += value(coefficient) * value_ball(limit, {})
        for s in self._regular:
            total += value(s.coefficient) * s.kernel.finite_part(s.ratios, bits)
        return total / (16 * arb.pi() ** 2) if self._limits or self._regular else total


def check_ratios(term: Term, kernel: Kernel, ratios: Ratios, value: Callable[[str], Fraction]) -> None:
    """Refuse masses on and above threshold, for what is made of real kernels alone, and a bad cut-off.

    Parameters: ``value`` of a mass in GeV.
    """
    names = {n: s for n, s, _ in term.masses.slots}
    kernel.check(ratios, names, term.masses.lepton)
    kernel.refuse(ratios, names)
    check_cutoff(term, value)


def check_finite(term: Term, kernel: Kernel, ratios: Ratios, value: Callable[[str], Fraction]) -> None:
    """Refuse masses at which this one kernel has no finite value, and a bad cut-off.

    Parameters: ``value`` of a mass in GeV. Raises UsageError: on a threshold, and where a mediator's mass of
    zero has no limit.
    """
    check_cutoff(term, value)
    kernel.refuse(ratios, {n: s for n, s, _ in term.masses.slots})
    refuse_singular_term(term, kernel, ratios)
    refuse_divergent(term, kernel, ratios)


def refuse_divergent(term: Term, kernel: Kernel, ratios: Ratios) -> None:
    """Refuse a mediator's mass of zero at which this one kernel has no finite limit."""
    if not kernel.vanishing(ratios):
        return
    if kernel.side(ratios) < 0:
        refuse_divergent_above(term, kernel, ratios)
        return
    found = kernel.toward_zero(ratios)
    if found.diverges:
        (slot, *_) = kernel.vanishing(ratios)
        boson = term.masses.symbols()[slot][0]
        exponent, logs, _ = min(found.terms, key=lambda entry: (entry[0], -entry[1]))
        how = _behaviour((exponent, -logs), boson, term.masses.lepton)
        raise UsageError(f"{boson} = 0: a contribution {how} as {boson} -> 0; give a positive mass.")


def _without_cancelled(every: list[Summand], known: Values) -> list[Summand]:
    """Drop terms with the same kernel at the same masses whose coefficients add up to zero exactly."""
    groups: dict[tuple[object, ...], list[Summand]] = {}
    for s in every:
        groups.setdefault((s.kernel.key, *s.ratios.items()), []).append(s)
    return [
        s
        for group in groups.values()
        if len(group) == 1 or not vanishes(sum((known.expand(s.coefficient) for s in group), ZERO))
        for s in group
    ]


def massless_limit(light: Sequence[Summand], known: Values, label: str) -> list[tuple[Coefficient, Value]]:
    """Return the limit of a sum in which a mediator's mass is zero, as coefficients times exact values.

    Poles and logarithms of single terms may cancel in the sum. Raises UsageError, saying how, when it
    diverges.
    """
    if not light:
        return []
    from g2sym.integrals.region import at

    finite: list[tuple[Coefficient, Value]] = []
    singular: dict[tuple[Fraction, int, Atom], Coefficient] = {}
    for s in light:
        factor = known.expand(s.coefficient)
        for e, j, value in s.kernel.toward_zero(s.ratios).terms:
            if e == 0 and not j:
                finite.append((s.coefficient, value))
                continue
            for atom, weight in value.terms:
                key = (e, j, atom)
                singular[key] = singular.get(key, ZERO) + factor * at(weight, {})
    left = sorted((e, -j) for (e, j, _), c in singular.items() if not vanishes(c))
    if left:
        first = light[0]
        (slot, *_) = first.kernel.vanishing(first.ratios)
        masses = first.term.masses
        boson = masses.symbols()[slot][0]
        raise UsageError(
            f"{boson} = 0: {label} {_behaviour(left[0], boson, masses.lepton)} as {boson} -> 0; give a "
            "positive mass."
        )
    return finite


def _behaviour(leading: tuple[Fraction, int], boson: str, lepton: str) -> str:
    """Say how a leading power of the squared mass, with a logarithm or not, diverges in the mass."""
    power, logarithm = 2 * leading[0], -leading[1]
    if power == 0:
        return "diverges logarithmically"
    return f"diverges like ({boson}/{lepton})^{power}" + (" times a logarithm" if logarithm else "")


def prepared_amplitude(amplitude: Amplitude, known: Values) -> PreparedSum | ImaginarySum:
    """Return an amplitude prepared at a point, ``known`` its own values.

    Raises UnsupportedError above threshold for what is defined below it.
    """
    if amplitude.below_threshold:
        refuse_above(amplitude, known)
    return prepared(amplitude.terms, known, amplitude.label, amplitude.imaginary)


def refuse_above(amplitude: Amplitude, known: Values, keep: frozenset[str] = frozenset()) -> None:
    """Refuse values above threshold for what is made of real kernels; raises UnsupportedError.

    Parameters: ``keep``, names that move: terms in whose masses they stand are not looked at.
    """
    for term in amplitude.terms:
        if any(known.expand(Coefficient.symbol(n), keep).symbols & keep for n in term.masses.names):
            continue
        gone = vanishes(known.expand(term.coefficient, keep)) if keep else known.vanishes(term.coefficient)
        if not gone and (masses := crossed(term, known)):
            one = amplitude.lepton
            raise UnsupportedError(
                f"{amplitude.label}: {masses} lies below {term.masses.lepton}, where A_R and A_L of one "
                f"lepton are no conjugates of each other; ask for a({one}), im(a({one})), d({one}) and "
                f"im(d({one}))."
            )


def prepared(terms: Sequence[Term], known: Values, label: str, imaginary: bool) -> PreparedSum | ImaginarySum:
    """Return a sum prepared at a point: its value, the real part above threshold, or its imaginary part."""
    return ImaginarySum(terms, known, label) if imaginary else PreparedSum(terms, known, label)
