"""Situations instead of commands: rows of the parser's knowledge whose explicit step can be carried out in the scene."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.pairs.global_ import finished, fitting_horizon, outdoors
from pixwright.build.pairs.local import without
from pixwright.build.pairs.stage import PairDraft, Stage, Unfit, area
from pixwright.build.pairs.surface import far_from, main_colour
from pixwright.build.scene.signs import pixels_of
from pixwright.build.wording.names import head
from pixwright.errors import UnclearInstruction
from pixwright.parse.about import kinds
from pixwright.parse.implicit import Row, knowledge
from pixwright.parse.rules import parse_rules
from pixwright.records.kind import EditType
from pixwright.records.plan import Step, Unit
from pixwright.records.vocabulary import LOOKS, MOODS, STYLES, WORDS
from pixwright.words import lexicon, read

_FAINT = frozenset({"sharpness", "denoise", "noon", "sunny", "shiny", "new", "matte", "wet", "glowing", "sharp"})
"""What hardly shows on a scene, or on things that are bright and clean already."""
_ANYWHERE = frozenset({*MOODS, *LOOKS, *STYLES})
"""What a room, too, can be given; the rest is season, weather and time of day."""
_THINGS_FIRST = 0.6
"""How often a situation of a thing is looked for before one of the whole picture."""
_ROWS = 160
_THING = "{it}"
_OUTDOORS = frozenset({"landscape", "any"})
_PRONOUN = re.compile(r"^(it|he|she)\b", re.IGNORECASE)
_COMMAND = re.compile(r"^(make|show|take|let|turn|give|add|put|change|prepare|dress|set)\b", re.IGNORECASE)
_BARE_SIZE = 1.4
"""What "larger" means, as the editor takes it."""


@dataclass(frozen=True)
class Known:
    """A row of the knowledge with one explicit step that this file can carry out. `of_thing`: the step is about `{it}`."""

    row: Row
    step: Step
    of_thing: bool


def implicit_change(stage: Stage) -> PairDraft:
    """A situation that the scene's thing, or its place, can be in; the step says what follows from it, and why."""
    rows = known_rows()
    order = [rows[int(index)] for index in stage.rng.permutation(len(rows))]
    if stage.rng.random() < _THINGS_FIRST:
        order.sort(key=lambda row: not row.of_thing)
    things = _things(stage)
    for row in order[:_ROWS]:
        draft = _of_thing(stage, row, things) if row.of_thing else _of_picture(stage, row)
        if draft is not None:
            return draft
    raise Unfit("no known situation fits what the scene shows")


@cache
def known_rows() -> tuple[Known, ...]:
    """The rows with exactly one step of a kind that a scene can carry out."""
    found = []
    for row in knowledge():
        if len(row.steps) != 1:
            continue
        try:
            plan = parse_rules(row.steps[0].replace(_THING, "object"), ())
        except UnclearInstruction:
            continue
        step = plan.steps[0]
        of_thing = _THING in row.steps[0] or str(step.target) == "person"
        if len(plan.steps) == 1 and _feasible(step, of_thing):
            found.append(Known(row, step, of_thing))
    return tuple(found)


def _feasible(step: Step, of_thing: bool) -> bool:
    if step.value in _FAINT or _unknown(step):
        return False
    if of_thing:
        return (
            step.type.traits.surface
            or step.type is EditType.REMOVE
            or (step.type == EditType.RESIZE and step.amount is not None)
        )
    if step.target is not None or step.where is not None:
        return False
    return step.type.traits.finish or step.type is EditType.BACKGROUND_CHANGE


def _unknown(step: Step) -> bool:
    """Whether its look is one that no editor can give."""
    changes = step.type.traits.changes
    return not step.type.traits.redraws and step.value not in WORDS[changes]


def kinds_of(name: str, category: str) -> tuple[str, ...]:
    """What a thing is, in the words of the knowledge's `when`, nearest first."""
    table = kinds()
    noun = head(name)
    own = [kind for kind, cues in table.words.items() if noun in cues or noun == kind]
    found = [*own, *(parent for kind in own for parent in table.parents.get(kind, ()))]
    return tuple(dict.fromkeys([*found, category, "any"]))


def _things(stage: Stage) -> dict[int, tuple[str, ...]]:
    """The layers that a situation can be about, the only ones of their noun, and what kinds of thing they are."""
    layers = stage.scene.layers
    return {
        i: kinds_of(layer.name, stage.asset(layer).category)
        for i, layer in enumerate(layers)
        if stage.editable(i)
        and not layer.text
        and area(stage.box(layer)) > 0.02 * stage.width
        and sum(head(one.name) == head(layer.name) for one in layers) == 1
    }


