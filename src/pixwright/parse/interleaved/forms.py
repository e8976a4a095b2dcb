"""Forms of speech of the paper's instructions, put into those that the rules read. Each row is a kind of phrase, whatever it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from pixwright.media.pixels import resized
from pixwright.records.instruction import Array, Attachment, Instruction, PictureAttachment

_REF = r"\[[^\[\]]{1,220}\]"
_MANNER = r"style|mood|feeling|feel|look|atmosphere|vibe|aesthetic|manner"
_SAID = r"sounds?|noises?|voice|call|cry|music|song|picture|image|photo"
_PICTURE = r"image|picture|photo|photograph|visual|scene|artwork|design|cover"
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), new)
    for pattern, new in (
        # "to the style [image:an impressionist painting]"
        (rf"\b({_MANNER})\s+(?=\[(?!image:base))", r"\1 of "),
        # "with the sound of [2]": what is heard comes in
        (rf"\bwith the (?:{_SAID})(?: of| from| in)? (?={_REF})", "with "),
        # "the design of [1]" is all of it
        (rf"\b(?:the )?(?:design|artwork|appearance|visuals?) of (?=the (?:{_PICTURE})\b|{_REF})", ""),
        # "convey the feeling of [1]", "carry the mood of [1]"
        (rf"\bto (?:convey|carry|show|capture|evoke|bring out|transport) (?=the (?:{_MANNER}) of )", "to fit "),
        # "generate an image based on [1]": the picture at hand is what there is to begin with
        (
            rf"\b(?:generate|create|make|draw|paint|produce|imagine) (?:me )?(?:an?|the) (?:new )?(?:{_PICTURE}) "
            rf"(?:based on|from|for|inspired by|that fits|that matches|to|of) (?={_REF})",
            "fit the picture to ",
        ),
        # "add [1] in the style of [2]": two wishes
        (rf"^(\s*(?:add|put|insert|place|include)\b[^\[]*{_REF}) in the (?:{_MANNER}) of ({_REF})", r"\1 and use the style of \2"),
        # "based on [1]", "according to [1]"
        (rf"\b(?:modify|change|adapt|edit|redo|transform|adjust|alter|rework)( the (?:{_PICTURE})| {_REF})"
         rf" (?:based on|according to|inspired by|following|in line with|to convey|to) (?={_REF})", r"fit\1 to "),
    )
)  # fmt: skip
_BEFORE_A_BASE = (
    "fit match adapt adjust tune change transform turn modify edit convert make redraw repaint restyle render stylize rework redo let give paint draw style "
    "of to in into from on inside within for"
).split()
"""Words after which a reference may be the picture that is edited: what takes the whole, and what names the place. Not `add`, `remove`, `replace`, `with`."""
_BASE = re.compile(rf"(?:^|\b(?:{'|'.join(_BEFORE_A_BASE)})\s+)\[(\d{{1,2}})\]", re.IGNORECASE)
_ITSELF = "the picture"


_SCENE = re.compile(
    rf"\[(\d{{1,2}})\](?= (?:in)?to an? (?:[\w-]+ ){{0,3}}(?:scene|version|landscape|{_PICTURE}|painting|drawing|{_MANNER})\b)",
    re.IGNORECASE,
)
"""A reference that becomes a scene is the whole picture, whatever it shows."""
_THUMB, _ALIKE, _SHAPE = 32, 6.0, 0.02
"""Pixels of the squares on which two pictures are compared; mean difference, of 255, and difference of proportions under which they are one picture."""


def themselves(instruction: Instruction, picture: Array | None) -> str:
    """The words with "the picture" for every reference to the picture itself: an attachment that is the very picture, and what is turned into a scene."""
    same = [n for n, one in enumerate(instruction.attachments, 1) if picture is not None and _is(one, picture)]
    text = _SCENE.sub(lambda found: _ITSELF, instruction.text)
    for number in same:
        text = text.replace(f"[{number}]", _ITSELF)
    return text


def _is(one: Attachment, picture: Array) -> bool:
    if not isinstance(one, PictureAttachment):
        return False
    shapes = [pixels.shape[1] / pixels.shape[0] for pixels in (one.pixels, picture)]
    if abs(shapes[0] / shapes[1] - 1) > _SHAPE:
        return False
    small = [resized(pixels[..., :3], _THUMB, _THUMB).astype(np.float32) for pixels in (one.pixels, picture)]
    return float(np.abs(small[0] - small[1]).mean()) < _ALIKE


def restated(text: str) -> str:
    """The instruction in forms that the rules read; most are left as they are."""
    for pattern, new in _FORMS:
        text = pattern.sub(new, text)
    return text


def bases(text: str, attachments: Sequence[Attachment]) -> Iterator[str]:
    """The instruction with one picture's reference as "the picture": "change [1] to the style of [2]" is said of what is edited. The first such place comes first."""
    for found in _BASE.finditer(text):
        number = int(found[1])
        there = number <= len(attachments)
        if there and not isinstance(attachments[number - 1], PictureAttachment):
            continue
        start = found.end() - len(f"[{found[1]}]")
        yield restated(f"{text[:start]}{_ITSELF}{text[found.end() :]}")
