"""Names of observables: one canonical form, one sentence for anything else."""

import doctest
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.base import names
from g2sym.base.names import LEPTONS, MAX_POWER, PLANNED, Atom, ObservableName, parse_observable
from g2sym.errors import UsageError

ATOMS = [Atom(kind, (lepton,), part) for kind in "ad" for lepton in LEPTONS for part in ("", "im")]


@pytest.mark.parametrize(
    ("text", "canonical", "unit"),
    [
        ("a(mu)", "a(mu)", "1"),
        (" d ( mu ) ", "d(mu)", "GeV^-1"),
        ("a(e)/a(mu)", "a(e)/a(mu)", "1"),
        ("d(e)*a(mu)", "a(mu)*d(e)", "GeV^-1"),
        ("a(mu)^2/a(e)", "a(mu)^2/a(e)", "1"),
        ("a(mu)*a(mu)/a(e)", "a(mu)^2/a(e)", "1"),
        ("a(tau)/a(mu)/d(e)", "a(tau)/(a(mu)*d(e))", "GeV"),
        ("a(tau)/(a(mu)/d(e))", "a(tau)*d(e)/a(mu)", "GeV^-1"),
        ("a(tau)/a(mu)*d(e)", "a(tau)*d(e)/a(mu)", "GeV^-1"),
        ("((a(mu)/d(e))^2)^3", "a(mu)^6/d(e)^6", "GeV^6"),
        ("d(tau)*d(e)", "d(e)*d(tau)", "GeV^-2"),
        ("a(e)^1", "a(e)", "1"),
        ("re(a(mu))", "a(mu)", "1"),
        (" im ( d ( mu ) ) ", "im(d(mu))", "GeV^-1"),
        ("im(a(mu))/a(mu)", "im(a(mu))/a(mu)", "1"),
        ("im(a(mu))*d(e)*a(mu)*im(a(mu))", "a(mu)*im(a(mu))^2*d(e)", "GeV^-1"),
    ],
)
def test_a_text_has_one_canonical_form(text, canonical, unit):
    found = parse_observable(text)
    assert (str(found), found.unit) == (canonical, unit)
    assert parse_observable(canonical) == found
    assert hash(parse_observable(canonical)) == hash(found)


def test_what_a_name_knows():
    single, ratio = parse_observable("d(mu)"), parse_observable("d(tau)^2/a(e)")
    assert single.atom == Atom("d", ("mu",))
    assert parse_observable("d(mu)^2").atom is None
    assert ratio.atom is None
    assert ratio.leptons == ("e", "tau")
    assert ratio.numerator == ((Atom("d", ("tau",)), 2),)
    assert ratio.denominator == ((Atom("a", ("e",)), 1),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a(muon)", r"did you mean 'a\(mu\)'"),
        ("a(electron)", r"did you mean 'a\(e\)'"),
        ("d(m)", r"did you mean 'd\(mu\)'"),
        ("edm(tau)", r"did you mean 'd\(tau\)'"),
        ("A(e)", r"did you mean 'a\(e\)'"),
        ("a_mu", r"did you mean 'a\(mu\)'"),
        ("amu", r"did you mean 'a\(mu\)'"),
        ("a(mu)/a(mu)", r"cancel it, since a\(mu\)/a\(mu\) is 1"),
        ("a(mu)^2*d(e)/(a(e)*a(mu))", "cancel it"),
        ("a(mu)/a(e)*a(e)", "cancel it"),
        ("re(a(mu))/a(mu)", "cancel it"),
        ("im(a(mu)/a(e))", r"im takes one observable such as a\(l\); write im\(a\(mu\)\)"),
        ("im(a(mu)^2)", "products of such parts outside"),
        ("im(im(a(mu)))", r"write im\(a\(mu\)\)"),
        ("im a(mu)", r"write im\(a\(mu\)\)"),
        ("re()", r"re takes one observable such as"),
        ("im(a(mu)", "closing parenthesis"),
        ("im", r"write im\(a\(mu\)\)"),
        ("im(x(mu))", "there is no observable"),
        ("a(mu)^9", "from 1 to 8"),
        ("a(mu)^0", "from 1 to 8"),
        ("a(mu)^" + "9" * 150, "from 1 to 8"),
        ("(a(mu)^4)^4", "above 8"),
        ("a(mu)^8*a(mu)", "above 8"),
        ("a(mu)^2^2", "parentheses"),
        ("a(mu)**2", r"a\(mu\)\^2"),
        ("*".join(["a(mu)"] * 9), "more than 8 factors"),
        ("(" * 9 + "a(mu)" + ")" * 9, "deeper than 8"),
        (" " * 200 + "a(mu)", "200 characters"),
        ("1/a(mu)", "where an observable is expected"),
        ("a(mu)+a(e)", "no meaning"),
        ("a(mu)\n", "no meaning"),
        ("a(\u03bc)", r"write a\(mu\)"),
        ("a", r"write a\(mu\)"),
        ("a(e, mu)", r"write a\(mu\)"),
        ("a(mu)/", "ends where"),
        ("(a(mu)", "closing parenthesis"),
        ("a(mu))", "left over"),
        ("a(mu) a(e)", "left over"),
        ("", "empty"),
        (" \t", "empty"),
        (None, "not a text"),
    ],
)
def test_anything_else_is_refused_in_one_sentence(text, said):
    with pytest.raises(UsageError, match=said) as caught:
        parse_observable(text, "--observable")
    assert str(caught.value).startswith("--observable")
    assert str(caught.value).endswith(".")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "B_n(e bar(e) -> e bar(e))",
        "abs(A_L(mu -> e))", "a(mu)*abs(d(mu))",
    ],
)  # fmt: skip
def test_planned_names_say_what_there_is(text):
    with pytest.raises(UsageError, match=r"is not available yet; available are a\(l\) and d\(l\)"):
        parse_observable(text)
    assert any(name in text for name in PLANNED)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: Atom("x", ("mu",)), "no observable"),
        (lambda: Atom("a", ("mu", "e")), "one charged lepton"),
        (lambda: Atom("a", "mu"), "one charged lepton"),
        (lambda: Atom("a", ("mu",), "abs"), "no part 'abs'"),
        (lambda: ObservableName(()), "empty"),
        (lambda: ObservableName(((ATOMS[0], 0),)), "whole number"),
        (lambda: ObservableName(((ATOMS[0], True),)), "whole number"),
        (lambda: ObservableName(((ATOMS[0], 1), (ATOMS[0], 2))), "twice"),
        (lambda: ObservableName(((ATOMS[0], 1),), ((ATOMS[0], 2),)), "cancel it"),
    ],
)
def test_a_name_built_by_hand_obeys_the_same_rules(build, said):
    with pytest.raises(UsageError, match=said):
        build()


