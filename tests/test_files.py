"""The one writer of files: whole or not at all, permissions kept, devices and pipes never replaced."""

import os
import stat
import threading

import pytest

from g2sym.base.files import PART, is_special, part_of, write_atomically


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("ending", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("old", [None, b"old"])
def test_whatever_ends_the_writing_leaves_nothing_behind(tmp_path, ending, old):
    path = tmp_path / "x"
    if old is not None:
        path.write_bytes(old)

    def write(stream):
        stream.write(b"half")
        stream.flush()
        assert sum(name.endswith(PART) for name in names(tmp_path)) == 1
        raise ending

    with pytest.raises(ending):
        write_atomically(path, write)
    assert names(tmp_path) == ([] if old is None else ["x"])
    assert old is None or path.read_bytes() == old


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_every_step_may_fail(tmp_path, monkeypatch, step):
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def refuse(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, step, refuse)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, lambda stream: stream.write(b"new"), durable=True)
    assert (names(tmp_path), path.read_bytes()) == (["x"], b"old")


@pytest.mark.parametrize("durable", [True, False])
def test_the_disk_is_waited_for_where_asked(tmp_path, monkeypatch, durable):
    real, calls = os.fsync, []
    monkeypatch.setattr(os, "fsync", lambda handle: calls.append(real(handle)))
    write_atomically(tmp_path / "x", lambda stream: stream.write(b"new"), durable=durable)
    assert len(calls) == durable
    assert (tmp_path / "x").read_bytes() == b"new"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_permissions_are_kept_and_a_private_file_stays_private(tmp_path, mode):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    path.chmod(mode)
    seen = []

    def write(stream):
        seen.append(stat.S_IMODE(os.fstat(stream.fileno()).st_mode))

    write_atomically(path, write)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert not seen[0] & 0o077


def test_a_new_file_gets_the_usual_permissions(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    write_atomically(tmp_path / "b", lambda stream: stream.write(b""))
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_links_are_followed(tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    link = tmp_path / "link"
    link.symlink_to(folder / "x")  # to a file that is not there yet
    for text in (b"one", b"two"):
        write_atomically(link, lambda stream, text=text: stream.write(text))
        assert link.is_symlink()
        assert (folder / "x").read_bytes() == text
    assert (names(tmp_path), names(folder)) == (["link", "there"], ["x"])


def test_a_pipe_is_written_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_bytes()))
    reader.start()
    write_atomically(pipe, lambda stream: stream.write(b"through"))
    reader.join(20)
    assert found == [b"through"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_what_is_special(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    special = [tmp_path / "pipe", tmp_path]
    plain = [tmp_path / "file", tmp_path / "none", tmp_path / "loop", tmp_path / ("x" * 300)]
    assert [is_special(path) for path in special] == [True, True]
    assert not any(is_special(path) for path in plain)


@pytest.mark.parametrize("name", ["x" * 255, "\U0001f600" * 63, ".hidden"])
def test_any_name_that_the_system_takes(tmp_path, name):
    write_atomically(tmp_path / name, lambda stream: stream.write(b"new"))
    assert names(tmp_path) == [name]


@pytest.mark.parametrize("name", ["x" * 256, "no/such", ""])
def test_what_cannot_be_written_is_the_systems_error(tmp_path, name):
    with pytest.raises(OSError, match=r"\["):
        write_atomically(f"{tmp_path}/{name}", lambda stream: stream.write(b"new"))
    assert names(tmp_path) == []


def test_a_part_lies_beside_its_target(tmp_path):
    first, second = (part_of(tmp_path / "x.json") for _ in range(2))
    assert first != second
    assert os.path.dirname(first) == str(tmp_path)
    assert os.path.basename(first).startswith(".x.json.")
    assert first.endswith(PART)


def test_many_writers_of_one_file_leave_one_whole_content(tmp_path):
    path = tmp_path / "x"
    contents = [bytes([k]) * 100_000 for k in range(8)]

    def work(content):
        for _ in range(20):
            write_atomically(path, lambda stream: stream.write(content))

    threads = [threading.Thread(target=work, args=(c,)) for c in contents]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert not path.exists() or path.read_bytes() in contents
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert names(tmp_path) == ["x"]
