"""Thresholds applied to measurements: the first rule that a sample fails, with its numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import TypeAlias

from pixwright.build.measure.measures import MEASURES
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.sample import Sample

Limits: TypeAlias = tuple[float | None, float | None]
"""(least, most); None is no limit."""
Thresholds: TypeAlias = Mapping[str, Mapping[str, Limits]]
"""Edit type or "all" -> name of a measurement -> its limits, in the order in which they are looked at."""


def select(sample: Sample, thresholds: Thresholds) -> str:
    """Empty for a sample to keep, else the first rule that it fails: "colour_distance 61.2 > 40".

    Rules of "all" come first, then those of the sample's type; an implicit edit has those of the explicit one that its step is. A number
    that was not measured fails no rule.
    """
    kind = sample.step.type if sample.type is EditType.IMPLICIT_CHANGE else sample.type
    rules = {**thresholds.get("all", {}), **thresholds.get(kind, {})}
    for name, (least, most) in rules.items():
        value = sample.scores.get(name)
        if value is None:
            continue
        if least is not None and value < least:
            return f"{name} {value:.4g} < {least:g}"
        if most is not None and value > most:
            return f"{name} {value:.4g} > {most:g}"
    return ""


def load_thresholds(path: Path | None = None) -> dict[str, dict[str, Limits]]:
    """The shipped thresholds, or a recipe's own. Raises `InvalidOption` for what is no table of limits."""
    shipped = files("pixwright.build").joinpath("thresholds.json")
    text = shipped.read_text("utf-8") if path is None else path.read_text("utf-8")
    try:
        raw = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidOption(f"{path} is not JSON ({error}); give type -> measurement -> [least, most].") from error
    if not isinstance(raw, dict):
        raise InvalidOption(f"{path} holds no table; give type -> measurement -> [least, most].")
    return {kind: _limits(kind, rules) for kind, rules in raw.items()}


def _limits(kind: str, rules: object) -> dict[str, Limits]:
    if kind != "all" and kind not in list(EditType):
        raise InvalidOption(f"thresholds for '{kind}': not an edit type; use 'all' or one of pixwright types.")
    if not isinstance(rules, dict):
        raise InvalidOption(f"thresholds for '{kind}' are no table; give measurement -> [least, most].")
    for name, pair in rules.items():
        if name not in MEASURES:
            raise InvalidOption(f"threshold '{name}' of '{kind}' is not measured; choose one of {', '.join(MEASURES)}.")
        if not (
            isinstance(pair, list) and len(pair) == 2 and all(v is None or isinstance(v, int | float) for v in pair)
        ):
            raise InvalidOption(f"threshold '{name}' of '{kind}' is {pair!r}; give [least, most], null for no limit.")
    return {name: (pair[0], pair[1]) for name, pair in rules.items()}
