import json
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import pytest
from flint import arb, fmpq

from g2sym.base.exact import read_number
from g2sym.constraints import bound, contains
from g2sym.errors import InputError, UsageError

F = Fraction
M_MU = F("0.1056583755")


def kernels(r):
    """The published closed forms in mpmath, for the four kinds of mediator."""
    rho = r * r
    root = mpmath.sqrt(abs(4 - rho))
    angle = mpmath.acos(r / 2) if rho < 4 else mpmath.acosh(r / 2)
    k0 = 2 * angle / (r * root)
    k1 = (-mpmath.log(rho) + rho * k0) / 2
    k2 = 1 + rho * (k1 - k0)
    k3 = mpmath.mpf(1) / 2 + rho * (k2 - k1)
    return {"alp": k3, "scalar": 2 * k2 - k3, "vector": k2 - k3, "axial": 4 * k1 - 5 * k2 + k3 + 2 / rho * k3}


@dataclass(frozen=True)
class Simple:
    """One mediator attached twice: Delta a = sign * g^2 * norm * I(M/m), with the published formulas."""

    kind: str
    lepton: str = "mu"

    def values(self, params=None):
        known = {"m": F(1), **{k: read_number(v, k) for k, v in (params or {}).items()}}
        if unknown := known.keys() - {"m", "shift"}:
            raise UsageError(f"no parameter {unknown}")
        return known

    def polynomial_in(self, name, known):
        assert name == "g"
        with mpmath.workdps(40):
            alpha = 1 / mpmath.mpf("137.035999177")
            norm = alpha / mpmath.pi if self.kind in ("vector", "axial") else 1 / (8 * mpmath.pi**2)
            sign = 1 if self.kind in ("scalar", "vector") else -1
            mass = known["m"] / M_MU
            kernel = kernels(mpmath.mpf(mass.numerator) / mass.denominator)[self.kind]
            text = mpmath.nstr(sign * norm * kernel, 35)
        shift = known.get("shift", F(0))
        return lambda bits: [arb(fmpq(shift.numerator, shift.denominator)), arb(0), arb(text)]

    def record(self, known=None):
        return {
            "model": self.kind,
            "conventions": {"epsilon0123": 1},
            "inputs": {"m_mu": "0.1056583755"},
            "values": {k: str(v) for k, v in (known or {}).items()},
            "defaults": {"g": "0", "other": "1"},
        }


MASSES = ("0.01", "0.1", "1")
TABLE = {  # sensitivity, interval at 2 sigma, muon 2025: reference values of the published analysis
    "alp": (("4.549e-4", "5.798e-4", "1.782e-3"), ("3.800e-4", "4.843e-4", "1.488e-3")),
    "scalar": (("2.816e-4", "4.396e-4", "1.617e-3"), ("3.213e-4", "5.016e-4", "1.845e-3")),
    "vector": (("1.184e-3", "2.226e-3", "1.271e-2"), ("1.351e-3", "2.540e-3", "1.450e-2")),
    "axial": (("6.926e-5", "6.142e-4", "5.486e-3"), ("5.785e-5", "5.131e-4", "4.583e-3")),
}


@pytest.mark.parametrize("column", [0, 1], ids=["sensitivity", "interval"])
@pytest.mark.parametrize("kind", TABLE)
def test_the_table_of_muon_bounds_to_its_printed_digits(kind, column):
    found = bound(Simple(kind), "g", "muon-2025", ("sensitivity", "interval")[column], 2, m=MASSES)
    for row, printed in zip(found.rows, TABLE[kind][column], strict=True):
        ((low, high),) = row.windows
        assert F(high.text(4)) == F(printed)
        assert low.midpoint == -high.midpoint


