"""Elementary functions of masses and energies: sums of rational functions times roots and logarithms.

Widths and cross-sections at tree level are of this form once the phase space is integrated. Slots hold
values themselves, in GeV where they have a unit, not ratios to a lepton's mass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from g2sym.base.classes import dataclass, replace
from g2sym.errors import UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.feynman import Diagram, FeynmanIntegral, Slot
from g2sym.integrals.rational import Frac, Poly, constant, substitute

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Key = tuple[tuple[int, ...], int]
"""Which roots, and which logarithm (-1 for none), a rational function is multiplied with."""
PLAIN: Key = ((), -1)


@dataclass(frozen=True)
class Log:
    """ln((u + v r)/(u - v r)), r a root by its place, or ln(u/v) where ``root`` is -1."""

    u: Poly
    v: Poly
    root: int = 0

    def text(self, roots: Sequence[Poly]) -> str:
        """Return a key that equal logarithms share."""
        return f"{self.u}|{self.v}|{roots[self.root] if self.root >= 0 else ''}"


@dataclass(frozen=True)
class Condition:
    """Where a function is what it says: ``poly`` is positive (or not zero, or not negative, by ``test``).

    Elsewhere it is zero where ``refused`` is empty, a closed channel, and else refused with that sentence,
    in which ``{slot}`` stands for the symbols of slots.
    """

    poly: Poly
    test: str = "positive"
    refused: str = ""

    def holds(self, value: Callable[[str], Any], number: Callable[[Any], Any]) -> bool:
        """True where it holds, in exact arithmetic."""
        found = self.poly.fold(value, number)
        if self.test == "nonzero":
            return bool(found != 0)
        return bool(found >= 0 if self.test == "nonnegative" else found > 0)


@dataclass(frozen=True, eq=False)
class Elementary(FeynmanIntegral):
    """sum of parts: a rational function of the slots times roots times at most one logarithm.

    ``parts`` maps `Key` to a rational function; ``roots`` holds what stands under each root, ``logs`` each
    logarithm; ``conditions`` are looked at in order.
    """

    parts: tuple[tuple[Key, Frac], ...] = ()
    roots: tuple[Poly, ...] = ()
    logs: tuple[Log, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @classmethod
    def of(
        cls,
        parts: Mapping[Key, Frac],
        slots: Sequence[str],
        diagram: Diagram,
        roots: Sequence[Poly] = (),
        logs: Sequence[Log] = (),
        conditions: Sequence[Condition] = (),
        provenance: tuple[str, ...] = (),
    ) -> Elementary:
        """Make a function of named slots, those that do not occur left out; squares of roots are put in."""
        kept = {key: value for key, value in _reduced(parts, roots).items() if not value.is_zero}
        polys = [p for f in kept.values() for p in (f.num, f.den)]
        polys += [*roots, *(p for one in logs for p in (one.u, one.v)), *(c.poly for c in conditions)]
        used = frozenset().union(*(p.generators for p in polys))
        return cls(
            variables=(),
            delta=constant(1),
            powers=(),
            log=constant(0),
            divisor=constant(1),
            pole=Frac.of(0),
            diagram=diagram,
            provenance=provenance,
            slots=tuple(Slot(name, 1) for name in slots if name in used),
            parts=tuple(sorted(kept.items())),
            roots=tuple(roots),
            logs=tuple(logs),
            conditions=tuple(conditions),
        )

    @property
    def every_slot(self) -> tuple[Slot, ...]:
        """The slots."""
        return self.slots

    @cached_property
    def canonical(self) -> ClosedForm:
        """Raise UnsupportedError: it is no sum over T and logarithms of rational numbers."""
        raise UnsupportedError(
            "Widths and cross-sections have roots and logarithms of their own, which this query does not "
            "treat; ask for values, closed forms, arrays, bounds, maps or scans."
        )

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """A key that equal functions share."""
        parts = (f"{key}:{value}" for key, value in self.parts)
        logs = (f"{one.u}|{one.v}|{one.root}" for one in self.logs)
        tests = (f"{c.poly}|{c.test}|{c.refused}" for c in self.conditions)
        return ("elementary", *parts, "roots", *map(str, self.roots), "logs", *logs, "where", *tests)

    def __eq__(self, other: object) -> bool:
        """Two functions are equal when they are written alike."""
        return isinstance(other, Elementary) and self.identity == other.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    def substitute(self, values: Mapping[str, Poly | int]) -> Elementary:
        """Replace slots by ring elements or integers; a slot that does not occur any more is dropped."""
        put = {name: constant(0) + value for name, value in values.items()}
        return Elementary.of(
            {key: value.substitute(put) for key, value in self.parts},
            [s.name for s in self.slots if s.name not in put],
            self.diagram,
            [substitute(one, put) for one in self.roots],
            [replace(one, u=substitute(one.u, put), v=substitute(one.v, put)) for one in self.logs],
            [replace(one, poly=substitute(one.poly, put)) for one in self.conditions],
            self.provenance,
        )

    def times(self, factor: Frac) -> Elementary:
        """Return the function times a rational function of its slots."""
        names = sorted(factor.num.generators | factor.den.generators)
        own = [s.name for s in self.slots]
        return Elementary.of(
            {key: value * factor for key, value in self.parts},
            [*own, *(n for n in names if n not in own)],
            self.diagram,
            self.roots,
            self.logs,
            self.conditions,
            self.provenance,
        )


def _reduced(parts: Mapping[Key, Frac], roots: Sequence[Poly]) -> dict[Key, Frac]:
    """Put squares of roots in: a key names each root once at most."""
    out: dict[Key, Frac] = {}
    for (places, log), value in parts.items():
        left: list[int] = []
        for place in sorted(places):
            if left and left[-1] == place:
                left.pop()
                value = value * Frac.of(roots[place])
            else:
                left.append(place)
        key = (tuple(left), log)
        out[key] = out[key] + value if key in out else value
    return out


def constant_function(diagram: Diagram, value: int = 1) -> Elementary:
    """Return a number as a function without slots."""
    return Elementary.of({PLAIN: Frac.of(value)}, (), diagram)


def every_part(functions: Iterable[Elementary]) -> tuple[Key, ...]:
    """Return the keys of some functions, once each."""
    return tuple(dict.fromkeys(key for one in functions for key, _ in one.parts))
