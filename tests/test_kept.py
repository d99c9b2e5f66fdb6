"""What is kept between runs: the same answers with it and without, and nothing of others is believed."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

from g2sym.base import kept
from g2sym.base.conventions import Conventions
from g2sym.cli import main
from g2sym.derive.diagrams import derive
from g2sym.derive.written import derivation_in, derivation_out
from g2sym.inputs import load_inputs
from g2sym.inputs.kept import kept_inputs
from g2sym.integrals.polynomials import from_terms
from g2sym.integrals.written import polynomial
from g2sym.kernels.kernel import Kernel
from g2sym.lagrangian import bundled_models, load_declaration
from g2sym.lagrangian.declaration import source_of
from g2sym.lagrangian.kept import kept_declaration
from g2sym.lagrangian.written import declaration_in, declaration_out
from tests.cases import CASES, IDS, declare_case

ROOT = Path(__file__).resolve().parents[1]
POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions and pipes of POSIX")
POINT = ["eval", "alp", "--set", "m_a=0.5", "--set", "g_aff=1e-3", "--set", "g_agg=1e-4", "--json"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, and a package that was not changed just now."""
    place = tmp_path / "cache"
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(place))
    monkeypatch.setattr(kept, "_STARTED", time.time() + 1e6)
    forget()
    yield place / kept.FOLDER
    forget()


def forget():
    """What a new process does not have."""
    kept.code_hash.cache_clear()
    kept_inputs.cache_clear()


@pytest.fixture
def ask(capsys):
    def run(*arguments):
        forget()
        code = main(list(arguments or POINT))
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def right(ask, folder, monkeypatch):
    """The answer without a cache, and the folder with the entries of one run in it."""
    with monkeypatch.context() as patch:
        patch.setattr(kept, "recall", lambda key: None)
        patch.setattr(kept, "keep", lambda key, content: False)
        answer = ask()
    assert answer[0] == 0
    assert answer[2] == ""
    assert ask() == answer
    return answer


def entries(folder):
    return sorted(path for path in folder.iterdir() if path.name != kept.SECRET)


@pytest.fixture
def no_work(monkeypatch):
    """Nothing is worked out any more."""

    def refuse(*_):
        raise AssertionError("worked out again")

    monkeypatch.setattr("g2sym.derive.diagrams.derive", refuse)
    monkeypatch.setattr("g2sym.lagrangian.modelfile.read_declaration", refuse)
    monkeypatch.setattr("g2sym.inputs.kept.bundled", refuse)


# round trips ------------------------------------------------------------------------------------
def same_declaration(one, other):
    assert one == other
    for name in ("name", "title", "references", "text", "operators", "expectations", "remarks"):
        assert getattr(one, name) == getattr(other, name), name
    assert [str(o.coefficient) for o in one.operators] == [str(o.coefficient) for o in other.operators]
    assert dict(one.fields) == dict(other.fields)
    assert dict(one.parameters) == dict(other.parameters)
    assert list(one.parameters) == list(other.parameters)
    assert dict(one.conventions) == dict(other.conventions)
    for lepton in ("e", "mu", "tau"):
        assert one.for_lepton(lepton) == other.for_lepton(lepton)


def same_derivation(one, other):
    assert list(one.contributions) == list(other.contributions)
    lists = [(c.terms, d.terms) for c, d in zip(one.contributions.values(), other.contributions.values())]  # noqa: B905
    assert list(one.electric_pairs) == list(other.electric_pairs)
    lists += [(terms, other.electric_pairs[name]) for name, terms in one.electric_pairs.items()]
    for some, others in [*lists, (one.electric, other.electric), (one.electric_tree, other.electric_tree)]:
        assert len(some) == len(others)
        for a, b in zip(some, others, strict=True):
            assert str(a.coefficient) == str(b.coefficient)
            assert a.masses == b.masses
            same_integral(a.integral, b.integral)
    for name in ("pending", "remarks", "refused", "refused_electric", "omitted", "omitted_electric"):
        assert getattr(one, name) == getattr(other, name), name


def same_integral(a, b):
    for name in ("variables", "diagram", "scheme", "provenance", "slots", "every_slot", "thresholds"):
        assert getattr(a, name) == getattr(b, name), name
    assert a.identity == b.identity
    assert Kernel.of(a).key == Kernel.of(b).key
    assert str(a.canonical) == str(b.canonical)
    for name in ("delta", "powers", "log", "divisor", "pole"):
        assert getattr(a, name) == getattr(b, name), name
        assert str(getattr(a, name)) == str(getattr(b, name)), name
    assert a == b


