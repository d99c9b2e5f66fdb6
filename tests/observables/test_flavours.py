"""Couplings quoted for a lepton: what y[mu] stands for with every link, exactly."""

import itertools
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.errors import UsageError
from g2sym.lagrangian.declaration import source_of, with_source
from g2sym.lagrangian.flavours import with_flavour

LEPTONS = ("e", "mu", "tau")
SCALAR = "-g_S*S*bar(f)*f - g_P*S*bar(f)*I*gamma5*f"


def scalar(link, text=SCALAR, complex_=False, **defaults):
    s = g2.scalar("S")
    names = [n for n in ("g_S", "g_P", "y") if n in text]
    free = [
        g2.parameter(n, flavour=link, default=defaults.get(n), complex=complex_ and n == "y") for n in names
    ]
    return g2.Model(text, name="leptophilic", fields=[s], parameters=free)


@pytest.fixture(scope="module")
def models():
    return {link: scalar(link) for link in ("mass", "universal", "single")}


def mass(model, lepton):
    return model.inputs.value(f"m_{lepton}")


def ratio(model, link, lepton, reference):
    """What the link says of y of a lepton over y of the one it is quoted for, as the design writes it."""
    if link == "mass":
        return mass(model, lepton) / mass(model, reference)
    return Fraction(1) if link == "universal" or lepton == reference else Fraction(0)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(("mass", "universal", "single")),
    st.sampled_from(LEPTONS),
    st.sampled_from(LEPTONS),
    st.fractions(min_value=-2, max_value=2, max_denominator=50),
    st.fractions(min_value=Fraction(1, 10), max_value=30, max_denominator=20),
)
def test_a_quoted_value_is_the_value_that_the_link_gives(models, link, lepton, reference, value, heavy):
    model = models[link]
    moment = model.anomalous_moment(lepton)
    quoted = moment.evaluate(params={f"g_S[{reference}]": value, "g_P": 0, "m_S": heavy}, digits=40)
    direct = moment.evaluate(
        params={"g_S": value * ratio(model, link, lepton, reference), "g_P": 0, "m_S": heavy}, digits=40
    )
    assert abs(quoted.ball.midpoint - direct.ball.midpoint) <= quoted.ball.radius + direct.ball.radius
    assert str(quoted) == str(direct)
    assert quoted.record["flavour"]["g_S"] == {"link": link, "quoted_for": reference}
    assert quoted.record["flavour"]["g_P"] == {"link": link, "quoted_for": lepton}
    assert next(iter(quoted.record["values"])) == f"g_S[{reference}]"


def test_a_heavy_scalar_in_proportion_to_mass_follows_an_independent_integral(models):
    """a_l = y_l^2/(8 pi^2) int_0^1 (1-x)^2 (1+x)/((1-x)^2 + x r^2) dx with y_l = y m_l/m_mu."""
    model = models["mass"]
    found = model.observable("a(e)/a(mu)").evaluate(
        params={"g_S[tau]": "0.3", "g_P[mu]": 0, "m_S": 1000}, digits=20
    )
    with mpmath.workdps(30):
        m = {n: mpmath.mpf(mass(model, n).numerator) / mass(model, n).denominator for n in LEPTONS}

        def integral(lepton):
            r2 = (1000 / m[lepton]) ** 2
            near = [0, 1 / r2, 1e-6, 1e-3, 0.5, 1]
            return mpmath.quad(lambda x: (1 - x) ** 2 * (1 + x) / ((1 - x) ** 2 + x * r2), near)

        wanted = (m["e"] / m["mu"]) ** 2 * integral("e") / integral("mu")
        assert abs(mpmath.mpf(str(found)) / wanted - 1) < 1e-15
        power = (m["e"] / m["mu"]) ** 4
        logs = [mpmath.log(1000**2 / m[n] ** 2) - mpmath.mpf(7) / 6 for n in ("e", "mu")]
        assert abs(wanted / power / (logs[0] / logs[1]) - 1) < 1e-6  # (m_e/m_mu)^4 up to logarithms


