"""Rows of the aligned encoder's training and test: a picture, a sound or a piece of music, the words for it, and what it is of.

A side of the cache is an endless-looking but fixed list of recipes (`Recipe`s of rows), each made from its own dice, so that the same number is always the
same row and a killed run goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.pairs.references import view
from pixwright.build.scene.captions import caption, shown
from pixwright.build.scene.compose import compose
from pixwright.build.scene.render import render
from pixwright.build.source.merged import MergedCatalogue
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.latents import Floats, music_latent, picture_latent, sound_latent
from pixwright.records.instruction import Array
from pixwright.records.sample import Asset, AssetKind, Split
from pixwright.train.aligned.augment import heard_otherwise, worsened
from pixwright.train.aligned.concepts import concept_of, trainable
from pixwright.train.config import AlignedSettings
from pixwright.words.saying import article

Side: TypeAlias = Literal["view", "scene", "sound", "music", "graded"]
"""Things alone on paper, composed scenes, sounds, pieces of music; and things alone in pictures of every quality, with a score."""
Grade: TypeAlias = Callable[[Array], float]
"""How good a picture HxWx3 uint8 is, 0 to 10."""
SIDES: tuple[Side, ...] = ("view", "scene", "sound", "music")

_SCENE = (224, 168)
"""Width and height of composed scenes, in pixels."""
_THINGS = 3
"""The most things of a scene."""
_SCENES = 2
"""Salt of their dice."""


@dataclass(frozen=True)
class AlignedRow:
    """One picture, sound or piece of music, as the frozen networks saw it."""

    latent: Floats
    key: str
    texts: tuple[str, ...]
    """Any of them says what it is; the first is its caption."""
    concepts: tuple[str, ...]
    """What is in it; one for a row of one thing."""
    trained: bool
    """False for rows of reserved files or concepts: the test's."""
    score: float | None = None
    """How good the picture is, where that was graded: 0 to 10."""


@dataclass(frozen=True)
class RowRecipe:
    """Row `number` of an asset, or of all assets (a scene)."""

    split: Split
    asset: Asset | None
    number: int


def recipes_of(side: Side, catalogues: dict[Split, MergedCatalogue], amount: AlignedSettings) -> list[RowRecipe]:
    """The rows of a side, of both splits, in their fixed order: all first copies, all second ones, ..., so that a larger amount only appends."""
    if side == "scene":
        kept = [(Split.TEST, k) for k in range(amount.tested)] + [(Split.TRAIN, k) for k in range(amount.scenes)]
        return [RowRecipe(split, None, k) for split, k in kept]
    if side == "graded":
        named = [(split, one) for split, all_ in catalogues.items() for one in all_.assets("cutout")]
        order = np.random.default_rng(amount.seed).permutation(len(named))[: amount.graded]
        return [RowRecipe(split, one, 0) for split, one in (named[k] for k in order)]
    kinds: tuple[AssetKind, ...] = ("cutout", "background") if side == "view" else (side,)
    copies = {"view": amount.views, "sound": amount.hearings, "music": 1}[side]
    held = [(split, one) for split, all_ in catalogues.items() for kind in kinds for one in all_.assets(kind)]
    return [RowRecipe(split, one, k) for k in range(copies) for split, one in held]


