"""Which inputs a result rests on."""

from __future__ import annotations

from collections.abc import Iterable

from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import decimal_text
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Total
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
