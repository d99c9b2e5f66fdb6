"""Builders: the words of the language as Python functions; the text parser calls the same ones."""

from __future__ import annotations

from fractions import Fraction

from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import read_number
from g2sym.errors import InputError, ModelError, UsageError, did_you_mean
from g2sym.lagrangian.algebra import quark_hint
from g2sym.lagrangian.expressions import (
    Expression,
    FieldExpression,
    HermitianConjugate,
    check_index,
    coerce,
    constant,
    merge,
    with_factor,
)
from g2sym.lagrangian.fields import DERIVED, STANDARD_MODEL, Field
from g2sym.lagrangian.names import LEPTONS, check_new_name, quote
from g2sym.lagrangian.operators import Boson, Gamma, Spinor
from g2sym.lagrangian.parameters import Parameter, bounded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.lagrangian.operators import BosonKind
    from g2sym.lagrangian.parameters import Flavour

I = constant(Coefficient.number(0, 1))  # noqa: E741  the language's own name
pi = constant(Coefficient.symbol("pi"))
e_em = constant(Coefficient.symbol("e_em"))
sin_w = constant(Coefficient.symbol("sin_w"))
cos_w = constant(Coefficient.symbol("cos_w"))
G_F = constant(Coefficient.symbol("G_F"))
gamma5 = with_factor(Gamma("gamma5"))
PL = (1 - gamma5) / 2
PR = (1 + gamma5) / 2
hc = HermitianConjugate()


# fields and parameters --------------------------------------------------------------------------
def new_field(
    name: str,
    spin: Fraction | int,
    mass: object = "",
    charge: int | str | Fraction = 0,
    parity: int | None = None,
    self_conjugate: bool | None = None,
    latex: str | None = None,
    colour: int = 1,
    width: object = None,
) -> Field:
    """Return a new field with the usual defaults filled in.

    Parameters: ``mass``, a symbol ``m_...``, 0 or None for massless, empty for ``m_<name>``;
    ``charge`` in units of e; ``self_conjugate``, by default true for neutral bosons without colour;
    ``colour``, 1 or 3; ``width``, a symbol ``Gamma_...``, ``"derived"`` or a number in GeV.
    Raises ModelError when a value breaks a rule.
    """
    check_new_name(name, "field")
    where = f"field '{name}'"
    if isinstance(mass, str) and mass == "":
        mass = f"m_{name}"
    if (isinstance(mass, int) and not isinstance(mass, bool) and mass == 0) or (
        isinstance(mass, str) and mass == "0"
    ):
        mass = None
    if mass is not None and not isinstance(mass, str):
        raise ModelError(f"{where}: the mass {quote(mass)} is not a symbol; write 'm_{name}' or 0.")
    if mass == "m_f":
        raise ModelError(f"{where}: m_f is the mass of the generic lepton; write 'm_{name}'.")
    boson = Fraction(spin) != Fraction(1, 2)
    value = read_number(charge, f"{where}, charge")
    return Field(
        name=name,
        spin=Fraction(spin),
        charge=value,
        mass=mass,
        self_conjugate=(boson and value == 0 and type(colour) is int and colour == 1)
        if self_conjugate is None
        else self_conjugate,
        parity=parity,
        latex=latex,
        colour=colour,
        width=_width(width, name, where),
    )


def _width(width: object, name: str, where: str) -> str | Fraction | None:
    if width is None or (isinstance(width, str) and (width == DERIVED or width.startswith("Gamma_"))):
        return width
    try:
        return Fraction(read_number(width, f"{where}, width"))
    except InputError:
        raise ModelError(
            f"{where}: the width {quote(width)} is neither a symbol nor a number; write 'Gamma_{name}', a "
            "number in GeV, or 'derived'."
        ) from None


def scalar(
    name: str,
    *,
    mass: str | int | None = "",
    parity: int | None = None,
    charge: int | str | Fraction = 0,
    self_conjugate: bool | None = None,
    latex: str | None = None,
    colour: int = 1,
    width: object = None,
) -> FieldExpression:
    """Return a new spin-0 field (parity +1 scalar, -1 pseudoscalar, None undecided); see `new_field`."""
    return FieldExpression(new_field(name, 0, mass, charge, parity, self_conjugate, latex, colour, width))


