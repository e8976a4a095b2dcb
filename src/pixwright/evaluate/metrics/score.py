"""Cases in, a table out: batches of cases, every metric over each batch, one value a case and metric, and the means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from pixwright.evaluate.metrics.backbones import Backbones
from pixwright.evaluate.metrics.batch import CaseBatch
from pixwright.evaluate.metrics.contract import Case, Description, Mean, Metric, MetricSummary

BATCH = 16


@dataclass(frozen=True)
class Scored:
    """One case: its values by metric name, None where it has none, and whether the system failed or blackened it."""

    key: str
    values: dict[str, float | None]
    failed: bool


@dataclass(frozen=True)
class ScoreTable:
    """Every case, and each metric's summary in the order in which the metrics were given."""

    rows: tuple[Scored, ...]
    summary: dict[str, MetricSummary]
    about: dict[str, Description]


def score_batches(
    cases: Iterable[Case], metrics: Sequence[Metric], backbones: Backbones, size: int = BATCH
) -> Iterator[list[Scored]]:
    """Scores as they come, a batch at a time, so that a caller can keep them and resume."""
    stream = iter(cases)
    while part := list(islice(stream, size)):
        batch = CaseBatch(part, backbones)
        batch.prefetch([need for metric in metrics for need in metric.needs])
        values = {metric.about.name: metric.score(batch) for metric in metrics}
        yield [
            Scored(case.key, {name: found[i] for name, found in values.items()}, batch.failed[i])
            for i, case in enumerate(part)
        ]


def tabulate(rows: Iterable[Scored], metrics: Sequence[Metric]) -> ScoreTable:
    """The means over scored cases. Raises `InvalidOption` for a value out of its metric's range."""
    kept = tuple(rows)
    means = [Mean(metric.about) for metric in metrics]
    failed = [row.failed for row in kept]
    for mean in means:
        mean.update([row.values.get(mean.about.name) for row in kept], failed)
    return ScoreTable(kept, {m.about.name: m.compute() for m in means}, {m.about.name: m.about for m in means})


def score(cases: Iterable[Case], metrics: Sequence[Metric], backbones: Backbones, size: int = BATCH) -> ScoreTable:
    """`score_batches` and `tabulate` in one. Raises what reading a picture or opening a backbone raises."""
    return tabulate((row for part in score_batches(cases, metrics, backbones, size) for row in part), metrics)
