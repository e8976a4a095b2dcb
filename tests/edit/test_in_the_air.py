"""What hangs in the air of a picture, and what is put in by something that the words name only in passing."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from test_placing import adding, context, known

from pixwright.edit.editors import add, background_change
from pixwright.edit.painting.phenomena import IN_THE_AIR
from pixwright.edit.placing.anchor import find_anchor
from pixwright.edit.placing.library import find
from pixwright.edit.placing.place import Placement, find_spots
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.result import Origin
from pixwright.words import read

NIGHT = np.full((240, 320, 3), 24, np.uint8)
HIM = (130, 80, 190, 220)


@pytest.mark.parametrize("phrase", ["fireflies", "sparks", "a glowing ember"])
def test_what_glows_is_about_him_and_not_below_his_feet(phrase):
    step = adding(value=phrase, where=Where(relation=Relation.AROUND, anchor=read("man")))
    made = add.edit(NIGHT, step, known((240, 320), "", ()), context({"man": (HIM,), "foreground": (HIM,)}))
    lit = (made.picture.astype(int) - NIGHT).max(axis=2)
    assert made.refused is None and made.added is Origin.DRAWN
    assert lit.max() > 100 and not lit[HIM[3] :].any()
    x0, y0, x1, y1 = made.evidence.placed[0]
    assert HIM[0] - 44 < x0 and x1 < HIM[2] + 44 and y1 < HIM[3] + 10


def test_sparks_are_warm_and_fireflies_green():
    air = np.ones((240, 320), np.float32)
    glow = {
        name: IN_THE_AIR[name](NIGHT, air, (0.5, 0.5), np.random.default_rng(0)).astype(int).sum(axis=(0, 1))
        for name in ("spark", "firefly")
    }
    assert glow["spark"][0] > glow["spark"][1] and glow["firefly"][1] > glow["firefly"][0]


def test_a_rainbow_stands_before_what_it_is_at_and_indoors_there_is_none():
    cliff = np.full((240, 320, 3), 70, np.uint8)
    step = adding(value="rainbow", where=Where(relation=Relation.ON, anchor=read("waterfall")))
    fall = (140, 20, 200, 200)
    made = add.edit(cliff, step, known((240, 320), "", ()), context({"waterfall": (fall,)}))
    changed = (made.picture != cliff).any(axis=2)
    assert made.refused is None and changed[: fall[3]].any() and not changed[fall[3] :].any()
    made = add.edit(cliff, adding(value="rainbow"), known((240, 320), "", ()), context())
    assert "no sky" in (made.refused or "")


def test_a_rainbow_is_red_outside():
    air = np.ones((240, 320), np.float32)
    made = IN_THE_AIR["rainbow"](NIGHT, air, (0.5, 0.5), np.random.default_rng(0))
    column = made[:, 160].astype(int)
    reddest = int(np.argmax(column[:, 0] - column[:, 2]))
    bluest = int(np.argmax(column[:, 2] - column[:, 0]))
    assert reddest < bluest


def test_behind_them_is_behind_whom_the_picture_shows():
    cutout = find("christmas tree", Encoders(), None)
    assert cutout is not None
    step = adding(value="christmas tree", where=Where(relation=Relation.BEHIND))
    for things, who in (({"person": (HIM,)}, "person"), ({"animal": (HIM,)}, "animal"), ({}, "foreground")):
        placement = add.placement_for(cutout, "christmas tree", step, NIGHT, context(things))
        assert placement.where is not None and str(placement.where.anchor) == who


def test_a_tree_behind_somebody_near_is_taller_than_behind_somebody_far_away():
    cutout = find("christmas tree", Encoders(), None)
    assert cutout is not None
    tall = []
    for him in ((100, 60, 230, 240), (150, 150, 170, 200)):
        placement = Placement(cutout, Where(relation=Relation.BEHIND, anchor=read("person")))
        spots = find_spots(NIGHT, placement, context({"person": (him,)}))
        assert not isinstance(spots, str)
        tall.append(spots[0].box[3] - spots[0].box[1])
    assert tall[0] > 0.6 * 240 > 2 * tall[1]


@pytest.mark.parametrize("phrase", ["edge of the boat", "rim of the boat", "side of the boat"])
def test_the_edge_of_a_boat_is_looked_for_as_the_boat(phrase):
    boat = (60, 100, 200, 180)
    found = find_anchor(NIGHT, Where(relation=Relation.ON, anchor=read(phrase)), context({"the boat": (boat,)}))
    assert not isinstance(found, str) and found.box == boat


def test_a_photograph_of_the_name_comes_before_a_traced_model(tmp_path, monkeypatch):
    monkeypatch.setenv("PIXWRIGHT_ASSETS", str(tmp_path / "nothing"))
    model = find("horse", Encoders(), None)
    monkeypatch.setenv("PIXWRIGHT_ASSETS", str(tmp_path))
    folder = tmp_path / "stamps"
    (folder / "files").mkdir(parents=True)
    rgba = np.zeros((60, 90, 4), np.uint8)
    cv2.ellipse(rgba, (45, 30), (40, 26), 0, 0, 360, (20, 60, 200, 255), -1)
    cv2.imwrite(str(folder / "files" / "horse.png"), rgba)
    row = {"kind": "cutout", "photographic": True, "name": "horse", "path": "horse.png", "size_m": None}
    (folder / "index.jsonl").write_text(json.dumps(row))
    photograph = find("horse", Encoders(), None)
    assert model is not None and photograph is not None
    assert photograph.pixels[26, 40].tolist() == [200, 60, 20, 255]
    assert (photograph.size_m, photograph.support, photograph.flaw) == (model.size_m, model.support, "")


@pytest.mark.parametrize(
    ("said", "wanted"), [("pure white", 255), ("plain white", 255), ("pure black", 0), ("solid black", 0)]
)
def test_a_pure_background_is_as_pure_as_a_screen(said, wanted):
    step = Step(type=EditType.BACKGROUND_CHANGE, instruction="test", value=said)
    picture = np.full((120, 160, 3), 90, np.uint8)
    picture[30:90, 50:110] = (180, 60, 40)
    made = background_change.edit(
        picture, step, known((120, 160), "", ()), context({"foreground": ((50, 30, 110, 90),)})
    )
    assert (made.picture[2, 2] == wanted).all()
