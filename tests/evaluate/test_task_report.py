"""The page of a run, read as files and, where a Chromium is installed, used in it."""

import json

import pytest
from task_sets import Brighten, examples
from test_task_run import go, judge

from pixwright.evaluate.report.page import write_report
from pixwright.evaluate.report.results import read_results


@pytest.fixture
def page(tmp_path):
    found = examples(50)
    go(Brighten(18, refuse=("e1", "e7"), black=("e9",)), tmp_path, found, judges=(judge("L1", "SSIM"),))
    return write_report(read_results(tmp_path), lambda: found)


def test_the_page_is_whole_and_begins_with_the_worst(page):
    text = (page.parent / "edits.js").read_text(encoding="utf-8")
    assert "</script>" not in text
    rows = json.loads(text.split("window.EDITS = ")[1].rstrip(";\n"))
    assert len(rows) == 50 and rows[0]["key"] == "e9"
    l1 = [row["values"]["L1"] for row in rows]
    assert l1 == sorted(l1, reverse=True)
    pictures = {row[name] for row in rows for name in ("source", "made", "target")}
    assert len(pictures) == 150 and all((page.parent / name).stat().st_size > 0 for name in pictures)
    assert all((page.parent / row["file"]).exists() for row in rows)
    assert not list(page.parent.parent.glob(".*partial"))


def test_in_a_browser_by_keyboard(browser, page):
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    def press(*keys):
        for one in keys:
            ActionChains(browser).send_keys(one).perform()

    def cards():
        return browser.find_elements(By.TAG_NAME, "article")

    def summary():
        return browser.find_element(By.ID, "summary").text

    browser.get(page.as_uri())
    assert browser.title == "test: brighten"
    assert (len(cards()), summary()) == (40, "50 of 50 edits, 3 failed; worst L1 first")
    assert not [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    assert "e9" in cards()[0].text and "failed" in cards()[0].get_attribute("class")
    means = browser.find_element(By.ID, "means").text
    assert "L1 ↓" in means and "±" in means
    made = cards()[0].find_elements(By.TAG_NAME, "img")[1]
    assert browser.execute_script("return arguments[0].naturalWidth", made) == 48
    press("n")
    assert len(cards()) == 10
    press("p", "b")
    assert summary().endswith("best L1 first") and "e9" not in cards()[0].text
    press(Keys.ARROW_RIGHT, Keys.ENTER)
    body = browser.find_element(By.ID, "body")
    assert browser.find_element(By.ID, "detail").get_attribute("open") is not None
    assert body.find_element(By.TAG_NAME, "a").get_attribute("href").endswith(".png")
    press(Keys.ESCAPE, "/", "e7", Keys.ESCAPE)
    assert summary().startswith("1 of 50 edits, 1 failed")
    assert "the unchanged picture counts" in cards()[0].text and "will not" in cards()[0].text
    # A click on a metric's name sorts by it, the worst first; the address holds the view.
    browser.get(page.as_uri() + "#status=failed")
    browser.refresh()
    assert len(cards()) == 3
    browser.find_element(By.CSS_SELECTOR, "#means button[value=SSIM]").click()
    assert summary().endswith("worst SSIM first") and "sort=SSIM" in browser.current_url
