"""Integrals of a numerator over Delta where the lepton's mass changes: logarithms, T and dilogarithms.

Over 0 < y < x < 1, with t = 1 - x,

    Delta = t A + (1 - t) B - t (1 - t - c y),    c = 1 - (m_2/m_1)^2,

is linear in y: y runs from the first lepton's Delta_1 = Delta(y = 0) to the second one's Delta_2 = Delta(y =
x), both quadratic in t, and leaves powers of t times 1 and ln(Delta_2/Delta_1). Single terms have poles at t
= 0, which cancel in the sum; each is integrated by its finite part, which is linear, so that the sum of
finite parts is the integral. By parts and by division everything goes back to

    1,  ln,  T = int_0^1 dt/Delta_i,  Li = int_0^1 ln(Delta_i(t)/Delta_i(0)) dt/t.

A mass of zero makes Delta vanish at an end, at t = 0 for B = 0 and at x = 0 for A = 0: its factor t is
cancelled against the numerator, and the factor x in the ratio of the two Delta_i.

Numbers may be of any field: exact numbers, or rational functions of the masses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import comb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Element = Any
    """A number of the field."""
    Line = dict[int, Element]
    """A polynomial in t with powers of any sign."""
    Key = tuple[Any, ...]

ONE = ("1",)
"""The key of what no function multiplies."""


class _Key(tuple[object, ...]):
    """A key that is hashed once: numbers of many digits take long."""

    _hash: int

    def __new__(cls, *parts: Element) -> _Key:
        made = super().__new__(cls, parts)
        made._hash = tuple.__hash__(made)
        return made

    def __hash__(self) -> int:
        return self._hash

    def __getnewargs__(self) -> tuple[object, ...]:
        return tuple(self)


class Combination:
    """A sum of functions with coefficients; ``terms`` by key.

    Keys: `ONE`; ("ln", a); ("T", e, b, d) and ("Li", e, b, d) of Delta = e t^2 + b t + d.
    """

    def __init__(self, terms: Mapping[Key, Element] | None = None) -> None:
        self.terms: dict[Key, Element] = dict(terms or {})

    def add(self, other: Combination, factor: Element) -> None:
        """Add a multiple of another sum."""
        for key, value in other.terms.items():
            own = value * factor
            self.terms[key] = self.terms[key] + own if key in self.terms else own

    def nonzero(self, is_zero: Callable[[Element], bool]) -> dict[Key, Element]:
        """Return the terms whose coefficients are not zero."""
        return {key: value for key, value in self.terms.items() if not is_zero(value)}


class Field:
    """How numbers are made and told from zero: ``of`` a whole number, ``is_zero`` of an element."""

    def __init__(self, of: Callable[[int], Element], is_zero: Callable[[Element], bool]) -> None:
        self.of, self.is_zero = of, is_zero


def over_triangle(
    numerator: Mapping[tuple[int, int], Element], a: Element, b: Element, c: Element, field: Field
) -> dict[Key, Element]:
    """Integrate numerator/Delta over 0 < y < x < 1.

    Parameters: ``numerator``, coefficients by powers of (x, y); ``a``, ``b``, ``c`` as in the module, c not
    zero; ``field`` of all of them. Returns coefficients by key, those that are zero left out.
    Raises ArithmeticError for an integral that diverges where b is zero.
    """
    return Triangle(a, b, c, field).integral(numerator)


class Triangle:
    """Integrals over 0 < y < x < 1 with one Delta; moments are computed once.

    Parameters: as for `over_triangle`.
    """

    def __init__(self, a: Element, b: Element, c: Element, field: Field) -> None:
        one = field.of(1)
        self.field, self._c = field, c
        self._divided = field.is_zero(b)
        if self._divided:
            self._alpha, self._kappa = {0: a - one, 1: one}, 0
        else:
            self._alpha, self._kappa = {0: b, 1: a - b - one, 2: one}, 1
        self._first = Moments(_quadratic(a, b, one, field), field)
        self._second = Moments(_quadratic(a, b, one - c, field), field)
        self._differences: dict[int, Combination] = {}

    def integral(self, numerator: Mapping[tuple[int, int], Element]) -> dict[Key, Element]:
        """Return int numerator/Delta as for `over_triangle`."""
        field = self.field
        rows = _in_t(numerator, field)
        if self._divided:
            if any(not field.is_zero(row.get(0, field.of(0))) for row in rows.values()):
                raise ArithmeticError("an integral over Feynman parameters diverges at its end point")
            rows = {j: {k - 1: v for k, v in row.items() if k} for j, row in rows.items()}
        plain, logs = _over_y(rows, self._alpha, self._c, self._kappa, field)
        total = Combination()
        for k, value in plain.items():
            total.add(Combination({ONE: _part(k, field)}), value)
        for k, value in logs.items():
            total.add(self._difference(k), value)
        return total.nonzero(field.is_zero)

    def _difference(self, k: int) -> Combination:
        """Return the finite part of int_0^1 t^k ln(Delta_2/Delta_1) dt."""
        if k not in self._differences:
            found = Combination(self._second.log(k).terms)
            found.add(self._first.log(k), -self.field.of(1))
            self._differences[k] = found
        return self._differences[k]


def _in_t(numerator: Mapping[tuple[int, int], Element], field: Field) -> dict[int, Line]:
    """Return polynomials in t = 1 - x by powers of y."""
    rows: dict[int, Line] = {}
    for (i, j), value in numerator.items():
        row = rows.setdefault(j, {})
        for k in range(i + 1):
            own = value * field.of((-1) ** k * comb(i, k))
            row[k] = row[k] + own if k in row else own
    return rows


def _over_y(rows: Mapping[int, Line], alpha: Line, c: Element, kappa: int, field: Field) -> tuple[Line, Line]:
    """Integrate over y, Delta = alpha + c t^kappa y: what stands beside 1 and beside ln(Delta_2/Delta_1).

    y^j = Delta sum_(i<j) (-alpha)^(j-1-i) slope^(i-j) y^i + (-alpha/slope)^j.
    """
    plain: Line = {}
    logs: Line = {}
    one = field.of(1)
    x: Line = {0: one, 1: -one}
    turned = {k: -v for k, v in alpha.items()}
    for j, row in rows.items():
        for i in range(j):
            slope = one / _power(c, j - i, one)
            part = _times(_power_of(turned, j - 1 - i, one), _power_of(x, i + 1, one))
            _put(plain, _times(row, part), slope / field.of(i + 1), kappa * (i - j))
        _put(logs, _times(row, _power_of(turned, j, one)), one / _power(c, j + 1, one), -kappa * (j + 1))
    return plain, logs


def _quadratic(a: Element, b: Element, mass: Element, field: Field) -> tuple[Element, Element, Element]:
    """Return (e, b, d) of Delta for one lepton's squared mass, without factors that massless lines bring."""
    zero = field.of(0)
    if field.is_zero(a) and field.is_zero(b):
        return zero, zero, -mass
    if field.is_zero(b):
        return zero, mass, a - mass
    if field.is_zero(a):
        return zero, -mass, b
    return mass, a - b - mass, b


