"""Traces against explicit 4 x 4 matrices, and the identity that replaces the epsilon tensor."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from flint import Ordering, fmpq_mpoly_ctx

from g2sym.derive.dirac import Traces, product
from g2sym.derive.insertions import levi_civita_gamma5
from g2sym.errors import UnsupportedError

METRIC = np.diag([1, -1, -1, -1])
SIGMA = [
    np.array([[0, 1], [1, 0]], dtype=complex),
    np.array([[0, -1j], [1j, 0]]),
    np.array([[1, 0], [0, -1]], dtype=complex),
]
UNIT2, ZERO2 = np.eye(2), np.zeros((2, 2))
GAMMA = [np.block([[UNIT2, ZERO2], [ZERO2, -UNIT2]]).astype(complex)] + [
    np.block([[ZERO2, s], [-s, ZERO2]]) for s in SIGMA
]
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
VECTORS = {"a": (3, 1, -2, 1), "b": (1, 2, 0, -1), "c": (2, -1, 1, 4), "d": (5, 0, 2, -3)}


def slash(vector: tuple[int, ...]) -> np.ndarray:
    return sum(METRIC[m, m] * v * GAMMA[m] for m, v in enumerate(vector))


def explicit(tokens: tuple[str, ...]) -> complex:
    """Trace of a gamma string by multiplying matrices and summing over contracted indices."""
    names = sorted({t for t in tokens if t.startswith("@")})
    total = 0j
    for values in itertools.product(range(4), repeat=len(names)):
        index = dict(zip(names, values, strict=True))
        seen: set[str] = set()
        matrix = np.eye(4, dtype=complex)
        for token in tokens:
            if token == "5":
                factor = GAMMA5
            elif token.startswith("@"):
                m = index[token]
                factor = GAMMA[m] * (METRIC[m, m] if token in seen else 1)
                seen.add(token)
            else:
                factor = slash(VECTORS[token])
            matrix = matrix @ factor
        total += np.trace(matrix)
    return total


@pytest.fixture(scope="module")
def four_dimensional() -> Traces:
    ring = fmpq_mpoly_ctx.get(("z",), Ordering.lex)
    dot = {
        (m, n): ring.constant(int(np.array(v) @ METRIC @ np.array(w)))
        for m, v in VECTORS.items()
        for n, w in VECTORS.items()
    }
    return Traces(dot, ring.constant(4))


def random_string(rng: random.Random) -> tuple[str, ...]:
    size = rng.choice([2, 4, 4, 6, 6, 8])
    pairs = rng.randint(0, min(2, size // 2))
    body = [f"@{k}" for k in range(pairs) for _ in (0, 1)]
    body += [rng.choice("abcd") for _ in range(size - len(body))]
    for _ in range(2 * rng.randint(0, 1)):
        body.insert(rng.randint(0, len(body)), "5")
    rng.shuffle(body)
    return tuple(body)


@pytest.mark.parametrize("seed", range(200))
def test_random_traces_agree_with_explicit_matrices(seed: int, four_dimensional: Traces) -> None:
    tokens = random_string(random.Random(seed))
    value = four_dimensional.string(tokens)
    expected = explicit(tokens)
    assert expected.imag == 0
    assert value == round(expected.real)


def test_an_odd_number_of_gamma5_is_refused(four_dimensional: Traces) -> None:
    with pytest.raises(UnsupportedError, match="odd number of gamma5"):
        four_dimensional.string(("5", "a", "b"))


def test_products_multiply_strings_in_order() -> None:
    assert product({("a",): 2, (): 3}, {("b",): 5}) == {("a", "b"): 10, ("b",): 15}


@pytest.mark.parametrize("sign", [1, -1])
def test_gamma5_times_epsilon_is_an_antisymmetrised_product(sign: int) -> None:
    """gamma5 eps^{abcd} = i e gamma^[a gamma^b gamma^c gamma^d] with eps^{0123} = e, index by index."""
    strings = levi_civita_gamma5(("0", "1", "2", "3"), sign)
    for indices in itertools.product(range(4), repeat=4):
        epsilon = sign * np.linalg.det(np.eye(4)[list(indices)])
        right = sum(
            float(weight.leading_coefficient()) * np.linalg.multi_dot([GAMMA[indices[int(k)]] for k in key])
            for key, weight in strings.items()
        )
        assert np.allclose(GAMMA5 * epsilon, 1j * right, atol=1e-12)


def test_dimensional_contractions() -> None:
    ring = fmpq_mpoly_ctx.get(("d",), Ordering.lex)
    d = ring.gens()[0]
    trace = Traces({("a", "a"): ring.constant(1)}, d)
    assert trace.string(("@m", "@m")) == 4 * d
    assert trace.string(("@m", "a", "@m", "a")) == 4 * (2 - d)
    assert trace.string(("@m", "@n", "@m", "@n")) == 4 * d * (2 - d)
