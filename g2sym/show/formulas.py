"""The formulas of an observable, gathered once for text, LaTeX and JSON."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from g2sym.base.meter import EACH, PAGE, ExpansionError, exhausted, metered
from g2sym.base.names import parse_observable
from g2sym.errors import UnsupportedError
from g2sym.queries import conditions
from g2sym.queries.closed_rates import is_rate
from g2sym.queries.limits import series
from g2sym.show.rate_formulas import rate_formulas
from g2sym.show.statements import Formulas, Part, Statement
from g2sym.show.symbols import LEPTON_WORD, symbols

if TYPE_CHECKING:
    import sympy

    from g2sym.derive.contributions import Contribution
    from g2sym.derive.terms import Masses, Term
    from g2sym.model.model import Model
    from g2sym.model.observable import Observable
    from g2sym.observables.amplitude import Amplitude
    from g2sym.queries.expansions import Asymptotics

T = TypeVar("T")


def formulas(model: Model, lepton: str) -> Formulas:
    """Gather the formulas of one lepton's anomalous moment; see `formulas_of`."""
    return formulas_of(model, model.anomalous_moment(lepton))


def formulas_of(
    model: Model, observable: Observable, progress: Callable[[int, int], None] | None = None
) -> Formulas:
    """Gather the formulas of an observable of a model: those of each amplitude in it.

    Parameters: ``progress(done, total)``, called as terms and mediators are done.
    Raises UsageError for what makes no sense, UnsupportedError for what is not derived unless the part was
    asked for, ModelError for what cannot be derived.
    """
    quantity = observable.quantity
    quantity.refuse_pending(quantity.values())
    if is_rate(quantity):
        return rate_formulas(model, observable)
    quantity.refuse_imaginary("formulas")
    amplitudes = quantity.amplitudes
    masses = [t.masses for a in amplitudes for t in a.terms]
    ratios = _Ratios(masses, observable.declaration.parameters)
    written = {**symbols(observable), **ratios.latex}
    steps = _Steps([c for a in amplitudes for c in a.contributions.values()], progress)
    parts = []
    too_long: list[str] = []
    where = f"model '{model.name}', formulas of {quantity.text}"
    with metered(PAGE + EACH * sum(len(a.terms) for a in amplitudes), where):
        for amplitude in amplitudes:
            own = replace(observable, quantity=replace(quantity, name=parse_observable(amplitude.name)))
            prefix = "" if quantity.single is not None else f"{amplitude.name}: "
            for name, c in amplitude.contributions.items():
                closed = _statements(c, amplitude.latex, ratios, steps)
                statements = (*closed, *_asymptotics(own, name, written, steps, too_long))
                parts.append(Part(prefix + name, tuple(str(d) for d in c.diagrams), c.scheme, statements))
    return Formulas(
        model,
        title(observable),
        "" if quantity.single is not None else f"{quantity.text}, a quotient or product of what follows",
        ratios.definitions(),
        tuple(parts),
        written,
        (
            *quantity.announcements,
            *_thresholds(amplitudes),
            *(f"Not shown, having too many terms: {one}." for one in too_long),
        ),
        quantity.record(),
        quantity.latex,
    )


def _thresholds(amplitudes: Iterable[Amplitude]) -> tuple[str, ...]:
    """Say below which thresholds the formulas hold."""
    out: dict[str, None] = {}
    for term in (t for a in amplitudes for t in a.terms):
        names = term.masses.symbols()
        for group in term.integral.thresholds:
            masses = " + ".join(dict.fromkeys(names[slot][0] for slot in group))
            out[
                f"The formulas hold for {masses} > {term.masses.lepton}, where the lepton cannot decay into "
                "the loop; values are given above that threshold too."
            ] = None
    return tuple(out)


def title(observable: Observable) -> str:
    """Return what an observable is in words."""
    one = observable.quantity.single
    if one is None:
        return observable.name
    word = LEPTON_WORD[one.lepton]
    return f"Delta a of the {word}" if one.dimension == 0 else f"d/e of the {word}, in GeV^-1"


_SHORT = MappingProxyType({"rho": r"\rho", "nu": r"\nu", "zeta": r"\zeta", "lam": r"\lambda"})


class _Ratios:
    """Short symbols for the dimensionless masses: rho, nu, ..., numbered where several masses take one."""

    def __init__(self, masses: list[Masses], taken: Container[str]) -> None:
        found: dict[str, dict[str, Masses]] = {}
        for pair in masses:
            for generator, (mass, _) in pair.symbols().items():
                found.setdefault(generator, {}).setdefault(mass, pair)
        self.latex: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, tuple[str, Masses]] = {}
        for generator, where in found.items():
            for number, (mass, pair) in enumerate(where.items(), 1):
                name = f"{generator}_{number}" if len(where) > 1 else generator
                while name in taken:  # a model may call a parameter of its own rho
                    name += "_0"
                script = name[len(generator) + 1 :].replace("_", r"\,")
                self.latex[name] = _SHORT.get(generator, generator) + (f"_{{{script}}}" if script else "")
                self._names[generator, mass] = name
                self._values[name] = (generator, pair)

    def of(self, masses: Masses) -> dict[str, sympy.Expr]:
        """Return the short symbol of each generator."""
        import sympy

        return {g: sympy.Symbol(self._names[g, mass]) for g, (mass, _) in masses.symbols().items()}

    def definitions(self) -> tuple[Statement, ...]:
        """Return what the symbols stand for, and the function T."""
        import sympy

        from g2sym.integrals.printing import arc_expression

        out = [
            Statement(name, self.latex[name], (pair.ratios()[generator],))
            for name, (generator, pair) in self._values.items()
        ]
        if out:
            x, d0, d1 = (sympy.Symbol(n) for n in ("x", "d0", "d1"))
            inside = x**2 + (d1 - d0 - 1) * x + d0
            left = "T(d_0, d_1)"
            out.append(Statement("T(d0, d1)", left, (sympy.Integral(1 / inside, (x, 0, 1)),)))
            out.append(Statement("T(d0, d1), closed", left, (arc_expression(d0, d1),)))
        return tuple(out)


