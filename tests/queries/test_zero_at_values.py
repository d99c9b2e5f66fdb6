"""Sums that vanish only where masses have equal values: of two mediators, or of two fermions in the loop."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product
from math import acos, log, prod

import numpy as np
import pytest

import g2sym as g2
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.cli import main
from g2sym.errors import G2symError, UsageError
from g2sym.kernels.kernel import Kernel
from g2sym.lagrangian import declare
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.parameters import Parameter
from g2sym.observables.zero import _coprime, _multiplicity, _Total, vanishes_at, without_vanishing

MUON = "0.1056583755"


def _model(text: str, fields: dict[str, Fraction | int], *couplings: str, **defaults: str) -> g2.Model:
    made = [
        Field(
            name=name, spin=Fraction(spin), charge=Fraction(-1 if spin == Fraction(1, 2) else 0),
            mass=f"m_{name}", self_conjugate=spin != Fraction(1, 2),
        )
        for name, spin in fields.items()
    ]  # fmt: skip
    free = [Parameter(name=name) for name in couplings]
    return g2.Model(declare(text, fields=made, parameters=free))


def two_bosons(sign: int = 1) -> g2.Observable:
    """p couples by its derivative, q by its Yukawa coupling: on shell the same, up to the sign."""
    text = (
        "-g*p*bar(mu)*mu - h/(2*m_mu)*d(al,p)*bar(mu)*gamma5*gamma(al)*mu - g*q*bar(mu)*mu "
        f"+ {sign}*I*k*q*bar(mu)*gamma5*mu"
    )
    return _model(text, {"p": 0, "q": 0}, "g", "h", "k").electric_dipole("mu")


def two_fermions() -> g2.Observable:
    """A muon and an N of the muon's mass in the loop: other kernels, the same numbers."""
    text = "-s*bar(mu)*(a + I*b*gamma5)*mu + (-s*bar(mu)*(c + I*k*gamma5)*N + hc)"
    return _model(text, {"s": 0, "N": Fraction(1, 2)}, "a", "b", "c", "k").electric_dipole("mu")


def derivative() -> g2.Observable:
    """On shell the derivative and the Yukawa coupling of a cancel; what is left comes from b."""
    text = "-g/(2*m_mu)*d(al,a)*bar(mu)*gamma5*gamma(al)*mu + I*h*a*bar(mu)*gamma5*mu - k*b*bar(mu)*mu"
    return _model(text, {"a": 0, "b": 0}, "g", "h", "k").anomalous_moment("mu")


@pytest.mark.parametrize("mass", ["0.3", 0, MUON, "0.211316751", "1e-9", "1e9", "1/3"])
def test_two_mediators_of_one_mass(mass: object) -> None:
    values = {"g": 1, "h": "1/3", "k": "1/3", "m_p": mass, "m_q": mass}
    found = two_bosons().evaluate(20, values)
    assert (found.ball.midpoint, found.ball.radius) == (0, 0)
    double = two_bosons(-1).evaluate(20, values)
    single = two_bosons().evaluate(20, {**values, "k": 0})
    assert Fraction(str(double)) == pytest.approx(2 * Fraction(str(single)), rel=1e-15)


def test_masses_that_are_nearly_equal() -> None:
    values = {"g": 1, "h": "1/3", "k": "1/3", "m_p": "0.3", "m_q": "0.3000000000000000000000000001"}
    found = two_bosons().evaluate(20, values)
    assert found.ball.sign in (-1, 1)
    assert abs(float(found)) < 1e-27


def test_an_internal_fermion_as_heavy_as_the_muon() -> None:
    values = {"a": 1, "b": "-1/2", "c": 1, "k": "1/2", "m_s": "0.3"}
    assert two_fermions().evaluate(20, values, m_N=MUON).ball.radius == 0
    assert str(two_fermions().evaluate(20, values, m_N=MUON)) == "0"
    assert two_fermions().evaluate(20, values, m_N="0.2").ball.sign == 1
    assert two_fermions().evaluate(20, {**values, "b": "1/2"}, m_N=MUON).ball.sign == -1


