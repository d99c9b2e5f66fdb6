"""Widths in propagators of the s channel: declared, numbers, derived; amplitudes from explicit matrices."""

import math
from itertools import permutations

import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import ModelError, UnsupportedError, UsageError
from g2sym.lagrangian import declare, parse_declaration
from g2sym.lagrangian.written import declaration_in, declaration_out

PICOBARN = 3.8937937217185937e8
E_EM = math.sqrt(4 * math.pi / 137.035999177)
M_MU = 0.1056583755
TEXT = (
    "h*X*F(V,al,be)*F(A,al,be) + x*X*F(V,al,be)*Fdual(A,al,be) + g*X*F(A,al,be)*F(A,al,be) "
    "+ k*V(al)*bar(mu)*gamma(al)*mu + b*V(al)*bar(mu)*gamma5*gamma(al)*mu + y*X*bar(mu)*mu"
)
DIMENSIONS = {"g": -1, "h": -1, "x": -1, "k": 0, "b": 0, "y": 0}
POINT = {"g": 2e-3, "h": 3e-3, "x": 4e-3, "k": 0.3, "b": 0.2, "y": 0.01, "m_V": 3, "m_X": 1}
SIGMA = "sigma(mu bar(mu) -> A X)"


def made(width=None, text=TEXT, more=(), **kinds):
    fields = [g2.vector("V", width=width, **kinds), g2.scalar("X"), *more]
    parameters = [g2.parameter(n, d) for n, d in DIMENSIONS.items() if f"{n}*" in text.replace("gamma", "")]
    return g2.Model(declare(text, fields=fields, parameters=parameters))


# explicit matrices ------------------------------------------------------------------------------------------
METRIC = np.diag([1.0, -1, -1, -1])
PAULI = [np.array(m, complex) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]
NOUGHT, ONE = np.zeros((2, 2)), np.eye(2)
GAMMA = [np.block([[ONE, NOUGHT], [NOUGHT, -ONE]])]
GAMMA += [np.block([[NOUGHT, s], [-s, NOUGHT]]) for s in PAULI]
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
EPSILON = np.zeros((4, 4, 4, 4))
for order in permutations(range(4)):
    EPSILON[order] = np.linalg.det(np.eye(4)[list(order)])


def slash(p):
    return sum(METRIC[n, n] * p[n] * GAMMA[n] for n in range(4))


def barred(matrix):
    return GAMMA[0] @ matrix.conj().T @ GAMMA[0]


def differential(sqrt_s, cos, width, values, eta=0.6):
    """d sigma/d cos in pb: every diagram as a matrix, in a moving frame."""
    big, mass = values["m_V"], values["m_X"]
    energy, p = sqrt_s / 2, math.sqrt(sqrt_s**2 / 4 - M_MU**2)
    omega = (sqrt_s**2 - mass**2) / (2 * sqrt_s)
    sin = math.sqrt(1 - cos * cos)
    boost = np.eye(4)
    boost[0, 0] = boost[2, 2] = math.cosh(eta)
    boost[0, 2] = boost[2, 0] = math.sinh(eta)
    p1 = boost @ np.array([energy, 0, 0, p])
    p2 = boost @ np.array([energy, 0, 0, -p])
    k = boost @ np.array([omega, omega * sin, 0, omega * cos])
    q, s, unit = p1 + p2, sqrt_s**2, np.eye(4)
    down = METRIC @ k, METRIC @ q
    charge = 1j * E_EM  # i times +e of L = e bar(f) A-slash f
    first = -1j * 0 + 1j * values["y"] * unit
    vector = [1j * (values["k"] * g + values["b"] * GAMMA5 @ g) for g in GAMMA]
    amplitudes = []
    for place in range(4):  # the photon's upper index
        inner = (slash(p1 - k) + M_MU * unit) / (-2 * p1 @ METRIC @ k)
        outer = (slash(k - p2) + M_MU * unit) / (-2 * p2 @ METRIC @ k)
        total = first @ (1j * inner) @ (charge * GAMMA[place])
        total = total + (charge * GAMMA[place]) @ (1j * outer) @ first
        for currents, square, plain, dual in (
            ([charge * g for g in GAMMA], 1 / s, 2 * values["g"], 0),
            (vector, 1 / (s - big**2 + 1j * big * width), values["h"], values["x"]),
        ):
            # i 2 c [(q.k) g^{ab} - k^a q^b] and i 2 d eps^{m a n b} q_m k_n
            even = 2j * plain * ((q @ METRIC @ k) * METRIC[:, place] - k * q[place])
            odd = 2j * dual * np.einsum("man,m,n->a", EPSILON[..., place], down[1], down[0])
            vertex = METRIC @ (even + odd)
            if square != 1 / s:  # with its longitudinal part
                vertex = vertex - down[1] * (q @ vertex) / big**2
            total = total + sum(c * v for c, v in zip(currents, -1j * square * vertex, strict=True))
        amplitudes.append(total)
    average = 0
    for place in range(4):
        left, right = slash(p2) - M_MU * unit, slash(p1) + M_MU * unit
        m = amplitudes[place]
        average -= METRIC[place, place] * np.trace(left @ m @ right @ barred(m)) / 4
    assert abs(average.imag) < 1e-10 * abs(average)
    beta = math.sqrt(1 - 4 * M_MU**2 / s)
    return average.real * (1 - mass**2 / s) / (32 * math.pi * s * beta) * PICOBARN


