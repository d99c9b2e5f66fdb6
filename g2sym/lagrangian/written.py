"""Declarations as JSON, and back: for models that are kept between runs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.written import coefficient_in, coefficient_out, listed, number_in, number_out, text_in, texts
from g2sym.lagrangian.declaration import Declaration, remember
from g2sym.lagrangian.fields import LEPTONS, Field
from g2sym.lagrangian.operators import Bilinear, Boson, Gamma, Operator
from g2sym.lagrangian.parameters import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from g2sym.base.types import Record


def declaration_out(value: Declaration) -> Record:
    """Write a declaration, with its operators for each lepton."""
    return {
        "name": value.name,
        "title": value.title,
        "references": list(value.references),
        "text": value.text,
        "operators": [operator_out(operator) for operator in value.operators],
        "fields": [
            [f.name, number_out(f.spin), number_out(f.charge), f.mass, *_properties(f)]
            for f in value.fields.values()
        ],
        "parameters": [
            [p.name, p.dimension, _default_out(p), p.flavour, p.complex, p.latex]
            for p in value.parameters.values()
        ],
        "conventions": dict(value.conventions),
        "expectations": [
            {n: [str(v)] if isinstance(v, Decimal) else v for n, v in table.items()}
            for table in value.expectations
        ],
        "remarks": list(value.remarks),
        "lines": {lepton: [operator_out(o) for o in value.for_lepton(lepton)] for lepton in LEPTONS},
    }


def declaration_in(data: Any) -> Declaration:
    """Read what `declaration_out` wrote; raises ValueError, KeyError or TypeError for anything else."""
    fields = [_field_in(one) for one in listed(data["fields"])]
    parameters = [_parameter_in(one) for one in listed(data["parameters"])]
    name, title, text = texts([data["name"], data["title"], data["text"]])
    out = Declaration(
        name=name,
        title=title,
        references=texts(data["references"]),
        text=text,
        operators=tuple(map(operator_in, listed(data["operators"]))),
        fields=MappingProxyType({field.name: field for field in fields}),
        parameters=MappingProxyType({parameter.name: parameter for parameter in parameters}),
        conventions=MappingProxyType(dict(data["conventions"])),
        expectations=tuple(
            {n: Decimal(v[0]) if type(v) is list else v for n, v in table.items()}
            for table in listed(data["expectations"])
        ),
        remarks=texts(data["remarks"]),
    )
    for lepton in LEPTONS:
        remember(out, lepton, tuple(map(operator_in, listed(data["lines"][lepton]))))
    return out


def operator_out(value: Operator) -> list[Any]:
    """Write an operator."""
    line = value.bilinear
    return [
        coefficient_out(value.coefficient),
        [[b.field, b.kind, list(b.derivatives), list(b.indices), b.conjugated] for b in value.bosons],
        None
        if line is None
        else [line.bar, [[g.kind, *g.indices] for g in line.string], line.field, line.bar_cc, line.field_cc],
    ]


def operator_in(data: Any) -> Operator:
    """Read what `operator_out` wrote; raises ValueError or TypeError for anything else."""
    coefficient, bosons, line = listed(data, 3)
    found = []
    for boson in listed(bosons):
        field, kind, derivatives, indices, conjugated = listed(boson, 5)
        if kind not in ("field", "F", "Fdual"):
            raise ValueError("no boson")
        found.append(Boson(text_in(field), kind, texts(derivatives), texts(indices), _truth(conjugated)))
    bilinear = None
    if line is not None:
        bar, string, field, bar_cc, field_cc = listed(line, 5)
        ends = texts([bar, field])
        gammas = []
        for kind, *indices in string:
            if kind not in ("gamma", "gamma5", "sigma"):
                raise ValueError("no gamma matrix")
            gammas.append(Gamma(kind, texts(indices)))
        bilinear = Bilinear(ends[0], tuple(gammas), ends[1], _truth(bar_cc), _truth(field_cc))
    return Operator(coefficient_in(coefficient), tuple(found), bilinear)


def _properties(field: Field) -> tuple[object, ...]:
    width = [number_out(field.width)] if isinstance(field.width, Fraction) else field.width
    return field.self_conjugate, field.parity, field.latex, field.colour, width


def _default_out(parameter: Parameter) -> list[Any] | None:
    return None if parameter.default is None else coefficient_out(parameter.default)


def _field_in(data: Any) -> Field:
    name, spin, charge, mass, self_conjugate, parity, latex, colour, width = listed(data, 9)
    return Field(
        name=name,
        spin=number_in(spin),
        charge=number_in(charge),
        mass=mass,
        self_conjugate=self_conjugate,
        parity=parity,
        latex=latex,
        colour=colour,
        width=number_in(listed(width, 1)[0]) if isinstance(width, list) else width,
    )


def _parameter_in(data: Any) -> Parameter:
    name, dimension, default, flavour, is_complex, latex = listed(data, 6)
    return Parameter(
        name=name,
        dimension=dimension,
        default=None if default is None else coefficient_in(default),
        flavour=flavour,
        complex=is_complex,
        latex=latex,
    )


def _truth(data: Any) -> bool:
    if type(data) is not bool:
        raise ValueError("neither true nor false")
    return data
