"""Backgrounds painted from words, as a lens out of focus would show them. Each painter: (height, width, rng) -> HxWx3 uint8."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from pixwright.edit.painting.scenery_around import AROUND
from pixwright.edit.painting.scenery_built import bokeh, brick_wall, city, office, street, studio, wooden_wall
from pixwright.edit.painting.scenery_near import NEAR
from pixwright.edit.painting.skies import add_clouds, add_stars, add_sun, caustics, cloud_field, gradient, rays
from pixwright.edit.surfaces.noise import Field, fbm, ridged, streaks
from pixwright.edit.toning.lut import (
    add_grain,
    as_picture,
    blur_field,
    blur_picture,
    mix,
    multiply_layer,
    screen_layer,
    smoothstep,
    vignette_field,
)
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb

Painter = Callable[[int, int, np.random.Generator], Array]

_LARGEST = 1280
"""Longer side, in pixels, that is painted; the focus lies on the foreground, so nothing finer is there to show."""


_LAND = 0.9
"""Share of a painted sky's height at which its land begins."""
_SEEN, _SEEN_IN = 0.5, 0.01
"""Share of a pixel from which it is sky, and of a row from which that row is."""
_LEAST_TALL = 48
"""Pixels of height that a sky is painted at, at least."""


def paint(name: str, h: int, w: int, rng: np.random.Generator) -> Array:
    """Background `name` (a key of `PAINTERS`, `NEAR` or `AROUND`), HxWx3 uint8, slightly out of focus, with a camera's grain."""
    scale = min(1.0, _LARGEST / max(h, w))
    sh, sw = max(24, round(h * scale)), max(24, round(w * scale))
    out = (PAINTERS | NEAR | AROUND)[name](sh, sw, rng)
    out = blur_picture(out, _SOFT.get(name, 1.3) * max(sh, sw) / 640)
    out = resized(out, h, w) if out.shape[:2] != (h, w) else out
    return add_grain(out, 1.6, rng)


def paint_sky(name: str, sky: Field, rng: np.random.Generator) -> Array:
    """The sky of background `name`, HxWx3, in the place of a sky (HxW in [0, 1]): its lowest light lies where that ends, and the land of the painting beneath."""
    h, w = sky.shape
    rows = np.flatnonzero((sky > _SEEN).mean(1) > _SEEN_IN)
    lowest = int(rows[-1]) + 1 if rows.size else h
    painted = paint(name, max(_LEAST_TALL, round(lowest / _LAND)), w, rng)[:lowest]
    return np.ascontiguousarray(np.pad(painted, ((0, max(0, h - len(painted))), (0, 0), (0, 0)), mode="edge")[:h])


def _profile(w: int, rough: float, rng: np.random.Generator) -> Field:
    """A ridge line: w heights about 0, deviation 1."""
    x = np.linspace(0, 1, w)
    line = np.zeros(w)
    for k in range(7):
        n = 3 * 2**k
        line += np.interp(x, np.linspace(0, 1, n + 2), rng.normal(0, rough**k, n + 2))
    return np.asarray((line - line.mean()) / max(line.std(), 1e-6), np.float32)


def _below(h: int, line: Field, soft: float = 1.2) -> Field:
    """1 under the line (pixels from the top, one a column), HxW."""
    return smoothstep(-soft, soft, np.arange(h, dtype=np.float32)[:, None] - line[None])


def _ground(h: int, w: int, top: float, near: Rgb, far: Rgb) -> Array:
    """A plane from its horizon at fraction `top` (colour `far`) to the lower edge (`near`)."""
    return gradient(h, w, [(0, far), (top, far), (1, near)])


