"""What a video is written as: the encoder, how samples are stored, and what a kind of file can hold. Nothing is converted that need not be, and what must is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidOption, UnsupportedVideo
from pixwright.video.footage import VideoFacts, pyav

_QUIET = {"x265-params": "log-level=none"}
_FAMILIES = {
    "h264": ("libx264", {"preset": "fast", "crf": "18", "mbtree": "0"}, {"preset": "fast", "qp": "0"}),
    "hevc": ("libx265", {"preset": "fast", "crf": "20"} | _QUIET, {"preset": "fast", "x265-params": "log-level=none:lossless=1"}),
    "vp9": ("libvpx-vp9", {"crf": "24", "b": "0", "row-mt": "1", "cpu-used": "4"}, {"lossless": "1", "row-mt": "1", "cpu-used": "4"}),
    "av1": ("libsvtav1", {"crf": "28", "preset": "8"}, None),
    "ffv1": ("ffv1", {"level": "3", "slicecrc": "1"}, {"level": "3", "slicecrc": "1"}),
}  # fmt: skip
"""Codec -> its encoder, and its options, with loss (to the eye none) and without any.

x264's macroblock tree (mbtree) is off: at uneven times it reads memory that nobody wrote, so that one encode in twenty gave other bytes.
"""
_THREADS = 4
"""Of an encoder: a fixed number, so that a file does not depend on the cores of the machine that made it."""
_FILES = {
    ".mp4": ("mp4", ("h264", "hevc", "vp9", "av1"), "h264"),
    ".m4v": ("mp4", ("h264", "hevc", "av1"), "h264"),
    ".mov": ("mov", ("h264", "hevc"), "h264"),
    ".mkv": ("matroska", ("h264", "hevc", "vp9", "av1", "ffv1"), "h264"),
    ".webm": ("webm", ("vp9", "av1"), "vp9"),
}
"""Ending -> FFmpeg's name of the container, the codecs that players expect in it, and the usual one."""
_WITHOUT_LOSS = {".mkv": "ffv1"}
"""Where another codec is usual without loss."""
_RGB = ("yuv444p", "yuv444p10le")
_PLAIN, _PLAIN_DEEP = ("yuv420p", "yuv422p", "yuv444p"), ("yuv420p10le", "yuv422p10le", "yuv444p10le")
"""What other formats become, of 8 bits and of more: the first one that the encoder has and that is not coarser than the input's."""
_GROUP = "250"
"""Most frames from one key frame to the next."""


@dataclass(frozen=True)
class Writing:
    """Everything about how a video is written."""

    codec: str
    encoder: str
    options: Mapping[str, str]
    pixels: str
    """FFmpeg's name of the pixel format."""
    container: str
    lossless: bool
    notes: tuple[str, ...] = ()

    def key(self) -> str:
        """What decides the bytes."""
        return f"{self.encoder} {sorted(self.options.items())} {self.pixels} {self.container}"


def endings() -> str:
    """The endings that a video may have, for a message."""
    return ", ".join(_FILES)


def writing_for(
    facts: VideoFacts, target: Path, codec: str | None, lossless: bool, *, size: tuple[int, int]
) -> Writing:
    """How a video with these facts goes to `target`. `size`: coded height and width of the result.

    Raises InvalidOption for an ending, a codec or their combination that there is not, UnsupportedVideo where the codec cannot hold the frames.
    """
    ending = target.suffix.lower()
    if ending not in _FILES:
        raise InvalidOption(f"'{target.name}' has no ending of a video that is written; there are {endings()}")
    container, held, usual = _FILES[ending]
    if codec is None:
        codec = _WITHOUT_LOSS.get(ending, usual) if lossless else usual
    if codec not in _FAMILIES:
        raise InvalidOption(f"'{codec}' is no codec that is written; there are {', '.join(_FAMILIES)}")
    if codec not in held:
        raise InvalidOption(
            f"{ending} files hold {', '.join(held)}; for {codec} choose another ending for -o, such as .mkv"
        )
    encoder, lossy, exact = _FAMILIES[codec]
    options = exact if lossless else lossy
    if options is None:
        raise InvalidOption(f"{codec} is not written without loss; choose --codec ffv1 with a name that ends in .mkv")
    pixels, notes = _pixels(facts.pixels, encoder, size)
    return Writing(codec, encoder, {**options, "g": _GROUP}, pixels, container, lossless, notes)


def _pixels(given: str, encoder: str, size: tuple[int, int]) -> tuple[str, tuple[str, ...]]:
    """The pixel format that is written, and what to know of it."""
    av = pyav()
    can = [one.name for one in av.codec.Codec(encoder, "w").video_formats or ()]
    own = av.VideoFormat(given, *reversed(size))
    parts = own.components
    if any(part.is_alpha for part in parts) and given not in can:
        raise UnsupportedVideo(
            "the video has transparency, which this codec does not hold; choose --codec ffv1 with a name that ends in .mkv"
        )
    notes: tuple[str, ...] = ()
    deep = parts[0].bits > 8 and not own.has_palette
    if given in can:
        chosen = given
    else:
        wanted: tuple[str, ...] = _PLAIN_DEEP if deep else _PLAIN
        if own.is_rgb or own.has_palette:
            wanted = _RGB[deep:]
        finer = [one for one in wanted if one in can and _chroma(one) >= _chroma(given)] or [
            one for one in (*wanted, *_PLAIN) if one in can
        ]
        chosen = finer[0]
        notes = (f"its samples ({given}) are written as {chosen}, which the codec has",)
    new = av.VideoFormat(chosen, *reversed(size))
    for side, name in ((size[1], "width"), (size[0], "height")):
        step = (
            round(side / getattr(new.components[-1 if len(new.components) < 4 else 1], name))
            if len(new.components) > 1
            else 1
        )
        if side % max(step, 1) and encoder not in ("ffv1", "libvpx-vp9"):
            raise UnsupportedVideo(
                f"a {name} of {side} pixels is odd, and this codec stores colour for {step} at a time; choose --codec vp9, or --codec ffv1 with a name that ends in .mkv"
            )
    if deep:
        notes += ("samples have more than 8 bits: what is not edited keeps them all, what is edited has 8",)
    return chosen, notes


def _chroma(name: str) -> int:
    """How finely colour is stored: the more, the finer."""
    small = pyav().VideoFormat(name, 16, 16)
    parts = small.components
    return int(parts[1].width * parts[1].height) if len(parts) > 1 and not small.is_rgb else 16 * 16


def encoder_for(writing: Writing, facts: VideoFacts, size: tuple[int, int]) -> Any:
    """An encoder of that kind, not yet open, for frames of that coded height and width."""
    made = pyav().CodecContext.create(writing.encoder, "w")
    set_up(made, writing, facts, size)
    made.flags |= GLOBAL_HEADER
    return made


GLOBAL_HEADER = 1 << 22
"""FFmpeg's flag for a stream whose header stands once, before its frames."""


def set_up(context: Any, writing: Writing, facts: VideoFacts, size: tuple[int, int]) -> None:
    """Give a codec context the video's shape, colours and times."""
    context.thread_count = _THREADS
    context.height, context.width = size
    context.pix_fmt = writing.pixels
    context.time_base = facts.time_base
    context.framerate = facts.rate
    context.sample_aspect_ratio = facts.aspect
    context.color_primaries, context.color_trc = facts.primaries, facts.transfer
    context.colorspace = facts.matrix
    context.color_range = facts.conversion.range
    context.options = dict(writing.options)
