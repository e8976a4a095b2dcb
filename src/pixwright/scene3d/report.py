"""What became of an edit of a scene, for a person and for a program."""

from __future__ import annotations

from pydantic import Field

from pixwright.records.kind import EditType
from pixwright.records.result import Verdict
from pixwright.records.thing import Frozen


class ViewVerdict(Frozen):
    """What the judge said of one view, rendered before and after the step."""

    view: int
    verdict: Verdict
    score: float
    reasons: tuple[str, ...] = ()
    outside_max_difference: int = 0
    """Largest difference, 0 to 255, where the view shows none of what was selected."""


class SceneStepReport(Frozen):
    """One step."""

    type: EditType
    instruction: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    views_found: tuple[int, ...] = ()
    """Views whose masks agreed, by number from 0; empty where the whole scene was meant, or nothing was found."""
    selected: int = 0
    """Gaussians that the step was about."""
    as_function: bool | None = None
    """Of colours: whether the edit was one function of colour in all views, or was solved for; null where colours stayed."""
    consistency_before: float | None = None
    consistency_after: float | None = None
    """Mean difference, 0 to 255, between neighbouring views carried into each other, over what was selected."""
    consistency_ratio: float | None = None
    judged: tuple[ViewVerdict, ...] = ()


class SceneReport(Frozen):
    """The whole edit; what `--report` writes."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    steps: tuple[SceneStepReport, ...]
    gaussians: int
    """In the input."""
    changed: int
    removed: int
    added: int
    outside_max_difference: float | None = None
    """Largest difference of any number of a Gaussian that no step selected, read back from the written file. The promise is 0."""
    outside_bytes_differ: int | None = None
    """Bytes that differ in those rows: 0."""
    cameras: str
    """Where the views come from: a file's name, or "orbit"."""
    views: int
    side: int
    """Longer side of the views, in pixels."""
    pointed: str | None = None
    """What the user pointed at, and in which view; None: nothing."""
    system: str
    seed: int
    timings: dict[str, float] = Field(default_factory=dict)
    """Seconds per stage."""
    weights: dict[str, str] = Field(default_factory=dict)
    """Name -> sha256 of every weight file that was used."""

    @property
    def missed(self) -> int:
        """How many parts of the instruction were not done."""
        return sum(step.verdict is Verdict.NOT_DONE for step in self.steps) + len(self.unread)

    def lines(self) -> list[str]:
        """What a person is told."""
        told = []
        for step in self.steps:
            told.append(f"{step.verdict}: {step.type}: {step.instruction}")
            told += [f"  {reason}" for reason in step.reasons]
            if step.selected:
                seen = f", found in {len(step.views_found)} of {self.views} views" if step.views_found else ""
                told.append(f"  {step.selected:,} of {self.gaussians:,} Gaussians{seen}")
            if step.consistency_ratio is not None:
                told.append(
                    f"  views differ by {step.consistency_after:.1f} of 255, before by {step.consistency_before:.1f}"
                )
        if self.outside_max_difference is not None:
            told.append(
                f"{self.changed:,} Gaussians changed, {self.removed:,} removed, {self.added:,} added; "
                f"largest difference in any other {self.outside_max_difference:g}"
            )
        return told
