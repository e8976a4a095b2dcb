"""Verbs of a written register: "grace the lawn with two cows", "rid the yard of weeds", "the car should take on a brown hue", "white shall adorn the door"."""

from __future__ import annotations

from pixwright.parse.complements import become, worn
from pixwright.parse.grammar import Caught, Clause, Rule, rule
from pixwright.parse.making import is_background, resolve, steps
from pixwright.parse.nouns import Noun
from pixwright.parse.places import Place
from pixwright.parse.rules import add, look, remove
from pixwright.records.kind import EditType
from pixwright.records.plan import Relation, Step
from pixwright.words import lexicon, owned
from pixwright.words.colours import colour_at

_SHADES = frozenset("hue tint shade color tone pigment paint dye".split())
_DEPTHS = frozenset("dark deep light pale bright vivid".split())


def _graced(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Adorn the lawn with two cows", "the hat with a bright yellow hue"."""
    who, new = caught["who"], caught["new"]
    if new.words[-1] in _SHADES:
        return _tinted(clause, caught)
    if new.definite or new.pronoun or is_background(who):
        return None
    if who.whole:
        return add.place_new(clause, new, None)
    if lexicon().is_(who.thing.head, "person", "animal"):
        wears = lexicon().is_(new.thing.head, "wearable", "held")
        return worn(clause, who, new) if wears else add.place_new(clause, new, Place(Relation.BESIDE, who))
    roomy = lexicon().is_(who.thing.head, "place", "sky", "water", "landscape")
    return add.place_new(clause, new, Place(Relation.INSIDE if roomy else Relation.ON, who))


def _tinted(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "A cheerful yellow hue", "with a snowy white color": the colour, and its depth; what else is said of it is praise."""
    words = [word for word in caught["new"].words if word not in _SHADES]
    at = next(
        (len(words) - size for size in (2, 1) if size <= len(words) and colour_at(words, len(words) - size) == size),
        None,
    )
    if at is None or is_background(caught["who"]) or resolve(clause, caught["who"]) is None:
        return None
    depth = [words[at - 1]] if at and words[at - 1] in _DEPTHS else []
    return steps(clause, EditType.COLOR_ALTER, caught["who"], value=" ".join([*depth, *words[at:]]))


def _hue(clause: Clause, caught: Caught) -> list[Step] | None:
    target: Noun = caught["target"]
    if resolve(clause, target) is None or (lexicon().is_(target.thing.head, "person") and "in" in clause.words):
        return None  # somebody "clad in white" wears it
    return look.coloured(clause, caught)


def _clothed(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Clothe the man in red attire": his clothes, and not he."""
    who = resolve(clause, caught["target"])
    if who is None:
        return None
    clothes = owned(who, "clothes")
    return [Step(type=EditType.COLOR_ALTER, instruction=clause.sentence, target=clothes, value=caught["hue"])]


def _taken_on(clause: Clause, caught: Caught) -> list[Step] | None:
    return look.coloured(clause, caught) if _SHADES & set(clause.words[-2:]) else None


def _rid(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Rid the picture of the cat", "rid the yard of weeds"."""
    if caught["whole"].whole:
        return remove.removed(clause, caught)
    return remove.removed_from(clause, {"target": caught["target"], "owner": caught["whole"]})


def _lacking(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(Ensure that) the picture does not show any wires"."""
    whole: Noun | None = caught.get("whole")
    asked = clause.wish or {"should", "must", "shall"} & set(clause.words)
    return remove.removed(clause, caught) if asked and (whole is None or whole.whole) else None


def _arranged(clause: Clause, caught: Caught) -> list[Step] | None:
    new: Noun = caught["new"]
    named = lexicon().look(new.thing.head) is not None
    return add.place_new(clause, new, None) if new.indefinite and named and new.words[-1] != "up" else None


def _had(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(What if) the roof had red clay tiles instead of straw": what it is made of."""
    if not clause.wish and _ASKED.isdisjoint(clause.words):
        return None
    found = become(clause, caught["rest"], caught["target"], "make")
    return found if found and found[0].type is EditType.MATERIAL_CHANGE else None


def _ordered(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "(We are thinking of) buying this one in white": how it would look."""
    target: Noun | None = caught.get("target")
    last = clause.memory.targets[-1] if clause.memory.targets else None
    meant = last if target is None or target.words in _THIS else resolve(clause, target)
    kind, value = (
        (EditType.COLOR_ALTER, caught["hue"]) if "hue" in caught else (EditType.MATERIAL_CHANGE, caught["stuff"][0])
    )
    return [Step(type=kind, instruction=clause.sentence, target=meant, value=value)]


_ASKED = frozenset("instead rather should could would might".split())
_THIS = (("this", "one"), ("that", "one"), ("this",), ("that",), ("it",), ("one",), ("these",), ("the", "same", "one"))
_GETS = "(buy|buying|get|getting|order|ordering|have|having|take|taking|choose|choosing|pick|picking|go for|going for)"
_MODAL = "(should|must|shall|will|ought to|needs to|has to)"
_ADORNS = "(grace|adorn|decorate|populate|enrich|infuse|embellish|enliven|beautify|furnish|garnish|dot|bless|fill out)"
_NEGATED = "(does|do|should|must|shall) not (feature|show|contain|include|have|depict|display|hold)"

RULES: tuple[Rule, ...] = (
    rule("<snp:target> (had|has|have|having|should have|could have|would have|might have) <rest>", _had),
    rule(f"{_GETS} (<snp:target>|(this|that) one) in <hue>", _ordered),
    rule(f"{_GETS} (<snp:target>|(this|that) one) in <stuff>", _ordered),
    rule("(make|paint|have|want|see)? (this|that) one (in)? <hue>", _ordered),
    rule("(this|that|it|these) in <hue>", _ordered),
    rule("(make|have|want|see)? (this|that|it|these) (one)? (in|out of|of) <stuff>", _ordered),
    rule(f"{_ADORNS} <snp:who> with <things:new>", _graced),
    rule("(arrange|nestle|settle|situate|scatter|stand|lay|seat|perch) <things:new>", _arranged),
    rule("(align/line/stand) (up)? <things:new> <place>", lambda c, k: add.place_new(c, k["new"], k["place"]) if k["new"].indefinite else None),
    rule("<snp:who> (should|must|shall|will|could|can|ought to|needs to|has to) be (graced|adorned|decorated|embellished|enriched|topped|crowned) (by|with) <things:new>", _graced),
    rule("no (trace|sign|part) of <np:target> (should|must|may|shall|is to) (remain|be left|be seen|stay|be visible)", remove.removed),
    rule("rid <snp:whole> of <np:target>", _rid),
    rule("(the)? (absence|lack) of <np:target>", _lacking),
    rule(f"<np:whole> {_NEGATED} (any)? <np:target>", _lacking),
    rule("<np:whole> (is|are|be|should be|must be|shall be|stays|remains) (completely|entirely)? (free of|devoid of|clear of|free from|without) (any)? <np:target>", _lacking),
    rule(f"<snp:target> {_MODAL}? (adopt|take on|assume|acquire|get|sport|display|bear|show) <hue>", _taken_on),
    rule(f"(let)? <snp:target> {_MODAL}? (be)? (adorned|coated|bathed|clad|decked) (in|with) <hue>", _hue),
    rule("(coat|cover|wash|paint|dip|drench|fill|drape|adorn|bathe) <snp:target> (in|with) <hue> (pigment|paint|dye|ink|lacquer|varnish)", _hue),
    rule(f"<hue> {_MODAL} (adorn|cover|coat|grace|color|tint|bathe|decorate|be applied to) <np:target>", _hue),
    rule("<hue> (is|be|should be|shall be|must be|will be) (the|a)? (color|hue|shade) (for|of) <np:target>", _hue),
    rule("(clothe|dress|put|outfit|garb) <snp:target> in <hue> (attire|clothes|clothing|garments|dress|outfit)", _clothed),
    rule("(let|make|have) <snp:who> (gleam|shine|glow|sparkle|appear) (in|with) <one:new>", _tinted),
    rule("(darken|lighten|brighten|fade|deepen) <snp:target> (to|into) <hue>", _hue),
)  # fmt: skip
