"""A film of a scene that turns: .mp4 where PyAV is installed, .gif, .webp or .png (animated) without it."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from pixwright.errors import InvalidOption
from pixwright.extras import optional, require
from pixwright.media import write_atomically
from pixwright.records.instruction import Array
from pixwright.scene3d.cameras import Camera
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.render import BACKDROP
from pixwright.scene3d.views import Backdrop, views_of

_PER_SECOND = 12
"""Frames a second."""
_FILM = ".mp4"
_STILLS = {".gif": "GIF", ".webp": "WEBP", ".png": "PNG"}
_BETWEEN = 4
"""Pixels between two scenes that are shown side by side."""
_QUALITY = {"crf": "18", "preset": "medium"}
"""Of the film's coder (x264): nearly without visible loss."""
_COLOURS = 128
"""Of a GIF, the same in all frames."""
_MILLISECONDS = 1000
_WHO, _EXTRA = "a turntable as .mp4", "video"


def check_turntable(path: Path) -> None:
    """Raises InvalidOption for another ending, and MissingExtra where the film cannot be coded here."""
    if path.suffix.lower() == _FILM:
        require(("av",), _WHO, _EXTRA)
    elif path.suffix.lower() not in _STILLS:
        raise InvalidOption(f"{path}: a turntable is {_FILM}, {', '.join(_STILLS)}; choose such a name")


def turntable(
    scenes: Sequence[Gaussians],
    cameras: Sequence[Camera],
    path: Path,
    backdrop: Backdrop = BACKDROP,
    *,
    replace: bool = False,
) -> tuple[str, ...]:
    """Write a film with a frame from each camera, the scenes side by side. Returns what is to be known of it.

    Raises InvalidOption, MissingExtra, and OutputExists where a file is there and is not to be replaced.
    """
    write_film(_frames(scenes, cameras, backdrop), path, replace=replace)
    return (f"{path}: {len(cameras)} frames" + (", before and after" if len(scenes) > 1 else ""),)


def write_film(frames: Iterator[Array], path: Path, *, replace: bool = False) -> None:
    """Pictures HxWx3 uint8 of one size as a film. Raises what `turntable` raises."""
    check_turntable(path)
    data = _film(frames) if path.suffix.lower() == _FILM else _moving(frames, _STILLS[path.suffix.lower()])
    write_atomically(path, data, replace=replace)


def _frames(scenes: Sequence[Gaussians], cameras: Sequence[Camera], backdrop: Backdrop) -> Iterator[Array]:
    for camera in cameras:
        shown = [views_of(scene, [camera], backdrop).pictures(scene)[0] for scene in scenes]
        line = np.full((camera.height, _BETWEEN, shown[0].shape[2]), 255, np.uint8)
        parts = [one for picture in shown for one in (line, picture)]
        yield np.hstack(parts[1:])


def _film(frames: Iterator[Array]) -> bytes:
    """H.264 in an MP4, 4:2:0, which every player shows; an odd side loses its last row or column."""
    av = optional("av", _WHO, _EXTRA)
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as held:
        stream = held.add_stream("libx264", rate=Fraction(_PER_SECOND), options=_QUALITY)
        stream.pix_fmt = "yuv420p"
        for picture in frames:
            even = np.ascontiguousarray(picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2])
            if not stream.codec_context.is_open:
                stream.height, stream.width = even.shape[:2]
            for packet in stream.encode(av.VideoFrame.from_ndarray(even, format="rgb24")):
                held.mux(packet)
        for packet in stream.encode(None):
            held.mux(packet)
    return out.getvalue()


def _moving(frames: Iterator[Array], form: str) -> bytes:
    """An animation that never ends. The colours of a GIF are those of its first frame, so that nothing flickers."""
    pictures = [Image.fromarray(frame) for frame in frames]
    if form == "GIF":
        palette = pictures[0].quantize(_COLOURS, method=Image.Quantize.MEDIANCUT)
        pictures = [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in pictures]
    out = io.BytesIO()
    pictures[0].save(
        out, form, save_all=True, append_images=pictures[1:], duration=_MILLISECONDS // _PER_SECOND, loop=0
    )
    return out.getvalue()
