"""Names of types that many modules use; imported for type checking alone, since numpy comes with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
"""Flat places or numbers of rows and columns."""

Codes = NDArray[np.uint8]
"""States, marks and other small numbers."""

Curve = NDArray[np.uint64]
"""Places along the Morton curve."""

Columns = dict[str, NDArray[Any]]
"""Arrays of several element types by name, as a scan writes them."""

Record = dict[str, Any]
"""A JSON-ready record: names to numbers, texts, lists and records."""

Entries = Mapping[str, Any]
"""A table of a file, or a record that is only read."""
