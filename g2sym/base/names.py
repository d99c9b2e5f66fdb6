"""Names of observables, as people write them: ``a(mu)``, ``d(e)``, ``a(e)/a(mu)``, ``a(mu)^2*d(tau)``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from g2sym.errors import UsageError, did_you_mean, shorten

LEPTONS = ("e", "mu", "tau")
KINDS = MappingProxyType({"a": "anomalous magnetic moment", "d": "electric dipole moment over e"})
"""What stands before the bracket: name to meaning."""
MAX_LENGTH = 200
MAX_FACTORS = 8
MAX_POWER = 8
_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z_0-9]*|\d+|->|[()*/^,])", re.ASCII)


@dataclass(frozen=True, order=True)
class Atom:
    """One observable of one lepton: ``kind``, a key of `KINDS`, and ``lepton``."""

    kind: str
    lepton: str

    def __str__(self) -> str:
        return f"{self.kind}({self.lepton})"


Factors = tuple[tuple[Atom, int], ...]
"""Atoms with positive powers, in the order of their names."""


@dataclass(frozen=True)
class ObservableName:
    """A quotient of products of atoms, in canonical form: nothing stands above and below."""

    numerator: Factors
    denominator: Factors = ()

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """Every atom, once each, those above first."""
        return tuple(dict.fromkeys(atom for atom, _ in (*self.numerator, *self.denominator)))

    @property
    def below(self) -> ObservableName:
        """The name of the denominator."""
        return ObservableName(self.denominator)

    def __str__(self) -> str:
        above = _written(self.numerator)
        if not self.denominator:
            return above
        below = _written(self.denominator)
        return f"{above}/({below})" if len(self.denominator) > 1 else f"{above}/{below}"


def _written(factors: Factors) -> str:
    return "*".join(str(atom) if power == 1 else f"{atom}^{power}" for atom, power in factors)


def atom(kind: str, lepton: str) -> ObservableName:
    """Return the name of a single observable.

    Example: ``str(atom("a", "mu")) == "a(mu)"``.
    """
    return ObservableName(((Atom(kind, lepton), 1),))


def read_observable(text: object) -> ObservableName:
    """Read the name of an observable.

    Parameters: ``text``, products, quotients and small powers of ``a(l)`` and ``d(l)``, l one of e, mu, tau.
    Raises UsageError with the place and the mend.

    Example: ``str(read_observable("a(e) / a(mu)")) == "a(e)/a(mu)"``.
    """
    if isinstance(text, ObservableName):
        return text
    if not isinstance(text, str) or not text.strip():
        raise UsageError(f"{shorten(text)} is no name of an observable; write for instance a(mu) or d(e).")
    if len(text) > MAX_LENGTH:
        raise UsageError(
            f"The name of an observable has {len(text)} characters; at most {MAX_LENGTH} are read."
        )
    powers = _Reader(text).whole()
    count = sum(abs(p) for p in powers.values())
    if count > MAX_FACTORS:
        raise UsageError(f"{shorten(text)} has {count} factors; at most {MAX_FACTORS} are allowed.")
    above = tuple((a, p) for a, p in sorted(powers.items()) if p > 0)
    below = tuple((a, -p) for a, p in sorted(powers.items()) if p < 0)
    if not above:
        raise UsageError(f"{shorten(text)}: nothing stands above; the quotient needs a numerator.")
    return ObservableName(above, below)


class _Reader:
    """A recursive descent over products; every atom comes with its power, negative below the line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int]] = []
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                self._fail(f"{shorten(text[at:].strip()[:1])} is not understood", at)
            assert found is not None
            self.tokens.append((found[1], found.start(1)))
            at = found.end()
        self.place = self.depth = 0

    def _fail(self, message: str, at: int | None = None) -> None:
        where = at if at is not None else self._at()
        raise UsageError(
            f"Observable {shorten(self.text)}, character {where + 1}: {message}; write for instance a(mu), "
            "d(e) or a(e)/a(mu)."
        )

    def _at(self) -> int:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else len(self.text)

    def _peek(self) -> str:
        return self.tokens[self.place][0] if self.place < len(self.tokens) else ""

    def _take(self, wanted: str) -> bool:
        if self._peek() == wanted:
            self.place += 1
            return True
        return False

    def whole(self) -> dict[Atom, int]:
        powers = self._product()
        if self._peek():
            self._fail(f"{shorten(self._peek())} follows a complete name")
        return powers

    def _product(self) -> dict[Atom, int]:
        total = dict(self._power())
        while self._peek() in ("*", "/"):
            sign = 1 if self._peek() == "*" else -1
            self.place += 1
            for one, power in self._power().items():
                before = total.get(one, 0)
                if before * sign * power < 0:
                    self._fail(f"{one} stands above and below the line; cancel it")
                total[one] = before + sign * power
        return total

    def _power(self) -> dict[Atom, int]:
        base = self._factor()
        if not self._take("^"):
            return base
        count = self._peek()
        if not count.isdigit() or len(count) > 2 or not 1 <= int(count) <= MAX_POWER:
            self._fail(f"a power is a whole number from 1 to {MAX_POWER}")
        self.place += 1
        return {one: power * int(count) for one, power in base.items()}

    def _factor(self) -> dict[Atom, int]:
        if self._take("("):
            self.depth += 1
            if self.depth > MAX_FACTORS:
                self._fail(f"brackets are nested deeper than {MAX_FACTORS}")
            inside = self._product()
            if not self._take(")"):
                self._fail("a bracket is not closed")
            self.depth -= 1
            return inside
        kind = self._peek()
        if kind not in KINDS:
            known = ", ".join(f"{k}(l): {v}" for k, v in KINDS.items())
            self._fail(
                f"{shorten(kind) if kind else 'the end'} is not an observable that is there"
                f"{did_you_mean(kind, KINDS) if len(kind) > 1 else ''} ({known})"
            )
        self.place += 1
        if not self._take("("):
            self._fail(f"the lepton of {kind} is missing")
        lepton = self._peek()
        if lepton not in LEPTONS:
            self._fail(
                f"{shorten(lepton)} is not a charged lepton{did_you_mean(lepton, LEPTONS)}: e, mu or tau"
            )
        self.place += 1
        if not self._take(")"):
            self._fail("a bracket is not closed")
        return {Atom(kind, lepton): 1}
