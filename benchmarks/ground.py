"""How well phrases are found in real photographs, against hand-drawn outlines and boxes.

    python recipes/photos.py                                  fetch the photographs first
    python benchmarks/ground.py --split dev --sheet dev.png   tune on this one
    python benchmarks/ground.py --split test3                 measure on this one: prints totals, never a pair
    python benchmarks/ground.py --split test6                 and on this one, the newest
    python benchmarks/ground.py --write docs/grounding.md     measure dev and write the page; with --split test6, the test too

Intersection over union (IoU) of the masks at one half, of everything found and of the true outline. For several instances: the mean over the instances'
own masks, matched greedily, where a missing or a surplus one counts 0. Pairs that have boxes alone, such as all of the tests, are measured in the same way by boxes.
Nothing found is 0; right is an IoU of at least one half. A phrase of the kind `absent` names what is not in the picture: there, nothing found is right, and such
phrases are counted by themselves.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from pixwright.records.region import Region

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "golden" / "ground"
PHOTOS = ROOT / ".cache" / "photos"
LIST = ROOT / "recipes" / "photos.json"
SPLITS = {
    "dev": ("dev", "dev2", "dev3"),
    "drawn": ("dev4",),
    "asked": ("asked",),
    "persons": ("persons",),
    "former": ("test", "test2", "test5"),
    "test3": ("test3",),
    "test4": ("test4",),
    "test6": ("test6",),
}
"""Files of pairs; `dev2` was the test before, and has been tuned on since; `dev3` came last, on photographs of an old test of edits; `drawn`, which
the box outliner is trained on, has those of later ones; `asked` is what the second and third list of edits ask for, boxes alone; `persons` has hair,
skin and clothes on photographs that the labeller of people has not learnt; `former` are three
tests that are for development since; `test3`, `test4` and `test6`, the newest, have boxes alone and are of plain everyday nouns for the most part."""
OPEN = ("dev", "drawn", "asked", "persons", "former")
"""The splits that everybody may look at."""
ABSENT = "absent"
"""The kind of a phrase whose thing is not in the picture; its pair has no outline."""
GOAL, PUBLISHED = 0.85, 0.71
"""What we want, and what InstructEdit reports of its segmenter."""
HIT = 0.5
SURE = 0.6
"""A wrong mask with a score above this misleads."""
HALF = 128
"""Of a soft mask's 255."""
CELL = 360
"""Width and height of a picture on the sheet."""
ROW = 6
"""Cells in a row of it."""
SEED = 0

Pixels: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]
Pair: TypeAlias = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one pair."""

    pair: Pair
    iou: float
    seconds: float
    small: Pixels
    """What was found, in the size of the sheet: the masks of all pairs in full would be the peak of the memory."""
    score: float
    found: bool

    @property
    def right(self) -> bool:
        return self.iou >= HIT


def load_pixels(pair: Pair, folder: Path) -> Pixels:
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


def mask_iou(a: Mask, b: Mask) -> float:
    """Of two HxW masks."""
    both = int((a | b).sum())
    return int((a & b).sum()) / both if both else 0.0


def matched(table: Sequence[Sequence[float]]) -> float:
    """Mean IoU over greedily matched pairs, from a row for each that was found and a column for each true one; what is missing or too much counts 0."""
    pairs = sorted(((iou, i, j) for i, row in enumerate(table) for j, iou in enumerate(row)), reverse=True)
    used_found: set[int] = set()
    used_true: set[int] = set()
    total = 0.0
    for iou, i, j in pairs:
        if i not in used_found and j not in used_true:
            total += iou
            used_found.add(i)
            used_true.add(j)
    return total / max(len(table), len(table[0]))


def holder(polygon: list[list[int]], boxes: list[list[int]]) -> int:
    """Index of the box with most of the polygon's own box in it; of several that hold all of it, the smallest."""
    (x0, y0), (x1, y1) = np.min(polygon, 0), np.max(polygon, 0)

    def fits(index: int) -> tuple[float, float]:
        a0, b0, a1, b1 = boxes[index]
        held = max(min(x1, a1) - max(x0, a0), 0) * max(min(y1, b1) - max(y0, b0), 0)
        return held, -(a1 - a0) * (b1 - b0)

    return max(range(len(boxes)), key=fits)


