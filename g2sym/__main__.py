"""``python -m g2sym`` is the command line."""

from g2sym.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
