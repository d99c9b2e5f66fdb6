"""Building a table: values in balls, interpolation with a proved remainder, zeros located and centred."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number, working_precision
from g2sym.errors import UnsupportedError
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.closed import ClosedKernel
from g2sym.kernels.slices import Slice
from g2sym.tables.cauchy import far_bound, near_bounds
from g2sym.tables.expansion import Expansion, expand
from g2sym.tables.rounding import UNIT, centred_rounding, gap_rounding, plain_rounding, stated
from g2sym.tables.table import CELL_BITS, CELLS, TERMS, Order, Table, Zero

if TYPE_CHECKING:
    import numpy as np
    from flint import arb
    from numpy.typing import NDArray

REACH = 34
"""The table covers M/m from 2^-34 to 2^34 at least: 1e-10 to 1e10."""
MARGIN = 22
"""Binary orders between the nearest singularity and the end of the table, for three orders to suffice."""
STEEP = 0.08
"""Cells over which a kernel varies by more than this part of its value are centred on its zero."""
TRUNCATION = 1e-17
ERROR = 4.5e-16
FAR_BITS = 6
"""An expansion gives the values where each order gains that many bits."""
VALUE_BITS = 190
"""Accuracy of values from an expansion."""
GROUP = 8
"""Cells for which the truncation is bounded in one go."""
HALF = 2.0 ** -(CELL_BITS + 1)
_NODE_BITS = 20
_ROUNDED = 1.001
"""By how much rounding n nodes to 20 bits, d = 2^-21 each at most, makes their product larger.

