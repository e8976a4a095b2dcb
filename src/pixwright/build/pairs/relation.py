"""Where one thing stands to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.pairs.stage import PLAIN, SEEN, PairDraft, Stage, Unfit, area, place_words, the
from pixwright.build.wording.names import head, phrase_for
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step, Where
from pixwright.words import lexicon, read

_GAP = 0.02
_SWAPPED = 0.15
"""How often an exchange of places is tried before all other relations, which fewer scenes lend themselves to."""
_SHRUNK = 0.8
"""The least of its size that a thing keeps which is put into or onto another."""
_GROWTH = 1.4
"""How much larger or smaller, at most, a thing may become that is put nearer or farther: beyond it looks like another thing."""
_NEAR = 0.16
"""How much lower or higher in the picture than the other, at most, a thing stands that is in front of it or behind it."""
_Placer = Callable[[Stage, int, int], LayeredScene]

_APART, _MOVED = 0.12, (0.1, 0.05)
"""How far two must stand apart to be exchanged, of the width; and how far a thing must move to be seen to, of the width or of the height."""
_OVER_IT, _MARGIN = 0.1, 0.01
"""Scene units: what is so near is over the other already; what stays free above."""
_BEFORE, _LEAST_BEFORE, _BACK, _GROUND, _LOWEST = 0.07, 0.03, 0.06, 0.04, 0.985
"""Scene units: how far a thing is put before another, and at least; behind it; how far below the horizon there is ground; and the lowest foot."""
_HIDES_TALL, _HIDES_WIDE = 0.75, 0.8
"""Of the other's height and width: what is larger, before it, hides it."""
_SHOWN, _ASIDE = 0.4, 0.12
"""Of its height: what shows above the other, at least; else it goes aside by so much of its width."""
_WITHIN, _DEPTH = (0.7, 0.9), 0.45
"""Of a container's width and height: the most that goes in; and how deep it stands."""
_UPON, _TOP = (0.7, 0.8), 0.07
"""The same of what carries; and where its top is, seen from a little above."""
_INSIDE, _SWAPPED_INSIDE, _SEEN_BEHIND = 0.97, 0.93, 0.3
"""Shares of a thing that must lie in the picture, and be seen where it stands behind another."""
_SMALLEST, _CROWDED = 0.006, 0.2
"""Of the picture: the least area; of the smaller of two: the most that a third thing may cover."""


def relation_change(stage: Stage) -> PairDraft:
    """Two things swap places, or one is put by the other."""
    able = [i for i in range(len(stage.scene.layers)) if stage.editable(i)]
    named = {i: phrase_for(stage.scene, i, stage.rng) for i in able}
    for first, second in stage.shuffled([(i, k) for i in able for k in able if i != k]):
        phrase, anchor = named[first], named[second]
        if phrase is None or anchor is None or head(phrase) == head(anchor):
            continue
        places = stage.shuffled([one for one in _PLACERS if one is not Relation.SWAP])
        swapped_first = stage.rng.random() < _SWAPPED
        for relation in (Relation.SWAP, *places) if swapped_first else (*places, Relation.SWAP):
            try:
                after = _PLACERS[relation](stage, first, second)
            except Unfit:
                continue
            return _draft(stage, after, (first, second), (phrase, anchor), relation)
    raise Unfit("no two things can change their places plainly")


def _draft(
    stage: Stage, after: LayeredScene, layers: tuple[int, int], names: tuple[str, str], relation: Relation
) -> PairDraft:
    where = Where(relation=relation, anchor=read(names[1]))
    step = Step(type=EditType.RELATION_CHANGE, instruction="", target=read(names[0]), where=where)
    slots = {"target": the(names[0]), "anchor": the(names[1])}
    touched = tuple(range(len(stage.scene.layers)))
    if relation is Relation.SWAP:
        first, second = layers
        before, swapped = _sided(stage.scene, first, second), _sided(after, second, first)
        return PairDraft(before, swapped, step, "relation.swap", slots, touched)
    slots["place"] = place_words(where)
    at = after.layers.index(_moved(stage, after))
    beside = Where(relation=relation, anchor=read(stage.scene.layers[layers[1]].name))
    said = after.with_layer(at, replace(after.layers[at], told=f"{{}} {place_words(beside)}"))
    before = stage.scene.with_layer(layers[0], replace(stage.scene.layers[layers[0]], told=PLAIN))
    return PairDraft(before, said, step, "relation.place", slots, (layers[0], at))


