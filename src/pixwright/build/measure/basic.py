"""Measurements that every type has: how much changed, where, and whether the rest stayed where it was."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.build.measure.view import SEEN, Floats, View
from pixwright.records.instruction import Array

REACH = 12
"""Pixels, at a longer side of 256, that a picture is looked for to each side."""
_SIMILARITY_SIDE = 160


def distances(view: View) -> dict[str, float]:
    """Mean absolute and mean squared difference of values in [0, 1], and the share of pixels that an eye sees changed."""
    x, y = (p.astype(np.float32) / 255 for p in (view.before, view.after))
    delta = np.abs(x - y)
    return {
        "float_l1": float(delta.mean()),
        "l2_distance": float((delta * delta).mean()),
        "changed_fraction": float((view.difference > SEEN).mean()),
        "contrast": float(cv2.cvtColor(view.sample.edited[..., :3], cv2.COLOR_RGB2GRAY).std() / 255),
    }


def decoupled(view: View) -> dict[str, float]:
    """Inside and outside of the mask apart (after GEditBench v2's region-decoupled checks)."""
    inside = view.inside
    if inside is None:
        return {}
    delta, seen = view.difference, view.difference > SEEN
    found = {
        "inside_l1": float(delta[inside].mean() / 255),
        "inside_changed": float(seen[inside].mean()),
        "mask_ratio": float(seen.sum() / inside.sum()),
        "mask_share": float(inside.mean()),
    }
    outside = ~inside
    if outside.any():
        found["outside_l1"] = float(delta[outside].mean() / 255)
        found["outside_max"] = float(delta[outside].max() / 255)
        found["outside_changed"] = float(seen[outside].mean())
    return found


def alignment(view: View) -> dict[str, float]:
    """How far the part that was not edited lies from where it was, in 256ths of the longer side.

    The edges of the middle of the edited picture are looked for in the source's; the mask is left out. An edit of the whole frame
    has no part that shall stay.
    """
    if view.inside is None and view.type.traits.reframes:
        return {}
    before, after, inside = view.small
    if min(before.shape[:2]) < 4 * REACH:
        return {}
    if view.inside is not None and not (view.difference * ~view.inside).any():
        return {"shift": 0.0, "shift_gain": 0.0}
    a, b = edges(before), edges(after)
    if inside is not None:
        keep = cv2.erode((~inside).astype(np.float32), np.ones((5, 5), np.uint8))
        a, b = a * keep, b * keep
    middle = b[REACH:-REACH, REACH:-REACH]
    if float(middle.std()) < 0.3 or float(a.std()) < 0.3:
        return {}
    fit = cv2.matchTemplate(a, np.ascontiguousarray(middle), cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(fit)
    gain = float(best - fit[REACH, REACH])
    return {"shift": float(np.hypot(x - REACH, y - REACH)) if gain > 0.01 else 0.0, "shift_gain": max(gain, 0.0)}


def edges(picture: Array) -> Floats:
    """HxW float32: how strongly lightness changes, compressed so that a few strong edges do not decide alone."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    size = cv2.magnitude(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    return np.asarray(np.sqrt(size), np.float32)


def similarity(view: View) -> dict[str, float]:
    """Cosine of the backbone's features of source and edited picture, averaged over the grid: cell with cell, so that place counts."""
    a, b = (view.encoders.picture.features(p, _SIMILARITY_SIDE).grid for p in view.small[:2])
    dot = (a * b).sum(-1) / np.maximum(np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1), 1e-6)
    return {"similarity": float(dot.mean())}


def rims(view: View) -> dict[str, float]:
    """Is there a thing in the mask? Its border is an edge, and what is in it differs from what surrounds it; before and after."""
    before, after, inside = view.small
    if inside is None:
        return {}
    mask = inside.astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    rim = cv2.dilate(mask, disc) - cv2.erode(mask, disc, borderValue=1) > 0
    reach = max(4, round(0.2 * float(mask.sum()) ** 0.5))
    wide = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))) > 0
    ring = wide & ~inside & ~rim
    if not rim.any() or int(ring.sum()) < 16:
        return {}
    was, now = (float(edges(p)[rim].mean() / 32) for p in (before, after))
    far, near = (_apart(p, inside, ring) for p in (before, after))
    return {"rim_before": was, "rim_after": now, "rim_gain": now - was, "blend_after": near, "blend_gain": near - far}


def _apart(
    picture: Array,
    inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    ring: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> float:
    """Distance of two colour distributions: half the L1 distance of their smoothed 8x8x8 histograms, 0 to 1."""
    out = []
    for where in (inside, ring):
        values = picture[where].astype(np.float32)[None]
        histogram = cv2.calcHist([values[..., i] for i in range(3)], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3)
        smooth = histogram / max(float(histogram.sum()), 1.0)
        for axis in range(3):
            moved = np.moveaxis(smooth, axis, 0)
            padded = np.concatenate([moved[:1], moved, moved[-1:]])
            smooth = np.moveaxis((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4, 0, axis)
        out.append(smooth)
    return float(np.abs(out[0] - out[1]).sum() / 2)
