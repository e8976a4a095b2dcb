"""Public reports of evaluations that one odd row ended; each with a neighbour of its kind."""

from __future__ import annotations

import json

import numpy as np

from pixwright.evaluate.readers.listed import listed
from pixwright.evaluate.run.commands import evaluate
from pixwright.media import save_plain


def picture(path, seed=0, size=(40, 60)):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_plain(np.random.default_rng(seed).integers(0, 255, (*size, 3)).astype(np.uint8), path)
    return path


def benchmark(folder, **changes):
    for number, name in enumerate(("a", "b", "c")):
        picture(folder / f"{name}.png", number)
        picture(folder / f"{name}-out.png", number + 5)
    save_plain(np.pad(np.full((10, 15), 255, np.uint8), ((5, 5), (7, 8))), folder / "half.png")
    save_plain(np.full((33, 20), 255, np.uint8), folder / "other.png")
    rows = [
        {"id": n, "picture": f"{n}.png", "instruction": "make it darker", "target": f"{n}-out.png"} | changes.get(n, {})
        for n in ("a", "b", "c")
    ]
    (folder / "examples.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder


def test_a_mask_of_the_same_proportions_is_scaled_and_another_left_out(tmp_path):
    folder = benchmark(tmp_path, a={"mask": "half.png"}, b={"mask": "other.png"}, c={"mask": "examples.jsonl"})
    a, b, c = listed(folder)
    assert a.mask.shape == (40, 60) and 0.2 < (a.mask > 0).mean() < 0.3 and not a.note
    assert b.mask is None and "20x33" in b.note
    assert c.mask is None and c.note


def test_an_odd_row_is_named_and_the_run_goes_on(tmp_path):
    folder = benchmark(tmp_path / "bench", b={"mask": "other.png"})
    whole = (folder / "c.png").read_bytes()
    (folder / "c.png").write_bytes(whole[: len(whole) // 2])
    told = list(evaluate("reasonpix2pix-direct", data=folder, system="copy", output=tmp_path / "out", metrics="L1"))
    notes = [line for line in told if line.startswith("note: row")]
    assert any("row c is left out" in line for line in notes) and any("row b" in line for line in notes)
    assert "left out" in (tmp_path / "out" / "table.md").read_text()
    scored = [json.loads(line)["key"] for line in (tmp_path / "out" / "scores.jsonl").read_text().splitlines()]
    assert sorted(scored) == ["a", "b"]
