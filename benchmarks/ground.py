"""How well phrases are found in real photographs, against hand-drawn boxes and outlines.

    python recipes/photos.py                                              fetch the photographs first
    python benchmarks/ground.py --split dev --sheet dev.png               tune on this one
    python benchmarks/ground.py --split test --write docs/grounding.md    measure on this one

Intersection over union (IoU): of the boxes around everything found and around the true object; for several instances the mean over the pairs matched
greedily, where a missing or a surplus box counts 0; for stuff (an outline) of the masks at one half. Nothing found is 0.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "ground"
PHOTOS = ROOT / ".cache" / "photos"
GOAL = 0.71
"""InstructEdit's segmenter."""
HIT = 0.5
CELL = 360
"""Width and height of a picture on the sheet."""

Pixels: TypeAlias = NDArray[np.uint8]

SHAREABLE = {"astronaut.png", "chelsea.png", "china.jpg", "coffee.png", "flower.jpg", "rocket.jpg"}
"""Photographs whose licence allows overlays of them to be published here."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one pair."""

    pair: dict[str, Any]
    iou: float
    seconds: float
    mask: Pixels
    score: float


def load_pixels(pair: dict[str, Any], folder: Path) -> Pixels:
    """The pair's photograph, HxWx3 uint8 RGB; the program ends when it is missing or another one."""
    path = folder / pair["photo"]
    if not path.is_file():
        sys.exit(f"{path} is missing; run: python recipes/photos.py")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != pair["sha256"]:
        sys.exit(f"{path} is not the photograph that was measured by hand; delete it and run: python recipes/photos.py")
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    assert decoded is not None
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), np.uint8)


def box_iou(a: list[int], b: list[int]) -> float:
    """Of two XYXY boxes."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / both if both else 0.0


def matched_iou(found: list[list[int]], true: list[list[int]]) -> float:
    """Mean over greedily matched pairs; what is missing or too much counts 0."""
    pairs = sorted(((box_iou(f, t), i, j) for i, f in enumerate(found) for j, t in enumerate(true)), reverse=True)
    used_found: set[int] = set()
    used_true: set[int] = set()
    total = 0.0
    for iou, i, j in pairs:
        if i not in used_found and j not in used_true:
            total += iou
            used_found.add(i)
            used_true.add(j)
    return total / max(len(found), len(true))


def outline_mask(pair: dict[str, Any], height: int, width: int) -> NDArray[np.bool_]:
    """The true region of a pair with polygons; `outside` means everything but them."""
    mask = np.zeros((height, width), np.uint8)
    for polygon in pair["polygons"]:
        cv2.fillPoly(mask, [np.array(polygon, np.int32)], 1)
    return np.asarray(mask == (0 if pair.get("outside") else 1), np.bool_)


def iou_of(pair: dict[str, Any], boxes: list[list[int]], mask: Pixels) -> float:
    """IoU of what was found (XYXY boxes, HxW mask) with the truth, as the module's docstring says."""
    if not boxes or not mask.any():
        return 0.0
    if "polygons" in pair:
        true, found = outline_mask(pair, *mask.shape), mask >= 128
        return float((true & found).sum() / (true | found).sum())
    if len(pair["boxes"]) > 1:
        return matched_iou(boxes, pair["boxes"])
    columns = list(zip(*boxes, strict=True))
    return box_iou([min(columns[0]), min(columns[1]), max(columns[2]), max(columns[3])], pair["boxes"][0])


def measure(pairs: list[dict[str, Any]], photos: Path) -> list[Outcome]:
    """Ground every phrase, each as a first look at its picture; the networks are loaded before the clock starts."""
    from pixwright.encoders.bundle import Encoders
    from pixwright.ground import ground

    encoders = Encoders()
    ground(np.full((96, 128, 3), 120, np.uint8), "the cat", encoders)
    outcomes = []
    for pair in pairs:
        picture = load_pixels(pair, photos)
        start = time.perf_counter()
        region = ground(picture, pair["phrase"], encoders)
        seconds = time.perf_counter() - start
        boxes = [list(box) for box in region.boxes] if region.found else []
        outcomes.append(Outcome(pair, iou_of(pair, boxes, region.mask), seconds, region.mask, region.score))
    return outcomes


def report(outcomes: list[Outcome], split: str) -> str:
    """Markdown: the totals, by kind, and every pair."""
    hits = [o.iou >= HIT for o in outcomes]
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kinds[outcome.pair["kind"]].append(outcome)
    lines = [
        f"{split}: **{sum(hits)} of {len(hits)} phrases found with IoU >= {HIT}, {np.mean(hits):.1%}** (goal {GOAL:.0%}); "
        f"mean IoU {np.mean([o.iou for o in outcomes]):.3f}; median {np.median([o.seconds for o in outcomes]):.2f} s a phrase at the photograph's full size.",
        "",
        "| kind | pairs | IoU >= 0.5 | mean IoU |",
        "|---|---:|---:|---:|",
    ]
    for kind, rows in sorted(kinds.items()):
        lines.append(
            f"| {kind} | {len(rows)} | {sum(o.iou >= HIT for o in rows)} | {np.mean([o.iou for o in rows]):.3f} |"
        )
    lines += ["", "| pair | photograph | phrase | kind | IoU | score | seconds |", "|---|---|---|---|---:|---:|---:|"]
    for o in outcomes:
        iou = f"{o.iou:.2f}" if o.iou >= HIT else f"**{o.iou:.2f}**"
        lines.append(
            f"| {o.pair['id']} | {o.pair['photo']} | {o.pair['phrase']} | {o.pair['kind']} | {iou} | {o.score:.2f} | {o.seconds:.2f} |"
        )
    return "\n".join([*lines, ""])


