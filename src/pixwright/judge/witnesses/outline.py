"""Was the right thing taken, and all of it? The named region against what stands out, against edges of the picture, and against its owner."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.judge.look import Bools, Look, along, grown, likelier
from pixwright.judge.softly import without_outline
from pixwright.judge.witnesses.change import unless_edged
from pixwright.judge.witnesses.heard import Heard, named
from pixwright.records.kind import Aspect
from pixwright.words import NounEntry, lexicon

_SHARED, _OWNED = 0.15, 0.3
"""Share of the region, or of a salient part, from which the two belong together; and of the region, from which the part is its owner."""

_MARGIN, _LEAST_MARGIN = 0.25, 6
"""Surroundings of a thing that another outline is drawn in: of its longer side, and in pixels at least."""
_SHOWN = 256
"""Longer side, in pixels, at which they are shown."""
_HALF = 0.5
_NOTCH, _LEAST_NOTCH = 0.05, 3
"""Width of what is a gap or a notch: of a thing's side, and in pixels at least."""
_RIM, _GAP = (0.12, 4), 2
"""Width of the rim in which a thing may go on: of its side, and in pixels at least; and of what may be its soft edge."""
_FAR = ((0.2, 6), (0.6, 30))
"""The same of the ring that shows what is around it: where it begins and ends."""
_CORE, _FEWEST = -4, 50
"""Pixels by which a thing is shrunk so that its own colours are seen; and of it and its surroundings at least."""


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
    if look.trial.region.source != "phrase" or _behind(look) or _stuff(look) or look.trial.step.reframes:
        return None
    if without_outline(look.trial.step, look.trial.region):
        return None
    seen = along(look.named, look)
    return (
        None if seen is None else Heard(seen.was_edge, "the outline of the edit does not follow edges of the picture")
    )


def drawn_anew(look: Look) -> Heard | None:
    """How far the thing is from what stands out of its own box, shown alone: 1 - intersection over union. That outline knows neither words nor the first one."""
    return None if _behind(look) or _stuff(look) else _apart(look)


def cut_anew(look: Look) -> Heard | None:
    """The same of the foreground, of which a good cut is nearly the same."""
    return _apart(look) if _behind(look) else None


def _apart(look: Look) -> Heard | None:
    thing = _thing(look)
    if thing is None or without_outline(look.trial.step, look.trial.region):
        return None
    ys, xs = np.nonzero(thing)
    pad = int(_MARGIN * max(np.ptp(ys), np.ptp(xs))) + _LEAST_MARGIN
    part = np.s_[max(0, ys.min() - pad) : ys.max() + 1 + pad, max(0, xs.min() - pad) : xs.max() + 1 + pad]
    shown = np.ascontiguousarray(look.shown[part])
    other = (look.trial.encoders.segmenter.outline(shown, _SHOWN) > _HALF) & ~(look.beside & ~thing)[part]
    shared, either = (int(np.count_nonzero(one)) for one in (other & thing[part], other | thing[part]))
    apart = unless_edged(look, 1 - shared / max(either, 1))
    return Heard(apart, f"it is not sure that the outline holds all of {_called(look)}, and nothing else")


def ragged(look: Look) -> Heard | None:
    """Gaps and notches in the outline of what was taken, in areas of it: a cut that follows spots or texture leaves pieces."""
    thing = _thing(look)
    if thing is None or not look.trial.evidence.vacated or without_outline(look.trial.step, look.trial.region):
        return None
    area = np.count_nonzero(thing)
    pad = max(_LEAST_NOTCH, int(_NOTCH * np.sqrt(area)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pad | 1, pad | 1))
    whole = cv2.morphologyEx(np.pad(thing, pad).astype(np.uint8), cv2.MORPH_CLOSE, kernel)[pad:-pad, pad:-pad] > 0
    return Heard(np.count_nonzero(whole & ~thing) / area, f"the outline of {_called(look)} has gaps")


def goes_on(look: Look) -> Heard | None:
    """Share of the rim outside of the thing that has its colours and not those of what is farther away: a part was left, or lost."""
    thing = _thing(look)
    if thing is None or not (_behind(look) or look.trial.step.type.traits.surface):
        return None
    if without_outline(look.trial.step, look.trial.region):
        return None
    side = float(np.sqrt(np.count_nonzero(thing)))
    core = grown(thing, _CORE)
    rim = grown(thing, _wide(_RIM, side)) & ~grown(thing, _GAP) & ~look.beside
    far = grown(thing, _wide(_FAR[1], side)) & ~grown(thing, _wide(_FAR[0], side))
    if min(np.count_nonzero(part) for part in (core, rim, far)) < _FEWEST:
        return None
    share = unless_edged(look, float(likelier(look.cells[0], core, far)[rim].mean()))
    return Heard(share, f"a part of {_called(look)} seems to lie beyond the outline")


def rest(look: Look) -> Heard | None:
    """How much of what stands out together with the region was left out, in areas of the region. Of two in a group one may be meant."""
    step = look.trial.step
    moved = step.type.traits.moves or look.trial.evidence.vacated
    if (
        look.trial.region.source != "phrase"
        or not moved
        or step.target is None
        or step.target.selective
        or step.reframes
    ):
        return None
    area = np.count_nonzero(look.named)
    together = _together(look, _SHARED)
    if not area:
        return None
    left = unless_edged(look, np.count_nonzero(together & ~look.named) / area)
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


def _thing(look: Look) -> Bools | None:
    """What was named, or what stands before the background that was changed; None where nobody named anything, or all, or where no outline shows."""
    thing = ~look.named if _behind(look) else look.named
    asked = look.trial.region.source == "phrase" and not look.trial.step.reframes
    return thing if asked and thing.any() and not thing.all() else None


def _called(look: Look) -> str:
    return "the foreground" if _behind(look) else named(look.trial.step)


def _wide(of_side: tuple[float, int], side: float) -> int:
    share, least = of_side
    return max(least, int(share * side))


def _stuff(look: Look) -> bool:
    entry = _entry(look)
    return entry is not None and bool(entry.stuff)


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
