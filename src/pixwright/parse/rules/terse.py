"""Sentences without a verb: "my hair darker", "terracotta for the walls", "blue eyes for the cat", "a lamp on the table", "the pimple gone"."""

from __future__ import annotations

from pixwright.parse.complements import become, worn
from pixwright.parse.effects import is_place, is_whole, tonal
from pixwright.parse.grammar import Caught, Clause, Rule, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import is_background, resolve, steps, where
from pixwright.parse.nouns import DETERMINERS, POSSESSIVES, Noun
from pixwright.parse.order.seated import POSES
from pixwright.parse.places import Place
from pixwright.parse.rules.add import clothed, place_new
from pixwright.parse.rules.everyday import mood_words
from pixwright.parse.wholes.scenes import named_place
from pixwright.records.kind import Aspect, EditType
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.words import lexicon, owned, read
from pixwright.words.adjectives import POSTURES, STATES
from pixwright.words.colours import is_colour

_VERBS = frozenset("is are was were be been has have had do does did can could would should will looks look".split())
_SPEAKERS = frozenset("i we it he she they you there that this these those".split())


def _named(noun: Noun) -> bool:
    """Whether a noun that is known stands there, and nothing that could be a sentence's beginning."""
    one = noun.words[0] == "one" and lexicon().is_(noun.thing.head, "part", "wearable")  # "one eye blue"
    said = noun.pronoun or (noun.indefinite and not one) or noun.words[0] in _SPEAKERS or _commands(noun)
    said = said or not LEXICON.raw["graded"].keys().isdisjoint(noun.words)
    if len(noun.parts) > 1:
        return not said and all(map(_named, noun.parts))
    return not said and lexicon().look(noun.thing.head) is not None and lexicon().look(noun.core[-1].text) is not None


def _commands(noun: Noun) -> bool:
    """Whether its first word may rather be a verb: the "light" of "light candles"."""
    if len(noun.core) > 1 and lexicon().knows(" ".join(token.text for token in noun.core)):
        return False  # "nail polish"
    if noun.words[0] == "one" and len(noun.core) > 1:
        return False
    first = next((token.text for token in noun.core if token.text not in DETERMINERS), "")
    looks = is_colour(first) or bool(read(f"{first} object").sizes)
    return LEXICON.begins(first) and noun.words[0] not in DETERMINERS and not looks


def _verbless(clause: Clause) -> bool:
    return _VERBS.isdisjoint(clause.words) and _SPEAKERS.isdisjoint(clause.words[:1])


