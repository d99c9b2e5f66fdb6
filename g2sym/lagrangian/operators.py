"""Operators: the frozen canonical pieces a checked Lagrangian consists of.

An operator is a commuting coefficient times boson factors times at most one fermion bilinear.
Every piece prints itself in the language of the model files, so that what is printed parses back.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, NamedTuple

    BosonKind = Literal["field", "F", "Fdual"]
    GammaKind = Literal["gamma", "gamma5", "sigma"]

    class _Gamma(NamedTuple):
        kind: GammaKind
        indices: tuple[str, ...] = ()

    class _Spinor(NamedTuple):
        field: str
        barred: bool = False
        conjugated: bool = False

    class _Boson(NamedTuple):
        field: str
        kind: BosonKind = "field"
        derivatives: tuple[str, ...] = ()
        indices: tuple[str, ...] = ()
        conjugated: bool = False

else:  # the same without `typing`
    _Gamma = namedtuple("_Gamma", ("kind", "indices"), defaults=((),))
    _Spinor = namedtuple("_Spinor", ("field", "barred", "conjugated"), defaults=(False, False))
    _Boson = namedtuple(
        "_Boson",
        ("field", "kind", "derivatives", "indices", "conjugated"),
        defaults=("field", (), (), False),
    )
_ONE = Coefficient.number(1).denominator


class Gamma(_Gamma):
    """One Dirac matrix: ``gamma^al``, ``gamma5`` or ``sigma^{al be}``."""

    __slots__ = ()

    def text(self) -> str:
        """Return for instance ``gamma(al)``."""
        return f"{self.kind}({', '.join(self.indices)})" if self.indices else self.kind


class Spinor(_Spinor):
    """One end of a bilinear while it is being written: ``x``, ``bar(x)``, ``cc(x)``, ``bar(cc(x))``."""

    __slots__ = ()

    def text(self) -> str:
        """Return for instance ``bar(mu)``."""
        inner = f"cc({self.field})" if self.conjugated else self.field
        return f"bar({inner})" if self.barred else inner


class Boson(_Boson):
    """One boson factor: a field, its field strength or the dual (with its 1/2), with derivatives.

    ``indices`` are the Lorentz indices of the field (one for a vector) or of the field strength (two);
    ``derivatives`` act on it, the outermost first; ``conjugated`` marks the conjugate of a complex field.
    """

    __slots__ = ()

    @property
    def dimension(self) -> int:
        """Mass dimension of the factor."""
        return 1 + len(self.derivatives) + (self.kind != "field")

    def text(self) -> str:
        """Return for instance ``d(al, a)`` or ``F(A, al, be)``."""
        if self.kind == "field":
            out = self.field + (f"({', '.join(self.indices)})" if self.indices else "")
        else:
            out = f"{self.kind}({', '.join((self.field, *self.indices))})"
        out = f"bar({out})" if self.conjugated else out
        for index in reversed(self.derivatives):
            out = f"d({index}, {out})"
        return out


@dataclass(frozen=True)
class Bilinear:
    """``bar(bar) string field``; ``bar_cc`` and ``field_cc`` mark charge conjugate ends.

    In canonical form the string is an optional leading gamma5 followed by nothing, one gamma or one
    sigma, and at most one end is charge conjugate.
    """

    bar: str
    string: tuple[Gamma, ...]
    field: str
    bar_cc: bool = False
    field_cc: bool = False

    @property
    def has_gamma5(self) -> bool:
        """True when the string starts with gamma5."""
        return bool(self.string) and self.string[0].kind == "gamma5"

    def text(self) -> str:
        """Return for instance ``bar(f)*gamma5*gamma(al)*f``."""
        ends = Spinor(self.bar, True, self.bar_cc), Spinor(self.field, False, self.field_cc)
        return "*".join([ends[0].text(), *(g.text() for g in self.string), ends[1].text()])


@dataclass(frozen=True)
class Operator:
    """A coefficient times bosons times at most one bilinear, in canonical form."""

    coefficient: Coefficient
    bosons: tuple[Boson, ...]
    bilinear: Bilinear | None

    @property
    def structure(self) -> tuple[tuple[Boson, ...], Bilinear | None]:
        """Everything but the coefficient: what two operators share when they can be added."""
        return self.bosons, self.bilinear

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all fields in it, in order, with repetitions."""
        ends = (self.bilinear.bar, self.bilinear.field) if self.bilinear else ()
        return (*(boson.field for boson in self.bosons), *ends)

    @property
    def dimension(self) -> int:
        """Mass dimension of the fields and derivatives, the coefficient left out."""
        return sum(boson.dimension for boson in self.bosons) + (3 if self.bilinear else 0)

    def text(self) -> str:
        """Return the operator in the language of the model files."""
        factors = [boson.text() for boson in self.bosons]
        if self.bilinear:
            factors.append(self.bilinear.text())
        return product_text(self.coefficient, factors)


def product_text(coefficient: Coefficient, factors: Iterable[str]) -> str:
    """Print coefficient times factors so that the parser reads the same product back."""
    body = list(factors)
    front = str(coefficient)
    if body and front in ("1", "-1"):
        return front[:-1] + "*".join(body)
    if body and len(coefficient.numerator) > 1 and coefficient.denominator == _ONE:
        front = f"({front})"
    return "*".join([front, *body])


def lagrangian_text(operators: Iterable[Operator]) -> str:
    """Print a sum of operators, one line each, in the language of the model files."""
    lines = []
    for operator in operators:
        text = operator.text()
        lines.append(text if text.startswith("-") else f"+{text}")
    return "\n".join(lines)
