"""Sign conventions and schemes, as values that travel with every result.

The sign of a Barr-Zee-type contribution depends on epsilon^{0123}, and the constant beside its logarithm on
how gamma5, the epsilon tensor and the cut-off are treated. Neither is a detail that may stay implicit.
"""

from __future__ import annotations

from types import MappingProxyType

from g2sym.base.classes import dataclass, fields
from g2sym.errors import InputError, did_you_mean, shorten

SCHEMES = MappingProxyType(
    {
        "four-dimensional": (
            "four-dimensional epsilon tensor and numerator, 1/eps - ln Delta read as ln Lambda^2 - ln Delta; "
            "the same as 't Hooft-Veltman minimal subtraction at the scale Lambda with the axial vertex "
            "(1/2)[gamma^mu, gamma5] left unrenormalised"
        ),
        "larin": "d-dimensional Levi-Civita tensor, minimal subtraction at the scale Lambda",
        "cutoff": "Feynman shift first, l^mu l^nu to l^2 g^{mu nu}/4, then a symmetric cut at Lambda",
    }
)
"""The treatments of gamma5 and the cut-off: name to meaning."""
STANDARD_MODEL = MappingProxyType(
    {
        "present": "declared couplings of W and Z add to those of the Standard Model, with interference",
        "absent": "the declared couplings of W and Z are all there are",
    }
)
"""What declared couplings of W and Z are understood to be: name to meaning."""


@dataclass(frozen=True)
class Conventions:
    """The signs and the scheme that a result was computed in.

    Parameters: ``metric``, the signature; ``epsilon0123``, +1 or -1, the value of epsilon^{0123};
    ``covariant_derivative``, the sign of the charge; ``dual``, the dual field strength with its 1/2;
    ``scheme``, one of `SCHEMES`; ``standard_model``, one of `STANDARD_MODEL`.
    Raises InputError for a sign, a scheme or a choice that does not exist.
    Source: arXiv:2506.17750, which leaves epsilon^{0123} open; +1 gives the sign of its Eq. (8).
    """

    metric: str = "(+,-,-,-)"
    epsilon0123: int = 1
    covariant_derivative: str = "D = d + i e Q A"
    dual: str = "Fdual^{mu nu} = 1/2 eps^{mu nu l s} F_{l s}"
    scheme: str = "four-dimensional"
    standard_model: str = "present"

    def __post_init__(self) -> None:
        if (
            not isinstance(self.epsilon0123, int)
            or self.epsilon0123 is True
            or self.epsilon0123 not in (1, -1)
        ):
            raise InputError(
                f"conventions: epsilon0123 is {shorten(self.epsilon0123)}; it is a sign, 1 or -1."
            )
        if not isinstance(self.scheme, str) or self.scheme not in SCHEMES:
            raise InputError(
                f"conventions: there is no scheme {shorten(self.scheme)}"
                f"{did_you_mean(str(self.scheme), SCHEMES)}; choose {', '.join(SCHEMES)}."
            )
        if not isinstance(self.standard_model, str) or self.standard_model not in STANDARD_MODEL:
            raise InputError(
                f"conventions: standard_model is {shorten(self.standard_model)}"
                f"{did_you_mean(str(self.standard_model), STANDARD_MODEL)}; "
                f"choose {' or '.join(STANDARD_MODEL)}."
            )
        for name in ("metric", "covariant_derivative", "dual"):
            fixed = getattr(type(self), name)
            value = getattr(self, name)
            if not isinstance(value, str) or value != fixed:
                raise InputError(
                    f"conventions: {name} can only be {fixed!r}; translate your couplings to it."
                )

    def as_dict(self) -> dict[str, str | int]:
        """Return the conventions as a JSON-ready dictionary."""
        return {field.name: getattr(self, field.name) for field in fields(self)}
