"""Which package a photograph is out of: pictures of one package are alike, so that what is measured on some of them says little if others were learnt."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LISTS = (ROOT / "recipes/photos.json", ROOT / "recipes/train/named/photos.json")


@cache
def makers() -> dict[str, str]:
    """Of each photograph's file the first word of its package's name, which packages of one maker share: "tabler" of tabler-ui and @tabler/preview."""
    carriers = [carrier for file in LISTS for carrier in json.loads(file.read_text(encoding="utf-8"))]
    return {photo["name"]: _maker(carrier["package"]) for carrier in carriers for photo in carrier["photos"]}


def _maker(package: str) -> str:
    found = re.search("[a-z]+", package.lower())
    return found.group() if found else package


def folds(photos: Iterable[str], count: int) -> dict[str, int]:
    """Each photograph's fold, all of one maker in the same one: the makers of most photographs first, each into the fold that has fewest."""
    own = {photo: makers()[photo] for photo in photos}
    held, fold = [0] * count, {}
    for maker, number in sorted(Counter(own.values()).items(), key=lambda pair: (-pair[1], pair[0])):
        fold[maker] = held.index(min(held))
        held[fold[maker]] += number
    return {photo: fold[maker] for photo, maker in own.items()}
