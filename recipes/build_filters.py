"""Make the tables of the filters of data sets.

    python recipes/build_filters.py looks                     # measure_looks.json: what each named look does to a picture's statistics
    python recipes/build_filters.py scores SEEDS N [TYPE ..]  # N good pairs of every type and bad ones planted from half of them; in .cache
    python recipes/build_filters.py thresholds SEEDS          # thresholds.json, from the scores of these seeds ("101,102")
    python recipes/build_filters.py report SEEDS CALIBRATED   # docs/filters.md: those thresholds on the scores of other seeds

All use the package's own cut-outs and painted places only.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.build.compose import compose
from pixwright.build.looks import dressed, finished, nothing
from pixwright.build.measure import MEASURES, bank_of, measure
from pixwright.build.measure_look import statistics
from pixwright.build.measure_planted import planted
from pixwright.build.measure_view import SIDE, Array
from pixwright.build.pairs import attempt
from pixwright.build.pairs.realise import realise
from pixwright.build.scene_render import render
from pixwright.build.select import Limits, Thresholds, load_thresholds, select
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.build.validate import validate_sample
from pixwright.edit.scenery import paint
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.edit_type import EditType as T
from pixwright.records.plan import Step
from pixwright.records.sample import Sample, Split
from pixwright.records.vocabulary import APPEARANCES, MATERIALS, STYLES, TONES

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "src/pixwright/build"
CACHE = ROOT / ".cache/filters"
GENERAL: dict[str, tuple[float | None, float | None]] = {"contrast": (0.012, None), "inside_changed": (0.05, None)}
"""Limits of every type: a picture that is one flat colour, and an edit that changed nothing, are never right."""
MOST_LOST = 0.055
"""Share of the good pairs that the limits of a type may reject where they are fitted."""
WORTH = 0.008
"""Least share of the bad pairs that a further limit must reject."""
FACTS: dict[str, tuple[int, ...]] = {
    "float_l1": (1,), "l2_distance": (1,), "changed_fraction": (1, -1), "inside_l1": (1,), "mask_ratio": (1, -1), "look_size": (1,),
    "rim_after": (1, -1), "rim_gain": (1, -1), "blend_after": (1, -1), "blend_gain": (1, -1), "target_gain": (1, -1), "moved_by": (1,),
    "rise": (1, -1), "changed_items": (1,),
}  # fmt: skip
"""Measurements with no good end that may yet be limited, and from which side."""
ORDER = (
    "unchanged", "shifted", "another picture", "swapped", "wrong object", "wrong target", "wrong colour", "wrong look", "wrong reference",
    "wrong text", "wrong amount",
)  # fmt: skip
PLACES = ("beach", "forest", "street", "meadow", "office", "city", "brick wall", "mountains")
THINGS = ("teapot", "dog", "backpack", "car", "apple", "guitar", "chair", "duck")


def looks() -> None:
    """Mean change of the statistics by each look, over pictures of places with a thing in them, and over things."""
    catalogue = PackagedCatalogue(Split.TRAIN)
    cutouts = {a.name: a.key for a in catalogue.assets("cutout")}
    things = [catalogue.pixels(cutouts[name]) for name in THINGS if name in cutouts]
    scenes = [_scene(place, things[i % len(things)], i) for i, place in enumerate(PLACES)]
    table = {
        "tone": {name: _whole(scenes, (T.TONE_TRANSFER, name)) for name in TONES},
        "style": {name: _whole(scenes, (T.STYLE_CHANGE, name)) for name in STYLES},
        "material": {name: _thing(things, (T.MATERIAL_CHANGE, name)) for name in MATERIALS},
        "appearance": {name: _thing(things, (T.APPEARANCE_ALTER, name)) for name in APPEARANCES},
    }
    kept = {family: {name: row for name, row in rows.items() if row} for family, rows in table.items()}
    (BUILD / "measure_looks.json").write_text(json.dumps(kept, indent=0) + "\n", "utf-8")
    print({family: len(rows) for family, rows in kept.items()})


def _scene(place: str, thing: Array, seed: int) -> Array:
    picture = paint(place, SIDE, SIDE, np.random.default_rng([11, seed]))
    return _laid(picture, thing, 0.4, 0.3 + 0.05 * seed, 0.9)


def _laid(picture: Array, rgba: Array, height: float, x: float, foot: float) -> Array:
    tall = round(height * len(picture))
    wide = max(4, round(tall * rgba.shape[1] / rgba.shape[0]))
    small = cv2.resize(rgba, (wide, tall), interpolation=cv2.INTER_AREA)
    left = int(np.clip(x * picture.shape[1] - wide / 2, 0, picture.shape[1] - wide))
    top = int(np.clip(foot * len(picture) - tall, 0, len(picture) - tall))
    part = np.s_[top : top + tall, left : left + wide]
    alpha = small[..., 3:].astype(np.float32) / 255
    out = picture.copy()
    out[part] = (small[..., :3] * alpha + out[part] * (1 - alpha)).astype(np.uint8)
    return out


def _whole(scenes: list[Array], look: tuple[T, str]) -> list[float]:
    try:
        moved = [statistics(finished(p, (look,), i, nothing)) - statistics(p) for i, p in enumerate(scenes)]
    except InvalidOption as error:
        print(f"left out: {error}")
        return []
    return [round(float(v), 4) for v in np.mean(moved, axis=0)]


def _thing(things: list[Array], look: tuple[T, str]) -> list[float]:
    try:
        moved = []
        for i, rgba in enumerate(things):
            inside = rgba[..., 3] > 127
            new = dressed(rgba, (look,), i)
            moved.append(
                statistics(np.ascontiguousarray(new[..., :3]), inside)
                - statistics(np.ascontiguousarray(rgba[..., :3]), inside)
            )
    except InvalidOption as error:
        print(f"left out: {error}")
        return []
    return [round(float(v), 4) for v in np.mean(moved, axis=0)]


def scores(seeds: Sequence[int], count: int, kinds: Sequence[str]) -> None:
    """One JSON line a pair, a file for every type and seed: type, good or the kind of bad, milliseconds of one core, the numbers, what validation says."""
    CACHE.mkdir(parents=True, exist_ok=True)
    catalogue, encoders = PackagedCatalogue(Split.TRAIN), Encoders()
    bank = bank_of(encoders)
    assets = [a for a in catalogue.assets("cutout") if " " not in a.name]
    things = [(a.name, catalogue.pixels(a.key)) for a in assets[:: max(1, len(assets) // 60)]]
    for seed in seeds:
        for kind in map(T, kinds or list(T)):
            good = list(islice(pairs(kind, seed, catalogue), count))
            if not good:
                print(f"{kind}: no pair could be made")
                continue
            measure(good[0], encoders, bank)
            lines = []
            for number, sample in enumerate(good):
                dice = np.random.default_rng([seed, 99, number])
                bad = planted(sample, good, things, dice) if number < count // 2 else {}
                for name, one in {"good": sample, **bad}.items():
                    start = time.process_time()
                    found = measure(one, encoders, bank)
                    row = {
                        "bad": name,
                        "ms": (time.process_time() - start) * 1000,
                        "id": sample.id,
                        "kind": sample.step.type,
                        "scores": found,
                    }
                    lines.append(json.dumps(row | {"words": validate_sample(one)}) + "\n")
            (CACHE / f"{seed}-{kind}.jsonl").write_text("".join(lines), "utf-8")
            print(f"{kind} {seed}: {len(good)} good pairs", flush=True)


def pairs(kind: T, seed: int, catalogue: PackagedCatalogue) -> Iterator[Sample]:
    """Good pairs of a type, as the data sets have them; a seed gives the same ones again."""
    for index in range(3000):
        dice = np.random.default_rng([seed, list(T).index(kind), index])
        scene = compose(catalogue, dice, SIDE, SIDE, int(dice.integers(2, 6)))
        pair = attempt(kind, scene, catalogue, dice)
        if isinstance(pair, str):
            continue
        try:
            yield realise(pair, render, catalogue, f"{kind}-{seed}-{index}")
        except InvalidOption:
            continue  # a look that no editor gives to this thing


def thresholds(seeds: Sequence[int]) -> None:
    """Fit the limits of every type."""
    table: dict[str, Mapping[str, Sequence[float | None]]] = {"all": GENERAL}
    for kind in T:
        rows = _rows(seeds, kind)
        if rows and kind is not T.IMPLICIT_CHANGE:  # judged as the explicit edit that it is
            table[kind] = _fitted(
                [row for row in rows if row["bad"] == "good" or not judged(row["scores"], kind, {"all": GENERAL})]
            )
            print(kind, table[kind])
    lines = [f"{json.dumps(kind)}: {json.dumps(rules)}" for kind, rules in table.items()]
    (BUILD / "thresholds.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


def _rows(seeds: Sequence[int], kind: T) -> list[dict[str, Any]]:
    found = [CACHE / f"{seed}-{kind}.jsonl" for seed in seeds]
    return [json.loads(line) for file in found if file.exists() for line in file.read_text("utf-8").splitlines()]


def _fitted(rows: list[dict[str, Any]]) -> dict[str, list[float | None]]:
    """Limits, one after the other: the one that rejects most of the bad pairs that are left, every kind of bad counting alike, for the
    fewest good ones. A limit lies half-way between the good pairs and the bad ones that it rejects."""
    good = [row["scores"] for row in rows if row["bad"] == "good"]
    left = [row for row in rows if row["bad"] != "good"]
    sizes = Counter(row["bad"] for row in left)
    rules: dict[str, list[float | None]] = {}
    budget = MOST_LOST * len(good)
    while left:
        tried = [
            Rule(name, side, limit, cost, lead)
            for name in sorted({name for row in left for name in row["scores"]})
            for side in _sides(name)
            if rules.get(name, [None, None])[0 if side > 0 else 1] is None
            for cost, limit, lead in _limits(good, left, name, side)
            if cost <= budget
        ]
        worth = [_worth(rule, left, sizes, len(good)) for rule in tried]
        if not tried or max(worth) < WORTH:
            break
        best = tried[int(np.argmax(worth))]
        rules.setdefault(best.name, [None, None])[0 if best.side > 0 else 1] = float(f"{best.limit:.3g}")
        budget -= best.cost
        good = [scores for scores in good if not best.fails(scores)]
        left = [row for row in left if not best.fails(row["scores"])]
    return rules


@dataclass(frozen=True)
class Rule:
    """A limit that might be set: below it for side 1, above it for side -1 a pair is rejected; `lead` says how far from the good ones it lies."""

    name: str
    side: int
    limit: float
    cost: int
    lead: float

    def fails(self, scores: dict[str, float]) -> bool:
        return self.name in scores and self.side * scores[self.name] < self.side * self.limit


def _worth(rule: Rule, left: list[dict[str, Any]], sizes: Counter[str], count: int) -> float:
    caught = [row["bad"] for row in left if rule.fails(row["scores"])]
    if not caught or (len(caught) == 1 and rule.lead < 0.3):
        return 0.0  # one bad pair among the good ones proves nothing
    gain = sum(1 / sizes[kind] for kind in caught) / len(sizes)
    fact = MEASURES[rule.name].better == "neither"
    return gain * (0.85 if fact else 1.0) * (0.9 + 0.1 * rule.lead) - 1.5 * rule.cost / count


def _sides(name: str) -> tuple[int, ...]:
    """1: too small is bad; -1: too large is bad."""
    better = MEASURES[name].better
    return {"high": (1,), "low": (-1,)}.get(better, FACTS.get(name, ()))


def _limits(
    good: list[dict[str, float]], left: list[dict[str, Any]], name: str, side: int
) -> Iterator[tuple[int, float, float]]:
    """(good pairs lost, limit, lead) that are worth trying. A limit lies at most half-way to the bad pairs that it is to reject, and no
    farther from the good ones than they spread, unless the bad ones are far off."""
    values = np.sort([side * g[name] for g in good if name in g])
    bad = np.array([side * r["scores"][name] for r in left if name in r["scores"]])
    if len(values) < 3 or not len(bad):
        return
    middle = float(np.median(values))
    for cost in range(3):
        if cost >= len(values) // 4:
            return
        edge = float(values[cost])
        under = bad[bad < edge]
        if len(under):
            gap = edge - float(np.quantile(under, 0.9))
            spread = middle - edge
            yield cost, side * (edge - min(gap / 2, max(0.6 * spread, 0.3 * gap))), gap / (gap + spread + 1e-6)


def report(seeds: Sequence[int], calibrated: Sequence[int]) -> None:
    """The table, per type: what of the good is kept, what of each kind of bad is rejected, and what measuring takes."""
    limits = load_thresholds()
    kinds = [kind for kind in T if _rows(seeds, kind)]
    names = list(dict.fromkeys(row["bad"] for kind in kinds for row in _rows(seeds, kind)))[1:]
    names = [name for name in ORDER if name in names]
    total: dict[str, list[bool]] = {}
    body = []
    for kind in kinds:
        rows = _rows(seeds, kind)
        said: dict[str, list[str]] = {}
        for row in rows:
            said.setdefault(row["bad"], []).append(
                row["words"] or judged(row["scores"], row["kind"] if kind is T.IMPLICIT_CHANGE else kind, limits)
            )
        lost = [bool(reason) for reason in said["good"]]
        caught = {name: [bool(r) for r in said[name]] for name in names if name in said}
        for name, hits in {"good": lost, **caught}.items():
            total.setdefault(name, []).extend(hits)
        every = [hit for hits in caught.values() for hit in hits]
        cells = [f"{np.mean(caught[name]):.0%}" if name in caught else "" for name in names]
        ms = np.mean([row["ms"] for row in rows])
        body.append(
            f"| `{kind}` | {len(lost)} | {np.mean(lost):.1%} | {np.mean(every):.1%} | {' | '.join(cells)} | {ms:.0f} |"
        )
    every = [hit for name in names for hit in total[name]]
    cells = [f"{np.mean(total[name]):.1%}" for name in names]
    ms = np.mean([np.mean([row["ms"] for row in _rows(seeds, kind)]) for kind in kinds])
    body.append(
        f"| **all** | {len(total['good'])} | {np.mean(total['good']):.1%} | {np.mean(every):.1%} | {' | '.join(cells)} | {ms:.0f} |"
    )
    head = f"| type | good pairs | good rejected | bad rejected | {' | '.join(names)} | ms |"
    rule = "|" + "---|" * (len(names) + 5)
    tables = "\n".join([head, rule, *body])
    meanings = "\n".join(
        f"| `{m.name}` | {m.low:g} to {m.high:g} | {m.better} | {m.source} | {m.meaning} |" for m in MEASURES.values()
    )
    used = "\n".join(f"| `{kind}` | {_told(rules)} |" for kind, rules in limits.items())
    text = TEXT.format(
        side=SIDE, seeds=_listed(seeds), calibrated=_listed(calibrated), tables=tables, meanings=meanings, used=used
    )
    (ROOT / "docs/filters.md").write_text(text, "utf-8")
    print(tables)


def judged(found: dict[str, float], kind: T, limits: Thresholds) -> str:
    """What `select` says of these numbers."""
    blank = np.zeros((1, 1, 3), np.uint8)
    return select(Sample("", "", kind, blank, blank, "", Step(type=kind, instruction=""), "", "", scores=found), limits)


def _told(rules: Mapping[str, Limits]) -> str:
    return ", ".join(
        f"`{name}`" + (f" >= {low:g}" if low is not None else "") + (f" <= {high:g}" if high is not None else "")
        for name, (low, high) in rules.items()
    )


TEXT = """# Filters of data sets

