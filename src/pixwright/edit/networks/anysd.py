"""AnySD's editor: the words, the picture and a reference condition a latent denoiser whose experts are chosen by the edit's type (AnyEdit paper, section 4).

The network sees the picture, or the region's neighbourhood, at its own size and in its own proportions (the public code squashes to 512x512);
`edit.networks.window` brings what it painted back to full size. Needs the extra `torch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.editors.outpaint import sides_of
from pixwright.edit.networks.claims import unseen
from pixwright.edit.networks.window import Floats, Window, window_for
from pixwright.errors import InvalidOption
from pixwright.media.pixels import shrink
from pixwright.models.contract import LatentModel, Texts
from pixwright.nn import sampling
from pixwright.nn.codec import decode, encode
from pixwright.nn.denoise import Condition
from pixwright.nn.experts import VisualPrompt
from pixwright.nn.routing import Routing
from pixwright.nn.tasks import EXPERTS, SHARED, expert_of, task_of
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array, PictureAttachment
from pixwright.records.kind import ANYWHERE, EditType, Group
from pixwright.records.plan import Amount, Step, Unit
from pixwright.records.region import Box, Region
from pixwright.records.vocabulary import COLOURS

E = EditType
_GROWING_SIDE = 512
"""Longer side, in pixels, at which a mask is grown."""


@dataclass(frozen=True, eq=False)
class AnySDEditor:
    """`edit` is an editor as `edit.contract` has it. Raises InvalidOption for a network that is not shown the picture, or a side that it cannot work at."""

    model: LatentModel
    sampler: sampling.Sampler
    routing: Routing = "soft"
    strength: float = 1.0
    """Factor on what the experts add; 0 is the network without them."""
    side: int | None = None
    """Longer side, in pixels, at which the network works; None: what it was trained on."""
    understand: Callable[[str, Array], Texts] | None = None
    """What is read in place of the words alone: (words, picture HxWx3 uint8) -> two rows of tokens, the instruction's and those of none (ReasonPix2Pix, equation 9)."""

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
        window = window_for(
            picture.shape[0], picture.shape[1], limit, self.side or self.model.side, self.model.multiple
        )
        before, after, prompt = self._paint(window.take(picture), step, shown, context.seed)
        new, mask = window.put(picture, before, after, redrawn=step.type.traits.redraws, limit=limit)
        if not mask.any():
            return refuse(
                picture, "the network left the picture as it was: say it in other words, or try another --seed"
            )
        doubt = unseen(picture, new, mask, step, context)
        return Proposal(new, mask, _evidence(step, region, mask), partly=doubt, notes=(_note(window, prompt, step),))

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
        window = window_for(canvas.shape[0], canvas.shape[1], None, self.side or self.model.side, self.model.multiple)
        given = window.take(np.asarray(canvas, np.uint8))
        _, after, prompt = self._paint(given, step, None, context.seed)
        new = window.enlarge(_matched(after, given, window.take_mask(fresh)))
        new[old[1] : old[3], old[0] : old[2]] = picture
        doubt = partly or unseen(canvas, new, fresh, step, context)
        return Proposal(new, fresh, Evidence(canvas=old), partly=doubt, notes=(_note(window, prompt, step),))

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
        pixels = attachment.pixels
        if pixels.shape[2] == 3:
            return pixels
        share = pixels[..., 3:].astype(np.float32) / 255
        return np.rint(pixels[..., :3] * share + 255 * (1 - share)).astype(np.uint8)

    @torch.no_grad()
    def _paint(
        self, picture: Array, step: Step, reference: Array | None, seed: int
    ) -> tuple[Floats, Floats, VisualPrompt | None]:
        """HxWx3 uint8 at the network's size -> the autoencoder's reconstruction, the edit (HxWx3 float32, 0 to 255 both), and what the experts saw."""
        model, coder = self.model, self.model.autoencoder
        pixels = torch.from_numpy(np.ascontiguousarray(picture)).to(model.device).permute(2, 0, 1)[None]
        known = encode(coder, pixels.to(coder.dtype) / 127.5 - 1, scaled=False)
        words = step.instruction
        texts = model.read([words, ""]) if self.understand is None else self.understand(words, picture)
        text, null = texts.tokens[:1], texts.tokens[1:]
        prompt = self._prompt(step, reference, text)
        sizes = torch.tensor([[*picture.shape[:2], 0, 0, *picture.shape[:2]]], device=model.device, dtype=model.dtype)
        condition = Condition(
            text=text,
            null_text=null,
            picture=known.to(model.dtype),
            visual=prompt,
            pooled=None if texts.pooled is None else texts.pooled[:1],
            null_pooled=None if texts.pooled is None else texts.pooled[1:],
            sizes=None if texts.pooled is None else sizes,
        )
        # Drawn on the processor, so that a seed means the same on every device.
        generator = torch.Generator("cpu").manual_seed(seed)
        noise = torch.randn(known.shape, generator=generator).to(model.device)
        latents = sampling.sample(
            model.unet, condition, self.sampler, noise, schedule=model.schedule, generator=generator
        )
        before = decode(coder, known * coder.config.scaling_factor)
        after = decode(coder, latents.to(coder.dtype))
        return self._picture(before), self._picture(after), prompt

    def _prompt(self, step: Step, reference: Array | None, text: Tensor) -> VisualPrompt | None:
        """None where the experts would add nothing: then no pass is spent on them."""
        experts, task = self.model.experts, task_of(step.type)
        if experts is None or not self.strength or (self.routing == "hard" and expert_of(task) == SHARED):
            return None
        features = None
        if reference is not None:
            assert self.model.look is not None
            features = self.model.look([reference]).to(text)
        row = torch.tensor([task], device=text.device)
        prompt: VisualPrompt = experts(row, features, text, routing=self.routing, strength=self.strength)
        return prompt

    def _picture(self, pixels: Tensor) -> Floats:
        """(1, 3, H, W) in [-1, 1] -> HxWx3 float32, 0 to 255."""
        if not bool(torch.isfinite(pixels).all()):
            raise InvalidOption(
                f"{self.model.name} overflowed in {self.model.dtype}; use --set dtype=bfloat16 or float32"
            )
        shown = (pixels[0].float().permute(1, 2, 0) + 1) * 127.5
        return np.ascontiguousarray(shown.cpu().numpy(), np.float32)


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
        colour=COLOURS.get(step.value or "") if step.type is E.COLOR_ALTER else None,
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
