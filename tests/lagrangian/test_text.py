"""The text form: grammar, places in messages, equality with the Python form, printing and reading back."""

import time
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym import lagrangian as g2
from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError, UnsupportedError, UsageError

a, s = g2.scalar("a", parity=-1), g2.scalar("s")
Ap, phi, N = g2.vector("Ap"), g2.scalar("phi", charge=1), g2.fermion("N")
g, h = g2.parameter("g"), g2.parameter("h", complex=True)
k, M = g2.parameter("k", -1), g2.parameter("M", 1)
f, mu, e = g2.lepton("f"), g2.lepton("mu"), g2.lepton("e")
I = g2.I  # noqa: E741  the language's own name
bar, cc, gamma, gamma5, sigma, PL, PR = g2.bar, g2.cc, g2.gamma, g2.gamma5, g2.sigma, g2.PL, g2.PR
d, F, Fdual, hc, sqrt = g2.d, g2.F, g2.Fdual, g2.hc, g2.sqrt
EVERYTHING = (a, s, Ap, phi, N, g, h, k, M)
FIELDS = {x.field.name: x.field for x in (a, s, Ap, phi, N)}
PARAMETERS = {n: p for x in (g, h, k, M) for n, p in x.declared.items()}
NAMES = g2.known_names(FIELDS, PARAMETERS)


def refusal(text):
    """Return why a text is refused, empty when it is not."""
    try:
        g2.declare(text, fields=FIELDS.values(), parameters=PARAMETERS.values())
    except ModelError as error:
        return str(error)
    return ""


def declared(thing):
    """Declare with just the fields that the term uses."""
    expression = g2.parse_lagrangian(thing, NAMES) if isinstance(thing, str) else thing
    used = {w.field for x in expression.words for w in x.factors if hasattr(w, "field")}
    brought = [FIELDS[n] for n in sorted(used & set(FIELDS))]
    if isinstance(thing, str):
        return g2.declare(thing, fields=brought, parameters=PARAMETERS.values())
    return g2.declare(thing, parameters=PARAMETERS.values())


PAIRS = {
    "-g/(2*m_f) * d(al, a) * bar(f)*gamma5*gamma(al)*f": lambda: (
        -g / (2 * g2.mass("f")) * d("al", a) * bar(f) * gamma5 * gamma("al") * f
    ),
    "-k/4*a*F(A, al, be)*Fdual(A, al, be)": lambda: -k / 4 * a * F("A", "m", "n") * Fdual("A", "m", "n"),
    "-I*g*a*bar(mu)*gamma5*mu": lambda: -I * g * a * bar(mu) * gamma5 * mu,
    "-g*e_em*bar(f)*gamma(al)*f*Ap(al)": lambda: -g * g2.e_em * bar(f) * gamma("al") * f * Ap("al"),
    "h*s*bar(e)*PL*mu + hc": lambda: h * s * bar(e) * PL * mu + hc,
    "(h*s*bar(e)*PL*mu + hc) - g*s*bar(e)*e": lambda: (h * s * bar(e) * PL * mu + hc) - g * s * bar(e) * e,
    "g*phi*bar(nu_mu)*PR*mu + hc": lambda: g * phi * bar(g2.standard("nu_mu")) * PR * mu + hc,
    "g*bar(phi)*bar(f)*PR*N + hc": lambda: g * bar(phi) * bar(f) * PR * N + hc,
    "g*bar(W(al))*bar(f)*gamma(al)*PL*N + hc": lambda: (
        g * bar(g2.standard("W")("al")) * bar(f) * gamma("al") * PL * N + hc
    ),
    "k*sqrt(2)/3*bar(e)*sigma(al,be)*mu*F(Ap,al,be) + hc": lambda: (
        k * sqrt(2) / 3 * bar(e) * sigma("al", "be") * mu * F(Ap, "al", "be") + hc
    ),
    "M*s^3/6 + pi*s**4*1e-2": lambda: M * s**3 / 6 + g2.pi * s**4 / 100,
    "g*s*bar(N)*N": lambda: g * s * bar(N) * N,
    "g^2*M^(-1)*s^2*bar(f)*f": lambda: g**2 * M**-1 * s**2 * bar(f) * f,
    "0.5*g*s*bar(f)*f": lambda: Decimal("0.5") * g * s * bar(f) * f,
    "g*s*bar(cc(mu))*cc(mu)": lambda: g * s * bar(cc(mu)) * cc(mu),
    "g*cos_w/sin_w*s*bar(f)*f": lambda: g * g2.cos_w / g2.sin_w * s * bar(f) * f,
}