@pytest.mark.parametrize("sqrt_s", [2.0, 2.9, 3.0, 3.05, 10.0])
@pytest.mark.parametrize("cos", [-0.7, 0.4])
def test_exchange_of_a_declared_vector_interferes_with_everything(sqrt_s, cos):
    model = made("Gamma_V")
    rate = model.observable("dsigma(mu bar(mu) -> A X)")
    found = float(rate.evaluate(14, {**POINT, "sqrt_s": sqrt_s, "cos": cos, "Gamma_V": 0.2}))
    assert found == pytest.approx(differential(sqrt_s, cos, 0.2, POINT), rel=1e-9)


def test_signs_matter_in_the_comparison():
    """Each interference is seen: turning one coupling's sign changes the value by far more than the error."""
    here = differential(2.9, 0.4, 0.2, POINT)
    for name in ("g", "h", "y", "k"):
        turned = differential(2.9, 0.4, 0.2, {**POINT, name: -POINT[name]})
        assert abs(turned / here - 1) > 1e-6


def test_on_the_pole_it_is_the_product_of_branching_ratios():
    """sigma = 12 pi/(m^2 beta^2) Gamma_ll Gamma_AX/Gamma^2, exactly."""
    text = "h*X*F(V,al,be)*F(A,al,be) + k*V(al)*bar(mu)*gamma(al)*mu"
    model = made("derived", text)
    point = {"h": 3e-3, "k": 0.3, "m_V": 3, "m_X": 1}
    sigma = float(model.observable(SIGMA).evaluate(14, {**point, "sqrt_s": 3}))
    ratios = [float(model.observable(f"BR(V -> {p})").evaluate(14, point)) for p in ("mu bar(mu)", "A X")]
    beta_squared = 1 - 4 * M_MU**2 / 9
    expected = 12 * math.pi / (9 * beta_squared) * ratios[0] * ratios[1] * PICOBARN
    assert sigma == pytest.approx(expected, rel=1e-12)


# how a width is declared ------------------------------------------------------------------------------------
def at(model, **more):
    return model.observable(SIGMA).evaluate(12, {**POINT, "sqrt_s": 3, **more})


def test_a_symbol_a_number_and_a_derived_width_are_the_same_width():
    by_symbol = str(at(made("Gamma_V"), Gamma_V="0.2"))
    assert by_symbol == str(at(made("Gamma_other"), Gamma_other="0.2"))
    for number in ("0.2", 0.2, "1/5"):
        assert str(at(made(number))) == by_symbol  # the double is a fifth to these digits
    assert str(at(made("0.1"), Gamma_V="0.2")) == by_symbol
    derived = made("derived")
    width = derived.observable("Gamma(V)").evaluate(60, {**POINT})
    found = at(derived)
    assert str(found) == str(at(made("Gamma_V"), Gamma_V=str(width)))
    assert any("is the total width of V at tree level" in text for text in found.record["announcements"])
    assert str(at(derived, Gamma_V="0.2")) == by_symbol


