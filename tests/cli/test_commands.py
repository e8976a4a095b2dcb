"""What the commands print, and that they write nothing unasked. The edits themselves are tested in `tests/flow`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.errors import InvalidOption, NothingFound, PixwrightError, UnclearInstruction, WeightsMissing
from pixwright.records.kind import EditType
from pixwright.systems import BUILDERS

PHOTOS = Path(__file__).parents[2] / "examples"


def ran(*words):
    """(exit code, what was printed, what was said beside it); errors of ours are raised, as the process's `main` gets them."""
    done = CliRunner().invoke(app, [str(word) for word in words], prog_name="pixwright")
    if isinstance(done.exception, PixwrightError):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def test_alone_it_says_what_it_can_do():
    assert all(name in ran("--help")[1] for name in ("edit", "plan", "mask", "redo", "batch", "build", "evaluate"))
    assert all(group in ran(group, "--help")[1] for group in ("models", "assets", "build", "evaluate"))


def test_types_are_a_line_each_with_an_example():
    lines = ran("types")[1].splitlines()
    assert len(lines) == len(EditType)
    assert all(kind in line and kind.traits.example in line for kind, line in zip(EditType, lines, strict=True))


def test_systems_are_listed_and_each_has_its_options():
    assert [line.split()[0] for line in ran("systems")[1].splitlines()] == list(BUILDERS)
    assert ran("systems", "local")[1].startswith("parts=auto")
    assert "steps=25" in ran("systems", "anysd")[1]
    with pytest.raises(InvalidOption, match="local, anysd"):
        ran("systems", "magic")


def test_a_plan_is_said_in_a_line_a_step_or_as_json():
    code, said, _ = ran("plan", "remove the spoon and make the cup red")
    assert code == 0 and [line[:2] for line in said.splitlines()] == ["1.", "2."]
    assert "remove" in said and '"red"' in said
    whole = json.loads(ran("plan", "make the cup red", "--json")[1])
    assert whole["steps"][0]["type"] == "color_alter" and whole["segmentation_prompt"] == "cup"
    with pytest.raises(UnclearInstruction, match="gnarl"):
        ran("plan", "flurb the gnarl")


def test_a_mask_is_white_where_the_phrase_is(tmp_path):
    out = tmp_path / "mask.png"
    code, said, _ = ran("mask", PHOTOS / "cat.png", "the cat", "-o", out)
    mask = np.asarray(Image.open(out))
    assert code == 0 and "score" in said and mask.shape == np.asarray(Image.open(PHOTOS / "cat.png")).shape[:2]
    assert 0.1 < (mask > 127).mean() < 0.95
    with pytest.raises(InvalidOption, match="--force"):
        ran("mask", PHOTOS / "cat.png", "the cat", "-o", out)
    assert ran("mask", PHOTOS / "cat.png", "the cat", "-o", out, "--force")[0] == 0


def test_what_is_not_found_ends_with_3_and_writes_no_mask(tmp_path):
    with pytest.raises(NothingFound, match="not found") as missed:
        ran("mask", PHOTOS / "cat.png", "the bicycle", "-o", tmp_path / "mask.png")
    assert missed.value.exit_code == 3 and not list(tmp_path.iterdir())


def test_what_is_seen_is_listed():
    code, said, _ = ran("mask", PHOTOS / "coffee.png", "--all")
    assert code == 0 and "cup" in said


def test_a_cut_out_is_transparent_around_the_thing(tmp_path):
    code, said, _ = ran("cut", PHOTOS / "cat.png", "the cat", "-o", tmp_path / "cat.png")
    cut = np.asarray(Image.open(tmp_path / "cat.png"))
    assert code == 0 and "cat.png" in said and cut.shape[2] == 4
    assert cut[..., 3].max() == 255 and cut[5, -5, 3] == 0, "the cat is there and the corner is not"
    solid = cut[..., 3] == 255
    assert (cut[..., :3][solid] == np.asarray(Image.open(PHOTOS / "cat.png").convert("RGB"))[solid]).all()
    with pytest.raises(InvalidOption, match="transparency"):
        ran("cut", PHOTOS / "cat.png", "-o", tmp_path / "cat.jpg")


def test_pointing_finds_what_words_need_not_say(tmp_path):
    code, _, _ = ran("mask", PHOTOS / "coffee.png", "--point", "300,200", "-o", tmp_path / "mask.png")
    mask = np.asarray(Image.open(tmp_path / "mask.png"))
    assert code == 0 and mask[200, 300] == 255 and mask[5, 5] == 0
    with pytest.raises(InvalidOption, match="--point"):
        ran("mask", PHOTOS / "coffee.png", "--not-point", "300,200", "-o", tmp_path / "other.png")


def test_without_a_background_a_jpeg_becomes_a_png(tmp_path):
    source = tmp_path / "cat.jpg"
    Image.open(PHOTOS / "cat.png").convert("RGB").save(source)
    code, said, _ = ran("edit", source, "remove the background")
    assert code == 0 and (tmp_path / "cat-edited.png").is_file(), said
    with pytest.raises(InvalidOption, match="transparent"):
        ran("edit", source, "remove the background", "-o", tmp_path / "other.jpg")


def test_settings_are_names_with_values():
    with pytest.raises(InvalidOption, match="NAME=VALUE"):
        ran("edit", PHOTOS / "cat.png", "make it warmer", "--set", "steps")
    with pytest.raises(InvalidOption, match="steps"):
        ran("edit", PHOTOS / "cat.png", "make it warmer", "--set", "steps=3")


def test_the_weights_are_listed_found_and_compared():
    rows = ran("models", "list")[1].splitlines()
    assert any(row.startswith("minilm ") and " here " in row for row in rows)
    assert Path(ran("models", "path", "minilm")[1].strip()).is_file()
    assert "ok" in ran("models", "verify", "minilm")[1]
    with pytest.raises(WeightsMissing, match="no-such"):
        ran("models", "path", "no-such")


def test_sets_of_assets_are_listed():
    assert "stamps" in ran("assets", "list")[1]


@pytest.mark.parametrize(
    "words", [("build", "report", "nowhere"), ("build", "browse", "nowhere"), ("evaluate", "table", "nowhere")]
)
def test_a_folder_that_is_not_there_is_one_line(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PixwrightError) as caught:
        ran(*words)
    assert "nowhere" in str(caught.value) and "\n" not in str(caught.value) and not list(tmp_path.iterdir())