def vector(
    name: str,
    *,
    mass: str | int | None = "",
    parity: int | None = None,
    charge: int | str | Fraction = 0,
    self_conjugate: bool | None = None,
    latex: str | None = None,
    colour: int = 1,
    width: object = None,
) -> FieldExpression:
    """Return a new spin-1 field (parity -1 vector, +1 axial vector, None undecided); see `new_field`."""
    return FieldExpression(new_field(name, 1, mass, charge, parity, self_conjugate, latex, colour, width))


def fermion(
    name: str,
    *,
    mass: str | int | None = "",
    charge: int | str | Fraction = 0,
    self_conjugate: bool = False,
    latex: str | None = None,
    colour: int = 1,
) -> FieldExpression:
    """Return a new fermion, of Dirac or with ``self_conjugate`` of Majorana; see `new_field`."""
    return FieldExpression(new_field(name, Fraction(1, 2), mass, charge, None, self_conjugate, latex, colour))


def lepton(name: str) -> FieldExpression:
    """Return a charged lepton: ``e``, ``mu``, ``tau``, or ``f`` for each in turn."""
    if not isinstance(name, str) or name not in (*LEPTONS, "f"):
        known = (*LEPTONS, "f")
        raise UsageError(
            f"{quote(name)} is not a charged lepton{did_you_mean(str(name), known)}; use {', '.join(known)}, "
            "or standard(name) for other Standard Model fields."
        )
    return FieldExpression(STANDARD_MODEL[name])


def standard(name: str) -> FieldExpression:
    """Return a Standard Model field by name: leptons, neutrinos, quarks, A, Z, W, B, W3."""
    if not isinstance(name, str) or name not in STANDARD_MODEL:
        raise UsageError(
            f"{quote(name)} is not a Standard Model field{did_you_mean(str(name), STANDARD_MODEL)}; "
            f"use one of {', '.join(STANDARD_MODEL)}."
        )
    return FieldExpression(STANDARD_MODEL[name])


def mass(name: str | FieldExpression) -> Expression:
    """Return the mass symbol of a field as a commuting expression."""
    field = name.field if isinstance(name, FieldExpression) else standard(name).field
    if field.mass is None:
        raise UsageError(f"'{field.name}' is massless; there is no symbol for its mass.")
    declared = {} if field.standard_model else {field.name: field}
    return constant(Coefficient.symbol(field.mass), declared)


def parameter(
    name: str,
    dimension: int = 0,
    default: object = None,
    *,
    flavour: Flavour | None = None,
    complex: bool = False,  # the key of the model file
    latex: str | None = None,
) -> Expression:
    """Return a declared parameter.

    Parameters: ``dimension``, its mass dimension; ``default``, an exact number or an expression of other
    parameters; ``flavour``, one of single, universal, mass for couplings to the generic lepton;
    ``complex`` for a complex one. Raises ModelError when a value breaks a rule.
    """
    declared = {}
    value = None
    if default is not None:
        if isinstance(default, str | float):
            expression = coerce(read_number(default, f"parameter {quote(name)}, default"))
        else:
            expression = coerce(default)
        value, declared = expression.coefficient, dict(expression.declared)
    made = Parameter(
        name=name, dimension=dimension, default=value, flavour=flavour, complex=complex, latex=latex
    )
    return constant(made.coefficient, merge(declared, {name: made}))


# functions of the language ----------------------------------------------------------------------
def gamma(index: str) -> Expression:
    """Return the Dirac matrix gamma^index."""
    return with_factor(Gamma("gamma", (check_index(index),)))


def sigma(first: str, second: str) -> Expression:
    """Return sigma^{first second} = (I/2) [gamma, gamma]."""
    return with_factor(Gamma("sigma", (check_index(first), check_index(second))))