def test_the_width_of_the_z_may_be_named():
    found = at(made("Gamma_Z"))
    assert str(found) == str(at(made("Gamma_V"), Gamma_V="2.4955"))
    assert "Gamma_Z" in found.record["inputs_used"]


def test_without_a_width_it_is_zero_and_said_and_refused_on_the_pole():
    model = made()
    away = model.observable(SIGMA).evaluate(12, {**POINT, "sqrt_s": 4})
    assert any("V is exchanged in the s channel without a width" in t for t in away.record["announcements"])
    narrow = made("Gamma_V").observable(SIGMA).evaluate(12, {**POINT, "sqrt_s": 4, "Gamma_V": "0"})
    assert str(narrow) == str(away)
    for one, more in ((model, {}), (made("Gamma_V"), {"Gamma_V": 0})):
        with pytest.raises(UsageError, match="sqrt_s is exactly m_V and its width is zero"):
            at(one, **more)


def test_where_couplings_move_a_derived_width_asks_for_a_number():
    rate = made("derived").observable(SIGMA)
    rest = {n: v for n, v in POINT.items() if n != "k"}
    said = "Gamma_V is derived from the couplings of V.*give it a number here, for instance Gamma_V=0.01"
    with pytest.raises(UsageError, match=said):
        rate.lambdify()(k=np.array([0.1, 0.2]), sqrt_s=4.0, **rest)
    values = rate.lambdify()(k=np.array([0.1, 0.3]), sqrt_s=3.0, Gamma_V=0.2, **rest)
    assert values[1] == pytest.approx(float(at(made("0.2"))), rel=1e-12)


def test_a_derived_width_waits_for_what_is_not_derived():
    more = g2.Model(
        declare(
            "h*X*F(V,al,be)*F(A,al,be) + k*V(al)*bar(mu)*gamma(al)*mu + y*V(al)*Y*Y*Y*d(al,Y)*1/m_Y/m_Y",
            fields=[g2.vector("V", width="derived"), g2.scalar("X"), g2.scalar("Y")],
            parameters=[g2.parameter("h", -1), g2.parameter("k"), g2.parameter("y")],
        )
    )
    point = {"h": 3e-3, "k": 0.3, "y": 0.1, "m_V": 3, "m_X": 1, "m_Y": 0.1, "sqrt_s": 3}
    with pytest.raises(UnsupportedError, match="decays into 4 particles are not derived; set m_Y or y to 0"):
        more.observable(SIGMA).evaluate(5, point)


def test_complex_vectors_annihilate_into_the_particle_that_the_coupling_holds():
    """V X F(V) F(A) + hc with a complex V: V bar(mu) mu creates what bar(V) annihilates."""
    text = "h*X*F(V,al,be)*F(A,al,be) + k*bar(V(al))*bar(mu)*gamma(al)*mu + hc"
    both = made("Gamma_V", text, self_conjugate=False)
    point = {"h": 3e-3, "k": 0.3, "m_V": 3, "m_X": 1, "Gamma_V": "0.2", "sqrt_s": 2.5}
    found = float(both.observable(SIGMA).evaluate(12, point))
    # V = (V1 + i V2)/sqrt(2): X (V + bar(V)) sqrt(1/2) is V1 alone, with twice each product of couplings
    real = made("Gamma_V", "h*X*F(V,al,be)*F(A,al,be) + k*V(al)*bar(mu)*gamma(al)*mu")
    expected = 4 * float(real.observable(SIGMA).evaluate(12, point))
    assert found == pytest.approx(expected, rel=1e-11)
    other = made(
        "Gamma_V", text.replace("bar(V(al))", "V(al)").replace("h*", "I*h*", 1), self_conjugate=False
    )
    assert float(other.observable(SIGMA).evaluate(12, point)) == 0


def test_scalars_in_the_s_channel_are_said_to_be_missing():
    text = "h*X*F(V,al,be)*F(A,al,be) + y*X*bar(mu)*mu + k*V(al)*bar(mu)*gamma(al)*mu"
    rate = made("0.1", text).observable("sigma(mu bar(mu) -> A V)")
    point = {"h": 3e-3, "k": 0.3, "y": 0.1, "m_V": 1, "m_X": 2, "sqrt_s": 4}
    with pytest.raises(UnsupportedError, match="a scalar in the s channel of this process is not derived"):
        rate.evaluate(5, point)
    assert float(rate.evaluate(5, {**point, "y": 0})) > 0


