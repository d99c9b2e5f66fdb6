"""How much may be expanded: products of terms are counted, and what goes beyond a bound is refused.

A hostile file, or an unlucky one, writes in a line what expands to millions of terms. Every product of
terms is counted here, in all the scopes that are open: that of a single expansion, and that of everything
that is stated about a model.
"""

from __future__ import annotations

from _thread import _local  # threading.local, without the rest of threading
from collections.abc import Iterator
from contextlib import contextmanager

from g2sym.errors import ModelError

MAX_WORK = 100_000
"""Most products of terms that one expansion may form: less than a second."""
FILE = 100_000
"""Most products of terms that reading one model may form, and deriving what follows for one lepton."""
PAGE, EACH = 300_000, 10_000
"""Most that stating everything about a model may form, and what every statement about a term adds to it."""
TERM = 50
"""What a term of a SymPy expression counts for: it is sorted, copied into sums, and printed in two forms."""


class ExpansionError(ModelError):
    """Couplings or defaults expand to more terms than are worked with (exit code 3).

    ``placed`` True: the message says where.
    """

    def __init__(self, message: str, placed: bool = False) -> None:
        super().__init__(message)
        self.placed = placed

    def at(self, where: str) -> ExpansionError:
        """Return the error with its place, the first one that is given."""
        return self if self.placed else ExpansionError(f"{where}: {self}", placed=True)


class _Meter(_local):
    """What may still be formed in each open scope, the outermost first."""

    def __init__(self) -> None:
        self.left: list[int] = []


_METER = _Meter()


@contextmanager
def metered(most: int = MAX_WORK, where: str = "") -> Iterator[None]:
    """Bound the work of what is expanded inside; scopes that are open already count it too.

    Parameters: ``most`` products of terms; ``where``, how messages call what is expanded.
    Raises ExpansionError where more products would be formed.
    """
    _METER.left.append(most)
    try:
        yield
    except ExpansionError as error:
        raise (error.at(where) if where else error) from None
    finally:
        _METER.left.pop()


def spend(work: int) -> None:
    """Count products of terms that are about to be formed; raises ExpansionError beyond a bound."""
    left = _METER.left
    for scope in range(len(left)):
        left[scope] -= work
    if left and min(left) < 0:
        refuse()


def exhausted() -> bool:
    """True when one of the open scopes has nothing left: whatever is expanded next will be refused."""
    return bool(_METER.left) and min(_METER.left) < 0


def refuse() -> None:
    """Raise the ExpansionError of a scope that has nothing left."""
    raise ExpansionError(
        "the couplings and the defaults put into each other expand to too many terms; shorten them, or set "
        "some of the parameters to numbers."
    )
