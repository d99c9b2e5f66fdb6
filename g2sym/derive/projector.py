"""The dipole projectors, derived by inverting a Gram matrix of traces.

On shell the vertex is Gamma^mu = sum_i f_i B_i^mu with B = {gamma^mu, P^mu, q^mu} times 1 or gamma5.
By Gordon's identity F2(q^2) = -2 m times the coefficient of P^mu, and the electric dipole form factor
is read off P^mu gamma5. The projector has a pole at q^2 = 0, so t times it is kept.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from g2sym.derive.dirac import GAMMA5, product, traces
from g2sym.derive.kinematics import Poly, dot_products, gen, ring
from g2sym.derive.series import invert, split, truncate

Dipole = Literal["magnetic", "electric"]

ORDERS = {"t": 1, "eps": 1}
"""Highest powers kept of q^2 and of eps: t times projector times amplitude is needed to order t."""

MU = "@mu"
_BASIS = (MU, "P", "q")


def contracted(left: str, right: str, turned: str = "") -> tuple[str, str, Poly]:
    """Contract the index mu of two basis elements: gammas share it, vectors become slashes.

    Parameters: ``turned`` as for `g2sym.derive.kinematics.dot_products`.
    """
    one = ring().constant(1)
    if left == MU and right == MU:
        return MU, MU, one
    if left == MU:
        return right, "", one
    if right == MU:
        return "", left, one
    return "", "", dot_products(turned)[left, right]


def basis_string(left: str, dipole: Dipole) -> tuple[str, ...]:
    """Return a basis element as a gamma string; an empty name leaves the Dirac unit."""
    string = (left,) if left else ()
    return string if dipole == "magnetic" else (*string, GAMMA5)


@cache
def projector(dipole: Dipole) -> tuple[tuple[str, Poly], ...]:
    """Derive t times the projector onto the dipole form factor.

    Parameters: ``dipole``, ``"magnetic"`` for F2, ``"electric"`` for the coefficient of
    P^mu gamma5 (times -2 as well). Returns pairs (basis element, weight): F = [t^1] of the sum of
    weight times tr[(p-slash + 1) B (p'-slash + 1) Gamma], masses in units of the lepton's.
    """
    one = ring().constant(1)
    trace = traces()
    gram = [[0 * one] * 3 for _ in range(3)]
    for i, left in enumerate(_BASIS):
        for j, right in enumerate(_BASIS):
            a, b, factor = contracted(left, right)
            element = product(
                {("p",): one, (): one},
                {basis_string(a, dipole): factor},
                {("p'",): one, (): one},
                {basis_string(b, dipole): one},
            )
            gram[i][j] = trace(element)
    cofactors = [_cofactor(gram, i, 1) for i in range(3)]
    determinant = sum((gram[i][1] * cofactors[i] for i in range(3)), 0 * one)
    lowest = min(split(determinant, "t"))
    shift = gen("t") ** lowest
    inverse = invert(truncate(_divide(determinant, shift), ORDERS), ORDERS)
    return tuple(
        (name, truncate(-2 * _divide(cofactor * gen("t"), shift) * inverse, ORDERS))
        for name, cofactor in zip(_BASIS, cofactors, strict=True)
    )


@cache
def transition_projector(dipole: Dipole, turned: str) -> tuple[tuple[tuple[str, Poly], ...], Poly]:
    """Derive the projector onto a dipole form factor of l -> l' gamma at q^2 = 0.

    Parameters: ``dipole``, ``"magnetic"`` for -2 times the coefficient of P^mu, ``"electric"`` for that of
    P^mu gamma5; ``turned``, the generator of the outgoing lepton's mass. By Gordon's identities with two
    masses these are m^2 (A_R + A_L) and m^2 (A_R - A_L).
    Returns pairs (basis element, weight), the weights times t so that the form factor is at t^1 as in
    `projector`, and the determinant that is still to be divided by: at q^2 = 0 the Gram matrix is regular
    where the masses differ.
    """
    one = ring().constant(1)
    trace, after = traces(turned=turned), gen(turned)
    gram = [[0 * one] * 3 for _ in range(3)]
    for i, left in enumerate(_BASIS):
        for j, right in enumerate(_BASIS):
            a, b, factor = contracted(left, right, turned)
            element = product(
                {("p",): one, (): one},
                {basis_string(a, dipole): factor},
                {("p'",): one, (): after},
                {basis_string(b, dipole): one},
            )
            gram[i][j] = split(trace(element), "t").get(0, 0 * one)
    cofactors = [_cofactor(gram, i, 1) for i in range(3)]
    determinant = split(sum((gram[i][1] * cofactors[i] for i in range(3)), 0 * one), "eps")
    # 1/(d0 + eps d1 + ...) = (d0 - eps d1)/d0^2 to first order
    least = min(determinant)
    first, second = determinant[least], determinant.get(least + 1, 0 * one)
    if least:
        raise ArithmeticError("the basis of form factors is degenerate in four dimensions")
    turn = first - gen("eps") * second
    weights = tuple(
        (name, truncate(-2 * cofactor * turn, {"eps": 1}) * gen("t"))
        for name, cofactor in zip(_BASIS, cofactors, strict=True)
    )
    return weights, first * first


def _divide(poly: Poly, divisor: Poly) -> Poly:
    quotient, rest = divmod(poly, divisor)
    if rest != 0:
        raise ArithmeticError("the dipole projector has more than a simple pole at q^2 = 0")
    return quotient


def _cofactor(matrix: list[list[Poly]], row: int, column: int) -> Poly:
    rows = [i for i in range(3) if i != row]
    cols = [j for j in range(3) if j != column]
    minor = (
        matrix[rows[0]][cols[0]] * matrix[rows[1]][cols[1]]
        - matrix[rows[0]][cols[1]] * matrix[rows[1]][cols[0]]
    )
    return minor if (row + column) % 2 == 0 else -minor
