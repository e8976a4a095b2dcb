"""Where what words name is in a scene: the product's grounder looks at every view, and the masks are lifted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.thing import Thing
from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.lifting import LiftedGaussians, lift, votes
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.spreading import spread
from pixwright.scene3d.views import Views
from pixwright.systems import Eyes
from pixwright.words import read

_GUESSED = 0.3
"""What the vote of a view counts in which the grounder only guessed."""
_SAME = 0.3
"""Share of a thing's Gaussians that must fall on what a view shows of it."""
_LEVEL = 127
_SEEN_WELL = 0.4
"""Of the most that any view shows of a Gaussian: what a view must show to decide of it."""
_EVEN, _DOUBT = 0.5, 0.2
"""Share of a Gaussian in a mask that tells nothing, and how near to none or all of it is sure."""

_Look = Callable[[Array], Region]
"""Where a thing is in a picture HxWx3."""


@dataclass(frozen=True, eq=False)
class FoundGaussians:
    """`chosen` N bool. `views`: the numbers of the views that agreed. `count`: how many of the kind most views show. `note`: why nothing was found."""

    chosen: NDArray[np.bool_]
    views: tuple[int, ...]
    count: int = 1
    note: str = ""


def find(gaussians: Gaussians, views: Views, pictures: Sequence[Array], step: Step, eyes: Eyes) -> FoundGaussians:
    """The Gaussians of a step's target. "The left one" is said of the first view that shows it; the other views follow that one."""
    assert step.target is not None
    return _found(gaussians, views, pictures, step.target, lambda picture: eyes.find_step(picture, step, None), eyes)


def find_thing(
    gaussians: Gaussians, views: Views, pictures: Sequence[Array], thing: Thing, eyes: Eyes
) -> FoundGaussians:
    """The Gaussians of a thing, whatever is to become of it."""
    return _found(gaussians, views, pictures, thing, lambda picture: eyes.find(picture, thing), eyes)


def find_pointed(gaussians: Gaussians, views: Views, number: int, region: Region) -> FoundGaussians:
    """The Gaussians of what the user pointed at in view `number`: that view decides of what it shows well, and from there it spreads."""
    seen = [votes(footprint, None)[:, 1] for footprint in views.footprints]
    inside, here = votes(views.footprints[number], region.mask).T
    share = inside / np.maximum(here, np.finfo(np.float32).tiny)
    known = (here > _SEEN_WELL * np.max(seen, axis=0)) & (np.abs(share - _EVEN) > _EVEN - _DOUBT)
    colours = gaussians.colours(views.cameras[number].position)
    chosen = spread(gaussians.centres, colours, known & (share > _EVEN), known)
    if not chosen.any():
        return FoundGaussians(chosen, (), 0, "no Gaussian lies mostly in what was pointed at: take in more of it")
    return FoundGaussians(chosen, (number,), len(region.boxes))


def _found(
    gaussians: Gaussians, views: Views, pictures: Sequence[Array], thing: Thing, look: _Look, eyes: Eyes
) -> FoundGaussians:
    if thing.selective:
        regions = _followed(gaussians, views, pictures, thing, look, eyes)
    else:
        regions = [look(picture) for picture in pictures]
    masks = [region.mask if region.found else None for region in regions]
    trust = [region.score * (_GUESSED if region.guess else 1) for region in regions]
    lifted: LiftedGaussians = lift(gaussians, views.footprints, masks, trust)
    if not lifted.chosen.any():
        return FoundGaussians(
            lifted.chosen, (), 0, f'"{thing}" was found in none of {len(regions)} views: name it differently'
        )
    counts = [len(regions[n].boxes) for n in lifted.used]
    return FoundGaussians(lifted.chosen, lifted.used, int(np.median(counts)))


def _followed(
    gaussians: Gaussians, views: Views, pictures: Sequence[Array], thing: Thing, look: _Look, eyes: Eyes
) -> list[Region]:
    """Regions in all views of what the first one that shows it calls by the whole phrase."""
    nothing = [Region(np.zeros(picture.shape[:2], np.uint8), (), 0.0, str(thing), "none") for picture in pictures]
    for key, picture in enumerate(pictures):
        region = look(picture)
        if not region.found:
            continue
        alone: list[Array | None] = [None] * len(pictures)
        alone[key] = region.mask
        first = lift(gaussians, views.footprints, alone, [region.score] * len(pictures))
        noun = read(thing.name)
        found = list(nothing)
        for number, other in enumerate(pictures):
            own = _instance(eyes.find(other, noun), views.cameras[number].projected(gaussians.centres[first.chosen]))
            found[number] = own or nothing[number]
        found[key] = region
        return found
    return nothing


def _instance(region: Region, pixels: Floats) -> Region | None:
    """Of several things in a view the one on which most of some pixels (Nx2) fall."""
    height, width = region.mask.shape
    column, row = np.floor(np.nan_to_num(pixels, nan=-1)).astype(np.int64).T
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    best, share = None, _SAME
    for number in range(len(region.boxes)):
        mask = region.instance(number)
        hit = np.count_nonzero(mask[row[inside], column[inside]] > _LEVEL) / max(1, len(pixels))
        if hit >= share:
            best, share = Region(mask, (region.boxes[number],), region.score, region.phrase, guess=region.guess), hit
    return best
