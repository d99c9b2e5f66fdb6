"""Bounds of several models over the mediator's mass: what single-coupling figures are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.constraints import Bound, bound
from g2sym.inputs import Inputs, Measurement
from g2sym.model.model import load_model
from g2sym.show.refine import refined

if TYPE_CHECKING:
    from g2sym.base.types import Record


@dataclass(frozen=True)
class Options:
    """What a figure may be asked for.

    Parameters: ``masses``, ascending, GeV, exact; ``measurements``, lepton to measurement; ``criterion`` and
    ``n_sigma``, as in `g2sym.constraints.bound`; ``inputs``.
    """

    masses: tuple[Fraction, ...]
    measurements: dict[str, Measurement]
    criterion: str
    n_sigma: Fraction
    inputs: Inputs


@dataclass(frozen=True)
class Curve:
    """A bound with its ``label``, the name of the varied ``mass``, and ``drawn``, with further columns."""

    label: str
    mass: str
    bound: Bound
    drawn: Bound

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        return {"label": self.label, "mass": self.mass, **self.bound.as_dict()}


def curves(
    wanted: Sequence[tuple[str, str, str, str, str]],
    options: Options,
    visible: tuple[float, float],
    steps: Iterable[Any] | None = None,
) -> list[Curve]:
    """Compute bounds over the mass.

    Parameters: ``wanted``, tuples of label, model, mass, coupling, lepton; ``options``; ``visible``, the
    range of the coupling that is shown, within which borders are refined; ``steps``, the same tuples again,
    wrapped by whoever shows progress.
    """
    return [_curve(one, options, visible) for one in (wanted if steps is None else steps)]


def _curve(wanted: Sequence[str], options: Options, visible: tuple[float, float]) -> Curve:
    label, model, mass, coupling, lepton = wanted
    moment = load_model(model, options.inputs).anomalous_moment(lepton)
    data = options.measurements[lepton]

    def at(points: Sequence[Fraction]) -> Bound:
        params = {mass: list(points)}
        return bound(moment, coupling, data, options.criterion, options.n_sigma, params=params)

    found = at(options.masses)
    return Curve(label, mass, found, refined(found, mass, at, visible=visible))