def _becomes(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "my hair darker", "the armchair in brown leather", "lips a bit redder": a thing and what it shall be; "the photo blurry" is a complaint."""
    target: Noun = caught["target"]
    if not _verbless(clause) or is_whole(clause, target) or not _named(target):
        return None
    said = clause.words[caught["rest"] :]
    if lexicon().knows(" ".join(clause.words)):
        return None  # "ice cream"
    found = become(clause, caught["rest"], target, "make")
    if not found or any(step.type.traits.brings for step in found):
        return None  # "book a table"
    if found[0].type is EditType.STYLE_CHANGE and not target.definite:
        return [found[0].model_copy(update={"target": None})]  # "western film poster"
    compared = any(
        word in ("more", "less") or (word.endswith("er") and word not in LEXICON.function_words) for word in said
    )
    said_so = (Aspect.COLOUR, Aspect.MATERIAL, Aspect.THING)
    if all(
        step.type.traits.changes in said_so or (compared and step.type is not EditType.ACTION_CHANGE) for step in found
    ):
        return found
    return None


def _part_of(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "blue eyes for the cat": a colour, and what of it shall have it."""
    part, who = caught["part"], resolve(clause, caught["who"])
    if who is None or not lexicon().is_(part.thing.head, "part", "wearable") or not _meant(caught["who"]):
        return None
    its = owned(who, part.text)
    return [Step(type=EditType.COLOR_ALTER, instruction=clause.sentence, target=its, value=caught["hue"])]


def _meant(who: Noun) -> bool:
    """Whether somebody or something of the picture is named: "the man", "her", "one of the men"."""
    return who.definite or who.pronoun is not None or who.words[:2] == ("one", "of")


def _worn_by(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "A suit for the man on the right", "sunglasses for the dog": what is worn, and who shall wear it."""
    new: Noun = caught["new"]
    put_on = all(lexicon().is_(part.thing.head, "wearable", "cosmetic") for part in new.parts or (new,))
    if not _verbless(clause) or not put_on or new.definite or not _meant(caught["who"]):
        return None
    return worn(clause, caught["who"], new)


def _more_of(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "A few more sheep", "less people": things that can be counted, more or fewer of them by as many as the word says."""
    target: Noun = caught["target"]
    name = target.thing.head
    several = target.thing.plural or lexicon().plural(name) == name
    if not several or target.definite or tonal(target) or lexicon().is_(name, "sky", "heaven", "material"):
        return None
    words = clause.words[: len(clause) - len(target.tokens)]
    many = max((_MANY[word] for word in words if word in _MANY), default=1)
    return steps(
        clause, EditType.COUNTING, target, amount=Amount(value=-many if "less" in words else many, unit=Unit.ITEMS)
    )


_MANY = {"some": 2, "few": 3, "several": 3, "lots": 4, "lot": 4, "loads": 4, "many": 4}
"""Word -> how many more it asks for."""


def _figures(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "66 to 996", "the 3 should be an 8": one number that is written in the picture as another."""
    return [
        Step(type=EditType.TEXTUAL_CHANGE, instruction=clause.sentence, value=caught["new"], old_text=caught["old"])
    ]


def _for(kind: EditType, name: str) -> object:
    """ "terracotta for the walls", "frosted glass for the window", "stripes on the sofa"."""

    def build(clause: Clause, caught: Caught) -> list[Step] | None:
        target: Noun = caught["target"]
        if any(part.indefinite for part in target.parts):
            return None  # "leaves on the ground and a soft light"
        if not (target.definite or target.thing.every) or is_whole(clause, target) or is_background(target):
            return None
        value = caught[name][0] if name == "stuff" else caught[name]
        return steps(clause, kind, target, value=value)

    return build


_SHORT = 2
"""Words of a thing that stands alone, before its place: "tennis ball in front of the dog"."""


def _described(new: Noun) -> bool:
    """Whether adjectives stand before a known noun: "white angel wings", "big stadium full of people"."""
    said = read(f"{new.words[0]} object")
    looks = new.words[0] in LEXICON.adjectives or bool(said.sizes or said.colours or said.states)
    return len(new.core) <= _LONG and looks and lexicon().look(new.thing.head) is not None


def _wide(new: Noun) -> bool:
    return not lexicon().is_(new.thing.head, "heaven") and (is_place(new) or named_place(new.words).known)


_LONG = 4
"""Words of the same with adjectives."""


def _there(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "light freckles on my nose", "some birds in the sky", "a bit of blush": something new, and where; a thing alone says nothing yet."""
    new: Noun = caught["new"]
    place: Place | None = caught.get("place")
    if new.indefinite and len(new.tokens) > 1 and new.words[-1] in POSES:
        new = Noun(new.tokens[:-1])  # "a yellow moon rising behind the house"
    bare = new.words[0] not in DETERMINERS and all(t.kind == "word" for t in new.tokens)
    bare = bare and (len(new.core) <= _SHORT or _described(new))
    fresh = new.indefinite or ((new.thing.plural or bare) and not new.definite)
    if bare and (new.words[-1] in STATES | POSTURES or new.words[-1].endswith(("ed", "ing"))):
        return None  # "parked by the gate"
    if not _verbless(clause) or not fresh or new.pronoun or _commands(new):
        return None
    if new.words[0] == "no" or mood_words(new.words, ("weather", "time", "season")):
        return None
    if place is not None and place.anchor is not None and place.anchor.words[0] in ("its", "their"):
        return None
    if lexicon().is_(new.thing.head, "sky", "heaven") and new.words[0] not in ("a", "an"):
        return None  # "stars in the sky", "storm clouds": an hour, a weather
    if place is not None and place.anchor is None and new.words[0] in ("a", "an"):
        return place_new(clause, new, place)  # "a goalkeeper on the right"
    if place is None or place.anchor is None or not (place.anchor.definite or place.anchor.words[0] in POSSESSIVES):
        return None
    if lexicon().look(new.thing.head) is None and (
        len(new.core) > _SHORT or not lexicon().is_(place.anchor.thing.head, "part")
    ):
        return None  # whatever it is, something may be on a shoulder
    if lexicon().is_(new.thing.head, "part") and not lexicon().is_(place.anchor.thing.head, "part", "person", "animal"):
        return None
    if lexicon().is_(new.thing.head, "person") and not new.indefinite:
        return None
    if place.relation is Relation.BEHIND and _wide(new) and (new.indefinite or _described(new)):
        return [Step(type=EditType.BACKGROUND_CHANGE, instruction=clause.sentence, value=new.bare)]
    return place_new(clause, new, place)


def _shifted(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Boat further left", "the logo more to the right"."""
    target: Noun = caught["target"]
    doing = target.words[-1].endswith("ing")  # "the tower leaning more to the left"
    if doing or not _verbless(clause) or not _named(target) or is_whole(clause, target) or len(target.parts) > 1:
        return None
    return steps(clause, EditType.MOVEMENT, target, where=where(clause, caught["place"]))


_VERB = "(change/replace/correct/turn/update/make/switch/swap)"
_NUMBER = "(number/date/year/price/score)"
_BARE = 2
"""Two numbers alone say nothing of each other."""
RULES: tuple[Rule, ...] = (
    rule(f"{_VERB}? (the)? {_NUMBER}? <digits:old> (to|with|into|by|for|as)? (a|an|the)? {_NUMBER}? <digits:new>", lambda c, k: _figures(c, k) if len(c) > _BARE else None),
    rule(f"(the)? {_NUMBER}? <digits:old> (should|must|has to|needs to) (be|become|read|say) (a|an|the)? {_NUMBER}? <digits:new>", _figures),
    rule("(a few|some|several|lots|lots of|a lot|a lot of|loads of|many)? (more|less) <noun:target>", _more_of),
    rule("<hue> <noun:part> for <one:who>", _part_of),
    rule("<hue> (for|on) (<snp:target> 's (hue|color)|<np:target>)", _for(EditType.COLOR_ALTER, "hue")),  # type: ignore[arg-type]
    rule("<stuff> (for|on) <np:target>", _for(EditType.MATERIAL_CHANGE, "stuff")),  # type: ignore[arg-type]
    rule("<things:new> for <one:who>", _worn_by),
    rule("<snp:who> in <np:new>", lambda c, k: clothed(c, k) if _verbless(c) else None),
    rule("<snp:target> <rest>", _becomes),
    rule("<snp:target> (further|more|a bit more|a little more|a bit further) (to the)? <way:place>", _shifted),
    rule("<things:new> <place>", _there),
)  # fmt: skip
