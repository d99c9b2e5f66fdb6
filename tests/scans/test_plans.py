"""Which points a scan visits: grids, sequences, random samples, lists; the same however they are cut."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

import g2sym as g2
from g2sym.constraints.planes import Axis
from g2sym.errors import InputError, UsageError
from g2sym.inputs import load_inputs
from g2sym.scans.plans import Grid, Points, Samples, read_points, regions
from g2sym.scans.sobol import sobol

BOX = (
    Axis("m_a", Fraction(1, 100), Fraction(10)),
    Axis("g_aff", Fraction(-1), Fraction(2), logarithmic=False),
    Axis("g_agg", Fraction(-1, 10), Fraction(-1, 1000)),
)


@pytest.mark.parametrize("dimensions", range(1, 11))
def test_the_sobol_sequence_is_that_of_joe_and_kuo(dimensions):
    expected = qmc.Sobol(dimensions, scramble=False, bits=32).random(1024)
    assert np.array_equal(sobol(0, 1024, dimensions), expected)


def test_a_box_by_name():
    plan = Samples.of({"m_a": ("0.01", 10), "g_aff": (-1, 2, "lin")}, 8)
    assert plan.axes == BOX[:2]


def test_a_digital_shift_keeps_the_evenness():
    points = sobol(0, 1024, 3, (123456789, 3000000001, 77))
    for k in range(3):
        assert np.array_equal(np.sort(np.floor(points[:, k] * 1024)), np.arange(1024))
    assert not np.array_equal(points, sobol(0, 1024, 3))


@settings(max_examples=30, deadline=None)
@given(
    method=st.sampled_from(("sobol", "random")),
    seed=st.integers(0, 2**63 - 1),
    count=st.integers(1, 300),
    chunk=st.integers(1, 301),
)
def test_samples_do_not_depend_on_the_chunks(method, seed, count, chunk):
    plan = Samples(BOX, count, method, seed)
    whole = plan.coordinates((slice(0, count),))
    parts = [plan.coordinates(region) for _, region in regions(plan.shape, plan.chunk_shape(chunk))]
    for axis in BOX:
        assert np.array_equal(np.concatenate([p[axis.name] for p in parts]), whole[axis.name])
        assert np.all((whole[axis.name] >= float(axis.low)) & (whole[axis.name] <= float(axis.high)))


def test_samples_are_even_on_their_scale():
    plan = Samples(BOX, 4096, "random", 5).coordinates((slice(0, 4096),))
    for axis in BOX:
        values = plan[axis.name]
        scaled = np.log(np.abs(values)) if axis.logarithmic else values
        low, high = np.sort([scaled.min(), scaled.max()])
        counts, _ = np.histogram(scaled, bins=16, range=(low, high))
        assert np.all(np.abs(counts - 256) < 6 * 16)
    other = Samples(BOX, 4096, "random", 6).coordinates((slice(0, 4096),))
    assert not np.array_equal(other["m_a"], plan["m_a"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 200))
def test_chunks_tile_a_grid(shape, chunk):
    plan = Grid.of({f"p{k}": np.arange(n, dtype=float) for k, n in enumerate(shape)})
    chunks = plan.chunk_shape(chunk)
    assert np.prod(chunks) <= chunk
    seen = np.zeros(shape, int)
    for place, region in regions(plan.shape, chunks):
        seen[region] += 1
        values = plan.coordinates(region)
        for k, (name, part) in enumerate(zip(plan.names, region, strict=True)):
            assert values[name].ravel().tolist() == list(range(part.start, part.stop))
            assert place[k] == part.start // chunks[k]
    assert np.all(seen == 1)


def test_points_from_a_file(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("\ufeffm_a, g_aff\r\n0.1,1e-3\r\n\r\n0.5,-2e-3\r\n")
    plan = read_points(path)
    assert plan.names == ("m_a", "g_aff")
    assert [c.tolist() for c in plan.columns] == [[0.1, 0.5], [1e-3, -2e-3]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line"),
        ("m_a,m_a\n1,2\n", "each once"),
        ("m_a,\n1,2\n", "each once"),
        ("m_a,g\n", "no points"),
        ("m_a,g\n1\n", "line 2: 1 values, but 2"),
        ("m_a,g\n1,2\n1,x\n", "line 3: 'g' is 'x'"),
        ("m_a,g\n1,nan\n", "not a finite number"),
        ("m_a,g\n1,1e999\n", "not a finite number"),
        ("m_a,g\n1,-inf\n", "not a finite number"),
        ("m_a,g\n1,1e-400\n", "beyond doubles"),
        ("m_a,g\n1_000,1\n", "line 2: 'm_a' is '1_000', which is no number"),
        ("m_a,g\n2*m_muon,1\n", "did you mean 'm_mu'"),
        ("m_a,g\nm_e*m_mu,1\n", "not of the dimension of a mass"),
    ],
)
def test_a_wrong_file_is_named_by_line(tmp_path, text, message):
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        read_points(path)


MU = Fraction("0.1056583755")


def test_masses_are_read_as_everywhere(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("m_A,eps\n500MeV,1e-3\n 2*m_mu ,0\n(m_tau + m_mu)/2,.5\n1/3,1e-3\n")
    plan = read_points(path)
    tau = Fraction("1.77693")
    assert load_inputs().masses["m_tau"] == tau
    masses = [0.5, float(2 * MU), float((tau + MU) / 2), float(Fraction(1, 3))]
    assert plan.columns[0].tolist() == masses
    assert plan.columns[1].tolist() == [1e-3, 0.0, 0.5, 1e-3]
    texts = ["500MeV", "2*m_mu", "(m_tau + m_mu)/2", Fraction(1, 3)]
    for made in (Grid.of({"m_A": texts}).axes[0], Points.of({"m_A": texts}).columns[0]):
        assert made.tolist() == masses
    box = Samples.of({"m_A": ("100MeV", "2*m_mu"), "eps": (0, 1, "lin")}, 3)
    assert (box.axes[0].low, box.axes[0].high) == (Fraction(1, 10), 2 * MU)
    assert read_points(path, {"m_mu": Fraction(1, 10), "m_tau": Fraction(2)}).columns[0][1] == 0.2


def test_a_coupling_is_no_mass_and_masses_are_those_of_the_model(tmp_path):
    path = tmp_path / "p.csv"
    path.write_text("m_A,eps\n2*m_mu,1e-3\n")
    model = g2.load_model("dark_photon", {"m_mu": "0.2"})
    moment = model.anomalous_moment("mu")
    with pytest.raises(UsageError, match=r"read with m_mu = 0.1056583755, but the observable has 0.2; read"):
        g2.scan(moment, read_points(path))
    found = g2.scan(moment, read_points(path, moment.inputs.masses))
    assert found["m_A"].tolist() == [0.4]
    assert g2.scan(moment, {"m_A": ["2*m_mu"]}, eps=1)["m_A"].tolist() == [0.4]
    counted = {"m_A": ["2*m_mu", "1GeV"], "eps": ["1e-3", "1e-2"]}
    assert g2.count_excluded(moment, counted, "muon-2025").record["grid"]["m_A"] == [2, 0.4, 1.0]
    for plan in (
        Grid.of({"m_A": [1.0], "eps": ["1MeV"]}),
        Points.of({"m_A": [1.0], "eps": ["1MeV"]}),
        Samples.of({"m_A": (1, 2), "eps": ("1MeV", "2MeV")}, 4),
    ):
        with pytest.raises(UsageError, match="eps is no mass"):
            g2.scan(moment, plan)
    with pytest.raises(UsageError, match="eps is no mass"):
        g2.count_excluded(moment, {"m_A": [1.0], "eps": ["1MeV"]}, "muon-2025")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_points(tmp_path / "none.csv")
    (tmp_path / "p.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_points(tmp_path / "p.csv")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Grid.of({}), "at least one"),
        (lambda: Grid.of({"a": []}), "finite numbers"),
        (lambda: Grid.of({"a": [[1.0]]}), "finite numbers"),
        (lambda: Grid.of({"a": ["x"]}), "real numbers"),
        (lambda: Grid.of({"a": [1.0, float("inf")]}), "finite numbers"),
        (lambda: Points.of({"a": [1.0], "b": [1.0, 2.0]}), "differ in length"),
        (lambda: Samples(BOX, 0), "samples"),
        (lambda: Samples(BOX, 2**33), "samples"),
        (lambda: Samples(BOX, 5, "sobbol"), "did you mean 'sobol'"),
        (lambda: Samples(BOX, 5, seed=-1), "seed"),
        (lambda: Samples((BOX[0], BOX[0]), 5), "twice"),
        (lambda: Samples((), 5), "dimensions"),
        (lambda: Samples.of({"m_a": 5}, 5), "write"),
        (lambda: Samples.of({"m_a": (1, 2, 3)}, 5), "neither log nor lin"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises(UsageError, match=message):
        make()
