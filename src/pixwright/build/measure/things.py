"""Measurements of things: is it there, is it the one that the words or the reference name, and how many are there."""

from __future__ import annotations

import re
from functools import lru_cache

import cv2
import numpy as np

from pixwright.build.measure.bank import Bank
from pixwright.build.measure.basic import edges
from pixwright.build.measure.view import Bools, Floats, View, components
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType as T
from pixwright.records.kind import Target
from pixwright.records.plan import Unit
from pixwright.words import lexicon, read
from pixwright.words.naming import last_noun
from pixwright.words.numbers import number

_CUT_SIDE = 128
_SECOND = 0.25
"""Least share of the largest part for the second largest to be looked at, too: a thing that moved is in one of two."""


def named(view: View, bank: Bank) -> dict[str, float]:
    """Before the edit the mask shows the target, after it what the step puts there; each against other names."""
    inside = view.inside
    if inside is None:
        return {}
    found: dict[str, float] = {}
    step = view.sample.step
    was, now = (seen(view, picture, bank) for picture in (view.before, view.after))
    arrives = view.type is T.COUNTING and (wanted_change(view) or 0) > 0
    if step.target and not arrives and _shows_its_target(view.type):
        before, after = bank.agreement(was, str(step.target)), bank.agreement(now, str(step.target))
        if before is not None and after is not None:
            found |= dict(zip(("target_likeness", "target_margin", "target_rank"), before, strict=True))
            found["target_gain"] = after[0] - before[0]
    thing = put(view)
    if thing is None:
        return found
    before, after = bank.agreement(was, thing), bank.agreement(now, thing)
    if before is None or after is None:
        rank = bank.class_rank(now, thing)
        return found if rank is None else found | {"class_rank": rank}
    found |= dict(zip(("noun_likeness", "noun_margin", "noun_rank"), after, strict=True))
    found["noun_gain"] = after[0] - before[0]
    return found


def _shows_its_target(kind: T) -> bool:
    """Whether the mask lies on the step's target before the edit: not where one thing comes to another, or two change places."""
    return kind.traits.target is not Target.PICTURE and kind not in (T.ADD, T.RELATION_CHANGE)


def seen(view: View, picture: Array, bank: Bank) -> list[Floats]:
    """Embeddings of what a picture may show in the mask: its largest parts, whole and without the ground that is in them.

    What comes or goes is what changed; a thing that changes its look is all of the mask.
    """
    traits = view.type.traits
    whole = not (traits.brings or traits.guided or view.type in (T.REMOVE, T.MOVEMENT))
    region = view.inside if whole or view.part is None else view.part
    assert region is not None
    parts = components(region, _SECOND)[:2]
    return [bank.embed(picture, one) for part in parts for one in (part, *refined(picture, part))]


