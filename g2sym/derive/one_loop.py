"""From vertex strings to Feynman integrals: the one-loop neutral exchange of any chirality."""

from __future__ import annotations

from functools import cache
from typing import Any

from g2sym.derive.dirac import GAMMA5, String
from g2sym.derive.exchange import BOSON, neutral_exchange
from g2sym.derive.loop import LoopIntegrand
from g2sym.derive.projector import Dipole
from g2sym.errors import UnsupportedError
from g2sym.integrals.canonical import integrate
from g2sym.integrals.feynman import Diagram, FeynmanIntegral, Slot, combine
from g2sym.integrals.rational import Frac, constant, from_terms, gen

Poly = Any  # flint.fmpq_mpoly, which ships no types


def dipole_of(outgoing: String, incoming: String) -> Dipole:
    """Return which dipole a pair of vertices feeds: the one with an even number of gamma5 in all."""
    odd = (outgoing + incoming).count(GAMMA5) % 2
    return "electric" if odd else "magnetic"


def words(string: String) -> str:
    """Return a vertex string in words, for records."""
    names = {GAMMA5: "gamma5", "l": "l-slash", BOSON: "gamma^al"}
    return "*".join(names.get(t, t) for t in string) or "1"


@cache
def neutral_kernel(outgoing: String, incoming: String, spin: int, part: int | None = None) -> FeynmanIntegral:
    """Derive the dipole kernel of a neutral boson exchanged on a lepton line.

    Parameters: gamma strings after and before the photon (`BOSON` for the boson's own index, ``"l"``
    for its slashed momentum), ``spin`` 0 or 1; ``part`` of a spin-1 propagator, 0 for -g (Feynman
    gauge), 1 for l l/M^2, None for both. Returns the integral over x, the weight of the internal
    fermion, with Delta = rho (1 - x) + nu^2 x - x (1 - x); rho = M^2/m^2, nu = m_F/m. Its value times
    both couplings over 16 pi^2 is the form factor: F2, or -2 times the coefficient of P^mu gamma5 when
    one vertex carries a gamma5 more than the other.
    Raises UnsupportedError when an ultraviolet pole is left.
    """
    dipole = dipole_of(outgoing, incoming)
    x, rho, nu = gen("x"), gen("rho"), gen("nu")
    delta = (1 - x) * rho + x * nu**2 - x * (1 - x)
    parts = [p for p in neutral_exchange(dipole, outgoing, incoming, spin) if part in (None, p[0])]
    depth = max(power for power, _ in parts)
    powers: dict[int, Poly] = {}
    log, pole = 0 * x, Frac.of(0)
    for power, integrand in parts:
        _check_leading(integrand)
        lift = rho ** (depth - power)
        for k, numerator in integrand.powers.items():
            powers[k] = powers.get(k, 0 * x) + lift * _convert(numerator)
        log += lift * _convert(integrand.log)
        pole = pole + integrate({0: lift * _convert(integrand.pole)}, 0 * x, delta).rational
    divisor = rho**depth
    numerator = combine(powers, log, delta)
    if numerator is not None:
        powers, log = {1: numerator}, 0 * x
    if numerator == 0:
        powers = {}
    if not pole.is_zero:
        raise UnsupportedError(
            f"The vertices {words(incoming)} and {words(outgoing)} give an ultraviolet divergent "
            "dipole moment; such a coupling needs a counterterm, which the engine does not treat."
        )
    return FeynmanIntegral(
        variables=(("x", "0", "1"),),
        delta=delta,
        powers=tuple(sorted(powers.items())),
        log=log,
        divisor=divisor if depth else constant(1),
        pole=pole,
        diagram=Diagram("neutral exchange", vertices=(words(incoming), words(outgoing))),
        provenance=(
            f"{dipole} projector from the inverse Gram matrix of gamma, P, q",
            "traces in d = 4 - 2 eps, gamma5 anticommuting on the open line",
            "boson propagator g - l l/M^2" if spin else "scalar propagator",
        ),
        slots=(Slot("rho", 2), Slot("nu", 1)),
        thresholds=(("rho", "nu"),),
    )


def _check_leading(integrand: LoopIntegrand) -> None:
    """The projector's pole at q^2 = 0 must cancel: its residue integrates to zero."""
    lead = integrand.leading
    if lead is None:
        return
    x, rho, nu = gen("x"), gen("rho"), gen("nu")
    delta = (1 - x) * rho + x * nu**2 - x * (1 - x)
    powers = {k: _convert(p) for k, p in lead.powers.items()}
    if not integrate(powers, _convert(lead.log), delta).is_zero:
        raise ArithmeticError("the form factor is singular at q^2 = 0")


def _convert(poly: Poly) -> Poly:
    """Carry a polynomial in s, rho, nu from the derivation's ring to the integrals' ring, s -> x."""
    names = poly.context().names()
    kept = {"s": "x", "rho": "rho", "nu": "nu"}
    terms: dict[tuple[int, ...], Any] = {}
    for powers, value in poly.to_dict().items():
        if any(p and n not in kept for n, p in zip(names, powers, strict=True)):
            raise ArithmeticError("a loop product survived the loop integration")
        terms[tuple(p for n, p in zip(names, powers, strict=True) if n in kept)] = value
    return from_terms(terms, tuple(kept[n] for n in names if n in kept))
