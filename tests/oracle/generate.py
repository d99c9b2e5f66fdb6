"""Random declared models: charges, chiralities, couplings, masses and ways of writing a term, drawn at
random.

`random_model` takes a `random.Random`, so one seed is one model; `models` is the same as a hypothesis
strategy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from random import Random

from hypothesis import strategies as st

from oracle.moments import Moments, moments
from oracle.reader import Field, read, standard_fields
from oracle.vertices import exchanges

LEPTONS = {"e": "0.51099895069e-3", "mu": "0.1056583755", "tau": "1.77693"}
"""Masses in GeV; those of g2sym's inputs."""
QUARKS = {"u": "2.16e-3", "d": "4.7e-3", "s": "0.0935", "c": "1.273", "b": "4.18", "t": "172.57"}
BOSONS = {"W": "80.377", "Z": "91.1876"}
CHARGES = ("0", "1", "2", "1/3", "2/3", "4/3", "5/3")
HALF = Fraction(1, 2)


@dataclass
class RandomModel:
    """A model: text, ``fields`` by name, ``parameters`` (name, whether complex), ``values`` as decimal
    numbers, ``fixed`` the fields whose mass is a number in the declaration, ``standard`` the quarks and
    bosons of the Standard Model in it, ``absent`` whether that model's own currents are to be left out."""

    kinds: tuple[str, ...]
    lepton: str
    terms: list[str] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)
    parameters: dict[str, bool] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)
    standard: set[str] = field(default_factory=set)
    absent: bool = False

    @property
    def text(self) -> str:
        """The Lagrangian."""
        return "\n".join(f"+ ({t})" if t.endswith("hc") else f"+ {t}" for t in self.terms)

    @property
    def known(self) -> dict[str, str]:
        """Every number by name, masses of leptons and quarks included."""
        return {f"m_{n}": v for n, v in (LEPTONS | QUARKS | BOSONS).items()} | self.values

    @property
    def given(self) -> dict[str, str]:
        """Values of parameters, and masses of new fields that the declaration leaves open."""
        return {n: v for n, v in self.values.items() if n.removeprefix("m_") not in self.fixed}

    @property
    def inputs(self) -> dict[str, str]:
        """Masses of the Standard Model's fields that stand in the model."""
        return {f"m_{n}": self.known[f"m_{n}"] for n in (*LEPTONS, *sorted(self.standard))}

    def toml(self) -> str:
        """The model as a file of g2sym."""
        lines = ["schema = 1", 'name = "random"', f"lagrangian = '''{self.text}'''"]
        if self.absent:
            lines += ["[conventions]", 'standard_model = "absent"']
        for name, each in self.fields.items():
            spin = '"1/2"' if each.spin == HALF else str(each.spin)
            lines += [f"[fields.{name}]", f"spin = {spin}", f'charge = "{each.charge}"']
            if name in self.fixed:
                lines.append(f"mass = {self.values[f'm_{name}']}")
            if each.charge == 0 and (each.spin != HALF or each.real):
                lines.append(f"self_conjugate = {str(each.real).lower()}")
            if each.colour != 1:
                lines.append(f"colour = {each.colour}")
        for name, is_complex in self.parameters.items():
            lines += [f"[parameters.{name}]", "dimension = 0", *(["complex = true"] if is_complex else [])]
        return "\n".join(lines) + "\n"

    def expected(self, digits: int = 25) -> Moments:
        """The two moments by explicit matrices."""
        return moments(self.text, self.fields, self.known, self.lepton, digits)

    def thresholds(self) -> list[Fraction]:
        """M + m_F - m_l of every loop: below zero the lepton decays into it."""
        fields = {**standard_fields(self.known), **self.fields}
        loops = exchanges(read(self.text, fields, self.known), self.lepton, fields)
        return [loop.fermion.mass + loop.boson.mass - fields[self.lepton].mass for loop in loops]

    @property
    def is_above(self) -> bool:
        """True where the lepton decays into a loop."""
        return any(room < 0 for room in self.thresholds())


