"""The group of commands, and how every ending becomes an exit code and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from g2sym.base.version import __version__
from g2sym.cli.answers import ended, fail
from g2sym.cli.command import LazyGroup
from g2sym.errors import UsageError

COMMANDS = {
    "models": ("g2sym.cli.models:models", "List the bundled models."),
    "measurements": ("g2sym.cli.measurements:measurements", "List the bundled measurements; check your own."),
    "inputs": ("g2sym.cli.inputs:inputs", "List the input values of an edition with their sources."),
    "limits": ("g2sym.cli.limits:limits", "List, show and check published limits in files of your own."),
    "show": ("g2sym.cli.show:show", "Print a model's Lagrangian, diagrams, integrands and closed forms."),
    "check": ("g2sym.cli.check:check", "Prove what is stated about a model: limits, laws, identities."),
    "eval": ("g2sym.cli.evaluate:evaluate", "Evaluate an observable at a point, every printed digit right."),
    "decay": ("g2sym.cli.decay:decay", "List every decay of a mediator: widths, branching ratios, lifetime."),
    "bound": ("g2sym.cli.bound:bound", "Find the values of a coupling that a measurement allows."),
    "wilson": ("g2sym.cli.wilson:wilson", "Write Wilson coefficients as WCxf, moments as an SLHA block."),
    "map": ("g2sym.cli.map:map_command", "Prove where in a plane a measurement allows a model."),
    "scan": ("g2sym.cli.scan:scan", "Visit or count the points of a grid, of samples or of a list."),
    "line": ("g2sym.cli.line:line", "Find the couplings at which contributions cancel."),
    "figure": ("g2sym.cli.figure:figure", "Draw a figure of arXiv:2506.17750."),
}
"""The commands: name to module, function and one line of help. A new command is a module and a line here."""


@click.group(
    cls=LazyGroup,
    commands_table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 ok, 1 unexpected, 2 usage, 3 model or input file, 4 precision not reached, "
    "5 a check failed.",
)
@click.version_option(__version__, prog_name="g2sym")
@click.option("--json", "as_json", is_flag=True, help="Print JSON in place of text (also after the command).")
@click.pass_context
def program(context: click.Context, as_json: bool) -> None:
    """Lepton dipole moments and rates from a mediator's Lagrangian: formulas, certified numbers, figures."""
    context.obj = {"json": as_json}


def run(arguments: Sequence[str]) -> int:
    """Parse the arguments and run the command that they name; see `g2sym.cli.main`."""
    return ended(lambda: _parsed(arguments))


def _parsed(arguments: Sequence[str]) -> int:
    try:
        result: Any = program.main(list(arguments), prog_name="g2sym", standalone_mode=False)
        click.echo("", nl=False)  # writes out what is buffered
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return UsageError.exit_code
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx is not None else "g2sym"
        return fail(f"{error.format_message()} Try '{where} --help'.", UsageError.exit_code)
    except click.ClickException as error:
        return fail(error.format_message(), UsageError.exit_code)
    except click.Abort:
        return fail("interrupted.", 130)
