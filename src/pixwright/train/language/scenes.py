"""Edited scenes with what their instructions refer to: pictures and keys of sounds, kept in parts. Training split only.

A scene is made and looked at once; `rows` says it in many wordings. Part k depends on the seed and k alone, and is whole or not there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import LayeredScene
from pixwright.build.pairs.references import styled, view
from pixwright.build.pairs.stage import Stage, Unfit
from pixwright.build.run.recipe import spread
from pixwright.build.scene.batched import BatchRenderer
from pixwright.build.scene.captions import caption
from pixwright.build.scene.compose import compose
from pixwright.build.sets.bench import catalogue_of
from pixwright.build.sets.mm_inst import Subject, Told, tell
from pixwright.errors import InvalidOption
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.sample import Split
from pixwright.train.scenes import Shrunk
from pixwright.words.saying import article

SIDE = 192
"""Longer side of the pictures in pixels: about what the encoder looks at."""
PART = 64
"""Scenes of a part, the unit of work and of what a killed run loses."""
_SHORTER = 0.75
"""The shorter side of pictures that are not square, as a share of the longer."""
_THINGS, _RARE, _TRIES, _POOL = (2, 4), 0.2, 12, 6
"""Things of a scene; share of scenes whose things do not belong together; scenes that are tried for a place; different pictures of each style."""
_QUALITY = 95
"""JPEG quality of what is kept until the encoder has looked at it."""


@dataclass(frozen=True)
class ShownSubject:
    """What an instruction refers to. `picture` is the number of a picture of the part, -1 for a sound; `sound` an asset's key."""

    name: str
    said: str
    """The words that replace it: "a cow", or a piece's caption."""
    new: bool
    picture: int = -1
    sound: str = ""


@dataclass(frozen=True)
class EditedScene:
    """A picture, the same edited, and what the instruction between them is about. Numbers are those of the part's pictures."""

    kind: str
    """Of `mm_inst.json` or of `combined.json`."""
    source: int
    edited: int
    source_caption: str
    edited_caption: str
    subjects: tuple[ShownSubject, ...]
    slots: dict[str, str]
    """Fillings of {target} and {tone}."""


@dataclass(frozen=True, eq=False)
class ScenePart:
    """Scenes and their pictures, HxWx3 uint8."""

    scenes: tuple[EditedScene, ...]
    pictures: tuple[Array, ...]


@cache
def wordings() -> dict[str, Any]:
    """`combined.json`: kinds, their shares, and more ways to say them than the test set knows."""
    return dict(json.loads(files("pixwright.train.language").joinpath("combined.json").read_text("utf-8")))


