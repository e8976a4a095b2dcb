"""Where a thing stands, how large it is and how it is turned; what the picture's frame shows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.build.contract import Layer
from pixwright.build.pairs.local import shown_enough
from pixwright.build.pairs.stage import PairDraft, Stage, Unfit, the
from pixwright.build.scene.signs import pixels_of
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.words import read

_WAYS = {Relation.LEFT: ("to the left", -1), Relation.RIGHT: ("to the right", 1)}
PERCENTS = (10, 15, 20, 25, 30, 40)
"""Of the picture's width, for a movement; of the picture's side, for an outpaint."""
_TARGETS = 3
"""Things that are tried."""
_FREE = 0.3
"""Largest overlap with another thing where a thing is put down."""


def movement(stage: Stage) -> PairDraft:
    """To the left or right along the ground, or up or down in the air; an unstated length is a fifth of the width, as the editor takes it."""
    for _ in range(_TARGETS):
        draft = _moved(stage, *stage.target())
        if draft is not None:
            return draft
    raise Unfit("there is no room to move a thing to either side")


def _moved(stage: Stage, index: int, phrase: str) -> PairDraft | None:
    layer = stage.scene.layers[index]
    others = [one for i, one in enumerate(stage.scene.layers) if i != index and not one.asset.startswith("table/")]
    percents = [*stage.shuffled(PERCENTS), None] if stage.rng.random() < 0.6 else [None, *stage.shuffled(PERCENTS)]
    for percent, relation in ((p, r) for p in percents for r in stage.shuffled(list(_ways(layer)))):
        dx, dy = _shift(stage, layer, relation, percent)
        moved = replace(layer, x=layer.x + dx, y=layer.y + dy)
        if stage.inside(moved) < 0.98 * stage.inside(layer) or stage.crowded(moved, others) > _FREE:
            continue
        after = stage.scene.with_layer(index, moved)
        if stage.seen(index, after) < 0.7:
            continue
        amount = Amount(value=percent, unit=Unit.PERCENT) if percent else None
        step = Step(
            type=EditType.MOVEMENT, instruction="", target=read(phrase), where=Where(relation=relation), amount=amount
        )
        slots = {"target": the(phrase), "direction": _ways(layer)[relation]}
        key = "movement"
        if percent:
            key, slots = "movement.percent", {**slots, "percent": str(percent)}
        return PairDraft(stage.scene, after, step, key, slots, (index,))
    return None


def _ways(layer: Layer) -> dict[Relation, str]:
    sides = {Relation.LEFT: "to the left", Relation.RIGHT: "to the right"}
    return {**sides, Relation.ABOVE: "up", Relation.BELOW: "down"} if layer.support == "air" else sides


def _shift(stage: Stage, layer: Layer, relation: Relation, percent: int | None) -> tuple[float, float]:
    x0, y0, x1, y1 = stage.box(layer)
    across = relation in (Relation.LEFT, Relation.RIGHT)
    side, own = (stage.width, x1 - x0) if across else (1.0, y1 - y0)
    length = percent / 100 * side if percent else max(0.2 * side, 0.6 * own)
    sign = -1 if relation in (Relation.LEFT, Relation.ABOVE) else 1
    return (sign * length, 0.0) if across else (0.0, sign * length)


_TIMES = {2.0: "twice", 3.0: "three times", 0.5: "half"}


def resize(stage: Stage) -> PairDraft:
    """Larger or smaller about its foot: by a percentage, a factor, or as the words "larger" and "smaller" are taken (1.4)."""
    index, phrase = stage.target()
    layer = stage.scene.layers[index]
    for key, factor, amount, slots in stage.shuffled(_sizes(stage)):
        after = stage.scene.with_layer(index, replace(layer, height=layer.height * factor))
        new = stage.box(after.layers[index])
        if stage.inside(after.layers[index]) < 0.97 or (new[3] - new[1]) < 0.06 or new[3] - new[1] > 0.9:
            continue
        others = [one for i, one in enumerate(after.layers) if i != index and not one.asset.startswith("table/")]
        if factor > 1 and (stage.crowded(after.layers[index], others) > 0.55 or stage.seen(index, after) < 0.7):
            continue
        step = Step(type=EditType.RESIZE, instruction="", target=read(phrase), amount=amount)
        return PairDraft(stage.scene, after, step, key, {"target": the(phrase), **slots}, (index,))
    raise Unfit(f"the {layer.name} can be neither larger nor smaller here")


def _sizes(stage: Stage) -> list[tuple[str, float, Amount, dict[str, str]]]:
    """Key, factor, amount and words of each way of saying a size that the dice allow."""
    percent = int(stage.pick((20, 25, 30, 40, 50, 60)))
    up, down = 1 + percent / 100, 1 - percent / 100
    times = stage.pick(sorted(_TIMES))
    words = {"percent": str(percent), "rest": str(100 - percent), "factor": f"{up:g}"}
    return [
        ("resize.larger", 1.4, Amount(value=0.6, unit=Unit.STRENGTH), {}),
        ("resize.smaller", 1 / 1.4, Amount(value=-0.6, unit=Unit.STRENGTH), {}),
        ("resize.percent_larger", up, Amount(value=up, unit=Unit.FACTOR), words),
        ("resize.percent_smaller", down, Amount(value=round(down, 4), unit=Unit.FACTOR), words),
        ("resize.times", times, Amount(value=times, unit=Unit.FACTOR), {"times": _TIMES[times]}),
    ]


def rotation_change(stage: Stage) -> PairDraft:
    """Turned about its middle."""
    degrees = int(stage.pick((15, 20, 30, 40, 45, 60, 90, 135, 180)))
    clockwise = bool(stage.rng.random() < 0.5)
    angle = float(degrees if clockwise else -degrees)
    index, phrase = stage.target(lambda i: _turns(stage, stage.scene.layers[i], angle))
    layer = stage.scene.layers[index]
    after = stage.scene.with_layer(index, rested(stage, replace(layer, angle=layer.angle + angle)))
    shown_enough(stage, after, index)
    step = Step(
        type=EditType.ROTATION_CHANGE,
        instruction="",
        target=read(phrase),
        amount=Amount(value=angle, unit=Unit.DEGREES),
    )
    slots = {"target": the(phrase), "degrees": str(degrees), "way": "clockwise" if clockwise else "counterclockwise"}
    return PairDraft(stage.scene, after, step, "rotation_change", slots, (index,))


def _turns(stage: Stage, layer: Layer, angle: float) -> bool:
    """Whether it shows that the thing is turned."""
    return not layer.text and differs(pixels_of(layer.asset, layer.text, stage.catalogue), turned=angle)


def rested(stage: Stage, layer: Layer) -> Layer:
    """A turned thing raised or lowered until its lowest point is its foot again; what is in the air stays where it is."""
    if layer.support == "air":
        return layer
    return replace(layer, y=layer.y + layer.y - stage.box(layer)[3])


def differs(rgba: Array, turned: float = 0.0, mirrored: bool = False, least: float = 14.0) -> bool:
    """Whether a cut-out looks another one when turned by so many degrees about its centre, or mirrored: by `least` levels
    in the mean of its pixels."""
    side = 72
    scale = 50 / max(rgba.shape[:2])
    small = cv2.resize(rgba, (max(2, round(rgba.shape[1] * scale)), max(2, round(rgba.shape[0] * scale))), interpolation=cv2.INTER_AREA)  # fmt: skip
    colours = small[..., :3].astype(np.float32) * (small[..., 3:] / np.float32(255)) + 160 * (
        1 - small[..., 3:] / np.float32(255)
    )
    sheet = np.full((side, side, 3), 160, np.float32)
    y, x = (side - small.shape[0]) // 2, (side - small.shape[1]) // 2
    sheet[y : y + small.shape[0], x : x + small.shape[1]] = colours
    if mirrored:
        other = sheet.copy()
        other[y : y + small.shape[0], x : x + small.shape[1]] = colours[:, ::-1]
    else:
        matrix = cv2.getRotationMatrix2D((side / 2 - 0.5, side / 2 - 0.5), -turned, 1.0)
        other = np.asarray(cv2.warpAffine(sheet, matrix, (side, side), borderMode=cv2.BORDER_REPLICATE), np.float32)
    solid = max(float((small[..., 3] > 128).sum()), 1.0)
    return float(np.abs(sheet - other).mean(axis=2).sum()) / solid > least


_SIDES = {
    Relation.LEFT: ("to the left", "on the left"),
    Relation.RIGHT: ("to the right", "on the right"),
    Relation.ABOVE: ("at the top", "at the top"),
    Relation.BELOW: ("at the bottom", "at the bottom"),
}


def outpaint(stage: Stage) -> PairDraft:
    """The reverse of cropping: before is a window of after. A percentage is of the cropped picture's side; none is a quarter."""
    scene = stage.scene
    percent = int(stage.pick((15, 20, 25, 30, 40, 50))) if stage.rng.random() < 0.6 else None
    share = (percent or 25) / 100
    every = stage.rng.random() < 0.25
    x0, y0, x1, y1 = scene.camera
    if every:
        relation = Relation.EVERY_SIDE
        cut = share / (1 + 2 * share)
        edges = (cut, cut, 1 - cut, 1 - cut)
    else:
        relation = stage.pick(sorted(_SIDES))
        cut = share / (1 + share)
        edges = {
            Relation.LEFT: (cut, 0.0, 1.0, 1.0),
            Relation.RIGHT: (0.0, 0.0, 1 - cut, 1.0),
            Relation.ABOVE: (0.0, cut, 1.0, 1.0),
            Relation.BELOW: (0.0, 0.0, 1.0, 1 - cut),
        }[relation]
    # Whole pixels, so that the source is an exact window of the edited picture.
    px = [round(edge * side) for edge, side in zip(edges, (scene.width, scene.height) * 2, strict=True)]
    window = [p / side for p, side in zip(px, (scene.width, scene.height) * 2, strict=True)]
    camera = (
        x0 + (x1 - x0) * window[0],
        y0 + (y1 - y0) * window[1],
        x0 + (x1 - x0) * window[2],
        y0 + (y1 - y0) * window[3],
    )
    before = replace(scene, camera=camera, width=px[2] - px[0], height=px[3] - px[1])
    amount = Amount(value=percent, unit=Unit.PERCENT) if percent else None
    step = Step(type=EditType.OUTPAINT, instruction="", where=Where(relation=relation), amount=amount)
    slots = {"percent": str(percent)} if percent else {}
    if not every:
        slots |= dict(zip(("side", "seen"), _SIDES[relation], strict=True))
    key = (
        "outpaint" + (".every" if every else "") + ("_percent" if every and percent else ".percent" if percent else "")
    )
    canvas = ",".join(map(str, px))
    return PairDraft(before, scene, step, key, slots, None, extra={"canvas": canvas})
