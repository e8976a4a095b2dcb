"""A stranger's file is first read in a process of its own, with bounds on memory, time and files: what breaks a decoder there breaks nothing else."""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pixwright.errors import PixwrightError
from pixwright.media import Limits, load_picture, load_sound
from pixwright.media.formats import sniff
from pixwright.media.picture import ALPHA, RGBA
from pixwright.media.trial import bind
from pixwright.serve.child import Child, ChildDied, tell
from pixwright.serve.errors import of_code, too_many
from pixwright.serve.film import moving
from pixwright.serve.settings import Bounds

_HEAD = 64
"""Bytes that tell a sound from a picture."""
_SLACK = 5.0
"""Seconds beyond the bound until the whole reader is ended."""
_BROKEN = {
    "code": "invalid_image",
    "message": "the file could not be read within the bounds of memory and time; save it again",
}


class Decoders:
    """A few processes that have the decoders loaded and read nothing themselves: each file is read in a fork of one of them. May be asked from any thread."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._idle: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(bounds.decoders):
            self._idle.put(None)

    def start(self) -> None:
        """Start the first process, so that the first file need not wait for it."""
        self._idle.get()
        self._idle.put(Child(_reader, *self._limits()))

    def look_at(self, path: Path) -> dict[str, Any]:
        """What the file is: kind, format, sides or seconds. Raises Rejected for what is no picture or sound, or takes too much to read."""
        try:
            child = self._idle.get(timeout=self._bounds.decode_seconds)
        except queue.Empty:
            raise too_many("too many pictures are being read at once; come again later") from None
        answer = None
        try:
            child = child if child is not None and child.alive else Child(_reader, *self._limits())
            child.send({"path": str(path)})
            answer = child.receive() if child.wait(self._bounds.decode_seconds + _SLACK) else None
        except ChildDied:
            pass
        finally:
            if answer is None and child is not None:
                child.kill()
            self._idle.put(None if answer is None else child)
        answer = answer or _BROKEN
        if "code" in answer:
            raise of_code(answer["code"], answer["message"])
        return answer

    def close(self) -> None:
        """End those that are idle; one that reads ends with its pipe."""
        with suppress(queue.Empty):
            while True:
                child = self._idle.get_nowait()
                if child is not None:
                    child.kill()

    def _limits(self) -> tuple[int, int, int, float]:
        bounds = self._bounds
        return bounds.pixels, bounds.gaussians, bounds.decode_bytes, bounds.decode_seconds


def _reader(pipe: Connection, pixels: int, gaussians: int, memory: int, seconds: float) -> None:
    """Takes {"path"}; answers what is there, or {"code", "message"}."""
    while True:
        try:
            path = json.loads(pipe.recv_bytes())["path"]
        except (EOFError, OSError):
            return
        if sys.platform == "win32":
            tell(pipe, _found(path, pixels, gaussians))
            continue
        fork = os.fork()
        if not fork:
            bind(memory, math.ceil(seconds))
            signal.setitimer(signal.ITIMER_REAL, seconds)
            tell(pipe, _found(path, pixels, gaussians))
            os._exit(0)
        if os.waitpid(fork, 0)[1]:
            tell(pipe, _BROKEN)


def _found(path: str, pixels: int, gaussians: int) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as held:
            head = held.read(_HEAD)
        if sniff.video_format(head) or head.startswith(moving.PLY):
            return moving.facts_of(Path(path), head, pixels, gaussians)
        data = Path(path).read_bytes()
        return _sound(data) if sniff.sound_format(head) else _picture(data, pixels)
    except PixwrightError as error:
        return {"code": error.code, "message": str(error)}
    except MemoryError:
        return {"code": "image_too_large", "message": "the file takes too much memory to read; make it smaller first"}


def _picture(data: bytes, pixels: int) -> dict[str, Any]:
    picture = load_picture(data, limits=Limits(max_pixels=pixels))
    height, width = picture.size
    transparent = picture.pixels.shape[2] == RGBA and bool((picture.pixels[ALPHA] == 0).any())
    return {
        "kind": "picture",
        "format": picture.source.format,
        "width": width,
        "height": height,
        "transparent": transparent,
    }


def _sound(data: bytes) -> dict[str, Any]:
    sound = load_sound(data)
    seconds = round(len(sound.samples) / sound.rate, 3)
    return {"kind": "sound", "format": sniff.sound_format(data[:_HEAD]), "seconds": seconds}
