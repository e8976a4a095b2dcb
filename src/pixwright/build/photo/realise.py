"""Carry an attempt out with the project's own editors: photograph + attempt -> sample, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.chance import pick
from pixwright.build.contract import Catalogue
from pixwright.build.pairs.conditions import NOTHING, boxed, label_colour, sketch
from pixwright.build.photo.captions import captions_of
from pixwright.build.photo.look import Photo, photograph
from pixwright.build.photo.pipelines import PIPELINES, Attempt
from pixwright.build.run.networks import system
from pixwright.build.run.recipe import Recipe
from pixwright.build.wording.grammar import Unsaid, say
from pixwright.build.wording.validate import ASPECT
from pixwright.errors import PixwrightError
from pixwright.flow import Request, edit_picture
from pixwright.records.instruction import Array, Attachment, Instruction, PictureAttachment
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Box
from pixwright.records.result import Result, Verdict
from pixwright.records.sample import Part, Reference, Sample

_COVERED, _PLAINLY = 0.6, 12
"""Least share of a thing that another surface must cover, fitted on 39 rows rated by eye; and levels of 255 by which a pixel is plainly another."""
_PATTERNED = 0.25
"""The same for a pattern, which leaves the ground between its dots and stripes as it was."""
_SHOWN = 0.06
"""Least mean change, of values in [0, 1], of an edit of the whole picture: what is paler than that a stranger hardly sees. Fitted on 29 rated rows."""
_BEYOND = 4.0
"""How much of the picture may change when a thing goes, in its own area: shadows and a hidden part are more than the outline, a table that went with its vase is not meant."""
_NOTHING = 1e-6
_HALF = 127
"""Of a mask's 255: from here on a pixel belongs to the thing."""
_AROUND = 0.15
"""How much around what was touched the segmenter is shown, of its longer side."""
_STYLED = 256
"""Longer side in pixels of a picture that shows a style."""
_PHOTOS = 8
"""Photographs that are tried for a candidate until one lends itself to the edit."""


@dataclass(frozen=True)
class Failed:
    """`reason` is `code: detail`."""

    reason: str


def candidate(
    catalogue: Catalogue, recipe: Recipe, index: int, rng: np.random.Generator, identity: str
) -> Sample | str:
    """A sample of the place's type from a photograph of the catalogue, or the last reason why there is none."""
    kind = recipe.type_of(index)
    pictures = [asset for asset in catalogue.assets("background") if asset.photographic]
    if not pictures:
        return "no_photograph: the sources hold none; name one that does, such as photos, folder:PATH or coco:FILE"
    reason = ""
    for place in rng.permutation(len(pictures))[:_PHOTOS]:
        asset = pictures[int(place)]
        taken = photograph(catalogue, asset, recipe.size)
        # The cheapest question first: what is rejected for its shape need not be edited.
        wide = max(taken.pixels.shape[:2]) > ASPECT * min(taken.pixels.shape[:2])
        made = None if wide else PIPELINES[kind](taken, catalogue, rng)
        if made is None:
            reason = f"unfit: nothing in {asset.key} lends itself to {kind}"
            continue
        found = realise(taken, made, catalogue, rng, identity, recipe.name)
        # An implicit edit is of that type, whatever its explicit step is of.
        return found.reason if isinstance(found, Failed) else replace(found, type=kind)
    return reason


