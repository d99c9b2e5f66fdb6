"""Data files that are damaged or meant to harm: one clear sentence, and soon."""

import os
import time

import pytest

from g2sym.errors import InputError
from g2sym.limits import load
from tests.limits.cases import sidecar

BAD = {
    "empty": (b"", "holds no row of numbers"),
    "comments alone": (b"# a\n#b\n\n", "holds no row of numbers"),
    "a head line alone": (b"m,x\n", "holds no row of numbers"),
    "truncated row": (b"0.1 1e-3\n0.2\n", "line 2: 1 numbers, and columns says 2"),
    "truncated number": (b"0.1 1e-3\n0.2 1e-", "line 2: '1e-' is no number"),
    "one column more": (b"0.1 1e-3 5\n", "line 1: 3 numbers, and columns says 2"),
    "unsorted": (b"0.1 1e-3\n0.3 1e-3\n0.2 1e-3\n", "line 3: the masses turn back"),
    "nan mass": (b"nan 1e-3\n0.2 1\n", "line 1: the mass is nan"),
    "all nan": (b"0.1 nan\n0.2 nan\n", "no row carries a limit"),
    "negative mass": (b"-0.1 1e-3\n", "line 1: the mass is not positive"),
    "zero mass": (b"0 1e-3\n", "line 1: the mass is not positive"),
    "negative limit": (b"0.1 -1e-3\n", "line 1: the limit is not positive"),
    "zero limit": (b"0.1 0\n", "line 1: the limit is not positive"),
    "infinity": (b"0.1 inf\n", "'inf' is no number"),
    "huge exponent": (b"0.1 1e99999\n", "is no number"),
    "exponent beyond doubles": (b"0.1 1e400\n", "not between 1e-100 and 1e100"),
    "many digits": (b"0." + b"1" * 5000 + b" 1\n", "digits"),
    "digits that never end": (b"1" * 19_000 + b"x 1\n", "is no number"),
    "a fraction": (b"1/3 1e-3\n", "'1/3' is no number"),
    "hexadecimal": (b"0x10 1e-3\n", "is no number"),
    "underlines": (b"1_0 1e-3\n", "is no number"),
    "arabic digits": ("٣ 1e-3\n".encode(), "is no number"),
    "a formula": (b"0.1 =cmd|'/C calc'!A0\n", "is no number"),
    "a formula in a cell": (b"0.1,=cmd()\n", "'=cmd()' is no number"),
    "an object tag": (b"!!python/object/apply:os.system [1]\n", "is no number"),
    "pickle": (b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94.", "not UTF-8 text"),
    "nul bytes": (b"0.1 1e-3\n\0\0\0\n", "line 2: the control character"),
    "not utf-8": (b"# caf\xe9\n0.1 1e-3\n", "line 1: not UTF-8"),
    "utf-16": ("0.1 1e-3\n".encode("utf-16"), "not UTF-8"),
    "an escape sequence": (b"0.1 \x1b[31m1e-3\n", "control character"),
    "a grid of ratios": (b"# mass g r\n0.1 1e-3\n", "a grid of ratios and no limit"),
    "a long line": (b"0.1 " * 6000 + b"\n", "more than 20000 characters"),
    "many rows": (b"1 1\n" * 50_002, "more than 50000 rows"),
    "html": (b"<!DOCTYPE html>\n<html>404</html>\n", "is no number"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_one_sentence(make, name):
    table, said = BAD[name]
    start = time.monotonic()
    with pytest.raises(InputError) as found:
        make(table).value("0.1")
    assert time.monotonic() - start < 5
    text = str(found.value)
    assert said in text, text
    assert text.startswith("limit file '")
    assert text.isprintable()
    assert len(text) < 600


def test_wrong_units_show_themselves(make):
    """A table in eV read in GeV is outside; beyond all sense it is refused."""
    limit = make("1e8 1e-3\n1e9 1e-3\n")
    assert limit.value("0.5").reason == "outside"
    with pytest.raises(InputError, match=r"line 2: the mass is not between .* look at the unit"):
        make("1e95 1e-3\n1e105 1e-3\n").value(1)


def test_an_interval_with_exchanged_columns(make):
    with pytest.raises(InputError, match="line 2: upper is below lower; exchange the columns"):
        make("1 1 2\n2 2 1\n", format='"interval"').value(1)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("1 1\n2 2\n", "three corners or more"),
        ("1 1\n1 2\n1 3\n", "at several masses"),
        ("1 1\n2 nan\n3 1\n", "nan in a contour"),
    ],
)
def test_contours_that_are_none(make, table, said):
    with pytest.raises(InputError, match=said):
        make(table, format='"contour"').value(1)


def test_bins_without_a_width(make):
    with pytest.raises(InputError, match="no bin of a width above zero"):
        make("1 1 2\n2 2 1\n", format='"bins"').value(1)


def sentence(path):
    start = time.monotonic()
    with pytest.raises(InputError) as found:
        [limit.value("0.1") for limit in load(path).values()]
    assert time.monotonic() - start < 5
    assert "\n" not in str(found.value)
    return str(found.value)


def test_what_is_no_regular_file(tmp_path):
    (tmp_path / "mine.toml").write_text(sidecar())
    table = tmp_path / "mine.txt"
    os.mkfifo(table)
    assert "not a regular file" in sentence(tmp_path / "mine.toml")
    table.unlink()
    table.mkdir()
    assert "not a regular file" in sentence(tmp_path / "mine.toml")
    table.rmdir()
    table.symlink_to(table)
    assert "symbolic links" in sentence(tmp_path / "mine.toml")
    table.unlink()
    table.symlink_to("/dev/zero")
    assert "not a regular file" in sentence(tmp_path / "mine.toml")


def test_sparse_gigabytes_are_not_read(tmp_path):
    (tmp_path / "mine.toml").write_text(sidecar())
    with open(tmp_path / "mine.txt", "wb") as stream:
        stream.truncate(1 << 30)
    assert "above the limit of 4000000" in sentence(tmp_path / "mine.toml")
    with open(tmp_path / "big.toml", "wb") as stream:
        stream.truncate(1 << 30)
    assert "above the limit of 262144" in sentence(tmp_path / "big.toml")


def test_sidecars_that_are_no_regular_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.toml")
    assert "not a regular file" in sentence(tmp_path / "pipe.toml")
    assert "not a regular file" in sentence(tmp_path)  # found in the folder as well
    assert "no such file" in sentence(tmp_path / "none.toml")
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)
    assert "cannot be read" in sentence(loop)


def test_folders_in_a_circle(tmp_path):
    """Links to folders are followed, each folder once."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "again").symlink_to(tmp_path)
    (inner / "loop").symlink_to(inner / "loop")
    (inner / "OPAL.txt").write_text("1e7 1e-3\n")
    assert dict(load(tmp_path)) == {}
    (tmp_path / "axionlimits").symlink_to(inner)
    assert list(load(tmp_path)) == ["opal-axionlimits"]


def test_a_folder_that_is_too_full(tmp_path, monkeypatch):
    from g2sym.limits import search

    monkeypatch.setattr(search, "MAX_ENTRIES", 5)
    for k in range(6):
        (tmp_path / f"{k}.txt").write_text("")
    assert "more than 5 files; name a smaller folder" in sentence(tmp_path)


def test_a_table_of_the_largest_size_is_read_in_time(make):
    rows = "".join(f"{k}e-4 1.23456e-3\n" for k in range(1, 50_001))
    start = time.process_time()  # of this process: others may have the processor
    assert make(rows).value("4.00005").value == pytest.approx(1.23456e-3)
    assert time.process_time() - start < 5
