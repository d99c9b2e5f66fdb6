"""Two-body channels and their widths, against formulas of the literature and explicit tensors."""

import math

import numpy as np
import pytest

import g2sym as g2
from g2sym.derive.bosons import boson_vertices, square_of
from g2sym.derive.channels import Channel, channels, ways
from g2sym.derive.decays import decay
from g2sym.derive.three_bosons import Decay, rule_of
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.rational import Frac, gen
from g2sym.lagrangian.declaring import declare

X, Y, V, C = g2.scalar("X"), g2.scalar("Y"), g2.vector("V"), g2.scalar("C", self_conjugate=False)
H, CC, T = g2.scalar("H", charge=1), g2.scalar("D", charge=2), g2.scalar("T", colour=3, charge="2/3")
CHI, PSI = g2.fermion("chi", self_conjugate=True), g2.fermion("psi", self_conjugate=True)
N = g2.fermion("N")
DIMENSIONS = {"g": -1, "h": -1, "k": 1, "y": 0, "x": 0}
ALPHA, SIN2 = 1 / 137.035999177, 0.23122


def declared(text, *fields, **more):
    names = [n for n in DIMENSIONS if n in text.replace("bar", "").replace("al", "").replace("gamma", "")]
    parameters = [g2.parameter(n, more.get(n, DIMENSIONS[n])) for n in names]
    return declare(text, fields=fields, parameters=parameters)


def value(text, name, *fields, **values):
    dimensions = {n[4:]: values.pop(n) for n in list(values) if n.startswith("dim_")}
    inputs = values.pop("inputs", None)
    model = g2.Model(declared(text, *fields, **dimensions), inputs=inputs)
    return float(model.observable(name).evaluate(14, values))


