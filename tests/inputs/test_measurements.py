import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.base.references import REFERENCES
from g2sym.errors import InputError, UsageError
from g2sym.inputs import CRITERIA, Edge, load_measurement, measurement_names

F = Fraction
BUNDLED = {
    "muon-2021": ("mu", "251e-11", "59e-11", "59e-11"),
    "muon-2023": ("mu", "249e-11", "48e-11", "48e-11"),
    "muon-2025": ("mu", "38.5e-11", "63.7e-11", "63.7e-11"),
    "muon-2025-wp": ("mu", "38e-11", "63e-11", "63e-11"),
    "electron-2023-cs": ("e", "-1.02e-12", "0.26e-12", "0.26e-12"),
    "electron-2023-rb": ("e", "0.34e-12", "0.16e-12", "0.16e-12"),
}
PUBLISHED = {
    "electron-edm-2023": ("d(e)", "e_cm", "limit", "0.90"),
    "muon-edm-2009": ("d(mu)", "e_cm", "limit", "0.95"),
    "tau-edm-2022": ("d(tau)", "e_cm", "range", "0.95"),
    "tau-2025": ("a(tau)", "1", "range", "0.95"),
    "mu-e-gamma-2025": ("BR(mu -> e A)", "1", "limit", "0.90"),
    "tau-mu-gamma-2021": ("BR(tau -> mu A)", "1", "limit", "0.90"),
    "tau-e-gamma-2010": ("BR(tau -> e A)", "1", "limit", "0.90"),
}


def test_the_bundled_names():
    assert set(measurement_names()) == {*BUNDLED, "tau-2024", *PUBLISHED}
    assert list(measurement_names()) == sorted(measurement_names())
    assert [load_measurement(name).name for name in measurement_names()] == list(measurement_names())


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_values(name):
    lepton, central, up, down = BUNDLED[name]
    found = load_measurement(name)
    assert (found.name, found.lepton, found.kind) == (name, lepton, "difference")
    assert found.central == F(central)
    assert found.variance(up=True) == F(up) ** 2
    assert found.variance(up=False) == F(down) ** 2


@pytest.mark.parametrize("name", measurement_names())
def test_every_source_is_a_citation_key_and_the_record_is_json(name):
    found = load_measurement(name)
    assert found.all_sources
    assert set(found.all_sources) <= REFERENCES.keys()
    assert found.date[:4] in name
    assert json.loads(json.dumps(found.as_dict()))["name"] == name


def test_stated_differences_agree_with_experiment_minus_prediction():
    for name, rounded in (
        ("muon-2021", F("0.5e-11")),
        ("muon-2023", F("0.5e-11")),
        ("muon-2025", F("0.05e-11")),
    ):
        found = load_measurement(name)
        assert found.experiment.value - found.prediction.value == found.central
        quadrature = Edge(F(0), F(1), found.experiment.up**2 + found.prediction.down**2)(64)
        assert abs(float(quadrature) - float(found.sigma())) <= float(rounded)


def test_asymmetric_errors_are_added_crosswise():
    tau = load_measurement("tau-2024")
    assert tau.central == F("0.0009") - F("0.00117721")
    assert tau.variance(up=True) == F("0.0032") ** 2 + F("5e-8") ** 2
    assert tau.variance(up=False) == F("0.0031") ** 2 + F("5e-8") ** 2
    window = tau.window("interval", 1)
    assert float(window.low(64)) == pytest.approx(-0.00027721 - 0.0031, rel=1e-8)
    assert float(window.high(64)) == pytest.approx(-0.00027721 + 0.0032, rel=1e-8)


@pytest.mark.parametrize(
    ("criterion", "low", "high"),
    [
        ("sensitivity", "-127.4e-11", "127.4e-11"),
        ("interval", "-88.9e-11", "165.9e-11"),
        ("conservative", "-165.9e-11", "165.9e-11"),
    ],
)
def test_the_three_criteria(criterion, low, high):
    window = load_measurement("muon-2025").window(criterion, 2)
    assert (window.low.exact, window.high.exact) == (F(low), F(high))
    assert window.criterion == criterion in CRITERIA
    assert window.as_dict()["high"] == load_measurement("muon-2025").window(criterion).as_dict()["high"]


def test_electron_intervals_exclude_zero():
    cs, rb = (load_measurement(f"electron-2023-{k}").window("interval") for k in ("cs", "rb"))
    assert (cs.low.exact, cs.high.exact) == (F("-1.54e-12"), F("-0.50e-12"))
    assert (rb.low.exact, rb.high.exact) == (F("0.02e-12"), F("0.66e-12"))


