"""From files to files: what the command line and the batch runner do with pictures on disk.

Nothing is overwritten unless asked, and nothing is written when nothing was changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from pixwright import __version__, safety
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidAttachment, InvalidOption, InvalidRecord, OutputExists
from pixwright.flow import Request, best_of
from pixwright.ground import from_box, from_mask, from_points, from_scribble, see
from pixwright.media import (
    Picture,
    check_target,
    format_for,
    free_path,
    load_attachment,
    load_mask,
    load_picture,
    mask_notice,
    read_record,
    save_picture,
    write_atomically,
)
from pixwright.provenance import carried
from pixwright.provenance.marking import Marked, beside, signed, with_mark
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan
from pixwright.records.region import Region
from pixwright.records.result import Record, Report, Result, Verdict
from pixwright.systems import System, build
from pixwright.weights.registry import registry
from pixwright.weights.store import digest

TRANSPARENT = (".png", ".webp", ".tif", ".tiff")
"""Endings of files that hold an alpha channel."""
SET = "set."
"""What a record puts before the name of a system's option."""


@dataclass(frozen=True)
class UserPlace:
    """Where the user pointed: a mask, a box, points, or strokes; at most one of the four. `not_points` go with points."""

    mask: Path | None = None
    box: str | None = None
    points: tuple[str, ...] = ()
    not_points: tuple[str, ...] = ()
    scribble: Path | None = None
    found: Path | None = None
    """The thing exactly as this mask shows it. Unlike `mask` it sets no limit: what belongs to the thing, such as its shadow, may change too."""

    def __post_init__(self) -> None:
        ways = {"--mask": self.mask, "--box": self.box, "--point": self.points or None, "--scribble": self.scribble}
        given = [name for name, value in ways.items() if value is not None]
        if len(given) > 1:
            raise InvalidOption(f"{given[0]} and {given[1]} were both given; give one of {', '.join(ways)}")
        if self.not_points and not self.points:
            raise InvalidOption("--not-point was given without --point; give the thing's own point too")

    def region(self, pixels: Array, encoders: Encoders) -> Region | None:
        """The region on this picture, or None if the user did not point. Raises InvalidMask or InvalidOption."""
        if self.mask is not None:
            return from_mask(load_mask(self.mask, *pixels.shape[:2]))
        if self.found is not None:
            return from_mask(load_mask(self.found, *pixels.shape[:2]))
        if self.box is None and not self.points and self.scribble is None:
            return None
        scene = see(pixels, encoders)
        if self.scribble is not None:
            return from_scribble(scene, load_mask(self.scribble, *pixels.shape[:2]))
        if self.box is not None:
            x0, y0, x1, y1 = _numbers(self.box, 4, "--box X0,Y0,X1,Y1")
            return from_box(scene, (x0, y0, x1, y1))
        at = [_point(text, "--point X,Y") for text in self.points]
        return from_points(scene, at, [_point(text, "--not-point X,Y") for text in self.not_points])

    def limit(self, pixels: Array, region: Region | None) -> Array | None:
        """What no edit may go beyond: the mask, or the whole box; points, strokes and what was found set no limit. HxW uint8."""
        if region is None or self.points or self.scribble is not None or self.found is not None:
            return None
        if self.box is None:
            return region.mask
        x0, y0, x1, y1 = _numbers(self.box, 4, "--box X0,Y0,X1,Y1")
        inside = np.zeros(pixels.shape[:2], np.uint8)
        inside[y0:y1, x0:x1] = 255
        return inside

    def record(self) -> str | None:
        """How a record names it."""
        for kind, file in (("mask", self.mask), ("scribble", self.scribble), ("found", self.found)):
            if file is not None:
                return f"{kind}:{file.name}:{_sha256(file)}"
        if self.box is not None:
            return f"box:{self.box}"
        signed = [*self.points, *(f"!{point}" for point in self.not_points)]
        return f"point:{';'.join(signed)}" if signed else None


@dataclass(frozen=True)
class Job:
    """One edit of one file."""

    picture: Path
    instruction: str
    output: Path | None = None
    attachments: tuple[Path, ...] = ()
    place: UserPlace = UserPlace()
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
        pointed = tuple(file for file in (place.mask, place.scribble, place.found) if file is not None)
        return (self.picture, *self.attachments, *pointed)


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


