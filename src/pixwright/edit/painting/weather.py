"""Weather: the light it brings, and what falls or drifts at its several depths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from pixwright.edit.painting.skies import caustics, lightning, rays
from pixwright.edit.surfaces.noise import Field, fbm, streaks
from pixwright.edit.toning.dials import Tone
from pixwright.edit.toning.grade import apply_grade
from pixwright.edit.toning.light import at_hour, graded, lay_snow, paint_sky
from pixwright.edit.toning.lut import (
    blur_field,
    blur_picture,
    contrast,
    grey,
    map_colours,
    mix,
    multiply_layer,
    resize_field,
    saturate,
    screen_layer,
    smoothstep,
)
from pixwright.edit.toning.outdoors import Outdoors, unit_of
from pixwright.records.instruction import Array
from pixwright.records.result import Control
from pixwright.records.vocabulary import Rgb

_SPARED = 0.45
"""How much less of the weather's grade the subject takes."""
_BEFORE_SUBJECT = 0.35
"""Share of what falls that is not seen before the subject."""
_FLAKES = 3.2
"""How thick snow falls where all of it was asked for."""
_NEAR_FOG = 0.12
"""Fog that lies before what is nearest, as a depth; the farthest has about 2.4."""
_THICKEST, _OVER_SKY = 0.8, 0.97
"""Most that fog hides of a thing, so that the place is still seen, and of the sky."""
_SHORE = 0.1
"""Share of a row that is bare ground from which on it mirrors."""
_PUDDLES = 0.8
"""How much of wet bare ground mirrors, at most."""
_DROPS = 0.5
"""Light of rain in the air."""
_SHEET = 34.0
"""Length of the far streaks of rain, in units."""
_LARGEST = 1600
"""Longer side, in pixels, at which flakes and drops are drawn; they are soft."""


_SLANT, _STORM = 9.0, 20.0
"""Degrees off upright at which rain falls, and in a storm."""
_SALTS = {"flakes": 30, "drops": 32}
"""By the dial of what falls: what its generator is salted with."""
_FLAKE_SPEED, _DROP_SPEED = 150.0, 25.0
"""How far a flake falls in a second, in its own radii, and a drop, in lengths of the streak that it draws: what is near is larger, and as much faster. Snow at 1.2 m a second, and a shutter of 1/25 s."""
_SWAY, _SWAYS = 5.0, 0.4
"""How far a flake drifts to either side, in radii, and how often a second."""


@dataclass(frozen=True)
class Fall:
    """Snow or rain in the air, at any time: the same particles, farther on."""

    dial: str
    """`flakes` or `drops`: the control that says how much."""
    amount: float
    """0 and above; 1 is a good deal."""
    seed: int = 0
    slant: float = _SLANT
    """Of drops: degrees off upright."""

    def over(self, picture: Array, seconds: float = 0.0, spared: Field | None = None) -> Array:
        """A picture HxWx3 uint8 with it, so many seconds on. `spared` HxW in [0, 1]: what is so near that less falls before it."""
        height, width = picture.shape[:2]
        scale = min(1.0, _LARGEST / max(height, width))
        h, w, u = max(4, round(height * scale)), max(4, round(width * scale)), unit_of(height, width) * scale
        rng = np.random.default_rng([self.seed, _SALTS[self.dial]])
        if self.dial == "flakes":
            layer, light, colour = flakes(h, w, u, _FLAKES * self.amount, rng, seconds), 1.0, (252, 253, 255)
        else:
            layer, light = drops(h, w, u, 1.8 * self.amount, self.slant, rng, seconds), _DROPS
            colour = (222, 230, 240) if self.slant < _STORM else (205, 216, 230)
        full = resize_field(layer, width, height) * np.float32(light)
        if spared is not None:
            full = np.asarray(full * (1 - np.float32(_BEFORE_SUBJECT) * spared), np.float32)
        return screen_layer(picture, full, colour)


def fall_of(controls: Sequence[Control], seed: int) -> Fall | None:
    """What falls in a picture that was edited with these controls; None where nothing does."""
    shares = {one.name: one.value / _PERCENT for one in controls}
    slant = _STORM if "lightning" in shares else _SLANT
    found = (
        Fall(dial, shares[dial] * shares.get("amount", 1.0), seed, slant) for dial in _SALTS if shares.get(dial, 0) > 0
    )
    return next(found, None)


_PERCENT = 100


