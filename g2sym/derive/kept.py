"""Derivations of models that were read from files, kept on disk; those of other models are derived anew."""

from __future__ import annotations

from g2sym.base.kept import key_of, worked_out
from g2sym.derive.written import derivation_in, derivation_out
from g2sym.lagrangian.declaration import source_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.conventions import Conventions
    from g2sym.derive.contributions import Derivation
    from g2sym.lagrangian.declaration import Declaration


def derivation(model: Declaration, own: Declaration, lepton: str, conventions: Conventions) -> Derivation:
    """Return the derivation for one lepton, from the cache where the model's source is known and it is there.

    Parameters: ``model``, as it was declared; ``own``, the same with the lepton's mass in its defaults; the
    others as for `g2sym.derive.diagrams.derive`, which says what is raised.
    """

    def work_out() -> Derivation:
        from g2sym.derive.diagrams import derive

        return derive(own, lepton, conventions)

    key, source = None, source_of(model)
    if source is not None:
        key = key_of(("derivation", source, lepton, *sorted(conventions.as_dict().items())))
    return worked_out(key, derivation_in, derivation_out, work_out)