def through_text(content):
    return json.loads(json.dumps(content))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_every_case_comes_back_as_it_was(case):
    declaration = declare_case(case)
    same_declaration(declaration_in(through_text(declaration_out(declaration))), declaration)
    for lepton in case["leptons"]:
        derived = derive(declaration, lepton, Conventions())
        same_derivation(derivation_in(through_text(derivation_out(derived))), derived)


@pytest.mark.parametrize("name", bundled_models())
@pytest.mark.parametrize("lepton", ["e", "tau"])
def test_bundled_models_come_back_as_they_were(name, lepton):
    declaration = load_declaration(name)
    same_declaration(declaration_in(through_text(declaration_out(declaration))), declaration)
    for scheme in ("four-dimensional", "larin"):
        derived = derive(declaration, lepton, Conventions(scheme=scheme))
        same_derivation(derivation_in(through_text(derivation_out(derived))), derived)


def test_input_values_come_back_as_they_were(folder):
    assert kept_inputs() == load_inputs()
    forget()
    assert len(entries(folder)) == 2
    assert kept_inputs() == load_inputs()
    assert kept_inputs().as_dict() == load_inputs().as_dict()


def test_a_kept_integral_is_copied_and_sent_like_any_other():
    import copy
    import pickle
    from dataclasses import replace

    declaration = load_declaration("alp")
    data = through_text(derivation_out(derive(declaration, "mu", Conventions())))
    terms = [t for c in derivation_in(data).contributions.values() for t in c.terms]
    for term in terms:
        for twin in (copy.copy(term), copy.deepcopy(term), pickle.loads(pickle.dumps(term))):
            same_integral(twin.integral, term.integral)
        (again,) = [pickle.loads(pickle.dumps(Kernel.of(term.integral)))]
        assert again.key == Kernel.of(term.integral).key
        negative = replace(term.integral, log=-term.integral.log, powers=term.integral.negated().powers)
        assert str(negative.canonical) == str(-term.integral.canonical)
        assert negative.identity != term.integral.identity or not term.integral.powers


NAMES = ("x", "y", "rho", "nu", "zeta", "lam")


@given(
    st.dictionaries(
        st.tuples(*(st.integers(0, 3) for _ in NAMES)),
        st.fractions(max_denominator=10**12).filter(bool),
        max_size=8,
    )
)
def test_a_polynomial_comes_back_from_its_text(terms):
    made = from_terms({powers: fmpq(c.numerator, c.denominator) for powers, c in terms.items()}, NAMES)
    again = polynomial(str(made))
    assert again == made
    assert str(again) == str(made)


@pytest.mark.parametrize(
    "text",
    ["", " ", "x ", "x +", "x + ", "+ x", "x - - y", "x**2", "x*x", "2*", "*x", "x^", "x^-1", "x^1.5", "x^y",
     "1/0", "1//2", "1/2/3", "2*3", "x/2", "x y", "x  + y", "é", "x^²", "x+y", "(x)", "x * y", "f('os')"],
)  # fmt: skip
def test_another_text_is_no_polynomial(text):
    with pytest.raises(kept.BROKEN):
        polynomial(text)


# the same answers -------------------------------------------------------------------------------
QUESTIONS = [
    POINT,
    ["eval", "alp", "--lepton", "tau", "--set", "m_a=0.5", "--set", "g_aff=1e-3", "--scheme", "larin"],
    ["eval", "scalar", "--set", "m_s=0.1", "--set", "g_sff=1e-3", "--set", "g_sgg=1e-4", "--parametric"],
    ["eval", "dark_photon", "--observable", "a(e)/a(mu)", "--set", "m_A=0.1", "--set", "eps=1e-3"],
    ["eval", "axial_vector", "--observable", "d(mu)", "--set", "m_A=0.1", "--set", "eps=1e-3"],
    ["bound", "alp", "--on", "g_aff", "--vary", "m_a=0.1:1:3", "--set", "g_agg=1e-5", "--json"],
    ["eval", "alp_electroweak", "--set", "m_a=0.5", "--set", "g_aff=1e-3"],
    ["line", "alp", "--set", "m_a=0.5"],
]


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_the_answer_is_the_same_without_the_cache_and_from_it(ask, folder, monkeypatch, question):
    with monkeypatch.context() as patch:
        patch.setattr(kept, "_usable_secret", lambda: None)
        plain = ask(*question)
    assert not folder.exists()
    first = ask(*question)
    monkeypatch.setattr("g2sym.lagrangian.modelfile._declaration", None)
    monkeypatch.setattr("g2sym.derive.diagrams._derive", None)
    assert plain == first == ask(*question)


