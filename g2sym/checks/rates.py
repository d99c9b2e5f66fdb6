"""Statements about widths and cross-sections: identities of the amplitude and of what it is integrated to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from g2sym.base.classes import replace
from g2sym.base.meter import EACH, PAGE, exhausted, metered
from g2sym.base.names import Atom, ObservableName
from g2sym.base.processes import plain
from g2sym.checks.rate_algebra import Bound, adds_up_to_zero, derivative, is_zero
from g2sym.checks.table import CheckTable, Row
from g2sym.derive.channels import Channel, channels, field_of
from g2sym.derive.contributions import Contribution
from g2sym.derive.decays import LOOP, decay
from g2sym.derive.dirac import GAMMA5
from g2sym.derive.gauge import E_EM
from g2sym.derive.production import LEPTON, ROOT, W, amplitude, dots, squares
from g2sym.derive.squares import Piece, along_momentum
from g2sym.derive.terms import Term
from g2sym.errors import ModelError, UsageError
from g2sym.integrals.elementary import Elementary, Key, Log
from g2sym.integrals.feynman import Diagram
from g2sym.integrals.rational import Frac, constant, gen
from g2sym.lagrangian.fields import LEPTONS
from g2sym.model.observable import Observable
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.quantity import Quantity
from g2sym.observables.rate_parts import PI, PICOBARN
from g2sym.proofs.verdict import Proof, Verdict
from g2sym.queries.conditions import texts
from g2sym.queries.limits import series

TRACES = "traces over all spins and polarisations in four dimensions, exact in every mass"
ALGEBRA = "exact algebra: roots and logarithms as symbols, couplings and masses as polynomials"
EXPANDED = "exact expansion of roots and logarithms"


def check_rates(observable: Observable) -> CheckTable:
    """Verify what is stated about the widths and cross-sections in an observable; see `check_observable`."""
    quantity = observable.quantity
    rows: list[Row] = []
    total = sum(len(a.terms) for a in quantity.amplitudes)
    where = f"model '{quantity.model.name}', statements about {quantity.text}"
    with metered(PAGE + EACH * total, where):
        for atom in quantity.name.atoms:
            for proof in statements(quantity, atom):
                rows.append(Row(_lepton(atom), str(atom), proof))
        if len(quantity.name.atoms) > 1 or observable.name != str(quantity.name.atoms[0]):
            rows += [
                Row("-", observable.name, proof) for proof in _limits(quantity, _mediator_masses(quantity))
            ]
    leptons = tuple(dict.fromkeys(r.lepton for r in rows)) or ("-",)
    record = quantity.record()
    record.pop("lepton", None)
    return CheckTable(quantity.model.name, leptons, tuple(rows), record)


def _lepton(atom: Atom) -> str:
    names = (plain(n) for n in (*atom.arguments, *atom.products))
    return next((n for n in names if n in LEPTONS), "-")


def _mediator_masses(quantity: Quantity) -> list[tuple[str, object]]:
    return [(m, p) for m in sorted(quantity.masses & set(quantity.declaration.masses)) for p in (0, "oo")]


def statements(quantity: Quantity, atom: Atom) -> Iterator[Proof]:
    """Yield the verified statements about one width, branching ratio, lifetime or cross-section."""
    own = replace(quantity, name=ObservableName(((atom, 1),)))
    if atom.name in ("sigma", "dsigma"):
        yield from _production(own, atom)
    elif atom.arguments[0] in ("Jpsi", "Upsilon"):
        yield from _limits(own, _mediator_masses(own))
    elif atom.name == "Gamma" and atom.products:
        yield from _width(own, atom)
    else:
        yield from _total(own, atom)


def _proof(kind: str, statement: str, result: str, method: str, holds: bool) -> Proof:
    verdict: Verdict = "proved" if holds else "disproved"
    return Proof(kind, statement, result if holds else "it does not hold", method, verdict)


# cross-sections ---------------------------------------------------------------------------------------
def _production(quantity: Quantity, atom: Atom) -> Iterator[Proof]:
    single = quantity.single
    assert single is not None  # a cross-section is one amplitude
    lepton = single.lepton
    (mediator,) = (n for n in atom.products if n != "A")
    field = field_of(single.declaration, mediator)
    pieces, exchanges, _ = amplitude(single.declaration, lepton, mediator, single.conventions)
    square = squares(field.spin == 1)
    yield _proof(
        "identity",
        "Ward identity: the amplitude vanishes with the photon's momentum in place of its polarisation",
        "0, summed over all spins",
        TRACES,
        adds_up_to_zero(square.square(along_momentum(pieces, "k", dots()))),
    )
    if field.spin == 0 and (turned := _as_yukawa(pieces)) is not None:
        found = any(adds_up_to_zero(square.square(one)) for one in turned)
        yield _proof(
            "identity",
            "the derivative coupling and the Yukawa coupling 2 m times it give the same amplitude",
            "their difference is 0, summed over all spins",
            TRACES,
            found,
        )
    sigma = _other(quantity, atom, "sigma")
    shape = _other(quantity, atom, "dsigma")
    yield _integrated(sigma, shape)
    if field.mass is not None:
        yield _soft(sigma, mediator, field.spin == 1)
    if field.spin == 0 and "Z" in exchanges and {t.label for t in pieces} & {"Z"}:
        yield from _peak(sigma, mediator)
    points: list[tuple[str, object]] = [] if field.mass is None else [(field.mass, "sqrt_s"), (field.mass, 0)]
    points += [(f"m_{lepton}", 0), ("sqrt_s", "oo")]
    points += [("m_Z", "oo")] if "m_Z" in quantity.masses else []
    yield from _limits(quantity, points)


def _as_yukawa(pieces: Iterable[Piece]) -> tuple[list[Piece], list[Piece]] | None:
    """Return derivative couplings of a scalar less the Yukawa couplings that they equal on the mass shell.

    Both signs of the mass that stands in place of the momentum, since gamma5 may stand on either side; None
    where there is no such coupling.
    """
    out: list[Piece] = []
    for piece in pieces:
        line = {}
        for string, factor in piece.line:
            if piece.label != "lepton" or "P" not in string or GAMMA5 not in string:
                continue
            line[tuple(t for t in string if t != "P")] = factor * 2 * LEPTON
        if line:
            out.append(replace(piece, line=tuple(line.items())))
    if not out:
        return None
    derived = [p for p in pieces if any("P" in string and GAMMA5 in string for string, _ in p.line)]
    return [*derived, *(replace(p, coupling=-p.coupling) for p in out)], [*derived, *out]


def _other(quantity: Quantity, atom: Atom, name: str) -> Amplitude:
    """Return the differential or the total cross-section of the same process."""
    found = replace(quantity, name=ObservableName(((replace(atom, name=name), 1),))).single
    assert found is not None  # a cross-section is one amplitude
    return found


def _integrated(sigma: Amplitude, shape: Amplitude) -> Proof:
    """The total one is the integral of the differential one: its slope in the cut, and 0 without angles."""
    pairs = []
    empty = True
    for term in sigma.terms:
        one = Bound.of(term)
        slope = derivative(one.function, "c_max")
        pairs.append(replace(one, function=slope))
        nothing = one.function.substitute({"c_max": constant(0)})
        empty = empty and all(log >= 0 for (_, log), _ in nothing.parts)
        empty = empty and all(log.v == 0 for log in nothing.logs)
    for term in shape.terms:
        one = Bound.of(term)
        for sign in (1, -1):
            at = one.renamed({"c": sign * gen("c_max")}, {"c_max": "cos_max"})
            pairs.append(replace(at, coupling=-at.coupling))
    return _proof(
        "identity",
        "sigma is the integral of dsigma: d sigma/d cos_max = dsigma(cos_max) + dsigma(-cos_max), "
        "sigma = 0 at cos_max = 0",
        "equal for all angles",
        ALGEBRA,
        empty and is_zero(pairs),
    )


def _soft(sigma: Amplitude, mediator: str, vector: bool) -> Proof:
    """A soft photon factorises from the narrow resonance A_R = (2 J + 1) 4 pi^2 Gamma/(M beta^2)."""
    pairs = []
    for term in sigma.terms:
        one = Bound.of(term).times(Frac.of(W * W - gen("M") ** 2))
        pairs.append(one.put({"M": W, "c_max": constant(1)}))
    channel = Channel(mediator, (sigma.lepton, f"bar({sigma.lepton})"))
    parts: dict[Key, Frac] = {((0,), 0): Frac.of(W * W + ROOT, 2 * W * ROOT), ((), -1): Frac.of(-1)}
    front = Elementary.of(parts, ("w", "m"), Diagram("soft"), (ROOT,), (Log(W, constant(1), 0),))
    symbols = {"w": "sqrt_s", "m": f"m_{sigma.lepton}"}
    alpha = E_EM * E_EM / (4 * PI)
    spins = 3 if vector else 1
    for term in decay(sigma.declaration, channel).terms:
        width = Bound.of(term).renamed({"M": W, "m1": LEPTON}, symbols)
        strength = Frac.of(W * spins * 4, ROOT)  # times pi^2 Gamma; over M beta^2 is times w/r^2
        soft = Bound(2 * alpha / PI * PICOBARN * PI * PI, front, symbols)
        product = soft * width.times(strength)
        pairs.append(replace(product, coupling=-product.coupling))
    return _proof(
        "identity",
        f"soft photon, M -> sqrt_s: (s - M^2) sigma -> (2 alpha/pi) [((1 + beta^2)/(2 beta)) L - 1] A_R, "
        f"A_R = {'12' if vector else '4'} pi^2 Gamma({channel})/(M beta^2)",
        "equal",
        ALGEBRA,
        is_zero(pairs),
    )


def _peak(sigma: Amplitude, mediator: str) -> Iterator[Proof]:
    """At s = m_Z^2 and m = 0: Breit and Wigner's form, and no interference with the photon."""
    here = {"w": gen("M_Z"), "m": constant(0), "c_max": constant(1)}
    own = sigma.declaration
    pairs = [Bound.of(t).put(here) for t in _terms(sigma, "Z")]
    into = decay(own, Channel("Z", (sigma.lepton, f"bar({sigma.lepton})"))).terms
    from_z = decay(own, Channel("Z", ("A", mediator))).terms
    for first in into:
        left = Bound.of(first).put({"m1": constant(0)}).renamed({"M": gen("M_Z")}, {"M_Z": "m_Z"})
        for second in from_z:
            symbols = {"M_Z": "m_Z", "G_Z": "Gamma_Z", "M": Bound.of(second).symbols.get("m2", "")}
            right = Bound.of(second).renamed({"M": gen("M_Z"), "m2": gen("M")}, {})
            width = Frac.of(12, gen("M_Z") ** 2 * gen("G_Z") ** 2)
            one = (left * right).times(width, PI * PICOBARN / LOOP)
            pairs.append(replace(one, coupling=-one.coupling, symbols=symbols))
    yield _proof(
        "identity",
        f"Z peak, m_{sigma.lepton} = 0: the Z alone gives (12 pi/m_Z^2) Gamma(Z -> {sigma.lepton} "
        f"bar({sigma.lepton})) Gamma(Z -> A {mediator})/Gamma_Z^2 at s = m_Z^2",
        "equal",
        ALGEBRA,
        is_zero(pairs),
    )
    crossed = [Bound.of(t).put({"w": gen("M_Z")}) for t in _terms(sigma, "photon-Z", "Z-photon")]
    if crossed:
        statement = "Z peak: photon and Z do not interfere at s = m_Z^2"
        yield _proof("zero", statement, "0 for all values", ALGEBRA, is_zero(crossed))


