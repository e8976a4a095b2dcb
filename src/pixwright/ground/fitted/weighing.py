"""Which candidate for one thing is rather meant, and which are of its noun at all: all that is known of each, weighed together by small networks (recipes/fit/weighing.py and several.py).

The former is a conditional logit: the network gives each candidate a merit, and of a phrase's candidates each has its share of exp(merit). What is the same for all says nothing. The latter is a
logistic function of a merit of its own, whatever the others have.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import numpy as np

from pixwright.ground.detections import Detected, area_of, nested, overlaps, sure, within
from pixwright.ground.evidence import contest
from pixwright.ground.fitted import numbers
from pixwright.ground.geometry import TINY, Floats, Frame, logistic
from pixwright.ground.meaning.regions import LEAST_AREA, LEAST_SIDE, cells, tells
from pixwright.ground.scene import Scene
from pixwright.words import NounEntry, lexicon
from pixwright.words.nearest import vector_of

MEASURES = tuple(files(__package__).joinpath("measures.txt").read_text("utf-8").splitlines())
"""What `features` says of each candidate, in its order."""
SURELY = (-8.0, 4.0)
"""Between which log-odds classes count."""
NAMED = MEASURES.index("named")
"""Column that is how sure detector and classifier alone are of the name."""
NAMED_SO = MEASURES.index("name, of all names")
"""Column of `features` that is the log of the share that a noun has of all known ones, for what a box shows."""
PLACED = [MEASURES.index(name) for name in ("place", "relation", "size asked for")]
"""Columns that say how well a candidate answers to what the words say of its place and size."""
LEAST_NAMED = 0.05
"""Sum of the names' sureness below which a share of it says nothing."""
NO_NAME = 0.2
"""How much the detector's names are like the noun where it has none."""
PERSON, SOMEBODY = "person", 0.35
"""The detector's name for people, and its score from which there is somebody."""
FEW = 3
"""Candidates of a picture among which a share says half of what it says among many."""
FARTHEST = 5.0
"""Deviations from the mean at which a measure ends."""
AGREE_FROM, AGREE_BY = 0.3, 0.7
"""Intersection over union of two boxes from which they begin to mean the same thing, and from which they surely do."""


def network(name: str = "weighing") -> dict[str, Floats]:
    """A fitted network: `mean` and `spread` of the measures, `straight` weights on them, and `first`, `first_bias`, `second` of the hidden layer."""
    return numbers.network(name)


def weigh(seen: Floats) -> Floats:
    """(n,) shares that sum to 1: how likely each candidate is the one that is meant, if one is, from `features`."""
    merit = merits(network(), standardised(seen, network()["mean"], network()["spread"]))
    odds = np.exp(merit - merit.max())
    return np.asarray(odds / odds.sum(), np.float32)


def one_of_them(seen: Floats, fitted: dict[str, Floats] | None = None) -> Floats:
    """(n,) in [0, 1]: how likely each candidate is one of the things that the noun names, wherever it lies, from `features`; by the packaged network, or `fitted`."""
    fitted = network("several") if fitted is None else fitted
    measures = np.clip((of_itself(seen) - fitted["mean"]) / fitted["spread"], -FARTHEST, FARTHEST)
    return np.asarray(logistic(merits(fitted, measures) + fitted["bias"]), np.float32)


def of_itself(seen: Floats) -> Floats:
    """`features` without what the words say of the place and size of the one that is meant."""
    kept = seen.copy()
    kept[:, PLACED] = 0
    return kept


def merits(fitted: dict[str, Floats], measures: Floats) -> Floats:
    """(n,) of `standardised` measures (n, k)."""
    hidden = np.tanh(measures @ fitted["first"] + fitted["first_bias"])
    return np.asarray(measures @ fitted["straight"] + hidden @ fitted["second"], np.float32)


def standardised(seen: Floats, mean: Floats, spread: Floats) -> Floats:
    """Measures (n, k) in deviations from their mean, FARTHEST at most; 0 where they are the same for all of the n."""
    told = np.ptp(seen, axis=0) > TINY
    return np.asarray(np.clip((seen - mean) / spread, -FARTHEST, FARTHEST) * told, np.float32)


def agreed(share: Floats, boxes: Sequence[Frame]) -> Floats:
    """(n,) of shares (n,): how likely each box has the thing that is meant, by all boxes that agree with it: of five frames of one thing none has more than a fifth."""
    alike = overlaps(np.array(boxes, np.float32))
    return np.asarray(np.clip((alike - AGREE_FROM) / (AGREE_BY - AGREE_FROM), 0, 1) @ share, np.float32)


def signs(likely: Floats, measures: Floats, best: int) -> Floats:
    """(5,) what tells how sure the likeliest candidate is: its share in log-odds, its names, how well it holds anything, and its name and the best by detector and classifier alone.

    `likely` (n,) from `agreed`, `measures` (n, k) from `features`.
    """
    # Of hardly any candidates one has nearly all of the shares, whatever it is.
    share, own = float(likely[best]) * len(likely) / (len(likely) + FEW), measures[best]
    share = min(max(share, LEAST_SIDE), 1 - LEAST_SIDE)
    odds = np.log(share / (1 - share))
    return np.array([odds, own[NAMED_SO], own[NAMED_SO - 1], own[NAMED], measures[:, NAMED].max()], np.float32)


def surely(told: Floats) -> float:
    """In [0, 1]: how likely the candidate is right that `signs` are told of; less than one half where there is hardly such a thing at all."""
    weights = network()["sure"]
    return float(logistic(float(told @ weights[:-1] + weights[-1])))


