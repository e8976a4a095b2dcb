"""movement, resize, crop and zoom, outpaint, rotation.

Crop and zoom are a `resize` without target whose value is "crop", "zoom in" or "zoom out". A crop's `where` is the part to be kept ("crop to the left half":
LEFT), its `amount` the share of each side that stays (FACTOR 0.5 for a half); a crop to a proportion or a size has a `frame`. "zoom in on the dog" has the dog as target and the value "zoom in".
An outpaint's amount is a percentage of the side that grows.
"""

from __future__ import annotations

import re

from pixwright.parse.amounts import UNSTATED
from pixwright.parse.effects import backdrop, is_place, is_whole, put, put_before, size_change
from pixwright.parse.grammar import Build, Caught, Clause, Found, Rule, nonterminal, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve, steps, where
from pixwright.parse.nouns import POSSESSIVES, Noun
from pixwright.parse.places import Place
from pixwright.parse.tokens import Token
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Frame, Relation, Step, Unit, Where
from pixwright.words import lexicon, read

_BACK = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


def _move(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    if is_whole(clause, target) or (
        not target.definite and clause.words[0] in ("put", "place", "position", "bring", "take", "align")
    ):
        return None
    place: Place = caught["place"]
    if clause.words[0] == "translate" and place.anchor is not None:
        return None  # into another language
    if place.relation is Relation.BACKGROUND and len(target.words) > 2 and target.words[-1] in LEXICON.adjectives:
        return None  # "on a white background"
    if place.anchor is not None:
        return put(clause, target, place)
    return steps(clause, EditType.MOVEMENT, target, where=where(clause, place), amount=caught.get("amount"))


_TRAVEL = frozenset("send transport teleport photoshop beam fly ship take drop".split())
"""Verbs that take somebody to another place; the others rather move a thing within this one."""


def _sent(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Send her to the beach", "put him in a jungle", "teleport us to paris": a place that takes the background's part."""
    target, spot = caught["target"], caught["spot"]
    if spot.pronoun or spot.whole or any(t.kind != "word" for t in spot.tokens) or is_background(spot):
        return None
    travels, proper = clause.words[0] in _TRAVEL, not spot.definite and not spot.indefinite
    if not (target.definite or target.whole) or (spot.definite and not travels):
        return None
    if not (
        is_place(spot) or backdrop(spot) or (travels and not spot.definite and not lexicon().knows(spot.thing.head))
    ):
        return None
    return put_before(clause, target, backdrop(spot) or spot.bare) if travels or not proper else None


def _limb(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "raise his arm", "lower the dog's head": what is part of a body moves with it, so that another pose is asked for."""
    thing = caught["target"].thing
    if (thing.owner is None and "who" not in caught) or not lexicon().is_(thing.head, "part"):
        return None
    if thing.owner is not None and not lexicon().is_(thing.owner.head, "person", "animal"):
        return None
    limb = lexicon().counted(thing.head, thing.plural)
    side = next((f"{place} " for place in thing.places if place in ("left", "right")), "")
    who = resolve(clause, caught["who"]) if "who" in caught else thing.owner
    value = f"{caught.get('verb', clause.words[0])} {'both' if thing.count == 2 else 'the'} {side}{limb}"
    return [Step(type=EditType.ACTION_CHANGE, instruction=clause.sentence, target=who, value=value)]


_MOVES = frozenset("raise lift lower bend stretch extend spread tilt turn cross".split())
"""What one does with an arm, a leg or the head."""


def _moves_limb(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Make the woman lower her left arm"."""
    limb: Noun = caught["target"]
    if limb.words[0] not in POSSESSIVES | {"both"} or caught["who"].pronoun == "it":
        return None
    return _limb(clause, caught)


def _lift(clause: Clause, caught: Caught) -> list[Step] | None:
    if posed := _limb(clause, caught):
        return posed
    side = Relation.BOTTOM if clause.words[0] == "lower" else Relation.TOP
    if is_whole(clause, caught["target"]) or LEXICON.values["control"].whole((caught["target"].head,)):
        return None
    return steps(clause, EditType.MOVEMENT, caught["target"], where=Where(relation=side), amount=caught.get("amount"))


def _scale(sign: int) -> Build:
    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        amount: Amount = caught.get("amount") or UNSTATED
        target = caught.get("target")
        if target is not None and LEXICON.values["control"].whole((target.head,)):
            return None
        if amount.unit in (Unit.DEGREES, Unit.PIXELS, Unit.ITEMS):
            return None
        if amount.unit is Unit.FACTOR:
            factor = amount.value if sign > 0 or amount.value < 1 else 1 / amount.value
        elif amount.unit is Unit.PERCENT and caught.get("to"):
            factor = amount.value / 100
        elif amount.unit is Unit.PERCENT:
            factor = 1 + sign * abs(amount.value) / 100
        else:
            return size_change(clause, target, Amount(value=sign * abs(amount.value), unit=amount.unit))
        return (
            size_change(clause, target, Amount(value=round(max(factor, 0.01), 4), unit=Unit.FACTOR))
            if factor > 0
            else None
        )

    return build


def _scale_to(sign: int) -> Build:
    return lambda clause, caught: _scale(sign)(clause, {**caught, "to": True})


def _size(clause: Clause, caught: Caught) -> list[Step] | None:
    return size_change(clause, caught["target"], caught["size"])


def _fixed(factor: float) -> Build:
    return lambda clause, caught: size_change(clause, caught["target"], Amount(value=factor, unit=Unit.FACTOR))


def _zoom(value: str) -> Build:
    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        amount: Amount | None = caught.get("amount")
        target = caught.get("target")
        if amount is not None and amount.unit is Unit.PERCENT:
            share = amount.value / 100
            factor = 1 + share if value == "zoom in" else max(0.01, 1 - share)
            amount = Amount(value=round(factor, 4), unit=Unit.FACTOR)
        return steps(clause, EditType.RESIZE, target, value=value, amount=amount)

    return build


def _crop(clause: Clause, caught: Caught) -> list[Step] | None:
    """See the module's docstring for how a crop is written."""
    place: Place | None = caught.get("place")
    amount: Amount | None = caught.get("amount")
    keeps = where(clause, place)
    target = caught.get("focus")
    words = clause.words
    cuts = set(words) & {"off", "away", "out", "from"} or (
        not caught.get("to") and place is not None and ("side" in words or amount is not None)
    )
    if cuts:
        if keeps is not None and keeps.relation in _BACK:
            keeps = Where(relation=Relation(_BACK[keeps.relation]))
        if amount is None and set(words) & {"half", "third"}:
            amount = Amount(value=50 if "half" in words else 100 / 3, unit=Unit.PERCENT)
        if amount is not None and amount.unit is Unit.PERCENT:
            amount = Amount(value=round(max(0.01, 1 - amount.value / 100), 4), unit=Unit.FACTOR)
    elif amount is not None and amount.unit is Unit.PERCENT:
        share = amount.value / 100 if caught.get("to") else 1 - amount.value / 100
        amount = Amount(value=round(max(0.01, share), 4), unit=Unit.FACTOR)
    elif place is not None and "half" in words:
        amount = Amount(value=0.5, unit=Unit.FACTOR)
    elif place is not None and "third" in words:
        amount = Amount(value=round(1 / 3, 4), unit=Unit.FACTOR)
    return steps(clause, EditType.RESIZE, target, value="crop", where=keeps, amount=amount)


def _square(clause: Clause, caught: Caught) -> list[Step] | None:
    frame = Frame(width=1, height=1, ratio=True)
    return [Step(type=EditType.RESIZE, instruction=clause.sentence, value="crop", frame=frame)]


def _oriented(clause: Clause, _caught: Caught) -> list[Step]:
    """ "make it portrait format": a crop to the proportion that prints have."""
    upright = "portrait" in clause.words
    frame = Frame(width=2 if upright else 3, height=3 if upright else 2, ratio=True)
    return [Step(type=EditType.RESIZE, instruction=clause.sentence, value="crop", frame=frame)]


def _crop_to(clause: Clause, caught: Caught) -> list[Step] | None:
    focus: Noun | None = caught.get("focus")
    if focus is not None and (is_whole(clause, focus) or re.search(r"\d|square|ratio|half|part|edge|side", focus.text)):
        return None
    return _crop(clause, {**caught, "to": True})


def _crop_about(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "crop it so that the boat is in the middle": the frame is chosen for where the thing stands in it."""
    place: Place = caught["place"]
    if place.relation is not Relation.CENTER:
        return None
    return steps(clause, EditType.RESIZE, caught["focus"], value="crop", where=where(clause, place))


def _outpaint(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    if target is not None and not _canvas(clause, target) and not ("side" in caught and target.bare in _SCENERY):
        return None
    side: Place | None = caught.get("side")
    goes = where(clause, side) if side else None
    if goes is not None and goes.relation not in (
        "left",
        "right",
        "top",
        "bottom",
        "every_side",
        "both_sides",
        "above",
        "below",
        "top_left",
        "top_right",
        "bottom_left",
        "bottom_right",
    ):
        return None
    amount: Amount | None = caught.get("amount")
    if amount is not None and amount.unit is Unit.FACTOR:
        amount = Amount(value=(amount.value - 1) * 100, unit=Unit.PERCENT)
    if (goes is None and "wider" in clause.words) or (clause.words[0] in ("widen", "broaden") and goes is None):
        goes = Where(relation=Relation.EVERY_SIDE)
    return [
        Step(
            type=EditType.OUTPAINT,
            instruction=clause.sentence,
            where=goes or Where(relation=Relation.EVERY_SIDE),
            amount=amount,
        )
    ]


_SCENERY = frozenset("sky sea ocean water ground grass floor road beach field wall ceiling street foreground".split())


def _canvas(clause: Clause, noun: Noun) -> bool:
    """Whether the noun means the picture as a surface: "the image", "the canvas", "the view", "the frame"."""
    words = [
        w
        for w in noun.words
        if w not in ("the", "this", "whole", "entire", "my", "that", "of", "picture's", "some", "more")
    ]
    names = {
        "canvas",
        "view",
        "frame",
        "border",
        "borders",
        "field",
        "picture",
        "photo",
        "image",
        "photograph",
        "scene",
        "edges",
        "shot",
        "background",
        "side",
        "boundaries",
        "boundary",
        "scenery",
        "surroundings",
        "landscape",
    }
    return bool(words) and (set(words) <= names or (is_whole(clause, noun) and noun.words[0] not in ("him", "her")))


def _rotate(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    amount: Amount | None = caught.get("amount")
    words = set(clause.words)
    if target is None and "it" in clause.words[:2] and clause.memory.targets:
        target = Noun((Token("it", "word"),))
    against = "counterclockwise" in words or "left" in words
    if target is not None and target.bare in ("left", "right"):
        target = None
    elif target is not None and words & {"left", "right"} & set(target.words) and "to" not in words:
        against = "counterclockwise" in words
    if amount is None and "upside" in words:
        amount = Amount(value=180, unit=Unit.DEGREES)
    elif amount is None and words & {"clockwise", "counterclockwise", "sideways"}:
        amount = Amount(value=90, unit=Unit.DEGREES)
    if amount is not None and amount.unit is Unit.STRENGTH:
        amount = Amount(value=round(amount.value * 50), unit=Unit.DEGREES)
    if amount is not None and amount.unit is not Unit.DEGREES:
        return None
    if amount is not None and against:
        amount = Amount(value=-abs(amount.value), unit=Unit.DEGREES)
    if amount is None and target is None and not words & {"left", "right"}:
        return None
    if amount is None and words & {"left", "right"}:
        amount = Amount(value=-90 if "left" in words else 90, unit=Unit.DEGREES)
    return steps(clause, EditType.ROTATION_CHANGE, target, amount=amount)


def _rotate_bare(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "rotate the cup by 30": degrees are meant."""
    number = caught["number"]
    return (
        _rotate(clause, {**caught, "amount": Amount(value=number, unit=Unit.DEGREES)}) if abs(number) <= 360 else None
    )


def _view(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "see it from the other side": the view turns; the value says whence."""
    angles = {
        "other side": 180,
        "behind": 180,
        "back": 180,
        "opposite side": 180,
        "left": -90,
        "left side": -90,
        "right": 90,
        "right side": 90,
        "side": 90,
    }
    side = caught["viewpoint"]
    amount = Amount(value=angles[side], unit=Unit.DEGREES) if side in angles else None
    return steps(
        clause,
        EditType.ROTATION_CHANGE,
        caught.get("target"),
        value=f"seen from {'the ' if side in _VIEWS_THE else ''}{side}",
        amount=amount,
    )


_VIEWS_THE = frozenset(
    "other side,opposite side,left,right,left side,right side,side,top,front,back,bottom,rear,ground,air".split(",")
)


@nonterminal("viewpoint")
def _viewpoint(clause: Clause, i: int) -> Found:
    """ "from the other side", "from above", "from a different angle"."""
    words = " ".join(clause.words[i : i + 6])
    pattern = r"(?:from |at )?(?:the |a |an |its )?(other side|opposite side|left side|right side|left|right|side|top|front|back|rear|bottom|behind|above|below|different angle|different viewpoint|another angle|different perspective|another perspective|another side|another viewpoint|other angle|different side|low angle|high angle|bird 's eye view|ground|air|new angle|new perspective|different point of view)\b(?: view| perspective| angle)?"
    match = re.match(pattern, words)
    return [(i + len(match[0].split()), match[1])] if match else []


def _flip(clause: Clause, caught: Caught) -> list[Step] | None:
    """A mirror image: of the thing the other way round, of the whole picture a "flip"."""
    target = caught.get("target")
    upright = bool(set(clause.words) & {"vertically", "upside", "over"})
    whole = is_whole(clause, target)
    if upright and not whole:
        return steps(clause, EditType.ROTATION_CHANGE, target, amount=Amount(value=180, unit=Unit.DEGREES))
    if whole:
        return steps(clause, EditType.ROTATION_CHANGE, target, value="flip vertical" if upright else "flip horizontal")
    return steps(clause, EditType.ACTION_CHANGE, target, value="turn around" if resolve(clause, target) else "flip")


_CLOCK = (
    "(clockwise|counterclockwise|to the right|to the left|right|left|upside down|sideways|on its side|around its axis)"
)
_BY = "(by|to)?"

RULES: tuple[Rule, ...] = (
    rule("(turn/rotate/flip) (it|this)? (by)? <number> (degrees)? (to the)? (clockwise|counterclockwise|right|left)", _rotate_bare),
    rule("(crop|zoom) (it|this)? (in)? (closer|tighter|close|more)? (so|to|until) (that)? (it is|you see|we see|you only see|there is)? (only|just) <np:focus>", lambda c, k: [Step(type=EditType.RESIZE, instruction=c.sentence, value="crop", target=read(k["focus"].text))]),
    rule("@outpaint <np:target> (further)? (by)? <measure:amount> (more)? <side>", _outpaint),
    rule("@outpaint <np:target> (further)? (out|outward|outwards|beyond)? <side> <measure:amount>?", _outpaint),
    rule("(outpaint/uncrop) <side> <measure:amount>?", _outpaint),
    rule("(outpaint/uncrop) (by)? <measure:amount> <side>?", _outpaint),
    rule("(outpaint/uncrop) <np:target>? (as you can|a bit|further|by <measure:amount>)?", _outpaint),
    rule("(outpaint/uncrop)", _outpaint),
    rule("(extend/expand/stretch/widen/continue/grow/enlarge/broaden/increase/pad) (the)? <side> (side|edge|border|part|margin)? (of)? (the)? (picture/photo/image/canvas/frame)? (by)? <measure:amount>?", _outpaint),
    rule("(extend/widen/broaden) <np:target> <amount>?", _outpaint),
    rule("(expand/extend/enlarge/widen/stretch/continue) (the)? (canvas/frame/view/borders/background/field of view/edges/surroundings) (outward|outwards|in all directions|<side>|further)? <measure:amount>?", _outpaint),
    rule("(make) (the)? (canvas/view/frame/picture/photo/image/it) (wider|taller|larger|bigger) (on|to|at) <side> <measure:amount>?", _outpaint),
    rule("(make) (the)? (canvas/view/frame/picture/photo/image) <measure:amount>? (wider|taller)", _outpaint),
    rule("(make) (the)? (canvas/view/frame/picture/photo/image) (wider|taller|larger|bigger) (by)? <measure:amount> (on|to|at) <side>", _outpaint),
    rule("(show|reveal|see|add|give|include|imagine|generate|create|paint|invent|draw) (me|us)? <measure:amount>? (more|extra|additional) (of)? (the|this)? (picture/photo/image/scene/scenery/canvas/surroundings/space/room/landscape/view/background/area) (on|to|at|towards)? <side> <measure:amount>?", _outpaint),
    rule("(show|reveal|see|include) (me|us)? more (of)? (the)? (scene/picture/image/photo/surroundings/scenery)", _outpaint),
    rule("(make|add|leave|create|give|include) (me|us|it)? <measure:amount>? (more|some|extra|additional)? (empty|free|blank)? (room|space|canvas|margin) (on|to|at|around)? <side> <measure:amount>?", _outpaint),
    rule("(add|include) <measure:amount> (of)? (space|room|canvas|picture) (on|to|at) <side>", _outpaint),
    rule("(show|imagine|reveal|paint|complete|see|invent|generate|create|draw) (me|us)? (what is|what lies|what would be|the area|the part)? (beyond|outside|past) (of)? <side> (edge|border|side|frame)? (of the frame|of it)?", _outpaint),
    rule("(fill in|complete|continue) (the)? (surroundings|scene|rest|missing parts|picture|image|photo) (around it|as you can|of it)?", _outpaint),
    rule("(add|show|give|see|include|want|need)? (some)? more (of)? (the)? (sky|ground|grass|sea|water|beach|road|wall|floor|foreground|ceiling|field) (on|to|at) <side>", _outpaint),
    rule("(imagine|show|complete|paint|draw|fill in|generate|invent|reveal|create) (me|us)? (what is|what lies|the part|the area|the rest of|the scene|the image|the picture|what would be|the content|the photo)? (outside|beyond|past|around|further)? (of)? (the)? (left|right|top|bottom)? (edge|frame|borders|border|edges|picture|image|photo|scene)? (of the picture|of the image|of the photo|as you can|of it)? (on <side>|to <side>|<side>)?", lambda c, k: _outpaint(c, k) if set(c.words) & {"beyond", "outside", "rest", "past", "complete"} and len(c) > 2 else None),
    rule("(take|have|get) a (closer|close) look at <np:target>", _zoom("zoom in")),
    rule("@crop (the|this|my)? (@picture|it)? (in)? (to|into|as)? (a|an)? (square/1:1/quadratic) (format|shape|image|picture|photo|aspect ratio|crop)? (for <np>)?", _square),
    rule("make (the|this|my)? (@picture|it) (a)? square", _square),
    rule("@crop (the|this|my)? (@picture|it)? (down)? (to|into) <measure:amount> (of (its|the) (original)? (size|width|height))?", lambda c, k: _crop(c, {**k, "to": True})),
    rule("@crop (away|off|out)? (the|this|my)? (@picture|it)? (down)? (to|into|on)? <side:place> (half|third|part|of it|only)?", _crop_to),
    rule("@crop (off|away|out)? <measure:amount> (off|from|of|away)? (of)? <side:place>? (of)? (the|this)? (@picture)?", _crop),
    rule("@crop (the|this|my)? (@picture|it) (from|at|on) <side:place> (by)? <measure:amount>?", lambda c, k: _crop(c, k)),
    rule("@crop (the|this|my)? (@picture|it)? (by)? <measure:amount> (from|off|at|on)? <side:place>?", _crop),
    rule("@crop (off|away|out)? <side:place> (off|away)? <measure:amount>?", _crop),
    rule("@crop (the|this|my)? (@picture|it)? (tightly|tighter|closer|closely|so that it shows only|to show only|so that only)? (in)? (to|on|around|onto)? <one:focus> (only)?", lambda c, k: _crop_to(c, k) if set(c.words) & {"to", "around", "on", "onto", "only"} else None),
    rule("@crop (the|this|my)? (@picture|it)? so (that)? <one:focus> (is|are|sits|sit|stands|stand|ends up|end up|comes|come) <spot_place:place>", _crop_about),
    rule("@crop (the|this|my)? (@picture|it)? so (that)? <np:focus> (is|are) (center/centered)", lambda c, k: _crop_about(c, {**k, "place": Place(Relation.CENTER)})),
    rule("@crop (the|this|my)? (@picture|it|this)? so (that)? (you|we|one)? (can)? (only|just)? (see)? (only|just)? <np:focus> (is|are) (left|visible|shown|seen|in it|in there|in the frame|in the picture|in frame)?", _crop_to),
    rule("(trim/prune/shorten) <np:target> (a bit|a little|back|down)?", lambda c, k: _scale(-1)(c, k) if lexicon().is_(k["target"].thing.head, "plant", "part", "wearable") else None),
    rule("crop <np:focus>", lambda c, k: None if is_whole(c, k["focus"]) or not k["focus"].definite else _crop_to(c, k)),
    rule("@crop (the|this|my)? (@picture|it)? <amount>? (tighter|closer|in)? <amount>?", _crop),
    rule("(make|turn|crop|change|have) (the|this|my)? (@picture|it)? (to|into|in|as)? (a|an)? (portrait|landscape) (orientation|format|mode|shape|layout)", _oriented),
    rule("(keep|leave|show) only <side:place> (of)? (the)? (@picture)?", _crop),
    rule("zoom (the camera|the view)? in <amount>? (on|to|into|onto) <np:target> <amount>?", _zoom("zoom in")),
    rule("zoom (into|on|in on|closer to|closer on) <np:target> <amount>?", _zoom("zoom in")),
    rule("(zoom/get/move/come) (in)? (closer) (to|on) <np:target> <amount>?", _zoom("zoom in")),
    rule("<extent_amount:amount>? zoom (the camera)? in <amount>? (closer|further|more)?", _zoom("zoom in")),
    rule("zoom in <np:target> <amount>?", lambda c, k: _zoom("zoom in")(c, k) if is_whole(c, k["target"]) else _scale(1)(c, k)),
    rule("zoom <np:target> in <amount>?", _zoom("zoom in")),
    rule("zoom out <np:target> <amount>?", lambda c, k: _zoom("zoom out")(c, k) if is_whole(c, k["target"]) else _scale(-1)(c, k)),
    rule("zoom <np:target> out <amount>?", _zoom("zoom out")),
    rule("zoom out so (that)? (we/i/you/one) (can)? see (more/everything) <rest>?", _zoom("zoom out")),
    rule("<extent_amount:amount>? zoom (the camera)? out <amount>? (of|from|on)? <np:target>? (further|more)?", _zoom("zoom out")),
    rule("(zoom) <measure:amount> (in)?", _zoom("zoom in")),
    rule("(@move|@put|teleport|photoshop|beam|fly|ship) <np:target> (in|into|to|onto|on|at|inside) <one:spot>", _sent),
    rule("<extent_amount:amount> @move <np:target> <way:place>", _move),
    rule("@move <np:target> (by)? <amount> <way:place>", _move),
    rule("@move <np:target> <way:place> <amount>?", _move),
    rule("@move <np:target> <amount>? <spot_place:place> <amount>?", _move),
    rule("@move <np:target> <amount>? (so that it is|so it is|so that it sits|to be|over|up|down|right|closer|back|forward|away|from there|out)? (to|towards|toward)? <relative_place:place>", _move),
    rule("(make|let|have|get) <snp:who> (to)? <word:verb> <np:target> (slightly|a bit|a little|up|down|higher|more)?", lambda c, k: _moves_limb(c, k) if k["verb"] in _MOVES else None),
    rule("(bend|stretch|extend|spread|tilt) <np:target> (slightly|a bit|a little|up|down)?", _limb),
    rule("(raise/lift/lower) <np:target> <amount>?", _lift),
    rule("(center) <np:target>", lambda c, k: _move(c, {**k, "place": Place(Relation.CENTER)})),
    rule("<measure:amount> @enlarge <np:target>?", _scale(1)),
    rule("@enlarge (by)? <measure:amount>", _scale(1)),
    rule("@shrink (by)? <measure:amount>", _scale(-1)),
    rule("(@scale|@enlarge|@shrink) to <measure:amount>", _scale_to(1)),
    rule("<extent_amount:amount> @enlarge <np:target>", _scale(1)),
    rule("<extent_amount:amount> @shrink <np:target>", _scale(-1)),
    rule("@enlarge <np:target> (by)? <amount>", _scale(1)),
    rule("@shrink <np:target> (to|down to) <measure:amount> (of)? (its|the|their|his|her) (original|current)? (size|height|width)", _scale_to(-1)),
    rule("(@enlarge|@scale) <np:target> to <measure:amount> (of)? (its|the|their|his|her) (original|current)? (size|height|width)", _scale_to(1)),
    rule("@scale <np:target> (down) (to <measure:amount>|by <measure:amount>|<amount>)?", lambda c, k: (_scale_to(-1) if "to" in c.words else _scale(-1))(c, k)),
    rule("@scale <np:target> (up) (to <measure:amount>|by <measure:amount>|<amount>)?", lambda c, k: (_scale_to(1) if "to" in c.words else _scale(1))(c, k)),
    rule("@shrink <np:target> (down)? (by)? <amount>?", _scale(-1)),
    rule("@enlarge <np:target> (up)? (by)? <number>", lambda c, k: _scale(1)(c, {**k, "amount": Amount(value=k["number"], unit=Unit.FACTOR)}) if 1 < k["number"] <= 16 else None),
    rule("@enlarge <np:target> (up)?", _scale(1)),
    rule("(@enlarge|@shrink) (the)? size (of <np:target>)? <amount>?", lambda c, k: _scale(1 if c.words[0] in ("increase", "enlarge", "boost", "expand", "grow") else -1)(c, k)),
    rule("(increase/boost/raise) <snp:target> 's size <amount>?", _scale(1)),
    rule("(reduce/decrease/lower/shrink) <snp:target> 's size <amount>?", _scale(-1)),
    rule("@scale <np:target> (to be|to|by)? <size>", _size),
    rule("@scale <np:target> (to|by) <measure:amount>", _scale_to(1)),
    rule("(@scale) <np:target> <measure:amount>", _scale_to(1)),
    rule("@scale <np:target> (up/down)? (by|to) <number>", lambda c, k: size_change(c, k["target"], Amount(value=k["number"], unit=Unit.FACTOR)) if 0 < k["number"] <= 10 else None),
    rule("(blow/scale/size) <np:target> up (to|by)? (<size>|<measure:amount>)", lambda c, k: _size(c, k) if "size" in k else _scale(1)(c, k)),
    rule("double (the)? (size of)? <np:target> (in size)?", _fixed(2.0)),
    rule("double <snp:target> 's size", _fixed(2.0)),
    rule("(triple) (the)? (size of)? <np:target> (in size)?", _fixed(3.0)),
    rule("(halve) (the)? (size of)? <np:target> (in size)?", _fixed(0.5)),
    rule("(rotate|turn|pan|move|swing|shift|orbit) (the)? (camera|view|viewpoint|perspective|camera angle) (by <measure:amount>|<amount>)? (to the left|to the right|left|right|clockwise|counterclockwise) (by)? <measure:amount>?", lambda c, k: _rotate(c, {"amount": Amount(value=30, unit=Unit.DEGREES), **k})),
    rule("(seen/viewed)? <viewpoint>", lambda c, k: _view(c, k) if c.wish and "from" in c.words else None),
    rule("@rotate (by)? <number> (clockwise|counterclockwise)?", _rotate_bare),
    rule("@rotate (it)? <extent_amount:amount> (clockwise|counterclockwise|to the right|to the left|right|left)", _rotate),
    rule("@rotate (it)? (clockwise|counterclockwise|to the right|to the left|right|left) (by)? <measure:amount>", _rotate),
    rule("@rotate <np:target> upside down", _rotate),
    rule(f"@rotate <np:target> {_BY} <measure:amount> {_CLOCK}? (degrees)?", _rotate),
    rule(f"@rotate <np:target> {_CLOCK} {_BY} <measure:amount>?", _rotate),
    rule("@rotate <np:target> (by)? <number> (clockwise|counterclockwise)?", _rotate_bare),
    rule("(rotate/spin/twist/swivel/pivot/revolve) <np:target> (around)? (<amount>)? (clockwise|counterclockwise|to the left|to the right)?", _rotate),
    rule("(rotate/spin/turn) (by)? <measure:amount> (clockwise|counterclockwise|to the left|to the right)?", _rotate),
    rule("(rotate/turn) (clockwise|counterclockwise) (by)? <measure:amount>", _rotate),
    rule("(straighten/level) <np:target> (by)? <measure:amount> (clockwise|counterclockwise|to the left|to the right)?", _rotate),
    rule("(tilt/tip/incline/slant) <np:target> (by)? <measure:amount> (clockwise|counterclockwise|to the left|to the right)?", _rotate),
    rule("<np:target> (should|must|needs to|has to|could|can) be (rotated|turned) (by)? <measure:amount> (clockwise|counterclockwise|to the left|to the right)?", _rotate),
    rule("<np:target> (rotated|turned) (by)? <measure:amount> (clockwise|counterclockwise|to the left|to the right)?", lambda c, k: _rotate(c, k) if c.wish else None),
    rule("(see|show|view|look at|display|present|picture|render|watch|depict|let me see|let us see|have|turn|make|take|want|shoot|photograph|rotate|capture) (me|us)? <np:target> (as seen|seen|viewed|shown|be seen|look|from)? <viewpoint>", lambda c, k: _view(c, k) if set(c.words) & {"from", "angle", "viewpoint", "perspective", "view"} else None),
    rule("<np:target> (as seen|seen|viewed|should be seen|should be shown)? from <viewpoint>", lambda c, k: _view(c, k) if c.wish or "should" in c.words or "seen" in c.words else None),
    rule("(change|shift|switch|move|turn|rotate|set) (the)? (camera angle|camera|viewpoint|view|perspective|point of view|viewing angle|angle) (so that it is|to be|to|so we see it|to a view)? (from)? <viewpoint>", _view),
    rule("(change|shift|switch|alter|turn|rotate) (the)? (camera angle|camera|viewpoint|view|perspective|point of view|viewing angle) (of <np:target>)?", lambda c, k: _view(c, {**k, "viewpoint": "different angle"})),
    rule("(a)? (view) (of <np:target>)? from <viewpoint>", _view),
    rule("@flip <np:target> (horizontally|vertically|left to right|around|over|upside down|left-right|from left to right)?", _flip),
    rule("(flip/mirror) (it|this)? (horizontally|vertically|left to right|upside down)", _flip),
    rule("(turn) <np:target> (over)", _flip),
    rule("(make|turn|put|show) <np:target> upside down", _rotate),
)  # fmt: skip
