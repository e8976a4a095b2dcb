"""AnySD's editor: the words, the picture and a reference condition a latent denoiser whose experts are chosen by the edit's type (AnyEdit paper, section 4).

The network sees the picture, or the region's neighbourhood, at its own size and in its own proportions (the public code squashes to 512x512);
`edit.networks.window` brings what it painted back to full size. Needs the extra `torch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from pixwright.edit.contract import Context, Proposal, Working, refuse
from pixwright.edit.editors.outpaint import sides_of
from pixwright.edit.networks.choosing import NOISE, Score, scores_of
from pixwright.edit.networks.claims import unseen
from pixwright.edit.networks.coding import Coder
from pixwright.edit.networks.previewing import previewer
from pixwright.edit.networks.window import Floats, Window, window_for
from pixwright.errors import InvalidOption
from pixwright.media.mask import load_mask
from pixwright.media.pixels import on_white, shrink
from pixwright.models.contract import LatentModel, Texts
from pixwright.models.ready import factor_of
from pixwright.nn import sampling
from pixwright.nn.denoise import Condition
from pixwright.nn.diffedit import latent_mask
from pixwright.nn.experts import VisualPrompt
from pixwright.nn.guidance import Scales
from pixwright.nn.latents.coherence import is_noise
from pixwright.nn.latents.mixing import JoinedPart, by_regions, by_tiles
from pixwright.nn.routing import Routing
from pixwright.nn.tasks import EXPERTS, SHARED, expert_of, task_of
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.kind import ANYWHERE, EditType, Group
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import Box, Region
from pixwright.words.colours import rgb

E = EditType
SEEDS = 2**32
"""So many seeds there are; the last is followed by the first."""
_OVERLAP = 4
"""Tiles overlap by one part in so many of their side."""
_GROWING_SIDE = 512
"""Longer side, in pixels, at which a mask is grown."""


@dataclass(frozen=True)
class GivenScales:
    """Guidance scales that were asked for; None is what the weights were published or trained with, of the reference's that of the words (which saves a pass)."""

    picture: float | None = None
    text: float | None = None
    visual: float | None = None


@dataclass(frozen=True)
class RegionalWords:
    """Words for a part of the picture in place of the step's."""

    words: str
    mask: Path


@dataclass(frozen=True, eq=False)
class Painted:
    """What the network made of a picture at its size: paintings HxWx3 float32 in 0 to 255, and what the experts saw."""

    afters: list[Floats]
    seeds: list[int]
    """Of each painting."""
    prompt: VisualPrompt | None


