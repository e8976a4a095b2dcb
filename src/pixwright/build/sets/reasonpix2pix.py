"""ReasonPix2Pix: indirect instructions in the paper's three parts (section 3.2).

Part I gives existing pairs a reasoning instruction; part II edits existing pictures anew; part III replaces an object of a photograph. Without
a data set (`hub:PATH`) the exact pairs of scenes are the existing ones, and without photographs part III is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np

from pixwright.build import photo
from pixwright.build.contract import Catalogue
from pixwright.build.pairs import attempt
from pixwright.build.pairs.implicit import kinds_of, known_rows, named
from pixwright.build.pairs.realise import realise
from pixwright.build.run.networks import encoders, system
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.run.recipe import Recipe, spread
from pixwright.build.scene.render import render
from pixwright.build.sets.bench import Bench, bench, existing
from pixwright.flow import Request, edit_picture
from pixwright.records.instruction import Instruction
from pixwright.records.kind import EditType
from pixwright.records.plan import Plan, Step
from pixwright.records.result import Verdict
from pixwright.records.sample import Part, Sample
from pixwright.words import read
from pixwright.words.naming import noun_of
from pixwright.words.saying import article

SHARES = {"I": 8_013, "II": 4_141, "III": 28_058}
"""Rows of the paper's three parts (table 2)."""
NEAR_DUPLICATE = 2e-4
"""Tau of the paper's equation 1 as a mean over values in [0, 1]: a pair that differs less is one in which nothing was edited. The paper names
no value; this is a fiftieth of what the smallest thing that we edit changes."""
CANDIDATES = 5
"""Reasoning instructions that are written for a pair; the best is selected (paper: n, equations 2 and 3)."""
_DIRECT = re.compile(
    r"^(please )?(make|turn|change|replace|remove|add|put|delete|paint|swap|convert|set)\b", re.IGNORECASE
)


def make(recipe: Recipe, start: int, stop: int) -> Iterable[Sample | Quarantined]:
    """Rows of places start..stop-1; the recipe's `types` are not used."""
    work = bench(recipe)
    photographs = shown(work.catalogue)
    for index in range(start, stop):
        yield from work.fill(index, lambda at, rng, name: candidate(work, part_of(at, photographs), at, rng, name))


def part_of(index: int, photographs: bool) -> str:
    """The part that a place belongs to, in the paper's proportions."""
    shares = SHARES if photographs else {name: share for name, share in SHARES.items() if name != "III"}
    return spread(index, tuple(shares.items()))


