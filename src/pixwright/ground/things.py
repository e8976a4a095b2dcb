"""Things with a name: boxes, salient parts and places of evidence as candidates, each with how sure it is that it has the noun.

Three witnesses name a candidate: the detector's own kinds; the classifier, shown the box alone; and, for words that neither knows, how near the word
lies to the names of the classes seen. A word of the detector's own that the detector does not see is doubted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from pixwright.ground.choose import standing
from pixwright.ground.colour import any_colour
from pixwright.ground.detections import Detected, area_of, overlap, sure, within
from pixwright.ground.evidence import ClassEvidence, peaks, seek, shown
from pixwright.ground.fitted.drawing import Outlined, measures, merits
from pixwright.ground.fitted.drawing import signs as drawing_signs
from pixwright.ground.fitted.drawing import surely as drawing_surely
from pixwright.ground.fitted.weighing import agreed, features, one_of_them, signs, surely, weigh
from pixwright.ground.geometry import (
    TINY,
    Floats,
    Frame,
    calm,
    covered,
    disc,
    fill_holes,
    frame_of,
    logistic,
    odd,
    parts_of,
    softened,
    square,
)
from pixwright.ground.instance import Instance, Sight
from pixwright.ground.meaning.regions import named_so
from pixwright.ground.meaning.sense import Sense, sense_of, towers
from pixwright.ground.outline import NESTED, SLACK, outline, outline_at, outlines, uncut
from pixwright.ground.scene import Scene
from pixwright.ground.superpixels import settle
from pixwright.records.thing import Thing
from pixwright.words import lexicon

Anchors: TypeAlias = Sequence[Sequence[Instance]]
"""What each of the things of a relation is."""
CERTAIN = 0.75
"""A name from the detector that is so sure needs no other witness."""
LOOKED = 10
"""So many candidates are shown to the classifier."""
UNLIKE, DOUBTED = 0.02, 0.65
"""The classifier's share below which the detector's name is doubted, and what is left of it."""
UNSEEN = 0.6
"""What is left of a name that the detector knows and does not give."""
MISTAKEN = 0.8
"""How far a kind that the noun's things are mistaken for is believed."""
RESEMBLES = 0.7
"""How far classes that only resemble the noun are believed."""
SAME_THING = 0.5
"""Intersection over union of two candidates' boxes that are of one thing."""
CLEARLY, DENIED = 0.3, 0.2
"""How much higher the detector's score of another name is that denies the noun, and what is left then: of 55 such choices 24 % were right, half as many as they seemed."""
PLAIN = 0.7
"""How likely one thing is meant by the detector alone, from which nothing else is asked: it was right for 249 of 252 phrases (99 %)."""
LEAST = 0.06
"""Candidates with a lower score are none."""
CLAIMED, NAMELESS = 0.5, ("statue", "toy", "picture")
"""Score from which the detector's name for what stands out forbids to take it for a thing of another kind, but for kinds that have the form of other things."""
GIVEN = 0.8
"""Agreement of box and outline where the outline came first."""
DRAWN = 6
"""So many candidates for a single thing are outlined."""
FLAT = 0.6
"""How far a field of evidence is believed to be the thing's outline."""
SPOT = (0.0008, 0.6)
"""Shares of the picture between which a spot of a colour is a thing."""
TINTED = 0.55
"""How sure the heaviest spot of the colour asked for is the thing asked for, whatever the noun."""
CROWD = 24
"""Most things of one kind that are outlined."""
DOUBTFUL = 0.36
"""A score below which the one thing that stands out is rather meant: so little is not sure enough to be taken."""
SURER, LITTLE = 0.42, 0.2
"""Score that is sure enough after a second look, which is a second chance to be wrong; and the side, in the picture's, below which a thing may have been too small for the first."""
GUESS = 0.4
"""The score of the one thing that stands out, when nothing is known of the noun."""
CLOSE_TO_BEST, SINGLE_CLOSE = 0.45, 0.6
"""Share of the best score that another candidate needs: where several may be meant, and where one is."""
SAME, SINGLE_SAME = 0.55, 0.8
"""Intersection over union of two boxes of one thing, in the same two cases: several of a kind may overlap."""
HELD = 0.8
"""Share of one of two boxes within the other from which both are of one thing, where several are meant: a saucer is no second cup."""
CERTAIN_DRAWN = 2
"""So many candidates for a single thing are outlined where the detector is certain."""
AGREEMENT = 0.25
"""How much the score of one of several depends on whether outline and box agree."""
READING = 0.5
"""Share of one outline within another from which the two are readings of one place."""
AKIN = 1.3
"""How much more a kind's score is worth that the noun's things are mistaken for: the detector names it with less certainty."""
SIZE_SPEAKS, SIZE_POWER = 0.5, 0.25
"""How much a likely and large box is shown to the classifier first; and the power of its share of the picture."""
UNDETECTED = 0.9
"""How far the classifier is believed of a word that the detector does not know."""
HOLDS, HOLDS_MORE = 0.3, 1.5
"""How likely a box holds anything: a floor, and what the detector's score adds to it."""
SALIENT, SAME_BOX = 6, 0.8
"""So many salient parts are candidates, if no box is the same by this intersection over union."""
TAKEN, CLEAR, CLARITY = 0.5, 0.2, 0.3
"""Score of a box within which no further place is sought; least sureness of an outline at a place, and how much it counts."""
PRESENT, SHOWN = 0.5, 0.5
"""How much it counts that the picture holds the thing, and that the classifier sees it in the place."""
MOST_ODDS = 6.0
"""Log-odds of evidence that count as certain in a field."""
SPOT_BLUR, SPOT_OPEN, LEAST_BLUR = 0.003, 0.008, 0.8
"""A spot of a colour: shares of the picture's longer side over which colour is calmed and below which specks are taken off; and pixels of the former at least."""
SPOT_ODDS, SPOT_HOLE = 0.2, 0.15
"""Log-odds from which a pixel is of the colour; and the share of a spot up to which a hole in it is closed."""
RING, UNLIKE_RING, MOST_APART = 9, -2.0, 5.0
"""Pixels of the kernel that gives the ring around a spot; its log-odds where there is none, and the most by which a spot can differ from it."""
SPOT_SHOWN = 0.6
"""How far the classifier is believed of a spot."""
CORE = (0.15, 0.12)
"""Shares of a box's width and height at each side that its colour is not looked for in."""
TINT_SHARE = 2.0
"""One over the share of a thing's middle that is enough of the colour asked for."""
DOMINANT = 0.6
"""Share of what stands out that a single part must have to be what the picture is about."""
DOMINANT_ALONE, FILLS = 0.8, 0.9
"""The same for what stands out nearly alone; and the share of the picture from which its box is the picture's, and tells nothing."""
FRAGMENTARY, ENTIRE, NAMED_TOO = (0.12, 0.75), 0.75, 0.09
"""Shares of the whole thing's box between which a box holds a fragment of it (what is smaller sits on it); overlap with that box from which another holds all; and share of the fragment's score that it needs."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A place that may hold the thing: its box, how likely it holds anything, and its outline where that is known already."""

    box: Frame
    likely: float
    kinds: Detected | None = None
    mask: Floats | None = None


