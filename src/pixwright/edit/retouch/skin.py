"""Skin: spots, redness and blotches are evened out towards the skin around them; pores, shading and the features of a face stay.

A retoucher's frequency separation: the finest detail is put back as it was, the form is a robust local mean, and only what lies between the two changes.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.records.instruction import Array
from pixwright.records.plan import Step, Unit
from pixwright.records.region import Region

_SIDE = 640
"""Longer side, in pixels, at which the form of a face is looked at."""
_FORM, _PORES = 0.045, 0.008
"""Reach of the local mean, and of what counts as pores, over the root of the skin's area."""
_ROUNDS, _TYPICAL = 5, 7.0
"""How often the mean is taken anew, and the distance (CIE Lab) from it that counts a quarter."""
_FEATURE, _LARGE, _MARGIN = 15.0, 0.004, 0.02
"""Distance from which something is no skin; the share of the skin's area from which it is then a feature of the face and not a spot; and how far about a feature skin stays, over the root of that area."""
_SEEN, _FULLY = 1.0, 4.0
"""Distances from which a spot is evened out at all, and fully."""
_BLOTCHES = 0.6
"""How far colour alone is evened out where no spot is seen."""
_LIGHTER = 0.35
"""The same of what is lighter than the skin around it: a gloss shows the form."""
_MUCH = 0.9
"""How far a spot is evened out at full strength."""

_FEATURES, _ABOUT = ("the eyes", "the eyebrows", "the mouth"), 0.05
"""What of a face is no skin, and how far about it skin stays, over the root of the skin's area."""
_NOSTRILS = 0.6
"""Share of a nose's height below which its wings and nostrils are."""
_WHOLE, _LITTLE = 1.0, 0.4
"""Strength where none is said, and what the least amount has."""

_UNSEEN, _AROUND = 2, np.ones((5, 5), np.uint8)
"""Levels up to which nothing is seen to change, and the pixels about what does that pass into the picture."""

Floats = NDArray[np.float32]


def evened(picture: Array, step: Step, region: Region, context: Context) -> Proposal:
    """The skin under `region` of HxWx3 evened out; refused where none is found. `step.amount` in strength weakens it."""
    if not region.found:
        return refuse(picture, f"{step.target} was not found: show it with --box X0,Y0,X1,Y1")
    said = step.amount
    strength = _WHOLE
    if said is not None and said.unit is Unit.STRENGTH:
        strength = float(np.clip(abs(said.value) + _LITTLE, _LITTLE, _WHOLE))
    new = clear_skin(picture, _bare(picture, region.mask, context), strength)
    changed = (cv2.absdiff(new, picture[..., :3]).max(axis=2) > _UNSEEN).astype(np.uint8)
    return Proposal(new, np.minimum(region.mask, cv2.blur(cv2.dilate(changed * np.uint8(255), _AROUND), _AROUND.shape)))


def _bare(picture: Array, mask: Array, context: Context) -> Array:
    """HxW uint8: the skin without eyes, brows, mouth and nostrils."""
    kept = np.zeros_like(mask)
    for name in _FEATURES:
        found = context.ground(picture, name)
        np.maximum(kept, found.mask, out=kept) if found.found else None
    nose = context.ground(picture, "the nose")
    for n, (_, top, _, low) in enumerate(nose.boxes if nose.found else ()):
        own = nose.instance(n)
        own[: round(top + _NOSTRILS * (low - top))] = 0
        np.maximum(kept, own, out=kept)
    reach = max(1, round(_ABOUT * float((mask > 127).sum()) ** 0.5))
    wide = cv2.dilate(kept, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach | 1, reach | 1)))
    return np.asarray(np.minimum(mask, 255 - cv2.GaussianBlur(wide, (0, 0), max(1.0, reach / 3))), np.uint8)


def clear_skin(picture: Array, mask: Array, strength: float) -> Array:
    """HxWx3 whose skin under `mask` (HxW uint8) is evened out; `strength` in [0, 1]."""
    x, y, wide, high = cv2.boundingRect((mask > 127).astype(np.uint8))
    out = picture.copy()
    if not wide:
        return out
    part = np.s_[y : y + high, x : x + wide]
    crop = np.ascontiguousarray(picture[part][..., :3])
    scale = min(1.0, _SIDE / max(wide, high))
    size = max(2, round(wide * scale)), max(2, round(high * scale))
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    skin = (cv2.resize(mask[part], size, interpolation=cv2.INTER_AREA) / 255).astype(np.float32)
    lab = np.asarray(cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)
    change = _change(lab, skin) * np.float32(_MUCH * strength)
    change = cv2.resize(change, (wide, high), interpolation=cv2.INTER_CUBIC)
    whole = cv2.cvtColor(crop.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) + change
    new = np.rint(np.clip(cv2.cvtColor(whole, cv2.COLOR_LAB2RGB), 0, 1) * 255).astype(np.uint8)
    share = cv2.resize(skin, (wide, high), interpolation=cv2.INTER_LINEAR)[..., None]
    out[part][..., :3] = np.rint(new * share + crop * (1 - share)).astype(np.uint8)
    return out


def _change(lab: Floats, skin: Floats) -> Floats:
    """(h, w, 3) CIE Lab: what is to be added to skin so that spots are as what is around them."""
    root = float(skin.sum()) ** 0.5
    soft = cv2.GaussianBlur(lab, (0, 0), max(0.6, _PORES * root))
    weight, away = skin.copy(), np.zeros_like(skin)
    form = soft
    for _ in range(_ROUNDS):
        total = cv2.GaussianBlur(weight, (0, 0), _FORM * root) + np.float32(1e-6)
        form = cv2.GaussianBlur(weight[..., None] * soft, (0, 0), _FORM * root) / total[..., None]
        away = np.linalg.norm(soft - form, axis=2)
        weight = skin / (1 + (away / _TYPICAL) ** 2) ** 2 + np.float32(1e-6)
    delta = form - soft
    spot = np.clip((away - _SEEN) / (_FULLY - _SEEN), 0, 1)
    spot = np.where(delta[..., 0] < 0, np.float32(_LIGHTER) * spot, spot)
    share = np.stack([spot, np.maximum(spot, _BLOTCHES), np.maximum(spot, _BLOTCHES)], axis=-1)
    return np.asarray(delta * share * _without_features(away, skin, root)[..., None], np.float32)


def _without_features(away: Floats, skin: Floats, root: float) -> Floats:
    """(h, w) in [0, 1]: where skin is, and no eye, brow, mouth or nostril, nor hair."""
    unlike = ((away > _FEATURE) | (skin < 0.5)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(unlike, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] > _LARGE * root**2
    large[0] = False
    features = large[labels].astype(np.uint8)
    reach = max(1, round(_MARGIN * root))
    kept = cv2.dilate(features, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1)))
    return np.asarray(np.clip(cv2.GaussianBlur(1 - kept.astype(np.float32), (0, 0), reach), 0, 1), np.float32)
