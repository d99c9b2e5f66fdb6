"""Expressions: sums of products of non-commuting factors, shared by text and Python form.

An expression is expanded at once into words (coefficient times factors in order). It also carries the
declarations of the fields and parameters it is made of, so that a Lagrangian written in Python is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from g2sym.base.coefficients import MAX_POWER, Coefficient
from g2sym.base.exact import read_number
from g2sym.errors import ModelError, UsageError
from g2sym.lagrangian.algebra import Factor, assemble, dagger, disassemble
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.names import quote
from g2sym.lagrangian.operators import Boson, product_text
from g2sym.lagrangian.parameters import Parameter, bounded

MAX_WORDS = 2000
"""Most products a Lagrangian may expand to."""
MAX_FACTORS = 40
"""Most non-commuting factors in one product."""
ZERO = Coefficient((), Coefficient.number(1).denominator)
"""The coefficient without terms."""

Declared = Mapping[str, "Field | Parameter"]


class Word(NamedTuple):
    """One product: commuting coefficient, factors in order, where it was written, and whether hc added it."""

    coefficient: Coefficient
    factors: tuple[Factor, ...] = ()
    place: str = ""
    turned: bool = False

    def text(self) -> str:
        """Print the product in the language of the model files."""
        return product_text(self.coefficient, [factor.text() for factor in self.factors])


class Expression:
    """A sum of words; immutable. Arithmetic with ``+ - * / **`` expands at once."""

    __slots__ = ("declared", "words")
    __array_ufunc__ = None  # numpy scalars on the left must not take expressions apart

    words: tuple[Word, ...]
    declared: Declared

    def __init__(self, words: Iterable[Word] = (), declared: Declared | None = None) -> None:
        object.__setattr__(self, "words", tuple(words))
        object.__setattr__(self, "declared", dict(declared or {}))
        if len(self.words) > MAX_WORDS:
            raise ModelError(f"the expression expands to more than {MAX_WORDS} products; split it up")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("expressions are immutable")

    # questions ----------------------------------------------------------------------------------
    @property
    def is_commuting(self) -> bool:
        """True when no field and no gamma matrix stands in it."""
        return not any(word.factors for word in self.words)

    @property
    def coefficient(self) -> Coefficient:
        """The value of a commuting expression; raises ModelError for any other."""
        if not self.is_commuting:
            raise ModelError(
                f"{quote(str(self))} holds a field or gamma matrix; only commuting factors may stand here"
            )
        total = ZERO
        for word in self.words:
            total = total + word.coefficient
        return total

    @property
    def single(self) -> Factor | None:
        """The one factor of which the expression consists, None when there is more to it."""
        if len(self.words) == 1 and len(self.words[0].factors) == 1 and self.words[0].coefficient == 1:
            return self.words[0].factors[0]
        return None

    # arithmetic ---------------------------------------------------------------------------------
    def __add__(self, other: object) -> Expression:
        if isinstance(other, HermitianConjugate):
            return add((self, self.dagger()))
        return add((self, coerce(other)))

    def __radd__(self, other: object) -> Expression:
        return coerce(other) + self

    def __sub__(self, other: object) -> Expression:
        return self + -coerce(other)

    def __rsub__(self, other: object) -> Expression:
        return coerce(other) - self

    def __neg__(self) -> Expression:
        return Expression((w._replace(coefficient=-w.coefficient) for w in self.words), self.declared)

    def __pos__(self) -> Expression:
        return self

    def __mul__(self, other: object) -> Expression:
        right = coerce(other)
        if len(self.words) * len(right.words) > MAX_WORDS:
            raise ModelError(f"the product expands to more than {MAX_WORDS} products; split it up")
        words = [
            Word(
                bounded(a.coefficient * b.coefficient),
                a.factors + b.factors,
                a.place or b.place,
                a.turned or b.turned,
            )
            for a in self.words
            for b in right.words
        ]
        if any(len(word.factors) > MAX_FACTORS for word in words):
            raise ModelError(f"a product holds more than {MAX_FACTORS} fields and gamma matrices; shorten it")
        return Expression(
            (w for w in words if not w.coefficient.is_zero), merge(self.declared, right.declared)
        )

    def __rmul__(self, other: object) -> Expression:
        return coerce(other) * self

    def __truediv__(self, other: object) -> Expression:
        right = coerce(other)
        if not right.is_commuting:
            raise ModelError(f"{quote(str(right))} stands under a division; only numbers and parameters may")
        bottom = right.coefficient
        if bottom.is_zero:
            raise ModelError("this divides by zero")
        words = (w._replace(coefficient=bounded(w.coefficient / bottom)) for w in self.words)
        return Expression(words, merge(self.declared, right.declared))

    def __rtruediv__(self, other: object) -> Expression:
        return coerce(other) / self

    def __pow__(self, power: object) -> Expression:
        if isinstance(power, bool) or not isinstance(power, int):
            raise ModelError(f"the power {quote(power)} is not an integer; use sqrt(...) for square roots")
        if abs(power) > MAX_POWER:
            raise ModelError(f"the power {quote(power)} is beyond {MAX_POWER}; lower it")
        if self.is_commuting:
            value = self.coefficient
            if power < 0 and value.is_zero:
                raise ModelError("this divides by zero")
            return constant(bounded(value**power), self.declared)
        if power < 1:
            raise ModelError(f"{quote(str(self))} cannot be raised to {power}; fields take positive powers")
        out = self
        for _ in range(power - 1):
            out = out * self
        return out

    # transformations ----------------------------------------------------------------------------
    def dagger(self) -> Expression:
        """Return the Hermitian conjugate; every product must hold whole bilinears."""
        fields = {n: f for n, f in self.declared.items() if isinstance(f, Field)}
        words = []
        for word in self.words:
            sign, bosons, bilinear = dagger(*assemble(word.factors), fields)
            turned = disassemble(bosons, bilinear)
            words.append(Word(word.coefficient.conjugate() * sign, turned, word.place, True))
        return Expression(words, self.declared)

    def __str__(self) -> str:
        out = ""
        for word in self.words[:20]:
            text = word.text()
            out += text if not out else (f" - {text[1:]}" if text.startswith("-") else f" + {text}")
        return (out or "0") + (" + ..." if len(self.words) > 20 else "")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


class FieldExpression(Expression):
    """A field by itself; a vector field is called with its index, as in ``Ap("al")``."""

    __slots__ = ("field",)
    field: Field

    def __init__(self, field: Field) -> None:
        from g2sym.lagrangian.operators import Spinor

        factor: Factor = Spinor(field.name) if field.is_fermion else Boson(field.name)
        super().__init__((Word(Coefficient.number(1), (factor,)),), {field.name: field})
        object.__setattr__(self, "field", field)

    def __call__(self, *indices: str) -> Expression:
        """Return the vector field with its Lorentz index."""
        if not self.field.is_vector:
            raise ModelError(f"'{self.field.name}' has spin {self.field.spin} and takes no Lorentz index")
        if len(indices) != 1:
            raise ModelError(f"'{self.field.name}' takes one Lorentz index, {len(indices)} were given")
        return with_factor(Boson(self.field.name, indices=(check_index(indices[0]),)), self.declared)


class HermitianConjugate:
    """``expression + hc`` adds the Hermitian conjugate of all before it; ``hc(expression)`` returns it."""

    def __call__(self, expression: Expression) -> Expression:
        """Return the Hermitian conjugate."""
        return coerce(expression).dagger()

    def __repr__(self) -> str:
        return "hc"

    def _refuse(self, other: object) -> Any:
        raise UsageError("hc stands at the end of a sum, as in 'g*s*bar(e)*PL*mu + hc'; move it there.")

    __add__ = __mul__ = __rmul__ = __sub__ = __rsub__ = __radd__ = __truediv__ = __rtruediv__ = _refuse

    def __neg__(self) -> Any:
        return self._refuse(None)


def constant(value: Coefficient, declared: Declared | None = None) -> Expression:
    """Return a commuting coefficient as an expression."""
    value = ZERO + value  # drops terms with the number 0
    return Expression(() if value.is_zero else (Word(value),), declared)


def with_factor(factor: Factor, declared: Declared | None = None) -> Expression:
    """Return one factor as an expression."""
    return Expression((Word(Coefficient.number(1), (factor,)),), declared)


def coerce(value: object) -> Expression:
    """Return an exact number, a coefficient or an expression as an expression.

    Raises UsageError for anything else; floats are refused because 0.1 is not 1/10.
    """
    if isinstance(value, Expression):
        return value
    if isinstance(value, Coefficient):
        return constant(value)
    if isinstance(value, Parameter):
        return constant(value.coefficient, {value.name: value})
    if isinstance(value, int | Fraction | Decimal) and not isinstance(value, bool):
        return constant(Coefficient.number(read_number(value)))
    if isinstance(value, HermitianConjugate):
        return value._refuse(None)  # type: ignore[no-any-return]
    mend = "; write Fraction(1, 2) or Decimal('0.5')" if isinstance(value, float) else ""
    raise UsageError(
        f"{quote(value)} cannot stand in a Lagrangian: it is not an exact number or a field{mend}."
    )


def add(parts: Iterable[Expression]) -> Expression:
    """Add expressions; commuting parts are merged into one word."""
    words: list[Word] = []
    total: Coefficient | None = None
    place = ""
    declared: Declared = {}
    for part in parts:
        declared = merge(declared, part.declared)
        for word in part.words:
            if word.factors:
                words.append(word)
            else:
                total = word.coefficient if total is None else bounded(total + word.coefficient)
                place = place or word.place
    if total is not None and not total.is_zero:
        words.append(Word(total, (), place))
    return Expression(words, declared)


def merge(a: Declared, b: Declared) -> Declared:
    """Join two sets of declarations; raises ModelError when one name is declared in two ways."""
    if not b or a is b:
        return a
    for name, value in b.items():
        if name in a and a[name] != value:
            raise ModelError(f"'{name}' is declared twice with different properties; use one object for it")
    return {**a, **b}


def check_index(index: object) -> str:
    """Return a Lorentz index if it is a plain name; raises ModelError otherwise."""
    from g2sym.lagrangian.names import check_identifier

    return check_identifier(index, "Lorentz index")
