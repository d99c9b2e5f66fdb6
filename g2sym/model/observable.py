"""What a user holds: an observable of a model, with every query as a method."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from g2sym.base.arguments import described, given, text, whole
from g2sym.base.balls import MAX_BITS, Ball
from g2sym.base.classes import dataclass, replace
from g2sym.base.conventions import SCHEMES, Conventions
from g2sym.derive.contributions import Contribution, Derivation
from g2sym.errors import UsageError, shorten
from g2sym.inputs import Inputs
from g2sym.lagrangian.declaration import Declaration
from g2sym.model.named import texts
from g2sym.observables.notices import not_included_latex
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values
from g2sym.queries import evaluate as numbers
from g2sym.queries.evaluate import Evaluation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import sympy
    from flint import arb

    from g2sym.base.types import Record
    from g2sym.queries.arrays import ArrayFunction
    from g2sym.queries.cancellation import Cancellation
    from g2sym.queries.expansions import Asymptotics, Limit
    from g2sym.queries.remainders import Remainder
    from g2sym.queries.standard import StandardFunction
    from g2sym.queries.uncertainty import Parametric

Params = Mapping[str, object] | None


@dataclass(frozen=True)
class Observable:
    """An observable of a model; made by `Model.observable`, `Model.anomalous_moment` and the like.

    ``quantity`` is the data behind it. Masses are in GeV. Values are given as keywords or, for names that
    clash with a keyword, as ``params={...}``; see `g2sym.base.exact.read_number` for what a value is.
    """

    quantity: Quantity

    def __getstate__(self) -> Record:
        """Return the field alone: what was derived is derived again where it arrives."""
        return {"quantity": self.quantity}

    # what it is ----------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        """The canonical name, such as ``a(mu)``."""
        return self.quantity.text

    @property
    def unit(self) -> str:
        """The unit, "1" or a power of GeV."""
        return self.quantity.unit

    @property
    def declaration(self) -> Declaration:
        """The checked Lagrangian."""
        return self.quantity.declaration

    @property
    def inputs(self) -> Inputs:
        """The measured inputs."""
        return self.quantity.inputs

    @property
    def conventions(self) -> Conventions:
        """Signs and scheme."""
        return self.quantity.conventions

    @property
    def lepton(self) -> str | None:
        """The lepton, None for an observable of several."""
        return self.quantity.lepton

    @property
    def contributions(self) -> Mapping[str, Contribution]:
        """The named contributions of a single amplitude, each with its integrals, diagrams and scheme.

        Those of a product or quotient are named after the amplitude, as in ``a(e): one-loop``. Raises
        UnsupportedError for couplings that are not derived, as `evaluate` does; ask with ``partial=True`` for
        the others.
        """
        self.quantity.refuse_pending(self.quantity.values())
        one = self.quantity.single
        if one is not None:
            return one.contributions
        every = self.quantity.amplitudes
        return {f"{a.name}: {name}": c for a in every for name, c in a.contributions.items()}

    @property
    def announcements(self) -> tuple[str, ...]:
        """Sentences about what else these couplings do and what is left out."""
        return self.quantity.announcements

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not derived although its coupling is not 0 by default, a sentence each.

        Every query refuses it; an observable asked for with ``partial=True`` leaves it out.
        """
        return self.quantity.missing()

    @property
    def derivation(self) -> Derivation:
        """Everything the engine derived for its one lepton; raises UsageError for several leptons."""
        if self.lepton is None:
            raise UsageError(f"{self.name} is about several leptons; ask for the derivation of one of them.")
        return self.quantity.derivations[self.lepton][1]

    def with_scheme(self, scheme: str) -> Observable:
        """Return the same observable in another treatment of gamma5, the epsilon tensor and the cut-off.

        Parameters: ``scheme``, a key of `g2sym.base.conventions.SCHEMES`. Raises InputError for another.
        """
        return replace(self, quantity=self.quantity.with_scheme(scheme))

    def quoted(self, **leptons: str) -> Observable:
        """Return the same observable with couplings whose values are quoted for a lepton by name.

        Parameters: ``leptons``, couplings to leptons: ``y="mu"`` makes ``y[mu]`` the parameter, from which y
        of every lepton follows by its flavour. A value given as ``y[mu]`` does the same for one question.
        Raises UsageError for what is no coupling of the generic lepton, or no lepton.

        Example: ``g2.load_model("dark_photon").observable("a(e)").quoted(eps="mu")``.
        """
        names = [f"{name}[{text(lepton, name, 'mu')}]" for name, lepton in leptons.items()]
        return replace(self, quantity=self.quantity.asked({}, *names)[0])

    # formulas ------------------------------------------------------------------------------------
    @property
    def integrand(self) -> sympy.Expr:
        """The integrand over the Feynman parameters as a SymPy expression.

        Raises UsageError when several contributions have integrands over different parameters.
        """
        from g2sym.queries.closed import integrand

        return integrand(self.quantity)

    def integral(self) -> sympy.Expr:
        """Return the observable as unevaluated SymPy integrals."""
        from g2sym.queries.closed import integral

        return integral(self.quantity)

    def closed_form(self) -> sympy.Expr:
        """Return the closed form as a SymPy expression in the couplings and masses.

        Each term is proved to be its integral, and has been compared in balls as the expression it is. It
        holds below threshold; above, where SymPy's logarithms and roots are on their cuts, it evaluates to
        the complex conjugate of the value. Those of widths and cross-sections are in the unit of their values
        and hold under `conditions`; in a total width each channel is a Piecewise, zero where it is closed.
        Raises CheckFailed should a term fail that.

        Example: ``g2.load_model("alp").anomalous_moment("mu").closed_form()``.
        """
        from g2sym.queries.closed import closed_form

        return closed_form(self.quantity)

    @property
    def conditions(self) -> tuple[str, ...]:
        """Where the closed form of a width or cross-section holds, as ``("m_a > 2*m_mu",)``."""
        from g2sym.queries.closed_rates import conditions

        return conditions(self.quantity)

    def limit(
        self,
        mass: str,
        point: object,
        side: str | None = None,
        contribution: str | None = None,
        params: Params = None,
        **values: object,
    ) -> Limit:
        """Return the limit as a mass goes to a point, proved.

        Parameters: ``mass``, a mass symbol; ``point``, "oo", a number in GeV or an expression of masses
        such as ``"2*m_mu"``; ``side``, "above" or "below" (default: both, where both exist);
        ``contribution``, the name of one (default: the sum; a product or quotient has none); values to
        fix in GeV, everything else stays symbolic.
        Raises UsageError for what makes no sense, UnsupportedError above threshold and where the limit
        would need the sign of a symbolic combination of masses.

        Example: ``str(g2.load_model("dark_photon").observable("a(e)/a(mu)").limit("m_A", "oo"))`` is
        ``"m_e^2/m_mu^2"``.
        """
        from g2sym.queries.limits import limit

        texts(mass=mass, side=side, contribution=contribution)
        return limit(self.quantity, mass, point, given(params, values), side, contribution)

    def series(
        self,
        mass: str,
        point: object,
        order: int = 2,
        contribution: str | None = None,
        params: Params = None,
        **values: object,
    ) -> Asymptotics:
        """Return the first ``order`` powers as a mass goes to a point, proved.

        Parameters: ``order``, from 1 to 40; the others as for `limit`. Returns the truncated series with
        the power that was left out.
        Raises what `limit` raises, and UnsupportedError for a quotient whose denominator leads with a
        logarithm: that has a limit, but no series in powers of t and ln t.
        """
        from g2sym.queries.limits import series

        texts(mass=mass, contribution=contribution)
        return series(self.quantity, mass, point, order, given(params, values), contribution)

    def remainder(
        self,
        mass: str,
        point: object,
        order: int = 2,
        to: object = None,
        contribution: str | None = None,
        params: Params = None,
        **values: object,
    ) -> Remainder:
        """Return a bound on what a series leaves out, proved for every mass of a range.

        Parameters: ``order`` as for `series`; ``to``, the mass at which the range ends, in GeV, as
        ``"500MeV"`` or as ``"10*m_mu"`` (default: well inside convergence, at most a tenth or at least ten
        times the lepton's mass); the others as for `limit`. Couplings stay symbols; every other mass needs a
        value. Raises what `series` raises, UsageError for an observable of several amplitudes and for a mass
        without a value, UnsupportedError where the range holds a singularity.

        Example: ``print(g2.load_model("dark_photon").anomalous_moment("mu").remainder("m_A", "oo"))`` ends
        with ``for m_A >= 10*m_mu``.
        """
        from g2sym.queries.remainders import remainder

        texts(mass=mass, contribution=contribution)
        return remainder(self.quantity, mass, point, order, given(params, values), to, contribution)

    def zeros(
        self,
        name: str,
        interval: tuple[object, object] | None = None,
        digits: int = 17,
        params: Params = None,
        **values: object,
    ) -> tuple[Any, ...]:
        """Return where the observable vanishes.

        Parameters: ``name``, a coupling or a ratio of two (``"g_agg/g_aff"``), solved symbolically, or a
        mass, for which ``interval`` in GeV is searched and ``values`` fix everything else.
        Returns SymPy expressions; for a mass certified balls with ``digits`` decimals, all zeros in the
        interval, each proved to be simple. Those of a product in a mass are those of its amplitudes, those
        of a quotient its numerator's.
        Raises UsageError for other names, and for a product in a coupling; PrecisionError when a zero in a
        mass cannot be isolated, or told from one of the denominator.
        """
        from g2sym.queries.zeros import zeros

        texts(name=name)
        return zeros(self.quantity, name, interval, digits, given(params, values))

    def cancellation(self, name: str, params: Params = None, **values: object) -> Cancellation:
        """Return where the observable vanishes as a function of one coupling, symbolic and numeric.

        Parameters: ``name`` of the coupling; values to fix, everything else stays symbolic.
        Raises UsageError when it does not depend on the coupling.
        """
        from g2sym.queries.cancellation import cancellation

        texts(name=name)
        return cancellation(self.quantity, name, given(params, values))

    def _repr_latex_(self) -> str:
        import sympy

        rate = all(atom.is_rate for atom in self.quantity.name.atoms)
        shown = self.closed_form() if rate else self.integral()
        body = f"{self.quantity.latex} = {sympy.latex(shown)}"
        return f"$\\displaystyle {body}{not_included_latex(self.missing)}$"

    # numbers -------------------------------------------------------------------------------------
    def values(self, params: Params = None, **values: object) -> Values:
        """Read values for this model's parameters; raises UsageError or InputError for bad ones."""
        return self.quantity.known(given(params, values))[1]

    def evaluate(
        self, digits: int = 17, params: Params = None, unit: str | None = None, **values: object
    ) -> Evaluation:
        """Return the value with every printed digit right.

        Above threshold, where the lepton can decay into the loop, it is the real part, as the result
        announces; ``imaginary`` of the result is the other.

        Parameters: ``digits``, significant decimals; ``unit``, by default the natural one (`unit`), for an
        electric dipole moment ``"e_cm"`` too; values in GeV by parameter name.
        Raises UsageError for missing values, a denominator that vanishes and a mediator without mass where
        the value diverges, exactly on a threshold too, UnsupportedError for couplings that are not derived,
        PrecisionError when the digits cannot be reached.

        Example: ``g2.load_model("dark_photon").anomalous_moment("mu").evaluate(m_A="0.1", eps="1e-3")``.
        """
        return numbers.evaluate(self.quantity, digits, given(params, values), unit)

    def enclose(self, bits: int = 128, params: Params = None, **values: object) -> Ball:
        """Return a ball that contains the value, in its natural unit.

        Parameters: ``bits`` of working precision; values in GeV by parameter name. Raises what `evaluate`
        raises, except that a wide ball is no error.
        """
        return numbers.enclose(self.quantity, whole(bits, "bits", 2, MAX_BITS), given(params, values))

    def scheme_spread(
        self, digits: int = 17, params: Params = None, **values: object
    ) -> dict[str, Evaluation]:
        """Return the value in every scheme: their spread is an uncertainty of the effective theory.

        Parameters: as for `evaluate`. It is not a numerical error: each value is certified in its own scheme.
        Raises what `evaluate` raises.
        """
        known = given(params, values)
        return {s: self.with_scheme(s).evaluate(digits, known) for s in SCHEMES}

    def input_uncertainty(
        self, params: Params = None, unit: str | None = None, **values: object
    ) -> Parametric:
        """Return how much one standard deviation of each input (masses, alpha, ...) moves the value.

        Parameters: ``unit`` as for `evaluate`; values in GeV by parameter name. An input that cancels in a
        quotient is left out. Raises what `evaluate` raises.
        """
        from g2sym.queries.uncertainty import parametric

        return parametric(self.quantity, given(params, values), unit=unit)

    def polynomial_in(self, name: str, values: Values | Mapping[str, object]) -> Callable[[int], list[arb]]:
        """Return the observable as a polynomial in one coupling.

        Parameters: ``name`` of the coupling; ``values`` of everything else. Returns a function of the
        working precision in bits that gives the coefficients by power, in balls.
        Raises UsageError when it is not a polynomial in it.
        """
        from g2sym.queries.powers import fraction_in

        texts(name=name)
        raw = values.given if isinstance(values, Values) else given(values, {})
        quantity, known = self.quantity.known(raw, name)
        above, below = fraction_in(quantity, quantity.full_name(name), known)
        if below is not None:
            raise UsageError(f"{self.name} is a quotient, no polynomial in {name}.")
        return above

    def lambdify(self, backend: str = "numpy") -> ArrayFunction | StandardFunction:
        """Return a function of the parameters that broadcasts like a numpy ufunc.

        Parameters: ``backend``, "numpy" (float64 arrays), "mpmath" (scalars, ``digits=`` keyword) or
        "array-api" (arrays of any namespace that follows the array API standard, JAX's when traced too, with
        a mask of the points that are guaranteed; `g2sym.queries.standard.StandardFunction`).
        Raises UsageError for another backend. See `g2sym.queries.arrays.ArrayFunction` for the call.

        Example: ``g2.load_model("alp").anomalous_moment("mu").lambdify()(m_a=[0.1, 1.0], g_aff=1e-3)``.
        """
        from g2sym.queries.arrays import ArrayFunction

        if text(backend, "backend", "numpy") == "array-api":
            from g2sym.queries.standard import StandardFunction

            return StandardFunction(self.quantity)
        if backend not in ("numpy", "mpmath"):
            raise UsageError(f"There is no backend {shorten(backend)}; choose numpy, mpmath or array-api.")
        return ArrayFunction(self.quantity, backend)

    def record(self, known: Values | None = None) -> Record:
        """Return a JSON-ready record: model, observable, conventions, inputs, values and defaults used.

        Parameters: ``known``, what `values` returns, None for the defaults. Raises UsageError for anything
        else.
        """
        if not isinstance(known, Values | None):
            raise UsageError(f"known = {described(known)}: give what values(...) of the observable returns.")
        return self.quantity.asked(None if known is None else known.given)[0].record(known)


class AnomalousMoment(Observable):
    """Delta a_l = F2(0) of one lepton: what the mediators of a model add to (g-2)/2."""