def edit_file(job: Job, system: System | None = None, plan: Plan | None = None, recorded: Record | None = None) -> Done:
    """Run one job. `recorded`: it is done again, and what files were called then is kept. Raises a PixwrightError for anything that the user can mend; then nothing was written."""
    original = load_picture(job.picture)
    output = _output_path(job)
    attachments = tuple(load_attachment(path) for path in job.attachments)
    system = system or build(job.system, None, job.options)
    region = job.place.region(original.pixels, system.encoders)
    limit = job.place.limit(original.pixels, region)
    if job.policy:
        safety.check_words(job.instruction, lambda: safety.person_in(original.pixels, system.encoders))
    words = Instruction(job.instruction, attachments)
    request = Request(words, job.seed, region, limit, job.library, plan, job.controls)
    result = best_of(original.pixels, request, system, job.n)
    if job.policy:
        safety.check_picture(original.pixels, result.picture, system.encoders)
    result = with_mark(result) if job.mark else result
    notice = mask_notice(limit) if job.place.mask is not None and limit is not None else None
    notes = (*original.warnings, *((notice,) if notice else ()), *result.notes)
    if _cleared(result, original):
        output = _with_alpha(job, output)
    if result.report.verdict is Verdict.NOT_DONE:
        return Done(result, original, None, notes)
    replaced = (f"{output} was replaced",) if output.exists() else ()
    record = _record(job, result, original, recorded)
    output, told = _save(job, result, original, output, record)
    return Done(_measured(result, original, output), original, output, (*notes, *replaced, *told), record)


def redo(
    result: Path,
    output: Path | None = None,
    source: Path | None = None,
    options: Mapping[str, str] | None = None,
    controls: Mapping[str, float] | None = None,
    given: tuple[Path, ...] = (),
) -> tuple[Path, bool, tuple[str, ...]]:
    """Make a result again from its record: (the new file, whether it equals the old one byte for byte, what to know where it does not).

    The source, attachments and mask are looked for by the recorded hashes: among `given`, then beside `result` (or `source`'s folder), whatever their names are now.
    The system's options are the recorded ones; `options` takes the place of some, since a record names folders of weights without saying where they lie.
    `controls` are other values for the controls that its report lists; what was set the first time stays set.
    Raises InvalidRecord when there is no record, or a file is missing or another one.
    """
    record = _read(result)
    folders = [p.parent for p in (source, result) if p is not None]
    picture = source or _recorded_file(given, folders, record.source_name, record.source_sha256)
    if _sha256(picture) != record.source_sha256:
        raise InvalidRecord(f"{picture} is not the picture that {result.name} was made from (other sha256)")
    target = output or free_path(result.with_name(f"{result.stem}-redo{result.suffix}"))
    job = recorded_job(record, picture, folders, given)
    job = replace(
        job, output=target, options={**job.options, **(options or {})}, controls={**job.controls, **(controls or {})}
    )
    done = edit_file(job, plan=record.plan, recorded=record)
    if done.output is None:
        raise InvalidRecord(f"{result.name} could not be made again: {'; '.join(done.result.report.reasons)}")
    old, new = result.read_bytes(), done.output.read_bytes()
    if carried.carries(old) and old != new:
        # A signature is another one each time: of a signed result the samples are compared.
        same = np.array_equal(load_picture(result).source.native, load_picture(done.output).source.native)
        told = ("it was signed and the new file is not: the samples were compared",)
        return done.output, same, told if same else differences(record, done)
    return done.output, old == new, () if old == new else differences(record, done)


def recorded_job(record: Record, picture: Path, folders: list[Path], given: tuple[Path, ...] = ()) -> Job:
    """The job that a record tells of, on `picture`. Its other files are looked for by their hashes among `given`, then in `folders`.

    Raises InvalidRecord when one is missing.
    """
    return Job(
        picture=picture,
        instruction=record.plan.instruction,
        attachments=tuple(_recorded_file(given, folders, name, sha) for name, sha in record.attachments),
        place=_recorded_place(given, folders, record.override),
        system=record.system,
        seed=record.seed,
        library=_recorded_folder(folders, record.options.get("library")),
        keep_gps=record.options.get("keep_gps") == "yes",
        options=_recorded_options(record),
        controls=record.controls,
        sign=False,
        mark=record.options.get("mark") != "no",
    )