def test_the_limit_of_a_ratio_does_not_depend_on_whom_it_is_quoted_for():
    model = g2.load_model("dark_photon").with_flavour(eps="mass")
    for reference in LEPTONS:
        limit = model.observable("a(e)/a(mu)").quoted(eps=reference).limit("m_A", "oo")
        assert str(limit) == "m_e^4/m_mu^4"


def test_bounds_scale_exactly(models):
    model = models["mass"]
    moment = model.anomalous_moment("mu")
    own = {"g_P": 0, "m_S": "0.5"}
    direct, quoted = (g2.bound(moment, on, "muon-2025", params=own) for on in ("g_S", "g_S[tau]"))
    scale = mass(model, "tau") / mass(model, "mu")
    assert quoted.on == "g_S[tau]"
    for one, other in zip(direct.rows[0].windows, quoted.rows[0].windows, strict=True):
        for a, b in zip(one, other, strict=True):
            assert abs(a.midpoint * scale - b.midpoint) <= a.radius * scale + b.radius
            assert a.settled(17) != b.settled(17)
    assert quoted.record["flavour"]["g_S"] == {"link": "mass", "quoted_for": "tau"}


@pytest.mark.parametrize("link", ["mass", "universal"])
def test_arrays_and_maps_and_scans_take_brackets(models, link):
    model = models[link]
    moment = model.anomalous_moment("e")
    ratio_ = float(ratio(model, link, "e", "mu"))
    values = np.array([1e-3, 2e-2, -0.5])
    function = moment.lambdify()
    found = function({"g_S[mu]": values, "g_P": 0.0, "m_S": 0.7})
    assert np.allclose(found, function(g_S=values * ratio_, g_P=0.0, m_S=0.7), rtol=1e-12, atol=0)
    standard = moment.lambdify("array-api")({"g_S[mu]": values, "g_P": 0, "m_S": "0.7"})
    assert np.allclose(standard.values, found, rtol=2e-12, atol=0)
    assert standard.decided.all()
    at = {"g_S[mu]": Fraction(1, 3), "g_P": 0, "m_S": 2}
    assert float(moment.lambdify("mpmath")(at)) == float(moment.evaluate(params=at))
    plane = g2.exclusion_map(
        moment, ("m_S", "0.1", 1), ("g_S[mu]", "1e-4", 10), "electron-2023-rb", resolution=32, g_P=0
    )
    assert plane.y.name == "g_S[mu]"
    assert plane.record["flavour"]["g_S"]["quoted_for"] == "mu"
    same = g2.exclusion_map(
        moment.quoted(g_S="mu"),
        ("m_S", "0.1", 1),
        ("g_S", "1e-4", 10),
        "electron-2023-rb",
        resolution=32,
        g_P=0,
    )
    assert same.as_dict() == plane.as_dict()
    scan = g2.scan(
        moment, {"m_S": [0.2, 0.5], "g_S[mu]": [1e-3, 0.3]}, "electron-2023-rb", params={"g_P[mu]": 0}
    )
    grid = np.array([[0.2, 0.2], [0.5, 0.5]]), np.array([[1e-3, 0.3], [1e-3, 0.3]])
    wanted = function(m_S=grid[0], g_S=grid[1] * ratio_, g_P=0.0)
    assert np.allclose(scan.arrays["delta_a"], wanted, rtol=2e-12)


