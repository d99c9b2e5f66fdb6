"""From an integral to a number: closed forms in balls, quadrature, enclosures over ranges of masses."""
