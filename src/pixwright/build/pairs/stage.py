"""What the makers of pairs share: a scene with its measures, the choice of what to edit, and the way from a draft to a pair with words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeVar

import numpy as np

from pixwright.build.chance import pick
from pixwright.build.contract import Catalogue, Layer, LayeredScene, ScenePair, WantedReference
from pixwright.build.scene.geometry import extent_of, width_of
from pixwright.build.scene.signs import asset_of
from pixwright.build.wording.grammar import TRIES, Unsaid, imperative, say
from pixwright.build.wording.names import phrase_for
from pixwright.records.instruction import Attachment, PictureAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.records.sample import Asset

T = TypeVar("T")


class Extent(NamedTuple):
    """A layer's box in scene units: the picture's height is 1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def wide(self) -> float:
        """Its width."""
        return self.right - self.left

    @property
    def tall(self) -> float:
        """Its height."""
        return self.bottom - self.top


LEAST = 0.014
"""Share of the picture that a thing must take to be edited."""
SEEN = 0.6
"""Share of a thing's box that must be in the picture and uncovered."""
_SAMPLES, _ROUNDNESS, _FILLED = 16, 4, 0.8
"""Points a side at which is looked whether a thing hides another; a thing is a disc to this power that fills its box up to here."""
_CARRIED, _SLACK = 0.75, 0.02
"""What stands on a thing has its foot in this upper part of its box, or so much above."""
_SLACK_AT_HORIZON, _DISTANCES = 0.03, (0.4, 2.5)
"""Below the horizon, from where on distance counts; and how much smaller or larger it makes a thing."""
_TINY = 1e-9
_BLANK = np.zeros((8, 8, 3), np.uint8)
"""Stands for any attachment where only its number counts."""
PLAIN = "{}"
"""`Layer.told` of a thing of which the other caption tells more."""
STANDING = frozenset({"ground", "water"})
"""Supports under which size follows the distance to the horizon."""


class Unfit(ValueError):
    """A scene does not lend itself to an edit; the message says why."""


@dataclass(frozen=True)
class PairDraft:
    """A pair before its words. `key` and `slots` choose and fill the templates."""

    before: LayeredScene
    after: LayeredScene
    step: Step
    key: str
    slots: Mapping[str, str]
    touched: tuple[int, ...] | None = ()
    references: tuple[WantedReference, ...] = ()
    reasoning: str = ""
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Stage:
    """A scene, the assets and the dice."""

    scene: LayeredScene
    catalogue: Catalogue
    rng: np.random.Generator

    @property
    def width(self) -> float:
        """The scene's width in units of its height."""
        return width_of(self.scene)

    def asset(self, layer: Layer) -> Asset:
        """What the layer shows."""
        return asset_of(layer.asset, self.catalogue)

    def box(self, layer: Layer) -> Extent:
        """x0, y0, x1, y1 of a layer, turned as it is, in scene units."""
        return Extent(*extent_of(replace(layer, looks=(), text=""), self.catalogue))  # neither changes its outline

    def pick(self, items: Sequence[T]) -> T:
        """One of several, all equally likely. Raises `Unfit` if there is none."""
        if not items:
            raise Unfit("there is nothing to choose from")
        return pick(self.rng, items)

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in a random order."""
        return [items[int(i)] for i in self.rng.permutation(len(items))]

    def inside(self, layer: Layer) -> float:
        """The share of a layer's box that lies in the picture."""
        box = self.box(layer)
        shown = overlap(box, Extent(0.0, 0.0, self.width, 1.0))
        return shown / area(box)

    def crowded(self, layer: Layer, others: Sequence[Layer]) -> float:
        """The largest overlap with another layer's box, as a share of the smaller of the two."""
        mine = self.box(layer)
        return max((overlap(mine, box) / min(area(mine), area(box)) for box in map(self.box, others)), default=0.0)

    def seen(self, index: int, scene: LayeredScene | None = None) -> float:
        """About what share of a layer's box is in the picture and not behind later layers."""
        layers = (scene or self.scene).layers
        x0, y0, x1, y1 = self.box(layers[index])
        xs, ys = np.meshgrid(np.linspace(x0, x1, _SAMPLES), np.linspace(y0, y1, _SAMPLES))
        shown = (xs >= 0) & (xs <= self.width) & (ys >= 0) & (ys <= 1)
        for other in layers[index + 1 :]:
            a0, b0, a1, b1 = self.box(other)
            # A thing fills its box in the middle, not in the corners.
            dx, dy = (xs - (a0 + a1) / 2) / ((a1 - a0) / 2), (ys - (b0 + b1) / 2) / ((b1 - b0) / 2)
            shown &= dx**_ROUNDNESS + dy**_ROUNDNESS > _FILLED
        return float(shown.mean())

    def carries(self, index: int) -> bool:
        """Whether something else stands on this layer."""
        x0, y0, x1, y1 = self.box(self.scene.layers[index])
        low = y0 + _CARRIED * (y1 - y0)
        return any(
            x0 < one.x < x1 and y0 - _SLACK < one.y < low and one.support not in ("ground", "air", "water")
            for number, one in enumerate(self.scene.layers)
            if number != index
        )

    def editable(self, index: int) -> bool:
        """Large enough, in sight, and carrying nothing."""
        layer = self.scene.layers[index]
        return (
            area(self.box(layer)) >= LEAST * self.width
            and not layer.asset.startswith("table/")
            and not self.carries(index)
            and self.seen(index) >= SEEN
        )

    def target(self, fits: Callable[[int], bool] = lambda _: True) -> tuple[int, str]:
        """A layer to edit and the phrase that names it alone. Raises `Unfit`."""
        for index in self.shuffled(range(len(self.scene.layers))):
            if self.editable(index) and fits(index):
                phrase = phrase_for(self.scene, index, self.rng)
                if phrase is not None:
                    return index, phrase
        raise Unfit("no thing in the scene is large, visible and of a fitting kind")

    def at(self, layer: Layer, x: float, y: float) -> Layer:
        """The layer put down elsewhere; a thing on the ground is as large as its new distance makes it."""
        horizon = self.scene.horizon
        ratio = 1.0
        if layer.support in STANDING and min(y, layer.y) > horizon + _SLACK_AT_HORIZON:
            ratio = float(np.clip((y - horizon) / (layer.y - horizon), *_DISTANCES))
        return replace(layer, x=x, y=y, height=layer.height * ratio)


