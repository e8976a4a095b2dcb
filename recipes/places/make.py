"""Make the shipped photographs of places, `edit/data/places/*.webp`, from panoramas and photographs under free licences.

    pip install OpenEXR==3.5.3                                   # reads the panoramas, for this recipe alone
    python -m recipes.places.make SOURCES                        # 48 views, seconds on one core
    python -m recipes.places.make SOURCES --sheet places.png     # a contact sheet, to look at every one

The table `edit/data/places/places.tsv` says of each view which place it shows and by which words that is meant (read by the program), and where it comes
from (read here): its set and file, where it looks (a share of the panorama's width; of a photograph, the row of its horizon as a share of its height),
how bright it is to be (0 for a photograph, which stays as it is), who made it, and under which licence. SOURCES holds a folder for each set:

    blender       `usr/share/blender/datafiles/studiolights/world` of the Debian package blender-data=3.4.1+dfsg-2: panoramas of Poly Haven, CC0
    pmndrs        `package/hdri` of the npm package @pmndrs/assets=1.7.0: panoramas of Poly Haven in base64, CC0
    lomiri-16.04  the pictures of the Debian package lomiri-wallpapers-16.04=20.04.0-2: by its debian/copyright CC-BY-4.0 or CC0, file by file

A panorama is seen by a lens of 90 degrees, in the light that was measured, so that what is bright becomes a disc when the view goes out of focus; only
then it is brought to what a screen shows. 640 pixels a side hold all that is left of it.
"""

from __future__ import annotations

import argparse
import base64
import csv
import tempfile
from importlib import resources
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Light = NDArray[np.float32]

SIDE, QUALITY, LENS, ANGLE = 640, 82, 4.0, 90.0
"""Pixels of a view's side, quality of its WebP file, radius of its blur in pixels, and degrees that it shows."""
WIDE = 960
"""Longer side of a photograph, in pixels."""
BRIGHTEST = 60
"""Of a panorama's median, beyond which no light counts: the sun would drown everything about it."""
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
FOLDER = resources.files("pixwright.edit") / "data" / "places"


def panorama(sources: Path, kind: str, name: str) -> Light:
    """A panorama HxWx3 in linear light."""
    import OpenEXR

    if kind == "blender":
        path = sources / kind / f"{name}.exr"
    else:
        text = (sources / kind / f"{name}.exr.js").read_text("ascii")
        path = Path(tempfile.mkdtemp()) / "one.exr"
        path.write_bytes(base64.b64decode(text.partition("base64,")[2].partition("'")[0]))
    channels = OpenEXR.File(str(path)).channels()
    whole = next((channels[k].pixels[..., :3] for k in ("RGB", "RGBA") if k in channels), None)
    found = whole if whole is not None else np.stack([channels[c].pixels for c in "RGB"], -1)
    return np.asarray(found, np.float32)


def view(light: Light, at: float) -> Light:
    """What a lens sees that looks at share `at` of a panorama's width: SIDE x SIDE x 3, its horizon in the middle."""
    tall, wide = light.shape[:2]
    far = 0.5 / np.tan(np.radians(ANGLE) / 2)
    v, u = (np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) + 0.5) / SIDE - 0.5
    across = np.arctan2(u, far) / (2 * np.pi) + at
    up = np.arctan2(-v, np.hypot(u, far))
    x = (across % 1) * wide - 0.5
    y = (0.5 - up / np.pi) * tall - 0.5
    ring = np.concatenate([light[:, -4:], light, light[:, :4]], 1)
    seen = cv2.remap(
        ring, (x + 4).astype(np.float32), y.astype(np.float32), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.clip(seen, 0, None).astype(np.float32)


def through_lens(light: Light) -> Light:
    """A view out of focus."""
    reach = int(np.ceil(LENS))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(LENS + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return np.asarray(cv2.filter2D(light, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT), np.float32)


def developed(light: Light, key: float) -> NDArray[np.uint8]:
    """Linear light as sRGB, its middle tones at about `key`, what is very bright held back (Reinhard and others 2002)."""
    luma = light @ LUMA
    middle = 0.6 * np.exp(np.mean(np.log(np.maximum(luma, 1e-4)))) + 0.4 * np.median(luma)
    held = light / max(float(middle), 1e-5) * key * 0.55
    held = held * (1 + held / 9) / (1 + held)
    grey = (held @ LUMA)[..., None]
    held = np.clip(grey + (held - grey) * 1.12, 0, 1)
    shown = np.where(held <= 0.0031308, 12.92 * held, 1.055 * held ** (1 / 2.4) - 0.055)
    return np.asarray((shown * 255 + 0.5).clip(0, 255), np.uint8)


def made(sources: Path, row: dict[str, str]) -> Image.Image:
    """The picture of one row of the table."""
    kind, _, name = row["source"].partition(" ")
    if kind.startswith("lomiri"):
        picture = Image.open(sources / kind / f"{name}.jpg").convert("RGB")
        picture.thumbnail((WIDE, WIDE))
        return picture
    light = panorama(sources, kind, name).astype(np.float32)
    light = np.minimum(light, BRIGHTEST * np.median(light.mean(-1)))
    return Image.fromarray(developed(through_lens(view(light, float(row["at"]))), float(row["key"])))


def main() -> None:
    """Make all views, or a sheet of them."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("sources", type=Path)
    options.add_argument("--sheet", type=Path)
    given = options.parse_args()
    rows = list(
        csv.DictReader((FOLDER / "places.tsv").read_text("utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    )
    across, side = 10, 190
    sheet = Image.new("RGB", (across * side, -(-len(rows) // across) * side))
    for k, row in enumerate(rows):
        if not row["source"]:
            continue
        picture = made(given.sources, row)
        picture.save(Path(str(FOLDER / f"{row['file']}.webp")), quality=QUALITY, method=6)
        sheet.paste(picture.resize((side - 4, side - 4)), ((k % across) * side, (k // across) * side))
    if given.sheet:
        sheet.save(given.sheet)


if __name__ == "__main__":
    main()
