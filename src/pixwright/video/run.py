"""From a video file to a video file. What is done is on disc in a folder beside the result, so that the same job goes on after a kill, to the same file."""

from __future__ import annotations

import json
import os
import shutil
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from pixwright import __version__
from pixwright.errors import InvalidOption, UnsupportedVideo
from pixwright.extras import require
from pixwright.flow import Request
from pixwright.media import check_target, load_attachment, runs, write_atomically
from pixwright.pointing import NOWHERE, UserPlace, file_digest
from pixwright.records.instruction import Array, Instruction
from pixwright.records.plan import Plan
from pixwright.records.result import Verdict
from pixwright.systems import System, build
from pixwright.video import joining, segments
from pixwright.video.account import FrameAccount, ShotAccount, VideoReport, reasons_for, together
from pixwright.video.codecs import Writing, writing_for
from pixwright.video.footage import Footage
from pixwright.video.measured import Promise, promise_kept
from pixwright.video.shot import Shot, VideoAsk

JOB, PLAN = "job.json", "plan.json"
"""Files in the folder of a job that is not finished: whose it is, and what the words mean."""
_STEPS = ("open", "follow", "edit", "measure")


@dataclass(frozen=True)
class VideoJob:
    """One edit of one video."""

    video: Path
    instruction: str
    output: Path
    start: float | None = None
    """Seconds from which on is edited; None: from the beginning."""
    end: float | None = None
    """Seconds up to which is edited; None: to the end."""
    only: bool = False
    """Only the part from `start` to `end` is written."""
    key: float | None = None
    """Seconds of the frame that is edited as a picture, in which a place is shown; None: chosen."""
    attachments: tuple[Path, ...] = ()
    place: UserPlace = NOWHERE
    system: str = "local"
    seed: int = 0
    n: int = 1
    library: Path | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, float] = field(default_factory=dict)
    codec: str | None = None
    lossless: bool = False
    force: bool = False
    canonical: str = "flow"
    """Of `CANONICAL`."""
    fresh: bool = False
    """What an earlier run of the same job left is not used."""
    accounts: tuple[Path, ...] = ()
    """Further files that the caller will write beside the result."""

    @property
    def work(self) -> Path:
        """The folder of what is not finished."""
        return self.output.with_name(f".{self.output.name}.unfinished")


CANONICAL = ("flow", "codef", "codef-small", "codef-large")
"""What carries an edit over: the key frame, followed; or a canonical picture that is fitted to each shot (needs torch), of the size that the device can do, or of a named one."""


@dataclass(frozen=True)
class VideoProgress:
    """How far a video is. A frame is done when it was followed, edited and measured."""

    stage: str
    """`open`, `follow`, `edit`, `join` or `measure`."""
    done: int
    total: int
    """Frames."""
    rate: float
    """Frames a second, of those that are wholly done; 0 at first."""
    left: float
    """Seconds that the rest may take; 0 while nothing is known."""


WatchVideo: TypeAlias = Callable[[VideoProgress], None]
"""Is told how far it is; what it raises ends the edit, and the same job goes on from there later."""


def unwatched(progress: VideoProgress) -> None:
    """Nobody looks on."""


@dataclass(frozen=True)
class VideoDone:
    """The report, and where the result was written; `output` is None where nothing was done, and then nothing was written."""

    report: VideoReport
    output: Path | None
    notes: tuple[str, ...]


def edit_video(job: VideoJob, system: System | None = None, watch: WatchVideo = unwatched) -> VideoDone:
    """Run one job. Raises a PixwrightError for what the user can mend, MissingExtra without PyAV; then nothing was written under the result's name."""
    began = time.monotonic()
    footage = Footage(job.video)
    check_target(job.output, force=job.force, inputs=(job.video, *job.attachments))
    for other in job.accounts:
        check_target(other, force=job.force, inputs=(job.video, job.output, *job.attachments))
    facts = footage.facts
    writing = writing_for(facts, job.output, job.codec, job.lossless, size=(facts.height, facts.width))
    run = _Run(job, footage, writing, system or build(job.system, None, job.options), watch)
    with run.held():
        if not run.opened():
            shutil.rmtree(job.work, ignore_errors=True)
            return VideoDone(run.report(None, began), None, writing.notes)
        run.edit()
        done = run.finish(began)
    shutil.rmtree(job.work, ignore_errors=True)
    return done