def _read(result: Path) -> Record:
    text = read_record(result)
    if text is None:
        raise InvalidRecord(
            f"{result} carries no pixwright record; only files that `pixwright edit` wrote can be redone"
        )
    try:
        return Record.model_validate_json(text)
    except ValueError as error:
        raise InvalidRecord(
            f"{result} carries a record that cannot be read: it was changed or is of another version"
        ) from error


def differences(record: Record, done: Done) -> tuple[str, ...]:
    """Why a result may differ from the recorded one."""
    notes = []
    if record.version != __version__:
        notes.append(f"it was made by version {record.version}; this is {__version__}")
    now = done.record.weights if done.record is not None else {}
    other = sorted(name for name, sha in record.weights.items() if now.get(name) != sha)
    if other:
        notes.append(f"other weights are used now: {', '.join(other)}")
    return tuple(notes)


def _record(job: Job, result: Result, original: Picture, earlier: Record | None) -> Record:
    """`earlier`: of the result that is made again; the same bytes may have other names by now."""
    options = {"library": job.library.resolve().name} if job.library else {}
    if job.keep_gps:
        options["keep_gps"] = "yes"
    if not job.mark:
        options["mark"] = "no"
    # A path says nothing on another machine: its last part names what is meant, and the hashes say whether it is the same.
    options |= {SET + name: Path(value).name if "/" in value else value for name, value in job.options.items()}
    record = Record(
        version=__version__,
        system=job.system,
        plan=result.plan,
        seed=result.report.seed,
        source_name=job.picture.name,
        source_sha256=original.source.sha256,
        attachments=tuple((path.name, _sha256(path)) for path in job.attachments),
        override=job.place.record(),
        options=options,
        controls=dict(job.controls),
        weights=result.report.weights,
    )
    if earlier is None:
        return record
    names = {"source_name": earlier.source_name, "attachments": earlier.attachments, "override": earlier.override}
    return record.model_copy(update={**names, "weights": _weights_now(earlier, record)})


def _weights_now(earlier: Record, now: Record) -> dict[str, str]:
    """The hashes that the weights of an earlier record have here and now. What else was loaded depends on what this process did before, and is left out."""
    here = {name: row.sha256 for name, row in registry().items()} | now.weights
    return {name: here[name] for name in earlier.weights if name in here}


def _measured(result: Result, original: Picture, output: Path) -> Result:
    """Read the written file back and measure the promise on it."""
    if result.effective_mask is None:
        return result
    written = load_picture(output).pixels
    outside = result.effective_mask == 0
    difference = 0
    if written.shape[:2] == outside.shape and outside.any():
        channels = min(written.shape[2], original.pixels.shape[2])
        a, b = written[..., :channels][outside], original.pixels[..., :channels][outside]
        difference = int(np.max(np.maximum(a, b) - np.minimum(a, b)))
    report = Report.model_validate(result.report.model_dump() | {"file_outside_max_difference": difference})
    return Result(result.picture, result.plan, report, result.regions, result.effective_mask, result.notes)


def _output_path(job: Job) -> Path:
    """Where the result goes; what cannot be written is found out before the work."""
    folder = job.folder or job.picture.parent
    output = job.output or free_path(folder / f"{job.picture.stem}-edited{job.picture.suffix}")
    check_target(output, force=job.force, inputs=job.inputs)
    format_for(output, "")
    for other in job.accounts:
        if other.absolute() == output.absolute():
            raise InvalidOption(f"'{other}' is named twice; give each file its own name")
        check_target(other, force=job.force, inputs=job.inputs)
    return output


