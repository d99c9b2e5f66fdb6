"""Expansions certified by identities: which pass, and what a planted error in each part of one does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.derive.assemble import neutral_kernel
from g2sym.derive.dirac import BOSON, GAMMA5
from g2sym.errors import CheckFailed, UnsupportedError
from g2sym.integrals import certificate, expansion, laurent
from g2sym.integrals.canonical import ClosedForm, integrate
from g2sym.integrals.certificate import arc_equation, certify
from g2sym.integrals.expansion import Expansion, expand, leading, toward, toward_mass
from g2sym.integrals.rational import Frac, constant, gen, zero
from g2sym.integrals.values import Value
from g2sym.kernels.confirmed import confirmed_expansion, freeze
from g2sym.kernels.remainder import fixed
from g2sym.queries.limits import kernels
from g2sym.queries.targets import Frame, read_target

F = Fraction
X, RHO, NU, ZETA = map(gen, ("x", "rho", "nu", "zeta"))
ONE = Frac.of(1)
SMALL = Value.rational(F(1, 10**30))
KERNELS = {
    "scalar": neutral_kernel((), (), 0).canonical,
    "axial": neutral_kernel((GAMMA5, BOSON), (GAMMA5, BOSON), 1).canonical,
}
EQUAL = {name: form.substitute({"nu": constant(1)}) for name, form in KERNELS.items()}
TWO = (
    integrate({1: X}, 0 * X, X**2 + RHO * (1 - X)) - integrate({1: X}, 0 * X, X**2 + ZETA * (1 - X))
).scale(Frac.of(1, ZETA - RHO))
PATHS = {
    "0": toward_mass(zero()),
    "oo": toward_mass("oo"),
    "M = m": toward_mass(ONE),
    "M = 2m": toward_mass(Frac.of(2)),
    "M = 2m from below": toward_mass(Frac.of(2), -1),
    "squared": toward("rho", zero()),
}

FERMION = {"m_F -> 0": toward("nu", zero()), "m_F -> oo": toward("nu", "oo"), "m_F -> m": toward("nu", ONE)}


def expansions() -> Iterator[tuple[str, ClosedForm, Expansion, tuple[Frac, ...]]]:
    for name in KERNELS:
        for where, path in PATHS.items():
            yield f"{name}, {where}", EQUAL[name], leading(EQUAL[name], path, 2), ()
            form = KERNELS[name]
            yield f"{name}, {where}, m_F", form, leading(form, path, 2), ()
        low = ONE - Frac.of(NU)  # the threshold M = m - m_F
        path = toward_mass(low)
        yield f"{name}, threshold", KERNELS[name], leading(KERNELS[name], path, 1, (low,)), (low,)
        for where, path in FERMION.items():
            yield f"{name}, {where}", KERNELS[name], leading(KERNELS[name], path, 2), ()
    for where in ("0", "oo"):
        yield f"two masses, {where}", TWO, leading(TWO, PATHS[where], 2), ()


EVERY = {name: rest for name, *rest in expansions()}


# the equation of T ------------------------------------------------------------------------------------
def test_the_equation_of_t() -> None:
    assert arc_equation()


@pytest.mark.parametrize(("d0", "d1"), [("2", "3"), ("0.3", "5"), ("1", "1"), ("0.01", "1")])
def test_the_equation_of_t_by_quadrature(d0: str, d1: str) -> None:
    """An independent integral, differentiated under the sign: L dT/dd + dL/dd T/2 = 2 - u/d."""
    with mpmath.workdps(30):
        a, b = mpmath.mpf(d0), mpmath.mpf(d1)

        def delta(x):
            return x**2 + (b - a - 1) * x + a

        t = mpmath.quad(lambda x: 1 / delta(x), [0, 0.5, 1])
        u = a + b - 1
        lam = u**2 - 4 * a * b
        for d, half, weight in ((a, u - 2 * b, lambda x: 1 - x), (b, u - 2 * a, lambda x: x)):
            slope = mpmath.quad(lambda x, w=weight: -w(x) / delta(x) ** 2, [0, 0.5, 1])
            assert abs(lam * slope + half * t - (2 - u / d)) < 1e-20


# what passes --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("extra", [0, 5])
def test_expansions_are_certified(name: str, extra: int) -> None:
    form, found, positive = EVERY[name]
    got = certify(form, found, positive, extra)
    assert got is not None
    assert got.order is not None
    assert found.end is not None
    assert got.order >= found.end


def test_an_expansion_that_ends_leaves_nothing() -> None:
    form = ClosedForm(Frac.of(RHO + 1, RHO), ((RHO, Frac.of(RHO)),))
    found = expand(form, PATHS["oo"], 4)
    assert found.end is None
    got = certify(form, found)
    assert got is not None
    assert got.order is None
    assert certify(form, replace(found, terms=found.terms[1:])) is None


@pytest.mark.parametrize("name", ["alp", "alp_electroweak", "scalar", "dark_photon", "axial_vector"])
def test_every_limit_of_the_bundled_models(name: str) -> None:
    """m -> 0, m -> oo and the special points that `check` states, for every kernel."""
    moment = g2.load_model(name).anomalous_moment("mu")
    known, seen = moment.values(), 0
    for mass in moment.quantity.masses - {"Lambda"}:
        for point in (0, "oo", "m_mu", "2*m_mu"):
            frame = Frame(moment.quantity.single, read_target(moment.quantity, mass, point), known, None)
            for term, _, path, positive in kernels(frame):
                form = frame.form(term)
                for end in (F(1, 2), F(5)):
                    assert certify(form, expand(form, path, end, positive), positive) is not None
                    seen += 1
    assert seen >= 8


# what does not ------------------------------------------------------------------------------------------
def altered(found: Expansion) -> Iterator[Expansion]:
    terms = list(found.terms)
    for place, (e, j, value) in enumerate(terms):
        before, after = terms[:place], terms[place + 1 :]
        yield replace(found, terms=(*before, (e, j, value + SMALL), *after))
        yield replace(found, terms=(*before, (e, j, -value), *after))
        yield replace(found, terms=(*before, (e, 1 - j, value), *after))
        yield replace(found, terms=(*before, (e + F(1, 2), j, value), *after))
        yield replace(found, terms=(*before, *after))
    assert found.end is not None
    yield replace(found, terms=(*terms, (found.end - F(1, 2), 0, SMALL)))
    yield replace(found, terms=(*terms, (found.end, 0, SMALL)))
    yield replace(found, end=found.end + F(1, 2))
    yield replace(found, end=None)


@pytest.mark.parametrize("name", EVERY)
def test_an_altered_series_is_refuted(name: str) -> None:
    form, found, positive = EVERY[name]
    for wrong in altered(found):
        assert certify(form, wrong, positive) is None


def test_a_series_without_its_condition_is_refused() -> None:
    form, found, positive = EVERY["scalar, threshold"]
    assert found.conditions
    assert certify(form, replace(found, conditions=()), positive) is None


def planted(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Alter the recurrences themselves, so that an expansion is wrong in a consistent way."""
    real = getattr(laurent.SeriesAlgebra, what)

    def wrong(self, *arguments):
        found = real(self, *arguments)
        series = found[0] if isinstance(found, tuple) else found
        if series.exact:
            return found
        last = series.coefficients[3] + Frac.of(constant(F(1, 10**20)))
        bent = replace(series, coefficients=(*series.coefficients[:3], last, *series.coefficients[4:]))
        return (bent, found[1]) if isinstance(found, tuple) else bent

    monkeypatch.setattr(laurent.SeriesAlgebra, what, wrong)


