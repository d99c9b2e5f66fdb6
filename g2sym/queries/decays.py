"""Every decay of a particle at a point, and over values of parameters, certified."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

from g2sym.base.arguments import text, whole
from g2sym.base.balls import MAX_DIGITS, Ball, certify, number
from g2sym.base.classes import dataclass, replace
from g2sym.base.exact import decimal_text
from g2sym.base.masses import read_several, read_value
from g2sym.base.names import Atom, ObservableName
from g2sym.base.processes import MEASURED, particles, plain
from g2sym.derive.channels import channels, field_of
from g2sym.errors import UnsupportedError, UsageError, did_you_mean, shorten
from g2sym.inputs.si import LIGHT, PLANCK
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Total, parts_of
from g2sym.observables.kinematics import KINEMATIC
from g2sym.observables.prepared import prepared_amplitude
from g2sym.observables.quantity import Quantity
from g2sym.observables.used import reached
from g2sym.observables.values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Record

    Compute = Callable[[int], arb]

OPEN, CLOSED, NONE = "open", "closed", "no coupling"
"""What a channel is: open, closed at this mass, or open with a coupling that is zero."""


@dataclass(frozen=True)
class Branch:
    """One channel at one point.

    Parameters: ``products``, such as ``("mu", "bar(mu)")``; ``threshold``, the mass in GeV above which it is
    open, None where a product's mass has no value and the coupling is zero; ``opens``, that mass in symbols,
    ``2*m_mu``; ``state``, "open", "closed" or "no coupling";
    ``width`` in GeV; ``branching_ratio``, None where the total width is zero.
    """

    products: tuple[str, ...]
    threshold: Fraction | None
    opens: str
    state: str
    width: Ball
    branching_ratio: Ball | None

    @property
    def name(self) -> str:
        """The products as an observable's name has them, ``mu bar(mu)``."""
        return " ".join(self.products)


@dataclass(frozen=True)
class DecayRow:
    """Every channel at one point.

    Parameters: ``point``, the varied parameters; ``mass`` of what decays in GeV; ``total``, the width in GeV;
    ``lifetime`` in s, ``c_tau`` and ``length`` in m, None for a stable particle, ``length`` also where no
    energy was given, or one below the mass.
    """

    point: tuple[tuple[str, Fraction], ...]
    mass: Fraction
    branches: tuple[Branch, ...]
    total: Ball
    lifetime: Ball | None
    c_tau: Ball | None
    length: Ball | None

    @property
    def values(self) -> dict[str, Fraction]:
        """The varied parameters of this row."""
        return dict(self.point)

    @property
    def is_stable(self) -> bool:
        """True where no channel has a width."""
        return self.lifetime is None


def the_parent(declaration: Declaration, parent: str | None) -> str:
    """Return the particle whose decays are asked for, by default the model's one mediator.

    Raises UsageError for a particle that the model does not have, and where there are several mediators;
    UnsupportedError for one whose decays are not derived.
    """
    bosons = [name for name, field in declaration.fields.items() if not field.is_fermion]
    if parent is None:
        if len(bosons) != 1:
            has = f"the mediators {', '.join(bosons)}" if bosons else "no mediator"
            raise UsageError(
                f"The model '{declaration.name}' has {has}: name what decays (parent; --parent on the "
                "command line)."
            )
        return bosons[0]
    names = particles(text(parent, "parent", "a"))
    if len(names) != 1:
        raise UsageError(f"parent = {shorten(parent)}: name the one particle that decays.")
    own = plain(names[0])
    known = {**STANDARD_MODEL, **declaration.fields}
    if own in MEASURED and own != "Z":
        raise UnsupportedError(
            f"{own} has no table of decays; ask for the observable BR({own} -> A {(bosons or ['X'])[0]})."
        )
    if own not in known or own in ("f", "B", "W3"):
        raise UsageError(
            f"The model '{declaration.name}' has no particle {shorten(own)}{did_you_mean(own, known)}; "
            f"it has {', '.join(declaration.fields)}."
        )
    if names[0] != own and known[own].self_conjugate:
        raise UsageError(f"{own} is its own antiparticle; write {own}.")
    if known[own].is_fermion:
        mend = "; of l -> l' gamma ask for BR(mu -> e A)" if own in ("e", "mu", "tau") else ""
        mend = mend or f"; ask for single widths, such as Gamma({own} -> ...)"
        raise UnsupportedError(f"{own} is a fermion; tables of decays are of scalars and vectors{mend}.")
    if own not in declaration.fields and own != "Z":
        raise UnsupportedError(
            f"{own} is a particle of the Standard Model; tables of decays are of mediators and of the Z."
        )
    if known[own].mass is None:
        raise UsageError(f"{own} is massless and does not decay.")
    return names[0]


