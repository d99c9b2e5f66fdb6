"""Scan folders that were tampered with: bytes compared with the ledger, headers with what scans write."""

import copy as copies
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from g2sym.base.memory import memory, size_text
from g2sym.errors import InputError
from g2sym.model.model import load_model
from g2sym.scans.plans import Samples
from g2sym.scans.run import load_scan, scan

ALP = load_model("alp").anomalous_moment("mu")
GRID = {"m_a": np.geomspace(0.01, 10, 4), "g_aff": np.geomspace(1e-5, 1e-2, 6)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    place = tmp_path_factory.mktemp("whole")
    scan(ALP, GRID, "muon-2025", g_agg=1e-4, output=place / "grid", chunk=5)
    scan(ALP, Samples.of({"m_a": (0.01, 10)}, 20), g_aff=1e-3, g_agg=1e-4, output=place / "box", chunk=6)
    return place


@pytest.fixture(params=["grid", "box"])
def folder(request, folders, tmp_path):
    return Path(shutil.copytree(folders / request.param, tmp_path / request.param))


def chunks(folder):
    return sorted(f for f in folder.rglob("*") if f.is_file() and "c" in f.relative_to(folder).parts[1:2])


def test_overwritten_bytes_are_noticed_wherever_they_are(folder):
    load_scan(folder)
    for file in chunks(folder):
        before = file.read_bytes()
        for start in (0, max(0, len(before) - 8)):
            file.write_bytes(before[:start] + np.float64(1.25).tobytes()[: len(before)] + before[start + 8 :])
            if file.read_bytes() != before:
                with pytest.raises(InputError, match="damaged"):
                    load_scan(folder)
        for wrong in (b"", before + b"0", before[:-1]):
            file.write_bytes(wrong)
            with pytest.raises(InputError, match="damaged"):
                load_scan(folder)
        file.write_bytes(before)
    load_scan(folder)


def test_a_chunk_without_its_line_is_not_finished(folder):
    name = "delta_a"
    (folder / "ledger" / "c" / "0" / "0").unlink()
    found = load_scan(folder)
    assert np.isnan(found[name].reshape(-1)[0])
    assert np.isfinite(found[name].reshape(-1)[-1])


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_pipe_does_not_hang(folder):
    for file in (chunks(folder)[0], folder / "zarr.json", folder / "ledger" / "c" / "0" / "0"):
        before = file.read_bytes()
        file.unlink()
        os.mkfifo(file)
        with pytest.raises(InputError, match="not a regular file"):
            load_scan(folder)
        file.unlink()
        file.write_bytes(before)


WRONG = [None, True, -1, 0, 1.5, 10**9, 10**18, 10**40, "", "float64", "../x", [], [0], [-1], [10**12], ["a"],
         [[1]], {}, {"a": 1}, [1, 1, 1, 1], [1.0], [10**400], [True], "object", "uint8"]  # fmt: skip


def leaves(value, path=()):
    if path:
        yield path
    if isinstance(value, dict):
        for name, below in value.items():
            yield from leaves(below, (*path, name))


def test_any_part_of_a_header_may_be_wrong(folder):
    """One sentence and nothing else, and never a scan of other values."""
    whole = load_scan(folder)
    file = folder / "zarr.json"
    document = json.loads(file.read_text())
    header = document["attributes"]["g2sym"]
    sentences = set()
    slots = [p for p in leaves(header) if p[0] == "arrays" or p[:2] == ("request", "plan") or len(p) == 1]
    for path in slots:
        for value in WRONG:
            changed = copies.deepcopy(document)
            at = changed["attributes"]["g2sym"]
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = value
            file.write_text(json.dumps(changed))
            try:
                found = load_scan(folder)
            except InputError as error:
                sentences.add(str(error))
                continue
            assert found.arrays.keys() == whole.arrays.keys()
            for name in whole.arrays:
                assert found[name].tobytes() == whole[name].tobytes()
    assert all(text.endswith(".") and "\n" not in text for text in sentences)


@pytest.mark.parametrize("sizes", [(10**6, 10**7), (10**7, 10**7), (1, 10**12)])
def test_arrays_larger_than_memory_are_refused(folder, sizes):
    """All headers agree with each other: only the size is absurd."""
    file = folder / "zarr.json"
    document = json.loads(file.read_text())
    header = document["attributes"]["g2sym"]
    tables, plan = header["arrays"], header["request"]["plan"]
    axes = plan["order"] if plan["kind"] == "grid" else []
    shape = list(sizes)[-len(axes) :] if axes else [sizes[0] * sizes[1]]
    for name, table in tables.items():
        rank = len(shape)
        if name == "ledger":
            table["shape"][0] = 1
        elif name in axes:
            table["shape"] = table["chunks"] = [shape[axes.index(name)]]
            plan[name][0] = shape[axes.index(name)]
        else:
            table["shape"] = shape + table["shape"][rank:]
            table["chunks"] = list(table["shape"])
        own = json.loads((folder / name / "zarr.json").read_text())
        own["shape"] = table["shape"]
        own["chunk_grid"]["configuration"]["chunk_shape"] = table["chunks"]
        (folder / name / "zarr.json").write_text(json.dumps(own))
    file.write_text(json.dumps(document))
    with pytest.raises(InputError, match="of this machine"):
        load_scan(folder)


def test_sizes_in_words():
    assert [size_text(n) for n in (0, 999, 80_000, 8 * 10**10, 10**18)] == [
        "0 B", "999 B", "80 kB", "80 GB", "1e+03 PB"
    ]  # fmt: skip
    assert memory() > 1 << 24
