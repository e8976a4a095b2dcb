"""Where a thing's surface was changed: only its own, and with its light and detail?"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.judge.look import Bools, Look, frequencies, grown
from pixwright.judge.softly import evens_skin
from pixwright.judge.witnesses.change import unless_edged
from pixwright.judge.witnesses.heard import Heard, named
from pixwright.records.kind import Aspect

_FEWEST = 60
"""Pixels of a surface below which nothing is told of it."""
_HUES = np.arange(-100.0, 101.0, 8.0)
"""Cells of a histogram of a and b in which the surface's own colour is sought."""
_NEAR = 16.0
"""How far from that colour, in a and b, a pixel may be and still be of it."""
_CHANGED, _SEEN = 10.0, 2.5
"""Difference in L*a*b* from which a pixel has another colour, and from which an eye sees that it was changed."""
_COLOURED, _PAINTED = 18.0, 0.25
"""CIE chroma from which a pixel has a colour; and the share of such pixels from which a thing is coloured."""
_LOCAL = 6.0
"""Sigma, in pixels, below which contrast is local."""
_NONE = 0.3
"""L* that are added to a local contrast, so that a flat surface has one."""
_GAP, _RING = 3, 14
"""Pixels around a thing that may still be its rim, and up to which its surroundings reach."""


def _surface(look: Look) -> Bools | None:
    """The changed thing's inner pixels; skin that is evened out has no new surface."""
    if evens_skin(look.trial.step):
        return None
    if not look.trial.step.type.traits.surface or not look.trial.same_size or look.trial.region.source == "whole":
        return None
    inner = grown(look.named, -2)
    return inner if np.count_nonzero(inner) > _FEWEST else None


def other_colours(look: Look) -> Heard | None:
    """Share of the thing that was changed though it had another colour than most of it: eyes, tyres, what is in a cup."""
    inner = _surface(look)
    if inner is None:
        return None
    hues = look.before[..., 1:][inner]
    counts, a, b = np.histogram2d(hues[:, 0], hues[:, 1], bins=(_HUES, _HUES))
    i, j = np.unravel_index(int(np.argmax(cv2.blur(counts, (3, 3)))), counts.shape)
    own = np.array([(a[i] + a[i + 1]) / 2, (b[j] + b[j + 1]) / 2])
    other = np.abs(hues - own).max(axis=1) > _NEAR
    share = float((other & (look.difference[inner] > _CHANGED)).mean())
    return Heard(share, "parts of another colour were changed with it")


def camouflage(look: Look) -> Heard | None:
    """How much the colours of the thing and of its surroundings are the same ones: then its outline is doubtful. 0 to 1."""
    inner = _surface(look)
    if inner is None or look.trial.region.source != "phrase":
        return None
    ring = grown(look.named, _RING) & ~grown(look.named, _GAP) & ~look.beside
    if np.count_nonzero(ring) < _FEWEST:
        return None
    mine, theirs = (frequencies(look.cells[0][part]) for part in (inner, ring))
    return Heard(
        unless_edged(look, float(np.minimum(mine, theirs).sum() / mine.sum())),
        f"{named(look.trial.step)} and its surroundings have the same colours: the outline is doubtful",
    )


def _contrast(look: Look, inner: Bools) -> float:
    """Logarithm of the local contrast after over that before. What got darker has less of it in proportion, and lost nothing."""
    was, now = (
        np.abs(light - cv2.GaussianBlur(light, (0, 0), _LOCAL))[inner].mean()
        for light in (look.before[..., 0], look.after[..., 0])
    )
    return float(np.log((now + _NONE) / (was * look.dimmed(inner) + _NONE)))


def flat_pattern(look: Look) -> Heard | None:
    """How much more local contrast there is than before: a pattern that lies on the thing like a print."""
    inner = _surface(look)
    if inner is None or look.trial.step.type.traits.changes is not Aspect.APPEARANCE:
        return None
    return Heard(_contrast(look, inner), "the pattern lies flat on it")


def lost_detail(look: Look) -> Heard | None:
    """How much less local contrast there is than before."""
    inner = _surface(look)
    return None if inner is None else Heard(-_contrast(look, inner), "the surface lost its detail")


def faint(look: Look) -> Heard | None:
    """Share of the thing of which nobody sees that it was changed."""
    inner = _surface(look)
    if inner is None:
        return None
    if look.trial.step.type.traits.changes is Aspect.COLOUR:
        # Of a coloured thing what has no colour is not its paint: the white inside of a red cup rightly stays.
        coloured = np.hypot(look.before[..., 1], look.before[..., 2]) > _COLOURED
        if coloured[inner].mean() > _PAINTED:
            inner = inner & (coloured | (look.difference >= _SEEN))
    return Heard(float((look.difference[inner] < _SEEN).mean()), "most of the change can hardly be seen")
