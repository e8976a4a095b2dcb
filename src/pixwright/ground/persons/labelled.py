"""What somebody wears, and hair and skin, as the labeller of people sees it: a crop about the person, or about the head, and where its cells lie on the body."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pixwright.encoders.boxed.frames import SIDE, shown
from pixwright.encoders.worn.labeller import CELLS, LABELS
from pixwright.ground.colour import skin_odds
from pixwright.ground.geometry import TINY, Floats, Frame, calm, large_parts, square
from pixwright.ground.persons import Person, hull, mesh
from pixwright.ground.scene import Scene

ROOM = 0.12
"""What is shown around a person's box, in its sides."""
BUST = (1.5, 1.1, 2.4)
"""What is shown about a face: to each side of its middle in widths, above its highest point and below it in heights of the face."""
HEAD = 0.2
"""A head without a face, in heights of the person, from which the same is shown."""
JOINTS = (0, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""BlazePose's points that a cell's place is told by: nose, shoulders, elbows, wrists, hips, knees, ankles."""
NEAR = (0.35, 0.9)
"""Two distances at which a cell is near a point, in widths of the shoulders."""
SLIM = 0.14
"""Width of the shoulders in heights of the person, at least."""
FAR, LIGHTEST, SURE, APART = 4.0, 100.0, 6.0, 50.0
"""What distances in widths of the face are clipped to; and what CIE L, log-odds of skin and differences of colour are divided by."""
HAIR = "hair"
"""The part of a body that is found as what is worn is."""
ZONES: dict[str, tuple[str, ...]] = {
    HAIR: ("hair",), "head": ("headwear",), "eyes": ("eyewear",), "chin": ("beard",), "lip": ("beard",),
    "upper": ("inner", "outer", "dress"), "over": ("inner", "outer", "dress"), "coat": ("inner", "outer", "dress"), "all": ("inner", "outer", "dress", "lower"),
    "lower": ("lower",), "feet": ("feet",), "neck": ("neckwear",),
}  # fmt: skip
"""Where on the body something is worn, or a part -> the labels of what is there."""
LAYERS = {"upper": ("inner", "dress"), "over": ("outer",), "coat": ("outer",)}
"""Those of them that are meant where several garments are seen one over the other."""
LAYER = 0.15
"""Share of what is worn there that each of two garments has at least."""
LEVEL, STEEP, BLUR = 0.5, 3.0, 1.5
"""How likely a place is of what is looked for; how much steeper than that an outline is; and pixels over which it is calmed."""
LEAST_PATCH, PATCH = 6, 0.15
"""Pixels of a patch at least; and its share of the largest one."""
PLACES = 5 + 3 + 1 + 2 + 4 + 3 + 2 * len(JOINTS) + 4 + 1
"""Numbers that tell where a cell lies."""


def body_frame(person: Person) -> Frame:
    """What is shown of a whole person; it may reach out of the picture."""
    x0, y0, x1, y1 = person.box
    dx, dy = ROOM * (x1 - x0), ROOM * (y1 - y0)
    return x0 - dx, y0 - dy, x1 + dx, y1 + dy


def bust_frame(scene: Scene, person: Person) -> Frame:
    """What is shown of head and shoulders."""
    height, width = scene.shape
    if person.face is not None:
        (x0, y0), (x1, y1) = person.face.points.min(0), person.face.points.max(0)
        w, h, x = float(x1 - x0), float(y1 - y0), float(x0 + x1) / 2
        top = float(y0)
    else:
        left, top, right, low = (v * n for v, n in zip(person.box, (width, height) * 2, strict=True))
        h = HEAD * (low - top) * 0.6
        w, top = 0.8 * h, top + 0.3 * h
        x = float(person.points[0, 0]) if person.points is not None else (left + right) / 2
    aside, above, below = BUST
    return (x - aside * w) / width, (top - above * h) / height, (x + aside * w) / width, (top + below * h) / height


def place_of(scene: Scene, person: Person, frame: Frame, crop: Floats) -> Floats:
    """(CELLS, CELLS, PLACES): where each cell of a frame lies on a person, and its colour. `crop` (S, S, 3): CIE Lab of what is shown."""
    height, width = scene.shape
    left, top, right, low = frame
    at = (np.arange(CELLS, dtype=np.float32) + 0.5) / CELLS
    x, y = (
        v.astype(np.float32)
        for v in np.meshgrid((left + at * (right - left)) * width, (top + at * (low - top)) * height)
    )
    x0, y0, x1, y1 = (v * n for v, n in zip(person.box, (width, height) * 2, strict=True))
    lab = np.asarray(cv2.resize(crop, (CELLS, CELLS), interpolation=cv2.INTER_AREA), np.float32)
    across, down = (x - (x0 + x1) / 2) / max(x1 - x0, 1), (y - (y0 + y1) / 2) / max(y1 - y0, 1)
    same = np.ones_like(x)
    planes = [
        across, down, (np.maximum(np.abs(across), np.abs(down)) < 0.5).astype(np.float32),
        same * np.log((y1 - y0) / max(x1 - x0, 1)), same * np.log((low - top) * height / max(y1 - y0, 1)),
        *np.moveaxis(lab / LIGHTEST, -1, 0), skin_odds(lab) / SURE,
        *_outlined(person, x, y), *_faced(scene, person, x, y, lab), *_jointed(person, x, y, y1 - y0),
    ]  # fmt: skip
    return np.stack(planes, -1).astype(np.float32)


def _outlined(person: Person, x: Floats, y: Floats) -> list[Floats]:
    """Whether a cell is on the body's outline, and whether there is one."""
    if person.outline is None:
        return [np.zeros_like(x), np.zeros_like(x)]
    return [_sampled(person.outline, x, y), np.ones_like(x)]


def _sampled(values: Floats, x: Floats, y: Floats) -> Floats:
    """A map (h, w) of the small picture at points of it; 0 outside."""
    return np.asarray(cv2.remap(values, x - 0.5, y - 0.5, cv2.INTER_LINEAR, borderValue=0.0), np.float32)


def _faced(scene: Scene, person: Person, x: Floats, y: Floats, lab: Floats) -> list[Floats]:
    """Where a cell is from the face, whether on it, whether there is one; and how far its colour is from the face's."""
    if person.face is None:
        return [np.zeros_like(x)] * 7
    (x0, y0), (x1, y1) = person.face.points.min(0), person.face.points.max(0)
    on = hull(person.face.points[mesh()["face"]], scene.shape)
    weight = on / max(float(on.sum()), TINY)
    mean = (scene.lab * weight[..., None]).sum((0, 1))
    across, down = (x - (x0 + x1) / 2) / max(x1 - x0, 1), (y - y0) / max(y1 - y0, 1)
    places = [np.clip(v, -FAR, FAR) for v in (across, down)]
    return [*places, _sampled(on, x, y), np.ones_like(x), *np.moveaxis((lab - mean) / APART, -1, 0)]


def _jointed(person: Person, x: Floats, y: Floats, tall: float) -> list[Floats]:
    """How near a cell is to each joint that can be seen, and where from the middle of shoulders and of hips, in widths of the shoulders; and whether joints are known."""
    if person.points is None:
        return [np.zeros_like(x)] * (2 * len(JOINTS) + 5)
    points = person.points
    wide = max(float(np.hypot(*(points[11, :2] - points[12, :2]))), SLIM * tall, 1.0)
    planes = []
    for joint in JOINTS:
        away = ((x - points[joint, 0]) ** 2 + (y - points[joint, 1]) ** 2) / wide**2
        planes += [points[joint, 2] * np.exp(-away / (2 * near**2)) for near in NEAR]
    for pair in ((11, 12), (23, 24)):
        middle = points[list(pair), :2].mean(0)
        planes += [np.clip((v - m) / wide, -FAR, FAR) for v, m in zip((x, y), middle, strict=True)]
    return [*planes, np.ones_like(x)]


def shown_of(scene: Scene, frame: Frame) -> tuple[np.ndarray, Floats]:
    """What the labeller is shown of a frame: (SIDE, SIDE, 3) uint8, and the same as CIE Lab."""
    crop = shown(scene.middling, frame, SIDE)
    return crop, np.asarray(cv2.cvtColor(crop.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def worn_on(scene: Scene, person: Person, zone: str) -> tuple[Floats, float]:
    """Where on somebody that is which is worn on a zone of the body, or a part that has a label: (h, w) in [0, 1]; and in [0, 1] how sure the labeller is of that."""
    labels = ZONES[zone]
    seen = believed(scene, person, labels)
    if zone in LAYERS:
        beside = believed(scene, person, [label for label in labels if label not in LAYERS[zone]])
        share = float((beside > seen / 2).sum()) / max(int((seen > LEVEL).sum()), 1)
        # A shirt and what is worn over it are told apart where both are seen.
        seen = seen - beside if LAYER < share < 1 - LAYER else seen
    whole = large_parts(np.asarray(seen * (seen > LEVEL), np.float32), LEAST_PATCH, PATCH)
    if whole is None:
        return np.zeros(scene.shape, np.float32), 0.0
    held = whole > LEVEL
    mask = np.clip(STEEP * (calm(seen, BLUR) - 0.5) + 0.5, 0, 1) * (cv2.dilate(held.astype(np.uint8), square()) > 0)
    return np.asarray(mask, np.float32), float(seen[held].mean())


def believed(scene: Scene, person: Person, labels: Sequence[str]) -> Floats:
    """(h, w) in [0, 1]: how likely a place is of one of these of the labeller's labels, on this person."""
    share, frame = looked_at(scene, person)
    own = np.ascontiguousarray(share[..., [LABELS.index(label) for label in labels]].sum(-1))
    height, width = scene.shape
    x0, y0, x1, y1 = (v * n for v, n in zip(frame, (width, height) * 2, strict=True))
    across, down = (x1 - x0) / CELLS, (y1 - y0) / CELLS
    turn = np.array([[across, 0, x0 + (across - 1) / 2], [0, down, y0 + (down - 1) / 2]])
    return np.asarray(cv2.warpAffine(own, turn, (width, height), flags=cv2.INTER_LINEAR), np.float32)


def looked_at(scene: Scene, person: Person) -> tuple[Floats, Frame]:
    """What the labeller says of a person, and of which frame. Each is looked at once."""
    if person not in scene.labelled:
        frame = body_frame(person)
        crop, lab = shown_of(scene, frame)
        scene.labelled[person] = scene.encoders.worn.likely(crop, place_of(scene, person, frame, lab)), frame
    return scene.labelled[person]