powers = st.integers(1, MAX_POWER)
observables = st.dictionaries(
    st.sampled_from(ATOMS), st.tuples(st.booleans(), powers), min_size=1, max_size=6
).filter(lambda found: any(above for above, _ in found.values()))


@given(found=observables)
def test_text_and_form_belong_together(found):
    sides = [
        tuple((atom, power) for atom, (above, power) in found.items() if above == top)
        for top in (True, False)
    ]
    name = ObservableName(*sides)
    assert parse_observable(str(name)) == name
    assert str(parse_observable(str(name))) == str(name)


pieces = st.sampled_from(
    ["a", "d", "(", ")", "mu", "e", "tau", "*", "/", "^", "2", "8", " ", "a(mu)", "d(e)", "BR", "->", "\x00"]
)


@given(text=st.one_of(st.text(max_size=300), st.lists(pieces, max_size=80).map("".join)))
def test_any_text_is_read_or_refused_at_once(text):
    start = time.process_time()
    try:
        found = parse_observable(text)
    except UsageError:
        found = None
    assert found is None or parse_observable(str(found)) == found
    assert time.process_time() - start < 0.1


def test_the_worst_texts_take_no_time():
    start = time.process_time()
    for text in (
        "(" * 200,
        "a(" * 100,
        "(" * 8 + "a(mu)^8" + ")^8" * 8,
        "a(mu)^" + "1" * 190,
        " " * 200,
        "a" * 10**6,
    ):
        with pytest.raises(UsageError):
            parse_observable(text)
    assert time.process_time() - start < 0.1


def test_the_examples_in_the_docstrings():
    found = doctest.testmod(names)
    assert found.attempted >= 6
    assert not found.failed


