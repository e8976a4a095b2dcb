"""What a study found, as tables: Markdown for people, JSON for programs."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from pixwright.errors import InvalidOption
from pixwright.evaluate.study import stats as stats
from pixwright.evaluate.study.stats import Interval, Numbers
from pixwright.evaluate.study.store import TIE, About, opened

Cell: TypeAlias = str | int | float | Interval | None
CAREFUL = 2
"""The most that a scrambled picture may be rated in an attention check."""


@dataclass(frozen=True)
class StudyTable:
    """Rows under columns. A share is 0 to 1; an interval is 95 %; None is what cannot be said."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class _Answer:
    rater: str
    item: int
    unit: int
    question: str
    systems: tuple[str, ...]
    place: int
    """As on the screen; TIE; for Likert the rating."""
    value: int
    """Index in `systems`, len(systems) for a tie; for Likert the rating less one."""
    good: int | None
    ms: int


def results(db: Path, drop_failing: bool = False) -> list[StudyTable]:
    """All tables of the answers so far, also while the study is being served. `drop_failing` leaves out raters who missed an attention check.

    Raises `InvalidOption` if the file is no study or nobody has answered yet.
    """
    with opened(db) as study:
        about = study.about
        answers = _answers(study.base, about)
        trials = study.base.execute(
            "SELECT r.name, COUNT(*) FROM trials t JOIN raters r ON r.id = t.rater GROUP BY r.name ORDER BY r.name"
        ).fetchall()
    failing = {answer.rater for answer in answers if answer.good is not None and not _passed(answer, about)}
    raters = _raters(answers, trials, about)
    kept = [a for a in answers if a.good is None and not (drop_failing and a.rater in failing)]
    if not kept:
        raise InvalidOption(f"{db} holds no answer to count yet; serve it and ask people")
    made = {"choice": _choice, "pair": _pair, "likert": _likert}[about.protocol](kept, about)
    return [
        _overview(kept, about, failing, drop_failing),
        *made,
        _agreement(kept, about),
        *_places(kept, about),
        raters,
    ]


def answer_lines(db: Path) -> Iterator[str]:
    """Every answer as a JSON line, for other programs: `shown` is the recorded order, `value` what was answered: a system, null for no
    difference, or the rating. Attention checks are among them, with `check` true. Raises as `results`.
    """
    with opened(db) as study:
        likert = study.about.protocol == "likert"
        for rater, key, position, question, systems, places, value, good, ms, at in study.base.execute(
            "SELECT r.name, i.key, t.position, a.question, u.systems, t.places, a.value, u.good, a.ms, a.at FROM answers a"
            " JOIN trials t ON t.id = a.trial JOIN units u ON u.id = t.unit JOIN raters r ON r.id = t.rater"
            " JOIN items i ON i.id = u.item ORDER BY r.id, t.position, a.question"
        ):
            names = json.loads(systems)
            shown = [names[index] for index in json.loads(places)]
            row = {"rater": rater, "item": key, "position": position, "question": question, "shown": shown}
            row["value"] = value if likert else None if value == TIE else shown[value]
            yield json.dumps({**row, "check": good is not None, "ms": ms, "at": at}, ensure_ascii=False)


def _answers(base: sqlite3.Connection, about: About) -> list[_Answer]:
    found = []
    for name, item, unit, question, systems, places, value, good, ms in base.execute(
        "SELECT r.name, u.item, u.id, a.question, u.systems, t.places, a.value, u.good, a.ms FROM answers a"
        " JOIN trials t ON t.id = a.trial JOIN units u ON u.id = t.unit JOIN raters r ON r.id = t.rater"
        " ORDER BY t.id, a.question"
    ):
        names, order = tuple(json.loads(systems)), json.loads(places)
        index = value - 1 if about.protocol == "likert" else len(names) if value == TIE else order[value]
        found.append(_Answer(name, item, unit, question, names, value, index, good, ms))
    return found


def _passed(answer: _Answer, about: About) -> bool:
    return answer.place <= CAREFUL if about.protocol == "likert" else answer.value == answer.good


def _weights(answers: Sequence[_Answer], about: About) -> tuple[dict[int, int], Numbers]:
    """(row of each item that was answered, resamples of those items)."""
    rows = {item: row for row, item in enumerate(sorted({answer.item for answer in answers}))}
    return rows, stats.resamples(len(rows), about.seed)


