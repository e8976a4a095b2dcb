"""Things taken away, put in, exchanged and counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from pixwright.build.contract import Layer, LayeredScene
from pixwright.build.pairs.stage import SEEN, PairDraft, Stage, Unfit, area, overlap, place_words, the
from pixwright.build.scene.setting import shelf_of
from pixwright.build.wording.names import alike, countable, head, phrase_for
from pixwright.edit.placing.shelves import support_of
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.sample import Asset
from pixwright.words import read
from pixwright.words.numbers import spelled
from pixwright.words.saying import article, counted, plural

_ODD = frozenset({"symbol", "sky"})
"""Categories whose things are not put among others."""
_TRIES = 40
_CHOOSY = 4
"""So many more things are drawn as a companion, since not every one will do."""
_SAME_KIND = 0.6
"""How often a thing is replaced by one of its own category."""
_WIDTHS = (0.24, 0.15, 0.1)
"""Of the picture's width: how wide equal things may be, the first that leaves room for two."""
_COMPANION = 0.28
"""Of the picture's side: how large a thing may be that is put in beside the others."""
_FEW, _ALL = 3, 0.4
"""So many alike may go or come at once; how often they go where they may."""
_LANDMARK, _PLACED, _MIDDLE = 0.01, 0.75, 0.3
"""Area, of the picture's width, of a thing that a place may be told by; how often a place is told; where the picture's sides begin, of its width."""
_LEVEL, _TOUCH, _BESIDE, _OVER, _COVERS = 0.4, 0.02, 0.6, 0.05, 0.1
"""When a person says "beside" (shared height of the lower, gap from and to), "above" (gap) and "in front of" (what is covered of the smaller)."""
_ALIKE, _RATIOS, _WIDER = 5, (0.6, 1.6), 1.2
"""Real sizes of what may take another's place; how much larger it gets in the picture, and how much wider at the most."""
_INSIDE, _INSIDE_ALONE, _SHOWN = 0.97, 0.98, 0.85
"""Shares of a thing that must lie in the picture: in another's place, put in anew, and after an edit."""
_MARGIN, _FREE, _FREE_IN_ROW = 0.1, 0.1, 0.15
"""Of the width: where no companion is put; and the largest overlap of it, and of a thing in a row, with others."""
_MORE, _EXACT = 0.6, 0.55
"""How often there are more in the end, and how often the words say how many."""
_TALLEST, _STEP, _ON, _EDGE, _SWAY, _LOWEST = 0.45, 1.12, 0.25, 0.02, 0.012, 0.99
"""A row: greatest height, from one to the next in widths, how far on after a spot that is taken in steps, free edge, sway of the feet, lowest foot."""
_NAMES = 8192
"""Names whose support is remembered."""
MOST = 5
"""Largest number of equal things."""


def remove(stage: Stage) -> PairDraft:
    """A thing, or now and then all of several alike, is gone."""
    index, phrase = stage.target()
    group = alike(stage.scene, index)
    if 1 < len(group) <= _FEW and all(map(stage.editable, group)) and stage.rng.random() < _ALL:
        named = plural(head(stage.scene.layers[index].name))
        phrase, gone = f"all {named}", group
        target = f"all the {named}"
    else:
        gone, target = [index], the(phrase)
    step = Step(type=EditType.REMOVE, instruction="", target=read(phrase))
    return PairDraft(stage.scene, without(stage.scene, gone), step, "remove", {"target": target}, tuple(gone))


def without(scene: LayeredScene, gone: list[int]) -> LayeredScene:
    """The scene without some of its layers."""
    return replace(scene, layers=tuple(layer for i, layer in enumerate(scene.layers) if i not in gone))


