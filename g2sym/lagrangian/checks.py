"""Checks: the rules every Lagrangian must keep; each refusal names the term, the rule and the mend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from g2sym.base.coefficients import Coefficient
from g2sym.errors import G2symError, ModelError, UnsupportedError
from g2sym.lagrangian.algebra import (
    Structure,
    add_to,
    assemble,
    canonical,
    collect,
    dagger,
    majorana,
    sort_operators,
)
from g2sym.lagrangian.colour import check_colour, check_triplets
from g2sym.lagrangian.expressions import Expression, Word
from g2sym.lagrangian.fields import GENERIC, LEPTONS, Field
from g2sym.lagrangian.operators import Bilinear, Boson, Gamma, Operator
from g2sym.lagrangian.parameters import coefficient_dimension

MAX_OPERATORS = 200
PHOTON = ("A", "B", "W3")
"""The photon, and the fields that hold it before mixing."""
_GAUGE = ("Z", "W", "B", "W3")


def check_lagrangian(
    expression: Expression, fields: Mapping[str, Field], dimensions: Mapping[str, int]
) -> tuple[Operator, ...]:
    """Expand a Lagrangian into canonical operators and hold it to every rule.

    Parameters: ``expression``; ``fields`` by name, Standard Model included; ``dimensions`` of all symbols.
    Returns the sorted canonical operators.
    Raises ModelError (UnsupportedError for what is sound but not treated yet).
    """
    total: dict[Structure, Coefficient] = {}
    places: dict[Structure, str] = {}
    empty: dict[tuple[object, ...], str] = {}
    kept: set[tuple[object, ...]] = set()
    for number, word in enumerate(expression.words, 1):
        where = word.place or f"term {number}, {_short(word.text())}"
        try:
            found = check_word(word, fields, dimensions)
            written = (word.place, *(f for f in word.factors if not isinstance(f, Gamma)))
            if found:
                kept.add(written)
            else:
                empty.setdefault(written, where)
            for structure, value in found.items():
                places.setdefault(structure, where)
                add_to(total, structure, value)
        except UnsupportedError as error:
            raise UnsupportedError(_placed(where, error)) from None
        except G2symError as error:
            raise ModelError(_placed(where, error)) from None
    for one, where in empty.items():
        if one not in kept:  # the other half of a projector may stay
            raise ModelError(
                f"{where}: it vanishes identically (antisymmetric under exchange of its indices, or of a "
                "fermion with its own charge conjugate); remove it."
            )
    if not total:
        raise ModelError("The Lagrangian is empty: its terms cancel; write at least one interaction.")
    if len(total) > MAX_OPERATORS:
        raise UnsupportedError(
            f"The Lagrangian expands to {len(total)} operators; at most {MAX_OPERATORS} are treated, "
            "so split it up."
        )
    for structure in total:
        check_parity(structure, fields, places[structure])
    check_triplets({structure: places[structure] for structure in total}, fields)
    check_hermitian(total, fields, places)
    return sort_operators(Operator(value, *structure) for structure, value in total.items())


def check_word(
    word: Word, fields: Mapping[str, Field], dimensions: Mapping[str, int]
) -> dict[Structure, Coefficient]:
    """Hold one product of factors to the rules that concern it alone; return its canonical form.

    That is empty where the product vanishes.
    """
    bosons, bilinear = assemble(word.factors)
    if not bosons and bilinear is None:
        raise ModelError("it holds no field; an interaction is a product of fields, so remove or complete it")
    check_indices(bosons, bilinear, fields)
    check_novelty(bosons, bilinear, fields)
    check_charge(bosons, bilinear, fields)
    check_dimension(word.coefficient, bosons, bilinear, dimensions)
    check_colour(bosons, bilinear, fields)
    return canonical(word.coefficient, bosons, bilinear, majorana(fields))


def check_indices(bosons: Sequence[Boson], bilinear: Bilinear | None, fields: Mapping[str, Field]) -> None:
    """Every Lorentz index stands exactly twice, and every vector field has one."""
    for boson in bosons:
        if boson.kind == "field" and fields[boson.field].is_vector and not boson.indices:
            raise ModelError(
                f"the vector field '{boson.field}' lacks its Lorentz index; write {boson.field}(al)"
            )
    string = bilinear.string if bilinear else ()
    inside = [i for g in string for i in g.indices]
    count = Counter([i for boson in bosons for i in (*boson.derivatives, *boson.indices)] + inside)
    for index, times in count.items():
        if times == 1:
            raise ModelError(
                f"the Lorentz index '{index}' stands once; every index must stand exactly twice, "
                "so contract it"
            )
        if times > 2:
            raise ModelError(
                f"the Lorentz index '{index}' stands {times} times; every index must stand exactly twice, "
                "so rename one pair"
            )
    for index, times in Counter(inside).items():
        if times == 2:
            raise ModelError(
                f"the index '{index}' is contracted inside one gamma string; carry it out by hand, as in "
                "gamma(al)*gamma(al) = 4"
            )


def check_novelty(bosons: Sequence[Boson], bilinear: Bilinear | None, fields: Mapping[str, Field]) -> None:
    """Refuse what already follows from declared masses and charges: only what is new is written."""
    if any(b.field == "A" and b.kind == "field" for b in bosons):
        raise ModelError(
            "the photon field A(al) stands without F; its couplings follow from the electric charges and "
            "only what is new is written, so remove the term or use F(A, al, be)"
        )
    names = [b.field for b in bosons]
    if bilinear is not None:
        if not bosons:
            raise ModelError(
                "it is a kinetic or mass term; these follow from the declared fields and only what is new is "
                "written, so remove it"
            )
        ends = {bilinear.bar, bilinear.field}
        other = ends & set(LEPTONS)
        if GENERIC in ends and other:
            raise ModelError(
                f"it mixes the generic lepton f with '{other.pop()}'; name both leptons, or use f for both"
            )
    elif _is_triple_vertex(bosons, fields):
        charged = next(name for name in names if name not in PHOTON)
        raise UnsupportedError(
            f"the coupling of the charged vector '{charged}' to the photon's field strength follows from its "
            "charge and is that of Yang-Mills (kappa = 1); any other makes dipole moments ultraviolet "
            "divergent, so remove the term"
        )
    elif len(bosons) < 2:
        raise UnsupportedError("it is linear in one field; shift the field so that it has no such term")
    elif len(bosons) == 2:
        if names[0] == names[1]:
            raise ModelError(
                "it is a kinetic or mass term; these follow from the declared fields and only what is new is "
                "written, so remove it"
            )
        raise UnsupportedError(
            f"it mixes '{names[0]}' and '{names[1]}'; mixing is not treated, so write the Lagrangian in "
            "fields of definite mass"
        )


def _is_triple_vertex(bosons: Sequence[Boson], fields: Mapping[str, Field]) -> bool:
    """True for a field strength that holds the photon, beside a charged vector and its conjugate."""
    strengths = [b for b in bosons if b.kind != "field" and b.field in PHOTON]
    others = [b for b in bosons if b not in strengths]
    return (
        len(strengths) == 1
        and len(others) == 2
        and others[0].field == others[1].field
        and others[0].conjugated != others[1].conjugated
        and fields[others[0].field].is_vector
        and fields[others[0].field].charge != 0
    )


def check_charge(bosons: Sequence[Boson], bilinear: Bilinear | None, fields: Mapping[str, Field]) -> None:
    """The electric charges of all factors add up to zero."""
    total = Fraction(0)
    pieces = []
    for boson in bosons:
        charge = fields[boson.field].charge * (-1 if boson.conjugated else 1)
        pieces.append((boson.text(), charge))
    if bilinear is not None:
        start = fields[bilinear.bar].charge * (1 if bilinear.bar_cc else -1)
        end = fields[bilinear.field].charge * (-1 if bilinear.field_cc else 1)
        pieces.append((f"bar({bilinear.bar})" if not bilinear.bar_cc else f"bar(cc({bilinear.bar}))", start))
        pieces.append((f"cc({bilinear.field})" if bilinear.field_cc else bilinear.field, end))
    total = sum((charge for _, charge in pieces), Fraction(0))
    if total:
        listed = ", ".join(f"{text} carries {charge}" for text, charge in pieces if charge)
        raise ModelError(
            f"the electric charge is not conserved: {listed}, in sum {total}; conjugate a field with "
            "bar(...) or mend a declared charge"
        )


def check_dimension(
    coefficient: Coefficient,
    bosons: Sequence[Boson],
    bilinear: Bilinear | None,
    dimensions: Mapping[str, int],
) -> None:
    """Fields, derivatives and coefficient together have mass dimension 4."""
    for symbol in sorted(coefficient.symbols):
        if symbol not in dimensions:
            raise ModelError(f"'{symbol}' is not declared; declare it as a parameter")
    front = coefficient_dimension(coefficient, dimensions)
    fields = Operator(coefficient, tuple(bosons), bilinear).dimension
    if front + fields != 4:
        raise ModelError(
            f"its mass dimension is {front + fields} (fields {fields}, coefficient {front}) where every term "
            f"has 4; the coefficient needs dimension {4 - fields}, so mend the parameter's dimension "
            "or the term"
        )


def check_parity(structure: Structure, fields: Mapping[str, Field], where: str) -> None:
    """Where every boson of a parity-definite term has a parity, the term conserves it."""
    bosons, bilinear = structure
    if bilinear is not None and (bilinear.bar != bilinear.field or bilinear.bar_cc or bilinear.field_cc):
        return  # the relative parity of two different fermions is a convention
    sign = -1 if bilinear is not None and bilinear.has_gamma5 else 1
    culprit = None
    for boson in bosons:
        field = fields[boson.field]
        parity = field.parity
        if bilinear is None and field.name in _GAUGE:
            parity = -1  # the kinetic and effective vertices of the gauge bosons treat them as vectors
        if parity is None:
            return
        sign *= -parity if field.is_vector else parity
        sign *= -1 if boson.kind == "Fdual" else 1
        culprit = field if not field.standard_model else culprit
    if sign == -1 and culprit is not None and culprit.parity is not None:
        shown = _short(Operator(Coefficient.number(1), *structure).text())
        raise ModelError(
            f"{where}: the field '{culprit.name}' is declared with parity {culprit.parity:+d} but couples "
            f"here with parity {-culprit.parity:+d} ({shown}); mend the term, or drop parity to let both "
            "kinds stand."
        )


def check_hermitian(
    total: Mapping[Structure, Coefficient], fields: Mapping[str, Field], places: Mapping[Structure, str]
) -> None:
    """The Lagrangian as a whole equals its Hermitian conjugate."""
    for structure, value in total.items():
        operator = Operator(value, *structure)
        turned = conjugate((operator,), fields)
        if all(total.get(t.structure) == t.coefficient for t in turned):
            continue
        missing = " + ".join(t.text() for t in turned)
        if all(t.structure == structure and t.coefficient == -value for t in turned):
            text = _short(operator.text())
            mend = (
                f"{text} is minus its own Hermitian conjugate; multiply it by I, or add '+ hc' after PL or PR"
            )
        else:
            mend = (
                f"{_short(operator.text())} lacks its Hermitian conjugate {_short(missing)}; add it "
                "with '+ hc', or mend a factor I"
            )
        raise ModelError(f"{places[structure]}: the Lagrangian is not Hermitian: {mend}.")


def doubled_terms(expression: Expression, fields: Mapping[str, Field]) -> tuple[str, ...]:
    """Return a sentence about each Hermitian term that '+ hc' adds to itself.

    The Hermitian half of a projector PL or PR, whose other half hc takes away, is none.
    """
    own: dict[tuple[str, ...], list[str]] = {}
    halves: set[tuple[str, ...]] = set()
    for word in expression.words:
        parts = [(word.coefficient, *assemble(word.factors))] if word.turned else []
        operators = collect(parts, majorana(fields))
        turned = conjugate(operators, fields)
        for operator in operators:
            if operators == turned:
                own.setdefault(operator.fields, []).append(_short(operator.text()))
            elif Operator(-operator.coefficient, *operator.structure) in turned:
                halves.add(operator.fields)
    doubled = dict.fromkeys(text for names, texts in own.items() if names not in halves for text in texts)
    return tuple(
        f"The term {text} is its own Hermitian conjugate, so that '+ hc' doubles it." for text in doubled
    )


def conjugate(operators: Iterable[Operator], fields: Mapping[str, Field]) -> tuple[Operator, ...]:
    """Return the Hermitian conjugate of a sum of operators, in canonical form."""
    parts = []
    for operator in operators:
        sign, bosons, bilinear = dagger(operator.bosons, operator.bilinear, fields)
        parts.append((operator.coefficient.conjugate() * sign, bosons, bilinear))
    return collect(parts, majorana(fields))


def _short(text: str, limit: int = 90) -> str:
    return "'" + (text if len(text) <= limit else text[: limit - 3] + "...") + "'"


def _placed(where: str, error: Exception) -> str:
    return f"{where}: {str(error).rstrip('.')}."
