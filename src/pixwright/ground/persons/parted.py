"""Somebody cut up as a person would: what is hair, skin, clothes and what is nobody's, settled for this one picture.

The labeller's cells are coarse, and know what people look like; where one surface ends only the picture tells. So the colours of each part are counted where the labeller is sure, every pixel is judged
by its place and its colour, what lies together and looks alike is drawn together (a guided filter of each part's belief, as in Hosni et al. 2013, "Fast cost-volume filtering"), and the colours are
counted anew. Nothing lies farther than a hair's breadth outside of the person's own outline.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.worn.labeller import LABELS
from pixwright.ground.geometry import TINY, Floats, Frame, disc, large_parts, odd
from pixwright.ground.persons import Face, Person, hull, mesh
from pixwright.ground.persons.bodies import masks_of
from pixwright.ground.persons.guided import Guide
from pixwright.ground.persons.labelled import HAIR, looked_at
from pixwright.ground.scene import Scene

Labels = NDArray[np.int64]
NOBODY, SKIN, CLOTHES = "nobody", "skin", "clothes"
PARTS: dict[str, tuple[str, ...]] = {
    NOBODY: ("other",), HAIR: ("hair",), SKIN: ("face", "limb"), "beard": ("beard",), "head": ("headwear",), "eyes": ("eyewear",),
    CLOTHES: ("inner", "outer", "dress", "lower", "neckwear", "feet"),
}  # fmt: skip
"""What a place on somebody can be -> the labeller's labels for it."""
SIDE = 400
"""Longer side, in pixels, of the crop in which they are told apart."""
LEAST_SHARE = 0.01
"""A belief is no smaller: what the labeller does not see may be there."""
OUTLINE, BREADTH, OUTSIDE = 3.0, 0.02, 6.0
"""Log-odds of the person's outline that count as certain; a hair's breadth beyond it in sides of the crop; and log-odds against what is farther out."""
ON_FACE, THROAT, NECK = 3.0, 3.0, (0.8, 0.45)
"""Log-odds that a face is skin, and that a throat is no hair; and the throat's width over the jaw's, and its length in heights of the face."""
HEAD, HEAD_UP, THEIRS = 1.6, 0.1, 9.0
"""A head with its hair over its face's hull, and how much higher it lies, in heights of the face; and log-odds that on another's head nothing is this person's."""
ROUNDS, COLOUR, NEAR = 4, 1.15, 0.7
"""So often colours are counted; and what colour, and what is near, count beside the place."""
DENOISE = (5, 10.0, 3.0)
"""Bilateral filter before colours are counted: its width in pixels, and its Gaussians' width in CIE Lab and in pixels."""
BINS, LOW, HIGH = (20, 24, 24), (0.0, -60.0, -60.0), (100.01, 60.01, 60.01)
"""Of L*, a* and b*: bins, and the first and last value."""
DOUBT, FEW, SMOOTH = 0.2, 50.0, 2
"""Belief that counts nothing; pixels that tell half of what is to be told; and how often the counts are shared with the next bins."""
WASH, MOST = 0.02, 3.0
"""Share of all colours that every part may have; and log-odds that a colour tells at most."""
LEAST_PATCH, PATCH = 6, 0.05
"""Pixels of a patch at least; and its share of the largest one."""
RADIUS = 0.015
"""Of the guided filter, in sides of the crop."""
HALF_SIZE = 0.5
"""A picture that is reduced by more is halved first, so that nothing is skipped."""


