"""Sentences that stand with a result: what is not in it, which part of a complex value it is, and where its
values strain the theory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product

from g2sym.base.balls import working_precision
from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.derive.terms import Term
from g2sym.errors import UsageError
from g2sym.lagrangian.fields import STANDARD_MODEL
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.dipoles import WORDS
from g2sym.observables.no_dipole import why_no_dipole
from g2sym.observables.threshold import crossed
from g2sym.observables.values import Values

FAR = 10
"""How many times the masses of its diagram a cut-off has to be, so as not to be remarked upon."""
STRONG = 12.566370614359172
"""4 pi: the size of a coupling beyond which perturbation theory does not hold."""
BITS = 64
MAX_CORNERS = 256
"""Most corners of a region at which sentences are looked for."""
Couplings = Sequence[tuple[str, Coefficient, Coefficient]]
"""What is coupled, and the real and imaginary part of its coupling."""
Size = Callable[[Coefficient], float | None]
_SPECIAL = {c: rf"\{c}" for c in "{}$&%#_"} | {"\\": r"\backslash ", "^": r"\hat{\ }", "~": r"\sim "}


def not_included(missing: Sequence[str]) -> str:
    """Return what is missing as the end of a text, empty when nothing is."""
    return f"; not included: {'; '.join(missing)}" if missing else ""


def not_included_latex(missing: Sequence[str]) -> str:
    """Return what is missing as the end of a formula, empty when nothing is."""
    inert = ("".join(_SPECIAL.get(c, c) if c.isprintable() else " " for c in one) for one in missing)
    return "".join(rf"\quad\text{{not included: {one}}}" for one in inert)


@dataclass(frozen=True)
class Notice:
    """A sentence about values; ``about`` is what it concerns, ``size`` how far it goes."""

    about: tuple[str, ...]
    size: float
    sentence: str


def notices(
    amplitudes: Iterable[Amplitude], known: Values, ranges: Mapping[str, Sequence[Fraction]] | None = None
) -> Iterator[str]:
    """Yield what the reader has to know about values: real parts, near cut-offs, strong couplings, zeros.

    Parameters: ``ranges``, the ends between which parameters move; each sentence is about its worst corner.
    """
    ends = dict(ranges or {})
    worst: dict[tuple[str, ...], Notice] = {}
    amplitudes = list(amplitudes)
    several = [(a, [(about, c.real(), c.imag()) for about, c in couplings(a)]) for a in amplitudes]
    for corner in islice(product(*ends.values()), MAX_CORNERS):
        at = Values(known.declaration, known.inputs, {**known.given, **dict(zip(ends, corner, strict=True))})
        for one in _found(several, at):
            if one.about not in worst or one.size > worst[one.about].size:
                worst[one.about] = one
    yield from (one.sentence for one in worst.values())
    for amplitude in {a.name: a for a in amplitudes}.values():
        sentence = why_no_dipole(amplitude, amplitude.values(known), frozenset(ends))
        if sentence is not None:
            yield sentence


def _found(several: Sequence[tuple[Amplitude, Couplings]], known: Values) -> Iterator[Notice]:
    with working_precision(BITS):
        for amplitude, own_couplings in several:
            own = amplitude.values(known)
            size = _sizes(own)
            yield from _above_threshold(amplitude, own)
            yield from _near_cutoffs(amplitude, size)
            yield from _strong_couplings(own_couplings, size)


def _above_threshold(amplitude: Amplitude, known: Values) -> Iterator[Notice]:
    """Say that a value is the real part of a complex one."""
    if amplitude.imaginary:
        return
    for term in amplitude.terms:
        try:
            masses = crossed(term, known)
            if not masses or known.vanishes(term.coefficient):
                continue
        except UsageError:  # a value is missing
            continue
        yield Notice(
            (amplitude.name, "threshold"),
            1.0,
            f"{masses} lies below {term.masses.lepton}: the {WORDS[amplitude.lepton]} can decay into the "
            f"loop, {amplitude.name} is complex, and this is its real part; im({amplitude.name}) is the "
            "imaginary part.",
        )
        return


def _near_cutoffs(amplitude: Amplitude, size: Size) -> Iterator[Notice]:
    for contribution in amplitude.contributions.values():
        diagram: Term | None = None
        for term in contribution.terms:  # a logarithm of the cut-off follows the diagram that it belongs to
            if not term.integral.is_logarithm:
                diagram = term
                continue
            assert diagram is not None
            if size(term.coefficient) == 0:
                continue
            names = (*diagram.masses.names, diagram.masses.lepton)
            masses = {n: size(Coefficient.symbol(n)) for n in names}
            cutoff = term.masses.names[-1]
            scale = size(Coefficient.symbol(cutoff))
            largest = max(masses, key=lambda n: masses[n] or 0.0)
            mass = masses[largest]
            if scale is None or mass is None or not 0 < scale < FAR * mass:
                continue
            how = "lies below" if scale < mass else "is less than ten times"
            yield Notice(
                (cutoff, largest),
                mass / scale,
                f"The cut-off {cutoff} = {scale:.6g} GeV {how} {largest} = {mass:.6g} GeV, a mass in the "
                "same diagram: there the result depends on what stands behind the effective coupling.",
            )


def _strong_couplings(own: Couplings, size: Size) -> Iterator[Notice]:
    for about, *both in own:
        parts = [size(part) for part in both]
        if None in parts:
            continue
        whole = sum(p * p for p in parts if p is not None) ** 0.5
        if whole > STRONG:
            yield Notice(
                (about,),
                whole,
                f"The coupling of {about} has the size {whole:.6g}, beyond 4 pi: perturbation theory does "
                "not hold there.",
            )


def couplings(amplitude: Amplitude) -> Iterator[tuple[str, Coefficient]]:
    """Yield the dimensionless couplings of one boson to two fermions, each with what it couples.

    A derivative coupling counts with the sum of the two fermions' masses, as it does on shell.
    """
    declaration = amplitude.declaration
    for operator in declaration.for_lepton(amplitude.lepton):
        line = operator.bilinear
        if line is None or operator.dimension not in (4, 5) or len(operator.bosons) != 1:
            continue
        coefficient = operator.coefficient
        if operator.dimension == 5:
            fields = {**STANDARD_MODEL, **declaration.fields}
            masses = [fields[name].mass for name in (line.bar, line.field)]
            if not operator.bosons[0].derivatives:
                continue
            for_zero = (Coefficient.symbol(m) for m in masses if m is not None)
            coefficient = coefficient * sum(for_zero, Coefficient.number(0))
        yield f"{operator.bosons[0].text()} to {line.text()}", coefficient


def _sizes(known: Values) -> Size:
    """Return a function that evaluates coefficients, to None where a symbol has no value."""
    value = known.symbol_balls()

    def size(coefficient: Coefficient) -> float | None:
        try:
            return float(value(coefficient).mid())
        except (UsageError, OverflowError):
            return None

    return size
