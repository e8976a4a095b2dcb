"""Colour, material, appearance, tone, style, background and photographic controls named by their verb or attribute.

"paint the wall red", "change the material of the tower to chocolate", "increase the contrast by 20%", "in the style of van Gogh", "blur the background".
"""

from __future__ import annotations

from collections.abc import Callable

from pixwright.parse.complements import COVERINGS, become
from pixwright.parse.effects import all_but, atmospheric, background, control, is_whole
from pixwright.parse.grammar import Build, Caught, Clause, Found, Rule, nonterminal, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve, steps, where
from pixwright.parse.nouns import DEFINITE, Noun
from pixwright.parse.places import Place
from pixwright.parse.readings import hue, shades_of
from pixwright.parse.rules.everyday import lit
from pixwright.parse.tokens import Token
from pixwright.records.kind import Aspect, EditType, type_for
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.words import lexicon
from pixwright.words.adjectives import PICTURES
from pixwright.words.colours import is_colour

_ATTRIBUTES = {
    "color": (Aspect.COLOUR, Aspect.BACKGROUND),
    "colors": (Aspect.COLOUR, Aspect.TONE),
    "material": (Aspect.MATERIAL,),
    "fabric": (Aspect.MATERIAL,),
    "upholstery": (Aspect.MATERIAL,),
    "texture": (Aspect.MATERIAL, Aspect.APPEARANCE),
    "surface": (Aspect.MATERIAL, Aspect.APPEARANCE),
    "pattern": (Aspect.APPEARANCE,),
    "appearance": (Aspect.APPEARANCE, Aspect.MATERIAL),
    "look": (Aspect.APPEARANCE, Aspect.TONE, Aspect.STYLE),
    "style": (Aspect.STYLE, Aspect.TONE),
    "art style": (Aspect.STYLE,),
    "surface color": (Aspect.COLOUR,),
    "overall color": (Aspect.COLOUR,),
    "surface texture": (Aspect.MATERIAL, Aspect.APPEARANCE),
    "pose": (Aspect.ACTION,),
    "action": (Aspect.ACTION,),
    "posture": (Aspect.ACTION,),
    "background": (Aspect.BACKGROUND,),
    "backdrop": (Aspect.BACKGROUND,),
}
_TONE_NOUNS = frozenset(
    "season weather time mood atmosphere tone lighting light ambience ambiance vibe feeling feel setting".split()
)
_OWNED_BY = {"its": "it", "their": "them", "his": "him", "her": "her"}
_FREE = frozenset(("material", "color", "pattern", "style"))
"""Attributes of which any word may be the value."""


def coloured(clause: Clause, caught: Caught) -> list[Step] | None:
    """A colour of what was caught: of a background, a background."""
    target: Noun = caught["target"]
    if shades_of(target.words):
        return None
    if is_background(target):
        return background(clause, caught["hue"])
    return steps(clause, EditType.COLOR_ALTER, target, value=caught["hue"])


_WARM, _COLD = frozenset(("red", "orange", "yellow")), frozenset(("blue", "cyan"))


