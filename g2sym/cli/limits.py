"""``g2sym limits``: the group of commands about published limits."""

from __future__ import annotations

import click

from g2sym.cli.command import LazyGroup

_OWN = {
    "list": ("g2sym.cli.limit_commands:list_limits", "List the limits that are found, with what they bound."),
    "show": ("g2sym.cli.limit_commands:show_limit", "Show a limit whole, its value at masses, its table."),
    "check": ("g2sym.cli.limit_commands:check_limits", "Read every table of a sidecar or a folder."),
}


@click.group(cls=LazyGroup, kind="command of limits", commands_table=_OWN)
def limits() -> None:
    """List, show and check published limits, tables that you have and a TOML sidecar describes.

    For instance: g2sym limits list --limits folder. Without --limits, folders named by G2SYM_LIMITS and the
    folder g2sym/limits of the user's data are searched; numbers without a table are always there.
    """
