"""Every rule refuses what breaks it, naming the place and the mend."""

import pytest

from g2sym import lagrangian as g2
from g2sym.errors import InputError, ModelError, UnsupportedError

s0, s_plus, a_minus = g2.scalar("S"), g2.scalar("S", parity=1), g2.scalar("a", parity=-1)
V0, V_minus, V_plus = g2.vector("V"), g2.vector("V", parity=-1), g2.vector("V", parity=1)
phi, N = g2.scalar("phi", charge=1), g2.fermion("N")
g, h, k = g2.parameter("g"), g2.parameter("h", complex=True), g2.parameter("k", -1)
PARAMETERS = (g, h, k)


def refuse(text, *fields, kind=ModelError):
    with pytest.raises(kind) as error:
        g2.declare(text, fields=fields, parameters=PARAMETERS)
    message = str(error.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def accept(text, *fields):
    return g2.declare(text, fields=fields, parameters=PARAMETERS)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("g*bar(f)*gamma(al)*f*V(be)", "'be' stands once"),
        ("g*S*bar(f)*gamma(al)*f", "'al' stands once; every index must stand exactly twice, so contract it"),
        ("k*d(al,S)*bar(f)*gamma(al)*gamma(al)*f", "'al' stands 3 times"),
        ("g*S*bar(f)*gamma(al)*gamma(al)*f", "gamma(al)*gamma(al) = 4"),
        ("k*S*F(A,al,be)*F(A,al,rho)", "'be' stands once"),
        ("g*bar(f)*gamma(al)*f*V", "write V(al)"),
        ("k*S*F(A,al,al)*F(A,be,be)", "vanishes identically"),
        ("k*bar(f)*sigma(al,al)*f*S", "contracted inside one gamma string"),
    ],
)
def test_lorentz_indices(text, says):
    message = refuse(f"g*S*bar(f)*f\n+ {text}", s0, V0)
    assert message.startswith("line 2, term '")
    assert says in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("k*S*bar(f)*f", "mass dimension is 3 (fields 4, coefficient -1)"),
        ("g*S*F(A,al,be)*F(A,al,be)", "the coefficient needs dimension -1"),
        ("k*m_f^2*S*bar(f)*f", "mass dimension is 5"),
        ("g*d(al,S)*bar(f)*gamma(al)*gamma5*f", "needs dimension -1, so mend the parameter's dimension"),
        ("(g + m_f)*S*bar(f)*f", "adds terms of mass dimension 0 and 1"),
        ("g/(1 + m_f)*S*bar(f)*f", "adds terms of mass dimension 0 and 1"),
    ],
)
def test_mass_dimension(text, says):
    message = refuse(text, s0)
    assert message.startswith("line 1, term '")
    assert says in message


def test_hermiticity():
    message = refuse("g*S*bar(e)*PL*mu", s0)
    assert "lacks its Hermitian conjugate" in message
    assert "'+ hc'" in message
    message = refuse("g*a*bar(f)*gamma5*f", a_minus)
    assert message.startswith("line 1, term 'g*a*bar(f)*gamma5*f': the Lagrangian is not Hermitian")
    assert "minus its own Hermitian conjugate; multiply it by I" in message
    assert "multiply it by I" in refuse("I*g*S*bar(f)*f", s0)
    assert "multiply it by I" in refuse("I*k*S*F(A,al,be)*F(A,al,be)", s0)
    assert "Hermitian" in refuse("h*S*bar(f)*f", s0)
    assert "Hermitian" in refuse("g*S*bar(e)*PL*mu + g*S*bar(mu)*PL*e", s0)
    assert "Hermitian" in refuse("g*phi*bar(nu_mu)*PR*mu", phi)
    assert "line 2" in refuse("g*S*bar(f)*f\n + g*S*bar(e)*mu", s0)
    accept("h*S*bar(f)*f + hc", s0)
    accept("re_h*S*bar(f)*f", s0)
    accept("-I*g*a*bar(f)*gamma5*f", a_minus)
    accept("g*S*bar(e)*PL*mu + g*S*bar(mu)*PR*e", s0)


