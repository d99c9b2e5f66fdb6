"""Flavour links on the command line: brackets, --flavour, and what every answer says of them."""

import csv
import json

import pytest

import g2sym as g2_package
from g2sym.base.exact import read_number
from g2sym.constraints.map_files import load_map
from g2sym.show.bounds import axis_label
from g2sym.show.model_page import as_latex

MASS = ("--flavour", "g_sff=mass")
POINT = ("eval", "scalar", "--lepton", "e", "--set", "m_s=0.5", "--set", "g_sgg=0")
LINK = {"g_sff": {"link": "mass", "quoted_for": "mu"}}
TEXT = "g_sff mass (quoted for mu)"


def ratio(first, second):
    value = g2_package.load_model("scalar").inputs.value
    return value(f"m_{first}") / value(f"m_{second}")


def test_an_answer_at_a_point_says_for_whom_a_value_is_quoted(g2):
    quoted = g2(*POINT, *MASS, "--set", "g_sff[mu]=1e-3", "--json").json
    own = g2(*POINT, *MASS, "--set", f"g_sff={ratio('e', 'mu') / 1000}", "--json").json
    assert quoted["value"] == own["value"]
    assert quoted["flavour"] == LINK
    assert own["flavour"] == {"g_sff": {"link": "mass", "quoted_for": "e"}}
    assert quoted["values"]["g_sff[mu]"] == "0.001"
    assert quoted["units"]["g_sff[mu]"] == "1"
    text = g2(*POINT, *MASS, "--set", "g_sff[mu]=1e-3").out
    assert any(line.split("  ", 2)[1:] and line.strip().endswith(TEXT) for line in text.splitlines())
    plain = g2(*POINT, "--set", "g_sff=1e-3").out
    assert "g_sff single (quoted for e)" in plain
    assert "other charged leptons" in text  # a scalar that every lepton couples to has loops of them
    assert "other charged leptons" not in plain


def test_a_single_coupling_of_another_lepton_is_said_to_be_absent(g2):
    done = g2(*POINT, "--set", "g_sff[mu]=1e-3")
    assert done.out.splitlines()[0] == "Delta a_e = 0"
    assert "g_sff[mu] is a coupling of mu alone (flavour = single): e has none of it." in done.out


def test_the_ratio_of_two_leptons(g2):
    words = ("eval", "scalar", "--observable", "a(e)/a(mu)", *MASS, "--set", "m_s=1000", "--set", "g_sgg=0")
    found = g2(*words, "--set", "g_sff[tau]=1", "--json").json
    assert float(found["value"]) == pytest.approx(8.87380789e-10, rel=1e-8)
    assert found["lepton"] is None
    refused = g2(*words, "--set", "g_sff=1")
    assert refused.code == 2
    assert "is about several leptons and g_sff is proportional to the lepton's mass" in refused.err


def test_bounds_in_text_json_csv_and_picture(g2, tmp_path):
    table, picture = tmp_path / "b.csv", tmp_path / "b.svg"
    words = ("bound", "scalar", *MASS, "--vary", "m_s=0.1:10:3", "--set", "g_sgg=0")
    done = g2(*words, "--on", "g_sff[tau]", "--csv", table, "--plot", picture)
    assert "flavour: g_sff mass (quoted for tau)" in done.out.splitlines()
    rows = list(csv.DictReader(table.read_text().splitlines()))
    assert {row["flavour"] for row in rows} == {"g_sff mass (quoted for tau)"}
    assert {row["on"] for row in rows} == {"g_sff[tau]"}
    assert "<svg" in picture.read_text()
    tau = g2(*words, "--on", "g_sff[tau]", "--json").json
    own = g2(*words, "--on", "g_sff", "--json").json
    assert tau["flavour"]["g_sff"] == {"link": "mass", "quoted_for": "tau"}
    assert own["flavour"]["g_sff"] == {"link": "mass", "quoted_for": "mu"}
    for one, other in zip(tau["rows"], own["rows"], strict=True):
        ends = zip(one["allowed_decimal"][0], other["allowed_decimal"][0], strict=True)
        for a, b in ends:
            assert abs(read_number(a) / (read_number(b) * ratio("tau", "mu")) - 1) < 2e-16 * 10


def test_maps_keep_the_link_in_their_files(g2, tmp_path):
    data, shapes = tmp_path / "m.npz", tmp_path / "m.json"
    words = ("map", "scalar", "--lepton", "e", *MASS, "--x", "m_s=0.1:1", "--resolution", "16")
    done = g2(*words, "--y", "g_sff[mu]=1e-4:1", "--set", "g_sgg=0", "-o", data, "-o", shapes)
    assert f"flavour: {TEXT}" in done.out
    found = load_map(data)
    assert found.y.name == "g_sff[mu]"
    assert found.record["flavour"] == LINK
    assert json.loads(shapes.read_text())["g2sym"]["flavour"] == LINK


