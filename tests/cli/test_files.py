"""Output files: whole or not at all, never at the cost of what was there."""

import os
import stat

import pytest

from g2sym.cli.output import Output, write_output
from g2sym.errors import UsageError

BOUND = ("bound", "alp", "--on", "g_aff", "--vary", "m_a=0.1:1:3")
MAGIC = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}


@pytest.mark.parametrize("form", MAGIC)
def test_the_suffix_chooses_the_format(g2, tmp_path, form):
    path = tmp_path / f"b.{form}"
    done = g2(*BOUND, "--plot", path)
    assert done.code == 0
    assert f"wrote {path}" in done.err
    first = path.read_bytes()
    assert first.startswith(MAGIC[form])
    assert g2(*BOUND, "--plot", path).code == 0
    assert path.read_bytes() == first  # the same picture is the same file
    assert list(tmp_path.iterdir()) == [path]


def test_json_goes_to_stdout_and_the_files_are_written_too(g2, tmp_path):
    done = g2(*BOUND, "--csv", tmp_path / "b.csv", "--plot", tmp_path / "b.png", "--json")
    assert len(done.json["rows"]) == 3
    assert done.json["versions"].keys() >= {"matplotlib", "numpy"}
    assert {p.name for p in tmp_path.iterdir()} == {"b.csv", "b.png"}


@pytest.mark.parametrize("path", ["b.jpg", "b", "b.PNG.exe", ".png"])
def test_other_suffixes_are_refused(g2, tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    done = g2(*BOUND, "--plot", path)
    assert (done.code, done.out, done.one_sentence) == (2, "", True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--plot", "--csv"])
def test_an_unwritable_place_is_refused_at_once(g2, tmp_path, option):
    for path in (tmp_path / "no" / "b.png", tmp_path / "dir.png"):
        (tmp_path / "dir.png").mkdir(exist_ok=True)
        done = g2(*BOUND, option, path)
        assert (done.code, done.out, done.one_sentence) == (2, "", True)


def test_a_plot_needs_one_varied_parameter(g2, tmp_path):
    for grids in ((), ("--vary", "m_a=0.1:1:3", "--vary", "Lambda=100:1000:2")):
        done = g2("bound", "alp", "--on", "g_aff", *grids, "--set", "g_agg=0", "--plot", tmp_path / "b.png")
        assert (done.code, done.one_sentence) == (2, True)


def test_a_write_that_fails_late_loses_neither_the_answer_nor_the_old_file(g2, tmp_path, monkeypatch):
    path = tmp_path / "b.csv"
    path.write_text("old")

    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    done = g2(*BOUND, "--csv", path)
    assert done.code == 2
    assert "No space left" in done.err
    assert "5.798e-4" in done.out
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    def broken(stream):
        stream.write(b"half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        write_output(Output(str(tmp_path / "x.csv"), broken))
    assert list(tmp_path.iterdir()) == []


def test_links_modes_and_devices(tmp_path):
    target = tmp_path / "real.csv"
    target.write_text("old")
    target.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(target)
    write_output(Output(str(link), lambda stream: stream.write(b"new")))
    assert link.is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    write_output(Output(os.devnull, lambda stream: stream.write(b"gone")))
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    with pytest.raises(UsageError):
        write_output(Output(str(tmp_path), lambda stream: stream.write(b"x")))


def test_figures(g2, tmp_path):
    for number in (2, 7):
        path = tmp_path / f"f{number}.svg"
        done = g2("figure", number, "-o", path, "--points", "5", "--json")
        assert done.code == 0
        assert done.json["figure"] == number
        assert path.read_bytes().startswith(b"<?xml")
    assert [c["lepton"] for c in done.json["curves"]] == ["mu", "e", "mu", "e"]
    assert done.json["curves"][1]["measurement"]["name"] == "electron-2023-rb"
    swapped = g2("figure", 7, "-o", path, "--points", "3", "--electron", "electron-2023-cs")
    assert "electron-2023-cs" in swapped.out
    assert (
        "electron-2023-cs"
        in g2("figure", 7, "-o", path, "--points", "3", "--electron", "electron-2023-cs").out
    )