def sqrt(value: object) -> Expression:
    """Return the square root of a number, or of an expression of parameters that is not negative.

    Whether it is not negative is told when values are there. Numbers come as roots of primes.
    """
    inside = coerce(read_number(value) if isinstance(value, str) else value)
    return constant(bounded(Coefficient.sqrt(bounded(inside.coefficient))), inside.declared)


def bar(x: Expression) -> Expression:
    """Return the Dirac adjoint of a fermion, or the conjugate of a complex boson."""
    factor = coerce(x).single
    if isinstance(factor, Spinor) and not factor.barred:
        return with_factor(factor._replace(barred=True), x.declared)
    if isinstance(factor, Boson):
        return _conjugate(x, factor, "bar")
    raise ModelError(f"bar({x}) is not allowed; bar takes one fermion, or one complex boson")


def cc(x: Expression) -> Expression:
    """Return the charge conjugate field: C bar(x)^T for a fermion, the conjugate of a complex boson."""
    factor = coerce(x).single
    if isinstance(factor, Spinor) and not factor.barred:
        return with_factor(factor._replace(conjugated=not factor.conjugated), x.declared)
    if isinstance(factor, Boson):
        return _conjugate(x, factor, "cc")
    raise ModelError(f"cc({x}) is not allowed; cc takes one field, and bar goes outside: bar(cc(x))")


def _conjugate(x: Expression, factor: Boson, what: str) -> Expression:
    field = x.declared[factor.field]
    if isinstance(field, Field) and field.self_conjugate:
        raise ModelError(f"'{field.name}' is a real field, its own conjugate; drop {what}(...)")
    return with_factor(factor._replace(conjugated=not factor.conjugated), x.declared)


def d(index: str, x: Expression) -> Expression:
    """Return the derivative of one boson field, field strength or derivative of these."""
    inner = coerce(x)
    if isinstance(inner.single, Spinor):
        hint = quark_hint(inner.single.field)
        raise ModelError(
            f"d acts on the fermion {inner}; move the derivative to the boson by partial integration "
            f"(on shell, bar(f)*gamma(al)*d(al, f) is -I*m_f*bar(f)*f){hint}"
        )
    if not isinstance(inner.single, Boson):
        raise ModelError(
            f"d acts on {quote(str(inner))}; it takes one boson field, so use the product rule by hand"
        )
    factor = inner.single
    return with_factor(factor._replace(derivatives=(check_index(index), *factor.derivatives)), inner.declared)


def F(field: str | Expression, first: str, second: str) -> Expression:
    """Return the field strength d_first V_second - d_second V_first of a vector field."""
    return _strength("F", field, first, second)


def Fdual(field: str | Expression, first: str, second: str) -> Expression:
    """Return the dual field strength (1/2) epsilon^{first second rho sigma} F_{rho sigma}."""
    return _strength("Fdual", field, first, second)


def _strength(kind: BosonKind, field: str | Expression, first: str, second: str) -> Expression:
    inner = standard(field) if isinstance(field, str) else coerce(field)
    factor = inner.single
    found = inner.declared.get(factor.field) if isinstance(factor, Boson) else None
    if not isinstance(factor, Boson) or not isinstance(found, Field) or not found.is_vector:
        raise ModelError(f"{kind} takes a vector field, {quote(str(inner))} is none")
    if factor.kind != "field" or factor.indices or factor.derivatives:
        raise ModelError(f"{kind} takes a vector field without index, as in {kind}({factor.field}, al, be)")
    indices = (check_index(first), check_index(second))
    return with_factor(factor._replace(kind=kind, indices=indices), inner.declared)


__all__ = [
    "G_F",
    "PL",
    "PR",
    "F",
    "Fdual",
    "I",
    "bar",
    "cc",
    "cos_w",
    "d",
    "e_em",
    "fermion",
    "gamma",
    "gamma5",
    "hc",
    "lepton",
    "mass",
    "new_field",
    "parameter",
    "pi",
    "scalar",
    "sigma",
    "sin_w",
    "sqrt",
    "standard",
    "vector",
]
