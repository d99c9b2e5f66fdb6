"""Terms in which two masses run, written in the four functions of `g2sym.integrals.basis`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.arrays.chunked import ChunkedSum, parts
from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import Sum
from g2sym.arrays.planes import Bands, Mass, Plane, PlaneSource
from g2sym.arrays.sources import Source
from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.derive.terms import Term
from g2sym.integrals.basis import Powers
from g2sym.kernels.kernel import Kernel
from g2sym.observables.values import Values

if TYPE_CHECKING:
    from flint import arb


class Reduced:
    """The products and sources of a sum in which two masses run.

    Parameters: ``known``, what is not in arrays; ``keep``, the names of the arrays; ``bands``, the tables.
    """

    def __init__(self, known: Values, keep: frozenset[str], bands: Bands) -> None:
        self._known, self._keep, self._bands = known, keep, bands
        self._products: list[Product] = []
        self._sources: list[Source] = []
        self._planes: dict[tuple[Mass, Mass, Mass], Plane] = {}
        self._places: dict[tuple[Plane, Powers], int] = {}

    def add(self, term: Term) -> bool:
        """Add a term in the four functions; returns False where it cannot be written in them."""
        found = Kernel.of(term.integral).reduction
        if found is None or (found.growing and found.fermion):
            return False
        known, keep, masses = self._known, self._keep, term.masses
        symbols = {slot: symbol for slot, symbol, _ in masses.slots}
        bound = [
            symbols[found.boson],
            symbols[found.fermion] if found.fermion else masses.lepton,
            masses.lepton,
        ]
        own = [self._mass(symbol) for symbol in bound]
        if None in own or not any(mass.name for mass in own if mass is not None):
            return False
        unit = Coefficient.symbol(masses.lepton)
        slots = {slot: (Coefficient.symbol(s) / unit) ** power for slot, s, power in masses.slots}
        pieces = {}
        for key, factor in found.coefficients.items():
            value: Coefficient = factor.fold(slots.__getitem__, _number)
            piece = known.expand(term.coefficient * value, keep)
            if len(piece.denominator) > 1 or not piece.rooted.isdisjoint(keep):
                return False
            pieces[key] = piece
        boson, fermion, lepton = (mass for mass in own if mass is not None)
        plane = self._planes.setdefault((boson, fermion, lepton), Plane(boson, fermion, lepton, self._bands))
        for key, piece in pieces.items():
            if (plane, key) not in self._places:
                self._places[plane, key] = len(self._sources)
                self._sources.append(PlaneSource(plane, key))
            self._products += products_of(piece, known, keep, self._places[plane, key])
        return True

    def _mass(self, symbol: str) -> Mass | None:
        """Return an array or a constant; None for a mass that is computed from arrays, or is zero."""
        if symbol in self._keep:
            return Mass(symbol)
        if not self._known.expand(Coefficient.symbol(symbol), self._keep).symbols.isdisjoint(self._keep):
            return None
        value = self._known.exact(symbol)
        return Mass(value=value) if value > 0 else None

    def keep(self, products: Sequence[Product], source: Source) -> None:
        """Take a term as it is."""
        self._sources.append(source)
        self._products += [replace(p, source=len(self._sources) - 1) for p in products]

    def pieces(self) -> Iterator[tuple[Product, Source]]:
        """Yield the products with their sources."""
        for product in self._products:
            assert product.source is not None
            yield product, self._sources[product.source]

    def sum(self, whole: Sum) -> ChunkedSum | None:
        """Return the sum in these functions, None without any; ``whole``, the sum in kernels."""
        if not self._planes or not parts(self._products):
            return None
        return ChunkedSum(Sum(self._products, self._sources, whole.tolerance, whole.vanishes), whole)


def _number(value: Any) -> Coefficient:
    return Coefficient.number(Fraction(int(value.p), int(value.q)))


def products_of(
    coefficient: Coefficient, known: Values, keep: frozenset[str], source: int
) -> Iterator[Product]:
    """Yield one product for each monomial of a coefficient, over 16 pi^2."""
    below = coefficient.denominator
    single = below[0] if len(below) == 1 else None
    for monomial, (re, im) in coefficient.numerator:
        if im or (single and single[1][1]):
            raise ArithmeticError("a dipole moment's coefficient is not real")
        powers = dict(monomial)
        rest = Coefficient(below, (((), (Fraction(1), Fraction(0))),))
        if single:
            for name, power in single[0]:
                powers[name] = powers.get(name, 0) - power
            rest = Coefficient.number(1)
            re = re / single[1][0]
        constants = tuple((n, p) for n, p in sorted(powers.items()) if n not in keep)
        free = tuple((n, p) for n, p in sorted(powers.items()) if n in keep and p)
        yield Product(re, f"{constants} {rest}", _constant(constants, rest, known), free, source)


def _constant(powers: tuple[tuple[str, int], ...], below: Coefficient, known: Values) -> Callable[[int], arb]:
    """Return a product of constants over 16 pi^2 as a function of the precision."""

    def value(bits: int) -> arb:
        from flint import arb

        with working_precision(bits):
            total = 1 / (16 * arb.pi() ** 2)
            for name, power in powers:
                total *= known.ball(name) ** power
            value: arb = total / known.symbol_balls()(below)
            return value

    return value
