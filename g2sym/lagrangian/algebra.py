"""Operator algebra: Hermitian and charge conjugation, Dirac strings, the canonical form.

Canonical form: gamma5 at most once and at the left, products of two gamma matrices written as the
metric and sigma, dummy indices renamed, bosons sorted, equal operators merged. Two Lagrangians are
the same exactly when their canonical forms are (up to partial integration and equations of motion).
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import factorial

from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError, UnsupportedError
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.names import QUARKS
from g2sym.lagrangian.operators import Bilinear, Boson, Gamma, Operator, Spinor

Factor = Boson | Gamma | Spinor
Structure = tuple[tuple[Boson, ...], Bilinear | None]

INDEX_NAMES = ("al", "be", "rho", "si", "ta", "ka", "la", "om")
MAX_ARRANGEMENTS = 5000
_MINUS_I = Coefficient.number(0, -1)
_HALF = Coefficient.number(Fraction(1, 2))


def assemble(factors: Sequence[Factor]) -> Structure:
    """Sort a product of factors into bosons and one bilinear.

    Parameters: ``factors`` in the order written.
    Returns the bosons and the bilinear (None when there is no fermion).
    Raises ModelError for a fermion or gamma matrix outside a bilinear, UnsupportedError for two bilinears.
    """
    bosons: list[Boson] = []
    string: list[Gamma] = []
    start: Spinor | None = None
    bilinear: Bilinear | None = None
    for factor in factors:
        if isinstance(factor, Boson):
            bosons.append(factor)
        elif bilinear is not None and isinstance(factor, Spinor):
            raise UnsupportedError(
                f"a second pair of fermions begins with {factor.text()}; four-fermion operators are not "
                "treated yet, so split them through a mediator."
            )
        elif isinstance(factor, Gamma):
            if start is None or bilinear is not None:
                raise ModelError(f"{factor.text()} stands outside a bilinear; write it between bar(x) and x.")
            string.append(factor)
        elif factor.barred:
            if start is not None:
                raise ModelError(f"{factor.text()} follows {start.text()}; a bilinear is bar(x)*...*y.")
            start = factor
        elif start is None:
            raise ModelError(
                f"the fermion {factor.text()} has no bar(x) before it; a bilinear is bar(x)*...*y"
                f"{quark_hint(factor.field)}"
            )
        else:
            bilinear = Bilinear(start.field, tuple(string), factor.field, start.conjugated, factor.conjugated)
    if start is not None and bilinear is None:
        raise ModelError(f"{start.text()} has no fermion after it; a bilinear is bar(x)*...*y.")
    return tuple(bosons), bilinear


def quark_hint(name: str) -> str:
    """Return a reminder for names that are quarks only because no field of that name is declared."""
    return f" ('{name}' is a quark unless you declare a field '{name}')" if name in QUARKS else ""


def disassemble(bosons: Sequence[Boson], bilinear: Bilinear | None) -> tuple[Factor, ...]:
    """Undo `assemble`: return the factors in writing order."""
    if bilinear is None:
        return tuple(bosons)
    start = Spinor(bilinear.bar, True, bilinear.bar_cc)
    return (*bosons, start, *bilinear.string, Spinor(bilinear.field, False, bilinear.field_cc))


# conjugations -----------------------------------------------------------------------------------
def dirac_adjoint(string: Sequence[Gamma]) -> tuple[int, tuple[Gamma, ...]]:
    """Return sign and string of gamma0 G^dagger gamma0: reversed, a minus for each gamma5."""
    sign = -1 if sum(g.kind == "gamma5" for g in string) % 2 else 1
    return sign, tuple(reversed(string))


def charge_transpose(string: Sequence[Gamma]) -> tuple[int, tuple[Gamma, ...]]:
    """Return sign and string of C G^T C^-1: reversed, a minus for each gamma and each sigma."""
    sign = -1 if sum(g.kind != "gamma5" for g in string) % 2 else 1
    return sign, tuple(reversed(string))


def dagger(
    bosons: Sequence[Boson], bilinear: Bilinear | None, fields: Mapping[str, Field]
) -> tuple[int, tuple[Boson, ...], Bilinear | None]:
    """Return sign, bosons and bilinear of the Hermitian conjugate (derivatives are real)."""
    flipped = tuple(
        boson if fields[boson.field].self_conjugate else boson._replace(conjugated=not boson.conjugated)
        for boson in bosons
    )
    if bilinear is None:
        return 1, flipped, None
    sign, string = dirac_adjoint(bilinear.string)
    turned = Bilinear(bilinear.field, string, bilinear.bar, bilinear.field_cc, bilinear.bar_cc)
    return sign, flipped, turned


# Dirac strings ----------------------------------------------------------------------------------
def gamma5_left(string: Sequence[Gamma]) -> tuple[int, tuple[Gamma, ...]]:
    """Move every gamma5 to the left (it anticommutes with gamma) and use gamma5^2 = 1."""
    sign, fives, passed = 1, 0, 0
    rest: list[Gamma] = []
    for g in string:
        if g.kind == "gamma5":
            fives += 1
            sign = -sign if passed % 2 else sign
        else:
            rest.append(g)
            passed += g.kind == "gamma"
    front = (Gamma("gamma5"),) if fives % 2 else ()
    return sign, (*front, *rest)


def majorana(fields: Mapping[str, Field]) -> frozenset[str]:
    """Return the names of the fermions that are their own charge conjugates."""
    return frozenset(name for name, field in fields.items() if field.is_majorana)


def _ends(bilinear: Bilinear, real: Collection[str]) -> tuple[int, tuple[Gamma, ...], Bilinear]:
    """Choose between bar(x) G y and sign * bar(cc(y)) C G^T C^-1 cc(x), which are the same.

    cc(N) is N for a Majorana fermion, one of ``real``. Returns the sign, the string and the ends, of which
    at most one is charge conjugate, and none where a Majorana fermion stands at one end.
    """
    bar, string, field = bilinear.bar, bilinear.string, bilinear.field
    bar_cc, field_cc = bilinear.bar_cc and bar not in real, bilinear.field_cc and field not in real
    both = bar_cc and field_cc
    mixed = bar_cc != field_cc or (bar in real and field in real)
    one = (bar_cc and field in real) or (field_cc and bar in real)
    if not (both or one or (mixed and bar > field)):
        return 1, string, Bilinear(bar, string, field, bar_cc, field_cc)
    sign, string = charge_transpose(string)
    if both or one:
        bar_cc = field_cc = False
    return sign, string, Bilinear(field, string, bar, bar_cc, field_cc)


def _reduce_bilinear(
    bilinear: Bilinear, real: Collection[str]
) -> Iterator[tuple[Coefficient, dict[str, str], Bilinear]]:
    """Yield (factor, index replacement, canonical bilinear) for each term of the reduced bilinear."""
    sign, string, ends = _ends(bilinear, real)
    bar, field, bar_cc, field_cc = ends.bar, ends.field, ends.bar_cc, ends.field_cc
    versions = [(Coefficient.number(sign), string)]
    if bar == field and (bar_cc != field_cc or bar in real):  # only what C G^T C^-1 = G leaves is there
        turn, turned = charge_transpose(string)
        versions = [(_HALF * sign, string), (_HALF * (sign * turn), turned)]
    for factor, gammas in versions:
        move, gammas = gamma5_left(gammas)
        front = gammas[:1] if gammas and gammas[0].kind == "gamma5" else ()
        rest = gammas[len(front) :]
        count = sum(1 if g.kind == "gamma" else 2 for g in rest)
        if count > 2:
            raise UnsupportedError(
                f"the string {'*'.join(g.text() for g in string)} holds more than two gamma matrices; "
                "reduce it by hand to at most two (sigma counts as two)."
            )
        scale = factor * move
        if len(rest) == 2:  # gamma^a gamma^b = g^{ab} - I sigma^{ab}
            a, b = rest[0].indices[0], rest[1].indices[0]
            yield scale, {b: a}, Bilinear(bar, front, field, bar_cc, field_cc)
            scale, rest = scale * _MINUS_I, (Gamma("sigma", (a, b)),)
        yield scale, {}, Bilinear(bar, (*front, *rest), field, bar_cc, field_cc)


# bosons and indices -----------------------------------------------------------------------------
def _move_duals(bosons: Sequence[Boson]) -> tuple[int, list[Boson]]:
    """Use X.Fdual(Y) = Fdual(X).Y and Fdual(X).Fdual(Y) = -X.Y for fully contracted pairs."""
    out, sign = list(bosons), 1
    for i, j in itertools.combinations(range(len(out)), 2):
        x, y = out[i], out[j]
        plain = x.kind != "field" and y.kind != "field" and not x.derivatives and not y.derivatives
        if not plain or "Fdual" not in (x.kind, y.kind) or set(x.indices) != set(y.indices):
            continue
        if x.kind == y.kind:
            out[i], out[j], sign = x._replace(kind="F"), y._replace(kind="F"), -sign
        else:
            last = max((i, j), key=lambda k: (out[k].field, out[k].conjugated))
            for k in (i, j):
                out[k] = out[k]._replace(kind="Fdual" if k == last else "F")
    return sign, out


def _rank(boson: Boson) -> tuple[object, ...]:
    order = ("field", "F", "Fdual").index(boson.kind)
    return len(boson.indices), order, len(boson.derivatives), boson.field, boson.conjugated


def _arrangements(bosons: Sequence[Boson]) -> Iterator[tuple[int, tuple[Boson, ...]]]:
    """Yield every equivalent way of writing the bosons, with its sign."""
    groups = [list(group) for _, group in itertools.groupby(sorted(bosons, key=_rank), key=_rank)]
    count = 1
    for boson in bosons:
        count *= factorial(len(boson.derivatives)) * (2 if boson.kind != "field" else 1)
    for group in groups:
        count *= factorial(len(group))
    if count > MAX_ARRANGEMENTS:
        raise UnsupportedError(
            f"{len(bosons)} boson factors with their derivatives can be written in {count} equivalent "
            "ways; write a term with fewer of them."
        )

    def writings(boson: Boson) -> list[tuple[int, Boson]]:
        out = []
        for order in itertools.permutations(boson.derivatives):
            out.append((1, boson._replace(derivatives=order)))
            if boson.kind != "field":
                turned = boson._replace(derivatives=order, indices=boson.indices[::-1])
                out.append((-1, turned))
        return out

    for orders in itertools.product(*(itertools.permutations(group) for group in groups)):
        flat = [boson for group in orders for boson in group]
        for choice in itertools.product(*(writings(boson) for boson in flat)):
            sign = 1
            for turn, _ in choice:
                sign *= turn
            yield sign, tuple(boson for _, boson in choice)


def _canonical_indices(bosons: Sequence[Boson], bilinear: Bilinear | None) -> tuple[int, Structure]:
    """Rename dummy indices and sort; the sign is 0 when the structure vanishes by antisymmetry."""
    best: Structure | None = None
    best_key: object = None
    best_sign = 0
    string = bilinear.string if bilinear else ()
    for turn, row in _arrangements(bosons):
        names: dict[str, str] = {}
        for index in itertools.chain(
            *((*boson.derivatives, *boson.indices) for boson in row), *(g.indices for g in string)
        ):
            names.setdefault(index, INDEX_NAMES[len(names)] if len(names) < 8 else f"i{len(names)}")
        renamed = tuple(
            boson._replace(
                derivatives=tuple(names[i] for i in boson.derivatives),
                indices=tuple(names[i] for i in boson.indices),
            )
            for boson in row
        )
        sign, gammas = turn, []
        for g in string:
            indices = tuple(names[i] for i in g.indices)
            if g.kind == "sigma":
                if indices[0] == indices[1]:
                    return 0, (renamed, bilinear)
                if indices[0] > indices[1]:
                    sign, indices = -sign, indices[::-1]
            gammas.append(Gamma(g.kind, indices))
        key = (renamed, tuple(gammas))
        if best is None or key < best_key:  # type: ignore[operator]
            best_key, best_sign = key, sign
            end = bilinear and Bilinear(
                bilinear.bar, tuple(gammas), bilinear.field, bilinear.bar_cc, bilinear.field_cc
            )
            best = (renamed, end)
        elif key == best_key and sign != best_sign:
            return 0, best
    assert best is not None
    return best_sign, best


def canonical(
    coefficient: Coefficient,
    bosons: Sequence[Boson],
    bilinear: Bilinear | None,
    real: Collection[str] = (),
) -> dict[Structure, Coefficient]:
    """Return one product of factors as a sum of canonical structures; empty when it vanishes.

    Parameters: ``real``, the names of Majorana fermions; what is in canonical form stays so without them.
    Raises UnsupportedError for strings of more than two gamma matrices or too many bosons.
    """
    turn, moved = _move_duals(bosons)
    total: dict[Structure, Coefficient] = {}
    pieces: Iterable[tuple[Coefficient, dict[str, str], Bilinear | None]]
    pieces = [(Coefficient.number(1), {}, None)] if bilinear is None else _reduce_bilinear(bilinear, real)
    for factor, replace, end in pieces:
        row = [
            boson._replace(
                derivatives=tuple(replace.get(i, i) for i in boson.derivatives),
                indices=tuple(replace.get(i, i) for i in boson.indices),
            )
            for boson in moved
        ]
        sign, structure = _canonical_indices(row, end)
        if sign:
            add_to(total, structure, coefficient * factor * (turn * sign))
    return total


def add_to(total: dict[Structure, Coefficient], structure: Structure, value: Coefficient) -> None:
    """Add ``value`` times ``structure`` to a sum, dropping what cancels."""
    value = total.pop(structure) + value if structure in total else value
    if not value.is_zero:
        total[structure] = value


def collect(
    parts: Iterable[tuple[Coefficient, Sequence[Boson], Bilinear | None]], real: Collection[str] = ()
) -> tuple[Operator, ...]:
    """Merge products of factors into sorted canonical operators; ``real`` as for `canonical`."""
    total: dict[Structure, Coefficient] = {}
    for coefficient, bosons, bilinear in parts:
        for structure, value in canonical(coefficient, bosons, bilinear, real).items():
            add_to(total, structure, value)
    return sort_operators(Operator(value, *structure) for structure, value in total.items())


def sort_operators(operators: Iterable[Operator]) -> tuple[Operator, ...]:
    """Sort operators: bilinears first, then by what they print."""
    return tuple(sorted(operators, key=_operator_rank))


def _operator_rank(operator: Operator) -> tuple[object, ...]:
    bilinear = operator.bilinear
    return bilinear is None, bilinear.text() if bilinear else "", operator.bosons


def mass_eigenstates(operators: Iterable[Operator]) -> tuple[Operator, ...]:
    """Rotate B = cos_w A - sin_w Z and W3 = sin_w A + cos_w Z wherever they stand."""
    sin, cos = Coefficient.symbol("sin_w"), Coefficient.symbol("cos_w")
    rotation = {"B": ((cos, "A"), (-sin, "Z")), "W3": ((sin, "A"), (cos, "Z"))}
    parts = []
    for operator in operators:
        one = Coefficient.number(1)
        choices = [
            [
                (scale, boson._replace(field=name))
                for scale, name in rotation.get(boson.field, ((one, boson.field),))
            ]
            for boson in operator.bosons
        ]
        for row in itertools.product(*choices):
            value = operator.coefficient
            for scale, _ in row:
                value = value * scale
            parts.append((value, [boson for _, boson in row], operator.bilinear))
    return collect(parts)
