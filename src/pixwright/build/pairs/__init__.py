"""For each of the 26 edit types: a scene -> a pair with its words, or None where the scene does not lend itself to it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pixwright.build.contract import Catalogue, LayeredScene, PairMaker, ScenePair
from pixwright.build.pairs import action, camera, global_, implicit, local, relation, surface, traced, visual
from pixwright.build.pairs.stage import PairDraft, Stage, Unfit, guided, worded
from pixwright.build.wording.grammar import Unsaid
from pixwright.records.kind import EditType

DRAFTS: dict[EditType, Callable[[Stage], PairDraft]] = {
    EditType.REMOVE: local.remove,
    EditType.REPLACE: local.replace_thing,
    EditType.ADD: local.add,
    EditType.COUNTING: local.counting,
    EditType.COLOR_ALTER: surface.color_alter,
    EditType.APPEARANCE_ALTER: surface.appearance_alter,
    EditType.MATERIAL_CHANGE: surface.material_change,
    EditType.ACTION_CHANGE: lambda stage: _either(stage, traced.posed, action.action_change),
    EditType.TEXTUAL_CHANGE: surface.textual_change,
    EditType.BACKGROUND_CHANGE: global_.background_change,
    EditType.TONE_TRANSFER: global_.tone_transfer,
    EditType.STYLE_CHANGE: global_.style_change,
    EditType.MOVEMENT: camera.movement,
    EditType.RESIZE: camera.resize,
    EditType.OUTPAINT: camera.outpaint,
    EditType.ROTATION_CHANGE: lambda stage: _either(stage, traced.turned_view, camera.rotation_change),
    EditType.IMPLICIT_CHANGE: implicit.implicit_change,
    EditType.RELATION_CHANGE: relation.relation_change,
    EditType.VISUAL_REFERENCE: visual.visual_reference,
    EditType.MATERIAL_TRANSFER: visual.material_transfer,
    EditType.STYLE_TRANSFER: visual.style_transfer,
}
"""What a maker changes in the scene; for the guided types that is another type's draft (`visual.guided_draft`)."""
_TRACED = 0.8
"""How often an action or a turn is tried with a traced thing first: only that one shows other limbs and other sides."""
_COMPANIONS = 2
"""How often another thing is tried beside those that cannot be told apart, moved or exchanged."""


def attempt(kind: EditType, scene: LayeredScene, catalogue: Catalogue, rng: np.random.Generator) -> ScenePair | str:
    """A pair of the type, or in one line why this scene (with these dice) gives none: no fitting thing, or no wording that parses back.

    A scene that does not lend itself to the edit is tried again with one or two things more in it, before and after.
    """
    stage = Stage(scene, catalogue, rng)
    reason = ""
    for number in range(1 + _COMPANIONS):
        try:
            stage = local.with_companion(stage) if number else stage
            return _made(kind, stage)
        except Unfit as error:
            reason = reason or f"unfit: {error}"
        except Unsaid as error:
            reason = reason or f"words: {error}"
    return reason


def _made(kind: EditType, stage: Stage) -> ScenePair:
    if kind.traits.guided:
        draft, guide = visual.guided_draft(stage, kind)
        return guided(stage, kind, draft, guide)
    return worded(stage, kind, DRAFTS[kind](stage))


def _either(stage: Stage, first: Callable[[Stage], PairDraft], second: Callable[[Stage], PairDraft]) -> PairDraft:
    """The first way where the dice say so and the scene has room for it, else the second."""
    if stage.rng.random() < _TRACED:
        try:
            return first(stage)
        except Unfit:
            pass  # a scene in the air, or too full
    return second(stage)


def _maker(kind: EditType) -> PairMaker:
    def make(scene: LayeredScene, catalogue: Catalogue, rng: np.random.Generator) -> ScenePair | None:
        found = attempt(kind, scene, catalogue, rng)
        return found if isinstance(found, ScenePair) else None

    return make


MAKERS: dict[EditType, PairMaker] = {kind: _maker(kind) for kind in EditType}
"""The maker of each type; `attempt` is the same with the reason instead of None."""
