"""From file to file: `pixwright scene edit`. A scene of Gaussians and words in, the edited scene, a turntable and a report out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pixwright.errors import InvalidOption
from pixwright.flow import Progress, Watch, understood, unwatched
from pixwright.media import check_target, load_attachment
from pixwright.records.instruction import Instruction
from pixwright.records.plan import Plan
from pixwright.records.result import Verdict
from pixwright.scene3d.cameras import Camera, orbit
from pixwright.scene3d.repaint import Editing
from pixwright.scene3d.report import SceneReport, SceneStepReport
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.ply import check_ply, read_ply, write_ply
from pixwright.scene3d.stage import SceneStage
from pixwright.scene3d.steps import do_step
from pixwright.scene3d.survey import ORBITED, Survey, pointed_at, staged
from pixwright.scene3d.turntable import check_turntable, turntable
from pixwright.systems import System, build
from pixwright.words import read_plan

_TURN, _TURN_ELEVATION = 36, (25.0,)
"""Frames of a turntable, and degrees above the horizon of its camera."""
_MOST_ROUNDS = 4
_DIGITS = 2
"""Of seconds."""


@dataclass(frozen=True)
class SceneJob:
    """One edit of one scene."""

    scene: Path
    instruction: str
    output: Path
    survey: Survey = ORBITED
    attachments: tuple[Path, ...] = ()
    turntable: Path | None = None
    """A film of the scene before and after, side by side: .mp4, .gif, .webp or .png."""
    report: Path | None = None
    system: str = "local"
    options: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    rounds: int = 2
    """How often views are edited and solved for, where a network paints."""
    force: bool = False


@dataclass(frozen=True, eq=False)
class SceneDone:
    """What became of a job. `output` is None where nothing was changed; then nothing was written."""

    plan: Plan
    report: SceneReport
    output: Path | None
    notes: tuple[str, ...] = ()


def edit_scene(job: SceneJob, system: System | None = None, watch: Watch = unwatched) -> SceneDone:
    """Run one job. Raises a PixwrightError for anything that the user can mend; then nothing was written."""
    _check(job)
    clock: dict[str, float] = {}
    with _timed(clock, "read"):
        scene = read_ply(job.scene)
        stage = staged(job.scene, scene, job.survey)
        before = stage.gaussians
    attachments = tuple(load_attachment(path) for path in job.attachments)
    system = system or build(job.system, None, job.options)
    eyes = system.eyes()
    with _timed(clock, "point"):
        pointed = pointed_at(stage, job.survey, system.encoders)
    words = Instruction(job.instruction, attachments, pointed=pointed is not None)
    watch(Progress("parse"))
    with _timed(clock, "parse"):
        plan = read_plan(understood(words, stage.pictures[job.survey.view - 1], system, eyes))
    editing = Editing(system, eyes, job.seed, words.attachments, job.controls, job.rounds)
    steps = []
    for number, step in enumerate(plan.steps, 1):
        watch(Progress("edit", number, len(plan.steps), step.instruction, plan))
        with _timed(clock, "steps"):
            steps.append(do_step(stage, step, editing, pointed))
    watch(Progress("write"))
    output: Path | None = None
    apart: tuple[float | None, int | None] = (None, None)
    if any(step.verdict is not Verdict.NOT_DONE for step in steps):
        with _timed(clock, "write"):
            write_ply(stage.written(), job.output, replace=job.force)
            output, apart = job.output, stage.outside(read_ply(job.output))
    notes = (*plan.notes, *plan.left_out)
    if output is not None and job.turntable is not None:
        with _timed(clock, "turntable"):
            cameras = turning_cameras(before, job.survey.side)
            notes += turntable(
                [before, stage.gaussians], cameras, job.turntable, job.survey.backdrop, replace=job.force
            )
    return SceneDone(plan, _report(job, plan, stage, steps, apart, system, clock), output, notes)


def turning_cameras(gaussians: Gaussians, side: int, frames: int = _TURN) -> tuple[Camera, ...]:
    """A turn around the scene at one height."""
    return orbit(*gaussians.box(), frames, side, elevations=_TURN_ELEVATION)


def _check(job: SceneJob) -> None:
    """Raises InvalidOption for what cannot work, before anything is read."""
    job.survey.check()
    if not 1 <= job.rounds <= _MOST_ROUNDS:
        raise InvalidOption(f"--rounds is {job.rounds}; allowed: 1 to {_MOST_ROUNDS}")
    inputs = [path for path in (job.scene, *job.survey.files, *job.attachments) if path is not None]
    check_ply(job.output)
    targets = [path for path in (job.output, job.turntable, job.report) if path is not None]
    if len({path.resolve() for path in targets}) < len(targets):
        raise InvalidOption("the scene, its turntable and its report need names of their own")
    for target in targets:
        check_target(target, force=job.force, inputs=inputs)
    if job.turntable is not None:
        check_turntable(job.turntable)


@contextmanager
def _timed(clock: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    clock[stage] = round(clock.get(stage, 0.0) + time.perf_counter() - start, _DIGITS)


def _report(
    job: SceneJob,
    plan: Plan,
    stage: SceneStage,
    steps: Sequence[SceneStepReport],
    apart: tuple[float | None, int | None],
    system: System,
    clock: dict[str, float],
) -> SceneReport:
    verdicts = {step.verdict for step in steps} | ({Verdict.NOT_DONE} if plan.unread else set())
    changed, removed, added = stage.counts()
    return SceneReport(
        verdict=verdicts.pop() if len(verdicts) == 1 else Verdict.PARTLY,
        reasons=tuple(reason for step in steps for reason in step.reasons) + plan.left_out,
        unread=plan.unread,
        steps=tuple(steps),
        gaussians=stage.rows,
        changed=changed,
        removed=removed,
        added=added,
        outside_max_difference=apart[0],
        outside_bytes_differ=apart[1],
        cameras="orbit" if job.survey.cameras is None else job.survey.cameras.name,
        views=len(stage.views.cameras),
        side=job.survey.side,
        pointed=job.survey.record(),
        system=job.system,
        seed=job.seed,
        timings=clock,
        weights=system.weights_used(),
    )
