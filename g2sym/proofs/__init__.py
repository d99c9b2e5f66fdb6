"""Statements about integrals and how each is verified: proved, disproved or open."""