def _sided(scene: LayeredScene, index: int, anchor: int) -> LayeredScene:
    """The scene in whose caption a layer stands on its side of another."""
    layer, other = scene.layers[index], scene.layers[anchor]
    side = Where(relation=Relation.LEFT if layer.x < other.x else Relation.RIGHT, anchor=read(other.name))
    return scene.with_layer(index, replace(layer, told=f"{{}} {place_words(side)}"))


def _moved(stage: Stage, after: LayeredScene) -> Layer:
    return next(layer for layer in after.layers if layer not in stage.scene.layers)


def _swap(stage: Stage, first: int, second: int) -> LayeredScene:
    a, b = stage.scene.layers[first], stage.scene.layers[second]
    if a.support != b.support or abs(a.x - b.x) < _APART * stage.width:
        raise Unfit("the two would hardly be seen to have moved")
    layers = list(stage.scene.layers)
    layers[first], layers[second] = stage.at(b, a.x, a.y), stage.at(a, b.x, b.y)
    _sized(b, layers[first])
    _sized(a, layers[second])
    after = replace(stage.scene, layers=tuple(layers))
    for index in (first, second):
        if stage.inside(after.layers[index]) < _SWAPPED_INSIDE or stage.seen(index, after) < SEEN:
            raise Unfit("one of the two would be out of sight")
    return after


def _side(sign: int) -> _Placer:
    def place(stage: Stage, first: int, second: int) -> LayeredScene:
        layer, anchor = stage.scene.layers[first], stage.scene.layers[second]
        if (layer.x - anchor.x) * sign > 0 or layer.support != anchor.support:
            raise Unfit("it is on that side already")
        beside = stage.at(layer, layer.x, anchor.y)
        _sized(layer, beside)
        mine, other = stage.box(beside), stage.box(anchor)
        half = mine.wide / 2
        edge = other.right if sign > 0 else other.left
        return _put(stage, first, replace(beside, x=edge + sign * (half + _GAP)), second)

    return place


def _above(stage: Stage, first: int, second: int) -> LayeredScene:
    layer, anchor = stage.scene.layers[first], stage.scene.layers[second]
    if layer.support != "air" or abs(layer.x - anchor.x) < _OVER_IT:
        raise Unfit("only what is in the air can be above something")
    mine, other = stage.box(layer), stage.box(anchor)
    low = other.top - 2 * _GAP
    if low - mine.tall < _MARGIN:
        raise Unfit("there is no room above it")
    return _put(stage, first, replace(layer, x=anchor.x, y=layer.y + low - mine.bottom), second)


def _in_front(stage: Stage, first: int, second: int) -> LayeredScene:
    layer, anchor = stage.scene.layers[first], stage.scene.layers[second]
    if layer.support != "ground" or anchor.support != "ground":
        raise Unfit("one of the two does not stand on the ground")
    near = stage.at(layer, anchor.x, min(max(anchor.y + _BEFORE, layer.y), _LOWEST))
    _sized(layer, near)
    _moves(stage, layer, near, anchor)
    mine, other = stage.box(near), stage.box(anchor)
    if (
        near.y < anchor.y + _LEAST_BEFORE
        or mine.tall > _HIDES_TALL * other.tall
        or mine.wide > _HIDES_WIDE * other.wide
    ):
        raise Unfit("it would hide the other")
    return _put(stage, first, near, second)


