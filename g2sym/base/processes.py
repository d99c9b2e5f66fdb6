"""Decays and collisions by name: ``Gamma(a -> A A)``, ``sigma(e bar(e) -> A a)``, ``lifetime(a)``."""

from __future__ import annotations

import re
from types import MappingProxyType

from g2sym.errors import UsageError, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RATES = MappingProxyType(
    {
        **{"Gamma": (1, "GeV"), "BR": (0, "1")},
        **{"lifetime": (-1, "s"), "decay_length": (-1, "m")},
        **{"sigma": (-2, "pb"), "dsigma": (-2, "pb")},
    }
)
"""Kinds of rates: the mass dimension, and the unit that values are in."""
SHAPES = MappingProxyType(
    {
        **{"Gamma": (1, (0, 2)), "BR": (1, (2,))},
        **{"lifetime": (1, (0,)), "decay_length": (1, (0,))},
        **{"sigma": (2, (2,)), "dsigma": (2, (2,))},
    }
)
"""How many particles each kind takes before and after the arrow; none after it is the sum of all channels."""
EXAMPLES = MappingProxyType(
    {
        **{"Gamma": "Gamma(a -> A A) or Gamma(a)", "BR": "BR(a -> A A)"},
        **{"lifetime": "lifetime(a)", "decay_length": "decay_length(a)"},
        **{"sigma": "sigma(e bar(e) -> A a)", "dsigma": "dsigma(e bar(e) -> A a)"},
    }
)
MEASURED = ("Z", "Jpsi", "Upsilon")
"""Particles whose total or leptonic width is an input; Upsilon is the 1S state."""
OWN = (*MEASURED, "e", "mu", "tau", "bar(e)", "bar(mu)", "bar(tau)", "W", "bar(W)")
"""Particles whose total width does not depend on a model's couplings: it is measured, zero or refused."""
VARIABLES = MappingProxyType(
    {
        "sigma": ("sqrt_s", "cos_max"),
        "dsigma": ("sqrt_s", "cos", "cos_max"),
        "decay_length": ("energy",),
    }
)
"""The kinematic variables of each kind, which are given and varied like parameters.

``sqrt_s`` is the centre-of-mass energy and ``energy`` that of the particle that decays, in GeV; ``cos`` the
cosine of the angle between the photon and the first particle in the centre-of-mass frame, and ``cos_max`` a
cut, |cos| < cos_max.
"""
KINEMATIC_ORDER = ("sqrt_s", "cos", "cos_max", "energy")
_FIELD = r"[A-Za-z_][A-Za-z0-9_]*"
_PARTICLE = re.compile(rf"(bar\([ \t]*{_FIELD}[ \t]*\)|{_FIELD})(?:[ \t]+|$)", re.ASCII)


def particles(text: str) -> tuple[str, ...]:
    """Read particles that are written side by side, ``e bar(e)``; raises UsageError for anything else.

    >>> particles("e bar( e )")
    ('e', 'bar(e)')
    """
    out: list[str] = []
    rest = text.strip(" \t")
    while rest:
        found = _PARTICLE.match(rest)
        if found is None:
            raise UsageError(
                f"{shorten(rest)} is no particle; write names of fields side by side, such as e bar(e)."
            )
        out.append("".join(found[1].split()))
        rest = rest[found.end() :]
    return tuple(out)


def kinematic_names(name: Any) -> tuple[str, ...]:
    """Return the kinematic variables of an observable, an `ObservableName`, in a fixed order."""
    used = {v for atom in name.atoms if atom.is_rate for v in VARIABLES.get(atom.name, ())}
    return tuple(v for v in KINEMATIC_ORDER if v in used)


def in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return particles in the order in which a name has them: the photon, fields, antiparticles.

    >>> in_order(("bar(mu)", "a", "A"))
    ('A', 'a', 'bar(mu)')
    """
    return tuple(sorted(names, key=lambda n: (n != "A", n.startswith("bar("), plain(n))))


def plain(name: str) -> str:
    """Return the field of a particle, ``mu`` of ``bar(mu)``."""
    return name[4:-1] if name.startswith("bar(") else name


def check(kind: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Refuse a wrong number of particles; raises UsageError with what to write."""
    first, lasts = SHAPES[kind]
    if len(before) != first or len(after) not in lasts:
        what = "two colliding particles and two outgoing ones" if first == 2 else "a particle that decays"
        raise UsageError(f"{kind} takes {what} in parentheses; write {EXAMPLES[kind]}.")


def text_of(kind: str, before: tuple[str, ...], after: tuple[str, ...]) -> str:
    """Return the canonical text of a rate."""
    inside = " ".join(before) + (f" -> {' '.join(after)}" if after else "")
    return f"{kind}({inside})"
