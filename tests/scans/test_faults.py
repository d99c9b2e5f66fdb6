"""Scans into a folder when things go wrong: killed, full, read-only, damaged, foreign, changed, in use."""

import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from g2sym.errors import InputError, UsageError
from g2sym.model.model import load_model
from g2sym.scans import store
from g2sym.scans.run import load_scan, scan

ROOT = Path(__file__).resolve().parents[2]
ALP = load_model("alp").anomalous_moment("mu")
GRID = {"m_a": np.geomspace(0.01, 10, 6), "g_aff": np.geomspace(1e-5, 1e-2, 8)}
COMMAND = [
    "scan", "alp", "--vary", "m_a=1e-2:10:60", "--vary", "g_aff=1e-5:1e-2:200", "--on", "g_agg",
    "--chunk", "40", "--workers", "2",
]  # fmt: skip


def run(path, moment=ALP, grid=GRID, resume=False, measurement="muon-2025", chunk=5, on="g_agg", **more):
    return scan(moment, grid, measurement, on=on, output=path, resume=resume, chunk=chunk, workers=1, **more)


def tree(path):
    """Every file below a folder with its content, or the content of a file."""
    if path.is_file():
        return path.read_bytes()
    return {
        str(f.relative_to(path)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in path.rglob("*")
        if f.is_file()
    }


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "s.zarr"
    run(path)
    return path


@pytest.fixture
def copy(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "s.zarr"))


def test_a_folder_holds_what_memory_would(whole):
    here, there = scan(ALP, GRID, "muon-2025", on="g_agg"), load_scan(whole)
    assert here.arrays.keys() == there.arrays.keys()
    for name in here.arrays:
        assert here[name].tobytes() == there[name].tobytes()


class Killed(BaseException):
    """Stands for SIGKILL: nothing may run after it but what a dead process leaves behind."""