class Decaying:
    """The decays of one particle of a model, ready to be evaluated at many points.

    Parameters: ``quantity``, the total width ``Gamma(a)``; ``energy`` in GeV of the particle, or None.
    """

    def __init__(self, quantity: Quantity, digits: int, energy: Fraction | None = None) -> None:
        (self.parent,) = quantity.name.atoms[0].arguments
        self.quantity, self.digits, self.energy = quantity, digits, energy
        self.declaration = quantity.declaration
        mass = field_of(self.declaration, self.parent).mass
        assert mass is not None
        self.mass = mass
        ((factor, _),) = quantity.above
        self.measured = None if isinstance(factor, Total) else factor
        found, _ = channels(self.declaration, self.parent)
        self.channels = sorted(found, key=lambda c: c.products[0] != "A")  # photons first
        self.parts: dict[tuple[str, ...], Amplitude] = {}
        for channel in self.channels:
            name = Atom("Gamma", (self.parent,), products=channel.products)
            self.parts[channel.products] = self._part(factor, name)

    def _part(self, factor: Amplitude | Total, name: Atom) -> Amplitude:
        for one in factor.parts if isinstance(factor, Total) else ():
            if one.name == str(name):
                return one
        single = replace(self.quantity, name=ObservableName(((name, 1),))).single
        assert single is not None
        return single

    # one point -----------------------------------------------------------------------------------
    def row(self, point: Sequence[tuple[str, Fraction]], known: Values) -> DecayRow:
        """Return every channel at one point; raises UsageError for missing values."""
        known.require([self.mass])
        mass = known.exact(self.mass)
        widths = {p: remembered(_width(a, a.values(known))) for p, a in self.parts.items()}

        def summed(bits: int) -> arb:
            return sum((width(bits) for width in widths.values()), number(0))

        total = summed if self.measured is None else prepared_amplitude(self.measured, known)
        whole_width = certify(total, self.digits, f"Gamma({self.parent})")
        stable = whole_width.midpoint == 0
        branches = []
        for products, width in widths.items():
            names = [n for p in products if (n := field_of(self.declaration, p).mass) is not None]
            threshold = _threshold(self.parts[products], names, known)
            label = f"{self.parent} -> {' '.join(products)}"
            value = certify(width, self.digits, f"Gamma({label})")
            ratio = None if stable else certify(_over(width, total), self.digits, f"BR({label})")
            closed = threshold is not None and mass <= threshold
            state = CLOSED if closed else NONE if value.midpoint == 0 else OPEN
            branches.append(Branch(products, threshold, _symbols(names), state, value, ratio))
        lifetime = c_tau = length = None
        if not stable:
            lifetime = certify(lambda bits: _hbar() / total(bits), self.digits, "lifetime")
            c_tau = certify(lambda bits: _hbar() * number(LIGHT) / total(bits), self.digits, "c tau")
            length = self._length(mass, total)
        return DecayRow(tuple(point), mass, tuple(branches), whole_width, lifetime, c_tau, length)

    def _length(self, mass: Fraction, total: Compute) -> Ball | None:
        """Return p/M times c tau in m."""
        if self.energy is None or self.energy < mass:
            return None
        square = (self.energy**2 - mass**2) / mass**2

        def compute(bits: int) -> arb:
            return number(square).sqrt() * _hbar() * number(LIGHT) / total(bits)

        return certify(compute, self.digits, "decay length")

    # what has to be said -------------------------------------------------------------------------
    def sentences(self, rows: Sequence[DecayRow], known: Values) -> Iterator[str]:
        """Yield what the reader has to know: a stable particle, couplings without an effect."""
        yield from self._stable(rows)
        if self.energy is not None and (below := [r for r in rows if r.mass > self.energy]):
            heaviest = max(r.mass for r in below)
            yield (
                f"There is no decay length where {self.mass} (up to {decimal_text(heaviest, 6)} GeV) is "
                f"above the energy {decimal_text(self.energy, 6)} GeV."
            )
        yield from self._without_effect(rows, known)

    def _stable(self, rows: Sequence[DecayRow]) -> Iterator[str]:
        stable = [row for row in rows if row.is_stable]
        if not stable:
            return
        if not self.channels:
            yield f"{self.parent} is stable: no coupling of this model makes it decay into two particles."
            return
        if len(rows) == 1 and rows[0].mass == 0:
            yield f"{self.mass} is zero: a massless particle does not decay."
            return
        where = "here" if len(rows) == 1 else f"at {len(stable)} of {len(rows)} points"
        row = max(stable, key=lambda r: r.mass)
        why = [f"{b.name} opens at {_shown(b)}" for b in _by_threshold(row) if b.state == CLOSED]
        why = why if len(rows) == 1 else why[:1]
        zero = [b.name for b in row.branches if b.state == NONE]
        why += [f"{', '.join(zero)} {'has' if len(zero) == 1 else 'have'} no coupling"] if zero else []
        yield f"{self.parent} is stable {where}: {'; '.join(why)}."

    def _without_effect(self, rows: Sequence[DecayRow], known: Values) -> Iterator[str]:
        every = {p: reached(a, known) for p, a in self.parts.items()}
        open_ = {b.products for row in rows for b in row.branches if b.state != CLOSED}
        ((factor, _),) = self.quantity.above
        pending = (p.coupling for a in parts_of(factor) for p in a.pending)
        left_out = frozenset[str]().union(*(c.symbols for c in pending))
        idle, shut = [], []
        for name, parameter in self.declaration.parameters.items():
            if name in KINEMATIC or name == self.mass:
                continue
            own = {name, parameter.plain, *parameter.symbols}
            feeds = [p for p, symbols in every.items() if symbols & own]
            if not feeds and not own & left_out:
                idle.append(name)
            elif feeds and not any(p in open_ for p in feeds):
                shut.append(f"{name} ({', '.join(' '.join(p) for p in feeds)})")
        if idle:
            yield f"No effect on the decays of {self.parent} at tree level: {', '.join(idle)}."
        if shut:
            yield f"Only in channels that are closed here: {', '.join(shut)}."


