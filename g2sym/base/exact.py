"""Numbers read exactly: integers, decimal strings and binary floats become fractions.

Nothing here rounds. A decimal string means its decimal value, a float means its
binary value (so 0.1 is not 1/10), and sizes are bounded before any arithmetic.
"""

from __future__ import annotations

import math
import numbers
import re
import sys
from decimal import Decimal
from fractions import Fraction

from g2sym.errors import InputError, shorten

MAX_DIGITS = 1000
"""Most digits a number may carry."""
MAX_EXPONENT = 1000
"""Largest decimal exponent a number may carry."""

Number = int | float | str | Fraction | Decimal
"""What a user may give for a real number."""

_DECIMAL = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?", re.ASCII)


def read_number(value: object, where: str = "number") -> Fraction:
    """Read a real number exactly.

    Parameters: ``value``, an int, float, Fraction, Decimal, a number of numpy, mpmath or SymPy (its exact
    value), or a string such as ``"-1.5e-3"`` or ``"1/3"``; ``where``, how an error message calls it.
    Returns the exact value as a Fraction.
    Raises InputError for NaN, infinities, booleans, other types and oversized numbers.
    """
    if isinstance(value, bool):
        raise InputError(f"{where}: a truth value is not a number; give a decimal such as 0.5.")
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int):
        if value.bit_length() > 4 * MAX_DIGITS:
            raise InputError(f"{where}: an integer of more than {MAX_DIGITS} digits is refused.")
        return Fraction(value)
    if isinstance(value, Decimal):
        return _from_decimal(value, where)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InputError(f"{where}: {value} is not finite; give a finite number.")
        return Fraction(value)
    if isinstance(value, str):
        return _from_text(value, where)
    if isinstance(value, numbers.Rational):  # SymPy's among them, without importing it
        return read_number(int(value.numerator), where) / read_number(int(value.denominator), where)
    if hasattr(value, "_mpf_") and not isinstance(getattr(type(value), "_mpf_", None), property):
        return _from_mpf(value._mpf_, where)  # not a constant such as mpmath.pi, which has no exact value
    item = getattr(value, "item", None)  # numpy scalars, without importing numpy
    if callable(item) and getattr(value, "ndim", 0) == 0 and type(inner := item()) is not type(value):
        return read_number(inner, where)  # a long double's item is itself: it is refused
    if getattr(value, "ndim", 0):
        raise InputError(
            f"{where}: an array is not a number; give one here, arrays to lambdify(), lists to a bound."
        )
    raise InputError(
        f"{where}: {shorten(repr(value))} is not a number; give an integer, a float or a decimal string."
    )


def _from_mpf(parts: tuple[int, int, int, int], where: str) -> Fraction:
    """Return the exact value of mpmath's or SymPy's floating-point number, (-1)^sign mantissa 2^exponent."""
    sign, mantissa, exponent = int(parts[0]), int(parts[1]), int(parts[2])
    if mantissa == 0 and exponent:
        raise InputError(f"{where}: the number is not finite; give a finite number.")
    if mantissa.bit_length() > 4 * MAX_DIGITS or abs(exponent) > 8 * MAX_EXPONENT:
        raise InputError(f"{where}: a number beyond {MAX_DIGITS} digits or 10^{MAX_EXPONENT} is refused.")
    value = mantissa * Fraction(2) ** exponent
    return -value if sign else value


def _from_decimal(value: Decimal, where: str) -> Fraction:
    if not value.is_finite():
        raise InputError(f"{where}: {value} is not finite; give a finite number.")
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) > MAX_DIGITS or abs(exponent) > MAX_EXPONENT:
        raise InputError(
            f"{where}: a number of more than {MAX_DIGITS} digits or an exponent beyond "
            f"{MAX_EXPONENT} is refused; shorten it."
        )
    return Fraction(value)


