"""Result: the edited picture, and an honest account of what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from pydantic import Field

from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.placement import Laid
from pixwright.records.plan import Plan
from pixwright.records.region import Region
from pixwright.records.thing import Frozen


class Verdict(StrEnum):
    """Whether the edit was done. The command line's exit code is 3 where a step was `not_done`, else 0."""

    DONE = "done"
    PARTLY = "partly"
    NOT_DONE = "not_done"


RANKS = {Verdict.NOT_DONE: 0, Verdict.PARTLY: 1, Verdict.DONE: 2}
"""Which verdict is better."""


class Cure(StrEnum):
    """What another try at a step could mend."""

    PLACE = "another place"
    """Something else may be meant, or its outline may be another."""
    WAY = "another way"
    """The same place, by another means."""


ADVICE = {
    Cure.PLACE: "to mend it: show where it is, with a click, a box or a mask, or name it more exactly",
    Cure.WAY: "to mend it: let more tries be made (n), or ask for it in other words",
}
"""What a person can do where the program's own further tries did not help."""


class Check(Frozen):
    """One measurement that a verdict rests on: `value` compared with `threshold`."""

    name: str
    value: float
    threshold: float
    passed: bool
    reason: str
    """One line for a person: what was measured, and what it says."""
    cure: Cure | None = None
    """Where it failed: what another try could mend."""


class Origin(StrEnum):
    """Where the new pixels of a step come from."""

    EXISTING = "existing pixels"
    """Of this picture or of an attached one: moved, continued or toned."""
    CUTOUTS = "cut-outs"
    """Photographs of things, cut out."""
    DRAWN = "drawn"
    """By rules: a cut-out that is a drawing, a painted sky, lettering."""
    GENERATED = "generated"
    """By a network."""


class Control(Frozen):
    """One number of a step that a person can move: `--set-control NAME=VALUE` makes the step again with another."""

    name: str
    value: float
    low: float
    high: float
    unit: str = ""
    why: str
    """One sentence: what in the words or in the picture asks for it."""


class Try(Frozen):
    """One try at a step: what was done differently, and what the judge said."""

    way: str
    verdict: Verdict
    score: float
    reasons: tuple[str, ...] = ()


class StepReport(Frozen):
    """What became of one step."""

    type: EditType
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    score: float = 0.0
    """0 to 1, the judge's; best-of-n keeps the highest."""
    outside_max_difference: int = 0
    """Largest absolute difference, 0 to 255, over pixels where the step's effective mask is 0. The promise is 0."""
    outside_ssim: float = 1.0
    changed_fraction: float = 0.0
    """Share of the picture's pixels that this step changed."""
    inside_change: float = 0.0
    """Mean absolute difference, 0 to 255, inside the effective mask."""
    protected_changed: int | None = None
    """Pixels that changed of what the step must leave; null where nothing must be left, or it was not found."""
    region_score: float = 0.0
    added: Origin = Origin.EXISTING
    controls: tuple[Control, ...] = ()
    by: str = ""
    """The editor that did it, where the system chooses among several."""
    tries: tuple[Try, ...] = ()
    """All of them in order where there was more than one; the result is the best."""

    def lines(self) -> list[str]:
        """What a person is told of the step, beside its verdict; controls that are at rest are in the report only."""
        told = list(self.reasons)
        if self.verdict is Verdict.PARTLY:
            told += [advice for cure, advice in ADVICE.items() if cure in self.cures]
        if self.verdict is not Verdict.NOT_DONE and self.added is not Origin.EXISTING:
            told.append(f"what is new in it: {self.added}")
        if self.protected_changed is not None:
            told.append(f"changed of what shall stay: {self.protected_changed} pixels")
        moved = [control for control in self.controls if control.value]
        for why, group in groupby(moved, key=lambda one: one.why):
            told.append(", ".join(f"{one.name} {one.value:+g}" for one in group) + f": {why}")
        if self.by:
            told.append(f"done by {self.by}" if self.verdict is not Verdict.NOT_DONE else f"tried by {self.by}")
        if self.tries:
            told.append(f"kept the best of {len(self.tries)} tries:")
            told += [f"  {one.verdict} ({one.score:.2f}) {one.way}" for one in self.tries]
        return told

    @property
    def cures(self) -> frozenset[Cure]:
        """What another try could mend; nothing where it is done, whatever single witnesses say."""
        if self.verdict is Verdict.DONE:
            return frozenset()
        return frozenset(check.cure for check in self.checks if check.cure is not None and not check.passed)

    @property
    def rank(self) -> tuple[int, float]:
        """Of two results the better one has the higher: by verdict, then by score."""
        return RANKS[self.verdict], self.score


