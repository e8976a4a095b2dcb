"""Train the labeller of people on boxes of photographs that were named by hand, measure it on packages that it has not learnt, and write it into the package.

    python recipes/photos.py
    python recipes/photos.py --list recipes/train/named/photos.json
    python -m recipes.train.worn cells --out out/worn        # what the packaged networks see of people, and what is known of it; half an hour
    python -m recipes.train.worn score --out out/worn        # four folds by package
    python -m recipes.train.worn write --out out/worn        # on all, into the package; then `python -m recipes.convert.register`

The box outliner draws what the boxes hold, and `tests/golden/ground/dev*.json` has outlines by hand. What lies on nobody, or on somebody else, is `other`; what a face's mesh encloses and
has the colour of skin is face; the rest of a body says nothing. No photograph of a test is among them. Needs the extra `torch`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from recipes.train import naming

from pixwright.encoders.boxed.frames import SIDE, shown
from pixwright.encoders.bundle import Encoders
from pixwright.encoders.heads import linear, load, save
from pixwright.encoders.worn.labeller import CELLS, LABELS, LEVELS, Floats, WornLabeller, tamed
from pixwright.ground.colour import skin_odds
from pixwright.ground.geometry import Frame, square
from pixwright.ground.grounder import known
from pixwright.ground.persons import Person, hull, mesh
from pixwright.ground.persons.bodies import masks_of
from pixwright.ground.persons.labelled import PLACES, body_frame, bust_frame, place_of
from pixwright.ground.scene import Scene, see
from pixwright.train.naming.samples import read_rows
from pixwright.train.worn import train
from pixwright.words import read

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import ground as benchmark  # noqa: E402

TARGET = ROOT / "src/pixwright/weights/data/worn.npz"
DRAWN = ("dev", "dev2", "dev3", "dev4", "asked")
LISTS = (ROOT / "recipes/photos.json", ROOT / "recipes/train/named/photos.json")
WIDTHS = {"grid": 1280, "mid": 120, "stride8": 48, "stride4": 24, "place": PLACES}
FOLDS, FOLD = 4, "worn-{}.npz"
OF_ZONE = {
    "chin": "beard", "lip": "beard", "head": "headwear", "eyes": "eyewear", "upper": "inner", "over": "outer", "coat": "outer", "all": "dress",
    "lower": "lower", "feet": "feet", "neck": "neckwear",
}  # fmt: skip
"""Where on the body a thing is worn -> its label."""
OF_PART = {"hair": "hair", "face": "face", "hand": "limb", "arm": "limb", "leg": "limb", "foot": "limb"}
NOT_SO = (
    "headphones",
    "hood",
    "collar",
    "necklace",
    "medal",
    "suit",
    "clothes",
    "clothing",
    "outfit",
    "bikini",
    "swimsuit",
)
"""What is worn there and is not what the label means, or is of several labels."""
UNKNOWN = 255
PEOPLE, VIEWS = 6, 2
"""So many people of a photograph are looked at, each so often from each side."""
OWN, BARELY, OTHERS, LITTLE = 0.4, 0.1, 0.4, 0.25
"""Share of a thing on a body from which it is that person's; at least if it is more than on any other's; and on another's, from which it is not, if less than the last is on this."""
BESIDE, FINE, MOST = 0.05, 4, 0.6
"""Of a box's sides: what an outline may reach beyond it; points of a cell's side that are asked; and the share of them that must agree."""
SKIN, MAYBE_SKIN = -0.5, -1.0
CELLS_OF, CELLS_OF_OTHER = 50, 60
"""Most cells of one label in a crop."""


@dataclass(frozen=True, eq=False)
class WornThing:
    """Something of somebody in the small picture: its label's number, or UNKNOWN, and where it is (h, w)."""

    label: int
    mask: NDArray[np.bool_]


def label_of(noun: str) -> str | None:
    """The label of what a noun names; None where it has none."""
    thing = read(f"the {noun}")
    entry = known(thing)
    if entry is None or thing.head.rpartition(" ")[2] in NOT_SO:
        return None
    if entry.is_("bag") or entry.worn == "back":
        return "other"
    return OF_ZONE.get(entry.worn) or OF_PART.get(entry.part)


def boxed(scene: Scene, box: Frame) -> NDArray[np.bool_]:
    """(h, w): what the box outliner sees in a box."""
    height, width = scene.shape
    x0, y0, x1, y1 = box
    dx, dy = BESIDE * (x1 - x0), BESIDE * (y1 - y0)
    out = np.zeros(scene.shape, bool)
    rows = slice(max(0, int((y0 - dy) * height)), int(np.ceil((y1 + dy) * height)))
    columns = slice(max(0, int((x0 - dx) * width)), int(np.ceil((x1 + dx) * width)))
    out[rows, columns] = scene.boxed(box)[rows, columns] > 0
    return out


