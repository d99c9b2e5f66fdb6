"""Feynman integrals in exact form: polynomials, canonical forms, expansions. Pure symbols, no numbers."""
