"""The commands asked most often, from plain arguments to the answer: the parser would cost more than they do.

Only arguments that can mean one thing are taken. Whatever else there is, an option that is unknown, given
twice or lacks its value, a choice that does not exist, a request for help, goes to the parser, which then has
everything to say about it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from g2sym.base.conventions import SCHEMES
from g2sym.cli.answers import deliver, ended, located, resting_on
from g2sym.cli.reading import LEPTONS, with_edition, with_kinematics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from g2sym.cli.answers import Answer

MANY, ONE, FLAG = "many", "one", "flag"
COMMON = {
    "--lepton": ("lepton", MANY),
    "--observable": ("observable", MANY),
    "--set": ("assignments", MANY),
    "--sqrt-s": ("sqrt_s", ONE),
    "--energy": ("energy", ONE),
    "--at": ("at", ONE),
    "--cut": ("cut", ONE),
    "--measurement": ("measurement", MANY),
    "--scheme": ("scheme", ONE),
    "--partial": ("partial", FLAG),
    "--flavour": ("flavours", MANY),
    "--edition": ("edition", ONE),
    "--input": ("overrides", MANY),
    "--json": ("as_json", FLAG),
}
OPTIONS = {
    "eval": {
        **COMMON,
        "--digits": ("digits", ONE),
        "--parametric": ("parametric", FLAG),
        "--unit": ("unit", ONE),
    },
    "bound": {
        **COMMON,
        "--on": ("on", ONE),
        "--range": ("span", ONE),
        "--vary": ("grids", MANY),
        "--criterion": ("criterion", MANY),
        "--n-sigma": ("n_sigma", MANY),
        "--unit": ("unit", ONE),
        "--csv": ("csv_path", ONE),
        "--plot": ("plot_path", ONE),
    },
}
"""The options of each command: the name of the parameter, and how often it may stand there."""
DIGITS = 17
"""The digits of ``g2sym eval``, where no other number is given."""


def quickly(arguments: Sequence[str]) -> int | None:
    """Run a command, or return None for arguments that are for the parser.

    Parameters: ``arguments``, a command of `OPTIONS` with nothing but ``--json`` before it.
    """
    if os.environ.get("_G2SYM_COMPLETE"):  # the shell asks for completions
        return None
    at = next(k for k, word in enumerate(arguments) if word in OPTIONS)
    name, rest, as_json = arguments[at], arguments[at + 1 :], at > 0
    found = _read(OPTIONS[name], rest)
    if found is None or not _understood(name, found):
        return None
    as_json = found.pop("as_json") or as_json
    return ended(lambda: _run(name, found, as_json))


def _run(name: str, found: dict[str, Any], as_json: bool) -> int:
    edition = found.pop("edition")
    with located(found["model"]):
        found["overrides"] = with_edition(edition, found["overrides"])
        kinematic = [found.pop(name) for name in ("sqrt_s", "energy", "at", "cut")]
        found["assignments"] = with_kinematics(found["assignments"], *kinematic)
        answer = _function(name)(**found)
    return deliver(resting_on(answer, edition), name, as_json)


def _function(name: str) -> Callable[..., Answer]:
    if name == "eval":
        from g2sym.cli.evaluating import evaluate

        return evaluate
    from g2sym.cli.bounding import bound

    return bound


def _read(options: dict[str, tuple[str, str]], arguments: Sequence[str]) -> dict[str, Any] | None:
    """Return the values of a command's parameters, None for what the parser has to look at."""
    found: dict[str, Any] = {}
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("-"):
            if "model" in found or not argument:
                return None
            found["model"] = argument
            continue
        option, equals, value = argument.partition("=")
        if option not in options:
            return None
        name, kind = options[option]
        if kind == FLAG:
            if equals:
                return None
            found[name] = True
            continue
        text = value if equals else next(rest, None)
        if text is None or (kind == ONE and name in found):
            return None
        found[name] = (*found.get(name, ()), text) if kind == MANY else text
    if "model" not in found:
        return None
    missing = {MANY: (), ONE: None, FLAG: False}
    return {name: missing[kind] for name, kind in options.values()} | found


def _understood(name: str, found: dict[str, Any]) -> bool:
    """True when choices are among the known ones and a number is one; puts the number in."""
    if not set(found["lepton"]) <= set(LEPTONS) or found["scheme"] not in (None, *SCHEMES):
        return False
    if name == "bound":
        return found["on"] is not None
    digits = found["digits"]
    if digits is not None and not (digits.isascii() and digits.isdigit() and len(digits) <= 6):
        return False
    found["digits"] = DIGITS if digits is None else int(digits)
    return True
