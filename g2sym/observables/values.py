"""Where the numbers come from: what the user set, what the model defaults to, what is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from numbers import Complex, Real
from types import MappingProxyType

from g2sym.base.balls import number, working_precision
from g2sym.base.classes import dataclass, field
from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import decimal_text, plain_text, read_number
from g2sym.base.masses import NONE, Mass, read_value
from g2sym.base.meter import ExpansionError
from g2sym.base.processes import VARIABLES
from g2sym.base.relations import vanishes
from g2sym.base.roots import NotReal
from g2sym.base.terms import is_root
from g2sym.errors import (
    ModelError,
    PrecisionError,
    UsageError,
    did_you_mean,
    shorten,
)
from g2sym.inputs import Inputs
from g2sym.inputs.constants import QUARKS
from g2sym.inputs.si import SI
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.names import UNIT_FACTORS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Record

DERIVED = ("e_em", "sin_w", "cos_w", "pi", *UNIT_FACTORS)
"""Symbols whose values follow from the inputs, or are constants."""
BEHIND = MappingProxyType(
    {
        **{"e_em": "alpha_inverse", "sin_w": "sin2_theta_w", "cos_w": "sin2_theta_w"},
        **{"Gamma_mu": "tau_mu", "Gamma_tau": "tau_tau"},
    }
)
"""Inputs behind derived symbols."""
PROBE_BITS = 64
"""Precision at which a coefficient is first told from zero."""
MAX_ROOT_BITS = 1 << 14
"""Most bits to which the sign of what stands under a root is looked for."""


@dataclass(frozen=True)
class Values:
    """Exact values for a model's parameters, on top of its defaults and the measured inputs."""

    declaration: Declaration
    inputs: Inputs
    given: Mapping[str, Fraction] = field(default_factory=dict)
    _expanded: dict[tuple[str, frozenset[str]], Coefficient] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def read(cls, declaration: Declaration, inputs: Inputs, raw: Mapping[str, object]) -> Values:
        """Read what a user gave.

        Parameters: ``raw``, parameter names to numbers (see `read_number`; a complex parameter y takes a
        Python complex number, or exact numbers as ``re_y`` and ``im_y``).
        Raises UsageError for a name the model does not have, for a complex parameter given both as a
        whole and in parts, and for a negative mass.
        """
        given: dict[str, Fraction] = {}
        for name, value in raw.items():
            if not isinstance(name, str):
                raise UsageError(f"{shorten(name)} is no name of a parameter; values are given by name.")
            parameter = declaration.parameters.get(name)
            known = allowed_names(declaration)
            if parameter is not None and parameter.complex:
                if twice := [part for part in parameter.symbols if part in raw]:
                    raise UsageError(f"{name} is given as a whole and as {twice[0]}; give it once.")
                re_part, im_part = _parts(value)
                given[f"re_{name}"] = read_number(re_part, name)
                given[f"im_{name}"] = read_number(im_part, name)
                continue
            if name not in known and (name in inputs or name in QUARKS):
                raise UsageError(
                    f"{name} is an input, not a parameter of '{declaration.name}'; set it with "
                    f'inputs={{"{name}": ...}} where the model is loaded, or --input {name}=VALUE.'
                )
            if name not in known and (kinds := [k for k, own in VARIABLES.items() if name in own]):
                raise UsageError(
                    f"{name} is a kinematic variable of {' and '.join(kinds)}, which is not asked for here; "
                    "drop it."
                )
            if name not in known:
                raise UsageError(
                    f"The model '{declaration.name}' has no parameter {shorten(name)}"
                    f"{did_you_mean(name, known)}; it has {', '.join(sorted(known))}."
                )
            given[name] = read_value(value, name, inputs.masses if isinstance(value, str) else NONE)
            if isinstance(given[name], Mass) and (parameter is None or parameter.dimension != 1):
                raise UsageError(
                    f"{name} is no mass, but {shorten(value)} is one; give {name} a number"
                    f"{f' in {parameter.unit}' if parameter is not None and parameter.dimension else ''}."
                )
            given[name] = Fraction(given[name])
            if given[name] < 0 and name in declaration.masses:
                raise UsageError(f"{name} = {decimal_text(given[name])}: a mass cannot be negative.")
            if given[name] < 0 and name in declaration.widths.values():
                raise UsageError(f"{name} = {decimal_text(given[name])}: a width cannot be negative.")
        return cls(declaration, inputs, given)

    def default(self, name: str) -> Coefficient | None:
        """Return the default of a parameter, or None."""
        base = name[3:] if name[:3] in ("re_", "im_") else name
        parameter = self.declaration.parameters.get(name) or self.declaration.parameters.get(base)
        if parameter is None or parameter.default is None:
            return None
        if parameter.complex:
            return parameter.default.real() if name.startswith("re_") else parameter.default.imag()
        return parameter.default

    @property
    def defaults_used(self) -> dict[str, str]:
        """Parameters that were not given and fell back on their default."""
        return {
            name: plain_text(str(p.default))
            for name, p in self.declaration.parameters.items()
            if p.default is not None and name not in self.given and f"re_{name}" not in self.given
        }

    def expand(self, coefficient: Coefficient, keep: frozenset[str] = frozenset()) -> Coefficient:
        """Put given values and defaults into a coefficient, leaving inputs and ``keep`` symbolic.

        Raises ModelError for defaults that refer to each other in a circle.
        """
        return self._expand(coefficient, keep, ())

    def _expand(self, coefficient: Coefficient, keep: frozenset[str], path: tuple[str, ...]) -> Coefficient:
        """Expand what the defaults on a ``path`` lead to; each default once, numbers first."""
        changes: dict[str, Coefficient] = {}
        for name in sorted(coefficient.symbols - keep):
            if name in self.given:
                changes[name] = Coefficient.number(self.given[name])
                continue
            key = (name, keep)
            if key not in self._expanded:
                default = self.default(name)
                if default is None:
                    continue
                if name in path:
                    raise ModelError(
                        f"The defaults of '{self.declaration.name}' refer to each other in a circle."
                    )
                self._expanded[key] = self._expand(default, keep, (*path, name))
            changes[name] = self._expanded[key]
        if not changes:
            return coefficient
        with self._named(changes, path, coefficient):
            return coefficient.subs(changes)

    def expand_towards(self, coefficient: Coefficient, name: str) -> Coefficient:
        """Insert the defaults that depend on ``name``, and nothing else.

        Raises ModelError for defaults that refer to each other in a circle.
        """
        changes: dict[str, Coefficient] = {}
        for symbol in coefficient.symbols - {name} - self.given.keys():
            default = self.default(symbol)
            if default is not None and name in self.expand(default, frozenset((name,))).symbols:
                changes[symbol] = self.expand_towards(default, name)
        with self._named(changes):
            return coefficient.subs(changes) if changes else coefficient

    @contextmanager
    def _named(
        self, changes: Iterable[str], path: tuple[str, ...] = (), into: Coefficient | None = None
    ) -> Iterator[None]:
        """Say of which model and which parameters the defaults or values are that cannot be put in.

        They are put ``into`` the default that a ``path`` leads to, or without one into couplings.
        """
        try:
            yield
        except NotReal as error:
            raise NotReal(f"model '{self.declaration.name}': {error}") from None
        except ModelError as error:
            own = [n for n in sorted(changes) if n not in self.given] or list(path[-1:])
            place = f"default of {', '.join(own[:5])}" if own else "couplings"
            below = {n for monomial, _ in (into.denominator if into else ()) for n, _ in monomial}
            zero = [f"{n} = 0" for n in sorted(below) if self.given.get(n) == 0]
            place += f" at {', '.join(zero[:5])}" if zero else ""
            where = f"model '{self.declaration.name}', {place}"
            if isinstance(error, ExpansionError):
                raise error.at(where) from None
            raise ModelError(f"{where}: {error}") from None

    def exact(self, name: str) -> Fraction:
        """Return the exact rational value of a mass or parameter.

        Raises UsageError when it has none, or one that is not rational.
        """
        if name in self.given:
            return self.given[name]
        default = self.default(name)
        if default is not None:
            value = self.expand(default)
            self.require(value.symbols)
            measured = {n: Coefficient.number(self.exact(n)) for n in value.symbols if n not in DERIVED}
            value = value.subs(measured) if measured else value
            if {monomial for side in (value.numerator, value.denominator) for monomial, _ in side} <= {()}:
                return value.numerator[0][1][0] if value.numerator else Fraction(0)
            raise UsageError(
                f"The default {shorten(default, 200)} of {name} is not a rational number, which a mass has "
                f"to be for certified values; give {name} a decimal value."
            )
        self.require((name,))
        return self.inputs.value(name)

    def require(self, names: Iterable[str]) -> None:
        """Refuse to go on when symbols have no value; raises UsageError that names every one."""
        missing = sorted({n for n in names if not self._has_value(n)}, key=lambda n: (n[:2] != "m_", n))
        own = [n for n in missing if n not in QUARKS or n in self.declaration.parameters]
        if own and own[0] in self.declaration.derived_widths:
            raise UsageError(
                f"{own[0]} is derived from the couplings of {self.declaration.derived_widths[own[0]]}, which "
                "is done at single points, where every coupling has a value; give it a number here, for "
                f"instance {own[0]}=0.01 (GeV)."
            )
        if own:
            verb, them = ("have", "them") if len(own) > 1 else ("has", "it")
            raise UsageError(
                f"{', '.join(own)} {verb} no value; set {them}, for instance {own[0]}=0.5 (masses in GeV)."
            )
        if missing:
            name = missing[0]
            raise UsageError(
                f"{name} has no value, since a quark's mass depends on its scheme and scale; set it with "
                f'inputs={{"{name}": ...}} where the model is loaded, or --input {name}=VALUE (GeV).'
            )

    def _has_value(self, name: str) -> bool:
        if name in self.given or name in DERIVED:
            return True
        if name in self.declaration.parameters:  # a field may be called t, and its mass m_t
            return self.default(name) is not None
        return name in self.inputs or self.default(name) is not None

    def has_values(self, names: Iterable[str]) -> bool:
        """True when every symbol has a value."""
        return all(self._has_value(n) for n in names)

    def symbol_balls(self) -> Callable[[Coefficient], arb]:
        """Return a function that evaluates real coefficients as balls, at the precision in force.

        Values of symbols are remembered, so make a new one for each precision.
        """
        memo: Record = {}

        def symbol(name: str) -> arb:
            if name not in memo:
                memo[name] = self._symbol(name, value)
            known: arb = memo[name]
            return known

        def value(coefficient: Coefficient) -> arb:
            result: arb = coefficient.fold(symbol, real_number)
            return result

        return value

    def ball(self, name: str) -> arb:
        """Return the value of any symbol as a ball, at the working precision in force."""
        return self.symbol_balls()(Coefficient.symbol(name))

    def coefficient_ball(self, coefficient: Coefficient) -> arb:
        """Evaluate a real coefficient as a ball, at the working precision in force."""
        return self.symbol_balls()(coefficient)

    def vanishes(self, coefficient: Coefficient) -> bool:
        """True when a coefficient is exactly zero at these values."""
        if coefficient.is_zero:
            return True
        with working_precision(PROBE_BITS):
            probe = self.symbol_balls()(coefficient)
        if probe.is_zero():  # a ball of radius zero is a proof
            return True
        return bool(probe.contains(0)) and vanishes(self.expand(coefficient))

    def root_ball(self, name: str, value: Callable[[Coefficient], arb]) -> arb:
        """Return a root as a ball, given how coefficients are evaluated.

        Raises NotReal where what stands under it is negative, PrecisionError where that cannot be told.
        """
        square = value(Coefficient.under_root(name))
        if square > 0:
            return square.sqrt()
        if square.is_zero() or not self.refuse_negative(name):
            return number(0)
        # the truth lies between 0 and the upper end, and its root between 0 and that of the end
        return square.upper().sqrt() * number(0).union(number(1))

    def refuse_negative(self, name: str, here: Coefficient | None = None) -> bool:
        """Refuse values at which what stands under a root is negative; True where it is positive, not zero.

        Parameters: ``here``, what stands under it where values have been put in already.
        Raises NotReal, UsageError for missing values, PrecisionError where the sign cannot be told.
        """
        inside = Coefficient.under_root(name)
        found = self.expand(inside if here is None else here)
        measured = found.symbols - set(DERIVED)
        self.require(measured)
        found = found.subs({n: Coefficient.number(self.inputs.value(n)) for n in measured})
        if vanishes(found):
            return False
        bits = 2 * PROBE_BITS
        while bits <= MAX_ROOT_BITS:
            with working_precision(bits):
                size = self.symbol_balls()(found)
            if size > 0:
                return True
            if size < 0:
                raise NotReal(
                    f"model '{self.declaration.name}': {name} is not real, since {inside} is "
                    f"{float(size.mid()):.6g} at these values; what stands under a root must not be negative."
                )
            bits *= 2
        raise PrecisionError(
            f"model '{self.declaration.name}': the sign of {inside}, which stands under a root, could not be "
            f"told with {MAX_ROOT_BITS} bits; move the values a little."
        )

    def _symbol(self, name: str, value: Callable[[Coefficient], arb]) -> arb:
        if is_root(name):
            return self.root_ball(name, value)
        if name not in self.given and (default := self.default(name)) is not None:
            self.expand(default)  # refuses circles
            return value(default)
        return number(self.given[name]) if name in self.given else self._constant(name)

    def _constant(self, name: str) -> arb:
        # a declared parameter is no input of the same name, such as m_h
        found = None if name in self.declaration.parameters else constant_ball(self.inputs, name)
        return number(self.exact(name)) if found is None else found


