"""Truncated power series inside a polynomial ring: eps^2 = 0 and t^2 = 0 as rules of arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from g2sym.derive.kinematics import Poly
from g2sym.errors import G2symError

if TYPE_CHECKING:
    from flint import fmpq


def split(poly: Poly, generator: str) -> dict[int, Poly]:
    """Return the coefficients of ``poly`` by powers of one generator of its ring."""
    return {powers[0]: part for powers, part in collect(poly, (generator,)).items()}


def collect(poly: Poly, generators: Sequence[str]) -> dict[tuple[int, ...], Poly]:
    """Return the coefficients of ``poly`` by powers of several generators of its ring."""
    context = poly.context()
    names = list(context.names())
    places = [names.index(name) for name in generators]
    parts: dict[tuple[int, ...], dict[tuple[int, ...], fmpq]] = {}
    for powers, value in poly.to_dict().items():
        rest = list(powers)
        for place in places:
            rest[place] = 0
        parts.setdefault(tuple([powers[i] for i in places]), {})[tuple(rest)] = value
    return {powers: context.from_dict(terms) for powers, terms in parts.items()}


def truncate(poly: Poly, orders: Mapping[str, int]) -> Poly:
    """Drop every term whose power of a named generator exceeds its order."""
    context = poly.context()
    places = [(list(context.names()).index(name), order) for name, order in orders.items()]
    return context.from_dict(
        {powers: value for powers, value in poly.to_dict().items() if all(powers[i] <= n for i, n in places)}
    )


def invert(poly: Poly, orders: Mapping[str, int]) -> Poly:
    """Return 1/poly as a truncated series; its constant term must be a non-zero number.

    Parameters: ``orders``, the highest power kept of each generator that occurs.
    """
    context = poly.context()
    constant = poly.to_dict().get((0,) * context.nvars(), 0)
    if constant == 0:
        raise G2symError("A truncated series with no constant term has no inverse.")
    rest = 1 - poly / constant
    out = term = context.constant(1)
    for _ in range(sum(orders.values())):
        term = truncate(term * rest, orders)
        out += term
    return out / constant
