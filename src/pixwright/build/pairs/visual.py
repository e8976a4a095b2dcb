"""Edits that a picture shows: the thing, the material or the style of a reference, and the five guidance pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pixwright.build.contract import ConditionKind, WantedReference
from pixwright.build.pairs.global_ import style_change
from pixwright.build.pairs.local import add, remove, replace_thing
from pixwright.build.pairs.stage import PairDraft, Stage, Unfit
from pixwright.build.pairs.surface import appearance_alter, color_alter, material_change
from pixwright.records.kind import EditType
from pixwright.records.vocabulary import MATERIALS

_CALLED: dict[ConditionKind, tuple[str, ...]] = {
    "bbox": ("bounding box",),
    "scribble": ("scribble",),
    "segment": ("segmentation map", "segmentation"),
    "sketch": ("sketch", "sketch picture"),
    "depth": ("depth map", "depth image"),
}
"""What people call each guide."""
_GUIDED: tuple[Callable[[Stage], PairDraft], ...] = (
    add,
    replace_thing,
    add,
    replace_thing,
    remove,
    color_alter,
    material_change,
)
"""A guide says most about what comes new, so additions and exchanges are the more frequent."""
_TELLING = tuple(name for name in MATERIALS if name not in ("glass", "plastic", "ceramic", "paper", "bronze"))
"""Materials that a close-up tells from others."""
_FINE = frozenset({"pointillism", "low poly", "pixel art"})
"""Styles that one hardly sees in pictures of this size, unless their name is said."""
_BOX_ONLY: tuple[Callable[[Stage], PairDraft], ...] = (appearance_alter,)
"""A change of pattern is not seen in a sketch, a label map or a depth map."""
_SHAPES = _GUIDED[:5]
"""What a label map and a depth map show: things, not colours."""


def guided_draft(stage: Stage, kind: EditType) -> tuple[PairDraft, str]:
    """Another local edit, and the name of the guide that its edited picture gives."""
    condition = next(one for one in _CALLED if kind == f"visual_{one}")
    makers = {"bbox": _GUIDED + _BOX_ONLY, "segment": _SHAPES, "depth": _SHAPES}.get(condition, _GUIDED)
    draft = stage.pick(makers)(stage)
    if not draft.after.layers:
        raise Unfit("nothing would be left for a guide to show")
    name = stage.pick(_CALLED[condition])
    wanted = WantedReference(1, "condition", name, condition=condition, seed=int(stage.rng.integers(2**31)))
    return replace(draft, references=(wanted,)), name


def visual_reference(stage: Stage) -> PairDraft:
    """A thing that another picture shows, instead of one or in addition."""
    if stage.rng.random() < 0.5:
        draft = replace_thing(stage)
        index = (draft.touched or (0,))[0]
        key, target = "visual_reference.replace", draft.step.target
    else:
        draft = add(stage)
        if draft.step.count:
            raise Unfit("a reference shows one thing")
        index = (draft.touched or (0,))[0]
        key, target = "visual_reference." + ("add_place" if "place" in draft.slots else "add"), None
    layer = draft.after.layers[index]
    wanted = WantedReference(1, "view", layer.name, layer=index, seed=int(stage.rng.integers(2**31)))
    step = draft.step.model_copy(
        update={"type": EditType.VISUAL_REFERENCE, "target": target, "value": layer.name, "reference": 1}
    )
    slots = {**draft.slots, "thing": layer.name}
    return replace(draft, step=step, key=key, slots=slots, references=(wanted,))


def material_transfer(stage: Stage) -> PairDraft:
    """The material that a close-up shows."""
    draft = material_change(stage, _TELLING)
    value = draft.step.value or ""
    wanted = WantedReference(1, "material", f"{value} surface", value=value, seed=int(stage.rng.integers(2**31)))
    step = draft.step.model_copy(update={"type": EditType.MATERIAL_TRANSFER, "value": None, "reference": 1})
    return replace(draft, step=step, key="material_transfer", references=(wanted,), extra={"material": value})


def style_transfer(stage: Stage) -> PairDraft:
    """The style of another picture."""
    draft = style_change(stage)
    value = draft.step.value or ""
    if value in _FINE:
        raise Unfit(f"what makes {value} is too fine to be taken from a small picture")
    wanted = WantedReference(1, "style", f"{value} picture", value=value, seed=int(stage.rng.integers(2**31)))
    step = draft.step.model_copy(update={"type": EditType.STYLE_TRANSFER, "value": None, "reference": 1})
    return replace(draft, step=step, key="style_transfer", references=(wanted,), extra={"style": value})
