"""The cache of tables: damage is noticed, foreign files are ignored, writers do not disturb each other."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from g2sym.kernels.closed import ClosedKernel as Kernel
from g2sym.tables import store
from tests.kernels.forms import paper_forms

ELECTRON = Fraction("0.51099895069e-3")
FORM = paper_forms()["I_V"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path))
    return tmp_path / "tables"


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_is_read_is_what_was_written(folder: Path) -> None:
    built = store.table_for(Kernel(FORM), {}, ELECTRON)
    read = store.table_for(Kernel(FORM), {}, ELECTRON, build=False)
    assert read is not None
    assert built.coefficients.tobytes() == read.coefficients.tobytes()
    assert (built.first, built.zeros, built.light, built.heavy) == (
        read.first,
        read.zeros,
        read.light,
        read.heavy,
    )
    assert (built.truncation, built.error) == (read.truncation, read.error)


def test_damage_is_noticed_and_mended(folder: Path) -> None:
    built = store.table_for(Kernel(FORM), {}, ELECTRON)
    path = only(folder)
    whole = path.read_bytes()
    middle = len(whole) // 2
    damaged = [
        whole[:middle],
        b"",
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        b"\x80\x04cos\nsystem\n" + whole,
        whole + b"more",
        os.urandom(5000),
    ]
    for wrong in damaged:
        path.write_bytes(wrong)
        assert store.table_for(Kernel(FORM), {}, ELECTRON, build=False) is None
    again = store.table_for(Kernel(FORM), {}, ELECTRON)
    assert again.coefficients.tobytes() == built.coefficients.tobytes()
    assert only(folder).read_bytes() == whole


def test_a_table_of_something_else_is_not_taken(folder: Path) -> None:
    store.table_for(Kernel(FORM), {}, ELECTRON)
    path = only(folder)
    other = store.table_key(Kernel(FORM), {}, ELECTRON * 2)
    path.rename(folder / f"{other}.g2t")
    assert store.table_for(Kernel(FORM), {}, ELECTRON * 2, build=False) is None


def test_another_version_is_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.table_for(Kernel(FORM), {}, ELECTRON)
    monkeypatch.setattr(store, "VERSION", store.VERSION + 1)
    key = store.table_key(Kernel(FORM), {}, ELECTRON)
    only(folder).rename(folder / f"{key}.g2t")
    assert store.table_for(Kernel(FORM), {}, ELECTRON, build=False) is None


def test_a_folder_that_cannot_be_written_means_no_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(blocked))
    table = store.table_for(Kernel(FORM), {}, ELECTRON)
    assert np.isfinite(table(1e-3))
    assert blocked.read_text() == "in the way"


def test_two_processes_at_once(folder: Path) -> None:
    code = (
        "from fractions import Fraction; from g2sym.tables.store import table_for;"
        "from g2sym.kernels.closed import ClosedKernel as Kernel; from "
        "tests.kernels.forms import paper_forms;"
        "print(table_for(Kernel(paper_forms()['I_V']), {}, Fraction('0.51099895069e-3'))(1e-3).hex())"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=root, env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    out = {process.communicate(timeout=120)[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(out) == 1
    assert [p.suffix for p in folder.iterdir()] == [".g2t"]
    assert store.table_for(Kernel(FORM), {}, ELECTRON, build=False) is not None
