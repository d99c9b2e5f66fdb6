"""Sidecars and tables with random damage: a limit, no limit with a reason, or one sentence; nothing else."""

import random
from collections import Counter

import pytest

from g2sym.errors import G2symError
from g2sym.limits import load
from tests.limits.cases import sidecar

JUNK = (
    *(
        "=cmd",
        "\0",
        "nan",
        "-",
        "1e400",
        "1e-400",
        "[",
        "{",
        '"',
        "'",
        "\n",
        ",",
        "#",
        "é",
        "9" * 2000,
        "inf",
        "*",
    ),
    *("X", "low", "true", "[[limit]]", "null", "$", "\\", "\x1b[31m", "\u202e", " "),
)
TABLES = {
    "points": ["0.1 2e-3\n0.2 4e-3\n0.25 nan\n0.3 3e-3\n0.4 3e-3\n"],
    "bins": ["0.1 0.2 3e-3\n0.2 0.2 1\n0.4 0.3 4e-3\n"],
    "interval": ["0.1 1e-4 3e-3\n0.4 2e-4 4e-3\n"],
    "contour": ["0.1 1e-4\n0.4 1e-4\n0.3 1e-3\n0.4 1e-2\n"],
    "csv": ['"m","x"\n0.1,2e-3\n0.4,4e-3\n'],
    "hepdata": [
        "#: name\nm,m LOW,m HIGH,x\n0.1,0.05,0.15,3e-3\n0.2,0.15,0.25,-\n",
        '{"headers":[{"name":"m"},{"name":"x"}],"values":[{"x":[{"value":"0.1"}],"y":[{"value":3e-3}]}]}',
    ],
}


def damaged(text, chance):
    for _ in range(chance.randint(0, 3)):
        place = chance.randrange(len(text) + 1)
        kind = chance.random()
        if kind < 0.45:
            text = text[:place] + chance.choice(JUNK) + text[place:]
        elif kind < 0.75:
            text = text[:place] + text[place + chance.randint(1, 12) :]
        elif kind < 0.85:
            text = text[:place]
        else:
            other = chance.randrange(len(text) + 1)
            text = text[:place] + text[min(other, place) : max(other, place)][:40] + text[place:]
    return text


def asked(path):
    for limit in load(path).values():
        assert repr(limit).isprintable()
        assert limit.as_dict()["id"]
        for mass in ("0.1", "0.22", "1"):
            found = limit.value(mass)
            assert bool(found.ranges) != bool(found.reason)
            assert found.value is None or 0 < found.value < 1e200
            assert str(found)
        assert limit.rows
        assert limit.segments


@pytest.mark.parametrize("form", TABLES)
def test_damage(tmp_path, form):
    chance = random.Random(f"damage of {form}")
    ends = Counter()
    for _ in range(150):
        text = sidecar(format=f'"{form}"', no_limit_from='"1"', process='{ sqrt_s = "10.58" }')
        table = damaged(chance.choice(TABLES[form]), chance)
        (tmp_path / "mine.toml").write_text(damaged(text, chance) if chance.random() < 0.5 else text)
        (tmp_path / "mine.txt").write_text(table)
        try:
            asked(tmp_path / "mine.toml")
            ends["read"] += 1
        except G2symError as error:
            said = str(error)
            assert said.isprintable()
            assert len(said) < 1000
            ends["refused"] += 1
    assert min(ends["read"], ends["refused"]) > 15, ends
