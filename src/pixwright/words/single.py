"""One noun phrase without conjuncts: its core of adjectives and noun, and the modifiers behind it. `phrase.read` is the way in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from pixwright.records.thing import Link, Order, Place, Rank, Side, Thing, Tie
from pixwright.records.vocabulary import MATERIAL_ALIASES, MATERIALS
from pixwright.words import adjectives as adj
from pixwright.words.colours import canonical, colour_at
from pixwright.words.having import had_by
from pixwright.words.lexicon import Lexicon, lexicon
from pixwright.words.numbers import NUMBERS, number, ordinal

_TIES: tuple[tuple[str, Tie], ...] = (
    ("to the left of", Tie.LEFT), ("on the left of", Tie.LEFT), ("on the left side of", Tie.LEFT), ("left of", Tie.LEFT),
    ("to the right of", Tie.RIGHT), ("on the right of", Tie.RIGHT), ("on the right side of", Tie.RIGHT), ("right of", Tie.RIGHT),
    ("in front of", Tie.IN_FRONT), ("on top of", Tie.ON), ("in between", Tie.BETWEEN), ("in the middle of", Tie.INSIDE), ("inside of", Tie.INSIDE),
    ("next to", Tie.BESIDE), ("close to", Tie.BESIDE), ("closest to", Tie.BESIDE), ("nearest to", Tie.BESIDE), ("adjacent to", Tie.BESIDE), ("attached to", Tie.ON),
    ("beside", Tie.BESIDE), ("besides", Tie.BESIDE), ("alongside", Tie.BESIDE), ("near", Tie.BESIDE), ("by", Tie.BESIDE), ("at", Tie.BESIDE), ("nearest", Tie.BESIDE),
    ("between", Tie.BETWEEN), ("behind", Tie.BEHIND), ("above", Tie.ABOVE), ("over", Tie.ABOVE), ("underneath", Tie.BELOW), ("beneath", Tie.BELOW), ("below", Tie.BELOW),
    ("under", Tie.BELOW), ("inside", Tie.INSIDE), ("within", Tie.INSIDE), *((word, Tie.INSIDE) for word in ("among", "amongst", "amid", "amidst")), ("in", Tie.INSIDE), ("into", Tie.INSIDE), ("around", Tie.AROUND),
    ("surrounding", Tie.AROUND), ("atop", Tie.ON), ("upon", Tie.ON), ("onto", Tie.ON), ("along", Tie.ON), ("across", Tie.ON), ("against", Tie.BESIDE), ("on", Tie.ON),
    ("wearing", Tie.WITH), ("holding", Tie.WITH), ("carrying", Tie.WITH), ("having", Tie.WITH), ("has", Tie.WITH), ("have", Tie.WITH), ("wears", Tie.WITH),
    ("holds", Tie.WITH), ("with", Tie.WITH), ("dressed in", Tie.WITH), ("pulling", Tie.WITH), ("pushing", Tie.WITH), ("riding", Tie.ON),
)  # fmt: skip
_BY_WORDS = tuple(sorted(((tuple(text.split()), tie) for text, tie in _TIES), key=lambda row: -len(row[0])))
_BEHIND_STRESS = (adj.PREPOSITIONS | {"next"}) - {"of"}
_OWNERS = ("belonging to", "worn by", "held by", "owned by")
_FILLED = ("filled with", "full of", "containing")
_DESCRIBING = ("colours", "materials", "sizes", "ages", "states", "said", "places")
"""What the thing that is measured says, and the measure then says too."""


def is_whole(words: list[str]) -> bool:
    bare = [w for w in words if w not in adj.DEFINITE and w not in adj.ALL_WORDS and w not in ("of", "a", "an", "it")]
    return (len(bare) == 1 and (bare[0] in adj.PICTURES or bare[0] in ("everything", "anything"))) or (
        bare in (["thing"], [])
        and bool(set(words) & {"whole", "entire", "it"})
        and words != ["it"]
        and "all" in [*words, "all"]
        and len(words) > 1
    )


def describes(word: str) -> bool:
    """Whether a single word is an adjective that we know."""
    return bool(
        word in adj.RANKS or word in adj.SIZES or word in adj.AGES or word in adj.STATES or word in adj.PLACES or word in MATERIALS or word in MATERIAL_ALIASES
        or ordinal(word) is not None or colour_at([word], 0)
    ) and word not in ("background", "foreground")  # fmt: skip


@dataclass
class _Draft:
    """A thing in the making."""

    text: str
    head: str = ""
    plural: bool = False
    definite: bool = False
    count: int | None = None
    every: bool = False
    other: bool = False
    colours: list[str] = field(default_factory=list)
    materials: list[str] = field(default_factory=list)
    sizes: list[str] = field(default_factory=list)
    ages: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    rank: Rank | None = None
    order: Order | None = None
    places: list[Place] = field(default_factory=list)
    measure: str = ""
    of: Thing | None = None
    owner: Thing | None = None
    link: Link | None = None

    def thing(self) -> Thing:
        values = {name: tuple(value)[:16] if isinstance(value, list) else value for name, value in vars(self).items()}
        values["places"] = tuple(dict.fromkeys(self.places))[:4]
        return Thing.model_validate(values)


def _stresses(words: list[str], at: int) -> bool:
    """ "Right next to the tree", "just behind him"."""
    stress = words[at] in adj.STRESS or words[at] == "right"
    return stress and at + 1 < len(words) and words[at + 1] in _BEHIND_STRESS


def _bare_place(words: list[str], at: int) -> bool:
    """Whether behind a noun a side of the picture ends the phrase without a preposition ("the lamp top right", "the man far left"); a car's back is no such side."""
    i = at
    while i < len(words) and words[i] in adj.STRESS and words[i] not in adj.PLACES:
        i += 1
    places = list[Place]()
    while i < len(words) and words[i] in adj.PLACES:
        places += adj.PLACES[words[i]]
        i += 1
    before = words[at - 1]
    named = lexicon().knows(before) or not (describes(before) or before in adj.DEFINITE | adj.INDEFINITE)
    if not named or not {"left", "right"} & set(places):
        return False
    i += int(i < len(words) and words[i] in adj.SIDE_NOUNS)
    # "Right behind the tree" stresses the tree's place.
    return i == len(words) or words[i] == "with" or (words[at:i] != ["right"] and words[i] in _BEHIND_STRESS)


