"""Colour: declared, known of quarks, and every term a singlet."""

import pytest

from g2sym import lagrangian as g2
from g2sym.errors import ModelError, UnsupportedError

g, h = g2.parameter("g"), g2.parameter("h")


def leptoquark(name, charge, colour=3):
    return g2.scalar(name, charge=charge, colour=colour)


def declared(text, *fields):
    return g2.declare(text, fields=fields, parameters=(g, h))


def refused(text, *fields, kind=ModelError):
    with pytest.raises(kind) as error:
        declared(text, *fields)
    message = str(error.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_quarks_are_triplets_and_everything_else_is_a_singlet():
    for name, field in g2.STANDARD_MODEL.items():
        assert field.colour == (3 if name in ("u", "d", "s", "c", "b", "t") else 1)
    assert g2.scalar("S").field.colour == 1


@pytest.mark.parametrize(
    ("text", "charge"),
    [
        ("g*S*bar(cc(t))*PR*mu + hc", "1/3"),  # S1
        ("g*S*bar(t)*PR*mu + hc", "5/3"),  # R2
        ("g*S*bar(cc(t))*PR*mu + h*bar(S)*bar(b)*PR*cc(nu_mu) + hc", "1/3"),
        ("g*S*bar(cc(t))*PR*mu + h*S*bar(cc(b))*PL*nu_mu + hc", "1/3"),
        ("g*S*bar(t)*PR*mu + h*S*bar(S)*bar(mu)*mu/m_S + hc", "5/3"),
        ("g*S*bar(cc(t))*PR*mu + h*bar(S)*bar(cc(u))*PR*d + hc", "1/3"),  # three triplets, a diquark
    ],
)
def test_products_with_a_singlet_are_accepted(text, charge):
    declared(text, leptoquark("S", charge))


def test_one_triplet_alone_is_refused():
    message = refused("g*S*bar(t)*PR*mu + hc", leptoquark("S", "5/3", 1))
    assert message.startswith("line 1, term 'g*S*bar(t)*PR*mu': the colours make no singlet: ")
    assert "bar(t) alone carries colour 3" in message
    assert "mend the colour of a declared field" in message
    neutral = g2.scalar("S", colour=3)
    assert "S alone carries colour 3" in refused("g*S*bar(mu)*mu + hc", neutral)
    message = refused("g*V(al)*bar(t)*gamma(al)*t + hc", g2.vector("V", colour=3))
    assert "V(al) and bar(t) and t carry colour 3" in message


def test_a_field_is_triplet_or_antitriplet_in_all_terms():
    X = g2.fermion("X", charge="2/3", colour=3)
    S = leptoquark("S", "5/3")
    declared("g*S*bar(t)*PR*mu + h*S*bar(X)*PR*mu + hc", S, X)
    T = leptoquark("T", "1/3")  # T and X are free to be antitriplets, unless t fixes one of them
    declared("h*T*bar(cc(X))*PR*mu + hc", T, X)
    declared("g*S*bar(X)*PR*mu + h*T*bar(cc(X))*PR*mu + hc", S, T, X)
    odd = g2.fermion("X", charge="1/3")  # without colour
    message = refused("g*T*bar(cc(t))*PR*mu\n + h*T*bar(t)*PR*X + hc", T, odd)
    assert message.startswith(
        "line 2, term 'h*T*bar(t)*PR*X': the colours make no singlet here with 'T' triplet"
    )
    assert "conjugate a field with bar(...) or cc(...)" in message


def test_what_colour_may_be():
    with pytest.raises(UnsupportedError, match=r"field 'S': colour 8 is not treated: .*; use 1 or 3"):
        g2.scalar("S", colour=8)
    with pytest.raises(UnsupportedError, match="colour 6 is not treated"):
        g2.fermion("Q", colour=6)
    for wrong in (0, -3, True, "3", 3.0):
        with pytest.raises(ModelError, match="is neither 1 nor 3"):
            g2.scalar("S", colour=wrong)
    with pytest.raises(ModelError, match="a colour triplet differs from its conjugate"):
        g2.scalar("S", colour=3, self_conjugate=True)
    assert not g2.scalar("S", colour=3).field.self_conjugate
    many = [leptoquark(f"S{n}", "5/3") for n in range(13)]
    text = " + ".join(f"g*S{n}*bar(t)*PR*mu" for n in range(13)) + " + hc"
    assert "at most 12 are treated" in refused(text, *many, kind=UnsupportedError)


MODEL = """
schema = 1
name = "leptoquark"
lagrangian = "g*S*bar(t)*PR*mu + hc"
[fields.S]
spin = 0
charge = "5/3"
{colour}
[parameters.g]
dimension = 0
"""


def test_the_key_of_a_model_file():
    model = g2.parse_declaration(MODEL.format(colour="colour = 3").encode(), "x")
    assert model.field("S").colour == 3
    neutral = MODEL.replace("t)*PR*mu", "X)*PR*mu").replace("5/3", "0")
    more = '[fields.X]\nspin = "1/2"\ncharge = -1\n{colour}\n'
    plain, coloured = (
        g2.parse_declaration((neutral + more).format(colour=text).encode(), "x")
        for text in ("self_conjugate = false", "self_conjugate = false\ncolour = 3")
    )
    assert plain.digest != coloured.digest
    for text, says in (
        ("", "alone carries colour 3"),
        ('colour = "3"', "fields.S: colour = '3' is neither 1 nor 3"),
        ("colour = true", "fields.S: colour = true is neither 1 nor 3"),
        ("colour = 8", "colour 8 is not treated"),
        ("color = 3", "did you mean 'colour'"),
    ):
        with pytest.raises((ModelError, UnsupportedError), match=says) as error:
            g2.parse_declaration(MODEL.format(colour=text).encode(), "x")
        assert "\n" not in str(error.value)
