"""instruction + picture -> parse -> ground -> edit -> judge -> result. Nothing else happens here; `canvas` holds the picture on its way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pixwright.canvas import Canvas, check_attachments
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan
from pixwright.records.region import Region
from pixwright.records.result import Result
from pixwright.systems import Eyes, System
from pixwright.words import read_plan

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
    """HxW uint8: no pixel may get more of an edit than this allows; what moves a thing is exempt, since it must land somewhere."""
    library: Path | None = None
    plan: Plan | None = None
    """A plan made earlier; the instruction's words are then not parsed again."""


def edit_picture(pixels: Array, request: Request, system: System, eyes: Eyes | None = None) -> Result:
    """Edit `pixels` (HxWx3 or HxWx4 uint8 sRGB, not written to).

    Raises UnclearInstruction or InvalidAttachment when the words cannot be understood; what was understood and could not be done is
    no error but a report with the verdict `not_done`, and the picture as it was.
    """
    canvas = Canvas(pixels, request.user_region, request.limit)
    eyes = eyes or system.eyes()
    with canvas.timed("parse"):
        plan = read_plan(request.plan or system.parse(request.instruction, canvas.picture))
    words = request.instruction
    check_attachments(plan, words)
    for step in plan.steps:
        with canvas.timed("ground"):
            region = eyes.find_step(canvas.picture, step, canvas.user)
            spared = eyes.find(canvas.picture, step.protect) if step.protect is not None else None
        protected = spared.mask if spared is not None and spared.found else None
        context = Context(
            request.seed, system.encoders, eyes.find, words.attachments, request.library, canvas.user, protected
        )
        with canvas.timed("edit"):
            proposal = system.edit(canvas.picture, step, region, context)
            after, mask = composite(canvas.picture, proposal, canvas.limit_for(step, spared))
        if proposal.refused:
            canvas.refuse(step, region, proposal)
            continue
        with canvas.timed("judge"):
            report = system.judge(canvas.picture, after, step, region, mask, proposal.evidence, eyes.find)
        canvas.take(after, mask, step, region, proposal, report, context)
    return canvas.result(plan, request.seed, system.weights_used())


def best_of(pixels: Array, request: Request, system: System, n: int) -> Result:
    """Edit with `n` seeds from `request.seed` on, and keep the result that the judge scores highest (the first of equals).

    Raises InvalidOption for `n` or a seed outside its range, and what `edit_picture` raises.
    """
    if not 1 <= n <= MOST_SEEDS:
        raise InvalidOption(f"n is {n}; allowed: 1 to {MOST_SEEDS}")
    if not 0 <= request.seed <= LAST_SEED:
        raise InvalidOption(f"the seed is {request.seed}; allowed: 0 to {LAST_SEED}")
    eyes = system.eyes()
    best = edit_picture(pixels, request, system, eyes)
    for seed in range(request.seed + 1, request.seed + n):
        result = edit_picture(pixels, replace(request, seed=seed, plan=best.plan), system, eyes)
        if result.report.score > best.report.score:
            best = result
    return best
