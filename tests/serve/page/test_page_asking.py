"""Pictures in, words, work on its way: from a dropped file to a result, as people do it."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

from page_driver import DROP, EXAMPLES, PASTE, Page
from PIL import Image


def test_first_picture_in_three_clicks_and_no_mask(page: Page) -> None:
    """Table stake 1: a picture, an example, Go. Nothing has to be marked, and nothing runs before Go."""
    page.visit()
    page.click("#sample")
    page.opened()
    page.js(
        "[...document.querySelectorAll('.chip')].find(chip => chip.innerText.includes('cup') && chip.innerText.includes('blue')).click()"
    )
    before = page.jobs()
    page.until("document.querySelector('#understood .step')")
    assert "blue" in page.text("#understood")
    assert page.jobs() == before
    page.click("#go")
    page.until("document.querySelector('#outcome .verdict')")
    page.idle()
    assert page.text("#outcome .verdict").strip() in ("Done", "Partly done")
    assert "0 pixels changed outside" in page.text("#outcome .facts")
    assert "of the picture changed" in page.text("#outcome .facts")
    assert page.versions == 2


def test_go_without_a_picture_says_what_to_do(page: Page) -> None:
    page.visit()
    page.write("make it blue")
    page.click("#go")
    assert "Open a picture first" in page.text("#toast")
    page.click("#toast-shut")
    assert page.text("#toast") == ""


def test_drop_on_the_whole_window_opens_and_replaces(page: Page, tmp_path: Path) -> None:
    """Table stake 12. A name is only ever text."""
    page.visit()
    page.give(DROP, EXAMPLES / "coffee.png", "#bar")
    page.opened()
    assert page.js("return page.stage.viewport.picture") == {"width": 600, "height": 400}
    name = "<img src=x onerror=alert(1)>.png"
    page.give(DROP, EXAMPLES / "cat.png", "#panel", name)
    page.until("page.stage.viewport.picture.width === 451")
    assert page.text("#file").startswith("<img src=x onerror=alert(1)>")
    assert page.count("img[src=x]") == 0
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"this is no picture")
    page.give(DROP, broken, "#stage")
    page.until("!document.getElementById('toast').hidden")
    assert page.js("return page.stage.viewport.picture.width") == 451


def test_paste_anywhere(page: Page) -> None:
    """Table stake 11: a picture on the page, an attachment in the text box."""
    page.visit()
    page.give(PASTE, EXAMPLES / "coffee.png", "body")
    page.opened()
    page.give(PASTE, EXAMPLES / "cat.png", "#words")
    page.until("document.querySelector('.attached')")
    assert page.text(".attached .number") == "[1]"
    assert page.js("return page.stage.viewport.picture.width") == 600


def test_attachments_are_numbered(page: Page) -> None:
    """Pictures and sounds, one of them from the microphone; the words name them."""
    page.sample()
    page.write("replace the cup with")
    page.find("#attach-input").send_keys(str(EXAMPLES / "cat.png"))
    page.until("document.querySelector('.attached')")
    assert page.js("return document.getElementById('words').value") == "replace the cup with [1]"
    page.click("#record")
    page.until("document.getElementById('record').getAttribute('aria-pressed') === 'true'")
    page.wait("await new Promise(done => setTimeout(done, 1300))")
    page.click("#record")
    page.until("document.querySelectorAll('.attached').length === 2")
    assert page.count(".attached.sound audio") == 1
    page.find(".attached button").click()
    assert page.count(".attached") == 1
    assert page.text(".attached .number") == "[1]"


def test_what_is_understood_is_shown_while_it_works_and_cancel_stops(page: Page) -> None:
    """Table stakes 13 and 14."""
    page.sample()
    page.js("document.getElementById('count').value = '4'")
    page.write("turn it into a watercolour and make it night")
    page.click("#go")
    page.until("document.querySelectorAll('#working-plan li').length === 2")
    assert "night" in page.text("#working-plan")
    page.until("/Step 1 of 2|Waiting|Reading/.test(document.getElementById('working-step').innerText)")
    page.until("/[0-9]\\.[0-9] s/.test(document.getElementById('working-time').innerText)")
    page.window.refresh()
    page.ready()
    page.until("/[0-9]\\.[0-9] s/.test(document.getElementById('working-time').innerText)")
    page.click("#cancel")
    page.idle()
    assert page.versions == 1
    page.write("make it brighter")
    page.edit("make it brighter")
    assert page.versions == 2


def test_words_that_are_not_understood(page: Page) -> None:
    page.sample()
    page.edit("qwertz asdf yxcv")
    page.until("!document.getElementById('toast').hidden || document.querySelector('#outcome .verdict.not_done')")
    assert page.versions == 1


def test_recent_and_saved_instructions_outlive_the_visit(page: Page) -> None:
    """Table stake 17."""
    page.sample()
    page.edit("make it sepia")
    page.click("#saved-open")
    assert "make it sepia" in page.text("#saved")
    page.click("#saved li button:last-child")
    page.window.refresh()
    page.ready()
    page.click("#saved-open")
    assert page.js("return document.querySelector('#saved ul [aria-pressed=true]') !== null")
    page.click("#saved ul .plain")
    assert page.js("return document.getElementById('words').value") == "make it sepia"
    assert page.js("return document.getElementById('saved').hidden")


def test_a_folder_gives_a_zip_and_a_list_of_failures(page: Page, tmp_path: Path) -> None:
    """Table stake 16."""
    folder = tmp_path / "trip"
    (folder / "day 1").mkdir(parents=True)
    Image.open(EXAMPLES / "coffee.png").convert("RGB").resize((150, 100)).save(folder / "day 1" / "cup.jpg")
    shutil.copy(EXAMPLES / "cat.png", folder / "cat.png")
    (folder / "broken.png").write_bytes(b"this is no picture")
    (folder / "notes.txt").write_text("not for editing")
    page.visit()
    page.find("#folder-input").send_keys(str(folder))
    page.until("document.getElementById('batch').open")
    assert page.count("#batch .files li") == 3
    page.find("#batch-words").send_keys("make it black and white")
    page.click("#batch-go")
    page.until("!document.getElementById('batch-save').hidden")
    assert page.text("#batch-status") == "2 pictures edited, 1 not (see the list)"
    assert page.count("#batch .files .failed") == 1
    page.window.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    page.click("#batch-save")
    saved = tmp_path / "pixwright-results.zip"
    page.until_here(saved.exists)
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["failures.txt", "trip/cat.png", "trip/day 1/cup.jpg"]
        assert "trip/broken.png: failed" in archive.read("failures.txt").decode()
        edited = Image.open(io.BytesIO(archive.read("trip/day 1/cup.jpg")))
        assert edited.size == (150, 100)
        assert edited.format == "JPEG"
