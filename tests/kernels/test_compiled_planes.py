"""The compiled loop of the tables of two masses: the plain one's doubles, bit for bit."""

import warnings

import numpy as np
import pytest

import g2sym as g2
from g2sym.tables.compiled import plane_loop
from g2sym.tables.planes import EDGES, PlaneTable
from g2sym.tables.planes_store import band_for

pytestmark = pytest.mark.extra
KEYS = [(2, 1), (1, 1), (2, 0), (0, 2)]


@pytest.mark.parametrize("keys", [KEYS, KEYS[:1], KEYS[3:], KEYS[1:3]])
@pytest.mark.parametrize("bands", [(0, 1, 2), (1,)])
def test_bit_for_bit(keys, bands):
    loop = plane_loop()
    if loop is None:
        pytest.skip("numba is not installed")
    table = PlaneTable(tuple(band_for(n) if n in bands else None for n in range(len(EDGES) - 1)))
    source, n = np.random.default_rng(3), 20_000
    boson, fermion = 10 ** source.uniform(-3, 6, n), 10 ** source.uniform(-6, 6, n)
    fermion[:500] = 0
    boson[500:900] = 2.0 ** source.integers(-9, 9, 400)
    fermion[500:900] = boson[500:900] * source.choice([1, 2, 0.5, 1.25, 1 - 2**-53], 400)
    fermion[1000:1200] = boson[1000:1200] * 10 ** source.uniform(-40, -15, 200)
    lepton = np.broadcast_to(np.float64(0.1056), n)
    plain, error = table.functions(keys, boson, fermion, lepton)
    fast, same = table.compiled(loop, keys, boson, fermion, lepton)
    assert np.array_equal(error, same)
    for key in keys:
        assert np.array_equal(plain[key], fast[key], equal_nan=True)
        assert np.isfinite(plain[key]).any()


def test_an_array_of_masses_gives_no_warning(monkeypatch):
    pytest.importorskip("numba", reason="the compiled path needs numba, which is not installed")
    monkeypatch.setattr("g2sym.arrays.planes.LONG", 0)
    phi, other = g2.scalar("phi", mass="m_phi"), g2.fermion("N", charge=-1, mass="m_N")
    model = g2.Model("-y*phi*bar(tau)*N + hc", parameters=[phi, other, g2.parameter("y")])
    function = model.observable("a(tau)").lambdify()
    masses = np.geomspace(10, 1e5, 200)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        line = function(m_phi=masses, m_N=masses[::-1], y=0.1)
        plane = function(m_phi=masses[:, None], m_N=masses[::-1], y=0.1)
    assert np.array_equal(np.diagonal(plane), line)
