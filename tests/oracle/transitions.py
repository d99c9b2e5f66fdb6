r"""l1 -> l2 gamma at one loop from the text of a Lagrangian, both lepton masses kept, by quadrature.

With x and y the Feynman parameters of the two propagators beside the photon and z = 1 - x - y, every
numerator is linear in x at fixed z, and so is Delta = alpha - beta x. The inner integral over x from 0 to
s = 1 - z is done in closed form, with squared masses - i0, the outer one over z by mpmath.quad between the
zeros of alpha and alpha - beta s, where the logarithm is singular.

L = (e m1/2) lbar2 sigma^{ab} (A_L PL + A_R PR) l1 F_{ab} + h.c.; A_R and A_L in GeV^-2. Formulas: general
exchange Phi lbar_i (L_i PL + R_i PR) F and V_mu lbar_i gamma^mu (L_i PL + R_i PR) F, vectors in Feynman
gauge with their Goldstone bosons and the Yang-Mills moment (kappa = 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from mpmath import mp, mpc, mpf

from oracle.reader import Field, read, standard_fields
from oracle.vertices import Pair, exchanges

Linear = tuple[mpc, mpc, mpc]
"""c0 + cx x + cy y."""


@dataclass(frozen=True)
class Loop:
    """One exchange: masses, the charges that F and the boson annihilate, couplings of l1 and of l2."""

    spin: int
    fermion: mpf
    boson: mpf
    charge_f: mpf
    charge_b: mpf
    first: Pair
    second: Pair
    colours: int = 1

    @property
    def turned(self) -> Loop:
        """Left and right exchanged: its A_R is the A_L of this one."""
        return Loop(
            self.spin, self.fermion, self.boson, self.charge_f, self.charge_b,
            self.first[::-1], self.second[::-1], self.colours,
        )  # fmt: skip


# integrals ------------------------------------------------------------------------------------
def _logarithm(value: mpf) -> mpc:
    """ln(value - i0)."""
    return mp.log(value) if value > 0 else mpc(mp.log(-value), -mp.pi)


def inner(c0: mpc, c1: mpc, alpha: mpf, beta: mpf, s: mpf) -> mpc:
    """int_0^s (c0 + c1 x)/(alpha - beta x - i0) dx."""
    u = beta * s / alpha
    if abs(u) < mpf("1e-3"):
        # sum_k u^k (c0/(k + 1) + c1 s/(k + 2)) s/alpha; what is left out is below the last term's thousandth
        total, power, k = mpc(0), mpf(1), 0
        while abs(power) > mp.eps:
            total += power * (c0 / (k + 1) + c1 * s / (k + 2))
            power *= u
            k += 1
        return total * s / alpha
    log = _logarithm(alpha) - _logarithm(alpha - beta * s)
    return -c1 * s / beta + (c0 + c1 * alpha / beta) * log / beta


def _zeros(a: mpf, b: mpf, c: mpf) -> list[mpf]:
    """Zeros of a z^2 + b z + c between 0 and 1."""
    square = b * b - 4 * a * c
    if square < 0:
        return []
    if a == 0:
        found = [-c / b] if b else []
    else:
        q = -(b + (mp.sqrt(square) if b >= 0 else -mp.sqrt(square))) / 2
        found = [q / a] + ([c / q] if q else [])
    return [z for z in found if 0 < z < 1]


def outer(numerator, third: mpf, pair: mpf, m1: mpf, m2: mpf) -> mpc:
    """Integrate numerator/Delta over the triangle.

    Squared masses of the propagators: ``third`` at z, ``pair`` at x and y. ``numerator(z)``: c0, cx, cy.
    """
    difference = m1**2 - m2**2

    def at(z: mpf) -> mpc:
        s = 1 - z
        c0, cx, cy = numerator(z)
        if not (s or third):  # a node that is rounded to 1, where a massless third propagator has s/s
            return c0 / (pair - m2**2)
        alpha = z * third + s * pair - z * s * m2**2
        return inner(c0 + cy * s, cx - cy, alpha, z * difference, s)

    places = {mpf(0), mpf(1)}
    for external in (m1, m2):  # alpha - beta s has m1, alpha m2
        places |= set(_zeros(external**2, third - pair - external**2, pair))
    # Delta bends at the ratio of the squared masses from either end: intervals of two decades from there on
    place = min(third, pair) / max(third, pair) / 10
    while 0 < place < mpf("0.5"):
        places |= {place, 1 - place}
        place *= 100
    return mp.quad(at, sorted(places))


# numerators -----------------------------------------------------------------------------------
def _scalar(kind: str, first: Pair, second: Pair, fermion: mpf, m1: mpf, m2: mpf):
    (l1, r1), (l2, r2) = first, second
    flip = fermion * r2 * mp.conj(l1)
    one, two = m1 * r2 * mp.conj(r1), m2 * l2 * mp.conj(l1)
    if kind == "F":
        return lambda z: ((1 - z) * flip, z * one, z * two)
    return lambda z: (z * flip, z * one, z * two)


def _vector(kind: str, loop: Loop, m1: mpf, m2: mpf):
    (l1, r1), (l2, r2) = loop.first, loop.second
    fermion, boson = loop.fermion, loop.boson

    def goldstone(mass: mpf, low: mpc, high: mpc) -> Pair:
        return (mass * low - fermion * high) / boson, (mass * high - fermion * low) / boson

    with_goldstones = _scalar(kind, goldstone(m1, l1, r1), goldstone(m2, l2, r2), fermion, m1, m2)
    flip = 4 * fermion * l2 * mp.conj(r1)
    one, two = 2 * m1 * l2 * mp.conj(l1), 2 * m2 * r2 * mp.conj(r1)

    def at(z: mpf) -> Linear:
        g0, gx, gy = with_goldstones(z)
        if kind == "F":
            return z * (flip - one - two) + g0, z * one + gx, z * two + gy
        s = 1 - z
        return s * flip + g0, -one * s - two + gx, -one - two * s + gy

    return at


def right(loop: Loop, m1: mpf, m2: mpf) -> mpc:
    """A_R of one exchange, in GeV^-2."""
    total = mpc(0)
    squares = loop.boson**2, loop.fermion**2
    for kind, charge, third, pair in (("F", -loop.charge_f, *squares), ("B", loop.charge_b, *squares[::-1])):
        if charge:
            if loop.spin == 0:
                numerator = _scalar(kind, loop.first, loop.second, loop.fermion, m1, m2)
            else:
                numerator = _vector(kind, loop, m1, m2)
            total += charge * outer(numerator, third, pair, m1, m2)
    return loop.colours * total / (16 * mp.pi**2 * m1)


def amplitudes(loops: list[Loop], m1: mpf, m2: mpf) -> tuple[mpc, mpc]:
    """A_R and A_L of a sum of exchanges, in GeV^-2."""
    return mp.fsum(right(one, m1, m2) for one in loops), mp.fsum(right(one.turned, m1, m2) for one in loops)


# models ---------------------------------------------------------------------------------------
def _number(value: object) -> mpf:
    exact = Fraction(value)  # type: ignore[arg-type]
    return mpf(exact.numerator) / exact.denominator


def loops_of(
    text: str, fields: Mapping[str, Field], values: Mapping[str, str], first: str, second: str
) -> tuple[list[Loop], mpf, mpf]:
    """The exchanges of l1 -> l2 gamma, and both masses. Raises ValueError for terms that are none.

    Couplings lbar_i (L_i PL + R_i PR) F of either lepton are those with which it comes out; l1 and l2 share a
    loop where fermion and boson are the same fields.
    """
    known = {**standard_fields(values), **fields}
    terms = read(text, known, values)
    out = []
    for one in exchanges(terms, first, known):
        for two in exchanges(terms, second, known):
            if (one.fermion, one.boson, one.charge_f) == (two.fermion, two.boson, two.charge_f):
                masses = _number(one.fermion.mass), _number(one.boson.mass)
                charges = _number(one.charge_f), _number(one.charge_b)
                spin = int(one.boson.spin)
                out.append(Loop(spin, *masses, *charges, one.outgoing, two.outgoing, one.colours))
    return out, _number(known[first].mass), _number(known[second].mass)


def transition(
    text: str, fields: Mapping[str, Field], values: Mapping[str, str], first: str, second: str
) -> tuple[mpc, mpc]:
    """A_R and A_L of l1 -> l2 gamma in GeV^-2, at the working precision; parameters as for `loops_of`."""
    return amplitudes(*loops_of(text, fields, values, first, second))


def width_factor(m1: mpf, m2: mpf, alpha: mpf) -> mpf:
    """What |A_R|^2 + |A_L|^2 is multiplied with in the width of l1 -> l2 gamma, in GeV^5."""
    return alpha / 4 * m1**5 * (1 - m2**2 / m1**2) ** 3


# leading order in the leptons' masses -----------------------------------------------------------
def lavoura(loop: Loop, m1: mpf, m2: mpf) -> tuple[mpc, mpc]:
    """A_R and A_L at leading order in the leptons' masses, in the functions of t = m_F^2/M^2 of L. Lavoura,
    Eur. Phys. J. C 29 (2003) 191, hep-ph/0302221, for a fermion with a mass other than the boson's.

    Signs and normalisation are those of this module. Corrections are of relative order (m_l/M)^2, where a
    vector's flip terms have L1* R2 in A_R as well, which is not written here.
    """
    t, log = (loop.fermion / loop.boson) ** 2, 2 * mp.log(loop.fermion / loop.boson)
    u = t - 1
    if loop.spin == 0:
        even_f = (t**2 - 5 * t - 2) / (12 * u**3) + t * log / (2 * u**4)
        even_b = (2 * t**2 + 5 * t - 1) / (12 * u**3) - t**2 * log / (2 * u**4)
        flip_f = (t - 3) / (2 * u**2) + log / u**3
        flip_b = (t + 1) / (2 * u**2) - t * log / u**3
    else:
        even_f = (-5 * t**3 + 9 * t**2 - 30 * t + 8) / (12 * u**3) + 3 * t**2 * log / (2 * u**4)
        even_b = (-4 * t**3 + 45 * t**2 - 33 * t + 10) / (12 * u**3) - 3 * t**3 * log / (2 * u**4)
        flip_f = (t**2 + t + 4) / (2 * u**2) - 3 * t * log / u**3
        flip_b = (t**2 - 11 * t + 4) / (2 * u**2) + 3 * t**2 * log / u**3
    even = -loop.charge_f * even_f + loop.charge_b * even_b
    flip = -loop.charge_f * flip_f + loop.charge_b * flip_b

    def of(first: Pair, second: Pair) -> mpc:
        (l1, r1), (l2, r2) = first, second
        if loop.spin == 0:
            masses = m1 * r2 * mp.conj(r1) + m2 * l2 * mp.conj(l1)
            flipped = loop.fermion * r2 * mp.conj(l1)
        else:
            masses = m1 * l2 * mp.conj(l1) + m2 * r2 * mp.conj(r1)
            flipped = loop.fermion * l2 * mp.conj(r1)
        unit = loop.colours / (16 * mp.pi**2 * m1 * loop.boson**2)
        return unit * (masses * even + flipped * flip)

    return of(loop.first, loop.second), of(loop.first[::-1], loop.second[::-1])
