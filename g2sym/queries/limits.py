"""Limits and asymptotic series of an observable: exact in couplings and masses, confirmed in balls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.arguments import whole
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.formulas.formula import Formula
from g2sym.formulas.functions import Function
from g2sym.formulas.masses import in_masses
from g2sym.formulas.ratio import Ratio
from g2sym.integrals.laurent import Local
from g2sym.integrals.rational import Frac
from g2sym.kernels.confirmed import confirmed_expansion, freeze
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.notices import not_included, not_included_latex
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values
from g2sym.observables.zero import without_vanishing
from g2sym.queries.composed import Composed, Expand, Expanded, compose, leading_behaviour
from g2sym.queries.conditions import latex, where
from g2sym.queries.targets import Frame, Target, read_target

if TYPE_CHECKING:
    import sympy

MAX_ORDER = 40
MAX_END = 64
"""Powers of t beyond which a sum of contributions counts as identically zero or is given up."""


@dataclass(frozen=True)
class Asymptotics:
    """The first powers of an observable as a mass goes somewhere.

    ``entries`` holds (exponent of t, power of ln t, coefficient), complete below ``end`` (None: there
    is nothing more), from where on ``end_logs`` is the power of ln t; ``t`` is what is small; ``conditions``
    are positive; ``missing`` names what is not derived. Coefficients are exact.
    """

    target: Target
    t: Coefficient
    entries: tuple[tuple[Fraction, int, Formula | Ratio], ...]
    end: Fraction | None
    conditions: tuple[Coefficient, ...]
    latex: str
    missing: tuple[str, ...] = ()
    end_logs: int = 0

    @property
    def diverges(self) -> bool:
        """True when the observable grows without bound."""
        return any(e < 0 or (e == 0 and j) for e, j, _ in self.entries)

    @property
    def plain_entries(self) -> tuple[tuple[Fraction, int, Formula], ...]:
        """The entries, all of them plain formulas, as those of a single amplitude are."""
        return tuple((e, j, f) for e, j, f in self.entries if isinstance(f, Formula))

    @property
    def limit(self) -> Formula | Ratio:
        """The coefficient of t^0, the limit of a moment that does not diverge."""
        return next((f for e, j, f in self.entries if e == 0 and not j), Formula())

    @property
    def formula(self) -> Formula | Ratio:
        """The truncated series as one formula in the moving mass."""
        total = Ratio.of(Formula())
        for e, j, f in self.entries:
            part = Ratio.of(f) if isinstance(f, Formula) else f
            part = part.scale(self.t ** (e.numerator // e.denominator))
            if e.denominator == 2:
                part = part * Formula.root(self.t)
            for _ in range(j):
                part = part * Formula.log(self.t)
            total = total + part
        plain = total.as_formula()
        return total if plain is None else plain

    def to_sympy(self, arc: Callable[..., Any] | None = None) -> sympy.Expr:
        """Return the truncated series as a SymPy expression, a sum of powers.

        Parameters: ``arc`` writes T of two expressions, by default in its branches.
        """
        import sympy

        t = self.t.to_sympy()
        out = []
        for e, j, f in self.entries:
            power = t ** sympy.Rational(e.numerator, e.denominator)
            out.append(f.to_sympy(arc) * power * sympy.log(t) ** j)
        return sympy.Add(*out)

    def _sympy_(self) -> sympy.Expr:
        return self.to_sympy()

    @property
    def rest(self) -> str:
        """What was left out, for instance ``O((m_a/m_mu)^3)``; empty when nothing was."""
        return "" if self.end is None else f"O(({self.t})^{self.end}{log_text(self.t, self.end_logs)})"

    def rest_sympy(self) -> sympy.Expr:
        """Return what O(...) is of: a power of t, times one of ln t where the next term has it."""
        import sympy

        assert self.end is not None
        t = self.t.to_sympy()
        power: sympy.Expr = t ** sympy.Rational(self.end.numerator, self.end.denominator)
        return power * sympy.log(t) ** self.end_logs

    def __str__(self) -> str:
        return self.text + where(self.conditions)

    @property
    def text(self) -> str:
        """The truncated series and what was left out, without the conditions."""
        body = str(self.formula)
        return (f"{body} + {self.rest}" if self.rest else body) + not_included(self.missing)

    def _repr_latex_(self) -> str:
        import sympy

        rest = "" if self.end is None else rf" + O\left({sympy.latex(self.rest_sympy())}\right)"
        rest += not_included_latex(self.missing)
        shown = f"{sympy.latex(self.to_sympy())}{rest}{latex(self.conditions)}"
        return f"$\\displaystyle {self.latex} = {shown}$"


@dataclass(frozen=True)
class Limit:
    """The limit of an observable as a mass goes somewhere.

    ``value`` is the exact limit, None when it diverges; ``leading`` the leading behaviour;
    ``sides`` the directions it holds for: "above", "below" or both; none at 0 and infinity, where
    there is only one; ``conditions`` are positive where it holds, for every one of these directions.
    """

    value: Formula | Ratio | None
    leading: Asymptotics
    sides: tuple[str, ...]
    conditions: tuple[Coefficient, ...] = ()

    @property
    def diverges(self) -> bool:
        """True when there is no finite limit."""
        return self.value is None

    @property
    def power(self) -> Fraction:
        """The exponent of t in the leading behaviour."""
        return self.leading.entries[0][0] if self.leading.entries else Fraction(0)

    @property
    def has_logarithm(self) -> bool:
        """True when the leading behaviour carries ln t."""
        return bool(self.leading.entries) and self.leading.entries[0][1] >= 1

    def to_sympy(self) -> sympy.Expr:
        """Return the limit, or the leading behaviour of a divergent one, as a SymPy expression."""
        return self.leading.to_sympy() if self.value is None else self.value.to_sympy()

    def _sympy_(self) -> sympy.Expr:
        return self.to_sympy()

    def __str__(self) -> str:
        return self.text + where(self.conditions)

    @property
    def text(self) -> str:
        """The limit, or how it diverges, without the conditions."""
        sides = f" (from {self.sides[0]})" if len(self.sides) == 1 else ""
        missing = not_included(self.leading.missing)
        if self.value is not None:
            return f"{self.value}{sides}{missing}"
        how = (
            "logarithmically"
            if self.has_logarithm and self.power == 0
            else f"like ({self.leading.t})^{self.power}"
        )
        extra = " times a logarithm" if self.has_logarithm and self.power else ""
        return f"diverges {how}{extra}: {self.leading.formula}{sides}{missing}"

    def _repr_latex_(self) -> str:
        import sympy

        shown = sympy.latex(self.to_sympy()) + latex(self.conditions)
        relation = r"\to" if self.value is not None else r"\sim"
        missing = not_included_latex(self.leading.missing)
        return f"$\\displaystyle {self.leading.latex} {relation} {shown}{missing}$"


def log_text(t: Coefficient, power: int) -> str:
    """Return a power of ln t as a factor, for instance ``*ln(m_a/m_mu)``; empty for none."""
    return {0: "", 1: f"*ln({t})"}.get(power, f"*ln({t})^{power}")


def series(
    quantity: Quantity,
    mass: str,
    point: object,
    order: int,
    given: Mapping[str, object],
    contribution: str | None = None,
    alone: Collection[str] = (),
) -> Asymptotics:
    """Return the first powers at a point, of terms with all masses ``alone``; see `Observable.series`."""
    order = whole(order, "order", 1, MAX_ORDER, ", the powers wanted")
    quantity, known = quantity.known(given)
    quantity.refuse_pending(known)
    quantity.refuse_imaginary("series")
    return asymptotics(quantity, read_target(quantity, mass, point), order, known, contribution, alone)


def asymptotics(
    quantity: Quantity,
    target: Target,
    powers: int,
    known: Values,
    contribution: str | None = None,
    alone: Collection[str] = (),
) -> Asymptotics:
    """Expand an observable to a number of distinct powers of t, every kernel confirmed in balls.

    Parameters: ``contribution``, the name of one, or None for the sum; ``alone``, masses that each
    term of that contribution has to hold, or it is left out.
    """
    one = quantity.single
    if one is not None:
        if alone and contribution is not None:
            one = one.with_masses(alone, contribution)
        own = expanded(one, target, powers, known, contribution)
        return replace(own, missing=quantity.missing(known))
    if contribution is not None:
        raise UsageError(f"{quantity.text} is made of several amplitudes: leave the contribution out.")
    found = compose(quantity, target, known, powers, _expander(target, known))
    return replace(_written(quantity, target, found, powers), missing=quantity.missing(known))


def _expander(target: Target, known: Values) -> Expand:
    def expand(amplitude: Amplitude, powers: int, squared: bool) -> Expanded:
        one = expanded(amplitude, target, powers, known, None, squared)
        return Expanded(one.plain_entries, one.end, one.conditions)

    return expand


def _written(quantity: Quantity, target: Target, found: Composed, powers: int) -> Asymptotics:
    """Return a composed series cut after a number of powers, its coefficients plain where they can be."""
    kept = sorted({e for e, _, _ in found.series.entries})
    stop = kept[powers] if len(kept) > powers else found.series.end
    entries = []
    for e, j, value in found.series.entries:
        if stop is None or e < stop:
            plain = value.as_formula()
            entries.append((e, j, value if plain is None else plain))
    logs = max((j for e, j, _ in found.series.entries if e == stop), default=0)
    t, conditions = found.t, found.conditions
    return Asymptotics(target, t, tuple(entries), stop, conditions, quantity.latex, end_logs=logs)


def expanded(
    amplitude: Amplitude,
    target: Target,
    powers: int,
    known: Values,
    contribution: str | None = None,
    squared: bool | None = None,
) -> Asymptotics:
    """Expand one amplitude; see `asymptotics`."""
    frame = Frame(amplitude, target, known, contribution, squared)
    end = Fraction(powers + 2)
    while True:
        found, stop, conditions = _sum(frame, end)
        kept = sorted({e for e, _ in found})
        if not kept and stop is not None and _is_zero(frame):
            stop = None
        if stop is None or len(kept) > powers:
            break
        if end >= MAX_END:
            if not kept:
                break
            raise UnsupportedError(f"{target.text}: fewer than {powers + 1} powers were found.")
        end = 2 * end
    if len(kept) > powers:
        stop = kept[powers]
    ordered = sorted(found.items(), key=lambda pair: (pair[0][0], -pair[0][1]))
    entries = tuple((e, j, f) for (e, j), f in ordered if stop is None or e < stop)
    logs = max((j for e, j in found if e == stop), default=1)  # a term that is not known may have one
    return Asymptotics(target, frame.t, entries, stop, conditions, amplitude.latex, end_logs=logs)


def _is_zero(frame: Frame) -> bool:
    """True when the terms add up to zero for all masses."""
    keep = _symbolic(frame) | frozenset(frame.known.inputs)
    terms = [t for t in frame.terms if not vanishes(frame.known.expand(t.coefficient, keep))]
    return not without_vanishing(terms, frame.known, keep)


def _symbolic(frame: Frame) -> frozenset[str]:
    """Return the names that stay symbols, the cut-off among them: its logarithm stays one."""
    return (frozenset(frame.amplitude.declaration.parameters) | frame.amplitude.masses) - set(
        frame.known.given
    )


def kernels(frame: Frame) -> Iterator[tuple[Term, Coefficient, dict[str, Local], tuple[Frac, ...]]]:
    """Yield each term with its coefficient over 16 pi^2, its path and what is positive along it.

    Raises UnsupportedError where a coupling moves with the mass.
    """
    scale = Coefficient.number(16) * Coefficient.symbol("pi") ** 2
    keep = _symbolic(frame)
    for term in frame.terms:
        coefficient = frame.known.expand(term.coefficient, keep) / scale
        if vanishes(coefficient):
            continue
        if frame.target.mass in coefficient.symbols:
            raise UnsupportedError(f"A coupling depends on {frame.target.mass}; give it a value of its own.")
        path, positive = frame.path(term)
        yield term, coefficient, path, tuple(positive)


def _sum(
    frame: Frame, end: Fraction
) -> tuple[dict[tuple[Fraction, int], Formula], Fraction | None, tuple[Coefficient, ...]]:
    """Add up the expansions of all terms below t^end."""
    found: dict[tuple[Fraction, int], list[tuple[Function, Coefficient]]] = {}
    conditions: dict[str, Coefficient] = {}
    stop: Fraction | None = None
    for term, coefficient, path, positive in kernels(frame):
        expansion = confirmed_expansion(frame.form(term), freeze(path), end, positive)
        masses = term.masses.symbols()
        for e, j, value in expansion.terms:
            part = Formula.from_value(value, masses, frame.lepton)
            found.setdefault((e, j), []).extend((f, c * coefficient) for f, c in part.terms)
        for condition in expansion.conditions:
            shown = in_masses(condition, masses, frame.lepton)
            conditions[str(shown)] = shown
        if expansion.end is not None:
            stop = end
    summed = {key: Formula.of(items) for key, items in found.items()}
    return {k: f for k, f in summed.items() if not f.is_zero}, stop, tuple(conditions.values())


def limit(
    quantity: Quantity,
    mass: str,
    point: object,
    given: Mapping[str, object],
    side: str | None = None,
    contribution: str | None = None,
    alone: Collection[str] = (),
) -> Limit:
    """Return the limit of an observable; see `Observable.limit`, and `series` for ``alone``."""
    if side not in (None, "above", "below"):
        raise UsageError(f"side = {shorten(side)}: choose 'above' or 'below', or leave it out for both.")
    quantity, known = quantity.known(given)
    quantity.refuse_pending(known)
    quantity.refuse_imaginary("limit")
    target = read_target(quantity, mass, point, -1 if side == "below" else 1)
    value, leading = _one_side(quantity, target, known, contribution, alone)
    if not target.is_interior:
        return Limit(value, leading, (), leading.conditions)
    only: tuple[str, ...] = ("below",) if target.side < 0 else ("above",)
    if side is not None or value is None:
        return Limit(value, leading, only, leading.conditions)
    conditions = leading.conditions
    if all(e.denominator == 1 and not j for e, j, _ in leading.entries):
        try:
            other, below = _one_side(quantity, Target(mass, target.point, -1), known, contribution, alone)
        except UnsupportedError:  # above threshold on that side
            return Limit(value, leading, only, conditions)
        if other is not None and other == value:
            only = ("above", "below")
            conditions = tuple({str(c): c for c in (*conditions, *below.conditions)}.values())
    return Limit(value, leading, only, conditions)


def _one_side(
    quantity: Quantity, target: Target, known: Values, contribution: str | None, alone: Collection[str]
) -> tuple[Formula | Ratio | None, Asymptotics]:
    try:
        found = asymptotics(quantity, target, 1, known, contribution, alone)
    except UnsupportedError:
        if not quantity.denominator:
            raise
        found = _written(
            quantity, target, leading_behaviour(quantity, target, known, _expander(target, known)), 1
        )
        found = replace(found, missing=quantity.missing(known))
    return (None if found.diverges else found.limit), found