Leaving out k of the factors of T_n/2^(n-1) leaves at most n^(2 k)/2^(n-1) (Markov's inequality), so it grows
by at most exp(n^3 d): 1.00025 for 8 nodes, 1.00083 for 12.
"""


@cache
def nodes(terms: int = TERMS) -> tuple[tuple[int, ...], Any]:
    """Return Chebyshev nodes in units of HALF 2^-20, and the exact matrix from values to coefficients."""
    from flint import fmpq, fmpq_mat

    places = tuple(
        round(math.cos((2 * j + 1) * math.pi / (2 * terms)) * (1 << _NODE_BITS)) for j in range(terms)
    )
    step = fmpq(1, 1 << (_NODE_BITS + CELL_BITS + 1))
    return places, fmpq_mat([[(n * step) ** k for k in range(terms)] for n in places]).inv()


def node_product(terms: int) -> float:
    """Return a bound on |product of (t - t_j)| in a cell: HALF^n/2^(n-1) at Chebyshev's nodes themselves."""
    return HALF**terms / 2.0 ** (terms - 1) * _ROUNDED


@dataclass
class Builder:
    """A slice at a fixed lepton mass, with what is known about its two ends."""

    kernel: ClosedKernel
    line: Slice
    unit: Fraction
    threshold: float
    light: Expansion | None
    heavy: Expansion | None

    @classmethod
    def of(cls, kernel: ClosedKernel, fixed: dict[str, Fraction], unit: Fraction) -> Builder:
        """Expand a kernel at fixed other masses at both ends; UnsupportedError where no table can be."""
        line = kernel.slice(fixed)
        if not line.is_tabulable:
            raise UnsupportedError(
                "This kernel's logarithms are not of one boson mass: no table is made of it."
            )
        # T(t, d) has its threshold at sqrt(t) = 1 - sqrt(d) = (1 - d)/(1 + sqrt(d)), sharp near d = 1 too
        ends = [d1.constant if d0.runs else d0.constant for (d0, d1), _ in line.arcs]
        below = (float(1 - d) / (1 + math.sqrt(float(d))) for d in ends if d < 1)
        threshold = max(below, default=0.0) * (1 + 1e-9)
        return cls(kernel, line, unit, threshold, expand(line, -1), expand(line, 1))

    def rho(self, mantissa: int, shift: int) -> arb:
        """Return (mantissa 2^shift / m)^2 as a ball."""
        from flint import arb

        m = arb(mantissa) / number(self.unit)
        return m * m * arb(2) ** (2 * shift)

    def values(
        self, exponent: int, cells: Sequence[int], extra: int = 0, terms: int = TERMS
    ) -> list[list[arb]]:
        """Return the kernel at every node of some cells of one binade."""
        places, _ = nodes(terms)
        for side in (self.light, self.heavy):
            if side is not None and not extra:
                found = self._far_values(side, exponent, cells, places)
                if found is not None:
                    return found
        bits = _NODE_BITS + CELL_BITS + 1
        size = 2 * (exponent - round(math.log2(self.unit)))
        guard = max(self.kernel.guard(self.line, size + d) for d in (-3, 3))
        out = []
        with working_precision(10 * terms + 50 + guard + extra):
            scale = self.rho(1, exponent - bits)
            for cell in cells:
                middle = (1 << bits) + (2 * cell + 1 << _NODE_BITS)
                out.append([self.line.at(scale * (middle + n) ** 2) for n in places])
        return out

    def _far_values(
        self, side: Expansion, exponent: int, cells: Sequence[int], places: tuple[int, ...]
    ) -> list[list[arb]] | None:
        """Return values from an expansion, or None where it converges too slowly to be the faster way."""
        from flint import arb, arb_poly

        ends = [2.0 ** (exponent + k) / float(self.unit) for k in (0, 1)]
        q_most = ends[1] if side.side < 0 else 1 / ends[0]
        gain = math.log2(side.radius / q_most)
        if gain < FAR_BITS:
            return None
        want = VALUE_BITS + math.log2(max(side.sup, 1.0)) + 2 * abs(math.log2(q_most)) * max(0, side.start)
        count = min(len(side.plain), math.ceil(want / gain) + max(0, side.start) + 4)
        bits = _NODE_BITS + CELL_BITS + 1
        with working_precision(VALUE_BITS + 40):
            plain, logs = arb_poly(list(side.plain[:count])), arb_poly(list(side.logs[:count]))
            # what the sums leave out, for the largest q: a geometric series with ratio 2^-gain
            first = side.start + count
            rest = arb(side.sup) * arb(q_most / side.radius * (1 + 1e-12)) ** first
            log = 2 * max(abs(math.log(e)) for e in ends)
            tail = arb(0, (rest * (2 + 2 * arb(log))).upper())
            scale = arb(2) ** (exponent - bits) / number(self.unit)
            out = []
            for cell in cells:
                middle = (1 << bits) + (2 * cell + 1 << _NODE_BITS)
                row = []
                for n in places:
                    r = scale * (middle + n)
                    q = r if side.side < 0 else 1 / r
                    row.append((plain(q) + logs(q) * (2 * r.log())) * q**side.start + tail)
                out.append(row)
            return out

    def at(self, mass: Fraction, bits: int = 160) -> arb:
        """Return the kernel at one exact mass."""
        from flint import arb, fmpq

        rho = (mass / self.unit) ** 2
        size = rho.numerator.bit_length() - rho.denominator.bit_length()
        with working_precision(bits + 200 + self.kernel.guard(self.line, size)):
            return self.line.at(arb(fmpq(rho.numerator, rho.denominator)))

    def derivative(self, low: float, high: float, degree: int) -> float:
        """Return a bound on M^n |f^(n)(M)|/n! over masses of ratio low to high (infinite if unproved)."""
        for side in (self.light, self.heavy):
            found = None if side is None else far_bound(side, low, high, degree)
            if found is not None:
                return found
        middle = math.sqrt(low * high)
        if low <= self.threshold:
            return math.inf
        size = 2 * round(math.log2(middle))
        with working_precision(500 + 2 * self.kernel.guard(self.line, size)):
            spread = max(high / middle - 1, 1 - low / middle) * 1.0001
            bounds = near_bounds(self.line, middle, spread, self.threshold, (degree,))
        return math.inf if bounds is None else bounds[0] * (1 - spread) ** -degree

    def truncation(
        self, first: int, cells: int, terms: int, skip: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Return for each cell a bound on what interpolation at ``terms`` nodes leaves out."""
        import numpy as np

        out = np.full(cells, np.inf)
        unit = float(self.unit)
        product = node_product(terms)
        for start in range(0, cells, GROUP):
            part = slice(start, start + GROUP)
            low, high = (float(_edge(first, c)) / unit for c in (start, start + GROUP))
            mantissa = float(1 + Fraction(start % CELLS, CELLS))
            if skip is None or not skip[part].any():
                bound = self.derivative(low * (1 - 1e-12), high * (1 + 1e-12), terms) / mantissa**terms
                out[part] = bound * product
        return out


def build_table(kernel: ClosedKernel, fixed: dict[str, Fraction], unit: Fraction) -> Table:
    """Compile a kernel to a table in the boson's mass.

    Parameters: ``kernel``; ``fixed``, exact values of nu and zeta where it has them; ``unit``, the
    lepton's mass in GeV. Raises UnsupportedError for kernels with other logarithms or arcs than of
    rho and constants.
    """
    import numpy as np

    builder = Builder.of(kernel, fixed, unit)
    first, last = table_range(builder)
    cells = (last - first) * CELLS
    table: NDArray[np.float64] = np.empty((cells, TERMS))
    balls: list[list[arb]] = []
    for exponent in range(first, last):
        balls += coefficients(builder.values(exponent, range(CELLS)))
    table[:] = [[float(c) for c in row] for row in balls]
    unsure = np.array([ball_radius(row) for row in balls])
    powers: NDArray[np.float64] = np.array([HALF**k for k in range(TERMS)])
    zeros, gap = _zeros(builder, first, table, powers, unsure)
    truncation, error = _bounds(builder, first, table, powers, zeros, gap, unsure)
    bad = ~((truncation <= TRUNCATION) & (error <= ERROR))
    table[bad, 0] = np.nan
    light, light_rest = _leading(builder, builder.light, first)
    heavy, heavy_rest = _leading(builder, builder.heavy, last)
    good = ~bad
    worst = stated(max(float(truncation[good].max(initial=0.0)), light_rest, heavy_rest))
    return Table(first, table, tuple(zeros), light, heavy, worst, float(error[good].max(initial=0.0)))


def table_range(builder: Builder) -> tuple[int, int]:
    """Return the binades [first, last) of M that the table covers."""
    low, high = -REACH, REACH
    if builder.light is not None:
        low = min(low, math.floor(math.log2(builder.light.radius)) - MARGIN)
    elif builder.threshold > 0:
        low = math.floor(math.log2(builder.threshold))
    if builder.heavy is not None:
        high = max(high, math.ceil(-math.log2(builder.heavy.radius)) + MARGIN)
    unit = math.log2(builder.unit)
    return max(-1020, math.floor(unit + low)), min(1023, math.ceil(unit + high))


def coefficients(values: list[list[arb]], terms: int = TERMS) -> list[list[arb]]:
    """Return polynomial coefficients in t for each cell's node values."""
    from flint import arb_mat

    _, inverse = nodes(terms)
    with working_precision(400):
        return [list(row) for row in (arb_mat(values) * arb_mat(inverse).transpose()).tolist()]


def ball_radius(row: Sequence[arb]) -> float:
    """Return how far the balls' radii of a cell's coefficients can move its values."""
    return sum(float(c.rad()) * HALF**k for k, c in enumerate(row)) * (1 + 1e-12)


def _zeros(
    builder: Builder,
    first: int,
    table: NDArray[np.float64],
    powers: NDArray[np.float64],
    unsure: NDArray[np.float64],
) -> tuple[list[Zero], NDArray[np.float64]]:
    """Find zeros, replace the cells around each by those of f/(M - M0), return how M - M0 rounds there."""
    import numpy as np

    gap = np.full(len(table), np.nan)
    zeros = []
    variation = np.abs(table[:, 1:]) @ powers[1:]
    steep = ~(variation <= STEEP * np.abs(table[:, 0]))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], steep, [False])).astype(int)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        low, high = _edge(first, start), _edge(first, end)
        if float(low / builder.unit) <= builder.threshold * 1.1:
            continue
        zero = _bisect(builder, low, high)
        if zero is None:
            continue
        lows = []
        for cell in range(start, end):
            exponent, place = first + cell // CELLS, cell % CELLS
            (values,) = builder.values(exponent, [place], extra=200)
            places, _ = nodes()
            with working_precision(400):
                bits = _NODE_BITS + CELL_BITS + 1
                middle = (1 << bits) + (2 * place + 1 << _NODE_BITS)
                masses = [number(Fraction(middle + n, 1 << bits) * Fraction(2) ** exponent) for n in places]
                slopes = [v / (m - zero) for v, m in zip(values, masses, strict=True)]
            (row,) = coefficients([slopes])
            with working_precision(400):
                pairs = [dd.from_arb(c) for c in row]
            table[cell] = [high_part for high_part, _ in pairs]
            lows.append(pairs[0][1])
            unsure[cell] = ball_radius(row)
        with working_precision(400):
            head, rest = dd.from_arb(zero)
            gap[start:end] = gap_rounding(zero, head, rest, float(low), float(high))
        zeros.append(Zero(head, rest, start, end, tuple(lows)))
    return zeros, gap


