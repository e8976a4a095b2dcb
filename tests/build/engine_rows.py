"""Makers for the engine's tests: small, real and pure. Imported by name, also in other processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import cv2
import numpy as np

from pixwright.build.run.quarantine import Quarantined
from pixwright.errors import InvalidImage
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Part, Reference, Sample

COLOURS = {"red": (200, 30, 35), "green": (40, 140, 60), "blue": (35, 75, 190), "yellow": (245, 215, 40)}


def row(recipe, index):
    """A disc on a gradient with noise, recoloured; every seventh is rejected, every eleventh is not there."""
    rng = np.random.default_rng([recipe.seed, index])
    if index % 11 == 10:
        return Quarantined(f"disc-{index:06d}", f"missing_picture: 'disc{index}.png' is not in the folder", "discs")
    size = recipe.size
    first, second = rng.choice(sorted(COLOURS), 2, replace=False)
    ground = np.linspace(90, 200, size, dtype=np.float32)[:, None, None] + rng.normal(0, 6, (size, size, 3))
    ground = np.clip(ground, 0, 255).astype(np.uint8)
    centre, radius = (
        tuple(int(v) for v in rng.integers(size // 3, 2 * size // 3, 2)),
        int(rng.integers(size // 8, size // 4)),
    )
    mask = cv2.circle(np.zeros((size, size), np.uint8), centre, radius, 255, -1)
    before, after = ground.copy(), ground.copy()
    before[mask > 0], after[mask > 0] = COLOURS[first], COLOURS[second]
    time.sleep(float(recipe.options.get("pause", "0")))
    kind = recipe.type_of(index)
    sound = np.sin(np.arange(800, dtype=np.float32) / 7) * 0.5
    return Sample(
        id=f"disc-{index:06d}",
        dataset=recipe.name,
        type=kind,
        source=before,
        edited=after,
        instruction=f"make the disc {second} like [1]",
        step=Step(type=kind, instruction=f"make the disc {second}", target="disc", value=str(second), reference=1),
        source_caption=f"a {first} disc",
        edited_caption=f"a {second} disc",
        mask=None if kind is EditType.TONE_TRANSFER else mask,
        canvas=(0, 0, size, size) if kind is EditType.OUTPAINT else None,
        references=(
            Reference(1, "disc", "a disc", np.dstack([after, mask])),
            Reference(2, "tone", "a hum", None, sound.astype(np.float32), 8000),
        ),
        parts=(Part("discs/one", "drawn", "CC0-1.0", "0" * 64),),
        scores={"l1": float(np.abs(before.astype(float) - after).mean() / 255), "area": float((mask > 0).mean())},
        rejected="l1: too small" if index % 7 == 6 else "",
        extra={"first": str(first)},
    )


def discs(recipe, start, stop):
    for index in range(start, stop):
        yield row(recipe, index)


def breaking(recipe, start, stop):
    """Place 5 meets a broken picture, place 9 a bug, and 12 repeats the id of 11 in the same span."""
    for index in range(start, stop):
        if index == 5:
            raise InvalidImage("'disc5.png' is not a picture")
        if index == 9:
            raise KeyError("no such disc")
        yield row(recipe, 11 if index == 12 else index)


def broken(recipe, start, stop):
    raise RuntimeError("this maker never works")


def once(recipe, start, stop):
    """The first time that shard 1 is made, the memory is full."""
    mark = Path(recipe.options["mark"])
    if start == recipe.shard_size and not mark.exists():
        mark.touch()
        raise MemoryError
    yield from discs(recipe, start, stop)


def killed(recipe, start, stop):
    """The first time that shard 1 is made, its process dies."""
    mark = Path(recipe.options["mark"])
    if start == recipe.shard_size and (not mark.exists() or "always" in recipe.options):
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield from discs(recipe, start, stop)