def realise(
    photo: Photo, attempt: Attempt, catalogue: Catalogue, rng: np.random.Generator, identity: str, dataset: str
) -> Sample | Failed:
    """Word the step, carry it (or its reverse) out, and lay the sample down with the judge's score; a filter decides on that (`judge`, `judge_back` in thresholds.json)."""
    seed = int(rng.integers(2**31))
    references = list(_given(photo, attempt, catalogue, rng))
    shown = tuple(PictureAttachment(one.name, one.pixels) for one in references if one.pixels is not None)
    given = attempt.given
    attachments = (PictureAttachment(given.name, given.pixels),) if given else shown
    try:
        instruction, step = _worded(attempt, rng, shown)
    except Unsaid as error:
        return Failed(f"words: {error}")
    if attempt.keep is not None:
        return _cropped(photo, attempt.keep, step, instruction, identity, dataset)
    run = attempt.run or step
    plan = Plan(instruction=instruction, steps=(run.model_copy(update={"instruction": instruction}),))
    place = () if attempt.thing is None or run.target is None else (attempt.thing.region,)
    request = Request(Instruction(instruction, attachments), seed, plan=plan, regions=place)
    try:
        result = edit_picture(photo.pixels, request, system(), photo.eyes.again(photo.pixels))
    except PixwrightError as error:
        return Failed(f"{error.code}: {error}")
    if result.report.verdict is Verdict.NOT_DONE:
        return Failed(f"{result.report.verdict}: {'; '.join(result.report.reasons)}")
    if result.picture.shape != photo.pixels.shape:
        return Failed("size: the edit changed the picture's size")
    before, after = photo.pixels, np.ascontiguousarray(result.picture[..., :3])
    if (weak := _weak(attempt, run, before, after)) is not None:
        return weak
    told = _told(photo, attempt, run)
    if attempt.reverse:
        before, after = after, before
    if attempt.condition is not None:
        guide = _condition(attempt, photo, before, after, result)
        if guide is None:
            return Failed("no_outline: the new thing stands out too little for a guide")
        references = [Reference(1, attempt.slots["guide"], f"{attempt.slots['guide']} of the edited picture", guide)]
    return Sample(
        id=identity,
        dataset=dataset,
        type=step.type,
        source=before,
        edited=after,
        instruction=instruction,
        step=step,
        source_caption=told[0],
        edited_caption=told[1],
        reasoning=attempt.reasoning,
        mask=_mask(result, before, after),
        references=tuple(references),
        parts=_parts(photo, attempt),
        scores={"judge_back" if attempt.reverse else "judge": result.report.score},
        extra={"method": "photograph", "photograph": photo.key},
    )


def _told(photo: Photo, attempt: Attempt, run: Step) -> tuple[str, str]:
    """(caption of the source, caption of the edited picture)."""
    value, had = attempt.slots.get("value", ""), _count(attempt)
    if attempt.step.type is EditType.REMOVE:
        # Also where a thing was put in so that it can go: the words are those of its going.
        return captions_of(photo.caption, photo.names, attempt.step, value, had)
    told = captions_of(photo.caption, photo.names, run, value, had)
    return (told[1], told[0]) if attempt.reverse else told


def _weak(attempt: Attempt, run: Step, before: Array, after: Array) -> Failed | None:
    """Why nobody would see the edit, or would see it on a part of the thing alone."""
    covered = _covered(attempt, before, after)
    least = _PATTERNED if run.type.traits.changes is Aspect.APPEARANCE else _COVERED
    if covered < least:
        return Failed(f"covered: only {covered:.2f} of the {run.target} was changed, < {least:g}")
    if run.type is EditType.REMOVE and attempt.thing is not None:
        more = float((before != after).any(axis=2).mean()) / max(attempt.thing.area, _NOTHING)
        if more > _BEYOND:
            return Failed(f"beyond: {more:.1f} times the {run.target} was taken away, > {_BEYOND:g}")
    changed = float(np.abs(before / 255.0 - after / 255.0).mean())
    if run.type.traits.finish and changed < _SHOWN:
        return Failed(f"faint: the picture changed by {changed:.3f}, < {_SHOWN:g}")
    return None


def _covered(attempt: Attempt, before: Array, after: Array) -> float:
    """Of a thing that was given another surface: the share, 0 to 1, that is plainly another; 1 for all other edits."""
    if attempt.thing is None or not (attempt.run or attempt.step).type.traits.surface:
        return 1.0
    inside = attempt.thing.region.mask > _HALF
    changed = np.abs(before.astype(np.int16) - after.astype(np.int16)).max(axis=2) > _PLAINLY
    return float(changed[inside].mean()) if inside.any() else 0.0


def _count(attempt: Attempt) -> int:
    return 0 if attempt.thing is None else len(attempt.thing.region.boxes)


def _worded(attempt: Attempt, rng: np.random.Generator, attachments: tuple[Attachment, ...]) -> tuple[str, Step]:
    """The instruction, read back by the parser; captions as the photograph's caption and the step say."""
    if attempt.reasoning:
        text = attempt.reasoning
        return text, attempt.step.model_copy(update={"instruction": text})
    if attempt.condition is not None:
        attachments = (PictureAttachment("guide", np.zeros((8, 8, 3), np.uint8)),)
    return say(attempt.key, attempt.slots, attempt.step, rng, attachments)


