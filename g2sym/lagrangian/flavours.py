"""Flavour links: how a coupling of the generic lepton f is related for e, mu and tau, and whose a value is.

With y[ref] the value that is quoted for the lepton ref, a lepton l has

    mass        y_l = y[ref] m_l / m_ref
    universal   y_l = y[ref]
    single      y_l = y[ref] where l is ref, else 0
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.terms import under
from g2sym.errors import UsageError, did_you_mean, shorten
from g2sym.lagrangian.declaration import Declaration, source_of, with_parameters, with_source
from g2sym.lagrangian.fields import GENERIC, LEPTONS
from g2sym.lagrangian.operators import Operator
from g2sym.lagrangian.parameters import FLAVOURS, Parameter

_SPELLED = MappingProxyType({"electron": "e", "muon": "mu", "positron": "e", "antimuon": "mu"})
"""Leptons as people also write them: what is meant, for a message."""
_ZERO, _ONE = Coefficient.number(0), Coefficient.number(1)


def stands_in(parameter: Parameter, operators: Iterable[Operator]) -> tuple[bool, bool]:
    """Return whether a parameter multiplies terms with the generic lepton, and whether others hold it."""
    own = set(parameter.symbols)
    multiplies = elsewhere = False
    for operator in operators:
        above = {s for monomial, _ in operator.coefficient.numerator for n, _ in monomial for s in under(n)}
        ends = operator.bilinear
        generic = ends is not None and GENERIC in (ends.bar, ends.field)
        multiplies |= bool(above & own) and generic
        elsewhere |= bool(operator.coefficient.symbols & own) and not generic
    return multiplies, elsewhere


def with_flavour(declaration: Declaration, links: Mapping[str, object]) -> Declaration:
    """Return the same declaration with other links between the leptons' couplings.

    Parameters: ``links``, a parameter's name to ``"mass"``, ``"universal"`` or ``"single"``. Raises
    UsageError for a name that is no coupling of the generic lepton, and for another link.
    """
    changed: dict[str, Parameter] = {}
    for name, link in links.items():
        parameter = declaration.parameters.get(name)
        if parameter is None:
            raise UsageError(
                f"flavour: the model '{declaration.name}' has no parameter {shorten(name)}"
                f"{did_you_mean(str(name), declaration.parameters)}; "
                f"it has {', '.join(declaration.parameters)}."
            )
        if not isinstance(link, str) or link not in FLAVOURS:
            raise UsageError(
                f"flavour {name} = {shorten(link, 40)} is not one of {', '.join(FLAVOURS)}"
                f"{did_you_mean(str(link), FLAVOURS)}; choose one."
            )
        if not stands_in(parameter, declaration.operators)[0]:
            raise UsageError(
                f"flavour: {name} multiplies no term of the generic lepton f{_coupled(declaration)}"
            )
        changed[name] = replace(parameter, flavour=link)
    out = with_parameters(declaration, {**declaration.parameters, **changed})
    source = source_of(declaration)
    if source is None:
        return out
    # what is derived may be kept: under a key that holds the links, too
    return with_source(out, f"{source} {sorted((n, p.flavour) for n, p in changed.items())}")


def quoted_name(name: str, lepton: str) -> str:
    """Return a parameter's name with the lepton that it is quoted for, ``y[mu]``."""
    return f"{name}[{lepton}]"


def in_brackets(declaration: Declaration, text: str) -> tuple[str, str] | None:
    """Return the parameter and the lepton of a name such as ``y[mu]`` or ``re_y[mu]``, None without brackets.

    Raises UsageError for brackets that are not closed or empty, an unknown parameter or lepton, and for a
    parameter that is not a coupling of the generic lepton.
    """
    name, opened, rest = text.partition("[")
    lepton, closed, after = rest.partition("]")
    if not opened and "]" not in text:
        return None
    if not (name and closed and lepton) or after:
        raise UsageError(
            f"{shorten(text)}: write a parameter and the lepton it is quoted for, such as y[mu]."
        )
    known = {s: p for p in declaration.parameters.values() for s in (p.name, *p.symbols)}
    if name not in known:
        linked = {s: p for s, p in known.items() if p.flavour is not None}
        raise UsageError(
            f"The model '{declaration.name}' has no parameter {shorten(name)}"
            f"{did_you_mean(name, linked or known)}; it has {', '.join(known)}."
        )
    parameter = known[name]
    if lepton not in LEPTONS:
        near = _SPELLED.get(lepton.lower(), lepton.lower())
        meant = f" (did you mean '{name}[{near}]'?)" if near in LEPTONS else did_you_mean(lepton, LEPTONS)
        raise UsageError(
            f"{shorten(text)}: there is no charged lepton {shorten(lepton)}{meant}; write e, mu or tau."
        )
    if parameter.flavour is None and stands_in(parameter, declaration.operators)[0]:
        raise UsageError(
            f"{text}: how {parameter.name} is related for e, mu and tau is not declared; give it a flavour, "
            f"for instance --flavour {parameter.name}=mass or with_flavour({parameter.name}='mass')."
        )
    if parameter.flavour is None:
        raise UsageError(
            f"{text}: {parameter.name} multiplies no term of the generic lepton f, so it has one value for "
            f"all leptons; drop [{lepton}]{_coupled(declaration)}"
        )
    return parameter.name, lepton


def factor(parameter: Parameter, reference: str, mass: str, lepton: str | None) -> Coefficient:
    """Return y_l / y[ref]: what a quoted value is multiplied with for a lepton.

    Parameters: ``reference``, the lepton it is quoted for; ``mass``, the symbol of the lepton's mass;
    ``lepton``, None for the generic one, which for the link ``single`` is the one that is quoted for.
    """
    if parameter.flavour == "mass" and lepton != reference:
        return Coefficient.symbol(mass) / Coefficient.symbol(f"m_{reference}")
    if parameter.flavour == "single" and lepton not in (None, reference):
        return _ZERO
    return _ONE


def refuse_elsewhere(declaration: Declaration, name: str, reference: str, lepton: str) -> None:
    """Refuse a quoted value whose parameter also multiplies terms without f: it would have two values there.

    Raises UsageError.
    """
    parameter = declaration.parameters[name]
    if parameter.flavour == "universal" or lepton == reference:
        return
    if stands_in(parameter, declaration.operators)[1]:
        raise UsageError(
            f"{name}[{reference}] stands for another value of {name} for {lepton}, but {name} multiplies "
            f"terms without the generic lepton f, too, which have one value; declare another "
            "parameter for these terms."
        )


def _coupled(declaration: Declaration) -> str:
    """Return which couplings can be linked, as the end of a sentence."""
    linked = [n for n, p in declaration.parameters.items() if stands_in(p, declaration.operators)[0]]
    return f" (its couplings are {', '.join(linked)})." if linked else " (this model has no term with f)."