def find_things(scene: Scene, thing: Thing, anchors: Anchors = ()) -> Sight:
    """Candidates for a thing, outlined, surest first. `anchors`: what the things of its relation are.

    Where none is sure enough to be taken, the picture is looked at once more, closer, for what is small.
    """
    sense = sense_of(thing, scene.encoders)
    out = _seen(scene, thing, sense, anchors)
    if not out or out[0].score < DOUBTFUL:
        closer = _seen(scene.closer, thing, sense, anchors)
        x0, y0, x1, y1 = closer[0].box if closer else (0.0, 0.0, 1.0, 1.0)
        out = closer if max(x1 - x0, y1 - y0) < LITTLE and closer[0].score >= SURER else out
    # What the networks know by name and do not see is not there.
    known = bool(sense.kinds) or sense.exact
    guess = dominant(scene, thing) if not known and (not out or out[0].score < DOUBTFUL) else Sight()
    if guess.found:
        return guess
    return Sight(tuple(out), out[0].score if out else 0.0)


def _seen(scene: Scene, thing: Thing, sense: Sense, anchors: Anchors) -> list[Instance]:
    """What a thing may be by the looks of a scene, surest first."""
    found = named(scene, sense)
    # Where the detector has the noun, place and relation choose among those that are of it; else they tell with the rest what is meant at all.
    single = not (thing.plural or thing.count or thing.every) and (
        not thing.selective or (stands(thing) and (not found or found[0][1] < CERTAIN))
    )
    if single:
        return one_meant(*drawn_for_one(scene, thing, sense, found, anchors))
    found, _ = _with_places(scene, thing, sense, each(scene, thing, sense, found))
    drawn = outlined(scene, likeliest(found, False), False)
    out = [Instance(one.mask, one.score * (1 - AGREEMENT + AGREEMENT * one.agreed)) for one in drawn]
    return sorted(out, key=lambda i: -i.score)


