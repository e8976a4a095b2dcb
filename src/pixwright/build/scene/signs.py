"""Drawn things that no library has: signs with any text, the table that small things stand on, and what is traced from any side.

Keys: `sign/<design>`, `table/<surface>` and those of `scene.traced`. They are drawn from the key and the text alone, and belong to every split.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from pixwright import __version__
from pixwright.build.contract import Catalogue
from pixwright.build.scene.traced.cutouts import PREFIX, traced_asset, traced_pixels
from pixwright.edit.lettering.setting import LineSetting, natural_width, write
from pixwright.edit.surfaces.noise import fbm
from pixwright.edit.surfaces.substances import SUBSTANCES
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.sample import Asset
from pixwright.records.vocabulary import Rgb


@dataclass(frozen=True)
class Design:
    """A sign: its board of `wide` x `tall` shares of the height, in `board` colour with a `rim`, on `legs`, lettered in `ink`."""

    name: str
    wide: float
    tall: float
    board: Rgb
    rim: Rgb
    ink: Rgb
    legs: int
    leg: Rgb
    size_m: float
    material: str = ""
    round: float = 0.06


SIGNS: dict[str, Design] = {
    "wooden": Design("wooden sign", 0.95, 0.46, (176, 128, 78), (104, 68, 36), (48, 28, 14), 2, (120, 82, 46), 1.5, "wood", 0.03),
    "street": Design("street sign", 0.98, 0.34, (24, 92, 60), (240, 244, 240), (246, 248, 246), 1, (150, 154, 158), 2.4, "", 0.08),
    "warning": Design("yellow sign", 0.72, 0.50, (246, 200, 30), (26, 26, 28), (22, 22, 24), 1, (140, 144, 148), 2.0, "", 0.10),
    "chalkboard": Design("chalkboard sign", 0.80, 0.72, (42, 48, 48), (150, 106, 64), (238, 238, 230), 2, (140, 98, 60), 1.2, "", 0.02),
    "billboard": Design("billboard", 1.55, 0.62, (246, 246, 242), (90, 96, 104), (190, 32, 44), 2, (96, 100, 106), 4.5, "", 0.01),
    "protest": Design("cardboard sign", 0.85, 0.55, (206, 176, 132), (176, 142, 98), (30, 26, 24), 1, (196, 160, 110), 1.4, "", 0.01),
}  # fmt: skip
"""What a sign may look like."""

TABLES: dict[str, tuple[str, str]] = {
    "wooden": ("wooden table", "wood"),
    "marble": ("marble table", "marble"),
    "stone": ("stone table", "stone"),
    "white": ("white table", ""),
}
"""Surface -> its name, and the substance that it shows."""

_HEIGHT = 480
"""Pixels of a sign."""
_TABLE = (150, 512)


def is_drawn(key: str) -> bool:
    """Whether the key names a thing that is drawn here."""
    return key.startswith(("sign/", "table/", PREFIX))


def asset_of(key: str, catalogue: Catalogue) -> Asset:
    """The asset of a key, drawn or of the catalogue. Raises `InvalidOption` for an unknown one."""
    if key.startswith(PREFIX):
        return traced_asset(key)
    return _drawn(key) if is_drawn(key) else catalogue.asset(key)


def pixels_of(key: str, text: str, catalogue: Catalogue) -> Array:
    """The cut-out of a key, HxWx4 uint8; on a sign stands `text`. Raises `InvalidOption` for an unknown key."""
    if not is_drawn(key) or key.startswith(PREFIX):
        if text:
            raise InvalidOption(f"'{key}' cannot be written on; text goes onto sign/{', sign/'.join(SIGNS)}.")
        return traced_pixels(key) if is_drawn(key) else catalogue.pixels(key)
    _drawn(key)
    kind, _, design = key.partition("/")
    return sign(SIGNS[design], text) if kind == "sign" else table(design)


def sign(design: Design, text: str) -> Array:
    """A standing sign with a text in one to three lines, HxWx4 uint8."""
    tall, wide = _HEIGHT, round(_HEIGHT * design.wide)
    rgb = np.zeros((tall, wide, 3), np.uint8)
    alpha = np.zeros((tall, wide), np.uint8)
    board = round(tall * design.tall)
    _legs(rgb, alpha, design, board)
    _board(rgb, alpha, design, (wide, board))
    if text:
        rgb = _lettered(rgb, text, design, (wide, board))
    return np.dstack([rgb, alpha])


def table(surface: str) -> Array:
    """A table's top and front edge seen from a little above, as wide as a picture and more, HxWx4 uint8."""
    tall, wide = _TABLE
    rng = np.random.default_rng(zlib.crc32(surface.encode()))
    substance = TABLES[surface][1]
    if substance:
        tile = np.asarray(SUBSTANCES[substance].paint(512, rng), np.float32)
    else:
        tile = np.full((512, 512, 3), (228, 226, 222), np.float32) * (
            0.97 + 0.06 * fbm(512, 512, 90, 4, rng)[..., None]
        )
    top = round(tall * 0.86)
    # The top recedes: its rows are sampled ever farther apart towards the back.
    depth = 1 / np.linspace(0.42, 1.0, top, dtype=np.float32)
    x = (np.arange(wide, dtype=np.float32)[None] / wide - 0.5) * depth[:, None] * 400 + 256
    y = np.broadcast_to(depth[:, None] * 330, x.shape)
    face = cv2.remap(tile, np.mod(x, 511), np.mod(y, 511).astype(np.float32), cv2.INTER_LINEAR)
    shade = np.linspace(0.92, 1.03, top, dtype=np.float32)[:, None, None]
    edge = (
        cv2.resize(tile[:64], (wide, tall - top)) * np.linspace(0.62, 0.42, tall - top, dtype=np.float32)[:, None, None]
    )
    lip = np.ones((tall, 1, 1), np.float32)
    lip[top - 2 : top] = 1.08
    pixels = np.clip(np.vstack([face * shade, edge]) * lip, 0, 255).astype(np.uint8)
    return np.dstack([pixels, np.full((tall, wide), 255, np.uint8)])


