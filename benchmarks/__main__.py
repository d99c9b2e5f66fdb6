"""Run every benchmark."""

from benchmarks.run import main

main()