def _given(photo: Photo, attempt: Attempt, catalogue: Catalogue, rng: np.random.Generator) -> Sequence[Reference]:
    """The pictures that the instruction refers to and that are there before the edit."""
    kind, value = attempt.step.type, attempt.slots.get("value", "")
    if attempt.given is not None and attempt.step.reference is not None and attempt.condition is None:
        return [Reference(1, attempt.given.name, attempt.given.caption, attempt.given.pixels)]
    if kind == EditType.STYLE_TRANSFER:
        step = Step(type=EditType.STYLE_CHANGE, instruction=value, value=value)
        plan = Plan(instruction=value, steps=(step,))
        others = [asset for asset in catalogue.assets("background") if asset.key != photo.key]
        other = photograph(catalogue, pick(rng, others), _STYLED)
        styled = edit_picture(other.pixels, Request(Instruction(value), plan=plan), system())
        return [Reference(1, f"{value} picture", f"a picture in the style {value}", styled.picture)]
    return []


def _cropped(photo: Photo, keep: Box, step: Step, instruction: str, identity: str, dataset: str) -> Sample:
    x0, y0, x1, y1 = keep
    mask = np.full(photo.pixels.shape[:2], 255, np.uint8)
    mask[y0:y1, x0:x1] = 0
    return Sample(
        id=identity,
        dataset=dataset,
        type=EditType.OUTPAINT,
        source=np.ascontiguousarray(photo.pixels[y0:y1, x0:x1]),
        edited=photo.pixels,
        instruction=instruction,
        step=step,
        source_caption=photo.caption,
        edited_caption=photo.caption,
        mask=mask,
        canvas=keep,
        parts=(photo.part,),
        extra={"method": "photograph", "photograph": photo.key},
    )


def _mask(result: Result, before: Array, after: Array) -> Array | None:
    """What the edit was allowed to touch; None where that is the whole picture."""
    mask = result.effective_mask
    if mask is None or float((mask > 0).mean()) > 0.98:
        return None
    differs = np.any(before != after, axis=2)
    return np.where((mask > 0) | differs, 255, 0).astype(np.uint8)


def _condition(attempt: Attempt, photo: Photo, before: Array, after: Array, result: Result) -> Array | None:
    """The guide, computed from the edited picture."""
    if attempt.condition == "sketch":
        return sketch(after)
    if attempt.condition == "scribble":
        thick = cv2.erode(sketch(after), np.ones((3, 3), np.uint8))
        return np.asarray(cv2.GaussianBlur(thick, (0, 0), max(after.shape[:2]) / 260), np.uint8)
    new = _outline(attempt, after, result)
    if new is None or not new.any():
        return None
    if attempt.condition == "bbox":
        x, y, wide, high = cv2.boundingRect(new.astype(np.uint8))
        return boxed(before, (x, y, x + wide, y + high))
    return _segments(photo, attempt, new, after.shape[:2])


def _outline(attempt: Attempt, after: Array, result: Result) -> NDArray[np.bool_] | None:
    """Where in the edited picture the new thing is: HxW. Known where the photograph is the edited picture; else the segmenter sees it in what was touched."""
    if attempt.reverse and attempt.thing is not None:
        return np.asarray(attempt.thing.region.mask > _HALF)
    touched = result.effective_mask
    if touched is None or not (touched > 0).any():
        return None
    x, y, wide, high = cv2.boundingRect((touched > 0).astype(np.uint8))
    pad = round(_AROUND * max(wide, high))
    window = np.s_[max(0, y - pad) : y + high + pad, max(0, x - pad) : x + wide + pad]
    found = np.zeros(after.shape[:2], np.bool_)
    found[window] = system().encoders.segmenter.outline(np.ascontiguousarray(after[window])) > 0.5
    return found & (touched > 0)


def _segments(photo: Photo, attempt: Attempt, new: NDArray[np.bool_], shape: tuple[int, ...]) -> Array:
    """A map of what the edited picture shows: its things but the one that gave way, and the new one."""
    out = np.empty((*shape[:2], 3), np.uint8)
    out[:] = NOTHING
    for thing in photo.things:
        if thing is not attempt.thing:
            out[thing.region.mask > _HALF] = label_colour(thing.name.split()[-1])
    out[new] = label_colour((attempt.step.value or "thing").split()[-1])
    return out


def _parts(photo: Photo, attempt: Attempt) -> tuple[Part, ...]:
    return (photo.part,) if attempt.given is None else (photo.part, attempt.given.part)
