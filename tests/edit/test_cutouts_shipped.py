"""The shipped photographs and traced models: every file has an author and a free licence, and can be put in as it is."""

import hashlib
import json
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixwright.edit.placing import shelves
from pixwright.edit.placing.harmonise import worn_shadow
from pixwright.edit.placing.worn import crown_of

FOLDER = Path(str(resources.files("pixwright.edit").joinpath("data", "cutouts")))
ROWS = json.loads((FOLDER / "cutouts.json").read_text("utf-8"))
NOTICE = (Path(__file__).resolve().parents[2] / "NOTICE").read_text("utf-8")


def test_every_file_has_its_author_source_and_a_licence_that_allows_it():
    assert {row["file"] for row in ROWS} | {"cutouts.json", "vectors.npy"} == {file.name for file in FOLDER.iterdir()}
    assert len({row["name"] for row in ROWS}) == len(ROWS) >= 300
    for row in ROWS:
        assert row["licence"] in ("CC0-1.0", "public domain") or row["licence"].startswith("CC-BY"), row
        assert (
            not {"NC", "ND"} & set(row["licence"].split("-"))
            and row["author"]
            and row["made"] in ("model", "photograph")
        )
        package = row["source"].removeprefix("deb:").split("=")[0]
        assert package in NOTICE, f"NOTICE does not name {package}"


def test_none_is_reserved_for_testing():
    stamps = [row["source"].split()[1] for row in ROWS if "tuxpaint" in row["source"]]
    assert stamps
    for name in stamps:
        assert hashlib.md5(Path(name).stem.lower().encode()).hexdigest()[0] not in "01", name


def test_they_are_small_and_whole():
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 3_000_000
    for row in ROWS[::9]:
        alpha = np.asarray(Image.open(FOLDER / row["file"]).convert("RGBA"))[..., 3]
        assert 120 < max(alpha.shape) <= 256 and alpha.min() == 0 and (alpha > 250).mean() > 0.02, row["name"]


def test_names_are_found_and_meanings_belong_to_them():
    shelf = shelves.real()
    assert len(shelves.vectors(shelf)) == len(shelf) == len(ROWS)
    assert shelves.vectors(shelf[:3]) is None
    for noun in (
        "dog",
        "cat",
        "car",
        "chair",
        "apple",
        "tree",
        "boat",
        "hat",
        "sunglasses",
        "guitar",
        "ball",
        "lamp",
        "book",
        "cup",
    ):
        assert any(noun in entry.names for entry in shelf), noun


@pytest.mark.parametrize(("top", "share"), [(0.5, 0.5), (0.05, 1.0)])
def test_a_brim_reaches_past_the_head_and_a_cone_sits_on_all_of_its_foot(top, share):
    """A crown half as wide as its brim; and a cone."""
    alpha = np.zeros((100, 100), np.uint8)
    for row in range(100):
        wide = 100 if row > 80 else round(100 * (top if top == 0.5 else top + 0.95 * row / 100))
        alpha[row, (100 - wide) // 2 : (100 + wide) // 2] = 255
    found, middle = crown_of(alpha)
    assert found == pytest.approx(share, abs=0.06) and middle == pytest.approx(0.5, abs=0.03)


def test_what_is_worn_darkens_only_what_lies_just_below_it():
    alpha = np.zeros((60, 60), np.uint8)
    alpha[10:20, 10:50] = 255
    shade = worn_shadow(alpha, 3)
    assert shade[21, 30] > 0.2 and shade[40, 30] < 0.01 and shade[5, 30] < 0.05
