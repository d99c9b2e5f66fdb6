"""Observables as sums of pieces: powers of the parameters that move, times kernels, times exact constants.

Everything that looks at many points at once (maps, scans, counts) starts from this: the algebra is done
once, exactly, and what is left for each point is a handful of multiplications.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.kernels.kernel import Kernel
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Factors, Total
from g2sym.observables.prepared import check_finite, check_ratios, refuse_above, refuse_divergent
from g2sym.observables.quantity import Quantity, no_value, quantity_of
from g2sym.observables.threshold import imaginary_ball
from g2sym.observables.values import DERIVED, Values
from g2sym.observables.zero import vanishes_at, without_vanishing

if TYPE_CHECKING:
    from flint import arb


@dataclass(frozen=True)
class Bound:
    """The kernel of a term with the masses its slots stand for; ``known``, exact values of those that rest.

    ``masses`` are the moving parameters that it depends on, directly or by the default of a mass;
    ``imaginary`` takes the imaginary part in place of the value. Equal kernels of equal masses are equal.
    """

    term: Term
    known: Values
    masses: tuple[str, ...]
    imaginary: bool = False

    @cached_property
    def kernel(self) -> Kernel:
        """The kernel."""
        return Kernel.of(self.term.integral)

    @cached_property
    def key(self) -> tuple[object, ...]:
        """What tells two of them apart."""
        return (self.kernel.key, self.term.masses, self.imaginary)

    def ratios(self, values: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """Return the exact slots at values of the moving masses, for what needs the integral to be real.

        Raises UnsupportedError on and above threshold, UsageError where the kernel is singular.
        """
        if self.imaginary:
            raise UnsupportedError(
                "Imaginary parts have values, arrays, scans and bounds on couplings only; ask for these."
            )
        ratios = self._ratios(values)
        check_ratios(self.term, self.kernel, ratios, self._exact(values))
        refuse_divergent(self.term, self.kernel, ratios)
        return ratios

    def finite(self, values: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """Return the exact slots at values of the moving masses; raises UsageError where it is singular."""
        ratios = self._ratios(values)
        check_finite(self.term, self.kernel, ratios, self._exact(values))
        return ratios

    def _exact(self, values: Mapping[str, Fraction]) -> Callable[[str], Fraction]:
        whole = self._with(values) if self.follows else self.known
        return lambda name: values[name] if name in values else whole.exact(name)

    def _ratios(self, values: Mapping[str, Fraction]) -> dict[str, Fraction]:
        return self.term.masses.exact_ratios(self._exact(values))

    def ball(self, values: Mapping[str, Fraction], bits: int) -> arb:
        """Return the kernel at exact values of the moving masses, to ``bits`` correct bits.

        Above threshold that is its real part, or its imaginary part where that is wanted.
        """
        ratios = self.finite(values)
        if self.imaginary:
            with working_precision(bits + 20):
                return imaginary_ball(self.kernel, ratios)
        return self.kernel.ball(ratios, bits)

    @cached_property
    def unit(self) -> Fraction:
        """The external lepton's mass in GeV."""
        return self.term.masses.unit(self.known.exact)

    @cached_property
    def follows(self) -> dict[str, Coefficient]:
        """The masses whose defaults hold moving parameters: symbol to its value in these.

        Raises UsageError where a default holds numbers that are not rational.
        """
        keep, found = frozenset(self.masses), {}
        for symbol in self.term.masses.names:
            value = self.known.expand(Coefficient.symbol(symbol), keep)
            if symbol in keep or not value.symbols & keep:
                continue
            rest = value.symbols - keep
            self.known.require(rest)
            put = {n: Coefficient.number(self.known.exact(n)) for n in rest if n not in DERIVED}
            value = value.subs(put) if put else value
            names = {n for side in (value.numerator, value.denominator) for m, _ in side for n, _ in m}
            if names - keep:
                raise UsageError(
                    f"The default {self.known.default(symbol)} of {symbol} is not rational, which is needed "
                    f"where {' and '.join(sorted(value.symbols & keep))} moves; give {symbol} a value."
                )
            found[symbol] = value
        return found

    def _with(self, values: Mapping[str, Fraction]) -> Values:
        return Values(self.known.declaration, self.known.inputs, {**self.known.given, **values})

    @cached_property
    def slots(self) -> dict[str, tuple[Coefficient, int]]:
        """The slots that move: each one's mass over the lepton's in the moving parameters, and its power."""
        unit = Coefficient.number(self.unit)
        masses = {**{n: Coefficient.symbol(n) for n in self.masses}, **self.follows}
        every = self.term.masses.slots
        return {slot: (masses[symbol] / unit, power) for slot, symbol, power in every if symbol in masses}

    @property
    def is_plain(self) -> bool:
        """True when one slot moves, and is a moving parameter."""
        return len(self.slots) == 1 and not self.follows

    @cached_property
    def is_zero(self) -> bool:
        """True when the kernel is zero at all values of the masses that move and are not zero."""
        return self.kernel.vanishes_along(self.fixed, self.slots)

    def moving_slot(self) -> tuple[str, int]:
        """Return the slot of the one moving mass and its power.

        Raises UnsupportedError for a mass that stands in several slots.
        """
        (mass,) = self.masses
        found = [(slot, power) for slot, symbol, power in self.term.masses.slots if symbol == mass]
        if len(found) != 1 or self.term.masses.lepton == mass:
            raise UnsupportedError(f"{mass} stands in several places of one kernel; vary another parameter.")
        return found[0]

    @cached_property
    def fixed(self) -> dict[str, Fraction]:
        """The exact values of the slots that do not move."""
        return {
            slot: (self.known.exact(symbol) / self.unit) ** power
            for slot, symbol, power in self.term.masses.slots
            if slot not in self.slots
        }


