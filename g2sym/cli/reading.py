"""What the options of commands mean: NAME=VALUE and NAME=FROM:TO:COUNT, read without rounding.

Nothing here needs the parser of the command line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Context, Decimal
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.classes import dataclass, replace
from g2sym.base.exact import read_number
from g2sym.base.masses import NONE, read_value
from g2sym.base.names import ObservableName, parse_observable
from g2sym.errors import InputError, UsageError, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.inputs import Inputs, Measurement
    from g2sym.model.model import Model
    from g2sym.model.observable import Observable

LEPTONS = ("e", "mu", "tau")
DEFAULT_MEASUREMENT = MappingProxyType({"e": "electron-2023-rb", "mu": "muon-2025", "tau": "tau-2024"})
"""The measurement used when none is named; for the electron the one with the more precise alpha."""
DEFAULT_OF_OTHERS = MappingProxyType(
    {
        "d(e)": "electron-edm-2023",
        "d(mu)": "muon-edm-2009",
        "d(tau)": "tau-edm-2022",
        "BR(mu -> e A)": "mu-e-gamma-2025",
        "BR(tau -> mu A)": "tau-mu-gamma-2021",
        "BR(tau -> e A)": "tau-e-gamma-2010",
    }
)
"""The same for observables that are no anomalous moments, of which one measurement each is bundled."""
MAX_POINTS = 1_000_000
"""Most points that one bound may have."""
GRID_DIGITS = 17
"""Significant decimals of the inner points of a logarithmic grid."""


@dataclass(frozen=True)
class Grid:
    """The values of a varied parameter: ``name``, exact ``points``, ``logarithmic`` or linear."""

    name: str
    points: tuple[Fraction, ...]
    logarithmic: bool


def load(
    source: str,
    overrides: Sequence[str],
    scheme: str | None = None,
    flavours: Sequence[str] = (),
    *,
    kept: bool = True,
) -> Model:
    """Load a model with overridden inputs, another scheme and other flavour links where they are named.

    Parameters: ``flavours``, the texts of ``--flavour``; ``kept``: what is derived from a model's text may
    come from the cache. Raises UsageError for an override or a link that makes no sense, InputError for a
    model that is wrong.
    """
    from g2sym.model.model import Model, load_model

    inputs = read_inputs(overrides, kept=kept)
    if kept:
        from g2sym.lagrangian.kept import kept_declaration

        model = Model(kept_declaration(source), inputs)
    else:
        model = load_model(source, inputs)
    if flavours:
        links = split_assignments(flavours, "--flavour", "y=mass")
        plain = {name.partition("[")[0]: link for name, link in links.items()}
        if len(plain) < len(links):
            raise UsageError(f"--flavour: {min(plain)} is given twice; give it once.")
        model = model.with_flavour(**plain)
    return model if scheme is None else model.with_scheme(scheme)


def observed(
    model: Model, wanted: ObservableName, partial: bool, flavours: Sequence[str], *names: str | None
) -> Observable:
    """Return an observable in terms of the parameters that a command names.

    Parameters: ``flavours``, the texts of ``--flavour``, and further ``names``: where one of them is
    ``y[mu]``, y is quoted for the muon. Raises UsageError for brackets that make no sense.
    """
    name = str(wanted)
    if "X" in name:  # may stand for the model's only mediator
        from g2sym.constraints.measured import name_in

        name = str(name_in(name, model.declaration))
    found = model.observable(name, partial)
    every = (*split_assignments(flavours, "--flavour"), *names)
    if not any(name and "[" in name for name in every):
        return found
    return replace(found, quantity=found.quantity.asked({}, *every)[0])


def with_edition(edition: str | None, overrides: Sequence[str]) -> tuple[str, ...]:
    """Put the value of ``--edition``, where it is given, before the texts of ``--input``.

    So what `read_inputs` needs is one list. Raises UsageError for an edition that there is not.
    """
    from g2sym.inputs.constants import known_edition

    for text in overrides:
        if text.partition("=")[0].strip() == "edition":
            raise UsageError(f"--input {shorten(text)}: an edition is no input; write --edition NAME.")
    if edition is None:
        return tuple(overrides)
    try:
        return (f"edition={known_edition(edition, '--edition')}", *overrides)
    except InputError as error:
        raise UsageError(str(error)) from None


def read_inputs(overrides: Sequence[str], *, kept: bool = True) -> Inputs:
    """Return the inputs of an edition with overrides; raises UsageError for one that makes no sense.

    Parameters: ``overrides``, what `with_edition` returns; ``kept``: they may come from the cache.
    """
    from g2sym.inputs.constants import DEFAULT_EDITION, load_inputs
    from g2sym.inputs.kept import kept_inputs

    given = split_assignments(overrides, "--input")
    edition = given.pop("edition", DEFAULT_EDITION)
    try:
        return (kept_inputs(edition) if kept else load_inputs(edition=edition)).override(given)
    except InputError as error:
        raise UsageError(f"--input: {error}") from None


def split_assignments(texts: Sequence[str], option: str, example: str = "m_a=0.5") -> dict[str, str]:
    """Split NAME=VALUE texts; raises UsageError for a text of another form and a name given twice."""
    out: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name or not value:
            raise UsageError(f"{option} {shorten(text)}: write NAME=VALUE, for instance {example}.")
        if name in out:
            raise UsageError(f"{option}: {shorten(name)} is given twice; give it once.")
        out[name] = value
    return out


def read_assignments(texts: Sequence[str], overrides: Sequence[str] = ()) -> dict[str, Fraction]:
    """Read the values of ``--set``, exactly; raises UsageError for what is not a number or a mass."""
    assigned = split_assignments(texts, "--set").items()
    return {name: value(text, f"--set {name}", overrides) for name, text in assigned}


def with_kinematics(
    texts: Sequence[str], sqrt_s: str | None, energy: str | None, at: str | None, cut: str | None
) -> tuple[str, ...]:
    """Put the values of --sqrt-s, --energy, --at and --cut among the texts of --set.

    Raises UsageError for another form, and for a variable that is set as well.
    """
    found = {"--sqrt-s": ("sqrt_s", sqrt_s), "--energy": ("energy", energy)}
    for option, name, text in (("--at", "cos", at), ("--cut", "cos_max", cut)):
        found[option] = (name, None if text is None else _cosine(text, option))
    given = {text.partition("=")[0].strip() for text in texts}
    out = list(texts)
    for option, (name, value) in found.items():
        if value is None:
            continue
        if name in given:
            raise UsageError(f"{option} and --set {name} give the same value; drop one of the two.")
        out.append(f"{name}={value}")
    return tuple(out)


def _cosine(text: str, option: str) -> str:
    name, _, value = (part.strip() for part in text.partition("="))
    if name != "cos" or not value:
        raise UsageError(f"{option} {shorten(text)}: write {option} cos=VALUE, for instance cos=0.9.")
    return value


def number(text: str, where: str) -> Fraction:
    """Read a number of the command line exactly; raises UsageError."""
    try:
        return read_number(text, where)
    except InputError as error:
        raise UsageError(str(error)) from None


def value(text: str, where: str, overrides: Sequence[str] = ()) -> Fraction:
    """Read the value of a parameter exactly: a number, or a mass such as 500MeV or 2*m_mu.

    Parameters: ``overrides``, the texts of ``--input``, which give masses other values. Raises UsageError.
    """
    try:
        return read_value(text, where, read_inputs(overrides).masses if "m_" in text else NONE)
    except InputError as error:
        raise UsageError(str(error)) from None


def read_grids(texts: Sequence[str], overrides: Sequence[str] = ()) -> list[Grid]:
    """Read the values of ``--vary``.

    Parameters: texts of the form NAME=FROM:TO:COUNT (logarithmic), NAME=FROM:TO:COUNT:lin or a list
    NAME=VALUE,VALUE,...; ``overrides``, the texts of ``--input``. Returns one grid each; the ends are exact,
    inner points of a logarithmic grid are decimals of `GRID_DIGITS` digits. Raises UsageError.
    """
    grids = [_grid(name, text, overrides) for name, text in split_assignments(texts, "--vary").items()]
    total = 1
    for grid in grids:
        total *= len(grid.points)
    if total > MAX_POINTS:
        raise UsageError(f"--vary asks for {total} points; at most {MAX_POINTS} are allowed.")
    return grids


def read_list(name: str, text: str, overrides: Sequence[str]) -> tuple[Fraction, ...]:
    """Read the values of ``--vary NAME=VALUE,VALUE,...``; raises UsageError."""
    where = f"--vary {name}"
    points = tuple(value(part, where, overrides) for part in text.split(","))
    if len(points) < 2 or len(set(points)) < len(points):
        raise UsageError(f"{where}={shorten(text)[1:-1]}: list at least two values, each of them once.")
    return points


def _grid(name: str, text: str, overrides: Sequence[str]) -> Grid:
    where = f"--vary {name}"
    if "," in text:
        points = read_list(name, text, overrides)
        return Grid(name, points, min(points) > 0)
    parts = text.split(":")
    if len(parts) not in (3, 4) or (len(parts) == 4 and parts[3] not in ("lin", "log")):
        raise UsageError(
            f"{where}={shorten(text)[1:-1]}: write FROM:TO:COUNT for a logarithmic grid or "
            "FROM:TO:COUNT:lin for a linear one, for instance m_a=1e-3:10:200, "
            "or a list such as m_a=0.1,0.5,1."
        )
    first, last = (value(part, where, overrides) for part in parts[:2])
    count = number(parts[2], where)
    if count.denominator != 1 or not 2 <= count <= MAX_POINTS:
        raise UsageError(
            f"{where}: the count {shorten(parts[2])} is not a whole number from 2 to {MAX_POINTS}."
        )
    if first == last:
        raise UsageError(f"{where}: both ends are the same; use --set {name}={parts[0]}.")
    steps = int(count) - 1
    if parts[3:] == ["lin"]:
        return Grid(name, tuple(first + (last - first) * k / steps for k in range(steps + 1)), False)
    if first <= 0 or last <= 0:
        raise UsageError(f"{where}: a logarithmic grid has positive ends; add ':lin' for a linear one.")
    # decimal arithmetic with guard digits: a point that ought to be 0.01 is exactly 0.01
    context = Context(prec=3 * GRID_DIGITS, Emax=10**6, Emin=-(10**6))
    low, high = (
        context.ln(context.divide(Decimal(q.numerator), Decimal(q.denominator))) for q in (first, last)
    )
    rounding = Context(prec=GRID_DIGITS, Emax=10**6, Emin=-(10**6))
    inner = []
    for k in range(1, steps):
        share = context.divide(Decimal(k), Decimal(steps))
        exponent = context.add(low, context.multiply(context.subtract(high, low), share))
        inner.append(Fraction(rounding.plus(context.exp(exponent))))
    return Grid(name, (first, *inner, last), True)


def read_observable(lepton: str | None, text: str | None) -> ObservableName:
    """Read what is asked for: --observable, or the anomalous moment of --lepton, by default the muon's.

    Raises UsageError for a name that is not understood, and where the two contradict each other.
    """
    if text is None:
        return parse_observable(f"a({lepton or 'mu'})")
    found = parse_observable(text, "--observable")
    if lepton is not None and found.leptons != (lepton,):
        raise UsageError(f"--lepton {lepton} and --observable {found} contradict each other; drop --lepton.")
    return found


def read_measurement(name: str | None, observable: ObservableName) -> Measurement:
    """Load a measurement of an observable, by default the bundled one that the tables here name.

    Raises UsageError for a measurement of another observable, and where there is no default.
    """
    from g2sym.inputs import load_measurement

    default = DEFAULT_MEASUREMENT.get(observable.moment) or DEFAULT_OF_OTHERS.get(str(observable))
    if name is None and default is None:
        raise UsageError(
            f"There is no bundled measurement of {observable}; give --measurement FILE, a TOML file with "
            f'observable = "{observable}".'
        )
    found = load_measurement(name or default or "")
    if found.observable != str(observable) and not open_name(found):
        other = f"--lepton {found.lepton}" if found.lepton else f"--observable '{found.observable}'"
        raise UsageError(
            f"--measurement {shorten(found.name)} is of {found.observable}, not {observable}; choose "
            f"another, or {other}."
        )
    return found


def open_name(found: Measurement) -> bool:
    """True where X stands for a model's mediator: whether that fits is known with the model."""
    from g2sym.constraints.measured import holds_any

    return "X" in found.observable and holds_any(found.observable)


def read_sigmas(text: str | None) -> Fraction | None:
    """Read ``--n-sigma``."""
    return None if text is None else number(text, "--n-sigma")


def units_of(model: Model | Observable, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the unit of every parameter of a model, or of those that an observable is asked for in."""
    return {**model.declaration.units, **(extra or {})}