Every number that a sample's pictures give is measured and kept in its row (`scores`); thresholds decide afterwards (`rejected` holds the first
rule that a row fails, with its numbers). The words are validated before anything is rendered. Made by `recipes/build_filters.py`.

Good pairs are scenes of the package's own cut-outs and painted places, {side} px, with their exact masks, from seeds {seeds}; bad ones are
planted from them. The thresholds were fitted on seeds {calibrated}, that is on other scenes. Milliseconds are those of one core.

## What is rejected

{tables}

- *unchanged*: the source again (outpaint: the new part is one flat colour). *shifted*: displaced by 2 to 5 % of the side. *another picture*: the
  edited picture of another pair of the type. *swapped*: before and after exchanged, where that is wrong.
- *wrong object*: another thing of the same size where one was put. *wrong target*: the words name another thing than the edited one.
- *wrong colour*, *wrong look*, *wrong text*: the words name another one of its kind (a colour clearly apart; of tones, styles, materials, patterns and
  places any other, near ones like "dark" and "night" too, which no statistic can always tell apart). *wrong reference*: another pair's.
- *wrong amount*: two things more, a fifth of the side more or the other way, twice or half the size, 60 degrees.
- An empty cell: the type has no such mistake. Things swapping their places may swap again; of a new framing nobody can say that it is displaced.

