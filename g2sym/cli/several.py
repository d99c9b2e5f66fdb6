"""Which observables and measurements are meant where options repeat, and how strictly each is taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from g2sym.base.classes import dataclass
from g2sym.base.names import ObservableName, parse_observable
from g2sym.cli import reading
from g2sym.errors import UsageError, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.constraints.combined import Combination
    from g2sym.inputs import Measurement
    from g2sym.model.model import Model


@dataclass(frozen=True)
class Wanted:
    """What is asked for: ``observables``; ``measurements``; criterion and sigmas of differences by name.

    ``criteria`` and ``sigmas`` hold what is meant for every difference under an empty name.
    """

    observables: tuple[ObservableName, ...]
    measurements: tuple[Measurement, ...]
    criteria: Mapping[str, str]
    sigmas: Mapping[str, Fraction]

    @property
    def criterion(self) -> str | None:
        """The criterion where there is one measurement."""
        return self.criteria.get(self.measurements[0].name, self.criteria.get(""))

    @property
    def n_sigma(self) -> Fraction | None:
        """The number of standard deviations where there is one measurement."""
        return self.sigmas.get(self.measurements[0].name, self.sigmas.get(""))

    def check(self) -> None:
        """Refuse a wrong choice of criterion, sigmas or measurements before the model is derived."""
        _check_names(self)
        for one in self.measurements:
            one.window(*_chosen(self, one))

    def combination(
        self,
        model: Model,
        partial: bool,
        flavours: Sequence[str],
        *names: str | None,
        unit: str | None = None,
    ) -> Combination:
        """Put the measurements to the observables of a model.

        Parameters: ``unit``, in which windows are written where it fits; the others as for
        `reading.observed`. Raises UsageError for a unit that fits no observable.
        """
        from g2sym.constraints.combined import Combination

        def own(name: str) -> ObservableName:
            if "X" not in name:
                return parse_observable(name)
            from g2sym.constraints.measured import name_in

            return name_in(name, model.declaration, name)

        wanted = dict.fromkeys(own(str(name)) for name in self.observables)
        known = {str(name): reading.observed(model, name, partial, flavours, *names) for name in wanted}
        several = [(str(own(one.observable)), one) for one in self.measurements]
        for name, one in several:
            if name not in known:
                raise UsageError(f"--measurement {shorten(one.name)} is of {name}, which is not asked for.")
        found = Combination([(known[name], one, *_chosen(self, one)) for name, one in several])
        return found if unit is None else found.in_unit(unit)


def is_several(*options: Sequence[str]) -> bool:
    """True when one of the options --lepton, --observable and --measurement is repeated."""
    return any(len(one) > 1 for one in options)


def single(texts: Sequence[str]) -> str | None:
    """Return the value of an option that is given at most once."""
    return texts[0] if texts else None


def read_wanted(
    leptons: Sequence[str],
    observables: Sequence[str],
    measurements: Sequence[str],
    criteria: Sequence[str] = (),
    sigmas: Sequence[str] = (),
    *,
    needed: bool = True,
) -> Wanted:
    """Read the options --lepton, --observable, --measurement, --criterion and --n-sigma.

    Parameters: their values in order; ``needed``: every observable has to have a measurement, by default the
    newest bundled one of an anomalous moment. Measurements alone say which observables are meant, where
    there are several, or one that is of no anomalous moment. Raises UsageError for what does not fit
    together.
    """
    if leptons and observables and is_several(leptons, observables):
        raise UsageError(
            "--lepton and --observable are both given, and one of them several times; write every observable "
            "as --observable, for instance --observable 'a(mu)'."
        )
    if is_several(leptons, observables):
        names = [parse_observable(f"a({one})") for one in leptons]
        names += [parse_observable(one, "--observable") for one in observables]
    elif leptons or observables or not measurements:
        names = [reading.read_observable(single(leptons), single(observables))]
    elif len(measurements) == 1:
        names = [_measured(measurements[0])]
    else:
        names = []
    _check_once([str(name) for name in names], "--observable" if observables else "--lepton")
    _check_once(measurements, "--measurement")
    own = _read_measurements(measurements, names, needed)
    if not names:
        names = [parse_observable(one) for one in dict.fromkeys(m.observable for m in own)]
    return Wanted(
        tuple(names),
        tuple(own),
        _by_name(criteria, "--criterion"),
        {name: reading.number(value, "--n-sigma") for name, value in _by_name(sigmas, "--n-sigma").items()},
    )


def _measured(text: str) -> ObservableName:
    """Return what the only measurement is of; beside one of an anomalous moment the muon's is asked for."""
    from g2sym.inputs import load_measurement

    name = parse_observable(load_measurement(text).observable)
    return reading.read_observable(None, None) if name.moment else name


def _read_measurements(
    texts: Sequence[str], names: Sequence[ObservableName], needed: bool
) -> list[Measurement]:
    if len(names) == 1 and len(texts) < 2:
        return [reading.read_measurement(single(texts), names[0])] if texts or needed else []
    from g2sym.inputs import load_measurement

    own = [load_measurement(text) for text in texts]
    known = [str(name) for name in names]
    for one in own:
        if known and one.observable not in known and not reading.open_name(one):
            mend = f"--lepton {one.lepton}" if one.lepton else f"--observable '{one.observable}'"
            raise UsageError(
                f"--measurement {shorten(one.name)} is of {one.observable}, which is not asked for; drop it, "
                f"or add {mend}."
            )
    _check_once([one.name for one in own], "--measurement")
    if needed and not any(map(reading.open_name, own)):
        measured = {one.observable for one in own}
        own += [reading.read_measurement(None, name) for name in names if str(name) not in measured]
    return own


def _check_once(texts: Sequence[str], option: str) -> None:
    for at, text in enumerate(texts):
        if text in texts[:at]:
            raise UsageError(f"{option}: {shorten(text)} is given twice; give it once.")


def _by_name(texts: Sequence[str], option: str) -> dict[str, str]:
    """Read VALUE, for every difference, and NAME=VALUE, for one measurement."""
    out: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        if equals and not (name and value):
            raise UsageError(f"{option} {shorten(text)}: write VALUE, or NAME=VALUE for one measurement.")
        if name in out:
            whose = f"for {shorten(name)}" if name else "for every difference"
            raise UsageError(f"{option} is given twice {whose}; give it once.")
        out[name] = value
    return out


def _check_names(wanted: Wanted) -> None:
    names = [one.name for one in wanted.measurements]
    for option, chosen in (("--criterion", wanted.criteria), ("--n-sigma", wanted.sigmas)):
        for name in chosen:
            if name and name not in names:
                raise UsageError(
                    f"{option} {shorten(name)}=...: none of the measurements has this name; there are "
                    f"{', '.join(names)}."
                )
        alone = len(names) > 1 and all(one.kind != "difference" for one in wanted.measurements)
        if "" in chosen and alone:
            raise UsageError(
                f"{option}: {', '.join(names)} have their own confidence level, and there is no difference; "
                "leave it out."
            )


def _chosen(wanted: Wanted, one: Measurement) -> tuple[str | None, Fraction | None]:
    """Return the criterion and the sigmas that a measurement is taken with; limits and ranges have none."""
    everyone = "" if one.kind == "difference" or len(wanted.measurements) == 1 else one.name
    return (
        wanted.criteria.get(one.name, wanted.criteria.get(everyone)),
        wanted.sigmas.get(one.name, wanted.sigmas.get(everyone)),
    )
