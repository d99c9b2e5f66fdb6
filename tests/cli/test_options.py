"""Grids and assignments are read exactly."""

import contextlib
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.cli.reading import read_assignments, read_grids
from g2sym.errors import UsageError


def points(text):
    (grid,) = read_grids([f"m={text}"])
    return grid.points


def test_a_logarithmic_grid_hits_powers_of_ten_exactly():
    assert points("1e-3:10:5") == tuple(Fraction(10) ** n for n in range(-3, 2))
    assert points("1e-3:10:201")[50] == Fraction(1, 100)
    assert points("10:1e-3:5") == tuple(Fraction(10) ** n for n in range(1, -4, -1))
    assert points("1/3:1/3000:4")[0] == Fraction(1, 3)


def test_a_linear_grid_is_exact():
    assert points("0:1:4:lin") == (0, Fraction(1, 3), Fraction(2, 3), 1)
    assert points("-1:0.1:3:lin") == (-1, Fraction(-9, 20), Fraction(1, 10))
    assert not read_grids(["m=0:1:4:lin"])[0].logarithmic


@given(
    st.fractions(min_value="1e-30", max_value="1e30", max_denominator=10**31),
    st.fractions(min_value="1.001", max_value="1e20", max_denominator=10**6),
    st.integers(2, 40),
)
def test_a_logarithmic_grid_is_geometric(first, ratio, count):
    found = points(f"{first}:{first * ratio}:{count}")
    assert len(found) == count
    assert (found[0], found[-1]) == (first, first * ratio)
    assert list(found) == sorted(found)
    step = float(ratio) ** (1 / (count - 1))
    for a, b in pairwise(found):
        assert float(b / a) == pytest.approx(step, rel=1e-12)


def test_extreme_ends():
    low, middle, high = points("1e-1000:1e1000:3")
    assert (low, middle, high) == (Fraction(1, 10**1000), 1, Fraction(10**1000))


@given(st.text(max_size=40))
def test_any_text_is_a_grid_or_a_usage_error(text):
    with contextlib.suppress(UsageError):
        read_grids([text, "n=1:2:2"])


@given(st.text(max_size=40))
def test_any_text_is_an_assignment_or_a_usage_error(text):
    with contextlib.suppress(UsageError):
        assert all(isinstance(value, Fraction) for value in read_assignments([text]).values())
