"""Composing: a plausible scene from a catalogue, or on purpose an implausible one.

Real heights, a camera's height and a horizon give every thing's height in the picture: what stands at foot y is seen `(y - horizon) / camera
height` scene heights a metre. The camera is as high as makes the first thing of a good size, so a scene of beetles is seen from close by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pixwright.build.chance import pick
from pixwright.build.contract import Catalogue, Layer, LayeredScene
from pixwright.build.scene.captions import data
from pixwright.build.scene.geometry import extent_of
from pixwright.build.scene.setting import BackgroundLayout, Bools, Floats, Shelf, light_of, setting_of, shelf_of
from pixwright.build.scene.signs import SIGNS, TABLES, asset_of
from pixwright.build.scene.texture import backdrop_of, texture_of
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.sample import Asset
from pixwright.words.saying import is_mass, is_plural

MAX_THINGS = 12
_TRIES = 40
"""Tries to find a thing and a place for it before the scene makes do with fewer."""
_OVERLAP = 0.22
"""The most of the smaller of two boxes that the other may cover."""
_LEAST, _MOST = 0.10, 0.62
"""Heights of things in the picture."""
_ENLARGED = 1.7
"""The most that a cut-out is enlarged: beyond it, it would be seen to be blurred."""
_LOW = 0.3
"""Metres: no camera is lower where a place shows how large things are."""
_SIGN, _AGAIN, _PICNIC, _FLYING = 0.10, 0.22, 0.25, 0.2
"""How often a thing is a sign; another one of a kind that is there; an open place has a table; something flies."""
_PHOTOGRAPH = 0.6
"""How often the background is chosen among photographs alone."""
_FLIPLESS = frozenset({"sign", "street", "electronics", "symbol"})
"""Categories with writing on them."""


@dataclass(frozen=True)
class _Stage:
    """What is fixed before anything is placed. Heights are shares of the scene's height; y grows downwards."""

    kind: str
    wide: float
    horizon: float
    top: float
    """Where things may stand, from here to the lower edge."""
    floor: float
    pixels: int
    """The scene's height in pixels."""


def compose(
    catalogue: Catalogue, rng: np.random.Generator, width: int, height: int, n_things: int, rare: bool = False
) -> LayeredScene:
    """A scene of `n_things` things (fewer if no room is found for them), width x height pixels.

    `rare` puts things together that do not belong together, from categories as different as they come, rare ones as often as common ones
    (AnyEdit's counterfactual scenes, paper: section 3.1). The same generator state gives the same scene. Raises `InvalidOption` for a number
    out of range or an empty catalogue.
    """
    if not 0 <= n_things <= MAX_THINGS:
        raise InvalidOption(f"{n_things} things in a scene; give 0 to {MAX_THINGS}.")
    if min(width, height) < 1 or max(width, height) > 4 * min(width, height):
        raise InvalidOption(f"A scene of {width}x{height} pixels; give sides of at least 1 with a ratio of at most 4.")
    shelf = shelf_of(catalogue)
    background, setting = _chosen_place(shelf, catalogue, rng, rare)
    wide = width / height
    crop = _crop(backdrop_of(background.key, catalogue).pixels, wide, rng)
    stage = _stage(setting, crop, (width, height), rng)
    scene = LayeredScene(
        background.key, background.name, (), width, height, round(stage.horizon, 4), crop, seed=int(rng.integers(2**31))
    )
    layers = [_table(stage, rng)] if stage.kind == "table" else []
    layers += _things(stage, shelf, catalogue, rng, n_things, rare)
    backdrop = backdrop_of(background.key, catalogue)
    lit = [_lit(layer, asset_of(layer.asset, catalogue), backdrop.level(64, 64).mean(), light_of(
        backdrop, crop, asset_of(layer.asset, catalogue).photographic)) for layer in layers]  # fmt: skip
    return _with_layers(scene, lit)


def _with_layers(scene: LayeredScene, layers: list[Layer]) -> LayeredScene:
    """From the back to the front: tables, what flies, then by where the foot stands."""
    order = sorted(layers, key=lambda k: (not k.asset.startswith("table/"), k.support not in ("air",), k.y))
    return replace(scene, layers=tuple(order))


def _chosen_place(
    shelf: Shelf, catalogue: Catalogue, rng: np.random.Generator, rare: bool
) -> tuple[Asset, BackgroundLayout]:
    """A background, mostly a photograph where there are any, every name as likely; not one for which the catalogue has nothing that could be there."""
    names = list(shelf.backgrounds)
    shown = shelf.once("photographs", lambda: [n for n in names if any(a.photographic for a in shelf.backgrounds[n])])
    for _ in range(_TRIES):
        photograph = bool(shown) and rng.random() < _PHOTOGRAPH
        same = shelf.backgrounds[pick(rng, shown if photograph else names)]
        asset = pick(rng, same)
        setting = setting_of(asset, catalogue)
        if rare or _suits(shelf, _held(setting.kind), setting.kind).any():
            return asset, setting
    return asset, setting


