"""Low-energy observables as an SLHA block.

The accord has no entry for lepton dipole moments (FLHA's FOBS has branching ratios and the like, no moments).
The block ``SPhenoLowEnergy`` of SPheno (W. Porod and F. Staub, arXiv:1104.1573) has, and the programs that
SARAH writes fill it too: 20 to 22 are Delta a of e, mu and tau, 23 to 25 their electric dipole moments, 26 to
28 BR(mu -> e gamma), BR(tau -> e gamma) and BR(tau -> mu gamma), in SPheno itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from g2sym.base.balls import Ball
from g2sym.base.version import __version__
from g2sym.inputs.constants import HBAR_C
from g2sym.interchange.rounding import double, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Entries

BLOCK = "SPhenoLowEnergy"
_PDG = {"m_e": 11, "m_mu": 13, "m_tau": 15}
_WORDS = (("e", "electron"), ("mu", "muon"), ("tau", "tau"))

_DECAYS = {26: ("mu", "e"), 27: ("tau", "e"), 28: ("tau", "mu")}


def text(observables: Mapping[str, Ball], record: Entries, statements: Sequence[str]) -> str:
    """Return the text of an SLHA file from the parts of `g2sym.interchange.wilson.WilsonCoefficients`."""
    lines = [f"# model: {plain(record['model'])}"]
    settings = {**record["values"], **record["defaults"]}
    lines += [f"# {plain(name)} = {plain(value)}" for name, value in settings.items()]
    lines.append(f"# inputs of the edition {record['edition']}")
    lines += [f"# input {name} = {value}" for name, value in record["inputs_used"].items()]
    lines += [f"# {plain(sentence)}" for sentence in statements]
    lines += ["Block SPINFO  # program", "     1   g2sym", f"     2   {__version__}"]
    lines.append("Block MASS  # charged leptons [GeV]")
    masses = [one for one in _PDG.items() if one[0] in record["inputs_used"]]
    lines += [f"{code:6d}   {float(record['inputs_used'][name]):23.16E}   # {name}" for name, code in masses]
    lines.append(f"Block {BLOCK}  # low energy observables")
    lines += [_line(code, *entry) for code, entry in sorted(_entries(observables).items())]
    return "\n".join(lines) + "\n"


def _entries(known: Mapping[str, Ball]) -> dict[int, tuple[Ball, str]]:
    """Return value and comment by the number of the entry."""
    found: dict[int, tuple[Ball, str]] = {}
    for place, (lepton, word) in enumerate(_WORDS):
        if f"a({lepton})" in known:
            found[20 + place] = known[f"a({lepton})"], f"Delta(g-2)_{word}/2"
        if f"d({lepton})" in known:
            natural = known[f"d({lepton})"]
            moment = Ball(natural.midpoint * HBAR_C.value, natural.radius * HBAR_C.value)
            found[23 + place] = moment, f"electric dipole moment of the {word} [e cm]"
    for code, (first, second) in _DECAYS.items():
        if (name := f"BR({first} -> {second} A)") in known:
            found[code] = known[name], f"Br({first} -> {second} gamma)"
    return found


def _line(code: int, value: Ball, comment: str) -> str:
    return f"{code:6d}   {double(value, comment):23.16E}   # {comment}"
