"""Looser sentences, tried after all other rules: "get that out of there", "give it a warm old feel", "could the moon go more to the left"."""

from __future__ import annotations

from pixwright.parse.complements import COVERINGS, become
from pixwright.parse.effects import LIGHTS, all_but, atmospheric, background, control, is_place, is_whole, put, replaced
from pixwright.parse.grammar import Build, Caught, Clause, Rule, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, steps, where
from pixwright.parse.nouns import DEFINITE, INDEFINITE, POSSESSIVES, Noun
from pixwright.parse.places import Place
from pixwright.parse.tokens import Token
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit, Where
from pixwright.words import lexicon, read

_FEELS = frozenset(
    "feel look vibe mood atmosphere touch tone glow light lighting aura ambience ambiance feeling".split()
)


def mood_words(
    words: tuple[str, ...], names: tuple[str, ...] = ("season", "weather", "time", "look", "mood")
) -> str | None:
    """The first season, time, weather, look or mood that is said anywhere in the words, in this order of lists."""
    for name in names:
        for at in range(len(words)):
            if found := LEXICON.values[name].matches(words, at):
                return found[0][1]
    return None


def lit(clause: Clause, target: Noun | None) -> list[Step] | None:
    """ "(warm) evening light in the room": it says of what kind the light is that is wanted, whatever its first word is else."""
    if target is None or target.definite or target.thing.head not in LIGHTS:
        return None
    said = target.thing.said
    value = mood_words((clause.words[0], *said), ("look", "mood", "time", "season", "weather"))
    return None if value is None else steps(clause, EditType.TONE_TRANSFER, None, value=value)


