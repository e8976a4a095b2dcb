"""before, after, step -> checks, witnesses and a verdict.

Start at `judge_step` here: `CHECKS` has a check that can fail for each edit type; `presence`, `geometry`, `colour` and `tone` hold them. `witnesses` say what the
pixels show against an edit of any type, `look` is what they look at, and `trust` how much each counts. `contract` says what a check sees and says; `decoupled` measures
what happened outside the edit, and `measure` is what the data room and the evaluation measure in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.judge import colour, geometry, presence, tone
from pixwright.judge.contract import DIGITS, Finding, Trial
from pixwright.judge.decoupled import measure
from pixwright.judge.look import Look
from pixwright.judge.trust import OBJECTS, kind_of, trust
from pixwright.judge.witnesses import WITNESSES, Heard
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import Check, StepReport, Verdict
from pixwright.records.thing import Thing

__all__ = ["CHECKS", "judge_step", "witnessed"]

_TEN = 10
WORTH_A_TRY = 0.25
"""Doubt from which another try may be worth its time, though nobody objects."""

_SHARE_DIGITS = 6
"""Of shares of a picture: one pixel of a large one must not be rounded away."""


def _placed_or_changed(trial: Trial) -> list[Finding]:
    """Guided edits place something, take it away, or change what is inside the guidance."""
    if trial.evidence.placed:
        return presence.placed(trial)
    return [colour.visible(trial, 2.0)] if trial.same_size else geometry.framed(trial)


def _related(trial: Trial) -> list[Finding]:
    return geometry.moved(trial) if trial.evidence.displacement else [colour.visible(trial, 2.0)]


def _turned(trial: Trial) -> list[Finding]:
    return geometry.acted(trial) if trial.evidence.mirrored and trial.step.target else geometry.rotated(trial)


CHECKS: dict[EditType, Callable[[Trial], list[Finding]]] = {
    EditType.REMOVE: presence.removed,
    EditType.REPLACE: presence.placed,
    EditType.ADD: presence.placed,
    EditType.COUNTING: presence.counted,
    EditType.COLOR_ALTER: colour.colour,
    EditType.APPEARANCE_ALTER: colour.appearance,
    EditType.MATERIAL_CHANGE: colour.material,
    EditType.ACTION_CHANGE: geometry.acted,
    EditType.TEXTUAL_CHANGE: colour.text,
    EditType.BACKGROUND_CHANGE: colour.background,
    EditType.TONE_TRANSFER: tone.tone,
    EditType.STYLE_CHANGE: tone.style,
    EditType.MOVEMENT: geometry.moved,
    EditType.RESIZE: geometry.resized,
    EditType.OUTPAINT: geometry.framed,
    EditType.ROTATION_CHANGE: _turned,
    EditType.IMPLICIT_CHANGE: _placed_or_changed,
    EditType.RELATION_CHANGE: _related,
    EditType.VISUAL_REFERENCE: presence.placed,
    EditType.MATERIAL_TRANSFER: colour.material,
    EditType.STYLE_TRANSFER: tone.style,
    **{kind: _placed_or_changed for kind in EditType if kind.traits.guided},
}


def witnessed(trial: Trial) -> dict[str, Heard]:
    """What every witness that has something to say measured."""
    look = Look(trial)
    heard = {name: witness.hear(look) for name, witness in WITNESSES.items()}
    return {name: said for name, said in heard.items() if said is not None}


def _objection(name: str, said: Heard, doubt: float) -> Finding:
    """A witness as a check: it objects half-way between what is fine and what is bad."""
    check = Check(
        name=name,
        value=round(said.value, DIGITS),
        threshold=round(trust().scales[name].threshold, DIGITS),
        passed=doubt < OBJECTS,
        reason=said.objection,
        cure=WITNESSES[name].cure,
    )
    return Finding(check, hard=False, score=1 - doubt)


def _sure(likely: float, doubts: Mapping[str, float], heard: Mapping[str, Heard]) -> Finding:
    """Whether a person would likely enough keep it. The reason is the strongest doubt, also where no single one is strong enough to object."""
    name = trust().strongest(doubts)
    if name is None:
        badly = round(_TEN * (1 - likely)) or 1
        reason, cure = f"of edits of this kind {badly} in ten come out badly: look at it before you keep it", None
    else:
        strong = doubts[name] >= WORTH_A_TRY
        reason, cure = heard[name].unsure, WITNESSES[name].cure if strong else None
    check = Check(
        name="sure",
        value=round(likely, DIGITS),
        threshold=trust().done,
        passed=likely >= trust().done,
        reason=reason,
        cure=cure,
    )
    return Finding(check, hard=False, score=likely)


def judge_step(
    before: Array,
    after: Array,
    step: Step,
    region: Region,
    mask: Array,
    evidence: Evidence,
    *,
    encoders: Encoders,
    ground: Callable[[Array, str | Thing], Region],
    salient: Callable[[Array], Array],
) -> StepReport:
    """Judge one step. `before` and `after` HxWx3 uint8; `mask` HxW uint8 of `after`'s size is the effective mask.

    `ground` finds a phrase in a picture, `salient` what stands out of it (HxW uint8).
    """
    trial = Trial(before, after, step, region, mask, evidence, encoders, ground, salient)
    findings = CHECKS[step.type](trial)
    failed = [f for f in findings if not f.check.passed]
    heard = witnessed(trial)
    doubts = trust().doubts({name: said.value for name, said in heard.items()})
    sure = _sure(trust().from_doubts(doubts, kind_of(step)), doubts, heard)
    objections = [_objection(name, said, doubts[name]) for name, said in heard.items()]
    findings = [*findings, *objections, sure]
    numbers = measure(trial)
    if any(f.hard for f in failed):
        verdict = Verdict.NOT_DONE
    else:
        verdict = Verdict.DONE if sure.check.passed and not failed else Verdict.PARTLY
    said_against = [f for f in (*failed, *objections) if not f.check.passed]
    reasons = (
        ()
        if verdict is Verdict.DONE
        else tuple(f.check.reason for f in sorted(said_against, key=lambda f: not f.hard) or [sure])
    )
    return StepReport(
        type=step.type,
        verdict=verdict,
        reasons=reasons,
        checks=tuple(f.check for f in findings),
        score=round(sure.score * float(np.mean([f.check.passed for f in findings if f.hard] or [True])), DIGITS),
        outside_max_difference=numbers.outside_max,
        outside_ssim=round(numbers.outside_ssim, _SHARE_DIGITS),
        changed_fraction=round(numbers.changed, _SHARE_DIGITS),
        inside_change=round(numbers.inside_mean, DIGITS),
    )
