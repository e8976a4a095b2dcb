"""Make the tables of the filters of data sets.

    python recipes/build_filters.py looks                     # measure_looks.npz: what tells each named look from the others
    python recipes/build_filters.py scores SEEDS N [TYPE ..]  # N good pairs of every type and bad ones planted from half of them; in .cache
    python recipes/build_filters.py thresholds SEEDS          # thresholds.json, from the scores of these seeds ("101,102")
    python recipes/build_filters.py report SEEDS CALIBRATED   # docs/filters.md: those thresholds on the scores of other seeds

All use the package's own cut-outs and painted places only.
"""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.build.contract import Rendering
from pixwright.build.measure.measures import MEASURES, bank_of, measure
from pixwright.build.measure.planted import planted
from pixwright.build.measure.select import Limits, Thresholds, load_thresholds, select
from pixwright.build.measure.surface import features
from pixwright.build.measure.view import SIDE, Bools, Floats
from pixwright.build.pairs import attempt
from pixwright.build.pairs.realise import realise
from pixwright.build.pairs.references import material
from pixwright.build.scene.compose import compose
from pixwright.build.scene.looks import dressed, finished, nothing
from pixwright.build.scene.render import render
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.build.wording.validate import validate_sample
from pixwright.edit.painting.scenery import PAINTERS, paint
from pixwright.encoders.bundle import Encoders
from pixwright.errors import InvalidOption
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType as T
from pixwright.records.plan import Step
from pixwright.records.sample import Sample, Split
from pixwright.records.vocabulary import APPEARANCES, MATERIALS, STYLES, TONES

ROOT = Path(__file__).parent.parent
BUILD = ROOT / "src/pixwright/build"
CACHE = ROOT / ".cache/filters"
GENERAL: dict[str, tuple[float | None, float | None]] = {"contrast": (0.012, None), "inside_changed": (0.05, None)}
"""Limits of every type: a picture that is one flat colour, and an edit that changed nothing, are never right."""
MOST_LOST = 0.07
"""Share of the good pairs that the limits of a type may reject where they are fitted."""
WORTH = 0.008
"""Least share of the bad pairs that a further limit must reject."""
FACTS: dict[str, tuple[int, ...]] = {
    "float_l1": (1,), "l2_distance": (1,), "changed_fraction": (1, -1), "inside_l1": (1,), "mask_ratio": (1, -1),
    "rim_after": (1, -1), "rim_gain": (1, -1), "blend_after": (1, -1), "blend_gain": (1, -1), "target_gain": (1, -1), "moved_by": (1,),
    "rise": (1, -1), "changed_items": (1,),
}  # fmt: skip
"""Measurements with no good end that may yet be limited, and from which side."""
ORDER = (
    "unchanged", "shifted", "another picture", "swapped", "wrong object", "wrong target", "wrong colour", "wrong look", "wrong reference",
    "wrong text", "wrong amount",
)  # fmt: skip
PLACES = ("beach", "forest", "street", "meadow", "office", "city", "brick wall", "mountains")
LOOKS = {
    "tone": (T.TONE_TRANSFER, TONES), "style": (T.STYLE_CHANGE, STYLES), "material": (T.MATERIAL_CHANGE, MATERIALS),
    "appearance": (T.APPEARANCE_ALTER, APPEARANCES), "background": (T.BACKGROUND_CHANGE, tuple(PAINTERS)),
}  # fmt: skip


def looks() -> None:
    """Features of edits by each look, on things in places and on scenes, and what tells the looks of a kind apart."""
    catalogue, encoders = PackagedCatalogue(Split.TRAIN), Encoders()
    scenes = list(_scenes(catalogue))
    plain = [features(scene.picture, None, encoders) for scene in scenes]
    table: dict[str, np.ndarray[Any, Any]] = {}
    for family, (kind, names) in LOOKS.items():
        rows: dict[str, list[tuple[Floats, Floats]]] = {}
        for name in names:
            if family == "background":
                found = _places(scenes, name, encoders)
            elif family in ("tone", "style"):
                edited = (finished(scene.picture, ((kind, name),), i, nothing) for i, scene in enumerate(scenes))
                found = ((plain[i], features(picture, None, encoders)) for i, picture in enumerate(edited))
            else:
                found = _things(catalogue, (kind, name), encoders)
            try:
                rows[name] = list(found)
            except InvalidOption as error:
                print(f"left out: {error}")
        shown = {name: [after for _, after in found] for name, found in rows.items()}
        if family == "material":
            shown = {name: [features(material(name, 1000 + k), None, encoders) for k in range(10)] for name in rows}
        table |= {f"{family}/{part}": value for part, value in _discriminants(rows, shown).items()}
        print(family, len(rows), flush=True)
    np.savez_compressed(BUILD / "measure_looks.npz", allow_pickle=False, **table)


def _scenes(catalogue: PackagedCatalogue) -> Iterator[Rendering]:
    for k in range(30):
        dice = np.random.default_rng([41, k])
        yield render(compose(catalogue, dice, SIDE, SIDE, int(dice.integers(1, 6))), catalogue)