def refined(picture: Array, part: Bools) -> list[Bools]:
    """The thing within a part of a picture, told from what surrounds the part by its colours (Rother et al. 2004, GrabCut); empty if there is
    none: the mask of an edit holds both what was and what is there, so that some of it is ground."""
    x, y, w, h = cv2.boundingRect(part.astype(np.uint8))
    pad = max(6, max(w, h) // 4)
    where = np.s_[max(0, y - pad) : y + h + pad, max(0, x - pad) : x + w + pad]
    wide = part[where].shape[::-1]
    shown = shrink(np.ascontiguousarray(picture[where][..., 2::-1]), _CUT_SIDE, least=8)
    inside = cv2.resize(part[where].astype(np.uint8), shown.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    labels = np.where(inside > 0, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)
    if inside.all() or int(inside.sum()) < 20:
        return []
    cv2.setRNGSeed(0)
    cv2.grabCut(shown, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), 2, cv2.GC_INIT_WITH_MASK)
    found = (labels == cv2.GC_PR_FGD).astype(np.uint8)
    if int(found.sum()) < 0.08 * int(inside.sum()):
        return []
    out = np.zeros(part.shape, np.bool_)
    out[where] = cv2.resize(found, wide, interpolation=cv2.INTER_NEAREST) > 0
    return components(out)[:1]


def put(view: View) -> str | None:
    """The name of what the edit puts into the picture, or None."""
    step = view.sample.step
    if view.type is T.COUNTING:
        return str(step.target) if (change := wanted_change(view)) is not None and change > 0 else None
    traits = view.type.traits
    if traits.brings or (traits.guided and step.value and not _is_look(step.value)):
        return step.value
    return None


@lru_cache(maxsize=1)
def _looks() -> frozenset[str]:
    from pixwright.records import vocabulary as v

    return frozenset((*v.COLOURS, *v.MATERIALS, *v.APPEARANCES, *v.STYLES, *v.TONES, *v.ACTIONS, *v.BACKGROUNDS))


def _is_look(value: str) -> bool:
    return value in _looks()


def referred(view: View, bank: Bank) -> dict[str, float]:
    """The thing in the mask looks like the reference picture's thing, more than other things do, and more than what was there."""
    reference = view.reference
    if view.type is not T.VISUAL_REFERENCE or reference is None or view.inside is None:
        return {}
    shown = reference.pixels
    if shown is None:
        return {}
    wanted = bank.embed(shown, thing_in(shown))
    before, after = (bank.against(seen(view, picture, bank), wanted) for picture in (view.before, view.after))
    names = ("reference_likeness", "reference_margin", "reference_rank")
    return dict(zip(names, after, strict=True)) | {"reference_gain": after[0] - before[0]}


def thing_in(picture: Array) -> Bools:
    """Where the thing in a reference picture is: its alpha, else what differs from the picture's border."""
    if picture.shape[2] == 4 and int(picture[..., 3].min()) < 128 and (picture[..., 3] > 127).any():
        return np.asarray(picture[..., 3] > 127)
    height, width = picture.shape[:2]
    scale = _CUT_SIDE / max(height, width)
    small = cv2.resize(
        np.ascontiguousarray(picture[..., :3]), (max(8, round(width * scale)), max(8, round(height * scale)))
    )
    labels = np.full(small.shape[:2], cv2.GC_PR_FGD, np.uint8)
    rim = max(2, round(0.04 * min(small.shape[:2])))
    labels[:rim], labels[-rim:], labels[:, :rim], labels[:, -rim:] = (cv2.GC_BGD,) * 4
    cv2.setRNGSeed(0)
    cv2.grabCut(
        np.ascontiguousarray(small[..., ::-1]),
        labels,
        None,
        np.zeros((1, 65)),
        np.zeros((1, 65)),
        3,
        cv2.GC_INIT_WITH_MASK,
    )
    found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    if not 0.02 < float(found.mean()) < 0.95:
        return np.ones((height, width), np.bool_)
    return np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_NEAREST) > 0)


def counted(view: View) -> dict[str, float]:
    """How many things the mask holds, against how many the words want to be added or taken away, and whether they came or went."""
    if view.type is not T.COUNTING or view.part is None:
        return {}
    found = {"changed_items": float(len(components(view.part)))}
    change = wanted_change(view)
    if change is not None and change != 0:
        found["count_error"] = abs(found["changed_items"] - abs(change))
        found["count_direction"] = float(np.sign(change)) * _arrived(view)
    return found


def _arrived(view: View) -> float:
    """How much stronger the edges on the border of what changed are after than before: things that came have borders."""
    assert view.part is not None
    rim = cv2.morphologyEx(view.part.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    was, now = (float(edges(p)[rim].mean() / 32) if rim.any() else 0.0 for p in (view.before, view.after))
    return now - was


def wanted_change(view: View) -> float | None:
    """How many more (negative: fewer) the step asks for: its amount, else its count against the source's caption."""
    step = view.sample.step
    if step.amount is not None and step.amount.unit is Unit.ITEMS:
        return step.amount.value
    had = number_of(str(step.target or ""), view.sample.source_caption)
    return None if step.count is None or had is None else float(step.count - had)


def number_of(noun: str, caption: str) -> int | None:
    """How many of a noun a caption speaks of: "two red cars" -> 2, "a car" -> 1; None if it does not speak of it."""
    last = last_noun(read(noun))
    words = re.findall(r"[a-z0-9'-]+", caption.lower())
    for place, word in enumerate(words):
        if lexicon().singular(word)[0] == last:
            for before in reversed(words[max(0, place - 4) : place]):
                if (n := number(before)) is not None or before == "no":
                    return n or 0
                if before in ("a", "an", "the"):
                    return 1
    return None
