"""Formulas: sums of coefficients times products of logarithms, square roots and T, in couplings and masses.

They are what limits and series look like to a user: `Value` with the mass ratios written out in
masses. Logarithms are split into primes and irreducible polynomials, so that two formulas are equal
when their difference has no terms left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, TypeVar

from g2sym.base.coefficients import Coefficient
from g2sym.base.sums import Number, Sum
from g2sym.errors import ModelError, shorten
from g2sym.formulas.factoring import factor, reduce
from g2sym.formulas.functions import (
    PLAIN,
    Arguments,
    Function,
    log_terms,
    monomial,
    multiply,
    root_term,
)
from g2sym.formulas.masses import in_masses
from g2sym.integrals.values import Value

if TYPE_CHECKING:
    import sympy

N = TypeVar("N", bound=Number)


@dataclass(frozen=True, eq=False)
class Formula(Sum[Function, Coefficient]):
    """A sum of coefficient times product of functions; compared by its normal form."""

    @classmethod
    def _normal(cls, coefficient: Coefficient) -> Coefficient:
        return reduce(coefficient)

    # construction -------------------------------------------------------------------------------
    @classmethod
    def plain(cls, value: Coefficient | int | Fraction) -> Formula:
        """Return a coefficient as a formula."""
        c = value if isinstance(value, Coefficient) else Coefficient.number(value)
        return cls.of([(PLAIN, c)])

    @classmethod
    def log(cls, argument: Coefficient) -> Formula:
        """Return ln|argument|, split into irreducible factors and primes; raises ModelError for 0.

        >>> print(Formula.log(Coefficient.number(6)).terms[0][0])
        ln(2)
        """
        return cls.of(log_terms(argument))

    @classmethod
    def root(cls, square: Coefficient) -> Formula:
        """Return sqrt(square) of a positive square, with squarefree radicand; symbols are taken positive.

        >>> print(Formula.root(Coefficient.number(12)))
        2*sqrt(3)
        """
        return cls.of([root_term(square)])

    @classmethod
    def from_value(cls, value: Value, masses: Mapping[str, tuple[str, int]], unit: str) -> Formula:
        """Write an exact value in masses.

        Parameters: ``masses`` maps rho, nu, zeta and lam to (symbol, power), meaning (symbol/unit)^power.
        """
        items: list[tuple[Function, Coefficient]] = []
        for atom, f in value.terms:
            factor_ = in_masses(f, masses, unit)
            arguments = tuple(in_masses(a, masses, unit) for a in atom.arguments)
            if atom.kind == "one":
                items.append((PLAIN, factor_))
            elif atom.kind == "ln":
                items += [(g, c * factor_) for g, c in cls.log(arguments[0]).terms]
            elif atom.kind == "pi":
                pi = Coefficient.symbol("pi") * factor_
                items += [(g, c * pi) for g, c in cls.root(arguments[0]).terms]
            else:
                items.append((Function("T", arguments), factor_))
        return cls.of(items)

    # arithmetic ---------------------------------------------------------------------------------
    def times(self, other: Formula) -> Formula:
        """Multiply by a formula; square roots are joined.

        >>> print(Formula.log(Coefficient.number(2)).times(Formula.log(Coefficient.number(2))))
        ln(2)^2
        """
        items = []
        for f, c in self.terms:
            for g, e in other.terms:
                function, factor_ = multiply(f, g)
                items.append((function, c * e * factor_))
        return Formula.of(items)

    def __pow__(self, power: int) -> Formula:
        """Return an integer power; a negative one of a single coefficient or square root.

        Raises ModelError for a negative power of anything else.

        >>> print(Formula.root(Coefficient.number(2)) ** -3)
        1/4*sqrt(2)
        """
        base = self if power >= 0 else self.inverse()
        if len(base.terms) == 1 and base.terms[0][0].is_one:
            return Formula.plain(base.terms[0][1] ** abs(power))
        out = Formula.plain(1)
        for _ in range(abs(power)):
            out = out.times(base)
        return out

    def subs(self, values: Mapping[str, Coefficient]) -> Formula:
        """Replace symbols by coefficients, all at once; raises ModelError for ln(0) and division by 0.

        >>> print(Formula.log(Coefficient.symbol("m")).subs({"m": Coefficient.number(8)}))
        3*ln(2)
        """
        total = Formula()
        for f, c in self.terms:
            part = Formula.plain(c.subs(values))
            for g, k in f.powers:
                part = part.times(Formula._moved(g, values) ** k)
            total = total + part
        return total

    @classmethod
    def _moved(cls, f: Function, values: Mapping[str, Coefficient]) -> Formula:
        arguments = tuple(a.subs(values) for a in f.arguments)
        if f.kind == "ln":
            return cls.log(arguments[0])
        if f.kind == "sqrt":
            return cls.root(arguments[0])
        return cls.of([(Function(f.kind, arguments), Coefficient.number(1))])

    def powers_of(self, name: str) -> dict[tuple[int, int], Formula]:
        """Split by powers of one symbol and of its logarithm.

        Returns the coefficients by (power, power of the logarithm). Raises ModelError when the symbol
        stands in a sum below a fraction or inside another function.

        >>> m = Coefficient.symbol("m")
        >>> print(*Formula.log(m).scale(m * m).powers_of("m"))
        (2, 1)
        """
        found: dict[tuple[int, int], list[tuple[Function, Coefficient]]] = {}
        own = Function("ln", (Coefficient.symbol(name),))
        for f, c in self.terms:
            powers = dict(f.powers)
            logs = powers.pop(own, 0)
            for g in powers:
                if any(name in a.symbols for a in g.arguments):
                    raise ModelError(
                        f"{shorten(g, 200)} is not a power of {name} or its logarithm; write a sum of powers."
                    )
            below = min((dict(m).get(name, 0) for m, _ in c.denominator), default=0)
            for power, part in (c * Coefficient.symbol(name) ** below).collect([name]).items():
                found.setdefault((power[0] - below, logs), []).append((monomial(powers), part))
        summed = {key: Formula.of(items) for key, items in found.items()}
        return {key: f for key, f in summed.items() if not f.is_zero}

    def inverse(self) -> Formula:
        """Return 1/formula of a single coefficient or square root; raises ModelError for others.

        >>> print(Formula.root(Coefficient.number(3)).inverse())
        1/3*sqrt(3)
        """
        if len(self.terms) == 1:
            ((f, c),) = self.terms
            if all(g.kind == "sqrt" for g, _ in f.powers):
                for g, _ in f.powers:
                    c = c * g.arguments[0]
                return Formula.of([(f, Coefficient.number(1) / c)])
        raise ModelError(
            f"Division by {shorten(self, 200)} is not supported; divide by a product of parameters."
        )

    # questions ----------------------------------------------------------------------------------
    @property
    def symbols(self) -> frozenset[str]:
        """The names of all symbols."""
        parts = [c for f, e in self.terms for c in (*f.arguments, e)]
        return frozenset().union(*(c.symbols for c in parts)) if parts else frozenset()

    def fold(
        self,
        symbol: Callable[[str], N],
        number: Callable[[Fraction, Fraction], N],
        functions: Mapping[str, Callable[..., N]],
    ) -> N:
        """Evaluate in any arithmetic; ``functions`` maps "ln" (of the absolute value), "sqrt" and "T"."""

        def of(c: Coefficient) -> N:
            value: N = c.fold(symbol, number, functions["sqrt"])
            return value

        return self._fold(number(Fraction(0), Fraction(0)), of, functions)

    # printing -----------------------------------------------------------------------------------
    def grouped(self) -> list[tuple[Coefficient, str, Arguments]]:
        """Return terms for printing: logarithms with commensurable coefficients are joined.

        Each is coefficient, kind and arguments; of a product, kind "product", those of all its factors.
        """
        return [(c, f.kind, f.arguments) for c, f in self._grouped()]

    def _grouped(self) -> list[tuple[Coefficient, Function]]:
        out: list[tuple[Coefficient, Function]] = []
        joined: list[tuple[Coefficient, Coefficient]] = []
        alike: dict[object, list[int]] = {}  # places in joined, by coefficient up to a number
        for f, c in self.terms:
            if f.kind != "ln":
                out.append((c, f))
                continue
            shape, size = _shape(c)
            places = alike.setdefault(shape, [])
            for n in places:
                pair = _join(*joined[n], f.arguments[0], size)
                if pair is not None:
                    joined[n] = pair
                    break
            else:
                places.append(len(joined))
                joined.append((c, f.arguments[0]))
        return out + [(c, Function("ln", (a,))) for c, a in joined]

    def factored(self) -> tuple[Coefficient, Formula]:
        """Return the factor common to all terms, and the rest."""
        one = Coefficient.number(1)
        if len(self.terms) < 2:
            return one, self
        split = [factor(c) for _, c in self.terms]
        named = [{str(base): power for base, power in parts} for _, parts in split]
        bases = {str(base): base for _, parts in split for base, _ in parts}
        common = one
        for name, base in bases.items():
            common = common * base ** min(powers.get(name, 0) for powers in named)
        below = lcm(*(unit.denominator for unit, _ in split))
        above = gcd(*(unit.numerator for unit, _ in split))
        common = common * Fraction(above, below)
        if all(c.is_real for _, c in self.terms) and split[0][0] < 0:
            common = -common
        return common, self.scale(one / common)

    def __str__(self) -> str:
        common, rest = self.factored()
        body = rest.expanded()
        if common == 1:
            return body
        top = Formula.plain(common).expanded()
        return f"{top}*({body})" if len(rest.terms) else "0"

    def expanded(self) -> str:
        """Return the sum as text, term by term."""
        text = ""
        for c, f in self._grouped():
            body = _with(c, f.name)
            text += body if not text else f" - {body[1:]}" if body.startswith("-") else f" + {body}"
        return text or "0"

    def to_sympy(self, arc: Callable[..., sympy.Expr] | None = None) -> sympy.Expr:
        """Return the formula as a SymPy expression in assumption-free symbols.

        Parameters: ``arc`` writes T of two expressions, by default in its branches.
        """
        import sympy

        from g2sym.integrals.printing import arc_expression

        common, rest = self.factored()
        functions = {"ln": sympy.log, "sqrt": sympy.sqrt, "T": arc or arc_expression}
        terms = (c.to_sympy() * (1 if f.is_one else f.to_sympy(functions)) for c, f in rest._grouped())
        return common.to_sympy() * sympy.Add(*terms)


def _with(c: Coefficient, name: str) -> str:
    if not name:
        return str(c)
    if c == 1 or c == -1:
        return name if c == 1 else f"-{name}"
    return f"{c}*{name}" if len(c.numerator) == 1 else f"({c})*{name}"


def _shape(c: Coefficient) -> tuple[object, Fraction]:
    """Split a coefficient in lowest terms into what those that differ by a number share, and a number."""
    size = next(part for part in c.numerator[0][1] if part)
    return (tuple((m, re / size, im / size) for m, (re, im) in c.numerator), c.denominator), size


def _join(
    lead: Coefficient, product: Coefficient, argument: Coefficient, size: Fraction
) -> tuple[Coefficient, Coefficient] | None:
    """Return lead ln(product) + c ln(argument) as one logarithm, None when it has no short one.

    Parameters: ``size`` of a coefficient c of the same shape as ``lead``.
    """
    share = size / _shape(lead)[1]
    n = share.denominator
    if n > 4:
        return None
    try:
        return lead / n, product**n * argument**share.numerator
    except ModelError:  # the argument would hold too large a power
        return None
