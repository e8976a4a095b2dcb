"""Actions that a cut-out can do: turning round, lying down, jumping, flying, standing on its head, tilting."""

from __future__ import annotations

from dataclasses import replace

from pixwright.build.contract import Layer
from pixwright.build.pairs.camera import differs, rested
from pixwright.build.pairs.local import shown_enough, with_companion
from pixwright.build.pairs.stage import PLAIN, PairDraft, Stage, Unfit, the
from pixwright.build.scene.signs import pixels_of
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.words import read

ALIVE = frozenset({"animal", "person", "fantasy"})
_JUMP = 0.24
"""How far it is raised, as a share of its height; the editor's figure."""
_TILT = 20.0
"""Degrees."""
_TOLD = {"lie down": "{} lying down", "jump": "{} jumping", "fly": "{} flying", "flip": "{} upside down"}
"""What a caption says of it then; which way a thing faces or leans it says of none but the tilted."""
_TURNED = 42.0
"""Levels of the mean difference from which on one sees which way a thing faces."""
_TILTED = 0.03
"""How often things that cannot act are tilted."""
_TALL = 1.25
"""Only what is so many times taller than wide can lie down by being turned."""


def action_change(stage: Stage) -> PairDraft:
    """One of the actions that fit the thing; a scene in which nothing can act is given something that can. What cannot act is only tilted, now and then."""
    tilting = stage.rng.random() < _TILTED
    if not tilting and not any(_possible(stage, i) for i in range(len(stage.scene.layers)) if stage.editable(i)):
        stage = with_companion(stage, lambda asset: asset.category in ALIVE)
    index, phrase = stage.target(lambda i: bool(_possible(stage, i, tilting)))
    layer = stage.scene.layers[index]
    action = stage.pick(_possible(stage, index, tilting))
    side = stage.pick(("left", "right"))
    told = f"{{}} tilted to the {side}" if action == "tilt" else _TOLD.get(action, "")
    after = stage.scene.with_layer(index, replace(_done(stage, layer, action, side), told=told))
    shown_enough(stage, after, index)
    step = Step(type=EditType.ACTION_CHANGE, instruction="", target=read(phrase), value=action)
    slots = {"target": the(phrase), "side": side}
    before = stage.scene.with_layer(index, replace(layer, told=PLAIN if told else ""))
    return PairDraft(before, after, step, f"action.{action}", slots, (index,))


def _possible(stage: Stage, index: int, tilting: bool = False) -> list[str]:
    layer = stage.scene.layers[index]
    asset = stage.asset(layer)
    if layer.text or layer.asset.startswith("table/"):
        return []
    pixels = pixels_of(layer.asset, layer.text, stage.catalogue)
    alive = asset.category in ALIVE and not layer.name.endswith((" face", " head"))
    found = (
        ["turn around"]
        if differs(pixels, mirrored=True, least=_TURNED) and (alive or asset.category == "vehicle")
        else []
    )
    x0, y0, x1, y1 = stage.box(layer)
    if alive and layer.support in ("ground", "table"):
        found += ["jump", "flip"]
        found += ["fly"] if y0 > 0.3 else []
        found += ["lie down"] if y1 - y0 > _TALL * (x1 - x0) else []
    elif tilting and differs(pixels, turned=_TILT, least=22.0):
        found.append("tilt")
    return found


def _done(stage: Stage, layer: Layer, action: str, side: str) -> Layer:
    sign = -1 if side == "left" else 1
    if action == "turn around":
        return replace(layer, flip=not layer.flip)
    if action == "tilt":
        return rested(stage, replace(layer, angle=layer.angle + _TILT * sign))
    if action == "flip":
        return replace(layer, angle=layer.angle + 180.0)
    if action == "lie down":
        return rested(stage, replace(layer, angle=layer.angle + 90.0 * sign))
    x0, y0, x1, y1 = stage.box(layer)
    room = y0 - 0.02
    rise = _JUMP * (y1 - y0) if action == "jump" else 0.6 * room
    if rise > room or rise < 0.04:
        raise Unfit(f"there is no room above the {layer.name}")
    return replace(layer, y=layer.y - rise, shadow=0.0, support="air")
