"""Things with a name: what a noun means to the networks, and how candidates are judged."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from ground_looks import block, discs, encoders, iou, overlap, photo, planted
from PIL import Image

from pixwright.encoders.sight import Detection
from pixwright.errors import WeightsMissing
from pixwright.ground import everything, ground
from pixwright.ground.detections import CLOSER
from pixwright.ground.evidence import ClassEvidence
from pixwright.ground.fitted.drawing import complete, explains
from pixwright.ground.meaning.sense import sense_of
from pixwright.ground.scene import SIDES, WORK, see
from pixwright.ground.things import (
    CERTAIN,
    GUESS,
    dominant,
    find_things,
    named,
)
from pixwright.words import read

EXAMPLES = Path(__file__).parents[2] / "examples"


class Blind:
    """A text encoder that is not there."""

    def embed(self, texts):
        raise WeightsMissing("no weights")


class Planted:
    """A detector that gives the same boxes, in shares of the picture, whatever it is shown; below a side of `least` it is hardly sure of them."""

    kinds = ("cup", "dog")

    def __init__(self, *rows, least=0):
        self.rows, self.least, self.sides = rows, least, []

    def detect(self, picture, least, side):
        self.sides.append(side)
        height, width = picture.shape[:2]
        share = 1.0 if side >= self.least else 0.2
        return tuple(
            Detection(kind, (x0 * width, y0 * height, x1 * width, y1 * height), share * score)
            for kind, (x0, y0, x1, y1), score in self.rows
        )


def sense(phrase, **changes):
    return sense_of(read(phrase), SimpleNamespace(text=Blind(), **changes))


def test_a_noun_of_the_detector_and_of_the_classifier():
    cup = sense("the red cup")
    assert cup.kinds == ("cup",) and cup.classes and cup.exact
    assert sense("the mug").kinds == ("cup",)
    dog = sense("dogs")
    assert dog.kinds == ("dog",) and (dog.weights > 0).sum() > 100
    assert dog.weights.shape == (1000,) and 0 <= dog.weights.min() <= dog.weights.max() <= 1


def test_a_word_that_no_table_knows_means_what_is_near_to_it():
    blind = sense("zorbulator")
    assert not blind.classes and not blind.kinds and not blind.exact
    near = sense_of(read("zorbulator"), encoders())
    assert near.weights.shape == (1000,) and near.weights.max() <= 1


BOX, OTHER = (0.37, 0.26, 0.63, 0.73), (0.1, 0.1, 0.3, 0.4)


def test_a_sure_box_of_the_detector_needs_no_other_witness():
    picture, (disc,) = discs((256, 190, 66))
    scene = planted(picture, detector=Planted(("cup", BOX, 0.9), ("dog", OTHER, 0.6)))
    (candidate, score), *rest = named(scene, sense("cup"))
    assert score > CERTAIN and overlap(candidate.box, BOX) > 0.95
    assert all(one.kinds.of(("cup",)) > 0 for one, _ in rest)
    sight = find_things(
        planted(
            picture,
            detector=Planted(("cup", BOX, 0.9)),
            text=Blind(),
            picture=encoders().picture,
            people=encoders().people,
        ),
        read("the cup"),
    )
    assert sight.score > 0.8 and iou(sight.found[0].mask, disc) > 0.95 and not sight.guess


@pytest.mark.parametrize("words", ["the cup", "the cups"])
def test_what_is_too_small_at_first_is_found_by_a_second_look(words):
    picture, _ = discs((700, 500, 25), shape=(800, 1000))
    box = ("cup", (0.675, 475 / 800, 0.726, 526 / 800), 1.0)

    def seen_from(side):
        detector = Planted(box, least=side)
        scene = planted(picture, detector=detector, text=Blind(), picture=encoders().picture, namer=encoders().namer)
        return find_things(scene, read(words)), detector.sides

    sight, sides = seen_from(CLOSER)
    (found,) = sight.found
    assert sides.count(CLOSER) == 1 and overlap(found.box, box[1]) > 0.8
    sight, sides = seen_from(0)
    assert sight.found and CLOSER not in sides, "who is sure looks no second time"


def test_two_of_a_kind_have_each_their_own_outline():
    picture, (left, right) = discs((130, 190, 60), (370, 190, 60))
    rows = [("cup", (cx / 512 - 0.12, 0.33, cx / 512 + 0.12, 0.66), 0.9) for cx in (130, 370)]
    scene = planted(picture, detector=Planted(*rows), text=Blind(), picture=encoders().picture, namer=encoders().namer)
    found = sorted(find_things(scene, read("the cups")).found, key=lambda i: i.box)
    assert len(found) == 2
    assert iou(found[0].mask, left) > 0.9 and iou(found[1].mask, right) > 0.9


def test_a_fragment_is_not_complete():
    picture, (disc,) = discs((256, 190, 100))
    scene = planted(picture)
    half = disc.copy()
    half[:, :256] = 0
    assert complete(scene, disc) == pytest.approx(1, abs=0.02)
    assert complete(scene, half) == pytest.approx(0.5**0.5, abs=0.03)
    assert 0.8 < complete(scene, block(0, 0, 20, 20, shape=scene.shape).mask) < 1, "what stands out nowhere"


@pytest.mark.parametrize("tool", ["wrench", "hammer", "screwdriver"])
def test_of_the_one_thing_that_stands_out_no_fragment_is_taken(tool):
    """A classifier is surest of what it is shown close; half a wrench was removed, and called done."""
    picture = np.asarray(Image.open(EXAMPLES / f"{tool}.webp").convert("RGB"))
    region = ground(picture, f"the {tool}", encoders())
    columns = np.flatnonzero((region.mask > 127).any(axis=0))
    assert np.ptp(columns) > 0.8 * picture.shape[1]


def test_a_mask_explains_the_evidence_under_it():
    odds = np.full((100, 100), -4, np.float32)
    odds[20:50, 20:50] = 6
    evidence = ClassEvidence(odds, 0.9)
    right, wrong, wide = (block(*b).mask for b in ((20, 20, 50, 50), (60, 60, 90, 90), (0, 0, 100, 100)))
    assert explains(evidence, right) > 0.95 and explains(evidence, wrong) < 0.1
    assert explains(evidence, wrong) < explains(evidence, wide) < explains(evidence, right)
    assert explains(ClassEvidence(np.full((100, 100), -9, np.float32), 0), right) == 0.5


def test_the_one_thing_that_stands_out_is_a_guess_for_words_that_mean_nothing():
    picture, (disc,) = discs((256, 190, 100))
    sight = dominant(planted(picture), read("the zorbulator"))
    assert iou(sight.found[0].mask, disc) > 0.95 and sight.score == GUESS and "zorbulator" in sight.guess
    two, _ = discs((130, 190, 80), (370, 190, 80))
    assert not dominant(planted(two), read("the zorbulator")).found, "which of two?"
    assert not dominant(planted(picture), read("the zorbulators")).found
    empty = planted(np.zeros((50, 60, 3), np.uint8))
    assert not dominant(empty, read("the zorbulator")).found


def test_a_scene_looks_once_and_only_when_asked():
    calls = []

    class Counting:
        kinds = ()

        def detect(self, picture, least, side):
            calls.append(side)
            return ()

    scene = planted(np.zeros((600, 800, 3), np.uint8), detector=Counting())
    assert calls == [] and max(scene.shape) == WORK
    assert scene.proposals == () and scene.proposals == () and len(calls) == len(set(calls)) + 1


def test_what_the_classifier_sees_is_kept():
    scene = photo("chelsea")
    assert len(scene.dense) == len(SIDES) and scene.dense[0].shape[2] == 1000
    assert scene.logits.shape == (1000,)
    assert scene.labels((0.1, 0.1, 0.9, 0.9)) is scene.labels((0.1, 0.1, 0.9, 0.9))
    assert "cat" in encoders().picture.class_names[int(scene.labels((0.1, 0.0, 0.9, 1.0)).argmax())]


def test_a_fourth_channel_is_dropped():
    picture = np.dstack([discs((256, 190, 66))[0], np.zeros((384, 512), np.uint8)])
    assert see(picture, encoders()).picture.shape == (384, 512, 3)


def test_everything_that_is_seen_has_a_name_a_box_and_a_score():
    seen = everything(photo("coffee"))
    assert {"cup", "table"} <= {one.name for one in seen}
    assert [one.score for one in seen] == sorted((one.score for one in seen), reverse=True)
    for one in seen:
        x0, y0, x1, y1 = one.box
        assert 0 <= x0 < x1 <= 600 and 0 <= y0 < y1 <= 400 and 0.3 <= one.score <= 1
    (cup,) = (one for one in seen if one.name == "cup")
    assert overlap(cup.box, (172, 17, 400, 300)) > 0.7


def test_what_no_network_knows_is_looked_for_among_its_kind():
    octopus, dumpling = (
        sense("the octopus", picture=encoders().picture),
        sense("the dumpling", picture=encoders().picture),
    )
    assert octopus.classes and dumpling.classes and not octopus.exact
    cat, pizza = 281, 963
    assert octopus.weights[cat] > 0 == octopus.weights[pizza] and dumpling.weights[pizza] > 0 == dumpling.weights[cat]


def test_what_the_detector_surely_names_is_not_guessed_to_be_of_another_kind():
    picture, _ = discs((256, 190, 66))
    scene = planted(picture, detector=Planted(("dog", BOX, 0.9)))
    assert not dominant(scene, read("the teapot")).found
    assert dominant(scene, read("the statue")).found and dominant(scene, read("the zorbulator")).found
