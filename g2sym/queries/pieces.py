"""Delta a as a sum of pieces: powers of the parameters that move, times kernels, times exact constants.

Everything that looks at many points at once (maps, scans, counts) starts from this: the algebra is done
once, exactly, and what is left for each point is a handful of multiplications.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.coefficients import Coefficient
from g2sym.derive.contributions import Term
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.kernels.closed import Kernel, check_masses
from g2sym.model.moment import AnomalousMoment
from g2sym.observables.values import Values

if TYPE_CHECKING:
    from flint import arb


@dataclass(frozen=True)
class Piece:
    """``factor`` times the moving parameters to their ``powers`` times the kernel of ``term`` over 16 pi^2.

    ``masses`` are the moving parameters that the kernel depends on; ``powers`` may be negative.
    """

    powers: tuple[int, ...]
    factor: Coefficient
    term: Term
    masses: tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """The pieces of Delta a; made by `take_apart`.

    Parameters: ``moving``, the names of the parameters that vary; ``known``, exact values of the others.
    """

    moment: AnomalousMoment
    moving: tuple[str, ...]
    known: Values
    pieces: tuple[Piece, ...]
    _kernels: dict[int, Kernel] = field(default_factory=dict, repr=False, compare=False)

    def constant(self, piece: Piece, bits: int) -> arb:
        """Return what multiplies the powers: the factor over 16 pi^2, and a kernel in which nothing moves.

        Call inside `working_precision`.
        """
        from flint import arb

        value = self.known.symbol_balls()(piece.factor) / (16 * arb.pi() ** 2)
        return value if piece.masses else value * self.kernel(piece, {}, bits)

    def kernel(self, piece: Piece, values: Mapping[str, Fraction], bits: int) -> arb:
        """Return the kernel of a piece at exact values of the moving masses, to ``bits`` correct bits.

        Raises UsageError or UnsupportedError where the kernel is singular.
        """
        ratios = self.ratios(piece, values)
        key = id(piece.term)
        if key not in self._kernels:
            self._kernels[key] = Kernel(piece.term.integral.canonical)
        return self._kernels[key].ball(ratios, bits)

    def ratios(self, piece: Piece, values: Mapping[str, Fraction]) -> dict[str, Fraction]:
        """Return the exact dimensionless masses of a piece's kernel; raises where it is singular."""
        masses = piece.term.masses
        ratios = masses.exact_ratios(lambda n: values[n] if n in values else self.known.exact(n))
        names = (masses.boson, masses.fermion or masses.lepton, masses.lepton)
        check_masses(ratios.get("rho", Fraction(1)), ratios.get("nu", Fraction(1)), names)
        if ratios.get("lam", 1) <= 0:
            raise UsageError(f"{masses.cutoff} = 0: the cut-off has to be positive.")
        return ratios


def take_apart(moment: AnomalousMoment, fixed: Mapping[str, object], moving: Sequence[str]) -> Structure:
    """Write Delta a as a sum of pieces.

    Parameters: ``moment``; ``fixed``, values of parameters by name; ``moving``, names of those that vary.
    Raises UsageError for unknown names and for a name that is both fixed and moving, UnsupportedError when
    a moving parameter stands in a denominator other than as a power.
    """
    names = tuple(moving)
    for name in names:
        if name in fixed:
            raise UsageError(f"{shorten(name)} is both varied and given a value; leave one of the two out.")
        if names.count(name) > 1:
            raise UsageError(f"{shorten(name)} is varied twice; name different parameters.")
        moment.values({name: 1})  # raises for a name that the model does not have
        if name in moment.declaration.parameters and moment.declaration.parameters[name].complex:
            raise UsageError(f"{name} is complex; only real parameters can be varied.")
    known = moment.values(fixed)
    ones = {name: Fraction(1) for name in names}
    moment.refuse_pending(Values(known.declaration, known.inputs, {**known.given, **ones}))
    keep = frozenset(names)
    pieces: list[Piece] = []
    for term in moment.derivation.terms():
        masses = tuple(s for s, _ in term.masses.symbols().values() if s in keep)
        for powers, factor in split(known.expand(term.coefficient, keep), names).items():
            if not factor.is_zero:
                pieces.append(Piece(powers, factor, term, masses))
    needed = {s for p in pieces for s in p.factor.symbols} | {
        s for p in pieces for s, _ in p.term.masses.symbols().values() if s not in keep
    }
    known.require(needed)
    return Structure(moment, names, known, tuple(pieces))


def split(coefficient: Coefficient, names: Sequence[str]) -> dict[tuple[int, ...], Coefficient]:
    """Split into powers of the named symbols, negative ones included: exponents to coefficients.

    Raises UnsupportedError when one of them stands in a denominator that is not a power of it.
    """
    found = {tuple(dict(m).get(n, 0) for n in names) for m, _ in coefficient.denominator}
    if len(found) != 1:
        raise UnsupportedError(
            f"The coefficient {coefficient} is not a sum of powers of {', '.join(names)}; "
            "choose other parameters to vary."
        )
    (shift,) = found
    for name, power in zip(names, shift, strict=True):
        coefficient = coefficient * Coefficient.symbol(name) ** power
    parts = coefficient.collect(names)
    return {tuple(p - s for p, s in zip(key, shift, strict=True)): value for key, value in parts.items()}
