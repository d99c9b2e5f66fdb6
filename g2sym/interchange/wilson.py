"""Wilson coefficients of a model's dipole operators at a point, with everything that stands with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from g2sym.base import arguments
from g2sym.base.balls import MAX_DIGITS, Ball, certify
from g2sym.base.classes import dataclass, field, replace
from g2sym.base.exact import decimal_text, read_number
from g2sym.base.names import Atom, ObservableName
from g2sym.derive.terms import Term
from g2sym.errors import InputError, UsageError, did_you_mean, shorten
from g2sym.integrals.transition import TransitionIntegral
from g2sym.interchange.coefficient import WilsonCoefficient
from g2sym.interchange.names import BASES, EFTS, Home, Process, name_of, read_process
from g2sym.kernels.transition import TransitionValues
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.prepared import prepared
from g2sym.observables.quantity import Quantity
from g2sym.observables.threshold import crossed
from g2sym.observables.values import Values
from g2sym.queries.evaluate import Compute, in_balls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record

NO_RUNNING = (
    "Each coefficient is the amplitude at q^2 = 0 with every mass kept, taken at its scale as it stands: QED "
    "logarithms between the mediators' masses and that scale are not included."
)
NEW_PHYSICS = "Contributions of the mediators alone: those of the Standard Model are not included."


@dataclass(frozen=True)
class WilsonCoefficients:
    """The coefficients of the dipole operators of some processes, made by `Model.wilson`.

    A mapping in all but name: ``found["C7_mumu"]``, ``list(found)``. ``basis`` names them; ``homes`` says for
    each in which effective theory and at which scale it is taken; ``observables`` has the values behind them,
    ``a(mu)`` and ``d(mu)`` (GeV^-1), of a decay both parts of A_R and A_L (GeV^-2) and ``BR(mu -> e A)``;
    ``absent`` says of processes above a threshold why they have no coefficient; ``record`` how all came
    about, and ``statements`` what a reader has to know.
    """

    basis: str
    digits: int
    processes: tuple[Process, ...]
    coefficients: Mapping[str, WilsonCoefficient]
    homes: Mapping[str, Home]
    observables: Mapping[str, Ball]
    absent: Mapping[str, str]
    record: Entries = field(repr=False)

    def __getitem__(self, name: str) -> WilsonCoefficient:
        if name not in self.coefficients:
            known = ", ".join(self.coefficients) or "none"
            raise UsageError(
                f"there is no coefficient {shorten(name)}{did_you_mean(str(name), self.coefficients)}; "
                f"there is {known}."
            )
        return self.coefficients[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.coefficients)

    def __len__(self) -> int:
        return len(self.coefficients)

    @property
    def statements(self) -> tuple[str, ...]:
        """What is not included and what to know, a sentence each."""
        found: list[str] = [NEW_PHYSICS, NO_RUNNING, *self.record["announcements"], *self.absent.values()]
        return tuple(dict.fromkeys(found))

    @property
    def home(self) -> Home:
        """The effective theory and the scale of all of them.

        Raises UsageError where there is no coefficient, and where they are taken at different scales.
        """
        for sentence in self.absent.values():
            raise UsageError(sentence)
        places: dict[Home, str] = {}
        for name, home in self.homes.items():
            places.setdefault(home, name)
        if len(places) > 1:
            where = " and ".join(f"{name} in {home}" for home, name in places.items())
            raise UsageError(
                f"flavio takes {where}, and a WCxf file has one scale: write a file for each, or choose eft "
                "and scale for all, from where flavio runs them."
            )
        return next(iter(places))

    def wcxf(self) -> str:
        """Return the text of a WCxf file (JSON), values rounded to the nearest doubles.

        Raises what `home` raises, and UsageError for a value beyond the range of doubles.
        Source: arXiv:1712.05298.
        """
        from g2sym.interchange.wcxf import text

        return text(self.coefficients, self.home, self.basis, self.record, self.statements)

    def slha(self) -> str:
        """Return the text of an SLHA file with the block ``SPhenoLowEnergy``: moments, d in e cm.

        Raises UsageError for a value beyond the range of doubles.
        """
        from g2sym.interchange.slha import text

        return text(self.observables, self.record, self.statements)

    def as_dict(self) -> Record:
        """Return a JSON-ready record: coefficients with radii, observables, homes, statements, inputs."""

        def shown(ball: Ball) -> Record:
            value, radius = ball.printed(self.digits)
            return {"value": value, "radius": radius}

        found = {
            name: {
                "re": shown(one.re),
                "im": shown(one.im),
                "unit": one.unit,
                "process": str(one.process),
                "eft": self.homes[name].eft,
                "scale": decimal_text(self.homes[name].scale, 40),
            }
            for name, one in self.coefficients.items()
        }
        return {
            **self.record,
            "basis": self.basis,
            "digits": self.digits,
            "processes": [str(one) for one in self.processes],
            "coefficients": found,
            "observables": {name: shown(ball) for name, ball in self.observables.items()},
            "absent": dict(self.absent),
            "statements": list(self.statements),
        }


def wilson_coefficients(
    quantity: Quantity,
    processes: Sequence[object],
    raw: Mapping[str, object],
    digits: int = 17,
    basis: str = "flavio",
    eft: str | None = None,
    scale: object = None,
) -> WilsonCoefficients:
    """Return the Wilson coefficients of the dipole operators at a point.

    Parameters: ``quantity``, any of the model's observables; ``processes``, leptons and decays as
    `read_process` takes them; ``raw``, values by name; ``digits``, significant decimals of each part;
    ``basis``, "flavio" or "JMS"; ``eft`` and ``scale`` (GeV), both or none, in place of flavio's.
    Raises UsageError for what makes no sense, UnsupportedError for couplings that are not derived,
    PrecisionError when the digits cannot be reached.
    """
    digits = arguments.whole(digits, "digits", 1, MAX_DIGITS)
    wanted = _processes(processes)
    if arguments.text(basis, "basis", "flavio") not in BASES:
        raise UsageError(
            f"there is no basis {shorten(basis)}{did_you_mean(str(basis), BASES)}; choose {', '.join(BASES)}."
        )
    chosen = _home(eft, scale, wanted)
    atoms = tuple(atom for one in wanted for atom in _atoms(one))
    whole = Quantity(
        quantity.model,
        ObservableName(tuple((atom, 1) for atom in atoms)),
        quantity.inputs,
        quantity.conventions,
        quantity.partial,
        quantity.quoted,
    )
    whole, known = whole.known(raw)
    whole.refuse_pending(known)
    every = {amplitude.name: amplitude for amplitude in whole.amplitudes}
    sums: dict[str, Compute] = {}
    for name, amplitude in every.items():
        own = amplitude.values(known)
        own.require(symbol for term in amplitude.terms for symbol in term.needs())
        sums[name] = prepared(amplitude.terms, own, amplitude.label, amplitude.imaginary)
    observables = {name: certify(total, digits, every[name].label) for name, total in sums.items()}
    for one in wanted:
        if not one.is_moment:
            rate = Atom("BR", (one.initial, one.final))
            total = in_balls(replace(whole, name=ObservableName(((rate, 1),))), raw)
            observables[str(rate)] = certify(total, digits, str(rate))
    coefficients: dict[str, WilsonCoefficient] = {}
    absent: dict[str, str] = {}
    homes: dict[str, Home] = {}
    for one in wanted:
        behind = [str(atom) for atom in _atoms(one)]
        if sentence := _absorptive(one, [every[name] for name in behind], known):
            absent[str(one)] = sentence
            continue
        for final, initial in dict.fromkeys(((one.final, one.initial), (one.initial, one.final))):
            name = name_of(basis, final, initial)
            asked = _coefficient(final, initial, basis)
            re, im = (certify(in_balls(replace(whole, name=part), raw), digits, name) for part in asked)
            coefficients[name] = WilsonCoefficient(name, one, asked[0].unit, re, im)
            homes[name] = chosen or one.home
    record = whole.record(known)
    for key in ("observable", "unit", "lepton"):
        record.pop(key)
    record["announcements"] = [*record["announcements"], *_light(homes, known)]
    record["inputs_used"] = {**record["inputs_used"], **_entered(quantity, wanted, basis)}
    return WilsonCoefficients(basis, digits, wanted, coefficients, homes, observables, absent, record)


def _processes(given: Sequence[object]) -> tuple[Process, ...]:
    found = tuple(read_process(one) for one in given)
    if not found:
        raise UsageError("no process is named; give leptons or decays, such as 'mu' or 'mu -> e'.")
    for one in found:
        if found.count(one) > 1:
            raise UsageError(f"{one} is named twice; name it once.")
    return found


def _atoms(process: Process) -> tuple[Atom, ...]:
    """Return what a process's coefficients follow from: a and d, or both parts of A_R and of A_L."""
    if process.is_moment:
        return Atom("a", (process.initial,)), Atom("d", (process.initial,))
    both = process.initial, process.final
    return tuple(Atom(kind, both, part) for kind in ("A_R", "A_L") for part in ("re", "im"))


