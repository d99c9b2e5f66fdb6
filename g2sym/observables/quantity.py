"""Observables as data: a name, a unit and a quotient of products of amplitudes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from g2sym.base.classes import dataclass, fields, replace
from g2sym.base.conventions import Conventions
from g2sym.base.exact import decimal_text
from g2sym.base.names import DIMENSIONS, Atom, ObservableName
from g2sym.derive.contributions import Derivation
from g2sym.derive.kept import derivation
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.inputs import Inputs
from g2sym.lagrangian.declaration import Declaration
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.dipoles import AMPLITUDES
from g2sym.observables.factors import Factor, Factors, Powers, amplitudes_of, plain, with_sign
from g2sym.observables.flavours import (
    Quoted,
    changes,
    full_name,
    full_names,
    links,
    moved,
    of_lepton,
    read_brackets,
    refuse_unquoted,
    with_quoted,
    without,
)
from g2sym.observables.kinematics import with_kinematics
from g2sym.observables.notices import notices
from g2sym.observables.used import defaults_used, inputs_used
from g2sym.observables.values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Record
    from g2sym.derive.transitions import Transition


class NoValue(UsageError):
    """A quotient is asked for where its denominator is exactly zero."""


def no_value(label: str, text: str) -> NoValue:
    """Return the error for a quotient ``text`` whose denominator's factor ``label`` is zero."""
    return NoValue(f"{label} is zero at these values, so {text} has no value.")


