"""The figures as commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from importlib import import_module
from typing import Any, BinaryIO, TypeVar

import click

from g2sym.cli import options
from g2sym.cli.command import Answer, command
from g2sym.cli.output import Output, check_writable
from g2sym.cli.progress import progress

F = TypeVar("F", bound=Callable[..., Any])

output_option: Callable[[F], F] = click.option(
    "-o", "--output", "path", metavar="FILE", required=True, help="The picture: .png, .pdf or .svg."
)
points_option: Callable[[F], F] = click.option(
    "--points", type=click.IntRange(2, 10_000), default=201, show_default=True, help="Masses along a curve."
)
muon_option: Callable[[F], F] = click.option(
    "--muon", metavar="NAME", default="muon-2025", show_default=True, help="The muon's measurement."
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
    return _answer(2, {"mu": muon}, **others)


@command(
    "7", examples=["g2sym figure 7 -o fig7.pdf", "g2sym figure 7 -o fig7.svg --electron electron-2023-cs"]
)
@muon_option
@click.option(
    "--electron",
    metavar="NAME",
    default="electron-2023-rb",
    show_default=True,
    help="The electron's measurement; it says which alpha the prediction rests on.",
)
@_common
def seven(muon: str, electron: str, **others: Any) -> Answer:
    """Draw the (g-2) curves of Fig. 7: vectors and axial vectors, muon and electron.

    The electron's prediction depends on alpha: electron-2023-rb has the more precise one and bounds
    more strongly, electron-2023-cs is the other; the two disagree.
    """
    return _answer(7, {"mu": muon, "e": electron}, **others)


def _answer(
    number: int,
    measurements: Mapping[str, str],
    path: str,
    points: int,
    criterion: str | None,
    n_sigma: str | None,
    overrides: tuple[str, ...],
) -> Answer:
    from g2sym.show.figures import FIGURES
    from g2sym.show.figures.curves import Options
    from g2sym.show.formats import format_of
    from g2sym.show.style import save

    form = format_of(path)
    check_writable(path, "-o")
    module = import_module(FIGURES[number][0])
    (grid,) = options.read_grids([f"mass={module.MASSES[0]}:{module.MASSES[1]}:{points}"])
    data = {lepton: options.read_measurement(name, lepton) for lepton, name in measurements.items()}
    sigmas = options.read_sigmas(n_sigma)
    for one in data.values():
        one.window(criterion, sigmas)  # a wrong choice is refused before anything is computed
    chosen = Options(
        grid.points,
        data,
        criterion or "sensitivity",
        Fraction(2) if sigmas is None else sigmas,
        options.read_inputs(overrides),
    )
    steps = progress(module.WANTED, len(module.WANTED), f"figure {number}", long=points > 300)
    found = module.compute(chosen, steps)

    def write(stream: BinaryIO) -> None:
        save(lambda: module.draw(found), stream, form)

    document = {
        "figure": number,
        "title": FIGURES[number][1],
        "source": "arXiv:2506.17750",
        "curves": [curve.as_dict() for curve in found],
        "conventions": found[0].bound.conventions,
        "inputs": found[0].bound.inputs,
        "units": {"m_a": "GeV", "m_s": "GeV", "m_A": "GeV", "g_aff": "1", "g_sff": "1", "eps": "1"},
        "versions": ["matplotlib", "numpy"],
    }
    lines = [f"Figure {number}: {FIGURES[number][1]}"]
    lines += [f"  {lepton}: {one.name}, {one.title}" for lepton, one in data.items()]
    lines.append(f"  criterion {chosen.criterion}, n = {n_sigma or 2}, {points} masses")
    lines += [f"  {s}" for s in dict.fromkeys(c.bound.sentence for c in found) if s]
    return Answer(document, "\n".join(lines), [Output(path, write)])
