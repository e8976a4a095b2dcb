"""Where a thing's edge runs: the segmenter on a crop about a box or a point.

The segmenter gives what stands out of what it is shown. Shown a box with a little around it, it gives that box's thing: so a name or a click needs only
to say roughly where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import TypeAlias

import cv2
import numpy as np

from pixwright.encoders.parts.contract import PixelBox
from pixwright.ground.detections import overlap, within
from pixwright.ground.fitted.inside import inside, off_middle
from pixwright.ground.geometry import (
    Floats,
    Frame,
    cell_at,
    crop_of,
    fill_holes,
    frame_of,
    holds,
    iou,
    odd,
    parts_of,
    square,
    window_of,
)
from pixwright.ground.scene import Scene

MARGIN = 0.12
"""Share of a box's sides that is shown around it."""
CONFIRMS = 0.8
"""Intersection over union of what stands out and of what was voted for from which the former is taken."""
VOTED = 0.3
"""What the agreement of a box with what was voted for is worth: the vote knows the box."""
MISSES = 0.35
"""Intersection over union of the box and the outline's own that is too little to be believed."""
SLACK = 0.1
"""Share of its sides by which a thing may reach out of its box."""
LARGE, SMALL = 384, 256
"""Longer sides in pixels at which a crop is shown, by the size of what is in it."""
CRUMB = 0.03
"""Of the largest part of an outline: what is smaller and apart is none of it."""
APART = 0.25
"""The same for a part that is not next to the largest: behind a pole a thing goes on, elsewhere it does not."""
ZOOMS = (1.0, 0.62, 0.38, 0.22, 0.12)
"""Shares of the picture's longer side that are shown about a point."""
GRID = 3
"""Windows about points stand on a grid of that many places in a window's side, so that two points that are near each other are shown in the same ones."""
AHEAD = ZOOMS[:3]
"""Zooms whose windows are few enough to be looked at before anybody has pointed; those of the others are small, and quick."""
CUT = 0.6
"""What is taken off an outline that runs along the sides of its window all the way."""
FILLED = 0.5
"""An outline that runs so much along its crop's sides is the crop, not a thing in it."""
OF_BOX = 0.5
"""Share of a smaller part's box within the thing's from which it belongs to it."""
GAP = 0.5
"""Of a part's width: how far it may be from the largest to be next to that."""
HELD = 0.05
"""Value of a mask from which it claims a pixel that another has too."""
NESTED = 0.8
"""Share of a box within another from which the two are readings of one place."""
CLEAR, CONFIRMED = 0.2, 0.4
"""Value of an outline that counts when its sureness is measured, and how much it counts that another zoom confirms it."""
SPECK = 4
"""Pixels that something at a point has at least."""
NEAR = 0.012
"""Of the picture's longer side: how far from a point its thing may begin."""


Spans: TypeAlias = list[tuple[float, float]]


def stands_out(scene: Scene, box: Sequence[float], margin: float = 0.0) -> Floats:
    """(h, w) in [0, 1]: what stands out in a crop about a box (XYXY in 0..1), 0 outside the crop. Each crop is looked at once."""
    height, width = scene.shape
    window = window_of(box, margin, scene.middling)
    if window not in scene.outlines:
        crop = crop_of(scene.middling, window)
        seen = scene.encoders.segmenter.outline(crop, LARGE if max(crop.shape[:2]) > SMALL else SMALL)
        rows, columns = scene.middling.shape[:2]
        x0, y0, x1, y1 = window
        smaller = cv2.resize(
            seen,
            (max(1, round((x1 - x0) * width / columns)), max(1, round((y1 - y0) * height / rows))),
            interpolation=cv2.INTER_AREA if columns > width else cv2.INTER_LINEAR,
        )
        left, top = (round(float(np.float32(edge))) for edge in (x0 * width / columns, y0 * height / rows))
        placed = np.zeros((height, width), np.float32)
        part = smaller[: height - top, : width - left]
        placed[top : top + part.shape[0], left : left + part.shape[1]] = part
        scene.outlines[window] = placed
    return scene.outlines[window]


def outline(scene: Scene, box: Frame) -> tuple[Floats, float]:
    """The outline (h, w) of the thing in a box, and in [0, 1] how well the two agree (intersection over union of the boxes)."""
    prompted = _prompted(scene, box)
    if prompted is not None and prompted[1] > MISSES:
        return prompted
    matte, agreed = shown_by(scene, box)
    alone, voted = (_of_box(seen, box) for seen in (matte, inside(scene, box, matte, agreed)))
    # Where both mean the same, the segmenter has the finer edge: it keeps tails and legs.
    alike = overlap(frame_of(voted), box) if (voted > 0.5).any() else 0.0
    return fill_holes(alone if iou(alone, voted) > CONFIRMS else voted), max(agreed, VOTED * alike)