def _felt(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "give it a warm old feel", "make it feel like a cold winter morning"."""
    if not is_whole(clause, caught["who"]) and caught["who"].words[0] not in ("it", "this", "that"):
        return None
    words = clause.words[caught["rest"] :]
    if not {"should", "must", "would"}.isdisjoint(words):
        return None
    listed = (
        ("look", "mood", "time", "season", "weather")
        if words[-1] in _FEELS
        else ("season", "weather", "time", "look", "mood")
    )
    value = mood_words(words, listed) if words[-1] in _FEELS or "like" in clause.words else None
    return None if value is None else steps(clause, EditType.TONE_TRANSFER, None, value=value)


def _gone(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    posed = len(target.tokens) > 1 and target.words[0] in ("him", "them", "me", "us", "it")
    whole = is_whole(clause, target) or is_background(target)
    return None if posed or whole else steps(clause, EditType.REMOVE, target)


def _in_colour(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "both umbrellas in purple"."""
    target: Noun = caught["target"]
    if not target.definite or target.pronoun or is_whole(clause, target) or _plays(target):
        return None
    return (
        background(clause, caught["hue"])
        if is_background(target)
        else steps(clause, EditType.COLOR_ALTER, target, value=caught["hue"])
    )


def _plays(target: Noun) -> bool:
    """ "Our team plays": a noun and what it does."""
    last = lexicon().singular(target.core[-1].text)
    return len(target.core) > 2 and last[1] and LEXICON.values["action"].whole((last[0],)) is not None


_GROWN = ("food", "drink", "animal", "plant", "person", "material")
"""Kinds of what bears a material's name and is not made of it: ice cream, a wood rabbit."""


def _plain_look(kind: EditType, caught_as: str) -> Build:
    """ "red car", "polka dot dress": a look and a thing, and nothing else, asks for the look."""

    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        target: Noun = caught["target"]
        first = clause.words[0]
        if (
            first in INDEFINITE | DEFINITE
            or target.thing.head in LIGHTS
            or target.thing.said
            or is_whole(clause, target)
            or is_background(target)
        ):
            return None
        controls = LEXICON.values["control"]
        if any(end == len(clause) for at in range(len(clause)) for end, _ in controls.matches(clause.words, at)):
            return None  # "(cooler) white balance"
        known = lexicon().entry(" ".join(clause.words))
        made = kind is EditType.MATERIAL_CHANGE and known is not None and not known.is_(*_GROWN)
        if lexicon().look(target.thing.head) is None or (known is not None and not made):
            return None  # "ice cream" is a thing; a stone wall is a wall of stone
        return steps(clause, kind, target, value=caught[caught_as])

    return build


_plain_colour = _plain_look(EditType.COLOR_ALTER, "hue")
_plain_finish = _plain_look(EditType.APPEARANCE_ALTER, "finish")
_plain_stuff = _plain_look(EditType.MATERIAL_CHANGE, "material")


def _into(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "baseball cap to straw hat", "door from white to green": a thing and what it shall be, and no verb."""
    target: Noun = caught["target"]
    if is_whole(clause, target) or target.thing.said or lexicon().look(target.thing.head) is None:
        return None
    found = become(clause, caught["rest"], target, "into")
    if not found or not (found[0].type.traits.surface or found[0].type.traits.brings):
        return None
    new = (found[0].value or "").split()
    return None if found[0].type.traits.brings and (not new or lexicon().look(new[-1]) is None) else found


def _grey(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    of = None if is_whole(clause, target) else target
    return steps(clause, EditType.TONE_TRANSFER, of, value="black and white")


_COLOURING = {"whiten": "white", "blacken": "black", "redden": "red", "yellow": "yellow"}


def _coloured(clause: Clause, caught: Caught) -> list[Step] | None:
    return steps(clause, EditType.COLOR_ALTER, caught["target"], value=_COLOURING[clause.words[0]])


def _switched_on(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "turn on the lamp", "light the candle": what gives light glows."""
    target: Noun = caught["target"]
    lit_up = target.definite and _GIVES_LIGHT.intersection(target.thing.head.split())
    return steps(clause, EditType.APPEARANCE_ALTER, target, value="glowing") if lit_up else None


_GIVES_LIGHT = frozenset(
    "lamp lamps candle candles lantern lanterns chandelier bulb bulbs torch headlight headlights screen tv television monitor neon fireplace fire streetlight streetlights lamppost".split()
)


def _made_of(material: str) -> object:
    return lambda clause, caught: (
        steps(clause, EditType.MATERIAL_CHANGE, caught["target"], value=material) if caught["target"].definite else None
    )


def _tilts(clause: Clause, caught: Caught) -> list[Step] | None:
    asked = clause.wish or clause.words[0] in ("let", "make", "have", "can", "could", "should", "get")
    return steps(clause, EditType.ACTION_CHANGE, caught["target"], value=caught["@lean"]) if asked else None


def _toned(clause: Clause, caught: Caught) -> list[Step] | None:
    whole: Noun | None = caught.get("whole")
    if not atmospheric(clause, whole):
        return None
    target = None if is_whole(clause, whole) or whole is None or whole.head not in ("sky", "landscape") else whole
    return steps(clause, EditType.TONE_TRANSFER, target, value=caught["tone"])


def _further(clause: Clause, caught: Caught) -> list[Step] | None:
    goes = where(clause, caught["side"])
    return [Step(type=EditType.OUTPAINT, instruction=clause.sentence, where=goes, amount=caught.get("amount"))]


def _goes(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    asked = (
        clause.wish
        or clause.words[0] in ("let", "make", "have", "can", "could", "should", "get")
        or "should" in clause.words
        or "@move" in caught
    )
    if not asked or not target.definite or is_whole(clause, target):
        return None
    return steps(clause, EditType.MOVEMENT, target, where=where(clause, caught["place"]))


def _higher(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Let the clock hang a bit higher": where it is, not how tall."""
    goes = Where(relation=Relation.TOP if "higher" in clause.words else Relation.BOTTOM)
    return steps(clause, EditType.MOVEMENT, caught["target"], where=goes, amount=caught.get("amount"))


def _posed(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "let a squirrel sit on the sill" adds one; "let the donkey stand in front of the barn" puts it there."""
    target: Noun = caught["target"]
    place: Place = caught["place"]
    if target.pronoun in ("it", "this", "that") or is_whole(clause, target):
        return None
    if target.indefinite:
        return [
            Step(
                type=EditType.ADD,
                instruction=clause.sentence,
                value=target.uncounted,
                count=target.count,
                where=where(clause, place),
            )
        ]
    if place.anchor is not None and place.anchor.indefinite and is_place(place.anchor):
        return background(clause, place.anchor.bare)
    if (
        place.anchor is None
        or place.anchor.words[0] in POSSESSIVES
        or clause.words[0] != "let"
        or not {"stand", "hang", "be", "rest"} & set(clause.words)
    ):
        return None
    return steps(clause, EditType.RELATION_CHANGE, target, where=where(clause, place))


def _elsewhere(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "as if we were in Paris", "set the scene in a library": whatever the place is, it is the background."""
    noun: Noun = caught["spot"]
    if noun.pronoun or (noun.definite and not is_place(noun)) or any(t.kind != "word" for t in noun.tokens):
        return None
    if (
        "who" in caught
        and not is_whole(clause, caught["who"])
        and caught["who"].head not in ("scene", "setting", "action", "story")
    ):
        return None
    if "who" not in caught and clause.wish != "if":
        return None
    return background(clause, noun.bare)


def _resized(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "A smaller hat, please": the hat that is there."""
    smaller = clause.words[1] in LEXICON.raw["smaller"]
    amount = Amount(value=-0.6 if smaller else 0.6, unit=Unit.STRENGTH)
    return steps(clause, EditType.RESIZE, caught["target"], amount=amount) if clause.wish == "want" else None


def _larger(clause: Clause, caught: Caught) -> list[Step] | None:
    amount: Amount = caught["size"]
    if amount.unit is Unit.STRENGTH or is_whole(clause, caught["target"]):
        return None
    return steps(clause, EditType.RESIZE, caught["target"], amount=amount)


def _multiplied(clause: Clause, caught: Caught) -> list[Step] | None:
    factor = {"double": 2.0, "triple": 3.0, "halve": 0.5}[clause.words[0]]
    return steps(clause, EditType.COUNTING, caught["target"], amount=Amount(value=factor, unit=Unit.FACTOR))


def _room(clause: Clause, caught: Caught) -> list[Step] | None:
    side = Relation.TOP if {"above", "over"} & set(clause.words) else Relation.BOTTOM
    return [Step(type=EditType.OUTPAINT, instruction=clause.sentence, where=where(clause, Place(side)))]


def _cast(clause: Clause, caught: Caught) -> list[Step] | None:
    """A cast of colour goes by turning the warmth the other way; a green one has no control."""
    if "green" in clause.words:
        return None
    sign = 1 if {"blue", "cool"} & set(clause.words) else -1
    return control(clause, None, "warmth", sign, None)


def _styled(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    whole = target is None or is_whole(clause, target) or target.pronoun in ("it", "this", "that")
    return steps(clause, EditType.STYLE_CHANGE, None if whole else target, value=caught["art"])


def _style_for(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Oil painting style for everything but the cat"."""
    target: Noun = caught["target"]
    return _styled(clause, caught) if target.definite or is_whole(clause, target) or all_but(target) else None


_BLEMISHES = frozenset(
    "scratch scratches blemish blemishes stain stains spot spots crack cracks dust tear tears wrinkle wrinkles pimple pimples scar scars dent dents smudge smudges acne hole holes".split()
)


def _blemish(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    return steps(clause, EditType.REMOVE, target) if target.head in _BLEMISHES else None


def _deserted(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Nobody should be on the bridge": the people there go."""
    said = ("nobody", "no", "one", "people", "should", "must", "shall", "be", "seen", "visible")
    there = [t.text for t in clause.tokens if t.text not in said]
    return [Step(type=EditType.REMOVE, instruction=clause.sentence, target=read(f"people {' '.join(there)}"))]


def _belongs(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    return put(clause, target, caught["place"]) if target.definite and not is_whole(clause, target) else None


def _grown(clause: Clause, caught: Caught) -> list[Step] | None:
    what = caught["what"].head
    if not clause.wish or what not in COVERINGS:
        return None
    return steps(clause, EditType.APPEARANCE_ALTER, caught["target"], value=COVERINGS[what])


def _shown_in(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Show it in a nice living room", "they should be playing on a plaza": a place that is not there is the background."""
    who, spot = caught["who"], caught["spot"]
    first = (spot.parts or (spot,))[0]
    if len(spot.parts) > 1 and "with" not in first.words:
        return None  # "in a kitchen and a garden"
    known = who.pronoun or (who.definite and lexicon().look(who.thing.head) is not None)
    asked = clause.wish == "want" or "doing" in caught
    posing = "doing" not in caught or caught["doing"].endswith("ing")
    somewhere = is_place(first) or lexicon().is_(first.thing.head, "structure")
    if not (known and asked and posing and spot.indefinite and somewhere):
        return None
    return background(clause, spot.bare)


def _nearer(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Bring her closer": larger."""
    target: Noun = caught.get("target") or Noun((Token("her", "word"),))
    if is_whole(clause, target):
        return [Step(type=EditType.RESIZE, instruction=clause.sentence, value="zoom in")]
    return steps(clause, EditType.RESIZE, target, amount=Amount(value=0.6, unit=Unit.STRENGTH))


def _turned_round(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Point it the other way"."""
    target = None if is_whole(clause, caught["target"]) else caught["target"]
    return steps(clause, EditType.ROTATION_CHANGE, target, value="flip horizontal")


def _all_over(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Mud all over it"."""
    covering = COVERINGS.get(caught["what"].bare)
    return steps(clause, EditType.APPEARANCE_ALTER, caught["target"], value=covering) if covering else None


def _fallen(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(Make it winter,) snow on the roof": weather that lies on something covers it."""
    fallen = caught["what"].thing
    return _all_over(clause, caught) if lexicon().is_(fallen.head, "weather") else None


def _lit_up(clause: Clause, caught: Caught) -> list[Step] | None:
    return (
        None
        if is_whole(clause, caught["target"])
        else control(clause, caught["target"], "brightness", 1, caught.get("amount"))
    )


def _of_style(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Watercolor painting with splashes": what else is said is of the style."""
    more: Noun = caught["more"]
    return None if more.definite or more.pronoun or clause.wish else _styled(clause, {"art": caught["art"]})


_MORE = "(a bit|a little|slightly|somewhat|much|way|far|more|further)?"

ROOM: tuple[Rule, ...] = (
    rule(f"(add|put|leave|make|give|need|want|have) (me|us|it)? (some|more|extra|a bit of|a little)? {_MORE} (empty|free|blank|white)? (space|room|canvas|margin) (above|below|over|under|beneath|underneath) (the|this|my)? (@picture|it)", _room),
)  # fmt: skip
"""Before the rules that add things: room is none."""
RULES: tuple[Rule, ...] = (
    rule("(bring|get|move|pull|have|make) (<snp:target>|her) (a bit|a little|much|way)? (closer|nearer) (to (us|me|the camera|the viewer))?", _nearer),
    rule("(point|face|aim|turn) <snp:target> the other way (around|round)?", _turned_round),
    rule("<noun:what> all over <np:target>", _all_over),
    rule("(some|fresh|more|deep|thick)? <noun:what> (lying)? on <np:target>", _fallen),
    rule("(it is|this is|@picture is)? (way)? too dark (to see|can not see|i can not see|you can not see|we can not see) <snp:target> (properly|well|clearly|at all)?", _lit_up),
    rule("<amount>? (more|extra|some) (light|sun|sunshine|sunlight) on <np:target>", _lit_up),
    rule("<art> with <np:more>", _of_style),
    rule("<snp:who> (in|at|on) <np:spot>", _shown_in),
    rule("(it|this|@picture) (needs|wants|could use|could do with|lacks) <amount>? (more|extra) <knob>", lambda c, k: control(c, None, k["knob"], 1, k.get("amount"))),
    rule("(it|this|@picture) (needs|wants|could use|could do with) <amount>? less <knob>", lambda c, k: control(c, None, k["knob"], -1, k.get("amount"))),
    rule("(remove|take out|get rid of|fix|correct|reduce|neutralize|take|kill|drop|lose) (some|a bit)? (of)? (the|that|this)? (yellow/orange/red/warm/blue/cool/green) (color)? (cast/tint/tinge) (out|away)?", _cast),
    rule("(it|this|@picture)? (could use|use|needs|wants|lacks)? (a bit|a little)? (more|some|extra|a bit more|a little more) <tone> (in|to|for)? <np:whole>?", _toned),
    rule("(give|hand|lend) <snp:who> <np:new> (instead of|rather than|in place of) <np:old>", lambda c, k: replaced(c, k["old"], k["new"])),
    rule("(put|use|have|place|show|see|want) <np:new> (there|here) (instead of|rather than|in place of) <np:old>", lambda c, k: replaced(c, k["old"], k["new"])),
    rule("<snp:who> (should|must|shall|could|can|needs to|has to|ought to) (be)? (hold|have|wear|carry|eat|drink|use|ride|holding|wearing|carrying|eating|drinking|using|riding) <np:new> (instead of|rather than|in place of|and not|not) <np:old>", lambda c, k: replaced(c, k["old"], k["new"])),
    rule("(swap/sub/switch/trade) in <np:new> for <np:old>", lambda c, k: replaced(c, k["old"], k["new"])),
    rule("(paint|draw|render|do|make|redo|imagine) <np:target> (the way|like|as) <art> (would|did|does|might) (have)? (painted|done|drawn|paint|do|draw|made|make)? (it|this)?", _styled),
    rule("(paint|draw|render|do|make|redo) <np:target> (the way|like|as) <art>", _styled),
    rule("(give|lend) <snp:target> (the|a) (look|style|feel|appearance) of <art>", _styled),
    rule("<word> <np:target> (into|as) <art>", _styled),
    rule("<art> (it|this) (up)?", _styled),
    rule("<art> (for|on|over) <np:target>", _style_for),
    rule("(i/we)? (could|can|would rather|will)? do (just fine|well|fine)? without <np:target>", _gone),
    rule("(i/we)? (do/would/did)? not (need|want|require) (to see)? <np:target> (in (the)? (picture/frame/photo/shot/image))?", _gone),
    rule("(retouch|heal|touch up|fix|repair|mend|clone|smooth out) (away|out)? <np:target>", _blemish),
    rule("(nobody|no one|no people) ((should|must|shall) (be)? (seen|visible)?)? <place>", _deserted),
    rule("<snp:target> (belongs|belong|should go) (right|straight)? <place>", _belongs),
    rule("<np:target> <relative_place:place>", lambda c, k: _belongs(c, k) if c.wish == "want" else None),
    rule("(give|show) (me|us) (a bit)? more of <np:target> (on|at|to) <side>", _further),
    rule("(see)? (a bit|a little)? more of <np:target> (on|at|to) <side>", lambda c, k: _further(c, k) if c.wish or c.words[0] == "see" else None),
    rule("(see|show)? (me|us)? (what is|what lies|what was) (beyond|outside|past) (the)? <side> (edge|border|side|frame)", _further),
    rule("(pad|frame) <np:target> (with|by) <measure:amount> (of space|of room)? (on) <side>", lambda c, k: _further(c, k) if is_whole(c, k["target"]) else None),
    rule("<noun:what> (has|had|have)? (grown|spread|fallen|settled|gathered|run|crept) (all)? (over|on|across) <np:target>", _grown),
    rule("without <np:target>", _gone),
    rule("<np:target> (do|does|did) not (belong|fit|go) (there|here|in)?", _gone),
    rule("(get/take/move/throw) <np:target> (out/off/away) (of (here|there|it|this|sight|the way|the picture))?", _gone),
    rule("(give|lend) <snp:who> <rest>", _felt),
    rule("(@make|have|let|turn|want)? <snp:who> (to)? (feel|look|seem|be)? <rest>", _felt),
    rule("<np:target> in (a|the)? <hue>", _in_colour),
    rule("<word:verb> (away|off|out) <np:target>", lambda c, k: _gone(c, k) if k["target"].definite and not LEXICON.begins(k["verb"]) and not lexicon().singular(k["verb"])[1] else None),
    rule("(knit/crochet) <np:target>", _made_of("knit")),  # type: ignore[arg-type]
    rule("(gild) <np:target>", _made_of("gold")),  # type: ignore[arg-type]
    rule("(petrify) <np:target>", _made_of("stone")),  # type: ignore[arg-type]
    rule("(sepia) <np:target>", lambda c, k: _toned(c, {**k, "whole": k["target"], "tone": "sepia"})),
    rule("(make|let|have|could|can|should|would|get)? <snp:target> (should|to)? @lean <extent_amount:amount>? ((to|towards) (the|one|its)? (side|left|right))?", _tilts),
    rule(f"(make|let|have|could|can|should|get)? <snp:target> (should|to)? (go|move|shift|slide|come|be moved|sit|be) {_MORE} <way:place>", _goes),
    rule(f"@move <snp:target> {_MORE} <way:place>", _goes),
    rule("(make|let|have) <snp:target> (hang|sit|stand|lie|float|fly|be placed|be) <extent_amount:amount>? (higher/lower) <amount>?", _higher),
    rule("(we|i|they|he|she|it|you) (was|were|is|are|am) (standing/sitting/walking/posing/living)? (in|at|on) <one:spot>", _elsewhere),
    rule("(set|place|put|shoot|stage) <snp:who> (in|at|on) <one:spot>", _elsewhere),
    rule("<hue> <noun:target>", _plain_colour),
    rule("<finish> <noun:target>", _plain_finish),
    rule("<stuff> <noun:target>", lambda c, k: None if k["target"].definite else _plain_stuff(c, {**k, "material": k["stuff"][0]})),
    rule("(censor/anonymize/anonymise/obscure/redact) <np:target>", lambda c, k: control(c, k["target"], "blur", 1, None)),
    rule("(turn/switch/put) on <np:target>", _switched_on),
    rule("(turn/switch/put) <np:target> on", _switched_on),
    rule("(light/ignite) <np:target>", _switched_on),
    rule("(whiten/blacken/redden/yellow) <np:target>", _coloured),
    rule("(grayscale/greyscale/monochrome) <np:target>", _grey),
    rule("<size> <np:target>", _larger),
    rule("(double/triple/halve) (the)? (number/count/amount) of <np:target>", _multiplied),
    rule("<snp:target> from (<hue>|<stuff>|<finish>|<noun:was>) (to/into) <rest>", _into),
    rule("<snp:target> to <rest>", _into),
    rule("<np:target>", lambda c, k: lit(c, k["target"])),
)  # fmt: skip
POSED: tuple[Rule, ...] = (
    rule("<snp:who> (should|must|could|can|ought to|needs to|need to|have to) be <word:doing> (in|on|at|across|through|along|down|around) <one:spot>", _shown_in),
    rule("(a|an) (smaller/bigger/larger/taller/shorter/wider/longer/tinier) <noun:target>", _resized),
    rule("(let|have|make|can|could|should) <snp:target> (to)? (sit|stand|hang|rest|lie|lean|float|swim|be|fly|walk|perch|sleep|grow|run|wait|play) <place>", _posed),
)  # fmt: skip
"""Before the rules of change, for which "sit on the sill" is an action."""
