"""Weather: the light it brings, and what falls or drifts at its several depths."""

from __future__ import annotations

import cv2
import numpy as np

from pixwright.edit.painting.skies import add_sun, caustics, lightning, rays
from pixwright.edit.surfaces.noise import Field, fbm, streaks
from pixwright.edit.toning.grade import apply_look, look_named
from pixwright.edit.toning.light import lay_snow, paint_sky
from pixwright.edit.toning.lut import (
    apply_grade,
    blur_field,
    blur_picture,
    contrast,
    mix,
    multiply_layer,
    resize_field,
    saturate,
    screen_layer,
    smoothstep,
)
from pixwright.edit.toning.outdoors import Scene
from pixwright.records.instruction import Array
from pixwright.records.vocabulary import Rgb

_LARGEST = 1600
"""Longer side, in pixels, at which flakes and drops are drawn; they are soft."""


def weather(scene: Scene, name: str, strength: float) -> Array:
    """`name` is one of `vocabulary.WEATHERS`, or sandstorm or underwater; `strength` 1 is a good deal of it."""
    return {
        "sunny": _sunny,
        "cloudy": _cloudy,
        "rain": _rain,
        "snow": _snow,
        "fog": _fog,
        "storm": _storm,
        "sandstorm": _sandstorm,
        "underwater": _underwater,
    }[name](scene, strength)


def _graded(scene: Scene, name: str, keep: float = 0.35) -> Array:
    out = apply_look(scene.picture, look_named(name), scene.rng(1))
    return paint_sky(out, scene, name, keep)


def _layer_size(scene: Scene) -> tuple[int, int, float]:
    """Size at which particles are drawn, and the unit there."""
    scale = min(1.0, _LARGEST / max(scene.height, scene.width))
    return max(4, round(scene.height * scale)), max(4, round(scene.width * scale)), scene.unit * scale


def flakes(h: int, w: int, u: float, amount: float, rng: np.random.Generator) -> Field:
    """Snow in the air at four depths: many small far flakes, few large soft near ones, all slanted by one wind. HxW in [0, 1]."""
    total = np.zeros((h, w), np.float32)
    wind = rng.uniform(-0.35, 0.35)
    area = h * w / (512 * 512) / max(u * u, 1e-6)
    for count, size, soft, bright, fall in (
        (1500, 0.75, 0.35, 0.70, 1.0),
        (520, 1.4, 0.55, 0.90, 2.2),
        (130, 2.7, 1.0, 1.0, 4.0),
        (26, 6.5, 3.4, 0.85, 7.0),
    ):
        layer = np.zeros((h, w), np.float32)
        n = int(count * amount * area)
        x, y = rng.random(n) * w, rng.random(n) * h
        r = size * u * rng.uniform(0.6, 1.25, n)
        level = bright * rng.uniform(0.6, 1.0, n)
        for px, py, radius, value in zip(x.tolist(), y.tolist(), r.tolist(), level.tolist()):
            tail = fall * u * 0.5
            start, end = (int(px * 8), int(py * 8)), (int((px + wind * tail) * 8), int((py + tail) * 8))
            cv2.line(layer, start, end, value, max(1, round(2 * radius)), cv2.LINE_AA, 3)
        total = np.maximum(total, np.minimum(blur_field(layer, soft * u) * (1.0 if size < 5 else 0.75), 1))
    return total


def _snow(scene: Scene, strength: float) -> Array:
    out = _graded(scene, "snow", 0.25)
    out = lay_snow(out, scene, min(1.0, 0.62 * strength))
    veil = scene.distance * np.float32(min(0.8, 0.42 * strength))
    out = mix(out, np.full_like(out, (218, 224, 231)), veil)
    h, w, u = _layer_size(scene)
    return screen_layer(
        out, resize_field(flakes(h, w, u, strength, scene.rng(30)), scene.width, scene.height), (252, 253, 255)
    )


