"""The page of samples, read as files and, where a Chromium is installed, used in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixwright.build.run.browse import overlay, write_page
from pixwright.errors import InvalidOption
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Part, Reference, Sample

TYPES = (EditType.REMOVE, EditType.COLOR_ALTER, EditType.VISUAL_REFERENCE)


def sample(number: int) -> Sample:
    rng = np.random.default_rng(number)
    picture = rng.integers(0, 255, (40, 56, 3), np.uint8)
    edited = picture.copy()
    edited[10:20, 10:20] = (255, 0, 0)
    mask = np.zeros((40, 56), np.uint8)
    mask[10:20, 10:20] = 255
    kind = TYPES[number % 3]
    tone = np.sin(np.arange(4000, dtype=np.float32) / 9)
    references = (Reference(1, "cow", "a cow <b>", picture[:20], tone, 16_000),) if number % 3 == 2 else ()
    return Sample(
        id=f"row-{number:03}",
        dataset="anyedit",
        type=kind,
        source=picture,
        edited=edited,
        instruction=f"remove the thing {number} </script><b>",
        step=Step(type=kind, instruction="x", target="thing"),
        source_caption="a thing",
        edited_caption="nothing",
        mask=mask,
        references=references,
        parts=(Part("fluent/x", "npm:x@1", "MIT", "0" * 64),),
        scores={"outside": number / 100, **({"text": 1.0} if number % 2 else {})},
        rejected="colour: distance 61.2 > 40" if number % 10 == 0 else "",
    )


def test_the_page_is_whole_and_is_replaced_only_if_it_is_one(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    index, count = write_page((sample(i) for i in range(7)), folder, "seven")
    assert (index, count) == (folder / "index.html", 7)
    text = (folder / "samples.js").read_text(encoding="utf-8")
    assert "</script>" not in text
    rows = json.loads(text.split("window.SAMPLES = ")[1].rstrip(";\n"))
    named = {row[key] for row in rows for key in ("source", "edited", "overlay")}
    named |= {path for row in rows for r in row["references"] for path in (r["image"], r["audio"])}
    assert len(named) == 21 + 4
    assert all((folder / path).stat().st_size > 0 for path in named)
    write_page([sample(1)], folder, "one")
    assert "row-001" in (folder / "samples.js").read_text(encoding="utf-8")
    other = tmp_path / "mine"
    other.mkdir()
    with pytest.raises(InvalidOption, match="is not a page"):
        write_page([sample(1)], other, "x")
    with pytest.raises(InvalidOption, match="no sample"):
        write_page([], tmp_path / "none", "x")
    assert not list(tmp_path.glob(".*partial"))


def test_the_overlay_tints_inside_only() -> None:
    picture = np.full((30, 30, 3), 100, np.uint8)
    mask = np.zeros((30, 30), np.uint8)
    mask[10:20, 10:20] = 255
    tinted = overlay(picture, mask)
    assert (tinted[mask == 0] == 100).all()
    assert (tinted[12:18, 12:18, 0] > 150).all()


def test_in_a_browser_by_keyboard(browser: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    index, _ = write_page((sample(i) for i in range(70)), tmp_path / "page", "seventy rows")

    def press(*keys: str) -> None:
        for one in keys:
            ActionChains(browser).send_keys(one).perform()

    def cards() -> list[Any]:
        return list(browser.find_elements(By.TAG_NAME, "article"))

    def summary() -> str:
        return str(browser.find_element(By.ID, "summary").text)

    browser.get(index.as_uri())
    assert browser.title == "seventy rows"
    assert (len(cards()), summary()) == (60, "70 of 70 rows: 63 kept, 7 rejected")
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    press("n")
    assert len(cards()) == 10
    press("p", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    focused = browser.switch_to.active_element
    assert "thing 2 " in focused.get_attribute("aria-label")
    player = focused.find_element(By.TAG_NAME, "audio")
    assert player.get_attribute("src").endswith(".ogg")
    assert player.is_displayed() and player.size["height"] >= 54 and player.size["width"] >= 200
    press("m")
    masked = cards()[2].find_elements(By.TAG_NAME, "img")[1]
    assert masked.get_attribute("src").endswith("-m.webp")
    assert int(browser.execute_script("return arguments[0].naturalWidth", masked)) == 56
    press(Keys.ENTER)
    assert browser.find_element(By.ID, "detail").get_attribute("open") is not None
    assert "npm:x@1" in browser.find_element(By.ID, "body").text
    press(Keys.ESCAPE, "/", "row-06", Keys.ESCAPE)
    assert summary().startswith("10 of 70")
    # The address holds the filters: a view can be sent to somebody.
    browser.get(index.as_uri() + "#status=rejected&sort=outside&down=1")
    browser.refresh()
    assert summary() == "7 of 70 rows: 0 kept, 7 rejected"
    assert "row-060" in cards()[0].text