@pytest.mark.parametrize(
    ("text", "field", "good"),
    [
        ("g*S*bar(f)*f", s_plus, True),
        ("I*g*S*bar(f)*gamma5*f", s_plus, False),
        ("k*S*F(A,al,be)*F(A,al,be)", s_plus, True),
        ("k*S*F(A,al,be)*Fdual(A,al,be)", s_plus, False),
        ("k*S*F(A,al,be)*F(Z,al,be)", s_plus, True),
        ("k*S*F(A,al,be)*Fdual(Z,al,be)", s_plus, False),
        ("I*g*a*bar(f)*gamma5*f", a_minus, True),
        ("k*d(al,a)*bar(f)*gamma5*gamma(al)*f", a_minus, True),
        ("g*a*bar(f)*f", a_minus, False),
        ("k*a*F(A,al,be)*Fdual(A,al,be)", a_minus, True),
        ("k*a*F(A,al,be)*F(A,al,be)", a_minus, False),
        ("g*bar(f)*gamma(al)*f*V(al)", V_minus, True),
        ("g*bar(f)*gamma5*gamma(al)*f*V(al)", V_minus, False),
        ("g*bar(f)*gamma5*gamma(al)*f*V(al)", V_plus, True),
        ("g*bar(f)*gamma(al)*f*V(al)", V_plus, False),
        ("k*bar(f)*sigma(al,be)*f*F(V,al,be)", V_minus, True),
        ("g*bar(e)*PL*mu*S + hc", s_plus, True),  # relative parity of e and mu is a convention
        ("g*S*bar(f)*(1 + I*gamma5)*f", s0, True),
    ],
)
def test_declared_parity(text, field, good):
    if good:
        accept(text, field)
        return
    message = refuse(text, field)
    assert message.startswith("line 1, term '")
    assert "is declared with parity" in message
    assert "drop parity" in message


def test_electric_charge():
    message = refuse("g*phi*bar(mu)*mu + hc", phi)
    assert "the electric charge is not conserved: phi carries 1, bar(mu) carries 1, mu carries -1" in message
    assert "conjugate a field" in message
    assert "not conserved" in refuse("g*S*bar(nu_mu)*mu + hc", s0)
    accept("g*phi*bar(nu_mu)*PR*mu + hc", phi)
    accept("g*bar(phi)*bar(mu)*PL*N + hc", phi, N)
    accept("g*k2*bar(cc(e))*PR*mu + hc", g2.scalar("k2", charge=2))
    assert "bar(cc(e)) carries -1" in refuse("g*S*bar(cc(e))*PR*mu + hc", s0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("g*S*mu", "no bar(x) before it"),
        ("g*S*bar(mu)", "no fermion after it"),
        ("g*S*bar(mu)*bar(mu)*mu", "follows bar(mu)"),
        ("g*S*gamma5", "stands outside a bilinear"),
        ("g*S*bar(mu)*mu*gamma5", "stands outside a bilinear"),
        ("g*S*mu*bar(mu)", "no bar(x) before it"),
        ("g*b*S", "'b' is a quark unless you declare a field 'b'"),
        ("g", "holds no field"),
        ("g*S*S*S*S - g*S*S*S*S", "its terms cancel"),
        ("g*S*bar(f)*mu + hc", "mixes the generic lepton f with 'mu'"),
        ("g*bar(f)*f*m_f", "only what is new is written"),
        ("g*m_f^2*S*S", "only what is new is written"),
        ("g*d(al,S)*d(al,S)", "only what is new is written"),
        ("e_em*bar(f)*gamma(al)*f*A(al)", "follow from the electric charges"),
    ],
)
def test_form_of_a_term(text, says):
    assert says in refuse(text, s0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("g*S*bar(e)*e*bar(mu)*mu", "four-fermion operators are not treated yet"),
        ("g*F(A,al,be)*F(V,al,be)", "mixing is not treated"),
        ("g*m_f^3*S", "linear in one field"),
        ("k*k*V(al)*V(be)*bar(f)*gamma(rho)*gamma(al)*gamma(be)*f*V(rho)", "more than two gamma matrices"),
    ],
)
def test_sound_but_not_treated(text, says):
    message = refuse(text, s0, V0, kind=UnsupportedError)
    assert message.startswith("line 1")
    assert says in message


