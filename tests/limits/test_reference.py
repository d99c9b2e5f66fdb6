"""Published tables against reference values that were looked up by other means.

The tables are not the project's: point G2SYM_LIMITS at a folder that holds them. Without it this is skipped.
"""

import json
import os
from pathlib import Path

import pytest

from g2sym.limits import load

PLACE = os.environ.get("G2SYM_LIMITS", "").split(os.pathsep)[0]
POINTS = json.loads((Path(__file__).resolve().parents[1] / "reference" / "limit_tables.json").read_text())[
    "points"
]
pytestmark = pytest.mark.skipif(not PLACE, reason="needs published tables: set G2SYM_LIMITS to their folder")
BY_FILE = {}


def limit_of(file):
    if not BY_FILE:
        BY_FILE.update({Path(limit.path).name: limit for limit in load(PLACE).values()})
    name = Path(file).name
    if name not in BY_FILE:
        pytest.skip(f"no {file} in {PLACE}")
    return BY_FILE[name]


def number(text):
    return None if text is None else float(text)


@pytest.mark.parametrize(
    "point", [p for p in POINTS if not p["id"].startswith("load")], ids=lambda p: p["id"]
)
def test_a_table_says_what_the_reference_says(point):
    limit = limit_of(point["source_file"])
    found = limit.value(point["inputs"].get("M", point["inputs"].get("m_A")))
    wanted = point["value"]
    if wanted in ("yes", "no"):
        assert found.excludes(point["inputs"]["g_gg"]) is (wanted == "yes")
    elif wanted is None:
        assert found.value is None
        assert found.reason in ("outside", "gap", "closing value")
    elif isinstance(wanted, list):
        assert [found.value, found.upper] == pytest.approx([float(w) for w in wanted], rel=1e-5)
    else:
        assert found.value == pytest.approx(float(wanted), rel=1e-5)
        assert limit.unit == point["unit"]


@pytest.mark.parametrize("point", [p for p in POINTS if p["id"].startswith("load")], ids=lambda p: p["id"])
def test_rows_and_segments(point):
    limit = limit_of(point["source_file"])
    usable = sum(not row.reason for row in limit.rows)
    found = {
        "[usable rows, separate segments]": [usable, len(limit.segments)],
        "separate finite segments": len(limit.segments),
        "zero-width rows": next((int(n.split()[0]) for n in limit.notes if "zero width" in n), 0),
    }
    assert point["value"] == found.get(point["quantity"], usable)


def test_ranges_that_are_stated():
    """Ends of ranges that the publications' notes give: eta and eta' gaps, true ends of closing ramps."""
    wanted = {
        "BESIII_Jpsi3photon.txt": [(0.18456, 0.49664), (0.61242, 0.88423), (1.02517, 2.84732)],
        "A1_Merkel2014avp.lmt": [(0.0415, 0.3015)],
        "APEX_Abrahamyan2011gv.lmt": [(0.1774, 0.2495)],
        "A1_Merkel2011ze.lmt": [(0.2019, 0.3168)],
        "KLOE_Anastasi2016ktq.lmt": [(0.529, 0.985)],
        "NA48_Batley2015lha.lmt": [(0.00899, 0.1186)],
        "Constraints_BC2_NA64e-2022.csv": [(0.003104, 1.27645)],
    }
    for name, spans in wanted.items():
        found = limit_of(name).segments
        assert len(found) == len(spans), name
        for (low, high), (a, b) in zip(found, spans, strict=True):
            assert (float(low), float(high)) == pytest.approx((a, b), rel=5e-4), name


def test_every_table_can_be_read():
    limit_of(POINTS[0]["source_file"])
    for limit in BY_FILE.values():
        assert limit.segments
        middle = limit.segments[0]
        assert limit.value((middle[0] + middle[1]) / 2)
