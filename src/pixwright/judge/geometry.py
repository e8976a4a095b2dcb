"""Checks of geometry: displacement, size and angle are measured in the pixels by registering the object before and after."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.judge.colour import visible
from pixwright.judge.contract import HALF, WORK_SIDE, Finding, Trial, at_least, at_most, difference
from pixwright.judge.decoupled import measure
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.region import box_of

_CLEARLY = 0.03
"""How much better (of 1) another size or angle must fit than the intended one."""
_Template = tuple[Array, NDArray[np.float32], tuple[float, float]]
_OBJECT = 72
"""Longer side, in pixels, of an object that is searched for."""
_FEWEST, _LIGHTEST = 40, 20
"""Pixels of an object that can be told, and of what is left of it when it is turned or shrunk."""
_LEAST_SIDE = 3
_PLACE_PIXELS, _PLACE_SHARE = 4.0, 0.2
"""How far from its place a moved object may be found: pixels as registered, or a share of the way."""
_FACTORS = np.geomspace(0.3, 3.2, 25)
_TURNS = np.arange(-180.0, 180.0, 15.0)
"""Sizes and angles (degrees) that are tried beside the intended one."""
_SIZE_ERROR, _SIZE_PIXELS, _LARGEST_SIZE_ERROR = float(np.log(1.2)), 1.5, 0.35
"""Logarithms of a size ratio that may be missed, plus what so many pixels are of the object; never more than the last."""
_ANGLE_ERROR = 12.0
"""Degrees."""
_HALF_TURN = 180
_SHOWN = 0.75
"""An enlarged object of which the frame leaves less cannot be registered."""
_MIDDLE, _TURN_ERROR = 0.45, 8.0
"""Radius of the picture's middle that is compared, of its shorter side, and how much it may differ, of 255."""
_MIRROR_SIDE = 96
"""Pixels at which an object and its mirror image are compared."""
_NOISE = 300.0
"""Variance, over three channels, that a plain object is taken to have: else any difference would count as all."""
_KEPT = 0.6
"""Weight above which a resized mask's pixel is the object's."""
_TINY = 1e-3


def moved(trial: Trial) -> list[Finding]:
    """The object is found where the displacement says."""
    template = _template(trial)
    wanted = trial.evidence.displacement
    if wanted is None or template is None:
        return [visible(trial, 2.0)]
    scale = _scale(trial)
    (x, y), likeness = _find(trial, template)
    dx, dy = (x - template[2][0]) / scale, (y - template[2][1]) / scale
    miss = float(np.hypot(dx - wanted[0], dy - wanted[1]))
    allowed = max(_PLACE_PIXELS / scale, _PLACE_SHARE * float(np.hypot(*wanted)))
    reason = f"measured movement ({dx:+.0f}, {dy:+.0f}) px, intended ({wanted[0]:+.0f}, {wanted[1]:+.0f})"
    return [at_most("movement_error", miss, allowed, reason), _match(likeness)]


def resized(trial: Trial) -> list[Finding]:
    """The object is found at the intended size; a crop, or a zoom of the whole picture, is compared exactly."""
    factor = trial.evidence.factor
    template = _template(trial)
    if trial.step.reframes or trial.region.source == "whole":
        return framed(trial)
    if factor is None or template is None or _cut(trial, factor):
        return [visible(trial, 2.0)]
    candidates = np.unique(np.append(_FACTORS, [factor, 1.0]))
    best, likeness = _best(trial, template, [(float(f), 0.0) for f in candidates], (float(factor), 0.0))
    miss = abs(float(np.log(best[0] / factor)))
    reason = f"measured size ratio {best[0]:.2f}, intended {factor:.2f}"
    # A size is measured to about a pixel and a half: that is much of a thing that is a few pixels wide.
    allowed = _SIZE_ERROR + _SIZE_PIXELS / max(min(template[1].shape) * factor, _LEAST_SIDE)
    return [at_most("size_error", miss, min(allowed, _LARGEST_SIZE_ERROR), reason), _match(likeness)]