def drops(h: int, w: int, u: float, amount: float, slant: float, rng: np.random.Generator) -> Field:
    """Rain as the shutter sees it: sheets of fine far streaks and single near ones, HxW in [0, 1]; `slant` degrees off upright."""
    fine = streaks(h, w, 90 - slant, 34 * u, 0.9 * u, rng)
    sheet = smoothstep(0.80, 1.25, fine) * (0.30 + 0.5 * fbm(h, w, 120 * u, 3, rng))
    layer = np.zeros((h, w), np.float32)
    area = h * w / (512 * 512) / max(u * u, 1e-6)
    lean = np.tan(np.radians(slant))
    for count, length, width, bright in ((420, 24.0, 0.8, 0.45), (80, 46.0, 1.2, 0.52), (9, 90.0, 2.0, 0.36)):
        n = int(count * amount * area)
        x, y = rng.random(n) * w * 1.2 - 0.1 * w, rng.random(n) * h * 1.2 - 0.2 * h
        size = length * u * rng.uniform(0.6, 1.3, n)
        part = np.zeros((h, w), np.float32)
        for px, py, s in zip(x.tolist(), y.tolist(), size.tolist()):
            start, end = (int(px * 8), int(py * 8)), (int((px - lean * s) * 8), int((py + s) * 8))
            cv2.line(part, start, end, bright, max(1, round(width * u)), cv2.LINE_AA, 3)
        layer = np.maximum(layer, blur_field(part, 0.4 * width * u))
    return np.clip(sheet * min(1.3, amount) * 0.55 + layer, 0, 1).astype(np.float32)


def _wet(picture: Array, scene: Scene, amount: float) -> Array:
    """Wet ground: darker, more saturated, and mirroring what stands above it."""
    h = scene.height
    start = min(0.92, max(scene.horizon + 0.18, 0.62))
    rows = smoothstep(start, 1.0, np.linspace(0, 1, h, dtype=np.float32)[:, None])
    ground = np.broadcast_to(rows, (h, scene.width)) * np.float32(0.55 * amount)
    turn = round(start * h)
    reach = h - turn
    mirror = picture.copy()
    source = picture[max(0, turn - reach) : turn][::-1]
    mirror[turn : turn + len(source)] = source
    mirror = cv2.blur(mirror, (max(1, round(3 * scene.unit)), max(1, round(26 * scene.unit))))
    ripple = 0.55 + 0.9 * (fbm(*_half(scene), 30 * scene.unit, 4, scene.rng(31)) - 0.5)
    weight = np.clip(ground * resize_field(ripple, scene.width, h), 0, 0.7)
    deep = apply_grade(picture, lambda c: contrast(saturate(np.asarray(c * 0.80), 1.12), 0.1))
    out = mix(picture, deep, np.asarray(ground, np.float32))
    return mix(out, mirror, np.ascontiguousarray(weight, np.float32))


