"""What the tables say, the comparison, the sweep, and the command line that makes them."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from task_sets import Brighten, examples, magicbrush, save
from test_task_run import go
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.errors import InvalidOption, MissingExtra
from pixwright.evaluate.report import tables
from pixwright.evaluate.report.results import read_results
from pixwright.evaluate.report.statistics import Interval
from pixwright.evaluate.run.commands import compared, evaluate, table
from pixwright.evaluate.run.editors import Copy, Oracle
from pixwright.evaluate.run.suites import SUITES
from pixwright.records.kind import EditType

OWN = "from task_sets import Brighten\ndef make(options):\n    return Brighten(options.get('amount', 1), black=())\n"


@pytest.fixture
def runs(tmp_path):
    found = examples(12)
    for system in (Copy("copy"), Oracle("oracle"), Brighten(18, refuse=("e1",)), Brighten(5)):
        system.name = f"bright-{system.amount}" if isinstance(system, Brighten) else system.name
        go(system, tmp_path / system.name, found)
    return tmp_path


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (Interval(0.1234, 0.12, 0.126, 9), ".123±.003"),
        (Interval(-0.02, -0.03, -0.01, 9), "-.020±.010"),
        (Interval(1.0, 1.0, 1.0, 9), "1.000±.000"),
        (Interval(31.44, 30.4, 32.4, 9), "31.4±1.000"),
        (Interval(0.5, None, None, 1), ".500"),
        (Interval(None, None, None, 0), "-"),
        (None, "-"),
    ],
)
def test_a_cell_is_a_mean_with_its_margin(found, text):
    assert tables.cell(found) == text


def test_a_table_has_its_floor_and_its_ceiling_last_and_its_best_in_bold(runs):
    found = [read_results(runs / name) for name in ("copy", "bright-5", "oracle", "bright-18")]
    text = tables.overview(found)
    rows = [line.split(" | ")[0].strip("| ") for line in text.splitlines()[2:]]
    assert rows == ["bright-5", "bright-18", "copy", "oracle"]
    assert "**" not in text.splitlines()[2] or "L1~source" in text
    l1 = {row: line.split("|")[2].strip() for row, line in zip(rows, text.splitlines()[2:], strict=True)}
    assert l1["bright-18"].startswith("**") and not l1["oracle"].startswith("**") and l1["oracle"] == ".000±.000"
    assert re.search(r"bright-18 .*\| 12 \| 1 \|", text)


def test_latex_and_json_say_the_same(runs):
    places = [runs / "bright-5", runs / "bright-18", runs / "copy"]
    tex = table(places, "latex")
    assert tex.count(r"\midrule") == 2 and r"L1\textasciitilde{}source $\downarrow$" in tex and r"\textbf{" in tex
    assert tex.count("\\\\") == 4
    found = json.loads(table(places, "json"))
    mean = found[2]["overall"]["values"]["L1"]["mean"]
    assert f"{mean:.3f}".lstrip("0") in tex
    assert found[0]["metrics"]["L1"]["higher_is_better"] is False and found[0]["seed"] == 0
    with pytest.raises(InvalidOption, match="markdown, latex, json"):
        table(places, "html")


def test_by_group(runs):
    text = table([runs / "bright-18"], "markdown", "type")
    assert "| type | even | odd |" in text and "| examples | 6 | 6 |" in text and "| failed | 0 | 1 |" in text
    with pytest.raises(InvalidOption, match="there are: type"):
        table([runs / "bright-18"], "markdown", "task")


def test_types_come_in_the_order_of_the_papers_tables(tmp_path):
    found = [replace(examples(1)[0], key=str(kind), groups={"type": str(kind)}) for kind in sorted(EditType)]
    go(Copy("copy"), tmp_path, found)
    text = table([tmp_path], "markdown", "type")
    heads = [line for line in text.splitlines() if line.startswith("| type")]
    assert [head.count("|") - 2 for head in heads] == [9, 9, 8]
    assert heads[0].startswith("| type | remove | replace | add |") and heads[1].startswith(
        "| type | background_change |"
    )
    assert "visual_depth" in heads[2] and "material_transfer" in heads[2]


def test_compare_is_paired_and_says_who_is_better(runs):
    text = compared(runs / "bright-5", runs / "bright-18", "markdown")
    (l1,) = [line for line in text.splitlines() if line.startswith("| L1 ↓")]
    assert "**B is better**" in l1 and "12 examples in common" in text
    back = json.loads(compared(runs / "bright-18", runs / "bright-5", "json"))
    there = json.loads(compared(runs / "bright-5", runs / "bright-18", "json"))
    assert back["differences"]["L1"]["mean"] == -there["differences"]["L1"]["mean"] > 0
    same = compared(runs / "copy", runs / "copy", "markdown")
    assert same.count("not told apart") == 3 and "| 12 |" in same


def test_what_cannot_be_compared_is_refused(runs, tmp_path):
    other = [replace(one, instruction="another") for one in examples(12)]
    go(Brighten(), tmp_path / "other", other)
    with pytest.raises(InvalidOption, match="another one"):
        compared(runs / "copy", tmp_path / "other", "markdown")
    truth = magicbrush(tmp_path / "set")
    list(evaluate("magicbrush", system="copy", data=truth, output=tmp_path / "magic", metrics="L1", show=False))
    with pytest.raises(InvalidOption, match="one suite"):
        compared(runs / "copy", tmp_path / "magic", "markdown")
    with pytest.raises(InvalidOption, match="holds one suite"):
        table([runs / "copy", tmp_path / "magic"], "markdown")


def test_two_seeds_of_one_system_may_be_compared(tmp_path):
    for seed in (1, 2):
        go(Brighten(), tmp_path / str(seed), seed=seed)
    assert "5 examples in common" in compared(tmp_path / "1", tmp_path / "2", "markdown")


def listed(folder, count=3):
    rows = []
    for n, one in enumerate(examples(count)):
        save(folder / f"{n}.png", one.source)
        save(folder / f"{n}t.png", one.target)
        rows.append({"id": f"e{n}", "picture": f"{n}.png", "target": f"{n}t.png", "instruction": "brighten",
                     "source_caption": "a dark cat", "caption": "a bright cat"})  # fmt: skip
    (folder / "examples.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def test_a_sweep_runs_each_point_and_draws_the_curve(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    data = tmp_path / "data"
    data.mkdir()
    out = tmp_path / "out"
    args = {"system": f"{tmp_path / 'own.py'}:make", "data": listed(data), "output": out, "show": False}
    list(
        evaluate(
            "reasonpix2pix-direct",
            sweep=["amount=5,20,60", "extra=1,2"],
            metrics="L1,mini-CLIP-I~source,mini-CLIP-dir",
            **args,
        )
    )
    found = json.loads((out / "sweep.json").read_text())
    assert [one["options"] for one in found] == [{"amount": a, "extra": e} for a in (5, 20, 60) for e in (1, 2)]
    means = [one["overall"]["values"]["L1"]["mean"] for one in found]
    assert means[2] == 0 and means[0] == means[1] > 0.03
    svg = (out / "sweep.svg").read_text()
    assert svg.count("<circle") == 6 and svg.count("<polyline") == 2 and "extra 2" in svg and "amount 60" in svg
    assert (out / "amount=5_extra=1/report/index.html").exists()
    for bad, told in ((["amount"], "NAME=NUMBER"), (["a=1,x"], "NAME=NUMBER"), (["a=" + "1," * 64 + "1"], "64")):
        with pytest.raises(InvalidOption, match=told):
            list(evaluate("reasonpix2pix-direct", sweep=bad, **args))
    with pytest.raises(InvalidOption, match="no option 'cfg'"):
        list(evaluate("reasonpix2pix-direct", **(args | {"system": "local", "sweep": ["cfg=1,2"]})))


def test_verdicts_of_people_become_component_accuracies(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    args = {"system": "copy", "data": listed(data), "output": tmp_path / "run", "metrics": "BRISQUE", "show": False}
    list(evaluate("instructedit-85", **args))
    verdicts = [("e0", True, True, False), ("e1", True, False, False), ("e2", False, None, None)]
    lines = [json.dumps(dict(zip(("key", "language", "segmenter", "editor"), v, strict=True))) for v in verdicts]
    (tmp_path / "run/verdicts.jsonl").write_text("\n".join(lines))
    list(evaluate("instructedit-85", **args))
    text = (tmp_path / "run/table.md").read_text()
    assert "language 66.7%, segmenter 50.0%, editor 0.0%" in text
    (tmp_path / "run/verdicts.jsonl").write_text(json.dumps({"key": "x", "language": True}))
    with pytest.raises(InvalidOption, match="names no example"):
        list(evaluate("instructedit-85", **args))


def test_the_log_is_always_written_and_trackers_need_accelerate(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    args = {"system": "copy", "data": listed(data), "metrics": "L1", "show": False}
    list(evaluate("reasonpix2pix-direct", output=tmp_path / "run", **args))
    log = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert log[0]["system"] == "copy" and [row["step"] for row in log] == [0, 1, 2, 3, 3] and log[-1]["mean/L1"] > 0
    try:
        import accelerate  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtra, match="accelerate"):
            list(evaluate("reasonpix2pix-direct", output=tmp_path / "t", trackers=("tensorboard",), **args))


class Tracker:
    """What accelerate's GeneralTracker has."""

    requires_logging_directory = True
    seen: ClassVar[list] = []

    def __init__(self, name, logging_dir):
        self.opened = ("opened", name, logging_dir)

    def start(self):
        self.seen.append(self.opened)

    def store_init_configuration(self, values):
        self.seen.append(("config", values))

    def log(self, values, step=None):
        self.seen.append((step, values))

    def finish(self):
        self.seen.append("finished")


