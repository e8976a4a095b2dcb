"""Nouns for what is on a surface and no thing of its own, and for what is long and thin: both are found by how they differ from what is around them, not by their look."""

from __future__ import annotations

from pixwright.records.thing import Thing
from pixwright.words.lettering import is_lettering
from pixwright.words.lexicon import lexicon

_MARKS = frozenset(
    "tattoo logo emblem print sticker decal stain spot splotch blotch speck smudge smear scratch scuff dent crack rip tear hole graffiti doodle scribble dirt grime mud dust "
    "rust bruise scar mole birthmark freckle pimple zit acne blemish wart mark marking patch splash drip fingerprint chip".split()
)
_SPECKS = frozenset("speck mole birthmark freckle pimple zit acne blemish wart dust chip".split())
_OF_SKIN = frozenset("tattoo bruise scar mole birthmark freckle pimple zit acne blemish wart wrinkle blackhead".split())
_RETOUCHED = frozenset("pimple zit acne blemish freckle wrinkle spot mole blackhead redness blotch".split())
"""What goes when skin is evened out."""
_SKIN = frozenset("skin complexion face forehead cheek chin nose neck arm leg hand".split())
_MASS = frozenset("graffiti dirt grime mud dust rust acne".split())
_MADE = frozenset("drawn painted printed scribbled written added overlaid".split())
"""Participles behind the noun: "the lines drawn on the photo"."""
_DRAWN = frozenset("line box rectangle frame grid stroke cross arrow".split())
_THIN = frozenset(
    "wire cable cord line powerline trail contrail streak rope string thread pole mast antenna aerial lamppost streetlight flagpole post".split()
)
_UPRIGHT = frozenset("pole mast antenna aerial lamppost streetlight flagpole post".split())


def _noun(thing: Thing) -> str:
    """The last word of a thing's head that is a noun, one of several."""
    words = thing.head.split()
    if len(words) > 1 and words[-1] in _MADE:
        words = words[:-1]
    word = words[-1] if words else ""
    known = _MARKS | _THIN | _DRAWN
    return word if word in known else next((word[:-n] for n in (1, 2) if word[:-n] in known and word[-1] == "s"), word)


def is_mark(thing: Thing) -> bool:
    """Whether a thing is on a surface: a tattoo, a stain, a hole, what is written."""
    return _noun(thing) in _MARKS or is_lettering(thing)


def is_speck(thing: Thing) -> bool:
    """Whether it is a small round mark."""
    return _noun(thing) in _SPECKS


def of_skin(thing: Thing) -> bool:
    """Whether it is a mark that only skin has."""
    return _noun(thing) in _OF_SKIN


def is_skin(thing: Thing) -> bool:
    """Whether skin is meant: "his skin", "her face", "the skin tone"."""
    words = thing.head.split()
    return words[:1] == ["skin"] or words[-1:] == ["skin"] or (len(words) == 1 and words[0] in _SKIN)


def goes_with_retouching(thing: Thing) -> bool:
    """Whether it goes when the skin under it is evened out: pimples, freckles."""
    words = thing.head.split()
    return bool(words) and (words[-1] in _RETOUCHED or words[-1].rstrip("s") in _RETOUCHED)


def all_of_it(thing: Thing) -> bool:
    """Whether all marks there are meant: several, what has no plural, or letters."""
    return thing.plural or thing.every or _noun(thing) in _MASS or is_lettering(thing)


def is_drawn_over(thing: Thing) -> bool:
    """Whether it is lines on the picture itself: "the blue lines drawn on the photo"."""
    return _noun(thing) in _DRAWN and any(word in _MADE for word in (*thing.head.split()[-1:], *thing.states))


def is_thin(thing: Thing) -> bool:
    """Whether it is long and thin: a wire, a pole, a vapour trail."""
    return _noun(thing) in _THIN


def is_upright(thing: Thing) -> bool:
    """Whether what is thin stands upright."""
    return _noun(thing) in _UPRIGHT


def flies(thing: Thing) -> bool:
    """Whether it is mostly seen small, in the air: birds, kites, planes, balloons; not clouds and stars."""
    entry = lexicon().look(thing.head)
    return entry is not None and (entry.stands == "air" or entry.is_("bird")) and not entry.is_("heaven")
