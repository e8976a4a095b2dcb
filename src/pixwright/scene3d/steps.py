"""One step of a plan, done to a scene: colours by `repaint`, things as a whole by `rigid`. What would need a form that the file does not hold is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pixwright.records.evidence import Evidence
from pixwright.records.kind import Aspect, Target
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.records.result import Verdict
from pixwright.scene3d.brought.letters import write
from pixwright.scene3d.brought.surround import change
from pixwright.scene3d.brought.things import add, exchange, in_place
from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.carried import Carried
from pixwright.scene3d.clearing import cleared, light_of
from pixwright.scene3d.finding import FoundGaussians, find, find_thing
from pixwright.scene3d.lifting import coverage, pieces
from pixwright.scene3d.repaint import Editing, repainted
from pixwright.scene3d.report import SceneStepReport
from pixwright.scene3d.splats.rigid import Similarity, about_axis, foot, free_place, moved, part, side_by_side
from pixwright.scene3d.stage import SceneStage
from pixwright.scene3d.verdicts import Moment, judged_views, measured, settled

_USUAL_MOVE, _USUAL_TURN, _USUAL_SIZE = 0.2, 90.0, 1.4
"""Where no amount is said: share of the scene's width, degrees, factor."""
_STRONG_MOVE, _STRONG_TURN, _STRONG = 1 / 3, 180.0, 0.6
"""A movement and a turn of full strength; the strength at which a size changes by the usual factor."""
_BARE = 0.25
"""Share of where something was taken away that shows the backdrop now, from which on the result is partly done."""
_SURE = 0.5
"""Coverage from which a pixel is the thing's."""
_PERCENT = 100
_MOST_COPIES = 20
_WAYS = {
    Relation.LEFT: (-1, 0), Relation.RIGHT: (1, 0), Relation.BESIDE: (1, 0), Relation.IN_FRONT: (0, -1), Relation.BEHIND: (0, 1),
    Relation.FOREGROUND: (0, -1), Relation.BACKGROUND: (0, 1),
}  # fmt: skip
"""Places on the level, as steps to the right and away from the first camera."""
_RISES = {Relation.ABOVE: 1.0, Relation.TOP: 1.0, Relation.BELOW: -1.0, Relation.BOTTOM: -1.0}
"""Places above and below, as steps upwards."""
_CANNOT = (
    "'{}' is of a picture's frame or of what somebody does, and a scene has neither; its colours, materials, patterns, tones, styles and background can be changed, "
    "its things removed, replaced, moved, resized, turned, repeated and written on, and others added"
)


_Handler = Callable[[SceneStage, Step, NDArray[np.bool_], Editing, int], Carried]


def do_step(stage: SceneStage, step: Step, editing: Editing, pointed: FoundGaussians | None = None) -> SceneStepReport:
    """Change the stage as the step says, and report. What could not be done leaves the stage as it was. `pointed`: what the user pointed at, of the file's rows."""
    handler = _handler_of(step)
    if handler is None:
        return _refused(step, _CANNOT.format(step.type))
    alone = handler in (add, change)
    if step.target is None and pointed is None and step.type.traits.redraws and not alone:
        return _refused(step, "the step names no thing: say what is to be changed")
    found = _meant(stage, step, editing, pointed) if pointed is not None or not alone else None
    if found is not None and not found.chosen.any():
        return _refused(step, found.note)
    chosen = stage.gaussians.opacities > 0 if found is None else found.chosen
    if step.protect is not None:
        kept = find_thing(stage.gaussians, stage.views, stage.pictures, step.protect, editing.eyes)
        chosen = chosen & ~kept.chosen
    before, then = Moment(stage.gaussians, stage.views, stage.pictures), stage.remembered()
    done = handler(stage, step, chosen, editing, 1 if found is None else found.count)
    if done.refused:
        return _refused(step, done.refused, found)
    after = Moment(stage.gaussians, stage.views, stage.pictures)
    judged = done.judged or judged_views(step, before, after, done, found is None and not alone, editing)
    verdict, reasons = settled(judged)
    if done.partly and verdict is Verdict.DONE:
        verdict = Verdict.PARTLY
    was, now = measured(before, after, done.chosen)
    if verdict is Verdict.NOT_DONE:
        stage.back_to(then)
    return SceneStepReport(
        type=step.type, instruction=step.instruction, verdict=verdict,
        reasons=(*done.said, *((done.partly,) if done.partly else ()), *reasons),
        views_found=() if found is None else found.views, selected=int(done.chosen.sum()), as_function=done.as_function,
        consistency_before=was, consistency_after=now, consistency_ratio=now / was if was and now is not None else None,
        judged=judged,
    )  # fmt: skip


