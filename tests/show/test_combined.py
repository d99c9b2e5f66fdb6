"""Pictures of several measurements: what is drawn, in which order, and how it is named."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import g2sym as g2
from g2sym.drawing.style import LOOKS, save, styled
from g2sym.show.combined import FURTHER, draw_combined_bound, draw_combined_map, layers

PHOTON = g2.load_model("dark_photon")
NAMES = ("electron-2023-cs", "electron-2023-rb", "muon-2023", "tau-2024")
AXES = ("m_A", "1e-3", "10"), ("eps", "1e-5", "1")


@pytest.fixture(scope="module")
def banded():
    combination = PHOTON.combine(*NAMES, criterion={"muon-2023": "interval"}, n_sigma={"muon-2023": 5})
    return combination.map(*AXES, resolution=256)


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_the_legend_names_each_measurement_with_its_level(banded):
    with styled():
        figure = draw_combined_map(banded)
    labels = legend(figure)
    assert labels[:4] == [
        "electron-2023-cs: excluded (sensitivity, 2\u03c3)",
        "electron-2023-rb: excluded (sensitivity, 2\u03c3)",
        "muon-2023: favoured (interval, 5\u03c3)",
        "tau-2024: excluded (sensitivity, 2\u03c3)",
    ]
    assert labels[4].startswith("allowed by all (")
    assert labels[5].startswith("undecided (")
    assert not any(text.get_parse_math() for text in figure.legends[0].get_texts())


def picture_of(found):
    """The picture without hatches and lines, and where a point of the plane is in it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with styled():
        figure = draw_combined_map(found)
        axes = figure.axes[0]
        for patch in axes.patches:
            patch.set_hatch(None)
            patch.set_linewidth(0)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        picture = np.asarray(canvas.buffer_rgba())[..., :3] / 255

    def place(x, y):
        column, row = axes.transData.transform((x, y))
        return picture.shape[0] - 1 - int(row), int(column)

    return picture, place


def test_colours_are_those_of_the_categories(banded):
    from g2sym.show.combined import ALLOWED_BY_ALL

    looks = {layer.condition.name: layer.look for layer in layers(banded.conditions)}
    picture, place = picture_of(banded)
    random, seen = np.random.default_rng(2), set()
    for _ in range(400):
        x, y = 10 ** random.uniform(-2.9, 0.9), 10 ** random.uniform(-4.9, -0.1)
        words = banded.category(x, y)
        if "undecided" in words.values():
            continue
        excluding = [n for n in NAMES if words[n] == "excluded"]
        if words["all"] == "allowed":
            expected = [ALLOWED_BY_ALL]
        elif excluding:
            expected = [looks[n].face for n in excluding]
        elif words["muon-2023"] == "favoured":
            expected = [looks["muon-2023"].face]
        else:
            expected = ["white"]
        colour = picture[place(x, y)]
        near = banded.whole.mask(64)
        column, row = int(64 * (np.log10(x) + 3) / 4), int(64 * (np.log10(y) + 5) / 5)
        if len(set(near[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].ravel())) > 1:
            continue  # beside a border pixels are mixed
        assert any(np.allclose(colour, to_rgb(one), atol=0.02) for one in expected), (words, colour)
        seen |= {words["all"], words["muon-2023"], *excluding[:1]}
    assert {"allowed", "excluded", "favoured", "disfavoured"} <= seen


def test_looks_differ_without_colour():
    looks = (*LOOKS, *FURTHER)
    assert len({look.hatch for look in looks}) == len(looks)
    assert len({str(look.line) for look in looks}) == len(looks)
    # fills are light enough for hatches and borders to be read on them
    for look in looks:
        grey = np.dot(to_rgb(look.face), (0.299, 0.587, 0.114))
        dark = np.dot(to_rgb(look.colour), (0.299, 0.587, 0.114))
        assert grey - dark > 0.3


def test_pictures_are_the_same_bytes_again(banded):
    for form in ("png", "pdf", "svg"):
        streams = io.BytesIO(), io.BytesIO()
        for stream in streams:
            save(lambda: draw_combined_map(banded), stream, form)
        assert streams[0].getvalue() == streams[1].getvalue()


def test_a_bound_with_bands_and_signs_is_drawn():
    model = g2.load_model("alp").with_flavour(g_aff="universal")
    combination = model.combine("electron-2023-rb", "muon-2023", criterion={"muon-2023": "interval"})
    found = combination.bound("g_agg", m_a=["0.1", "0.3", "1"], g_aff="1e-3")
    with styled():
        figure = draw_combined_bound(found, columns=found.bounds)
        figure.savefig(io.BytesIO(), format="png", dpi=60)
    assert [axes.get_title() for axes in figure.axes] == ["coupling > 0", "coupling < 0"]
    assert len(legend(figure)) == 2
    assert figure.get_suptitle() == "alp: $(g-2)_{e}, (g-2)_{\\mu}$"
    even = PHOTON.combine("electron-2023-rb", "muon-2025").bound("eps", m_A=["0.1", "1"])
    with styled():
        figure = draw_combined_bound(even, columns=even.bounds)
        figure.savefig(io.BytesIO(), format="png", dpi=60)
    assert len(figure.axes) == 1
    assert "(g-2)" in figure.axes[0].get_title()


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("a(mu)", r"(g-2)_{\mu}"),
        ("d(tau)", r"d_{\tau}/e"),
        ("BR(tau -> mu A)", r"\mathrm{BR}(\tau\to \mu\,\gamma)"),
        ("Gamma(mu -> e A)", r"\Gamma(\mu\to e\,\gamma)"),
        ("re(A_R(mu -> e))", r"\mathrm{Re}\,A_R(\mu\to e)"),
        ("im(a(e))", r"\mathrm{Im}\,\Delta a_{e}"),
    ],
)
def test_titles_name_every_observable(name, latex):
    from g2sym.show.symbols import observable_latex

    assert observable_latex(name) == latex
