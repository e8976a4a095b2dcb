"""How an instruction becomes tokens: words and inputs interleaved, control tokens in the vocabulary, and what the model wrote read back. No torch here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixwright.errors import InvalidAttachment
from pixwright.mllm.contract import InputKind

BASE, SUB, GEN = "[base]", "[sub]", "[gen]"
CONTROLS = (BASE, SUB, GEN)
"""Control tokens, in the order of their numbers behind the vocabulary (paper: section 3.1)."""
MEANINGS = {BASE: " original", SUB: " object", GEN: " result"}
"""Words whose embedding a control token has below the trained layers, where nothing learns."""
_NUMBER = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True)
class PromptLayout:
    """How a prompt is written, and how many tokens an input takes."""

    before: str = "<|im_start|>"
    after: str = "\n"
    end: str = "<|im_end|>"
    picture: int = 1
    """Tokens of a picture, 1 to 8."""
    sound: int = 1
    """Tokens of a sound or of music, 1 to 4."""

    def tokens(self, kind: InputKind) -> int:
        """How many an input of that kind takes."""
        return self.picture if kind == "picture" else self.sound


@dataclass(frozen=True)
class Slot:
    """A token that stands for a part of an input: where it is, which input, which of the input's tokens."""

    place: int
    number: int
    part: int


@dataclass(frozen=True)
class Encoded:
    """Token ids and the slots among them."""

    ids: tuple[int, ...]
    slots: tuple[Slot, ...]


def interleave(words: str, numbers: Sequence[int]) -> list[str | int]:
    """Pieces of text and numbers of inputs, in order. Inputs that the words do not name stand before them.

    Raises InvalidAttachment for a number that is not among `numbers`.
    """
    pieces: list[str | int] = []
    last = 0
    for found in _NUMBER.finditer(words):
        number = int(found.group(1))
        if number not in numbers:
            known = ", ".join(f"[{k}]" for k in numbers) or "none"
            raise InvalidAttachment(
                f"[{number}] names no input; there are {known}: attach it, or leave it out of the words"
            )
        pieces += [words[last : found.start()].rstrip(), number]
        last = found.end()
    pieces.append(words[last:])
    named = {one for one in pieces if isinstance(one, int)}
    unnamed: list[str | int] = [k for k in numbers if k not in named]
    return [one for one in [*unnamed, *(["\n"] if unnamed else []), *pieces] if one != ""]


class Writer:
    """Turns instructions and answers into ids, with a tokenizer as transformers makes it. Control token i has the id `first + i`."""

    def __init__(self, tokenizer: Any, first: int, layout: PromptLayout) -> None:
        self._tokenizer, self.first, self.layout = tokenizer, first, layout
        self.end = self._ids(layout.end)[-1]

    def prompt(self, words: str, kinds: Mapping[int, InputKind]) -> Encoded:
        """The prompt of an instruction; `kinds` says of each input's number what it is. Raises as `interleave`."""
        ids, slots = self._ids(self.layout.before), []
        for piece in interleave(words, list(kinds)):
            if isinstance(piece, str):
                ids += self._plain(piece)
                continue
            # Below the trained layers a slot is the word for what it holds: that much of the context is right there already.
            word = self._plain(f" {kinds[piece]}")[-1]
            count = self.layout.tokens(kinds[piece])
            slots += [Slot(len(ids) + part, piece, part) for part in range(count)]
            ids += [word] * count
        return Encoded((*ids, *self._ids(self.layout.after)), tuple(slots))

    def controls(self, tokens: Sequence[str]) -> tuple[int, ...]:
        """Ids of control tokens."""
        return tuple(self.first + CONTROLS.index(token) for token in tokens)

    def words(self, text: str, *, ended: bool = True) -> tuple[int, ...]:
        """Ids of plain words that the model shall write."""
        return (*self._plain(f" {text}"), *([self.end] if ended else []))

    def text(self, ids: Sequence[int]) -> str:
        """What ids say, control tokens included, without the end."""
        out: list[str] = []
        plain: list[int] = []
        for one in [*ids, self.end]:
            if one >= self.first or one == self.end:
                out.append(str(self._tokenizer.decode(plain)))
                plain = []
                out += [CONTROLS[one - self.first]] if one >= self.first else []
            else:
                plain.append(one)
        return " ".join(part.strip() for part in out if part.strip())

    def meaning(self, control: str) -> int:
        """The ordinary token that a control token is below the trained layers."""
        return self._plain(MEANINGS[control])[-1]

    def _ids(self, text: str) -> list[int]:
        return [int(one) for one in self._tokenizer(text, add_special_tokens=False)["input_ids"]]

    def _plain(self, text: str) -> list[int]:
        """Of text that somebody else wrote: what looks like a special token in it is ordinary text."""
        found = self._tokenizer(text, add_special_tokens=False, split_special_tokens=True)
        return [int(one) for one in found["input_ids"]]
