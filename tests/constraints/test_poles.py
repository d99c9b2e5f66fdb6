"""Bounds on masses and energies up to poles of cross-sections; measurements that name their observable."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import pytest

import g2sym as g2
from g2sym.base.balls import number
from g2sym.base.sentences import statement
from g2sym.cli import main
from g2sym.errors import UsageError
from g2sym.kernels.elementary_line import ElementaryFunction, series_length
from g2sym.queries.masses import mass_function
from g2sym.queries.poles import free_beside, poles_of

ALP, PHOTON = g2.load_model("alp"), g2.load_model("dark_photon")
SIGMA = "sigma(e bar(e) -> A {})"
M_E, ALPHA, PB = mp.mpf("0.51099895e-3"), 1 / mp.mpf("137.035999177"), mp.mpf("0.3893793721e9")


def measured(observable: str, high: str, unit: str = "pb", **more: object) -> g2.Measurement:
    at = tuple((n, Fraction(str(v))) for n, v in more.items())
    return g2.Measurement(
        "mine", "", "limit", "mine", "2030-01-31", limit=Fraction(high), confidence=Fraction("0.9"),
        observable=observable, unit=unit, at=at,
    )  # fmt: skip


def dark(energy: object, mass: object, eps: str, cut: str) -> mp.mpf:
    """Return sigma(e+ e- -> A A') in pb without the lepton's mass, within a cut (Essig et al., 0903.3941)."""
    s, square, c = mp.mpf(energy) ** 2, mp.mpf(mass) ** 2, mp.mpf(cut)
    log = mp.log((1 + c) / (1 - c))
    angles = (s**2 + square**2) / (s * (s - square)) * log - (s - square) / s * c
    return 4 * mp.pi * ALPHA**2 * mp.mpf(eps) ** 2 / s * angles * PB


def test_a_mass_up_to_the_soft_photon_and_beyond() -> None:
    sigma = PHOTON.observable(SIGMA.format("Ap"))
    limit = measured(SIGMA.format("X"), "1", sqrt_s="10.58", cos_max="0.9")
    found = g2.bound(sigma, "m_A", limit, interval=("0.5", 20), eps="1e-3")
    (row,) = found.rows
    (first, end), (pole, last) = row.windows
    assert (first.midpoint, pole.midpoint, last.midpoint) == (Fraction("0.5"), Fraction("10.58"), 20)
    assert first.radius == pole.radius == last.radius == 0
    assert row.text() == "[0.5, 1.051e1] or (10.58, 20]"
    expected = mp.findroot(lambda m: dark("10.58", m, "1e-3", "0.9") - 1, (10.4, 10.55), solver="anderson")
    assert float(end.midpoint) == pytest.approx(float(expected), rel=1e-6)  # without m_e^2/s
    assert any("infinitely soft" in s and "does not hold its end" in s for s in found.record["announcements"])
    assert "10.58" in row.as_dict()["poles"]
    below = g2.bound(sigma, "m_A", limit, interval=("0.5", "10.57"), eps="1e-3").rows[0]
    assert abs(below.windows[0][1].midpoint - end.midpoint) <= below.windows[0][1].radius + end.radius
    # ends at the pole, from either side
    assert g2.bound(sigma, "m_A", limit, interval=("0.5", "10.58"), eps="1e-3").rows[0].text() == below.text()
    after = g2.bound(sigma, "m_A", limit, interval=("10.58", 20), eps="1e-3")
    assert after.rows[0].text() == "(10.58, 20]"


@pytest.mark.parametrize("eps", ["1e-8", "1e-3", "1e-1"])
def test_an_energy_from_the_soft_photon(eps: str) -> None:
    sigma = PHOTON.observable(SIGMA.format("Ap"))
    limit = measured(SIGMA.format("X"), "1", cos_max="0.9")
    (row,) = g2.bound(sigma, "sqrt_s", limit, interval=("0.5", 20), m_A=1, eps=eps).rows
    ends = [e.midpoint for span in row.windows for e in span]
    assert ends[:2] == [Fraction(1, 2), 1]
    assert row.text().startswith("[0.5, 1)")
    if eps == "1e-1":  # 1e4 times the reach of 1e-3: sigma above the limit all the way
        assert len(ends) == 2
        assert dark(20, 1, eps, "0.9") > 1
    else:
        with mp.workdps(40):
            ends_at = mp.log(mp.mpf(10) ** -20), mp.log(2)
            height = mp.findroot(lambda u: dark(1 + mp.exp(u), 1, eps, "0.9") - 1, ends_at, solver="bisect")
        assert float(ends[2] - 1) == pytest.approx(float(mp.exp(height)), rel=1e-4)


def test_an_alp_through_its_lepton_coupling() -> None:
    sigma = ALP.observable(SIGMA.format("a"))
    limit = measured(SIGMA.format("X"), "1", sqrt_s="10.58", cos_max="0.9")
    point = {"g_aff": "1e-3", "g_agg": "1e-3"}
    (row,) = g2.bound(sigma, "m_a", limit, interval=("0.5", 20), **point).rows
    end = row.windows[0][1].midpoint
    at = sigma.evaluate(12, m_a=end, sqrt_s="10.58", cos_max="0.9", unit="pb", **point).ball.midpoint
    assert float(at) == pytest.approx(1, rel=1e-9)
    assert row.text().endswith("or (10.58, 20]")
    free = g2.bound(sigma, "m_a", limit, interval=("0.5", 20), g_aff=0, g_agg="1e-6").rows[0]
    assert not free.poles  # two photons are not soft
    assert free.text() == "[0.5, 20]"


def test_both_sides_of_a_pole_of_the_z() -> None:
    model = g2.load_model("alp", inputs={"Gamma_Z": 0})
    sigma = model.observable(SIGMA.format("a"))
    limit = measured(SIGMA.format("a"), "100", cos_max="0.9")
    point = {"g_aff": 0, "g_agg": "2e-4", "g_agZ": "1e-3", "m_a": 1}
    (row,) = g2.bound(sigma, "sqrt_s", limit, interval=(80, 100), **point).rows
    (_, low), (high, _) = row.windows
    assert low.midpoint < Fraction("91.1876") < high.midpoint
    for end in (low, high):
        at = sigma.evaluate(12, sqrt_s=end.midpoint, cos_max="0.9", unit="pb", **point).ball.midpoint
        assert float(at) == pytest.approx(100, rel=1e-9)


def test_what_is_enclosed_beside_a_pole_holds_the_values() -> None:
    sigma = PHOTON.observable(SIGMA.format("Ap"))
    known = sigma.values({"eps": "1e-3", "sqrt_s": "10.58", "cos_max": "0.9"})
    function = mass_function(sigma, "m_A", known)
    ((pole, said),) = poles_of([function]).items()
    assert pole == Fraction("10.58")
    assert statement(said) == (
        "sqrt_s is exactly m_A, where the photon is infinitely soft and the cross-section infinite"
    )
    assert free_beside([function], pole, pole - 1) == 1
    assert free_beside([function], pole, pole + 1) is None  # exactly zero
    for _, several in function.parts:
        for one in several:
            assert isinstance(one, ElementaryFunction)
            for distance in (Fraction(1, 4), Fraction(1, 1024)):
                with series_length():
                    power, ball = one.line.beside(pole, pole - distance)
                    assert power == 1
                    for k in range(1, 16):
                        x = distance * Fraction(k, 16)
                        assert ball.overlaps(one.line.at(pole - x, 192) * number(x))


def test_the_row_on_a_pole_is_named() -> None:
    model = g2.load_model("alp", inputs={"Gamma_Z": 0})
    sigma, limit = model.observable(SIGMA.format("a")), measured(SIGMA.format("a"), "1", cos_max="0.9")
    point = {"g_aff": 0, "m_a": 1}
    for energies in ([90, "91.1876", 92], ["91.1876", 92], ["91.1876"]):
        with pytest.raises(UsageError, match=r"^At sqrt_s = 91\.1876: sqrt_s is exactly m_Z"):
            g2.bound(sigma, "g_agg", limit, sqrt_s=energies, **point)
    with pytest.raises(UsageError, match=r"^m_a has no value"):  # not about a row
        g2.bound(sigma, "g_agg", limit, sqrt_s=[90], g_aff=0)


FILE = """
schema = 1
name = "zx"
observable = "{}"
kind = "limit"
date = 2030-01-31
value = 1e-6
confidence = 0.95
source = "an example"
"""


@pytest.mark.parametrize(
    "command",
    [
        ("bound", "alp", "--on", "g_agg", "--vary", "m_a=0.1:90:3"),
        ("map", "alp", "--x", "g_agg=1e-6:1e-2", "--y", "m_a=0.1:80", "--resolution", "16"),
        ("scan", "alp", "--vary", "g_agg=1e-6:1e-2:4", "--set", "m_a=1"),
    ],
)
def test_one_measurement_names_its_observable(tmp_path: Path, capsys, command: tuple[str, ...]) -> None:
    path = tmp_path / "zx.toml"
    path.write_text(FILE.format("BR(Z -> A X)"))
    tail = ("--set", "g_aff=0", "--measurement", str(path), "--json")
    outputs = []
    for more in ((), ("--observable", "BR(Z -> A a)"), ("--observable", "BR(Z -> A X)")):
        assert main([*command, *more, *tail]) == 0
        outputs.append(json.loads(capsys.readouterr().out))
    for one in outputs:
        one.pop("seconds", None)
    assert outputs[0] == outputs[1] == outputs[2]


def test_x_in_an_observable_and_a_moment_of_another_lepton(capsys) -> None:
    assert main(["eval", "alp", "--observable", "BR(Z -> A X)", "--set", "g_agg=1e-4", "--set", "m_a=1"]) == 0
    assert capsys.readouterr().out.startswith("BR(Z -> A a) = ")
    # one of another lepton's moment still says which option is meant
    assert main(["bound", "alp", "--on", "g_aff", "--set", "m_a=1", "--measurement", "electron-2023-rb"]) == 2
    assert "--lepton e" in capsys.readouterr().err


def test_a_measurement_of_something_else_does_not_blame_x() -> None:
    ratio = ALP.observable("sigma(e bar(e) -> A a)/sigma(mu bar(mu) -> A a)")
    with pytest.raises(UsageError, match="choose a measurement of the same observable"):
        g2.bound(ratio, "m_a", measured(SIGMA.format("X"), "1"), interval=(1, 2), g_aff="1e-3", sqrt_s=10)


def test_the_map_states_where_without_advice(tmp_path: Path, capsys) -> None:
    path = tmp_path / "sig.toml"
    head = FILE.format("sigma(e bar(e) -> A X)").replace("1e-6", '1\nunit = "pb"')
    path.write_text(head + "\n[at]\nsqrt_s = 10.58\ncos_max = 0.9\n")
    arguments = ["map", "dark_photon", "--x", "m_A=1:20", "--y", "eps=1e-6:1e-1", "--resolution", "64"]
    assert main([*arguments, "--measurement", str(path)]) == 0
    out = capsys.readouterr().out
    assert "where sqrt_s is exactly m_A, where the photon is infinitely soft and the cross-section" in out
    assert "Move one" not in out
    assert "infinite.\n" not in out
    assert statement("M is zero, where it diverges; give a mass.") == "M is zero, where it diverges"
    assert statement("below 0.5 it is zero.") == "below 0.5 it is zero"
