"""Couplings quoted for a lepton, y[mu]: what they stand for in the amplitudes of each lepton.

Quoting is a change of variables and nothing else: in everything of a lepton l, y is replaced by what the
link makes of y[ref] (`g2sym.lagrangian.flavours`), exactly, with the masses as symbols. In a default, too, a
linked coupling is the one of the lepton that the default is taken for, as m_f is that lepton's mass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from g2sym.base.classes import fields, replace
from g2sym.base.coefficients import Coefficient
from g2sym.derive.contributions import Contribution, Derivation, Pending
from g2sym.derive.terms import Term
from g2sym.errors import UsageError
from g2sym.lagrangian.declaration import Declaration, remember
from g2sym.lagrangian.fields import LEPTONS
from g2sym.lagrangian.flavours import factor, in_brackets, quoted_name, refuse_elsewhere
from g2sym.lagrangian.operators import Operator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from g2sym.base.types import Entries, Record

    T = TypeVar("T")

Quoted = tuple[tuple[str, str], ...]
"""Parameters and the lepton each is quoted for, in alphabetical order."""


# names ---------------------------------------------------------------------------------------------
def read_brackets(declaration: Declaration, quoted: Quoted, names: Iterable[object]) -> Quoted:
    """Return for whom parameters are quoted, given the names that a question holds.

    Parameters: ``declaration``, as it was written; ``quoted``, what was known before; ``names``, with and
    without brackets. Raises UsageError for a parameter quoted for two leptons, and what `in_brackets` raises.
    """
    found = dict(quoted)
    for name in names:
        if not isinstance(name, str) or ("[" not in name and "]" not in name):
            continue
        pair = in_brackets(declaration, name)
        assert pair is not None
        parameter, lepton = pair
        before = found.setdefault(parameter, lepton)
        if before != lepton:
            own = declaration.parameters[parameter].flavour
            why = (
                "a value of one lepton says nothing of others"
                if own == "single"
                else "one follows from the other"
            )
            raise UsageError(
                f"{parameter} is quoted for {before} and for {lepton} (flavour {own}: {why}); quote it once."
            )
    return tuple(sorted(found.items())) if len(found) > len(quoted) else quoted


def full_name(declaration: Declaration, quoted: Quoted, name: str) -> str:
    """Return a name with the lepton that its parameter is quoted for: ``y`` is then ``y[mu]``."""
    for parameter, lepton in quoted:
        if name == parameter or name in declaration.parameters[parameter].symbols:
            return quoted_name(name, lepton)
    return name


def full_names(declaration: Declaration, quoted: Quoted, raw: Mapping[str, T]) -> dict[str, T]:
    """Return values with full names; raises UsageError for one given with and without brackets."""
    out: dict[str, T] = {}
    for name, value in raw.items():
        own = full_name(declaration, quoted, name) if isinstance(name, str) else name
        if own in out:
            raise UsageError(f"{own} is given with and without its lepton; give it once.")
        out[own] = value
    return out


# declarations --------------------------------------------------------------------------------------
def of_lepton(declaration: Declaration, lepton: str) -> Declaration:
    """Put the lepton's mass for m_f into the defaults of parameters."""
    mass = {"m_f": Coefficient.symbol(f"m_{lepton}")}
    changed = {
        name: replace(parameter, default=parameter.default.subs(mass))
        for name, parameter in declaration.parameters.items()
        if parameter.default is not None and "m_f" in parameter.default.symbols
    }
    if not changed:
        return declaration
    own = replace(declaration, parameters={**declaration.parameters, **changed})
    remember(own, lepton, declaration.for_lepton(lepton))  # the same operators
    return own


def with_quoted(declaration: Declaration, lepton: str | None, quoted: Quoted) -> Declaration:
    """Return the declaration of a lepton in which quoted parameters stand with their lepton, ``y[mu]``.

    Parameters: ``declaration``, as it was written; ``lepton``, None for an observable of several, whose
    defaults keep m_f. Its operators for a lepton, `Declaration.for_lepton`, are in terms of y[mu].
    Raises UsageError for a parameter that has another value for this lepton, and one for all elsewhere.
    """
    if not quoted:
        return declaration if lepton is None else of_lepton(declaration, lepton)
    references = dict(quoted)
    parameters = {}
    for name, parameter in declaration.parameters.items():
        reference = references.get(name)
        for one in LEPTONS if lepton is None else (lepton,):
            if reference is not None:
                refuse_elsewhere(declaration, name, reference, one)
        if parameter.default is not None:
            own = parameter.default.subs(_default_changes(declaration, reference, lepton, quoted))
            parameter = replace(parameter, default=own)
        if reference is not None:
            parameter = replace(parameter, name=quoted_name(name, reference), quoted_for=reference)
        parameters[parameter.name] = parameter
    out = replace(declaration, parameters=MappingProxyType(parameters))
    for one in LEPTONS if lepton is None else (lepton,):
        remember(out, one, tuple(_moved(declaration.for_lepton(one), changes(declaration, one, quoted))))
    return out