def drawn_for_one(
    scene: Scene, thing: Thing, sense: Sense, found: list[tuple[Candidate, float]], anchors: Anchors
) -> tuple[list[Outlined], Floats]:
    """The outlines that a single thing may be, the likeliest box's first, and what is known of each, as `fitted.drawing.measures` says; `found` has the noun by detector and classifier (`named`)."""
    found = _entire(scene, sense, weighed(scene, thing, sense, found, anchors))
    found, evidence = _with_places(scene, thing, sense, found)
    kept = likeliest(found, True)
    if sense.kinds and kept and kept[0][1] > CERTAIN:
        kept = kept[:CERTAIN_DRAWN]
    drawn = outlined(scene, kept, True)
    return drawn, measures(scene, drawn, evidence, thing.colours, towers(thing))


def _with_places(
    scene: Scene, thing: Thing, sense: Sense, found: list[tuple[Candidate, float]]
) -> tuple[list[tuple[Candidate, float]], ClassEvidence | None]:
    """The same, surest first, with the places of most evidence and the spots of the colour asked for, unless a name is certain; and that evidence."""
    certain = bool(found) and found[0][1] >= CERTAIN
    evidence = seek(scene, sense.weights) if sense.classes and not certain else None
    if evidence is not None:
        found = _with_peaks(scene, found, sense, evidence)
    if thing.colours and (not found or found[0][1] < CERTAIN):
        found = sorted([*found, *_spots(scene, thing, sense)], key=lambda pair: -pair[1])
    return found, evidence


def outlined(scene: Scene, kept: Sequence[tuple[Candidate, float]], single: bool) -> list[Outlined]:
    """Those candidates that have an outline, with it; several share out what they have between them."""
    apart = outlines(scene, [c.box for c, _ in kept if c.mask is None]) if not single else []
    found = []
    for candidate, score in kept:
        if candidate.mask is not None:
            one = Outlined(candidate.box, candidate.mask, score, GIVEN, 1.0)
        else:
            mask, agreed = apart.pop(0) if apart else outline(scene, candidate.box)
            one = Outlined(candidate.box, mask, score, agreed, uncut(mask, candidate.box, SLACK))
        if (one.mask > 0.5).any():
            found.append(one)
    return found


def one_meant(drawn: Sequence[Outlined], table: Floats) -> list[Instance]:
    """The readings of one thing, the one that is rather meant first, by all that is known of their outlines."""
    if not drawn:
        return []
    merit = merits(table)
    best = int(merit.argmax())
    first = drawing_surely(drawing_signs(merit, table, best))
    order = np.argsort(-merit, kind="stable")
    return _one_reading([Instance(drawn[i].mask, first * float(np.exp(merit[i] - merit[best]))) for i in order])


def stands(thing: Thing) -> bool:
    """Whether nothing but its place or a relation picks it."""
    return bool(thing.places or thing.link) and not (thing.order or thing.rank or thing.other)


def _one_reading(found: list[Instance]) -> list[Instance]:
    """Surest first, without other readings of the same place: two outlines of which one mostly covers the other mean one thing."""
    kept: list[Instance] = []
    for each in found:
        if all(max(covered(each.mask, o.mask), covered(o.mask, each.mask)) < READING for o in kept):
            kept.append(each)
    return kept


def named(scene: Scene, sense: Sense) -> list[tuple[Candidate, float]]:
    """The places of the picture with how sure it is that each holds the noun, surest first."""
    seen = [Candidate(p.box, 1.0, p) for p in scene.proposals[: scene.considered]]
    own = [sure(c.kinds.of(sense.kinds, sense.alike)) if c.kinds else 0.0 for c in seen]
    if sense.kinds and max(own, default=0.0) > CERTAIN:
        return sorted(((c, s) for c, s in zip(seen, own, strict=True) if s > LEAST), key=lambda pair: -pair[1])
    if sense.alike:
        akin = [MISTAKEN * sure(AKIN * c.kinds.of(sense.alike)) if c.kinds else 0.0 for c in seen]
        own = [max(a, b) for a, b in zip(own, akin, strict=True)]
    if sense.classes:
        seen, own = _with_salient(scene, seen, own)
        order = sorted(
            range(len(seen)),
            key=lambda i: -(own[i] + SIZE_SPEAKS * seen[i].likely * area_of(seen[i].box) ** SIZE_POWER),
        )
        for i in order[:LOOKED]:
            share = shown(scene, seen[i].box, sense.weights) * (1.0 if sense.exact else RESEMBLES)
            if sense.kinds and sense.exact and share < UNLIKE:
                own[i] *= DOUBTED
            own[i] = 1 - (1 - own[i]) * (1 - (UNSEEN if sense.kinds else UNDETECTED) * share)
    return sorted(((c, s) for c, s in zip(seen, own, strict=True) if s > LEAST), key=lambda pair: -pair[1])


