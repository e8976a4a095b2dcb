"""Fill `src/pixwright/words/lexicon.tsv` from WordNet: new rows, and cells that are empty. A cell that somebody has written is never changed.

    pip install wordfreq inflect
    python recipes/convert/lexicon.py --wordnet DIR

DIR holds WordNet 3.0's `data.noun`, `index.noun` and `cntlist.rev` (Debian package `wordnet-base`: usr/share/wordnet). A noun is taken if one of its common
meanings can be seen in a photograph and people write it often enough (`wordfreq`); names, Latin and insults are left out. `-` in a cell says
"nothing, on purpose". The WordNet 3.0 licence (Princeton University) allows redistribution with its notice, which is in NOTICE.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import inflect
from wordfreq import zipf_frequency

HERE = Path(__file__).parents[2] / "src" / "pixwright"
TABLE = HERE / "words" / "lexicon.tsv"
COLUMNS = "noun plural kinds size stands worn stuff part imagenet coco alike synonyms".split()
VISIBLE = {5, 6, 8, 13, 15, 17, 18, 20, 27}
"""Lexicographer files of things that a photograph can show: animal, artifact, body, food, location, object, person, plant, substance."""
RARE = 2.0
"""Least Zipf frequency of a noun that no network has a class for; a compound must also occur in WordNet's tagged texts."""
ROOTS = {
    "animal": ["animal"],
    "bird": ["bird"],
    "fish": ["fish"],
    "insect": ["insect"],
    "plant": ["plant:1"],
    "flower": ["flower"],
    "tree": ["tree"],
    "fruit": ["edible fruit"],
    "vegetable": ["vegetable"],
    "food": ["food", "food:1"],
    "drink": ["beverage"],
    "vehicle": ["vehicle"],
    "boat": ["vessel:1", "boat"],
    "aircraft": ["aircraft"],
    "building": ["building", "housing", "tower", "fortification", "place of worship"],
    "structure": ["structure"],
    "place": [
        "facility",
        "depository",
        "municipality",
        "tract",
        "room",
        "street",
        "district",
        "area:4",
        "desert",
        "wilderness:2",
    ],
    "furniture": ["furniture"],
    "wearable": ["clothing", "footwear", "footwear:1", "headdress", "jewelry", "spectacles", "mask"],
    "container": ["container"],
    "instrument": ["musical instrument"],
    "tool": ["tool", "utensil", "implement"],
    "machine": ["machine", "electronic equipment", "home appliance"],
    "weapon": ["weapon"],
    "light": ["lamp", "lamp:1", "light source"],
    "toy": ["plaything", "game equipment"],
    "symbol": ["sign:1", "signboard", "flag", "emblem"],
    "landscape": ["geological formation", "land:2"],
    "water": ["body of water"],
    "part": ["body part", "plant organ"],
    "material": ["material"],
    "cloth": ["fabric", "furnishing:1"],
    "statue": ["sculpture"],
    "picture": ["picture", "picture:1"],
    "device": ["device", "equipment"],
    "heaven": ["celestial body"],
    "person": ["person"],
}
"""Kind -> the lemmas (and which of their meanings, 0 if not said) under whose synsets its nouns lie."""
COMMON_PEOPLE = "worker professional leader entertainer artist athlete relative child traveler craftsman ruler servant adult juvenile"
"""People are taken by their work, kin and age: the rest of WordNet's words for people are mostly insults."""
UNKIND = frozenset(
    "prostitute concubine hag bozo fascist crone whore harlot hooker slave quack pimp spinster tramp".split()
)
"""Words for people that nobody should be called by."""
PLAIN = re.compile(r"(left|right|first|second|third|old|young|new|big|small|little) |.* of ")
"""Compounds that the reader of phrases takes apart."""
COCO_ROOTS = (
    "person bicycle car motorcycle airplane bus train truck boat bench bird cat dog horse sheep cow elephant bear backpack umbrella handbag suitcase "
    "bottle cup bowl chair couch bed cake clock vase book toilet sandwich"
).split()
"""COCO's kinds that pass on to what WordNet puts under their commonest meaning: a poodle is a dog."""
INSULT = re.compile(r"slur|offensive|derogat|disparag|obscene|vulgar|pejorat|contempt", re.I)


@dataclass
class Synset:
    lexical: int
    lemmas: list[str]
    parents: list[int]
    instance: bool
    insulting: bool


