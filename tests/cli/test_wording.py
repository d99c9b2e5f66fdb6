"""What commands say: names of observables, units, fixed values in pictures, zeros that are only trivial."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

import g2sym as g2
from g2sym.constraints import Bound
from g2sym.constraints.maps import ExclusionMap
from g2sym.drawing.style import styled
from g2sym.errors import UsageError
from g2sym.show.bounds import MAX_LINES, draw_bound, fixed_values
from g2sym.show.maps import draw_map

MODEL = """schema = 1
name = "cp"
title = "CP"
lagrangian = "-s*bar(f)*(g_S + I*g_P*gamma5)*f"
[fields.s]
spin = 0
charge = 0
mass = "m_s"
[parameters.g_S]
dimension = 0
[parameters.g_P]
dimension = 0
"""
EDM = """schema = 1
name = "my-edm"
kind = "limit"
observable = "d(mu)"
unit = "e_cm"
date = 2030-01-01
value = 1e-21
confidence = 0.95
source = "x"
"""
POINT = ("--set", "g_S=1e-3", "--set", "g_P=1e-3", "--set", "m_s=1")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "cp.toml").write_text(MODEL)
    (tmp_path / "edm.toml").write_text(EDM)
    return tmp_path


def test_a_measurement_of_another_observable_is_named(g2, files):
    done = g2("eval", files / "cp.toml", *POINT, "--lepton", "mu", "--measurement", files / "edm.toml")
    assert done.code == 2
    assert "'my-edm' is of d(mu), not a(mu); choose another, or --observable 'd(mu)'." in done.err
    done = g2("eval", files / "cp.toml", *POINT, "--measurement", files / "edm.toml")  # alone it names d(mu)
    assert "'my-edm' is a limit" in done.err
    done = g2("eval", "alp", "--set", "m_a=1", "--set", "g_aff=1", "--measurement", "electron-2023-rb")
    assert "'electron-2023-rb' is of a(e), not a(mu); choose another, or --lepton e." in done.err


@pytest.mark.parametrize(("unit", "shown"), [((), " GeV^-1"), (("--unit", "e_cm"), " e cm")])
def test_shifts_of_a_dipole_have_their_unit(g2, files, unit, shown):
    words = ("eval", files / "cp.toml", "--observable", "d(mu)", *POINT, "--parametric", *unit)
    lines = [line for line in g2(*words).out.splitlines() if "1 sigma" in line or line.startswith("    m_mu")]
    assert len(lines) == 2
    assert all(line.endswith(shown) for line in lines)
    assert g2(*words, "--json").json["parametric"]["unit"] == (unit[1] if unit else "GeV^-1")


def test_a_shift_without_unit(g2):
    words = ("eval", "alp", "--set", "m_a=1", "--set", "g_aff=1e-3", "--parametric")
    assert g2(*words, "--json").json["parametric"]["unit"] == "1"
    (line,) = [one for one in g2(*words).out.splitlines() if "1 sigma" in one]
    assert float(line.split()[-1].partition("(")[0]) > 0


def test_a_line_on_which_only_the_coupling_itself_helps(g2, files):
    words = ("line", files / "cp.toml", "--observable", "d(mu)", "--on", "g_P", "--vary", "m_s=0.1:1:3")
    *rows, link = g2(*words).out.splitlines()[-4:]
    assert link == "flavour: g_S and g_P single (quoted for mu)"
    assert all(row.endswith("only at g_P = 0") for row in rows)
    for row in g2(*words, "--json").json["rows"]:
        assert (row["zeros"], row["with_coupling"]) == ([], True)


def test_a_line_without_any_zero(g2, files):
    """Two scalars shift the muon's moment upwards: nothing cancels, not even with a coupling of zero."""
    text = MODEL.replace("-s*bar(f)*(g_S + I*g_P*gamma5)*f", "-g_S*s*bar(f)*f - g_P*t*bar(f)*f")
    (files / "two.toml").write_text(text + '[fields.t]\nspin = 0\ncharge = 0\nmass = "m_t1"\n')
    words = ("line", files / "two.toml", "--on", "g_P", "--set", "m_t1=1", "--vary", "m_s=0.1:1:2")
    assert [row.split()[-1] for row in g2(*words).out.splitlines()[4:6]] == ["none", "none"]
    assert [row["with_coupling"] for row in g2(*words, "--json").json["rows"]] == [False, False]


