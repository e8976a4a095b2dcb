"""Examples as a list: `examples.jsonl`, a line each, with files beside it. For benchmarks of which no files were published, and for your own.

A line is {"picture": FILE, "instruction": ...} and any of: "id", "target", "caption", "source_caption", "mask", "attachments": [FILE, ...],
"attachment_captions": [TEXT, ...], "subject", "groups": {NAME: VALUE}, "cluster", "variations": [INSTRUCTION, ...] (other wordings of the same edit: a row each) and "reasoning"
(an indirect wording, for the benchmarks that ask both).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.errors import InvalidOption, PixwrightError
from pixwright.evaluate.readers.files import beside, read_lines
from pixwright.evaluate.run.example import BenchmarkExample, pixels_of
from pixwright.media import load_attachment, load_mask, load_picture
from pixwright.records.instruction import Array, PictureAttachment

_FIELDS = {
    "id", "picture", "instruction", "target", "caption", "source_caption", "mask", "attachments", "subject", "groups", "cluster",
    "variations", "reasoning", "attachment_captions",
}  # fmt: skip


def listed(folder: Path) -> Iterator[BenchmarkExample]:
    """Each line, and a further row for each variation. Raises `InvalidOption`, naming the line's number, for what is not as above."""
    for example, row in _rows(folder):
        yield replace(example, groups={**example.groups, **({"wording": "1"} if "variations" in row else {})})
        for number, text in enumerate(row.get("variations", ()), 2):
            yield replace(
                example,
                key=f"{example.key}-v{number}",
                instruction=str(text),
                cluster=example.cluster or example.key,
                groups={**example.groups, "wording": str(number)},
            )


def reasoning(folder: Path) -> Iterator[BenchmarkExample]:
    """Each line with its indirect wording. Raises as `listed`, and for a line without one."""
    for example, row in _rows(folder):
        if not row.get("reasoning"):
            raise InvalidOption(f"example '{example.key}' of {folder} has no 'reasoning'; every line needs one here")
        yield replace(example, instruction=str(row["reasoning"]))


def in_words(folder: Path) -> Iterator[BenchmarkExample]:
    """Each line with `[1]`, `[2]`, ... put into words by `attachment_captions`, and without attachments. Raises as `listed`, and where one is missing."""
    for example, row in _rows(folder):
        text, captions = example.instruction, row.get("attachment_captions", [])
        if len(captions) != len(example.attachments):
            raise InvalidOption(f"example '{example.key}' of {folder} needs a caption for each of its attachments")
        for number, caption in enumerate(captions, 1):
            text = text.replace(f"[{number}]", str(caption))
        yield replace(example, instruction=text, attachments=())


def _rows(folder: Path) -> Iterator[tuple[BenchmarkExample, dict[str, Any]]]:
    for number, row in enumerate(read_lines(folder / "examples.jsonl", "a list of examples"), 1):
        where = f"{folder / 'examples.jsonl'}, example {number}"
        unknown = sorted(set(row) - _FIELDS)
        if unknown:
            raise InvalidOption(f"{where} has {unknown[0]!r}; allowed: {', '.join(sorted(_FIELDS))}")
        if not isinstance(row.get("picture"), str) or not isinstance(row.get("instruction"), str):
            raise InvalidOption(f"{where} needs 'picture' and 'instruction'")
        yield _example(folder, number, row), row


def _example(folder: Path, number: int, row: dict[str, Any]) -> BenchmarkExample:
    source = beside(folder, row["picture"])
    attachments = tuple(load_attachment(beside(folder, name)) for name in row.get("attachments", ()))
    mask, note = _mask(beside(folder, row["mask"]), source) if row.get("mask") else (None, "")
    shown = next(
        (np.ascontiguousarray(a.pixels[..., :3]) for a in attachments if isinstance(a, PictureAttachment)), None
    )
    return BenchmarkExample(
        key=str(row.get("id") or f"{number:05d}"),
        instruction=row["instruction"],
        source=source,
        target=beside(folder, row["target"]) if row.get("target") else None,
        caption=row.get("caption") or "",
        source_caption=row.get("source_caption") or "",
        subject=row.get("subject") or "",
        reference=shown if row.get("subject") else None,
        mask=mask,
        note=note,
        attachments=attachments,
        groups={str(k): str(v) for k, v in row.get("groups", {}).items()},
        cluster=row.get("cluster") or "",
    )


def _mask(file: Path, source: Path) -> tuple[Array | None, str]:
    """The mask in the picture's size; or None, and why the row counts as one without a mask."""
    try:
        height, width = pixels_of(source).shape[:2]
        held = load_picture(file).pixels
        small, narrow = held.shape[:2]
        if (small, narrow) != (height, width) and abs(small * width - narrow * height) <= max(height, width):
            held = cv2.resize(held, (width, height), interpolation=cv2.INTER_NEAREST)
        return load_mask(held, height, width), ""
    except PixwrightError as problem:
        return None, f"its mask is left out: {problem}"
