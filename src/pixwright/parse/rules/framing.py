"""The size and proportion of the whole picture: "resize to 1024x1024", "make it 2000 px wide", "crop to 16:9", "extend it to 4:3", "upscale 4x".

One reading for all: a clause that names sides and otherwise holds only words of resizing, in whatever order.
"""

from __future__ import annotations

from pixwright.errors import UnclearInstruction
from pixwright.parse.effects import is_whole
from pixwright.parse.grammar import Caught, Clause, Found, Rule, nonterminal, rule
from pixwright.parse.lexicon import LEXICON
from pixwright.parse.making import steps
from pixwright.parse.tokens import SIDES
from pixwright.records.kind import EditType
from pixwright.records.plan import MAX_SIDE, Amount, Frame, Relation, Step, Unit, Where

_NAMED = {"hd": 1280, "full hd": 1920, "fullhd": 1920, "fhd": 1920, "2 k": 2048, "4 k": 3840, "uhd": 3840, "8 k": 7680}
"""Longer sides, in pixels, of sizes that go by name."""
_MOST_RATIO = 32
"""Largest number of a proportion that is written as a size ("4x5")."""
_CROP = frozenset("crop cropped trim cut aspect ratio proportion proportions format square".split())
_STRETCH = frozenset("stretch squash squeeze distort stretched".split())
_FIT = frozenset(
    "fit within inside max maximum most longest longer long largest larger biggest bound box under".split()
)
_AXES = {"wide": "width", "width": "width", "across": "width", "high": "height", "height": "height", "tall": "height", "p": "height"}  # fmt: skip
_RESIZE = frozenset(
    "resize scale rescale size upscale downscale enlarge shrink reduce resample convert export downsize".split()
)
_EXTEND = frozenset(
    "extend expand widen uncrop pad outpaint broaden extending expanding padding adding uncropping outpainting cropping".split()
)
_OTHERS = frozenset(
    "it this the my a an to at by of in be is make have need want i we me give let set change save sized dimension dimensions resolution increase decrease down up exactly exact "
    "side sides edge pixels pixel should must with into as please no than all its whole entire fill cover ratio wider px bring get that for and file quality without format canvas".split()
) | {word for phrase in LEXICON.classes["picture"].words for word in phrase.split()}
_WORDS = _CROP | _STRETCH | _FIT | _RESIZE | _EXTEND | _OTHERS | frozenset(_AXES)


def _framed(clause: Clause, caught: Caught) -> list[Step] | None:
    """The frame that the clause names; None where it is about anything else."""
    words = _sized(_without_purpose(clause.words))
    if _grows(set(words)):
        words = tuple("1:1" if word == "square" else word for word in words)
    pairs = [found for word in words if (found := SIDES.fullmatch(word))]
    numbers = [value for word in words if (value := LEXICON.number(word)) is not None]
    others = {word for word in words if not SIDES.fullmatch(word) and LEXICON.number(word) is None}
    if pairs:
        others -= _BESIDE_FIGURES  # figures say it better than the shape's name
    if len(pairs) + len(numbers) != 1 or not others <= _WORDS:
        return None
    if pairs:
        return _both(clause, others, int(pairs[0][1]), int(pairs[0][3]), pairs[0][2] == ":")
    return _one(clause, others, numbers[0])


def _grows(words: set[str]) -> bool:
    """Whether picture is added to reach the proportion: nothing is cut off."""
    return bool(words & _EXTEND - {"cropping"}) or {"without", "cropping"} <= words


def _without_purpose(words: tuple[str, ...]) -> tuple[str, ...]:
    """Without "for instagram" at the end."""
    at = words.index("for") if "for" in words[1:] else len(words)
    return words[:at] if at >= len(words) - 4 else words


def _sized(words: tuple[str, ...]) -> tuple[str, ...]:
    """With the longest side in pixels for "4k" and "full hd"."""
    for at in range(len(words)):
        for length in (2, 1):
            side = _NAMED.get(" ".join(words[at : at + length]))
            if side is not None:
                return (*words[:at], str(side), "pixels", "longest", *words[at + length :])
    return words


def _both(clause: Clause, words: set[str], wide: int, high: int, ratio: bool) -> list[Step]:
    small = max(wide, high) <= _MOST_RATIO and not words & {"pixels", "pixel"}
    ratio = ratio or small or bool(words & {"aspect", "ratio", "proportions", "proportion"})
    if ratio and _grows(words):
        return [_step(clause, None, wide, high, True)]
    crops = ratio or words & _CROP
    value = "crop" if crops else "stretch" if words & _STRETCH else "fit" if words & _FIT else "fill"
    return [_step(clause, value, wide, high, ratio)]


def _one(clause: Clause, words: set[str], number: float) -> list[Step] | None:
    axes = {_AXES[word] for word in words if word in _AXES}
    if len(axes) > 1 or not (axes or words & {"pixels", "pixel"}) or (clause.memory.targets and words & {"it", "its"}):
        return None
    if axes and ("p" in words or words & {"pixels", "pixel"}):
        wide, high = (number, None) if axes == {"width"} else (None, number)
    elif not axes and (words & _FIT or (words & _RESIZE and "to" in words)) and not words & _CROP:
        wide = high = number
    else:
        return None
    return [_step(clause, "fit", wide, high, False)]


