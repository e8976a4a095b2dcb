"""What things and places look like: one picture of each name, against which the name of an edit is held.

The backbone's thousand classes do not name most things that data sets are made of. A sample's own cut-outs do: seen on grey, a thing resembles the
picture of its name more than those of other names, whatever it is drawn like. For photographs the ImageNet classes under the noun serve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pixwright.build.contract import Catalogue
from pixwright.build.measure.view import Bools, Floats, squared
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import Array
from pixwright.records.sample import Split
from pixwright.words import lexicon, read
from pixwright.words.naming import full_name, noun_of

DISTRACTORS = 96
"""Other names that a thing's own is compared with."""
_LIKE = 0.55
"""Names whose texts have a larger cosine with the own one are not counted as others: a poodle is a dog."""
_SAME = 0.62
"""Least cosine for a name that is not in the bank to be represented by one that is."""
_FAMILY = 0.8
"""A distractor that looks so like the reference is of its kind."""
SIDE = 160


@dataclass(eq=False)
class Bank:
    """Pictures by name, embedded when first needed and kept. `names` may repeat: of several pictures of a name the most similar counts."""

    encoders: Encoders
    names: Sequence[str]
    load: Callable[[int], Array]
    """Index -> HxWx4 uint8."""
    _rows: dict[int, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, encoders: Encoders, *catalogues: Catalogue) -> Bank:
        """All cut-outs of some catalogues, under their names and their synonyms' first."""
        found = [(a.name.lower(), c, a.key) for c in catalogues for a in c.assets("cutout")]
        return cls(encoders, [name for name, _, _ in found], lambda i: found[i][1].pixels(found[i][2]))

    @classmethod
    def packaged(cls, encoders: Encoders) -> Bank:
        """The package's own cut-outs, of both splits: measuring is no training."""
        return cls.of(encoders, *(PackagedCatalogue(split) for split in Split))

    @cached_property
    def _index(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for i, name in enumerate(self.names):
            for form in {name, full_name(read(name))}:
                index.setdefault(form, []).append(i)
        return index

    @cached_property
    def _texts(self) -> Floats:
        return self.encoders.text.embed([noun_of(read(name)) for name in self.names])

    @cached_property
    def _others(self) -> tuple[list[int], Floats]:
        """Distractors spread over the bank, and their pictures' embeddings."""
        chosen = sorted({round(i) for i in np.linspace(0, len(self.names) - 1, DISTRACTORS)})
        return chosen, np.stack([self.row(i) for i in chosen])

    @cached_property
    def _centre(self) -> Floats:
        return np.asarray(self._others[1].mean(0), np.float32)

    def row(self, i: int) -> Floats:
        """(1280,) of picture i."""
        if i not in self._rows:
            rgba = self.load(i)
            self._rows[i] = self.embed(rgba, rgba[..., 3] > 127)
        return self._rows[i]

    def embed(self, picture: Array, inside: Bools) -> Floats:
        """(1280,) of what is in the mask, on grey."""
        return np.asarray(self.encoders.picture.features(squared(picture, inside, SIDE), SIDE).grid.mean((0, 1)))

    def find(self, phrase: str) -> list[int]:
        """Pictures of what a noun phrase names: by name, by its last words, then by meaning; empty if there is none."""
        wanted = read(phrase)
        words = noun_of(wanted).split()
        for form in (full_name(wanted), *(" ".join(words[start:]) for start in range(len(words)))):
            if form in self._index:
                return self._index[form]
        scores = self._texts @ self.encoders.text.embed([noun_of(wanted)])[0]
        best = int(scores.argmax())
        return [best] if scores[best] >= _SAME else []

    def agreement(self, seen: Sequence[Floats], phrase: str) -> tuple[float, float, float] | None:
        """How well the best of some embeddings fits a name: (cosine, its margin over the best of the other names, the share of those that fit less).

        For a name that the bank does not hold, None.
        """
        own = self.find(phrase)
        if not own:
            return None
        text = self.encoders.text.embed([noun_of(read(phrase))])[0]
        chosen, rows = self._others
        apart = [k for k, i in enumerate(chosen) if i not in own and float(self._texts[i] @ text) < _LIKE]
        return self._lead(seen, np.stack([self.row(i) for i in own]), rows[apart])

    def against(self, seen: Sequence[Floats], reference: Floats) -> tuple[float, float, float]:
        """The same for a reference picture's embedding instead of a name."""
        rows = self._others[1]
        return self._lead(seen, reference[None], rows[self._cosines(reference, rows) < _FAMILY])

    def _lead(self, seen: Sequence[Floats], own: Floats, others: Floats) -> tuple[float, float, float]:
        likeness = max(float(self._cosines(one, own).max()) for one in seen)
        rest = np.max([self._cosines(one, others) for one in seen], axis=0)
        return likeness, likeness - float(rest.max()), float((rest < likeness).mean())

    def class_rank(self, seen: Sequence[Floats], phrase: str) -> float | None:
        """Share of ImageNet's classes that the embeddings speak for less than for the noun's own; None for a noun that has none of its own."""
        meaning = lexicon().look(read(phrase).head)
        own = [] if meaning is None or meaning.is_("person") else [c for c, _ in meaning.imagenet]
        if meaning is None or not own or not meaning.exact:
            return None
        logits = np.max([self.encoders.picture.class_weights @ one for one in seen], axis=0)
        return float((logits <= logits[own].max()).mean())

    def _cosines(self, a: Floats, rows: Floats) -> Floats:
        return cosines(a - self._centre, rows - self._centre)


def cosines(a: Floats, rows: Floats) -> Floats:
    """(n,) cosines of a vector with n rows."""
    return np.asarray(rows @ a / np.maximum(np.linalg.norm(rows, axis=1) * np.linalg.norm(a), 1e-6), np.float32)