# files and bad input ----------------------------------------------------------------------------------------
FILE = """
schema = 1
name = "one"
lagrangian = "k*V(al)*bar(mu)*gamma(al)*mu"
[fields.V]
spin = 1
width = {width}
[parameters.k]
dimension = 0
"""


OWN = "[parameters.Gamma_V]\ndimension = "
FERMION = FILE.replace("spin = 1", 'spin = "1/2"').replace(
    "V(al)*bar(mu)*gamma(al)*mu", "Z(al)*bar(V)*gamma(al)*V"
)


@pytest.mark.parametrize(
    ("written", "width", "symbol", "default"),
    [
        ('"Gamma_V"', "Gamma_V", "Gamma_V", None),
        ('"Gamma_Z"', "Gamma_Z", None, None),
        ('"derived"', "derived", "Gamma_V", None),
        ("0.25", "1/4", "Gamma_V", "1/4"),
        ('"0.25"', "1/4", "Gamma_V", "1/4"),
        ("0", "0", "Gamma_V", "0"),
    ],
)
def test_files_declare_widths(written, width, symbol, default):
    found = parse_declaration(FILE.format(width=written).encode(), "one.toml")
    assert str(found.fields["V"].width) == width
    if symbol is None:
        assert set(found.parameters) == {"k", "m_V"}
    else:
        parameter = found.parameters[symbol]
        assert parameter.dimension == 1
        assert (None if parameter.default is None else str(parameter.default)) == default
    plain = parse_declaration(FILE.replace("width = {width}\n", "").encode(), "one.toml")
    assert found.digest != plain.digest
    again = declaration_in(declaration_out(found))
    assert again == found
    assert again.fields["V"].width == found.fields["V"].width


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FILE.format(width='"wide"'), "the width 'wide' is neither a symbol nor a number; write 'Gamma_V'"),
        (FILE.format(width="-0.1"), "field 'V': the width -1/10 is negative"),
        (FILE.format(width="true"), "the width true is neither a symbol nor a number"),
        (FILE.format(width='"Gamma_V ; x"'), "is no width"),
        (FILE.format(width="[1]"), "is neither a symbol nor a number"),
        (FILE.format(width="nan"), "is neither a symbol nor a number"),
        (FILE.format(width='"1e99999"'), "is neither a symbol nor a number"),
        (FILE.format(width="0.1") + OWN + "1\n", "its width is declared as '1/10', and as the parameter"),
        (FILE.format(width='"derived"') + OWN + "1\n", "declared as 'derived', and as the parameter"),
        (FILE.format(width='"Gamma_V"') + OWN + "0\n", "a width is real, of dimension 1"),
        (FILE.format(width="1") + OWN.replace("_V", "_Z") + "1\n", "'Gamma_Z' is reserved"),
        (FERMION.format(width="1"), "this is a fermion; drop width"),
        (FILE.replace("width =", "widht =").format(width="1"), "unknown key 'widht' (did you mean 'width'?)"),
    ],
)  # fmt: skip
def test_wrong_widths_are_one_sentence(text, said):
    with pytest.raises(ModelError) as caught:
        parse_declaration(text.encode(), "one.toml")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_values_of_a_width():
    with pytest.raises(UsageError, match="Gamma_V = -1: a width cannot be negative"):
        at(made("Gamma_V"), Gamma_V=-1)
    with pytest.raises(UsageError, match="Gamma_V has no value"):
        at(made("Gamma_V"))
    with pytest.raises(ModelError, match="a massless field has no width"):
        g2.vector("V", mass=0, width=1)


def test_a_derived_width_has_more_digits_than_are_asked_for():
    model = made("derived", "h*X*F(V,al,be)*F(A,al,be) + k*V(al)*bar(mu)*gamma(al)*mu")
    point = {"h": "3e-3", "k": "0.3", "m_V": 3, "m_X": 1}
    sigma = model.observable(SIGMA).evaluate(100, {**point, "sqrt_s": 3})
    width = model.observable("Gamma(V)").evaluate(200, point)
    found = model.observable(SIGMA).evaluate(100, {**point, "sqrt_s": 3, "Gamma_V": str(width)})
    assert str(sigma) == str(found)
