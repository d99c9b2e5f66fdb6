"""Files of a few hundred bytes that expand without end: refused or answered, by every command, in seconds.

Nested powers in defaults, products of sums, denominators, many couplings. Seconds of the processor are
counted, so that other work of the machine does not matter.
"""

import time

import pytest

HEAD = 'schema = 1\nname = "m"\n'
FREE = {f"q{k}": None for k in range(3)}
DEEP = {"p0": "(p1+q0+q1)^5", "p1": "(p2+q0+q1)^5", "p2": "(q2+q0+q1)^5", **FREE}
NESTED = {"p0": "(p1+q0+q1)^3", "p1": "(p2+q0+q1)^2", "p2": "(q2+q0+q1)^2", **FREE}
TWICE = {"p0": "(p1+q0+q1)^4", "p1": "(q2+q0+q1)^4", **FREE}
SIX = {f"q{k}": None for k in range(6)}
MU = "-({c})*s*bar(mu)*mu"
SUMS = ("q0+q1", "q1+q2", "q0+q2", "q0-q1", "q0+2*q1", "q1+3*q2", "q0+q1+q2", "q0+q1-q2", "q0-q1+q2")
FRACTIONS = "+".join(f"(q{k % 3}+{k})/(q{(k + 1) % 3}+{k}*q{(k + 2) % 3}+1)" for k in range(7))
LIMIT = 5.0


def model(lagrangian, defaults, fields="s", rest=""):
    out = f"{HEAD}lagrangian = '''\n{lagrangian}\n'''\n"
    out += "".join(f"[fields.{name}]\nspin = 0\n" for name in fields.split())
    for name, value in defaults.items():
        out += f"[parameters.{name}]\ndimension = 0\n" + (f'default = "{value}"\n' if value else "")
    return out + rest


def expecting(at, value):
    return model(MU.format(c="q0"), FREE, "s", f'[[expect]]\nlepton = "mu"\nat = "{at}"\nvalue = "{value}"\n')


EVERY = {
    "three levels of fifth powers": model(MU.format(c="p0"), DEEP),
    "a power of a sum of nested defaults": model(MU.format(c="(p0+p1+p2)^5"), NESTED),
    "many terms in one coupling": model(MU.format(c="(q0+q1+q2)^17"), FREE),
}
MORE = {
    "a product of sums": model(MU.format(c="*".join(f"({one})" for one in SUMS)), FREE),
    "a sum of fractions": model(MU.format(c=FRACTIONS), FREE),
    "many mediators with many terms": model(
        "\n".join(f"-(q0+q1+q2)^8*s{k}*bar(mu)*mu" for k in range(1, 13)),
        FREE,
        " ".join(f"s{k}" for k in range(1, 13)),
    ),
    "two levels": model(MU.format(c="p0"), TWICE),
    "a product of nested defaults": model(MU.format(c="p0*p1*p2"), NESTED),
    "two couplings": model(MU.format(c="(p0+p1)^5") + " - (p0+q0)^5*s*bar(mu)*gamma5*mu*I", NESTED),
    "a complex coupling": model("-(p0+I*p1)*s*bar(mu)*PL*mu + hc", NESTED),
    "powers of one sum": model("\n".join(MU.format(c=f"(q0+q1+q2)^{k}") for k in range(3, 14)), FREE),
    "mediators with nested defaults": model(
        "\n".join(f"-(p0+q1+q2)^3*s{k}*bar(mu)*mu" for k in range(1, 10)),
        {"p0": "(q0+q1+q2)^4", **FREE},
        " ".join(f"s{k}" for k in range(1, 10)),
    ),
    "square roots": model(MU.format(c="(q0+sqrt(2)*q1+sqrt(3)*q2+sqrt(5)*q0*q1)^8"), FREE),
    "a denominator": model(MU.format(c="1/(q0+q1+q2)^12"), FREE),
    "nested denominators": model(
        MU.format(c="p0"),
        {"p0": "(p1+q0)^2/(p2+q1)^2", "p1": "(p2+q0)^2/(q2+q1)^2", "p2": "(q0+q2)^2/(q0+q1)^2", **FREE},
    ),
    "an internal tau": model("-(p0+p1)^3*s*bar(tau)*mu - (p0+p1)^3*s*bar(mu)*tau", NESTED),
    "another fermion": model(MU.format(c="(p0+p1)^3") + " - (p0+p2)^3*s*bar(t)*t", NESTED),
    "a nested mass": model(
        MU.format(c="p0"),
        NESTED,
        "s",
        '[parameters.m_s]\ndimension = 1\ndefault = "m_mu*(p0+p1+p2)^2"\n',
    ),
    "a ladder": model(
        MU.format(c="p0"), {**{f"p{k}": f"(p{k + 1}+q0)^2" for k in range(6)}, "p6": "q1", **FREE}
    ),
    "ninety defaults": model(MU.format(c="p0"), {**{f"p{k}": "(q0+q1+q2)^18" for k in range(90)}, **FREE}),
    "six parameters": model(MU.format(c=f"({'+'.join(SIX)})^4"), SIX),
    "an expected power": expecting("m_s -> 0", "(q0+q1+q2)^20*ln((q0+q1+q2)^9+m_mu/m_s)"),
    "an expected product": expecting("m_s -> 0", "((q0+q1)^20+1)*((q0+2*q1)^20+1)*((q2+q1)^20+3)"),
    "an expected root of a large number": expecting("m_s -> 0", f"sqrt({(10**45 + 9) * (10**46 + 27)})"),
    "an expected logarithm of a large number": expecting("m_s -> 0", f"ln({(10**39 + 3) * (10**40 + 121)})"),
}


