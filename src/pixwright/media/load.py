"""Bytes -> `Picture`. Half a picture, a bomb or an unknown format is a typed error, never a guess."""

from __future__ import annotations

import hashlib
import io
import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
)
from PIL import WebPImagePlugin as _webp
from PIL.ExifTags import Base

from pixwright.errors import ImageTooLarge, InvalidImage, InvalidOption, TruncatedImage, UnsupportedImage
from pixwright.media import trial
from pixwright.media.formats import encode, exif, heif, jpegfile, pngfile, sniff, webpfile, whole, xmp
from pixwright.media.picture import (
    ACCEPTED,
    ALPHA,
    COLOUR,
    RGBA,
    Frames,
    Kind,
    Limits,
    Native,
    Picture,
    PictureFrame,
    Source,
)
from pixwright.media.samples import colour, native
from pixwright.records.instruction import Array
from pixwright.records.placement import turned

# Importing a plug-in registers it; Pillow's own preload would import others too, and takes longer.
_PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    _webp,
)

_BROKEN: tuple[type[Exception], ...] = (
    *(OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, AttributeError),
    *(struct.error, zlib.error, OverflowError, ZeroDivisionError, MemoryError, AssertionError, RuntimeError),
)
_ENDED = ("truncated", "unexpected end", "eof", "premature", "not enough", "buffer is not large enough")