def _home(eft: str | None, scale: object, wanted: Sequence[Process]) -> Home | None:
    """Read the effective theory and the scale of all coefficients; None where flavio's are taken."""
    if eft is None and scale is None:
        return None
    if eft is None or scale is None:
        raise UsageError("eft and scale belong together; give both, or none for those that flavio uses.")
    if arguments.text(eft, "eft", "WET") not in EFTS:
        raise UsageError(f"there is no effective theory {shorten(eft)}; choose {', '.join(EFTS)}.")
    try:
        value = read_number(scale, "scale")
    except InputError as error:
        raise UsageError(str(error)) from None
    if value <= 0:
        raise UsageError(f"scale: {decimal_text(value, 6)} GeV is not positive; it has to be.")
    if eft == "WET-3" and any("tau" in (one.initial, one.final) for one in wanted):
        raise UsageError("WET-3 is without the tau; choose WET or WET-4.")
    return Home(eft, value)


def _coefficient(final: str, initial: str, basis: str) -> tuple[ObservableName, ObservableName]:
    """Return what a coefficient's real and imaginary part are, the lepton that comes out first.

    Below threshold the one of the opposite transition, [L_egamma]_{12} = e m_2 A_R(2 -> 1)/2, is that of the
    same operator's Hermitian conjugate.
    """
    one = final == initial
    kind = "C7" if one and basis == "flavio" else "L_egamma"
    leptons = (final,) if one else (initial, final)
    re, im = (ObservableName(((Atom(kind, leptons, part), 1),)) for part in ("re", "im"))
    return re, im


