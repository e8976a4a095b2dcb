"""Many frames -> one file: an animation with its durations and loop, or a TIFF with its pages."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
from PIL import TiffImagePlugin

from pixwright.errors import InvalidOption
from pixwright.media.formats import animation, encode, exif, xmp
from pixwright.media.formats.animation import Still
from pixwright.media.formats.encode import FileDraft
from pixwright.media.formats.texts import packet_of, with_source_type
from pixwright.media.picture import Frames, Kind, Picture, PictureFrame, Saved
from pixwright.media.placed import placed
from pixwright.media.samples import native, palette
from pixwright.media.save import draft_of, format_for
from pixwright.records.instruction import Array
from pixwright.records.placement import UNMOVED, CanvasPlacement

ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")
"""Formats that hold frames with durations."""
_POOR = 3.0
"""Mean absolute error, 0 to 255, from which the colours of a frame are said not to fit."""
_COLOURS, _CLEAR, _HALF = 256, 2, 128
"""Of a GIF: colours of a frame; the disposal that clears a frame before the next; alpha below which a pixel is clear."""


@dataclass(frozen=True, eq=False)
class EditedFrame:
    """A frame as it was, its pixels now (HxWx3 or HxWx4 uint8 sRGB, upright), and where the old ones lie in them."""

    frame: PictureFrame
    pixels: Array
    placement: CanvasPlacement | None = UNMOVED


def check_holds_frames(target: Path, frames: Frames) -> str:
    """The format that a file of this name has. Raises InvalidOption where it cannot hold all frames."""
    found = format_for(target, frames.format)
    kinds = ("TIFF",) if frames.format == "TIFF" else ANIMATED
    if found not in kinds:
        what = "pages" if frames.format == "TIFF" else "frames"
        raise InvalidOption(
            f"{target} would hold one of the {frames.count} {what}: choose a name of {', '.join(kinds)}, or one of them with --frame"
        )
    return found


def save_frames(
    edited: Iterable[EditedFrame],
    like: Frames,
    target: Path,
    *,
    record: Callable[[], str | None],
    write: Callable[[bytes], Path | None],
    source_type: Callable[[], str] | None = None,
    keep_gps: bool = False,
) -> Saved | None:
    """Write frames that come one by one, in their order, as `like` was stored; the format is by `target`'s ending.

    Durations, the loop and, of a GIF, each frame's colours and disposal are the input's; pages keep what `save_picture` keeps. `record` and `source_type` (IPTC's,
    for XMP) are asked after the last frame (of pages after the first). `write` puts the bytes into a file and says where, or None where there is nothing to be written; then None is returned. Raises InvalidOption.
    """
    found = check_holds_frames(target, like)
    notes: list[str] = []

    def about(draft: FileDraft) -> FileDraft:
        texts = draft.texts if source_type is None else with_source_type(draft.texts, found, source_type())
        return replace(draft, texts=texts, record=record())

    if found == "TIFF":
        data, first = _tiff(edited, about, keep_gps, notes)
    else:
        data, first = _animation(edited, like, found, about, keep_gps, notes)
    path = write(data)
    if path is None:
        return None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Saved(path, found, first.kind.value, first.size, digest, tuple(dict.fromkeys(notes)))


def _animation(
    edited: Iterable[EditedFrame],
    like: Frames,
    found: str,
    about: Callable[[FileDraft], FileDraft],
    keep_gps: bool,
    notes: list[str],
) -> tuple[bytes, FileDraft]:
    stills: list[Still] = []
    drafts: list[FileDraft] = []
    first, source, cleared = None, None, False
    for one in edited:
        draft = _gif_frame(one, notes) if found == "GIF" else _colour_frame(one)
        if source is None or first is None:
            source = one.frame.picture.source
            past = exif.cleaned(source.exif, draft.size, keep_gps=keep_gps) if found != "GIF" else None
            texts = source.texts if found == source.format else ()
            first = draft = replace(draft, icc=source.icc, exif=past, texts=texts, chunks=source.chunks)
        if draft.size != first.size:
            raise InvalidOption("the frames came out in different sizes; edit one of them with --frame")
        cleared = cleared or (_has_clear(draft) and not _had_clear(one.frame.picture))
        # An AVIF's frames are coded with each other, so all are held until the last is there.
        drafts += [draft] if found == "AVIF" else []
        coded = b"" if found == "AVIF" else _WRITERS[found](draft)
        stills.append(Still(coded, one.frame.milliseconds, one.frame.disposal))
    assert first is not None and source is not None, "a picture has a frame"
    first = about(first)
    if found == "GIF":
        # What was made clear must not show the frame before.
        again = cleared or like.format != "GIF"
        stills = [replace(one, disposal=_CLEAR) if again else one for one in stills]
        return animation.gif(stills, like.plays, first.record.encode() if first.record is not None else None), first
    plays = 1 if like.plays is None else like.plays
    if found == "PNG":
        stills[0] = replace(stills[0], data=encode.png(first))
        return animation.apng(stills, plays), first
    if not source.lossless:
        most = "with samples that differ by 2 of 255 at most" if found == "AVIF" else "without loss"
        notes.append(f"the {source.format} was lossy: it is saved {most}, so that unedited pixels stay as they were")
    if found == "AVIF":
        if plays:
            notes.append(f"an AVIF is shown over and over: that it plays {plays} times is not kept")
        drafts[0] = first
        return encode.avif_sequence(drafts, [one.milliseconds for one in stills]), first
    packet = xmp.with_record(packet_of(first.texts, found), first.record)
    return animation.webp(stills, plays, icc=first.icc, exif=first.exif, packet=packet), first


_WRITERS = {"GIF": encode.gif, "WEBP": encode.webp, "PNG": encode.png}


def _colour_frame(one: EditedFrame) -> FileDraft:
    """RGBA, whatever the frame was: the frames of a file are of one kind."""
    picture = one.frame.picture
    base = placed(picture, one.placement, one.pixels)
    after = palette.as_rgba(one.pixels)
    source = picture.source
    if source.managed and source.icc is not None and base.size == after.shape[:2] and source.kind in _PLAIN:
        samples = palette.as_rgba(cast(Array, base.source.native))
        return FileDraft(native.merge(samples, Kind.RGBA, source.icc, palette.as_rgba(base.pixels), after), Kind.RGBA)
    return FileDraft(after, Kind.RGBA)


_PLAIN = (Kind.RGB, Kind.RGBA)


def _gif_frame(one: EditedFrame, notes: list[str]) -> FileDraft:
    """Indices into colours of the frame's own: those of pixels that nobody edited stay."""
    picture = one.frame.picture
    after = _cut(palette.as_rgba(one.pixels))
    before = _cut(palette.as_rgba(placed(picture, one.placement, one.pixels).pixels))
    if before.shape != after.shape:
        before = 255 - after
    changed = (before != after).any(2)
    colours, indices = np.unique(before[~changed].view(np.uint32)[:, 0], return_inverse=True)
    if len(colours) > _COLOURS:
        notes.append("a frame shows more than 256 colours: its colours are chosen anew")
        indices_now, table, _ = palette.quantised(after)
        return FileDraft(indices_now, Kind.PALETTE, table)
    held = np.zeros(changed.shape, np.uint8)
    held[~changed] = indices.ravel()
    table = np.zeros((max(1, len(colours)), 4), np.uint8)
    table[: len(colours)] = colours.view(np.uint8).reshape(-1, 4)
    if not changed.any():
        return FileDraft(held, Kind.PALETTE, table)
    now, table, error = palette.assign(held, table, changed, after, _COLOURS)
    if error > _POOR:
        now, table, _ = palette.quantised(after)
        notes.append("a frame has too few free colours for the edit: all of its colours are chosen anew")
    return FileDraft(now, Kind.PALETTE, table)


