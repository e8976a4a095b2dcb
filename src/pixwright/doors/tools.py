"""What the tools do, as plain functions: paths in, values out. Handles of versions are arguments and answers; nothing is remembered between calls but in sessions."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from pixwright.doors.allowed import Allowed
from pixwright.errors import InvalidOption, without_options
from pixwright.files import UserPlace
from pixwright.media import check_target, free_path, load_attachment, load_picture, save_plain, write_atomically
from pixwright.parse.turns.reading import Past
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan
from pixwright.records.result import Report
from pixwright.sessions.converse import Saying, back, chain_of, forward, say
from pixwright.sessions.records import Session, Version
from pixwright.sessions.store import Sessions
from pixwright.systems import System, build
from pixwright.weights.store import digest


class StepOutcome(BaseModel):
    """What became of one step."""

    type: str
    instruction: str
    verdict: str
    reasons: list[str]
    controls: dict[str, float]
    """Numbers that `controls` of `edit_picture` can set otherwise."""


class EditReport(BaseModel):
    """What became of an edit, of an undo or of a redo."""

    verdict: str
    """done, partly (and what is missing, in reasons), not_done, or moved: another version became the current one."""
    reasons: list[str]
    told: list[str]
    output: str | None
    """The path of the picture; null where nothing was changed and so nothing was written."""
    session: str
    version: str
    """The handle of the picture as it is now: for undo, redo, and the next edit."""
    steps: list[StepOutcome]
    changed_fraction: float
    outside_max_difference: int
    """Over all pixels outside of what was edited, 0 to 255, before the file is encoded. The promise is 0."""
    seed: int
    notes: list[str]


class RegionReport(BaseModel):
    """Where a phrase is in a picture."""

    found: bool
    boxes: list[list[int]]
    """x0, y0, x1, y1 in pixels of the upright picture."""
    score: float
    """0 to 1: the share of such answers that are right."""
    guess: bool
    """Nothing is known by that noun: the one thing that stands out was taken."""
    note: str
    mask: str | None
    width: int
    height: int


class PlanReport(BaseModel):
    """What an instruction means, without an edit."""

    lines: list[str]
    plan: dict[str, object]
    not_understood: list[str]


class SeenThing(BaseModel):
    """One thing in a picture."""

    name: str
    score: float
    box: list[int]


class PictureReport(BaseModel):
    """What a file is and shows."""

    width: int
    height: int
    format: str
    transparent: bool
    things: list[SeenThing]
    warnings: list[str]


@dataclass
class Tools:
    """The tools of one server, on one machine, for one owner."""

    allowed: Allowed
    store: Sessions
    system_name: str = "local"
    _busy: threading.Lock = field(default_factory=threading.Lock)
    """Networks are loaded once, and edits use every core: one call at a time."""

    @cached_property
    def system(self) -> System:
        """Built when it is first needed."""
        return build(self.system_name)

    def edit_picture(
        self,
        picture: str | None,
        version: str | None,
        instruction: str,
        output: str | None,
        attachments: list[str],
        mask: str | None,
        box: list[int] | None,
        points: list[list[int]],
        seed: int,
        controls: dict[str, float],
    ) -> tuple[EditReport, Array | None]:
        """The report and the picture as it is now (HxWx3|4), None where nothing was written. Raises PixwrightError."""
        source = None if picture is None else self.allowed.path(picture, "picture")
        target = None if output is None else self.allowed.path(output, "output")
        saying = Saying(
            instruction,
            tuple(self.allowed.path(one, "attachment") for one in attachments),
            UserPlace(
                None if mask is None else self.allowed.path(mask, "mask"),
                None if box is None else _joined(box, "box"),
                tuple(_joined(point, "points") for point in points),
            ),
            system=self.system_name,
            seed=seed,
            controls=controls,
        )
        with self._busy:
            session, at = self._at(source, version)
            if target is not None:
                check_target(target, inputs=() if source is None else (source,))
            answer = say(self.store, session.id, replace(saying, version=at.id), self.system)
            now = answer.session.now
            if not answer.made:
                return self._moved(answer.session, target, list(answer.told))
            done = answer.made[-1].done
            written = None
            if answer.made[-1].version is not None:
                written = self._written(answer.session, now, target, source)
            return _edited(
                answer.session, done.result.plan, done.result.report, list(answer.told), written, done.notes
            ), self._pixels(written)

    def undo(self, version: str, output: str | None, steps: int) -> tuple[EditReport, Array | None]:
        """Back from a version: the one that it was made from. Raises NothingToUndo, UnknownSession."""
        target = None if output is None else self.allowed.path(output, "output")
        with self._busy:
            session = self.store.holder(version)
            to, undone = back(session, session.version(version), steps)
            return self._moved(
                self.store.go(session.id, to.id, undone), target, [f"back at version {to.number}: {to.title}"]
            )

    def redo(self, version: str, output: str | None, steps: int) -> tuple[EditReport, Array | None]:
        """Forward from a version. Raises NothingToUndo, UnknownSession."""
        target = None if output is None else self.allowed.path(output, "output")
        with self._busy:
            session = self.store.holder(version)
            to, undone = forward(session, session.version(version), steps)
            return self._moved(
                self.store.go(session.id, to.id, undone), target, [f"at version {to.number}: {to.title}"]
            )

    def find_region(self, picture: str, phrase: str, mask_output: str | None) -> tuple[RegionReport, Array]:
        """Where a phrase is, and the picture with all else dimmed (HxWx3)."""
        source = self.allowed.path(picture, "picture")
        target = None if mask_output is None else self.allowed.path(mask_output, "mask_output")
        with self._busy:
            pixels = np.ascontiguousarray(load_picture(source).pixels[..., :3])
            region = self.system.eyes().find(pixels, phrase)
            if target is not None and region.found:
                check_target(target, inputs=(source,))
                save_plain(region.mask, target, replace=False)
        height, width = pixels.shape[:2]
        shown = pixels // 3 + (pixels.astype(np.uint16) * region.mask[..., None] * 2 // (3 * 255)).astype(np.uint8)
        report = RegionReport(
            found=region.found, boxes=[list(one) for one in region.boxes], score=round(region.score, 3), guess=region.guess,
            note=without_options(region.note), mask=str(target) if target is not None and region.found else None, width=width, height=height,
        )  # fmt: skip
        return report, shown

    def plan_edit(
        self, instruction: str, picture: str | None, version: str | None, attachments: list[str], pointed: bool = False
    ) -> PlanReport:
        """What an instruction means. Raises UnclearInstruction."""
        from pixwright.parse.rules import unclear

        pixels, past = None, Past()
        with self._busy:
            if version is not None:
                session = self.store.holder(version)
                at = session.version(version)
                past = Past(tuple(one.record.plan.steps for one in chain_of(session, at) if one.record is not None))
                pixels = self._pixels(self.store.picture(session, at))
            elif picture is not None:
                pixels = self._pixels(self.allowed.path(picture, "picture"))
            attached = tuple(load_attachment(self.allowed.path(one, "attachment")) for one in attachments)
            words = Instruction(instruction, attached, past.steps, pointed)
            plan = self.system.parse(words, None if pixels is None else np.ascontiguousarray(pixels[..., :3]))
        if not plan.steps:
            raise unclear([instruction])
        lines = [
            f"{step.type}: {told}" + (f" (because {step.why})" if step.why else "")
            for step, told in zip(plan.steps, plan.told, strict=True)
        ]
        whole = plan.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return PlanReport(lines=lines, plan=whole, not_understood=list(plan.unread))

    def describe(self, picture: str) -> tuple[PictureReport, Array]:
        """What a file is and what is seen in it, surest first, and the picture."""
        from pixwright.ground import everything, see

        source = self.allowed.path(picture, "picture")
        with self._busy:
            loaded = load_picture(source)
            things = everything(see(np.ascontiguousarray(loaded.pixels[..., :3]), self.system.encoders))
        height, width = loaded.size
        report = PictureReport(
            width=width, height=height, format=loaded.source.format, warnings=list(loaded.warnings),
            transparent=loaded.pixels.shape[2] == 4 and bool((loaded.pixels[..., 3] < 255).any()),
            things=[SeenThing(name=one.name, score=round(one.score, 3), box=list(one.box)) for one in things],
        )  # fmt: skip
        return report, loaded.pixels

    def _at(self, picture: Path | None, version: str | None) -> tuple[Session, Version]:
        """The session and version that is edited: the one of the handle, or the one whose picture the file is; else a new session of the file."""
        if (picture is None) == (version is None):
            raise InvalidOption("give one of picture (a path) and version (the handle that an earlier call gave)")
        if version is not None:
            session = self.store.holder(version)
            return session, session.version(version)
        assert picture is not None, "one of the two is given"
        if not picture.is_file():
            raise InvalidOption(f"'{picture}' is not a file; give the path of a picture")
        sha = digest(picture)
        for session in self.store.all():
            for one in reversed(session.versions):
                if one.picture.sha256 == sha:
                    return session, one
        session = self.store.create(picture)
        return session, session.now

    def _written(self, session: Session, version: Version, target: Path | None, source: Path | None) -> Path:
        """A copy of the version's picture where the client wants it: beside the input, unless it named a place; without an input it stays in the session."""
        kept = self.store.picture(session, version)
        if target is None and source is None:
            return kept
        if target is None:
            assert source is not None, "one of the two is given"
            stem = source.stem.removesuffix("-edited")
            target = free_path(source.with_name(f"{stem}-edited{kept.suffix}"))
        elif target.suffix.lower() not in (kept.suffix, kept.suffix.replace(".jpg", ".jpeg")):
            raise InvalidOption(f"output '{target.name}' must end in {kept.suffix}: the picture stays what it is")
        write_atomically(target, kept.read_bytes(), replace=False)
        return target

    def _moved(self, session: Session, target: Path | None, told: list[str]) -> tuple[EditReport, Array | None]:
        written = self._written(session, session.now, target, None)
        report = EditReport(
            verdict="moved", reasons=[], told=told, output=str(written), session=session.id, version=session.current, steps=[],
            changed_fraction=0, outside_max_difference=0, seed=0, notes=[],
        )  # fmt: skip
        return report, self._pixels(written)

    def _pixels(self, path: Path | None) -> Array | None:
        return None if path is None else load_picture(path).pixels


def _edited(
    session: Session, plan: Plan, report: Report, told: list[str], written: Path | None, notes: tuple[str, ...]
) -> EditReport:
    return EditReport(
        verdict=str(report.verdict),
        reasons=[without_options(one) for one in report.reasons],
        told=told,
        output=None if written is None else str(written),
        session=session.id,
        version=session.current,
        steps=[
            StepOutcome(
                type=str(one.type), instruction=step.instruction, verdict=str(one.verdict), reasons=[without_options(why) for why in one.reasons],
                controls={control.name: control.value for control in one.controls},
            )
            for step, one in zip(plan.steps, report.steps)
        ],
        changed_fraction=round(report.changed_fraction, 4),
        outside_max_difference=report.outside_max_difference,
        seed=report.seed,
        notes=[without_options(one) for one in notes],
    )  # fmt: skip


def _joined(numbers: list[int], what: str) -> str:
    if not numbers or not all(isinstance(one, int) for one in numbers):
        raise InvalidOption(f"{what} {numbers!r} must be whole numbers of pixels")
    return ",".join(map(str, numbers))
