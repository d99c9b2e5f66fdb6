"""The one access from an integral to a number.

A kernel is a function of the masses in its own slots. Which closed form holds where (a massless internal
fermion has one of its own), what happens at a vanishing boson mass, and where the integral is real are
decided here and nowhere else; doubles, tables, enclosures and expansions ask the kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from math import inf, nextafter

from g2sym.base.balls import working_precision
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.basis import Reduction, reduce
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.elementary import Elementary
from g2sym.integrals.feynman import FeynmanIntegral, Slot
from g2sym.integrals.rational import constant, substitute, zero
from g2sym.integrals.transition import TransitionIntegral
from g2sym.kernels.basis import Reduced
from g2sym.kernels.closed import ClosedKernel
from g2sym.kernels.continued import Continued, Imaginary
from g2sym.kernels.elementary import ElementaryValues
from g2sym.kernels.transition import TransitionValues

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb

    from g2sym.integrals.expansion import Expansion
    from g2sym.kernels.runs import Run
    from g2sym.kernels.transition import Sum as Functions

Ratios = Mapping[str, Fraction]
"""Exact values of slots."""


class Kernel:
    """A Feynman integral as a function of its mass slots.

    Made by `Kernel.of`, which gives the same object for the same integrand. ``key`` is its content.
    """

    def __init__(self, integral: FeynmanIntegral) -> None:
        self.integral = integral
        self.slots: tuple[Slot, ...] = integral.every_slot
        self.key = Written(integral).text
        self._closed: dict[frozenset[str], ClosedKernel] = {}
        self._pair: TransitionValues | ElementaryValues | None = None
        if isinstance(integral, TransitionIntegral):
            self._pair = TransitionValues(integral)
        elif isinstance(integral, Elementary):
            self._pair = ElementaryValues(integral)
        self._remembered: Callable[..., arb] = lru_cache(maxsize=4096)(self._ball)
        self._continued_at: Callable[..., Continued] = lru_cache(maxsize=4096)(self._continued)
        self._runs: Callable[..., Run] = lru_cache(maxsize=64)(self._run)

    @staticmethod
    def of(integral: FeynmanIntegral) -> Kernel:
        """Return the kernel of an integral."""
        return _made(Written(integral))

    def __reduce__(self) -> tuple[Callable[[FeynmanIntegral], Kernel], tuple[FeynmanIntegral]]:
        return Kernel.of, (self.integral,)

    # closed forms --------------------------------------------------------------------------------
    @cached_property
    def form(self) -> ClosedForm:
        """The canonical form where no mass vanishes."""
        return self.integral.canonical

    @cached_property
    def basis(self) -> Reduced | None:
        """The same sum in balls, for an integral of two masses."""
        if len(self.slots) < 2 or self._pair is not None or self.reduction is None:
            return None
        return Reduced(self.reduction)

    @cached_property
    def reduction(self) -> Reduction | None:
        """The integral as a sum of the functions of `g2sym.integrals.basis`; None for one of another form."""
        if self._pair is not None:
            return None
        return reduce(self.integral)

    def massless(self, values: Ratios) -> frozenset[str]:
        """Return the fermion masses that are exactly zero: there Delta vanishes at an end."""
        if self._pair is not None:
            return frozenset()  # put into the sum of functions
        return frozenset(s.name for s in self.slots if s.power == 1 and values.get(s.name) == 0)

    def closed(self, values: Ratios) -> ClosedKernel:
        """Return the closed form that holds at (some) given masses."""
        return self._closed_at(self.massless(values))

    def _closed_at(self, massless: frozenset[str]) -> ClosedKernel:
        if massless not in self._closed:
            form = self.form
            if massless:
                form = self.integral.substitute({name: constant(0) for name in massless}).canonical
            self._closed[massless] = ClosedKernel(form)
        return self._closed[massless]

    def is_zero(self, values: Ratios) -> bool:
        """True when the closed form that holds at given masses is zero identically."""
        if self._pair is not None:
            return self._pair.is_zero(values)
        return self.closed(values).form.is_zero

    def vanishes_along(self, fixed: Ratios, moving: Iterable[str]) -> bool:
        """True when the kernel is zero at all positive values of some slots, the others ``fixed``."""
        if self._pair is not None:
            return self._pair.vanishes_along(fixed, moving)
        return self.is_zero({**fixed, **dict.fromkeys(moving, Fraction(1))})

    def transition(self, values: Ratios) -> Functions:
        """Return the functions that an integral of l -> l' gamma is a sum of, with exact coefficients."""
        assert isinstance(self._pair, TransitionValues)
        return self._pair.functions(values)

    def reduced(self, values: Ratios) -> FeynmanIntegral:
        """Return the integral with the masses that vanish exactly put in."""
        return self.integral.substitute({name: constant(0) for name in self.massless(values)})

    # numbers -------------------------------------------------------------------------------------
    def ball(self, values: Ratios, bits: int) -> arb:
        """Return the value with at least ``bits`` correct bits, or its limit where boson masses vanish.

        Parameters: ``values`` of every slot, exact. Above threshold the value is the real part (see
        `continued`). Raises UsageError where it diverges: on a threshold, or with a boson's mass.
        """
        return self._remembered(tuple(values.items()), bits)

    def _ball(self, items: tuple[tuple[str, Fraction], ...], bits: int) -> arb:
        values = dict(items)
        if self._pair is not None:
            return self._pair.ball(values, bits)
        sides = self._sides(values)
        if min(sides, default=1) <= 0:
            above = self.continued(values)
            if 0 in sides and above.singular:
                raise UsageError("A kernel diverges exactly on its threshold; move one of the masses.")
            return above.real(bits)
        at_zero = self.vanishing(values)
        if not at_zero:
            # new masses at each call: a slice of the closed form would be made for each
            found = self.basis.ball(values, bits) if self.basis is not None else None
            return self.closed(values).ball(values, bits) if found is None else found
        from g2sym.kernels.remainder import value_ball

        limit = self.toward_zero(values)
        if limit.diverges:
            raise UsageError(f"A kernel diverges as {' and '.join(at_zero)} goes to zero.")
        work = bits + 20
        while True:
            with working_precision(work):
                result = value_ball(limit.limit, {})
            if result.rel_accuracy_bits() >= bits or result.is_exact() or work > 64 * bits:
                return result
            work *= 2

    def along(self, slot: str, fixed: Ratios) -> Run:
        """Return the kernel as a function of one slot.

        Parameters: ``slot``, which moves; ``fixed``, exact values of the other ones.
        """
        return self._runs(slot, tuple(sorted(fixed.items())))

    def _run(self, slot: str, fixed: tuple[tuple[str, Fraction], ...]) -> Run:
        from g2sym.kernels.runs import Run

        rest = dict(fixed)
        return Run(self.integral, slot, self.power(slot), rest, self.threshold(slot, rest))

    def finite_part(self, values: Ratios, bits: int) -> arb:
        """Return the value as `ball` does, on a threshold without what is singular there."""
        if self.side(values) == 0:
            return self.continued(values).real(bits)
        return self.ball(values, bits)

    def vanishing(self, values: Ratios) -> tuple[str, ...]:
        """Return the squared masses that are exactly zero."""
        if self._pair is not None:
            return ()
        return tuple(s.name for s in self.slots if s.power == 2 and values.get(s.name) == 0)

    def toward_zero(self, values: Ratios) -> Expansion:
        """Return the expansion about a vanishing boson mass, confirmed in balls, the other masses fixed.

        Raises UnsupportedError when two boson masses vanish together.
        """
        from g2sym.integrals.expansion import toward
        from g2sym.kernels.confirmed import confirmed_expansion, freeze
        from g2sym.kernels.remainder import fixed

        names = self.vanishing(values)
        if len(names) != 1:
            raise UnsupportedError("Two boson masses vanish together: such a limit is not treated.")
        others = {n: v for n, v in values.items() if n not in names}
        form = fixed(self.closed(values).form, {n: v for n, v in others.items() if v})
        return confirmed_expansion(form, freeze(toward(names[0], zero())), Fraction(1, 2))

    # on and above threshold ----------------------------------------------------------------------
    def side(self, values: Ratios) -> int:
        """Return 1 where the integral is real, 0 on a threshold, -1 where the lepton can decay into the loop.

        Parameters: exact ``values`` of every slot.
        """
        return min(self._sides(values), default=1)

    def _sides(self, values: Ratios) -> list[int]:
        groups = self.integral.thresholds
        return [_excess([(values[n], self.power(n)) for n in group]) for group in groups]

    def continued(self, values: Ratios) -> Continued:
        """Return the closed form on or above a threshold, its coefficients as exact numbers.

        Parameters: exact ``values`` of every slot. Raises UsageError where it diverges with the mass of a
        boson, UnsupportedError at a removable pole.
        """
        return self._continued_at(tuple(values.items()))

    def _continued(self, items: tuple[tuple[str, Fraction], ...]) -> Continued:
        values = dict(items)
        light = self.vanishing(values)
        if not light or self.is_zero(values):
            return Continued(self.closed(values), values)
        if self.diverges(values):
            raise UsageError(f"A kernel diverges as {' and '.join(light)} goes to zero.")
        return Continued(self._closed_at(self.massless(values) | {*light}), values)

    def diverges(self, values: Ratios) -> bool:
        """True where, above threshold, a boson's mass of zero makes the integral diverge.

        Parameters: ``values``, above threshold, of which a boson's is zero. It then diverges where it is
        divided by that mass, or where 1/Delta has a pole at an end that the numerator does not cancel.
        """
        zero = {n: constant(0) for n in (*self.massless(values), *self.vanishing(values))}
        if self.is_zero(values):
            return False
        if substitute(self.integral.divisor, zero) == 0:
            return True
        try:
            self._closed_at(frozenset(zero))
        except ArithmeticError:
            return True
        return False

    def imaginary(self, values: Ratios) -> Imaginary:
        """Return the imaginary part over pi as pairs (w, D) of the sum of w/sqrt(D), exact.

        Parameters: ``values`` of every slot. Empty where the integral is real; what is singular on a
        threshold is left out.
        """
        return () if self.side(values) > 0 else self.continued(values).imaginary

    def check(self, values: Ratios, names: Mapping[str, str], unit: str) -> None:
        """Refuse masses at which the integral is complex, for what is made of real integrals alone.

        Parameters: ``values`` of slots; ``names``, the mass symbols of slots, and ``unit``, that of the
        external lepton, for the message. Raises UnsupportedError on or above threshold.
        """
        if (self.side(values) if self._pair is None else self._pair.side(values)) <= 0:
            raise UnsupportedError(
                f"{self.too_light(values, names, unit)}: the lepton could decay into the loop, and "
                "only values, arrays, scans and bounds on couplings are made; raise one of the two masses."
            )

    def refuse(self, values: Ratios, names: Mapping[str, str]) -> None:
        """Refuse values at which a width or cross-section has no meaning or is infinite; raises UsageError.

        Parameters: ``names``, the symbols of slots, for the message.
        """
        if isinstance(self._pair, ElementaryValues):
            self._pair.refuse(values, names)

    def too_light(self, values: Ratios, names: Mapping[str, str], unit: str) -> str:
        """Say that the masses in the loop are not above the heavier lepton's; parameters as for `check`."""
        if isinstance(self._pair, TransitionValues):
            return " is not above ".join(self._pair.shown(values, names, unit))
        return f"{self.shown(values, names)} is not above {unit}"

    def shown(self, values: Ratios, names: Mapping[str, str]) -> str:
        """Return the masses of the lowest threshold as a sum of symbols, ``names`` of the slots."""
        group = min(self.integral.thresholds, key=lambda g: _excess([(values[n], self.power(n)) for n in g]))
        return " + ".join(names.get(n, n) for n in group)

    @property
    def has_pair(self) -> bool:
        """True for l -> l' gamma, which has dilogarithms in place of a canonical form."""
        return isinstance(self._pair, TransitionValues)

    @property
    def elementary(self) -> ElementaryValues | None:
        """The values of a width or cross-section, which is no loop integral; None for one."""
        return self._pair if isinstance(self._pair, ElementaryValues) else None

    @property
    def has_thresholds(self) -> bool:
        """True when there are masses at which a lepton can decay into the loop."""
        return self.has_pair or bool(self.integral.thresholds)

    def power(self, slot: str) -> int:
        """Return 2 for a squared mass, 1 for a fermion's."""
        return next(s.power for s in self.slots if s.name == slot)

    def threshold(self, slot: str, values: Ratios) -> Fraction:
        """Return an upper bound on the value of one slot up to which the integral is complex.

        Parameters: ``values`` of the other slots. Zero where it is real for every positive value.
        """
        if self._pair is not None:
            return self._pair.threshold(slot, values)
        least = Fraction(0)
        for group in self.integral.thresholds:
            if slot in group:
                rest = Fraction(1)
                for name in group:
                    if name != slot:
                        rest -= abs(values[name]) if self.power(name) == 1 else _root_below(values[name])
                if rest > 0:
                    least = max(least, rest**2 if self.power(slot) == 2 else rest)
        return least

    def threshold_masses(self, slot: str, values: Ratios, unit: Fraction) -> tuple[float, ...]:
        """Return the doubles that are the mass of a slot exactly on a threshold, usually none.

        Parameters: ``values`` of the other slots; ``unit``, the external lepton's mass in GeV, as the result.
        """
        out = []
        for group in self.integral.thresholds:
            if slot not in group:
                continue
            others = [(values[name], self.power(name)) for name in group if name != slot]
            rest = 1 - sum(abs(v) if p == 1 else Fraction(float(v) ** 0.5) for v, p in others)
            near = float(unit * rest)
            for mass in {near, nextafter(near, 0.0), nextafter(near, inf)}:
                own = (Fraction(mass) / unit) ** self.power(slot), self.power(slot)
                if mass > 0 and _excess([*others, own]) == 0:
                    out.append(mass)
        return tuple(out)


