"""Frozen classes with fields, as `dataclasses` makes them, at a twentieth of the cost of a start.

`dataclasses` writes and compiles six methods for each class when its module is imported, most of which a
short run never calls, and brings `inspect` along. Here a class has its constructor compiled at its first use,
and the other methods share code. What is offered is what the package uses: ``frozen``, ``eq``, ``kw_only``,
``init``, defaults, inheritance. The functions of `dataclasses` take these classes as their own.
"""

from __future__ import annotations

from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from dataclasses import dataclass, field, fields, replace
    from typing import Any
else:

    def field(**about):
        """Describe a field: ``default``, ``default_factory``, ``init``, ``repr``, ``compare``."""
        return Field(**about)

    def dataclass(cls=None, /, *, frozen=False, eq=True, kw_only=False, init=True):
        """Make a class of fields of a class with annotations."""

        def made(kind):
            return _made(kind, frozen, eq, kw_only, init)

        return made if cls is None else made(cls)

    def fields(record):
        """Return the fields of a class or of an instance."""
        return tuple(_fields_of(record).values())

    def replace(record, /, **changes):
        """Return a copy of an instance with other values for some fields."""
        every = getattr(record, OWN, None)
        if every is None:
            import dataclasses

            return dataclasses.replace(record, **changes)
        for name, one in every.items():
            if not one.init:
                if name in changes:
                    raise ValueError(f"field {name} is declared with init=False, it cannot be replaced")
            elif name not in changes:
                changes[name] = getattr(record, name)
        return record.__class__(**changes)


__all__ = ["dataclass", "field", "fields", "replace"]

OWN = "__fields_by_name__"
"""The attribute of a class that holds its fields."""
MISSING = object()


class _Made:
    """What stands in a signature for a value that a function makes."""

    def __repr__(self) -> str:
        return "<factory>"


MADE = _Made()


class Field:
    """A field: its ``name``, the text of its ``type``, and what `dataclasses.field` says about one."""

    __slots__ = ("compare", "default", "default_factory", "init", "kw_only", "name", "repr", "type")

    def __init__(
        self,
        *,
        default: Any = MISSING,
        default_factory: Any = MISSING,
        init: bool = True,
        repr: bool = True,
        compare: bool = True,
    ) -> None:
        self.default, self.default_factory = default, default_factory
        self.init, self.repr, self.compare = init, repr, compare
        self.name, self.type, self.kw_only = "", "", False


def _fields_of(record: Any) -> dict[str, Field]:
    try:
        found: dict[str, Field] = getattr(record, OWN)
    except AttributeError:
        raise TypeError("must be called with a dataclass type or instance") from None
    return found


def _made(kind: type, frozen: bool, eq: bool, kw_only: bool, init: bool) -> type:
    every: dict[str, Field] = {}
    for base in kind.__mro__[:0:-1]:
        every.update(base.__dict__.get(OWN, {}))
    own = kind.__dict__.get("__annotations__", {})  # noqa: RUF063  inspect is what is spared
    for name, written in own.items():
        if str(written).removeprefix("typing.").startswith("ClassVar"):
            continue
        given = kind.__dict__.get(name, MISSING)
        one = given if isinstance(given, Field) else Field(default=given)
        one.name, one.type, one.kw_only = name, written, kw_only
        if given is one:
            if one.default is MISSING:
                delattr(kind, name)
            else:
                setattr(kind, name, one.default)
        every[name] = one
    setattr(kind, OWN, every)
    if init and "__init__" not in kind.__dict__:
        kind.__init__ = _Constructor(every)  # type: ignore[misc]
    _add(kind, "__match_args__", tuple(n for n, f in every.items() if f.init and not f.kw_only))
    _add(kind, "__repr__", _repr)
    if eq:
        values = _getter([n for n, f in every.items() if f.compare])
        explicit = "__hash__" in kind.__dict__ and not (
            kind.__dict__["__hash__"] is None and "__eq__" in kind.__dict__
        )
        _add(kind, "__eq__", _equality(values))
        if not explicit:
            kind.__hash__ = _hash(values) if frozen else None  # type: ignore[assignment, method-assign]
    if frozen:
        kind.__setattr__, kind.__delattr__ = _refusals(kind, every)  # type: ignore[method-assign]
    real = _Real(every, frozen, eq, kw_only, init)
    for name in ("__dataclass_fields__", "__dataclass_params__"):
        setattr(kind, name, _Asked(real, name))
    return kind


def _add(kind: type, name: str, value: object) -> None:
    if name not in kind.__dict__:
        setattr(kind, name, value)