def outlines(pair: Pair, height: int, width: int) -> list[Mask]:
    """The true mask of each instance; `outside` means everything but the polygons, which then are one."""
    polygons, boxes = pair["polygons"], pair.get("boxes", [])
    if len(boxes) < 2:
        owners = [0] * len(polygons)
    elif len(polygons) == len(boxes):
        owners = list(range(len(boxes)))
    else:
        owners = [holder(polygon, boxes) for polygon in polygons]
    masks = np.zeros((max(owners) + 1, height, width), np.uint8)
    for owner, polygon in zip(owners, polygons, strict=True):
        cv2.fillPoly(masks[owner], [np.array(polygon, np.int32)], 1)
    for hole in pair.get("holes", ()):
        for mask in masks:
            cv2.fillPoly(mask, [np.array(hole, np.int32)], 0)
    return [mask == (0 if pair.get("outside") else 1) for mask in masks]


def iou_of(pair: Pair, region: Region) -> float:
    """IoU of what was found with the truth, as the module's docstring says; of what is not there 1 where nothing was found, else 0."""
    if pair["kind"] == ABSENT:
        return float(not region.found)
    if not region.found:
        return 0.0
    if "polygons" in pair:
        true = outlines(pair, *region.mask.shape)
        one = len(true) == 1
        masks = [region.mask] if one else [region.instance(i) for i in range(len(region.boxes))]
        return matched([[mask_iou(mask >= HALF, outline) for outline in true] for mask in masks])
    boxes = [list(box) for box in region.boxes]
    if len(pair["boxes"]) == 1:
        boxes = [[*np.min(boxes, 0)[:2], *np.max(boxes, 0)[2:]]]
    return matched([[box_iou(box, true) for true in pair["boxes"]] for box in boxes])


def measure(pairs: list[Pair], photos: Path) -> list[Outcome]:
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
        outcomes.append(
            Outcome(pair, iou_of(pair, region), seconds, shrunk(region.mask), float(region.score), region.found)
        )
    return outcomes


def totals(outcomes: list[Outcome], split: str) -> str:
    """Markdown without any pair: one line, a table by kind, and how far the score can be relied on."""
    everything, outcomes = outcomes, [o for o in outcomes if o.pair["kind"] != ABSENT]
    hits = [o.right for o in outcomes]
    misled = np.mean([o.found and not o.right and o.score > SURE for o in outcomes])
    seconds = [o.seconds for o in outcomes]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    load = f"load {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores"
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    bins: dict[int, list[Outcome]] = defaultdict(list)
    for outcome in everything:
        kinds[outcome.pair["kind"]].append(outcome)
        if outcome.found:
            bins[min(int(outcome.score * 10), 9)].append(outcome)
    lines = [
        f"{split}: **{sum(hits)} of {len(hits)} phrases found with IoU >= {HIT}, {np.mean(hits):.1%}** (goal {GOAL:.0%}); "
        f"mean IoU {np.mean([o.iou for o in outcomes]):.3f}; {misled:.1%} are wrong with a score over {SURE}, "
        f"for {sum(not o.found for o in outcomes)} nothing was found. A phrase takes {np.median(seconds):.2f} s (median) and "
        f"{np.percentile(seconds, 90):.2f} s (90 %) at the photograph's full size ({load}); peak memory {memory} MB.",
        "",
        f"| kind | pairs | IoU >= {HIT} | mean IoU |",
        "|---|---:|---:|---:|",
    ]
    absent = kinds.pop(ABSENT, [])
    for kind, rows in sorted(kinds.items()):
        share, mean = np.mean([o.right for o in rows]), np.mean([o.iou for o in rows])
        lines.append(f"| {kind} | {len(rows)} | {share:.1%} | {mean:.3f} |")
    lines += ["", "| score | found | of them right |", "|---|---:|---:|"]
    for index, rows in sorted(bins.items()):
        lines.append(
            f"| {index / 10:.1f} to {(index + 1) / 10:.1f} | {len(rows)} | {np.mean([o.right for o in rows]):.0%} |"
        )
    if absent:
        wrong = [o.score for o in absent if o.found]
        lines += [
            "",
            f"Of {len(absent)} phrases of what is not there nothing was found for {len(absent) - len(wrong)}; "
            f"{sum(score > SURE for score in wrong)} of the others have a score over {SURE}.",
        ]
    return "\n".join([*lines, ""])