def test_the_rows_of_a_line_that_does_cancel_say_so_too():
    cancels = g2.load_model("alp").anomalous_moment("mu").cancellation("g_aff")
    zeros, with_coupling = cancels.solve(10, {"m_a": "0.5", "g_agg": "1e-4"})
    assert len(zeros) == 1
    assert with_coupling
    assert cancels.evaluate(10, {"m_a": "0.5", "g_agg": "1e-4"}) == zeros


# pictures ---------------------------------------------------------------------------------------
def _legend(figure: Any) -> str:
    figure.savefig(io.BytesIO(), format="png", dpi=40)
    return str(figure.axes[0].get_legend().get_title().get_text())


def test_pictures_name_what_is_held_fixed():
    model = g2.load_model("alp")
    moment = model.anomalous_moment("mu")
    plane: ExclusionMap = g2.exclusion_map(
        moment, ("g_aff", "1e-5", 1), ("g_agg", "1e-6", 1), "muon-2025", resolution=4, m_a="100MeV"
    )
    bound: Bound = g2.bound(moment, "g_aff", "muon-2025", m_a=["0.1", "1"], g_agg="1e-4")
    link = "flavour: g_aff single (quoted for mu)"
    with styled():
        assert _legend(draw_map(plane, model.declaration)).splitlines()[1:] == ["m_a = 0.1 GeV", link]
        assert _legend(draw_bound(bound, model.declaration)).splitlines()[1:] == [
            "g_agg = 0.0001 GeV^-1",
            link,
        ]


def test_fixed_values_of_any_length_and_origin():
    declaration = g2.load_model("alp").declaration
    many = {f"p{k}": "1/3" for k in range(60)}
    lines = fixed_values({"values": many}, declaration)
    assert len(lines) == MAX_LINES
    assert lines[-1].startswith("and ")
    assert all(len(line) <= 45 for line in lines)
    assert fixed_values({"values": {"m_a": "1/3"}}, declaration) == ["m_a = 3.33333e-1 GeV"]
    hostile = {"values": {"$x\n": "\x1b[2J", "m_a": ["1"], "y": "9" * 5000}}
    assert all(line.isprintable() for line in fixed_values(hostile, declaration))
    for odd in ({}, {"values": None}, {"values": [1]}):
        assert fixed_values(odd, declaration) == []


@pytest.mark.parametrize("axis", [(-1e-2, -1e-5), (-1e-2, -5e-3), (-1e290, -1e-290), (-1.001, -1.0)])
def test_a_logarithmic_axis_of_negative_numbers(axis):
    """Ticks fall where the numbers are, and their labels are negative."""
    model = g2.load_model("alp")
    moment = model.anomalous_moment("mu")
    plane = g2.exclusion_map(
        moment, ("g_aff", *axis), ("g_agg", "1e-6", 1), "muon-2025", resolution=4, m_a="0.1"
    )
    with styled():
        figure = draw_map(plane, model.declaration)
        figure.savefig(io.BytesIO(), format="png", dpi=40)
    axes = figure.axes[0]
    assert axes.get_xlim() == axis
    ticks = [tick for tick in axes.get_xticks() if axis[0] <= tick <= axis[1]]
    assert len(ticks) >= 2
    places = axes.transData.transform([(tick, 1e-3) for tick in ticks])[:, 0]
    low, high = axes.transAxes.transform([(0, 0), (1, 0)])[:, 0]
    share = (np.log10(-axis[0]) - np.log10(-np.array(ticks))) / (np.log10(-axis[0]) - np.log10(-axis[1]))
    assert np.allclose((places - low) / (high - low), share, atol=1e-9)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels
    assert all(text.startswith("$-") for text in labels)


