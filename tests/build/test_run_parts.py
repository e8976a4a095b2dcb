"""The small parts of a run: the bar, reasons, the folder that takes another's place, and what is missing."""

from __future__ import annotations

import time

import pytest

from pixwright.build.run import progress
from pixwright.build.run.browse import new_page
from pixwright.build.run.progress import Counted, ProgressBar
from pixwright.build.run.quarantine import Quarantined, code_of
from pixwright.build.source.shards import arrow
from pixwright.errors import MissingExtra
from pixwright.extras import optional, require
from pixwright.journal import Journal, read_journal


def test_a_reason_is_counted_by_its_code():
    row = Quarantined("a-1", "missing_picture: 'cow.png' is not in the folder: look again")
    assert row.code == code_of(row.reason) == "missing_picture" and code_of("plain") == "plain"


def test_the_bar_counts(capsys):
    with ProgressBar(10, done=2) as bar:
        bar.add(4, 3, 1)
        bar.say("a shard failed")
    said = capsys.readouterr()
    assert not said.out and "6/10" in said.err and "1 rejected" in said.err and "a shard failed" in said.err
    with ProgressBar(10, show=False) as bar:
        bar.add(4, 3, 1)
    assert not capsys.readouterr().err


def test_the_bar_moves_with_every_place_that_a_worker_tells(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_LOOKS_EVERY", 0.01)
    with ProgressBar(10, folder=tmp_path) as bar, Counted(tmp_path, "shard-00000") as counted:
        for _ in range(4):
            counted.one_more()
            time.sleep(0.02)
        deadline = time.monotonic() + 5
        while not bar.places and time.monotonic() < deadline:
            time.sleep(0.01)
        assert 1 <= bar.places <= 4, "before the shard is finished"
        bar.add(10, 9, 1)
    assert bar.places == 10 and "10/10" in capsys.readouterr().err
    assert not list(tmp_path.iterdir()), "the count goes with the shard"


def test_a_page_takes_the_old_one_s_place_only_when_it_is_whole(tmp_path):
    page = tmp_path / "page"
    for text in ("old", "new"):
        with new_page(page) as work:
            assert not page.exists() or (page / "index.html").read_text() == "old"
            (work / "index.html").write_text(text)
    assert (page / "index.html").read_text() == "new" and (page / "pictures").is_dir()
    with pytest.raises(RuntimeError), new_page(page) as work:
        (work / "index.html").write_text("broken")
        raise RuntimeError
    assert (page / "index.html").read_text() == "new" and [one.name for one in tmp_path.iterdir()] == ["page"]


def test_a_missing_package_is_one_line_with_what_to_install(monkeypatch):
    def nothing(name):
        raise ImportError(name)

    monkeypatch.setattr("pixwright.extras.import_module", nothing)
    with pytest.raises(MissingExtra, match=r"^a parquet file needs pyarrow: pip install 'pixwright\[data\]'$"):
        arrow()
    with pytest.raises(MissingExtra, match=r"^quantised=int8 needs torchao: pip install torchao$"):
        optional("torchao.quantization", "quantised=int8", "torchao")
    with pytest.raises(MissingExtra, match="needs no_such, nor_this: pip"):
        require(("json", "no_such", "nor_this"), "it", "torch")
    require(("json",), "it", "torch")


def test_a_journal_goes_on_behind_a_torn_line(tmp_path):
    path = tmp_path / "folder" / "journal.jsonl"
    assert read_journal(path) == []
    with Journal(path) as journal:
        journal.append([{"a": 1}, {"a": "é"}])
    with path.open("ab") as torn:
        torn.write(b'{"a": 3')
    assert read_journal(path) == [{"a": 1}, {"a": "é"}]
    with Journal(path) as journal:
        journal.append([{"a": 4}])
    assert read_journal(path) == [{"a": 1}, {"a": "é"}, {"a": 4}]