def single(words: list[str]) -> Thing:
    """One phrase with its modifiers."""
    draft = _Draft(" ".join(words).replace(" 's", "'s")[:200])
    draft.definite = words[0] in adj.DEFINITE or "'s" in words or words[0] in adj.PRONOUNS
    if len(words) == 1 and words[0] in adj.PRONOUNS:
        draft.head, draft.plural = adj.PRONOUNS[words[0]]
        return draft.thing()
    end = core_end(words)
    core, rest = words[:end], words[end:]
    if "'s" in core[1:-1]:
        at = len(core) - 1 - core[::-1].index("'s")
        draft.owner, core = single(core[:at]), core[at + 1 :]
    elif core[0] in adj.POSSESSIVES and len(core) > 1:
        pronoun, head = adj.POSSESSIVES[core[0]]
        draft.owner = Thing(text=pronoun, head=head, definite=True, plural=pronoun == "them")
        core = core[1:]
    _core(draft, core)
    _modifiers(draft, rest)
    if draft.head in ("everything", "anything"):
        draft.head, draft.plural, draft.every = "thing", True, True
    if draft.order and draft.count in (None, 1):
        draft.plural = False
    return draft.thing()


def core_end(words: list[str]) -> int:
    """Where the modifiers behind the noun begin."""
    for i in range(1, len(words)):
        word = words[i]
        if words[i - 1] == "'s":
            continue
        if _bare_place(words, i) or _stresses(words, i):
            return i
        known = any(lexicon().knows(" ".join(words[a : i + 2])) for a in range(max(0, i - 2), i) if i + 1 < len(words))
        if (
            word in adj.PREPOSITIONS
            and not (word == "of" and words[i - 1] in ("all", "both", "each", "one"))
            and not known
        ) or word in adj.RELATIVE:
            return i
        behind = i + 1 < len(words) and words[i + 1] in adj.PREPOSITIONS | adj.DEFINITE | adj.INDEFINITE | {
            "next",
            "close",
            "there",
            "alone",
        }
        if word in adj.HAVING | {"full", "filled", "made", "covered"} and behind and words[i - 1] not in adj.DEFINITE:
            return i
        if word in ("wearing", "holding", "carrying", "dressed", "belonging", "worn", "held", "containing", "facing"):
            return i
        doing = (
            word.endswith("ing")
            and lexicon().is_(words[i - 1], "person", "animal", "vehicle")
            and not lexicon().knows(word)
        )
        if (
            (word in adj.POSTURES or doing)
            and (behind or i == len(words) - 1)
            and words[i - 1] not in adj.DEFINITE | adj.INDEFINITE
        ):
            return i
        if word in ("next", "closest", "nearest", "close", "adjacent", "furthest", "farthest") and behind | (
            i + 1 < len(words) and words[i + 1] == "to"
        ):
            return i
        if (
            word in ("left", "right")
            and i + 1 < len(words)
            and words[i + 1] == "of"
            and words[i - 1] not in adj.DEFINITE
        ):
            return i
        if word == "to" and i + 1 < len(words):
            return i
    return len(words)


