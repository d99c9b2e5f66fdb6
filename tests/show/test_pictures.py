"""Pictures: regions from windows, a look of our own, nothing global."""

import io
import math
from importlib import import_module

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

import g2sym
from g2sym.drawing.formats import format_of
from g2sym.drawing.style import LOOKS, RC, save, styled
from g2sym.drawing.tables import table, thinned
from g2sym.show import panels
from g2sym.show.bounds import draw_bound
from g2sym.show.figures import FIGURES
from g2sym.show.figures.single_coupling import draw


def gaps(allowed, sign=1):
    return list(panels._gaps(allowed, sign))


def test_gaps_are_what_no_window_covers():
    assert gaps([]) == [(0.0, math.inf)]
    assert gaps([[None, None]]) == []
    assert gaps([[-1.0, 2.0]]) == [(2.0, math.inf)]
    assert gaps([[-1.0, 2.0]], -1) == [(1.0, math.inf)]
    assert gaps([[1.0, 2.0], [3.0, None]]) == [(0.0, 1.0), (2.0, 3.0)]
    assert gaps([[1.0, 2.0]], -1) == [(0.0, math.inf)]
    assert gaps([[None, -5.0]], -1) == [(0.0, 5.0)]


ends = st.lists(st.integers(-50, 50), min_size=0, max_size=8, unique=True).map(sorted)


@given(ends, st.sampled_from([1, -1]), st.integers(1, 60))
def test_a_point_is_in_a_gap_or_in_a_window(numbers, sign, size):
    windows = [[float(a), float(b)] for a, b in zip(numbers[::2], numbers[1::2], strict=False)]
    value = sign * (size + 0.5)
    allowed = any(low <= value <= high for low, high in windows)
    excluded = any(low < abs(value) < high for low, high in gaps(windows, sign))
    assert allowed != excluded


def bound_of(masses, **values):
    moment = g2sym.load_model("alp").anomalous_moment("mu")
    return g2sym.bound(moment, values.pop("on", "g_aff"), "muon-2025", m_a=masses, **values)


def test_the_region_of_a_bound_has_its_certified_edges():
    found = bound_of(["0.1", "1"])
    region = panels.excluded(found, "m_a")
    assert region.x == (0.1, 1.0)
    assert [g[0][0] for g in region.gaps] == [row.allowed[0][1] for row in found.rows]
    assert panels.symmetric(found)
    assert not panels.symmetric(bound_of(["0.1"], on="g_agg", g_aff="1e-3"))


def test_regions_whose_topology_changes_are_drawn():
    region = panels.Region(
        (1.0, 2.0, 4.0, 8.0), (((0.0, 1e-3), (1e-2, math.inf)), ((1e-2, math.inf),), (), ((0.0, math.inf),))
    )
    with styled():
        figure, axes = panels.panel()
        panels.frame(axes, (1.0, 8.0), panels.decades([region]))
        handle = panels.fill(axes, region, LOOKS[0], "excluded")
        panels.overlay(axes, [panels.Overlay("$x$ & 100%", (1.0, 8.0), (1e-3, 1e-2), True, (2.0, 2e-3))])
        panels.legend(axes, [handle], "50% $ of")
        figure.savefig(io.BytesIO(), format="png", dpi=50)