class _Run:
    """A job on its way."""

    def __init__(self, job: VideoJob, footage: Footage, writing: Writing, system: System, watch: WatchVideo) -> None:
        self._job, self._footage, self._writing, self._system, self._watch = job, footage, writing, system, watch
        self.first, self.last = span_of(footage, job.start, job.end)
        self._size = (footage.facts.height, footage.facts.width)
        self._plan: Plan | None = None
        self._shots = list[tuple[Shot, Path]]()
        self._done: dict[str, int] = dict.fromkeys(_STEPS, 0)
        self._start = time.monotonic()
        self._timings = dict[str, float]()

    def held(self) -> _Held:
        """The folder, ours alone for as long as this lasts."""
        return _Held(self._job, f"{self._writing.key()} {self.first} {self.last}")

    @property
    def _parts(self) -> list[tuple[int, int]]:
        """First frame of each part of the result, and the first of the next."""
        total = len(self._footage.timeline.pts)
        begin, end = (self.first, self.last) if self._job.only else (0, total)
        edges = {begin, end} | {
            cut for cut in (*self._footage.timeline.cuts, self.first, self.last) if begin < cut < end
        }
        found = []
        for a, b in zip(sorted(edges), sorted(edges)[1:], strict=False):
            found += [(at, min(b, at + segments.FRAMES)) for at in range(a, b, segments.FRAMES)]
        return found

    def opened(self) -> bool:
        """Choose and edit the key frames of all shots that are not finished; whether there is anything to do."""
        work = self._job.work
        asked = self._asked()
        if (work / PLAN).is_file():
            self._plan = Plan.model_validate_json((work / PLAN).read_bytes())
        spans = [
            (max(a, self.first), min(b, self.last))
            for a, b in self._footage.timeline.shots()
            if max(a, self.first) < min(b, self.last)
        ]
        # The shot in which a place was shown comes first: the words are read there.
        order = sorted(spans, key=lambda span: asked.key is None or not span[0] <= asked.key < span[1])
        with self._timed("open"):
            for a, b in order:
                folder = work / f"shot-{a:07d}"
                folder.mkdir(exist_ok=True)
                shot = self._shot(a, b, asked, folder)
                self._shots.append((shot, folder))
                if not (folder / "done.json").is_file():
                    self._plan = shot.open(self._plan)
                    write_atomically(work / PLAN, self._plan.model_dump_json().encode())
                self._tell("open", b - a)
        self._shots.sort(key=lambda row: row[0].first)
        self._resized()
        return any(shot.done or (folder / "done.json").is_file() for shot, folder in self._shots)

    def _shot(self, first: int, last: int, asked: VideoAsk, folder: Path) -> Shot:
        """By what the job says carries an edit over."""
        if self._job.canonical == "flow":
            return Shot(self._footage, first, last, asked, folder)
        if self._job.canonical not in CANONICAL:
            raise InvalidOption(f"--canonical {self._job.canonical}: allowed are {', '.join(CANONICAL)}")
        require(("torch",), f"--canonical {self._job.canonical}", "torch")
        from pixwright.video.codef.fit import PRESETS
        from pixwright.video.codef.shot import CanonicalShot

        return CanonicalShot(self._footage, first, last, asked, folder, settings=PRESETS.get(self._job.canonical))

    def _resized(self) -> None:
        """Where the edit changes the size of frames, all of them must be edited."""
        sizes = {_coded_size(size, self._footage.timeline.turns) for shot, _ in self._shots if (size := shot.size)}
        if sizes <= {self._size}:
            return
        total = len(self._footage.timeline.pts)
        if len(sizes) > 1 or (not self._job.only and (self.first, self.last) != (0, total)):
            raise UnsupportedVideo(
                "the edit changes the size of some frames and not of others: frames of one video are of one size; edit the whole video, or write only the part (--only)"
            )
        self._size = sizes.pop()
        facts = self._footage.facts
        self._writing = writing_for(facts, self._job.output, self._job.codec, self._job.lossless, size=self._size)

    def _asked(self) -> VideoAsk:
        job = self._job
        attachments = tuple(load_attachment(path) for path in job.attachments)
        pointed = job.place != NOWHERE
        key = None
        if job.key is not None or pointed:
            key = frame_at(self._footage, job.key) if job.key is not None else self.first
            if not self.first <= key < self.last:
                raise InvalidOption(f"the key frame at {job.key:g} s is not in the part that is edited")
        region = limit = protect = None
        if pointed and key is not None:
            pixels = self._footage.frame(key).pixels
            region = job.place.region(pixels, self._system.encoders)
            limit = job.place.limit(pixels, region)
            protect = job.place.protected(pixels)
        words = Instruction(job.instruction, attachments)
        request = Request(words, job.seed, region, limit, job.library, controls=job.controls, protect=protect)
        return VideoAsk(request, self._system, job.n, key)

    def edit(self) -> None:
        """Follow and edit every shot, part by part; what is there already is not made again."""
        followed = set[int]()
        for a, b in self._parts:
            inside = self.first <= a < self.last
            shot, folder = next(((one, where) for one, where in self._shots if one.first <= a < one.last), (None, None))
            path = segments.path_of(self._job.work, a)
            if path.is_file() and path.with_suffix(".json").is_file():
                self._tell("edit", b - a)
                continue
            if not inside or shot is None or folder is None or not shot.done:
                self._untouched(path, a, b, shot if inside else None)
                continue
            if shot.first not in followed:
                with self._timed("follow"):
                    shutil.rmtree(folder / "where", ignore_errors=True)
                    shot.follow(self._tell)
                followed.add(shot.first)
            self._part(path, a, b, shot)
            if b == shot.last:
                self._close(shot, folder)
        for shot, folder in self._shots:
            if not (folder / "done.json").is_file():
                self._close(shot, folder)

    def _close(self, shot: Shot, folder: Path) -> None:
        write_atomically(folder / "done.json", shot.account().model_dump_json().encode())
        shutil.rmtree(folder / "where", ignore_errors=True)
        for left in folder.glob("step-*"):
            shutil.rmtree(left, ignore_errors=True)

    def _untouched(self, path: Path, a: int, b: int, shot: Shot | None) -> None:
        """A part that stays as it is: outside of what was asked for, or a shot in which nothing could be done."""
        base, accounts = self._footage.facts.time_base, list[FrameAccount]()
        steps = len(self._plan.steps) if self._plan is not None else 0
        verdicts = (Verdict.NOT_DONE,) * steps

        def frames() -> Iterator[tuple[Any, None]]:
            for shown in self._footage.frames(a, b):
                seconds = round(float(shown.pts * base), 6)
                accounts.append(
                    FrameAccount(
                        frame=shown.index, seconds=seconds, verdicts=verdicts, edited=shot is not None, coverage=0.0
                    )
                )
                self._tell("edit", 1)
                yield shown, None

        with self._timed("edit"):
            segments.encode(path, frames(), self._writing, self._footage.facts, self._size)
        _keep(path, accounts, [])

    def _part(self, path: Path, a: int, b: int, shot: Shot) -> None:
        accounts, masks = list[FrameAccount](), list[bytes]()

        def frames() -> Iterator[tuple[Any, Array]]:
            for frame in shot.frames(a, b):
                if (size := _coded_size(frame.after.shape[:2], frame.shown.turns)) != self._size:
                    raise UnsupportedVideo(
                        f"frame {frame.shown.index + 1} would become {size[1]}x{size[0]}, others {self._size[1]}x{self._size[0]}: frames of one video are of one size; give the size in pixels"
                    )
                accounts.append(frame.account)
                masks.append(
                    np.packbits(frame.mask > 0).tobytes() if frame.mask.shape == frame.shown.pixels.shape[:2] else b""
                )
                self._tell("edit", 1)
                yield frame.shown, frame.after

        with self._timed("edit"):
            segments.encode(path, frames(), self._writing, self._footage.facts, self._size)
        _keep(path, accounts, masks)

    def finish(self, began: float) -> VideoDone:
        """Join the parts, measure the promise on the file, and write the account."""
        job = self._job
        paths = [segments.path_of(job.work, a) for a, _ in self._parts]
        times = self._footage.timeline
        span = None
        if job.only:
            end = times.pts[self.last] if self.last < len(times.pts) else times.pts[-1] + times.durations[-1]
            span = times.pts[self.first], end
        replaced = (f"{job.output} was replaced",) if job.output.exists() else ()
        with self._timed("join"):
            self._tell("join", 0)
            unfinished, told = joining.join(self._footage, paths, job.output, self._writing, self._size, span=span)
        with self._timed("measure"):
            offset = self.first if job.only else 0
            tell = partial(self._tell, "measure", 1)
            promise = promise_kept(self._footage, unfinished, self._masks(), offset, span[0] if span else 0, tell)
        joining.take_name(unfinished, job.output, replace=job.force)
        notes = (*self._writing.notes, *told, *replaced)
        return VideoDone(self.report(promise, began, notes), job.output, notes)

    def _masks(self) -> Iterator[bytes | None]:
        """What was touched of each frame, packed; empty where nothing was, None where it is another canvas."""
        for a, b in self._parts:
            data = segments.path_of(self._job.work, a).with_suffix(".masks").read_bytes()
            rows = json.loads(zlib.decompress(data))
            yield from (bytes.fromhex(row) if row is not None else None for row in rows) if rows else (b"",) * (b - a)

    def report(self, promise: Promise | None, began: float, notes: tuple[str, ...] = ()) -> VideoReport:
        """The account of all frames."""
        assert self._plan is not None, "the words were read"
        work = self._job.work
        frames, shots = list[FrameAccount](), list[ShotAccount]()
        for a, _ in self._parts:
            path = segments.path_of(work, a).with_suffix(".json")
            if path.is_file():
                frames += [FrameAccount.model_validate(row) for row in json.loads(path.read_bytes())]
        for shot, folder in self._shots:
            path = folder / "done.json"
            shots.append(ShotAccount.model_validate_json(path.read_bytes()) if path.is_file() else shot.account())
        edited = [one for one in frames if one.edited]
        verdicts = [one.verdict for one in edited] + ([Verdict.NOT_DONE] if self._plan.unread else [])
        errors = [(one.warp_error, one.input_warp_error) for one in edited if one.warp_error is not None]
        mean = [round(float(np.mean(each)), 4) for each in zip(*errors, strict=True)] if errors else [None, None]
        height, width = self._footage.timeline.size
        measured = promise or Promise()
        writing = self._writing
        return VideoReport(
            verdict=together(verdicts) if verdicts else Verdict.NOT_DONE,
            reasons=reasons_for(frames, shots, self._plan),
            plan=self._plan, system=self._job.system, seed=self._job.seed,
            frames=tuple(frames), shots=tuple(shots),
            key_frames=tuple(one.frame for one in frames if one.key),
            grounded_frames=tuple(one.frame for one in frames if one.grounded),
            outside_max_difference=max((one.outside_max_difference for one in frames), default=0),
            samples_kept=measured.kept, outside_psnr=measured.psnr, outside_file_max_difference=measured.largest,
            warp_error=mean[0], input_warp_error=mean[1],
            size=(height, width), seconds=round(time.monotonic() - began, 2),
            written=f"{writing.codec} {writing.pixels} {writing.container}" + (" without loss" if writing.lossless else ""),
            timings={stage: round(seconds, 2) for stage, seconds in self._timings.items()}, notes=notes,
        )  # fmt: skip

    def _timed(self, stage: str) -> _Timed:
        return _Timed(self._timings, stage)

    def _tell(self, stage: str, more: int) -> None:
        if stage in self._done:
            self._done[stage] += more
        total = len(self._footage.timeline.pts)
        spent = time.monotonic() - self._start
        # What all stages did, as frames: reading and measuring cost little, following and editing about as much.
        share = (self._done["follow"] + self._done["edit"]) / (2 * max(total, 1))
        rate = share * total / spent if spent else 0.0
        left = spent / share - spent if share else 0.0
        self._watch(VideoProgress(stage, self._done.get(stage, 0), total, rate, max(left, 0.0)))


