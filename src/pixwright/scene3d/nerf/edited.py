"""Photographs of a scene + an instruction -> a radiance field that shows the scene edited: any system's editor inside a mask that all views share.

Fit, find in some views, lift, edit view by view while the field learns, account. Everything is kept in one folder, and a run that was stopped goes on there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from pixwright import safety
from pixwright.edit.composite import blend, composite
from pixwright.edit.contract import Context, UnderWay
from pixwright.errors import InvalidOption, NothingFound
from pixwright.media import write_atomically
from pixwright.models.device import device_named
from pixwright.nn.fitting import FittingPace
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, Instruction
from pixwright.records.kind import Group
from pixwright.records.plan import Plan, Step
from pixwright.records.region import Region
from pixwright.records.result import StepReport
from pixwright.records.thing import Frozen
from pixwright.scene3d.cameras import Camera
from pixwright.scene3d.consistency import carried_into
from pixwright.scene3d.nerf.field import FieldSize
from pixwright.scene3d.nerf.fitting import FieldSettings, FittedField, fit_field, likeness
from pixwright.scene3d.nerf.lifting import lift, seen_by
from pixwright.scene3d.nerf.render import RaySamples
from pixwright.scene3d.nerf.update import Update, UpdateSettings, update_dataset, updates
from pixwright.scene3d.nerf.views import SceneViews, path_of, read_dataset, write_dataset
from pixwright.scene3d.turntable import write_film
from pixwright.systems import Eyes, System, build
from pixwright.systems.contract import NO_OPTIONS
from pixwright.words import read_plan

ON_PROCESSOR = FieldSettings(
    steps=2000, rays=512, rate=2e-2, end=0.1,
    size=FieldSize(levels=5, table=2**16, coarsest=8, finest=128, width=32), samples=RaySamples(24, 16),
)  # fmt: skip
"""What two cores fit in a few minutes, of pictures of about 96 pixels."""
FIT = "fit.safetensors"
"""The field before the edit, in the job's folder."""
_FILMED = 48
"""Frames of a film."""
PROCESSOR_SIDE, DEVICE_SIDE = 96, 512
"""Longer side of the pictures, pixels, where nobody asks for another."""
_ITERATIONS = 600
"""Of the edit on a processor."""
_LIFTED_FROM = 16
"""Views in which the thing is looked for."""
_LOOKED_AT = 256
"""Longer side, at least, of a picture in which something is looked for: smaller ones are enlarged for the finder."""
_COMPARED = 8
"""Views that are held against a neighbour each."""
_SOLID = 128
_DIGITS = 3


@dataclass(frozen=True, kw_only=True)
class DatasetJob:
    """From a folder of photographs to a folder with the edited ones, the field and the account."""

    dataset: Path
    """In nerfstudio's layout."""
    instruction: str
    out: Path
    system: str = "instructedit"
    options: Mapping[str, str] = field(default_factory=lambda: NO_OPTIONS)
    side: int | None = None
    fitting: FieldSettings | None = None
    """None: what the device can do."""
    update: UpdateSettings | None = None
    fit_steps: int | None = None
    iterations: int | None = None
    seed: int = 0
    """These three where `fitting` or `update` are not given."""
    lifted_from: int = _LIFTED_FROM
    device: str = "auto"
    policy: bool = False


class DatasetReport(Frozen):
    """What became of a scene of photographs."""

    instruction: str
    system: str
    seed: int
    pictures: int
    size: tuple[int, int]
    """Width and height of the first picture, as it was edited."""
    fit_psnr: float
    """Of the field before the edit against the photographs, mean, dB."""
    edited_psnr: float
    """Of the field after it against the edited pictures."""
    consistency: tuple[float | None, float | None] = (None, None)
    """Mean difference, 0 to 255, between neighbouring views carried into each other by depth, inside the lifted masks, before and after; null where no two see the same."""
    outside_psnr: tuple[float, float]
    """Of the field before and after against the photographs, where the lifted masks are 0."""
    found_in: int
    asked: int
    """Views in which the thing was found, of those in which it was looked for; 0 of 0 for an edit of everything."""
    masked: float
    """Mean share of a picture that the lifted mask lets through."""
    outside_max_difference: int
    """Largest difference, 0 to 255, of any edited picture from its photograph where the lifted mask is 0. The promise is 0."""
    updates: int
    iterations: int
    steps: tuple[StepReport, ...]
    """What the judge says of two renders of the view that shows most of it, before and after, inside the mask."""
    notes: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """What a person is told."""
        told = [
            f"{step.type.replace('_', ' ')}: {step.verdict.replace('_', ' ')}"
            + (f" ({'; '.join(step.reasons)})" if step.reasons else "")
            for step in self.steps
        ]
        if self.asked:
            told.append(f"found in {self.found_in} of {self.asked} photographs that were looked at")
        told.append(
            f"{self.updates} edits of {self.pictures} pictures; outside of the mask they differ by at most {self.outside_max_difference} of 255"
        )
        told.append(
            f"the field shows the edited pictures at {self.edited_psnr:.1f} dB (before the edit {self.fit_psnr:.1f} dB)"
        )
        return [*told, *self.notes]


