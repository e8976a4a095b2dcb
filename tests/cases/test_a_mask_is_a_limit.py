"""A mask zoomed, turned and doubled what lay far beyond it, and the run said "outside 0"."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import pixwright
from pixwright.batch import Common, jobs_from
from pixwright.canvas import Canvas, within_limit
from pixwright.cli.app import app
from pixwright.edit.contract import Context, Proposal
from pixwright.edit.filling.taking import going
from pixwright.encoders.bundle import Encoders
from pixwright.media import load_picture, save_plain
from pixwright.pointing import UserPlace
from pixwright.records.evidence import Evidence
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.region import whole
from pixwright.records.result import StepReport, Verdict

PICTURE = np.asarray(
    Image.open(Path(__file__).parents[2] / "examples" / "coffee.png").convert("RGB").resize((300, 200))
)
CUP = np.zeros(PICTURE.shape[:2], np.uint8)
CUP[8:148, 85:213] = 255


def step(kind):
    return Step(type=kind, instruction="")


def beyond(result, mask=CUP):
    return int(np.abs(result.picture.astype(int) - PICTURE)[mask == 0].max())


@pytest.mark.parametrize(
    "words",
    [
        "make it larger",
        "rotate the cup by 45 degrees",
        "add two more cups",
        "add a hat to the cup",
        "swap the cup and the spoon",
    ],
)
def test_nothing_lands_beyond_a_mask(words):
    result = pixwright.edit(PICTURE, words, mask=CUP)
    report = result.report
    assert beyond(result) == 0 and report.outside_max_difference == 0
    assert report.verdict is Verdict.NOT_DONE or report.changed_fraction <= (CUP > 0).mean()
    if report.verdict is Verdict.NOT_DONE:
        assert report.changed_fraction == 0


def test_the_user_decides():
    held = pixwright.edit(PICTURE, "rotate the cup by 45 degrees", mask=CUP)
    assert "--mask-limits=no" in " ".join(held.report.reasons)
    free = pixwright.edit(PICTURE, "rotate the cup by 45 degrees", mask=CUP, mask_limits=False)
    assert free.report.verdict is not Verdict.NOT_DONE and beyond(free) > 50


@pytest.mark.parametrize("limits", [True, False])
def test_what_belongs_to_a_thing_goes_with_it_where_the_mask_is_no_limit(tmp_path, limits):
    save_plain(CUP, tmp_path / "m.png")
    region = UserPlace(mask=tmp_path / "m.png", limits=limits).region(PICTURE, Encoders())
    gone = going(PICTURE, region, Context(seed=0, encoders=Encoders(), ground=lambda picture, phrase: region))
    assert region.outlined is not limits and gone.drawn is limits
    assert (gone.hole[CUP == 0] > 0).any() != limits


def test_a_thing_that_fits_into_the_mask_is_moved():
    roomy = np.full_like(CUP, 255)
    roomy[:, -4:] = 0
    mask = np.zeros((40, 60), np.uint8)
    mask[5:35, 5:55] = 255
    moved = np.where(mask[..., None] > 0, 9, 0).astype(np.uint8).repeat(3, 2)
    fits = Proposal(moved, mask, Evidence(placed=((5, 5, 55, 35),)))
    assert within_limit(fits, step(EditType.MOVEMENT), np.full_like(mask, 255)).refused is None
    assert within_limit(fits, step(EditType.MOVEMENT), mask).refused is None
    half = mask.copy()
    half[:, 30:] = 0
    assert "50%" in (within_limit(fits, step(EditType.MOVEMENT), half).refused or "")
    assert within_limit(fits, step(EditType.TONE_TRANSFER), half).refused is None, "a tone is right in a part too"
    most = mask.copy()
    most[:, 53:] = 0
    told = within_limit(fits, step(EditType.ADD), most)
    assert told.refused is None and "4% of what" in told.notes[0]


def test_a_larger_canvas_is_beyond_every_mask_and_a_crop_keeps_its_part_of_it():
    limit = np.zeros((40, 60), np.uint8)
    limit[10:20, 10:50] = 255
    larger = Proposal(
        np.zeros((40, 70, 3), np.uint8), np.full((40, 70), 255, np.uint8), Evidence(canvas=(0, 0, 60, 40))
    )
    assert within_limit(larger, step(EditType.OUTPAINT), limit).refused
    crop = Proposal(np.zeros((15, 40, 3), np.uint8), np.zeros((15, 40), np.uint8), Evidence(canvas=(10, 5, 50, 20)))
    assert within_limit(crop, step(EditType.RESIZE), limit) is crop
    canvas = Canvas(np.zeros((40, 60, 3), np.uint8), None, limit)
    from pixwright.canvas import Tried
    from pixwright.edit.contract import Context

    context = Context(0, None, None)
    report = StepReport(type=EditType.RESIZE, verdict=Verdict.DONE)
    canvas.take(step(EditType.RESIZE), Tried(whole(40, 60), context, crop, crop.picture, crop.mask, report, ""), ())
    assert np.array_equal(canvas.limit_for(), limit[5:20, 10:50]), "the next step is held by what is left of the mask"


def test_outside_is_measured_where_the_user_allowed_nothing():
    """Also where a step claims to have touched everything."""
    limit = np.zeros((40, 60), np.uint8)
    limit[:, :30] = 255
    canvas = Canvas(np.zeros((40, 60, 3), np.uint8), None, limit)
    assert canvas._beyond(np.zeros((40, 60, 3), np.uint8)) == 0
    wild = np.zeros((40, 60, 3), np.uint8)
    wild[0, 45] = 77
    assert canvas._beyond(wild) == 77


def test_the_command_the_record_and_the_job_file_agree(tmp_path):
    save_plain(PICTURE, tmp_path / "p.png")
    save_plain(CUP, tmp_path / "m.png")
    out, words = tmp_path / "o.png", "rotate the cup by 45 degrees"
    run = CliRunner()
    held = run.invoke(app, ["edit", str(tmp_path / "p.png"), words, "--mask", str(tmp_path / "m.png"), "-o", str(out)])
    assert held.exit_code == 3 and not out.exists()
    place = ["--mask", str(tmp_path / "m.png"), "--mask-limits=no"]
    free = run.invoke(app, ["edit", str(tmp_path / "p.png"), words, *place, "-o", str(out)])
    assert free.exit_code == 0 and np.abs(load_picture(out).pixels.astype(int) - PICTURE)[CUP == 0].max() > 50
    again = run.invoke(app, ["redo", str(out), "-o", str(tmp_path / "again.png")])
    assert again.exit_code == 0 and "identical" in again.output
    line = {"picture": "p.png", "instruction": words, "mask": "m.png"}
    jobs = [line, line | {"mask_limits": False, "output": "b.png"}, line | {"mask_limits": "no", "output": "c.png"}]
    (tmp_path / "jobs.jsonl").write_text("\n".join(map(json.dumps, jobs)))
    first, second, wrong = jobs_from(tmp_path / "jobs.jsonl", Common(tmp_path / "results")).jobs
    assert first.place.limits and not second.place.limits and "must be true or false" in wrong.reason
