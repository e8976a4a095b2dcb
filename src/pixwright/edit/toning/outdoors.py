"""What light and weather need to know of a picture: its sky, what stands before it, its plants, its ground, how far things are. Found once, when first asked for."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context
from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.lut import blur_field, grey, guided, luma, resize_field, smoothstep
from pixwright.edit.toning.skyline import blown, sharp, without_land
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array

_SIDE, _FINE = 640, 1280
"""Longer side, in pixels, at which surfaces are found, and at which the sky's thin things are."""
_SURE, _WET, _LIKELY = 0.6, 0.65, 0.5
"""Score from which a sky is believed (a painted one on a wall would be absurd), water, and any other surface."""
_MIRRORING = (0.58, 0.7)
"""Score at which water begins to take the sky's colours, and from which it takes all of them."""
_UPRIGHT = (1.9, 1.4)
"""Ten times the step of luma across a pixel, over luma, at which what was taken for water is none, and up to which it may be: waves lie."""
_DULL = (0.2, 0.45)
"""Its luma over the sky's at which it mirrors no sky, and from which it may."""
_AGREEING = 0.8
"""Overlap (IoU) of the subject with that of the mirrored picture from which on it is sure where it ends."""
_CERTAIN = 0.7
"""Score from which a sky is one whatever else is seen: of six plain walls taken for a sky none had more than 0.68."""
_LAMP, _LAMPS = (200, 90), 0.01
"""Red, and red over blue, of 255, from which a pixel on the ground is light of a lamp; and the share of such from which on it is evening."""
_UNLIT, _DUSKY, _SUNSET = 0.25, 0.47, 1.05
"""Luma under which a picture without a sky was taken by hardly any light, and under which a sky is one of dusk or night; red over blue from which it is one of a low sun."""
_LEAST = 0.01
"""Share of the picture below which there is none of it."""
_USUAL = 60.0
"""Percentile of the ground's luma that stands for it."""
_ALL = 0.85
"""Share of the picture above which what stands out is no subject but everything."""
_SAME = 0.5
"""Share of a subject that must lie in trees, or in walls, for it to be one."""
_INSIDE, _FURNISHED = 0.05, 0.05
"""Share of a room's picture that may be taken for plants or water, and share of walls, and of a table, from which on it is one."""
_WALLED, _OVER_WALLS, _FURNITURE = 0.3, 0.8, 0.75
"""Share of the picture that is walls from which on a sky must be surer than elsewhere: a ceiling is smooth and light, too; that score; and the one of a bed or a sofa that makes it a room."""
_PORTRAIT = 0.3
"""Share of the picture from which on it is of its subject, wherever that is."""
_THIN = 0.02
"""Widest line before the sky that is looked for, of the longer side."""
_TWIG = 48.0
"""Least depth of L* (of 255) under the sky's that the darkest thing before it has."""
_RIM = 0.004
"""Width of the rim about the sky that holds some of its light, of the longer side."""
_GAPS = 0.08
"""How far into a crown gaps are looked for, of the longer side."""
_HORIZON = 0.35
"""Where the horizon is taken to be in a picture without a sky, as a fraction of the height."""
_CLEAR = 0.15
"""How much of the air's veil lies before the ground that is twice as far away as the lower edge."""
_CLOSED = 0.7
"""Most air before the farthest where no sky is seen: woods, rocks or walls close the view."""
_ALONE, _SPECK = 0.6, 0.002
"""Widest thing that stands alone, as a share of the width, and the smallest, of the area: a wood is no single thing."""
_OVER = 0.01
"""How far over a thing's upper edge it is looked what is behind it, of the height."""
_ROUGH, _SCRAP = (3.0, 8.0), 0.05
"""What is finer than the first blur, averaged over the second (pixels of the small picture), is rough; and the smallest piece of level ground, as a share of the picture."""
_BESIDE, _STEPS = 0.06, 3
"""Sigma of what is beside a place, of the longer side of the small picture; and how often the lawn takes in what is beside it."""
_NEAREST = 0.02
"""Smallest depth below the horizon, as a fraction of the ground's height: what is nearer to the horizon is as far."""


def unit_of(height: int, width: int) -> float:
    """1.0 where the geometric mean of the sides is 512 pixels."""
    return float(max(np.sqrt(height * width), 48.0) / 512.0)


