"""Which of the 26 types an instruction is, where no rule reads it: a small learned head on the sentence's meaning and on what is attached.

AnySD routes by the edit's type, which its paper has a language model name (AnyEdit, section 4.2). Here the rules name it; this is for what they
refuse. `recipes/train/edit_type.py` makes `typed.npz`.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pixwright.errors import UnclearInstruction
from pixwright.media.pixels import on_white
from pixwright.parse.about import kind_at
from pixwright.parse.nouns import DEFINITE, PRONOUNS, Noun, Reader
from pixwright.parse.rules import check_length, plan_of
from pixwright.parse.tokens import Token, tokenise
from pixwright.records.instruction import Array, Instruction, PictureAttachment, SoundAttachment
from pixwright.records.kind import Aspect, EditType, Group, Takes, Target
from pixwright.records.plan import Plan, Step
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import WORDS

if TYPE_CHECKING:
    from pixwright.encoders.bundle import Encoders

Floats = NDArray[np.float32]
TYPES = tuple(EditType)
NOTHING = len(TYPES)
"""The head's last class: a sentence that asks for no edit."""
_ASKED = 0.5
"""Probability that anything is asked for, at least, where the type is left open."""
SIDE = 224
"""Longer side, in pixels, at which pictures are looked at for their kind."""
_BASE = re.compile(r"\[\s*(?:image|picture|photo)\s*:\s*base\s*:[^\[\]]*\]", re.IGNORECASE)
_REFERENCE = re.compile(r"\[[^\[\]]{1,210}\]")
_CUES = tuple(re.compile(cue) for cue in (r"\"[^\"]+\"|(?<!\w)'[^']+'(?!\w)", r"\d", r"%|percent", r"°|degree", r"\?"))
_WHOLE = frozenset("picture photo image scene whole canvas frame background shot".split())


@dataclass(frozen=True, eq=False)
class Head:
    """The head's numbers, float32. `hidden` reads text (384), cues and `look` of the attachment, in this order."""

    look: Floats
    """(1281, k): mean features of the attachment, and a constant, to what kind of picture it is."""
    hidden: Floats
    """(384 + cues + k + 1, m); the last row is the constant."""
    out: Floats
    """(m + 1, 27)."""
    least: float
    """Probability from which a plan is made of the likeliest type."""

    def logits(self, text: Floats, cues: Floats, look: Floats, seen: NDArray[np.bool_]) -> Floats:
        """(n, 27) of n rows: text (n, 384), cues (n, c), mean features (n, 1280); where `seen` (n,) is False they count for nothing."""
        kind = np.tanh(_with_one(look) @ self.look) * seen[:, None]
        hidden = np.maximum(_with_one(np.hstack([text, cues, kind])) @ self.hidden, 0)
        return np.asarray(_with_one(hidden) @ self.out, np.float32)


def _with_one(x: Floats) -> Floats:
    return np.asarray(np.hstack([x, np.ones((len(x), 1))]), np.float32)


@lru_cache
def head() -> Head:
    """The packaged head."""
    data = (resources.files(__package__) / "typed.npz").read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        parts = {name: stored[name].astype(np.float32) for name in stored.files}
    return Head(parts["look"], parts["hidden"], parts["out"], float(parts["least"]))


def plain_words(text: str) -> str:
    """The text with references in words; MiniLM knows no "[1]"."""
    return " ".join(_REFERENCE.sub(" the attachment ", _BASE.sub(" ", text)).split())


def cues(instruction: Instruction) -> Floats:
    """(8,) of 0 and 1: a picture, a sound is attached; one is referred to; quotation, digit, percent, degrees, question mark."""
    attached = [
        any(isinstance(a, kind) for a in instruction.attachments) for kind in (PictureAttachment, SoundAttachment)
    ]
    text = _REFERENCE.sub("", instruction.text)
    return np.array([*attached, bool(_referred(instruction)), *(bool(cue.search(text)) for cue in _CUES)], np.float32)


def allowed(instruction: Instruction) -> NDArray[np.bool_]:
    """(27,): what can be meant at all. An edit after a picture needs one; after a sound only the style can be changed."""
    picture = any(isinstance(a, PictureAttachment) for a in instruction.attachments)
    one = picture or bool(instruction.attachments)
    return np.array(
        [t.group is not Group.VISUAL or picture or (one and t.traits.takes is Takes.ANYTHING) for t in TYPES] + [True]
    )


def mean_features(pixels: Array, encoders: Encoders) -> Floats:
    """(1280,): EfficientNet-Lite2's grid, averaged over the picture (HxWx3 or HxWx4 uint8; what is transparent counts as white)."""
    return np.asarray(encoders.picture.features(on_white(pixels), SIDE).grid.mean((0, 1)), np.float32)


def predict_type(instruction: Instruction, picture: Array | None, encoders: Encoders) -> list[tuple[EditType, float]]:
    """Every type that can be meant, likeliest first, with its probability in [0, 1].

    What is missing to a sum of 1 is the probability that nothing is asked for. Types of the visual family need an attachment; of that, the
    words' reference or else the first picture is looked at. `picture` (HxWx3 uint8 or None) has no say: measured, it did not help
    (docs/parse.md).
    """
    del picture
    check_length(instruction.text)
    number = _reference(instruction)
    one = instruction.attachment(number) if number else None
    seen = isinstance(one, PictureAttachment)
    look = mean_features(one.pixels, encoders) if isinstance(one, PictureAttachment) else np.zeros(1280, np.float32)
    logits = head().logits(
        encoders.text.embed([plain_words(instruction.text)]), cues(instruction)[None], look[None], np.array([seen])
    )
    odds = probabilities(logits, allowed(instruction)[None])[0]
    found = [(kind, float(p)) for kind, p in zip(TYPES, odds[:NOTHING], strict=True) if p > 0]
    return sorted(found, key=lambda pair: -pair[1])


