"""The phrases that the choice among boxes is fitted to (`weighing.py`): pairs of development, and phrases made of boxes that were named by hand, each with the boxes that are right."""

from __future__ import annotations

import json
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))
import ground as benchmark  # noqa: E402
from pixwright.ground.detections import area_of, overlap  # noqa: E402
from pixwright.ground.grounder import known  # noqa: E402
from pixwright.ground.things import stands  # noqa: E402
from pixwright.records.thing import Thing  # noqa: E402
from pixwright.records.vocabulary import COLOURS  # noqa: E402
from pixwright.train.naming.samples import NamedBox, NamedPhotograph  # noqa: E402
from pixwright.words import lexicon, read  # noqa: E402

SAID = ROOT / "recipes/train/named/phrases.jsonl"
"""A photograph a line: phrases with the boxes of all things that each means, XYXY in shares of the picture."""
Boxes: TypeAlias = list[list[float]]
ONE, TOUCHES = 0.45, 0.05
"""Overlap of all boxes of one thing; and of the boxes that hold it badly with one that does not: elsewhere there is another."""
SAME = 0.3
"""Overlap of two boxes of a noun from which they are of one thing, where the things of the noun are counted."""
ABSENT = 2
"""Nouns of a photograph that it has no thing of."""
NAMED, MADE, ALONE, MANY = 4, 5, 2, 4
"""Most phrases of a photograph by noun alone; by colour, place or size besides, for one of several things of a noun and for the only one; and for all of a noun."""
APART, BEYOND = 0.12, 0.08
"""Of the picture's side: how much farther than the others' a thing's middle lies for a place to tell it; and how far beyond the picture's own middle."""
LARGER = 2.5
"""How many times larger than all others a thing is that is called large."""
PLACES = {
    "on the left": (-1, 0), "on the right": (1, 0), "at the top": (0, -1), "at the bottom": (0, 1), "in front": (0, 1),
}  # fmt: skip
"""What is said of what lies to that side: right, and down."""


@dataclass(frozen=True)
class Phrase:
    """`sort`: "drawn" of a pair of development, "several" of one for more than one thing, "named" of a noun alone, "absent" of one that the photograph does not hold, "made"
    of a colour, place or size besides, "many" of all things of a noun, "said" of one thing and "several" of more that people said of a photograph whose boxes were named; `true`: the boxes that are right."""

    thing: Thing
    true: Boxes
    sort: str


def boxes_of(pair: dict, width: int, height: int) -> Boxes:
    """The true boxes in 0..1."""
    many = "boxes" in pair and (len(pair["boxes"]) > 1 or "polygons" not in pair)
    points = np.concatenate([np.array(p) for p in pair.get("polygons", [[[0, 0]]])])
    boxes = pair["boxes"] if many else [[*points.min(0), *points.max(0)]]
    return [[b[0] / width, b[1] / height, b[2] / width, b[3] / height] for b in boxes]


def tells_one(thing: Thing) -> bool:
    """Whether a phrase names one thing, or several that no order or measure tells apart, that is looked for among boxes."""
    entry = known(thing)
    part = entry is not None and (entry.is_("person") or (entry.part and (thing.owner or not entry.is_("plant"))))
    return len(thing.parts) < 2 and not part and (not thing.selective or stands(thing))


def plain(thing: Thing) -> bool:
    """Whether it is one thing by its noun alone, and no surface."""
    entry = known(thing)
    return tells_one(thing) and not (thing.plural or thing.link or thing.selective or (entry and entry.stuff))


def pairs(files: list[str]) -> dict[str, list[tuple[dict, Thing]]]:
    """By photograph: the development pairs that can be learnt from."""
    found: dict[str, list[tuple[dict, Thing]]] = defaultdict(list)
    for name in files:
        for pair in json.loads((benchmark.GOLDEN / f"{name}.json").read_text(encoding="utf-8")):
            thing = read(pair["phrase"])
            if not pair.get("outside") and pair["kind"] not in ("stuff", benchmark.ABSENT) and tells_one(thing):
                found[pair["photo"]].append((pair, thing))
    return found


def named_things(row: NamedPhotograph) -> list[Phrase]:
    """Nouns of which a photograph surely holds one thing, with the boxes that hold it well."""
    found = []
    for noun in dict.fromkeys(name for box in row.boxes for name in box.names[:2]):
        mine = [box for box in row.boxes if noun in box.names]
        whole = [list(box.box) for box in mine if box.whole]
        one = whole and all(overlap(whole[0], box) > ONE for box in whole)
        if one and all(max(overlap(box.box, each) for each in whole) > TOUCHES for box in mine):
            found.append(Phrase(read(f"the {noun}"), whole, "named"))
    found = [phrase for phrase in found if plain(phrase.thing)]
    return [found[int(i)] for i in drawing(row).permutation(len(found))[:NAMED]]


def absent(row: NamedPhotograph, rows: list[NamedPhotograph]) -> list[Phrase]:
    """Nouns of other photographs that this one has no thing of."""
    here = {name for box in row.boxes for name in box.names}
    heads = {name.rpartition(" ")[2] for name in here}
    rng = drawing(row)
    others = (rows[int(i)] for i in rng.permutation(len(rows))[: 4 * ABSENT])
    nouns = [box.names[0] for other in others for box in other.boxes[:3] if box.names]
    free = [noun for noun in dict.fromkeys(nouns) if noun.rpartition(" ")[2] not in heads]
    things = (read(f"the {noun}") for noun in free[:ABSENT])
    return [Phrase(thing, [], "absent") for thing in things if plain(thing)]