def _terms(sigma: Amplitude, *names: str) -> list[Term]:
    found: list[Contribution] = [c for n, c in sigma.contributions.items() if n in names]
    return [t for c in found for t in c.terms]


# decays -----------------------------------------------------------------------------------------------
def _width(quantity: Quantity, atom: Atom) -> Iterator[Proof]:
    single = quantity.single
    if single is None or not single.terms:
        return
    own = single.declaration
    (parent,) = atom.arguments
    masses = [field_of(own, n).mass for n in (parent, *atom.products)]
    if masses[0] is not None:
        ends = " + ".join(m for m in masses[1:] if m is not None)
        if ends and masses[0] not in masses[1:]:
            ends = f"2*{masses[1]}" if masses[1] == masses[2] else ends
            yield from _limits(quantity, [(masses[0], ends)], "threshold, ")
        yield from _limits(quantity, [(masses[0], "oo")])
    if sorted(atom.products) == ["A", "Z"]:
        yield from _photons(quantity, atom, single)


def _photons(quantity: Quantity, atom: Atom, into_z: Amplitude) -> Iterator[Proof]:
    """Gamma(X -> A Z)/Gamma(X -> A A) = 2 (g_Z/g)^2 (1 - m_Z^2/M^2)^3 for one coupling each."""
    photons = _other_channel(quantity, atom, ("A", "A"))
    if len(into_z.terms) != 1 or len(photons.terms) != 1:
        return
    one, two = Bound.of(into_z.terms[0]), Bound.of(photons.terms[0])
    big, z = gen("M"), gen("m2")
    ratio = Frac.of(2 * (big * big - z * z) ** 3, big**6)
    shown = two.times(ratio, one.coupling / two.coupling / 4)
    # the couplings hold the squares of the operators' coefficients, (c_Z/2)^2 and (c_A/4)^2
    pairs = [one, replace(shown, coupling=-shown.coupling, symbols={**shown.symbols, **one.symbols})]
    yield _proof(
        "identity",
        f"{atom} is 2 (c_Z/c_A)^2 (1 - m_Z^2/M^2)^3 times Gamma({atom.arguments[0]} -> A A), for couplings "
        "-(c_Z/2) X F Z and -(c_A/4) X F F",
        "equal",
        ALGEBRA,
        is_zero(pairs),
    )


