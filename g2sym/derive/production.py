"""l+ l- to photon and mediator at tree level: amplitudes, their square, and integrals over the angle.

p1 is the lepton, p2 the antilepton, k the photon and P the mediator; s = (p1 + p2)^2, a = p1.k, b = p2.k. In
the centre-of-mass frame a, b = K (1 -+ beta cos)/2 with K = (s - M^2)/2 and beta = sqrt(1 - 4 m^2/s), and

    d sigma/d cos = (1 - M^2/s)/(32 pi s beta) times the squared amplitude, averaged over initial spins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.processes import plain
from g2sym.derive.bosons import BosonVertex, boson_vertices
from g2sym.derive.channels import conjugate, created_by, field_of
from g2sym.derive.contributions import Pending
from g2sym.derive.dirac import BOSON, GAMMA5, String, product
from g2sym.derive.gauge import CHARGE, E_EM, standard_vertices
from g2sym.derive.squares import PHOTON, Dots, Line, Piece, Squares, strings
from g2sym.derive.vertices import Vertex, line_vertices, particle
from g2sym.integrals.elementary import Condition, Elementary, Key, Log
from g2sym.integrals.feynman import Diagram
from g2sym.integrals.rational import Frac, Poly, by_powers, constant, gen
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.operators import Operator

S, A, B, LEPTON = gen("s"), gen("a"), gen("b"), gen("m")
"""s, p1.k, p2.k and the lepton's mass: what squared amplitudes are rational functions of."""
MEDIATOR = S - 2 * A - 2 * B
"""M^2 of the mediator."""
VECTORS = {
    **{"p1": (1, 0, 0), "p2": (0, 1, 0), "k": (0, 0, 1)},
    **{"P": (1, 1, -1), "q": (1, 1, 0), "p1-k": (1, 0, -1), "k-p2": (0, -1, 1)},
}
GRAM = (
    (LEPTON**2, (S - 2 * LEPTON**2) / 2, A),
    ((S - 2 * LEPTON**2) / 2, LEPTON**2, B),
    (A, B, constant(0)),
)


def dots() -> Dots:
    """Return the products of the momenta by name."""
    return Dots(VECTORS, GRAM)


def squares(vector: bool) -> Squares:
    """Return how the amplitude is squared: vbar(p2) X u(p1), and the mediator's polarisations."""
    return Squares(dots(), ("p2", -LEPTON), ("p1", LEPTON), ("P", MEDIATOR) if vector else None)


@dataclass(frozen=True)
class Exchange:
    """A boson in the s channel: its mass symbol and its width's, None where there is none."""

    name: str
    mass: str | None
    width: str | None


def amplitude(
    declaration: Declaration, lepton: str, mediator: str, conventions: Conventions
) -> tuple[list[Piece], dict[str, Exchange], list[Pending]]:
    """Return the pieces of the amplitude l+ l- to photon and mediator, over i.

    Returns the pieces with labels "lepton" and those of bosons in the s channel, these bosons by name, and
    what is not derived.
    """
    operators = declaration.for_lepton(lepton)
    pieces: list[Piece] = []
    exchanges: dict[str, Exchange] = {}
    pending: list[Pending] = []
    for operator in operators:
        vertices = line_vertices(operator)
        for v in vertices or ():
            if creates(declaration, v.boson, v.conjugated, mediator) and _on_line(v, lepton):
                pieces += _emission(v)
        for boson in boson_vertices(operator) or ():
            for between, coefficient in _between(declaration, boson, mediator):
                lines = _currents(declaration, lepton, between, conventions)
                plain_lines = [one for one in lines if not set(one[0]) - {BOSON, GAMMA5}]
                if plain_lines:
                    exchanges[between] = _exchange(declaration, between)
                    pieces += _annihilation(boson, coefficient, exchanges[between], plain_lines, conventions)
                for weight in (c for s, c in lines if set(s) - {BOSON, GAMMA5}):
                    text = f"the dipole coupling of {between} to {lepton} with {operator.text()}"
                    reason = "field strengths on the lepton's line in the s channel are not derived"
                    pending.append(Pending(weight * coefficient, text, reason))
        if vertices is None and boson_vertices(operator) is None and _feeds(operator, lepton, mediator):
            reason = "the engine has no Feynman rule for it in this process"
            pending.append(Pending(operator.coefficient, f"the term {operator.text()}", reason))
        for weight in _through_scalar(operators, operator, lepton, mediator):
            reason = "a scalar in the s channel of this process is not derived"
            pending.append(Pending(weight, f"the term {operator.text()}", reason))
        for v in vertices or ():
            if v.boson == "A" and _on_line(v, lepton):
                reason = "the photon's dipole coupling in this process is not derived"
                pending.append(Pending(v.coefficient, f"the term {operator.text()}", reason))
    return pieces, exchanges, pending


