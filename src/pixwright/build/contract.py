"""What the parts of `build` hand each other: scenes, renderings and pairs. All frozen values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol, TypeAlias

import numpy as np

from pixwright.records.instruction import Array, Samples
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Box
from pixwright.records.sample import Asset, AssetKind, Split

Matrix: TypeAlias = tuple[float, ...]
"""Twelve numbers, row by row a 3x4 matrix on RGB in [0, 1] with 1 appended; the result is clipped."""
IDENTITY: Matrix = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)

Look: TypeAlias = tuple[EditType, str]
"""An edit of one thing's surface or of a whole picture, by the project's own editors: (color_alter, "red"), (style_change, "oil painting")."""


@dataclass(frozen=True)
class Layer:
    """One thing in a scene. Lengths are in units of the scene's height; y grows downwards."""

    asset: str
    """Key of the cut-out."""
    name: str
    """Noun phrase without an article, as captions and instructions call it."""
    x: float
    y: float
    """Where the middle of its lower edge (its foot, before turning) stands."""
    height: float
    angle: float = 0.0
    """Degrees, clockwise, about its centre."""
    flip: bool = False
    looks: tuple[Look, ...] = ()
    """Applied in order to its own pixels, before it is placed."""
    light: Matrix = IDENTITY
    """Its colours are brought into the scene's light."""
    shadow: float = 0.0
    """Opacity of its contact shadow, 0 to 1."""
    support: str = "ground"
    text: str = ""
    """What is written on it, if it is a sign."""
    told: str = ""
    """How captions tell it where its name alone does not say what an edit is about, `{}` standing for the name: "{} lying down", "large {}".
    `{}` alone tells the same in the source of such an edit: its caption then has the same form."""


@dataclass(frozen=True)
class LayeredScene:
    """A picture before it is one. Layers go from the back to the front."""

    background: str
    """Key of a background asset."""
    place: str
    """What the background is called: "beach"."""
    layers: tuple[Layer, ...]
    width: int
    height: int
    """Pixels that it is rendered at."""
    horizon: float = 0.5
    """Height of the horizon, of the scene's height."""
    crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """The part of the background that is shown: x0, y0, x1, y1 of its width and height."""
    camera: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """The part of the scene that the picture shows: x0, y0, x1, y1 of the scene's width and height."""
    finish: tuple[Look, ...] = ()
    """Edits of the whole rendered picture: tone, weather, style."""
    seed: int = 0

    def with_layer(self, index: int, layer: Layer | None) -> LayeredScene:
        """The same scene with one layer changed, or taken out if None."""
        new = () if layer is None else (layer,)
        return replace(self, layers=self.layers[:index] + new + self.layers[index + 1 :])


@dataclass(frozen=True, eq=False)
class Rendering:
    """A scene as a picture: HxWx3 uint8; `masks` n x H x W uint8, what is *visible* of each layer; boxes of those, XYXY (0, 0, 0, 0 if hidden)."""

    picture: Array
    masks: Array
    boxes: tuple[Box, ...]
    caption: str


class Catalogue(Protocol):
    """All assets that may be used, of one split."""

    split: Split

    def assets(self, kind: AssetKind) -> Sequence[Asset]:
        """Those of a kind, in a stable order."""
        ...

    def asset(self, key: str) -> Asset:
        """The asset of that key. Raises `InvalidOption` for an unknown one or one of another split."""
        ...

    def pixels(self, key: str) -> Array:
        """A cut-out HxWx4 (cropped to what is visible, at most 512 px) or a background HxWx3 (at most 1,280 px), uint8 sRGB; cached."""
        ...

    def samples(self, key: str) -> tuple[Samples, int]:
        """A sound or piece of music: mono float32, and its rate."""
        ...


ConditionKind: TypeAlias = Literal["bbox", "scribble", "segment", "sketch", "depth"]


@dataclass(frozen=True)
class WantedReference:
    """A reference that is made while a pair is rendered.

    `view`: `layer` of the edited scene as another picture of it (turned, cropped, relit by `seed`). `asset`: the asset itself, sound or
    picture. `material` or `style`: a picture that shows the look `value`. `condition`: computed from the edited picture.
    """

    number: int
    kind: Literal["view", "asset", "material", "style", "condition"]
    name: str
    layer: int | None = None
    asset: str | None = None
    value: str = ""
    condition: ConditionKind | None = None
    seed: int = 0


@dataclass(frozen=True)
class ScenePair:
    """A scene, the edited scene, and the words between them, before anything is rendered."""

    type: EditType
    before: LayeredScene
    after: LayeredScene
    step: Step
    instruction: str
    touched: tuple[int, ...] | None = ()
    """Layers (of `before` and of `after`: union of their masks) that the edit concerns; None for the whole picture."""
    references: tuple[WantedReference, ...] = ()
    reasoning: str = ""
    extra: dict[str, str] = field(default_factory=dict)


PairMaker: TypeAlias = Callable[[LayeredScene, Catalogue, np.random.Generator], ScenePair | None]
"""For one edit type: a scene -> a pair, or None if this scene does not lend itself to it."""
