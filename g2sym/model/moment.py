"""The anomalous magnetic moment of one lepton in one model: symbolic, certified, vectorised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import Ball, certify, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import SCHEMES, Conventions
from g2sym.base.exact import decimal_text
from g2sym.derive.contributions import Contribution, Derivation, Term
from g2sym.derive.diagrams import derive
from g2sym.errors import ModelError, UnsupportedError, UsageError
from g2sym.inputs import Inputs
from g2sym.kernels.closed import Kernel, check_masses, number
from g2sym.lagrangian.declaration import Declaration
from g2sym.model.analytic import Analytic
from g2sym.observables.values import Values, allowed_names

if TYPE_CHECKING:
    import sympy
    from flint import arb

    from g2sym.queries.arrays import ArrayFunction
    from g2sym.queries.cancellation import Cancellation
    from g2sym.queries.uncertainty import Parametric

ZERO = Coefficient.number(0)
WORDS = MappingProxyType({"e": "electron", "mu": "muon", "tau": "tau"})
"""The charged leptons in words."""
MAX_DIGITS = 20000
"""Most decimal digits that may be asked for."""


@dataclass(frozen=True)
class Evaluation:
    """A certified value: ``str()`` prints correct digits only.

    ``ball`` encloses the sum, ``contributions`` each part; ``record`` says how it came about.
    """

    ball: Ball
    digits: int
    contributions: Mapping[str, Ball]
    record: Mapping[str, Any] = field(repr=False)

    def __str__(self) -> str:
        return self.ball.text(self.digits)

    def __float__(self) -> float:
        return float(self.ball)

    @property
    def radius(self) -> str:
        """An upper bound on the distance of the midpoint from the truth, as a decimal string."""
        return self.ball.radius_text()

    def mpf(self) -> Any:
        """Return the value as an mpmath number."""
        return self.ball.mpf(self.digits)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready record: the printed value, a radius around it, each part, and the record."""
        value, radius = self.ball.printed(self.digits)
        parts = [(name, *ball.printed(self.digits)) for name, ball in self.contributions.items()]
        listed = [{"name": n, "value": v, "radius": r} for n, v, r in parts]
        total = {"value": value, "radius": radius, "digits": self.digits, "contributions": listed}
        return {**self.record, **total}


