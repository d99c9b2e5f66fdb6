import json

import pytest

from g2sym.base.conventions import SCHEMES, Conventions
from g2sym.base.references import REFERENCES, citations, cite
from g2sym.errors import InputError, UsageError


def test_the_default_is_the_documented_one_and_json():
    assert json.loads(json.dumps(Conventions().as_dict())) == {
        "metric": "(+,-,-,-)",
        "epsilon0123": 1,
        "covariant_derivative": "D = d + i e Q A",
        "dual": "Fdual^{mu nu} = 1/2 eps^{mu nu l s} F_{l s}",
        "scheme": "four-dimensional",
        "standard_model": "present",
    }
    assert Conventions() == Conventions()
    assert hash(Conventions()) == hash(Conventions())


@pytest.mark.parametrize("scheme", ["four-dimensional", "larin", "cutoff"])
def test_schemes(scheme):
    assert Conventions(scheme=scheme).scheme == scheme
    assert set(SCHEMES) == {"four-dimensional", "larin", "cutoff"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"scheme": "larrin"}, "did you mean 'larin'"),
        ({"scheme": ""}, "no scheme"),
        ({"epsilon0123": 0}, "it is a sign"),
        ({"epsilon0123": True}, "it is a sign"),
        ({"epsilon0123": "1"}, "it is a sign"),
        ({"metric": "(-,+,+,+)"}, "translate"),
        ({"dual": "without 1/2"}, "translate"),
        ({"standard_model": "abscent"}, "did you mean 'absent'"),
        ({"standard_model": True}, "choose present or absent"),
    ],
)
def test_what_does_not_exist_is_refused(options, said):
    with pytest.raises(InputError, match=said):
        Conventions(**options)


def test_every_reference_can_be_looked_up():
    for key, reference in REFERENCES.items():
        assert cite(key) is reference
        assert reference.key == key
        assert reference.identifier.startswith(("arXiv:", "doi:", "https://"))
        assert reference.url.startswith(
            ("https://arxiv.org/abs/", "https://doi.org/10.", "https://pdg.lbl.gov/")
        )
    assert cite("fan-2023").url == "https://arxiv.org/abs/2209.13084"
    assert len({r.identifier for r in REFERENCES.values()}) == len(REFERENCES)


def test_an_unknown_key_is_refused_and_free_text_passes():
    with pytest.raises(UsageError, match="did you mean 'fan-2023'"):
        cite("fan-2022")
    assert citations(["me", "fan-2023", "me"]) == ["me", str(cite("fan-2023"))]
