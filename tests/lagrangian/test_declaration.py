"""Declarations and model files: bundled models, flavours, defaults, and untrusted files."""

import os
import pickle
import subprocess
import sys
import time
from fractions import Fraction

import pytest

from g2sym import lagrangian as g2
from g2sym.base.coefficients import Coefficient
from g2sym.errors import G2symError, InputError, ModelError, UnsupportedError, UsageError

MODEL = """
schema = 1
name = "toy"
title = "A toy"
references = ["arXiv:2506.17750"]
lagrangian = '''
-g_sff * s * bar(f)*f
-g_sgg/4 * s * F(A, al, be)*F(A, al, be)
'''
[fields.s]
spin = 0
parity = 1
charge = 0
mass = "m_s"
[parameters.g_sff]
dimension = 0
[parameters.g_sgg]
dimension = -1
default = 1e-4
[conventions]
epsilon0123 = -1
scheme = "larin"
[[expect]]
observable = "anomalous_moment"
lepton = "mu"
m_s = 0.5
"""


def changed(old, new, text=MODEL):
    assert text.count(old) == 1
    return text.replace(old, new).encode()


def test_toy_model():
    toy = g2.parse_declaration(MODEL.encode(), "toy.toml")
    assert (toy.name, toy.title, toy.references) == ("toy", "A toy", ("arXiv:2506.17750",))
    assert toy.text.startswith("-g_sff * s")
    assert toy.conventions == {"epsilon0123": -1, "scheme": "larin"}
    assert [o.text() for o in toy.operators] == [
        "-g_sff*s*bar(f)*f",
        "-1/4*g_sgg*s*F(A, al, be)*F(A, al, be)",
    ]
    assert toy.masses == ("m_s",)
    assert toy.parameters["m_s"].dimension == 1
    assert toy.parameters["m_s"].default is None
    assert toy.parameters["g_sff"].flavour == "single"
    assert toy.parameters["g_sgg"].flavour is None
    assert toy.defaults() == {"g_sgg": Coefficient.number(Fraction(1, 10000))}
    assert toy.expectations[0]["lepton"] == "mu"
    assert toy.is_generic
    assert toy.field("s").parity == 1
    assert toy.field("mu").standard_model
    with pytest.raises(UsageError, match="did you mean 'tau'"):
        toy.field("taau")


@pytest.mark.parametrize("name", sorted(g2.bundled_models()))
def test_bundled_models_are_canonical_and_hermitian(name):
    model = g2.load_declaration(name)
    assert model.name == name
    assert g2.conjugate(model.operators, {**g2.STANDARD_MODEL, **model.fields}) == model.operators
    again = g2.declare(
        model.canonical_text, name, fields=model.fields.values(), parameters=model.parameters.values()
    )
    assert again.operators == model.operators
    assert again.digest == model.digest
    assert g2.load_declaration(g2.bundled_models()[name]) == model
    for lepton in g2.LEPTONS:
        for operator in model.for_lepton(lepton):
            assert "f" not in operator.fields
            assert "m_f" not in operator.coefficient.symbols
            assert not {"B", "W3"} & set(operator.fields)


def test_bundled_names_and_parameters_are_the_promised_ones():
    promised = {
        "alp": {"m_a", "g_aff", "g_agg", "g_agZ", "Lambda"},
        "alp_electroweak": {"m_a", "g_aff", "g_aBB", "g_aWW", "Lambda"},
        "scalar": {"m_s", "g_sff", "g_sgg", "g_sgZ", "Lambda"},
        "dark_photon": {"m_A", "eps"},
        "axial_vector": {"m_A", "eps"},
    }
    assert {n: set(g2.load_declaration(n).parameters) for n in g2.bundled_models()} == promised


def test_python_form_of_the_alp_equals_the_bundled_one():
    a, f, m_f = g2.scalar("a", mass="m_a", parity=-1), g2.lepton("f"), g2.mass("f")
    g_aff, g_agg = g2.parameter("g_aff", flavour="single"), g2.parameter("g_agg", -1, default=0)
    g_agZ = g2.parameter("g_agZ", -1, default=-g_agg * g2.sin_w / g2.cos_w)
    scale = g2.parameter("Lambda", 1, default=1000)
    photons = g2.F("A", "al", "be")
    lagrangian = (
        -g_aff / (2 * m_f) * g2.d("al", a) * g2.bar(f) * g2.gamma5 * g2.gamma("al") * f
        - g_agg / 4 * a * photons * g2.Fdual("A", "al", "be")
        - g_agZ / 2 * a * photons * g2.Fdual("Z", "al", "be")
    )
    mine = g2.declare(lagrangian, "alp", parameters=[scale])
    bundled = g2.load_declaration("alp")
    assert mine.operators == bundled.operators
    assert mine == bundled
    assert hash(mine) == hash(bundled)
    assert mine != g2.load_declaration("scalar")
    assert mine != 3