def _plane_noise(h: int, w: int, top: int, scale: float, rng: np.random.Generator, squash: float = 6.0) -> Field:
    """Noise that lies on the ground below row `top`: it flattens and shrinks towards the horizon. HxW in [0, 1], 0.5 above."""
    field = np.full((h, w), 0.5, np.float32)
    rows = h - top
    if rows < 2:
        return field
    side = max(64, w)
    noise = fbm(side, side, scale * side / w, 6, rng)
    depth = 1.0 / np.maximum(np.linspace(0.04, 1, rows, dtype=np.float32), 0.02)
    v = np.mod(depth * squash * 12, 2 * side)
    v = np.where(v >= side, 2 * side - 1 - v, v)
    u = (np.arange(w, dtype=np.float32) / w - 0.5)[None] * (depth[:, None] * 0.5 + 0.5) * side * 0.5
    u = np.mod(u, 2 * side)
    u = np.where(u >= side, 2 * side - 1 - u, u)
    map_y = np.broadcast_to(v[:, None], (rows, w)).astype(np.float32)
    field[top:] = cv2.remap(noise, u.astype(np.float32), map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return field


def blue_sky(h: int, w: int, rng: np.random.Generator) -> Array:
    sky = gradient(h, w, [(0, (36, 108, 206)), (0.6, (104, 170, 232)), (1, (188, 218, 242))])
    return add_clouds(sky, 0.24, (255, 255, 255), (196, 210, 226), rng)


def clouds(h: int, w: int, rng: np.random.Generator) -> Array:
    sky = gradient(h, w, [(0, (70, 128, 204)), (1, (206, 222, 238))])
    sky = add_clouds(sky, 0.55, (250, 250, 252), (168, 182, 204), rng)
    return add_clouds(sky, 0.40, (255, 253, 248), (186, 194, 210), rng, 0.85)


def sunset_sky(h: int, w: int, rng: np.random.Generator) -> Array:
    stops: list[tuple[float, Rgb]] = [
        (0, (44, 46, 104)),
        (0.35, (128, 70, 126)),
        (0.62, (226, 98, 78)),
        (0.85, (252, 168, 82)),
        (1, (255, 216, 132)),
    ]
    sky = add_clouds(gradient(h, w, stops), 0.42, (255, 150, 96), (98, 54, 96), rng)
    sky = add_sun(sky, float(rng.uniform(0.2, 0.8)), 0.86, 0.03, (255, 190, 110), 0.6)
    hill = 0.945 * h + _profile(w, 0.45, rng) * 0.012 * h
    return mix(sky, np.full_like(sky, (34, 24, 40)), _below(h, hill))


def night_sky(h: int, w: int, rng: np.random.Generator) -> Array:
    sky = gradient(h, w, [(0, (4, 8, 24)), (0.7, (14, 26, 62)), (1, (46, 58, 98))])
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    band = np.exp(-(((y / h - 0.12) - (x / w) * 0.62) ** 2) / 0.018)
    milk = band * (0.25 + 0.9 * fbm(h, w, 0.3 * w, 6, rng)) * smoothstep(0.15, 0.6, fbm(h, w, 0.12 * w, 6, rng))
    sky = screen_layer(sky, np.clip(milk * 0.55, 0, 1).astype(np.float32), (170, 176, 214))
    sky = add_stars(sky, 750, rng)
    sky = add_stars(sky, 900, rng, np.clip(milk * 1.4, 0, 1).astype(np.float32))
    hill = 0.93 * h + _profile(w, 0.5, rng) * 0.022 * h
    return mix(sky, np.full_like(sky, (5, 7, 14)), _below(h, hill))


def space(h: int, w: int, rng: np.random.Generator) -> Array:
    out = np.full((h, w, 3), (5, 5, 13), np.uint8)
    where = fbm(h, w, 0.7 * w, 4, rng)
    for colour, low in (((72, 40, 160), 0.42), ((190, 50, 120), 0.55), ((30, 120, 190), 0.52), ((255, 150, 90), 0.70)):
        cloud = ridged(h, w, 0.42 * w, 6, rng) * fbm(h, w, 0.3 * w, 6, rng)
        cloud = smoothstep(low * 0.55, 1.0, cloud * 1.25) * (0.35 + where)
        out = screen_layer(out, np.clip(cloud * 0.85, 0, 1).astype(np.float32), colour)
    dust = smoothstep(0.45, 0.85, fbm(h, w, 0.2 * w, 6, rng))
    out = multiply_layer(out, 1 - 0.55 * dust)
    return add_stars(add_stars(out, 1100, rng), 120, rng)


def _sea(h: int, w: int, top: int, near: Rgb, far: Rgb, sky: Array, rng: np.random.Generator) -> Array:
    """Water below row `top`: waves that grow towards the viewer, reflecting the sky."""
    water = gradient(h, w, [(0, far), (top / h, far), (1, near)])
    swell = _plane_noise(h, w, top, 26.0, rng, 14)
    chop = _plane_noise(h, w, top, 9.0, rng, 30)
    wave = (swell - 0.5) * 1.5 + (chop - 0.5) * 0.9
    mirror = cv2.flip(sky[:top], 0)
    if len(mirror) >= 2:
        reflected = water.copy()
        reflected[top:] = resized(blur_picture(np.ascontiguousarray(mirror), 3), h - top, w)
        rows = np.clip(1.1 - (np.arange(h, dtype=np.float32) - top) / max(h - top, 1), 0.2, 0.62)[:, None]
        water = mix(water, reflected, np.broadcast_to(rows, (h, w)))
    water = multiply_layer(water, np.clip(1 + 0.42 * wave, 0.4, 1.8))
    return screen_layer(water, smoothstep(0.52, 0.95, wave + 0.25) * np.float32(0.5))


def ocean(h: int, w: int, rng: np.random.Generator) -> Array:
    top = round(0.42 * h)
    sky = blue_sky(h, w, rng)
    sky[:top] = resized(sky, top, w)
    sea = _sea(h, w, top, (6, 62, 104), (70, 136, 176), sky, rng)
    return mix(sky, sea, _below(h, np.full(w, top, np.float32)))


def beach(h: int, w: int, rng: np.random.Generator) -> Array:
    """Sky, turquoise sea, a line of foam, sand."""
    top = round(0.40 * h)
    sky = blue_sky(h, w, rng)
    sky[:top] = resized(sky, top, w)
    sea = _sea(h, w, top, (110, 206, 200), (16, 112, 166), sky, rng)
    out = mix(sky, sea, _below(h, np.full(w, top, np.float32)))
    shore = 0.66 * h + np.linspace(-0.05, 0.07, w, dtype=np.float32) * h + _profile(w, 0.35, rng) * 0.010 * h
    sand = _ground(h, w, 0.6, (236, 206, 158), (214, 186, 142))
    grain = _plane_noise(h, w, round(0.55 * h), 22.0, rng, 10)
    sand = multiply_layer(sand, 0.90 + 0.20 * grain)
    distance = np.arange(h, dtype=np.float32)[:, None] - shore[None]
    wet = smoothstep(0.085 * h, 0.0, distance)
    sand = mix(sand, cv2.multiply(sand, (0.66, 0.66, 0.66, 0)), wet * np.float32(0.8))
    out = mix(out, sand, _below(h, shore, 1.5))
    lace = fbm(h, w, 0.03 * w, 5, rng)
    foam = np.exp(-((distance / (0.010 * h)) ** 2)) + 0.75 * np.exp(
        -(((distance + 0.045 * h) / (0.014 * h)) ** 2)
    ) * smoothstep(0.38, 0.6, lace)
    foam = foam + 0.6 * np.exp(-(((distance + 0.11 * h) / (0.008 * h)) ** 2)) * smoothstep(0.45, 0.6, lace)
    return mix(out, np.full_like(out, (250, 252, 250)), np.clip(foam * (0.55 + 0.5 * lace), 0, 0.95).astype(np.float32))


def mountains(h: int, w: int, rng: np.random.Generator) -> Array:
    """Five ridges, each paler and bluer with distance; snow on the far peaks."""
    out = gradient(h, w, [(0, (92, 148, 212)), (0.6, (206, 222, 236)), (1, (232, 232, 228))])
    out = add_clouds(out, 0.22, (255, 255, 255), (206, 216, 230), rng)
    far, near = np.array([156, 178, 206], np.float32), np.array([34, 58, 46], np.float32)
    for k in range(5):
        t = k / 4
        line = (0.36 + 0.145 * k) * h + _profile(w, 0.56 - 0.05 * t, rng) * (0.085 - 0.045 * t) * h
        body = np.broadcast_to((far + (near - far) * t**0.8), (h, w, 3))
        slope = ridged(h, w, (0.24 - 0.12 * t) * w, 6, rng)
        light = 0.80 + 0.42 * slope
        rock = as_picture(body * light[..., None].astype(np.float32))
        depth = np.arange(h, dtype=np.float32)[:, None] - line[None]
        if k < 2:
            cap = (
                smoothstep(0.15 * h, 0.01 * h, depth + (slope - 0.5) * 0.24 * h)
                * smoothstep(0.52 * h, 0.38 * h, line)[None]
            )
            rock = mix(
                rock,
                as_picture(np.array([240, 245, 252], np.float32) * np.clip(light, 0.7, 1.05)[..., None]),
                cap * np.float32(0.92),
            )
        haze = smoothstep(0.0, 0.22 * h, depth) * np.float32(0.55 * (1 - t))
        rock = mix(rock, np.full_like(rock, (208, 220, 232)), haze)
        out = mix(out, rock, _below(h, line.astype(np.float32)))
    return out


def desert(h: int, w: int, rng: np.random.Generator) -> Array:
    """Dunes: each crest has a lit and a shaded side; wind ripples near."""
    out = gradient(h, w, [(0, (64, 130, 204)), (0.45, (214, 216, 206)), (1, (240, 216, 176))])
    for k in range(5):
        t = k / 4
        line = (0.44 + 0.12 * k) * h + _profile(w, 0.22, rng) * (0.022 + 0.045 * t) * h
        depth = np.arange(h, dtype=np.float32)[:, None] - line[None]
        slope = np.clip(blur_field(np.gradient(line).astype(np.float32)[None], 14)[0] * 3.4, -0.35, 0.35)
        base = np.array([236, 184, 116], np.float32) * (1 - t) * 0.98 + np.array([216, 142, 74], np.float32) * t
        crest = np.exp(-np.maximum(depth, 0) / (0.16 * h))
        light = 0.93 + slope[None] * crest - 0.12 * smoothstep(0, 0.25 * h, depth)
        ripple = np.sin((depth + 5 * fbm(h, w, 0.12 * w, 3, rng) * (4 + 10 * t)) / (0.9 + 2.6 * t)) * 0.045 * t
        dune = as_picture(base * (light + ripple)[..., None])
        dune = mix(dune, np.full_like(dune, (236, 212, 178)), np.float32(0.5 * (1 - t)) * np.ones((h, w), np.float32))
        out = mix(out, dune, _below(h, line.astype(np.float32)))
    return out


def _leaves(
    h: int,
    w: int,
    size: float,
    colours: list[Rgb],
    count: int,
    rng: np.random.Generator,
    low: float = 0.0,
    high: float = 1.0,
) -> Array:
    """Blurred foliage: discs of light and dark green, HxWx3, drawn on a dark ground."""
    out = np.full((h, w, 3), colours[0], np.uint8)
    x, y = rng.random(count) * w, (low + rng.random(count) * (high - low)) * h
    r = size * rng.uniform(0.4, 1.3, count)
    pick = rng.integers(0, len(colours), count)
    gain = rng.uniform(0.75, 1.2, count)
    for k in range(count):
        colour = np.clip(np.array(colours[pick[k]]) * gain[k], 0, 255).astype(int).tolist()
        cv2.circle(out, (int(x[k] * 8), int(y[k] * 8)), int(r[k] * 8), colour, -1, cv2.LINE_AA, 3)
    return out


def forest(h: int, w: int, rng: np.random.Generator) -> Array:
    """Light between trunks, a floor of moss, leaves out of focus."""
    s = max(h, w) / 640
    out = _leaves(h, w, 20 * s, [(70, 110, 52), (120, 160, 78), (178, 204, 120), (96, 134, 62)], 700, rng)
    out = blur_picture(out, 9 * s)
    glow = np.exp(-(((np.mgrid[0:h, 0:w][0] / h - 0.40) / 0.28) ** 2)).astype(np.float32)
    out = screen_layer(out, glow * np.float32(0.55), (226, 240, 180))
    for layer in range(4):
        t = layer / 3
        trunks = np.zeros((h, w), np.float32)
        for _ in range(round(15 - 8 * t)):
            x, width = rng.random() * w, (4 + 16 * t) * s * rng.uniform(0.7, 1.3)
            lean = rng.normal(0, 0.02) * h
            foot = (0.66 + 0.26 * t) * h
            shape = np.array(
                [
                    [x - width / 2 + lean, -5],
                    [x + width / 2 + lean, -5],
                    [x + width * 0.75, foot],
                    [x - width * 0.75, foot],
                ]
            )
            cv2.fillConvexPoly(trunks, np.rint(shape * 8).astype(np.int32), 1.0, cv2.LINE_AA, 3)
        bark = multiply_layer(
            np.full((h, w, 3), tuple(int(a + (b - a) * t) for a, b in zip((134, 146, 106), (42, 34, 24))), np.uint8),
            0.75 + 0.5 * streaks(h, w, 90, 50 * s, 3 * s, rng),
        )
        out = mix(out, bark, blur_field(trunks, (2.6 - 1.6 * t) * s) * np.float32(0.92))
        floor = _leaves(
            h, w, (5 + 6 * t) * s, [(38, 58, 24), (78, 108, 40), (112, 136, 54), (66, 72, 34)], 500, rng, 0.55, 1.02
        )
        line = (0.68 + 0.07 * layer) * h + _profile(w, 0.5, rng) * 0.012 * h
        shade = np.clip(1.25 - 0.35 * t - 0.25 * (np.arange(h, dtype=np.float32)[:, None] / h - 0.6), 0.4, 1.4)
        out = mix(
            out,
            multiply_layer(blur_picture(floor, 2.4 * s), np.broadcast_to(shade, (h, w))),
            _below(h, line.astype(np.float32), 6 * s),
        )
    canopy = _leaves(h, w, 15 * s, [(30, 52, 22), (62, 98, 36), (120, 156, 66)], 420, rng, -0.05, 0.24)
    edge = smoothstep(
        0.30, 0.02, np.arange(h, dtype=np.float32)[:, None] / h + 0.30 * (fbm(h, w, 60 * s, 4, rng) - 0.5)
    )
    out = mix(out, blur_picture(canopy, 4.5 * s), edge * np.float32(0.85))
    return screen_layer(out, rays(h, w, 0.68, -0.25, rng) * np.float32(0.42), (240, 244, 190))


def _meadow(h: int, w: int, flowers: list[Rgb], amount: int, rng: np.random.Generator) -> Array:
    s = max(h, w) / 640
    top = round(0.46 * h)
    out = blue_sky(h, w, rng)
    out[:top] = resized(out, top, w)
    for k, (colour, place) in enumerate((((112, 146, 128), 0.42), ((78, 118, 70), 0.46))):
        line = place * h + _profile(w, 0.55, rng) * 0.012 * h
        trees = multiply_layer(np.full_like(out, colour), 0.7 + 0.6 * fbm(h, w, (14 - 4 * k) * s, 4, rng))
        out = mix(out, trees, _below(h, line.astype(np.float32), 2 * s))
    grass = _ground(h, w, 0.48, (70, 128, 34), (150, 180, 84))
    tuft = _plane_noise(h, w, top, 16.0, rng, 16)
    blade = streaks(h, w, 86, 16 * s, 1.5 * s, rng) - 0.5
    rows = smoothstep(top / h, 1.0, np.linspace(0, 1, h, dtype=np.float32)[:, None])
    grass = multiply_layer(grass, np.clip(0.72 + 0.56 * tuft + 0.9 * blade * rows, 0.3, 1.6).astype(np.float32))
    line = 0.49 * h + _profile(w, 0.3, rng) * 0.008 * h
    out = mix(out, grass, _below(h, line.astype(np.float32), 2 * s))
    depth = np.sort(rng.random(amount)) ** 0.8
    for d in depth.tolist():
        x, y = rng.random() * w, (0.51 + 0.52 * d) * h
        r = (0.7 + 6.0 * d**1.6) * s * rng.uniform(0.7, 1.25)
        colour = (
            np.clip(np.array(flowers[int(rng.integers(len(flowers)))]) * rng.uniform(0.85, 1.1), 0, 255)
            .astype(int)
            .tolist()
        )
        centre = (int(x * 8), int(y * 8))
        cv2.ellipse(out, centre, (int(r * 8), int(r * 6)), 0, 0, 360, colour, -1, cv2.LINE_AA, 3)
        if r > 3 * s:
            cv2.circle(out, centre, int(r * 2.4), (236, 196, 60), -1, cv2.LINE_AA, 3)
    return out


def meadow(h: int, w: int, rng: np.random.Generator) -> Array:
    return _meadow(h, w, [(250, 250, 246), (246, 214, 70)], 150, rng)


def garden(h: int, w: int, rng: np.random.Generator) -> Array:
    """A flower bed in front of a hedge, well out of focus."""
    s = max(h, w) / 640
    hedge = blur_picture(
        _leaves(h, w, 12 * s, [(28, 62, 26), (58, 104, 40), (104, 150, 66), (150, 186, 96)], 900, rng), 5 * s
    )
    hedge = screen_layer(
        hedge,
        np.broadcast_to(smoothstep(0.35, 0.0, np.linspace(0, 1, h, dtype=np.float32)[:, None]), (h, w))
        * np.float32(0.5),
        (232, 242, 214),
    )
    flowers: list[Rgb] = [
        (226, 60, 110),
        (246, 176, 60),
        (250, 244, 240),
        (176, 90, 200),
        (240, 120, 150),
        (222, 50, 50),
    ]
    for d in np.sort(rng.random(420)).tolist():
        x, y = rng.random() * w, (0.46 + 0.58 * d) * h
        r = (3 + 9 * d**1.3) * s * rng.uniform(0.7, 1.2)
        leaf = np.clip(np.array((64, 124, 46)) * rng.uniform(0.6, 1.25), 0, 255).astype(int).tolist()
        cv2.ellipse(
            hedge,
            (int(x + rng.normal(0, 2 * r)), int(y + r)),
            (max(1, int(r * 1.2)), max(1, int(r * 0.6))),
            float(rng.uniform(-60, 60)),
            0,
            360,
            leaf,
            -1,
            cv2.LINE_AA,
        )
        colour = np.array(flowers[int(rng.integers(len(flowers)))]) * rng.uniform(0.85, 1.08)
        for petal in range(5):
            a = petal * 1.2566 + d * 9
            spot = (int((x + 0.6 * r * np.cos(a)) * 8), int((y + 0.5 * r * np.sin(a)) * 8))
            cv2.circle(
                hedge,
                spot,
                int(r * 4.4),
                np.clip(colour * (0.9 + 0.04 * petal), 0, 255).astype(int).tolist(),
                -1,
                cv2.LINE_AA,
                3,
            )
        cv2.circle(hedge, (int(x * 8), int(y * 8)), int(r * 2.2), (240, 206, 90), -1, cv2.LINE_AA, 3)
    return hedge


def snow(h: int, w: int, rng: np.random.Generator) -> Array:
    """A snow field, distant firs, pale sky."""
    s = max(h, w) / 640
    out = gradient(h, w, [(0, (142, 172, 208)), (0.5, (214, 224, 236)), (1, (230, 232, 238))])
    out = add_clouds(out, 0.35, (246, 247, 250), (196, 206, 222), rng, 0.7)
    for k, (place, colour) in enumerate(((0.47, (150, 168, 190)), (0.53, (74, 96, 116)))):
        firs = np.zeros((h, w), np.float32)
        size = (22 + 26 * k) * s
        for x in np.arange(-size, w + size, size * 0.42).tolist():
            x, tall = x + rng.normal(0, 0.3 * size), size * rng.uniform(0.7, 1.5)
            foot = (place + 0.03) * h
            for tier in range(4):
                t = tier / 4
                half = tall * (0.10 + 0.17 * t)
                shape = np.array(
                    [
                        [x, foot - tall * (1 - t * 0.85)],
                        [x - half, foot - tall * (0.68 - t * 0.80)],
                        [x + half, foot - tall * (0.68 - t * 0.80)],
                    ]
                )
                cv2.fillConvexPoly(firs, np.rint(shape * 8).astype(np.int32), 1.0, cv2.LINE_AA, 3)
        trees = multiply_layer(np.full_like(out, colour), 0.85 + 0.5 * fbm(h, w, 8 * s, 3, rng))
        snowy = smoothstep(0.62, 0.8, fbm(h, w, 7 * s, 4, rng)) * np.float32(0.8)
        out = mix(out, mix(trees, np.full_like(out, (228, 235, 244)), snowy), firs)
    for k in range(3):
        line = (0.54 + 0.13 * k) * h + _profile(w, 0.24, rng) * 0.014 * h
        depth = np.arange(h, dtype=np.float32)[:, None] - line[None]
        drift = _plane_noise(h, w, round(0.5 * h), 46.0, rng, 8)
        light = 0.90 + 0.10 * np.exp(-np.maximum(depth, 0) / (0.07 * h)) + 0.14 * (drift - 0.5)
        field = as_picture(
            np.array([238, 243, 251], np.float32) * light[..., None]
            - np.array([9, 4, 0], np.float32) * smoothstep(0, 0.2 * h, depth)[..., None]
        )
        out = mix(out, field, _below(h, line.astype(np.float32), 1.5 * s))
    return out


def underwater(h: int, w: int, rng: np.random.Generator) -> Array:
    """Sun shafts from the surface, blue depth, a sandy bed with a light net, bubbles."""
    out = gradient(h, w, [(0, (126, 226, 232)), (0.25, (30, 150, 190)), (0.7, (8, 80, 132)), (1, (6, 52, 96))])
    top, _ = cloud_field(h, w, 0.5, rng)
    out = screen_layer(
        out, top * smoothstep(0.2, 0.0, np.linspace(0, 1, h, dtype=np.float32)[:, None]) * np.float32(0.5)
    )
    out = screen_layer(out, rays(h, w, 0.55, -0.2, rng), (150, 236, 240))
    line = 0.82 * h + _profile(w, 0.3, rng) * 0.02 * h
    bed = _ground(h, w, 0.78, (150, 176, 150), (40, 116, 150))
    net = _plane_noise(h, w, round(0.78 * h), 14.0, rng, 10) * 0.4 + caustics(h, w, 0.07 * w, rng) * 0.7
    bed = multiply_layer(bed, (0.72 + 0.6 * net).astype(np.float32))
    out = mix(out, bed, _below(h, line.astype(np.float32), 8.0))
    s = max(h, w) / 640
    for _ in range(50):
        x, y, r = int(rng.random() * w), int(rng.random() * h), max(1, int(rng.uniform(1, 5) * s))
        cv2.circle(out, (x, y), r, (150, 222, 236), max(1, round(0.8 * s)), cv2.LINE_AA)
    return multiply_layer(out, 1 - 0.45 * vignette_field(h, w))


PAINTERS: dict[str, Painter] = {
    "beach": beach,
    "forest": forest,
    "mountains": mountains,
    "desert": desert,
    "city": city,
    "night sky": night_sky,
    "space": space,
    "underwater": underwater,
    "snow": snow,
    "meadow": meadow,
    "sunset sky": sunset_sky,
    "blue sky": blue_sky,
    "office": office,
    "studio": studio,
    "brick wall": brick_wall,
    "wooden wall": wooden_wall,
    "bokeh": bokeh,
    "clouds": clouds,
    "ocean": ocean,
    "garden": garden,
    "street": street,
}
"""Every background of `vocabulary.BACKGROUNDS` but "blurred", which needs the picture itself."""

_SOFT: dict[str, float] = {
    "night sky": 0.0,
    "space": 0.0,
    "forest": 2.6,
    "garden": 3.4,
    "meadow": 2.2,
    "city": 2.0,
    "street": 3.0,
    "office": 4.2,
    "brick wall": 1.0,
    "wooden wall": 1.0,
    "bokeh": 0.6,
    "snow": 1.8,
    "studio": 0.0,
}
"""How far out of focus, in pixels at 640."""