def _step(clause: Clause, value: str | None, wide: float | None, high: float | None, ratio: bool) -> Step:
    """A resize by a value of `vocabulary.FRAMES`; without a value, more picture until the proportion is reached."""
    sides = [side for side in (wide, high) if side is not None]
    if any(not 1 <= side <= MAX_SIDE or side != int(side) for side in sides):
        said = " x ".join(f"{side:g}" for side in sides)
        raise UnclearInstruction(f"a picture cannot be {said} pixels: sides are whole numbers from 1 to {MAX_SIDE}")
    frame = Frame(width=None if wide is None else int(wide), height=None if high is None else int(high), ratio=ratio)
    kind = EditType.OUTPAINT if value is None else EditType.RESIZE
    return Step(type=kind, instruction=clause.sentence, value=value, frame=frame)


_SHAPES = {
    "square": (1, 1),
    "portrait": (2, 3),
    "landscape": (3, 2),
    "banner": (3, 1),
    "panorama": (2, 1),
    "widescreen": (16, 9),
}
"""Proportions that go by name: "portrait" and "landscape" are those of prints."""
_BESIDE_FIGURES = frozenset(
    (
        *_SHAPES,
        *"ultra super extra very really nice long narrow vertical horizontal cinematic cinema style like story pls plz for".split(),
    )
)
"""Words beside a proportion in figures that add nothing to it."""
_FORMATS = frozenset("format shape crop proportion ratio aspect size".split())
_TIGHT = frozenset(("around", "about", "on", "onto", "of", "to"))
"""Words before what the frame closes round."""
_CENTRED = frozenset(("center", "centre", "centered", "centred"))
_KEPT = frozenset(("with", "keeping", "showing", "so"))
"""Words before what the frame shall hold, as large as it can be."""


@nonterminal("proportion")
def _proportion(clause: Clause, i: int) -> Found:
    """ "square", "16:9", "4x5"; not a size in pixels."""
    word = clause.words[i]
    if word in _SHAPES:
        return [(i + 1, _SHAPES[word])]
    found = SIDES.fullmatch(word)
    sides = (int(found[1]), int(found[3])) if found else (0, 0)
    return [(i + 1, sides)] if min(sides) > 0 and max(sides) <= _MOST_RATIO else []


@nonterminal("joint")
def _joint(clause: Clause, i: int) -> Found:
    word = clause.words[i]
    return [(i + 1, word)] if word in _TIGHT | _KEPT else []


def _about(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "crop it square around the face", "crop to 16:9 with the house in the middle": a part of that proportion, chosen for the thing."""
    if is_whole(clause, caught["focus"]):
        return None
    wide, high = caught["shape"]
    words = set(clause.words)
    close = "only" in words or (caught["joint"] in _TIGHT and not words & _CENTRED)
    place = None if close else Where(relation=Relation.CENTER)
    made = steps(clause, EditType.RESIZE, caught["focus"], value="crop", where=place)
    return [step.model_copy(update={"frame": Frame(width=wide, height=high, ratio=True)}) for step in made]


def _shaped(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "Square, please", "wide banner shape": a crop; "banner" alone and "a landscape" may be things."""
    named = _FORMATS.isdisjoint(clause.words)
    if named and clause.words[0] != "square" and not any(map(SIDES.fullmatch, clause.words)):
        return None
    wide, high = caught["shape"]
    return [_step(clause, "crop", wide, high, True)]


_PART = "(format|shape|crop|frame|image|picture|photo|portrait|proportion|aspect ratio)?"
_JOINT = "(center/centered/centred/focused/tight/tightly)? <joint> (that)? (just|only)?"
_SEEN = "(is|are|stay|stays|sit|sits|remain|remains)? (in (the)? (middle|center|centre|frame|picture|it|view|there)|center|centered|centred|visible)"
_THICK = {"thin": 1.5, "narrow": 1.5, "small": 2.0, "thick": 7.0, "wide": 7.0, "broad": 7.0, "big": 7.0, "large": 7.0}
"""How wide a border is that is said to be so: percent of a side."""
_USUAL = 3.5
"""The same of one of which nothing is said."""


def _border(clause: Clause, caught: Caught) -> list[Step] | None:
    """ "add a thick white border": picture of one colour on all sides; white, where no colour is said."""
    size = next((_THICK[word] for word in clause.words if word in _THICK), _USUAL)
    amount = caught.get("amount") or Amount(value=size, unit=Unit.PERCENT)
    everywhere = Where(relation=Relation.EVERY_SIDE)
    value = caught.get("hue", "white")
    return [Step(type=EditType.OUTPAINT, instruction=clause.sentence, value=value, where=everywhere, amount=amount)]


_BORDER = f"(a|an|the)? (<measure:amount>)? ({'|'.join(_THICK)})? (<hue>)? (border/borders/margin/passe-partout) (of <measure:amount>)?"
_ROUND = "((around|to|on|onto) (it|this|(the|this|my)? @picture))?"
RULES: tuple[Rule, ...] = (
    rule(f"(add|put|draw|give|make|create|want|with)? (it|this|(the|this|my)? @picture)? {_BORDER} {_ROUND}", _border),
    *(
        rule(f"{start} {_JOINT} {thing}", _about)
        for thing in (f"<snp:focus> {_SEEN}", "<one:focus>")
        for start in (
            f"@crop (the|this|my)? (@picture|it)? (down|in)? (to|into|as)? (a|an)? <proportion:shape> {_PART}",
            "(a|make a|make it a|give me a)? <proportion:shape> (crop/picture/image/photo/portrait)",
        )
    ),
    rule(
        "(in|into|to|as|make it|crop it to|crop to)? (a|an|the)? (wide|long|nice)? <proportion:shape> (web|website|facebook|youtube)? (format|shape|crop|proportion|ratio|aspect ratio|size)? (for <np>)?",
        _shaped,
    ),
    rule("<rest>", _framed),
)