class _Steps:
    """Counts what is done: for every term its integrand and closed form, for every mediator its series."""

    def __init__(
        self, contributions: list[Contribution], progress: Callable[[int, int], None] | None
    ) -> None:
        self.total = sum(2 * len(c.terms) + len(_mediators(c)) for c in contributions)
        self.done, self.progress = 0, progress

    def of(self, things: Iterable[T]) -> Iterator[T]:
        """Yield things, each counted when the next one is asked for."""
        for thing in things:
            yield thing
            self.done += 1
            if self.progress is not None:
                self.progress(self.done, self.total)


def _mediators(contribution: Contribution) -> dict[str | None, Masses]:
    """Return the masses of the mediators, each with those of the last diagram that it stands in."""
    return {t.masses.of_power(2): t.masses for t in contribution.terms if t.integral.variables}


def _statements(
    contribution: Contribution, left: str, ratios: _Ratios, steps: _Steps
) -> tuple[Statement, ...]:
    """Return what is stated about one contribution; a limit or a series is one more entry."""
    integrals = Statement("integrand", left, _integrals(contribution, steps))
    closed = tuple(piece for term in steps.of(contribution.terms) for piece in _closed(term, ratios))
    return (integrals, Statement("closed form", left, closed))


def _asymptotics(
    observable: Observable, name: str, written: Mapping[str, str], steps: _Steps, too_long: list[str]
) -> tuple[Statement, ...]:
    """Return the proved expansions for light and heavy mediators, to second order, and special values.

    Each is of what changes with the mediator's mass: the terms of other mediators stay as they are. What has
    too many terms is named in ``too_long``.
    """
    import sympy

    out = []
    amplitude = observable.quantity.single
    assert amplitude is not None  # what is not derived was refused, once for all of them
    contribution = amplitude.contributions[name]
    for mass, kind in steps.of(_mediators(contribution).items()):
        if mass is None:
            continue
        of = sign = ""
        if contribution.with_masses((mass,)) is not contribution:
            of, sign = f" of the part with {mass}", rf"\big|_{{{written.get(mass, mass)}}}"
        fermion = kind.of_power(1)
        points: list[object] = [0, "oo"]
        points += [f"2*{kind.lepton}"] if fermion is None else [f"{kind.lepton} + {fermion}"]
        for point in points:
            inner = point in (0, "oo")
            heading = f"{'series' if inner else 'limit'}{of}, {mass} -> "
            try:
                with metered():
                    found = series(observable.quantity, mass, point, 2 if inner else 1, {}, name, (mass,))
                    right = found.to_sympy(sympy.Function("T"))
            except UnsupportedError:  # above threshold, or not decided for symbolic masses
                continue
            except ExpansionError as error:
                if exhausted():
                    raise error
                too_long.append(f"{name}, {heading}{point}")
                continue
            target = sympy.oo if found.target.point is None else found.target.point.to_sympy()
            heading += f"{target}{conditions.where(found.conditions)}"
            rest = () if found.end is None or not inner else (_order(found),)
            out.append(Statement(heading, found.latex + sign, (*sympy.Add.make_args(right), *rest)))
    return tuple(out)


def _order(found: Asymptotics) -> sympy.Expr:
    """Return what a series leaves out, as O(power), times a logarithm where the next term has one."""
    import sympy

    return sympy.Function("O")(found.rest_sympy())


def _integrals(contribution: Contribution, steps: _Steps) -> tuple[sympy.Expr, ...]:
    """Return the contribution as unevaluated integrals, one for each set of integration limits."""
    import sympy

    groups: dict[tuple[tuple[str, str, str], ...], list[sympy.Expr]] = {}
    for term in steps.of(contribution.terms):
        groups.setdefault(term.integral.variables, []).append(term.integrand())
    out = []
    for variables, integrands in groups.items():
        limits = [tuple(_symbol(text) for text in variable) for variable in reversed(variables)]
        total = sympy.Add(*integrands)
        out.append(sympy.Integral(total, *limits) if limits else total)
    return tuple(out)


def _symbol(text: str) -> sympy.Expr:
    import sympy

    return sympy.Integer(text) if text.isdigit() else sympy.Symbol(text)


def _closed(term: Term, ratios: _Ratios) -> tuple[sympy.Expr, ...]:
    """Return the closed form in the short symbols, ln and T, one expression for each of these functions."""
    import sympy

    from g2sym.integrals.printing import frac_expression, to_expression

    values = ratios.of(term.masses)
    form = term.integral.canonical
    known = sympy.Function("T")
    pieces = [(frac_expression(form.rational, values), sympy.Integer(1))]
    pieces += [
        (frac_expression(factor, values), sympy.log(to_expression(argument, values)))
        for argument, factor in form.logs
    ]
    pieces += [
        (frac_expression(factor, values), known(to_expression(d0, values), to_expression(d1, values)))
        for (d0, d1), factor in form.arcs
    ]
    front = term.coefficient.to_sympy() / (16 * sympy.pi**2)
    return tuple(front * sympy.factor(factor) * rest for factor, rest in pieces if factor != 0)
