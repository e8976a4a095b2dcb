"""The noun table: what a noun names, how big it is, where it stands, and what the networks call it.

`lexicon.tsv` is plain text with one row a noun, sorted; it is edited by hand, and `recipes/convert/lexicon.py` fills empty cells and new rows from
WordNet 3.0. Columns: `kinds` ("animal, bird"), `size` (height x width in metres), `stands` (ground, table, air, water, wear), `worn` (where on the body),
`stuff` and `part` (the canonical name of a surface or a part), `imagenet` (classes `4 7-9`, `:0.6` a weight, `~` only alike), `coco` and `alike`
(the detector's kinds that name it, and those it is mistaken for), `synonyms`. `-` is an empty cell that stays empty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from pixwright.words.inflection import forms, plural_of, singular_of

CLASSES = 1000
"""ImageNet-1k's classes."""
TELLING = (
    "bird", "fish", "insect", "animal", "fruit", "vegetable", "food", "flower", "instrument", "toy", "tool", "furniture", "container", "vehicle", "building",
)  # fmt: skip
"""Kinds whose members look so much alike that one stands for another; of what a noun is, the first counts."""


_STEM = 3
"""Letters that either half of a word written as one has at least."""


@dataclass(frozen=True)
class NounEntry:
    """One noun. `plural` is "" for what is not counted (bread) and equals `noun` for pairs (scissors) and for sheep.

    `size` is the typical (height, width) in metres. `imagenet` holds (class, weight in (0, 1]); `exact` is False where those classes only resemble the
    noun. `coco` names the detector's kinds that are this thing; `alike` those that it takes such a thing for.
    """

    noun: str
    plural: str = ""
    kinds: frozenset[str] = frozenset()
    size: tuple[float, float] | None = None
    stands: str = ""
    worn: str = ""
    stuff: str = ""
    part: str = ""
    imagenet: tuple[tuple[int, float], ...] = ()
    exact: bool = True
    coco: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()

    def is_(self, *kinds: str) -> bool:
        """Whether it is of any of these kinds."""
        return not self.kinds.isdisjoint(kinds)


