"""A built data set sifted by metrics: the filters of the papers that take published weights (CLIP, an aesthetic score, a detector), where they are there.

What `pixwright build` measures itself needs no download and decides while it builds. These decide afterwards, from the rows alone, so that a set is built
once and sifted as often as one likes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pixwright.build.run.shard import Row, decode_row, encode_rejected, parquet_bytes, read_rows
from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.backbones import Backbones
from pixwright.evaluate.metrics.contract import Case, Metric
from pixwright.evaluate.metrics.named import metric
from pixwright.evaluate.metrics.score import Scored, score_batches
from pixwright.media import write_atomically
from pixwright.records.sample import Sample

_RULE = re.compile(r"(?P<name>[^<>=]+?)\s*(?P<sign>>=|<=)\s*(?P<limit>-?\d+(?:\.\d+)?)")
_DIGITS = 5


@dataclass(frozen=True)
class MetricRule:
    """A metric's least or greatest value. A row that lacks what the metric needs is kept."""

    metric: Metric
    least: bool
    limit: float

    def failed(self, values: dict[str, float | None]) -> str:
        """Why a row goes, as `code: value < limit`; empty for one that stays."""
        name = self.metric.about.name
        value = values.get(name)
        if value is None or (value >= self.limit if self.least else value <= self.limit):
            return ""
        return f"{name}: {value:.4g} {'<' if self.least else '>'} {self.limit:g}"


@dataclass(frozen=True)
class Sifted:
    """Rows kept, and how many went by the name of the rule that they failed first; `found` shards lay there already."""

    kept: int
    gone: dict[str, int]
    found: int


def rule(text: str, backbones: Backbones) -> MetricRule:
    """`NAME>=LIMIT` or `NAME<=LIMIT`, with a name of `evaluate.metrics.named`. Raises `InvalidOption`."""
    read = _RULE.fullmatch(text.strip())
    if read is None:
        raise InvalidOption(f"'{text}' is no rule; give a metric with >= or <= and a number, as in 'aesthetic>=4.5'")
    return MetricRule(metric(read["name"], backbones), read["sign"] == ">=", float(read["limit"]))


def sift(run: Path, out: Path, rules: Sequence[MetricRule], backbones: Backbones) -> Sifted:
    """Every shard of a built folder into `out`: kept rows with the metrics among their scores, and beside them what went and why.

    The same rows and weights give the same bytes; shards that lie in `out` already are left alone, so that a run goes on where it was. Raises `InvalidOption` for a folder without
    shards or no rule, and what opening a backbone raises (`WeightsMissing`).
    """
    shards = sorted(run.glob("shard-*.parquet"))
    if not shards or not rules:
        raise InvalidOption(
            f"'{run}' holds no shard-*.parquet, or there is no rule; build first, and give --keep 'NAME>=LIMIT'"
        )
    if out.resolve() == run.resolve():
        raise InvalidOption(f"'{out}' is the folder that is sifted; give another one")
    out.mkdir(parents=True, exist_ok=True)
    kept, gone, found = 0, Counter[str](), 0
    for shard in shards:
        target = out / shard.name
        if target.is_file():
            found += 1
            continue
        stay, go = _parted(list(read_rows(shard)), rules, backbones)
        if go:
            write_atomically(out / shard.name.replace("shard-", "rejected-"), parquet_bytes(go, rejected=True))
        write_atomically(target, parquet_bytes(stay))  # last: a shard that is there is whole
        kept += len(stay)
        gone.update(row["reason"].partition(":")[0] for row in go)
    return Sifted(kept, dict(gone), found)


def _parted(rows: list[Row], rules: Sequence[MetricRule], backbones: Backbones) -> tuple[list[Row], list[Row]]:
    samples = [decode_row(row) for row in rows]
    metrics = {one.metric.about.name: one.metric for one in rules}
    scored = _each(score_batches(map(case_of, samples), list(metrics.values()), backbones))
    stay: list[Row] = []
    go: list[Row] = []
    for row, sample, done in zip(rows, samples, scored, strict=True):
        reason = next(filter(None, (one.failed(done.values) for one in rules)), "")
        new = {name: round(value, _DIGITS) + 0.0 for name, value in done.values.items() if value is not None}
        scores = {one["name"]: one["value"] for one in row["scores"] or []} | new
        row["scores"] = [{"name": name, "value": scores[name]} for name in sorted(scores)]
        if reason:
            go.append(encode_rejected(replace(sample, rejected=reason), row["split"]) | {"scores": row["scores"]})
        else:
            stay.append(row)
    return stay, go


def _each(batches: Iterator[list[Scored]]) -> Iterator[Scored]:
    for batch in batches:
        yield from batch


def case_of(sample: Sample) -> Case:
    """A row as if its edited picture had been made by a system: what was brought in is the subject, the reference its picture."""
    shown = [one for one in sample.references if one.pixels is not None]
    brought = sample.step.value if sample.step.type.traits.brings else None
    return Case(
        key=sample.id,
        made=sample.edited,
        source=sample.source,
        target=sample.edited,
        reference=shown[0].pixels if shown else None,
        caption=sample.edited_caption,
        source_caption=sample.source_caption,
        subject=brought or "",
        mask=sample.mask,
    )
