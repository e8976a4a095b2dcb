"""Runs of the evaluation as items of a study."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from pixwright.errors import InvalidOption
from pixwright.evaluate.run.editors import editor
from pixwright.evaluate.run.example import BenchmarkExample
from pixwright.evaluate.run.suites import open_suite
from pixwright.evaluate.run.task import EvaluationTask, run
from pixwright.evaluate.study import commands as study_commands
from pixwright.evaluate.study.items import Item
from pixwright.evaluate.study.runs import _items, study_from
from pixwright.evaluate.study.store import opened
from pixwright.evaluate.study.study import Options, create_study
from pixwright.media import load_picture

SUITE = "instructedit-30"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    lines = []
    for number in range(5):
        for name in (f"{number}.png", f"{number}-target.png", f"{number}-ref.png"):
            Image.fromarray(np.random.default_rng(len(lines)).integers(0, 255, (20, 30, 3), np.uint8)).save(
                folder / name
            )
        row = {
            "id": f"x{number}",
            "picture": f"{number}.png",
            "target": f"{number}-target.png",
            "instruction": f"do {number}",
        }
        lines.append(json.dumps({**row, "attachments": [f"{number}-ref.png"]}))
    (folder / "examples.jsonl").write_text("\n".join(lines))
    return folder


def made(data: Path, system: str, folder: Path, limit: int | None = None, suite: str = SUITE) -> Path:
    opened_suite = open_suite(suite, data)
    task = EvaluationTask(opened_suite.examples, editor(system), (), 0, opened_suite.title, data.name)
    assert len(list(run(task, folder, limit))) == (limit or 5)
    return folder


def test_runs_become_a_study(data: Path, tmp_path: Path) -> None:
    runs = [made(data, "oracle", tmp_path / "a"), made(data, "copy", tmp_path / "b", 4)]
    items = study_from(runs, data)
    assert [item.key for item in items] == ["x0", "x1", "x2", "x3"]
    assert set(items[0].systems) == {"oracle", "copy"}
    shown = load_picture(items[2].systems["oracle"] or Path()).pixels
    assert (shown == load_picture(data / "2-target.png").pixels).all()
    drawn = study_from(runs, data, 2, 1)
    assert len(drawn) == 2
    assert [one.key for one in study_from(runs, data, 2, 1)] == [one.key for one in drawn]
    db = tmp_path / "s.sqlite"
    create_study(db, drawn, "pair", 0)
    with opened(db) as study:
        state = study.state(study.join("ann"))
        assert state["references"] == [{"kind": "image", "name": f"{state['trial']}/r0"}]
        kind, source = study.file(state["trial"], "s") or ("", b"")
    assert kind == "image/png"
    assert any((load_picture(source).pixels == load_picture(data / f"{n}.png").pixels).all() for n in range(5))


def test_runs_that_do_not_fit_are_refused(data: Path, tmp_path: Path) -> None:
    one = made(data, "copy", tmp_path / "a")
    other = made(data, "oracle", tmp_path / "b", suite="mm-inst-test")
    with pytest.raises(InvalidOption, match="same data"):
        study_from([one, other], data)
    with pytest.raises(InvalidOption, match="holds no results"):
        study_from([one, data], data)
    with pytest.raises(InvalidOption, match="rename one"):
        study_from([one, one], data)
    twice = made(data, "copy", tmp_path / "c")
    assert set(study_from([one, twice], data)[0].systems) == {"a", "c"}
    (data / "examples.jsonl").write_text((data / "examples.jsonl").read_text().splitlines()[0])
    with pytest.raises(InvalidOption, match="lacks 4 examples"):
        study_from([one, twice], data)


def test_a_chain_shows_where_it_began_and_all_that_was_asked() -> None:
    start, later = np.zeros((8, 9, 3), np.uint8), np.full((8, 9, 3), 200, np.uint8)
    turns = [BenchmarkExample("c-1", "first", start), BenchmarkExample("c-2", "second", later, previous="c-1")]
    (item,) = _items(turns, {"c-2": {"s": Path("c-2.png")}})
    assert isinstance(item, Item)
    assert item.instruction == "1. first\n2. second"
    assert load_picture(item.source).pixels.max() == 0


def test_the_commands_say_lines(data: Path, tmp_path: Path) -> None:
    runs = [made(data, "oracle", tmp_path / "a"), made(data, "copy", tmp_path / "b")]
    db = tmp_path / "s.sqlite"
    (line,) = study_commands.make(db, runs, "pair", 0, Options(per_rater=3, checks=1), data)
    assert line == f"{db}: 5 trials, 3 for each rater and 1 attention checks"
    with pytest.raises(InvalidOption, match="never overwritten"):
        list(study_commands.make(db, runs, "pair", 0, Options(), data))
    with pytest.raises(InvalidOption, match="nothing to show"):
        list(study_commands.make(tmp_path / "t", [], "pair"))
    serving = study_commands.serve(db, port=0)
    assert "open http://127.0.0.1:" in next(serving)
    serving.close()
    with opened(db) as study:
        rater = study.join("ann")
        while trial := (state := study.state(rater))["trial"]:
            study.answer(rater, trial, {"consistency": -1, "quality": 0 if state["position"] else 1}, 700)
    rows = [json.loads(line) for line in study_commands.report(db, "answers")]
    assert len(rows) == 8
    assert sum(row["check"] for row in rows) == 2
    assert {row["value"] for row in rows if row["question"] == "consistency"} == {None}
    assert rows[1]["value"] == rows[1]["shown"][1]
    assert "## One against one" in "\n".join(study_commands.report(db))
    assert json.loads("\n".join(study_commands.report(db, "json")))[0]["title"] == "Which edit is better?"
    with pytest.raises(InvalidOption, match="allowed are markdown"):
        list(study_commands.report(db, "xml"))  # type: ignore[arg-type]


def test_a_sound_is_heard_and_carries_nothing(tmp_path: Path) -> None:
    Image.new("RGB", (9, 8)).save(tmp_path / "p.png")
    tone = np.sin(np.arange(8000, dtype=np.float32) / 9)
    soundfile.write(tmp_path / "bark.wav", tone, 16_000)
    row = {
        "id": "1",
        "source": "p.png",
        "instruction": "add [1]",
        "systems": {"secretname": "p.png"},
        "references": ["bark.wav"],
    }
    (tmp_path / "items.jsonl").write_text(json.dumps(row))
    create_study(tmp_path / "s", tmp_path / "items.jsonl", "likert")
    with opened(tmp_path / "s") as study:
        state = study.state(study.join("ann"))
        assert state["references"] == [{"kind": "audio", "name": "1/r0"}]
        kind, found = study.file(1, "r0") or ("", b"")
    heard, rate = soundfile.read(io.BytesIO(found), dtype="float32")
    assert (kind, rate) == ("audio/wav", 16_000)
    assert np.abs(heard - tone).max() < 1e-3
