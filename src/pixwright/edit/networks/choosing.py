"""Of several paintings of one step, the one that a score prefers; and what is no picture at all is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from pixwright.edit.composite import composite
from pixwright.edit.contract import Proposal
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region

Score: TypeAlias = Callable[[Array, Array, Step, Region, Array, Evidence], float]
"""(before, after, step, region, mask, evidence) -> the more, the better; HxWx3 uint8, the mask HxW uint8."""

NOISE = (
    "the network painted noise, no picture: its weights are untrained, damaged, or not for these options; "
    "try another --seed, or other --set weights="
)
"""Why such a painting is refused."""


def scores_of(
    picture: Array, made: Sequence[tuple[Array, Array]], score: Score, step: Step, region: Region, evidence: Evidence
) -> list[float]:
    """What the score says of each (picture, mask), as it would be composited."""
    tried = [composite(picture, Proposal(new, mask), None) for new, mask in made]
    return [score(picture, new, step, region, mask, evidence) for new, mask in tried]
