"""Sums of constants times powers times kernels as functions of two parameters: surfaces for patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.kernels.boxes import Boxes
from g2sym.kernels.confirmed import form_ball
from g2sym.kernels.kernel import Kernel
from g2sym.kernels.sectors import Sector, constant
from g2sym.kernels.sheets import Line, Sheet
from g2sym.kernels.slices import Slice

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles, Flags

    Range = tuple[Doubles, Doubles]

BITS = 60
"""Correct bits of a kernel at a node."""
SPARE = 32
"""Bits more than the last values took, as cancellation may have grown."""
MOST_SPARE = 4096
"""Where more are lost, each value is evaluated on its own."""
WIDER = 1 + 2.0**-40
TINY = 1e-290
"""A power below it may have lost digits; relative errors are of this at least."""


@dataclass(frozen=True, eq=False)
class Placed:
    """A kernel whose slots are functions of the two parameters.

    ``slots``: each moving slot's mass over the lepton's as a coefficient in the parameters, without
    differences, and the slot's power of it; ``fixed``, exact values of the other ones; ``reach``, see
    `Boxes`.
    """

    kernel: Kernel
    slots: Mapping[str, tuple[Coefficient, int]]
    fixed: Mapping[str, Fraction]
    reach: float
    _guard: list[int] = field(default_factory=lambda: [SPARE], init=False)
    _sheets: list[Sheet] = field(default_factory=list, init=False)

    @cached_property
    def boxes(self) -> Boxes:
        """The kernel over boxes."""
        return Boxes(self.kernel.integral, self.fixed, self.reach)

    def uses(self, name: str) -> bool:
        """True when a slot depends on a parameter."""
        return any(name in mass.symbols for mass, _ in self.slots.values())

    def sectors(self, values: Mapping[str, Sector]) -> dict[str, Sector]:
        """Return the moving slots over sectors of the parameters."""
        return {
            slot: mass.fold(values.__getitem__, lambda re, _: constant(float(re))) ** power
            for slot, (mass, power) in self.slots.items()
        }

    def grid(
        self, names: tuple[str, str], sides: tuple[Sequence[Fraction], Sequence[Fraction]]
    ) -> tuple[Doubles, float]:
        """Return the kernel [x, y] at all pairs of two parameters, and a bound on the errors before rounding.

        Parameters: ``names`` of the parameters; ``sides``, their exact values. Along a parameter that the
        kernel does not depend on there is one value only.
        """
        import numpy as np
        from flint import fmpq

        used = [side if self.uses(name) else side[:1] for side, name in zip(sides, names, strict=True)]
        axis = self.kernel.closed(self.fixed).axis
        # a closed form is put together anew where a slot other than its axis changes: the outer loop
        outer = 1 if axis in self.slots and names[0] in self.slots[axis][0].symbols else 0
        (first, second), (a, b) = (names[outer], names[1 - outer]), (used[outer], used[1 - outer])
        both = {slot for slot, (mass, _) in self.slots.items() if {first, second} <= mass.symbols}
        rests, runs = (
            {s for s, (m, _) in self.slots.items() if n in m.symbols} - both for n in (first, second)
        )
        still = {slot: [self._slot(slot, {first: v}) for v in a] for slot in rests}
        along = {slot: [self._slot(slot, {second: v}) for v in b] for slot in runs}
        exact: dict[str, list[Any]] = {
            slot: [fmpq(v.numerator, v.denominator) for v in values] for slot, values in along.items()
        }
        rows, error = [], 0.0
        for i, here in enumerate(a):
            fixed = {**self.fixed, **{slot: values[i] for slot, values in still.items()}}
            mixed = {slot: [self._slot(slot, {first: here, second: v}) for v in b] for slot in both}
            balls = self._line(fixed, {**along, **mixed}, exact.get(axis), len(b))
            rows.append([float(ball.mid()) for ball in balls])
            error = max(error, *(float(ball.rad()) for ball in balls))
        out = np.array(rows)
        return out if outer == 0 else out.T, error * WIDER

    def _slot(self, slot: str, values: Mapping[str, Fraction]) -> Fraction:
        mass, power = self.slots[slot]
        return Fraction(mass.fold(values.__getitem__, lambda re, _: re)) ** power

    def _line(
        self,
        fixed: Mapping[str, Fraction],
        moving: Mapping[str, list[Fraction]],
        exact: Sequence[Any] | None,
        count: int,
    ) -> list[arb]:
        """Return the values along one parameter, at one value of the other one.

        Parameters: ``exact``, the values of the closed form's axis as flint's, where every line has the same.
        """
        from flint import arb, fmpq

        axis = self.kernel.closed(self.fixed).axis
        if set(moving) != {axis} or not all(fixed.values()):
            points = [{**fixed, **{slot: v[k] for slot, v in moving.items()}} for k in range(count)]
            return [self._ball(point) for point in points]
        found, guard = [], self._guard[0]
        least = BITS + SPARE
        with working_precision(BITS + guard):
            line = self._along(axis, fixed)
            for k, value in enumerate(exact or [fmpq(v.numerator, v.denominator) for v in moving[axis]]):
                ball = line.at(arb(value))
                bits = max(0, ball.rel_accuracy_bits()) if ball.is_finite() else 0
                found.append(ball if bits >= BITS else self._ball({**fixed, axis: moving[axis][k]}))
                least = min(least, bits)
        # the next line needs about as many bits more as this one
        wanted = guard + BITS + SPARE // 2 - least if least else 2 * guard
        self._guard[0] = wanted if SPARE // 4 <= wanted <= MOST_SPARE else SPARE
        return found

    def _along(self, axis: str, fixed: Mapping[str, Fraction]) -> Slice | Line:
        """Return the closed form along its axis at one value of the other parameter."""
        rests = [slot for slot in self.slots if slot != axis]
        if len(rests) != 1:
            return Slice(self.kernel.form, axis, fixed)
        if not self._sheets:
            still = {slot: value for slot, value in fixed.items() if slot != rests[0]}
            self._sheets.append(Sheet(self.kernel.form, axis, rests[0], still))
        return self._sheets[0].line(fixed[rests[0]])

    def _ball(self, point: Mapping[str, Fraction]) -> arb:
        """Return the value at one point, for which a closed form is not worth its exact coefficients."""
        if all(point.values()):
            ball = form_ball(self.kernel.form, point, BITS)
            if ball.is_finite() and ball.rel_accuracy_bits() >= BITS:
                return ball
        return self.kernel.ball({slot.name: point[slot.name] for slot in self.kernel.slots}, BITS)

    def distance(self, sectors: Mapping[str, Sector], side: str = "low") -> Doubles:
        """Return by how much masses of boxes add up to more than a threshold, at lower or upper ends."""
        import numpy as np

        out: Any = np.array([np.inf])
        for group in self.kernel.integral.thresholds:
            total: Any = np.array([-1.0])
            for name in group:
                moving = sectors.get(name)
                value = abs(float(self.fixed[name])) if moving is None else getattr(moving, side)
                total = total + (value if self.kernel.power(name) == 1 else np.sqrt(value))
            out = np.minimum(out, total)
        return np.asarray(out)

    def outside(self, sectors: Mapping[str, Sector], *, entirely: bool) -> Flags:
        """Tell boxes that lie above a threshold entirely, or perhaps in part, or on it.

        The sum of a few masses near 1 is rounded to less than 2^-40.
        """
        if entirely:
            return self.distance(sectors, "high") < 1 - WIDER
        return self.distance(sectors) <= WIDER - 1


@dataclass(frozen=True, eq=False)
class Summand:
    """A constant (its value and a bound on its error) times powers of the parameters times kernels."""

    factor: tuple[float, float]
    powers: tuple[int, int]
    kernels: tuple[Placed, ...]


@dataclass(frozen=True, eq=False)
class Sums:
    """Several sums of products, a surface for `g2sym.kernels.patches.Patches`.

    Parameters: ``names`` of the two parameters; ``sums``.
    """

    names: tuple[str, str]
    sums: tuple[tuple[Summand, ...], ...]

    @property
    def count(self) -> int:
        """The number of functions."""
        return len(self.sums)

    @cached_property
    def masses(self) -> tuple[bool, bool]:
        """For each parameter, whether a kernel or a negative power depends on it."""
        every = [s for summands in self.sums for s in summands]
        one, two = (
            any(s.powers[k] < 0 or any(p.uses(name) for p in s.kernels) for s in every)
            for k, name in enumerate(self.names)
        )
        return one, two

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """Every kernel, once each."""
        return tuple({id(p): p for summands in self.sums for s in summands for p in s.kernels}.values())

    def grid(self, xs: Sequence[Fraction], ys: Sequence[Fraction]) -> tuple[Doubles, Doubles]:
        """Return values [function, x, y] at all pairs, and for each function a bound on their errors.

        A kernel is rounded to a double once, a power by twice its exponent, a constant by what its error
        says.
        """
        import numpy as np

        found = {id(p): p.grid(self.names, (xs, ys)) for p in self.placed}
        values = np.zeros((self.count, len(xs), len(ys)))
        sizes = np.zeros_like(values)
        sides = [np.array([float(v) for v in side]) for side in (xs, ys)]
        for j, summands in enumerate(self.sums):
            for s in summands:
                raised = [_raised(sides[k], s.powers[k]) for k in (0, 1)]
                term = np.multiply.outer(*raised)
                size = np.multiply.outer(*(np.maximum(np.abs(r), TINY) for r in raised))
                for p in s.kernels:
                    kernel, error = found[id(p)]
                    term = term * kernel
                    # as many units of the last place as a product of all may be off by, and more
                    size = size * (np.abs(kernel) + error * 2.0**52)
                operations = 2 * sum(map(abs, s.powers)) + 3 * len(s.kernels) + 4 + len(summands)
                values[j] += s.factor[0] * term
                sizes[j] += (operations * 2.0**-52 * abs(s.factor[0]) + s.factor[1]) * size + TINY
        return values, sizes.max(axis=(1, 2)) * WIDER

    def bound(self, x: Sector, y: Sector) -> Doubles:
        """Return upper bounds [function, sector] of the moduli; infinite where there is none."""
        import numpy as np

        values = dict(zip(self.names, (x, y), strict=True))
        kernels = {id(p): p.boxes.bound(p.sectors(values)) for p in self.placed}
        out = np.zeros((self.count, len(x.low)))
        for j, summands in enumerate(self.sums):
            for s in summands:
                term = (x ** s.powers[0] * y ** s.powers[1]).high * (abs(s.factor[0]) + s.factor[1])
                for p in s.kernels:
                    term = term * kernels[id(p)]
                out[j] += term * WIDER
        return np.where(np.isnan(out), np.inf, out)

    def range(self, x: Range, y: Range) -> Range:
        """Return bounds [function, box] over boxes of real parameters; infinite where there are none."""
        import numpy as np

        sides = [Sector.real(*side) for side in (x, y)]
        values = dict(zip(self.names, sides, strict=True))
        ranges = {}
        for p in self.placed:
            sectors = p.sectors(values)
            low, high = (np.array(np.broadcast_to(end, len(x[0]))) for end in p.boxes.range(sectors))
            away = np.broadcast_to(p.outside(sectors, entirely=False), len(x[0]))
            low[away], high[away] = -np.inf, np.inf
            ranges[id(p)] = low, high
        powers: dict[tuple[int, int], Range] = {}
        out = np.zeros((2, self.count, len(x[0])))
        for j, summands in enumerate(self.sums):
            for s in summands:
                low, high = (np.full(len(x[0]), s.factor[0] + e) for e in (-s.factor[1], s.factor[1]))
                for k in (0, 1):
                    key = (k, s.powers[k])
                    if key not in powers:
                        powers[key] = _power((x, y)[k], s.powers[k])
                    low, high = _times((low, high), powers[key])
                for p in s.kernels:
                    low, high = _times((low, high), ranges[id(p)])
                out[0, j] += low
                out[1, j] += high
        size = np.abs(out).max(axis=0) * (WIDER - 1)
        out[0] = np.where(np.isnan(out[0]), -np.inf, out[0]) - size
        out[1] = np.where(np.isnan(out[1]), np.inf, out[1]) + size
        return out[0], out[1]

    def distance(self, x: Range, y: Range) -> Doubles:
        """Return how far boxes are from a threshold, at their lower ends; infinite without one.

        In the lepton's mass, positive where the kernels are real.
        """
        import numpy as np

        values = {n: Sector.real(*side) for n, side in zip(self.names, (x, y), strict=True)}
        out = np.full(len(x[0]), np.inf)
        for p in self.placed:
            out = np.minimum(out, p.distance(p.sectors(values)))
        return out

    def outside(self, x: Range, y: Range, *, entirely: bool = True) -> Flags:
        """Tell the boxes that lie above a threshold: entirely, or perhaps in part."""
        import numpy as np

        values = {n: Sector.real(*side) for n, side in zip(self.names, (x, y), strict=True)}
        out = np.zeros(len(x[0]), bool)
        for p in self.placed:
            out |= p.outside(p.sectors(values), entirely=entirely)
        return out


def _raised(values: Doubles, power: int) -> Doubles:
    import numpy as np

    out = np.ones_like(values)
    for _ in range(abs(power)):
        out = out * values
    return out if power >= 0 else 1 / out


def _power(side: Range, power: int) -> Range:
    """Return a power of intervals of either sign; those of a negative power do not hold zero inside."""
    import numpy as np

    low, high = side
    a, b = _raised(low, power), _raised(high, power)
    least, most = np.minimum(a, b), np.maximum(a, b)
    if power > 0 and power % 2 == 0:
        least = np.where((low < 0) & (high > 0), 0.0, least)
    slack = 2.0**-45 * np.maximum(np.maximum(np.abs(most), np.abs(least)), TINY)
    least, most = least - slack, most + slack
    return np.where(np.isnan(least), -np.inf, least), np.where(np.isnan(most), np.inf, most)


def _times(a: Range, b: Range) -> Range:
    import numpy as np

    every = np.stack([p * q for p in a for q in b])
    every = np.where(np.isnan(every), 0.0, every)  # zero times infinity, as a limit of finite ones
    low, high = every.min(axis=0), every.max(axis=0)
    size = np.maximum(np.maximum(np.abs(low), np.abs(high)), TINY)
    return low - 2.0**-46 * size, high + 2.0**-46 * size
