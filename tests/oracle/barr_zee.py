"""Effective couplings of a scalar to two gauge bosons, closed on a lepton line, by explicit matrices.

    L = X lbar (s + p gamma5) l + d_a X lbar (n + t gamma5) gamma^a l + V_a lbar gamma^a (v + a gamma5) l
        + lbar (w + u gamma5) sigma^{ab} l V_ab + X F_ab (c V^ab + k Vdual^ab),

F the photon's field strength and V_ab that of V, Vdual^ab = (1/2) eps^{abcd} V_cd with a tensor of 256
numbers. Every factor is a wave put into L: fields that come in carry exp(-i k x). With i L at each vertex and
i over the denominator of each propagator (-i g for V; the k k/M^2 of a massive one meets Vdual or V_ab and
drops out) the diagram is

    e Gamma^mu = -i int d^4l/(2 pi)^4 O (l-slash + m) I T^mu/(D D D),

over Feynman parameters -N_0/Delta + 2 N_2 (ln Lambda^2 - ln Delta + constant), both over 16 pi^2: N_0 the
numerator at the shift, N_2 g_{ab}/4 times its coefficient of l^a l^b. The kinematics are those of `traces`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cache
from itertools import permutations
from math import comb

import numpy as np
from mpmath import mp, mpc, mpf

from oracle.dirac import GAMMA, GAMMA5, LOWER, METRIC, ONE, Matrix, slash
from oracle.traces import MASS, P1, P2, Q, _inverse, _tensor, dipole

Poly = dict[tuple[int, int], tuple[Fraction, Fraction]]
"""Coefficients of x1^i x2^j, real and imaginary parts."""
CONSTANTS = {"four-dimensional": mpf(0), "cutoff": -mpf(3) / 2}
"""What stands beside ln Lambda^2 - ln Delta: nothing, or int of (v - Delta)^2/v^3 up to the cut."""
ON_LINE = {"s": 0, "p": 0, "n": -1, "t": -1}
OF_V = {"v": 0, "a": 0, "w": -1, "u": -1}
EFFECTIVE = {"c": -1, "k": -1}
"""The couplings and their mass dimensions."""


@dataclass(frozen=True)
class Couplings:
    """The numbers in L; ``k`` stands for eps^{0123} = +1."""

    s: mpc | int = 0
    p: mpc | int = 0
    n: mpc | int = 0
    t: mpc | int = 0
    v: mpc | int = 0
    a: mpc | int = 0
    w: mpc | int = 0
    u: mpc | int = 0
    c: mpc | int = 0
    k: mpc | int = 0


def _epsilon() -> Matrix:
    out = np.zeros((4, 4, 4, 4))
    for order in permutations(range(4)):
        out[order] = np.linalg.det(np.eye(4)[list(order)])
    return np.round(out)


EPSILON = _epsilon()
SIGMA = np.array([[0.5j * (a @ b - b @ a) for b in GAMMA] for a in GAMMA])
"""sigma^{ab}, upper indices."""


def curl(momentum: Matrix, wave: Matrix) -> Matrix:
    """d_a V_b - d_b V_a for V_b = wave_b exp(-i k x), ``wave`` with a lower index and ``momentum`` upper."""
    k = METRIC @ momentum
    return -1j * (np.outer(k, wave) - np.outer(wave, k))


def scalar_matrix(name: str, momentum: Matrix) -> Matrix:
    """The matrix of X's coupling, X coming in at the vertex with this momentum."""
    if name in "sp":
        return ONE if name == "s" else GAMMA5
    return -1j * (ONE if name == "n" else GAMMA5) @ slash(momentum)


def vector_matrix(name: str, momentum: Matrix, index: int) -> Matrix:
    """The matrix of V's coupling, for the wave V_b = delta_{b index} coming in with this momentum."""
    if name in "va":
        return GAMMA[index] @ (ONE if name == "v" else GAMMA5)
    strength = curl(momentum, np.eye(4)[index])
    return np.einsum("ab,abij->ij", strength, (ONE if name == "w" else GAMMA5) @ SIGMA)


