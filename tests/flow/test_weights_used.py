"""The record names every weight file that was loaded."""

from __future__ import annotations

from functools import cached_property

from pixwright import systems
from pixwright.encoders.bundle import Encoders
from pixwright.systems import contract
from pixwright.weights import registry


def test_every_packaged_network_can_be_named() -> None:
    parts = {name for name, value in vars(Encoders).items() if isinstance(value, cached_property)}
    assert set(contract._WEIGHTS) == parts
    named = {name for names in contract._WEIGHTS.values() for name in names}
    packaged = {row.name for row in registry.packaged().values() if row.kind == "package"}
    painting = {f"mini-{part}" for part in ("autoencoder", "denoiser", "experts", "mllm", "reason")}
    assert named == packaged - {"minilm-tokenizer"} - painting


def test_what_was_not_used_is_not_named() -> None:
    system = systems.local()
    assert system.weights_used() == {}
    assert system.encoders.text.embed(["a dog"]).shape == (1, 384)
    assert list(system.weights_used()) == ["minilm"]
