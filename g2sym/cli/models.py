"""``g2sym models``: what is there to start from."""

from __future__ import annotations

from g2sym.cli.answers import Answer
from g2sym.cli.command import command


@command("models", examples=["g2sym models", "g2sym models --json"])
def models() -> Answer:
    """List the bundled models with their parameters.

    Any command that takes MODEL takes one of these names, or the path of your own TOML file.
    """
    from g2sym.base.conventions import Conventions
    from g2sym.drawing.tables import table
    from g2sym.inputs import load_inputs
    from g2sym.inputs.constants import DEFAULT_EDITION
    from g2sym.lagrangian import bundled_models, load_declaration

    found = [load_declaration(name) for name in bundled_models()]
    rows = [(d.name, ", ".join(d.parameters), d.title) for d in found]
    document = {
        "models": [one.as_dict() for one in found],
        "conventions": Conventions().as_dict(),
        "edition": DEFAULT_EDITION,
        "inputs": load_inputs().as_dict(),
    }
    return Answer(document, table(("model", "parameters", "title"), rows))