@dataclass(frozen=True)
class Piece:
    """``factor`` times the moving parameters to their ``powers`` times kernels, each over 16 pi^2.

    ``powers`` may be negative.
    """

    powers: tuple[int, ...]
    factor: Coefficient
    kernels: tuple[Bound, ...]

    @cached_property
    def masses(self) -> frozenset[str]:
        """The moving parameters that the kernels depend on."""
        return frozenset(n for k in self.kernels for n in k.masses)

    @property
    def moving(self) -> tuple[Bound, ...]:
        """The kernels in which something moves."""
        return tuple(k for k in self.kernels if k.masses)


@dataclass(frozen=True)
class Structure:
    """The pieces of an observable; made by `take_apart`.

    Parameters: ``moving``, the names of the parameters that vary; ``known``, exact values of the others;
    ``pieces`` of the numerator, ``below`` of the denominator, None where there is none.
    """

    quantity: Quantity
    moving: tuple[str, ...]
    known: Values
    pieces: tuple[Piece, ...]
    below: tuple[Piece, ...] | None

    def constant(self, piece: Piece, bits: int) -> arb:
        """Return what multiplies the powers: the factor over 16 pi^2, and the kernels in which nothing moves.

        Call inside `working_precision`.
        """
        from flint import arb

        value = self.known.symbol_balls()(piece.factor)
        for kernel in piece.kernels:
            value = value / (16 * arb.pi() ** 2)
            if not kernel.masses:
                value = value * kernel.ball({}, bits)
        return value


def take_apart(observable: object, fixed: Mapping[str, object], moving: Sequence[str]) -> Structure:
    """Write an observable as a sum of pieces, or as a quotient of two.

    Parameters: ``observable``; ``fixed``, values of parameters by name; ``moving``, names of those that vary.
    Raises UsageError for unknown names, for a name that is both fixed and moving and for one that stands
    under a root, UnsupportedError when one stands in a denominator other than as a power.
    """
    quantity = quantity_of(observable)
    names = tuple(moving)
    known = quantity.values(fixed)
    for name in names:
        if name in fixed or name in known.given:
            raise UsageError(f"{shorten(name)} is both varied and given a value; leave one of the two out.")
        if names.count(name) > 1:
            raise UsageError(f"{shorten(name)} is varied twice; name different parameters.")
        quantity.values({name: 1})  # raises for a name that the model does not have
        parameters = quantity.declaration.parameters
        if name in parameters and parameters[name].complex:
            raise UsageError(f"{name} is complex: vary its parts {' and '.join(parameters[name].symbols)}.")
    for amplitude in quantity.amplitudes:
        amplitude.refuse_moving(names, amplitude.values(known))
    ones = {name: Fraction(1) for name in names}
    quantity.refuse_pending(Values(known.declaration, known.inputs, {**known.given, **ones}))
    above = _product(quantity.above, known, names)
    below = _product(quantity.below, known, names) if quantity.below else None
    pieces = (*above, *(below or ()))
    needed = {s for p in pieces for s in p.factor.symbols} | {
        s for p in pieces for k in p.kernels for s in k.term.masses.names if s not in names
    }
    known.require(needed)
    above, below = _nonzero(above), None if below is None else _nonzero(below)
    if below == ():
        empty = (f.label for f, _ in quantity.below if not _nonzero(_of_factor(f, known, names)))
        label = next(empty, "")
        raise no_value(label, quantity.text)
    return Structure(quantity, names, known, above, below)


