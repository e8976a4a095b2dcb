"""ReasonPix2Pix: indirect instructions in the paper's three parts (section 3.2).

Part I gives existing pairs a reasoning instruction; part II edits existing pictures anew; part III replaces an object of a photograph. Without
a data set (`hub:PATH`) the exact pairs of scenes are the existing ones, and without photographs part III is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build import photo
from pixwright.build.chance import pick
from pixwright.build.contract import Catalogue, Rendering, ScenePair
from pixwright.build.pairs import attempt
from pixwright.build.pairs.realise import realise
from pixwright.build.run.networks import system
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.run.recipe import Recipe, spread
from pixwright.build.scene.render import render
from pixwright.build.sets.bench import Bench, bench, existing
from pixwright.build.wording import reasoning
from pixwright.build.wording.written import written
from pixwright.errors import InvalidOption
from pixwright.flow import Request, edit_picture
from pixwright.parse.language import endpoint_from
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.records.result import Verdict
from pixwright.records.sample import Part, Sample, Split

SHARES = {"I": 8_013, "II": 4_141, "III": 28_058}
"""Rows of the paper's three parts (table 2)."""
NEAR_DUPLICATE = 2e-4
"""Tau of the paper's equation 1 as a mean over values in [0, 1]: a pair that differs less is one in which nothing was edited. The paper names
no value; this is a fiftieth of what the smallest thing that we edit changes."""

_WHOLE = 0.98
"""Share of the picture from which on an edit counts as one of all of it."""


def make(recipe: Recipe, start: int, stop: int) -> Iterable[Sample | Quarantined]:
    """Rows of places start..stop-1; the recipe's `types` are not used."""
    work = bench(recipe)
    photographs = shown(work.catalogue)
    shares = shares_of(recipe.options)
    for index in range(start, stop):
        part = part_of(index, photographs, recipe.split, shares)
        yield from work.fill(index, partial(candidate, work, part))


def shares_of(options: Mapping[str, str]) -> dict[str, int]:
    """The parts' shares: the paper's, or those of the recipe's option `shares` ("I=3,II=2,III=1"). Raises InvalidOption for others."""
    given = options.get("shares", "")
    if not given:
        return SHARES
    found = dict(one.partition("=")[::2] for one in given.replace(" ", "").split(","))
    if not set(found) <= set(SHARES) or not all(one.isdecimal() and int(one) for one in found.values()):
        raise InvalidOption(f"'{given}' are no shares of the parts; give them such as I=3,II=2,III=1")
    return {part: int(one) for part, one in found.items()}


def part_of(
    index: int, photographs: bool, split: Split = Split.TRAIN, shares: Mapping[str, int] = MappingProxyType(SHARES)
) -> str:
    """The part that a place belongs to, by its share.

    What tests are made of is part I alone: the other parts are pictures that this project's own editors made and its own judge chose, and a benchmark
    of them would be won by their maker.
    """
    if split is Split.TEST:
        return "I"
    wanted = tuple((name, share) for name, share in shares.items() if photographs or name != "III")
    return spread(index, wanted or (("I", 1),))


