"""The static page of a run: every edit with its pictures and values, worst cases first. It needs no server and no network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

import cv2

from pixwright.build.run.browse import new_page
from pixwright.evaluate.report.results import ResultRow, Results, cost, summarise
from pixwright.evaluate.run.example import BenchmarkExample, pixels_of
from pixwright.evaluate.run.task import JUDGEMENTS
from pixwright.journal import read_journal
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array, PictureAttachment

FOLDER = "report"
MOST = 2_000
"""Rows of a page; of more, the worst by the first metric."""
SIDE = 384
"""Longer side of its pictures, in pixels; the results themselves lie beside, whole."""


def write_report(results: Results, samples: Callable[[], Iterable[BenchmarkExample]]) -> Path:
    """Write `report/` into the run's folder and return its index.html. Raises what reading the data raises."""
    folder = results.folder / FOLDER
    shown = worst_first(results)[:MOST]
    wanted = {row.key: number for number, row in enumerate(shown)}
    told: list[dict[str, Any]] = [{} for _ in shown]
    files = {edit["key"]: edit["file"] for edit in results.edits}
    said = _said(results)
    with new_page(folder) as work:
        for example in samples():
            number = wanted.pop(example.key, None)
            if number is not None:
                made = _row(results, shown[number], example, files, work, number)
                told[number] = made | {"said": said.get(example.key, [])}
            if not wanted:
                break
        _write(work, results, [row for row in told if row])
    return folder / "index.html"


def worst_first(results: Results) -> list[ResultRow]:
    """Rows by the first metric, the worst at the head, those without a value at the end."""
    if not results.metrics:
        return list(results.rows)
    name = results.metrics[0]
    sign = 1 if results.about[name].higher_is_better else -1

    def rank(row: ResultRow) -> tuple[bool, float, str]:
        value = row.values.get(name)
        return value is None, sign * (value or 0.0), row.key

    return sorted(results.rows, key=rank)


def _write(work: Path, results: Results, rows: list[dict[str, Any]]) -> None:
    summary = summarise(results)
    head = {
        "title": f"{results.record['suite']}: {results.name}",
        "metrics": [
            {"name": name, **asdict(results.about[name]), **asdict(one), "margin": one.margin}
            for name, one in summary.intervals.items()
        ],
        "rows": summary.rows,
        "failed": summary.failed,
        "cost": cost(results),
        "record": {name: value for name, value in results.record.items() if name != "judges"},
    }
    # "</" would end the script element that loads this file if a page ever inlined it.
    data = f"window.RUN = {json.dumps(head, ensure_ascii=False)};\nwindow.EDITS = {json.dumps(rows, ensure_ascii=False)};\n"
    (work / "edits.js").write_text(data.replace("</", "<\\/"), encoding="utf-8")
    own, shared = (
        resources.files("pixwright.evaluate").joinpath("page"),
        resources.files("pixwright.build").joinpath("page"),
    )
    (work / "index.html").write_bytes(own.joinpath("index.html").read_bytes())
    (work / "cards.js").write_bytes(shared.joinpath("cards.js").read_bytes())
    (work / "page.js").write_bytes(own.joinpath("page.js").read_bytes())
    (work / "page.css").write_bytes(shared.joinpath("page.css").read_bytes() + own.joinpath("page.css").read_bytes())


def _row(
    results: Results, row: ResultRow, example: BenchmarkExample, files: dict[str, str], work: Path, number: int
) -> dict[str, Any]:
    before = results.folder / "pictures" / files[example.previous] if example.previous else example.source
    name = f"{number:05}"
    references = [one for one in example.attachments if isinstance(one, PictureAttachment)]
    return {
        "key": row.key,
        "instruction": row.instruction,
        "status": row.status,
        "reason": row.reason,
        "failed": row.failed,
        "groups": row.groups,
        "seconds": row.seconds,
        "file": f"../pictures/{row.file}",
        "caption": example.caption,
        "source_caption": example.source_caption,
        "values": {key: None if value is None else round(value, 5) for key, value in row.values.items()},
        "source": _save(pixels_of(before), work, f"{name}-a"),
        "made": _save(pixels_of(results.folder / "pictures" / row.file), work, f"{name}-b"),
        "target": "" if example.target is None else _save(pixels_of(example.target), work, f"{name}-c"),
        "references": [_save(pixels_of(one.pixels), work, f"{name}-{n}") for n, one in enumerate(references, 1)],
    }


def _said(results: Results) -> dict[str, list[dict[str, Any]]]:
    """What judges wrote of each edit's last result."""
    made = {edit["key"]: edit["sha256"] for edit in results.edits}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in read_journal(results.folder / JUDGEMENTS):
        if made.get(row.get("key", "")) == row.get("made"):
            found.setdefault(row["key"], []).append({name: row.get(name) for name in ("judge", "model", "asked")})
    return found


def _save(pixels: Array, work: Path, name: str) -> str:
    ok, data = cv2.imencode(
        ".jpg", cv2.cvtColor(shrink(pixels, SIDE), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 90]
    )
    assert ok, "an 8-bit picture can always be encoded"
    path = f"pictures/{name}.jpg"
    (work / path).write_bytes(data.tobytes())
    return path
