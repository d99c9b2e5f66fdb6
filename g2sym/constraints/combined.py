"""A combination of measurements: bounds, likelihoods, array functions and maps that all of them enter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from g2sym.base.arguments import given, text
from g2sym.base.classes import dataclass, replace
from g2sym.constraints.conditions import Condition, read_conditions
from g2sym.errors import InputError, UsageError, shorten

if TYPE_CHECKING:
    from g2sym.base.types import Record
    from g2sym.constraints.combined_bounds import CombinedBound
    from g2sym.constraints.combined_maps import CombinedMap
    from g2sym.constraints.likelihood import Likelihood, LikelihoodFunction
    from g2sym.constraints.likelihood_standard import StandardLikelihood
    from g2sym.constraints.planes import AxisLike


@dataclass(frozen=True, init=False)
class Combination:
    """Several measurements, each put to an observable of one model.

    Parameters: ``entries``, a list of (observable, measurement), (observable, measurement, criterion) or
    (observable, measurement, criterion, n_sigma). Criterion and n_sigma belong to differences, by default
    ``"sensitivity"`` and 2; limits and ranges have their own confidence level.
    Raises UsageError for a measurement of another observable or given twice, for a criterion given to a
    limit, and for observables of different models, inputs or conventions; InputError for a bad file.

    >>> import g2sym as g2
    >>> photon = g2.load_model("dark_photon")
    >>> both = g2.Combination([
    ...     (photon.anomalous_moment("e"), "electron-2023-rb"),
    ...     (photon.anomalous_moment("mu"), "muon-2025", "interval"),
    ... ])
    >>> print(both.bound("eps", m_A="0.1").rows[0].text())
    [-2.540e-3, 2.540e-3]
    """

    conditions: tuple[Condition, ...]

    def __init__(self, entries: Any) -> None:
        object.__setattr__(self, "conditions", read_conditions(entries))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the measurements."""
        return tuple(one.name for one in self.conditions)

    def in_unit(self, unit: str) -> Combination:
        """Return the same with windows written in a unit, for the observables that it fits.

        Parameters: ``unit``, such as ``"e_cm"`` for electric dipole moments. Raises UsageError for a unit
        that fits none.
        """
        text(unit, "unit", "e_cm")
        found, refused = [], None
        for one in self.conditions:
            try:
                found.append(replace(one, window=one.window.in_unit(unit, one.quantity.text)))
            except InputError as error:
                found.append(one)
                refused = refused or error
        if all(one is two for one, two in zip(found, self.conditions, strict=True)):
            raise UsageError(str(refused)) from None
        return Combination(found)

    def bound(
        self,
        on: str,
        *,
        interval: tuple[object, object] | None = None,
        params: Mapping[str, object] | None = None,
        digits: int = 17,
        **values: object,
    ) -> CombinedBound:
        """Return the values of a coupling, or of a mass, that all measurements allow.

        Parameters: as for `g2sym.bound`. The allowed set is the intersection of certified windows.
        Returns one row for each combination of values, the windows of each measurement beside it, and where
        nothing is allowed the names of the measurements that contradict each other. Raises what `g2sym.bound`
        raises, PrecisionError where two ends cannot be told apart.
        """
        from g2sym.constraints.combined_bounds import combined_bound

        return combined_bound(
            self.conditions, text(on, "on", "g_aff"), interval, given(params, values), digits
        )

    def likelihood(
        self, digits: int = 6, params: Mapping[str, object] | None = None, **values: object
    ) -> Likelihood:
        """Return pulls, chi^2 and log-likelihood at a point, every printed digit right.

        Parameters: ``digits``, significant decimals; values in GeV by parameter name.
        Raises what ``evaluate`` raises. See `g2sym.constraints.likelihood` for what each measurement adds.

        Example: ``combination.likelihood(m_A="0.1", eps="1e-3").chi2``.
        """
        from g2sym.constraints.likelihood import likelihood

        return likelihood(self.conditions, digits, given(params, values))

    def lambdify(self, backend: str = "numpy") -> LikelihoodFunction | StandardLikelihood:
        """Return the log-likelihood as a function of the parameters that broadcasts like a numpy ufunc.

        Parameters: ``backend``, "numpy" (`g2sym.constraints.likelihood.LikelihoodFunction`) or "array-api"
        (arrays of any namespace, JAX's when traced, with a mask and an error bound;
        `g2sym.constraints.likelihood_standard.StandardLikelihood`). Raises UsageError for another.

        Example: ``combination.lambdify()(m_A=[0.1, 1.0], eps=1e-3)``.
        """
        if text(backend, "backend", "numpy") == "array-api":
            from g2sym.constraints.likelihood_standard import StandardLikelihood

            return StandardLikelihood(self.conditions)
        if backend != "numpy":
            raise UsageError(f"There is no backend {shorten(backend)}; choose numpy or array-api.")
        from g2sym.constraints.likelihood import LikelihoodFunction

        return LikelihoodFunction(self.conditions)

    def map(
        self,
        x: AxisLike,
        y: AxisLike,
        *,
        resolution: int = 1024,
        undecided: float = 0.0,
        params: Mapping[str, object] | None = None,
        **values: object,
    ) -> CombinedMap:
        """Prove for every cell of a plane which measurements allow, exclude or favour it.

        Parameters: as for `g2sym.exclusion_map`; ``undecided`` holds for each measurement.
        Raises what that raises.

        Example: ``combination.map(("m_A", 0.01, 10), ("eps", "1e-5", 1), resolution=256).areas``.
        """
        from g2sym.constraints.combined_maps import combined_map

        return combined_map(self.conditions, x, y, resolution, undecided, given(params, values))

    def as_dict(self) -> Record:
        """Return a JSON-ready record of the measurements, each with its observable, window and level."""
        return {"conditions": [one.as_dict() for one in self.conditions]}
