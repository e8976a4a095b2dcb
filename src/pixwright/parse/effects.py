"""The steps that several rules end in: a resize, a photographic control, a background, a text, a new place, a replacement."""

from __future__ import annotations

from pixwright.errors import UnclearInstruction
from pixwright.parse import amounts
from pixwright.parse.grammar import Clause
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import BACKGROUND, is_background, means_whole, parts, resolve, steps, where
from pixwright.parse.nouns import Noun
from pixwright.parse.places import Place, place_and_time
from pixwright.records.kind import EditType
from pixwright.records.plan import Amount, Relation, Step, Unit
from pixwright.records.thing import Thing
from pixwright.records.vocabulary import material_in
from pixwright.words import lexicon, read
from pixwright.words.adjectives import PREPOSITIONS
from pixwright.words.colours import canonical, colour_at, is_colour, rgb

MOST_TIMES = 16
"""Factor by which the sides of a picture can be asked to grow."""


def is_whole(clause: Clause, target: Noun | None) -> bool:
    """Whether the target is the whole picture or its light, weather or mood."""
    return target is None or means_whole(clause, target)


def tonal(noun: Noun) -> bool:
    """Whether it names a look, a mood or a control and no thing: the "drama" of "more drama in the sky"."""
    said = tuple(token.text for token in noun.core if token.text not in ("more", "some", "a", "the"))
    return len(said) in (
        end for name in ("look", "mood", "control") for end, _ in LEXICON.values[name].matches(said, 0)
    )


def all_but(target: Noun | None) -> Thing | None:
    """The rose of "everything except the rose"."""
    thing = None if target is None else target.thing
    return read(thing.all_but.text.removeprefix("the ")) if thing and thing.all_but and not thing.head else None


_TONE_TARGETS = frozenset(
    "weather season time mood atmosphere lighting light scene picture photo image sky landscape tone colors color view day setting look feel vibe place it world everything environment illumination temperature hour room street".split()
)


def atmospheric(clause: Clause, target: Noun | None) -> bool:
    """Whether a tone may be said of the target; "it" may always mean the weather or the time."""
    if target is None or is_whole(clause, target) or target.words[0] in ("it", "this", "that") or all_but(target):
        return True
    return len(target.tokens) <= 3 and target.head in _TONE_TARGETS and target.pronoun is None


def size_change(clause: Clause, target: Noun | None, amount: Amount) -> list[Step] | None:
    """A resize; percentages become factors. The whole picture gets more or fewer pixels, or is zoomed where that is the word."""
    if amount.unit is Unit.PERCENT:
        amount = Amount(value=round(max(0.01, 1 + amount.value / 100), 4), unit=Unit.FACTOR)
    grows = amount.value > (1 if amount.unit is Unit.FACTOR else 0)
    if target is not None and target.head in ("number", "amount", "count", "width", "height"):
        return None
    if (is_whole(clause, target) or (target and target.head == "resolution")) and not {"zoom", "closer"} & set(
        clause.words
    ):
        return resampled(clause, amount)
    if is_whole(clause, target):
        return [
            Step(
                type=EditType.RESIZE,
                instruction=clause.sentence,
                value="zoom in" if grows else "zoom out",
                amount=amount,
            )
        ]
    return steps(clause, EditType.RESIZE, target, amount=amount)


LIGHTS = ("light", "lighting", "sun", "sunlight", "shadows")


def control(clause: Clause, target: Noun | None, name: str, sign: int, amount: Amount | None) -> list[Step]:
    """A photographic control: its name as the value, the direction as the amount's sign."""
    if amount is not None and amount.unit is Unit.FACTOR:
        amount = Amount(value=abs(amount.value - 1) * 100, unit=Unit.PERCENT)
    range_ = LEXICON.values["control"].whole(tuple(target.bare.split())) if target is not None else None
    if range_ in ("shadows", "highlights") and name in ("brightness", "exposure"):
        name, target = range_, None  # "the dark parts" are no thing
    if (
        target is not None
        and target.head in ("light", "lighting", "sun", "sunlight")
        and name == "sharpness"
        and sign < 0
    ):
        name, target = "contrast", None
    named = clause.memory.targets[-1].head if target is not None and target.pronoun and clause.memory.targets else ""
    if (named or (target.head if target else "")) in LIGHTS and name == "sharpness" and sign < 0:
        name, target = "contrast", None  # soft light has soft shadows
    behind = target is not None and target.bare in ("back", "rear")
    if (is_background(target) or behind or named == "background") and (
        name == "blur" or (name == "sharpness" and sign < 0)
    ):
        return [Step(type=EditType.BACKGROUND_CHANGE, instruction=clause.sentence, value=BLURRED)]
    return steps(clause, EditType.TONE_TRANSFER, target, value=name, amount=amounts.signed(amount, sign))


