"""Map files and polygons: checked, without pickles, and never wider than what was proved."""

import contextlib
import io
import json
import os
import time
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.path import Path as Outline

from g2sym.constraints.map_files import load_map, unpack, write_map
from g2sym.constraints.maps import exclusion_map
from g2sym.constraints.polygons import polygons, regions
from g2sym.errors import InputError, UsageError
from g2sym.model.model import load_model


@pytest.fixture(scope="module")
def found():
    moment = load_model("alp").anomalous_moment("mu")
    return exclusion_map(
        moment, ("g_aff", "1e-5", "1e-2"), ("g_agg", "1e-6", "1e-1"), "muon-2025", resolution=256, m_a="0.1"
    )


def written(found, *arguments):
    stream = io.BytesIO()
    write_map(found, stream, *arguments)
    return stream.getvalue()


def test_a_map_survives_the_file(found, tmp_path):
    path = tmp_path / "m.npz"
    path.write_bytes(written(found))
    again = load_map(path)
    assert written(again) == written(found)
    assert (again.x, again.y, again.areas) == (found.x, found.y, found.areas)
    assert again.as_dict() == found.as_dict()


@pytest.mark.parametrize("size", [1, 4, 64, 256])
def test_the_packed_masks_are_plain_npz(found, tmp_path, size):
    path = tmp_path / "m.npz"
    path.write_bytes(written(found, size))
    with np.load(path, allow_pickle=False) as parts:
        header = json.loads(bytes(parts["header"]))
        assert header["mask_resolution"] == size
        for name, state in (("allowed", 1), ("excluded", 2)):
            assert np.array_equal(unpack(parts[name], size), found.mask(size) == state)
    load_map(path)


@pytest.mark.parametrize("place", [0.02, 0.3, 0.5, 0.9, 0.999])
def test_a_damaged_file_is_refused(found, tmp_path, place):
    path = tmp_path / "m.npz"
    whole = bytearray(written(found))
    whole[int(len(whole) * place)] ^= 0x55
    path.write_bytes(whole)
    with contextlib.suppress(InputError):  # a byte that no reader looks at, such as a date, does no harm
        assert load_map(path).as_dict() == found.as_dict()
    path.write_bytes(bytes(whole)[: int(len(whole) * place)])
    with pytest.raises(InputError):
        load_map(path)


def _changed(found, **changes):
    with np.load(io.BytesIO(written(found)), allow_pickle=False) as parts:
        arrays = {name: parts[name] for name in parts.files}
    arrays |= changes
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        {"state": np.zeros(3, np.uint8)},
        {"level": np.zeros(0, np.uint8)},
        {"x_edges": np.zeros(257)},
        {"header": np.frombuffer(b"{}", np.uint8)},
        {"header": np.frombuffer(b"not json", np.uint8)},
        {"allowed": np.zeros((256, 32), np.uint8)},
        {"extra": np.zeros(3)},
        {"row": np.array(["a"])},
    ],
)
def test_a_file_that_contradicts_itself_is_refused(found, tmp_path, change):
    path = tmp_path / "m.npz"
    path.write_bytes(_changed(found, **change))
    with pytest.raises(InputError, match="map file"):
        load_map(path)


def _headed(found, change):
    """The file with another header."""
    with np.load(io.BytesIO(written(found)), allow_pickle=False) as parts:
        header = json.loads(bytes(parts["header"]))
    change(header["map"])
    return _changed(found, header=np.frombuffer(json.dumps(header).encode(), np.uint8))


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["x"].update(low="1e999999999"),
        lambda body: body["y"].update(high="1e-999999999"),
        lambda body: body["x"].update(low=True),
        lambda body: body["y"].update(scale="loglog"),
        lambda body: body["y"].update(name=3),
        lambda body: body["window"].update(n_sigma="1e999999999"),
        lambda body: body["window"].update(low=None),
        lambda body: body["window"].pop("criterion"),
        lambda body: body["measurement"].update(name=["a"]),
        lambda body: body.update(measurement=None),
    ],
)
def test_a_header_with_wrong_values_is_refused_at_once(found, tmp_path, change):
    """A number is read within bounds: ten to a billion is not computed."""
    path = tmp_path / "m.npz"
    path.write_bytes(_headed(found, change))
    start = time.process_time()
    with pytest.raises(InputError, match="map file"):
        load_map(path)
    assert time.process_time() - start < 5