def _with_salient(scene: Scene, seen: list[Candidate], own: list[float]) -> tuple[list[Candidate], list[float]]:
    """The parts of what stands out, which the detector may have no box for; the boxes' likelihood is the detector's."""
    likely = [float(np.clip(HOLDS + HOLDS_MORE * (c.kinds.score if c.kinds else 0), 0, 1)) for c in seen]
    boxes = [Candidate(c.box, holds, c.kinds) for c, holds in zip(seen, likely, strict=True)]
    out = list(boxes)
    for mask in scene.salient_parts[:SALIENT]:
        box = frame_of(mask)
        if not any(overlap(box, c.box) > SAME_BOX for c in boxes):
            out.append(Candidate(box, 1.0, None, mask))
    return out, own + [0.0] * (len(out) - len(own))


def _with_peaks(
    scene: Scene, found: list[tuple[Candidate, float]], sense: Sense, evidence: ClassEvidence
) -> list[tuple[Candidate, float]]:
    """The places with the most evidence, each with the outline of what is there."""
    out = list(found)
    trust = (1.0 if sense.exact else RESEMBLES) * (UNSEEN if sense.kinds else 1.0)
    for point in peaks(evidence):
        x, y = point
        if any(c.box[0] < x < c.box[2] and c.box[1] < y < c.box[3] and s > TAKEN for c, s in out):
            continue
        mask, clear = outline_at(scene, point)
        if clear < CLEAR or not (mask > 0.5).any():
            continue
        box = frame_of(mask)
        share = shown(scene, box, sense.weights)
        score = trust * (PRESENT * evidence.presence + SHOWN * share) * (1 - CLARITY + CLARITY * clear)
        out.append((Candidate(box, clear, None, mask), score))
    field = _field(scene, evidence)
    if field is not None:
        out.append((Candidate(frame_of(field), 1.0, None, field), trust * FLAT * evidence.presence))
    return sorted(out, key=lambda pair: -pair[1])


def _field(scene: Scene, evidence: ClassEvidence) -> Floats | None:
    """The superpixels with evidence, as one outline: what lies flat behind other things stands out nowhere."""
    odds = scene.pieces.mean(evidence.odds)
    likely = np.asarray(logistic(np.clip(odds, -MOST_ODDS, MOST_ODDS)), np.float32)
    belief = settle(scene.pieces, likely)
    parts = parts_of(softened(scene.pieces.paint(belief)), SPOT[0] * belief.size)
    return parts[0] if parts else None


def _spots(scene: Scene, thing: Thing, sense: Sense) -> list[tuple[Candidate, float]]:
    """The connected spots of a thing's colour: how large, how clearly of the colour, and how compact each is, and whether the classifier sees the noun there."""
    odds = any_colour(scene.lab, thing.colours)
    spots = coloured_spots(odds)
    weights = []
    for spot in spots:
        inside = spot > 0.5
        ring = cv2.dilate(inside.astype(np.uint8), square(RING)).astype(bool) & ~inside
        apart = float(np.clip(odds[inside].mean() - (odds[ring].mean() if ring.any() else UNLIKE_RING), 0, MOST_APART))
        box = frame_of(spot)
        weights.append(float(spot.mean()) ** 0.5 * apart * (float(spot.mean()) / max(area_of(box), TINY)) ** 0.5)
    out = []
    for spot, weight in zip(spots, weights, strict=True):
        score = TINTED * weight / max(weights)
        if sense.classes:
            score = 1 - (1 - score) * (1 - SPOT_SHOWN * shown(scene, frame_of(spot), sense.weights))
        out.append((Candidate(frame_of(spot), 1.0, None, spot), score))
    return out