def add(stage: Stage) -> PairDraft:
    """The reverse of a removal: the scene as it was composed is the edited one. Of several alike all come at once."""
    index, _ = stage.target(lambda i: len(alike(stage.scene, i)) <= _FEW)
    layer = stage.scene.layers[index]
    group = sorted(alike(stage.scene, index))
    before = without(stage.scene, group)
    step = Step(type=EditType.ADD, instruction="", value=layer.name)
    if len(group) > 1:
        if not countable(layer.name) or len({stage.scene.layers[i].name for i in group}) > 1:
            raise Unfit(f"one does not count '{layer.name}'")
        step = step.model_copy(update={"value": plural(layer.name), "count": len(group)})
        slots = {"thing": counted(layer.name, len(group))}
        return PairDraft(before, stage.scene, step, "add.many", slots, tuple(group))
    where = where_is(stage, index, before)
    slots = {"thing": article(layer.name)}
    if where is None:
        return PairDraft(before, stage.scene, step, "add", slots, (index,))
    step = step.model_copy(update={"where": where})
    return PairDraft(before, stage.scene, step, "add.place", {**slots, "place": place_words(where)}, (index,))


def where_is(stage: Stage, index: int, before: LayeredScene) -> Where | None:
    """Where a layer of the scene is, in words that hold in the picture before it came; None where nothing plain can be said."""
    layer = stage.scene.layers[index]
    mine = stage.box(layer)
    found: list[Where] = []
    for number, other in enumerate(stage.scene.layers):
        if number == index or area(stage.box(other)) < _LANDMARK * stage.width:
            continue
        phrase = phrase_for(before, number - (number > index), stage.rng)
        relation = _relation(stage, layer, other, number < index)
        if phrase is not None and relation is not None and " on the " not in phrase:
            found.append(Where(relation=relation, anchor=read(phrase)))
    place = (mine.left + mine.right) / 2 / stage.width
    if not _MIDDLE <= place <= 1 - _MIDDLE:
        found.append(Where(relation=Relation.LEFT if place < 0.5 else Relation.RIGHT))
    return stage.pick(found) if found and stage.rng.random() < _PLACED else None


def _relation(stage: Stage, layer: Layer, other: Layer, nearer: bool) -> Relation | None:
    """How one layer lies to another, if a person would say so."""
    a, b = stage.box(layer), stage.box(other)
    if layer.support == "table" and other.asset.startswith("table/"):
        return Relation.ON
    apart = max(a.left - b.right, b.left - a.right)
    beside = min(a.bottom, b.bottom) - max(a.top, b.top) > _LEVEL * min(a.tall, b.tall)
    if apart > -_TOUCH and beside and apart < _BESIDE * stage.width:
        return Relation.LEFT if a.left < b.left else Relation.RIGHT
    across = min(a.right, b.right) - max(a.left, b.left) > 0.5 * min(a.wide, b.wide)
    if layer.support == "air" and across and a.bottom < b.top + _OVER:
        return Relation.ABOVE
    covered = overlap(a, b) / min(area(a), area(b))
    if across and covered > _COVERS and nearer and layer.support == other.support == "ground":
        return Relation.IN_FRONT
    return None


def replace_thing(stage: Stage) -> PairDraft:
    """Another thing on the same spot, of a size that fits."""
    index, phrase = stage.target()
    old = stage.scene.layers[index]
    asset = other_asset(stage, old)
    after = stage.scene.with_layer(index, stand_in(stage, old, asset))
    step = Step(type=EditType.REPLACE, instruction="", target=read(phrase), value=asset.name)
    slots = {"target": the(phrase), "thing": article(asset.name)}
    return PairDraft(stage.scene, after, step, "replace", slots, (index,))


def other_asset(stage: Stage, old: Layer) -> Asset:
    """A cut-out of another name that could stand where the layer stands; more often than not one of its own category."""
    mine = stage.asset(old)
    support, nouns = _support(mine), {head(layer.name) for layer in stage.scene.layers}

    def look() -> list[Asset]:
        every = stage.catalogue.assets("cutout")
        return [one for one in every if _like(one, mine) and _support(one) == support]

    fitting = shelf_of(stage.catalogue).once(("stands in", support, mine.size_m), look)
    akin = [one for one in fitting if one.category == mine.category]
    first = stage.shuffled(akin) if stage.rng.random() < _SAME_KIND else []
    for asset in (*first, *stage.shuffled(fitting)):
        if head(asset.name) not in nouns:
            return asset
    raise Unfit(f"no other thing could stand where the {old.name} stands")