@dataclass(frozen=True)
class Cancelling:
    """An ALP with lepton and photon couplings, g_aWW = 0, Z included: the published formulas in mpmath."""

    lepton: str = "mu"

    def values(self, params=None):
        return {k: read_number(v, k) for k, v in (params or {}).items()}

    def polynomial_in(self, name, known):
        with mpmath.workdps(50):
            muon, z, s2 = mpmath.mpf("0.1056583755"), mpmath.mpf("91.1876"), mpmath.mpf("0.23122")
            mass = mpmath.mpf(known["m_a"].numerator) / known["m_a"].denominator
            rho, rho_z = (mass / muon) ** 2, (z / muon) ** 2

            def j(rho):
                root = mpmath.sqrt(rho * abs(4 - rho))
                angle = mpmath.acos if rho < 4 else mpmath.acosh
                k0 = 2 * angle(mpmath.sqrt(rho) / 2) / root
                return (
                    -(2 * rho + 13) / 6 + rho**2 * mpmath.log(rho) / 6 - rho * (rho - 4) * (rho + 2) * k0 / 6
                )

            log = mpmath.log(1000**2 / muon**2)
            j_z = (rho_z * j(rho_z) - rho * j(rho)) / (rho_z - rho)
            share = (1 - 4 * s2) / (4 * (1 - s2))  # (1-4s^2)/(4sc) times g_agZ/g_agg = -s/c, up to its sign
            mixed = muon / (8 * mpmath.pi**2) * (log - j(rho) - share * (log - j_z))
            single = -kernels(mass / muon)["alp"] / (8 * mpmath.pi**2)
            texts = [mpmath.nstr(single, 40), mpmath.nstr(mixed, 40)]
        aa, ab = (read_number(text) for text in texts)
        if name == "g_agg":
            return lambda bits: [aa * known["g_aff"] ** 2, ab * known["g_aff"]]
        return lambda bits: [F(0), ab * known["g_agg"], aa]

    def record(self, known=None):
        return {}


@pytest.mark.parametrize(
    ("mass", "coupling", "low", "high"),
    [
        ("0.1", "1e-2", "1.494e-3", "1.504e-3"),  # the thin line: a narrow window above zero
        ("0.1", "1e-3", "0.9950e-4", "2.003e-4"),
        ("0.5", "1e-3", "-1.346e-5", "1.016e-4"),
        ("2.5", "1e-3", "-6.494e-5", "7.633e-5"),
    ],
)
def test_the_line_where_contributions_cancel(mass, coupling, low, high):
    found = bound(Cancelling(), "g_agg", "muon-2025", m_a=mass, g_aff=coupling)
    assert [[F(end.text(4)) for end in span] for span in found.rows[0].windows] == [[F(low), F(high)]]


def test_the_thin_line_in_the_lepton_coupling_is_a_second_window():
    spans = bound(Cancelling(), "g_aff", "muon-2025", m_a="0.1", g_agg="1.5e-3").rows[0].windows
    assert len(spans) == 2  # around zero, and around g_agg/0.14988 = 0.01001
    assert contains(spans[:1], 0)
    assert contains(spans[1:], F("0.010008"))
    assert not contains(spans, F("0.005"))


def test_rows_stand_in_order_and_the_last_list_runs_fastest():
    found = bound(Simple("scalar"), "g", "muon-2025", m=["1", "0.1"], shift=["0", "1e-10", "2e-10"])
    assert found.varied == ("m", "shift")
    assert [tuple(row.values.values()) for row in found.rows] == [
        (F(m), F(s)) for m in ("1", "0.1") for s in ("0", "1e-10", "2e-10")
    ]


def test_numbers_arrays_and_params():
    numpy = pytest.importorskip("numpy")
    moment = Simple("alp")
    one = bound(moment, "g", "muon-2025", m=0.5)
    assert len(one.rows) == 1
    assert one.rows[0].values == {}
    for value in (numpy.float64(0.5), numpy.array(0.5), F(1, 2), "0.5", "1/2"):
        assert bound(moment, "g", "muon-2025", params={"m": value}).rows[0].windows == one.rows[0].windows
    found = bound(moment, "g", "muon-2025", m=numpy.geomspace(0.01, 1, 3))
    assert [row.values["m"] for row in found.rows] == [F(float(m)) for m in numpy.geomspace(0.01, 1, 3)]


