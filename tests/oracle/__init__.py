"""One-loop dipole moments of declared models by explicit Dirac matrices: a reference that shares no code
with g2sym.

The text of a Lagrangian is read by a small interpreter of its own (`reader`), its terms become vertices with
a given external lepton (`vertices`), the gamma matrices of every diagram are multiplied as explicit 4x4
matrices in exact arithmetic (`traces`), and what is left over Feynman parameters is integrated in closed
form at high precision (`integrals`, `moments`). Random models come from `generate`.
"""

from oracle.moments import Moments, moments
from oracle.reader import Field

__all__ = ["Field", "Moments", "moments"]