class Lexicon:
    """The table, immutable after loading. Use `lexicon()`."""

    def __init__(self, text: str) -> None:
        lines = text.splitlines()
        assert lines[0].split("\t")[0] == "noun", "the first line names the columns"
        self._rows = {line.split("\t", 1)[0]: line for line in lines[1:] if line}
        self._singular: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._shorter: dict[str, str] = {}
        """Short for what: a pepper is mostly a bell pepper."""
        for noun, line in self._rows.items():
            cells = line.split("\t")
            if cells[1] not in ("", "-"):
                self._singular.setdefault(cells[1], noun)
            for alias in _listed(cells[11]):
                self._aliases.setdefault(alias, noun)
                if noun.endswith(f" {alias}") and cells[8] not in ("", "-") and "~" not in cells[8]:
                    self._shorter.setdefault(alias, noun)
        self._entries: dict[str, NounEntry] = {}

    @property
    def nouns(self) -> tuple[str, ...]:
        """Every noun that has a row, sorted."""
        return tuple(self._rows)

    def entry(self, noun: str) -> NounEntry | None:
        """The row of a singular noun, of a synonym, or of a plural; None if there is none. A compound has no row of its last word's: see `look`."""
        noun = noun.lower()
        name = noun if noun in self._rows else self._singular.get(noun) or self._aliases.get(noun, "")
        if not name:
            return None
        if name not in self._entries:
            entry = _entry(self._rows[name])
            if "person" in entry.kinds and not entry.imagenet and name != "person":
                entry = replace(entry, imagenet=self._person.imagenet)
            if not entry.exact and name in self._shorter:
                entry = _also(entry, _entry(self._rows[self._shorter[name]]))
            if entry.is_("wearable") and not entry.worn:
                entry = replace(entry, worn=self._worn_like(name))
            self._entries[name] = entry
        return self._entries[name]

    def _worn_like(self, name: str) -> str:
        """Where a garment is worn whose row does not say it: a leather jacket where a jacket is, a sweatshirt where a shirt is; what begins with a place where things are worn (headdress), there."""
        endings = (
            [name.rpartition(" ")[2]] if " " in name else [name[at:] for at in range(_STEM, len(name) - _STEM + 1)]
        )
        plain = (self._rows.get(ending) or self._rows.get(self._aliases.get(ending, "")) for ending in endings)
        zones = [row.split("\t")[5] for row in plain if row and "wearable" in _listed(row.split("\t")[2])]
        first = next((zone for zone in zones if zone), "")
        return "head" if first and name.startswith("head") else first

    def look(self, noun: str) -> NounEntry | None:
        """Like `entry`, but a compound without a row means what its last words mean ("garden chair" is a chair)."""
        words = noun.lower().split()
        return next((found for i in range(len(words)) if (found := self.entry(" ".join(words[i:])))), None)

    def knows(self, noun: str) -> bool:
        """Whether the noun, singular or plural, has a row."""
        return self.entry(noun) is not None

    def is_(self, noun: str, *kinds: str) -> bool:
        """Whether a noun is of any of these kinds; False if it is unknown."""
        found = self.look(noun)
        return found is not None and found.is_(*kinds)

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """Every noun of any of these kinds, sorted."""
        return tuple(noun for noun in self._rows if self._has(noun, kinds))

    def singular(self, noun: str) -> tuple[str, bool]:
        """("hot dogs") -> ("hot dog", True); ("glass") -> ("glass", False); pairs ("jeans") are one thing. Only the last word changes."""
        lead, _, last = noun.lower().rpartition(" ")
        lead += " " if lead else ""
        for name in (lead + last, last):
            start = lead if name == last else ""
            if name in self._rows and not self._plural_first(name):
                return start + name, False
            if name in self._singular:
                return start + self._singular[name], True
        for stem in forms(last):
            if lead + stem in self._rows or stem in self._rows or stem in self._aliases:
                return lead + stem, True
        if last in self._aliases:
            return lead + last, False
        one = singular_of(last)
        return (lead + one, True) if one else (lead + last, False)

    def plural(self, noun: str) -> str:
        """("hot dog") -> "hot dogs"; the noun itself where it has none."""
        for start in range(len(words := noun.split())):
            found = self._rows.get(" ".join(words[start:]))
            if found:
                cell = found.split("\t")[1]
                return noun if cell in ("", "-") else " ".join([*words[:start], cell])
        return plural_of(noun)

    def counted(self, noun: str, several: bool) -> str:
        """The noun as it is called where it is one, or `several`: what "one" and "ones" stand for."""
        return self.plural(noun) if several else noun

    def _plural_first(self, name: str) -> bool:
        """Whether a word with a row of its own is rather another row's plural: "glasses" are a pair, but "leaves" are several leaves."""
        other = self._singular.get(name)
        return other is not None and other != name and not self._has(name, ("pair",))

    def _has(self, noun: str, kinds: tuple[str, ...]) -> bool:
        return bool(set(_listed(self._rows[noun].split("\t")[2])) & set(kinds))

    @property
    def _person(self) -> NounEntry:
        return _entry(self._rows["person"])


def _listed(cell: str) -> tuple[str, ...]:
    return tuple(cell.split(", ")) if cell not in ("", "-") else ()


def _entry(line: str) -> NounEntry:
    cells = ["" if cell == "-" else cell for cell in line.split("\t")]
    noun, plural, kinds, size, stands, worn, stuff, part, imagenet, coco, alike, synonyms = cells
    height, _, width = size.partition("x")
    return NounEntry(
        noun,
        plural,
        frozenset(_listed(kinds)),
        (float(height), float(width)) if size else None,
        stands,
        worn,
        stuff,
        part,
        _classes(imagenet),
        "~" not in imagenet,
        _listed(coco),
        _listed(alike),
        _listed(synonyms),
    )


def _also(short: NounEntry, full: NounEntry) -> NounEntry:
    """A noun that is short for another, too, whose classes are known exactly. What it only resembles is left out where both are one kind of thing."""
    own = () if short.is_(*full.kinds) else short.imagenet
    both = dict(own) | dict(full.imagenet)
    return replace(short, imagenet=tuple(sorted(both.items())), exact=True)


def _classes(cell: str) -> tuple[tuple[int, float], ...]:
    out: list[tuple[int, float]] = []
    for item in cell.replace("~", "").split():
        run, _, weight = item.partition(":")
        first, _, last = run.partition("-")
        out += [(c, float(weight or 1)) for c in range(int(first), int(last or first) + 1)]
    return tuple(out)


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The table, read once (about 15 ms)."""
    return Lexicon(files("pixwright.words").joinpath("lexicon.tsv").read_text("utf-8"))
