"""Instructions from templates: a seeded choice of wording and frame, kept only if the project's own parser reads it as the step it stands for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import numpy as np

from pixwright.build.chance import pick
from pixwright.build.wording.check import parse_back
from pixwright.records.instruction import Attachment
from pixwright.records.plan import Step

TRIES = 4
FRAMED = 0.35
"""Share of imperatives that are put into a frame of politeness or chat."""
_SLOT = re.compile(r"\{(\w+)\}")


class Unsaid(ValueError):
    """No wording of a step was read back as that step; the message is the last disagreement."""


@cache
def templates() -> dict[str, dict[str, list[str]]]:
    """Key -> {"do": imperatives, "say": whole sentences}."""
    raw = json.loads(resources.files(__package__).joinpath("templates.json").read_text(encoding="utf-8"))
    return {key: value for key, value in raw.items() if key != "frames"}


@cache
def frames() -> tuple[str, ...]:
    """What may be put around an imperative `{x}`."""
    raw = json.loads(resources.files(__package__).joinpath("templates.json").read_text(encoding="utf-8"))
    return tuple(raw["frames"])


def slots_of(template: str) -> set[str]:
    """The names in braces."""
    return set(_SLOT.findall(template))


def wordings(key: str, slots: Mapping[str, str]) -> list[tuple[str, bool]]:
    """(template, is an imperative) of every template of `key` whose slots are all given."""
    table = templates()[key]
    every = [(text, True) for text in table["do"]] + [(text, False) for text in table["say"]]
    return [(text, do) for text, do in every if slots_of(text) <= slots.keys()]


def imperative(key: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
    """One imperative of `key`, filled: "remove the dog"."""
    choices = [text for text, do in wordings(key, slots) if do]
    return pick(rng, choices).format(**slots)


def compose(key: str, slots: Mapping[str, str], rng: np.random.Generator) -> str:
    """One wording of `key`, filled and perhaps framed; not checked."""
    choices = wordings(key, slots)
    text, do = pick(rng, choices)
    sentence = text.format(**slots)
    if do and rng.random() < FRAMED:
        frame = pick(rng, frames())
        return frame.format(x=sentence)
    return sentence


def say(
    key: str,
    slots: Mapping[str, str],
    step: Step,
    rng: np.random.Generator,
    attachments: Sequence[Attachment] = (),
    *,
    tries: int = TRIES,
) -> tuple[str, Step]:
    """(instruction, step with that instruction), read back by the parser; up to `tries` wordings are made. Raises `Unsaid`."""
    reason = ""
    for _ in range(tries):
        sentence = compose(key, slots, rng)
        reason = parse_back(sentence, step, attachments, implicit=bool(step.why)) or ""
        if not reason:
            return sentence, step.model_copy(update={"instruction": sentence})
    raise Unsaid(reason)
