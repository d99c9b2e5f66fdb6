"""An observable as a polynomial in one coupling, for arrays of everything else, with bounds on errors.

Coefficients are doubles with a rigorous bound on their distance from the truth; a coefficient that is
exactly zero (a coupling of 0) has a bound of 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.arrays.elementary import ElementarySource
from g2sym.arrays.refused import Reasons, note
from g2sym.base.balls import working_precision
from g2sym.errors import UsageError, shorten
from g2sym.queries.pieces import Bound, Piece, Structure
from g2sym.scans.rates import rate_source
from g2sym.tables.store import table_for
from g2sym.tables.table import Table

if TYPE_CHECKING:
    from g2sym.base.types import Doubles


Key = tuple[object, ...]
"""The content of a kernel with its masses."""
Evaluated = tuple[Any, Any, Reasons]
"""A kernel over arrays: values, where they are exactly zero (None for nowhere), points without a value."""
UNIT = 2.0**-53
SMALLEST, LARGEST = 2.0**-1000, 2.0**1000
"""Sizes between which every product of doubles rounds by `UNIT`; beyond them nothing is claimed."""
BITS = 72
MANY = 20000
"""From so many masses on a table is built, rather than as many balls evaluated."""


@dataclass(frozen=True)
class Coefficient:
    """Doubles and a bound on their error, broadcast over the region asked for."""

    value: Doubles
    error: Doubles


@dataclass(frozen=True)
class Product:
    """Doubles with a bound on their relative error, and where ``lost`` says that there is none."""

    value: Doubles
    lost: Any
    relative: float


@dataclass(frozen=True)
class Polynomial:
    """A sum of pieces as a polynomial in one moving parameter, with coefficients that depend on the others.

    Parameters: ``structure``; ``on``, one of its moving parameters, a coupling, or None, which makes all of
    it the one coefficient; ``below`` takes the denominator's pieces; ``counts``, how many values of
    each other one there are in all: this alone decides between balls and tables, so that the same point
    always gives the same bits; ``any_table`` takes a table that is there in any case.
    Raises UsageError when it is not a polynomial in ``on``.
    """

    structure: Structure
    on: str | None
    counts: Mapping[str, int]
    any_table: bool = False
    below: bool = False
    _tables: dict[Key, Table | ElementarySource | None] = field(default_factory=dict, init=False)
    _constants: dict[int, tuple[float, float]] = field(default_factory=dict, init=False)
    _functions: dict[Key, Callable[[float], float]] = field(default_factory=dict, init=False)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The pieces of the numerator, or of the denominator."""
        return (self.structure.below or ()) if self.below else self.structure.pieces

    def __post_init__(self) -> None:
        if self.on is not None and degree_in(self.structure, self.on, self.pieces) is None:
            raise UsageError(
                f"{self.structure.quantity.label} is not a polynomial in {shorten(self.on)}; "
                "choose a coupling to solve for."
            )

    @property
    def degree(self) -> int:
        """The degree in ``on``."""
        return 0 if self.on is None else degree_in(self.structure, self.on, self.pieces) or 0

    def coefficients(
        self, coordinates: Mapping[str, Doubles], refused: Reasons | None = None
    ) -> list[Coefficient]:
        """Return the coefficients by power, at arrays of the moving parameters that broadcast.

        Points at which a width or a cross-section has no value are NaN and added to ``refused``, masks by
        sentence, which broadcast as well. Raises UsageError or UnsupportedError where a kernel is singular.
        """
        import numpy as np

        place = None if self.on is None else self.structure.moving.index(self.on)
        for name, values in coordinates.items():
            if name in self.structure.quantity.declaration.masses and (values < 0).any():
                raise UsageError(
                    f"{name} holds a value that is not positive or zero: a mass cannot be negative."
                )
        kernels: dict[Key, Evaluated] = {}
        without: Reasons = {} if refused is None else refused
        parts: list[list[Product]] = [[] for _ in range(self.degree + 1)]
        with np.errstate(all="ignore"):
            for number, piece in enumerate(self.pieces):
                power = 0 if place is None else piece.powers[place]
                constant = self._constant(number, piece)
                parts[power].append(self._product(piece, constant, coordinates, kernels, without))
            return [_summed(some) for some in parts]

    def _product(
        self,
        piece: Piece,
        constant: tuple[float, float],
        coordinates: Mapping[str, Doubles],
        kernels: dict[Key, Evaluated],
        without: Reasons,
    ) -> Product:
        """Return a constant times powers of parameters times kernels, with a bound on its relative error.

        Every operation rounds by `UNIT`: a power p takes |p| - 1 multiplications, an inverse where p is
        negative, and one multiplication into the product; a kernel takes one, into the power of its mass or
        into the product. Errors are added up; a factor of 1.01 is more than what they multiply to, as they
        stay below 1e-3.
        """
        import numpy as np

        factor, error = constant
        # what belongs to one parameter first, then in the order of the parameters: the same for every shape
        factors: dict[str, Doubles] = {}
        zero = lost = np.zeros((), bool)
        missing: list[tuple[str, Any]] = []
        for name, power in zip(self.structure.moving, piece.powers, strict=True):
            if not power or name == self.on:
                continue
            values = coordinates[name]
            raised = values
            for _ in range(abs(power) - 1):
                raised = raised * values
            if power > 0 and (values == 0).any():
                zero = zero | (values == 0)
            lost = lost | _beyond(raised)
            if power < 0:
                raised = 1 / raised
            error += (abs(power) + (power < 0)) * UNIT
            factors[name] = raised
        for bound in piece.moving:
            if bound.key not in kernels:
                kernels[bound.key] = self._kernel(bound, coordinates)
            values, exact_zero, reasons = kernels[bound.key]
            if exact_zero is not None:
                zero = zero | exact_zero
            lost = lost | _beyond(values)
            table = self._tables.get(bound.key)
            error += (table.error if table is not None else UNIT) + UNIT
            if factor:
                for why, mask in reasons.items():
                    missing.append((why, mask))
            name = min(bound.masses, key=self.structure.moving.index)
            factors[name] = factors[name] * values if name in factors else values
        for why, mask in missing:  # where another factor is exactly zero, balls decide
            note(without, why, mask & ~zero)
        out: Any = np.asarray(factor)
        low = high = abs(factor)
        for name in self.structure.moving:
            if name in factors:
                lost = lost | _beyond(factors[name])
                out = out * factors[name]
                least, most = _ends(factors[name])
                low, high = low * least, high * most
                if not (low >= SMALLEST and high <= LARGEST):  # else no product is beyond
                    lost = lost | _beyond(out)
        return Product(out, lost & ~zero if factor else zero & False, error * 1.01)

    def _constant(self, key: int, piece: Piece) -> tuple[float, float]:
        """Return what multiplies a product, and a bound on its relative error."""
        if key not in self._constants:
            with working_precision(BITS):
                ball = self.structure.constant(piece, BITS)
                relative = 0.0 if ball.is_zero() else float((ball.rad() / abs(ball)).upper())
                self._constants[key] = float(ball.mid()), relative * 1.01 + UNIT  # the middle rounds once
        return self._constants[key]

    def _kernel(self, bound: Bound, coordinates: Mapping[str, Doubles]) -> Evaluated:
        """Return a kernel at arrays of its moving masses, where it is exactly zero, where it has no value."""
        if bound.key not in self._tables and (made := rate_source(bound)) is not None:
            self._tables[bound.key] = made
        source = self._tables.get(bound.key)
        if not isinstance(source, ElementarySource):
            return self._loop(bound, coordinates), None, {}
        reasons: Reasons = {}
        values = source.doubles(coordinates, reasons)
        zero = values == 0
        return values, zero if zero.any() else None, reasons

    def _loop(self, bound: Bound, coordinates: Mapping[str, Doubles]) -> Doubles:
        """Return a kernel at arrays of its moving masses, to half an ulp or a table's bound."""
        import numpy as np

        if bound.is_plain:
            (name,) = bound.masses
            masses = coordinates[name]
            table = self._table(bound, name)
            bound.finite({name: Fraction(float(masses.min()))})  # raises where a limit at zero diverges
            if table is None:
                return _spread(masses, self._of_mass(bound))
            values = table.evaluate(masses)
            holes = np.isnan(values)
            if holes.any():
                values[holes] = _spread(masses[holes], self._of_mass(bound))
            return values
        arrays = np.broadcast_arrays(*(coordinates[n] for n in bound.masses))
        points = zip(*(a.ravel().tolist() for a in arrays), strict=True)
        found = [_ball(bound, dict(zip(bound.masses, p, strict=True))) for p in points]
        return np.array(found).reshape(arrays[0].shape)

    def _table(self, bound: Bound, name: str) -> Table | None:
        if bound.key not in self._tables:
            slot, power = bound.moving_slot()
            found = None
            many = self.counts.get(name, 0) >= MANY
            tabled = not (bound.imaginary or bound.kernel.has_pair)
            if power == 2 and (many or self.any_table) and tabled:
                closed = bound.kernel.closed(bound.fixed)
                if closed.axis == slot and closed.slice(bound.fixed).is_tabulable:
                    found = table_for(closed, bound.fixed, bound.unit, build=many)
            self._tables[bound.key] = found
        table = self._tables[bound.key]
        assert not isinstance(table, ElementarySource)
        return table

    def _of_mass(self, bound: Bound) -> Callable[[float], float]:
        """Return the kernel as a function of its one moving mass."""
        if bound.key not in self._functions:
            self._functions[bound.key] = _function(bound)
        return self._functions[bound.key]


