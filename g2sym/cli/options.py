"""Options that several commands take, and what reads them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import click

from g2sym.base.conventions import SCHEMES
from g2sym.cli import reading
from g2sym.cli.answers import Answer, resting_on
from g2sym.cli.reading import LEPTONS
from g2sym.inputs.constants import DEFAULT_EDITION, EDITIONS

F = TypeVar("F", bound=Callable[..., Any])

model_argument: Callable[[F], F] = click.argument("model", metavar="MODEL")
_lepton: Callable[[F], F] = click.option(
    "--lepton",
    type=click.Choice(LEPTONS),
    show_default="mu",
    help="Whose anomalous moment: --lepton e is short for --observable 'a(e)'.",
)
_observable: Callable[[F], F] = click.option(
    "--observable",
    metavar="NAME",
    help="What is asked for in place of an anomalous moment: 'd(mu)' (electric dipole moment over e), "
    "'a(e)/a(mu)', other products and quotients.",
)


_leptons: Callable[[F], F] = click.option(
    "--lepton",
    type=click.Choice(LEPTONS),
    multiple=True,
    show_default="mu",
    help="Whose anomalous moment: --lepton e is short for --observable 'a(e)'; repeatable.",
)
_observables: Callable[[F], F] = click.option(
    "--observable",
    metavar="NAME",
    multiple=True,
    help="What is asked for in place of an anomalous moment: 'd(mu)' (electric dipole moment over e), "
    "'a(e)/a(mu)', other products and quotients; repeatable.",
)


def observable_options(function: F) -> F:
    """Add --lepton and --observable, two ways to say what is asked for."""
    return _lepton(_observable(function))


def several_options(function: F) -> F:
    """Add --lepton and --observable, each of which may be repeated."""
    return _leptons(_observables(function))


set_option: Callable[[F], F] = click.option(
    "--set",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    help="Value of a parameter, exactly as written (masses in GeV, or as 500MeV, 2*m_mu); y[mu] is the "
    "muon's y, from which those of e and tau follow; repeatable.",
)
vary_option: Callable[[F], F] = click.option(
    "--vary",
    "grids",
    metavar="NAME=FROM:TO:COUNT[:lin]",
    multiple=True,
    help="A parameter to vary, on a logarithmic or linear grid or over a list such as m_a=0.1,0.5,1; "
    "repeatable, every combination is taken.",
)
_input: Callable[[F], F] = click.option(
    "--input",
    "overrides",
    metavar="NAME=VALUE",
    multiple=True,
    help="Another value for an input such as m_mu, alpha or sin2_theta_w; repeatable.",
)
_edition: Callable[[F], F] = click.option(
    "--edition",
    metavar="NAME",
    help=f"The edition of the inputs, {' or '.join(EDITIONS)}; by default {DEFAULT_EDITION}.",
)


def input_option(function: F) -> F:
    """Add --edition and --input; the function is called with ``overrides`` alone, which hold both."""

    @wraps(function)
    def merged(*args: Any, edition: str | None = None, overrides: tuple[str, ...] = (), **others: Any) -> Any:
        answer = function(*args, overrides=reading.with_edition(edition, overrides), **others)
        return resting_on(answer, edition) if isinstance(answer, Answer) else answer

    return _edition(_input(cast(F, merged)))


_sqrt_s: Callable[[F], F] = click.option(
    "--sqrt-s", "sqrt_s", metavar="GEV", help="Centre-of-mass energy of a cross-section: --set sqrt_s=GEV."
)
_energy: Callable[[F], F] = click.option(
    "--energy", metavar="GEV", help="Energy of what decays, for a decay length: --set energy=GEV."
)
_at: Callable[[F], F] = click.option(
    "--at",
    metavar="cos=VALUE",
    help="Where a differential cross-section is taken: cosine of the angle between the photon and the first "
    "particle.",
)
_cut: Callable[[F], F] = click.option(
    "--cut", metavar="cos=VALUE", help="Cut of a cross-section: |cos| < VALUE, --set cos_max=VALUE."
)


def kinematic_options(function: F) -> F:
    """Add --sqrt-s, --energy, --at and --cut, which stand for values of --set; the function is not told."""

    @wraps(function)
    def merged(
        *args: Any,
        assignments: tuple[str, ...] = (),
        sqrt_s: str | None = None,
        energy: str | None = None,
        at: str | None = None,
        cut: str | None = None,
        **others: Any,
    ) -> Any:
        every = reading.with_kinematics(assignments, sqrt_s, energy, at, cut)
        return function(*args, assignments=every, **others)

    return _sqrt_s(_energy(_at(_cut(cast(F, merged)))))


partial_option: Callable[[F], F] = click.option(
    "--partial",
    is_flag=True,
    help="Leave out what is not derived, which is refused otherwise; the result names it.",
)
flavour_option: Callable[[F], F] = click.option(
    "--flavour",
    "flavours",
    metavar="NAME=LINK",
    multiple=True,
    help="How a coupling of f is related for e, mu and tau: mass (in proportion to it), universal or single; "
    "y[mu]=mass also says that values of y are the muon's, as --set y[mu]=1e-3 does; repeatable.",
)
scheme_option: Callable[[F], F] = click.option(
    "--scheme",
    type=click.Choice(tuple(SCHEMES)),
    help="Treatment of gamma5 and the cut-off; by default what the model declares (four-dimensional).",
)
measurements_option: Callable[[F], F] = click.option(
    "--measurement",
    metavar="NAME",
    multiple=True,
    help="A bundled measurement (muon-2025, ...) or the path of a TOML file; several are combined.",
)
_CRITERION = (
    "sensitivity (default): |value| < n sigma; interval: value within central value +- n sigma; "
    "conservative: |value| < |central value| + n sigma. Where the errors up and down differ, each edge "
    "has its own."
)
_SIGMAS = "How many standard deviations (default 2)."
criterion_option: Callable[[F], F] = click.option("--criterion", metavar="NAME", help=_CRITERION)
sigma_option: Callable[[F], F] = click.option("--n-sigma", metavar="NUMBER", help=_SIGMAS)
criteria_option: Callable[[F], F] = click.option(
    "--criterion",
    metavar="[MEASUREMENT=]NAME",
    multiple=True,
    help=f"{_CRITERION} MEASUREMENT=NAME is for one of several.",
)
sigmas_option: Callable[[F], F] = click.option(
    "--n-sigma",
    metavar="[MEASUREMENT=]NUMBER",
    multiple=True,
    help=f"{_SIGMAS} MEASUREMENT=NUMBER is for one of several.",
)
unit_option: Callable[[F], F] = click.option(
    "--unit",
    metavar="NAME",
    help="The unit of the observable's values and of the window asked for, such as e_cm, fb, GeV^-2 or ns.",
)
