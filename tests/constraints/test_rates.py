"""Bounds, windows of masses and energies, maps and combinations from widths and cross-sections.

Formulas of the shared sheet on rates, sections 1, 3 and 4, in mpmath; maps and chords against `evaluate`.
"""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

import g2sym as g2
from g2sym.cli import main
from g2sym.errors import G2symError, InputError, UsageError
from g2sym.kernels.elementary_line import ElementaryLine, series_length
from g2sym.kernels.elementary_sums import LineSum

ALP = g2.load_model("alp")
M_MU, M_Z = mp.mpf("0.1056583755"), mp.mpf("91.1876")


def measured(observable: str, high: str, unit: str = "1", **more: object) -> g2.Measurement:
    at = tuple((n, Fraction(str(v))) for n, v in more.items())
    return g2.Measurement(
        "mine", "", "limit", "mine", "2030-01-31", limit=Fraction(high), confidence=Fraction("0.95"),
        observable=observable, unit=unit, at=at,
    )  # fmt: skip


# measurements --------------------------------------------------------------------------------------


FILE = """
schema = 1
name = "single-photons"
observable = "{observable}"
kind = "limit"
date = 2030-01-31
value = {value}
unit = "{unit}"
confidence = 0.95
source = "an example"
{more}
"""


def written(tmp_path: Path, observable: str, value: str, unit: str, more: str = "") -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(FILE.format(observable=observable, value=value, unit=unit, more=more))
    return path


@pytest.mark.parametrize(
    ("observable", "unit", "size"),
    [
        ("sigma(e bar(e) -> A a)", "fb", "1e-3"),
        ("sigma(e bar(e) -> A a)", "nb", "1e3"),
        ("sigma(e bar(e) -> A a)", "cm^2", "1e36"),
        ("lifetime(a)", "ns", "1e-9"),
        ("decay_length(a)", "mm", "1e-3"),
        ("Gamma(a)", "keV", "1e-6"),
    ],
)
def test_units_of_rates_are_powers_of_ten(tmp_path: Path, observable: str, unit: str, size: str) -> None:
    found = g2.load_measurement(written(tmp_path, observable, "0.25", unit))
    assert found.window().high.exact == Fraction("0.25") * Fraction(size)
    assert found.never_negative


def test_units_with_pi_are_certified() -> None:
    """1 GeV^-2 is 0.3893793721e9 pb (PDG), here (h c)^2/(4 pi^2) with the SI's exact h, c and e."""
    mp.mp.dps = 40
    hc = mp.mpf("6.62607015e-34") / mp.mpf("1.602176634e-19") * mp.mpf("1e-9") * 299792458
    picobarn = (hc / (2 * mp.pi)) ** 2 * mp.mpf("1e40")
    assert mp.nstr(picobarn, 10) == "389379372.2"
    sigma = ALP.observable("sigma(e bar(e) -> A a)")
    point = {"g_aff": 0, "g_agg": "1e-3", "m_a": 1, "sqrt_s": "10.58"}
    value, other = (sigma.evaluate(30, unit=unit, **point) for unit in ("pb", "GeV^-2"))
    ratio = mp.mpf(value.ball.text(30)) / mp.mpf(other.ball.text(30))
    assert abs(ratio / picobarn - 1) < mp.mpf("1e-28")
    window = measured("sigma(e bar(e) -> A a)", "10", "fb").window().in_unit("GeV^-2", "sigma")
    assert abs(mp.mpf(window.written(25)[1]) * picobarn / mp.mpf("0.01") - 1) < mp.mpf("1e-23")


