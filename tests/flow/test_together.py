"""Steps that are taken together, and steps that nothing is looked for: what `flow` does before an editor is asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pixwright.flow import Request, edit_picture
from pixwright.records.instruction import Instruction
from pixwright.records.region import Region
from pixwright.records.result import Verdict
from pixwright.systems.local import EmbeddedEyes, local

SYSTEM = local()
RED, BOX_CUP, BOX_PLATE = (190, 40, 30), np.s_[60:140, 40:120], np.s_[60:140, 122:220]


def scene():
    """A red cup and a red plate, side by side on a green table, with grain."""
    picture = np.full((200, 260, 3), (90, 130, 90), np.int16)
    picture[60:140, 40:220] = RED
    noise = np.random.default_rng(2).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


class Knows(EmbeddedEyes):
    """Eyes that know where the cup and the plate are, and keep a list of what they were asked in which picture."""

    def __init__(self):
        super().__init__(SYSTEM.encoders)
        self.asked = []

    def find_step(self, picture, step, user):
        self.asked.append((str(step.target), picture.copy()))
        mask = np.zeros(picture.shape[:2], np.uint8)
        mask[BOX_CUP if "cup" in str(step.target) else BOX_PLATE] = 255
        y, x = np.nonzero(mask)
        box = int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1
        return Region(mask, (box,), 0.9, str(step.target))


def edited(words):
    eyes = Knows()
    judged = replace(SYSTEM, eyes=lambda: eyes)
    return edit_picture(scene(), Request(Instruction(words)), judged, eyes), eyes


def test_surfaces_in_a_row_are_looked_for_in_the_picture_before_them():
    result, eyes = edited("make the cup blue and the plate green")
    assert [name.split()[-1] for name, _ in eyes.asked] == ["cup", "plate"]
    assert all(np.array_equal(picture, scene()) for _, picture in eyes.asked)
    seam = result.picture[70:130, 110:132, :3].astype(int)
    assert (seam[..., 0] < seam[..., 1:].max(axis=2)).all(), "no red line is left where the two meet"
    assert len(result.report.steps) == 2


def test_what_an_earlier_step_changed_is_seen_by_a_later_one_about_the_same_thing():
    _, eyes = edited("make the cup blue and give the cup white stripes")
    assert not np.array_equal(eyes.asked[-1][1], scene())


@pytest.mark.parametrize("words", ["make the woman smile", "make the dog sit"])
def test_a_pose_is_refused_at_once_and_the_line_says_what_could_do_it(words):
    result, eyes = edited(words)
    assert not eyes.asked and result.report.verdict is Verdict.NOT_DONE
    (reason,) = result.report.reasons
    assert "qwen-image-edit" in reason and "one photograph" in reason
    assert np.array_equal(result.picture, scene())
