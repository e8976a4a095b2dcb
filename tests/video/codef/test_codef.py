"""A shot as a canonical picture: it is reconstructed, a known motion is found, and an edit of the picture is in every frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pixwright.errors import InvalidOption  # noqa: E402
from pixwright.video.codef.fit import CanonicalSettings, fit_canonical  # noqa: E402

HEIGHT, WIDTH, FRAMES, SHIFT = 48, 64, 6, 3
SMALL = CanonicalSettings(
    steps=300, rate=1e-2, patches=8, side=8, width=32, depth=2, bands=3, levels=6, table=2**12, finest=128, hidden=32
)
"""A twentieth of the published size: seconds on one core."""


def ground():
    """A smooth colourful picture, larger than a frame."""
    noise = np.random.default_rng(0).integers(0, 256, (80, 120, 3)).astype(np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX)


@pytest.fixture(scope="module")
def shot():
    """The camera goes to the right over a still picture, three pixels a frame; the flow is exact."""
    picture = ground()
    frames = [np.ascontiguousarray(picture[10 : 10 + HEIGHT, 8 + SHIFT * i :][:, :WIDTH]) for i in range(FRAMES)]
    flows = [np.full((HEIGHT, WIDTH, 2), (-SHIFT, 0), np.float32) for _ in range(FRAMES - 1)]
    return frames, flows


@pytest.fixture(scope="module")
def video(shot):
    frames, flows = shot
    return fit_canonical(frames, flows=flows, settings=SMALL, device="cpu")


def test_the_frames_come_back(shot, video):
    """Above 30 dB, where differences stop being seen; one step gives what a grey picture does."""
    frames, flows = shot
    begun = fit_canonical(frames, flows=flows, settings=CanonicalSettings(**{**vars(SMALL), "steps": 1}), device="cpu")
    assert min(video.psnr) > 30 > 20 > max(begun.psnr)


def test_the_motion_of_the_camera_is_found(video):
    """A pixel of the last frame lies 15 pixels to the right of the same one of the first; to a pixel, in the mean and nearly everywhere."""
    moved = video.layers[0].maps[-1] - video.layers[0].maps[0]
    assert np.abs(moved.mean((0, 1)) - ((FRAMES - 1) * SHIFT, 0)).max() < 1
    assert moved.std((0, 1)).max() < 1
    tall, wide = video.layers[0].picture.shape[:2]
    assert wide >= WIDTH + (FRAMES - 1) * SHIFT - 2 and tall >= HEIGHT - 1, "larger than a frame"
    assert (video.layers[0].seen > 0).mean() > 0.8


def test_an_edit_of_the_canonical_picture_lands_in_every_frame(shot, video):
    """A spot that is painted once follows the ground; outside of the mask the frames are untouched."""
    frames, _ = shot
    layer = video.layers[0]
    spot = layer.maps[2][24, 32]
    edited = layer.picture.copy()
    cv2.circle(edited, tuple(round(float(v)) for v in spot), 5, (255, 0, 255), -1)
    for number, frame in enumerate(frames):
        x = 32 - SHIFT * (number - 2)  # where the same place of the ground is seen
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.circle(mask, (x, 24), 3, 255, -1)
        carried = video.carried(number, edited, mask, detail=False)
        assert np.abs(carried[mask > 0].astype(int) - (255, 0, 255)).max() < 30
        assert np.array_equal(carried[mask == 0], frame[mask == 0])
        same = video.carried(number, layer.picture, np.full_like(mask, 255), detail=True)
        assert np.abs(same.astype(int) - frame).max() <= 1, "an edit of nothing changes nothing"


def test_masks_of_frames_are_gathered_in_the_canonical_picture(video):
    layer = video.layers[0]
    masks = []
    for number in range(FRAMES):
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.circle(mask, (32 - SHIFT * (number - 2), 24), 8, 255, -1)
        masks.append(mask)
    gathered = layer.gathered(masks)
    back = layer.sampled(gathered, 0) >= 128
    both, either = (back & (masks[0] > 0)).sum(), (back | (masks[0] > 0)).sum()
    assert both / either > 0.85


def test_two_layers_move_on_their_own_and_a_stopped_fit_goes_on(tmp_path):
    """A disc goes down over ground that goes to the left: each layer has its own motion. The fit is stopped in each layer once, and ends as one that was not."""
    picture, frames, masks, flows = ground(), [], [], []
    disc = cv2.flip(picture, -1)
    for number in range(3):
        frame = np.ascontiguousarray(picture[10 : 10 + HEIGHT, 8 + SHIFT * number :][:, :WIDTH])
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.circle(mask, (32, 18 + 4 * number), 12, 255, -1)
        frames.append(np.where(mask[..., None] > 0, np.roll(disc, 4 * number, 0)[:HEIGHT, :WIDTH], frame))
        masks.append(mask)
        flow = np.where(mask[..., None] > 0, np.float32((0, 4)), np.float32((-SHIFT, 0)))
        flows.append(flow.astype(np.float32))
    settings = CanonicalSettings(**{**vars(SMALL), "steps": 80})
    given = {"masks": masks, "flows": flows[:-1], "settings": settings, "device": "cpu"}
    whole = fit_canonical(frames, **given)

    def stop(at):
        def watch(step, steps):
            assert steps == 160
            if step == at:
                raise KeyboardInterrupt

        return watch

    for at in (30, 110):
        with pytest.raises(KeyboardInterrupt):
            fit_canonical(frames, **given, checkpoint=tmp_path, watch=stop(at))
    resumed = fit_canonical(frames, **given, checkpoint=tmp_path)
    assert all(
        np.array_equal(one.picture, other.picture) for one, other in zip(whole.layers, resumed.layers, strict=True)
    )
    inner = (whole.layers[0].maps[2] - whole.layers[0].maps[0])[masks[0] & masks[2] > 0].mean(0)
    outer = (whole.layers[1].maps[2] - whole.layers[1].maps[0])[(masks[0] | masks[2]) == 0].mean(0)
    assert inner[1] < -4 and abs(inner[0]) < 3, "the disc's own pixels come from above"
    assert outer[0] > 3 and abs(outer[1]) < 3
    assert min(whole.psnr) > 22, "a third of the steps"


def test_what_does_not_fit_together_is_said():
    frame = np.zeros((20, 30, 3), np.uint8)
    with pytest.raises(InvalidOption, match="2 frames of 2 sizes"):
        fit_canonical([frame, frame[:, :-1]], settings=SMALL)
    with pytest.raises(InvalidOption, match="flows: 2 given, 1 of 30x20"):
        fit_canonical([frame, frame], flows=[np.zeros((20, 30, 2), np.float32)] * 2, settings=SMALL)
    with pytest.raises(InvalidOption, match="masks: 1 given, 2"):
        fit_canonical([frame, frame], masks=[frame[..., 0]], settings=SMALL)
    with pytest.raises(InvalidOption, match="smaller than a patch"):
        fit_canonical([frame[:4]], settings=SMALL)
