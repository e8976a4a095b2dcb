"""One pipeline a type: what could be done to this photograph? (AnyEdit: appendix B.3; figures of its public code where they make sense.)

A pipeline only proposes; `realise` words the step, carries it out with the project's own editors and has it judged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from pixwright.build.chance import pick
from pixwright.build.contract import Catalogue, ConditionKind
from pixwright.build.pairs.camera import differs
from pixwright.build.pairs.surface import far_from, main_colour
from pixwright.build.photo.look import CutThing, Photo, PhotoThing, cut_out, photograph
from pixwright.build.run.networks import encoders
from pixwright.build.wording.known import complains, holds_of, kinds_of, known_rows, named, with_capital
from pixwright.build.wording.reasoning import absent
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.region import Box
from pixwright.records.vocabulary import LOOKS, MATERIALS, SEASONS, STYLES, TIMES, WEATHERS
from pixwright.words import read
from pixwright.words.numbers import spelled
from pixwright.words.saying import article, plural

Rng: TypeAlias = np.random.Generator
_COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black", "brown", "turquoise")
_PATTERNS = ("striped", "polka dot", "checkered", "spotted", "rainbow")
_STATES = ("shiny", "snow covered", "wet", "mossy", "dusty", "rusty", "old")
_PLACES = ("beach", "forest", "desert", "city", "meadow", "garden")
_WEATHER = {
    "rain": ("rainy", "rain"),
    "snow": ("snowy", "snow"),
    "fog": ("foggy", "fog"),
    "storm": ("stormy", "a storm"),
}
REVERSED = 0.5
"""How often an edit that can be is made backwards: the photograph is then what the instruction leads to."""
_FILLED = 0.25
"""Least share of its box that a thing fills: a fence is no object that can be put in or taken away."""
_LOOKED, _LARGE, _LEAST, _CERTAIN = 4, 0.6, 0.03, 0.6
"""Other photographs that are looked at for a thing to cut out; the share of them that it covers; and how sure the grounder is of it."""
_HARDLY_SEEN = frozenset(SEASONS[:2])
"""Spring and summer: photographs have mostly been taken then."""
_KEPT = (0.1, 0.5)
"""Outpaint: share of the picture that the kept box covers."""
_WORDS = ("HELLO", "OPEN", "WELCOME", "MUSIC", "COFFEE", "TIME", "SUMMER", "LIGHT", "DREAM", "BREAD", "SALE", "HOME")


@dataclass(frozen=True, eq=False)
class Attempt:
    """What shall be tried: the step, and the words for it. `run`, if given, is carried out instead."""

    step: Step
    key: str
    """Of the templates in `build/words`."""
    slots: dict[str, str] = field(default_factory=dict)
    thing: PhotoThing | None = None
    """What is edited: the editor is told its outline."""
    run: Step | None = None
    reverse: bool = False
    """`run` leads from the edited picture to the source, and the photograph is the edited one: an exact target."""
    keep: Box | None = None
    """Outpaint: the part of the photograph that is the source."""
    given: CutThing | None = None
    """What the editor is given as its first attachment; the row has it as a reference where the step names one."""
    condition: ConditionKind | None = None
    reasoning: str = ""
    """The implicit situation; the step is then its explicit meaning."""


Pipeline: TypeAlias = Callable[[Photo, Catalogue, Rng], Attempt | None]


def _one(items: tuple[PhotoThing, ...], rng: Rng) -> PhotoThing | None:
    return pick(rng, items) if items else None


def _inside(photo: Photo, most: float = 0.3) -> tuple[PhotoThing, ...]:
    """Single objects that lie whole in the frame and leave enough around them to fill a hole from."""
    whole = (t for t in photo.objects if t.area <= most and not t.bordering and len(t.region.boxes) == 1)
    return tuple(t for t in whole if t.filled >= _FILLED)


def remove(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """An object goes; AnyEdit removes what covers up to 0.99 of the picture, which no fill survives."""
    thing = _one(_inside(photo), rng)
    if thing is None:
        return None
    return Attempt(_for(EditType.REMOVE, thing), "remove", {"target": f"the {thing.name}"}, thing)


def add(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """Adding is the reverse of removal: the photograph is the *edited* picture."""
    thing = _one(_inside(photo), rng)
    if thing is None:
        return None
    step = Step(type=EditType.ADD, instruction="", value=thing.name)
    return Attempt(step, "add", {"thing": article(thing.name)}, thing, _for(EditType.REMOVE, thing), reverse=True)


def replace(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """Another object in its place, or the photograph's own in place of another; people are not replaced."""
    thing = _one(tuple(t for t in _inside(photo) if not t.person), rng)
    other = _cutout(photo, catalogue, thing, rng)
    if thing is None or other is None:
        return None
    put = _for(EditType.VISUAL_REFERENCE, thing, other.name).model_copy(update={"reference": 1})
    if rng.random() < REVERSED:
        back = Step(type=EditType.REPLACE, instruction="", target=read(other.name), value=thing.name)
        slots = {"target": f"the {other.name}", "thing": article(thing.name)}
        return Attempt(back, "replace", slots, thing, put, reverse=True, given=other)
    slots = {"target": f"the {thing.name}", "thing": article(other.name)}
    return Attempt(_for(EditType.REPLACE, thing, other.name), "replace", slots, thing, put, given=other)


