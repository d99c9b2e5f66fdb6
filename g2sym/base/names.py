"""Names of observables, written as people write them: ``a(mu)``, ``d(e)``, ``a(e)/a(mu)``, ``BR(mu -> e A)``.

The grammar has atoms, products, quotients, whole powers and parentheses; blanks between its signs do not
matter. Above threshold an atom is complex: ``a(mu)`` stands for its real part, as ``re(a(mu))`` does, and
``im(a(mu))`` for the imaginary one. Form factors such as ``A_R(mu -> e)`` are complex everywhere; alone they
stand for both parts, in products for none: there it is ``re(A_R(mu -> e))``. Every text has one canonical
form, factors above and below one fraction bar, so two names are the same observable exactly where their forms
are equal. Texts come from files and command lines: length, factors, powers and depth are bounded, and nothing
in a text is executed.
"""

from __future__ import annotations

import re
from collections import Counter

from g2sym.base.atoms import (
    AVAILABLE,
    COMPLEX,
    COUNTS,
    DECAYS,
    DIMENSIONS,
    LEPTONS,
    PARTS,
    PLANNED,
    Atom,
    power_of_gev,
    takes,
)
from g2sym.base.classes import dataclass, replace
from g2sym.base.processes import RATES, particles
from g2sym.errors import UsageError, shorten

__all__ = [
    "COMPLEX", "COUNTS", "DECAYS", "DIMENSIONS", "LEPTONS", "PARTS", "PLANNED",
    "Atom", "Factors", "ObservableName", "parse_observable",
]  # fmt: skip

MAX_LENGTH = 200
"""Most characters of a name."""
MAX_FACTORS = 8
"""Most atoms written in a name."""
MAX_POWER = 8
"""Largest power of an atom."""
MAX_DEPTH = 8
"""Deepest nesting of parentheses."""

_TOKEN = re.compile(r"[ \t]*([A-Za-z_][A-Za-z0-9_]*|[0-9]+|\*\*|[*/^()])", re.ASCII)
_ARGUMENT = re.compile(
    r"[ \t]*\([ \t]*([A-Za-z_]+)[ \t]*(?:->[ \t]*([A-Za-z_]+)[ \t]*(?:[ \t]([A-Za-z_]+)[ \t]*)?)?\)", re.ASCII
)
_PROCESS = re.compile(r"[ \t]*\(((?:[^()]|\([^()]*\))*)\)", re.ASCII)


Factors = tuple[tuple[Atom, int], ...]


@dataclass(frozen=True)
class ObservableName:
    """The canonical name of an observable: the product of some atoms, divided by that of others.

    Parameters: ``numerator``, ``denominator``, pairs of an atom and its power, in any order; both are kept
    sorted: a before d, then e, mu, tau. ``str`` gives the canonical text, which `parse_observable` reads.
    Raises UsageError for an empty numerator, an atom that occurs twice, and powers outside 1 to 8.

    >>> print(ObservableName(((Atom("d", ("e",)), 1), (Atom("a", ("mu",)), 2))))
    a(mu)^2*d(e)
    """

    numerator: Factors
    denominator: Factors = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "numerator", tuple(sorted(self.numerator, key=_order)))
        object.__setattr__(self, "denominator", tuple(sorted(self.denominator, key=_order)))
        if not self.numerator:
            raise UsageError(f"the numerator is empty; {AVAILABLE}.")
        for side in (self.numerator, self.denominator):
            for atom, power in side:
                if isinstance(power, bool) or not isinstance(power, int) or not 1 <= power <= MAX_POWER:
                    raise UsageError(f"the power of {atom} is no whole number from 1 to {MAX_POWER}.")
                if sum(other == atom for other, _ in side) > 1:
                    raise UsageError(f"{atom} stands twice in a product; write a power of it.")
        for atom in self.atoms:
            if atom.is_complex and not atom.part and self.atom is None:
                raise UsageError(
                    f"{atom} is complex: in products and quotients take re({atom}) or im({atom})."
                )
        for atom in dict(self.numerator).keys() & dict(self.denominator).keys():
            raise UsageError(
                f"{atom} is a factor of the numerator and of the denominator; "
                f"cancel it, since {atom}/{atom} is 1."
            )

    def __str__(self) -> str:
        top, bottom = _product(self.numerator), _product(self.denominator)
        if not bottom:
            return top
        return f"{top}/({bottom})" if len(self.denominator) > 1 else f"{top}/{bottom}"

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """Every atom, those above first."""
        return tuple(atom for atom, _ in (*self.numerator, *self.denominator))

    @property
    def below(self) -> ObservableName:
        """The name of the denominator; raises UsageError where there is none."""
        return ObservableName(self.denominator)

    @property
    def atom(self) -> Atom | None:
        """The atom, where the observable is a single one to the first power; else None.

        >>> print(parse_observable("d(mu)").atom)
        d(mu)
        """
        single = len(self.numerator) == 1 and not self.denominator and self.numerator[0][1] == 1
        return self.numerator[0][0] if single else None

    @property
    def moment(self) -> str:
        """The lepton whose anomalous magnetic moment the observable is, empty for any other observable.

        >>> parse_observable("a(tau)").moment, parse_observable("im(a(tau))").moment
        ('tau', '')
        """
        one = self.atom
        return one.lepton if one is not None and one.name == "a" and not one.part else ""

    @property
    def leptons(self) -> tuple[str, ...]:
        """The charged leptons that occur, in the order e, mu, tau.

        >>> parse_observable("d(tau)/a(e)").leptons
        ('e', 'tau')
        """
        found = {lepton for atom, _ in (*self.numerator, *self.denominator) for lepton in atom.leptons}
        return tuple(lepton for lepton in LEPTONS if lepton in found)

    @property
    def unit(self) -> str:
        """The natural unit: ``"1"``, ``"GeV"`` or a power of GeV such as ``"GeV^-1"``.

        >>> parse_observable("a(mu)*d(e)").unit
        'GeV^-1'
        """
        powers: dict[str, int] = {}
        dimension = 0
        for side, sign in ((self.numerator, 1), (self.denominator, -1)):
            for atom, power in side:
                if atom.unit in ("s", "m", "pb"):
                    powers[atom.unit] = powers.get(atom.unit, 0) + sign * power
                else:
                    dimension += sign * power * DIMENSIONS[atom.name]
        named = [n if p == 1 else f"{n}^{p}" for n, p in sorted(powers.items()) if p]
        own = power_of_gev(dimension)
        return "*".join(named if named and own == "1" else [own, *named])


