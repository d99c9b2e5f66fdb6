"""A model: a checked declaration together with its observables."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from g2sym.base.arguments import flag, given, text
from g2sym.base.classes import dataclass, field, replace
from g2sym.base.conventions import Conventions
from g2sym.base.names import Atom, ObservableName, parse_observable
from g2sym.errors import UsageError, did_you_mean, shorten
from g2sym.inputs import Inputs, load_inputs
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import LEPTONS
from g2sym.model.observable import AnomalousMoment, Observable
from g2sym.model.rates import rate
from g2sym.observables.quantity import Quantity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from g2sym.constraints.combined import Combination
    from g2sym.interchange.wilson import WilsonCoefficients
    from g2sym.model.transition import Transition
    from g2sym.queries.decay_results import Decays


@dataclass(frozen=True, init=False)
class Model:
    """A mediator's Lagrangian with everything that follows from it.

    Parameters: ``lagrangian``, a Declaration or an expression built in Python; ``inputs``, overrides
    of measured inputs by name; further keywords go to `g2sym.lagrangian.declare`.
    Raises ModelError when the Lagrangian breaks a rule.
    """

    declaration: Declaration
    inputs: Inputs
    conventions: Conventions = field(default_factory=Conventions)

    def __init__(
        self, lagrangian: Any, inputs: Mapping[str, object] | Inputs | None = None, **options: Any
    ) -> None:
        if isinstance(lagrangian, Declaration) and options:
            raise UsageError(
                f"{', '.join(options)}: the Lagrangian is declared already; give options to what declares it."
            )
        if isinstance(lagrangian, Declaration):
            declaration = lagrangian
        else:
            from g2sym.lagrangian.declaring import declare

            declaration = declare(lagrangian, **options)
        known = (
            inputs if isinstance(inputs, Inputs) else load_inputs().override({} if inputs is None else inputs)
        )
        known_keys = ("epsilon0123", "scheme", "standard_model")
        stated = {k: v for k, v in declaration.conventions.items() if k in known_keys and v}
        object.__setattr__(self, "declaration", declaration)
        object.__setattr__(self, "inputs", known)
        object.__setattr__(self, "conventions", Conventions(**stated))

    @property
    def name(self) -> str:
        """The model's name."""
        return self.declaration.name

    def with_scheme(self, scheme: str) -> Model:
        """Return the same model in another treatment of gamma5, the epsilon tensor and the cut-off.

        Parameters: ``scheme``, a key of `g2sym.base.conventions.SCHEMES`. Raises InputError for another.
        """
        other = Model(self.declaration, self.inputs)
        object.__setattr__(other, "conventions", replace(self.conventions, scheme=scheme))
        return other

    def with_flavour(self, **links: str) -> Model:
        """Return the same model with other links between the couplings of e, mu and tau.

        Parameters: ``links``, the name of a coupling of the generic lepton to ``"mass"`` (in proportion to
        the lepton's mass), ``"universal"`` (the same for all) or ``"single"`` (one lepton's alone).
        Raises UsageError for another name or link.

        Example: ``g2.load_model("scalar").with_flavour(g_sff="mass").observable("a(e)/a(mu)")``.
        """
        from g2sym.lagrangian.flavours import with_flavour

        other = Model(with_flavour(self.declaration, links), self.inputs)
        object.__setattr__(other, "conventions", self.conventions)
        return other

    def observable(self, name: str, partial: bool = False) -> Observable:
        """Return an observable by name.

        Parameters: ``name``, such as ``"a(mu)"``, ``"d(mu)"``, ``"a(e)/a(mu)"`` or ``"im(a(mu))"``; see
        `g2sym.base.names.parse_observable`; ``partial`` True leaves out what is not derived, which every
        query refuses otherwise, and every result then says what is missing.
        Raises UsageError for a name that is not understood.

        Example: ``g2.load_model("dark_photon").observable("a(e)/a(mu)")``.
        """
        parsed = parse_observable(name)
        quantity = Quantity(self.declaration, parsed, self.inputs, self.conventions, flag(partial, "partial"))
        return AnomalousMoment(quantity) if parsed.moment else Observable(quantity)

    def anomalous_moment(self, lepton: str, partial: bool = False) -> AnomalousMoment:
        """Return what the model adds to (g-2)/2 of a lepton, a number without unit.

        Parameters: ``lepton``, "e", "mu" or "tau"; ``partial`` as for `observable`. Raises UsageError for
        another name.

        Example: ``g2.load_model("alp").anomalous_moment("mu")``.
        """
        return AnomalousMoment(self._dipole("a", lepton, partial))

    def electric_dipole(self, lepton: str, partial: bool = False) -> Observable:
        """Return the electric dipole moment d/e that the model induces, in GeV^-1.

        Parameters: ``lepton``, "e", "mu" or "tau"; ``partial`` as for `observable`. Raises UsageError for
        another name.
        Source: arXiv:2506.17750 does not treat it; conventions in `g2sym.observables.dipoles`.

        Example: ``g2.load_model("dark_photon").electric_dipole("mu").announcements``.
        """
        return Observable(self._dipole("d", lepton, partial))

    def combine(
        self,
        *measurements: Any,
        criterion: Any = None,
        n_sigma: Any = None,
        partial: bool = False,
    ) -> Combination:
        """Return measurements, each put to the observable that it measures, as one combination.

        Parameters: ``measurements``, names, paths of TOML files or what `load_measurement` returns;
        ``criterion``, ``n_sigma``, for every difference, or a mapping from names of measurements (limits and
        ranges have their own confidence level); ``partial`` as for `observable`. Raises UsageError for a
        measurement given twice, and for a criterion where nothing is a difference.

        Example: ``g2.load_model("scalar").combine("electron-2023-rb", "muon-2025").names``.
        """
        from g2sym.constraints.combined import Combination
        from g2sym.constraints.conditions import pair

        return Combination(pair(self, measurements, criterion, n_sigma, flag(partial, "partial")))

    def transition(self, first: str, second: str, partial: bool = False) -> Transition:
        """Return the decay of a charged lepton to another one and a photon.

        Parameters: ``first``, the lepton that decays, and ``second``: "e", "mu" or "tau"; ``partial`` as for
        `observable`. Its form factors are ``.right`` and ``.left``, its rates ``.width`` and
        ``.branching_ratio``. Raises UsageError for other names, and for one lepton twice.

        Example: ``model.transition("tau", "mu").branching_ratio``.
        """
        from g2sym.model.transition import Transition

        for lepton, place in ((first, "first"), (second, "second")):
            _charged(lepton, place)
        name = ObservableName(((Atom("A_R", (first, second)), 1),))
        return Transition(
            Quantity(self.declaration, name, self.inputs, self.conventions, flag(partial, "partial"))
        )

    def wilson(
        self,
        *processes: str,
        digits: int = 17,
        basis: str = "flavio",
        eft: str | None = None,
        scale: object = None,
        partial: bool = False,
        params: Mapping[str, object] | None = None,
        **values: object,
    ) -> WilsonCoefficients:
        """Return the Wilson coefficients of the dipole operators of leptons at a point.

        Parameters: ``processes``, leptons such as ``"mu"`` and decays such as ``"mu -> e"``; ``digits``,
        significant decimals of each part; ``basis``, "flavio" (``C7_mumu``, a number, and ``Cgamma_mue``,
        GeV^-1) or "JMS" (``egamma_22``, GeV^-1); ``eft``, "WET", "WET-4" or "WET-3", and ``scale`` in GeV, in
        place of those at which flavio uses each coefficient; ``partial`` as for `observable`; values in GeV
        by parameter name.
        Returns certified coefficients that write themselves as WCxf or SLHA. Raises UsageError for what makes
        no sense, UnsupportedError for couplings that are not derived, PrecisionError when digits cannot be
        reached. Source: arXiv:1712.05298; conventions in `g2sym.observables.transitions`.

        Example: ``g2.load_model("dark_photon").wilson("mu", m_A="0.1", eps="1e-3").wcxf()``.
        """
        from g2sym.interchange.wilson import wilson_coefficients

        quantity = self._dipole("a", "mu", partial)
        return wilson_coefficients(quantity, processes, given(params, values), digits, basis, eft, scale)

    def width(self, parent: str, products: Sequence[str], partial: bool = False) -> Observable:
        """Return the width of a two-body decay at tree level, in GeV.

        Parameters: ``parent``, the particle that decays; ``products``, such as ``["A", "A"]`` or ``["mu",
        "bar(mu)"]``; ``partial`` as for `observable`. Raises UsageError for what the model does not have.

        Example: ``g2.load_model("alp").width("a", ["A", "A"]).evaluate(g_agg="1e-4", m_a="0.5")``.
        """
        return self._rate("Gamma", parent, products, partial)

    def total_width(self, parent: str, partial: bool = False) -> Observable:
        """Return the sum of the widths of all channels that the Lagrangian opens, in GeV.

        Parameters: ``parent``; ``partial`` as for `observable`. Of the Z it is the measured one. Raises
        UsageError for what the model does not have.

        Example: ``g2.load_model("dark_photon").total_width("Ap").evaluate(m_A="0.5", eps="1e-3")``.
        """
        return self._rate("Gamma", parent, None, partial)

    def branching_ratio(self, parent: str, products: Sequence[str], partial: bool = False) -> Observable:
        """Return a width over the total one.

        Parameters: as for `width`; of J/psi and Upsilon, ``"Jpsi"`` and ``"Upsilon"``, the decay to a photon
        and a mediator. Raises UsageError for what the model does not have.

        Example: ``g2.load_model("dark_photon").branching_ratio("Ap", ["e", "bar(e)"])``.
        """
        return self._rate("BR", parent, products, partial)

    def lifetime(self, parent: str, partial: bool = False) -> Observable:
        """Return hbar over the total width, in s.

        Parameters: as for `total_width`. Raises UsageError for what the model does not have.

        Example: ``g2.load_model("dark_photon").lifetime("Ap").evaluate(m_A="0.5", eps="1e-3")``.
        """
        return self._rate("lifetime", parent, None, partial)

    def decay_length(self, parent: str, energy: object = None, partial: bool = False) -> Observable:
        """Return the mean decay length in the laboratory, p/M times c tau, in m.

        Parameters: ``parent``; ``energy`` of the particle in GeV, a value of the parameter ``energy`` for
        every query, or None to give it there. Raises UsageError for what the model does not have.

        Example: ``g2.load_model("dark_photon").decay_length("Ap", energy=10)``.
        """
        return self._rate("decay_length", parent, None, partial, {"energy": energy})

    def cross_section(
        self,
        incoming: Sequence[str],
        outgoing: Sequence[str],
        sqrt_s: object = None,
        cos_max: object = None,
        partial: bool = False,
    ) -> Observable:
        """Return the cross-section of two leptons to a photon and a mediator, unpolarised, in pb.

        Parameters: ``incoming``, ``["e", "bar(e)"]``; ``outgoing``, ``["A", "a"]``; ``sqrt_s``, the
        centre-of-mass energy in GeV, and ``cos_max``, a cut |cos| < cos_max on the photon's angle: values for
        every query, or None to give them there (cos_max is 1 then). Raises UsageError for what the model does
        not have, UnsupportedError for other processes.

        Example: ``g2.load_model("alp").cross_section(["e", "bar(e)"], ["A", "a"], sqrt_s="10.58")``.
        """
        preset = {"sqrt_s": sqrt_s, "cos_max": cos_max}
        return self._rate("sigma", incoming, outgoing, partial, preset)

    def differential_cross_section(
        self,
        incoming: Sequence[str],
        outgoing: Sequence[str],
        sqrt_s: object = None,
        cos: object = None,
        cos_max: object = None,
        partial: bool = False,
    ) -> Observable:
        """Return d sigma/d cos in pb, cos that of the angle between the photon and the first particle.

        Parameters: ``cos`` as ``sqrt_s``; the others as for `cross_section`. Raises what it raises.

        Example: ``g2.load_model("alp").differential_cross_section(["e", "bar(e)"], ["A", "a"], 10, "0.3")``.
        """
        preset = {"sqrt_s": sqrt_s, "cos": cos, "cos_max": cos_max}
        return self._rate("dsigma", incoming, outgoing, partial, preset)

    def decays(
        self,
        parent: str | None = None,
        digits: int = 10,
        energy: object = None,
        partial: bool = False,
        params: Mapping[str, object] | None = None,
        **values: object,
    ) -> Decays:
        """Return every two-body decay of a particle: widths, branching ratios, thresholds, lifetime, c tau.

        Parameters: ``parent``, a mediator (by default the model's only one) or ``"Z"``; ``digits``,
        significant decimals of every value; ``energy`` in GeV, for the decay length in the laboratory;
        ``partial`` as for `observable`; values in GeV by parameter name, a list where a parameter varies.
        Returns a table with ``.as_dict()`` and, where one parameter varies, ``.plot()``. Raises UsageError
        for missing values, an unknown or massless particle, and couplings of several leptons that are not
        quoted for one.
        Source: two-body phase space at tree level; see the page on decays.

        Example: ``g2.load_model("dark_photon").decays("Ap", m_A="0.5", eps="1e-3")``.
        """
        from g2sym.queries.decay_results import Decays
        from g2sym.queries.decays import decays, the_parent

        own = the_parent(self.declaration, parent)
        quantity = self._rate("Gamma", own, None, partial).quantity
        return Decays(decays(quantity, digits, energy, given(params, values)))

    def _rate(
        self,
        kind: str,
        before: object,
        after: object,
        partial: bool,
        preset: Mapping[str, object] | None = None,
    ) -> Observable:
        skipped = flag(partial, "partial")

        def make(name: ObservableName) -> Quantity:
            return Quantity(self.declaration, name, self.inputs, self.conventions, skipped)

        return Observable(rate(make, self.inputs.masses, kind, before, after, preset))

    def _dipole(self, kind: str, lepton: str, partial: bool) -> Quantity:
        _charged(lepton, "lepton")
        name = ObservableName(((Atom(kind, (lepton,)), 1),))
        return Quantity(self.declaration, name, self.inputs, self.conventions, flag(partial, "partial"))


def _charged(lepton: object, name: str) -> None:
    """Refuse what is no charged lepton; raises UsageError."""
    if text(lepton, name, "mu") not in LEPTONS:
        raise UsageError(
            f"There is no charged lepton {shorten(lepton)}{did_you_mean(str(lepton), LEPTONS)}; "
            f"choose {', '.join(LEPTONS)}."
        )


def load_model(source: str | os.PathLike[str], inputs: Mapping[str, object] | Inputs | None = None) -> Model:
    """Load a bundled model by name, or a model file by path.

    Parameters: ``source``, a name such as "alp" or a path to a TOML file; ``inputs``, overrides such
    as ``{"sin2_theta_w": "0.223"}``. Raises ModelError or InputError with place and mend.
    """
    from g2sym.lagrangian.modelfile import load_declaration

    return Model(load_declaration(source), inputs)
