"""Gamma matrices of the one-loop diagrams, multiplied as explicit matrices in exact arithmetic.

Kinematics: the photon's momentum q is light-like and complex, orthogonal to P = (p1 + p2)/2, so that p1^2 =
p2^2 = m^2 and q^2 = 0 hold exactly with q finite. On shell a vertex is then

    (p2-slash + m) Gamma^mu (p1-slash + m),
    Gamma^mu = A gamma^mu + B i sigma^{mu nu} q_nu + C q^mu  + the same three times gamma5,

and these six are independent as arrays of 64 numbers (as traces they are not, at q^2 = 0). B and B5 are
solved for, with the other 58 equations as a check of covariance. m = 2 makes every component of a momentum a
Gaussian integer.

Photon on the fermion, k the boson's momentum: with Feynman parameters x1, x2 of the two fermion propagators,
    k = l + x1 p1 + x2 p2,  N^mu = O_a (p2-k + m_F) gamma^mu (p1-k + m_F) I_b G^{ab}.
Photon on the boson, k1 and k2 = k1 + q its momenta, x1 and x2 the parameters of the two boson propagators:
    k1 = l + (1-x1-x2) p1 - x2 q,  N^mu = O_a (p1-k1 + m_F) I_b G^{ac} tau_{cd}^mu(k1, k2) G^{db}.
G is -g for a vector in Feynman gauge and 1 for a scalar. Numerators are of second order in l: order 0 goes
with the finite integral 1/Delta; order 2 is a dimensionless coefficient of gamma^mu alone (it has no power
of an external momentum left for sigma q), whatever the dimension, which is checked by solving for its B and
B5 as well. So four dimensions are enough.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache
from math import factorial

import numpy as np

from oracle.dirac import GAMMA, GAMMA5, LOWER, METRIC, ONE, PL, PR, Matrix, sigma, slash

MASS = 2
P: Matrix = np.array([2, 0, 0, 0], dtype=complex)
Q: Matrix = np.array([0, 2, 2j, 0], dtype=complex)
P1, P2 = P - Q / 2, P + Q / 2

Poly = dict[tuple[int, int, int], complex]
"""Coefficients of x1^i x2^j m_F^k."""
Radial = dict[tuple[int, int], tuple[Fraction, Fraction]]
"""Coefficients of s^n m_F^k, real and imaginary parts."""


def triple_vertex(k1: Matrix, k2: Matrix) -> Matrix:
    """tau[c, d, mu] of e Q tau A_mu (B^+)_c B_d, the photon's trilinear term with plane waves put in.

    B_d = (V_0 .. V_3, G; lower index) comes in with momentum k1, B_c goes out with k2, and q = k2 - k1 comes
    in. The Lagrangian is -(1/2)|D_m V_n - D_n V_m|^2 + |M V + D G|^2 + i e Q F^{mn} V^+_m V_n with D = d + i
    e Q A, that is the Yang-Mills one with V -> V + D G/M, without terms that vanish by d_m F^{mn} = 0. A
    factor M is left out of tau[c, 4] and tau[4, c]: it cancels the 1/M of the Goldstone's couplings.
    """
    q = k2 - k1
    down = [METRIC @ k for k in (k1, k2, q)]
    tau = np.zeros((5, 5, 4), dtype=complex)
    unit = np.eye(4)

    def curl(a: Matrix, b: Matrix) -> Matrix:
        return np.outer(a, b) - np.outer(b, a)

    def dot(a: Matrix, b: Matrix) -> complex:
        return complex(np.sum(METRIC @ a @ METRIC * b))

    # every array has lower indices; the coefficient of the wave A_n = unit[mu]_n has mu up
    for mu in range(4):
        a = unit[mu]
        for c in range(4):
            for d in range(4):
                v_out, v_in = unit[c], unit[d]
                d_in, d_out = curl(-1j * down[0], v_in), curl(1j * down[1], v_out)
                charged = 1j * curl(a, v_in), -1j * curl(a, v_out)
                kinetic = -(dot(d_out, charged[0]) + dot(charged[1], d_in)) / 2
                magnetic = 1j * dot(curl(-1j * down[2], a), np.outer(v_out, v_in))
                tau[c, d, mu] = kinetic + magnetic
        for c in range(4):  # (M V^+)(i A G) + (-i A G^+)(M V)
            tau[c, 4, mu] = 1j * METRIC[mu, c]
            tau[4, c, mu] = -1j * METRIC[mu, c]
        # (d G^+)(i A G) + (-i A G^+)(d G)
        tau[4, 4, mu] = 1j * (1j * k2[mu]) - 1j * (-1j * k1[mu])
    return tau


def flat(vertex: Matrix) -> Matrix:
    """(p2-slash + m) Gamma^mu (p1-slash + m) as 64 numbers."""
    outer, inner = slash(P2) + MASS * ONE, slash(P1) + MASS * ONE
    return np.array([outer @ v @ inner for v in vertex]).ravel()


@cache
def structures() -> tuple[Matrix, Matrix]:
    """The six structures as columns, B and B5 being the second and the fifth, and the pseudoinverse."""
    plain = [GAMMA, sigma(Q), np.array([x * ONE for x in Q])]
    columns = np.array([flat(s @ g) for g in (ONE, GAMMA5) for s in plain]).T
    solver = np.linalg.pinv(columns)
    assert np.linalg.matrix_rank(columns) == 6
    return columns, solver


def dipole(vertex: Matrix) -> tuple[complex, complex]:
    """B and B5 of a vertex, exact. Raises ArithmeticError unless it is a sum of the six structures."""
    columns, solver = structures()
    numbers = flat(vertex)
    # coefficients are Gaussian integers over a small power of 2: rounding makes the solution exact
    found = np.round(solver @ numbers * 64) / 64
    if not np.array_equal(columns @ found, numbers):
        raise ArithmeticError("a vertex beyond gamma^mu, sigma q and q^mu on shell")
    return complex(found[1]), complex(found[4])


Numerator = Callable[[Matrix, int, int, int], Matrix]
"""The numerator at l, x1, x2, m_F."""


def on_fermion(spin: int, out: Matrix, into: Matrix) -> Numerator:
    """The photon on the internal fermion; ``out`` and ``into`` are the chiral projectors of the vertices."""

    def numerator(loop: Matrix, x1: int, x2: int, mass: int) -> Matrix:
        k = loop + x1 * P1 + x2 * P2
        line = [(slash(P2 - k) + mass * ONE) @ g @ (slash(P1 - k) + mass * ONE) for g in GAMMA]
        if spin == 0:
            return np.array([out @ part @ into for part in line])
        return np.array([-sum(GAMMA[a] @ out @ part @ LOWER[a] @ into for a in range(4)) for part in line])

    return numerator


@lru_cache(maxsize=64)
def _triple(k1: tuple[complex, ...]) -> Matrix:
    """The triple vertex with the propagators' numerators on either side."""
    weight = np.diag([*-np.diag(METRIC), 1.0])
    tau = triple_vertex(np.array(k1), np.array(k1) + Q)
    return np.einsum("ac,cdm,db->abm", weight, tau, weight)


