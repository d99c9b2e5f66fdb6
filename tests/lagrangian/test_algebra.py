"""The operator algebra against explicit 4x4 matrices and random tensors."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym.base.coefficients import Coefficient
from g2sym.errors import UnsupportedError
from g2sym.lagrangian import STANDARD_MODEL, Bilinear, Boson, Gamma, new_field
from g2sym.lagrangian.algebra import (
    canonical,
    charge_transpose,
    collect,
    dagger,
    dirac_adjoint,
    gamma5_left,
    mass_eigenstates,
)
from g2sym.lagrangian.operators import Operator

METRIC = np.diag([1.0, -1, -1, -1])
_PAULI = [np.array(m, complex) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]
_ZERO, _ONE = np.zeros((2, 2)), np.eye(2)
GAMMA = [np.block([[_ONE, _ZERO], [_ZERO, -_ONE]]).astype(complex)]
GAMMA += [np.block([[_ZERO, p], [-p, _ZERO]]) for p in _PAULI]
GAMMA5 = 1j * GAMMA[0] @ GAMMA[1] @ GAMMA[2] @ GAMMA[3]
CONJUGATION = 1j * GAMMA[2] @ GAMMA[0]
EPSILON = np.zeros((4, 4, 4, 4))
for permutation in itertools.permutations(range(4)):
    EPSILON[permutation] = np.linalg.det(np.eye(4)[list(permutation)])  # epsilon^{0123} = +1

FIELDS = {**STANDARD_MODEL, "s": new_field("s", 0), "phi": new_field("phi", 0, charge=1)}


def matrix(g, at):
    if g.kind == "gamma5":
        return GAMMA5
    if g.kind == "gamma":
        return GAMMA[at[g.indices[0]]]
    a, b = (GAMMA[at[i]] for i in g.indices)
    return 0.5j * (a @ b - b @ a)


def string_matrix(string, at):
    out = np.eye(4, dtype=complex)
    for g in string:
        out = out @ matrix(g, at)
    return out


def tensor(boson):
    """Random components with upper indices, derivatives first; the same for the same boson."""
    n = len(boson.derivatives)
    seed = [ord(c) for c in boson.field] + [n]
    strong = boson.kind != "field"
    rank = n + (2 if strong else len(boson.indices))
    seed += [2 * strong + boson.conjugated]
    random = np.random.default_rng(seed).normal(size=(4,) * rank)
    if n == 2:
        random = random + np.swapaxes(random, 0, 1)
    if strong:
        random = random - np.swapaxes(random, -1, -2)
    if boson.kind == "Fdual":
        random = 0.5 * np.einsum("abcd,ce,df,...ef->...ab", EPSILON, METRIC, METRIC, random)
    return random


def number(value):
    return complex(
        value.fold(lambda n: {"g": 0.7, "h": -1.3}[n], lambda re, im: complex(float(re), float(im)))
    )


def numeric(bosons, bilinear):
    """Contract everything numerically; spinor components are fixed random numbers."""
    string = bilinear.string if bilinear else ()
    names = sorted(
        {i for b in bosons for i in (*b.derivatives, *b.indices)} | {i for g in string for i in g.indices}
    )
    tensors = [tensor(b) for b in bosons]
    rng = np.random.default_rng(5)
    left, right = rng.normal(size=(2, 4)) + 1j * rng.normal(size=(2, 4))
    total = 0j
    for values in itertools.product(range(4), repeat=len(names)):
        at = dict(zip(names, values, strict=True))
        term = np.prod([METRIC[v, v] for v in values]).astype(complex)
        for b, t in zip(bosons, tensors, strict=True):
            term = term * t[tuple(at[i] for i in (*b.derivatives, *b.indices))]
        if bilinear:
            term = term * (left @ string_matrix(string, at) @ right)
        total += term
    return total


gammas = st.sampled_from(
    [Gamma("gamma5"), Gamma("gamma", ("al",)), Gamma("gamma", ("be",)), Gamma("sigma", ("al", "be"))]
)


@given(st.lists(gammas, max_size=6), st.tuples(st.integers(0, 3), st.integers(0, 3)))
def test_string_rules_hold_for_explicit_matrices(string, values):
    at = dict(zip(("al", "be"), values, strict=True))
    explicit = string_matrix(string, at)
    sign, turned = dirac_adjoint(string)
    assert np.allclose(GAMMA[0] @ explicit.conj().T @ GAMMA[0], sign * string_matrix(turned, at))
    sign, moved = gamma5_left(string)
    assert np.allclose(explicit, sign * string_matrix(moved, at))
    assert all(g.kind != "gamma5" for g in moved[1:])
    sign, turned = charge_transpose(string)
    assert np.allclose(
        CONJUGATION @ explicit.T @ np.linalg.inv(CONJUGATION), sign * string_matrix(turned, at)
    )


def test_axial_current_of_the_alp_is_hermitian():
    for m in range(4):
        current = GAMMA5 @ GAMMA[m]
        assert np.allclose(GAMMA[0] @ current.conj().T @ GAMMA[0], current)
    assert np.allclose(GAMMA[0] @ (1j * GAMMA5).conj().T @ GAMMA[0], 1j * GAMMA5)


F, Fdual = "F", "Fdual"
SAMPLES = [
    ([Boson("s", derivatives=("x",))], ("gamma5", "gamma x")),
    ([Boson("s", derivatives=("x",))], ("gamma x", "gamma5")),
    ([Boson("Z", F, (), ("x", "y"))], ("gamma x", "gamma y")),
    ([Boson("Z", F, (), ("y", "x"))], ("gamma x", "gamma5", "gamma y")),
    ([Boson("Z", Fdual, (), ("y", "x"))], ("sigma x y",)),
    ([Boson("Z", "field", (), ("x",)), Boson("B", "field", (), ("y",))], ("gamma x", "gamma y")),
    ([Boson("Z", "field", (), ("x",)), Boson("B", "field", (), ("y",))], ("sigma y x",)),
    ([Boson("s", derivatives=("x", "y"))], ("gamma x", "gamma y")),
    ([Boson("s"), Boson("B", Fdual, (), ("x", "y")), Boson("A", F, (), ("x", "y"))], None),
    ([Boson("s"), Boson("B", Fdual, (), ("x", "y")), Boson("A", Fdual, (), ("y", "x"))], None),
    ([Boson("s"), Boson("A", Fdual, (), ("x", "y")), Boson("A", F, (), ("x", "y"))], None),
    (
        [Boson("s", derivatives=("z", "x")), Boson("A", F, (), ("x", "y")), Boson("Z", F, (), ("z", "y"))],
        None,
    ),
    (
        [Boson("s", derivatives=("z", "x")), Boson("A", F, (), ("x", "y")), Boson("A", F, (), ("z", "y"))],
        None,
    ),
    ([Boson("Z", F, (), ("x", "y")), Boson("Z", "field", (), ("x",)), Boson("B", "field", (), ("y",))], None),
]


@pytest.mark.parametrize(("bosons", "string"), SAMPLES, ids=range(len(SAMPLES)))
def test_canonical_form_keeps_the_value(bosons, string):
    bilinear = None
    if string is not None:
        parsed = tuple(Gamma(w.split()[0], tuple(w.split()[1:])) for w in string)
        bilinear = Bilinear("mu", parsed, "mu")
    before = numeric(bosons, bilinear)
    after = sum(
        number(c) * numeric(*s) for s, c in canonical(Coefficient.number(1), bosons, bilinear).items()
    )
    assert before == pytest.approx(after)


@pytest.mark.parametrize(("bosons", "string"), SAMPLES, ids=range(len(SAMPLES)))
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_canonical_form_does_not_depend_on_the_writing(bosons, string, data):
    rename = dict(zip("xyz", data.draw(st.permutations("pqr")), strict=True))
    parsed = () if string is None else tuple(Gamma(w.split()[0], tuple(w.split()[1:])) for w in string)

    def renamed(indices):
        return tuple(rename[i] for i in indices)

    def form(bosons, gammas):
        end = None if string is None else Bilinear("mu", gammas, "mu")
        return canonical(Coefficient.symbol("g"), bosons, end)

    row = [b._replace(derivatives=renamed(b.derivatives), indices=renamed(b.indices)) for b in bosons]
    turned = tuple(Gamma(g.kind, renamed(g.indices)) for g in parsed)
    assert form(bosons, parsed) == form(data.draw(st.permutations(row)), turned)
    twice = {}
    for (inner, end), value in form(bosons, parsed).items():
        for structure, more in canonical(value, inner, end).items():
            twice[structure] = more
    assert twice == form(bosons, parsed)


@pytest.mark.parametrize(
    "bosons",
    [
        [Boson("s"), Boson("A", F, (), ("x", "x"))],
        [Boson("s", derivatives=("x", "y")), Boson("A", F, (), ("x", "y"))],
        [Boson("Z", "field", (), ("x",)), Boson("Z", "field", (), ("y",)), Boson("A", F, (), ("x", "y"))],
    ],
)
def test_antisymmetry_makes_terms_vanish(bosons):
    assert canonical(Coefficient.number(1), bosons, None) == {}


def test_dagger_twice_is_nothing_and_flips_complex_fields():
    bosons = (Boson("phi"), Boson("s"))
    bilinear = Bilinear("e", (Gamma("gamma5"),), "mu", False, True)
    sign, flipped, turned = dagger(bosons, bilinear, FIELDS)
    assert flipped == (Boson("phi", conjugated=True), Boson("s"))
    assert turned == Bilinear("mu", (Gamma("gamma5"),), "e", True, False)
    back_sign, *back = dagger(flipped, turned, FIELDS)
    assert (sign * back_sign, *back) == (1, bosons, bilinear)


def test_charge_conjugate_ends_are_brought_to_one_form():
    one = Coefficient.number(1)
    both = canonical(one, [Boson("s")], Bilinear("e", (Gamma("gamma5"),), "mu", True, True))
    assert both == canonical(one, [Boson("s")], Bilinear("mu", (Gamma("gamma5"),), "e"))
    single = canonical(one, [Boson("s")], Bilinear("mu", (), "e", True, False))
    assert single == canonical(one, [Boson("s")], Bilinear("e", (), "mu", True, False))
    vector = [Boson("Z", "field", (), ("x",))]
    # bar(cc(x)) gamma x is antisymmetric and vanishes, with gamma5 it stays
    assert canonical(one, vector, Bilinear("e", (Gamma("gamma", ("x",)),), "e", True, False)) == {}
    axial = (Gamma("gamma5"), Gamma("gamma", ("x",)))
    assert canonical(one, vector, Bilinear("e", axial, "e", True, False))


def test_more_than_two_gamma_matrices_and_too_many_bosons_are_unsupported():
    long = Bilinear("e", tuple(Gamma("gamma", (i,)) for i in "xyz"), "e")
    with pytest.raises(UnsupportedError, match="more than two gamma matrices"):
        canonical(Coefficient.number(1), [], long)
    with pytest.raises(UnsupportedError, match="equivalent ways"):
        canonical(Coefficient.number(1), [Boson("s")] * 9, None)


def test_rotation_to_photon_and_z_gives_the_known_couplings():
    g, h = Coefficient.symbol("g_aBB"), Coefficient.symbol("g_aWW")
    sin, cos = Coefficient.symbol("sin_w"), Coefficient.symbol("cos_w")
    operators = collect(
        (value / -4, [Boson("a"), Boson(v, F, (), ("x", "y")), Boson(v, Fdual, (), ("x", "y"))], None)
        for value, v in ((g, "B"), (h, "W3"))
    )
    found = {tuple(b.field for b in o.bosons[1:]): o.coefficient for o in mass_eigenstates(operators)}
    assert found["A", "A"] == (g * cos**2 + h * sin**2) / -4  # Eq. (5)
    assert found["A", "Z"] == (h - g) * sin * cos / -2  # Eq. (6)
    assert found["Z", "Z"] == (g * sin**2 + h * cos**2) / -4


def test_operators_print_their_parts():
    operator = Operator(
        Coefficient.symbol("g") + Coefficient.symbol("h"),
        (Boson("phi", "field", ("al",), (), True), Boson("Z", "field", (), ("be",))),
        Bilinear("e", (Gamma("gamma5"), Gamma("sigma", ("al", "be"))), "mu", True, False),
    )
    assert operator.text() == "(g + h)*d(al, bar(phi))*Z(be)*bar(cc(e))*gamma5*sigma(al, be)*mu"
    assert operator.fields == ("phi", "Z", "e", "mu")
    assert operator.dimension == 6
