"""Pull, chi^2 and log-likelihood of measurements: certified at a point, in doubles over arrays.

Each measurement adds the square of its pull (value - centre)/sigma:

- a difference is a Gaussian around its central value; where the errors up and down differ, sigma is the upper
  error for a value above the centre and the lower one below it;
- a range is the Gaussian whose central interval of its confidence level it is, sigma = (high - low)/(2 z);
- a limit at confidence level CL on an absolute value, or on what is never negative, is a half-Gaussian that
  is largest at 0: sigma = limit/z with z = sqrt(2) erfinv(CL), 1.645 at 90 % and 1.960 at 95 %.

chi^2 is the sum of squares, the log-likelihood -chi^2/2: 0 where every value is at its centre. Constants of
normalisation do not depend on the model and are left out. Measurements count as independent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from g2sym.arrays.refused import Reasons, note, union, warn
from g2sym.arrays.threads import thread_count
from g2sym.base import arguments
from g2sym.base.balls import MAX_DIGITS, Ball, certify, nearest_double, number
from g2sym.base.classes import dataclass
from g2sym.constraints.conditions import Condition, asked, merged_record, shared_sources
from g2sym.errors import UsageError
from g2sym.queries.arrays import ArrayFunction
from g2sym.queries.evaluate import in_balls

if TYPE_CHECKING:
    import numpy as np
    from flint import arb
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Entries, Flags, Record
    from g2sym.inputs.gaussian import Gaussian
    from g2sym.observables.quantity import Quantity

CONVENTION = "log_likelihood = -chi2/2, without constants of normalisation"


def pull_in_balls(shape: Gaussian, value: arb, bits: int) -> arb:
    """Return (value - central)/sigma as a ball, called inside `working_precision`.

    Parameters: ``shape``, what `Measurement.gaussian` returns; ``value``, in natural units. A ball on both
    sides of the centre is divided by the errors of both sides: the union holds the pull.
    """
    off = value - number(shape.central)
    if off > 0:
        return off / shape.up(bits)
    if off < 0 or shape.up == shape.down:
        return off / shape.down(bits)
    return (off / shape.up(bits)).union(off / shape.down(bits))


def in_doubles(shape: Gaussian) -> tuple[float, float, float]:
    """Return the centre and the errors downwards and upwards of a measurement, each the nearest double."""
    down, up = (nearest_double(certify(width, 25, "sigma").midpoint) for width in (shape.down, shape.up))
    return nearest_double(shape.central), down, up


def pulls_of(values: Doubles, centre: float, down: float, up: float) -> Doubles:
    """Return the pulls of values over an array, from what `in_doubles` returns."""
    import numpy as np

    off = values - centre
    out: Doubles = off / (up if down == up else np.where(off > 0, up, down))
    return out


@dataclass(frozen=True)
class Likelihood:
    """How well a point agrees with several measurements, certified.

    Parameters: ``conditions``; ``values`` of their observables; ``pulls``; ``chi2_parts``, the squares of
    the pulls, all in the order of the conditions; ``chi2``, their sum; ``digits`` that are right; ``record``.
    """

    conditions: tuple[Condition, ...]
    values: tuple[Ball, ...]
    pulls: tuple[Ball, ...]
    chi2_parts: tuple[Ball, ...]
    chi2: Ball
    digits: int
    record: Entries

    @property
    def log_likelihood(self) -> Ball:
        """-chi^2/2: the logarithm of the likelihood over its largest value."""
        return Ball(-self.chi2.midpoint / 2, self.chi2.radius / 2)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is assumed of limits, ranges and split errors, and which measurements are not independent."""
        assumed = (one.measurement.gaussian().sentence for one in self.conditions)
        return (*filter(None, assumed), *shared_sources(self.conditions))

    def as_dict(self) -> Record:
        """Return a JSON-ready record: every printed value with a radius around it."""
        each = []
        for one, value, pull, part in zip(
            self.conditions, self.values, self.pulls, self.chi2_parts, strict=True
        ):
            out = {**one.as_dict(), "likelihood": one.measurement.gaussian().as_dict()}
            for key in ("window", "confidence", "role"):
                out.pop(key)
            for key, ball in (("value", value), ("pull", pull), ("chi2", part)):
                out[key], out[f"{key}_radius"] = ball.printed(self.digits)
            each.append(out)
        total: Record = {"digits": self.digits, "normalisation": CONVENTION}
        for key, ball in (("chi2", self.chi2), ("log_likelihood", self.log_likelihood)):
            total[key], total[f"{key}_radius"] = ball.printed(self.digits)
        said = [*self.record.get("announcements", ()), *self.sentences]
        return {**self.record, "announcements": said, **total, "measurements": each}


