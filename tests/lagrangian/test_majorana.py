"""Majorana fermions: cc(N) is N, and the bilinears that this relates are one."""

import itertools

import numpy as np
import pytest

from g2sym import lagrangian as g2
from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError
from g2sym.lagrangian import Bilinear, Boson, Gamma
from g2sym.lagrangian.algebra import canonical, majorana
from tests.lagrangian.test_algebra import CONJUGATION, string_matrix

N, M = g2.fermion("N", self_conjugate=True), g2.fermion("M", self_conjugate=True)
S, phi, V = g2.scalar("S"), g2.scalar("phi", charge=-1), g2.vector("V")
h = g2.parameter("h", complex=True)
g = g2.parameter("g")
REAL = frozenset({"M", "N"})
ONE = Coefficient.number(1)


def declared(text):
    fields = [
        f for f in (N, M, S, phi, V) if any(w in text for w in (f"{f.field.name}", f"({f.field.name})"))
    ]
    return g2.declare(text, fields=fields, parameters=[g, h])


def matrices(bar, string, field, bar_cc, field_cc, at):
    """The bilinear as coefficients of anticommuting components: a sum over pairs of independent fields.

    The components of a Dirac fermion x are those of x and of bar(x); cc(x) = C bar(x)^T, bar(cc(x)) =
    -x^T C^-1. A Majorana fermion has bar(N) = -N^T C^-1. Pairs are sorted, with a minus for each exchange.
    """
    inverse = np.linalg.inv(CONJUGATION)
    if bar in REAL or bar_cc:
        left, first = -inverse, bar
    else:
        left, first = np.eye(4), f"bar {bar}"
    if field_cc and field not in REAL:
        right, second = CONJUGATION, f"bar {field}"
    else:
        right, second = np.eye(4), field
    body = left @ string_matrix(string, at) @ right
    out = {}
    for a, b in itertools.product(range(4), repeat=2):
        one, other = (first, a), (second, b)
        if one == other:
            continue
        key, sign = ((one, other), 1) if one < other else ((other, one), -1)
        out[key] = out.get(key, 0) + sign * body[a, b]
    return {key: value for key, value in out.items() if abs(value) > 1e-12}


STRINGS = [
    (),
    (Gamma("gamma5"),),
    (Gamma("gamma", ("x",)),),
    (Gamma("gamma5"), Gamma("gamma", ("x",))),
    (Gamma("sigma", ("x", "y")),),
    (Gamma("gamma5"), Gamma("sigma", ("x", "y"))),
    (Gamma("gamma", ("x",)), Gamma("gamma5")),
]
ENDS = [("N", "mu"), ("mu", "N"), ("N", "N"), ("N", "M"), ("M", "N"), ("mu", "e"), ("mu", "mu")]


@pytest.mark.parametrize("ends", ENDS, ids=str)
@pytest.mark.parametrize("string", STRINGS, ids=range(len(STRINGS)))
@pytest.mark.parametrize("cc", list(itertools.product((False, True), repeat=2)), ids=str)
def test_the_canonical_form_is_the_same_bilinear_in_components(ends, string, cc):
    count = sum(len(gamma.indices) for gamma in string)
    indices = ("x", "y")[:count]
    bosons = [[], [Boson("V", "field", (), ("x",))], [Boson("V", "F", (), ("x", "y"))]][count]
    found = canonical(ONE, bosons, Bilinear(ends[0], string, ends[1], *cc), REAL)
    for values in itertools.product(range(4), repeat=count):
        if count == 2 and values[0] == values[1]:
            continue
        want = matrices(ends[0], string, ends[1], *cc, dict(zip(indices, values, strict=True)))
        total = {}
        for (row, line), coefficient in found.items():
            names = row[0].indices if row else ()
            size = complex(coefficient.fold(str, lambda re, im: complex(float(re), float(im))))
            at = dict(zip(names, values, strict=True))
            part = matrices(line.bar, line.string, line.field, line.bar_cc, line.field_cc, at)
            total = {k: total.get(k, 0) + size * part.get(k, 0) for k in {*total, *part}}
        assert {k: pytest.approx(v) for k, v in want.items()} == {
            k: v for k, v in total.items() if abs(v) > 1e-12
        }