def _feeds(operator: Operator, lepton: str, mediator: str) -> bool:
    """True when a term makes photon and mediator of two leptons, or one of them with the other's help."""
    left = [b.field for b in operator.bosons]
    if plain(mediator) not in left:
        return False
    left.remove(plain(mediator))
    if operator.bilinear is None:  # through a boson in the s channel
        return len(left) == 2 and "A" in left
    return {operator.bilinear.bar, operator.bilinear.field} == {lepton} and left in ([], ["A"])


def _through_scalar(
    operators: Iterable[Operator], operator: Operator, lepton: str, mediator: str
) -> Iterator[Coefficient]:
    """Yield the couplings with which leptons become a scalar, and that photon and a mediating vector."""
    for boson in boson_vertices(operator) or ():
        names = sorted(b.field for b in boson.vectors)
        if names != sorted(("A", plain(mediator))):
            continue
        for other in operators:
            for v in line_vertices(other) or ():
                if v.boson == boson.scalar.field and _on_line(v, lepton):
                    yield boson.coefficient * v.coefficient


def creates(declaration: Declaration, field: str, conjugated: bool, name: str) -> bool:
    """True when a factor of an operator creates a particle: of a complex field its conjugate does."""
    own = particle(declaration, field).field
    return field == plain(name) and (own.self_conjugate or conjugated != name.startswith("bar("))


def _on_line(vertex: Vertex, lepton: str) -> bool:
    return vertex.fermion_in == vertex.fermion_out == lepton


def _emission(vertex: Vertex) -> Iterator[Piece]:
    """Yield the two diagrams in which the lepton's line emits photon and mediator."""
    one = constant(1)
    own = strings(vertex.string, "P")
    photon: Line = {(PHOTON,): one}
    before = product(own, {("p1-k",): one, (): LEPTON}, photon)
    after = product(photon, {("k-p2",): one, (): LEPTON}, own)
    charge = E_EM * -CHARGE
    coupling = vertex.rule(emitted=True) * charge
    # i i i from two vertices and a propagator i (p + m)/(p^2 - m^2), p^2 - m^2 = -2 a or -2 b
    for line, below in ((before, 2 * A), (after, 2 * B)):
        yield Piece(coupling, Frac.of(1, below), tuple(line.items()), label="lepton")


def _between(
    declaration: Declaration, boson: BosonVertex, mediator: str
) -> Iterator[tuple[str, Coefficient]]:
    """Yield the bosons that turn into photon and mediator at a vertex, with its coefficient."""
    names = [b.field for b in boson.vectors]
    if not creates(declaration, boson.scalar.field, boson.scalar.conjugated, mediator) or "A" not in names:
        return
    other = boson.vectors[1] if names[0] == "A" else boson.vectors[0]
    created = created_by(declaration, other)  # the vertex annihilates the antiparticle of that
    yield conjugate(created, field_of(declaration, created)), boson.coefficient


def _exchange(declaration: Declaration, name: str) -> Exchange:
    if name == "A":
        return Exchange("A", None, None)
    own = particle(declaration, plain(name))
    return Exchange(name, own.mass, "Gamma_Z" if name == "Z" else own.field.width_symbol)


def _currents(
    declaration: Declaration, lepton: str, name: str, conventions: Conventions
) -> list[tuple[String, Coefficient]]:
    """Return the couplings of the boson in the s channel to the lepton, as strings with coefficients."""
    if name == "A":
        return [((BOSON,), E_EM * -CHARGE)]
    own = [
        v
        for operator in declaration.for_lepton(lepton)
        for v in line_vertices(operator) or ()
        if creates(declaration, v.boson, v.conjugated, name) and _on_line(v, lepton)
    ]
    if name == "Z" and conventions.standard_model == "present":
        own += standard_vertices(lepton, "Z")
    return [(v.string, v.coefficient) for v in own]