def drawn(pair: dict, scene: Scene) -> NDArray[np.bool_] | None:
    """(h, w): the thing of a pair of development: its outline, or what the box outliner sees in its box. None where several are meant."""
    height, width = scene.picture.shape[:2]
    if "polygons" not in pair:
        if len(pair["boxes"]) != 1:
            return None
        x0, y0, x1, y1 = pair["boxes"][0]
        return boxed(scene, (x0 / width, y0 / height, x1 / width, y1 / height))
    out = np.zeros(scene.shape, np.uint8)
    stretch = np.array([scene.shape[1] / width, scene.shape[0] / height])
    for polygon in pair["polygons"]:
        cv2.fillPoly(out, [np.round(np.array(polygon) * stretch).astype(np.int32)], (1.0,))
    return out > 0


def things_of(scene: Scene, named: Sequence, pairs: Sequence[dict]) -> list[WornThing]:
    """What is known of a photograph: what nobody knows first, then large before small, which lie on them. `named`: its named boxes."""
    skin = skin_odds(scene.lab) > SKIN
    found = []
    told = [(label_of(box.names[0]), box.box, box.whole, None) for box in named if box.names]
    told += [(label_of(read(pair["phrase"]).head), None, True, pair) for pair in pairs]
    for label, box, whole, pair in told:
        if label is None:
            continue
        if box is not None and not whole:
            found.append(WornThing(UNKNOWN, filled(box, scene.shape)))
            continue
        mask = drawn(pair, scene) if pair is not None else boxed(scene, box)
        if mask is not None:
            found.append(WornThing(LABELS.index(label), mask & skin if label == "limb" else mask))
    found = [one for one in found if one.mask.any()]
    return sorted(found, key=lambda one: (one.label != UNKNOWN, -int(one.mask.sum())))