def _half(scene: Scene) -> tuple[int, int]:
    return max(4, scene.height // 2), max(4, scene.width // 2)


def _rain(scene: Scene, strength: float) -> Array:
    out = _wet(_graded(scene, "rain"), scene, min(1.0, strength))
    out = mix(out, np.full_like(out, (142, 152, 163)), scene.distance * np.float32(min(0.6, 0.30 * strength)))
    h, w, u = _layer_size(scene)
    layer = drops(h, w, u, strength, 9, scene.rng(32))
    return screen_layer(out, resize_field(layer, scene.width, scene.height) * np.float32(0.8), (222, 230, 240))


def _fog(scene: Scene, strength: float) -> Array:
    """Thicker with distance, in drifting banks; far things also lose their sharpness."""
    out = apply_look(scene.picture, look_named("fog"), scene.rng(1))
    far = scene.distance
    out = mix(out, blur_picture(out, 3.5 * scene.unit), far * np.float32(0.8))
    bank = fbm(*_half(scene), 170 * scene.unit, 5, scene.rng(33))
    bank = resize_field(bank, scene.width, scene.height)
    depth = 0.30 + 1.9 * far + 0.8 * (bank - 0.5)
    veil = 1 - np.exp(-np.maximum(depth, 0.05) * np.float32(0.8 * strength))
    rows = np.linspace(0, 1, scene.height, dtype=np.float32)[:, None, None]
    light = np.array([222, 226, 229], np.float32) * (1 - rows) + np.array([200, 206, 212], np.float32) * rows
    colour = np.broadcast_to(light, scene.picture.shape).astype(np.uint8)
    return mix(out, np.ascontiguousarray(colour), np.clip(veil, 0, 0.97).astype(np.float32))


def _sunny(scene: Scene, strength: float) -> Array:
    out = _graded(scene, "sunny", 0.5)
    h, w = out.shape[:2]
    beam = rays(h, w, 0.88, -0.12, scene.rng(34)) * np.float32(min(0.6, 0.34 * strength))
    out = screen_layer(out, beam, (255, 240, 190))
    if scene.sky is not None:
        return add_sun(out, 0.86, 0.07, 0.024, (255, 244, 206), 0.42, scene.sky)
    x, y = np.linspace(0, 1, w, dtype=np.float32)[None], np.linspace(0, 1, h, dtype=np.float32)[:, None]
    corner = smoothstep(0.85, 0.0, np.hypot(x - 0.98, y + 0.02)) * np.float32(min(0.6, 0.42 * strength))
    return screen_layer(out, corner, (255, 238, 176))


def _cloudy(scene: Scene, strength: float) -> Array:
    out = _graded(scene, "cloudy", 0.25)
    if scene.sky is not None:
        return out
    h, w = out.shape[:2]
    shade = 0.86 + 0.22 * (resize_field(fbm(*_half(scene), 200 * scene.unit, 3, scene.rng(35)), w, h) - 0.3)
    return multiply_layer(out, shade)


def _storm(scene: Scene, strength: float) -> Array:
    out = _graded(scene, "storm", 0.2)
    out = _wet(out, scene, min(1.0, strength))
    if scene.sky is not None:
        bolt = lightning(
            scene.height, scene.width, float(scene.rng(36).uniform(0.25, 0.75)), scene.horizon, scene.rng(37)
        )
        out = screen_layer(out, bolt * np.clip(scene.sky, 0, 1), (206, 216, 255))
    h, w, u = _layer_size(scene)
    layer = drops(h, w, u, 1.3 * strength, 20, scene.rng(32))
    return screen_layer(out, resize_field(layer, scene.width, scene.height) * np.float32(0.62), (205, 216, 230))


def _sandstorm(scene: Scene, strength: float) -> Array:
    """Ochre dust, thick with distance and in gusts; grains blown level."""
    out = apply_look(scene.picture, look_named("sandstorm"), scene.rng(1))
    h, w, u = _layer_size(scene)
    gust = fbm(h, max(4, w // 3), 120 * u, 5, scene.rng(38))
    gust = resize_field(gust, scene.width, scene.height)
    veil = 1 - np.exp(-(0.35 + 1.4 * scene.distance + 1.3 * (gust - 0.4)).clip(0.05) * np.float32(0.7 * strength))
    out = mix(out, np.full_like(out, (206, 152, 88)), np.clip(veil, 0, 0.93).astype(np.float32))
    grains = smoothstep(0.92, 1.25, streaks(h, w, 4, 22 * u, 0.9 * u, scene.rng(39)))
    return screen_layer(out, resize_field(grains, scene.width, scene.height) * np.float32(0.34), (250, 214, 160))


def _underwater(scene: Scene, strength: float) -> Array:
    """Blue-green that deepens downward and away, light net, shafts and bubbles."""
    out = apply_look(scene.picture, look_named("underwater"), scene.rng(1))
    h, w = out.shape[:2]
    rows = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    veil = np.clip(scene.distance * 0.45 + 0.16 + 0.12 * rows, 0, 0.8) * np.float32(min(1.2, strength))
    deep: Rgb = (8, 92, 128)
    out = mix(out, np.full_like(out, deep), veil)
    sh, sw, u = _layer_size(scene)
    net = resize_field(blur_field(caustics(sh, sw, 46 * u, scene.rng(40)), 0.8 * u), w, h) * (1 - 0.55 * rows)
    out = screen_layer(out, net * np.float32(0.34 * min(1.3, strength)), (196, 255, 246))
    out = screen_layer(out, rays(h, w, 0.42, -0.35, scene.rng(41)) * np.float32(0.55), (150, 240, 245))
    return screen_layer(out, resize_field(_bubbles(sh, sw, u, scene.rng(42)), w, h), (214, 250, 255))


def _bubbles(h: int, w: int, u: float, rng: np.random.Generator) -> Field:
    layer = np.zeros((h, w), np.float32)
    for _ in range(5):
        x, y = rng.random() * w, h * rng.uniform(0.5, 1.0)
        for _ in range(int(rng.integers(5, 12))):
            radius = max(1.0, u * rng.uniform(1.0, 5.5))
            x, y = x + rng.normal(0, 7 * u), y - rng.uniform(8, 26) * u
            centre = (round(x), round(y))
            cv2.circle(layer, centre, round(radius), 0.16, -1, cv2.LINE_AA)
            cv2.circle(layer, centre, round(radius), 0.62, max(1, round(0.7 * u)), cv2.LINE_AA)
            cv2.circle(
                layer, (round(x - radius / 3), round(y - radius / 3)), max(1, round(radius / 4)), 0.9, -1, cv2.LINE_AA
            )
    return blur_field(layer, 0.5 * u)