def _core(draft: _Draft, words: list[str]) -> None:
    """Determiners and adjectives from the left; what remains is the noun."""
    nouns = lexicon()
    while words:
        if len(words) == 1 and _alone(draft, words[0], nouns):
            return
        if len(words) == 1 and words[0] in adj.PRONOUNS:
            draft.head = adj.PRONOUNS[words[0]][0]
            return
        if len(words) > 1 or words[0] in adj.DEFINITE | adj.INDEFINITE:
            singular, plural = nouns.singular(" ".join(words))
            if nouns.knows(singular) and (len(words) > 1 and words[0] not in adj.DEFINITE):
                draft.head, draft.plural = singular, draft.plural or plural
                return
            taken = _adjective(draft, words)
            if not taken:
                # An unknown word before a noun is said of it; before another unknown word the two are one name.
                later = next(
                    (i for i in range(1, len(words)) if nouns.knows(nouns.singular(" ".join(words[i:]))[0])), 0
                )
                if not later:
                    break
                draft.said.append(words[0])
                taken = 1
            words = words[taken:]
            continue
        break
    if not words:
        draft.head = draft.head or "object"
        return
    singular, plural = nouns.singular(" ".join(words))
    draft.head, draft.plural = singular[:80], draft.plural or plural


def _alone(draft: _Draft, word: str, nouns: Lexicon) -> bool:
    """A last word that describes and names nothing: "the red", "the two", "the last one", "the bigger"."""
    if word in adj.PLACES and nouns.is_(word, "wearable") and (draft.said or draft.colours or draft.materials):
        return False  # "the black knitted top"
    if word == "back" and draft.owner is not None and nouns.is_(draft.owner.head, "person", "animal"):
        return False  # "his back" is a part of him
    if word in ("one", "ones"):
        draft.head, draft.plural = "object", word == "ones"
        return True
    if word in ("other", "others"):
        draft.head, draft.other, draft.plural = "object", True, draft.plural or word == "others"
        return True
    if ordinal(word) is None and (
        word in ("background", "foreground")
        or (nouns.knows(nouns.singular(word)[0]) and word not in adj.PLACES and number(word) is None)
    ):
        return False
    if _adjective(draft, [word, ""]):
        draft.head = "object"
        return True
    return False


def _adjective(draft: _Draft, words: list[str]) -> int:
    """Take what the first words say into the draft; how many were taken, 0 if they are no words that we know."""
    word = words[0]
    if word in adj.EVERY:
        draft.every, draft.plural = True, True
        draft.count = 2 if word == "both" else draft.count
        return 2 if words[1:2] == ["of"] else 1
    if word in ("other", "another"):
        draft.other = word == "other" or draft.definite
        return 1
    if word in adj.DEFINITE | adj.INDEFINITE or word in adj.STRESS | {"of", "and", "else", "most"}:
        draft.plural |= word in ("several", "few", "many", "these", "those")
        return 1
    size = colour_at(words, 0) if len(words) > 1 else 0
    if size and len(words) > size:
        draft.colours.append(canonical(" ".join(words[:size])))
        return size
    if (n := ordinal(word)) is not None:
        draft.order = Order(n=n)
        return 1
    if (n := number(word)) is not None and n <= 1000:
        draft.count, draft.plural = n, n > 1
        return 2 if words[1:2] == ["of"] else 1
    return _described(draft, word)


def _described(draft: _Draft, word: str) -> int:
    """A plain adjective."""
    lists: tuple[tuple[Callable[[str], bool], list[str]], ...] = (
        (adj.AGES.__contains__, draft.ages),
        (lambda w: w in MATERIALS or w in MATERIAL_ALIASES, draft.materials),
        (adj.STATES.__contains__, draft.states),
        (adj.SIZES.__contains__, draft.sizes),
    )
    if word in adj.PLACES:
        draft.places += adj.PLACES[word]
        return 1
    if word in adj.RANKS:
        draft.rank = adj.RANKS[word]
        return 1
    for fits, values in lists:
        if fits(word):
            values.append(MATERIAL_ALIASES.get(word, word) if values is draft.materials else word)
            return 1
    return 0


# ---------------------------------------------------------------- modifiers


