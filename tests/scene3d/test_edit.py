"""From file to file, on the example scene: what the words name changes, all else is bit-identical, and what cannot be done is refused."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ball_eyes import ColourEyes
from clouds import BOX, cloud, file_of
from PIL import Image

from pixwright.errors import InvalidOption, InvalidScene, MissingExtra, OutputExists
from pixwright.records.kind import EditType
from pixwright.records.result import StepReport, Verdict
from pixwright.scene3d import edit as editing
from pixwright.scene3d.edit import SceneJob, edit_scene
from pixwright.scene3d.splats.gaussians import gaussians_of
from pixwright.scene3d.splats.ply import read_ply
from pixwright.scene3d.survey import Survey
from pixwright.scene3d.turntable import turntable

EXAMPLE = Path(__file__).parents[2] / "examples" / "scenes" / "table-vase.ply"
SEEN = Survey(views=5, side=160)


@pytest.fixture(scope="module")
def system():
    from pixwright.systems import build

    return build("local")


@pytest.fixture
def quick(system, monkeypatch):
    """A system that finds the ball at once, and is judged by one view."""
    monkeypatch.setattr("pixwright.scene3d.verdicts._JUDGED", 1)
    return replace(system, eyes=ColourEyes)


def run(folder, words, system, survey=None, **more):
    job = SceneJob(EXAMPLE, words, folder / "out.ply", replace(SEEN, **(survey or {})), **more)
    return edit_scene(job, system)


def rows_of(path):
    scene = read_ply(path)
    return [row.tobytes() for row in scene.rows]


def test_the_vase_turns_red_and_nothing_else_changes_by_a_bit(tmp_path, system):
    done = run(tmp_path, "make the vase red", system)
    (step,) = done.report.steps
    assert step.type is EditType.COLOR_ALTER and step.verdict is not Verdict.NOT_DONE
    assert step.as_function and len(step.views_found) >= 3
    assert done.report.outside_max_difference == 0 and done.report.outside_bytes_differ == 0
    before, after = rows_of(EXAMPLE), rows_of(done.output)
    changed = np.array([one != other for one, other in zip(before, after, strict=True)])
    assert 0 < changed.sum() <= done.report.changed == step.selected
    scene = read_ply(EXAMPLE).rows[changed]
    assert scene["z"].max() > 0.9 and abs(np.median(scene["x"]) + 0.42) < 0.1  # the vase, by its place and height
    now = gaussians_of(read_ply(done.output)).colours(np.array([0.0, -3, 1]))[changed]
    assert np.median(now[:, 0]) > 2 * np.median(now[:, 2])
    assert step.consistency_ratio < 1.5
    assert all(one.outside_max_difference == 0 for one in step.judged)


def test_several_steps_move_things_and_keep_the_rest(tmp_path, quick):
    done = run(tmp_path, "move the ball to the left, then make the ball half as large", quick)
    assert [step.verdict for step in done.report.steps] == [Verdict.DONE] * 2, done.report.reasons
    assert done.report.outside_bytes_differ == 0 and done.report.added == done.report.removed == 0
    before, after = (gaussians_of(read_ply(path)) for path in (EXAMPLE, done.output))
    ball = np.isclose(after.log_scales - before.log_scales, np.log(0.5), atol=1e-5).all(axis=1)
    assert 400 < ball.sum() < 700 and ball.sum() <= done.report.changed
    ball &= after.centres[:, 0] < before.centres[:, 0] - 0.1  # found by both steps
    assert ball.sum() > 400
    was, now = before.centres[ball], after.centres[ball]
    assert np.isclose(np.ptp(now, axis=0) / np.ptp(was, axis=0), 0.5, atol=0.01).all()
    assert (
        now[:, 0].mean() < was[:, 0].mean() - 0.2 and abs(now[:, 2].min() - was[:, 2].min()) < 0.05
    )  # still on the table


def test_a_step_that_the_judge_calls_not_done_leaves_no_trace(tmp_path, quick):
    def judge(before, after, step, region, mask, evidence, eyes):
        return StepReport(type=step.type, verdict=Verdict.NOT_DONE, reasons=("no",))

    done = run(tmp_path, "make the ball green, then move the ball to the left", replace(quick, judge=judge))
    assert [step.verdict for step in done.report.steps] == [Verdict.NOT_DONE, Verdict.DONE]
    before, after = (gaussians_of(read_ply(path)) for path in (EXAMPLE, done.output))
    assert np.array_equal(before.coefficients, after.coefficients) and done.report.missed == 1
    assert done.report.changed == done.report.steps[1].selected


def test_what_is_removed_is_gone_and_the_others_keep_their_order(tmp_path, quick):
    done = run(tmp_path, "remove the ball", quick, report=tmp_path / "r.json")
    assert done.report.removed > 400 and done.report.added == 0 and done.report.outside_bytes_differ == 0
    before, after = rows_of(EXAMPLE), rows_of(done.output)
    assert len(after) == len(before) - done.report.removed
    left, known = iter(before), set(before)
    kept = [row for row in after if row in known]
    assert all(row in left for row in kept)  # a subsequence, byte for byte
    assert len(after) - len(kept) <= done.report.changed < 400  # the ground below it
    assert done.report.steps[0].judged and done.report.steps[0].verdict is not Verdict.NOT_DONE


def test_a_copy_is_put_behind_all_others(tmp_path, quick):
    done = run(tmp_path, "add another ball", quick)
    assert done.report.added > 400 and done.report.changed == 0
    before, after = rows_of(EXAMPLE), rows_of(done.output)
    assert after[: len(before)] == before and len(after) == len(before) + done.report.added


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("make the ball wave", "is of a picture's frame or of what somebody does"),
        ("make the elephant red", "found in none of 5 views"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(tmp_path, quick, words, why):
    done = run(tmp_path, words, quick)
    assert done.output is None and done.report.verdict is Verdict.NOT_DONE and done.report.missed == 1
    assert why in done.report.reasons[0] and not (tmp_path / "out.ply").exists()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"survey": Survey(views=2)}, InvalidOption, "--views is 2"),
        ({"survey": Survey(side=9)}, InvalidOption, "--side is 9"),
        ({"survey": Survey(view=17)}, InvalidOption, "--view is 17; allowed: 1 to 16"),
        ({"rounds": 0}, InvalidOption, "--rounds is 0"),
        ({"output": Path("a.obj")}, InvalidOption, "written as .ply"),
        ({"output": EXAMPLE, "force": True}, InvalidOption, "never overwritten"),
        ({"turntable": Path("t.avi")}, InvalidOption, "turntable is .mp4"),
        ({"report": Path("out.ply")}, InvalidOption, "names of their own"),
        ({"survey": Survey(Path("none.json"))}, InvalidScene, "cannot be read"),
    ],
)
def test_what_cannot_work_is_said_before_the_work(tmp_path, monkeypatch, change, error, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=words):
        edit_scene(SceneJob(EXAMPLE, "make it red", **({"output": Path("out.ply")} | change)))
    assert not list(tmp_path.iterdir())


def test_nothing_is_replaced_unasked(tmp_path):
    (tmp_path / "out.ply").write_text("mine")
    with pytest.raises(OutputExists):
        edit_scene(SceneJob(EXAMPLE, "make it red", tmp_path / "out.ply"))
    assert (tmp_path / "out.ply").read_text() == "mine"


def test_cameras_of_a_capture_are_chosen_evenly(tmp_path):
    frames = []
    for camera in editing.orbit(*BOX, 30, 200):
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = camera.rotation @ np.diag([1, -1, -1]), camera.position
        frames.append({"transform_matrix": pose.tolist()})
    path = tmp_path / "transforms.json"
    path.write_text(json.dumps({"w": 200, "h": 100, "fl_x": 250, "frames": frames}))
    cameras = Survey(path, views=6, side=80).seen_from(cloud(5))
    assert len(cameras) == 6 and (cameras[0].width, cameras[0].height) == (80, 40)
    assert np.allclose(cameras[-1].position, editing.orbit(*BOX, 30, 200)[-1].position)


def test_cameras_that_see_nothing_are_said(tmp_path):
    looking_away = [[-1, 0, 0, 0], [0, 0, 1, -50], [0, 1, 0, 0], [0, 0, 0, 1]]
    path = tmp_path / "transforms.json"
    path.write_text(json.dumps({"w": 64, "h": 64, "fl_x": 60, "frames": [{"transform_matrix": looking_away}]}))
    with pytest.raises(InvalidScene, match="no camera sees the scene"):
        edit_scene(SceneJob(EXAMPLE, "make it red", tmp_path / "o.ply", Survey(path)))


@pytest.mark.parametrize("ending", [".gif", ".webp", ".png"])
def test_a_turntable_turns(tmp_path, ending):
    gaussians = cloud(60)
    path = tmp_path / f"t{ending}"
    turntable([gaussians, gaussians], editing.turning_cameras(gaussians, 48, 7), path)
    with Image.open(path) as film:
        assert film.n_frames == 7 and film.size == (100, 48)
        first = np.asarray(film.convert("RGB"), float)
        film.seek(3)
        other = np.asarray(film.convert("RGB"), float)
    assert np.abs(first[:, :48] - first[:, 52:]).mean() < 3 and np.abs(first - other).mean() > 2  # WebP loses a little


def test_a_film_is_an_mp4(tmp_path):
    av = pytest.importorskip("av")
    gaussians = cloud(60)
    turntable([gaussians], editing.turning_cameras(gaussians, 65, 5), tmp_path / "t.mp4")
    with av.open(str(tmp_path / "t.mp4")) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) == 5 and frames[0].shape == (64, 64, 3)


def test_a_film_needs_its_extra(tmp_path, monkeypatch):
    monkeypatch.setattr("pixwright.extras.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pixwright\[video\]"):
        edit_scene(SceneJob(EXAMPLE, "make it red", tmp_path / "o.ply", turntable=tmp_path / "t.mp4"))


def test_a_scene_without_harmonics_and_with_rows_that_are_no_numbers_is_edited_too(tmp_path, system):
    """Viewers write files of degree 0, and trainers leave NaN in some rows; the whole scene is meant here."""
    some = cloud(400)
    some.centres[3], some.coefficients[4], some.logits[5] = np.nan, np.inf, np.nan
    path = tmp_path / "plain.ply"
    path.write_bytes(file_of(some).data())
    done = edit_scene(SceneJob(path, "make it black and white", tmp_path / "o.ply", Survey(views=4, side=96)), system)
    assert done.report.changed == 397 and done.report.outside_bytes_differ == 0
    kept = [one == other for one, other in zip(rows_of(path), rows_of(done.output), strict=True)]
    assert all(kept[3:6])
    colours, before = (
        np.delete(gaussians_of(read_ply(one)).colours(np.zeros(3)), [3, 4, 5], 0) for one in (done.output, path)
    )
    assert np.median(np.ptp(colours, axis=1)) < 0.25 * np.median(np.ptp(before, axis=1))
