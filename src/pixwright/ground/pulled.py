"""What pulled networks find: boxes of a phrase as candidates with the noun, and surfaces that words name. They go through the same choosing as the embedded candidates.

Scores are the networks' own. They are not calibrated on this project's pairs, so `Sight.by` names who gave them, and nothing treats them as shares of right masks.
"""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.encoders.parts.contract import Found
from pixwright.ground.geometry import Floats, Frame, covered, large_parts
from pixwright.ground.instance import Instance, Sight, union
from pixwright.ground.outline import outlines
from pixwright.ground.scene import Scene
from pixwright.ground.stuff import LEAST, SHARE, drawn, place_of
from pixwright.records.thing import Thing
from pixwright.words import NounEntry

OWNED = 0.5
"""Share of a part, or of what somebody wears, that lies on its owner."""
CROWD = 24
"""Most things of one phrase that are outlined."""
PEAK = 0.3
"""Highest likelihood of a phrase in a map, below which it is not in the picture."""
PLAIN = ("background", "foreground")
"""Surfaces that are no surface but what stands out, or does not."""


def spoken(thing: Thing) -> str:
    """The noun phrase for a network that reads words: adjectives of every sort and the noun."""
    return " ".join(
        (*thing.sizes, *thing.ages, *thing.states, *thing.said, *thing.colours, *thing.materials, thing.name)
    )


def find_pulled(scene: Scene, thing: Thing, entry: NounEntry | None, owner: Sight | None) -> Sight | None:
    """What the pulled networks find for a thing, surest first, empty where they see none; None where there are none to ask, or they failed.

    `entry`: the noun's row; people are the embedded finder's, which knows who wears what. `owner`: of a part or a garment whose owner was named.
    """
    parts = scene.encoders.parts
    if entry is not None and entry.stuff:
        return _surface(scene, thing) if parts.has("words") and entry.stuff not in PLAIN else None
    if not parts.has("ground") or not thing.head or (entry is not None and entry.is_("person")):
        return None
    phrase = spoken(thing)
    found = parts.ask("ground", lambda network: network.find(scene.middling, [phrase])[0], _counted)
    if found is None:
        return None
    boxes = [_frame(scene, each) for each in found[:CROWD]]
    instances = [
        Instance(mask, each.score)
        for (mask, _), each in zip(outlines(scene, boxes), found[:CROWD], strict=True)
        if (mask > 0.5).any()
    ]
    if owner is not None and owner.found:
        whose = union(list(owner.found), scene.shape)
        instances = [each for each in instances if covered(each.mask, whose) > OWNED]
    return Sight(tuple(instances), instances[0].score if instances else 0.0, "", parts.has("ground"))


def _counted(found: list[Found]) -> str:
    """What the account says of boxes."""
    return (
        f": {len(found)} found, the surest {found[0].score:.2f} by its own measure, which is not calibrated here"
        if found
        else ": none found"
    )


def _frame(scene: Scene, found: Found) -> Frame:
    """A box in pixels of the middling picture as XYXY in 0..1."""
    height, width = scene.middling.shape[:2]
    x0, y0, x1, y1 = found.box
    return x0 / width, y0 / height, x1 / width, y1 / height


def _surface(scene: Scene, thing: Thing) -> Sight | None:
    """A surface by its words: the superpixels that the map is sure of, measured by its own peak."""
    parts = scene.encoders.parts
    height, width = scene.shape
    seen = parts.ask("words", lambda network: network.mask(scene.middling, spoken(thing)))
    if seen is None:
        return None
    if float(seen.max()) < PEAK:
        return Sight()
    peak = float(seen.max())
    full = np.asarray(cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    mask: Floats = drawn(scene, scene.pieces.mean(full / peak))
    for place in thing.places:
        mask = np.asarray(mask * place_of(scene, place), np.float32)
    whole = large_parts(mask, LEAST * mask.size, SHARE)
    if whole is None:
        return Sight()
    score = float((full * whole).sum() / max(float(whole.sum()), 1.0))
    return Sight((Instance(whole, score),), score, "", parts.has("words"))