def _entered(quantity: Quantity, wanted: Sequence[Process], basis: str) -> dict[str, str]:
    """Return the inputs behind the normalisation of the coefficients, as exact decimals."""
    moments = basis == "flavio" and any(one.is_moment for one in wanted)
    charges = basis == "JMS" or any(not one.is_moment for one in wanted)
    names = [f"m_{lepton}" for one in wanted for lepton in (one.initial, one.final)]
    names += [f"tau_{one.initial}" for one in wanted if not one.is_moment]
    names += ["G_F"] * moments + ["alpha_inverse"] * charges
    return {name: decimal_text(quantity.inputs.value(name), 40) for name in names}


def _absorptive(process: Process, amplitudes: Sequence[Amplitude], known: Values) -> str:
    """Say why a process above threshold has no Wilson coefficient; empty where it has."""
    for amplitude in amplitudes:
        own = amplitude.values(known)
        for term in amplitude.terms:
            where = _where(term, own)
            if where and not own.vanishes(term.coefficient):
                return (
                    f"{process}: {where}, so the form factors have absorptive parts that no Hermitian "
                    "Lagrangian gives: there is no Wilson coefficient."
                )
    return ""


def _where(term: Term, known: Values) -> str:
    """Say which masses a term's lepton is heavier than; empty below threshold."""
    if isinstance(term.integral, TransitionIntegral):
        ratios = term.masses.exact_ratios(known.exact)
        diagram = term.integral.diagram
        if not TransitionValues(term.integral).is_complex(ratios):
            return ""
        return f"{term.masses.lepton} is above the threshold of {diagram.boson} and {diagram.fermion}"
    masses = crossed(term, known)
    return f"{masses} lies below {term.masses.lepton}" if masses else ""


def _light(homes: Mapping[str, Home], known: Values) -> list[str]:
    """Say which particles in the loop are lighter than the scale of a coefficient."""
    if not homes:
        return []
    highest = max(home.scale for home in homes.values())
    fields = known.declaration.fields.values()
    masses = dict.fromkeys(f.mass for f in fields if f.mass is not None)
    light = []
    for name in masses:
        try:
            value = known.exact(name)
        except UsageError:  # a mass that enters nothing needs no value
            continue
        if value < highest:
            light.append(f"{name} = {decimal_text(value, 17)}")
    if not light:
        return []
    return [
        f"{', '.join(light)} GeV is below the scale of a coefficient: it gives the dipole moments of an "
        "on-shell photon all the same, but such a particle is no part of the effective theory and has other "
        "effects of its own."
    ]
