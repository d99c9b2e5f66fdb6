"""Integrals as JSON, and back: polynomials as texts, read when they are asked for."""

from __future__ import annotations

from functools import cached_property

from g2sym.base.written import listed, text_in, texts
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.feynman import FeynmanIntegral, Slot
from g2sym.integrals.polynomials import from_terms
from g2sym.integrals.rational import Frac, Poly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from g2sym.base.types import Record
    from g2sym.integrals.feynman import Diagram


def polynomial(text: str) -> Poly:
    """Read a polynomial as it prints, ``-x*rho + 3/4*nu^2 - 1``; raises ValueError for another text."""
    from flint import fmpq

    first, *rest = text.split(" ")
    pieces = [("-", first[1:]) if first.startswith("-") else ("+", first)]
    pieces += zip(rest[::2], rest[1::2], strict=True)
    terms = []
    for sign, piece in pieces:
        if sign not in ("+", "-") or not piece.isascii():
            raise ValueError("no polynomial")
        factors = piece.split("*")
        top = bottom = 1
        if factors[0][:1].isdigit():
            above, _, below = factors.pop(0).partition("/")
            top, bottom = int(above), int(below or 1)
        powers = {}
        for factor in factors:
            name, raised, power = factor.partition("^")
            if not name.isidentifier() or name in powers or (raised and not power.isdigit()):
                raise ValueError("no polynomial")
            powers[name] = int(power or 1)
        terms.append((powers, fmpq(-top if sign == "-" else top, bottom)))
    names = tuple(sorted({name for powers, _ in terms for name in powers}))
    return from_terms({tuple(powers.get(n, 0) for n in names): value for powers, value in terms}, names)


def integral_out(value: FeynmanIntegral) -> Record:
    """Write an integral without its diagram, with its canonical form."""
    form = value.canonical
    return {
        "variables": [list(limits) for limits in value.variables],
        "delta": str(value.delta),
        "powers": [[k, str(p)] for k, p in value.powers],
        "log": str(value.log),
        "divisor": str(value.divisor),
        "pole": _fraction_out(value.pole),
        "scheme": value.scheme,
        "provenance": list(value.provenance),
        "slots": [[slot.name, slot.power] for slot in value.slots],
        "thresholds": [list(group) for group in value.thresholds],
        "every": [[slot.name, slot.power] for slot in value.every_slot],
        "rational": _fraction_out(form.rational),
        "logs": [[str(argument), *_fraction_out(factor)] for argument, factor in form.logs],
        "arcs": [[str(d0), str(d1), *_fraction_out(factor)] for (d0, d1), factor in form.arcs],
    }


class Body:
    """What an integral of any diagram is made of, as texts.

    Parameters: ``data``, what `integral_out` wrote; raises ValueError, KeyError or TypeError for anything
    else.
    """

    def __init__(self, data: Any) -> None:
        self.plain = {
            "variables": tuple(texts(limits, 3) for limits in listed(data["variables"])),
            "scheme": text_in(data["scheme"]),
            "provenance": texts(data["provenance"]),
            "slots": _slots(data["slots"]),
            "thresholds": tuple(map(texts, listed(data["thresholds"]))),
            "every_slot": _slots(data["every"]),
        }
        self.delta, self.log, self.divisor = texts([data["delta"], data["log"], data["divisor"]])
        self.pole, self.rational = texts(data["pole"], 2), texts(data["rational"], 2)
        self.powers = tuple((_whole(k), text_in(p)) for k, p in listed(data["powers"]))
        self.logs = tuple(texts(one, 3) for one in listed(data["logs"]))
        self.arcs = tuple(texts(one, 4) for one in listed(data["arcs"]))

    def of(self, diagram: Diagram) -> Recalled:
        """Return the integral of a diagram."""
        out = object.__new__(Recalled)
        out.__dict__.update(self.plain, diagram=diagram, body=self)
        return out

    @cached_property
    def form(self) -> ClosedForm:
        """The canonical form."""
        return ClosedForm(
            _fraction(*self.rational),
            tuple((polynomial(argument), _fraction(*factor)) for argument, *factor in self.logs),
            tuple(((polynomial(d0), polynomial(d1)), _fraction(*factor)) for d0, d1, *factor in self.arcs),
        )

    def field(self, name: str) -> Any:
        """Return one of the fields that hold polynomials."""
        if name == "powers":
            return tuple((k, polynomial(text)) for k, text in self.powers)
        return _fraction(*self.pole) if name == "pole" else polynomial(getattr(self, name))


class Recalled(FeynmanIntegral):
    """An integral that was kept: its polynomials are read from their texts when they are asked for."""

    body: Body

    def __getattr__(self, name: str) -> Any:
        if name not in ("delta", "powers", "log", "divisor", "pole") or "body" not in self.__dict__:
            raise AttributeError(name)
        value = self.__dict__[name] = self.body.field(name)
        return value

    @cached_property
    def canonical(self) -> ClosedForm:
        """The canonical form, as it was kept."""
        return self.body.form if "body" in self.__dict__ else self._canonical()

    @cached_property
    def identity(self) -> tuple[str, ...]:
        """A key that integrals with the same integrand share."""
        if "body" not in self.__dict__:  # a copy with other fields
            return self._identity()
        body = self.body
        inside = ", ".join(f"({k}, Poly({text}))" for k, text in body.powers)
        powers = f"({inside}{',' if len(body.powers) == 1 else ''})"
        return (body.delta, powers, body.log, body.divisor)


def integral_in(data: Any) -> Body:
    """Read what `integral_out` wrote; raises ValueError, KeyError or TypeError for anything else."""
    return Body(data)


def _fraction_out(value: Frac) -> list[str]:
    return [str(value.num), str(value.den)]


def _fraction(top: str, bottom: str) -> Frac:
    """Return a quotient that was in lowest terms when it was written."""
    return Frac(polynomial(top), polynomial(bottom))


def _slots(data: Any) -> tuple[Slot, ...]:
    out = []
    for one in listed(data):
        name, power = listed(one, 2)
        if power not in (1, 2):
            raise ValueError("no slot")
        out.append(Slot(text_in(name), power))
    return tuple(out)


def _whole(data: Any) -> int:
    if type(data) is not int:
        raise ValueError("no whole number")
    return data
