"""Read a .safetensors file: a length, a JSON header, raw numbers. A format of three parts needs no package, and no torch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.errors import WeightsCorrupt

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_LONGEST_HEADER = 100_000_000


def read_tensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """Name -> float32 array. Raises `WeightsCorrupt` if the file is not safetensors, is cut short, or holds other than floats."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(_LONGEST_HEADER, len(data) - 8):
        raise WeightsCorrupt(f"{path} is not a whole .safetensors file; get it again")
    try:
        header: dict[str, Any] = json.loads(data[8 : 8 + length])
        return {name: _tensor(data, 8 + length, row) for name, row in header.items() if name != "__metadata__"}
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise WeightsCorrupt(f"{path} is not a whole .safetensors file ({problem}); get it again") from problem


def _tensor(data: bytes, start: int, row: dict[str, Any]) -> NDArray[np.float32]:
    low, high = row["data_offsets"]
    values = np.frombuffer(data[start + low : start + high], _TYPES[row["dtype"]])
    if row["dtype"] == "BF16":
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return np.asarray(values.reshape(row["shape"]), np.float32)
