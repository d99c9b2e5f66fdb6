"""Numbers under ln and sqrt: split into primes, or refused where that would take for ever."""

import random
from math import prod

import pytest
import sympy

from g2sym.base.factors import primes
from g2sym.base.meter import ExpansionError, metered

LARGE = (2**107 - 1, 2**127 - 1, 2**521 - 1)


def test_primes_of_any_size_are_found():
    numbers = random.Random(2)
    for bits in range(2, 150):
        value = numbers.getrandbits(bits) | 1 << (bits - 1)
        found = primes(value)
        assert all(sympy.isprime(p) for p, _ in found)
        assert prod(p**k for p, k in found) == value
        assert found == sorted(set(found))
    assert primes(1) == []


def test_large_primes_beside_small_ones():
    for prime in LARGE:
        assert primes(prime * 360) == [(2, 3), (3, 2), (5, 1), (prime, 1)]
    assert primes(7**900) == [(7, 900)]
    high = 51099895069  # the electron's mass in keV, say, in the denominator of a ratio of masses
    assert primes(2**28 * 1553 * 126908869 * high**4 * 19550129) == [
        (2, 28), (1553, 1), (19550129, 1), (126908869, 1), (high, 4)
    ]  # fmt: skip
    assert primes(LARGE[1] ** 6) == [(LARGE[1], 6)]
    middle = [sympy.nextprime(2**n) for n in (38, 41, 43, 45, 46, 47)]
    assert primes(prod(middle)) == [(p, 1) for p in middle]
    assert primes(1000003**2 * (2**31 - 1) ** 5) == [(1000003, 2), (2**31 - 1, 5)]


@pytest.mark.parametrize(
    "value",
    [LARGE[0] * LARGE[1], LARGE[2] * LARGE[1], 3**9000 * LARGE[0] + 1],
    ids=["71 digits", "196 digits", "4327 digits"],
)
def test_a_number_that_cannot_be_split_is_refused(value):
    with pytest.raises(ExpansionError, match=r"digits under ln or sqrt is not split .* give it fewer"):
        primes(value)


def test_factoring_is_counted():
    hard = (2**61 - 1) * (2**89 - 1)
    assert primes(hard) == [(2**61 - 1, 1), (2**89 - 1, 1)]
    with pytest.raises(ExpansionError), metered(1000):
        primes(hard)
