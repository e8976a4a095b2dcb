"""Examples from scenes that are composed and rendered for the run: the training split only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np

from pixwright.build.contract import Catalogue, LayeredScene, Rendering, ScenePair, WantedReference
from pixwright.build.pairs import attempt
from pixwright.build.pairs.conditions import condition
from pixwright.build.pairs.realise import canvas_of
from pixwright.build.pairs.references import material, styled, view
from pixwright.build.run.recipe import spread
from pixwright.build.scene.batched import BatchRenderer
from pixwright.build.scene.captions import caption
from pixwright.build.scene.compose import compose
from pixwright.build.scene.render import boxes_of
from pixwright.build.sets.bench import catalogue_of
from pixwright.build.wording.plain import plainly
from pixwright.build.wording.reasoning import reasoned
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array, Samples
from pixwright.records.kind import EditType
from pixwright.records.sample import Asset, AssetKind, Split
from pixwright.train.example import TrainingExample, may_flip, squared

_RARE = 0.2
"""Share of scenes whose things do not belong together."""
_TRIES = 4
_TOGETHER = 128
"""Pairs that are rendered at once."""
_GUIDE = 2
"""A guidance picture is drawn from a rendering this many times as large: a scribble of one pixel says nothing."""
_POOL = 8
"""Different pictures of each material and style that references show; making one takes as long as ten pairs."""


class Shrunk:
    """A catalogue whose pictures are no larger than examples of that side need: looks are given to cut-outs at their full size, which takes the most time."""

    def __init__(self, inner: Catalogue, side: int) -> None:
        self._inner, self._side = inner, side
        self._known: dict[str, Asset] = {}
        self._held: dict[AssetKind, tuple[Asset, ...]] = {}
        self.split: Split = inner.split

    def assets(self, kind: AssetKind) -> Sequence[Asset]:
        """Those of a kind. Their hashes are not the originals': caches of textures go by them."""
        if kind not in self._held:
            self._held[kind] = tuple(self.asset(one.key) for one in self._inner.assets(kind))
        return self._held[kind]

    def asset(self, key: str) -> Asset:
        """The asset of that key."""
        if key not in self._known:
            found = self._inner.asset(key)
            self._known[key] = replace(found, sha256=f"{found.sha256}@{self._side}")
        return self._known[key]

    def pixels(self, key: str) -> Array:
        """The pixels, longer side at most twice (cut-outs) or three times (backgrounds) the example's."""
        found = self._inner.pixels(key)
        most = self._side * (2 if found.shape[2] == 4 else 3)
        return shrink(found, most)

    def samples(self, key: str) -> tuple[Samples, int]:
        """A sound."""
        return self._inner.samples(key)


@cache
def proportions() -> dict[EditType, float]:
    """How often each type is shown; what shows little at 64 pixels or takes long to render is rarer."""
    text = files("pixwright.train").joinpath("proportions.json").read_text(encoding="utf-8")
    return {EditType(name): float(share) for name, share in json.loads(text).items()}


@dataclass(frozen=True, eq=False)
class _Shot:
    """The renderings of a pair."""

    before: Rendering
    after: Rendering


