"""Who reads wishes best: the rows of the knowledge file, a language model that was tuned on them, or the rows and then the model?

    python -m recipes.wishes --weights FOLDER --count 120

Asked are situations that were kept from the model's training, with their own rows taken out of the file: right is an answer whose first step does what the
row's first step does (type and value, or type and target where there is no value); a wish for nothing is right if nothing is answered.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from pixwright.build.run.networks import encoders
from pixwright.evaluate.study.stats import wilson
from pixwright.mllm.files import AdapterFile
from pixwright.mllm.opening import build, small_folder
from pixwright.mllm.speaking import InterleavedModel
from pixwright.parse.about import Shown, kinds
from pixwright.parse.implicit import (
    ANYTHING,
    LOWEST,
    Row,
    asked,
    belief,
    believed,
    knowledge,
    plan_words,
    reading,
    similarities,
    steps_of,
    steps_said,
)
from pixwright.records.plan import Step
from pixwright.train.language.plans import reserved

MOST = 24
"""Tokens of an answer that are read: the steps come before the reason."""


def by_rows(row: Row) -> tuple[Step, ...]:
    """What the file says without the reserved rows."""
    seen = () if row.when == "any" else (Shown(row.when, (row.when, *kinds().parents.get(row.when, ()))),)
    scores = similarities(row.situation, encoders())
    scores[[k for k, one in enumerate(knowledge()) if reserved(one.situation)]] = -1
    if float(scores.max()) < LOWEST:
        return ()
    found = reading(row.situation, scores, seen)
    return () if found is None or belief(found) < believed().least else steps_of(found, row.situation)


def by_model(row: Row, think: Callable[[str], str]) -> tuple[Step, ...]:
    """What the model says, as far as the grammar reads it."""
    kind = "" if row.when == "any" else row.when
    return steps_said(think(asked(row.situation, kind)), kind, kind or ANYTHING) or ()


def does(step: Step) -> tuple[str, str]:
    """What counts of a step."""
    return str(step.type), str(step.value or step.target)


def right(row: Row, steps: Sequence[Step]) -> bool:
    """Whether the first step does what the row's does."""
    if not row.steps:
        return not steps
    kind = "" if row.when == "any" else row.when
    truth = steps_said(plan_words(row), kind, kind or ANYTHING)
    return bool(steps) and truth is not None and does(steps[0]) == does(truth[0])


def main() -> None:
    """Ask all three, and print the table."""
    parser = argparse.ArgumentParser(prog="recipes.wishes", description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="the file of a run with the task `plan`")
    parser.add_argument("--count", type=int, default=120)
    given = parser.parse_args()
    adapter = AdapterFile(given.weights)
    network, writer = build(small_folder(), adapter.adaptation, adapter.layout, spread=adapter.spread)
    adapter.fill(network)
    model = InterleavedModel(network, writer)
    held = [row for row in knowledge() if reserved(row.situation)]
    order = np.random.default_rng(1).permutation(len(held))[: given.count]
    rows = [held[k] for k in order]
    read = [by_rows(row) for row in rows]
    said = [by_model(row, lambda prompt: model.answer(prompt, most=MOST)) for row in rows]
    both = [one or other for one, other in zip(read, said, strict=True)]
    print("| who | right | answers something | wrong among what it answers |\n|---|---|---|---|")
    for name, answers in (("rows only", read), ("model only", said), ("rows, then the model", both)):
        good = [right(row, steps) for row, steps in zip(rows, answers, strict=True)]
        interval = wilson(sum(good), len(good))
        assert interval is not None
        some = [ok for ok, steps in zip(good, answers, strict=True) if steps]
        share = f"{100 * np.mean(good):.0f} % ({100 * interval[0]:.0f}-{100 * interval[1]:.0f})"
        wrong = f"{100 * (1 - np.mean(some)):.0f} %" if some else "-"
        print(f"| {name} | {share} | {len(some)} of {len(rows)} | {wrong} |")


if __name__ == "__main__":
    main()
