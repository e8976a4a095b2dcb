"""instruction + picture -> parse -> ground -> edit -> judge -> result. Nothing else happens here; `canvas` holds the picture on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from pixwright.canvas import (
    Canvas,
    Tried,
    check_attachments,
    check_controls,
    controls_of,
    refusal,
    settled,
    spared_too,
    within_limit,
)
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.errors import InvalidOption
from pixwright.parse.places import settled as settled_places
from pixwright.records.instruction import Array, Instruction
from pixwright.records.placement import SINGLE_PIXELS, Grid
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.records.result import Cure, Result, Verdict
from pixwright.records.thing import Thing
from pixwright.systems import Eyes, System
from pixwright.words import read_plan

MORE_TRIES = 2
"""At a step, after a first one to which a witness objected."""
GAIN = 0.05
"""Of a second try's score, from which on a third is made."""
MOST_SEEDS = 16
"""That `best_of` tries."""
LAST_SEED = 2**32 - 1


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked: everything that can change the pixels of the answer."""

    instruction: Instruction
    seed: int = 0
    user_region: Region | None = None
    limit: Array | None = None
    """HxW uint8: no pixel may get more of an edit than this allows. What moves a thing and would land beyond it is refused."""
    library: Path | None = None
    plan: Plan | None = None
    """A plan made earlier; the instruction's words are then not parsed again."""
    controls: Mapping[str, float] = field(default_factory=dict)
    """Control -> the value that the user wants: "exposure" in every step that has it, "2.exposure" in the second step only."""
    grid: Grid = SINGLE_PIXELS
    """Cells in which the file codes its pixels: where nobody asks for exact numbers, a crop or an extension keeps them whole."""
    regions: tuple[Region | None, ...] = ()
    """Where each step's thing is known to be, for what is followed through frames; None, or another size than the picture's by then, where it is to be found."""
    protect: Array | None = None
    """HxW uint8, 255 = leave this alone, in every step until one changes the picture's size by more than a crop."""


@dataclass(frozen=True)
class Progress:
    """What is being done: a stage (`parse`, `ground`, `edit`, `judge`, `write`) of a step, 1 to `steps`; both are 0 before the first and behind the last."""

    stage: str
    step: int = 0
    steps: int = 0
    words: str = ""
    """The clause of the instruction that the step stands for."""
    plan: Plan | None = None
    """What was understood; None before the first step and behind the last."""


Watch: TypeAlias = Callable[[Progress], None]
"""Is told before each stage; what it raises ends the edit."""


def unwatched(progress: Progress) -> None:
    """Nobody looks on."""


def edit_picture(
    pixels: Array, request: Request, system: System, eyes: Eyes | None = None, watch: Watch = unwatched
) -> Result:
    """Edit `pixels` (HxWx3 or HxWx4 uint8 sRGB, not written to).

    Raises UnclearInstruction or InvalidAttachment when the words cannot be understood, and InvalidOption for a control that no step has or a
    value outside its range; what was understood and could not be done is
    no error but a report with the verdict `not_done`, and the picture as it was.
    """
    canvas = Canvas(pixels, request.user_region, request.limit, request.protect)
    eyes = eyes or system.eyes()
    words = replace(request.instruction, pointed=request.user_region is not None)
    watch(Progress("parse"))
    with canvas.timed("parse"):
        plan = read_plan(request.plan or understood(words, canvas.picture, system, eyes))
    check_attachments(plan, words)
    for number, step in enumerate(plan.steps, 1):
        at = Progress("ground", number, len(plan.steps), step.instruction, plan)
        watch(at)
        with canvas.timed("ground"):
            region = _known(request, number, canvas) or eyes.find_step(canvas.picture, step, canvas.user)
            spared = eyes.find(canvas.picture, step.protect) if step.protect is not None else None
        protected = canvas.protected_with(spared)
        context = Context(
            request.seed, system.encoders, eyes.find, words.attachments, request.library, canvas.user, protected,
            standing=eyes.standing, alpha=canvas.alpha, controls=controls_of(request.controls, number),
            grid=canvas.grid(request.grid),
        )  # fmt: skip
        limit = canvas.limit_for(protected)
        tries = [_try(canvas, step, region, context, limit, system, eyes, at, watch)]
        for place, way, said in _others(canvas.picture, step, tries[0], eyes):
            other = _try(canvas, step, place, way, limit, system, eyes, at, watch, said)
            if any(np.array_equal(other.after, one.after) for one in tries):
                break  # the editor has no other way
            tries.append(other)
            if other.report.verdict is Verdict.DONE or not _better(other, tries[0]):
                break
        # Another place is a guess: it must do better by verdict, not by a little score.
        best = max(tries, key=lambda one: (one.report.rank[0], one.region is region, one.report.score))
        canvas.take(step, best, [one.told() for one in tries])
    result = canvas.result(plan, request.seed, system.weights_used())
    check_controls(request.controls, result.report.steps)
    return result


