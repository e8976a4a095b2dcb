"""IPTC's words for where a picture's pixels come from (NewsCodes, digital source type), and which of them a result bears."""

from __future__ import annotations

from pixwright.records.result import Origin, Report, StepReport, Verdict

SCHEME = "http://cv.iptc.org/newscodes/digitalsourcetype/"
STANDARD = SCHEME + "algorithmicallyEnhanced"
"""Corrected or altered by a program, and nothing new in it."""
_CAPTURED = (
    "digitalCapture",
    "computationalCapture",
    "negativeFilm",
    "positiveFilm",
    "print",
    "minorHumanEdits",
    "humanEdits",
)
_STRENGTH = {SCHEME + name: 0 for name in _CAPTURED} | {
    STANDARD: 1,
    SCHEME + "compositeCapture": 2,
    SCHEME + "compositeSynthetic": 3,
    SCHEME + "compositeWithTrainedAlgorithmicMedia": 4,
    SCHEME + "trainedAlgorithmicMedia": 5,
}
"""Term -> how much it tells that no camera saw: the stronger one stands. Every other term (a drawing, a screen) is as strong as a standard edit."""


def term_of(step: StepReport) -> str | None:
    """For where a step's new pixels come from; None for a standard edit of what was there."""
    if step.added is Origin.GENERATED:
        return SCHEME + "compositeWithTrainedAlgorithmicMedia"
    if step.added is Origin.DRAWN:
        return SCHEME + "compositeSynthetic"
    if step.added is Origin.CUTOUTS or (step.type.traits.redraws and not step.type.traits.reframes):
        return SCHEME + "compositeCapture"
    return None


def source_type(report: Report) -> str | None:
    """The term of a whole result, or None for a standard edit: the strongest of its steps'."""
    terms = [term_of(step) for step in report.steps if step.verdict is not Verdict.NOT_DONE]
    return max((term for term in terms if term), key=_strength, default=None)


def stated(report: Report, said: str | None) -> str:
    """What the file of a result says: its own term, unless its source `said` one that is as strong."""
    own = source_type(report) or STANDARD
    return own if said is None or _strength(own) > _strength(said) else said


def _strength(term: str) -> int:
    return _STRENGTH.get(term, _STRENGTH[STANDARD])
