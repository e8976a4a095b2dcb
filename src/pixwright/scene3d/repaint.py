"""What an edit does to a scene's colours: the views are edited as pictures, by any system, and carried back to the Gaussians.

An edit that is a function of colour (a colour, a material, a tone) is fitted as that one function over all views and applied to each Gaussian, so that no view
can disagree with another. What is not (a pattern, a style, what a network paints) is solved for: the colours that show the edited views best. A network edits again
what the scene then shows, as Instruct-NeRF2NeRF alternates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context, Proposal
from pixwright.records.instruction import Array, Attachment
from pixwright.records.kind import Aspect
from pixwright.records.plan import Step
from pixwright.records.region import Region, whole
from pixwright.records.result import Origin
from pixwright.scene3d.cameras import Floats
from pixwright.scene3d.colour_table import ColourTable, fitted
from pixwright.scene3d.lifting import coverage
from pixwright.scene3d.splats.gaussians import Gaussians
from pixwright.scene3d.splats.harmonics import basis, spread
from pixwright.scene3d.splats.solving import WantedChange, solved
from pixwright.scene3d.views import Views
from pixwright.systems import Eyes, System

_PURE = 0.9
"""Coverage from which a pixel shows the thing's own colour, and counts."""
_EXPLAINED, _EXPLAINED_SHARE = 0.03, 0.35
"""What a function of colour may miss of an edit, root mean square of sRGB 0 to 1, or as a share of what the edit changed: below either it is that function."""
_EMBEDDED = "local"
"""The system whose editors compute; the others paint, in a picture of their network's size."""
_DIRECTIONS = 32
"""In which a Gaussian's colours are asked and changed."""
_SOME = 60_000
"""Pixels that a function of colour is fitted to, at most."""
_AT_ONCE = 50_000
"""Gaussians whose colours are changed at a time."""


@dataclass(frozen=True, eq=False)
class Editing:
    """Who edits the views, and what besides the step may change the answer."""

    system: System
    eyes: Eyes
    seed: int = 0
    attachments: tuple[Attachment, ...] = ()
    controls: Mapping[str, float] = field(default_factory=dict)
    rounds: int = 2
    """How often views are edited where a network paints; what is computed is the same each time."""

    def edited(self, pictures: Sequence[Array], step: Step, regions: Mapping[int, Region]) -> tuple[EditedView, ...]:
        """The views (HxWx3 uint8 each) that have a region, edited there.

        A colour is laid on all of them as one picture where the embedded editors do it: what is light and what is shade in it is then the same in every view.
        """
        if step.type.traits.changes is not Aspect.COLOUR or self.system.name != _EMBEDDED:
            alone = {n: self.done(pictures[n], step, region) for n, region in regions.items()}
            return tuple(EditedView(n, pictures[n], *done) for n, done in alone.items())
        sheet = np.hstack([pictures[n] for n in regions])
        after, proposal = self.done(sheet, step, _in_a_row(list(regions.values())))
        parts = np.split(after, len(regions), axis=1)
        return tuple(EditedView(n, pictures[n], part, proposal) for n, part in zip(regions, parts, strict=True))

    @property
    def context(self) -> Context:
        """What an editor of pictures may use."""
        return Context(
            self.seed, self.system.encoders, self.eyes.find, self.attachments, standing=self.eyes.salient, things=self.eyes.things,
            controls=self.controls,
        )  # fmt: skip

    def done(self, picture: Array, step: Step, region: Region) -> tuple[Array, Proposal]:
        """One picture HxWx3 uint8 after the edit, and what the editor said."""
        proposal = self.system.edit(picture, step, region, self.context)
        return composite(picture, proposal, None)[0], proposal


def _in_a_row(regions: Sequence[Region]) -> Region:
    """The regions of pictures of one size, as one of all pictures side by side."""
    width = regions[0].mask.shape[1]
    boxes = [
        (x0 + at * width, y0, x1 + at * width, y1) for at, one in enumerate(regions) for x0, y0, x1, y1 in one.boxes
    ]
    mask = np.hstack([one.mask for one in regions])
    return replace(regions[0], mask=mask, boxes=tuple(boxes), labels=np.where(mask > 0, 1, 0).astype(np.uint8))


