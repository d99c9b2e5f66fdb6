"""``g2sym bound``: the couplings that a measurement allows, as a table, a CSV file and a plot."""

from __future__ import annotations

import click

from g2sym.cli import options
from g2sym.cli.answers import Answer
from g2sym.cli.command import command


@command(
    "bound",
    examples=[
        "g2sym bound alp --on g_aff --lepton mu --vary m_a=1e-3:10:200 --plot alp_bound.png",
        "g2sym bound dark_photon --on eps --lepton e --set m_A=16.85e-3 --measurement electron-2023-cs",
        "g2sym bound scalar --on g_sff --vary m_s=1e-2:10:7 --criterion interval --n-sigma 3 --csv s.csv",
        "g2sym bound axial_vector --on eps --vary m_A=0.1:1:10:lin --json",
        "g2sym bound cp.toml --observable 'd(mu)' --measurement edm.toml --on g_P --set m_s=1 --set g_S=1e-3 "
        "--unit e_cm",
        "g2sym bound scalar --lepton mu --flavour g_sff=mass --on 'g_sff[tau]' --vary m_s=0.1:10:7",
        "g2sym bound lfv.toml --observable 'BR(mu -> e A)' --on k_L --set y_R=1e-3 --set m_phi=10",
        "g2sym bound scalar --on m_s --range 0.01:10 --set g_sff=1e-3",
        "g2sym bound dark_photon --on eps --vary m_A=1e-3:10:50 --measurement electron-2023-cs "
        "--measurement electron-2023-rb --measurement muon-2025 --csv all.csv --plot all.png",
        "g2sym bound lfv.toml --observable 'BR(mu -> e A)' --measurement m.toml --on m_phi --range 1:1000",
    ],
)
@options.model_argument
@click.option("--on", "on", metavar="NAME", required=True, help="The coupling or mass to bound.")
@click.option("--range", "span", metavar="FROM:TO", help="Where to search, for --on a mass (GeV).")
@options.several_options
@options.vary_option
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
@click.option("--csv", "csv_path", metavar="FILE", help="Write every window to a CSV file.")
@click.option("--plot", "plot_path", metavar="FILE", help="Draw the excluded region: .png, .pdf or .svg.")
def bound(
    model: str,
    on: str,
    span: str | None,
    lepton: tuple[str, ...],
    observable: tuple[str, ...],
    grids: tuple[str, ...],
    assignments: tuple[str, ...],
    measurement: tuple[str, ...],
    criterion: tuple[str, ...],
    n_sigma: tuple[str, ...],
    unit: str | None,
    scheme: str | None,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
    csv_path: str | None,
    plot_path: str | None,
) -> Answer:
    """Find the real values of a coupling, or of a mass, for which MODEL agrees with a measurement.

    The answer is a list of windows for each point, signed, with certified ends; an open end is
    infinite (null in JSON), and an empty list means that no value is allowed. Without --measurement
    muon-2025, electron-2023-rb or tau-2024 is taken, or the bundled one of an electric dipole moment or
    branching ratio (g2sym measurements lists them); another observable needs a measurement file. With
    several measurements the answer is what all of them allow, beside the windows of each; each is compared
    with the observable that it measures.
    """
    from g2sym.cli import bounding

    return bounding.bound(
        model,
        on,
        span,
        lepton,
        observable,
        grids,
        assignments,
        measurement,
        criterion,
        n_sigma,
        unit,
        scheme,
        partial,
        flavours,
        overrides,
        csv_path,
        plot_path,
    )