def candidate(work: Bench, part: str, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """A pair of the part with its reasoning instruction, or why there is none."""
    made = _PARTS[part](work, index, rng, identity)
    if isinstance(made, str):
        return made
    told = reasoned(made, rng)
    if told is None:
        return f"no_reasoning: nothing indirect is known for '{made.instruction}'"
    reasoning, why = told
    distance = float(np.mean((made.source / 255.0 - made.edited / 255.0) ** 2))
    if distance < NEAR_DUPLICATE:
        return f"near_duplicate: equation 1 gives {distance:.2e} < {NEAR_DUPLICATE:g}"
    step = made.step.model_copy(update={"why": why})
    return replace(made, reasoning=reasoning, step=step, extra={**made.extra, "part": part})


def existing_pair(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """Part I: a pair of a data set, or an exact one of a scene."""
    pairs = existing(work.recipe.sources, work.recipe.split)
    if pairs:
        source, name = pairs[int(rng.integers(len(pairs)))]
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
    kinds = types()
    kind = kinds[int(rng.integers(len(kinds)))]
    pair = attempt(kind, work.scene(rng), work.catalogue, rng)
    return pair if isinstance(pair, str) else realise(pair, render, work.catalogue, identity, work.recipe.name)


def own_edit(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """Part II: an existing picture, edited anew by the project's own editors."""
    kinds = [one for one in types() if one not in (EditType.ADD, EditType.STYLE_CHANGE)]
    kind = kinds[int(rng.integers(len(kinds)))]
    pair = attempt(kind, work.scene(rng, 1, 3), work.catalogue, rng)
    if isinstance(pair, str):
        return pair
    known = realise(pair, render, work.catalogue, identity, work.recipe.name)
    plan = Plan(instruction=pair.instruction, steps=(pair.step,))
    result = edit_picture(
        known.source, Request(Instruction(pair.instruction), int(rng.integers(2**31)), plan=plan), system()
    )
    if result.report.verdict is not Verdict.DONE:
        return f"{result.report.verdict}: {'; '.join(result.report.reasons)}"
    if result.picture.shape != known.source.shape:
        return "size: the edit changed the picture's size"
    mask = result.effective_mask
    whole = mask is None or float((mask > 0).mean()) > 0.98
    return replace(
        known,
        edited=np.ascontiguousarray(result.picture[..., :3]),
        mask=None if whole or mask is None else np.where(mask > 0, 255, 0).astype(np.uint8),
        extra={**known.extra, "method": "own editors"},
    )


def replaced_object(work: Bench, index: int, rng: np.random.Generator, identity: str) -> Sample | str:
    """Part III: caption -> nouns -> grounding -> select and target -> object replacement."""
    recipe = work.recipe.model_copy(update={"types": {EditType.REPLACE: 1.0}})
    return photo.candidate(work.catalogue, recipe, index, rng, identity)


_PARTS = {"I": existing_pair, "II": own_edit, "III": replaced_object}


# --- reasoning ---------------------------------------------------------------------------------------------------------------------------


def reasoned(sample: Sample, rng: np.random.Generator) -> tuple[str, str] | None:
    """(indirect instruction, the reasoning) for a pair: `CANDIDATES` are drawn and the one nearest in meaning to the direct one is selected."""
    every = candidates(sample)
    if not every:
        return None
    drawn = [every[int(i)] for i in rng.permutation(len(every))[:CANDIDATES]]
    goal, *rest = encoders().text.embed(
        [f"{sample.instruction}: {sample.edited_caption}", *(text for text, _ in drawn)]
    )
    return drawn[int(np.argmax([float(goal @ one) for one in rest]))]


def types() -> tuple[EditType, ...]:
    """The types for which there are reasoning instructions."""
    return tuple(EditType(name) for name in table() if name != "*")


def candidates(sample: Sample) -> list[tuple[str, str]]:
    """Everything indirect that is known for the sample's step: (sentence, reasoning). None of it names what the step brings about."""
    step = sample.step
    bank = table().get(step.type, {})
    texts = bank if isinstance(bank, list) else bank.get(step.value or "", bank.get("*", []))
    target, value = str(step.target or ""), step.value or ""
    slots = {"target": target, "a_thing": article(value) if value else ""}
    told = [(_filled(text, slots), f"so: {sample.instruction}") for text in texts if "{target}" not in text or target]
    told += [pair for pair in _known(step) if pair not in told]
    hidden = set() if step.type in (EditType.ADD, EditType.REPLACE) else set(value.lower().split())
    return [
        (text, why)
        for text, why in told
        if not _DIRECT.match(text) and not hidden & set(re.findall(r"[a-z]+", text.lower()))
    ]


def _known(step: Step) -> list[tuple[str, str]]:
    """Situations of the parser's knowledge that lead to the same step."""
    found = []
    for known in known_rows():
        if (known.step.type, known.step.value) != (step.type, step.value) or known.of_thing != (
            step.target is not None
        ):
            continue
        if not known.of_thing:
            found.append((known.row.situation, known.row.why))
            continue
        name = str(step.target or "")
        text = (
            named(known.row.situation, name, 2)
            if known.row.when in (*kinds_of(noun_of(read(name)), ""), "any")
            else None
        )
        if text is not None:
            found.append((text, known.row.why))
    return found


def _filled(text: str, slots: Mapping[str, str]) -> str:
    return text.format(**slots)


def _read(instruction: str) -> Step | None:
    from pixwright.errors import UnclearInstruction
    from pixwright.parse.rules import parse_rules

    try:
        steps: Sequence[Step] = parse_rules(instruction, ()).steps
    except UnclearInstruction:
        return None
    return steps[0] if len(steps) == 1 else None


@cache
def table() -> dict[str, Any]:
    """Edit type -> sentences, or value -> sentences; `{target}` and `{a_thing}` are filled in."""
    return dict(json.loads(files("pixwright.build.sets").joinpath("reasonpix2pix.json").read_text("utf-8")))


def shown(catalogue: Catalogue) -> bool:
    """Whether the catalogue has photographs, which part III needs."""
    return any(asset.photographic for asset in catalogue.assets("background"))