def _like(asset: Asset, mine: Asset) -> bool:
    """One plain thing, and of a size within a factor of five."""
    if asset.category in _ODD or " and " in asset.name or asset.name.endswith((" face", " head")):
        return False
    return not (mine.size_m and asset.size_m) or 1 / _ALIKE < asset.size_m / mine.size_m < _ALIKE


def _support(asset: Asset) -> str:
    """Ground and table alike hold what stands; the rest of the supports are kept apart."""
    support = next((tag for tag in asset.tags if tag in _SUPPORTS), None) or _support_of(asset.name)
    return "ground" if support == "table" else support


@lru_cache(maxsize=_NAMES)
def _support_of(name: str) -> str:
    return str(support_of(name))


_SUPPORTS = frozenset({"ground", "table", "air", "water", "wear"})


def stand_in(stage: Stage, old: Layer, asset: Asset) -> Layer:
    """The asset on the old layer's foot, as `sized`. Raises `Unfit` if it does not fit into the picture."""
    new = sized(stage, old, asset)
    if stage.inside(new) < min(_INSIDE, stage.inside(old)):
        raise Unfit(f"the {asset.name} would not fit into the picture")
    return new


def sized(stage: Stage, old: Layer, asset: Asset) -> Layer:
    """The asset in place of a layer: as much larger or smaller as things of its kind are, within reason."""
    mine = stage.asset(old)
    ratio = asset.size_m / mine.size_m if asset.size_m and mine.size_m else 1.0
    new = replace(
        old,
        asset=asset.key,
        name=asset.name,
        height=old.height * min(max(ratio, _RATIOS[0]), _RATIOS[1]),
        looks=(),
        angle=0.0,
        text="",
    )
    x0, _, x1, _ = stage.box(new)
    most = max(0.5 * stage.width, _WIDER * stage.box(old).wide)
    if x1 - x0 > most:
        new = replace(new, height=new.height * most / (x1 - x0))
    return new


def with_companion(stage: Stage, fits: Callable[[Asset], bool] = lambda _: True) -> Stage:
    """The same dice on the scene with one thing more that fits, like one that is there in size and support. Raises `Unfit`."""
    model = model_of(stage)
    for _ in range(_TRIES * _CHOOSY):
        asset = other_asset(stage, model)
        new = beside(stage, model, asset) if fits(asset) else None
        if new is not None:
            return replace(stage, scene=with_row(stage.scene, [new]))
    raise Unfit("there is no room for another thing")


def model_of(stage: Stage, support: str = "") -> Layer:
    """A thing, one on that support if it is said, after whose support and size another one may be put beside it. Raises `Unfit`."""
    layers = stage.scene.layers
    able = [i for i, one in enumerate(layers) if stage.editable(i) and not one.text]
    return layers[stage.pick([i for i in able if support in ("", layers[i].support)])]


def beside(stage: Stage, model: Layer, asset: Asset, most: float = _COMPANION, larger: float = 1.0) -> Layer | None:
    """The asset somewhere on the model's level, if the place that the dice choose is free; of the picture's side it takes `most`, and it is at
    most so much larger than it would be."""
    new = sized(stage, model, asset)
    x0, y0, x1, y1 = stage.box(new)
    small = min(larger, most / max((x1 - x0) / stage.width, y1 - y0))
    x = float(stage.rng.uniform(_MARGIN, 1 - _MARGIN)) * stage.width
    new = replace(new, height=new.height * small, x=x, flip=False)
    others = [one for one in stage.scene.layers if not one.asset.startswith("table/")]
    return new if stage.inside(new) > _INSIDE_ALONE and stage.crowded(new, others) < _FREE else None