def every_pair(outcomes: list[Outcome]) -> str:
    """Markdown: a row a pair; for development alone."""
    lines = ["", "| pair | photograph | phrase | kind | IoU | score | seconds |", "|---|---|---|---|---:|---:|---:|"]
    for o in outcomes:
        iou = f"{o.iou:.2f}" if o.right else f"**{o.iou:.2f}**"
        lines.append(
            f"| {o.pair['id']} | {o.pair['photo']} | {o.pair['phrase']} | {o.pair['kind']} | {iou} | {o.score:.2f} | {o.seconds:.2f} |"
        )
    return "\n".join([*lines, ""])


def report(outcomes: list[Outcome], split: str) -> str:
    """Markdown: the totals, and every pair of what may be looked at."""
    return totals(outcomes, split) + (every_pair(outcomes) if split in OPEN else "")


def shrunk(picture: Pixels) -> Pixels:
    """In the size of a cell of the sheet."""
    scale = CELL / max(picture.shape[:2])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def overlay(outcome: Outcome, photos: Path) -> Pixels:
    """One cell of the sheet: the found mask in green, the truth in magenta, a red bar over a failure."""
    picture = load_pixels(outcome.pair, photos)
    scale = CELL / max(picture.shape[:2])
    small = shrunk(picture).astype(np.float32)
    weight = outcome.small[..., None] / 255 * 0.55
    drawn = np.ascontiguousarray((small * (1 - weight) + np.array((40, 220, 60), np.float32) * weight).astype(np.uint8))
    corners = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, y0, x1, y1 in outcome.pair.get("boxes", [])]
    for polygon in outcome.pair.get("polygons", corners):
        cv2.polylines(drawn, [np.round(np.array(polygon) * scale).astype(np.int32)], True, (255, 0, 255), 2)
    cell = np.full((CELL + 24, CELL + 8, 3), 255, np.uint8)
    cell[22 : 22 + drawn.shape[0], 4 : 4 + drawn.shape[1]] = drawn
    bar = (30, 130, 50) if outcome.right else (200, 25, 25)
    cv2.rectangle(cell, (0, 0), (CELL + 8, 20), bar, -1)
    text = f"{outcome.pair['id']} {outcome.pair['phrase']}  {outcome.iou:.2f}"
    cv2.putText(cell, text, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return cell


def write_sheet(outcomes: list[Outcome], photos: Path, target: Path) -> None:
    """All overlays in rows."""
    cells = [overlay(outcome, photos) for outcome in outcomes]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % ROW)
    sheet = np.vstack([np.hstack(cells[i : i + ROW]) for i in range(0, len(cells), ROW)])
    if not cv2.imwrite(str(target), cv2.cvtColor(sheet, cv2.COLOR_RGB2BGR)):
        sys.exit(f"{target} could not be written")


def credits() -> dict[str, str]:
    """Name -> what to write under it, of the photographs whose licence allows overlays of them to be published."""
    carriers = json.loads(LIST.read_text(encoding="utf-8"))
    return {one["name"]: one["credit"] for carrier in carriers for one in carrier["photos"] if one.get("publish")}


