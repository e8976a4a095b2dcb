"""What the invisible mark survives: `python benchmarks/watermark.py FOLDER` prints a row for each harm over the photographs in the folder (docs/provenance.md)."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from pixwright.provenance import watermark

SIDE, SQUARE = 768, 200
"""Pixels: the longest side of what is marked, and of the square where only a part is."""


def jpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out).convert("RGB"))


def resized(pixels: np.ndarray, factor: float) -> np.ndarray:
    size = (round(pixels.shape[1] * factor), round(pixels.shape[0] * factor))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC))


def cut(pixels: np.ndarray) -> np.ndarray:
    """A twentieth off each side."""
    down, across = pixels.shape[0] // 20, pixels.shape[1] // 20
    return np.ascontiguousarray(pixels[down:-down, across:-across])


def square(shape: tuple[int, ...]) -> np.ndarray:
    mask = np.zeros(shape[:2], np.uint8)
    top, left = shape[0] // 4, shape[1] // 4
    mask[top : top + SQUARE, left : left + SQUARE] = 255
    return mask


HARMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "nothing": lambda p: p,
    "JPEG 90": lambda p: jpeg(p, 90),
    "JPEG 70": lambda p: jpeg(p, 70),
    "half the size": lambda p: resized(p, 0.5),
    "83 % of the size": lambda p: resized(p, 0.83),
    "5 % cut off on each side": cut,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    rows: dict[str, list[float]] = {}
    noise = []
    for path in sorted(parser.parse_args().folder.iterdir()):
        try:
            picture = Image.open(path).convert("RGB")
        except OSError:
            continue
        picture.thumbnail((SIDE, SIDE))
        plain = np.asarray(picture)
        marked, part = watermark.embed(plain), watermark.embed(plain, square(plain.shape))
        noise.append(10 * np.log10(255**2 / ((marked.astype(float) - plain) ** 2).mean()))
        for name, harm in HARMS.items():
            rows.setdefault(name, []).append(watermark.strength(harm(marked)))
        rows.setdefault("marked in a square only", []).append(watermark.strength(part))
        rows.setdefault("the same, JPEG 70", []).append(watermark.strength(jpeg(part, 70)))
        rows.setdefault("not marked at all", []).append(watermark.strength(plain))
    for name, values in rows.items():
        found = sum(value >= watermark.FOUND for value in values)
        print(
            f"{name:26} {found} of {len(values)}  weakest {min(values):.1f}, median {np.median(values):.1f}, highest {max(values):.1f}"
        )
    print(f"PSNR median {np.median(noise):.1f}, least {min(noise):.1f} dB")


if __name__ == "__main__":
    main()
