import datetime
import os
import time
from decimal import Decimal

import pytest

from g2sym.base.toml_files import MAX_BYTES, read_toml
from g2sym.errors import InputError


def test_decimals_stay_decimal_and_dates_dates():
    table = read_toml(b'\xef\xbb\xbfa = 0.1\r\nb = [1, 2]\r\nc = 2025-06-03\r\n[d.e]\nf = "x"\n', "file")
    assert table == {
        "a": Decimal("0.1"),
        "b": [1, 2],
        "c": datetime.date(2025, 6, 3),
        "d": {"e": {"f": "x"}},
    }


def test_dots_and_brackets_in_strings_and_comments_are_free():
    dots, brackets = "." * 100, "[{" * 100
    text = f"a = \"{dots}{brackets}\"\nb = '''\n{dots}'{brackets}''\n'''\n# {dots}{brackets}\n"
    text += 'c = """\\""" ' + dots + ' """\n' + "d = [" + ", ".join(["1.5"] * 100) + "]\n"
    assert len(read_toml(text.encode(), "file")["d"]) == 100


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"#" * (MAX_BYTES + 1), "limit"),
        (b"a = 1\n\x00", "control character"),
        (b"\x7fELF\x02\x01\x01", "control character"),
        (b'a = "\xff\xfe"', "UTF-8"),
        (bytes(range(128, 256)), "UTF-8"),
        (b"a = ", "not valid TOML"),
        (b"a = 1\na = 2", "not valid TOML"),
        (b'a = "\\x"', "not valid TOML"),
        (b"a = 2025-02-30", "not valid TOML"),
        (b"a = " + b"[" * 30000 + b"]" * 30000, "nests deeper"),
        (b"a = " + b"{a=" * 10000 + b"1" + b"}" * 10000, "nests deeper"),
        (b".".join([b"a"] * 20000) + b" = 1", "nests deeper"),
        (b"[" + b".".join([b"a"] * 20000) + b"]", "nests deeper"),
        (b'a = """"x""""\n' + b".".join([b"a"] * 5000) + b" = 1", "nests deeper"),
        (b"a = ''''x'''''\n" + b".".join([b"a"] * 5000) + b" = 1", "nests deeper"),
        (b'"a"' + b'."a"' * 5000 + b" = 1", "nests deeper"),
        (b"a = " + b"9" * 5000, "digits"),
        (b"a = 0x" + b"f" * 60000, "digits"),
        (b"a = [{b = " + b"9" * 1200 + b"}]", "digits"),
        (b"a = 1." + b"3" * 5000, "digits"),
        (b"a = 1e999999", "exponent"),
        (b"a = 1e99999999999999999999", "exponent"),
        (b'a = """' + b'\\"""' * 16000, "not valid TOML"),
        (b"'" * 60000, "not valid TOML"),
    ],
    ids=range(24),
)
def test_a_hostile_document_is_refused_at_once_in_one_sentence(raw, said):
    start = time.perf_counter()
    with pytest.raises(InputError, match=said) as caught:
        read_toml(raw, "model file 'x.toml'")
    assert time.perf_counter() - start < 2
    message = str(caught.value)
    assert message.startswith("model file 'x.toml': ")
    assert message.isprintable()
    assert len(message) < 300


@pytest.mark.parametrize("path", ["", ".", "nowhere.toml", "a\0b", "x" * 5000, os.devnull])
def test_what_is_no_file_is_refused(path):
    with pytest.raises(InputError, match="file"):
        read_toml(path, "file")


def test_the_size_is_checked_before_reading(tmp_path):
    path = tmp_path / "large.toml"
    with path.open("wb") as stream:
        stream.truncate(1 << 40)  # sparse: a terabyte that takes no space
    with pytest.raises(InputError, match="1099511627776 bytes"):
        read_toml(path, "file")


def test_a_pipe_is_not_waited_for(tmp_path):
    path = tmp_path / "pipe.toml"
    os.mkfifo(path)
    with pytest.raises(InputError, match="regular file"):
        read_toml(path, "file")
