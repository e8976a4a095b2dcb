"""MagicBrush's test set (Zhang et al. 2023): `edit_sessions.json`, `images/ID/ID-input.png`, `images/ID/ID-outputN.png`, `local_descriptions.json`.

Single-turn edits every turn from the truth of the turn before; multi-turn edits the session's own results and scores the last one
(OSU-NLP-Group/MagicBrush: `edit_cli_single_multi_turn.py`, `evaluation/README.md`). Results are called as there: `ID/ID_1.png`,
`ID/ID_inde_N.png`, `ID/ID_iter_N.png`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidOption
from pixwright.evaluate.readers.files import beside, read_json
from pixwright.evaluate.run.example import BenchmarkExample


def single_turn(folder: Path) -> Iterator[BenchmarkExample]:
    """Every turn on its own. Raises `InvalidOption` for a folder that is not laid out as above."""
    return _examples(folder, chained=False)


def multi_turn(folder: Path) -> Iterator[BenchmarkExample]:
    """Chains of turns, of which the last counts. Raises as `single_turn`."""
    return _examples(folder, chained=True)


def _examples(folder: Path, *, chained: bool) -> Iterator[BenchmarkExample]:
    sessions: dict[str, list[dict[str, Any]]] = read_json(
        folder / "edit_sessions.json", "MagicBrush's edit_sessions.json"
    )
    captions = _captions(folder)
    for session, turns in sessions.items():
        for number, turn in enumerate(turns, 1):
            try:
                source, target, instruction = (str(turn[name]) for name in ("input", "output", "instruction"))
            except (KeyError, TypeError):
                raise InvalidOption(
                    f"session {session}, turn {number} of {folder} lacks 'input', 'output' or 'instruction'"
                ) from None
            kind = "" if number == 1 else "iter_" if chained else "inde_"
            told = captions.get(session, {})
            yield BenchmarkExample(
                key=f"{session}-{number}",
                instruction=instruction,
                source=beside(folder / "images", f"{session}/{source}"),
                target=beside(folder / "images", f"{session}/{target}"),
                caption=told.get(target, ""),
                source_caption=told.get(source, ""),
                groups={"turn": str(number)},
                cluster=session,
                output=f"{session}/{session}_{kind}{number}.png",
                previous=f"{session}-{number - 1}" if chained and number > 1 else "",
                counted=not chained or number == len(turns),
            )


def _captions(folder: Path) -> dict[str, dict[str, str]]:
    """Local captions by session and file; the script's own default is the global file, the paper's CLIP-T is not."""
    for name in ("local_descriptions.json", "local_captions.json"):
        if (folder / name).is_file():
            found: dict[str, dict[str, str]] = read_json(folder / name, "MagicBrush's local captions")
            return found
    return {}