def made(row: NamedPhotograph) -> list[Phrase]:
    """Things that their colour, place or size tells from all others of their noun: rather one of several than the only one."""
    several: list[tuple[str, list[NamedBox]]] = []
    alone: list[tuple[str, list[NamedBox]]] = []
    for noun in dict.fromkeys(box.names[0] for box in row.boxes if box.names):
        if not plain(read(f"the {noun}")):
            continue
        things = things_of(row, noun)
        said = [*by_colour(noun, things), *by_place(noun, things), *by_size(noun, things)]
        (several if len(things) > 1 else alone).extend(said)
    rng, found = drawing(row), []
    for some, most in ((several, MADE), (alone, ALONE)):
        for i in rng.permutation(len(some))[:most]:
            words, boxes = some[int(i)]
            thing, whole = read(words), [list(box.box) for box in boxes if box.whole]
            if whole and tells_one(thing) and not thing.plural:
                found.append(Phrase(thing, whole, "made"))
    return found


@cache
def said() -> dict[str, list[Phrase]]:
    """By photograph: what people said of things, of those that are looked for among boxes."""
    found: dict[str, list[Phrase]] = defaultdict(list)
    for line in SAID.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for words, boxes in row["phrases"]:
            thing = read(words)
            if tells_one(thing) or (len(boxes) > 1 and thing.plural):
                found[row["photo"]].append(Phrase(thing, boxes, "several" if len(boxes) > 1 else "said"))
    return found


def many(row: NamedPhotograph) -> list[Phrase]:
    """All things of a noun where a photograph has several, and all of one colour where others surely do not have it."""
    found = []
    for noun in dict.fromkeys(box.names[0] for box in row.boxes if box.names):
        things = [thing for thing in things_of(row, noun) if any(box.whole for box in thing)]
        if len(things) < 2 or not plain(read(f"the {noun}")):
            continue
        found.append((f"the {lexicon().plural(noun)}", things))
        looks = [{word for box in thing for word in box.looks} & COLOURS.keys() for thing in things]
        for colour in sorted(set().union(*looks)):
            mine = [thing for thing, own in zip(things, looks, strict=True) if colour in own]
            if len(mine) > 1 and len(mine) < len(things) and all(looks):
                found.append((f"the {colour} {lexicon().plural(noun)}", mine))
    rng, out = drawing(row), []
    for i in rng.permutation(len(found))[:MANY]:
        words, things = found[int(i)]
        thing = read(words)
        if thing.plural:
            out.append(Phrase(thing, [list(box.box) for each in things for box in each if box.whole], "many"))
    return out


def drawing(row: NamedPhotograph) -> np.random.Generator:
    """Chance, the same for a photograph in every run."""
    return np.random.default_rng(zlib.crc32(row.photo.encode()))


def things_of(row: NamedPhotograph, noun: str) -> list[list[NamedBox]]:
    """The boxes of each thing of a noun."""
    return apart([box for box in row.boxes if noun in box.names], lambda box: box.box)


def apart(boxes: list[Any], frame: Callable[[Any], Any]) -> list[list[Any]]:
    """Those of each thing together. `frame`: XYXY of one of them."""
    found: list[list[Any]] = []
    for box in boxes:
        own = next((thing for thing in found if any(overlap(frame(box), frame(one)) > SAME for one in thing)), None)
        if own is None:
            found.append([box])
        else:
            own.append(box)
    return found


def by_colour(noun: str, things: list[list[NamedBox]]) -> list[tuple[str, list[NamedBox]]]:
    """Those of one colour that all others surely do not have."""
    looks = [{word for box in thing for word in box.looks} for thing in things]
    found = []
    for thing, own in zip(things, looks, strict=True):
        colours = own & COLOURS.keys()
        others = [other for each, other in zip(things, looks, strict=True) if each is not thing]
        if len(colours) == 1 and all(other and not colours & other for other in others):
            found.append((f"the {colours.pop()} {noun}", thing))
    return found


def by_place(noun: str, things: list[list[NamedBox]]) -> list[tuple[str, list[NamedBox]]]:
    """Those that lie clearly farther to a side than all others."""
    middles = np.array([np.mean([np.add(box.box[:2], box.box[2:]) / 2 for box in thing], 0) for thing in things])
    found = []
    for words, way in PLACES.items():
        along = (middles - 0.5) @ np.array(way, float)
        first = int(along.argmax())
        if along[first] > BEYOND and (np.delete(along, first) < along[first] - APART).all():
            found.append((f"the {noun} {words}", things[first]))
    return found


def by_size(noun: str, things: list[list[NamedBox]]) -> list[tuple[str, list[NamedBox]]]:
    """The one that is much larger, and the one that is much smaller, than all others."""
    areas = [max(area_of(box.box) for box in thing) for thing in things]
    order = np.argsort(areas)
    found = []
    if len(things) > 1 and areas[order[-1]] > LARGER * areas[order[-2]]:
        found.append((f"the big {noun}", things[order[-1]]))
    if len(things) > 1 and LARGER * areas[order[0]] < areas[order[1]]:
        found.append((f"the small {noun}", things[order[0]]))
    return found