def test_nothing_is_worked_out_twice(right, ask, no_work):
    assert ask() == right


def test_other_questions_have_other_entries(right, ask, folder):
    before = entries(folder)
    assert len(before) == 4  # the code, input values, the declaration, the derivation
    ask(*POINT, "--lepton", "e")
    assert len(entries(folder)) == 5
    ask(*POINT, "--scheme", "larin")
    assert len(entries(folder)) == 6
    assert set(before) <= set(entries(folder))


def test_a_file_that_changed_has_other_entries(ask, folder, tmp_path):
    path = tmp_path / "m.toml"
    text = (ROOT / "models" / "dark_photon.toml").read_text()
    answers = []
    for factor in ("", "2*", "3*", ""):
        path.write_text(text.replace('lagrangian = "', f'lagrangian = "{factor}'))
        assert path.read_text() != text or not factor
        answers.append(ask("eval", str(path), "--set", "m_A=0.1", "--set", "eps=1e-3"))
        assert answers[-1][0] == 0
    assert answers[0] == answers[3]
    assert len({answer[1] for answer in answers}) == 3


@pytest.mark.parametrize("text", ["", "schema = 2", "schema = 1\nname = 'x'\nlagrangian = 'nonsense('"])
def test_a_file_that_is_wrong_is_refused_each_time_and_not_kept(ask, folder, tmp_path, text):
    path = tmp_path / "m.toml"
    path.write_text(text)
    refused = [ask("eval", str(path), "--set", "m_A=0.1") for _ in range(2)]
    assert refused[0] == refused[1]
    assert refused[0][0] == 3
    assert refused[0][2].startswith("Error: model file '")
    assert len(entries(folder)) == 2  # the code and the input values


