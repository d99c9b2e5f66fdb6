"""Complex mediators, the Z with couplings of its own, vertices that are no Feynman rule of the engine."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest

from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError, UnsupportedError, UsageError
from g2sym.lagrangian import declare
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.parameters import Parameter
from g2sym.model.model import Model

CUTOFF = Parameter(name="Lambda", dimension=1, default=Coefficient.number(1000))


def _boson(name: str, spin: int = 0, real: bool = True) -> Field:
    return Field(
        name=name,
        spin=Fraction(spin),
        charge=Fraction(0),
        mass=f"m_{name}",
        self_conjugate=real,
    )


def _model(text: str, *things: Field | Parameter) -> Model:
    return Model(
        declare(
            text,
            fields=[t for t in things if isinstance(t, Field)],
            parameters=[t for t in things if isinstance(t, Parameter)],
        )
    )


G, C = Parameter(name="g"), Parameter(name="c", dimension=-1)


@pytest.mark.parametrize(
    ("complex_text", "real_text"),
    [
        (
            "-g*phi*bar(f)*f - c/4*phi*F(A, al, be)*F(A, al, be) + hc",
            "-sqrt(2)*g*s*bar(f)*f - sqrt(2)*c/4*s*F(A, al, be)*F(A, al, be)",
        ),
        (
            "-g*phi*bar(f)*gamma5*f + I*c/4*phi*F(A, al, be)*Fdual(Z, al, be) + hc",
            "-sqrt(2)*I*g*s*bar(f)*gamma5*f - sqrt(2)*c/4*s*F(A, al, be)*Fdual(Z, al, be)",
        ),
    ],
)
def test_a_complex_scalar_is_two_real_ones(complex_text: str, real_text: str) -> None:
    """phi = (s + i p)/sqrt(2): only one of its two parts couples here."""
    values = {"g": "1e-3", "c": "1e-4"}
    one = _model(complex_text, _boson("phi", real=False), G, C, CUTOFF).anomalous_moment("mu")
    other = _model(real_text, _boson("s"), G, C, CUTOFF).anomalous_moment("mu")
    a = one.evaluate(25, m_phi="0.5", **values)
    b = other.evaluate(25, m_s="0.5", **values)
    assert len(a.contributions) == 2
    for name, ball in a.contributions.items():
        assert ball.overlaps(b.contributions[name])


def test_phases_that_cancel_induce_nothing() -> None:
    """A complex scalar whose two parts each conserve CP has no electric dipole moment."""
    text = "-g*phi*bar(f)*f + I*c/4*phi*F(A, al, be)*Fdual(A, al, be) + hc"
    quiet = _model(text, _boson("phi", real=False), G, C, CUTOFF).anomalous_moment("mu").announcements
    assert not any("dipole" in remark for remark in quiet)
    mixed = "-g*s*bar(f)*f - c/4*s*F(A, al, be)*Fdual(A, al, be)"
    (remark,) = _model(mixed, _boson("s"), G, C, CUTOFF).anomalous_moment("mu").announcements
    assert "electric dipole moment" in remark
    conserved = "-g/m_f*d(al, s)*bar(f)*gamma(al)*f - c/4*s*F(A, al, be)*Fdual(A, al, be)"
    (remark,) = _model(conserved, _boson("s"), G, C, CUTOFF).anomalous_moment("mu").announcements
    assert remark == "No term of this model reaches the muon: Delta a is zero."


def test_a_coupling_of_the_z_interferes_with_the_standard_model() -> None:
    """(C + C_SM)^2 - C_SM^2 with I_V and I_A of arXiv:2506.17750, Eqs. (16) and (18)."""
    text = "-g*bar(f)*gamma(al)*f*Z(al) - h*bar(f)*gamma5*gamma(al)*f*Z(al)"
    moment = _model(text, G, Parameter(name="h")).anomalous_moment("mu")
    got = moment.evaluate(20, g="1e-3", h="-2e-3").mpf()
    with mpmath.workdps(30):
        s2 = mpmath.mpf("0.23122")
        e = mpmath.sqrt(4 * mpmath.pi / mpmath.mpf("137.035999177"))
        unit = e / mpmath.sqrt(s2 * (1 - s2))
        # L = -(e/(s c)) fbar gamma (T3 P_L - Q s^2) f Z with T3 = -1/2, Q = -1
        vector, axial = unit * (s2 - mpmath.mpf(1) / 4), -unit / 4
        rho = (mpmath.mpf("91.1876") / mpmath.mpf("0.1056583755")) ** 2
        i_v = mpmath.quad(lambda x: x**2 * (1 - x) / (x**2 + rho * (1 - x)), [0, 0.9, 1])
        i_a = mpmath.quad(
            lambda x: (x * (1 - x) * (4 - x) + 2 * x**3 / rho) / (x**2 + rho * (1 - x)),
            [0, 0.9, 1 - 1e-3, 1 - 1e-5, 1 - 1e-7, 1],
        )
        g, h = mpmath.mpf("1e-3"), mpmath.mpf("-2e-3")
        want = (((vector + g) ** 2 - vector**2) * i_v - ((axial + h) ** 2 - axial**2) * i_a) / (
            4 * mpmath.pi**2
        )
    assert abs(got / want - 1) < mpmath.mpf("1e-15")
    assert any("interference" in sentence for sentence in moment.announcements)


def test_a_coupling_that_undoes_the_vector_current_of_the_z() -> None:
    """The Barr-Zee-type diagram with a Z sees the whole vector current, the declared part included."""
    alp = "-I*g*s*bar(f)*gamma5*f - c/2*s*F(A, al, be)*Fdual(Z, al, be)"
    undone = alp + " + e_em/(sin_w*cos_w)*(sin_w^2 - 1/4)*bar(f)*gamma(al)*f*Z(al)"
    assert "barr-zee-z" in _model(alp, _boson("s"), G, C, CUTOFF).anomalous_moment("mu").contributions
    assert "barr-zee-z" not in _model(undone, _boson("s"), G, C, CUTOFF).anomalous_moment("mu").contributions


def test_a_flavour_changing_z_does_not_interfere() -> None:
    moment = _model("g*bar(mu)*gamma(al)*tau*Z(al) + hc", G).anomalous_moment("mu")
    single, double = (moment.evaluate(20, g=g).ball for g in (1, 2))
    assert double.overlaps(type(single)(4 * single.midpoint, 4 * single.radius))


def test_the_photon_field_inside_b_is_refused() -> None:
    with pytest.raises(ModelError, match="hold it"):
        _ = _model("-g*bar(f)*gamma(al)*f*B(al)", G).anomalous_moment("mu").contributions


def test_the_divergence_of_a_vector_field_is_no_known_vertex() -> None:
    model = _model("-c*d(al, V(al))*bar(f)*f", _boson("V", 1), C)
    with pytest.raises(UnsupportedError, match="no Feynman rule"):
        model.anomalous_moment("mu").evaluate(m_V=1, c=1)
    assert model.anomalous_moment("mu").evaluate(m_V=1, c=0).ball.sign == 0


def test_defaults_of_a_mass() -> None:
    def moment(default: Coefficient):  # type: ignore[no-untyped-def]
        mass = Parameter(name="m_s", dimension=1, default=default)
        return _model("-g*s*bar(f)*f", _boson("s"), G, mass).anomalous_moment("mu")

    twice = moment(2 * Coefficient.symbol("m_mu")).evaluate(g=1)
    assert twice.ball.overlaps(moment(Coefficient.number(1)).evaluate(g=1, m_s="0.211316751").ball)
    for root in (Coefficient.sqrt(2), Coefficient.sqrt(2) + 1):
        with pytest.raises(UsageError, match="not a rational number"):
            moment(root).evaluate(g=1)


def test_a_complex_parameter_is_given_once() -> None:
    y = Parameter(name="y", complex=True)
    moment = _model("y*s*bar(mu)*tau + hc", _boson("s"), y).anomalous_moment("mu")
    with pytest.raises(UsageError, match="give it once"):
        moment.evaluate(m_s=3, params={"re_y": "1e-3", "im_y": "2e-3", "y": 1})


def test_what_stands_on_another_line_is_not_waited_for() -> None:
    """A dipole operator of the tau concerns the electron only where the electron can turn into a tau."""
    dipole = "c*F(A, al, be)*bar(tau)*sigma(al, be)*tau"
    alone = _model(f"-g*s*bar(e)*e + {dipole}", _boson("s"), G, C).anomalous_moment("e")
    want = _model("-g*s*bar(e)*e", _boson("s"), G).anomalous_moment("e").evaluate(g=1, m_s=1)
    assert alone.evaluate(g=1, c=1, m_s=1).ball == want.ball
    mixed = _model(f"-g*s*bar(e)*tau - g*s*bar(tau)*e + {dipole}", _boson("s"), G, C).anomalous_moment("e")
    with pytest.raises(UnsupportedError, match="sigma"):
        mixed.evaluate(g=1, c=1, m_s=3)


def test_a_long_chain_of_defaults_is_no_circle() -> None:
    chain = [Parameter(name="k0")]
    chain += [Parameter(name=f"k{n}", default=Coefficient.symbol(f"k{n - 1}")) for n in range(1, 30)]
    moment = _model("-k29*s*bar(f)*f", _boson("s"), *chain).anomalous_moment("mu")
    want = _model("-g*s*bar(f)*f", _boson("s"), G).anomalous_moment("mu").evaluate(g=1, m_s=1)
    assert moment.evaluate(k0=1, m_s=1).ball.overlaps(want.ball)


@pytest.mark.parametrize("name", ["m_s", "Lambda"])
def test_no_cancellation_line_in_a_mass(name: str) -> None:
    text = "-g*s*bar(f)*f - c/4*s*F(A, al, be)*F(A, al, be)"
    with pytest.raises(UsageError, match="no polynomial"):
        _model(text, _boson("s"), G, C, CUTOFF).anomalous_moment("mu").cancellation(name)


@pytest.mark.parametrize("scheme", ["four-dimensional", "larin", "cutoff"])
def test_a_derivative_on_the_vector_current_adds_nothing(scheme: str) -> None:
    """A phase of the lepton removes d(al, s) fbar gamma(al) f, whatever the Z's axial current does."""
    text = "-g/m_f*d(al, s)*bar(f)*gamma(al)*f - c/2*s*F(A, al, be)*Fdual(Z, al, be)"
    model = _model(text, _boson("s"), G, C, CUTOFF).with_scheme(scheme)
    assert model.anomalous_moment("mu").evaluate(g=1, c=1, m_s=1).ball.sign == 0
    # without it the Yukawa coupling stands alone
    both = text + " - h*s*bar(f)*f - c/4*s*F(A, al, be)*F(A, al, be)"
    h = Parameter(name="h")
    mixed = _model(both, _boson("s"), G, h, C, CUTOFF).with_scheme(scheme).anomalous_moment("mu")
    bare = mixed.evaluate(g=0, h=1, c=1, m_s=1)
    assert mixed.evaluate(g=1, h=1, c=1, m_s=1).ball.overlaps(bare.ball)