def overlap(a: Extent, b: Extent) -> float:
    """The area that two boxes share."""
    wide, tall = min(a.right, b.right) - max(a.left, b.left), min(a.bottom, b.bottom) - max(a.top, b.top)
    return max(0.0, wide) * max(0.0, tall)


def area(box: Extent) -> float:
    """The area of a box."""
    return max(box.wide * box.tall, _TINY)


def the(phrase: str) -> str:
    """ "the car"."""
    return f"the {phrase}"


_PLACES = {
    Relation.LEFT: "to the left of", Relation.RIGHT: "to the right of", Relation.ABOVE: "above", Relation.ON: "on",
    Relation.INSIDE: "in", Relation.BEHIND: "behind", Relation.IN_FRONT: "in front of", Relation.BESIDE: "next to",
}  # fmt: skip
_REGIONS = {Relation.LEFT: "on the left", Relation.RIGHT: "on the right"}


def place_words(where: Where) -> str:
    """ "to the left of the house", "on the right"."""
    if where.anchor is None:
        return _REGIONS[where.relation]
    return f"{_PLACES[where.relation]} the {where.anchor}"


def worded(stage: Stage, kind: EditType, draft: PairDraft) -> ScenePair:
    """The draft with an instruction that parses back. Raises `Unsaid`."""
    instruction, step = say(draft.key, draft.slots, draft.step, stage.rng, stand_ins(draft.references))
    return _pair(kind, draft, instruction, step)


def guided(stage: Stage, kind: EditType, draft: PairDraft, guide: str) -> ScenePair:
    """The draft as an edit that follows a condition picture, `[1]`. Raises `Unsaid`."""
    step = draft.step.model_copy(update={"type": kind, "reference": 1})
    reason = ""
    for _ in range(TRIES):
        slots = {"guide": guide, "edit": imperative(draft.key, draft.slots, stage.rng)}
        try:
            instruction, said = say("guided", slots, step, stage.rng, stand_ins(draft.references), tries=1)
        except Unsaid as error:
            reason = str(error)
            continue
        return _pair(kind, draft, instruction, said)
    raise Unsaid(reason)


def stand_ins(references: Sequence[WantedReference]) -> tuple[Attachment, ...]:
    """Empty pictures in place of references that are not made yet: a parser asks only what there is."""
    return tuple(PictureAttachment(one.name, _BLANK) for one in references)


def _pair(kind: EditType, draft: PairDraft, instruction: str, step: Step) -> ScenePair:
    return ScenePair(
        type=kind,
        before=draft.before,
        after=draft.after,
        step=step,
        instruction=instruction,
        touched=draft.touched,
        references=draft.references,
        reasoning=draft.reasoning,
        extra=dict(draft.extra),
    )
