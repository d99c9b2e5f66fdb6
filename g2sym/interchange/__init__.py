"""Results in the formats of other programs: Wilson coefficients as WCxf, low-energy observables as SLHA."""