def _annihilation(
    vertex: BosonVertex,
    coefficient: Coefficient,
    exchange: Exchange,
    currents: Iterable[tuple[String, Coefficient]],
    conventions: Conventions,
) -> Iterator[Piece]:
    """Yield the diagram in which the leptons annihilate into a boson that turns into photon and mediator.

    With q in and k out F F gives 2 [(q.k) g^{bd} - k^b q^d] and F Fdual 2 eps^{q b k d}, times i c; the
    propagator is -i g/(q^2 - m^2 + i m Gamma), its q q part drops out. gamma_b eps^{q b k d} is
    i e gamma5 gamma^{[q} gamma^k gamma^{d]} in four dimensions, e = eps^{0123}.
    """
    dual_sign = int(conventions.epsilon0123)
    for string, coupling in currents:
        front = tuple(t for t in string if t == GAMMA5)
        for real, propagator in _propagator(exchange):
            total = coupling * coefficient * 2 * (Coefficient.number(1) if real else Coefficient.number(0, 1))
            label = exchange.name
            if vertex.dual:
                total = total * Coefficient.number(0, dual_sign)
                yield Piece(total, propagator, tuple(_chisholm(front).items()), label=label)
                continue
            metric: Line = {(*front, PHOTON): dots()["q", "k"]}
            yield Piece(total, propagator, tuple(metric.items()), label=label)
            along: Line = {(*front, "k"): constant(-1)}
            yield Piece(total, propagator, tuple(along.items()), photon="q", label=label)


def _chisholm(front: String) -> Line:
    """Return gamma5 gamma^{[q} gamma^k gamma^{photon]} behind a string."""
    out: Line = {}
    three = ("q", "k", PHOTON)
    for places, sign in (
        ((0, 1, 2), 1), ((1, 2, 0), 1), ((2, 0, 1), 1), ((0, 2, 1), -1), ((2, 1, 0), -1), ((1, 0, 2), -1)
    ):  # fmt: skip
        out[(*front, GAMMA5, *(three[p] for p in places))] = constant(sign) / 6
    return out


def _propagator(exchange: Exchange) -> list[tuple[bool, Frac]]:
    """Return the real part of 1/(s - m^2 + i m Gamma), and the imaginary one over i."""
    if exchange.mass is None:
        return [(True, Frac.of(1, S))]
    own = plain(exchange.name)
    mass = gen(f"M_{own}")
    off = S - mass * mass
    if exchange.width is None:
        return [(True, Frac.of(1, off))]
    width = gen(f"G_{own}")
    below = off * off + mass * mass * width * width
    return [(True, Frac.of(off, below)), (False, Frac.of(-mass * width, below))]


# the squared amplitude in a frame ------------------------------------------------------------------
W, M, Y, C, CUT = gen("w"), gen("M"), gen("y"), gen("c"), gen("c_max")
"""sqrt(s), the mediator's mass, y = beta cos, cos, and the largest |cos|."""
ROOT = (W - 2 * LEPTON) * (W + 2 * LEPTON)
"""r^2 = s beta^2, the square of the root in every cross-section."""
FLAT: Key = ((), -1)
ROOTED: Key = ((0,), -1)
LOGARITHM: Key = ((), 0)
"""Multiples of 1, of r = sqrt(s) beta, and of ln((1 + beta c)/(1 - beta c))."""


def averaged(found: Frac, turned: bool = False) -> Frac:
    """Write a squared amplitude, averaged over initial spins, in w, M, m and y = beta cos.

    Parameters: ``turned``, whether the angle is that to the antilepton.
    """
    half = (W * W - M * M) / 4
    y = -Y if turned else Y
    put = {"s": W * W, "a": half * (1 - y), "b": half * (1 + y)}
    return Frac.of(found.num.substitute(put), 4 * found.den.substitute(put))


def differential(value: Frac, diagram: Diagram) -> Elementary:
    """Return 32 pi d sigma/d cos of an averaged square, zero beyond the cut."""
    flux = Frac.of(W * W - M * M, W**4)  # (1 - M^2/s)/s
    even, odd = _halves(value * flux)
    # over beta = r/w: an even part times w/r, an odd one, which is y = r c/w times an even one, times w/r
    parts = {ROOTED: even * Frac.of(W, ROOT), FLAT: odd * Frac.of(C)}
    cosine = Condition((1 - C) * (1 + C), "nonnegative", "{c} is no cosine: it has to be from -1 to 1.")
    inside = Condition((CUT - C) * (CUT + C), "nonnegative")
    conditions = (cosine, *_cut(CUT), *_physical(parts), inside)
    names = ("w", "m", "M", "c", "c_max", *_propagators(value))
    return Elementary.of(parts, names, diagram, (ROOT,), (), conditions)


