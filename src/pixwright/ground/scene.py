"""`Scene`: what the networks see in one picture, each looked for once, when it is first asked for, whatever the phrases are."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.picture import FeatureMap
from pixwright.encoders.sight import Detection
from pixwright.ground.detections import Detected, closer_at, fused, glimpses, looks_at, sure
from pixwright.ground.geometry import Floats, Frame, crop_of, fit, parts_of, window_of
from pixwright.ground.persons import Person, meet
from pixwright.ground.superpixels import Pieces, Tree, cut_up, joined_up
from pixwright.records.instruction import Array
from pixwright.records.region import Box

WORK = 512
"""Longer side, in pixels, at which regions are found."""
SIDES = (320, 512, 736)
"""Longer sides at which the classifier looks; small ones see the whole, large ones see where."""
CLOSER = 1472
"""Longer side at which it looks a second time, for what is too small for the others."""
CONSIDERED, CONSIDERED_CLOSER = 60, 100
"""So many of the detector's boxes may be a thing that is looked for; and after the second look."""
MIDDLE = 1000
"""Longer side, in pixels, that is enough for every network; only rims are looked at more closely."""
SHOWN, AROUND = 224, 0.08
"""Pixels at which the classifier is shown a box, and the share of the box's sides that it sees around it."""
STANDS_OUT = 0.5
"""Value of what is salient from which it belongs to a part."""
SEEN = 0.5
"""Probability from which a detector's box is a thing."""
SUREST = 6.0
"""Log-odds of the box outliner that count as certain."""
AGAIN = ("proposals", "features", "sums", "dense", "closer")
"""Looks that are other ones after a second look; all else stays as it was seen."""
PIECE = 0.003
"""Share of the picture from which a salient part is a thing of its own."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture that is looked at. `picture` HxWx3 uint8; `small` is it at WORK pixels: maps (h, w) are of that size."""

    picture: Array
    small: Array
    encoders: Encoders
    outlines: dict[tuple[int, ...], Floats] = field(default_factory=dict)
    """What `outline.py` has seen in crops, so that no crop is looked at twice."""
    beliefs: list[Floats] = field(default_factory=list)
    """What `stuff.py` believes of the superpixels, (n, k), once somebody has asked for a surface."""
    everybody: list[Array] = field(default_factory=list)
    """Who is seen, HxW uint8, once somebody has asked."""
    labelled: dict[Person, tuple[Floats, Frame]] = field(default_factory=dict)
    """What `persons.labelled` has seen of people."""
    parted: dict[Person, Any] = field(default_factory=dict)
    """What `persons.parted` has made of people."""
    _boxed: dict[Frame, tuple[Floats, Frame]] = field(default_factory=dict)
    _labels: dict[Frame, Floats] = field(default_factory=dict)

    @property
    def considered(self) -> int:
        """How many of the detector's boxes may be a thing that is looked for."""
        return CONSIDERED

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of `small`."""
        return int(self.small.shape[0]), int(self.small.shape[1])

    @cached_property
    def lab(self) -> Floats:
        """(h, w, 3) float32 CIE Lab of `small`."""
        return np.asarray(cv2.cvtColor(self.small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)

    @cached_property
    def middling(self) -> Array:
        """The picture at MIDDLE pixels at most."""
        return fit(self.picture, MIDDLE) if max(self.picture.shape[:2]) > MIDDLE else self.picture

    @cached_property
    def features(self) -> tuple[FeatureMap, ...]:
        """The classifier's features at each of SIDES."""
        return tuple(self.encoders.picture.features(self.middling, side) for side in SIDES)

    @cached_property
    def sums(self) -> tuple[Floats, ...]:
        """Of each of SIDES (rows + 1, columns + 1, 1280): the sum of the features above and left of a cell's corner (Viola & Jones 2001, the integral image)."""
        return tuple(np.pad(f.grid.cumsum(0).cumsum(1), ((1, 0), (1, 0), (0, 0))) for f in self.features)

    @cached_property
    def dense(self) -> tuple[Floats, ...]:
        """Class logits in every cell, smoothed 3x3: (rows, columns, 1000) for each of SIDES (a classifier run convolutionally)."""
        weight = self.encoders.picture.class_weights
        return tuple(_smooth(f.grid @ weight.T) for f in self.features)

    @cached_property
    def masses(self) -> tuple[Floats, ...]:
        """exp(logit - the cell's highest) of `dense`: what every noun's share is taken from."""
        return tuple(np.exp(d - d.max(-1, keepdims=True)) for d in self.dense)

    @cached_property
    def logits(self) -> Floats:
        """(1000,) class scores of the whole picture: the mean over the two coarser looks."""
        looked = [self.encoders.picture.logits(f) for f in self.features[:2]]
        return np.asarray(np.mean(looked, axis=0), np.float32)

    @cached_property
    def proposals(self) -> tuple[Detected, ...]:
        """Boxes that hold something, with the detector's names for it, surest first."""
        return fused(self.glimpses, self.middling.shape[:2], looks_at(self.middling))

    @cached_property
    def glimpses(self) -> tuple[tuple[Detection, ...], ...]:
        """What the detector gives for each of its looks."""
        return glimpses(self.middling, self.encoders.detector, looks_at(self.middling))

    @cached_property
    def closer(self) -> CloserScene:
        """The same picture after a second look of detector and classifier, at more pixels: what is small shows there alone."""
        again = CloserScene(self.picture, self.small, self.encoders, first=self)
        vars(again).update({name: seen for name, seen in vars(self).items() if name not in AGAIN})
        return again

    @cached_property
    def sure_boxes(self) -> tuple[Box, ...]:
        """XYXY pixels of what the detector surely sees, whatever it is."""
        height, width = self.picture.shape[:2]
        seen = (p.box for p in self.proposals if sure(p.score) > SEEN)
        return tuple(
            (round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height)) for x0, y0, x1, y1 in seen
        )

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """People, surest first."""
        return meet(self.picture, self.proposals, self.shape, self.encoders.people)

    @cached_property
    def salient(self) -> Floats:
        """(h, w) in [0, 1]: what stands out in the whole picture."""
        return self.encoders.segmenter.outline(self.small)

    @cached_property
    def front(self) -> Floats:
        """(h, w) in [0, 1]: what stands out, by a pulled network where there is one. `salient` stays the embedded one's, which other networks were fitted to."""
        seen = self.encoders.parts.ask("matte", lambda network: network.matte(self.middling))
        height, width = self.shape
        return (
            self.salient
            if seen is None
            else np.asarray(cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA), np.float32)
        )

    @cached_property
    def looked(self) -> Any:
        """What a pulled outliner keeps of the middling picture; None without one."""
        return self.encoders.parts.ask("outline", lambda network: network.look(self.middling))

    @cached_property
    def standing_out(self) -> Array:
        """`front` at the picture's own size: HxW uint8."""
        height, width = self.picture.shape[:2]
        return np.asarray(cv2.resize(np.rint(self.front * 255).astype(np.uint8), (width, height)), np.uint8)

    @cached_property
    def salient_parts(self) -> tuple[Floats, ...]:
        """The connected parts of `front`, largest first: (h, w) in [0, 1] each."""
        return tuple(parts_of(self.front, PIECE * self.front.size, STANDS_OUT))

    @cached_property
    def pieces(self) -> Pieces:
        """Superpixels of `small`."""
        return cut_up(self.small, self.lab)

    @cached_property
    def tree(self) -> Tree:
        """Every region that superpixels make when they are joined, the likest neighbours first."""
        return joined_up(self.pieces)

    def boxed(self, box: Frame) -> Floats:
        """(h, w) log-odds within SUREST that a place is of the thing in a box, by the box outliner; what it is not shown is surely not."""
        if box not in self._boxed:
            self._boxed[box] = self.encoders.boxed.odds(self.middling, box)
        odds, frame = self._boxed[box]
        height, width = self.shape
        x0, y0, x1, y1 = (v * n for v, n in zip(frame, (width, height) * 2, strict=True))
        across, down = (x1 - x0) / odds.shape[1], (y1 - y0) / odds.shape[0]
        turn = np.array([[across, 0, x0 + (across - 1) / 2], [0, down, y0 + (down - 1) / 2]])
        clipped = np.clip(odds, -SUREST, SUREST)
        return np.asarray(cv2.warpAffine(clipped, turn, (width, height), borderValue=-SUREST), np.float32)

    def labels(self, box: Frame) -> Floats:
        """(1000,) class scores of what is in a box, shown to the classifier by itself."""
        if box not in self._labels:
            x0, y0, x1, y1 = box
            # A small thing is shown at the picture's own size.
            large = max(x1 - x0, y1 - y0) * max(self.middling.shape[:2]) > 2 * SHOWN
            source = self.middling if large else self.picture
            seen = crop_of(source, window_of(box, AROUND, source))
            encoder = self.encoders.picture
            self._labels[box] = encoder.logits(encoder.features(seen, SHOWN))
        return self._labels[box]


