"""Sentences that stand with a result: what is not in it, and what the reader has to know about its values."""

from __future__ import annotations

from collections.abc import Sequence

_SPECIAL = {c: rf"\{c}" for c in "{}$&%#_"} | {"\\": r"\backslash ", "^": r"\hat{\ }", "~": r"\sim "}


def not_included(missing: Sequence[str]) -> str:
    """Return what is missing as the end of a text, empty when nothing is."""
    return f"; not included: {'; '.join(missing)}" if missing else ""


def not_included_latex(missing: Sequence[str]) -> str:
    """Return what is missing as the end of a formula, empty when nothing is."""
    inert = ("".join(_SPECIAL.get(c, c) if c.isprintable() else " " for c in one) for one in missing)
    return "".join(rf"\quad\text{{not included: {one}}}" for one in inert)
