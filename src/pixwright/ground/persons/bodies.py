"""Where each person is: the segmenter's outline of a person's box, held to the body network's."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pixwright.ground.detections import overlap
from pixwright.ground.geometry import Floats, covered, iou, square
from pixwright.ground.outline import outlines
from pixwright.ground.persons import Person
from pixwright.ground.scene import Scene
from pixwright.records.region import box_of

DRAWN = 8
"""Most people who are outlined one by one."""
AGREE = 0.6
"""Intersection over union of the segmenter's outline and the body network's above which the segmenter is believed."""
SEEN_BODY, OWN = 0.5, 0.4
"""Level of a body's outline from which a place is in it, and the intersection over union of its box with the person's from which it is that person's."""
OWN_RIM = 9
"""Pixels of the kernel that grows a body's outline to what the segmenter may add to it."""
MIDDLE = 5
"""One part in so many of a box's width, on each side, is none of a person who is known by the box alone."""


def masks_of(scene: Scene, people: Sequence[Person]) -> list[Floats]:
    """Each person's outline (h, w). Where the segmenter and the body network contradict each other, what both hold and the body network's."""
    if not people:
        return []
    seen = outlines(scene, [p.box for p in people[:DRAWN]])
    out = []
    for person, (mask, _) in zip(people, seen, strict=False):
        body = own_body(scene, person)
        if body is not None and iou(mask, body) < AGREE and covered(body, mask) < AGREE:
            mask = np.maximum(np.minimum(mask, cv2.dilate(body, square(OWN_RIM))), body)
        out.append(np.asarray(mask, np.float32))
    return out + [rough(scene, p) for p in people[DRAWN:]]


def own_body(scene: Scene, person: Person) -> Floats | None:
    """(h, w): the body's outline, where it fills the person's box; one that does not is of somebody else who is seen there."""
    if person.outline is None or not (person.outline > SEEN_BODY).any():
        return None
    height, width = scene.shape
    x0, y0, x1, y1 = box_of(person.outline > SEEN_BODY)
    return person.outline if overlap((x0 / width, y0 / height, x1 / width, y1 / height), person.box) > OWN else None


def rough(scene: Scene, person: Person) -> Floats:
    """(h, w) in [0, 1]: about where a person is, without a look: the body's outline, or the middle of the box."""
    if (body := own_body(scene, person)) is not None:
        return body
    height, width = scene.shape
    x0, y0, x1, y1 = person.box
    out = np.zeros(scene.shape, np.float32)
    aside = (x1 - x0) / MIDDLE
    out[int(y0 * height) : int(y1 * height) + 1, int((x0 + aside) * width) : int((x1 - aside) * width) + 1] = 1
    return out
