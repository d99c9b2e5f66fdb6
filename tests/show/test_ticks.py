"""Ticks of logarithmic axes can be read: several, in one form, apart from each other."""

import re
from itertools import pairwise

import pytest

from g2sym.drawing.style import styled
from g2sym.drawing.ticks import round_numbers
from g2sym.show import panels

AXES = [
    (1, 2),
    (1, 1.2),
    (0.1, 1),
    (0.05, 0.3),
    (0.3, 20),
    (1, 99),
    (2e-7, 3e-6),
    (3e6, 4e7),
    (1e-3, 1e-1),
    (1e-6, 1e5),
    (1e-290, 1e290),
    (1e-290, 1e-289),
    (1, 1.001),
]


@pytest.mark.parametrize("ends", AXES)
def test_labels_do_not_collide_and_have_one_form(ends):
    with styled():
        figure, axes = panels.panel()
        panels.frame(axes, ends, (1e-6, 1e-2))
        figure.draw_without_rendering()
        low, high = ends
        shown = [
            text
            for at, text in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
            if low * (1 - 1e-9) <= at <= high * (1 + 1e-9) and text.get_text()
        ]
        boxes = [text.get_window_extent() for text in shown]
        texts = [text.get_text() for text in shown]
        assert not any(text.get_text() for text in axes.get_xticklabels(minor=True))
    assert len(texts) >= 3
    assert len(texts) == len(set(texts))
    assert all(a.x1 < b.x0 for a, b in pairwise(boxes))
    forms = {re.sub(r"[\d.]+", "1", text.replace("-", "").replace("\u2212", "")) for text in texts}
    assert len(forms) == 1


def test_round_numbers():
    assert round_numbers(0.1, 1) == [0.1, 0.2, 0.5, 1]
    assert round_numbers(1, 2) == pytest.approx([1, 1.2, 1.4, 1.6, 1.8, 2], rel=1e-14)
    assert round_numbers(1, 10) == [1, 2, 5, 10]
