"""Parts of people, animals and vehicles: where a part of its kind can be on the owner's outline, of a size that it can have; else nothing is found.

A person's face gives its parts by the points of its mesh, the limbs by the points of the body. Of anything else the silhouette tells: what sticks out of it, near
the head or away from it, above or below. Eyes and wheels are round and unlike what is around them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground.detections import overlap
from pixwright.ground.geometry import Floats, box_of, covered, crop_of, fit, frame_of, parts_of, window_of
from pixwright.ground.instance import Instance, Sight, union
from pixwright.ground.outline import outline
from pixwright.ground.parts import silhouette
from pixwright.ground.people import find_people, head_box, masks_of, rough, skin_odds
from pixwright.ground.persons import Face, Person
from pixwright.ground.scene import Scene
from pixwright.records.thing import Thing
from pixwright.words import lexicon

SEEN = 0.25
"""A box that is surer than this holds an animal or a vehicle."""
DOUBTFUL = 0.35
"""An owner less sure than this has no parts."""
ANIMALS, ALIVE = 398, 0.5
"""ImageNet's classes up to here are animals; the share of them in what the classifier sees that makes the picture one of an animal."""
LIKELY = 0.6
"""The score of a part that was found by its place on the owner alone."""
SIZES: dict[str, tuple[float, float]] = {
    "ear": (0.002, 0.2), "tail": (0.004, 0.35), "beak": (0.001, 0.12), "horn": (0.002, 0.3), "leg": (0.01, 0.5), "wing": (0.05, 0.8), "tongue": (0.001, 0.08),
    "eye": (0.0005, 0.08), "nose": (0.0005, 0.1), "mouth": (0.001, 0.1), "wheel": (0.01, 0.45), "head": (0.02, 0.75), "face": (0.01, 0.6), "body": (0.3, 1.0),
    "hand": (0.003, 0.15), "arm": (0.01, 0.4), "foot": (0.003, 0.15), "hair": (0.005, 0.5),
}  # fmt: skip
"""Shares of the owner's area between which a part is believed."""
CHAINS: dict[str, tuple[tuple[int, ...], ...]] = {
    "hand": ((15, 17, 19), (16, 18, 20)), "arm": ((11, 13, 15, 19), (12, 14, 16, 20)), "leg": ((23, 25, 27, 31), (24, 26, 28, 32)), "foot": ((27, 29, 31), (28, 30, 32)),
}  # fmt: skip
"""BlazePose's points along each limb, the person's left and right."""
THICK = {"hand": 0.22, "arm": 0.22, "leg": 0.3, "foot": 0.2}
"""Half the width of a limb in shoulder widths."""
SHOULDERS, VISIBLE = (11, 12), 0.5
HIDDEN = 0.32
"""Share of a face's width between nose and edge below which the ear on that side cannot be seen."""
BARE = 0.3
"""Share of a hand that must look like skin."""
ROUND = 0.65
"""How perfect a circle must be to be a wheel, 1 at most."""
RIMS = (0.08, 0.3)
"""Radius of a wheel in lengths of the vehicle's longer side."""
CIRCLES = 480
"""Longer side, in pixels, at which circles are looked for."""
EYE = (0.03, 0.3)
"""Shares of the owner's width between which an eye is."""
SHY = 0.012
"""The detector's least score for something round that may be an eye."""
BLOBS = (0.035, 0.055, 0.085, 0.115)
"""Shares of the owner's width that are tried as the radius of an eye."""
SWOLLEN = 1.25
"""An eye with its lids is larger than the mesh's own."""


