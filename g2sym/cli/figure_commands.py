"""The figures as commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from g2sym.base.names import parse_observable
from g2sym.cli import options, reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command
from g2sym.cli.output import Output, check_writable
from g2sym.cli.progress import progress

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from g2sym.show.figures.result import Drawn

F = TypeVar("F", bound=Callable[..., Any])

output_option: Callable[[F], F] = click.option(
    "-o", "--output", "path", metavar="FILE", required=True, help="The picture: .png, .pdf or .svg."
)
points_option: Callable[[F], F] = click.option(
    "--points",
    type=click.IntRange(2, 10_000),
    default=201,
    show_default=True,
    help="Points along the x axis.",
)
muon_option: Callable[[F], F] = click.option(
    "--muon", metavar="NAME", default="muon-2025", show_default=True, help="The muon's measurement."
)
electron_option: Callable[[F], F] = click.option(
    "--electron",
    metavar="NAME",
    default="electron-2023-rb",
    show_default=True,
    help="The electron's measurement; it says which alpha the prediction rests on.",
)
_COMMON = (options.input_option, options.sigma_option, options.criterion_option, points_option, output_option)


def _common(function: F) -> F:
    for option in _COMMON:
        function = option(function)
    return function


@command("2", examples=["g2sym figure 2 -o fig2.pdf", "g2sym figure 2 -o fig2.png --muon muon-2023 --json"])
@muon_option
@_common
def two(muon: str, **others: Any) -> Answer:
    """Draw Fig. 2: the muon's coupling to an axion-like particle and to a scalar, each on its own."""
    return _curves(2, {"mu": muon}, **others)


@command(
    "7", examples=["g2sym figure 7 -o fig7.pdf", "g2sym figure 7 -o fig7.svg --electron electron-2023-cs"]
)
@muon_option
@electron_option
@_common
def seven(muon: str, electron: str, **others: Any) -> Answer:
    """Draw the (g-2) curves of Fig. 7: vectors and axial vectors, muon and electron.

    The electron's prediction depends on alpha: electron-2023-rb has the more precise one and bounds
    more strongly, electron-2023-cs is the other; the two disagree.
    """
    return _curves(7, {"mu": muon, "e": electron}, **others)


@command("4", examples=["g2sym figure 4 -o fig4.pdf", "g2sym figure 4 -o fig4.png --criterion interval"])
@muon_option
@electron_option
@_common
def four(muon: str, electron: str, **others: Any) -> Answer:
    """Draw Fig. 4: the plane of an axion-like particle's muon and photon couplings, at three masses.

    Red and blue are excluded for a positive and a negative product of the couplings; on the line the
    contributions cancel. The electron's border assumes couplings proportional to the lepton's mass.
    Both couplings are effective ones: the derivative and the Yukawa form of the lepton coupling differ
    by the anomaly, a shift of the photon coupling by 0.022 GeV^-1 times the muon coupling.
    """
    return _plane(4, {"mu": muon, "e": electron}, **others)


@command("5", examples=["g2sym figure 5 -o fig5.pdf", "g2sym figure 5 -o fig5.png --points 401 --json"])
@muon_option
@electron_option
@_common
def five(muon: str, electron: str, **others: Any) -> Answer:
    """Draw Fig. 5: the plane of an axion-like particle's mass and photon coupling, at two muon couplings."""
    return _plane(5, {"mu": muon, "e": electron}, **others)


@command("6", examples=["g2sym figure 6 -o fig6.pdf", "g2sym figure 6 -o fig6.png --n-sigma 3"])
@muon_option
@electron_option
@_common
def six(muon: str, electron: str, **others: Any) -> Answer:
    """Draw Fig. 6: the plane of a scalar's muon and photon couplings, at three masses.

    As in figure 4; here the contributions cancel for a negative product of the couplings.
    """
    return _plane(6, {"mu": muon, "e": electron}, **others)


def _plane(number: int, measurements: Mapping[str, str], **others: Any) -> Answer:
    from g2sym.show.figures import FIGURES
    from g2sym.show.figures.planes import Options

    module = import_module(FIGURES[number][0])
    steps = module.wanted(number)

    def compute(*chosen: Any) -> list[Drawn]:
        found: list[Drawn] = module.compute(
            number, Options(*chosen), progress(steps, len(steps), f"figure {number}", long=True)
        )
        return found

    return _answer(
        number, measurements, module.GRID, compute, lambda found: module.draw(number, found), **others
    )


def _curves(number: int, measurements: Mapping[str, str], points: int, **others: Any) -> Answer:
    from g2sym.show.figures import FIGURES
    from g2sym.show.figures.curves import Options

    module = import_module(FIGURES[number][0])

    def compute(*chosen: Any) -> list[Drawn]:
        steps = progress(module.WANTED, len(module.WANTED), f"figure {number}", long=points > 300)
        found: list[Drawn] = module.compute(Options(*chosen), steps)
        return found

    return _answer(number, measurements, module.MASSES, compute, module.draw, points, **others)


def _answer(
    number: int,
    measurements: Mapping[str, str],
    span: tuple[str, str],
    compute: Callable[..., list[Drawn]],
    draw: Callable[[list[Drawn]], Figure],
    points: int,
    path: str,
    criterion: str | None,
    n_sigma: str | None,
    overrides: tuple[str, ...],
) -> Answer:
    """Read the options, compute, and return the answer with the picture to be drawn.

    Parameters: ``span``, the range of the x axis; ``compute``, from points, measurements, criterion,
    number of sigmas and inputs to curves or planes; ``draw``, from these to the figure.
    """
    from g2sym.drawing.formats import format_of
    from g2sym.drawing.style import save
    from g2sym.show.figures.result import FigureResult

    form = format_of(path)
    check_writable(path, "-o")
    (grid,) = reading.read_grids([f"x={span[0]}:{span[1]}:{points}"])
    data = {
        lepton: reading.read_measurement(name, parse_observable(f"a({lepton})"))
        for lepton, name in measurements.items()
    }
    sigmas = reading.read_sigmas(n_sigma)
    for one in data.values():
        one.window(criterion, sigmas)  # a wrong choice is refused before anything is computed
    how = criterion or "sensitivity"
    found = compute(
        grid.points, data, how, Fraction(2) if sigmas is None else sigmas, reading.read_inputs(overrides)
    )

    def write(stream: BinaryIO) -> None:
        save(lambda: draw(found), stream, form)

    result = FigureResult(number, tuple(found))
    document = {**result.as_dict(), "versions": ["matplotlib", "numpy"]}
    lines = [f"Figure {number}: {result.title}"]
    lines += [f"  {lepton}: {one.name}, {one.title}" for lepton, one in data.items()]
    lines.append(f"  criterion {how}, n = {n_sigma or 2}, {points} points along the x axis")
    lines += [f"  {sentence}" for sentence in result.sentences]
    return Answer(document, "\n".join(lines), [Output(path, write)])
