"""Add and replace: a cut-out, from the libraries or an attachment, becomes a solid (`form`) that stands on the scene's ground or on a thing (`place`), with its shadow below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pixwright.edit.editors.add import placement_for, source
from pixwright.edit.painting.phenomena import IN_THE_AIR, PAINTERS
from pixwright.edit.placing.place import Placement
from pixwright.edit.placing.shelves import Cutout, typical_size
from pixwright.records.evidence import Evidence
from pixwright.records.plan import Relation, Step
from pixwright.records.result import Origin
from pixwright.records.vocabulary import WEATHERS
from pixwright.scene3d.brought.form import blown_up
from pixwright.scene3d.brought.place import (
    ON,
    PLACES,
    Corners,
    Ground,
    at_thing,
    body,
    corners,
    height_beside,
    open_place,
    sized,
)
from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.carried import Carried
from pixwright.scene3d.finding import find_thing
from pixwright.scene3d.repaint import Editing
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.harmonics import CONSTANT
from pixwright.scene3d.splats.rigid import Similarity, moved, quaternions_of
from pixwright.scene3d.stage import SceneStage
from pixwright.words import read
from pixwright.words.naming import noun_of

_COUNT = 4000
"""Gaussians of a thing, about."""
_MOST_THINGS = 5
_SMALLER = (1.0, 0.7, 0.5)
"""Shares of its size at which there is room for a thing, the first at which there is."""
_SEEN = 0.1
"""Opacity from which a Gaussian is there."""
_SHADOW, _DARK, _RINGS = 1.25, 0.5, 6
"""How far a shadow reaches, in halves of a thing's foot; how much light it takes at most; rings of its Gaussians."""
_ABOVE, _FLAT = 0.01, 0.02
"""How far above the ground a shadow lies, and how thick it is, in heights of the thing and distances of its Gaussians."""
_LOW = 0.12
"""Share of a thing's height that is its foot."""
_MIRRORED = "its form was made from one picture: its back is the mirror image of its front"


