"""Carry an attempt out with the project's own editors: photograph + attempt -> sample, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from pixwright.build.contract import Catalogue
from pixwright.build.pairs.conditions import NOTHING, boxed, label_colour, sketch
from pixwright.build.pairs.references import material
from pixwright.build.photo.look import Photo, look
from pixwright.build.photo.pipelines import PIPELINES, Attempt
from pixwright.build.run.networks import system
from pixwright.build.run.recipe import Recipe
from pixwright.build.wording.grammar import Unsaid, say
from pixwright.errors import PixwrightError
from pixwright.flow import Request, edit_picture
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array, Attachment, Instruction, PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Box
from pixwright.records.result import Result, Verdict
from pixwright.records.sample import Asset, Part, Reference, Sample

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
        made = PIPELINES[kind](seen(catalogue, asset, recipe.size), catalogue, rng)
        if made is None:
            reason = f"unfit: nothing in {asset.key} lends itself to {kind}"
            continue
        found = realise(seen(catalogue, asset, recipe.size), made, catalogue, rng, identity, recipe.name)
        # An implicit edit is of that type, whatever its explicit step is of.
        return found.reason if isinstance(found, Failed) else replace(found, type=kind)
    return reason


_looks: dict[tuple[str, int], Photo] = {}


def seen(catalogue: Catalogue, asset: Asset, size: int) -> Photo:
    """The photograph with its longer side `size` pixels, looked at once a process."""
    key = (asset.key, size)
    if key not in _looks:
        if len(_looks) > 200:
            _looks.clear()
        pixels = catalogue.pixels(asset.key)
        scale = size / max(pixels.shape[:2])
        high, wide = (max(1, round(side * scale)) for side in pixels.shape[:2])
        small = resized(pixels, high, wide, cv2.INTER_LANCZOS4)
        part = Part(asset.key, asset.origin, asset.licence, asset.sha256)
        _looks[key] = look(asset.key, np.ascontiguousarray(small), asset.caption, part, system())
    return _looks[key]


def realise(
    photo: Photo, attempt: Attempt, catalogue: Catalogue, rng: np.random.Generator, identity: str, dataset: str
) -> Sample | Failed:
    """Word the step, carry it (or its reverse) out, and lay the sample down; kept only if the product itself says `done`."""
    seed = int(rng.integers(2**31))
    references = list(_given(photo, attempt, catalogue, rng))
    attachments = tuple(PictureAttachment(one.name, one.pixels) for one in references if one.pixels is not None)
    try:
        instruction, step = _worded(attempt, rng, attachments)
    except Unsaid as error:
        return Failed(f"words: {error}")
    if attempt.keep is not None:
        return _cropped(photo, attempt.keep, step, instruction, identity, dataset)
    run = attempt.run or step
    plan = Plan(instruction=instruction, steps=(run.model_copy(update={"instruction": instruction}),))
    try:
        result = edit_picture(
            photo.pixels, Request(Instruction(instruction, attachments), seed, plan=plan), system(), photo.eyes
        )
    except PixwrightError as error:
        return Failed(f"{error.code}: {error}")
    if result.report.verdict is not Verdict.DONE:
        return Failed(f"{result.report.verdict}: {'; '.join(result.report.reasons)}")
    if result.picture.shape != photo.pixels.shape:
        return Failed("size: the edit changed the picture's size")
    before, after = photo.pixels, np.ascontiguousarray(result.picture[..., :3])
    if attempt.run is not None and attempt.run.type == EditType.REMOVE:
        before, after = after, before
    if attempt.condition is not None:
        guide = _condition(attempt, photo, before, after, result)
        if guide is None:
            return Failed("no_depth: a photograph's depth takes a depth model")
        references = [Reference(1, attempt.slots["guide"], f"{attempt.slots['guide']} of the edited picture", guide)]
    return Sample(
        id=identity,
        dataset=dataset,
        type=step.type,
        source=before,
        edited=after,
        instruction=instruction,
        step=step,
        source_caption=step.source_caption,
        edited_caption=step.edited_caption,
        reasoning=attempt.reasoning,
        mask=_mask(result, before, after),
        references=tuple(references),
        parts=_parts(photo, attempt),
        scores={"judge": result.report.score},
        extra={"method": "photograph", "photograph": photo.key},
    )


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
    if attempt.reference is not None:
        asset = attempt.reference
        return [Reference(1, asset.name, asset.caption, np.array(catalogue.pixels(asset.key)))]
    if kind == EditType.MATERIAL_TRANSFER:
        return [Reference(1, f"{value} surface", f"a close-up of {value}", material(value, int(rng.integers(2**31))))]
    if kind == EditType.STYLE_TRANSFER:
        step = Step(type=EditType.STYLE_CHANGE, instruction=value, value=value)
        plan = Plan(instruction=value, steps=(step,))
        others = [asset for asset in catalogue.assets("background") if asset.key != photo.key]
        other = seen(catalogue, others[int(rng.integers(len(others)))], 256)
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
    region = result.regions[0]
    if attempt.condition == "bbox":
        return boxed(before, region.boxes[0])
    if attempt.condition == "sketch":
        return sketch(after)
    if attempt.condition == "scribble":
        thick = cv2.erode(sketch(after), np.ones((3, 3), np.uint8))
        return np.asarray(cv2.GaussianBlur(thick, (0, 0), max(after.shape[:2]) / 260), np.uint8)
    if attempt.condition == "segment":
        return _segments(photo, region.mask, attempt.step.value or "thing", after.shape[:2])
    return None


def _segments(photo: Photo, mask: Array, new: str, shape: tuple[int, ...]) -> Array:
    out = np.empty((*shape[:2], 3), np.uint8)
    out[:] = NOTHING
    for thing in photo.things:
        out[thing.region.mask > 127] = label_colour(thing.name.split()[-1])
    out[mask > 127] = label_colour(new.split()[-1])
    return out


def _parts(photo: Photo, attempt: Attempt) -> tuple[Part, ...]:
    asset = attempt.reference
    if asset is None:
        return (photo.part,)
    return (photo.part, Part(asset.key, asset.origin, asset.licence, asset.sha256))
