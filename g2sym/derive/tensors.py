"""Sums of products of metrics and vectors: the bosonic part of a diagram.

A factor is a pair of names: two indices for a metric, an index and a vector for a vector's component.
An index starts with ``"@"`` and is summed over where it stands twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from g2sym.derive.dirac import is_index
from g2sym.derive.kinematics import Poly, dot_products, ring

Pair = tuple[str, str]
Tensor = dict[tuple[Pair, ...], Poly]


def tensor(*terms: tuple[int | Poly, tuple[Pair, ...]], turned: str = "") -> Tensor:
    """Build a tensor from (coefficient, factors) pairs; products of two vectors are evaluated.

    Parameters: ``turned`` as for `g2sym.derive.kinematics.dot_products`.
    """
    one = ring().constant(1)
    out: Tensor = {}
    for coefficient, pairs in terms:
        _add(out, pairs, one * coefficient, turned)
    return out


def contract(*factors: Mapping[tuple[Pair, ...], Poly], turned: str = "") -> Tensor:
    """Multiply tensors and sum over the indices that they share; ``turned`` as for `tensor`."""
    first, *others = factors
    out = dict(first)
    for factor in others:
        result: Tensor = {}
        for left, a in out.items():
            for right, b in factor.items():
                _add(result, left + right, a * b, turned)
        out = result
    return out


def _add(out: Tensor, pairs: tuple[Pair, ...], coefficient: Poly, turned: str) -> None:
    """Add a term with its repeated indices summed, and leave out what cancels."""
    open_pairs = list(pairs)
    place = 0
    while place < len(open_pairs):
        pair = open_pairs[place]
        joined = next((i for i in pair if is_index(i) and _partner(open_pairs, place, i) is not None), None)
        if joined is None:
            place += 1
            continue
        other = _partner(open_pairs, place, joined)
        assert other is not None
        ends = [_far_end(pair, joined), _far_end(open_pairs[other], joined)]
        open_pairs = [p for i, p in enumerate(open_pairs) if i not in (place, other)]
        open_pairs.append((ends[0], ends[1]))
        place = 0
    kept = []
    for left, right in open_pairs:
        if is_index(left) or is_index(right):
            kept.append((left, right) if left <= right else (right, left))
        else:
            coefficient = coefficient * dot_products(turned)[left, right]
    key = tuple(sorted(kept))
    total = out[key] + coefficient if key in out else coefficient
    out[key] = total
    if total == 0:
        del out[key]


def _partner(pairs: list[Pair], place: int, index: str) -> int | None:
    return next((i for i, pair in enumerate(pairs) if i != place and index in pair), None)


def _far_end(pair: Pair, index: str) -> str:
    return pair[1] if pair[0] == index else pair[0]
