"""Run a network so that it gives its working memory back."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def lean() -> Any:
    """onnxruntime's run options: the arena shrinks after the run. Networks that see large pictures of many sizes would otherwise each keep
    some 100 MB until the end."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    return options