def _other_channel(quantity: Quantity, atom: Atom, products: tuple[str, str]) -> Amplitude:
    found = replace(quantity, name=ObservableName(((replace(atom, products=products), 1),))).single
    assert found is not None  # a partial width is one amplitude
    return found


def _total(quantity: Quantity, atom: Atom) -> Iterator[Proof]:
    """The channels that the Lagrangian opens make up the total width, and branching ratios add up to 1."""
    (parent,) = atom.arguments
    whole = replace(quantity, name=ObservableName(((Atom("Gamma", atom.arguments), 1),)))
    if plain(parent) not in quantity.model.fields:
        return
    pairs = [Bound.of(t) for a in whole.amplitudes for t in a.terms]
    found, _ = channels(whole.declaration, parent)
    for channel in found:
        part = _other_channel(whole, Atom("Gamma", atom.arguments), channel.products)
        pairs += [replace(b, coupling=-b.coupling) for b in map(Bound.of, part.terms)]
    names = ", ".join(" ".join(c.products) for c in found)
    yield _proof(
        "identity",
        f"Gamma({parent}) is the sum of its channels, so that branching ratios add up to 1",
        f"channels: {names}",
        ALGEBRA,
        is_zero(pairs),
    )
    mass = field_of(quantity.declaration, parent).mass
    if mass is not None:
        yield from _limits(quantity, [(mass, "oo")])


# limits -----------------------------------------------------------------------------------------------
def _limits(quantity: Quantity, points: Iterable[tuple[str, object]], of: str = "") -> Iterator[Proof]:
    for mass, point in points:
        if mass not in quantity.masses:
            continue
        shown = f"{of}{mass} -> {point}, leading behaviour"
        try:
            with metered():
                found = series(quantity, mass, point, 1, {})
                text = found.text
        except UsageError:  # without a meaning there: every channel is closed, or no leptons collide
            continue
        except ModelError as error:
            if exhausted():  # what the whole page may expand to is used up
                raise
            yield Proof("series", shown, "not decided", str(error), "open")
            continue
        yield Proof("series", shown, text, EXPANDED, "proved", found.to_sympy, texts(found.conditions))
