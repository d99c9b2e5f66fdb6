"""The reference cases as the language reads them: from a model file and from Python, the same."""

import pytest

from g2sym.lagrangian import STANDARD_MODEL, conjugate, declare, parse_declaration
from tests.cases import CASES, IDS, declare_case, load, observable, toml_text, values

DISTINCT = {(c["lagrangian_text"], str(c["fields"])): c for c in reversed(CASES)}


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_every_case_is_declared_by_file_and_in_python(case, tmp_path):
    model = load(case, tmp_path)
    assert model.declaration == declare_case(case)
    assert parse_declaration(toml_text(case).encode(), "x") == model.declaration
    assert model.conventions.standard_model == model.declaration.conventions["standard_model"]
    known = model.observable("a(mu)").quantity.values(values(case))
    wanted = {n for o in model.declaration.operators for n in o.coefficient.symbols}
    known.require(wanted | set(model.declaration.masses))
    if case["quantity"] in ("a_l", "d_over_e", "d_e_cm"):
        assert observable(case).startswith(case["quantity"][0])


@pytest.mark.parametrize("case", DISTINCT.values(), ids=[c["id"] for c in DISTINCT.values()])
def test_the_canonical_text_of_a_case_parses_back(case):
    own = declare_case(case)
    fields = {**STANDARD_MODEL, **own.fields}
    assert conjugate(own.operators, fields) == own.operators
    again = declare(
        own.canonical_text,
        own.name,
        fields=own.fields.values(),
        parameters=own.parameters.values(),
        conventions=own.conventions,
    )
    assert again == own