def test_arrays_and_scans() -> None:
    bosons, fixed = two_bosons(), {"g": 1, "h": "1/3", "k": "1/3"}
    p, q = np.array([0.25, 0.25, 0.5]), np.array([0.25, 0.5, 0.5])
    for found in (
        bosons.lambdify()(fixed, m_p=p, m_q=q),
        g2.scan(bosons, g2.Points.of({"m_p": p, "m_q": q}), params=fixed)["value"],
    ):
        assert (found == 0).tolist() == [True, False, True]
    fermions = two_fermions().lambdify()
    values = {"a": 1.0, "b": np.array([-0.5, 0.5]), "c": 1, "k": "1/2", "m_s": "0.3", "m_N": MUON}
    assert (fermions(values) == 0).tolist() == [True, False]


def test_a_denominator_that_vanishes_at_equal_masses() -> None:
    text = (
        "-g*p*bar(f)*f - h/(2*m_f)*d(al,p)*bar(f)*gamma5*gamma(al)*f - g*q*bar(f)*f + I*k*q*bar(f)*gamma5*f"
    )
    model = _model(text, {"p": 0, "q": 0}, "g", "h", "k")
    quotient = model.observable("a(mu)/d(mu)")
    values = {"g": 1, "h": "1/3", "k": "1/3", "m_p": "0.3"}
    with pytest.raises(UsageError, match="d_mu/e is zero at these values"):
        quotient.evaluate(10, values, m_q="0.3")
    assert quotient.evaluate(10, values, m_q="0.4").ball.sign is not None


def test_bounds_at_equal_masses() -> None:
    for coefficient in two_bosons().polynomial_in("g", {"h": 1, "k": 1, "m_p": "0.3", "m_q": "0.3"})(128):
        assert coefficient.is_zero()


FIXED = {"g": "1/3", "h": "1/3"}


def test_a_map_of_what_is_left() -> None:
    """The map with a's couplings is that without them."""
    plane = ("m_b", "1e-3", 10), ("k", "1e-5", 1)
    found = g2.exclusion_map(derivative(), *plane, "muon-2025", resolution=32, params=FIXED, m_a=1)
    alone = g2.exclusion_map(derivative(), *plane, "muon-2025", resolution=32, g=0, h=0, m_a=1)
    assert found.areas == alone.areas
    assert found.areas["allowed"] > 0
    moving = g2.exclusion_map(
        derivative(), ("m_a", "1e-3", 10), ("k", "1e-5", 1), "muon-2025", resolution=32, params=FIXED, m_b=1
    )
    assert moving.areas["undecided"] < Fraction(1, 10)
    for k in (1e-4, 1e-2):
        value = float(derivative().evaluate(17, FIXED, m_a=1, m_b=1, k=k))
        allowed = abs(value) <= 2 * 63.7e-11
        assert {moving.state(m, k) for m in (0.01, 0.5, 9.0)} == {"allowed" if allowed else "excluded"}


def test_scans_and_counts_of_what_is_left() -> None:
    grid = {"m_a": np.geomspace(1e-3, 10, 500)}
    nothing = g2.scan(derivative(), grid, "muon-2025", params=FIXED, k=0, m_b=1)
    assert not nothing["delta_a"].any()
    assert (nothing["verdict"] == 1).all()
    windows = g2.scan(derivative(), grid, "muon-2025", on="k", params=FIXED, m_b=1)["windows"]
    (alone,) = g2.bound(derivative(), "k", "muon-2025", g=0, h=0, m_a=1, m_b=1).rows[0].windows
    assert np.allclose(windows[:, 0], [float(end) for end in alone], rtol=1e-12)
    counted = g2.count_excluded(derivative(), {**grid, "k": [1e-4, 1.0]}, "muon-2025", params=FIXED, m_b=1)
    assert (counted.on, counted.allowed, counted.excluded) == ("k", 500, 500)


def test_bounds_on_a_mass_of_what_is_left() -> None:
    rest = {**FIXED, "m_a": 1, "k": "1e-3"}
    bound = g2.bound(derivative(), "m_b", "muon-2025", interval=("0.01", 10), params=rest)
    alone = g2.bound(derivative(), "m_b", "muon-2025", interval=("0.01", 10), params={**rest, "g": 0, "h": 0})
    assert bound.rows[0].text(15) == alone.rows[0].text(15)
    for rest in ({**FIXED, "k": 0}, {"g": 0, "h": 0, "k": 0}):  # constant: zero is allowed
        found = g2.bound(derivative(), "m_a", "muon-2025", interval=("0.01", 10), params=rest, m_b=1)
        assert found.rows[0].text(3) == "[0.01, 10]"
        with pytest.raises(UsageError, match="does not depend on m_a at these values"):
            derivative().zeros("m_a", ("0.01", 10), params=rest, m_b=1)


