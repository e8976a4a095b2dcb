"""What a loaded picture is: upright sRGB pixels, and everything that saving in the same shape needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array

Native: TypeAlias = NDArray[Any]
"""Samples as the file holds them, upright: HxW or HxWxC, uint8 or uint16."""

COLOUR, ALPHA, RGBA = np.s_[..., :3], np.s_[..., 3], 4
"""Of pixels: their colours, their alpha, and the number of channels of those that have one."""
ACCEPTED = "accepted: PNG, JPEG, WebP, AVIF, HEIC, TIFF, BMP, GIF"


@dataclass(frozen=True)
class Limits:
    """Bounds that are checked on the header, before anything is decoded. Pixels; bytes for `max_bytes`."""

    max_pixels: int = 64_000_000
    min_side: int = 1
    max_side: int = 32_000
    """OpenCV's geometric functions stop at 32,767."""
    max_bytes: int = 600_000_000
    max_frames: int = 1_000


class Kind(StrEnum):
    """How the file stores a pixel; the part after the comma is the number of bits where it is not 8."""

    BILEVEL = "1"
    GREY = "L"
    GREY_ALPHA = "LA"
    PALETTE = "P"
    RGB = "RGB"
    RGBA = "RGBA"
    CMYK = "CMYK"
    GREY_16 = "L,16"
    GREY_ALPHA_16 = "LA,16"
    RGB_16 = "RGB,16"
    RGBA_16 = "RGBA,16"

    @property
    def deep(self) -> bool:
        """Whether a sample has 16 bits."""
        return self.value.endswith(",16")

    @property
    def alpha(self) -> bool:
        """Whether the last channel is alpha. A palette keeps its alpha in its entries."""
        return self in (Kind.GREY_ALPHA, Kind.RGBA, Kind.GREY_ALPHA_16, Kind.RGBA_16)

    @property
    def grey(self) -> bool:
        """Whether colour cannot be stored."""
        return self.value[0] in "1L"

    @property
    def channels(self) -> int:
        """Samples per pixel."""
        return {"1": 1, "P": 1}.get(self.value) or len(self.value.split(",")[0])


@dataclass(frozen=True, eq=False)
class Source:
    """The file behind a picture. Arrays are upright and read-only."""

    name: str
    """The file's name without its folder; empty for bytes."""
    format: str
    kind: Kind
    native: Native
    sha256: str
    palette: Array | None = None
    """Nx4 uint8 RGBA entries of a palette."""
    bits: int = 8
    """Bits of a sample, or of a palette index, in the file."""
    icc: bytes | None = None
    """The colour profile to be embedded again; None where there was none or it was corrupt."""
    managed: bool = False
    """Whether `icc` differs visibly from sRGB, so that samples are converted both ways."""
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    orientation: int = 1
    chunks: tuple[tuple[bytes, bytes], ...] = ()
    """PNG colour chunks (cHRM, gAMA, sRGB, cICP), copied as they are."""
    texts: tuple[tuple[bytes, bytes], ...] = ()
    """What the file says in words, as it stands in it, apart from EXIF: a PNG's text chunks (name, content); a JPEG's XMP, IPTC and comments (marker, content); the XMP of others."""
    compression: str | None = None
    """TIFF compression, in Pillow's words."""
    lossless: bool = True
    """False for a lossy WebP."""
    jpeg: bytes | None = None
    """The whole JPEG file, whose coefficients saving copies."""
    frames: int = 1
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Picture:
    """`pixels` is HxWx3 or, where the file has alpha, HxWx4: uint8, sRGB, upright, read-only."""

    pixels: Array
    source: Source

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should know about the input: an animation, an ignored profile, a naive conversion."""
        return self.source.warnings

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.pixels.shape[0], self.pixels.shape[1]


@dataclass(frozen=True, eq=False)
class PictureFrame:
    """One frame of an animation as it is seen, all of it, or one page of a TIFF."""

    picture: Picture
    milliseconds: float
    """How long it is shown; 0 for a page."""
    disposal: int = 0
    """Of a GIF: what becomes of it before the next one (GIF89a, 23)."""


@dataclass(frozen=True, eq=False)
class Frames:
    """The frames of a picture in their order: iterating decodes one after the other, and again for every `iter`. A video is the same with another decoder."""

    count: int
    format: str
    plays: int | None
    """How often an animation is played, 0 for ever; None where the file does not say."""
    decode: Callable[[], Iterator[PictureFrame]]

    def __iter__(self) -> Iterator[PictureFrame]:
        """Every frame, decoded when it is reached. Raises what `load_picture` raises."""
        return self.decode()


@dataclass(frozen=True)
class Saved:
    """What was written. `notes` says, one line each, where the file differs from what was hoped for."""

    path: Path
    format: str
    mode: str
    size: tuple[int, int]
    """Height and width."""
    sha256: str
    notes: tuple[str, ...] = ()
    blocks_kept: float | None = None
    """Of a JPEG: the share of its blocks, 0 to 1, that are the input's own, bit for bit, as read back from what was written. None for other formats and inputs."""
