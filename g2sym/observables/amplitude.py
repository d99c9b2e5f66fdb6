"""Amplitudes: sums of coupling times kernel, with everything their numbers rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from g2sym.base.classes import dataclass, replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.terms import is_root
from g2sym.derive.contributions import Contribution, Pending
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.inputs import Inputs
from g2sym.lagrangian.declaration import Declaration
from g2sym.observables.rooted import refuse_unreal, under_roots
from g2sym.observables.values import Values, allowed_names


@dataclass(frozen=True, eq=False)
class Amplitude:
    """A sum of coupling times kernel over 16 pi^2, in named contributions.

    Parameters: ``name`` in the grammar of observables, ``a(mu)``; ``label`` as messages write it, ``Delta
    a_mu``; ``latex``; ``lepton``, whose mass is the unit; ``dimension``, its mass dimension;
    ``declaration``, with the lepton put in; ``contributions``; ``pending``, what is refused;
    ``announcements``, sentences for every result; ``omitted``, pieces of higher order that are named and not
    refused; ``partial``, True where the parts that are not derived are left out on purpose; ``imaginary``,
    True for the imaginary part in place of the value, which above threshold is the real part;
    ``below_threshold``, True for what is defined where its kernels are real.
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
    omitted: tuple[Pending, ...] = ()
    partial: bool = False
    imaginary: bool = False
    below_threshold: bool = False

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """Every term of every contribution."""
        return tuple(t for c in self.contributions.values() for t in c.terms)

    @cached_property
    def masses(self) -> frozenset[str]:
        """The mass symbols that its kernels depend on, the lepton's own excluded."""
        return frozenset(n for t in self.terms for n in t.masses.names)

    @cached_property
    def loops(self) -> dict[str, Contribution]:
        """The parts of its one-loop contribution, ``loop(phi, N)`` by mediator and internal fermion."""
        return {name: part for c in self.contributions.values() for name, part in c.loops.items()}

    def part(self, contribution: str | None) -> tuple[Term, ...]:
        """Return the terms of one contribution or loop, or of all; raises UsageError for an unknown name."""
        if contribution is None:
            return self.terms
        parts = {**self.contributions, **self.loops}
        if contribution not in parts:
            raise UsageError(f"There is no contribution {shorten(contribution)}; choose {', '.join(parts)}.")
        return parts[contribution].terms

    def with_masses(self, masses: Iterable[str], contribution: str) -> Amplitude:
        """Return one contribution's part that changes with all of some masses, as an amplitude.

        Itself where that is all that the contribution holds.
        """
        whole = self.contributions[contribution]
        own = whole.with_masses(masses)
        return self if own is whole else replace(self, contributions={contribution: own})

    def values(self, known: Values) -> Values:
        """Return values with the defaults of this amplitude's lepton."""
        if known.declaration is self.declaration:
            return known
        return Values(self.declaration, self.inputs, known.given)

    def refuse_pending(
        self, known: Values, symbolic: str | None = None, arrays: frozenset[str] = frozenset()
    ) -> None:
        """Refuse non-zero couplings whose contribution is not derived, unless the part was asked for.

        Parameters: ``symbolic``, a coupling that stays a symbol; ``arrays``, parameters that do too, whatever
        their defaults are. Raises UnsupportedError with the mend, and ModelError for a root of a negative
        number in a coupling.
        """
        if self.rooted:
            if symbolic is not None:
                self.refuse_moving((symbolic,), known)
            refuse_unreal(self.rooted, known, arrays)
        if self.partial:
            return
        for one in self._alive(self.pending, known, arrays | {symbolic} if symbolic else arrays):
            names = " or ".join(sorted(one.coupling.symbols & allowed_names(self.declaration)))
            raise UnsupportedError(
                f"{one.text[:1].upper()}{one.text[1:]} is not zero, but {one.reason}; "
                f"set {names or 'it'} to 0, or ask for the rest with partial=True (--partial)."
            )

    @cached_property
    def rooted(self) -> tuple[Coefficient, ...]:
        """The couplings of the model, where roots stand in them or in defaults; else nothing."""
        own = tuple(o.coefficient for o in self.declaration.for_lepton(self.lepton))
        defaults = (p.default for p in self.declaration.parameters.values() if p.default is not None)
        return own if any(is_root(n) for c in (*own, *defaults) for n in c.generators) else ()

    def refuse_moving(self, names: Sequence[str], known: Values) -> None:
        """Refuse to vary what stands under a root: where that is real, a polynomial does not say.

        Raises UsageError.
        """
        for root, inside in under_roots(self.rooted, known, frozenset(names)).items():
            for name in names:
                if name in inside.symbols:
                    raise UsageError(
                        f"{name} stands under {root}, which is real for some values of it only; ask about "
                        "another parameter, or take arrays or single points."
                    )

    def missing(self, known: Values) -> tuple[str, ...]:
        """Return what is not in the amplitude, since it is not derived, though its couplings are not zero."""
        every = (*self.pending, *self.omitted)
        return tuple(dict.fromkeys(f"{one.text} ({one.reason})" for one in self._alive(every, known)))

    def announced(self, known: Values) -> list[str]:
        """Return the announcements without those about couplings that are zero at these values."""
        every = (*self.pending, *self.omitted)
        alive = {one.sentence for one in self._alive(every, known)}
        silent = {one.sentence for one in every} - alive
        return [sentence for sentence in self.announcements if sentence not in silent]

    @staticmethod
    def _alive(
        every: Iterable[Pending], known: Values, keep: frozenset[str] = frozenset()
    ) -> Iterator[Pending]:
        return (one for one in every if not known.expand(one.coupling, keep).is_zero)


__all__ = ["Amplitude", "Pending"]
