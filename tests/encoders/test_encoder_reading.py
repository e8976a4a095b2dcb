"""PP-OCR: equal to the original, and it reads what was drawn, whichever way it is turned."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from pixwright.encoders.reading import TextReader, decode, from_top_left
from pixwright.weights.session import open_session

GOLDEN = Path(__file__).parents[1] / "golden/encoders/reading.npz"


@pytest.fixture(scope="module")
def reader():
    return TextReader.load()


def poster() -> np.ndarray:
    page = np.full((300, 600, 3), (200, 220, 240), np.uint8)
    cv2.putText(page, "Fresh Coffee", (40, 100), cv2.FONT_HERSHEY_DUPLEX, 2, (120, 30, 20), 3, cv2.LINE_AA)
    cv2.putText(page, "open 24 hours", (150, 200), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2, cv2.LINE_AA)
    return page


def test_networks_equal_the_originals():
    with np.load(GOLDEN) as golden:
        line = golden["ppocr_det_input"].astype(np.float32) / 127.5 - 1
        kernels = open_session("ppocr-det").run(None, {"x": line})[0]
        assert kernels.max() > 0.9
        assert np.abs(kernels - golden["ppocr_det"].astype(np.float32)).max() < 0.04
        line = golden["ppocr_rec_input"].astype(np.float32) / 127.5 - 1
        odds = open_session("ppocr-rec").run(None, {"x": line})[0]
        assert (odds.argmax(2) == golden["ppocr_rec_best"]).all()
        assert np.abs(odds.max(2) - golden["ppocr_rec_probability"]).max() < 0.01


def test_reads_a_poster_line_by_line(reader):
    first, second = reader.read(poster())
    assert (first.text, second.text) == ("Fresh Coffee", "open 24 hours")
    assert first.score > 0.95
    top_left, top_right, bottom_right, _ = first.quad
    assert 20 < top_left[0] < 50 and 35 < top_left[1] < 65
    assert top_right[0] > 400 and bottom_right[1] > top_right[1]


@pytest.mark.parametrize(("turns", "direction"), [(1, (0, -1)), (2, (-1, 0)), (3, (0, 1))])
def test_the_quad_says_which_way_the_text_runs(reader, turns, direction):
    lines = reader.read(np.ascontiguousarray(np.rot90(poster(), turns)))
    assert {line.text for line in lines} == {"Fresh Coffee", "open 24 hours"}
    for line in lines:
        along = line.quad[1] - line.quad[0]
        assert along @ np.array(direction) > 0.95 * np.linalg.norm(along)


def test_reads_slanted_text(reader):
    turn = cv2.getRotationMatrix2D((300, 150), 20, 0.8)
    slanted = cv2.warpAffine(poster(), turn, (600, 300), borderValue=(200, 220, 240))
    line = reader.read(slanted)[0]
    assert line.text == "Fresh Coffee"
    along = line.quad[1] - line.quad[0]
    assert np.degrees(np.arctan2(-along[1], along[0])) == pytest.approx(20, abs=3)


def test_reads_a_scanned_page(reader):
    page = np.dstack([skimage.data.page()] * 3)
    text = " ".join(line.text for line in reader.read(page))
    assert "Let us first determine markers of the coins and the" in text
    assert text.index("Region-based segmentation") < text.index("histogram of grey values")


@pytest.mark.parametrize("name", ["coffee", "chelsea"])
def test_finds_no_text_where_there_is_none(reader, name):
    assert reader.read(getattr(skimage.data, name)()) == ()


def test_a_picture_of_a_few_pixels_has_no_text(reader):
    assert reader.read(np.zeros((5, 7, 3), np.uint8)) == ()
    assert reader.read(np.zeros((1, 1, 3), np.uint8)) == ()


def test_decoding_drops_blanks_and_repeats():
    odds = np.zeros((6, 3), np.float32)
    for column, character in enumerate([1, 1, 0, 1, 2, 0]):
        odds[column, character] = 0.9
    text, score = decode(odds, ["", "l", "o"])
    assert text == "llo"
    assert score == pytest.approx(0.9)
    assert decode(np.array([[1, 0, 0]], np.float32), ["", "l", "o"]) == ("", 0.0)


def test_corners_of_a_tall_box_follow_the_text():
    tall = np.array([[0, 0], [10, 0], [10, 50], [0, 50]], np.float32)
    assert from_top_left(tall)[0].tolist() == [10, 0]
    assert from_top_left(tall[:, ::-1])[0].tolist() == [0, 0]
