"""What a Wilson coefficient file means, computed from the file alone and shared with no code of the package.

Operators are those of the WCxf basis files: in the flavio basis C7_ll stands before
(4 G_F/sqrt2)(e/16 pi^2) m_l lbar_L sigma^{mu nu} l_R F_{mu nu}, in the JMS basis egamma_ij before
lbar_i sigma^{mu nu} PR l_j F_{mu nu}, each with its Hermitian conjugate; D = d + i e Q A, Q = -1.
"""

from __future__ import annotations

import json
import sys
from math import pi, sqrt
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle.dirac import GAMMA, PR

SIGMA_PR = [[0.5j * (GAMMA[a] @ GAMMA[b] - GAMMA[b] @ GAMMA[a]) @ PR for b in range(4)] for a in range(4)]


def number(value: object) -> complex:
    """A value of a WCxf file: a number, or a table with Re and Im."""
    if isinstance(value, dict):
        return complex(float(value.get("Re", 0)), float(value.get("Im", 0)))
    return complex(float(value))


def read(text: str) -> dict[str, complex]:
    """The values of a WCxf file, whose four keys have to be there."""
    found = json.loads(text)
    assert {"eft", "basis", "scale", "values"} <= found.keys()
    assert isinstance(found["scale"], float)
    return {name: number(value) for name, value in found["values"].items()}


def moments(coefficient: complex, mass: float, charge: float) -> tuple[float, float]:
    """a and d/e (GeV^-1) of L = C lbar sigma PR l F + h.c. from the energy of a lepton at rest.

    H = -L is -mu S.B - d S.E for two-component spinors, with mu = a Q e/2m. F_{0i} = E^i and
    F_{ij} = -eps_{ijk} B^k, all fields along z; ``charge`` is e.
    """

    def energy(electric: float, magnetic: float) -> float:
        f = np.zeros((4, 4))
        f[0, 3], f[3, 0] = electric, -electric
        f[1, 2], f[2, 1] = -magnetic, magnetic
        total = sum(coefficient * SIGMA_PR[a][b] * f[a, b] for a in range(4) for b in range(4))
        ours = GAMMA[0] @ total  # bar(l) M l = l^+ gamma0 M l
        hamiltonian = -(ours + ours.conj().T)
        return float(hamiltonian[0, 0].real)  # spin up along z

    a = -energy(0.0, 1.0) * 2 * mass / (-charge)
    return a, -energy(1.0, 0.0) / charge


def c7_prefactor(fermi: float, mass: float, charge: float) -> float:
    """What stands before C7_ll."""
    return 4 * fermi / sqrt(2) * charge / (16 * pi**2) * mass


def flavio_a(c7: complex, fermi: float, mass: float) -> float:
    """flavio.physics.mdms.al: pre = m^2 G_F/sqrt2/pi^2, a = pre Re C7."""
    return mass**2 * fermi / sqrt(2) / pi**2 * c7.real


def flavio_br(forward: complex, backward: complex, m1: float, m2: float, lifetime: float) -> float:
    """flavio.physics.taudecays: BR(l1 -> l2 gamma) from Cgamma_l1l2 and Cgamma_l2l1.

    GammaFvf with gTL = 2 Cgamma_l1l2^* and gTR = 2 Cgamma_l2l1, times the lifetime in 1/GeV.
    """
    squared = (m1**2 - m2**2) ** 2 * (abs(2 * forward) ** 2 + abs(2 * backward) ** 2)
    return lifetime * (m1**2 - m2**2) / (16 * pi * m1**3) * squared
