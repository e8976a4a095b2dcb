"""Checks of presence: what was removed is gone, what was added is there, and there are as many as asked."""

from __future__ import annotations

from pixwright.judge.colour import visible
from pixwright.judge.contract import Finding, Trial, at_least, at_most, difference
from pixwright.records.region import Box, Region
from pixwright.records.result import Check


def removed(trial: Trial) -> list[Finding]:
    """The phrase's evidence is gone from where it was."""
    findings = [visible(trial, 3.0)]
    if trial.step.target and trial.region.source == "phrase" and trial.same_size:
        again = trial.ground(trial.after, trial.step.target)
        share = _still_there(trial.region, again)
        reason = f"'{trial.step.target}' is found again on {share:.0%} of where it was"
        findings.append(at_most("evidence_left", share, 0.5, reason))
    return findings


def placed(trial: Trial) -> list[Finding]:
    """Something visible stands where the editor put it; the recogniser's opinion counts for the score."""
    boxes = trial.evidence.placed
    if not boxes or not trial.same_size:
        return [at_least("placed", float(len(boxes)), 1.0, "nothing was placed")]
    change = difference(trial.before, trial.after)
    values = [float(change[y0:y1, x0:x1].mean()) for x0, y0, x1, y1 in _inside(trial, boxes)]
    least = min(values, default=0.0)
    findings = [at_least("visible_where_placed", least, 4.0, f"where it was put, pixels changed by {least:.1f} of 255")]
    phrase = trial.evidence.placed_phrase or trial.step.value
    if phrase and trial.step.reference is None:
        found = trial.ground(trial.after, phrase)
        share = (
            max((_overlap(box, other) for box in boxes for other in found.boxes), default=0.0) if found.found else 0.0
        )
        findings.append(_advice("recognised", share, f"the recogniser finds '{phrase}' there with overlap {share:.2f}"))
    return findings


def counted(trial: Trial) -> list[Finding]:
    """As many were placed or taken away as the editor meant, each visibly."""
    changed = trial.evidence.placed + trial.evidence.vacated
    if not changed:
        return [at_least("changed_items", 0.0, 1.0, "no instance was added or taken away")]
    change = difference(trial.before, trial.after)
    seen = sum(float(change[y0:y1, x0:x1].mean()) >= 3.0 for x0, y0, x1, y1 in _inside(trial, changed))
    return [at_least("changed_items", seen, len(changed), f"{seen} of {len(changed)} changed instances can be seen")]


def _advice(name: str, share: float, reason: str) -> Finding:
    """The embedded recogniser knows a thousand kinds of things: that it misses a cut-out lowers the score, not the verdict."""
    return Finding(
        Check(name=name, value=round(share, 4), threshold=0.0, passed=True, reason=reason), False, 0.5 + share / 2
    )


def _still_there(region: Region, again: Region) -> float:
    if not again.found:
        return 0.0
    old = region.mask > 127
    return float((again.mask[old] > 127).mean()) if old.any() else 0.0


def _inside(trial: Trial, boxes: tuple[Box, ...]) -> list[Box]:
    """The boxes, clipped to the frame; those outside of it are left out."""
    height, width = trial.after.shape[:2]
    clipped = [(max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)) for x0, y0, x1, y1 in boxes]
    return [box for box in clipped if box[2] > box[0] and box[3] > box[1]]


def _overlap(a: Box, b: Box) -> float:
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h
    return w * h / area
