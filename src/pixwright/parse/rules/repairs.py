"""Faults of a photograph that go by name: red eyes, dust and scratches, a wrong exposure, a cast, a crooked horizon, missing colours; and empty edges."""

from __future__ import annotations

from pixwright.parse.effects import background, control, is_whole
from pixwright.parse.grammar import Build, Caught, Clause, Rule, rule
from pixwright.parse.making import is_background, resolve, steps
from pixwright.parse.nouns import Noun
from pixwright.parse.rules.remove import FAULTS
from pixwright.parse.wholes.blemishes import SMOOTH, evened
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Step
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import CLEAR_BUT_SHADOW, LEVEL, UPRIGHT
from pixwright.words import lexicon, read
from pixwright.words.lettering import bearer, is_lettering
from pixwright.words.marking import is_mark, is_skin

_MARKS = frozenset("dust scratch scratches speck specks spot spots fleck flecks".split())
"""Marks that lie on a print or a sensor. Those that are said to be on a thing are taken away as things."""
_ON_PRINTS = frozenset("photo picture image photograph print scan negative slide film lens sensor pic shot".split())
_PERSPECTIVE = frozenset("perspective vertical verticals keystone keystoning facade pillar column convergence".split())
"""What leans together where a camera was tipped, besides buildings and walls."""
_SHOWS_CAST = frozenset("skin complexion everything faces face".split())
"""What looks wrong where the light has a cast."""
_COMPLEXION = frozenset("skin complexion face".split())
_EITHER = frozenset("clear clean soften improve perfect even heal".split())
"""Of a face these say too little."""
_FIX = "(fix/correct/adjust/repair/improve/balance/normalize/equalize/optimize/auto/automatically/autocorrect)"


def _mend(value: str) -> Build:
    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        target: Noun | None = caught.get("target")
        whole = target is None or is_whole(clause, target) or target.head in _ON_PRINTS
        return steps(clause, EditType.TONE_TRANSFER, None if whole else target, value=value)

    return build


def _marks(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Remove the dust and scratches from the old photo"."""
    what: Noun = caught["what"]
    heads = {part.head for part in (what.parts or (what,))}
    where: Noun | None = caught.get("where")
    if not heads <= _MARKS or (where is not None and where.head not in _ON_PRINTS and not is_whole(clause, where)):
        return None
    if any(len(part.words) > 3 or part.count for part in (what.parts or (what,))):
        return None  # "the two spots on the wall" are things
    return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value="scratch removal")]


def _even(clause: Clause, skin: Thing, caught: Caught) -> list[Step]:
    amount: Amount | None = caught.get("amount")
    return [Step(type=EditType.APPEARANCE_ALTER, instruction=clause.sentence, target=skin, value=SMOOTH, amount=amount)]


