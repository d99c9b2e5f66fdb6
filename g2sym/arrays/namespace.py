"""Arrays of any namespace that follows the array API standard: which it is, and constants for it.

Only functions of the standard are called (https://data-apis.org/array-api), so that NumPy from 2.0 on, JAX,
array-api-strict, CuPy and, through array-api-compat, PyTorch run the same operations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from g2sym.base.arguments import described
from g2sym.errors import UsageError

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

Kept = dict[tuple[int, str, str], tuple[Any, Any]]
"""Constants of NumPy's and their copies, by id, namespace and device."""
LONG_ROW = 16
"""Columns from which on JAX, too, gathers column by column where many points are evaluated at once."""
JAX_DOUBLES = 'jax.config.update("jax_enable_x64", True)'


class Columns:
    """Columns of coefficients that are gathered together."""

    def __init__(self, columns: Sequence[Doubles]) -> None:
        import numpy as np

        self.columns = tuple(np.ascontiguousarray(column) for column in columns)

    @cached_property
    def rows(self) -> Doubles:
        """The same by rows."""
        import numpy as np

        return np.ascontiguousarray(np.stack(self.columns, axis=1))


def is_array(value: object) -> bool:
    """True for an array of any kind, of no dimension too; NumPy's scalars are numbers."""
    named = hasattr(value, "__array_namespace__") or (hasattr(value, "shape") and hasattr(value, "dtype"))
    return named and not _is_numpy_scalar(value)


def _is_numpy_scalar(value: object) -> bool:
    import numpy as np

    return isinstance(value, np.generic)


class Space:
    """A namespace with the device of some arrays: constants of doubles that can be used with them.

    Parameters: ``arrays`` by name; ``xp``, the namespace, by default what the arrays say themselves;
    ``kept``, where copies of constants on a device are kept for the next call.
    Raises UsageError for arrays of several namespaces, without one, or of other numbers than doubles.
    """

    def __init__(self, arrays: Mapping[str, Any], xp: Any = None, kept: Kept | None = None) -> None:
        self.xp = _namespace(arrays, xp)
        self._jax = _called(self.xp).startswith("jax")
        for name, array in arrays.items():
            self._check(name, array)
        # JAX places constants by itself, and what it traces has no device
        self._device = None if self._jax else getattr(next(iter(arrays.values())), "device", None)
        self._kept: Kept = {} if kept is None else kept
        self.one, self.nan = self.array(1.0), self.array(float("nan"))

    def _check(self, name: str, array: Any) -> None:
        if array.dtype == self.xp.float64:
            return
        single = array.dtype == self.xp.float32
        if self._jax and single:
            raise UsageError(
                f"{name} holds numbers of single precision, as JAX makes them by default, in which nothing "
                f"is guaranteed: run {JAX_DOUBLES} before any array is made."
            )
        raise UsageError(
            f"{name} holds numbers of type {array.dtype}: give real numbers of double precision "
            f"(float64), for instance {_called(self.xp)}.astype({name}, float64) where they are real."
        )

    def array(self, values: Any) -> Any:
        """Return doubles of this namespace, on the device of its arrays."""
        more = {} if self._device is None else {"device": self._device}
        return self.xp.asarray(values, dtype=self.xp.float64, **more)

    def constant(self, values: Any) -> Any:
        """Return an array of NumPy's in this namespace; a copy on another device is made once.

        JAX's is made anew at every call: what it makes while tracing must not outlive the trace.
        """
        if self._jax:
            return self.array(values)
        key = (id(values), _called(self.xp), str(self._device))
        found = self._kept.get(key)
        if found is None:
            # what is kept with it stays alive, so that no other array has its id
            self._kept[key] = found = (values, self.array(values))
        return found[1]

    def take(self, column: Any, index: Any) -> Any:
        """Return the entries of a column at places of any shape."""
        flat = self.xp.take(self.constant(column), self.xp.reshape(index, (-1,)), axis=0)
        return self.xp.reshape(flat, index.shape)

    def gather(self, columns: Columns, index: Any) -> Callable[[int], Any]:
        """Return a function that gives the entries of a column, by its number, at places of any shape.

        JAX's compiler evaluates every gather on its own: there rows are taken, unless they are long.
        """
        if not self._jax or (index.shape and len(columns.columns) > LONG_ROW):
            return lambda k: self.take(columns.columns[k], index)
        flat = self.xp.take(self.constant(columns.rows), self.xp.reshape(index, (-1,)), axis=0)
        rows = self.xp.reshape(flat, (*index.shape, len(columns.columns)))
        return lambda k: rows[..., k]

    def settled(self, values: Any) -> Any:
        """Return values as they are.

        What JAX compiles evaluates them once, however many outputs need them: its compiler repeats sums and
        products for each output, with gathers on their own, but does not look through a gather.
        """
        if not self._jax or not values.shape:
            return values
        flat = self.xp.reshape(values, (-1,))
        return self.xp.reshape(self.xp.take(flat, self.xp.arange(flat.shape[0]), axis=0), values.shape)

    def whole(self, values: Any) -> Any:
        """Return doubles that are whole as integers."""
        return self.xp.astype(values, self.xp.int64)

    def where(self, mask: Any, values: Any, other: float) -> Any:
        """Return values where a mask is set, and a number elsewhere."""
        return self.xp.where(mask, values, self.array(other))

    def good(self, mask: Any) -> Any:
        """Return 1 where a mask is set and NaN elsewhere.

        Multiplying by it marks a value and its gradient; choosing NaN by `where` would leave a gradient of 0.
        """
        return self.xp.where(mask, self.one, self.nan)


def _namespace(arrays: Mapping[str, Any], xp: Any) -> Any:
    """Return the namespace that all arrays share."""
    if xp is not None:
        if not all(hasattr(xp, name) for name in ("take", "astype", "float64", "where")):
            raise UsageError(
                f"xp = {described(xp)} is no namespace of the array API standard: it has no take, astype, "
                "float64 or where; give one such as array_api_compat.torch, or leave xp out."
            )
        for name, array in arrays.items():
            ask = getattr(array, "__array_namespace__", None)
            own = "" if ask is None else _called(ask())
            if own and own.split(".")[0] not in _called(xp).split("."):
                raise UsageError(f"{name} is an array of {own}, and xp is {_called(xp)}: give one of them.")
        return xp
    found: dict[str, Any] = {}
    for name, array in arrays.items():
        ask = getattr(array, "__array_namespace__", None)
        if ask is None:
            kind = f"{type(array).__module__}.{type(array).__qualname__}"
            raise UsageError(
                f"{name} is a {kind}, which names no namespace of the array API standard; give it, as in "
                "xp=array_api_compat.torch (NumPy's arrays name one from NumPy 2.0 on)."
            )
        found[name] = ask()
    first = next(iter(found))
    for name, one in found.items():
        if one is not found[first]:
            raise UsageError(
                f"{first} is an array of {_called(found[first])} and {name} one of {_called(one)}: "
                "give all arrays from one namespace."
            )
    return found[first]


def _called(xp: Any) -> str:
    return str(getattr(xp, "__name__", type(xp).__name__))
