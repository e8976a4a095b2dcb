"""Recipe: everything that decides a data set's bytes, as one frozen value.

A recipe is what a named function returns, its docstring giving command, cost and what to expect. Those that `pixwright build` knows by name
are below; a file of one's own holds others (`my_recipes.py:night_scenes`).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import Field, StringConstraints, field_validator

from pixwright.build.run.quarantine import Quarantined
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.sample import Sample, Split
from pixwright.records.thing import Frozen

T = TypeVar("T")
Format: TypeAlias = Literal["parquet", "webdataset"]
Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]
GOLDEN = 0.6180339887498949
"""The golden ratio less one: its multiples fill [0, 1) evenly, however many there are."""


class Recipe(Frozen):
    """What is built. Two equal recipes give the same bytes, shard by shard, on any number of workers.

    The contents of the sources are part of it: whoever writes `sources` puts what identifies them there (`fluent@1.2`, `folder:NAME@sha256`).
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    maker: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
    """`module:function`; see `Maker`."""
    count: Annotated[int, Field(ge=1, le=1_000_000_000)]
    """Places to fill. A maker may try several candidates for a place; those that a filter rejects are kept as rejected rows."""
    seed: Annotated[int, Field(ge=0)] = 0
    shard_size: Annotated[int, Field(ge=1, le=10_000)] = 250
    """Places in a shard, the unit of work and of what a killed run loses."""
    size: Annotated[int, Field(ge=32, le=2048)] = 256
    """Longer side of the pictures in pixels."""
    types: dict[EditType, Weight] = Field(default_factory=lambda: uniform(), min_length=1)
    """Proportions; they need not add up to 1."""
    sources: tuple[str, ...] = ()
    split: Split = Split.TRAIN
    filters: bool = True
    """Whether rows that fail a threshold are rejected; measured they are always."""
    thresholds: dict[str, dict[str, tuple[float | None, float | None]]] = Field(default_factory=dict)
    """Edit type or "all" -> name of a measurement -> its least and most; they come over the shipped ones (`thresholds.json`)."""
    formats: Annotated[tuple[Format, ...], Field(min_length=1)] = ("parquet",)
    jpeg_quality: Annotated[int, Field(ge=1, le=100)] | None = None
    """None: PNG, exact. Else pictures are JPEG of that quality; masks and pictures with alpha stay PNG."""
    options: dict[str, str] = Field(default_factory=dict)
    """Whatever else the maker reads."""

    @field_validator("thresholds")
    @classmethod
    def _known_types(cls, value: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(value) - {*EditType, "all"}):
            raise ValueError(f"thresholds for {', '.join(unknown)}: not an edit type, nor 'all'")
        return value

    @property
    def shards(self) -> int:
        """How many shards there are."""
        return -(-self.count // self.shard_size)

    def span(self, shard: int) -> tuple[int, int]:
        """First place of a shard, and the one after its last."""
        assert 0 <= shard < self.shards, shard
        return shard * self.shard_size, min((shard + 1) * self.shard_size, self.count)

    def type_of(self, index: int) -> EditType:
        """The edit type of place `index`: in turn if all are equally wanted, else along the golden-ratio sequence, whose share of every type
        is within a few rows of its proportion at any length. It depends on nothing but the index, so a longer run begins like a shorter one.
        """
        shares = tuple(sorted(self.types.items()))
        if len(set(self.types.values())) == 1:
            return shares[index % len(shares)][0]
        return spread(index, shares)

    def canonical(self) -> str:
        """JSON with sorted keys and no spaces: equal recipes have equal text."""
        return canonical_json(self.model_dump(mode="json"))

    def sha256(self) -> str:
        """Of the canonical JSON."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def rows_sha256(self) -> str:
        """Without `count`: shards of the same span and with this hash are the same, however long the run is."""
        return hashlib.sha256(canonical_json(self.model_dump(mode="json", exclude={"count"})).encode()).hexdigest()


Maker: TypeAlias = Callable[[Recipe, int, int], Iterable[Sample | Quarantined]]
"""Makes the rows of places start..stop-1, in order.

It is pure: what it yields for a place depends on the recipe and the place's index only, never on where the span begins, on the clock or on
earlier calls (caches of what was read are fine). Sample ids are unique and hold letters, digits, `_` and `-` only.
"""


@lru_cache(maxsize=8)
def _edges(weights: tuple[float, ...]) -> list[float]:
    total = sum(weights)
    return [x / total for x in accumulate(weights)]


def spread(index: int, shares: tuple[tuple[T, float], ...]) -> T:
    """The one of `shares` (value, weight) that place `index` gets along the golden-ratio sequence: right shares at any length."""
    edges = _edges(tuple(weight for _, weight in shares))
    return shares[min(bisect_right(edges, (0.5 + index * GOLDEN) % 1.0), len(shares) - 1)][0]


def canonical_json(value: Any) -> str:
    """One text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def uniform() -> dict[EditType, float]:
    """All 26 types in equal shares."""
    return dict.fromkeys(EditType, 1.0)


def paper_types() -> dict[EditType, float]:
    """Instructions per type in AnyEdit's table 7 (2.5 M). The table has 25 rows: `style_transfer` is in none of them, and so not here."""
    text = files("pixwright.build").joinpath("anyedit_types.json").read_text(encoding="utf-8")
    return {EditType(name): float(count) for name, count in json.loads(text).items()}


def anyedit() -> Recipe:
    """500 pairs of the 26 types, uniformly, from layered scenes.

    `pixwright build anyedit`. Needs no download.
    """
    return Recipe(name="anyedit", maker="pixwright.build.sets.anyedit:make", count=500)


def mm_inst() -> Recipe:
    """500 interleaved instructions with pictures and sounds, from layered scenes.

    `pixwright build mm-inst`. Needs no download.
    """
    return Recipe(name="mm-inst", maker="pixwright.build.sets.mm_inst:make", count=500)


def reasonpix2pix() -> Recipe:
    """500 reasoning instructions in the paper's three parts.

    `pixwright build reasonpix2pix`. Needs no download.
    """
    return Recipe(name="reasonpix2pix", maker="pixwright.build.sets.reasonpix2pix:make", count=500)


RECIPES: dict[str, Callable[[], Recipe]] = {"anyedit": anyedit, "mm-inst": mm_inst, "reasonpix2pix": reasonpix2pix}


def load_recipe(reference: str) -> Recipe:
    """The recipe called `reference`: a name in `RECIPES`, or `FILE.py:function`, which runs that file.

    Raises `InvalidOption` for an unknown name, a file or function that is not there, or one that returns something else.
    """
    if reference in RECIPES:
        return RECIPES[reference]()
    path, _, name = reference.rpartition(":")
    if not path.endswith(".py"):
        raise InvalidOption(f"'{reference}' is no recipe; give {', '.join(RECIPES)}, or FILE.py:function")
    if not Path(path).is_file():
        raise InvalidOption(f"'{path}' is not a file; give a Python file that holds the recipe '{name}'")
    spec = importlib.util.spec_from_file_location(f"pixwright_recipe_{Path(path).stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function = getattr(module, name, None)
    found = function() if callable(function) else None
    if not isinstance(found, Recipe):
        raise InvalidOption(f"'{name}' in '{path}' is not a function that returns a Recipe")
    return found


def load_maker(recipe: Recipe) -> Maker:
    """The function that `recipe.maker` names. Raises `InvalidOption` if it is not there."""
    module, _, name = recipe.maker.partition(":")
    try:
        found: Maker = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as problem:
        raise InvalidOption(f"maker '{recipe.maker}' of recipe '{recipe.name}' is not there: {problem}") from problem
    return found
