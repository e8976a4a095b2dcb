"""Style transfer: the manner of an attached picture, or the mood of an attached piece of music."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.style_change import stylise
from pixwright.edit.styles.following import LARGEST_SIDE, SIDE, SMALLEST_SIDE, follow_style
from pixwright.edit.styles.signature import hand_of
from pixwright.edit.styles.structure import strength_control, strength_of
from pixwright.edit.toning.grade import apply_grade
from pixwright.edit.toning.lut import Colours, map_colours, mix, resize_field
from pixwright.edit.toning.mood import describe, grade_of, mood_of
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array, PictureAttachment, SoundAttachment
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import Control, Origin
from pixwright.words.colours import about_colours

_SIDE = 480
"""Longer side, in pixels, on which statistics are taken."""
_BANDS = 4
_SURE_HAND = 0.5
"""Certainty from which a reference counts as the work of a named hand, which is then imitated stroke by stroke."""
_STROKES = 0.5
"""Finest detail of the reference over the picture's under which it has no strokes, only colours."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Fit the region to attachment `[step.reference]`, or to the only one if no number is given."""
    number = step.reference if step.reference is not None else 1
    if not 1 <= number <= len(context.attachments):
        return refuse(
            picture, f"[{number}] is not attached; style transfer needs a picture or a piece of music to follow"
        )
    attachment = context.attachments[number - 1]
    strength = strength_of(step.amount, context.controls)
    control = strength_control(strength, "how much of the reference's manner is taken")
    if isinstance(attachment, SoundAttachment):
        mood = mood_of(attachment, context.encoders.music)
        full = apply_grade(picture, grade_of(mood), context.rng(1))
        return Proposal(mix(picture, full, strength), region.mask, notes=(describe(mood),), controls=(control,))
    assert isinstance(attachment, PictureAttachment)
    reference = np.ascontiguousarray(attachment.pixels[..., :3])
    if about_colours(step.instruction):
        note = "the reference's colours and contrast were taken over, and nothing painted"
        full = mix(picture, transfer_colours(picture, reference), strength)
        return Proposal(full, region.mask, notes=(note,), controls=(control,))
    return _followed(picture, reference, region, context, control)


def _followed(picture: Array, reference: Array, region: Region, context: Context, control: Control) -> Proposal:
    """In the reference's manner: that of a named hand if it is surely one; colours alone if it has no strokes to give; else its style, by the network."""
    strength = control.value / 100
    hand, sure = hand_of(reference)
    if hand is not None and sure >= _SURE_HAND:
        # Colours first: the style's own paper and ink must not be dyed.
        dyed = transfer_colours(picture, reference)
        full = mix(dyed, stylise(dyed, hand, context.rng(1)), 0.5 + 0.5 * sure)
        note = f"the reference looks like {hand}: its strokes, colours and contrast were taken over"
        return Proposal(
            mix(picture, full, strength), region.mask, notes=(note,), added=Origin.DRAWN, controls=(control,)
        )
    if _energies(shrink(reference, _SIDE))[0] < _STROKES * _energies(shrink(picture, _SIDE))[0]:
        full = match_texture(transfer_colours(picture, reference), reference)
        note = "the reference is smooth: its colours, contrast and softness were taken over"
        return Proposal(mix(picture, full, strength), region.mask, notes=(note,), controls=(control,))
    side = int(np.clip(context.controls.get("stroke_side", SIDE), SMALLEST_SIDE, LARGEST_SIDE))
    new = follow_style(picture, reference, context.encoders.stylist, strength, side)
    stroke = Control(
        name="stroke_side",
        value=side,
        low=SMALLEST_SIDE,
        high=LARGEST_SIDE,
        unit="pixels",
        why="the longer side of what is painted: the larger, the finer the strokes",
    )
    note = "the reference's colours and strokes were taken over by a network"
    return Proposal(new, region.mask, notes=(note,), added=Origin.GENERATED, controls=(control, stroke))