def test_scans_lines_and_counts(g2, tmp_path):
    folder, table = tmp_path / "s.zarr", tmp_path / "l.csv"
    grid = ("--vary", "m_s=0.1:1:3", "--vary", "g_sff[mu]=1e-4:1:4")
    done = g2("scan", "scalar", "--lepton", "e", *MASS, *grid, "-o", folder)
    assert f"flavour: {TEXT}" in done.out
    found = g2_package.load_scan(folder)
    assert set(found.arrays) == {"m_s", "g_sff[mu]", "delta_a", "verdict"}
    assert found.as_dict()["flavour"] == LINK
    again = g2("scan", "scalar", "--lepton", "e", *MASS, *grid, "-o", folder, "--resume", "--json").json
    assert again["flavour"] == LINK
    counted = g2("scan", "scalar", "--lepton", "e", *MASS, *grid, "--count", "--json").json
    assert counted["flavour"] == LINK
    assert counted["total"] == 12
    other = g2("scan", "scalar", "--lepton", "e", *grid, "-o", folder, "--resume")
    assert other.code == 2  # another link is another model
    assert "holds another scan: the model differs" in other.err
    words = ("line", "scalar", "--lepton", "e", *MASS, "--vary", "m_s=0.1:1:2", "--set", "g_sff[mu]=1")
    assert f"flavour: {TEXT}" in g2(*words, "--csv", table).out
    assert {row["flavour"] for row in csv.DictReader(table.read_text().splitlines())} == {TEXT}


def test_points_of_a_file_name_the_lepton_in_their_head(g2, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("m_s,g_sff[mu]\n0.1,1e-4\n0.5,2e-3\n")
    found = g2("scan", "scalar", "--lepton", "e", *MASS, "--points", path, "--json").json
    assert found["flavour"] == LINK
    assert found["points"] == 2
    path.write_text("m_s,g_sff[muon]\n0.1,1e-4\n")
    refused = g2("scan", "scalar", "--lepton", "e", *MASS, "--points", path)
    assert "there is no charged lepton 'muon'" in refused.err


def test_show_and_check_quote_with_the_option(g2):
    words = ("--flavour", "g_sff[mu]=mass", "--observable", "a(e)/a(mu)")
    assert f"flavour: {TEXT}" in g2("show", "scalar", *words).out
    shown = g2("show", "scalar", *words, "--json").json
    assert shown["flavour"] == LINK
    checked = g2("check", "dark_photon", "--flavour", "eps[mu]=mass", "--observable", "a(e)/a(mu)")
    assert checked.code == 0
    assert "flavour: eps mass (quoted for mu)" in checked.out
    assert "m_e^4/m_mu^4" in checked.out
    assert "flavour: eps universal" in g2("check", "dark_photon", "--lepton", "e").out


def test_latex_names_the_lepton():
    from g2sym.show.formulas import formulas_of

    model = g2_package.load_model("scalar").with_flavour(g_sff="mass")
    page = as_latex(formulas_of(model, model.anomalous_moment("e").quoted(g_sff="mu")))
    assert r"g_{sff}[\mu]" in page
    assert "flavour: g\\_sff mass (quoted for mu)" in page


def test_axes_name_the_link():
    model = g2_package.load_model("scalar").with_flavour(g_sff="mass")
    declared = model.anomalous_moment("e").quoted(g_sff="mu").declaration
    assert axis_label(declared, "g_sff[mu]") == (r"$g_{sff}[\mu]$ (mass-proportional)", True)
    assert axis_label(model.declaration, "g_sff") == ("$g_{sff}$", True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--flavour", "gsff=mass"), "no parameter 'gsff' (did you mean 'g_sff'?)"),
        (
            ("--flavour", "m_s=mass"),
            "m_s multiplies no term of the generic lepton f (its couplings are g_sff)",
        ),
        (("--flavour", "g_sff=heavy"), "'heavy' is not one of single, universal, mass"),
        (("--flavour", "g_sff"), "--flavour 'g_sff': write NAME=VALUE, for instance y=mass"),
        (("--flavour", "g_sff=mass", "--flavour", "g_sff=single"), "'g_sff' is given twice"),
        (("--flavour", "g_sff[mu]=mass", "--flavour", "g_sff=single"), "g_sff is given twice"),
        (("--flavour", "g_sff[muon]=mass"), "there is no charged lepton 'muon' (did you mean 'g_sff[mu]'?)"),
        (("--set", "g_sff[muon]=1"), "there is no charged lepton 'muon' (did you mean 'g_sff[mu]'?)"),
        (("--set", "m_s[mu]=1"), "m_s multiplies no term of the generic lepton f, so it has one value"),
        (("--set", "g_sff[mu]=1", "--set", "g_sff[e]=1"), "g_sff is quoted for mu and for e"),
        (("--set", "g_sff[mu]=1", "--set", "g_sff=1"), "g_sff[mu] is given with and without its lepton"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_makes_no_sense_is_one_sentence(g2, words, sentence):
    done = g2(*POINT, *words)
    assert done.code == 2
    assert done.out == ""
    assert sentence in done.err
    assert len(done.err.strip().splitlines()) == 1
