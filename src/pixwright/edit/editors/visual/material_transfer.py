"""Material transfer: the surface of a reference picture, laid on the region and lit as the region was (task of ZeST, by classical means)."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.material_change import TILE, dress, dressing_controls
from pixwright.edit.surfaces.substances import Substance
from pixwright.edit.surfaces.surface import Field, to_lab
from pixwright.media.pixels import shrink
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.plan import Step
from pixwright.records.region import Region

_LARGEST = 900
"""Longer side, in pixels, at which the attached picture is looked at."""
_LEAST = 24
"""Smallest side, in pixels, of a sample that can be called a material."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Give `region` the material that attachment `step.reference` shows."""
    number = step.reference or 1
    given = context.attachments[number - 1] if number <= len(context.attachments) else None
    if not isinstance(given, PictureAttachment):
        return refuse(picture, f"[{number}] is no picture; attach one that shows the material with --attach FILE")
    reference = shrink(np.ascontiguousarray(given.pixels[..., :3]), _LARGEST)
    inside = _where(reference, given.pixels, context)
    box = largest_square(inside)
    if box is None and given.pixels.shape[2] == 3:
        # A close-up has no main thing: what was taken for one was a fleck of the material.
        box = largest_square(np.full(reference.shape[:2], 255, np.uint8))
    if box is None:
        return refuse(
            picture, f"'{given.name}' shows no piece of material of {_LEAST} x {_LEAST} pixels; attach a closer picture"
        )
    x, y, side = box
    sample = reference[y : y + side, x : x + side]
    gloss = float(
        np.clip((np.percentile(to_lab(sample)[..., 0], 99.5) - np.median(to_lab(sample)[..., 0])) / 60, 0, 0.8)
    )
    substance = Substance(lambda n, rng: seamless(sample, n), depth=1.0, gloss=gloss)
    controls = dressing_controls(context.controls, "as in the attached picture")
    new, mask = dress(
        picture,
        region,
        step,
        substance,
        seamless(sample, TILE),
        relief=1.0 + context.attempt / 2,
        scale=controls[0].value,
    )
    return Proposal(new, mask, Evidence(), controls=controls)


def largest_square(inside: Array) -> tuple[int, int, int] | None:
    """(x, y, side) of the largest upright square inside the mask HxW (by the chessboard distance); None if it is below 24 px."""
    padded = cv2.copyMakeBorder((inside > 127).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distance = cv2.distanceTransform(padded, cv2.DIST_C, 3)[1:-1, 1:-1]
    _, reach, _, (x, y) = cv2.minMaxLoc(distance)
    half = int(reach) - 1
    return None if 2 * half < _LEAST else (x - half, y - half, 2 * half)


def seamless(sample: Array, tile: int) -> Field:
    """A tile x tile x 3 albedo (0 to 255) that repeats without a seam: the sample without its slow changes of light, mirrored."""
    pixels = sample.astype(np.float32)
    light = cv2.GaussianBlur(pixels, (0, 0), max(sample.shape[0] / 5, 2.0))
    flat = pixels - light + pixels.reshape(-1, 3).mean(axis=0)
    half = cv2.resize(flat, (tile // 2, tile // 2), interpolation=cv2.INTER_CUBIC)
    row = np.concatenate([half, half[:, ::-1]], axis=1)
    return np.asarray(np.clip(np.concatenate([row, row[::-1]], axis=0), 0, 255), np.float32)


def _where(reference: Array, pixels: Array, context: Context) -> Array:
    """Where the material is: what is opaque, else the main thing, else (a close-up has no main thing) the whole picture."""
    size = (reference.shape[1], reference.shape[0])
    if pixels.shape[2] == 4 and (pixels[..., 3] < 128).any():
        return np.asarray(cv2.resize(pixels[..., 3], size, interpolation=cv2.INTER_AREA), np.uint8)
    found = context.ground(reference, "foreground")
    share = float((found.mask > 127).mean()) if found.found else 0.0
    return found.mask if 0.04 < share < 0.8 else np.full(reference.shape[:2], 255, np.uint8)
