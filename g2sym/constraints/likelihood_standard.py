"""Log-likelihoods over arrays of any namespace of the array API standard, JAX's with gradients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from g2sym.arrays.namespace import Space, is_array
from g2sym.base.arguments import given
from g2sym.constraints.conditions import Condition, asked
from g2sym.constraints.likelihood import in_doubles
from g2sym.queries.standard import StandardFunction

if TYPE_CHECKING:
    from g2sym.observables.quantity import Quantity


class GuardedLikelihood(NamedTuple):
    """Log-likelihoods with what is guaranteed of them, arrays of one shape; JAX takes it as a tree of arrays.

    ``decided`` is True where every observable has a relative error of at most 1e-12. ``error`` bounds the
    absolute error of ``log_likelihood``; it is infinite where nothing is guaranteed.
    """

    log_likelihood: Any
    decided: Any
    error: Any


class StandardLikelihood:
    """The log-likelihood by keyword; made by ``Combination.lambdify("array-api")``.

    Nothing in it branches on data, so that it can be traced, compiled, mapped and differentiated.
    """

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = tuple(conditions)
        self._shapes = [in_doubles(one.measurement.gaussian()) for one in self._conditions]
        self._functions: dict[tuple[object, ...], StandardFunction] = {}

    def __reduce__(self) -> tuple[type[StandardLikelihood], tuple[tuple[Condition, ...]]]:
        """Return what the function is made from."""
        return StandardLikelihood, (self._conditions,)

    def __call__(self, params: Mapping[str, object] | None = None, xp: Any = None, **values: object) -> Any:
        """Evaluate; parameters, and what is raised, as for `g2sym.queries.standard.StandardFunction`.

        Returns a `GuardedLikelihood`. With u = 2^-53 and a computed value V whose relative error is at most
        e, the true one lies within e |V|/(1 - e). The doubles nearest to centre and sigma, the difference
        and the quotient add at most u |c| + 3 u (|V| + |c|) over sigma to the error of a pull, which 8 u
        (|V| + |c|)/sigma covers, terms of second order included. A pull p with the error s has a square with
        the error s (2 |p| + s); sums of at most 64 squares round by less than 2^-46 of their value.
        """
        conditions, merged = asked(self._conditions, given(params, values))
        found = {q.text: self._function(q)(merged, xp) for q in (one.quantity for one in conditions)}
        space = Space({n: v for n, v in merged.items() if is_array(v)}, xp)
        total: Any = 0.0
        error: Any = 0.0
        decided: Any = None
        finite: Any = True
        for one, (centre, down, up) in zip(conditions, self._shapes, strict=True):
            value, good, relative = found[one.quantity.text]
            off = value - centre
            sigma: Any = up
            if down != up:
                sigma = space.xp.where(off > 0, space.array(up), space.array(down))
            pull, size = off / sigma, abs(value)
            finite = (relative < 1) & finite
            least = space.where(relative < 1, 1 - relative, 1.0)
            slack = (relative * size / least + 2.0**-50 * (size + abs(centre))) / sigma
            total = total + pull * pull
            error = error + slack * (2 * abs(pull) + slack)
            decided = good if decided is None else decided & good
        bound = space.where(finite, 0.5 * error + 2.0**-46 * total, float("inf"))
        return GuardedLikelihood(-0.5 * total, decided, bound)

    def _function(self, quantity: Quantity) -> StandardFunction:
        key = quantity.text, quantity.quoted
        if key not in self._functions:
            self._functions[key] = StandardFunction(quantity)
        return self._functions[key]