def test_the_two_writings_are_one_operator():
    one = declared("h*phi*bar(mu)*PR*N + hc")
    assert declared("h*phi*bar(mu)*PR*cc(N) + hc").operators == one.operators
    assert declared("h*phi*bar(cc(N))*PR*cc(mu) + hc").operators == one.operators
    assert declared("h*phi*bar(N)*PR*cc(mu) + hc").operators == one.operators
    assert not any(o.bilinear.bar_cc or o.bilinear.field_cc for o in one.operators)
    assert declared(one.canonical_text).operators == one.operators
    doubled = declared("h*phi*bar(mu)*PR*N + h*phi*bar(N)*PR*cc(mu) + hc")
    assert [o.coefficient for o in doubled.operators] == [2 * o.coefficient for o in one.operators]


def test_bilinears_of_one_majorana_fermion():
    assert declared("g*S*bar(N)*N").operators
    assert declared("I*g*S*bar(N)*gamma5*N").operators
    assert declared("g*V(al)*bar(N)*gamma5*gamma(al)*N").operators
    for text in ("g*V(al)*bar(N)*gamma(al)*N", "g/m_V*F(V, al, be)*bar(N)*sigma(al, be)*N"):
        with pytest.raises(ModelError, match=r"vanishes identically .* of a fermion with its own charge"):
            declared(text)
    vector = declared("g*V(al)*bar(N)*gamma(al)*PR*N")
    assert vector.operators == declared("-1/2*g*V(al)*bar(N)*gamma5*gamma(al)*N").operators


def test_two_majorana_fermions_and_hermiticity():
    one = declared("I*g*V(al)*bar(M)*gamma(al)*N")
    assert one.operators == declared("-I*g*V(al)*bar(N)*gamma(al)*M").operators
    with pytest.raises(ModelError, match="minus its own Hermitian conjugate; multiply it by I"):
        declared("g*V(al)*bar(M)*gamma(al)*N")
    with pytest.raises(ModelError, match="not Hermitian"):
        declared("h*phi*bar(mu)*PR*N")
    assert g2.conjugate(one.operators, {**g2.STANDARD_MODEL, **one.fields}) == one.operators


def test_a_lepton_may_stand_in_the_place_of_f():
    generic = declared("h*phi*bar(f)*PR*N + hc")
    for lepton in g2.LEPTONS:
        named = declared(f"h*phi*bar({lepton})*PR*N + hc")
        assert generic.for_lepton(lepton) == named.for_lepton(lepton)


def test_what_may_be_its_own_conjugate():
    assert N.field.is_majorana
    assert not g2.fermion("N").field.is_majorana
    assert not S.field.is_majorana
    assert majorana({"N": N.field, "S": S.field}) == {"N"}
    with pytest.raises(ModelError, match="a charged field cannot be its own conjugate; drop self_conjugate"):
        g2.fermion("E", charge=-1, self_conjugate=True)
    with pytest.raises(ModelError, match="a colour triplet differs from its conjugate"):
        g2.fermion("E", colour=3, self_conjugate=True)
    dirac = g2.declare("h*phi*bar(mu)*PR*N + hc", fields=[g2.fermion("N"), phi], parameters=[h])
    assert dirac.digest != declared("h*phi*bar(mu)*PR*N + hc").digest


MODEL = """
schema = 1
name = "heavy"
lagrangian = "g*phi*bar(mu)*PR*N + hc"
[fields.phi]
spin = 0
charge = {charge}
[fields.N]
spin = "1/2"
charge = {fermion}
self_conjugate = true
[parameters.g]
dimension = 0
"""


def test_the_key_of_a_model_file():
    model = g2.parse_declaration(MODEL.format(charge=-1, fermion=0).encode(), "x")
    assert model.field("N").is_majorana
    with pytest.raises(ModelError, match="field 'N': a charged field cannot be its own conjugate"):
        g2.parse_declaration(MODEL.format(charge=0, fermion=-1).encode(), "x")