def _overview(kept: Sequence[_Answer], about: About, failing: set[str], drop: bool) -> StudyTable:
    rows: list[tuple[Cell, ...]] = [
        ("protocol", about.protocol),
        ("systems", ", ".join(about.systems)),
        ("questions", "; ".join(f"{question['key']}: {question['text']}" for question in about.questions)),
        ("items answered", len({answer.item for answer in kept})),
        ("raters counted", len({answer.rater for answer in kept})),
        ("answers counted", len(kept)),
        ("raters who missed a check", f"{len(failing)} ({'left out' if drop else 'counted'})"),
        ("seed", about.seed),
    ]
    return StudyTable(about.title, ("what", "value"), tuple(rows))


def _choice(kept: Sequence[_Answer], about: About) -> list[StudyTable]:
    rows: list[tuple[Cell, ...]] = []
    for question in about.questions:
        asked = [answer for answer in kept if answer.question == question["key"]]
        items, weights = _weights(asked, about) if asked else ({}, np.zeros((0, 0)))
        where = [items[answer.item] for answer in asked]
        whole = stats.by_item(where, [1.0] * len(asked), len(items))
        names = [*about.systems, *(["no difference"] if about.ties else [])]
        for index, name in enumerate(names):
            hits = [float(answer.value == index) for answer in asked]
            part = stats.by_item(where, hits, len(items))
            rows.append((question["key"], name, int(sum(hits)), *_share(sum(hits), len(asked), part, whole, weights)))
    columns = ("question", "system", "chosen", "share", "Wilson", "bootstrap by item")
    return [StudyTable("Chosen as the best", columns, tuple(rows), f"Chance is {1 / len(about.systems):.3f}.")]


def _share(hits: float, count: int, part: Numbers, whole: Numbers, weights: Numbers) -> tuple[Cell, ...]:
    if not count:
        return None, None, None
    return hits / count, stats.wilson(hits, count), stats.ratio_interval(part, whole, weights)


def _pair(kept: Sequence[_Answer], about: About) -> list[StudyTable]:
    wins: list[tuple[Cell, ...]] = []
    worth: list[tuple[Cell, ...]] = []
    ties: list[str] = []
    pairs = sorted({answer.systems for answer in kept})
    for question in (row["key"] for row in about.questions):
        asked = [answer for answer in kept if answer.question == question]
        if not asked:
            continue
        items, weights = _weights(asked, about)
        counts = np.zeros((len(items), len(pairs), 3))
        for answer in asked:
            counts[items[answer.item], pairs.index(answer.systems), answer.value] += 1
        for index, (first, second) in enumerate(pairs):
            won, lost, tied = counts[:, index].T
            a, b, t = (int(side.sum()) for side in (won, lost, tied))
            half = _share(a + t / 2, a + b + t, won + tied / 2, won + lost + tied, weights)
            clear = a / (a + b) if a + b else None
            wins.append((question, first, second, a, t, b, half[0], half[2], clear, stats.wilson(a, a + b)))
        numbers = [(about.systems.index(first), about.systems.index(second)) for first, second in pairs]
        found = stats.bradley_terry(numbers, counts, len(about.systems), weights)
        ranked = sorted(range(len(about.systems)), key=lambda index: -found.strength[index])
        worth += [(question, about.systems[i], found.strength[i], found.intervals[i]) for i in ranked]
        ties.append(f"{question} {found.tie:.3f}")
    counted = ("question", "A", "B", "A better", "no difference", "B better")
    columns = (*counted, "win rate of A", "bootstrap by item", "without ties", "Wilson")
    note = f"Log worth, mean 0: A beats B in exp(A - B) to 1 of the decided cases. Tie parameter nu: {', '.join(ties)}."
    return [
        StudyTable("One against one", columns, tuple(wins), "Win rate: a tie counts half for each."),
        StudyTable(
            "Bradley-Terry with ties (Davidson)",
            ("question", "system", "strength", "bootstrap by item"),
            tuple(worth),
            note,
        ),
    ]


def _likert(kept: Sequence[_Answer], about: About) -> list[StudyTable]:
    rows: list[tuple[Cell, ...]] = []
    for question in (row["key"] for row in about.questions):
        asked = [answer for answer in kept if answer.question == question]
        items, weights = _weights(asked, about) if asked else ({}, np.zeros((0, 0)))
        for system in about.systems:
            mine = [answer for answer in asked if answer.systems == (system,)]
            if not mine:
                rows.append((question, system, 0, None, None, 0, 0, 0, 0, 0))
                continue
            where = [items[answer.item] for answer in mine]
            part = stats.by_item(where, [answer.place for answer in mine], len(items))
            whole = stats.by_item(where, [1.0] * len(mine), len(items))
            spread = [sum(answer.place == value for answer in mine) for value in range(1, 6)]
            mean = sum(answer.place for answer in mine) / len(mine)
            rows.append((question, system, len(mine), mean, stats.ratio_interval(part, whole, weights), *spread))
    columns = ("question", "system", "ratings", "mean", "bootstrap by item", "1", "2", "3", "4", "5")
    return [StudyTable("Ratings from 1 to 5", columns, tuple(rows))]