class RowMaker:
    """Makes rows by recipe."""

    def __init__(
        self,
        catalogues: dict[Split, MergedCatalogue],
        encoders: Encoders,
        amount: AlignedSettings,
        grade: Grade | None = None,
    ) -> None:
        self.catalogues, self.encoders, self.amount, self.grade = catalogues, encoders, amount, grade

    def row(self, side: Side, recipe: RowRecipe) -> AlignedRow:
        """One row."""
        catalogue = self.catalogues[recipe.split]
        if recipe.asset is None:
            rng = np.random.default_rng([self.amount.seed, _SCENES, recipe.number])
            return self._scene(catalogue, rng, recipe.number, recipe.split)
        rng = np.random.default_rng([self.amount.seed, recipe.number, int(recipe.asset.sha256[:8], 16)])
        if side == "music":
            return self._music(recipe.asset, catalogue)
        if side == "sound":
            return self._sound(recipe.asset, recipe.number, catalogue, rng)
        if side == "graded":
            return self._graded(recipe.asset, catalogue, rng)
        return self._view(recipe.asset, recipe.number, catalogue, rng)

    def _view(self, asset: Asset, number: int, catalogue: MergedCatalogue, rng: np.random.Generator) -> AlignedRow:
        concepts = (concept_of(asset.name),)
        if asset.kind == "background":
            pixels = cropped(catalogue.pixels(asset.key), rng)
        else:
            layer = Layer(asset.key, asset.name, 0.5, 0.9, 0.8)
            pixels = view(layer, catalogue, int(rng.integers(2**31)))
        latent = picture_latent(pixels, self.encoders.picture)
        return AlignedRow(latent, f"{asset.key}#{number}", texts_of(asset), concepts, trainable(asset, concepts))

    def _graded(self, asset: Asset, catalogue: MergedCatalogue, rng: np.random.Generator) -> AlignedRow:
        assert self.grade is not None, "graded rows need somebody who grades"
        shown = view(Layer(asset.key, asset.name, 0.5, 0.9, 0.8), catalogue, int(rng.integers(2**31)))
        pixels = worsened(shown, rng)
        concepts = (concept_of(asset.name),)
        latent = picture_latent(pixels, self.encoders.picture)
        fine = trainable(asset, concepts)
        return AlignedRow(latent, f"{asset.key}#graded", texts_of(asset), concepts, fine, self.grade(pixels))

    def _scene(self, catalogue: MergedCatalogue, rng: np.random.Generator, number: int, split: Split) -> AlignedRow:
        scene = compose(catalogue, rng, *_SCENE, int(rng.integers(1, _THINGS + 1)))
        said = caption(scene)
        concepts = concepts_of(scene)
        latent = picture_latent(render(scene, catalogue).picture, self.encoders.picture)
        assets = [
            catalogue.asset(layer.asset)
            for layer in scene.layers
            if ":" not in layer.asset and _known(layer, catalogue)
        ]
        fine = split is Split.TRAIN and all(trainable(one, concepts) for one in assets)
        return AlignedRow(latent, f"scene/{split}#{number}", (said,), concepts, fine)

    def _sound(self, asset: Asset, number: int, catalogue: MergedCatalogue, rng: np.random.Generator) -> AlignedRow:
        samples, rate = catalogue.samples(asset.key)
        heard = heard_otherwise(samples, rate, rng) if number else (samples, rate)
        concepts = (concept_of(asset.name),)
        latent = sound_latent(*heard, self.encoders.music)
        return AlignedRow(latent, f"{asset.key}#{number}", sound_texts(asset), concepts, trainable(asset, concepts))

    def _music(self, asset: Asset, catalogue: MergedCatalogue) -> AlignedRow:
        latent = music_latent(*catalogue.samples(asset.key), self.encoders.music)
        return AlignedRow(latent, asset.key, music_texts(asset), (asset.tags[0],), trainable(asset, ()))


def _known(layer: Layer, catalogue: MergedCatalogue) -> bool:
    return any(one.key == layer.asset for one in catalogue.assets("cutout"))


def cropped(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A part of a background, at least six tenths of each side."""
    height, width = pixels.shape[:2]
    share = float(rng.uniform(0.6, 1.0))
    tall, wide = int(height * share), int(width * share)
    top, left = int(rng.integers(height - tall + 1)), int(rng.integers(width - wide + 1))
    return np.ascontiguousarray(pixels[top : top + tall, left : left + wide])


def texts_of(asset: Asset) -> tuple[str, ...]:
    """Caption, name, and name as captions of pictures have it; synonyms."""
    named = article(asset.name)
    synonyms = [article(word) for word in asset.tags[1:]] if asset.kind == "cutout" else []
    texts = (asset.caption, asset.name, named, f"a picture of {named}", f"a photo of {named}", *synonyms)
    return tuple(dict.fromkeys(texts))


def sound_texts(asset: Asset) -> tuple[str, ...]:
    """Caption, and what makes the sound."""
    named = article(asset.name)
    return tuple(dict.fromkeys((asset.caption, named, asset.name, f"the sound of {named}", f"{named} is heard")))


def music_texts(asset: Asset) -> tuple[str, ...]:
    """Caption, and its mood in several ways, with and without tempo, mode and instruments."""
    mood, pace, mode, *instruments = asset.tags
    lead = instruments[0]
    return tuple(
        dict.fromkeys(
            (
                asset.caption,
                mood,
                f"{mood} music",
                f"{mood} {lead} music",
                f"a {pace} {mood} piece",
                f"{mood} music in a {mode} key",
                f"music that sounds {mood}",
                f"a {mood} mood",
            )
        )
    )


def concepts_of(scene: LayeredScene) -> tuple[str, ...]:
    """The concepts of the things that a scene shows, each once."""
    return tuple(dict.fromkeys(concept_of(scene.layers[k].name) for k in shown(scene)))


def texts(rows: Sequence[AlignedRow]) -> list[str]:
    """Every text, once, in order."""
    return list(dict.fromkeys(text for row in rows for text in row.texts))
