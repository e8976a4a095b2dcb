"""Neighbouring clauses that are one edit, or of which one only says the other again."""

from __future__ import annotations

import re

from pixwright.parse.clauses.asides import one_of, qualities
from pixwright.parse.effects import BLURRED
from pixwright.parse.grammar import NONTERMINALS, Clause, Understood
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.rules.everyday import mood_words
from pixwright.parse.rules.lettering import looks_said
from pixwright.parse.tokens import Token, as_written
from pixwright.records.kind import EditType
from pixwright.records.plan import Lettering, Relation, Step, Where
from pixwright.words import lexicon, read
from pixwright.words.adjectives import POSTURES, STATES

_CROP = "crop"
_CUT_OUT = ("cut", "clip", "extract", "take the", "take him", "take her", "take it")


def joined(parts: list[Understood]) -> list[Understood]:
    """Neighbouring clauses that are one edit: "take the cactus out and put a fern in its place", "cut him out and put him on a stage"."""
    out: list[Understood] = []
    for part in map(_one_crop, parts):
        last = out[-1].steps if out else None
        if last and (again := _as_one(out[-1], last, part)):
            out[-1] = again
            continue
        if last and part.steps and len(last) == len(part.steps) == 1 and last[0].type is EditType.REMOVE:
            step, words = part.steps[0], part.sentence.lower()
            if step.type is EditType.ADD and words.rstrip(" .!").endswith(
                ("in its place", "in their place", "in place of it", "there instead")
            ):
                new = step.model_copy(
                    update={"type": EditType.REPLACE, "target": last[0].target, "where": None, "count": None}
                )
                out[-1] = Understood(f"{out[-1].sentence} and {part.sentence}", (new,))
                continue
            if step.type is EditType.BACKGROUND_CHANGE and out[-1].sentence.lower().startswith(_CUT_OUT):
                out.pop()
        if (
            last
            and part.steps
            and last[-1].type is part.steps[0].type is EditType.TEXTUAL_CHANGE
            and last[-1].old_text
            and not last[-1].value
        ):
            new = part.steps[0].model_copy(update={"old_text": last[-1].old_text})
            out[-1] = Understood(out[-1].sentence, (*last[:-1], new, *part.steps[1:]))
            continue
        if last and part.steps and last[-1].type is EditType.BACKGROUND_CHANGE and _unfocused(part.sentence):
            soft = last[-1].model_copy(update={"value": BLURRED, "conditions": None, "instruction": part.sentence})
            out.append(Understood(part.sentence, (soft,)))
            continue
        if last and part.steps and (both := _cut_out(last[0], part.steps[0]) or _one_more(last[0], part.steps[0])):
            out[-1] = Understood(out[-1].sentence, (both,))
            continue
        if (
            last
            and part.steps
            and last[-1].type is EditType.ADD
            and part.steps[0].type is EditType.COUNTING
            and str(part.steps[0].target) in ("them", last[-1].value)
        ):
            counted = last[-1].model_copy(update={"count": part.steps[0].count})
            out[-1] = Understood(out[-1].sentence, (*last[:-1], counted))
            continue
        if last and part.steps and last[-1].value == part.steps[0].value == "trim" and last[-1].amount is None:
            out[-1] = Understood(out[-1].sentence, (*last[:-1], *part.steps))
            continue
        if (
            part.steps
            and out
            and out[-1].steps
            and all(any(_same(step, old) for old in out[-1].steps) for step in part.steps)
        ):
            continue
        out.append(part)
    return out


def _the_one(steps: tuple[Step, ...], sentence: str) -> tuple[Step, ...]:
    """The steps with what a sentence of its own says of their target: "The one under the lamp."; none where it says anything else."""
    words = re.findall(r"[a-z']+", sentence.lower())
    said = one_of(words) if words[:2] in (["the", "one"], ["the", "ones"]) else None
    if said is None or not said[1] or any(step.target is None or step.target.link for step in steps):
        return ()
    return tuple(step.model_copy(update={"target": read(f"{step.target} {' '.join(said[1])}")}) for step in steps)


def _as_one(before: Understood, steps: tuple[Step, ...], part: Understood) -> Understood | None:
    """Two neighbours as one, where the second says which thing is meant, or frames the crop of the first."""
    if which := _the_one(steps, part.sentence):
        return Understood(before.sentence, which)
    framed = _framed(steps[-1], part.steps[0]) if part.steps else None
    return Understood(before.sentence, (*steps[:-1], framed, *(part.steps or ())[1:])) if framed else None


