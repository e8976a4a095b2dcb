"""Fit when the tagger's reading of an instruction counts (`parse/tagged/choice.json`), on instructions that it has not learnt.

    python recipes/fit/reading.py           # figures by ten-fold cross-validation, then the fit on all

Two lots: `recipes/train/instructions/apart/*.jsonl`, labelled by hand and never trained on, and the development rows of `tests/golden/parse`. What the labels come to is read from the plain
commands that they make. Only rows that one reading gets right and the other wrong say anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests/golden/parse"
sys.path[:0] = [str(ROOT), str(GOLDEN)]
import compare  # noqa: E402
from recipes.fit.logistic import logistic  # noqa: E402

from pixwright.encoders.bundle import Encoders  # noqa: E402
from pixwright.encoders.tagging.labels import NOTHING, SITUATION  # noqa: E402
from pixwright.encoders.tagging.tagger import TaggedStep  # noqa: E402
from pixwright.errors import UnclearInstruction  # noqa: E402
from pixwright.parse import without_tags  # noqa: E402
from pixwright.parse.tagged import TaggedReading, read  # noqa: E402
from pixwright.parse.tagged.choice import kept, measures, settled  # noqa: E402
from pixwright.parse.tagged.commands import alike, steps_of  # noqa: E402
from pixwright.records.instruction import Instruction  # noqa: E402
from pixwright.records.plan import Plan, Step  # noqa: E402
from pixwright.train.tagging.samples import LabelledText, read_rows  # noqa: E402

TARGET = ROOT / "src/pixwright/parse/tagged/choice.json"
APART = ROOT / "recipes/train/instructions/apart"
FOLDS, DECAY = 10, 0.5
"""Folds, and the weight of the squared weights."""


def wanted(row: LabelledText) -> list[Step] | str | None:
    """The steps of a labelled row; its kind where it asks for none outright; None where no command says it."""
    kinds = {step.kind for step in row.steps}
    if kinds <= {SITUATION, NOTHING}:
        return SITUATION if SITUATION in kinds else NOTHING
    found: list[Step] = []
    for one in row.steps:
        if one.kind not in (SITUATION, NOTHING):
            made = steps_of(row.text, TaggedStep(one.says, one.kind, 1.0, one.means, one.roles, 1.0, 1.0))
            if made is None:
                return None
            found += made
    return found


def agrees(steps: tuple[Step, ...], meant: list[Step]) -> bool:
    """Whether steps come to the same: kinds, the things they are about, and what becomes of those share their words."""
    return len(steps) == len(meant) and all(map(_agree, steps, meant))


def _agree(one: Step, other: Step) -> bool:
    if not alike(one.type, other.type):
        return False
    heads = [(s.target.head if s.target else "", set(str(s.target or "").split())) for s in (one, other)]
    if heads[0][0] != heads[1][0] and not heads[0][1] & heads[1][1]:
        return False
    values = [(s.value or "").lower() for s in (one, other)]
    return values[0] == values[1] or bool(set(values[0].split()) & set(values[1].split()))


def right(plan: Plan | None, meant: list[Step] | str) -> bool:
    """Whether a plan, or no plan, is what a labelled row means."""
    if meant == SITUATION:
        return plan is None or plan.parser == "implicit"
    if meant == NOTHING:
        return plan is None
    return plan is not None and not isinstance(meant, str) and agrees(plan.steps, meant)


def rows(encoders: Encoders) -> Iterator[tuple[dict[str, float] | None, bool, bool]]:
    """Measures (None where there is no choice), and whether the reading without and with the tagger is right."""
    for row in read_rows(sorted(APART.glob("*.jsonl"))):
        meant = wanted(row)
        if meant is not None:
            ruled, tagged = both(row.text, encoders)
            yield choice(row.text, ruled, tagged), right(ruled, meant), right(tagged.plan(row.text), meant)
    for file in sorted(GOLDEN.glob("dev*.jsonl")):
        for row in compare.load_rows(file):
            if not row.get("attachments") and not row.get("photo") and "error" not in row["expect"]:
                ruled, tagged = both(row["instruction"], encoders)
                plan = tagged.plan(row["instruction"])
                yield (
                    choice(row["instruction"], ruled, tagged),
                    *(p is not None and not compare.mismatches(row, p) for p in (ruled, plan)),
                )


def both(text: str, encoders: Encoders) -> tuple[Plan | None, TaggedReading]:
    """The plan without the tagger, and the tagger's reading."""
    try:
        ruled = without_tags(Instruction(text, ()), None, encoders)
    except UnclearInstruction:
        ruled = None
    return ruled, read(text, encoders)


def choice(text: str, ruled: Plan | None, tagged: TaggedReading) -> dict[str, float] | None:
    """The measures, where there is anything to choose."""
    return None if ruled is None or settled(text, ruled) or kept(ruled, tagged) else measures(ruled, tagged)


def main() -> None:
    found = list(rows(Encoders()))
    chosen = [(m, r, t) for m, r, t in found if m is not None and r != t]
    names = list(chosen[0][0])
    x, y = np.array([[m[n] for n in names] for m, _, _ in chosen]), np.array([t for _, _, t in chosen])
    held = np.zeros(len(y))
    for fold in range(FOLDS):
        inside = np.arange(len(y)) % FOLDS != fold
        held[~inside] = x[~inside] @ logistic(x[inside], y[inside], DECAY)
    print(
        f"{len(found)} instructions; right without the tagger {sum(r for _, r, _ in found)}, by the tagger alone {sum(t for _, _, t in found)}"
    )
    print(
        f"of {len(y)} that one of the two gets right, the right one is chosen for {((held > 0) == y).mean():.1%} (not fitted to)"
    )
    TARGET.write_text(
        json.dumps(dict(zip(names, logistic(x, y, DECAY).round(3).tolist(), strict=True)), indent=1) + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
