"""Delta a over numpy arrays, every value to a guaranteed relative error of the sum.

A kernel in the boson's mass comes from a table (many masses) or from balls (few), one value per mass
given; the sum of couplings times kernels climbs the precision ladder where terms cancel. See
`g2sym.arrays.ladder`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import Sum, Sums
from g2sym.arrays.sources import BallSource, KernelSource, Source
from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.errors import UsageError
from g2sym.kernels.closed import Kernel
from g2sym.observables.values import Values, allowed_names

if TYPE_CHECKING:
    from flint import arb
    from numpy.typing import NDArray

    from g2sym.derive.contributions import Term
    from g2sym.model.moment import AnomalousMoment


class ArrayFunction:
    """A function of the parameters by keyword; made by `AnomalousMoment.lambdify`.

    NaN in gives NaN out, point by point; a negative or infinite mass is refused. Numbers are exact:
    couplings and masses in arrays are the doubles given, constants are never rounded to one double.
    """

    def __init__(self, moment: AnomalousMoment, backend: str) -> None:
        self._moment = moment
        self._backend = backend
        self._sources: dict[tuple[object, ...], KernelSource] = {}

    def __call__(
        self,
        params: Mapping[str, object] | None = None,
        digits: int = 17,
        full: bool = False,
        **values: object,
    ) -> Any:
        """Evaluate; arrays broadcast against each other.

        Parameters: values in GeV by parameter name, scalars or arrays (numpy backend); ``digits``
        (mpmath backend); ``full`` True returns a `g2sym.arrays.ladder.Sums` that also says which
        rung of the precision ladder decided each point. Returns a float or an array of the broadcast
        shape with a relative error of at most 1e-12 everywhere, or an mpmath number.
        Raises UsageError for shapes that do not broadcast and for bad masses.
        """
        merged = {**(params or {}), **values}
        if self._backend == "mpmath":
            return self._moment.evaluate(digits=digits, params=merged).mpf()
        found, scalar = self._evaluate(merged)
        if full:
            return found
        return float(found.values) if scalar else found.values

    def _evaluate(self, merged: Mapping[str, object]) -> tuple[Sums, bool]:
        import numpy as np

        scalars, arrays = _separate(merged)
        known = self._moment.values(scalars)
        _check_names(known, arrays)
        try:
            np.broadcast_shapes(*(a.shape for a in arrays.values()))
        except ValueError:
            shapes = ", ".join(f"{n} {a.shape}" for n, a in arrays.items())
            raise UsageError(f"The arrays do not broadcast against each other: {shapes}.") from None
        self._refuse_pending(known, arrays)
        return self._sum(known, arrays)(arrays), not arrays

    def _refuse_pending(self, known: Values, arrays: Mapping[str, NDArray[Any]]) -> None:
        import numpy as np

        zero = {n: Fraction(0) for n, a in arrays.items() if not np.any(a)}
        shown = Values(known.declaration, known.inputs, {**known.given, **zero})
        self._moment.refuse_pending(shown)

    def _sum(self, known: Values, arrays: Mapping[str, NDArray[Any]]) -> Sum:
        """Write Delta a as products of constants, arrays and functions of masses."""
        keep = frozenset(arrays)
        products: list[Product] = []
        sources: list[Source] = []
        for term in self._moment.derivation.terms():
            coefficient = known.expand(term.coefficient, keep)
            if coefficient.is_zero:
                continue
            below = coefficient.denominator
            if len(below) > 1 and any(n in keep for monomial, _ in below for n, _ in monomial):
                sources.append(self._whole(term, coefficient, known, arrays))
                products.append(Product(Fraction(1), "", None, (), len(sources) - 1))
                continue
            sources.append(self._source(term, known, arrays))
            products += _products(coefficient, known, keep, len(sources) - 1)
        return Sum(products, sources)

    def _source(self, term: Term, known: Values, arrays: Mapping[str, NDArray[Any]]) -> Source:
        """Return a term's kernel: a table where only the boson's mass runs, else balls."""
        import numpy as np

        symbols = term.masses.symbols()
        names = tuple(dict.fromkeys(s for s, _ in symbols.values() if s in arrays))
        key = (id(term.integral), names, *(known.exact(s) for s, _ in symbols.values() if s not in arrays))
        if names == (term.masses.boson,) and [s for s, _ in symbols.values()].count(names[0]) == 1:
            masses = arrays[names[0]]
            least = Fraction(1) if np.all(np.isnan(masses)) else Fraction(float(np.nanmin(masses)))
            ratios = self._moment.ratios(term, self._at(known, {names[0]: least}))  # refuses bad masses
            if key not in self._sources:
                fixed = {n: v for n, v in ratios.items() if n != "rho"}
                unit = known.exact(term.masses.lepton)
                kernel = Kernel(term.integral.canonical)
                self._sources[key] = KernelSource(kernel, fixed, unit, names[0])
            return self._sources[key]
        kernel = Kernel(term.integral.canonical)

        def compute(point: Mapping[str, Fraction], bits: int) -> arb:
            return kernel.ball(self._moment.ratios(term, self._at(known, point)), bits)

        return BallSource(names, compute)

    def _whole(
        self, term: Term, coefficient: Coefficient, known: Values, arrays: Mapping[str, NDArray[Any]]
    ) -> Source:
        """Return a term whose coefficient is no Laurent polynomial, as one function in balls."""
        from flint import arb

        names = tuple(n for n in arrays if n in term.needs() or n in coefficient.symbols)
        kernel = Kernel(term.integral.canonical)

        def compute(point: Mapping[str, Fraction], bits: int) -> arb:
            here = self._at(known, point)
            with working_precision(bits + 20):
                factor = here.symbol_balls()(coefficient) / (16 * arb.pi() ** 2)
                value: arb = factor * kernel.ball(self._moment.ratios(term, here), bits + 20)
                return value

        return BallSource(names, compute)

    @staticmethod
    def _at(known: Values, point: Mapping[str, Fraction]) -> Values:
        return Values(known.declaration, known.inputs, {**known.given, **point})


def _products(
    coefficient: Coefficient, known: Values, keep: frozenset[str], source: int
) -> Iterator[Product]:
    """Yield one product for each monomial of a coefficient, over 16 pi^2."""
    below = coefficient.denominator
    single = below[0] if len(below) == 1 else None
    for monomial, (re, im) in coefficient.numerator:
        if im or (single and single[1][1]):
            raise ArithmeticError("a dipole moment's coefficient is not real")
        powers = dict(monomial)
        rest = Coefficient(below, (((), (Fraction(1), Fraction(0))),))
        if single:
            for name, power in single[0]:
                powers[name] = powers.get(name, 0) - power
            rest = Coefficient.number(1)
            re = re / single[1][0]
        constants = tuple((n, p) for n, p in sorted(powers.items()) if n not in keep)
        free = tuple((n, p) for n, p in sorted(powers.items()) if n in keep and p)
        yield Product(re, f"{constants} {rest}", _constant(constants, rest, known), free, source)


def _constant(powers: tuple[tuple[str, int], ...], below: Coefficient, known: Values) -> Callable[[int], arb]:
    """Return a product of constants over 16 pi^2 as a function of the precision."""

    def value(bits: int) -> arb:
        from flint import arb

        with working_precision(bits):
            total = 1 / (16 * arb.pi() ** 2)
            for name, power in powers:
                total *= known.ball(name) ** power
            value: arb = total / known.symbol_balls()(below)
            return value

    return value


def _separate(merged: Mapping[str, object]) -> tuple[dict[str, object], dict[str, NDArray[Any]]]:
    """Split exact scalars from arrays; a NaN scalar counts as an array of one point."""
    import numpy as np

    scalars: dict[str, object] = {}
    arrays: dict[str, NDArray[Any]] = {}
    for name, value in merged.items():
        is_nan = isinstance(value, float) and value != value
        if is_nan or isinstance(value, list | tuple) or bool(getattr(value, "ndim", 0)):
            try:
                arrays[name] = np.asarray(value, dtype=float)
            except (TypeError, ValueError):
                raise UsageError(f"{name}: the values are not an array of real numbers.") from None
        else:
            scalars[name] = value
    return scalars, arrays


def _check_names(known: Values, arrays: Mapping[str, NDArray[Any]]) -> None:
    import numpy as np

    for name, array in arrays.items():
        if name not in allowed_names(known.declaration):
            known.read(known.declaration, known.inputs, {name: 0})  # raises, naming the nearest
        if name in known.declaration.parameters and known.declaration.parameters[name].complex:
            raise UsageError(f"{name} is complex: arrays are taken for real parameters only.")
        if np.any(np.isinf(array)):
            raise UsageError(f"{name} holds an infinite value; give finite numbers.")
        if name in known.declaration.masses and np.any(array < 0):
            raise UsageError(f"{name} holds a negative value: a mass cannot be negative.")