class Report(Frozen):
    """The whole edit's account; what `--report FILE.json` writes."""

    verdict: Verdict
    reasons: tuple[str, ...]
    steps: tuple[StepReport, ...]
    score: float
    changed_fraction: float
    unread: tuple[str, ...] = ()
    """Parts of the instruction that nothing was made of; with any the command line's exit code is 3."""
    outside_max_difference: int
    """Over all steps, before the output file is encoded."""
    outside_ssim: float = 1.0
    file_outside_max_difference: int | None = None
    """The same, measured again on the file that was written, in its own samples (of 16 bits: in steps of 257), wherever in it the input's pixels lie now; null until
    one was written, or where all of them were computed anew. Not 0 only where the format codes pixels together, or has fewer colours: see `file_blocks_kept`."""
    file_blocks_kept: float | None = None
    """Of a JPEG made from a JPEG: the share of its blocks, 0 to 1, whose coefficients are the input's own, as read back from the file."""
    seed: int = 0
    timings: dict[str, float] = Field(default_factory=dict)
    """Seconds per stage."""
    weights: dict[str, str] = Field(default_factory=dict)
    """Name -> sha256 of every weight file that was used."""
    parts: tuple[str, ...] = ()
    """What pulled networks did in it, a line each, and which of them failed; empty where the embedded system worked alone."""

    @property
    def rank(self) -> tuple[int, float]:
        """Of two results the better one has the higher: by verdict, then by score."""
        return RANKS[self.verdict], self.score

    @property
    def missed(self) -> int:
        """How many parts of the instruction were not done: steps, and words that were not read."""
        return sum(step.verdict is Verdict.NOT_DONE for step in self.steps) + len(self.unread)


class Record(Frozen):
    """What a result needs to be made again, byte for byte; it is written into the output's metadata. No clock, no path."""

    version: str
    system: str
    plan: Plan
    seed: int
    source_name: str
    """The input's file name, without folder."""
    source_sha256: str
    attachments: tuple[tuple[str, str], ...] = ()
    """(file name, sha256) of each attachment, in order."""
    override: str | None = None
    """The user's region as given (`box:..`, `point:..`, or `mask:NAME:sha256`), or null."""
    protect: tuple[str, str] | None = None
    """(file name, sha256) of the mask of what shall stay."""
    options: dict[str, str] = Field(default_factory=dict)
    controls: dict[str, float] = Field(default_factory=dict)
    """What the user set of the steps' controls, by name."""
    weights: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Result:
    """`picture` is HxWx3 or HxWx4 uint8 sRGB; `effective_mask` HxW uint8 is the union of what the steps were allowed to touch, or
    None where the picture's size was meant to change."""

    picture: Array
    plan: Plan
    report: Report
    regions: tuple[Region, ...] = ()
    effective_mask: Array | None = None
    notes: tuple[str, ...] = field(default=())
    masks: tuple[Array, ...] = ()
    """HxW uint8 for each step, of the picture's size after it: what it was allowed to touch."""
    brought: tuple[Array | None, ...] = ()
    """For each step HxW uint8, of the picture's size after it: how much of each pixel is a thing that it put there, or None."""
    laid: Laid | None = None
    """Where the input's own pixels lie in `picture`; None where all of them were computed anew, as for another size."""
