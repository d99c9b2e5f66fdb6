"""Light classes of fields: whatever `dataclasses` does for a class, they do."""

import copy
import dataclasses
import inspect
import pickle
from functools import cached_property
from typing import ClassVar

import pytest

from g2sym.base import classes

BOTH = [dataclasses, classes]


def made(module):
    """The same classes, made by both."""

    @module.dataclass(frozen=True)
    class Point:
        """A point."""

        x: int
        y: tuple[int, ...] = (1, 2)
        z: dict[str, int] = module.field(default_factory=dict, compare=False)
        kind: ClassVar[str] = "point"
        _memo: list[int] = module.field(default_factory=list, init=False, repr=False, compare=False)
        hidden: int = module.field(default=7, repr=False)

        @cached_property
        def twice(self):
            return 2 * self.x

    @module.dataclass(frozen=True)
    class Named(Point):
        x: float = 0.5
        name: str = "n"

    @module.dataclass(frozen=True, kw_only=True)
    class Keyword:
        a: int
        b: int = 2
        c: int

        def __post_init__(self):
            if self.c < 0:
                raise ValueError("negative")
            object.__setattr__(self, "c", self.c + 1)

    @module.dataclass(frozen=True, eq=False)
    class Same:
        a: int

    @module.dataclass(frozen=True, eq=False)
    class Own:
        a: int

        def __eq__(self, other):
            return self.a % 2 == other.a % 2

        def __hash__(self):
            return self.a % 2

    @module.dataclass(frozen=True)
    class Explicit:
        a: int

        def __hash__(self):
            return 5

        def __repr__(self):
            return "explicit"

    @module.dataclass
    class Changing:
        a: int = 1
        b: list[int] = module.field(default_factory=list)

    @module.dataclass(frozen=True, init=False)
    class Without:
        a: int
        b: int = 3

        def __init__(self, both):
            object.__setattr__(self, "a", both)
            object.__setattr__(self, "b", both)

    @module.dataclass(frozen=True)
    class Empty:
        pass

    class Plain(Point):
        pass

    return {k: v for k, v in locals().items() if isinstance(v, type)}


THEIRS, OURS = map(made, BOTH)
NAMES = sorted(THEIRS)
ARGUMENTS = [
    ((), {}),
    ((1,), {}),
    ((1, (3,)), {}),
    ((1, (3,), {"q": 1}), {}),
    ((1, (3,), {}, 8, "m"), {}),
    ((1, 2, 3, 4, 5, 6, 7), {}),
    ((), {"x": 1}),
    ((1,), {"x": 1}),
    ((), {"a": 1, "c": 2}),
    ((), {"a": 1, "b": 3, "c": 4}),
    ((), {"a": 1, "c": -2}),
    ((), {"unknown": 1}),
    ((4,), {"hidden": 9}),
    ((), {"both": 2}),
]


def outcome(call):
    """What a call gives: an object, or an error's type and words."""
    try:
        return call()
    except Exception as error:
        return type(error), str(error).replace("made.<locals>.", "")


def state(record):
    return dict(vars(record)) if not isinstance(record, tuple) else record


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("positional", "named"), ARGUMENTS)
def test_objects_are_made_the_same_way(name, positional, named):
    one, other = (outcome(lambda kind=kinds[name]: kind(*positional, **named)) for kinds in (THEIRS, OURS))
    assert state(one) == state(other)
    if isinstance(one, tuple):
        return
    assert repr(one) == repr(other)
    theirs, ours = (kinds[name](*positional, **named) for kinds in (THEIRS, OURS))
    assert (ours == other) == (theirs == one)
    hashes = [outcome(lambda record=record: hash(record)) for record in (theirs, ours)]
    # tuples of the fields in both, or numbers that the class chose; else the object's place
    assert hashes[0] == hashes[1] or name == "Same" or "unhashable" in str(hashes)