@dataclass(frozen=True, eq=False)
class EditedField:
    """`fitted` shows the edited scene; `before` and `after` are renders HxWx3 uint8 of the view `shown`; `pictures` are the edited photographs."""

    fitted: FittedField
    report: DatasetReport
    before: Array
    after: Array
    pictures: tuple[Array, ...]
    shown: int
    folder: Path


Watch = Callable[[str, int, int], None]


def edit_dataset(
    job: DatasetJob, system: System | None = None, watch: Watch = lambda stage, at, of: None
) -> EditedField:
    """Run the job; `watch` is told the stage ("fit", "find", "edit"), how far it is, and of how much; what it raises stops the run, which can go on later.

    Raises InvalidScene, UnclearInstruction, InvalidOption for an edit that moves things or needs a file, and NothingFound where the thing is in no view.
    """
    system = system or build(job.system, None, job.options)
    views, settings, update, device = _opened(job)
    first = views.pictures[0]
    if job.policy:
        safety.check_words(job.instruction, lambda: safety.person_in(first, system.encoders))
    plan = _plan(job.instruction, first, system)
    job.out.mkdir(parents=True, exist_ok=True)
    fitted = fit_field(views, settings, device, checkpoint=job.out / FIT, watch=lambda at, of: watch("fit", at, of))
    found = [_found(step, fitted, system.eyes(), job, watch) for step in plan.steps]
    masks = tuple(np.maximum.reduce([one.masks[view] for one in found]) for view in range(len(views.pictures)))
    shown = int(np.argmax([int(mask.sum()) for mask in masks]))
    was = _measured(fitted, masks)
    editor = ViewEditor(plan, found, system, update)
    fitted.begin(FittingPace(update.iterations, update.rate, 1.0), settings.seed + 1)
    pictures = update_dataset(
        fitted, views.cameras, views.pictures, masks, editor, update, job.out,
        watch=lambda at, of, update: watch("edit", at, of),
    )  # fmt: skip
    now = _measured(fitted, masks)
    before, after = was.pictures[shown], now.pictures[shown]
    if job.policy:
        safety.check_picture(before, after, system.encoders)
    steps = tuple(
        # Outside of its mask a field goes on learning the photographs: that is not the edit's doing.
        system.judge(before, blend(before, after, one.masks[shown]), step, one.region(shown), one.masks[shown], editor.evidence.get(number, Evidence()), system.eyes())
        for number, (step, one) in enumerate(zip(plan.steps, found, strict=True))
    )  # fmt: skip
    report = DatasetReport(
        instruction=job.instruction,
        system=system.name,
        seed=update.seed,
        pictures=len(pictures),
        size=(first.shape[1], first.shape[0]),
        fit_psnr=round(float(np.mean(likeness(was.pictures, views.pictures))), _DIGITS),
        edited_psnr=round(float(np.mean(likeness(now.pictures, pictures))), _DIGITS),
        consistency=(was.apart, now.apart),
        outside_psnr=(was.outside, now.outside),
        found_in=sum(one.found_in for one in found),
        asked=sum(one.asked for one in found),
        masked=round(float(np.mean([np.mean(mask > 0) for mask in masks])), _DIGITS),
        outside_max_difference=outside_difference(views.pictures, pictures, masks),
        updates=len(updates(update, len(pictures))),
        iterations=update.iterations,
        steps=steps,
        notes=tuple(dict.fromkeys((*plan.notes, *editor.notes))),
    )
    _write(job.out, views, pictures, report)
    return EditedField(fitted, report, before, after, pictures, shown, job.out)