class Studio:
    """Composes pairs and renders them in batches at side x side pixels. Example i depends on (seed, i) and nothing else."""

    def __init__(
        self,
        side: int,
        seed: int,
        types: dict[EditType, float] | None = None,
        sources: tuple[str, ...] = (),
        device: str = "cpu",
        *,
        reasoned: bool = False,
    ) -> None:
        """reasoned: give every example an indirect instruction too, where one is known (part I of ReasonPix2Pix)."""
        self.side, self.seed, self._reasoned = side, seed, reasoned
        self.catalogue = Shrunk(catalogue_of(sources, Split.TRAIN), side)
        self._shares = tuple(sorted((types or proportions()).items()))
        self._renderer = BatchRenderer(device)

    def examples(self, start: int, stop: int) -> Iterator[TrainingExample]:
        """Examples start..stop-1 in order."""
        for first in range(start, stop, _TOGETHER):
            pairs = [self.pair(index) for index in range(first, min(first + _TOGETHER, stop))]
            yield from self._realised(pairs)

    def pair(self, index: int) -> ScenePair:
        """Pair `index`. A type for which no scene is found gives way to an addition, which any scene takes."""
        wanted = spread(index, self._shares)
        for number in range(4 * _TRIES):
            rng = np.random.default_rng([self.seed, index, number])
            scene = compose(
                self.catalogue, rng, self.side, self.side, int(rng.integers(1, 4)), rare=bool(rng.random() < _RARE)
            )
            found = attempt(wanted if number < _TRIES else EditType.ADD, scene, self.catalogue, rng)
            if not isinstance(found, str):
                return found
        raise RuntimeError(f"no pair of {wanted} at index {index}: {found}")

    def scene(self, index: int) -> LayeredScene:
        """A scene of its own, of no pair."""
        rng = np.random.default_rng([self.seed, index])
        return compose(
            self.catalogue, rng, self.side, self.side, int(rng.integers(1, 4)), rare=bool(rng.random() < _RARE)
        )

    def _realised(self, pairs: list[ScenePair]) -> Iterator[TrainingExample]:
        after = self.rendered([pair.after for pair in pairs])
        before = self.rendered([pair.before for pair in pairs])
        guided = [k for k, pair in enumerate(pairs) if pair.references and pair.references[0].kind == "condition"]
        large = self.rendered([self._larger(scene) for k in guided for scene in (pairs[k].before, pairs[k].after)])
        shots = {k: _Shot(large[2 * n], large[2 * n + 1]) for n, k in enumerate(guided)}
        for k, pair in enumerate(pairs):
            yield self._example(pair, _Shot(before[k], after[k]), shots.get(k))

    def _larger(self, scene: LayeredScene) -> LayeredScene:
        return replace(scene, width=scene.width * _GUIDE, height=scene.height * _GUIDE)

    def rendered(self, scenes: list[LayeredScene]) -> list[Rendering]:
        """Scenes of one size together; order kept."""
        found: dict[int, Rendering] = {}
        for size in sorted({(scene.height, scene.width) for scene in scenes}):
            places = [k for k, scene in enumerate(scenes) if (scene.height, scene.width) == size]
            batch = self._renderer.render([scenes[k] for k in places], self.catalogue)
            pictures = batch.pictures.permute(0, 2, 3, 1).contiguous().cpu().numpy()
            for row, k in enumerate(places):
                masks = batch.masks(row, len(scenes[k].layers))
                found[k] = Rendering(pictures[row], masks, boxes_of(masks), caption(scenes[k]))
        return [found[k] for k in range(len(scenes))]

    def _example(self, pair: ScenePair, shot: _Shot, large: _Shot | None) -> TrainingExample:
        source, edited = shot.before.picture, shot.after.picture
        canvas = canvas_of(pair)
        if canvas is not None:
            source = np.full_like(edited, 128)
            x0, y0, x1, y1 = canvas
            source[y0:y1, x0:x1] = edited[y0:y1, x0:x1]
        name, picture = ("", None)
        if pair.references:
            name, picture = self._reference(pair, pair.references[0], large)
        told = self._indirectly(pair, shot.before.caption)
        words = (pair.instruction, told, shot.after.caption)
        lettered = any(layer.text for scene in (pair.before, pair.after) for layer in scene.layers)
        guided = bool(pair.references) and pair.references[0].kind == "condition"
        return TrainingExample(
            source=squared(source, self.side),
            edited=squared(edited, self.side),
            instruction=pair.instruction,
            caption=shot.after.caption,
            type=pair.type,
            flips=may_flip(words) and not lettered and not guided,
            reference_name=name,
            reference=picture,
            reasoning=told,
            plain=plainly(pair.step),
            part="I" if self._reasoned else "",
        )

    def _indirectly(self, pair: ScenePair, caption: str) -> str:
        """A reasoning instruction for the pair, or "": the same for the same pair."""
        if not self._reasoned:
            return ""
        rng = np.random.default_rng([self.seed, *pair.instruction.encode()])
        found = reasoned(pair.step, caption, rng)
        return found[0] if found else ""

    def _reference(self, pair: ScenePair, wanted: WantedReference, large: _Shot | None) -> tuple[str, Array | None]:
        """The picture, and a name where other examples show the same one."""
        if wanted.kind == "condition":
            assert wanted.condition is not None and large is not None
            drawn = replace(pair, before=self._larger(pair.before), after=self._larger(pair.after))
            return "", condition(wanted.condition, drawn, large.before, large.after)
        if wanted.kind == "view":
            assert wanted.layer is not None
            return "", view(pair.after.layers[wanted.layer], self.catalogue, wanted.seed)
        if wanted.kind == "asset" and wanted.asset is not None:
            return "", self.catalogue.pixels(wanted.asset)[..., :3]
        number = wanted.seed % _POOL
        return f"{wanted.kind}/{wanted.value}/{number}", self._pooled(wanted.kind, wanted.value, number)

    def _pooled(self, kind: str, value: str, number: int) -> Array:
        held = self.__dict__.setdefault("_held", {})
        if (kind, value, number) not in held:
            if kind == "material":
                held[kind, value, number] = material(value, number)
            else:
                held[kind, value, number] = self.rendered([styled(value, self.catalogue, number)])[0].picture
        found: Array = held[kind, value, number]
        return found