def _function(bound: Bound) -> Callable[[float], float]:
    slot, power = bound.moving_slot()
    kernel, unit, fixed = bound.kernel, bound.unit, bound.fixed

    def value(mass: float) -> float:
        ratios = {**fixed, slot: (Fraction(mass) / unit) ** power}
        if bound.imaginary or kernel.side(ratios) == 0:  # a value on a threshold, or a sentence
            return _ball(bound, {bound.masses[0]: mass})
        with working_precision(BITS):
            return float(kernel.ball(ratios, BITS).mid())

    return value


def _ball(bound: Bound, masses: Mapping[str, float]) -> float:
    exact = {name: Fraction(value) for name, value in masses.items()}
    with working_precision(BITS):
        return float(bound.ball(exact, BITS).mid())


def degree_in(structure: Structure, on: str, pieces: Sequence[Piece] | None = None) -> int | None:
    """Return the degree of a sum of pieces in a moving parameter, None where it is not a polynomial in it."""
    place = structure.moving.index(on)
    every = structure.pieces if pieces is None else pieces
    powers = [piece.powers[place] for piece in every]
    masses = structure.quantity.masses  # also those whose kernels are gone since they cancel
    if on in masses or any(on in piece.masses for piece in every) or min(powers, default=0) < 0:
        return None
    return max(powers, default=0)