@dataclass(frozen=True, eq=False)
class EditedView:
    """View `number` before and after the edit, HxWx3 uint8, and what the editor said."""

    number: int
    before: Array
    after: Array
    proposal: Proposal


@dataclass(frozen=True, eq=False)
class Repainted:
    """`gaussians` with other colours; `views`: the edited views, those of the last round; `as_function`: whether the edit was a function of colour."""

    gaussians: Gaussians
    views: tuple[EditedView, ...]
    as_function: bool


def repainted(
    gaussians: Gaussians, chosen: NDArray[np.bool_] | None, views: Views, step: Step, editing: Editing
) -> Repainted:
    """The colours of the chosen Gaussians (N bool; None: of all) as the step says. Where every view was refused, nothing changes."""
    which = gaussians.opacities > 0 if chosen is None else chosen
    cover = [coverage(footprint, which) for footprint in views.footprints]
    regions = {
        number: whole(*one.shape) if chosen is None else views.region(number, chosen, str(step.target or ""))
        for number, one in enumerate(cover)
        if (one >= _PURE).any()
    }
    result = Repainted(gaussians, (), True)
    for _ in range(editing.rounds):
        start = result.gaussians
        edits = editing.edited(views.pictures(start), step, regions) if regions else ()
        done = [one for one in edits if one.proposal.refused is None]
        if not done:
            return replace(result, views=edits)
        table, explains = _as_function(done, cover)
        direct = _recoloured(start, which, table)
        wanted = [
            _wanted(start, direct, which, views, one, cover[one.number], table if explains else None) for one in done
        ]
        result = Repainted(replace(direct, coefficients=solved(direct, which, wanted)), edits, explains)
        if explains or all(one.proposal.added is not Origin.GENERATED for one in done):
            break
    return result


def _as_function(edits: Sequence[EditedView], cover: Sequence[Floats]) -> tuple[ColourTable, bool]:
    """The function of colour that is nearest to the edits of all views, and whether it explains them."""
    before = np.concatenate([one.before[cover[one.number] >= _PURE] for one in edits]) / np.float32(255)
    after = np.concatenate([one.after[cover[one.number] >= _PURE] for one in edits]) / np.float32(255)
    if len(before) > _SOME:
        some = np.random.default_rng(len(before)).choice(len(before), _SOME, replace=False)
        before, after = before[some], after[some]
    table = fitted(before, after)
    missed, changed = table.missed(before, after), float(np.sqrt(np.mean((after - before) ** 2)))
    return table, missed <= max(_EXPLAINED, _EXPLAINED_SHARE * changed)


def _recoloured(gaussians: Gaussians, which: NDArray[np.bool_], table: ColourTable) -> Gaussians:
    """Each chosen Gaussian's colour, in every direction, through the table."""
    known = basis(spread(_DIRECTIONS), gaussians.degree).astype(np.float32)
    back = np.linalg.pinv(known).astype(np.float32)
    found = gaussians.coefficients.copy()
    numbers = np.flatnonzero(which)
    for start in range(0, len(numbers), _AT_ONCE):
        own = numbers[start : start + _AT_ONCE]
        seen = np.einsum("dk,nkc->ndc", known, found[own]) + np.float32(0.5)
        new = table(seen.reshape(-1, seen.shape[2])).reshape(seen.shape)
        found[own] = np.einsum("kd,ndc->nkc", back, new - np.float32(0.5))
    return replace(gaussians, coefficients=found)


def _wanted(
    start: Gaussians,
    direct: Gaussians,
    which: NDArray[np.bool_],
    views: Views,
    edit: EditedView,
    cover: Floats,
    table: ColourTable | None,
) -> WantedChange:
    """By how much a view of what was recoloured directly must still change: to the view before through the table, or to the edited view."""
    before, now = views.colours(start, edit.number), views.colours(direct, edit.number)
    if table is None:
        change = (edit.after.astype(np.float32) - edit.before) / 255
    else:
        change = table(before.reshape(-1, before.shape[2])).reshape(before.shape) - before
    own = views.footprints[edit.number].of(which)
    return WantedChange(views.cameras[edit.number], own, before + change - now, np.where(cover >= _PURE, cover, 0))