def weather(outdoors: Outdoors, tone: Tone) -> Array:
    """The weather `tone.name`, one of `vocabulary.WEATHERS`, or sandstorm or underwater; a strength of 1 is a good deal of it.

    Where it has an hour (`tone.hour`), that is laid over all of it, the covered sky with the rest, before anything falls.
    """
    out = {
        "sunny": _sunny,
        "cloudy": _cloudy,
        "rain": _rain,
        "snow": _snow,
        "fog": _fog,
        "storm": _storm,
        "sandstorm": _sandstorm,
        "underwater": _underwater,
    }[tone.name](outdoors, tone)
    if tone.hour:
        out = at_hour(out, outdoors, tone.hour)
    dial = next((dial for dial in _SALTS if dial in tone.scene), None)
    if dial is None:
        return out
    slant = _STORM if "lightning" in tone.scene else _SLANT
    fall = Fall(dial, tone.scene[dial] * tone.strength, outdoors.context.seed, slant)
    return fall.over(out, 0.0, outdoors.subject_if_sure)


def _graded(outdoors: Outdoors, tone: Tone, keep: float = 0.35) -> Array:
    out = graded(outdoors, tone, _SPARED)
    return paint_sky(out, outdoors, tone.name, keep, tone.scene.get("sky", 0.0))


def _misty(picture: Array, outdoors: Outdoors, colour: Rgb, amount: float) -> Array:
    """Air that one sees: the farther, the more; the subject stands in front of it."""
    return mix(picture, np.full_like(picture, colour), outdoors.distance * np.float32(amount))


def _layer_size(outdoors: Outdoors) -> tuple[int, int, float]:
    """Size at which particles are drawn, and the unit there."""
    scale = min(1.0, _LARGEST / max(outdoors.height, outdoors.width))
    return max(4, round(outdoors.height * scale)), max(4, round(outdoors.width * scale)), outdoors.unit * scale


def flakes(h: int, w: int, u: float, amount: float, rng: np.random.Generator, seconds: float = 0.0) -> Field:
    """Snow in the air at four depths: many small far flakes, few large soft near ones, all slanted by one wind, after they fell for some seconds. HxW in [0, 1]."""
    total = np.zeros((h, w), np.float32)
    wind = rng.uniform(-0.35, 0.35)
    area = h * w / (512 * 512) / max(u * u, 1e-6)
    for count, size, soft, bright, fall in (
        (1500, 0.6, 0.4, 0.60, 1.0),
        (420, 1.0, 0.6, 0.80, 2.2),
        (90, 1.9, 1.1, 0.85, 4.0),
        (12, 4.5, 3.6, 0.7, 7.0),
    ):
        layer = np.zeros((h, w), np.float32)
        n = int(count * amount * area)
        x, y = rng.random(n) * w, rng.random(n) * h
        r = size * u * rng.uniform(0.6, 1.25, n)
        level = bright * rng.uniform(0.6, 1.0, n)
        way, turns = _FLAKE_SPEED * r * seconds, 2 * np.pi * _SWAYS
        aside = _SWAY * r * (np.sin(turns * seconds + x) - np.sin(x))
        x, y = (x + wind * way + aside) % w, (y + way) % (h + fall * u)
        for px, py, radius, value in zip(x.tolist(), y.tolist(), r.tolist(), level.tolist()):
            tail = fall * u * 0.5
            start, end = (int(px * 8), int(py * 8)), (int((px + wind * tail) * 8), int((py + tail) * 8))
            cv2.line(layer, start, end, value, max(1, round(2 * radius)), cv2.LINE_AA, 3)
        total = np.maximum(total, np.minimum(blur_field(layer, soft * u) * (1.0 if size < 5 else 0.75), 1))
    return total


def _snow(outdoors: Outdoors, tone: Tone) -> Array:
    out = _graded(outdoors, tone, 0.25)
    out = lay_snow(out, outdoors, min(1.0, tone.scene["cover"] * tone.strength))
    return _misty(out, outdoors, (226, 231, 237), min(0.8, tone.scene["mist"] * tone.strength))


