"""instruction + picture -> parse -> ground -> edit -> judge -> result. Nothing else happens here; `canvas` holds the picture on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
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
from pixwright.edit import dispatch
from pixwright.edit.composite import composite
from pixwright.edit.contract import Context, Working, refuse
from pixwright.edit.surfaces.neighbours import shared
from pixwright.encoders.parts.account import heard
from pixwright.errors import InvalidOption
from pixwright.parse.about import shows_animal_alone
from pixwright.parse.complements.joined import joined_looks
from pixwright.parse.places import settled as settled_places
from pixwright.records.instruction import Array, Instruction
from pixwright.records.kind import Aspect, Group
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

_OWN, _SAME, _PART = 127, 0.6, 0.1
"""A pixel of a mask above it is a thing's own; intersection over union of two outlines above which they are of one thing; share of a thing above which it is in another one."""
_HARDLY_LESS = 0.9
"""Share of the first place's score that another has at least, which the words may mean as well."""
_LIKELY = 0.5
"""Score from which on a place is believed to be in the picture: below it the words rather name another place."""


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
    anyway: bool = False
    """Whether a step that the judge calls not done leaves its picture all the same: for what is shown as it comes, and for frames that shall look alike."""
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
    working: Working | None = None
    """Within the stage `edit` of an editor that takes long: how far it is, with a look at what is becoming."""
    so_far: Callable[[], Array] | None = None
    """At the stage `ground`: what the steps before this one made, HxWx3|4, to be asked for at once. None where a network painted in it: that bears a mark, and only results do."""


_Placed: TypeAlias = tuple[Array, Region]
"""The picture that a step is worked out in, and where its thing is there."""
Watch: TypeAlias = Callable[[Progress], None]
"""Is told before each stage, and by editors that take long after each of their steps; what it raises ends the edit."""


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
    with heard() as lines:
        result = _edited(pixels, request, system, eyes or system.eyes(), watch)
    report = result.report.model_copy(update={"parts": tuple(lines)})
    return replace(result, report=report, notes=(*result.notes, *lines))


def _edited(pixels: Array, request: Request, system: System, eyes: Eyes, watch: Watch) -> Result:
    """As `edit_picture`, without what pulled networks told."""
    canvas = Canvas(pixels, request.user_region, request.limit, request.protect)
    words = replace(request.instruction, pointed=request.user_region is not None)
    watch(Progress("parse"))
    with canvas.timed("parse"):
        plan = read_plan(request.plan or understood(words, canvas.picture, system, eyes))
    check_attachments(plan, words)
    together: list[_Placed] = []
    for number, step in enumerate(plan.steps, 1):
        at = Progress("ground", number, len(plan.steps), step.instruction, plan)
        watch(at if canvas.generated else replace(at, so_far=canvas.so_far))
        with canvas.timed("ground"):
            spared = _spared(canvas, step, eyes)
        protected = canvas.protected_with(spared)
        context = Context(
            request.seed, system.encoders, eyes.find, words.attachments, request.library, canvas.user, protected,
            standing=eyes.salient, people=eyes.people, things=eyes.things, alpha=canvas.alpha, controls=controls_of(request.controls, number),
            grid=canvas.grid(request.grid), working=partial(_worked, watch, at),
        )  # fmt: skip
        if not together and system.edit is dispatch.edit:
            with canvas.timed("ground"):
                together = _changed_together(request, plan, number, canvas, eyes)
        origin, known = together.pop(0) if together else (canvas.picture, _known(request, number, canvas))
        turn = _StepTurn(canvas, origin, step, context, canvas.limit_for(protected), system, eyes, at, watch)
        best, tries = turn.taken(known) if system.order is None else turn.shared_out(system.order(step), known)
        canvas.take(step, best, [one.told() for one in tries], anyway=request.anyway)
    result = canvas.result(plan, request.seed, system.weights_used())
    check_controls(request.controls, result.report.steps)
    return result


