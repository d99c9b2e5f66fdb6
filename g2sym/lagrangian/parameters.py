"""Parameters: declared couplings, masses and scales, with their dimension and their default."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import MAX_TERMS, Coefficient
from g2sym.base.meter import ExpansionError
from g2sym.base.terms import is_root, under
from g2sym.errors import ModelError
from g2sym.lagrangian.fields import STANDARD_MODEL
from g2sym.lagrangian.names import CONSTANTS, MAX_LATEX, check_new_name, check_text, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Flavour = Literal["single", "universal", "mass"]
FLAVOURS: tuple[Flavour, ...] = ("single", "universal", "mass")
MAX_DIMENSION = 20
_ZERO = Coefficient((), Coefficient.number(1).denominator)

MAX_BITS = 12000
"""Most bits of one number in a coefficient: below where Python refuses to print integers."""
MAX_WORK = 50_000
"""Most products of terms that putting defaults into each other may cost."""

KNOWN_DIMENSIONS: Mapping[str, int] = MappingProxyType(
    dict.fromkeys(CONSTANTS, 0) | {"G_F": -2} | {f.mass: 1 for f in STANDARD_MODEL.values() if f.mass}
)
"""Mass dimension of every symbol the language brings along."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A declared real (or complex) parameter.

    ``dimension`` is its mass dimension; ``default`` a number or an expression of other symbols, None
    when a value must be given; ``flavour`` says how a coupling to the generic lepton is related for
    e, mu and tau (None for parameters that do not multiply such a term). A complex parameter ``g``
    enters coefficients as ``re_g + I*im_g``. ``quoted_for`` is the lepton that values belong to where an
    observable names one; the name then holds it, ``y[mu]``.
    """

    name: str
    dimension: int = 0
    default: Coefficient | None = None
    flavour: Flavour | None = None
    complex: bool = False
    latex: str | None = None
    quoted_for: str | None = None

    def __post_init__(self) -> None:
        where = f"parameter '{check_new_name(self.plain, 'parameter')}'"
        good = isinstance(self.dimension, int) and not isinstance(self.dimension, bool)
        if not good or abs(self.dimension) > MAX_DIMENSION:
            raise ModelError(
                f"{where}: dimension {quote(self.dimension)} is not an integer between "
                f"-{MAX_DIMENSION} and {MAX_DIMENSION}; write the mass dimension, such as -1 for 1/GeV."
            )
        if self.flavour is not None and not (isinstance(self.flavour, str) and self.flavour in FLAVOURS):
            raise ModelError(
                f"{where}: flavour {quote(self.flavour)} is not one of {', '.join(FLAVOURS)}; choose one."
            )
        if not isinstance(self.complex, bool):
            raise ModelError(f"{where}: complex = {quote(self.complex)} is neither true nor false.")
        if self.complex and self.name.startswith("m_"):
            raise ModelError(f"{where}: a mass is real; drop complex.")
        if self.latex is not None:
            check_text(self.latex, f"{where}, latex", MAX_LATEX)
        if self.default is not None:  # drop terms with the number 0, so that 0 is the zero coefficient
            object.__setattr__(self, "default", _ZERO + self.default)
        if self.default is not None and not self.complex and not self.default.is_real:
            raise ModelError(
                f"{where}: the default {quote(str(self.default))} is not real; set complex = true or drop I."
            )

    @property
    def plain(self) -> str:
        """The name without the lepton that it is quoted for."""
        return self.name if self.quoted_for is None else self.name.removesuffix(f"[{self.quoted_for}]")

    @property
    def symbols(self) -> tuple[str, ...]:
        """The real symbols it brings into coefficients: its name, or ``re_`` and ``im_`` of it."""
        return (f"re_{self.name}", f"im_{self.name}") if self.complex else (self.name,)

    @property
    def unit(self) -> str:
        """The unit of its values: "1", "GeV" or a power of it."""
        return {0: "1", 1: "GeV"}.get(self.dimension, f"GeV^{self.dimension}")

    @property
    def coefficient(self) -> Coefficient:
        """The parameter as a coefficient."""
        if not self.complex:
            return Coefficient.symbol(self.name)
        re, im = (Coefficient.symbol(name) for name in self.symbols)
        return re + im * Coefficient.number(0, 1)

    def as_dict(self) -> dict[str, str | None]:
        """Return a JSON-ready record: unit, default and flavour."""
        default = None if self.default is None else str(self.default)
        return {"unit": self.unit, "default": default, "flavour": self.flavour}


def bounded(value: Coefficient) -> Coefficient:
    """Return a coefficient whose size is within bounds; raises ModelError otherwise."""
    if len(value.numerator) + len(value.denominator) > MAX_TERMS:
        raise ExpansionError(f"a coefficient expands to more than {MAX_TERMS} terms; split it up")
    for _, (re, im) in (*value.numerator, *value.denominator):
        for part in (re, im):
            if max(part.numerator.bit_length(), part.denominator.bit_length()) > MAX_BITS:
                raise ModelError("a number in the coefficient grows beyond 3600 digits; make it smaller")
    return value


def symbol_dimensions(parameters: Mapping[str, Parameter]) -> dict[str, int]:
    """Return the mass dimension of every real symbol that may stand in a coefficient."""
    own = {symbol: p.dimension for p in parameters.values() for symbol in p.symbols}
    return {**KNOWN_DIMENSIONS, **own}


def coefficient_dimension(value: Coefficient, dimensions: Mapping[str, int]) -> Fraction:
    """Return the mass dimension of a coefficient; a root has half the dimension of what stands under it.

    Parameters: ``value``; ``dimensions`` of all its symbols.
    Raises ModelError when it adds terms of different dimension.
    """

    def of(name: str) -> Fraction:
        if is_root(name):
            return coefficient_dimension(Coefficient.under_root(name), dimensions) / 2
        return Fraction(dimensions.get(name, 0))

    sides = []
    for side in (value.numerator, value.denominator):
        found = {sum((p * of(n) for n, p in m), Fraction(0)) for m, _ in side} or {Fraction(0)}
        if len(found) > 1:
            low, high = min(found), max(found)
            raise ModelError(
                f"the coefficient {quote(str(value))} adds terms of mass dimension {low} and {high}; "
                "make them equal."
            )
        sides.append(found.pop())
    return sides[0] - sides[1]


def resolve_defaults(parameters: Mapping[str, Parameter]) -> dict[str, Coefficient]:
    """Return each real symbol's default in terms of symbols without one.

    Parameters: ``parameters`` by name. Returns symbol to coefficient, for symbols with a default.
    Raises ModelError when defaults refer to each other in a circle.
    """
    resolved: dict[str, Coefficient] = {}
    owner = {symbol: p for p in parameters.values() for symbol in p.symbols}

    def visit(parameter: Parameter, path: tuple[str, ...]) -> None:
        if parameter.default is None or parameter.symbols[0] in resolved:
            return
        if parameter.name in path or len(path) > 100:
            circle = " -> ".join((*path[-5:], parameter.name))
            raise ModelError(f"the defaults refer to each other in a circle ({circle}); give one a number.")
        for symbol in sorted(parameter.default.symbols):
            if symbol in owner:
                visit(owner[symbol], (*path, parameter.name))
        try:
            value = _substitute(parameter.default, resolved)
        except ModelError as error:
            shown = quote(str(parameter.default))
            raise ModelError(f"parameter '{parameter.name}', default {shown}: {error}") from None
        if parameter.complex:
            resolved[f"re_{parameter.name}"] = value.real()
            resolved[f"im_{parameter.name}"] = value.imag()
        else:
            resolved[parameter.name] = value

    for parameter in parameters.values():
        visit(parameter, ())
    return resolved


def _factor(name: str, values: Mapping[str, Coefficient]) -> Coefficient:
    """Return what stands in the place of a symbol; values go under roots as well."""
    if is_root(name) and not under(name).isdisjoint(values):
        return bounded(Coefficient.sqrt(_substitute(Coefficient.under_root(name), values)))
    return values.get(name, Coefficient.symbol(name))


def _substitute(value: Coefficient, values: Mapping[str, Coefficient]) -> Coefficient:
    """Replace symbols step by step, so that a hostile chain of defaults is stopped while it is small."""
    work = 0
    sides = []
    for side in (value.numerator, value.denominator):
        total = _ZERO
        for monomial, (re, im) in side:
            term = Coefficient.number(re, im)
            for name, power in monomial:
                factor = _factor(name, values)
                for _ in range(power):
                    work += len(term.numerator) * len(factor.numerator) + len(term.denominator)
                    if work > MAX_WORK:
                        raise ExpansionError(
                            "the defaults are too large to put into each other; shorten them."
                        )
                    term = bounded(term * factor)
            work += len(total.numerator) * len(term.denominator) + len(total.denominator) * len(
                term.numerator
            )
            total = bounded(total + term)
        sides.append(total)
    if sides[1].is_zero:
        raise ModelError(
            f"the default {quote(str(value))} divides by zero once its symbols have their defaults."
        )
    return bounded(sides[0] / sides[1])


def check_default(parameter: Parameter, dimensions: Mapping[str, int]) -> None:
    """Refuse a default of unknown symbols or of the wrong mass dimension.

    A pure number is in GeV to the parameter's dimension. Raises ModelError.
    """
    value = parameter.default
    if value is None:
        return
    where = f"parameter '{parameter.name}', default {quote(str(value))}"
    for symbol in sorted(value.symbols):
        if symbol not in dimensions:
            raise ModelError(f"{where}: '{symbol}' is not declared; add [parameters.{symbol}].")
    try:
        found = coefficient_dimension(value, dimensions)
    except ModelError as error:
        raise ModelError(f"{where}: {error}") from None
    if found != parameter.dimension and any(dimensions[s] for s in value.symbols):
        raise ModelError(
            f"{where}: its mass dimension is {found}, the parameter's is "
            f"{parameter.dimension}; make them agree."
        )
