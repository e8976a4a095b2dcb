"""InstructAny2Pix's three pair methods that take a diffusion model (section 3.3.1): the edited picture is painted anew from the caption after, from the source's own noise.

With the packaged mini network (64 pixels) they run and show what the methods do; rows worth training on take published weights of a text-to-image network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pixwright.build.run.networks import painter
from pixwright.build.run.recipe import GOLDEN
from pixwright.errors import InvalidOption
from pixwright.records.sample import Sample

if TYPE_CHECKING:
    from pixwright.edit.networks.instructedit import InstructEditor

SCENE = "scene"
"""The pair is exact: both pictures are rendered."""
PAINTED = ("regeneration", "prompt-to-prompt", "plug-and-play")
"""Names of `nn.latents.sharing.METHODS`, which takes torch."""
METHODS = (SCENE, *PAINTED)


def methods_of(text: str) -> tuple[str, ...]:
    """The pair methods that an option names, with commas. Raises `InvalidOption`."""
    found = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if unknown := [one for one in found if one not in METHODS]:
        raise InvalidOption(f"'{unknown[0]}' is no pair method; give some of {', '.join(METHODS)}")
    return found or (SCENE,)


def method_of(options: Mapping[str, str], index: int) -> str:
    """The method of a place: those that the recipe names in equal shares, evenly spread, whatever kind the place is of."""
    named = methods_of(options.get("pairs", SCENE))
    return named[int((index * GOLDEN * GOLDEN) % 1.0 * len(named))]


def painted(sample: Sample, method: str, weights: str, seed: int) -> Sample | str:
    """The row with its edited picture painted by a method of `PAINTED`, or why it gave none.

    weights: `mini`, or a folder or file of published ones. Raises `MissingExtra`, `WeightsMissing` or `InvalidOption` as those who read them do.
    """
    from pixwright.edit.networks.window import window_for

    editor: InstructEditor = painter(weights, method)
    height, width = sample.source.shape[:2]
    window = window_for(height, width, None, editor.model.side, editor.model.multiple)
    whole = np.full((height, width), 255, np.uint8)
    made = editor.paint(window.take(sample.source), window.take_mask(whole), sample.step, seed)
    if not made.afters:
        return f"painted: {method} gave noise"
    edited, changed = window.put(sample.source, made.before, made.afters[-1], redrawn=True, limit=whole)
    if not changed.any():
        return f"painted: {method} left the picture as it was"
    return replace(sample, edited=edited, mask=None, extra={**sample.extra, "method": method})