@dataclass(frozen=True)
class Quantity:
    """An observable of a model: what every query is a function of.

    Parameters: ``model``, the declaration as it was written; ``name``, parsed; ``inputs``; ``conventions``.
    ``partial`` leaves out what is not derived, and says so, where every query would refuse it. ``quoted``
    holds the couplings whose values are quoted for a lepton by name, as ``("y", "mu")`` for ``y[mu]``.
    Its value is the product of the amplitudes of ``numerator`` over those of ``denominator``.
    """

    model: Declaration
    name: ObservableName
    inputs: Inputs
    conventions: Conventions
    partial: bool = False
    quoted: Quoted = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "model", with_kinematics(self.model, self.name))

    def __getstate__(self) -> Record:
        """Return the fields alone: what was derived from them is derived again where it arrives."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    # what it is made of --------------------------------------------------------------------------
    @cached_property
    def declaration(self) -> Declaration:
        """The declaration, m_f in its defaults replaced where there is one lepton only."""
        return with_quoted(self.model, self.lepton, self.quoted)

    @cached_property
    def derivations(self) -> dict[str, tuple[Declaration, Derivation]]:
        """Each lepton's declaration and everything that was derived from it."""
        out = {}
        moments = [a for a in self.name.atoms if len(a.arguments) == 1 and not a.is_rate]
        for lepton in dict.fromkeys(a.lepton for a in moments):
            own = of_lepton(self.model, lepton)
            found = derivation(self.model, own, lepton, self.conventions)
            if self.quoted:
                own = with_quoted(self.model, lepton, self.quoted)
                found = moved(found, changes(self.model, lepton, self.quoted))
            out[lepton] = own, found
        return out

    @cached_property
    def transitions(self) -> dict[tuple[str, ...], Transition]:
        """What was derived for each transition of one lepton to another."""
        from g2sym.derive.transitions import derive_transition

        several = dict.fromkeys(
            a.arguments for a in self.name.atoms if len(a.arguments) == 2 and not a.is_rate
        )
        return {both: derive_transition(self.declaration, *both, self.conventions) for both in several}

    @cached_property
    def _factors(self) -> dict[Atom, Factors]:
        """What each atom is the product of, with powers of either sign."""
        if self.lepton is None and self.name.leptons:
            refuse_unquoted(self.model, self.text, self.name.leptons, self.quoted)
        out: dict[Atom, Factors] = {}
        for atom in self.name.atoms:
            if atom.is_rate:
                out[atom] = self._rate(atom)
                continue
            if atom.name not in AMPLITUDES:
                out[atom] = ((self._transition(atom), 1),)
                continue
            own, derived = self.derivations[atom.lepton]
            make = AMPLITUDES[atom.name]
            made = make(own, atom.lepton, self.inputs, self.conventions, derived)
            if atom.part:
                latex = rf"\mathrm{{Im}}\,{made.latex}"
                made = replace(made, name=str(atom), label=f"Im {made.label}", latex=latex, imaginary=True)
            said = without(self.model, atom.lepton, self.quoted)
            made = replace(made, partial=self.partial, announcements=(*said, *made.announcements))
            out[atom] = ((made, 1),)
        return out

    def _rate(self, atom: Atom) -> Factors:
        """Return what a width, a lifetime or a cross-section is the product of."""
        from g2sym.observables.rate_parts import Setting
        from g2sym.observables.rates import rate_factors

        def of(lepton: str) -> Declaration:
            return with_quoted(self.model, lepton, self.quoted)

        return rate_factors(atom, Setting(self.declaration, of, self.inputs, self.conventions, self.partial))

    def _transition(self, atom: Atom) -> Factor:
        """Return a form factor, a Wilson coefficient, a width or a branching ratio."""
        from g2sym.observables.transitions import factor_of

        one = len(atom.arguments) == 1
        several = self.declaration, self.transitions.get(atom.arguments)
        own, derived = self.derivations[atom.lepton] if one else several
        return factor_of(atom, own, derived, self.inputs, self.conventions, self.partial)

    @property
    def is_complex(self) -> bool:
        """True for a form factor as a whole, which stands for both of its parts."""
        return self.name.atom is not None and self.name.atom.is_complex and not self.name.atom.part

    @property
    def imaginary(self) -> Quantity:
        """The imaginary part of a form factor."""
        assert self.name.atom is not None
        return replace(self, name=ObservableName(((replace(self.name.atom, part="im"), 1),)))

    def refuse_complex(self, what: str) -> None:
        """Refuse a query that needs a real observable; ``what`` it makes. Raises UsageError."""
        if self.is_complex:
            raise UsageError(
                f"{self.text} is complex and has no {what} as a whole; ask for re({self.text}) or "
                f"im({self.text})."
            )

    @property
    def quoted_for(self) -> dict[str, str]:
        """The lepton that values of a parameter are quoted for, where one is named in brackets."""
        return dict(self.quoted)

    def asked(
        self, raw: Mapping[str, object] | None = None, *names: object
    ) -> tuple[Quantity, dict[str, object]]:
        """Return the observable in terms of the parameters that a question names, and values by full name.

        Parameters: ``raw``, values by name; further ``names``. Where one of them is ``y[mu]``, y is quoted
        for the muon; plain ``y`` is the same once it is quoted (`full_name`).
        Raises UsageError for brackets that make no sense.

        >>> from g2sym.model.model import load_model
        >>> quantity = load_model("alp").anomalous_moment("e").quantity
        >>> found, values = quantity.asked({"m_a": 1}, "g_aff[mu]")
        >>> found.quoted_for, found.full_name("g_aff")
        ({'g_aff': 'mu'}, 'g_aff[mu]')
        """
        given = {} if raw is None else dict(raw)
        quoted = read_brackets(self.model, self.quoted, (*given, *names))
        if not quoted:
            return self, given
        own = self if quoted == self.quoted else replace(self, quoted=quoted)
        return own, full_names(self.model, quoted, given)

    def known(self, raw: Mapping[str, object], *names: object) -> tuple[Quantity, Values]:
        """Return the observable in terms of the parameters that a question names, and their values."""
        own, given = self.asked(raw, *names)
        return own, own.values(given)

    def full_name(self, name: str) -> str:
        """Return a parameter's name with the lepton that it is quoted for, where it is for one."""
        return full_name(self.model, self.quoted, name)

    @cached_property
    def above(self) -> Factors:
        """The factors above, with their powers."""
        return with_sign(self._powers, 1)

    @cached_property
    def below(self) -> Factors:
        """The factors below; empty where there is no quotient."""
        return with_sign(self._powers, -1)

    @property
    def _powers(self) -> Iterable[tuple[Factor, int]]:
        for side, sign in ((self.name.numerator, 1), (self.name.denominator, -1)):
            for atom, power in side:
                yield from ((factor, own * power * sign) for factor, own in self._factors[atom])

    @property
    def numerator(self) -> Powers:
        """The amplitudes above; raises UnsupportedError for a sum of squares, which is not treated."""
        return plain(self.above)

    @property
    def denominator(self) -> Powers:
        """The amplitudes below; raises UnsupportedError for a sum of squares."""
        return plain(self.below)

    @property
    def amplitudes(self) -> tuple[Amplitude, ...]:
        """Every amplitude, once each."""
        return amplitudes_of(factor for atom in self.name.atoms for factor, _ in self._factors[atom])

    @property
    def single(self) -> Amplitude | None:
        """The amplitude that it is, None for products, quotients and sums of squares."""
        if not self.below and len(self.above) == 1 and self.above[0][1] == 1:
            only = self.above[0][0]
            return only if isinstance(only, Amplitude) else None
        return None

    # how it is called ----------------------------------------------------------------------------
    @property
    def text(self) -> str:
        """The canonical name, such as ``a(mu)`` or ``a(e)/a(mu)``."""
        return str(self.name)

    @property
    def label(self) -> str:
        """The name in messages, such as ``Delta a_mu``."""
        one = self.single
        return self.text if one is None else one.label

    @cached_property
    def latex(self) -> str:
        """The name as LaTeX."""

        def side(factors: Factors) -> str:
            return r"\,".join(a.latex if p == 1 else f"({a.latex})^{{{p}}}" for a, p in factors)

        if not self.below:
            return side(self.above)
        return rf"\frac{{{side(self.above)}}}{{{side(self.below)}}}"

    @cached_property
    def dimension(self) -> int:
        """The mass dimension; the unit is that power of GeV."""
        above, below = (
            sum(DIMENSIONS[a.name] * p for a, p in factors)
            for factors in (self.name.numerator, self.name.denominator)
        )
        return above - below

    @property
    def lepton(self) -> str | None:
        """The one lepton that it is about, None for several."""
        leptons = self.name.leptons
        return leptons[0] if len(leptons) == 1 else None

    @property
    def announcements(self) -> tuple[str, ...]:
        """Sentences about what else these couplings do and what is left out."""
        return tuple(dict.fromkeys(s for a in self.amplitudes for s in a.announcements))

    @cached_property
    def masses(self) -> frozenset[str]:
        """The mass symbols that its kernels depend on."""
        return frozenset().union(*(a.masses for a in self.amplitudes))

    # variants ------------------------------------------------------------------------------------
    def with_inputs(self, inputs: Inputs) -> Quantity:
        """Return the same observable with other inputs."""
        return replace(self, inputs=inputs)

    def with_scheme(self, scheme: str) -> Quantity:
        """Return the same observable in another scheme; raises InputError for an unknown one."""
        return replace(self, conventions=replace(self.conventions, scheme=scheme))

    # values --------------------------------------------------------------------------------------
    def values(self, raw: Mapping[str, object] | None = None) -> Values:
        """Read values for this model's parameters; raises UsageError or InputError for bad ones."""
        return Values.read(self.declaration, self.inputs, dict(raw or {}))

    def refuse_pending(
        self, known: Values, symbolic: str | None = None, arrays: frozenset[str] = frozenset()
    ) -> None:
        """Refuse non-zero couplings whose contribution is not derived; raises UnsupportedError."""
        for amplitude in self.amplitudes:
            amplitude.refuse_pending(amplitude.values(known), symbolic, arrays)

    def refuse_imaginary(self, what: str, transitions: bool = False) -> None:
        """Refuse a query that imaginary parts and l -> l' gamma do not have; ``what`` it makes.

        Parameters: ``transitions`` True where l -> l' gamma has it. Raises UnsupportedError.
        """
        self.refuse_complex(what)
        for atom in self.name.atoms:
            if len(atom.arguments) > 1:
                if transitions:
                    continue
                raise UnsupportedError(
                    f"{atom} has values, arrays, scans, maps and bounds only, no {what}; see "
                    "model.transition(...) for its expansions and closed forms."
                )
            if atom.part == "im" and not atom.is_complex:
                raise UnsupportedError(
                    f"{atom} has values, arrays, scans and bounds on couplings only, no {what}; "
                    f"ask for that of {replace(atom, part='')}, which holds below threshold."
                )

    def announced(
        self, known: Values, ranges: Mapping[str, Sequence[Fraction]] | None = None
    ) -> tuple[str, ...]:
        """Return the sentences that stand with a result at these values.

        Parameters: ``ranges``, the ends between which further parameters move.
        """
        said = (s for a in self.amplitudes for s in a.announced(a.values(known)))
        more: Iterable[str] = ()
        if any(atom.is_rate for atom in self.name.atoms):
            from g2sym.observables.rate_notices import rate_notices

            more = rate_notices(self.name, self.amplitudes, known, ranges)
        return tuple(dict.fromkeys((*said, *notices(self.amplitudes, known, ranges), *more)))

    def missing(self, known: Values | None = None) -> tuple[str, ...]:
        """Return what is not derived and therefore not in a result at these values, a sentence each."""
        at = self.values() if known is None else known
        return tuple(dict.fromkeys(s for a in self.amplitudes for s in a.missing(a.values(at))))

    def record(self, known: Values | None = None) -> Record:
        """Return a JSON-ready record: model, observable, conventions, inputs, values and defaults used."""
        factors = [factor for factor, _ in (*self.above, *self.below)]
        out: Record = {
            "model": self.model.name,
            "observable": self.text,
            "unit": self.unit,
            "lepton": self.lepton,
            "flavour": links(self.model, self.lepton, self.quoted),
            "conventions": self.conventions.as_dict(),
            "edition": self.inputs.edition,
            "inputs": self.inputs.as_dict(),
            "inputs_used": inputs_used(self.amplitudes, factors, known or self.values()),
            "announcements": list(self.announced(self.values() if known is None else known)),
            "missing": list(self.missing(known)),
        }
        if known is not None:
            out["values"] = {name: decimal_text(v, 40) for name, v in known.given.items()}
            out["defaults"] = defaults_used(self.name, factors, known)
        return out

    @property
    def unit(self) -> str:
        """The unit, "1" or a power of GeV."""
        return self.name.unit


def quantity_of(observable: object) -> Quantity:
    """Return the data behind an observable that a user holds, or the data itself.

    Raises UsageError for anything else, a model above all.
    """
    found = getattr(observable, "quantity", observable)
    if not isinstance(found, Quantity):
        raise UsageError(not_an_observable(observable))
    return found


def not_an_observable(given: object) -> str:
    """Say what is wanted in place of a model or of anything else that is no observable."""
    mend = "give one, such as model.anomalous_moment('mu') or model.observable('d(mu)')"
    return (
        f"{type(given).__name__} {shorten(getattr(given, 'name', given), 30)} is not an observable; {mend}."
    )
