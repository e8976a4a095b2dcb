"""What a system with an aligned encoder knows of its inputs: what kind each is, its vector, what it is called. Every attachment is looked at or listened to once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from pixwright.edit.toning.mood import Mood, Tagger, mood_of
from pixwright.mllm.contract import Input, InputKind
from pixwright.records.instruction import Array, Attachment, PictureAttachment, SoundAttachment

if TYPE_CHECKING:
    from pixwright.encoders.aligned import Aligned
    from pixwright.encoders.picture import PictureEncoder

Vector = NDArray[np.float32]

SURE = 0.8
"""Likelihood, among all the things that are known by their sound, from which a sound is called by the likeliest. Of 109 recordings all that are called rightly have .96 and more."""
_SEEN = 0.5
"""Probability from which a picture is called by its likeliest class."""
LASTS, SOUNDS_LIKE = 6.0, 0.15
"""Seconds that music lasts at least, for short cries look like techno to a tagger; and the likelihood of its likeliest genre or instrument. Measured on composed and recorded
music, and on the cries of animals (recipes/multimodal_sheet.py names the assets)."""
_SHARP = 14.0
"""Inverse temperature of cosines in the aligned space, for likelihoods: about what the heads were trained with."""


class Inputs:
    """Kinds, vectors and names of attachments. What was found is kept as long as the attachment is."""

    def __init__(self, aligned: Aligned, tagger: Tagger, classifier: PictureEncoder, heard: Sequence[str]) -> None:
        """`heard`: nouns of all the things that a sound may be called by."""
        self.aligned = aligned
        self._tagger, self._classifier, self._nouns = tagger, classifier, list(heard)
        self._moods: WeakKeyDictionary[SoundAttachment, Mood] = WeakKeyDictionary()
        self._vectors: WeakKeyDictionary[Attachment, Vector] = WeakKeyDictionary()
        self._keys: Vector | None = None

    def mood(self, sound: SoundAttachment) -> Mood:
        """Valence, arousal and palette of a sound, and whether it is music."""
        if sound not in self._moods:
            self._moods[sound] = mood_of(sound, self._tagger)
        return self._moods[sound]

    def kind(self, one: Attachment) -> InputKind:
        """Picture, sound or music."""
        if isinstance(one, PictureAttachment):
            return "picture"
        lasts = len(one.samples) >= LASTS * one.rate
        return "music" if lasts and self.mood(one).likeness >= SOUNDS_LIKE else "sound"

    def vector(self, one: Attachment) -> Vector:
        """Its unit vector (width,)."""
        if one not in self._vectors:
            self._vectors[one] = self._encoded(one)
        return self._vectors[one]

    def _encoded(self, one: Attachment) -> Vector:
        if isinstance(one, PictureAttachment):
            return self.aligned.picture(np.ascontiguousarray(one.pixels[..., :3]))
        encode = self.aligned.music if self.kind(one) == "music" else self.aligned.sound
        return encode(one.samples, one.rate)

    def name(self, one: Attachment) -> str | None:
        """The noun of what a picture surely shows, or of what surely makes a sound; None where it is not sure, and for music."""
        if isinstance(one, PictureAttachment):
            label = self._classifier.classify(np.ascontiguousarray(one.pixels[..., :3]), 1)[0]
            return label.name.split(",")[0].strip() if label.probability >= _SEEN else None
        if self.kind(one) == "music" or not self._nouns:
            return None
        if self._keys is None:
            self._keys = self.aligned.text([f"the sound of {noun}" for noun in self._nouns])
        scores = _SHARP * (self._keys @ self.vector(one))
        odds = np.exp(scores - scores.max())
        best = int(odds.argmax())
        return self._nouns[best] if odds[best] / odds.sum() >= SURE else None

    def listed(self, picture: Array, attachments: Sequence[Attachment]) -> list[Input]:
        """The picture to be edited (HxWx3 uint8) and every attachment as a language model meets them."""
        first = Input("picture", self.aligned.picture(picture), "the picture")
        return [first, *(Input(self.kind(one), self.vector(one), one.name) for one in attachments)]
