"""A draft (samples, profile, metadata) -> the bytes of a PNG, WebP, AVIF, HEIC, TIFF, BMP or GIF, and of a JPEG coded from nothing. No clock in any of them."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from PIL import AvifImagePlugin as _avif  # noqa: F401 - importing it registers it
from PIL import Image, TiffImagePlugin, TiffTags
from PIL.ExifTags import Base

from pixwright.media.formats import heif, jpegfile, pngfile, webpfile, xmp
from pixwright.media.picture import ALPHA, COLOUR, Kind, Native
from pixwright.records.instruction import Array

RECORD_TAG = 65_321
"""TIFF: in the range that the format leaves to private use."""
_TIFF_TEXTS = {700: xmp.NAME, 33_723: b"IPTC", 34_377: b"8BIM"}
"""TIFF: the tags that hold XMP, IPTC and Photoshop's resources, and what these are called among a source's texts."""
_TIFF_COMPRESSIONS = ("raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits")
_FAX = ("group3", "group4", "tiff_ccitt")

QUALITY = 92
"""Of a JPEG that has no original to be like."""
_INDEX_BITS, _PALETTE_LEVEL = (1, 2, 4, 8), 3
"""Bits that a PNG's index may have; zlib's level for indices."""
_WEBP_EFFORT = 30
"""Of 100; more gains little and costs several times as long."""
_AVIF_SPEED = 9
"""Of 10; slower gains some percent of the file's size and costs several times as long."""
_OPAQUE = 255
_HALF = 128
"""Alpha below which a GIF's colour is clear."""
_SCREEN = (96, 96)
"""Dots an inch of a BMP that says nothing."""
_BMP_START, _BMP_HEADER, _BMP_BITS, _BMP_MASKED = 14, 108, 32, 3
_BMP_MASKS = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
"""BMP: bytes before the header and of its fourth version, bits of a pixel, colours by masks, and the masks of red, green, blue and alpha."""
_SAMPLINGS = {(1, 1): 0, (2, 1): 1, (4, 1): 1}
"""Pillow's numbers of a JPEG's sampling (across, down); 2 is 4:2:0."""
_INNER = (Base.ExifOffset, Base.GPSInfo)
"""Directories within the directory."""
_DEEP_BITS, _DEFLATED = 16, 8
"""TIFF: bits of a deep sample, and the compression by zlib."""


@dataclass(frozen=True, eq=False)
class FileDraft:
    """What shall be written. `size` is (height, width)."""

    native: Native
    kind: Kind
    palette: Array | None = None
    bits: int = 8
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    chunks: tuple[tuple[bytes, bytes], ...] = ()
    texts: tuple[tuple[bytes, bytes], ...] = ()
    record: str | None = None
    compression: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.native.shape[0], self.native.shape[1]


def image_of(draft: FileDraft) -> Image.Image:
    """The draft's samples as a Pillow image: 8 bits a channel, or 16-bit grey."""
    if draft.kind is Kind.BILEVEL:
        return Image.fromarray(draft.native, "L").convert("1", dither=Image.Dither.NONE)
    if draft.kind is Kind.GREY_16:
        return Image.fromarray(draft.native)
    image = Image.fromarray(draft.native, draft.kind.value)
    if draft.palette is not None:
        image.putpalette(draft.palette[COLOUR].tobytes(), "RGB")
    return image


def _saved(image: Image.Image, name: str, **options: Any) -> bytes:
    held = io.BytesIO()
    image.save(held, name, **{key: value for key, value in options.items() if value is not None})
    return held.getvalue()


def png(draft: FileDraft) -> bytes:
    """Every kind but CMYK."""
    if draft.kind.deep:
        bare = pngfile.encode_deep(draft.native, draft.kind)
    elif draft.palette is not None:
        clear = draft.palette[ALPHA]
        bits = next(b for b in _INDEX_BITS if b >= draft.bits and 2**b >= len(draft.palette))
        bare = _saved(
            image_of(draft),
            "PNG",
            bits=bits,
            compress_level=_PALETTE_LEVEL,
            transparency=clear.tobytes() if (clear < 255).any() else None,
        )
    else:
        bare = _saved(image_of(draft), "PNG", compress_level=2)
    return pngfile.with_metadata(bare, (*draft.chunks, *draft.texts), draft.icc, draft.exif, draft.dpi, draft.record)


def webp(draft: FileDraft) -> bytes:
    """RGB and RGBA, without loss: the hidden colours under transparent pixels included."""
    options = {"lossless": True, "exact": True, "quality": _WEBP_EFFORT, "method": 0}
    return _saved(image_of(draft), "WEBP", icc_profile=draft.icc, exif=draft.exif, xmp=_packet(draft), **options)