def _places(scenes: list[Rendering], name: str, encoders: Encoders) -> Iterator[tuple[Floats, Floats]]:
    """Another place and this one, behind the things of a scene."""
    for k, scene in enumerate(scenes):
        dice = np.random.default_rng([51, zlib.crc32(name.encode()), k])
        other = sorted(PAINTERS)[int(dice.integers(len(PAINTERS)))]
        behind = scene.masks.max(0) < 128
        y, x = dice.integers(0, SIDE // 4, 2)
        before, after = (
            np.ascontiguousarray(paint(one, SIDE * 5 // 4, SIDE * 5 // 4, dice)[y : y + SIDE, x : x + SIDE])
            for one in (other, name)
        )
        yield features(before, behind, encoders), features(after, behind, encoders)


def _things(catalogue: PackagedCatalogue, look: tuple[T, str], encoders: Encoders) -> Iterator[tuple[Floats, Floats]]:
    assets = catalogue.assets("cutout")
    for k in range(30):
        dice = np.random.default_rng([31, zlib.crc32(look[1].encode()), k])
        rgba = catalogue.pixels(assets[int(dice.integers(len(assets)))].key)
        new = dressed(rgba, (look,), k)
        ground = paint(PLACES[k % len(PLACES)], SIDE, SIDE, np.random.default_rng([5, k]))
        height, x, y = dice.uniform(0.2, 0.65), dice.random(), dice.random()
        (before, inside), (after, _) = (_laid(ground, one, height, x, y) for one in (rgba, new))
        yield features(before, inside, encoders), features(after, inside, encoders)


def _laid(picture: Array, rgba: Array, height: float, x: float, y: float) -> tuple[Array, Bools]:
    """A thing of a height, as a share of the picture's, at a place in the picture; and its mask, as wide as masks of pairs are."""
    scale = height * len(picture) / max(rgba.shape[:2])
    small = cv2.resize(rgba, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = round(y * (len(picture) - len(small))), round(x * (picture.shape[1] - small.shape[1]))
    part = np.s_[top : top + len(small), left : left + small.shape[1]]
    alpha = small[..., 3:].astype(np.float32) / 255
    out, mask = picture.copy(), np.zeros(picture.shape[:2], np.uint8)
    out[part] = (small[..., :3] * alpha + out[part] * (1 - alpha)).astype(np.uint8)
    mask[part] = small[..., 3] > 127
    return out, cv2.dilate(mask, np.ones((5, 5), np.uint8)) > 0


def _discriminants(
    rows: dict[str, list[tuple[Floats, Floats]]], shown: dict[str, list[Floats]]
) -> dict[str, np.ndarray[Any, Any]]:
    """The tables of `measure_surface.Looks`."""
    edits = {name: np.array([np.concatenate([b, b - a]) for a, b in found]) for name, found in rows.items()}
    every = np.concatenate(list(edits.values()))
    size = every.shape[1] // 2
    middle, scale = every.mean(0), every.std(0) + 1e-3
    scale[:size] = np.concatenate([every[:, :size], *map(np.array, shown.values())]).std(0) + 1e-3
    axes, centres = _fisher([(found - middle) / scale for found in edits.values()])
    seen = [
        (np.concatenate([edits[name][:, :size], np.array(shown[name])]) - middle[:size]) / scale[:size] for name in rows
    ]
    shown_axes, _ = _fisher(seen)
    pictured = (
        np.array([((np.array(shown[name]) - middle[:size]) / scale[:size]).mean(0) for name in rows]) @ shown_axes
    )
    parts = {
        "middle": middle,
        "scale": scale,
        "axes": axes,
        "centres": centres,
        "shown_axes": shown_axes,
        "shown": pictured,
    }
    # Half precision would lose features that hardly vary, but not what weighs them.
    kept = {name: part.astype(np.float16 if "axes" in name else np.float32) for name, part in parts.items()}
    return kept | {"names": np.array(list(rows))}


def _fisher(groups: list[Floats], shrink: float = 0.35) -> tuple[Floats, Floats]:
    """Axes (d, n - 1) and the groups' centres on them (n, n - 1). Scatter within groups is drawn towards a sphere's: there are few pictures."""
    means = np.array([group.mean(0) for group in groups])
    within = np.concatenate([group - mean for group, mean in zip(groups, means, strict=True)])
    scatter = within.T @ within / len(within)
    scatter = (1 - shrink) * scatter + shrink * np.trace(scatter) / len(scatter) * np.eye(len(scatter))
    values, vectors = np.linalg.eigh(scatter)
    whiten = vectors / np.sqrt(values)
    _, _, rows = np.linalg.svd((means - means.mean(0)) @ whiten, full_matrices=False)
    axes = whiten @ rows[: len(groups) - 1].T
    return axes, means @ axes


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
    return gain * (0.85 if fact else 1.0) * (0.7 + 0.3 * rule.lead) - 3 * rule.cost / count


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

Nothing was changed after this table was made. Over all types and for every kind of fault that data sets must be free of it holds what was asked for
(95 % of the bad, at most 5 % of the good), but not for every type: limits that lie close to the good pairs that they were fitted on reject too many
new ones of `style_change`, `rotation_change`, `visual_bbox` and `tone_transfer`, and the reference of a thing or a material is still missed now and
then, as is a wrong target of `resize`. The pairs of a type are 16 or 40, the bad ones of a kind half as many: a share may be wrong by ten points.
An earlier table, on other scenes and with other measurements, rejected 3.2 % of the good pairs and 94.3 % of the bad, of wrong references 68 %.

## How it is told

- *Looks* (tone, style, material, appearance, place): 285 numbers of the thing or the picture, and how they changed, weighed by Fisher's linear
  discriminants fitted to the project's own editors (`measure_looks.npz`); the edit must be near the named look and lead over the others. A
  reference is read as a mixture of the known looks, and the edit is held against that: what the two pictures show does not matter.
- *Things*: the largest parts of the mask, whole and cut out of the ground that is in them (GrabCut), against one picture of the name and 96
  of other names; the best of them counts, for the name as for the others.
- *Guides*: their lines must lie on the edited picture's edges better than displaced by 4 to 24 pixels, in standard deviations; a box's picture
  must be the source outside of its frame.
- All this is learnt from, and measured on, the package's drawn things and painted places: a set from photographs, or from other editors, needs
  limits of its own.

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
