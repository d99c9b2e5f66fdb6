"""Untrusted model files: exit code 3, one sentence, no traceback, within 5 seconds, nothing executed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 5.0
HEAD = 'schema = 1\nname = "m"\n'
FIELD = "[fields.s]\nspin = 0\nparity = 1\n"
Y = "[parameters.y]\ndimension = 0\n"
CODE = "__import__('os').system('touch executed')"


def model(lagrangian, rest=FIELD + Y, head=HEAD):
    return (head + f"lagrangian = '''\n{lagrangian}\n'''\n" + rest).encode()


GOOD = "-y*s*bar(mu)*mu"
HOSTILE = {
    "empty": b"",
    "only white space": b" \n\t\n",
    "binary": bytes(range(256)) * 40,
    "executable": b"\x7fELF" + os.urandom(2000),
    "bad utf-8": b'name = "\xff\xfe"',
    "utf-16": HEAD.encode("utf-16"),
    "not toml": b"hello world",
    "60 kB of parentheses": model("(" * 60_000),
    "60 kB of closed parentheses": model("(" * 30_000 + ")" * 30_000),
    "10 MB of parentheses": b"(" * 10_000_000,
    "10 MB inside a lagrangian": model("(" * 10_000_000),
    "nested arrays": b"a = " + b"[" * 30_000 + b"]" * 30_000,
    "nested inline tables": b"a = " + b"{a=" * 5_000 + b"1" + b"}" * 5_000,
    "dotted keys": b".".join([b"a"] * 20_000) + b" = 1",
    "5000 digits": HEAD.encode() + b"lagrangian = 'x'\nbig = " + b"9" * 5000,
    "5000 digits as a default": model(GOOD, FIELD + Y + "default = " + "9" * 5000 + "\n"),
    "a huge exponent as a default": model(GOOD, FIELD + Y + "default = 1e999999999\n"),
    "5000 digits in the lagrangian": model("-" + "9" * 5000 + "*y*s*bar(mu)*mu"),
    "a tower of powers": model("-y^9^9^9^9*s*bar(mu)*mu"),
    "a large power": model("-(y+1)^100000*s*bar(mu)*mu"),
    "an expansion that explodes": model("-" + "*".join(["(y+1+2*I)"] * 4000) + "*s*bar(mu)*mu"),
    "code as the lagrangian": model(CODE),
    "code as a factor": model(f"-y*{CODE}*s*bar(mu)*mu"),
    "code as an attribute": model("-y.__class__*s*bar(mu)*mu"),
    "code as a mass": model(GOOD, f'[fields.s]\nspin = 0\nmass = "{CODE}"\n' + Y),
    "code as a default": model(GOOD, FIELD + Y + f'default = "{CODE}"\n'),
    "code as a dimension": model(GOOD, FIELD + f'[parameters.y]\ndimension = "{CODE}"\n'),
    "code as a name": model(GOOD, head=f'schema = 1\nname = "{CODE}"\n'),
    "a name with a path": model(GOOD, head='schema = 1\nname = "../../etc/passwd"\n'),
    "control characters in a title": model(GOOD, head=HEAD + 'title = "\\u001b[2J"\n'),
    "unbalanced indices": model("-y*s*bar(mu)*gamma(al)*mu"),
    "wrong dimension": model("-y*s*s*bar(mu)*mu"),
    "not Hermitian": model("-I*y*s*bar(mu)*mu"),
    "parity broken": model("-I*y*s*bar(mu)*gamma5*mu"),
    "charge broken": model("-y*s*bar(mu)*nu_mu + hc"),
    "unknown name": model("-y*t0*bar(mu)*mu"),
    "gamma outside a bilinear": model("-y*s*gamma5"),
    "unbalanced parenthesis": model("-y*s*bar(mu*mu"),
    "undeclared parameter": model("-z*s*bar(mu)*mu"),
    "unknown key": model(GOOD, FIELD + Y + "colour = 1\n"),
    "unknown table": model(GOOD, FIELD + Y + "[payload]\nx = 1\n"),
    "another schema": model(GOOD, head='schema = 99\nname = "m"\n'),
    "a circle of defaults": model(
        GOOD, FIELD + Y + 'default = "z"\n[parameters.z]\ndimension = 0\ndefault = "y"\n'
    ),
}
COMMANDS = (
    ("eval", "--lepton", "mu", "--set", "m_s=1", "--set", "y=1"),
    ("show", "--lepton", "mu", "--format", "latex"),
    ("bound", "--on", "y", "--set", "m_s=1"),
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(g2, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "hostile.toml"
    path.write_bytes(HOSTILE[name])
    for command, *options in COMMANDS:
        start = time.process_time()
        done = g2(command, path, *options)
        assert time.process_time() - start < LIMIT
        assert done.code == 3, (done.out, done.err)
        assert done.out == ""
        assert done.one_sentence, done.err
        assert len(done.err) < 1000
    assert [p.name for p in tmp_path.iterdir()] == ["hostile.toml"]


@pytest.mark.parametrize(
    "name", ["10 MB of parentheses", "nested arrays", "dotted keys", "binary", "code as the lagrangian"]
)
def test_a_hostile_file_is_refused_by_the_program(name, tmp_path):
    path = tmp_path / "hostile.toml"
    path.write_bytes(HOSTILE[name])
    command, *options = COMMANDS[0]
    done = subprocess.run(
        [sys.executable, "-m", "g2sym", command, str(path), *options],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 3
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("Error: ")
    assert [p.name for p in tmp_path.iterdir()] == ["hostile.toml"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"a = " + b"[" * 20_000,
        b'schema = 1\nname = "n"\nkind = "difference"\nlepton = "mu"\n',
        b"x" * 100_000,
    ],
    ids=["empty", "bad utf-8", "arrays", "incomplete", "large"],
)
def test_a_hostile_measurement_is_refused(g2, text, tmp_path):
    path = tmp_path / "data.toml"
    path.write_bytes(text)
    done = g2("bound", "alp", "--on", "g_aff", "--set", "m_a=1", "--measurement", path)
    assert (done.code, done.out, done.one_sentence) == (3, "", True)


def test_paths_that_are_no_files(g2, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/zero", "/dev/null", tmp_path):
        for words in (("eval", path), ("scan", "alp", "--points", path)):
            done = g2(*words)
            assert (done.code, done.out, done.one_sentence) == (3, "", True)


@pytest.mark.skipif(os.name != "posix", reason="closes a file descriptor in a shell")
@pytest.mark.parametrize("words", ["eval dark_photon --set m_A=0.1 --set eps=1e-3", "models", "--help"])
def test_a_closed_standard_output_is_an_error(words):
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m g2sym {words} >&-', sys.executable],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "Error: standard output is closed; open it, or send it to a file.\n"


NESTED = """schema = 1
name = "m"
lagrangian = "-(p0+p1+p2)^5*s*bar(mu)*mu - (p0+q0)^5*s*bar(mu)*gamma5*mu*I"
[fields.s]
spin = 0
[parameters.p0]
dimension = 0
default = "(p1+q0+q1)^3"
[parameters.p1]
dimension = 0
default = "(p2+q0+q1)^2"
[parameters.p2]
dimension = 0
default = "(q2+q0+q1)^2"
""" + "".join(f"[parameters.q{k}]\ndimension = 0\n" for k in range(3))


@pytest.mark.parametrize("lagrangian", ["(p0+p1+p2)^5", "p0*p1*p2", "p0^5"])
@pytest.mark.parametrize("name", ["q0", "q2"])
def test_nested_powers_in_defaults_are_refused_wherever_they_are_expanded(g2, lagrangian, name, tmp_path):
    """Each default is small; put into each other and into a coupling they are not."""
    path = tmp_path / "nested.toml"
    path.write_text(NESTED.replace("(p0+p1+p2)^5", lagrangian))
    given = [f"--set={other}=2" for other in ("m_s", "q0", "q1", "q2") if other != name]
    start = time.process_time()
    done = g2("bound", path, "--on", name, *given)
    assert time.process_time() - start < LIMIT
    assert (done.code, done.out, done.one_sentence) == (3, "", True)
    assert "model 'm', default of p" in done.err or "nested.toml" in done.err
