"""Situations instead of commands: rows of the parser's knowledge whose explicit step can be carried out in the scene."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.pairs.global_ import finished, fitting_horizon, growing, outdoors
from pixwright.build.pairs.local import without
from pixwright.build.pairs.stage import PairDraft, Stage, Unfit, area
from pixwright.build.pairs.surface import far_from, main_colour
from pixwright.build.scene.signs import pixels_of
from pixwright.build.wording.known import (
    COMMAND,
    THING,
    Known,
    holds_of,
    kinds_of,
    known_rows,
    mends,
    named,
    with_capital,
)
from pixwright.build.wording.names import head
from pixwright.parse.implicit import Row
from pixwright.records.kind import EditType
from pixwright.records.plan import Step, Unit
from pixwright.records.vocabulary import LOOKS, MOODS, SEASONS, STYLES
from pixwright.words import lexicon, read

_ANYWHERE = frozenset({*MOODS, *LOOKS, *STYLES})
"""What a room, too, can be given; the rest is season, weather and time of day."""
_THINGS_FIRST = 0.6
"""How often a situation of a thing is looked for before one of the whole picture."""
_ROWS = 160
_OUTDOORS = frozenset({"landscape", "any"})
_BARE_SIZE = 1.4
"""What "larger" means, as the editor takes it."""


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
    options = [i for i, kinds in things.items() if holds_of(known, stage.scene.layers[i].name, kinds)]
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
    if row.when not in _OUTDOORS or step.value is None or mends(step) or (row.when == "landscape" and not open_air):
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
        or (step.value in SEASONS and not growing(stage))
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
    situation = with_capital(situation)
    key = "implicit_change.plain" if COMMAND.match(situation) else "implicit_change.told"
    if "?" in situation or re.match(r"^(what|how|where|who|why|when|if|let's|imagine)\b", situation, re.IGNORECASE):
        key = "implicit_change.asked"
    direct = row.steps[0].replace(THING, str(step.target or ""))
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