def resampled(clause: Clause, amount: Amount) -> list[Step]:
    """The whole picture with more or fewer pixels. Raises UnclearInstruction where that would be absurdly many."""
    if amount.unit is Unit.FACTOR and not 1 / MOST_TIMES <= amount.value <= MOST_TIMES:
        raise UnclearInstruction(
            f"a picture cannot be made {amount.value:g} times as large: allowed is a factor from 1/{MOST_TIMES} to {MOST_TIMES}"
        )
    return [Step(type=EditType.RESIZE, instruction=clause.sentence, amount=amount)]


BLURRED = "blurred"
"""The background that is the picture's own, out of focus."""


def background(clause: Clause, value: str) -> list[Step]:
    """A change of background to `value`: "snowy forest" is a forest, and its conditions are snow; "blurry forest" is one that is then blurred."""
    return [
        Step(type=EditType.BACKGROUND_CHANGE, instruction=clause.sentence, value=place, conditions=conditions)
        for place, conditions in map(place_and_time, _unfocused(value))
    ]


def put_before(clause: Clause, who: Noun, value: str) -> list[Step]:
    """A background before which a thing that is named is put: it is what stays."""
    named = None if who.pronoun or who.whole or len(who.parts) > 1 else resolve(clause, who)
    return [step.model_copy(update={"target": named}) for step in background(clause, value)]


def _unfocused(value: str) -> tuple[str, ...]:
    """What a background shows, and "blurred" behind it where the words say that as well; of "blurry" alone, the words as they are."""
    words = tuple(value.split())
    for cut in range(1, len(words)):
        for said, rest in ((words[:cut], words[cut:]), (words[-cut:], words[:-cut])):
            if LEXICON.values["background"].whole(said) == BLURRED and rest[-1:] != ("background",):
                return " ".join(rest), BLURRED
    return (value,)


def retext(clause: Clause, target: Noun | None, new: str) -> list[Step] | None:
    """A change of text, to nothing if `new` is empty: the target may be the text itself ('the word "SALE"'), or what carries it ("the text on the shirt")."""
    old = next((t.text for t in target.tokens if t.kind == "quote"), None) if target else None
    carrier = None
    if target is not None and old is None:
        tokens = target.tokens
        nouns = [
            i
            for i, t in enumerate(tokens)
            if t.text in LEXICON.classes["text_noun"].by_first
            and t.text not in ("sign", "banner", "label")
            and not (t.text == "number" and tokens[i + 1 : i + 2] and tokens[i + 1].text == "plate")
        ]
        cut = nouns[-1] + 1 if nouns else 0
        while (
            cut
            and cut < len(tokens)
            and tokens[cut].text in ("on", "of", "in", "at", "over", "from", "written", "printed", "that", "is")
        ):
            cut += 1
        rest = tokens[cut:] if nouns else tokens
        carrier = resolve(clause, Noun(rest)) if rest else None
        if nouns and not rest and len(tokens) > 2 and tokens[-2].text == "'s":
            carrier = resolve(clause, Noun(tokens[:-2]))
    if not new and not old:
        return None
    return [
        Step(type=EditType.TEXTUAL_CHANGE, instruction=clause.sentence, target=carrier, old_text=old, value=new or None)
    ]


def _scenery(anchor: Noun, at_place: bool) -> str | None:
    """ "on a beach", "in space": a place that is not there yet is a background."""
    if anchor.definite and not at_place:
        return None
    return backdrop(anchor) or (anchor.bare if is_place(anchor) and (at_place or anchor.indefinite) else None)