def test_complex_couplings_are_quoted_as_a_whole_and_in_parts():
    model = scalar("mass", "-y*S*bar(f)*PR*f + hc", complex_=True)
    moment = model.anomalous_moment("e")
    scale = mass(model, "e") / mass(model, "tau")
    third, half = Fraction(1, 3), Fraction(-1, 2)
    direct = moment.evaluate(params={"re_y": third * scale, "im_y": half * scale, "m_S": 2}, digits=30)
    parts = moment.evaluate(params={"re_y[tau]": third, "im_y[tau]": half, "m_S": 2}, digits=30)
    whole = moment.evaluate(params={"y[tau]": 0.25 - 0.5j, "m_S": 2}, digits=30)
    same = moment.quoted(y="tau").evaluate(y=0.25 - 0.5j, m_S=2, digits=30)
    assert str(parts) == str(direct)
    assert str(whole) == str(same) != str(direct)
    assert list(parts.record["values"]) == ["re_y[tau]", "im_y[tau]", "m_S"]
    parts = {"re_y[tau]": np.array([float(third)]), "im_y[tau]": -0.5, "m_S": 2}
    assert np.allclose(moment.lambdify()(parts), float(direct), rtol=1e-12, atol=0)
    with pytest.raises(UsageError, match=r"y\[tau\] is complex: arrays are for its parts re_y\[tau\]"):
        moment.lambdify()({"y[tau]": np.array([1.0]), "m_S": 2})
    bound = g2.bound(moment, "re_y[tau]", "electron-2023-rb", params={"im_y[tau]": 0, "m_S": 2})
    assert bound.on == "re_y[tau]"
    with pytest.raises(UsageError, match=r"y\[tau\] is given as a whole and as re_y\[tau\]"):
        moment.evaluate(params={"y[tau]": 1, "re_y[tau]": 1, "m_S": 2})


def test_defaults_with_the_leptons_mass_stay_what_they_are():
    """y = m_f/v is in proportion to mass by itself: quoted for whomever, the moment is the same."""
    v = g2.parameter("v", 1)
    s = g2.scalar("S")
    y = g2.parameter("y", flavour="mass", default=g2.mass("f") / v)
    model = g2.Model("-y*S*bar(f)*f", name="higgslike", fields=[s], parameters=[y, v])
    moment = model.anomalous_moment("mu")
    plain = moment.evaluate(m_S=2, v=246)
    for reference in LEPTONS:
        quoted = moment.quoted(y=reference).evaluate(m_S=2, v=246)
        assert str(quoted) == str(plain)
        assert quoted.record["defaults"] == {f"y[{reference}]": f"m_{reference}/v"}
    both = model.observable("a(e)/a(mu)").quoted(y="tau").evaluate(m_S=2, v=246, digits=20)
    parts = [model.anomalous_moment(n).evaluate(m_S=2, v=246, digits=30).ball.midpoint for n in ("e", "mu")]
    assert abs(both.ball.midpoint / (parts[0] / parts[1]) - 1) < Fraction(1, 10**18)


def test_defaults_that_follow_a_quoted_coupling_are_of_the_same_lepton():
    """g_P = 2 g_S of every lepton: quoting g_S, g_P or both changes variables and nothing else."""
    s = g2.scalar("S")
    g_s = g2.parameter("g_S", flavour="mass")
    free = [g_s, g2.parameter("g_P", flavour="mass", default=2 * g_s)]
    model = g2.Model(SCALAR, name="chain", fields=[s], parameters=free)
    moment = model.anomalous_moment("e")
    value, scale = Fraction(1, 7), mass(model, "e") / mass(model, "mu")
    wanted = str(moment.evaluate(g_S=value * scale, m_S=2, digits=30))
    assert str(moment.evaluate(params={"g_S[mu]": value}, m_S=2, digits=30)) == wanted
    assert str(moment.quoted(g_S="mu", g_P="tau").evaluate(g_S=value, m_S=2, digits=30)) == wanted
    assert str(moment.quoted(g_P="tau").evaluate(g_S=value * scale, m_S=2, digits=30)) == wanted


def test_a_single_coupling_belongs_to_the_quoted_lepton_alone(models):
    model = models["single"]
    at = {"g_S[mu]": "0.1", "g_P[mu]": "0.2", "m_S": 1}
    found = model.anomalous_moment("e").evaluate(params=at)
    assert found.ball.midpoint == found.ball.radius == 0
    said = found.record["announcements"]
    assert "g_S[mu] is a coupling of mu alone (flavour = single): e has none of it." in said
    assert not any("electric dipole" in sentence for sentence in said)
    own = model.anomalous_moment("mu")
    assert str(own.evaluate(params=at)) == str(own.evaluate(g_S="0.1", g_P="0.2", m_S=1))
    ratio_ = model.observable("a(e)/a(mu)")
    assert str(ratio_.evaluate(params=at)) == "0"
    with pytest.raises(
        UsageError, match=r"a\(mu\) is about several leptons and g_S belongs to one lepton alone"
    ):
        ratio_.evaluate(g_S=1, g_P=1, m_S=1)


