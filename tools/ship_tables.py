"""Build the tables that the package ships: every kernel of the bundled models, for every lepton.

Run it after a change of how tables are built or stored, or of an input mass:
    python tools/ship_tables.py
A test fails when a shipped table is missing or out of date.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

POINTS = 30_000
"""Enough distinct masses that a table is built rather than balls taken."""
WIDE = 400_000
"""Bytes from which on a table is one of the wide ones."""
FOLDER = Path(__file__).resolve().parents[1] / "g2sym" / "tables" / "shipped"


def main() -> None:
    """Evaluate every bundled model over many masses with an empty cache, and keep what it built."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["G2SYM_CACHE_DIR"] = cache
        import numpy as np

        import g2sym as g2
        from g2sym.tables import store

        store.cached_key = lambda key: key  # what is shipped goes without the hash of the code
        for old in FOLDER.glob("*.g2t"):
            old.unlink()
        masses = np.geomspace(1e-3, 1e3, POINTS)
        for name in g2.bundled_models():
            model = g2.load_model(name)
            (mass,) = model.declaration.masses
            couplings = {n: 1.0 for n, p in model.declaration.parameters.items() if p.dimension <= 0}
            for lepton in ("e", "mu", "tau"):
                model.anomalous_moment(lepton).lambdify()(params={mass: masses, **couplings})
        FOLDER.mkdir(exist_ok=True)
        for path in Path(cache, "tables").glob("*.g2t"):
            if path.stat().st_size < WIDE:  # the wide ones serve sums beside cancellations only
                shutil.copy(path, FOLDER / path.name)
                print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
