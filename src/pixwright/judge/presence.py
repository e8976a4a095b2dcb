"""Checks of presence: what was removed is gone, what was added is there, and there are as many as asked."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.encoders.parts.contract import Likeness
from pixwright.judge.colour import visible
from pixwright.judge.contract import DIGITS, HALF, Finding, Trial, at_least, at_most, crop, difference
from pixwright.media.pixels import lab, resized, shrink
from pixwright.records.instruction import Array
from pixwright.records.region import Box
from pixwright.records.result import Check
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import SHADOW

_LOOK = 224
"""Longer side, in pixels, of the window that is looked at again."""
_AROUND = 0.6
"""Surroundings in that window, on each side, as a share of the thing's longer side."""
_SEEN = 6.0
"""Change of a pixel, of 255, that an eye sees."""
_GUESSED = 0.3
"""From this share of the picture on, what a fill shows is made up, not continued."""
_CHANGED, _PLACED = 3.0, 4.0
"""Mean change of the pixels, of 255, at which an eye sees that a thing came or went, and that something new stands in a box."""
_LEFT = 0.6
"""Most of a removed thing's size that may be found of it where it was."""
_SHOWS = 0.12
"""Share of its box in which a placed thing must be seen: thin things fill little of theirs."""
_LIT_SIDE, _RING, _SHADOW_LEFT = 420, 0.04, 0.4
"""Longer side, in pixels, at which it is looked whether a shadow is lit; width of what is around it, over that; and the share of the difference of lightness that may be left."""
_COPIED = 0.25
"""Share of a copy on which it is recognised, at least."""
_TEMPERATURE = 100.0
"""Of CLIP's logits over its cosines."""
_GUESSES = 5
"""Of the classifier, of which one may name the thing."""
_CLOSE, _MARGIN = 0.15, 16
"""Surroundings for the classifier, as a share of the thing's longer side; and for any look, in pixels, at least."""


def removed(trial: Trial) -> list[Finding]:
    """The phrase's evidence is gone from where it was."""
    findings = [visible(trial, _CHANGED)]
    if trial.step.target and trial.step.target.head == SHADOW and trial.same_size:
        return [*findings, _lit(trial)]
    if trial.step.target and trial.region.source == "phrase" and trial.same_size:
        share, rest = _found_again(trial, trial.step.target)
        reason = f"'{trial.step.target}' is found again on {share:.0%} of where it was"
        findings.append(at_most("evidence_left", share, 0.5, reason))
        reason = f"what is left of '{trial.step.target}' there is {rest:.0%} of its size"
        findings.append(at_most("rest", rest, _LEFT, reason, hard=False))
    filled = float((trial.mask > HALF).mean())
    if trial.region.source != "user":
        reason = f"{filled:.0%} of the picture was filled: what stood behind so much of it is a guess"
        findings.append(at_most("made_up", filled, _GUESSED, reason, hard=False))
    return findings


def _lit(trial: Trial) -> Finding:
    """What lay in shadow is about as light as what is around it: the difference is at most a part of what it was."""
    mask = shrink(trial.mask, _LIT_SIDE) > HALF
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    ring = (away > _LIT_SIDE * _RING / 2) & (away < _LIT_SIDE * _RING)
    left = 1.0
    if mask.any() and ring.any():
        before, after = (lab(shrink(one, _LIT_SIDE))[..., 0] for one in (trial.before, trial.after))
        was, now = (float(np.median(light[ring]) - np.median(light[mask])) for light in (before, after))
        left = abs(now) / max(abs(was), 1.0)
    reason = f"{left:.0%} of the difference of lightness from what is around it is left"
    return at_most("shadow_left", left, _SHADOW_LEFT, reason)


def placed(trial: Trial) -> list[Finding]:
    """Something visible stands where the editor put it; the recogniser's opinion counts for the score."""
    boxes = trial.evidence.placed
    if not boxes or not trial.same_size:
        return [at_least("placed", float(len(boxes)), 1.0, "nothing was placed")]
    change = difference(trial.before, trial.after)
    values = [float(change[y0:y1, x0:x1].mean()) for x0, y0, x1, y1 in _inside(trial, boxes)]
    least = min(values, default=0.0)
    findings = [
        at_least("visible_where_placed", least, _PLACED, f"where it was put, pixels changed by {least:.1f} of 255")
    ]
    shown = [float((change[y0:y1, x0:x1] > _SEEN).mean()) for x0, y0, x1, y1 in _inside(trial, boxes)]
    few = min(shown, default=0.0)
    findings.append(at_least("shown", few, _SHOWS, f"{few:.0%} of its place shows it", hard=False))
    phrase = trial.evidence.placed_phrase or trial.step.value
    if phrase and values and trial.step.reference is None:
        largest = max(_inside(trial, boxes), key=_area)
        odds = _named(trial, largest, phrase)
        findings.append(_advice("recognised", odds, f"it is taken for '{phrase}' with probability {odds:.2f}"))
    return findings


