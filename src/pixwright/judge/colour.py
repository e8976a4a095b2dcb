"""Checks of colour, material, appearance, text and background: what is in the region, and whether its form was kept."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.reading import likeness
from pixwright.judge.contract import HALF, WORK_SIDE, Finding, Trial, at_least, at_most, crop, difference
from pixwright.judge.measure import ACHROMATIC, colour_distance
from pixwright.judge.softly import evens_skin
from pixwright.media.pixels import lab, shrink
from pixwright.records.instruction import Array
from pixwright.records.result import Origin
from pixwright.records.vocabulary import COLOURS, Rgb
from pixwright.words.colours import rgb as named

_READING_SIDE = 1280
"""Longer side, in pixels, of what is read: the reader sees no more (`encoders.reading`)."""
_READ_AROUND = 24
"""Surroundings that are read with the text, in pixels, at least."""
_READ = 0.7
"""Likeness of what is read to what was wanted (1 is equal)."""
_MATERIAL, _APPEARANCE, _BACKGROUND, _EVENED = 4.0, 2.5, 3.0, 1.5
"""Mean change of the pixels inside, of 255, at which an eye sees another material, another look, another background."""
_MATERIAL_STRUCTURE = 0.15
"""A new surface keeps so much of the old light and shade, as a correlation; a colour keeps half."""
_FOREGROUND = 0.01
"""Share of the picture that stands before its background, at least."""
_COLOUR_DISTANCE = 38.0
"""From a named colour, in L*a*b* (`colour_distance`): light and shade move a surface so far from its colour's name."""
_OWN_DISTANCE, _OF_CHROMA = 22.0, 0.75
"""From one that has a name of its own ("sage green", "very light blue"): who asks for that does not mean any green; and as a share of its chroma: grey is no pale green."""
_NO_NEARER = 8.0
"""What may be lost of the distance to the colour where it was near before."""
_SURE = 200
"""A pixel of a shrunk mask above it lies wholly inside."""
_LIGHT_BLUR = 12.0
"""Sigma, in pixels, of the slow light that is taken out before structures are compared."""
_FEW, _FLAT, _EVEN = 16, 0.3, 1e-3
"""So few pixels, or so small a spread of lightness (of 100), have no structure to lose; a result as even as the last has lost it."""


def colour(trial: Trial) -> list[Finding]:
    """The region's median colour is the named one, and its light and shade are still there."""
    rgb = trial.evidence.colour or named(trial.step.value or "")
    # A metal's name on a hard thing is a new surface with lights of its own.
    made = trial.evidence.origin is Origin.DRAWN
    findings = [structure(trial, _MATERIAL_STRUCTURE, hard=False) if made else structure(trial, 0.5)]
    return findings if rgb is None else [*_towards(trial, rgb), *findings]


def material(trial: Trial) -> list[Finding]:
    """The surface changed, the shading survived, and the colour is the one that was said of it."""
    said = [] if trial.evidence.colour is None else _towards(trial, trial.evidence.colour, _COLOUR_DISTANCE)
    return [visible(trial, _MATERIAL), *said, structure(trial, _MATERIAL_STRUCTURE, hard=False)]


def appearance(trial: Trial) -> list[Finding]:
    """The look of the region changed visibly."""
    return [visible(trial, _EVENED if evens_skin(trial.step) else _APPEARANCE)]


def background(trial: Trial) -> list[Finding]:
    """The background changed, and what stands before it did not."""
    if trial.evidence.cleared is not None:
        clear = trial.evidence.cleared
        return [
            at_least("cleared_share", clear, _FOREGROUND, f"{clear:.0%} of the picture was made transparent"),
            at_least("foreground_share", 1 - clear, _FOREGROUND, f"{1 - clear:.0%} of the picture was kept"),
        ]
    kept = trial.mask <= HALF
    share = float(kept.mean())
    findings = [
        visible(trial, _BACKGROUND),
        at_least(
            "foreground_share", share, _FOREGROUND, f"{share:.0%} of the picture was kept as foreground", hard=False
        ),
    ]
    rgb = named(trial.step.value or "")
    return findings if rgb is None else [*_towards(trial, rgb), *findings]


