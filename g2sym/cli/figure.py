"""``g2sym figure``: the group of the figures, each one a command with options of its own."""

from __future__ import annotations

import click

from g2sym.cli.command import LazyGroup
from g2sym.show.figures import FIGURES

_OWN = {2: "g2sym.cli.figure_commands:two", 7: "g2sym.cli.figure_commands:seven"}


@click.group(cls=LazyGroup, kind="figure", commands_table={str(n): (_OWN[n], FIGURES[n][1]) for n in FIGURES})
def figure() -> None:
    """Draw a figure of arXiv:2506.17750.

    For instance: g2sym figure 2 -o fig2.pdf. The curves are ends of certified windows.
    """