def effective(name: str, momentum: Matrix) -> Matrix:
    """T[mu, index]: X F V or X F Vdual for waves of photon and V that come in with q and this momentum."""
    out = np.zeros((4, 4), dtype=complex)
    for mu in range(4):
        photon = curl(Q, np.eye(4)[mu])
        for index in range(4):
            v = curl(momentum, np.eye(4)[index])
            upper = METRIC @ v @ METRIC if name == "c" else np.einsum("abcd,cd->ab", EPSILON, v) / 2
            out[mu, index] = np.sum(photon * upper)
    return out


def numerator(scalar: str, vector: str, tensor: str, scalar_first: bool) -> Callable[..., Matrix]:
    """The numerator at l, x1, x2 (the parameters of the bosons at the first and the last vertex), m."""

    def value(loop: Matrix, x1: int, x2: int, mass: int) -> Matrix:
        line = loop + x1 * P1 + x2 * P2
        out, back = P1 - line, P2 - line  # from the first vertex, to the last one
        middle = slash(line) + mass * ONE
        total = np.zeros((4, 4, 4), dtype=complex)
        # what leaves a vertex comes in with the opposite momentum
        joined = effective(tensor, -back if scalar_first else out)
        for b in range(4):
            sign = METRIC[b, b]
            if scalar_first:
                chain = vector_matrix(vector, back, b) @ middle @ scalar_matrix(scalar, -out)
            else:
                chain = scalar_matrix(scalar, back) @ middle @ vector_matrix(vector, -out, b)
            total += sign * np.multiply.outer(joined[:, b], chain)
        return total

    return value


def interpolate(value: Callable[[int, int], complex], size: int) -> Poly:
    """The polynomial of degree below ``size`` in x1 and x2, in fractions, tested at one more point."""
    inverse = _inverse(size)
    values = {(i, j): value(i, j) for i in range(size) for j in range(size)}
    poly: Poly = {}
    for a in range(size):
        for b in range(size):
            re, im = (
                sum(inverse[a][i] * inverse[b][j] * Fraction(part(n)) for (i, j), n in values.items())
                for part in (lambda n: n.real, lambda n: n.imag)
            )
            if re or im:
                poly[a, b] = re, im
    x1, x2 = 7, -3
    again = [sum(n[i] * x1**a * x2**b for (a, b), n in poly.items()) for i in range(2)]
    if complex(*map(float, again)) != value(x1, x2):
        raise ArithmeticError("a numerator of higher degree")
    return poly


@cache
def tables(scalar: str, vector: str, tensor: str, scalar_first: bool) -> tuple[tuple[Poly, Poly], ...]:
    """(N_0, N_2) of B and of B5: polynomials in x1 and x2 for m = 2."""
    made = numerator(scalar, vector, tensor, scalar_first)
    nothing = np.zeros(4, dtype=complex)

    @cache
    def finite(x1: int, x2: int) -> tuple[complex, complex]:
        return dipole(made(nothing, x1, x2, MASS))

    @cache
    def divergent(x1: int, x2: int) -> tuple[complex, complex]:
        return dipole(_tensor(made, x1, x2, MASS) / 4)

    return tuple(
        (
            interpolate(lambda x1, x2, i=i: finite(x1, x2)[i], 5),
            interpolate(lambda x1, x2, i=i: divergent(x1, x2)[i], 4),
        )
        for i in range(2)
    )


