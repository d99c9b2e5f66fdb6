"""A dipole moment's Feynman-parameter integral: frozen, exact, with where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from g2sym.base.classes import dataclass, field, replace
from g2sym.integrals.canonical import ClosedForm, integrate, log_of
from g2sym.integrals.polynomials import PARAMETERS, in_order
from g2sym.integrals.rational import Frac, Poly, by_powers, constant, gen, substitute
from g2sym.integrals.simplex import integrate_simplex

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Slot:
    """A mass that an integral depends on: the generator's name, and its power over the lepton's mass.

    ``power`` is 2 for a squared mass and 1 for a signed one, a fermion's.
    """

    name: str
    power: int


CUTOFF_LOGARITHM = "logarithm of the cut-off"
"""The kind of diagram that an ultraviolet pole stands for."""


@dataclass(frozen=True)
class Diagram:
    """Which diagram an integral belongs to.

    ``kind`` names the topology, "neutral exchange" with the photon on the fermion, "charged exchange" with
    the photon on the boson, or "Barr-Zee"; ``boson`` and ``fermion`` the internal lines, ``vertices`` the
    gamma strings of an exchange along the line, in words; of a Barr-Zee-type diagram the gauge boson and the
    scalar's gamma string.
    """

    kind: str
    boson: str = ""
    fermion: str = ""
    vertices: tuple[str, str] = ("", "")

    def __str__(self) -> str:
        if not self.boson or self.kind == CUTOFF_LOGARITHM:
            return self.kind
        if self.kind == "Barr-Zee":
            return (
                f"Barr-Zee: {self.boson} and a virtual {self.vertices[0]} on the {self.fermion} line, "
                f"vertex {self.vertices[1]}"
            )
        joined = f"the internal {self.fermion}" if self.kind == "neutral exchange" else self.boson
        with_fermion = "" if self.kind == "neutral exchange" else f" with {self.fermion}"
        return (
            f"{self.kind}: {self.boson} exchange{with_fermion}, photon on {joined}, "
            f"vertices {self.vertices[0]} and {self.vertices[1]}"
        )


CUTOFF = Slot("lam", 2)
"""The squared cut-off."""


@dataclass(frozen=True, eq=False)
class FeynmanIntegral:
    """int over the Feynman parameters of (sum_k powers[k]/Delta^k + log ln Delta)/divisor.

    Everything is in units of the external lepton's mass and of 1/(16 pi^2). ``variables`` lists each
    parameter with its limits, outermost first; ``pole`` is the coefficient of 1/eps left after
    integration, which a declared scheme turns into the coefficient of ln(Lambda^2/m^2) (zero for a
    finite result); ``scheme`` and ``provenance`` record how it was derived. ``slots`` are the masses it
    depends on; ``thresholds`` groups of them whose masses (absolute values of signed ones) have to add
    up to more than 1, the lepton's, for it to be real. The value does not include the logarithm of the
    cut-off.
    """

    variables: tuple[tuple[str, str, str], ...]
    delta: Poly
    powers: tuple[tuple[int, Poly], ...]
    log: Poly
    divisor: Poly
    pole: Frac
    diagram: Diagram
    scheme: str = "four-dimensional"
    provenance: tuple[str, ...] = field(default=())
    slots: tuple[Slot, ...] = ()
    thresholds: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def every_slot(self) -> tuple[Slot, ...]:
        """The declared slots, and any other mass that occurs as a squared one."""
        polys = (self.delta, self.divisor, self.log, *(p for _, p in self.powers))
        known = {slot.name for slot in self.slots}
        others = frozenset().union(*(p.generators for p in polys)) - known - set(PARAMETERS)
        return (*self.slots, *(Slot(name, 2) for name in in_order(others)))

    @property
    def is_finite(self) -> bool:
        """True when no ultraviolet pole is left."""
        return self.pole.is_zero

    @property
    def is_logarithm(self) -> bool:
        """True for the logarithm of the cut-off."""
        return not self.variables and self.log != 0

    @cached_property
    def canonical(self) -> ClosedForm:
        """The canonical form, by parts, Hermite reduction and polynomial division."""
        return self._canonical()

    def _canonical(self) -> ClosedForm:
        if not self.variables:
            constant_part = dict(self.powers).get(0, constant(0))
            form = log_of(self.delta).scale(Frac.of(self.log)) + ClosedForm(Frac.of(constant_part))
        elif len(self.variables) == 1:
            form = self._integrated(self.variables[0][0])
        else:
            form = integrate_simplex(dict(self.powers), self.log, self.delta)
        return form.scale(Frac.of(1, self.divisor))

    def _integrated(self, variable: str) -> ClosedForm:
        """Integrate over one parameter; where Delta vanishes at both ends, it has to cancel."""
        powers, delta = dict(self.powers), self.delta
        if self.log == 0 and all(substitute(delta, {variable: constant(end)}) == 0 for end in (0, 1)):
            plain = constant(0)
            for k, numerator in powers.items():
                quotient, rest = divmod(numerator, delta**k)
                if rest != 0:
                    raise ArithmeticError("an integral over a Feynman parameter diverges at its end point")
                plain = plain + quotient
            powers = {0: plain}
            delta = gen(variable) ** 2  # stands in none of the terms
        return integrate(powers, self.log, delta, variable)

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """A key that integrals with the same integrand share."""
        return self._identity()

    def _identity(self) -> tuple[str, ...]:
        return (str(self.delta), str(self.powers), str(self.log), str(self.divisor))

    def __eq__(self, other: object) -> bool:
        """Two integrals are equal when their values agree for all masses: decided exactly."""
        return self.canonical == other.canonical if isinstance(other, FeynmanIntegral) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.canonical)

    def substitute(self, values: Mapping[str, Poly | int]) -> FeynmanIntegral:
        """Replace masses by ring elements or integers, for instance ``{"nu": constant(1)}`` for equal masses.

        A replaced mass is no slot any more, and no threshold holds it; one replaced by zero leaves the
        others of its threshold.
        """
        put = {name: constant(0) + value for name, value in values.items()}
        gone = {n for n, v in put.items() if max(by_powers(v, n), default=0) == 0}
        massless = {n for n in gone if put[n] == 0}
        thresholds = (tuple(n for n in group if n not in massless) for group in self.thresholds)
        return replace(
            self,
            delta=substitute(self.delta, put),
            powers=tuple((k, p) for k, n in self.powers if (p := substitute(n, put)) != 0),
            log=substitute(self.log, put),
            divisor=substitute(self.divisor, put),
            pole=self.pole.substitute(put),
            slots=tuple(s for s in self.slots if s.name not in gone),
            thresholds=tuple(group for group in thresholds if gone.isdisjoint(group)),
        )

    def negated(self) -> FeynmanIntegral:
        """Return the integral times -1."""
        return replace(self, powers=tuple((k, -p) for k, p in self.powers), log=-self.log, pole=-self.pole)

    def to_sympy(self, masses: Mapping[str, sympy.Expr], unit: sympy.Expr) -> sympy.Expr:
        """Return the integrand as a SymPy expression in assumption-free symbols.

        Parameters: ``masses`` maps the slots to expressions that are already divided by the
        lepton's mass, ``unit`` is the lepton's mass. The parameters are the symbols x and y. The
        factor 1/(16 pi^2) is not included.
        """
        import sympy

        from g2sym.integrals.printing import grouped

        base = grouped(self.delta, masses, unit)
        total = sympy.Integer(0)
        for k, numerator in self.powers:
            top = grouped(numerator, masses, sympy.Integer(1), self.divisor)
            total += top * unit ** (2 * k) / base**k
        if self.log != 0:
            total += grouped(self.log, masses, sympy.Integer(1), self.divisor) * sympy.log(base / unit**2)
        return total


def cutoff_logarithm() -> FeynmanIntegral:
    """Return ln(Lambda^2/m^2) as an integral over no Feynman parameter; the cut-off is its last slot."""
    return FeynmanIntegral(
        variables=(),
        delta=gen(CUTOFF.name),
        powers=(),
        log=constant(1),
        divisor=constant(1),
        pole=Frac.of(0),
        diagram=Diagram(CUTOFF_LOGARITHM),
        provenance=("1/eps read as the logarithm of the cut-off",),
        slots=(CUTOFF,),
    )


def unit_integral() -> FeynmanIntegral:
    """Return 1 as an integral over no Feynman parameter at all: a contribution without a loop."""
    return FeynmanIntegral(
        variables=(),
        delta=constant(1),
        powers=((0, constant(1)),),
        log=constant(0),
        divisor=constant(1),
        pole=Frac.of(0),
        diagram=Diagram("tree"),
        provenance=("a declared dipole coupling of the photon",),
    )


def combine(powers: Mapping[int, Poly], log: Poly, delta: Poly, variable: str = "x") -> Poly | None:
    """Write an integrand as one numerator over Delta, where integration by parts leaves no boundary.

    Returns the numerator, or None when the logarithm's primitive does not vanish at both ends or a
    higher power of 1/Delta stands.
    """
    x = gen(variable)
    primitive = log.integral(variable)
    if any(k > 1 for k in powers) or substitute(primitive, {variable: 0 * x + 1}) != 0:
        return None
    total = -primitive * delta.derivative(variable)
    for k, numerator in powers.items():
        total += numerator * delta ** (1 - k)
    return total
