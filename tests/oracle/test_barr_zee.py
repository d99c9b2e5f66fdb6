"""Barr-Zee-type moments of declared models against explicit matrices and an explicit epsilon tensor."""

from __future__ import annotations

from dataclasses import dataclass, field

from mpmath import mp, mpc, mpf

import g2sym as g2
from g2sym.lagrangian.modelfile import parse_declaration
from oracle.barr_zee import Couplings, barr_zee

LEPTONS = {"e": "0.51099895069e-3", "mu": "0.1056583755", "tau": "1.77693"}
ALPHA_INVERSE, SIN2, M_Z = "137.035999177", "0.23122", "91.1876"
DIGITS = 14
PARAMETERS = {"gS": 0, "gP": 0, "gD": -1, "c": -1, "ct": -1, "zV": 0, "zA": 0, "zw": -1, "zu": -1}


@dataclass
class Case:
    """A lepton, V, the values of the couplings, and the conventions."""

    lepton: str
    vector: str
    values: dict[str, str]
    mass: str = "0.75"
    scheme: str = "four-dimensional"
    epsilon: int = 1
    standard_model: str = "present"
    cutoff: str = "1000"
    couplings: Couplings = field(init=False)

    def __post_init__(self) -> None:
        x = {n: mpf(self.values.get(n, "0")) for n in PARAMETERS}
        i = mpc(0, 1)
        e, s2 = self.charge, mpf(SIN2)
        sin_cos = mp.sqrt(s2 * (1 - s2))
        if self.vector == "A":
            v, a, joined = e, mpc(0), 2  # either of the two photons may be the external one
        else:
            present = self.standard_model == "present"
            v = x["zV"] + present * e / sin_cos * (mpf(1) / 4 - s2)
            a, joined = -x["zA"] - present * e / (4 * sin_cos), 1
        self.couplings = Couplings(
            s=-x["gS"],
            p=-i * x["gP"],
            t=-x["gD"],
            v=v,
            a=a,
            w=x["zw"],
            u=i * x["zu"],
            c=-joined * x["c"],
            k=-joined * x["ct"] * self.epsilon,
        )

    @property
    def charge(self) -> mpf:
        return mp.sqrt(4 * mp.pi / mpf(ALPHA_INVERSE))

    def model(self) -> g2.Model:
        lep, vec = self.lepton, self.vector
        terms = [
            f"- gS*s*bar({lep})*{lep} - I*gP*s*bar({lep})*gamma5*{lep}",
            f"- gD*d(al, s)*bar({lep})*gamma5*gamma(al)*{lep}",
            f"- c*s*F(A, al, be)*F({vec}, al, be) - ct*s*F(A, al, be)*Fdual({vec}, al, be)",
        ]
        if vec == "Z":
            terms += [
                f"+ zV*Z(al)*bar({lep})*gamma(al)*{lep} + zA*Z(al)*bar({lep})*gamma5*gamma(al)*{lep}",
                f"+ zw*bar({lep})*sigma(al, be)*{lep}*F(Z, al, be)",
                f"+ I*zu*bar({lep})*gamma5*sigma(al, be)*{lep}*F(Z, al, be)",
            ]
        names = [n for n in PARAMETERS if vec == "Z" or not n.startswith("z")]
        lines = ["schema = 1", 'name = "pairs"', f"lagrangian = '''{' '.join(terms)}'''"]
        lines += ["[fields.s]", "spin = 0", "charge = 0", "self_conjugate = true"]
        for n in names:
            lines += [f"[parameters.{n}]", f"dimension = {PARAMETERS[n]}"]
        lines += ["[parameters.Lambda]", "dimension = 1", "[conventions]", f'scheme = "{self.scheme}"']
        lines += [f"epsilon0123 = {self.epsilon}", f'standard_model = "{self.standard_model}"']
        text = "\n".join(lines) + "\n"
        inputs = {"alpha_inverse": ALPHA_INVERSE, "sin2_theta_w": SIN2, "m_Z": M_Z, f"m_{lep}": LEPTONS[lep]}
        return g2.Model(parse_declaration(text.encode(), "pairs"), inputs)

    def found(self, kind: str, contribution: str) -> mpf:
        """g2sym's value of one contribution."""
        model = self.model()
        names = model.declaration.parameters
        given = {n: self.values.get(n, "0") for n in names if n not in ("Lambda", "m_s")}
        moment = model.observable(f"{kind}({self.lepton})")
        result = moment.evaluate(DIGITS, {**given, "Lambda": self.cutoff, "m_s": self.mass})
        if contribution not in result.contributions:
            return mpf(0)
        middle = result.contributions[contribution].midpoint
        return mpf(middle.numerator) / middle.denominator

    def compare(self) -> None:
        name = "barr-zee-photon" if self.vector == "A" else "barr-zee-z"
        masses = (mpf(self.mass), mpf(M_Z) if self.vector == "Z" else mpf(0), mpf(self.cutoff))
        with mp.workdps(25):
            a, d = barr_zee(self.couplings, mpf(LEPTONS[self.lepton]), masses, self.charge, self.scheme)
            assert max(abs(a.imag), abs(d.imag * mpf(LEPTONS[self.lepton]))) <= 1e-15 * abs(a) + 1e-30
            for kind, expected in (("a", a.real), ("d", d.real)):
                got = self.found(kind, name)
                assert abs(got - expected) <= abs(expected) * mpf(10) ** -11, (kind, got, expected)