def constant_ball(inputs: Inputs, name: str) -> arb | None:
    """Return an input, or a symbol that follows from inputs, as a ball; None for any other name."""
    from flint import arb

    if name == "pi":
        return arb.pi()
    if name in UNIT_FACTORS:
        return number(SI[name]) / (2 * arb.pi()) ** (2 if name == "hbarc2" else 1)
    if name == "e_em":
        return (4 * arb.pi() / number(inputs.value("alpha_inverse"))).sqrt()
    if name in ("sin_w", "cos_w"):
        square = number(inputs.value("sin2_theta_w"))
        return (square if name == "sin_w" else 1 - square).sqrt()
    return number(inputs.value(name)) if name in inputs else None


def _parts(value: object) -> tuple[object, object]:
    """Return the real and the imaginary part of a number, Python's, mpmath's or SymPy's."""
    split = getattr(value, "as_real_imag", None)
    if callable(split):
        re_part, im_part = split()
        return re_part, im_part
    if isinstance(value, Complex) and not isinstance(value, Real):  # mpmath's and numpy's are registered
        return value.real, value.imag
    return value, 0


def real_number(re: Fraction, im: Fraction) -> arb:
    """Return a number of a real coefficient as a ball."""
    if im:
        raise ArithmeticError("a dipole moment's coefficient is not real")
    return number(re)


def allowed_names(declaration: Declaration) -> set[str]:
    """Return every name that a user may set: parameters, parts of complex ones, masses of new fields."""
    parts = {symbol for parameter in declaration.parameters.values() for symbol in parameter.symbols}
    return set(declaration.parameters) | parts | set(declaration.masses)