@pytest.mark.parametrize(
    ("what", "name", "where"),
    [
        ("power", "scalar", "0"),
        ("integrate", "scalar", "oo"),
        ("power", "axial", "M = m"),
        ("log", "scalar", "M = m"),
    ],
)
def test_a_wrong_recurrence_is_refuted(monkeypatch, what: str, name: str, where: str) -> None:
    planted(monkeypatch, what)
    form, path = EQUAL[name], PATHS[where]
    assert certify(form, expand(form, path, 6)) is None
    with pytest.raises(CheckFailed, match="certified"):
        confirmed_expansion.__wrapped__(form, freeze(path), F(6))


@pytest.mark.parametrize("where", ["0", "oo", "M = m"])
@pytest.mark.parametrize("wrong", [lambda k: -k, lambda k: k + SMALL, lambda k: k.scale(Frac.of(2))])
def test_a_wrong_initial_value_is_refuted(monkeypatch, where: str, wrong) -> None:
    real = expansion._constant
    monkeypatch.setattr(expansion, "_constant", lambda *given: wrong(real(*given)))
    # for equal masses it is 0 at infinity
    form, path = KERNELS["scalar"] if where == "oo" else EQUAL["scalar"], PATHS[where]
    assert certify(form, expand(form, path, 6)) is None