def test_for_lepton_replaces_the_generic_lepton_and_merges():
    s, f, mu = g2.scalar("S"), g2.lepton("f"), g2.lepton("mu")
    g, h = g2.parameter("g"), g2.parameter("h")
    model = g2.declare(g * s * g2.bar(f) * f + h * s * g2.bar(mu) * mu)
    (single,) = model.for_lepton("mu")
    assert single.text() == "(g + h)*S*bar(mu)*mu"
    assert len(model.for_lepton("e")) == 2
    with pytest.raises(UsageError, match="use e, mu or tau"):
        model.for_lepton("f")


def test_flavour_belongs_to_couplings_of_the_generic_lepton():
    s, f, mu = g2.scalar("S"), g2.lepton("f"), g2.lepton("mu")
    scale = g2.parameter("f_s", 1)
    shared = g2.parameter("g", flavour="universal")
    model = g2.declare(shared * g2.parameter("v", 1) / scale * s * g2.bar(f) * f)
    assert {n: p.flavour for n, p in model.parameters.items()} == {
        "g": "universal",
        "v": "single",
        "f_s": None,
        "m_S": None,
    }
    with pytest.raises(ModelError, match=r"parameter 'g': flavour = 'universal' is for .* drop flavour"):
        g2.declare(shared * s * g2.bar(mu) * mu)
    with pytest.raises(ModelError, match="'m_S': a mass is real"):
        g2.declare("m_S/Lam*S*bar(f)*f", fields=[s], parameters=[g2.parameter("m_S", 1, flavour="mass")])


def test_complex_parameters_enter_by_real_and_imaginary_part():
    s, e, mu = g2.scalar("S"), g2.lepton("e"), g2.lepton("mu")
    y = g2.parameter("y", complex=True, default=2 + g2.I)
    model = g2.declare(y * s * g2.bar(e) * g2.PL * mu + g2.hc)
    assert {s for o in model.operators for s in o.coefficient.symbols} == {"re_y", "im_y"}
    assert model.defaults() == {"re_y": Coefficient.number(2), "im_y": Coefficient.number(1)}
    assert model.parameters["y"].symbols == ("re_y", "im_y")


def test_defaults_resolve_through_each_other_and_refuse_circles():
    s, f = g2.scalar("S"), g2.lepton("f")
    y, x = g2.parameter("y", default="0.5"), g2.parameter("x")
    g = g2.parameter("g", default=2 * y * x)
    model = g2.declare(g * s * g2.bar(f) * f)
    assert model.defaults()["g"] == Coefficient.symbol("x")
    text = changed("default = 1e-4", 'default = "g_two"').decode()
    circle = text + '[parameters.g_two]\ndimension = -1\ndefault = "2*g_sgg"\n'
    with pytest.raises(ModelError, match=r"circle \(g_sgg -> g_two -> g_sgg\)"):
        g2.parse_declaration(circle.encode(), "x")


def test_declarations_travel_and_stay_frozen():
    model = g2.load_declaration("alp")
    again = pickle.loads(pickle.dumps(model))
    assert again == model
    assert again.digest == model.digest
    with pytest.raises(TypeError):
        again.fields["b"] = again.fields["a"]
    with pytest.raises(AttributeError):
        again.name = "x"


def test_the_digest_is_of_the_physics():
    model = g2.parse_declaration(MODEL.encode(), "x")
    assert g2.parse_declaration(changed('"A toy"', '"Another"'), "x").digest == model.digest
    assert g2.parse_declaration(changed("1e-4", "2e-4"), "x").digest != model.digest
    assert g2.parse_declaration(changed("= -1\nscheme", "= 1\nscheme"), "x").digest != model.digest