def film(scene: EditedField, path: Path, *, count: int = _FILMED, force: bool = False) -> None:
    """Write a film along the cameras, before and after side by side: .mp4, .gif, .webp or .png. Raises InvalidOption, MissingExtra, OutputExists."""
    views, settings = scene.fitted.views, scene.fitted.settings
    first = fit_field(views, settings, scene.fitted.device, checkpoint=scene.folder / FIT)
    side = min(max(one.shape[:2]) for one in scene.pictures)
    cameras = path_of(views, count, side)
    write_film((np.hstack([first.picture(one), scene.fitted.picture(one)]) for one in cameras), path, replace=force)


def _opened(job: DatasetJob) -> tuple[SceneViews, FieldSettings, UpdateSettings, torch.device]:
    """The photographs, and how large a field is fitted and edited where: what the device can do, unless the job says."""
    device = device_named(job.device)
    slow = device.type == "cpu"
    settings = job.fitting
    if settings is None:
        usual = replace(ON_PROCESSOR if slow else FieldSettings(), seed=job.seed)
        settings = usual if job.fit_steps is None else replace(usual, steps=job.fit_steps)
    iterations = job.iterations or (_ITERATIONS if slow else UpdateSettings().iterations)
    update = job.update or UpdateSettings(iterations=iterations, seed=job.seed)
    side = job.side or (PROCESSOR_SIDE if slow else DEVICE_SIDE)
    return read_dataset(job.dataset, side), settings, update, device


def outside_difference(before: Sequence[Array], after: Sequence[Array], masks: Sequence[Array]) -> int:
    """The largest difference, 0 to 255, of any picture HxWx3 uint8 where its mask HxW is 0."""
    return max(
        int(cv2.absdiff(was, now)[mask == 0].max(initial=0))
        for was, now, mask in zip(before, after, masks, strict=True)
    )


@dataclass(frozen=True, eq=False)
class _Measured:
    """What the field shows of every view, and how well: outside of the masks against the photographs (dB), and how far views disagree inside."""

    pictures: tuple[Array, ...]
    outside: float
    apart: float | None


def _measured(fitted: FittedField, masks: Sequence[Array]) -> _Measured:
    views = fitted.views
    shown = [fitted.render(camera) for camera in views.cameras]
    pictures = tuple(picture for picture, _ in shown)
    outside = float(np.mean(likeness(pictures, views.pictures, masks)))
    apart = disagreement(views.cameras, pictures, [depth for _, depth in shown], masks)
    return _Measured(pictures, round(outside, _DIGITS), apart)


