"""Values of points as people write them: numbers, and masses such as 500MeV or 2*m_mu; files of points."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base import arguments
from g2sym.base.exact import decimal_text
from g2sym.base.files import open_regular
from g2sym.base.masses import Mass, read_value
from g2sym.errors import InputError, UsageError, shorten
from g2sym.inputs import load_inputs
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import allowed_names

if TYPE_CHECKING:
    from g2sym.base.types import Columns, Doubles

MAX_CSV_BYTES = 1 << 28
Masses = Mapping[str, Fraction] | None
"""Masses by name, in GeV, that others may be written with; None for the bundled inputs."""


@dataclass(frozen=True)
class Written:
    """How the values of points were written, for what is only known once there is an observable.

    Parameters: ``names`` of the parameters with a value written as a mass; ``masses``, those that values were
    written in terms of, each with the number that was put in.
    """

    names: frozenset[str] = frozenset()
    masses: tuple[tuple[str, Fraction], ...] = ()

    def check(self, quantity: Quantity) -> None:
        """Raise UsageError for a mass given to a coupling, and where the observable has another such mass."""
        for name in sorted(self.names):
            parameter = quantity.declaration.parameters.get(name)
            known = name in allowed_names(quantity.declaration)  # another name is refused elsewhere
            if known and (parameter is None or parameter.dimension != 1):
                raise UsageError(f"{name} is no mass, but some of its values are written as one.")
        for mass, value in self.masses:
            own = quantity.inputs.masses.get(mass)
            if own is not None and own != value:
                raise UsageError(
                    f"The points were read with {mass} = {decimal_text(value, 12)}, but the observable has "
                    f"{decimal_text(own, 12)}; read them with masses=observable.inputs.masses."
                )


NUMBERS = Written()
"""Values that were all written as plain numbers."""


class Reader:
    """Reads values, and remembers how they were written.

    Parameters: ``masses`` by name, in GeV, by default those of the bundled inputs.
    """

    def __init__(self, masses: Masses = None) -> None:
        if masses is not None and not isinstance(masses, Mapping):
            raise UsageError(
                f"masses = {arguments.described(masses)} is no mapping; give observable.inputs.masses."
            )
        self.masses = _Used(load_inputs().masses if masses is None else masses)
        self._names: set[str] = set()

    @property
    def written(self) -> Written:
        """How everything that was read so far was written."""
        return Written(frozenset(self._names), tuple(sorted(self.masses.used.items())))

    def exact(self, value: object, where: str, name: str) -> Fraction:
        """Read one value exactly; raises InputError with ``where`` for what is no number."""
        found = read_value(value, where, self.masses)
        if isinstance(found, Mass):
            self._names.add(name)
        return found

    def double(self, value: object, where: str, name: str) -> float:
        """Read one value as the double nearest to it; raises InputError for one that is beyond doubles."""
        found = self.exact(value, where, name)
        try:
            rounded = float(found)
        except OverflowError:
            rounded = math.inf
        if math.isinf(rounded) or (found and not rounded):
            raise InputError(f"{where} is {arguments.described(value)}, beyond doubles.")
        return rounded

    def column(self, values: Any, name: object) -> Doubles:
        """Read the values of one parameter; raises UsageError for what is no list of finite numbers."""
        import numpy as np

        arguments.text(name, "a name of a parameter", "m_a")
        try:
            texts = not hasattr(values, "dtype") and any(isinstance(v, str) for v in values)
            if texts:
                where = f"The values of {shorten(name)}"
                values = [self.double(v, f"{where}: entry {k}", str(name)) for k, v in enumerate(values, 1)]
            out = arguments.doubles(values, str(name))
        except InputError as error:
            raise UsageError(f"{error} The values of {shorten(name)} have to be real numbers.") from None
        except (TypeError, UsageError):
            raise UsageError(f"The values of {shorten(name)} are not real numbers.") from None
        if out.ndim != 1 or not out.size or not np.all(np.isfinite(out)):
            raise UsageError(
                f"The values of {shorten(name)} are not a list of finite numbers with at least one."
            )
        return out


class _Used(Mapping[str, Fraction]):
    """Masses by name; ``used`` collects those that were asked for."""

    def __init__(self, masses: Mapping[str, Fraction]) -> None:
        self._masses = masses
        self.used: dict[str, Fraction] = {}

    def __getitem__(self, name: str) -> Fraction:
        value = self.used[name] = self._masses[name]
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._masses

    def __iter__(self) -> Any:
        return iter(self._masses)

    def __len__(self) -> int:
        return len(self._masses)


def read_columns(path: str | os.PathLike[str], reader: Reader) -> Columns:
    """Return the columns of a CSV file, a regular one, with a head line of parameter names.

    Raises InputError with the line for a file that is wrong in any way.
    """
    import numpy as np

    where = f"points file {shorten(arguments.path(path, 'path'), 300)}"
    try:
        with open_regular(path) as stream:  # a pipe may wait for ever, and a device never ends
            raw = stream.read(MAX_CSV_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror or type(error).__name__}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{where}: it is not UTF-8 text; save it as CSV in UTF-8.") from None
    if len(raw) > MAX_CSV_BYTES:
        raise InputError(f"{where}: larger than {MAX_CSV_BYTES >> 20} MB; split it up.")
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        names = [name.strip() for name in next(lines, [])]
        if not names or len(set(names)) < len(names) or not all(names):
            raise InputError(
                f"{where}: the first line names the parameters, each once; found {shorten(names)}."
            )
        columns: list[list[float]] = [[] for _ in names]
        for row in lines:
            if not row:
                continue
            if len(row) != len(names):
                raise InputError(
                    f"{where}, line {lines.line_num}: {len(row)} values, but {len(names)} names."
                )
            for column, name, value in zip(columns, names, row, strict=True):
                column.append(_entry(value, name, f"{where}, line {lines.line_num}: {shorten(name)}", reader))
    except csv.Error as error:
        raise InputError(f"{where}, line {lines.line_num}: not CSV ({error}).") from None
    if not columns[0]:
        raise InputError(f"{where}: it holds no points.")
    return {name: np.array(column) for name, column in zip(names, columns, strict=True)}


def _entry(text: str, name: str, where: str, reader: Reader) -> float:
    """Read one field; plain numbers, which most are, at the speed of Python's own reading."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if value and math.isfinite(value) and "_" not in text and text.isascii():
        return value
    if value != value or math.isinf(value):
        plain = text.strip().lower().lstrip("+-")
        if plain in ("nan", "inf", "infinity") or math.isinf(value):
            raise InputError(f"{where} is {shorten(text)}, not a finite number.")
    try:
        return reader.double(text, where, name)
    except InputError as error:
        raise InputError(f"{where} is {shorten(text)}, which is no number: {error}") from None
