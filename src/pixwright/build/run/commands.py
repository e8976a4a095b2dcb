"""What `pixwright build ...` does, and the lines that it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pixwright.build.measure.select import load_thresholds
from pixwright.build.run import engine
from pixwright.build.run.browse import MOST, write_page
from pixwright.build.run.manifest import read_run
from pixwright.build.run.recipe import Recipe, load_recipe, paper_types, uniform
from pixwright.build.run.shard import read_shard
from pixwright.build.sets.bench import identify
from pixwright.build.sets.painted import methods_of
from pixwright.build.source.assets import fetched
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.sample import Sample, Split


def recipe_for(
    name: str,
    *,
    count: int | None = None,
    seed: int | None = None,
    size: int | None = None,
    types: str | None = None,
    proportions: str | None = None,
    sources: Sequence[str] = (),
    split: str | None = None,
    formats: str | None = None,
    photographs: float | None = None,
    paraphrase: bool = False,
    pairs: str | None = None,
    weights: str | None = None,
    filters: bool = True,
    thresholds: Path | None = None,
) -> Recipe:
    """A named recipe (or FILE.py:function) with what the command line changes. Raises `InvalidOption` for a value out of range.

    Where neither names sources they are all that is at hand: what the package brings and every fetched set.
    """
    base = load_recipe(name)
    if not sources and not base.sources and split != Split.TEST:
        sources = at_hand()
    changes: dict[str, Any] = {"count": count, "seed": seed, "size": size, "filters": filters and base.filters}
    changes["types"] = _types(types, proportions)
    changes["sources"] = tuple(sources) or None
    changes["split"] = None if split is None else _one_of(split, tuple(Split), "split")
    changes["formats"] = None if formats is None else tuple(formats.split(","))
    changes["thresholds"] = None if thresholds is None else load_thresholds(thresholds)
    fields = base.model_dump() | {key: value for key, value in changes.items() if value is not None}
    if photographs is not None:
        fields["options"] = fields["options"] | {"photographs": f"{photographs:g}"}
    if paraphrase:
        fields["options"] = fields["options"] | {"paraphrase": "yes"}
    if pairs is not None:
        fields["options"] = fields["options"] | {"pairs": ",".join(methods_of(pairs))}
    if weights is not None:
        fields["options"] = fields["options"] | {"weights": weights}
    try:
        recipe = Recipe.model_validate(fields)
    except ValueError as error:
        raise InvalidOption(_first_line(error)) from error
    if recipe.sources:
        # What the sources hold is part of what decides the bytes.
        held = {**recipe.options, "sources": identify(recipe.sources)}
        recipe = recipe.model_copy(update={"options": held})
    return recipe


def at_hand() -> tuple[str, ...]:
    """The package's own things and the fetched sets; nothing where none was fetched, which stands for the package's own."""
    held = fetched()
    return ("packaged", *held) if held else ()


def _types(types: str | None, proportions: str | None) -> dict[EditType, float] | None:
    if types is None and proportions is None:
        return None
    shares = {"uniform": uniform, "paper": paper_types}
    if proportions is not None and proportions not in shares:
        raise InvalidOption(f"'{proportions}' are no proportions; choose one of {', '.join(shares)}")
    every = shares[proportions or "uniform"]()
    if types is None:
        return every
    wanted = [EditType(_one_of(one.strip(), tuple(EditType), "edit type")) for one in types.split(",") if one.strip()]
    chosen = {kind: every[kind] for kind in wanted if kind in every}
    if not chosen:
        raise InvalidOption(f"'{types}' names no type that has a share; give some of {', '.join(every)}")
    return chosen


def _one_of(text: str, allowed: Sequence[str], what: str) -> str:
    if text not in allowed:
        raise InvalidOption(f"'{text}' is no {what}; choose one of {', '.join(allowed)}")
    return text


def _first_line(error: ValueError) -> str:
    """pydantic says the field on one line and what is wrong with it on the next."""
    lines = [line.strip() for line in str(error).splitlines()]
    return ": ".join(lines[1:3]).partition(" [type=")[0] if len(lines) > 2 else lines[0]


def run(recipe: Recipe, folder: Path, *, workers: int, cluster: str | None, force: bool) -> tuple[str, bool]:
    """Build; (one line that says what was done, whether every shard was)."""
    done = engine.build(recipe, folder, workers=workers, cluster=cluster, force=force, show=True)
    held = sum(one.kept for one in read_run(folder)[1])
    rate = f", {done.kept / done.seconds:.1f} a second" if done.made else ""
    text = (
        f"{folder}: {held} rows in {done.made + done.found} shards ({done.made} made now{rate}; {done.rejects} rows rejected); "
        f"look at them: pixwright build browse {folder}"
    )
    lost = [f"shard {shard} failed twice: {reason}" for shard, reason in done.failed]
    return "\n".join([text, *lost]), not done.failed


def browse(place: Path, folder: Path | None, limit: int | None, rejected: bool) -> str:
    """Write the page of a run folder or a shard; one line that says where it is."""
    target = folder or place.with_name(f"{place.stem}-page")
    index, count = write_page(_rows(place, rejected), target, place.name, limit or MOST)
    return f"{index} ({count} rows); open it in a browser"


def _rows(place: Path, rejected: bool) -> Iterator[Sample]:
    if place.is_file():
        yield from read_shard(place)
        return
    read_run(place)
    shards = sorted(place.glob("shard-*.parquet")) or sorted(place.glob("shard-*.tar"))
    for shard in [*shards, *(sorted(place.glob("rejected-*.parquet")) if rejected else [])]:
        yield from read_shard(shard)
