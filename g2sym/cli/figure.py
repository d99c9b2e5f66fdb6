"""``g2sym figure``: the group of the figures, each one a command with options of its own."""

from __future__ import annotations

import click

from g2sym.cli.command import LazyGroup
from g2sym.show.figures import FIGURES

_WORDS = {2: "two", 4: "four", 5: "five", 6: "six", 7: "seven"}
_OWN = {n: f"g2sym.cli.figure_commands:{word}" for n, word in _WORDS.items()}


@click.group(cls=LazyGroup, kind="figure", commands_table={str(n): (_OWN[n], FIGURES[n][1]) for n in FIGURES})
def figure() -> None:
    """Draw a figure of arXiv:2506.17750.

    For instance: g2sym figure 2 -o fig2.pdf. The curves are ends of certified windows.
    """
