"""How well the language model understands MM-Inst-Test mini: control tokens, what they retrieve, and what `[gen]` is nearest to.

    python -m recipes.understanding --cache out/understanding --weights mini
    python -m recipes.understanding --cache out/understanding --weights FOLDER --words

`--words` puts the references' captions into the instruction instead of the pictures and sounds. Rows are those of `mm-inst-test-mini` before its filters,
with sounds where the sources have some; they are made once (about two minutes on an idle core) and kept as vectors.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pixwright.build.run.networks import encoders
from pixwright.build.sets.bench import bench
from pixwright.build.sets.mm_inst import from_scene, kind_of
from pixwright.build.sets.splits import mm_inst_test_mini
from pixwright.evaluate.study.stats import wilson
from pixwright.mllm.contract import Input, InputKind
from pixwright.mllm.opening import language_model
from pixwright.records.sample import Reference, Sample
from pixwright.weights.store import expected_digest

SOURCES = ("packaged", "stamps")
TRIES = 8
AMONG, FIRST = 100, 5
"""`[gen]` is looked for among so many results of other rows, and has to be among the first so many."""


@dataclass(frozen=True)
class Case:
    """An instruction, its inputs, and what is right."""

    kind: str
    words: str
    plain: str
    """The words with the references' captions in place of their numbers."""
    inputs: tuple[Input, ...]
    subs: frozenset[int]
    result: np.ndarray


@dataclass(frozen=True)
class Answer:
    """What the model made of a case."""

    base: bool
    count: bool
    """Whether it wrote as many [sub] as it should."""
    subs: bool
    gen: np.ndarray


def cases(folder: Path, count: int) -> list[Case]:
    """The first `count` cases, made where they are missing."""
    found = []
    work = bench(mm_inst_test_mini().model_copy(update={"sources": SOURCES}))
    for index in range(count):
        file = folder / f"case-{index:04d}.npz"
        if not file.exists():
            for number in range(TRIES):
                rng = np.random.default_rng([work.recipe.seed, index, number])
                row = from_scene(work, kind_of(index), rng, f"{index}-{number}")
                if not isinstance(row, str):
                    write(file, row)
                    break
        if file.exists():
            found.append(read(file))
    return found


def write(file: Path, sample: Sample) -> None:
    """What is needed of a sample, as vectors."""
    see = encoders().aligned
    vectors = [see.picture(sample.source), see.picture(sample.edited), *map(vector, sample.references)]
    plain = sample.instruction
    for one in sample.references:
        plain = plain.replace(f"[{one.number}]", one.caption)
    subs = [one.number for one in sample.references if f"[sub:{one.number}:" in sample.target]
    about = {
        "kind": sample.extra["kind"],
        "words": sample.instruction,
        "plain": plain,
        "kinds": ["picture", *(kind_of_reference(one) for one in sample.references)],
        "subs": subs,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    np.savez(file, vectors=np.stack(vectors), about=np.frombuffer(json.dumps(about).encode(), np.uint8))


def kind_of_reference(one: Reference) -> InputKind:
    """A piece of music is called so."""
    if one.samples is None:
        return "picture"
    return "music" if one.name.endswith("music") else "sound"


def vector(one: Reference) -> np.ndarray:
    """Of a reference."""
    see = encoders().aligned
    if one.samples is None:
        assert one.pixels is not None
        return see.picture(one.pixels)
    assert one.rate is not None
    return (see.music if kind_of_reference(one) == "music" else see.sound)(one.samples, one.rate)


def read(file: Path) -> Case:
    """A case that was written."""
    with np.load(file) as stored:
        vectors, about = stored["vectors"], json.loads(bytes(stored["about"]).decode())
    given = [vectors[0], *vectors[2:]]
    inputs = tuple(Input(kind, v.astype(np.float32)) for kind, v in zip(about["kinds"], given, strict=True))
    return Case(about["kind"], about["words"], about["plain"], inputs, frozenset(about["subs"]), vectors[1])


def asked(model: object, case: Case, words: bool) -> Answer:
    """One case."""
    given = case.inputs[:1] if words else case.inputs
    found = model.understand(case.plain if words else case.words, given, caption=False)
    right = frozenset() if words else case.subs
    return Answer(found.base == 0, len(found.sub_vectors) == len(right), frozenset(found.subs) == right, found.gen)


def recalled(answers: Sequence[Answer], some: Sequence[Case], *, copied: bool = False) -> list[bool]:
    """Whether each `[gen]` has its own result among the first of a hundred; `copied`: with the source's vector in place of it."""
    results = np.stack([case.result for case in some])
    found = []
    for k, (answer, case) in enumerate(zip(answers, some, strict=True)):
        others = (k + 1 + np.arange(min(AMONG, len(some)) - 1)) % len(some)
        asked_for = case.inputs[0].vector if copied else answer.gen
        nearer = (results[others] @ asked_for > results[k] @ asked_for).sum()
        found.append(bool(nearer < FIRST))
    return found


def share(right: Sequence[bool]) -> str:
    """In per cent with its 95 % interval."""
    interval = wilson(sum(right), len(right))
    assert interval is not None
    return f"{100 * np.mean(right):.1f} ({100 * interval[0]:.0f}-{100 * interval[1]:.0f})"


def main() -> None:
    """Ask, and print the table."""
    parser = argparse.ArgumentParser(prog="recipes.understanding", description=__doc__)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--weights", default="mini")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--words", action="store_true")
    parser.add_argument("--make", action="store_true", help="make the cases, ask nothing")
    given = parser.parse_args()
    # Vectors of other heads would be read as if they were these.
    some = cases(given.cache / f"aligned-{expected_digest('aligned')[:12]}", given.count)
    if given.make:
        return
    model = language_model(given.weights)
    answers = [asked(model, case, given.words) for case in some]
    print("| kind | rows | control sequence | base | subs | gen: recall@5 of 100 | the source's vector instead |")
    print("|---|---|---|---|---|---|---|")
    gens, copies = recalled(answers, some), recalled(answers, some, copied=True)
    for kind in ["all", *sorted({case.kind for case in some})]:
        at = [k for k, case in enumerate(some) if kind in ("all", case.kind)]
        rows = [answers[k] for k in at]
        cells = [share([one.base and one.count for one in rows]), share([one.base for one in rows])]
        cells += [share([one.subs for one in rows]), share([gens[k] for k in at]), share([copies[k] for k in at])]
        print(f"| {kind} | {len(at)} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