def _one_crop(part: Understood) -> Understood:
    """ "Crop to her head and shoulders": one frame round both."""
    crops = [step for step in part.steps or () if step.value == _CROP and step.frame is None and step.where is None]
    if len(crops) < 2 or len(crops) != len(part.steps or ()) or any(step.target is None for step in crops):
        return part
    both = read(" and ".join(step.target.text for step in crops if step.target))
    return Understood(part.sentence, (crops[0].model_copy(update={"target": both}),))


def _framed(one: Step, other: Step) -> Step | None:
    """ "Crop to the face, square": one crop, round that thing and of that proportion."""
    if one.value != _CROP or other.value != _CROP:
        return None
    about, shape = (one, other) if one.target is not None else (other, one)
    if one.target and other.target and not (one.frame or other.frame or one.where or other.where):
        return one.model_copy(update={"target": read(f"{one.target.text} and {other.target.text}")})  # round both
    if about.target is None or about.frame is not None or shape.frame is None or shape.target is not None:
        return None
    return about.model_copy(update={"frame": shape.frame})


def taken_in(out: list[Understood], separator: list[Token], tokens: list[Token]) -> bool:
    """Whether a piece only says more of the clause before it; `out` then ends with that."""
    if not out:
        return False
    if again := described(out[-1], tokens, [t.text for t in separator]):
        out[-1:] = again
        return True
    return describes_style(out[-1], tokens) or likened(out[-1], tokens)


def _unfocused(sentence: str) -> bool:
    """Whether words behind a new background say only that it is out of focus: "(a green forest,) blurry"."""
    return LEXICON.values["background"].whole(tuple(re.findall(r"[a-z]+", sentence.lower()))) == BLURRED


def _one_more(one: Step, other: Step) -> Step | None:
    """ "There should be two books, put another one on the table": the second says how the first is done."""
    if one.type is not EditType.COUNTING or one.count is None or one.target is None:
        return None
    another = re.search(r"\b(another|one more)\b", other.instruction.lower()) is not None
    return other if another and (other.target or read(other.value or "it")).head == one.target.head else None


def _cut_out(one: Step, other: Step) -> Step | None:
    """ "Extract the scarf and black boots": one cut-out of both; "extract the mug and make the background blue": on blue."""
    if one.value != "transparent" or other.target is None:
        return None
    if other.target.head == "background":
        return one.model_copy(update={"value": other.value})
    if other.type is not one.type or other.value != one.value or one.target is None:
        return None
    return one.model_copy(update={"target": read(f"the {one.target.text} and the {other.target.text}")})


def described(before: Understood, tokens: list[Token], joint: list[str]) -> list[Understood]:
    """ "Add a kite, a colorful one", "..., top left", "write HELLO on the wall, handwritten": what is new, described once more; empty where it is anything else."""
    if "and" in joint and tokens[0].text == "the" and one_of([t.text for t in tokens]):
        return [another] if (another := _another(before, tokens)) else []
    again = _said_again(before, tokens)
    return [again] if again else _elsewhere_too(before, tokens)


def _another(before: Understood, tokens: list[Token]) -> Understood | None:
    """ "(Remove the tree on the left and) the one on the right": one more of that kind."""
    last = before.steps[-1] if before.steps else None
    said = one_of([t.text for t in tokens])
    if (
        last is None
        or last.target is None
        or said is None
        or not (last.type.traits.surface or last.type is EditType.REMOVE)
    ):
        return None
    named = read(" ".join([*said[0], last.target.head, *said[1]]))
    return Understood(before.sentence, (*(before.steps or ()), last.model_copy(update={"target": named})))


