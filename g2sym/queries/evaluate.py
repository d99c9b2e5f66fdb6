"""Values of an observable at a point, every digit certified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from g2sym.base import arguments
from g2sym.base.balls import MAX_DIGITS, Ball, certify, number, working_precision
from g2sym.base.classes import dataclass, field
from g2sym.base.coefficients import Coefficient
from g2sym.derive.contributions import ONE_LOOP
from g2sym.errors import InputError, PrecisionError, UsageError, shorten
from g2sym.inputs.units import Size, any_size_of
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Total, parts_of
from g2sym.observables.prepared import PreparedSum, prepared, prepared_amplitude, refuse_above
from g2sym.observables.quantity import Quantity, no_value
from g2sym.observables.threshold import ImaginarySum, crossed
from g2sym.observables.values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import arb

    from g2sym.base.types import Entries, Record

Compute = Callable[[int], "arb"]


@dataclass(frozen=True)
class Evaluation:
    """A certified value: ``str()`` prints correctly rounded digits, see `Ball.shown`.

    ``ball`` encloses the value, ``contributions`` each part of a single amplitude, or each amplitude of a
    product or quotient; ``record`` says how it came about. ``loops`` are the parts of the one-loop
    contribution by mediator and internal fermion, ``loop(phi, N)``. Above threshold a single amplitude is
    complex: ``ball`` is then its real part, and ``imaginary`` the other, None elsewhere.
    """

    ball: Ball
    digits: int
    contributions: Mapping[str, Ball]
    record: Entries = field(repr=False)
    loops: Mapping[str, Ball] = field(default_factory=dict)
    imaginary: Ball | None = None

    def __str__(self) -> str:
        return self.ball.shown(self.digits)

    def __float__(self) -> float:
        return float(self.ball)

    def __complex__(self) -> complex:
        return complex(float(self.ball), 0.0 if self.imaginary is None else float(self.imaginary))

    @property
    def radius(self) -> str:
        """An upper bound on the distance of the printed value from the truth, as a decimal string."""
        return self.ball.printed(self.digits)[1]

    def mpf(self) -> Any:
        """Return the value as an mpmath number."""
        return self.ball.mpf(self.digits)

    def as_dict(self) -> Record:
        """Return a JSON-ready record: the printed value, a radius around it, each part, and the record.

        Above threshold ``complex`` and ``complex_radius`` hold both parts, as "re" and "im".
        """
        value, radius = self.ball.printed(self.digits)
        listed = [self._part(name, ball) for name, ball in self.contributions.items()]
        for part in listed:
            if part["name"] == ONE_LOOP:
                part["loops"] = [self._part(name, ball) for name, ball in self.loops.items()]
        total: Record = {"value": value, "radius": radius, "digits": self.digits, "contributions": listed}
        if self.imaginary is not None:
            im, im_radius = self.imaginary.printed(self.digits)
            total["complex"] = {"re": value, "im": im}
            total["complex_radius"] = {"re": radius, "im": im_radius}
        return {**self.record, **total}

    def _part(self, name: str, ball: Ball) -> Record:
        value, radius = ball.printed(self.digits)
        return {"name": name, "value": value, "radius": radius}


def evaluate(
    quantity: Quantity, digits: int, raw: Mapping[str, object], unit: str | None = None
) -> Evaluation:
    """Return the value of an observable with every printed digit right.

    Parameters: ``digits``, significant decimals; ``raw``, values in GeV by parameter name; ``unit``, by
    default the natural one.
    Raises UsageError for missing values and a vanishing denominator, PrecisionError when the digits cannot
    be reached.
    """
    digits = arguments.whole(
        digits, "digits", 1, MAX_DIGITS, "; values are given by name, and arrays to lambdify()"
    )
    factor = unit_factor(quantity, unit)
    quantity, known = quantity.known(raw)
    quantity.refuse_pending(known)
    widths: list[str] = []
    if quantity.declaration.derived_widths:
        from g2sym.queries.widths import with_widths

        own = quantity.asked(raw)[1]
        known, widths = with_widths(quantity, own, known, digits, lambda *one: evaluate(*one).ball)
    record = {**quantity.record(known), "unit": unit or quantity.unit}
    if widths:
        record["announcements"] = [*record["announcements"], *widths]
    one = quantity.single
    if one is None:
        total = certify(_scaled(_whole(quantity, known), factor), digits, quantity.label)
        parts = {a.name: certify(_amplitude(a, known), digits, a.label) for a in quantity.amplitudes}
        return _evaluation(total, digits, parts, record)
    imaginary = None
    if quantity.is_complex:
        other = quantity.imaginary.single
        assert other is not None
        imaginary = certify(_scaled(_amplitude(other, other.values(known)), factor), digits, other.label)
    known.require(n for t in one.terms for n in t.needs())
    if one.below_threshold:
        refuse_above(one, known)
    sums = {n: prepared(c.terms, known, one.label, one.imaginary) for n, c in one.contributions.items()}
    # parts of different contributions may cancel exactly, so the sum is prepared as a whole
    whole = next(iter(sums.values())) if len(sums) == 1 else _amplitude(one, known)
    total = certify(_scaled(whole, factor), digits, one.label)
    parts = dict.fromkeys(sums, total)
    if len(sums) > 1:
        parts = {n: certify(_scaled(s, factor), digits, f"{one.label}, {n}") for n, s in sums.items()}
    loops, sentences = _loops(one, known, digits, factor, parts)
    if sentences:
        record = {**record, "announcements": [*record["announcements"], *sentences]}
    if imaginary is None:
        imaginary = _imaginary(one, known, digits, factor)
    return _evaluation(total, digits, parts, record, loops, imaginary)


def _loops(
    amplitude: Amplitude, known: Values, digits: int, factor: Size, parts: Mapping[str, Ball]
) -> tuple[dict[str, Ball], list[str]]:
    """Return the value of each mediator's loop, and a sentence for each that has none of its own."""
    found: dict[str, Ball] = {}
    sentences = []
    for name, loop in amplitude.loops.items():
        if len(amplitude.loops) == 1:
            found[name] = parts[ONE_LOOP]
            continue
        try:
            own = prepared(loop.terms, known, amplitude.label, amplitude.imaginary)
            found[name] = certify(_scaled(own, factor), digits, f"{amplitude.label}, {name}")
        except UsageError as error:  # the sum is finite, a part need not be
            sentences.append(f"{name} has no value of its own: {error}")
    return found, sentences


