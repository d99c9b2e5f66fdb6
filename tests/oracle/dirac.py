"""Explicit Dirac matrices, metric (+,-,-,-), gamma5 = i g0 g1 g2 g3.

Entries are Gaussian integers or halves of them, so products in doubles are exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]

_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
_ONE, _NIL = np.eye(2), np.zeros((2, 2))

ONE: Matrix = np.eye(4, dtype=complex)
GAMMA: Matrix = np.array(
    [np.block([[_ONE, _NIL], [_NIL, -_ONE]])] + [np.block([[_NIL, s], [-s, _NIL]]) for s in _PAULI]
)
"""gamma^0 ... gamma^3, upper index, in Dirac's representation."""
GAMMA5: Matrix = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
PL: Matrix = (ONE - GAMMA5) / 2
PR: Matrix = (ONE + GAMMA5) / 2
METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
LOWER: Matrix = np.einsum("ab,bij->aij", METRIC, GAMMA)
"""gamma_0 ... gamma_3, lower index."""
CHARGE: Matrix = 1j * GAMMA[2] @ GAMMA[0]
"""C with C gamma^{mu T} C^-1 = -gamma^mu; C^-1 = -C; cc(psi) = C bar(psi)^T."""


def slash(momentum: Matrix) -> Matrix:
    """gamma_mu p^mu for components p^mu, complex ones too."""
    return np.einsum("a,aij->ij", momentum, LOWER)


def adjoint(matrix: Matrix) -> Matrix:
    """gamma0 M^+ gamma0: (bar(a) M b)^+ = bar(b) adjoint(M) a, for one matrix or one for each index."""
    return GAMMA[0] @ np.conj(np.swapaxes(matrix, -1, -2)) @ GAMMA[0]


def transposed(matrix: Matrix) -> Matrix:
    """C M^T C^-1: bar(a) M b = bar(cc(b)) transposed(M) cc(a) for anticommuting fields."""
    return CHARGE @ np.swapaxes(matrix, -1, -2) @ -CHARGE


def sigma(momentum: Matrix) -> Matrix:
    """i sigma^{mu nu} q_nu, one matrix for each upper index mu; i sigma^{ab} = -[gamma^a, gamma^b]/2."""
    q = slash(momentum)
    return np.array([-(g @ q - q @ g) / 2 for g in GAMMA])
