"""The cache of a run: examples read once, kept in memory-mapped parts.

A part is a folder: `pictures.npy` (n, 2, S, S, 3) uint8, source and edited; `rows.json`; `texts.npy` (tokens, C) and `ends.npy`, each text's tokens without the zeros
behind its end; `looks.npy` (m, cells, F) float16 of the references; `meant.npy` (k, M, D) float16, what instructions plainly mean, as the network's own reader has it; `latents.npy` (n, 2, 2, c, h, w) float16, plain and mirrored, source and edited, not scaled.
It appears whole or not at all.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.errors import InvalidOption
from pixwright.nn.network import Autoencoder
from pixwright.nn.tasks import task_of
from pixwright.records.kind import EditType
from pixwright.train.config import Data
from pixwright.train.example import TrainingExample, from_shards
from pixwright.train.readers import Readers

CAPTIONED = 3
"""Every so manyeth example has its caption read: few are shown theirs, and reading is a third of a cache's cost."""
_LEAST_CHANGE = 0.006
"""Share of the pixels that an edit must visibly change; less is a thing of four pixels."""

_READ_BY = "read_by.json"
"""sha256 of the trained parts of whatever read a part's instructions, where it has such."""

Halves: TypeAlias = NDArray[np.float16]
Ints: TypeAlias = NDArray[np.int64]


