"""Photographs of a scene + an instruction -> a radiance field that shows the scene edited: any system's editor inside a mask that all views share.

Fit, find in some views, lift, edit view by view while the field learns, account. Everything is kept in one folder, and a run that was stopped goes on there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch

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
from pixwright.scene3d.nerf.field import FieldSize
from pixwright.scene3d.nerf.fitting import FieldSettings, FittedField, fit_field, psnr
from pixwright.scene3d.nerf.lifting import lift, seen_by
from pixwright.scene3d.nerf.render import RaySamples
from pixwright.scene3d.nerf.update import Update, UpdateSettings, update_dataset, updates
from pixwright.scene3d.nerf.views import SceneViews, read_dataset, write_dataset
from pixwright.systems import Eyes, System, build
from pixwright.systems.contract import NO_OPTIONS
from pixwright.words import read_plan

ON_PROCESSOR = FieldSettings(
    steps=2000, rays=512, rate=2e-2, end=0.1,
    size=FieldSize(levels=5, table=2**16, coarsest=8, finest=128, width=32), samples=RaySamples(24, 16),
)  # fmt: skip
"""What two cores fit in a few minutes, of pictures of about 96 pixels."""
PROCESSOR_SIDE, DEVICE_SIDE = 96, 512
"""Longer side of the pictures, pixels, where nobody asks for another."""
_LIFTED_FROM = 16
"""Views in which the thing is looked for."""
_LOOKED_AT = 256
"""Longer side, at least, of a picture in which something is looked for: smaller ones are enlarged for the finder."""
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
    update: UpdateSettings = field(default_factory=UpdateSettings)
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


@dataclass(frozen=True, eq=False)
class EditedField:
    """`fitted` shows the edited scene; `before` and `after` are renders HxWx3 uint8 of the view `shown`; `pictures` are the edited photographs."""

    fitted: FittedField
    report: DatasetReport
    before: Array
    after: Array
    pictures: tuple[Array, ...]
    shown: int


Watch = Callable[[str, int, int], None]


def edit_dataset(
    job: DatasetJob, system: System | None = None, watch: Watch = lambda stage, at, of: None
) -> EditedField:
    """Run the job; `watch` is told the stage ("fit", "find", "edit"), how far it is, and of how much; what it raises stops the run, which can go on later.

    Raises InvalidScene, UnclearInstruction, InvalidOption for an edit that moves things or needs a file, and NothingFound where the thing is in no view.
    """
    system = system or build(job.system, None, job.options)
    views, settings, device = _opened(job)
    first = views.pictures[0]
    if job.policy:
        safety.check_words(job.instruction, lambda: safety.person_in(first, system.encoders))
    plan = _plan(job.instruction, first, system)
    job.out.mkdir(parents=True, exist_ok=True)
    fitted = fit_field(
        views, settings, device, checkpoint=job.out / "fit.safetensors", watch=lambda at, of: watch("fit", at, of)
    )
    fit_psnr = float(np.mean(psnr(fitted, views.cameras, views.pictures)))
    found = [_found(step, fitted, system.eyes(), job, watch) for step in plan.steps]
    masks = tuple(np.maximum.reduce([one.masks[view] for one in found]) for view in range(len(views.pictures)))
    shown = int(np.argmax([int(mask.sum()) for mask in masks]))
    before = fitted.picture(views.cameras[shown])
    outside = [float(np.mean(psnr(fitted, views.cameras, views.pictures, masks)))]
    editor = _ViewEditor(plan, found, system, job.update)
    fitted.begin(FittingPace(job.update.iterations, job.update.rate, 1.0), settings.seed + 1)
    pictures = update_dataset(
        fitted, views.cameras, views.pictures, masks, editor, job.update, job.out,
        watch=lambda at, of, update: watch("edit", at, of),
    )  # fmt: skip
    after = fitted.picture(views.cameras[shown])
    outside.append(float(np.mean(psnr(fitted, views.cameras, views.pictures, masks))))
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
        seed=job.update.seed,
        pictures=len(pictures),
        size=(first.shape[1], first.shape[0]),
        fit_psnr=round(fit_psnr, _DIGITS),
        edited_psnr=round(float(np.mean(psnr(fitted, views.cameras, pictures))), _DIGITS),
        outside_psnr=(round(outside[0], _DIGITS), round(outside[1], _DIGITS)),
        found_in=sum(one.found_in for one in found),
        asked=sum(one.asked for one in found),
        masked=round(float(np.mean([np.mean(mask > 0) for mask in masks])), _DIGITS),
        outside_max_difference=outside_difference(views.pictures, pictures, masks),
        updates=len(updates(job.update, len(pictures))),
        iterations=job.update.iterations,
        steps=steps,
        notes=tuple(dict.fromkeys((*plan.notes, *editor.notes))),
    )
    _write(job.out, views, pictures, report)
    return EditedField(fitted, report, before, after, pictures, shown)


def _opened(job: DatasetJob) -> tuple[SceneViews, FieldSettings, torch.device]:
    """The photographs, and how large a field is fitted where: what the device can do, unless the job says."""
    device = device_named(job.device)
    slow = device.type == "cpu"
    settings = job.fitting or (ON_PROCESSOR if slow else FieldSettings(seed=job.update.seed))
    return read_dataset(job.dataset, job.side or (PROCESSOR_SIDE if slow else DEVICE_SIDE)), settings, device


def outside_difference(before: Sequence[Array], after: Sequence[Array], masks: Sequence[Array]) -> int:
    """The largest difference, 0 to 255, of any picture HxWx3 uint8 where its mask HxW is 0."""
    return max(
        int(cv2.absdiff(was, now)[mask == 0].max(initial=0))
        for was, now, mask in zip(before, after, masks, strict=True)
    )


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
class _Found:
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


def _found(step: Step, fitted: FittedField, eyes: Eyes, job: DatasetJob, watch: Watch) -> _Found:
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
            return _Found(step, full, True, 0, 0)
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
    return _Found(step, seen, False, len(cameras), len(chosen))


def _enlarged(picture: Array) -> Array:
    """For the finder, which knows things at the size of photographs."""
    scale = _LOOKED_AT / max(picture.shape[:2])
    if scale <= 1:
        return picture
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)


class _ViewEditor:
    """All steps on one photograph, each inside its own mask; where the system can, from how the scene looks by now."""

    def __init__(self, plan: Plan, found: Sequence[_Found], system: System, settings: UpdateSettings) -> None:
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
                standing=eyes.standing, under_way=under_way,
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