def span_of(footage: Footage, start: float | None, end: float | None) -> tuple[int, int]:
    """The frames from `start` seconds up to `end`. Raises InvalidOption where there are none."""
    times = [float((pts - footage.timeline.pts[0]) * footage.facts.time_base) for pts in footage.timeline.pts]
    first = 0 if start is None else int(np.searchsorted(times, start - _TICK))
    last = len(times) if end is None else int(np.searchsorted(times, end - _TICK))
    if first >= last:
        raise InvalidOption(
            f"there is no frame from {start or 0:g} s to {end if end is not None else times[-1]:g} s; the video's are from 0 to {times[-1]:g} s"
        )
    return first, last


_TICK = 1e-4
"""Seconds by which a time may miss a frame's."""


def frame_at(footage: Footage, seconds: float) -> int:
    """The frame that is shown at a time. Raises InvalidOption for one outside of the video."""
    times = [float((pts - footage.timeline.pts[0]) * footage.facts.time_base) for pts in footage.timeline.pts]
    if not 0 <= seconds <= times[-1] + 1:
        raise InvalidOption(f"{seconds:g} s is outside of the video, which goes from 0 to {times[-1]:g} s")
    return int(np.searchsorted(times, seconds + _TICK, side="right")) - 1


def _coded_size(shown: tuple[int, ...], turns: int) -> tuple[int, int]:
    return (shown[1], shown[0]) if turns % 2 else (shown[0], shown[1])