def drops(
    h: int, w: int, u: float, amount: float, slant: float, rng: np.random.Generator, seconds: float = 0.0
) -> Field:
    """Rain as the shutter sees it: sheets of fine far streaks and single near ones, after they fell for some seconds. HxW in [0, 1]; `slant` degrees off upright."""
    fine = streaks(h, w, 90 - slant, _SHEET * u, 0.9 * u, rng)
    down = _DROP_SPEED * _SHEET * u * seconds
    fine = np.roll(fine, (round(down), round(-down * np.tan(np.radians(slant)))), axis=(0, 1))
    sheet = smoothstep(0.80, 1.25, fine) * (0.30 + 0.5 * fbm(h, w, 120 * u, 3, rng))
    layer = np.zeros((h, w), np.float32)
    area = h * w / (512 * 512) / max(u * u, 1e-6)
    lean = np.tan(np.radians(slant))
    for count, length, width, bright in ((420, 24.0, 0.8, 0.45), (80, 46.0, 1.2, 0.52), (9, 90.0, 2.0, 0.36)):
        n = int(count * amount * area)
        x, y = rng.random(n) * w * 1.2 - 0.1 * w, rng.random(n) * h * 1.2 - 0.2 * h
        size = length * u * rng.uniform(0.6, 1.3, n)
        way = _DROP_SPEED * size * seconds
        x, y = (x + 0.1 * w - lean * way) % (1.2 * w) - 0.1 * w, (y + 0.2 * h + way) % (1.2 * h) - 0.2 * h
        part = np.zeros((h, w), np.float32)
        for px, py, s in zip(x.tolist(), y.tolist(), size.tolist()):
            start, end = (int(px * 8), int(py * 8)), (int((px - lean * s) * 8), int((py + s) * 8))
            cv2.line(part, start, end, bright, max(1, round(width * u)), cv2.LINE_AA, 3)
        layer = np.maximum(layer, blur_field(part, 0.4 * width * u))
    return np.clip(sheet * min(1.3, amount) * 0.55 + layer, 0, 1).astype(np.float32)


def _wet(picture: Array, outdoors: Outdoors, amount: float) -> Array:
    """Wet ground: darker, more saturated, and, where it is bare, mirroring what stands above it."""
    level = outdoors.level * np.float32(amount)
    deep = map_colours(picture, lambda c: contrast(saturate(np.asarray(c * 0.80), 1.12), 0.1))
    out = mix(picture, deep, level)
    hard = outdoors.hard
    rows = np.flatnonzero(hard.mean(1) > _SHORE)
    if not rows.size:
        return out
    h = outdoors.height
    turn = max(int(rows[0]), 2)
    reach = min(h - turn, turn)
    mirror = out.copy()
    mirror[turn : turn + reach] = picture[turn - reach : turn][::-1]
    mirror = cv2.blur(mirror, (max(1, round(3 * outdoors.unit)), max(1, round(26 * outdoors.unit))))
    ripple = 0.55 + 0.9 * (fbm(*_half(outdoors), 30 * outdoors.unit, 4, outdoors.rng(31)) - 0.5)
    weight = np.clip(hard * np.float32(_PUDDLES * amount) * resize_field(ripple, outdoors.width, h), 0, 0.6)
    weight[turn + reach :] = 0
    return mix(out, mirror, np.ascontiguousarray(weight, np.float32))