def _behind(stage: Stage, first: int, second: int) -> LayeredScene:
    layer, anchor = stage.scene.layers[first], stage.scene.layers[second]
    if layer.support != "ground" or anchor.support != "ground":
        raise Unfit("one of the two does not stand on the ground")
    far = stage.at(layer, anchor.x, min(anchor.y - _BACK, layer.y))
    _sized(layer, far)
    if far.y < stage.scene.horizon + _GROUND:
        raise Unfit("there is no ground behind it")
    mine, other = stage.box(far), stage.box(anchor)
    # Half of it shows above the other, or beside it.
    if other.top - mine.top < _SHOWN * mine.tall:
        wide = mine.wide
        sign = 1 if stage.rng.random() < 0.5 else -1
        edge = other.right if sign > 0 else other.left
        far = replace(far, x=edge + sign * _ASIDE * wide)
    _moves(stage, layer, far, anchor)
    return _put(stage, first, far, second, behind=True)


def _sized(was: Layer, now: Layer) -> None:
    """Raises `Unfit` if a thing's new distance makes it another thing."""
    if not 1 / _GROWTH <= now.height / was.height <= _GROWTH:
        raise Unfit("its size would change beyond recognition")


def _moves(stage: Stage, was: Layer, now: Layer, anchor: Layer) -> None:
    """Raises `Unfit` if a thing hardly moves, or would stand far from the one that it is put behind or in front of."""
    if abs(now.x - was.x) < _MOVED[0] * stage.width and abs(now.y - was.y) < _MOVED[1]:
        raise Unfit("it is there already")
    if abs(now.y - anchor.y) > _NEAR:
        raise Unfit("it would stand too far from the other")


def _inside(stage: Stage, first: int, second: int) -> LayeredScene:
    layer, anchor = stage.scene.layers[first], stage.scene.layers[second]
    if not lexicon().is_(head(anchor.name), "hollow") or anchor.support == "air":
        raise Unfit("nothing can be put into it")
    box = stage.box(anchor)
    mine = stage.box(layer)
    scale = min(1.0, _WITHIN[0] * box.wide / mine.wide, _WITHIN[1] * box.tall / mine.tall)
    if scale < _SHRUNK:
        raise Unfit("it is too large to go in")
    inner = replace(
        layer, x=anchor.x, y=box.top + _DEPTH * box.tall, height=layer.height * scale, shadow=0.0, support="table"
    )
    return _put(stage, first, inner, second, behind=True)


def _on(stage: Stage, first: int, second: int) -> LayeredScene:
    layer, anchor = stage.scene.layers[first], stage.scene.layers[second]
    if not lexicon().is_(head(anchor.name), "flat") or layer.support not in ("ground", "table"):
        raise Unfit("nothing can be put on it")
    box, mine = stage.box(anchor), stage.box(layer)
    scale = min(1.0, _UPON[0] * box.wide / mine.wide, _UPON[1] * box.tall / mine.tall)
    if scale < _SHRUNK:
        raise Unfit("it is too large to stand on it")
    top = box.top + _TOP * box.tall
    return _put(stage, first, replace(layer, x=anchor.x, y=top, height=layer.height * scale, support="table"), second)


def _put(stage: Stage, first: int, layer: Layer, second: int, behind: bool = False) -> LayeredScene:
    """The scene with a layer moved right behind or before another, if both are then in sight and nothing else is in the way."""
    anchor = stage.scene.layers[second]
    layers = [one for i, one in enumerate(stage.scene.layers) if i != first]
    at = layers.index(anchor) + (0 if behind else 1)
    layers.insert(at, layer)
    after = replace(stage.scene, layers=tuple(layers))
    rest = [one for one in layers if one is not layer and one is not anchor and not one.asset.startswith("table/")]
    least = _SEEN_BEHIND if behind else SEEN
    if (
        stage.inside(layer) < _INSIDE
        or area(stage.box(layer)) < _SMALLEST * stage.width
        or stage.crowded(layer, rest) > _CROWDED
        or stage.seen(at, after) < least
        or stage.seen(layers.index(anchor), after) < 0.5
    ):
        raise Unfit("it would be out of sight there, or in the way")
    return after


_PLACERS: dict[Relation, _Placer] = {
    Relation.SWAP: _swap,
    Relation.LEFT: _side(-1),
    Relation.RIGHT: _side(1),
    Relation.ABOVE: _above,
    Relation.IN_FRONT: _in_front,
    Relation.BEHIND: _behind,
    Relation.INSIDE: _inside,
    Relation.ON: _on,
}
