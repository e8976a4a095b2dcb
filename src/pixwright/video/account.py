"""The report of a video: what became of every frame, and the promises as they were measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import Field

from pixwright.records.plan import Plan
from pixwright.records.result import StepReport, Verdict
from pixwright.records.thing import Frozen


class FrameAccount(Frozen):
    """One frame."""

    frame: int
    """From 0 on, in the order in which they are shown."""
    seconds: float
    verdicts: tuple[Verdict, ...]
    """Of each step."""
    edited: bool = True
    """False outside of the part that was asked for."""
    key: bool = False
    """Edited as a picture, or carried over to others."""
    grounded: bool = False
    """A thing was found anew in it."""
    changed_fraction: float = 0.0
    """Share of its pixels that differ from the input's."""
    outside_max_difference: int = 0
    """Largest difference of 255 where no step was allowed to touch, before encoding. The promise is 0."""
    warp_error: float | None = None
    """Mean difference of 255 inside the edit from the frame before, moved along by the motion of the input; null in the first frame of a shot."""
    input_warp_error: float | None = None
    """The same of the input: what of it is no flicker of ours."""
    coverage: float = 1.0
    """Share of what is edited that was in sight in the picture that it is carried over from."""

    @property
    def verdict(self) -> Verdict:
        """Of the frame."""
        return together(self.verdicts)


def together(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict for several."""
    different = set(verdicts)
    return different.pop() if len(different) == 1 else Verdict.PARTLY


class ShotAccount(Frozen):
    """One shot: frames between two cuts."""

    first: int
    last: int
    """The first frame of the next shot."""
    key: int | None
    """The frame that was edited as a picture; null where no step could be done."""
    steps: tuple[StepReport, ...]
    """Of the key frame."""
    ways: tuple[str, ...]
    """How each step was carried: look, removal, layer, background, frame by frame; or not done."""
    reconstruction_psnr: float | None = None
    """dB: how well the fitted canonical pictures show the frames, in the mean; null where there are none."""
    regions: tuple[str, ...] = ()
    """What was found for each step, and how surely."""


class VideoReport(Frozen):
    """The account of a video; `--report FILE.json` writes it."""

    verdict: Verdict
    reasons: tuple[str, ...]
    plan: Plan
    system: str
    seed: int
    frames: tuple[FrameAccount, ...]
    shots: tuple[ShotAccount, ...]
    key_frames: tuple[int, ...]
    grounded_frames: tuple[int, ...]
    outside_max_difference: int
    """Over all frames, before encoding, in RGB. The promise is 0."""
    samples_kept: float | None = None
    """Share of the pixels that no step touched, nor shares a sample of colour with (5 pixels about it), whose decoded RGB in the file equals the input's: 1 where the codec loses nothing. Null until a file was written."""
    outside_psnr: float | None = None
    """dB, of the same pixels, from the input as decoded to the file as decoded; null where they are equal."""
    outside_file_max_difference: int | None = None
    warp_error: float | None = None
    input_warp_error: float | None = None
    """Means over the frames' figures."""
    size: tuple[int, int] = (0, 0)
    """Height and width as shown."""
    seconds: float = 0.0
    written: str = ""
    """Codec, pixel format and container."""
    timings: dict[str, float] = Field(default_factory=dict)
    """Seconds per stage, of this run; what an earlier one had done is not in it."""
    notes: tuple[str, ...] = ()

    @property
    def missed(self) -> int:
        """How many frames have a step that was not done."""
        return sum(Verdict.NOT_DONE in frame.verdicts for frame in self.frames if frame.edited)


_LISTED = 6
"""Ranges of frames that a line names."""


def ranges(frames: Sequence[int]) -> str:
    """Numbers as a person reads them, from 1: "1-12, 40"."""
    spans = list[list[int]]()
    for one in frames:
        if spans and one == spans[-1][1] + 1:
            spans[-1][1] = one
        else:
            spans.append([one, one])
    told = [f"{a + 1}" if a == b else f"{a + 1}-{b + 1}" for a, b in spans[:_LISTED]]
    return ", ".join(told) + (", ..." if len(spans) > _LISTED else "")


def reasons_for(frames: Sequence[FrameAccount], shots: Sequence[ShotAccount], plan: Plan) -> tuple[str, ...]:
    """Why not everything is done, a line each."""
    lines = list[str]()
    for number, step in enumerate(plan.steps):
        missing = [one.frame for one in frames if one.edited and one.verdicts[number] is Verdict.NOT_DONE]
        whys = Counter(reason for shot in shots for reason in shot.steps[number].reasons if number < len(shot.steps))
        if missing:
            lines.append(f'"{step.instruction}": nothing was done in {len(missing)} frames ({ranges(missing)})')
        lines += [f'"{step.instruction}": {why}' for why, _ in whys.most_common()]
    return (*lines, *plan.left_out)
