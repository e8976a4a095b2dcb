"""The development instructions: what has been understood once stays understood. The rows of the test split are measured elsewhere and are not read here."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import skimage

from pixwright.encoders.bundle import Encoders
from pixwright.errors import PixwrightError
from pixwright.media.load import load_picture
from pixwright.parse import parse
from pixwright.records.instruction import Instruction, PictureAttachment, SoundAttachment

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "parse"
ENCODERS = Encoders()
_spec = importlib.util.spec_from_file_location("golden_parse_compare", GOLDEN / "compare.py")
assert _spec is not None and _spec.loader is not None
compare = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(compare)


def attached(number, kind):
    if kind == "picture":
        return PictureAttachment(f"reference{number}.png", np.full((8, 8, 3), 128, np.uint8))
    return SoundAttachment(f"sound{number}.wav", np.zeros(1600, np.float32), 16_000)


def wrong(row):
    """Why the plan of a row is not what the row expects."""
    name = row.get("photo")
    folder = Path(skimage.__file__).with_name("data")
    path = next((p for p in (folder / f"{name}.png", folder / f"{name}.jpg") if name and p.exists()), None)
    assert (path is None) == (name is None)
    picture = load_picture(path).pixels if path else None
    attachments = tuple(attached(number, kind) for number, kind in enumerate(row["attachments"], 1))
    try:
        outcome = parse(Instruction(row["instruction"], attachments), picture, ENCODERS, use_llm=False)
    except PixwrightError as error:
        outcome = error.code
    whys = compare.mismatches(row, outcome)
    said = row["expect"].get("values_any")
    if not whys and said and not any(word in f"{s.value} {s.target}" for s in outcome.steps for word in said):
        whys = [f"none of {said} is said"]
    return [f"{row['id']} {row['instruction']!r}: {why}" for why in whys]


def lost(split, keep):
    return [why for row in compare.load_rows(GOLDEN / f"{split}.jsonl") if keep(row) for why in wrong(row)]


@pytest.mark.parametrize("split", ["dev", "dev2"])
def test_every_explicit_row_is_right(split):
    missed = lost(split, lambda row: row["type_group"] != "implicit_change")
    assert not missed, "\n".join(missed)


@pytest.mark.parametrize(
    ("split", "allowed"), [("dev4", 8), ("dev5", 27), ("dev6", 4), ("dev7", 9), ("dev8", 4), ("dev9", 2), ("dev10", 5)]
)
def test_nearly_every_row_is_right(split, allowed):
    missed = lost(split, lambda row: True)
    assert len({why.split()[0] for why in missed}) <= allowed, "\n".join(missed)


@pytest.mark.parametrize(
    ("split", "held_out", "allowed"), [("dev2", False, 1), ("dev2", True, 2), ("dev3", False, 3), ("dev3", True, 19)]
)
def test_most_implicit_rows_are_right(split, held_out, allowed):
    rows = {"implicit_change": held_out}
    missed = lost(split, lambda row: rows.get(row["type_group"]) is row.get("held_out", False))
    assert len(missed) <= allowed, "held out" if held_out else "\n".join(missed)


@pytest.mark.parametrize(("held_out", "allowed"), [(False, 5), (True, 7)])
def test_most_that_asks_for_nothing_or_is_explicit_is_not_guessed(held_out, allowed):
    kept = lost("dev3", lambda row: row["type_group"] != "implicit_change" and row.get("held_out", False) is held_out)
    assert len({why.split()[0] for why in kept}) <= allowed, "held out" if held_out else "\n".join(kept)
