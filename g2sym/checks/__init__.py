"""Statements about a whole model: `check` gathers and verifies them, `expectation` adds one's own."""

from g2sym.checks.expectations import Expectation, expectation
from g2sym.checks.run import check, check_observable
from g2sym.checks.table import CheckTable, Row

__all__ = ["CheckTable", "Expectation", "Row", "check", "check_observable", "expectation"]
