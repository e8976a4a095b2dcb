"""Reasoning instructions by a language model: it writes several for a pair, and is asked once more which is the best (ReasonPix2Pix: equations 2 and 3)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from pixwright.build.wording.reasoning import problem
from pixwright.parse.language import Endpoint, Unusable, converse
from pixwright.records.plan import MAX_INSTRUCTION, Step

COUNT = 5
"""Instructions that are written for a pair (paper: n, which it does not tell)."""
_RULES = (
    "Somebody edits a picture. Write {count} indirect instructions for the edit: each tells a situation, a wish or a fact from which a person concludes "
    "by common knowledge what to do. Do not name what the edit brings about ({outcome}), and give no command. With each give the reason in one short "
    'sentence. Answer with a JSON list of {count} objects {{"instruction": "...", "why": "..."}} and nothing else.'
)
_SELECT = "Which of these is the best: indirect, and leading to this edit and to no other? Answer with its number and nothing else.\n"
_REPAIR = "That cannot be used: {}. Answer again, in the form that was asked for."


@dataclass(frozen=True)
class Written:
    """An instruction with its reason."""

    instruction: str
    why: str


def written(instruction: str, step: Step, source: str, edited: str, endpoint: Endpoint) -> tuple[str, str] | None:
    """(reasoning instruction, why): the one that the model selects of those of its own that hold the checks; None if there is none, or no answer.

    source, edited: the captions of the pair. The answer depends on the server.
    """
    about = json.dumps({"picture": source, "edited picture": edited, "edit": instruction})
    rules = _RULES.format(count=COUNT, outcome=step.value or step.type.value)
    try:
        texts = converse(endpoint, _asked(f"{rules}\n{about}"), _listed, _REPAIR)
        kept = [one for one in texts if problem(one.instruction, step) is None]
        if len(kept) > 1:
            shown = "\n".join(f"{number}. {one.instruction}" for number, one in enumerate(kept, 1))
            best = converse(
                endpoint, _asked(f"{_SELECT}{about}\n{shown}"), lambda text: _number(text, len(kept)), _REPAIR
            )
            kept = [kept[best - 1]]
    except Unusable:
        return None
    return (kept[0].instruction, kept[0].why) if kept else None


def _asked(words: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": words}]


def _listed(text: str) -> list[Written]:
    start, end = text.find("["), text.rfind("]")
    try:
        found = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        found = None
    rows = [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
    pairs = [(one.get("instruction"), one.get("why")) for one in rows[:COUNT]]
    kept = [
        Written(words.strip(), why.strip())
        for words, why in pairs
        if isinstance(words, str) and isinstance(why, str) and why.strip() and 0 < len(words.strip()) <= MAX_INSTRUCTION
    ]
    if not kept:
        raise Unusable("it is no JSON list of objects with instruction and why")
    return kept


def _number(text: str, most: int) -> int:
    found = re.search(r"\d+", text)
    if found is None or not 1 <= int(found[0]) <= most:
        raise Unusable(f"it is no number from 1 to {most}")
    return int(found[0])
