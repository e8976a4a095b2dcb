"""How fast `pixwright build anyedit` fills rows, and how much of a picture its edits leave alone.

    python benchmarks/data.py [--count 1000] [--workers 2]

Prints rows a second with and without the engine's start, processor time a row, what the workers pay once (networks, knowledge, every background
painted), what 10,000 rows cost, the mean SSIM of source and edited
picture (scikit-image, 7 x 7, per channel; AnyEdit's table 3 gives 0.664 for its photographs), and the same per group of types.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from skimage.metrics import structural_similarity

from pixwright.build.run.engine import build
from pixwright.build.run.manifest import read_run
from pixwright.build.run.recipe import anyedit
from pixwright.build.run.shard import read_shard


def main() -> None:
    """Build into a temporary folder, measure, and delete it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=1000)
    options.add_argument("--workers", type=int, default=2)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pixwright-data-"))
    try:
        recipe = anyedit().model_copy(update={"count": chosen.count, "seed": 31, "shard_size": 100})
        start = time.perf_counter()
        done = build(recipe, folder, workers=chosen.workers)
        wall = time.perf_counter() - start
        if done.failed or not done.kept:
            raise SystemExit(f"nothing to measure: {done.failed[:1] or 'no row was kept'}")
        made = read_run(folder)[1]
        cpu = sum(one.seconds.cpu for one in made)
        busy = sum(one.seconds.rows + one.seconds.files for one in made) / max(chosen.workers, 1)
        print(f"{done.kept} rows, {done.rejects} rejected, {chosen.workers} workers, 256 px")
        print(
            f"wall {wall:.0f} s, {done.kept / wall:.2f} rows/s; workers at work {busy:.0f} s each, {done.kept / busy:.2f} rows/s"
        )
        print(
            f"processor {cpu / done.kept * 1000:.0f} ms a row; 10,000 rows at the workers' rate: {10_000 * busy / done.kept / 60:.1f} min"
        )
        # What has to be loaded and painted is paid in the first shards; the later half shows what a row costs.
        later = made[len(made) // 2 :]
        steady = sum(one.seconds.cpu for one in later) / max(sum(one.kept for one in later), 1)
        once = max(cpu - steady * done.kept, 0.0)
        whole = (once + 10_000 * steady) / max(chosen.workers, 1) / 60
        print(
            f"later half: processor {steady * 1000:.0f} ms a row; paid once {once:.0f} s; 10,000 rows: {whole:.1f} min on as many cores"
        )
        by_group: dict[str, list[float]] = defaultdict(list)
        for shard in sorted(folder.glob("shard-*.parquet")):
            for row in read_shard(shard):
                if row.canvas is None:
                    by_group[row.type.group].append(structural_similarity(row.source, row.edited, channel_axis=2))
        every = [value for values in by_group.values() for value in values]
        print(f"SSIM {np.mean(every):.3f} over {len(every)} rows whose size does not change")
        print(", ".join(f"{group} {np.mean(values):.3f}" for group, values in by_group.items()))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
