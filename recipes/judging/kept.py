"""Results kept with all that the judge saw, so that witnesses can look again without an edit being made again. Files of a working folder, of this version of the program only.

`recipes/rated_edits.py run FOLDER --keep` writes `FOLDER/ID.kept`, `recipes/fit_judge.py --kept FOLDER` reads them.
"""

from __future__ import annotations

import json
import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixwright.encoders.bundle import Encoders
from pixwright.judge import WITNESSES, witnessed
from pixwright.judge.contract import Trial
from pixwright.judge.trust import kind_of
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Region
from pixwright.records.result import Result, StepReport, Verdict
from pixwright.systems import Eyes, System
from pixwright.systems.local import EmbeddedEyes

DIGITS = 4
SURE = "sure"
"""The check that sums up the doubts: it is no measurement of its own."""


@dataclass(frozen=True)
class Judged:
    """One try as the judge saw it, pictures as PNG; and what became of the step, where the try was taken."""

    step: Step
    region: Region
    """With a mask of one pixel; the real one is `named`."""
    named: bytes
    before: bytes
    after: bytes
    mask: bytes
    evidence: Evidence
    report: StepReport
    missing: bool = False
    """Whether the editor or the grounder said that something was left out."""


def recording(system: System) -> tuple[System, list[Judged]]:
    """The system with a judge that writes down what it sees, and the list that it writes to."""
    seen: list[Judged] = []

    def judge(
        before: Array, after: Array, step: Step, region: Region, mask: Array, evidence: Evidence, eyes: Eyes
    ) -> StepReport:
        report = system.judge(before, after, step, region, mask, evidence, eyes)
        bare = replace(region, mask=np.zeros((1, 1), np.uint8), labels=None)
        seen.append(
            Judged(step, bare, *(_png(one) for one in (region.mask, before, after, mask)), evidence, report)
        )  # fmt: skip
        return report

    return replace(system, judge=judge), seen


def keep(path: Path, result: Result, seen: list[Judged]) -> None:
    """Write the tries that were taken, each with what its step's report says more than the judge did."""
    taken = []
    for told in result.report.steps:
        its = next((one for one in seen if one.report.checks == told.checks and told.checks), None)
        if its is not None:
            taken.append(replace(its, missing=set(told.reasons) > set(its.report.reasons)))
    whole = len(taken) == len(result.report.steps)
    path.write_bytes(pickle.dumps((taken if whole else [], bool(result.report.unread))))


def listen(rated: Path, folder: Path) -> None:
    """Let the witnesses look again at all rated results that are kept in the folder, and write what they say into the file of rated results."""
    rows = [json.loads(line) for line in rated.read_text(encoding="utf-8").splitlines()]
    encoders = Encoders()
    for row in rows:
        file = folder / f"{row['id']}.kept"
        if row["steps"] and file.exists():
            taken, unread = pickle.loads(file.read_bytes())  # noqa: S301 - a file that this recipe wrote
            eyes = EmbeddedEyes(encoders)
            row["steps"] = [told(one, encoders, eyes) for one in taken]
            row["unread"] = unread
    rated.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def told(one: Judged, encoders: Encoders, eyes: EmbeddedEyes) -> dict[str, Any]:
    """A step's row: its kind, which checks failed, and what each witness measures today."""
    before, after, mask, named = (_picture(data) for data in (one.before, one.after, one.mask, one.named))
    region = replace(one.region, mask=named)
    trial = Trial(before, after, one.step, region, mask, one.evidence, encoders, eyes.find, eyes.salient)
    failing = {check.name for check in one.report.checks if not check.passed} - set(WITNESSES) - {SURE}
    failed = one.report.verdict is Verdict.NOT_DONE
    return {
        "kind": kind_of(one.step),
        "failed": failed,
        "soft": bool(failing) and not failed,
        "missing": one.missing,
        "heard": {name: round(said.value, DIGITS) for name, said in witnessed(trial).items()},
    }


def _png(picture: Array) -> bytes:
    return bytes(cv2.imencode(".png", picture[..., ::-1] if picture.ndim > 2 else picture)[1].tobytes())


def _picture(data: bytes) -> Array:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    return np.ascontiguousarray(picture[..., ::-1] if picture.ndim > 2 else picture, np.uint8)
