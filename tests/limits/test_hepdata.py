"""Tables of HEPData: CSV with blocks and bins, the JSON of a page, the JSON of a submission."""

import json

import pytest

from g2sym.errors import InputError

CSV = """#: table_doi: 10.17182/hepdata.0.v1/t1
#: name: Table 1
#: description: Observed and expected limits, $m_X$, "quoted", =cmd
#: data_file: table1.yaml
$m_X$ [GeV],Observed [pb],stat +,stat -
0.2,0.12,0.1,-0.1
0.4,0.24,0.1,-0.1
0.5,-,,
0.6,0.1,0.1,-0.1

#: RE,,E+ E- --> GAMMA X
$m_X$ [GeV],"Expected, median [pb]"
0.2,0.5
0.4,0.5
"""
BINNED = """#: name: Table 2
M [MeV],M [MeV] LOW,M [MeV] HIGH,Limit [fb]
250,200,300,12
350,300,400,15
"""
PAGE = {
    "name": "Table 1",
    "headers": [{"name": "M [GeV]", "colspan": 1}, {"name": "Observed"}, {"name": "Expected"}],
    "values": [
        {"x": [{"value": "0.2"}], "y": [{"value": 1.10000000000000000001e-3, "group": 0}, {"value": "2e-3"}]},
        {"x": [{"value": 0.4}], "y": [{"value": "4e-3", "errors": [{"symerror": 1}]}, {"value": "-"}]},
    ],
}
SUBMISSION = {
    "independent_variables": [
        {
            "header": {"name": "M", "units": "GeV"},
            "values": [{"low": 0.2, "high": 0.3}, {"low": 0.3, "high": 0.4}],
        }
    ],
    "dependent_variables": [
        {"header": {"name": "BR"}, "qualifiers": [], "values": [{"value": 1e-3}, {"value": "2e-3"}]}
    ],
}
HEP = {"format": '"hepdata"'}
PB = {"quantity": '"sigma(e bar(e) -> A X)"', "limit": '{ unit = "pb" }', **HEP}


def test_csv_with_several_columns(make):
    limit = make(CSV, headers='{ limit = "Observed [pb]" }', **PB)
    assert limit.value("0.4").value == 0.24
    assert limit.value("0.45").reason == "gap"
    expected = make(CSV, headers='{ mass = "$m_X$ [GeV]", limit = "Expected, median [pb]" }', **PB)
    assert expected.value("0.3").value == pytest.approx(0.5)
    with pytest.raises(
        InputError, match=r"has several columns, 'Observed \[pb\]', 'Expected, median \[pb\]'; choose"
    ):
        make(CSV, **PB).value("0.4")
    with pytest.raises(InputError, match=r"no column 'Observed' \(did you mean 'Observed \[pb\]'\?\)"):
        make(CSV, headers='{ limit = "Observed" }', **PB).value("0.4")
    with pytest.raises(InputError, match="no independent variable 'M'"):
        make(CSV, headers='{ mass = "M", limit = "Observed [pb]" }', **PB).value("0.4")


def test_csv_with_bins(make):
    limit = make(BINNED, **{**PB, "mass": '{ unit = "MeV" }', "limit": '{ unit = "fb" }'})
    assert limit.value("0.25").value == limit.value("201MeV").value == 0.012
    assert limit.value("300MeV").value == 0.015
    assert limit.value("0.19").reason == "outside"


def test_json_of_a_page(make):
    text = json.dumps(PAGE).replace("0.0011", "1.10000000000000000001e-3")
    limit = make(text, headers='{ limit = "Observed" }', **HEP)
    assert str(limit.value("0.2").exact.numerator).startswith("11000000000000000000")  # no double on the way
    assert limit.value("0.4").value == 4e-3
    assert make(text, headers='{ limit = "Expected" }', **HEP).value("0.3").reason == "gap"


def test_json_of_a_submission(make):
    limit = make(json.dumps(SUBMISSION), quantity='"BR(X -> A A)"', limit='{ unit = "1" }', **HEP)
    assert limit.value("0.3").value == 2e-3
    assert limit.value("0.25").value == 1e-3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no column with values"),
        ("1,2\n", "numbers before a head line"),
        ("m,x\n1\n", "1 cells under a head line of 2"),
        ("m,x\n1,abc\n", "line 2: 'abc' is no number"),
        ("m\n1\n", "no column with values"),
        ("{", "not valid JSON"),
        ("[1]", "no table at its top"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 50_000, "nested too deeply"),
        ("{}", "neither headers and values"),
        ('{"headers": 3, "values": []}', "not as HEPData writes them"),
        ('{"headers": [], "values": [{"x": [1], "y": []}]}', "not as HEPData writes them"),
        (json.dumps({**PAGE, "headers": PAGE["headers"][:1]}), "not as HEPData"),
        ('{"independent_variables": [], "dependent_variables": []}', "not as HEPData writes them"),
        (json.dumps(SUBMISSION).replace('"2e-3"', '"=1"'), "'=1' is no number"),
    ],
)  # fmt: skip
def test_what_is_no_table(make, text, said):
    with pytest.raises(InputError) as found:
        make(text, **HEP).value("0.1")
    assert said in str(found.value)
    assert "\n" not in str(found.value)


def test_columns_are_no_key_of_hepdata(make):
    with pytest.raises(InputError, match="HEPData's columns are chosen by headers"):
        make(BINNED, columns='["mass", "limit"]', **HEP)
