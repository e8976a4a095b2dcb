"""A preview fits into an answer, whatever the picture is."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pixwright.doors.allowed import Allowed
from pixwright.doors.preview import LARGEST, SIDE, preview
from pixwright.errors import InvalidOption


def test_noise_with_transparency_still_fits():
    noise = np.random.default_rng(0).integers(0, 255, (1500, 2000, 4), np.uint8)
    data, kind = preview(noise)
    assert kind == "image/png" and len(data) <= LARGEST
    assert max(Image.open(io.BytesIO(data)).size) < SIDE, "it was shrunk until it fitted"


def test_an_opaque_picture_is_a_jpeg_of_the_usual_side():
    flat = np.full((1500, 3000, 4), 255, np.uint8)
    data, kind = preview(flat)
    assert kind == "image/jpeg" and Image.open(io.BytesIO(data)).size == (SIDE, SIDE // 2)


def test_only_named_folders_are_allowed(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    with pytest.raises(InvalidOption, match="not a folder"):
        Allowed.of([tmp_path / "missing"])
    allowed = Allowed.of([tmp_path / "in"])
    assert allowed.path("a.png", "picture") == (tmp_path / "in" / "a.png").resolve()
    for bad in ("../a.png", "/etc/passwd", "~root/x", "a\0b", str(tmp_path / "inner")):
        with pytest.raises(InvalidOption):
            allowed.path(bad, "picture")
    monkeypatch.chdir(tmp_path / "in")
    assert Allowed.of([]).folders == ((tmp_path / "in").resolve(),)
