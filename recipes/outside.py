"""The first promise, audited from outside: nothing beyond the edit changes in the written file, and what is reported is true.

    python recipes/outside.py [--jobs 120] [--seed 1]

Photographs of `examples/` are written in many kinds of files by Pillow and OpenCV, edited by random instructions, and read again by the same two decoders, which share no code with the
product's own measuring. Beyond the mask that the run reports, every pixel must be the input's where the format holds samples; of a JPEG the difference must be what the run said. Prints one row a
group of files, and every violation.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from pixwright.errors import PixwrightError
from pixwright.files import Done, Job, UserPlace, edit_file
from pixwright.records.instruction import Array
from pixwright.systems import local

EXAMPLES = Path(__file__).parents[1] / "examples"
PHOTOGRAPHS = ("coffee.png", "cat.png", "astronaut.png", "pagoda.jpg", "panda.webp")
WORDS = (
    "make it gold",
    "make it blue",
    "remove it",
    "make it of wood",
    "blur it",
    "make it brighter",
    "write SALE on it",
    "turn it around",
    "move it left",
    "make it smaller",
    "add a star",
    "make it bigger",
)
"""About what the box shows; in half of the jobs the box is also the limit."""
_SIDE, _QUALITY = 420, 88
_OF_16, _OF_8 = 65_535, 255

Writer = Callable[[Image.Image, Path], None]


@dataclass(frozen=True)
class Kind:
    """One kind of file: `exact` where the format holds samples."""

    name: str
    group: str
    ending: str
    write: Writer
    exact: bool = True


def saved(mode: str = "RGB", **options: object) -> Writer:
    """By Pillow."""
    return lambda image, path: image.convert(mode).save(path, **options)


def turned(orientation: int, width: int, height: int) -> Writer:
    """A JPEG that its EXIF turns."""

    def write(image: Image.Image, path: Path) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        image.resize((width, height)).save(path, quality=_QUALITY, exif=exif)

    return write


def deep(image: Image.Image, path: Path) -> None:
    """16 bits a sample, with noise below the eighth bit."""
    colours = np.asarray(image.convert("RGB"), np.uint16)[..., ::-1] * (_OF_16 // _OF_8)
    noise = np.random.default_rng(0).integers(-100, 100, colours.shape)
    cv2.imwrite(str(path), np.clip(colours.astype(int) + noise, 0, _OF_16).astype(np.uint16))


def with_alpha(image: Image.Image, path: Path) -> None:
    """A soft vignette as alpha."""
    rows, columns = np.mgrid[0 : image.height, 0 : image.width]
    away = np.hypot(rows / image.height - 0.5, columns / image.width - 0.5)
    alpha = Image.fromarray(np.clip(400 - 500 * away, 0, _OF_8).astype(np.uint8))
    image = image.convert("RGB")
    image.putalpha(alpha)
    image.save(path, lossless=True) if path.suffix == ".webp" else image.save(path)


def in_odd_size(image: Image.Image, path: Path) -> None:
    """Sides that are primes."""
    image.resize((401, 283)).save(path, quality=_QUALITY)


def palette(image: Image.Image, path: Path) -> None:
    """64 of 256 colours."""
    image.convert("RGB").quantize(64).save(path)


KINDS = (
    Kind("PNG", "PNG, BMP, TIFF, WebP without loss", ".png", saved()),
    Kind("PNG, grey", "PNG, BMP, TIFF, WebP without loss", ".png", saved("L")),
    Kind("PNG, odd size", "PNG, BMP, TIFF, WebP without loss", ".png", in_odd_size),
    Kind("BMP", "PNG, BMP, TIFF, WebP without loss", ".bmp", saved()),
    Kind("TIFF, LZW", "PNG, BMP, TIFF, WebP without loss", ".tif", saved(compression="tiff_lzw")),
    Kind("WebP", "PNG, BMP, TIFF, WebP without loss", ".webp", saved(lossless=True)),
    Kind("PNG, alpha", "alpha", ".png", with_alpha),
    Kind("WebP, alpha", "alpha", ".webp", with_alpha),
    Kind("TIFF, alpha", "alpha", ".tif", with_alpha),
    Kind("PNG, 16 bits", "16 bits", ".png", deep),
    Kind("TIFF, 16 bits", "16 bits", ".tif", deep),
    Kind("PNG, palette", "palette", ".png", palette),
    Kind("GIF", "palette", ".gif", palette),
    Kind("WebP, lossy", "lossy WebP", ".webp", saved(quality=_QUALITY)),
    Kind("JPEG 4:2:0", "JPEG", ".jpg", saved(quality=_QUALITY), False),
    Kind("JPEG 4:2:2", "JPEG", ".jpg", saved(quality=_QUALITY, subsampling=1), False),
    Kind("JPEG 4:4:4", "JPEG", ".jpg", saved(quality=_QUALITY, subsampling=0), False),
    Kind("JPEG, progressive", "JPEG", ".jpg", saved(quality=_QUALITY, progressive=True), False),
    Kind("JPEG, grey", "JPEG", ".jpg", saved("L", quality=_QUALITY), False),
    Kind("JPEG, odd size", "JPEG", ".jpg", in_odd_size, False),
    Kind("JPEG, turned by EXIF", "JPEG, turned by EXIF", ".jpg", turned(6, 400, 304), False),
    Kind("JPEG, turned by EXIF, odd size", "JPEG, turned by EXIF", ".jpg", turned(3, 401, 283), False),
    Kind("JPEG, mirrored by EXIF", "JPEG, turned by EXIF", ".jpg", turned(5, 399, 301), False),
)


def by_pillow(path: Path) -> Array | None:
    """Upright 8-bit samples as Pillow reads them; None where it would shorten them."""
    with Image.open(path) as opened:
        if opened.mode.startswith("I"):
            return None
        image = ImageOps.exif_transpose(opened)
        return np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB"))


def by_opencv(path: Path) -> Array | None:
    """Upright samples as OpenCV reads them, in the file's own depth; None for what it cannot read."""
    deep = path.suffix in (".png", ".tif")
    read = cv2.imread(str(path), cv2.IMREAD_UNCHANGED if deep else cv2.IMREAD_COLOR)
    return None if read is None else np.atleast_3d(read)


