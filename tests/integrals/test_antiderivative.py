"""Antiderivatives verified as identities of polynomials: which integrals have them, and planted errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import g2sym as g2
from g2sym.derive.assemble import assemble, dipole_of, neutral_kernel
from g2sym.derive.dirac import BOSON, GAMMA5
from g2sym.derive.topology import charged_exchange
from g2sym.integrals.antiderivative import (
    Antiderivative,
    across,
    antiderivative,
    certified,
    certified_simplex,
)
from g2sym.integrals.canonical import integrate
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import Frac, Poly, constant, gen
from g2sym.integrals.simplex import integrate_simplex
from g2sym.kernels.confirmed import form_ball
from g2sym.kernels.quadrature import integrate_ball
from g2sym.proofs.integrals import prove_closed_form

X, Y, RHO, ZETA, NU = map(gen, ("x", "y", "rho", "zeta", "nu"))
STRINGS = {0: ((), (GAMMA5,)), 1: ((BOSON,), (GAMMA5, BOSON))}
DELTA = X**2 + RHO * (1 - X)
END = (1 - X) * (RHO - X)


def _kernels(every: bool) -> Iterator[FeynmanIntegral]:
    """Kernels of the bundled models and of general couplings; those that take seconds only with ``every``."""
    for name in ("alp", "scalar", "dark_photon", "axial_vector"):
        for part in g2.load_model(name).anomalous_moment("mu").contributions.values():
            yield from (t.integral for t in part.terms if t.integral.variables)
    for spin, strings in STRINGS.items():
        for one in strings:
            for other in strings:
                yield neutral_kernel(one, other, spin)
                charged = assemble(charged_exchange(one, other, spin), dipole_of(one, other))
                yield charged
                if every or one != other or one == (GAMMA5, BOSON):
                    yield charged.substitute({"nu": 0})
    yield neutral_kernel((), (), 0).substitute({"nu": 0})


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
def test_every_kind_of_kernel_is_proved(every: bool) -> None:
    for kernel in _kernels(every):
        proof = prove_closed_form(kernel)
        assert proof.verdict == "proved", kernel.diagram
        assert "polynomial identity" in proof.method


@pytest.mark.parametrize(
    ("powers", "log", "delta"),
    [
        ({1: X**3 - RHO, 0: X}, 2 * X - 1, DELTA),
        ({3: X**5 + NU, 2: RHO * X, 1: constant(1)}, X**2 * NU, DELTA + NU**2 * X),
        ({1: (1 - X) * X**2}, 0 * X, END),
        ({3: (1 - X) ** 3 * (X**4 + RHO)}, X**2 + 1, END),
        ({2: (1 - X) * ((1 - X) * RHO + 3 * (RHO - X)), 1: 0 * X - 3}, 0 * X, END),
        ({2: X**4, 1: X**2}, X + 1, X**2),
        ({0: X**2}, 0 * X, X**2),
    ],
)
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_same_as_by_reduction(powers: dict[int, Poly], log: Poly, delta: Poly, mirrored: bool) -> None:
    if mirrored:
        turn = {"x": 1 - X}
        powers = {k: p.substitute(turn) for k, p in powers.items()}
        log, delta = log.substitute(turn), delta.substitute(turn)
    assert certified(powers, log, delta, "x") == integrate(powers, log, delta)


@pytest.mark.parametrize(
    "delta", [Y**2 + RHO * (1 - X), Y**2 + RHO * (1 - X) + ZETA * (X - Y), Y**2 + RHO * (1 - Y)]
)
def test_two_parameters(delta: Poly) -> None:
    powers, log = {1: X * Y**2 - 3 * Y**3, 0: X}, X * Y - 2 * X
    assert certified_simplex(powers, log, delta) == integrate_simplex(powers, log, delta)


def _planted(found: Antiderivative) -> Iterator[Antiderivative]:
    small = constant(1) / 10**30
    for k, top in found.powers.items():
        yield replace(found, powers={**found.powers, k: top + small * gen(found.variable)})
    for place, (argument, factor) in enumerate(found.logs):
        logs = list(found.logs)
        logs[place] = (argument, factor + small)
        yield replace(found, logs=tuple(logs))
        logs[place] = (argument + small, factor)
        yield replace(found, logs=tuple(logs))
    yield replace(found, arc=found.arc + small)
    yield replace(found, divisor=found.divisor * (1 + small))
    yield replace(found, divisor=0 * found.divisor)
    yield replace(found, base=found.base + small)


@pytest.mark.parametrize("delta", [DELTA, X * (X + RHO)])
def test_planted_errors_are_refused(delta: Poly) -> None:
    powers, log = {2: X**5 * RHO, 1: X**2 - X, 0: X**3}, X - NU
    found = antiderivative(powers, log, delta, "x")
    assert found.verifies(powers, log)
    for wrong in _planted(found):
        assert not wrong.verifies(powers, log)
    assert not found.verifies({**powers, 1: powers[1] + 1}, log)
    assert not found.verifies(powers, log + 1)


def test_planted_errors_over_the_simplex_are_refused() -> None:
    powers, log = {1: X * Y**2, 0: X}, X * Y
    found = across(powers, log, Y**2 + RHO * (1 - X) + ZETA * (X - Y))
    assert found.verifies(powers, log)
    assert not any(wrong.verifies(powers, log) for wrong in _planted(found))


def test_an_end_without_a_limit_is_refused() -> None:
    with pytest.raises(ArithmeticError, match="diverges"):
        certified({1: constant(1)}, 0 * X, X * (X + RHO), "x")
    pole = Antiderivative("x", X * (X + RHO), X, {1: constant(1)}, (), constant(0), constant(1))
    with pytest.raises(ArithmeticError, match="pole at an end"):
        pole.between()
    wrong = Antiderivative("x", 2 * DELTA, 2 * DELTA, {}, (), constant(1), constant(1))
    with pytest.raises(ArithmeticError, match="not the function T"):
        wrong.between()


def test_a_closed_form_without_a_certificate_is_enclosed_and_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from g2sym.errors import CheckFailed
    from g2sym.proofs import integrals as proofs
    from g2sym.queries.closed import confirmed_closed_form

    monkeypatch.setattr(proofs, "certified", lambda *given: None)
    proofs._proved_once.cache_clear()
    moment = g2.load_model("dark_photon").anomalous_moment("mu")
    term = moment.contributions["one-loop"].terms[0]
    proof = prove_closed_form(term.integral)
    assert proof.verdict == "enclosed"
    assert "3 random rational points, 57 digits" in proof.method
    with pytest.raises(CheckFailed, match="is enclosed"):
        confirmed_closed_form(term)
    proofs._proved_once.cache_clear()


def test_quadrature_agrees_where_a_form_is_certified() -> None:
    """The certificate and the quadrature share nothing but the integrand."""
    from fractions import Fraction

    for kernel in (neutral_kernel((), (GAMMA5,), 0), neutral_kernel((BOSON,), (GAMMA5, BOSON), 1)):
        found = certified(dict(kernel.powers), kernel.log, kernel.delta, kernel.variables[0][0])
        assert found is not None
        values = {"rho": Fraction(7, 3), "nu": Fraction(9, 8)}
        closed = form_ball(found.scale(Frac.of(1, kernel.divisor)), values, 100)
        assert closed.overlaps(integrate_ball(kernel, values, 100))