Weak, and known to be: the reference of a style or a material (statistics of two pictures differ by what they show as much as by their look), one
look for a near one, and a guidance picture of a similar scene. The way of fitting, not the thresholds, was changed after a first look at this table;
the pairs are few for each type, so that a share of one type may be wrong by ten points and more.

## The numbers

A number that cannot be measured (no mask, an unknown noun, no amount in the words) is absent, never 0, and fails no rule.

| name | range | better | source | meaning |
|---|---|---|---|---|
{meanings}

## The thresholds

`src/pixwright/build/thresholds.json`; a recipe may bring its own (`select.load_thresholds(path)`). Rules of `all` come first.

| type | limits |
|---|---|
{used}

## The words

`validate` refuses, before rendering: an empty or too long instruction, a word twice in a row, sides with a ratio over 2, a mask of 95 % or more (or an
empty one) for an edit of a thing, a missing target or value, a thing replaced by itself or coloured as it is, an appearance with a colour word,
an unknown colour, a textual change without exactly two quoted texts (or one and the old text), an attachment that is named and not there or used and not
named, a target that the source's caption does not have, a new thing that it has already, and, last, an instruction that is not read back as its
step. AnyEdit's rules are the pattern; its bugs (models that are None, a CLIP score that is always 1, a block that skips the filter, an L1 that subtracts
bytes and wraps) are not.
"""


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _listed(seeds: Sequence[int]) -> str:
    return ", ".join(map(str, seeds))


def main(words: list[str]) -> None:
    """Run one of the four."""
    match words:
        case ["looks"]:
            looks()
        case ["scores", seeds, count, *kinds]:
            scores(_numbers(seeds), int(count), kinds)
        case ["thresholds", seeds]:
            thresholds(_numbers(seeds))
        case ["report", seeds, calibrated]:
            report(_numbers(seeds), _numbers(calibrated))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
