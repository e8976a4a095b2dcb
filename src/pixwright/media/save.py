"""Pixels -> a file like the one that was loaded: same mode, depth, alpha, profile and, for JPEG, the same coefficients where nothing changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np

from pixwright.errors import InvalidImage, InvalidOption
from pixwright.media.formats import encode, exif, heif, sniff
from pixwright.media.formats.encode import FileDraft
from pixwright.media.formats.texts import packet_of, with_source_type
from pixwright.media.formats.xmp import source_type_of
from pixwright.media.picture import Kind, Native, Picture, Saved
from pixwright.media.pixels import on_white
from pixwright.media.placed import placed
from pixwright.media.samples import colour, native, palette
from pixwright.media.save_jpeg import encode_jpeg
from pixwright.media.target import write_atomically
from pixwright.records.instruction import Array
from pixwright.records.placement import UNMOVED, CanvasPlacement

_SUPPORTED: dict[str, tuple[Kind, ...]] = {
    "PNG": tuple(kind for kind in Kind if kind is not Kind.CMYK),
    "JPEG": (Kind.GREY, Kind.RGB, Kind.CMYK),
    "WEBP": (Kind.RGB, Kind.RGBA),
    "AVIF": (Kind.GREY, Kind.RGB, Kind.RGBA),
    "HEIF": (Kind.GREY, Kind.RGB, Kind.RGBA),
    "TIFF": tuple(kind for kind in Kind if kind is not Kind.GREY_ALPHA_16),
    "BMP": (Kind.BILEVEL, Kind.GREY, Kind.PALETTE, Kind.RGB, Kind.RGBA),
    "GIF": (Kind.PALETTE,),
}
_COLOURED = 3
"""A pixel whose channels differ by more than this cannot be stored in grey."""
_OPAQUE = 255
_POOR = 3.0
"""Mean absolute error, 0 to 255, from which a palette's approximation is reported."""


def save_picture(
    pixels: Array,
    like: Picture,
    target: Path,
    *,
    record: str | None = None,
    keep_gps: bool = False,
    replace_file: bool = True,
    finish: Callable[[bytes], bytes] | None = None,
    placement: CanvasPlacement | None = None,
    source_type: str | None = None,
) -> Saved:
    """Write `pixels` (HxWx3 or HxWx4 uint8 sRGB, upright) as `like` was stored; the format is by `target`'s ending, else the input's.

    Where a pixel equals the loaded one, the file holds the loaded sample itself; `placement` says where those lie in `pixels`; without it,
    where they lay, and nowhere in a picture of another size. `record` is embedded, and `source_type` as IPTC's digital source type in XMP; `finish` has the last word on the bytes (a signature). The file appears whole or not at
    all. HxWx3 for a picture with alpha keeps its alpha. Raises InvalidOption for an unknown ending or a place that cannot be written, and
    OutputExists where a file is there and `replace_file` is false.
    """
    found = format_for(target, like.source.format)
    draft, laid, pixels = _laid_draft(pixels, like, found, placement, keep_gps)
    texts = draft.texts if source_type is None else with_source_type(draft.texts, found, source_type)
    draft = replace(draft, record=record, texts=texts)
    kept = None
    if found == "JPEG":
        whole = UNMOVED if placement is None and laid is like and laid.size == draft.size else placement
        data, kept = encode_jpeg(draft, native.changed(laid.pixels, pixels), like, whole)
    else:
        data = _encoded(draft, like, found)
    data = data if finish is None else finish(data)
    write_atomically(target, data, replace=replace_file)
    digest = hashlib.sha256(data).hexdigest()
    return Saved(target, found, draft.kind.value, draft.size, digest, tuple(draft.notes), kept)


def draft_of(
    pixels: Array, like: Picture, found: str, *, placement: CanvasPlacement | None = None, keep_gps: bool = False
) -> FileDraft:
    """What `save_picture` would write in a format, without a record and not yet coded."""
    return _laid_draft(pixels, like, found, placement, keep_gps)[0]


def _laid_draft(
    pixels: Array, like: Picture, found: str, placement: CanvasPlacement | None, keep_gps: bool
) -> tuple[FileDraft, Picture, Array]:
    """The draft, the input as it lies on the canvas, and the pixels with the alpha that they shall have."""
    assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] in (3, 4) and pixels.size
    _check_sides(pixels, found)
    pixels = _with_alpha(pixels, like)
    laid = placed(like, placement, pixels)
    draft = _draft(pixels, laid, found)
    about = exif.cleaned(like.source.exif, draft.size, keep_gps=keep_gps)
    texts = like.source.texts if found == like.source.format else ()
    if like.source.texts and not texts:
        draft.notes.append(
            f"the texts in the {like.source.format} file (XMP, IPTC, comments) are not carried into {found}"
        )
    return replace(draft, exif=about if found not in ("BMP", "GIF") else None, texts=texts), laid, pixels


