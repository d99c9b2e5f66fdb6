"""The bundled input values, kept on disk as they were read: for processes of their own."""

from __future__ import annotations

from functools import cache

from g2sym.base.kept import key_of, worked_out
from g2sym.base.written import listed, number_in, number_out, texts
from g2sym.inputs.constants import DEFAULT_EDITION, Inputs, Quantity, bundled, bundled_bytes, known_edition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@cache
def kept_inputs(edition: str = DEFAULT_EDITION) -> Inputs:
    """Return the input values of an edition as `load_inputs` does, from the cache where they are there.

    Raises InputError for an edition that there is not.
    """
    raw = bundled_bytes(known_edition(edition, "edition"))
    key = key_of(("inputs", edition, raw))
    return worked_out(key, lambda data: _read(data, edition), _write, lambda: bundled(raw, edition))


def _write(value: Inputs) -> list[Any]:
    return [
        [[q.name, q.unit, q.source, q.date], number_out(q.value), _error_out(q)] for q in value.quantities
    ]


def _error_out(quantity: Quantity) -> int | str | None:
    return None if quantity.uncertainty is None else number_out(quantity.uncertainty)


def _read(data: Any, edition: str) -> Inputs:
    out = []
    for one in listed(data):
        words, value, uncertainty = listed(one, 3)
        name, unit, source, date = texts(words, 4)
        error = None if uncertainty is None else number_in(uncertainty)
        out.append(Quantity(name, number_in(value), error, unit, source, date))
    return Inputs(tuple(out), edition=edition)
