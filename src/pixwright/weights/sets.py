"""Sets of weights that are pulled together (`sets.json`), what each would cost, and how much memory a card has."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pixwright.errors import InvalidOption
from pixwright.weights.hub import Held, Hub, megabytes
from pixwright.weights.pull import look
from pixwright.weights.registry import Entry, entry
from pixwright.weights.store import place

ASKED = ("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")
"""Prints the memory of each card in MiB."""
PATIENCE = 10
"""Seconds for the card's own tool to answer."""
MIB = 1024.0


@dataclass(frozen=True)
class WeightSet:
    """Names that are pulled together. `about` is one line for the help."""

    name: str
    about: str
    weights: tuple[str, ...]


@cache
def weight_sets() -> dict[str, WeightSet]:
    """The known sets, by name."""
    read = json.loads(files("pixwright.weights").joinpath("sets.json").read_text("utf-8"))
    return {name: WeightSet(name, row["about"], tuple(row["weights"])) for name, row in read.items()}


def card_memory() -> float:
    """Gigabytes of the largest NVIDIA card here; 0 without one."""
    if shutil.which(ASKED[0]) is None:
        return 0.0
    try:
        said = subprocess.run(ASKED, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
        return max((float(line) for line in said.split()), default=0.0) / MIB
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0.0


def chosen(names: list[str], memory: float | None = None) -> tuple[list[Entry], list[str]]:
    """The entries that names of sets and of weights mean, each once, and why some of a set are left out.

    `memory`: gigabytes of the card; None asks the card. Raises `WeightsMissing` for an unknown name, `InvalidOption` where a set needs a card that is not there.
    """
    rows: dict[str, Entry] = {}
    told: list[str] = []
    for name in names:
        if name not in weight_sets():
            rows[name] = entry(name)
            continue
        members = [entry(member) for member in weight_sets()[name].weights]
        if any(row.memory for row in members):
            has = card_memory() if memory is None else memory
            if not has:
                raise InvalidOption(
                    f"the set '{name}' needs a card, and none was found here; say how large it is with --memory GB"
                )
            told += [
                f"{row.name} is left out: it needs {row.memory:g} GB, the card has {has:.0f}"
                for row in members
                if row.memory > has
            ]
            members = [row for row in members if row.memory <= has]
        rows |= {row.name: row for row in members}
    return list(rows.values()), told


@dataclass(frozen=True)
class Offer:
    """One entry that may be pulled: its commit and files as the hub names them now; neither where it is here already or no hub is asked."""

    row: Entry
    commit: str = ""
    files: tuple[Held, ...] = ()

    @property
    def here(self) -> bool:
        """Whether it is in the store."""
        return place(self.row).exists()

    @property
    def size(self) -> int:
        """Bytes to fetch."""
        return 0 if self.here else sum(held.size for held in self.files) or self.row.size

    def lines(self) -> list[str]:
        """What a person should know before saying yes: name, licence, size; each file with its revision and hash."""
        size = "here" if self.here else megabytes(self.size) if self.size else "size not known"
        head = f"{self.row.name}: {self.row.about}; {self.row.licence}; {size}"
        told = [
            f"  {self.row.repo}@{self.commit[:12]} {held.name} {megabytes(held.size)} {_hash(held)}"
            for held in self.files
        ]
        return [head, *told]


def _hash(held: Held) -> str:
    return f"sha256 {held.sha256[:16]}..." if held.sha256 else "no known sha256: recorded at this pull"


def offered(rows: list[Entry]) -> list[Offer]:
    """What each entry would bring. Hubs are asked for what is not here; raises as `pull.look`."""
    if not any(row.kind == "hub" and not place(row).exists() for row in rows):
        return [Offer(row) for row in rows]
    out = []
    with Hub() as hub:
        for row in rows:
            if row.kind == "hub" and not place(row).exists():
                snapshot, held = look(row, hub)
                out.append(Offer(row, snapshot.commit, held))
            else:
                out.append(Offer(row))
    return out
