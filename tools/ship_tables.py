"""Build the tables that the package ships: every kernel of the bundled models, for every lepton, and the
universal tables of two running masses for what is heavier than a few leptons.

Run it after a change of how tables are built or stored, or of an input mass:
    python tools/ship_tables.py            # build all of them and put them into the package
    python tools/ship_tables.py --check    # build them in a temporary folder; exit 1 if any byte differs
A test fails when a shipped table is missing or out of date.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

POINTS = 30_000
"""Enough distinct masses that a table is built rather than balls taken."""
WIDE = 400_000
"""Bytes from which on a table is one of the wide ones."""
BANDS = range(3)
"""Bands of the universal tables that the package ships; the others are built on first use."""
FOLDER = Path(__file__).resolve().parents[1] / "g2sym" / "tables" / "shipped"


def build(cache: Path) -> list[Path]:
    """Evaluate every bundled model over many masses with an empty cache; return the tables that it built.

    Nothing is taken from the package: its own folder of tables is out of sight meanwhile.
    """
    before = os.environ.get("G2SYM_CACHE_DIR")
    os.environ["G2SYM_CACHE_DIR"] = str(cache)
    import numpy as np

    import g2sym as g2
    from g2sym.tables import planes_store, store

    kept: tuple[Path, Callable[[str], str]] = store.SHIPPED, store.cached_key
    # what is shipped goes without the hash of the code
    store.SHIPPED, store.cached_key = cache / "nothing", lambda key: key
    try:
        masses = np.geomspace(1e-3, 1e3, POINTS)
        for name in g2.bundled_models():
            model = g2.load_model(name)
            (mass,) = model.declaration.masses
            couplings = {n: 1.0 for n, p in model.declaration.parameters.items() if p.dimension <= 0}
            for lepton in ("e", "mu", "tau"):
                model.anomalous_moment(lepton).lambdify()(params={mass: masses, **couplings})
        # the wide ones serve sums beside cancellations only
        kept_files = [p for p in Path(cache, "tables").glob("*.g2t") if p.stat().st_size < WIDE]
        for number in BANDS:
            planes_store.band_for(number)
            kept_files.append(planes_store.file_of(planes_store.band_key(number)))
    finally:
        store.SHIPPED, store.cached_key = kept
        os.environ.pop("G2SYM_CACHE_DIR")
        if before is not None:
            os.environ["G2SYM_CACHE_DIR"] = before
    return sorted(kept_files)


def differences(built: list[Path], folder: Path) -> list[str]:
    """Return what differs between tables and those in a folder, a line each."""
    here, there = {path.name: path for path in built}, {path.name: path for path in folder.glob("*.g2?")}
    lines = [f"{name}: not in the package" for name in sorted(here.keys() - there.keys())]
    lines += [f"{name}: in the package, but not built" for name in sorted(there.keys() - here.keys())]
    for name in sorted(here.keys() & there.keys()):
        if here[name].read_bytes() != there[name].read_bytes():
            lines.append(f"{name}: differs from the package's")
    return lines


def main(arguments: list[str]) -> int:
    """Build every table; compare them with the package's, or put them there."""
    with tempfile.TemporaryDirectory() as cache:
        built = build(Path(cache))
        if arguments == ["--check"]:
            found = differences(built, FOLDER)
            print("\n".join(found or [f"{len(built)} tables, the same to the byte"]))
            return 1 if found else 0
        FOLDER.mkdir(exist_ok=True)
        for old in FOLDER.glob("*.g2?"):
            old.unlink()
        for path in built:
            shutil.copy(path, FOLDER / path.name)
            print(path.name, path.stat().st_size)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