def _no_coupling(amplitude: Amplitude, known: Values) -> bool:
    return all(known.vanishes(t.coefficient) for t in amplitude.terms)


def _width(amplitude: Amplitude, known: Values) -> Compute:
    """Prepare a width; one without a coupling is zero and needs no masses."""
    if _no_coupling(amplitude, known):
        return lambda bits: number(0)
    return prepared_amplitude(amplitude, known)


def _threshold(amplitude: Amplitude, names: Sequence[str], known: Values) -> Fraction | None:
    try:
        return sum((known.exact(n) for n in names), Fraction(0))
    except UsageError:
        if _no_coupling(amplitude, amplitude.values(known)):
            return None
        raise


def remembered(compute: Compute) -> Compute:
    """Return a function of bits that remembers its values: every quantity of a row takes the same ones."""
    found: dict[int, arb] = {}

    def value(bits: int) -> arb:
        if bits not in found:
            found[bits] = compute(bits)
        return found[bits]

    return value


def _over(width: Compute, total: Compute) -> Compute:
    return lambda bits: width(bits) / total(bits)


def _hbar() -> arb:
    """Return hbar in GeV s."""
    from flint import arb

    return number(PLANCK) / (2 * arb.pi())


def _symbols(names: Sequence[str]) -> str:
    """Return a sum of masses as people write it: ``2*m_mu``, ``m_e + m_mu``, ``0``."""
    counts = {name: names.count(name) for name in names}
    return " + ".join(n if k == 1 else f"{k}*{n}" for n, k in counts.items()) or "0"


def _shown(branch: Branch) -> str:
    return branch.opens if branch.threshold is None else f"{branch.opens} = {float(branch.threshold):.6g} GeV"


