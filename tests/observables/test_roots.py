"""Square roots of inputs and parameters in couplings and defaults, in every query."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import g2sym as g2
from g2sym.base.coefficients import Coefficient
from g2sym.cli import main
from g2sym.errors import InputError, InvalidPointsWarning, UsageError
from g2sym.lagrangian import Parameter, new_field, parse_declaration
from tests.cases import CASES, inputs

ELECTROWEAK = '''
schema = 1
name = "electroweak"
lagrangian = """
(g_W/sqrt(2)*W(al)*bar({nu})*gamma(al)*PL*{l} + hc)
+ g_W/c_w*Z(al)*bar({l})*gamma(al)*(s2 - 1/4 + 1/4*gamma5)*{l}
- {m}/v*h*bar({l})*{l}
"""
[conventions]
standard_model = "absent"
[fields.h]
spin = 0
[parameters.g_W]
dimension = 0
default = "sqrt(4*sqrt(2)*G_F)*m_W"
[parameters.v]
dimension = 1
default = "1/sqrt(sqrt(2)*G_F)"
[parameters.s2]
dimension = 0
default = "1 - m_W^2/m_Z^2"
[parameters.c_w]
dimension = 0
default = "sqrt(1 - s2)"
'''
GIVEN = {"G_F": "1.1663788e-5", "m_W": "80.377", "m_Z": "91.1876"}
CASE = {case["id"]: case for case in CASES}
ROOTED = '''
schema = 1
name = "rooted"
lagrangian = """
-sqrt(1 - s2)*y*h*bar(f)*f
- sqrt(x/2)*a*I*bar(f)*gamma5*f
- k*sqrt(m_f*m_tau)/v*h*bar(f)*f
"""
[fields.h]
spin = 0
[fields.a]
spin = 0
[parameters.y]
dimension = 0
[parameters.s2]
dimension = 0
[parameters.x]
dimension = 0
[parameters.k]
dimension = 0
default = 0
[parameters.v]
dimension = 1
default = "1/sqrt(sqrt(2)*G_F)"
'''
POINT = {"y": "0.01", "s2": "0.2", "x": "1e-4", "m_h": 1, "m_a": 2}


def without(*names: str) -> dict[str, Any]:
    return {n: v for n, v in POINT.items() if n not in names}


@pytest.fixture(scope="module")
def electroweak() -> g2.Model:
    text = ELECTROWEAK.format(nu="nu_mu", l="mu", m="m_mu")
    return g2.Model(parse_declaration(text.encode(), "electroweak"), GIVEN)


@pytest.fixture(scope="module")
def rooted() -> g2.Model:
    return g2.Model(parse_declaration(ROOTED.encode(), "rooted"))


@pytest.fixture(scope="module")
def amm(rooted: g2.Model) -> Any:
    return rooted.anomalous_moment("mu")


@pytest.mark.parametrize("case", ["E-WZH-mu", "E-W-mu", "E-Z-mu", "E-H-mu"])
def test_w_z_and_higgs_with_their_couplings_from_the_fermi_constant(electroweak: g2.Model, case: str) -> None:
    """Against couplings given to 70 digits."""
    assert inputs(CASE[case])["m_W"] == GIVEN["m_W"]
    apart = {"E-W-mu": "W", "E-Z-mu": "Z", "E-H-mu": "h"}.get(case)
    found = electroweak.anomalous_moment("mu").evaluate(48, m_h="125.25")
    if apart is None:
        value = found.ball.midpoint
    else:
        (value,) = (ball.midpoint for name, ball in found.loops.items() if name.startswith(f"loop({apart},"))
    want = Fraction(CASE[case]["value"]["re"])
    assert abs(value - want) < Fraction(1, 10**45) * abs(want)


def test_the_three_of_electron_and_tau() -> None:
    wanted = {("tau", "Z"): "E-Z-tau", ("e", "W"): "E-W-e", ("e", "h"): "E-H-e"}
    for (lepton, boson), case in wanted.items():
        text = ELECTROWEAK.format(nu=f"nu_{lepton}", l=lepton, m=f"m_{lepton}")
        model = g2.Model(parse_declaration(text.encode(), "electroweak"), GIVEN)
        parts = model.anomalous_moment(lepton).evaluate(48, m_h="125.25").loops
        (value,) = (ball.midpoint for name, ball in parts.items() if name.startswith(f"loop({boson},"))
        want = Fraction(CASE[case]["value"]["re"])
        assert abs(value - want) < Fraction(1, 10**45) * abs(want)


def test_what_they_rest_on_is_recorded(electroweak: g2.Model) -> None:
    found = electroweak.anomalous_moment("mu").evaluate(m_h="125.25")
    assert set(found.record["inputs_used"]) == {"m_mu", "m_W", "m_Z", "m_nu_mu", "G_F"}
    assert found.record["defaults"]["c_w"] == "sqrt(1 - s2)"
    assert electroweak.declaration.defaults()["c_w"] == Coefficient.symbol("m_W") / Coefficient.symbol("m_Z")
    bundled = g2.Model(electroweak.declaration).anomalous_moment("mu")
    assert {"G_F", "m_W", "m_Z", "m_mu"} <= set(bundled.input_uncertainty(m_h="125.25").shifts)


def test_a_root_is_its_decimal_value(amm: Any) -> None:
    """sqrt(0.8) y as one number, to as many digits as are given."""
    root = "0.894427190999915878563669467492510494176247343844610289708358898164208370255121959765765763351"
    plain = amm.evaluate(60, **{**without("s2", "y"), "s2": 0, "y": Fraction(root) / 100})
    assert str(plain) == str(amm.evaluate(60, **POINT))
    twice = amm.evaluate(30, **{**POINT, "k": 1})
    coupling = (0.1056583755 * 1.77693) ** 0.5 * (2**0.5 * 1.1663788e-5) ** 0.5 + 0.8**0.5 * 0.01
    single = amm.evaluate(17, **{**POINT, "s2": 0, "y": coupling})
    assert float(twice) == pytest.approx(float(single), rel=1e-12)


def test_exact_zero_and_cancellation(amm: Any, rooted: g2.Model) -> None:
    assert str(amm.evaluate(**{**POINT, "s2": 1, "x": 0})) == "0"
    fields = [new_field("S", 0, "m_S"), new_field("T", 0, "m_S")]
    names = ["g", "x"]
    text = "-sqrt(2*x)*g*S*bar(mu)*mu - I*sqrt(x)*sqrt(2)*g*T*bar(mu)*gamma5*mu"
    model = g2.Model(text, fields=fields, parameters=[Parameter(name=n) for n in names])
    assert model.electric_dipole("mu").evaluate(g=1, x=3, m_S=1).ball.midpoint == 0
    # one coupling written in two ways, against each other: nothing is left of it
    same = "-(sqrt(x/g) - sqrt(x)/sqrt(g))*S*bar(mu)*mu - T*bar(mu)*mu/1000"
    gone = g2.Model(same, fields=fields, parameters=[Parameter(name=n) for n in names])
    alone = g2.Model("-S*bar(mu)*mu/1000", fields=fields[:1])
    found = gone.anomalous_moment("mu").evaluate(30, g=2, x=3, m_S=1)
    assert str(found) == str(alone.anomalous_moment("mu").evaluate(30, m_S=1))


def test_formulas(amm: Any) -> None:
    import sympy

    s2, x, y = sympy.symbols("s2 x y")
    closed = amm.closed_form()
    assert {s2, x, y} <= closed.free_symbols
    point = {"y": 0.01, "s2": 0.2, "x": 1e-4, "m_h": 1, "m_a": 2, "k": 0, "m_mu": 0.1056583755, "v": 246.0}
    point["m_tau"] = 1.77693
    number = closed.subs({sympy.Symbol(n): v for n, v in point.items()})
    assert complex(number.evalf(15)) == pytest.approx(complex(float(amm.evaluate(**POINT))), rel=1e-6)
    assert sympy.sqrt(1 - s2) in closed.atoms(sympy.Pow)
    assert r"\sqrt{1 - s_{2}}" in amm._repr_latex_()
    assert "sqrt(1 - s2)" in str(amm.series("m_h", "oo"))


def test_limits_and_series(amm: Any) -> None:
    found = amm.limit("m_h", "oo", **without("m_h"))
    only = amm.evaluate(15, **{**POINT, "y": 0})
    assert found.value is not None
    assert complex(found.to_sympy().evalf()).real == pytest.approx(float(only), rel=1e-9)
    assert "sqrt(1 - s2)*sqrt(m_mu)*sqrt(m_tau)" in str(amm.series("m_h", "oo", 2))


def test_bounds_maps_and_zeros(amm: Any) -> None:
    wide = g2.bound(amm, "y", "muon-2025", **without("y"))
    narrow = g2.bound(amm, "y", "muon-2025", **{**without("y"), "s2": 0})
    for one, other in zip(wide.rows[0].windows, narrow.rows[0].windows, strict=True):
        for a, b in zip(one, other, strict=True):
            assert float(a) == pytest.approx(float(b) / 0.8**0.5, rel=1e-12)
    for y in amm.cancellation("y").evaluate(20, **without("y")):
        assert abs(float(amm.evaluate(20, **{**POINT, "y": y.midpoint}))) < 1e-25
    axes = ("y", "0.001", "0.1"), ("m_h", "0.5", 2)
    assert g2.exclusion_map(amm, *axes, "muon-2025", params=without("m_h", "y")).as_dict()["areas"]
    scanned = g2.scan(amm, {"m_h": [0.5, 1.0]}, on="y", measurement="muon-2025", params=without("y", "m_h"))
    row = g2.bound(amm, "y", "muon-2025", **without("y", "m_h"), m_h=0.5).rows[0]
    assert scanned.windows(0) == pytest.approx(row.allowed) if hasattr(scanned, "windows") else row.windows


def test_arrays(amm: Any) -> None:
    function = amm.lambdify()
    columns = {"s2": [0.0, 0.25, 0.75, 1.0], "x": [0.0, 1e-4], "m_h": [0.1, 1.0], "y": [0.0, 0.1]}
    for name, values in columns.items():
        found = function(**{**POINT, name: np.array(values)})
        wanted = [float(amm.evaluate(**{**POINT, name: v})) for v in values]
        assert found == pytest.approx(wanted, rel=1e-12)
    grid = function(**{**POINT, "s2": np.array([[0.1], [0.2]]), "m_h": np.array([1.0, 2.0])})
    assert grid.shape == (2, 2)
    both = function(**{**POINT, "k": 1, "s2": np.array([0.1, 0.3])})
    wanted = [float(amm.evaluate(k=1, **{**POINT, "s2": s})) for s in (0.1, 0.3)]
    assert both == pytest.approx(wanted, rel=1e-12)
    assert pickle.loads(pickle.dumps(function))(**POINT) == function(**POINT)


def test_points_of_an_array_without_a_real_root(amm: Any) -> None:
    function = amm.lambdify()
    s2 = np.array([0.5, 1.0, np.nextafter(1.0, 2.0), 2.0, np.nan])
    x = np.array([[1e-4], [-1e-300]])
    with pytest.warns(
        InvalidPointsWarning, match=r"sqrt\(1 - s2\) is not real, since 1 - s2 is negative"
    ) as seen:
        found = function(**{**POINT, "s2": s2, "x": x}, full=True)
    assert len(seen) == 1
    good = np.array([[True, True, False, False, False], [False] * 5])
    assert (found.invalid == ~good).all()
    assert found.values[0, 0] == pytest.approx(float(amm.evaluate(**{**POINT, "s2": 0.5})), rel=1e-12)
    assert np.isnan(found.values[~good]).all()
    masks = {why.split(" is not")[0]: mask for why, mask in found.reasons.items()}
    assert masks["sqrt(x)"].sum() >= 2
    assert masks["sqrt(1 - s2)"].sum() == 4


QUOTIENT = """
schema = 1
name = "quotient"
lagrangian = "-sqrt(1 + s)*S*bar(mu)*mu - sqrt(p1 + p2 - p3 - p4)*T*bar(mu)*mu"
[fields.S]
spin = 0
[fields.T]
spin = 0
[parameters.q]
dimension = 0
[parameters.s]
dimension = 0
default = "1/q"
""" + "".join(f"[parameters.{name}]\ndimension = 0\n" for name in ("p1", "p2", "p3", "p4"))
NOTHING = {"p1": 0, "p2": 0, "p3": 0, "p4": 0, "m_S": 1, "m_T": 1}


@pytest.fixture(scope="module")
def quotient() -> Any:
    return g2.Model(parse_declaration(QUOTIENT.encode(), "quotient")).anomalous_moment("mu")


def test_a_quotient_under_a_root_has_the_signs_of_both_its_sides(quotient: Any) -> None:
    """1 + 1/q is negative between -1 and 0; at 0 it has no value, which concerns no other point."""
    q = np.array([-3.0, -1.0, np.nextafter(-1, 0), -0.5, -1e-320, 0.0, 1e-3, 2.0, np.nan, np.inf])
    with pytest.warns(InvalidPointsWarning):
        found = quotient.lambdify()(**NOTHING, q=q, full=True)
    reasons = {why.split(",")[0]: np.flatnonzero(mask).tolist() for why, mask in found.reasons.items()}
    assert reasons == {
        "sqrt(1 + s) is not real": [2, 3, 4],
        "q is 0": [5],
        "q is not a number": [8],
        "q is infinite": [9],
    }
    for k in (0, 6, 7):
        want = quotient.evaluate(17, **NOTHING, q=Fraction(q[k]))
        assert found.values[k] == pytest.approx(float(want), rel=1e-12)
    assert found.values[1] == 0
    with pytest.raises(InputError, match="'quotient', default of s at q = 0: Division by zero in a coef"):
        quotient.evaluate(17, **NOTHING, q=0)


DEFAULTS = """
schema = 1
name = "defaults"
lagrangian = "-k*S*bar(mu)*mu - sqrt(x - 1)*T*bar(mu)*mu"
[fields.S]
spin = 0
[fields.T]
spin = 0
[parameters.x]
dimension = 0
[parameters.k]
dimension = 0
default = "sqrt(x + 1)"
"""


def test_roots_in_defaults_are_looked_at_unless_a_value_is_given() -> None:
    """k^2 = x + 1 has no root left in it; a point has one reason, that which was found first."""
    amm = g2.Model(parse_declaration(DEFAULTS.encode(), "defaults")).anomalous_moment("mu")
    masses = {"m_S": 1, "m_T": 1}
    with pytest.raises(InputError, match=r"sqrt\((1 \+ x|x \+ 1)\) is not real|sqrt\(-1 \+ x\) is not real"):
        amm.evaluate(17, **masses, x=-2)
    single = g2.Model(
        parse_declaration(
            DEFAULTS.replace(" - sqrt(x - 1)*T*bar(mu)*mu", "")
            .replace("[fields.T]\nspin = 0\n", "")
            .encode(),
            "single",
        )
    ).anomalous_moment("mu")
    with pytest.raises(InputError, match=r"sqrt\(1 \+ x\) is not real, since 1 \+ x is -1"):
        single.evaluate(17, m_S=1, x=-2)
    assert single.evaluate(17, m_S=1, x=-2, k=3).ball == single.evaluate(17, m_S=1, x=8).ball
    assert single.lambdify()(m_S=1, x=np.array([-2.0]), k=3)[0] == pytest.approx(
        float(single.evaluate(17, m_S=1, x=8)), rel=1e-12
    )
    with pytest.warns(InvalidPointsWarning, match=r"sqrt\(1 \+ x\) is not real, since 1 \+ x is negative"):
        assert np.isnan(single.lambdify()(m_S=1, x=np.array([-2.0, 8.0]))).tolist() == [True, False]
    with pytest.warns(InvalidPointsWarning):
        found = amm.lambdify()(**masses, x=np.array([-2.0, 0.0, 3.0]), full=True)
    assert found.invalid.tolist() == [True, True, False]
    assert sum(int(mask.sum()) for mask in found.reasons.values()) == 2


def test_a_sign_that_doubles_get_wrong(quotient: Any) -> None:
    """1 + (u + 2^-60) - 1 - x in doubles is 2u - x, u = 2^-53; the truth is u + 2^-60 - x."""
    u = 2.0**-53
    last = np.array([1.5 * u, u, u + 2.0**-60, u + 2.0**-59])
    point = {"p1": 1, "p2": u + 2.0**-60, "p3": 1, "q": 1, "m_S": 1, "m_T": 1}
    with pytest.warns(InvalidPointsWarning, match=r"sqrt\(p1 \+ p2 - p3 - p4\) is not real"):
        found = quotient.lambdify()(**point, p4=last, full=True)
    assert found.invalid.tolist() == [True, False, False, True]
    with pytest.warns(InvalidPointsWarning):  # every term an array
        found = quotient.lambdify()(**{n: np.array([v]) for n, v in point.items()}, p4=last, full=True)
    assert found.invalid.tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"s2": "1.5"}, "model 'rooted': sqrt(1 - s2) is not real, since 1 - s2 is -0.5"),
        ({"x": -1}, "model 'rooted': sqrt(x) is not real, since x is -1 at these values"),
        ({"x": "-1e-60"}, "sqrt(x) is not real, since x is -1e-60"),
    ],
)
def test_what_is_not_real_is_one_sentence(amm: Any, values: dict[str, Any], says: str) -> None:
    for query in (
        lambda: amm.evaluate(**{**POINT, **values}),
        lambda: amm.lambdify()(**{**POINT, **values, "m_h": np.array([1.0])}),
        lambda: g2.bound(amm, "y", "muon-2025", **{**without("y"), **values}),
    ):
        with pytest.raises(InputError) as error:
            query()
        message = str(error.value)
        assert says in message
        assert message.endswith("what stands under a root must not be negative.")
        assert "\n" not in message


def test_what_stands_under_a_root_is_not_varied_where_it_would_be_a_polynomial(amm: Any) -> None:
    says = r"s2 stands under sqrt\(1 - s2\), which is real for some values of it only; ask about another"
    axes = ("s2", "0.1", "0.9"), ("m_h", 1, 2)
    for query in (
        lambda: g2.bound(amm, "s2", "muon-2025", **without("s2")),
        lambda: g2.exclusion_map(amm, *axes, "muon-2025", params=without("s2", "m_h")),
        lambda: g2.scan(amm, {"s2": [0.1, 0.2]}, on="y", measurement="muon-2025", params=without("s2", "y")),
        lambda: amm.polynomial_in("s2", without("s2")),
    ):
        with pytest.raises(UsageError, match=says):
            query()
    with pytest.raises(UsageError, match=r"x stands under sqrt\(x\)"):
        g2.bound(amm, "x", "muon-2025", **without("x"))


def test_a_sign_is_looked_for_with_as_many_bits_as_it_takes() -> None:
    """What stands under the root is +-1e-79 or so: as many bits as it takes."""
    text = "-sqrt(pi - p)*S*bar(mu)*mu"
    model = g2.Model(text, fields=[new_field("S", 0, "m_S")], parameters=[Parameter(name="p")])
    near = Fraction("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")
    assert model.anomalous_moment("mu").evaluate(p=near, m_S=1)
    with pytest.raises(InputError, match="since -p \\+ pi is -"):
        model.anomalous_moment("mu").evaluate(p=near + Fraction(1, 10**78), m_S=1)


def test_a_mass_is_rational() -> None:
    fields = [new_field("S", 0, "m_S")]
    given = Parameter(name="m_S", dimension=1, default=Coefficient.sqrt(2) * Coefficient.symbol("m_W"))
    model = g2.Model("-g*S*bar(mu)*mu", fields=fields, parameters=[Parameter(name="g"), given])
    with pytest.raises(UsageError, match=r"default 'm_W\*sqrt\(2\)' of m_S is not a rational number"):
        model.anomalous_moment("mu").evaluate(g=1)
    square = Coefficient.sqrt(Coefficient.symbol("m_W") ** 2 * 4)
    rational = Parameter(name="m_S", dimension=1, default=square)
    other = g2.Model("-g*S*bar(mu)*mu", fields=fields, parameters=[Parameter(name="g"), rational])
    twice = 2 * other.inputs.value("m_W")
    want = model.anomalous_moment("mu").evaluate(g=1, m_S=twice)
    assert str(other.anomalous_moment("mu").evaluate(g=1)) == str(want)


def test_the_commands(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "rooted.toml"
    path.write_text(ROOTED)
    given = [w for n, v in POINT.items() for w in ("--set", f"{n}={v}")]
    assert main(["eval", str(path), *given, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["defaults"]["v"].startswith("1/2*sqrt(2)*sqrt(G_F)")
    assert main(["show", str(path), "--format", "latex"]) == 0
    assert r"\sqrt{1 - \mathrm{s2}}" in capsys.readouterr().out
    assert main(["eval", str(path), *given[:2], "--set", "s2=2", *given[4:]]) == 3
    message = capsys.readouterr().err
    assert "sqrt(1 - s2) is not real, since 1 - s2 is -1" in message
    assert message.count("\n") == 1
    assert main(["check", str(path)]) == 0


EXPECT = """
schema = 1
name = "expected"
lagrangian = "-sqrt((1 - s2)*sqrt(2)*G_F)*m_f*h*bar(f)*f"
[fields.h]
spin = 0
[parameters.s2]
dimension = 0
[[expect]]
at = "m_h -> 0"
value = "{front}*(1 - s2)*sqrt(2)*m_f^2*G_F/pi^2"
[[expect]]
at = "m_h -> 0"
value = "{root}*sqrt(2)*3*m_f^2*G_F/(16*pi^2)"
s2 = "1/2"
"""


def test_expected_results_with_roots() -> None:
    text = EXPECT.format(front="3/16", root="sqrt(1/4)")
    table = g2.check(g2.Model(parse_declaration(text.encode(), "x")), "mu")
    expected = [row for row in table if "expected" in row.proof.statement]
    assert [row.proof.verdict for row in expected] == ["proved", "proved"]
    wrong = EXPECT.format(front="3/8", root="sqrt(1/3)")
    table = g2.check(g2.Model(parse_declaration(wrong.encode(), "x")), "mu")
    assert len(table.failed) == 2
