"""What everything rests on: errors apart, exact numbers, coefficients, balls, conventions, files."""
