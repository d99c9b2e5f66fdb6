"""Factors between natural units and the SI, exact but for pi: h, c and e are defined."""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType

PLANCK = Fraction("6.62607015e-34") / Fraction("1.602176634e-19") / 10**9
"""h in GeV s, exact in the SI."""
LIGHT = Fraction(299792458)
"""c in m/s, exact in the SI."""
SI = MappingProxyType({"hbar": PLANCK, "hbarc": PLANCK * LIGHT, "hbarc2": (PLANCK * LIGHT) ** 2 * 10**40})
"""2 pi times hbar in GeV s and hbar c in GeV m, and (2 pi)^2 times (hbar c)^2 in GeV^2 pb."""
