"""What an instruction says that a gate against sexual content about persons has to know. The words themselves are data: `sensitive.tsv`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")


@dataclass(frozen=True)
class Sensitive:
    """Which kinds of words an instruction holds."""

    sexual: bool
    """A word for nakedness, sexual parts or acts."""
    uncovers: bool
    """Something that covers a body shall go: "take off her shirt"."""
    minor: bool
    """A word for a child or a young person."""


def read(instruction: str) -> Sensitive:
    """What kinds of words the instruction holds, in whatever case and width."""
    words = _WORD.findall(unicodedata.normalize("NFKC", instruction).casefold())
    table = _table()
    found = set(words)
    uncovers = any(_uncovers(words[at + 1 :], table) for at, word in enumerate(words) if word in table["uncover"])
    return Sensitive(bool(found & table["sexual"]), uncovers, bool(found & table["minor"]))


def _uncovers(rest: list[str], table: dict[str, frozenset[str]]) -> bool:
    """Whether what follows such a verb says, as its object, something that covers a body."""
    for at, word in enumerate(rest):
        if word in table["between"]:
            return False
        if word in table["cover"]:
            return at + 1 == len(rest) or rest[at + 1] in table["after"]
    return False


@cache
def _table() -> dict[str, frozenset[str]]:
    text = resources.files("pixwright.words").joinpath("sensitive.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return {kind: frozenset(words.split()) for kind, words in rows}
