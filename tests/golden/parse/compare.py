"""When is a plan right? The comparison behind `benchmarks/parse.py`; see `tests/golden/README.md` for the format of a row."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import skimage

from pixwright.media.load import load_picture
from pixwright.parse.about import Shown
from pixwright.records.instruction import Instruction, PictureAttachment, SoundAttachment
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Amount, Plan, Step, Unit
from pixwright.records.vocabulary import TIMES
from pixwright.words.colours import kind_of

Json: TypeAlias = Any
"""What `json.loads` gives."""

TOLERANCE = 0.01
"""Numbers within 1 % agree."""

_DETERMINERS = re.compile(r"\b(?:a|an|the|some|my|your|his|her|its|our|their|this|that|these|those)\b")
_PHRASES = frozenset({"anchor", "second_anchor"})


def load_rows(path: Path) -> list[dict[str, Json]]:
    """The rows of a golden file, in order."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def picture_of(row: dict[str, Json]) -> Json:
    """The `photo` of a row, HxWx3 uint8, or None."""
    name, folder = row.get("photo"), Path(skimage.__file__).with_name("data")
    path = next((p for p in (folder / f"{name}.png", folder / f"{name}.jpg") if name and p.exists()), None)
    return load_picture(path).pixels if path else None


def instruction_of(row: dict[str, Json]) -> Instruction:
    """The words of a row, with something attached of each kind that it names."""
    made = (
        PictureAttachment(f"reference{number}.png", np.full((8, 8, 3), 128, np.uint8))
        if kind == "picture"
        else SoundAttachment(f"sound{number}.wav", np.zeros(1600, np.float32), 16_000)
        for number, kind in enumerate(row["attachments"], 1)
    )
    return Instruction(row["instruction"], tuple(made))


def plain(phrase: object) -> str | None:
    """A noun phrase without articles, possessive pronouns, case, hyphens and doubled spaces."""
    if phrase is None:
        return None
    words = _DETERMINERS.sub(" ", str(phrase).lower().replace("-", " ").replace("’", "'"))
    return " ".join(re.sub(r"[^\w' ]", " ", words).split())


def mismatches(row: dict[str, Json], outcome: Plan | str) -> list[str]:
    """Why `outcome` (a plan, or the code of the error that was raised) is not what `row` expects; empty when it is right."""
    expect = row["expect"]
    if "error" in expect:
        return [] if outcome == expect["error"] else [f"expected the error {expect['error']}, got {_brief(outcome)}"]
    if isinstance(outcome, str):
        return [f"expected a plan, got the error {outcome}"]
    if expect.get("implicit"):
        return _implicit(expect, outcome)
    wanted, steps = expect["steps"], outcome.steps
    if len(wanted) > len(steps):
        steps = _hours_apart(steps)
        wanted = sorted(wanted, key=lambda want: want.get("value") in TIMES)
    if len(wanted) != len(steps):
        return [f"expected {len(wanted)} steps, got {_brief(outcome)}"]
    found = [_step(want, step) for want, step in zip(wanted, steps, strict=True)]
    half = [] if bool(outcome.unread) == expect.get("unread", False) else [f"left unread: {outcome.unread}"]
    return [f"step {number}: {why}" for number, whys in enumerate(found, 1) for why in whys] + half


