"""From files to files: what the command line and the batch runner do with pictures on disk.

Nothing is overwritten unless asked, and nothing is written when nothing was changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pixwright import __version__, safety
from pixwright.errors import InvalidOption, OutputExists
from pixwright.flow import Progress, Request, Watch, unwatched
from pixwright.media import (
    Frames,
    Picture,
    Saved,
    check_holds_frames,
    check_target,
    format_for,
    free_path,
    grid_of,
    largest_difference,
    load_attachment,
    load_frames,
    load_picture,
    mask_notice,
    placed,
    said_source_type,
    save_frames,
    save_picture,
    write_atomically,
)
from pixwright.pointing import FILES, NOWHERE, file_digest
from pixwright.pointing import UserPlace as UserPlace
from pixwright.provenance.marking import Marked, beside, signed, with_mark
from pixwright.provenance.terms import stated
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan
from pixwright.records.result import Record, Report, Result, Verdict
from pixwright.sequence import SequenceRun
from pixwright.smaller import edit_within_memory
from pixwright.systems import System, build
from pixwright.weights.registry import registry

T = TypeVar("T")

TRANSPARENT = (".png", ".webp", ".avif", ".heic", ".tif", ".tiff")
"""Endings of files that hold an alpha channel."""
PARTS = "parts"
"""The option of the embedded system that names pulled networks."""
SET = "set."
"""What a record puts before the name of a system's option."""
FRAME = "frame"
"""The record's option that is the number of the frame that alone was edited."""
LIMITS = "mask_limits"
"""The record's option that is "no" where a mask said only where to edit."""


@dataclass(frozen=True)
class Job:
    """One edit of one file."""

    picture: Path
    instruction: str
    output: Path | None = None
    attachments: tuple[Path, ...] = ()
    place: UserPlace = NOWHERE
    system: str = "local"
    seed: int = 0
    n: int = 1
    library: Path | None = None
    force: bool = False
    keep_gps: bool = False
    options: Mapping[str, str] = field(default_factory=dict)
    """Of the system, as given: `pixwright systems` lists them."""
    controls: Mapping[str, float] = field(default_factory=dict)
    """Of the steps, by name: what a report lists under `controls`, with other values."""
    frame: int | None = None
    """Of an animation or of pages the one that is edited, from 1; None: all of them, with one plan."""
    may_rename: bool = False
    """The ending of `output` may become .png where its format cannot hold the result's transparency."""
    accounts: tuple[Path, ...] = ()
    """Further files that the caller will write beside the result: the same rules hold for them."""
    folder: Path | None = None
    """Where a result goes that has no name of its own; beside the picture if None."""
    sign: bool | None = None
    """Whether the result bears signed content credentials; None: where they are due and a certificate is there (`provenance.marking`)."""
    mark: bool = True
    """Whether what a network painted bears the invisible mark."""
    policy: bool = False
    """Whether the gate of `safety` is asked: on in the server, off for the owner of the machine."""

    @property
    def inputs(self) -> tuple[Path, ...]:
        """Every file that is read: none of them is ever written over."""
        place = self.place
        pointed: list[Path | None] = [getattr(place, kind) for kind in FILES]
        return (self.picture, *self.attachments, *(file for file in (*pointed, place.protect) if file is not None))


@dataclass(frozen=True, eq=False)
class Done:
    """The result and where it was written; `output` is None when nothing was changed, and then nothing was written."""

    result: Result
    original: Picture
    output: Path | None
    notes: tuple[str, ...]
    record: Record | None = None
    """What makes the output again."""

    def account(self) -> str:
        """What changed, as JSON."""
        account = {
            "output": None if self.output is None else str(self.output),
            "report": self.result.report.model_dump(mode="json"),
            "plan": self.result.plan.model_dump(mode="json", exclude_none=True),
            "notes": self.notes,
        }
        return json.dumps(account, indent=2, ensure_ascii=False)


