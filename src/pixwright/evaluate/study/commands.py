"""What `pixwright evaluate study` does, and the lines that it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from pixwright.errors import InvalidOption
from pixwright.evaluate.study.design import Protocol
from pixwright.evaluate.study.report import answer_lines, as_json, markdown, results
from pixwright.evaluate.study.runs import study_from
from pixwright.evaluate.study.server import serve_study
from pixwright.evaluate.study.study import Options, create_study

Form: TypeAlias = Literal["markdown", "json", "answers"]


def make(
    db: Path,
    sources: Sequence[Path],
    protocol: Protocol,
    seed: int = 0,
    options: Options = Options(),
    data: Path | None = None,
) -> Iterator[str]:
    """Make a study of one JSON-lines file of items, or of the folders of several runs (`data` as for `pixwright evaluate`).

    Raises `InvalidOption` and what reading pictures raises.
    """
    if not sources:
        raise InvalidOption("nothing to show; give a JSON-lines file of items, or the folders of runs")
    if db.exists():
        raise InvalidOption(f"{db} exists; choose another name, a study is never overwritten")
    if len(sources) == 1 and not sources[0].is_dir():
        trials = create_study(db, sources[0], protocol, seed, options)
    else:
        trials = create_study(db, study_from(sources, data, options.limit, seed), protocol, seed, options)
    each = trials if options.per_rater is None else min(trials, options.per_rater)
    yield f"{db}: {trials} trials, {each} for each rater{f' and {options.checks} attention checks' if options.checks else ''}"


def serve(db: Path, host: str = "127.0.0.1", port: int = 8000) -> Iterator[str]:
    """Say the address, then serve until interrupted. Raises `InvalidOption` for a file that is no study or an address that is taken."""
    yield from serve_study(db, host, port)


def report(db: Path, form: Form = "markdown", drop_failing: bool = False) -> Iterator[str]:
    """The tables, as Markdown or JSON, or every answer as a JSON line. Raises `InvalidOption` if there is no answer to count."""
    if form == "answers":
        yield from answer_lines(db)
    elif form in ("markdown", "json"):
        tables = results(db, drop_failing)
        yield (markdown(tables) if form == "markdown" else as_json(tables)).rstrip("\n")
    else:
        raise InvalidOption(f"form {form!r}; allowed are markdown, json, answers")
