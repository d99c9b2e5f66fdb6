"""Fields: what a Lagrangian is made of, and the table of those that every model knows."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.classes import dataclass
from g2sym.errors import ModelError, UnsupportedError
from g2sym.lagrangian.names import (
    IDENTIFIER,
    LEPTONS,
    MAX_LATEX,
    check_identifier,
    check_text,
    quote,
)

__all__ = ["GENERIC", "LEPTONS", "STANDARD_MODEL", "Field"]

GENERIC = "f"
"""The name that stands for each charged lepton in turn."""
MAX_CHARGE = 10
COLOURS = (1, 3)
"""Dimensions of the representations of the colour group that are treated."""
DERIVED = "derived"
"""In place of a width: the total one at tree level."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: spin, electric charge in units of e, mass symbol, intrinsic parity, colour.

    ``mass`` is a symbol such as ``"m_a"``, or None for a massless field. ``parity`` is -1 for a
    vector and a pseudoscalar, +1 for an axial vector and a scalar, None where none is declared.
    ``self_conjugate`` says that the field is real (a Majorana fermion); a complex one differs from its
    conjugate. ``colour`` is 1, or 3 for a triplet or an antitriplet. ``width`` is that of its propagator in
    the s channel: a symbol such as ``"Gamma_a"``, a number in GeV, ``"derived"``, or None where none is
    declared; see `width_symbol`.
    """

    name: str
    spin: Fraction
    charge: Fraction
    mass: str | None
    self_conjugate: bool
    parity: int | None = None
    standard_model: bool = False
    latex: str | None = None
    colour: int = 1
    width: str | Fraction | None = None

    def __post_init__(self) -> None:
        where = f"field '{check_identifier(self.name, 'field')}'"
        if self.spin not in (0, Fraction(1, 2), 1):
            raise UnsupportedError(f"{where}: spin {self.spin} is not treated; use 0, 1/2 or 1.")
        if abs(self.charge) > MAX_CHARGE or self.charge.denominator > MAX_CHARGE:
            raise ModelError(
                f"{where}: the charge {quote(self.charge)} is beyond {MAX_CHARGE}; give it in units of e."
            )
        if not isinstance(self.self_conjugate, bool):
            raise ModelError(
                f"{where}: self_conjugate = {quote(self.self_conjugate)} is neither true nor false."
            )
        if self.parity is not None and (type(self.parity) is not int or self.parity not in (1, -1)):
            raise ModelError(f"{where}: parity {quote(self.parity)} is neither 1 nor -1; mend or drop it.")
        if self.parity is not None and self.spin == Fraction(1, 2):
            raise ModelError(f"{where}: a fermion takes no parity; drop it.")
        if self.self_conjugate and self.charge != 0:
            raise ModelError(f"{where}: a charged field cannot be its own conjugate; drop self_conjugate.")
        self._check_colour(where)
        if self.mass is not None and (not self.mass.startswith("m_") or not IDENTIFIER.fullmatch(self.mass)):
            raise ModelError(
                f"{where}: the mass {quote(self.mass)} is not a symbol; write 'm_{self.name}', a decimal "
                "number, or 0 for a massless field."
            )
        if self.latex is not None:
            check_text(self.latex, f"{where}, latex", MAX_LATEX)
        if self.width is not None:
            self._check_width(where)

    def _check_width(self, where: str) -> None:
        mend = f"write 'Gamma_{self.name}', a number in GeV, or 'derived'"
        if isinstance(self.width, str):
            known = self.width == DERIVED or self.width.startswith("Gamma_")
            if not known or not IDENTIFIER.fullmatch(self.width):
                raise ModelError(f"{where}: the width {quote(self.width)} is no width; {mend}.")
        elif not isinstance(self.width, Fraction):
            raise ModelError(
                f"{where}: the width {quote(self.width)} is neither a symbol nor a number; {mend}."
            )
        elif self.width < 0:
            raise ModelError(f"{where}: the width {quote(self.width)} is negative; {mend}.")
        if self.is_fermion:
            raise ModelError(
                f"{where}: a width stands in the propagator of a boson in the s channel, and this is a "
                "fermion; drop width."
            )
        if self.mass is None:
            raise ModelError(f"{where}: a massless field has no width; drop width, or declare a mass.")

    @property
    def width_symbol(self) -> str | None:
        """The symbol of the width: ``Gamma_<name>`` for a number and a derived one; None without a width."""
        if self.width is None:
            return None
        named = isinstance(self.width, str) and self.width != DERIVED
        return str(self.width) if named else f"Gamma_{self.name}"

    def _check_colour(self, where: str) -> None:
        if isinstance(self.colour, bool) or not isinstance(self.colour, int) or self.colour < 1:
            raise ModelError(f"{where}: colour {quote(self.colour)} is neither 1 nor 3; mend or drop it.")
        if self.colour not in COLOURS:
            raise UnsupportedError(
                f"{where}: colour {quote(self.colour)} is not treated: the language has no colour indices, "
                "and only a triplet joined to an antitriplet needs none; use 1 or 3."
            )
        if self.colour != 1 and self.self_conjugate:
            raise ModelError(
                f"{where}: a colour triplet differs from its conjugate; drop self_conjugate or colour."
            )

    @property
    def is_majorana(self) -> bool:
        """True for a fermion that is its own charge conjugate."""
        return self.is_fermion and self.self_conjugate

    @property
    def is_fermion(self) -> bool:
        """True for spin 1/2."""
        return self.spin == Fraction(1, 2)

    @property
    def is_vector(self) -> bool:
        """True for spin 1."""
        return self.spin == 1


def _fermion(name: str, charge: Fraction | int, mass: str, latex: str, colour: int = 1) -> Field:
    return Field(
        name=name,
        spin=Fraction(1, 2),
        charge=Fraction(charge),
        mass=mass,
        self_conjugate=False,
        standard_model=True,
        latex=latex,
        colour=colour,
    )


def _vector(name: str, charge: int, mass: str | None, parity: int | None, latex: str) -> Field:
    return Field(
        name=name,
        spin=Fraction(1),
        charge=Fraction(charge),
        mass=mass,
        self_conjugate=charge == 0,
        parity=parity,
        standard_model=True,
        latex=latex,
    )


_UP, _DOWN = Fraction(2, 3), Fraction(-1, 3)

STANDARD_MODEL: Mapping[str, Field] = MappingProxyType(
    {
        field.name: field
        for field in (
            _fermion("e", -1, "m_e", "e"),
            _fermion("mu", -1, "m_mu", r"\mu"),
            _fermion("tau", -1, "m_tau", r"\tau"),
            _fermion(GENERIC, -1, "m_f", "f"),
            _fermion("nu_e", 0, "m_nu_e", r"\nu_e"),
            _fermion("nu_mu", 0, "m_nu_mu", r"\nu_\mu"),
            _fermion("nu_tau", 0, "m_nu_tau", r"\nu_\tau"),
            *(_fermion(q, _UP, f"m_{q}", q, 3) for q in ("u", "c", "t")),
            *(_fermion(q, _DOWN, f"m_{q}", q, 3) for q in ("d", "s", "b")),
            _vector("A", 0, None, -1, r"A"),
            _vector("Z", 0, "m_Z", None, r"Z"),
            _vector("W", 1, "m_W", None, r"W^+"),
            _vector("B", 0, None, None, r"B"),
            _vector("W3", 0, None, None, r"W^3"),
        )
    }
)
"""The fields that every model knows; ``f`` is the generic charged lepton."""