@pytest.mark.parametrize(
    ("observable", "value", "unit", "more", "words"),
    [
        ("sigma(e bar(e) -> A a)", "1", "GeV^-2", "", "holds pi"),
        ("sigma(e bar(e) -> A a)", "1", "ns", "", 'cannot have the unit "ns"'),
        ("lifetime(a)", "1", "pb", "", "cannot have the unit"),
        ("BR(a -> A A)", "1.5", "1", "", "lies between 0 and 1"),
        ("sigma(e bar(e) -> A a)", "1", "pb", "[at]\nenergy = 3", "no kinematic variable"),
        ("sigma(e bar(e) -> A a)", "1", "pb", "[at]\nsqrt_s = -3", "positive energy"),
        ("sigma(e bar(e) -> A a)", "1", "pb", "[at]\ncos_max = 1.5", "a cosine"),
        ("sigma(e bar(e) -> A a)", "1", "pb", "at = 3", "not a table"),
        ("Gamma(a)", "1", "GeV", "[at]\nsqrt_s = 3", "has none"),
    ],
)
def test_files_that_are_wrong(
    tmp_path: Path, observable: str, value: str, unit: str, more: str, words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        g2.load_measurement(written(tmp_path, observable, value, unit, more))
    assert str(caught.value).count(". ") == 0


def test_kinematics_come_from_the_measurement_unless_given(tmp_path: Path) -> None:
    path = written(tmp_path, "sigma(e bar(e) -> A X)", "10", "fb", '[at]\nsqrt_s = 10.58\ncos_max = "0.9"')
    sigma = ALP.observable("sigma(e bar(e) -> A a)")
    own = g2.bound(sigma, "g_agg", path, g_aff=0, m_a=1)
    given = g2.bound(sigma, "g_agg", path, g_aff=0, m_a=1, sqrt_s="10.58", cos_max="0.9")
    full = g2.bound(sigma, "g_agg", path, g_aff=0, m_a=1, cos_max=1)
    assert own.rows[0].text(12) == given.rows[0].text(12) != full.rows[0].text(12)
    assert "sqrt_s = 10.58, cos_max = 0.9: from single-photons." in own.record["announcements"]
    assert "sqrt_s = 10.58: from single-photons." in full.record["announcements"]
    # photon exchange alone: sigma = alpha g^2/24 (1 - M^2/s)^3 for a massless electron (sheet, section 4)
    high = full.rows[0].allowed[0][1]
    s, alpha = mp.mpf("10.58") ** 2, mp.mpf(1) / mp.mpf("137.035999084")
    massless = mp.sqrt(mp.mpf("0.01") / mp.mpf("389379372.2") * 24 / alpha / (1 - 1 / s) ** 3)
    assert high is not None
    assert abs(high / massless - 1) < 2e-3


def test_x_is_the_only_mediator(tmp_path: Path) -> None:
    path = written(tmp_path, "BR(Z -> A X)", "1e-6", "1")
    a = g2.bound(ALP.observable("BR(Z -> A a)"), "g_agg", path, g_aff=0, m_a=1)
    own = g2.bound(ALP.observable("BR(Z -> A a)"), "g_agg", measured("BR(Z -> A a)", "1e-6"), g_aff=0, m_a=1)
    assert a.rows[0].text(12) == own.rows[0].text(12)
    with pytest.raises(UsageError, match="the model 'alp' has no particle zeta"):
        g2.bound(ALP.observable("BR(Z -> A a)"), "g_agg", measured("BR(Z -> A zeta)", "1e-6"), g_aff=0, m_a=1)


# couplings -------------------------------------------------------------------------------------------


def test_a_branching_ratio_bounds_a_coupling() -> None:
    """Gamma(P -> 2 photons) = g^2 M^3/(64 pi), Gamma(P -> l l) = g_l^2 M beta/(8 pi), g_l ~ m_l."""
    mass, g_mu = mp.mpf("0.2"), mp.mpf("1e-3")
    limit, me = mp.mpf("0.1"), mp.mpf("0.51099895e-3")
    g_e = g_mu * me / M_MU
    leptons = g_e**2 * mass * mp.sqrt(1 - 4 * me**2 / mass**2) / (8 * mp.pi)
    exact = mp.sqrt(limit / (1 - limit) * leptons * 64 * mp.pi / mass**3)
    ratio = ALP.with_flavour(g_aff="mass").observable("BR(a -> A A)")
    found = g2.bound(ratio, "g_agg", measured("BR(a -> A A)", "0.1"), m_a="0.2", **{"g_aff[mu]": "1e-3"})
    ((low, high),) = found.rows[0].allowed
    assert low is not None
    assert high is not None
    assert abs(high / exact - 1) < 1e-8
    assert low == -high


def test_below_threshold_nothing_is_bounded() -> None:
    width = ALP.observable("Gamma(a -> mu bar(mu))")
    found = g2.bound(width, "g_aff", measured("Gamma(a -> mu bar(mu))", "1e-9", "GeV"), m_a="0.2", g_agg=0)
    assert found.rows[0].windows == ((None, None),)


# masses and energies -----------------------------------------------------------------------------------


def test_a_width_bounds_a_mass() -> None:
    """g^2 M^3/(64 pi) = limit, and above threshold g^2 M beta/(8 pi) = limit."""
    photons = g2.bound(
        ALP.observable("Gamma(a -> A A)"), "m_a", measured("Gamma(a -> A A)", "1e-12", "GeV"),
        interval=("0.001", 50), g_agg="1e-4", g_aff=0,
    )  # fmt: skip
    ((low, high),) = photons.rows[0].windows
    assert low is not None
    assert high is not None
    assert low.exact
    mp.mp.dps = 30
    exact = mp.cbrt(mp.mpf("1e-12") * 64 * mp.pi / mp.mpf("1e-8"))
    assert abs(mp.mpf(high.text(17)) / exact - 1) < 1e-16
    muons = g2.bound(
        ALP.observable("Gamma(a -> mu bar(mu))"), "m_a", measured("Gamma(a -> mu bar(mu))", "1e-9", "GeV"),
        interval=("0.1", 50), g_aff="1e-3", g_agg=0,
    )  # fmt: skip
    ((low, high),) = muons.rows[0].windows
    assert low is not None
    assert high is not None
    size = mp.mpf("1e-9") * 8 * mp.pi / mp.mpf("1e-6")
    exact = mp.sqrt(4 * M_MU**2 + size**2)
    assert abs(mp.mpf(high.text(17)) / exact - 1) < 1e-16


def test_a_range_that_begins_in_a_closed_channel() -> None:
    """Z -> photon X closes at m_Z; a measured range is met between two masses."""
    width = ALP.observable("Gamma(Z -> A a)")
    point = {"g_agg": "1e-3", "g_aff": 0, "g_agZ": "-1e-3"}
    values = [width.evaluate(20, m_a=m, **point).ball.midpoint for m in (30, 60)]
    band = g2.Measurement(
        "band", "", "range", "band", "2030-01-31", low=values[1], high=values[0], confidence=Fraction("0.9"),
        observable="Gamma(Z -> A a)", unit="GeV",
    )  # fmt: skip
    ((low, high),) = g2.bound(width, "m_a", band, interval=(1, 100), **point).rows[0].allowed
    assert low == pytest.approx(30, rel=1e-12)
    assert high == pytest.approx(60, rel=1e-12)


def test_a_cross_section_bounds_an_energy_across_the_pole() -> None:
    sigma = ALP.observable("sigma(e bar(e) -> A a)")
    point = {"g_aff": 0, "g_agg": "2e-4", "g_agZ": "1e-3", "m_a": 1}
    limit = measured("sigma(e bar(e) -> A a)", "0.5", "pb")
    windows = g2.bound(sigma, "sqrt_s", limit, interval=("1.1", 200), **point).rows[0].allowed
    assert len(windows) == 2
    for energy in [end for span in windows for end in span if end not in (None, 1.1, 200)]:
        assert float(sigma.evaluate(15, sqrt_s=energy, **point).ball.midpoint) == pytest.approx(0.5, rel=1e-9)
    rng = random.Random(7)
    for _ in range(40):
        energy = rng.uniform(1.1, 200)
        inside = any(low <= energy <= high for low, high in windows)
        assert inside == (float(sigma.evaluate(15, sqrt_s=energy, **point).ball.midpoint) <= 0.5)


@pytest.mark.parametrize(
    ("observable", "unit", "on", "interval", "point", "words"),
    [
        (
            "BR(a -> mu bar(mu))",
            "1",
            "m_a",
            ("0.0005", 1),
            {"g_aff[mu]": "1e-3", "g_agg": 0},
            "no channel is open",
        ),
        ("sigma(e bar(e) -> A a)", "pb", "sqrt_s", None, {"g_aff": 0, "g_agg": 1, "m_a": 1}, "no coupling"),
        ("sigma(e bar(e) -> A a)", "pb", "g_agg", (1, 2), {"g_aff": 0, "m_a": 1, "sqrt_s": 3}, "not a mass"),
    ],
)
def test_bounds_that_make_no_sense(
    observable: str, unit: str, on: str, interval: object, point: dict[str, object], words: str
) -> None:
    own = ALP.with_flavour(g_aff="mass").observable(observable)
    with pytest.raises(UsageError, match=words):
        g2.bound(own, on, measured(observable, "0.5", unit), interval=interval, **point)  # type: ignore[arg-type]


# maps --------------------------------------------------------------------------------------------------


MAPS = [
    ("Gamma(a)", "1e-9", "GeV", ("m_a", "0.05", 20), ("g_agg", "1e-6", "1e-2"), {"g_aff[mu]": "1e-4"}),
    ("BR(a -> A A)", "0.3", "1", ("m_a", "0.05", 20), ("g_agg", "1e-6", "1e-1"), {"g_aff[mu]": "1e-3"}),
    ("lifetime(a)", "1e-12", "s", ("m_a", "0.01", 20), ("g_agg", "1e-9", "1e-2"), {"g_aff[mu]": "1e-6"}),
    ("decay_length(a)", "1", "m", ("energy", 1, 50), ("g_agg", "1e-7", "1e-2"),
     {"g_aff[mu]": "1e-7", "m_a": 2}),
    ("sigma(e bar(e) -> A a)", "1e-2", "pb", ("m_a", "0.01", 12), ("g_agg", "1e-6", "1e-2"),
     {"g_aff[mu]": "1e-3", "sqrt_s": "10.58", "cos_max": "0.9"}),
    ("sigma(mu bar(mu) -> A a)", "1", "pb", ("sqrt_s", "0.15", 120), ("g_aff[mu]", "1e-6", "1e-1"),
     {"g_agg": "1e-4", "m_a": 1}),
    ("dsigma(mu bar(mu) -> A a)", "1", "pb", ("cos", "-0.999", "0.999", "lin"), ("g_aff[mu]", "1e-5", "1e-2"),
     {"g_agg": "1e-4", "m_a": 1, "sqrt_s": 4, "cos_max": "0.9"}),
]  # fmt: skip


@pytest.mark.parametrize("case", MAPS, ids=lambda case: case[0] + " " + case[3][0])
def test_maps_agree_with_values(case: tuple[str, str, str, tuple, tuple, dict[str, object]]) -> None:
    name, limit, unit, x, y, point = case
    own = ALP.with_flavour(g_aff="mass").observable(name)
    found = g2.exclusion_map(own, x, y, measured(name, limit, unit), resolution=128, **point)
    areas = found.areas
    assert areas["allowed"] > 0.01
    assert areas["excluded"] > 0.01
    refused = sum(area for _, area in found.reasons)
    assert areas["undecided"] < refused + Fraction(1, 20)
    rng = np.random.default_rng(3)
    for column, row in rng.integers(0, 128, (32, 2)):
        xs, ys = (rng.uniform(e[k], e[k + 1]) for e, k in ((found.x_edges, column), (found.y_edges, row)))
        state = found.state(xs, ys)
        try:
            value = own.evaluate(12, params={**point, x[0]: xs, y[0]: ys}).ball
        except G2symError:
            assert state == "undecided"
            continue
        if state != "undecided":
            assert (value.midpoint <= Fraction(limit)) == (state == "allowed")


def test_where_there_is_no_value_the_map_says_why() -> None:
    own = ALP.with_flavour(g_aff="mass").observable("decay_length(a)")
    found = g2.exclusion_map(
        own, ("energy", 1, 100), ("g_agg", "1e-7", "1e-3"), measured("decay_length(a)", "1", "m"),
        resolution=64, m_a=10, **{"g_aff[mu]": 0},
    )  # fmt: skip
    ((_reason, area),) = [(r, a) for r, a in found.reasons if "energy lies below m_a" in r]
    assert abs(area - Fraction(1, 2)) <= Fraction(1, 32)
    assert found.state(5.0, 1e-5) == "undecided"


def test_chords_are_enclosed_and_nearly_tight() -> None:
    """On every cell the function strays from its chord by no more than is said, and by almost that much."""
    sigma = ALP.observable("sigma(mu bar(mu) -> A a)").quantity
    at = {
        "sqrt_s": 1,
        "m_mu": "0.1056583755",
        "cos_max": 1,
        "m_Z": "91.1876",
        "Gamma_Z": "2.4955",
        "m_a": "0.3",
    }
    rng = random.Random(5)
    tried = 0
    for amplitude in sigma.amplitudes:
        for term in list(amplitude.terms)[:4]:
            for slot, symbol, _ in term.masses.slots:
                if symbol not in ("sqrt_s", "m_a"):
                    continue
                fixed = {s: Fraction(at[n]) for s, n, _ in term.masses.slots if s != slot}
                line = LineSum([(one(), ElementaryLine(term.integral, slot, fixed))])  # type: ignore[arg-type]
                edges = np.exp(np.linspace(np.log(0.22), np.log(0.99 if symbol == "m_a" else 8), 65))
                found = line.sample(edges)
                worst = 0.0
                for k in range(64):
                    if not np.isfinite(found.stray[k]) or np.isnan(found.values[k : k + 2]).any():
                        continue
                    for share in (0.5, rng.random()):
                        x = float(edges[k] + share * (edges[k + 1] - edges[k]))
                        own = (x - edges[k]) / (edges[k + 1] - edges[k])
                        chord = found.values[k] + (found.values[k + 1] - found.values[k]) * own
                        off = abs(float(line.at(Fraction(x), 60)) - chord)
                        assert off <= found.stray[k] * (1 + 1e-12)
                        worst = max(worst, off / found.stray[k] if found.stray[k] else 0)
                        tried += 1
                assert worst > 0.7
    assert tried > 400


def one() -> object:
    from flint import arb

    return arb(1)


def test_ranges_beside_a_threshold_hold_every_value() -> None:
    """sqrt(M^2 - 4 m^2) M^k: closed below, no slope at the threshold."""
    width = ALP.observable("Gamma(a -> mu bar(mu))").quantity
    (term,) = (t for a in width.amplitudes for t in a.terms)
    slot = next(s for s, n, _ in term.masses.slots if n == "m_a")
    fixed = {s: Fraction("0.1") for s, n, _ in term.masses.slots if n == "m_mu"}
    line = LineSum([(one(), ElementaryLine(term.integral, slot, fixed))])  # type: ignore[arg-type]
    edges = np.linspace(0.19, 0.23, 18)
    found = line.sample(edges)
    assert found.values[0] == 0
    assert np.isfinite(found.stray).all()
    cell = int(np.searchsorted(edges, 0.2)) - 1
    assert found.stray[cell] < 2 * float(line.at(Fraction(float(edges[cell + 1])), 60))
    for x in np.linspace(edges[cell], edges[cell + 2], 101):
        k = min(int(np.searchsorted(edges, x, side="right")) - 1, 16)
        own = (x - edges[k]) / (edges[k + 1] - edges[k])
        chord = found.values[k] * (1 - own) + found.values[k + 1] * own
        off = abs(float(line.at(Fraction(float(x)), 60)) - chord)
        assert off <= found.stray[k] * (1 + 1e-12) + 1e-300


# together ----------------------------------------------------------------------------------------------


def test_a_rate_and_a_moment_together(tmp_path: Path) -> None:
    model = ALP.with_flavour(g_aff="mass")
    z = measured("BR(Z -> A X)", "1e-6")
    both = model.combine("muon-2025", z)
    point = {"m_a": 1, "g_aff[mu]": "1e-3"}
    found = both.bound("g_agg", **point)
    own = g2.bound(model.observable("BR(Z -> A a)"), "g_agg", z, **point).rows[0].allowed
    assert found.as_dict()["rows"]
    assert json.dumps(found.as_dict()).count("mine") >= 1
    assert own


def test_the_command_line_takes_kinematics_and_units(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, "sigma(e bar(e) -> A X)", "10", "fb", "[at]\nsqrt_s = 10.58")
    words = ["bound", "alp", "--on", "g_agg", "--observable", "sigma(e bar(e) -> A a)", "--set", "g_aff=0"]
    assert main([*words, "--set", "m_a=1", "--measurement", str(path), "--unit", "fb", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["window"]["unit"] == "fb"
    assert found["window"]["high"] == "10"
    assert found["measurement"]["at"] == {"sqrt_s": "10.58"}
    several = ["bound", "alp", "--on", "g_agg", "--set", "m_a=1", "--flavour", "g_aff=mass"]
    several += ["--set", "g_aff[mu]=1e-3", "--measurement", "muon-2025", "--measurement", str(path), "--json"]
    named = ["--observable", "a(mu)", "--observable", "sigma(e bar(e) -> A a)"]
    answers = []
    for more in ([], named):
        assert main([*several, *more]) == 0
        answers.append(json.loads(capsys.readouterr().out)["rows"])
    assert answers[0] == answers[1]


def test_a_range_across_a_cut_holds_zero() -> None:
    """d sigma/d cos jumps to zero at the cut, where no root vanishes."""
    sigma = ALP.observable("dsigma(mu bar(mu) -> A a)").quantity
    at = {"sqrt_s": 1, "m_mu": "0.10565", "cos_max": "0.9", "m_Z": 91, "Gamma_Z": 2, "m_a": "0.3"}
    term = sigma.amplitudes[0].terms[0]
    (slot,) = (s for s, n, _ in term.masses.slots if n == "cos")
    fixed = {s: Fraction(at[n]) for s, n, _ in term.masses.slots if s != slot}
    line = ElementaryLine(term.integral, slot, fixed)  # type: ignore[arg-type]
    ends = Fraction("0.89"), Fraction("0.91")
    inside, outside = (line.at(end, 60) for end in ends)
    assert outside == 0
    assert inside != 0
    with series_length():
        found = line.range(*ends)
    assert found is not None
    assert found.contains(0)
    assert found.contains(inside)


def test_a_cross_section_and_a_moment_together(tmp_path: Path) -> None:
    """Each observable is taken at its own measurement's energy; the answer is the intersection."""
    model = ALP.with_flavour(g_aff="mass")
    sigma = measured("sigma(e bar(e) -> A X)", "10", "fb", sqrt_s="10.58")
    point = {"m_a": 1, "g_aff[mu]": "1e-3"}
    both = model.combine("muon-2025", sigma).bound("g_agg", **point).rows[0].allowed
    one = g2.bound(model.observable("sigma(e bar(e) -> A a)"), "g_agg", sigma, **point).rows[0].allowed
    two = g2.bound(model.anomalous_moment("mu"), "g_agg", "muon-2025", **point).rows[0].allowed
    (((a, b),), ((c, d),), ((low, high),)) = one, two, both
    assert (low, high) == (max(a, c), min(b, d))
