"""One server and one browser for all tests of the page."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from page_driver import Page

from own_server import own_server

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,860",
    "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--force-color-profile=srgb",
)  # fmt: skip


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server with a data folder of its own."""
    pytest.importorskip("fastapi")
    pytest.importorskip("pixwright.serve.app")
    with own_server(tmp_path_factory.mktemp("data")) as (_, address):
        yield address


@pytest.fixture(scope="session")
def window() -> Iterator[Any]:
    """A headless Chromium. Skips where none is installed."""
    webdriver = pytest.importorskip("selenium.webdriver")
    driver, program = shutil.which("chromedriver"), shutil.which("chromium") or shutil.which("google-chrome")
    if not driver or not program:
        pytest.skip("no Chromium with its driver is installed")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield window
    window.quit()


@pytest.fixture
def page(window: Any, served: str) -> Iterator[Page]:
    """The page, about to be visited. A test that leaves complaints in the console fails."""
    page = Page(window, served)
    page.errors()
    yield page
    refused = re.compile(r"status of 4\d\d")
    assert [line for line in page.errors() if not refused.search(line)] == []