def _skin(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Clear up his skin a little", "even out her skin tone": what is on skin is evened out."""
    target: Thing = caught["target"].thing
    if not is_skin(target) or not _COMPLEXION.intersection(target.head.split()):
        return None
    if clause.words[0] in _EITHER and target.head == "face":
        return None
    return _even(clause, target if target.head == "skin" else _skin_of(target), caught)


def _skin_of(thing: Thing) -> Thing:
    """A place on somebody as it is said; of a compound ("skin tone") the skin."""
    said = str(thing).split()
    return read(" ".join(said[: said.index("skin") + 1])) if "skin" in said else thing


def _on_skin(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Remove the pimples", "get rid of the spots on his face": the skin is evened out."""
    what: Thing = caught["what"].thing
    where = evened(what, caught["where"].thing if "where" in caught else bearer(what))
    return None if where is None else _even(clause, where, caught)


def _on_surface(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Fix the rip in the jeans", "mend the hole in the wall": a mark that is mended is gone."""
    what: Thing = caught["what"].thing
    marks = all(is_mark(part) and not is_lettering(part) for part in what.parts or (what,))
    return steps(clause, EditType.REMOVE, caught["what"]) if marks and bearer(what) is not None else None


def _fault(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Lift the haze", "fix the noise": less of what is a fault."""
    what: Noun = caught["what"]
    words = [word for word in what.words if word not in ("the", "all", "any", "some", "of")]
    if len(words) != 1 or words[0] not in FAULTS:
        return None
    return control(clause, None, *FAULTS[words[0]], caught.get("amount"))


def _enhance(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    if target is not None and not is_whole(clause, target) and target.head not in _ON_PRINTS:
        return None
    if target is not None and target.pronoun and clause.memory.targets:
        return None
    return _mend("auto exposure")(clause, {})


def _restored(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Restore this old photo": what time does to prints is undone, its marks and its fading."""
    exposed = _enhance(clause, caught)
    marks = Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value="scratch removal")
    return exposed and [marks, *exposed]


def _straighten(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    level = target is None or target.head == "horizon" or target.head in _ON_PRINTS or is_whole(clause, target)
    if not level or (target is not None and target.pronoun and clause.memory.targets):
        return None
    return [Step(type=EditType.ROTATION_CHANGE, instruction=clause.sentence, value=LEVEL)]


def _upright(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Straighten the building", "the tower leans, rotate it upright", "fix the perspective": walls that stand parallel. Of the picture itself it is the horizon."""
    target: Noun = caught["target"]
    meant = resolve(clause, target)
    if meant is not None and (meant.head in _PERSPECTIVE or lexicon().is_(meant.head, "building", "wall")):
        return [Step(type=EditType.ROTATION_CHANGE, instruction=clause.sentence, value=UPRIGHT)]
    return _straighten(clause, caught) if meant is None or not target.pronoun else None


def _horizon(clause: Clause, caught: Caught) -> list[Step] | None:
    return _straighten(clause, caught) if caught["target"].head in ("horizon", *_ON_PRINTS) else None


def _trim(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    if target is not None and target.pronoun is None and not is_whole(clause, target):
        return None
    margin: Amount | None = caught.get("margin")
    return [Step(type=EditType.RESIZE, instruction=clause.sentence, value="trim", amount=margin)]


_EYES = "(red eye|red eyes|red-eye|red-eyes|redeye|redeyes|redness)"
_TO_IT = "(in|on|of|from|for) <np:target>"
_MARGIN = "((with|and|leave|leaving|keep|keeping|plus|but) (leave|keep|add)? (a|some)? (margin|border|padding|edge) (of)? <measure:margin>|(with|and|leave|leaving|keep|keeping|plus|but) (leave|keep|add)? (a|an)? <measure:margin> (margin|border|padding|edge))"
_BLANK = "(transparent/empty/blank/white/clear/unused/black/plain)"

_EVENED = "(@mend|clear|clear up|clean|clean up|smooth|smooth out|smoothen|even|even out|soften|improve|perfect)"

RULES: tuple[Rule, ...] = (
    rule(f"{_EVENED} <snp:target> (up|out)? <amount>?", _skin),
    rule("(@remove|get rid of|fix|clear|clear up|clean up|heal|retouch|touch up|soften|smooth|smooth out|reduce|hide|cover) <things:what> (from|on|in|off|of) <one:where> <amount>?", _on_skin),
    rule("(@remove|get rid of|fix|clear|clear up|clean up|heal|retouch|touch up|soften|smooth|smooth out|reduce|hide|cover) <np:what> <amount>?", _on_skin),
    rule("(fewer|less) <np:what>", _on_skin),
    rule("(fix|mend|repair|patch|patch up|close|close up|sew up|stitch up|sew|stitch|darn|heal|fill|fill in|touch up|retouch|clone out|clear) (up)? <np:what>", _on_surface),
    rule(f"(@remove|fix|correct|reduce|repair|mend|retouch|heal|get rid of) (the|his|her|their|my|all|any|this)? {_EYES} (effect|reduction|flash)? (in|on|of|from) (the|his|her|their)? (eyes|photo|picture|image)", _mend("red eye removal")),
    rule(f"(@remove|fix|correct|reduce|repair|mend|retouch|heal|get rid of) (the|his|her|their|my|all|any|this)? (red eye|red eyes|red-eye|red-eyes|redeye|redeyes) (effect|reduction|flash)? ({_TO_IT})?", _mend("red eye removal")),
    rule("(red eye|red-eye|redeye) (removal|reduction|correction|fix)", _mend("red eye removal")),
    rule("(@remove|fix|clean|repair|heal|mend|retouch|clean up|clear|touch up) <things:what> (from|on|in|off|of) <one:where>", _marks),
    rule("(@remove|fix|clean|repair|heal|mend|retouch|clean up|clear|touch up) <np:what>", _marks),
    rule(f"{_FIX} (the|its|this)? (exposure/levels/brightness/lighting/tones/tone/contrast) ({_TO_IT})?", lambda c, k: _mend("auto exposure")(c, k) if c.words[0] != "adjust" or len(c) > 1 else None),
    rule("(auto/automatic) (exposure/levels/contrast/tone/brightness)", _mend("auto exposure")),
    rule(f"{_FIX} (the|its|this)? (white balance|color balance|color cast|colors|color temperature|tint) ({_TO_IT})?", _mend("auto white balance")),
    rule("(auto/automatic) (white balance|color|colors|color correction)", _mend("auto white balance")),
    rule(f"(@remove|neutralize|get rid of) (the|any|that|this)? (color)? (cast) ({_TO_IT})?", _mend("auto white balance")),
    rule("(can|could|@make|@turn|want)? (it|<np:whole>|the light|the lighting|the colors|the whites) (be|look)? (more)? neutral", _mend("auto white balance")),
    rule("(@make|let|have|get) <np:target> (look|be|appear)? (more)? (natural|normal)", lambda c, k: _mend("auto white balance")(c, {}) if is_whole(c, k["target"]) or k["target"].head in _SHOWS_CAST else None),
    rule("(fix|correct|sort out|sort) <np:target> (so (that)? (it|she|he|they) (looks|look|is|are) (more)? (normal|natural|right|good|okay|healthy))?", lambda c, k: _mend("auto white balance")(c, {}) if k["target"].head in _SHOWS_CAST else None),
    rule("why (is|are|does|do) <np:target> (look)? (so|too|all|that)? (green|blue|yellow|orange|purple|magenta|red)", lambda c, k: _mend("auto white balance")(c, {}) if is_whole(c, k["target"]) or k["target"].pronoun or k["target"].head in _SHOWS_CAST else None),
    rule("(take|get|@remove) (the/that/this/any)? (color|<hue>)? (cast/tint/tinge) (out|away|off)?", _mend("auto white balance")),
    rule("(auto enhance|auto fix|auto correct|auto adjust|enhance|autocorrect|auto-enhance) <np:target>?", _enhance),
    rule("(restore/renew/rescue/revive/resurrect/reclaim) <np:target>", _restored),
    rule("(straighten/level/unskew/deskew) (out)? <np:target>?", _straighten),
    rule("(straighten/unskew) (up|out)? <np:target>", _upright),
    rule("(straighten/correct/fix/repair/unskew/remove) (up|out)? (the)? (lean|leaning|tilt|convergence|distortion|distorted|converging|leaning|tilted|crooked|slanted|falling) (of|in)? <np:target>", _upright),
    rule("(straighten/correct/fix/repair/remove) <np:target> (distortion|correction)", _upright),
    rule("(correct/fix/repair) <np:target>", lambda c, k: _upright(c, k) if k["target"].head in _PERSPECTIVE else None),
    rule("(rotate/turn/make/stand/set/put/tilt/get/bring/straighten) <np:target> (stand/be/look/stands/is/looks)? (up)? (upright|straight|vertical|plumb|straight up)", _upright),
    rule("(fix|correct|repair|rotate|make|put|get|set) (the|that|this)? (tilted|crooked|slanted|sloping|tilting|leaning|skewed) <np:target>", _horizon),
    rule("(make|get|put|set|have|keep|want) <snp:target> (is|be|to be)? (level|straight|horizontal|even|upright)", _horizon),
    rule("(fix|correct|remove) (the)? (tilt|slant|lean) (of|in)? <np:target>?", _straighten),
    rule("(rotate|turn|tilt|align) <np:target> (so|so that|until|till) (the)? (horizon) (is|becomes|lies|looks) (straight/level/horizontal/even)", _straighten),
    rule("(lift|clear|clear up|cut through|cut|burn off|see through|fix|correct|repair|clean up) (the|all|any|some of the)? <np:what> <amount>?", _fault),
    rule("(fix|correct|repair|restore|revive|bring back) (the|its)? (faded/dull/washed-out/pale/lost/original/old)? (colors)", lambda c, k: control(c, None, "saturation", 1, None)),
    rule("(fix|correct|repair) (the)? (washed out|faded|dull) <np:target>", lambda c, k: control(c, None, "saturation", 1, None) if k["target"].head in _ON_PRINTS else None),
    rule("(make|turn) <snp:target> (transparent|see through) (with|but|except for|except|while keeping|keeping) (the|its)? (shadow/shadows) (kept|left|staying)?", lambda c, k: background(c, CLEAR_BUT_SHADOW) if is_background(k["target"]) else None),
    rule("(colorize/colorise) <np:target>?", lambda c, k: _colorize(c, k)),
    rule("(add|bring|give|restore|put) (back)? (the|some|its)? (color|colors) (back)? (to|into) <np:target>", lambda c, k: _colorize(c, k) if _grey(k["target"]) else None),
    rule("(make|turn|convert) <snp:target> (into|in)? (a)? (color|colored|full color) (photo|picture|image|photograph)?", lambda c, k: _colorize(c, k)),
    rule(f"(trim|autocrop|auto crop|crop) (the|all|any)? {_BLANK} (edge/edges/border/borders/margin/margins/space/area/areas/pixels/sides) (off|away)? {_MARGIN}?", _trim),
    rule(f"(crop|cut|trim) (away|off|out) (the|all|any)? {_BLANK} (edge/edges/border/borders/margin/margins/space/area/areas/pixels/sides) (around (the|its)? (thing|object|product|subject|content|contents))? {_MARGIN}?", _trim),
    rule(f"(trim|autocrop|auto crop) <np:target>? (to|down to)? (the|its)? (thing|object|product|subject|content|contents)? {_MARGIN}?", _trim),
)  # fmt: skip


def _grey(target: Noun) -> bool:
    """Whether the words call the picture one without colours."""
    return "black" in target.words and "white" in target.words


def _colorize(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    if target is not None and not (is_whole(clause, target) or target.head in _ON_PRINTS or _grey(target)):
        return None
    return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value="colorization")]