def _cut(trial: Trial, factor: float) -> bool:
    """Whether the frame cuts so much of the enlarged object that it cannot be registered."""
    if factor <= 1 or len(trial.evidence.placed) != 1:
        return False
    (a, b, c, d), (x0, y0, x1, y1) = trial.region.boxes[0], trial.evidence.placed[0]
    grown = factor**2 if trial.evidence.axis == "both" else factor
    return (x1 - x0) * (y1 - y0) < _SHOWN * grown * (c - a) * (d - b)


def rotated(trial: Trial) -> list[Finding]:
    """The object is found at the intended angle."""
    angle = trial.evidence.angle
    template = _template(trial)
    if trial.step.target is None or trial.region.source == "whole":
        return [*framed(trial), *_as_whole(trial, angle)]
    if angle is None or template is None:
        return framed(trial)
    wanted = _half_turns(angle)
    candidates = np.unique(np.append(_TURNS, [wanted]))
    best, likeness = _best(trial, template, [(1.0, float(a)) for a in candidates], (1.0, wanted))
    miss = abs(_half_turns(best[1] - angle))
    return [
        at_most("angle_error", miss, _ANGLE_ERROR, f"measured angle {best[1]:.0f} degrees, intended {angle:.0f}"),
        _match(likeness),
    ]


def _half_turns(angle: float) -> float:
    """The same angle in degrees, from -180 to below 180."""
    return float((angle + _HALF_TURN) % (2 * _HALF_TURN) - _HALF_TURN)


