"""A text that stands on several lines, one below the other: found by all of its words, and changed line by line."""

from __future__ import annotations

from collections.abc import Sequence

from pixwright.encoders.reading import TextLine, likeness
from pixwright.encoders.reading.ink import line_size

MOST_LINES = 4
"""Lines that one text is looked for on."""
_ALIKE = 0.85
"""Likeness of all lines together to the text that was named."""
_GAP = 1.6
"""Distance of two lines' middles over the larger one's height, at most."""


def stacked(lines: Sequence[TextLine], wanted: str) -> tuple[TextLine, ...]:
    """The two or more lines that together say `wanted`; none where a single line says it as well, or nothing does. Lines are in reading order."""
    best: tuple[TextLine, ...] = ()
    alike = max((likeness(line.text, wanted) for line in lines), default=0.0)
    for start in range(len(lines)):
        run = [lines[start]]
        for line in lines[start + 1 :]:
            if not _below(run[-1], line):
                continue
            run.append(line)
            if len(run) > MOST_LINES:
                break
            score = likeness(" ".join(one.text for one in run), wanted)
            if score > max(alike, _ALIKE):
                best, alike = tuple(run), score
    return best


def _below(upper: TextLine, lower: TextLine) -> bool:
    """Whether `lower` is the next line of the same text: close below, and partly under the upper one."""
    tall = max(line_size(upper.quad)[1], line_size(lower.quad)[1])
    step = float(lower.quad[:, 1].mean() - upper.quad[:, 1].mean())
    left = max(float(upper.quad[:, 0].min()), float(lower.quad[:, 0].min()))
    right = min(float(upper.quad[:, 0].max()), float(lower.quad[:, 0].max()))
    return 0 < step <= _GAP * tall and right > left


def shared_out(value: str, lines: Sequence[str]) -> list[str]:
    """The words of `value` on as many lines, each about as long as the old one was; a line may stay empty where there are fewer words."""
    words, out = value.split(), []
    for k, old in enumerate(lines):
        rest = sum(len(line) for line in lines[k:])
        goal = len(" ".join(words)) * len(old) / max(rest, 1)
        taken: list[str] = []
        while words and (k == len(lines) - 1 or not taken or _nearer(taken, words[0], goal)):
            if k < len(lines) - 1 and taken and len(words) <= len(lines) - 1 - k:
                break
            taken.append(words.pop(0))
        out.append(" ".join(taken))
    return out


def _nearer(taken: list[str], word: str, goal: float) -> bool:
    """Whether the line is nearer to its length with one word more."""
    now, then = len(" ".join(taken)), len(" ".join([*taken, word]))
    return abs(then - goal) < abs(now - goal)


def numbers(lines: Sequence[TextLine], value: str) -> list[TextLine]:
    """Of what is read, the number that a number takes the place of, each time that it stands there: the one that is written largest. None for other texts."""
    if not value.isdigit():
        return []
    figures = [line for line in lines if line.text.strip().isdigit()]
    chief = max(figures, key=lambda line: line_size(line.quad)[1], default=None)
    return [] if chief is None else [line for line in figures if line.text.strip() == chief.text.strip()]
