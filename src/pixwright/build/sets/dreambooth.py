"""Dreambooth++ at mini scale: 30 subjects on 30 backgrounds, each with its prompt (InstructAny2Pix: appendix A.3.2 and table A.4).

The single-image task uses the subject and the prompt, the multi-image task the subject and the background. The paper has no ground truth; here the
scene itself is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from pixwright.build.contract import Catalogue, LayeredScene, ScenePair, WantedReference
from pixwright.build.pairs.realise import realise
from pixwright.build.run.quarantine import Quarantined
from pixwright.build.run.recipe import Recipe
from pixwright.build.scene.compose import compose
from pixwright.build.scene.render import render
from pixwright.build.sets.bench import catalogue_of
from pixwright.build.source.merged import MergedCatalogue
from pixwright.records.instruction import Array, Samples
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Asset, AssetKind, Sample, Split
from pixwright.words.saying import article

SUBJECTS = BACKGROUNDS = 30
_QUOTA = (
    (("animal",), 7),
    (("person", "fantasy"), 7),
    (("vehicle", "street"), 4),
    (("building", "place", "plant", "nature"), 3),
    (("electronics", "instrument"), 2),
    (("household", "clothing", "tool", "toy"), 7),
)
"""How many subjects are of which categories: the mix of table A.4."""
_TRIES = 12


@dataclass(eq=False)
class Only:
    """A catalogue narrowed to one subject on one background."""

    whole: Catalogue
    cutout: Asset
    background: Asset
    split: Split

    def assets(self, kind: AssetKind) -> Sequence[Asset]:
        """The one of its kind."""
        return {"cutout": (self.cutout,), "background": (self.background,)}.get(kind, ())

    def asset(self, key: str) -> Asset:
        """As the whole catalogue's."""
        return self.whole.asset(key)

    def pixels(self, key: str) -> Array:
        """As the whole catalogue's."""
        return self.whole.pixels(key)

    def samples(self, key: str) -> tuple[Samples, int]:
        """As the whole catalogue's."""
        return self.whole.samples(key)


def make(recipe: Recipe, start: int, stop: int) -> Iterable[Sample | Quarantined]:
    """Place i holds subject i // 30 on background i % 30."""
    catalogue = catalogue_of(recipe.sources, recipe.split)
    for index in range(start, stop):
        yield from place(catalogue, recipe, index)


def place(catalogue: MergedCatalogue, recipe: Recipe, index: int) -> Iterator[Sample | Quarantined]:
    """The one row of a place."""
    subject = subjects(catalogue)[index // BACKGROUNDS % SUBJECTS]
    background = backgrounds(catalogue)[index % BACKGROUNDS]
    identity = f"{recipe.name}-{index:08d}"
    found = _scene(Only(catalogue, subject, background, catalogue.split), recipe, index)
    if found is None:
        yield Quarantined(identity, f"no_pair: no room for {subject.name} on {background.key}")
        return
    scene, layer = found
    before = replace(scene, layers=tuple(one for one in scene.layers if one is not scene.layers[layer]))
    name, where = scene.layers[layer].name, background.name
    text = f"put the {name} from [1] in the picture"
    step = Step(type=EditType.VISUAL_REFERENCE, instruction=text, value=name, reference=1)
    wanted = WantedReference(1, "view", name, layer=layer, seed=index // BACKGROUNDS)
    pair = ScenePair(
        EditType.VISUAL_REFERENCE,
        before,
        scene,
        step,
        text,
        (layer,),
        (wanted,),
        extra={"subject": subject.key, "background": background.key, "prompt": f"{article(name)}, {where}"},
    )
    sample = realise(pair, render, catalogue, identity, recipe.name)
    yield replace(
        sample,
        multimodal=f"add [image:{article(name)}] to [image:base:{sample.source_caption}]",
        target=f"[base] [sub:1:{name}] [gen:{sample.edited_caption}]",
        extra={**sample.extra, "prompt": sample.edited_caption},
    )


def _scene(narrowed: Only, recipe: Recipe, index: int) -> tuple[LayeredScene, int] | None:
    """The subject put on the background, and the number of its layer."""
    for number in range(_TRIES):
        rng = np.random.default_rng([recipe.seed, index, number])
        scene = compose(narrowed, rng, recipe.size, recipe.size, 1, rare=True)
        for layer, one in enumerate(scene.layers):
            if one.asset == narrowed.cutout.key:
                return scene, layer
    return None


@lru_cache(maxsize=4)
def subjects(catalogue: MergedCatalogue) -> tuple[Asset, ...]:
    """30 cut-outs in the paper's mix, as far as the catalogue has them; the rest in the order of their keys' hashes."""
    every = sorted(catalogue.assets("cutout"), key=lambda a: a.sha256)
    chosen: list[Asset] = []
    for categories, quota in _QUOTA:
        chosen += [a for a in every if a.category in categories][:quota]
    chosen += [a for a in every if a not in chosen and a.category not in ("symbol", "sky")]
    return tuple(chosen[:SUBJECTS])


@lru_cache(maxsize=4)
def backgrounds(catalogue: MergedCatalogue) -> tuple[Asset, ...]:
    """30 backgrounds, of as many places as there are; where the catalogue has fewer, they come again."""
    by_place: dict[str, list[Asset]] = {}
    for asset in sorted(catalogue.assets("background"), key=lambda a: a.sha256):
        by_place.setdefault(asset.name, []).append(asset)
    rounds = max(len(same) for same in by_place.values())
    mixed = [same[turn] for turn in range(rounds) for same in by_place.values() if turn < len(same)]
    return tuple(mixed[i % len(mixed)] for i in range(BACKGROUNDS))