class _Builder:
    """Adds fields, parameters and terms to a model."""

    def __init__(self, rng: Random, model: RandomModel) -> None:
        self.rng, self.model = rng, model

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def name(self, stem: str) -> str:
        return f"{stem}{len(self.model.fields) + 1}"

    def mass(self) -> str:
        """Spread over seven decades; sometimes one that is already there, nearly so, or a pseudothreshold."""
        known = [v for n, v in self.model.values.items() if n.startswith("m_") and Decimal(v) > 0]
        if known and self.chance(0.1):
            other = Decimal(self.rng.choice(known))
            shift = [Decimal(0), other * Decimal("1e-13"), Decimal(LEPTONS[self.model.lepton])]
            return str(other + self.rng.choice(shift))
        return f"{10 ** self.rng.uniform(-3, 4):.6g}"

    def add(
        self,
        stem: str,
        spin: Fraction,
        charge: Fraction,
        real: bool = False,
        colour: int = 1,
        massless: bool = False,
    ) -> str:
        name = self.name(stem)
        mass = "0" if massless else self.mass()
        if massless or self.chance(0.1):
            self.model.fixed.add(name)
        self.model.values[f"m_{name}"] = mass
        self.model.fields[name] = Field(name, spin, charge, Fraction(mass), real, colour)
        return name

    def coupling(self, real: bool = False) -> str:
        name = f"y{len(self.model.parameters) + 1}"
        is_complex = not real and self.chance(0.7)
        self.model.parameters[name] = is_complex
        for part in ("re_", "im_") if is_complex else ("",):
            digits = 0 if self.chance(0.05) else self.rng.randint(-9999, 9999)
            power = self.rng.choice((4, 4, 4, 7))
            self.model.values[part + name] = f"{Decimal(digits).scaleb(-power):f}"
        return name

    def factor(self) -> str:
        return self.rng.choice(("", "", "-", "1/2*", "sqrt(2)*", "-I*", "0.3*", "-2/3*"))

    def matrix(self, spin: int) -> str:
        """A sum of chiral or of parity couplings, with gamma(al) at its left or right for a vector."""
        first, second = self.coupling(), self.coupling()
        inner = self.rng.choice(
            (
                f"({first}*PL + {second}*PR)",
                f"({first}*PL + {second}*PR)",
                f"({first} + {second}*gamma5)",
                f"({first} - I*{second}*gamma5)",
                f"{first}*PL",
                f"{first}*PR",
                f"{first}*(1 - gamma5)/2",
            )
        )
        if second not in inner:
            self.drop(second)
        if spin == 0:
            return inner
        return f"gamma(al)*{inner}" if self.chance(0.7) else f"{inner}*gamma(al)"

    def drop(self, name: str) -> None:
        del self.model.parameters[name]
        for part in ("", "re_", "im_"):
            self.model.values.pop(part + name, None)

    def term(
        self, lepton: str, fermion: str, boson: str, conjugate: tuple[bool, bool], flip: bool | None = None
    ) -> str:
        """One term bar(l) B M F, with F and B conjugated as said, written in one of its four ways."""
        b_field = self.model.fields.get(boson)
        spin = 1 if b_field is None else int(b_field.spin)
        turned, reversed_ = self.chance(0.3), self.chance(0.15) if flip is None else flip
        ends = [(lepton, False), (fermion, conjugate[0])]
        b_conjugated = conjugate[1]
        if turned:  # the Hermitian conjugate's place
            ends.reverse()
            b_conjugated = not b_conjugated
        if reversed_:  # bar(a) M b as bar(cc(b)) M' cc(a)
            ends = [(n, not c) for n, c in reversed(ends)]
        left, right = (f"cc({n})" if c else n for n, c in ends)
        b_text = boson if spin == 0 else f"{boson}(al)"
        if b_conjugated and not (boson == "Z" or (b_field is not None and b_field.real)):
            b_text = self.rng.choice((f"bar({b_text})", f"cc({b_text})"))
        line = f"bar({left})*{self.matrix(spin)}*{right}"
        parts = [b_text, line] if self.chance(0.7) else [line, b_text]
        return self.factor() + "*".join(parts)

    def hermitian(self, *terms: str) -> None:
        self.model.terms.append(" + ".join(terms).replace("+ -", "- ") + " + hc")

    def other_lepton(self) -> str:
        return self.rng.choice([x for x in LEPTONS if x != self.model.lepton])

    def charge(self) -> Fraction:
        """The charge that the internal fermion annihilates."""
        if self.chance(0.2):
            divisor = self.rng.randint(1, 10)
            return Fraction(self.rng.randint(-8 * divisor, 8 * divisor), divisor)
        return Fraction(self.rng.choice(CHARGES)) * self.rng.choice((1, -1))


