"""InstructAny2Pix's editor: the look of what is heard, subjects as themselves, what the options change, and who made the vector."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from pixwright.build.music.listing import play
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.edit.networks.any2pix import Any2PixEditor
from pixwright.edit.networks.inputs import Inputs
from pixwright.edit.styles.gallery import open_gallery
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.mllm.contract import Understanding
from pixwright.records.instruction import PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole

ENCODERS = Encoders()
NAMES = ("cow", "dog", "rain")


def music(name: str) -> SoundAttachment:
    samples, rate = play(name)
    return SoundAttachment(f"{name}.wav", samples, rate)


HAPPY, SAD = music("happy-00"), music("sad-03")
SHIRT = np.ascontiguousarray(data.coffee()[::4, ::4])


@pytest.fixture(scope="module")
def editor():
    inputs = Inputs(ENCODERS.aligned, ENCODERS.music, ENCODERS.picture, NAMES)
    gallery = open_gallery(ENCODERS.aligned.text)
    return Any2PixEditor(inputs, lambda: gallery, reader="no language model")


def context(*attachments, seed=0, **more):
    return Context(seed, ENCODERS, lambda picture, phrase: whole(*picture.shape[:2]), attachments, **more)


def fit(number=1, value=None):
    return Step(type=EditType.STYLE_TRANSFER, instruction="fit the picture to [1]", reference=number, value=value)


def looked(editor, *attachments, step=None, seed=0):
    return editor.edit(SHIRT, step or fit(), whole(*SHIRT.shape[:2]), context(*attachments, seed=seed))


def test_another_piece_is_another_look_and_the_same_piece_is_the_same(editor):
    happy, again, sad = looked(editor, HAPPY), looked(editor, HAPPY), looked(editor, SAD)
    assert np.array_equal(happy.picture, again.picture)
    assert np.abs(happy.picture.astype(int) - sad.picture).mean() > 8
    warmth = [float((one.picture[..., 0].astype(int) - one.picture[..., 2]).mean()) for one in (happy, sad)]
    assert warmth[0] > warmth[1], "a happy piece is the warmer one"
    assert "look of" in happy.notes[0] and "no language model" in happy.notes[1] and "heard" in happy.notes[2]


def test_another_seed_is_a_variation_of_the_same_piece(editor):
    pictures = [looked(editor, HAPPY, seed=n).picture for n in range(4)]
    different = sum(not np.array_equal(a, b) for n, a in enumerate(pictures) for b in pictures[:n])
    assert different >= 4, "most of six pairs"


def test_words_alone_have_a_look_and_nothing_at_all_is_refused(editor):
    storm, lullaby = (looked(editor, step=fit(None, words)) for words in ("loud heavy metal", "a lullaby"))
    assert not storm.refused and np.abs(storm.picture.astype(int) - lullaby.picture).mean() > 5
    assert "[1]" in (looked(editor, step=fit(None)).refused or "")


def test_a_region_is_the_limit_to_the_pixel(editor):
    mask = np.zeros(SHIRT.shape[:2], np.uint8)
    mask[20:60, 30:90] = 255
    region = Region(mask, ((30, 20, 90, 60),), 1.0, "", "user", None)
    proposal = editor.edit(SHIRT, fit(), region, context(HAPPY))
    after, _ = composite(SHIRT, proposal, mask)
    assert np.array_equal(after[mask == 0], SHIRT[mask == 0]) and not np.array_equal(after, SHIRT)


def test_alpha_keeps_structure_and_h_decides_whose_vector_counts(editor):
    kept, free = (looked(replace(editor, alpha=alpha), HAPPY).picture for alpha in (1.0, 0.0))
    change = [np.abs(one.astype(int) - SHIRT).mean() for one in (kept, free)]
    assert change[0] < change[1]
    base = looked(replace(editor, h=(1.0, 0.0, 0.0)), HAPPY)
    assert base.notes[0] == looked(replace(editor, h=(1.0, 0.0, 0.0)), SAD).notes[0], (
        "the picture's own vector hears nothing"
    )


def test_refinement_is_asked_for_its_score_and_counts(editor):
    asked = []

    def refine(vector, score):
        asked.append(score)
        return ENCODERS.aligned.text(["dark slow organ and choir"])[0]

    looked(replace(editor, refine=refine, score=9.0), HAPPY)
    assert asked == [], "what is heard is not refined: it finds words, and refinement makes pictures"
    refined = looked(replace(editor, refine=refine, score=9.0, look="model"), HAPPY)
    assert asked == [9.0] and "organ" in refined.notes[0]


class Model:
    """A language model that wants what its words say."""

    width = ENCODERS.aligned.width

    def __init__(self, words: str):
        self.gen = ENCODERS.aligned.text([words])[0]
        self.heard: list = []

    def understand(self, words, inputs):
        self.heard.append((words, [one.kind for one in inputs]))
        return Understanding(0, (), self.gen, self.gen, (), "[base] [gen]", "")

    def answer(self, prompt, inputs=()):
        return ""


def test_the_language_model_makes_the_vector_where_there_is_one(editor):
    model = Model("a lullaby")
    heard = looked(replace(editor, model=model, reader="SmolLM2"), HAPPY)
    assert model.heard == [] and "no language model" not in heard.notes[1], "music is its own vector"
    proposal = looked(replace(editor, model=model, reader="SmolLM2", look="model"), HAPPY)
    assert model.heard == [("fit the picture to [1]", ["picture", "music"])]
    assert "SmolLM2 made the vector" in proposal.notes[1] and "lullaby" in proposal.notes[0]


def test_a_subject_arrives_as_itself(editor):
    ball = np.zeros((60, 60, 4), np.uint8)
    rows, columns = np.mgrid[:60, :60]
    ball[np.hypot(rows - 30, columns - 30) < 28] = (200, 30, 160, 255)
    step = Step(type=EditType.VISUAL_REFERENCE, instruction="add [1]", reference=1)
    user = Region(np.full(SHIRT.shape[:2], 255, np.uint8), ((20, 20, 80, 80),), 1.0, "", "user", None)
    proposal = editor.edit(SHIRT, step, user, context(PictureAttachment("ball.png", ball), user_region=user))
    assert not proposal.refused
    arrived = (proposal.picture != SHIRT).any(2)
    pink = proposal.picture[arrived].astype(int)
    assert ((pink[:, 0] > pink[:, 1] + 40) & (pink[:, 2] > pink[:, 1] + 20)).mean() > 0.5, "the ball's own colour"


def test_kinds_and_names_are_heard_once_and_doubt_has_no_name():
    inputs = Inputs(ENCODERS.aligned, ENCODERS.music, ENCODERS.picture, NAMES)
    noise = SoundAttachment("x.wav", 0.1 * np.random.default_rng(0).standard_normal(32_000).astype(np.float32), 16_000)
    assert inputs.kind(HAPPY) == "music" and inputs.name(HAPPY) is None
    assert inputs.kind(noise) == "sound"
    assert inputs.vector(noise) is inputs.vector(noise), "encoded once"
    assert inputs.name(PictureAttachment("x.png", data.chelsea())) is not None
    assert inputs.name(PictureAttachment("x.png", np.full((64, 64, 3), 128, np.uint8))) is None


def test_a_vector_of_another_space_is_refused():
    with pytest.raises(InvalidOption, match="the gallery's have"):
        open_gallery(ENCODERS.aligned.text).look(np.ones(3, np.float32))


def test_a_face_keeps_more_of_itself_than_what_is_around_it(editor):
    portrait = np.ascontiguousarray(data.astronaut()[:300, 60:360])
    face = max(ENCODERS.people.faces(portrait), key=lambda one: one.score)
    proposal = editor.edit(portrait, fit(), whole(*portrait.shape[:2]), context(HAPPY))
    change = np.abs(proposal.picture.astype(int) - portrait).mean(2)
    x0, y0, x1, y1 = (int(value) for value in face.box)
    inside = change[y0:y1, x0:x1].mean()
    outside = change.copy()
    outside[y0:y1, x0:x1] = np.nan
    assert inside < 0.7 * np.nanmean(outside), "no mask of a face"
