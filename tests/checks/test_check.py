"""The table of statements: what must be in it, what a planted error does to it, how it is shown."""

import json
import time
from pathlib import Path

import pytest

import g2sym as g2
from g2sym.checks import identities
from g2sym.cli import main
from g2sym.errors import ModelError, UsageError
from g2sym.proofs.verdict import Proof

MODELS = ("alp", "alp_electroweak", "scalar", "dark_photon", "axial_vector")
SOURCE = """
schema = 1
name = "mine"
title = "A <b>scalar</b>"
lagrangian = "-g_s*s*bar(f)*f"
[fields.s]
spin = 0
parity = 1
charge = 0
mass = "m_s"
[parameters.g_s]
dimension = 0
"""


@pytest.fixture
def model(tmp_path: Path):
    def make(expectations: str) -> str:
        path = tmp_path / "mine.toml"
        path.write_text(SOURCE + expectations)
        return str(path)

    return make


@pytest.mark.parametrize("name", MODELS)
def test_bundled_models(name: str) -> None:
    start = time.process_time()
    table = g2.check(g2.load_model(name))
    assert time.process_time() - start < 5
    assert table.verdict == "proved", [str(r) for r in (*table.failed, *table.open)]
    assert table.leptons == ("e", "mu", "tau")
    for lepton in table.leptons:
        stated = [r.proof.statement for r in table if r.lepton == lepton]
        assert sum("to second order" in s for s in stated) >= 2
        assert any("decoupling law" in s for s in stated)
        assert any("regular point" in s and "2*" in s for s in stated)
        assert any("m_F -> -m_F" in s for s in stated)


def test_identities_that_apply() -> None:
    wanted = {
        "axial_vector": "Goldstone identity at every mass",
        "alp": "derivative coupling equals Yukawa coupling",
        "dark_photon": "Schwinger",
    }
    for name, words in wanted.items():
        table = g2.check(g2.load_model(name), "mu")
        assert any(words in r.proof.statement and r.proof.verdict == "proved" for r in table)
    exact = [r for r in g2.check(g2.load_model("axial_vector"), "mu") if "Goldstone" in r.proof.statement]
    assert exact[0].proof.method == "exact equality of canonical forms"


def test_the_goldstone_identity_would_be_disproved_with_another_factor() -> None:
    from g2sym.derive.assemble import neutral_kernel
    from g2sym.integrals.rational import Frac, constant, gen
    from g2sym.proofs.integrals import prove_equal

    one = {"nu": constant(1)}
    full = neutral_kernel(identities.AXIAL, identities.AXIAL, 1).substitute(one).canonical
    feynman = neutral_kernel(identities.AXIAL, identities.AXIAL, 1, 0).substitute(one).canonical
    # -4 times int x (1 - x)(4 - x)/Delta, typed from the published integrand
    x, rho = gen("x"), gen("rho")
    from g2sym.integrals.canonical import integrate

    typed = integrate({1: -4 * x * (1 - x) * (4 - x)}, 0 * x, x**2 + rho * (1 - x))
    assert feynman == typed
    pseudo = neutral_kernel(identities.PSEUDOSCALAR, identities.PSEUDOSCALAR, 0).substitute(one).canonical
    wrong = feynman + pseudo.scale(Frac.of(-2, rho))
    assert prove_equal(full, wrong, "wrong factor", "").verdict == "disproved"


EXPECT = """
[[expect]]
at = "{at}"
value = "{value}"
{more}
"""


@pytest.mark.parametrize(
    ("at", "value", "verdict"),
    [
        ("m_s -> 0", "3*g_s^2/(16*pi^2)", "proved"),
        ("m_s -> 0", "3*g_s^2/(16*pi^2) - g_s^2*m_s/(8*pi*m_f)", "proved"),
        ("m_s -> 0", "3*g_s^2/(16*pi^2) + g_s^2*m_s/(8*pi*m_f)", "disproved"),
        ("m_s -> 0", "2*g_s^2/(16*pi^2)", "disproved"),
        ("m_s -> oo", "0", "proved"),
        ("m_s -> oo", "g_s^2/(8*pi^2)*m_f^2/m_s^2*(ln(m_s^2/m_f^2) - 7/6)", "proved"),
        ("m_s -> oo", "g_s^2/(8*pi^2)*m_f^2/m_s^2*(ln(m_s^2/m_f^2) - 7/5)", "disproved"),
        ("m_s = 2*m_f", "g_s^2/(8*pi^2)*(4*ln(2) - 5/2)", "proved"),
        ("m_s -> 2*m_f from below", "g_s^2/(8*pi^2)*(4*ln(2) - 5/2)", "proved"),
        ("m_s -> m_f", "g_s^2/(16*pi^2)", "proved"),
        ("m_s -> m_f", "g_s^2/(16*pi^2) + 1/10^30", "disproved"),
    ],
)
def test_expectations(model, at: str, value: str, verdict: str, capsys) -> None:
    path = model(EXPECT.format(at=at, value=value, more='lepton = "mu"'))
    table = g2.check(g2.load_model(path), "mu")
    assert table.rows[-1].proof.statement.startswith("expected")
    assert table.rows[-1].proof.verdict == verdict
    assert main(["check", path, "--lepton", "mu", "--json"]) == (5 if verdict == "disproved" else 0)
    document = json.loads(capsys.readouterr().out)
    assert document["statements"][-1]["verdict"] == verdict
    assert document["schema"] == 1


