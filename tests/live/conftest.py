"""Music that the project composes, and a small picture; the embedded system, once."""

from __future__ import annotations

import numpy as np
import pytest

from pixwright.build.music.listing import play
from pixwright.encoders.bundle import Encoders
from pixwright.records.instruction import Samples
from pixwright.systems import local

RATE = 16_000


def piece(name: str, seconds: float) -> Samples:
    """A composed piece, repeated to a length."""
    samples, rate = play(name)
    assert rate == RATE
    return np.resize(samples, int(seconds * RATE)).astype(np.float32)


@pytest.fixture(scope="session")
def system():
    return local(Encoders())


@pytest.fixture(scope="session")
def music() -> dict[str, Samples]:
    return {name: piece(name, 24) for name in ("energetic-00", "calm-00", "sad-03")}


@pytest.fixture
def picture():
    rows, columns = np.mgrid[0:96, 0:128]
    return np.stack([rows * 2, columns, 255 - rows - columns // 2], axis=2).clip(0, 255).astype(np.uint8)
