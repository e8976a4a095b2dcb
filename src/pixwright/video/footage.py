"""Reading: a video file as upright RGB frames with their own time stamps. Frames are decoded when they are reached, and let go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.errors import InvalidVideo, UnsupportedVideo
from pixwright.extras import optional
from pixwright.motion import SMALLEST
from pixwright.records.instruction import Array
from pixwright.video import samples

HDR = {16: "PQ (SMPTE ST 2084)", 18: "HLG (ARIB STD-B67)"}
"""Transfer functions, by their number in ITU-T H.273, whose values are not sRGB's by far."""
_HIGH, _DEEP = 720, 8
"""Lines from which a video that names no matrix is taken to be BT.709; bits of a sample that an edit works with."""
_BT709, _BT601, _UNSAID = 1, 5, (0, 2, 3)
"""Numbers of colour matrices in H.273; the last are those that say nothing."""
_THUMB = (48, 27)
"""Width and height at which two frames are compared for a cut."""
_CUT, _ABOVE = 26.0, 3.5
"""Mean difference of 255 that is a cut, and how many times that of the frames about it it must be."""
_QUARTER = 90
MOST_PIXELS = 36_000_000
"""Of a frame: 8K and a little more."""


def pyav() -> Any:
    """PyAV. Raises MissingExtra."""
    return optional("av", "editing videos", "video")


@dataclass(frozen=True)
class VideoFacts:
    """What is known of a video before a frame is decoded."""

    width: int
    height: int
    """Coded, before any rotation."""
    pixels: str
    """FFmpeg's name of the pixel format."""
    aspect: Fraction
    """Of one pixel, width to height."""
    primaries: int
    transfer: int
    matrix: int
    full_range: bool
    time_base: Fraction
    rate: Fraction
    """Frames a second on average: a hint for encoders, never used as a time."""
    counted: int
    """Frames that the file says it has; 0 where it does not say."""
    codec: str

    @property
    def conversion(self) -> samples.Conversion:
        """How its samples become RGB."""
        matrix = self.matrix
        if matrix in _UNSAID:
            matrix = _BT709 if self.height >= _HIGH else _BT601
        return samples.Conversion(matrix, self.full_range)


