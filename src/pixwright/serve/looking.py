"""What runs in the process that answers clicks: where something is, what words mean, small pictures. The last pictures stay open, so that a second click is quick."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from pixwright.errors import InvalidOption, PixwrightError
from pixwright.media import load_attachment, load_mask, load_picture, save_plain
from pixwright.media.picture import COLOUR, RGBA
from pixwright.media.pixels import resized, shrink
from pixwright.records.instruction import Array, Instruction
from pixwright.records.region import Region
from pixwright.serve.child import tell
from pixwright.serve.work import Systems, lines_of, set_threads, warm

_KEPT = 2
"""Pictures that stay open, with what was seen in them."""
_FAINTEST, _STEEPEST = 96, 4
"""Opacity of the smallest difference, and by how much it grows with each level of difference."""
_CHANGED = (255, 0, 170)
"""The colour of what changed: magenta is rare in photographs."""
_GOOD = 90
"""Quality of a small JPEG or WebP."""
_ROUNDING = 1
"""Pixels by which a shrunk side may be rounded."""


class OpenPictures:
    """Pictures by their files, each with its scene."""

    def __init__(self, systems: Systems) -> None:
        self.systems = systems
        self._held: dict[str, tuple[Array, Any]] = {}

    def pixels(self, path: str) -> Array:
        """HxWx3 or HxWx4 uint8 sRGB."""
        return self._get(path)[0]

    def scene(self, path: str) -> Any:
        """What is seen in it."""
        return self._get(path)[1]

    def _get(self, path: str) -> tuple[Array, Any]:
        found = self._held.pop(path, None)
        if found is None:
            from pixwright.ground import see

            pixels = load_picture(Path(path)).pixels
            colours = np.ascontiguousarray(pixels[..., :3])
            found = pixels, see(colours, self.systems.get("local", {}).encoders)
        self._held[path] = found
        while len(self._held) > _KEPT:
            del self._held[next(iter(self._held))]
        return found


def looks(pipe: Connection, threads: int) -> None:
    """Takes {"what": .., ...}; answers {"ok": ..} or {"error": ..}, and after {"ok": {"bytes": ..}} the bytes. Ends with its owner."""
    set_threads(threads)
    warm()
    opened = OpenPictures(Systems())
    answers: dict[str, Callable[..., dict[str, Any] | bytes]] = {
        "region": _region,
        "plan": _plan,
        "preview": _preview,
        "difference": _difference,
        "mask": _mask,
        "convert": _convert,
        "fit": _fit,
        "marks": _marks,
    }
    while True:
        try:
            asked = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            return
        try:
            answer = answers[asked.pop("what")](opened, **asked)
        except PixwrightError as error:
            tell(pipe, {"error": {"code": error.code, "message": str(error)}})
            continue
        if isinstance(answer, bytes):
            tell(pipe, {"ok": {"bytes": len(answer)}})
            pipe.send_bytes(answer)
        else:
            tell(pipe, {"ok": answer})


def _region(
    opened: OpenPictures, picture: str, file: str, phrase: str | None, points: Any, box: Any, mask: str | None
) -> dict[str, Any]:
    """Find it and write its mask, in the picture's full size."""
    found = _found(opened, picture, phrase, points, box, mask)
    if not found.found:
        return {"found": False, "note": found.note or f"{phrase!r} was not found in the picture; click on it"}
    save_plain(found.mask, Path(file))
    x0, y0 = (min(one[i] for one in found.boxes) for i in (0, 1))
    x1, y1 = (max(one[i] for one in found.boxes) for i in (2, 3))
    return {
        "found": True,
        "box": [x0, y0, x1, y1],
        "share": round(float((found.mask >= 128).mean()), 6),
        "score": round(found.score, 4),
        "guess": found.guess,
        "note": found.note,
    }


def _found(opened: OpenPictures, picture: str, phrase: str | None, points: Any, box: Any, mask: str | None) -> Region:
    from pixwright.ground import from_box, from_mask, from_points, ground

    scene = opened.scene(picture)
    if phrase is not None:
        return ground(scene, phrase, opened.systems.get("local", {}).encoders)
    if points is not None:
        at = [(x, y) for x, y, on in points if on]
        return from_points(scene, at, [(x, y) for x, y, on in points if not on])
    if box is not None:
        return from_box(scene, tuple(box))
    assert mask is not None, "a region is asked for in one of four ways"
    return from_mask(load_mask(opened.pixels(mask), *scene.picture.shape[:2]))


