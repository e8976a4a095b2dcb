"""Grounding DINO and SAM as the grounder (arXiv 2303.05499 and 2304.02643; InstructEdit paper, section 3.3).

A phrase is read as for the embedded grounder: Grounding DINO is asked for its nouns with their adjectives, all in one call; places, order, owners and
relations then choose among the boxes. Masks come back at the picture's own size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.parts.contract import Found
from pixwright.encoders.parts.grounding_dino import corners, kept, phrase_tokens
from pixwright.encoders.published import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    folder_of,
    need,
    normalised,
    open_network,
    open_tokenizer,
)
from pixwright.ground.choose import choose
from pixwright.ground.geometry import SOLID, Floats, covered
from pixwright.ground.grounder import absent, ground, ground_step, nowhere
from pixwright.ground.instance import Instance, union
from pixwright.ground.pulled import OWNED, spoken
from pixwright.ground.scene import Scene, see
from pixwright.ground.stuff import everybody
from pixwright.media.pixels import resized
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region, box_of, whole
from pixwright.records.thing import Thing
from pixwright.weights.store import digest
from pixwright.words import read

if TYPE_CHECKING:
    from torch import Tensor

SHORT, LONG = 800, 1333
"""Grounding DINO's picture: the shorter side, unless the longer one would then be longer than that."""
RAMP = 4.0
"""SAM's logits from -half to half of this are the mask's soft edge."""
VAGUE = ("background", "foreground")
"""Words for what is no thing."""


@dataclass(frozen=True, eq=False)
class Looked:
    """A picture HxWx3 uint8 that was looked at: SAM's embedding of it, (1, C, h, w), serves every phrase."""

    picture: Array
    embedding: Tensor
    reshaped: tuple[int, int]
    """Height and width of the picture within SAM's square."""


@dataclass(frozen=True, eq=False)
class _Cut:
    """A thing that was found: its small mask, for choosing; SAM's logits, for the mask."""

    instance: Instance
    logits: Tensor


def open_grounded_sam(dino: str, sam: str, device: str = "auto", dtype: str = "float32") -> GroundedSam:
    """From two folders, or names of the registry: config.json and .safetensors each, and tokenizer.json of Grounding DINO.

    Raises `WeightsMissing`, `WeightsCorrupt`, `MissingExtra`.
    """
    places = folder_of(dino), folder_of(sam)
    finder = open_network("GroundingDinoForObjectDetection", places[0], device, dtype)
    cutter = open_network("SamModel", places[1], device, dtype)
    return GroundedSam(finder, open_tokenizer(places[0]), cutter, places)