def understood(instruction: Instruction, picture: Array, system: System, eyes: Eyes) -> Plan:
    """What the words mean for this picture (HxWx3 uint8). Raises UnclearInstruction."""
    plan = read_plan(system.parse(instruction, picture))
    return settled_places(plan, lambda thing: _shows(picture, thing, eyes))


def _known(request: Request, number: int, canvas: Canvas) -> Region | None:
    """Where the thing of step `number` (from 1 on) is, if that is known for the picture as it is by now."""
    known = request.regions[number - 1] if number <= len(request.regions) else None
    return known if known is not None and known.mask.shape == canvas.picture.shape[:2] else None


def _shows(picture: Array, thing: Thing, eyes: Eyes) -> bool:
    """Whether the picture shows the thing, and not only something that may be meant."""
    found = eyes.find(picture, thing)
    return found.found and not found.guess


def _try(
    canvas: Canvas,
    step: Step,
    region: Region,
    context: Context,
    limit: Array | None,
    system: System,
    eyes: Eyes,
    at: Progress,
    watch: Watch,
    way: str = "as first understood",
) -> Tried:
    """One try at a step, judged."""
    watch(replace(at, stage="edit"))
    with canvas.timed("edit"):
        proposal = within_limit(system.edit(canvas.picture, step, region, context), step, canvas.limit)
        after, mask = composite(canvas.picture, proposal, limit)
    watch(replace(at, stage="judge"))
    with canvas.timed("judge"):
        report = (
            refusal(step, region, proposal)
            if proposal.refused
            else settled(
                system.judge(
                    canvas.picture, after, step, region, mask, replace(proposal.evidence, origin=proposal.added), eyes
                ),
                region,
                proposal,
            )
        )
        report = spared_too(report, step, context.protected, canvas.picture, after)
    return Tried(region, context, proposal, after, mask, report, way)


def _better(other: Tried, first: Tried) -> bool:
    """Whether another try was so much better that a third may be better still."""
    return other.report.rank[0] > first.report.rank[0] or other.report.score > first.report.score + GAIN


def _others(picture: Array, step: Step, first: Tried, eyes: Eyes) -> list[tuple[Region, Context, str]]:
    """What else to try where a witness objected to the first try: where, how, and in words; at most MORE_TRIES."""
    others = []
    if Cure.PLACE in first.report.cures:
        place = eyes.find_other(picture, step, first.region)
        if place.found:
            others.append((place, first.context, "in another place that the words may mean"))
    if Cure.WAY in first.report.cures:
        for n in range(1, 1 + MORE_TRIES):
            # An editor that knows no other way may still depend on the seed.
            seed = (first.context.seed + n) % (LAST_SEED + 1)
            others.append((first.region, replace(first.context, attempt=n, seed=seed), "in another way"))
    return others[:MORE_TRIES]


def best_of(pixels: Array, request: Request, system: System, n: int, watch: Watch = unwatched) -> Result:
    """Edit with `n` seeds from `request.seed` on, and keep the result that the judge scores highest (the first of equals).

    Raises InvalidOption for `n` or a seed outside its range, and what `edit_picture` raises.
    """
    if not 1 <= n <= MOST_SEEDS:
        raise InvalidOption(f"n is {n}; allowed: 1 to {MOST_SEEDS}")
    if not 0 <= request.seed <= LAST_SEED:
        raise InvalidOption(f"the seed is {request.seed}; allowed: 0 to {LAST_SEED}")
    eyes = system.eyes()
    best = edit_picture(pixels, request, system, eyes, watch)
    for seed in range(request.seed + 1, request.seed + n):
        result = edit_picture(pixels, replace(request, seed=seed, plan=best.plan), system, eyes, watch)
        if result.report.rank > best.report.rank:
            best = result
    return best
