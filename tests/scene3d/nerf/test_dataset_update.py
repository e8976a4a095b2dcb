"""The iterative dataset update: the schedule, what may change in a picture, a run that was stopped, and the whole way from words to an edited scene."""

from __future__ import annotations

import json
import shutil
from collections import Counter

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from two_balls import SIDE, SMALL, trace  # noqa: E402

from pixwright.errors import InvalidOption, NothingFound  # noqa: E402
from pixwright.media import load_picture  # noqa: E402
from pixwright.nn.fitting import FittingPace  # noqa: E402
from pixwright.scene3d.nerf.edited import DatasetJob, edit_dataset, outside_difference  # noqa: E402
from pixwright.scene3d.nerf.fitting import fit_field  # noqa: E402
from pixwright.scene3d.nerf.update import UpdateSettings, update_dataset, updates  # noqa: E402
from pixwright.scene3d.nerf.views import read_dataset, write_dataset  # noqa: E402


def test_the_schedule():
    """Every tenth iteration one picture, each once before any is seen again, noise evenly in 0.02 to 0.98, and nothing but the settings decides."""
    plan = updates(UpdateSettings(), 12)
    assert [one.iteration for one in plan] == list(range(0, 3000, 10))
    for start in range(0, len(plan), 12):
        assert sorted(one.view for one in plan[start : start + 12]) == list(range(12))
    assert [one.view for one in plan[:12]] != [one.view for one in plan[12:24]]
    shares = np.array([one.share for one in plan])
    assert shares.min() >= 0.02 and shares.max() <= 0.98
    assert np.abs(np.histogram(shares, 4, (0.02, 0.98))[0] - 75).max() < 25
    assert plan == updates(UpdateSettings(), 12) != updates(UpdateSettings(seed=1), 12)
    assert plan[:50] == updates(UpdateSettings(iterations=500), 12)
    with pytest.raises(InvalidOption, match=r"noise 0\.5 to 0\.2"):
        UpdateSettings(low=0.5, high=0.2)


QUICK = UpdateSettings(iterations=30, every=5)


def afresh(stored):
    path, views = stored
    return fit_field(views, SMALL, torch.device("cpu"), checkpoint=path)


def begun(fitted):
    fitted.begin(FittingPace(QUICK.iterations, 1e-2, 1.0), 1)
    return fitted


def towards_green(seen):
    def edit(view, photograph, render, update):
        seen.append((update.iteration, view))
        return np.rint(0.5 * render + 0.5 * np.float32((0, 255, 0))).astype(np.uint8)

    return edit


def test_only_masked_pixels_of_a_picture_change_and_a_stopped_run_ends_the_same(fitted, stored, tmp_path):
    views = fitted.views
    masks = [trace(camera)[1] for camera in views.cameras]
    before = fitted.picture(views.cameras[0])
    seen = []
    whole = update_dataset(
        begun(fitted), views.cameras, views.pictures, masks, towards_green(seen), QUICK, tmp_path / "whole"
    )
    after = fitted.picture(views.cameras[0])
    assert seen == [(one.iteration, one.view) for one in updates(QUICK, len(views.pictures))]
    assert outside_difference(views.pictures, whole, masks) == 0
    changed = [view for view, (was, now) in enumerate(zip(views.pictures, whole, strict=True)) if (was != now).any()]
    assert Counter(changed) == Counter(view for _, view in seen)
    ball = masks[0] > 0
    assert (after.astype(int) - before)[ball][:, 1].mean() > 5, "the field learns what the pictures show"

    def stop(at):
        def watch(iteration, iterations, update):
            if iteration == at:
                raise KeyboardInterrupt

        return watch

    parts, pictures = tmp_path / "parts", ()
    for at in (7, 20, None):
        scene = begun(afresh(stored))
        given = (scene, views.cameras, views.pictures, masks, towards_green([]), QUICK, parts)
        if at is None:
            pictures = update_dataset(*given)
        else:
            with pytest.raises(KeyboardInterrupt):
                update_dataset(*given, watch=stop(at))
    assert all(np.array_equal(one, other) for one, other in zip(whole, pictures, strict=True))
    assert np.array_equal(after, scene.picture(views.cameras[0])), "the field too"


def test_from_words_to_an_edited_scene(stored, tmp_path):
    """With the embedded system: it is found in photographs, lifted, edited in each view and learnt; the folder holds all of it."""
    path, views = stored
    write_dataset(tmp_path / "photos", views.cameras, views.pictures)
    shutil.copy(path, tmp_path / "fit.safetensors")
    job = DatasetJob(
        dataset=tmp_path / "photos", instruction="make the red ball green", out=tmp_path, system="local", side=SIDE,
        fitting=SMALL, update=UpdateSettings(iterations=40, every=2, rate=2e-2), lifted_from=2, device="cpu",
    )  # fmt: skip
    stages = []
    scene = edit_dataset(job, watch=lambda stage, at, of: stages.append(stage))
    report = scene.report
    assert set(stages) == {"find", "edit"}, "the fit was there"
    assert report.found_in == report.asked == 2
    assert report.outside_max_difference == 0 and report.updates == 20
    assert report.outside_psnr[1] > report.outside_psnr[0] - 1, "the rest of the scene stays"
    camera = views.cameras[scene.shown]
    ball = trace(camera)[1] > 0
    was, now = (one[ball].astype(float).mean(0) for one in (scene.before, scene.after))
    assert (now - was)[1] - (now - was)[0] > 20, "from red towards green, in the field's own picture"
    assert json.loads((tmp_path / "report.json").read_text())["outside_max_difference"] == 0
    again = read_dataset(tmp_path, SIDE)
    assert all(np.array_equal(one, other) for one, other in zip(again.pictures, scene.pictures, strict=True))
    assert np.array_equal(load_picture(tmp_path / "images" / "0000.png").pixels, scene.pictures[0])


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        ("move the red ball to the left", InvalidOption, "moves things"),
        ("extend the picture to the left by 30%", InvalidOption, "changes the frame"),
        ("make the giraffe green", NothingFound, "found in none of 1 views"),
    ],
)
def test_what_a_scene_of_photographs_cannot_be_asked(stored, tmp_path, words, error, said):
    path, views = stored
    write_dataset(tmp_path / "photos", views.cameras, views.pictures)
    shutil.copy(path, tmp_path / "fit.safetensors")
    job = DatasetJob(
        dataset=tmp_path / "photos", instruction=words, out=tmp_path, system="local", side=SIDE, fitting=SMALL,
        lifted_from=1, device="cpu",
    )  # fmt: skip
    with pytest.raises(error, match=said):
        edit_dataset(job)
