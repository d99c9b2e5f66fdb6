"""``g2sym limits``: the list, one whole, a folder checked; what is wrong, in one sentence."""

import csv
import json
import os
import time

import pytest

SIDECAR = """schema = 1

[[limit]]
id = "mine"
title = "$\\\\alpha$ of mine"
file = "mine.txt"
format = "points"
mass = { unit = "MeV" }
limit = { unit = "1", transform = "sqrt(y)" }
quantity = "eps visible"
no_limit_from = "1"
confidence = "0.9"
role = "measured"
reference = "an example"
assumes = ["prompt"]
process = { sqrt_s = 10.58 }
decay_radius_m = "1.25"

[[limit]]
id = "number"
value = "1e-5"
limit = { unit = "1" }
quantity = "BR(Z -> A X)"
confidence = "not stated"
role = "projection"
reference = "another"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("G2SYM_LIMITS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
    (tmp_path / "mine.toml").write_text(SIDECAR)
    (tmp_path / "mine.txt").write_text("100 1e-6\n200 4e-6\n300 nan\n400 1e3\n")
    return tmp_path


def test_the_list(g2, folder, monkeypatch):
    done = g2("limits", "list", "--limits", folder, "--csv", folder / "list.csv")
    assert done.code == 0
    assert "mine" in done.out
    assert "90 %" in done.out
    assert "not stated" in done.out
    assert "l3-3photon-1995" in done.out
    rows = list(csv.DictReader((folder / "list.csv").read_text().splitlines()))
    assert [row["id"] for row in rows] == ["mine", "number", "l3-3photon-1995", "l3-2photon-1995"]
    document = g2("limits", "list", "--limits", folder / "mine.toml", "--json").json
    assert document["command"] == "limits list"
    assert [one["id"] for one in document["limits"]][:2] == ["mine", "number"]
    assert document["limits"][0]["confidence"] == "0.9"
    assert "give --limits, or set G2SYM_LIMITS" in g2("limits", "list").out
    monkeypatch.setenv("G2SYM_LIMITS", str(folder))
    assert g2("limits", "list", "--json").json["searched"] == [str(folder)]


def test_one_whole(g2, folder):
    done = g2("limits", "show", "mine", "--limits", folder, "--at", "100MeV", "--at", "m_mu", "--at", "0.25",
              "--at", "0.35", "--at", "5", "--csv", folder / "rows.csv")  # fmt: skip
    assert done.code == 0
    said = " ".join(done.out.split())
    assert "at 0.1 GeV 0.001" in said
    assert "at 0.25 GeV no limit (gap): the table has a gap there" in said
    assert "at 5 GeV no limit (outside): the mass is outside the table" in said
    assert "decay radius 1.25 m" in said
    assert "sqrt_s = 10.58" in said
    assert r"$\alpha$ of mine" in done.out
    rows = list(csv.reader((folder / "rows.csv").read_text().splitlines()))
    assert rows[0] == ["mass_low_GeV", "mass_high_GeV", "limit", "upper", "reason", "line"]
    assert rows[1] == ["0.1", "0.1", "0.001", "", "", "1"]
    assert rows[3:] == [["0.3", "0.3", "", "", "gap", "3"], ["0.4", "0.4", "", "", "closing value", "4"]]


def test_no_limit_is_null_with_a_reason(g2, folder):
    done = g2("limits", "show", "mine", "--limits", folder, "--at", "0.25", "--at", "0.1", "--json")
    first, second = done.json["values"]
    assert (first["value"], first["reason"]) == (None, "gap")
    assert (second["value"], second["reason"]) == (0.001, None)
    assert done.json["rows"] == 4
    assert done.json["segments"] == [[0.1, 0.2]]
    assert done.json["units"] == {"mass": "GeV", "value": "1"}
    assert "NaN" not in done.out
    assert "Infinity" not in done.out


def test_check(g2, folder):
    done = g2("limits", "check", folder)
    assert done.code == 0
    assert "ok" in done.out
    (folder / "mine.txt").write_text("100 1e-6\n200 =cmd\n")
    done = g2("limits", "check", folder)
    assert done.code == 3
    assert "'=cmd' is no number" in done.err
    assert "number  1" in done.out
    errors = {one["id"]: one["error"] for one in g2("limits", "check", folder, "--json").json["checked"]}
    assert errors["number"] is None
    assert "line 2" in errors["mine"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("show", "mien"), 2, "There is no limit 'mien' (did you mean 'mine'?)"),
        (("show", "mine", "--at", "x"), 2, "--at"),
        (("show", "mine", "--at", "0"), 3, "not positive"),
        (("shwo",), 2, "did you mean 'show'?"),
        (("list", "--limits", "missing"), 3, "no such file"),
        (("list", "--csv", "/nowhere/x.csv"), 2, "does not exist"),
        (("check", "missing.toml"), 3, "no such file"),
        (("check", "bad\x1b[31m.toml"), 3, "no such file"),
    ],
)
def test_mistakes(g2, folder, arguments, code, said):
    extra = ("--limits", folder) if arguments[0] == "show" else ()
    done = g2("limits", *arguments, *extra)
    assert done.code == code
    assert done.one_sentence, done.err
    assert said in done.err
    assert "\x1b" not in done.err


def test_an_empty_folder(g2, folder):
    (folder / "empty").mkdir()
    done = g2("limits", "check", folder / "empty")
    assert done.code == 3
    assert "no sidecar and no file that is known by its name" in done.err


@pytest.mark.parametrize("kind", ["fifo", "folder", "sparse", "loop", "binary"])
def test_hostile_tables_end_soon_with_one_sentence(g2, folder, kind):
    table = folder / "mine.txt"
    table.unlink()
    if kind == "fifo":
        os.mkfifo(table)
    elif kind == "folder":
        table.mkdir()
    elif kind == "sparse":
        with open(table, "wb") as stream:
            stream.truncate(1 << 30)
    elif kind == "loop":
        table.symlink_to(table)
    else:
        table.write_bytes(bytes(range(256)))
    start = time.monotonic()
    done = g2("limits", "show", "mine", "--limits", folder, "--at", "1")
    assert time.monotonic() - start < 5
    assert done.code == 3
    assert done.one_sentence, done.err


@pytest.mark.parametrize("command", ["list", "show", "check"])
def test_help_has_examples(g2, command):
    done = g2("limits", command, "--help")
    assert done.code == 0
    assert f"g2sym limits {command}" in done.out.split("Examples:")[1]


def test_the_document_is_stable(g2, folder):
    first = g2("limits", "list", "--limits", folder, "--json")
    assert first.out == json.dumps(first.json, sort_keys=True, indent=2) + "\n"
    assert g2("--json", "limits", "list", "--limits", folder).out == first.out
