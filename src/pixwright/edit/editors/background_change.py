"""Background: what is behind the subject is replaced or blurred; the subject keeps its pixels, only its rim is cleaned."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.naming import canonical
from pixwright.edit.painting.scenery import paint
from pixwright.edit.surfaces.noise import Field
from pixwright.edit.toning.lut import (
    add_grain,
    blur_field,
    gamma,
    grey,
    map_colours,
    mix,
    resize_field,
)
from pixwright.media.matte import foreground_colours
from pixwright.media.pixels import resized, shrink
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.vocabulary import BACKGROUNDS, COLOURS
from pixwright.words import lexicon

_CLEAR = ("transparent", "none", "nothing", "alpha")
_SIDE = 900
"""Longer side, in pixels, at which the matte is refined."""


def edit(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """Put `step.value` (one of `vocabulary.BACKGROUNDS` or `COLOURS`) or the picture `[step.reference]` behind the subject.

    A user's region is the area to change; so is a phrase for something behind ("the sky"). Any other phrase is the subject that stays.
    """
    words = " ".join((step.value or "").lower().split())
    alpha = _subject(picture, step, region, context)
    if alpha is None:
        return refuse(
            picture,
            "the subject could not be told from its background; show the area to change with --mask FILE or --box X0,Y0,X1,Y1",
        )
    if step.reference is None and words in _CLEAR:
        return _cut_out(picture, alpha)
    evidence = Evidence()
    notes: tuple[str, ...] = ()
    if step.reference is not None:
        attachment = context.attachments[step.reference - 1] if step.reference <= len(context.attachments) else None
        if not isinstance(attachment, PictureAttachment):
            return refuse(
                picture, f"[{step.reference}] is not an attached picture; attach one to use as the background"
            )
        new = fitted(attachment.pixels, picture, alpha)
    elif words.removeprefix("plain ") in COLOURS:
        rgb = COLOURS[words.removeprefix("plain ")]
        new, evidence = np.full_like(picture, rgb), Evidence(colour=rgb)
    else:
        name = canonical(words, BACKGROUNDS, "backgrounds", context)
        if name is None:
            return refuse(
                picture,
                f"'{step.value}' is no background that can be painted; there are {', '.join(BACKGROUNDS)}, any colour, or an attached picture",
            )
        notes = () if name == words else (f"'{step.value}' was taken as '{name}'",)
        new = (
            defocus(picture, alpha)
            if name == "blurred"
            else _matched(paint(name, picture.shape[0], picture.shape[1], context.rng(1)), picture, alpha)
        )
    mask, result = merge(picture, new, alpha, region if region.source == "user" else None)
    return Proposal(result, mask, evidence, notes=notes)


def _cut_out(picture: Array, alpha: Field) -> Proposal:
    """The background made transparent. The rim gets the subject's own colour, so that it can stand before anything; nothing else changes."""
    opaque = np.asarray(np.round(255 * alpha), np.uint8)
    soft = (opaque > 0) & (opaque < 255)
    evidence = Evidence(cleared=float((opaque < 128).mean()))
    return Proposal(
        foreground_colours(picture, opaque), np.where(soft, np.uint8(255), np.uint8(0)), evidence, alpha=opaque
    )


def _subject(picture: Array, step: Step, region: Region, context: Context) -> Field | None:
    """How much each pixel belongs to what stays, HxW in [0, 1]; None if nothing is found, or nothing would be left to change."""
    behind = step.target is not None and lexicon().is_(step.target.head, "setting", "sky", "wall", "landscape")
    if region.found and region.source == "user":
        return np.asarray(1 - region.mask.astype(np.float32) / 255, np.float32)
    if region.found and region.phrase == "background":
        alpha: Field = whole_subject(255 - region.mask).astype(np.float32) / np.float32(255)
    elif region.found and region.source == "phrase":
        share: Field = (region.mask / np.float32(255)).astype(np.float32)
        alpha = np.asarray(1 - share if behind else share, np.float32)
    else:
        small = shrink(picture, _SIDE)
        subject = context.ground(small, "foreground")
        if not subject.found:
            return None
        alpha = resize_field(whole_subject(subject.mask).astype(np.float32) / 255, picture.shape[1], picture.shape[0])
    alpha = refine(picture, np.ascontiguousarray(alpha, np.float32))
    return alpha if 0.005 < float(alpha.mean()) < 0.985 else None


def whole_subject(mask: Array) -> Array:
    """Close narrow gaps and small holes: a subject with a piece missing is worse than one with a piece of its background."""
    reach = max(3, round(max(mask.shape) / 45)) | 1
    closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats((closed < 128).astype(np.uint8), connectivity=4)
    h, w = mask.shape
    for k in range(1, count):
        x0, y0, bw, bh, area = stats[k].tolist()
        if x0 > 0 and y0 > 0 and x0 + bw < w and y0 + bh < h and area < 0.03 * h * w:
            closed[labels == k] = 255
    return np.asarray(np.maximum(closed, mask), np.uint8)


