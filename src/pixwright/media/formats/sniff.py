"""What a file is, by its first bytes: nothing is handed to a decoder that is not on the list."""

from __future__ import annotations

import re
from pathlib import Path

from pixwright.errors import ImageTooLarge, InvalidImage, UnsupportedImage
from pixwright.media.picture import ACCEPTED

_PICTURES: tuple[tuple[bytes, str], ...] = (
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"II[\x2a\x2b]\x00|MM\x00[\x2a\x2b]", "TIFF"),
    (rb"BM.{12}[\x0c-\x7c]\x00\x00\x00", "BMP"),
    (rb"GIF8[79]a", "GIF"),
    (rb"....ftyp(avi[fs]|(mif1|msf1).{4}(.{4})*?avi[fs])", "AVIF"),
    (rb"....ftyp(heic|heix|hevc|hevx|heim|heis|mif1|msf1)", "HEIF"),
)
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (rb"\xc5\xd0\xd3\xc6|%!PS", "EPS or PostScript"),
    (rb"%PDF", "PDF"),
    (rb"....ftyp", "a video (MP4 or MOV)"),
    (rb"8BPS", "Photoshop PSD"),
    (rb"\x00\x00\x00\x0cJXL |\xff\x0a", "JPEG XL"),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000"),
    (rb"\x00\x00[\x01\x02]\x00[\x01-\x20]\x00", "an icon (ICO)"),
    (rb"P[1-7][\s#]", "Netpbm"),
    (rb"gimp xcf", "GIMP XCF"),
    (rb"SIMPLE  =", "FITS"),
)
_SOUNDS: tuple[tuple[bytes, str], ...] = (
    (rb"RIFF....WAVE|RF64....WAVE", "WAV"),
    (rb"fLaC", "FLAC"),
    (rb"OggS", "OGG"),
    (rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]", "MP3"),
)
_VIDEOS: tuple[tuple[bytes, str], ...] = (
    (rb"....ftypqt  ", "MOV"),
    (rb"....ftyp", "MP4"),
    (rb"\x1a\x45\xdf\xa3.{0,40}webm", "WEBM"),
    (rb"\x1a\x45\xdf\xa3", "MKV"),
    (rb"RIFF....AVI ", "AVI"),
)
"""Of containers that hold pictures (HEIF, AVIF) the first table speaks first."""
SUFFIXES = {
    ".png": "PNG",
    ".apng": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".dib": "BMP",
    ".gif": "GIF",
    ".avif": "AVIF",
    ".heic": "HEIF",
    ".heif": "HEIF",
    ".hif": "HEIF",
}
"""Endings of file names, and the format that each promises."""


def _first(table: tuple[tuple[bytes, str], ...], head: bytes) -> str | None:
    return next((name for pattern, name in table if re.match(pattern, head, re.DOTALL)), None)


def sound_format(head: bytes) -> str | None:
    """WAV, FLAC, OGG or MP3 by the first bytes, or None."""
    return _first(_SOUNDS, head)


def video_format(head: bytes) -> str | None:
    """MP4, MOV, WEBM, MKV or AVI by the first bytes, or None."""
    return None if _first(_PICTURES, head) else _first(_VIDEOS, head)


def format_of_suffix(path: Path) -> str | None:
    """The picture format that a file name promises, or None."""
    return SUFFIXES.get(path.suffix.lower())


def picture_format(data: bytes, label: str) -> str:
    """PNG, JPEG, WEBP, AVIF, HEIF, TIFF, BMP or GIF by the first bytes.

    Raises UnsupportedImage for a known format that is not accepted, InvalidImage for anything else.
    """
    if not data:
        raise InvalidImage(f"{label}: the file is empty; {ACCEPTED}")
    if found := _first(_PICTURES, data[:64]):
        return found
    if refused := _first(_REFUSED, data[:64]):
        raise UnsupportedImage(f"{label}: {refused} is not read; {ACCEPTED}; convert it first")
    text = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!--")) and b"<svg" in text):
        raise UnsupportedImage(f"{label}: SVG is not read; {ACCEPTED}; render it to PNG first")
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<script")):
        raise InvalidImage(f"{label}: this is a web page, not a picture; {ACCEPTED}")
    if sound := sound_format(data[:64]):
        raise InvalidImage(f"{label}: this is {sound} sound, not a picture; {ACCEPTED}")
    raise InvalidImage(f"{label}: not a picture; {ACCEPTED}")


def check_suffix(path: Path, found: str) -> None:
    """Raises UnsupportedImage where the name promises one format and the content is another."""
    promised = format_of_suffix(path)
    if promised is not None and promised != found:
        ending = found.lower().replace("jpeg", "jpg")
        raise UnsupportedImage(
            f"{path.name!r}: named {promised} but the content is {found}; rename it to '{path.stem}.{ending}'"
        )


def read_file(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file. Raises InvalidImage naming the path, or ImageTooLarge."""
    shown = ascii(str(path)) if len(str(path)) <= 300 else ascii(str(path)[:300]) + "..."
    try:
        if path.is_dir():
            raise InvalidImage(f"{shown} is a folder; give a picture file")
        if not path.exists():
            raise InvalidImage(f"{shown} does not exist; check the path")
        if not path.is_file():
            raise InvalidImage(f"{shown} is not a regular file; give a picture file")
        if (size := path.stat().st_size) > max_bytes:
            raise ImageTooLarge(f"{shown} has {size:,} bytes; at most {max_bytes:,} are read; make it smaller first")
        return path.read_bytes()
    except OSError as error:
        raise InvalidImage(
            f"{shown} cannot be read ({error.strerror or error}); check the path and its rights"
        ) from error
    except ValueError as error:
        if isinstance(error, InvalidImage | ImageTooLarge):
            raise
        raise InvalidImage(f"{shown} is not a path ({error})") from error
