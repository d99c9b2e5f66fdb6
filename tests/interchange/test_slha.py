"""The SLHA block: read back by a small reader, and by pyslha where that is installed."""

from __future__ import annotations

import pytest

import g2sym as g2
from tests.interchange.test_wilson import E_CM, POINT, cp_scalar


def blocks(text: str) -> dict[str, dict[int, tuple[str, str]]]:
    """Every block's entries: number to value and comment, as the accord lays lines out."""
    found: dict[str, dict[int, tuple[str, str]]] = {}
    for line in text.splitlines():
        body, _, comment = line.partition("#")
        if line.startswith("#"):
            continue
        if body.upper().startswith("BLOCK"):
            entries = found[body.split()[1]] = {}
        else:
            assert line[0] == " "
            code, value = body.split()
            assert int(code) not in entries
            entries[int(code)] = value, comment.strip()
    return found


def test_every_entry() -> None:
    model = cp_scalar()
    found = blocks(model.wilson("tau", "e", "mu", params=POINT).slha())
    entries = found["SPhenoLowEnergy"]
    assert sorted(entries) == [20, 21, 22, 23, 24, 25]
    for place, (lepton, word) in enumerate((("e", "electron"), ("mu", "muon"), ("tau", "tau"))):
        value, comment = entries[20 + place]
        assert float(value) == float(model.anomalous_moment(lepton).evaluate(params=POINT))
        assert comment == f"Delta(g-2)_{word}/2"
        value, comment = entries[23 + place]
        natural = float(model.electric_dipole(lepton).evaluate(params=POINT))
        assert float(value) == pytest.approx(natural * E_CM, rel=1e-15)
        assert comment == f"electric dipole moment of the {word} [e cm]"
    assert found["SPINFO"][1][0] == "g2sym"
    assert {code: float(value) for code, (value, _) in found["MASS"].items()} == {
        11: 0.51099895069e-3,
        13: 0.1056583755,
        15: 1.77693,
    }


def test_comments_hold_on_one_line_whatever_a_model_is_called() -> None:
    s = g2.scalar("s", mass="m_s")
    y = g2.parameter("y")
    model = g2.Model(y * s * g2.bar(g2.lepton("mu")) * g2.lepton("mu"), name="scalar")
    text = model.wilson("mu", m_s=5, y=1).slha()
    assert all(line.startswith(("#", " ", "Block")) for line in text.splitlines())
    assert text.isascii()
    assert "# input m_mu = 0.1056583755" in text


def test_pyslha_reads_it() -> None:
    pyslha = pytest.importorskip("pyslha", reason="pyslha is not installed; pip install pyslha")
    model = cp_scalar()
    found = pyslha.readSLHA(model.wilson("mu", params=POINT).slha())
    block = found.blocks["SPHENOLOWENERGY"]
    assert block[21] == float(model.anomalous_moment("mu").evaluate(params=POINT))
    assert block[24] == pytest.approx(
        float(model.electric_dipole("mu").evaluate(params=POINT, unit="e_cm")), rel=1e-15
    )