def _worked(watch: Watch, at: Progress, working: Working) -> None:
    watch(replace(at, stage="edit", working=working))


def understood(instruction: Instruction, picture: Array, system: System, eyes: Eyes) -> Plan:
    """What the words mean for this picture (HxWx3 uint8). Raises UnclearInstruction."""
    plan = joined_looks(read_plan(system.parse(instruction, picture)))
    return settled_places(
        plan, lambda thing: _shows(picture, thing, eyes), lambda: shows_animal_alone(picture, system.encoders)
    )


def _known(request: Request, number: int, canvas: Canvas) -> Region | None:
    """Where the thing of step `number` (from 1 on) is, if that is known for the picture as it is by now."""
    known = request.regions[number - 1] if number <= len(request.regions) else None
    return known if known is not None and known.mask.shape == canvas.picture.shape[:2] else None


def _changed_together(request: Request, plan: Plan, number: int, canvas: Canvas, eyes: Eyes) -> list[_Placed]:
    """The steps from `number` on that each change the surface of another thing; empty where that is one alone.

    All are found, and their new surfaces worked out, in the picture as it is before them: a thing whose neighbour was changed already has a rim that is neither the old nor the new.
    """
    picture, regions = canvas.picture, list[Region]()
    for n, step in enumerate(plan.steps[number - 1 :], number):
        last = n == len(plan.steps) and not regions
        if last or not step.type.traits.surface or step.type.group is Group.VISUAL or step.target is None:
            break
        region = _known(request, n, canvas) or eyes.find_step(picture, step, canvas.user)
        if not region.found or any(_again(step, region, earlier) for earlier in regions):
            break  # what is changed twice, or is only there once another thing was changed
        regions.append(region)
    if len(regions) <= 1:
        return []
    beside = shared(picture, [region.mask for region in regions])
    return [(picture, replace(r, mask=mask, beside=by)) for r, (mask, by) in zip(regions, beside, strict=True)]


def _again(step: Step, region: Region, earlier: Region) -> bool:
    """Whether a step is about what an earlier one changed: the same thing, or a part of it that keeps some of its surface."""
    one, other = region.mask > _OWN, earlier.mask > _OWN
    both = np.count_nonzero(one & other)
    if step.type.traits.changes is Aspect.APPEARANCE:
        return bool(both > _PART * np.count_nonzero(one))
    return bool(both > _SAME * np.count_nonzero(one | other))


def _spared(canvas: Canvas, step: Step, eyes: Eyes) -> Region | None:
    """Where the thing is that the words of a step say shall stay: without the smaller one on it that is edited, such as the cup on a saucer."""
    if step.protect is None:
        return None
    stays = eyes.find(canvas.picture, step.protect)
    if not stays.found or step.target is None:
        return stays
    edited = eyes.find_step(canvas.picture, step, canvas.user)
    own, kept = edited.mask > _OWN, stays.mask > _OWN
    if not edited.found or not np.count_nonzero(own) < np.count_nonzero(kept):
        return stays
    lies_on_it = np.count_nonzero(own & kept) > _PART * np.count_nonzero(own)
    return replace(stays, mask=np.minimum(stays.mask, 255 - edited.mask)) if lies_on_it else stays


def _shows(picture: Array, thing: Thing, eyes: Eyes) -> bool:
    """Whether the picture likely shows the thing, and not only something that may be meant."""
    found = eyes.find(picture, thing)
    return found.found and not found.guess and found.score >= _LIKELY


