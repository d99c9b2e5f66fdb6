"""Work is counted in every open scope, and refused with its place."""

import pytest

from g2sym.base import meter
from g2sym.base.coefficients import Coefficient
from g2sym.base.meter import ExpansionError, exhausted, metered, spend
from g2sym.errors import ModelError
from g2sym.inputs import load_inputs
from g2sym.lagrangian.declaring import declare
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.grammar import parse_coefficient
from g2sym.lagrangian.parameters import Parameter
from g2sym.observables.values import Values


def test_nothing_is_counted_outside():
    spend(10**9)
    assert not exhausted()


def test_inner_and_outer_scopes_both_count():
    with metered(100):
        with metered(60):
            spend(50)
        with pytest.raises(ExpansionError, match="too many terms"), metered(30):
            spend(40)
        assert not exhausted()  # the inner one was, and is gone
        with pytest.raises(ExpansionError), metered(1000):
            spend(20)
        assert exhausted()
    assert not exhausted()
    assert meter._METER.left == []


def test_the_innermost_place_is_said_once():
    with (
        pytest.raises(ExpansionError, match=r"^here: the couplings"),
        metered(10, "there"),
        metered(5, "here"),
    ):
        spend(6)
    with pytest.raises(ExpansionError, match=r"^there: "), metered(10, "there"), metered():
        spend(11)


def test_sums_and_products_are_counted():
    x, y = Coefficient.symbol("x"), Coefficient.symbol("y")
    with pytest.raises(ExpansionError), metered(10_000):
        (x + y + 1) ** 40
    with metered(10_000):
        assert len(((x + y + 1) ** 12).numerator) == 91
    with pytest.raises(ExpansionError), metered(1000):
        ((x + y + 1) ** 12).to_sympy()


@pytest.fixture
def nested():
    """p0 = (p1 + q)^8, p1 = (p2 + q)^8, p2 = (r + q)^8: of degree 512 in q."""
    names = ("p0", "p1", "p2", "q", "r")
    powers = {"p0": "(p1+q)^8", "p1": "(p2+q)^8", "p2": "(r+q)^4"}
    parameters = [
        Parameter(name=n, default=parse_coefficient(powers[n], names) if n in powers else None) for n in names
    ]
    return parameters


def test_defaults_are_put_in_numbers_first(nested):
    small = [p for p in nested if p.name != "p0"]
    field = Field(name="s", spin=0, charge=0, mass="m_s", parity=1, self_conjugate=True)
    own = declare("-p1*s*bar(mu)*mu", fields=[field], parameters=small)
    known = Values.read(own, load_inputs(), {"q": "1/10", "r": "2/10"})
    with metered(2000):  # p1 alone has 561 terms as a polynomial
        assert (
            known.expand(Coefficient.symbol("p1"))
            == ((Coefficient.number(3) / 10) ** 4 + Coefficient.number(1) / 10) ** 8
        )
        kept = known.expand(Coefficient.symbol("p1"), frozenset(("p2",)))
    assert kept == (Coefficient.symbol("p2") + Coefficient.number(1) / 10) ** 8


def test_a_declaration_that_expands_too_far_is_refused(nested):
    field = Field(name="s", spin=0, charge=0, mass="m_s", parity=1, self_conjugate=True)
    with pytest.raises(ModelError, match=r"too large|beyond 64"):
        declare("-p0*s*bar(mu)*mu", fields=[field], parameters=nested)
