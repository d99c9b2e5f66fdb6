"""Sums of coefficient times kernel over arrays, to a guaranteed relative error."""