def test_a_mass_may_be_a_number_or_nothing():
    fixed = g2.parse_declaration(changed('mass = "m_s"', 'mass = "0.5"'), "x")
    assert fixed.defaults()["m_s"] == Fraction(1, 2)
    assert g2.parse_declaration(changed('mass = "m_s"', "mass = 17"), "x").defaults()["m_s"] == 17
    massless = g2.parse_declaration(changed('mass = "m_s"', "mass = 0"), "x")
    assert massless.masses == ("m_s",)
    assert massless.defaults()["m_s"] == 0
    assert g2.parse_declaration(changed('mass = "m_s"\n', ""), "x").masses == ("m_s",)
    own = MODEL + '[parameters.m_s]\ndimension = 1\ndefault = "3*m_mu"\n'
    assert g2.parse_declaration(own.encode(), "x").defaults()["m_s"] == 3 * Coefficient.symbol("m_mu")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("schema = 1", "schema = 2", "has schema = 2; write 'schema = 1'"),
        ("schema = 1", "", "lacks schema"),
        ("schema = 1", "schema = true", "has schema = true"),
        ('name = "toy"', "", "lacks 'name'"),
        ('name = "toy"', 'name = "../../x"', "a name is a letter"),
        ('name = "toy"', "name = 3", "a name is a letter"),
        ('title = "A toy"', 'titel = "A toy"', "did you mean 'title'"),
        ('title = "A toy"', "title = 3", "title: 3 is not a text"),
        ('title = "A toy"', 'title = "\\u001b[31mred"', "control character"),
        ('title = "A toy"', f'title = "{"x" * 501}"', "at most 500"),
        ('references = ["arXiv:2506.17750"]', 'references = "x"', "not a list"),
        ('references = ["arXiv:2506.17750"]', "references = [1]", "references: 1 is not a text"),
        (
            "-g_sff * s",
            "-g_sfff * s",
            "lagrangian, line 1, column 2: 'g_sfff' is not a known name (did you mean",
        ),
        ("-g_sgg/4 * s", "-g_sff/4 * s", "lagrangian, line 2, term"),
        ("spin = 0", "", "fields.s lacks 'spin'"),
        ("spin = 0", "spin = 2", "spin 2 is not treated"),
        ("spin = 0", 'spin = "x"', "fields.s, spin: 'x' is not a number"),
        ("spin = 0", "spin = true", "is not a number"),
        ("spin = 0", "spinn = 0", "did you mean 'spin'"),
        ("parity = 1", "parity = -1", "is declared with parity -1 but couples here with parity +1"),
        ("parity = 1", "parity = 0.5", "neither 1 nor -1"),
        ("parity = 1", "parity = 0", "neither 1 nor -1"),
        ("charge = 0", "charge = 1", "electric charge is not conserved"),
        ("charge = 0", "charge = inf", "not a number"),
        ('mass = "m_s"', "mass = \"__import__('os')\"", 'is not a number; write "m_s"'),
        ('mass = "m_s"', 'mass = "m_s; 1"', "the mass 'm_s; 1' is not a symbol"),
        ('mass = "m_s"', "mass = -1", "is negative"),
        ('mass = "m_s"', "mass = [1]", "is not a number"),
        ('mass = "m_s"', 'mass = "m_f"', "generic lepton"),
        ('mass = "m_s"', 'mass = "m_s"\nself_conjugate = 1', "neither true nor false"),
        ('mass = "m_s"', 'mass = "m_s"\nlatex = 1', "is not a text"),
        ("[fields.s]", "[fields.mu]", "'mu' is reserved"),
        ("[fields.s]", "[fields]\nx = 1\n[fields.s]", "fields.x: 1 is not a table"),
        ("[fields.s]", "[fields.'a b']", "a name is a letter"),
        ("dimension = -1", "", "lacks 'dimension'"),
        ("dimension = -1", "dimension = \"__import__('os')\"", "is not an integer"),
        ("dimension = -1", "dimension = 0.5", "is not an integer"),
        ("dimension = -1", "dimension = -2", "its mass dimension is 3"),
        ("default = 1e-4", "default = \"__import__('os')\"", "parameters.g_sgg, default, line 1, column 1"),
        ("default = 1e-4", 'default = "g_sf"', "'g_sf' is not a known name (did you mean"),
        ("default = 1e-4", 'default = "m_mu"', "its mass dimension is 1, the parameter's is -1"),
        ("default = 1e-4", 'default = "1/m_mu + 1"', "adds terms of mass dimension"),
        ("default = 1e-4", 'default = "I/m_mu"', "is not real"),
        ("default = 1e-4", 'default = "s/m_mu"', "only commuting factors"),
        ("default = 1e-4", "default = nan", "is not a number"),
        ("default = 1e-4", "default = []", "is not a number"),
        ("default = 1e-4", "default = 2020-01-01", "is not a number"),
        ("default = 1e-4", 'flavour = "mass"', "drop flavour"),
        ("default = 1e-4", "flavour = [1]", "not one of single"),
        ("default = 1e-4", "default = 1\ncomplex = true", "not Hermitian"),
        ("epsilon0123 = -1", "epsilon0123 = 2", "neither 1 nor -1"),
        ("epsilon0123 = -1", "epsilon = -1", "did you mean 'epsilon0123'"),
        ('scheme = "larin"', "scheme = 3", "is not a text"),
        ("m_s = 0.5", "m_s = [0.5]", "expect 1, 'm_s'"),
        ("m_s = 0.5", "m_s = true", "neither a text nor a number"),
        ("m_s = 0.5", "m_s = 1e9999", "expon"),
        ("[[expect]]", "[expect]", "write [[expect]]"),
    ],
)
def test_a_wrong_file_is_refused_with_place_and_mend(old, new, says):
    data = changed(old, new)
    with pytest.raises(ModelError) as error:
        g2.parse_declaration(data, "toy.toml")
    message = str(error.value)
    assert message.startswith("toy.toml: ")
    assert says in message
    assert message.endswith(".")
    assert "\n" not in message