def _modifiers(draft: _Draft, words: list[str]) -> None:
    """What stands behind the noun, from left to right."""
    while words:
        if _stresses(words, 0):
            words = words[1:]
        taken = (
            _place(draft, words)
            or _from_side(draft, words)
            or _nearest_to_us(draft, words)
            or _of(draft, words)
            or _made(draft, words)
        )
        taken = taken or _relation(draft, words) or _predicate(draft, words)
        words = words[max(taken, 1) :]


def _place(draft: _Draft, words: list[str]) -> int:
    """ "(that is) on the left side", "in the far back", "at the top left of the picture"."""
    i = int(words[0] in ("on", "at", "in", "to", "towards", "toward", "near"))
    if i == 0 and not _bare_place([draft.head, *words], 1):
        return 0
    while i < len(words) and (words[i] in ("the", "its") or (words[i] in adj.STRESS and words[i] not in adj.PLACES)):
        i += 1
    start, places = i, list[Place]()
    while i < len(words) and (words[i] in adj.PLACES or (places and words[i] in ("and", "hand"))):
        places += adj.PLACES.get(words[i], ())
        i += 1
    if i == start and i < len(words) and words[i] == "corner":
        return 0
    if not places:
        return (
            len(words) if words[1:] and [w for w in words[1:] if w not in adj.DEFINITE] and is_whole(words[1:]) else 0
        )
    if i < len(words) and words[i] in adj.SIDE_NOUNS | {"hand"}:
        i += 1
        if i < len(words) and words[i] in adj.SIDE_NOUNS:
            i += 1
    if words[i : i + 1] == ["of"]:
        inner = core_end(words[i + 1 :]) if words[i + 1 :] else 0
        if not inner or not is_whole(words[i + 1 : i + 1 + inner]):
            return 0
        i += 1 + inner
    elif i < len(words) and words[i] not in adj.PREPOSITIONS | adj.RELATIVE and words[i] not in adj.POSTURES:
        return 0  # "on the top shelf" is no place
    draft.places += places
    return i


def _from_side(draft: _Draft, words: list[str]) -> int:
    """ "from the left", "counting from the top"."""
    i = 1 if words[0] == "counting" else 0
    if words[i : i + 1] != ["from"]:
        return 0
    j = i + 2 if words[i + 1 : i + 2] == ["the"] else i + 1
    side = {"left": "left", "right": "right", "top": "top", "bottom": "bottom", "front": "front", "back": "back"}.get(
        words[j] if j < len(words) else ""
    )
    if side is None:
        return 0
    known: Side = side  # type: ignore[assignment]
    draft.order = Order(n=draft.order.n if draft.order else 1, side=known)
    return j + 1


def _nearest_to_us(draft: _Draft, words: list[str]) -> int:
    """ "closest to the camera", "nearest us"."""
    if words[0] not in ("nearest", "closest", "next", "close", "near", "furthest", "farthest"):
        return 0
    for i in range(1, min(4, len(words))):
        if words[i] in adj.VIEWERS:
            draft.rank = Rank.FARTHEST if words[0].startswith(("fur", "far")) else Rank.NEAREST
            return i + 1
    return 0


def _of(draft: _Draft, words: list[str]) -> int:
    """A measure gives way to what it measures; "of the house" is an owner; "of milk" is what the thing holds or shows."""
    text = " ".join(words[:2])
    owned = text in _OWNERS
    if words[0] != "of" and not owned:
        return 0
    rest = words[2:] if owned else words[1:]
    if not rest:
        return 1
    inner = single(rest)
    if draft.head in adj.MEASURES and not owned and not draft.owner:
        draft.measure, draft.head = draft.head, inner.head
        draft.plural = draft.plural or (inner.plural and draft.measure not in ("slice", "piece", "sheet"))
        draft.count = draft.count if draft.count is not None else inner.count
        for name in _DESCRIBING:
            getattr(draft, name).extend(getattr(inner, name))
        draft.owner, draft.link, draft.of = inner.owner, inner.link, inner.of
    elif draft.head == "object" and (
        draft.count is not None or (inner.definite and (draft.rank or draft.order or draft.colours))
    ):
        _take(draft, inner)
    elif draft.head in adj.SIDE_NOUNS and draft.places:
        draft.head, draft.owner = "object", inner
    elif (inner.definite or owned or lexicon().is_(draft.head, "part")) and not lexicon().is_(
        draft.head, "picture", "statue"
    ):
        draft.owner = inner
    else:
        draft.link, draft.places = inner.link, [*draft.places, *inner.places]
        text = inner.text if inner.link is None else " ".join(rest[: core_end(rest)])
        draft.of = inner.model_copy(update={"text": text, "link": None, "places": ()})
    return len(words)