@dataclass(frozen=True, eq=False)
class _StepTurn:
    """One step's turn: the picture before it, and what every try at it has in common."""

    canvas: Canvas
    origin: Array
    """HxWx3: what the thing is looked for and worked out in: the canvas' picture, or what it was before the steps that are taken together with this one."""
    step: Step
    context: Context
    limit: Array | None
    system: System
    """Whose judge it is."""
    eyes: Eyes
    at: Progress
    watch: Watch

    def taken(self, known: Region | None) -> tuple[Tried, list[Tried]]:
        """The best of the system's own tries, and all of them. `known`: where the thing is, if that is known."""
        tries = self._by(self.system, self.eyes, known)
        return self._best(tries), tries

    def shared_out(self, systems: Sequence[System], known: Region | None) -> tuple[Tried, list[Tried]]:
        """Each system's tries in turn until one's best is done; a later system must do better by verdict than those before it."""
        every: list[Tried] = []
        best: Tried | None = None
        for one in systems:
            # A system that looks as this one does looks at what was seen already.
            eyes = self.eyes if one.eyes is self.system.eyes else one.eyes()
            tries = [replace(tried, by=one.name) for tried in self._by(one, eyes, known)]
            every += tries
            its = self._best(tries)
            if best is None or its.report.rank[0] > best.report.rank[0]:
                best = its
            if best.report.verdict is Verdict.DONE:
                break
        assert best is not None, "an order of systems is never empty"
        return best, every

    def _by(self, system: System, eyes: Eyes, known: Region | None) -> list[Tried]:
        """One system's tries: the first, and others where a witness objects to it."""
        picture = self.origin
        if system.edit is dispatch.edit and (why := dispatch.beyond(self.step)) is not None:
            return [self._refused(why)]
        with self.canvas.timed("ground"):
            region = known or eyes.find_step(picture, self.step, self.canvas.user)
        tries = [self._try(system, region, self.context)]
        for place, way, said in _others(picture, self.step, tries[0], eyes):
            other = self._try(system, place, way, said)
            if any(np.array_equal(other.after, one.after) for one in tries):
                break  # the editor has no other way
            tries.append(other)
            if other.report.verdict is Verdict.DONE or not _better(other, tries[0]):
                break
        return tries

    def _refused(self, why: str) -> Tried:
        """No try: what the system cannot do whatever the picture shows. Nothing was looked for."""
        canvas, nothing = self.canvas, np.zeros(self.canvas.picture.shape[:2], np.uint8)
        region, proposal = Region(nothing, (), 0.0, str(self.step.target or ""), "none"), refuse(canvas.picture, why)
        report = refusal(self.step, region, proposal)
        return Tried(region, self.context, proposal, canvas.picture, nothing, report, "as first understood")

    def _best(self, tries: Sequence[Tried]) -> Tried:
        # Another place is a guess: it must do better by verdict, not by score, which is higher for whatever stands out.
        first = tries[0].region
        # Of a colour another way takes more of the thing, and what takes more ends on more edges: that must be told by more than a hair's breadth.
        edge = GAIN if self.step.type.traits.changes is Aspect.COLOUR else 0.0

        def worth(one: Tried) -> tuple[int, bool, float]:
            return one.report.rank[0], one.region is first, one.report.score + (edge if one is tries[0] else 0.0)

        return max(tries, key=worth)

    def _try(self, system: System, region: Region, context: Context, way: str = "as first understood") -> Tried:
        """One try, judged."""
        canvas, step = self.canvas, self.step
        self.watch(replace(self.at, stage="edit"))
        with canvas.timed("edit"):
            proposal = within_limit(system.edit(self.origin, step, region, context), step, canvas.limit)
            after, mask = composite(canvas.picture, proposal, self.limit)
        self.watch(replace(self.at, stage="judge"))
        with canvas.timed("judge"):
            if proposal.refused:
                report = refusal(step, region, proposal)
            else:
                evidence = replace(proposal.evidence, origin=proposal.added)
                done = proposal.done_as or step
                judged = self.system.judge(canvas.picture, after, done, region, mask, evidence, self.eyes)
                report = settled(judged.model_copy(update={"type": step.type}), region, proposal)
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
        # Of two cows the far one may be recoloured the better, and is still the less likely one.
        if place.found and place.score >= _HARDLY_LESS * first.region.score:
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
