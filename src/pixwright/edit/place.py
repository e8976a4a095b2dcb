"""Where a new thing goes, and how large it is there: relation, support, free room and perspective.

The search runs on a map of at most `SIDE` pixels a side whatever the picture's size: every candidate position is scored by what the
words ask for, by what it would cover and by what it would stand on; the cheapest wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.anchor import Anchor, find_anchor, outline, top_line, worn_box
from pixwright.edit.contract import Context
from pixwright.edit.library import Cutout, typical_size
from pixwright.records.instruction import Array
from pixwright.records.plan import Relation, Where
from pixwright.records.region import Box

SIDE = 192
_GRID = 40
_SPOT = {Relation.CENTER: (0.5, 0.5), Relation.TOP: (0.5, 0.15), Relation.BOTTOM: (0.5, 0.9), Relation.LEFT: (0.2, 0.5),
         Relation.RIGHT: (0.8, 0.5), Relation.TOP_LEFT: (0.17, 0.17), Relation.TOP_RIGHT: (0.83, 0.17),
         Relation.BOTTOM_LEFT: (0.17, 0.85), Relation.BOTTOM_RIGHT: (0.83, 0.85)}  # fmt: skip
_DEEP = {None, Relation.IN_FRONT, Relation.BEHIND, Relation.BELOW, Relation.FOREGROUND, Relation.BACKGROUND}
_UPRIGHT = {Relation.TOP, Relation.TOP_LEFT, Relation.TOP_RIGHT, Relation.CENTER}


@dataclass(frozen=True, eq=False)
class Spot:
    """A place for one thing. `box` XYXY in pixels, of the cut-out's own aspect; it may reach past the frame. `contact`: it rests on
    something. `front` HxW uint8 or None: what stands before it. `anchor`: what it was placed by, for sharpness and light."""

    box: Box
    contact: bool
    mirrored: bool = False
    front: Array | None = None
    anchor: Box | None = None


@dataclass(frozen=True, eq=False)
class Scene:
    """What the search knows of a picture. Maps are float32 0..1 of the same small size; `scale` = small / full side. `horizon` is the
    row, in full pixels, at which the ground would vanish; `per_metre` pixels a metre at row `base`, or None if nothing tells."""

    height: int
    width: int
    scale: float
    busy: NDArray[np.float32]
    taken: NDArray[np.float32]
    sky: NDArray[np.float32]
    horizon: float
    per_metre: float | None = None
    base: float = 0.0


def read_scene(picture: Array, context: Context, anchor: Anchor | None) -> Scene:
    """Measure edge density, what is salient, the sky and the scale of a picture: HxWx3 uint8 -> `Scene`."""
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    grey = cv2.cvtColor(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY).astype(np.float32)
    slope = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    busy = np.clip(cv2.GaussianBlur(slope, (0, 0), 3) / 120, 0, 1)
    salient = context.ground(picture, "foreground")
    taken = _shrink(salient.mask, size) if salient.found else np.zeros_like(busy)
    if taken.mean() > 0.7:  # a "foreground" that fills the picture says nothing about free room
        taken = np.zeros_like(busy)
    sky_region = context.ground(picture, "sky")
    sky = _shrink(sky_region.mask, size) if sky_region.found else np.zeros_like(busy)
    rows = np.flatnonzero(sky.mean(axis=1) > 0.25)
    horizon = float((rows[-1] + 1) / scale) if rows.size and rows[-1] < 0.8 * len(sky) else 0.3 * height
    scene = Scene(height, width, scale, busy, taken, sky, horizon)
    if anchor is not None and anchor.per_metre is not None:
        # A small anchor means a camera held close: there perspective is weak and the horizon far above the frame.
        near = anchor.size_m is not None and anchor.size_m < 1.0
        return replace(
            scene, per_metre=anchor.per_metre, base=anchor.box[3], horizon=-0.6 * height if near else horizon
        )
    if salient.found and taken.any() and (anchor is None or anchor.area):
        return _scale_from_salient(picture, context, scene, salient.boxes)
    return scene


def _scale_from_salient(picture: Array, context: Context, scene: Scene, boxes: Sequence[Box]) -> Scene:
    """The scale that the picture's main object gives, if the classifier is sure of it and its size is known."""
    label = context.encoders.picture.classify(picture, 1)[0]
    size = next((s for s in map(typical_size, label.name.split(",")) if s), None)
    if label.probability < 0.35 or size is None or size[0] > 30:
        return scene
    x0, y0, x1, y1 = max(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    # Small things are often seen from above, or stand on a saucer: the smaller estimate is the safer one.
    per_metre = (min if size[0] < 0.3 else max)((y1 - y0) / size[0], (x1 - x0) / size[1])
    return replace(scene, per_metre=per_metre, base=y1, horizon=-0.6 * scene.height if size[0] < 1.0 else scene.horizon)


def _shrink(mask: Array, size: tuple[int, int]) -> NDArray[np.float32]:
    return cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def height_at(
    scene: Scene, cutout: Cutout, base: NDArray[np.float32], wish: float, airborne: bool, level: bool = False
) -> NDArray[np.float32]:
    """Height in pixels that a thing has when it stands at the rows `base`; `wish` is the words' own factor (big 1.4).

    Known scale: real size times pixels a metre, growing with the distance below the horizon as a ground plane seen from a constant
    height does; `level`: at the anchor's own distance. Unknown: a share of the picture that grows slowly with the real size, so that a bee is seen and a house fits.
    """
    side = min(scene.height, scene.width)
    size = cutout.size_m or 0.5
    down = np.maximum(base - scene.horizon, 1.0)
    if scene.per_metre is not None and not (airborne and size > 2):
        ratio = np.clip(down / max(scene.base - scene.horizon, 0.1 * scene.height), 0.6, 1.6)
        tall = size * scene.per_metre * (np.ones_like(base) if airborne or level else ratio)
    else:
        share = 0.17 if size > 1e5 else float(np.clip(0.27 * (size / 0.5) ** 0.28, 0.1, 0.33 if airborne else 0.4))
        growth = (
            np.ones_like(base) if airborne else 0.6 + 0.7 * np.clip(down / max(scene.height - scene.horizon, 1), 0, 1)
        )
        tall = side * share * growth
    return np.clip(tall * wish, 0.07 * side, 0.62 * scene.height).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Request:
    """What shall be placed where: `count` copies of `cutout`, each `scale` times its usual size."""

    cutout: Cutout
    where: Where | None = None
    count: int = 1
    scale: float = 1.0


def find_spots(picture: Array, request: Request, context: Context, salt: int = 11) -> tuple[Spot, ...] | str:
    """Places for `request.count` things, or the reason why there is none.

    The user's region, if any, is the place; else the relation to the anchor; else free room by what holds the thing up.
    """
    rng = context.rng(salt)
    if context.user_region is not None and context.user_region.found:
        return _in_boxes(picture, request, context.user_region.boxes, rng)
    where = request.where
    anchor: Anchor | None = None
    if where is not None and where.anchor is not None:
        found = find_anchor(picture, where, context)
        if isinstance(found, str):
            return found
        anchor = _as_surface(found, where.relation, request.cutout, picture)
        if (
            request.cutout.support == "wear"
            and where.relation in {Relation.ON, Relation.ABOVE, Relation.INSIDE}
            and not anchor.area
        ):
            boxes = [
                worn_box(anchor, index, request.cutout) for index in range(min(request.count, len(anchor.region.boxes)))
            ]
            return tuple(Spot(box, True, False, None, anchor.box) for box in boxes)
    return _search(read_scene(picture, context, anchor), request, anchor, rng)


def _as_surface(anchor: Anchor, relation: Relation, cutout: Cutout, picture: Array) -> Anchor:
    """An insect sits within a flower, and nothing can stand on a top that the frame cuts: then the thing goes within what is seen."""
    small = cutout.support == "air" and (cutout.size_m or 1) <= 0.2
    cut = anchor.box[1] < 0.12 * picture.shape[0]
    return replace(anchor, area=True) if relation == Relation.ON and (small or cut) else anchor


def _in_boxes(picture: Array, request: Request, boxes: Sequence[Box], rng: np.random.Generator) -> tuple[Spot, ...]:
    """Fill the user's boxes: one thing a box, standing on its lower edge; more things than boxes share them side by side."""
    spots = []
    for index in range(request.count):
        x0, y0, x1, y1 = boxes[index % len(boxes)]
        share = -(-request.count // len(boxes))
        step = (x1 - x0) / share
        left = x0 + step * (index // len(boxes))
        airborne = request.cutout.support == "air"
        box = fit_box(request.cutout, (round(left), y0, round(left + step), y1), middle=airborne)
        spots.append(Spot(box, not airborne, index > 0 and bool(rng.random() < 0.5)))
    return tuple(spots)


def fit_box(cutout: Cutout, box: Box, *, middle: bool = False, cover: bool = False) -> Box:
    """The largest box of the cut-out's aspect in `box`, on its lower edge or in its middle; `cover`: the smallest that covers it."""
    x0, y0, x1, y1 = box
    rows, columns = cutout.pixels.shape[:2]
    pick = max if cover else min
    scale = pick((x1 - x0) / columns, (y1 - y0) / rows)
    wide, tall = max(2, round(columns * scale)), max(2, round(rows * scale))
    left = round((x0 + x1 - wide) / 2)
    top = round((y0 + y1 - tall) / 2) if middle else y1 - tall
    return left, top, left + wide, top + tall


def _search(scene: Scene, request: Request, anchor: Anchor | None, rng: np.random.Generator) -> tuple[Spot, ...]:
    relation = request.where.relation if request.where else None
    airborne = (request.cutout.support == "air" and relation not in {Relation.ON, Relation.INSIDE}) or (
        anchor is not None and anchor.sky
    )
    if relation == Relation.ABOVE and anchor is not None:
        airborne = True
    level = anchor is not None and not anchor.area and relation not in _DEEP
    aspect = request.cutout.pixels.shape[1] / request.cutout.pixels.shape[0]
    cx, base = np.meshgrid(np.linspace(0.03, 0.97, _GRID) * scene.width, np.linspace(0.05, 0.985, _GRID) * scene.height)
    cx, base = cx.astype(np.float32), base.astype(np.float32)
    spots: list[Spot] = []
    taken = scene.taken.copy()
    for index in range(request.count):
        vary = 1.0 if index == 0 else float(rng.uniform(0.82, 1.08))
        tall = height_at(scene, request.cutout, base, request.scale * vary, airborne, level)
        if relation == Relation.INSIDE and anchor is not None and not anchor.area:
            room = anchor.box[3] - anchor.box[1], anchor.box[2] - anchor.box[0]
            tall = np.minimum(tall, 0.7 * min(room[0], room[1] / aspect))
        if relation == Relation.FOREGROUND:
            tall = tall * 1.25
        if relation == Relation.BACKGROUND:
            tall = tall * 0.55
        cost = _cost(scene, taken, request, anchor, (cx, base, tall, tall * aspect), airborne)
        cost += rng.uniform(0, 0.04, cost.shape)
        row, column = np.unravel_index(int(np.argmin(cost)), cost.shape)
        box = _box(float(cx[row, column]), float(base[row, column]), float(tall[row, column]), aspect)
        if relation == Relation.ON and anchor is not None and not anchor.area:
            box = _settle(box, anchor)
        front = anchor.region.mask if relation == Relation.BEHIND and anchor is not None else None
        spots.append(Spot(box, not airborne, index % 2 == 1, front, anchor.box if anchor and not anchor.area else None))
        x0, y0, x1, y1 = (round(v * scene.scale) for v in box)
        pad = max(1, (x1 - x0) // 12)
        taken[max(0, y0) : max(0, y1), max(0, x0 - pad) : max(0, x1 + pad)] = 4.0
    return tuple(spots)


def _box(cx: float, base: float, tall: float, aspect: float) -> Box:
    wide = tall * aspect
    left, top = round(cx - wide / 2), round(base - tall)
    return left, top, left + max(2, round(wide)), top + max(2, round(tall))


def _settle(box: Box, anchor: Anchor) -> Box:
    """Lower a thing onto the anchor's outline: its foot sinks by a few hundredths, so that it never floats."""
    x0, y0, x1, y1 = box
    line = top_line(anchor, x0 + (x1 - x0) // 4, x1 - (x1 - x0) // 4)
    drop = round(line + 0.05 * (y1 - y0)) - y1
    return x0, y0 + drop, x1, y1 + drop


Candidates = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]
"""Centre column, base row, height, width of every candidate, in full pixels; all of one shape."""


def _cost(
    scene: Scene, taken: NDArray[np.float32], request: Request, anchor: Anchor | None, at: Candidates, airborne: bool
) -> NDArray[np.float64]:
    cx, base, tall, wide = at
    relation = request.where.relation if request.where else None
    x0, x1, y0 = cx - wide / 2, cx + wide / 2, base - tall
    foot = base - 0.14 * tall
    cut = np.maximum(-x0, 0) / wide + np.maximum(x1 - scene.width, 0) / wide + np.maximum(-y0, 0) / tall
    cost = 15.0 * cut.astype(np.float64) + 3.0 * np.maximum(0.04 - y0 / scene.height, 0)
    covers = mean_in(taken, scene.scale, x0, y0, x1, base)
    cost += np.where(covers > 1, 20 * covers, (0.3 if anchor is not None and not anchor.area else 1.6) * covers)
    cost += 0.7 * mean_in(scene.busy, scene.scale, x0, y0 if airborne else foot, x1, base)
    if anchor is not None:
        return cost + anchor_cost(scene, anchor, relation or Relation.BESIDE, at, airborne)
    if airborne:
        cost += 1.0 * np.abs((y0 + base) / 2 / scene.height - 0.25) + 0.3 * np.abs(cx / scene.width - 0.5)
        if scene.sky.any():
            cost += 2.5 * (1 - mean_in(scene.sky, scene.scale, x0, y0, x1, base))
    else:
        low = scene.horizon + 0.3 * (scene.height - scene.horizon)
        cost += 4.0 * np.maximum(low - base, 0) / scene.height + 0.5 * np.abs(base / scene.height - 0.9)
        cost += 3.0 * mean_in(scene.sky, scene.scale, x0, foot, x1, base) + 0.1 * np.abs(cx / scene.width - 0.5)
    if relation in _SPOT:
        fx, fy = _SPOT[relation]
        middle = (y0 + base) / 2 if airborne or relation in _UPRIGHT else base
        goal = fy if airborne or relation in _UPRIGHT else max(fy, 0.8)
        cost += 6.0 * np.hypot(cx / scene.width - fx, (middle / scene.height - goal) * 0.8)
    elif relation == Relation.FOREGROUND:
        cost += 3.0 * np.abs(base / scene.height - 0.97)
    elif relation == Relation.BACKGROUND:
        cost += 5.0 * np.abs(base - (scene.horizon + 0.12 * (scene.height - scene.horizon))) / scene.height
    return cost


def anchor_cost(
    scene: Scene, anchor: Anchor, relation: Relation, at: Candidates, airborne: bool
) -> NDArray[np.float64]:
    """How far each candidate is from standing in `relation` to the anchor, in shares of the picture's sides."""
    cx, base, tall, wide = at
    ax0, ay0, ax1, ay1 = anchor.box
    middle_x, middle_y = (ax0 + ax1) / 2, (ay0 + ay1) / 2
    w, h = scene.width, scene.height
    mask = _shrink(anchor.region.mask, (scene.busy.shape[1], scene.busy.shape[0]))
    cover = mean_in(mask, scene.scale, cx - wide / 2, base - tall, cx + wide / 2, base)
    foot = mean_in(mask, scene.scale, cx - wide / 2, base - 0.1 * tall, cx + wide / 2, base)
    level = np.abs((base - tall / 2) - middle_y) / h if airborne else np.abs(base - min(ay1, 0.96 * h)) / h
    if relation in {Relation.ON, Relation.INSIDE} and anchor.area:
        inside = cover if anchor.sky or relation == Relation.INSIDE else foot
        return 8.0 * (1 - inside) + 0.6 * np.abs(cx - middle_x) / w + (0.0 if anchor.sky else 0.2) * (1 - base / h)
    if relation == Relation.ON:
        line = outline(anchor)
        mean, square = (cv2.blur(v[None], (max(3, round(0.5 * float(wide.mean()))), 1))[0] for v in (line, line * line))
        rough = np.sqrt(np.maximum(square - mean * mean, 0))
        column = np.clip(cx.astype(int), 0, w - 1)
        return (
            3.0 * np.abs(cx - middle_x) / (ax1 - ax0) + 6.0 * rough[column] / h + 6.0 * np.abs(base - mean[column]) / h
        )
    if relation == Relation.INSIDE:
        return 5.0 * (1 - cover) + 3.0 * np.hypot((cx - middle_x) / w, (base - tall * 0.45 - middle_y) / h)
    if relation == Relation.ABOVE:
        return 4.0 * np.abs(cx - middle_x) / w + 8.0 * np.abs(base - (ay0 - 0.03 * h)) / h + 2.0 * cover
    if relation == Relation.BELOW:
        return (
            4.0 * np.abs(cx - middle_x) / w
            + 8.0 * np.maximum(ay1 + 0.02 * h - (base - tall), 0) / h
            + 0.5 * (base - ay1) / h
        )
    if relation == Relation.IN_FRONT:
        goal = min(ay1 + 0.12 * (ay1 - ay0), 0.97 * h)
        return 3.0 * np.abs(cx - middle_x) / w + 6.0 * np.abs(base - goal) / h
    if relation == Relation.BEHIND:
        goal = ay1 - 0.12 * (ay1 - ay0)
        return 6.0 * np.abs(base - goal) / h + 4.0 * np.abs(cover - 0.3) + 1.0 * np.abs(cx - middle_x) / w
    if relation == Relation.BETWEEN and anchor.second is not None:
        bx0, by0, bx1, by1 = anchor.second
        goal = (middle_x + (bx0 + bx1) / 2) / 2
        return 8.0 * np.abs(cx - goal) / w + 6.0 * np.abs(base - (ay1 + by1) / 2) / h
    left, right = ax0 - wide / 2 - 0.02 * w, ax1 + wide / 2 + 0.02 * w
    far_left, far_right = np.abs(cx - left) / w, np.abs(cx - right) / w
    side = (
        far_left
        if relation == Relation.LEFT
        else far_right
        if relation == Relation.RIGHT
        else np.minimum(far_left, far_right)
    )
    return 5.0 * side + 12.0 * level + 1.5 * cover


def mean_in(grid: NDArray[np.float32], scale: float, x0: NDArray[np.float32], y0: NDArray[np.float32], x1: NDArray[np.float32], y1: NDArray[np.float32]) -> NDArray[np.float32]:  # fmt: skip
    """Mean of a small map over boxes given in full pixels (arrays of one shape), clipped to the map; by its integral image."""
    total = cv2.integral(grid, sdepth=cv2.CV_32F)
    rows, columns = grid.shape
    left, right = (np.clip(np.round(v * scale).astype(int), 0, columns) for v in (x0, x1))
    top, low = (np.clip(np.round(v * scale).astype(int), 0, rows) for v in (y0, y1))
    right, low = np.maximum(right, np.minimum(left + 1, columns)), np.maximum(low, np.minimum(top + 1, rows))
    left, top = np.minimum(left, right - 1), np.minimum(top, low - 1)
    area = (right - left) * (low - top)
    return ((total[low, right] - total[top, right] - total[low, left] + total[top, left]) / area).astype(np.float32)
