"""The page for those who see it otherwise, or do not use a pointer: names, roles, focus, contrast, keys, no JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_driver import PHONE, Page

AXE = Path(__file__).parents[3] / ".cache" / "axe" / "axe.min.js"
"""axe-core (MPL-2.0), where somebody has fetched it: `python recipes/page.py axe`."""
CONTRAST, LARGE_CONTRAST = 4.5, 3.0
"""WCAG 2.2, 1.4.3: of text, and of large text."""

MEASURE = """
const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
const linear = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
function ground(node) {
  const layers = [];
  for (let one = node; one; one = one.parentElement) layers.push(rgba(getComputedStyle(one).backgroundColor));
  return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
}
const found = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
  if (!own && !node.placeholder || !node.checkVisibility() || node.closest(":disabled, .hidden, .skip, noscript, #slider, option")) continue;
  const style = getComputedStyle(node, own ? null : "::placeholder"), below = ground(node);
  const [a, b] = [light(over(rgba(style.color), below)), light(below)].sort((x, y) => y - x);
  const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700;
  if ((a + 0.05) / (b + 0.05) < (large ? arguments[1] : arguments[0])) found.push(`${node.id || node.className || node.tagName}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
}
return found;
"""

UNNAMED = """
return [...document.querySelectorAll("button, a, input:not([type=file]), select, textarea, [role=application], dialog, section, aside, progress, img")].filter(node => {
  if (!node.checkVisibility()) return false;
  if (node.tagName === "IMG") return !node.hasAttribute("alt");
  const by = node.getAttribute("aria-labelledby");
  return !(node.getAttribute("aria-label") || by && document.getElementById(by)?.innerText || node.innerText?.trim() || node.labels?.[0]?.innerText.trim());
}).map(node => node.outerHTML.slice(0, 80));
"""


def dressed(page: Page, **how: object) -> None:
    """The page with as much of it to be seen as there can be."""
    page.sample(**how)
    page.edit("make it brighter")
    page.press("v")


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_and_names(page: Page, dark: bool) -> None:
    page.visit(dark=dark)
    assert page.js(MEASURE, CONTRAST, LARGE_CONTRAST) == []
    page.click("#sample")
    page.opened()
    page.edit("make it brighter")
    page.click("#saved-open")
    assert page.js(MEASURE, CONTRAST, LARGE_CONTRAST) == []
    assert page.js(UNNAMED) == []
    page.js("document.getElementById('saved-open').click()")
    page.click("[data-tool=pen]")
    assert page.js(MEASURE, CONTRAST, LARGE_CONTRAST) == []
    assert page.js(UNNAMED) == []
    page.press("?")
    page.js("document.activeElement.blur()")
    page.until("document.getElementById('help').open || document.getElementById('help-open').click()")
    assert page.js(MEASURE, CONTRAST, LARGE_CONTRAST) == []


def test_everything_by_keyboard(page: Page) -> None:
    """From an opened picture to a result without a pointer; the focus goes in the order in which things stand."""
    from selenium.webdriver.common.keys import Keys

    page.sample()
    page.window.refresh()
    page.ready()
    page.opened()
    order = []
    for _ in range(60):
        page.press(Keys.TAB)
        one = page.js(
            "const f = document.activeElement; return f.id || f.dataset.tool || f.dataset.view || f.className || f.tagName"
        )
        if one == "BODY":
            break
        order.append(one)
        seen = page.js("const s = getComputedStyle(document.activeElement), r = document.activeElement.closest('#ask'); return s.outlineStyle !== 'none' || Boolean(r) && getComputedStyle(r).boxShadow !== 'none'")  # fmt: skip
        assert seen or one == "skip", f"no focus is seen on {one}"
    named = [one for one in order if one in ("skip", "open", "canvas", "select", "words", "go")]
    assert named == ["skip", "open", "canvas", "select", "words", "go"], order
    page.js("page.stage.canvas.focus()")
    page.press(Keys.ARROW_UP, Keys.ARROW_UP, Keys.ENTER)
    page.until("page.marks.selection.filled")
    page.until("document.getElementById('said').innerText.startsWith('Selected')")
    page.press("b", Keys.DELETE)
    assert page.share() == 0
    page.press(Keys.ENTER)
    assert page.share() > 0
    page.press("/")
    assert page.js("return document.activeElement.id") == "words"
    page.press("make it brighter", Keys.ENTER)
    page.until("document.querySelector('#outcome .verdict')")
    page.idle()
    assert "Done" in page.js("return document.getElementById('said').innerText") or page.versions == 2


def test_keys_are_listed_and_letters_can_be_switched_off(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    page.sample()
    page.press("?")
    page.until("document.getElementById('help').open")
    listed = page.text("#help")
    assert all(key in listed for key in ("\\", "Ctrl+Z", "Space", "[", "Escape"))
    page.click("#help input")
    page.press(Keys.ESCAPE)
    page.until("!document.getElementById('help').open")
    page.press("b")
    assert page.js("return page.stage.canvas.dataset.tool") == "select"


def test_dark_and_light(page: Page) -> None:
    ground = "return getComputedStyle(document.body).backgroundColor"
    page.visit(dark=True)
    dark = page.js(ground)
    page.click("#theme")
    light = page.js(ground)
    assert dark != light
    page.window.refresh()
    page.ready()
    assert page.js(ground) == light, "the choice is remembered"


def test_a_word_without_javascript(page: Page) -> None:
    page.window.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.window.get("about:blank")
        page.window.get(page.address)
        assert "needs JavaScript" in page.find(".noscript").text
    finally:
        page.window.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_a_large_picture_is_shown_small(page: Page, tmp_path: Path) -> None:
    """50 megapixels: what is shown and marked is small, what is edited is not."""
    from PIL import Image

    large = tmp_path / "large.jpg"
    Image.radial_gradient("L").resize((8660, 5774)).convert("RGB").save(large, quality=60)
    page.visit()
    page.find("#file-input").send_keys(str(large))
    page.opened()
    assert page.js(
        "return [page.stage.viewport.picture.width, page.stage.after.width, page.marks.selection.width]"
    ) == [8660, 1600, 1600]
    assert "8,660 × 5,774" in page.text("#outcome")
    page.press("b")
    page.drag((2000, 2000), (4000, 2000))
    assert page.share() > 0.01


@pytest.mark.skipif(not AXE.exists(), reason="axe-core has not been fetched: python recipes/page.py axe")
@pytest.mark.parametrize("how", [{}, {"dark": True}, {"size": PHONE, "phone": True}])
def test_axe_has_no_serious_finding(page: Page, how: dict[str, object]) -> None:
    dressed(page, **how)
    page.click("[data-tool=pen]")
    page.window.execute_cdp_cmd("Page.enable", {})
    page.window.execute_cdp_cmd("Runtime.evaluate", {"expression": AXE.read_text("utf-8")})
    found = page.wait(
        "return (await axe.run()).violations.map(v => [v.impact, v.id, v.nodes.map(n => n.target.join(' ')).join(', ')])"
    )
    assert [one for one in found if one[0] in ("serious", "critical")] == []
