"""Encoded parts of the result, each whole in a file of its own: what is there after a kill need not be made again, and the same parts give the same file.

A part begins with a key frame and depends on nothing before it. Its file is a line of JSON (the packets' times) and then the packets.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidVideo
from pixwright.media import write_atomically
from pixwright.video.codecs import Writing, encoder_for
from pixwright.video.footage import ShownFrame, VideoFacts, pyav
from pixwright.video.samples import in_format, laid, upright

FRAMES = 64
"""Of a part: what a kill costs at most."""


@dataclass(frozen=True)
class CodedFrame:
    """One coded frame, in the order of decoding."""

    data: bytes
    pts: int
    duration: int
    key: bool


def path_of(folder: Path, first: int) -> Path:
    """The file of the part that begins with that frame."""
    return folder / f"{first:07d}.part"


def encode(
    path: Path, frames: Iterable[tuple[ShownFrame, Any]], writing: Writing, facts: VideoFacts, size: tuple[int, int]
) -> None:
    """Encode (frame, its new pixels HxWx3 upright, or None where nothing changed) into a part's file."""
    encoder = encoder_for(writing, facts, size)
    packets, durations = list[Any](), dict[int, int]()
    for shown, after in frames:
        durations[shown.pts] = shown.duration
        packets += encoder.encode(_for_encoder(shown, after, writing, size))
    packets += encoder.encode(None)
    rows = [
        (packet.size, packet.pts, durations.get(packet.pts, packet.duration or 0), packet.is_keyframe)
        for packet in packets
    ]
    head = {"rows": rows, "extradata": (encoder.extradata or b"").hex()}
    line = json.dumps(head).encode() + b"\n"
    write_atomically(path, line + b"".join(bytes(packet) for packet in packets))


def _for_encoder(shown: ShownFrame, after: Any, writing: Writing, size: tuple[int, int]) -> Any:
    conversion = shown.conversion
    base = in_format(shown.raw, writing.pixels, conversion)
    if after is not None and after.shape[:2] != shown.pixels.shape[:2]:
        # Another canvas: nothing of the old samples can stay.
        made = pyav().VideoFrame.from_ndarray(upright(after, -shown.turns), format="rgb24")
        base = in_format(made, writing.pixels, conversion)
    elif after is not None:
        base = laid(base, upright(shown.pixels, -shown.turns), upright(after, -shown.turns), conversion)
    assert (base.height, base.width) == size
    frame = base.reformat(format=writing.pixels) if base is shown.raw else base
    frame.pts, frame.time_base = shown.pts, shown.raw.time_base
    frame.pict_type = pyav().video.frame.PictureType.NONE
    return frame


def read(path: Path) -> Iterator[CodedFrame]:
    """The packets of a part. Raises InvalidVideo for one that is not whole."""
    head, body = _split(path)
    at = 0
    for size, pts, duration, key in head["rows"]:
        yield CodedFrame(body[at : at + size], pts, duration, key)
        at += size


def header(path: Path) -> tuple[bytes, int, int]:
    """The stream's header, how many frames the part has, and how much earlier than it is shown a frame must be decoded at most."""
    head, _ = _split(path)
    times = [row[1] for row in head["rows"]]
    return (
        bytes.fromhex(head["extradata"]),
        len(times),
        max((early - pts for early, pts in zip(sorted(times), times)), default=0),
    )


def _split(path: Path) -> tuple[Any, bytes]:
    line, _, body = path.read_bytes().partition(b"\n")
    try:
        head = json.loads(line)
        whole = sum(row[0] for row in head["rows"]) == len(body)
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise InvalidVideo(f"{path} is not whole: remove its folder, and edit again")
    return head, body