def _from_text(text: str, where: str) -> Fraction:
    stripped = text.strip()
    if len(stripped) > MAX_DIGITS + 20:
        raise InputError(f"{where}: a number of more than {MAX_DIGITS} digits is refused; shorten it.")
    top, slash, bottom = stripped.partition("/")
    if slash:
        if "/" in bottom:
            raise InputError(f"{where}: {shorten(text)} has two slashes; write one fraction such as 1/3.")
        denominator = _from_text(bottom, where)
        if denominator == 0:
            raise InputError(f"{where}: {shorten(text)} divides by zero.")
        return _from_text(top, where) / denominator
    found = _DECIMAL.fullmatch(stripped)
    if found is None or not (found[2] or found[3]):
        raise InputError(f"{where}: {shorten(text)} is not a number; write a decimal such as 0.5 or 1e-3.")
    exponent = int(found[4] or 0)
    if abs(exponent) > MAX_EXPONENT:
        raise InputError(f"{where}: the exponent of {shorten(text)} is beyond {MAX_EXPONENT}.")
    whole, part = found[2] or "", found[3] or ""
    value = Fraction(int((whole + part) or "0")) * Fraction(10) ** (exponent - len(part))
    return -value if found[1] == "-" else value


def decade(size: Fraction) -> int:
    """Return the n with 10^n <= size < 10^(n+1), for a positive fraction of any length."""
    bits = size.numerator.bit_length() - size.denominator.bit_length()
    power = bits * 30103 // 100000
    while size < Fraction(10) ** power:
        power -= 1
    while size >= Fraction(10) ** (power + 1):
        power += 1
    return power


def _digits(value: int) -> str:
    """Return a non-negative integer in decimals; Python's own str() stops at 4300 of them."""
    if value.bit_length() < 12000:
        return str(value)
    half = value.bit_length() * 3 // 20
    high, low = divmod(value, 10**half)
    return _digits(high) + _digits(low).zfill(half)


def rounded(value: Fraction, digits: int) -> tuple[int, int]:
    """Round to significant decimals: (mantissa, exponent) with value close to mantissa 10^exponent.

    The mantissa has exactly ``digits`` digits, or is 0.
    """
    if value == 0:
        return 0, 0
    power = decade(abs(value))
    mantissa = round(abs(value) / Fraction(10) ** (power - digits + 1))
    if mantissa >= 10**digits:
        mantissa, power = mantissa // 10, power + 1
    return (-mantissa if value < 0 else mantissa), power - digits + 1


def decimal_text(value: Fraction, digits: int = 17) -> str:
    """Write a fraction as a decimal string, exactly where it ends within ``digits`` digits.

    Returns for instance ``"0.001"`` or ``"3.3333333333333333e-1"``.
    """
    mantissa, exponent = rounded(value, digits)
    if mantissa == 0:
        return "0"
    sign, text = ("-" if mantissa < 0 else ""), _digits(abs(mantissa))
    power = exponent + digits - 1
    exact = mantissa * Fraction(10) ** exponent == value
    body = text.rstrip("0") if exact else text
    if exact and -5 <= power < digits:
        if power >= len(body) - 1:
            return sign + body + "0" * (power - len(body) + 1)
        if power >= 0:
            return sign + body[: power + 1] + "." + body[power + 1 :]
        return sign + "0." + "0" * (-power - 1) + body
    return sign + body[0] + ("." + body[1:] if len(body) > 1 else "") + (f"e{power}" if power else "")


def finite_float(value: Fraction) -> float:
    """Round to a double; beyond its range stay finite, since JSON knows no infinity."""
    try:
        return float(value)
    except OverflowError:
        return sys.float_info.max if value > 0 else -sys.float_info.max


def plain_text(text: str) -> str:
    """Return the text of a number as a decimal where it is one; any other text as it is.

    >>> plain_text("529/50"), plain_text("1/3"), plain_text("-g*sin_w")
    ('10.58', '1/3', '-g*sin_w')
    """
    top, slash, bottom = text.partition("/")
    if not (slash and top.lstrip("-").isdigit() and bottom.isdigit()):
        return text
    value = Fraction(text)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return decimal_text(value, 40) if rest == 1 else text