def coloured_spots(odds: Floats) -> list[Floats]:
    """The connected spots (h, w) of a colour, largest first. `odds` (h, w): log-odds that a pixel has it."""
    longer = max(odds.shape)
    tinted = calm(odds, max(LEAST_BLUR, SPOT_BLUR * longer)) > SPOT_ODDS
    solid = cv2.morphologyEx(tinted.astype(np.uint8), cv2.MORPH_OPEN, disc(odd(SPOT_OPEN * longer)))
    mask = softened(fill_holes(solid.astype(np.float32), SPOT_HOLE))
    return [s for s in parts_of(mask, SPOT[0] * mask.size) if float(s.mean()) < SPOT[1]][:LOOKED]


def likeliest(found: Sequence[tuple[Candidate, float]], single: bool) -> list[tuple[Candidate, float]]:
    """Those that are hardly less sure than the surest, which comes first, without boxes that are the same as surer ones; `single`: of a thing that is alone meant."""
    best = max((score for _, score in found), default=0.0)
    near, same = (SINGLE_CLOSE, SINGLE_SAME) if single else (CLOSE_TO_BEST, SAME)
    kept: list[tuple[Candidate, float]] = []
    for candidate, score in sorted(found, key=lambda pair: -pair[1]):
        box = candidate.box
        again = any(overlap(box, o.box) > same or (not single and max(within(box, o.box), within(o.box, box)) > HELD) for o, _ in kept)  # fmt: skip
        if score > max(LEAST, near * best) and not again:
            kept.append((candidate, score))
    return kept[: DRAWN if single else CROWD]


def weighed(
    scene: Scene, thing: Thing, sense: Sense, found: list[tuple[Candidate, float]], anchors: Anchors = ()
) -> list[tuple[Candidate, float]]:
    """The same and all other candidates, by all that is known of each: how likely the first is the one that is meant, and what the others have of it.

    Where the detector is certain, its names, colours and sizes are asked first: if one thing is meant by those alone, nothing else is looked at.
    """
    if sense.kinds and found and found[0][1] > CERTAIN:
        order, clear = weighed_by(scene, thing, sense, found, False, anchors)
        if clear > PLAIN:
            return order
    return weighed_by(scene, thing, sense, found, True, anchors)[0]


def each(
    scene: Scene, thing: Thing, sense: Sense, found: list[tuple[Candidate, float]]
) -> list[tuple[Candidate, float]]:
    """All candidates, each with how likely it is one of the things that the noun names."""
    seen, table = told(scene, thing, sense, found, True)
    likely = one_of_them(table) if seen else np.zeros(0, np.float32)
    return sorted(((c, float(p)) for c, p in zip(seen, likely, strict=True)), key=lambda pair: -pair[1])


def _entire(scene: Scene, sense: Sense, found: list[tuple[Candidate, float]]) -> list[tuple[Candidate, float]]:
    """The same, with all of the one thing that stands out before a fragment of it that is named more surely.

    A classifier is surest of what it is shown close: of a hammer's head. What the detector knows by another name is no such thing (what a person holds).
    """
    parts = scene.salient_parts
    if (
        not found
        or sense.kinds
        or not parts
        or float(parts[0].sum()) < DOMINANT_ALONE * sum(float(p.sum()) for p in parts)
    ):
        return found
    all_of_it, (best, most) = frame_of(parts[0]), found[0]
    if any(p.score > CERTAIN and overlap(p.box, all_of_it) > SAME_THING for p in scene.proposals):
        return found

    def is_fragment(box: Frame) -> bool:
        share = area_of(box) / area_of(all_of_it)
        return within(box, all_of_it) > NESTED and FRAGMENTARY[0] < share < FRAGMENTARY[1]

    if area_of(all_of_it) > FILLS or not is_fragment(best.box):
        return found
    others = [(c, s) for c, s in found if overlap(c.box, all_of_it) > ENTIRE and s > NAMED_TOO * most]
    first = max(others, key=lambda pair: pair[1], default=None)
    if first is None:
        return found
    # A fragment has an outline of its own, which its evidence fills better.
    return [(first[0], most), *((c, s) for c, s in found if c is not first[0] and not is_fragment(c.box))]