def text(trial: Trial) -> list[Finding]:
    """The reader reads the new text where it was set (at the picture's own size, cut around the place)."""
    wanted = trial.evidence.text if trial.evidence.text is not None else trial.step.value
    if not wanted:
        return [visible(trial, 2.0)]
    lines = trial.encoders.reader.read(_around(trial)) or trial.encoders.reader.read(shrink(trial.after, _READING_SIDE))
    read = [*(line.text for line in lines), " ".join(line.text for line in lines)]
    best = max(likeness(one, wanted) for one in read)
    return [at_least("text_read", best, _READ, f"the reader finds '{wanted}' with a likeness of {best:.2f}")]


def visible(trial: Trial, least: float, *, hard: bool = True) -> Finding:
    """Something that an eye can see happened inside the mask."""
    inside = trial.mask > HALF
    value = float(difference(trial.before, trial.after)[inside].mean()) if trial.same_size and inside.any() else 0.0
    return at_least(
        "visible_change", value, least, f"inside the edit, pixels changed by {value:.1f} of 255 on average", hard=hard
    )


def structure(trial: Trial, least: float, *, hard: bool = True, either_way: bool = False) -> Finding:
    """Correlation of lightness before and after inside the mask: shading and highlights kept. `either_way`: light lines on dark count too."""
    before, after, inside = _small(trial)
    a, b = lab(before)[..., 0], lab(after)[..., 0]
    # The slow light is the mean of what lies inside alone: a thing that was darker than its ground and is lighter now has not lost its form.
    weight = np.asarray(inside, np.float32)
    near = np.maximum(cv2.GaussianBlur(weight, (0, 0), _LIGHT_BLUR), _EVEN)
    a, b = (light - cv2.GaussianBlur(light * weight, (0, 0), _LIGHT_BLUR) / near for light in (a, b))
    value = _correlation(a[inside], b[inside])
    value = abs(value) if either_way else value
    return at_least(
        "structure_kept", value, least, f"light and shade correlate {value:.2f} with the original's", hard=hard
    )


def _towards(trial: Trial, rgb: Rgb, most: float | None = None) -> list[Finding]:
    before, after, inside = _small(trial)
    if not inside.any():
        return [at_least("colour_area", 0.0, 1.0, "nothing was coloured")]
    goal = lab(np.array([[rgb]], np.uint8))[0, 0]
    was, now = (np.median(lab(p)[inside], axis=0) for p in (before, after))
    far, near = (colour_distance(one, goal) for one in (was, now))
    reason = f"the colour is {near:.0f} from {trial.step.value or rgb} in L*a*b*; it was {far:.0f}"
    if most is None:
        most = _COLOUR_DISTANCE if (trial.step.value or "") in COLOURS else _own_distance(goal)
    return [
        at_most("colour_distance", near, most, reason),
        at_least("colour_nearer", far - near + _NO_NEARER, 0.0, reason, hard=False),
    ]


def _own_distance(goal: NDArray[np.float32]) -> float:
    """How far off a colour with a name of its own may be, which is `goal` (3,) in L*a*b*."""
    chroma = float(np.hypot(goal[1], goal[2]))
    return _OWN_DISTANCE if chroma < ACHROMATIC else min(_OWN_DISTANCE, max(_OF_CHROMA * chroma, ACHROMATIC))


def _small(trial: Trial) -> tuple[Array, Array, NDArray[np.bool_]]:
    return shrink(trial.before, WORK_SIDE), shrink(trial.after, WORK_SIDE), shrink(trial.mask, WORK_SIDE) > _SURE


def _correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    if a.size < _FEW or float(a.std()) < _FLAT:
        return 1.0  # a flat surface has no structure to lose
    return 0.0 if float(b.std()) < _EVEN else float(np.corrcoef(a, b)[0, 1])


def _around(trial: Trial) -> Array:
    ys, xs = np.nonzero(trial.mask)
    if xs.size == 0:
        return shrink(trial.after, _READING_SIDE)
    pad = max(_READ_AROUND, (int(ys.max()) - int(ys.min())) // 2)
    height, width = trial.mask.shape
    box = (
        max(0, int(xs.min()) - pad),
        max(0, int(ys.min()) - pad),
        min(width, int(xs.max()) + pad),
        min(height, int(ys.max()) + pad),
    )
    return shrink(np.ascontiguousarray(crop(trial.after, box)), _READING_SIDE)
