"""The functions that Python users call: pictures from anywhere in, values out, and no file is written.

`pixwright` exports them. A picture is a path, the bytes of a file, a PIL image, or an array HxW, HxWx3 or HxWx4, uint8, sRGB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps

from pixwright.edit.filling.backdrop import cut_out
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.describing import Describer
from pixwright.errors import InvalidImage, InvalidOption, NothingFound, UnsupportedImage
from pixwright.flow import Request, best_of
from pixwright.ground import from_box, from_mask, from_points, from_scribble, see
from pixwright.media import load_attachment, load_mask, load_picture
from pixwright.records.description import SourceDescription
from pixwright.records.instruction import Array, Attachment, Instruction, PictureAttachment, SoundAttachment
from pixwright.records.plan import Plan
from pixwright.records.region import Region
from pixwright.records.result import Result
from pixwright.systems import System, build
from pixwright.systems.contract import NO_OPTIONS

PictureLike: TypeAlias = str | Path | bytes | Image.Image | Array
FOREGROUND = "foreground"
"""The phrase for what stands out."""
CHANNELS = (3, 4)
"""Of an array with colour: RGB, or RGB and alpha."""
KEPT = 2
"""Systems that stay open, those asked for last; a painting one can take gigabytes."""
NO_CONTROLS: Mapping[str, float] = MappingProxyType({})
_DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
"""PIL's modes of more than 8 bits: `convert` would cut their values off."""


def edit(
    picture: PictureLike,
    instruction: str,
    *,
    attachments: Sequence[PictureLike] = (),
    mask: PictureLike | None = None,
    box: tuple[int, int, int, int] | None = None,
    point: tuple[int, int] | Sequence[tuple[int, int]] | None = None,
    not_point: Sequence[tuple[int, int]] = (),
    scribble: PictureLike | None = None,
    mask_limits: bool = True,
    protect: PictureLike | None = None,
    seed: int = 0,
    n: int = 1,
    library: Path | None = None,
    system: str | System = "local",
    options: Mapping[str, str] = NO_OPTIONS,
    controls: Mapping[str, float] = NO_CONTROLS,
) -> Result:
    """Edit a picture as the words say; `result.picture` is HxWx3 or HxWx4 uint8 sRGB, `result.report` says what was done.

    attachments: what the words call [1], [2], ...; a path may also name a sound. mask (white = edit), box (x0, y0, x1, y1), point (x, y) or several of them, or
    scribble (strokes over the thing, white), in pixels: where to edit, at most one of them. mask_limits: whether mask or box is the limit of every change too, or says only where. protect: what shall stay, white. not_point: points that are not on the thing. n: so many seeds from `seed` on are tried, and the judge keeps the best. controls: other values for what `report.steps[..].controls` lists. system: a name, or one that `systems.build` made.
    Raises a `PixwrightError` for what the caller can mend. What could not be done is no error: the verdict is `not_done`, the picture as it was.
    """
    pixels, warnings = _read(picture)
    editor = _system(system, options)
    region, limit = _pointed(pixels, editor.encoders, mask, box, _several(point), not_point, scribble)
    words = Instruction(instruction, _attached(attachments))
    stays = None if protect is None else load_mask(_read(protect)[0], *pixels.shape[:2])
    held = limit if mask_limits else None
    if region is not None and mask is not None and not mask_limits:
        region = replace(region, outlined=True)  # what belongs to the thing, such as its shadow, may change too
    request = Request(words, seed, region, held, library, controls=controls, protect=stays)
    result = best_of(pixels, request, editor, n)
    return replace(result, notes=(*warnings, *result.notes))


def plan(
    instruction: str,
    picture: PictureLike | None = None,
    *,
    attachments: Sequence[PictureLike] = (),
    system: str | System = "local",
    pointed: bool = False,
) -> Plan:
    """What the words mean, without editing. A picture helps where they depend on what it shows; `pointed`: "it" is what a mask or a box will show. Raises UnclearInstruction."""
    pixels = None if picture is None else _read(picture)[0][..., :3]
    return _system(system, NO_OPTIONS).parse(Instruction(instruction, _attached(attachments), pointed=pointed), pixels)


def mask(picture: PictureLike, phrase: str, *, system: str | System = "local") -> Region:
    """Where a phrase is in a picture: `region.mask` is HxW uint8, 255 = found, and `region.score` 0 to 1. Not found: `region.note` says why."""
    pixels = np.ascontiguousarray(_read(picture)[0][..., :3])
    return _system(system, NO_OPTIONS).eyes().find(pixels, phrase)


def cut(picture: PictureLike, phrase: str = "", *, system: str | System = "local", shadow: bool = False) -> Array:
    """What a phrase names, or what stands out, on a transparent ground: HxWx4 uint8, of the picture's size, without a halo of the old background.

    `shadow`: with the shadow that it casts, where the backdrop is plain.

    Raises NothingFound.
    """
    pixels = _read(picture)[0]
    region = _system(system, NO_OPTIONS).eyes().find(np.ascontiguousarray(pixels[..., :3]), phrase or FOREGROUND)
    if not region.found:
        raise NothingFound(region.note or f"{phrase or FOREGROUND!r} was not found in the picture")
    return cut_out(pixels, region.mask, shadow)[0]