def _said_again(before: Understood, tokens: list[Token]) -> Understood | None:
    words = [t.text for t in tokens]
    if not before.steps:
        return None
    if placed := _placed(before.steps[-1], tokens) or _lettered(before.steps[-1], tokens):
        return Understood(before.sentence, (*before.steps[:-1], placed))
    last = before.steps[-1]
    doing = words[int(words[0].endswith("ly") or words[:2] == ["positioned", "facing"]) :]
    states = doing[0] in STATES and doing[1:2] and doing[1] in ("for", "with", "of", "from") if doing else False
    if (
        last.type.traits.brings
        and last.value
        and doing[1:]
        and (states or doing[0] in _DOING)
        and doing[1] not in ("it", "them")
    ):
        said = last.model_copy(update={"value": f"{last.value} {' '.join(doing)}"})
        return Understood(before.sentence, (*before.steps[:-1], said))
    if last.type.traits.brings and last.value and (named := _exampled(last.value, words)):
        return Understood(before.sentence, (*before.steps[:-1], last.model_copy(update={"value": named})))
    if last.type is EditType.BACKGROUND_CHANGE and last.value and _scenic(words):
        seen = last.model_copy(update={"value": f"{last.value} with {' '.join(words)}"})
        return Understood(before.sentence, (*before.steps[:-1], seen))
    if more := _more_of(last, words):
        return Understood(before.sentence, (*before.steps[:-1], more))
    if " ".join(words) == last.value:
        return before
    if words[0] in ("only", "just") and last.target and read(" ".join(words[1:])).head == last.target.head:
        return before  # "change my hair to brown, only the hair"
    return _also(before, tokens)


def _scenic(words: list[str]) -> bool:
    """Whether the words name what else is there, behind a new background: "(alps behind her,) snowy tops"."""
    bare = len(words) in (2, 3) and words[0] in LEXICON.adjectives | STATES and LEXICON.function_words.isdisjoint(words)
    return bare and lexicon().singular(words[-1])[1] and mood_words((words[-1],)) is None


def _exampled(value: str, words: list[str]) -> str | None:
    """What is new, said closer: "(flowers,) like daisies" are daisies, "(a lion,) roaring" is a roaring lion."""
    if len(words) == 1 and words[0].endswith("ing") and not lexicon().knows(words[0]) and not LEXICON.begins(words[0]):
        return f"{words[0]} {value}"
    if len(words) == 2 and words[0] == "like" and (kind := lexicon().singular(value)[0]):
        return words[1] if lexicon().is_(words[1], kind) else None
    return None


_DOING = POSTURES | frozenset(
    "wearing holding carrying dressed positioned towering overlooking surrounded pointing".split()
)
"""What is new does so: "a woman on the bench, holding a book"."""


def _more_of(step: Step, words: list[str]) -> Step | None:
    """The step with what "yellow ones", "the ones in front" or "short and neat" says of what it brings, or else of its target."""
    said = one_of(words)
    if said is None and not (qualities(words) and step.type is EditType.ADD):
        return None
    lead, rest = said or ([word for word in words if word not in _JOINTS], [])
    if step.type.traits.brings and step.value is not None:
        return step.model_copy(update={"value": " ".join([*lead, step.value, *rest])}) if lead or rest else None
    if step.target is None or step.count is not None:
        return None
    plain = step.target.text.removeprefix("the ").removeprefix("of those ").removeprefix("of these ")
    return step.model_copy(update={"target": read(" ".join([*lead, plain, *rest]))})


_JOINTS = frozenset(("and", "but", "very", "quite", "really", ","))


def _also(before: Understood, tokens: list[Token]) -> Understood | None:
    """ "..., the strap also": what was asked for, of one more thing."""
    assert before.steps
    last, words = before.steps[-1], [t.text for t in tokens]
    tail = next(
        (tail for tail in (["as", "well"], ["also"], ["too"], ["included"]) if words[-len(tail) :] == tail), None
    )
    if tail is None or last.target is None or not (last.type.traits.surface or last.type is EditType.REMOVE):
        return None
    named = words[: -len(tail)]
    thing = read(" ".join(named).removeprefix("the ")) if named else None
    if (
        thing is None
        or not (named[0] in _OWN or lexicon().knows(thing.head))
        or set(named) & LEXICON.function_words - _OWN
    ):
        return None
    return Understood(before.sentence, (*before.steps, last.model_copy(update={"target": thing})))


_OWN = frozenset("the his her its their my our your on of in".split())


def _placed(step: Step, tokens: list[Token]) -> Step | None:
    """The step with the place in the picture that the tokens are; None if they are none, or it has one."""
    anchor = step.where.anchor if step.where else None
    roomy = anchor is not None and lexicon().is_(anchor.head, "sky", "heaven")
    if (step.where is not None and not roomy) or not (step.type.traits.brings or step.type is EditType.TEXTUAL_CHANGE):
        return None
    clause = Clause(tuple(tokens), "")
    for kind in ("corner", "spot_place"):
        for end, place in NONTERMINALS[kind](clause, 0):
            if end == len(tokens):
                return step.model_copy(update={"where": Where(relation=place.relation)})
    return None


