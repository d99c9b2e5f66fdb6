"""Statements about integrals and how each is verified: proved, enclosed, open or disproved."""