def avif(draft: FileDraft) -> bytes:
    """Grey, RGB and RGBA. AV1 holds colours as YCbCr: a sample is off by up to 2 of 255, never more, since nothing is quantised."""
    return _saved(image_of(draft), "AVIF", **_avif_options(draft))


def avif_sequence(drafts: Sequence[FileDraft], milliseconds: Sequence[float]) -> bytes:
    """Frames of one size in RGBA, each shown so long, over and over; a sample is off as in a still. What is said about the picture is the first one's."""
    opaque = all((draft.native[ALPHA] == _OPAQUE).all() for draft in drafts)
    images = [image_of(draft).convert("RGB" if opaque else "RGBA") for draft in drafts]
    shown = [round(one) for one in milliseconds]
    options = {"save_all": True, "append_images": images[1:], "duration": shown, **_avif_options(drafts[0])}
    return heif.without_times(_saved(images[0], "AVIF", **options))


def _avif_options(draft: FileDraft) -> dict[str, Any]:
    about = {"icc_profile": draft.icc, "exif": draft.exif, "xmp": _packet(draft)}
    subsampling = "4:0:0" if draft.kind is Kind.GREY else "4:4:4"
    return {"quality": 100, "subsampling": subsampling, "speed": _AVIF_SPEED, "max_threads": 1, **about}


def heic(draft: FileDraft) -> bytes:
    """Grey, RGB and RGBA, without loss: HEVC can hold red, green and blue. Raises MissingExtra and InvalidOption."""
    heif.check_writable()
    about = {"icc_profile": draft.icc, "exif": draft.exif, "xmp": _packet(draft)}
    options = {"quality": -1, "chroma": 444, "matrix_coefficients": 0, "enc_params": {"preset": "ultrafast"}}
    if draft.kind is Kind.GREY:
        options = {"quality": -1, "enc_params": {"preset": "ultrafast"}}
    return _saved(image_of(draft), "HEIF", **about, **options)


def _packet(draft: FileDraft) -> bytes | None:
    held = next((content for name, content in draft.texts if name == xmp.NAME), None)
    return xmp.with_record(held, draft.record)


def bmp(draft: FileDraft) -> bytes:
    """Bilevel, grey, palette, RGB, RGBA. The format has no place for metadata."""
    if draft.record is not None:
        draft.notes.append("BMP cannot hold the record: save as PNG to be able to redo the edit from the file")
    if draft.kind is Kind.RGBA:
        return _alpha_bmp(draft)
    return _saved(image_of(draft), "BMP", dpi=draft.dpi)


def _alpha_bmp(draft: FileDraft) -> bytes:
    """32 bits with masks, for which alpha needs the fourth version of the header; Pillow's alpha is not read back."""
    height, width = draft.size
    body = np.dstack([draft.native[COLOUR][..., ::-1], draft.native[ALPHA]])[::-1].tobytes()
    dots = [round(v / pngfile.INCH) for v in draft.dpi or _SCREEN]
    header = struct.pack("<IiiHHIIiiII", _BMP_HEADER, width, height, 1, _BMP_BITS, _BMP_MASKED, len(body), *dots, 0, 0)
    header += struct.pack("<4I", *_BMP_MASKS) + b"BGRs"
    header = header.ljust(_BMP_HEADER, b"\0")
    start = _BMP_START + len(header)
    return struct.pack("<2sIHHI", b"BM", start + len(body), 0, 0, start) + header + body


def gif(draft: FileDraft) -> bytes:
    """A palette, one frame; the record is its comment."""
    assert draft.palette is not None
    hidden = np.flatnonzero(draft.palette[ALPHA] < _HALF)
    comment = draft.record.encode() if draft.record is not None else None
    clear = int(hidden[0]) if len(hidden) else None
    return _saved(image_of(draft), "GIF", transparency=clear, comment=comment, optimize=False, interlace=0)


def jpeg(draft: FileDraft, original: jpegfile.JpegFile | None) -> bytes:
    """Grey, RGB or CMYK coded whole: with the original's tables, sampling and kind of scans where there is one, else at quality 92."""
    options: dict[str, Any] = {"quality": QUALITY, "subsampling": 0, "optimize": True}
    if original is not None:
        options |= {"progressive": original.progressive, "subsampling": _sampling(original)}
        options["qtables"] = [original.tables[n].ravel().tolist() for n in sorted(original.tables)]
        del options["quality"]
    layout = jpegfile.parse(_saved(image_of(draft), "JPEG", **options))
    return jpegfile.assemble(jpegfile.with_density(layout, draft.dpi), draft.icc, draft.exif, draft.record, draft.texts)


