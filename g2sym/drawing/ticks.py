"""Ticks of logarithmic axes: powers of ten over decades, plain round numbers over less than two of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

PLAIN = (1e-4, 1e5)
"""Numbers between these are written as decimals."""
WIDE = 20
"""Decades from which on not every one has a tick."""
NARROW = 1.01
"""Ratio of the ends below which the labels share an offset."""
STEPS = (1, 2, 5), (1, 2, 3, 5), (1, 1.5, 2, 3, 4, 5, 6, 8)
"""Leading numbers for short axes, from sparse to dense; still shorter ones have evenly spaced ticks."""
FEW, MANY = 4, 7


def logarithmic_ticks(axis: Axis, low: float, high: float) -> None:
    """Choose the ticks of a logarithmic axis.

    Parameters: ``axis``; ``low`` < ``high``, its positive ends.
    """
    from matplotlib.ticker import (
        FixedLocator,
        FuncFormatter,
        LogLocator,
        MaxNLocator,
        NullFormatter,
        NullLocator,
        ScalarFormatter,
    )

    span = math.log10(high) - math.log10(low)
    if span > WIDE:  # LogLocator looks beyond the ends, and beyond the range of doubles
        stride = math.ceil(span / 10)
        first, last = (math.floor(math.log10(end) / stride + 1e-9) for end in (low, high))
        powers = [n * stride for n in range(first, last + 1)]
        axis.set_major_locator(FixedLocator([10.0**n for n in powers if n >= math.log10(low) - 1e-9]))
        axis.set_minor_locator(NullLocator())
    elif high / 100 >= low:
        axis.set_major_locator(LogLocator(base=10, numticks=20))
        axis.set_minor_locator(LogLocator(base=10, subs=range(2, 10), numticks=200))
    elif high < NARROW * low:
        axis.set_major_locator(MaxNLocator(nbins=4))
        axis.set_major_formatter(ScalarFormatter(useMathText=True))
        axis.set_minor_locator(NullLocator())
    else:
        places = round_numbers(low, high)
        plain = PLAIN[0] <= low and high <= PLAIN[1]
        axis.set_major_locator(FixedLocator(places))
        axis.set_major_formatter(FuncFormatter(lambda value, _: label(value, plain)))
        axis.set_minor_locator(LogLocator(base=10, subs=range(1, 10), numticks=200))
    axis.set_minor_formatter(NullFormatter())


def negative_logarithm(axes: Axes, low: float, high: float, *, across: bool) -> None:
    """Make an axis of negative numbers logarithmic in their size, with its ticks.

    Parameters: ``axes``; ``low`` < ``high`` < 0; ``across``, the x axis or the y axis. matplotlib's own
    scale divides by the smallest size, which leaves the range of doubles on a long axis.
    """
    import numpy as np
    from matplotlib.scale import FuncScale
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter

    def forward(values: Any) -> Any:
        with np.errstate(all="ignore"):
            return -np.log10(-np.asarray(values))

    def inverse(values: Any) -> Any:
        with np.errstate(all="ignore"):
            return -(10.0 ** -np.asarray(values))

    axis = axes.xaxis if across else axes.yaxis
    (axes.set_xscale if across else axes.set_yscale)(FuncScale(axis, (forward, inverse)))
    (axes.set_xlim if across else axes.set_ylim)(low, high)
    minor: list[float] = []
    span = math.log10(-low) - math.log10(-high)
    if span < 2:
        places = round_numbers(-high, -low)
        text = [label(value, PLAIN[0] <= -high and -low <= PLAIN[1]) for value in places]
    else:
        stride = max(1, math.ceil(span / 10))
        first, last = (math.ceil(math.log10(-end) / stride - 1e-9) for end in (high, low))
        powers = [n * stride for n in range(first, last + 1) if n * stride <= math.log10(-low) + 1e-9]
        places, text = [10.0**n for n in powers], [f"$10^{{{n}}}$" for n in powers]
        if stride == 1:
            minor = [-k * 10.0**n for n in range(first - 1, last + 1) for k in range(2, 10)]
    written = {-value: f"$-{one[1:]}" for value, one in zip(places, text, strict=True)}
    axis.set_major_locator(FixedLocator(list(written)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: written.get(value, "")))
    axis.set_minor_locator(FixedLocator([value for value in minor if low <= value <= high]))
    axis.set_minor_formatter(NullFormatter())


def round_numbers(low: float, high: float) -> list[float]:
    """Return about four to seven round numbers between two positive ends."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for steps in STEPS:
        found = [float(f"{step}e{n}") for n in range(first, last + 1) for step in steps]
        found = [value for value in found if low * (1 - 1e-12) <= value <= high * (1 + 1e-12)]
        if len(found) >= FEW:
            return found
    from matplotlib.ticker import MaxNLocator

    even = MaxNLocator(nbins=MANY - 2, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(value) for value in even if low * (1 - 1e-12) <= value <= high * (1 + 1e-12)]


def label(value: float, plain: bool) -> str:
    """Write a tick's number, all of an axis in one form: as a decimal or with a power of ten."""
    if plain:
        text = f"{value:.6f}".rstrip("0").rstrip(".") if value < 1 else f"{value:.10g}"
        return f"${text}$"
    mantissa, _, exponent = f"{value:.6e}".partition("e")
    return rf"${mantissa.rstrip('0').rstrip('.')}\times10^{{{int(exponent)}}}$"