def publishable(outcomes: list[Outcome]) -> list[Outcome]:
    """Those that may be shown to anybody."""
    allowed = credits()
    return [o for o in outcomes if o.pair["photo"] in allowed]


def drawn_by_lot(outcomes: list[Outcome], number: int) -> list[Outcome]:
    """That many of those that may be shown, or all of them: not chosen, and the same in every run."""
    pool = publishable(outcomes)
    return random.Random(SEED).sample(pool, min(number, len(pool)))


def thanks(outcomes: list[Outcome]) -> str:
    """The credits of the photographs shown, in a sentence."""
    known = credits()
    return "Photographs: " + "; ".join(sorted({known[o.pair["photo"]] for o in outcomes})) + "."


def load_pairs(split: str) -> list[Pair]:
    """The pairs of a split."""
    return [
        pair for name in SPLITS[split] for pair in json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    ]


def shown(outcomes: list[Outcome], photos: Path, sheet: Path, which: str) -> str:
    """Draw the sheet; the Markdown that shows it."""
    write_sheet(outcomes, photos, sheet)
    return (
        f"![Overlays]({sheet.name})\n\n{which} on photographs whose licence allows it. Green: what was found; magenta: the truth; "
        f"a red bar: a failure.\n{thanks(outcomes)} Overlays stay under the photograph's licence.\n\n"
    )


def costs(photos: Path, count: int = 12) -> str:
    """Markdown: what each look at a picture costs, as a median over some development photographs. A phrase needs some of them, and none twice."""
    from pixwright.encoders.bundle import Encoders
    from pixwright.ground import see
    from pixwright.ground.outline import stands_out
    from pixwright.ground.stuff import surfaces

    encoders = Encoders()
    looks: dict[str, Any] = {
        "boxes: the detector at up to five sizes": lambda s: s.proposals,
        "classes everywhere: the classifier at three sizes": lambda s: s.masses,
        "a second, closer look of both, for what was not found": lambda s: (s.closer.proposals, s.closer.features),
        "what stands out of the whole picture: the segmenter": lambda s: s.salient,
        "one crop: the segmenter": lambda s: stands_out(s, (0.2, 0.2, 0.8, 0.8)),
        "the outline of one box: the box outliner": lambda s: s.boxed((0.2, 0.2, 0.8, 0.8)),
        "what is in one box: the classifier": lambda s: s.labels((0.2, 0.2, 0.8, 0.8)),
        "people: bodies and faces, given the boxes": lambda s: s.people,
        "superpixels": lambda s: s.pieces,
        "surfaces, given the looks above": surfaces,
    }
    spent: dict[str, list[float]] = {name: [] for name in looks}
    chosen = list({pair["photo"]: pair for pair in load_pairs("dev")}.values())[: count + 1]
    for pair in chosen:
        scene = see(load_pixels(pair, photos), encoders)
        for name, look in looks.items():
            start = time.perf_counter()
            look(scene)
            spent[name].append(time.perf_counter() - start)
    # The first photograph pays for loading the networks.
    rows = [f"| {name} | {1000 * float(np.median(seconds[1:])):.0f} |" for name, seconds in spent.items()]
    return "\n".join(["| look | ms |", "|---|---:|", *rows, ""])


MEASURED, COSTS, TUNED = "## Measured only\n", "## What each look costs\n", "## Tuned on\n"
"""The heads of the page's parts."""