def _keep(path: Path, accounts: Sequence[FrameAccount], masks: Sequence[bytes]) -> None:
    packed = zlib.compress(json.dumps([row.hex() if row else None for row in masks]).encode(), 1)
    write_atomically(path.with_suffix(".masks"), packed)
    rows = [one.model_dump(mode="json") for one in accounts]
    write_atomically(path.with_suffix(".json"), json.dumps(rows).encode())


class _Timed:
    def __init__(self, timings: dict[str, float], stage: str) -> None:
        self._timings, self._stage, self._start = timings, stage, 0.0

    def __enter__(self) -> None:
        self._start = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._timings[self._stage] = self._timings.get(self._stage, 0.0) + time.monotonic() - self._start


class _Held:
    """The folder of a job: made, or found with the same job in it; ours as long as this process lives."""

    def __init__(self, job: VideoJob, writing: str) -> None:
        self._job, self._writing = job, writing

    def __enter__(self) -> None:
        work, job = self._job.work, self._job
        whose = {"pixwright": __version__, "job": self._key()}
        try:
            found = json.loads((work / JOB).read_bytes())
        except (OSError, ValueError):
            found = {}
        if work.exists() and not found and any(work.iterdir()):
            raise InvalidOption(f"{work} is in the way: it is no folder of ours; move it")
        owner = found.pop("process", None)
        if isinstance(owner, int) and owner != os.getpid() and runs(owner):
            raise InvalidOption(
                f"{job.output} is being made by another process ({owner}); wait for it, or choose another -o"
            )
        if work.exists() and (job.fresh or found != whose):
            shutil.rmtree(work)
        work.mkdir(exist_ok=True)
        write_atomically(work / JOB, json.dumps({**whose, "process": os.getpid()}).encode())

    def __exit__(self, *_: object) -> None:
        """What was made stays for the next run."""

    def _key(self) -> list[str]:
        job = self._job
        place = job.place
        pointed = (file for file in (place.mask, place.scribble, place.found, place.protect) if file is not None)
        files = (job.video, *job.attachments, *pointed)
        rest = (job.instruction, job.start, job.end, job.only, job.key, str(job.place), job.system, job.seed, job.n)
        further = (str(job.library), sorted(job.options.items()), sorted(job.controls.items()), self._writing)
        return [*(file_digest(path) for path in files), *map(str, rest), *map(str, further)]