def parse_observable(text: str, place: str = "observable") -> ObservableName:
    """Read the name of an observable, such as ``"a(mu)"`` or ``"a(e)/a(mu)"``.

    Parameters: ``text``, at most 200 characters; ``place``, how an error message calls the place it was
    written in, such as ``"--observable"``.
    Returns the canonical name; quotients and products group from the left, as in arithmetic.
    Raises UsageError, one sentence with the place and what to write instead, for any other text.

    >>> str(parse_observable("d(e) * a(mu) / a(e)^2"))
    'a(mu)*d(e)/a(e)^2'
    """
    if not isinstance(text, str):
        raise UsageError(f"{place}: {shorten(repr(text))} is not a text; write for instance 'a(mu)'.")
    if len(text) > MAX_LENGTH:
        raise UsageError(f"{place}: {shorten(text)} has more than {MAX_LENGTH} characters; shorten it.")
    try:
        return _Parser(text).read()
    except UsageError as error:
        raise UsageError(f"{place} {shorten(text)}: {error}") from None


def _order(factor: tuple[Atom, int]) -> tuple[str, list[int], str]:
    atom = factor[0]
    if atom.is_rate:
        return atom.name, [len(LEPTONS)], str(atom)
    return atom.name, [LEPTONS.index(lepton) for lepton in atom.arguments], atom.part


def _with_field(after: str) -> bool:
    """True for two products of which one is a field of a model: l -> l' X, and not l -> l' gamma."""
    try:
        found = particles(after)
    except UsageError:
        return False
    other = [n for n in found if n not in (*LEPTONS, "A", "gamma")]
    return len(found) == 2 and bool(other)


def _product(factors: Factors) -> str:
    return "*".join(str(atom) if power == 1 else f"{atom}^{power}" for atom, power in factors)


@dataclass
class _Side:
    """Atoms with powers above and below the fraction bar, while a text is read."""

    top: Counter[Atom]
    bottom: Counter[Atom]

    def times(self, other: _Side) -> _Side:
        return _Side(self.top + other.top, self.bottom + other.bottom)

    def inverse(self) -> _Side:
        return _Side(self.bottom, self.top)

    def power(self, exponent: int) -> _Side:
        return _Side(
            *(Counter({a: n * exponent for a, n in part.items()}) for part in (self.top, self.bottom))
        )