class Outdoors:
    """Lazy facts about one picture (HxWx3 uint8). All layers are HxW float32 in [0, 1] at the picture's size; what is kept is small."""

    def __init__(self, picture: Array, context: Context) -> None:
        self.picture = picture
        self.height, self.width = picture.shape[:2]
        self.context = context
        self.small = shrink(picture, _SIDE)

    @property
    def unit(self) -> float:
        """1.0 where the geometric mean of the sides is 512 pixels."""
        return unit_of(self.height, self.width)

    def rng(self, salt: int) -> np.random.Generator:
        """The edit's generator."""
        return self.context.rng(salt)

    def full(self, layer: Field) -> Field:
        """A layer at the picture's size."""
        return resize_field(np.ascontiguousarray(layer, np.float32), self.width, self.height)

    def _seen(self, phrase: str, least: float = _LIKELY) -> Field:
        """Where `phrase` is in `small`; empty if the grounder does not find it, is less sure than `least`, or finds next to nothing."""
        region = self.context.ground(self.small, phrase)
        layer = np.asarray(region.mask / np.float32(255), np.float32)
        return layer if region.found and region.score >= least and layer.mean() > _LEAST else np.zeros_like(layer)

    @cached_property
    def _small_subject(self) -> Field:
        """What stands out, unless that is the trees themselves, or everything."""
        front = self._seen("foreground", 0.0)
        share = float(front.mean())
        trees = float((front * self._seen("trees") * (self._green > _SAME)).mean()) if share else 0.0
        return front if share < _ALL and trees < _SAME * share else np.zeros_like(front)

    @cached_property
    def _walls(self) -> Field:
        return self._seen("wall")

    @cached_property
    def indoors(self) -> bool:
        """Whether it is a room: walls and a table are seen, nothing that is only outside, and no portrait before a plain ground; or a bed or a sofa before walls."""
        walled = float(self._walls.mean()) > _WALLED
        layers = [self._seen(phrase) for phrase in ("trees", "water", "grass")]
        sky = self._seen("sky", _OVER_WALLS if walled else _CERTAIN)
        if max(float(layer.mean()) for layer in layers) > _INSIDE or bool(sky.any()):
            return False
        if walled and any(self._seen(phrase, _FURNITURE).any() for phrase in ("bed", "sofa")):
            return True
        if float(self._small_subject.mean()) > _PORTRAIT:
            return False
        return all(float(self._seen(phrase).mean()) > _FURNISHED for phrase in ("wall", "table"))

    @property
    def subject(self) -> Field:
        """What the picture is of: weather and seasons leave its colours."""
        return self.full(self._small_subject)

    @property
    def subject_if_sure(self) -> Field:
        """The subject where a second look, at the mirrored picture, sees the same; else nothing: light ends at no doubtful outline."""
        return self.full(self._small_if_sure)

    @cached_property
    def _small_if_sure(self) -> Field:
        front = self._small_subject
        if not front.any():
            return front
        mirrored = self.context.ground(np.ascontiguousarray(self.small[:, ::-1]), "foreground").mask[:, ::-1]
        other = mirrored / np.float32(255)
        agreeing = float(np.minimum(front, other).sum()) >= _AGREEING * float(np.maximum(front, other).sum())
        return front if agreeing else np.zeros_like(front)

    @property
    def living(self) -> Field:
        """The subject where it is no building: snow does not lie on it."""
        return self.full(self._small_living)

    @cached_property
    def _small_living(self) -> Field:
        front = self._small_subject
        built = float((front * self._walls).sum()) > _SAME * float(front.sum())
        return np.zeros_like(front) if built else front

    @cached_property
    def _small_sky(self) -> Field:
        sky = self._seen("sky", _SURE)
        if sky.any() and self._rather_indoors():
            return np.zeros_like(sky)
        return np.asarray(without_land(sky, self.small) * (1 - self._small_subject), np.float32)

    def _rather_indoors(self) -> bool:
        """Whether a doubtful sky is more likely a plain wall or a table top, of which one is seen as well."""
        if self.indoors:
            return True
        if self.context.ground(self.small, "sky").score >= _CERTAIN:
            return False
        return any(self._seen(surface, _SURE).any() for surface in ("wall", "table"))

    @property
    def has_sky(self) -> bool:
        """Whether there is a sky, and the grounder is sure of it."""
        return bool(self._small_sky.any())

    @property
    def sky(self) -> Field | None:
        """The sky if there is one, without the thin things before it (wires, masts, branches, blades), and with the gaps in the crowns."""
        return self.full(self._fine_sky) if self.has_sky else None

    @property
    def sky_whole(self) -> Field:
        """The sky as it was found, with the thin things before it, at a small size."""
        return self._small_sky

    @property
    def ground_light(self) -> float:
        """Usual luma, 0 to 1, of what is not sky, whatever lamps shine in it; of all where there is hardly anything else."""
        luma = grey(self.small) / np.float32(255)
        below = luma[self._small_sky < _SAME]
        return float(np.percentile(below, _USUAL)) if below.size > _LEAST * luma.size else float(luma.mean())

    @cached_property
    def by_evening(self) -> bool:
        """Whether it was taken after sunset or by lamps: under a dark or a warm sky, or with lamps on the ground."""
        below = self.small[self._small_sky < _SAME].astype(np.float32)
        lamps = (below[:, 0] > _LAMP[0]) & (below[:, 0] - below[:, 2] > _LAMP[1])
        if lamps.size and float(lamps.mean()) > _LAMPS:
            return True
        if not self.has_sky:
            return self.ground_light < _UNLIT
        red, _, blue = self.sky_usual
        return bool(luma(self.sky_usual)[0] / 255 < _DUSKY or red > _SUNSET * blue)

    @property
    def sky_usual(self) -> Field:
        """The old sky's mean colour, (3,) in 0 to 255."""
        return np.asarray(self.small[self._small_sky > _SAME].mean(axis=0), np.float32)

    @property
    def sky_about(self) -> Field:
        """The old sky's own colour at every pixel, HxWx3 in 0 to 255: the mean of the sky about it."""
        return self.sky_about_in(self.picture)

    def sky_about_in(self, picture: Array) -> Field:
        """The same in `picture`, this one in another light."""
        fine = shrink(picture, _FINE)
        tone = self._tone_of_the_sky(fine, resize_field(self._small_sky, fine.shape[1], fine.shape[0]))
        pixels = cv2.cvtColor(np.clip(tone, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB)
        return resize_field(pixels.astype(np.float32), self.width, self.height)

    @cached_property
    def _fine_sky(self) -> Field:
        fine = shrink(self.picture, _FINE)
        side = max(fine.shape[:2])
        sky = resize_field(self._small_sky, fine.shape[1], fine.shape[0])
        tone = self._tone_of_the_sky(fine, sky)
        lab = cv2.cvtColor(fine, cv2.COLOR_RGB2LAB).astype(np.float32)
        other = np.linalg.norm(lab - tone, axis=2)
        y = np.ascontiguousarray(lab[..., 0])
        thick = max(3, round(_THIN * side)) | 1
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thick, thick))
        pit = cv2.morphologyEx(y, cv2.MORPH_BLACKHAT, kernel)
        dark = smoothstep(14, 40, pit) * smoothstep(8, 24, other)
        edged = cv2.dilate(sharp(y, np.asarray(dark, np.float32)), np.ones((5, 5), np.uint8))
        # Of a twig that is thinner than a pixel, as of its rim, as much is seen as it is darker than the sky, over what the darkest near by is.
        low = cv2.erode(y, np.ones((2 * thick + 1, 2 * thick + 1), np.uint8))
        dark = np.clip(pit / np.maximum(tone[..., 0] - low, _TWIG), 0, 1) * edged
        built = resize_field(self._walls, fine.shape[1], fine.shape[0]) > _SAME
        sky = np.maximum(sky, np.where(built, 0, blown(fine, sky, self.horizon)))
        near = cv2.dilate(sky, np.ones((2 * round(_GAPS * side) + 1,) * 2, np.uint8))
        crown = smoothstep(40, 70, y - cv2.erode(y, kernel)) * smoothstep(0, 12, y - tone[..., 0] + 12)
        gaps = np.where(sky < _SAME, smoothstep(18, 8, other) * crown * near, 0)
        reach = 2 * round(_RIM * side) + 1
        rim = cv2.dilate(sky, np.ones((reach, reach), np.uint8)) * smoothstep(70, 20, other)
        return np.asarray(np.maximum.reduce([sky * (1 - dark), gaps, rim * (1 - dark)]), np.float32)

    @staticmethod
    def _tone_of_the_sky(fine: Array, sky: Field) -> Field:
        """The sky's own colour at every pixel, HxWx3 CIE Lab of 8 bits: the mean of the sky about it."""
        small = cv2.resize(
            cv2.cvtColor(fine, cv2.COLOR_RGB2LAB).astype(np.float32), (64, 64), interpolation=cv2.INTER_AREA
        )
        weight = cv2.resize((sky > 0.9).astype(np.float32), (64, 64), interpolation=cv2.INTER_AREA)[..., None]
        total, count = small * weight, weight
        near = cv2.GaussianBlur(total, (0, 0), 3) + 1e-4 * cv2.GaussianBlur(total, (0, 0), 24)
        share = cv2.GaussianBlur(count, (0, 0), 3) + 1e-4 * cv2.GaussianBlur(count, (0, 0), 24)
        return resize_field(near / np.maximum(share, 1e-9)[..., None], fine.shape[1], fine.shape[0])

    @cached_property
    def horizon(self) -> float:
        """Lower end of the sky, as a fraction of the height; _HORIZON where no sky is seen."""
        rows = np.flatnonzero(cv2.resize(self._small_sky, (16, 256), interpolation=cv2.INTER_AREA).max(1) > 0.5)
        return float(np.clip((rows[-1] + 1) / 256, 0.1, 0.9)) if rows.size else _HORIZON

    @cached_property
    def _green(self) -> Field:
        """Plants by their green (excess green over red and blue), in `small`."""
        p = self.small.astype(np.float32)
        red, green, blue = p[..., 0], p[..., 1], p[..., 2]
        excess = (green - np.maximum(red * 0.97, blue)) / np.maximum(p.max(2), 24)
        leaf = smoothstep(-0.02, 0.14, excess) * smoothstep(10, 34, green) * smoothstep(250, 215, p.min(2))
        return blur_field(leaf, 1.2)

    @cached_property
    def _plants(self) -> Field:
        return np.asarray(
            self._green * (1 - self._small_sky) * (1 - self._small_subject) * (1 - self._water) * (1 - self._walls),
            np.float32,
        )

    @property
    def plants(self) -> Field:
        """Everything green that is neither the subject, nor sky or water."""
        return self.full(self._plants)

    @property
    def leaves(self) -> Field:
        """The plants that stand: trees and bushes, without the grass."""
        return self.full(self._plants * (1 - blur_field(self._level, 2)))

    @cached_property
    def _lawn(self) -> Field:
        """Grass and other level ground, and the plants of its colour: the grounder does not tell a far lawn from leaves, and trees are darker."""
        rows = np.linspace(0, 1, self.small.shape[0], dtype=np.float32)[:, None]
        below = smoothstep(self.horizon - 0.05, self.horizon, rows) if self.has_sky else np.ones_like(rows)
        seen = np.maximum(self._seen("grass") * below, self._ground)
        green = (seen > _SAME) & (self._green > _SAME)
        if green.mean() < _LEAST:
            return np.asarray(seen, np.float32)
        lab = cv2.cvtColor(self.small, cv2.COLOR_RGB2LAB).astype(np.float32)
        calm = blur_field(lab, 4)
        unlike = np.linalg.norm(calm - lab[green].mean(0), axis=2)
        seen = np.asarray(np.maximum(seen, self._green * smoothstep(30, 15, unlike) * below), np.float32)
        for _ in range(_STEPS):
            seen = np.asarray(np.maximum(seen, self._more_of(seen, lab, calm) * below), np.float32)
        return seen

    def _more_of(self, seen: Field, lab: Field, calm: Field) -> Field:
        """What lies beside the lawn and has its colour (`calm`: without its detail): the grounder gives a whole patch about a thing to that thing."""
        size = max(seen.shape)
        weight = np.ascontiguousarray(seen * (1 - self._small_subject), np.float32)
        about = blur_field(weight, _BESIDE * size)
        own = np.dstack([blur_field(np.ascontiguousarray(lab[..., k] * weight), _BESIDE * size) for k in range(3)])
        unlike = np.linalg.norm(calm - own / np.maximum(about, 1e-4)[..., None], axis=2)
        return np.asarray(smoothstep(26, 14, unlike) * smoothstep(0.15, 0.4, about), np.float32)

    @cached_property
    def _water(self) -> Field:
        return np.asarray(self._seen("water", _WET) * (1 - self._small_subject), np.float32)

    @property
    def water(self) -> Field:
        """Water: what lies in it is not covered, and it mirrors the sky."""
        return self.full(self._water)

    @property
    def mirroring(self) -> Field:
        """How much of the sky's colours each place takes as water does: the less, the less sure the water is, and along the picture's own edges."""
        if not self._water.any():
            return self.full(self._water)
        y = blur_field(grey(self.small).astype(np.float32), 1)
        inside = cv2.erode(self._water, np.ones((9, 9), np.uint8)) > _SAME
        upright = np.abs(cv2.Sobel(y, cv2.CV_32F, 1, 0))[inside].sum() / max(float(y[inside].sum()), 1.0)
        sure = float(smoothstep(*_MIRRORING, np.array(self.context.ground(self.small, "water").score)))
        bright = float(y[inside].sum()) / max(float(inside.sum()), 1.0) / max(float(luma(self.sky_usual)[0]), 1.0)
        sure *= 0.0 if self._rather_ground() else 1.0
        sure *= float(smoothstep(*_UPRIGHT, 10 * np.array(upright)) * smoothstep(*_DULL, np.array(bright)))
        soft = guided(grey(self.small) / np.float32(255), self._water, max(2, max(self._water.shape) // 40))
        return self.full(np.clip(soft, 0, 1) * np.float32(sure))

    def _rather_ground(self) -> bool:
        """Whether what was taken for water is as surely a square or a road: a wet one and a lake look alike, and a lake's colours on a road would be absurd."""
        ground, water = (self.context.ground(self.small, phrase) for phrase in ("ground", "water"))
        shared = float((self._water * (ground.mask > 127)).sum()) / max(float(self._water.sum()), 1.0)
        return bool(ground.found) and ground.score >= water.score and shared > _SAME

    @cached_property
    def _ground(self) -> Field:
        return np.asarray(self._seen("ground") * (1 - self._small_subject) * (1 - self._water), np.float32)

    @property
    def level(self) -> Field:
        """Level ground, grass included."""
        return self.full(self._level)

    @cached_property
    def _level(self) -> Field:
        """The lawn without what is rough (crowns are full of small shadows), without scraps, and with the picture's own edges."""
        y = grey(self.small).astype(np.float32)
        detail, about = _ROUGH
        rough = blur_field(np.abs(y - blur_field(y, detail)), about) / np.maximum(blur_field(y, about), 32)
        flat = self._lawn * smoothstep(0.32, 0.18, rough)
        count, labels, stats, _ = cv2.connectedComponentsWithStats((flat > _SAME).astype(np.uint8))
        scraps = [k for k in range(1, count) if stats[k][4] < _SCRAP * flat.size]
        flat = np.where(np.isin(labels, scraps), 0, flat)
        flat = guided(y / 255, np.asarray(flat, np.float32), max(2, max(flat.shape) // 60))
        return np.asarray(
            np.clip(flat, 0, 1) * (1 - self._small_subject) * (1 - self._water) * (1 - self._walls), np.float32
        )

    @cached_property
    def _underfoot(self) -> Field:
        """Ground and water that things can stand on: above the horizon there is none, whatever a cliff or a bank of leaves is taken for."""
        rows = np.arange(self.small.shape[0])[:, None] / max(self.small.shape[0] - 1, 1)
        return np.asarray(np.maximum(self._lawn, self._water) * (rows >= self.horizon), np.float32)

    @cached_property
    def _distance(self) -> Field:
        h, w = self.small.shape[:2]
        near = self.context.encoders.parts.ask("depth", lambda network: network.near(self.picture))
        if near is not None:
            # The network says how near (one over the distance), up to an unknown scale; the air between grows as over level ground.
            away = 1 / np.maximum(cv2.resize(near, (w, h), interpolation=cv2.INTER_AREA), _NEAREST)
            return np.asarray(np.maximum(1 - np.exp(-_CLEAR * (away - 1)), self._small_sky), np.float32)
        rows = np.arange(h, dtype=np.float32)[:, None] / max(h - 1, 1)
        depth = np.maximum((rows - self.horizon) / (1 - self.horizon), _NEAREST)
        plane = np.asarray(1 - np.exp(-_CLEAR * (1 / depth - 1)), np.float32)
        flat = (self._underfoot > _SAME) & (self._small_subject < _SAME)
        row = np.broadcast_to(np.arange(h)[:, None], (h, w))
        foot = np.minimum.accumulate(np.where(flat, row, h - 1)[::-1], axis=0)[::-1]
        air = plane[foot, 0]
        loose = (foot == h - 1) & ~flat  # nothing is seen that it could stand on: the higher, the farther
        air = np.where(loose, np.minimum(0.7 * (1 - rows), plane), air)
        if not self._small_sky.any():
            air = np.minimum(air, _CLOSED)
        air = cv2.GaussianBlur(np.asarray(air, np.float32), (0, 0), sigmaX=w / 25, sigmaY=h / 80)
        return self._standing(air, plane)

    def _standing(self, air: Field, plane: Field) -> Field:
        """Whatever stands alone (the subject's parts, a tree before the sky) is as far as its lowest row; the sky is as far as anything.

        What is not seen before the sky may be a piece of anything: it gets no edge of its own, or mist would lie in blots.
        """
        out = np.maximum(air, self._small_sky)
        alone = (1 - np.maximum(self._small_sky, self._underfoot)) * (1 - self._small_subject)
        for layer, widest in ((alone, _ALONE), (self._small_if_sure, 1.0)):
            count, labels, stats, _ = cv2.connectedComponentsWithStats((layer > _SAME).astype(np.uint8))
            foot = out.copy()
            for k in range(1, count):
                own = stats[k][2] <= widest * out.shape[1] and stats[k][4] > _SPECK * out.size
                if own and (layer is not alone or self._before_sky(labels == k)):
                    foot[labels == k] = plane[min(int(stats[k][1] + stats[k][3]), len(plane) - 1), 0]
            out = np.asarray(out + (np.minimum(foot, out) - out) * layer, np.float32)
        return out

    def _before_sky(self, piece: NDArray[np.bool_]) -> bool:
        """Whether most of the upper edge of a piece of the small picture is seen against the sky."""
        above = max(1, round(_OVER * len(piece)))
        top = piece.argmax(axis=0)[piece.any(axis=0)]
        columns = np.flatnonzero(piece.any(axis=0))
        inside = top >= above
        sky = self._small_sky[np.maximum(top - above, 0), columns] > _SAME
        return bool(inside.any()) and float(sky[inside].mean()) > _SAME

    @property
    def distance(self) -> Field:
        """How much air lies before things, 0 near to 1 far: level ground recedes towards the horizon, and what stands on it is as far as its foot."""
        return self.full(self._distance)

    @property
    def upward(self) -> Field:
        """Where snow lies besides level ground: on the lit side of leaves, and on the upper edges of what is built."""
        y = blur_field(grey(self.small).astype(np.float32), 1.2)
        thick = max(2, self.small.shape[0] // 160)
        top = smoothstep(25, 80, -cv2.Sobel(y, cv2.CV_32F, 0, 1))
        top = cv2.dilate(top, np.ones((thick, 1), np.uint8), anchor=(0, thick - 1))
        leaf = self._plants * (1 - self._level)
        lit = leaf * smoothstep(-10, 9, y - blur_field(y, 7))
        # The edges of a crowd of small things are no ledges.
        ledge = blur_field(top, 0.8) * smoothstep(0.30, 0.12, blur_field(top, 8)) * (1 - self._level)
        snow = np.maximum(ledge * 0.8, lit * 0.95)
        return self.full(snow * (1 - self._small_living) * (1 - self._small_sky) * (1 - self._water))

    @cached_property
    def built(self) -> Field:
        """What is built, in `small`: light from lamps falls on it."""
        walls = np.maximum(self._walls, self._small_subject - self._small_living)
        walls = guided(
            grey(self.small) / np.float32(255), np.asarray(walls, np.float32), max(2, max(walls.shape) // 60)
        )
        return np.asarray(np.clip(walls, 0, 1) * (1 - self._small_sky) * (1 - self._small_living), np.float32)

    @property
    def hard(self) -> Field:
        """Level ground without plants: it mirrors when it is wet."""
        return self.full(self._ground * (1 - self._green))
