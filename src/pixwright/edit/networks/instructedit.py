"""InstructEdit's editor: the region is painted anew from a caption, from the picture's own noise (InstructEdit paper, section 3.4; DiffEdit, arXiv 2210.11427).

The network sees the region's neighbourhood at its own size; `edit.networks.window` brings what it painted back. One inversion serves every encoding ratio, and a score
chooses among the results, which the paper leaves to the user (section 6). Needs the extra `torch`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache, cached_property
from itertools import count
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from pixwright.edit.contract import Context, Proposal, UnderWay, Working, refuse, unheard
from pixwright.edit.networks.choosing import NOISE, Score, scores_of
from pixwright.edit.networks.claims import unseen
from pixwright.edit.networks.coding import Coder
from pixwright.edit.networks.inside import beyond, limit_of
from pixwright.edit.networks.previewing import previewer
from pixwright.edit.networks.window import Floats, Window, window_for
from pixwright.errors import InvalidOption
from pixwright.models.contract import LatentModel, Texts
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.diffedit import TIE, Gain, caption_gains, choose_ratio, difference_mask, edit_inverted, latent_mask
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import Ladder, invert, ladder, ladder_below
from pixwright.nn.latents.coherence import is_noise
from pixwright.nn.latents.sharing import Sharing, edit_beside, same_words
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.words.colours import rgb

E = EditType
HALF = 0.5
"""From this share on a latent counts as inside of a mask."""


@dataclass(frozen=True, eq=False)
class InstructEditor:
    """`edit` is an editor as `edit.contract` has it. Raises InvalidOption for a network that cannot follow captions, or a ratio or side out of range."""

    model: LatentModel
    steps: int = 50
    """Rungs of the DDIM ladder."""
    scales: Scales = field(default_factory=Scales)
    ratios: tuple[float, ...] = (0.5, 0.7, 0.9)
    """Encoding ratios in (0, 1]; all are painted from one inversion."""
    rescale: float = 0.0
    side: int | None = None
    """Longer side, in pixels, at which the network works; None: what it was trained on."""
    score: Score | None = None
    """Without one the middle ratio is taken."""
    negative: str = ""
    """What guidance leads away from; empty: from no words."""
    sharing: Sharing | None = None
    """What the picture that is painted takes over from the one that is; None: nothing but the noise, from the ratio's level on (DiffEdit)."""
    own_mask: bool = False
    """DiffEdit's own mask, from where the predictions for the two captions differ, in the grounder's place."""

    def __post_init__(self) -> None:
        if self.model.edits and not self.model.reads_captions:
            raise InvalidOption(
                f"{self.model.name} is shown the picture and follows instructions, not captions; give weights of a text-to-image network "
                "(Stable Diffusion 1.4, 1.5) with --set weights=DIR, or use --system anysd"
            )
        if self.side is not None and self.side < self.model.multiple:
            raise InvalidOption(
                f"side {self.side} is under the {self.model.multiple} pixels of this network's grid; it was trained at {self.model.side}"
            )
        if not self.ratios or not all(0.0 < ratio <= 1.0 for ratio in self.ratios):
            raise InvalidOption(
                f"encoding ratios {self.ratios} are not one or more in (0, 1]; the paper uses 0.5 to 0.9"
            )

    def edit(self, picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        """picture HxWx3 uint8 of any size -> a proposal of its size; pixels outside of the mask are the picture's own."""
        reason = beyond(step)
        if reason is not None:
            return refuse(picture, reason)
        region, drawn = self._region(picture, step, region, context)
        if not region.found and not (self.own_mask and not drawn):
            named = step.target or (step.where.anchor if step.where else None)
            lost = f'"{named}" was not found' if named else "the words do not say where"
            return refuse(picture, region.note or f"{lost}: show it with --box X0,Y0,X1,Y1 or --mask FILE")
        given = None if self.own_mask and not drawn else limit_of(step, region, drawn)
        whole = given is None or region.source == "whole"
        height, width = picture.shape[:2]
        window = window_for(height, width, None if whole else given, self.side or self.model.side, self.model.multiple)
        under_way = context.under_way
        if under_way is not None:
            under_way = replace(under_way, picture=window.take(under_way.picture))
        inside = None if given is None else window.take_mask(given)
        painting = self.paint(window.take(picture), inside, step, context.seed, under_way, context.working)
        if not painting.ratios:
            return refuse(picture, NOISE)
        limit = given if given is not None else _enlarged(window, painting.mask)
        if given is None:
            region = _own_region(limit, step)
            if not region.found:
                return refuse(
                    picture, "the two captions differ nowhere in this picture: show the place with --box X0,Y0,X1,Y1"
                )
        return self._chosen(picture, step, region, window, painting, limit, context)

    @torch.no_grad()
    def paint(
        self,
        picture: Array,
        mask: Array | None,
        step: Step,
        seed: int,
        under_way: UnderWay | None = None,
        working: Callable[[Working], None] = unheard,
    ) -> Painting:
        """picture HxWx3 uint8 at the network's size (sides multiples of its grid), mask HxW uint8 or None for DiffEdit's own -> every ratio's picture.

        Paintings that are noise are left out. Inverted with the caption before, without guidance; denoised with the caption after, the outside held at the inversion's latents (equation 4). What is `under_way` (of
        the same size) is inverted as well and starts inside the mask, at its own share of noise alone.
        """
        model = self.model
        clean = self.coder.scaled(self.coder.known(picture)).float()
        rungs, ratios = ladder(self.steps, model.schedule), self.ratios
        if under_way is not None:
            rungs, ratios = ladder_below(under_way.share, under_way.steps, model.schedule), (1.0,)
        texts = model.read([step.source_caption, step.edited_caption or step.instruction, self.negative])
        before, after = (self._condition(texts, row, clean, picture.shape[:2]) for row in (0, 1))
        if mask is None:
            cells = self._difference(before, after, clean, rungs, seed)
        else:
            shares = torch.from_numpy(mask).to(clean)[None, None] / 255
            cells = latent_mask(shares, *clean.shape[-2:])
        top = max(map(rungs.level, ratios))
        look, done = cache(lambda: previewer(model, picture, clean)), count(1)

        def watch(latents: Tensor) -> None:
            working(Working(next(done), 2 * top, preview=lambda: look()(latents)))

        levels = invert(Denoiser(model.unet, before, None), clean, rungs, top, watch=watch)
        if under_way is not None:
            begun = self.coder.scaled(self.coder.known(under_way.picture)).float()
            so_far = invert(Denoiser(model.unet, before, None), begun, rungs, top)
            levels = torch.lerp(levels, so_far, cells.to(levels))
        found = self._descended(before, after, texts, levels, cells, ratios, rungs, watch)
        inside = (cells > HALF).float()
        kept = [i for i, bad in enumerate(is_noise(clean, found, inside)) if not bad]
        mask_shown = np.asarray(cells[0, 0].cpu().numpy(), np.float32)
        if not kept:
            return Painting(self.coder.rebuilt(picture), (), (), mask_shown)

        def gains() -> list[Gain]:
            dice = torch.Generator("cpu").manual_seed(seed)
            return caption_gains(model.unet, before, after, found[kept], inside, rungs, generator=dice)

        # The picture itself is decoded as its edits are: what the autoencoder alone changes is then no edit.
        afters = tuple(self.coder.pictures(found[kept]))
        said = ratios if under_way is None else (under_way.share,)
        return Painting(self.coder.rebuilt(picture), afters, tuple(said[i] for i in kept), mask_shown, gains)

    def _descended(
        self,
        before: Condition,
        after: Condition,
        texts: Texts,
        levels: Tensor,
        cells: Tensor,
        ratios: Sequence[float],
        rungs: Ladder,
        watch: Callable[[Tensor], None],
    ) -> Tensor:
        """From the inversion's levels down to each ratio's latents: (R, c, h, w)."""
        scales = replace(self.scales, picture=1.0)
        unet, rescale = self.model.unet, self.rescale
        if self.sharing is None:
            found = edit_inverted(unet, after, levels, cells, ratios, rungs, scales, rescale=rescale, watch=watch)
            return found[:, 0]
        both, sharing = _joined(before, after), self.sharing
        same = same_words(texts.ids[0], texts.ids[1], texts.tokens.shape[1]) if texts.ids else None

        def descend(ratio: float) -> Tensor:
            below = levels[: rungs.level(ratio) + 1]
            return edit_beside(
                unet, both, below, rungs, scales, sharing, same=same, mask=cells, rescale=rescale, watch=watch
            )

        return torch.cat([descend(ratio) for ratio in ratios])

    @cached_property
    def coder(self) -> Coder:
        """The autoencoder with what it has seen."""
        return Coder(self.model)

    def _region(self, picture: Array, step: Step, region: Region, context: Context) -> tuple[Region, bool]:
        """What is painted, and whether the user drew it. What is added goes to what it is added to."""
        if context.user_region is not None or region.source == "user":
            return context.user_region or region, True
        anchor = step.target or (step.where.anchor if step.where else None)
        if step.type is E.ADD and not region.found and anchor and not self.own_mask:
            return context.ground(picture, anchor), False
        return region, False

    def _condition(self, texts: Texts, row: int, clean: Tensor, size: tuple[int, ...]) -> Condition:
        """Of one caption. A network of eight channels is shown no picture: zeros, as in its training with captions."""
        pooled = texts.pooled
        sizes = torch.tensor([[*size[:2], 0, 0, *size[:2]]], device=self.model.device, dtype=self.model.dtype)
        return Condition(
            text=texts.tokens[row : row + 1],
            null_text=texts.tokens[2:],
            picture=torch.zeros_like(clean, dtype=self.model.dtype) if self.model.edits else None,
            pooled=None if pooled is None else pooled[row : row + 1],
            null_pooled=None if pooled is None else pooled[2:],
            sizes=None if pooled is None else sizes,
        )

    def _difference(self, before: Condition, after: Condition, clean: Tensor, rungs: Ladder, seed: int) -> Tensor:
        noise = torch.Generator("cpu").manual_seed(seed)
        return difference_mask(self.model.unet, before, after, clean, rungs, generator=noise)[0].to(clean)

    def _chosen(
        self,
        picture: Array,
        step: Step,
        region: Region,
        window: Window,
        painting: Painting,
        limit: Array,
        context: Context,
    ) -> Proposal:
        """Every ratio's picture at full size, and of those the best."""
        redrawn = step.type.traits.redraws
        made = [window.put(picture, painting.before, after, redrawn=redrawn, limit=limit) for after in painting.afters]
        changed = [i for i, (_, mask) in enumerate(made) if mask.any()]
        if not changed:
            return refuse(
                picture, "the network left the picture as it was: say it in other words, or raise --set ratio=0.9"
            )
        ratios, made = tuple(painting.ratios[i] for i in changed), [made[i] for i in changed]
        scores = self._scores(picture, made, step, region)
        # The network is asked only where the judge tells nothing apart.
        asked = len(scores) > 1 and max(scores) - min(scores) <= TIE
        gains = [one for i, one in enumerate(painting.gains()) if i in changed] if asked else []
        # Without a score the middle ratio is taken.
        middle = sorted(range(len(made)), key=lambda i: ratios[i])[(len(made) - 1) // 2]
        best = choose_ratio(ratios, scores, gains) if scores else middle
        note = f"encoding ratio {ratios[best]:g}" + _said(ratios, scores, gains)
        note += f"; the network worked at {window.inner[1]}x{window.inner[0]} pixels"
        new, mask = made[best]
        doubt = unseen(picture, new, mask, step, context)
        return Proposal(new, mask, _evidence(step, region), partly=doubt, notes=(note,))

    def _scores(self, picture: Array, made: list[tuple[Array, Array]], step: Step, region: Region) -> list[float]:
        if len(made) == 1 or self.score is None:
            return []
        return scores_of(picture, made, self.score, step, region, _evidence(step, region))


def _joined(before: Condition, after: Condition) -> Condition:
    """Two rows: of the picture as it is, and as it shall be."""

    def both(name: str) -> Any:
        first, second = getattr(before, name), getattr(after, name)
        return None if first is None else torch.cat([first, second])

    return Condition(**{held.name: both(held.name) for held in fields(before)})


@dataclass(frozen=True, eq=False)
class Painting:
    """What the network made, HxWx3 float32 in 0..255 at its size: the picture as the autoencoder gives it back, and the edit of each of the `ratios` that is a picture; `gains` measures how far each is the caption after, `mask` (h, w) in 0..1 is of latents."""

    before: Floats
    afters: tuple[Floats, ...]
    ratios: tuple[float, ...]
    mask: Floats
    gains: Callable[[], list[Gain]] = list


def _said(ratios: tuple[float, ...], scores: list[float], gains: list[Gain]) -> str:
    """What the choice was made from."""
    if not scores:
        return ""
    said = ", the best of " + ", ".join(f"{r:g} ({s:.2f})" for r, s in zip(ratios, scores, strict=True))
    if gains:
        named = ", ".join(f"{r:g} ({g.mean:+.3f})" for r, g in zip(ratios, gains, strict=True))
        said += f"; the judge saw no difference, the network's own preference for the new caption was {named}"
    return said


def _enlarged(window: Window, cells: Floats) -> Array:
    """A mask of latents (h, w) at the picture's size, HxW uint8."""
    large = cv2.resize(cells * 255, window.outer[::-1], interpolation=cv2.INTER_LINEAR)
    return window.enlarge(np.asarray(np.repeat(large[..., None], 3, axis=2), np.float32))[..., 0].copy()


def _own_region(mask: Array, step: Step) -> Region:
    """DiffEdit's mask as a region: its parts, largest first."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8), connectivity=8)
    order = sorted(range(1, count), key=lambda i: -int(stats[i, 4]))[:255]
    table = np.zeros(max(count, 1), np.uint8)
    table[order] = np.arange(1, len(order) + 1)
    boxes = tuple((int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[order].tolist())
    note = "found by DiffEdit's own difference of captions"
    return Region(mask, boxes, 1.0 if boxes else 0.0, str(step.target or ""), "phrase", table[labels], note)


def _evidence(step: Step, region: Region) -> Evidence:
    """What can be claimed without looking: where it was painted, and what the words ask for."""
    local = region.source != "whole"
    placed = region.boxes if local and step.type in (E.ADD, E.REPLACE) else ()
    return Evidence(
        placed=placed,
        placed_phrase=step.value if placed else None,
        vacated=region.boxes if local and step.type in (E.REMOVE, E.REPLACE) else (),
        colour=rgb(step.value or "") if step.type is E.COLOR_ALTER else None,
    )