class _Parser:
    """Recursive descent over the signs of one text; its depth and its factors are bounded."""

    def __init__(self, text: str) -> None:
        self.text = text.rstrip(" \t")
        self.place = 0
        self.factors = 0

    def read(self) -> ObservableName:
        if not self.text.strip(" \t"):
            raise UsageError("it is empty; write for instance a(mu).")
        found = self.product(0)
        if left := self.peek():
            raise UsageError(f"{shorten(left)} is left over at the end; join factors with * or /.")
        return ObservableName(_factors(found.top), _factors(found.bottom))

    def peek(self) -> str:
        """Return the next sign without moving on; empty at the end."""
        if self.place >= len(self.text):
            return ""
        found = _TOKEN.match(self.text, self.place)
        if found is None:
            odd = self.text[self.place :].lstrip(" \t")[:1]
            raise UsageError(f"the character {shorten(odd)} has no meaning here; {AVAILABLE}.")
        return found[1]

    def take(self) -> str:
        token = self.peek()
        found = _TOKEN.match(self.text, self.place)
        self.place = found.end() if found else len(self.text)
        return token

    def product(self, depth: int) -> _Side:
        if depth > MAX_DEPTH:
            raise UsageError(f"parentheses nest deeper than {MAX_DEPTH} levels; flatten it.")
        found = self.power(depth)
        while (sign := self.peek()) in ("*", "/"):
            self.take()
            other = self.power(depth)
            found = _bounded(found.times(other if sign == "*" else other.inverse()))
        return found

    def power(self, depth: int) -> _Side:
        found = self.base(depth)
        sign = self.peek()
        if sign == "**":
            raise UsageError("'**' has no meaning here; write a power as a(mu)^2.")
        if sign != "^":
            return found
        self.take()
        digits = self.take()
        if not digits.isdigit() or not 1 <= int(digits) <= MAX_POWER:
            raise UsageError(f"the power after ^ is not a whole number from 1 to {MAX_POWER}; write a(mu)^2.")
        if self.peek() == "^":
            raise UsageError("a power of a power needs parentheses; multiply the two instead.")
        return _bounded(found.power(int(digits)))

    def base(self, depth: int) -> _Side:
        token = self.take()
        if token == "(":
            found = self.product(depth + 1)
            self.close()
            return found
        if not token:
            raise UsageError("it ends where an observable is expected; write for instance a(mu).")
        if not (token[0].isalpha() or token[0] == "_"):
            raise UsageError(f"{shorten(token)} stands where an observable is expected; {AVAILABLE}.")
        if token in PARTS:
            return _Side(Counter({self.part(token): 1}), Counter())
        self.count()
        return _Side(Counter({self.atom(token): 1}), Counter())

    def part(self, name: str) -> Atom:
        """Read what stands behind re or im: one atom in parentheses; re(a(mu)) is a(mu)."""
        mend = f"{name} takes one observable such as a(l); write {name}(a(mu))"
        if self.take() != "(" or (inner := self.take()) in PARTS or not inner[:1].isalpha():
            raise UsageError(f"{mend}.")
        self.count()
        found = self.atom(inner)
        if self.peek() not in (")", ""):
            raise UsageError(f"{mend}, and products of such parts outside.")
        self.close()
        return replace(found, part=name)

    def count(self) -> None:
        self.factors += 1
        if self.factors > MAX_FACTORS:
            raise UsageError(f"more than {MAX_FACTORS} factors; write powers as a(mu)^2, or fewer factors.")

    def atom(self, name: str) -> Atom:
        process = self.process(name)
        if process is not None:
            return process
        argument = _ARGUMENT.match(self.text, self.place)
        if argument is not None:
            self.place = argument.end()
            found = Atom(name, tuple(lepton for lepton in argument.groups()[:2] if lepton))
            if (argument[3] or "") != ("A" if name in DECAYS else ""):
                raise UsageError(f"{takes(name)}.")
            return found
        if name not in DIMENSIONS:
            Atom(name, ("mu",) if name in PLANNED else ())  # raises
        if COUNTS.get(name) != (1,):
            raise UsageError(f"{takes(name)}.")
        raise UsageError(f"after {name} one charged lepton is expected in parentheses; write {name}(mu).")

    def process(self, name: str) -> Atom | None:
        """Read a width, lifetime or cross-section; None for what is none, such as BR(mu -> e A)."""
        found = _PROCESS.match(self.text, self.place) if name in RATES else None
        if found is None:
            return None
        before, arrow, after = found[1].partition("->")
        if name in DECAYS and before.strip(" \t") in LEPTONS and not _with_field(after):
            return None
        atom = Atom(name, particles(before), products=particles(after) if arrow else ())
        self.place = found.end()
        return atom

    def close(self) -> None:
        if self.take() != ")":
            raise UsageError("a closing parenthesis is missing; add it.")


def _bounded(side: _Side) -> _Side:
    for atom, power in (*side.top.items(), *side.bottom.items()):
        if power > MAX_POWER:
            raise UsageError(f"the power of {atom} is above {MAX_POWER}; lower it.")
    return side


def _factors(counts: Counter[Atom]) -> Factors:
    return tuple(counts.items())
