"""``g2sym map``: a plane of two parameters, each cell proved allowed or excluded, as picture and files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

import click

from g2sym.base.sentences import statement
from g2sym.cli import options, reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command
from g2sym.cli.output import Output, check_writable
from g2sym.cli.several import read_wanted
from g2sym.errors import UsageError, shorten
from g2sym.observables.flavours import flavour_lines

if TYPE_CHECKING:
    from g2sym.base.types import Record
    from g2sym.constraints.maps import ExclusionMap
    from g2sym.model.observable import Observable

DATA = (".npz", ".json", ".csv")
"""Suffixes of files that hold data; pictures are .png, .pdf, .svg."""


@command(
    "map",
    examples=[
        "g2sym map alp --x g_aff=1e-5:1e-2 --y g_agg=1e-6:1e-1 --set m_a=0.1 -o plane.png -o plane.npz",
        "g2sym map scalar --x m_s=1e-2:10 --y g_sff=1e-5:1e-2 --set g_sgg=1e-4 -o plane.json",
        "g2sym map alp --x g_aff=-1e-3:1e-3:lin --y g_agg=-1e-3:1e-3:lin --set m_a=0.5 --undecided 1e-3",
        "g2sym map axial_vector --x m_A=1e-3:10 --y eps=1e-6:1e-1 --lepton e --resolution 65536 --json",
        "g2sym map scalar --lepton e --flavour g_sff=mass --x m_s=.01:1 --y 'g_sff[mu]=1e-5:1' -o e.png",
        "g2sym map heavy.toml --x m_s=1e-2:1e3 --y m_F=1e-2:1e3 --set g=.01 --resolution 1024 -o masses.png",
        "g2sym map dark_photon --x m_A=1e-3:10 --y eps=1e-5:1 --measurement electron-2023-cs "
        "--measurement electron-2023-rb --measurement muon-2025 --resolution 1024 -o all.png -o all.csv",
        "g2sym map cp.toml --observable 'd(mu)' --measurement edm.toml --x m_s=.1:1 --y g_P=.1:1 --set g_S=1 "
        "--unit e_cm",
        "g2sym map lfv.toml --observable 'BR(mu -> e A)' --measurement m.toml --x m_phi=1:99 --y y=1e-7:1",
    ],
)
@options.model_argument
@click.option("--x", "x", metavar="NAME=FROM:TO[:lin]", required=True, help="The horizontal axis.")
@click.option("--y", "y", metavar="NAME=FROM:TO[:lin]", required=True, help="The vertical axis.")
@options.several_options
@options.set_option
@options.kinematic_options
@options.measurements_option
@options.criteria_option
@options.sigmas_option
@options.unit_option
@options.scheme_option
@options.partial_option
@options.flavour_option
@options.input_option
@click.option(
    "--resolution",
    type=int,
    default=4096,
    show_default=True,
    help="Smallest cells along an axis: a power of two.",
)
@click.option(
    "--undecided", metavar="FRACTION", help="Stop cutting when no more of the plane is undecided (default 0)."
)
@click.option("--mask", type=int, help="Resolution of the packed mask in an .npz file, or of the polygons.")
@click.option(
    "-o",
    "--output",
    "outputs",
    metavar="FILE",
    multiple=True,
    help="Write a picture (.png, .pdf, .svg), the map and its mask (.npz), polygons (.json) or the table of "
    "areas (.csv); repeatable.",
)
def map_command(
    model: str,
    x: str,
    y: str,
    lepton: tuple[str, ...],
    observable: tuple[str, ...],
    assignments: tuple[str, ...],
    measurement: tuple[str, ...],
    criterion: tuple[str, ...],
    n_sigma: tuple[str, ...],
    unit: str | None,
    scheme: str | None,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
    resolution: int,
    undecided: str | None,
    mask: int | None,
    outputs: tuple[str, ...],
) -> Answer:
    """Prove where in a plane of two parameters MODEL agrees with a measurement.

    Every cell of the plane is proved allowed, proved excluded, or left undecided; nothing is guessed from
    single points. Cells that cannot be decided are cut in four down to --resolution. The axes may be two
    masses of one kernel, for a rate also energies and angles; where there is no value, or a loop is above
    threshold, the plane is undecided, and the text says so. An observable of which no measurement is bundled
    (see g2sym measurements) needs a measurement file. With several measurements every cell has the state of
    each, on the common refinement of their cells; one with the criterion interval favours a band.
    """
    from g2sym.constraints.planes import Axis

    wanted = read_wanted(lepton, observable, measurement, criterion, n_sigma)
    axes = [Axis(*_axis(text, option, overrides)) for text, option in ((x, "--x"), (y, "--y"))]
    fixed = reading.read_assignments(assignments, overrides)
    for axis in axes:
        if axis.name in fixed:
            raise UsageError(f"{axis.name} is both set and an axis; drop one of the two.")
    kinds = [_kind(path) for path in outputs]
    share = reading.number(undecided, "--undecided") if undecided is not None else Fraction(0)
    wanted.check()  # a wrong choice is refused before the model is derived
    chosen = reading.load(model, overrides, scheme, flavours)
    names = (*fixed, *(axis.name for axis in axes))
    if len(wanted.measurements) > 1:
        from g2sym.cli.mapping import combined

        named = list(zip(outputs, kinds, strict=True))
        combination = wanted.combination(chosen, partial, flavours, *names, unit=unit)
        return combined(combination, axes, fixed, resolution, float(share), mask, named)
    moment = reading.observed(chosen, wanted.observables[0], partial, flavours, *names)
    from g2sym.constraints.maps import exclusion_map

    found = exclusion_map(
        moment,
        axes[0],
        axes[1],
        wanted.measurements[0],
        wanted.criterion,
        wanted.n_sigma,
        resolution=resolution,
        undecided=float(share),
        unit=unit,
        params=dict(fixed),
    )
    if mask is not None:
        found.mask(mask, (0, 0))  # refused before anything is written
    document = {**found.as_dict(), "units": reading.units_of(moment), "versions": ["numpy"]}
    files = [
        _file(path, kind, found, moment, mask, document["units"])
        for path, kind in zip(outputs, kinds, strict=True)
    ]
    return Answer(document, _text(found, chosen.name), files)


def _axis(text: str, option: str, overrides: Sequence[str]) -> tuple[str, Fraction, Fraction, bool]:
    ((name, range_text),) = reading.split_assignments([text], option).items()
    parts = range_text.split(":")
    if len(parts) not in (2, 3) or (len(parts) == 3 and parts[2] not in ("lin", "log")):
        raise UsageError(
            f"{option} {shorten(text)}: write NAME=FROM:TO, or NAME=FROM:TO:lin for a linear axis, for "
            "instance m_a=1e-3:10."
        )
    low, high = (reading.value(part, f"{option} {name}", overrides) for part in parts[:2])
    return name, low, high, parts[2:] != ["lin"]


def _kind(path: str) -> str:
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in DATA:
        from g2sym.drawing.formats import FORMATS

        if suffix not in FORMATS:
            ending = f"ends in {shorten(suffix)}" if suffix else "has no suffix"
            raise UsageError(f"-o {shorten(path)} {ending}; use {', '.join((*FORMATS, *DATA))}.")
    check_writable(path, "-o")
    return suffix


def _file(
    path: str, kind: str, found: ExclusionMap, moment: Observable, mask: int | None, units: Mapping[str, str]
) -> Output:
    def write(stream: BinaryIO) -> None:
        if kind == ".npz":
            from g2sym.constraints.map_files import write_map

            write_map(found, stream, mask)
        elif kind == ".csv":
            from g2sym.constraints.combined_files import write_categories

            write_categories(found, stream)
        elif kind == ".json":
            from g2sym.constraints.polygons import polygons

            document: Record = polygons(found, mask)
            document["g2sym"] |= {"units": dict(units)}
            stream.write(json.dumps(document, sort_keys=True, allow_nan=False).encode())
        else:
            from g2sym.drawing.formats import FORMATS
            from g2sym.drawing.style import save
            from g2sym.show.maps import draw_map

            save(lambda: draw_map(found, moment.declaration), stream, FORMATS[kind])

    return Output(path, write)


def _observed(found: ExclusionMap) -> str:
    return f"(g-2)_{found.lepton}" if found.measurement["lepton"] else found.measurement["observable"]


def _text(found: ExclusionMap, model: str) -> str:
    window = found.window
    fixed = "".join(f", {n} = {v}" for n, v in found.record.get("values", {}).items())
    lines = [
        f"{model}: {found.x.name} and {found.y.name} from {_observed(found)}{fixed}",
        f"{found.measurement['name']}, {window['criterion']}: {window['meaning']}",
        *flavour_lines(found.record),
        f"{found.resolution} x {found.resolution} cells, {len(found.leaves.level)} after merging:",
    ]
    for name in ("allowed", "excluded", "undecided"):
        proved = "proved " if name != "undecided" else ""
        lines.append(f"  {proved + name:<16} {float(found.areas[name]):.6g} of the plane")
    lines += [f"    {float(area):.6g} where {statement(reason)}" for reason, area in found.reasons]
    lines += found.record.get("announcements", ())
    return "\n".join(lines)
