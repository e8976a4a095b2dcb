"""Parts of people and animals: face, head, hair, eyes, mouth, hands. Where no rule fits, nothing is found."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.ground import animals
from pixwright.ground.cutting import cut_out
from pixwright.ground.detected import Named
from pixwright.ground.geometry import Floats, box_of
from pixwright.ground.instances import Instance, separate
from pixwright.ground.people import face_parts, face_region, face_window, masks_of, skin_odds
from pixwright.ground.scene import Scene
from pixwright.ground.segment import grab, guided, matte, settle
from pixwright.ground.things import Sight
from pixwright.ground.wheels import find_wheels

ANIMALS = slice(0, 398)
"""ImageNet's animals."""
CREATURES = ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
"""The detector's."""
SEEN = 0.45
"""A box that is surer than this holds an animal."""


def find_part(scene: Scene, name: str, within: Floats | None) -> Sight:
    """Candidates for a part, within an owner's mask (h, w) if one is given."""
    face = face_region(scene, within)
    if face is not None and name in ("face", "eye", "mouth", "nose", "brow", "ear"):
        return face_parts(scene, name, within)
    if name == "wheel":
        return find_wheels(scene, within)
    animal = _animal_head(scene, within) if face is None else None
    if name in ("face", "head"):
        if face is None:
            return animal or Sight([], 0.1)
        return Sight([Instance(_head(scene, face[0]), 1.0)], face[1])
    if name in ("skin", "hand"):
        people = within if within is not None else _everybody(scene)
        return _skin(scene, people, face[0] if face and name == "hand" else None)
    if face is not None and name == "hair":
        return _hair(scene, face[0], face[1])
    return _animal_part(scene, name, within, animal)


def _animal_part(scene: Scene, name: str, within: Floats | None, head: Sight | None) -> Sight:
    body = within if within is not None else _creature(scene)
    if not (body > 0.5).any():
        return Sight([], 0.1)
    zone = head.found[0].mask if head and head.found else within
    hint = head.found[0].centre if head and head.found else None
    match name:
        case "eye":
            seen = animals.eyes(scene, body)
            return seen if seen.found else _eyes(scene, zone)
        case "ear":
            return animals.ears(scene, body, hint)
        case "wing":
            return animals.wings(scene, body)
        case "tongue":
            return animals.tongue(scene, body)
        case "tail":
            return animals.tail(scene, body, hint)
        case "beak":
            return animals.beak(scene, body, hint)
        case "nose" if head and head.found:
            return _muzzle(scene, head.found[0].mask)
        case _:
            return Sight([], 0.1)


def _creature(scene: Scene) -> Floats:
    """The animal that a part without an owner is of: the one that the detector sees best, else the foreground."""
    best = max(
        (s for s in scene.seen if s.kind in CREATURES and s.score > max(SEEN, s.rival)),
        key=lambda s: s.score,
        default=None,
    )
    if best is not None:
        return cut_out(scene, [Named(best.box, best.score)])[0].mask
    return matte(scene, settle(scene, scene.front))


def _everybody(scene: Scene) -> Floats | None:
    found = masks_of(scene, list(scene.people))
    return np.asarray(np.max([i.mask for i in found], axis=0), np.float32) if found else None


def _muzzle(scene: Scene, head: Floats) -> Sight:
    """An animal's nose: below the middle of its eyes by about their distance, what differs most from the fur around."""
    eyes = animals.eyes(scene, head).found or _eyes(scene, head).found
    if len(eyes) != 2:
        return Sight([], 0.1)
    (ax, ay), (bx, by) = sorted(i.centre for i in eyes)
    gap = float(np.hypot(bx - ax, by - ay))
    x, y = (ax + bx) / 2 - 0.9 * (by - ay), (ay + by) / 2 + 0.9 * (bx - ax)
    height, width = scene.shape
    ys, xs = np.mgrid[:height, :width].astype(np.float32)
    near = np.exp(-((xs - x) ** 2 + (ys - y) ** 2) / (2 * (0.3 * gap) ** 2))
    inner = cv2.GaussianBlur(scene.lab, (0, 0), 0.06 * gap)
    outer = cv2.GaussianBlur(scene.lab, (0, 0), 0.3 * gap)
    unlike = np.maximum(outer[..., 0] - inner[..., 0], 0) + 2 * np.maximum(inner[..., 1] - outer[..., 1], 0)
    mark = np.asarray(unlike * near * (head > 0.3), np.float32)
    row, column = divmod(int(mark.argmax()), width)
    if float(mark[row, column]) < 4:
        return Sight([], 0.2)
    return Sight([Instance(_round(scene, column, row, 0.13 * gap, 0.3), 1.0)], 0.6)