def overlay(outcome: Outcome, photos: Path) -> Pixels:
    """One cell of the sheet: the found mask in green, the truth in magenta, a red bar over a failure."""
    picture = load_pixels(outcome.pair, photos)
    height, width = picture.shape[:2]
    scale = CELL / max(height, width)
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight = cv2.resize(outcome.mask, size, interpolation=cv2.INTER_AREA)[..., None] / 255 * 0.55
    drawn = np.ascontiguousarray((small * (1 - weight) + np.array((40, 220, 60), np.float32) * weight).astype(np.uint8))
    for x0, y0, x1, y1 in (np.array(box) * scale for box in outcome.pair.get("boxes", [])):
        cv2.rectangle(drawn, (round(x0), round(y0)), (round(x1), round(y1)), (255, 0, 255), 2)
    for polygon in outcome.pair.get("polygons", []):
        cv2.polylines(drawn, [np.round(np.array(polygon) * scale).astype(np.int32)], True, (255, 0, 255), 2)
    cell = np.full((CELL + 24, CELL + 8, 3), 255, np.uint8)
    cell[22 : 22 + size[1], 4 : 4 + size[0]] = drawn
    bar = (30, 130, 50) if outcome.iou >= HIT else (200, 25, 25)
    cv2.rectangle(cell, (0, 0), (CELL + 8, 20), bar, -1)
    text = f"{outcome.pair['id']} {outcome.pair['phrase']}  {outcome.iou:.2f}"
    cv2.putText(cell, text, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return cell


def write_sheet(outcomes: list[Outcome], photos: Path, target: Path) -> None:
    """All overlays, six a row."""
    cells = [overlay(outcome, photos) for outcome in outcomes]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % 6)
    sheet = np.vstack([np.hstack(cells[i : i + 6]) for i in range(0, len(cells), 6)])
    if not cv2.imwrite(str(target), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR)):
        sys.exit(f"{target} could not be written")


def load_pairs(split: str) -> list[dict[str, Any]]:
    """The pairs of a split."""
    return json.loads((GOLDEN / f"{split}.json").read_text(encoding="utf-8"))


def write_page(target: Path, photos: Path) -> None:
    """Both splits' tables, and beside the page the overlays on photographs that may be shown to anybody, failures included."""
    splits = {split: measure(load_pairs(split), photos) for split in ("test", "dev")}
    sheet = target.with_suffix(".jpg")
    write_sheet([o for each in splits.values() for o in each if o.pair["photo"] in SHAREABLE], photos, sheet)
    tables = {split: report(outcomes, split) for split, outcomes in splits.items()}
    print("\n".join(tables.values()))
    text = (
        "# How well phrases are found\n\n"
        f"Made by `python benchmarks/ground.py --write docs/{target.name}` on photographs that `python recipes/photos.py` fetches, against boxes and\n"
        "outlines drawn by hand (`tests/golden/README.md`). Bold: not found well enough. The goal of 71% is the accuracy that InstructEdit\n"
        "reports of its segmenter, Grounding DINO with SAM, on its own pictures.\n\n"
        f"![Overlays](" + sheet.name + ")\n\n"
        "Green: what was found; magenta: the truth; a red bar: a failure. Shown are the pairs on photographs whose licence allows it (NASA, SpaceX;\n"
        "CC0 S. van der Walt, R. Michetti; CC-BY-2.0 danielbuechele, vultilion).\n\n"
        f"## Measured only\n\n{tables['test']}\n## Tuned on\n\n{tables['dev']}"
    )
    target.write_text(text, encoding="utf-8")


def main() -> int:
    """Measure, print, and write what was asked for."""
    options = argparse.ArgumentParser(description="share of phrases found in real photographs")
    options.add_argument("--split", choices=("dev", "test"), default="dev")
    options.add_argument("--photos", type=Path, default=PHOTOS)
    options.add_argument("--sheet", type=Path, help="draw every overlay into this picture")
    options.add_argument(
        "--write", type=Path, help="measure both splits and write the page, such as docs/grounding.md, and its overlays"
    )
    chosen = options.parse_args()
    if chosen.write:
        write_page(chosen.write, chosen.photos)
        return 0
    outcomes = measure(load_pairs(chosen.split), chosen.photos)
    print(report(outcomes, chosen.split))
    if chosen.sheet:
        write_sheet(outcomes, chosen.photos, chosen.sheet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