def counted(trial: Trial) -> list[Finding]:
    """As many were placed or taken away as the editor meant, each visibly."""
    changed = trial.evidence.placed + trial.evidence.vacated
    if not changed:
        return [at_least("changed_items", 0.0, 1.0, "no instance was added or taken away")]
    change = difference(trial.before, trial.after)
    seen = sum(float(change[y0:y1, x0:x1].mean()) >= _CHANGED for x0, y0, x1, y1 in _inside(trial, changed))
    findings = [
        at_least("changed_items", seen, len(changed), f"{seen} of {len(changed)} changed instances can be seen")
    ]
    phrase = trial.evidence.placed_phrase
    if phrase and trial.region.source == "phrase":
        # Copies are alike, and the smallest is the hardest to make out.
        copies = sorted(_inside(trial, trial.evidence.placed), key=_area)
        least = _recognised(trial, copies[0], phrase) if copies else 0.0
        reason = f"a copy is recognised as '{phrase}' on {least:.0%} of it only"
        findings.append(at_least("copy_recognised", least, _COPIED, reason, hard=False))
    return findings


def _advice(name: str, share: float, reason: str) -> Finding:
    """The embedded recogniser knows a thousand kinds of things: that it misses a cut-out lowers the score, not the verdict."""
    return Finding(
        Check(name=name, value=round(share, DIGITS), threshold=0.0, passed=True, reason=reason), False, 0.5 + share / 2
    )


def _found_again(trial: Trial, phrase: Thing) -> tuple[float, float]:
    """Where the phrase is found in the new picture: share of the old region; and area in the old boxes over that of the old region."""
    view = _view(trial, _joined(trial.region.boxes))
    again = trial.ground(view.pixels, phrase)
    old = view.scaled(trial.region.mask) > HALF
    if not again.found or not old.any():
        return 0.0, 0.0
    new, near = again.mask > HALF, np.zeros_like(old)
    for x0, y0, x1, y1 in (view.moved(box) for box in trial.region.boxes):
        near[max(y0, 0) : y1, max(x0, 0) : x1] = True
    return float(new[old].mean()), float((new & near).sum() / old.sum())


def _recognised(trial: Trial, box: Box, phrase: str) -> float:
    """Share of what was put into the box that is found again under the phrase; like things beside it do not matter."""
    view = _view(trial, box)
    found = trial.ground(view.pixels, phrase)
    x0, y0, x1, y1 = view.moved(box)
    place = np.s_[max(y0, 0) : y1, max(x0, 0) : x1]
    put = view.scaled(trial.mask)[place] > HALF
    return float((found.mask[place][put] > HALF).mean()) if found.found and put.any() else 0.0


def _named(trial: Trial, box: Box, phrase: str) -> float:
    """How likely the window around the box shows the phrase.

    By a pulled likeness of pictures and words: whether it is likelier there now than before. Else the classifier's probability of the kinds whose name holds the phrase's last word.
    """
    word = phrase.lower().split()[-1]
    view = _view(trial, box, _CLOSE)
    odds = trial.encoders.parts.ask("similarity", lambda network: _likelier(network, trial, view, phrase))
    if odds is not None:
        return odds
    return sum(
        label.probability
        for label in trial.encoders.picture.classify(view.pixels, _GUESSES)
        if word in label.name.lower()
    )


def _likelier(network: Likeness, trial: Trial, view: _View, phrase: str) -> float:
    """Probability that the phrase is said of the window as it is rather than as it was: the softmax of both likenesses at CLIP's own temperature."""
    words = network.text([f"a photo of a {phrase}"])[0]
    was = resized(np.ascontiguousarray(crop(trial.before, view.window)), *view.pixels.shape[:2])
    gain = float(words @ network.picture(view.pixels)) - float(words @ network.picture(was))
    return float(1 / (1 + np.exp(-_TEMPERATURE * gain)))


@dataclass(frozen=True, eq=False)
class _View:
    """A window of the new picture, reduced: so that a second look costs little."""

    pixels: Array
    window: Box

    def scaled(self, mask: Array) -> Array:
        """The window of a mask, in the view's size."""
        part = np.ascontiguousarray(crop(mask, self.window))
        return resized(part, *self.pixels.shape[:2])

    def moved(self, box: Box) -> Box:
        """A box of the picture in the view's pixels."""
        x0, y0, x1, _ = self.window
        scale = self.pixels.shape[1] / (x1 - x0)
        left, top, right, bottom = (round((v - o) * scale) for v, o in zip(box, (x0, y0, x0, y0), strict=True))
        return left, top, right, bottom


def _view(trial: Trial, box: Box, around: float = _AROUND) -> _View:
    height, width = trial.after.shape[:2]
    x0, y0, x1, y1 = box
    pad = max(_MARGIN, round(around * max(x1 - x0, y1 - y0)))
    window = (max(0, x0 - pad), max(0, y0 - pad), min(width, x1 + pad), min(height, y1 + pad))
    return _View(shrink(np.ascontiguousarray(crop(trial.after, window)), _LOOK), window)


def _joined(boxes: tuple[Box, ...]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _inside(trial: Trial, boxes: tuple[Box, ...]) -> list[Box]:
    """The boxes, clipped to the frame; those outside of it are left out."""
    height, width = trial.after.shape[:2]
    clipped = [(max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)) for x0, y0, x1, y1 in boxes]
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in clipped if x1 > x0 and y1 > y0]


def _area(box: Box) -> int:
    x0, y0, x1, y1 = box
    return (x1 - x0) * (y1 - y0)
