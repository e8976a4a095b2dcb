"""A run keeps every picture and every row, goes on after a kill, and counts failures with the unchanged picture."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from task_sets import Brighten, examples, magicbrush, magicbrush_outputs

from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.backbones import Backbones
from pixwright.evaluate.metrics.named import metric
from pixwright.evaluate.readers.magicbrush import multi_turn
from pixwright.evaluate.report.results import cost, read_results, summarise
from pixwright.evaluate.run.editors import Copy, Made, Oracle, Paste, editor, nearest_cutout
from pixwright.evaluate.run.example import pixels_of
from pixwright.evaluate.run.judging import Judged, MetricJudge, identity, resolve
from pixwright.evaluate.run.task import EvaluationTask, git_commit, read_record, run
from pixwright.journal import Journal, read_journal
from pixwright.records.instruction import PictureAttachment

BACKBONES = Backbones()


def judge(*names):
    return MetricJudge([metric(name, BACKBONES) for name in names or ("L1", "SSIM", "L1~source")], BACKBONES)


def go(system, folder, found=None, seed=0, limit=None, judges=None):
    kept = examples() if found is None else found
    task = EvaluationTask(lambda: kept, system, judges or (judge(),), seed, "test", "drawn")
    return list(run(task, folder, limit))


def test_a_run_scores_what_was_made_and_does_nothing_twice(tmp_path):
    system = Brighten()
    assert all(step.fresh for step in go(system, tmp_path, limit=3))
    assert [step.fresh for step in go(system, tmp_path)] == [False] * 3 + [True] * 2
    assert system.calls == [f"e{n}" for n in range(5)]
    results = read_results(tmp_path)
    assert summarise(results).intervals["L1"].mean == 0 and summarise(results).rows == 5
    assert results.record["weights"] == {"tiny": "0" * 64} and results.record["git"] == git_commit()
    assert git_commit() is None or re.fullmatch(r"[0-9a-f]{40}\+?", git_commit())
    assert cost(results)["edits"] == 5
    made = np.asarray(Image.open(tmp_path / "pictures/e0.png"))
    assert np.array_equal(made, examples()[0].target)


def test_a_failed_edit_counts_with_the_unchanged_picture_and_is_reported(tmp_path):
    go(Brighten(refuse=("e1",), crash=("e2",), black=("e3",)), tmp_path)
    results = read_results(tmp_path)
    rows = {row.key: row for row in results.rows}
    assert [(rows[k].status, rows[k].failed) for k in ("e0", "e1", "e2", "e3")] == [
        ("done", False), ("not_done", True), ("error", True), ("done", True),
    ]  # fmt: skip
    unchanged = {row["key"]: row for row in map(vars, _rows(Copy("copy"), tmp_path / "copy"))}
    for key in ("e1", "e2"):
        assert rows[key].values == unchanged[key]["values"] and rows[key].values["L1~source"] == 0
    assert rows["e2"].reason == "internal: RuntimeError: out of luck"
    # A blackened picture is scored as what it is.
    assert rows["e3"].values["L1"] > 0.2
    assert summarise(results).rows == 5 and summarise(results).failed == 3


def _rows(system, folder):
    go(system, folder)
    return read_results(folder).rows


def test_what_went_in_decides_what_is_done_again(tmp_path):
    system, found = Brighten(), examples()
    go(system, tmp_path, found)
    system.calls.clear()
    changed = [replace(found[0], instruction="darken"), *found[1:]]
    (tmp_path / "pictures/e3.png").write_bytes(b"broken")
    go(system, tmp_path, changed)
    assert system.calls == ["e0", "e3"]
    # Another metric scores again, and edits nothing.
    system.calls.clear()
    go(system, tmp_path, changed, judges=(judge("PSNR"),))
    assert not system.calls and read_results(tmp_path).metrics == ("PSNR",)


def test_the_folder_of_another_task_is_refused(tmp_path):
    go(Brighten(), tmp_path)
    with pytest.raises(InvalidOption, match="seed 0, not 1"):
        go(Brighten(), tmp_path, seed=1)
    with pytest.raises(InvalidOption, match="'brighten', not 'copy'"):
        go(Copy("copy"), tmp_path)
    with pytest.raises(InvalidOption, match="unique"):
        go(Brighten(), tmp_path / "x", [examples()[0]] * 2)
    with pytest.raises(InvalidOption, match="inside"):
        go(Brighten(), tmp_path / "y", [replace(examples()[0], output="../../x.png")])
    with pytest.raises(InvalidOption, match="holds no results"):
        read_record(tmp_path / "nowhere")


def test_a_chain_edits_its_own_results(tmp_path):
    folder = magicbrush(tmp_path / "set")
    system = Brighten(5, refuse=("139-2",))
    go(system, tmp_path / "run", list(multi_turn(folder)))
    results = read_results(tmp_path / "run")
    assert [row.key for row in results.rows] == ["30-1", "139-3"] and len(results.edits) == 4
    start = np.asarray(Image.open(folder / "images/139/139-input.png")).astype(int)
    last = np.asarray(Image.open(tmp_path / "run/pictures/139/139_iter_3.png"))
    # Turn 2 refused, so turn 3 goes on from turn 1's own result.
    assert np.array_equal(last, np.clip(np.clip(start + 5, 0, 255) + 5, 0, 255))
    # If an early turn changes, what follows is made again.
    system.calls.clear()
    (tmp_path / "run/pictures/139/139_1.png").unlink()
    system.amount = 6
    go(system, tmp_path / "run", list(multi_turn(folder)))
    assert system.calls == ["139-1", "139-2", "139-3"]


def test_results_made_elsewhere_are_read_in_the_published_layout(tmp_path):
    folder = magicbrush(tmp_path / "set")
    outputs = magicbrush_outputs(tmp_path / "made", folder)
    (outputs / "30/30_1.png").unlink()
    go(editor(f"outputs:{outputs}"), tmp_path / "run", list(multi_turn(folder)))
    rows = {row.key: row for row in read_results(tmp_path / "run").rows}
    assert (rows["30-1"].failed, rows["30-1"].reason) == (True, "30_1.png is missing")
    kept, given = (Image.open(base / "139/139_iter_3.png") for base in (tmp_path / "run/pictures", outputs))
    assert np.array_equal(np.asarray(kept), np.asarray(given))


def test_a_torn_line_is_passed_over_and_never_joined(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"key": "a"}\n{"key": "b", "valu')
    with Journal(path) as journal:
        journal.append([{"key": "c"}])
    assert [row["key"] for row in read_journal(path)] == ["a", "c"]


KILLED = """
import sys, time
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from task_sets import Brighten, examples
from test_task_run import go
class Slow(Brighten):
    def edit(self, example, source, seed):
        time.sleep(0.05)
        return super().edit(example, source, seed)