@dataclass(frozen=True, eq=False)
class ShownFrame:
    """A frame as it is shown."""

    index: int
    pts: int
    """In units of the video's time base."""
    duration: int
    raw: Any
    """PyAV's frame."""
    conversion: samples.Conversion

    @cached_property
    def pixels(self) -> Array:
        """HxWx3 uint8 RGB, upright."""
        return samples.upright(samples.to_rgb(self.raw, self.conversion), self.turns)

    @property
    def turns(self) -> int:
        """Quarter turns, counter-clockwise, that set it upright."""
        return int(self.raw.rotation // _QUARTER) % 4


@dataclass(frozen=True)
class Timeline:
    """When each frame is shown, and where the shots begin."""

    pts: tuple[int, ...]
    durations: tuple[int, ...]
    cuts: tuple[int, ...]
    """Index of the first frame of each shot; the first is 0."""
    size: tuple[int, int]
    """Height and width, upright."""
    turns: int
    matrix: tuple[int, ...]
    """The file's display matrix, nine numbers; empty without one."""

    def shots(self) -> list[tuple[int, int]]:
        """First frame of each shot, and the first of the next."""
        return list(zip(self.cuts, (*self.cuts[1:], len(self.pts)), strict=True))


class Footage:
    """One video file. Every iteration opens it anew."""

    def __init__(self, path: Path) -> None:
        """Raises InvalidVideo for what is no video, UnsupportedVideo for HDR and for frames beyond the bounds, MissingExtra without PyAV."""
        self.path = path
        with self._opened() as (_, stream):
            context = stream.codec_context
            self.facts = VideoFacts(
                context.width,
                context.height,
                context.pix_fmt or "",
                stream.sample_aspect_ratio or context.sample_aspect_ratio or Fraction(1),
                context.color_primaries,
                context.color_trc,
                context.colorspace,
                context.color_range == samples.FULL or (context.pix_fmt or "").startswith("yuvj"),
                stream.time_base,
                stream.average_rate or stream.guessed_rate or Fraction(25),
                stream.frames,
                context.name,
            )
        self._timeline: Timeline | None = None
        self._check()

    def _check(self) -> None:
        facts = self.facts
        if facts.transfer in HDR:
            raise UnsupportedVideo(
                f"{self.path.name} is HDR, {HDR[facts.transfer]}, which is not edited; convert it to SDR (BT.709) first, as with ffmpeg's zscale and tonemap"
            )
        if not facts.pixels:
            raise InvalidVideo(f"{self.path.name} does not say how its frames are coded: it is damaged")
        if facts.width * facts.height > MOST_PIXELS or min(facts.width, facts.height) < SMALLEST:
            raise UnsupportedVideo(
                f"{self.path.name} has frames of {facts.width}x{facts.height}; sides of at least {SMALLEST} and at most {MOST_PIXELS // 1_000_000} megapixels are edited"
            )

    def _opened(self) -> _Opened:
        return _Opened(self.path)

    @property
    def timeline(self) -> Timeline:
        """All time stamps and cuts: the whole file is decoded once, when this is first asked for. Raises InvalidVideo."""
        if self._timeline is None:
            self._timeline = self._scan()
        return self._timeline

    def _scan(self) -> Timeline:
        pts, durations, off = list[int](), list[int](), list[float]()
        before: Array | None = None
        first: ShownFrame | None = None
        for shown in self._decoded(None):
            if first is not None and shown.raw.width != first.raw.width:
                raise UnsupportedVideo(
                    f"{self.path.name} changes its size at frame {shown.index + 1}; cut it there first"
                )
            first = first or shown
            pts.append(shown.pts)
            durations.append(shown.duration)
            small = cv2.resize(samples.luma(shown.raw), _THUMB, interpolation=cv2.INTER_AREA)
            off.append(0.0 if before is None else float(cv2.absdiff(small, before).mean()))
            before = small
        if first is None:
            raise InvalidVideo(f"{self.path.name} has no frame that can be decoded")
        counted = self.facts.counted
        if counted and len(pts) < counted:
            raise InvalidVideo(
                f"{self.path.name} says that it has {counted} frames, and {len(pts)} can be decoded: it is damaged, or cut off; repair it first, as with ffmpeg -i IN -c copy OUT"
            )
        return Timeline(
            tuple(pts),
            tuple(durations),
            cuts(off),
            first.pixels.shape[:2],
            first.turns,
            samples.display_matrix(first.raw),
        )

    def frames(self, first: int = 0, last: int | None = None) -> Iterator[ShownFrame]:
        """Frames `first` up to `last`, which is left out. Raises InvalidVideo."""
        times = self.timeline.pts
        last = len(times) if last is None else last
        if first < last:
            yield from self._between(first, last, times)

    def frame(self, index: int) -> ShownFrame:
        """One frame."""
        return next(self.frames(index, index + 1))

    def at(self, seconds: float) -> ShownFrame:
        """What is shown at a time from the beginning, without reading the whole file; behind the end the last frame. Raises InvalidVideo."""
        wanted = round(seconds / self.facts.time_base)
        found: ShownFrame | None = None
        for shown in self._decoded(wanted or None):
            if found is not None and shown.pts > wanted:
                break
            found = shown
        if found is None:
            raise InvalidVideo(f"{self.path.name} has no frame that can be decoded")
        return found

    def backwards(self, first: int, last: int, chunk: int) -> Iterator[list[ShownFrame]]:
        """The same frames in lists of at most `chunk`, the last list first; inside a list in their order."""
        for end in range(last, first, -chunk):
            yield list(self.frames(max(first, end - chunk), end))

    def _between(self, first: int, last: int, times: tuple[int, ...]) -> Iterator[ShownFrame]:
        number = {pts: index for index, pts in enumerate(times[first:last], first)}
        expected = first
        for shown in self._decoded(times[first] if first else None):
            index = number.get(shown.pts)
            if index is None:
                if shown.pts > times[last - 1]:
                    break
                continue
            if index != expected:
                # A file whose index is wrong cannot be sought in: it is read from its beginning.
                yield from (one for one in self._from_start(expected, last, number))
                return
            yield ShownFrame(index, shown.pts, shown.duration, shown.raw, shown.conversion)
            expected += 1
            if expected == last:
                return
        if expected < last:
            yield from self._from_start(expected, last, number)

    def _from_start(self, first: int, last: int, number: dict[int, int]) -> Iterator[ShownFrame]:
        for shown in self._decoded(None):
            index = number.get(shown.pts, -1)
            if first <= index < last:
                yield ShownFrame(index, shown.pts, shown.duration, shown.raw, shown.conversion)

    def _decoded(self, seek: int | None) -> Iterator[ShownFrame]:
        """Every frame, or those from the key frame at or before a time stamp on; numbered from where it begins."""
        conversion = self.facts.conversion
        with self._opened() as (container, stream):
            stream.thread_type = "AUTO"
            if seek is not None:
                container.seek(seek, stream=stream)
            latest: int | None = None
            usual = max(1, round(1 / (self.facts.rate * self.facts.time_base)))
            for index, raw in enumerate(self._safely(container.decode(stream))):
                pts = raw.pts if raw.pts is not None else (0 if latest is None else latest + usual)
                if latest is not None and pts <= latest:
                    pts = latest + 1
                latest = pts
                yield ShownFrame(index, pts, int(raw.duration or usual), raw, conversion)

    def _safely(self, frames: Iterator[Any]) -> Iterator[Any]:
        index = 0
        while True:
            try:
                raw = next(frames)
            except StopIteration:
                return
            except pyav().FFmpegError as error:
                raise InvalidVideo(
                    f"{self.path.name} cannot be decoded after frame {index}: {error.strerror}"
                ) from error
            index += 1
            yield raw


class _Opened:
    """A container with its first stream of moving pictures."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: Any = None

    def __enter__(self) -> tuple[Any, Any]:
        av = pyav()
        if not self._path.is_file():
            raise InvalidVideo(f"{self._path} is not a file")
        try:
            self._container = container = av.open(str(self._path))
        except av.FFmpegError as error:
            raise InvalidVideo(f"{self._path.name} is no video that can be read: {error.strerror}") from error
        for stream in container.streams.video:
            if not stream.disposition & av.stream.Disposition.attached_pic:
                return container, stream
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        container.close()
        raise InvalidVideo(f"{self._path.name} has no moving pictures, only: {kinds}")

    def __exit__(self, *_: object) -> None:
        if self._container is not None:
            self._container.close()


def cuts(off: list[float]) -> tuple[int, ...]:
    """First frames of shots, from each frame's mean difference to the one before (the first has none)."""
    found = [0]
    for index in range(1, len(off)):
        about = [*off[max(1, index - 2) : index], *off[index + 1 : index + 3]]
        usual = float(np.median(about)) if about else 0.0
        if off[index] >= _CUT and off[index] >= _ABOVE * usual:
            found.append(index)
    return tuple(found)