def edit_file(
    job: Job,
    system: System | None = None,
    plan: Plan | None = None,
    recorded: Record | None = None,
    watch: Watch = unwatched,
) -> Done:
    """Run one job. `recorded`: it is done again, and what files were called then is kept. `watch` is told how far it is. Raises a PixwrightError for anything that the user can mend; then nothing was written."""
    original = load_picture(job.picture, frame=0 if job.frame is None else job.frame - 1)
    output = check_output(job)
    frames = load_frames(job.picture) if job.frame is None and original.source.frames > 1 else None
    if frames is not None:
        check_holds_frames(output, frames)
        original = next(iter(frames)).picture
    attachments = tuple(load_attachment(path) for path in job.attachments)
    system = system or build(job.system, None, job.options)
    # Which pulled networks `auto` meant is part of what makes the result again.
    job = replace(job, options={**{k: v for k, v in job.options.items() if k != PARTS}, **system.options})
    region = job.place.region(original.pixels, system.encoders)
    limit = job.place.limit(original.pixels, region)
    if job.policy:
        safety.check_words(job.instruction, lambda: safety.person_in(original.pixels, system.encoders))
    words = Instruction(job.instruction, attachments)
    protect = job.place.protected(original.pixels)
    request = Request(
        words, job.seed, region, limit, job.library, plan, job.controls, grid_of(original), protect=protect
    )
    if frames is not None:
        return _edit_frames(job, frames, request, system, original, output, recorded)
    result = edit_within_memory(original.pixels, request, system, job.n, watch)
    if job.policy:
        safety.check_picture(original.pixels, result.picture, system.encoders)
    result = with_mark(result) if job.mark else result
    notice = mask_notice(region.mask) if job.place.mask is not None and region is not None else None
    notes = (*original.warnings, *((notice,) if notice else ()), *result.notes)
    if _cleared(result, original):
        output = _with_alpha(job, output)
    if result.report.verdict is Verdict.NOT_DONE:
        return Done(result, original, None, notes)
    replaced = (f"{output} was replaced",) if output.exists() else ()
    record = _record(job, result, original, recorded)
    watch(Progress("write"))
    output, saved, told = _save(job, result, original, output, record)
    return Done(_measured(result, original, saved), original, output, (*notes, *replaced, *told), record)


def _edit_frames(
    job: Job, frames: Frames, request: Request, system: System, original: Picture, output: Path, recorded: Record | None
) -> Done:
    """Every frame with the plan of the first; nothing is written where nothing was done in any."""
    marked: list[Marked] = []

    def finished(before: Array, result: Result) -> Result:
        if job.policy:
            safety.check_picture(before, result.picture, system.encoders)
        return with_mark(result) if job.mark else result

    def record() -> Record:
        return _record(job, run.whole(), original, recorded)

    def write(data: bytes) -> Path | None:
        if run.whole().report.verdict is Verdict.NOT_DONE:
            return None
        marked.append(signed(data, output.name, run.whole(), job.picture.read_bytes(), job.sign))
        path, _ = _under_free_name(job, output, lambda name: write_atomically(name, marked[-1].data, replace=job.force))
        _keep_beside(path, marked[-1])
        return path

    run = SequenceRun(frames, request, system, job.n, finished)
    replaced = (f"{output} was replaced",) if output.exists() else ()
    saved = save_frames(
        run,
        frames,
        output,
        record=lambda: _as_text(record()),
        write=write,
        source_type=lambda: stated(run.whole().report, said_source_type(original)),
        keep_gps=job.keep_gps,
    )
    notes = (*original.warnings, *run.whole().notes)
    if saved is None:
        return Done(run.whole(), original, None, notes)
    notes += (f"all {frames.count} frames were edited with one plan", *replaced, *saved.notes, *marked[-1].notes)
    return Done(run.measured(load_frames(saved.path)), original, saved.path, notes, record())


def _as_text(record: Record) -> str:
    """A record as files hold it."""
    return record.model_dump_json(exclude_none=True)


def _record(job: Job, result: Result, original: Picture, earlier: Record | None) -> Record:
    """`earlier`: of the result that is made again; the same bytes may have other names by now."""
    options = {"library": job.library.resolve().name} if job.library else {}
    if job.keep_gps:
        options["keep_gps"] = "yes"
    if not job.mark:
        options["mark"] = "no"
    if not job.place.limits:
        options[LIMITS] = "no"
    if job.frame is not None:
        options[FRAME] = str(job.frame)
    # A path says nothing on another machine: its last part names what is meant, and the hashes say whether it is the same.
    options |= {SET + name: Path(value).name if "/" in value else value for name, value in job.options.items()}
    record = Record(
        version=__version__,
        system=job.system,
        plan=result.plan,
        seed=result.report.seed,
        source_name=job.picture.name,
        source_sha256=original.source.sha256,
        attachments=tuple((path.name, file_digest(path)) for path in job.attachments),
        override=job.place.record(),
        protect=None if job.place.protect is None else (job.place.protect.name, file_digest(job.place.protect)),
        options=options,
        controls=dict(job.controls),
        weights=result.report.weights,
    )
    if earlier is None:
        return record
    kept = ("source_name", "attachments", "override", "protect")
    names = {name: getattr(earlier, name) for name in kept}
    return record.model_copy(update={**names, "weights": _weights_now(earlier, record)})