system = Slow()
go(system, Path(sys.argv[1]), examples(24))
print(len(system.calls))
"""


def test_after_a_kill_the_same_command_goes_on(tmp_path):
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "run"), here]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    journal = tmp_path / "run/edits.jsonl"
    deadline = time.monotonic() + 60
    while len(read_journal(journal)) < 18 and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    done = len(read_journal(journal))
    assert 18 <= done < 24
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    # At most the edit that was under way is made a second time.
    assert 24 - done <= int(again.stdout) <= 24 - done + 1
    killed = read_results(tmp_path / "run")
    go(Brighten(), tmp_path / "whole", examples(24))
    whole = read_results(tmp_path / "whole")
    assert [(r.key, r.values) for r in killed.rows] == [(r.key, r.values) for r in whole.rows]


def test_floor_and_ceiling(tmp_path):
    one = examples()[0]
    assert np.array_equal(Copy("copy").edit(one, one.source, 0).picture, one.source)
    assert np.array_equal(Oracle("oracle").edit(one, one.source, 0).picture, one.target)
    assert Oracle("oracle").edit(replace(one, target=None), one.source, 0).picture is None
    pasted = Paste("paste").edit(replace(one, instruction="add a red apple"), one.source, 0).picture
    assert pasted.shape == one.source.shape and np.array_equal(pasted[:8], one.source[:8])
    assert (pasted[20:28, 20:28] != one.source[20:28, 20:28]).any()
    red = np.zeros((30, 30, 3), np.uint8) + np.array([255, 0, 0], np.uint8)
    with_reference = replace(one, attachments=(PictureAttachment("x", red),))
    assert (Paste("paste").edit(with_reference, one.source, 0).picture[24, 24] == (255, 0, 0)).all()


def test_the_nearest_cutout_is_none_that_a_test_split_holds():
    from pixwright.build.source.packaged import PackagedCatalogue
    from pixwright.records.sample import Split

    test = PackagedCatalogue(Split.TEST)
    for asset in test.assets("cutout")[:6]:
        found = nearest_cutout(f"add a {asset.name}")
        held = test.pixels(asset.key)
        assert found.shape[2] == 4
        assert found.shape != held.shape or not np.array_equal(found, held)
    assert np.array_equal(nearest_cutout("put two dogs there"), nearest_cutout("add a dog"))


def test_local_edits_and_says_what_it_could_not(tmp_path):
    from skimage import data

    cup = np.ascontiguousarray(data.coffee()[::2, ::2])
    found = [
        replace(examples()[0], key="tone", source=cup, target=None, instruction="make it black and white"),
        replace(examples()[0], key="words", source=cup, target=None, instruction="frobnicate the zorp sideways"),
    ]
    go(editor("local"), tmp_path, found, judges=(judge("L1~source"),))
    rows = {row.key: row for row in read_results(tmp_path).rows}
    assert rows["tone"].status == "done" and rows["tone"].values["L1~source"] > 0.02
    assert rows["words"].failed and rows["words"].values["L1~source"] == 0 and rows["words"].reason


def test_systems_by_name_file_and_option(tmp_path):
    with pytest.raises(InvalidOption, match=r"local, anysd, .*, copy, oracle, paste"):
        editor("magic")
    with pytest.raises(InvalidOption, match="no option 'guidance'"):
        editor("local", {"guidance": 7.5})
    with pytest.raises(InvalidOption, match="1 to 16"):
        editor("local", {"n": 0})
    with pytest.raises(InvalidOption, match="not a folder"):
        editor("outputs:/nowhere")
    own = tmp_path / "own.py"
    own.write_text(
        "from task_sets import Brighten\ndef make(options):\n    return Brighten(options.get('amount', 1))\n"
    )
    assert editor(f"{own}:make", {"amount": 7.0}).amount == 7
    with pytest.raises(InvalidOption, match="no function 'other'"):
        editor(f"{own}:other")


def test_the_system_in_the_documentation_runs(tmp_path):
    page = (Path(__file__).parents[2] / "docs/evaluation.md").read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(re.search(r"```python\n(.+?)```", page, re.DOTALL)[1])
    go(editor(f"{tmp_path / 'mine.py'}:make", {"by": 30}), tmp_path / "run", limit=1)
    source, made = examples()[0].source, np.asarray(Image.open(tmp_path / "run/pictures/e0.png"))
    assert np.array_equal(made, np.clip(source.astype(int) - 30, 0, 255))


class Seen:
    """A judge that keeps what it is shown."""

    name = "seen"

    def __init__(self):
        self.sources = {}

    def about(self):
        return {"L1": metric("L1", BACKBONES).about}

    def judge(self, asked):
        self.sources |= {one.example.key: pixels_of(one.source) for one in asked}
        return [Judged({"L1": 0.0}) for _ in asked]

    def weights(self):
        return {}


def test_in_a_chain_judges_see_what_was_edited(tmp_path):
    found = Seen()
    go(Brighten(5), tmp_path / "run", list(multi_turn(magicbrush(tmp_path / "set"))), judges=(found,))
    assert set(found.sources) == {"30-1", "139-3"}
    assert np.array_equal(found.sources["139-3"], np.asarray(Image.open(tmp_path / "run/pictures/139/139_iter_2.png")))


class Odd(Brighten):
    def edit(self, example, source, seed):
        return Made(source.astype(np.float32) / 255, "done")


def test_a_picture_of_floats_is_a_failure_and_not_a_guess(tmp_path):
    go(Odd(), tmp_path, limit=1)
    (row,) = read_results(tmp_path).rows
    assert row.failed and "float32" in row.reason


def test_metrics_whose_weights_are_not_here_are_exchanged_and_said_so():
    found, notes = resolve(
        ("L1", "CLIP-I~source@clip-vit-large-patch14", "CLIP-out", "recall", "PickScore"), Backbones(Path("/nowhere"))
    )
    assert [one.about.name for one in found] == ["L1", "mini-CLIP-I~source", "mini-CLIP-T", "mini-recall"]
    assert len(notes) == 4 and "no stand-in" in notes[3]
    assert identity(MetricJudge(found, BACKBONES)) != identity(MetricJudge(found[:2], BACKBONES))
    with pytest.raises(InvalidOption):
        resolve(("L3",), BACKBONES)


def test_the_journal_holds_what_tables_need(tmp_path):
    go(Brighten(), tmp_path, limit=1)
    row = json.loads((tmp_path / "edits.jsonl").read_text().splitlines()[0])
    assert {
        "key",
        "input",
        "status",
        "reason",
        "seconds",
        "cpu",
        "file",
        "sha256",
        "groups",
        "cluster",
        "counted",
    } <= set(row)
