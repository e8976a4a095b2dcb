"""Memory goes back to the machine: a network's after each run, a process' own after each edit."""

from __future__ import annotations

import ctypes
from functools import cache, lru_cache
from typing import Any


@lru_cache(maxsize=1)
def lean() -> Any:
    """onnxruntime's run options: the arena shrinks after the run. Networks that see large pictures of many sizes would otherwise each keep
    some 100 MB until the end."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options


def give_back() -> None:
    """Hand what was freed back to the machine, for processes that edit one picture after the other: some milliseconds.

    The C library keeps freed pages that lie between others in use. With pictures of many sizes that grew by 3 MB an edit, though no picture was kept. Libraries
    that cannot do it are left alone.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Any:
    """glibc's `malloc_trim`, or None."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):  # another C library, or Windows
        return None
