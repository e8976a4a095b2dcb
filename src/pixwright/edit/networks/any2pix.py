"""InstructAny2Pix's editor: subjects arrive as themselves, the look comes from the vector of the picture to be, and a decoder paints where one is given.

A thing that a reference shows is cut out, placed and harmonised by the embedded editors, so that it is that thing: the paper's subject-consistency step comes first here, and the decoder
paints around it. A look that no picture shows - of music, of a sound, of words - is a style vector that the picture-to-be's own vector finds in a gallery
(`edit.styles.gallery`), painted by the style network at full size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from pixwright.edit import dispatch
from pixwright.edit.composite import blend
from pixwright.edit.contract import Context, Proposal, refuse
from pixwright.edit.networks.inputs import Inputs, Vector
from pixwright.edit.networks.wanted import Wanted
from pixwright.edit.styles.following import follow_vector
from pixwright.edit.styles.gallery import Gallery
from pixwright.edit.styles.structure import strength_control, strength_of
from pixwright.edit.toning.grade import apply_grade
from pixwright.edit.toning.lut import mix
from pixwright.edit.toning.mood import describe, grade_of
from pixwright.mllm.contract import LanguageModel
from pixwright.records.instruction import Array, PictureAttachment, SoundAttachment
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import Origin

if TYPE_CHECKING:
    from pixwright.edit.networks.decoder import Decoder

Refine = Callable[[Vector, float], Vector]
"""(unit vector, score that is wanted) -> the unit vector of the same meaning at that score."""

_GRADED = 0.5
"""How much of the grade that a piece's mood asks for lies under the look."""
_LOOSE = 0.5
"""How much of a look's strength `alpha` may take: structure that is kept wholly leaves half of it."""
_SPARED, _OVAL, _SOFT = 0.6, 1.2, 0.2
"""How much of a face keeps the grade alone; the oval that is spared, and how softly it ends, in sizes of the face's box. A loud look makes masks of faces (found by eye)."""
_AROUND, _RIM = 0.12, 3
"""How far around a subject the decoder may paint, as a share of its longer side; pixels of its rim that are painted over as well."""