@dataclass(frozen=True, eq=False)
class Settling:
    """A crop about a person: the colours of its pixels, by number (h, w), and what follows its edges."""

    bins: Labels
    guide: Guide

    def settled(self, odds: Floats, room: Floats | None = None) -> Floats:
        """(h, w, k), adding up to 1: how likely each place is of each kind, by log-odds (h, w, k) of its place, by colour and by what is near. Colours are counted in `room` (h, w)."""
        likely = _shares(odds)
        for _ in range(ROUNDS):
            near = np.clip(self.guide.filtered(likely), LEAST_SHARE, 1)
            likely = _shares(odds + COLOUR * self._coloured(near, room) + NEAR * np.log(near))
        return likely

    def _coloured(self, likely: Floats, room: Floats | None) -> Floats:
        """(h, w, k): log of how usual each pixel's colour is in each kind, against the kind where it is most so."""
        told = []
        for k in range(likely.shape[-1]):
            weight = np.clip((likely[..., k] - DOUBT) / (1 - 2 * DOUBT), 0, 1) * (1 if room is None else room)
            own: NDArray[Any] = (
                np.bincount(self.bins.ravel(), weight.ravel(), int(np.prod(BINS))).reshape(BINS).astype(np.float32)
            )
            for axis in (0, 1, 2) * SMOOTH:
                own = own / 2 + (np.roll(own, 1, axis) + np.roll(own, -1, axis)) / 4
            told.append(own.ravel() / (own.sum() + FEW))
        table = np.stack(told, -1)
        odds = np.log(table + WASH * table.mean(-1, keepdims=True) + TINY)
        odds = np.clip(odds - odds.max(-1, keepdims=True), -MOST, 0)
        return np.asarray(odds.astype(np.float32)[self.bins], np.float32)


@dataclass(frozen=True, eq=False)
class Parted:
    """`share` (h, w, len(PARTS)), adding up to 1: what each place of a crop is; `place` (2, 3): pixels of the small picture to the crop's."""

    share: Floats
    seen: Settling
    place: Floats

    def of(self, part: str) -> Floats:
        """(h, w) of the crop in [0, 1]."""
        return np.ascontiguousarray(self.share[..., tuple(PARTS).index(part)])

    def back(self, values: Floats, shape: tuple[int, int]) -> Floats:
        """(h, w) of the small picture, without crumbs, from a map of the crop."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        mask = np.asarray(cv2.warpAffine(values, self.place, shape[::-1], flags=flags), np.float32)
        whole = large_parts(mask, LEAST_PATCH, PATCH)
        return np.zeros(shape, np.float32) if whole is None else whole


def part_of(scene: Scene, person: Person, part: str) -> Floats:
    """(h, w) in [0, 1]: where somebody's hair, skin or clothes are."""
    told = parted(scene, person)
    return told.back(told.of(part), scene.shape)


def garment_of(scene: Scene, person: Person, labels: Sequence[str], rather: Floats) -> Floats:
    """(h, w) in [0, 1]: of somebody's clothes those that the labeller calls so. `rather` (h, w): log-odds that they are meant, by whatever else is known."""
    told = parted(scene, person)
    clothes = told.of(CLOTHES)
    others = [label for label in PARTS[CLOTHES] if label not in labels]
    odds = np.log(_summed(looked_at(scene, person)[0], (labels, others), clothes.shape[:2]))
    odds[..., 0] += cv2.warpAffine(rather, told.place, clothes.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    return told.back(told.seen.settled(odds, clothes)[..., 0] * clothes, scene.shape)


def parted(scene: Scene, person: Person) -> Parted:
    """What each place on somebody is. Each person is looked at once."""
    if person not in scene.parted:
        scene.parted[person] = _parted(scene, person)
    told: Parted = scene.parted[person]
    return told


def _parted(scene: Scene, person: Person) -> Parted:
    share, frame = looked_at(scene, person)
    pixels, place = _crop(scene, frame)
    shape = pixels.shape[0], pixels.shape[1]
    odds = np.log(_summed(share, PARTS.values(), shape))

    def seen(mask: Floats) -> Floats:
        return np.asarray(cv2.warpAffine(mask, place, shape[::-1]), np.float32)

    outline = seen(masks_of(scene, [person])[0])
    odds[..., 1:] += _within(outline)[..., None]
    theirs = [seen(_head(one.face, scene.shape)) for one in scene.people if one.face is not None and one is not person]
    own = np.zeros(shape, np.float32) if person.face is None else seen(_head(person.face, scene.shape))
    odds[..., 1:] -= THEIRS * (np.max([np.zeros(shape, np.float32), *theirs], axis=0) * (1 - own))[..., None]
    if person.face is not None:
        face, throat = (seen(part) for part in _bare(person.face, scene.shape))
        for part, less in ((NOBODY, face), (CLOTHES, face), (HAIR, face), (HAIR, throat * THROAT / ON_FACE)):
            odds[..., tuple(PARTS).index(part)] -= ON_FACE * less
    lab = cv2.bilateralFilter(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), *DENOISE)
    told = Settling(_numbered(np.asarray(lab, np.float32)), Guide(pixels, max(2, round(RADIUS * max(shape)))))
    return Parted(told.settled(odds), told, place)


