"""The picture on its way through the steps: what `flow` keeps between them, and the result that comes of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from pixwright.edit import dispatch
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.errors import InvalidAttachment, InvalidOption
from pixwright.records.instruction import Array, Instruction
from pixwright.records.placement import SINGLE_PIXELS, UNMOVED, Grid, Laid, turn_between, turned
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Box, Region
from pixwright.records.result import Origin, Report, Result, StepReport, Try, Verdict

_OWN, _KEPT = 128, 0.02
"""Level of a mask from which a pixel is the thing's own; share of these that may change at its soft edge."""
_WITH_ALPHA = 4
"""Channels of a picture with alpha."""
_NEUTRAL = np.uint8(128)
"""What stands where nothing can be seen."""
TIMING_DIGITS = 4
"""Of a report's seconds."""
_SPILL_SAID, _SPILL_MOST = 0.005, 0.1
"""Share of what a step would change that lies beyond the user's limit: from the first on it is said, and beyond the second a thing would be cut in two."""
_TAKEN_BACK = "so the picture was left as it was"
_ALLOW = "paint where it may land too, or allow more with --mask-limits=no"


@dataclass(frozen=True, eq=False)
class Tried:
    """One try at a step: where and how, what the editor proposed, and the picture that came of it with the judge's report."""

    region: Region
    context: Context
    proposal: Proposal
    after: Array
    mask: Array
    report: StepReport
    way: str
    by: str = ""
    """The system whose editor it was, where several are tried."""

    def told(self) -> Try:
        """This try in the report."""
        return Try(
            way=f"by {self.by}, {self.way}" if self.by else self.way,
            verdict=self.report.verdict,
            score=self.report.score,
            reasons=self.report.reasons,
        )


def refusal(step: Step, region: Region, proposal: Proposal) -> StepReport:
    """The report where the editor said no."""
    reasons = (proposal.refused,) if proposal.refused else ()
    return StepReport(type=step.type, verdict=Verdict.NOT_DONE, reasons=reasons, region_score=region.score)


def settled(report: StepReport, region: Region, proposal: Proposal) -> StepReport:
    """The judge's report with what the editor and the grounder say: what was left out, or is a guess, cannot be judged `done`."""
    update: dict[str, object] = {
        "region_score": region.score,
        "added": proposal.added,
        "controls": proposal.controls,
    }
    missing = proposal.partly or (region.note if region.guess else None)
    if missing and report.verdict is not Verdict.NOT_DONE:
        update |= {"verdict": Verdict.PARTLY, "reasons": (*report.reasons, missing)}
    return report.model_copy(update=update)


def _taken_back(attempt: Tried, picture: Array) -> Tried:
    """A try that failed: a picture that is changed, and not as it was asked, is worth less than the one before."""
    report = attempt.report.model_copy(update={"reasons": (*attempt.report.reasons, _TAKEN_BACK)})
    own = attempt.proposal
    proposal = replace(refuse(picture, _TAKEN_BACK), controls=own.controls, notes=own.notes, added=own.added)
    return replace(attempt, proposal=proposal, after=picture, mask=proposal.mask, report=report)


def within_limit(proposal: Proposal, step: Step, limit: Array | None) -> Proposal:
    """The proposal, refused where the user's limit (HxW uint8; None where there is none) would cut it in two or cannot hold.

    A colour or a tone is right in a part of the picture too, so it is simply held back; what moves a thing, or brings one, must land whole.
    """
    if limit is None or proposal.refused is not None:
        return proposal
    if proposal.evidence.canvas is not None:
        if (
            proposal.picture.shape[:2] == limit.shape or not proposal.mask.any()
        ):  # a crop leaves every pixel that it keeps
            return proposal
        return replace(proposal, refused=f"it would change the picture beyond the mask or box: {_ALLOW}")
    traits = step.type.traits
    wanted = int(proposal.mask.sum(dtype=np.int64))
    if not (traits.moves or traits.brings) or not wanted:
        return proposal
    spilt = 1 - int(np.minimum(proposal.mask, limit).sum(dtype=np.int64)) / wanted
    if spilt < _SPILL_SAID:
        return proposal
    said = f"{spilt:.0%} of what it would change lies beyond the mask or box"
    if spilt > _SPILL_MOST:
        return replace(proposal, refused=f"{said}: {_ALLOW}")
    return replace(proposal, notes=(*proposal.notes, f"{said} and stays as it was"))


