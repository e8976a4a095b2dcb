"""What became of a run's candidates: the funnel, per type and reason, as Markdown and as a drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from pixwright.build.run.engine import UNTYPED, Projection, projection
from pixwright.build.run.manifest import ShardManifest, read_run
from pixwright.build.run.recipe import Recipe
from pixwright.media import write_atomically
from pixwright.records.kind import EditType

_COLOURS = ("#c0392b", "#e67e22", "#8e44ad", "#2c7fb8", "#7f8c8d", "#b7950b")
_KEPT = "#2e7d32"
_BAR, _ROW, _LEFT = 560, 20, 150


@dataclass(frozen=True)
class Funnel:
    """Candidates of one type: how many were made, what took how many away, what is left."""

    type: str
    kept: int
    reasons: tuple[tuple[str, int], ...]
    """Most frequent first."""

    @property
    def tried(self) -> int:
        """Kept and rejected together."""
        return self.kept + sum(count for _, count in self.reasons)


def funnels(manifests: Sequence[ShardManifest]) -> list[Funnel]:
    """One a type that occurs, in the order of `EditType`."""
    kept: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {}
    for manifest in manifests:
        kept.update(manifest.types)
        for kind, codes in manifest.rejected.items():
            reasons.setdefault(kind, Counter()).update(codes)
    order = [kind for kind in (*map(str, EditType), UNTYPED) if kind in kept or kind in reasons]
    return [Funnel(kind, kept[kind], tuple(_ranked(reasons.get(kind, Counter())))) for kind in order]


def _ranked(codes: Counter[str]) -> list[tuple[str, int]]:
    return sorted(codes.items(), key=lambda item: (-item[1], item[0]))


def write_report(run: Path) -> tuple[str, Path]:
    """Write `report.md` and `funnel.svg` into the run's folder: (the Markdown, its path). Raises `InvalidOption` for a folder without a run."""
    recipe, manifests = read_run(run)
    found = funnels(manifests)
    cost = projection(run) if any(one.kept for one in found) else None
    text = markdown(recipe, manifests, found, cost)
    write_atomically(run / "funnel.svg", drawing(found).encode())
    write_atomically(run / "report.md", text.encode())
    return text, run / "report.md"


def markdown(
    recipe: Recipe, manifests: Sequence[ShardManifest], found: Sequence[Funnel], cost: Projection | None
) -> str:
    """The report as a page."""
    tried, kept = sum(one.tried for one in found), sum(one.kept for one in found)
    quarantined: Counter[str] = Counter()
    for manifest in manifests:
        quarantined.update(manifest.quarantined)
    lines = [
        f"# {recipe.name}: {kept} rows of {recipe.count} places",
        "",
        f"{len(manifests)} of {recipe.shards} shards finished; {tried} candidates tried, {kept} kept "
        f"({kept / max(tried, 1):.1%}), {sum(quarantined.values())} rows quarantined. Recipe {recipe.sha256()[:12]}.",
        "",
        "![Funnel](funnel.svg)",
        "",
        "| type | tried | kept | share | taken away by |",
        "|---|---:|---:|---:|---|",
    ]
    for one in found:
        taken = ", ".join(f"{code} {count}" for code, count in one.reasons) or "-"
        lines.append(f"| {one.type} | {one.tried} | {one.kept} | {one.kept / max(one.tried, 1):.0%} | {taken} |")
    if quarantined:
        lines += ["", "| quarantined for | rows |", "|---|---:|"]
        lines += [f"| {code} | {count} |" for code, count in _ranked(quarantined)]
    if cost is not None:
        lines += ["", _cost(cost)]
    return "\n".join(lines) + "\n"


def _cost(cost: Projection) -> str:
    return (
        f"At these rates {cost.target:,} rows cost {cost.core_hours:,.0f} core-hours and {cost.bytes / 1e9:,.0f} GB "
        f"({cost.rows_per_core_second:.2f} rows a core and second). A place of the last third of the shards took "
        f"{cost.drift:.2f} times the processor time of one of the first third: 1 is linear growth."
    )


def drawing(found: Sequence[Funnel]) -> str:
    """Bars, one a type: green is what was kept, the rest by reason. An SVG document."""
    codes = Counter[str]()
    for one in found:
        codes.update(dict(one.reasons))
    named = [code for code, _ in _ranked(codes)][: len(_COLOURS)]
    colour = dict(zip(named, _COLOURS, strict=False))
    width, height = _LEFT + _BAR + 80, _ROW * (len(found) + len(named) + 3)
    most = max((one.tried for one in found), default=1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for row, one in enumerate(found):
        y, x = row * _ROW + 6, float(_LEFT)
        parts.append(f'<text x="{_LEFT - 6}" y="{y + 12}" text-anchor="end">{escape(one.type)}</text>')
        for code, count in (("", one.kept), *one.reasons):
            wide = count / most * _BAR
            fill = _KEPT if not code else colour.get(code, "#bbb")
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{_ROW - 5}" fill="{fill}">'
                f"<title>{escape(code or 'kept')}: {count}</title></rect>"
            )
            x += wide
        parts.append(f'<text x="{x + 4:.1f}" y="{y + 12}">{one.kept} of {one.tried}</text>')
    for place, (code, fill) in enumerate([("kept", _KEPT), *colour.items()]):
        y = (len(found) + 1 + place) * _ROW
        parts.append(f'<rect x="{_LEFT}" y="{y}" width="12" height="12" fill="{fill}"/>')
        parts.append(f'<text x="{_LEFT + 18}" y="{y + 11}">{escape(code)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"