def find_part(scene: Scene, name: str, thing: Thing, owner: Sight | None) -> Sight:
    """Candidates for a part, of the owner if one was found, else of the person or animal that the picture shows."""
    if owner is not None and (not owner.found or owner.score < DOUBTFUL):
        return Sight((), 0.0, "its owner was not found")
    whole = union(owner.found, scene.shape) if owner is not None else _owner(scene, name)
    if not (whole > 0.5).any():
        return Sight()
    person = _person_in(scene, whole)
    found = _of_person(scene, name, person, whole) if person is not None else None
    if found is None:
        found = _of_silhouette(scene, name, whole)
    low, high = SIZES.get(name, (0.001, 0.6))
    fits = [i for i in found if low < float(i.mask.sum()) / max(float(whole.sum()), 1e-6) < high]
    sure = owner.score if owner is not None else 1.0
    return Sight(tuple(fits), max((i.score for i in fits), default=0.0) * (0.5 + 0.5 * sure))


def _owner(scene: Scene, name: str) -> Floats:
    """Whom a part without an owner is of: people with faces, else the animal or vehicle that the detector sees best, else what stands out."""
    kinds = kinds_of(scene, "vehicle") if name == "wheel" else kinds_of(scene, "animal")
    if name != "wheel" and any(p.face for p in scene.people):
        return union([Instance(rough(scene, p)) for p in scene.people if p.face], scene.shape)
    best = max(scene.proposals, key=lambda p: p.of(kinds, kinds), default=None)
    if best is not None and best.of(kinds, kinds) > SEEN:
        return outline(scene, best.box)[0]
    people = find_people(scene, Thing(text="the person", head="person")) if name != "wheel" else Sight()
    if people.found:
        return people.found[0].mask
    odds = np.exp(scene.logits - scene.logits.max())
    alive = name != "wheel" and float(odds[:ANIMALS].sum() / odds.sum()) > ALIVE
    return scene.salient if alive else np.zeros(scene.shape, np.float32)


def kinds_of(scene: Scene, what: str) -> tuple[str, ...]:
    """The detector's kinds that are animals, vehicles, ..."""
    return tuple(kind for kind in scene.encoders.detector.kinds if lexicon().is_(kind, what))


def _person_in(scene: Scene, whole: Floats) -> Person | None:
    """The largest person who covers an owner's outline or lies in it."""
    inside = [p for p in scene.people if covered(rough(scene, p), whole) > 0.4 and (p.face or p.points is not None)]
    inside = [p for p in inside if overlap(p.box, frame_of(whole)) > 0.3 or covered(whole, rough(scene, p)) > 0.3]
    return max(inside, key=lambda p: (p.face is not None, p.score), default=None)


@lru_cache(maxsize=1)
def mesh() -> dict[str, list[int]]:
    """Part of a face -> the points of its outline in MediaPipe's mesh."""
    return dict(json.loads(files("pixwright.ground").joinpath("people.json").read_text("utf-8"))["mesh"])


def _of_person(scene: Scene, name: str, person: Person, whole: Floats) -> list[Instance] | None:
    """A person's parts; None where no network of people tells."""
    everyone = [p for p in scene.people if covered(rough(scene, p), whole) > 0.4] or [person]
    faces = [p.face for p in everyone if p.face is not None]
    if name in ("eye", "mouth", "nose", "brow", "ear") and faces:
        return [i for face in faces for i in _of_face(scene, name, face)]
    if name == "face":
        # A face in profile is no face to the network, but a head in front of a body is one to people.
        seen = [Instance(hull(scene, p.face.points[mesh()["face"]]), 0.95 * p.face.score) for p in everyone if p.face]
        turned = [p for p in everyone if p.face is None and p.points is not None]
        heads = [_head(scene, p, body) for p, body in zip(turned, masks_of(scene, turned), strict=True)]
        return seen + [Instance(head, LIKELY) for head in heads if (head > 0.5).any()]
    if name in CHAINS:
        limbs = [i for p in everyone for i in _limbs(scene, name, p)]
        return limbs or None
    if name == "head":
        return [
            Instance(_head(scene, p, body), 0.9) for p, body in zip(everyone, masks_of(scene, everyone), strict=True)
        ]
    if name == "hair" and faces:
        bodies = masks_of(scene, everyone)
        return [Instance(_hair(scene, p, body), 0.8) for p, body in zip(everyone, bodies, strict=True) if p.face]
    if name == "skin":
        bare = cv2.GaussianBlur(skin_odds(scene), (0, 0), 1.5) > 0.3
        return [Instance(np.where(bare, whole, 0).astype(np.float32), 0.7)]
    if name == "body":
        return [Instance(whole, 0.9)]
    return None


