"""Grammar: the text form of a Lagrangian, read by recursive descent into expressions.

Nothing is evaluated as Python. Depth, length and the work of expanding are bounded, so that an untrusted
text costs little and fails with one sentence. The complete grammar stands in ``docs/language.md``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import NoReturn

from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import read_number
from g2sym.base.meter import metered
from g2sym.errors import G2symError, ModelError, UnsupportedError, shorten
from g2sym.lagrangian import builders
from g2sym.lagrangian.expressions import Expression, FieldExpression, add, coerce, constant
from g2sym.lagrangian.fields import STANDARD_MODEL, Field
from g2sym.lagrangian.names import CONSTANTS, FUNCTIONS, WORDS, unknown
from g2sym.lagrangian.parameters import KNOWN_DIMENSIONS, Parameter, bounded
from g2sym.lagrangian.tokens import Token, place, tokenize

MAX_DEPTH = 50
"""Deepest nesting of parentheses."""
MAX_WORK = 100_000
"""Most elementary products of coefficient terms that one text may cost."""
MAX_PRODUCTS = 300_000
"""Most products of terms that are formed in fact, those of squares of roots among them."""
STEP_WORK = 10
"""What one step costs besides."""
ROOT_WORK = 100
"""What a root costs for each term under it: these are split into factors."""

TOO_LARGE = "the expression is too large to expand; split it into parameters or shorter terms"

Names = Mapping[str, "Field | Parameter | Coefficient"]

_CONSTANT_WORDS: Mapping[str, Expression] = MappingProxyType(
    {"I": builders.I, "gamma5": builders.gamma5, "PL": builders.PL, "PR": builders.PR}
)
_INDEX_COUNT = {"F": (1, 2), "Fdual": (1, 2), "gamma": (0, 1), "sigma": (0, 2)}


def known_names(fields: Mapping[str, Field], parameters: Mapping[str, Parameter]) -> Names:
    """Return everything a text may name: Standard Model, new fields, parameters, masses, constants."""
    names: dict[str, Field | Parameter | Coefficient] = dict(STANDARD_MODEL)
    names |= {symbol: Coefficient.symbol(symbol) for symbol in KNOWN_DIMENSIONS}
    for parameter in parameters.values():
        names |= {symbol: Coefficient.symbol(symbol) for symbol in parameter.symbols}
    return names | dict(fields) | dict(parameters)


def parse_lagrangian(text: str, names: Names) -> Expression:
    """Read a Lagrangian.

    Parameters: ``text``; ``names``, what each name means (see `known_names`).
    Returns the expanded expression, each product knowing the line it came from.
    Raises ModelError with line, column, rule and mend.
    """
    with metered(MAX_PRODUCTS):
        return _Parser(text, names).whole()


def parse_coefficient(text: str, names: Names | Iterable[str]) -> Coefficient:
    """Read a commuting expression, such as the default of a parameter.

    Parameters: ``text``; ``names``, a mapping as for `parse_lagrangian` or the allowed symbol names.
    Returns the coefficient. Raises ModelError with line, column, rule and mend.
    """
    if not isinstance(names, Mapping):
        names = {name: Coefficient.symbol(name) for name in (*names, *CONSTANTS)}
    try:
        with metered(MAX_PRODUCTS):
            return _Parser(text, names).whole().coefficient
    except ModelError as error:
        raise ModelError(_sentence(error)) from None


class _Parser:
    """One reading of one text."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.names = names
        self.tokens = tokenize(text)
        self.position = 0
        self.depth = 0
        self.work = 0

    # helpers ------------------------------------------------------------------------------------
    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def take(self, *texts: str) -> bool:
        if self.token.kind in ("sign", "name") and self.token.text in texts:
            self.position += 1
            return True
        return False

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        raise ModelError(f"{place(self.text, (token or self.token).start)}: {message.rstrip('.')}.")

    def found(self) -> str:
        return "the end of the text" if self.token.kind == "end" else shorten(self.token.text)

    def need(self, text: str, why: str) -> None:
        if not self.take(text):
            self.fail(f"expected '{text}' {why}, found {self.found()}")

    def call(self, token: Token, cost: int, build: Callable[[], Expression]) -> Expression:
        """Do one step of building: charge its cost, and give its complaint a place."""
        self.work += cost + STEP_WORK
        if self.work > MAX_WORK:
            self.fail(TOO_LARGE, token)
        try:
            return build()
        except UnsupportedError as error:
            raise UnsupportedError(f"{place(self.text, token.start)}: {_sentence(error)}") from None
        except G2symError as error:
            self.fail(str(error), token)

    # rules --------------------------------------------------------------------------------------
    def whole(self) -> Expression:
        if self.token.kind == "end":
            raise ModelError("the text is empty; write at least one term.")
        out = self.sum(top=True)
        if self.token.kind != "end":
            if self.token.text == ")":
                self.fail("')' closes nothing; remove it or add '('")
            self.fail(f"{self.found()} follows a complete term; write an operator such as * or + before it")
        return out

    def sum(self, top: bool = False) -> Expression:
        parts: list[Expression] = []
        sizes = 0
        while True:
            start = self.token
            negative = False
            signed = False
            while self.token.text in ("+", "-") and self.token.kind == "sign":
                negative ^= self.token.text == "-"
                signed = True
                self.position += 1
            if self.token.text == "hc" and self.token.kind == "name":
                return self.conjugate(parts, negative, start)
            part = self.product()
            part = -part if negative else part
            if top:
                part = self.placed(part, start)
            sizes += _weight(part) if part.is_commuting else 0
            self.work += sizes if parts else 0
            parts.append(part)
            if self.work > MAX_WORK:
                self.call(start, 0, lambda: parts[0])
            if not (self.token.kind == "sign" and self.token.text in ("+", "-")):
                if len(parts) == 1 and not signed:
                    return parts[0]
                return self.call(start, 0, lambda: add(parts))

    def placed(self, part: Expression, start: Token) -> Expression:
        source = " ".join(
            self.text[start.start : self.tokens[self.position - 1].end].removeprefix("+").split()
        )
        line = self.text.count("\n", 0, start.start) + 1
        where = f"line {line}, term {shorten(source)}"
        return Expression((word._replace(place=where) for word in part.words), part.declared)

    def conjugate(self, parts: list[Expression], negative: bool, start: Token) -> Expression:
        if not parts or negative:
            self.fail("hc is added at the end of a sum, as in 'g*s*bar(e)*PL*mu + hc'")
        self.position += 1
        if self.token.kind != "end" and self.token.text not in (")", ","):
            self.fail(
                f"{self.found()} follows hc; hc closes a sum, so put it last or use parentheses: "
                "'(... + hc) + ...'"
            )
        total = self.call(start, 0, lambda: add(parts))
        return self.call(start, 0, lambda: add((total, total.dagger())))

    def product(self) -> Expression:
        out = self.factor()
        while self.token.kind == "sign" and self.token.text in ("*", "/"):
            token, left = self.token, out
            self.position += 1
            right = self.factor()
            cost = _weight(left) * _weight(right)
            step = operator.mul if token.text == "*" else operator.truediv
            out = self.call(token, cost, partial(step, left, right))
        return out

    def factor(self) -> Expression:
        negative = False
        while self.token.kind == "sign" and self.token.text in ("+", "-"):
            negative ^= self.token.text == "-"
            self.position += 1
        out = self.power()
        return -out if negative else out

    def power(self) -> Expression:
        base = self.atom()
        token = self.token
        if not self.take("^", "**"):
            return base
        inside = self.take("(")
        sign = -1 if self.take("-") else 1
        number = self.token
        if number.kind != "number" or not number.text.isdigit() or len(number.text) > 4:
            self.fail(
                f"expected an integer power of at most 4 digits, found {self.found()}; roots are sqrt(...)"
            )
        self.position += 1
        if inside:
            self.need(")", "after the power (powers are integers, roots are sqrt(...))")
        exponent = sign * int(number.text)
        out = coerce(1)
        if abs(exponent) <= 1 or abs(exponent) > 64:
            out = self.call(token, 1, lambda: base**exponent)
        else:  # step by step, so that the work is counted as the terms grow
            root = base if exponent > 0 else self.call(token, 1, lambda: 1 / base)
            for _ in range(abs(exponent)):
                out = self.call(token, _weight(out) * _weight(root), partial(operator.mul, out, root))
        if self.token.kind == "sign" and self.token.text in ("^", "**"):
            self.fail("a power of a power is ambiguous; use parentheses")
        return out

    def atom(self) -> Expression:
        token = self.token
        if token.kind == "number":
            self.position += 1
            return self.call(token, 1, lambda: coerce(bounded(Coefficient.number(read_number(token.text)))))
        if token.kind == "name":
            return self.named()
        if self.take("("):
            out = self.nested(token)
            self.need(")", f"or an operator after the parenthesis of {place(self.text, token.start)}")
            return out
        self.fail(f"expected a number, a name or '(', found {self.found()}")

    def nested(self, token: Token) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"parentheses are nested deeper than {MAX_DEPTH}; write the term flatter", token)
        out = self.sum()
        self.depth -= 1
        return out

    # names --------------------------------------------------------------------------------------
    def named(self) -> Expression:
        token = self.token
        name = token.text
        self.position += 1
        opened = self.token.kind == "sign" and self.token.text == "("
        if name in FUNCTIONS and opened:
            return self.function(token)
        if name in _CONSTANT_WORDS and name not in self.names:
            self.no_arguments(token, opened)
            return _CONSTANT_WORDS[name]
        if name == "hc":
            self.fail("hc is added at the end of a sum, as in 'g*s*bar(e)*PL*mu + hc'", token)
        meaning = self.names.get(name)
        if meaning is None:
            if name in FUNCTIONS:
                self.fail(f"'{name}' needs arguments, as in {_EXAMPLES[name]}", token)
            known = [*self.names, *FUNCTIONS, *WORDS]
            self.fail(f"{unknown(name, known, 'name')}; declare it as a field or a parameter", token)
        if isinstance(meaning, Field):
            field = FieldExpression(meaning)
            if not opened:
                return field
            if not meaning.is_vector:
                self.fail(
                    f"'{name}' has spin {meaning.spin} and takes no index; write * before the parenthesis"
                )
            indices = self.indices(name, 0, 1)[1]
            return self.call(token, 1, lambda: field(*indices))
        self.no_arguments(token, opened)
        if isinstance(meaning, Parameter):
            return constant(meaning.coefficient, {name: meaning})
        return constant(meaning)

    def no_arguments(self, token: Token, opened: bool) -> None:
        if opened:
            self.fail(f"'{token.text}' takes no arguments; write * before the parenthesis")

    def function(self, token: Token) -> Expression:
        name = token.text
        if name in _INDEX_COUNT:
            inner, indices = self.indices(name, *_INDEX_COUNT[name])
            if inner is not None:
                make = builders.F if name == "F" else builders.Fdual
                return self.call(token, 1, lambda: make(inner, *indices))
            build: Callable[..., Expression] = builders.gamma if name == "gamma" else builders.sigma
            return self.call(token, 1, lambda: build(*indices))
        self.position += 1
        if name == "d":
            index = self.index("d")
            self.need(",", f"between the index and the field, as in {_EXAMPLES['d']}")
            inside = self.nested(token)
            self.need(")", f"after the field, as in {_EXAMPLES['d']}")
            return self.call(token, 1, lambda: builders.d(index, inside))
        inside = self.nested(token)
        self.need(")", f"after the argument, as in {_EXAMPLES[name]}")
        one = {"bar": builders.bar, "cc": builders.cc, "sqrt": builders.sqrt}[name]
        cost = ROOT_WORK * _weight(inside) if name == "sqrt" else 1
        return self.call(token, cost, lambda: one(inside))

    def indices(self, name: str, leading: int, count: int) -> tuple[Expression | None, list[str]]:
        """Read ``(field, index, ...)`` or ``(index, ...)``."""
        example = _EXAMPLES.get(name, f"{name}(al)")
        opening = self.token
        self.position += 1
        inner = None
        if leading:
            inner = self.nested(opening)
            self.need(",", f"after the field, as in {example}")
        found = [self.index(name)]
        for _ in range(count - 1):
            self.need(",", f"between the Lorentz indices, as in {example}")
            found.append(self.index(name))
        self.need(")", f"after {count} Lorentz {'index' if count == 1 else 'indices'}, as in {example}")
        return inner, found

    def index(self, name: str) -> str:
        token = self.token
        if token.kind != "name":
            example = _EXAMPLES.get(name, f"{name}(al)")
            self.fail(f"expected a Lorentz index such as al, found {self.found()}, as in {example}")
        self.position += 1
        return token.text


_EXAMPLES = {
    "F": "F(A, al, be)",
    "Fdual": "Fdual(A, al, be)",
    "gamma": "gamma(al)",
    "sigma": "sigma(al, be)",
    "d": "d(al, a)",
    "bar": "bar(mu)",
    "cc": "cc(mu)",
    "sqrt": "sqrt(2)",
}


def _weight(expression: Expression) -> int:
    return sum(len(w.coefficient.numerator) + len(w.coefficient.denominator) for w in expression.words)


def _sentence(error: Exception) -> str:
    return str(error).rstrip(".") + "."
