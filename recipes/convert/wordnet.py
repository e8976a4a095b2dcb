"""Make `src/pixwright/ground/nouns.tsv.gz`: English noun -> groups of ImageNet-1k classes, by WordNet's hypernyms.

    python recipes/convert/wordnet.py --wordnet DIR --synsets imagenet_synsets.txt

DIR holds WordNet 3.0's `data.noun`, `index.noun` and `noun.exc` (Debian package `wordnet-base`: usr/share/wordnet); the synset list
(class index -> WordNet id, one a line) is `timm/data/_info/imagenet_synsets.txt` of the timm 1.0 wheel.

Output, gzipped text with tab-separated fields:
    G <class> <class> ...        a group; its number is its line's position among the G lines; `a-b` is a run of classes
    L <class> <name>             the first lemma of a class
    X <irregular plural> <noun>
    N <noun> <sense> ...         sense = group, then `=` (the group lies under this very meaning) or `~` (only under a close hypernym),
                                 in WordNet's order of frequency; `p` is a person
The WordNet 3.0 licence (Princeton University) allows redistribution with its notice, which is in NOTICE.
"""

from __future__ import annotations

import argparse
import gzip
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

LEXICAL = {
    5: "animal",
    6: "artifact",
    8: "body",
    13: "food",
    15: "location",
    17: "object",
    18: "person",
    20: "plant",
    27: "substance",
}
PERSON = 7846
MAX_CLIMB = 3
MAX_GROUP = 40
"""A hypernym found by climbing says nothing if it covers more classes than this."""


@dataclass
class Synset:
    lexical: int
    lemmas: list[str]
    parents: list[int]
    instance: bool
    """A proper name: Stephen Crane is no crane."""


def read_synsets(path: Path) -> dict[int, Synset]:
    """`data.noun`: offset -> synset (WordNet manual page wndb(5))."""
    out: dict[int, Synset] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        f = line.split("|", 1)[0].split()
        count = int(f[3], 16)
        lemmas = [f[4 + 2 * i].replace("_", " ").lower() for i in range(count)]
        at = 4 + 2 * count
        pointers = [f[at + 1 + 4 * i : at + 5 + 4 * i] for i in range(int(f[at]))]
        out[int(f[0])] = Synset(
            int(f[1]),
            lemmas,
            [int(p[1]) for p in pointers if p[0] in ("@", "@i") and p[2] == "n"],
            any(p[0] == "@i" for p in pointers),
        )
    return out


def read_index(path: Path) -> dict[str, list[int]]:
    """`index.noun`: lemma -> synset offsets, most frequent first."""
    out = {}
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith(" "):
            f = line.split()
            out[f[0].replace("_", " ")] = [int(o) for o in f[-int(f[2]) :]]
    return out


def ancestors(offset: int, synsets: dict[int, Synset]) -> set[int]:
    """The synset and everything above it."""
    seen, todo = set(), [offset]
    while todo:
        o = todo.pop()
        if o not in seen:
            seen.add(o)
            todo += synsets[o].parents
    return seen


def climb(offset: int, synsets: dict[int, Synset], under: dict[int, set[int]]) -> tuple[int, ...] | None:
    """Classes of the closest hypernym that has a few, or None."""
    level = [offset]
    for _ in range(MAX_CLIMB):
        level = [p for o in level for p in synsets[o].parents]
        found = [under[o] for o in level if under.get(o)]
        if found:
            best = min(found, key=len)
            return tuple(sorted(best)) if len(best) <= MAX_GROUP else None
    return None


def runs(classes: tuple[int, ...]) -> str:
    """`151-268 270` for the classes 151 to 268 and 270."""
    out: list[list[int]] = []
    for c in classes:
        if out and c == out[-1][1] + 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


def senses(
    lemma: str,
    offsets: list[int],
    synsets: dict[int, Synset],
    under: dict[int, set[int]],
    group_of: dict[tuple[int, ...], int],
) -> list[str]:
    """The codes of a noun's first visible senses."""
    out: list[str] = []
    for rank, o in enumerate(offsets[:6]):
        s = synsets[o]
        if s.instance or (s.lexical not in LEXICAL and o != PERSON):
            continue
        if s.lexical == 18 or o == PERSON:
            code = "" if out else "p"
        elif under.get(o):
            code = f"{group_of.setdefault(tuple(sorted(under[o])), len(group_of))}="
        else:
            near = climb(o, synsets, under) if rank < 2 else None
            code = f"{group_of.setdefault(near, len(group_of))}~" if near else ""
        if code and code not in out:
            out.append(code)
    return out


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--wordnet", type=Path, required=True)
    cli.add_argument("--synsets", type=Path, required=True)
    cli.add_argument("--out", type=Path, default=Path(__file__).parents[2] / "src/pixwright/ground/nouns.tsv.gz")
    a = cli.parse_args()
    synsets, index = read_synsets(a.wordnet / "data.noun"), read_index(a.wordnet / "index.noun")
    classes = [int(line[1:]) for line in a.synsets.read_text().split()]
    under: dict[int, set[int]] = defaultdict(set)
    for i, offset in enumerate(classes):
        for o in ancestors(offset, synsets):
            under[o].add(i)
    group_of: dict[tuple[int, ...], int] = {}
    nouns = {}
    for lemma, offsets in sorted(index.items()):
        if (
            lemma[0].isalpha()
            and len(lemma) < 32
            and lemma.count(" ") < 3
            and (codes := senses(lemma, offsets, synsets, under, group_of))
        ):
            nouns[lemma] = codes
    plurals = [line.split()[:2] for line in (a.wordnet / "noun.exc").read_text().splitlines()]
    lines = [f"G\t{runs(g)}" for g in group_of]
    lines += [f"L\t{i}\t{synsets[o].lemmas[0]}" for i, o in enumerate(classes)]
    lines += [
        f"X\t{p.replace('_', ' ')}\t{n.replace('_', ' ')}"
        for p, n in plurals
        if n.replace("_", " ") in nouns and "_" not in p
    ]
    lines += [f"N\t{n}\t{' '.join(c)}" for n, c in nouns.items()]
    a.out.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    print(f"{len(nouns)} nouns, {len(group_of)} groups, {a.out.stat().st_size} bytes -> {a.out}")


if __name__ == "__main__":
    main()
