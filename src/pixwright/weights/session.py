"""Open a shipped ONNX network with onnxruntime."""

from __future__ import annotations

import os
import platform
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from pixwright.errors import InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.weights.registry import entry
from pixwright.weights.store import path

if TYPE_CHECKING:
    import onnxruntime


SHARED = 32
"""So many sessions are kept for the next who asks: more than there are packaged networks."""
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


def session_errors() -> tuple[type[Exception], ...]:
    """What onnxruntime raises; its classes have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return tuple(value for value in vars(state).values() if isinstance(value, type) and issubclass(value, Exception))


def open_session(name: str, member: str = "") -> onnxruntime.InferenceSession:
    """A CPU session for weights `name`, of a folder for its file `member`. Half-precision weights become float32 here, once.

    A packaged network is opened once a process: sessions are stateless, and whoever asks for one again shares it.
    Raises `WeightsMissing` or `WeightsCorrupt` (not an ONNX file).
    """
    where = path(name) / member if member else path(name)
    if not where.is_file():
        raise WeightsMissing(
            f"weights '{name}' hold no {member}; delete {path(name)} and run: pixwright models pull {name}"
        )
    if entry(name).kind != "package":
        return _opened(where, threads())
    # A process that was forked has none of the threads of its parent's sessions.
    return _shared(where, where.stat().st_mtime_ns, threads(), os.getpid())


@lru_cache(maxsize=SHARED)
def _shared(where: Path, changed: int, threads: int, process: int) -> onnxruntime.InferenceSession:
    return _opened(where, threads)


def _opened(where: Path, threads: int) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # A network is used in bursts: threads that spin between them would steal the cores from OpenCV.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not eight_bits():
        # Without such instructions, 8-bit products on x86 saturate; in float32 the same file gives what it should.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
    levels = onnxruntime.GraphOptimizationLevel
    try:
        try:
            return onnxruntime.InferenceSession(str(where), options, providers=["CPUExecutionProvider"])
        except session_errors():
            # Some published float16 graphs trip a fusion; as they are written they run.
            options.graph_optimization_level = levels.ORT_DISABLE_ALL
            return onnxruntime.InferenceSession(str(where), options, providers=["CPUExecutionProvider"])
    except session_errors() as problem:
        raise WeightsCorrupt(
            f"{where} is not a readable ONNX file; reinstall pixwright, or run: pixwright models verify"
        ) from problem