def _half(outdoors: Outdoors) -> tuple[int, int]:
    return max(4, outdoors.height // 2), max(4, outdoors.width // 2)


def _rain(outdoors: Outdoors, tone: Tone) -> Array:
    out = _wet(_graded(outdoors, tone), outdoors, min(1.0, tone.scene["wet"] * tone.strength))
    return _misty(out, outdoors, (142, 152, 163), min(0.7, tone.scene["mist"] * tone.strength))


def _fog(outdoors: Outdoors, tone: Tone) -> Array:
    """Thicker with distance, in drifting banks; far things also lose their sharpness."""
    out = graded(outdoors, tone, _SPARED)
    far = outdoors.distance
    out = mix(out, blur_picture(out, 3.5 * outdoors.unit), far * np.float32(0.8))
    bank = fbm(*_half(outdoors), 170 * outdoors.unit, 5, outdoors.rng(33))
    bank = resize_field(bank, outdoors.width, outdoors.height)
    depth = _NEAR_FOG + far * (2.4 + 1.6 * (bank - 0.5))
    depth = depth * (1 - np.float32(0.6) * outdoors.subject_if_sure)
    veil = 1 - np.exp(-np.maximum(depth, 0.0) * np.float32(1.4 * tone.scene["fog"] * tone.strength))
    # Colour is lost before contrast is: light from the side is mixed in at every drop.
    out = mix(out, np.repeat(grey(out)[..., None], 3, axis=2), np.sqrt(np.clip(veil, 0, 1)).astype(np.float32))
    rows = np.linspace(0, 1, outdoors.height, dtype=np.float32)[:, None, None]
    light = np.array([222, 226, 229], np.float32) * (1 - rows) + np.array([206, 211, 216], np.float32) * rows
    colour = np.broadcast_to(light, outdoors.picture.shape).astype(np.uint8)
    sky = outdoors.sky
    thickest = _THICKEST if sky is None else _THICKEST + (_OVER_SKY - _THICKEST) * sky
    return mix(out, np.ascontiguousarray(colour), np.clip(veil, 0, thickest).astype(np.float32))


def _sunny(outdoors: Outdoors, tone: Tone) -> Array:
    """A blue sky and clear light: who photographs a sunny day has the sun behind them, and sees neither its disc nor its beams."""
    return _graded(outdoors, tone, 0.5)


def _cloudy(outdoors: Outdoors, tone: Tone) -> Array:
    out = _graded(outdoors, tone, 0.25)
    if outdoors.has_sky:
        return out
    h, w = out.shape[:2]
    shade = 0.86 + 0.22 * (resize_field(fbm(*_half(outdoors), 200 * outdoors.unit, 3, outdoors.rng(35)), w, h) - 0.3)
    return multiply_layer(out, shade)


def _storm(outdoors: Outdoors, tone: Tone) -> Array:
    out = _graded(outdoors, tone, 0.2)
    out = _wet(out, outdoors, min(1.0, tone.scene["wet"] * tone.strength))
    sky = outdoors.sky
    if sky is not None and tone.scene["lightning"] > 0:
        bolt = lightning(
            outdoors.height,
            outdoors.width,
            float(outdoors.rng(36).uniform(0.25, 0.75)),
            outdoors.horizon,
            outdoors.rng(37),
        )
        out = screen_layer(
            out, bolt * np.clip(sky, 0, 1) * np.float32(min(1.0, 1.25 * tone.scene["lightning"])), (206, 216, 255)
        )
    return out


def _sandstorm(outdoors: Outdoors, tone: Tone) -> Array:
    """Ochre dust, thick with distance and in gusts; grains blown level."""
    out = apply_grade(outdoors.picture, tone.grade, outdoors.rng(1))
    h, w, u = _layer_size(outdoors)
    gust = fbm(h, max(4, w // 3), 120 * u, 5, outdoors.rng(38))
    gust = resize_field(gust, outdoors.width, outdoors.height)
    veil = 1 - np.exp(
        -(0.35 + 1.4 * outdoors.distance + 1.3 * (gust - 0.4)).clip(0.05)
        * np.float32(1.2 * tone.scene["dust"] * tone.strength)
    )
    out = mix(out, np.full_like(out, (206, 152, 88)), np.clip(veil, 0, 0.93).astype(np.float32))
    grains = smoothstep(0.92, 1.25, streaks(h, w, 4, 22 * u, 0.9 * u, outdoors.rng(39)))
    return screen_layer(out, resize_field(grains, outdoors.width, outdoors.height) * np.float32(0.34), (250, 214, 160))


def _underwater(outdoors: Outdoors, tone: Tone) -> Array:
    """Blue-green that deepens downward and away, light net, shafts and bubbles."""
    out = apply_grade(outdoors.picture, tone.grade, outdoors.rng(1))
    h, w = out.shape[:2]
    rows = np.linspace(0, 1, h, dtype=np.float32)[:, None]
    veil = np.clip(outdoors.distance * 0.45 + 0.16 + 0.12 * rows, 0, 0.8) * np.float32(
        min(1.2, 1.7 * tone.scene["water"] * tone.strength)
    )
    deep: Rgb = (8, 92, 128)
    out = mix(out, np.full_like(out, deep), veil)
    sh, sw, u = _layer_size(outdoors)
    net = resize_field(blur_field(caustics(sh, sw, 46 * u, outdoors.rng(40)), 0.8 * u), w, h) * (1 - 0.55 * rows)
    out = screen_layer(out, net * np.float32(0.34 * min(1.3, tone.strength)), (196, 255, 246))
    out = screen_layer(out, rays(h, w, 0.42, -0.35, outdoors.rng(41)) * np.float32(0.55), (150, 240, 245))
    return screen_layer(out, resize_field(_bubbles(sh, sw, u, outdoors.rng(42)), w, h), (214, 250, 255))


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