@pytest.mark.parametrize(
    ("at", "value", "more", "words"),
    [
        ("m_s", "0", "", "of the form"),
        ("m_x -> 0", "0", "", "not a mass"),
        ("m_s -> 0", "g_x", "", "not known"),
        ("m_s -> 0", "exec('1')", "", "does not belong"),
        ("m_s -> 0", "0", 'lepton = "muon"', "charged lepton"),
        ("m_s -> 0", "0", "colour = 1", "not a key or a parameter"),
        ("m_s -> 0", "0", 'contribution = "two-loop"', "no contribution"),
        ("m_s -> m_f", "m_s", "", "cannot hold m_s"),
        ("m_s -> 0", "ln(m_s + m_f)", "", "sum of powers"),
    ],
)
def test_bad_expectations(model, at, value, more, words, capsys) -> None:
    path = model(EXPECT.format(at=at, value=value, more=more))
    assert main(["check", path, "--lepton", "mu"]) in (2, 3)
    assert words in capsys.readouterr().err


def test_missing_key(model) -> None:
    with pytest.raises(ModelError, match="the key value is missing"):
        g2.check(g2.load_model(model('[[expect]]\nat = "m_s -> 0"\n')))


def test_expectations_in_python() -> None:
    mine = [g2.expectation("m_s -> 0", "3*g_s^2/(16*pi^2)", contribution="one-loop")]
    mine.append(g2.expectation("m_s -> 0", "3/16/pi^2", g_s=1))
    s, mu, g = g2.scalar("s", mass="m_s", parity=+1), g2.lepton("mu"), g2.parameter("g_s")
    table = g2.check(g2.Model(-g * s * g2.bar(mu) * mu), "mu", expect=mine)
    assert [r.proof.verdict for r in table.rows[-2:]] == ["proved", "proved"]
    with pytest.raises(UsageError, match="lepton"):
        g2.check(g2.load_model("scalar"), "muon")


def test_below_threshold_is_open_not_passed(tmp_path: Path) -> None:
    path = tmp_path / "light.toml"
    path.write_text(
        'schema = 1\nname = "light"\ntitle = "x"\nlagrangian = "-c*phi*bar(mu)*psi + hc"\n'
        '[fields.phi]\nspin = 0\ncharge = 0\nmass = "m_phi"\n'
        '[fields.psi]\nspin = "1/2"\ncharge = -1\nmass = "m_F"\n[parameters.c]\ndimension = 0\n'
        '[[expect]]\nat = "m_phi -> 0"\nvalue = "0"\nm_F = 0.01\n'
    )
    table = g2.check(g2.load_model(path), "mu")
    assert table.rows[-1].proof.verdict == "open"
    assert table.exit_code == 0
    assert "1 open" in table.summary


def test_rendering_is_escaped(model) -> None:
    table = g2.check(g2.load_model(model("")), "mu")
    planted = Proof("limit", "<script>1</script> & $x$", "{\\bad}", "by <b>", "open")
    shown = type(table)("m", ("mu",), (type(table.rows[0])("mu", "sum", planted), *table.rows))
    assert "<script>" not in shown._repr_html_()
    assert "&lt;script&gt;" in shown._repr_html_()
    assert r"\bad}" not in shown._repr_latex_().replace(r"\backslash bad\}", "")
    assert "proved" in str(table)
    assert table.as_dict()["model"] == "mine"


def test_text_on_the_command_line(capsys) -> None:
    assert main(["check", "dark_photon", "--lepton", "mu"]) == 0
    out = capsys.readouterr().out
    assert "Schwinger" in out
    assert "0 disproved, 0 open" in out
