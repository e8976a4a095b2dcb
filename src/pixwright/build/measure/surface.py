"""What surfaces look like, whatever their shape: features of a thing or a picture, and what tells one named look from the others.

Features are statistics of lightness and colour, of slopes and their directions at three scales, and the backbone's middle layer, pooled
within the mask. Fisher's linear discriminants (1936; several classes: Rao 1948) weigh them: directions in which pictures of one look
differ count little, those in which looks differ count much. Fitted by `recipes/build_filters.py looks` to the project's own editors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import cv2
import numpy as np

from pixwright.build.measure.bank import cosines
from pixwright.build.measure.view import SIDE, Bools, Floats, squared
from pixwright.encoders.bundle import Encoders
from pixwright.media.pixels import lab, shrink
from pixwright.records.instruction import Array

_THING = 160
"""Pixels of a thing's longer side when it is looked at."""
_SURE = 15.0
"""How decided one is on the look of a reference: weight of a look is exp(this x its cosine)."""


@dataclass(frozen=True, eq=False)
class SurfaceLooks:
    """Looks of a kind in the space that tells them apart: n names, `centres` (n, k) and, of pictures that show the look, `shown` (n, m)."""

    names: tuple[str, ...]
    middle: Floats
    scale: Floats
    axes: Floats
    centres: Floats
    shown_axes: Floats
    shown: Floats

    def of_edit(self, before: Floats, after: Floats) -> Floats:
        """(n,) cosines of an edit with each look: of what it came to, and of how it changed."""
        both = np.concatenate([after, after - before])
        seen = np.asarray(((both - self.middle) / self.scale) @ self.axes, np.float32)
        return cosines(seen, self.centres)

    def of_picture(self, shown: Floats) -> Floats:
        """(n,) weights, summing to 1, of the looks that a reference may show."""
        size = len(shown)
        seen = np.asarray(((shown - self.middle[:size]) / self.scale[:size]) @ self.shown_axes, np.float32)
        fits = np.exp(_SURE * cosines(seen - self.shown.mean(0), self.shown - self.shown.mean(0)))
        return np.asarray(fits / fits.sum(), np.float32)


@lru_cache(maxsize=1)
def looks() -> dict[str, SurfaceLooks]:
    """The packaged tables: tone, style, material, appearance."""
    with files("pixwright.build").joinpath("measure_looks.npz").open("rb") as file, np.load(file) as stored:
        families = {str(key).split("/")[0] for key in stored.files}
        parts = ("middle", "scale", "axes", "centres", "shown_axes", "shown")
        return {
            family: SurfaceLooks(
                tuple(map(str, stored[f"{family}/names"])),
                *(stored[f"{family}/{part}"].astype(np.float32) for part in parts),
            )
            for family in sorted(families)
        }


def features(picture: Array, inside: Bools | None, encoders: Encoders) -> Floats:
    """(285,) of HxWx3 uint8: of the thing in the mask, brought to one size, or of the whole picture if it is None."""
    if inside is None:
        shown = shrink(np.ascontiguousarray(picture[..., :3]), SIDE)
        where = np.ones(shown.shape[:2], np.bool_)
        grid = encoders.picture.features(shown, SIDE).mid
        weight = np.ones(grid.shape[:2], np.float32)
    else:
        shown, where = _cut(picture, inside)
        grid = encoders.picture.features(squared(picture, inside, _THING), _THING).mid
        flat = np.dstack([inside.astype(np.uint8) * 255] * 3)
        cover = squared(flat, inside, _THING)[..., 0] > 200
        weight = cv2.resize(cover.astype(np.float32), grid.shape[1::-1], interpolation=cv2.INTER_AREA)
        weight = np.where(weight > 0.6 * weight.max(), weight, 0)
    share = (weight / weight.sum())[..., None]
    mean = (grid * share).sum((0, 1))
    spread = np.sqrt(((grid - mean) ** 2 * share).sum((0, 1)))
    whole = None if inside is None else where
    return np.concatenate([statistics(shown, whole), _levels(shown, where), mean, spread]).astype(np.float32)


