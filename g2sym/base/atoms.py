"""Single observables: which kinds there are, what they take, and their canonical texts."""

from __future__ import annotations

from g2sym.base import processes
from g2sym.base.classes import dataclass
from g2sym.base.processes import RATES
from g2sym.errors import UsageError, did_you_mean, shorten

LEPTONS = ("e", "mu", "tau")
"""The charged leptons, as they are written in a name."""
_ONE_LEPTON = tuple((lepton,) for lepton in LEPTONS)
DIMENSIONS = {
    **{"a": 0, "d": -1, "A_R": -2, "A_L": -2, "L_egamma": -1, "C7": 0},
    **{kind: dimension for kind, (dimension, _) in RATES.items()},
}
"""The mass dimension of each kind of atom: a is a number, d stands for d/e in GeV^-1."""
COUNTS = {
    **{"a": (1,), "d": (1,), "C7": (1,)},
    **{"A_R": (1, 2), "A_L": (1, 2), "L_egamma": (1, 2)},
    **{"BR": (2,), "Gamma": (2,)},
}
"""How many charged leptons an atom takes: two stand for a transition, ``mu -> e``."""
COMPLEX = ("A_R", "A_L", "L_egamma", "C7")
"""Kinds that are complex for any masses."""
DECAYS = ("BR", "Gamma")
"""Kinds that name a decay with all its products: ``BR(mu -> e A)``, A the photon."""
PARTS = ("re", "im")
"""Parts of a single observable: above threshold a(l) and d(l) are complex, form factors always."""
PLANNED = ("B_n", "abs")
"""Names that the grammar keeps for observables to come."""
AVAILABLE = (
    "available are a(l) and d(l) with l = e, mu or tau, A_R(mu -> e), A_L(mu -> e), L_egamma(mu -> e), "
    "C7(l), BR(mu -> e A) and Gamma(mu -> e A), widths and cross-sections of the model's fields such as "
    "Gamma(a -> A A), BR(a -> mu bar(mu)), lifetime(a) and sigma(e bar(e) -> A a), real and imaginary parts "
    "such as im(a(l)), and products, quotients and powers of these"
)
_EVERY = (
    *(f"{kind}({lepton})" for kind, counts in COUNTS.items() if 1 in counts for lepton in LEPTONS),
    *(
        f"{kind}({first} -> {second}{' A' if kind in DECAYS else ''})"
        for kind, counts in COUNTS.items()
        if 2 in counts
        for first in LEPTONS
        for second in LEPTONS
        if first != second
    ),
)
_LONG_NAMES = {"electron": "e", "muon": "mu", "tauon": "tau", "amm": "a", "edm": "d"}


