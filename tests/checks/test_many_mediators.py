"""Many mediators: work grows with their number, statements are about each one's part, progress is shown."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import pytest

import g2sym as g2
from g2sym.base import meter
from g2sym.base.coefficients import Coefficient
from g2sym.base.meter import ExpansionError
from g2sym.checks import check
from g2sym.checks.run import check_model
from g2sym.errors import UnsupportedError
from g2sym.show.formulas import Statement, formulas_of

ROOT = Path(__file__).resolve().parents[2]
MU = "-g{i}*S{i}*bar(mu)*mu"
WITH_TAU = "-g{i}*S{i}*bar(tau)*mu - g{i}*S{i}*bar(mu)*tau"


def text(count: int, term: str = MU) -> str:
    lines = ["schema = 1", 'name = "many"', "lagrangian = '''"]
    lines += [*(term.format(i=i) for i in range(1, count + 1)), "'''"]
    for i in range(1, count + 1):
        lines += [f"[fields.S{i}]", "spin = 0", f'mass = "m_S{i}"', f"[parameters.g{i}]", "dimension = 0"]
    return "\n".join(lines) + "\n"


@pytest.fixture
def many(tmp_path):
    def write(count: int, term: str = MU) -> Path:
        path = tmp_path / f"many{count}.toml"
        path.write_text(text(count, term))
        return path

    return write


# work ---------------------------------------------------------------------------------------------
@contextmanager
def counted(monkeypatch) -> Iterator[dict[str, int]]:
    """Count products of terms, and terms written as SymPy expressions."""
    found = {"products": 0, "terms": 0}
    real = Coefficient.to_sympy

    def to_sympy(self):
        found["terms"] += len(self.numerator)
        return real(self)

    before = 10**12
    with monkeypatch.context() as patch, meter.metered(before):
        patch.setattr(Coefficient, "to_sympy", to_sympy)
        yield found
        found["products"] = before - meter._METER.left[-1]


@pytest.mark.parametrize("term", [MU, WITH_TAU])
def test_the_work_of_show_and_check_grows_with_the_number_of_mediators_alone(many, monkeypatch, term):
    """Twice as many are twice the work; a limit at each mass of each of the others would be four times."""
    work: dict[tuple[str, int], dict[str, int]] = {}
    for count in (2, 2, 4, 8):  # the first one fills what a process remembers
        model = g2.load_model(many(count, term))
        moment = model.anomalous_moment("mu")
        with counted(monkeypatch) as work["show", count]:
            found = formulas_of(model, moment)
            assert all(s.text for part in found.parts for s in part.statements)
        with counted(monkeypatch) as work["check", count]:
            check(model, "mu")
    for what in ("show", "check"):
        two, four, eight = (work[what, count] for count in (2, 4, 8))
        for kind in ("products", "terms"):
            assert eight[kind] - four[kind] <= 1.1 * 2 * (four[kind] - two[kind])


def test_the_work_of_a_quotient_stops_at_the_power_that_is_wanted(tmp_path):
    path = tmp_path / "f.toml"
    universal = 'dimension = 0\nflavour = "universal"'
    path.write_text(text(8, "-g{i}*S{i}*bar(f)*f").replace("dimension = 0", universal))
    ratio = g2.load_model(path).observable("a(e)/a(mu)")
    with meter.metered(20_000):  # 340 000 where the second power was worked out too
        found = ratio.limit("m_S1", 0)
    assert len(str(found)) > 1000


CPU = """
import resource, sys
from g2sym.cli import main
code = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, file=sys.stderr)
raise SystemExit(code)
"""


def seconds(*arguments: object) -> float:
    """Run a command as a process of its own and return the seconds of the processor that it took."""
    done = subprocess.run(
        [sys.executable, "-c", CPU, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (used,) = done.stderr.splitlines()  # and nothing else: no progress where there is no terminal
    return float(used)


@pytest.mark.parametrize("command", ["show", "check"])
def test_twenty_mediators_take_less_than_five_seconds(command, many):
    assert seconds(command, many(20), "--lepton", "mu") < 5


@pytest.mark.long
@pytest.mark.parametrize("command", ["show", "check"])
def test_ninety_mediators_take_less_than_thirty_seconds(command, many):
    assert seconds(command, many(90), "--lepton", "mu") < 30


# what is stated -----------------------------------------------------------------------------------
def statements(path: Path, mass: str) -> dict[str, Statement]:
    model = g2.load_model(path)
    found = formulas_of(model, model.anomalous_moment("mu"))
    return {s.title: s for part in found.parts for s in part.statements if f"{mass} ->" in s.title}


def test_a_series_is_of_the_part_with_its_mass(many):
    """Compared with numbers, which come from the kernels: what is left out is the value without it."""
    own = statements(many(2), "m_S1")
    assert list(own) == [
        "series of the part with m_S1, m_S1 -> 0",
        "series of the part with m_S1, m_S1 -> oo",
        "limit of the part with m_S1, m_S1 -> 2*m_mu",
    ]
    assert all(s.left == r"\Delta a_{\mu}\big|_{m_{\mathrm{S1}}}" for s in own.values())
    moment = g2.load_model(many(2)).anomalous_moment("mu")
    m_mu = moment.quantity.inputs.value("m_mu")
    for statement, mass in zip(own.values(), ("1e-6", "1e4", 2 * m_mu), strict=True):
        stated = sum(e for e in statement.right if "O(" not in str(e))
        assert {s.name for s in stated.free_symbols} <= {"g1", "m_S1", "m_mu"}
        at = {"g1": "0.3", "m_S1": str(Fraction(mass)), "m_mu": str(m_mu)}
        shown = float(stated.subs({n: Fraction(v) for n, v in at.items()}))
        both, rest = (
            moment.evaluate(digits=40, g1=g1, g2="0.7", m_S1=mass, m_S2=1).ball.midpoint for g1 in ("0.3", 0)
        )
        assert shown == pytest.approx(float(both - rest), rel=1e-4)


def test_a_single_mediator_is_the_whole(many):
    assert next(iter(statements(many(1), "m_S1"))) == "series, m_S1 -> 0"
    rows = [row.proof.statement for row in check(g2.load_model(many(1)), "mu")]
    assert "m_S1 -> 0, to second order" in rows


def test_every_statement_about_several_names_its_part(many):
    found = check(g2.load_model(many(3, WITH_TAU)), "mu")
    assert found.verdict == "proved"
    stated = [row.proof.statement for row in found]
    assert "m_S2 -> 0, the part of Delta a with m_S2, to second order" in stated
    for mass in ("m_S1", "m_S2", "m_S3"):
        assert f"m_tau -> 0, the part of Delta a with {mass} and m_tau" in stated


def test_a_sum_over_twenty_fractions_is_open_not_an_error(many):
    """The coefficients of the limit of the sum have twenty denominators; each mediator's own has one."""
    model = g2.load_model(many(20, WITH_TAU))
    assert not [row for row in check(model, "mu") if row.proof.verdict != "proved"]
    with pytest.raises(ExpansionError, match=r"too many terms|more than 2000"):
        model.anomalous_moment("mu").limit("m_tau", 0)