def test_names():
    with pytest.raises(ModelError, match="did you mean 'g_mu'"):
        g2.declare("g_nu*S*bar(mu)*mu", fields=[s0], parameters=[g2.parameter("g_mu")])
    for name in ("mu", "A", "d", "hc", "m_f", "m_Z", "e_em", "f", "nu_e"):
        with pytest.raises(ModelError, match=f"'{name}' is reserved"):
            g2.scalar(name)
        with pytest.raises(ModelError, match=f"'{name}' is reserved"):
            g2.parameter(name)
    for name in ("", "1a", "a-b", "x" * 41, "é", "_x", "a b", 3):
        with pytest.raises(ModelError, match="a name is a letter"):
            g2.parameter(name)
    with pytest.raises(ModelError, match="both a field and a parameter"):
        g2.declare("g*S*bar(mu)*mu", fields=[g2.scalar("g"), s0], parameters=[g])
    with pytest.raises(ModelError, match="clashes with the complex parameter 'h'"):
        g2.declare("g*S*bar(mu)*mu", fields=[s0], parameters=[g, h, g2.parameter("re_h")])
    with pytest.raises(ModelError, match="declared but no term holds it"):
        g2.declare("g*S*bar(mu)*mu", fields=[s0, V0], parameters=[g])
    with pytest.raises(ModelError, match="'m_s' is the mass of 's' and of a new field"):
        g2.declare("g*S*bar(s)*s", fields=[g2.scalar("S", mass="m_s")], parameters=[g])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: g2.scalar("S", mass="mass"), "write 'm_S'"),
        (lambda: g2.scalar("S", mass="m_f"), "generic lepton"),
        (lambda: g2.scalar("S", mass="m_a;b"), "not a symbol"),
        (lambda: g2.scalar("S", mass=0.5), "not a symbol"),
        (lambda: g2.scalar("S", charge=11), "beyond 10"),
        (lambda: g2.scalar("S", charge="x"), "not a number"),
        (lambda: g2.scalar("S", parity=2), "neither 1 nor -1"),
        (lambda: g2.scalar("S", parity=True), "neither 1 nor -1"),
        (lambda: g2.scalar("S", charge=1, self_conjugate=True), "cannot be its own conjugate"),
        (lambda: g2.scalar("S", latex="a\nb"), "control character"),
        (lambda: g2.scalar("S", latex="x" * 201), "at most 200"),
        (lambda: g2.new_field("h3", 2), "spin 2 is not treated"),
        (lambda: g2.new_field("N", 0.5, parity=1), "takes no parity"),
        (lambda: g2.parameter("x", 0.5), "not an integer"),
        (lambda: g2.parameter("x", 99), "between -20 and 20"),
        (lambda: g2.parameter("x", flavour="all"), "not one of single, universal, mass"),
        (lambda: g2.parameter("x", complex=1), "neither true nor false"),
        (lambda: g2.parameter("m_x", 1, complex=True), "a mass is real"),
        (lambda: g2.parameter("x", default=g2.I), "not real"),
        (lambda: g2.parameter("x", default="1+1"), "not a number"),
        (lambda: g2.parameter("x", default=s0), "only commuting factors"),
    ],
)
def test_declared_properties(make, says):
    with pytest.raises(InputError) as error:
        make()
    assert says in str(error.value)


def test_python_terms_are_numbered():
    mu = g2.lepton("mu")
    with pytest.raises(ModelError, match=r"^term 2, 'k\*S\*bar\(mu\)\*mu': its mass dimension is 3"):
        g2.declare(g * s0 * g2.bar(mu) * mu + k * s0 * g2.bar(mu) * mu)


W_vector = g2.vector("X", charge=1)


@pytest.mark.parametrize(
    "text",
    [
        "I*g*F(A,al,be)*bar(X(al))*X(be)",
        "I*g*Fdual(A,al,be)*X(be)*bar(X(al))",
        "I*g*F(B,al,be)*bar(X(al))*X(be)",
        "I*g*F(W3,al,be)*bar(X(al))*X(be)",
        "I*g*F(A,al,be)*bar(W(al))*W(be)",
    ],
)
def test_the_triple_vertex_of_a_charged_vector_is_that_of_yang_mills(text):
    message = refuse(text, W_vector, kind=UnsupportedError)
    name = "W" if "bar(W" in text else "X"
    assert message.startswith(
        f"line 1, term '{text}': the coupling of the charged vector '{name}' to the photon's"
    )
    assert "is that of Yang-Mills (kappa = 1)" in message
    assert "ultraviolet divergent, so remove the term" in message