@pytest.mark.parametrize("low", [1e-290, 5e-200, 3e289])
def test_ends_that_are_doubles_survive_the_file(tmp_path, low):
    moment = load_model("dark_photon").anomalous_moment("mu")
    plane = exclusion_map(moment, ("m_A", 0.1, 1.0), ("eps", low, 3 * low), "muon-2025", resolution=4)
    path = tmp_path / "m.npz"
    path.write_bytes(written(plane))
    assert load_map(path).y == plane.y


@pytest.mark.skipif(os.name != "posix", reason="pipes of POSIX")
def test_a_pipe_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "m.npz")
    with pytest.raises(InputError, match="not a regular file"):
        load_map(tmp_path / "m.npz")


def test_a_pickle_is_never_opened(found, tmp_path):
    path = tmp_path / "m.npz"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, np.load(io.BytesIO(written(found))) as parts:
        for name in parts.files:
            body = io.BytesIO()
            array = parts[name] if name != "state" else np.array([object()], dtype=object)
            np.save(body, array, allow_pickle=True)
            archive.writestr(f"{name}.npy", body.getvalue())
    path.write_bytes(stream.getvalue())
    with pytest.raises(InputError, match="damaged or not a map"):
        load_map(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load_map(tmp_path / "none.npz")


def test_masks_cannot_be_finer_than_the_map(found):
    with pytest.raises(UsageError, match="too many"):
        written(found, 512)
    with pytest.raises(UsageError, match="power of two"):
        written(found, 100)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_rings_surround_exactly_their_pixels(data):
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    bits = data.draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    mask = np.array(bits).reshape(rows, columns)
    cover = np.zeros(mask.shape, int)
    middles = [(c + 0.5, r + 0.5) for r in range(rows) for c in range(columns)]
    for outer, *holes in regions(mask):
        for sign, ring in [(1, outer), *((-1, hole) for hole in holes)]:
            closed = np.array([*ring, ring[0]], float)
            assert np.all(np.abs(np.diff(closed, axis=0)).min(axis=1) == 0)  # along the axes
            turn = np.sum(closed[:-1, 0] * closed[1:, 1] - closed[1:, 0] * closed[:-1, 1])
            assert np.sign(turn) == sign
            cover += sign * Outline(closed).contains_points(middles).reshape(mask.shape)
    assert np.array_equal(cover, mask.astype(int))


def test_polygons_have_the_area_that_was_proved(found):
    document = json.loads(json.dumps(polygons(found), allow_nan=False))
    assert document["type"] == "FeatureCollection"
    assert document["g2sym"]["mask_resolution"] == 256
    logs = np.log
    whole = logs(1e3) * logs(1e5)
    for feature in document["features"]:
        total = 0.0
        for shape in feature["geometry"]["coordinates"]:
            for ring in shape:
                assert ring[0] == ring[-1]
                x, y = logs(np.array(ring)).T
                total += np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2
        assert total / whole == pytest.approx(
            float(found.areas[feature["properties"]["state"]]), rel=1e-9, abs=1e-12
        )


def test_coarser_polygons_lie_inside(found):
    share = {}
    for size in (256, 32):
        share[size] = {
            f["properties"]["state"]: f["properties"]["pixels"] / size**2
            for f in polygons(found, size)["features"]
        }
    for state in ("allowed", "excluded"):
        assert share[32][state] <= share[256][state]
    with pytest.raises(UsageError):
        polygons(found, 16384)
