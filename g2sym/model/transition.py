"""What a user holds of l -> l' gamma: form factors, rates, closed forms and expansions."""

from __future__ import annotations

from collections.abc import Mapping

from g2sym.base import arguments
from g2sym.base.balls import MAX_DIGITS
from g2sym.base.classes import dataclass
from g2sym.base.names import Atom, ObservableName
from g2sym.model.observable import Observable
from g2sym.observables.quantity import Quantity

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sympy

    from g2sym.base.balls import Ball
    from g2sym.queries.transitions import TransitionSeries


@dataclass(frozen=True)
class Transition:
    """The decay of a charged lepton to another one and a photon; made by `Model.transition`.

    ``first`` is the lepton that decays. Every form factor keeps both leptons' masses.
    """

    quantity: Quantity

    @property
    def first(self) -> str:
        """The lepton that decays."""
        return self._atom.arguments[0]

    @property
    def second(self) -> str:
        """The lepton that it decays to."""
        return self._atom.arguments[1]

    @property
    def _atom(self) -> Atom:
        atom = self.quantity.name.atom
        assert atom is not None
        return atom

    def _observable(self, name: str) -> Observable:
        from g2sym.base.classes import replace

        own = ObservableName(((Atom(name, self._atom.arguments), 1),))
        return Observable(replace(self.quantity, name=own))

    @property
    def right(self) -> Observable:
        """A_R in GeV^-2, complex.

        L = (e m/2) lbar' sigma^{ab} (A_L P_L + A_R P_R) l F_ab + h.c., m the mass of the lepton that decays.
        """
        return self._observable("A_R")

    @property
    def left(self) -> Observable:
        """A_L in GeV^-2, complex."""
        return self._observable("A_L")

    @property
    def wilson(self) -> Observable:
        """L_egamma = e m A_R/2 in GeV^-1, complex: [L_egamma]_{l' l} of the JMS basis."""
        return self._observable("L_egamma")

    @property
    def width(self) -> Observable:
        """Gamma(l -> l' gamma) in GeV; raises UsageError where l is the lighter lepton."""
        return self._observable("Gamma")

    @property
    def branching_ratio(self) -> Observable:
        """BR(l -> l' gamma), with the measured lifetime; raises UsageError where l is the lighter lepton."""
        return self._observable("BR")

    def closed_form(self, massless: bool = False) -> tuple[sympy.Expr, sympy.Expr]:
        """Return A_R and A_L below threshold, in logarithms and dilogarithms.

        Parameters: ``massless`` True takes the mass of l' to zero. Returns SymPy expressions in couplings,
        masses (GeV) and ``polylog(2, z)``.
        Raises UnsupportedError for couplings that are not derived.

        Example: ``model.transition("mu", "e").closed_form(massless=True)[0]``.
        """
        from g2sym.queries.transitions import closed_forms

        q = self.quantity
        found = closed_forms(
            q.declaration, self.first, self.second, q.conventions, arguments.flag(massless, "massless")
        )
        return found["right"], found["left"]

    def series(self, order: int = 0) -> TransitionSeries:
        """Return A_R and A_L expanded in the masses of both leptons, by expansion under the integral.

        Parameters: ``order``, the highest power of the leptons' masses, from -1 to 8: at -1 stands what the
        internal fermion's mass m_F flips, m_F/(m M^2), at 0 the rest of the leading order, 1/M^2.
        Returns a `TransitionSeries`; `enclose` gives numbers with what is left out.
        Raises UnsupportedError for couplings that are not derived, UsageError for another order.
        Source: at order 0 L. Lavoura, Eur. Phys. J. C 29 (2003) 191, hep-ph/0302221.

        Example: ``model.transition("mu", "e").series().right``.
        """
        from g2sym.queries.transitions import series

        q = self.quantity
        return series(q.declaration, self.first, self.second, q.conventions, order)

    def enclose(
        self,
        order: int = 0,
        digits: int = 17,
        params: Mapping[str, object] | None = None,
        **values: object,
    ) -> dict[str, tuple[Ball, Ball]]:
        """Return balls around A_R and A_L from their series: real and imaginary part, remainder included.

        Parameters: ``order`` as for `series`; ``digits`` of the arithmetic; values in GeV by parameter name.
        Returns ``{"right": (re, im), "left": (re, im)}`` in GeV^-2; the exact values lie in them.
        Raises UsageError where the lepton could decay into the loop.
        """
        digits = arguments.whole(digits, "digits", 1, MAX_DIGITS)
        quantity, known = self.quantity.known(arguments.given(params, values))
        own = Transition(quantity)
        return own.series(order).enclose(known, int(digits * 3.33) + 40)