@pytest.mark.parametrize("text", PAIRS)
def test_text_and_python_build_the_same_operators(text):
    from_text, from_python = declared(text), declared(PAIRS[text]())
    assert from_text.operators == from_python.operators
    assert from_text.operators
    assert from_text.text == text
    assert from_python.text == from_python.canonical_text


@pytest.mark.parametrize("text", PAIRS)
def test_what_is_printed_reads_back(text):
    first = declared(text)
    again = declared(first.canonical_text)
    assert again.operators == first.operators
    assert again.digest == first.digest


def test_hermitian_conjugates_by_hand_and_by_hc_agree():
    by_hand = "g*s*bar(e)*PL*mu + g*s*bar(mu)*PR*e"
    assert declared(by_hand).operators == declared("g*s*bar(e)*PL*mu + hc").operators
    complex_hand = "(re_h + I*im_h)*s*bar(e)*PL*mu + (re_h - I*im_h)*s*bar(mu)*PR*e"
    assert declared(complex_hand).operators == declared("h*s*bar(e)*PL*mu + hc").operators
    expression = g * s * bar(e) * PL * mu
    assert declared(expression + hc(expression)).operators == declared(by_hand).operators


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("g*s*bar(f)*f", "+ g * bar(f)\n * s\n# a comment\n* f"),
        ("g*s*bar(f)*f - g*s^2*M*s", "g*s*bar(f)*f\n-g*M*s^3 # end"),
        ("g*s*bar(f)*(1+gamma5)*(1-gamma5)*f + g*s*bar(f)*f", "g*s*bar(f)*f"),
        ("g*Ap(al)*bar(f)*gamma(al)*gamma5*f", "-g*Ap(mu)*bar(f)*gamma5*gamma(mu)*f"),
        ("I*k/2*bar(f)*(gamma(a)*gamma(b)-gamma(b)*gamma(a))*f*F(Ap,a,b)", "k*bar(f)*sigma(a,b)*f*F(Ap,a,b)"),
        ("k*s*F(A,x,y)*Fdual(Z,x,y)", "-k*s*F(Z,y,x)*Fdual(A,x,y)"),
        ("--g*s*bar(f)*f", "g*s*bar(f)*f"),
        ("sqrt(8)*sqrt(2)*s*bar(f)*f", "4*s*bar(f)*f"),
        ("sqrt(2/3)*sqrt(6)*s*bar(f)*f", "2*s*bar(f)*f"),
        ("2*g*s*bar(f)*f/4", "g*s*bar(f)*f*0.5e0"),
        ("g*s*bar(d)*d", "g*bar(d)*d*s"),
    ],
)
def test_two_writings_of_one_lagrangian(one, other):
    assert declared(one).operators == declared(other).operators