# attacks ----------------------------------------------------------------------------------------
def test_a_byte_that_changed_anywhere_makes_an_entry_absent(right, ask, folder):
    for path in entries(folder):
        raw = path.read_bytes()
        for at in (0, 5, kept.MARK, kept.MARK + 1, len(raw) // 2, len(raw) - 2, len(raw) - 1):
            path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
            assert kept.recall(path.name) is None
            assert ask() == right
            assert path.read_bytes() == raw  # written anew


@pytest.mark.parametrize("raw", [b"", b"\n", b"x" * 64, b"0" * 64 + b"\n", b"0" * 64 + b"\n{}", b"\0" * 9999])
def test_an_entry_of_anything_else_is_absent(right, ask, folder, raw):
    for path in entries(folder):
        path.write_bytes(raw)
    assert ask() == right
    assert all(path.read_bytes() != raw for path in entries(folder))


def test_a_changed_number_under_an_unkeyed_hash_is_not_believed(right, ask, folder):
    for path in entries(folder):
        text = path.read_bytes()[kept.MARK + 1 :].replace(b"2", b"3")
        for secret in (b"", b"\0" * kept.SECRET_BYTES):
            mark = kept.hashed(path.name.encode() + b" " + text, secret).encode()
            path.write_bytes(mark + b"\n" + text)
            assert kept.recall(path.name) is None
    assert ask() == right


def test_an_entry_under_another_key_is_not_believed(right, ask, folder):
    electron = {path.name for path in entries(folder)}
    ask(*POINT, "--lepton", "e")
    (other,) = {path.name for path in entries(folder)} - electron
    for path in entries(folder):
        if path.name in electron:
            shutil.copy(folder / other, path)
            assert kept.recall(path.name) is None
    assert ask() == right


def test_entries_of_someone_else_are_not_believed(right, ask, folder, tmp_path):
    """Theirs are whole, and of the same keys: only the secret tells."""
    shutil.move(folder, tmp_path / "theirs")
    assert ask() == right
    (folder / kept.SECRET).unlink()
    mine = entries(folder)
    for path in mine:
        shutil.copy(tmp_path / "theirs" / path.name, path)
        assert kept.recall(path.name) is None
    assert ask() == right
    assert all(kept.recall(path.name) is not None for path in mine)


@pytest.mark.parametrize("secret", [b"", b"short", b"\0" * 33])
def test_a_secret_of_another_length_is_drawn_anew(right, ask, folder, secret):
    (folder / kept.SECRET).write_bytes(secret)
    assert ask() == right
    assert len((folder / kept.SECRET).read_bytes()) == kept.SECRET_BYTES


@POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_secret_that_others_can_read_or_write_is_drawn_anew(right, ask, folder, mode):
    path = folder / kept.SECRET
    old = path.read_bytes()
    os.chmod(path, mode)
    assert kept.recall(entries(folder)[0].name) is None
    assert ask() == right
    assert path.read_bytes() != old
    assert path.stat().st_mode & 0o777 == 0o600


@POSIX
def test_the_secret_is_the_users_alone_whatever_the_umask(ask, folder):
    before = os.umask(0)
    try:
        ask()
    finally:
        os.umask(before)
    assert (folder / kept.SECRET).stat().st_mode & 0o777 == 0o600
    assert not folder.stat().st_mode & 0o077
    assert not any(path.stat().st_mode & 0o022 for path in entries(folder))


@POSIX
@pytest.mark.parametrize("mode", [0o660, 0o606, 0o666])
def test_an_entry_that_others_can_write_is_not_believed(right, ask, folder, mode):
    for path in entries(folder):
        os.chmod(path, mode)
        assert kept.recall(path.name) is None
    assert ask() == right


@POSIX
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_is_neither_read_nor_written_nor_emptied(
    right, ask, folder, mode, monkeypatch
):
    monkeypatch.setattr(kept, "MAX_FILES", 1)
    os.chmod(folder, mode)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert all(kept.recall(name) is None for name in before)
    assert ask() == right
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@POSIX
def test_pipes_devices_and_links_do_not_hang_and_are_not_written_through(right, ask, folder, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    one, two, three, *_ = entries(folder)
    for path in (one, two, three):
        path.unlink()
    os.mkfifo(one)
    two.symlink_to("/dev/zero")
    three.symlink_to(precious)
    assert ask() == right
    assert one.is_fifo()
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("place", ["/dev/null/x", "/proc/none/x", "\0"])
def test_without_a_place_for_it_everything_is_as_it_was(right, ask, monkeypatch, place):
    if "\0" in place:
        monkeypatch.setattr(kept, "cache_folder", lambda: place)
    else:
        monkeypatch.setenv("G2SYM_CACHE_DIR", place)
    assert ask() == right


@POSIX
def test_a_user_without_a_home_gets_no_files(right, ask, monkeypatch, tmp_path):
    monkeypatch.delenv("G2SYM_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for home in ("~", str(tmp_path / "missing"), "/dev/null"):  # "~" is what an unknown user has
        monkeypatch.setattr(os.path, "expanduser", lambda path, home=home: home)
        assert ask() == right
        assert not list((tmp_path / "here").iterdir())
        assert not (tmp_path / "missing").exists()


def leaves(content, path=()):
    if isinstance(content, dict):
        for key, value in content.items():
            yield from leaves(value, (*path, key))
    elif isinstance(content, list):
        for key, value in enumerate(content):
            yield from leaves(value, (*path, key))
    yield path


def changed(content, path, value):
    if not path:
        return value
    head, *rest = path
    out = dict(content) if isinstance(content, dict) else list(content)
    out[head] = changed(content[head], rest, value)
    return out


def test_content_of_another_form_is_refused_without_a_traceback(right, folder):
    """Also under the right mark, as after a mistake in the code that writes it."""
    read = {"operators": declaration_in, "contributions": derivation_in}
    seen = 0
    for path in entries(folder):
        content = kept.recall(path.name)
        for name, function in read.items():
            if not isinstance(content, dict) or name not in content:
                continue
            for place in leaves(content):
                for value in (None, -1.5, {"a": 1}, [[[]]]):
                    try:
                        function(changed(content, place, value))
                    except kept.BROKEN:
                        seen += 1
    assert seen > 1000


# the code ---------------------------------------------------------------------------------------
def copied(tmp_path, change=None):
    """Return a copy of the package; a change leaves the size and the time of its file as they were."""
    root = tmp_path / "package"
    if not root.exists():
        shutil.copytree(
            ROOT / "g2sym", root / "g2sym", ignore=shutil.ignore_patterns("__pycache__", "shipped")
        )
        shutil.copytree(ROOT / "models", root / "models")
        for path in root.rglob("*"):
            os.utime(path, (1.7e9, 1.7e9))
    if change:
        name, old, new = change
        path = root / "g2sym" / name
        text = path.read_text()
        assert text.count(old) == 1
        assert len(old) == len(new)
        path.write_text(text.replace(old, new))
        os.utime(path, (1.7e9, 1.7e9))
    return root


def run(root, cache, *arguments):
    env = {
        **os.environ,
        "PYTHONPATH": str(root),
        "G2SYM_CACHE_DIR": str(cache),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-m", "g2sym", *(arguments or POINT)],
        env=env, cwd=cache.parent, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_other_code_has_other_entries(tmp_path):
    cache = tmp_path / "cache"
    before = run(copied(tmp_path), cache)
    assert run(copied(tmp_path), cache) == before
    # the couplings of the Barr-Zee-type diagrams with another sign
    root = copied(tmp_path, ("derive/barr_zee.py", "tensor.rule() * -strength", "tensor.rule() *  strength"))
    after = run(root, cache)
    assert after["value"] != before["value"]
    parts = [{p["name"]: p["value"] for p in found["contributions"]} for found in (before, after)]
    assert float(parts[0]["barr-zee-photon"]) == -float(parts[1]["barr-zee-photon"])
    assert parts[0]["one-loop"] == parts[1]["one-loop"]


def test_code_that_changed_while_it_runs_is_not_kept_under_its_new_hash(folder, ask, monkeypatch):
    monkeypatch.setattr(kept, "_STARTED", 0.0)
    assert kept.code_hash() is None
    answer = ask()
    assert answer[0] == 0
    assert entries(folder) == []


def test_a_package_without_its_source_keeps_nothing(folder, ask, monkeypatch):
    answer = ask()
    for path in entries(folder):
        path.unlink()
    monkeypatch.setattr(kept, "PACKAGES", ("models",))
    assert ask() == answer
    assert entries(folder) == []


PACKAGE = ROOT / "g2sym"


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("g2sym"):
            base = PACKAGE.joinpath(*node.module.split(".")[1:])
            for place in (base.with_suffix(".py"), *(base / f"{a.name}.py" for a in node.names)):
                if place.is_file():
                    yield place


def test_the_hash_covers_everything_that_is_run_through():
    starts = ("lagrangian/kept.py", "derive/kept.py", "inputs/kept.py")
    todo = [PACKAGE / name for name in starts]
    seen = set(todo)
    while todo:
        new = {*imports(todo.pop())} - seen
        seen |= new
        todo += new
    packages = {p.relative_to(PACKAGE).as_posix().rpartition("/")[0] for p in seen} - {""}
    assert packages == {*kept.PACKAGES}
    assert {p.name for p in seen if p.parent == PACKAGE} == {"errors.py"}


# many ---------------------------------------------------------------------------------------------
def test_the_older_half_goes_where_there_are_too_many(folder, monkeypatch):
    monkeypatch.setattr(kept, "MAX_FILES", 8)
    names = [kept.hashed(str(k).encode()) for k in range(9)]
    for k, name in enumerate(names):
        assert kept.keep(name, k)
        os.utime(folder / name, (1e9 + k, 1e9 + k)) if k < 8 else None
    assert [kept.recall(name) for name in names] == [None] * 4 + [4, 5, 6, 7, 8]
    assert len((folder / kept.SECRET).read_bytes()) == kept.SECRET_BYTES


def test_processes_that_write_at_once_agree(tmp_path):
    cache = tmp_path / "cache"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "G2SYM_CACHE_DIR": str(cache)}
    command = [sys.executable, "-m", "g2sym", *POINT]
    several = [
        subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
    ]
    answers = {process.communicate(timeout=120) for process in several}
    assert len(answers) == 1
    assert answers.pop()[1] == b""
    assert not [name for name in os.listdir(cache / kept.FOLDER) if name.startswith(".")]


@pytest.mark.parametrize("content", [10**5000, {1, 2}, float("nan")], ids=["long", "set", "nan"])
def test_what_json_does_not_hold_is_not_kept(folder, content):
    key = kept.hashed(b"x")
    assert kept.worked_out(key, lambda data: data, lambda value: value, lambda: content) is content
    assert kept.recall(key) is None or content != content


def test_what_does_not_come_back_as_it_was_is_not_kept(folder):
    key = kept.hashed(b"x")
    assert kept.worked_out(key, lambda data: data + 1, lambda value: value, lambda: 1) == 1
    assert kept.recall(key) is None


def test_what_is_worked_out_while_the_code_changes_is_not_kept(folder, monkeypatch):
    key = kept.key_of(("x",))

    def work_out():
        monkeypatch.setattr(kept, "_STARTED", 0.0)  # as if a file had been changed just now
        return 1

    assert kept.worked_out(key, int, int, work_out) == 1
    assert kept.recall(key) is None


def test_a_model_from_the_cache_says_where_it_is_from(folder):
    assert source_of(load_declaration("alp")) is None
    assert source_of(kept_declaration("alp")) == source_of(kept_declaration("alp")) is not None