def _held(kind: str) -> tuple[str, ...]:
    return {"open": ("ground",), "room": ("ground",), "close": ("table",), "table": ("table",), "water": ("water",),
            "deep": ("water",), "sky": ("air",), "float": ("air",)}[kind]  # fmt: skip


def _suits(shelf: Shelf, supports: tuple[str, ...], kind: str) -> Bools:
    """The cut-outs that one would expect at such a place."""
    return shelf.once((supports, kind), lambda: _suiting(shelf, supports, kind))


def _suiting(shelf: Shelf, supports: tuple[str, ...], kind: str) -> Bools:
    rule = data()["expected"].get(kind, {})
    fit = shelf.having(*supports) & ~shelf.odd
    low, high = rule.get("metres", (0.0, 100.0))
    fit &= (shelf.metres >= low) & (shelf.metres <= high)
    names = np.array([a.name for a in shelf.assets])
    if "categories" in rule:
        fit &= np.isin([a.category for a in shelf.assets], rule["categories"])
    fit |= np.isin(names, rule.get("also", ())) | np.isin([n.split(" ")[-1] for n in names], rule.get("also", ()))
    return np.asarray(fit & ~np.isin(names, rule.get("never", ())), bool)


def _crop(pixels: Array, wide: float, rng: np.random.Generator) -> tuple[float, float, float, float]:
    """The part of a background that is shown: of the scene's shape, most of it, and its lower edge, where the ground is."""
    tall, across = pixels.shape[:2]
    zoom = float(rng.uniform(0.8, 1.0))
    share_y = zoom * min(1.0, across / tall / wide)
    share_x = share_y * tall / across * wide
    x0 = float(rng.uniform(0, 1 - share_x)) if share_x < 1 else 0.0
    y1 = 1 - float(rng.uniform(0, 0.35)) * (1 - share_y)
    crop = (x0, y1 - share_y, min(x0 + share_x, 1.0), y1)
    return (round(crop[0], 5), round(crop[1], 5), round(crop[2], 5), round(crop[3], 5))


def _stage(
    setting: BackgroundLayout, crop: tuple[float, float, float, float], size: tuple[int, int], rng: np.random.Generator
) -> _Stage:
    kind, wide = setting.kind, size[0] / size[1]
    if kind == "close" or (kind in ("open", "room") and rng.random() < _PICNIC):
        edge = float(rng.uniform(0.60, 0.70))
        return _Stage("table", wide, edge - 0.45, edge + 0.05, 0.96, size[1])
    span = crop[3] - crop[1]
    horizon = float(np.clip((setting.horizon - crop[1]) / span, 0.05, 1.0))
    top = (setting.ground - crop[1]) / span
    if kind in ("open", "room", "water"):
        return _Stage(kind, wide, min(horizon, 0.7), float(np.clip(top, min(horizon, 0.7) + 0.08, 0.88)), 0.97, size[1])
    return _Stage(kind, wide, horizon, 0.1, 0.95, size[1])


def _table(stage: _Stage, rng: np.random.Generator) -> Layer:
    """A table across the whole picture, its upper edge where the stage begins."""
    name = list(TABLES)[int(rng.choice(len(TABLES), p=[0.55, 0.15, 0.15, 0.15]))]
    edge = stage.top - 0.05
    height = max(1.06 - edge, 1.12 * stage.wide * 150 / 512)
    return Layer(f"table/{name}", TABLES[name][0], stage.wide / 2, edge + height, height)


def _things(
    stage: _Stage, shelf: Shelf, catalogue: Catalogue, rng: np.random.Generator, count: int, rare: bool
) -> list[Layer]:
    layers: list[Layer] = []
    camera = 0.0
    weight = shelf.weight if not rare else _tail(shelf)
    # What is drawn with the water that it floats on belongs on water, however odd a scene may be.
    afloat = shelf.having("water") if stage.kind not in ("water", "deep") else np.zeros(len(shelf.assets), np.bool_)
    main = _suits(shelf, _held(stage.kind), stage.kind) | (rare & ~afloat)
    flying = _suits(shelf, ("air",), "sky")
    for _ in range(count):
        for _ in range(_TRIES):
            flies = stage.kind == "open" and bool(layers) and not rare and rng.random() < _FLYING and flying.any()
            fit = flying if flies else main
            signs = stage.kind in ("open", "room") and not flies and not any(layer.text for layer in layers)
            # Few kinds of things fly, and some of those are alone in their category.
            chance = np.sqrt(weight) if fit is flying or stage.kind in ("sky", "float") else weight
            asset, metres = _asset(fit, chance, shelf, signs, layers, catalogue, rng, rare)
            if asset is None:
                break
            support = "air" if flies else {"table": "table", "sky": "air", "float": "air", "water": "water", "deep": "water"}.get(
                stage.kind, "ground")  # fmt: skip
            layer, new = _placed(asset, metres, support, stage, camera, catalogue, rng, rare, count)
            if layer is not None and _free(layer, layers, stage, catalogue):
                layers.append(layer)
                camera = camera or new
                break
    return layers