def test_the_uncertainty_of_a_reference_mass_enters():
    model = scalar("mass", "-g_S*S*bar(f)*f")
    moment = model.anomalous_moment("e")
    found = moment.input_uncertainty({"g_S[tau]": "1e-3"}, m_S=10)
    sigma, tau = model.inputs["m_tau"].uncertainty, mass(model, "tau")
    value = float(moment.evaluate(params={"g_S[tau]": "1e-3"}, m_S=10))
    ratio_ = model.observable("a(e)/a(mu)").input_uncertainty({"g_S[tau]": "1e-3"}, m_S=10)
    assert set(ratio_.shifts) == {"m_e", "m_mu"}  # the reference cancels
    assert float(found.shifts["m_tau"]) == pytest.approx(-2 * float(sigma / tau) * value, rel=1e-3)


BAD = [
    ({"g_S[muon]": 1}, r"'g_S\[muon\]': there is no charged lepton 'muon' \(did you mean 'g_S\[mu\]'\?\)"),
    ({"g_S[Mu]": 1}, r"did you mean 'g_S\[mu\]'"),
    ({"g_S[x]": 1}, r"there is no charged lepton 'x'; write e, mu or tau"),
    ({"g_s[mu]": 1}, r"no parameter 'g_s' \(did you mean 'g_S'\?\)"),
    ({"m_S[mu]": 1}, r"m_S\[mu\]: m_S multiplies no term of the generic lepton f, .* drop \[mu\]"),
    ({"g_S[mu": 1}, r"'g_S\[mu': write a parameter and the lepton it is quoted for, such as y\[mu\]"),
    ({"g_S[]": 1}, "write a parameter and the lepton"),
    ({"[mu]": 1}, "write a parameter and the lepton"),
    ({"g_S[mu]x": 1}, "write a parameter and the lepton"),
    ({"g_S]": 1}, "write a parameter and the lepton"),
    ({"g_S[mu]": 1, "g_S": 1}, r"g_S\[mu\] is given with and without its lepton; give it once"),
    ({"g_S[mu]": 1, "g_S[e]": 1}, r"g_S is quoted for mu and for e \(flavour mass: one follows"),
]


@pytest.mark.parametrize(("given_", "words"), BAD, ids=[str(list(g)) for g, _ in BAD])
def test_brackets_that_make_no_sense_are_one_sentence(models, given_, words):
    moment = models["mass"].anomalous_moment("e")
    for ask in (moment.evaluate, moment.lambdify(), moment.values, moment.input_uncertainty):
        with pytest.raises(UsageError, match=words):
            ask(params={"g_P": 0, "m_S": 1, **given_})


def test_several_leptons_need_a_bracket_for_what_goes_with_the_mass(models):
    ratio_ = models["mass"].observable("a(tau)/a(mu)")
    for ask in (lambda: ratio_.evaluate(g_S=1, g_P=0, m_S=1), ratio_.closed_form):
        with pytest.raises(
            UsageError, match=r"a\(tau\)/a\(mu\) is about several leptons and g_S .* as g_S\["
        ):
            ask()
    universal = models["universal"].observable("a(tau)/a(mu)")
    plain = universal.evaluate(g_S=1, g_P=0, m_S=1)
    assert str(plain) == str(universal.evaluate(params={"g_S[e]": 1, "g_P": 0, "m_S": 1}))
    assert plain.record["flavour"]["g_S"] == {"link": "universal", "quoted_for": None}