def _meant(stage: SceneStage, step: Step, editing: Editing, pointed: FoundGaussians | None) -> FoundGaussians | None:
    """What a step is about; None: the whole scene."""
    if pointed is not None:
        return replace(pointed, chosen=stage.still(pointed.chosen), note="what was pointed at is no longer there")
    if step.target is None:
        return None
    if step.type.traits.target is Target.SEARCHED:
        return find_thing(stage.gaussians, stage.views, stage.pictures, step.target, editing.eyes)
    return find(stage.gaussians, stage.views, stage.pictures, step, editing.eyes)


def _handler_of(step: Step) -> _Handler | None:
    traits = step.type.traits
    if not traits.redraws:
        return _repaint
    if traits.changes is Aspect.THING:
        if not traits.brings:
            return _remove
        # An attachment takes the place of what is named, or is put to it.
        return add if traits.target is Target.SEARCHED or step.target is None else _replace
    if traits.changes is Aspect.TEXT:
        return write
    if traits.changes is Aspect.BACKGROUND:
        return change
    if traits.changes is Aspect.NUMBER:
        return _count
    return {Aspect.PLACE: _move, Aspect.SIZE: _resize, Aspect.ANGLE: _turn}.get(traits.changes)


def _refused(step: Step, why: str, found: FoundGaussians | None = None) -> SceneStepReport:
    seen = () if found is None else found.views
    return SceneStepReport(
        type=step.type, instruction=step.instruction, verdict=Verdict.NOT_DONE, reasons=(why,), views_found=seen
    )


