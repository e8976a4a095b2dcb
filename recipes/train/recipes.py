"""Training runs by name. Each function returns the whole configuration; `python -m recipes.train.run NAME --out DIR` runs it."""

from __future__ import annotations

from collections.abc import Callable

from pixwright.train.config import Data, Length, Objective, Optimiser, Run

_MINI = Data(pairs=48_000, part=500, seed=1)


def mini_autoencoder() -> Run:
    """The autoencoder of the mini systems: 64 px to 16x16x4."""
    return Run(
        name="mini_autoencoder",
        kind="autoencoder",
        data=_MINI,
        optimiser=Optimiser(lr=2e-3, weight_decay=0.0, batch=32, ema=0.995, precision="bf16"),
        length=Length(minutes=12, check_every=4),
    )


def mini_anysd_stage1() -> Run:
    """The mini denoiser."""
    return Run(
        name="mini_anysd_stage1",
        kind="denoiser",
        data=_MINI,
        optimiser=Optimiser(lr=1e-3, batch=64, warm_up=300, precision="bf16"),
        length=Length(minutes=65, check_every=5),
        objective=Objective(prediction="v_prediction", captions=0.12),
    )


def mini_anysd_stage2() -> Run:
    """Experts, projector, router and task table of the mini denoiser."""
    return Run(
        name="mini_anysd_stage2",
        kind="experts",
        data=_MINI,
        optimiser=Optimiser(lr=1e-3, batch=64, warm_up=200, precision="bf16"),
        length=Length(minutes=20, check_every=4),
        objective=Objective(stage=2, prediction="v_prediction"),
        start="denoiser",
    )


RUNS: dict[str, Callable[[], Run]] = {
    "mini_autoencoder": mini_autoencoder,
    "mini_anysd_stage1": mini_anysd_stage1,
    "mini_anysd_stage2": mini_anysd_stage2,
}
