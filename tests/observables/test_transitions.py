"""l -> l' gamma: the reference file, an independent quadrature, symmetries, thresholds, arrays, bounds."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest
from mpmath import mp, mpc, mpf

import g2sym as g2
from g2sym.base.exact import read_number
from g2sym.errors import UnsupportedError, UsageError
from tests.cases import CASES, load, values

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle import Field
from oracle.transitions import transition, width_factor

NAMES = {
    "A_R": "A_R({} -> {})",
    "A_L": "A_L({} -> {})",
    "BR": "BR({} -> {} A)",
    "L_egamma": "L_egamma({} -> {})",
}
OTHERS = [case for case in CASES if case["quantity"] in (*NAMES, "flavio_C7")]
MASSES = {"m_e": "0.00051099895069", "m_mu": "0.1056583755", "m_tau": "1.77693"}


def name_of(case: dict) -> str:
    leptons = case["leptons"]
    if len(leptons) == 2:
        return NAMES[case["quantity"]].format(*leptons)
    return f"{'C7' if case['quantity'] == 'flavio_C7' else 'L_egamma'}({leptons[0]})"


def test_every_case_is_here() -> None:
    assert len(OTHERS) == 26


@pytest.mark.parametrize("case", OTHERS, ids=lambda c: c["id"])
def test_every_case_to_45_digits(case: dict, tmp_path: Path) -> None:
    model, name = load(case, tmp_path), name_of(case)
    got = model.observable(name).evaluate(48, values(case))
    for part, ball in (("re", got.ball), ("im", got.imaginary)):
        want = read_number(case["value"][part])
        if case["quantity"] == "BR":
            assert got.imaginary is None
            if part == "im":
                continue
        assert abs(ball.midpoint - want) <= abs(want) * Fraction(1, 10**45)
        own = model.observable(name if case["quantity"] == "BR" else f"{part}({name})")
        array = own.lambdify()(values(case))
        assert array == want or abs(array / float(want) - 1) < 1e-12


# random models against quadrature ------------------------------------------------------------------
def number(value: Fraction) -> mpf:
    return mpf(value.numerator) / value.denominator


def close(got: g2.Evaluation, want: mpc, digits: int, scale: mpf) -> None:
    off = abs(mpc(number(got.ball.midpoint), number(got.imaginary.midpoint)) - want)
    assert off <= mpf(10) ** -digits * scale


def random_model(seed: int) -> tuple:
    """Text, fields for both, parameters and values of an exchange with complex couplings."""
    random = Random(seed)
    first, second = random.choice([("tau", "mu"), ("tau", "e"), ("mu", "e"), ("e", "mu"), ("mu", "tau")])
    vector = bool(seed % 2)
    gamma = "gamma(al)*" if vector else ""
    kind = random.choice(["neutral", "charged", "both", "cc", "inside"])
    if vector and kind == "cc":
        kind = "both"
    boson = "V(al)" if vector else "V"
    parts = "LR"
    coupling = {n: f"({n}_L*PL + {n}_R*PR)" for n in ("y", "k")}
    names = [f"{n}_{p}" for n in ("y", "k") for p in parts]
    colour = random.choice([1, 3]) if kind in ("charged", "both") else 1
    scale = random.choice([1, 30])
    mass, heavy = str(random.randint(30, 90) * scale), str(random.choice([0, 7, 40 * scale, 300]))
    if kind == "inside":
        inner = next((lepton for lepton in ("e", "mu", "tau") if lepton not in (first, second)), "")
        text = f"{boson}*bar({inner})*{gamma}{coupling['y']}*{first} + {boson}*bar({inner})*{gamma}"
        text += f"{coupling['k']}*{second} + hc"
        charge, fermion = Fraction(0), None
    else:
        charge = {"neutral": Fraction(0), "charged": Fraction(1)}.get(
            kind, Fraction(random.randint(-5, 5), 3)
        )
        if kind == "cc":
            charge = Fraction(2)
            text = f"V*bar(cc({first}))*{coupling['y']}*{first} + V*bar(cc({first}))*{coupling['k']}*{second}"
            text += " + hc"
            fermion = None
        else:
            fermion = charge - 1
            text = (
                f"{boson}*bar(N)*{gamma}{coupling['y']}*{first} + {boson}*bar(N)*{gamma}{coupling['k']}"
                f"*{second} + hc"
            )
    given = {}
    for name in names:
        for part in ("re", "im"):
            given[f"{part}_{name}"] = f"{random.randint(-99, 99)}/100"
    return text, (first, second), vector, charge, mass, fermion, heavy, colour, given


@pytest.mark.parametrize("seed", range(24))
def test_random_models_against_quadrature(seed: int) -> None:
    """Both form factors of neutral, charged and doubly charged exchanges, complex couplings, colours."""
    text, (first, second), vector, charge, mass, fermion, heavy, colour, given = random_model(seed)
    spin = Fraction(1 if vector else 0)
    real = charge == 0 and fermion is None
    make = g2.vector if vector else g2.scalar
    exact = {name: str(Fraction(v)) for name, v in given.items()}
    boson_colour = {"colour": colour} if colour == 3 else {}
    fields = [make("V", mass="m_V", charge=charge, self_conjugate=real, **boson_colour)]
    theirs = {"V": Field("V", spin, charge, Fraction(mass), real, colour)}
    if fermion is not None:
        fields.append(g2.fermion("N", mass="m_N", charge=fermion, **boson_colour))
        theirs["N"] = Field("N", Fraction(1, 2), fermion, Fraction(heavy), False, colour)
    names = dict.fromkeys(n[3:] for n in given)
    parameters = [g2.parameter(n, complex=True) for n in names]
    model = g2.Model(text, fields=fields, parameters=parameters, inputs=MASSES)
    point = {**exact, "m_V": mass, **({} if fermion is None else {"m_N": heavy})}
    with mp.workdps(32):
        right, left = transition(text, theirs, {**exact, **MASSES}, first, second)
        scale = max(abs(right), abs(left))
        assert scale > 0
        for name, want in (("A_R", right), ("A_L", left)):
            got = model.observable(f"{name}({first} -> {second})").evaluate(40, point)
            close(got, want, 25, scale)


# symmetries, limits --------------------------------------------------------------------------------
EXCHANGES = {
    "neutral": ("V*bar(N)*{}*tau + V*bar(N)*{}*mu + hc", 0, "0", "-1"),
    "charged": ("V*bar(N)*{}*tau + V*bar(N)*{}*mu + hc", 0, "1", "0"),
    "both": ("V*bar(N)*{}*tau + V*bar(N)*{}*mu + hc", 0, "2/3", "-1/3"),
    "vector": ("V(al)*bar(N)*gamma(al)*{}*tau + V(al)*bar(N)*gamma(al)*{}*mu + hc", 1, "0", "-1"),
    "charged-vector": ("V(al)*bar(N)*gamma(al)*{}*tau + V(al)*bar(N)*gamma(al)*{}*mu + hc", 1, "2/3", "-1/3"),
}
COUPLINGS = {"re_y_L": "0.3", "im_y_L": "0.1", "re_y_R": "-0.2", "im_y_R": "0.5"}
COUPLINGS |= {"re_k_L": "0.7", "im_k_L": "-0.4", "re_k_R": "0.6", "im_k_R": "0.2"}
EXCHANGED = {n.replace("L", "x").replace("R", "L").replace("x", "R"): v for n, v in COUPLINGS.items()}


def exchange(kind: str, **inputs: str) -> g2.Model:
    """Exchanges of V and N that turn tau into mu, with complex chiral couplings."""
    text, spin, charge, charge_f = EXCHANGES[kind]
    make = g2.vector if spin else g2.scalar
    fields = [
        make("V", mass="m_V", charge=charge, self_conjugate=False),
        g2.fermion("N", mass="m_N", charge=charge_f),
    ]
    if charge == "0":
        fields[0] = make("V", mass="m_V", charge=charge, self_conjugate=False)
    else:
        fields[0] = make("V", mass="m_V", charge=charge)
    parameters = [g2.parameter(n, complex=True) for n in ("y_L", "y_R", "k_L", "k_R")]
    chiral = ("(y_L*PL + y_R*PR)", "(k_L*PL + k_R*PR)")
    return g2.Model(text.format(*chiral), fields=fields, parameters=parameters, inputs={**MASSES, **inputs})


def complex_of(found: g2.Evaluation) -> mpc:
    return mpc(number(found.ball.midpoint), number(found.imaginary.midpoint))


@pytest.mark.parametrize("masses", [("90", "30"), ("0.8", "1.3"), ("3", "0"), ("0", "4")])
@pytest.mark.parametrize("kind", EXCHANGES)
def test_hermiticity_and_parity_below_threshold(kind: str, masses: tuple[str, str]) -> None:
    """m_1 A_R(1 -> 2) = [m_2 A_L(2 -> 1)]^*, and A_L is A_R with L and R exchanged."""
    if masses[0] == "0" and "vector" in kind:
        return
    model = exchange(kind)
    point = {"m_V": masses[0], "m_N": masses[1]}
    there = model.observable("A_R(tau -> mu)").evaluate(40, {**COUPLINGS, **point})
    back = model.observable("A_L(mu -> tau)").evaluate(40, {**COUPLINGS, **point})
    other = model.observable("A_L(tau -> mu)").evaluate(40, {**EXCHANGED, **point})
    with mp.workdps(45):
        one, two = mpf(MASSES["m_tau"]), mpf(MASSES["m_mu"])
        assert (
            abs(one * complex_of(there) - two * mp.conj(complex_of(back)))
            < abs(complex_of(there)) * mpf(10) ** -38
        )
    assert there.ball.overlaps(other.ball)
    assert there.imaginary.overlaps(other.imaginary)


@pytest.mark.parametrize("kind", ["neutral", "both", "vector"])
def test_above_threshold_the_absorptive_part_spoils_hermiticity(kind: str) -> None:
    """Both leptons above and the tau alone above, against quadrature."""
    text, spin, charge, charge_f = EXCHANGES[kind]
    text = text.format("(y_L*PL + y_R*PR)", "(k_L*PL + k_R*PR)")
    theirs = {
        "V": Field("V", Fraction(spin), Fraction(charge), Fraction("0.05"), False),
        "N": Field("N", Fraction(1, 2), Fraction(charge_f), Fraction(0), False),
    }
    for boson, fermion in (("0.05", "0.02"), ("0.7", "0.3"), ("0.7", "0"), ("0.05", "0")):
        fields = {
            "V": Field("V", theirs["V"].spin, theirs["V"].charge, Fraction(boson), False),
            "N": Field("N", Fraction(1, 2), theirs["N"].charge, Fraction(fermion), False),
        }
        model = exchange(kind)
        with mp.workdps(40):
            for first, second in (("tau", "mu"), ("mu", "tau")):
                right, left = transition(text, fields, {**COUPLINGS, **MASSES}, first, second)
                for name, want in (("A_R", right), ("A_L", left)):
                    found = model.observable(f"{name}({first} -> {second})")
                    got = found.evaluate(40, {**COUPLINGS, "m_V": boson, "m_N": fermion})
                    close(got, want, 25, max(abs(right), abs(left)))
            one = model.observable("A_R(tau -> mu)").evaluate(30, {**COUPLINGS, "m_V": boson, "m_N": fermion})
            two = model.observable("A_L(mu -> tau)").evaluate(30, {**COUPLINGS, "m_V": boson, "m_N": fermion})
            gap = mpf(MASSES["m_tau"]) * complex_of(one) - mpf(MASSES["m_mu"]) * mp.conj(complex_of(two))
            assert abs(gap) > abs(complex_of(one)) * mpf("1e-3")


@pytest.mark.parametrize("kind", EXCHANGES)
@pytest.mark.parametrize("masses", [("90", "30"), ("2", "0.9")])
def test_equal_masses_and_couplings_give_the_moments(kind: str, masses: tuple[str, str]) -> None:
    """m_mu -> m_tau and k = y: m^2 (A_R + A_L) is a, i m (A_R - A_L)/2 is d/e."""
    gap = Fraction(1, 10**14)
    near = str(Fraction(MASSES["m_tau"]) * (1 - gap))
    both = {**COUPLINGS, **{n.replace("y", "k"): v for n, v in COUPLINGS.items() if "y" in n}}
    point = {**both, "m_V": masses[0], "m_N": masses[1]}
    model = exchange(kind, m_mu=near)
    plain = exchange(kind)
    right, left = (
        complex_of(model.observable(f"{n}(tau -> mu)").evaluate(30, point)) for n in ("A_R", "A_L")
    )
    a, d = (number(plain.observable(f"{n}(tau)").evaluate(30, point).ball.midpoint) for n in "ad")
    with mp.workdps(30):
        m = mpf(MASSES["m_tau"])
        assert abs(m**2 * (right + left) - a) < 20 * mpf("1e-14") * abs(a)
        assert abs(0.5j * m * (right - left) - d) < 20 * mpf("1e-14") * abs(d)


def test_one_lepton_has_its_own_form_factors() -> None:
    """A_R = a/(2 m^2) - i (d/e)/m, A_L its conjugate, L_egamma = e m A_R/2 (JMS basis)."""
    model = exchange("both")
    point = {**COUPLINGS, "m_V": "90", "m_N": "30"}
    a, d, right, left, wilson = (
        model.observable(f"{n}(tau)").evaluate(30, point) for n in ("a", "d", "A_R", "A_L", "L_egamma")
    )
    with mp.workdps(30):
        m = mpf(MASSES["m_tau"])
        want = number(a.ball.midpoint) / (2 * m**2) - 1j * number(d.ball.midpoint) / m
        assert abs(complex_of(right) - want) < abs(want) * mpf("1e-27")
        assert abs(complex_of(left) - mp.conj(want)) < abs(want) * mpf("1e-27")
        charge = mp.sqrt(4 * mp.pi / number(model.inputs.value("alpha_inverse")))
        assert abs(complex_of(wilson) - charge * m * want / 2) < abs(want) * mpf("1e-27")
    light = {**COUPLINGS, "m_V": "0.2", "m_N": "0.1"}
    for name in ("A_R(tau)", "im(A_L(tau))", "re(L_egamma(tau))"):
        with pytest.raises(UnsupportedError, match=r"ask for a\(tau\), im\(a\(tau\)\)"):
            model.observable(name).evaluate(12, light)


def test_derivative_couplings_are_yukawa_couplings_on_shell() -> None:
    """G d_a phi lbar' gamma^a PL l is phi lbar' (i m PL - i m' PR) l G, up to contact terms."""
    phi = g2.scalar("phi", mass="m_phi")
    known = [g2.parameter("y", complex=True)]
    diagonal = " + phi*bar(mu)*(y*PL)*mu + hc"
    derivative = g2.Model(
        "G*d(al, phi)*bar(mu)*gamma(al)*PL*e" + diagonal,
        fields=[phi],
        parameters=[g2.parameter("G", dimension=-1), *known],
    )
    yukawa = g2.Model(
        "G*phi*bar(mu)*(-I*m_mu*PL + I*m_e*PR)*e" + diagonal,
        fields=[phi],
        parameters=[g2.parameter("G", dimension=-1), *known],
    )
    for name in ("A_R(mu -> e)", "A_L(mu -> e)"):
        for mass in ("0.05", "7"):
            point = {"G": "1/3", "re_y": "1/5", "im_y": "2/7", "m_phi": mass}
            one, two = (m.observable(name).evaluate(40, point) for m in (derivative, yukawa))
            assert one.ball.overlaps(two.ball)
            assert one.imaginary.overlaps(two.imaginary)
            assert one.ball.sign


def test_a_dipole_at_tree_level() -> None:
    """L = c lbar' sigma PR l F + h.c. is L_egamma = c: A_R = 2 c/(e m); back, A_L = 2 c^*/(e m')."""
    model = g2.Model(
        "c*bar(e)*sigma(al, be)*PR*mu*F(A, al, be) + hc",
        parameters=[g2.parameter("c", dimension=-1, complex=True)],
    )
    point = {"re_c": "1e-10", "im_c": "2e-10"}

    def value(name: str) -> mpc:
        return complex_of(model.observable(name).evaluate(30, point))

    with mp.workdps(30):
        c = mpc("1e-10", "2e-10")
        assert abs(value("L_egamma(mu -> e)") - c) < mpf("1e-36")
        charge = mp.sqrt(4 * mp.pi / number(model.inputs.value("alpha_inverse")))
        want = 2 * c / (charge * mpf(MASSES["m_mu"]))
        assert abs(value("A_R(mu -> e)") - want) < abs(want) * mpf("1e-27")
        assert value("A_L(mu -> e)") == 0
        assert value("A_R(e -> mu)") == 0
        back = 2 * mp.conj(c) / (charge * mpf(MASSES["m_e"]))
        assert abs(value("A_L(e -> mu)") - back) < abs(back) * mpf("1e-27")


def test_interference_with_the_standard_model_is_stated_and_can_be_left_out() -> None:
    """An off-diagonal Z coupling needs the Z's own ones: the same number when these are declared."""
    text = "g*Z(al)*bar(mu)*gamma(al)*PL*tau + hc"
    parameters = [g2.parameter("g")]
    point = {"g": "1/1000"}
    found = g2.Model(text, parameters=parameters).observable("A_L(tau -> mu)").evaluate(20, point)
    said = "Interference of the couplings of Z with the Standard Model's is included."
    assert said in found.record["announcements"]
    assert found.ball.sign


def test_the_width_and_the_branching_ratio() -> None:
    """Gamma = (alpha/4) m^5 (1 - m'^2/m^2)^3 (|A_R|^2 + |A_L|^2); BR is Gamma over the total."""
    model = exchange("both")
    point = {**COUPLINGS, "m_V": "90", "m_N": "30"}
    right, left, width, ratio = (
        model.observable(n).evaluate(30, point)
        for n in ("A_R(tau -> mu)", "A_L(tau -> mu)", "Gamma(tau -> mu A)", "BR(tau -> mu A)")
    )
    with mp.workdps(30):
        alpha = 1 / number(model.inputs.value("alpha_inverse"))
        squares = abs(complex_of(right)) ** 2 + abs(complex_of(left)) ** 2
        want = width_factor(mpf(MASSES["m_tau"]), mpf(MASSES["m_mu"]), alpha) * squares
        assert abs(number(width.ball.midpoint) - want) < want * mpf("1e-26")
        whole = number(model.inputs.value("Gamma_tau"))
        assert abs(number(ratio.ball.midpoint) - want / whole) < want / whole * mpf("1e-26")
    assert width.record["unit"] == "GeV"
    assert ratio.record["unit"] == "1"
    assert set(ratio.contributions) == {f"{p}({n}(tau -> mu))" for p in ("re", "im") for n in ("A_R", "A_L")}
    assert complex(ratio).imag == 0


# exact zeros ---------------------------------------------------------------------------------------
def test_parts_that_cancel_between_kernels_are_exactly_zero() -> None:
    """One chirality on one side: Im A_L has no term below threshold, which only the sum of kernels shows."""
    model = exchange("neutral")
    one = {n: v for n, v in COUPLINGS.items() if "y" in n} | {
        "re_k_L": "1/10",
        "im_k_L": 0,
        "re_k_R": 0,
        "im_k_R": 0,
    }
    point = {**one, "re_y_R": 0, "im_y_R": 0, "re_y_L": "3/10", "im_y_L": 0, "m_V": "90", "m_N": "30"}
    right = model.observable("A_R(tau -> mu)").evaluate(20, point)
    assert right.imaginary.midpoint == right.imaginary.radius == 0
    assert model.observable("im(A_R(tau -> mu))").lambdify()(point) == 0
    arrays = {**point, "m_V": np.array([5.0, 90.0, 1e4])}
    assert (model.observable("im(A_R(tau -> mu))").lambdify()(arrays) == 0).all()
    # V bar(N) PL l is lbar PR N V^*: A_R has m R_2 R_1^*, A_L has m' R_2 R_1^*
    left = model.observable("A_L(tau -> mu)").evaluate(20, point)
    assert 0 < abs(left.ball.midpoint) < abs(right.ball.midpoint)


def test_a_model_that_turns_no_lepton_says_so() -> None:
    model = g2.load_model("dark_photon")
    found = model.observable("BR(mu -> e A)").evaluate(10, m_A=1, eps="1e-3")
    assert float(found) == 0
    assert any("No pair of couplings" in one for one in found.record["announcements"])


# arrays, bounds, maps ------------------------------------------------------------------------------
LIMIT = """
schema = 1
name = "own-limit"
observable = "BR(tau -> mu A)"
kind = "limit"
date = 2030-01-31
value = {}
confidence = 0.9
source = "an example"
"""


def limit(folder: Path, value: str) -> g2.Measurement:
    path = folder / "limit.toml"
    path.write_text(LIMIT.format(value))
    return g2.load_measurement(path)


def real_model() -> g2.Model:
    fields = [g2.scalar("V", mass="m_V", charge=1), g2.fermion("N", mass="m_N")]
    text = "V*bar(N)*(y*PL + h*PR)*tau + V*bar(N)*(k*PL + l*PR)*mu + hc"
    return g2.Model(text, fields=fields, parameters=[g2.parameter(n) for n in "yhkl"], inputs=MASSES)


REAL = {"y": "0.3", "h": "0.1", "k": "0.2", "l": "-0.5", "m_V": "300", "m_N": "80"}


def test_arrays_over_couplings_and_masses_agree_with_values() -> None:
    model = exchange("neutral")
    masses = np.array([0.02, 0.3, 1.5, 1.7, 1.8, 4.0, 1e3])
    for name in (
        "re(A_R(tau -> mu))",
        "im(A_L(tau -> mu))",
        "BR(tau -> mu A)",
        "BR(tau -> mu A)/Gamma(tau -> mu A)",
    ):
        found = model.observable(name)
        arrays = found.lambdify()({**COUPLINGS, "m_N": "0.1", "m_V": masses})
        for mass, value in zip(masses, arrays, strict=True):
            want = float(found.evaluate(18, {**COUPLINGS, "m_N": "0.1", "m_V": repr(float(mass))}))
            assert abs(value / want - 1) < 1e-12


def test_squares_beyond_doubles() -> None:
    """Couplings of 1e-160 and 1e150: squares under- and overflow, the ratio of two does not."""
    model = real_model()
    couplings = np.array([0.0, 1e-160, -1e-140, 1e-3, 1e150, 1e155])
    point = {**REAL, "k": couplings, "l": 0}
    found = model.observable("BR(tau -> mu A)")
    values_ = found.lambdify()(point)
    for k, value in zip(couplings, values_, strict=True):
        want = number(found.evaluate(18, {**REAL, "k": repr(float(k)), "l": 0}).ball.midpoint)
        if want == 0:
            assert value == 0
        elif want < mpf(2) ** -1022 or want > mpf(2) ** 1024:
            assert np.isnan(value) or value in (0, np.inf) or abs(value / float(want) - 1) < 1e-12
        else:
            assert abs(value / want - 1) < 1e-12
    ratio = model.observable("BR(tau -> mu A)/Gamma(tau -> mu A)").lambdify()({**point, "k": couplings[1:]})
    assert np.allclose(ratio, ratio[2], rtol=1e-12, atol=0)


def test_squares_are_scaled_and_what_is_no_double_is_marked() -> None:
    """1e-170 squared times 1e60 is a double although the square is none; 1e-200 squared is lost."""
    from g2sym.arrays.ladder import Sums
    from g2sym.arrays.quotients import summed

    first = np.array([3e-170, 1e-200, 0.0, 3.0, 1e160])
    second = np.array([4e-170, 0.0, 0.0, -4.0, 1e10])
    every = [Sums(one, np.zeros(5, dtype=np.uint8), {}) for one in (first, second)]
    found, lost = summed(every, 1e60, 2)
    assert np.allclose(found.values[[0, 2, 3]], [2.5e-279, 0.0, 2.5e61], rtol=1e-15, atol=0)
    assert lost.tolist() == [False, True, False, False, True]
    widths = [Sums(np.abs(one.values), one.rungs, {}) for one in every]
    found, lost = summed(widths, 2.0, 1)
    assert np.allclose(found.values[[0, 2, 3]], [1.4e-169, 0.0, 14.0], rtol=1e-15, atol=0)
    assert not lost.any()


def test_windows_of_a_branching_ratio(tmp_path: Path) -> None:
    """BR is a quadratic in a coupling, with a linear term: its ends against solving that by hand."""
    model = real_model()
    found = model.observable("BR(tau -> mu A)")
    data = limit(tmp_path, "1e-6")
    rest = {n: v for n, v in REAL.items() if n != "k"}
    with mp.workdps(30):
        at = [number(found.evaluate(40, {**rest, "k": k}).ball.midpoint) for k in (-1, 0, 1)]
        second, first, zeroth = (at[0] + at[2]) / 2 - at[1], (at[2] - at[0]) / 2, at[1] - mpf("1e-6")
        for other in ("1e-6", "1e-3"):
            data = limit(tmp_path, other)
            zeroth = at[1] - mpf(other)
            square = first**2 - 4 * second * zeroth
            rows = g2.bound(found, "k", data, params=rest).rows
            (row,) = rows
            if square < 0:
                assert row.windows == ()
                continue
            ends = sorted((-first + sign * mp.sqrt(square)) / (2 * second) for sign in (1, -1))
            (window,) = row.windows
            for end, want in zip(window, ends, strict=True):
                assert abs(float(end) / float(want) - 1) < 1e-9


def test_a_plane_of_couplings_agrees_with_values(tmp_path: Path) -> None:
    model = real_model()
    found = model.observable("BR(tau -> mu A)")
    data = limit(tmp_path, "1e-6")
    rest = {n: v for n, v in REAL.items() if n not in "kl"}
    plane = g2.exclusion_map(
        found, ("k", "1e-6", "1"), ("l", "1e-6", "1"), data, resolution=1024, params=rest
    )
    random, seen = Random(5), set()
    for _ in range(60):
        k, l_ = (10 ** random.uniform(-6, 0) for _ in range(2))
        state = plane.state(k, l_)
        value = float(found.evaluate(12, {**rest, "k": repr(k), "l": repr(l_)}))
        seen.add(state)
        assert state == ("allowed" if value < 1e-6 else "excluded") or state == "undecided"
    assert {"allowed", "excluded"} <= seen


def test_a_sum_of_squares_as_pieces_is_the_value() -> None:
    """Every product of two terms stands in it once, cross terms k l twice."""
    from g2sym.base.balls import working_precision
    from g2sym.queries.pieces import take_apart

    found = real_model().observable("BR(tau -> mu A)")
    rest = {n: v for n, v in REAL.items() if n not in "kl"}
    structure = take_apart(found, rest, ("k", "l"))
    k, l_ = mpf("0.2"), mpf("-0.5")
    with working_precision(200), mp.workdps(40):
        parts = [(p.powers, structure.constant(p, 160)) for p in structure.pieces]
        total = mp.fsum(mpf(str(c.mid().str(40, radius=False))) * k**a * l_**b for (a, b), c in parts)
    want = number(found.evaluate(30, REAL).ball.midpoint)
    assert abs(total - want) < abs(want) * mpf("1e-14")


def test_a_plane_of_one_leptons_form_factor_stays_below_threshold(tmp_path: Path) -> None:
    path = tmp_path / "l.toml"
    path.write_text(
        LIMIT.format("1e-9").replace("BR(tau -> mu A)", "re(L_egamma(tau))") + 'unit = "GeV^-1"\n'
    )
    found = real_model().observable("re(L_egamma(tau))")
    axes = ("y", "1e-6", "1"), ("h", "1e-6", "1")
    rest = {"k": 1, "l": 1, "m_V": "0.2", "m_N": "0.1"}
    with pytest.raises(UnsupportedError, match=r"m_V \+ m_N lies below m_tau"):
        g2.exclusion_map(found, *axes, g2.load_measurement(path), resolution=64, params=rest)
    high = {**rest, "m_V": "2"}
    plane = g2.exclusion_map(found, *axes, g2.load_measurement(path), resolution=64, params=high)
    assert plane.state(0.9, 0.9) == "excluded"


def test_what_the_inputs_add_to_a_branching_ratio() -> None:
    """Gamma_tau as the lifetime moves, and alpha: both in proportion."""
    model = real_model()
    found = model.observable("BR(tau -> mu A)")
    value = float(found.evaluate(15, REAL))
    shifts = found.input_uncertainty(REAL).shifts
    assert {"tau_tau", "alpha_inverse"} <= set(shifts)
    relative = float(model.inputs["tau_tau"].uncertainty / model.inputs["tau_tau"].value)
    assert abs(abs(float(shifts["tau_tau"]) / value) / relative - 1) < 1e-3


# refusals ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("inputs", "name", "words"),
    [
        ({"m_mu": "1.77693"}, "A_R(tau -> mu)", "Both leptons have one mass"),
        ({"m_mu": "1.77693"}, "BR(tau -> mu A)", "needs m_tau above m_mu"),
        ({"m_mu": "2"}, "Gamma(tau -> mu A)", "needs m_tau above m_mu"),
    ],
)
def test_inputs_that_make_no_sense(inputs: dict, name: str, words: str) -> None:
    fields = [g2.scalar("V", mass="m_V", charge=1), g2.fermion("N", mass="m_N")]
    text = "V*bar(N)*(y*PL + h*PR)*tau + V*bar(N)*(k*PL + l*PR)*mu + hc"
    model = g2.Model(
        text, fields=fields, parameters=[g2.parameter(n) for n in "yhkl"], inputs={**MASSES, **inputs}
    )
    with pytest.raises((UsageError, UnsupportedError), match=words):
        model.observable(name).evaluate(10, REAL)


