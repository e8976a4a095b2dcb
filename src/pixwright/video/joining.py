"""Encoded parts -> one file, with sound, subtitles, chapters and metadata copied from the input as they are. The file gets its name when it is whole."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidVideo, OutputExists, UnsupportedVideo
from pixwright.video import segments
from pixwright.video.codecs import Writing, set_up
from pixwright.video.footage import Footage, pyav

_COPIED = ("audio", "subtitle")
_ISO = ("mp4", "mov")
_RESERVED = ("major_brand", "minor_version", "compatible_brands", "encoder")
"""Metadata that says how the input's own file was made."""
Span = tuple[int, int]
"""Time stamps, in the video's time base: from the first up to the second, which is left out."""


def join(
    footage: Footage, parts: Sequence[Path], target: Path, writing: Writing, size: tuple[int, int], *, span: Span | None
) -> tuple[Path, tuple[str, ...]]:
    """Write what `target` will be beside the parts: (the file, what was not copied). `span`: only what is shown then, its times counted from there.

    Raises UnsupportedVideo where the file cannot hold the input's sound or subtitles.
    """
    unfinished = parts[0].parent / f"joined{target.suffix}"
    return unfinished, _write(footage, parts, unfinished, writing, size, span)


def take_name(unfinished: Path, target: Path, *, replace: bool) -> None:
    """Give a finished file its name. Raises OutputExists where that is taken, unless it may be replaced."""
    with unfinished.open("rb") as held:
        os.fsync(held.fileno())
    if replace:
        unfinished.replace(target)
        return
    try:
        os.link(unfinished, target)
        unfinished.unlink()
    except FileExistsError as error:
        raise OutputExists(f"{target} exists and is not overwritten; choose another -o, or add --force") from error
    except OSError:  # a file system without hard links
        if target.exists():
            raise OutputExists(f"{target} exists and is not overwritten; choose another -o, or add --force") from None
        unfinished.replace(target)


def _write(
    footage: Footage, parts: Sequence[Path], path: Path, writing: Writing, size: tuple[int, int], span: Span | None
) -> tuple[str, ...]:
    av = pyav()
    facts = footage.facts
    options = {"movflags": "+faststart"} if writing.container in _ISO else {}
    with (
        av.open(str(footage.path)) as given,
        av.open(str(path), "w", format=writing.container, options=options) as made,
    ):
        stream = made.add_stream(writing.encoder, rate=facts.rate)
        set_up(stream.codec_context, writing, facts, size)
        stream.time_base = facts.time_base
        if footage.timeline.matrix:
            stream.set_display_matrix(footage.timeline.matrix)
        own = _video_of(given)
        stream.metadata.update({k: v for k, v in own.metadata.items() if k != "encoder"})
        pairs, notes = _copied(given, made, own, path.suffix)
        made.metadata.update({k: v for k, v in given.metadata.items() if k not in _RESERVED})
        if chapters := given.chapters():
            made.set_chapters(chapters) if span is None else notes.append("chapters are not copied into a part")
        made.start_encoding()
        _check_headers(parts, bytes(stream.codec_context.extradata or b""))
        offset = 0 if span is None else span[0]
        video = _video_packets(parts, stream, facts.time_base, offset)
        others = _other_packets(given, pairs, span, facts.time_base)
        for _, _, packet in heapq.merge(video, others, key=lambda row: row[:2]):
            made.mux(packet)
    return tuple(notes)


def _video_of(container: Any) -> Any:
    attached = pyav().stream.Disposition.attached_pic
    return next(one for one in container.streams.video if not one.disposition & attached)


def _copied(given: Any, made: Any, own: Any, ending: str) -> tuple[dict[int, Any], list[str]]:
    """Index of a stream of the input -> the stream of the output that takes its packets."""
    pairs, left = dict[int, Any](), list[str]()
    holds = made.supported_codecs
    for one in given.streams:
        if one.index == own.index:
            continue
        if one.type not in _COPIED:
            left.append(one.type)
            continue
        name = one.codec_context.name if one.codec_context is not None else ""
        codec = one.codec_context.codec.canonical_name if one.codec_context is not None else name
        if name not in holds and codec not in holds:
            raise UnsupportedVideo(
                f"its {one.type} is {codec or 'of an unknown kind'}, which {ending} files do not hold; give the result the input's ending, or .mkv"
            )
        pairs[one.index] = copy = made.add_stream_from_template(one)
        copy.metadata.update(one.metadata)
        copy.disposition = one.disposition
    notes = [f"not copied: {', '.join(sorted(set(left)))} (of {len(left)} further streams)"] if left else []
    return pairs, notes


def _check_headers(parts: Sequence[Path], header: bytes) -> None:
    for part in parts:
        if segments.header(part)[0] != header:
            raise InvalidVideo(f"{part.parent} holds parts of another encoder: remove that folder, and edit again")


def _video_packets(parts: Sequence[Path], stream: Any, base: Fraction, offset: int) -> Iterator[tuple[float, int, Any]]:
    """The packets with times of decoding: each as late as the order allows, so many frames ahead as the encoder needs at most."""
    ahead = max(segments.header(part)[2] for part in parts)
    for part in parts:
        coded = list(segments.read(part))
        times = sorted(one.pts for one in coded)
        lasting = [one.duration for one in sorted(coded, key=lambda one: one.pts)]
        for one, early, shown in zip(coded, times, lasting, strict=True):
            packet = pyav().Packet(bytes(one.data))
            packet.pts, packet.dts = one.pts - offset, early - ahead - offset
            packet.duration, packet.time_base = shown, base
            packet.is_keyframe, packet.stream = one.key, stream
            yield float(packet.dts * base), 0, packet


def _other_packets(
    given: Any, pairs: dict[int, Any], span: Span | None, base: Fraction
) -> Iterator[tuple[float, int, Any]]:
    if not pairs:
        return
    begin, end = (None, None) if span is None else (float(span[0] * base), float(span[1] * base))
    latest = 0.0
    for packet in given.demux([given.streams[index] for index in pairs]):
        if packet.dts is None:
            continue
        at = float(packet.dts * packet.time_base)
        if begin is not None and end is not None:
            if not begin <= at < end:
                continue
            shift = round(begin / packet.time_base)
            packet.dts -= shift
            packet.pts = packet.dts if packet.pts is None else packet.pts - shift
            at -= begin
        packet.stream = pairs[packet.stream.index]
        # Streams of a file are not in one order: what comes late is taken as it comes.
        latest = max(latest, at)
        yield latest, 1, packet
