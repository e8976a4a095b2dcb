"""How many pictures a second the two renderers draw, and how far they are apart.

python benchmarks/scenes.py                      # numpy and torch on the CPU
python benchmarks/scenes.py --device cuda        # torch on a GPU
python benchmarks/scenes.py --steps              # where torch spends its time
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pixwright.build.contract import LayeredScene
from pixwright.build.scene.batched import BatchRenderer
from pixwright.build.scene.compose import compose
from pixwright.build.scene.render import render
from pixwright.build.source.packaged import PackagedCatalogue
from pixwright.records.sample import Split


def pairs(catalogue: PackagedCatalogue, count: int, size: int, things: int) -> list[LayeredScene]:
    """Scenes before and after an edit, in turn: a thing is taken out, moved or mirrored."""
    scenes = []
    for index in range(count):
        rng = np.random.default_rng([11, index])
        scene = compose(catalogue, rng, size, size, things)
        last = len(scene.layers) - 1
        if last < 0:
            after = scene
        elif index % 3 == 0:
            after = scene.with_layer(last, None)
        else:
            layer = scene.layers[last]
            moved = replace(layer, x=layer.x + 0.05) if index % 3 == 1 else replace(layer, flip=not layer.flip)
            after = scene.with_layer(last, moved)
        scenes += [scene, after]
    return scenes


def rate(work: Callable[[], object], pictures: int, seconds: float) -> tuple[float, float]:
    """Pictures a second, after one run to warm up; and milliseconds of processor time a picture, which others on the machine touch less."""
    work()
    start, used, runs = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - start < seconds:
        work()
        runs += 1
    drawn = runs * pictures
    return drawn / (time.perf_counter() - start), (time.process_time() - used) / drawn * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=64)
    parser.add_argument("--batch", type=int, default=32, help="pictures a batch")
    parser.add_argument("--things", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--threads", type=int, default=0, help="0: as many as torch chooses")
    parser.add_argument("--steps", action="store_true", help="profile the batched renderer")
    options = parser.parse_args()
    import torch

    if options.threads:
        torch.set_num_threads(options.threads)
    catalogue = PackagedCatalogue(Split.TRAIN)
    start = time.perf_counter()
    scenes = pairs(catalogue, options.pairs, options.size, options.things)
    layers = sum(len(scene.layers) for scene in scenes) / len(scenes)
    print(
        f"{len(scenes)} scenes of {options.size} px, {layers:.1f} layers, composed cold in {time.perf_counter() - start:.1f} s"
    )
    start = time.perf_counter()
    pairs(catalogue, options.pairs, options.size, options.things)
    print(f"compose           {options.pairs / (time.perf_counter() - start):8.0f} scenes/s (warm, one thread)")
    batches = [scenes[k : k + options.batch] for k in range(0, len(scenes), options.batch)]
    renderer = BatchRenderer(options.device)

    def batched() -> None:
        for batch in batches:
            renderer.render(batch, catalogue)
        if options.device != "cpu":
            torch.cuda.synchronize()

    few = scenes[: options.batch]
    if options.device == "cpu":
        speed, spent = rate(lambda: [render(scene, catalogue) for scene in few], len(few), options.seconds)
        print(f"numpy             {speed:8.0f} pictures/s, {spent:.2f} ms of processor time each (one thread)")
    speed, spent = rate(batched, len(scenes), options.seconds)
    print(
        f"torch {options.device:<11} {speed:8.0f} pictures/s, {speed / 2:.0f} pairs/s; {spent:.2f} ms of processor time each ({torch.get_num_threads()} threads)"
    )
    drawn = renderer.render(few, catalogue).pictures.cpu().numpy().transpose(0, 2, 3, 1).astype(int)
    apart = [np.abs(new - render(scene, catalogue).picture).max() for new, scene in zip(drawn, few, strict=True)]
    print(f"largest difference {max(apart)} of 255")
    if options.steps:
        from torch.profiler import ProfilerActivity, profile

        with profile(activities=[ProfilerActivity.CPU]) as profiled:
            batched()
        print(profiled.key_averages().table(sort_by="self_cpu_time_total", row_limit=16, max_name_column_width=30))


if __name__ == "__main__":
    main()