def weighed_by(
    scene: Scene, thing: Thing, sense: Sense, found: list[tuple[Candidate, float]], looked: bool, anchors: Anchors = ()
) -> tuple[list[tuple[Candidate, float]], float]:
    """The same by the detector alone, or `looked`: by the classifier and what stands out as well."""
    seen, table = told(scene, thing, sense, found, looked, anchors)
    if not seen:
        return [], 1.0
    share = weigh(table)
    likely = agreed(share, [c.box for c in seen])
    best = int(likely.argmax())
    clear = float(share[[overlap(c.box, seen[best].box) > SAME_THING for c in seen]].sum())
    own = found[best][1] if best < len(found) else 0.0
    first = surely(signs(likely, table, best)) if looked else own
    unseen = bool(sense.kinds) and max((score for _, score in found), default=0.0) < LEAST
    first *= DENIED if unseen or denied(seen[best].kinds, sense) else 1.0
    merit = first * likely / likely[best]
    order = sorted(((c, float(s)) for c, s in zip(seen, merit, strict=True)), key=lambda pair: -pair[1])
    return [pair for pair in order if pair[1] > 0], clear


def denied(seen: Detected | None, sense: Sense) -> bool:
    """Whether the detector, which knows the noun, is clearly surer of another name for a box."""
    if seen is None or not sense.kinds:
        return False
    other = max((score for kind, score in seen.kinds.items() if kind not in sense.kinds), default=0.0)
    return other - max(seen.kinds.get(kind, 0.0) for kind in sense.kinds) > CLEARLY


def told(
    scene: Scene, thing: Thing, sense: Sense, found: list[tuple[Candidate, float]], looked: bool, anchors: Anchors = ()
) -> tuple[list[Candidate], Floats]:
    """All candidates, `found` first, and what is known of each: (n, k), as `weigh` takes it."""
    known = {c.box for c, _ in found}
    others = [Candidate(p.box, 1.0, p) for p in scene.proposals[: scene.considered] if p.box not in known]
    if looked:
        parts = [Candidate(frame_of(part), 1.0, None, part) for part in scene.salient_parts[:SALIENT]]
        others += [c for c in parts if c.box not in known]
    seen = [*(c for c, _ in found), *others]
    scores = np.array([s for _, s in found] + [0.0] * len(others), np.float32)
    boxes = [c.box for c in seen]
    tinted = np.array(_tinted(scene, boxes, thing.colours), np.float32)
    names = named_so(scene, boxes, [c.kinds for c in seen], thing.name) if looked and seen else None
    table = features(
        scene, [(c.box, c.kinds) for c in seen], scores, tinted, (sense.kinds, sense.alike), sense.weights, thing.head,
        names, standing(boxes, thing, anchors),
    ) if seen else np.zeros((0, 0), np.float32)  # fmt: skip
    return seen, table


def _tinted(scene: Scene, boxes: Sequence[Frame], colours: tuple[str, ...]) -> list[float]:
    """Of each box, 0 to 1: how much of the colours its middle shows; 0 where none was asked for."""
    if not colours:
        return [0.0] * len(boxes)
    odds, (height, width) = any_colour(scene.lab, colours) > 0, scene.shape
    shares = []
    for x0, y0, x1, y1 in boxes:
        dx, dy = CORE[0] * (x1 - x0), CORE[1] * (y1 - y0)
        part = odds[
            int((y0 + dy) * height) : int((y1 - dy) * height) + 1, int((x0 + dx) * width) : int((x1 - dx) * width) + 1
        ]
        shares.append(min(1.0, TINT_SHARE * float(part.mean())) if part.size else 0.0)
    return shares


def dominant(scene: Scene, thing: Thing) -> Sight:
    """The one thing that the picture is about, as a guess for a noun that no witness knows."""
    parts = scene.salient_parts
    total = sum(float(p.sum()) for p in parts)
    if not parts or thing.plural or thing.selective or thing.colours or float(parts[0].sum()) < DOMINANT * total:
        return Sight()
    if _claimed(scene, thing, parts[0]):
        return Sight()
    why = f'nothing here is known as "{thing.name}": the one thing that stands out was taken'
    return Sight((Instance(parts[0], GUESS),), GUESS, why)


def _claimed(scene: Scene, thing: Thing, part: Floats) -> bool:
    """Whether the detector surely has a name for a part that a thing of this kind cannot have: a pan is no garlic."""
    entry = lexicon().look(thing.head)
    if entry is None or not entry.kinds or entry.is_(*NAMELESS):
        return False
    frame = frame_of(part)
    names = [
        max(p.kinds, key=lambda kind: p.kinds[kind])
        for p in scene.proposals
        if p.score > CLAIMED and overlap(p.box, frame) > SAME_THING
    ]
    others = [lexicon().look(name) for name in names]
    return bool(others) and all(other is not None and other.kinds and not entry.is_(*other.kinds) for other in others)
