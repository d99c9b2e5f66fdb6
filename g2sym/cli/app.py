"""The group of commands, and how every ending becomes an exit code and one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from g2sym.base.version import __version__
from g2sym.cli.command import LazyGroup
from g2sym.cli.output import drop_stdout
from g2sym.errors import G2symError, UsageError

COMMANDS = {
    "models": ("g2sym.cli.models:models", "List the bundled models."),
    "show": ("g2sym.cli.show:show", "Print a model's Lagrangian, diagrams, integrands and closed forms."),
    "check": ("g2sym.cli.check:check", "Prove what is stated about a model: limits, laws, identities."),
    "eval": ("g2sym.cli.evaluate:evaluate", "Evaluate an observable at a point, every printed digit right."),
    "bound": ("g2sym.cli.bound:bound", "Find the values of a coupling that a measurement allows."),
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
    """Lepton dipole moments from a mediator's Lagrangian: formulas, certified numbers, bounds, figures."""
    context.obj = {"json": as_json}


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the program; see `g2sym.cli.main`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if sys.stdout is None:  # closed by the caller: what is printed would be lost without a word
        return _fail("standard output is closed; open it, or send it to a file.", UsageError.exit_code)
    try:
        result: Any = program.main(given, prog_name="g2sym", standalone_mode=False)
        click.echo("", nl=False)  # writes out what is buffered
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return UsageError.exit_code
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx is not None else "g2sym"
        return _fail(f"{error.format_message()} Try '{where} --help'.", UsageError.exit_code)
    except click.ClickException as error:
        return _fail(error.format_message(), UsageError.exit_code)
    except G2symError as error:
        if _wants_traceback():
            raise
        return _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        return _fail("interrupted.", 130)
    except BrokenPipeError:  # the reader of a pipe has gone: stop without a word, as other tools do
        drop_stdout()
        return 141
    except Exception as error:
        if isinstance(error, OSError) and _while_printing(error):
            drop_stdout()
            reason = error.strerror or type(error).__name__
            return _fail(f"cannot write to standard output: {reason}.", UsageError.exit_code)
        if _wants_traceback():
            raise
        text = " ".join(str(error).split())[:300]
        return _fail(
            f"unexpected {type(error).__name__}{f' ({text})' if text else ''}: this is a defect of g2sym; "
            "set G2SYM_TRACEBACK=1 to see where it arose, and report it.",
            1,
        )


def _while_printing(error: BaseException) -> bool:
    """True when an error arose while something was printed to standard output, an answer or a help text."""
    import traceback  # read only where something went wrong

    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    frame = next((f for f in frames if f.f_code is click.echo.__code__), None)
    return frame is not None and not frame.f_locals.get("err")


def _wants_traceback() -> bool:
    return os.environ.get("G2SYM_TRACEBACK", "") not in ("", "0")


def _fail(sentence: str, code: int) -> int:
    # on the side of caution with untrusted text: one line, nothing that moves a terminal's cursor
    shown = "".join(c if c.isprintable() else " " for c in sentence)
    click.echo(f"Error: {shown}", err=True)
    return code
