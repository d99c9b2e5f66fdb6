"""Coefficients of the dipole operators in bases of the Wilson coefficient exchange format (WCxf), and the
scale at which flavio uses each.

Source: J. Aebischer et al., arXiv:1712.05298, and the basis files of the package wilson 2.5; scales are
those of flavio 2.7 (``flavio.config['renormalization scale']`` and the EFT that each prediction asks for).
"""

from __future__ import annotations

import re
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.classes import dataclass
from g2sym.base.exact import decimal_text
from g2sym.base.names import LEPTONS
from g2sym.errors import UsageError, did_you_mean, shorten

EFTS = ("WET", "WET-4", "WET-3")
"""Effective theories below the weak scale, with five, four and three quarks; WET-3 is without the tau."""
BASES = ("flavio", "JMS")
"""Bases that have the dipole operators of leptons."""
_PROCESS = re.compile(r"[ \t]*([A-Za-z_]+)[ \t]*(?:->[ \t]*([A-Za-z_]+)[ \t]*)?", re.ASCII)


@dataclass(frozen=True)
class Home:
    """Where a coefficient is taken: the effective theory ``eft`` and the ``scale`` in GeV."""

    eft: str
    scale: Fraction

    def __str__(self) -> str:
        return f"{self.eft} at {decimal_text(self.scale, 17)} GeV"


MOMENTS = MappingProxyType(
    {
        "e": Home("WET-3", Fraction(1)),
        "mu": Home("WET-3", Fraction(1)),
        "tau": Home("WET", Fraction("91.1876")),
    }
)
"""Where flavio takes C7_ll for a_l."""
DECAYS = MappingProxyType({"mu": Home("WET-4", Fraction(1)), "tau": Home("WET-4", Fraction("1.8"))})
"""Where flavio takes Cgamma for the decay of a lepton."""


@dataclass(frozen=True)
class Process:
    """One lepton, or a transition ``initial`` -> ``final``; ``str`` writes it as users do.

    >>> print(read_process("mu->e"))
    mu -> e
    """

    initial: str
    final: str

    @property
    def is_moment(self) -> bool:
        """True for one lepton."""
        return self.initial == self.final

    @property
    def home(self) -> Home:
        """Where flavio takes its coefficients."""
        return MOMENTS[self.initial] if self.is_moment else DECAYS[self.initial]

    def __str__(self) -> str:
        return self.initial if self.is_moment else f"{self.initial} -> {self.final}"


def read_process(text: object) -> Process:
    """Read one lepton, ``"mu"``, or a decay, ``"mu -> e"``.

    Raises UsageError, one sentence, for anything else.
    """
    found = _PROCESS.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise UsageError(
            f"{shorten(text if isinstance(text, str) else repr(text))} is neither a charged lepton nor a "
            "decay into another; write for instance 'mu' or 'mu -> e'."
        )
    initial, final = found[1], found[2] or found[1]
    for lepton in (initial, final):
        if lepton not in LEPTONS:
            raise UsageError(
                f"there is no charged lepton {shorten(lepton)}{did_you_mean(lepton, LEPTONS)}; "
                f"choose {', '.join(LEPTONS)}."
            )
    if found[2] is not None and LEPTONS.index(initial) <= LEPTONS.index(final):
        why = f"write '{initial}' for its moments" if initial == final else f"write '{final} -> {initial}'"
        raise UsageError(f"{initial} does not decay into {final}; {why}.")
    return Process(initial, final)


def name_of(basis: str, final: str, initial: str) -> str:
    """Return the name of the coefficient of lbar_final sigma PR l_initial F in a basis.

    >>> name_of("JMS", "e", "mu"), name_of("flavio", "e", "mu"), name_of("flavio", "mu", "mu")
    ('egamma_12', 'Cgamma_mue', 'C7_mumu')
    """
    if basis == "JMS":
        return f"egamma_{LEPTONS.index(final) + 1}{LEPTONS.index(initial) + 1}"
    # flavio puts the lepton that goes in first
    return f"C7_{final}{final}" if final == initial else f"Cgamma_{initial}{final}"
