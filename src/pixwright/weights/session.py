"""Open a shipped ONNX network with onnxruntime."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.weights.store import path

if TYPE_CHECKING:
    import onnxruntime


def threads() -> int:
    """Threads for one network: `PIXWRIGHT_THREADS`, else 0, which lets onnxruntime use every core.

    Raises `InvalidOption` if the variable is not a whole number from 0 to 256.
    """
    text = os.environ.get("PIXWRIGHT_THREADS", "0")
    if not text.isdecimal() or int(text) > 256:
        raise InvalidOption(f"PIXWRIGHT_THREADS is '{text}'; set it to a whole number from 0 (every core) to 256")
    return int(text)


def open_session(name: str) -> onnxruntime.InferenceSession:
    """A CPU session for weights `name`. Half-precision weights become float32 here, once.

    Raises `WeightsMissing` or `WeightsCorrupt` (not an ONNX file).
    """
    import onnxruntime
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidGraph, InvalidProtobuf

    where = path(name)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A network is used in bursts: threads that spin between them would steal the cores from OpenCV.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(where), options, providers=["CPUExecutionProvider"])
    except (InvalidProtobuf, InvalidGraph, Fail) as problem:
        raise WeightsCorrupt(
            f"{where} is not a readable ONNX file; reinstall pixwright, or run: pixwright models verify"
        ) from problem