def _imaginary(amplitude: Amplitude, known: Values, digits: int, factor: Size) -> Ball | None:
    """Return the imaginary part above threshold; None elsewhere, and for an imaginary part itself."""
    if amplitude.imaginary or not any(
        crossed(t, known) and not known.vanishes(t.coefficient) for t in amplitude.terms
    ):
        return None
    other = ImaginarySum(amplitude.terms, known, f"Im {amplitude.label}")
    return certify(_scaled(other, factor), digits, f"Im {amplitude.label}")


def _evaluation(
    total: Ball,
    digits: int,
    parts: Mapping[str, Ball],
    record: Entries,
    loops: Mapping[str, Ball] | None = None,
    imaginary: Ball | None = None,
) -> Evaluation:
    """Say in the record which printed values may be off by one in their last digit."""
    every = {**parts, **(loops or {})}
    named = {"the value": total, **{f"the contribution {n}": b for n, b in every.items() if b is not total}}
    if imaginary is not None:
        named["the imaginary part"] = imaginary
    unsure = [name for name, ball in named.items() if not ball.agrees(digits)]
    if unsure:
        sentence = (
            f"The last digit of {' and of '.join(unsure)} may be off by one: as far as it is known it lies "
            "half-way between two decimals."
        )
        record = {**record, "announcements": [*record.get("announcements", ()), sentence]}
    return Evaluation(total, digits, parts, record, dict(loops or {}), imaginary)


def unit_factor(quantity: Quantity, unit: str | None) -> Size:
    """Return what takes a value from the natural unit to another; raises UsageError where it does not fit."""
    if unit is not None and not isinstance(unit, str):
        raise UsageError(f"unit = {shorten(unit, 30)}: give the name of a unit, for instance 'e_cm'.")
    if unit is None or unit == quantity.unit:
        return Size(Fraction(1))
    try:
        return any_size_of(unit, quantity.unit, quantity.text, "unit").inverse()
    except InputError as error:
        raise UsageError(str(error)) from None


def _scaled(compute: Compute, factor: Size) -> Compute:
    return compute if factor.is_one else lambda bits: compute(bits) * factor.ball()


def in_balls(quantity: Quantity, raw: Mapping[str, object]) -> Compute:
    """Return an observable at a point as a function of the working precision, for use inside `certify`."""
    quantity, known = quantity.known(raw)
    quantity.refuse_pending(known)
    return _whole(quantity, known)


def enclose(quantity: Quantity, bits: int, raw: Mapping[str, object]) -> Ball:
    """Return a ball that contains the value, computed with ``bits`` of working precision.

    Raises PrecisionError for a quotient whose denominator these bits do not tell from zero.
    """
    compute = in_balls(quantity, raw)
    with working_precision(bits):
        value = compute(bits)
        if not value.is_finite():
            raise PrecisionError(
                f"{quantity.text}: the denominator could not be told from zero with {bits} bits; take more."
            )
        return Ball.from_arb(value)


def _amplitude(amplitude: Amplitude, known: Values) -> PreparedSum | ImaginarySum:
    return prepared_amplitude(amplitude, amplitude.values(known))


def _whole(quantity: Quantity, known: Values) -> Compute:
    """Prepare every amplitude once and return the product over the product."""
    sums = {a.name: _amplitude(a, known) for a in quantity.amplitudes}
    for below, _ in quantity.below:
        if all(sums[a.name].is_zero for a in parts_of(below)):
            raise no_value(below.label, quantity.text)
    if quantity.single is not None:
        return sums[quantity.single.name]

    def compute(bits: int) -> arb:
        values = {name: one(bits) for name, one in sums.items()}
        weight = known.symbol_balls()
        total = number(1)
        for factor, power in quantity.above:
            total = total * _value(factor, values, weight) ** power
        for factor, power in quantity.below:
            total = total / _value(factor, values, weight) ** power
        return total

    return compute


def _value(factor: Factor, values: Mapping[str, arb], weight: Callable[[Coefficient], arb]) -> arb:
    """Return a factor from the values of its amplitudes; ``weight`` evaluates coefficients."""
    if not isinstance(factor, Total):
        return values[factor.name]
    powers = (values[a.name] ** factor.power for a in factor.parts)
    total: arb = weight(factor.weight) * sum(powers, number(0))
    return total
