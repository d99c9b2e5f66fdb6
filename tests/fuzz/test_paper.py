"""The formulas that the fuzz tests compare with, against quadrature to 50 digits."""

import json

import pytest
from flint import arb

from g2sym.base.balls import working_precision
from tests.fuzz import paper

ROWS = json.loads(paper.REFERENCE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", ROWS["dimensionless"], ids=lambda r: f"r={r['r']}")
def test_kernels(row: dict[str, str]) -> None:
    with working_precision(600):
        rho = arb(paper.exact(row["r"])) ** 2
        if rho == 4:
            return  # T has its branch point there; no double is twice a lepton's mass
        for heavy in (False, True) if rho > 4096 else (False,):
            found = {f"I_{kind}": value for kind, value in paper.one_loop(rho, heavy).items()}
            found |= {f"J_{kind}": value for kind, value in paper.barr_zee(rho, heavy).items()}
            for name, value in found.items():
                assert abs(value / arb(row[name]) - 1) < 1e-45, (name, heavy)


@pytest.mark.parametrize("row", ROWS["physical"], ids=lambda r: f"{r['lepton']}-{r['M_GeV']}")
def test_sums(row: dict[str, str]) -> None:
    with working_precision(400):
        mass = paper.Fraction(row["M_GeV"])
        charge = 4 * arb.pi() / arb(paper.exact(paper.ALPHA_INVERSE))
        for kind in "PSVA":
            value = paper.own(kind, row["lepton"], mass) / (charge if kind in "VA" else 1)
            assert abs(value / arb(row[f"da_{kind}_g1"]) - 1) < 1e-45, kind
        for kind, name in (("P", "alp"), ("S", "scalar")):
            terms = paper.terms(kind, row["lepton"], mass, 1000.0)
            for value, gauge in ((terms.photon, "gamma_per_gff_ggg"), (terms.z, "Z_per_gff_ggZ")):
                assert abs(value / arb(row[f"da_BZ_{name}_{gauge}_GeV"]) - 1) < 1e-45, (kind, gauge)
