"""Where a mass goes, in GeV and in the dimensionless masses of each integral."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import read_number
from g2sym.derive.contributions import Term
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.formulas.functions import PLAIN
from g2sym.formulas.parser import parse_formula
from g2sym.integrals.laurent import Local, multiply
from g2sym.integrals.rational import Frac, constant, gen
from g2sym.observables.values import Values

if TYPE_CHECKING:
    from g2sym.model.moment import AnomalousMoment

INFINITY = ("oo", "inf", "infinity")


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
        return f"{self.mass} -> {self.point}{side}"


def read_target(moment: AnomalousMoment, mass: str, point: object, side: int = 1) -> Target:
    """Read where a mass goes.

    Parameters: ``mass``, a mass symbol of the model; ``point``, "oo", a number in GeV, or an expression
    of masses such as ``"2*m_mu"``; ``side``, +1 or -1. Raises UsageError for anything else.
    """
    movable = {s for t in moment.derivation.terms() for s, _ in t.masses.symbols().values()}
    if mass not in movable:
        raise UsageError(
            f"{shorten(mass)} is not a mass that Delta a_{moment.lepton} depends on; choose "
            f"{', '.join(sorted(movable)) or 'another model'}."
        )
    if (isinstance(point, str) and point.strip() in INFINITY) or point in (float("inf"),):
        return Target(mass, None)
    if isinstance(point, Coefficient):
        return Target(mass, point, side)
    if isinstance(point, str):
        lepton = f"m_{moment.lepton}"
        names = movable | set(moment.declaration.masses) | {lepton, "m_f", "m_Z"}
        formula = parse_formula(point, names, f"the point that {mass} goes to")
        found = Coefficient.number(0)
        for function, c in formula.terms:
            if function != PLAIN:
                raise UsageError(f"The point {shorten(point)} is not a rational expression of masses.")
            found = c.subs({"m_f": Coefficient.symbol(lepton)})
        return Target(mass, found, side)
    return Target(mass, Coefficient.number(read_number(point, mass)), side)


class Frame:
    """How one target is written in the dimensionless masses of each term."""

    def __init__(
        self, moment: AnomalousMoment, target: Target, known: Values, contribution: str | None
    ) -> None:
        self.moment, self.target, self.known = moment, target, known
        if contribution is not None and contribution not in moment.contributions:
            raise UsageError(
                f"There is no contribution {shorten(contribution)}; choose {', '.join(moment.contributions)}."
            )
        self.terms: list[Term] = [
            t for n, c in moment.contributions.items() if contribution in (None, n) for t in c.terms
        ]
        self.lepton = f"m_{moment.lepton}"
        point = target.point
        self.squared = point is not None and not self._is_linear(point)
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
        return all("nu" in where or s == self.lepton for s, where in self._places(point).items())

    def _places(self, point: Coefficient) -> dict[str, set[str]]:
        out: dict[str, set[str]] = {s: set() for s in point.symbols}
        for term in self.terms:
            for generator, (symbol, _) in term.masses.symbols().items():
                if symbol in out:
                    out[symbol].add(generator)
        return out

    def ratio(self, generator: str, symbol: str, power: int) -> Frac | None:
        """Return the exact value of a generator whose mass was given, None for a symbolic one."""
        if symbol not in self.known.given:
            return None
        exact = self.known.exact(symbol) / self.known.exact(self.lepton)
        return Frac.of(constant(exact**power))

    def path(self, term: Term) -> tuple[dict[str, Local], list[Frac]]:
        """Return the path of a term's generators, and what is positive along it."""
        one = Frac.of(1)
        path: dict[str, Local] = {}
        positive: list[Frac] = []
        for generator, (symbol, power) in term.masses.symbols().items():
            if symbol != self.target.mass:
                fixed = self.ratio(generator, symbol, power)
                if fixed is not None:
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
            if name in own and own[name][0] == "nu":
                fixed = self.ratio("nu", name, 1)
                return Frac.of(gen("nu")) if fixed is None else fixed
            if name in own and self.squared:
                return _Root(Frac.of(gen(own[name][0])))  # type: ignore[return-value]
            if name in self.known.given or name in self.known.inputs:
                return Frac.of(constant(self.known.exact(name) / self.known.exact(self.lepton)))
            raise UnsupportedError(
                f"The point {point} holds {name}, which is not a mass of this contribution."
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