def spared_too(report: StepReport, step: Step, protected: Array | None, before: Array, after: Array) -> StepReport:
    """The report with how many pixels changed of what the step must leave: HxW uint8, None where nothing was found of it."""
    if (step.protect is None and protected is None) or report.verdict is Verdict.NOT_DONE:
        return report
    what = "what was painted" if step.protect is None else f'"{step.protect}"'
    if protected is None:
        why = f"{what}, which shall stay, was not found"
    elif before.shape != after.shape:
        return report
    else:
        own = protected >= _OWN
        changed = int(np.any(before != after, axis=2)[own].sum())
        report = report.model_copy(update={"protected_changed": changed})
        if changed <= _KEPT * own.sum():
            return report
        why = f"{changed / own.sum():.0%} of {what}, which shall stay, changed"
    verdict = Verdict.PARTLY if report.verdict is Verdict.DONE else report.verdict
    return report.model_copy(update={"verdict": verdict, "reasons": (*report.reasons, why)})


class Canvas:
    """The picture so far, where the user pointed, and the account of each step."""

    def __init__(self, pixels: Array, user: Region | None, limit: Array | None, protect: Array | None = None) -> None:
        """`pixels` HxWx3 or HxWx4 uint8, not written to. `limit` HxW uint8: no step gets beyond it. `protect` HxW uint8: what no step may touch."""
        self._original = pixels
        self.picture: Array = np.ascontiguousarray(pixels[..., :3])
        self._hidden = pixels[..., 3] == 0 if pixels.shape[2] == _WITH_ALPHA else np.zeros(pixels.shape[:2], np.bool_)
        if self._hidden.any():
            # What nobody sees must not decide what is found, or what is painted beside it.
            self.picture = np.where(self._hidden[..., None], _NEUTRAL, self.picture)
        self.user = user
        """None from the moment on at which a step changed the picture's size: the place then means nothing."""
        self.limit = limit
        """The most that any step may touch, HxW uint8, or None."""
        self._protect = protect
        self.alpha: Array | None = pixels[..., 3] if pixels.shape[2] == 4 else None
        """How opaque the picture is, HxW uint8; None without transparency."""
        self._touched: Array | None = np.zeros(pixels.shape[:2], np.uint8)
        self._laid: Laid | None = Laid(UNMOVED, np.zeros(pixels.shape[:2], np.uint8))
        self._reports: list[StepReport] = []
        self._regions: list[Region] = []
        self._masks: list[Array] = []
        self._brought: list[Array | None] = []
        self._notes: list[str] = []
        self._timings: dict[str, float] = {}

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the wall time of what is done inside to the stage's."""
        start = time.perf_counter()
        yield
        self._timings[stage] = self._timings.get(stage, 0.0) + time.perf_counter() - start

    def protected_with(self, spared: Region | None) -> Array | None:
        """What the next step must leave: HxW uint8, or None. `spared`: what the words of the step say shall stay."""
        named = spared.mask if spared is not None and spared.found else None
        if named is None or self._protect is None:
            return self._protect if named is None else named
        return np.maximum(named, self._protect)

    def limit_for(self, protected: Array | None = None) -> Array | None:
        """The most that a step may touch, HxW uint8, or None. `protected` HxW uint8: what it must leave."""
        if protected is None:
            return self.limit
        free = np.where(protected >= _OWN, 0, 255 - 2 * np.minimum(protected, _OWN - 1)).astype(np.uint8)
        return free if self.limit is None else np.minimum(self.limit, free)

    def grid(self, own: Grid) -> Grid:
        """The grid of the input's file, while its pixels lie where they lay."""
        here = (
            self._laid is not None
            and self._laid.placement == UNMOVED
            and self.picture.shape[:2] == self._original.shape[:2]
        )
        return own if here else SINGLE_PIXELS

    def take(self, step: Step, attempt: Tried, tries: Sequence[Try], *, anyway: bool = False) -> None:
        """Put the step's result in place, unless its editor refused or the judge calls it not done, and it is not wanted `anyway`. `tries`: all of them, if there was more than one."""
        if attempt.report.verdict is Verdict.NOT_DONE and not anyway and not attempt.proposal.refused:
            attempt = _taken_back(attempt, self.picture)
        proposal, after, mask = attempt.proposal, attempt.after, attempt.mask
        told = tuple(tries) if len(tries) > 1 else ()
        self._reports.append(attempt.report.model_copy(update={"tries": told, "by": attempt.by}))
        self._regions.append(attempt.region)
        self._masks.append(mask)
        self._brought.append(None if proposal.refused else proposal.brought)
        self._notes.extend(proposal.notes)
        if proposal.refused:
            return
        if proposal.alpha is not None and proposal.alpha.shape != self.picture.shape[:2]:
            self.alpha = proposal.alpha  # another canvas, with its own
        else:
            self._move_alpha(after, step, attempt.region, attempt.context)
        if proposal.filled and self.alpha is not None:
            self.alpha = np.maximum(self.alpha, attempt.mask)
        if proposal.alpha is not None:
            self.alpha = proposal.alpha if self.alpha is None else np.minimum(self.alpha, proposal.alpha)
        if self._laid is not None:
            self._laid = self._laid_now(step, proposal, after, mask)
        if after.shape != self.picture.shape:
            self.limit = _cropped(self.limit, proposal.evidence.canvas, after)
            smaller = all(now <= was for now, was in zip(after.shape, self.picture.shape, strict=True))
            self._protect = _cropped(self._protect, proposal.evidence.canvas if smaller else None, after)
            self.user = self._touched = None
        elif self._touched is not None:
            self._touched = np.maximum(self._touched, mask)
        self.picture = after

    def _laid_now(self, step: Step, proposal: Proposal, after: Array, mask: Array) -> Laid | None:
        """Where the input's own pixels lie after the step, and which are no longer its own; None once all were computed anew."""
        assert self._laid is not None
        was, edited = self._laid.placement, self._laid.edited
        height, width = self.picture.shape[:2]
        whole = step.type.traits.reframes and bool((mask == 255).all())
        if whole and (turn := turn_between(self.picture, after)) is not None:
            placement = was.turned(turn, (height, width), self._original.shape[:2])
            return Laid(placement, turned(edited, turn))
        box = proposal.evidence.canvas
        if box is None or after.shape == self.picture.shape:
            return Laid(was, np.maximum(edited, mask))
        if (box[2] - box[0], box[3] - box[1]) == (width, height):
            new = np.full(after.shape[:2], 255, np.uint8)
            new[box[1] : box[3], box[0] : box[2]] = edited
            return Laid(was.moved(box[0], box[1]), new)
        resampled = proposal.evidence.factor is not None or proposal.evidence.angle is not None
        if resampled or (box[3] - box[1], box[2] - box[0]) != after.shape[:2]:
            return None
        return Laid(was.moved(-box[0], -box[1]), edited[box[1] : box[3], box[0] : box[2]])

    def _move_alpha(self, after: Array, step: Step, region: Region, context: Context) -> None:
        """A geometric step on the whole picture moves the alpha channel too: by arithmetic, whatever system made the picture."""
        if self.alpha is None:
            return
        if step.type.traits.reframes and step.target is None and np.any(self.alpha != 255):
            as_picture = np.repeat(self.alpha[..., None], 3, axis=2)
            self.alpha = composite(as_picture, dispatch.edit(as_picture, step, region, context), None)[0][..., 0]
        if self.alpha.shape != after.shape[:2]:
            self.alpha = np.full(after.shape[:2], 255, np.uint8)

    def result(self, plan: Plan, seed: int, weights: Mapping[str, str]) -> Result:
        """The picture, with its alpha, and the account of all steps."""
        report = self._report(plan, seed, dict(weights), self._shown())
        return Result(
            self.so_far(),
            plan,
            report,
            tuple(self._regions),
            self._touched,
            plan.notes + plan.left_out + tuple(self._notes),
            tuple(self._masks),
            tuple(self._brought),
            self._laid,
        )

    def so_far(self) -> Array:
        """The picture after the steps that were taken, HxWx3 or HxWx4."""
        colours = self._shown()
        return colours if self.alpha is None else np.dstack([colours, self.alpha])

    @property
    def generated(self) -> bool:
        """Whether a network painted in it by now."""
        return any(one.added is Origin.GENERATED and one.verdict is not Verdict.NOT_DONE for one in self._reports)

    def _shown(self) -> Array:
        """The colours of the result; what stays hidden under alpha 0 keeps the file's own."""
        if self.alpha is None or self.picture.shape[:2] != self._hidden.shape or not self._hidden.any():
            return self.picture
        still = self._hidden & (self.alpha == 0)
        return np.where(still[..., None], self._original[..., :3], self.picture)

    def _beyond(self, colours: Array) -> int:
        """The largest difference, 0 to 255, where the user allowed nothing: measured on the input and the result, whatever the steps say."""
        if self.limit is None or self.limit.shape != self._original.shape[:2] or colours.shape[:2] != self.limit.shape:
            return 0
        outside = self.limit == 0
        was, now = self._original[..., :3][outside], colours[outside]
        return int(np.max(np.maximum(was, now) - np.minimum(was, now), initial=0))

    def _report(self, plan: Plan, seed: int, weights: dict[str, str], colours: Array) -> Report:
        verdicts = {r.verdict for r in self._reports} | ({Verdict.NOT_DONE} if plan.unread else set())
        same = self._original.shape[:2] == colours.shape[:2]
        changed = float(np.any(self._original[..., :3] != colours, axis=2).mean()) if same else 1.0
        return Report(
            verdict=verdicts.pop() if len(verdicts) == 1 else Verdict.PARTLY,
            reasons=tuple(reason for r in self._reports for reason in r.reasons) + plan.left_out,
            unread=plan.unread,
            steps=tuple(self._reports),
            score=float(np.mean([r.score for r in self._reports])),
            changed_fraction=changed,
            outside_max_difference=max(self._beyond(colours), *(r.outside_max_difference for r in self._reports)),
            outside_ssim=min(r.outside_ssim for r in self._reports),
            seed=seed,
            timings={stage: round(seconds, TIMING_DIGITS) for stage, seconds in self._timings.items()},
            weights=weights,
        )