class TestTransitions:
    """Names of l -> l' gamma: form factors, Wilson coefficients, widths and branching ratios."""

    @pytest.mark.parametrize(
        ("text", "canonical", "unit"),
        [
            ("A_R(mu->e)", "A_R(mu -> e)", "GeV^-2"),
            ("A_L( tau  ->  mu )", "A_L(tau -> mu)", "GeV^-2"),
            ("re(A_R(mu))", "re(A_R(mu))", "GeV^-2"),
            ("im(L_egamma(tau -> e))", "im(L_egamma(tau -> e))", "GeV^-1"),
            ("BR(mu->e A)", "BR(mu -> e A)", "1"),
            ("Gamma(tau -> mu A)", "Gamma(tau -> mu A)", "GeV"),
            ("BR(tau -> mu A)/BR(mu -> e A)", "BR(tau -> mu A)/BR(mu -> e A)", "1"),
            ("re(BR(mu -> e A))", "BR(mu -> e A)", "1"),
        ],
    )
    def test_are_read(self, text, canonical, unit):
        found = parse_observable(text)
        assert (str(found), found.unit, found.moment) == (canonical, unit, "")
        assert parse_observable(str(found)) == found

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("A_R(mu -> mu)", r"goes from mu to mu; write A_R\(mu\)"),
            ("BR(mu -> mu A)", "a lepton decays to another one"),
            ("BR(e -> mu A)", "e is lighter than mu and does not decay into it"),
            ("BR(mu -> e)", r"write BR\(mu -> e A\), A the photon"),
            ("BR(mu -> e gamma)", r"write BR\(mu -> e A\), A the photon"),
            ("BR(mu)", r"write BR\(mu -> e A\)"),
            ("A_R(mu -> e A)", r"write A_R\(mu -> e\)"),
            ("A_R", r"write A_R\(mu -> e\)"),
            ("d(mu -> e)", r"d takes one charged lepton in parentheses; write d\(mu\)"),
            ("A_R(muon -> e)", r"no charged lepton 'muon' \(did you mean 'mu'\?\)"),
            ("A_R(mu -> e)^2", r"complex: in products and quotients take re\(A_R\(mu -> e\)\)"),
            ("a(mu)/A_L(mu -> e)", "complex: in products and quotients"),
            ("im(BR(mu -> e A))", "BR is real; leave out im"),
            ("Gamma(mu)", r"write Gamma\(mu -> e A\)"),
        ],
    )
    def test_mistakes_get_one_sentence(self, text, message):
        with pytest.raises(UsageError, match=message):
            parse_observable(text)


class TestProcesses:
    """Widths, lifetimes and cross-sections by name."""

    @pytest.mark.parametrize(
        ("text", "canonical", "unit", "leptons"),
        [
            ("Gamma( a->A A )", "Gamma(a -> A A)", "GeV", ()),
            ("Gamma(a)", "Gamma(a)", "GeV", ("e", "mu", "tau")),
            ("Gamma(a -> bar(mu) mu)", "Gamma(a -> mu bar(mu))", "GeV", ("mu",)),
            ("Gamma(phi -> bar( e ) mu)", "Gamma(phi -> mu bar(e))", "GeV", ("e", "mu")),
            ("BR(a -> Z A)", "BR(a -> A Z)", "1", ("e", "mu", "tau")),
            ("BR(Z -> A a)", "BR(Z -> A a)", "1", ()),
            ("lifetime(bar(phi))", "lifetime(bar(phi))", "s", ("e", "mu", "tau")),
            ("decay_length(a)", "decay_length(a)", "m", ("e", "mu", "tau")),
            ("sigma(e bar(e) -> a A)", "sigma(e bar(e) -> A a)", "pb", ("e",)),
            ("dsigma(mu bar(mu)->A a)", "dsigma(mu bar(mu) -> A a)", "pb", ("mu",)),
            ("Gamma(a -> A A) / Gamma(a)", "Gamma(a -> A A)/Gamma(a)", "1", ("e", "mu", "tau")),
            ("sigma(e bar(e) -> A a)^2*lifetime(a)", "lifetime(a)*sigma(e bar(e) -> A a)^2", "pb^2*s", None),
            ("Gamma(a)*lifetime(a)", "Gamma(a)*lifetime(a)", "GeV*s", None),
            ("BR(mu -> e A)", "BR(mu -> e A)", "1", ("e", "mu")),
        ],
    )
    def test_canonical_form(self, text, canonical, unit, leptons):
        name = parse_observable(text)
        assert (str(name), name.unit) == (canonical, unit)
        assert leptons is None or name.leptons == leptons
        assert parse_observable(str(name)) == name

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("lifetime", r"lifetime takes a process in parentheses; write lifetime\(a\)"),
            ("lifetime()", "takes a particle that decays"),
            ("BR()", "takes a particle that decays"),
            ("Gamma( )", "takes a particle that decays"),
            ("Gamma(a -> A)", r"write Gamma\(a -> A A\) or Gamma\(a\)"),
            ("Gamma(a -> A A A)", "takes a particle that decays"),
            ("BR(a)", r"write BR\(a -> A A\)"),
            ("lifetime(a -> A A)", r"write lifetime\(a\)"),
            ("sigma(a)", r"takes two colliding particles and two outgoing ones"),
            ("sigma(e bar(e))", r"write sigma\(e bar\(e\) -> A a\)"),
            ("Gamma(a -> bar(bar(e)) e)", "parentheses"),
            ("Gamma(a -> %)", "'%' is no particle"),
            ("Gamma(a, b)", "is no particle"),
            ("im(Gamma(a))", "Gamma is real; leave out im"),
            ("Gamma(a -> muon bar(muon))", r"no charged lepton 'muon' \(did you mean 'mu'\?\)"),
            ("Gamma(a -> gamma gamma)", "the photon is written A"),
            ("sigma(e bar(e) -> A a", "parentheses"),
        ],
    )
    def test_mistakes_get_one_sentence(self, text, message):
        with pytest.raises(UsageError, match=message) as caught:
            parse_observable(text)
        assert "\n" not in str(caught.value)