def likelihood(conditions: Sequence[Condition], digits: int, raw: Mapping[str, object]) -> Likelihood:
    """Return values, pulls and chi^2 at a point, each with every one of its digits right.

    Parameters: ``digits``, significant decimals; ``raw``, values in GeV by parameter name. Raises what
    `g2sym.queries.evaluate.evaluate` raises, and PrecisionError for a value that is its centre exactly.
    """
    digits = arguments.whole(digits, "digits", 1, MAX_DIGITS)
    conditions, raw = asked(conditions, raw)
    computes: dict[str, Callable[[int], arb]] = {}
    records = []
    for one in conditions:
        if one.quantity.text not in computes:
            computes[one.quantity.text] = in_balls(one.quantity, raw)
            records.append(one.quantity.record(one.quantity.values(raw)))
    pairs = [(one.measurement.gaussian(), computes[one.quantity.text]) for one in conditions]

    def part(shape: Gaussian, compute: Callable[[int], arb], power: int) -> Callable[[int], arb]:
        return lambda bits: pull_in_balls(shape, compute(bits), bits) ** power

    def total(bits: int) -> arb:
        out = number(0)
        for shape, compute in pairs:
            out += pull_in_balls(shape, compute(bits), bits) ** 2
        return out

    values = {name: certify(compute, digits, name) for name, compute in computes.items()}
    pulls, parts = (
        tuple(
            certify(part(*pair, power), digits, f"the pull of {one.name}")
            for one, pair in zip(conditions, pairs, strict=True)
        )
        for power in (1, 2)
    )
    return Likelihood(
        tuple(conditions),
        tuple(values[one.quantity.text] for one in conditions),
        pulls,
        parts,
        certify(total, digits, "chi^2"),
        digits,
        merged_record(records),
    )


@dataclass(frozen=True, eq=False)
class Likelihoods:
    """How well many points agree with several measurements, arrays of one shape.

    Parameters: ``values``, the observables by name; ``pulls`` by name of the measurement; ``chi2``;
    ``log_likelihood``, -chi2/2; ``reasons``, sentences to masks of the points that have no value, which are
    NaN.
    """

    values: Mapping[str, Doubles]
    pulls: Mapping[str, Doubles]
    chi2: Doubles
    reasons: Mapping[str, Flags]

    @property
    def log_likelihood(self) -> Doubles:
        """-chi^2/2."""
        out: Doubles = -0.5 * self.chi2
        return out

    @property
    def invalid(self) -> Flags:
        """The mask of the points that have no value and are NaN."""
        return union(self.reasons, self.chi2.shape)


class LikelihoodFunction:
    """The log-likelihood over arrays, by keyword; made by `Combination.lambdify`.

    Each observable is evaluated once by its array function, to a relative error of 1e-12: a pull is then
    wrong by at most (1e-12 |value| + 2^-50 (|value| + |centre|))/sigma. The doubles nearest to centre and
    sigma, the difference and the quotient err by a unit u = 2^-53 each, u |centre| + 3 u (|value| + |centre|)
    in all, which 8 u covers. A point at which an observable has no value is NaN, with the reason; one
    warning says how many there are.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = tuple(conditions)
        self._shapes = [in_doubles(one.measurement.gaussian()) for one in self._conditions]
        self._functions: dict[tuple[object, ...], ArrayFunction] = {}

    def __reduce__(self) -> tuple[type[LikelihoodFunction], tuple[tuple[Condition, ...]]]:
        """Return what the function is made from, as array functions do."""
        return LikelihoodFunction, (self._conditions,)

    def __call__(
        self,
        params: Mapping[str, object] | None = None,
        full: bool = False,
        threads: int | None = None,
        **values: object,
    ) -> Any:
        """Return the log-likelihood; arrays broadcast against each other.

        Parameters: values in GeV by parameter name, scalars or arrays; ``full`` True returns `Likelihoods`
        with pulls, chi^2, the mask of invalid points and the reasons; ``threads`` as for array functions.
        Returns a float or an array of the broadcast shape. Raises and warns as array functions do.
        """
        if params is not None and not isinstance(params, Mapping):
            raise UsageError("Values and arrays are given by name, as in f(m_A=0.1), or as params={...}.")
        conditions, merged = asked(self._conditions, arguments.given(params, values))
        arguments.flag(full, "full")
        found, scalar = self._evaluate(conditions, merged, thread_count(threads))
        if found.reasons:
            warn(found.reasons, found.invalid, 2)
        if full:
            return found
        return float(found.log_likelihood) if scalar else found.log_likelihood

    def _function(self, quantity: Quantity) -> ArrayFunction:
        """Return the array function of an observable, made once for the leptons that it is quoted for."""
        key = quantity.text, quantity.quoted
        if key not in self._functions:
            self._functions[key] = ArrayFunction(quantity, "numpy")
        return self._functions[key]

    def _evaluate(
        self, conditions: Sequence[Condition], merged: Mapping[str, object], threads: int
    ) -> tuple[Likelihoods, bool]:
        import numpy as np

        reasons: Reasons = {}
        columns: dict[str, NDArray[np.float64]] = {}
        scalar = True
        for quantity in {one.quantity.text: one.quantity for one in conditions}.values():
            sums, single = self._function(quantity).sums(merged, threads)
            scalar = scalar and single
            columns[quantity.text] = sums.values
            for why, mask in sums.reasons.items():
                note(reasons, why, mask)
        pulls: dict[str, Doubles] = {}
        chi2 = np.zeros(next(iter(columns.values())).shape)
        with np.errstate(over="ignore"):  # beyond doubles a chi^2 is infinite, a likelihood zero
            for one, (centre, down, up) in zip(conditions, self._shapes, strict=True):
                pulls[one.name] = pulls_of(columns[one.quantity.text], centre, down, up)
                chi2 = chi2 + pulls[one.name] ** 2
        return Likelihoods(columns, pulls, chi2, reasons), scalar
