"""Scans over many parameters: windows in closed form along one coupling, grids or samples of the rest."""