def commands(text):
    """Return every command with what it needs of this model."""
    masses = [f"--set=m_{line[8:-1]}=1" for line in text.splitlines() if line.startswith("[fields.")]
    masses = [] if "[parameters.m_s]" in text else masses
    values = {f"q{k}": f"--set=q{k}=0.0{k + 1}" for k in range(6) if f"[parameters.q{k}]" in text}
    but_q0 = [*masses, *(v for n, v in values.items() if n != "q0")]
    but_two = [*masses, *(v for n, v in values.items() if n not in ("q0", "q1"))]
    return {
        "show": ["--lepton", "mu"],
        "show --format latex": ["--lepton", "mu"],
        "show --json": ["--lepton", "mu"],
        "check": [],
        "eval": [*masses, *values.values()],
        "bound": ["--on", "q0", *but_q0],
        "map": ["--x", "q0=0.01:1", "--y", "q1=0.01:1", "--resolution", "64", *but_two],
        "line": ["--on", "q0", "--vary", "q1=0.1:1:3", *but_two],
        "scan": ["--vary", "q0=0.1:1:3", *but_q0],
    }


def run(g2, path, text):
    path.write_text(text)
    for command, options in commands(text).items():
        name, *words = command.split()
        start = time.process_time()
        done = g2(name, path, *words, *options)
        assert time.process_time() - start < LIMIT, command
        assert done.code in (0, 2, 3, 5), done.err
        if done.code == 0 or done.code == 5:
            continue
        assert done.out == ""
        assert done.one_sentence, done.err
        assert len(done.err) < 1000
        if "terms" in done.err:
            assert str(path)[:60] in done.err
            assert any(
                word in done.err for word in ("default", "coupling", "line ", "formulas", "statements")
            )


@pytest.mark.parametrize("name", EVERY)
def test_a_file_that_expands_without_end(name, g2, tmp_path):
    run(g2, tmp_path / "m.toml", EVERY[name])


@pytest.mark.long
@pytest.mark.parametrize("name", MORE)
def test_more_files_that_expand_without_end(name, g2, tmp_path):
    run(g2, tmp_path / "m.toml", MORE[name])


def test_numbers_are_put_in_before_anything_is_expanded(g2, tmp_path):
    """Nested powers are one number each where the parameters are numbers."""
    path = tmp_path / "m.toml"
    path.write_text(model(MU.format(c="p0"), {**TWICE, "q0": "0.01", "q1": "0.02", "q2": "0.03"}))
    done = g2("eval", path, "--set", "m_s=1", "--json")
    p0 = ((0.03 + 0.01 + 0.02) ** 4 + 0.01 + 0.02) ** 4
    path.write_text(model(MU.format(c="p0"), {"p0": None}))
    plain = g2("eval", path, "--set", "m_s=1", "--set", f"p0={p0!r}", "--json")
    values = [float(one.json["value"]) for one in (done, plain)]
    assert values[0] == pytest.approx(values[1], rel=1e-12)
