"""Model files: TOML read within bounds, so that an untrusted file can be wrong but not harmful."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import read_number
from g2sym.base.meter import FILE, ExpansionError, metered
from g2sym.base.toml_files import read_toml
from g2sym.errors import G2symError, InputError, ModelError, UnsupportedError, did_you_mean
from g2sym.lagrangian.builders import new_field
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.declaring import declare
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.grammar import known_names, parse_coefficient
from g2sym.lagrangian.names import IDENTIFIER, RESERVED, check_identifier, quote
from g2sym.lagrangian.parameters import Parameter
from g2sym.lagrangian.sources import bundled
from g2sym.lagrangian.tokens import MAX_TEXT

if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record

MAX_TABLES = 100

_TOP = (
    "schema",
    "name",
    "title",
    "references",
    "lagrangian",
    "conventions",
    "fields",
    "parameters",
    "expect",
)
_FIELD = ("spin", "charge", "mass", "width", "parity", "self_conjugate", "colour", "latex")
_PARAMETER = ("dimension", "default", "flavour", "complex", "latex")


# finding and reading files ----------------------------------------------------------------------
def bundled_models() -> dict[str, Path]:
    """Return the bundled models, name to file: inside the package, or beside it in a source tree."""
    return {name: Path(path) for name, path in bundled().items()}


def load_declaration(source: str | os.PathLike[str]) -> Declaration:
    """Read a model.

    Parameters: ``source``, the name of a bundled model or the path of a TOML file.
    Returns the checked declaration.
    Raises InputError when there is no such file, ModelError when its content breaks a rule.
    """
    if isinstance(source, str):
        known = bundled_models()
        if source in known:
            return load_declaration(known[source])
        if IDENTIFIER.fullmatch(source) and not os.path.lexists(source):
            raise InputError(
                f"{quote(source)} is not a bundled model{did_you_mean(source, known)}; use one of "
                f"{', '.join(known)}, or the path of a model file."
            )
    if not isinstance(source, str | os.PathLike):
        raise InputError(f"{quote(source)} is neither a model name nor a path; give one of the two.")
    where = f"model file {quote(os.fspath(source))}"
    return _located(read_toml(source, where), where)


def read_declaration(data: bytes, path: str) -> Declaration:
    """Return the declaration in a file's bytes; raises what `load_declaration` raises for its ``path``."""
    where = f"model file {quote(path)}"
    return _located(read_toml(data, where), where)


def parse_declaration(data: bytes, where: str) -> Declaration:
    """Read a model from the bytes of a TOML file.

    Parameters: ``data``; ``where``, how messages call the file.
    Returns the checked declaration. Raises ModelError, every message beginning with ``where``.
    """
    try:
        table = read_toml(data, where)
    except InputError as error:
        raise ModelError(str(error)) from None
    return _located(table, where)


def _located(table: Entries, where: str) -> Declaration:
    try:
        with metered(FILE):
            return _declaration(table)
    except UnsupportedError as error:
        raise UnsupportedError(f"{where}: {error}") from None
    except ExpansionError as error:
        raise ExpansionError(f"{where}: {error}", placed=True) from None
    except G2symError as error:
        raise ModelError(f"{where}: {error}") from None


# from tables to a declaration -------------------------------------------------------------------
def _declaration(data: Entries) -> Declaration:
    _check_keys(data, _TOP, "the file")
    schema = data.get("schema")
    if schema != 1 or isinstance(schema, bool):
        found = "lacks schema" if schema is None else f"has schema = {quote(schema)}"
        raise ModelError(f"the file {found}; write 'schema = 1', the only version there is.")
    for key in ("name", "lagrangian"):
        if key not in data:
            raise ModelError(f"the file lacks '{key}'; add it.")
    lagrangian = data["lagrangian"]
    if not isinstance(lagrangian, str):
        raise ModelError(f"lagrangian: {quote(lagrangian)} is not a text; put it in quotation marks.")
    if len(lagrangian) > MAX_TEXT:
        raise ModelError(f"lagrangian: more than {MAX_TEXT} characters; shorten it.")
    fields: dict[str, Field] = {}
    masses: dict[str, Fraction] = {}
    for name, table in _table_of_tables(data, "fields"):
        fields[name] = _field(name, table, masses)
    tables = dict(_table_of_tables(data, "parameters"))
    parameters = _parameters(tables, fields, masses)
    references = data.get("references", [])
    if not isinstance(references, list):
        raise ModelError(f'references: {quote(references)} is not a list; write references = ["..."].')
    conventions = data.get("conventions", {})
    if not isinstance(conventions, dict):
        raise ModelError(f"conventions: {quote(conventions)} is not a table; write [conventions].")
    try:
        return declare(
            lagrangian,
            check_identifier(data["name"], "model"),
            data.get("title", ""),
            fields=fields.values(),
            parameters=parameters.values(),
            references=references,
            conventions=conventions,
            expectations=_expectations(data.get("expect", [])),
        )
    except UnsupportedError as error:
        raise UnsupportedError(_in_lagrangian(error)) from None
    except ExpansionError as error:
        raise ExpansionError(_in_lagrangian(error)) from None
    except ModelError as error:
        raise ModelError(_in_lagrangian(error)) from None


def _in_lagrangian(error: Exception) -> str:
    # lines are counted inside the lagrangian, so say so
    text = str(error)
    return f"lagrangian, {text}" if text.startswith("line ") else text


def _check_keys(table: Entries, known: Iterable[str], what: str) -> None:
    for key in table:
        if key not in known:
            raise ModelError(
                f"{what} has the unknown key {quote(key)}{did_you_mean(key, known)}; "
                f"known keys are {', '.join(known)}."
            )