def test_a_border_that_closes_is_drawn_down_to_the_axis():
    region = panels.Region((1.0, 2.0, 4.0), (((0.0, 1e-3),), ((0.0, 1e-4),), ()))
    with styled():
        _, axes = panels.panel()
        panels.frame(axes, (1.0, 4.0), (1e-5, 1.0))
        panels.fill(axes, region, LOOKS[0], "excluded")
        drawn = [list(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in axes.lines]
    end = math.sqrt(2.0 * 4.0)
    assert [(end, 1e-5), (end, 1e-4)] in drawn


def test_the_range_holds_every_column():
    assert panels.decades([panels.Region((1.0,), (((0.0, math.inf),),))]) == (1e-6, 1.0)
    low, high = panels.decades([panels.Region((1.0, 2.0), (((3e-4, math.inf),), ((2e-2, math.inf),)))])
    assert (low, high) == (pytest.approx(1e-4), pytest.approx(1e-1))


def test_nothing_global_is_changed():
    before = dict(matplotlib.rcParams)
    found = bound_of(["0.1", "1", "10"])
    stream = io.BytesIO()
    save(lambda: draw_bound(found, g2sym.load_model("alp").declaration), stream, "png")
    assert dict(matplotlib.rcParams) == before
    with styled():
        assert matplotlib.rcParams["savefig.dpi"] == RC["savefig.dpi"] == 300
        assert matplotlib.rcParams["text.usetex"] is False


def test_the_users_settings_do_not_leak_in():
    found = bound_of(["0.1", "1"])
    declaration = g2sym.load_model("alp").declaration

    def picture():
        stream = io.BytesIO()
        save(lambda: draw_bound(found, declaration), stream, "svg")
        return stream.getvalue()

    plain = picture()
    with matplotlib.rc_context({"lines.linewidth": 9.0, "font.size": 30.0, "axes.grid": True}):
        assert picture() == plain


def test_pdf_embeds_its_fonts():
    found = bound_of(["0.1", "1"])
    stream = io.BytesIO()
    save(lambda: draw_bound(found, g2sym.load_model("alp").declaration), stream, "pdf")
    content = stream.getvalue()
    assert b"/FontFile2" in content
    assert b"/Type3" not in content
    assert b"CreationDate" not in content


def test_a_model_with_hostile_latex_is_drawn_under_plain_names(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text(
        'schema = 1\nname = "m"\ntitle = "$\\\\frac{"\nlagrangian = "-y*s*bar(mu)*mu"\n[fields.s]\nspin = 0\n'
        "[parameters.y]\ndimension = 0\nlatex = '$\\frac{1}{'\n[parameters.m_s]\nlatex = '\\hspace{99cm}'\n"
    )
    model = g2sym.load_model(path)
    found = g2sym.bound(model.anomalous_moment("mu"), "y", "muon-2025", m_s=["0.1", "1"])
    with styled():
        axes = draw_bound(found, model.declaration).axes[0]
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("m_s [GeV]", "|y|")
    save(lambda: draw_bound(found, model.declaration), io.BytesIO(), "png")


def test_looks_differ_without_colour():
    assert len({look.hatch for look in LOOKS}) == len({str(look.line) for look in LOOKS}) == len(LOOKS)


def test_every_figure_has_a_module():
    assert {2, 7} <= set(FIGURES)
    assert draw.__module__ == FIGURES[2][0]


def test_formats():
    assert [format_of(p) for p in ("a.png", "a.PDF", "b/c.svg")] == ["png", "pdf", "svg"]
    with pytest.raises(g2sym.errors.UsageError):
        format_of("a.png.txt")


def test_tables():
    text = table(("a", "b"), [("1", "22"), ("中", "x")])
    assert text.splitlines() == ["a   b", "--  --", "1   22", "中  x"]
    assert thinned(5, 10) == [0, 1, 2, 3, 4]
    assert thinned(100, 5, [50]) == [0, 25, 50, 74, 99]
    assert thinned(100, 3, range(100)) == [0, 50, 99]


@pytest.mark.parametrize("number", FIGURES)
def test_the_registry_names_the_models_that_are_drawn(number):
    name, _, models = FIGURES[number]
    module = import_module(name)
    drawn = {one[1] for one in module.WANTED} if hasattr(module, "WANTED") else None
    drawn = {one.model for one in module.wanted(number)} if drawn is None else drawn
    assert set(models) == drawn


def test_units_of_figures_come_from_the_declarations():
    from g2sym.show.figures.result import units

    found = units()
    assert {"m_a", "m_s", "m_A", "g_aff", "g_agg", "g_agZ", "g_sff", "g_sgg", "g_sgZ", "eps"} == set(found)
    assert {found["m_a"], found["g_aff"], found["g_agZ"]} == {"GeV", "1", "GeV^-1"}
