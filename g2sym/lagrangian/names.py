"""Names: which identifiers a Lagrangian may use, and which ones already mean something.

Names from untrusted files end up in formulas, tables and file names, so one narrow rule holds for all.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from g2sym.errors import ModelError, did_you_mean, shorten

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)
FUNCTIONS = ("F", "Fdual", "gamma", "sigma", "d", "bar", "cc", "sqrt")
"""Names that are followed by arguments in parentheses."""
CONSTANTS = ("pi", "e_em", "sin_w", "cos_w", "G_F")
"""Commuting positive symbols that every model knows: numbers without dimension, and Fermi's constant."""
WORDS = ("gamma5", "PL", "PR", "I", "hc")
"""Names without arguments that are neither fields nor numbers."""
LEPTONS = ("e", "mu", "tau")
"""The charged leptons, lightest first."""
QUARKS = ("u", "d", "s", "c", "b", "t")
"""Quark names; a declared field of the same name (a scalar ``s``, say) stands in their place."""
KEPT = (*LEPTONS, "f", "nu_e", "nu_mu", "nu_tau", "A", "Z", "W", "B", "W3")
"""Field names that no model may redefine."""
KEPT_MASSES = ("m_e", "m_mu", "m_tau", "m_f", "m_nu_e", "m_nu_mu", "m_nu_tau", "m_Z", "m_W")
"""Mass symbols that no model may redefine."""
KEPT_WIDTHS = ("Gamma_Z",)
"""Width symbols that no model may redefine: they are inputs."""
UNIT_FACTORS = ("hbar", "hbarc", "hbarc2")
"""Factors between natural units and s, m, pb: they stand in formulas of rates, in no Lagrangian."""
RESERVED = frozenset((*FUNCTIONS, *CONSTANTS, *WORDS, *KEPT, *KEPT_MASSES, *KEPT_WIDTHS, *UNIT_FACTORS))
MAX_LATEX = 200
MAX_TITLE = 500


def check_identifier(name: object, what: str) -> str:
    """Return ``name`` if it is a plain identifier.

    Parameters: ``name``, what was given; ``what``, how the message calls it ("field", "parameter").
    Raises ModelError otherwise.
    """
    if not isinstance(name, str) or IDENTIFIER.fullmatch(name) is None:
        raise ModelError(
            f"The {what} name {quote(name)} is not allowed; a name is a letter followed by at most 39 "
            "letters, digits or underscores."
        )
    return name


def check_new_name(name: object, what: str) -> str:
    """Return ``name`` if it is an identifier that means nothing else yet; raises ModelError otherwise."""
    text = check_identifier(name, what)
    if text in RESERVED:
        raise ModelError(
            f"The {what} name '{text}' is reserved by the language; choose another, such as '{text}_new'."
        )
    return text


def check_text(value: object, what: str, limit: int) -> str:
    """Return inert free text if it is a bounded string without control characters.

    Parameters: ``value``, what was given; ``what``, its place; ``limit``, the most characters.
    Raises ModelError otherwise.
    """
    if not isinstance(value, str):
        raise ModelError(f"{what}: {quote(value)} is not a text; put it in quotation marks.")
    if len(value) > limit:
        raise ModelError(f"{what}: the text has {len(value)} characters; at most {limit} are allowed.")
    for character in value:
        if not character.isprintable():
            raise ModelError(f"{what}: the text holds the control character {shorten(character)}; remove it.")
    return value


def unknown(name: str, known: list[str], what: str) -> str:
    """Return the sentence that an unknown name earns, with the nearest known one."""
    return f"{shorten(name)} is not a known {what}{did_you_mean(name, known)}"


def quote(value: object) -> str:
    """Quote anything for an error message: texts in quotation marks, huge integers described."""
    if isinstance(value, str):
        return shorten(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 4000:  # str() refuses beyond 4300 digits
        return "an integer of more than 1000 digits"
    try:
        plain = str(value) if isinstance(value, Decimal | Fraction) else repr(value)
        return shorten(plain)[1:-1]
    except (ValueError, RecursionError):
        return f"a {type(value).__name__}"