def refine(picture: Array, alpha: Field) -> Field:
    """Fit a soft mask to the picture's own edges (guided filter, He, Sun, Tang 2010, in colour by its three channels' mean), so that
    hair and fur come with it. HxW in [0, 1]."""
    h, w = alpha.shape
    small = shrink(picture, _SIDE).astype(np.float32) / 255
    sh, sw = small.shape[:2]
    a = resize_field(alpha, sw, sh)
    radius = max(2, round(max(sh, sw) / 110))
    size = (2 * radius + 1, 2 * radius + 1)
    total = np.zeros_like(a)
    weight = np.zeros_like(a)
    mean_a = cv2.blur(a, size)
    for k in range(3):
        guide = np.ascontiguousarray(small[..., k])
        mean_g = cv2.blur(guide, size)
        covariance = cv2.blur(guide * a, size) - mean_g * mean_a
        variance = cv2.blur(guide * guide, size) - mean_g * mean_g
        slope = covariance / (variance + 2e-4)
        fit = cv2.blur(slope, size) * guide + cv2.blur(mean_a - slope * mean_g, size)
        trust = np.abs(covariance) + 1e-4
        total += fit * trust
        weight += trust
    fine = np.clip((total / weight - 0.08) / 0.84, 0, 1)
    near = (cv2.dilate(a, np.ones(size, np.uint8)) > 0.02).astype(np.float32)
    sure = (cv2.erode(a, np.ones(size, np.uint8)) > 0.98).astype(np.float32)
    fine = np.maximum(fine * near, sure)
    fine[fine > 0.965] = 1.0
    fine[fine < 0.03] = 0.0
    return np.clip(resize_field(np.asarray(fine, np.float32), w, h), 0, 1)


def merge(picture: Array, new: Array, alpha: Field, limit: Region | None) -> tuple[Array, Array]:
    """(mask, picture): the rim takes the subject's own colour from inside, so that no fringe of the old background stays.

    With a user's own mask (`limit`) nothing is guessed: it decides, softly, as drawn."""
    solid = (alpha > 0.97).astype(np.float32)
    reach = max(2.0, max(alpha.shape) / 220)
    weight = blur_field(solid, reach)
    inner = blur_field(picture.astype(np.float32) * solid[..., None], reach) / np.maximum(weight, 1e-3)[..., None]
    usable = np.clip(weight * 12, 0, 1) * np.clip((1 - alpha) * 3, 0, 1)
    clean = mix(picture, np.clip(inner, 0, 255).astype(np.uint8), np.asarray(usable, np.float32))
    result = mix(new, clean, alpha)
    if limit is not None:
        return limit.mask.copy(), new
    touched = np.where(alpha < 0.985, np.uint8(255), np.uint8(0)).astype(np.uint8)
    return touched, result


def defocus(picture: Array, alpha: Field) -> Array:
    """A wide aperture: the background under a lens-shaped blur, the subject kept out of it (normalised convolution)."""
    h, w = picture.shape[:2]
    small = shrink(picture, 1000)
    sh, sw = small.shape[:2]
    radius = max(2, round(max(sh, sw) / 36))
    y, x = np.mgrid[-radius : radius + 1, -radius : radius + 1]
    lens = (np.hypot(x, y) <= radius + 0.3).astype(np.float32)
    lens /= lens.sum()
    back = resize_field((alpha < 0.05).astype(np.float32), sw, sh)
    back = cv2.erode(back, np.ones((3, 3), np.uint8)) + np.float32(1e-4)
    light = (small.astype(np.float32) / 255) ** 2.6
    spread = cv2.filter2D(light * back[..., None], -1, lens, borderType=cv2.BORDER_REFLECT)
    weight = cv2.filter2D(back, -1, lens, borderType=cv2.BORDER_REFLECT)
    out = np.clip(np.maximum(spread / np.maximum(weight, 1e-6)[..., None], 0) ** (1 / 2.6) * 255 + 0.5, 0, 255).astype(
        np.uint8
    )
    return add_grain(resized(out, h, w), 1.2, np.random.default_rng(0))


def fitted(pixels: Array, like: Array, alpha: Field) -> Array:
    """An attached picture, cropped to cover `like`'s size, its light brought a little towards the subject's."""
    h, w = like.shape[:2]
    source = np.ascontiguousarray(pixels[..., :3])
    scale = max(h / source.shape[0], w / source.shape[1])
    big = resized(source, max(h, round(source.shape[0] * scale)), max(w, round(source.shape[1] * scale)))
    top, left = (big.shape[0] - h) // 2, (big.shape[1] - w) // 2
    return _matched(np.ascontiguousarray(big[top : top + h, left : left + w]), like, alpha)


def _matched(new: Array, picture: Array, alpha: Field) -> Array:
    """`new` with its lightness moved a quarter of the way to the subject's, so that a dim subject does not stand before a glaring sky."""
    inside = float((grey(picture) * alpha).sum() / max(float(alpha.sum()), 1.0))
    own = float(grey(new).mean())
    aim = np.clip(own + 0.25 * (inside - own), 12, 240) / 255
    power = float(np.clip(np.log(aim) / np.log(np.clip(own / 255, 0.05, 0.95)), 0.75, 1.35))
    return map_colours(new, lambda c: gamma(c, power))