HOSTILE = {
    "empty": b"",
    "blank": b" \n\n",
    "nul": b"schema = 1\0",
    "binary": bytes(range(256)) * 10,
    "latin": "schema = 1 # \xe9".encode("latin-1"),
    "nested arrays": b"a = " + b"[" * 30000 + b"]" * 30000,
    "nested tables": b"a = " + b"{a=" * 15000 + b"1" + b"}" * 15000,
    "dotted keys": b".".join([b"a"] * 20000) + b" = 1",
    "dotted tables": b"[" + b".".join([b"a"] * 20000) + b"]",
    "many dotted keys": b"\n".join(b"a%d." % n + b".".join([b"b"] * 90) + b" = 1" for n in range(340)),
    "long integer": b"schema = " + b"9" * 5000,
    "long hexadecimal": b"schema = 0x" + b"f" * 60000,
    "long decimal": b"schema = 1." + b"9" * 60000,
    "huge exponent": b"schema = 1e999999999999999999",
    "parentheses": changed("-g_sff * s", "(" * 60000),
    "ten megabytes": changed("-g_sff * s", "(" * 10_000_000),
    "many fields": MODEL.encode() + b"".join(b"[fields.x%d]\nspin = 0\n" % n for n in range(2500)),
    "many parameters": MODEL.encode() + b"".join(b"[parameters.x%d]\ndimension=0\n" % n for n in range(1500)),
    "chain of defaults": MODEL.encode()
    + b"".join(b'[parameters.y%d]\ndimension=0\ndefault="y%d^64"\n' % (n, n + 1) for n in range(90))
    + b"[parameters.y90]\ndimension=0\ndefault=9e900\n",
    "doubling defaults": MODEL.encode()
    + b"".join(b'[parameters.y%d]\ndimension=0\ndefault="(1+y%d)^9"\n' % (n, n + 1) for n in range(90))
    + b"[parameters.y90]\ndimension=0\n",
    "not toml": b"<html>",
    "a table for a text": changed('title = "A toy"', "title = {a = 1}"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_fail_soon_with_one_sentence(name):
    start = time.perf_counter()
    with pytest.raises(ModelError) as error:
        g2.parse_declaration(HOSTILE[name], "toy.toml")
    assert time.perf_counter() - start < 4
    message = str(error.value)
    assert message.startswith("toy.toml: ")
    assert "\n" not in message
    assert len(message) < 600


def test_paths_that_are_no_model_file(tmp_path):
    with pytest.raises(InputError, match=r"not a bundled model \(did you mean 'scalar'\?\); use one of alp,"):
        g2.load_declaration("scaler")
    big = tmp_path / "big.toml"
    big.write_bytes(b"(" * 10_000_000)
    os.mkfifo(tmp_path / "pipe")
    for source in (
        tmp_path,
        tmp_path / "absent.toml",
        "a\0b",
        "/" + "x" * 5000,
        big,
        tmp_path / "pipe",
        3,
        "",
        "x/y.toml",
    ):
        start = time.perf_counter()
        with pytest.raises(InputError) as error:
            g2.load_declaration(source)
        assert time.perf_counter() - start < 4
        assert "\n" not in str(error.value)
        assert len(str(error.value)) < 300
    good = tmp_path / "toy.toml"
    good.write_text(MODEL)
    assert g2.load_declaration(str(good)).name == "toy"
    good.write_text(MODEL.replace("spin = 0", "spin = 2"))
    with pytest.raises(UnsupportedError, match=r"^model file '.*': field 's': spin 2"):
        g2.load_declaration(good)


def test_the_language_loads_no_heavy_library():
    heavy = "('sympy', 'numpy', 'click', 'mpmath')"
    code = f"import sys, g2sym.lagrangian; print([m for m in {heavy} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_errors_have_the_exit_code_of_input_errors():
    with pytest.raises(G2symError) as error:
        g2.parse_declaration(b"", "x")
    assert error.value.exit_code == 3


def test_the_standard_model_is_present_or_absent():
    def declared(line):
        return g2.parse_declaration((MODEL.replace("scheme =", f"{line}\nscheme =")).encode(), "x")

    assert "standard_model" not in g2.parse_declaration(MODEL.encode(), "x").conventions
    absent = declared('standard_model = "absent"')
    assert absent.conventions["standard_model"] == "absent"
    assert absent.as_dict()["conventions"]["standard_model"] == "absent"
    assert absent.digest != g2.parse_declaration(MODEL.encode(), "x").digest
    for line in ('standard_model = "abscent"', "standard_model = true", "standard_model = 0"):
        with pytest.raises(ModelError, match=r"standard_model = .* is neither 'present' .* nor 'absent'"):
            declared(line)
    with pytest.raises(ModelError, match="did you mean 'standard_model'"):
        declared('standard_modell = "absent"')


ROOTED = (
    MODEL.replace("-g_sff *", "-sqrt(1 - s2)*g_sff *")
    + """
[parameters.s2]
dimension = 0
default = "1 - m_W^2/m_Z^2"
"""
)


def test_defaults_with_roots():
    model = g2.parse_declaration(ROOTED.encode(), "x")
    symbols = {n: Coefficient.symbol(n) for n in ("m_W", "m_Z")}
    assert model.defaults()["s2"] == 1 - symbols["m_W"] ** 2 / symbols["m_Z"] ** 2
    assert model.operators[0].text() == "-g_sff*sqrt(1 - s2)*s*bar(f)*f"
    assert pickle.loads(pickle.dumps(model)) == model
    again = g2.declare(
        model.canonical_text,
        model.name,
        fields=model.fields.values(),
        parameters=model.parameters.values(),
        conventions=model.conventions,
    )
    assert again == model
    for default, found in (("sqrt(3/4)", "1/2*sqrt(3)"), ("sqrt(sin_w)*sqrt(sin_w)", "sin_w")):
        text = ROOTED.replace('default = "1 - m_W^2/m_Z^2"', f'default = "{default}"')
        assert str(g2.parse_declaration(text.encode(), "x").parameters["s2"].default) == found


@pytest.mark.parametrize(
    ("default", "says"),
    [
        ("sqrt(-1)", "parameters.s2, default, line 1, column 1: sqrt(-1) is not real"),
        ("sqrt(m_W)", "parameter 's2', default 'sqrt(m_W)': its mass dimension is 1/2, the parameter's is 0"),
        ("sqrt(q)", "'q' is not a known name"),
        ("sqrt(m_W/m_Z", "expected ')' after the argument, as in sqrt(2)"),
        ("sqrt(s2 - 1)", "the defaults refer to each other in a circle"),
        ("sqrt(g_two)", "parameter 's2', default 'sqrt(g_two)': sqrt(-4) is not real"),
    ],
)
def test_a_slip_in_a_default_with_a_root(default, says):
    text = ROOTED.replace('default = "1 - m_W^2/m_Z^2"', f'default = "{default}"')
    text += "[parameters.g_two]\ndimension = 0\ndefault = -4\n"
    with pytest.raises(ModelError) as error:
        g2.parse_declaration(text.encode(), "x")
    assert says in str(error.value)
    assert "\n" not in str(error.value)
