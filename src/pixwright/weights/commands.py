"""What `pixwright models list | pull | convert | verify | path` do: lines of text for a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pixwright.errors import AccessDenied, InvalidOption, WeightsCorrupt, WeightsMissing
from pixwright.weights import pull as pulling
from pixwright.weights import store
from pixwright.weights.convert import convert as converting
from pixwright.weights.convert import converted
from pixwright.weights.hub import megabytes
from pixwright.weights.registry import Entry, registry
from pixwright.weights.sets import Offer, chosen, offered, weight_sets

IMPROVES = {
    "ground": "finding what words name",
    "outline": "outlines of what is found or pointed at",
    "words": "surfaces that words name",
    "fill": "filling of what is taken away",
    "matte": "what stands out, cut-outs",
    "depth": "what grows with distance: fog, blur",
    "similarity": "the judge's likeness of picture and words",
}
"""Part -> what it makes better in the embedded system, for `models list`."""


def list_rows() -> Iterator[str]:
    """One line an entry: name, whether it is here, size, licence, what it is, where it comes from, and what it would improve; then the sets."""
    for row in registry().values():
        here = "here" if store.place(row).exists() else "-"
        helps = f"; improves {IMPROVES[row.part]}" if row.part else ""
        yield f"{row.name:30} {here:4} {_size(row):>10}  {row.licence:22} {row.about}{helps} ({row.source})"
    for known in weight_sets().values():
        there = sum(store.place(registry()[name]).exists() for name in known.weights)
        yield f"set {known.name:26} {there}/{len(known.weights)} here; {known.about}: {', '.join(known.weights)}"


def rows() -> list[dict[str, object]]:
    """The same for a program."""
    return [
        {"name": row.name, "here": store.place(row).exists(), "bytes": row.size, "licence": row.licence, "about": row.about, "source": row.source, "part": row.part}
        for row in registry().values()
    ]  # fmt: skip


def pull(
    names: Sequence[str],
    memory: float | None = None,
    *,
    agreed: bool = True,
    ask: Callable[[str], bool] | None = None,
    told: Callable[[str], object] = print,
) -> Iterator[str]:
    """Fetch and verify names of weights and of sets; one line each that says where it is.

    What a set would bring is told first, and fetched when `agreed`, or when `ask` says yes. Weights that the hub does not give to this user do not keep the others
    from coming; the last line then raises `AccessDenied`. Raises as `weights.pull.pull`, and `InvalidOption` where nobody agreed.
    """
    wanted, left_out = chosen(list(names), memory)
    offers = offered(wanted)
    if any(name in weight_sets() for name in names):
        for line in (*left_out, *(line for offer in offers for line in offer.lines())):
            told(line)
        _agree(offers, agreed, ask)
    denied: AccessDenied | None = None
    for offer in offers:
        try:
            where = pulling.pull(offer.row.name)
        except AccessDenied as problem:
            denied = problem
            yield f"{offer.row.name} was not fetched: {problem}"
        else:
            yield f"{offer.row.name} is at {where}, sha256 {store.expected_digest(offer.row.name)}"
    if denied is not None:
        raise denied


def _agree(offers: Sequence[Offer], agreed: bool, ask: Callable[[str], bool] | None) -> None:
    """Raises `InvalidOption` unless somebody agreed to what is to be fetched."""
    missing = [offer for offer in offers if not offer.here]
    if not missing or agreed:
        return
    size = megabytes(sum(offer.size for offer in missing))
    if ask is None or not ask(f"fetch {size}?"):
        raise InvalidOption(f"{size} would be fetched and nobody agreed; add --yes")


def convert(pickled: Path, target: Path | None = None) -> str:
    """Rewrite a file of pickle as safetensors; one line with the hash of both. Raises as `weights.convert.convert`."""
    place = target or converted(pickled)
    sums = converting(pickled, place)
    return f"{place} sha256 {sums['safetensors']}, from {pickled.name} sha256 {sums['pickle']}"


def verify(names: Sequence[str]) -> Iterator[str]:
    """One line for each of `names`, or for everything that is here: ok, or what is wrong.

    After the last line raises `WeightsCorrupt` or `WeightsMissing` if anything was wrong, so that the command's exit code tells.
    """
    chosen = list(names) or [name for name, row in registry().items() if store.place(row).exists()]
    failure: WeightsCorrupt | WeightsMissing | None = None
    wrong = 0
    for name in chosen:
        try:
            found = store.verify(name)
        except (WeightsCorrupt, WeightsMissing) as problem:
            failure, wrong = problem, wrong + 1
            yield f"{name:30} WRONG  {problem}"
        else:
            known = "ok" if store.expected_digest(name) else "no recorded sha256; pull records it"
            yield f"{name:30} {known}  {found}"
    if failure is not None:
        raise type(failure)(f"{wrong} of {len(chosen)} are not as recorded; the last: {failure}")


def path(name: str) -> str:
    """The file or folder. Raises `WeightsMissing` or `WeightsCorrupt`."""
    return str(store.path(name))


def _size(row: Entry) -> str:
    return megabytes(row.size) if row.size else "?"