def _real_neutral(build: _Builder, spin: int) -> None:
    """A real boson: diagonal and Hermitian by itself, with another lepton, or with a heavy charged
    fermion."""
    lepton = build.model.lepton
    boson = build.add("X", Fraction(spin), Fraction(0), real=True)
    way = build.rng.choice(("own", "own", "lepton", "both", "heavy"))
    vector = f"{boson}(al)" if spin else boson
    if way in ("own", "both"):
        one, five = build.coupling(real=True), build.coupling(real=True)
        if spin:
            build.model.terms.append(f"{vector}*bar({lepton})*gamma(al)*({one} + {five}*gamma5)*{lepton}")
        elif build.chance(0.5):
            build.model.terms.append(f"-{vector}*bar({lepton})*({one} + I*{five}*gamma5)*{lepton}")
        else:
            build.drop(five)
            build.drop(one)
            build.hermitian(build.term(lepton, lepton, boson, (False, False)))
    if way in ("lepton", "both"):
        build.hermitian(build.term(lepton, build.other_lepton(), boson, (False, False)))
    if way == "heavy":
        fermion = build.add("N", HALF, Fraction(-1))
        build.hermitian(build.term(lepton, fermion, boson, (False, False)))


def _complex_neutral(build: _Builder, spin: int) -> None:
    """A complex neutral boson: on a diagonal current it attaches in two ways."""
    lepton = build.model.lepton
    boson = build.add("X", Fraction(spin), Fraction(0))
    way = build.rng.choice(("own", "lepton", "both", "heavy"))
    fermions = {"own": [lepton], "lepton": [build.other_lepton()], "both": [lepton, build.other_lepton()]}
    inner = fermions.get(way) or [build.add("N", HALF, Fraction(-1))]
    terms = [build.term(lepton, f, boson, (False, False)) for f in inner]
    if build.chance(0.4):
        terms.append(build.term(lepton, inner[-1], boson, (False, True)))
    build.hermitian(*terms)


def _charged(build: _Builder, spin: int, charge: Fraction | None = None, colour: int = 1) -> None:
    """A charged boson with a neutral or charged fermion, either of which may be the conjugate of a declared
    one."""
    lepton = build.model.lepton
    q_f = build.charge() if charge is None else charge
    if q_f == -1 and colour == 1:
        q_f = Fraction(1)
    conjugate = build.chance(0.3), build.chance(0.5)
    q_b = -1 - q_f
    boson = build.add("X", Fraction(spin), -q_b if conjugate[1] else q_b, colour=colour)
    massless = build.chance(0.08)
    fermion = build.add("N", HALF, -q_f if conjugate[0] else q_f, colour=colour, massless=massless)
    terms = [build.term(lepton, fermion, boson, conjugate)]
    if q_f == 0 and colour == 1 and build.chance(0.3):  # a Dirac fermion and its conjugate, both
        terms.append(build.term(lepton, fermion, boson, (not conjugate[0], conjugate[1])))
    build.hermitian(*terms)


def _neutrino(build: _Builder, spin: int) -> None:
    lepton = build.model.lepton
    conjugated = build.chance(0.5)
    boson = build.add("X", Fraction(spin), Fraction(1 if conjugated else -1))
    flavours = {build.rng.choice(("nu_e", "nu_mu", "nu_tau")) for _ in range(2)}
    build.hermitian(*(build.term(lepton, nu, boson, (False, conjugated)) for nu in sorted(flavours)))


def _majorana(build: _Builder, spin: int) -> None:
    """A Majorana fermion: N and cc(N) are the same field, and couplings to both add."""
    lepton = build.model.lepton
    conjugated = build.chance(0.5)
    boson = build.add("X", Fraction(spin), Fraction(1 if conjugated else -1))
    fermion = build.add("N", HALF, Fraction(0), real=True)
    terms = [build.term(lepton, fermion, boson, (False, conjugated))]
    if build.chance(0.6):
        terms.append(build.term(lepton, fermion, boson, (True, conjugated)))
    build.hermitian(*terms)


def _two_leptons(build: _Builder, spin: int) -> None:
    """A boson of charge 2 joined to bar(cc(l_i)) l_j: identical leptons count twice, a scalar's matrix is
    symmetric."""
    lepton = build.model.lepton
    boson = build.add("X", Fraction(spin), Fraction(2))
    pairs = [(a, b) for a in LEPTONS for b in LEPTONS if lepton in (a, b)]
    terms = [
        build.term(a, b, boson, (True, True), flip=build.chance(0.5))
        for a, b in build.rng.sample(pairs, build.rng.randint(1, 3))
    ]
    build.hermitian(*terms)


