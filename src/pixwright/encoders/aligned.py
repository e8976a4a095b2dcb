"""The aligned encoder: words, pictures, sounds and music -> unit vectors in one space, in which what means the same lies together.

Frozen packaged networks (MiniLM, EfficientNet-Lite2, musicnn) and small heads on them, trained by this project (docs/multimodal.md): numpy and
onnxruntime, no torch. The cosine of two vectors is their dot product. Compare within one kind of pair: pictures lie nearer to pictures than to words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pixwright.encoders.heads import ProjectionHead, head_of, unpack
from pixwright.encoders.hearing import music_latent, sound_latent
from pixwright.encoders.music import MusicTagger
from pixwright.encoders.picture import PictureEncoder
from pixwright.encoders.seeing import picture_latent
from pixwright.encoders.text import TextEncoder
from pixwright.errors import WeightsCorrupt
from pixwright.records.instruction import Array, Samples
from pixwright.weights.store import path

Floats = NDArray[np.float32]
HEADS = "aligned"
"""The heads' name in the registry."""
KINDS = ("text", "picture", "sound", "music")


class Aligned(Protocol):
    """Whatever brings all kinds into one space: the packaged encoder, or a published one."""

    width: int
    """Numbers of a vector."""

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
    """The packaged one. Stateless: may be used from several threads."""

    def __init__(
        self, texts: TextEncoder, pictures: PictureEncoder, music: MusicTagger, heads: dict[str, ProjectionHead]
    ) -> None:
        self._texts, self._pictures, self._music, self._heads = texts, pictures, music, heads
        self.width = len(heads["text"].first.bias)

    @classmethod
    def load(cls, texts: TextEncoder, pictures: PictureEncoder, music: MusicTagger) -> AlignedEncoder:
        """The packaged heads on the given networks. Raises `WeightsMissing` or `WeightsCorrupt`."""
        where = path(HEADS)
        try:
            with np.load(where) as stored:
                tensors = unpack({name: stored[name] for name in stored.files})
            heads = {kind: head_of(tensors, kind) for kind in KINDS}
        except (KeyError, ValueError, OSError) as problem:
            raise WeightsCorrupt(
                f"{where} holds no heads of the aligned encoder ({problem}); reinstall pixwright"
            ) from problem
        return cls(texts, pictures, music, heads)

    def text(self, texts: Sequence[str]) -> Floats:
        """(N, width) unit vectors of texts; none for none."""
        if not texts:
            return np.zeros((0, self.width), np.float32)
        return self._heads["text"](self._texts.embed(texts))

    def picture(self, picture: Array) -> Floats:
        """(width,) unit vector of a picture HxWx3 uint8 sRGB."""
        return self._projected("picture", picture_latent(picture, self._pictures))

    def sound(self, samples: Samples, rate: int) -> Floats:
        """(width,) unit vector of a sound: mono float32 in [-1, 1] at `rate` Hz. Its loudest ten seconds count; how loud it is does not."""
        return self._projected("sound", sound_latent(samples, rate, self._music))

    def music(self, samples: Samples, rate: int) -> Floats:
        """(width,) unit vector of a piece of music: mono float32 in [-1, 1] at `rate` Hz. The middle 45 seconds of a longer piece count."""
        return self._projected("music", music_latent(samples, rate, self._music))

    def _projected(self, kind: str, latent: Floats) -> Floats:
        return np.asarray(self._heads[kind](latent[None])[0], np.float32)
