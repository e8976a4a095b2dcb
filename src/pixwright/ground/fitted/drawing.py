"""Which of the outlines that were drawn for one thing is the one that is meant, once they can be seen (recipes/fit/drawing.py).

A conditional logit as in `weighing`, straight: how likely the box was, how well outline and box agree, whether it is a whole thing, and what of its colour and evidence lies on it. How sure the
likeliest is right is a logistic function of `signs`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import cv2
import numpy as np

from pixwright.ground.colour import any_colour
from pixwright.ground.detections import overlap
from pixwright.ground.evidence import ClassEvidence
from pixwright.ground.fitted.weighing import network
from pixwright.ground.geometry import Floats, Frame, covered, frame_of, logistic, square
from pixwright.ground.scene import Scene

MEASURES = tuple(files(__package__).joinpath("outlines.txt").read_text("utf-8").splitlines())
"""What `measures` says of each outline, in its order."""
FAINT = 0.02
"""Added before logarithms."""
HOT = 0.4
"""Share of the highest log-odds from which a place counts as evidence."""
FIELD = 0.08
"""The classifier's receptive field in sides of the picture: evidence so near to a mask is explained by it."""
DENSITY = 0.25
"""Power by which a mask counts that has little evidence all over."""
FRAGMENT, UNPARTED = 0.7, 0.9
"""Share of an outline within a salient part from which it is a part of that; and how whole a thing is that lies in none."""
UNTOLD = 0.5
"""How well an outline explains evidence that there is none of."""


@dataclass(frozen=True, eq=False)
class Outlined:
    """A candidate with its outline (h, w). `agreed`: how well box and outline agree; `uncut`: how little it runs along the sides of its window."""

    box: Frame
    mask: Floats
    score: float
    agreed: float
    uncut: float


def measures(
    scene: Scene, drawn: Sequence[Outlined], evidence: ClassEvidence | None, colours: Sequence[str], towers: bool
) -> Floats:
    """(n, k), as MEASURES says, of outlines for one thing, the likeliest first. `evidence` for its classes, if it was sought; `colours` that are asked for; `towers`: whether it is so tall that it fills pictures."""
    solid = [one.mask > 0.5 for one in drawn]
    tinted = any_colour(scene.lab, tuple(colours)) > 0 if colours else None
    shares = [float(tinted[own].mean()) if tinted is not None and own.any() else 0.0 for own in solid]
    rows = []
    for number, (one, own, share) in enumerate(zip(drawn, solid, shares, strict=True)):
        whole = complete(scene, one.mask)
        before = drawn[:number]
        rows.append([
            np.log(one.score + FAINT), overlap(frame_of(one.mask), one.box), one.agreed, 1 - one.uncut, whole, whole * towers,
            explains(evidence, one.mask) if evidence is not None else UNTOLD, float(evidence is not None),
            float(scene.salient[own].mean()), share, share - max(shares),
            max((covered(one.mask, other.mask) for other in before), default=0.0), max((covered(other.mask, one.mask) for other in before), default=0.0),
        ])  # fmt: skip
    return np.array(rows, np.float32).reshape(-1, len(MEASURES))


def merits(table: Floats, fitted: dict[str, Floats] | None = None) -> Floats:
    """(n,) of `measures`, of which only differences count; by the packaged network, or `fitted`."""
    fitted = network("drawing") if fitted is None else fitted
    return np.asarray((table - fitted["mean"]) / fitted["spread"] @ fitted["straight"], np.float32)


def signs(merit: Floats, table: Floats, best: int) -> Floats:
    """(6,) what tells how sure the best is: its share, its score in log-odds and as a share, how well it agrees with its box, whether it is whole, and how much of the colour it lacks."""
    own = dict(zip(MEASURES, table[best].tolist(), strict=True))
    score = float(np.clip(np.exp(own["score"]) - FAINT, FAINT, 1 - FAINT))
    share = 1 / float(np.exp(merit - merit[best]).sum())
    return np.array(
        [
            np.log(share),
            np.log(score / (1 - score)),
            score,
            own["agrees"],
            own["whole"],
            own["less than the best colour"],
        ],
        np.float32,
    )


def surely(told: Floats) -> float:
    """In [0, 1]: how likely the outline is right that `signs` are told of."""
    weights = network("drawing")["sure"]
    return float(logistic(float(told @ weights[:-1] + weights[-1])))


def complete(scene: Scene, mask: Floats) -> float:
    """1 for a whole thing, less for a fragment: the share of the salient part it lies in that a mask covers. What stands out nowhere is taken for whole."""
    inside = [part for part in scene.salient_parts if covered(mask, part) > FRAGMENT]
    return min(1.0, float(mask.sum()) / float(inside[0].sum())) ** 0.5 if inside else UNPARTED


def explains(evidence: ClassEvidence, mask: Floats) -> float:
    """0 to 1: how much of the evidence lies on a mask, and how much of the mask has evidence. What the classifier sees is blurred by its receptive field."""
    hot = np.maximum(evidence.odds - HOT * max(float(evidence.odds.max()), 1.0), 0)
    total = float(hot.sum())
    if total == 0:
        return UNTOLD
    solid = mask > 0.5
    near = cv2.dilate(solid.astype(np.uint8), square(round(FIELD * max(mask.shape)) | 1)) > 0
    recall = float(hot[near].sum()) / total
    density = float(hot[solid].mean()) / float(hot.max()) if solid.any() else 0.0
    return float(recall * density**DENSITY)