def _save(job: Job, result: Result, original: Picture, output: Path, record: Record) -> tuple[Path, tuple[str, ...]]:
    """Write the result, and say what is to be known of it; a name that we chose and that another process took meanwhile gives way to the next one."""
    text, marked = record.model_dump_json(exclude_none=True), list[Marked]()

    def finish(data: bytes) -> bytes:
        marked.append(signed(data, output.name, result, job.picture.read_bytes(), job.sign))
        return marked[-1].data

    while True:
        try:
            saved = save_picture(
                result.picture,
                original,
                output,
                record=text,
                keep_gps=job.keep_gps,
                replace_file=job.force,
                finish=finish,
            )
            break
        except OutputExists:
            if job.output is not None:
                raise
            output = free_path(output)
    if marked[-1].beside is not None:
        write_atomically(free_path(beside(output)), marked[-1].beside)
    return output, (*saved.notes, *marked[-1].notes)


def _cleared(result: Result, original: Picture) -> bool:
    """Whether the result has a transparency that the input has not."""
    return result.picture.shape[2] == 4 and original.pixels.shape[2] == 3 and bool((result.picture[..., 3] < 255).any())


def _with_alpha(job: Job, output: Path) -> Path:
    """The output as a file that can hold transparency. A name that the user chose is not changed: one that cannot is refused."""
    if output.suffix.lower() in TRANSPARENT:
        return output
    if job.output is not None:
        raise InvalidOption(
            f"{output} cannot hold a transparent background; choose a name that ends in {', '.join(TRANSPARENT)}"
        )
    return free_path(output.with_suffix(".png"))


def _recorded_file(given: tuple[Path, ...], folders: list[Path], name: str, sha256: str) -> Path:
    """The file with that hash: one that was given, the one of that name, or one that was renamed."""
    if Path(name).name != name:
        raise InvalidRecord(f"the record names {name!r}; a record may only name a file, without a folder")
    named = [folder / name for folder in folders]
    renamed = [path for folder in folders for path in sorted(folder.iterdir()) if path.suffix == Path(name).suffix]
    for path in (*given, *named, *renamed):
        if path.is_file() and _sha256(path) == sha256:
            return path
    raise InvalidRecord(
        f"{name} (sha256 {sha256[:12]}..) is not in {folders[0]}; put it there, or give it with --source or --attach"
    )


def _recorded_options(record: Record) -> dict[str, str]:
    return {name.removeprefix(SET): value for name, value in record.options.items() if name.startswith(SET)}


def _recorded_folder(folders: list[Path], name: str | None) -> Path | None:
    """The library of cut-outs that the record names, beside the result or its source."""
    if name is None:
        return None
    if Path(name).name != name:
        raise InvalidRecord(f"the record names {name!r}; a record may only name a folder's own name")
    for folder in folders:
        if (folder / name).is_dir():
            return folder / name
    raise InvalidRecord(
        f"the folder of cut-outs '{name}' is not in {folders[0]}; put it there, or name the source with --source"
    )


def _recorded_place(given: tuple[Path, ...], folders: list[Path], override: str | None) -> UserPlace:
    kind, _, rest = (override or "").partition(":")
    if kind in ("mask", "scribble", "found"):
        name, _, sha = rest.rpartition(":")
        file = _recorded_file(given, folders, name, sha)
        return {"mask": UserPlace(mask=file), "scribble": UserPlace(scribble=file)}.get(kind, UserPlace(found=file))
    if kind == "point":
        signed = rest.split(";")
        at = tuple(text for text in signed if not text.startswith("!"))
        return UserPlace(points=at, not_points=tuple(text[1:] for text in signed if text.startswith("!")))
    if override is not None and kind != "box":
        raise InvalidRecord(f"the record says that the user pointed with {kind!r}, which this version does not know")
    return UserPlace(box=rest) if kind == "box" else UserPlace()


def _point(text: str, usage: str) -> tuple[int, int]:
    x, y = _numbers(text, 2, usage)
    return x, y


def _numbers(text: str, count: int, usage: str) -> tuple[int, ...]:
    try:
        values = tuple(int(part) for part in text.split(","))
    except ValueError:
        values = ()
    if len(values) != count:
        raise InvalidOption(f"{text!r} does not fit {usage}: {count} whole numbers of pixels, comma-separated")
    return values


def _sha256(path: Path) -> str:
    if not path.is_file():
        raise InvalidAttachment(f"{path} is not a file")
    return digest(path)