@lru_cache(maxsize=64)
def _drawn(key: str) -> Asset:
    kind, _, design = key.partition("/")
    if (kind == "sign" and design not in SIGNS) or (kind == "table" and design not in TABLES):
        known = [f"sign/{name}" for name in SIGNS] + [f"table/{name}" for name in TABLES]
        raise InvalidOption(f"'{key}' is not drawn here; there are {', '.join(known)}.")
    name, size = (SIGNS[design].name, SIGNS[design].size_m) if kind == "sign" else (TABLES[design][0], 0.75)
    return Asset(
        key=key,
        kind="cutout",
        name=name,
        caption=f"a {name}",
        category="sign" if kind == "sign" else "furniture",
        licence="Apache-2.0",
        origin=f"pixwright {__version__}",
        path=key,
        # There is no file: what is hashed is what it is drawn from.
        sha256=hashlib.sha256(f"{key} {SIGNS.get(design)} {TABLES.get(design)}".encode()).hexdigest(),
        size_m=size,
        tags=("ground",),
    )


def _legs(rgb: Array, alpha: Array, design: Design, board: int) -> None:
    tall, wide = alpha.shape
    thick = max(6, round(0.028 * tall))
    for centre in [0.5] if design.legs == 1 else [0.18, 0.82]:
        x0, x1 = round(centre * wide - thick / 2), round(centre * wide + thick / 2)
        across = 1.12 - 0.5 * np.linspace(0, 1, x1 - x0, dtype=np.float32)
        colour = np.clip(np.array(design.leg, np.float32)[None] * across[:, None], 0, 255).astype(np.uint8)
        rgb[board // 2 :, x0:x1] = colour
        alpha[board // 2 :, x0:x1] = 255


def _board(rgb: Array, alpha: Array, design: Design, size: tuple[int, int]) -> None:
    wide, tall = size
    radius = round(design.round * alpha.shape[0])
    outer = _rounded(wide, tall, radius, 0)
    band = max(4, round(0.02 * alpha.shape[0]))
    inner = _rounded(wide, tall, max(radius - band // 2, 0), band)[..., None] / np.float32(255)
    rng = np.random.default_rng(zlib.crc32(design.name.encode()))
    face = np.broadcast_to(np.array(design.board, np.float32), (tall, wide, 3))
    if design.material:
        tile = np.asarray(SUBSTANCES[design.material].paint(512, rng), np.float32)
        tile = np.rot90(tile) if tile.mean(axis=0).std() > tile.mean(axis=1).std() else tile
        tile = cv2.resize(np.ascontiguousarray(tile), (wide, tall), interpolation=cv2.INTER_AREA)
        # The text must stay legible: the grain is kept fainter than it is painted.
        face = face * (0.55 + 0.45 * tile / np.maximum(tile.mean(axis=(0, 1)), 1))
    light = np.linspace(1.05, 0.93, tall, dtype=np.float32)[:, None, None]
    light = light * (0.98 + 0.04 * fbm(tall, wide, 60, 4, rng))[..., None]
    painted = (face * inner + np.array(design.rim, np.float32) * (1 - inner)) * light
    weight = outer[..., None] / np.float32(255)
    part = rgb[:tall, :wide].astype(np.float32)
    rgb[:tall, :wide] = np.clip(part * (1 - weight) + painted * weight, 0, 255).astype(np.uint8)
    np.maximum(alpha[:tall, :wide], outer, out=alpha[:tall, :wide])


def _rounded(wide: int, tall: int, radius: int, inset: int) -> Array:
    """A rectangle with round corners, its distance from the frame `inset`: 255 inside, smooth at the edge."""
    x = np.abs(np.arange(wide, dtype=np.float32) + 0.5 - wide / 2) - (wide / 2 - inset - radius)
    y = np.abs(np.arange(tall, dtype=np.float32) + 0.5 - tall / 2) - (tall / 2 - inset - radius)
    out = (
        np.hypot(np.maximum(x, 0)[None], np.maximum(y, 0)[:, None])
        + np.minimum(np.maximum(x[None], y[:, None]), 0)
        - radius
    )
    return np.asarray(np.clip(0.5 - out, 0, 1) * 255, np.uint8)


def _lettered(rgb: Array, text: str, design: Design, size: tuple[int, int]) -> Array:
    wide, tall = size
    lines = _lines(text, wide / tall)
    room_x, room_y = 0.86 * wide, 0.78 * tall / len(lines)
    height = min(0.72 * room_y, *(room_x / natural_width(line, 700) for line in lines))
    for number, line in enumerate(lines):
        half = natural_width(line, 700) * height / 2
        middle = tall / 2 + (number - (len(lines) - 1) / 2) * min(room_y, 1.5 * height)
        x0, x1, y0, y1 = wide / 2 - half, wide / 2 + half, middle - height / 2, middle + height / 2
        quad = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
        rgb, _ = write(rgb, line, quad, LineSetting(design.ink, 700, 0.0, 0.0))
    return rgb


def _lines(text: str, shape: float) -> list[str]:
    """The words in one to three lines, such that the letters become as large as they can."""
    words = text.split()
    best, largest = [text], 0.0
    for count in range(1, min(3, len(words)) + 1):
        lines, per = [], len(text) / count
        rest = list(words)
        for _ in range(count - 1):
            line = [rest.pop(0)]
            while rest and len(" ".join(line)) + len(rest[0]) / 2 < per and len(rest) > 1:
                line.append(rest.pop(0))
            lines.append(" ".join(line))
        lines.append(" ".join(rest))
        lines = [line for line in lines if line]
        height = min(1 / len(lines), *(1.1 * shape / natural_width(line, 700) for line in lines))
        if height > largest:
            best, largest = lines, height
    return best