def _animal_head(scene: Scene, within: Floats | None) -> Sight | None:
    """A head is what a classifier of animals looks at: the height of the activation, on the animal."""
    logits = scene.logits[ANIMALS]
    odds = np.exp(scene.logits - scene.logits.max())
    sure = float(odds[ANIMALS].sum() / odds.sum())
    if sure < 0.4:
        return None
    top = np.argsort(-logits)[:5]
    share = np.exp(logits[top] - logits[top[0]])
    share = share / share.sum()
    height, width = scene.shape
    maps = [cv2.resize(d[..., top] @ share, (width, height), interpolation=cv2.INTER_LINEAR) for d in scene.dense]
    heat = np.mean([m / (m.max() + 1e-6) for m in maps], axis=0)
    body = within if within is not None else matte(scene, settle(scene, scene.front))
    if not (body > 0.5).any():
        return None
    if scene.close > 0.3:
        return Sight([Instance(body, 1.0)], 0.4 + 0.25 * sure)
    level = float(np.quantile(heat[body > 0.5], 0.5))
    zone = ((heat > max(level, 0.45 * float(heat.max()))) & (body > 0.5)).astype(np.float32)
    mask = guided(scene.small, cv2.GaussianBlur(zone, (0, 0), 3), 6, 1e-3)
    parts = separate(np.asarray(np.minimum(mask * 1.2, body), np.float32), heat.astype(np.float32), split=False)
    return Sight(parts[:1], 0.5 + 0.25 * sure) if parts else None


def _head(scene: Scene, face: Floats) -> Floats:
    hair = _hair(scene, face, 1.0)
    masks = [face, *(i.mask for i in hair.found)]
    return np.asarray(np.max(masks, axis=0), np.float32)


def _window(scene: Scene, face: Floats) -> NDArray[np.bool_]:
    height, width = scene.shape
    x0, y0, x1, y1 = face_window(face > 0.5, box_of(face > 0.5))
    out = np.zeros((height, width), bool)
    out[max(0, y0) : min(height, y1), max(0, x0) : min(width, x1)] = True
    return out


