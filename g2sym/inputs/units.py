"""Units in which a measurement may be stated, and their exact conversion to natural units."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.balls import number, working_precision
from g2sym.base.classes import dataclass
from g2sym.errors import InputError, did_you_mean, shorten
from g2sym.inputs.constants import HBAR_C
from g2sym.inputs.si import SI

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb


def _tens(natural: str, **powers: int) -> dict[str, tuple[str, Fraction]]:
    return {name: (natural, Fraction(10) ** power) for name, power in powers.items()}


UNITS: Mapping[str, tuple[str, Fraction]] = MappingProxyType(
    {
        "1": ("1", Fraction(1)),
        "GeV": ("GeV", Fraction(1)),
        "GeV^-1": ("GeV^-1", Fraction(1)),
        "GeV^-2": ("GeV^-2", Fraction(1)),
        "e_cm": ("GeV^-1", 1 / HBAR_C.value),
        **_tens("GeV", TeV=3, MeV=-3, keV=-6, eV=-9, meV=-12),
        **_tens("pb", b=12, mb=9, ub=6, nb=3, pb=0, fb=-3, ab=-6),
        "cm^2": ("pb", Fraction(10) ** 36),
        **_tens("s", s=0, ms=-3, us=-6, ns=-9, ps=-12, fs=-15),
        **_tens("m", km=3, m=0, cm=-2, mm=-3, um=-6, nm=-9),
    }
)
"""The units there are: name to the natural unit it measures, and its exact size in that one.

A dipole moment of x e cm has d/e = x cm, which is x/(hbar c) GeV^-1.
"""


@dataclass(frozen=True)
class Size:
    """``factor`` times pi to a ``power``: exact, and a ball to any precision."""

    factor: Fraction
    power: int = 0

    def __bool__(self) -> bool:
        return bool(self.factor)

    @property
    def is_one(self) -> bool:
        """True where nothing is converted."""
        return self.factor == 1 and not self.power

    def inverse(self) -> Size:
        """Return what converts back."""
        return Size(1 / self.factor, -self.power)

    def ball(self) -> arb:
        """Return the size at the precision in force."""
        return number(self.factor) * number(0).pi() ** self.power

    def __float__(self) -> float:
        """Return the double nearest to it, or the next one."""
        if not self.power:
            return float(self.factor)
        with working_precision(96):
            return float(self.ball().mid())


ONE = Size(Fraction(1))
"""Nothing is converted."""
NATURAL: Mapping[tuple[str, str], Size] = MappingProxyType(
    {
        ("GeV^-2", "pb"): Size(SI["hbarc2"] / 4, -2),
        ("GeV^-1", "s"): Size(SI["hbar"] / 2, -1),
        ("GeV^-1", "m"): Size(SI["hbarc"] / 2, -1),
    }
)
"""Powers of GeV as units of what has an SI unit here: hbar and hbar c are exact, but for pi."""


def size_of(unit: str, natural: str, observable: str, where: str) -> Fraction:
    """Return the exact size of a unit in an observable's natural unit, for a measurement's numbers.

    Parameters: ``unit``, one of `UNITS`; ``natural``, the natural unit of ``observable``; ``where``, how an
    error message calls the place.
    Returns the factor that takes a value in ``unit`` to natural units.
    Raises InputError for an unknown unit, and for one of another dimension than the observable.

    >>> size_of("e_cm", "GeV^-1", "d(mu)", "example") * HBAR_C.value
    Fraction(1, 1)
    >>> size_of("fb", "pb", "sigma(e bar(e) -> A a)", "example")
    Fraction(1, 1000)
    """
    size = any_size_of(unit, natural, observable, where)
    if size.power:
        words = " or ".join(f'"{name}"' for name, (of, _) in UNITS.items() if of == natural)
        raise InputError(
            f"{where}: the size of {unit} in {natural} holds pi, and a measurement's numbers are exact; "
            f"state them in {words}."
        )
    return size.factor


def any_size_of(unit: str, natural: str, observable: str, where: str) -> Size:
    """Return the size of a unit in an observable's natural unit, which may hold pi; else as `size_of`.

    >>> any_size_of("GeV^-2", "pb", "sigma(e bar(e) -> A a)", "example").power
    -2
    """
    if not isinstance(unit, str) or unit not in UNITS:
        raise InputError(
            f"{where}: there is no unit {shorten(unit)}{did_you_mean(str(unit), UNITS)}; "
            f"known are {', '.join(UNITS)}."
        )
    if (unit, natural) in NATURAL:
        return NATURAL[unit, natural]
    fitting = [name for name, (of, _) in UNITS.items() if of == natural]
    if not fitting and unit != natural:
        raise InputError(
            f"{where}: {observable} has the unit {natural}, to which none of the known units belongs; "
            f"known are {', '.join(UNITS)}."
        )
    if unit not in fitting:
        words = " or ".join(f'unit = "{name}"' for name in fitting)
        raise InputError(f'{where}: {observable} cannot have the unit "{unit}"; write {words}.')
    return Size(UNITS[unit][1])
