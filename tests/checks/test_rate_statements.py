"""Statements about widths and cross-sections, also where they have to fail, and what model files expect."""

from __future__ import annotations

from pathlib import Path

import pytest

import g2sym as g2
from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.checks import rates
from g2sym.checks.expectations import expectation
from g2sym.checks.rate_algebra import Bound, derivative, is_zero
from g2sym.checks.run import check_observable
from g2sym.checks.table import CheckTable
from g2sym.errors import ModelError
from g2sym.integrals.rational import Frac, constant

CP_MIXED = """
schema = 1
name = "cp"
lagrangian = '''
-gS*s*bar(mu)*mu - I*gP*s*bar(mu)*gamma5*mu - c/4*s*F(A, al, be)*F(A, al, be)
- ct/4*s*F(A, al, be)*Fdual(A, al, be)
- z/2*s*F(A, al, be)*F(Z, al, be) - zt/2*s*F(A, al, be)*Fdual(Z, al, be)
'''
[fields.s]
spin = 0
charge = 0
self_conjugate = true
mass = "m_s"
[parameters]
gS = { dimension = 0 }
gP = { dimension = 0 }
c = { dimension = -1 }
ct = { dimension = -1 }
z = { dimension = -1 }
zt = { dimension = -1 }
Lambda = { dimension = 1, default = 1000 }
"""


def table(model: str | Path, name: str) -> CheckTable:
    return check_observable(g2.load_model(model).observable(name))


def statements(found: CheckTable, start: str) -> list[str]:
    return [row.proof.verdict for row in found if row.proof.statement.startswith(start)]


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("alp", "sigma(mu bar(mu) -> A a)"),
        ("scalar", "sigma(e bar(e) -> A s)"),
        ("dark_photon", "sigma(e bar(e) -> A Ap)"),
        ("axial_vector", "dsigma(e bar(e) -> A Ap)"),
    ],
)
def test_identities_of_production(model: str, name: str) -> None:
    found = table(model, name)
    assert found.verdict == "proved"
    for start in ("Ward identity", "sigma is the integral of dsigma", "soft photon"):
        assert statements(found, start) == ["proved"]
    scalar = model in ("alp", "scalar")
    assert len(statements(found, "Z peak")) == (2 if scalar else 0)
    assert len(statements(found, "the derivative coupling and the Yukawa")) == (1 if model == "alp" else 0)


def test_a_scalar_of_no_parity(tmp_path: Path) -> None:
    """Its two structures interfere through the Z: strings that become equal must be added in the trace."""
    (tmp_path / "cp.toml").write_text(CP_MIXED)
    found = table(tmp_path / "cp.toml", "sigma(mu bar(mu) -> A s)")
    assert found.verdict == "proved"


def test_decays() -> None:
    assert statements(table("alp", "Gamma(a -> A Z)"), "Gamma(a -> A Z) is 2") == ["proved"]
    assert statements(table("alp", "Gamma(a -> mu bar(mu))"), "threshold") == ["proved"]
    for name in ("Gamma(Ap)", "BR(Ap -> e bar(e))", "lifetime(Ap)"):
        assert statements(table("dark_photon", name), "Gamma(Ap) is the sum") == ["proved"]
    whole = table("dark_photon", "Gamma(Ap -> e bar(e))/Gamma(Ap -> mu bar(mu))")
    assert whole.verdict == "proved"


