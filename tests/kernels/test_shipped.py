"""The tables in the package: those of every bundled model and lepton, up to date and trusted by no one."""

import numpy as np
import pytest

import g2sym as g2
from g2sym.tables import store


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
@pytest.mark.parametrize("name", sorted(g2.bundled_models()))
def test_nothing_is_built_for_a_bundled_model(name, lepton, tmp_path, monkeypatch):
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path))

    def build(*_):
        raise AssertionError("a table of a bundled kernel is not shipped: run tools/ship_tables.py")

    monkeypatch.setattr(store, "build_table", build)
    model = g2.load_model(name)
    (mass,) = model.declaration.masses
    # one sign of couplings for which nothing cancels: ALP products negative, scalar ones positive
    couplings = {n: 1e-4 for n, p in model.declaration.parameters.items() if p.dimension <= 0}
    if name.startswith("alp"):
        couplings["g_aff"] = -1e-4
    masses = np.geomspace(1e-2, 1e2, 25_000)
    amm = model.anomalous_moment(lepton)
    values = amm.lambdify()(params={mass: masses, **couplings})
    for k in (0, 12_345, 24_999):
        exact = amm.evaluate(17, params={mass: float(masses[k]), **couplings})
        assert abs(values[k] / float(exact) - 1) < 1e-12


def test_a_damaged_shipped_table_is_not_used(tmp_path, monkeypatch):
    (first, *_) = sorted(store.SHIPPED.glob("*.g2t"))
    key = first.stem
    assert store.load(first, key) is not None
    raw = bytearray(first.read_bytes())
    raw[len(raw) // 2] ^= 1
    broken = tmp_path / first.name
    broken.write_bytes(raw)
    assert store.load(broken, key) is None