def _plan(
    opened: OpenPictures, instruction: str, picture: str | None, attachments: list[str], system: str
) -> dict[str, Any]:
    words = Instruction(instruction, tuple(load_attachment(Path(path)) for path in attachments))
    pixels = None if picture is None else np.ascontiguousarray(opened.pixels(picture)[..., :3])
    plan = opened.systems.get(system, {}).parse(words, pixels)
    notes = [*plan.notes, *plan.left_out]
    return {"lines": lines_of(plan), "notes": notes, "plan": plan.model_dump(mode="json", exclude_none=True)}


def _preview(opened: OpenPictures, picture: str, side: int, form: str) -> bytes:
    """Not kept open: a preview is asked for once, and must not push out the picture that is clicked on."""
    pixels = load_picture(Path(picture)).pixels
    return _encoded(shrink(pixels, side), form)


def _mask(opened: OpenPictures, picture: str, side: int) -> bytes:
    return _encoded(shrink(np.ascontiguousarray(load_picture(Path(picture)).pixels[..., 0]), side), "PNG")


def _difference(opened: OpenPictures, before: str, after: str, side: int) -> bytes:
    """What changed, magenta on a transparent ground, the more opaque the more it changed; the smallest change can still be seen."""
    old, new = (load_picture(Path(path)).pixels for path in (before, after))
    if old.shape[:2] != new.shape[:2]:
        raise InvalidOption("the edit changed the picture's size: there is no difference pixel by pixel")
    channels = min(old.shape[2], new.shape[2])
    old, new = old[..., :channels], new[..., :channels]
    difference = np.maximum(old, new) - np.minimum(old, new)
    most = difference.max(axis=2).astype(np.int32)
    alpha = np.where(most > 0, np.minimum(255, _FAINTEST + _STEEPEST * most), 0).astype(np.uint8)
    overlay = np.dstack([np.full(alpha.shape, level, np.uint8) for level in _CHANGED] + [alpha])
    return _encoded(shrink(overlay, side), "PNG")


def _convert(opened: OpenPictures, picture: str, width: int, height: int, form: str, quality: int | None) -> bytes:
    """The whole picture in another size or format."""
    pixels = load_picture(Path(picture)).pixels
    if form == "JPEG" and pixels.shape[2] == RGBA:
        alpha = pixels[..., 3:].astype(np.float32) / 255
        pixels = np.asarray(np.rint(pixels[COLOUR] * alpha + 255 * (1 - alpha)), np.uint8)
    return _encoded(resized(pixels, height, width), form, _GOOD if quality is None else max(1, quality))


def _fit(opened: OpenPictures, picture: str, mask: str, file: str) -> dict[str, Any]:
    """A mask that was painted on a small version of the picture, written in the picture's own size; not where it has another proportion."""
    height, width = load_picture(Path(picture)).size
    small = load_picture(Path(mask)).pixels
    tall, wide = small.shape[:2]
    if (tall, wide) == (height, width) or abs(wide * height - width * tall) > height * _ROUNDING + width * _ROUNDING:
        return {"fitted": False}
    grown = load_mask(resized(load_mask(small, tall, wide), height, width, cv2.INTER_LINEAR), height, width)
    save_plain(grown, Path(file))
    return {"fitted": True, "width": width, "height": height}


def _marks(opened: OpenPictures, picture: str) -> dict[str, Any]:
    """What a file says of where it comes from, in OpenAI's words: its credentials, and our own invisible mark."""
    from pixwright.provenance.check import check

    found = check(Path(picture))
    told, mark = found["credentials"], found["watermark"]
    state = str(told["state"])
    credentials = {
        "type": "c2pa",
        "outcome": "not_detected" if state == "not_present" else "detected",
        "validation_state": state,
        "issuer": told["issuer"],
        "model": told["generator"],
        "generated_at": told["signed_at"],
    }
    watermark = {"type": "pixwright", "outcome": "detected" if mark["found"] else "not_detected"}
    return {"marks": [credentials, watermark]}


def _encoded(pixels: Array, form: str, quality: int = _GOOD) -> bytes:
    out = io.BytesIO()
    image = Image.fromarray(pixels)
    if form == "JPEG" and (pixels.ndim < 3 or pixels.shape[2] != RGBA):
        image.save(out, "JPEG", quality=quality)
    elif form == "WEBP":
        image.save(out, "WEBP", quality=quality)
    elif form == "GIF":
        image.save(out, "GIF")
    else:
        image.save(out, "PNG", compress_level=1)
    return out.getvalue()