def test_the_record_is_json_and_says_everything():
    found = bound(Simple("alp"), "g", "muon-2025", "interval", "1.5", m=["0.1", "0.2"], shift="1e-10")
    record = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert (record["criterion"], record["n_sigma"], record["varied"]) == ("interval", 1.5, ["m"])
    assert record["measurement"]["name"] == "muon-2025"
    assert record["conventions"] == {"epsilon0123": 1} == found.conventions
    assert record["inputs"] == found.inputs
    assert record["values"] == {"shift": "1/10000000000"}  # not m, which moves
    assert record["defaults"] == {"other": "1"}  # not g, which the bound is on
    row = record["rows"][0]
    assert row["m"] == 0.1
    assert row["exact"] == {"m": "0.1"}
    ((low, high),) = row["allowed"]
    assert [[str(low), str(high)]] != row["allowed_decimal"]
    assert [float(t) for t in row["allowed_decimal"][0]] == [low, high]
    assert record["sentence"] is None


def test_an_empty_answer_is_a_sentence():
    found = bound(Simple("vector", "e"), "g", "electron-2023-cs", "interval", m=["0.1", "0.2"])
    assert [row.windows for row in found.rows] == [(), ()]
    assert found.rows[0].text() == "nothing"
    assert "No real value of g is allowed in 2 of 2 rows" in found.sentence
    assert found.as_dict()["rows"][0]["allowed"] == []
    single = bound(Simple("vector", "e"), "g", "electron-2023-cs", "interval", m=["0.1"])
    assert "at m = 0.1" in single.sentence
    two = bound(Simple("scalar", "e"), "g", "electron-2023-rb", "interval", m="0.1").rows[0]
    assert len(two.windows) == 2
    assert not contains(two.windows, 0)
    assert two.text().count("or") == 1


def test_a_limit_of_the_users_own(tmp_path):
    path = tmp_path / "limit.toml"
    path.write_text(
        'schema = 1\nname = "mine"\nlepton = "mu"\nkind = "limit"\nvalue = 127.4e-11\nconfidence = 0.95\n'
        'source = "me"\ndate = 2025-01-01\n'
    )
    found = bound(Simple("alp"), "g", path, m="0.1")
    assert (found.criterion, found.n_sigma) == ("limit", None)
    assert found.rows == bound(Simple("alp"), "g", "muon-2025", m="0.1").rows
    json.dumps(found.as_dict(), allow_nan=False)


def test_a_coupling_beyond_the_range_of_doubles_stays_finite():
    @dataclass(frozen=True)
    class Feeble(Simple):
        def polynomial_in(self, name, known):
            return lambda bits: [F(0), F(1, 10**500)]

    ((low, high),) = bound(Feeble("alp"), "g", "muon-2025").as_dict()["rows"][0]["allowed"]
    assert high == -low == pytest.approx(1.7976931348623157e308)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "said"),
    [
        (("g", "electron-2023-cs"), {}, UsageError, "same lepton"),
        (("g", "muon-2026"), {}, InputError, "did you mean"),
        (("g", "muon-2025"), {"g": 1}, UsageError, "leave it out"),
        (("g", "muon-2025"), {"m": []}, UsageError, "empty"),
        (("g", "muon-2025"), {"m": ["0.1", "x"]}, InputError, r"m\[1\]"),
        (("g", "muon-2025"), {"m": [[1, 2], [3, 4]]}, InputError, r"m\[0\]"),
        (("g", "muon-2025"), {"m": 1, "params": {"m": 2}}, UsageError, "give it once"),
        (("g", "muon-2025"), {"mass": 1}, UsageError, "no parameter"),
        (("g", "muon-2025", "intervall"), {}, UsageError, "did you mean 'interval'"),
    ],
)
def test_senseless_calls_are_refused(arguments, options, error, said):
    with pytest.raises(error, match=said):
        bound(Simple("alp"), *arguments, **options)