class GroundedSam:
    """Phrase and picture to a region. Nothing is kept between calls: what was computed of a picture is a `Looked`."""

    def __init__(self, dino: Any, tokenizer: Any, sam: Any, places: Sequence[Path] = ()) -> None:
        self._dino, self._tokenizer, self._sam, self._places = dino, tokenizer, sam, places

    @cached_property
    def digests(self) -> dict[str, str]:
        """Name -> sha256 of both folders."""
        return {place.name: digest(place) for place in self._places}

    def look(self, picture: Array) -> Looked:
        """What does not depend on the phrase."""
        torch = need("torch")
        side = int(self._sam.config.vision_config.image_size)
        ratio = side / max(picture.shape[:2])
        height, width = (max(1, int(length * ratio + 0.5)) for length in picture.shape[:2])
        square = np.zeros((1, 3, side, side), np.float32)
        square[..., :height, :width] = normalised(resized(picture, height, width), IMAGENET_MEAN, IMAGENET_STD)
        with torch.inference_mode():
            pixels = torch.from_numpy(square).to(self._sam.device, self._sam.dtype)
            return Looked(picture, self._sam.get_image_embeddings(pixels), (height, width))

    def ground(self, picture: Array | Looked, thing: Thing | str, *, merge: bool = False) -> Region:
        """Where a thing is in HxWx3 uint8: of a single one the surest box; several where the phrase asks for them, or all with `merge`.

        The parts of "the cat, the dog" are united. Where one is not there the region is empty and its note says so.
        """
        pixels, thing = picture.picture if isinstance(picture, Looked) else picture, read(thing)
        if thing.whole:
            return whole(*pixels.shape[:2])
        asked = thing.all_but or thing
        parts = asked.parts or (asked,)
        nouns = list(dict.fromkeys(noun for part in parts for noun in _nouns(part)))
        boxes = dict(zip(nouns, self.detect(pixels, nouns), strict=True))
        if not all(boxes[spoken(part)] for part in parts):
            return absent(pixels, thing, 0.0)
        looked = picture if isinstance(picture, Looked) else self.look(picture)
        scene = see(pixels, Encoders())
        cuts = {noun: self._cut(looked, found, scene) for noun, found in boxes.items() if found}
        chosen = [_meant(scene, part, cuts, merge) for part in parts]
        if not all(chosen):
            return absent(pixels, thing, 0.0)
        score = min(max(cut.instance.score for cut in each) for each in chosen)
        return self._region(looked, thing, [cut for each in chosen for cut in each], score)

    def detect(self, picture: Array, nouns: Sequence[str]) -> list[list[Found]]:
        """Grounding DINO's boxes of each noun phrase in HxWx3 uint8, surest first, none twice. One call for all of them."""
        torch = need("torch")
        height, width = picture.shape[:2]
        ratio = min(SHORT / min(height, width), LONG / max(height, width))
        small = resized(picture, max(1, round(height * ratio)), max(1, round(width * ratio)))
        ids, spans, heads = phrase_tokens(self._tokenizer, nouns, int(self._dino.config.max_text_len))
        given = torch.tensor([ids], device=self._dino.device)
        pixels = torch.from_numpy(normalised(small, IMAGENET_MEAN, IMAGENET_STD))
        with torch.inference_mode():
            out = self._dino(
                pixel_values=pixels.to(self._dino.device, self._dino.dtype),
                pixel_mask=torch.ones((1, *small.shape[:2]), dtype=torch.long, device=self._dino.device),
                input_ids=given,
                attention_mask=torch.ones_like(given),
                token_type_ids=torch.zeros_like(given),
            )
        odds = out.logits[0].float().sigmoid().cpu().numpy()
        boxes = corners(out.pred_boxes[0].float().cpu().numpy(), height, width)
        # A text beyond the limit leaves its last phrases without tokens.
        return [
            kept(boxes, odds[:, span], odds[:, head].max(1)) if span else []
            for span, head in zip(spans, heads, strict=True)
        ]

    def _cut(self, looked: Looked, found: Sequence[Found], scene: Scene) -> list[_Cut]:
        """A mask for each box, in one call of SAM's decoder."""
        torch = need("torch")
        scale = [side / of for side, of in zip(looked.reshaped, looked.picture.shape[:2], strict=True)]
        boxes = np.array([each.box for each in found], np.float32) * np.array([scale[1], scale[0]] * 2, np.float32)
        with torch.inference_mode():
            out = self._sam(
                image_embeddings=looked.embedding,
                input_boxes=torch.from_numpy(boxes)[None].to(self._sam.device, self._sam.dtype),
                multimask_output=False,
            )
        logits = out.pred_masks[0, :, 0].float()
        masks = [self._soft(own, looked.reshaped, scene.shape) for own in logits]
        cuts = [_Cut(Instance(mask, f.score), own) for mask, f, own in zip(masks, found, logits, strict=True)]
        return [cut for cut in cuts if cut.instance.solid.any()]

    def _soft(self, logits: Tensor, reshaped: tuple[int, int], size: tuple[int, int]) -> Floats:
        """SAM's (h, w) logits as a mask in [0, 1] of another size: its square, without the padding, stretched."""
        torch = need("torch")
        side = int(self._sam.config.vision_config.image_size)
        with torch.inference_mode():
            square = torch.nn.functional.interpolate(logits[None, None], (side, side), mode="bilinear")
            inner = square[..., : reshaped[0], : reshaped[1]]
            full = torch.nn.functional.interpolate(inner, size, mode="bilinear")[0, 0]
            return np.asarray((full / RAMP + 0.5).clamp(0, 1).cpu().numpy(), np.float32)

    def _region(self, looked: Looked, thing: Thing, found: list[_Cut], score: float) -> Region:
        """The masks at full size, where they meet the stronger one's; of "everything except" the rest."""
        height, width = looked.picture.shape[:2]
        mask, labels = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
        for number, cut in enumerate(found[:255], 1):
            own = np.rint(255 * self._soft(cut.logits, looked.reshaped, (height, width))).astype(np.uint8)
            labels[own > mask] = number
            np.maximum(mask, own, out=mask)
        if thing.all_but:
            mask, labels = 255 - mask, np.where(mask < 255, 1, 0).astype(np.uint8)
        boxes: list[Box] = []
        kept = np.zeros(256, np.uint8)
        for number in range(1, int(labels.max(initial=0)) + 1):
            solid = (labels == number) & (mask > SOLID)
            if solid.any():
                boxes.append(box_of(solid))
                kept[number] = len(boxes)
        if not boxes:
            return absent(looked.picture, thing, 0.0)
        labels = np.asarray(cv2.LUT(labels, kept), np.uint8)
        mask[labels == 0] = 0
        return Region(mask, tuple(boxes), score, str(thing), "phrase", labels)


