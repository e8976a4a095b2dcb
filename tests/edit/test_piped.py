"""The editor around published pipelines, with painters in the pipelines' place: what it hands over, what it puts back, what it refuses."""

import cv2
import numpy as np
import pytest
from skimage import data

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.networks.alignment import Alignment, find_alignment
from pixwright.edit.networks.piped import PipedEditor
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.models.families import Piped
from pixwright.records.instruction import PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole

ASTRONAUT = np.ascontiguousarray(data.astronaut())


def drifted(picture, drift):
    matrix = np.array([[drift.zoom_x, 0, drift.right], [0, drift.zoom_y, drift.down]], float)
    size = picture.shape[1::-1]
    return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)


def apart(one, other, height, width):
    """The longest way between where the two put a corner, pixels."""
    gap = Alignment(
        one.zoom_x - other.zoom_x + 1, one.zoom_y - other.zoom_y + 1, one.right - other.right, one.down - other.down
    )
    return gap.largest(height, width)


def noisy(picture, level=4.0):
    noise = np.random.default_rng(1).normal(0, level, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def piped(paint, **more):
    asked = []

    def run(given):
        asked.append((given.pictures, given.words, given.seed, given.steps, given.guidance))
        given.watch(1, given.steps)
        return paint(given.pictures[0])

    settings = {"side": 512, "multiple": 16, "fit": lambda h, w: (h, w), "digests": {}} | more
    return Piped(name="Painter", run=run, rebuild=lambda picture: picture, **settings), asked


def context(picture, user=None, attachments=()):
    region = None if user is None else Region(user, ((0, 0, 1, 1),), 1.0, "", "user")
    return Context(7, Encoders(), lambda p, phrase: whole(*p.shape[:2]), attachments, user_region=region)


def step(kind=EditType.ADD, words="put a red square there", **more):
    return Step(type=kind, instruction=words, **more)


def with_square(picture):
    picture = picture.copy()
    height, width = picture.shape[:2]
    picture[height // 8 : height // 3, width // 16 : width // 4] = (220, 20, 30)
    return picture


@pytest.mark.parametrize(
    "drift",
    [
        Alignment(1, 1, 3.4, -2.6),
        Alignment(1.02, 1.02, -5, -4.5),
        Alignment(0.985, 0.985, 4, 6),
        Alignment(1, 1, 15, 9),
    ],
)
@pytest.mark.parametrize("scene", ["astronaut", "chelsea"])
def test_a_drift_is_measured_to_half_a_pixel(drift, scene):
    picture = np.ascontiguousarray(getattr(data, scene)())
    moved = noisy(drifted(with_square(picture), drift) * 0.9 + 9)
    found = find_alignment(picture, moved)
    assert found is not None and apart(found, drift, *picture.shape[:2]) < 0.5
    inner = np.s_[40:-40, 40:-40]
    left = find_alignment(picture, found.undo(moved))
    assert left is None or left.largest(*picture.shape[:2]) < 0.5
    near = np.median(np.abs(found.undo(moved)[inner].astype(int) - with_square(picture)[inner]))
    assert near < np.median(np.abs(moved[inner].astype(int) - with_square(picture)[inner]))


def test_no_drift_is_found_where_there_is_none():
    assert find_alignment(ASTRONAUT, noisy(with_square(ASTRONAUT))) is None
    assert find_alignment(ASTRONAUT, np.roll(ASTRONAUT, (200, 150), (0, 1))) is None
    assert find_alignment(ASTRONAUT, cv2.resize(data.coffee(), (512, 512))) is None
    assert find_alignment(np.full((200, 200, 3), 90, np.uint8), np.full((200, 200, 3), 99, np.uint8)) is None


def test_only_what_changed_comes_back_although_all_was_moved():
    drift = Alignment(1.01, 1.01, -2.5, 3.0)
    model, asked = piped(lambda shown: drifted(with_square(shown), drift))
    proposal = PipedEditor(model, 4, 1.0).edit(ASTRONAUT, step(), whole(512, 512), context(ASTRONAUT))
    after, mask = composite(ASTRONAUT, proposal)
    assert asked[0][1:] == ("put a red square there", 7, 4, 1.0) and asked[0][0][0].shape == (512, 512, 3)
    assert "undone" in proposal.notes[0]
    assert np.abs(after[80:160, 48:112].astype(int) - (220, 20, 30)).max() < 12
    assert np.array_equal(after[mask == 0], ASTRONAUT[mask == 0])
    edge = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    assert (mask == 0).mean() > 0.75 and (edge == 0).mean() > 0.8, ((mask == 0).mean(), (edge == 0).mean())


def test_the_users_region_is_the_limit():
    limit = np.zeros((512, 512), np.uint8)
    limit[100:300, 50:250] = 255
    model, asked = piped(lambda shown: 255 - shown)
    words = step(EditType.STYLE_CHANGE, "a negative")
    region = Region(limit, ((50, 100, 250, 300),), 1.0, "", "user")
    proposal = PipedEditor(model, 4, 1.0).edit(ASTRONAUT, words, region, context(ASTRONAUT, limit))
    after, mask = composite(ASTRONAUT, proposal)
    assert not mask[limit == 0].any() and np.array_equal(after[limit == 0], ASTRONAUT[limit == 0])
    inner = np.s_[130:270, 80:220]
    assert np.abs(after[inner].astype(int) - (255 - ASTRONAUT[inner])).mean() < 8


def test_references_are_handed_over_and_named():
    model, asked = piped(with_square, several=3, called="Picture {}")
    alpha = np.dstack([np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), np.uint8)])
    given = (PictureAttachment("a", data.coffee()), PictureAttachment("b", alpha))
    words = step(EditType.VISUAL_REFERENCE, "put [2] beside [1]", reference=1)
    PipedEditor(model, 4, 1.0).edit(ASTRONAUT, words, whole(512, 512), context(ASTRONAUT, attachments=given))
    pictures, said = asked[0][:2]
    assert said == "put Picture 2 beside Picture 3"
    assert [p.shape for p in pictures[1:]] == [(9, 9, 3), data.coffee().shape] and pictures[1].min() == 255


