"""Widths and cross-sections where they end: thresholds, cuts, poles, zeros, and what is not derived."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from g2sym.base.balls import Ball
from g2sym.errors import G2symError, UnsupportedError, UsageError
from g2sym.lagrangian.modelfile import parse_declaration
from g2sym.model.model import Model, load_model

MUON = "0.1056583755"
S, D = "sigma(mu bar(mu) -> A a)", "dsigma(mu bar(mu) -> A a)"


def model(text: str, conventions: str = "", complex_: str = "", **more: str) -> Model:
    """A model with a scalar X and a vector V; ``more`` are its parameters with their dimensions."""
    lines = ["schema = 1", "name = 'm'", f"lagrangian = '''{text}'''", "[conventions]", conventions]
    mass = more.pop("v_mass", "")
    if "X" in text:
        lines += ["[fields.X]", "spin = 0", "self_conjugate = " + ("false" if complex_ else "true")]
    if "V" in text:
        lines += ["[fields.V]", "spin = 1", mass]
    for name, dimension in more.items():
        lines += [f"[parameters.{name}]", f"dimension = {dimension}"]
    return Model(parse_declaration("\n".join(lines).encode(), "m"))


def at(own: Model, name: str, partial: bool = False, **values: object) -> float:
    return float(own.observable(name, partial=partial).evaluate(15, values).ball.midpoint)


ALP = {"g_aff": "1e-3", "g_agg": 0, "g_agZ": 0}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Gamma(a -> mu bar(mu))", {"m_a": "0.2"}),
        ("Gamma(a -> mu bar(mu))", {"m_a": "0.211316751"}),  # exactly at threshold
        (S, {"m_a": 1, "sqrt_s": "0.9"}),
        (S, {"m_a": 1, "sqrt_s": 1, "g_aff": 0, "g_agg": 1}),
        (S, {"m_a": "0.1", "sqrt_s": 1, "cos_max": 0}),
        (D, {"m_a": "0.1", "sqrt_s": 1, "cos": "0.9", "cos_max": "0.8"}),
    ],
)
def test_closed_channels_and_angles_beyond_the_cut_are_exactly_zero(
    name: str, values: dict[str, object]
) -> None:
    observable = load_model("alp").observable(name)
    known = {"g_aff": "1e-3", **values} if name.startswith("Gamma") else {**ALP, **values}
    ball = observable.evaluate(15, known).ball
    assert ball.midpoint == 0
    assert ball.radius == 0
    assert float(observable.lambdify()(params={n: float(v) for n, v in known.items()})) == 0.0


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        (S, {"m_a": 1, "sqrt_s": 1}, "sqrt_s is exactly m_a, where the photon is infinitely soft"),
        (S, {"m_a": "0.1", "sqrt_s": "0.211316751"}, "sqrt_s is not above 2 m_mu"),
        (S, {"m_a": "0.1", "sqrt_s": -3}, "sqrt_s is not above 2 m_mu"),
        (S, {"m_a": "0.1", "sqrt_s": 1, "cos_max": "1.1"}, "cos_max is no cut"),
        (S, {"m_a": 2, "sqrt_s": 1, "cos_max": -1}, "cos_max is no cut"),
        (D, {"m_a": "0.1", "sqrt_s": 1, "cos": "-1.0000001"}, "cos is no cosine"),
        (D, {"m_a": 2, "sqrt_s": 1, "cos": 5}, "cos is no cosine"),
        (S, {"m_a": "0.1"}, "sqrt_s has no value"),
        (D, {"m_a": "0.1", "sqrt_s": 1}, "cos has no value"),
    ],
)
def test_what_has_no_meaning_is_said_in_one_sentence(name: str, values: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        load_model("alp").observable(name).evaluate(15, {**ALP, **values})


def test_a_vector_without_width_is_refused_on_its_pole_alone() -> None:
    text = "g*X*bar(mu)*mu + h*X*F(A, al, be)*F(V, al, be) + g*V(al)*bar(mu)*gamma(al)*mu"
    own = model(text, g="0", h="-1", Gamma_V="1", v_mass='width = "Gamma_V"')
    known = {"g": 1, "m_X": 2, "m_V": 10, "sqrt_s": 10}
    with pytest.raises(UsageError, match="sqrt_s is exactly m_V and its width is zero"):
        at(own, "sigma(mu bar(mu) -> A X)", h="0.1", Gamma_V=0, **known)
    assert at(own, "sigma(mu bar(mu) -> A X)", h="0.1", Gamma_V="0.1", **known) > 0
    assert at(own, "sigma(mu bar(mu) -> A X)", h=0, Gamma_V=0, **known) > 0


def test_massless_vectors_with_a_conserved_current_have_cross_sections_and_others_do_not() -> None:
    vector, axial = load_model("dark_photon"), load_model("axial_vector")
    name, known = "sigma(mu bar(mu) -> A Ap)", {"eps": 1, "sqrt_s": 3}
    light = at(vector, name, m_A="1e-9", **known)
    assert abs(at(vector, name, m_A=0, **known) / light - 1) < 1e-14
    with pytest.raises(UsageError, match="m_A is zero, where the longitudinal part diverges"):
        at(axial, name, m_A=0, **known)
    fixed = model("V(al)*bar(mu)*gamma(al)*mu", v_mass="mass = 0")
    charge = 4 * np.pi / 137.035999177
    assert (
        abs(at(fixed, "sigma(mu bar(mu) -> A V)", sqrt_s=3) * charge / at(vector, name, m_A=0, **known) - 1)
        < 1e-14
    )
    assert at(axial, "Gamma(Ap -> mu bar(mu))", eps=1, m_A=0) == 0


def test_huge_hierarchies_keep_their_digits() -> None:
    """A nearly massless axial vector is a pseudoscalar of coupling 2 m eps e/M: the Goldstone limit."""
    known = {"m_A": "1e-12", "eps": 1, "sqrt_s": 1000}
    axial = at(load_model("axial_vector"), "sigma(e bar(e) -> A Ap)", **known)
    charge = np.sqrt(4 * np.pi / 137.035999177)
    coupling = repr(float(2 * 0.51099895069e-3 * charge / 1e-12))
    alp = {"g_aff": coupling, "g_agg": 0, "g_agZ": 0, "m_a": "1e-12", "sqrt_s": 1000}
    assert abs(at(load_model("alp"), "sigma(e bar(e) -> A a)", **alp) / axial - 1) < 1e-13


def test_the_angle_is_that_to_the_first_particle() -> None:
    own = model("h*X*F(A, al, be)*F(A, al, be) + h*X*F(A, al, be)*Fdual(Z, al, be)", h="-1")
    known = {"h": 1, "m_X": 1, "sqrt_s": 91}
    there = at(own, "dsigma(mu bar(mu) -> A X)", cos="0.5", **known)
    back = at(own, "dsigma(mu bar(mu) -> A X)", cos="-0.5", **known)
    assert abs(back / there - 1) > 0.1
    assert at(own, "dsigma(bar(mu) mu -> A X)", cos="0.5", **known) == back
    assert at(own, "sigma(bar(mu) mu -> A X)", **known) == at(own, "sigma(mu bar(mu) -> A X)", **known)


def test_an_interference_that_vanishes_at_an_angle_is_exactly_zero() -> None:
    """Scalar: beta^2 cos^2 = (M^2 - 4 m^2)/s."""
    own = Model(
        model("-g*X*bar(mu)*mu - h/4*X*F(A, al, be)*F(A, al, be)", g="0", h="-1").declaration, {"m_mu": 3}
    )
    observable = own.observable("dsigma(mu bar(mu) -> A X)")
    for cosine, mass in ((0, 6), ("0.75", "8.485281374238570292810132345258")):
        known = {"g": 1, "h": 1, "m_X": mass, "sqrt_s": 10, "cos": cosine}
        found = observable.evaluate(20, known).contributions
        size = abs(found["photon-lepton"].midpoint / found["photon"].midpoint)
        assert size == 0 if cosine == 0 else size < 1e-25


def test_couplings_that_cancel_give_zero_in_every_query() -> None:
    own = model("g*X*bar(mu)*mu + k*X*bar(mu)*mu", g="0", k="0")
    known = {"g": "0.1", "k": "-0.1", "m_X": 1}
    assert at(own, "Gamma(X -> mu bar(mu))", **known) == 0
    assert at(own, "sigma(mu bar(mu) -> A X)", sqrt_s=10, **known) == 0
    for name in ("lifetime(X)", "BR(X -> mu bar(mu))"):
        with pytest.raises(G2symError, match=r"Gamma\(X\) is zero at these values"):
            at(own, name, **known)


def test_a_sum_that_vanishes_at_some_masses_alone_is_exactly_zero() -> None:
    """A scalar and the derivative coupling of a current that is conserved up to m1 - m2."""
    text = "(g*X*bar(F1)*F2 + I*h*d(al, X)*bar(F1)*gamma(al)*F2 + hc)"
    lines = [f"schema = 1\nname = 'm'\nlagrangian = '{text}'\n[fields.X]\nspin = 0"]
    lines += [f'[fields.F{n}]\nspin = "1/2"' for n in (1, 2)]
    lines += ["[parameters.g]\ndimension = 0\n[parameters.h]\ndimension = -1"]
    own = Model(parse_declaration("\n".join(lines).encode(), "m"))
    observable = own.observable("Gamma(X -> F1 bar(F2))")
    known = {"g": "0.3", "m_X": 3, "m_F1": 1, "m_F2": "0.4"}
    zero, other = sorted(
        (observable.evaluate(15, {**known, "h": h}).ball for h in ("0.5", "-0.5")), key=_size
    )
    assert (zero.midpoint, zero.radius) == (0, 0)
    assert other.midpoint > 0.01
    names = {n: float(v) for n, v in known.items()}
    found = observable.lambdify()(
        params={**names, "m_F2": np.array([0.4, 0.5]), "h": np.array([[0.5], [-0.5]])}
    )
    assert np.all(found >= 0)
    assert abs(float(found.max(axis=0)[0]) / float(other.midpoint) - 1) < 1e-12


def _size(ball: Ball) -> Fraction:
    return abs(ball.midpoint)


def test_complex_scalars_of_mesons_do_not_mix_with_their_conjugates() -> None:
    text = "(y*X + z*bar(X))*F(A, al, be)*F(A, al, be) + (y*bar(X) + z*X)*F(A, al, be)*F(A, al, be)"
    own = model(text, complex_="yes", y="-1", z="-1")
    known = {"y": "0.1", "z": "0.05", "m_X": 1}
    ratio = 16 * 0.15**2 * 3.0969**2 * (1 - 1 / 3.0969**2) ** 3 * 137.035999177 / (32 * np.pi)
    for name in ("X", "bar(X)"):
        found = at(own, f"BR(Jpsi -> A {name})/BR(Jpsi -> e bar(e))", **known)
        assert abs(found / ratio - 1) < 1e-9  # the electron's mass


def test_the_z_decays_by_the_standard_model_or_by_declared_couplings_alone() -> None:
    text = "g*Z(al)*bar(mu)*gamma(al)*mu"
    present, absent = model(text, g="0"), model(text, 'standard_model = "absent"', g="0")
    width = at(absent, "Gamma(Z -> mu bar(mu))", g="0.1")
    x = (0.1056583755 / 91.1876) ** 2
    assert abs(width / (0.01 * 91.1876 * np.sqrt(1 - 4 * x) * (1 + 2 * x) / (12 * np.pi)) - 1) < 1e-13
    assert at(absent, "Gamma(Z -> mu bar(mu))", g=0) == 0
    assert at(present, "Gamma(Z -> mu bar(mu))", g=0) > 0
    for name in ("Gamma(Z -> nu_e bar(nu_e))", "Gamma(bar(W) -> e bar(nu_e))"):
        assert at(present, name, g=0) > 0
        assert at(absent, name, g=0) == 0
    with pytest.raises(UnsupportedError, match="need the quarks' mixing"):
        at(present, "Gamma(W -> u bar(d))", g=0)


# what is not derived ---------------------------------------------------------------------------------
def test_terms_of_other_processes_refuse_nothing() -> None:
    text = "g*X*bar(mu)*mu + h*X*X*bar(mu)*mu + k*X*X*X*X*X + q*X*F(A, al, be)*F(A, al, be)*bar(e)*e/m_Z^3"
    own = model(text, g="0", h="-1", k="-1", q="-1")
    known = {"g": 1, "h": "0.1", "k": "0.1", "q": "0.1", "m_X": 300}
    alone = {**known, "h": 0, "k": 0, "q": 0}
    for name, more in (("Gamma(X -> mu bar(mu))", {}), ("sigma(mu bar(mu) -> A X)", {"sqrt_s": 500})):
        assert at(own, name, **known, **more) == at(own, name, **alone, **more)
    with pytest.raises(
        UnsupportedError, match=r"The decay of 'X' through q/m_Z\^3\*X\*F\(A, al, be\).* is not zero"
    ):
        at(own, "Gamma(X)", **known)
    assert at(own, "Gamma(X)", **{**known, "q": 0}) == at(own, "Gamma(X)", **alone)  # X -> X ... is closed
    assert at(own, "Gamma(X)", partial=True, **known) == at(own, "Gamma(X)", **alone)
    assert "Not included" in " ".join(own.observable("Gamma(X)", partial=True).announcements)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (
            "g*X*bar(mu)*mu + h*X*F(A, al, be)*Fdual(V, al, be)",
            "sigma(mu bar(mu) -> A V)",
            "a scalar in the s channel of this process is not derived",
        ),
        (
            "g*X*bar(mu)*mu + h*F(A, al, be)*bar(mu)*sigma(al, be)*mu",
            "sigma(mu bar(mu) -> A X)",
            "the photon's dipole coupling in this process is not derived",
        ),
        (
            "g*X*bar(mu)*mu + h^2*X*F(A, al, be)*bar(mu)*sigma(al, be)*mu",
            "sigma(mu bar(mu) -> A X)",
            "the engine has no Feynman rule for it in this process",
        ),
        (
            "g/m_Z*X*F(A, al, be)*F(Z, al, be) + h*F(Z, al, be)*bar(mu)*sigma(al, be)*mu",
            "sigma(mu bar(mu) -> A X)",
            "field strengths on the lepton's line in the s channel are not derived",
        ),
    ],
)
def test_parts_of_a_process_that_are_not_derived_are_refused_unless_zero(
    text: str, name: str, said: str
) -> None:
    own = model(text, g="0", h="-1")
    known = {"g": 1, "m_X": 2, "m_V": 1, "sqrt_s": 10}
    known = {n: v for n, v in known.items() if n != "m_V" or "(V" in text}
    with pytest.raises(UnsupportedError, match=said):
        at(own, name, h="0.1", **known)
    found = at(own, name, h=0, **known)
    assert at(own, name, partial=True, h="0.1", **known) == found


def test_a_parameter_called_like_a_kinematic_variable_is_refused_where_it_matters() -> None:
    own = model("cos*X*bar(mu)*mu", cos="0")
    assert at(own, "sigma(mu bar(mu) -> A X)", cos="0.1", m_X=1, sqrt_s=10) > 0
    with pytest.raises(UsageError, match="has the kinematic variable cos, and the model 'm' has a parameter"):
        own.observable("dsigma(mu bar(mu) -> A X)")


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Gamma(a -> bar(bar(e)) e)",
            "Gamma(a -> " + "A " * 500_000 + ")",
            "Gamma(" + "a" * 1_000_000 + ")",
        ),
        *("Gamma(a -> A,A)", "Gamma(a -> A \u202eA)", "Gamma(\0)", "Gamma(a -> A)", "Gamma(bar(a) -> A A)"),
        *("Gamma(f -> A A)", "Gamma(q -> A A)", "sigma(e bar(mu) -> A a)", "sigma(e bar(e) -> a a)"),
        *("sigma(e bar(e) -> A Z)", "sigma(u bar(u) -> A a)", "lifetime(Jpsi)", "Gamma(Jpsi)"),
    ],
)
def test_names_that_are_no_process_are_refused_in_one_short_sentence(name: str) -> None:
    with pytest.raises(G2symError) as caught:
        load_model("alp").observable(name).evaluate(15, {})
    assert "has no value" not in str(caught.value)
    assert len(str(caught.value)) < 600
    assert str(caught.value).isprintable()
