"""What the named materials look like: procedural albedo in surface coordinates, and how each answers to light."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import cv2
import numpy as np

from pixwright.edit.surfaces.crafts import CRAFTS, ramp
from pixwright.edit.surfaces.exposure import OFFSET
from pixwright.edit.surfaces.noise import fbm, ridged, streaks, value_noise, worley
from pixwright.edit.surfaces.surface import Field, from_lab, to_lab
from pixwright.records.vocabulary import MATERIALS, Rgb, material_in
from pixwright.words.colours import kind_of, lab_of
from pixwright.words.colours import rgb as named_colour

_Paint = Callable[[int, np.random.Generator], Field]

_YEARS = 15
"""Of a tree, to the side of a tile."""
_HUES_KEPT, _LIT = 0.4, (0.5, 1.3)
"""How much of a pattern's differences in (a*, b*) stays in another colour; and how little and how much of that its dark and its light parts have."""
_CODES, _FLAGS = ("grout", "ground"), ("grained", "dyed", "veined")
"""Numbers of a craft that are colours, in hexadecimal; and of a substance that are yes (1) or no."""
_PALE, _DARK = 70.0, 45.0
"""L* of a pattern on the whole above which, and of a colour below which, the veins are lighter than the ground: black marble."""


@dataclass(frozen=True)
class Substance:
    """`paint(tile, rng)` gives a tile x tile x 3 albedo, 0 to 255. `depth` is how much of the fine relief remains (1: as on a natural surface of that lightness);
    `gloss` adds highlights where the light was strongest; `mirror` bends the shading into a metal's bright and dark bands; `clear` lets the
    background through; `density` is pattern pixels per picture pixel, relative to a region of 200 px."""

    paint: _Paint
    depth: float = 1.0
    gloss: float = 0.0
    mirror: float = 0.0
    clear: float = 0.0
    density: float = 1.0
    form: float = 0.0
    """Share of its light and shade that the body's own round form gives, where the old surface showed none (a dark coat that becomes porcelain)."""
    grained: bool = False
    """Whether its pattern runs one way, across the tile."""
    dyed: bool = False
    """Whether it comes in every colour: then a thing that becomes it keeps its own."""
    veined: bool = False
    """Whether what is darker in it are veins, which are light in a dark ground."""
    unit: float = 0.0
    """Metres that one of its strands, tiles, boards or stones is wide; 0 where `density` says how coarse it is."""
    units: int = 0
    """How many of these lie side by side in a tile, whose opposite sides fit then."""


def _wood(n: int, rng: np.random.Generator) -> Field:
    return ramp(_grain(n, rng), (206, 164, 116), (172, 124, 78), (122, 80, 46), (84, 52, 30))