def describe(source: PictureLike | SoundAttachment, *, kind: str = "auto") -> SourceDescription:
    """What a picture, a sound or a piece of music is: a sentence, tags with likelihoods, and of music tempo, key and mode.

    A sound is a path or a `SoundAttachment`. `kind` is auto, picture, sound or music; with auto a sound is music if it is long enough and keeps to a scale.
    Raises `InvalidOption` for a kind that the file is not, and what reading it raises.
    """
    describer = Describer(_encoders())
    given = source if isinstance(source, SoundAttachment) else _attached([source])[0]
    if isinstance(given, PictureAttachment):
        if kind not in ("auto", "picture"):
            raise InvalidOption(f"kind={kind!r}, but that is a picture; allowed for it: auto, picture")
        return describer.picture(given.pixels[..., :3])
    hear = {"auto": describer.heard, "sound": describer.sound, "music": describer.music}
    if kind not in hear:
        raise InvalidOption(f"kind={kind!r}, but that is a sound; allowed for it: {', '.join(hear)}")
    return hear[kind](given.samples, given.rate)


@cache
def _encoders() -> Encoders:
    return Encoders()


def _read(picture: PictureLike) -> tuple[Array, tuple[str, ...]]:
    """Pixels HxWx3 or HxWx4, and what the user should know about the file."""
    if isinstance(picture, str | Path | bytes):
        loaded = load_picture(picture if isinstance(picture, bytes) else Path(picture))
        return loaded.pixels, loaded.warnings
    if isinstance(picture, Image.Image):
        if picture.mode in _DEEP:
            raise UnsupportedImage(
                f"a PIL image of mode {picture.mode}: give its file, or convert it to 8 bits yourself"
            )
        upright = ImageOps.exif_transpose(picture)
        return np.asarray(upright.convert("RGBA" if upright.has_transparency_data else "RGB"), np.uint8), ()
    if picture.dtype != np.uint8 or picture.ndim not in (2, 3) or 0 in picture.shape:
        raise InvalidImage(f"array of shape {picture.shape}, {picture.dtype}: give HxW, HxWx3 or HxWx4 of uint8")
    if picture.ndim == 2:
        return np.repeat(picture[..., None], 3, axis=2), ()
    if picture.shape[2] not in CHANNELS:
        raise InvalidImage(f"array with {picture.shape[2]} channels: give HxW, HxWx3 or HxWx4 of uint8")
    return picture, ()


def _attached(given: Sequence[PictureLike]) -> tuple[Attachment, ...]:
    return tuple(
        load_attachment(Path(one))
        if isinstance(one, str | Path)
        else PictureAttachment(f"attachment {number}", _read(one)[0])
        for number, one in enumerate(given, 1)
    )


def _several(point: tuple[int, int] | Sequence[tuple[int, int]] | None) -> list[tuple[int, int]]:
    """One point or several as a list."""
    if point is None or not len(point):
        return []
    if isinstance(point[0], int | np.integer):
        x, y = point
        return [(int(x), int(y))]  # type: ignore[arg-type]
    return [(int(x), int(y)) for x, y in point]  # type: ignore[misc]


def _pointed(
    pixels: Array,
    encoders: Encoders,
    mask: PictureLike | None,
    box: tuple[int, int, int, int] | None,
    points: Sequence[tuple[int, int]],
    not_points: Sequence[tuple[int, int]],
    scribble: PictureLike | None,
) -> tuple[Region | None, Array | None]:
    """Where the caller pointed, and the limit of every change (HxW uint8): the mask, or the whole box; points and strokes set none."""
    if sum(one is not None for one in (mask, box, points or None, scribble)) > 1:
        raise InvalidOption("more than one of mask, box, point and scribble was given; give one of them")
    size = pixels.shape[:2]
    if mask is not None:
        region = from_mask(load_mask(_read(mask)[0], *size))
        return region, region.mask
    if box is not None:
        limit = np.zeros(size, np.uint8)
        limit[box[1] : box[3], box[0] : box[2]] = 255
        return from_box(see(pixels, encoders), box), limit
    if scribble is not None:
        return from_scribble(see(pixels, encoders), load_mask(_read(scribble)[0], *size)), None
    return (from_points(see(pixels, encoders), points, not_points) if points or not_points else None), None


def _system(system: str | System, options: Mapping[str, str]) -> System:
    return system if isinstance(system, System) else _built(system, tuple(sorted(options.items())))


@lru_cache(maxsize=KEPT)
def _built(name: str, options: tuple[tuple[str, str], ...]) -> System:
    """The systems asked for last stay: each loads its networks once."""
    return build(name, None, dict(options))
