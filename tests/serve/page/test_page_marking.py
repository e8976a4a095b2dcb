"""Where to edit: click to select, brush and eraser, what is protected, and how one moves over the picture."""

from __future__ import annotations

import math

from page_driver import Page

CUP = (300, 150)
"""On the cup of the sample."""
TABLE = (560, 60)
CTRL, SHIFT, ALT = 2, 8, 1


def test_brush_eraser_sizes_and_invert(page: Page) -> None:
    """Table stakes 2, 3 and 5: strokes, their sizes and their eraser; whatever is marked runs nothing."""
    page.sample()
    before = page.jobs()
    page.press("b")
    page.drag((150, 200), (300, 200), (450, 200))
    thin = page.share()
    assert 0.03 < thin < 0.2
    page.press("]", "]", "]", "]")
    assert page.js("return document.getElementById('size').valueAsNumber") > 80
    page.press("[")
    page.drag((150, 300), (450, 300))
    thick = page.share()
    assert thick > 2.5 * thin
    page.press("e")
    page.drag((150, 300), (450, 300))
    assert abs(page.share() - thin) < 0.02
    page.press("b")
    page.drag((150, 200), (450, 200), modifiers=ALT)
    assert page.share() < 0.01
    page.drag((300, 100), (300, 120))
    part = page.share()
    page.press("i")
    assert abs(page.share() - (1 - part)) < 0.01
    assert page.jobs() == before
    assert page.text("#where") == "only where selected"


def test_undo_of_the_mask_is_not_undo_of_the_edit(page: Page) -> None:
    """Table stake 4."""
    from selenium.webdriver.common.keys import Keys

    page.sample()
    page.edit("make it brighter")
    page.press("b")
    page.drag((150, 100), (450, 100))
    one = page.share()
    page.drag((150, 300), (450, 300))
    two = page.share()
    page.press("z", held=Keys.CONTROL)
    assert page.share() == one
    page.press("z", held=Keys.CONTROL)
    assert page.share() == 0
    page.press("z", held=Keys.CONTROL)
    assert page.js("return Boolean(page.workspace.current.parent)")
    page.press("y", held=Keys.CONTROL)
    page.click("#mask-redo")
    assert page.share() == two
    page.press("u")
    page.until("!page.workspace.current.parent")
    page.idle()
    page.click("#edit-redo")
    page.until("page.workspace.current.parent")


def test_click_selects_what_lights_up(page: Page) -> None:
    """Table stake 7: it is seen before it is taken, and the edit stays in it."""
    page.sample()
    page.mouse("mouseMoved", *CUP)
    page.until("page.stage.lit")
    lit = page.js("return page.stage.lit.share")
    assert 0.05 < lit < 0.8
    assert page.share() == 0
    page.tap(*CUP)
    page.until("page.marks.selection.filled")
    assert abs(page.share() - lit) < 0.01
    page.tap(*TABLE, modifiers=SHIFT)
    page.until(f"page.marks.selection.share > {lit} + .05")
    page.tap(*TABLE, modifiers=ALT)
    page.until(f"Math.abs(page.marks.selection.share - {lit}) < .05")
    page.tap(*CUP)
    page.until("page.marks.clicks.length === 1")
    page.edit("make it blue")
    assert page.pixel(590, 10) == page.pixel(590, 10, "before")
    assert page.pixel(250, 270) != page.pixel(250, 270, "before")


def test_a_box_and_a_name_select_too(page: Page) -> None:
    page.sample()
    page.drag((60, 10), (200, 200), (500, 395))
    page.until("page.marks.selection.filled")
    boxed = page.share()
    page.click("#mask-clear")
    assert page.share() == 0
    page.find("#find-words").send_keys("the spoon\n")
    page.until("page.marks.selection.filled || !document.getElementById('toast').hidden")
    assert boxed > 0.1


def test_what_is_protected_never_changes(page: Page) -> None:
    """Table stake 20: the protecting brush holds whatever the words say."""
    page.sample()
    page.click("[data-tool=protect]")
    page.drag((100, 100), (200, 100))
    assert page.share("protection") > 0.01
    assert page.text("#where") == "never where protected"
    page.edit("make it black and white")
    page.idle()
    assert page.pixel(150, 100) == page.pixel(150, 100, "before")
    assert page.pixel(150, 300) != page.pixel(150, 300, "before")


