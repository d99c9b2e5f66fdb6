"""Terms: a coefficient in couplings times an integral whose slots are bound to masses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.integrals.feynman import FeynmanIntegral

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sympy


GEV = ""
"""In place of a lepton's mass: slots are values in GeV."""


@dataclass(frozen=True)
class Masses:
    """Which masses the slots of an integral stand for.

    Parameters: ``lepton``, the symbol of the external lepton's mass, the unit; ``slots``, triples of a slot's
    name, a mass symbol and the power: the slot is (symbol/lepton)^power, with power 2 for the squared mass of
    a boson or the cut-off, and 1 for the mass of a fermion.
    """

    lepton: str
    slots: tuple[tuple[str, str, int], ...] = ()

    @classmethod
    def of(cls, lepton: str, integral: FeynmanIntegral, symbols: Sequence[str]) -> Masses:
        """Bind the slots of an integral, in their order, to mass symbols."""
        pairs = zip(integral.slots, symbols, strict=True)
        return cls(lepton, tuple((slot.name, symbol, slot.power) for slot, symbol in pairs))

    @classmethod
    def exact(cls, slots: Sequence[tuple[str, str]]) -> Masses:
        """Bind slots that hold values themselves, in GeV, to symbols: no lepton's mass is a unit."""
        return cls(GEV, tuple((slot, symbol, 1) for slot, symbol in slots))

    def unit(self, value: Callable[[str], Fraction]) -> Fraction:
        """Return the unit of the slots in GeV, given the values of masses."""
        return Fraction(1) if self.lepton == GEV else value(self.lepton)

    def symbols(self) -> dict[str, tuple[str, int]]:
        """Return the slots: name to (mass symbol, power of it over the lepton's)."""
        return {name: (symbol, power) for name, symbol, power in self.slots}

    @property
    def names(self) -> tuple[str, ...]:
        """The mass symbols of the slots, once each."""
        return tuple(dict.fromkeys(symbol for _, symbol, _ in self.slots))

    @property
    def every(self) -> tuple[str, ...]:
        """The mass symbols of the slots and of the unit, once each."""
        return tuple(dict.fromkeys((*self.names, *((self.lepton,) if self.lepton else ()))))

    def of_power(self, power: int) -> str | None:
        """Return the first mass that stands in a slot of this power, or None."""
        return next((symbol for _, symbol, p in self.slots if p == power), None)

    def ratios(self) -> dict[str, sympy.Expr]:
        """Return the slots as SymPy expressions in the masses."""
        import sympy

        unit = sympy.Integer(1) if self.lepton == GEV else sympy.Symbol(self.lepton)
        return {n: (sympy.Symbol(s) / unit) ** p for n, s, p in self.slots}

    def exact_ratios(self, value: Callable[[str], Fraction]) -> dict[str, Fraction]:
        """Return the slots' exact values, given those of the masses."""
        unit = self.unit(value)
        return {n: (value(s) / unit) ** p for n, s, p in self.slots}


@dataclass(frozen=True)
class Term:
    """``coefficient`` times ``integral`` over 16 pi^2; the coefficient holds couplings and masses."""

    coefficient: Coefficient
    integral: FeynmanIntegral
    masses: Masses

    def needs(self) -> frozenset[str]:
        """The names of all couplings and masses in it."""
        return self.coefficient.symbols | set(self.masses.every)

    def integrand(self, taken: frozenset[str] = frozenset()) -> sympy.Expr:
        """Return the integrand as an ordinary SymPy expression, prefactors included.

        Parameters: ``taken``, names that the Feynman parameters must not have.
        """
        import sympy

        body = self.integral.to_sympy(self.masses.ratios(), sympy.Symbol(self.masses.lepton))
        names = {n: feynman_symbol(n, taken | self.needs()) for n, _, _ in self.integral.variables}
        body = body.subs({sympy.Symbol(n): symbol for n, symbol in names.items() if symbol.name != n})
        return sympy.factor_terms(self.coefficient.to_sympy() * body / (16 * sympy.pi**2))

    def closed_form(self) -> sympy.Expr:
        """Return the closed form as a SymPy expression, prefactors included."""
        import sympy

        from g2sym.integrals.printing import closed_expression

        body = closed_expression(self.integral.canonical, self.masses.ratios())
        return self.coefficient.to_sympy() / (16 * sympy.pi**2) * body


def feynman_symbol(name: str, taken: frozenset[str]) -> sympy.Symbol:
    """Return the symbol of a Feynman parameter: x, or x_F where the model has an x of its own."""
    import sympy

    return sympy.Symbol(f"{name}_F" if name in taken else name)