def make_parts(folder: Path, data: Data, side: int, readers: Readers, *, worker: int = 0, workers: int = 1) -> int:
    """Make what of the cache is missing; the number of examples made. `worker` of `workers` makes every so manyeth part: they may run at once."""
    folder.mkdir(parents=True, exist_ok=True)
    if readers.understand is not None:
        for part in map(CachePart, sorted(folder.glob("part-*"))[worker::workers]):
            read_again(part, readers)
    if data.shards:
        examples = from_shards(data.shards, side, worker, workers)
        if data.reasoned:
            examples = (reading for one in examples for reading in one.readings())
        return _from_stream(folder, examples, data.part, readers, worker, workers)
    from pixwright.train.scenes import Studio

    studio = Studio(side, data.seed, data.types or None, reasoned=data.reasoned)
    made = 0
    for number in range(worker, -(-data.pairs // data.part), workers):
        first, last = number * data.part, min((number + 1) * data.part, data.pairs)
        if not _part(folder, number).exists():
            seen = (one for one in studio.examples(first, last) if changes(one))
            kept = [reading for one in seen for reading in one.readings()]
            write_part(_part(folder, number), kept, readers)
            made += len(kept)
    return made


def changes(one: TrainingExample) -> bool:
    """Whether the edit is to be seen at this size."""
    differs = np.abs(one.source.astype(np.int16) - one.edited).max(axis=2) > 12
    return bool(differs.mean() >= _LEAST_CHANGE)


def _from_stream(
    folder: Path, examples: Iterator[TrainingExample], size: int, readers: Readers, worker: int, workers: int
) -> int:
    made, number = 0, worker
    while batch := list(islice(examples, size)):
        if not _part(folder, number).exists():
            write_part(_part(folder, number), batch, readers)
            made += len(batch)
        number += workers
    return made


def _part(folder: Path, number: int) -> Path:
    return folder / f"part-{number:05d}"


def write_part(folder: Path, examples: Sequence[TrainingExample], readers: Readers) -> None:
    """Write examples with what the readers say of their words and references."""
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    said, texts, read = _read_texts(examples, readers)
    tokens, ends = _ragged(read)
    meant = sorted({one.plain for one in examples}) if readers.meant is not None else []
    names: dict[str, int] = {}
    looks: list[NDArray[np.float32]] = []
    rows: list[dict[str, Any]] = []
    for k, one in enumerate(examples):
        row: dict[str, Any] = {"type": str(one.type), "flips": one.flips, "look": -1}
        row |= {"instruction": one.instruction, "caption": one.caption, "part": one.part}
        row |= {"plain": one.plain, "indirect": one.instruction == one.reasoning}
        row |= {"words": texts[_key(k, one, readers)], "says": texts[said[k]] if k in said else -1}
        if meant:
            row["meant"] = meant.index(one.plain)
        if one.reference is not None and readers.look is not None:
            name = one.reference_name or f"#{k}"
            if name not in names:
                names[name] = len(looks)
                looks.append(readers.look(one.reference))
            row["look"] = names[name]
        rows.append(row)
    if readers.meant is not None:
        np.save(draft / "meant.npy", readers.meant.read(meant).astype(np.float16))
    np.save(draft / "pictures.npy", np.stack([np.stack([e.source, e.edited]) for e in examples]))
    np.save(draft / "texts.npy", tokens)
    np.save(draft / "ends.npy", ends)
    if looks:
        np.save(draft / "looks.npy", np.stack(looks).astype(np.float16))
    (draft / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
    if readers.digests:
        (draft / _READ_BY).write_text(json.dumps(dict(readers.digests)), encoding="utf-8")
    draft.rename(folder)


def read_again(part: CachePart, readers: Readers) -> bool:
    """Read a part's instructions with their pictures anew, if another language model read them; pictures and latents stay. Whether it did."""
    assert readers.understand is not None
    if part.read_by == dict(readers.digests):
        return False
    (part.folder / _READ_BY).unlink(missing_ok=True)  # until all is there, nobody read it
    read = readers.understand([row["instruction"] for row in part.rows], list(part.pictures[:, 0]))
    tokens, ends = _ragged(np.concatenate([readers.read([""]), read]))
    np.save(part.folder / "texts.npy", tokens)
    np.save(part.folder / "ends.npy", ends)
    (part.folder / _READ_BY).write_text(json.dumps(dict(readers.digests)), encoding="utf-8")
    return True


def _read_texts(
    examples: Sequence[TrainingExample], readers: Readers
) -> tuple[dict[int, str], dict[str, int], NDArray[np.float32]]:
    """(captions by example, texts with their numbers, what was read of each (B, N, C)). Where the picture is read too, each example's text is its own, and no caption is read."""
    if readers.understand is not None:
        read = readers.understand([one.instruction for one in examples], [one.source for one in examples])
        texts = {"": 0, **{_key(k, one, readers): k + 1 for k, one in enumerate(examples)}}
        return {}, texts, np.concatenate([readers.read([""]), read])
    said = {k: one.caption for k, one in enumerate(examples) if k % CAPTIONED == 0}
    # Texts of about the same length are read together, so that few tokens are padding.
    every = sorted({"", *said.values(), *(one.instruction for one in examples)}, key=len)
    return said, {text: k for k, text in enumerate(every)}, readers.read(every)


def _key(number: int, one: TrainingExample, readers: Readers) -> str:
    return one.instruction if readers.understand is None else f"{number}: {one.instruction}"


def _ragged(tokens: NDArray[np.float32]) -> tuple[Halves, Ints]:
    """(B, N, C) -> all tokens but the zeros behind each text, and where each text ends."""
    used: NDArray[np.bool_] = np.abs(tokens).max(axis=2) > 0
    lengths = np.where(used.any(axis=1), tokens.shape[1] - used[:, ::-1].argmax(axis=1), 0)
    packed = np.concatenate([text[:length] for text, length in zip(tokens, lengths, strict=True)])
    return packed.astype(np.float16), np.cumsum(lengths).astype(np.int64)


class CachePart:
    """A part that is there. Arrays are memory-mapped."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        text = (folder / "rows.json").read_text(encoding="utf-8")
        self.rows: list[dict[str, Any]] = json.loads(text)

    def _array(self, name: str) -> NDArray[Any]:
        found: NDArray[Any] = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        return found

    @cached_property
    def read_by(self) -> dict[str, str]:
        """sha256 by name of what read the instructions; empty for encoders that come from elsewhere."""
        file = self.folder / _READ_BY
        held: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return held

    @cached_property
    def pictures(self) -> NDArray[np.uint8]:
        """(n, 2, S, S, 3)."""
        return self._array("pictures")

    @cached_property
    def latents(self) -> Halves:
        """(n, 2, 2, c, h, w)."""
        return self._array("latents")

    @cached_property
    def looks(self) -> Halves:
        """(m, cells, F)."""
        return self._array("looks")

    @cached_property
    def meant(self) -> Halves:
        """(k, M, D)."""
        return self._array("meant")

    @cached_property
    def _texts(self) -> tuple[Halves, Ints]:
        return self._array("texts"), np.load(self.folder / "ends.npy")

    def text(self, number: int, out: NDArray[np.float32]) -> None:
        """The tokens of a text, into (N, C) zeros."""
        tokens, ends = self._texts
        found = tokens[ends[number - 1] if number else 0 : ends[number]]
        out[: len(found)] = found


def parts_of(folder: Path, *, coded: bool = False) -> list[CachePart]:
    """The parts of a cache in order; `coded`: only those whose latents are there. Raises InvalidOption where there is none."""
    found = [one for one in sorted(folder.glob("part-*")) if not coded or (one / "latents.npy").exists()]
    if not found:
        raise InvalidOption(f"{folder} holds no {'encoded ' if coded else ''}part; make the cache first")
    return [CachePart(one) for one in found]


@dataclass(frozen=True, eq=False)
class Rows:
    """A batch of conditions and pictures as arrays; B rows."""

    source: NDArray[np.float32]
    """(B, c, h, w) latents, not scaled."""
    edited: NDArray[np.float32]
    words: NDArray[np.float32]
    """(B, N, C) of the instruction."""
    says: NDArray[np.float32]
    """(B, N, C) of the edited picture's caption, where it was read."""
    said: NDArray[np.bool_]
    """(B,) whether it was."""
    task: Ints
    """(B,) rows of the task table."""
    looks: NDArray[np.float32] | None
    """(B, cells, F), zeros where there is no reference; None if none is wanted."""
    referenced: NDArray[np.bool_]
    meant: NDArray[np.float32] | None = None
    """(B, M, D), what the instructions plainly mean; None where that was not read."""


class Examples:
    """The rows of a cache in one row of numbers: those for training, or the `held_out` ones at the beginning of the first part."""

    def __init__(
        self,
        parts: Sequence[CachePart],
        readers: Readers,
        *,
        held_out: int,
        validation: bool = False,
        types: Iterable[EditType] | None = None,
        looks: bool = False,
        kinds: tuple[str, ...] = (),
    ) -> None:
        """kinds: parts of ReasonPix2Pix's data, for training alone; empty: all."""
        wanted = None if types is None else {str(one) for one in types}
        self._readers, self._looks = readers, looks
        self.parts = list(parts)
        self.places = np.array(
            [
                (p, k)
                for p, part in enumerate(self.parts)
                for k, row in enumerate(part.rows)
                if (wanted is None or row["type"] in wanted)
                and validation == (p == 0 and k < held_out)
                and (validation or not kinds or row.get("part") in kinds)
            ],
            np.int64,
        ).reshape(-1, 2)
        for part in self.parts:
            if part.read_by != dict(readers.digests):
                raise InvalidOption(
                    f"the instructions of {part.folder} were read by another language model than is here; run the recipe without --no-make, which reads them again"
                )
        if not len(self.places):
            raise InvalidOption("the cache holds no example of the wanted types; make one with other proportions")

    def __len__(self) -> int:
        return len(self.places)

    def row(self, index: int) -> dict[str, Any]:
        """What rows.json says of an example."""
        part, place = self.places[index].tolist()
        held: dict[str, Any] = self.parts[part].rows[place]
        return held

    def pictures(self, index: int) -> NDArray[np.uint8]:
        """(2, S, S, 3): source and edited."""
        part, place = self.places[index].tolist()
        found: NDArray[np.uint8] = self.parts[part].pictures[place]
        return found

    def take(self, indices: Ints, flips: NDArray[np.bool_]) -> Rows:
        """A batch. A row that may not be mirrored is not, whatever `flips` says."""
        size, n, width = len(indices), self._readers.tokens, self._readers.width
        first = self.parts[0].latents.shape
        both = np.empty((size, 2, *first[3:]), np.float32)
        words, says = np.zeros((2, size, n, width), np.float32)
        task, said, referenced = np.empty(size, np.int64), np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        looks: NDArray[np.float32] | None = None
        told = self._readers.meant
        meant = None if told is None else np.zeros((size, told.tokens, told.width), np.float32)
        for k, index in enumerate(indices.tolist()):
            at, place = self.places[index].tolist()
            part = self.parts[at]
            row = part.rows[place]
            both[k] = part.latents[place, int(flips[k] and row["flips"])]
            part.text(row["words"], words[k])
            if row["says"] >= 0:
                part.text(row["says"], says[k])
                said[k] = True
            if meant is not None:
                meant[k] = part.meant[row["meant"]]
            task[k] = task_of(EditType(row["type"]))
            if self._looks and row["look"] >= 0:
                seen = part.looks[row["look"]]
                looks = np.zeros((size, *seen.shape), np.float32) if looks is None else looks
                looks[k] = seen
                referenced[k] = True
        return Rows(both[:, 0], both[:, 1], words, says, said, task, looks, referenced, meant)


def encode_parts(
    folder: Path, autoencoder: Autoencoder, digest: str, *, batch: int = 64, fast: bool = False, keep: bool = True
) -> int:
    """Encode the pictures of every part whose latents are missing or another autoencoder's; the number of parts encoded.

    `digest` identifies the autoencoder. Latents are the encoder's own, not scaled. `fast` encodes in bfloat16. Mirrored pictures are encoded where a row may be mirrored;
    elsewhere their place holds the plain ones. Without `keep` the pictures of all parts but the first, which validation looks at, are deleted once they are encoded: they are
    six times as large as their latents at published sizes.
    """
    done, first = 0, parts_of(folder)[0].folder
    for part in parts_of(folder):
        mark = part.folder / "coder.txt"
        if mark.exists() and mark.read_text(encoding="utf-8") == digest and (part.folder / "latents.npy").exists():
            continue
        if not (part.folder / "pictures.npy").exists():
            raise InvalidOption(
                f"{part.folder} was encoded by another autoencoder and its pictures are gone; make the cache again"
            )
        flat = np.asarray(part.pictures).reshape(-1, *part.pictures.shape[2:])
        plain = _encoded(flat, autoencoder, batch, fast)
        latents = np.stack([plain, plain], 1)
        flips = np.repeat([bool(row["flips"]) for row in part.rows], 2)
        if flips.any():
            latents[flips, 1] = _encoded(flat[flips][:, :, ::-1], autoencoder, batch, fast)
        latents = latents.reshape(-1, 2, *latents.shape[1:]).swapaxes(1, 2)
        draft = part.folder / ".latents.npy"
        np.save(draft, np.ascontiguousarray(latents))
        draft.replace(part.folder / "latents.npy")
        mark.write_text(digest, encoding="utf-8")
        if not keep and part.folder != first:
            del flat, part.pictures
            (part.folder / "pictures.npy").unlink()
        done += 1
    return done


def _encoded(pictures: NDArray[np.uint8], autoencoder: Autoencoder, batch: int, fast: bool) -> Halves:
    """(n, S, S, 3) -> (n, c, h, w)."""
    import torch

    from pixwright.nn.codec import encode
    from pixwright.train.autoencoder import to_pixels

    device = next(autoencoder.parameters()).device
    coded = []
    for first in range(0, len(pictures), batch):
        pixels = to_pixels(torch.from_numpy(np.array(pictures[first : first + batch]))).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=fast):
            coded.append(encode(autoencoder, pixels, scaled=False).half().cpu().contiguous().numpy())
    return np.concatenate(coded)
