"""Citation keys: what a value or a formula was taken from, in one place."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from g2sym.base.classes import dataclass
from g2sym.errors import UsageError, did_you_mean, shorten


@dataclass(frozen=True)
class Reference:
    """A source: its ``key``, a short ``text`` for people, and an ``identifier``.

    That is its arXiv number, else its DOI, else its address.
    """

    key: str
    text: str
    identifier: str

    @property
    def url(self) -> str:
        """Where to read it."""
        if self.identifier.startswith("https://"):
            return self.identifier
        scheme, _, number = self.identifier.partition(":")
        return f"https://arxiv.org/abs/{number}" if scheme == "arXiv" else f"https://doi.org/{number}"

    def __str__(self) -> str:
        return f"{self.text}, {self.identifier}"


_ALL = (
    Reference(
        "pustyntsev-2025",
        "A. Pustyntsev and M. Vanderhaeghen, Implications of recent (g-2)_mu measurements for MeV-GeV dark "
        "sector searches (2025)",
        "arXiv:2506.17750",
    ),
    Reference(
        "muon-g-2-2021",
        "B. Abi et al. (Muon g-2), Measurement of the positive muon anomalous magnetic moment to 0.46 ppm, "
        "Phys. Rev. Lett. 126, 141801 (2021)",
        "arXiv:2104.03281",
    ),
    Reference(
        "muon-g-2-2023",
        "D. P. Aguillard et al. (Muon g-2), Measurement of the positive muon anomalous magnetic moment to "
        "0.20 ppm, Phys. Rev. Lett. 131, 161802 (2023)",
        "arXiv:2308.06230",
    ),
    Reference(
        "muon-g-2-2025",
        "D. P. Aguillard et al. (Muon g-2), Measurement of the positive muon anomalous magnetic moment to "
        "127 ppb (2025)",
        "arXiv:2506.03069",
    ),
    Reference(
        "white-paper-2020",
        "T. Aoyama et al., The anomalous magnetic moment of the muon in the Standard Model, "
        "Phys. Rept. 887, 1 (2020)",
        "arXiv:2006.04822",
    ),
    Reference(
        "white-paper-2025",
        "R. Aliberti et al., The anomalous magnetic moment of the muon in the Standard Model: an update, "
        "Phys. Rept. 1143, 1 (2025)",
        "arXiv:2505.21476",
    ),
    Reference(
        "fan-2023",
        "X. Fan, T. G. Myers, B. A. D. Sukra and G. Gabrielse, Measurement of the electron magnetic moment, "
        "Phys. Rev. Lett. 130, 071801 (2023)",
        "arXiv:2209.13084",
    ),
    Reference(
        "parker-2018",
        "R. H. Parker et al., Measurement of the fine-structure constant as a test of the Standard Model, "
        "Science 360, 191 (2018)",
        "arXiv:1812.04130",
    ),
    Reference(
        "morel-2020",
        "L. Morel et al., Determination of the fine-structure constant with an accuracy of 81 parts per "
        "trillion, Nature 588, 61 (2020)",
        "doi:10.1038/s41586-020-2964-7",
    ),
    Reference(
        "cms-tau-2024",
        "A. Hayrapetyan et al. (CMS), Observation of gamma gamma to tau tau in proton-proton collisions and "
        "limits on the anomalous electromagnetic moments of the tau lepton, "
        "Rep. Prog. Phys. 87, 107801 (2024)",
        "arXiv:2406.03975",
    ),
    Reference(
        "eidelman-2007",
        "S. Eidelman and M. Passera, Theory of the tau lepton anomalous magnetic moment, "
        "Mod. Phys. Lett. A 22, 159 (2007)",
        "arXiv:hep-ph/0701260",
    ),
    Reference(
        "atlas-tau-2025",
        "G. Aad et al. (ATLAS), A measurement of the high-mass tau tau production cross-section at "
        "sqrt(s) = 13 TeV with the ATLAS detector and constraints on new particles and couplings, "
        "JHEP 10, 054 (2025)",
        "arXiv:2503.19836",
    ),
    Reference(
        "roussy-2023",
        "T. S. Roussy et al., An improved bound on the electron's electric dipole moment, "
        "Science 381, 46 (2023)",
        "arXiv:2212.11841",
    ),
    Reference(
        "muon-edm-2009",
        "G. W. Bennett et al. (Muon g-2), An improved limit on the muon electric dipole moment, "
        "Phys. Rev. D 80, 052008 (2009)",
        "arXiv:0811.1207",
    ),
    Reference(
        "belle-tau-edm-2022",
        "K. Inami et al. (Belle), An improved search for the electric dipole moment of the tau lepton, "
        "JHEP 04, 110 (2022)",
        "arXiv:2108.11543",
    ),
    Reference(
        "meg-2025",
        "K. Afanaciev et al. (MEG II), New limit on the mu+ to e+ gamma decay with the MEG II experiment, "
        "Eur. Phys. J. C 85, 1177 (2025)",
        "arXiv:2504.15711",
    ),
    Reference(
        "belle-tau-2021",
        "K. Uno et al. (Belle), Search for lepton-flavor-violating tau-lepton decays to l gamma at "
        "Belle, JHEP 10, 019 (2021)",
        "arXiv:2103.12994",
    ),
    Reference(
        "babar-tau-2010",
        "B. Aubert et al. (BABAR), Searches for lepton flavor violation in the decays tau to e gamma and tau "
        "to mu gamma, Phys. Rev. Lett. 104, 021802 (2010)",
        "arXiv:0908.2381",
    ),
    Reference(
        "codata-2022",
        "P. J. Mohr et al., CODATA recommended values of the fundamental physical constants: 2022, "
        "Rev. Mod. Phys. 97, 025002 (2025)",
        "arXiv:2409.03787",
    ),
    Reference(
        "pdg-2022",
        "R. L. Workman et al. (Particle Data Group), Review of particle physics, PTEP 2022, 083C01 (2022)",
        "doi:10.1093/ptep/ptac097",
    ),
    Reference(
        "pdg-2024",
        "S. Navas et al. (Particle Data Group), Review of particle physics, Phys. Rev. D 110, 030001 (2024)",
        "doi:10.1103/PhysRevD.110.030001",
    ),
    Reference(
        "pdg-2026",
        "F. Takahashi et al. (Particle Data Group), Review of particle physics, "
        "Int. J. Mod. Phys. A 41, 2630011 (2026), data release of 2026-05-30",
        "https://pdg.lbl.gov/2026",
    ),
    Reference(
        "leveille-1978",
        "J. P. Leveille, The second-order weak correction to (g-2) of the muon in arbitrary gauge models, "
        "Nucl. Phys. B 137, 63 (1978)",
        "doi:10.1016/0550-3213(78)90051-2",
    ),
    Reference(
        "lavoura-2003",
        "L. Lavoura, General formulae for f1 to f2 gamma, Eur. Phys. J. C 29, 191 (2003)",
        "arXiv:hep-ph/0302221",
    ),
    Reference(
        "jegerlehner-2009",
        "F. Jegerlehner and A. Nyffeler, The muon g-2, Phys. Rept. 477, 1 (2009)",
        "arXiv:0902.3360",
    ),
    Reference(
        "lindner-2016",
        "M. Lindner, M. Platscher and F. S. Queiroz, A call for new physics: the muon anomalous magnetic "
        "moment and lepton flavor violation, Phys. Rept. 731, 1 (2018)",
        "arXiv:1610.06587",
    ),
    Reference(
        "bauer-2017",
        "M. Bauer, M. Neubert and A. Thamm, Collider probes of axion-like particles, JHEP 12, 044 (2017)",
        "arXiv:1708.00443",
    ),
)

REFERENCES = MappingProxyType({reference.key: reference for reference in _ALL})
"""Every citation key with its source."""


def cite(key: str) -> Reference:
    """Return the source behind a citation key.

    Raises UsageError, with the nearest known key, when there is none.
    """
    if not isinstance(key, str) or key not in REFERENCES:
        raise UsageError(
            f"There is no citation key {shorten(key)}{did_you_mean(str(key), REFERENCES)}; "
            "the keys stand in g2sym.base.references.REFERENCES."
        )
    return REFERENCES[key]


def citations(keys: Iterable[str]) -> list[str]:
    """Return the sources behind several keys or free texts, once each, in order, as printable text."""
    seen = dict.fromkeys(keys)
    return [str(REFERENCES[key]) if key in REFERENCES else key for key in seen]
