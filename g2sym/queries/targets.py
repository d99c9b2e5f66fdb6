"""Where a mass goes, in GeV and in the dimensionless masses of each integral."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import read_number
from g2sym.base.masses import UNITS, read_value
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.formulas.functions import PLAIN
from g2sym.formulas.parser import parse_formula
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.laurent import Local, multiply
from g2sym.integrals.rational import Frac, constant, gen
from g2sym.kernels.kernel import Kernel
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values

UNIT = re.compile(rf"({'|'.join(UNITS)})\b")
INFINITY = ("oo", "inf", "infinity")
LONGEST = 200
"""Most characters of a point that messages quote."""


@dataclass(frozen=True)
class Target:
    """Where a mass goes: ``point`` None is infinity; ``side`` +1 from above, -1 from below."""

    mass: str
    point: Coefficient | None
    side: int = 1

    @property
    def is_interior(self) -> bool:
        """True for a point that can be approached from both sides."""
        return self.point is not None and not self.point.is_zero

    @property
    def text(self) -> str:
        """For instance ``m_a -> 0``."""
        if self.point is None:
            return f"{self.mass} -> oo"
        side = "" if self.point.is_zero or self.side > 0 else " from below"
        point = str(self.point)
        return f"{self.mass} -> {point if len(point) <= LONGEST else f'{point[:LONGEST]}...'}{side}"


def read_target(quantity: Quantity, mass: str, point: object, side: int = 1) -> Target:
    """Read where a mass goes.

    Parameters: ``mass``, a mass symbol of the model; ``point``, "oo", a number in GeV, or an expression
    of masses such as ``"2*m_mu"``; ``side``, +1 or -1. Raises UsageError for anything else.
    """
    movable = quantity.masses
    if mass not in movable:
        raise UsageError(
            f"{shorten(mass)} is not a mass that {quantity.label} depends on; choose "
            f"{', '.join(sorted(movable)) or 'another model'}."
        )
    if isinstance(point, str | float) and str(point).strip() in INFINITY:
        return Target(mass, None)
    if isinstance(point, Coefficient):
        return Target(mass, point, side)
    if isinstance(point, str) and UNIT.search(point):
        point = read_value(point, mass, quantity.inputs.masses)
    if isinstance(point, str):
        leptons = {f"m_{a.lepton}" for a in quantity.amplitudes}
        names = movable | set(quantity.declaration.masses) | leptons | {"m_Z"}
        generic = {"m_f": Coefficient.symbol(min(leptons))} if len(leptons) == 1 else {}
        names |= generic.keys()
        formula = parse_formula(point, names, f"the point that {mass} goes to")
        found = Coefficient.number(0)
        for function, c in formula.terms:
            if function != PLAIN:
                raise UsageError(f"The point {shorten(point)} is not a rational expression of masses.")
            found = c.subs(generic)
        return Target(mass, found, side)
    return Target(mass, Coefficient.number(read_number(point, mass)), side)


class Frame:
    """How one target is written in the dimensionless masses of each term."""

    def __init__(
        self,
        amplitude: Amplitude,
        target: Target,
        known: Values,
        contribution: str | None,
        squared: bool | None = None,
    ) -> None:
        self.amplitude, self.target = amplitude, target
        self.known = amplitude.values(known)
        self.terms = amplitude.part(contribution)
        self.lepton = f"m_{amplitude.lepton}"
        point = target.point
        own = point is not None and not self._is_linear(point)
        self.squared = own if squared is None else squared
        unit = Coefficient.symbol(self.lepton)
        moving = Coefficient.symbol(target.mass)
        side = Coefficient.number(target.side)
        if point is None:
            self.t = unit / moving
        elif self.squared:
            self.t = side * (moving**2 - point**2) / unit**2
        else:
            self.t = side * (moving - point) / unit

    def _is_linear(self, point: Coefficient) -> bool:
        return all(1 in powers or s == self.lepton for s, powers in self._places(point).items())

    def _places(self, point: Coefficient) -> dict[str, set[int]]:
        """Return the powers of the slots that each symbol of the point stands in."""
        out: dict[str, set[int]] = {s: set() for s in point.symbols}
        for term in self.terms:
            for _, symbol, power in term.masses.slots:
                if symbol in out:
                    out[symbol].add(power)
        return out

    def _exact(self, symbol: str) -> Fraction | None:
        """Return the value of a mass that was given, or that is zero by default; None for a symbolic one."""
        if symbol in self.known.given:
            return self.known.exact(symbol)
        default = self.known.default(symbol)
        return Fraction(0) if default is not None and default.is_zero else None

    def ratio(self, symbol: str, power: int) -> Frac | None:
        """Return the exact value of a slot whose mass was given, None for a symbolic one."""
        value = self._exact(symbol)
        if value is None:
            return None
        return Frac.of(constant((value / self.known.exact(self.lepton)) ** power))

    def form(self, term: Term) -> ClosedForm:
        """Return the closed form that holds on the path: a fermion whose mass is zero has one of its own."""
        zeros = {
            name: Fraction(0)
            for name, symbol, _ in term.masses.slots
            if symbol != self.target.mass and self._exact(symbol) == 0
        }
        return Kernel.of(term.integral).closed(zeros).form

    def gone(self, term: Term) -> Collection[str]:
        """Return the slots that the form does not hold any more, their masses being zero."""
        return [
            name
            for name, symbol, power in term.masses.slots
            if power == 1 and symbol != self.target.mass and self._exact(symbol) == 0
        ]

    def path(self, term: Term) -> tuple[dict[str, Local], list[Frac]]:
        """Return the path of a term's slots, and what is positive along it."""
        one = Frac.of(1)
        path: dict[str, Local] = {}
        positive: list[Frac] = []
        gone = self.gone(term)
        for generator, (symbol, power) in term.masses.symbols().items():
            if generator in gone:
                continue
            if symbol != self.target.mass:
                fixed = self.ratio(symbol, power)
                if fixed is not None:
                    if fixed.is_zero:
                        raise UnsupportedError(
                            f"{symbol} = 0 is a limit of its own: give it another value while "
                            f"{self.target.mass} moves."
                        )
                    path[generator] = {0: fixed}
                continue
            if self.target.point is None:
                local: Local = {-1: one}
            else:
                value = self._point(term, self.target.point**2 if self.squared else self.target.point)
                if not value.is_zero:
                    positive.append(value)
                side = Frac.of(self.target.side)
                local = {e: c for e, c in ((0, value), (1, side)) if not c.is_zero}
                if self.squared and power == 1:
                    raise UnsupportedError(
                        f"The limit {self.target.text} is not rational in m_F/m; give it a number."
                    )
            path[generator] = multiply(local, local) if power == 2 and not self.squared else dict(local)
        return path, positive

    def _point(self, term: Term, point: Coefficient) -> Frac:
        """Write a point, divided by the lepton's mass (or its square), in the term's generators."""
        unit = self.known.exact(self.lepton) if not point.symbols else Fraction(1)
        own = {symbol: (generator, power) for generator, (symbol, power) in term.masses.symbols().items()}

        def symbol(name: str) -> Frac:
            if name == self.lepton:
                return Frac.of(1)
            if name in own and own[name][1] == 1:
                fixed = self.ratio(name, 1)
                return Frac.of(gen(own[name][0])) if fixed is None else fixed
            if name in own and self.squared:
                return _Root(Frac.of(gen(own[name][0])))  # type: ignore[return-value]
            if name in self.known.given or name in self.known.inputs:
                return Frac.of(constant(self.known.exact(name) / self.known.exact(self.lepton)))
            raise UnsupportedError(
                f"The point {shorten(point, 200)} holds {name}, which is not a mass of this contribution."
            )

        def number(re: Fraction, im: Fraction) -> Frac:
            return Frac.of(constant(re))

        out = point.fold(lambda n: _Power(symbol(n)), number)
        if not point.symbols:
            scale = unit**2 if self.squared else unit
            out = out * Frac.of(constant(1 / scale))
        return out  # type: ignore[no-any-return]


class _Root:
    """The square root of a generator: only even powers of it are rational."""

    def __init__(self, square: Frac) -> None:
        self.square = square


class _Power:
    """A symbol on its way into a rational function: takes an integer power."""

    def __init__(self, base: Frac | _Root) -> None:
        self.base = base

    def __pow__(self, power: int) -> Frac:
        base, count = self.base, power
        if isinstance(base, _Root):
            if power % 2:
                raise UnsupportedError("The point is not rational in the masses; give it a number.")
            base, count = base.square, power // 2
        out = Frac.of(1)
        for _ in range(count):
            out = out * base
        return out
