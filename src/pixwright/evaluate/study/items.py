"""What a study shows: items read from a JSON-lines file, and their pictures made alike so that nothing tells whose they are."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pixwright.errors import InvalidOption
from pixwright.media import load_attachment, load_picture
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array, Attachment, PictureAttachment

SIDE = 1600
"""Longest side that is shown, in pixels; a larger picture is reduced by area, as a screen would."""
TILES = 8


@dataclass(frozen=True)
class Item:
    """One sample and what each system made of it; None where a system failed, which is shown as a black picture."""

    key: str
    instruction: str
    source: Path | bytes
    systems: dict[str, Path | None]
    references: tuple[Path | Attachment, ...] = ()


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(min_length=1, max_length=500)
    instruction: str = Field(min_length=1, max_length=5000)
    source: str
    systems: dict[str, str | None] = Field(min_length=1)
    references: list[str] = []


def read_items(path: Path) -> list[Item]:
    """The items of a JSON-lines file: `id`, `instruction`, `source`, `systems` {name: picture or null}, `references` (optional).

    Paths are relative to the file. Raises `InvalidOption` for a line that is not of that form, an id that comes twice, or no line at all.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidOption(f"{path} cannot be read ({error}); give a JSON-lines file of items") from error
    items: list[Item] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _Row.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the line"
            raise InvalidOption(f"{path}:{number}: {where}: {first['msg']}; see docs/study.md for the form") from error
        items.append(
            Item(
                row.id,
                row.instruction,
                path.parent / row.source,
                {name: None if made is None else path.parent / made for name, made in row.systems.items()},
                tuple(path.parent / name for name in row.references),
            )
        )
    check_items(items)
    return items


def check_items(items: Sequence[Item]) -> list[str]:
    """The systems' names, sorted. Raises `InvalidOption` if there is no item, an id comes twice, or an item lacks a system."""
    if not items:
        raise InvalidOption("there is no item; a study needs at least one")
    seen: set[str] = set()
    systems = sorted(items[0].systems)
    for item in items:
        if item.key in seen:
            raise InvalidOption(f"the id {item.key!r} comes twice; give every item its own")
        seen.add(item.key)
        if sorted(item.systems) != systems:
            odd = sorted(set(item.systems) ^ set(systems))
            raise InvalidOption(
                f"item {item.key!r} and {items[0].key!r} differ in {odd}; use null where a system failed"
            )
    return systems


def plain_png(pixels: Array) -> bytes:
    """HxWx3|4 uint8 sRGB -> PNG bytes without any metadata, at most `SIDE` pixels on a side.

    Every picture is coded anew by the same coder: a file's format, its comments or a record inside would name the system.
    """
    pixels = shrink(pixels, SIDE)
    way = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    ok, data = cv2.imencode(".png", cv2.cvtColor(pixels, way), [cv2.IMWRITE_PNG_COMPRESSION, 3])
    assert ok, "an 8-bit picture can always be encoded"
    return data.tobytes()


def picture_bytes(path: Path | bytes) -> bytes:
    """A file, or its bytes, as `plain_png`. Raises what `load_picture` raises."""
    return plain_png(load_picture(path).pixels)


def black_bytes(like: Path | bytes) -> bytes:
    """A black picture of the size of `like`: what a failure looks like."""
    return plain_png(np.zeros_like(load_picture(like).pixels[..., :3]))


def reference_bytes(reference: Path | Attachment) -> tuple[str, bytes]:
    """(media type, bytes) of a reference: a picture as PNG, a sound as WAV of 16 bits, both without metadata.

    Raises what `load_attachment` raises.
    """
    found = load_attachment(reference) if isinstance(reference, Path) else reference
    if isinstance(found, PictureAttachment):
        return "image/png", plain_png(found.pixels)
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, found.samples, found.rate, format="WAV", subtype="PCM_16")
    return "audio/wav", out.getvalue()


def scrambled_bytes(path: Path | bytes, rng: np.random.Generator) -> bytes:
    """The picture cut into 8x8 tiles in another order: plainly broken, for attention checks."""
    pixels = load_picture(path).pixels[..., :3]
    pixels = np.asarray(cv2.resize(pixels, (max(TILES, pixels.shape[1]), max(TILES, pixels.shape[0]))), np.uint8)
    height, width = pixels.shape[0] // TILES, pixels.shape[1] // TILES
    tiles = pixels[: height * TILES, : width * TILES].reshape(TILES, height, TILES, width, 3).swapaxes(1, 2)
    mixed = rng.permutation(tiles.reshape(-1, height, width, 3)).reshape(TILES, TILES, height, width, 3)
    return plain_png(np.ascontiguousarray(mixed.swapaxes(1, 2).reshape(height * TILES, width * TILES, 3)))