def candidate(work: Bench, part: str, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """A pair of the part with its reasoning instruction, or why there is none."""
    made = _PARTS[part](work, index, rng, identity)
    if isinstance(made, str):
        return made
    told = reasoned(work, made, rng)
    if told is None:
        return f"no_reasoning: nothing indirect is known for '{made.instruction}'"
    words, why = told
    distance = float(np.mean((made.source / 255.0 - made.edited / 255.0) ** 2))
    if distance < NEAR_DUPLICATE:
        return f"near_duplicate: equation 1 gives {distance:.2e} < {NEAR_DUPLICATE:g}"
    step = made.step.model_copy(update={"why": why})
    return replace(made, reasoning=words, step=step, extra={**made.extra, "part": part})


def existing_pair(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """Part I: a pair of a data set, or an exact one of a scene."""
    pairs = existing(work.recipe.sources, work.recipe.split)
    if pairs:
        source, name = pick(rng, pairs)
        row = source.pair(name)
        if isinstance(row, Quarantined):
            return f"bad_row: {row.id}: {row.reason}"
        step = _read(row.instruction)
        if step is None:
            return f"words: '{row.instruction[:80]}' is not understood"
        return Sample(
            id=identity,
            dataset=work.recipe.name,
            type=step.type,
            source=row.source,
            edited=row.edited,
            instruction=row.instruction,
            step=step,
            source_caption=row.source_caption,
            edited_caption=row.edited_caption,
            mask=row.mask,
            parts=(Part(row.id, row.origin, row.licence, ""),),
        )
    kinds = reasoning.types()
    kind = pick(rng, kinds)
    pair = attempt(kind, work.scene(rng), work.catalogue, rng)
    return pair if isinstance(pair, str) else realise(pair, render, work.catalogue, identity, work.recipe.name)


def own_edit(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """Part II: an existing picture, edited anew by the project's own editors.

    The pictures are scenes, so where the thing is need not be looked for: its outline is given to the editor (in the paper a detector gives its box), and how
    well what was touched agrees with the exact mask is measured (`known_overlap`) and filtered by.
    """
    kinds = [one for one in reasoning.types() if one not in (EditType.ADD, EditType.STYLE_CHANGE)]
    kind = pick(rng, kinds)
    pair = attempt(kind, work.scene(rng, 1, 3), work.catalogue, rng)
    if isinstance(pair, str):
        return pair
    known = realise(pair, render, work.catalogue, identity, work.recipe.name)
    plan = Plan(instruction=pair.instruction, steps=(pair.step,))
    place = outlined(pair, render(pair.before, work.catalogue))
    seed = int(rng.integers(2**31))
    result = edit_picture(
        known.source, Request(Instruction(pair.instruction), seed, plan=plan, regions=(place,)), system()
    )
    if result.report.verdict is not Verdict.DONE:
        return f"{result.report.verdict}: {'; '.join(result.report.reasons)}"
    if result.picture.shape != known.source.shape:
        return "size: the edit changed the picture's size"
    mask = result.effective_mask
    whole = mask is None or float((mask > 0).mean()) > _WHOLE
    scores = {} if known.mask is None or mask is None else {"known_overlap": overlap(mask > 0, known.mask > 0)}
    return replace(
        known,
        edited=np.ascontiguousarray(result.picture[..., :3]),
        mask=None if whole or mask is None else np.where(mask > 0, 255, 0).astype(np.uint8),
        scores={**known.scores, **scores},
        extra={**known.extra, "method": "own editors"},
    )


def outlined(pair: ScenePair, before: Rendering) -> Region | None:
    """Where in its picture a pair's edit takes place: the things that it concerns, or all behind them for another background; None: the whole picture."""
    if pair.touched is None:
        return None
    if pair.type is EditType.BACKGROUND_CHANGE:
        mask = 255 - before.masks.max(axis=0) if len(before.masks) else np.full(before.picture.shape[:2], 255, np.uint8)
    elif any(index >= len(before.masks) for index in pair.touched) or not pair.touched:
        return None
    else:
        mask = before.masks[list(pair.touched)].max(axis=0)
    x, y, wide, high = cv2.boundingRect(mask)
    return Region(mask, ((x, y, x + wide, y + high),), 1.0, str(pair.step.target or "background"), exact=True)


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union of two HxW masks, 0 to 1."""
    return float((one & other).sum() / max(int((one | other).sum()), 1))


def replaced_object(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """Part III: caption -> nouns -> grounding -> select and target -> object replacement."""
    recipe = work.recipe.model_copy(update={"types": {EditType.REPLACE: 1.0}})
    return photo.candidate(work.catalogue, recipe, index, rng, identity)


_PARTS = {"I": existing_pair, "II": own_edit, "III": replaced_object}


# --- reasoning ---------------------------------------------------------------------------------------------------------------------------


def reasoned(work: Bench, sample: Sample, rng: np.random.Generator) -> tuple[str, str] | None:
    """(reasoning instruction, why) for a pair: by a language model that writes several and selects one, where the recipe's option `paraphrase` is
    `yes` and one is configured; else, and where it gives nothing that holds the checks, from the tables."""
    endpoint = endpoint_from() if work.recipe.options.get("paraphrase") == "yes" else None
    told = (
        written(sample.instruction, sample.step, sample.source_caption, sample.edited_caption, endpoint)
        if endpoint
        else None
    )
    return told or reasoning.reasoned(sample.step, sample.source_caption, rng)


def _read(instruction: str) -> Step | None:
    from pixwright.errors import UnclearInstruction
    from pixwright.parse.rules import parse_rules

    try:
        steps: Sequence[Step] = parse_rules(instruction, ()).steps
    except UnclearInstruction:
        return None
    return steps[0] if len(steps) == 1 else None


def shown(catalogue: Catalogue) -> bool:
    """Whether the catalogue has photographs, which part III needs."""
    return any(asset.photographic for asset in catalogue.assets("background"))
