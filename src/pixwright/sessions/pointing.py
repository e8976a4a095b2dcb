"""Where a thing is that was spoken of before: by the masks that earlier versions keep, so that "it" is what was edited, and "the other one" is not."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pixwright.errors import InvalidMask, NothingFound
from pixwright.media import load_mask, load_picture
from pixwright.records.instruction import Array
from pixwright.records.kind import Target
from pixwright.records.plan import Step
from pixwright.records.thing import Thing
from pixwright.sessions.records import EditedPlace, Session, Version
from pixwright.sessions.store import Sessions
from pixwright.systems import Eyes

SHARED = 0.15
"""Of an instance's own pixels: with more of them in the mask of what was edited it is that thing, and no other one."""
_OWN = 128
"""Level of a mask from which a pixel is the thing's own."""


def pointed_at(
    steps: Sequence[Step],
    chain: Sequence[Version],
    before: Sequence[Version],
    pixels: Array,
    store: Sessions,
    session: Session,
    eyes: Eyes,
) -> Array | None:
    """The mask (HxW uint8) of what all the steps are about, where earlier versions tell it; None where the words must do.

    `chain`: the versions whose edits are in the picture, oldest first; `before`: those that the words look back on. `pixels`: the picture, HxWx3. Raises NothingFound where there is no other one.
    """
    things = {step.target for step in steps}
    thing = things.pop() if len(things) == 1 else None
    if thing is None or any(
        step.type.traits.target not in (Target.NEEDED, Target.USUAL, Target.OPTIONAL) for step in steps
    ):
        return None
    size = pixels.shape[:2]
    if thing.other:
        return _other(
            thing, _last_mask(thing, before, size, store, session), _unedited(before, pixels, store, session), eyes
        )
    return _same(thing, chain, size, store, session)


def _same(
    thing: Thing, chain: Sequence[Version], size: tuple[int, int], store: Sessions, session: Session
) -> Array | None:
    """The mask of the last edit of just this thing, as long as nothing has moved since."""
    for version in reversed(chain):
        for step, place in reversed(_places(version)):
            traits = step.type.traits
            if traits.moves or traits.reframes:
                return None
            if step.target == thing:
                return None if traits.redraws else _mask(place, version, size, store, session)
    return None


def _last_mask(
    thing: Thing, chain: Sequence[Version], size: tuple[int, int], store: Sessions, session: Session
) -> Array | None:
    """The mask of the last edit of a thing of that kind: what "the other one" is not."""
    for version in reversed(chain):
        for step, place in reversed(_places(version)):
            if step.target is not None and step.target.head == thing.head:
                return _mask(place, version, size, store, session)
    return None


def _unedited(chain: Sequence[Version], pixels: Array, store: Sessions, session: Session) -> Array:
    """The picture before the last edit, in which things are known better than where one of them is blue by now; `pixels` where that edit moved something."""
    base = next((version for version in session.versions if chain and version.id == chain[-1].base), None)
    if base is None or any(step.type.traits.moves or step.type.traits.reframes for step, _ in _places(chain[-1])):
        return pixels
    earlier = load_picture(store.picture(session, base)).pixels[..., :3]
    return earlier if earlier.shape[:2] == pixels.shape[:2] else pixels


def _places(version: Version) -> list[tuple[Step, EditedPlace]]:
    return list(zip(version.record.plan.steps, version.places)) if version.record is not None else []


def _mask(
    place: EditedPlace, version: Version, size: tuple[int, int], store: Sessions, session: Session
) -> Array | None:
    """The mask of a place, where the picture still has the size that it had."""
    if place.mask is None:
        return None
    try:
        return load_mask(store.file(session, version, place.mask), *size)
    except InvalidMask:
        return None


def _other(thing: Thing, taken: Array | None, pixels: Array, eyes: Eyes) -> Array | None:
    """The things of that kind without the one that was edited: the one that is surest, or all where several are meant."""
    if taken is None:
        return None
    kinds = (thing, thing.model_copy(update={"colours": (), "materials": (), "states": (), "said": ()}))
    for kind in dict.fromkeys(kinds):
        region = eyes.find(pixels, _every(kind))
        left = [mask for i in range(len(region.boxes)) if not _is(mask := region.instance(i), taken)]
        if left:
            return np.maximum.reduce(left) if thing.plural or thing.every else left[0]
    raise NothingFound(
        f"no other {thing.head} was found than the one that was edited; point at it, or name it otherwise"
    )


def _every(thing: Thing) -> Thing:
    """All things of that kind, whichever was meant."""
    text = re.sub(r"^(the )?other ", "", thing.text)
    return thing.model_copy(
        update={"text": f"all {text}", "other": False, "every": True, "plural": True, "definite": True, "count": None}
        | {"rank": None, "order": None, "places": (), "link": None}
    )


def _is(instance: Array, taken: Array) -> bool:
    own = instance >= _OWN
    return bool(own.any()) and float((taken[own] >= _OWN).mean()) > SHARED
