"""The history of benchmarks and the page that is made from it."""

from datetime import date

from benchmarks import history
from benchmarks.timing import Row


def test_the_page_is_made_from_the_history():
    assert history.PAGE.read_text(encoding="utf-8") == history.page(history.last())


def test_each_group_is_shown_as_it_was_last_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "FILE", tmp_path / "history.jsonl")
    monkeypatch.setattr(history, "PAGE", tmp_path / "speed.md")
    slow, fast = Row("one", 3.14159, "us", 2.0), Row("one", 1.5, "us", 2.0, ratios={"np.log": 12.345})
    history.record({"kernels": [slow], "maps": [Row("two", 1.0, "s")]}, {"numpy": "2"})
    history.record({"kernels": [fast]}, {"numpy": "2"})
    lines = history.PAGE.read_text().splitlines()
    assert "| one | 1.5 us | at most 2: reached | np.log: 12.3 |" in lines
    assert "| two | 1 s | | |" in lines
    assert history.last()["groups"]["kernels"][0]["value"] == 1.5
    found = history.entry({"kernels": [slow]}, {}, date(2026, 1, 2))
    assert found["date"] == "2026-01-02"
    assert found["groups"]["kernels"][0]["verdict"] == "MISSED"
