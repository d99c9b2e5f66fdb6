"""Expected results as text: the language of couplings with ln(...) and sqrt(...), never evaluated.

The language is linear in its functions: a product of two has to be a square root or a coefficient.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from g2sym.base.coefficients import MAX_POWER, Coefficient
from g2sym.base.exact import read_number
from g2sym.errors import ModelError, did_you_mean, shorten
from g2sym.formulas.formula import Formula
from g2sym.formulas.functions import Product, multiply
from g2sym.lagrangian.tokens import Token, place, tokenize

MAX_DEPTH = 40
MAX_LENGTH = 4000
"""Most characters of an expected result."""


def parse_formula(text: str, names: Iterable[str], where: str = "value") -> Formula:
    """Read a formula.

    Parameters: ``text``, sums, products, quotients, integer powers, ``ln(...)``, ``sqrt(...)``, ``pi``;
    ``names``, the symbols it may use; ``where``, how an error message calls it.
    Returns the formula in normal form. Raises ModelError with place and mend.
    """
    if len(text) > MAX_LENGTH:
        raise ModelError(f"{where}: {len(text)} characters are more than {MAX_LENGTH}; shorten it.")
    try:
        return _Reader(text, frozenset(names)).whole()
    except ModelError as error:
        raise ModelError(f"{where}: {str(error).rstrip('.')}.") from None


class _Reader:
    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.text, self.names = text, names
        self.tokens = tokenize(text)
        self.position = self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def take(self, *texts: str) -> str | None:
        if self.token.kind == "sign" and self.token.text in texts:
            self.position += 1
            return self.tokens[self.position - 1].text
        return None

    def fail(self, message: str) -> NoReturn:
        raise ModelError(f"{place(self.text, self.token.start)}: {message}")

    def whole(self) -> Formula:
        out = self.sum()
        if self.token.kind != "end":
            self.fail(
                f"{shorten(self.token.text)} follows a complete expression; write an operator before it"
            )
        return out

    def sum(self) -> Formula:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"parentheses are nested deeper than {MAX_DEPTH}")
        total = self.product()
        while sign := self.take("+", "-"):
            part = self.product()
            total = total + (part if sign == "+" else -part)
        self.depth -= 1
        return total

    def product(self) -> Formula:
        total = self.factor()
        while sign := self.take("*", "/"):
            part = self.factor()
            total = _times(total, part if sign == "*" else part.inverse())
        return total

    def factor(self) -> Formula:
        negative = False
        while sign := self.take("+", "-"):
            negative ^= sign == "-"
        out = self.power()
        return -out if negative else out

    def power(self) -> Formula:
        base = self.atom()
        if not self.take("^", "**"):
            return base
        inside = self.take("(")
        sign = -1 if self.take("-") else 1
        token = self.token
        if (
            token.kind != "number"
            or not token.text.isdigit()
            or len(token.text) > 2
            or int(token.text) > MAX_POWER
        ):
            self.fail(f"expected an integer power of at most {MAX_POWER}; roots are sqrt(...)")
        self.position += 1
        if inside and not self.take(")"):
            self.fail("expected ')' after the power")
        root = base if sign > 0 else base.inverse()
        if all(f.is_one for f, _ in root.terms):
            return root ** int(token.text)
        out = Formula.plain(1)
        for _ in range(int(token.text)):  # step by step: every product has to be linear
            out = _times(out, root)
        return out

    def atom(self) -> Formula:
        token = self.token
        self.position += 1
        if token.kind == "number":
            return Formula.plain(Coefficient.number(read_number(token.text)))
        if token.kind == "sign" and token.text == "(":
            return self.closing(self.sum())
        if token.kind == "name":
            if token.text in ("ln", "log", "sqrt") and self.take("("):
                inside = self.plain(self.closing(self.sum()), token.text)
                return Formula.root(inside) if token.text == "sqrt" else Formula.log(inside)
            if token.text == "alpha" and "alpha" not in self.names:
                e = Coefficient.symbol("e_em")
                return Formula.plain(e**2 / (4 * Coefficient.symbol("pi")))
            if token.text == "pi" or token.text in self.names:
                return Formula.plain(Coefficient.symbol(token.text))
            self.position -= 1
            known = sorted(self.names)
            self.fail(
                f"{shorten(token.text)} is not known here{did_you_mean(token.text, known)}; "
                f"use {', '.join(known[:12])}"
            )
        self.position -= 1
        found = "the end of the text" if token.kind == "end" else shorten(token.text)
        self.fail(f"expected a number, a name or '(', found {found}")

    def closing(self, inside: Formula) -> Formula:
        if not self.take(")"):
            self.fail("expected ')'")
        return inside

    def plain(self, inside: Formula, function: str) -> Coefficient:
        if len(inside.terms) != 1 or not inside.terms[0][0].is_one:
            self.fail(f"the argument of {function} must be a non-zero rational expression")
        return inside.terms[0][1]


def _times(a: Formula, b: Formula) -> Formula:
    for f, _ in a.terms:
        for g, _ in b.terms:
            if isinstance(multiply(f, g)[0], Product):
                raise ModelError(
                    f"The product of {shorten(f, 200)} and {shorten(g, 200)} is not supported; formulas are "
                    "linear in them."
                )
    return a.times(b)