def _within(outline: Floats) -> Floats:
    """(h, w): log-odds that a place is the person's, by an outline; 0 where there is none."""
    if not (outline > 0.5).any():
        return np.zeros_like(outline)
    near = cv2.dilate(outline, disc(odd(2 * BREADTH * max(outline.shape))))
    soft = np.clip(outline, np.exp(-OUTLINE), 1 - np.exp(-OUTLINE))
    return np.asarray(np.log(soft / (1 - soft)) - OUTSIDE * (near < 0.5), np.float32)


def _bare(face: Face, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    """(h, w) each: where a face is, and the throat under its chin."""
    points = face.points[mesh()["face"]]
    wide, long = NECK
    jaw = points[points[:, 1] > points[:, 1].mean()]
    above = jaw.mean(0) + (jaw - jaw.mean(0)) * wide
    under = above + np.array([0, long * float(np.ptp(points[:, 1]))], np.float32)
    on = hull(points, shape)
    return on, np.asarray(hull(np.concatenate([above, under]), shape) * (1 - on), np.float32)


def _head(face: Face, shape: tuple[int, int]) -> Floats:
    """(h, w): about where a head with its hair is."""
    points = face.points[mesh()["face"]]
    middle, up = points.mean(0), np.array([0, HEAD_UP * float(np.ptp(points[:, 1]))], np.float32)
    return hull(middle + (points - middle) * HEAD - up, shape)


def _summed(share: Floats, groups: Iterable[Sequence[str]], shape: tuple[int, ...]) -> Floats:
    """(h, w, k): how likely each place of a crop is of each group of the labeller's labels."""
    own = [share[..., [LABELS.index(label) for label in labels]].sum(-1) for labels in groups]
    large = cv2.resize(np.stack(own, -1), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(large, LEAST_SHARE, 1), np.float32)


def _crop(scene: Scene, frame: Frame) -> tuple[Floats, Floats]:
    """What is seen in a frame, (h, w, 3) in [0, 1], and (2, 3): pixels of the small picture to its own."""
    x0, y0, x1, y1 = frame
    source = scene.middling
    scale = SIDE / max((x1 - x0) * source.shape[1], (y1 - y0) * source.shape[0])
    if scale < HALF_SIZE:
        source = cv2.resize(source, None, fx=HALF_SIZE, fy=HALF_SIZE, interpolation=cv2.INTER_AREA)
    size = (
        max(2, round((x1 - x0) * scene.middling.shape[1] * scale)),
        max(2, round((y1 - y0) * scene.middling.shape[0] * scale)),
    )

    def turn(height: int, width: int) -> Floats:
        across, down = size[0] / ((x1 - x0) * width), size[1] / ((y1 - y0) * height)
        rows = [[across, 0, (across - 1) / 2 - across * x0 * width], [0, down, (down - 1) / 2 - down * y0 * height]]
        return np.array(rows, np.float32)

    pixels = cv2.warpAffine(
        source, turn(*source.shape[:2]), size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(pixels, np.float32) / np.float32(255), turn(*scene.shape)


def _shares(odds: NDArray[Any]) -> Floats:
    """Log-odds (h, w, k) as shares of 1."""
    share = np.exp(odds - odds.max(-1, keepdims=True))
    return np.asarray(share / share.sum(-1, keepdims=True), np.float32)


def _numbered(lab: Floats) -> Labels:
    """(h, w): the number of each colour of CIE Lab."""
    low, high = np.array(LOW, np.float32), np.array(HIGH, np.float32)
    index = np.clip((lab - low) / (high - low), 0, 1 - TINY) * np.array(BINS, np.float32)
    rows = np.minimum(index.astype(np.int64), np.array(BINS) - 1)
    return np.asarray(np.ravel_multi_index(tuple(np.moveaxis(rows, 2, 0)), BINS), np.int64)