@dataclass(frozen=True)
class AnomalousMoment(Analytic):
    """Delta a_l = F2(0) of one lepton: what the mediators of a model add to (g-2)/2.

    Made by `Model.anomalous_moment`. Masses are in GeV. Values are given as keywords or, for names
    that clash with a keyword, as ``params={...}``; see `g2sym.base.exact.read_number` for what a value is.
    """

    declaration: Declaration
    lepton: str
    inputs: Inputs
    conventions: Conventions

    @cached_property
    def derivation(self) -> Derivation:
        """Everything the engine derived; see `g2sym.derive.contributions.Derivation`."""
        return derive(self.declaration, self.lepton, self.conventions)

    @property
    def contributions(self) -> Mapping[str, Contribution]:
        """The named contributions, each with its integrals, diagrams and scheme."""
        return self.derivation.contributions

    @property
    def announcements(self) -> tuple[str, ...]:
        """Sentences about what else these couplings do, such as inducing an electric dipole moment."""
        out = []
        if not self.contributions:
            out.append(f"No term of this model reaches the {WORDS[self.lepton]}: Delta a is zero.")
        if self.derivation.electric:
            couplings = sorted(
                {n for t in self.derivation.electric for n in t.coefficient.symbols}
                & (set(self.declaration.parameters) | _complex_parts(self.declaration))
            )
            out.append(
                f"Together, {' and '.join(couplings)} also induce an electric dipole moment of the "
                f"{WORDS[self.lepton]} (CP violation)."
            )
        out += [
            f"Not included: {operator.text()} ({reason})." for operator, reason in self.derivation.pending
        ]
        return (*out, *self.derivation.remarks)

    # symbolic -----------------------------------------------------------------------------------
    @property
    def integrand(self) -> sympy.Expr:
        """The integrand of a model with one contribution, an ordinary SymPy expression over x.

        Raises UsageError when several contributions have integrands over different parameters; take
        ``contributions[name].integrand`` then.
        """
        parts = list(self.contributions.values())
        if len({c.variables for c in parts}) > 1 or any(c.outside != 0 for c in parts):
            raise UsageError(
                f"The contributions {', '.join(self.contributions)} are integrals over different Feynman "
                "parameters; take contributions[name].integrand, or integral() for the sum."
            )
        import sympy

        return sympy.Add(*(c.integrand for c in parts))

    def integral(self) -> sympy.Expr:
        """Return Delta a as a sum of unevaluated SymPy integrals."""
        import sympy

        return sympy.Add(*(c.integral() for c in self.contributions.values()))

    def cancellation(
        self, name: str, params: Mapping[str, object] | None = None, **values: object
    ) -> Cancellation:
        """Return where Delta a vanishes as a function of one coupling, symbolic and numeric.

        Parameters: ``name`` of the coupling; values to fix, everything else stays symbolic.
        Raises UsageError when Delta a does not depend on it.
        """
        from g2sym.queries.cancellation import cancellation

        return cancellation(self, name, {**(params or {}), **values})

    def with_scheme(self, scheme: str) -> AnomalousMoment:
        """Return the same moment in another treatment of gamma5, the epsilon tensor and the cut-off.

        Parameters: ``scheme``, a key of `g2sym.base.conventions.SCHEMES`. Raises InputError for another.
        """
        return replace(self, conventions=replace(self.conventions, scheme=scheme))

    def scheme_spread(
        self, digits: int = 17, params: Mapping[str, object] | None = None, **values: object
    ) -> dict[str, Evaluation]:
        """Return Delta a in every scheme: their spread is an uncertainty of the effective theory.

        It is not a numerical error: each value is certified in its own scheme.
        """
        return {
            scheme: self.with_scheme(scheme).evaluate(digits, params=params, **values) for scheme in SCHEMES
        }

    def _repr_latex_(self) -> str:
        import sympy

        return f"$\\displaystyle \\Delta a_{{{self.lepton}}} = {sympy.latex(self.integral())}$"

    # numbers ------------------------------------------------------------------------------------
    def values(self, params: Mapping[str, object] | None = None, **values: object) -> Values:
        """Read values for this model's parameters; raises UsageError or InputError for bad ones."""
        return Values.read(self.declaration, self.inputs, {**(params or {}), **values})

    def evaluate(
        self, digits: int = 17, params: Mapping[str, object] | None = None, **values: object
    ) -> Evaluation:
        """Return Delta a with every printed digit right.

        Parameters: ``digits``, significant decimals; values in GeV by parameter name.
        Raises UsageError for missing values, PrecisionError when the digits cannot be reached.
        """
        if not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
            raise UsageError(f"digits = {digits!r}: give an integer from 1 to {MAX_DIGITS}.")
        known = self.values(params, **values)
        self.refuse_pending(known)
        known.require(n for t in self.derivation.terms() for n in t.needs())
        sums = {
            name: self._prepare(contribution.terms, known)
            for name, contribution in self.contributions.items()
        }
        label = f"Delta a_{self.lepton}"
        total = certify(lambda bits: _total([s(bits) for s in sums.values()]), digits, label)
        single = len(sums) == 1
        parts = {
            name: total if single else certify(one, digits, f"{label}, {name}") for name, one in sums.items()
        }
        return Evaluation(total, digits, parts, self.record(known))

    def sum_in_balls(self, params: Mapping[str, object]) -> Callable[[int], arb]:
        """Return Delta a as a function of the working precision, to be called inside `certify`."""
        known = self.values(params)
        self.refuse_pending(known)
        return self._prepare(tuple(self.derivation.terms()), known)

    def enclose(self, bits: int = 128, params: Mapping[str, object] | None = None, **values: object) -> Ball:
        """Return a ball that contains Delta a, computed with ``bits`` of working precision."""
        compute = self.sum_in_balls({**(params or {}), **values})
        with working_precision(bits):
            return Ball.from_arb(compute(bits))

    def input_uncertainty(self, params: Mapping[str, object] | None = None, **values: object) -> Parametric:
        """Return how much one standard deviation of each input (masses, alpha, ...) moves Delta a."""
        from g2sym.queries.uncertainty import parametric

        return parametric(self, {**(params or {}), **values})

    def polynomial_in(self, name: str, values: Values | Mapping[str, object]) -> Callable[[int], list[arb]]:
        """Return Delta a as a polynomial in one coupling.

        Parameters: ``name`` of the coupling; ``values`` of everything else. Returns a function of the
        working precision in bits that gives the coefficients by power, in balls.
        Raises UsageError when Delta a is not a polynomial in it.
        """
        known = values if isinstance(values, Values) else self.values(values)
        if name not in allowed_names(self.declaration):
            known.exact(name)  # raises for a mass without a value, or an unknown name
            raise UsageError(f"{name} is not a coupling of the model '{self.declaration.name}'.")
        self._refuse_mass(name)
        self.refuse_pending(known, name)
        parts = self._by_powers(name, frozenset(known.given))
        degree = max(parts, default=0)
        sums = [self._prepare(parts.get(n, ()), known) for n in range(degree + 1)]
        return lambda bits: [one(bits) for one in sums]

    def _refuse_mass(self, name: str) -> None:
        """Refuse a name in which Delta a is no polynomial: kernels depend on masses, not on couplings."""
        declared = self.declaration.parameters
        if name in declared and declared[name].complex:
            raise UsageError(f"{name} is complex; take its part re_{name} or im_{name}.")
        shape = Values(self.declaration, self.inputs)
        masses = {s for t in self.derivation.terms() for s, _ in t.masses.symbols().values()}
        for mass in sorted(masses):
            default = shape.default(mass)
            if name == mass or (
                default is not None and name in shape.expand(default, frozenset((name,))).symbols
            ):
                where = f"Delta a_{self.lepton} is no polynomial in {name}"
                raise UsageError(f"{where}: its kernels depend on {mass}.")

    @cached_property
    def _by_powers(self) -> Callable[[str, frozenset[str]], dict[int, tuple[Term, ...]]]:
        """The terms by powers of a coupling, which depend on the names that have values, not on these."""

        @lru_cache(maxsize=64)
        def split(name: str, given: frozenset[str]) -> dict[int, tuple[Term, ...]]:
            shape = Values(self.declaration, self.inputs, dict.fromkeys(given, Fraction(1)))
            parts: dict[int, list[Term]] = {}
            for term in self.derivation.terms():
                towards = shape.expand_towards(term.coefficient, name)
                try:
                    by_power = towards.collect([name])
                except ModelError as error:
                    raise UsageError(f"Delta a_{self.lepton} is no polynomial in {name}: {error}") from None
                for powers, factor in by_power.items():
                    parts.setdefault(powers[0], []).append(Term(factor, term.integral, term.masses))
            return {power: tuple(terms) for power, terms in parts.items()}

        return split

    def lambdify(self, backend: str = "numpy") -> ArrayFunction:
        """Return a function of the parameters that broadcasts like a numpy ufunc.

        Parameters: ``backend``, "numpy" (float64 arrays) or "mpmath" (scalars, ``digits=`` keyword).
        """
        from g2sym.queries.arrays import ArrayFunction

        if backend not in ("numpy", "mpmath"):
            raise UsageError(f"There is no backend '{backend}'; choose numpy or mpmath.")
        return ArrayFunction(self, backend)

    # records ------------------------------------------------------------------------------------
    def record(self, known: Values | None = None) -> dict[str, Any]:
        """Return a JSON-ready record: model, conventions, inputs, values and defaults used."""
        out: dict[str, Any] = {
            "model": self.declaration.name,
            "lepton": self.lepton,
            "conventions": self.conventions.as_dict(),
            "inputs": self.inputs.as_dict(),
            "announcements": list(self.announcements),
        }
        if known is not None:
            out["values"] = {name: decimal_text(v, 40) for name, v in known.given.items()}
            out["defaults"] = known.defaults_used
        return out

    def refuse_pending(self, known: Values, symbolic: str | None = None) -> None:
        """Refuse non-zero couplings whose contribution the engine cannot derive yet.

        Raises UnsupportedError with the operator and the mend.
        """
        keep = frozenset((symbolic,) if symbolic else ())
        for operator, reason in self.derivation.pending:
            if not known.expand(operator.coefficient, keep).is_zero:
                names = ", ".join(sorted(operator.coefficient.symbols & set(self.declaration.parameters)))
                raise UnsupportedError(
                    f"The term {operator.text()} is not zero, but {reason}; set {names or 'it'} to 0."
                )

    @cached_property
    def _kernel(self) -> Callable[[Term, dict[str, Fraction], int], arb]:
        """Kernel values, remembered: rows of a bound and cells of a plane share their masses."""
        kernels: dict[tuple[int, bool], Kernel] = {}

        @lru_cache(maxsize=4096)
        def ball(key: tuple[int, bool], ratios: tuple[tuple[str, Fraction], ...], bits: int) -> arb:
            return kernels[key].ball(dict(ratios), bits)

        def value(term: Term, ratios: dict[str, Fraction], bits: int) -> arb:
            massless = ratios.get("nu") == 0  # its Delta vanishes at an end: another closed form
            key = (id(term.integral), massless)  # the derivation keeps its integrals alive
            if key not in kernels:
                kernels[key] = Kernel(term.form(massless))
            return ball(key, tuple(ratios.items()), bits)

        return value

    def _prepare(self, terms: Sequence[Term], known: Values) -> Callable[[int], arb]:
        """Return a function of the precision that sums coefficient times kernel over 16 pi^2."""
        from flint import arb

        known.require(n for t in terms for n in t.needs())
        every = [
            (t, self.ratios(t, known, massless=True)) for t in terms if not known.vanishes(t.coefficient)
        ]
        ready = _without_cancelled([(t, r) for t, r in every if r.get("rho") != 0], known)
        light = [(t, r) for t, r in every if r.get("rho") == 0]
        limit = None
        if light:
            from g2sym.queries.massless import massless_sum

            limit = massless_sum(self, light, known)

        def compute(bits: int) -> arb:
            total, symbols = arb(0), known.symbol_balls()
            if limit is not None:
                total += limit(symbols)
            for term, ratios in ready:
                total += symbols(term.coefficient) * self._kernel(term, ratios, bits)
            return total / (16 * arb.pi() ** 2) if every else total

        return compute

    def ratios(self, term: Term, known: Values, massless: bool = False) -> dict[str, Fraction]:
        """Return the exact dimensionless masses of a term's kernel; raises where it is singular.

        Parameters: ``massless``, True where rho = 0 is going to be treated as a limit.
        """
        masses = term.masses
        ratios = masses.exact_ratios(known.exact)
        names = (masses.boson, masses.fermion or masses.lepton, masses.lepton)
        if not (massless and ratios.get("rho") == 0):
            check_masses(ratios.get("rho", Fraction(1)), ratios.get("nu", Fraction(1)), names)
        if masses.cutoff and known.exact(masses.cutoff) <= 0:
            raise UsageError(f"{masses.cutoff} is not positive: the cut-off has to be.")
        return ratios


def _without_cancelled(
    terms: list[tuple[Term, dict[str, Fraction]]], known: Values
) -> list[tuple[Term, dict[str, Fraction]]]:
    """Drop terms with the same kernel at the same masses whose coefficients add up to zero exactly."""
    groups: dict[tuple[object, ...], list[tuple[Term, dict[str, Fraction]]]] = {}
    for term, ratios in terms:
        groups.setdefault((term.integral.identity, *ratios.items()), []).append((term, ratios))
    return [
        pair
        for group in groups.values()
        if len(group) == 1 or not sum((known.expand(t.coefficient) for t, _ in group), ZERO).is_zero
        for pair in group
    ]


def _total(parts: Sequence[arb]) -> arb:
    return sum(parts, number(0))


def _complex_parts(declaration: Declaration) -> set[str]:
    return {f"{p}_{n}" for n, q in declaration.parameters.items() if q.complex for p in ("re", "im")}
