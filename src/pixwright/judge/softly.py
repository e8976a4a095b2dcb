"""Edits that change no thing with an outline of its own: skin that is evened out, and marks that are taken off a surface."""

from __future__ import annotations

from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.vocabulary import EVENED
from pixwright.words.marking import is_skin


def evens_skin(step: Step) -> bool:
    """Whether skin is evened out, which changes little of it, and that softly."""
    skin = step.target is not None and is_skin(step.target)
    return step.type is EditType.APPEARANCE_ALTER and skin and step.value in EVENED


def without_outline(step: Step, region: Region) -> bool:
    """Whether what changes has no outline of a thing: a mark on a surface that is taken away, or skin that is evened out."""
    return evens_skin(step) or (region.exact and step.type is EditType.REMOVE)
