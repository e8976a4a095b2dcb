"""remove: "get rid of the cat", "there should be no cars", "the picture without the dog"."""

from __future__ import annotations

from pixwright.parse.effects import LIGHTS, background, control
from pixwright.parse.frames import COMMANDS
from pixwright.parse.grammar import Caught, Clause, Rule, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve, steps, where
from pixwright.parse.nouns import DETERMINERS, POSSESSIVES, Noun
from pixwright.parse.places import Place
from pixwright.parse.wholes.faults import fault_steps
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.words import lexicon, read
from pixwright.words.adjectives import PLACES

FAULTS = {
    "noise": ("denoise", 1),
    "grain": ("denoise", 1),
    "blur": ("sharpness", 1),
    "haze": ("haze", -1),
    "fog": ("haze", -1),
    "mist": ("haze", -1),
    "vignette": ("vignette", -1),
    "smog": ("haze", -1),
    "noisiness": ("denoise", 1),
    "blurriness": ("sharpness", 1),
}
"""What a photograph has less of, as a control and its direction."""
_COLOURS = (["color"], ["colors"], ["all", "color"], ["all", "colors"], ["saturation"])


def _fine(noun: Noun) -> bool:
    """Whether "clear" is said of it: "(clear) blue sky", "(clear) water"."""
    bare = noun.words[0] not in DETERMINERS and not noun.thing.plural
    return bare and lexicon().is_(noun.thing.head, "sky", "water", "weather")


def removed(clause: Clause, caught: Caught) -> list[Step] | None:
    """The steps that take away what was caught: a thing, what stands on a desk, a background, a fault of the photograph."""
    target: Noun = caught["target"]
    if len(target.tokens) > 1 and target.words[0] in ("him", "them", "me", "us", "it"):
        if target.words[1:] != ("all",) or not clause.memory.targets:
            return None  # "get him standing with his arms out"
        target = Noun(target.tokens[:1])
    named = [Noun(one.tokens[1:]) if one.words[0] == "no" and len(one.tokens) > 1 else one for one in target.parts]
    if named != list(target.parts):  # "no people, no cars"
        return [step for one in named for step in removed(clause, {"target": one}) or ()] or None
    if is_background(target) and "clean" in clause.words[:2]:
        return None  # "clean up the background": what is before it stays, and so does a background
    if is_background(target):
        return background(clause, "transparent")
    if clause.words[0] in ("crop", "cut", "trim", "clip") and target.head in (
        "half",
        "third",
        "quarter",
        "side",
        "edge",
        "part",
        "percent",
        *PLACES,
    ):
        return None
    if tidied := _tidied(clause, caught):
        return tidied
    if clause.words[0] == "clear" and (target.head == "sky" or _fine(target.parts[0])):
        return None  # of clouds: the sky stays; and "clear blue sky" commands nothing
    words = [w for w in target.words if w not in ("the", "all", "any", "this", "of")]
    if words in _COLOURS or words in (["color"], ["colors"]):
        return [Step(type=EditType.TONE_TRANSFER, instruction=clause.sentence, value="black and white")]
    if len(words) == 1 and words[0] in FAULTS:
        return control(clause, None, *FAULTS[words[0]], caught.get("amount"))
    if mended := fault_steps(clause, target.words):
        return mended
    if resolve(clause, target) is None:
        return None
    if rest := _all_but(target):
        return _alone(clause, {"target": rest})
    if fewer := _some_of(clause, target):
        return fewer
    return steps(clause, EditType.REMOVE, target)


_TIDIES = frozenset("clear clean tidy declutter empty".split())
_HOLDS = {
    "surface": "on",
    "ground": "on",
    "container": "in",
    "furniture": "on",
    "place": "in",
    "structure": "on",
    "building": "in",
}
"""What a kind of place is tidied of: what stands on it, or in it."""