def _of_face(scene: Scene, name: str, face: Face) -> list[Instance]:
    if name == "ear":
        return _ears(scene, face)
    keys = [f"left {name}", f"right {name}"] if name in ("eye", "brow") else [name]
    out = []
    for key in keys:
        points = face.points[mesh()[key]]
        if name == "eye":
            points = points.mean(0) + SWOLLEN * (points - points.mean(0))
        out.append(Instance(hull(scene, points), 0.95 * face.score))
    return out


def _ears(scene: Scene, face: Face) -> list[Instance]:
    """Beside the cheeks between brow and mouth, on the sides that are turned to the viewer and are bare."""
    points = face.points
    wide = float(np.hypot(*(points[454] - points[234]))) + 1e-3
    down = points[152] - points[10]
    along = (points[454] - points[234]) / wide
    bare = cv2.GaussianBlur(skin_odds(scene), (0, 0), 1.5) > -0.5
    out = []
    for edge, away in ((234, -1.0), (454, 1.0)):
        turned = abs(float(points[edge, 0] - points[1, 0])) / wide
        if turned < HIDDEN:
            continue
        half = wide * (0.06 + 0.18 * (turned - HIDDEN))
        x, y = points[edge] + away * along * half * 0.7 + 0.07 * down
        spot = np.zeros(scene.shape, np.float32)
        axes = max(1, round(half)), max(1, round(0.17 * float(np.hypot(*down))))
        tilt = float(np.degrees(np.arctan2(along[1], along[0])))
        cv2.ellipse(spot, (round(float(x)), round(float(y))), axes, tilt, 0, 360, 1.0, -1, cv2.LINE_AA)
        if (spot > 0.5).any() and float(bare[spot > 0.5].mean()) > 0.3:
            out.append(Instance(spot, 0.8 * face.score))
    return out


def hull(scene: Scene, points: Floats) -> Floats:
    """(h, w): the convex hull of points, with a soft rim."""
    out = np.zeros(scene.shape, np.uint8)
    shape = cv2.convexHull(np.round(points * 8).astype(np.int32))
    cv2.fillConvexPoly(out, shape, 255, cv2.LINE_AA, 3)
    return np.asarray(out / 255, np.float32)


def _limbs(scene: Scene, name: str, person: Person) -> list[Instance]:
    """Each limb whose points can be seen: what of the person's outline lies along them."""
    points = person.points
    if points is None:
        return []
    body = masks_of(scene, [person])[0]
    wide = float(np.hypot(*(points[SHOULDERS[0], :2] - points[SHOULDERS[1], :2])))
    wide = max(wide, 0.12 * (person.box[3] - person.box[1]) * scene.shape[0])
    out = []
    for chain in CHAINS[name]:
        if points[list(chain), 2].min() < VISIBLE:
            continue
        drawn = np.zeros(scene.shape, np.float32)
        line = np.round(points[list(chain), :2]).astype(np.int32)
        cv2.polylines(drawn, [line], False, 1.0, max(2, round(2 * THICK[name] * wide)), cv2.LINE_AA)
        part = np.minimum(drawn, body)
        if name == "hand":
            part = part * (cv2.GaussianBlur(skin_odds(scene), (0, 0), 1.5) > 0)
        if float((part > 0.5).sum()) > BARE * float((drawn > 0.5).sum()):
            out.append(Instance(np.asarray(part, np.float32), 0.7))
    return out


