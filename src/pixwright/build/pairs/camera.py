"""Where a thing stands, how large it is and how it is turned; what the picture's frame shows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from pixwright.build.contract import Layer
from pixwright.build.pairs.local import shown_enough
from pixwright.build.pairs.stage import PLAIN, PairDraft, Stage, Unfit, the
from pixwright.build.scene.signs import pixels_of
from pixwright.media.picture import ALPHA, COLOUR, RGBA
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

_SIZES, _EDGES, _ANGLES = (20, 25, 30, 40, 50, 60), (15, 20, 25, 30, 40, 50), (30, 40, 45, 60, 90, 135, 180)
"""Percentages of a size and of an outpainted edge, and degrees of a turn, that are said."""
_UPSIDE_DOWN = 180
"""Degrees."""
_ALL = 100
"""Percent."""
_SAID, _EVERY_SIDE = 0.6, 0.25
"""How often a percentage is said, and how often a picture is widened on every side."""
_UNSAID, _BARE_SIZE, _BARE_STRENGTH, _BARE_EDGE = (0.2, 0.6), 1.4, 0.6, 25
"""What the editors take where nothing is said: a way (of the picture's side, or of the thing's own), a size, its strength, and a percentage."""
_INSIDE, _INSIDE_STILL, _SEEN, _CROWDED, _HEIGHTS = 0.97, 0.98, 0.7, 0.55, (0.06, 0.9)
"""After the edit: share of a thing that lies in the picture, and of what did before; that is seen; that another covers; and its height, of the picture's."""
_LOOKED_AT, _SHEET, _GREY, _SOLID, _DIFFERS = 50, 72, 160, 128, 14.0
"""How cut-outs are compared: longer side and sheet in pixels, the sheet's grey, alpha of what counts, and levels of the mean difference."""


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
    percents = [*stage.shuffled(PERCENTS), None] if stage.rng.random() < _SAID else [None, *stage.shuffled(PERCENTS)]
    for percent, relation in ((p, r) for p in percents for r in stage.shuffled(list(_ways(layer)))):
        dx, dy = _shift(stage, layer, relation, percent)
        moved = replace(layer, x=layer.x + dx, y=layer.y + dy)
        if stage.inside(moved) < _INSIDE_STILL * stage.inside(layer) or stage.crowded(moved, others) > _FREE:
            continue
        after = stage.scene.with_layer(index, moved)
        if stage.seen(index, after) < _SEEN:
            continue
        before = stage.scene
        was, now = (_whereabouts(stage, one, relation) for one in (layer, moved))
        if was != now:
            before = before.with_layer(index, replace(layer, told=was))
            after = before.with_layer(index, replace(moved, told=now))
        amount = Amount(value=percent, unit=Unit.PERCENT) if percent else None
        step = Step(
            type=EditType.MOVEMENT, instruction="", target=read(phrase), where=Where(relation=relation), amount=amount
        )
        slots = {"target": the(phrase), "direction": _ways(layer)[relation]}
        key = "movement"
        if percent:
            key, slots = "movement.percent", {**slots, "percent": str(percent)}
        return PairDraft(before, after, step, key, slots, (index,))
    return None


def _whereabouts(stage: Stage, layer: Layer, relation: Relation) -> str:
    """In which third of the picture a thing is, along the way that it is moved, as captions tell it."""
    box = stage.box(layer)
    across = relation in (Relation.LEFT, Relation.RIGHT)
    share = (box.left + box.right) / 2 / stage.width if across else (box.top + box.bottom) / 2
    sides = (
        ("on the left", "in the middle", "on the right") if across else ("at the top", "in the middle", "at the bottom")
    )
    return f"{{}} {sides[min(int(share * len(sides)), len(sides) - 1)]}"


def _ways(layer: Layer) -> dict[Relation, str]:
    sides = {Relation.LEFT: "to the left", Relation.RIGHT: "to the right"}
    return {**sides, Relation.ABOVE: "up", Relation.BELOW: "down"} if layer.support == "air" else sides


def _shift(stage: Stage, layer: Layer, relation: Relation, percent: int | None) -> tuple[float, float]:
    x0, y0, x1, y1 = stage.box(layer)
    across = relation in (Relation.LEFT, Relation.RIGHT)
    side, own = (stage.width, x1 - x0) if across else (1.0, y1 - y0)
    length = percent / _ALL * side if percent else max(_UNSAID[0] * side, _UNSAID[1] * own)
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
        if stage.inside(after.layers[index]) < _INSIDE or not _HEIGHTS[0] <= new.tall <= _HEIGHTS[1]:
            continue
        others = [one for i, one in enumerate(after.layers) if i != index and not one.asset.startswith("table/")]
        if factor > 1 and (stage.crowded(after.layers[index], others) > _CROWDED or stage.seen(index, after) < _SEEN):
            continue
        after = after.with_layer(index, replace(after.layers[index], told="large {}" if factor > 1 else "small {}"))
        step = Step(type=EditType.RESIZE, instruction="", target=read(phrase), amount=amount)
        before = stage.scene.with_layer(index, replace(layer, told=PLAIN))
        return PairDraft(before, after, step, key, {"target": the(phrase), **slots}, (index,))
    raise Unfit(f"the {layer.name} can be neither larger nor smaller here")


