"""SymPy expressions evaluated in balls, so that what a user is handed can be confirmed as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number

if TYPE_CHECKING:
    import sympy
    from flint import arb


def sympy_ball(expression: sympy.Expr, values: Mapping[str, arb]) -> arb:
    """Return an expression as a ball at the precision in force.

    Parameters: ``expression`` of rational numbers, symbols, powers, log, acos, acosh, asin, Abs, pi and
    Piecewise; ``values`` by symbol name. Roots of negative numbers are imaginary. Raises ArithmeticError
    for anything else, and where a branch of a Piecewise cannot be told.
    """
    import sympy

    def visit(e: Any) -> Any:
        if e.is_Rational:
            from flint import arb, fmpq

            return arb(fmpq(int(e.p), int(e.q)))
        if e is sympy.pi:
            return number(0).pi()
        if e.is_Symbol:
            return values[e.name]
        if e.is_Add:
            return sum((visit(a) for a in e.args), number(0))
        if e.is_Mul:
            total = number(1)
            for a in e.args:
                total = total * visit(a)
            return total
        if e.is_Pow and e.exp.is_Rational:
            base = visit(e.base)
            if e.exp.is_Integer:
                return base ** int(e.exp)
            if e.exp.q == 2:
                return square_root(base) ** int(2 * e.exp)
            return _complex(base) ** visit(e.exp)
        if isinstance(e, sympy.Piecewise):
            for value, condition in e.args:
                if _holds(condition, visit):
                    return visit(value)
        names = {sympy.log: "log", sympy.acos: "acos", sympy.acosh: "acosh", sympy.asin: "asin"}
        if e.func in names:
            return getattr(visit(e.args[0]), names[e.func])()
        if e.func is sympy.Abs:
            return abs(visit(e.args[0]))
        raise ArithmeticError(f"{e.func} is not evaluated in balls")

    return visit(expression)  # type: ignore[no-any-return]


def square_root(value: Any) -> Any:
    """Return the square root of a real or complex ball, imaginary for a negative number."""
    return _complex(value).sqrt()


def _complex(value: Any) -> Any:
    """Return a ball, as a complex one where it is negative."""
    from flint import acb, arb

    return acb(value) if isinstance(value, arb) and value < 0 else value


def _holds(condition: Any, visit: Any) -> bool:
    """Decide a condition of a Piecewise; an equality holds only where the balls are exact."""
    import sympy

    if condition in (True, sympy.true):
        return True
    left, right = visit(condition.lhs), visit(condition.rhs)
    if isinstance(condition, sympy.StrictLessThan):
        if left < right:
            return True
        if left >= right:
            return False
    if isinstance(condition, sympy.StrictGreaterThan):
        if left > right:
            return True
        if left <= right:
            return False
    if isinstance(condition, sympy.Equality):
        if not left.overlaps(right):
            return False
        if left.is_exact() and right.is_exact():
            return bool(left == right)
    raise ArithmeticError("a branch could not be told")