class GroundedEyes:
    """Grounded-SAM during one edit: what it has seen of each picture is kept until the edit ends.

    "Background" and "foreground" are no things that a detector knows; those two are the embedded grounder's.
    """

    def __init__(self, segmenter: GroundedSam, encoders: Encoders, *, merge: bool = False) -> None:
        self._segmenter, self._encoders, self._merge = segmenter, encoders, merge
        self._looked: dict[int, Looked] = {}
        self._found: dict[tuple[int, Thing], Region] = {}

    def find(self, picture: Array, phrase: str | Thing) -> Region:
        """Where the phrase is in the picture HxWx3."""
        thing = read(phrase)
        looked = self._looked.get(id(picture))
        if looked is None or looked.picture is not picture:
            # A `Looked` holds its picture, so an id in the table cannot be another array's.
            looked = self._looked[id(picture)] = self._segmenter.look(picture)
            self._found = {key: region for key, region in self._found.items() if key[0] != id(picture)}
        key = (id(picture), thing)
        if key not in self._found:
            self._found[key] = (
                ground(picture, thing, self._encoders)
                if thing.head in VAGUE
                else self._segmenter.ground(looked, thing, merge=self._merge)
            )
        return self._found[key]

    def again(self, picture: Array) -> GroundedEyes:
        """Eyes for another edit: they know what these have seen of the picture HxWx3, and of no other."""
        eyes = GroundedEyes(self._segmenter, self._encoders, merge=self._merge)
        eyes._looked = {key: looked for key, looked in self._looked.items() if looked.picture is picture}
        eyes._found = {key: region for key, region in self._found.items() if key[0] in eyes._looked}
        return eyes

    def find_step(self, picture: Array, step: Step, user: Region | None) -> Region:
        """The region that a step edits; for what is added, what it is added to."""
        if user is not None:
            return user
        if step.type is EditType.BACKGROUND_CHANGE:
            return self.find(picture, "background")
        if step.target is not None and step.type is not EditType.TEXTUAL_CHANGE:
            return self.find(picture, step.target)
        return ground_step(picture, step, self._encoders)

    def find_other(self, picture: Array, step: Step, besides: Region) -> Region:
        """The detector's boxes are taken as they are: there is no second choice."""
        return nowhere(picture, step.target)

    def salient(self, picture: Array) -> Array:
        """What stands out of the picture HxWx3: HxW uint8."""
        return see(picture, self._encoders).standing_out

    def people(self, picture: Array) -> Array:
        """Everybody who is surely seen in the picture HxWx3 and does not stand out: HxW uint8."""
        return everybody(see(picture, self._encoders))

    def things(self, picture: Array) -> tuple[Box, ...]:
        """The boxes of what is surely seen in the picture HxWx3, whatever it is."""
        return see(picture, self._encoders).sure_boxes


def _others(thing: Thing) -> list[Thing]:
    """What a thing is related to."""
    return [part for other in (thing.link.to if thing.link else ()) for part in other.parts or (other,)]


def _nouns(thing: Thing) -> list[str]:
    """The phrase's own noun and those of its owner and of what it is related to."""
    further = [noun for other in (*_others(thing), thing.owner) if other is not None for noun in _nouns(other)]
    return [spoken(thing), *further]


def _meant(scene: Scene, thing: Thing, cuts: dict[str, list[_Cut]], merge: bool) -> list[_Cut]:
    """Those of a noun's things that the phrase means. An owner or anchor that was not found leaves all of them."""
    own = cuts.get(spoken(thing), [])
    if thing.owner is not None and (owner := _meant(scene, thing.owner, cuts, False)):
        whose = union([cut.instance for cut in owner], scene.shape)
        own = [cut for cut in own if covered(cut.instance.mask, whose) > OWNED]
    if not (thing.selective or thing.colours):
        return own[: thing.count] if thing.count else own if thing.plural or thing.every or merge else own[:1]
    if merge and not thing.selective:
        thing = thing.model_copy(update={"plural": True})
    anchors = [[cut.instance for cut in _meant(scene, other, cuts, False)] for other in _others(thing)]
    choice = choose(scene, [cut.instance for cut in own], thing, anchors)
    return [cut for each in choice.found for cut in own if cut.instance.mask is each.mask]