def _as_whole(trial: Trial, angle: float | None) -> list[Finding]:
    """The middle of the picture, turned or mirrored by computation, is what the middle of the new one shows."""
    before, after = shrink(trial.before, WORK_SIDE), shrink(trial.after, WORK_SIDE)
    if trial.step.value in ("flip horizontal", "flip vertical"):
        wanted = before[::-1] if trial.step.value == "flip vertical" else before[:, ::-1]
    elif angle is not None and trial.same_size:
        height, width = before.shape[:2]
        turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -angle, 1.0)
        wanted = np.asarray(cv2.warpAffine(before, turn, (width, height), flags=cv2.INTER_LINEAR), np.uint8)
    else:
        return []
    disc = np.zeros(after.shape[:2], np.uint8)
    cv2.circle(disc, (after.shape[1] // 2, after.shape[0] // 2), round(_MIDDLE * min(after.shape[:2])), 255, -1)
    miss = float(difference(wanted, after)[disc > 0].mean()) if wanted.shape == after.shape else 255.0
    reason = f"it differs by {miss:.1f} of 255 from the picture turned by computation"
    return [at_most("turned_as_asked", miss, _TURN_ERROR, reason)]


def framed(trial: Trial) -> list[Finding]:
    """A change of the frame: the kept part is the old picture, and the frame did change."""
    changed = not trial.same_size or not np.array_equal(trial.before, trial.after)
    findings = [
        at_least("frame_changed", float(changed), 1.0, "the frame changed" if changed else "the frame did not change")
    ]
    if trial.evidence.canvas is not None and not trial.same_size:
        kept = measure(trial)
        findings.append(
            at_most("kept_part", kept.outside_max, 0.0, f"the kept part differs by at most {kept.outside_max} of 255")
        )
    return findings


def acted(trial: Trial) -> list[Finding]:
    """A mirrored object is the mirror image of what it was; another action changed its outline or place."""
    if not trial.evidence.mirrored or not trial.region.boxes:
        return [visible(trial, 2.0)]
    x0, y0, x1, y1 = trial.region.boxes[0]
    small = [
        cv2.resize(p[y0:y1, x0:x1], (_MIRROR_SIDE, _MIRROR_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
        for p in (trial.before, trial.after)
    ]
    as_mirror = float(np.abs(small[0][:, ::-1] - small[1]).mean())
    as_was = float(np.abs(small[0] - small[1]).mean())
    return [
        at_least(
            "mirrored",
            as_was + 0.5,
            as_mirror,
            f"as a mirror image it differs by {as_mirror:.1f}, unmirrored by {as_was:.1f}",
        )
    ]


def _match(likeness: float) -> Finding:
    return at_least(
        "object_kept", likeness, 0.5, f"the object matches its old self by {likeness:.2f} (1 is equal)", hard=False
    )


def _scale(trial: Trial) -> float:
    return float(min(1.0, _side(trial) / max(trial.before.shape[:2])))


def _side(trial: Trial) -> int:
    """The side at which the object is registered: the object itself is about `_OBJECT` pixels then, which is enough to tell it."""
    x0, y0, x1, y1 = trial.region.boxes[0]
    share = max(x1 - x0, y1 - y0) / max(trial.before.shape[:2])
    return int(np.clip(_OBJECT / max(share, _TINY), WORK_SIDE // 4, WORK_SIDE // 2))


def _template(trial: Trial) -> _Template | None:
    """The object's pixels, weights and centre, at the size of `_side`; None if it is too small to be registered."""
    if not trial.region.boxes or not trial.same_size:
        return None
    before, mask = shrink(trial.before, _side(trial)), shrink(trial.region.mask, _side(trial))
    if np.count_nonzero(mask > HALF) < _FEWEST:
        return None
    x0, y0, x1, y1 = box_of(mask > HALF)
    weights = (mask[y0:y1, x0:x1] > HALF).astype(np.float32)
    return np.ascontiguousarray(before[y0:y1, x0:x1]), weights, ((x0 + x1) / 2, (y0 + y1) / 2)


def _find(trial: Trial, template: _Template) -> tuple[tuple[float, float], float]:
    """Where the template matches `after` best: (centre x, y) at the size of `_side`, and 1 - normalised difference."""
    after = shrink(trial.after, _side(trial))
    pixels, weights, _ = template
    pad = max(pixels.shape[:2]) // 2
    padded = cv2.copyMakeBorder(after, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    if weights.sum() < _LIGHTEST or padded.shape[0] < pixels.shape[0] or padded.shape[1] < pixels.shape[1]:
        return (0.0, 0.0), 0.0
    cost = cv2.matchTemplate(padded, pixels, cv2.TM_SQDIFF, mask=np.repeat(weights[..., None], 3, axis=2))
    _, _, place, _ = cv2.minMaxLoc(cost)
    spread = float(pixels[weights > 0].astype(np.float32).var(axis=0).sum()) + _NOISE
    error = float(cost.min()) / float(weights.sum()) / spread
    centre = (place[0] - pad + pixels.shape[1] / 2, place[1] - pad + pixels.shape[0] / 2)
    return centre, float(np.clip(1 - error, 0, 1))


def _best(
    trial: Trial, template: _Template, changes: list[tuple[float, float]], intended: tuple[float, float]
) -> tuple[tuple[float, float], float]:
    """The (factor, clockwise angle) of `changes`, which hold the intended one, at which the object is found best."""
    scored: list[tuple[float, tuple[float, float]]] = [
        (_find(trial, _warped(template, factor, angle, trial.evidence.axis))[1], (factor, angle))
        for factor, angle in changes
    ]
    likeness, change = max(scored)
    # Small templates fit nearly as well at any size: another one must fit clearly better to count against the intended.
    at_intended = next(fit for fit, tried in scored if tried == intended)
    return (intended, at_intended) if at_intended > likeness - _CLEARLY else (change, float(likeness))


def _warped(template: _Template, factor: float, angle: float, axis: str) -> _Template:
    pixels, weights, centre = template
    height, width = weights.shape
    if axis != "both":
        size = (
            (width, max(_LEAST_SIDE, round(height * factor)))
            if axis == "height"
            else (max(_LEAST_SIDE, round(width * factor)), height)
        )
        new = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        return new, (cv2.resize(weights, size, interpolation=cv2.INTER_LINEAR) > _KEPT).astype(np.float32), centre
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, factor)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    w, h = max(_LEAST_SIDE, round(width * cos + height * sin)), max(_LEAST_SIDE, round(width * sin + height * cos))
    turn[:, 2] += (w / 2 - width / 2, h / 2 - height / 2)
    new = cv2.warpAffine(pixels, turn, (w, h), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    hard = cv2.warpAffine(weights, turn, (w, h), flags=cv2.INTER_LINEAR) > _KEPT
    return np.asarray(new, np.uint8), hard.astype(np.float32), centre