def _hours_apart(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, of which a weather or season at an hour counts as two: so the older rows have it, and it means the same."""
    out: list[Step] = []
    for step in steps:
        out.append(step)
        if step.type is EditType.TONE_TRANSFER and step.conditions:
            out.append(step.model_copy(update={"value": step.conditions, "conditions": None}))
    return tuple(out)


def _implicit(expect: dict[str, Json], plan: Plan) -> list[str]:
    """An implicit wish leaves the steps open: one of them is of a fitting type, and the reasoning is told."""
    wrong = []
    if not any(step.type in expect["types_any"] for step in plan.steps):
        wrong.append(f"no step of a type in {expect['types_any']}: {_brief(plan)}")
    if expect.get("why") and not any(step.why for step in plan.steps):
        wrong.append("no step says why")
    return wrong


def _step(want: dict[str, Json], step: Step) -> list[str]:
    if "any_of" in want:
        tries = [_step(option, step) for option in want["any_of"]]
        return min(tries, key=len)
    return [
        f"{name}: expected {value!r}, got {_got(name, step)!r}"
        for name, value in want.items()
        if not _field(name, value, step)
    ]


def _field(name: str, want: Json, step: Step) -> bool:
    if isinstance(want, dict) and "any_of" in want:
        return any(_field(name, option, step) for option in want["any_of"])
    if name == "where":
        return _where(want, step)
    if name == "amount":
        return _amount(want, step.amount)
    got = getattr(step, name)
    if name in {"lettering", "frame"}:
        return got is not None and all(getattr(got, part) == value for part, value in want.items())
    if name in {"value", "old_text"} and step.type == "textual_change":
        return bool(got == want)
    if name == "value" and got and step.type.traits.changes is Aspect.COLOUR and kind_of(got) == want:
        return True  # "forest green" where the row says that it shall be green
    if name in {"target", "value", "old_text", "protect"}:
        return plain(got) == plain(want)
    return bool(got == want)


def _where(want: dict[str, Json], step: Step) -> bool:
    if step.where is None:
        return False
    for name, value in want.items():
        options = value["any_of"] if isinstance(value, dict) else [value]
        got = getattr(step.where, name)
        if name in _PHRASES:
            got, options = plain(got), [plain(option) for option in options]
        if got not in options:
            return False
    return True


def _amount(want: dict[str, Json], got: Amount | None) -> bool:
    """Either a number with its unit (a factor of 0.5 is -50 %), or only a direction: `more` or `less`."""
    if got is None:
        return False
    if "direction" in want:
        grows = got.value > 1 if got.unit is Unit.FACTOR else got.value > 0
        return bool(grows == (want["direction"] == "more"))
    unit, value = _common(Unit(want["unit"]), want["value"])
    got_unit, got_value = _common(got.unit, got.value)
    return unit is got_unit and abs(got_value - value) <= TOLERANCE * max(abs(value), 1e-9)


def _common(unit: Unit, value: float) -> tuple[Unit, float]:
    return (Unit.PERCENT, (value - 1) * 100) if unit is Unit.FACTOR else (unit, value)


def _got(name: str, step: Step) -> Json:
    value = getattr(step, name)
    return value.model_dump(mode="json", exclude_none=True) if hasattr(value, "model_dump") else value


def _brief(outcome: Plan | str) -> str:
    if isinstance(outcome, str):
        return f"the error {outcome}"
    return " | ".join(f"{step.type} {step.target} -> {step.value}" for step in outcome.steps)


def seen(row: dict[str, Json]) -> tuple[Shown, ...]:
    """What a wish may be about, as the parser saw it in the row's photograph."""
    return tuple(Shown(noun, tuple(kinds)) for noun, kinds in row["seen"])


def grade(row: dict[str, Json], steps: Sequence[Step]) -> str:
    """`sensible`: the first step, or every one, is of those that a person would have named; `partly`: another one is; `wrong`; or `none`.

    For a sentence that asks for nothing `sensible` is to do nothing.
    """
    if not steps:
        return "sensible" if "error" in row["expect"] else "none"
    fits = [bool(re.search(row["expect"].get("step", "$^"), told(step))) for step in steps]
    return "sensible" if fits[0] or all(fits) else "partly" if any(fits) else "wrong"


def told(step: Step) -> str:
    """A step in a line: type, value, target, place, amount, frame."""
    kind = re.sub(r"_(transfer|change|alter)$", "", step.type).replace("_", " ")
    parts = [kind, step.value or "", f"@{step.target or ''}"]
    if step.where:
        parts.append(f"{step.where.relation} {step.where.anchor or ''}")
    if step.amount:
        parts.append(f"{step.amount.value:+g} {step.amount.unit}")
    return " ".join([*parts, "frame"] if step.frame else parts)
