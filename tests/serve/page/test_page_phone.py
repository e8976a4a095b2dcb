"""The page on a phone, by touch."""

from __future__ import annotations

from page_driver import PHONE, Page

LEAST_TARGET = 44
"""CSS pixels of a target's sides, for fingers."""


def test_drawing_does_not_scroll_and_two_fingers_zoom(page: Page) -> None:
    """Table stakes 6 and 19."""
    page.sample(size=PHONE, phone=True, dark=True)
    page.click("[data-tool=brush]")
    x, y = page.client(300, 200)
    page.touch([(x + 4 * step, y - 9 * step) for step in range(8)])
    drawn = page.share()
    assert drawn > 0.005
    assert page.js("return [scrollX, scrollY, visualViewport.scale]") == [0, 0, 1]
    scale = page.js("return page.stage.viewport.scale")
    page.touch(*([(x + way * (30 + 8 * step), y) for step in range(8)] for way in (-1, 1)))
    assert page.js("return page.stage.viewport.scale") > 2 * scale
    assert page.js("return visualViewport.scale") == 1
    assert page.share() == drawn, "a pinch is no stroke"
    page.click("#mask-undo")
    assert page.share() == 0


def test_a_tap_selects_and_a_drag_moves(page: Page) -> None:
    page.sample(size=PHONE, phone=True)
    x, y = page.client(300, 150)
    page.touch([(x, y), (x + 20, y + 5), (x + 60, y + 20)])
    assert page.share() == 0
    assert not page.js("return page.stage.viewport.fitted")
    x, y = page.client(300, 150)
    page.touch([(x, y)])
    page.until("page.marks.selection.filled")


def test_a_finger_draws_with_the_pen(page: Page) -> None:
    page.sample(size=PHONE, phone=True)
    page.click("[data-tool=pen]")
    x, y = page.client(300, 200)
    page.touch([(x + 4 * step, y - 9 * step) for step in range(8)])
    assert page.js("return page.drawing.strokes.length") == 1
    page.touch(*([(x + way * (30 + 8 * step), y) for step in range(8)] for way in (-1, 1)))
    assert page.js("return page.drawing.strokes.length") == 1, "a pinch is no stroke"
    assert page.js("return document.documentElement.scrollWidth") <= PHONE[0]
    options = page.js(
        "return [...document.querySelectorAll('#options button, #colours label')].filter(b => b.checkVisibility()).map(b => b.getBoundingClientRect().right)"
    )
    assert max(options) <= PHONE[0]
    page.click("#mask-undo")
    assert not page.js("return page.drawing.filled")


def test_targets_are_large_and_nothing_is_cut_off(page: Page) -> None:
    page.sample(size=PHONE, phone=True)
    page.edit("make it brighter")
    assert page.js("return document.documentElement.scrollWidth") <= PHONE[0]
    small = page.js(
        "return [...document.querySelectorAll('button, a.button, select')].filter(b => b.checkVisibility() && !b.closest('#panel'))"
        ".map(b => [b.id || b.innerText, b.getBoundingClientRect()]).filter(([, r]) => r.width < arguments[0] || r.height < arguments[0] || r.left < 0 || r.right > innerWidth && !r.left > innerWidth)"
        ".map(([name, r]) => `${name} ${r.width}x${r.height}`)",
        LEAST_TARGET - 0.5,
    )
    assert [one for one in small if "chip" not in one] == []
    assert "0 pixels changed outside" in page.text("#brief")
    page.click("#brief")
    assert not page.js("return document.getElementById('panel').hidden")
    page.click("#panel-shut")
    page.js(
        "const hold = document.getElementById('hold').getBoundingClientRect(); window.at = [hold.x + hold.width / 2, hold.y + hold.height / 2]"
    )
    page.touch([page.js("return window.at")], hold=True)
    page.until("page.stage.holding", 3)
    page.lift()
    page.until("!page.stage.holding", 3)