def _warmer(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "more red", "less blue": of the whole picture, its warmth."""
    sign = 1 if caught["hue"] in _WARM else -1 if caught["hue"] in _COLD else 0
    turned = -sign if "less" in clause.words else sign
    return control(clause, None, "warmth", turned, caught.get("amount")) if turned else None


def _selective(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "selective color on the tulip": all but the tulip loses its colours."""
    grey = steps(clause, EditType.TONE_TRANSFER, None, value="black and white")
    return grey and [step.model_copy(update={"protect": caught["target"].thing}) for step in grey]


def _in_focus(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "put the dog in focus": all but the dog is blurred."""
    target: Noun = caught["target"]
    whole = is_whole(clause, target) or is_background(target) or not target.definite
    named = None if whole else resolve(clause, target)
    return [step.model_copy(update={"target": named}) for step in background(clause, "blurred")] if named else None


def _thing_over(clause: Clause) -> bool:
    """ "add a rainbow over the hills": a thing and where it is, no pattern for the hills."""
    words = clause.words
    return len(words) > 3 and words[1] in ("a", "an") and words[3] in ("over", "above") and lexicon().knows(words[2])


_EFFECTS = frozenset(("grain", "vignette"))
"""Controls that name what a photograph gets: a lone "film grain" asks for it."""


def _named_hue(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "house turquoise", "the fence painted white": a thing and a colour, and nothing else."""
    target: Noun = caught["target"]
    said = " ".join(clause.words)
    if lexicon().knows(said) or any(end == len(clause) for end, _ in hue(clause, 0)):
        return None  # "ice cream", "sea green", "dark brown"
    commanded = clause.words[0] in LEXICON.classes["color_verb"].by_first
    compound = len(target.core) == 2 and lexicon().knows(target.words[0]) and target.words[0] not in LEXICON.adjectives
    unknown = lexicon().look(target.thing.head) is None and not compound  # "nail polish black"
    if commanded or is_whole(clause, target) or target.indefinite or unknown:
        return None
    return coloured(clause, caught)


def _attribute(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "change the color of the sky to orange": the attribute says which kind of change is meant."""
    attribute, target = caught["attribute"], caught.get("target")
    owner = target.words[0] if target is not None and len(target.tokens) == 1 else None
    if target is None:
        owner = next((word for word in clause.words[:3] if word in _OWNED_BY), None)
    if owner in _OWNED_BY:
        target = Noun((Token(_OWNED_BY[owner], "word"),))
    if clause.words[caught["rest"] - 1] == "of" and (
        attribute in ("background", "backdrop") or clause.words[caught["rest"]] in DEFINITE
    ):
        return None  # "change the color of the vase" does not say to what
    if attribute in ("background", "backdrop"):
        target = Noun((Token("background", "word"),))
    found = become(clause, caught["rest"], target, "into")
    if found and (found[0].type.traits.changes in _ATTRIBUTES[attribute] or is_whole(clause, target)):
        return found
    kind = type_for(_ATTRIBUTES[attribute][0]) if attribute in _FREE else None
    value = clause.reader.ends(caught["rest"], "phrase")
    if (
        kind is None
        or not value
        or value[0][0] != len(clause)
        or (kind is EditType.COLOR_ALTER and found and found[0].type is not EditType.APPEARANCE_ALTER)
        or any(t.kind == "ref" for t in clause.tokens)
    ):
        return None
    noun = value[0][1]
    words = [w for w in noun.words if w not in ("style",)]
    return (
        steps(clause, kind, target, value=" ".join(w for w in words if w not in ("a", "an", "the"))) if words else None
    )


def _tone_noun(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "change the season to fall", "the mood should be sad"."""
    found = become(clause, caught["rest"], None, "into")
    return found if found and found[0].type is EditType.TONE_TRANSFER else None


@nonterminal("attribute")
def _attributes(clause: Clause, i: int) -> Found:
    """An attribute's name: "(the) color", "art style"."""
    words = clause.words
    start = i + 1 if words[i] in ("the", "its", "a") and i + 1 < len(words) else i
    two = " ".join(words[start : start + 2])
    if two in _ATTRIBUTES:
        return [(start + 2, two)]
    return [(start + 1, words[start])] if words[start] in _ATTRIBUTES else []


def _knob(sign: int) -> Build:
    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        amount: Amount | None = caught.get("amount")
        verb = next((v for k, v in caught.items() if k[0] == "@"), "")
        if verb in ("double", "halve") and amount is None:
            amount = Amount(value=100.0 if verb == "double" else 50.0, unit=Unit.PERCENT)
        target = caught.get("target")
        name, direction = caught["knob"], sign
        if caught.get("to") and amount is not None and amount.unit is Unit.PERCENT:
            amount = Amount(value=amount.value - 100, unit=Unit.PERCENT)
            direction = 1 if amount.value > 0 else -1
        if (
            verb in ("remove", "soften")
            and name in ("brightness", "exposure", "saturation")
            and clause.words[-1] in ("light", "lighting", "color", "colors")
        ):
            return None
        return control(clause, target, name, direction, amount)

    return build


def _bare_knob(sign: int) -> Build:
    """ "Increase the brightness by 15": percent are meant."""
    return lambda clause, caught: _knob(sign)(
        clause, {**caught, "amount": Amount(value=abs(caught["number"]), unit=Unit.PERCENT)}
    )


def _as_much(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Twice as much contrast", "half the saturation"."""
    amount: Amount = caught["amount"]
    if amount.unit not in (Unit.FACTOR, Unit.PERCENT):
        return None
    share = amount.value * 100 if amount.unit is Unit.FACTOR else amount.value
    more = Amount(value=share - 100, unit=Unit.PERCENT)
    return control(clause, caught.get("target"), caught["knob"], 1 if share > 100 else -1, more)


def _signed_knob(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "brightness +15%": the number carries the direction."""
    amount: Amount = caught["amount"]
    return control(clause, None, caught["knob"], -1 if amount.value < 0 else 1, amount)


def _graded_verb(clause: Clause, caught: Caught) -> list[Step] | None:
    name, sign = LEXICON.raw["graded_verbs"][caught["@graded_verb"]]
    target: Noun | None = caught.get("target")
    if found := lit(clause, target):
        return found
    if target is not None and target.head in ("edges", "corners") and name == "brightness":
        return control(clause, None, "vignette", -sign, caught.get("amount"))
    if target is not None and target.words[-1] in ("colors", "color", "tones") and name in ("warmth", "saturation"):
        target = None
    if (
        target is not None
        and target.words[-1] in ("shadows", "highlights")
        and len(target.tokens) <= 2
        and name == "brightness"
    ):
        return control(clause, None, target.words[-1], sign, caught.get("amount"))
    return control(clause, target, name, sign, caught.get("amount"))


def _style(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    if target is not None and target.pronoun in ("it", "this", "that", "me", "us"):
        target = None
    return steps(clause, EditType.STYLE_CHANGE, target, value=caught["art"])


def _verb_style(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "cartoonize the picture": the style is in the verb."""
    verb = clause.words[0]
    styles = {
        "car": "comic",
        "com": "comic",
        "pix": "pixel art",
        "pos": "poster",
        "ske": "pencil sketch",
        "wat": "watercolor",
        "ani": "anime",
    }
    return steps(clause, EditType.STYLE_CHANGE, caught["target"], value=styles[verb[:3]])


def _free_style(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "in the style of Frida Kahlo": a style that the list does not have is kept by its name."""
    noun: Noun = caught["name"]
    if any(t.kind == "ref" for t in noun.tokens) or noun.pronoun or noun.whole:
        return None
    return steps(clause, EditType.STYLE_CHANGE, caught.get("target"), value=noun.bare)


def _apply(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "apply a sepia filter", "give it a warm look"."""
    target = caught.get("target")
    if target is not None and target.pronoun in ("me", "us"):
        target = None
    if target is not None and not atmospheric(clause, target) and clause.words[-1] in ("filter", "mood"):
        return None
    if target is not None and clause.words[0] in ("put", "place") and not atmospheric(clause, target):
        link = target.thing.link
        if link is not None and link.tie in ("inside", "on") and not link.to[0].definite:
            return None  # "put the girl on a beach at sunset": she is on none yet
        if clause.words[-1] == "snow" and COVERINGS.get(caught.get("tone", ""), "").split()[:1] == ["snow"]:
            return background(clause, "snow")
    if target is not None and caught.get("tone") in COVERINGS and not atmospheric(clause, target):
        return steps(clause, EditType.APPEARANCE_ALTER, target, value=COVERINGS[caught["tone"]])
    if target is not None and target.thing.places and target.thing.head == "object":
        return None  # "set a vintage photo to the bottom of the clock"
    for key, kind in (("tone", EditType.TONE_TRANSFER), ("art", EditType.STYLE_CHANGE)):
        if key in caught:
            return steps(clause, kind, target, value=caught[key])
    return None


def _said(kind: EditType, value: Callable[[Caught], str]) -> Build:
    """A change of one kind, to a value that was caught, of a thing: never of the whole picture or its background."""

    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        target = caught["target"]
        coloured = any(map(is_colour, target.thing.head.split()[1:]))  # "(give) her sweater white (stripes)"
        if is_background(target) or resolve(clause, target) is None or coloured:
            return None
        return steps(clause, kind, target, value=value(caught))

    return build


def _appear(value: str) -> Build:
    return _said(EditType.APPEARANCE_ALTER, lambda caught: value)


_pattern = _said(EditType.APPEARANCE_ALTER, lambda caught: str(caught["finish"]))
_of_stuff = _said(EditType.MATERIAL_CHANGE, lambda caught: str(caught["stuff"][0]))


def _cover(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "cover the car with snow": an appearance."""
    target, noun = caught["target"], caught["what"]
    if is_background(target):
        return background(clause, noun.bare)
    if clause.words[0] == "fill" and noun.thing.plural and noun.bare not in COVERINGS:
        return [
            Step(
                type=EditType.ADD,
                instruction=clause.sentence,
                value=noun.bare,
                where=where(clause, Place(Relation.INSIDE, target)),
            )
        ]
    if resolve(clause, target) is None or noun.definite:
        return None
    pattern = LEXICON.values["appearance"].matches(noun.words, 0)
    if pattern and pattern[0][0] == len(noun.words) and noun.bare not in COVERINGS:
        return steps(clause, EditType.APPEARANCE_ALTER, target, value=pattern[0][1])
    return steps(clause, EditType.APPEARANCE_ALTER, target, value=COVERINGS.get(noun.bare, f"covered with {noun.bare}"))


def _monochrome(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun | None = caught.get("target")
    whole = target is None or is_whole(clause, target) or target.pronoun in ("it", "this")
    return steps(clause, EditType.TONE_TRANSFER, None if whole else target, value="black and white")


def _weather_verb(clause: Clause, caught: Caught) -> list[Step] | None:
    return steps(
        clause, EditType.TONE_TRANSFER, None, value=caught.get("weather") or caught.get("time") or caught["season"]
    )


_SET = "(@change|@turn|@replace|@make|@color_verb|give|switch|transform|convert)"
_TO = "(to be|into|to|with|by|as|from|for|in|of|out of|be)"


def _all_grey_but(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Keep only the lemon in color": everything else loses it."""
    kept = resolve(clause, caught["kept"])
    if kept is None or is_background(caught["kept"]):
        return None
    grey = Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value="black and white", protect=kept)
    return [grey]


_KEPT = "<np:kept> (stays/left/is/kept)? in (full/its/their)? (color/colors)"

TIMES: tuple[Rule, ...] = (
    rule(f"(keep|leave) (only/just)? {_KEPT}", _all_grey_but),
    rule(f"(only/just) {_KEPT}", _all_grey_but),
    rule(f"(@make|turn|have)? <np>? (in)? black and white (with|but|except|where) (only/just)? {_KEPT}", _all_grey_but),
    rule("(@change|@turn|@replace|@swap)? (the)? (season/weather/time)? (of (the)? (day/year))? (from)? (the)? (<season:was>|<time:was>|<weather:was>) (to|into|with|by|for) (a|an|the)? <tone>", _apply),
)  # fmt: skip
"""One season, time or weather for another: before replace, which would look for a thing called "summer". And what alone keeps its colour: before what is alone kept."""

RULES: tuple[Rule, ...] = (
    rule(f"{_SET} <attribute> (of <np:target>)? from (<hue>|<stuff>|<finish>|<noun:was>) (to/into) <rest>", _attribute),
    rule(f"{_SET} <snp:target> 's <attribute> from (<hue>|<stuff>|<finish>|<noun:was>) (to/into) <rest>", _attribute),
    rule(f"{_SET} <attribute> of <np:target> {_TO} <rest>", _attribute),
    rule(f"{_SET} <attribute> {_TO} <rest>", _attribute),
    rule(f"{_SET} <attribute> of <snp:target> <rest>", _attribute),
    rule(f"{_SET} <snp:target> 's <attribute> (to be|into|to|with|by|as|be)? <rest>", _attribute),
    rule(f"{_SET} <snp:target> <attribute> (from (<hue>|<stuff>|<finish>|<noun:was>))? (to be|into|to|with|by) <rest>", _attribute),
    rule("(its|their|his|her) <attribute> (should|must|could|can|needs to|has to)? (be|become|to)? <rest>", _attribute),
    rule(f"{_SET} (its|their|his|her) <attribute> (to be|into|to|with|by|as|be)? <rest>", _attribute),
    rule("<attribute> of <snp:target> (should|must|shall|could|can|needs to|has to|ought to|was|were|is|are)? (now)? (be|become|to|changed to)? <rest>", lambda c, k: _attribute(c, k) if c.wish or set(c.words) & {"should", "must", "shall", "could", "can", "needs", "has", "ought"} else None),
    rule("<snp:target> 's <attribute> (should|must|shall|could|can|needs to|has to|ought to|will) (be|become|to|turn into|turn|change to|shift to|go) <rest>", _attribute),
    rule("<snp:target> color (should|must|shall|needs to|has to|ought to) (be|become|turn into|turn|change to) <hue>", coloured),
    rule("(@change|@turn|@make) (the)? (season/weather/time/mood/atmosphere/tone/lighting/light/ambience/ambiance/vibe/feeling/feel/setting) (of (the)? (day/year/@picture))? (to be|to|into|as|be|from|with)? <rest>", _tone_noun),
    rule("(the)? (season/weather/time/mood/atmosphere/tone/lighting/light/ambience/ambiance/vibe/feeling/feel/setting) (of (the)? (day/year/@picture))? (should|must|shall|could|can|needs to|has to|were|was|is) (be|become)? <rest>", lambda c, k: _tone_noun(c, k) if c.wish or not set(c.words) & {"were", "was", "is"} else None),
    rule("(@color_verb) <snp:target> (in|with|to|into)? <hue> (instead)?", coloured),
    rule("(@color_verb) <snp:target> (in|with|to|into)? <finish>", _pattern),
    rule("(repaint/paint/give/lend) <snp:target> (a|an|another|one)? (fresh|new|thick|thin|second|nice)? (coat/layer/lick/splash) of <hue> (paint/varnish/lacquer/color)?", coloured),
    rule("(put/apply/add/slap) (a|an|another)? (fresh|new|thick|thin|second|nice)? (coat/layer/lick) of <hue> (paint/varnish/lacquer/color)? (on/to/onto/over) <np:target>", coloured),
    rule("(give|lend) <snp:target> (a|an|another)? (fresh|new|thick|thin|second|nice)? (coat/layer/lick) of (paint/varnish/lacquer/polish/wax)", lambda c, k: _appear("new" if c.words[-1] == "paint" else "shiny")(c, k)),
    rule("(put/apply/add) (a|an|another)? (fresh|new|thick|thin|second|nice)? (coat/layer/lick) of (paint/varnish/lacquer/polish/wax) (on/to/onto/over) <np:target>", lambda c, k: _appear("new" if "paint" in c.words else "shiny")(c, k)),
    rule("<snp:target> (painted/repainted/colored/recolored/dyed/sprayed/tinted) (in|all)? <hue>", _named_hue),
    rule("<noun:target> <hue>", _named_hue),
    rule("<np:target> (in|to)? (gray|grayscale|monochrome|black and white)", lambda c, k: _monochrome(c, k) if all_but(k["target"]) else None),
    rule("(add|use|want|needs)? (<amount>)? (more/less) <hue>", _warmer),
    rule("(add|apply|want|use)? (some|a|the|more)? <knob> (effect)?", lambda c, k: control(c, None, k["knob"], 1, None) if k["knob"] in _EFFECTS else None),
    rule("(make|turn|convert|change|set|render|transform|put|show|go|have|print|switch|display) <np:target> (in|to|into)? black and white", _monochrome),
    rule("(desaturate|decolorize|grayscale|drain) <np:target> (completely|fully|entirely|totally|of color|of all color)", _monochrome),
    rule("(go)? (to)? black and white", _monochrome),
    rule("(apply|use|do|make)? (a)? (selective|isolated) color (on|for|of|to) <np:target>", _selective),
    rule("(a/the)? (retro/vintage/old)? <number> s (look/style/vibe/photo/aesthetic/feel)", lambda c, k: steps(c, EditType.STYLE_CHANGE, None, value="vintage photo") if 10 <= k["number"] < 2000 else None),
    rule("<np:target> (should be|must be|be)? (in|to)? black and white", lambda c, k: _monochrome(c, k) if is_whole(c, k["target"]) else None),
    rule("<extent_amount:amount> @graded_verb <np:target>", _graded_verb),
    rule("@graded_verb <amount>", _graded_verb),
    rule("@graded_verb <np:target> (up|down)? <amount>", _graded_verb),
    rule("@graded_verb <np:target> (up|down)", _graded_verb),
    rule("@graded_verb <amount>? <np:target>", _graded_verb),
    rule("@graded_verb <amount>?", _graded_verb),
    rule("(warm/cool/brighten/tone/lighten/crisp/light) <np:target> (up/down) <amount>?", lambda c, k: _graded_verb(c, {**k, "@graded_verb": c.words[0] if c.words[0] in ("warm", "cool", "brighten", "lighten") else "light up" if c.words[0] == "light" else "sharpen" if c.words[0] == "crisp" else "mute"})),
    rule("<extent_amount:amount> @increase <knob> (of <np:target>)?", _knob(1)),
    rule("<extent_amount:amount> @decrease <knob> (of <np:target>)?", _knob(-1)),
    rule("@increase <amount>? <knob> ((of|in|on) <np:target>)? <amount>?", _knob(1)),
    rule("@decrease <amount>? (of)? <knob> ((of|in|on|from) <np:target>)? <amount>?", _knob(-1)),
    rule("@increase <knob> (of <np:target>)? (by)? <number>", _bare_knob(1)),
    rule("@decrease <knob> (of <np:target>)? (by)? <number>", _bare_knob(-1)),
    rule("@increase <snp:target> 's <knob> <amount>?", _knob(1)),
    rule("@decrease <snp:target> 's <knob> <amount>?", _knob(-1)),
    rule("(halve/half/cut) <knob> (in half)?", lambda c, k: _knob(-1)(c, {**k, "amount": Amount(value=50, unit=Unit.PERCENT)})),
    rule("(turn/bring/crank/bump/dial/push/pump/pull) <knob> up <amount>?", _knob(1)),
    rule("(turn/bring/dial/pull/take/tone/cut) <knob> (down/back) <amount>?", _knob(-1)),
    rule("(turn/bring/crank/bump/dial/push/pump/pull) <knob> of <np:target> up <amount>?", _knob(1)),
    rule("(turn/bring/dial/pull/take/tone/cut) <knob> of <np:target> (down/back) <amount>?", _knob(-1)),
    rule("(make|set|change|adjust|keep|have|let) <knob> (of <np:target>)? (be)? (higher/stronger/bigger/better/up/larger/greater) <amount>?", _knob(1)),
    rule("(make|set|change|adjust|keep|have|let) <knob> (of <np:target>)? (be)? (lower/weaker/smaller/down/less) <amount>?", _knob(-1)),
    rule("(set|change|adjust|bring|put) <knob> (of <np:target>)? (to|at) <measure:amount>", lambda c, k: _knob(1)(c, {**k, "to": True})),
    rule("(@apply|@make|want|use) (<amount>)? (more/increased/higher/extra) <knob> ((to|in|on|for) <np:target>)?", _knob(1)),
    rule("(@make|want|use)? (<amount>)? (less/reduced/lower/decreased) <knob> ((to|in|on|for) <np:target>)?", _knob(-1)),
    rule("<amount>? more <knob>", _knob(1)),
    rule("(@make|give|add|use|want)? (it|me|us)? <measure:amount> (as much|the) <knob> ((to|in|on|for) <np:target>)?", _as_much),
    rule("<knob> (to|by)? <number>", lambda c, k: _signed_knob(c, {**k, "amount": Amount(value=k["number"], unit=Unit.PERCENT)}) if c.words[-1][0] in "+-" else None),
    rule("(@apply) (some/a/the)? (bit of|lot of|touch of|strong|heavy|slight|light|subtle|soft|gentle|little|mild)? <knob> (to <np:target>)?", _knob(1)),
    rule("@stylize <np:target> (as|like|into|to|with|using|in|as if it were|as though it were|as if) <art>", _style),
    rule("@stylize (as|like|in|into) <art>", _style),
    rule("@stylize <np:target> (in|with|using|into|to|after|as)? (the)? (style/manner/look/spirit/technique/aesthetic) of <one:name>", _free_style),
    rule("(in|as) (the)? (style/manner/look) of (a|an|the)? <art>", _style),
    rule("(a/an)? <art> of <np:target>", lambda c, k: _style(c, k) if is_whole(c, k["target"]) else None),
    rule("(cartoonize/cartoonify/pixelate/posterize/sketch/sketchify/pixelize/watercolorize/comicify/animefy) <np:target>", _verb_style),
    rule("(relight/light/illuminate) <np:target> (as/like/with/at/to/in) <tone>", _apply),
    rule("(change|adjust|set|shift|alter)? <knob> (by)? <measure:amount>", _signed_knob),
    rule("<measure:amount> <knob>", _signed_knob),
    rule("hue shift (by)? <measure:amount>?", lambda c, k: control(c, None, "hue", 1, k.get("amount"))),
    rule("(make/create/produce/do/try/render/draw/paint) (me)? (a/an) <art> (out of|from|based on)? <np:target>?", lambda c, k: _style(c, k) if is_whole(c, k.get("target")) else None),
    rule("(have|get|make|want) <np:target> (drawn/painted/rendered/done/redrawn/sketched) (in/as/like/with) <art>", _style),
    rule("(shift|change|rotate|adjust|alter) (the)? (hue/hues/tint) (of <np:target>)? (by)? <amount>?", lambda c, k: control(c, k.get("target"), "hue", 1, k.get("amount"))),
    rule("in (the)? (style/manner) of <one:name>", _free_style),
    rule("(@apply) (a|an|the|some)? (style of)? <art> (to|on|over) <np:target>", _apply),
    rule("(@apply) (a|an|the|some)? (style of)? <art>", _apply),
    rule("(@apply) (a|an|the|some)? <tone> (to|on|over) <np:target>", _apply),
    rule("(@apply) (a|an|the|some)? <tone>", lambda c, k: _apply(c, k) if c.words[-1] in LEXICON.classes["kind"].words or c.words[-1] in ("lighting", "weather") else None),
    rule("(@apply|give|lend) <snp:target> (a|an|the|some|more of a|more)? <tone>", _apply),
    rule("(@apply|give|lend) <snp:target> (a|an|the|some|more of a|more)? <art>", _apply),
    rule("(@apply|give|put|paint|draw|print|use) (a|an|the|some)? <finish> (to|on|onto|over|for) <np:target>", lambda c, k: None if _thing_over(c) else _pattern(c, k)),
    rule("(give|lend) <snp:target> (a|an|the|some)? <finish>", _pattern),
    rule("(give|lend) <snp:target> <stuff>", _of_stuff),
    rule("(rebuild/remake/recreate/rework/redo/build/carve/sculpt/cast/forge/craft/construct/mold/knit/weave) <np:target> (with)? <stuff>", _of_stuff),
    rule("(use|take|try) <stuff> (instead of <stuff:old>)? (for|on|as the material for|as the material of) <np:target>", _of_stuff),
    rule("(cover|coat|dust|sprinkle|splash|wrap|smear|fill) <np:target> (in|with) <noun:what>", _cover),
    rule("(age) <np:target> (by)? (a)? <count> (years/decades)", _appear("old")),
    rule("(age) <np:target> <amount>?", _appear("old")),
    rule("(rejuvenate|renovate|restore|renew) <np:target>", lambda c, k: None if k["target"].head in PICTURES else _appear("new")(c, k)),
    rule("(polish|shine|varnish|lacquer|wax|buff) <np:target>", _appear("shiny")),
    rule("(freeze) <np:target>", _appear("frozen")),
    rule("(burn|char|scorch) <np:target>", _appear("burnt")),
    rule("(crack|break|shatter|smash) <np:target>", _appear("cracked")),
    rule("(close|shut|open) <np:target>", lambda c, k: _appear("open" if c.words[0] == "open" else "closed")(c, k) if k["target"].definite and lexicon().is_(k["target"].thing.head, "part") else None),
    rule("(wet|soak|drench) <np:target>", _appear("wet")),
    rule("(rust) <np:target>", _appear("rusty")),
    rule("(@make|let|bring|start|have) it (to)? (start)? <weather>", _weather_verb),
    rule("(add|apply|give it|make|want|use)? (some|a|more|a bit of)? (shallow|shallower)? (bokeh|depth of field) (effect|blur)?", lambda c, k: background(c, "blurred")),
    rule("(put|bring|get|have|keep) <np:target> (in|into) focus", _in_focus),
    rule("(make|let|help) <snp:target> (to)? stand out (more|better)?", _in_focus),
    rule("(give|lend) <snp:target> ((a|an|some) <word>?)? <hue> (look/appearance/color/tint/shade/tone/finish)", coloured),
    rule("(make) <snp:target> (look)? (about)? (<count>|some|many|a few) years (younger|older)", lambda c, k: _appear("young" if "younger" in c.words else "old")(c, k)),
    rule("let there be <weather>", _weather_verb),
    rule("(turn/switch/put) (on (all)? (the)? (light/lights)|(all)? (the)? (light/lights) on)", lambda c, k: control(c, None, "brightness", 1, None)),
    rule("(turn/switch/put) ((off/out) (all)? (the)? (light/lights)|(all)? (the)? (light/lights) (off/out))", lambda c, k: steps(c, EditType.TONE_TRANSFER, None, value="dark")),
    rule("(let us)? have (a/an)? (nice/beautiful/lovely/gorgeous)? (<season>|<time>|<weather>)", _weather_verb),
    rule("(let/make/have) (the)? sun (to)? (shine|come out|be shining)", lambda c, k: _weather_verb(c, {"weather": "sunny"})),
    rule("(make|let) (all)? (the)? colors (pop|stand out|more intense|stronger|richer) (more)?", lambda c, k: control(c, None, "saturation", 1, None)),
)  # fmt: skip