def _cropped(limit: Array | None, canvas: Box | None, after: Array) -> Array | None:
    """The user's limit on a picture of another size: of a crop the part that was kept; None where there was none."""
    if limit is None or canvas is None:
        return None
    x0, y0, x1, y1 = canvas
    assert (y1 - y0, x1 - x0) == after.shape[:2], "only a crop gets past a limit"
    return limit[y0:y1, x0:x1]


def check_attachments(plan: Plan, instruction: Instruction) -> None:
    """Raises InvalidAttachment if a step names an attachment that was not given."""
    given = len(instruction.attachments)
    for step in plan.steps:
        if step.reference is not None and step.reference > given:
            raise InvalidAttachment(
                f"the instruction names [{step.reference}], but {given} files are attached; attach it with --attach FILE"
            )


def controls_of(asked: Mapping[str, float], number: int) -> dict[str, float]:
    """What the user set for step `number` (from 1 on): "exposure" is meant for every step, "2.exposure" for the second alone."""
    own = f"{number}."
    everywhere = {name: value for name, value in asked.items() if "." not in name}
    return everywhere | {name.removeprefix(own): value for name, value in asked.items() if name.startswith(own)}


def check_controls(asked: Mapping[str, float], steps: Sequence[StepReport]) -> None:
    """Raises InvalidOption for a control that no step has. A step that was not done says nothing of its controls, so nothing is checked then."""
    if any(step.verdict is Verdict.NOT_DONE and not step.controls for step in steps):
        return
    for name in asked:
        known = {
            one.name for number, step in enumerate(steps, 1) for one in step.controls if controls_of({name: 0}, number)
        }
        if name.rpartition(".")[2] not in known:
            there = ", ".join(f"{one.name} ({one.low:g} to {one.high:g})" for step in steps for one in step.controls)
            raise InvalidOption(f"no step has a control '{name}'; there is {there or 'none'}")