def add(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    """`step.value` where the step says; with no place named, on open ground. `chosen`: what it is put to, where the user pointed at that."""
    phrase = step.value or str(step.target or "")
    cutout = _cutout(phrase, step, stage, editing)
    nothing = np.zeros(len(stage.gaussians), np.bool_)
    if isinstance(cutout, str):
        return Carried(nothing, refused=cutout)
    placement = placement_for(cutout, phrase, step, stage.pictures[0], editing.context)
    if placement.count > _MOST_THINGS:
        return Carried(nothing, refused=f"{placement.count} of them: at most {_MOST_THINGS} are added at a time")
    where = placement.where
    relation = where.relation if where is not None else None
    anchor = nothing if chosen.all() else chosen
    if where is not None and where.anchor is not None and not anchor.any():
        found = find_thing(stage.gaussians, stage.views, stage.pictures, where.anchor, editing.eyes)
        if not found.chosen.any():
            return Carried(nothing, refused=found.note)
        anchor = found.chosen
    if anchor.any() and relation not in PLACES:
        if relation is not None:
            return Carried(nothing, refused=f"'{relation}' is no place for a new thing: {_named(PLACES)} is")
        relation = Relation.ON
    named = str(where.anchor) if where is not None and where.anchor is not None else ""
    return _put(stage, cutout, placement, relation, anchor, named)


def _put(
    stage: SceneStage, cutout: Cutout, placement: Placement, relation: Relation | None, anchor: NDArray[np.bool_], named: str
) -> Carried:  # fmt: skip
    """The cut-out, as many times as asked, each where there still is room."""
    form = blown_up(cutout.pixels, _COUNT, stage.gaussians.degree)
    shape = np.ptp(form.centres, axis=0).astype(np.float64)
    known = typical_size(named) if named else None
    before, put = len(stage.gaussians), 0
    worn = cutout.support == "wear"
    for _ in range(placement.count):
        ground = ground_of(stage)
        own = (stage.gaussians.centres @ stage.bearings.axes.T)[anchor]
        box = None
        if len(own):
            level, own = float(_box(stage, anchor)[0][2]), body(own)
            low, high = corners(own)
            # What stands is told from the ground by leaving out the lowest of it.
            box = np.append(low[:2], level), high
        height = height_beside(cutout.size_m, known[0], box) if known and box is not None else None
        scale = sized(shape, height, ground, relation, box) * placement.scale
        for smaller in _SMALLER:
            size = shape * scale * smaller
            at = (
                open_place(ground, size)
                if box is None or relation is None
                else at_thing(ground, box, own, size, relation, worn)
            )
            if at is not None:
                break
        else:
            break
        stands = relation not in (*ON, Relation.INSIDE)
        bring(stage, form, at, scale * smaller, shaded=stands and cutout.support != "air")
        anchor = np.concatenate([anchor, np.zeros(len(stage.gaussians) - len(anchor), np.bool_)])
        put += 1
    nothing = np.zeros(before, np.bool_)
    if not put:
        return Carried(
            nothing, refused=f"there is no open ground for {cutout.name}: say where, on or beside which thing"
        )
    room = f"room for {put} of {placement.count} only" if put < placement.count else ""
    return _told(stage, cutout, nothing, before, room)


def exchange(stage: SceneStage, chosen: NDArray[np.bool_], cutout: Cutout, box: Corners) -> Carried:
    """The cut-out where a thing stood that was taken away: `box` is where, `chosen` N bool its Gaussians before."""
    form = blown_up(cutout.pixels, _COUNT, stage.gaussians.degree)
    shape = np.ptp(form.centres, axis=0).astype(np.float64)
    size = box[1] - box[0]
    fits = float(np.sqrt(size[2] / shape[2] * size[:2].max() / shape[:2].max()))
    scale = min(fits, _TALLER * float(size[2] / shape[2]), _WIDER * float(size[:2].max() / shape[:2].max()))
    before = len(stage.gaussians)
    bring(stage, form, ground_of(stage).under(box), scale, shaded=cutout.support != "air")
    return _told(stage, cutout, chosen, before, "")


_TALLER, _WIDER = 1.3, 1.6
"""How much higher and wider than what it takes the place of a thing may be."""


def in_place(step: Step, stage: SceneStage, editing: Editing) -> Cutout | str:
    """What is put in the place of something, or why there is nothing."""
    if step.value is None:
        return "nothing was named to put in its place; say: replace the cup with a teapot"
    return _cutout(step.value, step, stage, editing)


def _cutout(phrase: str, step: Step, stage: SceneStage, editing: Editing) -> Cutout | str:
    if not phrase:
        return "nothing was named to add; say what, for example: add a red balloon"
    noun = noun_of(read(phrase))
    if step.reference is None and (noun in WEATHERS or read(phrase).head in PAINTERS | IN_THE_AIR):
        return f"{noun} has no form that stands in a scene; a thing can be added, and the background be changed"
    return source(phrase, step, editing.context)


def _told(stage: SceneStage, cutout: Cutout, chosen: NDArray[np.bool_], before: int, partly: str) -> Carried:
    """What is said of a thing that was brought: all Gaussians from `before` on."""
    brought = np.arange(len(stage.gaussians)) >= before
    evidence = {}
    for number in range(len(stage.views.cameras)):
        boxes = stage.views.region(number, brought, "").boxes
        if boxes:
            evidence[number] = Evidence(placed=boxes, placed_phrase=cutout.name, origin=cutout.origin)
    said = [_MIRRORED]
    if cutout.origin is Origin.CUTOUTS and cutout.credit:
        said.append(f"the {cutout.name} is by {cutout.credit}: name them where you publish the scene")
    return Carried(
        chosen, evidence, partly="; ".join(filter(None, (partly, cutout.flaw))), said=tuple(said), brought=brought
    )


def bring(stage: SceneStage, form: Gaussians, at: Floats, scale: float, *, shaded: bool) -> None:
    """A form (its foot at the origin, 1 high, its front towards -y) into the scene: its foot at `at`, along right, away, up."""
    axes = stage.bearings.axes
    if shaded:
        stage.bring(moved(_shadow(form, stage.gaussians.degree), Similarity(axes.T, np.zeros(3), axes.T @ at, scale)))
    stage.bring(moved(form, Similarity(axes.T, np.zeros(3), axes.T @ at, scale)))


def _shadow(form: Gaussians, degree: int) -> Gaussians:
    """What a form takes of the light on the level below it: flat dark Gaussians in rings, fainter from ring to ring."""
    low = form.centres[form.centres[:, 2] < _LOW * form.centres[:, 2].max()]
    middle, half = (low.max(axis=0) + low.min(axis=0)) / 2, _SHADOW * np.ptp(low, axis=0) / 2
    places, shares = [(0.0, 0.0)], [0.0]
    for ring in range(1, _RINGS):
        turns = 2 * np.pi * np.arange(6 * ring) / (6 * ring)
        places += [(ring / _RINGS * np.cos(t), ring / _RINGS * np.sin(t)) for t in turns]
        shares += [ring / _RINGS] * len(turns)
    flat = np.array(places) * half[:2] + middle[:2]
    count, apart = len(flat), float(half[:2].max()) / _RINGS
    size = np.tile([apart, apart, apart * _FLAT], (count, 1))
    opacity = _DARK * (1 - np.array(shares) ** 2)
    coefficients = np.zeros((count, (degree + 1) ** 2, 3))
    coefficients[:, 0] = -0.5 / CONSTANT
    numbers = (
        np.column_stack([flat, np.full(count, _ABOVE)]), quaternions_of(np.tile(np.eye(3), (count, 1, 1))), np.log(size),
        np.log(opacity / (1 - opacity)), coefficients,
    )  # fmt: skip
    return Gaussians(*(np.asarray(one, np.float32) for one in numbers))


def ground_of(stage: SceneStage) -> Ground:
    """The scene as places see it."""
    points = stage.gaussians.centres[stage.gaussians.opacities > _SEEN] @ stage.bearings.axes.T
    return Ground(points, _box(stage, stage.gaussians.opacities > _SEEN))


def _box(stage: SceneStage, which: NDArray[np.bool_]) -> Corners:
    return stage.bearings.box(stage.gaussians.centres[which])


def _named(relations: tuple[Relation, ...]) -> str:
    return ", ".join(str(one).replace("_", " ") for one in relations)
