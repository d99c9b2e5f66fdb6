"""The search path, folders, and the sidecars that ship."""

import re
from pathlib import Path

import pytest

import g2sym as g2
from g2sym.errors import InputError, UsageError
from g2sym.limits import load, load_all, search_path
from g2sym.limits.search import _DATA
from tests.limits.cases import sidecar

NUMBERS = ["l3-3photon-1995", "l3-2photon-1995"]
TABLE = "0.1 1e-3\n0.2 1e-3\n"


def place(folder, name="mine", value="1e-3"):
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.toml").write_text(sidecar(id=f'"{name}"', reference=f'"{folder.name}"'))
    (folder / "mine.txt").write_text(f"0.1 {value}\n0.2 {value}\n")
    return folder


def test_a_sidecar_and_a_folder(tmp_path):
    folder = place(tmp_path / "one")
    assert list(load(folder / "mine.toml")) == ["mine"]
    place(folder, "other")
    assert list(g2.limits.load(folder)) == ["mine", "other"]
    with pytest.raises(
        UsageError, match=r"no limit 'othr' \(did you mean 'other'\?\); there are mine, other"
    ):
        load(folder)["othr"]
    assert load(folder).get("nothing") is None
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "missing.toml")


def test_an_id_in_two_sidecars_of_a_folder(tmp_path):
    folder = place(tmp_path / "one")
    (folder / "again.toml").write_text(sidecar())
    with pytest.raises(
        InputError, match=r"id mine stands in 'again\.toml' and 'mine\.toml'; give each its own"
    ):
        load(folder)


def test_the_search_path(tmp_path, monkeypatch):
    first, second, own = place(tmp_path / "a"), place(tmp_path / "b", "other"), tmp_path / "data"
    place(second, "mine", "2e-3")
    assert search_path() == ()
    assert list(load()) == NUMBERS
    monkeypatch.setenv("G2SYM_LIMITS", f"{first}:{second}")
    assert search_path() == (str(first), str(second))
    assert list(load()) == ["mine", "other", *NUMBERS]
    assert load()["mine"].reference == "a"  # what is found first
    (own / "g2sym").mkdir(parents=True)
    place(own / "g2sym" / "limits", "third")
    monkeypatch.setenv("XDG_DATA_HOME", str(own))
    assert list(load()) == ["mine", "other", "third", *NUMBERS]
    assert load_all([second])["mine"].reference == "b"  # what is named goes before
    monkeypatch.setenv("G2SYM_LIMITS", str(tmp_path / "missing"))
    with pytest.raises(InputError, match="no such file"):
        load()


def test_the_users_data_folder_without_the_variable(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".local" / "share" / "g2sym" / "limits"
    folder.mkdir(parents=True)
    assert search_path() == (str(folder),)


def shipped():
    text = "".join(path.read_text() for path in sorted(Path(_DATA).glob("*.toml")))
    return re.findall(r'^id = "([^"]+)"$.*?^(?:file|value) = "([^"]+)"$', text, re.MULTILINE | re.DOTALL)


def test_every_file_that_is_known_is_found_anywhere_in_a_folder(tmp_path):
    wanted = {}
    for name, file in shipped():
        if name in NUMBERS:
            continue
        wanted[name] = tmp_path / "deep" / "er" / file
        wanted[name].parent.mkdir(parents=True, exist_ok=True)
        wanted[name].write_text("0.1 1e-3\n")
    found = load(tmp_path)
    assert found.keys() == wanted.keys()
    assert len(found) >= 24
    for name, limit in found.items():
        assert limit.path == str(wanted[name])
        assert limit.reference
        assert limit.licence
        assert limit.role == ("projection" if "projection" in name else "measured")


def test_plain_names_are_known_in_their_folder_only(tmp_path):
    """BaBar.txt and the like are names that other tables have as well."""
    for folder in ("DarkPhoton", "AxionPhoton"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "BaBar.txt").write_text("")
    (found,) = load(tmp_path).values()
    assert found.path == str(tmp_path / "AxionPhoton" / "BaBar.txt")


def test_a_sidecar_of_the_user_replaces_one_that_ships(tmp_path):
    (tmp_path / "Belle2_gamma_binned.txt").write_text("0.1 0.2 1e-3\n")
    assert load(tmp_path)["belle2-2020"].unit == "pb"
    (tmp_path / "mine.toml").write_text(sidecar(id='"belle2-2020"'))
    assert load(tmp_path)["belle2-2020"].reference == "an example"


def test_sidecars_ship_and_data_files_do_not():
    assert all(path.suffix == ".toml" for path in Path(_DATA).iterdir())
    assert {name for name, _ in shipped()} >= {
        "belle2-2020",
        "bes3-2024",
        "na64-2023",
        "lhcb-prompt-2020",
        *NUMBERS,
    }


def test_the_quirks_of_known_files_are_what_their_sidecars_say(tmp_path):
    """Invented tables in the layout of the known ones."""
    tables = {
        "alpaca/Belle2_gamma_binned.txt": "0.2 0.3 1e-1\n0.3 0.3 9\n0.5 0.3 2e-1\n",
        "alpaca/BESIII_Jpsi3photon.txt": "0.4 0.4 1e-7\n0.5 0.5 nan\n0.6 0.6 nan\n0.7 .7 2e-7\n0.8 .8 2e-7\n",
        "axionlimits/BaBar.txt": "# head\n1e-20 1e-4\n1e7 1e-4\n2e7 1e-3\n1e6 1.1\n",
        "axionlimits/OPAL.txt": "1e8 1e3\n1e8 1e-3\n2e8 1e-3\n2e8 1e3\n",
        "darkcast/A1_Merkel2014avp.lmt": "# mass lower\n0.03 1e5\n0.04 0.09\n.05 1e-3\n0.06 1e-3\n0.07 0.5\n",
        "darkcast/NA64_Banerjee2019hmi.lmt": "# mass lower upper\n0.001 1e-4 1e-2\n0.01 1e-4 1e-3\n",
        "espp2026/Constraints_BC2_NA64e-2022.csv": '"mass","coupling"\n0.01,1e-12\n0.02,1e-12\n',
        "espp2026/Sensitivities_BC2_Belle II.csv": '"mass","coupling"\n0.1,1e-12\n0.2,1e-12\n0.2,2e-5\n',
    }
    for name, text in tables.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    found = load(tmp_path)
    assert found["belle2-2020"].value("0.3").value == 0.2
    assert found["bes3-2024"].value("0.55").reason == "gap"
    assert found["bes3-2024"].value("0.75").value == pytest.approx(2e-7)
    assert found["babar-monophoton-axionlimits"].value("1e-15").ranges == ((pytest.approx(1e-4), None),)
    assert found["opal-axionlimits"].value("0.15").value == pytest.approx(1e-3)
    assert found["opal-axionlimits"].value("0.1").reason == "closing value"
    assert found["a1-2014"].value("0.055").value == pytest.approx(1e-3)
    assert found["a1-2014"].value("0.045").reason == "closing value"
    assert found["na64-visible-2019"].value("0.01").ranges == ((1e-4, 1e-3),)
    assert found["na64-2023"].value("0.04").value == pytest.approx(8.1e2**0.5 * 1e-6)
    assert found["na64-2023"].value("0.02").reason == "outside"
    assert found["belle2-invisible-projection"].value("0.6").reason == "closing value"
    assert found["belle2-invisible-projection"].value("0.5").value == pytest.approx(8.1e2**0.5 * 1e-6)