def backdrop(noun: Noun) -> str | None:
    """The background that has this name, if one can be painted."""
    words = tuple(w for w in noun.words if w not in ("a", "an", "some", "the"))
    found = (value for end, value in LEXICON.values["background"].matches(words, 0) if end == len(words))
    return next(found, None)


def is_place(noun: Noun) -> bool:
    """Whether it is somewhere that one can be: a landscape, water, a room or a building's inside, the moon; a ground to stand on; a table of some material."""
    kinds = ("place", "landscape", "heaven", "ground", *(("surface",) if material_in(noun.bare) else ()))
    return lexicon().is_(noun.thing.head, *kinds)


_NOWHERE = frozenset(
    "wild open color colors shade tone love way eyes holiday trouble hurry danger charge pain shock mood time duty fire strike vacation bedtime night noon dinner breakfast lunch work school home dawn dusk".split()
)


def _before_background(anchor: Noun) -> str:
    """What is said of a background before that word: "plain white" of "a plain white background for my shop". Empty where it is not one."""
    said = anchor.bare.split()
    at = next((i for i, word in enumerate(said) if word in BACKGROUND), 0)
    ends = at == len(said) - 1 or said[at + 1] in PREPOSITIONS
    return " ".join(said[:at]) if at and ends else ""


def put(clause: Clause, target: Noun | None, place: Place) -> list[Step] | None:
    """What is there goes somewhere else: beside an anchor a relation, within the picture a movement."""
    if (
        target is not None
        and place.anchor is not None
        and place.relation in (Relation.ON, Relation.INSIDE, Relation.BESIDE, Relation.IN_FRONT)
        and (scenery := _scenery(place.anchor, bool(clause.wish) or "at" in clause.words))
    ):
        return put_before(clause, target, scenery)
    if (
        target is not None
        and target.pronoun in ("us", "me", "him", "her", "them")
        and place.relation is Relation.IN_FRONT
        and place.anchor is not None
        and lexicon().is_(place.anchor.thing.head, "place", "landscape", "building", "structure")
    ):
        return background(clause, place.anchor.bare)
    if place.anchor is not None and target is not None and place.relation is Relation.ON and rgb(place.anchor.bare):
        return background(clause, place.anchor.bare)
    if place.anchor is not None and (said := _before_background(place.anchor)):
        return background(clause, said)
    if target is None or is_whole(clause, target) or target.core[-1].text in _LOOKS:
        return None
    if place.anchor is not None and (place.anchor.head in _NOWHERE or _is_look(clause, place)):
        return None
    goes = where(clause, place)
    if goes is None:
        return None
    kind = EditType.RELATION_CHANGE if goes.anchor else EditType.MOVEMENT
    return steps(clause, kind, target, where=goes)


_LOOKS = frozenset("color colors material materials texture textures style brightness".split())
"""What a thing has and what goes nowhere."""


def _is_look(clause: Clause, place: Place) -> bool:
    """Whether the place is none: "red with black laces", "in dark granite", "in a white blouse"."""
    anchor = place.anchor
    if anchor is None or anchor.definite:
        return False
    coloured = is_colour(anchor.words[-1]) or bool(LEXICON.values["material"].matches(anchor.words[-1:], 0))
    if place.relation is Relation.INSIDE and lexicon().is_(anchor.thing.head, "wearable"):
        return True
    beside = place.relation is Relation.BESIDE and "with" in clause.words and not anchor.indefinite
    return beside or (place.relation is Relation.INSIDE and coloured)


def figure(clause: Clause, target: Noun | None, new: Noun) -> list[Step] | None:
    """ "(turn the owl into) a porcelain figure": it keeps its form and gets the material. None where `new` has a form of its own, as "a bronze bell" has."""
    stuffs = [stuff for word in new.words[:-1] for _, stuff in LEXICON.values["material"].matches((word,), 0)]
    if not stuffs or target is None or is_whole(clause, target) or is_background(target) or new.definite:
        return None
    image = lexicon().is_(new.thing.head, "statue", "toy", "person") or not lexicon().knows(new.thing.head)
    return steps(clause, EditType.MATERIAL_CHANGE, target, value=stuffs[0]) if image else None