def test_a_tracker_is_told_what_the_log_is_told(tmp_path, monkeypatch):
    import sys
    import types

    state, tracking = types.ModuleType("accelerate.state"), types.ModuleType("accelerate.tracking")
    state.PartialState = lambda: None
    tracking.LOGGER_TYPE_TO_CLASS = {"tensorboard": Tracker}
    tracking.get_available_trackers = lambda: ["tensorboard"]
    for name, module in (
        ("accelerate", types.ModuleType("accelerate")),
        ("accelerate.state", state),
        ("accelerate.tracking", tracking),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    data = tmp_path / "data"
    data.mkdir()
    args = {"system": "copy", "data": listed(data), "metrics": "L1", "show": False}
    list(evaluate("reasonpix2pix-direct", output=tmp_path / "run", trackers=("tensorboard",), **args))
    assert Tracker.seen[0] == ("opened", "evaluate", str(tmp_path / "run")) and Tracker.seen[-1] == "finished"
    assert [one[0] for one in Tracker.seen[2:-1]] == [1, 2, 3, 3]
    with pytest.raises(InvalidOption, match="installed: tensorboard"):
        list(evaluate("reasonpix2pix-direct", output=tmp_path / "run2", trackers=("wandb",), **args))


def test_the_command_line(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    listed(data)
    runner = CliRunner()
    for system in ("copy", "oracle"):
        done = runner.invoke(
            app,
            [
                "evaluate",
                "reasonpix2pix-direct",
                "--system",
                system,
                "--data",
                str(data),
                "-o",
                str(tmp_path / system),
                "--metrics",
                "L1,SSIM",
                "--limit",
                "2",
            ],
        )
        assert done.exit_code == 0, done.output
        assert "| 2 | 0 |" in done.output and "report/index.html" in done.output
    done = runner.invoke(app, ["evaluate", "compare", str(tmp_path / "copy"), str(tmp_path / "oracle")])
    assert "oracle against copy" in done.output
    done = runner.invoke(
        app, ["evaluate", "table", str(tmp_path / "copy"), str(tmp_path / "oracle"), "--format", "latex"]
    )
    assert r"\begin{tabular}" in done.output
    page = (tmp_path / "copy/table.md").read_text()
    assert "MagicBrush (Zhang et al. 2023)" in page and re.search(r"data `data@[0-9a-f]{12}`", page)


def test_every_suite_is_a_command_and_documented():
    import typer.main

    commands = set(typer.main.get_command(app).commands["evaluate"].commands)
    assert set(SUITES) <= commands and {"compare", "table"} <= commands
    told = (Path(__file__).parents[2] / "docs/evaluation.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in told for name in SUITES)


def test_a_folder_is_bound_to_its_data_and_not_claimed_by_wrong_ones(tmp_path):
    for name in ("one/set", "two/set", "wrong"):
        (tmp_path / name).mkdir(parents=True)
    first, other = listed(tmp_path / "one" / "set"), listed(tmp_path / "two" / "set")
    list_of = other / "examples.jsonl"
    rows = [json.loads(line) | {"instruction": "another one"} for line in list_of.read_text("utf-8").splitlines()]
    list_of.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    args = {"system": "copy", "metrics": "L1", "show": False, "output": tmp_path / "run"}
    with pytest.raises(InvalidOption):
        list(evaluate("reasonpix2pix-direct", data=tmp_path / "wrong", **args))
    list(evaluate("reasonpix2pix-direct", data=first, **args))
    list(evaluate("reasonpix2pix-direct", data=first.rename(tmp_path / "set"), **args))
    with pytest.raises(InvalidOption, match="data"):
        list(evaluate("reasonpix2pix-direct", data=other, **args))
