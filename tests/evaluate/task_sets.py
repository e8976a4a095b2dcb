"""Benchmarks in their published layouts, written small; and systems for the tests of runs."""

import json
from pathlib import Path

import numpy as np
from evaluate_samples import drawn, noisy
from PIL import Image

from pixwright.evaluate.run.editors import Made
from pixwright.evaluate.run.example import BenchmarkExample


def save(path: Path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def magicbrush(folder: Path, turns=None):
    """`edit_sessions.json`, `images/ID/...`, `local_descriptions.json`: {session: number of turns}."""
    sessions, captions = {}, {}
    for place, (session, count) in enumerate((turns or {"30": 1, "139": 3}).items()):
        names = [f"{session}-input.png", *(f"{session}-output{n}.png" for n in range(1, count + 1))]
        for number, name in enumerate(names):
            save(folder / "images" / session / name, drawn(10 * place + number, 60, 80))
        sessions[session] = [
            {
                "input": names[n - 1],
                "mask": f"{session}-mask{n}.png",
                "output": names[n],
                "instruction": f"edit {n} of {session}",
            }
            for n in range(1, count + 1)
        ]
        captions[session] = {name: f"a photo of cat {n}" for n, name in enumerate(names)}
    (folder / "edit_sessions.json").write_text(json.dumps(sessions))
    (folder / "local_descriptions.json").write_text(json.dumps(captions))
    return folder


def magicbrush_outputs(folder: Path, truth: Path, sigma=12):
    """Results under MagicBrush's own names, of another size than the truth, as the baselines' are."""
    sessions = json.loads((truth / "edit_sessions.json").read_text())
    for session, turns in sessions.items():
        for n, turn in enumerate(turns, 1):
            made = noisy(np.asarray(Image.open(truth / "images" / session / turn["output"])), sigma, seed=n)
            large = np.asarray(Image.fromarray(made).resize((128, 96)))
            for kind in ("",) if n == 1 else ("inde_", "iter_"):
                save(folder / session / f"{session}_{kind}{n}.png", large if kind != "iter_" else large[::-1].copy())
    return folder


def examples(count=5, side=48):
    """Plain examples with a truth that is the source made brighter."""
    out = []
    for n in range(count):
        source = drawn(n, side, side)
        target = np.clip(source.astype(np.int16) + 20, 0, 255).astype(np.uint8)
        groups = {"type": "even" if n % 2 == 0 else "odd"}
        out.append(BenchmarkExample(f"e{n}", f"brighten {n}", source, target, caption=f"bright {n}", groups=groups))
    return out


class Brighten:
    """Adds `amount`; refuses, fails and crashes where it is told to."""

    name = "brighten"

    def __init__(self, amount=20, refuse=(), crash=(), black=()):
        self.amount, self.refuse, self.crash, self.black, self.calls = amount, refuse, crash, black, []

    def edit(self, example, source, seed):
        self.calls.append(example.key)
        if example.key in self.crash:
            raise RuntimeError("out of luck")
        if example.key in self.refuse:
            return Made(None, "not_done", "will not")
        if example.key in self.black:
            return Made(np.zeros_like(source), "done")
        return Made(np.clip(source.astype(np.int16) + int(self.amount), 0, 255).astype(np.uint8), "done")

    def weights(self):
        return {"tiny": "0" * 64}
