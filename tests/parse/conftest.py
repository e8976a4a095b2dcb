"""What the tests of the rules share: a step in one line."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import pytest

from language_server import answering
from pixwright.parse.rules import parse_rules
from pixwright.records.instruction import PictureAttachment


def _brief(step):
    """type target 'old text' > value @relation anchors amount unit #count [reference] but protected, without what is empty."""
    where = step.where and " ".join(
        str(part) for part in (f"@{step.where.relation}", step.where.anchor, step.where.second_anchor) if part
    )
    parts = [
        step.type,
        step.target or "-",
        step.old_text and f"'{step.old_text}'",
        step.value and f"> {step.value}",
        step.conditions and f"in {step.conditions}",
        where,
        step.amount and f"{step.amount.value:g} {step.amount.unit}",
        None if step.count is None else f"#{step.count}",
        step.reference and f"[{step.reference}]",
        step.protect and f"but {step.protect}",
        step.frame and f"{step.frame.width or ''}{':' if step.frame.ratio else 'x'}{step.frame.height or ''}",
        step.lettering and "in " + " ".join(str(v if v is not True else k) for k, v in step.lettering if v),
    ]
    return " ".join(str(part) for part in parts if part)


@pytest.fixture(scope="session")
def said():
    """The steps of an instruction, one line each. `[1]` is a picture called lamp.png, `[2]` one whose name says nothing."""
    pictures = tuple(PictureAttachment(name, np.zeros((4, 4, 3), np.uint8)) for name in ("lamp.png", "IMG_2.png"))

    def lines(text):
        return [_brief(step) for step in parse_rules(text, pictures if "[" in text else ()).steps]

    return lines


@pytest.fixture
def serve():
    """Starts a stand-in for a language model that gives these answers: its endpoint, and what it is asked."""
    with ExitStack() as running:
        yield lambda *answers: running.enter_context(answering(*answers))