@given(
    offset=st.fractions(max_denominator=10**6),
    factor=st.fractions(min_value=-100, max_value=100, max_denominator=1000),
    square=st.fractions(min_value=0, max_value=100, max_denominator=1000),
    bits=st.integers(16, 400),
)
def test_an_edge_is_enclosed_at_any_precision(offset, factor, square, bits):
    from g2sym.base.balls import Ball

    edge = Edge(offset, factor, square)
    ball = Ball.from_arb(edge(bits))
    if edge.exact is not None:
        assert ball.contains(edge.exact)
    # (x - offset)^2 = factor^2 square, with the sign of factor
    low, high = ball.lower - offset, ball.upper - offset
    if factor:
        low, high = sorted((low / factor, high / factor))
        assert high >= 0
        assert max(low, 0) ** 2 <= square <= high**2
    assert ball.radius <= (abs(offset) + abs(factor) * 11 + 1) / F(2) ** (bits - 8)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("sensitvity", 2), "did you mean 'sensitivity'"),
        (("interval", 0), "positive"),
        (("interval", "-1"), "positive"),
    ],
)
def test_senseless_windows_are_refused(args, said):
    with pytest.raises(UsageError, match=said):
        load_measurement("muon-2025").window(*args)


def test_n_sigma_is_read_exactly():
    window = load_measurement("muon-2025").window("sensitivity", "1.96")
    assert window.high.exact == F("1.96") * F("63.7e-11")
    assert window.as_dict()["n_sigma"] == "1.96"
    with pytest.raises(InputError, match="not a number"):
        load_measurement("muon-2025").window("sensitivity", "two")


LIMIT = 'schema = 1\nname = "mine"\nlepton = "mu"\nkind = "limit"\nvalue = 1e-9\nconfidence = 0.95\n'
LIMIT += 'source = "me"\ndate = 2025-01-01\n'
DIFFERENCE = 'schema = 1\nname = "mine"\nlepton = "e"\nkind = "difference"\ndate = 2025-01-01\n'
STATED = '[difference]\nvalue = 1e-12\nerror = 2e-12\nsource = "me"\n'


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


def test_a_limit_is_its_own_window(tmp_path):
    found = load_measurement(write(tmp_path, LIMIT))
    window = found.window()
    assert (window.low.exact, window.high.exact) == (-F("1e-9"), F("1e-9"))
    assert (window.criterion, window.n_sigma) == ("limit", None)
    assert found.as_dict()["confidence"] == "0.95"
    assert found.all_sources == ("me",)
    for args in (("sensitivity", None), (None, 2)):
        with pytest.raises(UsageError, match="leave out"):
            found.window(*args)
    with pytest.raises(UsageError, match="no sigma"):
        found.sigma()


def test_a_users_difference(tmp_path):
    found = load_measurement(write(tmp_path, DIFFERENCE + STATED))
    assert (found.central, found.variance(up=True)) == (F("1e-12"), F("4e-24"))
    assert found.difference.date == "2025-01-01"


def test_an_irrational_error_is_certified(tmp_path):
    text = DIFFERENCE + '[experiment]\nvalue = 2e-12\nerror = 1e-12\nsource = "a"\n'
    found = load_measurement(
        write(tmp_path, text + '[prediction]\nvalue = 1e-12\nerror = 1e-12\nsource = "b"\n')
    )
    assert found.sigma().text(17) == "1.4142135623730950e-12"
    assert found.window("interval", 1).as_dict()["high"] == "2.4142135623730950e-12"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LIMIT.replace("1e-9", "0"), "between 0 and 1"),
        (LIMIT.replace("0.95", "95"), "confidence level"),
        (LIMIT.replace('"mu"', '"muon"'), "none of e, mu, tau"),
        (LIMIT + "error = 1\n", "unknown key 'error'"),
        (LIMIT.replace('"limit"', '"window"'), "neither"),
        (LIMIT.replace('source = "me"\n', ""), "source is missing"),
        (LIMIT.replace('name = "mine"', "name = 3"), "not a text"),
        (DIFFERENCE, "add what is missing"),
        (DIFFERENCE + "difference = 3\n", "not a table"),
        (DIFFERENCE + STATED.replace("2e-12", "0"), "zero"),
        (DIFFERENCE + STATED.replace("2e-12", "-1e-12"), "negative error"),
        (DIFFERENCE + STATED.replace("2e-12", "{ up = 1e-12 }"), "down is missing"),
        (DIFFERENCE + STATED.replace("2e-12", "{ up = 1, dwon = 1 }"), "did you mean 'down'"),
        (DIFFERENCE + STATED.replace("1e-12", "38.5"), "dimensionless"),
        (
            DIFFERENCE
            + STATED
            + '[experiment]\nvalue = 1e-12\nerror = 1e-12\nsource = "a"\n'
            + '[prediction]\nvalue = 1e-11\nerror = 1e-12\nsource = "b"\n',
            "contradicts",
        ),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, text, said):
    with pytest.raises(InputError, match=said) as caught:
        load_measurement(write(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_unknown_names_and_missing_files():
    with pytest.raises(InputError, match="did you mean 'muon-2025'"):
        load_measurement("muon2025")
    with pytest.raises(InputError, match="no such file"):
        load_measurement("nowhere/mine.toml")