def test_a_wrong_residue_is_refuted(monkeypatch) -> None:
    """The factor of ln t in T as the mass grows."""
    real = laurent.SeriesAlgebra.integrate

    def wrong(self, a, offset):
        series, residue = real(self, a, offset)
        return series, residue * Frac.of(2)

    monkeypatch.setattr(laurent.SeriesAlgebra, "integrate", wrong)
    form = EQUAL["scalar"]
    assert certify(form, expand(form, PATHS["oo"], 6)) is None


@pytest.mark.parametrize(
    "form", [KERNELS["scalar"], ClosedForm(Frac.of(0), ((RHO + 3, ONE),))], ids=["kernel", "ln(3 + rho)"]
)
@pytest.mark.parametrize("wrong", [lambda value: Value(), lambda value: SMALL])
def test_a_wrong_logarithm_is_refuted(monkeypatch, form: ClosedForm, wrong) -> None:
    """The constant that a logarithm begins with."""
    path = toward("rho", Frac.of(5))
    assert certify(form, expand(form, path, 3)) is not None
    monkeypatch.setattr(expansion, "log_value", wrong)
    assert certify(form, expand(form, path, 3)) is None


def test_where_both_parts_of_delta_meet() -> None:
    """d0 = (1 + sqrt d1)^2 all along: T = 2/u, and nothing else."""
    form = integrate({1: constant(1)}, 0 * X, X**2 + (NU**2 - RHO - 1) * X + RHO)
    path = {"rho": {0: Frac.of(4), 1: Frac.of(4), 2: ONE}, "nu": {0: ONE, 1: ONE}}  # rho = (1 + nu)^2
    found = expand(form, path, 4)
    assert certify(form, found) is not None
    assert all(certify(form, wrong) is None for wrong in altered(found))


def test_above_threshold_is_refused() -> None:
    form = fixed(KERNELS["scalar"], {"nu": F(1, 2)})
    with pytest.raises(UnsupportedError, match="threshold"):
        certify(form, Expansion(PATHS["0"], (), F(1)))


def test_the_equation_is_asked_for(monkeypatch) -> None:
    form, found, positive = EVERY["scalar, oo"]
    monkeypatch.setattr(certificate, "arc_equation", lambda: False)
    assert certify(form, found, positive) is None


small = st.integers(-5, 5)


@settings(max_examples=40, deadline=None)
@given(
    top=st.lists(small, min_size=1, max_size=4),
    log=st.lists(small, min_size=0, max_size=2),
    nu=st.fractions(F(1, 8), 6, max_denominator=12),
    where=st.sampled_from(["0", "oo", "M = m", "M = 2m", "squared"]),
    end=st.fractions(F(1, 2), 7, max_denominator=2),
    data=st.data(),
)
def test_random_integrals(top, log, nu, where, end, data) -> None:
    """int_0^1 p(x)/Delta + l(x) ln Delta, any polynomials: certified, and refuted with a coefficient off."""
    delta = X**2 + RHO * (1 - X) + (constant(nu) ** 2 - 1) * X
    form = integrate(
        {1: sum((c * X**k for k, c in enumerate(top)), 0 * X)},
        sum((c * X**k for k, c in enumerate(log)), 0 * X),
        delta,
    )
    try:
        found = expand(form, PATHS[where], end)
    except UnsupportedError:  # above threshold
        return
    assert certify(form, found) is not None
    if found.terms:
        place = data.draw(st.integers(0, len(found.terms) - 1))
        e, j, value = found.terms[place]
        bent = (*found.terms[:place], (e, j, value + SMALL), *found.terms[place + 1 :])
        assert certify(form, replace(found, terms=bent)) is None
