"""Write down the public surface of g2sym: every public name with its signature, classes with what they offer.

    python tools/public_surface.py           # renew tests/reference/public_surface.json
    python tools/public_surface.py --check   # print what differs from it; exit 1 if anything does

The record is sorted and free of addresses and of module names, so that it changes only when users notice.
"""

from __future__ import annotations

import dataclasses
import difflib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "tests" / "reference" / "public_surface.json"
RENEW = "python tools/public_surface.py"
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_ARITHMETIC = ("add", "sub", "mul", "truediv", "pow", "neg", "pos")
_SPECIAL = frozenset(
    f"__{name}__"
    for name in (
        *("call", "getitem", "iter", "len", "contains", "float", "int", "complex", "bool", "str", "format"),
        *("enter", "exit", "eq", "lt", "le", "gt", "ge", "abs"),
        *_ARITHMETIC,
        *(f"r{name}" for name in _ARITHMETIC[:5]),
    )
)
"""Special methods that a user calls by an operator or a function of Python's."""


def surface() -> dict[str, Any]:
    """Return the record of every public name."""
    import g2sym

    return {name: describe(getattr(g2sym, name)) for name in sorted(g2sym.__all__)}


def describe(value: Any) -> Any:
    """Return the record of one object: a function, a class, a module or anything else."""
    if isinstance(value, ModuleType):
        offered = getattr(value, "__all__", None)
        own = (
            {n: v for n, v in vars(value).items() if getattr(v, "__module__", "") == value.__name__}
            if offered is None
            else {n: getattr(value, n) for n in offered}
        )
        return {n: describe(v) for n, v in sorted(own.items()) if not n.startswith("_")}
    if inspect.isclass(value):
        return _class(value)
    if inspect.isroutine(value):
        return f"function {signature(value)}"
    if isinstance(value, str):
        return "str"
    called = f", called with {signature(type(value).__call__, bound=True)}" if callable(value) else ""
    return f"a {type(value).__name__}{called}"


def _class(kind: type) -> dict[str, Any]:
    out: dict[str, Any] = {
        "bases": [],
        "constructor": "",
        "attributes": {},
        "methods": {},
    }
    if issubclass(kind, BaseException):  # what an "except" catches
        out["bases"] = [base.__name__ for base in kind.__mro__[1:] if base is not object]
    else:
        out["constructor"] = signature(kind, returns=False)
    if dataclasses.is_dataclass(kind):
        for field in dataclasses.fields(kind):
            if not field.name.startswith("_"):
                out["attributes"][field.name] = _annotation(field.type)
    for name, member in _members(kind):
        if isinstance(member, property | cached_property):
            function = member.fget if isinstance(member, property) else member.func
            found = inspect.signature(function).return_annotation if function else inspect.Signature.empty
            out["attributes"][name] = _annotation(found)
        elif isinstance(member, classmethod | staticmethod):
            word = type(member).__name__
            bound = isinstance(member, classmethod)
            out["methods"][name] = f"{word} {signature(member.__func__, bound=bound)}"
        elif inspect.isfunction(member):
            out["methods"][name] = signature(member, bound=True)
        elif name not in out["attributes"]:
            value = f" = {member!r}" if isinstance(member, int | str) else ""
            out["attributes"][name] = f"{type(member).__name__}{value}"
    return {key: part for key, part in out.items() if part}


def _members(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield what a class and its bases in g2sym define for users, the most derived definition only."""
    seen: set[str] = set()
    for one in kind.__mro__:
        if not one.__module__.startswith("g2sym"):
            continue
        generated = dataclasses.is_dataclass(one)
        for name, member in sorted(vars(one).items()):
            special = name in _SPECIAL and not (generated and name == "__eq__")
            if name in seen or (name.startswith("_") and not special):
                continue
            seen.add(name)
            yield name, member


def signature(function: Any, bound: bool = False, returns: bool = True) -> str:
    """Return a signature as text; ``bound`` leaves out the first parameter."""
    found = inspect.signature(function)
    parts: list[str] = []
    last, star = None, False
    for parameter in list(found.parameters.values())[1 if bound else 0 :]:
        if last is parameter.POSITIONAL_ONLY and parameter.kind is not last:
            parts.append("/")
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        many = parameter.kind is parameter.VAR_POSITIONAL
        prefix = "*" if many else "**" if parameter.kind is parameter.VAR_KEYWORD else ""
        star = star or many
        text = prefix + parameter.name
        if parameter.annotation is not parameter.empty:
            text += f": {_annotation(parameter.annotation)}"
        if parameter.default is not parameter.empty:
            text += f" = {_ADDRESS.sub('', repr(parameter.default))}"
        parts.append(text)
        last = parameter.kind
    if last is inspect.Parameter.POSITIONAL_ONLY:
        parts.append("/")
    end = ""
    if returns and found.return_annotation is not found.empty:
        end = f" -> {_annotation(found.return_annotation)}"
    return f"({', '.join(parts)}){end}"


def _annotation(value: Any) -> str:
    if value is inspect.Signature.empty:
        return ""
    if value is None:
        return "None"
    return value if isinstance(value, str) else _ADDRESS.sub("", inspect.formatannotation(value))


def text() -> str:
    """Return the record as it is stored."""
    return json.dumps(surface(), sort_keys=True, indent=1) + "\n"


def difference() -> str:
    """Return how the surface differs from the stored record; empty where it does not."""
    stored = PLACE.read_text(encoding="utf-8") if PLACE.exists() else ""
    lines = difflib.unified_diff(stored.splitlines(), text().splitlines(), "stored", "now", "", "", 1, "")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write the record, or compare it."""
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if arguments:
        found = difference()
        print(found or "The public surface is as recorded.")
        return 1 if found else 0
    PLACE.write_text(text(), encoding="utf-8")
    print(f"wrote {PLACE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main(sys.argv[1:]))
