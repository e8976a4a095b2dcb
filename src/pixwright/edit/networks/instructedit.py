"""InstructEdit's editor: the region is painted anew from a caption, from the picture's own noise (InstructEdit paper, section 3.4; DiffEdit, arXiv 2210.11427).

The network sees the region's neighbourhood at its own size; `edit.networks.window` brings what it painted back. One inversion serves every encoding ratio, and a score
chooses among the results, which the paper leaves to the user (section 6). Needs the extra `torch`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from pixwright.edit.composite import composite
from pixwright.edit.contract import Context, Proposal, UnderWay, refuse
from pixwright.edit.networks.claims import unseen
from pixwright.edit.networks.window import Floats, Window, window_for
from pixwright.errors import InvalidOption
from pixwright.models.contract import LatentModel, Texts
from pixwright.nn.codec import decode, encode
from pixwright.nn.denoise import Condition, Denoiser
from pixwright.nn.diffedit import choose_ratio, difference_mask, edit_inverted, latent_mask
from pixwright.nn.guidance import Scales
from pixwright.nn.inversion import Ladder, invert, ladder, ladder_below
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType, Group, Target
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.vocabulary import COLOURS

E = EditType
_INFLATED, _INFLATED_FOR_A_THING, _INFLATED_FOR_A_NEW_ONE = 0.02, 0.06, 0.2
"""How far the mask is inflated, in longer sides of its box (the paper's section E.2 names that as the remedy for masks that are too tight)."""

Score = Callable[[Array, Array, Step, Region, Array, Evidence], float]


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
    """(before, after, step, region, mask, evidence) -> the more, the better; HxWx3 uint8, the mask HxW uint8. Without one the middle ratio is taken."""
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
        reason = _beyond(step)
        if reason is not None:
            return refuse(picture, reason)
        region, drawn = self._region(picture, step, region, context)
        if not region.found and not (self.own_mask and not drawn):
            named = step.target or (step.where.anchor if step.where else None)
            lost = f'"{named}" was not found' if named else "the words do not say where"
            return refuse(picture, region.note or f"{lost}: show it with --box X0,Y0,X1,Y1 or --mask FILE")
        given = None if self.own_mask and not drawn else _limit(step, region, drawn)
        whole = given is None or region.source == "whole"
        height, width = picture.shape[:2]
        window = window_for(height, width, None if whole else given, self.side or self.model.side, self.model.multiple)
        under_way = context.under_way
        if under_way is not None:
            under_way = replace(under_way, picture=window.take(under_way.picture))
        held = None if given is None else window.take_mask(given)
        painting = self.paint(window.take(picture), held, step, context.seed, under_way)
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
        self, picture: Array, mask: Array | None, step: Step, seed: int, under_way: UnderWay | None = None
    ) -> Painting:
        """picture HxWx3 uint8 at the network's size (sides multiples of its grid), mask HxW uint8 or None for DiffEdit's own -> every ratio's picture.

        Inverted with the caption before, without guidance; denoised with the caption after, the outside held at the inversion's latents (equation 4). What is `under_way` (of
        the same size) is inverted as well and starts inside the mask, at its own share of noise alone.
        """
        model = self.model
        clean = self._encoded(picture)
        rungs, ratios = ladder(self.steps, model.schedule), self.ratios
        if under_way is not None:
            rungs, ratios = ladder_below(under_way.share, under_way.steps, model.schedule), (1.0,)
        texts = model.read([step.source_caption, step.edited_caption or step.instruction, ""])
        before, after = (self._condition(texts, row, clean, picture.shape[:2]) for row in (0, 1))
        if mask is None:
            cells = self._difference(before, after, clean, rungs, seed)
        else:
            shares = torch.from_numpy(mask).to(clean)[None, None] / 255
            cells = latent_mask(shares, *clean.shape[-2:])
        top = max(map(rungs.level, ratios))
        levels = invert(Denoiser(model.unet, before, None), clean, rungs, top)
        if under_way is not None:
            so_far = invert(Denoiser(model.unet, before, None), self._encoded(under_way.picture), rungs, top)
            levels = torch.lerp(levels, so_far, cells.to(levels))
        scales = replace(self.scales, picture=1.0)
        found = edit_inverted(model.unet, after, levels, cells, ratios, rungs, scales, rescale=self.rescale)
        # The picture itself is decoded beside its edits: what the autoencoder alone changes is then no edit.
        coder = model.autoencoder
        decoded = decode(coder, torch.cat([clean, found[:, 0]]).to(coder.dtype)).float()
        if not bool(torch.isfinite(decoded).all()):
            raise InvalidOption(f"{model.name} overflowed in {model.dtype}; use --set dtype=bfloat16 or float32")
        shown = ((decoded.permute(0, 2, 3, 1) + 1) * 127.5).cpu().numpy()
        said = ratios if under_way is None else (under_way.share,)
        return Painting(shown[0], tuple(shown[1:]), np.asarray(cells[0, 0].cpu().numpy(), np.float32), said)

    def _encoded(self, picture: Array) -> Tensor:
        """The latents (1, c, h, w) of HxWx3 uint8."""
        coder = self.model.autoencoder
        pixels = torch.from_numpy(np.ascontiguousarray(picture)).to(self.model.device).permute(2, 0, 1)[None]
        return encode(coder, pixels.to(coder.dtype) / 127.5 - 1).float()

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
        noise = torch.Generator(clean.device).manual_seed(seed)
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
        best, scores = self._best(picture, made, ratios, step, region)
        tried = ", ".join(f"{r:g} ({s:.2f})" for r, s in zip(ratios, scores, strict=True)) if scores else ""
        note = f"encoding ratio {ratios[best]:g}" + (f", the best of {tried}" if tried else "")
        note += f"; the network worked at {window.inner[1]}x{window.inner[0]} pixels"
        new, mask = made[best]
        doubt = unseen(picture, new, mask, step, context)
        return Proposal(new, mask, _evidence(step, region), partly=doubt, notes=(note,))

    def _best(
        self, picture: Array, made: list[tuple[Array, Array]], ratios: tuple[float, ...], step: Step, region: Region
    ) -> tuple[int, tuple[float, ...]]:
        if len(made) == 1:
            return 0, ()
        if self.score is None:
            return sorted(range(len(made)), key=lambda i: ratios[i])[(len(made) - 1) // 2], ()
        tried = [composite(picture, Proposal(new, mask), None) for new, mask in made]
        scores = [self.score(picture, new, step, region, mask, _evidence(step, region)) for new, mask in tried]
        return choose_ratio(torch.empty(len(made), 3, 1, 1), ratios, lambda _: scores)


@dataclass(frozen=True, eq=False)
class Painting:
    """What the network made, HxWx3 float32 in 0..255 at its size: the picture as the autoencoder gives it back, and each ratio's edit; `mask` (h, w) in 0..1 is of latents."""

    before: Floats
    afters: tuple[Floats, ...]
    mask: Floats
    ratios: tuple[float, ...]
    """Encoding ratio of each of `afters`."""


def _beyond(step: Step) -> str | None:
    """Why captions and a mask cannot do a step, and who can; None where they can."""
    if step.type.group is Group.VISUAL or step.reference is not None:
        return "a caption cannot say what an attached picture shows: use --system local or anysd"
    if step.type is E.OUTPAINT:
        return "a mask inside the picture cannot make it larger: use --system local or anysd"
    if step.type.group is Group.CAMERA or step.type is E.RELATION_CHANGE:
        return "painting inside a mask moves, resizes and turns nothing: use --system local or anysd"
    if step.type is E.COUNTING:
        return "a caption does not say which of several to add or take away: use --system local"
    if step.type is E.TEXTUAL_CHANGE:
        return "a latent network writes no legible text: use --system local"
    return None


def _inflation(step: Step) -> float:
    if step.type is E.ADD:
        return _INFLATED_FOR_A_NEW_ONE
    return _INFLATED_FOR_A_THING if step.type.traits.target is Target.NEEDED else _INFLATED


def _limit(step: Step, region: Region, drawn: bool) -> Array:
    """HxW uint8: the most that may change: the region's mask, inflated with a soft rim; what the user drew and the whole picture are taken as they are."""
    if drawn or region.source == "whole":
        return region.mask
    x, y, wide, tall = cv2.boundingRect((region.mask > 0).astype(np.uint8))
    by = max(1.0, _inflation(step) * max(wide, tall))
    height, width = region.mask.shape
    reach = int(np.ceil(by)) + 1
    part = np.s_[max(0, y - reach) : min(height, y + tall + reach), max(0, x - reach) : min(width, x + wide + reach)]
    away = cv2.distanceTransform((region.mask[part] < 128).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    soft = np.rint(255 * np.clip((by - away) / max(1.0, by / 2), 0, 1)).astype(np.uint8)
    limit = region.mask.copy()
    np.maximum(limit[part], soft, out=limit[part])
    return limit


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
        colour=COLOURS.get(step.value or "") if step.type is E.COLOR_ALTER else None,
    )