def test_zoom_and_pan_by_wheel_trackpad_space_and_keys(page: Page) -> None:
    """Table stake 6."""
    page.sample()
    where = "const v = page.stage.viewport; return [v.scale, v.x, v.y]"
    fitted = page.js(where)
    spot = page.client(400, 100)
    page.wheel(400, 100, dy=-240)
    zoomed = page.js(where)
    assert zoomed[0] > fitted[0] * 1.2
    assert max(abs(a - b) for a, b in zip(spot, page.client(400, 100), strict=True)) < 2, (
        "what is under the pointer stays"
    )
    page.wheel(300, 200, dx=30, dy=17)
    panned = page.js(where)
    assert panned[0] == zoomed[0]
    assert abs(zoomed[1] - panned[1] - 30) < 1
    assert abs(zoomed[2] - panned[2] - 17) < 1
    page.wheel(300, 200, dy=-10, modifiers=CTRL)
    pinched = page.js(where)
    assert pinched[0] > panned[0]
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    page.press("b")
    page.mouse("mouseMoved", 300, 200)
    ActionChains(page.window).key_down(Keys.SPACE).perform()
    page.drag((300, 200), (320, 230), (340, 240))
    ActionChains(page.window).key_up(Keys.SPACE).perform()
    assert page.js(where)[1] > pinched[1] + 20
    assert page.share() == 0, "a moved picture is no stroke"
    page.press("0")
    assert page.js(where) == fitted
    page.press("+", "+", "-")
    assert page.js(where)[0] > fitted[0]
    page.press("1")
    assert page.text("#zoom-says") == "100%"
    page.click("#zoom-fit")
    assert page.js(where) == fitted


def ring(page: Page, x: float, y: float, wide: float, tall: float) -> None:
    """Draw an ellipse about a place of the picture."""
    turns = [2 * math.pi * step / 24 for step in range(25)]
    page.drag(*((x + wide * math.cos(turn), y + tall * math.sin(turn)) for turn in turns))


def test_what_the_pen_rings_is_what_is_edited(page: Page) -> None:
    """A drawing points: colours to be seen by, an undo and an eraser of its own, and no limit but the thing."""
    from selenium.webdriver.common.keys import Keys

    page.sample()
    strokes, before = "return page.drawing.strokes.length", page.jobs()
    page.press("b")
    page.drag((60, 40), (90, 40))
    page.press("m")
    page.find("#colours [value=blue]").click()
    page.drag((40, 380), (90, 380))
    assert page.js("return page.drawing.strokes[0].colour") == "rgb(31, 107, 255)"
    assert page.share() == 0, "the drawing takes the selection's place"
    assert page.text("#where") == "for what the drawing points at"
    page.press("z", held=Keys.CONTROL)
    assert page.js(strokes) == 0
    page.press("b")
    page.press("z", held=Keys.CONTROL)
    assert page.share() > 0, "what gave way comes back by its own undo"
    page.press("m")
    page.click("#mask-redo")
    assert (page.js(strokes), page.share()) == (1, 0)
    page.click("#rubber")
    page.drag((40, 380), (90, 380))
    assert not page.js("return page.drawing.filled"), "all was erased"
    page.press("e")
    ring(page, 300, 190, 225, 185)
    assert page.jobs() == before, "a drawing runs nothing"
    page.edit("make it blue")
    assert page.pixel(250, 270) != page.pixel(250, 270, "before")
    assert page.pixel(20, 380) == page.pixel(20, 380, "before")
    assert not page.js("return page.drawing.filled"), "a new version has no drawing on it"


def test_the_pen_by_keys(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    page.sample()
    page.press("m")
    page.js("page.stage.canvas.focus()")
    page.press(Keys.ARROW_RIGHT, Keys.ENTER, Keys.ARROW_RIGHT)
    page.press(Keys.ENTER, held=Keys.SHIFT)
    assert page.js("return page.drawing.strokes.map(stroke => stroke.points.length)") == [1, 2]
    assert page.text("#said") == "A line was drawn"
    page.press(Keys.DELETE)
    assert page.js("return page.drawing.filled") is False
