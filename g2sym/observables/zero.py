"""Sums of terms that vanish exactly: identically in the masses, told by canonical form, or at given values.

Coefficients are written as rational functions of the couplings and of the slots of the integrals, so that
a derivative coupling and the opposite Yukawa coupling, say, add up to zero as they do on shell. Used where a
ball has not told a sum from zero, since it takes longer than the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, isqrt

from g2sym.base.coefficients import Coefficient, Gauss, Monomial
from g2sym.base.relations import vanishes
from g2sym.base.terms import inner_roots, is_root, radicand
from g2sym.derive.terms import Masses, Term
from g2sym.errors import G2symError, ModelError, UsageError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.elementary import Elementary
from g2sym.integrals.rational import Frac, Poly, constant, gen, zero
from g2sym.integrals.region import at
from g2sym.integrals.transition import TransitionIntegral
from g2sym.integrals.triangle import ONE
from g2sym.kernels.branches import crossed
from g2sym.kernels.kernel import Kernel
from g2sym.observables.values import BEHIND, DERIVED, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.kernels.elementary import Ends
    from g2sym.kernels.transition import Sum as Functions

MARK = "@"
"""Stands before the names of couplings and masses, which may be those of slots."""
Place = tuple[str, int, Fraction | str]
"""A slot, its power, and the mass in it: a number, or a symbol that stays one."""


# identically in the masses ----------------------------------------------------------------------
def without_vanishing(terms: Sequence[Term], known: Values, keep: frozenset[str] = frozenset()) -> list[Term]:
    """Drop groups of terms in equal masses that add up to zero for all values of these masses.

    Parameters: ``known``, values of the couplings and masses: two masses of the same value are equal;
    ``keep``, names that stay symbols.
    """
    groups: dict[tuple[Place, ...], list[Term]] = {}
    for term in terms:
        groups.setdefault(_places(term.masses, known, keep), []).append(term)
    gone = {place for place, group in groups.items() if len(group) > 1 and _cancel(group, known, keep)}
    return [term for term in terms if _places(term.masses, known, keep) not in gone]


def _places(masses: Masses, known: Values, keep: frozenset[str]) -> tuple[Place, ...]:
    return tuple((slot, power, _mass(symbol, known, keep)) for slot, symbol, power in masses.slots)


def _mass(symbol: str, known: Values, keep: frozenset[str]) -> Fraction | str:
    """Return the value of a mass, or what it is in symbols where these stay or it is not rational."""
    found = known.expand(Coefficient.symbol(symbol), keep)
    if not found.symbols.isdisjoint(keep):
        return str(found)
    try:
        return known.exact(symbol)
    except UsageError:
        return symbol


def _cancel(group: Sequence[Term], known: Values, keep: frozenset[str]) -> bool:
    total = ClosedForm(zero())
    over: dict[tuple[object, ...], Frac] = {}
    try:
        for term in group:
            stay = keep | {term.masses.lepton, *term.masses.names}
            factor = _fraction(known.expand(term.coefficient, stay), term.masses)
            if isinstance(one := term.integral, TransitionIntegral):  # what stands over one Delta is compared
                key = (*map(str, one.lines), one.imaginary)
                over[key] = over.get(key, zero()) + factor * Frac.of(one.numerator, one.divisor)
            elif isinstance(one, Elementary):  # part by part, in roots and logarithms written alike
                for (places, log), value in one.parts:
                    roots = (str(one.roots[place]) for place in places)
                    logs = (one.logs[log].text(one.roots),) if log >= 0 else ()
                    key = (*roots, "ln", *logs)
                    over[key] = over.get(key, zero()) + factor * value
            else:
                total += one.canonical.scale(factor)
    except ModelError:  # a coefficient with too many terms
        return False
    if any(_reduced(numerator.num, group[0].masses) != 0 for numerator in over.values()):
        return False
    parts = [total.rational, *(f for _, f in total.logs), *(f for _, f in total.arcs)]
    return all(_reduced(part.num, group[0].masses) == 0 for part in parts)


def _fraction(coefficient: Coefficient, masses: Masses) -> Frac:
    """Return a coefficient as a rational function of marked symbols and of slots."""
    return Frac.of(_poly(coefficient.numerator, masses), _poly(coefficient.denominator, masses))


def _poly(terms: Sequence[tuple[Monomial, Gauss]], masses: Masses) -> Poly:
    total = constant(0)
    slots = {symbol: (slot, power) for slot, symbol, power in reversed(masses.slots)}
    unit = gen(MARK + masses.lepton) if masses.lepton else constant(1)  # slots of rates are in GeV
    for monomial, (re, im) in terms:
        piece = constant(re) + constant(im) * gen(MARK + "I")
        for name, power in monomial:
            mark = MARK + name
            if name in slots:
                slot, each = slots[name]
                piece = piece * gen(slot) ** (power // each) * unit ** (power - power % each)
                # an odd power of a squared mass goes by its slot: other terms may have another symbol there
                power, mark = power % each, 2 * MARK + slot
            piece = piece * gen(mark) ** power
        total = total + piece
    return total


def _reduced(poly: Poly, masses: Masses) -> Poly:
    """Use what squares of symbols are: of I, of roots, outer ones first, and of cos_w."""
    names = set(poly.generators)
    names |= {MARK + n for name in names if is_root(name[1:]) for n in inner_roots(name[1:])}
    for name in sorted(names, key=lambda n: (-len(n), n)):
        square = _square(name, masses)
        if square is not None:
            parts = poly.by_powers(name).items()
            poly = sum((p * square ** (n // 2) * gen(name) ** (n % 2) for n, p in parts), constant(0))
    return poly


def _square(name: str, masses: Masses) -> Poly | None:
    if name == MARK + "I":
        return constant(-1)
    if name == MARK + "cos_w":
        return 1 - gen(MARK + "sin_w") ** 2
    return _poly(tuple(radicand(name[1:]).items()), masses) if is_root(name[1:]) else None


# at given values --------------------------------------------------------------------------------
def vanishes_at(terms: Sequence[Term], known: Values) -> bool:
    """True when a sum of terms is proved to be zero at given values, whatever masses and kernels they have.

    Each kernel is a rational number plus multiples of logarithms and of T; the sum is zero where the
    coefficient of each of these is, the logarithms written in those of coprime integers. Above threshold
    these are real parts, of ln|d| and of the principal value of T. False says nothing about the sum.
    Parameters: ``known``, the values of everything.
    """
    try:
        return _Total(known).of(terms)
    except (G2symError, ZeroDivisionError):  # a removable pole, a limit that is not treated, too many terms
        return False


class _Total:
    """The coefficients of 1, of logarithms and of T in a sum, exactly."""

    def __init__(self, known: Values) -> None:
        self.known = known
        angle = Coefficient.number(known.inputs.value(BEHIND["sin_w"]))
        charge = 4 * Coefficient.symbol("pi") / known.inputs.value(BEHIND["e_em"])
        self.squares = {"cos_w": 1 - angle, "sin_w": angle, "e_em": charge}
        self.plain = Coefficient.number(0)
        self.logs: list[tuple[Fraction, Coefficient]] = []
        self.others: dict[tuple[object, ...], Coefficient] = {}
        self.roots = [Fraction(1)]

    def of(self, terms: Sequence[Term]) -> bool:
        """Add up all terms and decide."""
        for term in terms:
            factor = self.factor(term.coefficient)
            if not vanishes(factor, self.squares):
                self.add(term, factor)
        bases = _coprime(n for x, _ in self.logs for n in (x.numerator, x.denominator))
        sums = [self.plain, *self.others.values()]
        for base in bases:
            shares = (c * _multiplicity(x, base) for x, c in self.logs)
            sums.append(sum(shares, Coefficient.number(0)))
        return all(vanishes(c, self.squares) for c in sums)

    def factor(self, coefficient: Coefficient) -> Coefficient:
        """Return a coefficient with every symbol that has a rational value put in."""
        found = self.known.expand(coefficient)
        exact = {n: Coefficient.number(self.known.exact(n)) for n in found.symbols if n not in DERIVED}
        return found.subs(exact) if exact else found

    def add(self, term: Term, factor: Coefficient) -> None:
        """Add one term: its closed form at the masses, or its limit where a mediator's mass is zero."""
        kernel, ratios = Kernel.of(term.integral), term.masses.exact_ratios(self.known.exact)
        if isinstance(term.integral, TransitionIntegral):
            if not kernel.is_zero(ratios):
                self.transition(term.integral.imaginary, kernel.transition(ratios), factor)
            return
        if kernel.elementary is not None:
            self.elementary(kernel.elementary.exact_parts(ratios), factor)
            return
        side = kernel.side(ratios)
        if side == 0:
            raise ZeroDivisionError("on a threshold the closed form is not the value")
        if kernel.vanishing(ratios) and side > 0:
            for exponent, power, value in kernel.toward_zero(ratios).terms:
                for atom, weight in value.terms:
                    arguments = tuple(at(a, {}) for a in atom.arguments)
                    own = factor * at(weight, {})
                    if exponent or power:
                        self.put(("singular", exponent, power, atom.kind, *arguments), own)
                    elif atom.is_one:
                        self.plain += own
                    elif atom.kind == "ln":
                        self.log(arguments[0], own)
                    else:
                        self.put((atom.kind, *sorted(arguments)), own)
            return
        form = kernel.closed(ratios).form
        self.plain += factor * at(form.rational, ratios)
        for argument, weight in form.logs:
            self.log(at(Frac.of(argument), ratios), factor * at(weight, ratios))
        for ends, weight in form.arcs:
            first, second = (at(Frac.of(end), ratios) for end in ends)
            self.arc(first, second, factor * at(weight, ratios))

    def elementary(
        self, parts: Iterable[tuple[Fraction, Ends | None, Fraction]], factor: Coefficient
    ) -> None:
        """Add a width or a cross-section: products of roots and of logarithms, which count as independent."""
        for square, ends, weight in parts:
            known, scale = self.root(square)
            own = factor * (weight * scale)
            if ends is None and known == 1:
                self.plain += own
                continue
            rational = ends is not None and not ends[0]
            if ends is not None and ends[0] and (x := _root(ends[1])) is not None:
                ends, rational = (False, (1 + x) / (1 - x)), True
            if rational and ends is not None and known == 1:
                self.log(ends[1], own)
            else:
                self.put(("root", known, ends), own)

    def root(self, square: Fraction) -> tuple[Fraction, Fraction]:
        """Return a number whose root stands for that of another one, and their quotient."""
        for known in self.roots:
            if (scale := _root(square / known)) is not None:
                return known, scale
        self.roots.append(square)
        return square, Fraction(1)

    def transition(self, imaginary: bool, functions: Functions, factor: Coefficient) -> None:
        """Add a kernel of l -> l' gamma: the real or the imaginary parts of its functions."""
        for key, weight in functions:
            own = factor * Fraction(int(weight.p), int(weight.q))
            if imaginary:
                if key != ONE and (found := crossed(key)) is not None:
                    self.put(found[0], own * int(found[1]))
            elif key == ONE:
                self.plain += own
            elif key[0] == "ln":
                self.log(Fraction(int(key[1].p), int(key[1].q)), own)
            else:
                self.put(key, own)

    def put(self, key: tuple[object, ...], factor: Coefficient) -> None:
        """Add a multiple of a function that is known by its key."""
        self.others[key] = self.others[key] + factor if key in self.others else factor

    def log(self, argument: Fraction, factor: Coefficient) -> None:
        """Add a multiple of ln|argument|."""
        self.logs.append((abs(argument), factor))

    def arc(self, first: Fraction, second: Fraction, factor: Coefficient) -> None:
        """Add a multiple of T(first, second): 2/u, a logarithm, or a function of its own."""
        u, product = first + second - 1, first * second
        discriminant = u * u - 4 * product
        if discriminant == 0:
            self.plain += factor * (2 / u)
            return
        root = _root(discriminant)
        if root is None:
            self.put(("arc", *sorted((first, second))), factor)
        else:
            self.log((u + root) ** 2 / (4 * product), factor / root)


def _root(square: Fraction) -> Fraction | None:
    """Return the rational square root of a number, or None."""
    if square < 0:
        return None
    top, bottom = isqrt(square.numerator), isqrt(square.denominator)
    exact = top * top == square.numerator and bottom * bottom == square.denominator
    return Fraction(top, bottom) if exact else None


def _coprime(numbers: Iterable[int]) -> list[int]:
    """Return coprime integers above 1 of which the given positive ones are products: no factoring."""
    bases: list[int] = []
    todo = [n for n in numbers if n > 1]
    while todo:
        number = todo.pop()
        for place, base in enumerate(bases):
            common = gcd(number, base)
            if common > 1:
                del bases[place]
                todo += [n for n in (number // common, base // common, common) if n > 1]
                break
        else:
            bases.append(number)
    return bases


def _multiplicity(value: Fraction, base: int) -> int:
    """Return the power of one of the coprime integers in a number that they make up."""
    count = 0
    for part, step in ((value.numerator, 1), (value.denominator, -1)):
        while part % base == 0:
            part //= base
            count += step
    return count
