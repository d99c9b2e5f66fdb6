"""Electric dipole moments that are zero by a theorem: exactly 0, with a sentence why, and proved by check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import g2sym as g2
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.checks import dipoles
from g2sym.checks.dipoles import duality, electric_statements
from g2sym.checks.run import check_observable
from g2sym.derive.assemble import barr_zee_kernel
from g2sym.derive.sectors import Sector
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.lagrangian.modelfile import parse_declaration
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.no_dipole import electric_sectors, why_no_dipole

EXCHANGE = """
schema = 1
name = "exchange"
lagrangian = '''{text}'''
[fields.X]
spin = {spin}
charge = -1
mass = "m_X"
[fields.N]
spin = "1/2"
charge = 0
self_conjugate = false
mass = "m_N"
[parameters.y_L]
dimension = 0
complex = true
[parameters.y_R]
dimension = 0
complex = true
"""
SCALAR = EXCHANGE.format(text="X*bar(mu)*(y_L*PL + y_R*PR)*N + hc", spin=0)
VECTOR = EXCHANGE.format(text="X(al)*bar(mu)*gamma(al)*(y_L*PL + y_R*PR)*N + hc", spin=1)
PAIRS = """
schema = 1
name = "pairs"
lagrangian = '''
-s*bar(f)*(g_S + I*g_P*gamma5)*f - c/4*s*F(A, al, be)*F(A, al, be) - k/4*s*F(A, al, be)*Fdual(A, al, be)
-c_Z/2*s*F(A, al, be)*F(Z, al, be) - k_Z/2*s*F(A, al, be)*Fdual(Z, al, be)
'''
[fields.s]
spin = 0
mass = "m_s"
[parameters.g_S]
dimension = 0
[parameters.g_P]
dimension = 0
[parameters.c]
dimension = -1
[parameters.k]
dimension = -1
[parameters.c_Z]
dimension = -1
[parameters.k_Z]
dimension = -1
[parameters.Lambda]
dimension = 1
default = 1000
"""
COMPLEX = """
schema = 1
name = "complex"
lagrangian = '''
X*bar(mu)*(y_L*PL + y_R*PR)*mu + c*X*F(A, al, be)*F(A, al, be) + hc
'''
[fields.X]
spin = 0
self_conjugate = false
[parameters.y_L]
dimension = 0
complex = true
[parameters.y_R]
dimension = 0
complex = true
[parameters.c]
dimension = -1
complex = true
[parameters.Lambda]
dimension = 1
default = 1000
"""


def declared(text: str) -> g2.Model:
    return g2.Model(parse_declaration(text.encode(), "test"))


LEFT, RIGHT = 1 - 2j, 3 + 1j
CASES = {
    "parity, scalar": ({"y_L": LEFT, "y_R": LEFT, "m_N": 5}, "definite parity in loop(X, N)"),
    "parity, pseudoscalar": ({"y_L": LEFT, "y_R": -LEFT, "m_N": 5}, "definite parity in loop(X, N)"),
    "left": ({"y_L": LEFT, "y_R": 0, "m_N": 5}, "one chirality in loop(X, N)"),
    "right": ({"y_L": 0, "y_R": RIGHT, "m_N": 5}, "one chirality in loop(X, N)"),
    "real": ({"y_L": LEFT, "y_R": 3 * LEFT, "m_N": 5}, "relatively real couplings in loop(X, N)"),
    "massless": ({"y_L": LEFT, "y_R": RIGHT, "m_N": 0}, "m_N = 0 in loop(X, N)"),
}


@pytest.mark.parametrize("text", [SCALAR, VECTOR])
@pytest.mark.parametrize("case", CASES)
def test_one_loop(case: str, text: str) -> None:
    values, reason = CASES[case]
    d = declared(text).electric_dipole("mu")
    found = d.evaluate(10, values, m_X=80)
    assert (found.ball.midpoint, found.ball.radius) == (0, 0)
    assert f"d_mu/e is exactly zero, by {reason}." in found.record["announcements"]
    assert (d.lambdify()(**values, m_X=np.array([20.0, 80.0, 900.0])) == 0).all()
    # beside the zero there is a value, and no sentence
    beside = {**values, "y_L": LEFT + 0.25j, "y_R": RIGHT, "m_N": 5}
    other = d.evaluate(10, beside, m_X=80)
    assert other.ball.sign != 0
    assert not any("exactly zero" in s for s in other.record["announcements"])


PAIR_CASES: list[tuple[Mapping[str, object], bool, tuple[str, ...]]] = [
    ({"g_S": 1, "c": 1, "c_Z": 1}, True, ("loop(s, mu)", "barr-zee-photon of s", "barr-zee-z of s")),
    ({"g_P": 1, "k": 1, "k_Z": 1}, True, ("loop(s, mu)", "barr-zee-photon of s", "barr-zee-z of s")),
    ({"g_S": 1}, True, ("loop(s, mu)",)),
    ({"g_S": 1, "k": 1}, False, ()),
    ({"g_P": 1, "c_Z": 1}, False, ()),
    ({"g_S": 1, "c": 1, "k_Z": 1}, False, ()),
    ({}, True, ()),
]


@pytest.mark.parametrize(("values", "vanishes", "names"), PAIR_CASES)
def test_pairs(values: Mapping[str, object], vanishes: bool, names: tuple[str, ...]) -> None:
    d = declared(PAIRS).electric_dipole("mu")
    point = dict.fromkeys(("g_S", "g_P", "c", "k", "c_Z", "k_Z"), 0) | dict(values)
    found = d.evaluate(10, point, m_s=2)
    assert (found.ball.sign == 0) == vanishes
    sentences = [s for s in found.record["announcements"] if "exactly zero" in s]
    assert sentences == (
        [f"d_mu/e is exactly zero, by definite parity in {', '.join(names)}."] if names else []
    )
    assert (found.ball.radius == 0) == vanishes


def test_a_complex_scalar_with_relatively_real_couplings() -> None:
    d = declared(COMPLEX).electric_dipole("mu")
    phase = 3 + 4j
    at = {"y_L": 0, "y_R": phase, "c": 2 * phase, "m_X": 3}  # one phase of X removes both
    found = d.evaluate(10, at)
    assert (found.ball.midpoint, found.ball.radius) == (0, 0)
    (sentence,) = (s for s in found.record["announcements"] if "exactly zero" in s)
    assert sentence == (
        "d_mu/e is exactly zero, by one chirality in loop(X, mu); "
        "relatively real couplings in barr-zee-photon of X."
    )
    assert d.evaluate(10, {**at, "c": 1}).ball.sign != 0


def test_what_moves_is_zero_for_all_values() -> None:
    """A scan says it where every point is zero, whatever the moving couplings are."""
    d = declared(PAIRS).electric_dipole("mu")
    none = {"g_P": 0, "k": 0, "c_Z": 0, "k_Z": 0, "m_s": 1}
    grid = {"g_S": np.array([0.5, 1.0]), "c": np.array([1.0, 2.0])}
    said = g2.scan(d, grid, params=none).as_dict()["announcements"]
    assert any("exactly zero, by definite parity" in s for s in said)
    said = g2.scan(d, {"g_S": np.array([0.0, 1.0])}, params={**none, "k": 1, "c": 1}).as_dict()
    assert not any("exactly zero" in s for s in said["announcements"])


def test_where_only_d_needs_a_cutoff() -> None:
    """a(l) of a scalar with a dual coupling has no logarithm; d(l) has, and says what to declare."""
    text = PAIRS[: PAIRS.index("[parameters.Lambda]")].replace("- c/4*s*F(A, al, be)*F(A, al, be)", "")
    text = text.replace("I*g_P*gamma5", "0*g_P").replace("-c_Z/2*s*F(A, al, be)*F(Z, al, be)", "")
    model = declared(text.replace("(g_S + 0*g_P)", "g_S"))
    point = {"g_S": 1, "g_P": 0, "c": 0, "c_Z": 0, "m_s": 1, "k_Z": 0}
    assert model.anomalous_moment("mu").evaluate(10, point, k=1).ball.sign == 1
    d = model.electric_dipole("mu")
    assert d.evaluate(10, point, k=0).ball.midpoint == 0
    with pytest.raises(UnsupportedError, match="declare a parameter Lambda of dimension 1"):
        d.evaluate(10, point, k=1)
    partial = model.electric_dipole("mu", partial=True).evaluate(10, point, k=1)
    assert any("declare a parameter Lambda" in s for s in partial.record["missing"])
    assert not any("exactly zero" in s for s in partial.record["announcements"])


def test_a_power_of_the_cutoff_is_refused() -> None:
    """A derivative and a dipole coupling in one loop: two powers too many for a symmetric cut."""
    text = PAIRS.replace("g_P*gamma5", "0*gamma5") + "[conventions]\nscheme = 'cutoff'\n"
    more = "-g_P*d(al, s)*bar(f)*gamma5*gamma(al)*f + c*bar(f)*sigma(al, be)*f*F(Z, al, be)\n'''\n[fields.s]"
    model = declared(
        text.replace("(g_S + I*0*gamma5)", "g_S")
        .replace("'''\n[fields.s]", more)
        .replace("[parameters.g_P]\ndimension = 0", "[parameters.g_P]\ndimension = -1")
    )
    point = {"g_S": 1, "c": 1, "k": 0, "c_Z": 1, "k_Z": 1, "m_s": 1}
    for name in ("a(mu)", "d(mu)"):
        moment = model.observable(name)
        with pytest.raises(UnsupportedError, match="diverges like a power of the cut-off"):
            moment.evaluate(10, point, g_P=1)
        moment.evaluate(10, point, g_P=0)


ALL = "definite parity, one chirality, relatively real couplings"


# check ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "statements"),
    [
        (SCALAR, [f"from loop(X, N) is zero for {ALL} or m_N = 0"]),
        (VECTOR, [f"from loop(X, N) is zero for {ALL} or m_N = 0"]),
        (
            PAIRS,
            [
                "from loop(s, mu) is zero for definite parity, one chirality or relatively real couplings",
                "from barr-zee-photon of s is zero for definite parity or relatively real couplings",
                "from barr-zee-z of s is zero for definite parity or relatively real couplings",
            ],
        ),
        (
            COMPLEX,
            [
                "from loop(X, mu) is zero for definite parity, one chirality or relatively real couplings",
                "from barr-zee-photon of X is zero for definite parity or relatively real couplings",
            ],
        ),
        (SCALAR.replace("y_L*PL + y_R*PR", "y_L*PL"), [" = 0 from loop(X, N): one chirality"]),
        (SCALAR.replace("y_L*PL + y_R*PR", "I*y_L*gamma5"), [" = 0 from loop(X, N): definite parity"]),
        (SCALAR.replace("y_L*PL + y_R*PR", "y_L*PL + 2*y_L*PR"), [" = 0 from loop(X, N): relatively real"]),
    ],
)
def test_check_states_the_theorems(text: str, statements: list[str]) -> None:
    table = g2.check(declared(text), "mu")
    found = [r.proof for r in table if r.contribution.startswith("d(mu)") and r.proof.kind == "zero"]
    assert [p.verdict for p in found] == ["proved"] * len(statements)
    for proof, words in zip(found, statements, strict=True):
        assert words in proof.statement
    own = check_observable(declared(text).electric_dipole("mu"))
    assert [r.proof.statement for r in own if r.proof.kind == "zero"][-len(found) :] == [
        p.statement for p in found
    ]


@pytest.mark.parametrize("name", g2.bundled_models())
def test_bundled_models_conserve_parity(name: str) -> None:
    table = g2.check(g2.load_model(name), "mu")
    found = [r.proof for r in table if r.contribution.startswith("d(mu)")]
    assert found
    assert all(p.verdict == "proved" and "definite parity" in p.statement for p in found)


def test_a_term_that_is_no_multiple_is_not_proved() -> None:
    """Planted: a coefficient that another coupling multiplies leaves the statement open."""
    d = declared(SCALAR).electric_dipole("mu")
    amplitude = d.quantity.single
    part = amplitude.contributions["one-loop"]
    wrong = [replace(t, coefficient=t.coefficient + Coefficient.symbol("re_y_L")) for t in part.terms]
    planted = replace(amplitude, contributions={"one-loop": replace(part, terms=tuple(wrong))})

    moment = SimpleNamespace(quantity=SimpleNamespace(single=planted))
    ((_, proof),) = electric_statements(moment)
    assert proof.verdict == "open"


def test_a_theorem_is_said_of_terms_that_vanish_only() -> None:
    """Planted: a coefficient, and a kernel, that do not vanish where the couplings of the loop say so."""
    model = declared(SCALAR)
    amplitude = model.electric_dipole("mu").quantity.single
    other = model.anomalous_moment("mu").quantity.single.terms[0].integral
    part = amplitude.contributions["one-loop"]

    def planted(**changes: object) -> Amplitude:
        terms = tuple(replace(t, **changes) for t in part.terms)
        return replace(amplitude, contributions={"one-loop": replace(part, terms=terms)})

    parity = model.electric_dipole("mu").values({"y_L": LEFT, "y_R": LEFT, "m_N": 5, "m_X": 80})
    massless = model.electric_dipole("mu").values({"y_L": LEFT, "y_R": RIGHT, "m_N": 0, "m_X": 80})
    assert "parity" in str(why_no_dipole(amplitude, parity))
    assert "m_N = 0" in str(why_no_dipole(amplitude, massless))
    assert why_no_dipole(planted(coefficient=ONE), parity) is None
    assert why_no_dipole(planted(integral=other), massless) is None


@pytest.mark.parametrize("massive", [False, True])
def test_the_duality_is_proved(massive: bool) -> None:
    assert duality(massive).verdict == "proved"


def test_a_duality_without_its_logarithm_is_disproved(monkeypatch: pytest.MonkeyPatch) -> None:
    def planted(*given: object) -> FeynmanIntegral:
        kernel = barr_zee_kernel(*given)
        return replace(kernel, pole=kernel.pole + kernel.pole) if given[2] else kernel

    monkeypatch.setattr(dipoles, "barr_zee_kernel", planted)
    assert duality.__wrapped__(False).verdict == "disproved"


def test_nothing_is_said_beside_a_part_that_is_not_derived() -> None:
    more = SCALAR.replace("X*bar(mu)*(y_L*PL + y_R*PR)*N + hc", TWO)
    values = {"y_L": LEFT, "y_R": LEFT, "m_N": 5, "m_X": 80}
    d = declared(more + "[parameters.g]\ndimension = -1\n").electric_dipole("mu", partial=True)
    for g, said in ((0, True), (1, False)):
        found = d.evaluate(10, values, g=g)
        assert found.ball.midpoint == 0
        assert any("exactly zero" in s for s in found.record["announcements"]) == said


TWO = "(X*bar(mu)*(y_L*PL + y_R*PR)*N + hc) + g*bar(X)*X*bar(mu)*mu"


# what decides --------------------------------------------------------------------------------------
ONE, IMAG = Coefficient.number(1), Coefficient.number(0, 1)
GAMMA = ("@boson",)


def sector(even: dict[tuple[str, ...], Coefficient], odd: dict[tuple[str, ...], Coefficient]) -> Sector:
    products = tuple(b * a.conjugate() for a in even.values() for b in odd.values())
    return Sector("loop(X, N)", even, odd, products, "m_N")


def test_the_reasons_of_a_sector() -> None:
    mass = Coefficient.symbol("m_N")
    assert sector({(): ONE}, {}).reason(vanishes) == "definite parity"
    assert sector({(): ONE + IMAG}, {(): ONE + IMAG}).reason(vanishes) == "one chirality"
    assert sector({(): ONE + IMAG}, {(): -ONE - IMAG}).reason(vanishes) == "one chirality"
    assert sector({(): ONE + IMAG}, {(): ONE * 2 + IMAG * 2}).reason(vanishes) == "relatively real couplings"
    assert sector({(): ONE}, {(): IMAG}).reason(vanishes) is None
    assert sector({(): ONE}, {(): IMAG}).reason(lambda c: vanishes(c) or c == mass) == "m_N = 0"


def test_one_chirality_of_two_kinds_of_couplings_is_not_enough() -> None:
    """A Yukawa coupling and a vector's to one chirality, with a phase between them."""
    mixed = sector({(): ONE, GAMMA: IMAG}, {(): ONE, GAMMA: IMAG})
    assert mixed.reason(vanishes) is None
    assert sector({(): ONE, GAMMA: ONE}, {(): ONE, GAMMA: ONE}).reason(vanishes) == "one chirality"


def test_a_massless_fermion_counts_for_one_kind_of_kernel_only() -> None:
    """A derivative coupling and a Yukawa coupling give kernels of another form."""
    yukawa = "X*bar(mu)*(y_L*PL + y_R*PR)*N + hc"
    masses = []
    for text in (yukawa, f"({yukawa}) + (1/m_mu*bar(mu)*gamma(al)*d(al, X)*N + hc)"):
        model = EXCHANGE.format(text=text, spin=0).replace(
            "charge = 0\nself_conjugate = false", "charge = -1 # N"
        )
        model = model.replace("charge = -1\n", "charge = 0\n").replace("charge = -1 # N", "charge = -1")
        d = declared(model).electric_dipole("mu")
        masses.append({s.mass for s in electric_sectors(d.quantity.single)})
    assert masses == [{"m_N"}, {None}]