def _root_below(value: Fraction) -> Fraction:
    """Return a lower bound on a square root, close to it."""
    return Fraction(float(value) ** 0.5) * (1 - Fraction(1, 1 << 40))


def _excess(masses: list[tuple[Fraction, int]]) -> int:
    """Return the sign of what masses, at most two of them given by their squares, exceed 1 by: exactly.

    1 where a massless boson leaves a fermion of mass 1: there the limit decides.
    """
    try:  # far from 1 doubles tell: each of their few roundings errs by 1e-16 of a mass
        total = sum(abs(float(v)) if power == 1 else float(v) ** 0.5 for v, power in masses)
    except OverflowError:
        return 1
    if abs(total - 1) > 1e-9 * (1 + total):
        return 1 if total > 1 else -1
    rest = 1 - sum((abs(v) for v, power in masses if power == 1), Fraction(0))
    squares = [v for v, power in masses if power == 2]
    if rest <= 0:
        return 1
    if len(squares) < 2:
        return _sign(sum(squares, Fraction(0)) - rest * rest)
    first, second = squares
    gap = rest * rest - first - second  # (a + b)^2 > rest^2: 2 a b > gap
    return 1 if gap < 0 else _sign(4 * first * second - gap * gap)


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)


class Written:
    """An integral compared as it is written: two that merely have one value are not the same here."""

    def __init__(self, integral: FeynmanIntegral) -> None:
        self.integral = integral
        self.text = str((integral.variables, integral.identity, integral.slots, integral.thresholds))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Written) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=512)
def _made(written: Written) -> Kernel:
    return Kernel(written.integral)
