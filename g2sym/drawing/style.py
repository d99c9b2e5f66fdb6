"""One look for every picture: print quality, readable in grey and without colour vision, nothing global."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 300
WIDTH, HEIGHT = 5.2, 3.9
"""Size of a panel in inches: one and a half columns of a journal."""

RC = MappingProxyType(
    {
        "figure.dpi": DPI,
        "savefig.dpi": DPI,
        "savefig.facecolor": "white",
        "font.family": "serif",
        "font.serif": ["STIXGeneral", "DejaVu Serif"],
        "mathtext.fontset": "stix",
        "font.size": 10.0,
        "axes.labelsize": 11.0,
        "legend.fontsize": 8.5,
        "legend.framealpha": 0.95,
        "legend.edgecolor": "0.7",
        "legend.fancybox": False,
        "xtick.direction": "in",
        "ytick.direction": "in",
        "xtick.top": True,
        "ytick.right": True,
        "xtick.minor.visible": True,
        "ytick.minor.visible": True,
        "axes.linewidth": 0.8,
        "axes.axisbelow": False,
        "lines.linewidth": 1.4,
        "hatch.linewidth": 0.5,
        "pdf.fonttype": 42,
        "svg.fonttype": "path",
        "svg.hashsalt": "g2sym",
        "text.usetex": False,
        "axes.unicode_minus": True,
    }
)
"""What differs from matplotlib's defaults."""


@dataclass(frozen=True)
class Look:
    """How one region is drawn: edge and hatch ``colour``, fill ``face``, ``hatch``, ``line`` style."""

    colour: str
    face: str
    hatch: str
    line: str | tuple[float, tuple[float, ...]]


LOOKS = (
    Look("#b2182b", "#f6b7a5", "////", "-"),
    Look("#2166ac", "#a9cfe5", "\\\\\\\\", "--"),
    Look("#1b7837", "#cdebc5", "....", "-."),
    Look("#542788", "#d9cfe8", "xxxx", (0, (1, 1.2))),
)
"""In the order of use; they differ in hatch, line and lightness too, so that grey is enough."""


@contextmanager
def styled() -> Iterator[None]:
    """Hold the style while a figure is built and saved, whatever the user's own settings are."""
    import matplotlib

    defaults = matplotlib.rcParamsDefault.items()
    clean: dict[Any, Any] = {k: v for k, v in defaults if not k.startswith(("backend", "webagg"))}
    with matplotlib.rc_context(clean | dict(RC)):
        yield


def save(build: Callable[[], Figure], stream: BinaryIO, form: str) -> None:
    """Build a figure and write it.

    Parameters: ``build`` makes the figure; ``stream``, binary; ``form``, "png", "pdf" or "svg". The same
    figure gives the same bytes: no date is written.
    """
    dates: dict[str, dict[str, None]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with styled():
        build().savefig(stream, format=form, metadata=dates.get(form))
