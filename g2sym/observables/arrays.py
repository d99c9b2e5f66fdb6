"""Delta a over numpy arrays: kernels from certified balls, couplings by plain arithmetic.

A kernel depends on masses only, so each distinct combination of masses is evaluated once, correctly
rounded to a double, and spread over the broadcast shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.balls import Ball, working_precision
from g2sym.coefficients import Coefficient
from g2sym.errors import UsageError
from g2sym.evaluate.closed import Kernel
from g2sym.observables.values import Values, allowed_names

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.observables.contributions import Term
    from g2sym.observables.moment import AnomalousMoment

BITS = 64
"""Correct bits of a kernel before it is rounded to a double."""


class ArrayFunction:
    """A function of the parameters by keyword; made by `AnomalousMoment.lambdify`.

    NaN in gives NaN out, point by point; a negative or infinite mass is refused.
    """

    def __init__(self, moment: AnomalousMoment, backend: str) -> None:
        self._moment = moment
        self._backend = backend

    def __call__(self, params: Mapping[str, object] | None = None, digits: int = 17, **values: object) -> Any:
        """Evaluate; arrays broadcast against each other.

        Parameters: values in GeV by parameter name, scalars or arrays (numpy backend); ``digits``
        (mpmath backend). Returns a float or an array of the broadcast shape, or an mpmath number.
        Raises UsageError for shapes that do not broadcast and for bad masses.
        """
        merged = {**(params or {}), **values}
        if self._backend == "mpmath":
            return self._moment.evaluate(digits=digits, params=merged).mpf()
        return self._evaluate(merged)

    def _evaluate(self, merged: Mapping[str, object]) -> Any:
        import numpy as np

        scalars, arrays = _separate(merged)
        known = self._moment.values(scalars)
        _check_names(known, arrays)
        try:
            shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
        except ValueError:
            shapes = ", ".join(f"{n} {a.shape}" for n, a in arrays.items())
            raise UsageError(f"The arrays do not broadcast against each other: {shapes}.") from None
        self._refuse_pending(known, arrays)
        keep = frozenset(arrays)
        total = np.zeros(shape)
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            for term in self._moment.derivation.terms():
                coefficient = known.expand(term.coefficient, keep)
                if not coefficient.is_zero:
                    total = total + _coefficient(coefficient, known, arrays) * self._kernel(
                        term, known, arrays
                    )
        total = total / (16 * np.pi**2)
        return float(total) if total.ndim == 0 and not arrays else total

    def _refuse_pending(self, known: Values, arrays: Mapping[str, NDArray[Any]]) -> None:
        import numpy as np

        zero = {n: Fraction(0) for n, a in arrays.items() if not np.any(a)}
        shown = Values(known.declaration, known.inputs, {**known.given, **zero})
        self._moment.refuse_pending(shown)

    def _kernel(self, term: Term, known: Values, arrays: Mapping[str, NDArray[Any]]) -> Any:
        import numpy as np

        names = [n for n, _ in term.masses.symbols().values() if n in arrays]
        kernel = Kernel(term.integral.canonical)

        def value(point: tuple[float, ...]) -> float:
            if any(p != p for p in point):
                return float("nan")
            given = {**known.given, **dict(zip(names, map(Fraction, point), strict=True))}
            here = Values(known.declaration, known.inputs, given)
            ratios = self._moment.ratios(term, here)
            with working_precision(BITS):
                return float(Ball.from_arb(kernel.ball(ratios, BITS)))

        if not names:
            return value(())
        grids = np.broadcast_arrays(*(arrays[n] for n in names))
        return over_distinct(value, [np.ascontiguousarray(g) for g in grids])


def over_distinct(
    function: Callable[[tuple[float, ...]], float], grids: list[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Apply a scalar function once to each distinct point of arrays of one shape."""
    import numpy as np

    shape = grids[0].shape
    flat = np.stack([g.ravel() for g in grids], axis=1)
    points, back = np.unique(flat, axis=0, return_inverse=True)
    values = np.array([function(tuple(map(float, point))) for point in points], dtype=float)
    return values[np.ravel(back)].reshape(shape)


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


def _coefficient(coefficient: Coefficient, known: Values, arrays: Mapping[str, NDArray[Any]]) -> Any:
    def symbol(name: str) -> Any:
        if name in arrays:
            return arrays[name]
        with working_precision(BITS + 20):
            return float(Ball.from_arb(known.ball(name)))

    def real(re: Fraction, im: Fraction) -> float:
        if im:
            raise ArithmeticError("a dipole moment's coefficient is not real")
        return float(re)

    return coefficient.fold(symbol, real)
