"""Public reports of files that a batch, an odd spelling or two processes at once took from somebody; each with a neighbour of its kind."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from pixwright.batch import Common, jobs_from, run
from pixwright.cli.app import app
from pixwright.errors import InvalidOption, OutputExists
from pixwright.media import check_target, load_picture, save_plain, write_atomically
from pixwright.systems import local

PHOTOS = Path(__file__).parents[2] / "examples"
SYSTEM = local()
WORDS = "make it black and white"


def command(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def small(path, seed=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    colours = np.random.default_rng(seed).integers(60, 200, (6, 8, 3))
    save_plain(np.kron(colours, np.ones((8, 8, 1))).astype(np.uint8), path)
    return path


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(("a.png", "b.png", "in/c.png")):
        small(tmp_path / "photos" / name, number)
    (tmp_path / "photos" / "notes.txt").write_text("not a picture")
    return tmp_path / "photos"


@pytest.mark.parametrize("spelling", ["photos", "photos/.", "photos/in/..", "link"])
def test_a_batch_never_writes_over_what_it_reads(folder, monkeypatch, spelling):
    monkeypatch.chdir(folder.parent)
    Path("link").symlink_to(folder)
    before = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    with pytest.raises(InvalidOption, match="never overwritten"):
        jobs_from(Path("photos"), Common(Path(spelling), WORDS))
    assert command("batch", "photos", WORDS, "-o", spelling).exit_code != 0
    assert command("batch", "photos", WORDS, "-o", spelling, "--force").exit_code != 0
    assert {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()} == before


def test_results_inside_the_folder_are_not_read_again(folder):
    """`-o` inside the input with `--recursive`: the second run finds the same three pictures, not six."""
    common = Common(folder / "out", WORDS, recursive=True)
    first = list(run(jobs_from(folder, common).jobs, common.output, SYSTEM))
    again = jobs_from(folder, common)
    assert len(first) == len(again.jobs) == 3
    assert sorted(path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*.png")) == [
        "a.png", "b.png", "in/c.png",
    ]  # fmt: skip


def test_what_a_batch_leaves_out_is_named(folder):
    assert jobs_from(folder, Common(folder.parent / "out", WORDS)).left_out == (
        "notes.txt",
        "in/ (a folder: add --recursive)",
    )


def test_another_instruction_does_not_replace_earlier_results(folder):
    out = folder.parent / "out"
    first = list(run(jobs_from(folder, Common(out, WORDS)).jobs, out, SYSTEM))
    kept = {path: path.read_bytes() for path in out.glob("*.png")}
    second = list(run(jobs_from(folder, Common(out, "make it sepia")).jobs, out, SYSTEM))
    assert [row.status for row in first] == ["done", "done"]
    assert [row.status for row in second] == ["error", "error"] and "--force" in second[0].reason
    assert {path: path.read_bytes() for path in out.glob("*.png")} == kept
    forced = list(run(jobs_from(folder, Common(out, "make it sepia", force=True)).jobs, out, SYSTEM))
    assert [row.status for row in forced] == ["done", "done"]


def test_a_result_that_a_killed_run_wrote_but_did_not_note_is_made_again(folder):
    out = folder.parent / "out"
    jobs = jobs_from(folder, Common(out, WORDS)).jobs
    first = list(run(jobs, out, SYSTEM))
    (out / "results.jsonl").unlink()
    assert list(run(jobs, out, SYSTEM)) == first


def test_two_jobs_of_one_name_are_told_apart_before_either_runs(folder):
    lines = [
        {"picture": name, "instruction": WORDS, "output": out} for name, out in (("a.png", "x.png"), ("b.png", "X.png"))
    ]
    (folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, lines)))
    first, second = jobs_from(folder / "jobs.jsonl", Common(folder.parent / "out")).jobs
    assert first.output.name == "x.png"
    assert second.status == "error" and "line 1" in second.reason


@pytest.mark.parametrize("option", ["-o", "--report", "--compare"])
def test_no_file_that_is_written_replaces_an_input(tmp_path, option):
    picture, mask = small(tmp_path / "p.png"), small(tmp_path / "m.png", 1)
    (tmp_path / "other.png").symlink_to(picture)
    os.link(picture, tmp_path / "hard.png")
    was = picture.read_bytes(), mask.read_bytes()
    for target in (picture, mask, tmp_path / "other.png", tmp_path / "hard.png", tmp_path / "x" / ".." / "p.png"):
        done = command("edit", picture, WORDS, "--mask", mask, option, target, "--force")
        assert done.exit_code != 0, (option, target)
    assert (picture.read_bytes(), mask.read_bytes()) == was
    assert not (tmp_path / "p-edited.png").exists(), "the picture was edited before the report's place was looked at"


def test_a_report_does_not_replace_a_file_unasked(tmp_path):
    picture, report = small(tmp_path / "p.png"), tmp_path / "thesis.json"
    report.write_text("years of work")
    assert command("edit", picture, WORDS, "--report", report).exit_code != 0
    assert report.read_text() == "years of work"
    assert command("edit", picture, WORDS, "--report", report, "--force").exit_code == 0
    assert json.loads(report.read_text())["report"]["verdict"] == "done"


def test_edits_at_once_give_as_many_results(tmp_path):
    picture = small(tmp_path / "p.png")
    line = [sys.executable, "-m", "pixwright", "edit", str(picture), WORDS]
    running = [subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    told = [process.communicate()[0] for process in running]
    results = sorted(tmp_path.glob("p-edited*.png"))
    assert {path.name for path in results} == {"p-edited.png", "p-edited-2.png", "p-edited-3.png"}
    assert all(sum(f"{path} " in text for text in told) == 1 for path in results)


def test_of_two_writers_of_one_name_one_is_told(tmp_path):
    write_atomically(tmp_path / "a", b"first", replace=False)
    with pytest.raises(OutputExists):
        write_atomically(tmp_path / "a", b"second", replace=False)
    assert (tmp_path / "a").read_bytes() == b"first"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_device_a_folder_and_a_dangling_link_are_no_targets(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for target in (Path("/dev/null"), tmp_path, tmp_path / "pipe", tmp_path / "dangling", tmp_path / ("n" * 300)):
        with pytest.raises(InvalidOption):
            check_target(target, force=True)


def test_a_replaced_file_keeps_its_rights_and_debris_goes(tmp_path):
    held = tmp_path / "a.png"
    held.write_bytes(b"old")
    held.chmod(0o640)
    (tmp_path / ".b.png.999999-0123abcd.part").write_bytes(b"half")
    write_atomically(held, b"new")
    assert stat.S_IMODE(held.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_place_that_cannot_be_written_is_said_before_the_work(tmp_path):
    picture = small(tmp_path / "p.png")
    for option, target in (("-o", "missing/out.png"), ("-o", "out.xyz"), ("--report", "missing/r.json")):
        done = command("edit", picture, WORDS, option, tmp_path / target)
        assert done.exit_code != 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.png"]


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_a_job(folder):
    lines = [json.dumps({"picture": name, "instruction": WORDS}) for name in ("a.png", "b.png")]
    (folder / "jobs.jsonl").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    out = folder.parent / "out"
    assert [row.status for row in run(jobs_from(folder / "jobs.jsonl", Common(out)).jobs, out, SYSTEM)] == ["done"] * 2


@pytest.mark.parametrize("value", [[4, 4, 40, 30], "4,4,40,30", [4.0, 4.2, 40, 30]])
def test_a_box_may_be_a_list(folder, value):
    (folder / "jobs.jsonl").write_text(json.dumps({"picture": "a.png", "instruction": "make it red", "box": value}))
    (job,) = jobs_from(folder / "jobs.jsonl", Common(folder.parent / "out")).jobs
    assert job.place.box == "4,4,40,30"


@pytest.mark.parametrize(
    "line",
    [
        b'{"picture": "a.png", "instruction": "x", "box": [1, 2, 3]}',
        b'{"picture": "a.png", "instruction": "x", "box": {"x": 1}}',
        b'{"picture": "a.png", "instruction": "x", "box": [1, 2, 3, 1e400]}',
        b'{"picture": "a.png", "instruction": "x", "seed": 1e400}',
        b'{"picture": "a.png", "instruction": "x", "seed": "7"}',
        b'{"picture": "a.png", "instruction": "x", "n": true}',
        b'{"picture": "a.png", "instruction": "x", "mask": 7}',
        b'{"picture": "a.png", "instruction": ["x"]}',
        b'{"picture": "a.png", "instruction": "\xff"}',
        b"[" * 100_000,
        b'"picture"',
    ],
    ids=lambda line: ascii(line[:60]),
)
def test_an_odd_job_is_an_error_row_that_names_the_value(folder, line):
    (folder / "jobs.jsonl").write_bytes(line + b"\n" + json.dumps({"picture": "a.png", "instruction": WORDS}).encode())
    out = folder.parent / "out"
    odd, good = run(jobs_from(folder / "jobs.jsonl", Common(out)).jobs, out, SYSTEM)
    assert odd.status == "error" and "internal" not in odd.reason
    assert good.status == "done"


def test_a_line_separator_inside_a_text_does_not_end_the_job(folder):
    (folder / "jobs.jsonl").write_text(
        json.dumps({"picture": "a.png", "instruction": WORDS + "\u2028"}, ensure_ascii=False)
    )
    assert len(jobs_from(folder / "jobs.jsonl", Common(folder.parent / "out")).jobs) == 1


def test_masks_by_name_limit_each_picture(folder):
    masks, out = folder.parent / "masks", folder.parent / "out"
    masks.mkdir()
    for name in ("a", "b"):
        left = np.zeros((48, 64), np.uint8)
        left[:, :32] = 255
        save_plain(left, masks / f"{name}.png")
    assert command("batch", folder, WORDS, "-o", out, "--masks", masks).exit_code == 0
    for name in ("a.png", "b.png"):
        was, now = load_picture(folder / name).pixels, load_picture(out / name).pixels
        assert np.array_equal(was[:, 32:], now[:, 32:]) and not np.array_equal(was, now)
    (masks / "b.png").unlink()
    with pytest.raises(InvalidOption, match="0 masks named 'b'"):
        jobs_from(folder, Common(folder.parent / "again", WORDS, mask=masks))


def test_a_batch_without_a_place_to_write_is_one_line(folder):
    blocked = folder.parent / "file"
    blocked.write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "pixwright", "batch", str(folder), WORDS, "-o", str(blocked)],
        capture_output=True,
        text=True,
    )
    assert (
        done.returncode == 2
        and "cannot be the folder" in done.stderr.splitlines()[-1]
        and "Traceback" not in done.stderr
    )


def test_redo_finds_a_renamed_source_by_its_content(tmp_path):
    picture = small(tmp_path / "p.png")
    assert command("edit", picture, WORDS, "-o", tmp_path / "out.png").exit_code == 0
    shutil.move(picture, tmp_path / "holiday.png")
    done = command("redo", tmp_path / "out.png", "-o", tmp_path / "again.png")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "again.png").read_bytes() == (tmp_path / "out.png").read_bytes()