def _hair(scene: Scene, face: Floats, mark: float) -> Sight:
    """What lies just above the face and is unlike both the skin and what is farther out."""
    x0, y0, x1, y1 = box_of(face > 0.5)
    w, h = x1 - x0, y1 - y0
    height, width = scene.shape
    odds = np.full((height, width), -4, np.float32)
    odds[_window(scene, face)] = -0.3
    crown = np.zeros((height, width), np.uint8)
    middle = round((x0 + x1) / 2), round(y0 + 0.22 * h)
    cv2.ellipse(crown, middle, (round(0.62 * w), round(0.5 * h)), 0, 180, 360, 1, -1)
    odds[crown > 0] = 2.0
    odds[cv2.dilate((face > 0.5).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = -3.0
    belief = settle(scene, scene.pieces.mean(odds), reach=0.5 * h / max(height, width))
    mask = matte(scene, belief) * (1 - face)
    mask = mask * (scene.pieces.mean(odds) > -3.5)[scene.pieces.labels]
    return Sight(separate(np.asarray(mask, np.float32), odds, split=False)[:1], 0.9 * mark)


def _eyes(scene: Scene, within: Floats | None) -> Sight:
    """A pair of blobs of like size and height that differ from their surroundings: difference of Gaussians in Lab."""
    height, width = scene.shape
    zone = within if within is not None else matte(scene, settle(scene, scene.front))
    solid = zone > 0.5
    if not solid.any():
        return Sight([], 0.1)
    x0, y0, x1, y1 = box_of(solid)
    wide = x1 - x0
    best: tuple[float, list[tuple[float, float, float]]] = (0.0, [])
    for radius in (0.035 * wide, 0.055 * wide, 0.085 * wide, 0.115 * wide):
        if radius < 2:
            continue
        inner = cv2.GaussianBlur(scene.lab, (0, 0), radius * 0.6)
        outer = cv2.GaussianBlur(scene.lab, (0, 0), radius * 1.8)
        apart = (inner - outer) / np.array([2.2, 1, 1], np.float32)
        dark = np.maximum(outer[..., 0] - inner[..., 0], 0) / 2
        blob = np.where(solid, np.linalg.norm(apart[..., 1:], axis=2) + dark, 0).astype(np.float32)
        size = max(3, round(2.5 * radius)) | 1
        peaks = (blob == cv2.dilate(blob, np.ones((size, size), np.uint8))) & (blob > 4)
        ys, xs = np.nonzero(peaks)
        order = np.argsort(-blob[ys, xs])[:10]
        spots = [(float(xs[i]), float(ys[i]), float(blob[ys[i], xs[i]])) for i in order]
        pair = _pair(spots, radius, (x0, y0, x1, y1))
        if pair[0] > best[0]:
            best = pair[0], [(x, y, radius) for x, y in pair[1]]
    if not best[1]:
        return Sight([], 0.15)
    out = []
    for x, y, radius in best[1]:
        out.append(Instance(_round(scene, x, y, radius), best[0]))
    return Sight(out, float(min(0.8, 0.35 + 0.004 * best[0])))


def _round(scene: Scene, x: float, y: float, radius: float, least: float = 0.7) -> Floats:
    """The round thing at a point: GrabCut between a core and a ring, kept where it is about as large as it should be
    (`least` is the smallest share)."""

    def disc(wide: float) -> NDArray[np.uint8]:
        out = np.zeros(scene.shape, np.uint8)
        axes = max(2, round(wide * radius)), max(2, round(0.85 * wide * radius))
        cv2.ellipse(out, (round(x), round(y)), axes, 0, 0, 360, 1, -1)
        return out

    expected = disc(1.75)
    trimap = np.where(expected > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[disc(0.7) > 0] = cv2.GC_FGD
    trimap[disc(2.4) == 0] = cv2.GC_BGD
    found = grab(scene.small, trimap, expected)
    opened = cv2.morphologyEx(
        (found > 0.5).astype(np.uint8), cv2.MORPH_OPEN, disc(0.5)[disc(0.5).any(1)][:, disc(0.5).any(0)]
    )
    hull = opened if least * expected.sum() < opened.sum() < 1.6 * expected.sum() else expected
    return np.asarray(cv2.GaussianBlur(hull.astype(np.float32), (0, 0), 1.2), np.float32)


def _pair(
    spots: list[tuple[float, float, float]], radius: float, box: tuple[int, int, int, int]
) -> tuple[float, list[tuple[float, float]]]:
    x0, y0, x1, y1 = box
    best: tuple[float, list[tuple[float, float]]] = (0.0, [])
    for i, (ax, ay, a) in enumerate(spots):
        for bx, by, b in spots[i + 1 :]:
            gap = abs(ax - bx)
            if not 3 * radius < gap < 12 * radius or abs(ay - by) > 0.35 * gap:
                continue
            high = ((ay + by) / 2 - y0) / (y1 - y0)
            mark = radius**0.5 * min(a, b) * (1 - abs(ay - by) / gap) * (1.2 if 0.15 < high < 0.6 else 0.5)
            if mark > best[0]:
                best = mark, [(ax, ay), (bx, by)]
    return best


def _skin(scene: Scene, within: Floats | None, without: Floats | None) -> Sight:
    odds = skin_odds(scene)
    if within is not None:
        odds = np.where(within > 0.5, odds, -4)
    if without is not None:
        wide = round(0.35 * float(without.sum()) ** 0.5) | 1
        odds = np.where(cv2.dilate(without, np.ones((wide, wide), np.uint8)) > 0.3, -4, odds)
    mask = guided(scene.small, (cv2.GaussianBlur(odds.astype(np.float32), (0, 0), 2) > 0.5).astype(np.float32), 4, 1e-4)
    parts = [p for p in separate(mask, odds.astype(np.float32), split=False) if p.area > 0.003 * mask.size]
    return Sight(parts, 0.55 if parts else 0.1)