def _cut(picture: Array, inside: Bools) -> tuple[Array, Bools]:
    """The mask's bounds with a longer side of `_THING` pixels."""
    x, y, w, h = cv2.boundingRect(inside.astype(np.uint8))
    part, scale = np.s_[y : y + h, x : x + w], _THING / max(w, h)
    size = (max(8, round(w * scale)), max(8, round(h * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown = cv2.resize(np.ascontiguousarray(picture[part][..., :3]), size, interpolation=how)
    where = cv2.resize(inside[part].astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return np.asarray(shown, np.uint8), np.asarray(where)


def _levels(picture: Array, where: Bools) -> Floats:
    """(26,): quantiles of L*, a*, b*, and at three scales strength, peakedness and direction of the slopes of lightness."""
    values = lab(picture)
    chosen = values[where]
    out = [
        *np.quantile(chosen[:, 0], [0.05, 0.25, 0.5, 0.75, 0.95]),
        *np.quantile(chosen[:, 1], [0.1, 0.5, 0.9]),
        *np.quantile(chosen[:, 2], [0.1, 0.5, 0.9]),
    ]
    within = cv2.erode(where.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1) > 0
    within = within if int(within.sum()) >= 30 else where
    light = np.ascontiguousarray(values[..., 0])
    for sigma in (1.0, 2.0, 4.0):
        soft = cv2.GaussianBlur(light, (0, 0), sigma)
        dx, dy = cv2.Sobel(soft, cv2.CV_32F, 1, 0)[within], cv2.Sobel(soft, cv2.CV_32F, 0, 1)[within]
        size, turn = np.hypot(dx, dy), 2 * np.arctan2(dy, dx)
        mean, total = float(size.mean()) + 1e-3, float(size.sum()) + 1e-3
        out += [
            np.log(mean + 0.1),
            np.log(float(np.sqrt((size**2).mean())) / mean + 1e-3),
            float((size * np.cos(turn)).sum()) / total,
            float((size * np.cos(2 * turn)).sum()) / total,
            abs(float((size * np.sin(turn)).sum())) / total,
        ]
    return np.array(out, np.float32)


def statistics(picture: Array, inside: Bools | None = None) -> Floats:
    """Nineteen numbers of HxWx3 uint8 (in the mask): lightness, colour, extremes, detail by scale, flatness, lines; of a whole picture also
    its fall to the rim and from top to bottom, else 0."""
    values = lab(picture)
    light, a, b = (np.ascontiguousarray(values[..., i]) for i in range(3))
    chroma = np.hypot(a, b)
    where = np.ones(light.shape, np.bool_) if inside is None or inside.shape != light.shape else inside
    bands, last = [], light
    for sigma in (0.7, 1.4, 2.8, 5.6):
        soft = cv2.GaussianBlur(light, (0, 0), sigma)
        bands.append(float(np.log((last - soft)[where].std() + 0.05)))
        last = soft
    slope = cv2.magnitude(cv2.Sobel(light, cv2.CV_32F, 1, 0), cv2.Sobel(light, cv2.CV_32F, 0, 1))[where]
    rough = (chroma - cv2.GaussianBlur(chroma, (0, 0), 1.4))[where]
    lit, c = light[where], chroma[where]
    out = [
        lit.mean(), lit.std(), a[where].mean(), b[where].mean(), c.mean(), c.std(), (lit > 88).mean(), (lit < 15).mean(), *bands,
        np.log(rough.std() + 0.05), (slope < 0.6).mean(), (slope > 12).mean(), a[where].std(), b[where].std(),
        *(_falls(light) if inside is None else (0.0, 0.0)),
    ]  # fmt: skip
    return np.array(out, np.float32)


def _falls(light: Floats) -> tuple[float, float]:
    h, w = light.shape
    middle = light[h // 4 : h - h // 4, w // 4 : w - w // 4].mean()
    corners = np.mean(
        [
            light[y, x].mean()
            for y in (slice(0, h // 8), slice(-(h // 8), None))
            for x in (slice(0, w // 8), slice(-(w // 8), None))
        ]
    )
    return float(middle - corners), float(light[: h // 3].mean() - light[-(h // 3) :].mean())
