"""Pair -> sample: both scenes rendered, the mask, the references, and where every part came from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np

from pixwright.build.contract import Catalogue, LayeredScene, Rendering, ScenePair, WantedReference
from pixwright.build.pairs.conditions import condition
from pixwright.build.pairs.references import material, styled, view
from pixwright.build.scene.signs import asset_of
from pixwright.records.instruction import Array
from pixwright.records.sample import Part, Reference, Sample
from pixwright.words.saying import article

Render: TypeAlias = Callable[[LayeredScene, Catalogue], Rendering]

REACH = 2
"""Pixels by which a mask reaches beyond the pixels that differ."""


def realise(pair: ScenePair, render: Render, catalogue: Catalogue, identity: str, dataset: str = "anyedit") -> Sample:
    """The pair as a row. Pure: the same pair gives the same bytes.

    Outside the mask of a local edit source and edited picture are equal, bit for bit. Raises `InvalidOption` as the renderer does.
    """
    after = render(pair.after, catalogue)
    canvas = canvas_of(pair)
    if canvas is None:
        before = render(pair.before, catalogue)
        mask = None if pair.touched is None else mask_of(pair, before, after)
    else:
        before = _window(pair, after, canvas, render, catalogue)
        mask = np.full(after.picture.shape[:2], 255, np.uint8)
        mask[canvas[1] : canvas[3], canvas[0] : canvas[2]] = 0
    found = [_reference(one, pair, before, after, render, catalogue) for one in pair.references]
    step = pair.step.model_copy(update={"source_caption": before.caption, "edited_caption": after.caption})
    return Sample(
        id=identity,
        dataset=dataset,
        type=pair.type,
        source=before.picture,
        edited=after.picture,
        instruction=pair.instruction,
        step=step,
        source_caption=before.caption,
        edited_caption=after.caption,
        reasoning=pair.reasoning,
        mask=mask,
        canvas=canvas,
        references=tuple(reference for reference, _ in found),
        parts=parts_of([pair.before, pair.after, *(scene for _, scene in found if scene)], pair.references, catalogue),
        extra={key: value for key, value in pair.extra.items() if key != "canvas"},
    )


def canvas_of(pair: ScenePair) -> tuple[int, int, int, int] | None:
    """Where the source lies in the edited picture of an outpaint, XYXY pixels; None for every other edit."""
    text = pair.extra.get("canvas")
    if text is None:
        return None
    x0, y0, x1, y1 = (int(v) for v in text.split(","))
    return x0, y0, x1, y1


def _window(
    pair: ScenePair, after: Rendering, canvas: tuple[int, int, int, int], render: Render, catalogue: Catalogue
) -> Rendering:
    """The source of an outpaint: the edited picture's own pixels, with the caption of what they show."""
    x0, y0, x1, y1 = canvas
    caption = render(pair.before, catalogue).caption
    picture = np.ascontiguousarray(after.picture[y0:y1, x0:x1])
    return Rendering(picture, np.ascontiguousarray(after.masks[:, y0:y1, x0:x1]), after.boxes, caption)


def mask_of(pair: ScenePair, before: Rendering, after: Rendering) -> Array:
    """HxW uint8, 255: where the pictures differ, a little dilated, and what is seen of the layers that the edit concerns, before and after.

    A change of background concerns all that is no layer.
    """
    differs = np.any(before.picture != after.picture, axis=2).astype(np.uint8)
    kernel = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    # Specks within an edited area that happen to be equal belong to it.
    mask = cv2.morphologyEx(cv2.dilate(differs, kernel), cv2.MORPH_CLOSE, kernel) * np.uint8(255)
    if pair.before.background != pair.after.background:
        behind = 255 - np.maximum(_union(before.masks, mask.shape), _union(after.masks, mask.shape))
        mask = np.maximum(mask, behind)
    for index in pair.touched or ():
        if index < len(pair.before.layers) and pair.before.layers[index] not in pair.after.layers:
            mask = np.maximum(mask, before.masks[index])
        if index < len(pair.after.layers) and pair.after.layers[index] not in pair.before.layers:
            mask = np.maximum(mask, after.masks[index])
    return np.asarray(mask, np.uint8)


def _union(masks: Array, shape: tuple[int, ...]) -> Array:
    return np.asarray(masks.max(axis=0) if len(masks) else np.zeros(shape, np.uint8), np.uint8)


def _reference(
    wanted: WantedReference, pair: ScenePair, before: Rendering, after: Rendering, render: Render, catalogue: Catalogue
) -> tuple[Reference, LayeredScene | None]:
    """The reference, and the scene that was made for it, if one was."""
    number, name = wanted.number, wanted.name
    if wanted.kind == "condition":
        assert wanted.condition is not None
        pixels = condition(wanted.condition, pair, before, after)
        return Reference(number, name, f"{article(name)} of the edited picture", pixels), None
    if wanted.kind == "view":
        assert wanted.layer is not None
        layer = pair.after.layers[wanted.layer]
        return Reference(number, name, article(layer.name), view(layer, catalogue, wanted.seed)), None
    if wanted.kind == "material":
        caption = f"a close-up of {wanted.value}"
        return Reference(number, name, caption, material(wanted.value, wanted.seed)), None
    if wanted.kind == "style":
        scene = styled(wanted.value, catalogue, wanted.seed)
        rendered = render(scene, catalogue)
        return Reference(number, name, rendered.caption, rendered.picture), scene
    assert wanted.asset is not None
    asset = asset_of(wanted.asset, catalogue)
    if asset.kind in ("sound", "music"):
        samples, rate = catalogue.samples(asset.key)
        return Reference(number, name, asset.caption, samples=samples, rate=rate), None
    return Reference(number, name, asset.caption, np.array(catalogue.pixels(asset.key))), None


def parts_of(
    scenes: list[LayeredScene], references: tuple[WantedReference, ...], catalogue: Catalogue
) -> tuple[Part, ...]:
    """Every asset that the row is made from, once, in order of its key."""
    keys = {key for scene in scenes for key in (scene.background, *(layer.asset for layer in scene.layers))}
    keys |= {one.asset for one in references if one.kind == "asset" and one.asset is not None}
    assets = [asset_of(key, catalogue) for key in sorted(keys)]
    return tuple(one.part for one in assets)
