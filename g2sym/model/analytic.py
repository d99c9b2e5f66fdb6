"""What can be asked of a moment as a function: closed form, limits, series, zeros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import sympy

    from g2sym.model.moment import AnomalousMoment
    from g2sym.queries.limits import Asymptotics, Limit


class Analytic:
    """The analytic methods of `g2sym.model.moment.AnomalousMoment`."""

    @property
    def _moment(self) -> AnomalousMoment:
        return cast("AnomalousMoment", self)

    def closed_form(self) -> sympy.Expr:
        """Return Delta a in closed form as a SymPy expression in the couplings and masses.

        Each term has been confirmed in balls, against direct integration and as the expression it is.
        """
        import sympy

        from g2sym.queries.closed import confirmed_closed_form

        return sympy.Add(*(confirmed_closed_form(t) for t in self._moment.derivation.terms()))

    def limit(
        self,
        mass: str,
        point: object,
        side: str | None = None,
        contribution: str | None = None,
        params: Mapping[str, object] | None = None,
        **values: object,
    ) -> Limit:
        """Return the limit of Delta a as a mass goes to a point, proved.

        Parameters: ``mass``, a mass symbol; ``point``, "oo", a number in GeV or an expression of masses
        such as ``"2*m_mu"``; ``side``, "above" or "below" (default: both, where both exist);
        ``contribution``, the name of one (default: the sum); values to fix, everything else stays
        symbolic. Raises UsageError for what makes no sense, UnsupportedError below threshold.
        """
        from g2sym.queries.limits import limit

        return limit(self._moment, mass, point, {**(params or {}), **values}, side, contribution)

    def series(
        self,
        mass: str,
        point: object,
        order: int = 2,
        contribution: str | None = None,
        params: Mapping[str, object] | None = None,
        **values: object,
    ) -> Asymptotics:
        """Return the first ``order`` powers of Delta a as a mass goes to a point, proved; see `limit`."""
        from g2sym.queries.limits import series

        return series(self._moment, mass, point, order, {**(params or {}), **values}, contribution)

    def zeros(
        self,
        name: str,
        interval: tuple[object, object] | None = None,
        digits: int = 17,
        params: Mapping[str, object] | None = None,
        **values: object,
    ) -> tuple[Any, ...]:
        """Return where Delta a vanishes.

        Parameters: ``name``, a coupling or a ratio of two (``"g_agg/g_aff"``), solved symbolically, or a
        mass, for which ``interval`` in GeV is searched and ``values`` fix everything else.
        Returns SymPy expressions; for a mass certified balls with ``digits`` decimals, all zeros in the
        interval, each proved to be simple.
        Raises UsageError for other names, PrecisionError when a zero in a mass cannot be isolated.
        """
        from g2sym.queries.zeros import zeros

        return zeros(self._moment, name, interval, digits, {**(params or {}), **values})
