"""What runs in the process that answers clicks: where something is, what words mean, small pictures. The last pictures stay open, so that a second click is quick."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from ctypes import c_bool
from dataclasses import dataclass
from functools import cached_property, lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.encoders.lean import give_back
from pixwright.errors import InvalidMask, InvalidOption, PixwrightError
from pixwright.media import load_attachment, load_mask, load_picture, save_plain
from pixwright.media.pixels import on_white, resized, shrink
from pixwright.records.instruction import Array, Instruction
from pixwright.records.region import Region
from pixwright.serve.child import tell
from pixwright.serve.work import Systems, encoded, lines_of, set_threads, warm
from pixwright.weights.store import digest

_KEPT = 2
"""Pictures that stay open, with what was seen in them."""
_KNOWN = 256
"""Files of which it is known what they hold."""
_CLICKED = 1600
"""Longer side, in pixels, of the picture that clicks are answered in, so that a large one is as quick; a job that is given the points finds them at full size."""
_MASKS = 8
"""Masks that were found last, and are about to be asked for."""
_FAINTEST, _STEEPEST = 96, 4
"""Opacity of the smallest difference, and by how much it grows with each level of difference."""
_CHANGED = (255, 0, 170)
"""The colour of what changed: magenta is rare in photographs."""
_GOOD = 90
"""Quality of a small JPEG or WebP."""
_ROUNDING = 1
"""Pixels by which a shrunk side may be rounded."""
_PAUSE = 0.2
"""Seconds after which it is seen that a job has ended."""


@dataclass(frozen=True)
class OpenPicture:
    """A picture, HxWx3 or HxWx4 uint8 sRGB, and what is seen in it."""

    pixels: Array
    encoders: Any

    @cached_property
    def scene(self) -> Any:
        """At full size."""
        from pixwright.ground import see

        return see(np.ascontiguousarray(self.pixels[..., :3]), self.encoders)

    @cached_property
    def near(self) -> Any:
        """At the size in which clicks are answered."""
        from pixwright.ground import see

        if max(self.pixels.shape[:2]) <= _CLICKED:
            return self.scene
        return see(shrink(np.ascontiguousarray(self.pixels[..., :3]), _CLICKED), self.encoders)


@lru_cache(maxsize=_KNOWN)
def _content(path: str) -> str:
    """What a file holds, as its sha256: no file of the server's changes under its name. Of one that is not there its path."""
    return digest(Path(path)) if Path(path).is_file() else path


class OpenPictures:
    """Pictures by what their files hold, each with its scene: a copy of a picture, as every session has one, is the same picture."""

    def __init__(self, systems: Systems) -> None:
        self.systems = systems
        self._held: dict[str, OpenPicture] = {}
        self._ahead: Iterator[None] = iter(())
        self.masks: dict[str, Array] = {}

    def get(self, path: str) -> OpenPicture:
        """The picture in a file; the newest stay open."""
        key = _content(path)
        found = self._held.pop(key, None) or OpenPicture(
            load_picture(Path(path)).pixels, self.systems.get("local", {}).encoders
        )
        self._held[key] = found
        while len(self._held) > _KEPT:
            del self._held[next(iter(self._held))]
            give_back()
        return found

    def look_ahead(self, path: str) -> None:
        """This picture is about to be clicked on: what its points need is looked at while nobody asks. It takes the place of the picture that was looked at so."""
        self._ahead = self._looked_at(path)

    def _looked_at(self, path: str) -> Iterator[None]:
        from pixwright.ground import look_ahead

        try:
            near = self.get(path).near
        except PixwrightError:
            return  # who clicks on it is told why
        yield
        yield from look_ahead(near)

    def idle(self) -> bool:
        """Look at one thing ahead; False where there is none."""
        return next(self._ahead, self) is None

    def remember(self, file: str, mask: Array) -> None:
        """A mask that was written to a file."""
        self.masks[file] = mask
        while len(self.masks) > _MASKS:
            del self.masks[next(iter(self.masks))]


def looks(pipe: Connection, threads: int, editing: c_bool) -> None:
    """Takes {"what": .., ...}; answers {"ok": ..} or {"error": ..}, and after {"ok": {"bytes": ..}} the bytes. Ends with its owner.

    `editing` is true while a job runs, in memory that both processes see: then nothing is looked at ahead, and the cores are the job's.
    """
    set_threads(threads)
    warm()
    opened = OpenPictures(Systems())
    answers: dict[str, Callable[..., dict[str, Any] | bytes]] = {
        "region": _region,
        "plan": _plan,
        "preview": _preview,
        "difference": _difference,
        "mask": _mask,
        "ahead": _ahead,
        "convert": _convert,
        "fit": _fit,
        "marks": _marks,
        "frame": _frame,
        "turntable": _turntable,
        "view": _view,
    }
    while True:
        try:
            asked = next_question(pipe, opened, editing)
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


def next_question(pipe: Connection, opened: OpenPictures, editing: c_bool) -> dict[str, Any]:
    """Wait for it, and look ahead meanwhile, one thing at a time; not while a job runs. Raises EOFError or OSError where the owner is gone."""
    while not pipe.poll(_PAUSE if editing.value else 0):
        if not editing.value and not opened.idle():
            break
    question: dict[str, Any] = json.loads(pipe.recv_bytes())
    return question