@dataclass
class Account:
    """Of one group of files."""

    jobs: int = 0
    written: int = 0
    outside: int = 0
    """Files in which something beyond the mask differs, in either decoder."""
    largest: int = 0
    untrue: int = 0
    """Files of which the run reported less than that."""


def beyond(done: Done, before: Path) -> int | None:
    """The largest difference beyond the mask, over both decoders, in 8-bit steps; None where none of them reads both files."""
    mask = done.result.effective_mask
    assert mask is not None and done.output is not None
    found: list[int] = []
    for read in (by_pillow, by_opencv):
        old, new = read(before), read(done.output)
        if old is None or new is None or old.shape[:2] != mask.shape or old.shape[:2] != new.shape[:2]:
            continue
        old, new = _alike(old), _alike(new)
        seen = (mask == 0) & ((old[..., 3] > 0) | (new[..., 3] > 0))  # the colour under alpha 0 is nobody's
        found.append(int(np.ceil(np.abs(old[seen] - new[seen]).max(initial=0))))
    return max(found, default=None)


def _alike(samples: Array) -> Array:
    """As colours with alpha, in steps of 8 bits."""
    values = samples.astype(np.float64) / (_OF_16 / _OF_8 if samples.dtype == np.uint16 else 1)
    if values.shape[2] == 1:
        values = np.repeat(values, 3, axis=2)
    return values if values.shape[2] == 4 else np.dstack([values, np.full(values.shape[:2], _OF_8)])


def main() -> int:
    """Print the table; the exit code is 1 where the promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=120)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    system, accounts = local(), {kind.group: Account() for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(chosen.jobs):
            kind, account = KINDS[number % len(KINDS)], accounts[KINDS[number % len(KINDS)].group]
            said = _one(kind, account, Path(folder) / f"{number}{kind.ending}", rng, system)
            if said:
                print(f"{kind.name}: {said}")
    print(
        "| files | jobs | written | differ beyond the mask | by at most | more than reported |\n|---|--:|--:|--:|--:|--:|"
    )
    for name, one in accounts.items():
        print(f"| {name} | {one.jobs} | {one.written} | {one.outside} | {one.largest} | {one.untrue} |")
    exact = {kind.group for kind in KINDS if kind.exact}
    return int(any(one.untrue or (one.outside and name in exact) for name, one in accounts.items()))


def _one(kind: Kind, account: Account, path: Path, rng: random.Random, system: object) -> str:
    """Edit one file and note it; what is wrong, in words."""
    image = Image.open(EXAMPLES / rng.choice(PHOTOGRAPHS)).convert("RGB")
    image.thumbnail((_SIDE, _SIDE))
    kind.write(image, path)
    height, width = by_pillow(path).shape[:2] if by_pillow(path) is not None else by_opencv(path).shape[:2]
    left, top = rng.randrange(width // 2), rng.randrange(height // 2)
    box = (left, top, left + rng.randrange(width // 5, width // 2), top + rng.randrange(height // 5, height // 2))
    words = rng.choice(WORDS)
    account.jobs += 1
    place = UserPlace(box=",".join(map(str, box)), limits=rng.random() < 0.5)
    try:
        done = edit_file(Job(path, words, path.with_name(f"{path.stem}-out{kind.ending}"), place=place, seed=1), system)
    except PixwrightError as error:
        return f"'{words}': {error.code}: {error}"
    if done.output is None or done.result.effective_mask is None:
        return ""
    account.written += 1
    worst = beyond(done, path)
    if not worst:
        return "" if worst is not None else f"'{words}': neither decoder reads it"
    account.outside += 1
    account.largest = max(account.largest, worst)
    reported = done.result.report.file_outside_max_difference
    untrue = reported is None or worst > reported
    account.untrue += untrue
    return f"'{words}': differs by {worst} beyond the mask, {reported} was reported" if untrue or kind.exact else ""


if __name__ == "__main__":
    sys.exit(main())