@dataclass(frozen=True, eq=False)
class CloserScene(Scene):
    """What `Scene.closer` is of the scene `first`."""

    first: Scene | None = None

    @property
    def considered(self) -> int:
        """After the second look there are more that are small."""
        return CONSIDERED_CLOSER

    @cached_property
    def features(self) -> tuple[FeatureMap, ...]:
        """Those of the first look, and of the closer one."""
        assert self.first is not None
        shown = fit(self.picture, CLOSER)
        return (*self.first.features, self.encoders.picture.features(shown, CLOSER))

    @cached_property
    def masses(self) -> tuple[Floats, ...]:
        """Those of the first look: where a noun's classes are was weighed by them."""
        assert self.first is not None
        return self.first.masses

    @cached_property
    def proposals(self) -> tuple[Detected, ...]:
        """The boxes of all looks together."""
        assert self.first is not None
        look = closer_at(self.picture)
        seen = glimpses(self.picture, self.encoders.detector, (look,))
        return fused((*self.first.glimpses, *seen), self.middling.shape[:2], (*looks_at(self.middling), look))


def see(picture: Array, encoders: Encoders) -> Scene:
    """Prepare a picture (HxWx3 uint8) for any number of phrases. Nothing is computed before it is needed."""
    rgb = np.ascontiguousarray(picture[..., :3])
    return Scene(rgb, fit(rgb, WORK), encoders)


def _smooth(maps: Floats) -> Floats:
    """3x3 means of a (rows, columns, c) grid. (OpenCV blurs no more than 128 channels.)"""
    rows, columns = maps.shape[:2]
    padded = np.pad(maps, ((1, 1), (1, 1), (0, 0)), mode="edge")
    across = padded[:, :columns] + padded[:, 1 : columns + 1] + padded[:, 2:]
    return np.asarray((across[:rows] + across[1 : rows + 1] + across[2:]) / 9, np.float32)