def format_for(target: Path, own: str) -> str:
    """The format that a file of this name is written in; `own` is the input's, for a name without an ending. Raises InvalidOption, and MissingExtra for HEIC."""
    found = sniff.format_of_suffix(target) or (own if not target.suffix else None)
    if found is None:
        raise InvalidOption(f"'{target.name}': unknown ending; use .png, .jpg, .webp, .avif, .heic, .tif, .bmp or .gif")
    if found == "HEIF":
        heif.check_writable()
    return found


def _check_sides(pixels: Array, found: str) -> None:
    limit = {"JPEG": 65_500, "WEBP": 16_383, "GIF": 65_535, "HEIF": 16_384}.get(found)
    if limit is not None and max(pixels.shape[:2]) > limit:
        raise InvalidOption(f"{found} holds at most {limit} pixels a side, not {max(pixels.shape[:2])}; save as .png")


def _with_alpha(pixels: Array, like: Picture) -> Array:
    """The pixels with the alpha that the file shall have: the loaded one where none was given, none where it says nothing."""
    had = like.pixels.shape[2] == 4
    if pixels.shape[2] == 4:
        return pixels if had or (pixels[..., 3] < 255).any() else np.ascontiguousarray(pixels[..., :3])
    if not had:
        return pixels
    same = pixels.shape[:2] == like.pixels.shape[:2]
    alpha = like.pixels[..., 3] if same else np.full(pixels.shape[:2], 255, np.uint8)
    return cast(Array, np.dstack([pixels, alpha]))


def _draft(pixels: Array, like: Picture, found: str) -> FileDraft:
    """Samples of the best kind that the format has."""
    source, notes = like.source, list[str]()
    kind = _kind(pixels, like, found, notes)
    if pixels.shape[2] == 4 and not kind.alpha and kind is not Kind.PALETTE:
        notes.append(f"{found} has no alpha: the picture is laid on white")
        pixels = on_white(pixels)
    if kind is Kind.PALETTE:
        return _palette_draft(pixels, like, found, notes)
    icc = source.icc if native.icc_mode(source.kind) == native.icc_mode(kind) else None
    if source.icc is not None and icc is None:
        notes.append("the colours are converted to sRGB: the colour profile does not fit the new mode")
    if found in ("BMP", "GIF") and source.managed and icc is not None:
        notes.append(f"{found} has no colour profile: the colours are converted to sRGB")
        icc = None
    managed = icc if source.managed else None
    try:
        samples = _samples(pixels, like, kind, managed)
    except colour.BadProfile:
        notes.append("the colour profile cannot be used for writing: the colours are converted to sRGB")
        kind, icc = (Kind.RGB if kind is Kind.CMYK else kind), None
        samples = native.fresh(pixels, kind, None)
    return FileDraft(
        samples,
        kind,
        bits=source.bits,
        icc=icc,
        dpi=source.dpi,
        chunks=source.chunks,
        compression=source.compression,
        notes=notes,
    )


def _kind(pixels: Array, like: Picture, found: str, notes: list[str]) -> Kind:
    kind = like.source.kind
    if kind.grey and _has_colour(pixels, like):
        notes.append("the picture was grey and the edit is not: it is saved in colour")
        kind = {Kind.GREY_16: Kind.RGB_16, Kind.GREY_ALPHA_16: Kind.RGBA_16, Kind.GREY_ALPHA: Kind.RGBA}.get(
            kind, Kind.RGB
        )
    if kind is Kind.BILEVEL and _has_greys(pixels, like):
        notes.append("the picture was black and white and the edit has greys: it is saved in grey")
        kind = Kind.GREY
    if pixels.shape[2] == 4 and not kind.alpha and kind is not Kind.PALETTE:
        kind = Kind(("LA" if kind.grey else "RGBA") + (",16" if kind.deep else ""))
    if kind is Kind.GREY_ALPHA_16 and found == "TIFF":
        kind = Kind.RGBA_16
    supported = _SUPPORTED[found]
    if kind is Kind.PALETTE and pixels.shape[2] == 4 and found in ("TIFF", "BMP"):
        kind = Kind.RGBA
    if kind not in supported:
        body = "L" if kind.grey and Kind.GREY in supported else "RGB"
        alpha = pixels.shape[2] == 4 and Kind.RGBA in supported
        kind = Kind.PALETTE if found == "GIF" else Kind("RGBA" if alpha else body)
    if like.source.kind.deep and not kind.deep:
        notes.append(f"{found} is written with 8 bits a channel: the input had 16")
    return kind


def _changed(pixels: Array, like: Picture) -> Array | None:
    """Nx3: the colours that differ from the loaded ones; all of them where the size does."""
    if pixels.shape[:2] != like.pixels.shape[:2]:
        return pixels[..., :3].reshape(-1, 3)
    where = native.changed_colour(like.pixels, pixels)
    return pixels[..., :3][where] if where.any() else None


def _has_colour(pixels: Array, like: Picture) -> bool:
    colours = _changed(pixels, like)
    return colours is not None and bool((colours.max(1) - colours.min(1)).max() > _COLOURED)


def _has_greys(pixels: Array, like: Picture) -> bool:
    colours = _changed(pixels, like)
    return colours is not None and bool(((colours > 8) & (colours < 247)).any())


