"""Parts of people, animals and vehicles: where a part of its kind can be on the owner's outline, of a size that it can have; else nothing is found.

A person's face gives its parts by the points of its mesh, the limbs by the points of the body (`person`). Of anything else the silhouette tells (`creature`).
"""

from __future__ import annotations

import numpy as np

from pixwright.ground.detections import overlap
from pixwright.ground.geometry import TINY, Floats, covered, frame_of
from pixwright.ground.instance import Instance, Sight, union
from pixwright.ground.outline import outline
from pixwright.ground.parts.creature import parts_of_silhouette
from pixwright.ground.parts.person import ON_OWNER, parts_of_person
from pixwright.ground.people import OWNER_COUNTS, find_people
from pixwright.ground.persons import Person
from pixwright.ground.persons.bodies import rough
from pixwright.ground.scene import Scene
from pixwright.records.thing import Thing
from pixwright.words import lexicon

SEEN = 0.25
"""A box that is surer than this holds an animal or a vehicle."""
DOUBTFUL = 0.35
"""An owner less sure than this has no parts."""
ANIMALS, ALIVE = 398, 0.5
"""ImageNet's classes up to here are animals; the share of them in what the classifier sees that makes the picture one of an animal."""
SIZES: dict[str, tuple[float, float]] = {
    "ear": (0.002, 0.2), "tail": (0.004, 0.35), "beak": (0.001, 0.12), "horn": (0.002, 0.3), "leg": (0.01, 0.5), "wing": (0.05, 0.8), "tongue": (0.001, 0.08),
    "eye": (0.0005, 0.08), "nose": (0.0005, 0.1), "mouth": (0.001, 0.1), "lips": (0.0005, 0.1), "lid": (0.0002, 0.08), "lash": (0.00005, 0.05), "cheek": (0.001, 0.2), "wheel": (0.01, 0.45), "head": (0.02, 0.75), "face": (0.01, 0.6), "body": (0.3, 1.0),
    "hand": (0.003, 0.15), "arm": (0.01, 0.4), "foot": (0.003, 0.15), "hair": (0.005, 0.7), "skin": (0.01, 0.95),
}  # fmt: skip
"""Shares of the owner's area between which a part is believed."""
ANY_SIZE = (0.001, 0.6)
"""The same of all other parts."""
SAME = 0.3
"""Intersection over union of a person's box and an owner's, or share of the owner on the person, from which the person is the owner."""


def find_part(scene: Scene, name: str, owner: Sight | None, of_animal: bool = False) -> Sight:
    """Candidates for a part, of the owner if one was found, else of the person or animal that the picture shows. `of_animal`: the owner's noun is an animal's."""
    if owner is not None and (not owner.found or owner.score < DOUBTFUL):
        return Sight((), 0.0, "its owner was not found")
    wholes = [one.mask for one in owner.found] if owner is not None else [_owner(scene, name)]
    fits = [part for whole in wholes for part in _of_one(scene, name, whole, of_animal)]
    sure = owner.score if owner is not None else 1.0
    return Sight(tuple(fits), max((i.score for i in fits), default=0.0) * (1 - OWNER_COUNTS + OWNER_COUNTS * sure))


def _of_one(scene: Scene, name: str, whole: Floats, of_animal: bool) -> list[Instance]:
    """Those of one owner's outline (h, w)."""
    if not (whole > 0.5).any():
        return []
    # The network of bodies sees one in a dog that sits.
    person = None if of_animal else _person_in(scene, whole)
    found = parts_of_person(scene, name, person, whole) if person is not None else None
    if found is None:
        found = parts_of_silhouette(scene, name, whole)
    low, high = SIZES.get(name, ANY_SIZE)
    return [i for i in found if low < float(i.mask.sum()) / max(float(whole.sum()), TINY) < high]


def _owner(scene: Scene, name: str) -> Floats:
    """Whom a part without an owner is of: people with faces, else the animal or vehicle that the detector sees best, else what stands out."""
    kinds = kinds_of(scene, "vehicle") if name == "wheel" else kinds_of(scene, "animal")
    if name != "wheel" and any(p.face for p in scene.people):
        return union([Instance(rough(scene, p)) for p in scene.people if p.face], scene.shape)
    best = max(scene.proposals, key=lambda p: p.of(kinds, kinds), default=None)
    if best is not None and best.of(kinds, kinds) > SEEN:
        return outline(scene, best.box)[0]
    people = find_people(scene, Thing(text="the person", head="person")) if name != "wheel" else Sight()
    if people.found:
        return people.found[0].mask
    odds = np.exp(scene.logits - scene.logits.max())
    alive = name != "wheel" and float(odds[:ANIMALS].sum() / odds.sum()) > ALIVE
    return scene.salient if alive else np.zeros(scene.shape, np.float32)


def kinds_of(scene: Scene, what: str) -> tuple[str, ...]:
    """The detector's kinds that are animals, vehicles, ..."""
    return tuple(kind for kind in scene.encoders.detector.kinds if lexicon().is_(kind, what))


def _person_in(scene: Scene, whole: Floats) -> Person | None:
    """The largest person who covers an owner's outline or lies in it."""
    inside = [
        p for p in scene.people if covered(rough(scene, p), whole) > ON_OWNER and (p.face or p.points is not None)
    ]
    inside = [p for p in inside if overlap(p.box, frame_of(whole)) > SAME or covered(whole, rough(scene, p)) > SAME]
    return max(inside, key=lambda p: (p.face is not None, p.score), default=None)
