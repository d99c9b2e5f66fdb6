"""Which inputs a result rests on."""

from __future__ import annotations

from collections.abc import Iterable

from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import decimal_text
from g2sym.base.names import ObservableName
from g2sym.derive.terms import Term
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Total, amplitudes_of
from g2sym.observables.values import BEHIND, Values


def inputs_used(amplitudes: Iterable[Amplitude], factors: Iterable[Factor], known: Values) -> dict[str, str]:
    """Return the exact values of the inputs that amplitudes and factors at these values rest on, by name."""
    symbols: set[str] = set()
    for amplitude in amplitudes:
        own = amplitude.values(known)
        for term in amplitude.terms:
            coefficient = own.expand(term.coefficient)
            if not coefficient.is_zero:
                masses = (own.expand(Coefficient.symbol(n)).symbols for n in term.masses.every)
                symbols |= coefficient.symbols.union(*masses, {*term.masses.every} - set(term.masses.names))
    for factor in factors:
        symbols |= factor.weight.symbols if isinstance(factor, Total) else frozenset()
    used = {BEHIND.get(n, n) for n in symbols - known.declaration.parameters.keys()}
    return {name: decimal_text(known.inputs.value(name), 40) for name in known.inputs if name in used}


def defaults_used(name: ObservableName, factors: Iterable[Factor], known: Values) -> dict[str, str]:
    """Return the defaults that an observable was evaluated with; those of a rate alone that enter it."""
    every = known.defaults_used
    if not all(atom.is_rate for atom in name.atoms):
        return every
    entered: set[str] = set()
    for amplitude in amplitudes_of(factors):
        entered |= reached(amplitude, known)
    parameters = known.declaration.parameters
    return {n: v for n, v in every.items() if entered & {n, parameters[n].plain, *parameters[n].symbols}}


def reached(amplitude: Amplitude, known: Values) -> set[str]:
    """Return the symbols that an amplitude is made of at these values, those behind defaults included."""
    found: set[str] = set()
    left = {n for t in amplitude.terms for n in t.needs()}
    while left:
        name = left.pop()
        found.add(name)
        default = None if name in known.given else known.default(name)
        left |= (frozenset() if default is None else default.symbols) - found
    return found


def is_closed(term: Term, known: Values) -> bool:
    """True where a term of a rate is exactly zero, since a condition of its function fails.

    Parameters: ``known``, values of its amplitude. Raises UsageError where one is missing.
    """
    if not getattr(term.integral, "conditions", ()):
        return False
    from g2sym.integrals.elementary import Elementary
    from g2sym.kernels.elementary import ElementaryValues

    function = term.integral
    assert isinstance(function, Elementary)
    broken = ElementaryValues(function).failed(term.masses.exact_ratios(known.exact))
    return broken is not None and not broken.refused
