"""instruction + picture -> parse -> ground -> edit -> judge -> result. Nothing else happens here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from pixwright.edit import dispatch
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context, Proposal
from pixwright.errors import InvalidAttachment
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.records.result import Report, Result, StepReport, Verdict
from pixwright.systems import Eyes, System


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


@dataclass(eq=False)
class _Canvas:
    """The picture on its way through the steps."""

    picture: Array
    alpha: Array | None
    touched: Array | None
    user: Region | None
    limit: Array | None
    eyes: Eyes
    reports: list[StepReport] = field(default_factory=list)
    regions: list[Region] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start


def edit_picture(pixels: Array, request: Request, system: System, eyes: Eyes | None = None) -> Result:
    """Edit `pixels` (HxWx3 or HxWx4 uint8 sRGB, not written to).

    Raises UnclearInstruction or InvalidAttachment when the words cannot be understood; what was understood and could not be done is
    no error but a report with the verdict `not_done`, and the picture as it was.
    """
    canvas = _Canvas(
        picture=np.ascontiguousarray(pixels[..., :3]),
        alpha=pixels[..., 3] if pixels.shape[2] == 4 else None,
        touched=np.zeros(pixels.shape[:2], np.uint8),
        user=request.user_region,
        limit=request.limit,
        eyes=eyes or system.eyes(),
    )
    with canvas.timed("parse"):
        plan = request.plan or system.parse(request.instruction, canvas.picture)
    _check_attachments(plan, request.instruction)
    for step in plan.steps:
        _run_step(canvas, step, request, system)
    picture = canvas.picture if canvas.alpha is None else np.dstack([canvas.picture, canvas.alpha])
    report = _report(canvas, pixels, request.seed, system)
    return Result(picture, plan, report, tuple(canvas.regions), canvas.touched, plan.notes + tuple(canvas.notes))


def best_of(pixels: Array, request: Request, system: System, n: int) -> Result:
    """Edit with `n` seeds from `request.seed` on, and keep the result that the judge scores highest (the first of equals)."""
    best: Result | None = None
    plan = request.plan
    eyes = system.eyes()
    for seed in range(request.seed, request.seed + n):
        trial = replace(request, seed=seed, plan=plan)
        result = edit_picture(pixels, trial, system, eyes)
        plan = result.plan
        if best is None or result.report.score > best.report.score:
            best = result
    assert best is not None, "n is at least 1"
    return best


def _check_attachments(plan: Plan, instruction: Instruction) -> None:
    given = len(instruction.attachments)
    for step in plan.steps:
        if step.reference is not None and step.reference > given:
            raise InvalidAttachment(
                f"the instruction names [{step.reference}], but {given} files are attached; attach it with --attach FILE"
            )


def _run_step(canvas: _Canvas, step: Step, request: Request, system: System) -> None:
    before = canvas.picture
    with canvas.timed("ground"):
        region = canvas.eyes.find_step(before, step, canvas.user)
    canvas.regions.append(region)
    context = Context(
        request.seed,
        system.encoders,
        canvas.eyes.find,
        request.instruction.attachments,
        request.library,
        canvas.user,
    )
    with canvas.timed("edit"):
        proposal = system.edit(before, step, region, context)
        after, mask = composite(before, proposal, None if step.type.traits.moves else canvas.limit)
    canvas.notes.extend(proposal.notes)
    if proposal.refused:
        canvas.reports.append(_not_done(step, proposal.refused, region))
        return
    with canvas.timed("judge"):
        verdict = system.judge(before, after, step, region, mask, proposal.evidence, canvas.eyes.find)
    canvas.reports.append(_capped(verdict, proposal, region))
    _advance(canvas, after, mask, step, region, context)


def _advance(canvas: _Canvas, after: Array, mask: Array, step: Step, region: Region, context: Context) -> None:
    """Put the step's result in place. A picture-wide geometric step moves the alpha channel too: by arithmetic, whatever system made the picture."""
    if canvas.alpha is not None and step.type.traits.reframes and step.target is None and np.any(canvas.alpha != 255):
        as_picture = np.repeat(canvas.alpha[..., None], 3, axis=2)
        canvas.alpha = composite(as_picture, dispatch.edit(as_picture, step, region, context), None)[0][..., 0]
    same_size = after.shape == canvas.picture.shape
    if not same_size:
        canvas.user = canvas.limit = canvas.touched = None
        if canvas.alpha is not None and canvas.alpha.shape != after.shape[:2]:
            canvas.alpha = np.full(after.shape[:2], 255, np.uint8)
    elif canvas.touched is not None:
        canvas.touched = np.maximum(canvas.touched, mask)
    canvas.picture = after


def _not_done(step: Step, reason: str, region: Region) -> StepReport:
    return StepReport(type=step.type, verdict=Verdict.NOT_DONE, reasons=(reason,), region_score=region.score)


def _capped(report: StepReport, proposal: Proposal, region: Region) -> StepReport:
    """An editor that says what it left out cannot be judged `done`."""
    update: dict[str, object] = {"region_score": region.score}
    if proposal.partly and report.verdict is Verdict.DONE:
        update |= {"verdict": Verdict.PARTLY, "reasons": (*report.reasons, proposal.partly)}
    return report.model_copy(update=update)


def _report(canvas: _Canvas, original: Array, seed: int, system: System) -> Report:
    verdicts = {r.verdict for r in canvas.reports}
    if verdicts == {Verdict.DONE}:
        verdict = Verdict.DONE
    elif verdicts == {Verdict.NOT_DONE}:
        verdict = Verdict.NOT_DONE
    else:
        verdict = Verdict.PARTLY
    same = original.shape[:2] == canvas.picture.shape[:2]
    changed = float(np.any(original[..., :3] != canvas.picture, axis=2).mean()) if same else 1.0
    return Report(
        verdict=verdict,
        reasons=tuple(reason for r in canvas.reports for reason in r.reasons),
        steps=tuple(canvas.reports),
        score=float(np.mean([r.score for r in canvas.reports])),
        changed_fraction=changed,
        outside_max_difference=max(r.outside_max_difference for r in canvas.reports),
        outside_ssim=min(r.outside_ssim for r in canvas.reports),
        seed=seed,
        timings={k: round(v, 4) for k, v in canvas.timings.items()},
        weights=system.weights_used(),
    )
