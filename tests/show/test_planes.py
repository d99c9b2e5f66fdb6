"""Figures 4, 5 and 6: what the captions of the paper say about the thin line."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO

import pytest

from g2sym.cli.reading import read_grids
from g2sym.drawing.style import save
from g2sym.inputs import load_inputs, load_measurement
from g2sym.show.figures import couplings, masses, planes

COUNT = 7


def compute(module: object, number: int, count: int = COUNT) -> list[planes.Plane]:
    (grid,) = read_grids([f"x={module.GRID[0]}:{module.GRID[1]}:{count}"])
    data = {"mu": load_measurement("muon-2025"), "e": load_measurement("electron-2023-rb")}
    options = planes.Options(grid.points, data, "sensitivity", Fraction(2), load_inputs())
    return module.compute(number, options)


class Figures(dict):
    """The planes of each figure, computed when they are first asked for."""

    def __missing__(self, number: int) -> list[planes.Plane]:
        self[number] = compute(masses if number == 5 else couplings, number)
        return self[number]


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures()


SCALAR = pytest.param(6, marks=pytest.mark.long)
NUMBERS = pytest.mark.parametrize("number", [4, 5, SCALAR])


@pytest.mark.parametrize("number", [4, SCALAR])
def test_the_line_lies_at_the_sign_the_paper_says(number: int, figures: Figures) -> None:
    sign = {4: 1, 6: -1}[number]
    for plane in figures[number]:
        assert plane.line_sign == sign
        assert plane.line, plane.wanted.label


def test_no_line_at_the_small_coupling(figures: Figures) -> None:
    first, second = figures[5]
    assert first.line
    assert first.line_sign == 1
    assert not second.line
    assert second.electron is None
    # one-sided windows: nothing but a largest coupling
    for row in second.muon.rows:
        assert len(row.windows) == 1


@NUMBERS
def test_the_line_runs_inside_its_certified_window(number: int, figures: Figures) -> None:
    for plane in figures[number]:
        rows = {float(row.values[plane.wanted.vary]): row for row in plane.muon.rows}
        for x, y in plane.line:
            spans = [sorted((abs(a), abs(b))) for a, b in rows[x].allowed if a and b and a * b > 0]
            assert any(low <= y <= high for low, high in spans)


def test_borders_are_refined_until_they_can_be_joined(figures: Figures) -> None:
    plane = figures[4][0]
    assert len(plane.muon.rows) > COUNT
    xs = [row.values["g_aff"] for row in plane.muon.rows]
    assert xs == sorted(xs)


def test_the_electron_scales_with_the_mass(figures: Figures) -> None:
    """g_aee = (m_e/m_mu) g_amumu: 2 sigma of Barr-Zee terms alone at small g, in closed form."""
    from g2sym.model.model import load_model

    plane = figures[4][0]
    row = plane.electron.rows[0]
    ratio = Fraction("0.51099895069e-3") / Fraction("0.1056583755")
    top = max(end for span in row.allowed for end in span)
    amm = load_model("alp").anomalous_moment("e")
    value = amm.evaluate(m_a="0.1", g_aff=row.values["g_aff"] * ratio, g_agg=top)
    assert abs(float(value) / (2 * 0.16e-12) - 1) < 1e-12


@NUMBERS
def test_pictures_are_made(number: int, figures: Figures) -> None:
    module = masses if number == 5 else couplings
    stream = BytesIO()
    save(lambda: module.draw(number, figures[number]), stream, "png")
    assert stream.getvalue().startswith(b"\x89PNG")
    assert len(stream.getvalue()) > 50_000


def test_the_line_has_a_width_of_its_own(figures: Figures) -> None:
    from g2sym.drawing.style import styled

    with styled():
        figure = couplings.draw(4, figures[4])
    for axes, plane in zip(figure.axes, figures[4], strict=True):
        drawn = [line for line in axes.lines if line.get_path_effects()]
        (line,) = drawn
        assert len(line.get_xdata()) == len(plane.line)
        assert line.get_linewidth() >= 1  # points, whatever the resolution
