"""Where the look of all changed: is what was there still to be seen, and nothing that nobody asked for?"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.judge.look import Floats, Look, gradient
from pixwright.judge.tone import veils
from pixwright.judge.witnesses.heard import Heard
from pixwright.records.kind import Aspect
from pixwright.records.result import Origin
from pixwright.words.colours import about_colours

_LOCAL = 5.0
"""Sigma, in pixels, below which a change of colour is a patch."""
_MOST = 97
"""Percentile that stands for the strongest patches."""
_STRONG, _STEEP = 88, 3.0
"""Percentile of the gradient from which an edge is strong, and L*a*b* a pixel at least."""
_COLOURLESS = 2.0
"""Deviation of a* and b* below which nothing has a colour of its own."""
_LIGHTNESS = np.array([1, 0, 0], np.float32)
"""What keeps L* of L*a*b*."""
_GONE, _NEAR = 0.35, 3
"""Share of its gradient at which an edge has vanished, and pixels by which it may have moved."""
_FLAT = 0.15
"""L* that are added to a detail, so that a flat picture has some."""


def blotches(look: Look) -> Heard | None:
    """How much stronger patches of colour are than before, in L*a*b*."""
    if look.trial.step.type.traits.changes is not Aspect.TONE or not look.trial.same_size:
        return None
    was, now = (float(np.percentile(_patches(picture), _MOST)) for picture in (look.before, look.after))
    return Heard(now - was, "patches of strong colour appeared")


def _patches(picture: Floats) -> Floats:
    chroma = np.hypot(picture[..., 1], picture[..., 2])
    return np.asarray(np.abs(chroma - cv2.GaussianBlur(chroma, (0, 0), _LOCAL)), np.float32)


def vanished(look: Look) -> Heard | None:
    """Share of the picture's strong edges that are gone: masts, branches, spires, a veiled subject. Fog is meant to veil."""
    step = look.trial.step
    if step.type.traits.changes is not Aspect.TONE or not look.trial.same_size or veils(step.value or ""):
        return None
    was, now = look.gradients
    if _one_ink(look.after):
        was = gradient(look.before * _LIGHTNESS)  # an edge between two colours was asked to go
    strong = was > max(float(np.percentile(was, _STRONG)), _STEEP)
    left = cv2.dilate(now, np.ones((_NEAR, _NEAR)))
    # In the dark all edges are fainter, but what cannot be made out is gone.
    gone = left < _GONE * look.dimmed(np.ones_like(strong)) ** 0.5 * was
    share = float(gone[strong].mean()) if strong.any() else 0.0
    return Heard(share, "fine things of the picture vanished")


def _one_ink(picture: Floats) -> bool:
    """Whether a picture in L*a*b* has one colour at each lightness: grey, sepia, a duotone."""
    light, *colours = picture.reshape(-1, 3).T
    basis = np.stack([np.ones_like(light), light, light * light], 1)
    rest = [colour - basis @ np.linalg.lstsq(basis, colour, rcond=None)[0] for colour in colours]
    return bool(max(float(np.std(one)) for one in rest) < _COLOURLESS)


def slight(look: Look) -> Heard | None:
    """How much a season, a time, a weather or a style changed the picture, in L*a*b* on average; a control that is turned by little was asked so."""
    trial = look.trial
    asked = trial.step.type.traits.changes in (Aspect.TONE, Aspect.STYLE) and trial.evidence.turned is None
    if not asked or not trial.same_size or not look.touched.any():
        return None
    return Heard(float(look.difference[look.touched].mean()), "hardly anything can be seen of it")


def wished(look: Look) -> Heard | None:
    """1 where nobody asked for the step in words: what is made of a wish, or of a situation, is often something else than what was meant."""
    step = look.trial.step
    return (
        Heard(1.0, "it is what was made of a wish: another thing may have been meant")
        if step.why and step.reference is None
        else None
    )


def colours_only(look: Look) -> Heard | None:
    """How much the gradients of a picture in another style are those of before: 1 is no stroke anywhere."""
    step = look.trial.step
    if step.type.traits.changes is not Aspect.STYLE or not step.type.traits.refers or not look.trial.same_size:
        return None
    if about_colours(step.instruction):
        return None
    was, now = look.gradients
    if float(was.std()) == 0 or float(now.std()) == 0:
        return None
    return Heard(float(np.corrcoef(was.ravel(), now.ravel())[0, 1]), "only the colours were taken over, not the manner")


def dissolved(look: Look) -> Heard | None:
    """1 - cosine of what a classifier sees in the whole picture before and after: 0 is the same things, 1 is nothing of them. A style may draw things anew, not lose them in its strokes."""
    trial = look.trial
    if trial.step.type.traits.changes is not Aspect.STYLE or not trial.same_size:
        return None
    was, now = (trial.encoders.picture.features(picture).grid.mean((0, 1)) for picture in (trial.before, trial.after))
    size = float(np.linalg.norm(was) * np.linalg.norm(now))
    return Heard(1 - float(was @ now) / size, "what the picture shows is hard to make out in it") if size else None


def noise(look: Look) -> Heard | None:
    """How much more fine detail there is than before in what a network painted: small networks paint noise."""
    if look.trial.evidence.origin is not Origin.GENERATED or not look.trial.same_size or not look.touched.any():
        return None
    was, now = (float(fine[look.touched].mean()) for fine in look.details)
    return Heard(float(np.log((now + _FLAT) / (was + _FLAT))), "what was painted looks like noise")
