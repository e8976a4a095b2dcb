"""Rows that the language model learns from: words with inputs, and what it shall write with the vectors that are read there.

The four tasks of pre-training (InstructAny2Pix: section 3.2.2) and MM-Inst's instructions (section 3.3): `[base]` for the picture to be edited, a `[sub]` for
each reference that shall appear in the result, `[gen]` for the result. In a fifth of the rows the picture is left out, in a fifth a reference is replaced by its words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, TypeVar

import numpy as np

from pixwright.build.chance import pick
from pixwright.build.sets.mm_inst import filled
from pixwright.build.sets.mm_inst import table as templates
from pixwright.mllm.contract import InputKind
from pixwright.mllm.tokens import BASE, GEN, SUB
from pixwright.train.language.scenes import EditedScene, ShownSubject, wordings

T = TypeVar("T")
Task: TypeAlias = Literal["caption_picture", "caption_sound", "words_to_vector", "sound_to_vector", "edit", "plan"]
CAPTIONS: tuple[Task, ...] = ("caption_picture", "caption_sound")

DROPPED = 0.2
"""Share of rows without the picture, and of references that are replaced by their words (the published code's shares)."""
SAID = 0.06
"""Share of rows with controls whose caption is learnt as well; the others end at `[gen]`, since a caption is four times as long as all controls and has a text of its own."""
PHOTOGRAPHED = 0.25
"""Share of instructions whose picture is one that was not composed: what an edit makes of it is not known, so nothing is learnt at `[gen]`."""
_NAMED, _SPARE, _SWAPPED, _DRAWN = 0.15, 0.08, 0.5, 0.4
"""How often the picture is `[0]` in the words; a further attachment is not mentioned; two attachments change numbers; a caption's picture is a reference."""
_BASES = ("the picture", "the picture", "the picture", "it", "the photo")


@dataclass(frozen=True)
class LanguageRow:
    """One example. Vectors are numbers in the table of `vectors.Vectors`."""

    task: Task
    words: str
    inputs: Mapping[int, tuple[InputKind, int]]
    """Number in the words -> what it is and its vector."""
    controls: tuple[str, ...] = ()
    targets: tuple[int, ...] = ()
    """The vector for each control token, in their order; fewer where the last one's is not known."""
    said: str = ""
    """Words after the control tokens; empty: what follows is not learnt."""


@dataclass(frozen=True)
class Places:
    """Where the vectors of a scene lie in the table."""

    pictures: int
    """Of the scene's part: its first."""
    sounds: Mapping[str, Sequence[int]]
    """Of all sounds, by key; each was heard in several ways."""


@dataclass(frozen=True)
class Material:
    """All scenes with their places, and what a sound is called and looks like."""

    scenes: Sequence[tuple[EditedScene, Places]]
    sounds: Mapping[str, Sequence[int]]
    captions: Mapping[str, str]
    """Of sounds, by key."""
    names: Mapping[str, str]
    """What makes them, by key."""
    music: frozenset[str] = field(default_factory=frozenset)
    """The keys that are pieces of music."""
    photographs: Sequence[int] = ()
    """Vectors of pictures that were not composed; composed ones look alike, and a model that saw no other takes a photograph for something else."""

    def kind(self, key: str) -> InputKind:
        """Of a sound."""
        return "music" if key in self.music else "sound"


class LanguageRowMaker:
    """Row i of a task depends on (seed, task, i) and the material."""

    def __init__(self, material: Material, seed: int) -> None:
        self.material, self.seed = material, seed
        self._named: dict[str, list[int]] = {}
        self._moods: dict[str, list[int]] = {}
        for scene, places in material.scenes:
            for one in scene.subjects:
                if one.picture >= 0:
                    self._named.setdefault(one.name, []).append(places.pictures + one.picture)
                elif material.kind(one.sound) == "music":
                    self._moods.setdefault(one.sound, []).append(places.pictures + scene.edited)
                elif one.new:
                    self._named.setdefault(one.name, []).append(places.pictures + scene.edited)

    def rows(self, task: Task, count: int) -> Iterator[LanguageRow]:
        """Rows 0..count-1."""
        make: dict[Task, Callable[[int, np.random.Generator], LanguageRow | None]] = {
            "caption_picture": self._caption_picture,
            "caption_sound": self._caption_sound,
            "words_to_vector": self._words_to_vector,
            "sound_to_vector": self._sound_to_vector,
            "edit": self._edit,
        }
        for index in range(count):
            row = make[task](index, np.random.default_rng([self.seed, len(task), index]))
            if row is not None:
                yield row

    # --- pre-training -----------------------------------------------------------------------------------------------------------------

    def _caption_picture(self, index: int, rng: np.random.Generator) -> LanguageRow:
        vector, caption = self._captioned(index, rng)
        return LanguageRow(
            "caption_picture", pick(rng, wordings()["describe_picture"]), {1: ("picture", vector)}, said=caption
        )

    def _captioned(self, index: int, rng: np.random.Generator) -> tuple[int, str]:
        """A picture's vector and what it shows."""
        scene, places = self._scene(index)
        seen = [one for one in scene.subjects if one.picture >= 0]
        if seen and rng.random() < _DRAWN:
            one = pick(rng, seen)
            return places.pictures + one.picture, _sentence(one.said)
        if rng.random() < 0.5:
            return places.pictures + scene.source, scene.source_caption
        return places.pictures + scene.edited, scene.edited_caption

    def _caption_sound(self, index: int, rng: np.random.Generator) -> LanguageRow:
        key = sorted(self.material.sounds)[index % len(self.material.sounds)]
        vector = pick(rng, self.material.sounds[key])
        said = _sentence(self.material.captions[key])
        given = {1: (self.material.kind(key), vector)}
        return LanguageRow("caption_sound", pick(rng, wordings()["describe_sound"]), given, said=said)

    def _words_to_vector(self, index: int, rng: np.random.Generator) -> LanguageRow:
        vector, caption = self._captioned(index, rng)
        plain = caption.rstrip(".")
        words = pick(rng, wordings()["make_from_words"]).replace("{caption}", plain[:1].lower() + plain[1:])
        return LanguageRow("words_to_vector", words, {}, (GEN,), (vector,))

    def _sound_to_vector(self, index: int, rng: np.random.Generator) -> LanguageRow | None:
        key = sorted(self.material.sounds)[index % len(self.material.sounds)]
        shown = self._moods.get(key) or self._named.get(self.material.names[key])
        if not shown:
            return None
        vector = pick(rng, self.material.sounds[key])
        words = pick(rng, wordings()["make_from_sound"])
        return LanguageRow(
            "sound_to_vector", words, {1: (self.material.kind(key), vector)}, (GEN,), (pick(rng, shown),)
        )

    # --- instructions -----------------------------------------------------------------------------------------------------------------

    def _edit(self, index: int, rng: np.random.Generator) -> LanguageRow:
        scene, places = self._scene(index)
        template = pick(rng, wordings()["polite"]).replace("{}", pick(rng, _ways(scene)))
        order = list(range(len(scene.subjects)))
        if len(order) > 1 and rng.random() < _SWAPPED:
            order.reverse()
        slots: dict[str, str] = {}
        inputs: dict[int, tuple[InputKind, int]] = {}
        subs: list[int] = []
        for which in order:
            one = scene.subjects[which]
            if rng.random() < DROPPED:
                slots[str(which + 1)] = one.said
                continue
            number = len(inputs) + 1
            inputs[number] = self._input(one, places, rng)
            slots[str(which + 1)] = f"[{number}]"
            subs += [inputs[number][1]] if one.new else []
        controls, targets = [SUB] * len(subs) + [GEN], [*subs, places.pictures + scene.edited]
        said = scene.edited_caption if rng.random() < SAID else ""
        base = pick(rng, _BASES)
        if rng.random() >= DROPPED:
            shown = places.pictures + scene.source
            if self.material.photographs and rng.random() < PHOTOGRAPHED:
                shown, targets, said = pick(rng, self.material.photographs), subs, ""
            inputs = {0: ("picture", shown), **inputs}
            controls, targets = [BASE, *controls], [shown, *targets]
            base = "[0]" if rng.random() < _NAMED else base
            if rng.random() < _SPARE:
                inputs[max(inputs) + 1] = self._spare(rng)
        words = filled(template, {**slots, **scene.slots, "base": base})
        return LanguageRow("edit", words, inputs, tuple(controls), tuple(targets), said)

    def _input(self, one: ShownSubject, places: Places, rng: np.random.Generator) -> tuple[InputKind, int]:
        if one.picture >= 0:
            return "picture", places.pictures + one.picture
        return self.material.kind(one.sound), pick(rng, self.material.sounds[one.sound])

    def _spare(self, rng: np.random.Generator) -> tuple[InputKind, int]:
        """An attachment of another scene, which the words do not mention."""
        scene, places = self._scene(int(rng.integers(len(self.material.scenes))))
        return self._input(pick(rng, scene.subjects), places, rng)

    def _scene(self, index: int) -> tuple[EditedScene, Places]:
        return self.material.scenes[index % len(self.material.scenes)]


def _ways(scene: EditedScene) -> list[str]:
    """Templates for what was done, with {base}, {1}, {2}."""
    if "+" in scene.kind:
        return list(wordings()[scene.kind])
    named = scene.kind == "replace" and len(scene.subjects) == 1
    key = "replace_named" if named else scene.kind
    found = [*templates()[key], *wordings()["further"][key]]
    return [one.replace("{tone}", templates()["tones"].get(scene.slots.get("tone", ""), "")) for one in found]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
