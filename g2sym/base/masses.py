"""Masses as people write them: 0.5 (GeV), 500MeV, 2*m_mu, (m_tau + m_mu)/2; read exactly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.exact import read_number
from g2sym.errors import InputError, UsageError, did_you_mean, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

UNITS = MappingProxyType(
    {
        "eV": Fraction(1, 10**9),
        "keV": Fraction(1, 10**6),
        "MeV": Fraction(1, 1000),
        "GeV": Fraction(1),
        "TeV": Fraction(1000),
    }
)
"""Units of a mass, in GeV."""
MAX_LENGTH = 120
"""Most characters of an expression of masses."""
NONE: Mapping[str, Fraction] = MappingProxyType({})
_TOKEN = re.compile(r"\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-z]\w*)|([-+*/()]))", re.ASCII)


class Mass(Fraction):
    """An exact number of GeV that was written as a mass, so that no coupling takes it."""

    __slots__ = ()


def read_value(value: object, where: str = "number", masses: Mapping[str, Fraction] = NONE) -> Fraction:
    """Read a value exactly: a number (see `read_number`), or a mass with a unit or in terms of others.

    Parameters: ``value``; ``where``, how an error message calls it; ``masses`` by name, in GeV. Returns a
    `Mass` for what was written with a unit or a mass, a plain fraction otherwise.
    Raises InputError for anything else.

    >>> read_value("500MeV"), read_value("2*m_mu", masses={"m_mu": Fraction(1, 10)})
    (Mass(1, 2), Mass(1, 5))
    """
    if not isinstance(value, str) or not re.search(r"[A-Za-z]\s*$|[A-DF-Za-df-z_]", value):
        return read_number(value, where)
    if len(value) > MAX_LENGTH:
        raise InputError(f"{where}: {shorten(value)} is too long for a mass; shorten it.")
    reader = _Reader(value, where, masses)
    found, power = reader.whole()
    if power != 1:
        reader.fail("is not of the dimension of a mass")
    return Mass(found)


Sized = tuple[Fraction, int]
"""A number with its power of GeV."""


class _Reader:
    """A sum of products of numbers, units and masses."""

    def __init__(self, text: str, where: str, masses: Mapping[str, Fraction]) -> None:
        self.text, self.where, self.masses = text, where, masses
        self.tokens: list[tuple[str, str]] = []
        place = 0
        while place < len(text.rstrip()):
            found = _TOKEN.match(text, place)
            if found is None:
                self.fail()
            kind = "number" if found[1] else "name" if found[2] else "sign"
            self.tokens.append((kind, found[1] or found[2] or found[3]))
            place = found.end()
        self.at = 0

    def fail(self, why: str = "is not a number") -> NoReturn:
        """Raise an InputError."""
        raise InputError(
            f"{self.where}: {shorten(self.text)} {why}; write a decimal such as 0.5 or 1e-3, and a mass in "
            "GeV, as 500MeV or as 2*m_mu."
        )

    def take(self, *signs: str) -> str:
        """Return the next token if it is one of these signs, and go on; else an empty text."""
        if self.at < len(self.tokens) and self.tokens[self.at] in [("sign", s) for s in signs]:
            self.at += 1
            return self.tokens[self.at - 1][1]
        return ""

    def whole(self) -> Sized:
        out = self.sum()
        if self.at < len(self.tokens):
            self.fail()
        return out

    def sum(self) -> Sized:
        sign = -1 if self.take("+", "-") == "-" else 1
        value, power = self.product()
        value *= sign
        while sign_text := self.take("+", "-"):
            more, other = self.product()
            if other != power:
                self.fail("adds what has different dimensions")
            value += more if sign_text == "+" else -more
        return value, power

    def product(self) -> Sized:
        value, power = self.factor()
        while True:
            if self.take("*"):
                more, other = self.factor()
                value, power = value * more, power + other
            elif self.take("/"):
                more, other = self.factor()
                if more == 0:
                    self.fail("divides by zero")
                value, power = value / more, power - other
            else:
                return value, power

    def factor(self) -> Sized:
        if self.take("("):
            out = self.sum()
            if not self.take(")"):
                self.fail("lacks a closing bracket")
            return out
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")
        self.at += 1
        if kind == "number":
            value = read_number(text, self.where)
            unit = self.tokens[self.at : self.at + 1]
            if unit and unit[0][0] == "name" and unit[0][1] in UNITS:
                self.at += 1
                return value * UNITS[unit[0][1]], 1
            return value, 0
        if kind == "name" and text in UNITS:
            return UNITS[text], 1
        if kind != "name" or text not in self.masses:
            hint = did_you_mean(text, [*UNITS, *self.masses]) if kind == "name" else ""
            self.fail(f"is not a number{hint}")
        return self.masses[text], 1


def is_list(value: object) -> bool:
    """True for a list or array of values, False for a single one."""
    return isinstance(value, Iterable) and not isinstance(value, str) and getattr(value, "ndim", 1) != 0


def read_several(value: object, name: str, masses: Mapping[str, Fraction]) -> list[Fraction] | None:
    """Return the numbers of a list or one-dimensional array, None for a single number."""
    if not is_list(value):
        return None
    assert isinstance(value, Iterable)
    out = [read_value(one, f"{name}[{at}]", masses) for at, one in enumerate(value)]
    if not out:
        raise UsageError(f"The list of values of {shorten(name)} is empty; give at least one.")
    return out
