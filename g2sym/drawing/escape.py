"""Untrusted text made inert for LaTeX, HTML and matplotlib; formulas that cannot be drawn fall back."""

from __future__ import annotations

import html as _html
import unicodedata
from types import MappingProxyType

from g2sym.drawing.safe_latex import GREEK, is_safe
from g2sym.errors import shorten

_LATEX = MappingProxyType(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "$": r"\$",
        "&": r"\&",
        "%": r"\%",
        "#": r"\#",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        '"': r"{\ttfamily\char34}",
        "'": r"\textquotesingle{}",
        "`": r"\textasciigrave{}",
        "\u2013": r"\textendash{}",
        "\u2014": r"\textemdash{}",
        "\u00df": r"\ss{}",
    }
)
_ACCENTS = MappingProxyType(
    {
        "\u0300": "`",
        "\u0301": "'",
        "\u0302": "^",
        "\u0303": "~",
        "\u0308": '"',
        "\u030a": "r",
        "\u030c": "v",
        "\u0327": "c",
    }
)
MAX_WIDTH, MAX_HEIGHT = 300.0, 60.0
"""Largest drawn formula in points, at 10 points."""


def latex(text: str) -> str:
    """Return a text that LaTeX prints as it stands: nothing in it is a command, a comment or a formula."""
    shown = "".join(_latex_of(c) for c in unicodedata.normalize("NFC", printable(text).replace("--", "-\0-")))
    return shown.replace("\0", "{}")  # two hyphens stay two hyphens


def _latex_of(character: str) -> str:
    """Return one character in LaTeX that any engine compiles; what cannot be printed becomes its number."""
    if character in _LATEX:
        return _LATEX[character]
    if character.isascii():
        return character
    base, mark = unicodedata.normalize("NFD", character)[:1], unicodedata.normalize("NFD", character)[1:]
    if mark in _ACCENTS and base.isascii() and base.isalpha():
        return rf"\{_ACCENTS[mark]}{{{base}}}"
    size, _, greek = unicodedata.name(character, "").partition(" LETTER ")
    word = {"GREEK SMALL": greek.lower(), "GREEK CAPITAL": greek.capitalize()}.get(size, "")
    word = word.replace("lamda", "lambda").replace("Lamda", "Lambda")
    return rf"\ensuremath{{\{word}}}" if word in GREEK else f"[U+{ord(character):04X}]"


def html(text: str) -> str:
    """Return a text that a browser shows as it stands, in an element or a quoted attribute."""
    return _html.escape(printable(text), quote=True)


def formula(given: str | None, name: str) -> str:
    """Return the LaTeX of a parameter, for use between dollars.

    Parameters: ``given``, what the model file says, or None; ``name``, a plain identifier. Anything beyond
    `g2sym.drawing.safe_latex` gives way to the name in upright letters.
    """
    if given is not None and is_safe(given):
        return given
    return rf"\mathrm{{{latex(name)}}}"


def made(name: str) -> str:
    """Return LaTeX for a plain name such as ``m_a``: its head, and what follows as an index."""
    head, _, tail = name.partition("_")
    letter = head if len(head) == 1 else f"\\{head}" if head in GREEK else rf"\mathrm{{{head}}}"
    rest = tail.replace("_", r"\,")
    inner = f"\\{rest}" if rest in GREEK else rest if len(rest) == 1 else rf"\mathrm{{{rest}}}"
    return letter + (f"_{{{inner}}}" if rest else "")


def label(given: str | None, name: str) -> tuple[str, bool]:
    """Return a matplotlib label for a parameter and whether it is a formula to be parsed.

    Formulas that mathtext cannot draw, or that come out absurdly large, fall back to the plain name.
    """
    if given is None or not is_safe(given):
        return printable(name), False
    from matplotlib.mathtext import MathTextParser

    prime = given.replace(
        "'", r"\prime "
    )  # the STIX fonts draw it raised already; as a superscript it is a speck
    text = f"${prime}$"
    try:
        drawn = MathTextParser("path").parse(text, dpi=72)
    except (ValueError, RecursionError, RuntimeError):
        return printable(name), False
    good = 0 < drawn.width <= MAX_WIDTH and drawn.height + drawn.depth <= MAX_HEIGHT
    return (text, True) if good else (printable(name), False)


def printable(text: str) -> str:
    """Replace control characters, line ends and direction marks by visible escapes."""
    return "".join(c if c.isprintable() else shorten(c)[1:-1] for c in str(text))
