"""Laws are stated of what they hold for: each mediator decouples, whatever else the contribution holds."""

from __future__ import annotations

import pytest

import g2sym as g2
from g2sym import lagrangian
from g2sym.model.model import Model

SCALARS = "-g*S*bar(mu)*mu - I*h*T*bar(mu)*gamma5*mu"
PHOTONS = " - c/4*S*F(A, al, be)*F(A, al, be) - k/4*T*F(A, al, be)*Fdual(A, al, be)"
COUPLINGS = {"g": 0, "h": 0, "c": -1, "k": -1, "Lambda": 1}


def model(text: str, spins: dict[str, int], masses: dict[str, str] | None = None) -> Model:
    names = masses or {n: f"m_{n}" for n in spins}
    return g2.Model(
        text,
        fields=[lagrangian.new_field(n, spin, names[n], 0, None) for n, spin in spins.items()],
        parameters=[
            lagrangian.Parameter(name=n, dimension=d, default=1000 if n == "Lambda" else None)
            for n, d in COUPLINGS.items()
            if f"{n}*" in text or f"{n}/" in text or (n == "Lambda" and "F(" in text)
        ],
    )


@pytest.mark.parametrize(
    ("text", "spins", "laws"),
    [
        (SCALARS, {"S": 0, "T": 0}, 2),
        ("-g*S*bar(mu)*mu - h*V(al)*bar(mu)*gamma(al)*mu", {"S": 0, "V": 1}, 2),
        (SCALARS + PHOTONS, {"S": 0, "T": 0}, 4),
        ("-g*S*bar(mu)*mu - h*S*bar(tau)*mu - h*S*bar(mu)*tau", {"S": 0}, 1),
    ],
)
def test_two_mediators_are_proved(text: str, spins: dict[str, int], laws: int) -> None:
    found = g2.check(model(text, spins), "mu")
    assert not found.failed
    rows = [r.proof for r in found if r.proof.statement.startswith("decoupling law")]
    assert len(rows) == laws
    assert {p.verdict for p in rows} == {"proved"}
    several = len(spins) > 1
    assert all(("the part of Delta a with m_" in p.statement) == several for p in rows)


def test_a_mediator_that_cancels_itself() -> None:
    """Scalars of one mass whose photon couplings are opposite: the diagrams with photons cancel."""
    text = (
        "-g*S*bar(mu)*mu - g*T*bar(mu)*mu - c/4*S*F(A, al, be)*F(A, al, be) + c/4*T*F(A, al, be)*F(A, al, be)"
    )
    found = g2.check(model(text, {"S": 0, "T": 0}, {"S": "m_S", "T": "m_S"}), "mu")
    assert not found.failed


def test_a_law_that_fails_is_still_disproved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logarithm of an effective coupling does not decouple like a power."""
    from g2sym.checks import run

    monkeypatch.setattr(
        run, "_diagrams_with", lambda mass, c: tuple(t for t in c.terms if t.integral.variables)
    )
    found = g2.check(model(SCALARS + PHOTONS, {"S": 0, "T": 0}), "mu")
    assert found.failed
