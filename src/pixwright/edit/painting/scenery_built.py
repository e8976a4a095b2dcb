"""Backgrounds that people built: city, street, office, studio, walls, lights. Each: (height, width, rng) -> HxWx3 uint8."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.painting.skies import add_clouds, gradient
from pixwright.edit.styles.structure import relief
from pixwright.edit.surfaces.noise import fbm, streaks, value_noise
from pixwright.edit.toning.lut import (
    as_picture,
    blur_field,
    blur_picture,
    multiply_layer,
    screen_layer,
    smoothstep,
    vignette_field,
)
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb


def city(h: int, w: int, rng: np.random.Generator) -> Array:
    """A skyline at dusk: three depths of towers, lit windows, glow over the streets."""
    stops: list[tuple[float, Rgb]] = [
        (0, (28, 42, 92)),
        (0.4, (98, 84, 138)),
        (0.66, (226, 138, 112)),
        (0.8, (252, 196, 140)),
        (1, (252, 200, 150)),
    ]
    out = add_clouds(gradient(h, w, stops), 0.3, (250, 170, 140), (110, 88, 132), rng, 0.7)
    lights = np.zeros((h, w, 3), np.uint8)
    s = max(h, w) / 640
    for k in range(3):
        t = k / 2
        far, near = np.array([132, 110, 138]), np.array([24, 26, 44])
        x = -20.0 * s
        while x < w:
            width = (20 + 30 * t) * s * rng.uniform(0.7, 1.5)
            top = (0.74 - (0.42 - 0.10 * t) * rng.random() ** 1.4 - 0.06 * (1 - t)) * h
            colour = np.clip((far + (near - far) * t) * rng.uniform(0.85, 1.15), 0, 255)
            x0, x1, y0 = int(x), int(x + width), int(top)
            cv2.rectangle(out, (x0, y0), (x1, h), colour.astype(int).tolist(), -1)
            cv2.rectangle(
                out,
                (x0, y0),
                (x0 + max(1, int(width * 0.28)), h),
                (colour * 1.22).clip(0, 255).astype(int).tolist(),
                -1,
            )
            lights[y0:, max(x0, 0) : max(x1, 0)] = 0
            if rng.random() < 0.3:
                cv2.line(
                    out,
                    ((x0 + x1) // 2, y0),
                    ((x0 + x1) // 2, int(y0 - 18 * s)),
                    colour.astype(int).tolist(),
                    max(1, round(1.5 * s)),
                )
            _panes(lights, x0, x1, y0, h, (2.0 + 1.6 * t) * s, 0.34 + 0.2 * t, rng)
            x += width + rng.uniform(-2, 6) * s
    out = cv2.add(out, lights)
    out = cv2.add(out, blur_picture(lights, 4 * s))
    haze = smoothstep(0.55, 1.0, np.linspace(0, 1, h, dtype=np.float32)[:, None]) * np.ones((1, w), np.float32)
    return screen_layer(out, haze * np.float32(0.22), (255, 170, 110))


def _panes(
    lights: Array, x0: int, x1: int, y0: int, h: int, pane: float, share: float, rng: np.random.Generator
) -> None:
    """Light a share of a tower's windows; writes to `lights`."""
    size, step = max(1, round(pane)), max(2, round(pane * 2.1))
    for y in range(y0 + step, h, step):
        for x in range(x0 + step // 2, x1 - size, step):
            if rng.random() < share:
                warm = rng.uniform(0.35, 1.0)
                lights[y : y + size, max(x, 0) : max(x + size, 0)] = (int(235 * warm), int(186 * warm), int(104 * warm))


def bokeh(h: int, w: int, rng: np.random.Generator) -> Array:
    """Discs of light out of focus on a dark warm ground."""
    s = max(h, w) / 640
    out = gradient(h, w, [(0, (26, 22, 44)), (0.6, (62, 38, 46)), (1, (24, 16, 22))])
    cloud = fbm(h, w, 180 * s, 3, rng)
    out = screen_layer(out, cloud * np.float32(0.30), (200, 110, 60))
    hues: list[Rgb] = [(255, 190, 90), (255, 150, 70), (255, 226, 170), (240, 90, 90), (110, 170, 255), (250, 210, 120)]
    layer = np.zeros((h, w, 3), np.uint8)
    for _ in range(150):
        x, y = rng.random() * w, rng.normal(0.52, 0.24) * h
        r = (5 + 26 * rng.random() ** 1.6) * s
        hue = np.array(hues[int(rng.integers(len(hues)))]) * rng.uniform(0.12, 0.62)
        x0, y0, x1, y1 = (int(v) for v in (max(x - r - 2, 0), max(y - r - 2, 0), min(x + r + 3, w), min(y + r + 3, h)))
        if x1 <= x0 or y1 <= y0:
            continue
        yy, xx = np.mgrid[y0:y1, x0:x1].astype(np.float32)
        d = np.hypot(xx - x, yy - y)
        face = smoothstep(r + 1.2 * s, r - 1.2 * s, d) * (0.72 + 0.40 * smoothstep(0.65 * r, r, d))
        spot = as_picture(face[..., None] * hue[None, None])
        layer[y0:y1, x0:x1] = cv2.add(layer[y0:y1, x0:x1], spot)
    return np.asarray(cv2.add(out, layer), np.uint8)


def studio(h: int, w: int, rng: np.random.Generator) -> Array:
    """A grey paper roll with a lamp behind the subject and a soft bend to the floor."""
    y, x = np.linspace(0, 1, h, dtype=np.float32)[:, None], np.linspace(0, 1, w, dtype=np.float32)[None]
    lamp = np.exp(-(((x - 0.5) / 0.48) ** 2 + ((y - 0.42) / 0.46) ** 2))
    floor = smoothstep(0.78, 0.98, y * np.ones_like(x))
    mottle = (fbm(h, w, 0.35 * w, 4, rng) - 0.5) * 8
    tone = 92 + 118 * lamp + 16 * floor + mottle
    return as_picture(tone[..., None] * np.array([0.985, 1.0, 1.02], np.float32))


def brick_wall(h: int, w: int, rng: np.random.Generator) -> Array:
    """Running bond, each brick of its own firing, rough mortar."""
    tall = max(h, w) / 19.0
    long, joint = tall * 2.9, tall * 0.13
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    wob = (value_noise(h, w, tall * 0.8, rng) - 0.5) * joint * 0.7
    row = np.floor((y + wob) / tall)
    shifted = x + wob + (row % 2) * long / 2
    column = np.floor(shifted / long)
    inner = np.minimum(
        np.minimum((y + wob) % tall, tall - (y + wob) % tall), np.minimum(shifted % long, long - shifted % long)
    )
    table = rng.normal(0, 1, (int(row.max()) + 3, int(column.max()) + 3, 2)).astype(np.float32)
    tint = table[row.astype(int) + 1, column.astype(int) + 1]
    colour = (
        np.array([158, 76, 54], np.float32)
        + tint[..., :1] * np.array([17, 13, 11], np.float32)
        + tint[..., 1:] * np.array([9, -5, -7], np.float32)
    )
    rough = fbm(h, w, tall * 0.6, 5, rng) - 0.5
    colour = colour * (1 + 0.45 * rough[..., None])
    mortar = np.array([176, 166, 152], np.float32) * (0.85 + 0.5 * (fbm(h, w, tall * 0.2, 3, rng)[..., None] - 0.4))
    face = smoothstep(joint * 0.55, joint * 0.95, inner + rough * joint * 0.6)
    out = as_picture(mortar * (1 - face[..., None]) + colour * face[..., None])
    out = relief(out, blur_field(face, 0.8) + rough * 0.5, 11)
    light = 1.12 - 0.42 * np.hypot(x / w - 0.38, y / h - 0.30)
    return multiply_layer(out, light.astype(np.float32))


def wooden_wall(h: int, w: int, rng: np.random.Generator) -> Array:
    """Upright planks: grain with rings, knots, dark gaps."""
    plank = max(h, w) / 7.5
    x = np.arange(w, dtype=np.float32)
    number = (x / plank).astype(int)
    count = int(number.max()) + 1
    offset, tone = rng.uniform(0, 400, count), rng.normal(0, 1, count)
    y, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    wave = fbm(h, w, plank * 1.4, 3, rng) * plank * 1.1
    bend = np.zeros((h, w), np.float32)
    dark = np.zeros((h, w), np.float32)
    for _ in range(max(2, count // 2)):
        kx, ky, r = (
            (int(rng.integers(count)) + rng.uniform(0.3, 0.7)) * plank,
            rng.random() * h,
            plank * rng.uniform(0.05, 0.1),
        )
        d2 = ((xx - kx) / r) ** 2 + ((y - ky) / (r * 1.7)) ** 2
        bend += np.exp(-d2 / 7) * r * 5
        dark = np.maximum(dark, np.exp(-d2 * 1.1))
    ring = (xx + wave * 0.55 + bend + offset[number][None]) / (plank / 15)
    grain = 0.5 + 0.5 * np.sin(ring * 2 * np.pi * 0.5 + 2.5 * np.sin(ring * 0.7))
    fibre = streaks(h, w, 90, plank * 1.6, max(1.0, plank / 60), rng) - 0.5
    base = np.array([162, 112, 68], np.float32) + tone[number][None, :, None] * np.array([15, 12, 9], np.float32)
    shade = 0.80 + 0.24 * grain + 0.42 * fibre - 0.5 * dark
    gap = np.minimum(x % plank, plank - x % plank)
    seam = smoothstep(plank * 0.008, plank * 0.03, gap)[None]
    light = 1.1 - 0.32 * np.hypot(xx / w - 0.4, y / h - 0.3)
    return as_picture(base * (shade * (0.22 + 0.78 * seam) * light)[..., None])


def office(h: int, w: int, rng: np.random.Generator) -> Array:
    """A bright room far out of focus: window front, shelves, a plant, a desk."""
    out = gradient(h, w, [(0, (226, 222, 214)), (0.72, (208, 200, 188)), (0.74, (150, 118, 88)), (1, (118, 90, 66))])

    def box(x0: float, y0: float, x1: float, y1: float, colour: Rgb) -> None:
        cv2.rectangle(out, (int(x0 * w), int(y0 * h)), (int(x1 * w), int(y1 * h)), colour, -1)

    box(0.03, 0.08, 0.47, 0.62, (246, 248, 250))
    for k in range(4):
        box(0.045 + 0.105 * k, 0.10, 0.135 + 0.105 * k, 0.60, (214, 232, 246))
        box(0.045 + 0.105 * k, 0.42, 0.135 + 0.105 * k, 0.60, (176, 196, 190))
    box(0.58, 0.10, 0.97, 0.70, (134, 98, 66))
    books: list[Rgb] = [
        (150, 60, 50),
        (46, 84, 120),
        (220, 200, 160),
        (70, 110, 80),
        (190, 140, 60),
        (96, 80, 110),
        (236, 230, 220),
    ]
    for shelf in range(4):
        y0 = 0.12 + 0.145 * shelf
        box(0.59, y0, 0.96, y0 + 0.128, (84, 60, 42))
        x = 0.60
        while x < 0.94:
            thick = float(rng.uniform(0.010, 0.024))
            if rng.random() < 0.86:
                box(
                    x,
                    y0 + float(rng.uniform(0.015, 0.045)),
                    x + thick,
                    y0 + 0.126,
                    books[int(rng.integers(len(books)))],
                )
            x += thick + 0.002
    box(0.30, 0.70, 1.0, 0.735, (196, 156, 112))
    box(0.12, 0.60, 0.18, 0.74, (232, 228, 220))
    for _ in range(60):
        a, r = rng.uniform(-np.pi, 0), rng.uniform(0.02, 0.16)
        centre = (int((0.15 + r * 0.6 * np.cos(a)) * w), int((0.60 + r * 1.3 * np.sin(a)) * h))
        leaf = np.clip(np.array((62, 116, 58)) * rng.uniform(0.6, 1.4), 0, 255).astype(int).tolist()
        cv2.ellipse(
            out,
            centre,
            (max(1, int(0.022 * w)), max(1, int(0.009 * w))),
            float(np.degrees(a)),
            0,
            360,
            leaf,
            -1,
            cv2.LINE_AA,
        )
    y, x2 = np.linspace(0, 1, h, dtype=np.float32)[:, None], np.linspace(0, 1, w, dtype=np.float32)[None]
    glow = np.exp(-(((x2 - 0.25) / 0.3) ** 2 + ((y - 0.32) / 0.35) ** 2)).astype(np.float32)
    return multiply_layer(screen_layer(out, glow * np.float32(0.4)), 1 - 0.3 * vignette_field(h, w))


def street(h: int, w: int, rng: np.random.Generator) -> Array:
    """A street in the evening: fronts in perspective, lamps and shop windows as discs of light, wet asphalt."""
    s = max(h, w) / 640
    vx, vy = 0.52 * w, 0.46 * h
    out = gradient(h, w, [(0, (62, 84, 132)), (0.36, (196, 156, 150)), (0.5, (246, 202, 158)), (1, (250, 206, 160))])
    road = gradient(h, w, [(0, (150, 132, 126)), (0.46, (150, 132, 126)), (1, (52, 54, 62))])
    road = multiply_layer(road, 0.85 + 0.3 * fbm(h, w, 30 * s, 4, rng))
    out[int(vy) :] = road[int(vy) :]
    lights = np.zeros((h, w, 3), np.uint8)
    for side in (-1, 1):
        edge = 0 if side < 0 else w
        for k in range(7):
            t0, t1 = 1 - 0.80 ** (6 - k), 1 - 0.80 ** (7 - k)
            x0, x1 = (edge + (vx - edge) * t for t in (t0, t1))
            roof = -0.35 * h + 0.30 * h * rng.random()
            tops = [roof + (vy - roof) * t for t in (t0, t1)]
            foot = [1.02 * h + (vy - 1.02 * h) * t for t in (t0, t1)]
            far = t0
            colour = (np.array([78, 62, 60]) * (1 - far) + np.array([176, 148, 144]) * far) * rng.uniform(0.8, 1.2)
            shape = np.array([[x0, tops[0]], [x1, tops[1]], [x1, foot[1]], [x0, foot[0]]])
            cv2.fillConvexPoly(
                out, np.rint(shape).astype(np.int32), np.clip(colour, 0, 255).astype(int).tolist(), cv2.LINE_AA
            )
            _front(lights, (x0, x1), tops, foot, rng)
    mirrored = cv2.flip(lights, 0)
    shift = np.array([[1, 0, 0], [0, 1, 2 * vy - h + 0.42 * h]], np.float32)
    mirrored = cv2.warpAffine(mirrored, shift, (w, h))
    mirrored[: int(vy)] = 0
    wet = cv2.blur(mirrored, (max(1, int(5 * s)), max(1, int(46 * s))))
    for k in range(10):
        t = 1 - 0.76 ** float(k)
        for start in (0.12 * w, 0.88 * w):
            centre = (int(start + (vx - start) * t), int(0.16 * h + (vy - 0.16 * h) * t))
            cv2.circle(lights, centre, max(1, int(11 * s * (1 - t) + 2)), (255, 214, 150), -1, cv2.LINE_AA)
    out = cv2.add(out, cv2.multiply(wet, (0.7, 0.7, 0.7, 0)))
    halo = cv2.multiply(blur_picture(lights, 9 * s), (0.8, 0.8, 0.8, 0))
    return np.asarray(cv2.add(cv2.add(out, blur_picture(lights, 1.2 * s)), halo), np.uint8)


def _front(
    lights: Array, x: tuple[float, float], tops: list[float], foot: list[float], rng: np.random.Generator
) -> None:
    """Windows and a shop of one house front in perspective; writes to `lights`."""
    for floor in range(6):
        for column in range(3):
            if floor > 0 and rng.random() < 0.5:
                continue
            a, b = (column + 0.2) / 3, (column + 0.75) / 3
            low, high = (0.03, 0.13) if floor == 0 else (0.14 * floor + 0.05, 0.14 * floor + 0.12)
            corner = []
            for u, v in ((a, high), (b, high), (b, low), (a, low)):
                top, bottom = tops[0] + (tops[1] - tops[0]) * u, foot[0] + (foot[1] - foot[0]) * u
                corner.append((x[0] + (x[1] - x[0]) * u, bottom + (top - bottom) * v))
            power = rng.uniform(0.3, 0.9) if floor == 0 else rng.uniform(0.2, 0.6)
            hue = ((255, 196, 120), (255, 160, 90), (180, 205, 255))[int(rng.integers(3))]
            cv2.fillConvexPoly(
                lights, np.rint(np.array(corner)).astype(np.int32), [int(c * power) for c in hue], cv2.LINE_AA
            )
