"""Anomalous magnetic moment and electric dipole moment of a lepton from the text of a Lagrangian, one
loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import log10

from mpmath import mp, mpc, mpf

from oracle.integrals import integral
from oracle.reader import Field, read, standard_fields
from oracle.traces import MASS, radial
from oracle.vertices import Exchange, Pair, exchanges

Parts = tuple[mpc, mpc]
"""B and B5 of Gamma^mu = B i sigma^{mu nu} q_nu + B5 i sigma^{mu nu} q_nu gamma5 + ..., times 16 pi^2."""


@dataclass(frozen=True)
class Moments:
    """``a``, and ``d`` = d/e in GeV^-1, complex above threshold; ``size_a``, ``size_d``: the largest
    contribution of one diagram."""

    a: mpc
    d: mpc
    size_a: mpf
    size_d: mpf


def _real(value: Fraction) -> mpf:
    return mpf(value.numerator) / value.denominator


def _diagram(
    kind: str, outgoing: Pair, incoming: Pair, masses: tuple[Fraction, Fraction, Fraction], degree: int
) -> Parts:
    """One diagram without its charge: numerators summed over chiralities, then integrated.

    ``masses``: external, of the pair beside the photon, of the third propagator; ``degree``: the mass
    dimension of B's numerator, whose powers of m are what powers of m_F leave.
    """
    external, pair, other = masses
    fermion = pair if kind[0] == "F" else other
    m, m_f = _real(external), _real(fermion)
    totals: list[dict[int, mpc]] = [{}, {}]
    for out, left in zip("LR", outgoing, strict=True):
        for into, right in zip("LR", incoming, strict=True):
            weight = left * right
            if not weight:
                continue
            for total, poly in zip(totals, radial(kind, out, into), strict=True):
                for (n, k), (re, im) in poly.items():
                    value = mpc(_real(re), _real(im)) * (m_f**k * (m / MASS) ** (degree - k))
                    total[n] = total.get(n, mpc(0)) + weight * value
    results = []
    for total in totals:
        coefficients = [total.get(n, mpc(0)) for n in range(max(total, default=0) + 1)]
        results.append(integral(coefficients, pair**2, other**2, external**2))
    return results[0], results[1]


def goldstone(pair: Pair, ending: Fraction, starting: Fraction) -> Pair:
    """M times the couplings of G: V_mu -> V_mu + d_mu G/M in bar(a) gamma^mu (L PL + R PR) b, by parts, on
    shell.

    ``ending`` and ``starting`` are the masses of a and b.
    """
    low, high = pair
    first, second = _real(ending), _real(starting)
    return -1j * (first * low - second * high), -1j * (first * high - second * low)


def _exchange(loop: Exchange, external: Fraction) -> list[Parts]:
    """The diagrams of one exchange, with charges, signs and colours."""
    m_f, m_b = loop.fermion.mass, loop.boson.mass
    on_f, on_b = (external, m_f, m_b), (external, m_b, m_f)
    # charge, sign, kind, couplings, masses, degree, power of 1/M. Signs are those of i^n and of
    # int d^4l/(l^2 - Delta)^3 = -i pi^2/2 Delta: six factors i and -i of rules and propagators make
    # -Q_F N/Delta on the fermion and, with i e Q_B tau for the boson's vertex, +Q_B N/Delta on the boson
    rows = []
    if loop.boson.spin == 0:
        rows.append((loop.charge_f, -1, "F0", loop.outgoing, loop.incoming, on_f, 1, 0))
        rows.append((loop.charge_b, 1, "BGG", loop.outgoing, loop.incoming, on_b, 1, 0))
    else:
        out = goldstone(loop.outgoing, external, m_f)
        into = goldstone(loop.incoming, m_f, external)
        rows.append((loop.charge_f, -1, "F1", loop.outgoing, loop.incoming, on_f, 1, 0))
        rows.append((loop.charge_f, -1, "F0", out, into, on_f, 1, 2))
        rows.append((loop.charge_b, 1, "BVV", loop.outgoing, loop.incoming, on_b, 1, 0))
        rows.append((loop.charge_b, 1, "BVG", loop.outgoing, into, on_b, 0, 0))
        rows.append((loop.charge_b, 1, "BGV", out, loop.incoming, on_b, 0, 0))
        rows.append((loop.charge_b, 1, "BGG", out, into, on_b, 1, 2))
    found = []
    for charge, sign, kind, outgoing, incoming, masses, degree, divisor in rows:
        if not charge or not any(outgoing) or not any(incoming):
            continue
        factor = sign * loop.colours * _real(charge) / _real(m_b) ** divisor
        found.append(tuple(factor * part for part in _diagram(kind, outgoing, incoming, masses, degree)))
    return found


def at_precision(
    text: str, fields: Mapping[str, Field], values: Mapping[str, str], lepton: str, digits: int
) -> Moments:
    """Return the moments with ``digits`` digits of working precision, cancellations not watched."""
    with mp.workdps(digits):
        known = {**standard_fields(values), **fields}
        terms = read(text, known, values)
        external = known[lepton].mass
        parts = [p for loop in exchanges(terms, lepton, known) for p in _exchange(loop, external)]
        unit = 16 * mp.pi**2
        # Gamma^mu = i sigma q m (A_L PL + A_R PR); a = m^2 (A_R + A_L) = 2 m B, d/e = (i m/2)(A_R - A_L)
        a = [2 * _real(external) * b / unit for b, _ in parts]
        d = [mpc(0, 1) * b5 / unit for _, b5 in parts]
        zero = mpf(0)
        return Moments(mp.fsum(a), mp.fsum(d), max(map(abs, a), default=zero), max(map(abs, d), default=zero))


def moments(
    text: str, fields: Mapping[str, Field], values: Mapping[str, str], lepton: str, digits: int = 25
) -> Moments:
    """Return a and d/e of a lepton to ``digits`` digits of the largest diagram.

    Parameters: ``text``, the Lagrangian; ``fields``, declared fields by name; ``values``, decimal numbers by
    name, masses of Standard Model fields included. The working precision is raised until two values, 30
    digits apart, agree.
    """
    known = {**standard_fields(values), **fields}
    masses = [f.mass for f in known.values() if f.mass]
    precision = digits + 15 + int(2 * max(log10(max(masses) / min(masses)), 1))
    first = at_precision(text, fields, values, lepton, precision)
    while precision < 1000:
        second = at_precision(text, fields, values, lepton, precision + 30)
        with mp.workdps(precision + 30):
            small = mpf(10) ** -digits
            # a d that cancels between two chiralities leaves rounding errors; a/2m is what it could have been
            nothing = second.size_a / (2 * _real(known[lepton].mass)) * small * mpf(10) ** -20
            off_a = abs(first.a - second.a) > second.size_a * small
            off_d = abs(first.d - second.d) > second.size_d * small and abs(second.d) > nothing
        if not off_a and not off_d:
            return second
        precision, first = precision + 30, second
    raise ArithmeticError("no precision was enough")