def filled(box: Frame, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """(h, w): a box."""
    out = np.zeros(shape, bool)
    height, width = shape
    out[int(box[1] * height) : int(box[3] * height) + 1, int(box[0] * width) : int(box[2] * width) + 1] = True
    return out


def labelled(scene: Scene, things: Sequence[WornThing], people: Sequence[Person]) -> list[NDArray[np.uint8]]:
    """(h, w) for each person: the label of each place as this person's, or UNKNOWN. Nothing is known of whoever has none of the things."""
    bodies = [mask > 0.5 for mask in masks_of(scene, people)]
    outlines = [person.outline > 0.3 for person in scene.people if person.outline is not None]
    nobody = cv2.dilate(np.any([*bodies, *outlines], axis=0).astype(np.uint8), square(9)) == 0
    out = []
    for number, (person, body) in enumerate(zip(people, bodies, strict=True)):
        own = np.full(scene.shape, UNKNOWN, np.uint8)
        own[nobody] = 0
        near = cv2.dilate(body.astype(np.uint8), square(5)) > 0
        for other in (one for i, one in enumerate(bodies) if i != number):
            own[other & ~near] = 0
        face = LABELS.index("face")
        if person.face is not None:
            skin = skin_odds(scene.lab) > MAYBE_SKIN
            inside = cv2.erode((hull(person.face.points[mesh()["face"]], scene.shape) > 0.5).astype(np.uint8), square())
            own[(inside > 0) & skin] = face
        for thing in things:
            shares = [float((thing.mask & one).sum()) / float(thing.mask.sum()) for one in bodies]
            others = max((share for i, share in enumerate(shares) if i != number), default=0.0)
            mine = shares[number] >= OWN or (shares[number] >= others and shares[number] > BARELY)
            if thing.label == UNKNOWN:
                own[thing.mask & (own != face)] = UNKNOWN
            elif mine:
                own[thing.mask] = thing.label
            else:
                own[thing.mask] = 0 if thing.label == 0 or (others > OTHERS and shares[number] < LITTLE) else UNKNOWN
        out.append(own if np.isin(own, range(1, len(LABELS))).any() else np.full(scene.shape, UNKNOWN, np.uint8))
    return out


def sampled(labels: NDArray[np.uint8], frame: Frame) -> NDArray[np.uint8]:
    """(CELLS, CELLS): what most of each cell of a frame is."""
    height, width = labels.shape
    at = (np.arange(CELLS * FINE) + 0.5) / (CELLS * FINE)
    x = np.floor((frame[0] + at * (frame[2] - frame[0])) * width).astype(int)[None]
    y = np.floor((frame[1] + at * (frame[3] - frame[1])) * height).astype(int)[:, None]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    points = np.where(inside, labels[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], UNKNOWN)
    points = points.reshape(CELLS, FINE, CELLS, FINE).swapaxes(1, 2).reshape(CELLS, CELLS, -1)
    counts = np.stack([(points == label).mean(-1) for label in range(len(LABELS))], -1)
    return np.where(counts.max(-1) > MOST, counts.argmax(-1), UNKNOWN).astype(np.uint8)


def shaken(frame: Frame, rng: np.random.Generator) -> Frame:
    """A frame a little elsewhere, larger or smaller, and of another shape."""
    x0, y0, x1, y1 = frame
    wide, tall = (x1 - x0) * np.exp(rng.normal(0, 0.15)), (y1 - y0) * np.exp(rng.normal(0, 0.15))
    x, y = (x0 + x1) / 2 + rng.normal(0, 0.05) * wide, (y0 + y1) / 2 + rng.normal(0, 0.05) * tall
    return float(x - wide / 2), float(y - tall / 2), float(x + wide / 2), float(y + tall / 2)


def tinged(crop: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A crop in another light."""
    bent = (crop.astype(np.float32) / 255) ** np.exp(rng.normal(0, 0.2)) * np.exp(rng.normal(0, 0.08, 3))
    return (np.clip(bent, 0, 1) * 255).astype(np.uint8)


def mirrored(scene: Scene, person: Person) -> tuple[Scene, Person]:
    """A picture and somebody in it, left and right exchanged."""
    wide = scene.shape[1]
    x0, y0, x1, y1 = person.box
    turned = replace(person, box=(1 - x1, y0, 1 - x0, y1))
    if person.outline is not None:
        turned = replace(turned, outline=np.ascontiguousarray(person.outline[:, ::-1]))
    if person.points is not None:
        order = [0, 4, 5, 6, 1, 2, 3, *(i + 1 if i % 2 else i - 1 for i in range(7, len(person.points)))]
        turned = replace(turned, points=person.points[order] * [-1, 1, 1] + np.float32([wide, 0, 0]))
    if person.face is not None:
        points = person.face.points * np.float32([-1, 1]) + np.float32([wide, 0])
        turned = replace(turned, face=replace(person.face, points=points))
    flipped = see(np.ascontiguousarray(scene.picture[:, ::-1]), scene.encoders)
    return flipped, turned


def read_at(grid: Floats, cells: NDArray[np.int64]) -> Floats:
    """(k, C): a grid (h, w, C), drawn to CELLS x CELLS, at cells (k, 2)."""
    (y, x), (height, width) = cells.T, grid.shape[:2]
    y, x = (np.clip((v + 0.5) * n / CELLS - 0.5, 0, n - 1) for v, n in ((y, height), (x, width)))
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    low, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    down, across = (y - top)[:, None], (x - left)[:, None]
    upper = grid[top, left] * (1 - across) + grid[top, right] * across
    lower = grid[low, left] * (1 - across) + grid[low, right] * across
    return np.asarray(upper * (1 - down) + lower * down, np.float32)


def views(scene: Scene, person: Person, labels: NDArray[np.uint8], rng: np.random.Generator) -> Iterator[tuple[Floats, NDArray[np.uint8]]]:  # fmt: skip
    """Cells of crops about somebody, from near and far and mirrored: their features (k, all) and their labels (k,)."""
    turned, other = mirrored(scene, person)
    for side, who, own in ((scene, person, labels), (turned, other, labels[:, ::-1])):
        for frame in (body_frame(who), bust_frame(side, who)):
            for view in range(VIEWS):
                plain = view == 0 and side is scene
                place = frame if plain else shaken(frame, rng)
                told = sampled(own, place)
                if not np.isin(told, range(1, len(LABELS))).any():
                    continue
                crop = shown(side.middling, place, SIDE)
                crop = crop if plain else tinged(crop, rng)
                where = [np.argwhere(told == label) for label in range(len(LABELS))]
                most = [CELLS_OF if label else CELLS_OF_OTHER for label in range(len(LABELS))]
                cells = np.concatenate([at[rng.permutation(len(at))[:n]] for at, n in zip(where, most, strict=True)])
                levels = side.encoders.picture.levels(crop)
                seen = [read_at(tamed(levels[name][0].transpose(1, 2, 0)), cells) for name in LEVELS]
                lab = cv2.cvtColor(crop.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
                seen.append(place_of(side, who, place, lab)[tuple(cells.T)])
                yield np.concatenate(seen, 1), told[tuple(cells.T)]


def look(out: Path) -> None:
    """Keep the cells of every photograph with people of whom anything is known."""
    rows = {row.photo: row.boxes for row in read_rows(naming.ROWS)}
    pairs = defaultdict(list)
    for name in DRAWN:
        for pair in json.loads((benchmark.GOLDEN / f"{name}.json").read_text(encoding="utf-8")):
            if pair["kind"] not in ("several", benchmark.ABSENT) and not pair.get("outside"):
                pairs[pair["photo"]].append(pair)
    encoders = Encoders()
    for number, photo in enumerate(sorted({*rows, *pairs}), 1):
        target = out / f"{photo}.npz"
        nouns = [box.names[0] for box in rows.get(photo, ()) if box.names]
        nouns += [read(pair["phrase"]).head for pair in pairs[photo]]
        if target.exists() or not any(map(label_of, nouns)):
            continue
        rng = np.random.default_rng(int(hashlib.sha256(photo.encode()).hexdigest()[:8], 16))
        scene = naming.scene_of(photo, encoders)
        people = list(scene.people)[:PEOPLE]
        found = []
        if people:
            maps = labelled(scene, things_of(scene, rows.get(photo, ()), pairs[photo]), people)
            found = [one for person, own in zip(people, maps, strict=True) for one in views(scene, person, own, rng)]
        cells = np.concatenate([np.zeros((0, sum(WIDTHS.values()))), *(seen for seen, _ in found)])
        labels = np.concatenate([np.zeros(0, np.uint8), *(told for _, told in found)])
        np.savez(target, cells=cells.astype(np.float16), labels=labels.astype(np.uint8))
        print(f"{number} of {len({*rows, *pairs})}", flush=True)


def packages() -> dict[str, str]:
    """Photograph -> the package that it came in, without its version."""
    lists = (entry for file in LISTS for entry in json.loads(file.read_text(encoding="utf-8")))
    return {one["name"]: entry["package"].rpartition("@")[0] or entry["package"] for entry in lists for one in entry["photos"]}  # fmt: skip


def fold_of(photo: str, package: dict[str, str]) -> int:
    """By the package's name."""
    return int(hashlib.md5(package.get(photo, photo).encode(), usedforsecurity=False).hexdigest(), 16) % FOLDS


def kept(out: Path) -> tuple[NDArray[np.float16], NDArray[np.int64], NDArray[np.int64]]:
    """Cells, labels and folds."""
    package, cells, labels, folds = packages(), [], [], []
    for file in sorted(out.glob("*.*.npz")):
        with np.load(file) as stored:
            cells.append(stored["cells"])
            labels.append(stored["labels"])
        folds.append(np.full(len(labels[-1]), fold_of(file.stem, package)))
    return np.concatenate(cells), np.concatenate(labels).astype(np.int64), np.concatenate(folds)


def score(out: Path) -> None:
    """How many cells of each label are told, on packages that were not learnt."""
    cells, labels, folds = kept(out)
    said = np.zeros(len(labels), np.int64)
    for fold in range(FOLDS):
        tensors = train(cells[folds != fold], labels[folds != fold], WIDTHS)
        save(tensors, out / FOLD.format(fold))
        said[folds == fold] = told(tensors, cells[folds == fold])
    for number, label in enumerate(LABELS):
        mine, right = labels == number, (said == number) & (labels == number)
        print(f"{label}: {right.sum() / max(mine.sum(), 1):.0%} of {mine.sum()} cells; {right.sum() / max((said == number).sum(), 1):.0%} of those called so")  # fmt: skip


def told(tensors: dict[str, Floats], cells: NDArray[np.float16]) -> NDArray[np.int64]:
    """(n,): the likeliest label of each cell."""
    first = np.concatenate([tensors[f"{kind}.weight"] for kind in WIDTHS], 1)
    out = []
    for part in np.array_split(cells, len(cells) // 4096 + 1):
        hidden = np.maximum(part.astype(np.float32) @ first.T + tensors["place.bias"], 0)
        out.append(linear(tensors, "out", np.maximum(linear(tensors, "hidden", hidden), 0)).argmax(1))
    return np.concatenate(out)


def labeller(out: Path, fold: int, encoders: Encoders) -> WornLabeller:
    """The one that `score` kept, which has not learnt a fold's packages."""
    return WornLabeller(load(out / FOLD.format(fold)), encoders.picture.levels)


def main() -> None:
    options = argparse.ArgumentParser(description="train the labeller of people")
    options.add_argument("what", choices=("cells", "score", "write"))
    options.add_argument("--out", type=Path, required=True)
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    if given.what == "cells":
        look(given.out)
    elif given.what == "score":
        score(given.out)
    else:
        cells, labels, _ = kept(given.out)
        save(train(cells, labels, WIDTHS), TARGET)


if __name__ == "__main__":
    main()