def _asset(
    fit: Bools,
    weight: Floats,
    shelf: Shelf,
    signs: bool,
    layers: list[Layer],
    catalogue: Catalogue,
    rng: np.random.Generator,
    rare: bool,
) -> tuple[Asset | None, float]:
    """A thing and its height in metres: a sign, another of a kind that is there, or a new one."""
    chance = rng.random()
    if chance < _SIGN and signs:
        sign = list(SIGNS)[int(rng.integers(len(SIGNS)))]
        return asset_of(f"sign/{sign}", catalogue), SIGNS[sign].size_m
    there = [layer for layer in layers if not layer.text]
    like = [
        layer
        for layer in there
        if fit[shelf.row[layer.asset]] and not is_mass(layer.name) and not is_plural(layer.name)
    ]
    if like and chance > 1 - _AGAIN and not rare:
        at = shelf.row[pick(rng, like).asset]
        return shelf.assets[at], float(shelf.metres[at])
    p = np.where(fit, weight, 0)
    if rare and there:
        seen = {asset_of(layer.asset, catalogue).category for layer in there}
        p = np.where([a.category in seen for a in shelf.assets], 0, p)
    if p.sum() <= 0:
        return None, 0.0
    at = int(rng.choice(len(p), p=p / p.sum()))
    return shelf.assets[at], float(shelf.metres[at])


def _placed(
    asset: Asset,
    metres: float,
    support: str,
    stage: _Stage,
    camera: float,
    catalogue: Catalogue,
    rng: np.random.Generator,
    rare: bool,
    count: int,
) -> tuple[Layer | None, float]:
    """A thing at a place of the right size for it there, and the camera's height in metres; None if it would be too large or too small."""
    x = float(rng.uniform(0.08, 0.92)) * stage.wide
    angle = 0.0
    if support == "air" or stage.kind == "deep":
        low, high = (0.16, max(stage.horizon - 0.06, 0.24)) if stage.kind == "open" else (0.22, 0.92)
        y, size = (
            float(rng.uniform(low, high)),
            float(rng.uniform(0.09, 0.2) if stage.kind == "open" else rng.uniform(0.16, 0.34)),
        )
        size *= float(np.clip((metres / 1.0) ** 0.12, 0.75, 1.3))
        angle = float(rng.uniform(-9, 9)) if rng.random() < 0.5 else 0.0
    else:
        y = float(rng.uniform(stage.top, stage.floor))
        drop = y - stage.horizon
        goal = float(rng.uniform(0.26, 0.5)) * (1.0 if count <= 3 else 0.8) * (0.8 if stage.kind == "table" else 1.0)
        if rare:
            size, camera = goal * (0.6 + 0.5 * drop), 1.0
        elif camera:
            size = metres * drop / camera * float(rng.uniform(0.92, 1.08))
        else:
            camera = max(metres * drop / goal, _LOW if stage.kind in ("open", "room") else 0.0)
            size = metres * drop / camera
        if not _LEAST <= size <= _MOST:
            return None, 0.0
    words = data()["words"]
    text = str(pick(rng, words)) if asset.category == "sign" else ""
    layer = Layer(
        asset.key, asset.name, round(x, 4), round(y, 4), round(size, 4), round(angle, 1),
        bool(rng.random() < 0.5) and asset.category not in _FLIPLESS, support=support, text=text)  # fmt: skip
    across, tall = texture_of(layer, catalogue).size
    fits = size * across / tall <= 0.75 * stage.wide and size * stage.pixels <= _ENLARGED * tall
    return (layer, camera) if fits else (None, 0.0)


def _free(layer: Layer, others: list[Layer], stage: _Stage, catalogue: Catalogue) -> bool:
    """Whether a thing lies in the picture and covers no other too much."""
    x0, y0, x1, y1 = extent_of(layer, catalogue)
    out = max(0.0, -x0) + max(0.0, x1 - stage.wide)
    if out > 0 or y0 < 0.015 or y1 > 1.03:
        return False
    for other in others:
        a0, b0, a1, b1 = extent_of(other, catalogue)
        shared = max(0.0, min(x1, a1) - max(x0, a0)) * max(0.0, min(y1, b1) - max(y0, b0))
        if shared > _OVERLAP * min((x1 - x0) * (y1 - y0), (a1 - a0) * (b1 - b0)):
            return False
    return True


def _lit(layer: Layer, asset: Asset, mean: float, light: tuple[float, ...]) -> Layer:
    """The layer in the scene's light, with the shadow that such a support and such a light cast."""
    dark = {"ground": 0.62, "table": 0.6, "water": 0.3}.get(layer.support, 0.0) * float(
        np.clip(0.5 + mean / 200, 0.6, 1)
    )
    if layer.asset.startswith("table/"):
        dark = 0.0
    return replace(layer, light=light, shadow=round(dark, 3))


def _tail(shelf: Shelf) -> Floats:
    """Weights that make rare categories as likely as common ones, and what is odd likelier."""

    def weigh() -> Floats:
        categories = [a.category for a in shelf.assets]
        weight = np.array([1 / categories.count(c) for c in categories]) * np.where(shelf.odd, 1.5, 1.0)
        return np.asarray(weight / weight.sum(), np.float64)

    return shelf.once("tail", weigh)