def _lab(picture: Array) -> NDArray[Any]:
    lab = cv2.cvtColor(shrink(picture, _SIDE).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray(lab.reshape(-1, 3), np.float64)


def transfer_colours(picture: Array, reference: Array) -> Array:
    """Lightness by its histogram (nine parts in ten), colour by the linear map that carries the one covariance to the other (Pitie,
    Kokaram 2007, equation 8, Monge-Kantorovitch), tabulated in Lab and applied as one 3-D table."""
    own, wanted = _lab(picture), _lab(reference)
    steps = np.linspace(0, 1, 65)
    source_l, target_l = np.quantile(own[:, 0], steps), np.quantile(wanted[:, 0], steps)
    source_l = np.maximum.accumulate(source_l + np.linspace(0, 1e-3, 65))
    slope = np.clip(np.diff(target_l) / np.maximum(np.diff(source_l), 1e-3), 0.12, 3.5)
    curve = target_l[32] + np.concatenate([[0], np.cumsum(slope * np.diff(source_l))])
    curve -= np.interp(source_l[32], source_l, curve) - target_l[32]
    matrix = _monge(own[:, 1:], wanted[:, 1:])
    centre, aim = own[:, 1:].mean(0), wanted[:, 1:].mean(0)

    def grade(c: Colours) -> Colours:
        lab = cv2.cvtColor(c[None].astype(np.float32), cv2.COLOR_RGB2LAB)[0]
        light = np.interp(lab[:, 0], source_l, curve)
        light = np.where(lab[:, 0] > source_l[-1], curve[-1] + (lab[:, 0] - source_l[-1]), light)
        light = np.where(lab[:, 0] < source_l[0], curve[0] + (lab[:, 0] - source_l[0]), light)
        light = np.clip(0.9 * light + 0.1 * lab[:, 0], 0, 100)
        ab = (lab[:, 1:] - centre) @ matrix.T + aim
        # Near black and white there is no room for colour.
        room = np.clip(np.minimum(light, 100 - light) / 14, 0, 1)[:, None]
        moved = np.concatenate([light[:, None], ab * (0.25 + 0.75 * room)], 1).astype(np.float32)
        return np.asarray(cv2.cvtColor(moved[None], cv2.COLOR_LAB2RGB)[0])

    return map_colours(picture, grade)


def _monge(own: NDArray[Any], wanted: NDArray[Any]) -> NDArray[Any]:
    """A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2 for the covariances A, B, with gains held within 0.3 to 2.5."""
    a, b = (np.cov(x.T) + 6.0 * np.eye(2) for x in (own, wanted))

    def root(m: NDArray[Any], power: float) -> NDArray[Any]:
        values, vectors = np.linalg.eigh(m)
        return np.asarray((vectors * np.maximum(values, 1e-6) ** power) @ vectors.T)

    half, back = root(a, 0.5), root(a, -0.5)
    matrix = back @ root(half @ b @ half, 0.5) @ back
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.clip(values, 0.3, 2.5)) @ vectors.T)


def match_texture(picture: Array, reference: Array) -> Array:
    """Scale each band of a Laplacian pyramid of the lightness to the reference's energy (gains 0.55 to 1.8): its crispness or softness."""
    h, w = picture.shape[:2]
    small = shrink(picture, _SIDE)
    gains = np.clip(_energies(shrink(reference, _SIDE)) / _energies(small), 0.55, 1.8)
    work = shrink(picture, 1600)
    y = cv2.cvtColor(work, cv2.COLOR_RGB2GRAY).astype(np.float32)
    scale = max(max(work.shape[:2]) / _SIDE, 1.0)
    change, last = np.zeros_like(y), y
    for band in range(_BANDS):
        soft = cv2.GaussianBlur(y, (0, 0), 0.8 * scale * 2.0**band)
        change += (last - soft) * np.float32(gains[band] - 1)
        last = soft
    change = np.clip(change, -60, 60)
    layer = resize_field(change, w, h) if change.shape != (h, w) else change
    signed = np.rint(layer).astype(np.int16)
    return np.asarray(cv2.add(picture, cv2.merge([signed, signed, signed]), dtype=cv2.CV_8U), np.uint8)


def _energies(picture: Array) -> NDArray[Any]:
    """Deviation of each band, about sigma 0.8 pixels at a longer side of 480."""
    side = max(picture.shape[:2])
    if side < _SIDE:
        scale = _SIDE / side
        picture = resized(picture, round(picture.shape[0] * scale), round(picture.shape[1] * scale))
    y = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    energies, last = [], y
    for band in range(_BANDS):
        soft = cv2.GaussianBlur(y, (0, 0), 0.8 * 2.0**band)
        energies.append(max(float((last - soft).std()), 0.4))
        last = soft
    return np.array(energies)
