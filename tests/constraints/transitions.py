"""Models with l -> l' gamma for tests of ranges of masses, and a limit on what they predict."""

from fractions import Fraction

import g2sym as g2

PARTS = {
    "psi": '[fields.psi]\nspin = "1/2"\ncharge = -1\nmass = "m_F"\n',
    "chi": '[fields.chi]\nspin = "1/2"\ncharge = -2\nmass = "m_F"\n',
    "N": '[fields.N]\nspin = "1/2"\ncharge = 0\nmass = "m_F"\n',
    "S": '[fields.S]\nspin = 0\ncharge = 0\nmass = "m_B"\n',
    "H": '[fields.H]\nspin = 0\ncharge = -1\nmass = "m_B"\n',
    "K": '[fields.K]\nspin = 0\ncharge = 1\nmass = "m_B"\n',
    "V": '[fields.V]\nspin = 1\ncharge = 0\nmass = "m_B"\n',
    "U": '[fields.U]\nspin = 1\ncharge = -1\nmass = "m_B"\n',
}
LAGRANGIANS = {
    "scalar": ("S*bar(psi)*(a_L*PL + a_R*PR)*mu + S*bar(psi)*(b_L*PL + b_R*PR)*e + hc", "psi", "S"),
    "charged": ("H*bar(mu)*(a_L*PL + a_R*PR)*N + H*bar(e)*(b_L*PL + b_R*PR)*N + hc", "N", "H"),
    "both": ("K*bar(mu)*(a_L*PL + a_R*PR)*chi + K*bar(e)*(b_L*PL + b_R*PR)*chi + hc", "chi", "K"),
    "vector": (
        "V(al)*bar(psi)*gamma(al)*(a_L*PL + a_R*PR)*mu + V(al)*bar(psi)*gamma(al)*(b_L*PL + b_R*PR)*e + hc",
        "psi",
        "V",
    ),
    "charged vector": (
        "U(al)*bar(mu)*gamma(al)*(a_L*PL + a_R*PR)*N + U(al)*bar(e)*gamma(al)*(b_L*PL + b_R*PR)*N + hc",
        "N",
        "U",
    ),
}
"""Two heavy fields that couple the muon and the electron: a fermion of mass m_F, a boson of mass m_B."""
LIGHT = """
-g*phi*bar(mu)*mu + phi*bar(mu)*(y_L*PL + y_R*PR)*tau + phi*bar(e)*(x_L*PL + x_R*PR)*tau
+ phi*bar(e)*(z_L*PL + z_R*PR)*mu + hc
"""
"""A neutral scalar that changes flavour: known leptons run in its loops."""


def model(lagrangian: str, fields: str, couplings: tuple[str, ...], folder):
    """Load a model written to a folder."""
    parameters = "".join(f"[parameters.{name}]\ndimension = 0\n" for name in couplings)
    path = folder / "model.toml"
    path.write_text(f"schema = 1\nname = \"x\"\nlagrangian = '''\n{lagrangian}\n'''\n{fields}{parameters}")
    return g2.load_model(path)


def heavy(name: str, folder):
    """Load one of `LAGRANGIANS`."""
    lagrangian, *fields = LAGRANGIANS[name]
    return model(lagrangian, "".join(PARTS[f] for f in fields), ("a_L", "a_R", "b_L", "b_R"), folder)


def light(folder):
    """Load the model of `LIGHT`."""
    fields = '[fields.phi]\nspin = 0\ncharge = 0\nmass = "m_phi"\n'
    return model(LIGHT, fields, ("g", "y_L", "y_R", "x_L", "x_R", "z_L", "z_R"), folder)


def limit(observable, size: str) -> g2.Measurement:
    """Return an upper limit on the absolute value of an observable."""
    name = str(observable.quantity.name)
    return g2.Measurement(
        "x", "", "limit", "x", "2030-01-01", limit=Fraction(size), confidence=Fraction("0.9"), observable=name
    )