def _head(scene: Scene, person: Person, body: Floats) -> Floats:
    x0, y0, x1, y1 = head_box(scene, person)
    out = np.zeros(scene.shape, np.float32)
    out[y0:y1, x0:x1] = body[y0:y1, x0:x1]
    return out


def _hair(scene: Scene, person: Person, body: Floats) -> Floats:
    """What of a person lies about the face, outside of it, and is no skin."""
    assert person.face is not None, "hair is found about a face"
    face = hull(scene, person.face.points[mesh()["face"]])
    (x0, y0), (x1, y1) = person.face.points.min(0), person.face.points.max(0)
    w, h = float(x1 - x0), float(y1 - y0)
    about = np.zeros(scene.shape, np.float32)
    middle = round(float(x0 + x1) / 2), round(float(y0) + 0.4 * h)
    cv2.ellipse(about, middle, (round(0.85 * w), round(1.05 * h)), 0, 0, 360, 1.0, -1, cv2.LINE_AA)
    bare = cv2.GaussianBlur(skin_odds(scene), (0, 0), 1.5) > 0.6
    hair = np.minimum(about, body) * (1 - cv2.dilate(face, np.ones((3, 3), np.uint8))) * ~bare
    parts = parts_of(cv2.morphologyEx(hair.astype(np.float32), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), 8)
    kept = [p for p in parts if p.sum() > 0.15 * parts[0].sum()]
    return np.asarray(np.max(kept, axis=0), np.float32) if kept else np.zeros(scene.shape, np.float32)


@dataclass(frozen=True, eq=False)
class _Owner:
    """What the finders of parts see: the owner's outline, its build, and its eyes as boxes in pixels of the small picture."""

    scene: Scene
    whole: Floats
    build: silhouette.Build
    eyes: list[tuple[float, float, float, float]]

    def soft(self, part: NDArray[np.bool_], score: float = LIKELY) -> Instance:
        """A part with the owner's own soft rim."""
        calm = cv2.GaussianBlur(part.astype(np.float32), (3, 3), 0)
        return Instance(np.asarray(np.minimum(calm, np.maximum(self.whole, part)), np.float32), score)


def _of_silhouette(scene: Scene, name: str, whole: Floats) -> list[Instance]:
    finder = _FINDERS.get(name)
    if finder is None:
        return []
    eyes = eye_pair(scene, whole)
    build = silhouette.build_of(whole, _between(eyes, whole))
    if name in ("eye", "nose"):
        eyes = eyes or blob_pair(scene, whole)
    return finder(_Owner(scene, whole, build, eyes)) if build is not None else []


def _between(eyes: list[tuple[float, float, float, float]], whole: Floats) -> tuple[float, float] | None:
    """x, y between two eyes, if they lie as far apart as eyes of so large a body do."""
    if len(eyes) != 2:
        return None
    x0, _, x1, _ = box_of(whole > 0.5)
    (ax, ay), (bx, by) = (((e[0] + e[2]) / 2, (e[1] + e[3]) / 2) for e in eyes)
    return ((ax + bx) / 2, (ay + by) / 2) if bx - ax > EYE[0] * 3 * (x1 - x0) else None


def _lobes(owner: _Owner) -> list[Instance]:
    """What stands up from the head to the left and to the right; else above and outside of two eyes."""
    stand = silhouette.lobes(owner.build)
    if len(stand) == 2 or (stand and not owner.eyes):
        return [owner.soft(lobe) for lobe in stand]
    if not owner.eyes:
        return []
    (ax, ay), (bx, by) = (((e[0] + e[2]) / 2, (e[1] + e[3]) / 2) for e in owner.eyes)
    along = np.array([bx - ax, by - ay])
    up = np.array([along[1], -along[0]])
    out = []
    for at, side in ((np.array([ax, ay]), -1), (np.array([bx, by]), 1)):
        x, y = at + 0.55 * side * along + 0.55 * up
        disc = np.zeros(owner.scene.shape, np.float32)
        cv2.circle(disc, (round(x), round(y)), round(0.42 * float(np.hypot(*along))), 1.0, -1, cv2.LINE_AA)
        part = np.minimum(disc, owner.whole)
        if part.sum() > 0.15 * disc.sum() > 0:
            out.append(Instance(np.asarray(part, np.float32), LIKELY))
    return out


