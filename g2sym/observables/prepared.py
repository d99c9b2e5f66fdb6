"""A sum of terms at one point, prepared once: exact masses and coefficients, then numbers at any precision.

Nothing here asks the declaration again once a sum is prepared: symbols are resolved to inputs and exact
values, slots to exact ratios, coefficients that vanish or cancel are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UsageError
from g2sym.inputs import Inputs
from g2sym.kernels.kernel import Kernel
from g2sym.observables.values import PROBE_BITS, Values, constant_ball, real_number
from g2sym.observables.zero import without_vanishing

if TYPE_CHECKING:
    from flint import arb

    from g2sym.integrals.values import Atom, Value

ZERO = Coefficient.number(0)
Ratios = dict[str, Fraction]


class Symbols:
    """Coefficients in balls, from symbols that have been resolved.

    Parameters: ``known``, the values; ``names`` of the symbols that will be asked for.
    """

    def __init__(self, known: Values, names: Iterable[str]) -> None:
        self._inputs: Inputs = known.inputs
        self._resolved = {n: known.expand(Coefficient.symbol(n)) for n in sorted(set(names))}

    def balls(self) -> Callable[[Coefficient], arb]:
        """Return a function that evaluates real coefficients at the precision in force; it remembers."""
        memo: dict[str, arb] = {}

        def constant(name: str) -> arb:
            if name not in memo:
                found = constant_ball(self._inputs, name)
                assert found is not None
                memo[name] = found
            return memo[name]

        def symbol(name: str) -> arb:
            own = self._resolved.get(name)
            if own is None or own == Coefficient.symbol(name):
                return constant(name)
            if name not in memo:
                memo[name] = own.fold(constant, real_number)
            return memo[name]

        def value(coefficient: Coefficient) -> arb:
            result: arb = coefficient.fold(symbol, real_number)
            return result

        return value


@dataclass(frozen=True)
class Summand:
    """A term with the exact values of its kernel's slots."""

    term: Term
    kernel: Kernel
    ratios: Ratios

    @property
    def coefficient(self) -> Coefficient:
        """What multiplies the kernel."""
        return self.term.coefficient


class PreparedSum:
    """sum of coefficient times kernel over 16 pi^2; call it with a number of bits inside `certify`.

    A sum that vanishes on shell is exactly zero: where a ball does not tell it from zero, terms in the same
    masses are compared by canonical form, once.

    Parameters: ``terms``; ``known``, the values; ``label``, how a message calls the sum.
    Raises UsageError for missing values and for a sum that diverges where a mediator's mass is zero,
    UnsupportedError above threshold.
    """

    def __init__(self, terms: Sequence[Term], known: Values, label: str) -> None:
        known.require(n for t in terms for n in t.needs())
        every = [summand(t, known) for t in terms if not known.vanishes(t.coefficient)]
        self._symbols = Symbols(known, (n for s in every for n in s.coefficient.symbols))
        self._known, self._label, self._compared = known, label, not every
        self._put(every)

    def _put(self, every: list[Summand]) -> None:
        light = [s for s in every if s.kernel.vanishing(s.ratios)]
        regular = [s for s in every if not (s.kernel.vanishing(s.ratios) or s.kernel.is_zero(s.ratios))]
        self._every, self._regular = every, _without_cancelled(regular, self._known)
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
            self._compared = True
            kept = {id(t) for t in without_vanishing([s.term for s in self._every], self._known)}
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
            total += value(s.coefficient) * s.kernel.ball(s.ratios, bits)
        return total / (16 * arb.pi() ** 2) if self._limits or self._regular else total


def summand(term: Term, known: Values) -> Summand:
    """Return a term with its masses put in; raises UnsupportedError above threshold."""
    kernel = Kernel.of(term.integral)
    ratios = term.masses.exact_ratios(known.exact)
    check_ratios(term, kernel, ratios, known.exact)
    return Summand(term, kernel, ratios)


def check_ratios(term: Term, kernel: Kernel, ratios: Ratios, value: Callable[[str], Fraction]) -> None:
    """Refuse masses above threshold and a cut-off that is not positive; ``value`` of a mass in GeV."""
    kernel.check(ratios, {n: s for n, s, _ in term.masses.slots}, term.masses.lepton)
    if term.integral.is_logarithm:
        symbol = term.masses.names[-1]
        if value(symbol) <= 0:
            raise UsageError(f"{symbol} is not positive: the cut-off has to be.")


def refuse_divergent(term: Term, kernel: Kernel, ratios: Ratios) -> None:
    """Refuse a mediator's mass of zero at which this one kernel has no finite limit."""
    if not kernel.vanishing(ratios):
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
