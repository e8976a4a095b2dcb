"""What a picture or a sound is of, from its caption or its file's name: "dog barking.ogg" is a dog, "cow_moo-2.wav" a cow, "IMG_1234.jpg" nothing.

`sounds.tsv` says what makes a sound that is named alone ("meow": a cat), and which sounds are weather ("thunder": a storm).
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from pixwright.parse.lexicon import LEXICON
from pixwright.parse.nouns import DETERMINERS, Noun, Reader
from pixwright.parse.tokens import Token, is_file_name, tokenise
from pixwright.records.vocabulary import WEATHERS
from pixwright.words.inflection import bases

_EMPTY = frozenset(
    "img image picture photo pic pics photograph screenshot screen shot untitled file download downloads reference ref attachment input output base source edit edited copy final test temp unnamed default camera scan snap scanned whatsapp received signal original thumbnail rec vid mov aud memo recording record track sound sounds audio voice noise clip sample sfx fx effect effects stereo mono loud quiet distant close hq master take loop song music export mix version page object thing item".split()
)
"""Words of file names and captions that name no thing."""
_LAST = _EMPTY | frozenset(("new", "small", "large", "full", "one"))
"""The same behind a name: "dog small.jpg"."""
_MUSIC = frozenset(
    "music musical song melody tune beats bpm tempo jazz classical techno hiphop hip-hop rap reggae punk edm disco funk orchestra orchestral symphony ballad lofi lo-fi soundtrack instrumental chord chords synth synthesizer vocals choir waltz sonata concerto nocturne etude lullaby anthem remix groove piece in a minor key upbeat".split()
) - frozenset(("in", "a", "key", "minor"))
_GENRES = frozenset("rock pop metal country folk blues soul house trance ambient electronic acoustic bass".split())
"""Music where they stand alone or beside other words of music."""
_INSTRUMENTS = frozenset(
    "piano guitar violin viola cello flute trumpet drum drums saxophone harp organ accordion banjo ukulele clarinet oboe trombone tuba xylophone harmonica bagpipes".split()
)
_PLAYED = frozenset("playing played play solo strumming plucked".split())
_NOT_DOING = frozenset(
    "ring string wing king spring building ceiling morning evening lightning thing duckling painting drawing wedding clothing earring jewelry pudding railing".split()
)
"""Nouns that end as a verb's -ing form does."""
_ABOUT = re.compile(
    r"^(?:(?:an?|the|some) )?(?:[a-z]+ )?(?:photo|photograph|picture|image|painting|drawing|close-?up|sound|sounds|noise|noises|recording|audio|clip|call|cry) (?:of|from) "
)


@cache
def _table() -> dict[str, tuple[str, bool]]:
    """Sound word -> (what makes it, whether that is weather)."""
    text = resources.files(__package__).joinpath("sounds.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {row[0]: (row[1], row[2:] == ["weather"]) for row in rows}


def makers() -> tuple[str, ...]:
    """Everything that is known by its sound, weather included, each once."""
    return tuple(dict.fromkeys(maker for maker, _ in _table().values()))


def words_of(name: str) -> str:
    """A caption, or the words of a file's name: lower case, one space between words."""
    if is_file_name(name):
        stem = re.split(r"[/\\]", name)[-1].rsplit(".", 1)[0]
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", stem)
        name = re.sub(r"[\d_\-+.()#,]+", " ", name)
    text = re.sub(r"\bbird song", "birdsong", " ".join(name.lower().replace("_", " ").split()).strip(" .,;:!?"))
    return _ABOUT.sub("", text)


def pictured(name: str) -> str | None:
    """The noun phrase, without article, that a picture of this caption or file name is of; None if it names no thing."""
    return _noun(words_of(name))


def heard(name: str) -> str | None:
    """What makes the sound of this caption or file name, or the weather that it is; None for music and for names that say nothing."""
    text = words_of(name)
    return None if is_music(name) else _maker(text.split())


def is_weather(noun: str | None) -> bool:
    """Whether a sound's noun is weather, which belongs to the whole picture."""
    return noun in WEATHERS


def is_music(name: str) -> bool:
    """Whether a caption or file name speaks of music; a lone instrument ("acoustic guitar", "piano playing") is a thing."""
    words = re.findall(r"[a-z]+(?:-[a-z]+)*", words_of(name))
    if _MUSIC.intersection(words) or (words and _GENRES.issuperset(words)):
        return True
    played = _INSTRUMENTS.intersection(words)
    return bool(played) and len([w for w in words if w not in _PLAYED and w not in DETERMINERS]) > 2


def _maker(words: list[str]) -> str | None:
    for i, word in enumerate(words):
        doing = word.endswith("ing") and len(word) > 4 and word not in _NOT_DOING
        known = known_sound(word)
        if not doing and known is None:
            continue
        before = [w for w in words[:i] if w not in DETERMINERS and w not in _EMPTY and w not in _LOUD]
        after = words[i + 1 :]
        if before and not (known and known[1]) and _noun(" ".join(before)):
            return _maker(before)
        if after[:1] == ["of"] or (doing and after and after[0] not in LEXICON.function_words):
            return _maker(after[1:] if after[0] == "of" else after)
        if known is not None:
            return "storm" if known[1] and ("storm", True) in map(known_sound, words) else known[0]
    return _noun(" ".join(w for w in words if w not in _LOUD and (w not in _PLAYED or _INSTRUMENTS.isdisjoint(words))))


_LOUD = frozenset("loud loudly quiet quietly distant close heavy soft softly gentle light far away nearby".split())


def known_sound(word: str) -> tuple[str, bool] | None:
    """The row of a sound word in any of its forms: bark, barks, barked, barking."""
    table = _table()
    return next((table[base] for base in bases(word) if base in table), None)


def _noun(text: str) -> str | None:
    tokens = tuple(t for t in tokenise(text) if t.kind in ("word", "number"))
    while tokens and tokens[0].text in _EMPTY and not _counts(tokens):
        tokens = tokens[1:]
    ends = Reader(tokens).ends(0, "phrase") if tokens else []
    if not ends:
        return None
    core = ends[0][1].core
    while core and core[-1].text in _LAST:
        core = core[:-1]
    if not core or not any(_is_word(t) for t in core if t.text not in DETERMINERS):
        return None
    noun = Noun(core)
    return None if noun.whole or noun.pronoun else noun.bare


def _counts(tokens: tuple[Token, ...]) -> bool:
    return LEXICON.number(tokens[0].text) is not None and len(tokens) > 1


def _is_word(token: Token) -> bool:
    return token.kind == "word" and len(token.text) > 1 and re.search("[aeiouy]", token.text) is not None
