"""An observable over a plane as a short sum of products of a function of x and a function of y."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.base.exact import Number, decimal_text
from g2sym.base.masses import NONE, read_value
from g2sym.constraints.rate_lines import is_elementary, line_of, together
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.inputs.fields import exact_text
from g2sym.kernels.monotone import Part, sample
from g2sym.kernels.sampled import Sampled, power
from g2sym.kernels.transition_line import at_zero
from g2sym.queries.pieces import Bound, Piece, Structure

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Record


SMALLEST = min(Fraction(1, 10**290), Fraction(1e-290))
LARGEST = max(Fraction(10**290), Fraction(1e290))
"""Sizes between which an end of an axis that is not zero lies: the range of doubles, with a margin, whether
they are written as decimals or are doubles."""
BITS = 96
"""Working precision of the constants."""


@dataclass(frozen=True)
class Axis:
    """One axis of a plane.

    Parameters: ``name`` of a parameter; ``low`` < ``high``, exact (GeV to the parameter's dimension);
    ``logarithmic`` or linear. The outermost edges are the doubles nearest to the two ends,
    which are 0 or lie between 1e-290 and 1e290 in size (in a map those of a mass that a kernel depends on lie
    within about 1e-19 to 1e19 times the lepton's mass).
    """

    name: str
    low: Fraction
    high: Fraction
    logarithmic: bool = True

    @classmethod
    def read(cls, value: Any, where: str, masses: Mapping[str, Fraction] = NONE) -> Axis:
        """Read (name, low, high) or (name, low, high, "log" or "lin"); raises UsageError or InputError.

        Parameters: ``masses`` by name, which the ends may be written with.
        """
        if isinstance(value, Axis):
            return value
        form = (
            f'{where}: write (name, low, high) or (name, low, high, "lin"), for instance ("m_a", 0.01, 10).'
        )
        if not isinstance(value, tuple | list) or len(value) not in (3, 4) or not isinstance(value[0], str):
            raise UsageError(form)
        scale = value[3] if len(value) == 4 else "log"
        if not isinstance(scale, str) or scale not in ("log", "lin"):
            raise UsageError(f"{where}: the scale {shorten(scale)} is neither log nor lin.")
        low, high = (read_value(v, f"{where}, {value[0]}", masses) for v in value[1:3])
        return cls(value[0], low, high, scale == "log")

    def __post_init__(self) -> None:
        ends = f"{decimal_text(self.low, 6)} and {decimal_text(self.high, 6)}"
        if any(end and not SMALLEST <= abs(end) <= LARGEST for end in (self.low, self.high)):
            raise UsageError(
                f"The range of {shorten(self.name)} runs between {ends}, beyond doubles: an end is 0 or "
                "lies between 1e-290 and 1e290 in size."
            )
        if not float(self.low) < float(self.high):
            raise UsageError(
                f"The range of {shorten(self.name)} runs between {ends}; the first has to be lower."
            )
        if self.logarithmic and not (self.low > 0 or self.high < 0):
            raise UsageError(
                f"The range of {shorten(self.name)} runs between {ends}: a logarithmic axis has ends of one "
                "sign; make it linear."
            )

    def named(self, name: str) -> Axis:
        """Return the same range of a parameter of another name."""
        return self if name == self.name else replace(self, name=name)

    def edges(self, count: int) -> Doubles:
        """Return the ``count`` + 1 edges of the cells, rising; raises UsageError when two coincide."""
        import numpy as np

        low, high = float(self.low), float(self.high)
        if self.logarithmic:
            sign = 1 if low > 0 else -1
            inner = sign * np.exp(np.linspace(np.log(abs(low)), np.log(abs(high)), count + 1))
        else:
            inner = np.linspace(low, high, count + 1)
        inner[0], inner[-1] = low, high
        if not np.all(np.diff(inner) > 0):
            raise UsageError(
                f"The range of {shorten(self.name)} is too narrow for {count} cells of different doubles; "
                "take fewer."
            )
        return inner

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        return {
            "name": self.name,
            "low": exact_text(self.low),
            "high": exact_text(self.high),
            "scale": "log" if self.logarithmic else "lin",
        }


AxisLike = Axis | tuple[str, Number, Number] | tuple[str, Number, Number, str]


def products(
    structure: Structure, edges: tuple[Doubles, Doubles], pieces: Sequence[Piece] | None = None
) -> tuple[list[Sampled], list[Sampled]]:
    """Write a sum of pieces over a grid of cells as sum_k X_k(x) Y_k(y).

    Parameters: ``structure``, with two moving parameters; ``edges`` of the cells along each; ``pieces``, by
    default the numerator's. Returns the X_k and the Y_k. Raises UnsupportedError when a kernel depends on
    both parameters, and UsageError or UnsupportedError where a mass range reaches a singular point.
    """
    every = together(structure, structure.pieces if pieces is None else tuple(pieces))
    kernels: dict[tuple[object, ...], Sampled] = {}

    def factor(piece: Piece, axis: int) -> Sampled:
        name = structure.moving[axis]
        out = power(edges[axis], piece.powers[axis])
        for bound in piece.moving:
            if name in bound.masses:
                if bound.key not in kernels:
                    kernels[bound.key] = _kernel(bound, name, edges[axis])
                out = out * kernels[bound.key]
        return out

    def signature(piece: Piece, axis: int) -> tuple[object, ...]:
        name = structure.moving[axis]
        return (piece.powers[axis], *(k.key for k in piece.moving if name in k.masses))

    # the side with fewer different functions keeps them, the other side is summed up
    signatures = [{signature(p, axis) for p in every} for axis in (0, 1)]
    keep = 0 if len(signatures[0]) < len(signatures[1]) else 1
    groups: dict[tuple[object, ...], tuple[Sampled, Sampled]] = {}
    for piece in every:
        for bound in piece.moving:
            if len(bound.masses) > 1:
                raise UnsupportedError(
                    f"A kernel depends on both {' and '.join(bound.masses)}: it is no sum of products of a "
                    "function of each."
                )
        key = signature(piece, keep)
        with working_precision(BITS):
            summand = factor(piece, 1 - keep).scale(structure.constant(piece, BITS))
        if key in groups:
            kept, total = groups[key]
            groups[key] = (kept, total + summand)
        else:
            groups[key] = (factor(piece, keep), summand)
    if not groups:  # the sum is zero
        flat = [power(e, 0) for e in edges]
        return [Sampled(flat[0].values * 0, flat[0].stray)], [flat[1]]
    kept_side, summed = [list(side) for side in zip(*groups.values(), strict=True)]
    return (kept_side, summed) if keep == 0 else (summed, kept_side)


def _kernel(bound: Bound, name: str, edges: Doubles) -> Sampled:
    """Enclose a kernel over the cells of a mass axis; one that begins at zero begins with the limit there."""
    slot, exponent = bound.moving_slot()
    rate = is_elementary(bound)
    if edges[0] < 0 and not (rate and name == "cos"):
        raise UsageError(f"The range of {name} begins at {edges[0]:g}: a mass cannot be negative.")
    first = Fraction(float(edges[0]))
    if rate:
        return line_of(bound).sample(edges)
    bound.ratios({name: first})  # raises on and above threshold, and where there is no limit
    at_zero = edges[0] == 0
    inner = edges[1:] if at_zero else edges
    threshold = bound.kernel.threshold(slot, bound.fixed)
    unit = bound.unit
    total: Sampled | None = None
    for part in bound.kernel.along(slot, bound.fixed).parts:
        one = sample(part, slot, inner, unit, exponent, threshold)
        if at_zero:
            one = _from_zero(one, part, slot)
        if part.power:
            one = one * power(edges / float(unit), exponent * part.power)
            one = Sampled(one.values, one.stray + one.size * 2.0**-50 * abs(part.power * exponent))
        if part.sign < 0:
            one = Sampled(-one.values, one.stray)
        total = one if total is None else total + one
    if total is None:
        return Sampled(edges * 0, edges[1:] * 0)
    if at_zero and not np_finite(total.values[0]):
        with working_precision(BITS):  # parts that diverge one by one: the first cells stay undecided
            values = total.values.copy()
            values[0] = float(bound.ball({name: first}, 64).mid())
        stray = total.stray.copy()
        stray[0] = float("inf")
        return Sampled(values, stray)
    return total


def _from_zero(one: Sampled, part: Part, slot: str) -> Sampled:
    """Add the cell that begins at zero: a monotone function lies between its values at the two ends.

    So does its chord, and the two are no further apart than these values. Where the function diverges at
    zero the cell is unbounded.
    """
    import numpy as np

    try:
        value = at_zero(part.integral, slot, 64)
    except ArithmeticError:
        start, gap = float("nan"), float("inf")
    else:
        with working_precision(BITS):
            start = float(value.mid())
            gap = (
                abs(start - float(one.values[0])) + 2.0**-50 * (abs(start) + abs(float(one.values[0])))
            ) * (1 + 2.0**-40) + float(one.stray[0])
    return Sampled(np.concatenate([[start], one.values]), np.concatenate([[gap], one.stray]))


def np_finite(value: float) -> bool:
    """True for a number that is neither infinite nor NaN."""
    return value - value == 0