def test_wrong_amplitudes_are_disproved(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one of the two diagrams of emission left out, no identity holds."""
    right = rates.amplitude

    def wrong(*arguments: object) -> tuple[object, ...]:
        pieces, *rest = right(*arguments)  # type: ignore[arg-type]
        return pieces[1:], *rest

    monkeypatch.setattr(rates, "amplitude", wrong)
    assert statements(table("dark_photon", "sigma(e bar(e) -> A Ap)"), "Ward identity") == ["disproved"]


def test_sums_that_are_not_zero() -> None:
    sigma = g2.load_model("alp").observable("sigma(mu bar(mu) -> A a)").quantity.single
    assert sigma is not None
    every = [Bound.of(term) for term in sigma.terms]
    turned = [one.times(Frac.of(-1)) for one in every]
    assert is_zero([*every, *turned])
    assert not is_zero([*every, *turned[1:]])
    assert not is_zero([*every, *(one.times(Frac.of(constant(1) / 2), 2) for one in every)])
    assert is_zero([one.times(Frac.of(1), Coefficient.number(0)) for one in every])


def test_derivative_of_a_logarithm() -> None:
    """Against differences of certified values."""
    from fractions import Fraction

    from g2sym.kernels.elementary import ElementaryValues

    sigma = g2.load_model("dark_photon").observable("sigma(mu bar(mu) -> A Ap)").quantity.single
    assert sigma is not None
    function = Bound.of(sigma.terms[0]).function
    slope = derivative(function, "c_max")
    at = {"w": Fraction(1), "m": Fraction(1, 10), "M": Fraction(3, 10), "c_max": Fraction(3, 5)}
    step = Fraction(1, 10**20)
    with working_precision(400):
        near = ElementaryValues(function).ball({**at, "c_max": at["c_max"] + step}, 300)
        far = ElementaryValues(function).ball({**at, "c_max": at["c_max"] - step}, 300)
        want = ElementaryValues(slope).ball(at, 300)
        quotient = (near - far) * 10**20 / 2
        assert abs(float((quotient / want - 1) * 10**30)) < 10**-6  # the error is of order step^2


# expectations -------------------------------------------------------------------------------------
def expected(*stated: tuple[str, str, str], **given: object) -> list[str]:
    model = g2.load_model("alp")
    wanted = [expectation(at, value, observable=name, **given) for name, at, value in stated]
    found = g2.check(model, "mu", wanted)
    return [row.proof.verdict for row in found if row.proof.statement.startswith("expected: ")]


def test_what_users_expect_of_rates() -> None:
    width, muons = "Gamma(a -> A A)", "Gamma(a -> mu bar(mu))"
    assert expected(
        (width, "", "g_agg^2*m_a^3/(64*pi)"),
        (width, "", "g_agg^2*m_a^3/(63*pi)"),
        (muons, "", "g_aff^2*sqrt(m_a^2 - 4*m_mu^2)/(8*pi)"),
        (muons, "m_a -> oo", "g_aff^2*m_a/(8*pi)"),
        (muons, "m_a -> oo", "g_aff^2*m_a/(8*pi) - g_aff^2*m_mu^2/(4*pi*m_a)"),
        (muons, "m_a -> 2*m_mu", "0"),
        (muons, "m_a -> 2*m_mu", "1"),
        ("Gamma(a -> A A)/Gamma(a -> mu bar(mu))", "m_a -> 2*m_mu", "1"),
    ) == ["proved", "disproved", "proved", "proved", "proved", "proved", "disproved", "disproved"]
    assert expected((width, "", "g_agg^2/(8*pi)"), m_a=2) == ["proved"]


def test_bad_expectations() -> None:
    with pytest.raises(ModelError, match="no width or cross-section"):
        expected(("a(mu)", "m_a -> 0", "1"))
    with pytest.raises(ModelError, match="observable"):
        expected(("Gamma(nope -> A A)", "", "1"))
    with pytest.raises(ModelError, match="cannot hold m_a itself"):
        expected(("Gamma(a -> mu bar(mu))", "m_a -> 2*m_mu", "m_a"))
    with pytest.raises(ModelError):
        expected(("Gamma(a -> A A)", "m_a 0", "1"))


def test_tables_of_model_files(tmp_path: Path) -> None:
    text = (
        CP_MIXED
        + """
[[expect]]
observable = "Gamma(s -> A A)"
value = "(c^2 + ct^2)*m_s^3/(64*pi)"

[[expect]]
observable = "sigma(mu bar(mu) -> A s)"
at = "m_s -> sqrt_s"
value = "0"
gS = 0
gP = 0
z = 0
zt = 0
cos_max = 1
"""
    )
    (tmp_path / "cp.toml").write_text(text)
    found = g2.check(g2.load_model(tmp_path / "cp.toml"), "mu")
    assert [r.proof.verdict for r in found if r.proof.statement.startswith("expected: ")] == ["proved"] * 2
