"""g2sym map: the plane as text, JSON, picture, packed mask and polygons."""

import json

import pytest

from g2sym.constraints.map_files import load_map
from tests.kernels.planes import model_text

PLANE = ("map", "alp", "--x", "g_aff=1e-5:1e-2", "--y", "g_agg=1e-6:1e-1", "--set", "m_a=0.1")


def test_text_and_json_agree(g2):
    text, document = g2(*PLANE, "--resolution", 64), g2(*PLANE, "--resolution", 64, "--json").json
    assert text.code == 0
    assert "proved excluded" in text.out
    assert sum(document["areas"].values()) == pytest.approx(1)
    assert document["units"]["g_agg"] == "GeV^-1"
    assert document["conventions"]
    assert document["inputs"]
    assert f"{document['areas']['excluded']:.6g}" in text.out


def test_every_kind_of_file(g2, tmp_path):
    paths = [tmp_path / f"p.{form}" for form in ("png", "pdf", "svg", "npz", "json")]
    files = [word for path in paths for word in ("-o", path)]
    done = g2(*PLANE, "--resolution", 128, "--mask", 32, *files)
    assert (done.code, done.err.count("wrote ")) == (0, 5)
    first = [path.read_bytes() for path in paths]
    assert load_map(paths[3]).resolution == 128
    document = json.loads(paths[4].read_text())
    assert document["g2sym"]["units"]["g_aff"] == "1"
    assert {f["properties"]["state"] for f in document["features"]} == {"allowed", "excluded", "undecided"}
    assert g2(*PLANE, "--resolution", 128, "--mask", 32, *files).code == 0
    assert [path.read_bytes() for path in paths] == first


def test_signed_and_negative_axes_are_drawn(g2, tmp_path):
    for number, axes in enumerate(
        (
            ("--x", "g_aff=-1e-3:1e-3:lin", "--y", "g_agg=-1e-3:1e-3:lin"),
            ("--x", "g_aff=1e-5:1e-2", "--y", "g_agg=-1e-1:-1e-6"),
        )
    ):
        done = g2(
            "map", "alp", *axes, "--set", "m_a=0.5", "--resolution", 64, "-o", tmp_path / f"{number}.png"
        )
        assert done.code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--x", "g_aff=1:2:3:4"), 2),
        (("--x", "g_aff"), 2),
        (("--x", "g_aff=a:b"), 2),
        (("--x", "g_aff=1e-2:1e-5"), 2),
        (("--x", "g_afg=1e-5:1e-2"), 2),
        (("--x", "m_a=1:2"), 2),
        (("--resolution", "100"), 2),
        (("--mask", "8192"), 2),
        (("--undecided", "7"), 2),
        (("--undecided", "x"), 2),
        (("-o", "plane.txt"), 2),
        (("-o", "no/plane.png"), 2),
        (("--measurement", "electron-2023-cs"), 2),
        (("--measurement", "nothing"), 3),
        (("--criterion", "sense"), 2),
    ],
)
def test_mistakes(g2, tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    done = g2(*PLANE, "--resolution", 16, *words)
    assert (done.code, done.out, done.one_sentence) == (code, "", True)
    assert list(tmp_path.iterdir()) == []


def test_two_masses_of_one_kernel(g2, tmp_path):
    path, picture = tmp_path / "heavy.toml", tmp_path / "masses.png"
    path.write_text(model_text("scalar"))
    call = ("map", path, "--x", "m_s=1e-2:1e3", "--y", "m_F=1e-2:1e3", "--set", "g=.01", "--resolution", 64)
    done = g2(*call, "-o", picture)
    assert done.code == 0
    document = g2(*call, "--json").json
    ((reason, area),) = [(r["reason"], r["area"]) for r in document["undecided_because"]]
    assert reason == "m_s + m_F is not above m_mu"
    assert f"    {area:.6g} where m_s + m_F is not above m_mu\n" in done.out + "\n"
    assert picture.stat().st_size > 10_000


def test_two_masses_above_threshold(g2, tmp_path):
    path = tmp_path / "heavy.toml"
    path.write_text(model_text("scalar"))
    done = g2("map", path, "--x", "m_s=1e-3:.01", "--y", "m_F=1e-3:.01", "--set", "g=1", "--resolution", 16)
    assert (done.code, done.out, done.one_sentence) == (3, "", True)
    assert "m_s + m_F is not above m_mu anywhere in the plane" in done.err
