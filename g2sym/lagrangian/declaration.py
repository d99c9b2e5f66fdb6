"""Declarations: a checked Lagrangian with its fields, parameters and conventions; immutable."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from g2sym.base.classes import dataclass, replace
from g2sym.base.coefficients import Coefficient
from g2sym.errors import UsageError, did_you_mean
from g2sym.lagrangian.fields import DERIVED, GENERIC, LEPTONS, STANDARD_MODEL, Field
from g2sym.lagrangian.names import quote
from g2sym.lagrangian.operators import Operator, lagrangian_text
from g2sym.lagrangian.parameters import Parameter, resolve_defaults

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record


@dataclass(frozen=True, eq=False)
class Declaration:
    """A Lagrangian that has passed every check.

    ``text`` is the Lagrangian as given (canonical text when it was written in Python); ``operators`` hold
    everything expanded, Hermitian conjugates included, with the generic lepton still called ``f``;
    ``fields`` only the new fields; ``parameters`` all parameters, the masses of new fields included;
    ``conventions`` at least ``epsilon0123`` (+1 or -1); ``expectations`` the ``[[expect]]`` tables as given;
    ``remarks``, sentences about the text that stand with every result.
    """

    name: str
    title: str
    references: tuple[str, ...]
    text: str
    operators: tuple[Operator, ...]
    fields: Mapping[str, Field]
    parameters: Mapping[str, Parameter]
    conventions: Entries
    expectations: tuple[Entries, ...] = ()
    remarks: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the physics: operators, fields, parameters, conventions (not titles or LaTeX)."""
        import hashlib
        import json

        return hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()

    def _content(self) -> Record:
        return {
            "operators": [operator.text() for operator in self.operators],
            "fields": {
                n: [
                    *(str(f.spin), str(f.charge), f.mass, f.parity, f.self_conjugate, f.colour),
                    *(() if f.width is None else (str(f.width),)),
                ]
                for n, f in self.fields.items()
            },
            "parameters": {
                n: [p.dimension, None if p.default is None else str(p.default), p.flavour, p.complex]
                for n, p in self.parameters.items()
            },
            "conventions": {n: str(v) for n, v in self.conventions.items()},
        }

    @property
    def canonical_text(self) -> str:
        """The operators printed one a line; parses back to the same operators."""
        return lagrangian_text(self.operators)

    @property
    def masses(self) -> tuple[str, ...]:
        """The mass symbols of the new fields, in order of declaration."""
        own = [f.mass for f in self.fields.values() if f.mass and f.mass in self.parameters]
        return tuple(dict.fromkeys(own))

    @property
    def widths(self) -> dict[str, str]:
        """The symbols of the declared widths by field, in order of declaration."""
        return {n: s for n, f in self.fields.items() if (s := f.width_symbol) is not None}

    @property
    def derived_widths(self) -> dict[str, str]:
        """The fields whose width is derived from the couplings, by symbol."""
        return {s: n for n, s in self.widths.items() if self.fields[n].width == DERIVED}

    @property
    def units(self) -> dict[str, str]:
        """The unit of every parameter."""
        return {name: parameter.unit for name, parameter in self.parameters.items()}

    @property
    def is_generic(self) -> bool:
        """True when the generic lepton ``f`` stands in it, so that it differs from lepton to lepton."""
        return any(_is_generic(operator) for operator in self.operators)

    def field(self, name: str) -> Field:
        """Return a field by name, new ones first; raises UsageError for an unknown name."""
        known = {**STANDARD_MODEL, **self.fields}
        if not isinstance(name, str) or name not in known:
            raise UsageError(f"model '{self.name}': {quote(name)} is not a field{did_you_mean(name, known)}.")
        return known[name]

    def for_lepton(self, lepton: str) -> tuple[Operator, ...]:
        """Return the operators with ``f`` replaced by a lepton, m_f by its mass, B and W3 by A and Z.

        Parameters: ``lepton``, one of e, mu, tau. Returns canonical operators.
        Raises UsageError for any other name.
        """
        if not isinstance(lepton, str) or lepton not in LEPTONS:
            raise UsageError(
                f"{quote(lepton)} is not a charged lepton{did_you_mean(str(lepton), LEPTONS)}; "
                "use e, mu or tau."
            )
        if lepton not in self._lines:
            self._lines[lepton] = self._line(lepton)
        return self._lines[lepton]

    @cached_property
    def _lines(self) -> dict[str, tuple[Operator, ...]]:
        """What `for_lepton` has found."""
        return {}

    def _line(self, lepton: str) -> tuple[Operator, ...]:
        from g2sym.lagrangian.algebra import collect, mass_eigenstates

        value = {"m_f": Coefficient.symbol(f"m_{lepton}")}
        parts = []
        for operator in self.operators:
            bilinear = operator.bilinear
            if bilinear is not None:
                bilinear = replace(
                    bilinear,
                    bar=lepton if bilinear.bar == GENERIC else bilinear.bar,
                    field=lepton if bilinear.field == GENERIC else bilinear.field,
                )
            parts.append((operator.coefficient.subs(value), operator.bosons, bilinear))
        return mass_eigenstates(collect(parts))

    def as_dict(self) -> Record:
        """Return a JSON-ready record: name, title, references, parameters, conventions."""
        return {
            "name": self.name,
            "title": self.title,
            "references": list(self.references),
            "parameters": {name: parameter.as_dict() for name, parameter in self.parameters.items()},
            "conventions": dict(self.conventions),
        }

    def defaults(self) -> dict[str, Coefficient]:
        """Return the default of each real symbol that has one, in terms of symbols that have none."""
        return resolve_defaults(self.parameters)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Declaration):
            return NotImplemented
        return self.name == other.name and self._content() == other._content()

    def __hash__(self) -> int:
        return hash((self.name, self.digest))

    def __getstate__(self) -> Record:
        return {n: dict(v) if isinstance(v, MappingProxyType) else v for n, v in self.__dict__.items()}

    def __setstate__(self, state: Record) -> None:
        frozen = ("fields", "parameters", "conventions")
        self.__dict__.update({n: MappingProxyType(v) if n in frozen else v for n, v in state.items()})


def remember(declaration: Declaration, lepton: str, operators: tuple[Operator, ...]) -> None:
    """Let `Declaration.for_lepton` return operators that were found before, from the same declaration."""
    declaration._lines[lepton] = operators


def with_parameters(declaration: Declaration, parameters: Mapping[str, Parameter]) -> Declaration:
    """Return the declaration with other parameters of the same names and symbols: its operators stay."""
    own = replace(declaration, parameters=MappingProxyType(dict(parameters)))
    own._lines.update(declaration._lines)
    return own


def source_of(declaration: Declaration) -> str | None:
    """Return a hash of the text that a declaration was read from, where `with_source` has said so."""
    found: str | None = declaration.__dict__.get("_source")
    return found


def with_source(declaration: Declaration, source: str) -> Declaration:
    """Say what a declaration was read from: what is derived from it may then be kept between runs."""
    declaration.__dict__["_source"] = source
    return declaration


def _is_generic(operator: Operator) -> bool:
    bilinear = operator.bilinear
    ends = (bilinear.bar, bilinear.field) if bilinear else ()
    return GENERIC in ends or "m_f" in operator.coefficient.symbols
