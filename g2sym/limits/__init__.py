"""Published limits: tables of other collaborations, read from files that the user has.

    import g2sym as g2
    limits = g2.limits.load("folder")
    limits["my-limit"].value("500MeV")

What is in a file, a TOML sidecar says: units, quantity, confidence level, assumptions. No limit is a value of
its own.
"""

from g2sym.limits.curves import ACCURACY, Row
from g2sym.limits.limit import Limit, Limits, LimitValue, LimitValues
from g2sym.limits.search import load, load_all, search_path

__all__ = [
    "ACCURACY",
    "Limit",
    "LimitValue",
    "LimitValues",
    "Limits",
    "Row",
    "load",
    "load_all",
    "search_path",
]