def shown_by(scene: Scene, box: Frame) -> tuple[Floats, float]:
    """What stands out of the crop about a box (h, w), and how well the box of that agrees with it, in [0, 1]."""
    matte = stands_out(scene, box, MARGIN)
    seen = _of_box(matte, box)
    return matte, overlap(frame_of(seen), box) if (seen > 0.5).any() else 0.0


def _prompted(scene: Scene, box: Frame) -> tuple[Floats, float] | None:
    """The same by a pulled network that is asked for a box; None without one, or where it sees nothing there."""
    looked = scene.looked
    if looked is None:
        return None
    height, width = scene.middling.shape[:2]
    asked = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
    answer = scene.encoders.parts.ask("outline", lambda network: network.boxes(looked, [asked])[0])
    if answer is None:
        return None
    mask = _of_scene(scene, answer[0])
    return (mask, overlap(frame_of(mask), box)) if (mask > 0.5).any() else None


def _of_scene(scene: Scene, seen: Floats) -> Floats:
    """A mask of any size as one of the scene's."""
    height, width = scene.shape
    return fill_holes(np.asarray(cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR), np.float32))


def _of_box(seen: Floats, box: Frame) -> Floats:
    """What of an outline belongs to a box: parts that lie mostly in it, cut where they go on far beyond it."""
    height, width = seen.shape
    x0, y0, x1, y1 = window_of(box, SLACK, np.empty((height, width, 0), np.uint8))
    limited = np.zeros_like(seen)
    limited[y0:y1, x0:x1] = seen[y0:y1, x0:x1]
    parts = parts_of(limited, 1)
    if not parts:
        return limited
    main = float(parts[0].sum())
    kept = [
        part
        for part in parts
        if part is parts[0]
        or (
            part.sum() > CRUMB * main
            and within(frame_of(part), box) > OF_BOX
            and (part.sum() > APART * main or _close(part, parts[0]))
        )
    ]
    return np.asarray(np.max(kept, axis=0), np.float32)


def _close(part: Floats, main: Floats) -> bool:
    """Whether a gap between two parts is narrower than the smaller one is wide."""
    reach = square(odd(GAP * float(part.sum()) ** 0.5))
    return bool((cv2.dilate((part > 0.5).astype(np.uint8), reach) & (main > 0.5)).any())


def shared(masks: Sequence[Floats], boxes: Sequence[Frame]) -> list[Floats]:
    """Outlines of things that touch: what two crops both hold goes to the box whose middle is nearer, measured in the box's own sides.

    Of two boxes of which one lies in the other neither loses anything: they may be two readings of one place.
    """
    if len(masks) < 2:
        return list(masks)
    away = []
    for mask, box in zip(masks, boxes, strict=True):
        across, down = off_middle(masks[0].shape, box)
        away.append(np.where(mask > HELD, np.maximum(np.abs(across), np.abs(down)), np.inf).astype(np.float32))
    out = []
    for i, mask in enumerate(masks):
        lost = np.zeros(mask.shape, bool)
        for j, box in enumerate(boxes):
            if j == i or max(within(box, boxes[i]), within(boxes[i], box)) > NESTED:
                continue
            lost |= (away[j] <= away[i]) & np.isfinite(away[j]) if j < i else away[j] < away[i]
        out.append(np.where(lost, 0, mask).astype(np.float32))
    return out


def outlines(scene: Scene, boxes: Sequence[Frame]) -> list[tuple[Floats, float]]:
    """The outlines of several things, none of which has another's pixels, each with how well it agrees with its box."""
    found = [outline(scene, box) for box in boxes]
    apart = shared([mask for mask, _ in found], boxes)
    return [(mask, agreed) for mask, (_, agreed) in zip(apart, found, strict=True)]


def outline_at(
    scene: Scene, point: tuple[float, float], not_at: Sequence[tuple[float, float]] = ()
) -> tuple[Floats, float]:
    """The outline (h, w) of the thing at a point (x, y in 0..1) and in [0, 1] how sure it is. `not_at`: points that are not on it.

    The picture is shown at several zooms about the point. An outline counts that holds the point, does not run out of its crop, and that other zooms confirm.
    """
    embedded = cache(lambda: _standing_at(scene, point, not_at))
    return prompted_at(scene, point, not_at, lambda: embedded()[0]) or embedded()


