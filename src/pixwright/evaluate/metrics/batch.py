"""A batch of cases that every metric looks at: each picture is decoded once, and each backbone runs once for all that asks for it.

Consecutive turns of a session share pictures (the truth of one turn is the source of the next); a picture that several cases or roles name is
decoded, prepared and embedded once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TypeAlias, TypeVar, cast, get_args

import cv2
import numpy as np

from pixwright.errors import InvalidImage
from pixwright.evaluate.metrics.backbones import Backbones
from pixwright.evaluate.metrics.contract import Case, Floats, Need, Role, Words
from pixwright.evaluate.metrics.preprocess import fit
from pixwright.evaluate.metrics.regions import HALF
from pixwright.records.instruction import Array
from pixwright.records.region import box_in

BLACK = 2
"""A picture whose brightest value is at most this is a blackened one: safety checkers return such pictures."""
_FILES = ("made", "target", "source", "reference")
Key: TypeAlias = str | tuple[int, str]
T = TypeVar("T")
R = TypeVar("R")


class CaseBatch:
    """Pictures and vectors of some cases. It is thrown away with its batch; the backbones stay."""

    def __init__(self, cases: Sequence[Case], backbones: Backbones) -> None:
        self.cases = tuple(cases)
        self.backbones = backbones
        self._decoded: dict[Key, Array] = {}
        self._pictures: dict[str, list[Array | None]] = {}
        self._fitted: dict[str, list[tuple[Array, Array] | None]] = {}
        self._prepared: dict[tuple[str, Key], Array] = {}
        self._vectors: dict[tuple[str, str], list[Floats | None]] = {}
        self._distances: dict[tuple[str, str], list[float | None]] = {}
        self._boxes: list[tuple[int, int, int, int] | None] | None = None

    def pictures(self, role: Role) -> list[Array | None]:
        """HxWx3 uint8 of each case, None where a case has none. A failed edit is a black picture, so that it counts.

        Raises the errors of `load_picture` for a file that cannot be read.
        """
        if role not in self._pictures:
            find = {"made": self._made, "crop": self._crops, "made-inside": self._inside, "source-inside": self._inside}
            if role in find:
                self._pictures[role] = [find[role](index, role) for index in range(len(self.cases))]
            else:
                self._pictures[role] = [self._read(getattr(case, role)) for case in self.cases]
        return self._pictures[role]

    def pairs(self, other: Role = "target") -> list[tuple[Array, Array] | None]:
        """What was made, at the size of `other`, with `other`; None where `other` is missing."""
        if other not in self._fitted:
            both = zip(self.pictures("made"), self.pictures(other), strict=True)
            self._fitted[other] = [None if b is None or a is None else (fit(a, *b.shape[:2]), b) for a, b in both]
        return self._fitted[other]

    @cached_property
    def failed(self) -> list[bool]:
        """Which cases made nothing, or a black picture where the truth is not black."""
        made, target = self.pictures("made"), self.pictures("target")
        return [
            case.made is None or (_black(a) and not _black(b))
            for case, a, b in zip(self.cases, made, target, strict=True)
        ]

    def each(self, function: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """The function of every item, on every core: numpy, OpenCV and Pillow let go of the interpreter while they count."""
        threads = cv2.getNumThreads()
        # Pictures are spread over the cores already: OpenCV's own threads would only wait for each other.
        cv2.setNumThreads(1)
        try:
            with ThreadPoolExecutor() as pool:
                return list(pool.map(function, items))
        finally:
            cv2.setNumThreads(threads)

    def boxes(self) -> list[tuple[int, int, int, int] | None]:
        """Where the finder sees each case's subject in what was made; None if it does not, or if there is no subject."""
        if self._boxes is None:
            find = self.backbones.finder.find
            self._boxes = [
                find(picture, case.subject) if case.subject and picture is not None and not _black(picture) else None
                for case, picture in zip(self.cases, self.pictures("made"), strict=True)
            ]
        return self._boxes

    def vectors(self, backbone: str, what: Role | Words) -> list[Floats | None]:
        """The embedding of a role's pictures, or of captions; None where there is nothing to embed."""
        if (backbone, what) not in self._vectors:
            self.prefetch([(backbone, what)])
        return self._vectors[backbone, what]

    def prefetch(self, needs: Sequence[Need]) -> None:
        """Embed everything that several metrics will ask for: one run of each backbone over all roles' different pictures.

        Raises `WeightsMissing`, `WeightsCorrupt` or `MissingExtra` if a backbone cannot be opened.
        """
        wanted = [need for need in dict.fromkeys(needs) if need not in self._vectors]
        for backbone in dict.fromkeys(name for name, _ in wanted):
            roles = [what for name, what in wanted if name == backbone]
            self._embed_pictures(backbone, [cast(Role, what) for what in roles if what in get_args(Role)])
            self._embed_words(backbone, [cast(Words, what) for what in roles if what in get_args(Words)])

    def distances(self, backbone: str, other: Role) -> list[float | None]:
        """Perceptual distances of what was made to `other`."""
        if (backbone, other) not in self._distances:
            pairs = self.pairs(other)
            there = [pair for pair in pairs if pair is not None]
            found = iter(self.backbones.perceptual(backbone).distances([a for a, _ in there], [b for _, b in there]))
            self._distances[backbone, other] = [None if pair is None else next(found) for pair in pairs]
        return self._distances[backbone, other]

    def _embed_pictures(self, backbone: str, roles: list[Role]) -> None:
        if not roles:
            return
        embedder = self.backbones.embedder(backbone)
        keyed = {role: self._keys(role) for role in roles}
        unique: dict[Key, Array] = {}
        for role in roles:
            unique |= {
                k: p for k, p in zip(keyed[role], self.pictures(role), strict=True) if k is not None and p is not None
            }
        recipe = str(embedder.recipe)
        fresh = {k: p for k, p in unique.items() if (recipe, k) not in self._prepared}
        prepared = self.each(embedder.prepare, fresh.values())
        self._prepared.update(((recipe, k), p) for k, p in zip(fresh, prepared, strict=True))
        order = {key: index for index, key in enumerate(unique)}
        found = embedder.pictures(np.stack([self._prepared[recipe, key] for key in order])) if order else None
        for role in roles:
            self._vectors[backbone, role] = [
                None if k is None or found is None else found[order[k]] for k in keyed[role]
            ]

    def _embed_words(self, backbone: str, roles: list[Words]) -> None:
        texts = dict.fromkeys(text for role in roles for case in self.cases if (text := getattr(case, role)))
        found = self.backbones.embedder(backbone).texts(list(texts)) if texts else ()
        vectors = dict(zip(texts, found, strict=True))
        for role in roles:
            self._vectors[backbone, role] = [vectors.get(getattr(case, role)) for case in self.cases]

    def _keys(self, role: Role) -> list[Key | None]:
        """What a picture is known by: its path, its array, or its case and role; None where there is no picture."""
        out: list[Key | None] = []
        for index, (case, picture) in enumerate(zip(self.cases, self.pictures(role), strict=True)):
            given = getattr(case, role) if role in _FILES else None
            if picture is None:
                out.append(None)
            elif isinstance(given, Path):
                out.append(str(given))
            else:
                out.append((index, role) if given is None else (id(given), "array"))
        return out

    def _read(self, given: Path | Array | None) -> Array | None:
        if given is None:
            return None
        if not isinstance(given, Path):
            return _rgb(given)
        if str(given) not in self._decoded:
            from pixwright.media.load import load_picture

            self._decoded[str(given)] = _rgb(load_picture(given).pixels)
        return self._decoded[str(given)]

    def _made(self, index: int, _: str) -> Array:
        case = self.cases[index]
        found = self._read(case.made)
        if found is not None:
            return found
        like = self.pictures("target")[index]
        like = like if like is not None else self.pictures("source")[index]
        return np.zeros_like(like) if like is not None else np.zeros((512, 512, 3), np.uint8)

    def _crops(self, index: int, _: str) -> Array | None:
        box, picture = self.boxes()[index], self.pictures("made")[index]
        if box is None or picture is None:
            return None
        x0, y0, x1, y1 = box
        part = picture[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        return part if part.size else None

    def _inside(self, index: int, role: str) -> Array | None:
        mask, pair = self.cases[index].mask, self.pairs("source")[index]
        if mask is None or pair is None or (box := box_in(mask > HALF)) is None:
            return None
        x0, y0, x1, y1 = box
        return np.ascontiguousarray(pair[role == "source-inside"][y0:y1, x0:x1])


def _black(picture: Array | None) -> bool:
    return picture is not None and int(picture.max()) <= BLACK


def _rgb(picture: Array) -> Array:
    """HxWx3 uint8. Raises `InvalidImage` for floats, whose range would have to be guessed."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4):
        raise InvalidImage(
            f"a picture of {picture.dtype} {picture.shape}; metrics take HxWx3 or HxWx4 uint8 sRGB, 0 to 255; convert it first"
        )
    return np.ascontiguousarray(picture[..., :3])