def _weights_now(earlier: Record, now: Record) -> dict[str, str]:
    """The hashes that the weights of an earlier record have here and now. What else was loaded depends on what this process did before, and is left out."""
    here = {name: row.sha256 for name, row in registry().items()} | now.weights
    return {name: here[name] for name in earlier.weights if name in here}


def _measured(result: Result, original: Picture, saved: Saved) -> Result:
    """Read the written file back and measure the promise on it, in its own samples where they are of the input's kind."""
    if result.laid is None:
        return result
    written = load_picture(saved.path)
    outside = result.laid.kept(original.size)
    difference = None
    if written.size == outside.shape:
        difference = largest_difference(placed(original, result.laid.placement, written.pixels), written, outside)
    measured = {"file_outside_max_difference": difference, "file_blocks_kept": saved.blocks_kept}
    return replace(result, report=Report.model_validate(result.report.model_dump() | measured))


def check_output(job: Job) -> Path:
    """Where the result of a job goes; what cannot be written is found out before the work. Raises InvalidOption or OutputExists."""
    output = job.output or _free_name(job)
    check_target(output, force=job.force, inputs=job.inputs)
    format_for(output, "")
    for other in job.accounts:
        if other.absolute() == output.absolute():
            raise InvalidOption(f"'{other}' is named twice; give each file its own name")
        check_target(other, force=job.force, inputs=job.inputs)
    return output


def _save(
    job: Job, result: Result, original: Picture, output: Path, record: Record
) -> tuple[Path, Saved, tuple[str, ...]]:
    """Write the result, and say what is to be known of it."""
    text, marked = _as_text(record), list[Marked]()

    def write(path: Path) -> Saved:
        def finish(data: bytes) -> bytes:
            marked.append(signed(data, path.name, result, job.picture.read_bytes(), job.sign))
            return marked[-1].data

        return save_picture(
            result.picture,
            original,
            path,
            record=text,
            keep_gps=job.keep_gps,
            replace_file=job.force,
            finish=finish,
            placement=result.laid.placement if result.laid else None,
            source_type=stated(result.report, said_source_type(original)),
        )

    output, saved = _under_free_name(job, output, write)
    _keep_beside(output, marked[-1])
    return output, saved, (*saved.notes, *marked[-1].notes)


def _under_free_name(job: Job, output: Path, write: Callable[[Path], T]) -> tuple[Path, T]:
    """Where it was written, and what `write` says; a name that we chose and that another process took meanwhile gives way to the next one."""
    while True:
        try:
            return output, write(output)
        except OutputExists:
            if job.output is not None:
                raise
            output = _free_name(job)


def _free_name(job: Job) -> Path:
    return free_path((job.folder or job.picture.parent) / f"{job.picture.stem}-edited{job.picture.suffix}")


def _keep_beside(output: Path, marked: Marked) -> None:
    """Write the credentials of an unsigned result's source beside it, where it has any."""
    if marked.beside is not None:
        write_atomically(free_path(beside(output)), marked.beside)


def _cleared(result: Result, original: Picture) -> bool:
    """Whether the result has a transparency that the input has not."""
    return result.picture.shape[2] == 4 and original.pixels.shape[2] == 3 and bool((result.picture[..., 3] < 255).any())


def _with_alpha(job: Job, output: Path) -> Path:
    """The output as a file that can hold transparency. A name that the user chose is not changed: one that cannot is refused."""
    if output.suffix.lower() in TRANSPARENT:
        return output
    if job.output is not None and not job.may_rename:
        raise InvalidOption(
            f"{output} cannot hold a transparent background; choose a name that ends in {', '.join(TRANSPARENT)}"
        )
    return free_path(output.with_suffix(".png"))
