"""Measurements against observables: allowed windows of a coupling, pulls, bounds."""

from g2sym.constraints.bounds import Bound, Moment, Row, bound
from g2sym.constraints.pull import pull
from g2sym.constraints.windows import Span, allowed_windows, contains

__all__ = ["Bound", "Moment", "Row", "Span", "allowed_windows", "bound", "contains", "pull"]
