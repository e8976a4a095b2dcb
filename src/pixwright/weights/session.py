"""Open a shipped ONNX network with onnxruntime."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

import cv2

from pixwright.errors import InvalidOption, WeightsCorrupt
from pixwright.weights.store import path

if TYPE_CHECKING:
    import onnxruntime


VNNI = 20
"""OpenCV's number of the AVX-512 instructions for 8-bit products."""


def threads() -> int:
    """Threads for one network: `PIXWRIGHT_THREADS`, else 0, which lets onnxruntime use every core.

    Raises `InvalidOption` if the variable is not a whole number from 0 to 256.
    """
    text = os.environ.get("PIXWRIGHT_THREADS", "0")
    if not text.isdecimal() or int(text) > 256:
        raise InvalidOption(f"PIXWRIGHT_THREADS is '{text}'; set it to a whole number from 0 (every core) to 256")
    return int(text)


def eight_bits() -> bool:
    """Whether the processor multiplies 8-bit numbers without loss: AVX-512 VNNI on x86, always elsewhere."""
    return platform.machine().lower() not in ("x86_64", "amd64") or cv2.checkHardwareSupport(VNNI)


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
    options.log_severity_level = 4
    # A network is used in bursts: threads that spin between them would steal the cores from OpenCV.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not eight_bits():
        # Without such instructions, 8-bit products on x86 saturate; in float32 the same file gives what it should.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    try:
        return onnxruntime.InferenceSession(str(where), options, providers=["CPUExecutionProvider"])
    except (InvalidProtobuf, InvalidGraph, Fail) as problem:
        raise WeightsCorrupt(
            f"{where} is not a readable ONNX file; reinstall pixwright, or run: pixwright models verify"
        ) from problem
