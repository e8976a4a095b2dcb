"""A fit that is under way, in one safetensors file: whole or as it was before, with the settings that it was begun with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidRecord
from pixwright.extras import optional
from pixwright.nn.fitting import Fit


def save_fit(path: Path, fit: Fit, settings: Mapping[str, Any]) -> None:
    """Write the fit's state; `settings` are plain values that say what is fitted to what."""
    safetensors = optional("safetensors.torch", "a stored fit", "torch")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        safetensors.save_file(fit.state(), str(draft), metadata={"settings": _text(settings)})
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def resume_fit(path: Path, fit: Fit, settings: Mapping[str, Any]) -> bool:
    """Go on from the file, if there is one. Raises InvalidRecord for a file of another fit: which settings differ."""
    if not path.exists():
        return False
    import safetensors

    try:
        with safetensors.safe_open(str(path), framework="pt") as opened:
            about = json.loads((opened.metadata() or {}).get("settings", "{}"))
            kept = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
    except (safetensors.SafetensorError, ValueError, OSError) as problem:
        raise InvalidRecord(f"'{path}' is no stored fit ({problem}); remove it, or choose another folder") from None
    wanted = json.loads(_text(settings))
    differs = sorted(name for name in about.keys() | wanted.keys() if about.get(name) != wanted.get(name))
    if differs:
        raise InvalidRecord(
            f"'{path}' belongs to another fit ({', '.join(differs)} differ); choose another folder, or remove it"
        )
    fit.restore(kept)
    return True


def _text(settings: Mapping[str, Any]) -> str:
    return json.dumps(dict(settings), sort_keys=True)