class _Constructor:
    """``__init__`` of a class, compiled when it is first asked for."""

    def __init__(self, every: dict[str, Field]) -> None:
        self.every = every

    def __get__(self, instance: object, owner: type) -> Any:
        for kind in owner.__mro__:
            if kind.__dict__.get("__init__") is self:
                kind.__init__ = _constructor(kind, self.every)  # type: ignore[misc]
        made: Any = owner.__init__  # type: ignore[misc]
        return made if instance is None else made.__get__(instance, owner)


def _constructor(kind: type, every: dict[str, Field]) -> Callable[..., None]:
    # not through __dict__: a dictionary of its own makes every later access to a field slower
    known: dict[str, Any] = {"made_": MADE, "set_": object.__setattr__}
    plain: list[str] = []
    named: list[str] = []
    body: list[str] = []
    for n, f in every.items():
        value = n
        if f.default_factory is not MISSING:
            known[f"made_{n}"] = f.default_factory
            value = f"made_{n}() if {n} is made_ else {n}" if f.init else f"made_{n}()"
            default = " = made_"
        elif f.default is not MISSING:
            known[f"default_{n}"] = f.default
            value = n if f.init else f"default_{n}"
            default = f" = default_{n}"
        else:
            default = ""
        if f.init:
            (named if f.kw_only else plain).append(n + default)
        elif f.default is MISSING and f.default_factory is MISSING:
            continue
        body.append(f"    set_(self, {n!r}, {value})")
    arguments = ", ".join(["self", *plain, *(["*", *named] if named else [])])
    after = "\n    self.__post_init__()" if hasattr(kind, "__post_init__") else ""
    text = f"def __init__({arguments}):\n" + "\n".join(body or ["    pass"]) + after
    exec(text, {"__builtins__": {}, "__name__": kind.__module__, **known}, known)
    made: Callable[..., None] = known["__init__"]
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    made.__annotations__ = {n: f.type for n, f in every.items() if f.init} | {"return": None}
    return made


def _getter(names: list[str]) -> Callable[[object], Any]:
    if len(names) == 1:
        one = attrgetter(names[0])
        return lambda record: (one(record),)
    return attrgetter(*names) if names else lambda record: ()


def _equality(values: Callable[[object], Any]) -> Callable[[Any, Any], Any]:
    def __eq__(self: Any, other: Any) -> Any:
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hash(values: Callable[[object], Any]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:
        return hash(values(self))

    return __hash__


def _repr(self: Any) -> str:
    inside = ", ".join(f"{n}={getattr(self, n)!r}" for n, f in getattr(self, OWN).items() if f.repr)
    return f"{self.__class__.__qualname__}({inside})"


def _refusals(kind: Any, every: Iterable[str]) -> tuple[Callable[..., None], Callable[..., None]]:
    def __setattr__(self: Any, name: str, value: object) -> None:
        if type(self) is kind or name in every:
            raise _frozen(f"cannot assign to field {name!r}")
        super(kind, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:
        if type(self) is kind or name in every:
            raise _frozen(f"cannot delete field {name!r}")
        super(kind, self).__delattr__(name)

    return __setattr__, __delattr__


def _frozen(sentence: str) -> AttributeError:
    from dataclasses import FrozenInstanceError

    return FrozenInstanceError(sentence)


class _Real:
    """The same fields as `dataclasses` knows them, made when one of its functions asks."""

    def __init__(self, every: dict[str, Field], frozen: bool, eq: bool, kw_only: bool, init: bool) -> None:
        self.every = every
        self.how: dict[str, Any] = {"frozen": frozen, "eq": eq, "kw_only": kw_only, "init": init}
        self.made: type | None = None

    def get(self, name: str) -> Any:
        if self.made is None:
            import dataclasses

            listed = []
            for n, f in self.every.items():
                about: dict[str, Any] = {"init": f.init, "repr": f.repr, "compare": f.compare}
                about["kw_only"] = f.kw_only
                for key in ("default", "default_factory"):
                    if getattr(f, key) is not MISSING:
                        about[key] = getattr(f, key)
                listed.append((n, f.type, dataclasses.field(**about)))
            self.made = dataclasses.make_dataclass("_", listed, **self.how)
        return getattr(self.made, name)


class _Asked:
    """An attribute of a class that is made when it is asked for."""

    def __init__(self, real: _Real, name: str) -> None:
        self.real, self.name = real, name

    def __get__(self, instance: object, owner: type) -> Any:
        return self.real.get(self.name)
