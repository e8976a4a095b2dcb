"""Which part of a system fails: language, segmenter or editor (InstructEdit, section 5 and figure 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COMPONENTS = ("language", "segmenter", "editor")


@dataclass(frozen=True)
class ComponentVerdict:
    """Whether each part of one edit was right; None where nobody judged it."""

    language: bool | None
    segmenter: bool | None
    editor: bool | None

    def __getitem__(self, component: str) -> bool | None:
        return {"language": self.language, "segmenter": self.segmenter, "editor": self.editor}[component]


@dataclass(frozen=True)
class Share:
    """`right` of `count`; `rate` is None where nothing was counted."""

    right: int
    count: int

    @property
    def rate(self) -> float | None:
        """right / count, 0 to 1."""
        return self.right / self.count if self.count else None


@dataclass(frozen=True)
class ComponentReport:
    """`accuracy[c]`; `given_right[a][b]`: how often b is right where a is right (figure 10, left), `given_wrong[a][b]`: where a is wrong (right)."""

    accuracy: dict[str, Share]
    given_right: dict[str, dict[str, Share]]
    given_wrong: dict[str, dict[str, Share]]


def component_accuracy(verdicts: Sequence[ComponentVerdict]) -> ComponentReport:
    """Accuracy of each part and the two conditional matrices. A part that was not judged is left out of every share that needs it."""
    return ComponentReport(
        {name: _share([v[name] for v in verdicts]) for name in COMPONENTS},
        _matrix(verdicts, given=True),
        _matrix(verdicts, given=False),
    )


def _matrix(verdicts: Sequence[ComponentVerdict], *, given: bool) -> dict[str, dict[str, Share]]:
    return {a: {b: _share([v[b] for v in verdicts if v[a] is given]) for b in COMPONENTS} for a in COMPONENTS}


def _share(judged: Sequence[bool | None]) -> Share:
    known = [value for value in judged if value is not None]
    return Share(sum(known), len(known))
