"""Measurements of looks: colour, material, appearance, tone, style, background and their references.

What named looks look like is learnt from the project's own editors (`measure_surface`): an edit agrees with its name if it is nearer to that
look than to the others of its kind, and with a reference if it is nearest to the look that the reference shows.
"""

from __future__ import annotations

import numpy as np

from pixwright.build.measure.surface import SurfaceLooks, features, looks
from pixwright.build.measure.view import SEEN, Floats, View
from pixwright.judge.colour import structure
from pixwright.judge.measure import colour_distance
from pixwright.media.pixels import lab
from pixwright.records.kind import EditType as T
from pixwright.records.plan import Unit
from pixwright.records.vocabulary import COLOURS, CONTROLS

BASIC = "red orange yellow green cyan blue purple pink brown white gray black".split()
_APART = 25.0
"""Distance in L*a*b* from which on another basic colour is another colour."""


def colour(view: View) -> dict[str, float]:
    """Distance of the changed part from the named colour in L*a*b*, what was gained, and the lead over other basic colours."""
    goal_rgb = COLOURS.get(view.sample.step.value or "")
    if view.type not in (T.COLOR_ALTER, T.BACKGROUND_CHANGE) or goal_rgb is None or view.inside is None:
        return {}
    part = view.inside & (view.difference > SEEN)
    part = part if part.sum() > 0.1 * view.inside.sum() else view.inside
    was, now = (np.median(lab(p[part][None])[0], axis=0) for p in (view.before, view.after))
    goal = _lab_of(goal_rgb)
    near = colour_distance(now, goal)
    others = [_lab_of(COLOURS[name]) for name in BASIC]
    rest = [colour_distance(now, other) for other in others if float(np.linalg.norm(other - goal)) > _APART]
    return {
        "colour_distance": near,
        "colour_gain": colour_distance(was, goal) - near,
        "colour_margin": min(rest) - near,
    }


def _lab_of(rgb: tuple[int, int, int]) -> Floats:
    return np.asarray(lab(np.array([[rgb]], np.uint8))[0, 0])


def surface(view: View) -> dict[str, float]:
    """Light and shade of the thing survive its new look (the judge's measure: correlation of lightness without its slow part)."""
    if not view.type.traits.surface or view.inside is None:
        return {}
    return {"structure": float(structure(view.trial, 0.5).check.value)}


def changed_look(view: View) -> dict[str, float]:
    """The picture came to look as the named look, or the reference's, wants, more than as others of its kind.

    A reference's look is a mixture of the known ones: of each number the mean over them.
    """
    known = looks().get(view.type.traits.changes)
    if known is None:
        return {}
    wanted = _wanted(view, known)
    if wanted is None:
        return {}
    before, after = view.before, view.after
    fits = known.of_edit(features(before, view.inside, view.encoders), features(after, view.inside, view.encoders))
    order = np.sort(fits)
    lead = fits - np.where(fits == order[-1], order[-2], order[-1])
    return {
        "look_likeness": float(wanted @ fits),
        "look_margin": float(wanted @ lead),
        "look_rank": float(wanted @ (fits[None] < fits[:, None]).sum(1)) / (len(fits) - 1),
    }


def _wanted(view: View, known: SurfaceLooks) -> Floats | None:
    """(n,) how much each look is asked for; None if none of them is."""
    step, reference = view.sample.step, view.reference
    if view.type.traits.refers:
        if reference is None or reference.pixels is None:
            return None
        return known.of_picture(features(reference.pixels, None, view.encoders))
    turned_down = step.amount is not None and (
        step.amount.value < 0 or (step.amount.unit is Unit.FACTOR and step.amount.value < 1)
    )
    if step.value not in known.names or (turned_down and step.value in CONTROLS):
        return None  # less contrast is no look of the table
    return np.asarray([name == step.value for name in known.names], np.float32)
