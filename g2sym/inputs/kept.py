"""The bundled input values, kept on disk as they were read: for processes of their own."""

from __future__ import annotations

from functools import cache

from g2sym.base.kept import key_of, worked_out
from g2sym.base.written import listed, number_in, number_out, texts
from g2sym.inputs.constants import Inputs, Quantity, bundled, bundled_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@cache
def kept_inputs() -> Inputs:
    """Return the bundled input values as `load_inputs` does, from the cache where they are there."""
    raw = bundled_bytes()
    return worked_out(key_of(("inputs", raw)), _read, _write, lambda: bundled(raw))


def _write(value: Inputs) -> list[Any]:
    return [
        [[q.name, q.unit, q.source, q.date], number_out(q.value), _error_out(q)] for q in value.quantities
    ]


def _error_out(quantity: Quantity) -> int | str | None:
    return None if quantity.uncertainty is None else number_out(quantity.uncertainty)


def _read(data: Any) -> Inputs:
    out = []
    for one in listed(data):
        words, value, uncertainty = listed(one, 3)
        name, unit, source, date = texts(words, 4)
        error = None if uncertainty is None else number_in(uncertainty)
        out.append(Quantity(name, number_in(value), error, unit, source, date))
    return Inputs(tuple(out))
