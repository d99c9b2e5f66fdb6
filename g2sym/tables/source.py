"""A hash of the code that builds tables, so that a cached table of other code is never taken."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

MODULES = (
    "base/arguments.py",
    "base/balls.py",
    "base/classes.py",
    "base/exact.py",
    "integrals/basis.py",
    "integrals/canonical.py",
    "integrals/polynomials.py",
    "integrals/rational.py",
    "kernels/basis.py",
    "kernels/closed.py",
    "kernels/doubledouble.py",
    "kernels/slices.py",
    "tables/build.py",
    "tables/cauchy.py",
    "tables/expansion.py",
    "tables/planes.py",
    "tables/planes_build.py",
    "tables/rounding.py",
    "tables/table.py",
    "tables/wide.py",
)
"""What building a table runs through; a test compares this list with the imports."""


@cache
def code_hash() -> str:
    """Return the SHA-256 of the syntax trees of `MODULES`: comments and layout do not enter."""
    import ast  # seldom needed: shipped tables go without

    digest = hashlib.sha256()
    root = Path(__file__).resolve().parents[1]
    for name in MODULES:
        try:
            tree = ast.dump(ast.parse((root / name).read_bytes()))
        except OSError:  # installed without its source
            tree = "no source"
        digest.update(f"{name}\n{tree}\n".encode())
    return digest.hexdigest()
