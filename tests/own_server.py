"""`pixwright serve` in a process of its own: for tests, benchmarks and recipes alike."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def own_server(data: Path | str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port with `data` as its folder: (the process, its address, which ends in a slash). It is killed at the end."""
    command = [sys.executable, "-m", "pixwright", "serve", "--port", "0", "--data", str(data), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    try:
        told = process.stdout.readline()
        address = re.search(r"http://[^\s?]+", told)
        assert address, f"the server did not start: {told}"
        yield process, address.group().rstrip("/") + "/"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
