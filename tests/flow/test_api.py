"""The functions that Python users call, and the page that describes them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pixwright

ROOT = Path(__file__).parents[2]
COFFEE = ROOT / "examples" / "coffee.png"


def test_the_page_for_python_users_runs(tmp_path, monkeypatch, capsys):
    for example in (*(ROOT / "examples").glob("*.*g"), ROOT / "examples" / "scenes" / "table-vase.ply"):
        shutil.copy(example, tmp_path)
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(examples) >= 8
    names: dict[str, object] = {}
    for example in examples:
        exec(example, names)
    said = capsys.readouterr().out
    assert said.split()[0] in ("done", "partly") and "unclear_instruction" in said
    assert (tmp_path / "blue.png").exists() and (tmp_path / "night.jpg").exists()


def test_the_form_in_which_a_picture_comes_does_not_matter():
    words = "make it warmer"
    file = pixwright.edit(COFFEE, words).picture
    picture = Image.open(COFFEE).convert("RGB")
    for form in (str(COFFEE), COFFEE.read_bytes(), picture, np.asarray(picture)):
        assert np.array_equal(pixwright.edit(form, words).picture, file)
    grey = np.asarray(picture.convert("L"))
    assert pixwright.edit(grey, words).picture.shape == (*grey.shape, 3)
    clear = np.dstack([np.asarray(picture), np.full(grey.shape, 90, np.uint8)])
    assert (pixwright.edit(clear, words).picture[..., 3] == 90).all()


def test_a_picture_that_was_taken_sideways_is_upright(tmp_path):
    sideways = tmp_path / "sideways.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(COFFEE).convert("RGB").resize((120, 80)).save(sideways, exif=exif)
    for form in (sideways, Image.open(sideways)):
        assert pixwright.edit(form, "make it warmer").picture.shape == (120, 80, 3)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"picture": "nowhere.png"}, pixwright.InvalidImage),
        ({"picture": np.zeros((9, 9, 3), np.float32)}, pixwright.InvalidImage),
        ({"picture": np.zeros((9, 9, 2), np.uint8)}, pixwright.InvalidImage),
        ({"picture": Image.new("I;16", (9, 9))}, pixwright.UnsupportedImage),
        ({"picture": np.zeros((0, 9, 3), np.uint8)}, pixwright.InvalidImage),
        ({"instruction": "flurb the gnarl"}, pixwright.UnclearInstruction),
        ({"instruction": "replace the cup with [1]"}, pixwright.InvalidAttachment),
        ({"attachments": ["nowhere.png"]}, pixwright.InvalidAttachment),
        ({"box": (0, 0, 9, 9), "point": (1, 1)}, pixwright.InvalidOption),
        ({"mask": np.zeros((4, 4), np.uint8)}, pixwright.InvalidMask),
        ({"system": "magic"}, pixwright.InvalidOption),
        ({"n": 0}, pixwright.InvalidOption),
        ({"seed": -1}, pixwright.InvalidOption),
    ],
)
def test_what_the_caller_can_mend_is_a_typed_error_of_one_line(given, error):
    with pytest.raises(error) as caught:
        pixwright.edit(**{"picture": COFFEE, "instruction": "make the cup red"} | given)
    assert isinstance(caught.value, pixwright.PixwrightError) and "\n" not in str(caught.value)


def test_nothing_outside_a_mask_or_a_box_changes():
    before = np.asarray(Image.open(COFFEE).convert("RGB"))
    mask = np.zeros(before.shape[:2], np.uint8)
    mask[100:200, 200:300] = 255
    for place in ({"mask": mask}, {"mask": Image.fromarray(mask)}, {"box": (200, 100, 300, 200)}):
        after = pixwright.edit(before, "make it green", **place).picture
        assert np.array_equal(after[mask == 0], before[mask == 0]) and (after != before).any()


def test_a_picture_can_be_attached():
    shown = pixwright.edit(
        COFFEE, "fit the picture to the style of [1]", attachments=[Image.new("RGB", (64, 64), "red")]
    )
    assert shown.report.verdict is not pixwright.Verdict.NOT_DONE


def test_what_is_exported_is_there_and_nothing_heavy_is_loaded():
    assert all(getattr(pixwright, name) for name in pixwright.__all__)
    with pytest.raises(AttributeError, match="conjure"):
        _ = pixwright.conjure
    code = "import pixwright, sys; assert not {'numpy', 'PIL', 'pydantic'} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_function_and_the_room_of_one_name_do_not_hide_each_other():
    code = (
        "import pixwright, pixwright.edit.dispatch\nfrom pixwright.edit import dispatch\nfrom pixwright import edit\n"
        "assert callable(edit) and pixwright.edit is edit and dispatch.edit"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