def _quark(build: _Builder, spin: int) -> None:
    """A leptoquark with a Standard Model quark or its conjugate."""
    lepton = build.model.lepton
    quark = build.rng.choice(tuple(QUARKS))
    build.model.standard.add(quark)
    conjugate = build.chance(0.5), build.chance(0.5)
    q_f = Fraction(2 if quark in "uct" else -1, 3) * (-1 if conjugate[0] else 1)
    q_b = (-1 - q_f) * (-1 if conjugate[1] else 1)
    boson = build.add("LQ", Fraction(spin), q_b, colour=3)
    build.hermitian(build.term(lepton, quark, boson, conjugate))


def _coloured(build: _Builder, spin: int) -> None:
    _charged(build, spin, colour=3)


def _w_boson(build: _Builder, _spin: int) -> None:
    """The W with a neutral fermion of any mass; the Standard Model's own currents are absent."""
    build.model.absent = True
    build.model.standard.add("W")
    way = build.rng.choice(("dirac", "majorana", "neutrino"))
    fermion = "nu_mu" if way == "neutrino" else build.add("N", HALF, Fraction(0), real=way == "majorana")
    build.hermitian(build.term(build.model.lepton, fermion, "W", (False, True)))


def _z_boson(build: _Builder, _spin: int) -> None:
    """The Z on the lepton's own line, or changing its flavour."""
    build.model.absent = True
    build.model.standard.add("Z")
    lepton = build.model.lepton
    one, five = build.coupling(real=True), build.coupling(real=True)
    build.model.terms.append(f"Z(al)*bar({lepton})*gamma(al)*({one} - {five}*gamma5)*{lepton}")
    if build.chance(0.5):
        build.hermitian(build.term(lepton, build.other_lepton(), "Z", (False, False)))


KINDS: dict[str, tuple[Callable[[_Builder, int], None], int]] = {
    "neutral-scalar": (_real_neutral, 0),
    "neutral-vector": (_real_neutral, 1),
    "complex-scalar": (_complex_neutral, 0),
    "complex-vector": (_complex_neutral, 1),
    "charged-scalar": (_charged, 0),
    "charged-vector": (_charged, 1),
    "neutrino-scalar": (_neutrino, 0),
    "neutrino-vector": (_neutrino, 1),
    "majorana-scalar": (_majorana, 0),
    "majorana-vector": (_majorana, 1),
    "two-lepton-scalar": (_two_leptons, 0),
    "two-lepton-vector": (_two_leptons, 1),
    "quark-scalar": (_quark, 0),
    "quark-vector": (_quark, 1),
    "coloured-scalar": (_coloured, 0),
    "coloured-vector": (_coloured, 1),
    "w-boson": (_w_boson, 1),
    "z-boson": (_z_boson, 1),
}
"""What a mediator may be: how it is built, and its spin."""


def random_model(
    rng: Random, kinds: tuple[str, ...] = tuple(KINDS), most: int = 3, above: bool = False
) -> RandomModel:
    """Return a model with one to ``most`` mediators of these kinds.

    Its lepton is below every threshold, or with ``above`` beyond one at least; a thousandth of its mass
    about every threshold is left out.
    """
    for _ in range(1000):
        count = rng.choice((1, 1, 1, *range(2, most + 1))) if most > 1 else 1
        chosen = tuple(rng.choice(kinds) for _ in range(count))
        chosen = tuple(k for i, k in enumerate(chosen) if k[1:] != "-boson" or k not in chosen[:i])
        model = RandomModel(chosen, rng.choice(tuple(LEPTONS)))
        builder = _Builder(rng, model)
        for kind in chosen:
            build, spin = KINDS[kind]
            build(builder, spin)
        limit = Fraction(LEPTONS[model.lepton]) / 1000
        rooms = model.thresholds()
        if all(abs(room) > limit for room in rooms) and above == model.is_above:
            return model
    raise ValueError("no such model within 1000 draws")


def models(kinds: tuple[str, ...] = tuple(KINDS), most: int = 3) -> st.SearchStrategy[RandomModel]:
    """A hypothesis strategy of `random_model`."""
    return st.randoms(use_true_random=False).map(lambda rng: random_model(rng, kinds, most))
