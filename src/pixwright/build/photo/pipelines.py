"""One pipeline a type: what could be done to this photograph? (AnyEdit: appendix B.3; figures of its public code where they make sense.)

A pipeline only proposes; `realise` words the step, carries it out with the project's own editors and has it judged.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from pixwright.build.chance import pick
from pixwright.build.contract import Catalogue, ConditionKind
from pixwright.build.pairs.camera import differs
from pixwright.build.pairs.global_ import bare_or_article, tone_values, toned
from pixwright.build.pairs.surface import far_from, made_of, main_colour
from pixwright.build.photo.look import CutThing, Photo, PhotoThing, cut_out, photograph
from pixwright.build.run.networks import encoders
from pixwright.build.wording.known import complains, holds_of, kinds_of, known_rows, named, with_capital
from pixwright.build.wording.reasoning import absent
from pixwright.ground.colour import colour_odds
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.records.region import Box
from pixwright.records.vocabulary import BACKGROUNDS, MATERIALS, MOODS, SEASONS, STYLES, TIMES, WEATHERS
from pixwright.words import lexicon, read
from pixwright.words.numbers import number, spelled
from pixwright.words.saying import article, plural

Rng: TypeAlias = np.random.Generator
_COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black", "brown", "turquoise")
_PATTERNS = ("striped", "polka dot", "checkered", "spotted", "rainbow")
"""States (dusty, old, wet) are left out: of seven on photographs that were rated one could be seen."""
_PLACES = ("beach", "forest", "desert", "city", "meadow", "garden")
REVERSED = 0.5
"""How often an edit that can be is made backwards: the photograph is then what the instruction leads to."""
_GRAINED = 0.05
"""Least share of the picture that a thing must cover for its material to be seen."""
_WORD = re.compile(r"[A-Z]{3,9}|[A-Z]?[a-z]{2,8}")
_LEGIBLE = 0.9
"""How sure the reader is of a word: the scratches on a rock read "LeP"."""
_PLAIN, _APART = 1.0, 1.0
"""Log-odds from which on a colour bears a name, and by which it must lead the next name."""
_FILLED = 0.25
"""Least share of its box that a thing fills: a fence is no object that can be put in or taken away."""
_LOOKED, _LARGE, _LEAST, _CERTAIN = 4, 0.6, 0.03, 0.7
"""Other photographs that are looked at for a thing to cut out; the share of them that it covers; and how sure the grounder is of it."""
_HARDLY_SEEN = frozenset(SEASONS[:2])
"""Spring and summer: photographs have mostly been taken then."""
_SITUATED = frozenset((*SEASONS, *TIMES, *WEATHERS, *MOODS)) - _HARDLY_SEEN
"""Tones that a situation brings about. Of what the camera did ("it looks sad and grey") nobody says whether this photograph has it."""
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
    """An object goes, the photograph's own or one that was put into it; AnyEdit removes what covers up to 0.99 of the picture, which no fill survives."""
    put = _put_in(photo, catalogue, rng) if rng.random() < REVERSED else None
    thing = _one(_inside(photo), rng)
    if put is not None:
        return put
    if thing is None:
        return None
    return Attempt(_for(EditType.REMOVE, thing), "remove", {"target": f"the {thing.name}"}, thing)