def test_killed_at_every_step_of_writing(whole, tmp_path, monkeypatch):
    expected = tree(whole)
    real = store._replace
    steps = 0

    def counted(path, raw):
        nonlocal steps
        steps += 1
        real(path, raw)

    monkeypatch.setattr(store, "_replace", counted)
    run(tmp_path / "count.zarr")
    for fatal in range(steps):
        path = tmp_path / f"{fatal}.zarr"
        left = fatal

        def dying(target, raw):
            nonlocal left
            if not left:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.with_name(f".{target.name}.dead{store.PART}").write_bytes(raw[: len(raw) // 2])
                raise Killed
            left -= 1
            real(target, raw)

        monkeypatch.setattr(store, "_replace", dying)
        with pytest.raises(Killed):
            run(path)
        monkeypatch.setattr(store, "_replace", real)
        finished = len(list(path.glob("ledger/c/*/0"))) if path.exists() else 0
        seen = []
        run(path, resume=True, progress=lambda *p, seen=seen: seen.append(p))
        assert seen[0] == (finished, 12) if finished or path.exists() else True
        assert tree(path) == expected


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_sigkill_at_random_moments(tmp_path, seed):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "g2sym", *COMMAND, "--resume", "-o"]
    whole, path = tmp_path / "whole.zarr", tmp_path / "s.zarr"
    start = time.monotonic()
    subprocess.run([*words, str(whole)], env=environment, check=True, capture_output=True, timeout=120)
    length = time.monotonic() - start
    chosen = random.Random(seed)
    kills = 0
    progress = []
    for attempt in range(6):
        process = subprocess.Popen(
            [*words, str(path)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        lines = path / "ledger" / "c"
        before = len(list(lines.glob("*/0"))) if path.exists() else 0
        deadline = time.monotonic() + 4 * length + 20
        # wait until it writes, then strike at a random moment
        while process.poll() is None and time.monotonic() < deadline and attempt < 5:
            if path.exists() and len(list(lines.glob("*/0"))) > before + chosen.randrange(20):
                break
            time.sleep(0.001)
        if attempt == 5 or process.poll() is not None:
            process.wait(timeout=60)
            assert process.returncode == 0, process.stderr.read()
            break
        time.sleep(chosen.random() * 0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=60)
        process.stderr.close()
        kills += process.returncode == -signal.SIGKILL
        progress.append(len(list(lines.glob("*/0"))))
        assert progress == sorted(progress)  # no finished chunk was lost
    process.stderr.close()
    assert process.returncode == 0
    assert kills >= 2
    assert tree(path) == tree(whole)


def test_a_full_disk_by_size_limit(tmp_path):
    script = (
        "import resource, sys; from g2sym.cli import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)); sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *COMMAND, "-o", str(tmp_path / "s.zarr")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "the disk is full" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 600


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 256 kB, where the system lets us make one."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this system does not let us mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_and_then_free_space(whole, small_disk):
    (small_disk / "ballast").write_bytes(b"0" * 140_000)
    path = small_disk / "s.zarr"
    with pytest.raises(UsageError, match="the disk is full"):
        run(path)
    assert path.exists()
    before = tree(path)
    with pytest.raises(UsageError, match="the disk is full"):
        run(path, resume=True)
    assert before.items() <= tree(path).items()  # what was finished is untouched
    (small_disk / "ballast").unlink()
    run(path, resume=True)
    assert tree(path) == tree(whole)


def test_a_disk_that_is_full_from_the_start(small_disk):
    (small_disk / "ballast").write_bytes(b"0" * 262_144)
    with pytest.raises(UsageError, match="the disk is full"):
        run(small_disk / "s.zarr")
    assert [f.name for f in small_disk.iterdir()] == ["ballast"]


def test_a_write_that_fails_halfway(whole, copy, monkeypatch):
    (copy / "ledger" / "c" / "7" / "0").unlink()
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(UsageError, match="the disk is full"):
        run(copy, resume=True)
    monkeypatch.setattr(os, "fsync", real)
    run(copy, resume=True)
    assert tree(copy) == tree(whole)


def test_a_read_only_place(copy, small_disk):
    shutil.copytree(copy, small_disk / "s.zarr")
    (small_disk / "s.zarr" / "ledger" / "c" / "3" / "0").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = tree(small_disk)
    for path, resume in ((small_disk / "new.zarr", False), (small_disk / "s.zarr", True)):
        with pytest.raises(UsageError, match="not permitted"):
            run(path, resume=resume)
    assert tree(small_disk) == before
    load_scan(small_disk / "s.zarr")  # reading is


def test_a_folder_without_permission(copy):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere; the read-only file system is tested instead")
    (copy / "ledger" / "c" / "3" / "0").unlink()
    copy.chmod(0o500)
    try:
        with pytest.raises(UsageError, match="not permitted"):
            run(copy, resume=True)
    finally:
        copy.chmod(0o700)


def _flip(path):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


@pytest.mark.parametrize(
    "damage",
    [
        lambda p: _flip(p / "windows" / "c" / "1" / "0" / "0" / "0"),
        lambda p: _flip(p / "count" / "c" / "1" / "0"),
        lambda p: (p / "count" / "c" / "1" / "0").unlink(),
        lambda p: (p / "count" / "c" / "1" / "0").write_bytes(b""),
        lambda p: (p / "ledger" / "c" / "4" / "0").write_bytes(b"short"),
        lambda p: _flip(p / "ledger" / "c" / "4" / "0"),
        lambda p: _flip(p / "m_a" / "c" / "0"),
        lambda p: (p / "windows" / "zarr.json").write_text("{}"),
        lambda p: (p / "windows" / "zarr.json").unlink(),
        lambda p: (p / "zarr.json").write_text("{"),
        lambda p: (p / "zarr.json").write_text(
            '{"attributes": {"g2sym": {"kind": "g2sym scan", "schema": 1}}}'
        ),
        lambda p: (p / "zarr.json").write_text("[" * 100_000),
    ],
)
def test_a_damaged_folder_is_named_and_left_alone(copy, damage):
    damage(copy)
    before = tree(copy)
    with pytest.raises(InputError, match=r"damaged|does not hold a scan|another schema"):
        run(copy, resume=True)
    assert tree(copy) == before


def test_a_damaged_chunk_is_computed_anew_once_its_line_is_removed(copy, whole):
    _flip(copy / "count" / "c" / "1" / "0")
    with pytest.raises(InputError, match="remove") as caught:
        run(copy, resume=True)
    line = str(caught.value).split("remove '")[1].split("'")[0]
    Path(line).unlink()
    run(copy, resume=True)
    assert tree(copy) == tree(whole)


@pytest.mark.parametrize("resume", [False, True])
def test_what_is_not_a_scan_is_never_touched(tmp_path, resume):
    foreign = tmp_path / "mine"
    foreign.mkdir()
    (foreign / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group", "attributes": {}}')
    (foreign / "data").write_text("precious")
    empty = tmp_path / "empty"
    empty.mkdir()
    file = tmp_path / "file"
    file.write_text("precious")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "nowhere")
    before = tree(tmp_path)
    for path in (foreign, empty, file, link):
        with pytest.raises((InputError, UsageError)):
            run(path, resume=resume)
    assert tree(tmp_path) == before
    assert link.is_symlink()


def other(name="alp", lepton="mu", **inputs):
    return load_model(name, inputs or None).anomalous_moment(lepton)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"moment": other(m_mu="0.1057")}, "an input value"),
        ({"moment": ALP.with_scheme("larin")}, "the model|the scheme"),
        ({"g_agZ": 0}, "value of a parameter"),
        ({"grid": {**GRID, "g_aff": np.geomspace(1e-5, 2e-2, 8)}}, "the grid"),
        ({"grid": dict(reversed(GRID.items()))}, "the grid|the chunks"),
        ({"measurement": "muon-2023"}, "the measurement"),
        ({"criterion": "interval"}, "the criterion"),
        ({"n_sigma": 3}, "the criterion"),
        ({"chunk": 6}, "the size of the chunks"),
    ],
)
def test_a_changed_scan_is_not_mixed_in(copy, change, message):
    (copy / "ledger" / "c" / "2" / "0").unlink()
    before = tree(copy)
    with pytest.raises(UsageError, match=message):
        run(copy, resume=True, **change)
    assert tree(copy) == before


def test_a_changed_model_is_not_mixed_in(tmp_path, whole):
    model = tmp_path / "alp.toml"
    text = (ROOT / "models" / "alp.toml").read_text()
    model.write_text(text.replace("-g_agg/4", "-g_agg/8"))
    before = tree(whole)
    with pytest.raises(UsageError, match="the model"):
        run(whole, moment=load_model(str(model)).anomalous_moment("mu"), resume=True)
    assert tree(whole) == before


def test_a_finished_scan_is_left_as_it_is(copy):
    times = {f: f.stat().st_mtime_ns for f in copy.rglob("*")}
    run(copy, resume=True)
    assert {f: f.stat().st_mtime_ns for f in copy.rglob("*")} == times
    with pytest.raises(UsageError, match="exists"):
        run(copy)


def test_two_scans_do_not_write_into_one_folder(copy):
    with store.open_store(copy, write=True), pytest.raises(UsageError, match="in use"):
        run(copy, resume=True)
    run(copy, resume=True)


def test_a_missing_folder(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        load_scan(tmp_path / "none")
    with pytest.raises(UsageError, match="could not be written"):
        run(tmp_path / "no" / "s.zarr")