def test_what_is_too_long_to_be_shown_is_named(many, monkeypatch):
    from g2sym.show import formulas

    real = formulas.series

    def series(quantity, mass, point, *more):
        if point == "oo":
            raise ExpansionError("too many terms")
        if point == 0:
            raise UnsupportedError("below threshold")
        return real(quantity, mass, point, *more)

    monkeypatch.setattr(formulas, "series", series)
    model = g2.load_model(many(1))
    found = formulas_of(model, model.anomalous_moment("mu"))
    assert found.announcements[-1] == "Not shown, having too many terms: one-loop, series, m_S1 -> oo."
    assert [s.title for s in found.parts[0].statements][2:] == ["limit, m_S1 -> 2*m_mu"]


# progress -----------------------------------------------------------------------------------------
def test_progress_counts_terms(many):
    model = g2.load_model(many(3))
    seen: list[tuple[int, int]] = []
    check_model(model, "mu", progress=lambda *p: seen.append(p))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    seen.clear()
    formulas_of(model, model.anomalous_moment("mu"), lambda *p: seen.append(p))
    assert seen == [(k, 9) for k in range(1, 10)]  # integrand, closed form and series of each


@pytest.mark.skipif(os.name != "posix", reason="opens a terminal")
@pytest.mark.parametrize(("command", "label"), [("show", "formulas of many"), ("check", "checks of many")])
def test_progress_is_shown_on_a_terminal(command, label, many):
    import pty

    main, other = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "g2sym", command, many(6), "--lepton", "mu"],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=other,
            timeout=120,
            check=True,
        )
        drawn = os.read(main, 1 << 16).decode(errors="replace")
    finally:
        os.close(main)
        os.close(other)
    assert label in drawn
    assert "%" in drawn
    assert label.encode() not in done.stdout


def test_nothing_is_drawn_for_a_few(many, monkeypatch):
    from g2sym.cli import progress

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "_bar", lambda *a: pytest.fail("drawn"))
    with progress.counted("few", 5) as tell:
        tell(1, 4)
