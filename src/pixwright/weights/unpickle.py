"""The child of `convert`: run as a file by itself, it imports nothing of ours. Arguments: the pickle, the safetensors to write, the pickle's sha256.

Says in one line of JSON what became of it. It gives up every right before the file is opened: Linux's namespaces for the network where they are allowed, limits of
the system, and an audit hook, which cannot be taken off again, against sockets, processes and files.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import sys
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000
"""Linux's CLONE_NEWUSER and CLONE_NEWNET: a process with them has no network card."""
SECONDS, FILES = 600, 256
"""Of the processor, and files that may be open."""
MEMORY, TIMES = 8 << 30, 4
"""Address space: that of torch, and so many times the file."""
WRITTEN = 64 << 20
"""Bytes of what is written beyond the size of what is read: headers, and tensors that shared memory."""
FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.kill", "ctypes.dlopen",
             "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.chown", "os.symlink", "os.link", "os.truncate", "shutil.")  # fmt: skip
"""Events of Python's audit that end the process's work."""
SHOWN = 200
"""Characters of a foreign reason that are told."""


def without_rights(size: int, target: str) -> None:
    """Give up the network, further processes, and every file but `target`, for good. `size`: of the pickle, in bytes."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).unshare(NEW_USER | NEW_NETWORK)
    if sys.platform != "win32":
        import resource

        limits = {
            resource.RLIMIT_CPU: SECONDS,
            resource.RLIMIT_NOFILE: FILES,
            resource.RLIMIT_FSIZE: TIMES * size + WRITTEN,
            resource.RLIMIT_AS: MEMORY + TIMES * size,
            resource.RLIMIT_CORE: 0,
        }
        for what, most in limits.items():
            # macOS does not know all of them.
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(what, (most, most))

    def forbid(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(FORBIDDEN):
            raise PermissionError(f"it asked for {event}")
        if event == "open" and _writes(arguments[1], arguments[2]) and str(arguments[0]) != target:
            raise PermissionError(f"it would write {arguments[0]}")

    sys.addaudithook(forbid)


def _writes(mode: str | None, flags: int) -> bool:
    """Whether a file is opened to be changed: `open` says so by its mode, `os.open` by flags."""
    return bool(set(mode or "") & set("wax+")) or bool(
        (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    )


def tensors_of(held: Any, at: str = "") -> dict[str, Any]:
    """The tensors of nested dicts and lists, by their keys joined with dots. Raises ValueError for anything else but numbers, words and nothing."""
    import torch

    if isinstance(held, torch.Tensor):
        return {at: held}
    if isinstance(held, dict | list | tuple):
        pairs = held.items() if isinstance(held, dict) else enumerate(held)
        return {
            name: one
            for key, value in pairs
            for name, one in tensors_of(value, f"{at}.{key}" if at else str(key)).items()
        }
    if held is None or isinstance(held, bool | int | float | str):
        return {}
    raise ValueError(f"'{at}' is a {type(held).__name__}")


def read(source: str, target: str, sha256: str) -> dict[str, str]:
    """Do it: {} or {"error": why not}."""
    try:
        import safetensors.torch
        import torch
    except ImportError as problem:
        return {"missing": str(problem.name)}
    without_rights(Path(source).stat().st_size, target)
    held = torch.load(source, map_location="cpu", weights_only=True)
    # A training checkpoint holds the weights under this name.
    held = held["state_dict"] if isinstance(held, dict) and isinstance(held.get("state_dict"), dict) else held
    # A file that is one tensor calls it by its own name.
    found = tensors_of(held, Path(source).stem if isinstance(held, torch.Tensor) else "")
    if not found:
        return {"error": "it holds no tensors"}
    # Views of one storage, and tensors that are not laid out in rows, cannot be written as they are.
    plain = {name: tensor.detach().clone().contiguous() for name, tensor in found.items()}
    safetensors.torch.save_file(plain, target, metadata={"format": "pt", "pickle_sha256": sha256})
    return {}


def main() -> None:
    source, target, sha256 = sys.argv[1:]
    try:
        said = read(source, target, sha256)
    except MemoryError:
        said = {"error": "it needs more memory than the limit"}
    except UnpicklingError as problem:
        named = re.search(r"GLOBAL (\S+)", str(problem))
        said = {"error": f"it holds {named[1]}, which is no tensor" if named else "it is no pickle of tensors"}
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError, EOFError, OSError) as problem:
        # Whatever else a broken or hostile file makes torch raise ends the child, and its parent says so.
        said = {"error": (str(problem).strip().splitlines() or [type(problem).__name__])[0][:SHOWN]}
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
