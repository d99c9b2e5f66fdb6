"""Frozen data: amplitudes, quotients of them, values, and sums prepared at one point."""
