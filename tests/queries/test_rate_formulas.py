"""Closed forms of rates against the formulas of the literature, compared as exact algebra.

Roots become symbols whose squares are known, the logarithm becomes a symbol, and what is left is a polynomial
identity: no simplification is trusted.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy

import g2sym as g2
from g2sym.errors import CheckFailed, UnsupportedError, UsageError
from g2sym.model.observable import Observable

M, S, m, e, c0, cos, eps, pi = sympy.symbols("M S m e c0 cos eps pi0")
g, gg, gZ, sw, cw, mZ, GZ = sympy.symbols("g gg gZ sw cw mZ GZ")
r, L, rM = sympy.symbols("r L rM")
W = sympy.Symbol("w")
ALPHA = e**2 / (4 * pi)
NAMES = {
    **dict.fromkeys(("m_a", "m_s", "m_A"), M),
    **{"sqrt_s": W, "m_mu": m, "e_em": e, "cos_max": c0, "cos": cos, "eps": eps, "g_aff": g, "g_sff": g},
    **{
        "g_agg": gg,
        "g_sgg": gg,
        "g_agZ": gZ,
        "g_sgZ": gZ,
        "sin_w": sw,
        "cos_w": cw,
        "m_Z": mZ,
        "Gamma_Z": GZ,
    },
}
KINDS = {"P": ("alp", "a"), "S": ("scalar", "s"), "V": ("dark_photon", "Ap"), "A": ("axial_vector", "Ap")}
SQUARES = {r: W**2 - 4 * m**2, rM: M**2 - 4 * m**2}
s, beta, betaM = W**2, r / W, rM / M
K = (s - M**2) / 2


def of(kind: str, name: str) -> Observable:
    model, mediator = KINDS[kind]
    return g2.load_model(model).observable(name.replace("X", mediator))


def picobarn() -> sympy.Expr:
    """(hbar c)^2, which stays a symbol."""
    return sympy.Symbol("hbarc2")


def read(expression: sympy.Expr) -> sympy.Expr:
    """Write a closed form in the symbols of this file, its root as r or rM and its logarithm as L."""
    names = {sympy.Symbol(k): v for k, v in NAMES.items()}
    logs = list(expression.atoms(sympy.log))
    assert len(logs) <= 1
    found = expression.subs(dict.fromkeys(logs, L)).subs(sympy.pi, pi).subs(names)
    roots = {x for x in found.atoms(sympy.Pow) if x.exp in (sympy.Rational(1, 2), sympy.Rational(-1, 2))}
    put = {}
    for root in roots:
        (symbol,) = (x for x, square in SQUARES.items() if sympy.expand(root.base - square) == 0)
        put[root] = symbol if root.exp > 0 else 1 / symbol
    for one in logs:  # it is ln((1 + beta c0)/(1 - beta c0))
        inside = one.args[0].subs(names)
        inside = inside.replace(lambda x: x.is_Pow and x.exp == sympy.Rational(1, 2), lambda x: r)
        cut = c0 if c0 in inside.free_symbols else 1
        assert sympy.cancel(inside - (1 + beta * cut) / (1 - beta * cut)) == 0
    return found.xreplace(put)


def same(got: sympy.Expr, want: sympy.Expr) -> bool:
    """True when two expressions agree, squares of r, rM and cos_w put in."""
    top, _ = sympy.fraction(sympy.together(got - want))
    top = sympy.expand(top)
    for symbol, square in {**SQUARES, cw: 1 - sw**2}.items():
        top = sympy.expand(
            sympy.rem(sympy.Poly(top, symbol), sympy.Poly(symbol**2 - square, symbol)).as_expr()
        )
    return bool(top == 0)


# widths -------------------------------------------------------------------------------------------
WIDTHS = {
    "P": g**2 * M * betaM / (8 * pi),
    "S": g**2 * M * betaM**3 / (8 * pi),
    "V": ALPHA * eps**2 * M / 3 * betaM * (1 + 2 * m**2 / M**2),
    "A": ALPHA * eps**2 * M / 3 * betaM**3,
}


@pytest.mark.parametrize("kind", KINDS)
def test_widths_to_leptons(kind: str) -> None:
    width = of(kind, "Gamma(X -> mu bar(mu))")
    assert same(read(width.closed_form()), WIDTHS[kind])
    assert width.conditions == (f"{'m_' + KINDS[kind][1] if kind in 'PS' else 'm_A'} > 2*m_mu",)


@pytest.mark.parametrize("kind", "PS")
def test_widths_to_bosons(kind: str) -> None:
    assert same(read(of(kind, "Gamma(X -> A A)").closed_form()), gg**2 * M**3 / (64 * pi))
    into_z = gZ**2 * M**3 * (1 - mZ**2 / M**2) ** 3 / (32 * pi)
    assert same(read(of(kind, "Gamma(X -> A Z)").closed_form()), into_z)
    from_z = gZ**2 * mZ**3 * (1 - M**2 / mZ**2) ** 3 / (96 * pi)
    assert same(read(of(kind, "Gamma(Z -> A X)").closed_form()), from_z)


def test_total_width_is_the_sum_of_its_open_channels() -> None:
    total = of("V", "Gamma(X)").closed_form()
    for mass, wanted in (("0.3", 2), ("0.1", 1), ("0.001", 0), ("5", 3)):
        value = {sympy.Symbol("m_A"): sympy.Rational(mass), sympy.Symbol("m_e"): sympy.Rational(1, 1000)}
        value |= {sympy.Symbol("m_mu"): sympy.Rational(1, 10), sympy.Symbol("m_tau"): 2}
        one = {sympy.Symbol(n): 1 for n in ("e_em", "eps")}
        parts = [p.subs(value).subs(one) for p in total.args]
        assert sum(p != 0 for p in parts) == wanted
    assert of("V", "Gamma(X)").conditions == ()


GENERAL = """
schema = 1
name = "two_fermions"
lagrangian = "phi*bar(mu)*(c_S + c_P*gamma5)*tau + X(al)*bar(mu)*gamma(al)*(c_V + c_A*gamma5)*tau + hc"
[fields.phi]
spin = 0
charge = 0
self_conjugate = true
[fields.X]
spin = 1
charge = 0
self_conjugate = true
[parameters]
c_S = { dimension = 0 }
c_P = { dimension = 0 }
c_V = { dimension = 0 }
c_A = { dimension = 0 }
"""


def test_general_masses_of_two_fermions(tmp_path: Path) -> None:
    """Unequal masses and both parities, against sqrt(lambda)/(8 pi M^3) {...} and its like for a vector."""
    (tmp_path / "two.toml").write_text(GENERAL)
    model = g2.load_model(tmp_path / "two.toml")
    one, two, big, vector = sympy.symbols("m_mu m_tau m_phi m_X")
    cs, cp, cv, ca = sympy.symbols("c_S c_P c_V c_A")

    def phase_space(mass: sympy.Expr) -> sympy.Expr:
        return (mass**2 - (one + two) ** 2) * (mass**2 - (one - two) ** 2)

    def square(expression: sympy.Expr) -> sympy.Expr:
        return sympy.cancel(sympy.together(expression**2))

    got = model.observable("Gamma(phi -> mu bar(tau))").closed_form()
    want = (cs**2 * (big**2 - (one + two) ** 2) + cp**2 * (big**2 - (one - two) ** 2)) / (8 * big**3)
    assert sympy.cancel(square(sympy.pi * got) - want**2 * phase_space(big)) == 0
    got = model.observable("Gamma(X -> mu bar(tau))").closed_form()
    mean = vector**2 - (one**2 + two**2) / 2 - (one**2 - two**2) ** 2 / (2 * vector**2)
    want = ((cv**2 + ca**2) * mean + 3 * one * two * (cv**2 - ca**2)) / (12 * vector**3)
    assert sympy.cancel(square(sympy.pi * got) - want**2 * phase_space(vector)) == 0


def test_quarkonium() -> None:
    """BR(V to gamma X)/BR(V to ee), exact in m_e."""
    got = of("P", "BR(Jpsi -> A X)/BR(Jpsi -> e bar(e))").closed_form()
    V, me = sympy.symbols("m_Jpsi m_e")
    names = {sympy.Symbol("m_a"): M, sympy.Symbol("g_agg"): gg, sympy.Symbol("e_em"): e}
    want = gg**2 * V**2 * (1 - M**2 / V**2) ** 3 / (32 * sympy.pi * ALPHA.subs(pi, sympy.pi))
    beta_e = sympy.sqrt((V - 2 * me) * (V + 2 * me)) / V
    assert sympy.cancel(got.subs(names) * beta_e * (1 + 2 * me**2 / V**2) / want) == 1


# cross-sections -----------------------------------------------------------------------------------
ab = sympy.Symbol("ab")
"""p1.k times p2.k, of which an averaged square holds inverse powers."""
AT_ANGLE = {ab: K**2 * (1 - beta**2 * cos**2) / 4}
AVG = {
    "P": e**2 * g**2 / 4 * ((s**2 + M**4) / ab - 2 * m**2 * M**2 * K**2 / ab**2),
    "S": e**2 * g**2 / 4 * ((s**2 + M**4 - 8 * s * m**2) / ab - 2 * m**2 * (M**2 - 4 * m**2) * K**2 / ab**2),
    "V": e**4 * eps**2 / 2
    * ((s**2 + M**4 + 4 * s * m**2) / ab - 8 - 2 * m**2 * (M**2 + 2 * m**2) * K**2 / ab**2),
    "A": e**4 * eps**2 / 2
    * (
        ((s**2 + M**4) * (1 + 2 * m**2 / M**2) - 12 * s * m**2) / ab
        - 8
        - 2 * m**2 * (M**2 - 4 * m**2) * K**2 / ab**2
    ),
}  # fmt: skip
C1 = ALPHA * g**2 / (2 * s**2 * beta * (s - M**2))
C2 = 4 * pi * ALPHA**2 * eps**2 / (s**2 * beta * (s - M**2))
TOTAL = {
    "P": C1 * ((s**2 + M**4 - 4 * m**2 * M**2) * L / beta - 2 * s * M**2),
    "S": C1
    * (
        (s**2 + M**4 - 8 * s * m**2 - 4 * m**2 * (M**2 - 4 * m**2)) * L / beta - 2 * s * (M**2 - 4 * m**2)
    ),
    "V": C2
    * ((s**2 + M**4 + 4 * m**2 * (s - M**2 - 2 * m**2)) * L / beta - s**2 - M**4 - 4 * s * m**2),
    "A": C2
    * (
        ((s**2 + M**4) * (1 + 2 * m**2 / M**2) - 12 * s * m**2 - 4 * m**2 * (M**2 - 4 * m**2)) * L / beta
        - s**2
        - M**4
        + 8 * s * m**2
    ),
}  # fmt: skip
LEPTON = {sympy.Symbol(n): 0 for n in ("g_agg", "g_sgg", "g_agZ", "g_sgZ")}
PHOTON = {sympy.Symbol(n): 0 for n in ("g_aff", "g_sff", "g_agZ", "g_sgZ")}
FLUX = (1 - M**2 / s) / (32 * pi * s * beta)


@pytest.mark.parametrize("kind", KINDS)
def test_lepton_coupling(kind: str) -> None:
    total = of(kind, "sigma(mu bar(mu) -> A X)").closed_form().subs(LEPTON)
    assert same(read(total.subs(sympy.Symbol("cos_max"), 1)), TOTAL[kind] * picobarn())
    shape = of(kind, "dsigma(mu bar(mu) -> A X)").closed_form().subs(LEPTON)
    assert same(read(shape), AVG[kind].subs(AT_ANGLE) * FLUX * picobarn())
    # with a cut: I1 = L/beta, I2 = c0/(1 - beta^2 c0^2) + L/(2 beta) for 1/(1 - beta^2 cos^2) and its square
    averaged = sympy.expand(AVG[kind])
    first, second = L / beta, c0 / (1 - beta**2 * c0**2) + L / (2 * beta)
    cut = (
        averaged.coeff(ab, 0) * 2 * c0
        + averaged.coeff(ab, -1) * 4 / K**2 * first
        + averaged.coeff(ab, -2) * 16 / K**4 * second
    )
    assert same(read(total), cut * FLUX * picobarn())


@pytest.mark.parametrize("kind", "PS")
def test_virtual_photon(kind: str) -> None:
    total = of(kind, "sigma(mu bar(mu) -> A X)").closed_form().subs(PHOTON)
    want = ALPHA * gg**2 / 24 * (1 - M**2 / s) ** 3 * (1 + 2 * m**2 / s) / beta * picobarn()
    assert same(read(total.subs(sympy.Symbol("cos_max"), 1)), want)
    massless = total.subs(sympy.Symbol("m_mu"), 0)
    want = ALPHA * gg**2 / 24 * (1 - M**2 / s) ** 3 * (3 * c0 + c0**3) / 4 * picobarn()
    assert same(read(sympy.powdenest(massless, force=True)), want)
    shape = of(kind, "dsigma(mu bar(mu) -> A X)").closed_form().subs(PHOTON)
    angle = 1 + cos**2 + 4 * m**2 / s * (1 - cos**2)
    assert same(read(shape), ALPHA * gg**2 / 64 * (1 - M**2 / s) ** 3 * angle / beta * picobarn())


def test_interference_of_lepton_and_photon() -> None:
    def interference(kind: str, name: str) -> sympy.Expr:
        zero = {sympy.Symbol(n): 0 for n in ("g_agZ", "g_sgZ")} | {sympy.Symbol("cos_max"): 1}
        whole = of(kind, name).closed_form().subs(zero)
        return read(whole - whole.subs(LEPTON) - whole.subs(PHOTON))

    name = "sigma(mu bar(mu) -> A X)"
    want = -ALPHA * m * g * gg * (1 - M**2 / s) ** 2 * L / (2 * s * beta**2)
    assert same(interference("P", name), want * picobarn())
    bracket = (1 - (M**2 - 4 * m**2) / s) * L / beta - 2
    want = ALPHA * m * g * gg * (1 - M**2 / s) / (2 * s * beta) * bracket
    assert same(interference("S", name), want * picobarn())
    below = 1 - beta**2 * cos**2
    name = "dsigma(mu bar(mu) -> A X)"
    want = -4 * e**2 * m * g * gg * (1 - M**2 / s) / below
    assert same(interference("P", name), want * FLUX * picobarn())
    want = 4 * e**2 * m * g * gg * (beta**2 * cos**2 - (M**2 - 4 * m**2) / s) / below
    assert same(interference("S", name), want * FLUX * picobarn())


@pytest.mark.parametrize("kind", "PS")
def test_photon_and_z(kind: str) -> None:
    """Chirality by chirality, at m = 0."""
    zero = {sympy.Symbol(n): 0 for n in ("g_aff", "g_sff", "m_mu")}
    got = of(kind, "sigma(mu bar(mu) -> A X)").closed_form().subs(zero).subs(sympy.Symbol("cos_max"), 1)
    off = s - mZ**2
    below = off**2 + mZ**2 * GZ**2
    squares = []
    for chiral in (e * (-sympy.Rational(1, 2) + sw**2) / (sw * cw), e * sw**2 / (sw * cw)):
        real = -e * gg / s + chiral * gZ * off / below
        imaginary = -chiral * gZ * mZ * GZ / below
        squares.append(real**2 + imaginary**2)
    want = s**2 * (1 - M**2 / s) ** 3 / (96 * pi) * sum(squares) / 2
    assert same(read(sympy.powdenest(got, force=True)), want * picobarn())


# what has none -------------------------------------------------------------------------------------
def test_what_only_loops_have_is_refused_in_words() -> None:
    width = of("P", "Gamma(X -> A A)")
    for ask in (width.integral, lambda: width.integrand):
        with pytest.raises(UnsupportedError, match="tree amplitude"):
            ask()
    with pytest.raises(UnsupportedError, match="joins rates and dipole moments"):
        of("P", "Gamma(X -> A A)*a(mu)").closed_form()


def test_a_channel_without_a_coupling_is_zero() -> None:
    assert of("V", "Gamma(X -> A A)").closed_form() == 0
    with pytest.raises(UsageError, match="zero in this model"):
        of("V", "Gamma(X -> e bar(e))/Gamma(X -> A A)").closed_form()


def test_a_wrong_expression_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from g2sym.queries import closed_rates

    right = closed_rates.elementary_expression
    monkeypatch.setattr(
        closed_rates, "elementary_expression", lambda *a: right(*a) * (1 + sympy.Rational(1, 10**12))
    )
    with pytest.raises(CheckFailed, match="does not evaluate"):
        of("P", "Gamma(X -> mu bar(mu))").closed_form()