def without_common_powers(structure: Structure) -> tuple[Structure, tuple[str, ...]]:
    """Divide numerator and denominator of a quotient by the moving parameters that both are a multiple of.

    Returns the quotient, which has its limit where such a parameter is zero, and their names.
    """
    if structure.below is None:
        return structure, ()
    every = [piece.powers for piece in (*structure.pieces, *structure.below)]
    common = [min(powers) for powers in zip(*every, strict=True)]

    def divided(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
        rest = ((p, tuple(n - m for n, m in zip(p.powers, common, strict=True))) for p in pieces)
        return tuple(Piece(powers, p.factor, p.kernels) for p, powers in rest)

    names = tuple(n for n, power in zip(structure.moving, common, strict=True) if power > 0)
    found = replace(structure, pieces=divided(structure.pieces), below=divided(structure.below))
    return found, names


def _nonzero(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """Leave out the pieces with a kernel that is zero identically."""
    return tuple(p for p in pieces if not any(k.is_zero for k in p.kernels))


def _product(factors: Factors, known: Values, names: tuple[str, ...]) -> tuple[Piece, ...]:
    """Multiply sums of pieces; no piece at all is zero, and so is every product with it."""
    total = [Piece((0,) * len(names), Coefficient.number(1), ())]
    for factor, power in factors:
        own = _of_factor(factor, known, names)
        for _ in range(power):
            total = [_times(p, q) for p in total for q in own]
    return tuple(total)


def _of_factor(factor: Factor, known: Values, names: tuple[str, ...]) -> list[Piece]:
    """Return an amplitude, or a sum of squares of them, as pieces; equal ones of the latter are added up."""
    if not isinstance(factor, Total):
        return _pieces(factor, known, names)
    moves = known.expand(factor.weight, frozenset(names)).symbols & set(names)
    if moves:
        raise UsageError(f"The phase space of {factor.label} depends on {', '.join(sorted(moves))}; fix it.")
    found: dict[tuple[object, ...], Piece] = {}
    for part in factor.parts:
        own = _pieces(part, known, names)
        for p in own:
            for one in [p] if factor.power == 1 else [_times(p, q) for q in own]:
                key = (one.powers, *sorted(str(k.key) for k in one.kernels))
                old = found.get(key)
                found[key] = one if old is None else Piece(old.powers, old.factor + one.factor, old.kernels)
    every = (Piece(p.powers, p.factor * factor.weight, p.kernels) for p in found.values())
    return [p for p in every if not vanishes(p.factor)]


def _times(p: Piece, q: Piece) -> Piece:
    powers = tuple(a + b for a, b in zip(p.powers, q.powers, strict=True))
    return Piece(powers, p.factor * q.factor, p.kernels + q.kernels)


def _pieces(amplitude: Amplitude, known: Values, names: tuple[str, ...]) -> list[Piece]:
    """Return an amplitude as pieces; those of one power that add up to zero exactly are left out."""
    own = amplitude.values(known)
    keep = frozenset(names)
    if amplitude.below_threshold:
        refuse_above(amplitude, own, keep)
    found: list[tuple[tuple[int, ...], Term, Bound]] = []
    for term in amplitude.terms:
        behind = {s: own.expand(Coefficient.symbol(s), keep).symbols & keep for s in term.masses.names}
        masses = tuple(dict.fromkeys(n for s in term.masses.names for n in sorted(behind[s])))
        bound = Bound(term, own, masses, amplitude.imaginary)
        for powers, factor in split(own.expand(term.coefficient, keep), names).items():
            if not vanishes(factor):
                found.append((powers, Term(factor, term.integral, term.masses), bound))
    groups: dict[tuple[int, ...], list[Term]] = {}
    for powers, part, _ in found:
        groups.setdefault(powers, []).append(part)
    alive = {id(part) for g in groups.values() for part in _alive(g, own, keep, amplitude.imaginary)}
    return [Piece(p, part.coefficient, (bound,)) for p, part, bound in found if id(part) in alive]


def _alive(group: list[Term], known: Values, keep: frozenset[str], imaginary: bool) -> list[Term]:
    """Return the terms that do not add up to zero, as far as that is decided exactly.

    At given values only the real parts are compared, so imaginary parts are left as they are.
    """
    left = without_vanishing(group, known, keep)
    masses = {name for term in left for name in term.masses.names}
    moves = any(known.expand(Coefficient.symbol(n), keep).symbols & keep for n in masses)
    return [] if len(left) > 1 and not (moves or imaginary) and vanishes_at(left, known) else left


def split(coefficient: Coefficient, names: Sequence[str]) -> dict[tuple[int, ...], Coefficient]:
    """Split into powers of the named symbols, negative ones included: exponents to coefficients.

    Raises UnsupportedError when one of them stands in a denominator that is not a power of it.
    """
    found = {tuple(dict(m).get(n, 0) for n in names) for m, _ in coefficient.denominator}
    if len(found) != 1:
        raise UnsupportedError(
            f"The coefficient {shorten(coefficient, 200)} is not a sum of powers of {', '.join(names)}; "
            "choose other parameters to vary."
        )
    (shift,) = found
    for name, power in zip(names, shift, strict=True):
        coefficient = coefficient * Coefficient.symbol(name) ** power
    parts = coefficient.collect(names)
    return {tuple(p - s for p, s in zip(key, shift, strict=True)): value for key, value in parts.items()}
