"""Judges: what gives values to edits. Metrics over batches are one; a language model that sees is another (`evaluate.run.vlm`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.backbones import MINI, Backbones, rows
from pixwright.evaluate.metrics.contract import Case, Description, Metric, check
from pixwright.evaluate.metrics.named import NAMES, metric
from pixwright.evaluate.metrics.score import score_batches
from pixwright.evaluate.run.example import BenchmarkExample, Held, pixels_of
from pixwright.weights.registry import entry
from pixwright.weights.store import digest


@dataclass(frozen=True, eq=False)
class Asked:
    """An edit that is to be judged: what was wanted, and the file of what was made (the unchanged picture where the edit failed)."""

    example: BenchmarkExample
    made: Path
    source: Held
    """What was edited: the example's source, in a chain the result of the turn before."""


@dataclass(frozen=True)
class Judged:
    """Values by name, None where something is missing. `black`: the result is a blackened picture. `record`: what has to be kept besides."""

    values: dict[str, float | None]
    black: bool = False
    record: dict[str, Any] = field(default_factory=dict)


class Judge(Protocol):
    """Gives every edit its values."""

    name: str

    def about(self) -> dict[str, Description]:
        """What the values are, by name, in the order of the table."""
        ...

    def judge(self, asked: Sequence[Asked]) -> list[Judged]:
        """One answer an edit. Raises `InvalidOption` for a value out of its range."""
        ...

    def weights(self) -> dict[str, str]:
        """Name -> sha256 (or revision, where there is no file) of what was used."""
        ...


def identity(judge: Judge) -> str:
    """A hash of everything that its values depend on: other metrics, backbones or revisions score again."""
    told = json.dumps({name: asdict(about) for name, about in judge.about().items()}, sort_keys=True)
    return f"{judge.name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


class MetricJudge:
    """The metrics of `evaluate.metrics.named`, in batches: each picture is decoded once and each backbone runs once for all of them."""

    name = "metrics"

    def __init__(self, metrics: Sequence[Metric], backbones: Backbones) -> None:
        self.metrics = tuple(metrics)
        self.backbones = backbones

    def about(self) -> dict[str, Description]:
        return {one.about.name: one.about for one in self.metrics}

    def judge(self, asked: Sequence[Asked]) -> list[Judged]:
        cases = [case_of(one) for one in asked]
        about = self.about()
        (found,) = score_batches(cases, self.metrics, self.backbones, max(1, len(cases)))
        for row in found:
            for name, value in row.values.items():
                if value is not None:
                    check(about[name], value)
        return [Judged(row.values, row.failed) for row in found]

    def weights(self) -> dict[str, str]:
        used = {one.about.backbone for one in self.metrics} | {name for one in self.metrics for name, _ in one.needs}
        mini = ("efficientnet-lite2", "efficientnet-lite2-classifier", "minilm") if used & set(MINI) else ()
        found = {name: entry(name).sha256 for name in mini}
        return found | {name: _sha256(self.backbones.locate(name)) for name in sorted(used & set(rows()))}


def case_of(asked: Asked) -> Case:
    """The case that the metrics see."""
    one = asked.example
    return Case(
        key=one.key,
        made=asked.made,
        target=None if one.target is None else _file_or_pixels(one.target),
        source=_file_or_pixels(asked.source),
        reference=one.reference,
        caption=one.caption,
        source_caption=one.source_caption,
        subject=one.subject,
        mask=one.mask,
    )


def resolve(names: Iterable[str], backbones: Backbones) -> tuple[list[Metric], list[str]]:
    """The metrics of a protocol as far as their weights are here, else their stand-ins under `mini-` names; and a line for each that was exchanged.

    Raises `InvalidOption` for an unknown name.
    """
    found: dict[str, Metric] = {}
    notes = []
    for wanted in names:
        made = _ready(wanted, backbones)
        if made is None:
            stand_in = _stand_in(wanted)
            made = _ready(stand_in, backbones) if stand_in else None
            what = f"{stand_in} stands in; compare it with no paper" if made else "there is no stand-in; it is left out"
            notes.append(f"{wanted}: its weights are not here; {what}")
        if made is not None:
            found.setdefault(made.about.name, made)
    return list(found.values()), notes


def _ready(wanted: str, backbones: Backbones) -> Metric | None:
    name = wanted.partition("@")[0].partition("~")[0]
    if name in ("recall", "DINO_sub") and backbones.finder.mini:
        return None
    made = metric(wanted, backbones)
    needed = {backbone for backbone, _ in made.needs} | ({made.about.backbone} & set(rows()))
    return made if all(backbones.has(one) for one in needed) else None


def _stand_in(wanted: str) -> str:
    rest = wanted.partition("@")[0]
    name, tilde, against = rest.partition("~")
    # Without a second caption-to-picture network, what CLIP-out and CLIP-score ask is mini-CLIP-T's question.
    name = {"CLIP-out": "CLIP-T", "CLIP-score": "CLIP-T"}.get(name, name)
    return f"mini-{name}{tilde}{against}" if f"mini-{name}" in NAMES else ""


def _file_or_pixels(held: Any) -> Any:
    return held if isinstance(held, Path) else pixels_of(held)


@cache
def _sha256(where: Path) -> str:
    path = where if where.is_file() else where / "model.safetensors"
    if not path.is_file():
        raise InvalidOption(f"{path} is not there; the weights of a metric must be one file")
    return digest(path)
