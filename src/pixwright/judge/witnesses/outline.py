"""Was the right thing taken, and all of it? The named region against what stands out, against edges of the picture, and against its owner."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.judge.look import Bools, Look, along
from pixwright.judge.witnesses.heard import Heard, named
from pixwright.records.kind import Aspect
from pixwright.words import NounEntry, lexicon

_SHARED, _OWNED = 0.15, 0.3
"""Share of the region, or of a salient part, from which the two belong together; and of the region, from which the part is its owner."""


def found(look: Look) -> Heard | None:
    """How sure the grounder was of what it named: its score is the share of right masks."""
    region = look.trial.region
    # A pulled network's score is no share of right masks: this witness has nothing to say of it.
    if region.source != "phrase" or region.by or _behind(look):
        return None
    return Heard(region.score, f"it is not sure that what was edited is {named(look.trial.step)}")


def foreground(look: Look) -> Heard | None:
    """The same where everything but the subject is changed: a doubtful cut is seen all around."""
    region = look.trial.region
    if region.source != "phrase" or region.by or not _behind(look):
        return None
    return Heard(region.score, "it is not sure where the foreground ends")


def on_edges(look: Look) -> Heard | None:
    """Share of a thing's outline that lies on edges of the picture. Surfaces fade into one another and are not asked."""
    entry = _entry(look)
    if look.trial.region.source != "phrase" or _behind(look) or (entry is not None and entry.stuff):
        return None
    seen = along(look.named, look)
    return (
        None if seen is None else Heard(seen.was_edge, "the outline of the edit does not follow edges of the picture")
    )


def rest(look: Look) -> Heard | None:
    """How much of what stands out together with the region was left out, in areas of the region. Of two in a group one may be meant."""
    step = look.trial.step
    moved = step.type.traits.moves or look.trial.evidence.vacated
    if look.trial.region.source != "phrase" or not moved or step.target is None or step.target.selective:
        return None
    area = np.count_nonzero(look.named)
    together = _together(look, _SHARED)
    if not area:
        return None
    left = np.count_nonzero(together & ~look.named) / area
    return Heard(left, f"only a part of what stands out there was taken for {named(step)}")


def whole_owner(look: Look) -> Heard | None:
    """Share of the owner that a part of it, or what it wears, takes up."""
    entry, thing = _entry(look), look.trial.step.target
    owned = thing is not None and thing.owner is not None
    if look.trial.region.source != "phrase" or not (owned or (entry is not None and (entry.worn or entry.part))):
        return None
    owner = _together(look, _OWNED)
    if not owner.any():
        return None
    share = np.count_nonzero(owner & look.named) / np.count_nonzero(owner)
    return Heard(share, f"nearly all that stands out was taken for {named(look.trial.step)}")


def _behind(look: Look) -> bool:
    """Whether what lies behind is changed."""
    return look.trial.step.type.traits.changes is Aspect.BACKGROUND


def _entry(look: Look) -> NounEntry | None:
    target = look.trial.step.target
    return lexicon().look(target.head) if target is not None and target.head else None


def _together(look: Look, share: float) -> Bools:
    """The connected parts of what stands out that share so much with the region, of the smaller of the two."""
    count, labels = cv2.connectedComponents(look.salient.astype(np.uint8))
    area = np.count_nonzero(look.named)
    sizes = np.bincount(labels.ravel(), minlength=count)
    both = np.bincount(labels[look.named], minlength=count)
    near = both > share * np.minimum(sizes, area)
    near[0] = False
    return np.asarray(near[labels], np.bool_)
