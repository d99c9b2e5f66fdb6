"""Formulas: sums of coefficients times 1, logarithms, square roots and T, in couplings and masses.

They are what limits and series look like to a user: `Value` with the mass ratios written out in
masses. Logarithms are split into primes and irreducible polynomials, so that two formulas are equal
when their difference has no terms left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

from g2sym.base.coefficients import Coefficient, Gauss, Monomial
from g2sym.errors import ModelError
from g2sym.formulas.factoring import factor, from_terms, reduce
from g2sym.integrals.rational import Frac, Poly
from g2sym.integrals.values import Value

if TYPE_CHECKING:
    import sympy

Arguments = tuple[Coefficient, ...]


@dataclass(frozen=True, eq=False)
class Function:
    """1, ln|a| of an irreducible a, sqrt(a) of a squarefree a, or T(a, b); symbols are positive."""

    kind: str
    arguments: Arguments = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    @cached_property
    def _text(self) -> str:
        return f"{self.kind}({', '.join(map(str, self.arguments))})" if self.arguments else "1"

    def __str__(self) -> str:
        return self._text


PLAIN = Function("one")


@dataclass(frozen=True, eq=False)
class Formula:
    """A sum of coefficient times function; compared by its normal form."""

    terms: tuple[tuple[Function, Coefficient], ...] = ()

    # construction -------------------------------------------------------------------------------
    @classmethod
    def of(cls, items: Iterable[tuple[Function, Coefficient]]) -> Formula:
        """Collect terms, dropping those that cancel."""
        found: dict[Function, Coefficient] = {}
        for function, c in items:
            found[function] = found[function] + c if function in found else c
        kept = [(f, reduce(c)) for f, c in found.items() if not c.is_zero]
        return cls(tuple(sorted(kept, key=lambda pair: (pair[0] != PLAIN, str(pair[0])))))

    @classmethod
    def plain(cls, value: Coefficient | int | Fraction) -> Formula:
        """Return a coefficient as a formula."""
        c = value if isinstance(value, Coefficient) else Coefficient.number(value)
        return cls.of([(PLAIN, c)])

    @classmethod
    def log(cls, argument: Coefficient) -> Formula:
        """Return ln|argument|, split into irreducible factors and primes."""
        if argument.is_zero:
            raise ModelError("ln(0) is not finite.")
        unit, parts = factor(argument)
        items: list[tuple[Function, Coefficient]] = []
        for number, flip in ((abs(unit.numerator), 1), (unit.denominator, -1)):
            items += [
                (Function("ln", (Coefficient.number(p),)), Coefficient.number(flip * k))
                for p, k in _primes(number)
            ]
        items += [(Function("ln", (base,)), Coefficient.number(power)) for base, power in parts]
        return cls.of(items)

    @classmethod
    def root(cls, square: Coefficient) -> Formula:
        """Return sqrt(square) of a positive square, with squarefree radicand; symbols are taken positive."""
        unit, parts = factor(square)
        outside, inside = Coefficient.number(Fraction(1, unit.denominator)), Coefficient.number(1)
        whole = unit.numerator * unit.denominator
        for prime, power in _primes(abs(whole)):
            outside = outside * prime ** (power // 2)
            inside = inside * prime ** (power % 2)
        for base, power in parts:
            half, odd = divmod(power, 2)
            outside = outside * base**half
            inside = inside * base if odd else inside
        if whole < 0:
            inside = -inside
        return cls.of([(PLAIN if inside == 1 else Function("sqrt", (inside,)), outside)])

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
    def __add__(self, other: Formula) -> Formula:
        return Formula.of([*self.terms, *other.terms])

    def __neg__(self) -> Formula:
        return self.scale(Coefficient.number(-1))

    def __sub__(self, other: Formula) -> Formula:
        return self + -other

    def scale(self, factor: Coefficient) -> Formula:
        """Multiply by a coefficient."""
        return Formula.of((f, c * factor) for f, c in self.terms)

    def times(self, other: Formula) -> Formula:
        """Multiply; raises ModelError for a product of two functions that is not a square root."""
        total = Formula()
        for f, c in self.terms:
            for g, e in other.terms:
                if PLAIN in (f, g):
                    total = total + Formula.of([(g if f == PLAIN else f, c * e)])
                elif f.kind == g.kind == "sqrt":
                    total = total + Formula.root(f.arguments[0] * g.arguments[0]).scale(c * e)
                else:
                    raise ModelError(
                        f"The product of {f} and {g} is not supported; formulas are linear in them."
                    )
        return total

    def subs(self, values: Mapping[str, Coefficient]) -> Formula:
        """Replace symbols by coefficients."""
        total = Formula()
        for f, c in self.terms:
            arguments = tuple(a.subs(values) for a in f.arguments)
            if f.kind == "ln":
                part = Formula.log(arguments[0])
            elif f.kind == "sqrt":
                part = Formula.root(arguments[0])
            else:
                part = Formula.of([(Function(f.kind, arguments), Coefficient.number(1))])
            total = total + part.scale(c.subs(values))
        return total

    def powers_of(self, name: str) -> dict[tuple[int, int], Formula]:
        """Split by powers of one symbol and of its logarithm.

        Raises ModelError when the symbol stands in a sum below a fraction or inside another function.
        """
        found: dict[tuple[int, int], list[tuple[Function, Coefficient]]] = {}
        own = Function("ln", (Coefficient.symbol(name),))
        for f, c in self.terms:
            if f != own and any(name in a.symbols for a in f.arguments):
                raise ModelError(f"{f} is not a power of {name} or its logarithm; write a sum of powers.")
            below = min((dict(m).get(name, 0) for m, _ in c.denominator), default=0)
            for power, part in (c * Coefficient.symbol(name) ** below).collect([name]).items():
                key = (power[0] - below, int(f == own))
                found.setdefault(key, []).append((PLAIN if f == own else f, part))
        summed = {key: Formula.of(items) for key, items in found.items()}
        return {key: f for key, f in summed.items() if not f.is_zero}

    def inverse(self) -> Formula:
        """Return 1/formula of a single coefficient or square root; raises ModelError for others."""
        if len(self.terms) == 1:
            ((f, c),) = self.terms
            if f == PLAIN:
                return Formula.plain(Coefficient.number(1) / c)
            if f.kind == "sqrt":
                return Formula.of([(f, Coefficient.number(1) / (c * f.arguments[0]))])
        raise ModelError(f"Division by '{self}' is not supported; divide by a product of parameters.")

    # questions ----------------------------------------------------------------------------------
    def __eq__(self, other: object) -> bool:
        return (self - other).is_zero if isinstance(other, Formula) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(str(f) for f, _ in self.terms))

    @property
    def is_zero(self) -> bool:
        """True when every term has cancelled."""
        return not self.terms

    @property
    def symbols(self) -> frozenset[str]:
        """The names of all symbols."""
        parts = [c for f, e in self.terms for c in (*f.arguments, e)]
        return frozenset().union(*(c.symbols for c in parts)) if parts else frozenset()

    def fold(
        self,
        symbol: Callable[[str], Any],
        number: Callable[[Fraction, Fraction], Any],
        functions: Mapping[str, Callable[..., Any]],
    ) -> Any:
        """Evaluate in any arithmetic; ``functions`` maps "ln" (of the absolute value), "sqrt" and "T"."""
        total = number(Fraction(0), Fraction(0))
        for f, c in self.terms:
            term = c.fold(symbol, number)
            if f != PLAIN:
                term = term * functions[f.kind](*(a.fold(symbol, number) for a in f.arguments))
            total = total + term
        return total

    # printing -----------------------------------------------------------------------------------
    def grouped(self) -> list[tuple[Coefficient, str, Arguments]]:
        """Return terms for printing: logarithms with commensurable coefficients are joined."""
        out: list[tuple[Coefficient, str, Arguments]] = []
        joined: list[tuple[Coefficient, Coefficient]] = []
        for f, c in self.terms:
            if f.kind != "ln":
                out.append((c, f.kind, f.arguments))
                continue
            for n, (lead, product) in enumerate(joined):
                ratio = reduce(c / lead)
                if not ratio.symbols and ratio.numerator[0][0] == ():
                    share = ratio.numerator[0][1][0] / ratio.denominator[0][1][0]
                    if share.denominator <= 4:
                        joined[n] = _join(lead, product, f.arguments[0], share)
                        break
            else:
                joined.append((c, f.arguments[0]))
        return out + [(c, "ln", (a,)) for c, a in joined]

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
        for c, kind, arguments in self.grouped():
            body = _with(c, _name(kind, arguments))
            text += body if not text else f" - {body[1:]}" if body.startswith("-") else f" + {body}"
        return text or "0"

    def to_sympy(self, arc: Callable[..., Any] | None = None) -> sympy.Expr:
        """Return the formula as a SymPy expression in assumption-free symbols.

        Parameters: ``arc`` writes T of two expressions, by default in its branches.
        """
        import sympy

        from g2sym.integrals.printing import arc_expression

        common, rest = self.factored()
        total = sympy.Integer(0)
        functions = {"ln": sympy.log, "sqrt": sympy.sqrt, "T": arc or arc_expression}
        for c, kind, arguments in rest.grouped():
            inner = [a.to_sympy() for a in arguments]
            if kind == "ln" and not manifest(arguments[0]):
                inner = [sympy.Abs(inner[0])]
            total += c.to_sympy() * (functions[kind](*inner) if kind != "one" else 1)
        return common.to_sympy() * total


def _primes(value: int) -> list[tuple[int, int]]:
    from flint import fmpz

    return [(int(p), int(k)) for p, k in fmpz(value).factor()] if value > 1 else []


def _name(kind: str, arguments: Arguments) -> str:
    if kind == "one":
        return ""
    inside = ", ".join(map(str, arguments))
    return f"ln|{inside}|" if kind == "ln" and not manifest(arguments[0]) else f"{kind}({inside})"


def manifest(c: Coefficient) -> bool:
    """True when a coefficient is positive for positive symbols, by its signs alone."""
    return all(re > 0 and not im for side in (c.numerator, c.denominator) for _, (re, im) in side)


def _with(c: Coefficient, name: str) -> str:
    if not name:
        return str(c)
    if c == 1 or c == -1:
        return name if c == 1 else f"-{name}"
    return f"{c}*{name}" if len(c.numerator) == 1 else f"({c})*{name}"


def in_masses(value: Frac, masses: Mapping[str, tuple[str, int]], unit: str) -> Coefficient:
    """Write a rational function of rho, nu, zeta and lam in masses."""
    top, high = _side(value.num, masses, unit)
    bottom, low = _side(value.den, masses, unit)
    return top / bottom * Coefficient.symbol(unit) ** (low - high)


def _side(poly: Poly, masses: Mapping[str, tuple[str, int]], unit: str) -> tuple[Coefficient, int]:
    """Return a polynomial times unit^n without a denominator, and n."""
    found = []
    for powers, value in poly.terms():
        monomial: dict[str, int] = {}
        weight = 0
        for name, count in powers.items():
            symbol, power = masses[name]
            monomial[symbol] = monomial.get(symbol, 0) + power * count
            weight += power * count
        found.append((monomial, weight, Fraction(int(value.p), int(value.q))))
    top = max((w for _, w, _ in found), default=0)
    terms: dict[Monomial, Gauss] = {}
    for monomial, weight, value in found:
        if top - weight:
            monomial[unit] = monomial.get(unit, 0) + top - weight
        terms[tuple(sorted(monomial.items()))] = (value, Fraction(0))
    return from_terms(terms), top


def _join(
    lead: Coefficient, product: Coefficient, argument: Coefficient, share: Fraction
) -> tuple[Coefficient, Coefficient]:
    """lead ln(product) + share lead ln(argument) as one logarithm."""
    n = share.denominator
    return lead / n, product**n * argument**share.numerator