def counting(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """One of several goes."""
    several = tuple(t for t in photo.objects if 2 <= len(t.region.boxes) <= 6 and t.area < 0.4)
    thing = _one(several, rng)
    if thing is None:
        return None
    count = len(thing.region.boxes) - 1
    step = _for(EditType.COUNTING, thing).model_copy(update={"count": count})
    things = plural(thing.name) if count > 1 else thing.name
    slots = {"number": spelled(count), "things": things, "plural": plural(thing.name)}
    return Attempt(step, "counting.total", slots, thing)


def color_alter(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A colour that the thing does not have. AnyEdit leaves faces out; so do we with people."""
    made = _looked(photo, EditType.COLOR_ALTER, "color_alter", pick(rng, _COLOURS), rng)
    if made is None or made.thing is None:
        return None
    return made if far_from(made.step.value or "", main_colour(cut_out(photo, made.thing).pixels)) else None


def appearance_alter(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A pattern or a state."""
    value = pick(rng, _PATTERNS + _STATES)
    key = "appearance_alter.pattern" if value in ("striped", "polka dot") else "appearance_alter"
    return _looked(photo, EditType.APPEARANCE_ALTER, key, value, rng)


def material_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """Another material, in words."""
    return _looked(photo, EditType.MATERIAL_CHANGE, "material_change", pick(rng, MATERIALS), rng)


def action_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """What geometry can do to something alive or moving."""
    thing = _one(_inside(photo), rng)
    if thing is None:
        return None
    value = pick(rng, ("turn around", "jump"))
    return Attempt(
        _for(EditType.ACTION_CHANGE, thing, value), f"action.{value}", {"target": f"the {thing.name}"}, thing
    )


def textual_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A word that can be read becomes another of about the same length."""
    lines = [line for line in encoders().reader.read(photo.pixels) if line.text.isalpha() and 3 <= len(line.text) <= 9]
    if not lines:
        return None
    old = pick(rng, lines).text
    fitting = tuple(w for w in _WORDS if w != old.upper() and abs(len(w) - len(old)) <= 2)
    if not fitting:
        return None
    new = pick(rng, fitting)
    step = Step(type=EditType.TEXTUAL_CHANGE, instruction="", value=new, old_text=old)
    return Attempt(step, "textual_change", {"old": old, "new": new})


def background_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """Only where something stands in front."""
    if not photo.objects:
        return None
    value = pick(rng, _PLACES)
    step = Step(type=EditType.BACKGROUND_CHANGE, instruction="", value=value)
    return Attempt(step, "background_change", {"scenery": article(value)})


def tone_transfer(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """Season, time of day, weather, or a look; the whole picture."""
    family = pick(rng, ("season", "time", "weather", "look")) if photo.outdoors else "look"
    value = pick(rng, {"season": SEASONS, "time": TIMES, "weather": tuple(_WEATHER), "look": LOOKS}[family])
    adjective, noun = _WEATHER.get(value, ("", ""))
    step = Step(type=EditType.TONE_TRANSFER, instruction="", value=value)
    return Attempt(step, f"tone.{family}", {"value": value, "adjective": adjective, "noun": noun})


def style_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A named style."""
    value = pick(rng, STYLES)
    return Attempt(
        Step(type=EditType.STYLE_CHANGE, instruction="", value=value),
        "style_change",
        {"value": value, "styled": article(value)},
    )


def movement(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """Sideways, to the side with more room (AnyEdit moves horizontally only)."""
    thing = _one(_inside(photo, 0.2), rng)
    if thing is None:
        return None
    x0, _, x1, _ = thing.region.boxes[0]
    width = photo.pixels.shape[1]
    side = Relation.LEFT if x0 > width - x1 else Relation.RIGHT
    percent = 5 * int(np.clip(max(x0, width - x1) * 100 / width // 5 - 1, 0, rng.integers(3, 7)))
    if percent < 10:
        return None
    amount = Amount(value=percent, unit=Unit.PERCENT)

    def moved(to: Relation) -> Step:
        return _for(EditType.MOVEMENT, thing).model_copy(update={"where": Where(relation=to), "amount": amount})

    back = rng.random() < REVERSED
    said = {Relation.LEFT: Relation.RIGHT, Relation.RIGHT: Relation.LEFT}[side] if back else side
    slots = {"target": f"the {thing.name}", "direction": f"to the {said}", "percent": str(percent)}
    return Attempt(moved(said), "movement.percent", slots, thing, moved(side) if back else None, reverse=back)


def resize(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """By 30 or 50 percent, either way (AnyEdit uses 1.3 and 0.7), or back from half or double its size."""
    thing = _one(_inside(photo, 0.2), rng)
    if thing is None:
        return None

    def sized(factor: float) -> Step:
        amount = Amount(value=factor, unit=Unit.FACTOR)
        return _for(EditType.RESIZE, thing).model_copy(update={"amount": amount})

    larger = bool(rng.random() < 0.5)
    if rng.random() < REVERSED:
        factor, times = (2.0, "twice") if larger else (0.5, "half")
        slots = {"target": f"the {thing.name}", "times": times}
        return Attempt(sized(factor), "resize.times", slots, thing, sized(1 / factor), reverse=True)
    percent = int(pick(rng, ("30", "50")))
    key = f"resize.percent_{'larger' if larger else 'smaller'}"
    slots = {"target": f"the {thing.name}", "percent": str(percent), "rest": str(100 - percent)}
    return Attempt(sized(1 + percent / 100 if larger else 1 - percent / 100), key, slots, thing)


def outpaint(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """The reverse of cropping to an object's surroundings: the photograph is the *edited* picture."""
    thing = _one(photo.objects, rng)
    if thing is None:
        return None
    height, width = photo.pixels.shape[:2]
    x0, y0, x1, y1 = thing.region.boxes[0]
    pad = 0.15 * max(x1 - x0, y1 - y0)
    keep = (max(0, int(x0 - pad)), max(0, int(y0 - pad)), min(width, int(x1 + pad)), min(height, int(y1 + pad)))
    share = (keep[2] - keep[0]) * (keep[3] - keep[1]) / (width * height)
    if not _KEPT[0] <= share <= _KEPT[1]:
        return None
    step = Step(type=EditType.OUTPAINT, instruction="", where=Where(relation=Relation.EVERY_SIDE))
    return Attempt(step, "outpaint.every", keep=keep)


def rotation_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """In the picture's plane; other views of a thing need several photographs of it, as MVImgNet has."""
    thing = _one(_inside(photo, 0.15), rng)
    if thing is None:
        return None
    degrees, clockwise = int(pick(rng, ("15", "20", "30", "45", "90"))), bool(rng.random() < 0.5)
    if not differs(cut_out(photo, thing).pixels, turned=degrees):
        return None  # a ball that is turned is the same ball

    def turned(angle: int) -> Step:
        amount = Amount(value=angle, unit=Unit.DEGREES)
        return _for(EditType.ROTATION_CHANGE, thing).model_copy(update={"amount": amount})

    angle, back = degrees if clockwise else -degrees, rng.random() < REVERSED
    way = "clockwise" if clockwise else "counterclockwise"
    slots = {"target": f"the {thing.name}", "degrees": str(degrees), "way": way}
    return Attempt(turned(angle), "rotation_change", slots, thing, turned(-angle) if back else None, reverse=back)


def implicit_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A situation of the parser's knowledge that a thing of the photograph can be in, or that any picture can."""
    rows = known_rows()
    for index in rng.permutation(len(rows))[:60]:
        known = rows[int(index)]
        row, target, situation = known.row, None, str(known.row.situation)
        thing = None
        if known.of_thing:
            thing = next((t for t in photo.objects if holds_of(known, t.name, kinds_of(t.name, ""))), None)
            told = named(situation, thing.name, len(photo.things)) if thing else None
            if thing is None or told is None:
                continue
            target, situation = thing.name, told
        elif (
            row.when != "any"
            or known.step.type != EditType.TONE_TRANSFER
            or known.step.value in _HARDLY_SEEN
            or complains(known)
            or absent(situation, photo.caption)
            or (not photo.outdoors and known.step.value in (*SEASONS, *TIMES, *WEATHERS))
        ):
            continue
        step = known.step.model_copy(update={"target": target, "why": row.why})
        return Attempt(step, "implicit_change", thing=thing, reasoning=with_capital(situation))
    return None


def relation_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """Two objects of like size change places."""
    things = _inside(photo, 0.2)
    pairs = [(a, b) for a in things for b in things if a is not b and 0.25 < a.area / b.area < 4 and _apart(a, b)]
    if not pairs:
        return None
    first, second = pick(rng, pairs)
    where = Where(relation=Relation.SWAP, anchor=read(second.name))
    step = _for(EditType.RELATION_CHANGE, first).model_copy(update={"where": where})
    return Attempt(step, "relation.swap", {"target": f"the {first.name}", "anchor": f"the {second.name}"})


def visual_reference(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """The thing of another picture takes the place of one of this; refused at the border, as AnyEdit's code does."""
    thing = _one(tuple(t for t in _inside(photo) if not t.person), rng)
    other = _cutout(photo, catalogue, thing, rng)
    if thing is None or other is None:
        return None
    step = _for(EditType.VISUAL_REFERENCE, thing, other.name).model_copy(update={"reference": 1})
    slots = {"target": f"the {thing.name}", "thing": other.name}
    return Attempt(step, "visual_reference.replace", slots, thing, given=other)


def material_transfer(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """The material of a reference picture."""
    made = _looked(photo, EditType.MATERIAL_TRANSFER, "material_transfer", pick(rng, MATERIALS), rng)
    if made is None:
        return None
    return Attempt(made.step.model_copy(update={"value": None, "reference": 1}), made.key, made.slots, made.thing)


def style_transfer(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """The style of a reference picture."""
    step = Step(type=EditType.STYLE_TRANSFER, instruction="", reference=1)
    return Attempt(step, "style_transfer", {"value": pick(rng, STYLES)})


def conditioned(condition: ConditionKind) -> Pipeline:
    """A local edit whose *edited* picture gives the condition (FACTS of AnyEdit: condition computed from the edited picture)."""

    def pipeline(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
        inner = (
            replace(photo, catalogue, rng) if condition != "depth" else None
        )  # a photograph's depth takes a depth model
        if inner is None:
            return None
        kind = EditType(f"visual_{condition}")
        step = inner.step.model_copy(update={"type": kind, "reference": 1})
        edit = f"replace {inner.slots['target']} with {inner.slots['thing']}"
        slots = {"edit": edit, "guide": GUIDES[condition]}
        return Attempt(
            step, "guided", slots, inner.thing, inner.run, inner.reverse, given=inner.given, condition=condition
        )

    return pipeline


GUIDES: dict[ConditionKind, str] = {
    "bbox": "box",
    "scribble": "scribble",
    "segment": "segmentation map",
    "sketch": "sketch",
    "depth": "depth map",
}


def _for(kind: EditType, thing: PhotoThing, value: str | None = None) -> Step:
    return Step(type=kind, instruction="", target=read(thing.name), value=value)


def _looked(photo: Photo, kind: EditType, key: str, value: str, rng: Rng) -> Attempt | None:
    thing = _one(tuple(t for t in photo.objects if not t.person and len(t.region.boxes) == 1), rng)
    if thing is None:
        return None
    return Attempt(_for(kind, thing, value), key, {"target": f"the {thing.name}", "value": value}, thing)


def _cutout(photo: Photo, catalogue: Catalogue, thing: PhotoThing | None, rng: Rng) -> CutThing | None:
    """Another kind of thing: a photograph cut out, of the catalogue's own or of its other photographs; a drawing would not belong here."""
    if thing is None:
        return None
    cut = [
        a for a in catalogue.assets("cutout") if a.photographic and a.name not in photo.names and a.category != "person"
    ]
    if cut:
        asset = pick(rng, cut)
        return CutThing(asset.name, asset.caption, catalogue.pixels(asset.key), asset.part)
    others = [a for a in catalogue.assets("background") if a.photographic and a.key != photo.key]
    for at in rng.permutation(len(others))[:_LOOKED]:
        other = photograph(catalogue, others[int(at)], max(photo.pixels.shape))
        things = [
            one
            for one in _inside(other, _LARGE)
            if not one.person and one.area >= _LEAST and one.region.score >= _CERTAIN and one.name not in photo.names
        ]
        if things:
            return cut_out(other, pick(rng, things))
    return None


def _apart(a: PhotoThing, b: PhotoThing) -> bool:
    return not bool(((a.region.mask > 127) & (b.region.mask > 127)).any())


PIPELINES: dict[EditType, Pipeline] = {
    EditType(pipeline.__name__): pipeline
    for pipeline in (
        remove,
        replace,
        add,
        counting,
        color_alter,
        appearance_alter,
        material_change,
        action_change,
        textual_change,
        background_change,
        tone_transfer,
        style_change,
        movement,
        resize,
        outpaint,
        rotation_change,
        implicit_change,
        relation_change,
        visual_reference,
        material_transfer,
        style_transfer,
    )
} | {EditType(f"visual_{condition}"): conditioned(condition) for condition in GUIDES}
"""Each bears its type's name."""