@dataclass(frozen=True, eq=False)
class AnySDEditor:
    """`edit` is an editor as `edit.contract` has it. Raises InvalidOption for a network that is not shown the picture, or a side that it cannot work at."""

    model: LatentModel
    sampler: sampling.Sampler
    """Its scales hold where `scales` is None."""
    routing: Routing | None = None
    """None: as the experts were trained."""
    strength: float = 1.0
    """Factor on what the experts add; 0 is the network without them."""
    side: int | None = None
    """Longer side, in pixels, at which the network works; None: what it was trained on."""
    understand: Callable[[str, Array], Texts] | None = None
    """What is read in place of the words alone: (words, picture HxWx3 uint8) -> two rows of tokens, the instruction's and those of none (ReasonPix2Pix, equation 9)."""
    scales: GivenScales | None = None
    negative: str = ""
    """What guidance leads away from; empty: from no words."""
    seeds: int = 1
    """So many seeds are painted in one batch, from the request's on."""
    score: Score | None = None
    """Chooses among them; without one the first is taken."""
    regional: tuple[RegionalWords, ...] = ()

    def __post_init__(self) -> None:
        if not self.model.edits:
            raise InvalidOption(
                f"{self.model.name} has {self.model.unet.config.in_channels} input channels and is not shown the picture; give weights of "
                "InstructPix2Pix, MagicBrush or AnySD with --set weights=DIR, or use --system instructedit"
            )
        if self.side is not None and self.side < self.model.multiple:
            raise InvalidOption(
                f"side {self.side} is under the {self.model.multiple} pixels of this network's grid; it was trained at {self.model.side}"
            )

    @property
    def digests(self) -> Mapping[str, str]:
        """Name -> sha256 of every weight file that was read."""
        return self.model.digests

    @cached_property
    def coder(self) -> Coder:
        """The autoencoder with what it has seen."""
        return Coder(self.model)

    def edit(self, picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        """picture HxWx3 uint8 of any size -> a proposal of its size, or for an outpaint of the larger canvas."""
        reference = self._reference(step, context)
        reason = _arithmetic(step, region) or (reference if isinstance(reference, str) else None)
        if reason is not None:
            return refuse(picture, reason)
        shown = None if isinstance(reference, str) else reference
        if step.type is E.OUTPAINT:
            return self._outpaint(picture, step, context)
        limit = _limit(step, region, context)
        window = self._window(picture, limit)
        given = window.take(picture)
        painted = self._paint(window, given, picture.shape[:2], step, shown, context, self.seeds)
        if not painted.afters:
            return refuse(picture, NOISE)
        before, redrawn = self.coder.rebuilt(given), step.type.traits.redraws
        made = [window.put(picture, before, after, redrawn=redrawn, limit=limit) for after in painted.afters]
        changed = [n for n, (_, mask) in enumerate(made) if mask.any()]
        if not changed:
            return refuse(
                picture, "the network left the picture as it was: say it in other words, or try another --seed"
            )
        best, said = self._best(picture, [made[n] for n in changed], step, region)
        new, mask = made[changed[best]]
        seed = f"; seed {painted.seeds[changed[best]]}{said}" if said else ""
        doubt = unseen(picture, new, mask, step, context)
        note = _note(window, painted.prompt, step) + seed
        return Proposal(new, mask, _evidence(step, region, mask), partly=doubt, notes=(note,))

    def _window(self, picture: Array, limit: Array | None) -> Window:
        """In tiles the network works at the picture's own size, if nothing else was asked for."""
        height, width = picture.shape[:2]
        side = self.side or (max(self.model.side, height, width) if self.model.tiles else self.model.side)
        return window_for(height, width, limit, side, self.model.multiple)

    def _best(self, picture: Array, made: list[tuple[Array, Array]], step: Step, region: Region) -> tuple[int, str]:
        """Which painting is taken, and why."""
        if len(made) == 1 or self.score is None:
            return 0, f", the only one of {self.seeds} that changed the picture" if self.seeds > 1 else ""
        scores = scores_of(picture, made, self.score, step, region, _evidence(step, region, made[0][1]))
        best = max(range(len(made)), key=lambda n: scores[n])
        return best, ", the best of " + ", ".join(f"{score:.2f}" for score in scores)

    def _outpaint(self, picture: Array, step: Step, context: Context) -> Proposal:
        """The picture on a larger canvas, of one grey where it is new, goes in; what is new is taken from what comes out."""
        height, width = picture.shape[:2]
        asked = sides_of(step, height, width)
        if isinstance(asked, str):
            return refuse(picture, asked)
        (top, bottom, left, right), partly = asked
        blank = (self.model.blank,) * 3
        canvas = cv2.copyMakeBorder(picture, top, bottom, left, right, cv2.BORDER_CONSTANT, value=blank)
        old = (left, top, left + width, top + height)
        fresh = np.full(canvas.shape[:2], 255, np.uint8)
        fresh[old[1] : old[3], old[0] : old[2]] = 0
        window = self._window(np.asarray(canvas, np.uint8), None)
        given = window.take(np.asarray(canvas, np.uint8))
        painted = self._paint(window, given, canvas.shape[:2], step, None, context, 1)
        if not painted.afters:
            return refuse(picture, NOISE)
        new = window.enlarge(_matched(painted.afters[0], given, window.take_mask(fresh)))
        new[old[1] : old[3], old[0] : old[2]] = picture
        doubt = partly or unseen(canvas, new, fresh, step, context)
        notes = (_note(window, painted.prompt, step),)
        return Proposal(new, fresh, Evidence(canvas=old), partly=doubt, notes=notes)

    def _reference(self, step: Step, context: Context) -> Array | str | None:
        """The attached picture that the step follows, HxWx3; None for a step without one; or why it cannot be followed."""
        visual = step.type.group is Group.VISUAL
        if not visual and step.reference is None:
            return None
        if self.model.experts is None or self.model.look is None or not self.strength:
            return (
                f"{self.model.name} as loaded has no experts that see an attachment: give them with --set experts=DIR and a strength above 0, "
                "or use --system local"
            )
        pictures = [n for n, one in enumerate(context.attachments, 1) if isinstance(one, PictureAttachment)]
        number = step.reference or next(iter(pictures), 0)
        if not 1 <= number <= len(context.attachments):
            return "no picture is attached; attach one with --attach FILE and write [1] for it"
        attachment = context.attachments[number - 1]
        if not isinstance(attachment, PictureAttachment):
            return f"[{number}] is a sound: AnySD follows pictures; use --system local or instructany2pix"
        return on_white(attachment.pixels)

    @torch.no_grad()
    def _paint(
        self,
        window: Window,
        picture: Array,
        size: tuple[int, ...],
        step: Step,
        reference: Array | None,
        context: Context,
        count: int,
    ) -> Painted:
        """picture: HxWx3 uint8 at the network's size; size: height and width of the whole picture; count: seeds. Paintings that are noise are left out."""
        model = self.model
        known = self.coder.known(picture)
        clean = self.coder.scaled(known)
        text = self._texts(step.instruction, picture)
        prompt = self._prompt(step, reference, text.tokens[:1])
        seeds = [(context.seed + n) % SEEDS for n in range(count)]
        # Drawn on the processor, one generator a seed, so that a seed means the same on every device and in every batch.
        dice = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]
        noise = torch.cat([torch.randn(known.shape, generator=one) for one in dice]).to(model.device)
        condition = self._condition(text, known, prompt, picture.shape[:2])
        parts: Condition | list[JoinedPart] = condition.repeat(count)
        if self.regional:
            parts = by_regions(
                condition.repeat(count), self._regions(window, picture, size, known, prompt, count), noise
            )
        side = model.side // factor_of(model.autoencoder)
        if model.tiles and max(noise.shape[-2:]) > side:
            whole = [JoinedPart(parts, torch.ones_like(noise[:1, :1]))] if isinstance(parts, Condition) else parts
            parts = by_tiles(whole, side, side // _OVERLAP)
        look = cache(lambda: previewer(model, picture, clean))

        def watch(now: sampling.Sampled) -> None:
            context.working(Working(now.step, now.steps, preview=lambda: look()(now.clean())))

        sampler = replace(self.sampler, scales=self._scales(prompt))
        latents = sampling.sample(
            model.unet, parts, sampler, noise, schedule=model.schedule, generator=dice, watch=watch
        )
        noisy = is_noise(clean, latents)
        kept = [n for n, bad in enumerate(noisy) if not bad]
        afters = self.coder.pictures(latents[kept]) if kept else []
        return Painted(afters, [seeds[n] for n in kept], prompt)

    def _texts(self, words: str, picture: Array) -> Texts:
        if self.understand is None:
            return self.model.read([words, self.negative])
        return self.understand(words, picture)

    def _condition(self, texts: Texts, known: Tensor, prompt: VisualPrompt | None, size: tuple[int, ...]) -> Condition:
        model, pooled = self.model, texts.pooled
        sizes = torch.tensor([[*size, 0, 0, *size]], device=model.device, dtype=model.dtype)
        return Condition(
            text=texts.tokens[:1],
            null_text=texts.tokens[1:],
            picture=known.to(model.dtype),
            visual=prompt,
            pooled=None if pooled is None else pooled[:1],
            null_pooled=None if pooled is None else pooled[1:],
            sizes=None if pooled is None else sizes,
        )

    def _regions(
        self,
        window: Window,
        picture: Array,
        size: tuple[int, ...],
        known: Tensor,
        prompt: VisualPrompt | None,
        count: int,
    ) -> list[tuple[Condition, Tensor]]:
        """The conditions of regions with words of their own, and where they hold, in latents."""
        found = []
        for one in self.regional:
            mask = window.take_mask(load_mask(one.mask, size[0], size[1]))
            cells = torch.from_numpy(mask).to(known.device).float()[None, None] / 255
            condition = self._condition(self._texts(one.words, picture), known, prompt, picture.shape[:2])
            found.append((condition.repeat(count), latent_mask(cells, *known.shape[-2:])))
        return found

    def _scales(self, prompt: VisualPrompt | None) -> Scales:
        given, usual = self.scales, self.model.scales
        if given is None:
            return self.sampler.scales
        used = prompt is not None
        own_picture, own_text = (usual.expert_picture, usual.expert_text) if used else (usual.picture, usual.text)
        text = own_text if given.text is None else given.text
        return Scales(
            picture=own_picture if given.picture is None else given.picture,
            text=text,
            visual=text if given.visual is None else given.visual,
        )

    def _prompt(self, step: Step, reference: Array | None, text: Tensor) -> VisualPrompt | None:
        """None where the experts would add nothing: then no pass is spent on them."""
        model, task = self.model, task_of(step.type)
        routing = self.routing or model.routing
        if model.experts is None or not self.strength:
            return None
        if routing == "hard" and (expert_of(task) == SHARED or EXPERTS[expert_of(task)] in model.missing):
            return None
        if reference is None and model.unreferenced == "plain":
            return None
        features = None
        if reference is not None or model.unreferenced == "zero_picture":
            assert model.look is not None
            features = model.look([reference]).to(text)
        row = torch.tensor([task], device=text.device)
        prompt: VisualPrompt = model.experts(row, features, text, routing=routing, strength=self.strength)
        return prompt


def _arithmetic(step: Step, region: Region) -> str | None:
    """Why a step is not for a network: changes of the whole frame that are exact when computed, and invented when painted."""
    whole = step.target is None and region.source != "user"
    cut = step.type is E.RESIZE and (whole or step.value in ("crop", "zoom in", "zoom out"))
    degrees = step.amount is not None and step.amount.unit is Unit.DEGREES
    turned = step.type is E.ROTATION_CHANGE and whole and (degrees or (step.value or "").startswith("flip"))
    if cut or turned:
        return "cropping, zooming, scaling and turning the whole picture is computed exactly, not painted: use --system local"
    return None


def _limit(step: Step, region: Region, context: Context) -> Array | None:
    """HxW uint8: the most that may change; None: everything. What the user drew is never grown."""
    if region.source == "user" or context.user_region is not None:
        return region.mask if context.user_region is None else context.user_region.mask
    reach = step.type.traits.reach
    if not region.found or region.source == "whole" or reach == ANYWHERE:
        return None
    return _grown(region.mask, reach)


def _grown(mask: Array, share: float) -> Array:
    """The mask grown by a share of its box's longer side, with a soft rim of a third of that."""
    small = shrink(mask, _GROWING_SIDE)
    _, _, wide, tall = cv2.boundingRect((small > 0).astype(np.uint8))
    by = max(1.0, share * max(wide, tall))
    away = cv2.distanceTransform((small < 64).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    soft = np.clip((by - away) / max(1.0, by / 3), 0, 1).astype(np.float32)
    large = cv2.resize(soft, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.maximum(np.rint(255 * large).astype(np.uint8), mask), np.uint8)


def _matched(after: Floats, given: Array, fresh: Array) -> Array:
    """The edit of an outpaint, HxWx3 uint8, its colours drawn to the old picture's towards the seam. fresh: HxW uint8, 255 where nothing was given."""
    known = (fresh == 0).astype(np.float32)
    sigma = max(fresh.shape) / 24
    miss = (given.astype(np.float32) - after) * known[..., None]
    steady = miss.sum((0, 1)) / max(1.0, float(known.sum()))
    # Far from the seam the steady part is left, so that the correction ends nowhere visibly.
    weight = cv2.GaussianBlur(known, (0, 0), sigma)[..., None]
    correction = (cv2.GaussianBlur(miss, (0, 0), sigma) + 0.05 * steady) / (weight + 0.05)
    return np.asarray(np.clip(np.rint(after + correction), 0, 255), np.uint8)


def _evidence(step: Step, region: Region, mask: Array) -> Evidence:
    """What can be claimed without looking: where pixels changed, and what the words ask for."""
    old = region.boxes if region.source in ("phrase", "user") else ()
    placed = _changed_boxes(mask) if step.type.traits.brings or step.type is E.TEXTUAL_CHANGE else ()
    unit = step.amount.unit if step.amount else None
    return Evidence(
        placed=placed,
        placed_phrase=step.value if placed and step.type in (E.ADD, E.REPLACE) else None,
        vacated=old if step.type in (E.REMOVE, E.REPLACE) else (),
        factor=_factor(step.amount) if step.type is E.RESIZE else None,
        angle=step.amount.value if step.amount and step.type is E.ROTATION_CHANGE and unit is Unit.DEGREES else None,
        colour=rgb(step.value or "") if step.type is E.COLOR_ALTER else None,
        text=step.value if step.type is E.TEXTUAL_CHANGE else None,
    )


def _factor(amount: Amount | None) -> float | None:
    if amount is None or amount.unit not in (Unit.FACTOR, Unit.PERCENT):
        return None
    factor = amount.value if amount.unit is Unit.FACTOR else 1 + amount.value / 100
    return factor if factor > 0 else None


def _changed_boxes(mask: Array) -> tuple[Box, ...]:
    """The boxes of what changed, largest first; specks left out."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((mask > 127).astype(np.uint8), connectivity=8)
    parts = sorted(stats[1:].tolist(), key=lambda row: -row[4])
    return tuple((x, y, x + w, y + h) for x, y, w, h, area in parts[:16] if area >= 0.1 * parts[0][4])


def _note(window: Window, prompt: VisualPrompt | None, step: Step) -> str:
    """One line: the network's size, and the experts with their mean share over the layers."""
    height, width = window.inner
    said = f"the network worked at {width}x{height} pixels"
    if window.scale > 2 and step.type.traits.redraws:
        said += f", so what is new is soft (enlarged {window.scale:.0f} times)"
    if prompt is None:
        return f"{said}; experts: none"
    share = prompt.routing.float().mean((0, 1)).tolist()
    named = sorted(zip((*EXPERTS, "shared"), share, strict=True), key=lambda one: -one[1])
    return f"{said}; experts: " + ", ".join(f"{name} {part:.2f}" for name, part in named[:3] if part >= 0.01)