def on_boson(kind: str, out: Matrix, into: Matrix) -> Numerator:
    """The photon on the boson; ``kind`` names the outgoing and the incoming component: VV, VG, GV, GG.

    The component G is a charged scalar as well.
    """
    sides = [[g @ p for g in GAMMA] + [p] for p in (out, into)]
    chosen = [range(4) if letter == "V" else [4] for letter in kind]

    def numerator(loop: Matrix, x1: int, x2: int, mass: int) -> Matrix:
        k1 = loop + (1 - x1 - x2) * P1 - x2 * Q
        tau = _triple(tuple(k1))
        line = slash(P1 - k1) + mass * ONE
        total = np.zeros((4, 4, 4), dtype=complex)
        for a in chosen[0]:
            for b in chosen[1]:
                if tau[a, b].any():
                    total += np.multiply.outer(tau[a, b], sides[0][a] @ line @ sides[1][b])
        return total

    return numerator


def _inverse(size: int) -> list[list[Fraction]]:
    """The inverse of the Vandermonde matrix of 0, 1, ..., size - 1: values to coefficients."""
    rows = [
        [Fraction(x) ** n for n in range(size)] + [Fraction(x == y) for y in range(size)] for x in range(size)
    ]
    for i in range(size):
        pivot = next(r for r in range(i, size) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for r in range(size):
            if r != i:
                rows[r] = [v - rows[r][i] * w for v, w in zip(rows[r], rows[i], strict=True)]
    return [row[size:] for row in rows]


def _interpolate(value: Callable[[int, int, int], complex], size: int = 3) -> Poly:
    """The polynomial of degree below ``size`` in each variable with these values, tested at one more
    point."""
    inverse = np.array([[float(v) for v in row] for row in _inverse(size)])  # halves: exact
    grid = np.array([[[value(i, j, k) for k in range(size)] for j in range(size)] for i in range(size)])
    found = np.einsum("ai,bj,ck,ijk->abc", inverse, inverse, inverse, grid)
    poly = {(a, b, c): complex(found[a, b, c]) for a, b, c in np.ndindex(found.shape) if found[a, b, c]}
    point = (5, -4, 7)
    again = sum(v * point[0] ** a * point[1] ** b * point[2] ** c for (a, b, c), v in poly.items())
    if again != value(*point):
        raise ArithmeticError("a numerator of higher degree")
    return poly


def _tensor(numerator: Numerator, x1: int, x2: int, mass: int) -> Matrix:
    """g_{ab} times the coefficient of l^a l^b."""
    zero = numerator(np.zeros(4), x1, x2, mass)
    return sum(
        METRIC[a, a] * ((numerator(step, x1, x2, mass) + numerator(-step, x1, x2, mass)) / 2 - zero)
        for a, step in enumerate(np.eye(4, dtype=complex))
    )


@cache
def table(kind: str, out: str, into: str) -> tuple[Poly, Poly]:
    """B and B5 of a diagram, polynomials in x1, x2 and m_F for m = 2.

    Parameters: ``kind``, F0 and F1 for the photon on the fermion with a boson of spin 0 and 1, or BVV, BVG,
    BGV, BGG; ``out`` and ``into``, the chirality L or R of either vertex. Raises ArithmeticError when a
    check fails.
    """
    sides = [PL if c == "L" else PR for c in (out, into)]
    numerator = on_fermion(int(kind[1]), *sides) if kind[0] == "F" else on_boson(kind[1:], *sides)
    for point in ((0, 0, 0), (1, 2, 3), (-2, 3, 1)):
        if dipole(_tensor(numerator, *point)) != (0, 0):
            raise ArithmeticError(f"the divergent part of {kind} feeds a dipole moment")

    @cache
    def values(x1: int, x2: int, mass: int) -> tuple[complex, complex]:
        return dipole(numerator(np.zeros(4), x1, x2, mass))

    return _interpolate(lambda *p: values(*p)[0]), _interpolate(lambda *p: values(*p)[1])


@cache
def radial(kind: str, out: str, into: str) -> tuple[Radial, Radial]:
    """The same integrated over the triangle of fixed s = x1 + x2: {(n, k): number}, coefficients of s^n
    m_F^k.

    int dx1 dx2 x1^i x2^j delta(s - x1 - x2) = s^(i+j+1) i! j!/(i+j+1)!.
    """
    found: list[Radial] = []
    for poly in table(kind, out, into):
        sums: dict[tuple[int, int], tuple[Fraction, Fraction]] = {}
        for (i, j, k), value in poly.items():
            share = Fraction(factorial(i) * factorial(j), factorial(i + j + 1))
            re, im = sums.get((i + j + 1, k), (Fraction(0), Fraction(0)))
            sums[i + j + 1, k] = re + share * Fraction(value.real), im + share * Fraction(value.imag)
        found.append({n: v for n, v in sums.items() if any(v)})
    return found[0], found[1]
