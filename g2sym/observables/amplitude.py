"""Amplitudes: sums of coupling times kernel, with everything their numbers rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.derive.contributions import Contribution
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.inputs import Inputs
from g2sym.lagrangian.declaration import Declaration
from g2sym.observables.values import Values


@dataclass(frozen=True)
class Pending:
    """A part of an amplitude that is not derived: refused as soon as ``coupling`` is not zero.

    ``text`` names it, ``reason`` says why it is missing.
    """

    coupling: Coefficient
    text: str
    reason: str


@dataclass(frozen=True, eq=False)
class Amplitude:
    """A sum of coupling times kernel over 16 pi^2, in named contributions.

    Parameters: ``name`` in the grammar of observables, ``a(mu)``; ``label`` as messages write it, ``Delta
    a_mu``; ``latex``; ``lepton``, whose mass is the unit; ``dimension``, its mass dimension;
    ``declaration``, with the lepton put in; ``contributions``; ``pending``; ``announcements``, sentences
    for every result.
    """

    name: str
    label: str
    latex: str
    lepton: str
    dimension: int
    declaration: Declaration
    inputs: Inputs
    conventions: Conventions
    contributions: Mapping[str, Contribution]
    pending: tuple[Pending, ...]
    announcements: tuple[str, ...]

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Every term of every contribution."""
        return tuple(t for c in self.contributions.values() for t in c.terms)

    @cached_property
    def masses(self) -> frozenset[str]:
        """The mass symbols that its kernels depend on, the lepton's own excluded."""
        return frozenset(n for t in self.terms for n in t.masses.names)

    def part(self, contribution: str | None) -> tuple[Term, ...]:
        """Return the terms of one contribution, or of all; raises UsageError for an unknown name."""
        if contribution is None:
            return self.terms
        if contribution not in self.contributions:
            raise UsageError(
                f"There is no contribution {shorten(contribution)}; choose {', '.join(self.contributions)}."
            )
        return self.contributions[contribution].terms

    def values(self, known: Values) -> Values:
        """Return values with the defaults of this amplitude's lepton."""
        if known.declaration is self.declaration:
            return known
        return Values(self.declaration, self.inputs, known.given)

    def refuse_pending(self, known: Values, symbolic: str | None = None) -> None:
        """Refuse non-zero couplings whose contribution is not derived.

        Parameters: ``symbolic``, a coupling that stays a symbol. Raises UnsupportedError with the mend.
        """
        keep = frozenset((symbolic,) if symbolic else ())
        for one in self.pending:
            if not known.expand(one.coupling, keep).is_zero:
                names = ", ".join(sorted(one.coupling.symbols & set(self.declaration.parameters)))
                raise UnsupportedError(f"{one.text} is not zero, but {one.reason}; set {names or 'it'} to 0.")
