"""The universal tables of two masses on disk: one file a band, checked on every load.

Layout and trust are those of `g2sym.tables.store`. On every load the header is compared with a schema, the
errors it states with the guaranteed one, and the functions at a few points of the band with balls.
"""

from __future__ import annotations

import hashlib
import json
import random
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import Ball, working_precision
from g2sym.kernels.basis import functions
from g2sym.tables import store
from g2sym.tables.planes import CELL_BITS, CELLS, EDGES, ERROR, GROWING, OCTAVES, STORED, Band, PlaneTable
from g2sym.tables.planes_build import NODES, arguments, build_band
from g2sym.tables.store import read_file, write_file

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
"""Raised whenever these tables are built or stored differently."""
SPOTS = 12
BITS = 100


def band_key(number: int) -> str:
    """Return the name of a band's file: a hash of what it holds."""
    text = json.dumps([VERSION, "planes", CELL_BITS, OCTAVES, EDGES, NODES, number])
    return hashlib.sha256(text.encode()).hexdigest()


def file_of(key: str, folder: Path | None = None) -> Path:
    """Return where a band is kept: in ``folder``, by default in the cache."""
    return (folder or store.cache_folder() / "tables") / f"{key}.g2p"


def band_for(number: int, build: bool = True) -> Band | None:
    """Return a band: shipped, cached, or built and then kept; None where it may not be built."""
    plain = band_key(number)
    key = store.cached_key(plain)
    for path, name, trusted in ((file_of(plain, store.SHIPPED), plain, False), (file_of(key), key, True)):
        band = load_band(path, name, number, trusted=trusted)
        if band is not None:
            return band
    if not build:
        return None
    band = build_band(number)
    save_band(file_of(key), key, band)
    return band


def save_band(path: Path, key: str, band: Band) -> bool:
    """Write a band; returns False where the folder does not let us."""
    import numpy as np

    header = {"counts": list(band.counts), "errors": [band.errors[k] for k in STORED], "cells": CELLS}
    return write_file(path, key, header, np.concatenate([band.rows[k] for k in STORED]))


def load_band(path: Path, key: str, number: int, *, trusted: bool) -> Band | None:
    """Read a band, or return None for a file that is absent, damaged, another's or not of these functions."""
    import numpy as np

    found = read_file(path, key, trusted)
    if found is None:
        return None
    header, flat = found
    try:
        counts = tuple(header["counts"])
        errors = [float(e) for e in header["errors"]]
        count_u, count_s = NODES[number]
        good = header["cells"] == CELLS and len(counts) == count_s and len(errors) == len(STORED)
        good = good and all(type(c) is int and 1 <= c <= count_u for c in counts)
        # never less than what rounded masses do
        good = (
            good
            and all(arguments(EDGES[number + 1]) < e <= ERROR for e in errors)
            and flat.size == len(STORED) * sum(counts) * CELLS
        )
        if not good or not np.isfinite(flat).all():
            return None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    parts = flat.reshape(len(STORED), sum(counts), CELLS)
    rows = {k: parts[n].copy() for n, k in enumerate(STORED)}
    band = Band(EDGES[number], EDGES[number + 1], counts, rows, dict(zip(STORED, errors, strict=True)))
    return band if agrees(band, key) else None


def agrees(band: Band, key: str) -> bool:
    """True when a band gives the functions' values at points drawn with its key as the seed."""
    import numpy as np

    source = random.Random(key)
    alone = PlaneTable(tuple(band if low == band.low else None for low in EDGES[:-1]))
    for _ in range(SPOTS):
        s = band.low + (band.high - band.low) * source.uniform(0.001, 1)
        q = 2.0 ** source.uniform(-OCTAVES, OCTAVES)
        with np.errstate(all="ignore"):
            found = alone.evaluate((*STORED, (0, 2)), np.array([q]), np.array([s]))
        for powers, value in exact(q, s).items():
            mine = float(found[powers][0])
            if powers in GROWING and mine != mine:
                continue
            if not np.isfinite(mine):  # finite coefficients, but not their sum
                return False
            if not abs(Fraction(mine) - value.midpoint) <= Fraction(ERROR) * abs(value.midpoint):
                return False
    return True


def exact(q: float, s: float) -> dict[tuple[int, int], Ball]:
    """Return N_ab at two doubles from balls."""
    from flint import arb

    with working_precision(400):
        ratio = arb(q)
        root = 1 / (arb(s).sqrt() * (1 + ratio))
        d0 = root * root
        found: dict[tuple[int, int], Any] = functions(d0, ratio * root, root)
        return {k: Ball.from_arb(v * d0 * (1 + ratio * ratio)) for k, v in found.items()}