def _spread(masses: Doubles, function: Any) -> Doubles:
    import numpy as np

    points, back = np.unique(masses, return_inverse=True)
    return np.array([function(float(p)) for p in points])[back].reshape(masses.shape)


def _ends(values: Doubles) -> tuple[float, float]:
    """Return the least and the largest size of what is not zero."""
    import numpy as np

    sizes = np.abs(values)
    sizes = sizes[sizes != 0]
    return (float(sizes.min()), float(sizes.max())) if sizes.size else (1.0, 1.0)


def _beyond(values: Doubles) -> Any:
    """Where a factor or a product is so small or so large that its rounding is not bounded by `UNIT`."""
    import numpy as np

    sizes = np.abs(values)
    return ~((sizes >= SMALLEST) & (sizes <= LARGEST))


def _summed(parts: list[Product]) -> Coefficient:
    """Add products up: n of them are rounded n - 1 times, by `UNIT` of at most the sum of their sizes."""
    import numpy as np

    if not parts:
        return Coefficient(np.zeros(()), np.zeros(()))
    total: Any = 0.0
    size: Any = 0.0
    for part in parts:
        total = total + part.value
        own = np.abs(part.value) * (part.relative + (len(parts) - 1) * UNIT)
        size = size + (np.where(part.lost, np.inf, own) if part.lost.any() else own)
    return Coefficient(np.asarray(total), np.asarray(size) * (1 + 2.0**-40))