@dataclass(frozen=True)
class Atom:
    """A single observable: ``name``, a key of `DIMENSIONS`; ``arguments``, one or two charged leptons.

    a(l) is the anomalous magnetic moment (unit 1), d(l) the electric dipole moment d/e (unit GeV^-1), A_R and
    A_L are the dipole form factors of l1 -> l2 gamma (GeV^-2; of one lepton where one is given), L_egamma the
    Wilson coefficient of the JMS basis (GeV^-1), C7 flavio's of one lepton, BR and Gamma the branching ratio
    and the width (GeV) of l1 -> l2 gamma.
    ``part`` is ``"im"`` for the imaginary part, ``"re"`` for the real one of what is complex everywhere,
    empty for the value itself, of a and d the real part above threshold.
    Raises UsageError for another name, lepton or part, with the nearest name there is.

    >>> str(Atom("a", ("mu",))), str(Atom("d", ("tau",), "im")), str(Atom("BR", ("mu", "e")))
    ('a(mu)', 'im(d(tau))', 'BR(mu -> e A)')
    """

    name: str
    arguments: tuple[str, ...]
    part: str = ""
    products: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "arguments", tuple(self.arguments))
        object.__setattr__(self, "products", processes.in_order(tuple(self.products)))
        if self.part not in ("", *PARTS):
            raise UsageError(f"there is no part {shorten(self.part)} of an observable; choose re or im.")
        if self.name in PLANNED:
            raise UsageError(f"{self.name} is not available yet; {AVAILABLE}.")
        given = self.arguments[0] if self.arguments else ""
        if self.name not in DIMENSIONS:
            raise UsageError(
                f"there is no observable {shorten(self.name)}{_near(self.name, given)}; {AVAILABLE}."
            )
        if self.is_rate:
            processes.check(self.name, self.arguments, self.products)
            for name in map(processes.plain, (*self.arguments, *self.products)):
                if name in ("electron", "muon", "tauon"):
                    near = did_you_mean(_LONG_NAMES.get(name, name), LEPTONS)
                    raise UsageError(
                        f"there is no charged lepton {shorten(name)}{near}; choose {', '.join(LEPTONS)}."
                    )
                if name in ("photon", "gamma"):
                    raise UsageError(f"{name} is no particle here; the photon is written A.")
            if self.part == "im":
                raise UsageError(f"{self.name} is real; leave out im.")
            object.__setattr__(self, "part", "")
            return
        if len(self.arguments) not in COUNTS[self.name]:
            raise UsageError(f"{takes(self.name)}.")
        for lepton in self.arguments:
            if lepton not in LEPTONS:
                near = (
                    _near(self.name, lepton)
                    if len(self.arguments) == 1
                    else did_you_mean(_LONG_NAMES.get(lepton[:40].lower(), lepton[:40]), LEPTONS)
                )
                raise UsageError(
                    f"there is no charged lepton {shorten(lepton)}{near}; choose {', '.join(LEPTONS)}."
                )
        if len(self.arguments) == 2 and given == self.arguments[1]:
            mend = (
                f"write {self.name}({given})" if 1 in COUNTS[self.name] else "a lepton decays to another one"
            )
            raise UsageError(f"{self.name} goes from {given} to {given}; {mend}.")
        if self.name in DECAYS and LEPTONS.index(given) < LEPTONS.index(self.arguments[1]):
            raise UsageError(f"{given} is lighter than {self.arguments[1]} and does not decay into it.")
        if self.part == "re" and not self.is_complex:
            object.__setattr__(self, "part", "")  # re(a(mu)) is a(mu)
        if self.part == "im" and self.name in DECAYS:
            raise UsageError(f"{self.name} is real; leave out im.")

    @property
    def lepton(self) -> str:
        """The charged lepton that it belongs to, of a transition the one that decays."""
        return self.arguments[0]

    @property
    def is_rate(self) -> bool:
        """True for a width, lifetime or cross-section at tree level, False for l -> l' gamma."""
        own = self.name in RATES
        rate = self.name not in DECAYS or bool(self.products) or self.arguments[:1] not in _ONE_LEPTON
        return own and rate

    @property
    def leptons(self) -> tuple[str, ...]:
        """The charged leptons that occur: all of them in a sum of all channels."""
        own = self.arguments[0] in processes.OWN
        if self.is_rate and not own and (self.name == "BR" or not self.products):
            return LEPTONS
        found = {processes.plain(n) for n in (*self.arguments, *self.products)}
        return tuple(n for n in LEPTONS if n in found)

    @property
    def unit(self) -> str:
        """The unit that its values are in."""
        if self.name in RATES:
            return RATES[self.name][1]
        return power_of_gev(DIMENSIONS[self.name])

    @property
    def is_complex(self) -> bool:
        """True for a kind that is complex for any masses."""
        return self.name in COMPLEX

    def __str__(self) -> str:
        if self.is_rate:
            return processes.text_of(self.name, self.arguments, self.products)
        text = f"{self.name}({' -> '.join(self.arguments)}{' A' if self.name in DECAYS else ''})"
        return f"{self.part}({text})" if self.part else text


def power_of_gev(dimension: int) -> str:
    """Return the unit of a mass dimension: ``"1"``, ``"GeV"`` or a power of it."""
    return {0: "1", 1: "GeV"}.get(dimension, f"GeV^{dimension}")


def takes(name: str) -> str:
    """Say what stands in the parentheses of a kind of atom."""
    if name not in COUNTS:
        return f"{name} takes a process in parentheses; write {processes.EXAMPLES[name]}"
    if COUNTS[name] == (1,):
        return f"{name} takes one charged lepton in parentheses; write {name}(mu)"
    if name in DECAYS:
        return f"{name} takes a decay in parentheses; write {name}(mu -> e A), A the photon"
    return f"{name} takes one charged lepton or a transition in parentheses; write {name}(mu -> e)"


def _near(name: str, lepton: str) -> str:
    """Return " (did you mean 'a(mu)'?)" for the nearest atom, or an empty string."""
    name, lepton = name[:40].lower(), lepton[:40].lower()
    name, lepton = _LONG_NAMES.get(name, name), _LONG_NAMES.get(lepton, lepton)
    return did_you_mean(f"{name}({lepton})" if lepton else name, _EVERY)
