"""The cache of latents: every row is looked at or listened to once by the frozen networks; heads train on what they said.

A side is written in parts, each whole or not there: a killed run makes only what is missing.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pixwright.build.run.networks import encoders
from pixwright.build.sets.bench import catalogue_of
from pixwright.build.source.merged import MergedCatalogue
from pixwright.records.sample import Split
from pixwright.train.aligned.rows import SIDES, AlignedRow, Grade, RowMaker, Side, recipes_of
from pixwright.train.config import AlignedSettings

PART = 250
"""Rows of a part."""


def catalogues_of(sources: tuple[str, ...]) -> dict[Split, MergedCatalogue]:
    """Both splits of the sources."""
    return {split: catalogue_of(sources, split) for split in Split}


def make_latents(
    folder: Path, amount: AlignedSettings, sides: tuple[Side, ...] = SIDES, grade: Grade | None = None
) -> int:
    """Write the parts that are missing into `folder`; the number of rows that were made. `grade` says how good a picture is, for the side `graded`."""
    catalogues = catalogues_of(amount.sources)
    maker = RowMaker(catalogues, encoders(), amount, grade)
    made = 0
    for side in sides:
        recipes = recipes_of(side, catalogues, amount)[: amount.most or None]
        for first in range(0, len(recipes), PART):
            target = folder / f"{side}-{first // PART:04d}.npz"
            wanted = recipes[first : first + PART]
            if target.exists() and _count(target) == len(wanted):
                continue
            rows = [maker.row(side, recipe) for recipe in wanted]
            write_rows(target, rows)
            made += len(rows)
    return made


def read_latents(folder: Path, side: Side) -> list[AlignedRow]:
    """All rows of a side."""
    found: list[AlignedRow] = []
    for file in sorted(folder.glob(f"{side}-*.npz")):
        with np.load(file) as stored:
            latents, lines = stored["latents"].astype(np.float32), json.loads(bytes(stored["rows"]).decode())
        found += [
            AlignedRow(
                latent,
                row["key"],
                tuple(row["texts"]),
                tuple(row["concepts"]),
                row["trained"],
                row.get("score"),
            )
            for latent, row in zip(latents, lines, strict=True)
        ]
    return found


def _count(file: Path) -> int:
    """Rows of a part: the last one grows where more are asked for."""
    with np.load(file) as stored:
        return len(stored["latents"])


def write_rows(target: Path, rows: list[AlignedRow]) -> None:
    """One part of a side, whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        {"key": row.key, "texts": row.texts, "concepts": row.concepts, "trained": row.trained, "score": row.score}
        for row in rows
    ]
    draft = target.with_name(f".{target.name}")
    with draft.open("wb") as stream:
        np.savez(
            stream,
            latents=np.stack([row.latent for row in rows]).astype(np.float16),
            rows=np.frombuffer(json.dumps(lines).encode(), np.uint8),
        )
    draft.replace(target)


def text_latents(folder: Path, texts: list[str]) -> NDArray[np.float32]:
    """(n, 384) of texts, in their order; those that were asked for before come from the cache."""
    target = folder / "texts.npz"
    known: dict[str, NDArray[np.float32]] = {}
    if target.exists():
        with np.load(target) as stored:
            names = json.loads(bytes(stored["texts"]).decode())
            known = dict(zip(names, stored["latents"].astype(np.float32), strict=True))
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        # Rounded as the file holds them, so that the first run sees what a later one does.
        fresh = encoders().text.embed(missing).astype(np.float16).astype(np.float32)
        known |= dict(zip(missing, fresh, strict=True))
        folder.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}")
        with draft.open("wb") as stream:
            np.savez(
                stream,
                latents=np.stack(list(known.values())).astype(np.float16),
                texts=np.frombuffer(json.dumps(list(known)).encode(), np.uint8),
            )
        draft.replace(target)
    return np.stack([known[text] for text in texts])