def _edge(first: int, cell: int) -> Fraction:
    """Return the lower edge of a cell."""
    return Fraction(2) ** (first + cell // CELLS) * (1 + Fraction(cell % CELLS, CELLS))


def _bisect(builder: Builder, low: Fraction, high: Fraction) -> arb | None:
    """Return a ball of the zero between two masses, about 140 bits, or None when the signs do not differ."""
    rising = builder.at(high)
    below = builder.at(low)
    if not ((below < 0 and rising > 0) or (below > 0 and rising < 0)):
        return None
    sign = 1 if rising > 0 else -1
    gap = (high - low) / 2**150
    while high - low > gap:
        middle = (low + high) / 2
        value = builder.at(middle) * sign
        if value > 0:
            high = middle
        elif value < 0:
            low = middle
        else:
            return None
    with working_precision(400):
        return number(low).union(number(high))


def _bounds(
    builder: Builder,
    first: int,
    table: NDArray[np.float64],
    powers: NDArray[np.float64],
    zeros: list[Zero],
    gap: NDArray[np.float64],
    unsure: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each cell proved bounds on the truncation and on the whole error, both relative.

    ``gap`` says how M - M0 rounds in the cells centred on a zero, NaN in the others; the product with the
    slope rounds once.
    """
    import numpy as np

    centred = ~np.isnan(gap)
    unit = float(builder.unit)
    size = np.abs(table[:, 0])
    variation = np.abs(table[:, 1:]) @ powers[1:]
    least = np.maximum(size - variation, 0.0)
    truncation = builder.truncation(first, len(table), TERMS, centred)
    product, group = node_product(TERMS), GROUP
    for zero in zeros:
        low, high = (float(_edge(first, c)) / unit for c in (zero.first // group * group, zero.last + group))
        # the slope f/(M - M0) is a divided difference: its 8th derivative is a 9th of f
        binade = 2.0 ** (first + zero.first // CELLS)
        bound = builder.derivative(low, high, TERMS + 1)
        cells = slice(zero.first, zero.last)
        truncation[cells] = bound * product / binade
        outside = [
            c for c in range(zero.first // group * group, -(-zero.last // group) * group) if not centred[c]
        ]
        bound = builder.derivative(low, high, TERMS)
        truncation[outside] = bound * product
    with np.errstate(divide="ignore", invalid="ignore"):
        truncation = (truncation + unsure) / least
        plain = plain_rounding(table, powers) / least
        around = 1 + np.fmax(gap, 1) + centred_rounding(table, powers) / least
        error = np.where(centred, around, plain) * UNIT * (1 + 1e-12) + truncation
    return truncation, error


def _leading(builder: Builder, side: Expansion | None, edge: int) -> tuple[tuple[Order, ...], float]:
    """Return the leading orders as functions of ln M, and a bound on what they leave out, relative."""
    if side is None:
        return (), 0.0
    r = 2.0**edge / float(builder.unit)
    q = r if side.side < 0 else 1 / r
    if q * 16 > side.radius:
        return (), 0.0
    found = side.orders()
    top = found[0][0]
    kept = [o for o in found if o[0] < top + 3]
    log = abs(2 * math.log(r))
    least = abs(float(kept[0][2])) * log - abs(float(kept[0][1]))
    if kept[0][2].is_zero():
        least = abs(float(kept[0][1]))
    # bounds of the terms over q^top; a coefficient alone may be beyond doubles
    sizes = {n: float((number(q) ** (n - top) * (abs(a) + abs(b) * log)).abs_upper()) for n, a, b in found}
    rest = sum(size for n, size in sizes.items() if n >= top + 3)
    end = side.start + len(side.plain)
    rest += side.sup * (q / side.radius) ** end * q**-top * (1 + log) * 2
    least -= sum(sizes[n] for n, _, _ in kept[1:])
    if least <= 0 or rest > TRUNCATION * least:
        return (), 0.0
    orders = []
    with working_precision(300):
        unit = number(builder.unit)
        for n, a, b in kept:
            power = -side.side * n
            shift = -power * round(math.log2(builder.unit))
            factor = unit ** (-power) / number(Fraction(2) ** shift)
            plain, slope = (a - 2 * b * unit.log()) * factor, 2 * b * factor
            orders.append(Order(power, shift, dd.from_arb(plain), dd.from_arb(slope)))
    return tuple(orders), rest / least * (1 + 1e-9)
