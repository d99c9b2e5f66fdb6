"""No warning of Python or numpy reaches a user, over the documented range of every array and picture."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import g2sym as g2
from g2sym.cli import main
from g2sym.errors import G2symError, InvalidPointsWarning, UsageError
from g2sym.inputs.measurements import Datum, Measurement
from g2sym.lagrangian import declare
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.parameters import Parameter

MASSES = np.array([1e-300, 1e-20, 1e-3, 0.1056583755, 1.0, 91.1876, 1e19, 1e154, 1e300])
COUPLINGS = np.array([0.0, 5e-324, 1e-300, -1e-300, 1e-3, -1.0, 1e160, 1e300])
WHOLE = COUPLINGS[COUPLINGS != 0]


@pytest.fixture(autouse=True)
def no_warning() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="warn"):
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", InvalidPointsWarning)  # ours: which points have no value, and why
        yield


def _mixed() -> g2.Model:
    field = Field(name="s", spin=Fraction(0), charge=Fraction(0), mass="m_s", self_conjugate=True)
    free = [Parameter(name=n, flavour="universal") for n in ("gS", "gP")]
    return g2.Model(declare("-s*bar(f)*(gS + I*gP*gamma5)*f", fields=[field], parameters=free))


def _two_masses() -> g2.Model:
    fields = [
        Field(name="s", spin=Fraction(0), charge=Fraction(0), mass="m_s", self_conjugate=True),
        Field(name="N", spin=Fraction(1, 2), charge=Fraction(-1), mass="m_N", self_conjugate=False),
    ]
    free = [Parameter(name=n, flavour="universal") for n in ("yL", "yR")]
    return g2.Model(declare("s*bar(f)*(yL*PL + yR*PR)*N + hc", fields=fields, parameters=free))


OBSERVABLES: dict[str, tuple[Callable[[], g2.Model], str]] = {
    "alp": (lambda: g2.load_model("alp"), "a(mu)"),
    "scalar": (lambda: g2.load_model("scalar"), "a(e)"),
    "axial_vector": (lambda: g2.load_model("axial_vector"), "a(mu)"),
    "dark_photon": (lambda: g2.load_model("dark_photon"), "a(tau)"),
    "quotient": (lambda: g2.load_model("dark_photon"), "a(e)/a(mu)"),
    "product": (lambda: g2.load_model("axial_vector"), "a(e)*a(mu)^2"),
    "dipole": (_mixed, "d(mu)"),
    "quotient of dipoles": (_mixed, "d(mu)/a(mu)"),
    "two masses": (_two_masses, "a(mu)"),
}


def _case(name: str) -> tuple[g2.Observable, str, dict[str, object], list[str]]:
    """The observable, its first mass, values of the other masses, its couplings without a default."""
    make, observable = OBSERVABLES[name]
    found = make().observable(observable)
    mass, *others = found.declaration.masses
    free = [
        n
        for n, p in found.declaration.parameters.items()
        if p.default is None and n not in found.declaration.masses
    ]
    return found, mass, dict.fromkeys(others, "0.2"), free


def _quiet(call: Callable[[], object]) -> None:
    """Errors of the package are fine; warnings and errors of others are not."""
    with suppress(G2symError):
        call()


def _measured(observable: g2.Observable, size: str) -> Measurement:
    datum = Datum(Fraction(0), Fraction(size), Fraction(size), ("x",), "2030-01-01")
    unit = {"1": "1", "GeV^-1": "GeV^-1"}[observable.unit]
    return Measurement(
        "mine", "", "difference", "t", "2030-01-01", difference=datum, observable=observable.name, unit=unit
    )


@pytest.mark.parametrize("name", OBSERVABLES)
@pytest.mark.parametrize(
    "couplings",
    [pytest.param(COUPLINGS, id="with zero"), pytest.param(WHOLE, id="without", marks=pytest.mark.long)],
)
def test_arrays(name: str, couplings: np.ndarray) -> None:
    observable, mass, others, free = _case(name)
    function = observable.lambdify()
    for masses in (MASSES, np.array([0.0, 1.0])):
        grid = {mass: masses[:, None], **dict.fromkeys(free, couplings)}
        _quiet(lambda grid=grid: function(grid, **others))
    _quiet(lambda: function({mass: np.array([np.nan, 1.0]), **dict.fromkeys(free, 1e-3)}, **others))
    _quiet(lambda: function({mass: np.array([np.inf, 1.0]), **dict.fromkeys(free, 1e-3)}, **others))
    _quiet(lambda: function({mass: np.array([]), **dict.fromkeys(free, 1e-3)}, **others))
    few = {mass: "0.5", **dict.fromkeys(free, 1e-3), **others}
    for other in free:
        rest = {n: v for n, v in few.items() if n != other}
        _quiet(lambda rest=rest, other=other: function(rest, **{other: np.geomspace(1e-300, 1e300, 70)}))


def test_arrays_of_two_masses() -> None:
    observable, mass, _, free = _case("two masses")
    function = observable.lambdify()
    values = function({mass: MASSES[2:9, None], "m_N": MASSES[4:7], **dict.fromkeys(free, 1e-3)})
    assert values.shape == (7, 3)


@pytest.mark.parametrize("name", OBSERVABLES)
def test_scans_and_counts(name: str) -> None:
    observable, mass, others, free = _case(name)
    for size in ("1e-300", "1e280"):
        if size == "1e280" and observable.unit == "1" and "/" not in observable.name:
            size = "1e-2"
        measured = _measured(observable, size)
        for couplings in (COUPLINGS[[0, 2, 5, 7]], WHOLE[[1, 3, 6]]):
            grid = {mass: MASSES[::2], **dict.fromkeys(free, couplings)}
            _quiet(lambda grid=grid, put=measured: g2.scan(observable, grid, put, params=others))
            for on in free[:1]:
                rest = {n: v for n, v in grid.items() if n != on}
                _quiet(
                    lambda rest=rest, on=on, put=measured: g2.scan(
                        observable, rest, put, on=on, params=others
                    )
                )
            if "*" not in observable.name and "/" not in observable.name:
                _quiet(
                    lambda grid=grid, put=measured: g2.count_excluded(observable, grid, put, params=others)
                )
    box = g2.Samples.of({mass: (1e-290, 1e290), free[0]: (-1e290, 1e290, "lin")}, 50)
    _quiet(lambda: g2.scan(observable, box, params={**others, **dict.fromkeys(free[1:], 1)}))


@pytest.mark.parametrize("name", OBSERVABLES)
@pytest.mark.parametrize("coupling", [(-1e290, 1e290, "lin"), (0, 1e-290, "lin"), (-1e290, -1e-290)])
def test_maps(name: str, coupling: tuple[object, ...]) -> None:
    observable, mass, others, free = _case(name)
    put = _measured(observable, "1e-9")
    for masses in ((0, 10, "lin"), (1e-19, 1e18)):
        _quiet(
            lambda masses=masses: g2.exclusion_map(
                observable, (mass, *masses), (free[0], *coupling), put, resolution=8,
                params={**others, **dict.fromkeys(free[1:], "1e-3")},
            )
        )  # fmt: skip
    if len(free) > 1:
        _quiet(
            lambda: g2.exclusion_map(
                observable, (free[0], *coupling), (free[1], *coupling), put, resolution=8,
                params={**others, mass: "0.3"},
            )
        )  # fmt: skip


@pytest.mark.parametrize("name", ["alp", "dark_photon", "quotient", "dipole"])
def test_bounds_and_lines(name: str) -> None:
    observable, mass, others, free = _case(name)
    put = _measured(observable, "1e-9")
    for value in (0, "1e-900", "1e900", 1e-300, 0.1056583755, 91.1876, 1.7e308):
        rest = {mass: value, **others, **dict.fromkeys(free[1:], "1e-3")}
        _quiet(lambda rest=rest: g2.bound(observable, free[0], put, params=rest))
        _quiet(lambda rest=rest: observable.cancellation(free[0]).evaluate(params=rest))
    fixed = {**others, **dict.fromkeys(free, "1e-3")}
    for ends in (("0.01", 10), ("1e-30", "1e-29"), ("91.1876", 100)):
        _quiet(lambda ends=ends: g2.bound(observable, mass, put, interval=ends, params=fixed))


@pytest.mark.parametrize(
    "values",
    [np.array([1 + 2j, 1.0]), [1 + 2j, 1.0], np.array([True, False]), np.array(["x"]), [[1.0], [1.0, 2.0]]],
)
def test_what_is_no_real_number_is_refused_and_not_cut(values: object) -> None:
    """numpy drops imaginary parts with a warning, and counts truth values as numbers."""
    moment = g2.load_model("dark_photon").anomalous_moment("mu")
    plane = g2.exclusion_map(moment, ("m_A", "0.1", 2), ("eps", "1e-4", 1), "muon-2025", resolution=4)
    for call in (
        lambda: moment.lambdify()(m_A=values, eps=1e-3),
        lambda: moment.lambdify()(m_A=1.0, eps=values),
        lambda: g2.scan(moment, {"m_A": values}, eps=1e-3),
        lambda: g2.Points.of({"m_A": values}),
        lambda: g2.Grid.of({"m_A": values}),
        lambda: plane.states(values, 1e-3),
    ):
        with pytest.raises(UsageError, match=r"real numbers|list of finite numbers"):
            call()
    with pytest.raises(G2symError):
        g2.bound(moment, "eps", "muon-2025", m_A=values)


def test_texts_in_lists_are_masses_and_numbers() -> None:
    moment = g2.load_model("dark_photon").anomalous_moment("mu")
    function = moment.lambdify()
    found = function(m_A=["500MeV", "2*m_mu", "1/3", 0.25], eps=1e-3)
    assert found.tolist() == function(m_A=[0.5, 2 * 0.1056583755, 1 / 3, 0.25], eps=1e-3).tolist()
    with pytest.raises(UsageError, match="eps is no mass, but"):
        function(m_A=1, eps=["1MeV"])
    with pytest.raises(G2symError, match=r"m_A\[1\]: 'm_muon' is not a number"):
        function(m_A=["1", "m_muon"], eps=1)


# pictures ---------------------------------------------------------------------------------------
AXES = (
    "1e-5:1e-2",
    "-1e-2:-1e-5",
    "-1e290:-1e-290",
    "0:1e290:lin",
    "1e-290:1e290",
    "-1e290:1e290:lin",
    "-2:-1",
)


@pytest.mark.parametrize("x", AXES)
def test_pictures_of_maps(x: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for y in AXES[2:4]:
        words = ["map", "alp", "--x", f"g_aff={x}", "--y", f"g_agg={y}", "--set=m_a=0.1", "--resolution=8"]
        assert main([*words, "-o", str(tmp_path / "m.png")]) == 0, capsys.readouterr().err


SLOW = [pytest.param(number, marks=pytest.mark.long) for number in (4, 5, 6)]


@pytest.mark.parametrize("number", [2, 7, *SLOW])
@pytest.mark.parametrize(
    "extra",
    [["--n-sigma", "1e-300"], ["--n-sigma", "1e300"], ["--criterion", "interval", "--input", "m_mu=1"]],
)
def test_figures(number: int, extra: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["figure", str(number), "-o", str(tmp_path / "f.png"), "--points", "3", *extra]
    assert main(words) == 0, capsys.readouterr().err


@pytest.mark.parametrize("grid", ["m_a=1e-290:1e290:3", "m_a=0:1:3:lin"])
def test_pictures_of_bounds(grid: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for extra in (["--n-sigma", "1e300"], ["--criterion", "interval", "--n-sigma", "1e-300"]):
        words = ["bound", "alp", "--on", "g_aff", "--vary", grid, *extra, "--plot", str(tmp_path / "b.png")]
        assert main(words) == 0, capsys.readouterr().err


@pytest.mark.parametrize("command", ["show", "check", "models", "line"])
def test_formulas_and_proofs(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = {
        "show": ["show", "axial_vector", "--format", "latex"],
        "check": ["check", "dark_photon", "--lepton", "mu"],
        "models": ["models"],
        "line": ["line", "alp", "--vary", "m_a=1e-290:1e290:5"],
    }[command]
    assert main(words) == 0, capsys.readouterr().err