def _tail(owner: _Owner) -> list[Instance]:
    part = silhouette.tail(owner.build)
    return [owner.soft(part)] if part is not None else []


def _beak(owner: _Owner) -> list[Instance]:
    part = silhouette.tip(owner.build)
    if part is not None:
        return [owner.soft(part)]
    x, y = owner.build.head
    ahead = np.array([x - owner.build.rump[0], y - owner.build.rump[1]])
    ys, xs = np.nonzero((owner.build.solid > 0) & (silhouette.ring(owner.build) < 1.6))
    if not len(xs):
        return []
    at = int((ahead[0] * xs + ahead[1] * ys).argmax())
    disc = np.zeros(owner.scene.shape, np.float32)
    cv2.circle(disc, (int(xs[at]), int(ys[at])), max(2, round(0.35 * owner.build.radius)), 1.0, -1, cv2.LINE_AA)
    return [Instance(np.asarray(np.minimum(disc, owner.whole), np.float32), 0.7 * LIKELY)]


def _head_of(owner: _Owner) -> list[Instance]:
    """What lies about the middle of the head."""
    near = silhouette.ring(owner.build) < 1.5
    return [owner.soft(near & (owner.build.solid > 0))]


def _legs(owner: _Owner) -> list[Instance]:
    """What sticks out of the trunk downwards."""
    _, y0, _, y1 = box_of(owner.build.solid > 0)
    out = []
    for mask, (_, y) in silhouette.appendages(owner.build, 0.5 * float(owner.build.away.max())):
        if y > y0 + 0.55 * (y1 - y0) and np.nonzero(mask)[0].max() > y1 - 0.2 * (y1 - y0):
            out.append(owner.soft(mask))
    return out


def _wings(owner: _Owner) -> list[Instance]:
    """What lies to the left and to the right of the trunk's middle."""
    columns = np.arange(owner.whole.shape[1])
    middle = float(np.average(columns, weights=owner.build.solid.sum(0)))
    solid = owner.build.solid > 0
    return [owner.soft(solid & side[None]) for side in (columns < middle, columns > middle)]


def _eyes(owner: _Owner) -> list[Instance]:
    out = []
    for a, b, c, d in owner.eyes:
        spot = np.zeros(owner.scene.shape, np.float32)
        axes = max(1, round((c - a) / 2)), max(1, round((d - b) / 2))
        cv2.ellipse(spot, (round((a + c) / 2), round((b + d) / 2)), axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        out.append(Instance(spot, 0.8))
    return out


def _nose(owner: _Owner) -> list[Instance]:
    """Below the middle of two eyes by about their distance, what differs most from the fur around."""
    if len(owner.eyes) != 2:
        return []
    (ax, ay), (bx, by) = (((e[0] + e[2]) / 2, (e[1] + e[3]) / 2) for e in owner.eyes)
    gap = float(np.hypot(bx - ax, by - ay))
    x, y = (ax + bx) / 2 - 0.9 * (by - ay), (ay + by) / 2 + 0.9 * (bx - ax)
    ys, xs = np.indices(owner.scene.shape, np.float32)
    near = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * (0.3 * gap) ** 2))
    lab = owner.scene.lab
    inner, outer = (cv2.GaussianBlur(lab, (0, 0), share * gap) for share in (0.06, 0.3))
    unlike = np.maximum(outer[..., 0] - inner[..., 0], 0) + 2 * np.maximum(inner[..., 1] - outer[..., 1], 0)
    mark = unlike * near * (owner.whole > 0.3)
    spot = (mark > 0.45 * mark.max()) & (near > 0.2)
    parts = parts_of(spot.astype(np.float32), 3)
    return [owner.soft(parts[0] > 0.5)] if parts else []


