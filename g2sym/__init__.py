"""g2sym: from a mediator's Lagrangian to proved, certified lepton dipole moments."""

__version__ = "0.1.0"
