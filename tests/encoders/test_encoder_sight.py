"""Detector, bodies, faces: equal to the originals, and right about photographs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from pixwright.encoders.people import PeopleReader, back, square
from pixwright.encoders.sight import Detector, suppress
from pixwright.weights.session import open_session

GOLDEN = Path(__file__).parents[1] / "golden/encoders/sight.npz"


@pytest.fixture(scope="module")
def detector():
    return Detector.load()


@pytest.fixture(scope="module")
def reader():
    return PeopleReader.load()


def seen(side, astronaut):
    how = cv2.INTER_AREA if side < astronaut.shape[0] else cv2.INTER_LINEAR
    return cv2.resize(astronaut, (side, side), interpolation=how)[None]


@pytest.mark.parametrize(
    ("name", "file", "side", "share"),
    [
        ("nanodet", "nanodet", 416, 0.02),
        ("pose", "pose", 256, 0.01),
        ("face-finder", "face_finder", 192, 0.01),
        ("face-mesh", "face_mesh", 192, 0.01),
    ],
)
def test_networks_equal_the_originals(name, file, side, share):
    picture = skimage.data.astronaut()
    session = open_session(name)
    given = seen(side, picture[50:200, 155:305] if name == "face-mesh" else picture)
    with np.load(GOLDEN) as golden:
        keys = [k for k in golden.files if k.startswith(file + ".")]
        assert len(keys) == len(session.get_outputs())
        for key in keys:
            original = golden[key].astype(np.float32)
            found = session.run([key.partition(".")[2]], {"picture": given})[0]
            assert found.shape == original.shape
            # Half-precision records, of values that span up to some hundreds.
            assert np.abs(found - original).max() <= share * max(1.0, float(np.ptp(original)) / 10), key


def iou(a, b):
    wide, tall = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(tall, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


@pytest.mark.parametrize(
    ("name", "kind", "box"),
    [
        ("astronaut", "person", (10, 10, 365, 512)),
        ("chelsea", "cat", (0, 0, 410, 300)),
        ("coffee", "cup", (172, 17, 415, 270)),
    ],
)
def test_detects(detector, name, kind, box):
    picture = getattr(skimage.data, name)()
    found = [d for d in detector.detect(picture, 0.3, 320) if d.kind == kind]
    assert found and iou(found[0].box, box) > 0.7
    height, width = picture.shape[:2]
    assert all(0 <= d.box[0] < d.box[2] <= width and 0 <= d.box[1] < d.box[3] <= height for d in found)
    scores = [d.score for d in detector.detect(picture)]
    assert scores == sorted(scores, reverse=True)


def test_nothing_in_an_empty_picture(detector, reader):
    grey = np.full((120, 200, 3), 128, np.uint8)
    assert not detector.detect(grey, 0.3)
    assert not reader.faces(grey)
    assert detector.detect(np.zeros((1, 3, 3), np.uint8), 0.5) == ()


def test_suppression_keeps_other_kinds():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10]], np.float32)
    assert suppress(boxes, np.array([0, 0, 1]), np.array([0.5, 0.9, 0.8], np.float32)) == [1, 2]


@pytest.mark.parametrize("turn", [0, 25])
def test_a_face_and_its_mesh(reader, turn):
    picture = skimage.data.astronaut()
    move = cv2.getRotationMatrix2D((225, 125), turn, 1)
    picture = cv2.warpAffine(picture, move, (512, 512))
    (face,) = reader.faces(picture)
    points, score = reader.mesh(picture, face)
    assert score > 0.9 and points.shape == (468, 2)
    left, right = points[[33, 133]].mean(0), points[[362, 263]].mean(0)
    for mark, (x, y) in ((left, (207, 110)), (right, (245, 108))):
        assert np.hypot(*(mark - (move @ (x, y, 1)))) < 12


def test_a_body(reader):
    picture = skimage.data.astronaut()
    body = reader.body(picture, (10, 10, 365, 512))
    assert body.score > 0.9
    x0, y0, x1, y1 = body.window
    assert body.outline.shape == (y1 - y0, x1 - x0)
    whole = np.zeros((512, 512), np.float32)
    whole[y0:y1, x0:x1] = body.outline
    assert (
        whole[100:160, 200:250].mean() > 0.9 and whole[300:500, 100:250].mean() > 0.8 and whole[:200, 400:].mean() < 0.1
    )
    assert np.hypot(*(body.points[0, :2] - (226, 130))) < 20


def test_squares_and_back():
    turn = square((40.0, 30.0), 20.0, 30.0, 64)
    assert np.allclose(turn @ (40, 30, 1), (32, 32), atol=1e-4)
    points = np.array([[40, 30], [44, 27]], np.float32)
    assert np.allclose(back(points @ turn[:, :2].T + turn[:, 2], turn), points, atol=1e-3)
