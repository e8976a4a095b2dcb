"""The aligned encoder: words, pictures, sounds and music -> unit vectors in one space, in which what means the same lies together.

Frozen packaged networks (MiniLM, EfficientNet-Lite2, musicnn) and small heads on them, trained by this project (docs/multimodal.md): numpy and
onnxruntime, no torch. The cosine of two vectors is their dot product. Compare within one kind of pair: pictures lie nearer to pictures than to words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.heads import UNREADABLE, head_of, memory_of, unpack
from pixwright.encoders.latents import music_latent, picture_latent, sound_latent
from pixwright.encoders.music import MusicTagger
from pixwright.encoders.picture import PictureEncoder
from pixwright.encoders.text import TextEncoder
from pixwright.errors import WeightsCorrupt
from pixwright.records.instruction import Array, Samples
from pixwright.weights.store import path
from pixwright.words.saying import article

Floats = NDArray[np.float32]
Project: TypeAlias = Callable[[Floats], Floats]
"""Latents (n, d) -> unit vectors (n, width)."""
HEADS = "aligned"
"""The heads' name in the registry."""
KINDS = ("text", "picture", "sound", "music")
VOCABULARIES = {"things": "", "places": "", "sounds": "the sound of ", "moods": ""}
"""Kinds of words that describe, and what stands before a word where it is compared."""
_SHARPNESS = 14.0
"""What cosines are multiplied by before they become shares: the inverse of the trained temperature."""


class Aligned(Protocol):
    """Whatever brings all kinds into one space: the packaged encoder, or a published one."""

    width: int
    """Numbers of a vector."""
    terms: str
    """What its licence forbids, in one phrase; empty where it forbids nothing."""

    def text(self, texts: Sequence[str]) -> Floats:
        """(N, width) unit vectors."""
        ...

    def picture(self, picture: Array) -> Floats:
        """(width,) of a picture HxWx3 uint8 sRGB."""
        ...

    def sound(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a sound: mono float32 in [-1, 1] at `rate` Hz."""
        ...

    def music(self, samples: Samples, rate: int) -> Floats:
        """(width,) of a piece of music: mono float32 in [-1, 1] at `rate` Hz."""
        ...


class AlignedEncoder:
    """The packaged one. May be used from several threads; it remembers only the vectors of its own words."""

    terms = ""

    def __init__(
        self,
        texts: Callable[[], TextEncoder],
        pictures: Callable[[], PictureEncoder],
        music: Callable[[], MusicTagger],
        heads: dict[str, Project],
        words: dict[str, tuple[str, ...]],
        width: int,
    ) -> None:
        """The networks are asked for when they are needed: nouns whose vectors are stored need none. `words`: of each kind of `VOCABULARIES`, those that describe."""
        self._texts, self._pictures, self._music, self._heads, self._words = texts, pictures, music, heads, words
        self._vectors: dict[str, Floats] = {}
        self._lock = Lock()
        self.width = width

    @classmethod
    def load(
        cls, texts: Callable[[], TextEncoder], pictures: Callable[[], PictureEncoder], music: Callable[[], MusicTagger]
    ) -> AlignedEncoder:
        """The packaged heads on the given networks. Raises `WeightsMissing` or `WeightsCorrupt`."""
        where = path(HEADS)
        try:
            with np.load(where) as stored:
                words = {kind: tuple(json.loads(bytes(stored[f"words.{kind}"]).decode())) for kind in VOCABULARIES}
                tensors = unpack({name: stored[name] for name in stored.files if not name.startswith("words.")})
            heads: dict[str, Project] = {
                kind: head_of(tensors, kind) for kind in KINDS if f"{kind}.first.weight" in tensors
            }
            if "sound" not in heads:
                heads["sound"] = memory_of(tensors)
            width = len(tensors["text.first.bias"])
        except UNREADABLE as problem:
            raise WeightsCorrupt(
                f"{where} holds no heads of the aligned encoder ({problem}); reinstall pixwright"
            ) from problem
        return cls(texts, pictures, music, heads, words, width)

    def text(self, texts: Sequence[str]) -> Floats:
        """(N, width) unit vectors of texts; none for none."""
        if not texts:
            return np.zeros((0, self.width), np.float32)
        return self.project("text", self._texts().embed(texts))

    def picture(self, picture: Array) -> Floats:
        """(width,) unit vector of a picture HxWx3 uint8 sRGB."""
        return self._projected("picture", picture_latent(picture, self._pictures()))

    def sound(self, samples: Samples, rate: int) -> Floats:
        """(width,) unit vector of a sound: mono float32 in [-1, 1] at `rate` Hz. Its loudest ten seconds count; how loud it is does not."""
        return self._projected("sound", sound_latent(samples, rate, self._music()))

    def music(self, samples: Samples, rate: int) -> Floats:
        """(width,) unit vector of a piece of music: mono float32 in [-1, 1] at `rate` Hz. The middle 45 seconds of a longer piece count."""
        return self._projected("music", music_latent(samples, rate, self._music()))

    def vocabulary(self, kind: str) -> tuple[tuple[str, ...], Floats]:
        """The words of a kind (`VOCABULARIES`) and their vectors (n, width), made once."""
        with self._lock:
            if kind not in self._vectors:
                lead = VOCABULARIES[kind]
                said = [f"{lead}{article(word)}" if kind != "moods" else f"{word} music" for word in self._words[kind]]
                self._vectors[kind] = self.text(said)
            return self._words[kind], self._vectors[kind]

    def project(self, kind: str, latents: Floats) -> Floats:
        """(n, width) unit vectors of latents (n, d) of a kind (`KINDS`), as `encoders.latents` and MiniLM make them."""
        return self._heads[kind](latents)

    def _projected(self, kind: str, latent: Floats) -> Floats:
        return np.asarray(self.project(kind, latent[None])[0], np.float32)


def likelihoods(cosines: Floats) -> Floats:
    """(n,) cosines with the words of a vocabulary -> shares that sum to 1, as the heads were trained to give them."""
    odds = np.exp(_SHARPNESS * (cosines - cosines.max()))
    return np.asarray(odds / odds.sum(), np.float32)