def probabilities(logits: Floats, possible: NDArray[np.bool_]) -> Floats:
    """Softmax of (n, 27) over what is possible; 0 elsewhere."""
    shown = np.where(possible, logits, -np.inf)
    odds = np.exp(shown - shown.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float32)


def plan_typed(
    instruction: Instruction,
    picture: Array | None,
    encoders: Encoders,
    plan: Plan | None = None,
    otherwise: EditType | None = None,
) -> Plan:
    """`plan` if there is one, else a plan of one step whose type is predicted: for an instruction that `parse` refuses.

    The step's instruction is the whole text; target and value are given only where one noun phrase, one canonical word, is named. The plan's
    notes give type and probability. Below the measured least probability the type is `otherwise`, for an editor that understands words without it, unless most likely
    nothing is asked for. Raises UnclearInstruction.
    """
    if plan is not None:
        return plan
    ranked = predict_type(instruction, picture, encoders)
    (kind, sure), others = ranked[0], ranked[1:3]
    least = head().least
    note = f"no rule reads this; its type, {kind}, is predicted with probability {sure:.2f}"
    if sure < least:
        guesses = " or ".join(f"{k} ({p:.0%})" for k, p in [(kind, sure), *others[:1]])
        if otherwise is None or sum(p for _, p in ranked) < _ASKED:
            raise UnclearInstruction(
                f"did not understand {instruction.text[:80]!r}: perhaps {guesses}, {least:.0%} would be enough; "
                "name the thing and the change, such as 'make the car red'"
            )
        note = f"no rule reads this, and no type is sure: perhaps {guesses}; taken as {otherwise}"
        kind = otherwise
    number = _reference(instruction) if kind.group is Group.VISUAL else None
    tokens = _tokens(instruction)
    target = _target(tokens, kind)
    step = Step(
        type=kind,
        instruction=instruction.text.strip()[:1000],
        target=target,
        value=_value(tokens, kind, target),
        reference=number,
    )
    made = plan_of(instruction.text, [step], "typed", _shown(picture, encoders))
    return made.model_copy(update={"notes": (note,)})


def _tokens(instruction: Instruction) -> list[Token]:
    sounds = frozenset(n for n, a in enumerate(instruction.attachments, 1) if isinstance(a, SoundAttachment))
    return tokenise(instruction.text, tuple(a.name for a in instruction.attachments), sounds)


def _referred(instruction: Instruction) -> list[int]:
    """Numbers of the attachments that the words name and that are there."""
    named = (int(t.text) for t in _tokens(instruction) if t.kind == "ref" and t.text.isdigit())
    return [number for number in named if instruction.attachment(number) is not None]


def _reference(instruction: Instruction) -> int | None:
    """The attachment that is meant: the first that is named, else the first picture, else the first."""
    pictures = [n for n, a in enumerate(instruction.attachments, 1) if isinstance(a, PictureAttachment)]
    return next(iter([*_referred(instruction), *pictures, *range(1, len(instruction.attachments) + 1)]), None)


def _target(tokens: list[Token], kind: EditType) -> Thing | None:
    """The one definite noun phrase of the words, if there is exactly one and it is a thing."""
    traits = kind.traits
    if kind is EditType.ADD or traits.target is Target.PICTURE or traits.changes is Aspect.STYLE:
        return None
    reader, at, found = Reader(tuple(tokens)), 0, []
    while at < len(tokens):
        definite = tokens[at].text in DEFINITE and (
            tokens[at].text not in PRONOUNS or tokens[at].text in ("his", "her")
        )
        ends = [(end, noun) for end, noun in reader.ends(at, "simple") if end > at + 1] if definite else []
        known = [(end, noun) for end, noun in ends if kind_at(["the", noun.head], 1)] or ends
        if ends:
            found.append(known)
        at = ends[0][0] if ends else at + 1
    # Any open word may be a noun for the reader ("the lamp deserves"): sure is a known noun, or a phrase with only one end.
    if len(found) != 1 or len(found[0]) != 1:
        return None
    noun: Noun = found[0][0][1]
    return None if noun.head in _WHOLE or not noun.bare else noun.thing


def _value(tokens: list[Token], kind: EditType, target: Thing | None) -> str | None:
    """The one canonical word for the type's value that stands in the text outside the target."""
    text = " " + " ".join(t.text.lower() for t in tokens if t.kind == "word") + " "
    if target:
        text = text.replace(f" {target.text.lower()} ", " ", 1)
    words = [
        word
        for word in (() if kind.traits.redraws or kind.traits.refers else WORDS[kind.traits.changes])
        if f" {word} " in text
    ]
    longest = [word for word in words if not any(word != other and word in other for other in words)]
    return longest[0] if len(longest) == 1 else None


def _shown(picture: Array | None, encoders: Encoders) -> str | None:
    """What the picture shows, if one class is likelier than all others together."""
    if picture is None:
        return None
    label = encoders.picture.classify(picture, top=1)[0]
    return label.name if label.probability > 0.5 else None