def _by_threshold(row: DecayRow) -> list[Branch]:
    return sorted(row.branches, key=lambda b: b.threshold or 0)


def points_of(
    quantity: Quantity, given: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, list[Fraction]]]:
    """Split values into single ones and lists, which vary."""
    fixed: dict[str, object] = {}
    varied: dict[str, list[Fraction]] = {}
    for name, value in given.items():
        several = read_several(value, name, quantity.inputs.masses)
        if several is None:
            fixed[name] = value
        else:
            varied[name] = several
    return fixed, varied


def refuse_plain_flavours(quantity: Quantity, parent: str, names: Sequence[str]) -> None:
    """Refuse a coupling of one lepton, or in proportion to mass, without the lepton it is quoted for."""
    quoted = dict(quantity.quoted)
    for name, parameter in quantity.model.parameters.items():
        if parameter.flavour in (None, "universal") or name in quoted:
            continue
        link = "in proportion to mass" if parameter.flavour == "mass" else "one lepton's alone"
        links = f"--flavour {name}=mass, in Python with_flavour({name}='mass')"
        relate = "" if parameter.flavour == "mass" else f", or relate the leptons first ({links})"
        given = f"; {name} is given without a lepton" if name in names else ""
        raise UsageError(
            f"{parent} decays into e, mu and tau, and {name} is {link}{given}: give {name}[mu], the value "
            f"for the muon{relate}."
        )


@dataclass(frozen=True)
class Found:
    """What `decays` returns: what evaluates, single values, varied ones, rows, sentences and a record."""

    decaying: Decaying
    fixed: Mapping[str, object]
    varied: Mapping[str, Sequence[Fraction]]
    rows: tuple[DecayRow, ...]
    sentences: tuple[str, ...]
    record: Record


def decays(quantity: Quantity, digits: int, energy: object, given: Mapping[str, object]) -> Found:
    """Evaluate the decays of a particle at every combination of values.

    Parameters: ``quantity``, its total width; ``energy``, GeV or None; ``given``, values by name, a list
    where a parameter varies. Raises UsageError for missing values and an energy below the mass.
    """
    digits = whole(digits, "digits", 1, MAX_DIGITS)
    quantity, given = quantity.asked(given)
    (parent,) = quantity.name.atoms[0].arguments
    refuse_plain_flavours(quantity, parent, list(given))
    fixed, varied = points_of(quantity, given)
    boost = None if energy is None else Fraction(read_value(energy, "energy", quantity.inputs.masses))
    found = Decaying(quantity, digits, boost)
    rows: list[DecayRow] = []
    first: Values | None = None
    for combination in product(*varied.values()):
        point = tuple(zip(varied, (Fraction(v) for v in combination), strict=True))
        known = quantity.values({**fixed, **dict(point)})
        quantity.refuse_pending(known)
        for part in found.parts.values():  # those of the Z are not in its measured width
            part.refuse_pending(part.values(known))
        rows.append(found.row(point, known))
        first = known if first is None else first
    assert first is not None
    if boost is not None and all(row.mass > boost for row in rows):
        raise UsageError(
            f"energy = {decimal_text(boost, 6)} GeV lies below {found.mass} = "
            f"{decimal_text(min(r.mass for r in rows), 6)} GeV: a particle has at least its mass."
        )
    every = {name: (min(column), max(column)) for name, column in varied.items()}
    masses = [row.mass for row in rows]
    ranges = {found.mass: (min(masses), max(masses)), **every}  # what is closed stands in the table
    of_parts = (s for a in found.parts.values() for s in a.announced(a.values(first)))
    every_one = (*quantity.announced(first, ranges), *of_parts, *found.sentences(rows, first))
    said = tuple(dict.fromkeys(every_one))
    record = quantity.record(first)
    entered = frozenset[str]().union(*(reached(a, a.values(first)) for a in found.parts.values()))
    record["defaults"] = {n: v for n, v in first.defaults_used.items() if n in entered}
    for kind in ("values", "defaults"):
        record[kind] = {name: v for name, v in record[kind].items() if name not in varied}
    record["announcements"] = list(said)
    return Found(found, fixed, varied, tuple(rows), said, record)