def test_objects_of_other_classes_are_not_equal():
    assert OURS["Named"](1) != OURS["Point"](1)
    assert OURS["Point"](1) != THEIRS["Point"](1)
    assert OURS["Point"](1) != 1
    assert OURS["Point"](1, z={"a": 1}) == OURS["Point"](1)
    assert OURS["Point"](1, hidden=8) != OURS["Point"](1)
    assert len({OURS["Point"](1), OURS["Point"](1), OURS["Point"](2)}) == 2


@pytest.mark.parametrize("name", NAMES)
def test_signatures_fields_and_parameters_are_the_same(name):
    one, other = THEIRS[name], OURS[name]
    assert str(inspect.signature(one)).replace("None", "") == str(inspect.signature(other)).replace(
        "None", ""
    )
    assert one.__match_args__ == other.__match_args__
    assert dataclasses.is_dataclass(other)
    for mine in (dataclasses.fields(other), classes.fields(other)):
        for a, b in zip(dataclasses.fields(one), mine, strict=True):
            for about in ("name", "type", "init", "repr", "compare", "kw_only"):
                assert getattr(a, about) == getattr(b, about), about


@pytest.mark.parametrize("name", ["Point", "Named", "Plain", "Same", "Explicit", "Own"])
def test_nothing_can_be_assigned_or_deleted(name):
    for kinds in (THEIRS, OURS):
        record = kinds[name](1)
        field = "x" if hasattr(record, "x") else "a"
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{field}'"):
            setattr(record, field, 2)
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot delete field '{field}'"):
            delattr(record, field)
        if name == "Plain":
            record.free = 1  # a plain class below is free to add
            assert record.free == 1
            del record.free
        else:
            with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'free'"):
                record.free = 1


def test_one_that_is_not_frozen_changes_and_has_no_hash():
    record = OURS["Changing"]()
    record.a = 5
    assert record == OURS["Changing"](5, [])
    assert record.b is not OURS["Changing"]().b
    with pytest.raises(TypeError, match="unhashable"):
        hash(record)


@pytest.mark.parametrize("replace", [classes.replace, dataclasses.replace])
def test_copies_with_other_values(replace):
    record = OURS["Named"](2, (5,), name="k")
    other = replace(record, y=(6,))
    assert (other.x, other.y, other.name, other.hidden) == (2, (6,), "k", 7)
    assert type(replace(OURS["Plain"](1), x=3)) is OURS["Plain"]
    with pytest.raises(ValueError, match="init=False"):
        replace(record, _memo=[])
    with pytest.raises(TypeError, match="unexpected keyword argument 'w'"):
        replace(record, w=1)


def test_both_kinds_are_replaced_and_listed():
    record = THEIRS["Named"](2)
    assert classes.replace(record, x=3) == dataclasses.replace(record, x=3)
    assert dataclasses.asdict(OURS["Keyword"](a=1, c=2)) == {"a": 1, "b": 2, "c": 3}
    with pytest.raises(TypeError):
        classes.replace(3)
    with pytest.raises(TypeError, match="dataclass type or instance"):
        classes.fields(3)


@classes.dataclass(frozen=True)
class Sent:
    """One that can be found by its name."""

    x: int
    y: int = 2

    @cached_property
    def twice(self):
        """A memory."""
        return 2 * self.x


def test_objects_are_copied_sent_and_remember():
    record = Sent(1)
    assert record.twice == 2
    for twin in (copy.copy(record), copy.deepcopy(record), pickle.loads(pickle.dumps(record))):
        assert twin == record
        assert vars(twin) == vars(record)


def test_a_dataclass_may_stand_on_one():
    @dataclasses.dataclass(frozen=True)
    class Below(Sent):
        z: int = 3

    assert Below(1) == Below(1, 2, 3)
    assert [f.name for f in dataclasses.fields(Below)] == ["x", "y", "z"]
    match Below(4):
        case Sent(x, y):
            assert (x, y) == (4, 2)


def test_the_constructor_is_compiled_once_and_belongs_to_the_class():
    assert Sent.__init__ is Sent.__init__
    assert Sent.__init__.__qualname__ == "Sent.__init__"
    assert inspect.signature(Sent.__init__).parameters.keys() == {"self", "x", "y"}