class Moments:
    """Finite parts of int_0^1 t^m dt/Delta and of int_0^1 t^k ln Delta dt for one Delta.

    Parameters: ``delta``, (e, b, d) of Delta = e t^2 + b t + d; ``field``.
    """

    def __init__(self, delta: tuple[Element, Element, Element], field: Field) -> None:
        self.delta, self.field = delta, field
        self._flat = field.is_zero(delta[0]) and field.is_zero(delta[1])
        self._linear = field.is_zero(delta[0])
        self._at_zero = self._linear and field.is_zero(delta[2])
        self._inverse: dict[int, Combination] = {}
        e, b, d = delta
        self._arc, self._dilogarithm = _Key("T", e, b, d), _Key("Li", e, b, d)
        self._start, self._end = _Key("ln", d), _Key("ln", e + b + d)

    def log(self, k: int) -> Combination:
        """Return the finite part of int_0^1 t^k ln Delta dt, by parts."""
        (e, b, _), field = self.delta, self.field
        if k == -1:
            return Combination() if self._flat else Combination({self._dilogarithm: field.of(1)})
        total = Combination({self._end: field.of(1)})
        if k < -1:
            total.add(Combination({ONE: field.of(1)}), -_log_coefficients(-k - 1, self.delta, field))
        if not self._linear:
            total.add(self.inverse(k + 2), -(e + e))
        if not self._flat:
            total.add(self.inverse(k + 1), -b)
        return _scaled(total, field.of(1) / field.of(k + 1))

    def inverse(self, m: int) -> Combination:
        """Return the finite part J_m of int_0^1 t^m dt/Delta: e J_(m+2) + b J_(m+1) + d J_m is t^m's."""
        if m not in self._inverse:
            self._inverse[m] = self._found(m)
        return self._inverse[m]

    def _found(self, m: int) -> Combination:
        (e, b, d), field = self.delta, self.field
        one = field.of(1)
        if self._flat:
            return Combination({ONE: _part(m, field) / d})
        if self._at_zero:
            return Combination({ONE: _part(m - 1, field) / b})
        if m == 0:
            if not self._linear:
                return Combination({self._arc: one})
            found = Combination({self._end: one / b})
            found.add(Combination({self._start: one}), -one / b)
            return found
        if m < 0:
            others = ((self.inverse(m + 1), b), *(() if self._linear else ((self.inverse(m + 2), e),)))
            return _next(_part(m, field), others, d)
        if self._linear:
            return _next(_part(m - 1, field), ((self.inverse(m - 1), d),), b)
        if m > 1:
            return _next(_part(m - 2, field), ((self.inverse(m - 1), b), (self.inverse(m - 2), d)), e)
        found = Combination({self._end: one})
        found.add(Combination({self._start: one}), -one)
        found.add(self.inverse(0), -b)
        return _scaled(found, one / (e + e))


