"""What `pixwright models list | pull | verify | path` do: lines of text for a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pixwright.errors import WeightsCorrupt, WeightsMissing
from pixwright.weights import pull as pulling
from pixwright.weights import store
from pixwright.weights.registry import Entry, registry


def list_rows() -> Iterator[str]:
    """One line an entry: name, whether it is here, size, licence, what it is, where it comes from."""
    for row in registry().values():
        here = "here" if store.place(row).exists() else "-"
        yield f"{row.name:30} {here:4} {megabytes(row):>10}  {row.licence:22} {row.about} ({row.source})"


def rows() -> list[dict[str, object]]:
    """The same for a program."""
    return [
        {"name": row.name, "here": store.place(row).exists(), "bytes": row.size, "licence": row.licence, "about": row.about, "source": row.source}
        for row in registry().values()
    ]  # fmt: skip


def pull(name: str) -> str:
    """Fetch and verify; one line that says where it is. Raises as `weights.pull.pull`."""
    where = pulling.pull(name)
    return f"{name} is at {where}, sha256 {store.expected_digest(name)}"


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


def megabytes(row: Entry) -> str:
    """The recorded size for a person."""
    return f"{row.size / 1e6:.1f} MB" if row.size else "?"