def _samples(pixels: Array, like: Picture, kind: Kind, managed: bytes | None) -> Native:
    """The loaded samples, recast to `kind` where that loses nothing, with the changed pixels put in."""
    source = like.source
    base = _recast(like, kind) if pixels.shape[:2] == like.pixels.shape[:2] else None
    if base is None or (source.managed and managed is None):
        return native.fresh(pixels, kind, managed)
    before = like.pixels
    if kind.alpha and before.shape[2] == 3:
        before = palette.as_rgba(before)
    return native.merge(base, kind, managed, before, pixels)


def _recast(like: Picture, kind: Kind) -> Native | None:
    """The loaded samples in another kind, with the same colours; None where colours must be converted."""
    old, samples = like.source.kind, like.source.native
    if old is kind:
        return samples
    if Kind.PALETTE in (old, kind) or Kind.CMYK in (old, kind) or kind is Kind.BILEVEL:
        return None
    planes = samples[..., None] if samples.ndim == 2 else samples
    body = planes[..., : planes.shape[2] - old.alpha]
    if kind.grey != old.grey:
        if kind.grey:
            return None
        body = np.repeat(body, 3, 2)
    if kind.deep != old.deep:
        body = body.astype(np.uint16) * np.uint16(257) if kind.deep else native.to_eight(body)
    if kind.alpha:
        full = 65_535 if kind.deep else 255
        alpha = planes[..., -1:] if old.alpha else np.full_like(body[..., :1], full)
        if old.alpha and kind.deep != old.deep:
            alpha = native.to_eight(alpha)
        body = np.concatenate([body, alpha], 2)
    return np.ascontiguousarray(body[..., 0] if body.shape[2] == 1 else body)


def _palette_draft(pixels: Array, like: Picture, found: str, notes: list[str]) -> FileDraft:
    source, after = like.source, palette.as_rgba(pixels)
    bits = source.bits
    if source.palette is None or pixels.shape[:2] != like.pixels.shape[:2]:
        indices, table, error = palette.quantised(after)
        bits = 8
    else:
        held = cast(Array, source.native)
        changed = native.changed_colour(like.pixels, pixels)
        if pixels.shape[2] == 4 or like.pixels.shape[2] == 4:
            changed |= after[..., 3] != palette.as_rgba(like.pixels)[..., 3]
        if not changed.any():
            return FileDraft(held, Kind.PALETTE, source.palette, bits, source.icc, dpi=source.dpi, chunks=source.chunks)
        indices, table, error = palette.assign(held, source.palette, changed, after, max(2**bits, len(source.palette)))
        if error > _POOR and bits < 8:
            indices, table, error = palette.assign(held, source.palette, changed, after, 256)
            notes.append(f"the palette grew beyond {bits} bits to hold the edit's colours")
            bits = 8
    if error > _POOR and found in ("PNG", "TIFF", "BMP"):
        notes.append("the palette has too few free entries for the edit's colours: it is saved without a palette")
        kind = Kind.RGBA if after[..., 3].min() < _OPAQUE else Kind.RGB
        plain = after if kind is Kind.RGBA else np.ascontiguousarray(after[..., :3])
        return FileDraft(plain, kind, icc=source.icc, dpi=source.dpi, chunks=source.chunks, notes=notes)
    if error > _POOR:
        indices, table, error = palette.quantised(after)
        notes.append("the palette had too few free entries for the edit's colours: all of its colours are chosen anew")
    if error > _POOR:
        notes.append(f"the palette has too few free entries: edited pixels are off by {error:.1f} of 255 on average")
    compression = source.compression if found == "TIFF" else None
    return FileDraft(
        indices,
        Kind.PALETTE,
        table,
        bits,
        source.icc,
        dpi=source.dpi,
        chunks=source.chunks,
        compression=compression,
        notes=notes,
    )


def _encoded(draft: FileDraft, like: Picture, found: str) -> bytes:
    if found == like.source.format and not like.source.lossless:
        most = "with samples that differ by 2 of 255 at most" if found == "AVIF" else "without loss"
        draft.notes.append(f"the {found} was lossy: it is saved {most}, so that unedited pixels stay as they were")
    return _WRITERS[found](draft)


_WRITERS = {
    "PNG": encode.png,
    "WEBP": encode.webp,
    "AVIF": encode.avif,
    "HEIF": encode.heic,
    "TIFF": encode.tiff,
    "BMP": encode.bmp,
    "GIF": encode.gif,
}


def said_source_type(picture: Picture) -> str | None:
    """IPTC's digital source type as the file of a picture tells it in XMP, or None."""
    packet = packet_of(picture.source.texts, picture.source.format)
    return None if packet is None else source_type_of(packet)


def read_record(source: Path | bytes) -> str | None:
    """The record that `save_picture` put into a file, or None. Raises as `load_picture` does where it is not a picture."""
    if isinstance(source, Path):
        data, label = sniff.read_file(source, 600_000_000), ascii(source.name)
    else:
        data, label = source, "picture"
    found = sniff.picture_format(data, label)
    try:
        return encode.record_of(data, found)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise InvalidImage(f"{label}: a damaged {found} file; give the file as it was saved") from error