def _next(plain: Element, others: tuple[tuple[Combination, Element], ...], by: Element) -> Combination:
    """Return (plain - sum of others)/by."""
    total = Combination({ONE: plain / by})
    for one, factor in others:
        total.add(one, -factor / by)
    return total


def _scaled(one: Combination, factor: Element) -> Combination:
    return Combination({key: value * factor for key, value in one.terms.items()})


def _log_coefficients(n: int, delta: tuple[Element, Element, Element], field: Field) -> Element:
    """Return the coefficient of t^n, n > 0, in ln Delta: Delta times its derivative is Delta'."""
    e, b, d = delta
    found = [field.of(0)]
    for k in range(1, n + 1):
        total = b if k == 1 else e + e if k == 2 else field.of(0)
        if k >= 2:
            total = total - field.of(k - 1) * b * found[k - 1]
        if k >= 3:
            total = total - field.of(k - 2) * e * found[k - 2]
        found.append(total / (field.of(k) * d))
    return found[n]


def _part(k: int, field: Field) -> Element:
    """Return the finite part of int_0^1 t^k dt."""
    return field.of(0) if k == -1 else field.of(1) / field.of(k + 1)


def _power(value: Element, n: int, one: Element) -> Element:
    out = one
    for _ in range(n):
        out = out * value
    return out


def _times(left: Line, right: Line) -> Line:
    out: Line = {}
    for i, p in left.items():
        for j, q in right.items():
            out[i + j] = out[i + j] + p * q if i + j in out else p * q
    return out


def _power_of(line: Line, n: int, one: Element) -> Line:
    out: Line = {0: one}
    for _ in range(n):
        out = _times(out, line)
    return out


def _put(total: Line, line: Line, factor: Element, shift: int) -> None:
    for k, value in line.items():
        own = value * factor
        total[k + shift] = total[k + shift] + own if k + shift in total else own