def test_what_has_no_rule_yet_is_refused_with_its_parameter() -> None:
    phi = g2.scalar("phi", mass="m_phi")
    known = [g2.parameter("G", dimension=-1), g2.parameter("y")]
    model = g2.Model(
        "G*phi*F(A, al, be)*F(A, al, be) + (y*phi*bar(mu)*e + hc)", fields=[phi], parameters=known
    )
    point = {"G": 1, "y": 1, "m_phi": 1}
    with pytest.raises(
        UnsupportedError, match="through two gauge bosons are not derived yet; set G or y to 0"
    ):
        model.observable("BR(mu -> e A)").evaluate(10, point)
    partial = model.observable("BR(mu -> e A)", partial=True).evaluate(10, point)
    assert any(one.startswith("Not included") for one in partial.record["announcements"])
    assert float(model.observable("BR(mu -> e A)").evaluate(10, {**point, "G": 0})) == 0
    dipole = g2.Model(
        "c*bar(tau)*sigma(al, be)*mu*F(A, al, be) + hc", parameters=[g2.parameter("c", dimension=-1)]
    )
    with pytest.raises(UnsupportedError, match="loops with a photon's dipole coupling"):
        dipole.observable("A_R(mu -> e)").evaluate(10, c=1)


@pytest.mark.parametrize("query", ["closed_form", "integral"])
def test_queries_of_formulas_are_refused_in_one_sentence(query: str) -> None:
    model = real_model()
    with pytest.raises(UnsupportedError, match="has values, arrays, scans"):
        getattr(model.observable("re(A_R(tau -> mu))"), query)()
    with pytest.raises(UsageError, match=r"is complex and has no .* ask for re\(A_R\(tau -> mu\)\)"):
        getattr(model.observable("A_R(tau -> mu)"), query)()
    with pytest.raises(UnsupportedError, match="only, no"):
        getattr(model.observable("BR(tau -> mu A)"), query)()
    with pytest.raises(UsageError, match="has no array function as a whole"):
        model.observable("A_R(tau -> mu)").lambdify()


def test_a_branching_ratio_names_every_input_that_entered() -> None:
    model, point = real_model(), REAL
    used = model.observable("BR(tau -> mu A)").evaluate(10, point).record["inputs_used"]
    assert {"alpha_inverse", "tau_tau", "m_tau", "m_mu"} <= used.keys()
    width = model.observable("Gamma(tau -> mu A)").evaluate(10, point).record["inputs_used"]
    assert "alpha_inverse" in width
    assert "tau_tau" not in width
