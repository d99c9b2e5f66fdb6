"""Integrals of l -> l' gamma: one numerator over a Delta that both leptons' masses enter.

The weights 1 - x, x - y and y belong to the line opposite to the photon and to the two beside it, next to l
and next to l'. In units of the first lepton's mass, with c = 1 - (m'/m)^2, A the squared mass of the former
and B that of the latter two:

    Delta = (1 - x) A + x B - (1 - x) (x - c y).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from g2sym.base.classes import dataclass, replace
from g2sym.errors import UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.feynman import Diagram, FeynmanIntegral, Slot
from g2sym.integrals.rational import Frac, Poly, by_powers, constant, gen, substitute
from g2sym.integrals.triangle import Field, over_triangle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.integrals.triangle import Key

FRACTIONS = Field(Frac.of, lambda value: bool(value.is_zero))
"""Rational functions of the masses."""


@dataclass(frozen=True, eq=False)
class TransitionIntegral(FeynmanIntegral):
    """int_0^1 dx int_0^x dy numerator/Delta/divisor, a form factor of l -> l' gamma.

    ``imaginary`` True stands for the imaginary part, which is zero below every threshold: both parts are real
    functions of the masses.
    """

    imaginary: bool = False

    @classmethod
    def of(
        cls,
        delta: Poly,
        numerator: Poly,
        divisor: Poly,
        slots: tuple[Slot, ...],
        diagram: Diagram,
        provenance: tuple[str, ...],
    ) -> TransitionIntegral:
        """Make an integral; raises UnsupportedError for a Delta of another form."""
        made = cls(
            variables=(("x", "0", "1"), ("y", "0", "x")),
            delta=delta,
            powers=((1, numerator),) if numerator != 0 else (),
            log=constant(0),
            divisor=divisor,
            pole=Frac.of(0),
            diagram=diagram,
            provenance=provenance,
            slots=slots,
        )
        a, b, c = made.lines
        x, y = gen("x"), gen("y")
        if delta != (1 - x) * a + x * b - (1 - x) * (x - c * y):
            raise UnsupportedError("The diagram gives an integral that the engine does not reduce.")
        return made

    @cached_property
    def lines(self) -> tuple[Poly, Poly, Poly]:
        """A, B and c of its Delta."""
        ends = {"x": constant(0), "y": constant(0)}
        a, b = substitute(self.delta, ends), substitute(self.delta, {**ends, "x": constant(1)})
        slope = substitute(by_powers(self.delta, "y").get(1, constant(0)), ends)
        return a, b, slope

    @property
    def numerator(self) -> Poly:
        """What stands over Delta."""
        return dict(self.powers).get(1, constant(0))

    @cached_property
    def functions(self) -> dict[Key, Frac]:
        """The integral as a sum of 1, logarithms, T and dilogarithms (see `over_triangle`), exactly.

        Where masses have been put in, with the functions that hold there.
        """
        a, b, c = (Frac.of(one) for one in self.lines)
        if c.is_zero:
            raise UnsupportedError("Both leptons have one mass: this is the moment of one lepton.")
        rows: dict[tuple[int, int], Frac] = {}
        for i, row in by_powers(self.numerator, "x").items():
            for j, value in by_powers(row, "y").items():
                rows[i, j] = Frac.of(value, self.divisor)
        return over_triangle(rows, a, b, c, FRACTIONS)

    @cached_property
    def canonical(self) -> ClosedForm:
        """Raise UnsupportedError: its closed form has dilogarithms, see `functions`."""
        raise UnsupportedError(
            "The form factors of l -> l' gamma have dilogarithms in both leptons' masses, which this query "
            "does not treat; ask for values, arrays, bounds on couplings, or the transition's own expansions."
        )

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """A key that integrals with the same integrand share."""
        return (*self._identity(), "transition", "im" if self.imaginary else "re")

    def __eq__(self, other: object) -> bool:
        """Two integrals are equal when they have the same functions with the same coefficients."""
        if not isinstance(other, TransitionIntegral):
            return NotImplemented
        return self.imaginary == other.imaginary and self.functions == other.functions

    def __hash__(self) -> int:
        return hash(self.identity)

    def substitute(self, values: Mapping[str, Poly | int]) -> TransitionIntegral:
        """Replace masses by ring elements or integers; a slot that does not occur any more is dropped."""
        put = {name: constant(0) + value for name, value in values.items()}
        delta, divisor = substitute(self.delta, put), substitute(self.divisor, put)
        powers = tuple((k, p) for k, n in self.powers if (p := substitute(n, put)) != 0)
        left = frozenset().union(*(p.generators for p in (delta, divisor, *(p for _, p in powers))))
        slots = tuple(s for s in self.slots if s.name in left)
        return replace(self, delta=delta, powers=powers, divisor=divisor, slots=slots)

    @property
    def imaginary_part(self) -> TransitionIntegral:
        """The same integral's imaginary part."""
        return replace(self, imaginary=True)
