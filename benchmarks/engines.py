"""Engines compared: the same samples on Ray Data, on Daft, and in one process.

    python benchmarks/engines.py ENGINE WORKERS [--count 5000] [--folder DIR]     # ENGINE: none, ray, daft

Prints one line of JSON: start-up (until the first shard began), wall time, samples a second from then on, the share of that time in which a
worker was at work (which, unlike the rate, does not depend on who else uses the machine), processor seconds of the rows and of everything,
the largest sum of resident memory over all processes (and with shared pages counted once), and a hash over all data files, which must not
depend on the engine. `docs/engines.md` holds the figures.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from pixwright.build.run import engine, manifest
from pixwright.build.run.recipe import Recipe
from pixwright.build.run.workers import ONE_THREAD
from pixwright.encoders.bundle import Encoders
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Part, Sample

COLOURS = {"red": (200, 30, 35), "green": (40, 140, 60), "blue": (35, 75, 190), "yellow": (245, 215, 40)}


@lru_cache(maxsize=1)
def encoders() -> Encoders:
    """One per process, as a real maker would hold them."""
    return Encoders()


def shapes(recipe: Recipe, start: int, stop: int) -> Iterator[Sample]:
    """Discs and boxes on a noisy ground, one of them recoloured; its score is the similarity that EfficientNet sees."""
    encoders().picture  # noqa: B018 - loaded before the rows
    for index in range(start, stop):
        yield shape(recipe, index)


def shape(recipe: Recipe, index: int) -> Sample:
    """Row `index`."""
    rng = np.random.default_rng([recipe.seed, index])
    size = recipe.size
    ground = cv2.resize(rng.integers(60, 220, (8, 8, 3), dtype=np.uint8), (size, size), interpolation=cv2.INTER_CUBIC)
    before = np.clip(ground + rng.normal(0, 4, ground.shape), 0, 255).astype(np.uint8)
    after = before.copy()
    first, second = rng.choice(sorted(COLOURS), 2, replace=False)
    mask = np.zeros((size, size), np.uint8)
    centre, radius = (
        tuple(int(v) for v in rng.integers(size // 4, 3 * size // 4, 2)),
        int(rng.integers(size // 8, size // 4)),
    )
    cv2.circle(mask, centre, radius, 255, -1)
    before[mask > 0], after[mask > 0] = COLOURS[first], COLOURS[second]
    one, other = (encoders().picture.features(picture).grid.mean((0, 1)) for picture in (before, after))
    likeness = float(one @ other / (np.linalg.norm(one) * np.linalg.norm(other)))
    return Sample(
        id=f"shape-{index:07d}",
        dataset=recipe.name,
        type=EditType.COLOR_ALTER,
        source=before,
        edited=after,
        instruction=f"make the {first} disc {second}",
        step=Step(
            type=EditType.COLOR_ALTER, instruction=f"make the {first} disc {second}", target="disc", value=str(second)
        ),
        source_caption=f"a {first} disc",
        edited_caption=f"a {second} disc",
        mask=mask,
        parts=(Part("shapes/disc", "drawn", "CC0-1.0", "0" * 64),),
        scores={"likeness": likeness},
    )


def on_daft(recipe: Recipe, folder: Path, workers: int) -> None:
    """The same job under Daft: a row a shard, a class with a process for each worker."""
    import daft

    daft.set_runner_native()
    text, where = recipe.canonical(), str(folder.resolve())

    @daft.cls(max_concurrency=workers, use_process=True)
    class Crew:
        @daft.method(return_dtype=daft.DataType.string())
        def make(self, shard: int) -> str:
            cv2.setNumThreads(1)
            return engine.attempt(shard, text, where)

    crew = Crew()
    with manifest.locked(folder):
        # Without batches of one, all rows are one morsel, and one process makes them all.
        frame = daft.from_pydict({"shard": manifest.open_run(folder, recipe)}).into_batches(1)
        for row in frame.with_column("made", crew.make(daft.col("shard"))).iter_rows():
            if not row["made"].startswith("{"):
                print(row["made"], file=sys.stderr)


def work(name: str, crew: int, recipe: Recipe, folder: Path) -> None:
    if name == "daft":
        on_daft(recipe, folder, crew)
    else:
        print(engine.build(recipe, folder, workers=0 if name == "none" else crew), file=sys.stderr)


def family(root: int) -> dict[int, list[str]]:
    """A process and all that descend from it: id -> the fields of its `stat` after the name."""
    every = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                every[int(entry.name)] = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
    found = {root}
    while more := {pid for pid, fields in every.items() if int(fields[1]) in found} - found:
        found |= more
    return {pid: every[pid] for pid in found if pid in every}


def memory(processes: Iterable[int]) -> tuple[int, int]:
    """Resident bytes, and the same with shared pages counted once."""
    rss = pss = 0
    for pid in processes:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
        rss, pss = rss + kilobytes["Rss:"] * 1024, pss + kilobytes["Pss:"] * 1024
    return rss, pss


def watch(child: subprocess.Popen[bytes]) -> dict[str, float]:
    """What a process and its descendants take until it ends."""
    rss = pss = count = 0
    cpu: dict[int, int] = {}
    while child.poll() is None:
        processes = family(child.pid)
        cpu |= {pid: int(fields[11]) + int(fields[12]) for pid, fields in processes.items()}
        now = memory(processes)
        rss, pss, count = max(rss, now[0]), max(pss, now[1]), max(count, len(processes))
        time.sleep(0.25)
    seconds = round(sum(cpu.values()) / os.sysconf("SC_CLK_TCK"), 1)
    return {"peak_rss_mb": rss // 10**6, "peak_pss_mb": pss // 10**6, "processes": count, "all_cpu_s": seconds}


def measure(arguments: argparse.Namespace, recipe: Recipe, folder: Path) -> dict[str, object]:
    """Run the work in a process of its own and watch it."""
    shutil.rmtree(folder, ignore_errors=True)
    began, at = time.perf_counter(), time.time()
    path = {"PYTHONPATH": str(Path(__file__).parent.resolve())}  # the workers import this file by its name
    child = subprocess.Popen([sys.executable, __file__, *sys.argv[1:], "--inside"], env=os.environ | path | ONE_THREAD)
    taken = watch(child)
    wall = time.perf_counter() - began
    _, done = manifest.read_run(folder)
    ends = {one.shard: (folder / f"{manifest.shard_stem(one.shard)}.json").stat().st_mtime - at for one in done}
    busy = {one.shard: one.seconds.rows + one.seconds.files for one in done}
    start = min(ends[shard] - busy[shard] for shard in ends)
    steady = max(ends.values()) - start
    rows = sum(one.kept for one in done)
    digest = hashlib.sha256("".join(sorted(f.sha256 for one in done for f in one.files.values())).encode()).hexdigest()
    return {
        "engine": arguments.engine,
        "workers": arguments.workers,
        "rows": rows,
        "start_s": round(start, 2),
        "wall_s": round(wall, 1),
        "steady_per_s": round(rows / steady, 1),
        "busy": round(sum(busy.values()) / steady / max(1, arguments.workers), 3),
        "rows_cpu_s": round(sum(one.seconds.cpu for one in done), 1),
        **taken,
        "load": round(os.getloadavg()[0], 1),
        "files": digest[:12],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=["none", "ray", "daft"])
    parser.add_argument("workers", type=int)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--folder", type=Path, default=Path("engines-run"))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    recipe = Recipe(
        name="shapes", maker="engines:shapes", count=arguments.count, shard_size=50, types={EditType.COLOR_ALTER: 1.0}
    )
    if arguments.inside:
        work(arguments.engine, arguments.workers, recipe, arguments.folder)
    else:
        print(json.dumps(measure(arguments, recipe, arguments.folder)))


if __name__ == "__main__":
    main()