def read_synsets(path: Path) -> dict[int, Synset]:
    """`data.noun`: offset -> synset (WordNet manual page wndb(5)); lemmas as they are spelt there."""
    insults = set()
    out: dict[int, Synset] = {}
    usage: dict[int, list[int]] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        head, _, gloss = line.partition("|")
        f = head.split()
        count = int(f[3], 16)
        lemmas = [f[4 + 2 * i].replace("_", " ") for i in range(count)]
        at = 4 + 2 * count
        pointers = [f[at + 1 + 4 * i : at + 5 + 4 * i] for i in range(int(f[at]))]
        offset = int(f[0])
        usage[offset] = [int(p[1]) for p in pointers if p[0] == ";u"]
        if any(word in lemmas for word in ("ethnic slur", "disparagement", "obscenity", "vulgarism", "slang")):
            insults.add(offset)
        parents = [int(p[1]) for p in pointers if p[0] in ("@", "@i") and p[2] == "n"]
        proper = any(p[0] == "@i" for p in pointers)
        out[offset] = Synset(int(f[1]), lemmas, parents, proper, bool(INSULT.search(gloss.split(";")[0])))
    for offset, domains in usage.items():
        out[offset].insulting |= bool(insults & set(domains))
    return out


class WordNet:
    """Nouns, their meanings by frequency, and what lies above a meaning."""

    def __init__(self, folder: Path) -> None:
        self.synsets = read_synsets(folder / "data.noun")
        self.index: dict[str, list[int]] = {}
        for line in (folder / "index.noun").read_text("utf-8").splitlines():
            if not line.startswith(" "):
                f = line.split()
                self.index[f[0].replace("_", " ")] = [int(o) for o in f[-int(f[2]) :]]
        self.counts: dict[tuple[str, int], int] = defaultdict(int)
        for line in (folder / "cntlist.rev").read_text("utf-8").splitlines():
            key, sense, times = line.split()
            lemma, _, rest = key.partition("%")
            if rest.startswith("1:"):
                self.counts[lemma.replace("_", " "), int(sense) - 1] += int(times)

    def above(self, offset: int) -> list[int]:
        """The synset and everything above it, nearest first."""
        seen, level = [], [offset]
        while level:
            seen += [o for o in dict.fromkeys(level) if o not in seen]
            level = [p for o in level for p in self.synsets[o].parents if p not in seen]
        return seen

    def named(self, text: str) -> int:
        """The synset of `lemma` or `lemma:sense`."""
        lemma, _, sense = text.partition(":")
        return self.index[lemma][int(sense or 0)]


def runs(classes: set[int]) -> str:
    """`151-268 270` for the classes 151 to 268 and 270."""
    out: list[list[int]] = []
    for c in sorted(classes):
        if out and c == out[-1][1] + 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