def test_limits_where_two_masses_are_given_one_value() -> None:
    fixed = {"h": 1, "k": 1, "m_p": "0.3", "m_q": "0.3"}
    bosons = two_bosons()
    assert (
        without_vanishing(
            bosons.quantity.single.terms, bosons.values(fixed), frozenset({"g", *bosons.inputs})
        )
        == []
    )
    other = bosons.values({**fixed, "m_q": "0.4"})
    kept = without_vanishing(bosons.quantity.single.terms, other, frozenset({"g", *bosons.inputs}))
    assert len(kept) == len(bosons.quantity.single.terms)


def test_the_shift_of_an_input_that_a_coupling_of_zero_hides() -> None:
    """With g_agg = 0 nothing depends on m_Z: no shift of zero is looked for."""
    found = g2.load_model("alp").anomalous_moment("mu").input_uncertainty(m_a=1, g_aff="1e-3", g_agg=0)
    assert "m_Z" not in found.shifts
    assert "m_mu" in found.shifts


def test_squares_of_symbols_at_values() -> None:
    sin, cos, charge, pi = map(Coefficient.symbol, ("sin_w", "cos_w", "e_em", "pi"))
    angle = Coefficient.number(Fraction(1, 4))
    squares = {"cos_w": 1 - angle, "sin_w": angle, "e_em": 4 * pi / 137}
    assert vanishes(sin**2 - Fraction(1, 4), squares)
    assert vanishes(cos**2 * sin - sin * Fraction(3, 4), squares)
    assert vanishes(charge**4 - 16 * pi**2 / 137**2, squares)
    assert vanishes((charge**3 * sin**3 - charge * sin * pi / 137) / cos, squares)
    assert not vanishes(sin * cos - Fraction(3, 16), squares)
    assert not vanishes(charge - 2, squares)
    assert not vanishes(sin**2 - Fraction(1, 4))
    assert vanishes(sin**2 + cos**2 - 1)


def test_a_coupling_that_is_the_square_of_an_input() -> None:
    """The sum vanishes since sin_w^2 has the value of the coupling."""
    text = "I*(sin_w^2 - h)*a*bar(mu)*gamma5*mu - k*a*bar(mu)*mu"
    moment = _model(text, {"a": 0}, "h", "k").electric_dipole("mu")
    assert str(moment.evaluate(10, h="0.23122", k=1, m_a=1)) == "0"
    assert moment.evaluate(10, h="0.23121", k=1, m_a=1).ball.sign is not None


@pytest.mark.parametrize(
    "numbers", [(12, 18, 5), (1, 1), (2**40 * 3**20, 6**15, 9), (101 * 103, 103 * 107, 107 * 101), (49, 7)]
)
def test_coprime_bases(numbers: tuple[int, ...]) -> None:
    bases = _coprime(numbers)
    for first, second in product(bases, bases):
        assert first == second or np.gcd(first, second) == 1
    for number in numbers:
        assert prod(base ** _multiplicity(Fraction(number), base) for base in bases) == number
        assert prod(Fraction(base) ** _multiplicity(Fraction(1, number), base) for base in bases) == Fraction(
            1, number
        )


def test_huge_masses_are_not_factored() -> None:
    """Logarithms are compared by coprime integers: primes of a thousand digits are never looked for."""
    mass = Fraction(10**500 + 961, 10**500 - 1)
    values = {"g": 1, "h": "1/3", "k": "1/3", "m_p": mass, "m_q": mass}
    assert str(two_bosons().evaluate(10, values)) == "0"
    terms = two_fermions().quantity.single.terms
    known = two_fermions().values({"a": 1, "b": "-1/2", "c": 1, "k": "1/2", "m_s": mass, "m_N": MUON})
    assert vanishes_at(terms, known)
    other = two_fermions().values({"a": 1, "b": "-1/2", "c": 1, "k": "1/2", "m_s": mass, "m_N": mass})
    assert not vanishes_at(terms, other)


