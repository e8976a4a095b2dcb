"""Guidance pictures are what the editors read; views, materials and depth are what they claim to be."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from pixwright.build.contract import ConditionKind, Layer, LayeredScene, Rendering, ScenePair, WantedReference
from pixwright.build.pairs.conditions import box_of_edit, boxed, condition, depth, label_colour, segments
from pixwright.build.pairs.realise import mask_of, realise
from pixwright.build.pairs.references import SIDE, material, view
from pixwright.build.scene.render import render
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.edit.editors.visual.depth import read_depth
from pixwright.edit.editors.visual.guidance import outline_area, rectangle
from pixwright.edit.editors.visual.segment import read_segments
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Split

CAT = Layer("fluent/cat", "cat", 0.3, 0.9, 0.4)
CAR = Layer("fluent/car", "car", 0.75, 0.7, 0.25)


@cache
def catalogue() -> PackagedCatalogue:
    names = {asset.key for split in Split for asset in PackagedCatalogue(split).assets("cutout")}
    assert {CAT.asset, CAR.asset} <= names
    return PackagedCatalogue(Split.TRAIN)


def _layer(wanted: Layer, number: int) -> Layer:
    """The thing, or another one of the training split if it is reserved."""
    assets = [one for one in catalogue().assets("cutout") if one.tags[0] == "ground"]
    keys = {one.key for one in assets}
    return wanted if wanted.asset in keys else replace(wanted, asset=assets[number].key, name=assets[number].name)


@cache
def added() -> tuple[ScenePair, Rendering, Rendering]:
    ground = next(one for one in catalogue().assets("background") if one.name == "meadow")
    far, near = _layer(CAR, 3), _layer(CAT, 11)
    before = LayeredScene(ground.key, "meadow", (far,), 256, 256, 0.44)
    after = replace(before, layers=(far, near))
    step = Step(type=EditType.VISUAL_SKETCH, instruction="", value=near.name, reference=1)
    found = ScenePair(EditType.VISUAL_SKETCH, before, after, step, "", (1,))
    return found, render(before, catalogue()), render(after, catalogue())


def _iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def test_the_box_is_found_again() -> None:
    found, before, after = added()
    box = box_of_edit(found, before, after)
    read = rectangle(condition("bbox", found, before, after), before.picture)
    assert not isinstance(read, str)
    assert max(abs(a - b) for a, b in zip(box, read, strict=True)) <= 4


def test_a_box_at_the_edge_stays_in_the_picture() -> None:
    sheet = np.full((60, 80, 3), 200, np.uint8)
    out = boxed(sheet, (0, 0, 80, 60))
    assert (out[0] == (255, 0, 0)).all() and (out[30, 40] == 200).all()
    assert (sheet == 200).all()


def test_a_scribble_shows_where_the_new_thing_is() -> None:
    found, _, _ = added()
    studio = next(one for one in catalogue().assets("background") if one.name == "studio").key
    empty = replace(found.before, background=studio, layers=())
    after = render(replace(empty, layers=found.after.layers[1:]), catalogue())
    drawing = condition("scribble", found, render(empty, catalogue()), after)
    area = outline_area(drawing, render(empty, catalogue()).picture)
    assert not isinstance(area, str)
    assert _iou(area > 127, after.masks[0] > 127) > 0.6


@pytest.mark.parametrize("kind", ["scribble", "sketch"])
def test_new_lines_are_those_of_the_new_thing(kind: ConditionKind) -> None:
    found, before, after = added()
    new = condition(kind, found, before, after)[..., 0].astype(int)
    old = condition(kind, found, before, before)[..., 0].astype(int)
    near = cv2.dilate(after.masks[1], np.ones((9, 9), np.uint8)) > 0
    drawn = (new < 100) & (old > 155)
    assert drawn.sum() > 150 and near[drawn].mean() > 0.9
    assert (new > 250).mean() > 0.5


def test_segments_are_flat_and_exact() -> None:
    found, before, after = added()
    picture = condition("segment", found, before, after)
    read = read_segments(picture)
    assert not isinstance(read, str)
    labels, palette = read
    colours = {tuple(int(v) for v in one) for one in palette}
    nouns = [layer.name.split()[-1] for layer in found.after.layers]
    assert {label_colour(noun) for noun in nouns} <= colours
    for mask in after.masks:
        assert len(np.unique(labels[mask > 127])) == 1


def test_like_things_share_a_label() -> None:
    found, _, after = added()
    scene = replace(found.after, layers=(found.after.layers[0],) * 2)
    picture = segments(scene, after.masks)
    assert len({tuple(picture[mask > 127][0]) for mask in after.masks}) == 1


def test_depth_grows_towards_the_viewer_and_keeps_the_order() -> None:
    found, _, after = added()
    near = depth(found.after, after.masks)[..., 0].astype(int)
    column = near[:, -2]
    assert column[0] < column[-1] and (np.diff(column[130:]) >= 0).all()
    far_car, near_cat = (float(near[mask > 127].mean()) for mask in after.masks)
    assert near_cat > far_car > column[0]
    assert not isinstance(read_depth(depth(found.after, after.masks)), str)


def test_what_covers_is_nearer_whatever_its_foot_says() -> None:
    found, _, _ = added()
    back, front = found.after.layers
    overlapping = replace(front, x=back.x, y=back.y - 0.02, height=back.height * 0.6)
    scene = replace(found.after, layers=(back, overlapping))
    masks = render(scene, catalogue()).masks
    near = depth(scene, masks)[..., 0]
    assert near[masks[1] > 127].min() > near[masks[0] > 127].max()


def test_the_mask_holds_all_that_differs() -> None:
    found, before, after = added()
    mask = mask_of(found, before, after)
    differs = np.any(before.picture != after.picture, axis=2)
    assert (mask[differs] == 255).all()
    assert (mask[after.masks[1] > 0] == 255).all()
    assert (mask > 0).mean() < 0.4


def test_a_view_is_another_picture_of_the_same_thing() -> None:
    found, _, _ = added()
    layer = found.after.layers[1]
    views = [view(layer, catalogue(), seed) for seed in range(3)]
    assert all(one.shape == (SIDE, SIDE, 3) for one in views)
    assert not np.array_equal(views[0], views[1])
    own = catalogue().pixels(layer.asset)
    colour = own[own[..., 3] > 200][:, :3].mean(axis=0)
    for one in views:
        paper = np.median(one[:8].reshape(-1, 3), axis=0)
        inside = np.abs(one.astype(int) - paper).max(axis=2) > 30
        assert 0.1 < inside.mean() < 0.75
        assert np.abs(one[inside].mean(axis=0) - colour).max() < 60
        assert not inside[:2].any() and not inside[-2:].any()


def test_materials_look_different() -> None:
    sheets = {name: material(name, 5) for name in ("wood", "brick", "leaves", "gold")}
    means = np.array([sheet.reshape(-1, 3).mean(axis=0) for sheet in sheets.values()])
    distances = np.linalg.norm(means[:, None] - means[None], axis=2)[np.triu_indices(4, 1)]
    assert distances.min() > 15
    assert all(sheet.shape == (SIDE, SIDE, 3) for sheet in sheets.values())


def test_an_asset_is_handed_on_as_it_is_and_counted_among_the_parts() -> None:
    found, _, _ = added()
    other = next(one for one in catalogue().assets("cutout") if one.key not in (CAT.asset, CAR.asset))
    wanted = WantedReference(1, "asset", other.name, asset=other.key)
    row = realise(replace(found, references=(wanted,)), render, catalogue(), "one")
    pixels = row.references[0].pixels
    assert pixels is not None and np.array_equal(pixels, catalogue().pixels(other.key))
    assert {part.key for part in row.parts} >= {other.key, found.before.background, found.after.layers[1].asset}