@dataclass(frozen=True, eq=False)
class Any2PixEditor:
    """`edit` is an editor as `edit.contract` has it."""

    inputs: Inputs
    gallery: Callable[[], Gallery]
    model: LanguageModel | None = None
    """Reads the instruction; without one, the vector of the picture to be is a mixture of what the words and the attachments say."""
    reader: str = "no language model"
    """What is said of who made the vector of the picture to be."""
    refine: Refine | None = None
    score: float = 6.5
    """The score that refinement aims at."""
    h: tuple[float, float, float] = (0.0, 0.4, 1.0)
    """Base, gen and refined in the vector of the look."""
    alpha: float = 0.7
    look: Literal["heard", "model"] = "heard"
    """Whose vector finds a look: that of what is heard or said, or the language model's, refined. The gallery is keyed by words, and those of the model and of refinement are pictures'."""
    decoder: Decoder | None = None

    def edit(self, picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        """picture HxWx3 uint8 of any size -> a proposal of its size."""
        heard = step.type is EditType.STYLE_TRANSFER and not self._shown(step, context)
        plain = (self._look if heard else dispatch.edit)(picture, step, region, context)
        if self.decoder is None or plain.refused or plain.evidence.canvas is not None:
            return plain
        return self._painted(self.decoder, picture, plain, step, context)

    def _shown(self, step: Step, context: Context) -> bool:
        """Whether a picture shows the look that the step wants."""
        number = step.reference or (0 if step.value else 1)
        one = context.attachments[number - 1] if 1 <= number <= len(context.attachments) else None
        return isinstance(one, PictureAttachment)

    def _look(self, picture: Array, step: Step, region: Region, context: Context) -> Proposal:
        """The look of music, a sound, or words."""
        if step.reference is None and not step.value and not context.attachments:
            return refuse(
                picture, "nothing says what to fit the picture to; attach music with --attach FILE and write [1]"
            )
        own = self.look == "model"
        wanted, said = self._wanted(picture, step, context, self.model if own else None, self.refine if own else None)
        shares = zip(self.h, (wanted.base, wanted.gen, wanted.refined), strict=True)
        vector = _unit(np.sum([share * one for share, one in shares], axis=0))
        style, words = self.gallery().look(vector, context.seed)
        asked = strength_of(step.amount, context.controls)
        control = strength_control(asked, f"how much of the look is taken that stands for: {words}")
        notes = [f"the look of: {words}", said]
        under = picture
        sound = self._sound(step, context)
        if sound is not None:
            mood = self.inputs.mood(sound)
            under = mix(picture, apply_grade(picture, grade_of(mood), context.rng(1)), _GRADED * asked)
            notes += [describe(mood)] if mood.musical else []
        strength = asked * (1 - _LOOSE * self.alpha)
        new = follow_vector(under, style, context.encoders.stylist, strength)
        new = _faces_spared(new, under, [face.box for face in context.encoders.people.faces(picture)])
        return Proposal(new, region.mask, notes=tuple(notes), added=Origin.GENERATED, controls=(control,))

    def _sound(self, step: Step, context: Context) -> SoundAttachment | None:
        number = step.reference or (0 if step.value else 1)
        one = context.attachments[number - 1] if 1 <= number <= len(context.attachments) else None
        return one if isinstance(one, SoundAttachment) else None

    def _wanted(
        self, picture: Array, step: Step, context: Context, model: LanguageModel | None, refine: Refine | None
    ) -> tuple[Wanted, str]:
        """The picture to be, as vectors, and who made them: the model, or without one the attachments and words themselves."""
        inputs = self.inputs
        base = inputs.aligned.picture(picture)
        used = [context.attachments[step.reference - 1]] if step.reference else []
        subjects = tuple(inputs.vector(one) for one in used)
        words = step.edited_caption or step.value or ""
        if model is not None:
            listed = inputs.listed(picture, context.attachments)
            understood = model.understand(step.instruction, listed)
            gen, words = understood.gen, understood.words or words
            subjects = tuple(listed[n].vector for n in understood.subs if n) or subjects
            said = f"{self.reader} made the vector of the picture to be"
        else:
            parts = [*subjects, *([inputs.aligned.text([step.value])[0]] if step.value else [])]
            parts = parts or [inputs.aligned.text([words or step.instruction])[0]]
            gen = _unit(np.sum(parts, axis=0))
            why = f"{self.reader}: " if self.model is None else ""
            said = f"{why}the vector of the picture to be is that of the attachments and words themselves"
        refined = refine(gen, self.score) if refine is not None else gen
        return Wanted(base, gen, refined, subjects, words), said

    def _painted(self, decoder: Decoder, before: Array, plain: Proposal, step: Step, context: Context) -> Proposal:
        """What the embedded editor proposes, painted over by the decoder; the inside of a subject that arrived stays as it was cut out."""
        wanted, said = self._wanted(before, step, context, self.model, self.refine)
        whole = step.type.traits.whole_look
        limit = context.user_region.mask if context.user_region is not None else None if whole else _grown(plain.mask)
        painted, mask = decoder.paint(plain.picture, wanted, limit, context.seed)
        arrived = _inside(plain) if step.type.traits.brings else None
        if arrived is not None:
            painted = blend(painted, plain.picture, arrived)
        picture = blend(plain.picture, painted, mask)
        return replace(
            plain,
            picture=picture,
            mask=np.maximum(plain.mask, mask),
            notes=(
                *plain.notes,
                said,
                "the decoder painted around what arrived" if arrived is not None else "the decoder painted it",
            ),
            added=Origin.GENERATED,
        )


def _faces_spared(new: Array, under: Array, boxes: Sequence[tuple[float, ...]]) -> Array:
    """The look with less of it on faces."""
    if not boxes:
        return new
    weight = np.zeros(new.shape[:2], np.float32)
    for x0, y0, x1, y1 in boxes:
        centre, half = ((x0 + x1) / 2, (y0 + y1) / 2), (_OVAL * (x1 - x0) / 2, _OVAL * (y1 - y0) / 2)
        oval = cv2.ellipse(np.zeros_like(weight), (centre, (2 * half[0], 2 * half[1]), 0.0), _SPARED, -1)
        soft = max(1.0, _SOFT * max(half))
        weight = np.maximum(weight, cv2.GaussianBlur(oval, (0, 0), soft))
    share = weight[..., None]
    return np.asarray(np.clip(new + (under.astype(np.float32) - new) * share + 0.5, 0, 255), np.uint8)


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), float(np.finfo(np.float32).tiny)), np.float32)


def _grown(mask: Array) -> Array:
    """A mask HxW uint8 with room about it."""
    x, y, wide, tall = cv2.boundingRect((mask > 0).astype(np.uint8))
    reach = 2 * max(1, round(_AROUND * max(wide, tall))) + 1
    return np.asarray(cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))), np.uint8)


def _inside(plain: Proposal) -> Array:
    """What arrived but for its rim: HxW uint8, soft."""
    side = 2 * _RIM + 1
    core = cv2.erode(plain.mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return np.asarray(cv2.GaussianBlur(core, (side, side), 0), np.uint8)
