"""Sums of elementary functions of two parameters, enclosed on boxes: rates over two masses or energies.

Where a root or a denominator may vanish on a box, values are enclosed in balls, a root of what may be
negative taken as one of what is not, since the function is zero or refused where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number
from g2sym.integrals.elementary import Condition, Elementary
from g2sym.integrals.rational import Frac, Poly, gen
from g2sym.kernels.elementary_boxes import NAMES, Bivariate, Box, Ends, Local
from g2sym.kernels.elementary_line import CLOSED, EITHER, NONE, OPEN, UNKNOWN, clipped, decided

if TYPE_CHECKING:
    from flint import arb

QUARTERED = 3
"""How often a box is quartered to decide a condition, such as that on the propagator of the Z."""


def _name(condition: Condition) -> tuple[str, str, str]:
    return str(condition.poly), condition.test, condition.refused


@dataclass(frozen=True)
class Factor:
    """An elementary function of the two parameters: slots replaced by polynomials in `NAMES`.

    Parameters: ``function``; ``names``, what slots are called in sentences.
    """

    function: Elementary
    names: Mapping[str, str] = field(default_factory=lambda: NONE)

    @cached_property
    def conditions(self) -> tuple[tuple[Condition, ...], tuple[Condition, ...]]:
        """The conditions that refuse before any closes a channel, and those from the first that does."""
        every = tuple(
            Condition(c.poly, c.test, c.refused and c.refused.format(**self.names))
            for c in self.function.conditions
        )
        first = next((k for k, c in enumerate(every) if not c.refused), len(every))
        return every[:first], every[first:]


@dataclass(frozen=True)
class Product:
    """A constant ``weight`` (a ball) times integer ``powers`` of the parameters times ``factors``."""

    weight: arb
    powers: tuple[int, int]
    factors: tuple[Factor, ...]


Tests = tuple[tuple[Condition, Bivariate], ...]
"""Conditions in order, with their polynomials."""
Gate = tuple[Tests, ...]
"""Conditions of the factors of a product, each of which is zero or refused by its own."""


@dataclass(frozen=True, eq=False)
class Part:
    """Products of the same roots and logarithms over one denominator."""

    top: Bivariate
    below: tuple[tuple[Bivariate, int], ...]
    roots: tuple[str, ...]
    logs: tuple[str, ...]


class BoxSums:
    """Several sums of products on the same boxes, which share roots, logarithms and denominators.

    Parameters: ``sums``, the products of each. Kernels of one process are put over one denominator with
    balls of full precision as coefficients, so that nothing is lost where they cancel. Build it and call its
    methods inside `working_precision`.
    """

    def __init__(self, sums: Sequence[Sequence[Product]]) -> None:
        self._polys: dict[str, Bivariate] = {}
        self.roots: dict[str, Bivariate] = {}
        self.logs: dict[str, tuple[Bivariate, Bivariate, Bivariate, str]] = {}
        self._sides: dict[tuple[float, float, int], Any] = {}
        refusing: dict[tuple[str, str, str], Condition] = {}
        gates: dict[tuple[Any, ...], tuple[tuple[Condition, ...], ...]] = {}
        found: list[dict[tuple[Any, ...], dict[tuple[tuple[str, ...], tuple[str, ...]], list[Any]]]] = []
        for products in sums:
            groups: dict[tuple[Any, ...], dict[Any, list[Any]]] = {}
            for product in products:
                for factor in product.factors:
                    refusing.update((_name(c), c) for c in factor.conditions[0])
                own = {tuple(map(_name, f.conditions[1])): f.conditions[1] for f in product.factors}
                key = tuple(sorted(k for k in own if k))
                gates[key] = tuple(own[k] for k in key)
                parts = groups.setdefault(key, {})
                for root, log, value in self._multiplied(product):
                    parts.setdefault((root, log), []).append((product.weight, value))
            found.append(groups)
        self.refusing = self._tests(tuple(refusing.values()))
        self.gates: tuple[Gate, ...] = tuple(tuple(map(self._tests, gate)) for gate in gates.values())
        places = {key: place for place, key in enumerate(gates)}
        self.sums = [
            [
                (places[key], [self._part(*names, values) for names, values in parts.items()])
                for key, parts in groups.items()
            ]
            for groups in found
        ]

    # making -----------------------------------------------------------------------------------------
    def _tests(self, conditions: Sequence[Condition]) -> Tests:
        return tuple((c, self._poly(c.poly)) for c in conditions)

    def _poly(self, poly: Poly) -> Bivariate:
        return self._polys.setdefault(str(poly), Bivariate([(number(1), poly)]))

    def _multiplied(self, product: Product) -> list[tuple[tuple[str, ...], tuple[str, ...], Frac]]:
        """Return a product as rational functions times roots times logarithms."""
        lead = Frac.of(1)
        for name, power in zip(NAMES, product.powers, strict=True):
            one = gen(name) ** abs(power)
            lead = lead * (Frac.of(one) if power >= 0 else Frac.of(1, one))
        out: list[tuple[tuple[str, ...], tuple[str, ...], Frac]] = [((), (), lead)]
        for factor in product.factors:
            function, more = factor.function, []
            for (places, log), value in function.parts:
                names = [str(function.roots[k]) for k in places]
                for k in {*places, *([function.logs[log].root] if log >= 0 else [])} - {-1}:
                    self.roots[str(function.roots[k])] = self._poly(function.roots[k])
                logs = (self._logarithm(function, log),) if log >= 0 else ()
                for roots, before, known in out:
                    total = known * value
                    for k, name in zip(places, names, strict=True):
                        if name in roots:  # the square of a root
                            total = total * Frac.of(function.roots[k])
                    kept = tuple(sorted({*roots} ^ {*names}))
                    more.append((kept, tuple(sorted((*before, *logs))), total))
            out = more
        return out

    def _logarithm(self, function: Elementary, place: int) -> str:
        log = function.logs[place]
        name = log.text(function.roots)
        if name not in self.logs:
            root = function.roots[log.root] if log.root >= 0 else None
            norm = log.v if root is None else log.u * log.u - log.v * log.v * root
            u, v, n = (self._poly(p) for p in (log.u, log.v, norm))
            self.logs[name] = u, v, n, "" if root is None else str(root)
        return name

    def _part(
        self, roots: tuple[str, ...], logs: tuple[str, ...], values: Sequence[tuple[arb, Frac]]
    ) -> Part:
        """Put rational functions over their least common denominator."""
        split = []
        common: dict[str, tuple[Poly, int]] = {}
        for _, value in values:
            lead, factors = value.den.factor()
            split.append((lead, {str(f): n for f, n in factors}))
            for f, n in factors:
                if n > common.get(str(f), (f, 0))[1]:
                    common[str(f)] = f, n
        tops = []
        for (weight, value), (lead, own) in zip(values, split, strict=True):
            top = value.num
            for name, (f, n) in common.items():
                top = top * f ** (n - own.get(name, 0))
            tops.append((weight / number(1) / lead, top))
        below = tuple((self._poly(f), n) for f, n in common.values())
        return Part(Bivariate(tops), below, roots, logs)

    @property
    def count(self) -> int:
        """The number of sums."""
        return len(self.sums)

    # boxes ------------------------------------------------------------------------------------------
    def box(self, ends: Ends) -> Box:
        """Return a box."""
        return Box(ends, self._sides)

    def forget(self) -> None:
        """Drop what is kept for intervals."""
        self._sides.clear()

    def refusal(self, box: Box) -> tuple[str, bool]:
        """Return why there may be no value on a box, and whether there is none anywhere on it.

        Without such a reason it is empty.
        """
        for condition, poly in self.refusing:
            holds, fails = self._verdict(condition, poly, box, QUARTERED)
            if not holds:
                return condition.refused, fails
        for conditions in (every for gate in self.gates for every in gate):
            mixed = False
            for condition, poly in conditions:
                holds, fails = decided(condition, box.values(poly))
                if condition.refused and not holds:
                    return condition.refused, fails and not mixed
                if fails:
                    break
                mixed |= not holds
        return "", False

    def _verdict(self, condition: Condition, poly: Bivariate, box: Box, depth: int) -> tuple[bool, bool]:
        """Return whether a condition holds, and whether it fails, all over a box, as far as is proved."""
        found = decided(condition, box.values(poly))
        if found[0] or found[1] or not depth or box.local(poly).e.is_zero():  # of what is linear, it is sharp
            return found
        for ends in box.quarters():
            one = self._verdict(condition, poly, self.box(ends), depth - 1)
            if not one[0]:
                return False, False
        return True, False

    def side(self, gate: Gate, box: Box) -> int:
        """Return what products with these conditions are on a box: see `OPEN`."""
        every = [self._side(conditions, box) for conditions in gate]
        return UNKNOWN if UNKNOWN in every else CLOSED if CLOSED in every else max(every, default=OPEN)

    def _side(self, conditions: Tests, box: Box) -> int:
        mixed = False
        for condition, poly in conditions:
            holds, fails = decided(condition, box.values(poly))
            if holds:
                continue
            if condition.refused:
                return UNKNOWN
            if fails:
                return CLOSED  # and where an earlier one fails, too
            mixed = True
        return EITHER if mixed else OPEN

    def closed(self, place: int, box: Box) -> int:
        """Return `CLOSED` where every product of a sum is zero on a box, by its conditions; see `OPEN`.

        `EITHER` where all of them may be zero in parts of it.
        """
        sides = [self.side(self.gates[gate], box) for gate, _ in self.sums[place]]
        return OPEN if OPEN in sides else CLOSED if all(s == CLOSED for s in sides) else EITHER

    def ranges(self, box: Box) -> list[arb] | None:
        """Enclose every sum on a box; None where one may be refused, not finite where one may be infinite."""
        if self.refusal(box)[0]:
            return None
        sides = [self.side(gate, box) for gate in self.gates]
        near = _Evaluation(self, box.local, Local.sqrt)
        wide = _Evaluation(self, box.values, clipped)
        out = []
        for groups in self.sums:
            smooth: list[Local] = []
            total = number(0)
            for place, parts in groups:
                if sides[place] == CLOSED:
                    continue
                if sides[place] == OPEN:
                    found = near.sum(parts)
                    if found.values.is_finite():
                        smooth.append(found)
                        continue
                value = wide.sum(parts)
                total += value.union(number(0)) if sides[place] == EITHER else value
            if smooth:
                total += sum(smooth[1:], smooth[0]).values
            out.append(total)
        return out


class _Evaluation:
    """Sums of parts on one box, each root, logarithm and inverse once: as `Local` or in balls.

    Parameters: ``sums``; ``made``, which evaluates a polynomial; ``root``, which takes a square root.
    """

    def __init__(self, sums: BoxSums, made: Callable[[Bivariate], Any], root: Callable[[Any], Any]) -> None:
        self._sums, self._made, self._root = sums, made, root
        self._known: dict[tuple[str, object], Any] = {}

    def _once(self, kind: str, name: object, make: Callable[[], Any]) -> Any:
        key = kind, name
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def root(self, name: str) -> Any:
        """Return a square root."""
        return self._once("root", name, lambda: self._root(self._made(self._sums.roots[name])))

    def log(self, name: str) -> Any:
        """Return ln((u + v r)/(u - v r)) = 2 ln(u + v r) - ln(u^2 - v^2 r^2), or ln(u/v) without a root."""
        return self._once("log", name, lambda: self._log(*self._sums.logs[name]))

    def _log(self, u: Bivariate, v: Bivariate, norm: Bivariate, root: str) -> Any:
        if not root:
            return self._made(u).log() - self._made(v).log()
        return 2 * (self._made(u) + self._made(v) * self.root(root)).log() - self._made(norm).log()

    def sum(self, parts: Sequence[Part]) -> Any:
        """Add parts up."""
        every = [self._value(part) for part in parts]
        return sum(every[1:], every[0])

    def _value(self, part: Part) -> Any:
        value = self._made(part.top)
        for name in part.roots:
            value = value * self.root(name)
        for name in part.logs:
            value = value * self.log(name)
        for poly, count in part.below:
            value = value / self._once("power", (id(poly), count), partial(self._power, poly, count))
        return value

    def _power(self, poly: Bivariate, count: int) -> Any:
        value = one = self._made(poly)
        for _ in range(count - 1):
            value = value * one
        return value