def counting(stage: Stage) -> PairDraft:
    """Some number of equal things becomes another."""
    index, _ = stage.target(lambda i: countable(stage.scene.layers[i].name) and not stage.scene.layers[i].text)
    rows = next((row for width in _WIDTHS if len(row := _row(stage, index, width)) > 1), [])
    if not rows:
        raise Unfit(f"there is no room for several of '{stage.scene.layers[index].name}'")
    total = int(stage.rng.integers(2, len(rows) + 1))
    fewer = int(stage.rng.integers(1, total))
    n, m = (fewer, total) if stage.rng.random() < _MORE else (total, fewer)
    rest = without(stage.scene, alike(stage.scene, index))
    before, after = (with_row(rest, rows[:count]) for count in (n, m))
    touched = tuple(range(len(rest.layers) + total))
    name = stage.scene.layers[index].name
    return _counted(before, after, name, (n, m), touched, exact=stage.rng.random() < _EXACT)


def _counted(
    before: LayeredScene,
    after: LayeredScene,
    name: str,
    numbers: tuple[int, int],
    touched: tuple[int, ...],
    exact: bool,
) -> PairDraft:
    n, m = numbers
    difference = abs(m - n)
    number = m if exact else difference
    many = plural(name)
    slots = {
        "number": spelled(number),
        "things": name if number == 1 else many,
        "plural": many,
        "before": spelled(n),
    }
    step = Step(type=EditType.COUNTING, instruction="", target=read(many))
    if exact:
        return PairDraft(before, after, step.model_copy(update={"count": m}), "counting.total", slots, touched)
    amount = Amount(value=m - n, unit=Unit.ITEMS)
    key = "counting.more" if m > n else "counting.fewer"
    return PairDraft(before, after, step.model_copy(update={"amount": amount}), key, slots, touched)


def _row(stage: Stage, index: int, widest: float) -> list[Layer]:
    """Equal things, at most so many picture widths wide, along the line that this one stands on, as many as there is room for, in a random order."""
    model = stage.scene.layers[index]
    x0, y0, x1, y1 = stage.box(model)
    shrink = min(1.0, widest * stage.width / (x1 - x0), _TALLEST / (y1 - y0))
    model = replace(model, height=model.height * shrink)
    wide = (x1 - x0) * shrink
    others = [layer for i, layer in enumerate(stage.scene.layers) if i not in alike(stage.scene, index)]
    others = [layer for layer in others if not layer.asset.startswith("table/")]
    step = wide * _STEP
    start = wide / 2 + _EDGE + float(stage.rng.uniform(0, max(0.0, min(step, stage.width - wide - 2 * _EDGE))))
    spots: list[Layer] = []
    x = start
    while x + wide / 2 < stage.width - _EDGE / 2:
        sway = float(stage.rng.uniform(-_SWAY, _SWAY)) if model.support != "table" else 0.0
        one = stage.at(model, x, min(model.y + sway, _LOWEST))
        if stage.crowded(one, others) < _FREE_IN_ROW:
            spots.append(one)
            x += step
        else:
            x += _ON * step
    return stage.shuffled(spots)[:MOST]


def with_row(rest: LayeredScene, row: list[Layer]) -> LayeredScene:
    """The scene with further layers, each behind what stands nearer."""
    layers = list(rest.layers)
    for one in sorted(row, key=lambda layer: (layer.y, layer.x)):
        at = len(layers)
        while at > 0 and layers[at - 1].y > one.y and layers[at - 1].support == one.support:
            at -= 1
        layers.insert(at, one)
    return replace(rest, layers=tuple(layers))


def shown_enough(stage: Stage, scene: LayeredScene, index: int) -> None:
    """Raises `Unfit` if a layer of an edited scene is out of the picture or behind others, or hides one that was in sight."""
    if stage.inside(scene.layers[index]) < _SHOWN or stage.seen(index, scene) < SEEN:
        raise Unfit(f"the {scene.layers[index].name} would be out of sight")
    for other, layer in enumerate(stage.scene.layers):
        if other != index and stage.seen(other) >= SEEN > stage.seen(other, scene):
            raise Unfit(f"the {layer.name} would be hidden")