def _sizes(stage: Stage) -> list[tuple[str, float, Amount, dict[str, str]]]:
    """Key, factor, amount and words of each way of saying a size that the dice allow."""
    percent = int(stage.pick(_SIZES))
    up, down = 1 + percent / _ALL, 1 - percent / _ALL
    times = stage.pick(sorted(_TIMES))
    words = {"percent": str(percent), "rest": str(_ALL - percent), "factor": f"{up:g}"}
    return [
        ("resize.larger", _BARE_SIZE, Amount(value=_BARE_STRENGTH, unit=Unit.STRENGTH), {}),
        ("resize.smaller", 1 / _BARE_SIZE, Amount(value=-_BARE_STRENGTH, unit=Unit.STRENGTH), {}),
        ("resize.percent_larger", up, Amount(value=up, unit=Unit.FACTOR), words),
        ("resize.percent_smaller", down, Amount(value=round(down, 2), unit=Unit.FACTOR), words),
        ("resize.times", times, Amount(value=times, unit=Unit.FACTOR), {"times": _TIMES[times]}),
    ]


def rotation_change(stage: Stage) -> PairDraft:
    """Turned about its middle."""
    degrees = int(stage.pick(_ANGLES))
    clockwise = bool(stage.rng.random() < 0.5)
    angle = float(degrees if clockwise else -degrees)
    index, phrase = stage.target(lambda i: _turns(stage, stage.scene.layers[i], angle))
    layer = stage.scene.layers[index]
    told = "{} upside down" if degrees == _UPSIDE_DOWN else f"{{}} turned by {degrees} degrees"
    after = stage.scene.with_layer(index, rested(stage, replace(layer, angle=layer.angle + angle, told=told)))
    shown_enough(stage, after, index)
    step = Step(
        type=EditType.ROTATION_CHANGE,
        instruction="",
        target=read(phrase),
        amount=Amount(value=angle, unit=Unit.DEGREES),
    )
    slots = {"target": the(phrase), "degrees": str(degrees), "way": "clockwise" if clockwise else "counterclockwise"}
    before = stage.scene.with_layer(index, replace(layer, told=PLAIN))
    return PairDraft(before, after, step, "rotation_change", slots, (index,))


def _turns(stage: Stage, layer: Layer, angle: float) -> bool:
    """Whether it shows that the thing is turned."""
    return not layer.text and differs(pixels_of(layer.asset, layer.text, stage.catalogue), turned=angle)


def rested(stage: Stage, layer: Layer) -> Layer:
    """A turned thing raised or lowered until its lowest point is its foot again; what is in the air stays where it is."""
    if layer.support == "air":
        return layer
    return replace(layer, y=layer.y + layer.y - stage.box(layer).bottom)


def differs(rgba: Array, turned: float = 0.0, mirrored: bool = False, least: float = _DIFFERS) -> bool:
    """Whether a cut-out looks another one when turned by so many degrees about its centre, or mirrored: by `least` levels
    in the mean of its pixels."""
    scale = _LOOKED_AT / max(rgba.shape[:2])
    size = (max(2, round(rgba.shape[1] * scale)), max(2, round(rgba.shape[0] * scale)))
    small = cv2.resize(rgba, size, interpolation=cv2.INTER_AREA)
    share = (small[ALPHA] / np.float32(255))[..., None]
    colours = small[COLOUR].astype(np.float32) * share + _GREY * (1 - share)
    sheet = np.full((_SHEET, _SHEET, RGBA - 1), _GREY, np.float32)
    y, x = (_SHEET - small.shape[0]) // 2, (_SHEET - small.shape[1]) // 2
    sheet[y : y + small.shape[0], x : x + small.shape[1]] = colours
    if mirrored:
        other = sheet.copy()
        other[y : y + small.shape[0], x : x + small.shape[1]] = colours[:, ::-1]
    else:
        matrix = cv2.getRotationMatrix2D((_SHEET / 2 - 0.5, _SHEET / 2 - 0.5), -turned, 1.0)
        other = np.asarray(cv2.warpAffine(sheet, matrix, (_SHEET, _SHEET), borderMode=cv2.BORDER_REPLICATE), np.float32)
    solid = max(float((small[ALPHA] > _SOLID).sum()), 1.0)
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
    percent = int(stage.pick(_EDGES)) if stage.rng.random() < _SAID else None
    share = (percent or _BARE_EDGE) / _ALL
    every = stage.rng.random() < _EVERY_SIDE
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
    left, top, right, bottom = window
    camera = (x0 + (x1 - x0) * left, y0 + (y1 - y0) * top, x0 + (x1 - x0) * right, y0 + (y1 - y0) * bottom)
    cut_left, cut_top, cut_right, cut_bottom = px
    before = replace(scene, camera=camera, width=cut_right - cut_left, height=cut_bottom - cut_top)
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
