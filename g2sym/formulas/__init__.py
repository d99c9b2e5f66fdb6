"""Exact formulas in couplings and masses: sums of products of logarithms, square roots and T."""
