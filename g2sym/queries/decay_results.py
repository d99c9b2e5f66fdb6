"""The decays of a particle as tables, records, files and pictures."""

from __future__ import annotations

import csv as tables_of_cells
import io
import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from textwrap import wrap

from g2sym.base.arguments import path as usable_path
from g2sym.base.classes import dataclass
from g2sym.base.exact import decimal_text
from g2sym.derive.channels import field_of
from g2sym.drawing.tables import pairs, table, thinned
from g2sym.errors import UsageError, shorten
from g2sym.observables.flavours import links_text
from g2sym.observables.rate_parts import field_latex
from g2sym.queries.decays import CLOSED, NONE, Branch, Decaying, DecayRow, Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from g2sym.base.balls import Ball
    from g2sym.base.types import Record

ROWS = 25
"""Most rows of a table over varied parameters; records and files have all."""
SHORT = 5
"""Digits in a table over varied parameters."""
IN_TITLE = 60
"""Characters of a line above a picture of one column."""
NEAR = tuple(Fraction(step, 10**k) for k in range(1, 7) for step in (1, 2, 5))
"""How far above a threshold, relative to it, a picture has further masses."""


@dataclass(frozen=True)
class Decays:
    """Every decay of a particle: widths, branching ratios, thresholds, lifetime and lengths.

    Made by `Model.decays`; ``str()`` is the table. ``rows`` has one entry for each point, ``varied`` the
    names of what varies; ``announcements`` says what else there is to know.
    """

    found: Found

    @property
    def parent(self) -> str:
        """The particle that decays."""
        return self.found.decaying.parent

    @property
    def digits(self) -> int:
        """Significant decimals of every value."""
        return self.found.decaying.digits

    @property
    def rows(self) -> tuple[DecayRow, ...]:
        """One row for each point, the last varied parameter fastest."""
        return self.found.rows

    @property
    def varied(self) -> tuple[str, ...]:
        """The names of the varied parameters."""
        return tuple(self.found.varied)

    @property
    def announcements(self) -> tuple[str, ...]:
        """Sentences: a stable particle, couplings without an effect, what is not included."""
        return self.found.sentences

    @property
    def units(self) -> dict[str, str]:
        """The unit of every parameter, by name."""
        return dict(self.found.decaying.declaration.units)

    # text ----------------------------------------------------------------------------------------
    @property
    def table(self) -> str:
        """The table as text: channels of one point, or one line for each point."""
        return self._one(self.rows[0]) if not self.varied else self._several()

    def __str__(self) -> str:
        return "\n".join([self._head(), "", self.table, *(f"  {s}" for s in self.announcements)])

    def __repr__(self) -> str:
        return str(self)

    def _head(self) -> str:
        at = self._stated()
        return f"{self.found.record['model']}: decays of {self.parent}" + (
            f" at {', '.join(at)}" if at else ""
        )

    def _stated(self) -> list[str]:
        """Return the values, defaults and flavour links that hold everywhere, as texts."""
        record = self.found.record
        units = self.units
        names = [*record["values"].items()]
        at = [f"{n} = {decimal_text(Fraction(v), 12)}{_unit(units, n)}" for n, v in names]
        at += [f"{n} = {v} (default)" for n, v in record["defaults"].items()]
        return at + ([said] if (said := links_text(record["flavour"])) else [])

    def _one(self, row: DecayRow) -> str:
        digits = self.digits
        body = [
            [
                f"{self.parent} -> {b.name}",
                b.width.shown(digits),
                "-" if b.branching_ratio is None else b.branching_ratio.shown(digits),
                _opens(b),
                b.state,
            ]
            for b in row.branches
        ]
        body.append(["total", row.total.shown(digits), "-" if row.is_stable else "1", "", ""])
        heads = ["channel", "width [GeV]", "branching ratio", "opens at [GeV]", "state"]
        measured = self.found.decaying.measured is not None
        if measured:
            body[-1][0] = "total (measured)"
        if not row.branches:
            body = body[-1:]
        lines = [table(heads, body), ""]
        rows = [("lifetime", _with(row.lifetime, "s", digits)), ("c tau", _with(row.c_tau, "m", digits))]
        if self.found.decaying.energy is not None:
            energy = decimal_text(self.found.decaying.energy, 6)
            rows.append((f"decay length at {energy} GeV", _with(row.length, "m", digits)))
        return "\n".join([*lines, pairs(rows)])

    def _several(self) -> str:
        units = self.units
        digits = min(self.digits, SHORT)
        names = [" ".join(p) for p in self.found.decaying.parts]
        length = self.found.decaying.energy is not None
        heads = [f"{n} [{u}]" if (u := units.get(n, "1")) != "1" else n for n in self.varied]
        heads += [
            "Gamma [GeV]",
            "c tau [m]",
            *(["length [m]"] if length else []),
            *(f"BR({n})" for n in names),
        ]
        states = [tuple(b.state for b in row.branches) for row in self.rows]
        changes = [k for k in range(1, len(states)) if states[k] != states[k - 1]]
        body = []
        shown = thinned(len(self.rows), ROWS, [*changes, *(k - 1 for k in changes)])
        for k in shown:
            row = self.rows[k]
            body.append(
                [
                    *(decimal_text(v, SHORT) for _, v in row.point),
                    row.total.shown(digits),
                    _with(row.c_tau, "", digits),
                    *([_with(row.length, "", digits)] if length else []),
                    *(_ratio(b, digits) for b in row.branches),
                ]
            )
        lines = [table(heads, body)]
        if len(shown) < len(self.rows):
            lines.append(f"({len(shown)} of {len(self.rows)} rows; --csv FILE, --json or .as_dict() has all)")
        opened = []
        for k, one in enumerate(names):
            found = {row.branches[k].threshold for row in self.rows}
            branch = self.rows[0].branches[k]
            if len(found) == 1 and branch.threshold:
                opened.append(f"{one} at {branch.opens} = {_opens(branch)} GeV")
            elif len(found) > 1:
                opened.append(f"{one} at {branch.opens}")
        if opened:
            lines.append(f"Thresholds: {'; '.join(opened)}.")
        return "\n".join(lines)

    # data ----------------------------------------------------------------------------------------
    def as_dict(self) -> Record:
        """Return a JSON-ready record: every channel of every point, with radii, and the sentences."""
        return {
            **self.found.record,
            "parent": self.parent,
            "digits": self.digits,
            "energy": _number(self.found.decaying.energy),
            "varied": list(self.varied),
            "points": [self._record(row) for row in self.rows],
        }

    def _record(self, row: DecayRow) -> Record:
        measured = {"lifetime": row.lifetime, "c_tau": row.c_tau, "decay_length": row.length}
        return {
            "point": {name: decimal_text(v, 40) for name, v in row.point},
            "mass": decimal_text(row.mass, 40),
            "total": self._ball(row.total),
            "stable": row.is_stable,
            **{name: None if one is None else self._ball(one) for name, one in measured.items()},
            "channels": [
                {
                    "products": list(b.products),
                    "observable": f"Gamma({self.parent} -> {b.name})",
                    "state": b.state,
                    "threshold": _number(b.threshold),
                    "opens": b.opens,
                    "width": self._ball(b.width),
                    "branching_ratio": None if b.branching_ratio is None else self._ball(b.branching_ratio),
                }
                for b in row.branches
            ],
        }

    def _ball(self, ball: Ball) -> Record:
        value, radius = ball.printed(self.digits)
        return {"value": value, "radius": radius}

    def csv(self) -> str:
        """Return one line for each point: values, total width, lifetime, lengths, widths and ratios.

        A cell is empty where there is no value.
        """
        names = [" ".join(p) for p in self.found.decaying.parts]
        heads = [*self.varied, f"Gamma({self.parent})", "lifetime", "c_tau", "decay_length"]
        heads += [f"Gamma({self.parent} -> {n})" for n in names] + [
            f"BR({self.parent} -> {n})" for n in names
        ]
        out = io.StringIO()
        writer = tables_of_cells.writer(out, lineterminator="\n")
        writer.writerow(heads)
        for row in self.rows:
            balls = [row.total, row.lifetime, row.c_tau, row.length]
            balls += [*(b.width for b in row.branches), *(b.branching_ratio for b in row.branches)]
            cells = ["" if one is None else one.shown(self.digits) for one in balls]
            writer.writerow([*(decimal_text(v, 17) for _, v in row.point), *cells])
        return out.getvalue()

    # picture -------------------------------------------------------------------------------------
    def plot(self, path: str | os.PathLike[str] | None = None) -> Figure:
        """Draw branching ratios and the total width over the one varied parameter, thresholds marked.

        Parameters: ``path`` of a .png, .pdf or .svg file to write, None for none. Returns the figure, as
        wide as a column of a journal and readable in grey.
        Raises UsageError where not exactly one parameter varies, and for another suffix.

        Example: ``g2.load_model("dark_photon").decays("Ap", m_A=[0.01, 0.1, 1], eps=1e-3).plot()``.
        """
        from g2sym.drawing.formats import format_of
        from g2sym.drawing.style import save, styled

        form = None if path is None else format_of(usable_path(path, "path"))
        self.check_picture()
        with styled():
            figure = self.draw()
        if path is not None and form is not None:
            try:
                with open(path, "wb") as stream:
                    save(self.draw, stream, form)
            except OSError as error:
                raise UsageError(
                    f"{shorten(os.fspath(path))} could not be written ({error.strerror})."
                ) from None
        return figure

    def check_picture(self) -> None:
        """Refuse what cannot be drawn; raises UsageError."""
        if len(self.varied) != 1:
            raise UsageError(
                f"The picture of decays is over one varied parameter, not {len(self.varied)}; vary one, such "
                f"as {self.found.decaying.mass} (a list of values, or --vary)."
            )
        ends = [v for row in self.rows for _, v in row.point]
        if len(set(ends)) < 2:
            raise UsageError(f"The picture of decays needs at least two values of {self.varied[0]}.")
        if not self.found.decaying.parts or all(row.is_stable for row in self.rows):
            raise UsageError(f"{self.parent} is stable at every point: there is nothing to draw.")

    def draw(self) -> Figure:
        """Return the figure, in the style that holds; see `plot`."""
        from g2sym.drawing.curves import Curve, Mark, Panel, draw_curves
        from g2sym.drawing.escape import label, made

        decaying = self.found.decaying
        (name,) = self.varied
        rows = sorted(self.rows, key=lambda r: r.point[0][1])
        inside = self._thresholds(rows)
        rows = self._refined(rows, list(inside))
        marks = [Mark(float(t), *label(tex, "")) for t, tex in inside.items()]
        x = tuple(float(row.point[0][1]) for row in rows)
        declaration = decaying.declaration
        ratios = []
        for k, products in enumerate(decaying.parts):
            y = tuple(_float(row.branches[k].branching_ratio) for row in rows)
            if any(y):
                tex = r"\,".join(field_latex(p, declaration) for p in products)
                ratios.append(Curve(*label(tex, " ".join(products)), y))
        tex = field_latex(self.parent, declaration)
        total = Curve(*label(tex, self.parent), tuple(_float(row.total) for row in rows))
        parameter = declaration.parameters.get(name)
        given = parameter.latex if parameter is not None and parameter.latex else made(name.partition("[")[0])
        text, parse = label(given, name)
        unit = self.units.get(name, "1")
        across = text if unit == "1" else f"{text} [{unit}]" if not parse else rf"{text} [{_tex(unit)}]"
        panels = [
            Panel("branching ratio", tuple(ratios), 1.6, 2.0, 1e-7),
            Panel("total width [GeV]", (total,), None, 1.0),
        ]
        title = f"decays of {self.parent} ({self.found.record['model']})"
        title = "\n".join([title, *wrap(", ".join(self._stated()), IN_TITLE)])
        even = x[0] > 0 and x[-1] / x[0] > 3
        return draw_curves(x, panels, marks, (across, parse), logarithmic=even, title=title)

    def _threshold_latex(self, branch: Branch) -> str:
        declaration = self.found.decaying.declaration
        names = [p for p in branch.products if field_of(declaration, p).mass is not None]
        plain = [n[4:-1] if n.startswith("bar(") else n for n in names]
        parts = {n: f"m_{{{field_latex(n, declaration)}}}" for n in plain}
        return "+".join(tex if plain.count(n) == 1 else f"{plain.count(n)}{tex}" for n, tex in parts.items())

    def _thresholds(self, rows: Sequence[DecayRow]) -> dict[Fraction, str]:
        """Return where channels open inside the range, as LaTeX; empty where no mass of a decay varies."""
        decaying = self.found.decaying
        (name,) = self.varied
        first, found = rows[0], dict[Fraction, str]()
        for b in first.branches:
            if b.threshold is None:
                continue
            masses = [field_of(decaying.declaration, p).mass for p in b.products]
            if name == decaying.mass and name not in masses:
                at, text = b.threshold, self._threshold_latex(b)
            elif name in masses and name != decaying.mass:  # so heavy may the products be
                own = first.values[name]
                count = masses.count(name)
                at = (first.mass - b.threshold) / count + own
                text = f"{self._threshold_latex(b)}=m_{{{field_latex(self.parent, decaying.declaration)}}}"
            else:
                continue
            if first.values[name] < at < rows[-1].values[name]:
                found[at] = text
        return found

    def _refined(self, rows: Sequence[DecayRow], thresholds: Sequence[Fraction]) -> list[DecayRow]:
        """Return rows with further ones on the open side of each threshold, where widths rise steeply."""
        decaying, fixed = self.found.decaying, self.found.fixed
        (name,) = self.varied
        side = 1 if name == decaying.mass else -1
        have = {row.values[name] for row in rows}
        low, high = rows[0].values[name], rows[-1].values[name]
        more = {t * (1 + side * step) for t in thresholds for step in (Fraction(0), *NEAR)}
        brief = Decaying(decaying.quantity, SHORT, None)
        extra = []
        for at in sorted(m for m in more if low < m < high and m not in have):
            values = decaying.quantity.values({**fixed, name: at})
            extra.append(brief.row(((name, at),), values))
        return sorted([*rows, *extra], key=lambda r: r.values[name])


def _float(ball: Ball | None) -> float:
    return 0.0 if ball is None else float(ball)


def _tex(unit: str) -> str:
    head, _, power = unit.partition("^")
    return f"{head}$^{{{power}}}$" if power else head


def _unit(units: Mapping[str, str], name: str) -> str:
    unit = units.get(name, "1")
    return "" if unit == "1" else f" {unit}"


def _number(value: Fraction | None) -> str | None:
    return None if value is None else decimal_text(value, 40)


def _opens(branch: Branch) -> str:
    return branch.opens if branch.threshold is None else f"{float(branch.threshold):.6g}"


def _with(ball: Ball | None, unit: str, digits: int) -> str:
    return "-" if ball is None else f"{ball.shown(digits)} {unit}".rstrip()


def _ratio(branch: Branch, digits: int) -> str:
    if branch.branching_ratio is None or branch.state in (CLOSED, NONE):
        return "-"
    return branch.branching_ratio.shown(digits)
