"""A video on the page: a frame of it is edited as a picture, then the whole of it as a job."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from page_driver import DROP, EXAMPLES, Page

from pixwright.scene3d.splats.ply import read_ply, write_ply

FRAMES = 6


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture that moves to the left, as H.264."""
    av = pytest.importorskip("av")
    path = tmp_path_factory.mktemp("film") / "moving.mp4"
    noise = np.kron(np.random.default_rng(0).integers(60, 220, (12, 24, 3)), np.ones((10, 10, 1))).astype(np.uint8)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=6)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(FRAMES):
            frame = np.ascontiguousarray(noise[:, 4 * number : 4 * number + 160])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        out.mux(stream.encode(None))
    return path


def test_a_frame_as_a_picture_then_the_whole_video(page: Page, video: Path) -> None:
    page.visit()
    page.give(DROP, video, "#stage")
    page.until("document.querySelector('#film video')?.readyState >= 2")
    assert "160×120, 6 frames, 1.0 s" in page.text("#film")

    page.js("document.querySelector('#film video').currentTime = 0.6")
    page.until("!document.querySelector('#film video').seeking")
    page.click("#film-frame")
    page.opened()
    assert not page.js("return document.getElementById('film').open")
    assert page.js("return page.stage.viewport.picture") == {"width": 160, "height": 120}
    assert page.text("#file") == "moving.mp4, 0.6 s"
    page.edit("make it darker")

    page.click("#film-open")
    assert page.js("return document.getElementById('film-words').value") == "make it darker"
    page.click("#film-go")
    page.until("document.querySelector('#film-outcome .verdict')")
    assert page.text("#film-outcome .verdict").strip() in ("Done", "Partly done")
    assert "0 pixels changed outside" in page.text("#film-outcome")
    page.until("document.querySelector('#film video')?.readyState >= 2")
    assert page.js("return document.querySelector('#film-save').href").endswith("download=true")
    assert page.js("return document.querySelector('#film [aria-pressed=true]').innerText") == "After"
    length = page.js("return document.querySelector('#film video').duration")
    assert length == pytest.approx(1.0, abs=0.05)


def test_a_page_that_is_loaded_again_finds_its_film_at_work(page: Page, video: Path) -> None:
    """The job is the server's: the page only looks on."""
    page.visit()
    page.give(DROP, video, "#stage")
    page.until("document.querySelector('#film-words')")
    page.find("#film-words").send_keys("make it brighter")
    page.click("#film-go")
    page.until("localStorage.getItem('pixwright film that is edited') !== null")
    page.window.refresh()
    page.ready()
    page.until("document.querySelector('#film-outcome .verdict') || document.getElementById('film-status')?.innerText")
    page.until("document.querySelector('#film-outcome .verdict')")
    page.until("localStorage.getItem('pixwright film that is edited') === 'null'")


AT = (-0.16, 0.05)
"""Of the ball from the middle of its view, in widths of that."""
BALL, MUG = slice(2200, 2800), slice(2800, None, 4)
"""Rows of the example scene: fewer are drawn faster."""


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ball, and what a quarter of the Gaussians show of a mug."""
    whole = read_ply(EXAMPLES / "scenes" / "table-vase.ply")
    path = tmp_path_factory.mktemp("scene") / "ball.ply"
    write_ply(whole.with_rows(np.concatenate([whole.rows[BALL], whole.rows[MUG]])), path)
    return path


def test_a_scene_turns_is_pointed_at_and_edited(page: Page, scene: Path) -> None:
    """The turntable stands still for pointing; what was pointed at is edited all around, and turns beside what it was."""
    from selenium.webdriver import ActionChains

    page.visit()
    page.give(DROP, scene, "#stage")
    page.until("document.querySelector('#film .film img')?.naturalWidth > 0")
    assert "900 Gaussians" in page.text("#film")
    assert page.js("return document.querySelector('#film .film img').src").endswith("/turntable")

    page.click("#film-point")
    page.until("document.querySelector('#film .aim img')?.naturalWidth > 0")
    shown = page.find("#film .aim img")
    beside = (round(share * shown.size["width"]) for share in AT)
    ActionChains(page.window).move_to_element_with_offset(shown, *beside).click().perform()
    page.until("!document.querySelector('#film .mark').hidden")
    page.find("#film-words").send_keys("make it green")
    page.click("#film-go")
    page.until("document.querySelector('#film-outcome .verdict')", 120)
    assert page.text("#film-outcome .verdict").strip() in ("Done", "Partly done"), page.text("#film-outcome")
    assert "Nothing changed in what was not meant" in page.text("#film-outcome")
    page.until("document.querySelector('#film .film img')?.naturalWidth > 0")
    assert page.js("return document.querySelector('#film [aria-pressed=true]').innerText") == "Before and after"
    assert page.js("return document.querySelector('#film-save').download").endswith(".ply")