def integrated(value: Frac, diagram: Diagram) -> Elementary:
    """Return 32 pi sigma of an averaged square, integrated over |cos| < c_max in closed form."""
    flux = Frac.of((W * W - M * M) * W * W, W**4 * ROOT)  # (1 - M^2/s)/(s beta^2), d cos = dy/beta
    even = (value + value.substitute({"y": -Y})) * Frac.of(1, 2) * flux
    v = gen("v")  # 1 - y^2
    rows = _in_square(even * Frac.of((1 - Y * Y) ** 2), 1 - v)
    top = Frac.of(CUT, W)  # over r, the largest y
    parts = {LOGARITHM: Frac.of(0), ROOTED: Frac.of(0)}
    for power, row in rows.items():
        if power == 0:  # int dy/(1 - y^2)^2 = Y/(1 - Y^2) + L/2
            parts[ROOTED] += row * Frac.of(CUT * W, W * W - ROOT * CUT * CUT)
            parts[LOGARITHM] += row * Frac.of(1, 2)
        elif power == 1:  # int dy/(1 - y^2) = L
            parts[LOGARITHM] += row
        else:
            for n, weight in by_powers((1 - Y * Y) ** (power - 2), "y").items():
                term = row * Frac.of(2 * weight, n + 1) * top
                for _ in range(n // 2):
                    term = term * top * top * Frac.of(ROOT)
                parts[ROOTED] += term
    conditions = (*_cut(CUT), *_physical(parts))
    names = ("w", "m", "M", "c_max", *_propagators(value))
    return Elementary.of(parts, names, diagram, (ROOT,), (Log(W, CUT, 0),), conditions)


def _halves(value: Frac) -> tuple[Frac, Frac]:
    """Return the even part in y and the odd one over y, with y^2 = r^2 c^2/w^2 put in."""
    mirrored = value.substitute({"y": -Y})
    even, odd = (value + mirrored) * Frac.of(1, 2), (value - mirrored) * Frac.of(1, 2 * Y)
    return _with_angle(even), _with_angle(odd)


def _with_angle(value: Frac) -> Frac:
    square = Frac.of(ROOT * C * C, W * W)
    out = []
    for poly in (value.num, value.den):
        total = Frac.of(0)
        for power, row in by_powers(poly, "y").items():
            if power % 2:
                raise ArithmeticError("an even function of the angle has odd powers")
            term = Frac.of(row)
            for _ in range(power // 2):
                term = term * square
            total = total + term
        out.append(total)
    return out[0] / out[1]


def _in_square(value: Frac, square: Poly) -> dict[int, Frac]:
    """Return an even polynomial in y over what does not depend on y, by powers of v; y^2 is ``square``."""
    if "y" in value.den.generators:
        raise ArithmeticError("an angular distribution has other poles than those of the lepton's line")
    total = constant(0)
    for power, row in by_powers(value.num, "y").items():
        if power % 2:
            raise ArithmeticError("an even function of the angle has odd powers")
        total = total + row * square ** (power // 2)
    return {n: Frac.of(row, value.den) for n, row in by_powers(total, "v").items()}


def _physical(parts: Mapping[Key, Frac]) -> Iterator[Condition]:
    """Yield where a cross-section has a meaning: colliding leptons, an open channel, finite propagators."""
    yield Condition(W - 2 * LEPTON, "positive", "{w} is not above 2 {m}: there are no colliding leptons.")
    every = [value for value in parts.values() if not value.is_zero]
    for name in sorted({n for value in every for n in value.den.generators if n.startswith("M_")}):
        mass, width = gen(name), gen(f"G_{name[2:]}")
        if not any(width.generators & value.den.generators for value in every):
            width = constant(0)
        else:
            negative = "{" + f"G_{name[2:]}" + "} is negative; a width is not."
            yield Condition(width, "nonnegative", negative)
        below = (W * W - mass * mass) ** 2 + (mass * width) ** 2
        sentence = f"{{w}} is exactly {{{name}}} and its width is zero, where the propagator is infinite."
        yield Condition(below, "nonzero", sentence)
    if any(value.den.substitute({"M": W}) == 0 for value in every):
        sentence = "{w} is exactly {M}, where the photon is infinitely soft and the cross-section infinite."
        yield Condition(W - M, "nonzero", sentence + " Move one of them.")
    if any(value.den.substitute({"M": constant(0)}) == 0 for value in every):
        yield Condition(M, "nonzero", "{M} is zero, where the longitudinal part diverges; give a mass.")
    yield Condition(W - M)


def _cut(cut: Poly) -> Iterator[Condition]:
    sentence = "{c_max} is no cut: |cos| is below a number from 0 to 1."
    yield Condition(cut, "nonnegative", sentence)
    yield Condition(1 - cut, "nonnegative", sentence)


def _propagators(value: Frac) -> list[str]:
    return sorted(n for n in value.den.generators | value.num.generators if n[:2] in ("M_", "G_"))
