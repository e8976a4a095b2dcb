"""Boxes with a name: which of the detector's boxes a noun means.

Three witnesses: the detector's own kinds; the classifier, shown each box alone; and, for words that neither knows, how near the word lies
to the kinds' names. A word of the detector's own that the detector does not see is doubted.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np

from pixwright.errors import PixwrightError
from pixwright.ground.colour import any_colour
from pixwright.ground.cutting import cut_out
from pixwright.ground.detected import Named, Proposal, alike_kinds, kinds_of, listed, sure, tidy, without_groups
from pixwright.ground.evidence import contest
from pixwright.ground.geometry import Floats
from pixwright.ground.instances import Instance
from pixwright.ground.lexicon import Meaning
from pixwright.ground.phrase import Query
from pixwright.ground.scene import Scene

CROP = 224
"""Pixels at which the classifier sees a box."""
AROUND = 0.08
"""How much of a box's sides it sees around it."""
SHOWN = 7
"""So many boxes are shown to the classifier."""
CERTAIN = 0.42
"""A detector's score above which nobody else is asked."""
UNLIKE, DOUBTED = 0.02, 0.65
"""The classifier's share below which the detector's name is doubted, and what is left of it."""
ALIKE = 0.8
"""How far a kind that the noun's things are mistaken for is believed."""
LEAST, LIKELY = 0.3, 0.5
"""Of the best box's score: what others must have to be counted among several, of the detector's own kinds and of other nouns."""
CROWD = 24
"""Most things of one kind that are cut out."""


def named(scene: Scene, meaning: Meaning, query: Query) -> list[Named]:
    """Boxes for the noun, surest first; none of them may be meant."""
    kinds = kinds_of(query.head)
    mistaken = alike_kinds(query.head)
    found = [Named(p.box, sure(p.of(kinds, mistaken))) for p in scene.proposals] if kinds else []
    if kinds and max((n.score for n in found), default=0.0) >= sure(CERTAIN):
        return tidy([n for n in found if n.score > 0.2], nested=False)
    own = [n.score for n in found] or [0.0] * len(scene.proposals)
    if mistaken:
        own = [max(s, ALIKE * sure(1.3 * p.of(mistaken))) for s, p in zip(own, scene.proposals, strict=True)]
    if meaning.classes:
        shown = classified(scene, [p.box for p in scene.proposals[:SHOWN]], meaning)
        for i, share in enumerate(shown):
            if listed(query.head) and meaning.exact and share < UNLIKE:
                own[i] *= DOUBTED
            own[i] = 1 - (1 - own[i]) * (1 - 0.9 * share * _there(scene.proposals[i]))
    elif not kinds and not mistaken:
        near = likeness(scene, query)
        own = [sure(_by_likeness(p, near)) * 0.8 for p in scene.proposals]
    return tidy([Named(p.box, s) for p, s in zip(scene.proposals, own, strict=True) if s > 0.15], nested=False)


def _there(proposal: Proposal) -> float:
    return float(np.clip(0.5 + 1.5 * proposal.score, 0, 1))


def classified(scene: Scene, boxes: Sequence[tuple[float, float, float, float]], meaning: Meaning) -> list[float]:
    """Share in [0, 1] of the noun's classes in what the classifier sees in each box."""
    out = []
    prior = meaning.weights()
    for x0, y0, x1, y1 in boxes:
        # Small boxes are shown at the picture's own size, large ones need not be.
        large = max(x1 - x0, y1 - y0) * max(scene.middling.shape[:2]) > 2 * CROP
        source = scene.middling if large else scene.picture
        height, width = source.shape[:2]
        pad_x, pad_y = AROUND * (x1 - x0), AROUND * (y1 - y0)
        left, right = int(max(0, x0 - pad_x) * width), int(np.ceil(min(1, x1 + pad_x) * width))
        top, bottom = int(max(0, y0 - pad_y) * height), int(np.ceil(min(1, y1 + pad_y) * height))
        crop = source[top:bottom, left:right]
        if min(crop.shape[:2]) < 2:
            out.append(0.0)
            continue
        encoder = scene.encoders.picture
        logits = encoder.logits(encoder.features(crop, CROP))
        odds = float(contest(np.exp(logits - logits.max())[None, None], prior)[0, 0])
        out.append(float(1 / (1 + np.exp(-0.8 * (odds + 0.8)))))
    return out


@lru_cache(maxsize=1)
def kind_vectors() -> Floats:
    """(80, 384): the sentence embedding of each kind's name, in the detector's order."""
    with files("pixwright.ground").joinpath("kind_vectors.npy").open("rb") as stored:
        return np.asarray(np.load(stored), np.float32)


def likeness(scene: Scene, query: Query) -> dict[str, float]:
    """Kind -> cosine similarity of its name to the noun. Empty without the text encoder."""
    try:
        vector = scene.encoders.text.embed([query.head])[0]
    except PixwrightError:
        return {}
    return dict(zip(scene.encoders.detector.kinds, (kind_vectors() @ vector).tolist(), strict=True))


def _by_likeness(proposal: Proposal, near: dict[str, float]) -> float:
    return max(
        (s * float(np.clip((near.get(k, 0.0) - 0.2) / 0.35, 0, 1)) for k, s in proposal.kinds.items()), default=0.0
    )


def instances(scene: Scene, found: Sequence[Named], query: Query) -> list[Instance]:
    """The boxes that can be meant, cut out; in the order given. A colour that was asked for is looked for before anything is cut."""
    if not found:
        return []
    best = found[0].score
    left = [n for n in found if n.score > (LEAST if kinds_of(query.head) else LIKELY) * best]
    single = not (query.several or query.selective or query.count)
    left = tidy(left if single else without_groups(left))
    if query.colours:
        left = _coloured(scene, left, query)
    left = left[:1] if single and not query.colours else left[: 3 if single else CROWD]
    return cut_out(scene, left)


def _coloured(scene: Scene, found: list[Named], query: Query) -> list[Named]:
    """Those whose middle shows the colour, by how much of it."""
    odds = any_colour(scene.lab, query.colours) > 0
    height, width = scene.shape

    def share(n: Named) -> float:
        x0, y0, x1, y1 = n.box
        dx, dy = 0.15 * (x1 - x0), 0.12 * (y1 - y0)
        part = odds[
            int((y0 + dy) * height) : int((y1 - dy) * height) + 1, int((x0 + dx) * width) : int((x1 - dx) * width) + 1
        ]
        return float(part.mean()) if part.size else 0.0

    shares = [share(n) for n in found]
    best = max(shares, default=0.0)
    kept = [(n, s) for n, s in zip(found, shares, strict=True) if s > max(0.12, 0.4 * best)]
    return [n for n, s in sorted(kept, key=lambda pair: -pair[1] * pair[0].score)]
