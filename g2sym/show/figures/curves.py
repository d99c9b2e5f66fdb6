"""Bounds of several models over the mediator's mass: what single-coupling figures are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from g2sym.constraints import Bound, bound
from g2sym.inputs import Inputs, Measurement
from g2sym.observables.model import load_model


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
    """A bound with its ``label`` and the name of the varied ``mass``."""

    label: str
    mass: str
    bound: Bound

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready record."""
        return {"label": self.label, "mass": self.mass, **self.bound.as_dict()}


def curves(
    wanted: Sequence[tuple[str, str, str, str, str]], options: Options, steps: Iterable[Any] | None = None
) -> list[Curve]:
    """Compute bounds over the mass.

    Parameters: ``wanted``, tuples of label, model, mass, coupling, lepton; ``options``; ``steps``, the same
    tuples again, wrapped by whoever shows progress.
    """
    out = []
    for label, model, mass, coupling, lepton in wanted if steps is None else steps:
        moment = load_model(model, options.inputs).anomalous_moment(lepton)
        found = bound(
            moment,
            coupling,
            options.measurements[lepton],
            options.criterion,
            options.n_sigma,
            params={mass: list(options.masses)},
        )
        out.append(Curve(label, mass, found))
    return out