coefficients = st.recursive(
    st.one_of(
        st.integers(-9, 9).filter(bool).map(lambda n: Coefficient.number(Fraction(n, 3))),
        st.sampled_from(["g", "re_h", "m_mu", "sin_w"]).map(Coefficient.symbol),
        st.just(Coefficient.number(Fraction(1, 2), -2)),
        st.just(Coefficient.sqrt(2)),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).filter(lambda p: not p[1].is_zero).map(lambda p: p[0] / p[1]),
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(coefficients)
def test_every_coefficient_reads_back(value):
    again = g2.parse_coefficient(str(value), ["g", "re_h", "m_mu", "sin_w"])
    assert (again - value).is_zero


terms = st.sampled_from(
    [
        "s*bar(f)*f",
        "s*bar(e)*PL*mu",
        "I*a*bar(f)*gamma5*f",
        "Ap(al)*bar(e)*gamma(al)*PR*tau",
        "phi*bar(nu_e)*PR*e",
        "bar(phi)*bar(f)*PR*N",
        "M*s*a*a",
        "k*a*F(A,al,be)*Fdual(Z,al,be)",
        "k*d(al,s)*Ap(be)*F(A,al,be)",
        "k*bar(mu)*sigma(al,be)*gamma5*e*F(Z,al,be)",
    ]
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["g", "h", "-2/3*h", "I*h", "sqrt(3)"]), terms), min_size=1, max_size=5
    )
)
def test_random_lagrangians_read_back_and_are_hermitian(parts):
    every_field = "g*s^4 + g*a^4 + g*Ap(al)*bar(N)*gamma(al)*N + g*phi*bar(phi)*s^2"
    text = every_field + "".join(f"\n+ {c}*{t}" for c, t in parts) + " + hc"
    fields = {**FIELDS, "a": g2.scalar("a").field}.values()  # no parity: both kinds may stand
    first = g2.declare(text, fields=fields, parameters=PARAMETERS.values())
    everything = {**g2.STANDARD_MODEL, **first.fields}
    assert g2.conjugate(first.operators, everything) == first.operators
    again = g2.declare(first.canonical_text, fields=first.fields.values(), parameters=PARAMETERS.values())
    assert again.operators == first.operators


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("g*s*bar(f)*f\n+ q*s*bar(f)*f", "line 2, column 3", "'q' is not a known name"),
        ("g*s*baar(f)*f", "line 1, column 5", "did you mean 'bar'"),
        ("g*s*bar(muu)*f", "line 1, column 9", "did you mean 'mu'"),
        ("2g*s", "line 1, column 2", "write * between"),
        ("g s", "line 1, column 3", "write an operator"),
        ("g*s*bar(f)*f\ng*s", "line 2, column 1", "write an operator"),
        ("g*(s", "line 1, column 5", "the parenthesis of line 1, column 3"),
        ("g*s)", "line 1, column 4", "closes nothing"),
        ("g*", "line 1, column 3", "found the end of the text"),
        ("g*s*", "line 1, column 5", "expected a number, a name"),
        ("γ*s", "line 1, column 1", "ASCII"),
        ("g*s;", "line 1, column 4", "does not belong"),
        ("g^s", "line 1, column 3", "integer power"),
        ("g^(1/2)", "line 1, column 5", "roots are sqrt"),
        ("g^2^2", "line 1, column 4", "ambiguous"),
        ("g^99", "line 1, column 2", "beyond 64"),
        ("g^12345", "line 1, column 3", "at most 4 digits"),
        ("1/0*g", "line 1, column 2", "divides by zero"),
        ("(g-g)^(-2)*s", "line 1, column 6", "divides by zero"),
        ("g/s", "line 1, column 2", "under a division"),
        ("s^(-1)", "line 1, column 2", "positive powers"),
        ("s^0", "line 1, column 2", "positive powers"),
        (
            "sqrt(-2)*s",
            "line 1, column 1",
            "sqrt(-2) is not real: what stands under a root must not be negative",
        ),
        ("sqrt(I*g)*s", "line 1, column 1", "sqrt(I*g) is not real: what stands under a root has to be"),
        ("sqrt(s)*s", "line 1, column 1", "only commuting factors"),
        ("sqrt(g, h)*s", "line 1, column 7", "expected ')' after the argument"),
        ("sqrt(sqrt(sqrt(sqrt(sqrt(g)))))*s", "line 1, column 1", "more than 4 times"),
        ("sqrt((1 + g + sin_w)^8)*s", "line 1, column 1", "at most 20 are taken"),
        ("sqrt(1 + g^9)*s", "line 1, column 1", "at most 8 is taken"),
        ("sqrt*s", "line 1, column 1", "needs arguments"),
        ("g(s)", "line 1, column 2", "takes no arguments"),
        ("I(s)", "line 1, column 2", "takes no arguments"),
        ("s(al)", "line 1, column 2", "takes no index"),
        ("gamma(1)", "line 1, column 7", "Lorentz index"),
        ("gamma5(al)", "line 1, column 7", "takes no arguments"),
        ("sigma(al)", "line 1, column 9", "sigma(al, be)"),
        ("Ap(al, be)", "line 1, column 6", "after 1 Lorentz index"),
        ("F(A, al)", "line 1, column 8", "F(A, al, be)"),
        ("F(s, al, be)", "line 1, column 1", "takes a vector field"),
        ("F(Ap(al), al, be)", "line 1, column 1", "without index"),
        ("d(al)", "line 1, column 5", "between the index and the field"),
        ("d(al, s*a)", "line 1, column 1", "product rule"),
        ("d(al, 2*s)", "line 1, column 1", "product rule"),
        ("d(al, mu)", "line 1, column 1", "partial integration"),
        ("bar(s)", "line 1, column 1", "drop bar"),
        ("bar(2*mu)", "line 1, column 1", "takes one fermion"),
        ("bar(bar(mu))", "line 1, column 1", "takes one fermion"),
        ("cc(bar(mu))", "line 1, column 1", "bar(cc(x))"),
        ("hc", "line 1, column 1", "at the end of a sum"),
        ("hc*s", "line 1, column 1", "at the end of a sum"),
        ("g*hc", "line 1, column 3", "at the end of a sum"),
        ("g*s*bar(f)*f - hc", "line 1, column 16", "at the end of a sum"),
        ("g*s*bar(f)*f + hc + g", "line 1, column 19", "hc closes a sum"),
        ("bar(f)*(gamma(al) + hc)*f*Ap(al)", "line 1, column 19", "outside a bilinear"),
        ("((g)" * 30, "line 1, column 5", "expected ')' or an operator"),
        ("(" * 51 + "g" + ")" * 51, "line 1, column 51", "deeper than 50"),
        ("1e5000*g", "line 1, column 1", "beyond 1000"),
        ("9" * 1200, "line 1, column 1", "digits"),
        ("__import__('os')", "line 1, column 1", "does not belong"),
        ("exec*g", "line 1, column 1", "not a known name"),
        ("", "", "empty"),
        ("# nothing\n", "", "empty"),
    ],
)
def test_a_slip_is_named_with_place_rule_and_mend(text, place, says):
    with pytest.raises(ModelError) as error:
        g2.parse_lagrangian(text, NAMES)
    message = str(error.value)
    assert message.startswith(place)
    assert says in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60000,
        "(" * 30000 + ")" * 30000,
        "-" * 60000,
        "-" * 60000 + "g",
        "g*" * 30000 + "g",
        "s*" * 30000 + "s",
        "+".join(["g"] * 30000),
        "+".join(f"g^{n % 64}*k^{n % 61}*M^{n % 59}" for n in range(2000)),
        "+".join(f"1/(g+{n})" for n in range(5000)),
        "+".join(["s*bar(f)*f"] * 5000),
        "(1+g+k+M+sin_w)^64",
        "*".join(["(1+g+k+M)^16"] * 3000),
        "+".join(["(1+g+k+M)^12"] * 3000),
        "(s+a)^40",
        "(s+a+phi)^10",
        "9e999^64",
        "*".join(["9e999"] * 9000),
        "bar(" * 15000,
        "d(al," * 10000,
        "sqrt(" * 12000 + "2",
        "+".join(f"sqrt({a}+{b}*g+k^8+g^8*k^{a % 8})" for a in range(1, 60) for b in (1, 2, 3)),
        "(sqrt(1+g)+sqrt(1+k)+sqrt(1+M)+sqrt(2+sin_w))^40",
        "*".join(["sqrt(1+g+k+M+sin_w+g*k+M*sin_w+g^2)"] * 60),
        "*".join(["1/sqrt(1+g+k+M+sin_w)"] * 60),
        "+".join(f"{n}*s*bar(f)*PL*f" for n in range(1500)) + "+hc",
        "1/" * 30000 + "3",
        "x" * 65000,
        "g" + " " * 65000 + "g",
        "g^" * 30000,
    ],
    ids=range(29),
)
def test_hostile_texts_cost_little(text):
    start = time.process_time()
    message = refusal(text)
    assert time.process_time() - start < 4
    assert "\n" not in message
    assert len(message) < 500