def _along(poly: Poly, scalar_first: bool) -> list[tuple[int, int, mpc]]:
    """The polynomial over x = w u of X and v = w (1 - u) of V: (power of w, power of u, coefficient)."""
    sums: dict[tuple[int, int], mpc] = {}
    for (i, j), (re, im) in poly.items():
        of_x, of_v = (i, j) if scalar_first else (j, i)
        value = mpc(mpf(re.numerator) / re.denominator, mpf(im.numerator) / im.denominator)
        for n in range(of_v + 1):
            key = i + j, of_x + n
            sums[key] = sums.get(key, mpc(0)) + value * (-1) ** n * comb(of_v, n)
    return [(w, u, value) for (w, u), value in sums.items()]


def _moments(ends: tuple[mpf, mpf], size: int) -> tuple[list[mpf], list[mpf]]:
    """int_0^1 u^n/Delta and int_0^1 u^n ln Delta for Delta linear between its ends, n < size."""
    low, high = ends
    rise = high - low
    plain = [(mp.log(high) - mp.log(low)) / rise]
    for n in range(1, size + 1):
        plain.append((mpf(1) / n - low * plain[-1]) / rise)
    logs = [(mp.log(high) - rise * plain[n + 1]) / (n + 1) for n in range(size)]
    return plain[:size], logs


def diagram(
    names: tuple[str, str, str], scalar_first: bool, masses: tuple[mpf, mpf, mpf], scheme: str
) -> tuple[mpc, mpc]:
    """B and B5 of e Gamma^mu times 16 pi^2, for m = 2 and unit couplings.

    Parameters: ``names`` of the couplings of X, of V and of both to the photon; ``masses`` of X, V and the
    cut-off in the same units. X and V of unequal mass.
    """
    of_x, of_v, cut = masses
    both = [[_along(p, scalar_first) for p in pair] for pair in tables(*names, scalar_first)]
    if not any(p for pair in both for p in pair):
        return mpc(0), mpc(0)
    size = 1 + max(u for pair in both for p in pair for _, u, _ in p)

    def integrand(w: mpf, finite: list, divergent: list) -> mpc:
        square = (MASS * (1 - w)) ** 2
        plain, logs = _moments((w * of_v**2 + square, w * of_x**2 + square), size)
        constant = 2 * mp.log(cut) + CONSTANTS[scheme]
        value = -mp.fsum(c * w**k * plain[n] for k, n, c in finite)
        value += 2 * mp.fsum(c * w**k * (constant / (n + 1) - logs[n]) for k, n, c in divergent)
        return w * value

    with mp.extradps(4 * size + 10):  # the recurrence loses where masses are far apart
        found = [mp.quad(lambda w, pair=pair: integrand(w, *pair), [0, 0.5, 1]) for pair in both]
    return found[0], found[1]


def barr_zee(
    couplings: Couplings,
    lepton: mpf,
    masses: tuple[mpf, mpf, mpf],
    charge: mpf,
    scheme: str = "four-dimensional",
    digits: int = 18,
) -> tuple[mpc, mpc]:
    """a and d/e (GeV^-1) of the diagrams in both orders.

    Parameters: ``lepton`` and ``masses`` of X, V and the cut-off in GeV; ``charge``, e. With e Gamma^mu = e
    (B i sigma q + B5 i sigma q gamma5) these are 2 m B and i B5.
    """
    with mp.workdps(digits):
        unit = lepton / MASS  # in GeV
        scaled = tuple(x / unit for x in masses)
        total = [mpc(0), mpc(0)]
        given = {f.name: mpc(getattr(couplings, f.name)) for f in fields(couplings)}
        for x, dx in ON_LINE.items():
            for v, dv in OF_V.items():
                for c, dc in EFFECTIVE.items():
                    weight = given[x] * given[v] * given[c] * unit ** -(dx + dv + dc)
                    if not weight:
                        continue
                    for first in (True, False):
                        found = diagram((x, v, c), first, scaled, scheme)
                        total = [t + weight * f / (16 * mp.pi**2) for t, f in zip(total, found, strict=True)]
        b, b5 = (t / charge for t in total)
        return 2 * MASS * b, mpc(0, 1) * b5 / unit


__all__ = ["LOWER", "Couplings", "barr_zee"]
