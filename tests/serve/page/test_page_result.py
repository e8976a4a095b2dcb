"""What came of it: comparing, controls, candidates, the tree of versions, and taking it away."""

from __future__ import annotations

import io
import urllib.request

from page_driver import EXAMPLES, Page
from PIL import Image


def test_slider_held_key_and_difference(page: Page) -> None:
    """Table stake 8."""
    from selenium.webdriver.common.action_chains import ActionChains

    page.sample()
    page.edit("make it black and white")
    page.press("c")
    assert page.js("return page.stage.view") == "slide"
    page.drag((300, 200), (450, 200))
    assert abs(page.js("return page.stage.divide") - 0.75) < 0.02
    page.js("document.getElementById('slider').focus()")
    page.press("\ue012")
    assert page.js("return page.stage.divide") < 0.75
    assert page.share() == 0
    page.press("c")
    ActionChains(page.window).key_down("\\").perform()
    assert page.js("return page.stage.holding")
    ActionChains(page.window).key_up("\\").perform()
    assert not page.js("return page.stage.holding")
    page.press("d")
    page.until("page.stage.difference")
    page.press("\ue00c")
    assert page.js("return page.stage.view") == "after"


def test_history_is_a_tree_and_any_version_can_be_edited(page: Page) -> None:
    """Table stakes 9 and 10."""
    page.sample()
    page.edit("make it brighter")
    page.click("#edit-this")
    assert page.js("return document.activeElement.id") == "words"
    page.edit("make it sepia")
    assert page.versions == 3
    page.window.find_elements("css selector", ".version")[1].click()
    page.until("page.workspace.current.instruction === 'make it brighter'")
    page.edit("make it black and white")
    assert page.versions == 4
    parents = page.js("return page.workspace.versions.filter(v => v.parent === page.workspace.current.parent).length")
    assert parents == 2
    assert page.count(".versions .depth-1") == 1
    page.click(".versions [aria-label^=Rename]")
    page.press("grey", "\ue007")
    page.until("document.querySelector('.version[aria-current]')?.innerText.includes('grey')")
    page.click(".versions [aria-label^=Delete]")
    page.until("document.querySelectorAll('.version').length === 3")


def test_a_version_is_dragged_from_the_history_to_the_stage(page: Page) -> None:
    page.sample()
    page.edit("make it brighter")
    page.js(
        "const transfer = new DataTransfer(); transfer.setData('application/x-pixwright-version', page.workspace.versions[0].id);"
        "for (const kind of ['dragover', 'drop']) document.getElementById('stage').dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));"
    )
    page.until("!page.workspace.current.parent")


def test_candidates_side_by_side(page: Page) -> None:
    """Table stake 15."""
    page.sample()
    page.js("document.getElementById('count').value = '2'")
    page.edit("make it sepia")
    page.until("document.querySelectorAll('.candidate').length === 2")
    second = page.js("return page.workspace.versions.at(-1).id")
    page.window.find_elements("css selector", ".candidate")[1].click()
    page.until(f"page.workspace.current.id === '{second}' && document.getElementById('candidates').hidden")
    assert page.versions == 3


def test_controls_make_the_edit_again(page: Page) -> None:
    """Sliders for a step's numbers: moving one runs nothing, the button does."""
    page.sample()
    page.edit("make it brighter")
    before = page.jobs()
    control = page.js("return document.querySelector('.control input').dataset.control")
    page.js(
        "const c = document.querySelector('.control input'); c.value = c.max; c.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert page.jobs() == before
    first = page.pixel(300, 200)
    page.click(".again")
    page.idle()
    page.until("page.workspace.versions.length === 3")
    assert page.pixel(300, 200) != first
    assert page.js("return page.workspace.current.parent === page.workspace.versions[0].id")
    assert control in page.js(
        "return Object.keys(page.workspace.outcomes.get(page.workspace.current.id).request.controls)"
    )


def test_download_same_format_png_and_copy(page: Page) -> None:
    """Table stake 18."""
    page.sample()
    page.edit("make it brighter")
    for selector, kind in (("#download", "JPEG"), ("#download-png", "PNG")):
        address = page.js("return document.querySelector(arguments[0]).href", selector)
        with urllib.request.urlopen(address) as reply:
            picture = Image.open(io.BytesIO(reply.read()))
            assert "attachment" in reply.headers["Content-Disposition"]
        assert (picture.format, picture.size) == (kind, (600, 400))
    page.window.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    )
    page.click("#copy")
    page.until("document.getElementById('copy').innerText.includes('Copied')")
    kinds = page.wait("return (await navigator.clipboard.read())[0].types")
    assert "image/png" in kinds


def test_the_report_in_words(page: Page) -> None:
    """Table stake 20: what was understood, what changed, what did not, and the verdict; also after the page was loaded anew."""
    page.sample()
    words = "make it brighter and <b>sepia</b>"
    page.edit("make it brighter and make it sepia")
    told = page.text("#outcome")
    assert "0 pixels changed outside" in told
    assert "2 steps" in told
    assert "“make it brighter and make it sepia”" in told
    page.window.refresh()
    page.ready()
    page.until("document.querySelector('#outcome .verdict')")
    assert page.versions == 2
    assert "0 pixels changed outside" in page.text("#outcome")
    page.write(words)
    page.until("document.getElementById('understood').innerText")
    assert page.count("#understood b") == 0


def test_transparency_is_kept_and_shown(page: Page) -> None:
    page.visit()
    page.find("#file-input").send_keys(str(EXAMPLES / "coffee.png"))
    page.opened()
    page.edit("remove the background")
    address = page.js("return document.querySelector('#download').href")
    with urllib.request.urlopen(address) as reply:
        picture = Image.open(io.BytesIO(reply.read()))
    assert picture.mode == "RGBA"
    assert picture.getextrema()[3][0] == 0
    assert page.pixel(2, 2)[3] == 0