def _tidied(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "clean up the desk", "declutter the shelf", "empty the basket": what stands there is meant, not the place."""
    place: Noun = caught["target"]
    if place.pronoun and clause.memory.targets and (stray := _stray(clause, place)):
        return stray
    head = place.thing.head
    joiner = next((word for kind, word in _HOLDS.items() if lexicon().is_(head, kind)), None)
    if clause.words[0] not in _TIDIES or not place.definite or is_background(place) or place.thing.places:
        return None
    if clause.words[0] == "clean" and lexicon().is_(head, "person", "animal", "part", "vehicle", "wearable"):
        return steps(clause, EditType.APPEARANCE_ALTER, place, value="clean")
    if joiner is None or (lexicon().is_(head, "stuff") and not lexicon().is_(head, "ground")):
        return None
    what = read(f"everything {joiner} the {place.thing.text.removeprefix('the ')}")
    return [Step(type=EditType.REMOVE, instruction=clause.sentence, target=what)]


def _stray(clause: Clause, it: Noun) -> list[Step] | None:
    """ "The leaves on the lawn, clean them up": what lies there goes; a desk is tidied, and a dog washed."""
    meant = resolve(clause, it)
    stays = (
        "person",
        "animal",
        "part",
        "vehicle",
        "wearable",
        "furniture",
        "building",
        "place",
        "structure",
        "container",
    )
    if (
        meant is None
        or (lexicon().look(meant.head) is None and not meant.plural)
        or lexicon().is_(meant.head, *stays)
        or lexicon().is_(meant.head, "surface", "ground")
    ):
        return None
    return steps(clause, EditType.REMOVE, it)


def _hidden(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "hide the face with a smiley": something is put over it, nothing is taken away."""
    new: Noun = caught["new"]
    if not new.indefinite or not caught["target"].definite:
        return None
    place = where(clause, Place(Relation.ON, caught["target"]))
    return [Step(type=EditType.ADD, instruction=clause.sentence, value=new.uncounted, where=place)]


def _some_of(clause: Clause, target: Noun) -> list[Step] | None:
    """ "two of the cups", "one cup": fewer, not none."""
    first = target.words[0]
    number = LEXICON.number(first)
    if number is None or len(target.parts or (target,)) > 1 or number != int(number) or not 0 < number <= 100:
        return None
    rest = target.tokens[1:]
    if len(rest) > 1 and rest[0].text == "of":
        rest = rest[1:]
    if not rest:
        return None
    amount = Amount(value=-number, unit=Unit.ITEMS)
    return [Step(type=EditType.COUNTING, instruction=clause.sentence, target=Noun(rest).thing, amount=amount)]


def removed_from(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "take the hat off the man": the hat of the man; "remove the cup from the table": the cup on the table."""
    target, owner = caught["target"], caught["owner"]
    if target.bare in ("everything", "anything", "all") and owner.definite and not is_background(owner):
        what = read(f"everything on the {owner.thing.text.removeprefix('the ')}")
        return [Step(type=EditType.REMOVE, instruction=clause.sentence, target=what)]
    if owner.words[-1] in ("way", "sight"):
        return removed(clause, {"target": target})
    if resolve(clause, target) is None or target.pronoun or target.count is not None or owner.words[-1] in PLACES:
        return None
    named = resolve(clause, owner)
    if named is None:
        return removed(clause, {"target": target})
    whose = str(named) if owner.words[0] in POSSESSIVES else f"the {named}"
    joiner = (
        "of"
        if owner.pronoun or lexicon().is_(owner.thing.head, "person", "animal")
        else "in"
        if is_background(owner) or owner.head == "sky" or lexicon().is_(owner.thing.head, "place")
        else "on"
    )
    return [
        step.model_copy(update={"target": read(f"{step.target} {joiner} {whose}")})
        for step in steps(clause, EditType.REMOVE, target)
    ]


def _without(clause: Clause, caught: Caught) -> list[Step] | None:
    if not caught["target"].definite and lexicon().look(caught["target"].thing.head) is None:
        return None  # "get rid of it"
    return removed(clause, caught) if resolve(clause, caught.get("whole")) is None else None


def _all_but(target: Noun) -> Noun | None:
    """The car of "everything except the car"."""
    if target.words[0] not in ("everything", "anything", "all") or target.core == target.tokens:
        return None
    at = len(target.core)
    if target.words[at] not in ("except", "but", "other", "apart", "besides"):
        return None
    at += 2 if target.words[at + 1] in ("for", "than", "from") else 1
    return Noun(target.tokens[at:])


def _off(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "braces off", "lens flare away": a thing, and that it is gone; lights go out instead."""
    things = [part.thing for part in caught["target"].parts or (caught["target"],)]
    if clause.words[0] in COMMANDS or any(one.head in LIGHTS for one in things):
        return None
    # An unknown last word may be a verb: "the dog ran off".
    alone = len([t for t in caught["target"].core if t.text not in DETERMINERS]) == 1
    if not alone and any(lexicon().look(one.head) is None for one in things):
        return None
    return removed(clause, caught)


def _known(target: Noun) -> bool:
    """Whether a thing that is known stands there, and no verb: "posters off the wall"."""
    several = len(target.tokens) == 1 and target.words[0].endswith("s") and not LEXICON.begins(target.words[0])
    named = lexicon().look(target.thing.head) is not None or several  # "flyers off the fence"
    return named and not target.indefinite and not target.pronoun and target.words[0] not in COMMANDS


def _extracted(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "extract the dog": cut out, on a transparent ground."""
    alone = _alone(clause, caught)
    return alone and [step.model_copy(update={"value": "transparent"}) for step in alone]


def _on_ground(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "white background for the product", "the mug on black", "transparent png of the mug"."""
    target: Noun = caught["target"]
    ground = "transparent" if "transparent" in clause.words else caught["ground"]
    alone = None if target.indefinite or target.thing.said else _alone(clause, caught)
    if alone and not target.definite and lexicon().look(target.thing.head) is None:
        alone = background(clause, ground)  # "for ebay"
    return alone and [step.model_copy(update={"value": ground}) for step in alone]


def _others(clause: Clause, kept: Noun) -> list[Step] | None:
    """ "Keep just the middle one": the others of what was named go."""
    if not clause.memory.targets or len(kept.tokens) < 3:
        return None
    several = lexicon().plural(clause.memory.targets[-1].head)
    which = " ".join((*kept.words[:-1], clause.memory.targets[-1].head))
    what = read(f"all {several} except {which}")
    return [Step(type=EditType.REMOVE, instruction=clause.sentence, target=what)]


def _alone(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "isolate the dog", "remove everything but the dog": cut out, on nothing."""
    named = resolve(clause, caught["target"])
    if caught["target"].head in ("one", "ones"):
        return _others(clause, caught["target"])
    part = caught["target"].head in (*PLACES, "half", "side", "part") and named is not None and named.head == "object"
    if named is None or is_background(caught["target"]) or part:
        return None
    return [step.model_copy(update={"target": named}) for step in background(clause, "white")]


RULES: tuple[Rule, ...] = (
    rule("(keep/leave/show) (only/just) <np:target>", lambda c, k: _alone(c, k) if k["target"].definite else None),
    rule("(keep/leave/show) nothing (but/except/besides) <np:target>", _alone),
    rule("(a|the)? transparent (background/backdrop) (for|behind|around) <np:target>", _on_ground),
    rule("(make|create|give me)? (a|the)? transparent (png/sticker/cutout/logo/version/image/picture) (of|from) <np:target>", _on_ground),
    rule("(make|create|give me)? (a|the)? (png/sticker/cutout/version/image/picture) of <snp:target> (with|on|against) (a)? transparent (background/backdrop)", _on_ground),
    rule("(plain|solid|pure)? <hue:ground> (background/backdrop) (for|behind|around) <np:target>", _on_ground),
    rule("(isolate|cut out|put|place|show)? <snp:target> (on|against) (a|an)? (plain|solid|pure)? <hue:ground> (background/backdrop)?", _on_ground),
    rule("(make|create|give me)? (a|the)? (product|studio|catalog|catalogue) (photo/shot/picture/image) of <np:target>", _alone),
    rule("(isolate) <np:target> (from (the)? (background/backdrop/rest/scene/surroundings))?", _alone),
    rule("(extract) <np:target> (from (the)? (background/backdrop/rest/scene/surroundings/picture/photo/image))?", _extracted),
    rule("@remove (the)? <amount>? (of)? <np:target>", lambda c, k: removed(c, k) if k["target"].head in FAULTS else None),
    rule("@remove <things:target> (from|off|off of) <one:owner>", removed_from),
    rule("(want|need|have|see|like) <things:target> (off|away from|off of|out of) <one:owner>", removed_from),
    rule("(take/pull/strip/wipe/get/clear/cut/clean/pluck) <things:target> (off|out of|away from|from|off of) <one:owner>", removed_from),
    rule("(tidy/declutter/clear/clean) (up/out/off) <np:target>", _tidied),
    rule("(tidy/declutter/clear/empty) <np:target> (up/out/off)?", _tidied),
    rule("clean <np:target> (up/out/off)", _tidied),
    rule("(hide|cover|block|mask) (up)? <snp:target> (with|by|behind|using) <one:new>", _hidden),
    rule("(clear/clean/cleanse/rid/strip/free/purge/purify/scrub/empty/wipe) (the/this/my)? @picture (of|from) <np:target>", removed),
    rule("@remove <np:target> (completely/entirely/fully/altogether)", removed),
    rule("@remove <np:target>", removed),
    rule("(cut/chop/saw/tear/knock/pull) down <np:target>", removed),
    rule("shave (off)? <np:target>", removed),
    rule("(take/cut/wipe/crop/edit/paint/clear/rub/throw/pull/strip/clean/kick/leave/clone/get) <np:target> (out/away/off)", removed),
    rule("(take/cut/wipe/crop/edit/paint/clear/rub/throw/pull/clone/leave/get) <np:target> (out/off/away)? (of/from/off) <np:whole>", _without),
    rule("<things:target> (off|out of|away from) <one:owner>", lambda c, k: removed_from(c, k) if _known(k["target"]) and k["owner"].definite and k["target"].thing.head not in LIGHTS else None),
    rule("<snp:target> (gone/away/off/out/begone/bye/goodbye)", _off),
    rule("(away/bye/goodbye/begone) (with|to)? <np:target>", lambda c, k: removed(c, k) if k["target"].definite or _known(k["target"]) else None),
    rule("(make/have/let/get/keep/leave/want) <np:whole> without <np:target>", _without),
    rule("<np:whole> (would|should|could|might|can)? (look|be)? (a lot|much)? (better|nicer|cleaner|good|great|best)? without <np:target>", _without),
    rule("(there)? (should/must/shall/can/could/would)? (be)? no (more/longer/any)? <np:target> (anymore/there/visible)?", removed),
    rule("(there are)? (too many|way too many) <np:target> (here|there|in it)?", lambda c, k: removed(c, k) if k["target"].thing.plural else None),
    rule("there (should/must/shall/can/could/would/were/was/is/are/to) (be)? (no/not) (more/longer/any/a)? <np:target> (anymore/visible)?", lambda c, k: removed(c, k) if c.wish or set(c.words[1:3]) & {"should", "must", "shall", "could"} else None),
    rule("<snp> (should/must/shall/may/can/need) not (to)? (be)? (wear/have/hold/carry/wearing/having/holding/carrying) <np:target>", removed),
    rule("<np:target> (should/must/shall/ought/may/can) not (to)? be (there/here/visible/seen/shown)?", removed),
    rule("(i)? (do/would/we)? not (want/need/like) (to)? (see/have)? (any/a)? <np:target> (anymore/here/there)?", removed),
)  # fmt: skip