def test_what_cannot_be_done_is_refused():
    model, asked = piped(lambda shown: np.zeros_like(shown))
    editor, here = PipedEditor(model, 4, 1.0), context(ASTRONAUT)
    assert "black" in editor.edit(ASTRONAUT, step(), whole(512, 512), here).refused
    assert "size" in editor.edit(ASTRONAUT, step(EditType.OUTPAINT), whole(512, 512), here).refused
    picture = PictureAttachment("a", data.coffee())
    sound = SoundAttachment("b", np.zeros(9, np.float32), 9)
    for one, reason in ((picture, "no pictures"), (sound, "no sound")):
        refused = editor.edit(
            ASTRONAUT, step(words="like [1]"), whole(512, 512), context(ASTRONAUT, attachments=(one,))
        )
        assert reason in refused.refused
    still, _ = piped(lambda shown: shown)
    assert "nothing" in PipedEditor(still, 4, 1.0).edit(ASTRONAUT, step(), whole(512, 512), here).refused
    with pytest.raises(InvalidOption, match="one megapixel"):
        PipedEditor(piped(with_square, fixed=True)[0], 4, 1.0, 512)


@pytest.mark.parametrize("fixed", [False, True])
def test_sizes_come_back_whatever_the_pipeline_wants(fixed):
    picture = np.ascontiguousarray(data.coffee()[:331, :509])
    model, asked = piped(with_square, fixed=fixed, fit=(lambda h, w: (224, 352)) if fixed else (lambda h, w: (h, w)))
    proposal = PipedEditor(model, 4, 1.0).edit(picture, step(), whole(331, 509), context(picture))
    shape = asked[0][0][0].shape[:2]
    assert shape == (224, 352) if fixed else shape == (336, 512)
    assert proposal.picture.shape == picture.shape and proposal.mask.any()