def test_the_command_line(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "two.toml"
    path.write_text(
        'schema = 1\nname = "two"\ntitle = "t"\n'
        'lagrangian = "-g*p*bar(mu)*mu - h/(2*m_mu)*d(al,p)*bar(mu)*gamma5*gamma(al)*mu - g*q*bar(mu)*mu '
        '+ I*h*q*bar(mu)*gamma5*mu"\n'
        + "".join(f'[fields.{n}]\nspin = 0\ncharge = 0\nmass = "m_{n}"\n' for n in "pq")
        + "".join(f"[parameters.{n}]\ndimension = 0\n" for n in "gh")
    )
    words = ["eval", str(path), "--observable", "d(mu)", "--set=g=1", "--set=h=1", "--set=m_p=1"]
    assert main([*words, "--set=m_q=1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == "0"
    assert main([*words, "--set=m_q=2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] != "0"


def test_what_is_not_decided_is_not_called_zero() -> None:
    """At a removable pole the exact sum has no value: it is left to the balls."""
    moment = g2.load_model("alp").anomalous_moment("mu")
    known = moment.values({"m_a": "91.1876", "g_aff": 1, "g_agg": 1})
    assert not vanishes_at(moment.quantity.single.terms, known)
    with pytest.raises(G2symError):
        moment.evaluate(10, g_aff=1, g_agg=1)


@pytest.mark.parametrize(
    ("m_s", "m_N"),
    [
        ("0.3", "0.2"),
        ("0.02", "0.01"),
        ("0.01", "0.09"),
        ("1/3", MUON),
        ("0.05", "0.03"),
        ("0.4", "0.001"),
        ("0.26414593875", MUON),
    ],
)
def test_a_kernel_in_its_parts_is_the_kernel(m_s: str, m_N: str) -> None:
    """The rational part, logarithms and T add up to the ball, below and above threshold."""
    text = "s*bar(mu)*(yL*PL + yR*PR)*N + hc"
    moment = _model(text, {"s": 0, "N": Fraction(1, 2)}, "yL", "yR").anomalous_moment("mu")
    known = moment.values({"m_s": m_s, "m_N": m_N, "yL": 1, "yR": 1})
    for term in moment.quantity.single.terms:
        parts = _Total(known)
        parts.add(term, Coefficient.number(1))
        total = _number(parts.plain)
        total += sum(_number(c) * log(x) for x, c in parts.logs)
        total += sum(_number(c) * _arc(*key[1:]) for key, c in parts.others.items())
        ratios = term.masses.exact_ratios(known.exact)
        ball = Kernel.of(term.integral).finite_part(ratios, 64)
        assert total == pytest.approx(float(ball.mid()), rel=1e-9)


def _number(coefficient: Coefficient) -> float:
    return float(coefficient.numerator[0][1][0]) if coefficient.numerator else 0.0


def _arc(first: Fraction, second: Fraction) -> float:
    """T where the discriminant is negative: 2 arccos(u/(2 sqrt(q)))/sqrt(4 q - u^2)."""
    u, q = first + second - 1, first * second
    size = float(u * u - 4 * q)
    if size < 0:
        return 2 * acos(float(u) / (2 * float(q) ** 0.5)) / (-size) ** 0.5
    return log((float(u) + size**0.5) ** 2 / (4 * float(q))) / size**0.5


def test_logarithms_are_compared() -> None:
    known = two_bosons().values({})
    half = Coefficient.symbol("g") / 2
    total = _Total(known)
    total.log(Fraction(4, 9), half)
    total.log(Fraction(3, 2), 2 * half)
    assert total.of([])
    total.log(Fraction(5), half)
    assert not total.of([])
    total.log(Fraction(-1, 5), half)  # ln|x|
    assert total.of([])


def test_a_mass_that_moves_does_not_take_its_default() -> None:
    """The sum is zero where m_p has its default, 0.3, and nowhere else."""
    text = "-g*p*bar(mu)*mu - h/(2*m_mu)*d(al,p)*bar(mu)*gamma5*gamma(al)*mu - g*q*bar(mu)*mu"
    fields = [
        Field(name=n, spin=Fraction(0), charge=Fraction(0), mass=f"m_{n}", self_conjugate=True) for n in "pq"
    ]
    free = [Parameter(name=n) for n in "gh"]
    free.append(Parameter(name="m_p", dimension=1, default=Coefficient.number(Fraction(3, 10))))
    declared = declare(f"{text} + I*h*q*bar(mu)*gamma5*mu", fields=fields, parameters=free)
    dipole = g2.Model(declared).electric_dipole("mu")
    fixed = {"g": 1, "h": 1, "m_q": "0.3"}
    assert str(dipole.evaluate(10, fixed)) == "0"
    found = g2.scan(dipole, {"m_p": [0.2, 0.5, 1.0]}, params=fixed)["value"]
    assert (found != 0).all()
