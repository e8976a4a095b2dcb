"""From a recipe to a folder of shards: resumable, on one process, several, or a cluster.

A shard is a pure function of recipe and number; so it does not matter who makes it, when, or how often. Ray Data hands the numbers to
workers; with `workers=0` this process makes them itself and no engine is needed. The bytes are the same.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pixwright.build.run import manifest as runs
from pixwright.build.run import shard as files
from pixwright.build.run import workers as crews
from pixwright.build.run.manifest import Seconds, ShardManifest
from pixwright.build.run.progress import Counted, ProgressBar
from pixwright.build.run.quarantine import Quarantined, code_of
from pixwright.build.run.recipe import Maker, Recipe, load_maker
from pixwright.build.source.shards import arrow
from pixwright.errors import InvalidOption, PixwrightError
from pixwright.media import write_atomically
from pixwright.records.sample import Sample

UNTYPED = "any"
"""Stands for the type of a try that ended before it had one."""
TRIES = 2
"""How often a shard is tried before it is given up."""


@dataclass(frozen=True)
class ShardRows:
    """A shard before it is files: encoded rows, and how many of them per type and per code of the reason."""

    kept: list[files.Row]
    rejected: list[files.Row]
    types: dict[str, int]
    rejected_by: dict[str, dict[str, int]]
    quarantined_by: dict[str, int]


@dataclass(frozen=True)
class RunSummary:
    """What a run did. `made` and `found` count shards; `failed` holds those that failed twice, with the reason."""

    folder: Path
    made: int
    found: int
    kept: int
    rejects: int
    seconds: float
    failed: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Projection:
    """What `target` kept rows would cost at the rates that a run measured."""

    target: int
    measured_rows: int
    places: int
    """Places to fill: more than `target` where some stay empty."""
    core_hours: float
    bytes: int
    """Kept rows and rejected ones."""
    rows_per_core_second: float
    drift: float
    """Processor seconds a place in the last third of the shards over those in the first third: 1.0 is linear growth, more is worse."""


def make_shard(
    recipe: Recipe, shard: int, make: Maker | None = None, place_done: Callable[[], None] = lambda: None
) -> ShardRows:
    """The rows of a shard, encoded: a pure function. A place that fails is a quarantined row. `place_done` is told of every place.

    Raises `InvalidOption` if the maker is not there, and `PixwrightError` if every place failed: then the maker itself is at fault.
    """
    make = make or load_maker(recipe)
    start, stop = recipe.span(shard)
    found = _places(recipe, make, start, stop, place_done)
    failed = [row["reason"] for row, failure in found if failure]
    if len(failed) == stop - start:
        raise PixwrightError(f"every place of shard {shard} failed, the first with: {failed[0]}")
    return _counted(_unique([row for row, _ in found], recipe))


def write_shard(recipe: Recipe, folder: Path, shard: int) -> ShardManifest:
    """Make a shard and put it into the folder, its manifest last. Raises as `make_shard`, and `InvalidOption` for a full disk."""
    began, cpu = time.perf_counter(), time.process_time()
    with Counted(folder, runs.shard_stem(shard)) as counted:
        rows = make_shard(recipe, shard, place_done=counted.one_more)
    between = time.perf_counter()
    contents = {}
    if "parquet" in recipe.formats:
        contents[f"{runs.shard_stem(shard)}.parquet"] = files.parquet_bytes(rows.kept)
    if "webdataset" in recipe.formats:
        contents[f"{runs.shard_stem(shard)}.tar"] = files.tar_bytes(rows.kept)
    if rows.rejected:
        contents[f"rejected-{shard:05d}.parquet"] = files.parquet_bytes(rows.rejected, rejected=True)
    described = runs.described(contents)
    start, stop = recipe.span(shard)
    seconds = Seconds(
        rows=round(between - began, 4),
        files=round(time.perf_counter() - between, 4),
        cpu=round(time.process_time() - cpu, 4),
        first=round(counted.first, 4),
    )
    done = ShardManifest(
        shard=shard,
        start=start,
        stop=stop,
        identity=runs.identity(recipe),
        files=described,
        types=rows.types,
        rejected=rows.rejected_by,
        quarantined=rows.quarantined_by,
        seconds=seconds,
    )
    runs.write_shard_files(folder, done, contents)
    return done


def build(
    recipe: Recipe,
    folder: Path,
    *,
    workers: int = 0,
    cluster: str | None = None,
    force: bool = False,
    show: bool = False,
) -> RunSummary:
    """Fill the folder with the recipe's shards; those that are finished stay as they are.

    `workers=0` works in this process; more are processes of Ray on this machine, or, with `cluster` (`auto` or HOST:PORT), of that cluster,
    which must see `folder` under the same path. A shard that fails is reported and tried once more, at the end.
    Raises `InvalidOption` (another recipe in the folder, folder in use, no such maker) and `MissingExtra`.
    """
    if workers < 0 or (cluster and workers == 0):
        raise InvalidOption(f"{workers} workers{' on a cluster' if cluster else ''}; give 1 or more")
    load_maker(recipe)  # fails here, in one line, rather than once a shard
    arrow()
    began = time.perf_counter()
    folder = folder.resolve()
    job = partial(attempt, recipe=recipe.canonical(), folder=str(folder))
    with runs.locked(folder):
        waiting = runs.open_run(folder, recipe, force=force)
        left = sum(stop - start for start, stop in map(recipe.span, waiting))
        with (
            ProgressBar(recipe.count, done=recipe.count - left, show=show, folder=folder) as bar,
            crews.pool(job, workers if waiting else 0, cluster) as run,
        ):
            if 0 < len(waiting) < workers:
                shards = "1 shard is" if len(waiting) == 1 else f"{len(waiting)} shards are"
                bar.say(
                    f"{shards} left to make, so {len(waiting)} of {workers} workers has work; a shard holds {recipe.shard_size} places, and "
                    f"more of them take a larger --count"
                )
            made, failed = _made(run, waiting, bar, runs.identity(recipe))
        _card(folder, recipe)
        return RunSummary(
            folder=folder,
            made=len(made),
            found=recipe.shards - len(waiting),
            kept=sum(one.kept for one in made),
            rejects=sum(one.rejects for one in made),
            seconds=time.perf_counter() - began,
            failed=tuple(sorted(failed.items())),
        )


def _made(
    run: crews.Run, waiting: list[int], bar: ProgressBar, identity: str
) -> tuple[list[ShardManifest], dict[int, str]]:
    """Run all, then once more what failed: (manifests, shard -> why it failed)."""
    made: list[ShardManifest] = []
    failed: dict[int, str] = {}
    for last in (False, True):
        todo, failed = sorted(failed) if last else waiting, {}
        for shard, text in run(todo):
            done = ShardManifest.model_validate_json(text) if text.startswith("{") else None
            if done and done.identity != identity:
                done, text = None, "its worker has other versions than this process; see made_by in recipe.json"
            if done:
                made.append(done)
                bar.add(done.stop - done.start, done.kept, done.rejects)
            else:
                failed[shard] = text
                bar.say(f"shard {shard} failed{' again' if last else ', will be tried once more'}: {text}")
    return made, failed


def projection(run_folder: Path, target: int = 2_500_000) -> Projection:
    """What `target` kept rows cost, from the seconds and bytes in a run's manifests. Raises `InvalidOption` where no row was kept."""
    _, done = runs.read_run(run_folder)
    kept, places = sum(one.kept for one in done), sum(one.stop - one.start for one in done)
    if not kept:
        raise InvalidOption(f"'{run_folder}' has no finished row to measure; build some first")
    cpu = _working(done)
    size = sum(held.bytes for one in done for held in one.files.values())
    third = max(1, len(done) // 3)

    def cost(part: list[ShardManifest]) -> float:
        return _working(part) / sum(one.stop - one.start for one in part)

    # The first shard of a process also pays for loading; where there are enough, it is not compared.
    body = done[1:] if len(done) > 6 else done
    return Projection(
        target=target,
        measured_rows=kept,
        places=round(target * places / kept),
        core_hours=cpu / kept * target / 3600,
        bytes=round(size / kept * target),
        rows_per_core_second=kept / max(cpu, 1e-9),
        drift=cost(body[-third:]) / max(cost(body[:third]), 1e-9),
    )


def _working(done: Sequence[ShardManifest]) -> float:
    """Processor seconds of shards as they would be if nothing had to be loaded: a shard's first place is counted like its others."""
    return sum(
        (one.seconds.cpu - one.seconds.first) * places / (places - 1)
        if (places := one.stop - one.start) > 1
        else one.seconds.cpu
        for one in done
    )


def _places(
    recipe: Recipe, make: Maker, start: int, stop: int, place_done: Callable[[], None]
) -> list[tuple[files.Row, bool]]:
    """(encoded row, whether it stands for a failure). A span that fails is halved until the place at fault is alone."""
    found = []
    try:
        for row in make(recipe, start, stop):
            found.append((_encoded(row, recipe), False))
            if not (row.trial if isinstance(row, Quarantined) else row.rejected):
                place_done()
        return found
    except MemoryError:
        raise  # the machine's fault, not the row's: the shard is tried again
    except Exception as problem:  # noqa: BLE001 - the engine's promise: one row never ends the run
        if stop - start > 1:
            middle = (start + stop) // 2
            return _places(recipe, make, start, middle, place_done) + _places(recipe, make, middle, stop, place_done)
        code = problem.code if isinstance(problem, PixwrightError) else "internal"
        detail = str(problem) if isinstance(problem, PixwrightError) else f"{type(problem).__name__}: {problem}"
        row = Quarantined(f"{recipe.name}-{start:08d}-failed", f"{code}: {' '.join(detail.split())[:400]}")
        return [(files.encode_rejected(row, recipe.split), True)]


def _encoded(row: Sample | Quarantined, recipe: Recipe) -> files.Row:
    if isinstance(row, Quarantined) or row.rejected:
        return files.encode_rejected(row, recipe.split)
    return files.encode_sample(row, recipe.split, recipe.jpeg_quality)


def _unique(rows: list[files.Row], recipe: Recipe) -> list[files.Row]:
    """A second row of the same id is quarantined."""
    seen: set[str] = set()
    found = []
    for row in rows:
        name = row["img_id"]
        if name in seen and "status" not in row:
            twin = Quarantined(name, f"duplicate_id: '{name}' is in this shard already")
            row = files.encode_rejected(twin, recipe.split)
        seen.add(name)
        found.append(row)
    return found


def _counted(rows: list[files.Row]) -> ShardRows:
    kept = [row for row in rows if "status" not in row]
    rejected = [row for row in rows if "status" in row]
    by_type: dict[str, Counter[str]] = {}
    for row in rejected:
        if row["status"] != "quarantined":
            by_type.setdefault(row["type"] or UNTYPED, Counter())[code_of(row["reason"])] += 1
    quarantined = Counter(code_of(row["reason"]) for row in rejected if row["status"] == "quarantined")
    return ShardRows(
        kept=kept,
        rejected=rejected,
        types=dict(sorted(Counter(row["type"] for row in kept).items())),
        rejected_by={kind: dict(sorted(codes.items())) for kind, codes in sorted(by_type.items())},
        quarantined_by=dict(sorted(quarantined.items())),
    )


def attempt(shard: int, recipe: str, folder: str) -> str:
    """`write_shard` for a worker: the manifest as JSON, or a line that says why it failed. One shard never ends a run.

    A process that dies (killed, out of memory) says nothing, and Ray would try its shard for ever: a mark in the folder counts the tries.
    """
    try:
        mark = Path(folder) / f".{runs.shard_stem(shard)}.tries.part"
        with mark.open("a") as held:
            held.write(".")
        if mark.stat().st_size > TRIES:
            return f"the process that made it died {TRIES} times (killed, or out of memory)"
        done = write_shard(Recipe.model_validate_json(recipe), Path(folder), shard).model_dump_json()
        mark.unlink(missing_ok=True)
    except Exception as problem:  # noqa: BLE001 - the engine's promise: one shard never ends the run
        return f"{type(problem).__name__}: {' '.join(str(problem).split())[:400]}"
    return done


def _card(folder: Path, recipe: Recipe) -> None:
    """The few lines from which Hugging Face's viewer knows which files are rows and which were rejected."""
    configs = [{"config_name": "default", "data_files": [{"split": str(recipe.split), "path": "shard-*.parquet"}]}]
    if any(folder.glob("rejected-*.parquet")):
        configs.append(
            {"config_name": "rejected", "data_files": [{"split": str(recipe.split), "path": "rejected-*.parquet"}]}
        )
    text = f"---\nconfigs: {json.dumps(configs)}\n---\n\n# {recipe.name}\n\nBuilt by pixwright from the recipe in `recipe.json`.\n"
    write_atomically(folder / "README.md", text.encode())