def _tongue(owner: _Owner) -> list[Instance]:
    """What is redder than the animal is, below its eyes if they are seen."""
    inside = owner.whole > 0.5
    if owner.eyes:
        inside = inside.copy()
        inside[: round(max(e[3] for e in owner.eyes))] = False
    a = cv2.GaussianBlur(owner.scene.lab[..., 1], (0, 0), 1.5)
    part = ((a > float(np.median(a[owner.whole > 0.5])) + 9) & (a > 12) & inside).astype(np.uint8)
    part = cv2.morphologyEx(part, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    return [owner.soft(p > 0.5) for p in parts_of(part.astype(np.float32), 4)[:1]]


def _wheels(owner: _Owner) -> list[Instance]:
    """Circles at the foot of a vehicle (Hough transform, after Yuen et al. 1990), of about one size, none over another."""
    scene = owner.scene
    window = window_of(frame_of(owner.whole), 0.03, scene.picture)
    grey = cv2.cvtColor(fit(crop_of(scene.picture, window), CIRCLES), cv2.COLOR_RGB2GRAY)
    longer = max(grey.shape)
    found = cv2.HoughCircles(
        cv2.GaussianBlur(grey, (5, 5), 1.2), cv2.HOUGH_GRADIENT_ALT, 1.5, 10, param1=250, param2=ROUND,
        minRadius=round(RIMS[0] * longer), maxRadius=round(RIMS[1] * longer),
    )  # fmt: skip
    kept: list[tuple[float, float, float]] = []
    for x, y, r in found[0][:, :3].tolist() if found is not None else []:
        stands = y + r > 0.8 * grey.shape[0] and y > 0.4 * grey.shape[0]
        apart = all(np.hypot(x - a, y - b) > 0.9 * (r + c) and 0.5 < r / c < 2 for a, b, c in kept)
        if stands and apart and len(kept) < 4:
            kept.append((x, y, r))
    unit = (window[2] - window[0]) / grey.shape[1] * scene.shape[1] / scene.picture.shape[1]
    left, top = (window[i] * scene.shape[1 - i] / scene.picture.shape[1 - i] for i in (0, 1))
    out = []
    for x, y, r in kept:
        disc = np.zeros(scene.shape, np.float32)
        cv2.circle(disc, (round(left + x * unit), round(top + y * unit)), max(2, round(r * unit)), 1.0, -1, cv2.LINE_AA)
        out.append(Instance(disc, 0.7))
    return out


def eye_pair(scene: Scene, whole: Floats) -> list[tuple[float, float, float, float]]:
    """Boxes (XYXY in pixels of the small picture) of two small round things of like size and height on an owner; empty if there are none.

    The detector calls eyes clocks, balls and oranges; whatever it calls them, it draws the box.
    """
    solid = whole > 0.5
    height, width = scene.shape
    x0, y0, x1, y1 = box_of(solid)
    wide = x1 - x0
    spots: list[tuple[float, tuple[float, float, float, float]]] = []
    for seen in scene.proposals:
        a, b, c, d = (v * side for v, side in zip(seen.box, (width, height) * 2, strict=True))
        w, h = c - a, d - b
        middle = int(np.clip((b + d) / 2, 0, height - 1)), int(np.clip((a + c) / 2, 0, width - 1))
        if seen.score < SHY or not EYE[0] * wide < w < EYE[1] * wide or not 0.55 < w / max(h, 1e-3) < 1.8:
            continue
        if solid[middle] and (b + d) / 2 < y0 + 0.75 * (y1 - y0):
            spots.append((seen.score, (a, b, c, d)))
    best: tuple[float, list[tuple[float, float, float, float]]] = (0.0, [])
    for i, (first, p) in enumerate(spots):
        for second, q in spots[i + 1 :]:
            size, other = p[2] - p[0], q[2] - q[0]
            across, down = abs(p[0] + p[2] - q[0] - q[2]) / 2, abs(p[1] + p[3] - q[1] - q[3]) / 2
            large = max(size, other)
            if not 1.2 * large < across < 7 * large or down > 0.4 * across or large > 1.7 * min(size, other):
                continue
            mark = min(first, second) * (1 - down / across) * (min(size, other) / large)
            mark *= min(_unlike(scene, p), _unlike(scene, q))
            if mark > best[0]:
                best = mark, sorted((p, q))
    return best[1]


def blob_pair(scene: Scene, whole: Floats) -> list[tuple[float, float, float, float]]:
    """The same where the detector sees nothing: two blobs of like size and height that differ from their surroundings (difference of Gaussians in Lab)."""
    solid = whole > 0.5
    x0, y0, x1, y1 = box_of(solid)
    best: tuple[float, list[tuple[float, float, float, float]]] = (0.0, [])
    for share in BLOBS:
        radius = share * (x1 - x0)
        if radius < 2:
            continue
        inner, outer = (cv2.GaussianBlur(scene.lab, (0, 0), scale * radius) for scale in (0.6, 1.8))
        apart = inner - outer
        unlike = np.linalg.norm(apart[..., 1:], axis=2) + np.maximum(-apart[..., 0], 0) / 2
        blob = np.where(solid, unlike, 0).astype(np.float32)
        size = max(3, round(2.5 * radius)) | 1
        ys, xs = np.nonzero((blob == cv2.dilate(blob, np.ones((size, size), np.uint8))) & (blob > 4))
        order = np.argsort(-blob[ys, xs], kind="stable")[:10]
        spots = [(float(xs[i]), float(ys[i]), float(blob[ys[i], xs[i]])) for i in order]
        for i, (ax, ay, a) in enumerate(spots):
            for bx, by, b in spots[i + 1 :]:
                across, down = abs(ax - bx), abs(ay - by)
                high = (ay + by) / 2 < y0 + 0.6 * (y1 - y0)
                if not high or not 2.5 * radius < across < 14 * radius or down > 0.35 * across:
                    continue
                mark = min(a, b) * (1 - down / across) * min(a, b) / max(a, b)
                if mark > best[0]:
                    wide = 1.3 * radius
                    best = mark, sorted([(x - wide, y - wide, x + wide, y + wide) for x, y in ((ax, ay), (bx, by))])
    return best[1]


def _unlike(scene: Scene, box: tuple[float, float, float, float]) -> float:
    """0.2 to 1: how much the middle of a box differs in lightness from its rim, as an eye does from the fur about it."""
    x0, y0, x1, y1 = box
    dx, dy = 0.3 * (x1 - x0), 0.3 * (y1 - y0)
    light = scene.lab[..., 0]
    whole = light[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1]
    inner = light[max(0, int(y0 + dy)) : int(y1 - dy) + 1, max(0, int(x0 + dx)) : int(x1 - dx) + 1]
    if not inner.size or not whole.size:
        return 0.2
    rim = (float(whole.sum()) - float(inner.sum())) / max(whole.size - inner.size, 1)
    return float(np.clip(abs(float(inner.mean()) - rim) / 12, 0.2, 1))


_FINDERS: dict[str, Callable[[_Owner], list[Instance]]] = {
    "ear": _lobes, "horn": _lobes, "tail": _tail, "beak": _beak, "head": _head_of, "face": _head_of, "leg": _legs, "wing": _wings, "eye": _eyes, "nose": _nose,
    "tongue": _tongue, "wheel": _wheels,
}  # fmt: skip
"""Canonical part -> what finds it on a silhouette."""
