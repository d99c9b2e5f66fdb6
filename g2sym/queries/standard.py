"""Observables as functions of arrays of any namespace that follows the array API standard.

A function evaluates once, in doubles, and reports instead of climbing: which points are as good as those of
`g2sym.queries.arrays.ArrayFunction`, and a bound on the error of each. Nothing in it branches on data or
writes in place, so that it can be traced, compiled, mapped and differentiated.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import TOLERANCE
from g2sym.arrays.namespace import Kept, Space, is_array
from g2sym.arrays.patches import Patches
from g2sym.arrays.plane_patches import any_patches_of
from g2sym.arrays.planes import Bands
from g2sym.arrays.running import Running, exact, number, rounded
from g2sym.arrays.sources import BITS
from g2sym.arrays.standard import Group, Plain, Powers, StandardSum, product
from g2sym.base.arguments import given
from g2sym.base.balls import number as as_ball
from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError
from g2sym.kernels.kernel import Kernel
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.quantity import Quantity, no_value
from g2sym.observables.rooted import under_roots
from g2sym.observables.summands import check_cutoff
from g2sym.observables.values import Values, allowed_names
from g2sym.queries.arrays import ArrayFunction, _no_kernel
from g2sym.queries.reduced import Reduced, products_of

Params = Mapping[str, object] | None
MOST_KEPT = 16
"""Sums and constants that a function remembers for the next call."""


class Guarded(NamedTuple):
    """Values with what is guaranteed of them, arrays of one shape; JAX takes it as a tree of arrays.

    ``decided`` is True where the relative error is at most 1e-12, as `lambdify("numpy")` guarantees it
    everywhere. ``error`` bounds the relative error of each value; it is infinite where nothing is guaranteed,
    and where a point has no value, which is NaN.
    """

    values: Any
    decided: Any
    error: Any


class StandardFunction:
    """A function of the parameters by keyword; made by ``Observable.lambdify("array-api")``.

    Arrays of doubles move, of any shape, of no dimension too; numbers and texts are exact and fixed, and
    masses among them may be zero. All arrays come from one namespace of the array API standard.
    """

    def __init__(self, quantity: Quantity) -> None:
        for atom in quantity.name.atoms:
            if atom.is_rate:
                raise UnsupportedError(
                    f"{atom} is no function of any array namespace, which moments alone are; take "
                    "lambdify(), which evaluates it over NumPy arrays with a proved error at every point."
                )
        quantity.refuse_imaginary("function of any array namespace")
        self._quantity = quantity
        self._sums: dict[tuple[object, ...], tuple[tuple[StandardSum, int], ...]] = {}
        self._kept: Kept = {}
        self._quoted: dict[tuple[tuple[str, str], ...], StandardFunction] = {}

    def __getstate__(self) -> dict[str, object]:
        """Return what the function was made from."""
        return {"_quantity": self._quantity, "_sums": {}, "_kept": {}, "_quoted": {}}

    def __call__(self, params: Params = None, xp: Any = None, **values: object) -> Any:
        """Evaluate; arrays broadcast against each other.

        Parameters: values in GeV by parameter name, arrays of doubles for what moves; ``xp``, a namespace for
        arrays that do not name their own, such as ``array_api_compat.torch``. Returns a `Guarded`, whose
        arrays have the broadcast shape. A point that is outside the table of a kernel (a massless mediator,
        say), on or above a threshold, negative as a mass or no number is NaN and not decided; beside a
        cancellation ``error`` says what is lost.
        Raises UsageError for arrays that are no doubles, of several namespaces or that do not broadcast, and
        for values that are missing; UnsupportedError for kernels without a table over what moves, such as one
        in the lepton's mass.

        Example: ``f(m_A=np.array([0.1, 1.0]), eps="1e-3").decided`` for the dark photon's moment.
        """
        quantity, merged = self._quantity.asked(given(params, values))
        if quantity is not self._quantity:  # in terms of y[mu]
            if quantity.quoted not in self._quoted:
                self._quoted[quantity.quoted] = StandardFunction(quantity)
            return self._quoted[quantity.quoted](merged, xp)
        for name, value in merged.items():
            if isinstance(value, list | tuple):
                raise UsageError(
                    f"{name} is a {type(value).__name__}, which belongs to no namespace of arrays; give an "
                    "array of doubles, or a number."
                )
        arrays: dict[str, Any] = {n: v for n, v in merged.items() if is_array(v)}
        known = self._quantity.values({n: v for n, v in merged.items() if n not in arrays})
        self._check(arrays, known)
        space = Space(arrays, xp, self._kept)
        shape = _shape(arrays)
        masses = known.declaration.masses
        valid: Any = space.one
        for name, array in arrays.items():
            proper = space.xp.isfinite(array)
            valid = valid * space.good(proper & (array >= 0) if name in masses else proper)
        found = product(space, [(total(space, arrays), power) for total, power in self._of(known, arrays)])
        result = space.xp.broadcast_to(found.value * valid, shape)
        error = space.xp.broadcast_to(space.where(valid == 1, found.error, float("inf")), shape)
        return Guarded(result, error <= TOLERANCE, error)

    def _check(self, arrays: Mapping[str, Any], known: Values) -> None:
        """Refuse names that move but cannot, and a call in which nothing moves."""
        parameters = known.declaration.parameters
        for name in arrays:
            if name in parameters and parameters[name].complex:
                raise UsageError(f"{name} is complex: arrays are for its parts re_{name} and im_{name}.")
            if name not in allowed_names(known.declaration):
                known.read(known.declaration, known.inputs, {name: 0})  # raises, naming the nearest
            if name in known.given:  # a part of what is given as a whole
                raise UsageError(f"{name[3:]} is given as a whole and as {name}; give it once.")
        if not arrays:
            raise UsageError(
                "No array is given, so there is no namespace to compute in; give at least one parameter as "
                "an array of doubles (of no dimension too), or take evaluate() or lambdify() for numbers."
            )
        self._quantity.refuse_pending(known, arrays=frozenset(arrays))

    def _of(self, known: Values, arrays: Mapping[str, Any]) -> tuple[tuple[StandardSum, int], ...]:
        """Return the sums of the amplitudes with their powers, remembered for the numbers given."""
        key = (frozenset(known.given.items()), frozenset(arrays))
        if key not in self._sums:
            keep = frozenset(arrays)
            made = {
                a.name: _Assembly(self._quantity, a, known, keep).sum() for a in self._quantity.amplitudes
            }
            factors = [(a, made[a.name], p) for a, p in self._quantity.numerator]
            factors += [(a, made[a.name], -p) for a, p in self._quantity.denominator]
            for amplitude, total, power in factors:
                if power < 0 and total.is_zero:
                    raise no_value(amplitude.label, self._quantity.text)
            while len(self._sums) >= MOST_KEPT:
                self._sums.pop(next(iter(self._sums)))
                self._kept.clear()
            self._sums[key] = tuple((total, power) for _, total, power in factors)
        return self._sums[key]


class _Assembly:
    """One amplitude as a sum over arrays: groups of products, functions on patches, elementary functions."""

    def __init__(self, quantity: Quantity, amplitude: Amplitude, known: Values, keep: frozenset[str]) -> None:
        self._amplitude = amplitude
        self._known = amplitude.values(known)
        self._keep = keep
        self._sources = ArrayFunction(quantity, "numpy")
        self._functions: list[Patches | Plain] = []
        self._places: dict[int, int] = {}
        self._groups: dict[Powers, dict[int | None, list[Any]]] = {}

    def sum(self) -> StandardSum:
        """Return the sum; raises what `StandardFunction` says."""
        known, keep = self._known, self._keep
        plain: list[Plain] = []
        reduced = Reduced(known, keep, Bands())
        for term in self._amplitude.terms:
            coefficient = known.expand(term.coefficient, keep)
            if vanishes(coefficient) or _no_kernel(term, known, keep):
                continue
            found = self._kernel(term)
            if found is None:
                if not reduced.add(term):
                    raise UnsupportedError(_without_table(term, keep))
                continue
            constant, place = found
            below = coefficient.denominator
            quotient = len(below) > 1 and any(n in keep for monomial, _ in below for n, _ in monomial)
            if quotient or not coefficient.rooted.isdisjoint(keep):
                plain.append(self._plain(coefficient, constant, place))
                continue
            for one in products_of(coefficient, known, keep, 0):
                self._add(one, place, constant)
        for one, source in reduced.pieces():
            patches = any_patches_of(source)
            assert patches is not None
            self._add(one, self._put(patches, id(source)), as_ball(1))
        made = [
            Group(powers, tuple((c, p) for p, every in own.items() for c in _joined(every)))
            for powers, own in self._groups.items()
        ]
        positive = [
            self._elementary(inside)
            for inside in under_roots(self._amplitude.rooted, known, keep).values()
            if inside.symbols & keep
        ]
        return StandardSum([g for g in made if g.parts], self._functions, plain, positive)

    def _add(self, product: Product, place: int | None, constant: Any) -> None:
        """Add a product, its constants times another one."""
        own = self._groups.setdefault(tuple(sorted(product.powers)), {})
        with working_precision(4 * BITS):
            own.setdefault(place, []).append(product.factor(4 * BITS) * constant)

    def _kernel(self, term: Term) -> tuple[Any, int | None] | None:
        """Return a term's kernel as a constant ball times a function, whose place None stands for 1.

        Returns None for a kernel without a table of its own.
        """
        known, keep, masses = self._known, self._keep, term.masses
        check = {m: known.expand(Coefficient.symbol(m), keep).symbols & keep - {m} for m in masses.names}
        if follows := next(((m, min(n)) for m, n in check.items() if n), None):
            raise UnsupportedError(
                f"The mass {follows[0]} follows {follows[1]}, which is an array; give {follows[0]} as well."
            )
        moving = [n for n in masses.names if n in keep]
        if moving and not term.integral.variables and masses.lepton not in keep:
            return as_ball(1), self._put(self._logarithm(term, moving[0]), id(term))
        arrays: Any = dict.fromkeys(keep)
        source = self._sources._source(term, known, arrays, False, TOLERANCE)
        if not source.names:
            return source.ball({}, 4 * BITS), None
        patches = any_patches_of(source)
        return None if patches is None else (as_ball(1), self._put(patches, id(source)))

    def _put(self, function: Patches | Plain, key: int) -> int:
        """Return the place of a function; terms with the same kernel share it."""
        if key not in self._places:
            self._places[key] = len(self._functions)
            self._functions.append(function)
        return self._places[key]

    def _logarithm(self, term: Term, name: str) -> Plain:
        """Return a kernel without an integral, in logarithms of masses (of the cut-off, say)."""
        form, known, keep = Kernel.of(term.integral).form, self._known, self._keep
        if form.arcs:
            raise UnsupportedError(
                f"A kernel in {name} has no elementary closed form: give {name} as a number."
            )
        unit = term.masses.unit(known.exact)
        check_cutoff(term, lambda n: Fraction(1) if n in keep else known.exact(n))
        slots = {
            slot: (symbol if symbol in keep else (known.exact(symbol) / unit) ** power, power)
            for slot, symbol, power in term.masses.slots
        }

        def function(space: Space, arrays: Mapping[str, Any]) -> Running:
            def ratio(slot: str) -> Running:
                value, power = slots[slot]
                if isinstance(value, Fraction):
                    return number(space, value)
                mass = arrays[value] * space.good(arrays[value] > 0)
                return (exact(space, mass) * number(space, 1 / unit)) ** power

            def constant(value: Any) -> Running:
                return number(space, Fraction(int(getattr(value, "p", value)), int(getattr(value, "q", 1))))

            found: Running = form.fold(ratio, constant, Running.log, _no_arc)
            return found

        return function

    def _plain(self, coefficient: Coefficient, constant: Any, place: int | None) -> Plain:
        """Return a term whose coefficient is no sum of powers of what moves."""
        from flint import arb

        elementary = self._elementary(coefficient)
        with working_precision(4 * BITS):
            factor = float((constant / (16 * arb.pi() ** 2)).mid())
        kernel = None if place is None else self._functions[place]

        def function(space: Space, arrays: Mapping[str, Any]) -> Running:
            total = elementary(space, arrays) * rounded(space, factor)
            if kernel is None:
                return total
            if callable(kernel):
                return total * kernel(space, arrays)
            value, error = kernel.value(space, kernel.locate(space, arrays), arrays)
            own = kernel.relative * space.xp.abs(value)
            return total * Running(space, value, own if error is None else own + error)

        return function

    def _elementary(self, coefficient: Coefficient) -> Plain:
        """Return a coefficient as a function of arrays, by sums, products, quotients and roots."""
        known, keep = self._known, self._keep
        constants: dict[str, float] = {}
        with working_precision(4 * BITS):
            for name in coefficient.symbols - keep:
                constants[name] = float(known.ball(name).mid())

        def function(space: Space, arrays: Mapping[str, Any]) -> Running:
            def symbol(name: str) -> Running:
                return rounded(space, constants[name]) if name in constants else exact(space, arrays[name])

            def rational(re: Fraction, im: Fraction) -> Running:
                if im:
                    raise ArithmeticError("a dipole moment's coefficient is not real")
                return number(space, re)

            found: Running = coefficient.fold(symbol, rational, Running.sqrt)
            return found

        return function


def _joined(constants: list[Any]) -> list[float]:
    """Return the sum of constants, rounded; all of them where their cancellation leaves too few bits."""
    with working_precision(4 * BITS):
        total = sum(constants[1:], constants[0])
        if total.is_zero():
            return []
        kept = [total] if total.rel_accuracy_bits() >= BITS else constants
        return [float(c.mid()) for c in kept]


def _without_table(term: Term, keep: frozenset[str]) -> str:
    """Say why a kernel cannot be evaluated over arrays of some masses."""
    names = term.masses.every
    moving = [n for n in dict.fromkeys(names) if n in keep]
    stand, give = ("stand", "all but one of them as numbers") if moving[1:] else ("stands", "it as a number")
    return (
        f"{' and '.join(moving)} {stand} in a kernel for which there is no table, at these masses or with "
        f'these couplings: give {give}, or take lambdify("numpy"), which evaluates such kernels in balls.'
    )


def _no_arc(first: Running, second: Running) -> Running:
    raise ArithmeticError("a closed form without an integral has no arcs")


def _shape(arrays: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the shape that arrays broadcast to."""
    import numpy as np

    try:
        return np.broadcast_shapes(*(tuple(a.shape) for a in arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{n} {tuple(a.shape)}" for n, a in arrays.items())
        raise UsageError(f"The arrays do not broadcast against each other: {shapes}.") from None
