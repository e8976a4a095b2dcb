"""A static page that shows samples: pictures side by side, mask, words, scores, sounds. It needs no server and no network."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.sample import Reference, Sample

_PAGE = ("index.html", "page.css", "cards.js", "page.js")
MOST = 20_000
"""Rows of one page: what a browser holds with ease."""
_TINT = np.array([255, 30, 60], np.float32)


def write_page(samples: Iterable[Sample], folder: Path, title: str, limit: int = MOST) -> tuple[Path, int]:
    """Write the page of `samples` into the new folder `folder`: (its index.html, how many rows it shows).

    Raises InvalidOption if the folder exists and is no such page, or if there is nothing to show.
    """
    if folder.exists() and not (folder / "samples.js").exists():
        raise InvalidOption(f"{folder} exists and is not a page of samples; choose another -o")
    rows: list[dict[str, Any]] = []
    with new_page(folder) as work:
        for sample in islice(samples, limit):
            rows.append(_row(sample, work, len(rows)))
        if not rows:
            raise InvalidOption("there is no sample to show; build some with `pixwright build anyedit`")
        here = resources.files("pixwright.build").joinpath("page")
        for name in _PAGE:
            (work / name).write_bytes(here.joinpath(name).read_bytes())
        # "</" would end the script element that loads this file if a page ever inlined it.
        text = json.dumps(rows, ensure_ascii=False).replace("</", "<\\/")
        (work / "samples.js").write_text(
            f"window.TITLE = {json.dumps(title)};\nwindow.SAMPLES = {text};\n", encoding="utf-8"
        )
    return folder / "index.html", len(rows)


@contextmanager
def new_page(folder: Path) -> Iterator[Path]:
    """A folder with room for `pictures/` to write a page into. It takes `folder`'s place at the end, and is gone if an error comes between."""
    work = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(work, ignore_errors=True)
    (work / "pictures").mkdir(parents=True)
    try:
        yield work
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _row(sample: Sample, folder: Path, number: int) -> dict[str, Any]:
    name = f"{number:05}"
    facts = {
        **sample.extra,
        "step": sample.step.model_dump_json(exclude_defaults=True),
        "canvas": "" if sample.canvas is None else ", ".join(map(str, sample.canvas)),
    }
    return {
        "id": sample.id,
        "type": str(sample.type),
        "instruction": sample.instruction,
        "reasoning": sample.reasoning,
        "multimodal": sample.multimodal,
        "target": sample.target,
        "source_caption": sample.source_caption,
        "edited_caption": sample.edited_caption,
        "rejected": sample.rejected,
        "scores": {key: round(value, 5) for key, value in sorted(sample.scores.items())},
        "facts": {key: value for key, value in facts.items() if value},
        "source": _save(sample.source, folder, f"{name}-a"),
        "edited": _save(sample.edited, folder, f"{name}-b"),
        "overlay": "" if sample.mask is None else _save(overlay(sample.edited, sample.mask), folder, f"{name}-m"),
        "references": [_reference(r, folder, f"{name}-{r.number}") for r in sample.references],
        "parts": [vars(part) for part in sample.parts],
    }


def overlay(picture: Array, mask: Array) -> Array:
    """The mask as a red tint with a firm outline: HxWx3 uint8, HxW uint8 -> HxWx3 uint8."""
    weight = (mask.astype(np.float32) / 255 * 0.4)[..., None]
    tinted = (picture * (1 - weight) + _TINT * weight).astype(np.uint8)
    outlines, _ = cv2.findContours((mask > 127).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return np.asarray(cv2.drawContours(tinted, outlines, -1, (255, 30, 60), 1), np.uint8)


def _reference(reference: Reference, folder: Path, name: str) -> dict[str, Any]:
    row: dict[str, Any] = {"number": reference.number, "name": reference.name, "caption": reference.caption}
    if reference.pixels is not None:
        row["image"] = _save(reference.pixels, folder, f"{name}-r")
    if reference.samples is not None:
        import soundfile

        row["audio"] = f"pictures/{name}.ogg"
        soundfile.write(str(folder / row["audio"]), reference.samples, reference.rate, format="OGG", subtype="VORBIS")
    return row


def _save(pixels: Array, folder: Path, name: str) -> str:
    way = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
    ok, data = cv2.imencode(".webp", cv2.cvtColor(pixels, way), [cv2.IMWRITE_WEBP_QUALITY, 90])
    assert ok, "an 8-bit picture can always be encoded"
    path = f"pictures/{name}.webp"
    (folder / path).write_bytes(data.tobytes())
    return path