def test_other_couplings_of_a_charged_vector_are_read():
    accept("I*g*F(Z,al,be)*bar(X(al))*X(be)", W_vector)
    accept("g*X(al)*bar(nu_mu)*gamma(al)*PL*mu + hc", W_vector)
    neutral = g2.vector("V", self_conjugate=False)
    accept("I*g*F(A,al,be)*bar(V(al))*V(be)", neutral)
    accept("k*k*F(A,al,be)*F(A,al,be)*bar(X(rho))*X(rho)", W_vector)


def test_dipole_couplings_on_the_line():
    model = accept("k*bar(mu)*sigma(al,be)*mu*F(V,al,be) + I*k*bar(mu)*sigma(al,be)*gamma5*mu*F(V,al,be)", V0)
    assert [o.text() for o in model.operators] == [
        "I*k*F(V, al, be)*bar(mu)*gamma5*sigma(al, be)*mu",
        "k*F(V, al, be)*bar(mu)*sigma(al, be)*mu",
    ]
    accept("k*bar(e)*sigma(al,be)*PR*mu*F(A,al,be) + hc")
    assert "Hermitian" in refuse("k*bar(e)*sigma(al,be)*PR*mu*F(A,al,be)")
    assert "mass dimension is 5" in refuse("g*bar(mu)*sigma(al,be)*mu*F(V,al,be)", V0)


def test_doubly_charged_bilinears_are_symmetric_or_vanish():
    double = g2.scalar("D", charge=2)
    one = accept("h*D*bar(cc(mu))*PR*e + hc", double)
    assert one.operators == accept("h*D*bar(cc(e))*PR*mu + hc", double).operators
    twice = accept("h*D*bar(cc(mu))*PR*e + h*D*bar(cc(e))*PR*mu + hc", double)
    assert [o.coefficient for o in twice.operators] == [2 * o.coefficient for o in one.operators]
    vector = g2.vector("Y", charge=2)
    axial = accept("g*Y(al)*bar(cc(mu))*gamma(al)*PR*mu + hc", vector)
    assert axial.operators == accept("1/2*g*Y(al)*bar(cc(mu))*gamma(al)*gamma5*mu + hc", vector).operators
    opposite = "g*Y(al)*bar(cc(mu))*gamma(al)*e + g*Y(al)*bar(cc(e))*gamma(al)*mu + hc"
    assert "cancel" in refuse(opposite, vector)
    assert "vanishes identically" in refuse("g*Y(al)*bar(cc(mu))*gamma(al)*mu + hc", vector)
    assert "vanishes" in refuse("k*F(Y,al,be)*bar(cc(mu))*sigma(al,be)*mu + hc", vector)


def test_roots_have_half_the_dimension_of_what_stands_under_them():
    accept("sqrt(g^2 + sin_w)*S*bar(mu)*mu", s0)
    accept("sqrt(m_e*m_mu)*k*S*bar(mu)*mu", s0)
    accept("sqrt(G_F)*m_mu*S*bar(mu)*mu", s0)
    accept("sqrt(re_h^2 + im_h^2)*S*bar(mu)*mu", s0)
    message = refuse("sqrt(m_mu)*g*S*bar(mu)*mu", s0)
    assert "its mass dimension is 9/2 (fields 4, coefficient 1/2)" in message
    assert "adds terms of mass dimension 0 and 1" in refuse("sqrt(1 + m_mu)*g*S*bar(mu)*mu", s0)
    assert "not real: what stands under a root has to be" in refuse("sqrt(h)*S*bar(mu)*mu", s0)
    assert "'q' is not a known name" in refuse("sqrt(q)*S*bar(mu)*mu", s0)
    python = g2.sqrt(4 * g2.sqrt(2) * g2.G_F) * g2.mass("mu") * s0 * g2.bar(g2.lepton("mu")) * g2.lepton("mu")
    assert g2.declare(python).operators == accept("sqrt(4*sqrt(2)*G_F)*m_mu*S*bar(mu)*mu", s0).operators
