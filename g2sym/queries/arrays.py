"""Observables over numpy arrays, every value to a guaranteed relative error.

A kernel in a boson's mass comes from a table (many masses) or from balls (few), one value per mass
given; the sum of couplings times kernels climbs the precision ladder where terms cancel. See
`g2sym.arrays.ladder`. Products and quotients share the error among their factors.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.arrays.chunked import ChunkedSum
from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import BALLS, TOLERANCE, Sum, Sums
from g2sym.arrays.pieces import extremes
from g2sym.arrays.planes import Bands
from g2sym.arrays.quotients import Quotient, summed
from g2sym.arrays.refused import Reasons, note, union, warn
from g2sym.arrays.sources import BallSource, KernelSource, Source
from g2sym.arrays.streams import Kept
from g2sym.arrays.threads import thread_count
from g2sym.base.arguments import flag, given
from g2sym.base.balls import certify, nearest_double, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UsageError
from g2sym.integrals.elementary import Elementary
from g2sym.integrals.transition import TransitionIntegral
from g2sym.kernels.kernel import Kernel
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Total, parts_of
from g2sym.observables.prepared import check_finite, prepared, refuse_above
from g2sym.observables.quantity import NoValue, Quantity, no_value
from g2sym.observables.rooted import without_unreal
from g2sym.observables.threshold import imaginary_ball
from g2sym.observables.values import Values
from g2sym.queries.columns import bad_points, check_names, separate
from g2sym.queries.elementary import elementary_source, merged
from g2sym.queries.evaluate import evaluate
from g2sym.queries.reduced import Reduced, products_of

if TYPE_CHECKING:
    from flint import arb
    from numpy.typing import NDArray


KEPT = 4
"""So many sums are kept: a sampler asks for the same one again and again."""


class ArrayFunction:
    """A function of the parameters by keyword; made by `Observable.lambdify`.

    A mediator's mass of zero gives the limit, where it is finite; above threshold values are real parts. A
    point of an array without a value is NaN: on a threshold, where the value diverges, for a negative or
    infinite mass, for a quotient whose denominator is exactly zero there, for NaN. One warning says how many
    there are, and why. A scalar without a value is refused, and so is a quotient that has none at any point
    since its denominator is zero whatever the arrays hold. Numbers are exact: couplings and masses in arrays
    are the doubles given, constants are never rounded to one double.
    """

    def __init__(self, quantity: Quantity, backend: str) -> None:
        self._quantity = quantity
        self._backend = backend
        quantity.refuse_complex("array function")
        self._sources: dict[tuple[object, ...], KernelSource] = {}
        self._bands = Bands()
        self._idle: list[Kept] = []
        self._sums: dict[tuple[object, ...], Sum | ChunkedSum] = {}
        self._quoted: dict[tuple[tuple[str, str], ...], ArrayFunction] = {}

    def _of(self, quantity: Quantity) -> ArrayFunction:
        """Return the function of the same observable with parameters that are quoted for a lepton."""
        if quantity.quoted not in self._quoted:
            self._quoted[quantity.quoted] = ArrayFunction(quantity, self._backend)
        return self._quoted[quantity.quoted]

    def __reduce__(self) -> tuple[type[ArrayFunction], tuple[Quantity, str]]:
        """Return what the function is made from: tables and kernels are made again where it arrives."""
        return ArrayFunction, (self._quantity, self._backend)

    def __call__(
        self,
        params: Mapping[str, object] | None = None,
        digits: int = 17,
        full: bool = False,
        threads: int | None = None,
        **values: object,
    ) -> Any:
        """Evaluate; arrays broadcast against each other.

        Parameters: values in GeV by parameter name, scalars or arrays (numpy backend); ``digits``
        (mpmath backend); ``full`` True returns a `g2sym.arrays.ladder.Sums` that also says which
        rung of the precision ladder decided each point, which points are ``invalid`` (a mask) and for which
        ``reasons`` (sentences to masks); ``threads`` that share long arrays, None for one per core (one where
        others run already: in a thread, in a process of a pool), with the same doubles for any number.
        Returns a float or an array of the broadcast shape with a relative
        error of at most 1e-12 everywhere, or an mpmath number.
        Raises UsageError for shapes that do not broadcast and for scalars without a value; warns with
        `g2sym.errors.InvalidPointsWarning`.
        """
        if params is not None and not isinstance(params, Mapping):
            names = ", ".join(f"{n}=..." for n in list(self._quantity.declaration.parameters)[:2])
            raise UsageError(f"Values and arrays are given by name, as in f({names}), or as params={{...}}.")
        quantity, merged = self._quantity.asked(given(params, values))
        if quantity is not self._quantity:  # in terms of y[mu]
            return self._of(quantity)(merged, digits, full, threads)
        flag(full, "full")
        threads = thread_count(threads)
        if self._backend == "mpmath":
            return evaluate(self._quantity, digits, merged).mpf()
        found, scalar = self.sums(merged, threads)
        if found.reasons:
            warn(found.reasons, found.invalid, 2)
        if full:
            return found
        return float(found.values) if scalar else found.values

    def sums(self, merged: Mapping[str, object], threads: int) -> tuple[Sums, bool]:
        """Return what a call with ``full`` returns, without its warning, and whether no array was given."""
        import numpy as np

        scalars, arrays = separate(merged, self._quantity)
        ends = {n: extremes(a) for n, a in arrays.items()}
        known = self._quantity.values(scalars)
        check_names(known, arrays)
        try:
            shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
        except ValueError:
            shapes = ", ".join(f"{n} {a.shape}" for n, a in arrays.items())
            raise UsageError(f"The arrays do not broadcast against each other: {shapes}.") from None
        zero = {n: Fraction(0) for n in arrays if ends[n] == (0.0, 0.0)}
        shown = Values(known.declaration, known.inputs, {**known.given, **zero})
        self._quantity.refuse_pending(shown, arrays=frozenset(arrays.keys() - zero.keys()))
        reasons = bad_points(known, arrays, ends)
        for amplitude in self._quantity.amplitudes:
            reasons |= without_unreal(amplitude.rooted, amplitude.values(known), arrays)
        found = self._values(known, arrays, threads)
        if not reasons:
            return found, not arrays
        reasons = {why: np.broadcast_to(mask, shape) for why, mask in reasons.items()}
        bad = union(reasons, shape)
        found.values[bad], found.rungs[bad] = np.nan, 0
        # a bad point has the reason that was found first
        later = {why: mask & ~bad for why, mask in found.reasons.items()}
        reasons |= {why: mask for why, mask in later.items() if mask.any()}
        return Sums(found.values, found.rungs, reasons), not arrays

    def _values(self, known: Values, arrays: Mapping[str, NDArray[Any]], threads: int) -> Sums:
        """Evaluate each amplitude once, then the product over the product."""
        import numpy as np

        factors = [(a, p) for a, p in self._quantity.above]
        factors += [(a, -p) for a, p in self._quantity.below]
        if (one := self._quantity.single) is not None:
            return self._sum(one, known, arrays, TOLERANCE)(arrays, threads=threads)
        # relative errors add up; half of the tolerance is left for the rounding of the products
        share = TOLERANCE / (2 * sum(abs(p) for _, p in factors))
        whole = Quotient(sum(abs(p) for _, p in factors))
        reasons: Reasons = {}
        for factor, power in factors:
            sums = [self._sum(a, known, arrays, share / len(parts_of(factor))) for a in parts_of(factor)]
            if power < 0 and not any(one.products for one in sums):
                raise no_value(factor.label, self._quantity.text)
            every = [one(arrays, threads=threads) for one in sums]
            found = every[0]
            if isinstance(factor, Total):
                found, beyond = summed(every, _weight(factor, known), factor.power)
            for why, mask in found.reasons.items():
                note(reasons, why, mask)
            zero = whole.multiply(found, power)
            if isinstance(factor, Total):
                whole.lost |= beyond
            del found
            if zero is not None:
                error = no_value(factor.label, self._quantity.text)
                if not arrays:
                    raise error
                note(reasons, str(error), zero)
        whole.finish()
        values, rungs = whole.values, whole.rungs
        # an amplitude may be no double itself where the whole is one
        invalid = union(reasons, values.shape)
        for place in map(tuple, np.argwhere(whole.lost & ~invalid).tolist()):
            try:
                values[place] = self._point(known, arrays, place, values.shape)
            except NoValue as absent:
                if not arrays:
                    raise
                here = np.zeros(values.shape, bool)
                here[place] = True
                note(reasons, str(absent), here)
        invalid = union(reasons, values.shape)
        values[invalid] = np.nan
        rungs[whole.lost] = BALLS
        rungs[invalid] = 0
        return Sums(values, rungs, reasons)

    def _point(
        self,
        known: Values,
        arrays: Mapping[str, NDArray[Any]],
        place: tuple[Any, ...],
        shape: tuple[int, ...],
    ) -> float:
        """Return the value at one point, rounded from a ball."""
        import numpy as np

        point = {n: Fraction(float(np.broadcast_to(a, shape)[place])) for n, a in arrays.items()}
        return nearest_double(evaluate(self._quantity, 17, {**known.given, **point}).ball.midpoint)

    def _sum(
        self, amplitude: Amplitude, known: Values, arrays: Mapping[str, NDArray[Any]], tolerance: float
    ) -> Sum | ChunkedSum:
        """Return an amplitude as products, made once for the same names and values."""
        place = self._quantity.amplitudes.index(amplitude)
        key = (place, tolerance, *sorted(arrays), *known.given.items())
        found = self._sums.get(key)
        if found is None:
            found = self._written(amplitude, known, arrays, tolerance)
            self._sums = {**dict(list(self._sums.items())[1 - KEPT :]), key: found}
        return found

    def _written(
        self, amplitude: Amplitude, known: Values, arrays: Mapping[str, NDArray[Any]], tolerance: float
    ) -> Sum | ChunkedSum:
        """Write an amplitude as products of constants, arrays and functions of masses.

        Terms in which two masses run are also written in the functions of `g2sym.integrals.basis`.
        """
        known = amplitude.values(known)
        keep = frozenset(arrays)
        if amplitude.below_threshold:
            self._below_threshold(amplitude, known, keep)
        products: list[Product] = []
        sources: list[Source] = []
        reduced = Reduced(known, keep, self._bands)
        terms = merged(amplitude.terms, known, keep)
        # where several terms are added up, as for photon and Z, some cancellation is allowed for
        left = sum(not vanishes(known.expand(t.coefficient, keep)) for t in terms)
        share = tolerance if left == 1 else tolerance / 8
        # what is small in the sum need not be accurate itself
        loose = left > 1 and all(isinstance(t.integral, Elementary) for t in terms)
        for term in terms:
            coefficient = known.expand(term.coefficient, keep)
            if vanishes(coefficient) or _no_kernel(term, known, keep):
                continue
            start = len(products)
            below = coefficient.denominator
            quotient = len(below) > 1 and any(n in keep for monomial, _ in below for n, _ in monomial)
            if quotient or not coefficient.rooted.isdisjoint(keep):
                sources.append(self._whole(term, coefficient, known, arrays, amplitude.imaginary))
                products.append(Product(Fraction(1), "", None, (), len(sources) - 1))
            else:
                sources.append(self._source(term, known, arrays, amplitude.imaginary, share, loose))
                products += products_of(coefficient, known, keep, len(sources) - 1)
                if (
                    not amplitude.imaginary
                    and not isinstance(sources[-1], KernelSource)
                    and reduced.add(term)
                ):
                    continue
            reduced.keep(products[start:], sources[-1])

        def zero(point: Mapping[str, float]) -> bool:
            here = _at(known, {name: Fraction(value) for name, value in point.items()})
            return prepared(amplitude.terms, here, amplitude.label, amplitude.imaginary).is_zero

        whole = Sum(products, sources, tolerance, zero, self._idle)
        return reduced.sum(whole) or whole

    def _below_threshold(self, amplitude: Amplitude, known: Values, keep: frozenset[str]) -> None:
        """Refuse masses in arrays, and those above threshold, for what is defined below it."""
        for term in amplitude.terms:
            for name in term.masses.names:
                if known.expand(Coefficient.symbol(name), keep).symbols & keep:
                    raise UsageError(
                        f"{amplitude.label} is defined below threshold only, so {name} cannot be an array; "
                        f"take arrays of a({amplitude.lepton}) and d({amplitude.lepton})."
                    )
        refuse_above(amplitude, known)

    def _source(
        self,
        term: Term,
        known: Values,
        arrays: Mapping[str, NDArray[Any]],
        imaginary: bool,
        tolerance: float,
        loose: bool = False,
    ) -> Source:
        """Return a term's kernel: a table where only one boson's mass runs, doubles for rates, else balls."""
        kernel, masses = Kernel.of(term.integral), term.masses
        names = tuple(n for n in masses.names if n in arrays)
        moving = [(slot, power) for slot, symbol, power in masses.slots if symbol in arrays]
        single = len(moving) == 1 and moving[0][1] == 2 and masses.lepton not in arrays
        single = single and not isinstance(term.integral, TransitionIntegral)
        if single and term.integral.variables and not imaginary:
            (slot, _), (name,) = moving[0], names
            fixed = {n: known.exact(s) for n, s, _ in masses.slots if n != slot}
            key = (kernel.key, name, known.exact(masses.lepton), *fixed.values())
            if key not in self._sources:
                ratios = masses.exact_ratios(_at(known, {name: Fraction(1)}).exact)
                others = {n: v for n, v in ratios.items() if n != slot}
                unit = known.exact(masses.lepton)
                special = (0.0, *kernel.threshold_masses(slot, others, unit))

                def check(mass: Fraction) -> None:
                    _ratios(term, kernel, _at(known, {name: mass}))

                self._sources[key] = KernelSource(kernel, others, unit, name, slot, special, check)
            return self._sources[key]

        def compute(point: Mapping[str, Fraction], bits: int) -> arb:
            return _kernel_ball(kernel, _ratios(term, kernel, _at(known, point)), bits, imaginary)

        if kernel.elementary is not None:
            found = elementary_source(term, known, frozenset(arrays), compute, tolerance, loose)
            if found is not None:
                return found
        return BallSource(names, compute)

    def _whole(
        self,
        term: Term,
        coefficient: Coefficient,
        known: Values,
        arrays: Mapping[str, NDArray[Any]],
        imaginary: bool,
    ) -> Source:
        """Return a term whose coefficient is no sum of powers of what moves, as one function in balls."""
        from flint import arb

        names = tuple(n for n in arrays if n in term.needs() or n in coefficient.symbols)
        kernel = Kernel.of(term.integral)

        def compute(point: Mapping[str, Fraction], bits: int) -> arb:
            here = _at(known, point)
            ratios = _ratios(term, kernel, here)
            with working_precision(bits + 20):
                factor = here.symbol_balls()(coefficient) / (16 * arb.pi() ** 2)
                value: arb = factor * _kernel_ball(kernel, ratios, bits + 20, imaginary)
            if not value.is_finite():
                raise UsageError(f"{coefficient}, by which a kernel is multiplied, is infinite.")
            return value

        return BallSource(names, compute)


def _weight(factor: Total, known: Values) -> float:
    """Return what stands before a sum of squares, rounded once."""
    ball = certify(lambda bits: known.coefficient_ball(factor.weight), 20, factor.label)
    return nearest_double(ball.midpoint)


def _no_kernel(term: Term, known: Values, keep: frozenset[str]) -> bool:
    """True when a kernel is zero at all values of the masses that are in arrays and are not zero."""

    def moves(mass: str) -> bool:
        return not known.expand(Coefficient.symbol(mass), keep).symbols.isdisjoint(keep)

    unit = term.masses.lepton
    above = bool(unit) and moves(unit)
    moving = [slot for slot, mass, _ in term.masses.slots if moves(mass) or above]
    rest = [(slot, mass, power) for slot, mass, power in term.masses.slots if slot not in moving]
    scale = Fraction(1) if above or not rest else term.masses.unit(known.exact)
    fixed = {slot: (known.exact(mass) / scale) ** power for slot, mass, power in rest}
    return Kernel.of(term.integral).vanishes_along(fixed, moving)


def _ratios(term: Term, kernel: Kernel, known: Values) -> dict[str, Fraction]:
    ratios = term.masses.exact_ratios(known.exact)
    check_finite(term, kernel, ratios, known.exact)
    return ratios


def _kernel_ball(kernel: Kernel, ratios: Mapping[str, Fraction], bits: int, imaginary: bool) -> arb:
    if not imaginary:
        return kernel.ball(ratios, bits)
    with working_precision(bits + 20):
        return imaginary_ball(kernel, ratios)


def _at(known: Values, point: Mapping[str, Fraction]) -> Values:
    return Values(known.declaration, known.inputs, {**known.given, **point})