LISTED = [
    ("y*X*bar(f)*f", [X], "X", ["e bar(e)", "mu bar(mu)", "tau bar(tau)"]),
    ("y*X*bar(mu)*PL*e + hc", [X], "X", ["e bar(mu)", "mu bar(e)"]),
    ("y*X*bar(b)*b + x*X*bar(nu_e)*nu_e", [X], "X", ["b bar(b)", "nu_e bar(nu_e)"]),
    ("y*X*bar(chi)*chi", [X, CHI], "X", ["chi chi"]),
    ("y*X*bar(chi)*psi", [X, CHI, PSI], "X", ["chi psi"]),
    ("y*X*bar(chi)*N + hc", [X, CHI, N], "X", ["N chi", "chi bar(N)"]),
    ("y*X*bar(cc(N))*N + hc", [X, N], "X", ["N N", "bar(N) bar(N)"]),
    ("y*C*bar(mu)*PL*e + hc", [C], "C", ["mu bar(e)"]),
    ("y*C*bar(mu)*PL*e + hc", [C], "bar(C)", ["e bar(mu)"]),
    ("y*H*bar(nu_mu)*PR*mu + hc", [H], "H", ["nu_mu bar(mu)"]),
    ("y*H*bar(nu_mu)*PR*mu + hc", [H], "bar(H)", ["mu bar(nu_mu)"]),
    ("y*H*bar(chi)*PR*mu + hc", [H, CHI], "chi", ["H mu", "bar(H) bar(mu)"]),
    ("y*D*bar(cc(f))*f + hc", [CC], "D", ["bar(e) bar(e)", "bar(mu) bar(mu)", "bar(tau) bar(tau)"]),
    ("g*X*F(A,al,be)*F(A,al,be) + h*X*F(Z,al,be)*F(A,al,be)", [X], "X", ["A A", "A Z"]),
    ("g*X*F(W3,al,be)*F(W3,al,be)", [X], "X", ["A A", "A Z", "Z Z"]),
    ("g*X*F(B,al,be)*Fdual(B,al,be)", [X], "X", ["A A", "A Z", "Z Z"]),
    ("g*X*F(W,al,be)*bar(F(W,al,be))", [X], "X", ["W bar(W)"]),
    ("g*X*F(V,al,be)*Fdual(A,al,be)", [X, V], "X", ["A V"]),
    ("g*X*F(V,al,be)*Fdual(A,al,be)", [X, V], "V", ["A X"]),
    ("g*C*F(A,al,be)*F(V,al,be) + hc", [C, V], "V", ["A C", "A bar(C)"]),
    ("k*X*Y*Y", [X, Y], "X", ["Y Y"]),
    ("k*X*Y*Y", [X, Y], "Y", []),
    ("k*X*X*X", [X], "X", []),
    ("k*X*V(al)*V(al)", [X, V], "X", ["V V"]),
    ("k*X*bar(C)*C", [X, C], "X", ["C bar(C)"]),
    ("k*H*bar(W(al))*Z(al) + hc", [H], "bar(H)", ["Z bar(W)"]),
    ("x*V(al)*X*d(al,Y) - x*V(al)*Y*d(al,X)", [V, X, Y], "V", ["X Y"]),
    ("y*V(al)*bar(N)*gamma(al)*mu + hc", [g2.vector("V", charge=1), N], "bar(N)", ["bar(V) bar(mu)"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "fields", "parent", "expected"), LISTED)
def test_every_channel_is_listed_once(text, fields, parent, expected):
    found, pending = channels(declared(text, *fields), parent)
    assert sorted(" ".join(c.products) for c in found) == sorted(
        " ".join(Channel(parent, tuple(p.split())).products) for p in expected
    )
    assert not pending
    model = declared(text, *fields)
    for one in found:
        assert decay(model, one).terms


def phase(big, one, two):
    """p/(8 pi M^2)."""
    square = (big**2 - (one + two) ** 2) * (big**2 - (one - two) ** 2)
    return math.sqrt(square) / (16 * math.pi * big**3)


def test_scalars_into_scalars():
    # amplitude 2 k of k X Y Y, 1/2 for identical particles
    found = value("k*X*Y*Y", "Gamma(X -> Y Y)", X, Y, k=0.3, m_X=5, m_Y=1)
    assert found == pytest.approx(phase(5, 1, 1) * (2 * 0.3) ** 2 / 2, rel=1e-12)
    found = value("k*X*bar(C)*C", "Gamma(X -> C bar(C))", X, C, k=0.3, m_X=5, m_C=1)
    assert found == pytest.approx(phase(5, 1, 1) * 0.3**2, rel=1e-12)
    three = g2.scalar("C", self_conjugate=False, colour=3)
    found = value("k*X*bar(C)*C", "Gamma(X -> C bar(C))", X, three, k=0.3, m_X=5, m_C=1)
    assert found == pytest.approx(3 * phase(5, 1, 1) * 0.3**2, rel=1e-12)


def test_the_higgs_boson_into_w_and_z():
    """G_F M^3/(16 sqrt(2) pi) sqrt(1 - 4x) (1 - 4x + 12x^2), x = m^2/M^2, twice that for W."""
    big, z, w, v = 500.0, 91.1876, 80.3692, 246.0

    def expected(mass, factor):
        x = mass**2 / big**2
        size = big**3 / (32 * math.pi * v**2)
        return factor * size * math.sqrt(1 - 4 * x) * (1 - 4 * x + 12 * x * x)

    found = value("k*X*Z(al)*Z(al)", "Gamma(X -> Z Z)", X, k=z**2 / v, m_X=big)
    assert found == pytest.approx(expected(z, 1), rel=1e-12)
    found = value("k*X*bar(W(al))*W(al)", "Gamma(X -> W bar(W))", X, k=2 * w**2 / v, m_X=big)
    assert found == pytest.approx(expected(w, 2), rel=1e-12)


def test_vectors_into_scalars():
    """g^2 M beta^3/(48 pi), the width of the rho into two charged pions."""
    text = "x*I*V(al)*bar(C)*d(al,C) - x*I*V(al)*C*d(al,bar(C))"
    found = value(text, "Gamma(V -> C bar(C))", V, C, x=0.3, m_V=5, m_C=1)
    assert found == pytest.approx(0.3**2 * 5 * (1 - 4 / 25) ** 1.5 / (48 * math.pi), rel=1e-12)


@pytest.mark.parametrize(("string", "power"), [("", 3), ("I*gamma5*", 1)])
def test_majorana_fermions(string, power):
    """y X bar(chi) chi has the amplitude 2 y, and a half for identical particles: y^2 M beta^power/(4 pi)."""
    found = value(f"y*X*bar(chi)*{string}chi", "Gamma(X -> chi chi)", X, CHI, y=0.3, m_X=5, m_chi=1)
    beta = math.sqrt(1 - 4 / 25)
    assert found == pytest.approx(0.3**2 * 5 * beta**power / (4 * math.pi), rel=1e-12)
    # two of them: bar(chi) psi + bar(psi) chi are equal, so that y X bar(chi) psi has the amplitude y
    found = value(
        f"y*X*bar(chi)*{string}psi", "Gamma(X -> chi psi)", X, CHI, PSI, y=0.3, m_X=5, m_chi=1, m_psi=1
    )
    assert found == pytest.approx(0.3**2 * 5 * beta**power / (8 * math.pi), rel=1e-12)
    # N^T C N in place of bar(chi) chi
    found = value(f"y*X*bar(cc(N))*{string}N + hc", "Gamma(X -> N N)", X, N, y=0.3, m_X=5, m_N=1)
    assert found == pytest.approx(0.3**2 * 5 * beta**power / (4 * math.pi), rel=1e-12)


def test_axial_vectors_into_majorana_fermions():
    """g V bar(chi) gamma5 gamma chi: four times a half of the axial width g^2 M beta^3/(12 pi)."""
    found = value(
        "x*V(al)*bar(chi)*gamma5*gamma(al)*chi", "Gamma(V -> chi chi)", V, CHI, x=0.3, m_V=5, m_chi=1
    )
    assert found == pytest.approx(2 * 0.3**2 * 5 * (1 - 4 / 25) ** 1.5 / (12 * math.pi), rel=1e-12)


def test_leptoquarks_and_colour():
    """A triplet into a quark and a lepton: |y|^2 M/(16 pi), colours summed and averaged."""
    text = "y*T*bar(u)*PL*nu_e + hc"
    found = value(text, "Gamma(T -> u bar(nu_e))", T, y=0.3, m_T=1000, inputs={"m_u": 0})
    assert found == pytest.approx(0.3**2 * 1000 / (16 * math.pi), rel=1e-12)
    found = value("y*X*bar(b)*b", "Gamma(X -> b bar(b))", X, y=0.3, m_X=1000, inputs={"m_b": 0})
    assert found == pytest.approx(3 * 0.3**2 * 1000 / (8 * math.pi), rel=1e-12)
    with pytest.raises(UsageError, match="m_b has no value"):
        value("y*X*bar(b)*b", "Gamma(X -> b bar(b))", X, y=0.3, m_X=1000)


def test_fermions_into_fermion_and_boson():
    scalar = "y*X*bar(e)*mu + x*I*X*bar(e)*gamma5*mu + hc"
    found = value(scalar, "Gamma(mu -> e X)", X, y=2e-9, x=1e-9, m_X="0.05")
    big, m, a = 0.1056583755, 0.51099895069e-3, 0.05
    square = 5e-18 * (big**2 + m**2 - a**2) + 2 * big * m * 3e-18
    assert found == pytest.approx(phase(big, m, a) * square, rel=1e-11)
    # a heavy neutrino into W and a lepton: g^2/(64 pi) M^3/m_W^2 (1 - r)^2 (1 + 2 r), with x = g/sqrt(2)
    text = "x*W(al)*bar(N)*gamma(al)*PL*mu + hc"
    found = value(text, "Gamma(N -> W mu)", N, x=0.1, m_N=500, inputs={"m_mu": "1e-30"})
    r = (80.3692 / 500) ** 2
    expected = 0.02 / (64 * math.pi) * 500**3 / 80.3692**2 * (1 - r) ** 2 * (1 + 2 * r)
    assert found == pytest.approx(expected, rel=1e-12)
    # of its antiparticle, and of a Majorana one into either, the same
    assert (
        value(text, "Gamma(bar(N) -> bar(W) bar(mu))", N, x=0.1, m_N=500, inputs={"m_mu": "1e-30"}) == found
    )
    text = "x*W(al)*bar(chi)*gamma(al)*PL*mu + hc"
    for products in ("W mu", "bar(W) bar(mu)"):
        name = f"Gamma(chi -> {products})"
        other = value(text, name, CHI, x=0.1, m_chi=500, inputs={"m_mu": "1e-30"})
        assert other == pytest.approx(found, rel=1e-13)


def test_lepton_flavour_violation_has_the_measured_lifetime_below():
    text = "y*X*bar(mu)*tau + hc"
    width = value(text, "Gamma(tau -> mu X)", X, y=1e-8, m_X="0.5")
    ratio = value(text, "BR(tau -> mu X)", X, y=1e-8, m_X="0.5")
    assert ratio == pytest.approx(width * 290.3e-15 / 6.582119569e-25, rel=1e-12)
    assert value(text, "lifetime(tau)", X) == 290.3e-15


@pytest.mark.parametrize(
    ("fermion", "isospin", "charge", "colours"),
    [("e", -0.5, -1, 1), ("nu_mu", 0.5, 0, 1), ("u", 0.5, 2 / 3, 3), ("b", -0.5, -1 / 3, 3)],
)
def test_the_z_into_fermions_of_the_standard_model(fermion, isospin, charge, colours):
    model = g2.load_model("alp", inputs={f"m_{fermion}": "1e-30"})
    found = float(model.observable(f"Gamma(Z -> {fermion} bar({fermion}))").evaluate(14))
    left, right = isospin - charge * SIN2, -charge * SIN2
    size = 4 * math.pi * ALPHA / (SIN2 * (1 - SIN2)) * 91.1876 / (24 * math.pi)
    assert found == pytest.approx(colours * size * (left**2 + right**2), rel=1e-12)
    absent = declare(
        "y*X*bar(mu)*mu", fields=[X], parameters=[g2.parameter("y")], conventions={"standard_model": "absent"}
    )
    assert float(g2.Model(absent).observable(f"Gamma(Z -> {fermion} bar({fermion}))").evaluate(5)) == 0


def test_the_w_into_leptons():
    model = g2.load_model("alp")
    expected = 4 * math.pi * ALPHA / SIN2 * 80.3692 / (48 * math.pi)
    for name in ("Gamma(W -> nu_e bar(e))", "Gamma(bar(W) -> e bar(nu_e))"):
        assert float(model.observable(name).evaluate(12)) == pytest.approx(expected, rel=1e-9)


# explicit tensors -------------------------------------------------------------------------------------------
METRIC = np.diag([1.0, -1, -1, -1])


def boosted(momentum, eta):
    turn = np.eye(4)
    turn[0, 0] = turn[1, 1] = math.cosh(eta)
    turn[0, 1] = turn[1, 0] = math.sinh(eta)
    return turn @ momentum


def test_interference_of_field_strengths_and_mass_terms():
    """k X Z Z + g X F(Z) F(Z) from vertices and polarisation sums as tensors, in a moving frame."""
    big, z, k, g = 300.0, 91.1876, 7.0, 0.02
    p = math.sqrt(big**2 / 4 - z**2)
    one = boosted(np.array([big / 2, 0, p * 0.6, p * 0.8]), 0.7)
    two = boosted(np.array([big / 2, 0, -p * 0.6, -p * 0.8]), 0.7)
    dot = one @ METRIC @ two
    # outgoing: F_{mn} F^{mn} gives -2 (i i) [(k1.k2) g - k2 k1] for each of two assignments
    vertex = 2 * k * METRIC - 4 * g * (dot * METRIC - np.outer(two, one))
    sums = [-METRIC + np.outer(q, q) / z**2 for q in (one, two)]
    lower = METRIC @ vertex @ METRIC
    square = np.einsum("ab,cd,ac,bd", lower, lower, sums[0], sums[1])
    text = "k*X*Z(al)*Z(al) + g*X*F(Z,al,be)*F(Z,al,be)"
    found = value(text, "Gamma(X -> Z Z)", X, k=k, g=g, m_X=big)
    assert found == pytest.approx(phase(big, z, z) * square / 2, rel=1e-11)


@pytest.mark.parametrize("dual", ["F", "Fdual"])
def test_polarisations_agree_with_the_covariant_sum(dual):
    """Two calculations of X F(V) F(W) for any masses, as identities of rational functions."""
    W = g2.vector("Wp")
    model = declared(f"g*X*F(V,al,be)*{dual}(Wp,al,be)", X, V, W)
    (operator,) = model.for_lepton("e")
    (vertex,) = boson_vertices(operator)
    big, one, two = gen("M"), gen("m1"), gen("m2")
    for parent, products, masses, order in (
        ("X", ("V", "Wp"), (big, one, two), (big, one, two)),
        ("V", ("X", "Wp"), (big, one, two), (one, big, two)),
    ):
        kinematics = Decay(masses, tuple(n != "X" for n in (parent, *products)))
        rule = rule_of(operator, ways(model, operator, Channel(parent, products)))
        assert kinematics.product(rule, rule) == Frac.of(square_of(vertex, vertex, *order))


# what is not derived ----------------------------------------------------------------------------------------
MORE = "y*X*bar(mu)*mu + x*X*Y*Y*Y + g*X*Y*bar(e)*e"


def test_totals_wait_for_what_is_not_derived_and_partial_widths_do_not():
    model = g2.Model(declared(MORE, X, Y))
    point = {"y": 0.1, "x": 0.2, "g": 0.3, "m_X": 5, "m_Y": 1}
    assert float(model.observable("Gamma(X -> mu bar(mu))").evaluate(5, point)) > 0
    for name in ("Gamma(X)", "BR(X -> mu bar(mu))", "lifetime(X)"):
        with pytest.raises(UnsupportedError, match="decays into 3 particles are not derived; set"):
            model.observable(name).evaluate(5, point)
        assert float(model.observable(name).evaluate(5, {**point, "x": 0, "g": 0})) > 0
        part = model.observable(name, partial=True).evaluate(5, point)
        assert float(part) == float(model.observable(name).evaluate(5, {**point, "x": 0, "g": 0}))
        assert any("decays into 3 particles" in text for text in part.record["missing"])


def test_terms_that_cannot_make_it_decay_are_nothing():
    """Two of the particle in a term: a decay into itself is closed at any mass."""
    model = declared("y*X*bar(mu)*mu + g*X*X*bar(e)*e + x*X*X*Y*Y", X, Y)
    assert channels(model, "X")[1] == ()
    assert len(channels(model, "Y")[1]) == 0


def test_longitudinal_parts_that_diverge():
    with pytest.raises(UsageError, match="m_V is zero, where the longitudinal part diverges; give a mass"):
        value("k*X*V(al)*V(al)", "Gamma(X -> V V)", X, V, k=1, m_X=1, m_V=0)
    assert value("g*X*F(V,al,be)*F(V,al,be)", "Gamma(X -> V V)", X, V, g=1, m_X=1, m_V=0) == pytest.approx(
        4 / (16 * math.pi) / 1, rel=1e-12
    )
    assert value("k*X*V(al)*V(al)", "Gamma(X -> V V)", X, V, k=1, m_X=1, m_V=1) == 0


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("Gamma(W -> c bar(b))", UnsupportedError, "need the quarks' mixing"),
        ("Gamma(t -> W b)", UnsupportedError, "need the quarks' mixing"),
        ("Gamma(W)", UnsupportedError, "the total width of W is for the most part the Standard Model's own"),
        ("BR(W -> nu_mu bar(mu))", UnsupportedError, "ask for a partial width, such as Gamma\\(W -> ...\\)"),
        ("lifetime(e)", UsageError, "e does not decay"),
        ("Gamma(a -> e e)", UsageError, "does not conserve charge; an antiparticle is written as in e bar"),
        ("Gamma(A -> A a)", UsageError, "the photon is massless"),
        ("Gamma(Z -> b bar(b))", UsageError, "m_b has no value, since a quark's mass depends on its scheme"),
    ],
)
def test_refusals(name, error, said):
    with pytest.raises(error, match=said):
        g2.load_model("alp").observable(name).evaluate(5, {"m_a": 1, "g_aff": 0})
