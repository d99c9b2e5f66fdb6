"""Names that calls are given, refused where they are no text."""

from __future__ import annotations

from types import MappingProxyType

from g2sym.base.arguments import text

EXAMPLES = MappingProxyType({"mass": "m_a", "name": "g_aff"})


def texts(**named: object) -> None:
    """Refuse names that are no text; None stands for what was left out."""
    for name, value in named.items():
        if value is not None or name in EXAMPLES:
            text(value, name, EXAMPLES.get(name, "above" if name == "side" else "one-loop"))