def _standing_at(
    scene: Scene, point: tuple[float, float], not_at: Sequence[tuple[float, float]]
) -> tuple[Floats, float]:
    """The same by the embedded network."""
    candidates = [(part, whole) for part, whole in zoomed(scene, point, not_at) if whole > FILLED]
    if not candidates:
        return np.zeros(scene.shape, np.float32), 0.0
    marks = []
    for part, whole in candidates:
        others = sorted((iou(part, other) for other, _ in candidates if other is not part), reverse=True)
        clear = float(part[part > CLEAR].mean()) if (part > CLEAR).any() else 0.0
        marks.append(clear * whole * (1 - CONFIRMED + CONFIRMED * (others[0] if others else 0.0)))
    best = int(np.argmax(marks))
    return fill_holes(candidates[best][0]), float(marks[best])


def prompted_at(
    scene: Scene,
    point: tuple[float, float],
    not_at: Sequence[tuple[float, float]],
    embedded: Callable[[], Floats],
) -> tuple[Floats, float] | None:
    """The outline at a point by a pulled network that is asked for points, and how sure it is; None without one, or where it sees nothing there.

    `embedded`: the outline (h, w) without such a network, for one that wants a box about the thing as well.
    """
    looked, (height, width) = scene.looked, scene.middling.shape[:2]
    if looked is None:
        return None
    at, off = ([(x * width, y * height) for x, y in group] for group in ((point,), not_at))

    def about() -> PixelBox | None:
        mask = embedded()
        if not (mask > 0.5).any():
            return None
        x0, y0, x1, y1 = frame_of(mask)
        return x0 * width, y0 * height, x1 * width, y1 * height

    answer = scene.encoders.parts.ask("outline", lambda network: network.points(looked, at, off, about))
    return (_of_scene(scene, answer[0]), answer[1]) if answer is not None and (answer[0] > 0.5).any() else None


def zoomed(
    scene: Scene, point: tuple[float, float], not_at: Sequence[tuple[float, float]] = ()
) -> list[tuple[Floats, float]]:
    """What stands out at a point at each zoom, none of it at `not_at`: outlines (h, w), each with how little its window cuts it, in [0, 1]."""
    found = []
    for zoom in ZOOMS:
        across, down = _grid(scene, zoom)
        (x0, x1), (y0, y1) = (min(row, key=lambda one: abs(sum(one) / 2 - c)) for row, c in zip((across, down), point))
        part = _holding(stands_out(scene, (x0, y0, x1, y1)), point, not_at)
        if part is not None:
            found.append((part, uncut(part, (x0, y0, x1, y1))))
    return found


def zooms_ahead(scene: Scene) -> Iterator[None]:
    """Look, window by window, at what every later point needs: `zoomed` is then several times as quick."""
    for zoom in AHEAD:
        across, down = _grid(scene, zoom)
        for (y0, y1), (x0, x1) in product(down, across):
            stands_out(scene, (x0, y0, x1, y1))
            yield


def _grid(scene: Scene, zoom: float) -> tuple[Spans, Spans]:
    """Where the windows of a zoom begin and end, across and down, in 0..1: the first and the last ones touch the picture's sides."""
    tall, wide = scene.picture.shape[:2]
    shown = zoom * max(tall, wide)
    return _places(shown / wide), _places(shown / tall)


def _places(size: float) -> Spans:
    """The places of windows of that share of a side."""
    if size >= 1:
        return [(0.0, 1.0)]
    count = max(1, round((1 - size) / size * GRID))
    return [(n / count * (1 - size), n / count * (1 - size) + size) for n in range(count + 1)]


def _holding(seen: Floats, point: tuple[float, float], not_at: Sequence[tuple[float, float]]) -> Floats | None:
    """The connected part of an outline that a point is on or next to, if none of the other points is on it."""
    y, x = cell_at(seen, point)
    reach = max(1, round(NEAR * max(seen.shape)))
    for part in parts_of(seen, SPECK):
        near = part[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
        if part[y, x] > 0.5 or float((near > 0.5).mean()) > 0.5:
            return None if any(holds(part, off) for off in not_at) else part
    return None


def uncut(part: Floats, box: Sequence[float], margin: float = 0.0) -> float:
    """1 where a part does not touch those sides of a window that are inside the picture, less where it runs along them: it goes on beyond."""
    height, width = part.shape
    x0, y0, x1, y1 = window_of(box, margin, np.empty((height, width, 0), np.uint8))
    solid = part[y0:y1, x0:x1] > 0.5
    sides = [
        (y0 > 0, solid[:2].any(0)),
        (y1 < height, solid[-2:].any(0)),
        (x0 > 0, solid[:, :2].any(1)),
        (x1 < width, solid[:, -2:].any(1)),
    ]
    cut = sum(float(side.mean()) for inner, side in sides if inner)
    return 1 - CUT * min(1.0, cut)