def _cut(pixels: Array) -> Array:
    """Alpha as a GIF has it: all or nothing; what is clear has one colour."""
    clear = pixels[..., 3] < _HALF
    out = pixels.copy()
    out[..., 3] = 255
    out[clear] = 0
    return out


def _has_clear(draft: FileDraft) -> bool:
    return draft.palette is not None and bool((draft.palette[draft.native][..., 3] < _HALF).any())


def _had_clear(picture: Picture) -> bool:
    return picture.pixels.shape[2] > _PLAIN[0].channels and bool((picture.pixels[..., 3] < _HALF).any())


def _tiff(
    edited: Iterable[EditedFrame], about: Callable[[FileDraft], FileDraft], keep_gps: bool, notes: list[str]
) -> tuple[bytes, FileDraft]:
    """Page after page, each as `save_picture` writes it, its own tags with it."""
    held, first = io.BytesIO(), None
    with TiffImagePlugin.AppendingTiffWriter(held, new=True) as joined:
        for one in edited:
            draft = draft_of(one.pixels, one.frame.picture, "TIFF", placement=one.placement, keep_gps=keep_gps)
            if first is None:
                first = draft = about(draft)
            notes += draft.notes
            joined.write(encode.tiff(draft))
            joined.newFrame()
    assert first is not None, "a file has a page"
    return held.getvalue(), first