def test_links_are_changed_by_name(models):
    model = models["single"]
    other = model.with_flavour(g_S="mass")
    assert other.declaration.parameters["g_S"].flavour == "mass"
    assert other.declaration.parameters["g_P"].flavour == "single"
    assert other.declaration.digest != model.declaration.digest
    assert other != model
    assert model.with_scheme("larin").with_flavour(g_S="mass").conventions.scheme == "larin"
    for names, words in (
        ({"g_s": "mass"}, r"has no parameter 'g_s' \(did you mean 'g_S'\?\)"),
        (
            {"m_S": "mass"},
            r"flavour: m_S multiplies no term of the generic lepton f \(its couplings are g_S, g_P\)",
        ),
        ({"g_S": "masses"}, r"'masses' is not one of single, universal, mass \(did you mean 'mass'\?\)"),
        ({"g_S": 1}, "is not one of single, universal, mass"),
    ):
        with pytest.raises(UsageError, match=words):
            model.with_flavour(**names)


def test_a_coupling_that_also_stands_elsewhere_is_not_moved():
    """g couples S to every lepton and to N: for another lepton the coupling to N would change with it."""
    s, n = g2.scalar("S"), g2.fermion("N")
    text = "-g*S*bar(f)*f - g*S*bar(N)*N"

    def make(link):
        free = [g2.parameter("g", flavour=link)]
        return g2.Model(text, name="both", fields=[s, n], parameters=free)

    moment = make("mass").anomalous_moment("mu")
    at = {"m_S": 1, "m_N": 1}
    assert str(moment.evaluate(params={"g[mu]": "0.1", **at})) == str(
        moment.evaluate(params={"g": "0.1", **at})
    )
    with pytest.raises(UsageError, match=r"g multiplies terms without the generic lepton f, too"):
        moment.evaluate(params={"g[e]": "0.1", **at})
    with pytest.raises(UsageError, match=r"g multiplies terms without the generic lepton f, too"):
        make("mass").observable("a(e)/a(mu)").quoted(g="mu").values()
    shared = make("universal").anomalous_moment("mu")
    assert str(shared.evaluate(params={"g[e]": "0.1", **at})) == str(
        shared.evaluate(params={"g": "0.1", **at})
    )
    with pytest.raises(UsageError, match=r"g\[e\]: how g is related for e, mu and tau is not declared"):
        make(None).anomalous_moment("mu").evaluate(params={"g[e]": "0.1", **at})


def test_roots_and_every_pair_of_leptons():
    """A coupling under a root moves with its lepton: sqrt(w_l) with w_l = w m_l/m_ref."""
    s = g2.scalar("S")
    model = g2.Model(
        "-sqrt(w)*S*bar(f)*f", name="rooted", fields=[s], parameters=[g2.parameter("w", flavour="mass")]
    )
    for lepton, reference in itertools.product(LEPTONS, LEPTONS):
        moment = model.anomalous_moment(lepton)
        scale = mass(model, lepton) / mass(model, reference)
        assert str(moment.evaluate(params={f"w[{reference}]": 2}, m_S=3)) == str(
            moment.evaluate(w=2 * scale, m_S=3)
        )


def test_the_size_of_a_coupling_is_that_of_the_lepton_under_study(models):
    """y_tau = 16.8 y_mu: one that is weak for the muon may be beyond perturbation theory for the tau."""
    moment = models["mass"].anomalous_moment("tau")
    at = {"g_S[mu]": 1, "g_P": 0, "m_S": 10}
    (said,) = [one for one in moment.evaluate(params=at).record["announcements"] if "beyond 4 pi" in one]
    assert f"{float(mass(models['mass'], 'tau') / mass(models['mass'], 'mu')):.6g}" in said
    assert not any(
        "beyond 4 pi" in one for one in moment.evaluate(g_S=1, g_P=0, m_S=10).record["announcements"]
    )


def test_what_is_kept_between_runs_is_kept_for_each_link():
    declared = with_source(g2.load_declaration("scalar"), "a hash")
    found = {source_of(with_flavour(declared, {"g_sff": link})) for link in ("mass", "universal", "single")}
    assert len(found | {source_of(declared)}) == 4
    own = with_flavour(with_source(g2.load_declaration("scalar"), "a hash"), {"g_sff": "mass"})
    assert source_of(own) in found
    assert source_of(with_flavour(g2.load_declaration("scalar"), {"g_sff": "mass"})) is None