def _repaint(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    whole = bool(chosen[stage.gaussians.opacities > 0].all())
    result = repainted(stage.gaussians, None if whole else chosen, stage.views, step, editing)
    said = [one.proposal for one in result.views]
    if all(proposal.refused is not None for proposal in said):
        return Carried(chosen, refused=(said[0].refused if said else None) or "no view shows it")
    stage.recolour(chosen, result.gaussians)
    partly = next((proposal.partly for proposal in said if proposal.partly), "")
    evidence = {one.number: one.proposal.evidence for one in result.views if one.proposal.refused is None}
    return Carried(chosen, evidence, result.as_function, partly=partly)


def _remove(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    where = [coverage(footprint, chosen) > _SURE for footprint in stage.views.footprints]
    evidence = {
        n: Evidence(vacated=stage.views.region(n, chosen, "").boxes) for n, own in enumerate(where) if own.any()
    }
    box, before = stage.bearings.box(stage.gaussians.centres[chosen]), light_of(stage.views)[~chosen]
    stage.drop(chosen)
    bare = _ground_missing(stage, where)
    now, stain = cleared(stage.gaussians, box, stage.bearings, before, light_of(stage.views))
    said: tuple[str, ...] = ()
    if stain.any():
        stage.recolour(stain, now)
        said = (f"{int(stain.sum()):,} Gaussians below it have the colours of the ground around them now",)
    partly = f"{bare:.0%} of the ground that it hid was never seen, and shows the backdrop" if bare > _BARE else ""
    return Carried(chosen, evidence, partly=partly, said=said)


def _replace(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    cutout = in_place(step, stage, editing)
    if isinstance(cutout, str):
        return Carried(chosen, refused=cutout)
    if count > 1:
        return Carried(
            chosen, refused=f"{count} of them were found: say which one is to be replaced, the left one for example"
        )
    box = stage.bearings.box(stage.gaussians.centres[chosen])
    gone = _remove(stage, step, chosen, editing, count)
    done = exchange(stage, chosen, cutout, box)
    return replace(done, said=(*gone.said, *done.said))


def _count(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    more = _wanted_more(step, count)
    if more == 0 or more > _MOST_COPIES:
        return Carried(
            chosen, refused=f"there are {count} of them: between 1 and {_MOST_COPIES} can be added or taken away"
        )
    groups = np.full(len(chosen), -1, np.int32)
    groups[chosen] = pieces(stage.gaussians.centres[chosen], count)
    if more < 0:
        own = np.isin(groups, np.arange(count)[more:])
        if count + more < 0 or not own.any():
            return Carried(chosen, refused=f"{count} were found, and they cannot be told apart to take {-more} away")
        stage.drop(own)
        return Carried(own, said=(f"{-more} of {count} removed",))
    own = groups == 0
    for _ in range(more):
        copy = np.concatenate([own, np.zeros(len(stage.gaussians) - len(own), np.bool_)])
        way = free_place(stage.gaussians.centres, copy, stage.bearings)
        stage.repeat(copy, moved(part(stage.gaussians, copy), _shift(stage, way)))
    return Carried(own, said=(f"{more} added beside the first",))


def _wanted_more(step: Step, count: int) -> int:
    """How many are to be added; negative: taken away."""
    if step.count is not None:
        return step.count - count
    return 1 if step.amount is None else round(step.amount.value)


def _move(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    box = stage.bearings.box(stage.gaussians.centres[chosen])
    where = step.where
    if where is None:
        return Carried(chosen, refused="say where to: to the left, behind the vase, 20% to the right")
    if where.anchor is not None:
        return _move_by(stage, step, chosen, editing)
    if where.relation not in (*_WAYS, *_RISES, Relation.CENTER):
        return Carried(
            chosen,
            refused=f"'{where.relation}' is no place in a scene: left, right, above, below, center or beside a thing is",
        )
    scene = stage.bearings.box(stage.gaussians.centres)
    if where.relation is Relation.CENTER:
        way = np.append(((scene[0] + scene[1]) / 2 - (box[0] + box[1]) / 2)[:2], 0.0)
    else:
        level = np.array(_WAYS.get(where.relation, (0, 0)), np.float64)
        up = _RISES.get(where.relation, 0.0)
        way = _distance(step.amount, scene, box) * np.append(level, up)
    stage.carry(chosen, moved(part(stage.gaussians, chosen), _shift(stage, way)))
    return Carried(chosen, said=(_way_said(way),))


def _distance(amount: Amount | None, scene: tuple[Floats, Floats], box: tuple[Floats, Floats]) -> float:
    """How far, in the scene's units: percentages and strengths are of the scene's width, a factor of the thing's own."""
    across, own = float((scene[1] - scene[0])[0]), float((box[1] - box[0])[0])
    if amount is None:
        return _USUAL_MOVE * across
    if amount.unit is Unit.STRENGTH:
        return amount.value * _STRONG_MOVE * across
    return amount.value * (own if amount.unit is Unit.FACTOR else across / _PERCENT)


def _move_by(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing) -> Carried:
    """Beside, on or in the place of another thing."""
    assert step.where is not None and step.where.anchor is not None
    relation, name = step.where.relation, step.where.anchor
    anchor = find_thing(stage.gaussians, stage.views, stage.pictures, name, editing.eyes)
    other = anchor.chosen & ~chosen
    if not other.any():
        return Carried(chosen, refused=anchor.note or f'"{name}" could not be told from what is to be moved')
    box, fixed = (stage.bearings.box(stage.gaussians.centres[own]) for own in (chosen, other))
    if relation is Relation.SWAP:
        way = foot(fixed) - foot(box)
        first, second = part(stage.gaussians, chosen), part(stage.gaussians, other)
        stage.carry(chosen, moved(first, _shift(stage, way)))
        stage.carry(other, moved(second, _shift(stage, -way)))
        return Carried(chosen | other, said=("the two changed places",))
    if relation in (Relation.ON, Relation.ABOVE):
        way = np.append(foot(fixed)[:2], fixed[1][2]) - foot(box)
    elif relation in _WAYS:
        way = side_by_side(box, fixed, _WAYS[relation])
    else:
        return Carried(
            chosen,
            refused=f"'{relation}' is no place beside a thing in a scene: left, right, in front, behind or on is",
        )
    stage.carry(chosen, moved(part(stage.gaussians, chosen), _shift(stage, way)))
    return Carried(chosen, said=(_way_said(way),))


def _shift(stage: SceneStage, way: Floats) -> Similarity:
    """A movement along right, away, up."""
    still = np.eye(len(way))
    return Similarity(still, np.zeros(len(way)), stage.bearings.axes.T @ way)


def _way_said(way: Floats) -> str:
    names = (("to the right", "to the left"), ("away", "forward"), ("up", "down"))
    told = [
        f"{abs(by):.2f} {name[bool(by < 0)]}"
        for by, name in zip(way, names, strict=True)
        if abs(by) > np.finfo(np.float32).eps
    ]
    return "moved " + ", ".join(told) + " in the scene's units, as the first view sees it"


def _resize(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    factor = _factor(step.amount)
    if factor is None or factor == 1:
        return Carried(chosen, refused="say how much: a factor above 0 such as 0.5 or 2, or a percentage")
    axes = stage.bearings.axes
    about = axes.T @ foot(stage.bearings.box(stage.gaussians.centres[chosen]))
    by = Similarity(np.eye(len(about)), about, np.zeros(len(about)), factor)
    stage.carry(chosen, moved(part(stage.gaussians, chosen), by))
    return Carried(chosen, said=(f"{factor:.2f} times as large, about its foot",))


def _factor(amount: Amount | None) -> float | None:
    """The size ratio, or None if it is not positive."""
    if amount is None:
        return _USUAL_SIZE
    if amount.unit is Unit.FACTOR:
        return amount.value if amount.value > 0 else None
    if amount.unit is Unit.PERCENT:
        return 1 + amount.value / _PERCENT if amount.value > -_PERCENT else None
    if amount.unit is Unit.STRENGTH:
        return float((1 + abs(amount.value) * (_USUAL_SIZE - 1) / _STRONG) ** np.sign(amount.value))
    return None


def _turn(stage: SceneStage, step: Step, chosen: NDArray[np.bool_], editing: Editing, count: int) -> Carried:
    amount = step.amount
    degrees = _USUAL_TURN if amount is None else amount.value
    if amount is not None and amount.unit is Unit.STRENGTH:
        degrees *= _STRONG_TURN
    box = stage.bearings.box(stage.gaussians.centres[chosen])
    about = stage.bearings.axes.T @ ((box[0] + box[1]) / 2)
    # Clockwise from above, as on a clock that lies on the ground.
    by = Similarity(about_axis(stage.bearings.up, -degrees), about, np.zeros(len(about)))
    stage.carry(chosen, moved(part(stage.gaussians, chosen), by))
    return Carried(chosen, said=(f"turned by {degrees:g} degrees, clockwise from above",))


def _ground_missing(stage: SceneStage, where: list[NDArray[np.bool_]]) -> float:
    """Of the pixels of a thing that was taken away, those behind which there is something in the scene's box: the share that shows the backdrop."""
    low, high = stage.bearings.box(stage.gaussians.centres)
    bare = total = 0
    for camera, footprint, own in zip(stage.views.cameras, stage.views.footprints, where, strict=True):
        rays = camera.rays() @ stage.bearings.axes.T
        start = stage.bearings.axes @ camera.position
        with np.errstate(divide="ignore", invalid="ignore"):
            far = (low[2] - start[2]) / rays[:, 2]
        landed = start[:2] + far[:, None] * rays[:, :2]
        onto = (far > 0) & ((landed > low[:2]) & (landed < high[:2])).all(axis=1)
        hidden = own & onto.reshape(own.shape)
        bare += int(np.count_nonzero(footprint.left[hidden] > _SURE))
        total += int(np.count_nonzero(hidden))
    return bare / total if total else 0.0
