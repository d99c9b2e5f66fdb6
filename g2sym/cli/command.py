"""What all commands share: lazy groups, ``--json``, examples in ``--help``, and the printing of an answer."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from g2sym.cli.answers import Answer, deliver, located

F = TypeVar("F", bound=Callable[..., Any])


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and not for ``--version`` or ``--help``."""

    def __init__(
        self, *args: Any, commands_table: Mapping[str, tuple[str, str]], kind: str = "command", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.table = commands_table
        self.kind = kind

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command and return it, or None when there is no such command."""
        if cmd_name not in self.table:
            return None
        module, _, name = self.table[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments name; suggest the nearest one otherwise."""
        from g2sym.errors import did_you_mean, shorten

        if args and args[0] not in self.table and not args[0].startswith("-"):
            ctx.fail(
                f"There is no {self.kind} {shorten(args[0])}{did_you_mean(args[0], self.table)}; "
                f"choose {', '.join(self.table)}."
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.table.items()])


class G2Command(click.Command):
    """A command that returns an `Answer`; takes ``--json``; shows ``examples`` in its help."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = tuple(examples)
        self.params.append(
            click.Option(["--json", "as_json"], is_flag=True, help="Print JSON in place of text.")
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; an option that takes one value and stands there twice is refused."""
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        for parameter in order:
            plain = isinstance(parameter, click.Option) and not (parameter.multiple or parameter.is_flag)
            if plain and order.count(parameter) > 1:
                ctx.fail(f"{parameter.opts[-1]} is given twice; give it once.")
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':{formatter.current_indent}}{example}\n")

    def invoke(self, ctx: click.Context) -> int:
        """Run the command, print its answer and write its files; return the exit code.

        What a model file expands to is found only when it is asked for: the error names the file then, too.
        """
        as_json = ctx.params.pop("as_json") or bool((ctx.find_object(dict) or {}).get("json"))
        ctx.obj = {"json": as_json}
        with located(ctx.params.get("model")):
            answer = super().invoke(ctx)
        if not isinstance(answer, Answer):
            raise TypeError(f"the command {self.name} returned no answer")
        return deliver(answer, str(ctx.command_path).partition(" ")[2], as_json)


def command(name: str, examples: Sequence[str]) -> Callable[[Callable[..., Answer]], G2Command]:
    """Return a decorator that makes a `G2Command` of a function; its docstring is the help text."""
    return click.command(name, cls=G2Command, examples=examples)