def _agreement(kept: Sequence[_Answer], about: About) -> StudyTable:
    rows: list[tuple[Cell, ...]] = []
    level: stats.Level = "ordinal" if about.protocol == "likert" else "nominal"
    values = 5 if about.protocol == "likert" else 1 + max(len(answer.systems) for answer in kept)
    for question in (row["key"] for row in about.questions):
        asked = [answer for answer in kept if answer.question == question]
        units = {unit: row for row, unit in enumerate(sorted({answer.unit for answer in asked}))}
        counts = np.zeros((len(units), values))
        place = {units[answer.unit]: answer.item for answer in asked}
        for answer in asked:
            counts[units[answer.unit], answer.value] += 1
        several = int((counts.sum(1) > 1).sum())
        if not several:
            rows.append((question, None, None, None, 0))
            continue
        items, weights = _weights(asked, about)
        drawn = weights[:, [items[place[row]] for row in range(len(units))]]
        alpha = float(stats.krippendorff(counts, level)[0])
        spread = stats.percentiles(stats.krippendorff(counts, level, drawn))
        rows.append((question, None if np.isnan(alpha) else alpha, spread, stats.agreement(counts), several))
    columns = ("question", "alpha", "bootstrap by item", "same answer", "shown to several")
    return StudyTable(
        f"Agreement of raters (Krippendorff's alpha, {level})", columns, tuple(rows), "1 is full agreement, 0 chance."
    )


def _places(kept: Sequence[_Answer], about: About) -> list[StudyTable]:
    """Whether people preferred a place on the screen, which the balanced order cancels but a reader should see."""
    if about.protocol == "likert":
        return []
    rows: list[tuple[Cell, ...]] = []
    for question in (row["key"] for row in about.questions):
        chosen = [a.place for a in kept if a.question == question and a.place != TIE]
        for place in range(len(kept[0].systems)):
            hits = chosen.count(place)
            share = hits / len(chosen) if chosen else None
            rows.append((question, chr(65 + place), hits, share, stats.wilson(hits, len(chosen))))
    note = f"Without a habit of place each has {1 / len(kept[0].systems):.3f}."
    return [StudyTable("Places on the screen", ("question", "place", "chosen", "share", "Wilson"), tuple(rows), note)]


def _raters(answers: Sequence[_Answer], trials: Sequence[tuple[str, int]], about: About) -> StudyTable:
    done: dict[str, dict[int, _Answer]] = defaultdict(dict)
    missed: dict[str, set[int]] = defaultdict(set)
    for answer in answers:
        done[answer.rater][answer.unit] = answer
        if answer.good is not None and not _passed(answer, about):
            missed[answer.rater].add(answer.unit)
    rows: list[tuple[Cell, ...]] = []
    for name, given in trials:
        mine = list(done[name].values())
        checks = sum(answer.good is not None for answer in mine)
        seconds = float(np.median([answer.ms for answer in mine])) / 1000 if mine else None
        rows.append((name, len(mine), given, checks - len(missed[name]), checks, seconds))
    columns = ("rater", "answered", "of", "checks passed", "checks seen", "median seconds")
    return StudyTable("Raters", columns, tuple(rows))


def markdown(tables: Sequence[StudyTable]) -> str:
    """The tables for people. Shares and means have three decimals."""
    return "\n\n".join(_markdown(table) for table in tables) + "\n"


def _markdown(table: StudyTable) -> str:
    lines = [f"## {table.title}", "", *([table.note, ""] if table.note else [])]
    lines += [_line(table.columns), _line(["---"] * len(table.columns))]
    return "\n".join(lines + [_line([_text(cell) for cell in row]) for row in table.rows])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _text(cell: Cell) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, tuple):
        return f"{cell[0]:.3f} to {cell[1]:.3f}"
    return f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def as_json(tables: Sequence[StudyTable]) -> str:
    """The tables for programs: [{"title", "note", "rows": [{column: value}]}]; an interval is [low, high]."""
    shown: list[dict[str, Any]] = [
        {
            "title": table.title,
            "note": table.note,
            "rows": [dict(zip(table.columns, row, strict=True)) for row in table.rows],
        }
        for table in tables
    ]
    return json.dumps(shown, ensure_ascii=False, indent=1)
