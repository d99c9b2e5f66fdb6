"""The tables in the package: those of every bundled model and lepton, up to date and trusted by no one."""

import importlib.util
from pathlib import Path

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


@pytest.fixture
def tool():
    path = Path(__file__).resolve().parents[2] / "tools" / "ship_tables.py"
    spec = importlib.util.spec_from_file_location("ship_tables", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.long
def test_every_shipped_table_built_anew_is_the_same_to_the_byte(tool, capsys):
    before = store.SHIPPED, store.cached_key
    assert tool.main(["--check"]) == 0, capsys.readouterr().out
    assert len(list(store.SHIPPED.glob("*.g2t"))) == 24
    assert len(list(store.SHIPPED.glob("*.g2p"))) == 3
    assert (store.SHIPPED, store.cached_key) == before


def test_what_differs_is_named(tool, tmp_path):
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    for folder, tables in (
        (mine, {"a": b"1", "b": b"2", "c": b"3"}),
        (theirs, {"b": b"2", "c": b"4", "d": b"5"}),
    ):
        folder.mkdir()
        for name, body in tables.items():
            (folder / f"{name}.g2t").write_bytes(body)
    found = tool.differences(sorted(mine.glob("*.g2t")), theirs)
    assert [line.partition(":")[0] for line in found] == ["a.g2t", "d.g2t", "c.g2t"]