_KINDS = {mode: Kind(mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK")}
_KINDS |= {"I;16": Kind.GREY_16, "I;16L": Kind.GREY_16, "I;16B": Kind.GREY_16}
_PLAIN = {"PA": "RGBA", "RGBX": "RGB", "RGBa": "RGBA", "La": "LA", "YCbCr": "RGB"}
"""Modes without a kind of their own, and the mode that holds the same colours."""
_DEEP = {2: Kind.RGB_16, 3: Kind.RGB_16, 4: Kind.RGBA_16, 6: Kind.RGBA_16}
_REFUSED = {"F": "32-bit floating point", "I": "32-bit integer", "LAB": "CIE Lab", "HSV": "HSV"}

_ENTRIES = 256
"""Of a palette, at most."""
_BYTE_BITS = 8
"""Of a sample as decoders hand it out."""
_DEEP_BITS, _FLOATING, _TIFF_RGB = 16, 3, 2
"""TIFF: bits of a deep sample; the format of samples that are no whole numbers; colours that are red, green and blue."""
_TIFF_START, _TIFF_ENTRY, _TIFF_VALUE = 4, 12, 8
"""TIFF: where the file says where its directory is, bytes of an entry, and where its value is in it."""
_BGRA_OF = {3: [2, 1, 0], 4: [2, 1, 0, 3]}
"""Number of channels -> OpenCV's order of them."""
_LARGEST_DPI = 100_000
_SCAN, _MOST_SCANS = b"\xff\xda", 200
"""A JPEG's marker of a scan, and how many there may be: each costs a pass over the whole picture, and cameras need ten."""
_MOST_WORK = 2_000_000_000
"""Pixels in all scans of a JPEG together: about two seconds, and three times what the largest picture of a camera has."""
_UNKEPT = (b"Container:", b"hdrgm:", b"MotionPhoto", b"GPSL")
"""In an XMP: what would no longer hold, since it describes a second picture, or would tell where the photograph was taken."""
_SHOWN = 100
"""Characters of another library's reason that are shown."""


def load_picture(source: Path | bytes, *, limits: Limits = Limits(), frame: int = 0) -> Picture:
    """Decode a file or its bytes to upright sRGB; of several frames or pages the one with that number, from 0.

    Raises InvalidOption where there is no such frame, InvalidImage (no such file, not a picture, corrupt), TruncatedImage, ImageTooLarge (by the header, before decoding) and
    UnsupportedImage (a format or mode that is refused, or a name that promises another format than the content).
    """
    data, found, name, label = _read(source, limits)
    with _opened(data, found, limits, label) as image:
        _check_size(image, limits, label)
        _check_work(image, data, found, label)
        scans = data.count(_SCAN) if found == "JPEG" else 0
        if isinstance(source, Path) and trial.is_odd(image.size[0] * image.size[1], len(data), scans):
            trial.tried(source, label)
        frames, notice = _frames(image, found)
        if frame >= max(frames, 1):
            raise InvalidOption(f"{label} has {frames} frames; there is no frame {frame + 1}")
        if frame:
            _seek(image, frame, found, label)
            _check_size(image, limits, label)
            notice = []
        return _decoded(image, data, found, name, label, frames, notice, frame)


def load_frames(source: Path | bytes, *, limits: Limits = Limits()) -> Frames:
    """The frames of an animation, or the pages of a TIFF, as values that are decoded one at a time when they are asked for.

    Raises what `load_picture` raises, for the file at once and for each frame when it is reached; ImageTooLarge for more frames than `limits` allow.
    """
    data, found, name, label = _read(source, limits)
    with _opened(data, found, limits, label) as image:
        _check_size(image, limits, label)
        count, _ = _frames(image, found, limits.max_frames + 1)
        if count > limits.max_frames:
            raise ImageTooLarge(
                f"{label}: over {limits.max_frames:,} frames are not edited at once; choose one with --frame"
            )
        loop = image.info.get("loop")
    # Pillow does not say how often an AVIF sequence plays; that is for ever unless its maker wanted it otherwise.
    plays = loop if isinstance(loop, int) else 0 if found == "AVIF" else None
    return Frames(count, found, plays, lambda: _each(data, found, name, label, count, limits))


def _each(data: bytes, found: str, name: str, label: str, count: int, limits: Limits) -> Iterator[PictureFrame]:
    with _opened(data, found, limits, label) as image:
        for index in range(count):
            if index:
                _seek(image, index, found, label)
            _check_size(image, limits, label)
            picture = _decoded(image, data, found, name, label, count, [], index)
            lasts = image.info.get("duration")
            disposal = int(getattr(image, "disposal_method", 0))
            yield PictureFrame(picture, float(lasts) if isinstance(lasts, int | float) else 0.0, disposal)


def _seek(image: Image.Image, index: int, found: str, label: str) -> None:
    try:
        image.seek(index)
    except _BROKEN as error:
        raise TruncatedImage(
            f"{label}: the {found} data ends before frame {index + 1}; get the whole file again, or take --frame 1"
        ) from error


def _read(source: Path | bytes, limits: Limits) -> tuple[bytes, str, str, str]:
    """The file's bytes, its format, its name, and what it is called in a message."""
    if isinstance(source, Path):
        data, name, label = sniff.read_file(source, limits.max_bytes), source.name, ascii(source.name)
    else:
        data, name, label = source, "", "picture"
        if len(data) > limits.max_bytes:
            raise ImageTooLarge(
                f"{label}: {len(data):,} bytes; at most {limits.max_bytes:,} are read; make it smaller first"
            )
    found = sniff.picture_format(data, label)
    if isinstance(source, Path):
        sniff.check_suffix(source, found)
    _check_length(data, found, label)
    return data, found, name, label


def _opened(data: bytes, found: str, limits: Limits, label: str) -> Image.Image:
    if found == "HEIF":
        heif.library()
    try:
        with warnings.catch_warnings():
            # What Pillow warns of is checked here, or does not matter; its warning would be a second line beside our error.
            warnings.simplefilter("ignore")
            return Image.open(io.BytesIO(data), formats=("JPEG", "MPO") if found == "JPEG" else (found,))
    except Image.DecompressionBombError as error:
        found_pixels = re.search(r"\d+", str(error))
        count = f"{int(found_pixels[0]):,}" if found_pixels else "too many"
        raise ImageTooLarge(f"{label}: {count} pixels, at most {limits.max_pixels:,}; make it smaller first") from error
    except UnidentifiedImageError as error:
        if found == "TIFF" and (what := whole.tiff_unread(data)):
            raise UnsupportedImage(
                f"{label}: {what} samples are not read; save it with 8 or 16 bits a channel"
            ) from error
        raise InvalidImage(f"{label}: a damaged {found} file; {ACCEPTED}; save it again") from error
    except _BROKEN as error:
        raise _broken(error, found, label) from error


def _broken(error: BaseException, found: str, label: str) -> InvalidImage | TruncatedImage | ImageTooLarge:
    text = str(error).lower()
    if "too large" in text or isinstance(error, MemoryError):
        limit = PngImagePlugin.MAX_TEXT_CHUNK
        return ImageTooLarge(f"{label}: compressed metadata grows beyond {limit:,} bytes; save the picture without it")
    if isinstance(error, EOFError | struct.error | IndexError) or any(word in text for word in _ENDED):
        return TruncatedImage(f"{label}: the {found} data ends too early; get the whole file again")
    reason = text.splitlines()[0][:_SHOWN] if text else type(error).__name__
    return InvalidImage(f"{label}: damaged {found} data ({reason}); save the picture again")


def _check_length(data: bytes, found: str, label: str) -> None:
    """The containers that say how long they are: Pillow would report a short one as not a picture at all."""
    short = False
    if found == "WEBP":
        short = webpfile.cut_short(data)
    elif found == "PNG":
        short = pngfile.cut_short(data)
    elif found == "JPEG":
        scans = data.count(_SCAN)
        if scans > _MOST_SCANS:
            raise ImageTooLarge(f"{label}: {scans} scans, at most {_MOST_SCANS}; save the picture again")
        short = not scans
    if short:
        raise TruncatedImage(f"{label}: the {found} data ends too early; get the whole file again")


def _check_size(image: Image.Image, limits: Limits, label: str) -> None:
    width, height = image.size
    if min(width, height) < max(1, limits.min_side):
        raise InvalidImage(f"{label}: {width}x{height} pixels; each side must have at least {max(1, limits.min_side)}")
    if max(width, height) > limits.max_side:
        raise ImageTooLarge(
            f"{label}: {width}x{height} pixels; a side has at most {limits.max_side:,}; make it smaller first"
        )
    if width * height > limits.max_pixels:
        raise ImageTooLarge(
            f"{label}: {width}x{height} = {width * height:,} pixels, at most {limits.max_pixels:,}; make it smaller first"
        )


def _check_work(image: Image.Image, data: bytes, found: str, label: str) -> None:
    """Raises ImageTooLarge where the scans of a JPEG, each over all pixels, would take long: a small file can ask for hours."""
    work = data.count(_SCAN) * image.size[0] * image.size[1] if found == "JPEG" else 0
    if work > _MOST_WORK:
        raise ImageTooLarge(
            f"{label}: {data.count(_SCAN)} scans of {image.size[0]}x{image.size[1]} pixels take too long; save the picture again"
        )


def _decoded(
    image: Image.Image, data: bytes, found: str, name: str, label: str, frames: int, warnings: list[str], index: int
) -> Picture:
    """The frame at which `image` stands, its number `index` from 0. `warnings` are added to."""
    info: dict[Any, Any] = dict(image.info)
    try:
        tiff_orientation = _tiff_orientation(image) if found == "TIFF" else None
        samples, kind, palette = _samples(image, data, found, label, index)
        raw_exif = _exif_of(image, info, found)
        orientation = exif.orientation_of(raw_exif) if tiff_orientation is None else tiff_orientation
    except UnsupportedImage:
        raise
    except _BROKEN as error:
        raise _broken(error, found, label) from error
    _check_whole(image, data, found, samples, label, index)
    if tiff_orientation is None or kind in (Kind.RGB_16, Kind.RGBA_16):  # Pillow turns a TIFF by itself
        samples = turned(samples, orientation)
    icc, managed = _profile(info.get("icc_profile"), kind, warnings)
    if kind is Kind.CMYK and icc is None:
        warnings.append("CMYK without a colour profile: its colours are approximate")
    pixels = native.decode(samples, kind, palette, icc if managed else None)
    samples.setflags(write=False)
    pixels.setflags(write=False)
    source = Source(
        name=name,
        format=found,
        kind=kind,
        native=samples,
        sha256=hashlib.sha256(data).hexdigest(),
        palette=palette,
        bits=pngfile.bits_of(data) if found == "PNG" else 8,
        icc=icc,
        managed=managed,
        exif=raw_exif,
        dpi=_dpi(info.get("dpi")),
        orientation=orientation,
        chunks=pngfile.colour_chunks(data) if found == "PNG" else (),
        texts=_texts(data, found, info, getattr(image, "tag_v2", None), warnings),
        compression=str(info["compression"]) if found == "TIFF" and "compression" in info else None,
        lossless=not (found in ("AVIF", "HEIF") or (found == "WEBP" and webpfile.is_lossy(data))),
        jpeg=data if found == "JPEG" else None,
        frames=frames,
        warnings=tuple(warnings),
    )
    return Picture(pixels, source)


def _check_whole(image: Image.Image, data: bytes, found: str, samples: Native, label: str, index: int) -> None:
    """Raises TruncatedImage where the decoder made up what is missing."""
    if found == "JPEG" and (missing := whole.jpeg_lacks(data)):
        raise TruncatedImage(f"{label}: {missing} of the JPEG are missing; get the whole file again")
    if (found == "JPEG" and jpegfile.ends_in_grey(data, samples)) or (
        found == "PNG" and not index and not samples[-1].any() and pngfile.lacks_rows(data)
    ):
        raise TruncatedImage(f"{label}: the {found} data ends too early; get the whole file again")
    if found == "TIFF" and whole.tiff_damaged(data, cast(TiffImagePlugin.TiffImageFile, image).tag_v2):
        raise TruncatedImage(f"{label}: a part of the TIFF does not unpack; get the whole file again")


def _frames(image: Image.Image, found: str, most: int = 2) -> tuple[int, list[str]]:
    """How many frames there are, and the notice. A TIFF's pages are counted up to `most`: a chain of a million would take for ever."""
    if found in ("JPEG", "BMP", "HEIF"):
        return 1, []
    try:
        if found == "TIFF":
            return _pages(image, most)
        count = int(getattr(image, "n_frames", 1))
        image.seek(0)
    except _BROKEN:
        return 1, []
    return count, [f"animated: frame 1 of {count} is used"] if count > 1 else []


def _pages(image: Image.Image, most: int) -> tuple[int, list[str]]:
    count = 1
    with suppress(EOFError):
        while count < most:
            image.seek(count)
            count += 1
    image.seek(0)
    return count, ["several pages: only the first is used"] if count > 1 else []


def _tiff_orientation(image: Image.Image) -> int:
    return exif.as_orientation(cast(TiffImagePlugin.TiffImageFile, image).tag_v2.get(Base.Orientation))


def _exif_of(image: Image.Image, info: dict[Any, Any], found: str) -> bytes | None:
    if found == "TIFF":
        return image.getexif().tobytes() or None
    raw = info.get("exif")
    return raw if isinstance(raw, bytes) and raw else None


def _dpi(value: object) -> tuple[float, float] | None:
    if not isinstance(value, tuple) or len(value) != 2:
        return None
    across, down = float(value[0]), float(value[1])
    return (across, down) if min(across, down) >= 1 and max(across, down) <= _LARGEST_DPI else None


def _texts(
    data: bytes, found: str, info: dict[Any, Any], tags: Any, warnings: list[str]
) -> tuple[tuple[bytes, bytes], ...]:
    """The texts to be kept; what cannot be kept with an edited picture is said. `tags` of a TIFF's page."""
    texts = jpegfile.texts_of(data) if found == "JPEG" else pngfile.text_chunks(data) if found == "PNG" else ()
    if found in ("WEBP", "AVIF", "HEIF"):
        packet = info.get("xmp")
        rest = xmp.without_record(packet) if isinstance(packet, bytes) else b""
        texts = ((xmp.NAME, rest),) if rest else ()
    if found == "TIFF":
        texts = encode.tiff_texts(tags)
    if found == "GIF" and isinstance(said := info.get("comment"), bytes) and not said.startswith(b"{"):
        warnings.append("the GIF's comment is left out")
    second = jpegfile.second_picture(data) if found == "JPEG" else ""
    if found in ("AVIF", "HEIF"):
        second = heif.second_picture(data, found, info)
        if (bits := heif.bits_of(data, found, info)) > _BYTE_BITS:
            warnings.append(f"the file has {bits} bits a channel: it is read and written with 8")
    if second:
        warnings.append(f"{second} in the file is left out: it belongs to the picture as it was")
    kept = tuple(one for one in texts if exif.harmless(one[1]) and not any(word in one[1] for word in _UNKEPT))
    if len(kept) < len(texts):
        warnings.append("a text in the file is left out: it speaks of a second picture or of a place, or holds markup")
    return kept


def _profile(icc: object, kind: Kind, warnings: list[str]) -> tuple[bytes | None, bool]:
    """The profile to be kept, and whether samples must be converted through it."""
    if not isinstance(icc, bytes) or not icc:
        return None, False
    mode = native.icc_mode(kind)
    try:
        return icc, mode is not None and not colour.is_srgb(icc, mode)
    except colour.BadProfile as error:
        warnings.append(f"the colour profile is ignored ({str(error)[:_SHOWN]}); the colours are taken as sRGB")
        return None, False


def _samples(image: Image.Image, data: bytes, found: str, label: str, index: int) -> tuple[Native, Kind, Array | None]:
    """The stored samples, their kind, and the palette (Nx4 RGBA) if there is one."""
    deep = _deep_kind(image, data, found, label)
    image.load()
    if deep is not None and index:
        if found == "TIFF":
            raise UnsupportedImage(
                f"{label}: page {index + 1} has 16-bit colours, which are read on a first page only; take --frame 1"
            )
        deep = None  # of an animated PNG, 8 bits
    if deep is not None:
        return _deep_samples(data, deep, found, label)
    if image.mode in _REFUSED:
        raise UnsupportedImage(
            f"{label}: {_REFUSED[image.mode]} samples (mode {image.mode}) are not read; save it with 8 or 16 bits a channel"
        )
    if image.mode in _PLAIN:
        image = image.convert(_PLAIN[image.mode])
    elif image.mode in ("L", "RGB", "1") and "transparency" in image.info:
        # A colour key: alpha says the same, and survives an edit that happens to paint that colour.
        image = image.convert("RGBA" if image.mode == "RGB" else "LA")
    kind = _KINDS.get(image.mode)
    if kind is None:
        raise UnsupportedImage(f"{label}: mode {image.mode} is not read; save it as RGB with 8 or 16 bits a channel")
    if kind is Kind.PALETTE:
        return np.asarray(image, np.uint8).copy(), kind, _palette(image)
    if kind is Kind.BILEVEL:
        image = image.convert("L")
    raw = np.asarray(image)
    return raw.astype(np.uint16 if kind.deep else np.uint8), kind, None


def _palette(image: Image.Image) -> Array:
    """Nx4 RGBA; as many entries as any index needs."""
    raw = image.getpalette("RGB") or []
    table = np.full((_ENTRIES, RGBA), 255, np.uint8)
    colours = np.array(raw, np.uint8).reshape(-1, RGBA - 1)[:_ENTRIES]
    table[: len(colours)][COLOUR] = colours
    alpha = table[ALPHA]
    clear = image.info.get("transparency")
    if isinstance(clear, int) and 0 <= clear < _ENTRIES:
        alpha[clear] = 0
    elif isinstance(clear, bytes):
        alpha[: len(clear)] = np.frombuffer(clear[:_ENTRIES], np.uint8)
    largest = cast("tuple[int, int]", image.getextrema())[1]
    return table[: max(len(colours), largest + 1)]


def _deep_kind(image: Image.Image, data: bytes, found: str, label: str) -> Kind | None:
    """The kind of a 16-bit file that Pillow would cut to 8 bits, or None."""
    if found == "PNG":
        kind = pngfile.deep_kind(data)
        return None if kind is Kind.GREY_16 else kind
    if found == "TIFF":
        tags = cast(TiffImagePlugin.TiffImageFile, image).tag_v2
        bits, forms = tags.get(Base.BitsPerSample, (1,)), tags.get(Base.SampleFormat, (1,))
        if max(bits) > _DEEP_BITS or max(forms) == _FLOATING:
            what = "floating point" if max(forms) == _FLOATING else f"{max(bits)}-bit"
            raise UnsupportedImage(
                f"{label}: {what} samples (mode {image.mode}) are not read; save it with 8 or 16 bits a channel"
            )
        if max(bits) == _DEEP_BITS and len(bits) > 1:
            kind = (
                _DEEP.get(len(bits))
                if len(bits) > 2 and tags.get(Base.PhotometricInterpretation) == _TIFF_RGB
                else None
            )
            if kind is None or tags.get(Base.PlanarConfiguration, 1) != 1:
                raise UnsupportedImage(
                    f"{label}: this layout of 16-bit samples is not read; save it as RGB with 16 bits"
                )
            return kind
    return None


def _deep_samples(data: bytes, kind: Kind, found: str, label: str) -> tuple[Native, Kind, Array | None]:
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    if found == "TIFF":
        data = _without_orientation(data)
    raw = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if raw is None or raw.dtype != np.uint16 or raw.ndim <= 2 or raw.shape[2] not in _BGRA_OF:
        raise UnsupportedImage(f"{label}: this kind of 16-bit {found} is not read; save it with 8 bits a channel")
    if raw.shape[2] == RGBA and kind is Kind.RGB_16:  # an RGB picture with a colour key
        kind = Kind.RGBA_16
    if kind is Kind.GREY_ALPHA_16:
        return np.ascontiguousarray(raw[..., [0, -1]]), kind, None
    return np.ascontiguousarray(raw[..., _BGRA_OF[raw.shape[2]]]), kind, None


def _without_orientation(data: bytes) -> bytes:
    """A TIFF whose first directory says 1: OpenCV turns a TIFF whatever its flags say."""
    order = "<" if data[:2] == b"II" else ">"
    directory = struct.unpack_from(order + "I", data, _TIFF_START)[0]
    count = struct.unpack_from(order + "H", data, directory)[0]
    out = bytearray(data)
    for number in range(count):
        entry = directory + 2 + _TIFF_ENTRY * number
        if struct.unpack_from(order + "H", data, entry)[0] == Base.Orientation:
            struct.pack_into(order + "H", out, entry + _TIFF_VALUE, 1)
    return bytes(out)