def _region(
    opened: OpenPictures, picture: str, file: str, phrase: str | None, points: Any, box: Any, mask: str | None
) -> dict[str, Any]:
    """Find it and write its mask: of points in the size that clicks are answered in, else in the picture's full size."""
    found = _found(opened, picture, phrase, points, box, mask)
    if not found.found:
        return {"found": False, "note": found.note or f"{phrase!r} was not found in the picture; click on it"}
    save_plain(found.mask, Path(file))
    opened.remember(file, found.mask)
    height, width = opened.get(picture).pixels.shape[:2]
    stretch = width / found.mask.shape[1]
    x0, y0 = (min(one[i] for one in found.boxes) for i in (0, 1))
    x1, y1 = (max(one[i] for one in found.boxes) for i in (2, 3))
    return {
        "found": True,
        "box": [
            round(x0 * stretch),
            round(y0 * stretch),
            min(width, round(x1 * stretch)),
            min(height, round(y1 * stretch)),
        ],
        "size": [width, height],
        "share": round(float((found.mask >= 128).mean()), 6),
        "score": round(found.score, 4),
        "guess": found.guess,
        "note": found.note,
    }


def _found(opened: OpenPictures, picture: str, phrase: str | None, points: Any, box: Any, mask: str | None) -> Region:
    from pixwright.ground import from_box, from_mask, ground

    if points is not None:
        return _clicked(opened.get(picture), points)
    scene = opened.get(picture).scene
    if phrase is not None:
        return ground(scene, phrase, opened.systems.get("local", {}).encoders)
    if box is not None:
        return from_box(scene, tuple(box))
    assert mask is not None, "a region is asked for in one of four ways"
    return from_mask(load_mask(opened.get(mask).pixels, *scene.picture.shape[:2]))


def _clicked(opened: OpenPicture, points: Any) -> Region:
    """The thing at points of the full picture, at the size in which clicks are answered. Raises InvalidMask for a point that is not in the picture."""
    from pixwright.ground import from_points

    height, width = opened.pixels.shape[:2]
    for x, y, _ in points:
        if not (0 <= x < width and 0 <= y < height):
            raise InvalidMask(f"point {x},{y} is outside the picture of {width}x{height} pixels")
    tall, wide = opened.near.picture.shape[:2]
    at = [(min(wide - 1, x * wide // width), min(tall - 1, y * tall // height), on) for x, y, on in points]
    return from_points(opened.near, [(x, y) for x, y, on in at if on], [(x, y) for x, y, on in at if not on])


def _ahead(opened: OpenPictures, picture: str) -> dict[str, Any]:
    opened.look_ahead(picture)
    return {}


def _plan(
    opened: OpenPictures, instruction: str, pointed: bool, picture: str | None, attachments: list[str], system: str
) -> dict[str, Any]:
    words = Instruction(instruction, tuple(load_attachment(Path(path)) for path in attachments), pointed=pointed)
    pixels = None if picture is None else np.ascontiguousarray(opened.get(picture).pixels[..., :3])
    plan = opened.systems.get(system, {}).parse(words, pixels)
    notes = [*plan.notes, *plan.left_out]
    return {"lines": lines_of(plan), "notes": notes, "plan": plan.model_dump(mode="json", exclude_none=True)}


def _preview(opened: OpenPictures, picture: str, side: int, form: str) -> bytes:
    """Not kept open: a preview is asked for once, and must not push out the picture that is clicked on."""
    pixels = load_picture(Path(picture)).pixels
    return encoded(shrink(pixels, side), form)


def _mask(opened: OpenPictures, picture: str, side: int | None, size: list[int]) -> bytes:
    """A region's mask, of a picture of `size` (width, height), shrunk to `side`."""
    mask = opened.masks.get(picture)
    if mask is None:
        mask = np.ascontiguousarray(load_picture(Path(picture)).pixels[..., 0])
    if side is None:
        return encoded(cv2.resize(mask, (size[0], size[1]), interpolation=cv2.INTER_LINEAR), "PNG")
    return encoded(shrink(mask, side), "PNG")


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
    return encoded(shrink(overlay, side), "PNG")


def _convert(opened: OpenPictures, picture: str, width: int, height: int, form: str, quality: int | None) -> bytes:
    """The whole picture in another size or format."""
    pixels = load_picture(Path(picture)).pixels
    if form == "JPEG":
        pixels = on_white(pixels)
    return encoded(resized(pixels, height, width), form, _GOOD if quality is None else max(1, quality))


def _fit(opened: OpenPictures, picture: str, mask: str, file: str, drawing: bool) -> dict[str, Any]:
    """A mask or a drawing that was made on a small version of the picture, written in the picture's own size; not where it has another proportion."""
    height, width = load_picture(Path(picture)).size
    small = load_picture(Path(mask)).pixels
    tall, wide = small.shape[:2]
    if (tall, wide) == (height, width) or abs(wide * height - width * tall) > height * _ROUNDING + width * _ROUNDING:
        return {"fitted": False}
    shown = small if drawing else load_mask(small, tall, wide)
    grown = resized(shown, height, width, cv2.INTER_LINEAR)
    save_plain(grown if drawing else load_mask(grown, height, width), Path(file))
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


def _frame(opened: OpenPictures, video: str, seconds: float, file: str) -> dict[str, Any]:
    """The frame of a video that is shown at a time, written as PNG."""
    from pixwright.serve.film.moving import frame_at

    pixels = frame_at(Path(video), seconds)
    save_plain(pixels, Path(file))
    height, width = pixels.shape[:2]
    return {"width": width, "height": height}


def _view(opened: OpenPictures, scene: str, number: int) -> bytes:
    """A view of a scene, as PNG."""
    from pixwright.serve.film.moving import seen

    return encoded(seen(Path(scene), number), "PNG")


def _turntable(opened: OpenPictures, scene: str) -> bytes:
    """A scene that turns, as a moving WebP."""
    from pixwright.serve.film.moving import turned

    return turned(Path(scene))
