"""The refinement module: the same in numpy as in torch, learnt in a few steps on made-up rows, and what its evidence says of good and bad ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.heads import unit
from pixwright.encoders.latents import PICTURE_WIDTH
from pixwright.encoders.refinement import WAVES, Refinement, waves
from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.evaluate.metrics.brisque import brisque
from pixwright.train.aligned.augment import worsened
from pixwright.train.aligned.latents import make_latents, read_latents, write_rows
from pixwright.train.aligned.refining import RefinementNetwork, RefinementTask, _Graded, evidence
from pixwright.train.aligned.rows import AlignedRow
from pixwright.train.config import AlignedSettings, Length, Optimiser, Run
from pixwright.train.loop import Loop

RUN = Run(
    name="test",
    kind="refinement",
    optimiser=Optimiser(lr=3e-3, batch=16, warm_up=2, ema=0.5),
    length=Length(steps=12, log_every=4, check_every=60),
)


def network(width: int = 24) -> RefinementNetwork:
    torch.manual_seed(1)
    made = RefinementNetwork(width).eval()
    torch.nn.init.normal_(made.out.weight, std=0.1)
    return made


def in_numpy(made: RefinementNetwork) -> Refinement:
    return Refinement({name: value.detach().numpy() for name, value in made.state_dict().items()})


def vectors(n: int, width: int = 24, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(n, width)).astype(np.float32))


def test_numpy_says_what_torch_says():
    made, given = network(), vectors(5)
    for k, source in enumerate(("text", "picture", "sound")):
        with torch.no_grad():
            scores = torch.from_numpy(waves(np.full(5, 6.5, np.float32)))
            expected = made.refined(torch.from_numpy(given), torch.full((5,), k), scores).numpy()
        found = in_numpy(made)(given, 6.5, source)
        assert np.abs(found - expected).max() < 1e-5
        assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(5), abs=1e-5)


def test_scores_are_told_apart():
    rows = waves(np.array([0.0, 5.0, 5.1, 10.0], np.float32))
    assert rows.shape == (4, WAVES)
    gaps = np.linalg.norm(rows[1:] - rows[:-1], axis=1)
    assert gaps.min() > 0.02 and np.linalg.norm(rows[0] - rows[3]) > gaps[1]


def test_what_is_out_of_range_is_said():
    refine = in_numpy(network())
    with pytest.raises(InvalidOption, match="0 to 10"):
        refine(vectors(1), 11)
    with pytest.raises(InvalidOption, match="choose one of text"):
        refine(vectors(1), 5, "smell")


def test_evidence_tells_a_module_that_listens_from_one_that_does_not():
    axis = unit(np.ones((1, 24), np.float32))[0]
    words = vectors(40, seed=3)
    scores = np.linspace(1, 9, 40).astype(np.float32)
    seen = unit(words + 0.2 * (scores[:, None] - 5) * axis)
    graded = _Graded(
        seen, scores, tuple(word[None] for word in words), [AlignedRow(w, "x", ("x",), ("x",), True) for w in words]
    )

    def right(given, score):
        return unit(given + 0.2 * (score - 5) * axis)

    good, deaf = evidence(right, graded, graded), evidence(lambda given, score: given, graded, graded)
    assert good["after"] == pytest.approx(1, abs=1e-4) and good["rising"] == 1 and good["nearer"] > 0.9
    assert deaf["after"] == deaf["before"] and deaf["rising"] == 0
    assert good["read_at_8"] > good["read_at_2"] + 2


def test_a_run_learns_and_exports_what_the_encoders_load(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    rows = [
        AlignedRow(
            np.abs(rng.normal(size=PICTURE_WIDTH)).astype(np.float32),
            f"x/{k}",
            (f"a thing {k % 7}",),
            ("cow",),
            k % 4 > 0,
            k / 4,
        )
        for k in range(32)
    ]
    write_rows(tmp_path / "cache" / "graded-0000.npz", rows)
    task = RefinementTask(RUN, tmp_path / "cache", tmp_path / "out")
    losses = Loop(RUN, task, tmp_path / "out")().losses
    assert np.mean(losses[-3:]) < np.mean(losses[:3])
    monkeypatch.setattr("pixwright.encoders.refinement.path", lambda name: tmp_path / "out" / "refinement.npz")
    refine = Encoders().refinement
    given = Encoders().aligned.text(["a cow"])
    assert refine(given, 8.0).shape == (1, 256)
    assert (tmp_path / "out" / "refinement.npz").stat().st_size < 1_500_000
    with np.load(tmp_path / "out" / "refinement.npz") as stored:
        others = dict(stored) | {"on.aligned": np.frombuffer(b"0" * 64, np.uint8)}
    np.savez(tmp_path / "out" / "refinement.npz", **others)
    with pytest.raises(WeightsCorrupt, match="was trained on weights 'aligned' of sha256 000"):
        Refinement.load()


def test_without_graded_pictures_there_is_nothing_to_learn(tmp_path):
    with pytest.raises(InvalidOption, match="graded"):
        RefinementTask(RUN, tmp_path, tmp_path)


def test_pictures_get_worse_and_are_graded(tmp_path):
    picture = cv2.GaussianBlur(np.random.default_rng(5).integers(0, 256, (128, 128, 3), np.uint8), (0, 0), 1.2)
    made = [worsened(picture, np.random.default_rng(k)) for k in range(12)]
    assert len({one.tobytes() for one in made}) > 4 and all(one.shape == picture.shape for one in made)
    settings = AlignedSettings(graded=4)
    make_latents(tmp_path, settings, ("graded",), lambda pixels: 10 - brisque(pixels) / 10)
    rows = read_latents(tmp_path, "graded")
    assert len(rows) == 4 and all(row.score is not None and -5 < row.score < 12 for row in rows)
