"""From a declaration to terms: Feynman rules, topologies, generated integrands."""
