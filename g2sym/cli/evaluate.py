"""``g2sym eval``: an observable at one point, certified."""

from __future__ import annotations

import click

from g2sym.cli import options
from g2sym.cli.answers import Answer
from g2sym.cli.command import command


@command(
    "eval",
    examples=[
        "g2sym eval alp --lepton mu --set m_a=0.5 --set g_aff=1e-3",
        "g2sym eval dark_photon --lepton e --set m_A=16.85e-3 --set eps=1e-3 --digits 50",
        "g2sym eval alp --set m_a=0.5 --set g_aff=1e-3 --measurement muon-2025 --json",
        "g2sym eval scalar --set m_s=0.1 --set g_sff=1e-3 --set g_sgg=1e-4 --parametric",
        "g2sym eval cp.toml --observable 'd(mu)' --unit e_cm --set m_s=0.5 --set g_S=1e-3 --set g_P=1e-3",
        "g2sym eval dark_photon --observable 'a(e)/a(mu)' --set m_A=0.1 --set eps=1e-3",
        "g2sym eval scalar --lepton e --flavour g_sff=mass --set 'g_sff[mu]=1e-3' --set m_s=0.5",
        "g2sym eval lfv.toml --observable 'BR(mu -> e A)' --set m_phi=10 --set y_R=2e-3 --set k_L=1e-5",
        "g2sym eval light.toml --observable 'im(a(tau))' --set m_phi=0.5 --set m_N=0.1 --set y=1e-3",
        "g2sym eval dark_photon --set m_A=0.1 --set eps=1e-3 --measurement electron-2023-rb "
        "--measurement muon-2025",
        "g2sym eval my_model.toml --set m_s=1/3 --set y=0.01 --input m_mu=0.1056583755",
    ],
)
@options.model_argument
@options.several_options
@options.set_option
@options.kinematic_options
@click.option(
    "--digits", type=int, default=17, show_default=True, help="Significant decimals, every one right."
)
@click.option(
    "--parametric", is_flag=True, help="Add one standard deviation from the uncertainty of the inputs."
)
@click.option(
    "--unit", metavar="NAME", help="The unit of the value, such as e_cm, fb, GeV^-2, mm, ns or keV."
)
@options.measurements_option
@options.scheme_option
@options.partial_option
@options.flavour_option
@options.input_option
def evaluate(
    model: str,
    lepton: tuple[str, ...],
    observable: tuple[str, ...],
    assignments: tuple[str, ...],
    digits: int,
    parametric: bool,
    unit: str | None,
    measurement: tuple[str, ...],
    scheme: str | None,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
) -> Answer:
    """Evaluate what MODEL adds to (g-2)/2 of a lepton, or another observable, with every digit right.

    MODEL is a bundled name (see g2sym models) or the path of a TOML file. Values are taken exactly as
    written: 0.1 is one tenth, 1/3 one third. The radius bounds the distance of the printed value from the
    truth; uncertainties of the inputs are not in it. With a measurement, its pull is added: the distance
    from the central value in standard deviations. --unit is for the printed value alone. Where the lepton
    can decay into the loop the value is complex: its real part is printed, and the imaginary part below.
    With several observables or measurements there is one value each, every measurement's pull, and their
    chi^2 and log-likelihood.
    """
    from g2sym.cli import evaluating

    return evaluating.evaluate(
        model,
        lepton,
        observable,
        assignments,
        digits,
        parametric,
        unit,
        measurement,
        scheme,
        partial,
        flavours,
        overrides,
    )