class Filler:
    """What WordNet says for each column."""

    def __init__(self, net: WordNet, rows: dict[str, dict[str, str]]) -> None:
        self.net, self.rows = net, rows
        self.roots = {net.named(lemma): kind for kind, lemmas in ROOTS.items() for lemma in lemmas}
        self.people = {
            o for lemma in COMMON_PEOPLE.split() for o in net.index[lemma][:2] if net.synsets[o].lexical == 18
        }
        self.coco = {net.named(kind): kind for kind in COCO_ROOTS}
        self.sizes = {
            net.index[n][0]: row["size"] for n, row in rows.items() if row["size"] not in ("", "-") and n in net.index
        }
        classes = [
            int(row["wnid"][1:]) for row in json.loads((HERE / "encoders/data/imagenet.json").read_text("utf-8"))
        ]
        self.under: dict[int, set[int]] = defaultdict(set)
        self.own: dict[int, int] = {}
        for number, offset in enumerate(classes):
            self.own[offset] = number
            for o in net.above(offset):
                self.under[o].add(number)
        self.inflect = inflect.engine()

    def senses(self, noun: str) -> list[int]:
        """The meanings that a photograph can show, commonest first; those that are far rarer than the commonest of all are left out."""
        offsets = self.net.index.get(noun, [])
        times = [self.net.counts[noun, i] for i in range(len(offsets))]
        most = max(times, default=0)
        kept = []
        for rank, o in enumerate(offsets[:6]):
            s = self.net.synsets[o]
            spelt = any(lemma == noun for lemma in s.lemmas)
            rare = rank > 0 and most >= 8 and times[rank] < 0.06 * most
            if s.lexical in VISIBLE and not s.instance and not s.insulting and spelt and not rare:
                if s.lexical == 18 and (rank or not self.people & set(self.net.above(o)) or noun in UNKIND):
                    continue
                kept.append(o)
        return kept[:3]

    def insulting(self, noun: str) -> bool:
        return any(self.net.synsets[o].insulting for o in self.net.index.get(noun, [])[:3])

    def wanted(self, noun: str) -> bool:
        """Whether a noun that nobody has written into the table is worth a row."""
        if not re.fullmatch(r"[a-z][a-z'-]{1,}( [a-z'-]{2,}){0,2}", noun) or self.insulting(noun):
            return False
        kept = self.senses(noun)
        if not kept or (noun not in self.net.index):
            return False
        first = self.net.index[noun]
        if first.index(kept[0]) > 1 and self.net.counts[noun, first.index(kept[0])] == 0:
            return False
        if self.rows.get(self.inflect.singular_noun(noun) or "") or PLAIN.match(noun):
            return False
        if any(o in self.own for o in kept):
            return zipf_frequency(noun, "en") >= 1.2 or self.net.synsets[kept[0]].lemmas[0] == noun
        if not self.kinds(kept, noun) or re.search(r"\b(family|genus|order|class)$", noun):
            return False
        used = self.net.counts[noun, first.index(kept[0])] > 0
        single = noun.isalpha() and self.net.synsets[kept[0]].lexical != 18
        return zipf_frequency(noun, "en") >= RARE and (used or single)

    def kinds(self, kept: list[int], noun: str) -> list[str]:
        """Kinds of the commonest meaning, and of others that are nearly as common."""
        offsets = self.net.index[noun]
        times = [self.net.counts[noun, offsets.index(o)] for o in kept]
        found: list[str] = []
        for o, n in zip(kept, times):
            if o is kept[0] or n * 3 >= max(times):
                found += [self.roots[a] for a in self.net.above(o) if a in self.roots]
        if "person" in found and self.net.synsets[kept[0]].lexical == 18:
            return ["person"]
        return [k for k in dict.fromkeys(found) if k != "person"]

    def imagenet(self, kept: list[int]) -> str:
        """`4 7-9` at weight 1, further meanings after `:weight`; `~` before classes that only resemble the noun."""
        cells: list[str] = []
        taken: set[int] = set()
        for rank, o in enumerate(o for o in kept if self.under.get(o)):
            fresh = self.under[o] - taken
            taken |= fresh
            text = runs(fresh)
            if text and len(text.split()) <= 40:
                cells += [run if not rank else f"{run}:{0.6**rank:.2g}" for run in text.split()]
        if cells or not kept:
            return " ".join(cells)
        level = [kept[0]]
        for _ in range(3):
            level = [p for o in level for p in self.net.synsets[o].parents]
            found = [self.under[o] for o in level if self.under.get(o)]
            if found:
                best = min(found, key=len)
                return " ".join(f"~{run}" for run in runs(best).split()) if len(best) <= 12 else ""
        return ""

    def plural(self, noun: str, kinds: list[str]) -> str:
        if {"mass", "pair"} & set(kinds):
            return noun if "pair" in kinds else "-"
        one = self.inflect.singular_noun(noun)
        return "-" if one and one in self.net.index else str(self.inflect.plural_noun(noun))

    def fill(self, row: dict[str, str]) -> None:
        """Fill the row's empty cells."""
        noun = row["noun"]
        kept = self.senses(noun)
        if row["kinds"] == "" and kept:
            row["kinds"] = ", ".join(self.kinds(kept, noun))
        kinds = row["kinds"].split(", ")
        row["plural"] = row["plural"] or self.plural(noun, kinds)
        if not kept:
            return
        above = self.net.above(kept[0])
        if "person" not in kinds and not row["stuff"] and not row["part"]:
            row["imagenet"] = row["imagenet"] or self.imagenet(kept)
        row["coco"] = row["coco"] or next((self.coco[o] for o in above if o in self.coco), "")
        row["size"] = row["size"] or next((self.sizes[o] for o in above if o in self.sizes), "")
        if not row["synonyms"] and not {"stuff", "part"} & set(kinds):
            others = [
                lemma
                for lemma in self.net.synsets[kept[0]].lemmas
                if lemma != noun and re.fullmatch("[a-z' -]+", lemma) and " of " not in lemma
            ]
            row["synonyms"] = ", ".join(
                o for o in others if zipf_frequency(o, "en") >= RARE and not self.insulting(o) and not PLAIN.match(o)
            )


def read_table() -> dict[str, dict[str, str]]:
    lines = TABLE.read_text("utf-8").splitlines()[1:] if TABLE.exists() else []
    rows = [dict(zip(COLUMNS, line.split("\t"))) for line in lines]
    return {row["noun"]: row for row in rows}


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--wordnet", type=Path, required=True)
    filler = Filler(WordNet(cli.parse_args().wordnet), read_table())
    rows = filler.rows
    for noun in sorted(filler.net.index):
        if noun not in rows and filler.wanted(noun):
            rows[noun] = dict.fromkeys(COLUMNS, "") | {"noun": noun}
    for row in rows.values():
        filler.fill(row)
    text = "\n".join("\t".join(row[c] for c in COLUMNS) for _, row in sorted(rows.items()))
    TABLE.write_text("\t".join(COLUMNS) + "\n" + text + "\n", "utf-8")
    print(f"{len(rows)} nouns, {TABLE.stat().st_size} bytes -> {TABLE}")


if __name__ == "__main__":
    main()
