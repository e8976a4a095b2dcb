"""A picture of how a run went."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pixwright.records.instruction import Array
from pixwright.train.config import Run

_HIGH, _WIDE, _RIM = 300, 520, 40
"""Pixels."""
_INK, _PAPER, _GREY = (150, 60, 30), 255, (120, 120, 120)


def curve(values: Sequence[float], label: str) -> Array:
    """Values over their number, H x W x 3 uint8 RGB, with the least and the greatest written beside."""
    out = np.full((_HIGH, _WIDE, 3), _PAPER, np.uint8)
    cv2.rectangle(out, (_RIM, _RIM // 2), (_WIDE - _RIM // 2, _HIGH - _RIM), _GREY, 1)
    cv2.putText(out, label, (_RIM, _HIGH - _RIM // 3), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _GREY, 1, cv2.LINE_AA)
    if len(values) < 2:
        return out
    low, high = min(values), max(values)
    across = np.linspace(_RIM, _WIDE - _RIM // 2, len(values))
    down = _HIGH - _RIM - (np.asarray(values) - low) / max(high - low, 1e-9) * (_HIGH - 1.5 * _RIM)
    cv2.polylines(out, [np.stack([across, down], 1).round().astype(np.int32)], False, _INK, 2, cv2.LINE_AA)
    for value, y in ((high, _RIM // 2 + 12), (low, _HIGH - _RIM)):
        cv2.putText(out, f"{value:.2f}", (2, y), cv2.FONT_HERSHEY_SIMPLEX, 0.4, _GREY, 1, cv2.LINE_AA)
    return out


def losses(folder: Path, run: Run) -> Array:
    """The curve of a run's losses so far, read from its log in `folder`."""
    log = folder / f"log-{run.kind}.jsonl"
    lines = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    return curve([line["loss"] for line in lines if "loss" in line], f"loss of {run.name}")