def _take(draft: _Draft, inner: Thing) -> None:
    """ "Two of the cups" are two cups, "a pair of old shoes" two old shoes, "a pair of jeans" one thing."""
    if draft.text.startswith(("a pair", "the pair", "pair")):
        draft.measure = "pair"
        if lexicon().is_(inner.head, "pair"):
            draft.count, draft.plural = None, False
    draft.head, draft.definite = inner.head, draft.definite or inner.definite
    draft.link, draft.owner, draft.of = inner.link, inner.owner, inner.of
    for name in _DESCRIBING:
        getattr(draft, name).extend(getattr(inner, name))


def _made(draft: _Draft, words: list[str]) -> int:
    """ "made of wood", "filled with sand", "covered in snow"."""
    for text in _FILLED:
        lead = text.split()
        if words[: len(lead)] == lead and len(words) > len(lead):
            draft.of = single(words[len(lead) :])
            return len(words)
    if words[0] == "made" and words[1:2] and words[1] in ("of", "from", "out"):
        rest = [w for w in words[1:] if w not in ("of", "from", "out")]
        draft.materials.append(MATERIAL_ALIASES.get(rest[0], rest[0])) if rest else None
        return len(words) - max(len(rest) - 1, 0)
    if words[0] == "covered" and words[1:2] and words[1] in ("in", "with", "by") and len(words) > 2:
        draft.states.append(f"{' '.join(words[2:4])} covered"[:80])
        return len(words)
    return 0


def _relation(draft: _Draft, words: list[str]) -> int:
    """A tie and the thing behind it, which takes all further words."""
    for lead, tie in _BY_WORDS:
        if tuple(words[: len(lead)]) != lead or len(words) == len(lead):
            continue
        rest = words[len(lead) :]
        if is_whole(rest):
            return len(words)
        if rest[0] in adj.PRONOUNS and rest[1:2] and rest[1] in adj.PREPOSITIONS - {"of"}:
            draft.link = draft.link or Link(tie=tie, to=(single(rest[:1]),))
            return (
                len(lead) + 1
            )  # "behind her on the left": a pronoun stands alone, and the place is said of what stands there
        if tie is Tie.BETWEEN and "and" in rest:
            at = rest.index("and")
            to = (
                (single(rest[:at]), single(rest[at + 1 :]))
                if rest[:at] and rest[at + 1 :]
                else (single([w for w in rest if w != "and"]),)
            )
        elif tie is Tie.WITH and "and" in rest[1:-1]:
            at = rest.index("and")
            to = (single(rest[:at]), single(rest[at + 1 :]))
        else:
            to = (single(rest),)
        if tie is Tie.INSIDE and lead == ("in",) and _worn(draft.head, to[0]):
            tie = Tie.WITH
        if to[0].head in NUMBERS:
            return len(words)
        if tie is Tie.WITH and len(to) == 1:
            had = had_by(draft.head, to[0])
            to, draft.places = (had.what,), draft.places or list(had.places)
            draft.states, draft.said = [*draft.states, *had.states], [*draft.said, *had.said]
            draft.link = draft.link or had.link
            if had.anyhow:
                return len(words)
        draft.link = draft.link or Link(tie=tie, to=to)
        return len(words)
    return 0


def _worn(head: str, to: Thing) -> bool:
    """ "The man in the red shirt" wears it; "the woman in red" wears something red."""
    nouns = lexicon()
    alive = head in ("object", "person") or nouns.is_(head, "person", "animal")
    return alive and (
        nouns.is_(to.head, "wearable")
        or (to.head == "object" and bool(to.colours))
        or to.head in ("uniform", "costume")
    )


def _predicate(draft: _Draft, words: list[str]) -> int:
    """ "that is red", "who is running": what a clause says of the noun."""
    if words[0] in ("says", "saying", "reads", "labeled", "named", "called"):
        draft.said.append(" ".join(words[1:])[:80])
        return len(words)
    i = 0
    while i < len(words) and (words[i] in adj.RELATIVE or words[i] in adj.BE or words[i] in ("being", "currently")):
        i += 1
    if i:
        return i
    if words[0] in adj.POSTURES or words[0] in adj.STATES:
        draft.states.append(words[0])
        return 1
    taken = _adjective(draft, [*words, ""]) if words[0] not in adj.PREPOSITIONS else 0
    if not taken and words[0] not in adj.PREPOSITIONS | adj.DEFINITE | adj.INDEFINITE:
        draft.said.append(words[0])
    return taken
