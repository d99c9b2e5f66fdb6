"""What performance is measured with: ``python -m benchmarks`` from the root of the source tree."""
