"""Freed memory goes back to the machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pixwright.encoders import lean

PIECES, SIDE = 1500, 100_000
"""Pieces of memory, and bytes of each: small enough that the C library keeps them for itself."""


def resident():
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def test_what_was_freed_between_pieces_in_use_is_given_back():
    if lean._trim() is None or not Path("/proc/self/statm").exists():
        pytest.skip("not the GNU C library on Linux")
    held = [np.ones(SIDE, np.uint8) for _ in range(PIECES)]
    del held[::2]
    before = resident()
    lean.give_back()
    assert before - resident() > PIECES * SIDE / 4
    assert all(piece.all() for piece in held)
