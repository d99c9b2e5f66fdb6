"""From a Lagrangian, written as a text or in Python, to its declaration: every check in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import STANDARD_MODEL as STANDARD_MODEL_CHOICES
from g2sym.errors import ModelError, UsageError, did_you_mean
from g2sym.lagrangian.checks import check_lagrangian, doubled_terms
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.expressions import Expression
from g2sym.lagrangian.fields import DERIVED, STANDARD_MODEL, Field
from g2sym.lagrangian.flavours import stands_in
from g2sym.lagrangian.grammar import known_names, parse_lagrangian
from g2sym.lagrangian.names import MAX_TITLE, RESERVED, check_identifier, check_text, quote
from g2sym.lagrangian.operators import Operator, lagrangian_text
from g2sym.lagrangian.parameters import Parameter, check_default, resolve_defaults, symbol_dimensions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record

MAX_REFERENCES = 50


def declare(
    lagrangian: Expression | str,
    name: str = "model",
    title: str = "",
    *,
    fields: Iterable[Field | Expression] = (),
    parameters: Iterable[Parameter | Expression] = (),
    references: Iterable[str] = (),
    conventions: Entries | None = None,
    expectations: Iterable[Entries] = (),
) -> Declaration:
    """Check a Lagrangian and return its declaration.

    Parameters: ``lagrangian``, an expression built in Python (which brings its fields and parameters
    along) or a text in the language of the model files; ``fields`` and ``parameters``, declared besides;
    ``conventions``, ``epsilon0123`` (+1 or -1), ``scheme`` and ``standard_model`` ("present" or "absent");
    the rest is kept as given.
    Raises ModelError naming the term, the rule and the mend.
    """
    check_identifier(name, "model")
    check_text(title, "title", MAX_TITLE)
    own_fields, own_parameters = _declared([*fields, *parameters])
    if isinstance(lagrangian, str):
        _add_masses(own_fields, own_parameters)
        expression = parse_lagrangian(lagrangian, known_names(own_fields, own_parameters))
    elif isinstance(lagrangian, Expression):
        expression = lagrangian
        brought_fields, brought_parameters = _declared([expression])
        _join(own_fields, brought_fields)
        _join(own_parameters, brought_parameters)
        _add_masses(own_fields, own_parameters)
    else:
        raise UsageError(f"{quote(lagrangian)} is not a Lagrangian; give an expression or a text.")
    _check_names(own_fields, own_parameters)
    dimensions = symbol_dimensions(own_parameters)
    every = {**STANDARD_MODEL, **own_fields}
    operators = check_lagrangian(expression, every, dimensions)
    used = {n for operator in operators for n in operator.fields}
    for field in own_fields.values():
        if field.name not in used:
            raise ModelError(f"field '{field.name}' is declared but no term holds it; use it or remove it.")
    for field_name in used - set(own_fields):
        mass = STANDARD_MODEL[field_name].mass
        if mass in own_parameters:
            raise ModelError(
                f"'{mass}' is the mass of '{field_name}' and of a new field; rename the new one."
            )
    final = {n: _with_flavour(p, operators) for n, p in own_parameters.items()}
    for parameter in final.values():
        check_default(parameter, dimensions)
    resolve_defaults(final)
    return Declaration(
        name=name,
        title=title,
        references=_references(references),
        text=lagrangian.strip("\n") if isinstance(lagrangian, str) else lagrangian_text(operators),
        operators=operators,
        fields=MappingProxyType(own_fields),
        parameters=MappingProxyType(final),
        conventions=MappingProxyType(_conventions(conventions or {})),
        expectations=tuple(dict(table) for table in expectations),
        remarks=doubled_terms(expression, every),
    )


def _declared(things: Iterable[object]) -> tuple[dict[str, Field], dict[str, Parameter]]:
    fields: dict[str, Field] = {}
    parameters: dict[str, Parameter] = {}
    for thing in things:
        found = thing.declared.values() if isinstance(thing, Expression) else (thing,)
        for value in found:
            if isinstance(value, Parameter):
                _join(parameters, {value.name: value})
            elif isinstance(value, Field):
                if not value.standard_model:
                    _join(fields, {value.name: value})
            else:
                raise UsageError(f"{quote(value)} is neither a field nor a parameter.")
    return fields, parameters


def _join(known: Record, fresh: Entries) -> None:
    for name, value in fresh.items():
        if known.setdefault(name, value) != value:
            raise ModelError(f"'{name}' is declared twice with different properties; use one object for it.")


def _add_masses(fields: Mapping[str, Field], parameters: dict[str, Parameter]) -> None:
    """Declare the mass and width symbols of new fields, unless the user or the Standard Model did.

    A width that is a number is the default of its symbol.
    """
    for field in fields.values():
        mass = field.mass
        if mass is None or mass in RESERVED:
            continue
        given = parameters.setdefault(mass, Parameter(name=mass, dimension=1))
        if given.dimension != 1 or given.complex or given.flavour is not None:
            raise ModelError(
                f"parameter '{mass}': a mass is real, of dimension 1 and without flavour; mend it."
            )
    for field in fields.values():
        width = field.width_symbol
        if width is None or width in RESERVED:
            continue
        value = Coefficient.number(field.width) if isinstance(field.width, Fraction) else None
        if width in parameters and (value is not None or field.width == DERIVED):
            raise ModelError(
                f"field '{field.name}': its width is declared as {quote(str(field.width))}, and as the "
                f"parameter '{width}'; drop the parameter, or write width = '{width}'."
            )
        given = parameters.setdefault(width, Parameter(name=width, dimension=1, default=value))
        if given.dimension != 1 or given.complex or given.flavour is not None:
            raise ModelError(
                f"parameter '{width}': a width is real, of dimension 1 and without flavour; mend it."
            )


def _check_names(fields: Mapping[str, Field], parameters: Mapping[str, Parameter]) -> None:
    for name in fields:
        if name in parameters:
            raise ModelError(f"'{name}' is both a field and a parameter; rename one of them.")
    for parameter in parameters.values():
        for symbol in parameter.symbols:
            if symbol != parameter.name and (symbol in parameters or symbol in fields):
                raise ModelError(
                    f"'{symbol}' clashes with the complex parameter '{parameter.name}', which uses that "
                    "name; rename one of them."
                )


def _with_flavour(parameter: Parameter, operators: Iterable[Operator]) -> Parameter:
    """Give couplings of the generic lepton the flavour ``single``; refuse a flavour elsewhere."""
    multiplies, elsewhere = stands_in(parameter, operators)
    if parameter.flavour is not None and not multiplies:
        raise ModelError(
            f"parameter '{parameter.name}': flavour = {quote(parameter.flavour)} is for couplings to "
            "the generic lepton f, and this one multiplies none; drop flavour."
        )
    if parameter.flavour is None and multiplies and not elsewhere:
        return replace(parameter, flavour="single")
    return parameter


def _references(references: Iterable[str]) -> tuple[str, ...]:
    out = tuple(references) if not isinstance(references, str) else (references,)
    if len(out) > MAX_REFERENCES:
        raise ModelError(f"references: {len(out)} are given; at most {MAX_REFERENCES} are allowed.")
    return tuple(check_text(text, "references", MAX_TITLE) for text in out)


def _conventions(given: Entries) -> Record:
    known = ("epsilon0123", "scheme", "standard_model")
    for key in given:
        if key not in known:
            raise ModelError(
                f"conventions: {quote(key)} is not a known key{did_you_mean(str(key), known)}; "
                f"use {', '.join(known)}."
            )
    out = {"epsilon0123": 1, **given}
    if isinstance(out["epsilon0123"], bool) or out["epsilon0123"] not in (1, -1):
        raise ModelError(f"conventions: epsilon0123 = {quote(out['epsilon0123'])} is neither 1 nor -1.")
    if out.get("standard_model", "present") not in tuple(STANDARD_MODEL_CHOICES):
        raise ModelError(
            f"conventions: standard_model = {quote(out['standard_model'])} is neither 'present' (declared "
            "couplings of W and Z add to the Standard Model's) nor 'absent' (they are all there are)."
        )
    if "scheme" in out:
        check_text(out["scheme"], "conventions, scheme", MAX_TITLE)
    return out