def features(
    scene: Scene, candidates: Sequence[tuple[Frame, Detected | None]], named: Floats, tinted: Floats,
    kinds: tuple[tuple[str, ...], tuple[str, ...]], weights: Floats, noun: str, names: Floats | None = None, stands: Floats | None = None,
) -> Floats:  # fmt: skip
    """(n, k) of candidates for a noun, as MEASURES says. `named` (n,): how sure it is that each has the noun; `tinted` (n,): how much of the colour asked for it has;
    `kinds`: the detector's that are the noun, and those it is mistaken for; `weights` (1000,) of the noun's classes; `names` (n, 3) from `meaning.regions.named_so`;
    None: neither the classes nor what stands out is looked at, and nothing is said of them (0). `stands` (n, 3): how well it answers to the places, to the relation and to the size that the
    words name, from `choose.standing`; None: they name none.
    """
    boxes = [box for box, _ in candidates]
    odds = np.zeros(len(boxes), np.float32)
    out = [(0.0, 0.0)] * len(boxes)
    if names is not None:
        odds = _classes(scene, boxes, weights)
        out = _standing_out(scene, boxes)
    called = np.zeros((len(boxes), 3), np.float32) if names is None else names
    placed = np.zeros((len(boxes), 3), np.float32) if stands is None else stands
    entry = lexicon().look(noun)
    held, holding, sides = nested(np.array(boxes, np.float32).reshape(-1, 4))
    beside = _detected(candidates, noun, entry)
    metres = np.log(max(entry.size)) if entry is not None and entry.size else 0.0
    rows = []
    for number, (box, found) in enumerate(candidates):
        x0, y0, x1, y1 = box
        own, alike = ((max((found.kinds.get(k, 0.0) for k in some), default=0.0) if found else 0.0) for some in kinds)
        size = np.log(max(area_of(box), LEAST_AREA))
        shape = 0.0
        if entry is not None and entry.size:
            tall = max((y1 - y0) / max(x1 - x0, LEAST_SIDE), LEAST_SIDE)
            shape = -abs(np.log(tall) - np.log(entry.size[0] / entry.size[1]))
        rows.append([
            sure(own), sure(alike), odds[number], size, size * size, shape, *out[number],
            float(found is None), named[number], named[number] - named.max(), tinted[number],
            found.score if found else 0.0, *placed[number],
            holding[number], sides[number], named[number] / max(float(named.sum()), LEAST_NAMED), size * metres,
            (y0 + y1) / 2, y1, *beside[number], held[number], *called[number],
        ])  # fmt: skip
    return np.array(rows, np.float32)


def _detected(
    candidates: Sequence[tuple[Frame, Detected | None]], noun: str, entry: NounEntry | None
) -> list[tuple[float, float, float, float, float]]:
    """Of each candidate: how much the detector's names for it are like the noun; its score if its surest name is of the noun's kind, less that if it is of another; how surely
    it is a person, for a noun that is none; and how much of it lies on one, for all nouns and for what is worn."""
    own = vector_of(noun)
    somebody = [box for box, found in candidates if found and found.kinds.get(PERSON, 0.0) > SOMEBODY]
    worn = entry is not None and (bool(entry.worn) or entry.is_("wearable"))
    told = []
    for box, found in candidates:
        names = found.kinds if found else {}
        on = max((within(box, one) for one in somebody), default=0.0)
        like = (
            NO_NAME
            if not names
            else sum(s * _cosine(own, kind) for kind, s in names.items()) / max(sum(names.values()), TINY)
        )
        person = 0.0 if entry is not None and entry.is_(PERSON) else names.get(PERSON, 0.0)
        told.append((like, _of_kind(names, entry), person, on, on * worn))
    return told


def _cosine(own: Floats | None, kind: str) -> float:
    """Of a noun's sentence embedding with that of one of the detector's kinds; 0 where either has none."""
    other = vector_of(kind)
    return 0.0 if own is None or other is None else float(own @ other)


def _of_kind(names: dict[str, float], entry: NounEntry | None) -> float:
    """The score of the detector's surest name, negative if that is of none of the noun's kinds; 0 where either has no kind."""
    surest = max(names, key=lambda kind: names[kind], default="")
    other = lexicon().look(surest) if surest else None
    if entry is None or other is None or not entry.kinds or not other.kinds:
        return 0.0
    return names[surest] * (1 if entry.is_(*other.kinds) else -1)


def _standing_out(scene: Scene, boxes: Sequence[Frame]) -> list[tuple[float, float]]:
    """In [0, 1], of each box: how much of it stands out, and how much of what stands out is in it."""
    (height, width), every = scene.shape, float(scene.salient.mean()) + LEAST_SIDE
    told = []
    for x0, y0, x1, y1 in boxes:
        held = scene.salient[int(y0 * height) : int(np.ceil(y1 * height)), int(x0 * width) : int(np.ceil(x1 * width))]
        own = float(held.mean()) if held.size else 0.0
        told.append((own, own * area_of((x0, y0, x1, y1)) / every))
    return told


def _classes(scene: Scene, boxes: Sequence[Frame], weights: Floats) -> Floats:
    """(n,) log-odds of the noun's classes in each box, over the classifier's scales."""
    if not weights.any():
        return np.full(len(boxes), SURELY[0], np.float32)
    odds, trust = np.zeros((2, len(boxes), len(scene.dense)), np.float32)
    for scale, grid in enumerate(scene.dense):
        for number, box in enumerate(boxes):
            part = cells(grid, box)
            logits = part.mean((0, 1))
            odds[number, scale] = contest(np.exp(logits - logits.max())[None, None], weights)[0, 0]
            trust[number, scale] = tells(part.shape[0] * part.shape[1])
    return np.asarray(np.clip((odds * trust).sum(1) / trust.sum(1), *SURELY), np.float32)