def _put_in(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A thing of another photograph is put in, so that what takes it away leads to this one."""
    other = _cutout(photo, catalogue, rng)
    if other is None:
        return None
    put = Step(type=EditType.VISUAL_REFERENCE, instruction="", value=other.name, reference=1)
    gone = Step(type=EditType.REMOVE, instruction="", target=read(other.name))
    return Attempt(gone, "remove", {"target": f"the {other.name}"}, None, put, reverse=True, given=other)


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
    other = None if thing is None else _cutout(photo, catalogue, rng)
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
    """One of several goes; only where the caption tells their number, and as many were found."""
    told = {word: number(before) for before, word in pairwise(photo.caption.lower().split())}
    several = tuple(t for t in photo.objects if 2 <= len(t.region.boxes) == told.get(t.name.split()[0]))
    thing = _one(several, rng)
    if thing is None:
        return None
    count = len(thing.region.boxes) - 1
    step = _for(EditType.COUNTING, thing).model_copy(update={"count": count})
    one = lexicon().singular(thing.name)[0]
    slots = {"number": spelled(count), "things": plural(one) if count > 1 else one, "plural": plural(one)}
    return Attempt(step, "counting.total", slots, thing)


def color_alter(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A colour that the thing does not have, or back to the one that it has. AnyEdit leaves faces out; so do we with people."""
    made = _looked(photo, EditType.COLOR_ALTER, "color_alter", pick(rng, _COLOURS), rng)
    if made is None or made.thing is None:
        return None
    mine = main_colour(cut_out(photo, made.thing).pixels)
    if not far_from(made.step.value or "", mine):
        return None
    own = named_as(mine, _COLOURS)
    return _back_to(made, own) if own and rng.random() < REVERSED else made


def named_as(lab: NDArray[np.float32], names: Sequence[str]) -> str | None:
    """The name that people would give a colour (CIELAB), where they would hardly give another; None where it is between two or has none."""
    odds = sorted(((float(colour_odds(lab, name)), name) for name in names), reverse=True)
    (best, name), (second, _) = odds[:2]
    return name if best > _PLAIN and best - second > _APART else None


def _back_to(made: Attempt, own: str) -> Attempt:
    """The attempt backwards: what is edited has the new look, and the words ask for the photograph's own."""
    step = made.step.model_copy(update={"value": own})
    return dataclasses.replace(made, step=step, slots={**made.slots, "value": own}, run=made.step, reverse=True)


def appearance_alter(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A pattern."""
    value = pick(rng, _PATTERNS)
    key = "appearance_alter.pattern" if value in ("striped", "polka dot") else "appearance_alter"
    return _looked(photo, EditType.APPEARANCE_ALTER, key, value, rng)


def material_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """Back to the material that the caption tells of. The other way it is seldom seen on a photograph: of 20 rows that were rated five were usable."""
    made = _looked(photo, EditType.MATERIAL_CHANGE, "material_change", pick(rng, MATERIALS), rng)
    if made is None or made.thing is None:
        return None
    told = re.search(rf"([\w-]+) {re.escape(made.thing.name)}\b", photo.caption.lower())
    own = made_of(f"{told[1]} {made.thing.name}" if told else made.thing.name) & set(MATERIALS)
    return _back_to(made, next(iter(own))) if len(own) == 1 and made.step.value not in own else None


def action_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """To jump, which only something alive does, or to look the other way, where that is another sight."""
    thing = _one(_inside(photo), rng)
    if thing is None:
        return None
    alive = thing.person or lexicon().is_(lexicon().singular(thing.name)[0], "animal")
    value = pick(rng, ("turn around", "jump")) if alive else "turn around"
    if value == "turn around" and not differs(cut_out(photo, thing).pixels, mirrored=True):
        return None
    return Attempt(
        _for(EditType.ACTION_CHANGE, thing, value), f"action.{value}", {"target": f"the {thing.name}"}, thing
    )


def textual_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A word that can be read becomes another of about the same length."""
    read_there = encoders().reader.read(photo.pixels)
    lines = [line for line in read_there if _WORD.fullmatch(line.text) and line.score >= _LEGIBLE]
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
    """Only where something stands in front; back to the photograph's own where its caption names one."""
    if not photo.objects:
        return None
    own = [word for word in re.findall(r"[a-z]+", photo.caption.lower()) if word in BACKGROUNDS]
    value = pick(rng, [place for place in _PLACES if place not in own])
    step = Step(type=EditType.BACKGROUND_CHANGE, instruction="", value=value)
    made = Attempt(step, "background_change", {"scenery": bare_or_article(value)})
    if not own or rng.random() >= REVERSED:
        return made
    return dataclasses.replace(_back_to(made, own[0]), slots={"scenery": bare_or_article(own[0])})


def tone_transfer(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """The whole picture: a look, a mood or a control; in the open air also a time of day or a weather, and a season where something grows."""
    kinds = ["tone.look", "tone.mood", "tone.more"]
    kinds += ["tone.time", "tone.weather"] * 2 if photo.outdoors else []
    kinds += ["tone.season"] * 2 if photo.outdoors and photo.grows else []
    key = pick(rng, kinds)
    step, slots = toned(key, pick(rng, [value for value in tone_values(key) if value not in _HARDLY_SEEN]))
    return None if (step.value or "") in photo.caption.split() else Attempt(step, key, slots)


def style_change(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """A named style."""
    value = pick(rng, STYLES)
    step = Step(type=EditType.STYLE_CHANGE, instruction="", value=value)
    return Attempt(step, "style_change", {"value": value, "styled": bare_or_article(value)})


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
            may = _inside(photo) if known.step.type.traits.redraws else photo.objects
            thing = next((t for t in may if holds_of(known, t.name, kinds_of(t.name, ""))), None)
            told = named(situation, thing.name, len(photo.things)) if thing else None
            if thing is None or told is None:
                continue
            target, situation = thing.name, told
        elif (
            row.when != "any"
            or known.step.type != EditType.TONE_TRANSFER
            or known.step.value not in _SITUATED
            or complains(known)
            or absent(situation, photo.caption)
            or (not photo.outdoors and known.step.value in (*SEASONS, *TIMES, *WEATHERS))
            or (not photo.grows and known.step.value in SEASONS)
        ):
            continue
        step = known.step.model_copy(update={"target": read(target) if target else None, "why": row.why})
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
    other = None if thing is None else _cutout(photo, catalogue, rng)
    if thing is None or other is None:
        return None
    step = _for(EditType.VISUAL_REFERENCE, thing, other.name).model_copy(update={"reference": 1})
    slots = {"target": f"the {thing.name}", "thing": other.name}
    return Attempt(step, "visual_reference.replace", slots, thing, given=other)


def material_transfer(photo: Photo, catalogue: Catalogue, rng: Rng) -> Attempt | None:
    """None: a material shows too seldom on a photograph (`material_change`)."""
    return None


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
    # What something is made of is seen only where there is enough of it.
    least = _GRAINED if kind.traits.changes is Aspect.MATERIAL else 0.0
    single = (t for t in photo.objects if not t.person and len(t.region.boxes) == 1)
    thing = _one(tuple(t for t in single if t.area >= least), rng)
    if thing is None:
        return None
    return Attempt(_for(kind, thing, value), key, {"target": f"the {thing.name}", "value": value}, thing)


def _cutout(photo: Photo, catalogue: Catalogue, rng: Rng) -> CutThing | None:
    """Another kind of thing: a photograph cut out, of the catalogue's own or of its other photographs; a drawing would not belong here."""
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
