"""Read a .safetensors file as float32 arrays, without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixwright.errors import WeightsCorrupt
from pixwright.evaluate.metrics.backbones import need

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


def read_tensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """Name -> float32 array. Raises `WeightsCorrupt` if the file is not safetensors, is cut short, or holds other than floats.

    Raises `MissingExtra` without the package safetensors.
    """
    safetensors = need("safetensors")
    try:
        return {name: _tensor(row) for name, row in safetensors.deserialize(path.read_bytes())}
    except (safetensors.SafetensorError, KeyError) as problem:
        raise WeightsCorrupt(
            f"{path} is not a whole .safetensors file of floats ({problem}); get it again"
        ) from problem


def _tensor(row: dict[str, Any]) -> NDArray[np.float32]:
    """safetensors' own reader for numpy knows no BF16: its 16 bits are the upper half of a float32."""
    values = np.frombuffer(row["data"], _TYPES[row["dtype"]])
    if row["dtype"] == "BF16":
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return np.asarray(values.reshape(row["shape"]), np.float32)
