"""Make `src/pixwright/parse/nouns.tsv`: everyday nouns -> the kind of thing that they name, by WordNet's hypernyms.

    python recipes/convert/kinds.py --wordnet DIR

DIR holds WordNet 3.0's `data.noun` and `index.noun` (Debian package `wordnet-base`: usr/share/wordnet). A noun is taken if it is one word, its commonest
meaning lies under the synset of a kind, and WordNet's tagged texts use it; the nearest kind above it is its kind. What `kinds.json` lists stays there.
The WordNet 3.0 licence (Princeton University) allows redistribution with its notice, which is in NOTICE.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from wordnet import Synset, read_index, read_synsets

import pixwright.parse
from pixwright.parse.about import kinds

ROOTS = {
    "animal": ("animal", 0), "bird": ("bird", 0), "fish": ("fish", 0), "dog": ("dog", 0), "fruit": ("edible fruit", 0),
    "food": ("food", 1), "flower": ("flower", 0), "tree": ("tree", 0), "plant": ("plant", 1), "building": ("building", 0),
    "vehicle": ("vehicle", 0), "furniture": ("furniture", 0), "statue": ("statue", 0),
}  # fmt: skip
"""Kind -> the lemma, and which of its meanings, below which its nouns lie."""
MORE = {
    "person": [
        "worker",
        "professional",
        "leader",
        "entertainer",
        "artist",
        "athlete",
        "relative",
        "child",
        "traveler",
        "craftsman",
        "skilled worker",
        "ruler",
        "servant",
    ],
    "building": ["housing", "tower", "bridge", "fortification", "ruin"],
    "food": ["foodstuff", "dish", "beverage"],
}
"""Further roots. People are taken by their work and kin only: the rest of WordNet's words for people are mostly insults."""


MISTAKEN = frozenset(
    "queen human male female young mount giant charger drone stray feeder creature symbolist ordinary private minor".split()
)
"""Words that people use for something else than WordNet's commonest meaning."""


def tagged(path: Path) -> set[str]:
    """The nouns of `index.noun` with a meaning that occurs in the tagged texts (field tagsense_cnt of wndb(5))."""
    lines = (line.split() for line in path.read_text("utf-8").splitlines() if not line.startswith(" "))
    return {f[0] for f in lines if int(f[-int(f[2]) - 1]) > 0}


def nearest(offset: int, synsets: dict[int, Synset], roots: dict[int, str]) -> str | None:
    """The kind of the closest hypernym that is a kind's root, level by level."""
    level = [offset]
    while level:
        found = next((roots[o] for o in level if o in roots), None)
        if found:
            return found
        level = [p for o in level for p in synsets[o].parents]
    return None


def main() -> None:
    """Write the table beside the parser."""
    options = argparse.ArgumentParser(description="nouns and the kinds of things that they name")
    options.add_argument("--wordnet", type=Path, required=True)
    folder = options.parse_args().wordnet
    synsets, index = read_synsets(folder / "data.noun"), read_index(folder / "index.noun")
    roots = {index[lemma][sense]: kind for kind, (lemma, sense) in ROOTS.items()}
    for kind, lemmas in MORE.items():
        for lemma in lemmas:
            roots |= {offset: kind for offset in index[lemma][:2] if synsets[offset].lexical in (6, 13, 18)}
    listed = {word for words in kinds().words.values() for word in words}
    out: dict[str, list[str]] = defaultdict(list)
    for noun in sorted(tagged(folder / "index.noun") - listed - MISTAKEN):
        if not noun.isalpha() or len(noun) < 3 or synsets[index[noun][0]].instance:
            continue
        kind = nearest(index[noun][0], synsets, roots)
        if kind:
            out[kind].append(noun)
    target = Path(pixwright.parse.__file__).with_name("nouns.tsv")
    target.write_text("".join(f"{kind}\t{' '.join(nouns)}\n" for kind, nouns in sorted(out.items())), encoding="utf-8")
    print(f"{target}: {sum(map(len, out.values()))} nouns, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
