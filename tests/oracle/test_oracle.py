"""The oracle by itself: all cases of the reference, gauge independence, integrals by quadrature,
identities."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest
from mpmath import mp, mpc, mpf

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle import Field, moments
from oracle.dirac import CHARGE, GAMMA, GAMMA5, LOWER, METRIC, ONE, PL, PR, Matrix, slash, transposed
from oracle.generate import KINDS, LEPTONS, random_model
from oracle.integrals import integral
from oracle.moments import goldstone
from oracle.reader import read, standard_fields
from oracle.traces import MASS, P1, P2, Q, flat, structures, triple_vertex

CASES = json.loads((Path(__file__).parents[1] / "reference" / "general.json").read_text())["cases"]
MOMENTS = [c for c in CASES if c["quantity"] in ("a_l", "d_over_e", "d_e_cm")]
HALF = Fraction(1, 2)


def declared(case: dict) -> dict[str, Field]:
    """The fields that a case of the reference declares."""
    found = {}
    for name, row in case["fields"].items():
        if not row.get("standard"):
            spin, charge = Fraction(row["spin"]), Fraction(row["charge"])
            mass = Fraction(case["inputs"].get(row["mass"], "0"))
            real = row.get("self_conjugate", spin != HALF and charge == 0)
            found[name] = Field(name, spin, charge, mass, real, row.get("colour", 1))
    return found


# the reference --------------------------------------------------------------------------------
def test_there_are_71_moments() -> None:
    assert len(MOMENTS) == 71


@pytest.mark.parametrize("case", MOMENTS, ids=lambda c: c["id"])
def test_every_case_of_the_reference_to_49_digits(case: dict) -> None:
    (lepton,) = case["leptons"]
    with mp.workdps(70):
        found = moments(case["lagrangian_text"], declared(case), case["inputs"], lepton, digits=52)
        got = found.a if case["quantity"] == "a_l" else found.d
        if case["quantity"] == "d_e_cm":
            got *= mpf("1.973269804e-14")  # hbar c in GeV cm
        want = mpc(case["value"]["re"], case["value"]["im"])
        if want:
            assert abs(got - want) < abs(want) * mpf("4e-50")  # the file has 50 digits
        else:
            assert abs(got) < found.size_a / mpf(LEPTONS[lepton]) * mpf("1e-60")


# matrices -------------------------------------------------------------------------------------
def test_algebra() -> None:
    for a in range(4):
        for b in range(4):
            assert np.array_equal(GAMMA[a] @ GAMMA[b] + GAMMA[b] @ GAMMA[a], 2 * METRIC[a, b] * ONE)
        assert np.array_equal(GAMMA[a] @ GAMMA5, -GAMMA5 @ GAMMA[a])
        assert np.array_equal(transposed(GAMMA[a] @ GAMMA5), GAMMA[a] @ GAMMA5)
        assert np.array_equal(transposed(GAMMA[a]), -GAMMA[a])
    assert np.array_equal(CHARGE @ CHARGE, -ONE)
    assert np.array_equal(transposed(GAMMA5), GAMMA5)


def test_kinematics() -> None:
    for p in (P1, P2):
        assert p @ METRIC @ p == MASS**2
    assert Q @ METRIC @ Q == 0


# gauges ---------------------------------------------------------------------------------------
def test_the_triple_vertices_follow_from_the_shift_of_the_vector() -> None:
    """The Yang-Mills Lagrangian with V -> V + D G/M, all its terms with one photon, up to q^mu (d_m F^{mn} =
    0)."""
    rng = np.random.default_rng(1)
    k1 = rng.integers(-5, 6, 4).astype(complex)
    k2, mass = k1 + Q, 3.0
    down1, down2, down_q = METRIC @ k1, METRIC @ k2, METRIC @ Q

    def dot(one: Matrix, two: Matrix) -> complex:
        return complex(np.sum(METRIC @ one @ METRIC * two))

    def curl(one: Matrix, two: Matrix) -> Matrix:
        return np.outer(one, two) - np.outer(two, one)

    found = triple_vertex(k1, k2)
    found[:4, 4] *= mass
    found[4, :4] *= mass
    full = np.zeros_like(found)
    none = np.zeros(4)
    for mu in range(4):
        a = np.eye(4)[mu]
        f = curl(-1j * down_q, a)
        for c in range(5):
            for d in range(5):
                v_in, g_in = (np.eye(4)[d], 0) if d < 4 else (none, 1)
                v_out, g_out = (np.eye(4)[c], 0) if c < 4 else (none, 1)
                # each factor without photon and with one; D_m D_n G - D_n D_m G = i e Q F_mn G
                curl_in, curl_out = curl(-1j * down1, v_in), curl(1j * down2, v_out)
                curl_in_a = 1j * curl(a, v_in) + 1j * f * g_in / mass
                curl_out_a = -1j * curl(a, v_out) - 1j * f * g_out / mass
                mass_in, mass_out = mass * v_in - 1j * down1 * g_in, mass * v_out + 1j * down2 * g_out
                full[c, d, mu] = (
                    -(dot(curl_out, curl_in_a) + dot(curl_out_a, curl_in)) / 2
                    + mass_out @ METRIC @ (1j * a * g_in)
                    + (-1j * a * g_out) @ METRIC @ mass_in
                    + 1j * dot(f, np.outer(mass_out, mass_in)) / mass**2
                )
    rest = (full - found).reshape(25, 4)
    # what is left is a multiple of q^mu: components 0 and 3 of Q vanish, 2 is i times 1
    assert np.allclose(rest[:, [0, 3]], 0)
    assert np.allclose(rest[:, 2], 1j * rest[:, 1])
    assert not np.allclose(found, 0)


Parts = Callable[[Matrix, float, float], Matrix]


def dipole_integral(
    numerator: Parts, pair: float, other: float, weight: Callable[[float, float], float]
) -> Matrix:
    """B and B5 of int d^4l N/(four propagators, one twice): int weight (N_0/Delta^2 - g_ab N^ab/(2 Delta)).

    3! int d^4l/(l^2 - Delta)^4 = i pi^2/Delta^2 and l^a l^b -> g^{ab} l^2/4 with -i pi^2 2/Delta; the fourth
    order in l has gamma^mu alone. ``weight`` is the Feynman parameter of the propagator that stands twice.
    """
    solver = structures()[1]
    steps = list(np.eye(4, dtype=complex))

    def orders(x1: float, x2: float) -> tuple[Matrix, Matrix]:
        zero = numerator(np.zeros(4), x1, x2)
        tensor = np.zeros_like(zero)
        for a, step in enumerate(steps):
            one, two = ((numerator(n * step, x1, x2) + numerator(-n * step, x1, x2)) / 2 for n in (1, 2))
            tensor += METRIC[a, a] * (16 * one - two - 15 * zero) / 12
        return (solver @ flat(zero))[[1, 4]], (solver @ flat(tensor))[[1, 4]]

    size = 5
    vandermonde = np.linalg.inv(np.vander(np.arange(size) / 4, increasing=True))
    grid = [[orders(i / 4, j / 4) for j in range(size)] for i in range(size)]
    values = np.array([[np.concatenate(g) for g in row] for row in grid])
    poly = np.einsum("ai,bj,ijn->abn", vandermonde, vandermonde, values)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    nodes, weights = (nodes + 1) / 2, weights / 2
    total = np.zeros(2, dtype=complex)
    for s, ws in zip(nodes, weights, strict=True):
        delta = s * pair**2 + (1 - s) * other**2 - s * (1 - s) * MASS**2
        for u, wu in zip(nodes, weights, strict=True):
            x1, x2 = s * u, s * (1 - u)
            point = np.einsum("abn,a,b->n", poly, x1 ** np.arange(size), x2 ** np.arange(size))
            total += ws * wu * s * weight(x1, x2) * (point[:2] / delta**2 - point[2:] / (2 * delta))
    return total


HEAVY, INNER = 4.0, 3.0
OUT, INTO = (0.5 + 0.25j, -1.0 + 0.5j), (0.75, 0.5 - 1.5j)


def vertex_matrices() -> tuple[list[Matrix], list[Matrix]]:
    """Vertices of V_0 .. V_3 and G at either end."""
    found = []
    for pair, masses in ((OUT, (MASS, INNER)), (INTO, (INNER, MASS))):
        shifted = [complex(x) / HEAVY for x in goldstone(pair, *(Fraction(int(m)) for m in masses))]
        plain, scalar = (x * PL + y * PR for x, y in (pair, shifted))
        found.append([g @ plain for g in GAMMA] + [scalar])
    return found[0], found[1]


def test_the_dipole_does_not_depend_on_the_gauge_with_the_photon_on_the_fermion() -> None:
    """d/dxi of the R_xi gauge at xi = 1: -g -> -k k/(k^2 - M^2) and 1 -> M^2/(k^2 - M^2), vector and
    Goldstone."""
    out, into = vertex_matrices()

    def part(vector: bool) -> Matrix:
        def numerator(loop: Matrix, x1: float, x2: float) -> Matrix:
            k = loop + x1 * P1 + x2 * P2
            low = METRIC @ k
            line = [(slash(P2 - k) + INNER * ONE) @ g @ (slash(P1 - k) + INNER * ONE) for g in GAMMA]
            if not vector:
                return HEAVY**2 * np.array([out[4] @ p @ into[4] for p in line])
            left, right = (sum(low[a] * side[a] for a in range(4)) for side in (out, into))
            return -np.array([left @ p @ right for p in line])

        return dipole_integral(numerator, INNER, HEAVY, lambda x1, x2: 1 - x1 - x2)

    longitudinal, scalar = part(True), part(False)
    assert min(abs(longitudinal)) > 1e-3
    assert np.allclose(longitudinal, -scalar, rtol=1e-11, atol=0)


def test_the_dipole_does_not_depend_on_the_gauge_with_the_photon_on_the_boson() -> None:
    """The same for either boson propagator, with all four vertices of the photon."""
    out, into = vertex_matrices()
    metric = np.zeros((5, 5), dtype=complex)
    metric[:4, :4], metric[4, 4] = -METRIC, 1

    # the vertex is linear in k1 at fixed q
    start = triple_vertex(np.zeros(4), Q)
    slopes = np.array([triple_vertex(step, step + Q) - start for step in np.eye(4, dtype=complex)])
    left, right = np.array(out), np.array(into)

    def longitudinal(k: Matrix) -> Matrix:
        found = np.zeros((5, 5), dtype=complex)
        low = METRIC @ k
        found[:4, :4], found[4, 4] = -np.outer(low, low), HEAVY**2
        return found

    def part(first: bool, kinds: str) -> Matrix:
        def numerator(loop: Matrix, x1: float, x2: float) -> Matrix:
            k1 = loop + (1 - x1 - x2) * P1 - x2 * Q
            tau = start + np.einsum("k,kabm->abm", k1, slopes)
            tau[:4, 4] *= HEAVY
            tau[4, :4] *= HEAVY
            if "G" not in kinds:
                tau[:, 4], tau[4, :] = 0, 0
            before, after = (longitudinal(k1), metric) if first else (metric, longitudinal(k1 + Q))
            joined = np.einsum("ac,cdm,db->abm", after, tau, before)
            line = left @ (slash(P1 - k1) + INNER * ONE)
            return np.einsum("abm,aij,bjk->mik", joined, line, right, optimize=True)

        return dipole_integral(numerator, HEAVY, INNER, (lambda x1, x2: x1) if first else (lambda x1, x2: x2))

    total = part(True, "VG") + part(False, "VG")
    vectors = part(True, "V") + part(False, "V")
    assert min(abs(vectors)) > 1e-3
    assert np.allclose(total, 0, rtol=0, atol=1e-11 * max(abs(vectors)))


# integrals ------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", range(12))
def test_integrals_by_quadrature(seed: int) -> None:
    """Below threshold on the real axis, above on a path about the zeros of Delta - i0."""
    rng = Random(seed)
    external = Fraction(1)
    numerator = [mpc(rng.uniform(-1, 1), rng.uniform(-1, 1)) for _ in range(4)]
    with mp.workdps(40):
        if seed % 2:
            first, second = Fraction(rng.randint(50, 900), 300), Fraction(rng.randint(300, 900), 300)
            path = [mpf(0), mpf(1) / 2, mpf(1)]
        else:
            first, second = Fraction(rng.randint(10, 45), 100), Fraction(rng.randint(10, 45), 100)
            slope, square = first**2 - second**2 - 1, (first**2 - second**2 - 1) ** 2 - 4 * second**2
            half = mp.sqrt(mpf(square.numerator) / square.denominator) / 2
            middle = -mpf(slope.numerator) / slope.denominator / 2
            # Delta' < 0 at the first zero: -i0 moves it down and the path goes above; then below the second
            path = [mpf(0), middle - half + mpc(0, 0.1), middle, middle + half - mpc(0, 0.1), mpf(1)]
        a, b = (mpf(x.numerator) ** 2 / x.denominator**2 for x in (first, second))

        def integrand(s: mpc) -> mpc:
            return mp.polyval(numerator[::-1], s) / (s * a + (1 - s) * b - s * (1 - s))

        want = mp.quad(integrand, path)
        got = integral(numerator, first**2, second**2, external)
        assert abs(got - want) < mpf("1e-30") * max(abs(want), 1)


@pytest.mark.parametrize(
    ("pair", "other", "numerator"),
    [
        ("0", "4", [0, 1, -1]),
        ("9", "0", [0, 1, 2]),
        ("1", "0", [0, 0, 3, 1]),
        ("0", "1/4", [0, 1, -1]),
        ("9", "4", [1]),
    ],
)
def test_massless_particles_and_the_pseudothreshold(pair: str, other: str, numerator: list[int]) -> None:
    with mp.workdps(40):
        a, b = Fraction(pair), Fraction(other)
        x, y = mpf(a.numerator) / a.denominator, mpf(b.numerator) / b.denominator

        def integrand(s: mpc) -> mpc:
            return mp.polyval(numerator[::-1], s) / (s * x + (1 - s) * y - s * (1 - s))

        # above the threshold 1/(1/4 - s - i0) has its pole below the real axis
        path = [mpf(0), mpf(1) / 4 + mpc(0, 0.1), mpf(1)] if b == Fraction(1, 4) else [mpf(0), mpf(1)]
        got = integral([mpc(n) for n in numerator], a, b, Fraction(1))
        assert abs(got - mp.quad(integrand, path)) < mpf("1e-30")


def test_what_diverges_is_said() -> None:
    with pytest.raises(ZeroDivisionError, match="massless"):
        integral([mpc(1)], Fraction(0), Fraction(4), Fraction(1))
    with pytest.raises(ZeroDivisionError, match="threshold"):
        integral([mpc(1)], Fraction(1, 4), Fraction(1, 4), Fraction(1))


# models ---------------------------------------------------------------------------------------
def near(one: mpc, two: mpc) -> bool:
    return abs(one - two) < mpf("1e-14") * abs(two)


def value(text: str, fields: list[Field], values: dict[str, str], lepton: str = "mu") -> tuple[mpc, mpc]:
    known = {f"m_{n}": v for n, v in LEPTONS.items()} | values
    found = moments(text, {f.name: f for f in fields}, known, lepton)
    return found.a, found.d


def test_two_majorana_fermions_of_opposite_cp_are_one_dirac_fermion() -> None:
    """N = (N1 + i N2)/sqrt2, with couplings of N and of cc(N)."""
    couplings = {"a": "0.3", "re_b": "-0.2", "im_b": "0.7", "c": "0.4", "h": "0.5"}
    boson = Field("H", Fraction(0), Fraction(-1), Fraction(300))
    dirac = Field("N", HALF, Fraction(0), Fraction(120))
    first, second = (replace(dirac, name=n, real=True) for n in ("N1", "N2"))
    one = value("H*bar(mu)*((a*PL + b*PR)*N + (c*PL + h*I*PR)*cc(N)) + hc", [boson, dirac], couplings)
    two = value(
        "H/sqrt(2)*bar(mu)*((a*PL + b*PR)*(N1 + I*N2) + (c*PL + h*I*PR)*(N1 - I*N2)) + hc",
        [boson, first, second],
        couplings,
    )
    assert near(one[0], two[0])
    assert near(one[1], two[1])
    alone = value("H*bar(mu)*((a*PL + b*PR)*N1 + (c*PL + h*I*PR)*cc(N1)) + hc", [boson, first], couplings)
    summed = value("H*bar(mu)*((a + c)*PL + (b + h*I)*PR)*N1 + hc", [boson, first], couplings)
    assert alone == summed


def test_a_complex_neutral_scalar_is_two_real_ones() -> None:
    numbers = {"re_y": "0.3", "im_y": "0.1", "re_z": "-0.2", "im_z": "0.5"}
    both = Field("S", Fraction(0), Fraction(0), Fraction(20))
    parts = [replace(both, name=n, real=True) for n in ("R", "J")]
    one = value("S*bar(mu)*(y*PL + z*PR)*mu + hc", [both], numbers)
    two = value("(R + I*J)/sqrt(2)*bar(mu)*(y*PL + z*PR)*mu + hc", parts, numbers)
    assert near(one[0], two[0])
    assert near(one[1], two[1])


def test_a_term_written_through_charge_conjugates_is_the_same() -> None:
    """bar(a) (L PL + R PR) b = bar(cc(b)) (L PL + R PR) cc(a); with gamma^mu the sign and the chirality
    change."""
    numbers = {"re_y": "0.3", "im_y": "0.1", "re_z": "-0.2", "im_z": "0.5"}
    inner = Field("N", HALF, Fraction(1, 3), Fraction(7))
    scalar, vector = (Field("X", Fraction(s), Fraction(-4, 3), Fraction(20)) for s in (0, 1))
    pairs = [
        (scalar, "X*bar(mu)*(y*PL + z*PR)*N + hc", "X*bar(cc(N))*(y*PL + z*PR)*cc(mu) + hc"),
        (
            vector,
            "X(al)*bar(mu)*gamma(al)*(y*PL + z*PR)*N + hc",
            "-X(al)*bar(cc(N))*gamma(al)*(y*PR + z*PL)*cc(mu) + hc",
        ),
    ]
    for boson, plain, turned in pairs:
        assert value(plain, [boson, inner], numbers) == value(turned, [boson, inner], numbers)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_models_below_and_one_that_is_reproduced(kind: str) -> None:
    for seed in range(5):
        model = random_model(Random(seed), (kind,))
        again = random_model(Random(seed), (kind,))
        assert (model.toml(), model.values) == (again.toml(), again.values)
        assert all(room > 0 for room in model.thresholds())
        found = model.expected()
        assert abs(found.a.imag) <= found.size_a * mpf("1e-25")


def test_models_above_a_threshold() -> None:
    """Complex values, the imaginary part of which is the cut: none without a decay."""
    for seed in range(5):
        model = random_model(Random(seed), ("neutral-scalar", "charged-vector"), above=True)
        assert any(room < 0 for room in model.thresholds())
        assert model.expected().size_a > 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("y*S*S*bar(mu)*mu", "two of boson"),
        ("y*S", "not one boson"),
        ("S*bar(mu)*gamma(al)*mu", "not one boson"),
        ("V(al)*bar(mu)*gamma(be)*mu", "an index stands alone"),
        ("V(al)*bar(mu)*gamma(al)*gamma(be)*mu", "more than one gamma"),
    ],
)
def test_what_the_reader_does_not_read(text: str, message: str) -> None:
    fields = standard_fields({f"m_{n}": v for n, v in LEPTONS.items()})
    fields |= {n: Field(n, Fraction(s), Fraction(0), Fraction(1), True) for n, s in (("S", 0), ("V", 1))}
    with pytest.raises(ValueError, match=message):
        read(text, fields, {"y": "1"})


def test_a_charge_that_is_not_conserved() -> None:
    boson = Field("S", Fraction(0), Fraction(1), Fraction(20))
    with pytest.raises(ValueError, match="charge is not conserved"):
        value("S*bar(mu)*mu + hc", [boson], {})


def test_lower_and_upper_matrices() -> None:
    assert np.array_equal(
        slash(np.array([1, 2, 3, 4])), sum(n * g for n, g in zip((1, 2, 3, 4), LOWER, strict=True))
    )