def _table_of_tables(data: Entries, key: str) -> list[tuple[str, Entries]]:
    tables = data.get(key, {})
    if not isinstance(tables, dict):
        raise ModelError(f"{key}: {quote(tables)} is not a table; write [{key}.<name>].")
    if len(tables) > MAX_TABLES:
        raise ModelError(f"{key}: {len(tables)} are declared; at most {MAX_TABLES} are allowed.")
    for name, table in tables.items():
        check_identifier(name, key[:-1])
        if not isinstance(table, dict):
            raise ModelError(f"{key}.{name}: {quote(table)} is not a table; write [{key}.{name}].")
    return list(tables.items())


def _number(value: object, where: str, mend: str) -> Fraction:
    try:
        return read_number(value, where)
    except InputError:
        raise ModelError(f"{where}: {quote(value)} is not a number; {mend}.") from None


def _field(name: str, table: Entries, masses: dict[str, Fraction]) -> Field:
    where = f"fields.{name}"
    _check_keys(table, _FIELD, where)
    if "spin" not in table:
        raise ModelError(f"{where} lacks 'spin'; write spin = 0, spin = \"1/2\" or spin = 1.")
    spin = _number(table["spin"], f"{where}, spin", 'write 0, "1/2" or 1')
    charge = _number(table.get("charge", 0), f"{where}, charge", "write it in units of e, such as -1")
    self_conjugate = table.get("self_conjugate")
    if self_conjugate is not None and not isinstance(self_conjugate, bool):
        raise ModelError(f"{where}: self_conjugate = {quote(self_conjugate)} is neither true nor false.")
    mass = table.get("mass", f"m_{name}")
    if not (isinstance(mass, str) and mass.startswith("m_")):
        mend = f'write "m_{name}", a decimal number, or 0 for a massless field'
        value = _number(mass, f"{where}, mass", mend)
        if value < 0:
            raise ModelError(f"{where}, mass: {quote(mass)} is negative; {mend}.")
        mass = f"m_{name}"  # a symbol even for 0, so that a massless mediator is a limit like any other
        masses[mass] = value
    parity = table.get("parity")
    if parity is not None and not isinstance(parity, int):
        raise ModelError(f"{where}: parity = {quote(parity)} is neither 1 nor -1; mend or drop it.")
    colour = table.get("colour", 1)
    if isinstance(colour, bool) or not isinstance(colour, int):
        raise ModelError(f"{where}: colour = {quote(colour)} is neither 1 nor 3; mend or drop it.")
    return new_field(
        name, spin, mass, charge, parity, self_conjugate, _latex(table, where), colour, table.get("width")
    )


def _latex(table: Entries, where: str) -> str | None:
    value = table.get("latex")
    if value is not None and not isinstance(value, str):
        raise ModelError(f"{where}, latex: {quote(value)} is not a text; put it in quotation marks.")
    return value


def _parameters(
    tables: Mapping[str, Entries], fields: Mapping[str, Field], masses: Mapping[str, Fraction]
) -> dict[str, Parameter]:
    bare: dict[str, Parameter] = {}
    for name, table in tables.items():
        where = f"parameters.{name}"
        _check_keys(table, _PARAMETER, where)
        is_mass = any(field.mass == name for field in fields.values())
        if "dimension" not in table and not is_mass:
            raise ModelError(f"{where} lacks 'dimension'; write its mass dimension, such as dimension = 0.")
        bare[name] = Parameter(
            name=name,
            dimension=table.get("dimension", 1),
            flavour=table.get("flavour"),
            complex=table.get("complex", False),
            latex=_latex(table, where),
        )
    own = {field.mass for field in fields.values() if field.mass and field.mass not in RESERVED}
    every = {mass: Parameter(name=mass, dimension=1) for mass in sorted(own)} | bare
    bare |= {mass: every[mass] for mass in masses if mass not in bare}
    names = known_names({}, every)
    out = {}
    for name, parameter in bare.items():
        default: Coefficient | None = None
        if name in masses:
            default = Coefficient.number(masses[name])
            if "default" in tables.get(name, {}):
                raise ModelError(
                    f"parameters.{name}: the field already fixes this mass; drop one of the two."
                )
        elif "default" in tables[name]:
            default = _default(tables[name]["default"], f"parameters.{name}, default", names)
        out[name] = replace(parameter, default=default)
    return out


def _default(value: object, where: str, names: Any) -> Coefficient:
    if not isinstance(value, str):
        return Coefficient.number(_number(value, where, "write a number or an expression of parameters"))
    try:
        return parse_coefficient(value, names)
    except ModelError as error:
        raise ModelError(f"{where}, {error}") from None


def _expectations(tables: object) -> tuple[Record, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ModelError(f"expect: {quote(tables)} is not a list of tables; write [[expect]].")
    if len(tables) > MAX_TABLES:
        raise ModelError(f"expect: {len(tables)} tables are given; at most {MAX_TABLES} are allowed.")
    for number, table in enumerate(tables, 1):
        for key, value in table.items():
            where = f"expect {number}, {quote(key)}"
            if isinstance(value, str):
                if len(value) > 2000:
                    raise ModelError(f"{where}: the text is longer than 2000 characters; shorten it.")
            elif isinstance(value, bool):
                raise ModelError(f"{where}: {quote(value)} is neither a text nor a number.")
            else:
                _number(value, where, "an expectation is a flat table of texts and numbers")
    return tuple(tables)
