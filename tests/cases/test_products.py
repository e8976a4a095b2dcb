"""Public reports about cut-outs: the shadow that stays with its thing, or goes with it; real transparency; folders of product photographs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from pixwright.batch import Common, jobs_from, run
from pixwright.cutting import Finish, cut_file, margin_from
from pixwright.errors import InvalidOption
from pixwright.files import Job, UserPlace, edit_file

HEIGHT, WIDTH = 240, 320
BALL, SHADOW = (150, 110), (185, 158)


def product(colour):
    """A ball on a plain backdrop, and its shadow on one side."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    picture = np.ones((HEIGHT, WIDTH, 3), np.float32) * colour * (1 - 0.1 * (x / WIDTH - 0.5) ** 2)[..., None]
    shade = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.ellipse(shade, SHADOW, (62, 13), 0, 0, 360, 1, -1)
    picture *= 1 - 0.45 * cv2.GaussianBlur(shade, (0, 0), 4)[..., None]
    ball = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.circle(ball, BALL, 46, 1, -1, cv2.LINE_AA)
    light = 0.7 + 0.5 * np.exp(-((x - 135) ** 2 + (y - 95) ** 2) / 1500)
    picture = picture * (1 - ball[..., None]) + np.array((40, 90, 180)) * light[..., None] * ball[..., None]
    picture += np.random.default_rng(0).normal(0, 1.5, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)


@pytest.fixture
def shop(tmp_path):
    folder = tmp_path / "shop"
    (folder / "sale").mkdir(parents=True)
    for name, colour in (("white.png", (246, 246, 246)), ("sale/green.png", (90, 180, 110))):
        Image.fromarray(product(np.array(colour))).save(folder / name)
    return folder


def test_a_thing_that_goes_takes_its_shadow_with_it(shop, tmp_path):
    """ "remove the cup": the cup was gone, its dark shadow stayed, cut off where the cup was."""
    before = product(np.array((246, 246, 246))).astype(int)
    done = edit_file(Job(shop / "white.png", "remove the ball", tmp_path / "o.png"))
    after = np.asarray(Image.open(done.output)).astype(int)
    beside = np.s_[150:166, 205:235]
    assert before[beside].mean() < 200
    assert after[beside].mean() > 225 or done.result.report.verdict == "partly", "or it is said that it stays"


@pytest.mark.parametrize("name", ["white.png", "sale/green.png"])
def test_a_cut_out_with_its_shadow_and_a_margin(shop, tmp_path, name):
    finish = Finish(trim=True, margin=margin_from("10%"), shadow=True)
    target, _, notes = cut_file(shop / name, None, UserPlace(), tmp_path / "cut.png", force=False, finish=finish)
    cut = np.asarray(Image.open(target))
    seen = cut[..., 3] >= 8
    x, y, wide, high = cv2.boundingRect(seen.astype(np.uint8))
    assert not notes and x == y == round(0.1 * max(wide, high))
    shade = (cut[..., 3] > 40) & (cut[..., 3] < 160) & (cut[..., :3].max(axis=2) < 60)
    assert shade.sum() > 600, "black with alpha, without the colour of the backdrop"


@pytest.mark.parametrize("margin", ["-3", "5 percent", "1e9", "99999", "900%"])
def test_an_odd_margin_is_refused(margin):
    with pytest.raises(InvalidOption, match="margin"):
        margin_from(margin)


def test_a_folder_of_products_by_words(shop, tmp_path):
    common = Common(
        tmp_path / "out", "remove the background, keep the shadow and trim it with a 12 px margin", recursive=True
    )
    rows = list(run(jobs_from(shop, common).jobs, common.output))
    assert [row.status for row in rows] == ["done", "done"]
    for row in rows:
        cut = np.asarray(Image.open(row.output))
        assert cut.shape[2] == 4 and cut.shape[0] < HEIGHT and (cut[:11, :, 3] < 8).all()