def disagreement(
    cameras: Sequence[Camera],
    pictures: Sequence[Array],
    depths: Sequence[NDArray[np.float32]],
    masks: Sequence[Array],
) -> float | None:
    """How far pictures HxWx3 uint8 of neighbouring views are apart where both see the same, inside the first one's mask: mean, 0 to 255; None where no two do.

    depths HxW along the rays.
    """
    straight = [
        depth * (one.rays() @ one.forward).reshape(depth.shape) for one, depth in zip(cameras, depths, strict=True)
    ]
    total, count = 0.0, 0
    for number in range(0, len(cameras), max(1, len(cameras) // _COMPARED)):
        here = cameras[number]
        away = [float(np.linalg.norm(one.position - here.position)) for one in cameras]
        other = int(np.argsort(away)[1])
        theirs = pictures[other].astype(np.float32)
        carried, seen = carried_into(here, straight[number], cameras[other], straight[other], theirs)
        seen &= masks[number] >= _SOLID
        total += float(np.abs(carried - pictures[number])[seen].sum())
        count += int(seen.sum()) * carried.shape[2]
    return round(total / count, _DIGITS) if count else None


def _plan(instruction: str, first: Array, system: System) -> Plan:
    plan = read_plan(system.parse(Instruction(instruction), first))
    for step in plan.steps:
        traits = step.type.traits
        if traits.moves or traits.reframes or step.type.group is Group.VISUAL or step.reference is not None:
            raise InvalidOption(
                f"'{step.instruction}' moves things, changes the frame or needs another file; photographs of a scene can be given other looks and things in their "
                "places: move and resize in a scene of Gaussians (pixwright scene edit SCENE.ply)"
            )
    return plan


@dataclass(frozen=True, eq=False)
class PlacedStep:
    """A step's place in every view; `masks` HxW uint8 each."""

    step: Step
    masks: tuple[Array, ...]
    whole: bool
    found_in: int
    asked: int

    def region(self, view: int) -> Region:
        """As a region of the view."""
        mask = self.masks[view]
        box = cv2.boundingRect((mask >= _SOLID).astype(np.uint8))
        x, y, wide, tall = box
        boxes = ((x, y, x + wide, y + tall),) if wide else ()
        labels = np.where(mask > 0, 1, 0).astype(np.uint8)
        return Region(
            mask, boxes, 1.0, str(self.step.target or ""), "whole" if self.whole else "phrase", labels, exact=True
        )


def _found(step: Step, fitted: FittedField, eyes: Eyes, job: DatasetJob, watch: Watch) -> PlacedStep:
    views = fitted.views
    count = min(job.lifted_from, len(views.pictures))
    chosen = sorted({round(number * (len(views.pictures) - 1) / max(count - 1, 1)) for number in range(count)})
    cameras: list[Camera] = []
    masks: list[Array] = []
    reason = ""
    for number, view in enumerate(chosen):
        watch("find", number, len(chosen))
        picture = _enlarged(views.pictures[view])
        region = eyes.find_step(picture, step, None)
        if region.source == "whole":
            full = tuple(np.full(one.shape[:2], 255, np.uint8) for one in views.pictures)
            return PlacedStep(step, full, True, 0, 0)
        if region.found:
            cameras.append(views.cameras[view])
            masks.append(region.mask)
        reason = region.note or reason
    lifted = lift(fitted, cameras, masks) if cameras else None
    if lifted is None:
        raise NothingFound(
            f"'{step.target or step.instruction}' was found in none of {len(chosen)} views{reason and ': ' + reason}; name it in other words"
        )
    seen = tuple(seen_by(fitted, lifted, camera) for camera in views.cameras)
    if not any((mask >= _SOLID).any() for mask in seen):
        raise NothingFound(
            f"'{step.target or step.instruction}' was found in {len(cameras)} of {len(chosen)} views, but never at the same place of the scene; name it in other words"
        )
    return PlacedStep(step, seen, False, len(cameras), len(chosen))


def _enlarged(picture: Array) -> Array:
    """For the finder, which knows things at the size of photographs."""
    scale = _LOOKED_AT / max(picture.shape[:2])
    if scale <= 1:
        return picture
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)


class ViewEditor:
    """All steps on one photograph, each inside its own mask; where the system can, from how the scene looks by now."""

    def __init__(self, plan: Plan, found: Sequence[PlacedStep], system: System, settings: UpdateSettings) -> None:
        self._steps, self._found, self._system, self._settings = plan.steps, found, system, settings
        self._made: dict[int, Array] = {}
        self.evidence: dict[int, Evidence] = {}
        """Step -> what its editor last claimed."""
        self.notes: list[str] = []

    def __call__(self, view: int, photograph: Array, render: Array, update: Update) -> Array:
        """HxWx3 uint8 each. Raises InvalidOption with the editor's reason where it refuses in the first picture."""
        if view in self._made:
            return self._made[view]
        eyes = self._system.eyes()
        picture = photograph
        for number, (step, found) in enumerate(zip(self._steps, self._found, strict=True)):
            region = found.region(view)
            if not region.found:
                continue
            under_way = None
            if self._system.carries_on:
                # Outside of the mask an edit stands on the photograph, not on what a field makes of it.
                so_far = blend(picture, render, found.masks[view])
                under_way = UnderWay(so_far, update.share, self._settings.steps)
            context = Context(
                self._settings.seed, self._system.encoders, eyes.find, user_region=None if found.whole else region,
                standing=eyes.salient, things=eyes.things, under_way=under_way,
            )  # fmt: skip
            proposal = self._system.edit(picture, step, region, context)
            if proposal.refused is not None:
                if not self.evidence:
                    raise InvalidOption(proposal.refused)
                self.notes.append(f"view {view + 1}: {proposal.refused}")
                continue
            self.evidence[number] = proposal.evidence
            self.notes += [] if self._system.carries_on else proposal.notes
            picture, _ = composite(picture, proposal, None if found.whole else found.masks[view])
        if not self._system.carries_on:
            self._made[view] = picture
        return picture


def _write(out: Path, views: SceneViews, pictures: Sequence[Array], report: DatasetReport) -> None:
    write_dataset(out, views.cameras, pictures)
    text = json.dumps(report.model_dump(mode="json"), indent=1, ensure_ascii=False)
    write_atomically(out / "report.json", text.encode())
