"""One complex Wilson coefficient with certified parts."""

from __future__ import annotations

from g2sym.base.balls import Ball
from g2sym.base.classes import dataclass
from g2sym.interchange.names import Process


@dataclass(frozen=True)
class WilsonCoefficient:
    """A complex coefficient of a ``process``: certified parts ``re`` and ``im``, in ``unit``.

    ``complex()`` rounds both to doubles.
    """

    name: str
    process: Process
    unit: str
    re: Ball
    im: Ball

    def __complex__(self) -> complex:
        return complex(float(self.re), float(self.im))