def _elsewhere_too(before: Understood, tokens: list[Token]) -> list[Understood]:
    """ "Add a cabin in the foreground, near the road": the place that names a thing; a second such place is not read, and means no edit."""
    last = before.steps[-1] if before.steps else None
    if last is None or not last.type.traits.brings:
        return []
    if anchored := _anchored(last, tokens):
        return [Understood(before.sentence, (*(before.steps or ())[:-1], anchored))]
    if tokens[0].text in ("with", "in", "next"):
        return []
    found = NONTERMINALS["relative_place"](Clause(tuple(tokens), ""), 0)
    place = next((one for end, one in found if end == len(tokens)), None)
    if place is None or place.anchor is None or not place.anchor.definite:
        return []
    if lexicon().look(place.anchor.thing.head) is None and place.relation is Relation.ON:
        return []
    where = last.where
    if where is not None and where.anchor is not None:
        return [Understood(as_written(tokens), None), before]
    spot = f" in the {where.relation.value.replace('_', ' ')}" if where else ""
    anchor = place.anchor.bare if place.anchor.thing.places else f"{place.anchor.bare}{spot}"
    placed = last.model_copy(update={"where": Where(relation=place.relation, anchor=read(anchor))})
    return [Understood(before.sentence, (*(before.steps or ())[:-1], placed))]


def _anchored(step: Step, tokens: list[Token]) -> Step | None:
    """ "(A cottage in the field,) near the center": where the field's part is that is meant."""
    anchor = step.where.anchor if step.where else None
    if anchor is None or anchor.places or anchor.link:
        return None
    spots = NONTERMINALS["spot_place"](Clause(tuple(tokens), ""), 0)
    spot = next((place.relation for end, place in spots if end == len(tokens)), None)
    if spot is None or step.where is None:
        return None
    named = read(f"{anchor.text} in the {spot.value.replace('_', ' ')}")
    return step.model_copy(update={"where": step.where.model_copy(update={"anchor": named})})


def _lettered(step: Step, tokens: list[Token]) -> Step | None:
    """The step with the looks of letters that the tokens are; None if they say anything else."""
    looks = looks_said(tokens) if step.type is EditType.TEXTUAL_CHANGE and step.value else None
    if not looks:
        return None
    known = step.lettering.model_dump(exclude_defaults=True) if step.lettering else {}
    return step.model_copy(update={"lettering": Lettering(**known | looks)})


def likened(before: Understood, tokens: list[Token]) -> bool:
    """ "..., as if it just rained", "..., looks like a toy": what was asked for already, once more; "..., i want an empty floor" behind a removal."""
    if not before.steps:
        return False
    words = [t.text for t in tokens]
    if words[:2] in (
        ["as", "if"],
        ["as", "though"],
        ["like", "it"],
        ["like", "after"],
        ["looks", "like"],
        ["looking", "like"],
    ):
        return True
    leads = (lead for lead in _WANTS if words[: len(lead)] == lead)
    rest = words[len(next(leads, words)) :]
    if before.steps[-1].type is not EditType.REMOVE or not rest:
        return False
    return rest[0] in ("a", "an") and rest[1:2] != [] and rest[1] in _BARE


_WANTS = (["i", "just", "want"], ["i", "want"], ["we", "want"], ["i", "need"])
_BARE = frozenset("empty clean clear plain bare tidy free neat".split())
"""What is left of a place of which something is taken away."""


def _same(one: Step, other: Step) -> bool:
    return one.model_copy(update={"instruction": ""}) == other.model_copy(update={"instruction": ""})


def describes_style(before: Understood, tokens: list[Token]) -> bool:
    """ "As a watercolor, soft and light", "pixel art, like an old video game": the rest only describes the style."""
    if not before.steps or before.steps[-1].type is not EditType.STYLE_CHANGE:
        return False
    words = [t.text for t in tokens]
    plain = (
        LEXICON.adjectives
        | LEXICON.predicates
        | {
            "strokes",
            "lines",
            "brush",
            "thick",
            "soft",
            "very",
            "loose",
            "rough",
            "delicate",
            "detailed",
            "airy",
            "gentle",
            "bold",
        }
    )
    manner = words[-1] in ("style", "look", "feel") and mood_words(tuple(words)) is None and len(words) > 1
    return words[0] == "like" or manner or all(word in plain for word in words)