def _grain(n: int, rng: np.random.Generator) -> Field:
    """A board sawn out of a trunk: years are shells about a heart that lies beside it and at a small angle; each begins pale and ends dark, and fibres and pores run along."""
    x, y = np.meshgrid(np.arange(n, dtype=np.float32) / n, np.arange(n, dtype=np.float32) / n)
    wave = fbm(n, n, n / 2, 2, rng) * 0.10 + fbm(n // 4, n, n / 6, 3, rng).repeat(4, axis=0)[:n] * 0.02
    radius = np.hypot(y + wave + 0.1, 0.05 + 0.25 * np.abs(x - 0.35)) + 0.04 * value_noise(n, n, n / 2, rng)
    year = radius * _YEARS
    ring = (year - np.floor(year)) ** 2
    # Late wood ends within a pixel or two: no step in the picture.
    ring = cv2.GaussianBlur(ring.astype(np.float32), (0, 0), 1.0)
    strength = 0.35 + 0.65 * value_noise(n, n, n / 3, rng)
    fibre = streaks(n, n, 0, 110, 1.1, rng) - 0.5
    pores = np.clip(streaks(n, n, 0, 26, 1.0, rng) - 0.78, 0, 1)
    slow = fbm(n, n, n / 2, 3, rng) - 0.5
    tone = 0.30 + 0.27 * ring * strength + 0.22 * fibre + 0.9 * pores + 0.22 * slow
    return np.asarray(np.clip(tone, 0, 1), np.float32)


def _flat(*colours: tuple[int, int, int], grain: float = 0.1, scale: float = 30.0) -> _Paint:
    def paint(n: int, rng: np.random.Generator) -> Field:
        field = 0.5 + (fbm(n, n, scale, 4, rng) - 0.5) * grain * 5
        return ramp(np.clip(field, 0, 1), *colours)

    return paint


def _brushed(*colours: tuple[int, int, int]) -> _Paint:
    def paint(n: int, rng: np.random.Generator) -> Field:
        field = 0.5 + (streaks(n, n, 8, 90, 1.2, rng) - 0.5) * 0.5
        return ramp(np.clip(field, 0, 1), *colours)

    return paint


def _rust(n: int, rng: np.random.Generator) -> Field:
    patches = fbm(n, n, 60, 5, rng)
    grains = fbm(n, n, 7, 3, rng)
    return ramp(
        np.clip(patches * 0.75 + grains * 0.4 - 0.05, 0, 1),
        (58, 32, 24),
        (112, 54, 26),
        (168, 86, 36),
        (196, 122, 66),
        (122, 84, 66),
    )


def _stone(n: int, rng: np.random.Generator) -> Field:
    """Granite: slow changes of tone with light and dark grains."""
    slow, rough = fbm(n, n, 90, 4, rng), fbm(n, n, 14, 4, rng)
    grains = value_noise(n, n, 2.2, rng)
    field = 0.5 + (slow - 0.5) * 0.7 + (rough - 0.5) * 0.5 + (grains - 0.5) * 0.35
    return ramp(np.clip(field, 0, 1), (92, 90, 87), (138, 134, 128), (176, 171, 162))


def _marble(n: int, rng: np.random.Generator) -> Field:
    """Broad soft veins along one way, with a few sharp ones in them, on clouded white."""
    x, y = np.meshgrid(np.arange(n, dtype=np.float32), np.arange(n, dtype=np.float32))
    bend = fbm(n, n, n / 3, 5, rng) * 9
    broad = (1 - np.abs(np.sin(2 * np.pi * (x + y) / n + bend))) ** 5
    sharp = ridged(n, n, n / 3, 5, rng) ** 22
    clouds = fbm(n, n, 90, 4, rng)
    veins = broad * (0.35 + 0.65 * clouds) * 0.5 + sharp * clouds * 0.55
    return ramp(
        np.clip(veins + clouds * 0.16, 0, 1), (244, 242, 239), (220, 218, 217), (172, 170, 174), (120, 119, 126)
    )


def _concrete(n: int, rng: np.random.Generator) -> Field:
    """Cast and worn: clouds where it dried unevenly, stains, sand, small holes of air, and a few hairline cracks."""
    clouds, stains = fbm(n, n, n / 2, 4, rng), fbm(n, n, n / 8, 4, rng)
    sand, rough = value_noise(n, n, 1.6, rng), fbm(n, n, 9, 3, rng)
    first, second, which = worley(n, n, 15, rng)
    hole = (rng.random(int(which.max()) + 1).astype(np.float32)[which] < 0.3) * np.clip(2.2 - first, 0, 1)
    cracks = ridged(n, n, n / 2, 5, rng) ** 40 * (fbm(n, n, n / 3, 2, rng) > 0.55)
    tone = 0.5 + (clouds - 0.5) * 0.75 + (stains - 0.5) * 0.55 + (sand - 0.5) * 0.22 + (rough - 0.5) * 0.28
    tone = tone - 0.45 * hole - 0.35 * cracks
    return ramp(np.clip(tone, 0, 1), (84, 82, 79), (128, 126, 122), (158, 156, 151), (188, 186, 180))


def _suede(n: int, rng: np.random.Generator) -> Field:
    """Short nap, darker and lighter where it was brushed one way and the other."""
    nap = streaks(n, n, 70, 5, 1.1, rng) * 0.6 + value_noise(n, n, 1.8, rng) * 0.4
    brushed = fbm(n, n, n / 5, 4, rng)
    return ramp(
        np.clip(0.5 + (nap - 0.5) * 0.7 + (brushed - 0.5) * 0.7, 0, 1), (88, 62, 44), (124, 90, 66), (158, 122, 94)
    )


def _brick(n: int, rng: np.random.Generator) -> Field:
    high, wide, joint = 22, 52, 3
    y, x = np.mgrid[0:n, 0:n].astype(np.float32)
    row = np.floor(y / high)
    shifted = x + (row % 2) * wide / 2
    mortar = ((y % high) < joint) | ((shifted % wide) < joint)
    tone = rng.random((n // high + 2, n // wide + 3)).astype(np.float32)
    each = tone[row.astype(int), (shifted // wide).astype(int)]
    face = ramp(
        np.clip(0.25 + 0.5 * each + 0.35 * (fbm(n, n, 12, 3, rng) - 0.5), 0, 1),
        (112, 48, 36),
        (158, 74, 54),
        (190, 104, 78),
    )
    grout = ramp(fbm(n, n, 8, 2, rng), (166, 160, 150), (196, 190, 180))
    return np.where(mortar[..., None], grout, face).astype(np.float32)


def _glass(n: int, rng: np.random.Generator) -> Field:
    return np.full((n, n, 3), (184, 206, 205), np.float32)


def _ice(n: int, rng: np.random.Generator) -> Field:
    """Clear blue with white clouds, and few thin cracks."""
    cracks = ridged(n, n, n / 2.5, 4, rng) ** 30
    clouds = fbm(n, n, n / 3, 5, rng)
    return ramp(
        np.clip(clouds * 0.75 + cracks * 0.45, 0, 1), (150, 196, 222), (188, 222, 238), (222, 240, 248), (250, 253, 255)
    )


def _crystal(n: int, rng: np.random.Generator) -> Field:
    first, second, cell = worley(n, n, 42, rng)
    face = rng.random(int(cell.max()) + 1).astype(np.float32)[cell]
    edge = np.clip(1 - (second - first) / 3, 0, 1)
    return ramp(
        np.clip(face * 0.9 + edge * 0.6, 0, 1), (104, 140, 196), (170, 200, 236), (216, 206, 244), (255, 255, 255)
    )


def _woven(dark: tuple[int, int, int], light: tuple[int, int, int], thread: float) -> _Paint:
    def paint(n: int, rng: np.random.Generator) -> Field:
        y, x = np.mgrid[0:n, 0:n].astype(np.float32) * np.float32(np.pi / thread)
        warp = np.where(np.sin(x) * np.sin(y) > 0, np.abs(np.sin(x)), np.abs(np.sin(y)))
        return ramp(np.clip(warp * 0.75 + fbm(n, n, 40, 4, rng) * 0.3, 0, 1), dark, light)

    return paint


def _denim(n: int, rng: np.random.Generator) -> Field:
    y, x = np.mgrid[0:n, 0:n].astype(np.float32)
    twill = 0.5 + 0.5 * np.sin((x + y) * 1.5)
    worn = fbm(n, n, 80, 4, rng)
    return ramp(
        np.clip(twill * 0.45 + 0.12 + worn * 0.26 + (streaks(n, n, 90, 25, 1, rng) - 0.5) * 0.3, 0, 1),
        (26, 42, 84),
        (62, 92, 146),
        (138, 164, 204),
    )


def _knit(n: int, rng: np.random.Generator) -> Field:
    y, x = np.mgrid[0:n, 0:n].astype(np.float32)
    wide, high = 16.0, 12.0
    column = np.abs((x % wide) / wide - 0.5) * 2
    stitch = 0.5 + 0.5 * np.cos((y / high - column * 0.9) * 2 * np.pi)
    ridge = np.sqrt(np.clip(np.sin(column * np.pi), 0, 1))
    fuzz = (fbm(n, n, 4, 2, rng) - 0.5) * 0.25
    return ramp(np.clip(0.15 + 0.75 * stitch * ridge + fuzz, 0, 1), (104, 34, 38), (176, 66, 66), (222, 140, 132))


def _leather(n: int, rng: np.random.Generator) -> Field:
    """Grain that is hardly seen from where a thing is seen whole, on slow changes of tone."""
    first, second, _ = worley(n, n, 8, rng)
    grain = np.clip((second - first) / 3.5, 0, 1)
    return ramp(np.clip(grain * 0.22 + fbm(n, n, 110, 4, rng) * 0.7, 0, 1), (78, 44, 25), (108, 63, 37), (140, 88, 54))


def _fur(n: int, rng: np.random.Generator) -> Field:
    hairs = streaks(n, n, 72, 22, 1.2, rng) * 0.55 + streaks(n, n, 105, 18, 1.2, rng) * 0.45
    return ramp(
        np.clip((hairs - 0.25) * 1.7 * 0.8 + fbm(n, n, 50, 3, rng) * 0.3, 0, 1),
        (74, 48, 28),
        (154, 110, 70),
        (224, 192, 150),
    )


def _leaves(n: int, rng: np.random.Generator) -> Field:
    out = np.full((n, n, 3), (28, 58, 24), np.uint8)
    for x, y, turn, tone in zip(*(rng.random(900) for _ in range(4))):
        colour = tuple(int(c) for c in np.array([40, 95, 30]) + tone * np.array([90, 90, 40]))
        for dx in (0, -n, n):
            cv2.ellipse(out, (int(x * n) + dx, int(y * n)), (13, 6), turn * 360, 0, 360, colour, -1, cv2.LINE_AA)
            tip = (int(np.cos(turn * 6.283) * 11), int(np.sin(turn * 6.283) * 11))
            cv2.line(
                out,
                (int(x * n) + dx - tip[0], int(y * n) - tip[1]),
                (int(x * n) + dx + tip[0], int(y * n) + tip[1]),
                tuple(int(c * 0.7) for c in colour),
                1,
                cv2.LINE_AA,
            )
    return out.astype(np.float32)


def _lava(n: int, rng: np.random.Generator) -> Field:
    first, second, _ = worley(n, n, 55, rng)
    glow = np.clip(1 - (second - first) / 9, 0, 1) ** 1.4
    crust = ramp(fbm(n, n, 14, 4, rng), (18, 12, 12), (62, 48, 44))
    fire = ramp(glow, (60, 10, 0), (230, 70, 10), (255, 190, 50), (255, 245, 190))
    return (crust * (1 - glow[..., None]) + fire * glow[..., None]).astype(np.float32)


def _strawberry(n: int, rng: np.random.Generator) -> Field:
    out = ramp(np.clip(0.5 + (fbm(n, n, 50, 3, rng) - 0.5) * 0.8, 0, 1), (176, 14, 22), (214, 28, 36), (232, 60, 56))
    y, x = np.mgrid[0:n, 0:n].astype(np.float32)
    row = np.floor(y / 20)
    dx, dy = (x + (row % 2) * 13) % 26 - 13, y % 20 - 10
    pit = np.exp(-(dx**2 / 26 + dy**2 / 50))[..., None]
    seed = ((dx**2 / 6 + dy**2 / 18) < 1).astype(np.float32)[..., None]
    pip = np.array([236, 196, 96], np.float32)
    return np.asarray(out * (1 - 0.45 * pit) * (1 - seed) + pip * seed, np.float32)


SUBSTANCES: dict[str, Substance] = {
    "wood": Substance(_wood, depth=0.7, gloss=0.15, form=0.35, grained=True),
    "gold": Substance(_flat((150, 100, 18), (226, 172, 54), (255, 224, 130), grain=0.02, scale=90), mirror=0.9, gloss=0.9),
    "silver": Substance(_flat((128, 132, 138), (196, 200, 204), (244, 246, 248), grain=0.02, scale=90), mirror=0.9, gloss=0.9),
    "copper": Substance(_flat((118, 54, 28), (196, 108, 66), (246, 178, 136), grain=0.03, scale=90), mirror=0.8, gloss=0.7),
    "bronze": Substance(_flat((74, 46, 18), (150, 102, 50), (206, 160, 96), grain=0.08), mirror=0.7, gloss=0.5),
    "steel": Substance(_brushed((118, 122, 128), (172, 176, 182), (214, 218, 222)), mirror=0.75, gloss=0.6),
    "rust": Substance(_rust, depth=0.9),
    "stone": Substance(_stone, depth=0.9, form=0.3),
    "marble": Substance(_marble, depth=0.7, gloss=0.35, form=0.35, veined=True),
    "brick": Substance(_brick, depth=0.85, density=1.2),
    "concrete": Substance(_concrete, depth=0.6),
    "glass": Substance(_glass, depth=0.6, gloss=1.0, clear=0.8),
    "ice": Substance(_ice, depth=1.4, gloss=0.9, clear=0.5),
    "crystal": Substance(_crystal, depth=0.6, gloss=0.9, clear=0.2),
    "fabric": Substance(_woven((180, 163, 141), (220, 206, 186), 4.0), depth=1.0, density=1.25, dyed=True),
    "denim": Substance(_denim, depth=1.0, density=1.8),
    "knit": Substance(_knit, depth=1.0, density=1.5, dyed=True),
    "leather": Substance(_leather, depth=1.0, gloss=0.4, density=1.7),
    "paper": Substance(_flat((226, 222, 210), (240, 237, 228), (250, 248, 242), grain=0.12, scale=6), depth=0.7),
    "plastic": Substance(_flat((216, 44, 46), (220, 48, 50), (224, 54, 54), grain=0.01), depth=0.5, gloss=0.8, form=0.35),
    "ceramic": Substance(_flat((234, 232, 226), (240, 239, 235), (246, 245, 242), grain=0.02), depth=0.45, gloss=0.75, form=0.5),
    "suede": Substance(_suede, depth=0.7, density=1.7, dyed=True),
    "fur": Substance(_fur, depth=0.9),
    "leaves": Substance(_leaves, depth=0.9),
    "chocolate": Substance(_flat((66, 34, 18), (84, 46, 26), (104, 60, 34), grain=0.06), depth=0.6, gloss=0.5, form=0.35),
    "lava": Substance(_lava, depth=0.35),
    "strawberry": Substance(_strawberry, depth=0.9, gloss=0.4),
}  # fmt: skip
"""Every name of `records.vocabulary.MATERIALS`, and kinds of them that look otherwise."""


@lru_cache
def _made() -> dict[str, Substance]:
    """The rows of `data/materials.tsv`, by every name that they have."""
    text = (resources.files("pixwright.edit") / "data" / "materials.tsv").read_text(encoding="utf-8")
    out: dict[str, Substance] = {}
    for line in text.splitlines()[1:]:
        name, also, craft, colours, how, light = line.split("\t")
        run = tuple((int(c[:2], 16), int(c[2:4], 16), int(c[4:], 16)) for c in colours.split())
        numbers = {k: float(int(v, 16)) if k in _CODES else float(v) for k, v in _pairs(how)}
        substance = Substance(
            _painted(craft, run, numbers), unit=numbers.get("unit", 0.0), units=int(numbers.get("across", 0)),
            **{k: bool(float(v)) if k in _FLAGS else float(v) for k, v in _pairs(light)},  # type: ignore[arg-type]
        )  # fmt: skip
        out.update(dict.fromkeys((name, *(word.strip() for word in also.split(",") if word.strip())), substance))
    return out


def _pairs(said: str) -> list[tuple[str, str]]:
    return [(part.split("=")[0], part.split("=")[1]) for part in said.split()]


def _painted(craft: str, colours: tuple[Rgb, ...], how: dict[str, float]) -> _Paint:
    if craft == "grain":
        # The run goes from dark to light, and late wood is dark.
        return lambda n, rng: ramp(1 - _grain(n, rng), *colours)
    return lambda n, rng: CRAFTS[craft](n, rng, colours, how)


def boards() -> Substance:
    """What a floor of sawn wood is laid in."""
    return _made()["planks"]


def known_names() -> tuple[str, ...]:
    """Every material that can be asked for, for a message: the vocabulary's, and one name of each of the others."""
    firsts = {id(substance): name for name, substance in reversed(_made().items())}
    return tuple(dict.fromkeys((*MATERIALS, *reversed(firsts.values()))))


def meant_by(words: str) -> tuple[Substance, Rgb | None] | None:
    """The substance that words name, and the colour that they say it has ("white marble", "rose gold", "grey slate tiles"); None where they name none."""
    said = words.lower().split()
    spans = sorted(
        ((i, j) for i in range(len(said)) for j in range(i + 1, len(said) + 1)), key=lambda s: (s[0] - s[1], -s[1])
    )
    span = next(((i, j) for i, j in spans if " ".join(said[i:j]) in _made()), None)
    if span is not None:
        return _made()[" ".join(said[span[0] : span[1]])], named_colour(" ".join(said[: span[0]])) if span[0] else None
    name = next((word for word in said if word in SUBSTANCES), None) or material_in(words)
    if name is None:
        return None
    at = next(n for n, word in enumerate(said) if material_in(word) == material_in(name))
    return SUBSTANCES[name], (named_colour(words) or named_colour(" ".join(said[:at]))) if at else None


def in_colour(tile: Field, colour: Rgb, *, veined: bool = False) -> Field:
    """A pattern (hxwx3, 0 to 255) in another colour: what is darker or of another hue in it stays so. Brick is red, and red brick is no redder."""
    usual = "#{:02x}{:02x}{:02x}".format(*np.median(tile, axis=(0, 1)).astype(int))
    if colour == named_colour(kind_of(usual) or ""):
        return tile
    lab = to_lab(np.clip(tile, 0, 255).astype(np.uint8))
    light, *goal = lab_of(colour)
    t = np.log(lab[..., 0] + OFFSET)
    off = t - np.median(t)
    if veined and light < _DARK and float(np.median(lab[..., 0])) > _PALE:
        off = -off
    lit = np.exp(off)
    tint = lab[..., 1:] - np.median(lab[..., 1:], axis=(0, 1))
    lab[..., 0] = np.clip((light + OFFSET) * lit - OFFSET, 0, 100)
    lab[..., 1:] = np.array(goal, np.float32) * np.clip(lit, *_LIT)[..., None] + tint * np.float32(_HUES_KEPT)
    return from_lab(lab).astype(np.float32)
