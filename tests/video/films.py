"""Small films to test with: a disc with a pattern that moves over a still life that pans, written as people's cameras write."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from PIL import Image

COFFEE = np.asarray(
    Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB").resize((420, 280)), np.uint8
)
SIZE = (120, 160)
"""Height and width."""


def ground(frame: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The still life, from where the camera is in that frame."""
    height, width = size
    return np.ascontiguousarray(COFFEE[40 + frame : 40 + frame + height, 60 + 2 * frame : 60 + 2 * frame + width])


def disc(frame: int, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """A red disc with darker stripes that moves to the right: colours HxWx3, and its mask HxW uint8."""
    height, width = size
    y, x = np.mgrid[:height, :width].astype(np.float32)
    cx, cy = 34 + 4 * frame, 60 + 1.5 * frame
    mask = np.clip(24.5 - np.hypot(x - cx, y - cy), 0, 1)
    stripes = 30 * np.sin((x - cx) / 2.5) + 20 * np.sin((y - cy) / 4)
    colours = np.dstack([190 + stripes, 50 + stripes / 2, 40 + stripes / 2])
    return np.clip(colours, 0, 255).astype(np.uint8), np.rint(255 * mask).astype(np.uint8)


def over(below: np.ndarray, above: np.ndarray, mask: np.ndarray) -> np.ndarray:
    share = mask[..., None].astype(np.float32) / 255
    return np.rint(below * (1 - share) + above * share).astype(np.uint8)


def ball(count: int = 8, size: tuple[int, int] = SIZE) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Frames and exact masks."""
    frames, masks = [], []
    for frame in range(count):
        colours, mask = disc(frame, size)
        frames.append(over(ground(frame, size), colours, mask))
        masks.append(mask)
    return frames, masks


@dataclass
class Film:
    """How a film is written."""

    codec: str = "libx264"
    pixels: str = "yuv420p"
    options: dict[str, str] = field(default_factory=lambda: {"qp": "0", "preset": "ultrafast"})
    pts: list[int] | None = None
    """In ninety-thousandths of a second."""
    rotation: int = 0
    aspect: Fraction = Fraction(1)
    tags: tuple[int, int, int, int] = (1, 1, 1, 1)
    """Primaries, transfer, matrix and range."""
    sound: bool = False
    subtitles: bool = False
    """Of a file that holds SubRip: .mkv."""
    title: str = ""

    def write(self, path: Path, frames: list[np.ndarray]) -> Path:
        times = self.pts or [3600 * k for k in range(len(frames))]
        with av.open(str(path), "w") as out:
            stream = out.add_stream(self.codec, rate=25, options=dict(self.options))
            context = stream.codec_context
            context.height, context.width = frames[0].shape[:2]
            context.pix_fmt, context.time_base = self.pixels, Fraction(1, 90000)
            stream.time_base = context.time_base
            context.sample_aspect_ratio = self.aspect
            context.color_primaries, context.color_trc, context.colorspace, context.color_range = self.tags
            if self.rotation:
                stream.set_display_rotation(self.rotation)
            sound = out.add_stream("aac", rate=16000) if self.sound else None
            words = None
            if self.subtitles:
                path.with_suffix(".srt").write_text("1\n00:00:00,040 --> 00:00:00,200\nhello\n")
                words = av.open(str(path.with_suffix(".srt")))
                spoken = out.add_stream_from_template(words.streams.subtitles[0])
            if self.title:
                out.metadata["title"] = self.title
            for pixels, pts in zip(frames, times, strict=True):
                frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
                    format=self.pixels, dst_colorspace=self.tags[2] if self.tags[2] != 2 else 5
                )
                frame.pts, frame.time_base = pts, context.time_base
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
            if sound is not None:
                tone = np.sin(np.arange(16000) / 16000 * 2 * np.pi * 440).astype(np.float32)[None]
                played = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
                played.sample_rate, played.pts = 16000, 0
                out.mux(sound.encode(played))
                out.mux(sound.encode(None))
            if words is not None:
                for packet in words.demux(subtitles=0):
                    if packet.dts is not None:
                        packet.stream = spoken
                        out.mux(packet)
                words.close()
        return path


def packets(path: Path, kind: str) -> list[bytes]:
    """The coded bytes of the first stream of a kind."""
    with av.open(str(path)) as held:
        stream = next(one for one in held.streams if one.type == kind)
        return [bytes(packet) for packet in held.demux(stream) if packet.size]


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as held:
        return [frame.to_ndarray(format="rgb24") for frame in held.decode(video=0)]


def overlap(one: np.ndarray, two: np.ndarray) -> float:
    """Intersection over union of masks HxW uint8."""
    a, b = one >= 128, two >= 128
    return float((a & b).sum() / max(1, (a | b).sum()))


def small(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