def write_page(target: Path, photos: Path, lots: int, test: str | None) -> None:
    """The page: the totals of the split `test`, measured again if asked and else as the page has them, with `lots` of its overlays if any; and every pair of `dev`, with
    all overlays that may be shown."""
    if test:
        outcomes = measure(load_pairs(test), photos)
        some = drawn_by_lot(outcomes, lots)
        sheet = target.with_name(f"{target.stem}-test.jpg")
        lot = shown(some, photos, sheet, "Drawn by lot, not chosen, among the pairs") if some else ""
        measured = f"No pair is listed, so that nothing can be fitted to one.\n\n{report(outcomes, test)}\n{lot}"
    else:
        measured = target.read_text(encoding="utf-8").partition(MEASURED)[2].partition(COSTS)[0].lstrip("\n")
    dev = measure(load_pairs("dev"), photos)
    print(totals(dev, "dev"))
    every = shown(publishable(dev), photos, target.with_suffix(".jpg"), "All pairs")
    text = (
        "# How well phrases are found\n\n"
        f"Made by `python benchmarks/ground.py --write docs/{target.name}` on photographs that `python recipes/photos.py` fetches, against outlines\n"
        "and boxes drawn by hand (`tests/golden/README.md`); the part of the test with `--split test6` as well. Right is an intersection over union of at least one half: of the masks, or of the boxes where a\n"
        "pair of development has no more. Several instances are matched one to one, and a missing or a surplus one counts 0. InstructEdit\n"
        f"reports {PUBLISHED:.0%} for its segmenter, Grounding DINO with SAM, on its own pictures. The second table of each part says what a score is worth.\n\n"
        f"{MEASURED}\n{measured}"
        f"{COSTS}\nA phrase takes the looks that it needs, and none is taken twice in an edit.\n\n{costs(photos)}\n"
        f"{TUNED}\nBold: not found well enough.\n\n{by_file(dev)}{every}{report(dev, 'dev')}"
    )
    target.write_text(text, encoding="utf-8")


def by_file(outcomes: list[Outcome]) -> str:
    """Markdown: the totals of each file of pairs."""
    found = {outcome.pair["id"]: outcome for outcome in outcomes}
    lines = [
        f"| file | pairs | IoU >= {HIT} | mean IoU | wrong with a score over {SURE} |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in SPLITS["dev"]:
        rows = [found[pair["id"]] for pair in json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))]
        wrong = np.mean([o.found and not o.right and o.score > SURE for o in rows])
        right, mean = np.mean([o.right for o in rows]), np.mean([o.iou for o in rows])
        lines.append(f"| {name} | {len(rows)} | {right:.1%} | {mean:.3f} | {wrong:.1%} |")
    return "\n".join([*lines, "", ""])


def main() -> int:
    """Measure, print, and write what was asked for."""
    options = argparse.ArgumentParser(description="share of phrases found in real photographs")
    options.add_argument("--split", choices=tuple(SPLITS), default="dev")
    options.add_argument("--photos", type=Path, default=PHOTOS)
    options.add_argument("--sheet", type=Path, help="draw every overlay into this picture; not for a test")
    options.add_argument(
        "--sheet-random",
        type=int,
        default=0,
        metavar="N",
        help="only N overlays, drawn by lot among those that may be shown to anybody; for documents, when the work is done",
    )
    options.add_argument(
        "--write",
        type=Path,
        help="measure and write the page, such as docs/grounding.md, and its overlays; a test anew with --split test6",
    )
    chosen = options.parse_args()
    if chosen.sheet and chosen.split not in OPEN and not chosen.sheet_random:
        options.error("--sheet is not for a test, which nobody tunes on; --sheet-random N draws some for documents")
    if chosen.write:
        write_page(chosen.write, chosen.photos, chosen.sheet_random, None if chosen.split in OPEN else chosen.split)
        return 0
    outcomes = measure(load_pairs(chosen.split), chosen.photos)
    print(report(outcomes, chosen.split))
    if chosen.sheet:
        drawn = drawn_by_lot(outcomes, chosen.sheet_random) if chosen.sheet_random else outcomes
        write_sheet(drawn, chosen.photos, chosen.sheet)
        if chosen.sheet_random:
            print(thanks(drawn))
    return 0


if __name__ == "__main__":
    sys.exit(main())