def make_scenes(folder: Path, count: int, seed: int, sources: Sequence[str]) -> int:
    """Write the parts that are missing of `count` scenes; the number of scenes made."""
    maker = SceneMaker(seed, tuple(sources))
    made = 0
    for number in range(-(-count // PART)):
        target = folder / f"scenes-{number:04d}.npz"
        if not target.exists():
            part = maker.part(number * PART, min((number + 1) * PART, count))
            _write(target, part)
            made += len(part.scenes)
    return made


def read_scenes(folder: Path) -> list[ScenePart]:
    """All parts, pictures decoded. Raises InvalidOption where there is none."""
    found = [_read(file) for file in sorted(folder.glob("scenes-*.npz"))]
    if not found:
        raise InvalidOption(f"{folder} holds no scenes; make them first: leave out --no-make")
    return found


class SceneMaker:
    """Makes scenes by number."""

    def __init__(self, seed: int, sources: tuple[str, ...]) -> None:
        self.seed = seed
        self.catalogue = Shrunk(catalogue_of(sources, Split.TRAIN), SIDE)
        self._renderer = BatchRenderer("cpu")
        self._styled: dict[tuple[str, int], Array] = {}
        table = wordings()
        self._shares = tuple({**table["single"], **table["pairs"]}.items())

    def part(self, start: int, stop: int) -> ScenePart:
        """Scenes start..stop-1 in order."""
        told = [self.told(index) for index in range(start, stop)]
        before = self._rendered([first.draft.before for _, (first, *_) in told])
        after = self._rendered([parts[-1].draft.after for _, parts in told])
        pictures: list[Array] = []
        scenes = []
        for (stage, parts), one, other in zip(told, before, after, strict=True):
            number = len(pictures)
            pictures += [one, other]
            scenes.append(self._scene(stage, parts, number, pictures))
        return ScenePart(tuple(scenes), tuple(pictures))

    def told(self, index: int) -> tuple[Stage, tuple[Told, ...]]:
        """Scene `index` with its one or two instructions. A kind for which no scene is found gives way to an addition, which any scene takes."""
        kind = spread(index, self._shares)
        for number in range(4 * _TRIES):
            rng = np.random.default_rng([self.seed, index, number])
            try:
                return self._told(kind if number < _TRIES else "add", rng)
            except Unfit:
                continue
        raise InvalidOption(f"scene {index}: no {kind} was found in {4 * _TRIES} tries; add sources of pictures")

    def _told(self, kind: str, rng: np.random.Generator) -> tuple[Stage, tuple[Told, ...]]:
        wide, high = ((1.0, 1.0), (1.0, _SHORTER), (_SHORTER, 1.0))[int(rng.integers(3))]
        count = int(rng.integers(_THINGS[0], _THINGS[1] + 1))
        scene = compose(self.catalogue, rng, int(SIDE * wide), int(SIDE * high), count, rare=bool(rng.random() < _RARE))
        stage = Stage(scene, self.catalogue, rng)
        first, *others = kind.split("+")
        told = [tell(first, stage)]
        for one in others:
            told.append(tell(one, Stage(told[-1].draft.after, self.catalogue, rng)))
        return stage, tuple(told)

    def _scene(self, stage: Stage, parts: tuple[Told, ...], number: int, pictures: list[Array]) -> EditedScene:
        subjects = [self._shown(one, stage, pictures) for told in parts for one in told.subjects]
        slots = {}
        if parts[0].draft.step.target is not None:
            slots["target"] = str(parts[0].draft.step.target)
        if parts[0].steps:
            slots["tone"] = str(parts[0].steps[0].value)
        before, after = parts[0].draft.before, parts[-1].draft.after
        kind = "+".join(one.kind for one in parts)
        return EditedScene(kind, number, number + 1, caption(before), caption(after), tuple(subjects), slots)

    def _shown(self, subject: Subject, stage: Stage, pictures: list[Array]) -> ShownSubject:
        named = article(subject.name)
        if subject.sound is not None:
            return ShownSubject(subject.name, f"the sound of {named}", subject.new, sound=subject.sound)
        if subject.wanted is not None and subject.wanted.kind == "asset":
            asset = self.catalogue.asset(str(subject.wanted.asset))
            return ShownSubject(subject.name, asset.caption.rstrip("."), subject.new, sound=asset.key)
        if subject.wanted is not None:
            picture = self._style(subject.wanted.value, subject.wanted.seed % _POOL)
            named = article(f"{subject.wanted.value} picture")
        else:
            assert subject.layer is not None
            picture = view(subject.layer, self.catalogue, int(stage.rng.integers(2**31)))
        pictures.append(shrink(picture[..., :3], SIDE))
        return ShownSubject(subject.name, named, subject.new, picture=len(pictures) - 1)

    def _style(self, value: str, number: int) -> Array:
        if (value, number) not in self._styled:
            self._styled[value, number] = self._rendered([styled(value, self.catalogue, number)])[0]
        return self._styled[value, number]

    def _rendered(self, scenes: list[LayeredScene]) -> list[Array]:
        """Scenes of one size together; order kept."""
        found: dict[int, Array] = {}
        for size in sorted({(scene.height, scene.width) for scene in scenes}):
            places = [k for k, scene in enumerate(scenes) if (scene.height, scene.width) == size]
            batch = self._renderer.render([scenes[k] for k in places], self.catalogue)
            pictures = batch.pictures.permute(0, 2, 3, 1).contiguous().cpu().numpy()
            found |= dict(zip(places, pictures, strict=True))
        return [found[k] for k in range(len(scenes))]


def _write(target: Path, part: ScenePart) -> None:
    coded = [
        cv2.imencode(".jpg", np.ascontiguousarray(one[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
        for one in part.pictures
    ]
    lines = json.dumps([asdict(one) for one in part.scenes]).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}")
    with draft.open("wb") as stream:
        np.savez(
            stream,
            scenes=np.frombuffer(lines, np.uint8),
            bytes=np.concatenate(coded),
            ends=np.cumsum([len(one) for one in coded]),
        )
    draft.replace(target)


def _read(file: Path) -> ScenePart:
    with np.load(file) as stored:
        lines = json.loads(bytes(stored["scenes"]).decode())
        coded: list[NDArray[np.uint8]] = np.split(stored["bytes"], stored["ends"][:-1])
    scenes = [EditedScene(**{**one, "subjects": tuple(ShownSubject(**s) for s in one["subjects"])}) for one in lines]
    pictures = [_decoded(one) for one in coded]
    return ScenePart(tuple(scenes), tuple(pictures))


def _decoded(coded: NDArray[np.uint8]) -> Array:
    found = cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB)
    assert found is not None
    return np.asarray(found, np.uint8)
