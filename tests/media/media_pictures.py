"""Pictures, profiles and sounds that the tests of this room draw themselves."""

from __future__ import annotations

import io
import struct

import numpy as np
from PIL import Image

from pixwright.media.formats import pngfile
from pixwright.media.picture import Kind

P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    """HxWx3 uint8: smooth shades with an edge and a little noise."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    planes = [120 + 80 * np.sin(x / (17 + 5 * c)) * np.cos(y / (23 - 4 * c)) for c in range(3)]
    picture = np.stack(planes, 2) + rng.normal(0, 4, (height, width, 3))
    picture[height // 3 : height // 2, width // 4 : width // 2] += (50, -40, 10)
    return picture.clip(0, 255).astype(np.uint8)


def file_of(samples: np.ndarray, mode: str, name: str, **options: object) -> bytes:
    """The bytes of `samples` in Pillow mode `mode`, saved as `name`."""
    image = Image.fromarray(samples, None if samples.dtype == np.uint16 else "L" if mode == "1" else mode)
    if mode == "1":
        image = image.convert("1", dither=0)
    held = io.BytesIO()
    image.save(held, name, **options)
    return held.getvalue()


def palette_file(height: int, width: int, name: str = "PNG", colours: int = 40, clear: bool = False) -> bytes:
    """A palette picture with free entries; with `clear`, entry 0 is transparent and entry 1 half so (PNG)."""
    image = Image.fromarray(photo(height, width)).quantize(colours)
    held = io.BytesIO()
    options: dict[str, object] = {}
    if clear:
        options["transparency"] = bytes([0, 128]) if name == "PNG" else 0
    image.save(held, name, **options)
    return held.getvalue()


def deep_samples(height: int, width: int, channels: int, seed: int = 0) -> np.ndarray:
    """HxW or HxWxC uint16 whose low bytes matter."""
    rng = np.random.default_rng(seed)
    shape = (height, width) if channels == 1 else (height, width, channels)
    return rng.integers(0, 65_536, shape, dtype=np.uint16)


def deep_png(samples: np.ndarray, kind: Kind) -> bytes:
    """A 16-bit PNG."""
    return pngfile.encode_deep(samples, kind)


def _tag(name: bytes, content: bytes) -> tuple[bytes, bytes]:
    return name, content + b"\0" * (-len(content) % 4)


def _profile(space: bytes, connection: bytes, device: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    tags = [
        *tags,
        _tag(b"desc", b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + b"\0" * 78),
        _tag(b"wtpt", b"XYZ \0\0\0\0" + struct.pack(">iii", 63190, 65536, 54061)),
        _tag(b"cprt", b"text\0\0\0\0none\0"),
    ]
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags:
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    header = struct.pack(">I4sI4s4s4s", at + len(body), b"lcms", 0x02400000, device, space, connection)
    header += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def rgb_profile(primaries: tuple[tuple[float, float, float], ...] = P3, gamma: float = 2.2) -> bytes:
    """A matrix profile: D50 colorants and one gamma."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
    tags = [
        _tag(name, b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(v * 65536) for v in xyz)))
        for name, xyz in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries, strict=True)
    ]
    tags += [_tag(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(b"RGB ", b"XYZ ", b"mntr", tags)


def grey_profile(gamma: float = 1.2) -> bytes:
    """A grey profile whose gamma is far from sRGB's."""
    return _profile(
        b"GRAY", b"XYZ ", b"mntr", [_tag(b"kTRC", b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)))]
    )


def _lut(inputs: int, outputs: int, points: int, table: np.ndarray) -> bytes:
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    head = b"mft1\0\0\0\0" + bytes([inputs, outputs, points, 0]) + matrix
    return head + ramp * inputs + table.astype(np.uint8).tobytes() + ramp * outputs


def cmyk_profile() -> bytes:
    """A press that does not exist: lightness falls with the inks, colour follows cyan - magenta and yellow."""
    c, m, y, k = np.meshgrid(*[np.linspace(0, 1, 3)] * 4, indexing="ij")
    light = (1 - k) * (1 - (c + m + 0.4 * y) / 2.6)
    a, b = (m - c) * 60 * (1 - k), (y - (c + m) / 2) * 60 * (1 - k)
    forward = np.stack([light * 255, a + 128, b + 128], -1).clip(0, 255).round()
    lab = np.meshgrid(np.linspace(0, 1, 9), *[np.linspace(-128, 127, 9)] * 2, indexing="ij")
    black = 1 - lab[0]
    inks = np.stack([0.3 - lab[1] / 120, 0.3 + lab[1] / 120, 0.3 + lab[2] / 90, black], -1).clip(0, 1)
    backward = (inks * 255).round()
    tags = [_tag(b"A2B%d" % i, _lut(4, 3, 3, forward)) for i in range(2)]
    tags += [_tag(b"B2A%d" % i, _lut(3, 4, 9, backward)) for i in range(2)]
    return _profile(b"CMYK", b"Lab ", b"prtr", tags)


def exif_bytes(orientation: int = 1, gps: bool = True, **texts: str) -> bytes:
    """EXIF with a maker, an exposure, a position and an orientation."""
    held = Image.Exif()
    held[0x0112] = orientation
    held[0x010F] = texts.get("make", "Acme")
    held[0x010E] = texts.get("description", "a day out")
    held.get_ifd(0x8769)[0x829A] = 0.01
    held.get_ifd(0x8769)[0x9003] = "2020:01:01 00:00:00"
    if gps:
        held.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 14.0)})
    return held.tobytes()


def patched(pixels: np.ndarray, top: int, left: int, size: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """A copy with one square painted, and the HxW mask of what really changed."""
    after = pixels.copy()
    after[top : top + size, left : left + size, :3] = 255 - after[top : top + size, left : left + size, :3]
    return after, (after != pixels).any(2)
