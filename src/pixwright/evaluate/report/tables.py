"""Tables for people: Markdown and LaTeX, in the form `mean±margin` of InstructAny2Pix's appendix D."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pixwright.errors import InvalidOption
from pixwright.evaluate.metrics.contract import Description
from pixwright.evaluate.report.results import Results, RowMeans, compare, components, cost, grouped, summarise
from pixwright.evaluate.report.statistics import Interval
from pixwright.evaluate.run.editors import BASELINES

_NOTE = "Intervals are 95 % percentile bootstrap over examples"
COLUMNS = 9
"""Columns of a table by group."""
_LATEX = str.maketrans({"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "~": r"\textasciitilde{}", "$": r"\$"})


def cell(found: Interval | None) -> str:
    """`.123±.004` with three digits, without an interval where there is none, `-` where there is no value."""
    if found is None or found.mean is None:
        return "-"
    return _digits(found.mean) + ("" if found.margin is None else f"±{_digits(found.margin)}")


def overview(runs: Sequence[Results]) -> str:
    """One Markdown table of several systems on one suite: a row a system, baselines last, the best of the others in bold.

    Raises `InvalidOption` for runs of different suites.
    """
    chosen, names, summaries = _aligned(runs)
    about = _about(chosen)
    best = _best(chosen, summaries, names, about)
    lines = [
        "| system | " + " | ".join(_arrow(name, about[name]) for name in names) + " | examples | failed | s/edit |",
        "|---" + "|---:" * (len(names) + 3) + "|",
    ]
    for run, summary in zip(chosen, summaries, strict=True):
        cells = []
        for name in names:
            text = cell(summary.intervals.get(name))
            cells.append(f"**{text}**" if best.get(name) is run else text)
        spent = cost(run)["seconds_mean"]
        lines.append(f"| {run.name} | " + " | ".join(cells) + f" | {summary.rows} | {summary.failed} | {spent:.2f} |")
    return "\n".join(lines) + "\n"


def by_group(run: Results, group: str) -> str:
    """Markdown tables of one system: a row a metric, a column a value of the group; empty without that group.

    `COLUMNS` a table, edit types in their order: then they are AnyEdit's tables 15 to 17.
    """
    parts = list(grouped(run, group).items())
    return "\n".join(_columns(run, group, dict(parts[i : i + COLUMNS])) for i in range(0, len(parts), COLUMNS))


def _columns(run: Results, group: str, parts: dict[str, RowMeans]) -> str:
    lines = [f"| {group} | " + " | ".join(parts) + " |", "|---" + "|---:" * len(parts) + "|"]
    for name in run.metrics:
        cells = " | ".join(cell(part.intervals[name]) for part in parts.values())
        lines.append(f"| {_arrow(name, run.about[name])} | {cells} |")
    lines.append("| examples | " + " | ".join(str(part.rows) for part in parts.values()) + " |")
    lines.append("| failed | " + " | ".join(str(part.failed) for part in parts.values()) + " |")
    return "\n".join(lines) + "\n"


def page(run: Results, groups: Sequence[str], notes: Sequence[str] = ()) -> str:
    """The whole account of a run as Markdown."""
    record, spent = run.record, cost(run)
    statuses = ", ".join(f"{count} {name}" for name, count in sorted(summarise(run).statuses.items()))
    parts = [
        f"# {record['suite']}: {run.name}",
        "",
        overview([run]),
        f"{_NOTE}; seed {record['seed']}; {statuses}.",
        "",
    ]
    parts += [f"- {note}" for note in notes]
    for group in groups:
        if table := by_group(run, group):
            parts += ["", f"## By {group}", "", table]
    if (found := components(run)) is not None:
        accuracy = ", ".join(f"{name} {_share(share.rate)}" for name, share in found.accuracy.items())
        parts += ["", "## Components", "", f"Right: {accuracy} (people's verdicts; InstructEdit, section 5)."]
        for title, matrix in (("is right", found.given_right), ("is wrong", found.given_wrong)):
            parts += [
                "",
                f"| where the row's part {title} | " + " | ".join(matrix) + " |",
                "|---" + "|---:" * len(matrix) + "|",
            ]
            parts += [
                f"| {a} | " + " | ".join(_share(s.rate) for s in row.values()) + " |" for a, row in matrix.items()
            ]
    parts += [
        "",
        "## Made with",
        "",
        _made_with(run),
        "",
        "| metric | | computed with | follows |",
        "|---|---|---|---|",
    ]
    for name, about in run.about.items():
        backbone = " ".join(part for part in (about.backbone, about.revision) if part) or "-"
        parts.append(
            f"| {name} | {'↑' if about.higher_is_better else '↓'} | {backbone}; {about.preprocessing} | {about.source} |"
        )
    parts += [
        "",
        f"An edit took {spent['seconds_mean']:.2f} s ({spent['seconds_p95']:.2f} s for 19 of 20) and {spent['cpu_seconds_mean']:.2f} s of processor time.",
    ]
    if run.tokens:
        parts.append(f"Judges read and wrote {', '.join(f'{count:,} {name}' for name, count in run.tokens.items())}.")
    return "\n".join(parts) + "\n"


def latex(runs: Sequence[Results]) -> str:
    """The overview as a LaTeX tabular (package booktabs). Raises as `overview`."""
    chosen, names, summaries = _aligned(runs)
    about = _about(chosen)
    best = _best(chosen, summaries, names, about)
    head = " & ".join(
        f"{name.translate(_LATEX)} ${'uparrow' if about[name].higher_is_better else 'downarrow'}$".replace(
            "$u", r"$\u"
        ).replace("$d", r"$\d")
        for name in names
    )
    lines = [
        rf"\begin{{tabular}}{{l{'r' * (len(names) + 1)}}}",
        r"\toprule",
        rf"System & {head} & failed \\",
        r"\midrule",
    ]
    for index, (run, summary) in enumerate(zip(chosen, summaries, strict=True)):
        if index and _baseline(run) and not _baseline(chosen[index - 1]):
            lines.append(r"\midrule")
        cells = []
        for name in names:
            text = cell(summary.intervals.get(name)).replace("±", r"$\pm$")
            cells.append(rf"\textbf{{{text}}}" if best.get(name) is run else text)
        lines.append(rf"{run.name.translate(_LATEX)} & {' & '.join(cells)} & {summary.failed}/{summary.rows} \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def difference_table(a: Results, b: Results) -> str:
    """B - A as Markdown, paired by example. Raises as `results.compare`."""
    found, count = compare(a, b)
    lines = [
        f"{b.name} against {a.name} on {a.record['suite']}, {count} examples in common",
        "",
        "| metric | B - A | 95 % interval | p | p (Holm) | B better | equal | A better | |",
        "|---|---:|---|---:|---:|---:|---:|---:|---|",
    ]
    for name, gap in found.items():
        up = a.about[name].higher_is_better
        better, worse = (gap.higher, gap.lower) if up else (gap.lower, gap.higher)
        if gap.mean is None:
            lines.append(f"| {_arrow(name, a.about[name])} | - | - | - | - | 0 | 0 | 0 | no value in common |")
            continue
        interval = "-" if gap.low is None or gap.high is None else f"{_signed(gap.low)} to {_signed(gap.high)}"
        told = "not told apart"
        if gap.p_corrected is not None and gap.p_corrected < 0.05:
            told = "**B is better**" if (gap.mean > 0) == up else "**A is better**"
        p, holm = (
            ("-" if one is None else "<.001" if one < 0.001 else f"{one:.3f}".lstrip("0"))
            for one in (gap.p, gap.p_corrected)
        )
        lines.append(
            f"| {_arrow(name, a.about[name])} | {_signed(gap.mean)} | {interval} | {p} | {holm} | {better} | {gap.equal} | {worse} | {told} |"
        )
    lines += [
        "",
        "Two-sided sign-flip test of the paired differences, whole sessions at once, 9,999 draws; corrected over the metrics.",
    ]
    return "\n".join(lines) + "\n"


def _aligned(runs: Sequence[Results]) -> tuple[list[Results], list[str], list[RowMeans]]:
    suites = list(dict.fromkeys(run.record["suite"] for run in runs))
    if len(suites) > 1:
        raise InvalidOption(f"these runs are of {suites[0]!r} and {suites[1]!r}; a table holds one suite")
    ordered = sorted(runs, key=_baseline)
    names = list(dict.fromkeys(name for run in ordered for name in run.metrics))
    return ordered, names, [summarise(run) for run in ordered]


def _about(runs: Sequence[Results]) -> dict[str, Description]:
    return {name: about for run in runs for name, about in run.about.items()}


def _best(
    runs: Sequence[Results], summaries: Sequence[RowMeans], names: Sequence[str], about: Mapping[str, Description]
) -> dict[str, Results]:
    """The best system of each metric, where there are at least two that are no baselines."""
    found: dict[str, Results] = {}
    rivals = [(run, one) for run, one in zip(runs, summaries, strict=True) if not _baseline(run)]
    for name in names:
        sign = 1 if about[name].higher_is_better else -1
        means = [
            (sign * m, run)
            for run, one in rivals
            if name in one.intervals and (m := one.intervals[name].mean) is not None
        ]
        if len(means) > 1:
            found[name] = max(means, key=lambda pair: pair[0])[1]
    return found


def _baseline(run: Results) -> bool:
    return run.record["system"] in BASELINES


def _made_with(run: Results) -> str:
    record = run.record
    weights = ", ".join(f"{name} {value[:12]}" for name, value in sorted(record["weights"].items())) or "none"
    return (
        f"pixwright {record['pixwright']}, commit {record['git'] or 'unknown'}, Python {record['python']}, data `{record['data']}`. "
        f"Weights: {weights}."
    )


def _arrow(name: str, about: Description) -> str:
    return f"{name} {'↑' if about.higher_is_better else '↓'}"


def _share(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"


def _digits(value: float) -> str:
    """Three digits after the point as the papers print them; one where values are in the tens."""
    text = f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _signed(value: float) -> str:
    return f"{value:+.4f}"
