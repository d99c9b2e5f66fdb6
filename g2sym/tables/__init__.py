"""Kernels of one running mass compiled to piecewise polynomials in doubles, with proved errors."""