def _of_thing(stage: Stage, known: Known, things: dict[int, tuple[str, ...]]) -> PairDraft | None:
    row, step = known.row, known.step
    options = [i for i, kinds in things.items() if row.when in kinds]
    if not options:
        return None
    index = stage.pick(options)
    layer = stage.scene.layers[index]
    after = _applied(stage, index, step)
    if after is None:
        return None
    situation = named(row.situation, layer.name, len(stage.scene.layers))
    if situation is None:
        return None
    said = step.model_copy(update={"target": read(layer.name), "why": row.why})
    return _draft(stage, after, said, situation, row, (index,))


def named(situation: str, name: str, things: int) -> str | None:
    """The situation with the thing's name for "it", so that it is plain which one is meant; None if that cannot be done."""
    if _PRONOUN.match(situation):
        return _PRONOUN.sub(f"the {name}", situation, count=1)
    if re.search(r"\bit\b", situation):
        return re.sub(r"\bit\b", f"the {name}", situation, count=1)
    return situation if things == 1 or name.split()[-1] in situation.split() else None


def _colour(stage: Stage, layer: Layer) -> NDArray[np.float32]:
    return main_colour(pixels_of(layer.asset, layer.text, stage.catalogue))


def _applied(stage: Stage, index: int, step: Step) -> LayeredScene | None:
    layer = stage.scene.layers[index]
    if step.type == EditType.REMOVE:
        return without(stage.scene, [index])
    if step.type.traits.surface:
        if step.value is None or layer.looks or step.value in layer.name:
            return None
        if step.type == EditType.COLOR_ALTER and not far_from(step.value, _colour(stage, layer)):
            return None
        return stage.scene.with_layer(index, replace(layer, looks=((step.type, step.value),)))
    amount = step.amount
    if amount is None or amount.unit not in (Unit.FACTOR, Unit.STRENGTH):
        return None
    factor = amount.value if amount.unit is Unit.FACTOR else _BARE_SIZE ** (amount.value / 0.6)
    larger = replace(layer, height=layer.height * factor)
    return stage.scene.with_layer(index, larger) if stage.inside(larger) > 0.9 else None


def _of_picture(stage: Stage, known: Known) -> PairDraft | None:
    row, step, scene = known.row, known.step, stage.scene
    open_air = outdoors(stage)
    if row.when not in _OUTDOORS or step.value is None or (row.when == "landscape" and not open_air):
        return None
    if not shown(stage, row.situation):
        return None
    said = step.model_copy(update={"why": row.why})
    if step.type == EditType.BACKGROUND_CHANGE:
        places = [one for one in stage.catalogue.assets("background") if one.name == step.value != scene.place]
        chosen = stage.pick(places) if places else None
        horizon = fitting_horizon(stage, chosen) if chosen else None
        if chosen is None or horizon is None:
            return None
        after = replace(scene, background=chosen.key, place=chosen.name, horizon=horizon)
        return _draft(stage, after, said, row.situation, row, ())
    if (
        not (open_air or step.value in _ANYWHERE)
        or scene.place in step.value
        or (step.amount is not None and step.amount.value < 0)
    ):
        return None
    return _draft(stage, finished(scene, (step.type, step.value)), said, row.situation, row, None)


def shown(stage: Stage, situation: str) -> bool:
    """Whether the scene has every thing that a situation speaks of: a candle is blown out only where there is one."""
    known = {asset.name.split()[-1] for asset in stage.catalogue.assets("cutout")}
    there = {head(layer.name) for layer in stage.scene.layers}
    spoken = {head(word) for word in re.findall(r"[a-z]+", situation.lower())}
    return not {word for word in (spoken & known) - there if not lexicon().is_(word, "weather")}


def _draft(
    stage: Stage, after: LayeredScene, step: Step, situation: str, row: Row, touched: tuple[int, ...] | None
) -> PairDraft:
    key = "implicit_change.plain" if _COMMAND.match(situation) else "implicit_change.told"
    if "?" in situation or re.match(r"^(what|how|where|who|why|when|if|let's|imagine)\b", situation, re.IGNORECASE):
        key = "implicit_change.asked"
    direct = row.steps[0].replace(_THING, str(step.target or ""))
    return PairDraft(
        stage.scene,
        after,
        step,
        key,
        {"situation": situation},
        touched,
        reasoning=situation,
        extra={"direct": direct},
    )
