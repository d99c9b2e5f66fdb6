"""With the extra ``scan``: Zarr reads what was written, and a Dask cluster computes the same bits."""

import subprocess
import sys

import numpy as np
import pytest

from g2sym.errors import UsageError
from g2sym.model.model import load_model
from g2sym.scans.cluster import cluster
from g2sym.scans.plans import Points, Samples
from g2sym.scans.run import load_scan, scan

ALP = load_model("alp").anomalous_moment("mu")
GRID = {"m_a": np.geomspace(0.01, 10, 11), "g_aff": np.geomspace(1e-5, 1e-2, 7)}
REASON = "the extra 'scan' is not installed"


@pytest.mark.extra
def test_zarr_reads_a_scan(tmp_path):
    zarr = pytest.importorskip("zarr", reason=REASON)
    found = scan(ALP, GRID, "muon-2025", on="g_agg", output=tmp_path / "s.zarr", chunk=12)
    group = zarr.open_group(str(tmp_path / "s.zarr"), mode="r")
    assert sorted(group.array_keys()) == sorted([*found.arrays, "ledger"])
    for name, values in found.arrays.items():
        assert group[name][...].tobytes() == values.tobytes()
    assert group["windows"].metadata.dimension_names == ("m_a", "g_aff", "window", "end")
    assert group.attrs["g2sym"]["request"]["on"] == "g_agg"


BOX = {"m_a": (0.01, 10), "g_aff": (1e-5, 1e-2)}
COLUMNS = {"m_a": [0.01, 0.3, 2.0, 7.0, 9.0], "g_aff": [1e-5, 2e-5, 1e-4, 1e-3, 1e-2]}
KINDS = {
    "a grid with windows": (GRID, {"measurement": "muon-2025", "on": "g_agg"}),
    "a grid with verdicts": (GRID, {"measurement": "muon-2025", "g_agg": 1e-4}),
    "a grid with values": (GRID, {"g_agg": 1e-4}),
    "samples with windows": (Samples.of(BOX, 33), {"measurement": "muon-2025", "on": "g_agg"}),
    "samples with values": (Samples.of(BOX, 33, "random", 5), {"g_agg": 1e-4}),
    "points with verdicts": (Points.of(COLUMNS), {"measurement": "muon-2025", "g_agg": 1e-4}),
}


@pytest.mark.extra
@pytest.mark.parametrize("chunk", [25, 10_000])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_zarr_reads_every_array_that_is_written(kind, chunk, tmp_path):
    zarr = pytest.importorskip("zarr", reason=REASON)
    plan, more = KINDS[kind]
    path = tmp_path / "s.zarr"
    scan(ALP, plan, output=path, chunk=chunk, **more)
    (path / "ledger" / "c" / "0" / "0").unlink()  # as in a scan that was stopped
    scan(ALP, plan, output=path, chunk=chunk, resume=True, **more)
    found, group = load_scan(path), zarr.open_group(str(path), mode="r")
    assert sorted(group.array_keys()) == sorted([*found.arrays, "ledger"])
    for name, values in found.arrays.items():
        assert group[name].shape == values.shape
        assert group[name].dtype == values.dtype
        assert group[name][...].tobytes() == values.tobytes()
    lines = group["ledger"][...]
    for number, line in enumerate(lines):
        assert line.tobytes() == (path / "ledger" / "c" / str(number) / "0").read_bytes()


@pytest.mark.extra
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_computes_the_same_bits(tmp_path):
    distributed = pytest.importorskip("distributed", reason=REASON)
    here = scan(ALP, GRID, "muon-2025", on="g_agg")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local:
        address = local.scheduler_address
        with cluster(address) as (executor, threads):
            assert threads == 2
            scan(ALP, GRID, "muon-2025", on="g_agg", output=tmp_path / "s.zarr", chunk=12, executor=executor)
        words = ["scan", "alp", "--vary", "m_a=1e-2:10:11", "--vary", "g_aff=1e-5:1e-2:7", "--on", "g_agg"]
        done = subprocess.run(
            [sys.executable, "-m", "g2sym", *words, "--scheduler", address, "-o", str(tmp_path / "c.zarr")],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    there, commanded = load_scan(tmp_path / "s.zarr"), load_scan(tmp_path / "c.zarr")
    for name in here.arrays:
        assert here[name].tobytes() == there[name].tobytes()
        assert here[name].shape == commanded[name].shape


@pytest.mark.extra
@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer(monkeypatch):
    pytest.importorskip("distributed", reason=REASON)
    monkeypatch.setattr("g2sym.scans.cluster.TIMEOUT", 1.0)
    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(UsageError, match="No Dask scheduler answers"), cluster(address):
            pass


def test_without_dask_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'g2sym\[scan\]'"), cluster("tcp://127.0.0.1:8786"):
        pass
