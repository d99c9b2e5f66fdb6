"""Colour: which products of triplets and antitriplets hold a singlet.

Fields carry no colour indices, so ``colour = 3`` leaves open whether a new field is a triplet or an
antitriplet; quarks are triplets. A product of n triplets and m antitriplets holds a singlet exactly where
n - m is a multiple of 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from g2sym.errors import ModelError, UnsupportedError
from g2sym.lagrangian.algebra import Structure
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.operators import Bilinear, Boson, Spinor

MAX_COLOURED = 12
"""Most new fields with colour: all their choices of triplet or antitriplet are tried."""


def check_colour(bosons: Sequence[Boson], bilinear: Bilinear | None, fields: Mapping[str, Field]) -> None:
    """A term holds a colour singlet for some choice of triplets and antitriplets; raises ModelError."""
    count = _triplets((tuple(bosons), bilinear), fields)
    sums = {0}
    for name, n in count.items():
        signs = (1,) if fields[name].standard_model else (1, -1)
        sums = {(total + sign * n) % 3 for total in sums for sign in signs}
    if 0 in sums:
        return
    pieces = [*((b.text(), b.field) for b in bosons), *((s.text(), s.field) for s in _ends(bilinear))]
    listed = [text for text, name in pieces if fields[name].colour != 1]
    who = f"{listed[0]} alone carries" if len(listed) == 1 else f"{' and '.join(listed)} carry"
    raise ModelError(
        f"the colours make no singlet: {who} colour 3, and each triplet needs an antitriplet beside it; mend "
        "the colour of a declared field, or conjugate one with bar(...) or cc(...)"
    )


def check_triplets(places: Mapping[Structure, str], fields: Mapping[str, Field]) -> None:
    """One choice of triplet or antitriplet for each new field makes every term a singlet.

    Parameters: ``places``, where each structure was written. Raises ModelError at the first that does not
    fit, UnsupportedError for too many fields with colour.
    """
    counts = [(where, _triplets(structure, fields)) for structure, where in places.items()]
    new = sorted({name for _, count in counts for name in count if not fields[name].standard_model})
    if len(new) > MAX_COLOURED:
        raise UnsupportedError(f"{len(new)} new fields carry colour; at most {MAX_COLOURED} are treated.")
    left = list(_choices(new))
    for where, count in counts:
        left = [choice for choice in left if _is_singlet(count, choice)]
        if not left:
            names = " and ".join(f"'{name}'" for name in count if name in new)
            raise ModelError(
                f"{where}: the colours make no singlet here with {names} triplet or antitriplet as the other "
                "terms need it; conjugate a field with bar(...) or cc(...)."
            )


def _ends(bilinear: Bilinear | None) -> tuple[Spinor, ...]:
    if bilinear is None:
        return ()
    return Spinor(bilinear.bar, True, bilinear.bar_cc), Spinor(bilinear.field, False, bilinear.field_cc)


def _triplets(structure: Structure, fields: Mapping[str, Field]) -> Counter[str]:
    """Count each coloured field in a product, its conjugates negative."""
    bosons, bilinear = structure
    count: Counter[str] = Counter()
    for boson in bosons:
        count[boson.field] += -1 if boson.conjugated else 1
    for end in _ends(bilinear):
        count[end.field] += -1 if end.barred != end.conjugated else 1
    return Counter({name: n for name, n in count.items() if fields[name].colour != 1})


def _choices(names: Sequence[str]) -> Iterable[dict[str, int]]:
    return (dict(zip(names, signs, strict=True)) for signs in product((1, -1), repeat=len(names)))


def _is_singlet(count: Counter[str], choice: Mapping[str, int]) -> bool:
    return sum(n * choice.get(name, 1) for name, n in count.items()) % 3 == 0