# complex parameters -----------------------------------------------------------------------------
def _complex() -> g2.AnomalousMoment:
    s, mu = g2.scalar("S", mass="m_S"), g2.lepton("mu")
    y = [g2.parameter(name, complex=True) for name in ("y", "z")]
    n = g2.fermion("N", mass="m_N", charge=-1)
    model = g2.Model(s * g2.bar(mu) * (y[0] * g2.PL + y[1] * g2.PR) * n + g2.hc)
    return model.anomalous_moment("mu")


def test_a_complex_parameter_is_held_fixed_as_a_whole_everywhere():
    moment = _complex()
    whole: dict[str, Any] = {"y": 1 + 2j, "z": 0.5j, "m_N": 1}
    parts = {"re_y": 1, "im_y": 2, "re_z": 0, "im_z": "1/2", "m_N": 1}
    masses = {"m_S": [1.0, 2.0]}
    plane = ("re_z", 0, 1, "lin"), ("m_S", 1, 2)
    for call in (
        lambda v: str(moment.evaluate(12, v, m_S=1)),
        lambda v: moment.lambdify()(v, m_S=[1.0, 2.0]).tolist(),
        lambda v: g2.scan(moment, masses, "muon-2025", params=v)["delta_a"].tolist(),
        lambda v: g2.scan(moment, masses, "muon-2025", on="re_z", params=_less(v, "z"))["windows"].tolist(),
        lambda v: g2.bound(moment, "re_z", "muon-2025", params={**_less(v, "z"), "m_S": 1}).rows[0].text(),
        lambda v: (
            g2.count_excluded(
                moment, {**masses, "re_z": [0.1, 1.0]}, "muon-2025", params=_less(v, "z")
            ).allowed
        ),
        lambda v: g2.exclusion_map(moment, *plane, "muon-2025", resolution=4, params=_less(v, "z")).areas,
        lambda v: str(moment.limit("m_S", "oo", params=v)),
    ):
        assert call(whole) == call(parts)


def _less(values: dict[str, Any], name: str) -> dict[str, Any]:
    rest = {n: v for n, v in values.items() if not n.endswith(name)}
    return {**rest, f"im_{name}": "1/2"}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda a, v: a.lambdify()(v, m_S=1, y=[1.0, 2.0]),
            "y is complex: arrays are for its parts re_y and im_y",
        ),
        (lambda a, v: a.lambdify()(v, m_S=1, y=[1j]), "y is complex: arrays are for its parts"),
        (lambda a, v: a.lambdify()(v, m_S=1, y=1, re_y=[2.0]), "y is given as a whole and as re_y"),
        (
            lambda a, v: g2.bound(a, "re_y", "muon-2025", params=v, m_S=1, y=[1j, 2j]),
            "The bound is on re_y, so y",
        ),
        (
            lambda a, v: g2.bound(a, "m_S", "muon-2025", params=v, interval=(1, 2), y=[1j, 2j]),
            "vary its parts re_y",
        ),
        (lambda a, v: g2.bound(a, "re_y", "muon-2025", params=v, m_S=1, y=1), "The bound is on re_y, so y"),
        (
            lambda a, v: g2.scan(a, {"y": [1.0, 2.0]}, params=v, m_S=1),
            "y is complex: vary its parts re_y and im_y",
        ),
        (lambda a, v: g2.scan(a, {"re_y": [1.0]}, params=v, m_S=1, y=1), "both varied and given a value"),
        (
            lambda a, v: g2.exclusion_map(
                a, ("re_y", 0, 1, "lin"), ("m_S", 1, 2), "muon-2025", resolution=4, params={**v, "y": 1}
            ),
            "both varied and given a value",
        ),
    ],
)
def test_what_varies_is_one_of_its_parts(call, words):
    with pytest.raises(UsageError, match=words):
        call(_complex(), {"z": 1j, "m_N": 1})