def test_a_text_beyond_the_limit_is_refused():
    with pytest.raises(ModelError, match="at most 65536"):
        g2.parse_lagrangian("(" * 10_000_000, NAMES)


def test_python_form_refuses_what_cannot_be_meant():
    with pytest.raises(UsageError, match=r"Fraction\(1, 2\)"):
        0.5 * g * s
    with pytest.raises(UsageError, match="exact number or a field"):
        g * "s"
    with pytest.raises(UsageError, match="end of a sum"):
        hc + g * s
    with pytest.raises(UsageError, match="end of a sum"):
        g * hc
    with pytest.raises(UsageError, match="end of a sum"):
        g - hc
    with pytest.raises(UsageError, match="did you mean 'tau'"):
        g2.lepton("taau")
    with pytest.raises(UsageError, match="did you mean 'nu_mu'"):
        g2.standard("numu")
    with pytest.raises(UsageError, match="massless"):
        g2.mass("A")
    with pytest.raises(ModelError, match="not an integer"):
        g ** Fraction(1, 2)
    with pytest.raises(ModelError, match="takes one Lorentz index"):
        Ap("al", "be")
    with pytest.raises(ModelError, match="takes no Lorentz index"):
        s("al")
    with pytest.raises(ModelError, match="declared twice"):
        g * g2.parameter("g", 1)
    with pytest.raises(ModelError, match="Lorentz index"):
        gamma("a b")
    with pytest.raises(AttributeError, match="immutable"):
        g.words = ()
    with pytest.raises(UsageError, match="not a Lagrangian"):
        g2.declare(3)


def test_sums_and_reflected_operations_work_in_python():
    total = sum([g * s * bar(f) * f, g * s * bar(mu) * mu])
    assert declared(total).operators == declared("g*s*bar(f)*f + g*s*bar(mu)*mu").operators
    assert (2 - g).coefficient == -(g - 2).coefficient
    assert (1 / M).coefficient == (M**-1).coefficient
    assert "bar(f)" in repr(total)
    assert repr(hc) == "hc"


def test_second_pair_of_fermions_is_unsupported():
    with pytest.raises(UnsupportedError, match=r"line 1, term .*four-fermion operators are not treated"):
        g2.declare("k^2*bar(e)*e*bar(mu)*mu*1", parameters=PARAMETERS.values())