def _sampling(original: jpegfile.JpegFile) -> int:
    """Pillow's number of the original's sampling, or of the nearest that keeps at least as much colour: 4:4:4, 4:2:2, 4:2:0."""
    second = original.components[min(1, len(original.components) - 1)]
    across, down = (f // o for f, o in zip(original.factors, (second.across, second.down), strict=True))
    return _SAMPLINGS.get((across, down), 2 if across > 1 else 0)


def tiff(draft: FileDraft) -> bytes:
    """Every kind."""
    tags = _tiff_tags(draft)
    if draft.kind.deep and draft.kind is not Kind.GREY_16:
        return _deep_tiff(draft, tags)
    allowed = _TIFF_COMPRESSIONS + (_FAX if draft.kind is Kind.BILEVEL else ())
    compression = draft.compression or "raw"
    if compression not in allowed:
        draft.notes.append(f"TIFF compression {compression} cannot be written without loss: deflate is used")
        compression = "tiff_adobe_deflate"
    return _saved(image_of(draft), "TIFF", compression=compression, tiffinfo=tags, icc_profile=draft.icc, dpi=draft.dpi)


def _tiff_tags(draft: FileDraft) -> TiffImagePlugin.ImageFileDirectory_v2:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    if draft.exif is not None:
        held = Image.Exif()
        held.load(draft.exif)
        for tag, value in held.items():
            if tag not in (*_INNER, Base.XResolution, Base.YResolution, Base.ResolutionUnit):
                tags[tag] = value
        for tag in _INNER:
            if inner := held.get_ifd(tag):
                tags[tag] = dict(inner)
    for tag, name in _TIFF_TEXTS.items():
        for content in (content for kind, content in draft.texts if kind == name):
            tags.tagtype[tag] = TiffTags.UNDEFINED if name != xmp.NAME else TiffTags.BYTE
            tags[tag] = content
    if draft.record is not None:
        tags.tagtype[RECORD_TAG] = 1
        tags[RECORD_TAG] = draft.record.encode()
    return tags


def tiff_texts(tags: TiffImagePlugin.ImageFileDirectory_v2) -> tuple[tuple[bytes, bytes], ...]:
    """What a page says in words apart from EXIF: XMP and IPTC, (name, content)."""
    held = ((name, tags.get(tag)) for tag, name in _TIFF_TEXTS.items())
    return tuple((name, value) for name, value in held if isinstance(value, bytes) and value)


def _deep_tiff(draft: FileDraft, tags: TiffImagePlugin.ImageFileDirectory_v2) -> bytes:
    """16-bit colour, which Pillow cannot write: one deflated strip (TIFF 6.0, sections 2 to 6)."""
    height, width = draft.size
    count = draft.kind.channels
    raw = draft.native.astype("<u2").tobytes()
    packed = raw if draft.compression in (None, "raw") else zlib.compress(raw, 2)
    tags[Base.ImageWidth], tags[Base.ImageLength] = width, height
    tags[Base.SamplesPerPixel], tags[Base.BitsPerSample] = count, (_DEEP_BITS,) * count
    tags[Base.Compression] = 1 if packed is raw else _DEFLATED
    tags[Base.PhotometricInterpretation] = 1 if draft.kind.grey else 2
    tags[Base.PlanarConfiguration] = 1
    tags[Base.RowsPerStrip], tags[Base.StripByteCounts] = height, len(packed)
    if draft.kind.alpha:
        tags[Base.ExtraSamples] = 2
    if draft.dpi is not None:
        tags[Base.XResolution], tags[Base.YResolution], tags[Base.ResolutionUnit] = *draft.dpi, 2
    if draft.icc is not None:
        tags.tagtype[Base.InterColorProfile] = TiffTags.UNDEFINED
        tags[Base.InterColorProfile] = draft.icc
    # Strip offsets are relative to the directory's end until it is laid out.
    tags[Base.StripOffsets] = 0
    held = io.BytesIO()
    tags.save(held)
    return held.getvalue() + packed


def record_of(data: bytes, found: str) -> str | None:
    """Our record in a file of this format, or None."""
    if found == "PNG":
        return pngfile.record_of(data)
    if found == "JPEG":
        return jpegfile.record_of(data)
    if found == "WEBP":
        return xmp.record_of(next((content for name, content in webpfile.chunks(data) if name == xmp.NAME), b""))
    if found == "HEIF":
        heif.library()
    with Image.open(io.BytesIO(data), formats=(found,)) as image:
        if found in ("AVIF", "HEIF"):
            return xmp.record_of(image.info.get("xmp") or b"")
        if found == "TIFF":
            raw = cast(TiffImagePlugin.TiffImageFile, image).tag_v2.get(RECORD_TAG)
        else:
            raw = image.info.get("comment")
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) and raw.startswith(b"{") else None
