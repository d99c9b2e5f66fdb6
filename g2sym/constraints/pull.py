"""How many standard deviations a contribution lies from a measurement."""

from __future__ import annotations

from fractions import Fraction

from g2sym.base.balls import Ball, working_precision
from g2sym.base.exact import Number, read_number
from g2sym.constraints.condition import MeasurementLike, as_measurement
from g2sym.errors import UsageError
from g2sym.inputs import Edge, Measurement


def pull(value: Ball | Number, measurement: MeasurementLike) -> Ball:
    """Return (Delta a - central value) / sigma, certified.

    Parameters: ``value``, Delta a, exact or as the ``ball`` of an evaluation; ``measurement``, a difference,
    or its name or path. With asymmetric errors sigma is the upper error for a value above the central one,
    the lower error below it.
    Returns a ball that holds the pull of every value in the given ball.
    Raises UsageError for a limit, which has no sigma.
    """
    if not isinstance(value, Ball) and hasattr(value, "ball"):
        raise UsageError("pull wants a number or a ball: give evaluation.ball in place of the evaluation.")
    if hasattr(value, "evaluate"):
        raise UsageError("pull wants a number or a ball: give observable.evaluate(...).ball.")
    measurement = as_measurement(measurement)
    given = value if isinstance(value, Ball) else Ball.exact(read_number(value, "Delta a"))
    off = Ball(given.midpoint - measurement.central, given.radius)
    ends = [_scaled(end, measurement) for end in sorted({off.lower, off.upper})]
    low, high = min(ball.lower for ball in ends), max(ball.upper for ball in ends)
    return Ball((low + high) / 2, (high - low) / 2)


def _scaled(off: Fraction, measurement: Measurement) -> Ball:
    variance = measurement.variance(up=off > 0)
    edge = Edge(Fraction(0), off / variance, variance)  # off / sigma = (off / sigma^2) * sqrt(sigma^2)
    if edge.exact is not None:
        return Ball.exact(edge.exact)
    bits = 192
    with working_precision(bits):
        return Ball.from_arb(edge(bits))