def replaced(clause: Clause, target: Noun | None, new: Noun) -> list[Step] | None:
    """Replacement of each conjunct of `target` by `new`."""
    if len(new.parts or (new,)) > 1 and new.parts[1].definite and not new.parts[0].definite:
        return None
    new = _unplaced(new)
    value = new.bare
    if target is not None and target.thing.count is not None and (many := LEXICON.number(value)) is not None:
        counted = target.tokens[2 if target.definite else 1 :]
        return steps(clause, EditType.COUNTING, Noun(counted), count=int(many)) if counted else None
    if new.words[0] in ("one", "a", "an") and new.words[-1] == "one":
        return None
    same = target is not None and (new.words[-1] == "ones" or new.thing.head == target.thing.head)
    if target is not None and same and (look := _look_of(new.words[int(new.indefinite) : -1])):
        return [step for part in parts(target) for step in steps(clause, look[0], part, value=look[1])]
    if target is not None and new.count is not None and new.thing.head == target.thing.head:
        return steps(clause, EditType.COUNTING, target, count=new.count)
    if target is not None and (snowed := _snowed(clause, target, new)):
        return snowed
    kind = EditType.REPLACE
    if target is not None and len(new.words) > 1:
        if (stuff := _as_material(new)) and not is_background(target):
            kind, value = EditType.MATERIAL_CHANGE, stuff
        elif colour := _as_colour(new.words):
            if is_background(target):
                return background(clause, colour)
            kind, value = EditType.COLOR_ALTER, colour
    return [step for part in parts(target) for step in steps(clause, kind, part, value=value)]


def _look_of(words: tuple[str, ...]) -> tuple[EditType, str] | None:
    """ "(Turn the mugs into) glass ones", "(the ginger cat into a) blue cat": the things stay, and get that material or colour."""
    if stuff := LEXICON.values["material"].whole(words[-1:]):
        return EditType.MATERIAL_CHANGE, stuff
    colour = _as_colour(words) if words else ""
    return (EditType.COLOR_ALTER, canonical(colour)) if colour else None


def _does(part: Noun) -> bool:
    word = part.words[-1]
    return len(part.core) <= 2 and word.endswith("ing") and not lexicon().knows(word)


def _unplaced(new: Noun) -> Noun:
    """ "Grass under the kitten (instead of the carpet)": where it is, the old thing says."""
    if len(new.parts) == 2 and _does(new.parts[1]):
        first, doing = new.parts[0].tokens, new.parts[1].tokens[-1]
        lead = int(new.parts[0].indefinite)
        return Noun((*first[:lead], doing, *first[lead:]))  # "a lion, roaring"
    at = next((i for i in range(1, len(new.tokens) - 1) if new.words[i] in ("under", "below", "behind", "beneath")), 0)
    placed = at and len(new.parts) < 2 and new.words[at + 1] in ("the", "his", "her", "him", "it")
    return Noun(new.tokens[:at]) if placed else new


def _as_material(new: Noun) -> str:
    """ "(The pot ->) shiny copper", "plain brick": what it is made of, where no article makes a thing of it. Empty for another noun."""
    stuff = LEXICON.values["material"].whole(new.words[-1:])
    return stuff or "" if not (new.definite or new.indefinite or new.count or new.thing.plural) else ""


def _as_colour(words: tuple[str, ...]) -> str:
    """ "(Make the sofa a) lovely teal": the colour at the end, with its shade; what else is said of it is praise. Empty where the end is no colour, or a fruit."""
    if lexicon().is_(words[-1], "food", "plant"):
        return ""
    ends = (n for n in (2, 1) if colour_at(list(words), len(words) - n) == n)
    return " ".join(words[-next(ends, 0) or len(words) :])


def _snowed(clause: Clause, target: Noun, new: Noun) -> list[Step] | None:
    """ "Change the grass to snow": a surface that is covered is not taken out."""
    lies = new.thing.head == "snow" and lexicon().is_(target.thing.head, "surface", "wall")
    return steps(clause, EditType.APPEARANCE_ALTER, target, value="snow covered") if lies else None