def _default_changes(
    declaration: Declaration, reference: str | None, lepton: str | None, quoted: Quoted
) -> dict[str, Coefficient]:
    """Return what to put for symbols in a default: of the lepton that is quoted for, or under study."""
    about = lepton if reference is None else reference
    out = changes(declaration, about, quoted)
    if about is not None:
        out["m_f"] = Coefficient.symbol(f"m_{about}")
    if about != lepton:  # a coupling that is not quoted belongs to the lepton under study
        for name, parameter in declaration.parameters.items():
            if parameter.flavour is not None and name not in dict(quoted):
                ratio = factor(parameter, lepton or "f", f"m_{about}", about)
                out |= {s: Coefficient.symbol(s) * ratio for s in parameter.symbols}
    return out


def changes(declaration: Declaration, lepton: str | None, quoted: Quoted) -> dict[str, Coefficient]:
    """Return what stands for each symbol of a quoted parameter in everything of one lepton."""
    out = {}
    for name, reference in quoted:
        parameter = declaration.parameters[name]
        ratio = factor(parameter, reference, f"m_{lepton or 'f'}", lepton)
        for symbol in parameter.symbols:
            out[symbol] = Coefficient.symbol(quoted_name(symbol, reference)) * ratio
    return out


# what was derived ----------------------------------------------------------------------------------
def moved(derivation: Derivation, change: Mapping[str, Coefficient]) -> Derivation:
    """Return a derivation with symbols replaced in every coefficient; what becomes zero is left out."""
    if not change:
        return derivation
    return replace(
        derivation, **{f.name: _moved(getattr(derivation, f.name), change) for f in fields(derivation)}
    )


def _moved(value: Any, change: Mapping[str, Coefficient]) -> Any:
    if isinstance(value, Coefficient):
        return value.subs(change) if value.symbols & change.keys() else value
    if isinstance(value, Mapping):
        every = {name: _moved(one, change) for name, one in value.items()}
        return {name: one for name, one in every.items() if not _gone(one)}
    if type(value) is tuple:
        return tuple(one for one in (_moved(old, change) for old in value) if not _gone(one))
    if isinstance(value, Term | Operator):
        return replace(value, coefficient=_moved(value.coefficient, change))
    if isinstance(value, Pending):
        return replace(value, coupling=_moved(value.coupling, change))
    if isinstance(value, Contribution):
        return replace(value, terms=_moved(value.terms, change))
    return value


def _gone(value: Any) -> bool:
    """True for what has a coefficient of zero, a contribution without terms, a text without its operator."""
    if isinstance(value, Term | Operator):
        return value.coefficient.is_zero
    if isinstance(value, Pending):
        return value.coupling.is_zero
    if isinstance(value, Contribution):
        return not value.terms
    return type(value) is tuple and len(value) == 1 and isinstance(value[0], str)


def refuse_unquoted(declaration: Declaration, text: str, leptons: Sequence[str], quoted: Quoted) -> None:
    """Refuse couplings of several leptons that are not the same for all and not quoted for one of them.

    Parameters: ``text``, the observable's name; its ``leptons``. Raises UsageError.
    """
    for name, parameter in declaration.parameters.items():
        if parameter.flavour not in ("mass", "single") or name in dict(quoted):
            continue
        how, link = quoted_name(name, leptons[0]), "belongs to one lepton alone"
        relate = f"; --flavour {name}=mass relates the leptons"
        if parameter.flavour == "mass":
            link, relate = "is proportional to the lepton's mass", ""
        raise UsageError(
            f"{text} is about several leptons and {name} {link} (its flavour is '{parameter.flavour}'): say "
            f'for whom it is quoted, as {how}, or in Python with quoted({name}="{leptons[0]}"){relate}.'
        )


# words ---------------------------------------------------------------------------------------------
def links(declaration: Declaration, lepton: str | None, quoted: Quoted) -> Record:
    """Return the link of every coupling of the generic lepton, and for whom its value is quoted.

    Parameters: ``lepton``, the one under study, which a plain name is quoted for; None for several, who then
    have a value in common.
    """
    references = dict(quoted)
    return {
        name: {"link": p.flavour, "quoted_for": references.get(name, lepton)}
        for name, p in declaration.parameters.items()
        if p.flavour is not None
    }


def links_text(found: Entries) -> str:
    """Return links in a few words, without commas: ``y mass (quoted for mu); eps universal``.

    >>> links_text({n: {"link": "mass", "quoted_for": "e"} for n in ("y", "z")})
    'y and z mass (quoted for e)'
    """
    groups: dict[str, list[str]] = {}
    for name, one in found.items():
        tail = "" if one["quoted_for"] is None else f" (quoted for {one['quoted_for']})"
        groups.setdefault(f"{one['link']}{tail}", []).append(name)
    return "; ".join(f"{' and '.join(names)} {what}" for what, names in groups.items())


def flavour_lines(record: Entries) -> list[str]:
    """Return the line of a text that says what a record says about links, none where there are none."""
    found = record.get("flavour")
    return [f"flavour: {links_text(found)}"] if found else []


def without(declaration: Declaration, lepton: str, quoted: Quoted) -> list[str]:
    """Return a sentence for each coupling that a lepton does not have, since it is another lepton's alone."""
    return [
        f"{quoted_name(name, reference)} is a coupling of {reference} alone (flavour = single): "
        f"{lepton} has none of it."
        for name, reference in quoted
        if declaration.parameters[name].flavour == "single" and reference != lepton
    ]
