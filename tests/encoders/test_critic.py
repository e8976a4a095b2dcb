"""The critic: what it looks at is the change and nothing else, and the packaged head knows noise from a picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data as data

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.critic import KINDS, Critic, kinds_of
from pixwright.encoders.critic.features import GRID, MID, PARTS, SIDE, look, statistics, window_of
from pixwright.errors import WeightsCorrupt
from pixwright.records.kind import EditType

ENCODERS = Encoders()
CAT = data.chelsea()
BOX = np.s_[60:180, 90:260]


def mask_of(shape=CAT.shape[:2], box=BOX):
    mask = np.zeros(shape, np.uint8)
    mask[box] = 255
    return mask


def painted(new, share=1.0):
    mixed = CAT.astype(np.float32)
    mixed[BOX] = mixed[BOX] * (1 - share) + new[BOX] * share
    return np.clip(mixed, 0, 255).astype(np.uint8)


def opinion(after, kind=EditType.COLOR_ALTER):
    return ENCODERS.critic(CAT, after, mask_of(), kind.traits, ENCODERS.picture)


def noise(seed=0, sigma=0.0):
    field = np.random.default_rng(seed).normal(0, 1, CAT.shape).astype(np.float32)
    field = cv2.GaussianBlur(field, (0, 0), sigma) if sigma else field
    return np.clip(128 + 60 * field / field.std(), 0, 255)


def tinted():
    lab = cv2.cvtColor(CAT, cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[..., 1:] += (25, -12)
    return painted(cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB))


@pytest.mark.parametrize("box", [np.s_[0:4, 0:4], np.s_[60:180, 90:260], np.s_[:, :], np.s_[290:300, 5:440]])
def test_a_window_holds_the_change_and_lies_in_the_picture(box):
    mask = mask_of(box=box)
    left, top, right, bottom = window_of(mask)
    assert 0 <= left < right <= CAT.shape[1] and 0 <= top < bottom <= CAT.shape[0]
    assert mask[top:bottom, left:right].sum() == mask.sum()


def test_what_is_far_from_the_change_is_not_looked_at():
    mask = mask_of(box=np.s_[20:60, 20:60])
    other = CAT.copy()
    other[200:, 300:] = 0
    one, two = (look(picture, picture, mask, ENCODERS.picture) for picture in (CAT, other))
    assert all(
        np.array_equal(a, b) for a, b in zip(vars(one).values(), vars(two).values(), strict=True) if a.size > 100
    )


def test_what_is_seen_has_its_shapes_and_is_finite_for_any_mask():
    for mask in (mask_of(), mask_of(box=np.s_[:, :]), mask_of(box=np.s_[0:1, 0:1]), np.zeros(CAT.shape[:2], np.uint8)):
        seen = look(CAT, painted(noise()), mask, ENCODERS.picture)
        assert seen.grid.shape == (PARTS, GRID) and seen.mid.shape == (2 * PARTS, MID)
        assert all(np.isfinite(part).all() for part in vars(seen).values())
    assert len(seen.pixels) == len(ENCODERS.critic.tensors["pixels.mean"])


def test_statistics_tell_a_change_from_none():
    small = [cv2.resize(picture, (SIDE, SIDE)) for picture in (CAT, tinted())]
    share = cv2.resize(mask_of(), (SIDE, SIDE)).astype(np.float32) / 255
    assert statistics(small[0], small[0], share, mask_of())[0] == 0 < statistics(*small, share, mask_of())[0]


def test_kinds_come_from_the_table_of_types():
    told = {kind: dict(zip(KINDS, kinds_of(kind.traits), strict=True)) for kind in EditType}
    assert told[EditType.COLOR_ALTER] == {"surface": 1, "brings": 0, "takes": 0, "whole": 0}
    assert told[EditType.REMOVE]["takes"] and told[EditType.ADD]["brings"] and told[EditType.TONE_TRANSFER]["whole"]


@pytest.mark.parametrize("sigma", [0.0, 1.0, 3.0])
def test_noise_is_called_broken_and_a_colour_is_not(sigma):
    good, bad = opinion(tinted()), opinion(painted(noise(sigma=sigma)))
    assert good.broken < 0.4 and bad.broken > 0.6 and bad.accepted < good.accepted


def test_the_more_noise_the_less_it_is_accepted():
    """What orders results: no two of these are alike, and none has a constant score."""
    found = [opinion(painted(noise(), share)).broken for share in (0.0, 0.25, 0.5, 1.0)]
    assert found == sorted(found) and len(set(found)) == len(found)


def test_a_file_that_is_none_is_refused(tmp_path, monkeypatch):
    wrong = tmp_path / "critic.npz"
    np.savez(wrong, nothing=np.zeros(3))
    monkeypatch.setattr("pixwright.encoders.critic.path", lambda name: wrong)
    with pytest.raises(WeightsCorrupt, match="is no critic"):
        Critic.load()


def test_grain_that_goes_on_is_no_noise():
    rng = np.random.default_rng(5)
    grain = cv2.GaussianBlur(rng.normal(0, 16, (220, 330, 3)).astype(np.float32), (0, 0), 1.0)
    ground = (np.array([150, 120, 84], np.float32) + grain).clip(0, 255).astype(np.uint8)
    mask = np.zeros(ground.shape[:2], np.uint8)
    cv2.ellipse(mask, (160, 110), (56, 56), 0, 0, 360, 255, -1)
    before = np.where(mask[..., None] > 0, CAT[: ground.shape[0], : ground.shape[1]], ground)
    other = np.where(mask[..., None] > 0, noise()[: ground.shape[0], : ground.shape[1]], ground).astype(np.uint8)
    right, wrong = (
        ENCODERS.critic(before, after, mask, EditType.REMOVE.traits, ENCODERS.picture) for after in (ground, other)
    )
    assert right.broken < 0.5 < wrong.broken and right.accepted > 0.32 > wrong.accepted
