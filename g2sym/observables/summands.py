"""Terms with everything put in: exact values of slots, coefficients whose symbols have been resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.base.terms import is_root
from g2sym.derive.terms import Term
from g2sym.errors import UsageError
from g2sym.inputs import Inputs
from g2sym.kernels.kernel import Kernel
from g2sym.observables.values import Values, constant_ball, real_number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb

Ratios = dict[str, Fraction]


class Symbols:
    """Coefficients in balls, from symbols that have been resolved.

    Parameters: ``known``, the values; ``names`` of the symbols that will be asked for.
    """

    def __init__(self, known: Values, names: Iterable[str]) -> None:
        self._known = known
        self._inputs: Inputs = known.inputs
        self._resolved = {n: known.expand(Coefficient.symbol(n)) for n in sorted(set(names))}

    def balls(self) -> Callable[[Coefficient], arb]:
        """Return a function that evaluates real coefficients at the precision in force; it remembers."""
        memo: dict[str, arb] = {}
        root = self._known.root_ball

        def constant(name: str) -> arb:
            if name not in memo:
                memo[name] = root(name, resolved) if is_root(name) else self._constant(name)
            return memo[name]

        def resolved(coefficient: Coefficient) -> arb:
            result: arb = coefficient.fold(constant, real_number)
            return result

        def symbol(name: str) -> arb:
            if is_root(name):
                if name not in memo:
                    memo[name] = root(name, value)
                return memo[name]
            own = self._resolved.get(name)
            if own is None or own == Coefficient.symbol(name):
                return constant(name)
            if name not in memo:
                memo[name] = own.fold(constant, real_number)
            return memo[name]

        def value(coefficient: Coefficient) -> arb:
            result: arb = coefficient.fold(symbol, real_number)
            return result

        return value

    def _constant(self, name: str) -> arb:
        found = constant_ball(self._inputs, name)
        assert found is not None
        return found


@dataclass(frozen=True)
class Summand:
    """A term with the exact values of its kernel's slots."""

    term: Term
    kernel: Kernel
    ratios: Ratios

    @property
    def coefficient(self) -> Coefficient:
        """What multiplies the kernel."""
        return self.term.coefficient


def summand(term: Term, known: Values) -> Summand:
    """Return a term with its masses put in; raises UsageError for a cut-off that is not positive."""
    kernel = Kernel.of(term.integral)
    ratios = term.masses.exact_ratios(known.exact)
    check_cutoff(term, known.exact)
    kernel.refuse(ratios, {n: s for n, s, _ in term.masses.slots})
    return Summand(term, kernel, ratios)


def check_cutoff(term: Term, value: Callable[[str], Fraction]) -> None:
    """Refuse a cut-off that is not positive; ``value`` of a mass in GeV."""
    if term.integral.is_logarithm:
        symbol = term.masses.names[-1]
        if value(symbol) <= 0:
            raise UsageError(f"{symbol} is not positive: the cut-off has to be.")
