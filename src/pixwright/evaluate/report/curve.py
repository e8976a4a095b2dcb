"""A sweep as a drawing: two metrics against each other (InstructPix2Pix, figures 8 and 10; InstructAny2Pix, figure A.11)."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from pixwright.evaluate.report.results import Results, summarise

_WIDE, _HIGH, _EDGE = 640, 440, 60
_COLOURS = ("#2c7fb8", "#c0392b", "#2e7d32", "#8e44ad", "#e67e22", "#7f8c8d")


def curve(runs: Sequence[Results], wanted: tuple[str, str]) -> str:
    """An SVG document: one point a run, lines along the first swept option, one line for each value of the others; empty if the metrics are not there.

    `wanted` are the beginnings of the names of the two metrics, x before y; stand-ins count as what they stand in for.
    """
    x, y = (_find(runs, name) for name in wanted)
    if not x or not y:
        return ""
    lines: dict[str, list[tuple[float, float, str]]] = {}
    for run in runs:
        means = summarise(run).intervals
        a, b = means[x].mean, means[y].mean
        if a is None or b is None:
            continue
        options = dict(run.record["options"])
        swept = [name for name in options if len({r.record["options"][name] for r in runs}) > 1]
        first = swept[0] if swept else ""
        rest = ", ".join(f"{name} {options[name]:g}" for name in swept[1:])
        lines.setdefault(rest, []).append((a, b, f"{first} {options[first]:g}" if first else ""))
    return _drawing(lines, x, y) if lines else ""


def _find(runs: Sequence[Results], name: str) -> str:
    names = [one for one in runs[0].metrics if all(one in run.metrics for run in runs)]
    # mini-CLIP-T answers CLIP-out's question.
    name = name if any(one.removeprefix("mini-").startswith(name) for one in names) else name.replace("-out", "-T")
    return next((one for one in names if one.removeprefix("mini-").startswith(name)), "")


def _drawing(lines: dict[str, list[tuple[float, float, str]]], x: str, y: str) -> str:
    points = [point for line in lines.values() for point in line]
    (x0, x1), (y0, y1) = (_span(values) for values in ([p[0] for p in points], [p[1] for p in points]))

    def place(a: float, b: float) -> tuple[float, float]:
        return _EDGE + (a - x0) / (x1 - x0) * (_WIDE - 2 * _EDGE), _HIGH - _EDGE - (b - y0) / (y1 - y0) * (
            _HIGH - 2 * _EDGE
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDE}" height="{_HIGH}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDE}" height="{_HIGH}" fill="#fff"/>',
        f'<path d="M{_EDGE} {_EDGE / 2}V{_HIGH - _EDGE}H{_WIDE - _EDGE / 2}" fill="none" stroke="#333"/>',
        f'<text x="{_WIDE / 2}" y="{_HIGH - 15}" text-anchor="middle">{escape(x)}</text>',
        f'<text transform="translate(16 {_HIGH / 2}) rotate(-90)" text-anchor="middle">{escape(y)}</text>',
    ]
    for share in (0.0, 0.5, 1.0):
        a, b = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        parts.append(f'<text x="{place(a, y0)[0]:.0f}" y="{_HIGH - _EDGE + 16}" text-anchor="middle">{a:.3f}</text>')
        parts.append(f'<text x="{_EDGE - 6}" y="{place(x0, b)[1] + 4:.0f}" text-anchor="end">{b:.3f}</text>')
    for index, (name, line) in enumerate(lines.items()):
        colour = _COLOURS[index % len(_COLOURS)]
        placed = [(*place(a, b), told) for a, b, told in line]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py, _ in placed)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for px, py, told in placed:
            parts.append(f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4" fill="{colour}"/>')
            parts.append(f'<text x="{px + 7:.1f}" y="{py - 6:.1f}">{escape(told)}</text>')
        if name:
            parts.append(
                f'<text x="{_WIDE - _EDGE}" y="{24 + 16 * index}" text-anchor="end" fill="{colour}">{escape(name)}</text>'
            )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _span(values: Sequence[float]) -> tuple[float, float]:
    """The values' range with a little air; never empty."""
    low, high = min(values), max(values)
    air = (high - low) * 0.08 or max(abs(low) * 0.05, 0.01)
    return low - air, high + air
