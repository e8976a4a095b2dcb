"""What a background offers: its horizon, its ground, how things are held there, and the light. And what a catalogue has, sorted once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import Catalogue, Matrix
from pixwright.build.scene.captions import data, places
from pixwright.build.scene.texture import Backdrop, Bounded, backdrop_of
from pixwright.edit.placing.shelves import support_of, typical_size
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.sample import Asset

Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
T = TypeVar("T")

_SUPPORTS = frozenset({"ground", "table", "air", "water", "wear"})
_ROWS = 96


@dataclass(frozen=True)
class BackgroundLayout:
    """A background as a place to put things. `horizon` and `ground` (where things may stand) are shares of its height."""

    kind: str
    """`open`, `room`, `close`, `water`, `deep`, `sky` or `float`: see scene_places.json."""
    horizon: float
    ground: float


@dataclass(frozen=True, eq=False)
class Shelf:
    """A catalogue's cut-outs with what composing asks of them; arrays have a row for each."""

    assets: tuple[Asset, ...]
    supports: tuple[str, ...]
    metres: Floats
    weight: Floats
    """Of being chosen: every name once, and rarer categories as often as others by the square root of their share."""
    odd: Bools
    """Not what one expects to see: symbols, faces without bodies, fantasy."""
    backgrounds: dict[str, tuple[Asset, ...]]
    """By name."""
    row: dict[str, int]
    """Key -> row."""
    notes: dict[object, Any] = field(default_factory=dict)

    def once(self, key: object, make: Callable[[], T]) -> T:
        """What was worked out about this shelf under that key, or is now."""
        if key not in self.notes:
            self.notes[key] = make()
        found: T = self.notes[key]
        return found

    def having(self, *supports: str) -> Bools:
        """Which cut-outs one of these holds up."""
        return np.array([support in supports for support in self.supports], bool)


_SETTINGS: Bounded[BackgroundLayout] = Bounded(1 << 20, lambda _: 128)
_SHELVES: WeakKeyDictionary[Catalogue, Shelf] = WeakKeyDictionary()


def setting_of(asset: Asset, catalogue: Catalogue) -> BackgroundLayout:
    """The setting of a background: of a painted one by its name, of any other by its name and its rows of pixels."""
    row = places().get(asset.name, ["", "open", 0.0, 0.0])
    if asset.key.startswith("scenery/"):
        return BackgroundLayout(str(row[1]), float(row[2]), float(row[3]))

    def measure() -> BackgroundLayout:
        horizon = horizon_in(backdrop_of(asset.key, catalogue).pixels)
        return BackgroundLayout(str(row[1]), horizon, horizon + 0.3 * (1 - horizon))

    return _SETTINGS.get((asset.key, asset.sha256), measure)


def horizon_in(pixels: Array) -> float:
    """A plausible horizon of a picture HxWx3, as a share of its height: the level line whose two sides differ most in colour.

    Where no line stands out, 0.45.
    """
    rows = cv2.resize(pixels, (32, _ROWS), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(rows, cv2.COLOR_RGB2LAB).astype(np.float32)
    # The median over the columns is blind to what stands here and there.
    line = np.median(lab, axis=1)
    reach = _ROWS // 8
    sums = np.vstack([np.zeros((1, 3), np.float32), np.cumsum(line, axis=0)])
    at = np.arange(round(0.25 * _ROWS), round(0.72 * _ROWS))
    above = (sums[at] - sums[at - reach]) / reach
    below = (sums[at + reach] - sums[at]) / reach
    step = np.linalg.norm(below - above, axis=1) * (1 - 0.8 * np.abs(at / _ROWS - 0.46))
    best = int(step.argmax())
    return float(at[best]) / _ROWS if step[best] > 12 else 0.45


def shelf_of(catalogue: Catalogue) -> Shelf:
    """The catalogue's cut-outs and backgrounds, sorted once. Raises `InvalidOption` if either kind is missing."""
    try:
        return _SHELVES[catalogue]
    except TypeError:
        return _sorted(catalogue)  # a catalogue that cannot be remembered
    except KeyError:
        shelf = _SHELVES[catalogue] = _sorted(catalogue)
        return shelf


def light_of(backdrop: Backdrop, window: tuple[float, float, float, float], photographic: bool) -> Matrix:
    """The scene's light on a thing: a mild gain and tint towards the mean of what is seen of the background (von Kries, weakened)."""
    level = backdrop.level(64, 64)
    x0, y0, x1, y1 = (int(v * 64) for v in window)
    part = level[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)].astype(np.float64) / 255
    mean = (part.reshape(-1, 3) ** 2.2).mean(axis=0) ** (1 / 2.2)
    luma = float(mean @ [0.299, 0.587, 0.114])
    gain = float(np.clip(0.62 + 0.62 * luma, 0.66, 1.03))
    tint = (mean / max(luma, 0.05)) ** (0.16 if photographic else 0.22)
    tint = np.clip(tint / float(tint @ [0.299, 0.587, 0.114]), 0.82, 1.18)
    # Haze: nothing is blacker than the air before it.
    veil = 0.035 * mean
    rows = np.diag(gain * tint * (1 - veil))
    return tuple(round(float(v), 4) for v in np.column_stack([rows, veil]).ravel())


def _sorted(catalogue: Catalogue) -> Shelf:
    assets = tuple(catalogue.assets("cutout"))
    backgrounds: dict[str, list[Asset]] = {}
    for asset in catalogue.assets("background"):
        backgrounds.setdefault(asset.name, []).append(asset)
    if not assets or not backgrounds:
        raise InvalidOption(
            "The catalogue has no cut-outs or no backgrounds: a scene needs both; add a source that has them."
        )
    names, categories = [a.name for a in assets], [a.category for a in assets]
    share = {c: categories.count(c) for c in set(categories)}
    same = {n: names.count(n) for n in set(names)}
    weight = np.array([1 / np.sqrt(share[a.category]) / same[a.name] for a in assets])
    odd = set(data()["odd"])
    strange = [a.category in odd or a.name.endswith((" face", " head")) or " with " in a.name for a in assets]
    return Shelf(
        assets,
        tuple(_support(a) for a in assets),
        np.array([_metres(a) for a in assets]),
        weight / weight.sum(),
        np.array(strange, bool),
        {name: tuple(found) for name, found in backgrounds.items()},
        {a.key: number for number, a in enumerate(assets)},
    )


def _support(asset: Asset) -> str:
    """By its tags; else as the shipped library has it; else by its category and size: small goods lie on tables."""
    stated = next((tag for tag in asset.tags if tag in _SUPPORTS), None) or _support_of(asset.name)
    if stated != "ground" or "ground" in asset.tags:
        return stated
    usual = str(data()["support"].get(asset.category, "ground"))
    return "ground" if usual == "table" and _metres(asset) > 0.45 else usual


@lru_cache(maxsize=4096)
def _support_of(name: str) -> str:
    return str(support_of(name))


def _metres(asset: Asset) -> float:
    size = asset.size_m or (typical_size(asset.name) or (0.0,))[0]
    return float(size) or float(data()["metres"].get(asset.category, 0.5))
