"""The page's screenshots and the film of a first edit, made with a real server in a real browser.

    python recipes/page.py          # writes docs/page/*.webp and docs/first-edit.gif
    python recipes/page.py axe      # fetches axe-core (MPL-2.0) into .cache/axe, for tests/serve/page

It needs the extra `serve`, selenium, and Chromium with its driver. The photograph is scikit-image's coffee (CC0, Rachel Michetti, Pikolo Espresso Bar).
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))
from own_server import own_server  # noqa: E402 - shared with the tests

DOCS, AXE = ROOT / "docs", ROOT / ".cache" / "axe"
DESKTOP, PHONE, FILM = (1280, 800), (390, 780), (1120, 700)
POINTER = ((0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12))
"""The outline of a mouse pointer: a headless browser shows none."""
COLOURS, QUALITY = 160, 82
PATIENCE = 60.0


@contextmanager
def server() -> Iterator[str]:
    """The address of a server with an empty data folder."""
    with tempfile.TemporaryDirectory() as data, own_server(data) as (_, address):
        yield address


@contextmanager
def browser(size: tuple[int, int], *, phone: bool = False, dark: bool = False) -> Iterator[Any]:
    """A headless Chromium whose page is so large."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    window = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    shape = {"width": size[0], "height": size[1], "deviceScaleFactor": 2 if phone else 1, "mobile": phone}
    window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", shape)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    window.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    try:
        yield window
    finally:
        window.quit()


class Session:
    """What a person does on the page, and what is seen of it."""

    def __init__(self, window: Any, address: str) -> None:
        self.window = window
        self.frames: list[tuple[Image.Image, int]] = []
        self.pointer = (40, 600)
        window.get(address)
        window.execute_async_script(
            "const done = arguments[0]; import('./main.js').then(module => { window.page = module; done(); })"
        )
        self.until("document.querySelector('.chip')")

    def until(self, condition: str) -> None:
        end = time.monotonic() + PATIENCE
        while not self.window.execute_script(f"return Boolean({condition})"):
            if time.monotonic() > end:
                raise SystemExit(f"{condition} never came")
            time.sleep(0.02)

    def settled(self) -> None:
        self.until("document.getElementById('working').hidden && page.workspace.current.id === page.views.shown")
        self.until("[...document.images].every(image => image.complete || !image.checkVisibility())")
        time.sleep(0.4)

    def see(self) -> Image.Image:
        return Image.open(io.BytesIO(self.window.get_screenshot_as_png())).convert("RGB")

    def keep(self, name: str) -> None:
        """A screenshot for the docs."""
        target = DOCS / "page" / f"{name}.webp"
        target.parent.mkdir(exist_ok=True)
        self.see().save(target, quality=QUALITY, method=6)
        print(f"{target.relative_to(ROOT)}: {target.stat().st_size // 1000} kB")

    def frame(self, milliseconds: int) -> None:
        """One picture of the film, with the pointer in it."""
        seen = self.see()
        corner = [(self.pointer[0] + x, self.pointer[1] + y) for x, y in POINTER]
        ImageDraw.Draw(seen).polygon(corner, fill="black", outline="white")
        self.frames.append((seen, milliseconds))

    def go_to(self, selector: str, across: float = 0.5, down: float = 0.5, steps: int = 5) -> None:
        """The pointer moves onto something."""
        box = self.window.find_element("css selector", selector).rect
        end = (box["x"] + across * box["width"], box["y"] + down * box["height"])
        start = self.pointer
        for step in range(1, steps + 1):
            share = step / steps
            self.pointer = tuple(round(a + (b - a) * share) for a, b in zip(start, end, strict=True))  # type: ignore[assignment]
            event = {"type": "mouseMoved", "x": self.pointer[0], "y": self.pointer[1]}
            self.window.execute_cdp_cmd("Input.dispatchMouseEvent", event)
            self.frame(60)

    def click(self) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            event = {"type": kind, "x": self.pointer[0], "y": self.pointer[1], "button": "left", "clickCount": 1}
            self.window.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    def open_sample(self) -> None:
        self.window.find_element("css selector", "#sample").click()
        self.until("page.stage.after")
        self.settled()

    def edit(self, words: str) -> None:
        box = self.window.find_element("css selector", "#words")
        box.clear()
        box.send_keys(words)
        self.window.find_element("css selector", "#go").click()
        self.settled()

    def look(self, view: str) -> None:
        self.window.find_element("css selector", f"[data-view={view}]").click()
        time.sleep(0.4)


def screenshots(address: str) -> None:
    """Desktop, dark, and phone."""
    with browser(DESKTOP) as window:
        session = Session(window, address)
        session.keep("start")
        session.open_sample()
        session.go_to("#canvas", 0.5, 0.35)
        session.until("page.stage.lit")
        session.click()
        session.until("page.marks.selection.filled")
        session.window.find_element("css selector", "#words").send_keys("make it blue")
        session.until("document.querySelector('#understood .step')")
        session.keep("selected")
        session.edit("make the cup blue")
        session.look("slide")
        session.keep("compared")
    with browser(DESKTOP, dark=True) as window:
        session = Session(window, address)
        session.open_sample()
        for words in ("make the cup blue", "make it night"):
            session.edit(words)
        window.find_elements("css selector", ".version")[1].click()
        session.settled()
        session.edit("turn it into a watercolour")
        session.keep("dark")
    with browser(PHONE, phone=True) as window:
        session = Session(window, address)
        session.open_sample()
        session.edit("make the cup blue")
        session.look("slide")
        session.keep("phone")


def film(address: str) -> None:
    """Three clicks from nothing to a result."""
    with browser(FILM) as window:
        session = Session(window, address)
        session.frame(900)
        session.go_to("#sample")
        session.click()
        session.until("page.stage.after")
        session.frame(700)
        chip = "[...document.querySelectorAll('.chip')].find(one => /cup/.test(one.innerText) && /red|blue/.test(one.innerText))"
        window.execute_script(f"const chip = {chip}; chip.id = 'chip'; chip.scrollIntoView({{inline: 'center'}})")
        session.go_to("#chip")
        session.click()
        session.until("document.querySelector('#understood .step')")
        session.frame(900)
        session.go_to("#go")
        session.click()
        began = time.monotonic()
        while not window.execute_script("return Boolean(document.querySelector('#outcome .verdict'))"):
            session.frame(150)
        print(f"from Go to the result: {time.monotonic() - began:.1f} s, screenshots included")
        session.settled()
        session.frame(1200)
        session.go_to("[data-view=slide]")
        session.click()
        for share in (0.5, 0.35, 0.2, 0.35, 0.5, 0.65, 0.8, 0.65, 0.5):
            window.execute_script("page.views.divide(arguments[0])", share)
            session.frame(130)
        session.frame(1500)
    # One palette for all frames: a colour that shifts from frame to frame would flicker.
    sheet = Image.new("RGB", (FILM[0], FILM[1] * 3))
    for place, number in enumerate((0, len(session.frames) // 2, len(session.frames) - 1)):
        sheet.paste(session.frames[number][0], (0, place * FILM[1]))
    palette = sheet.quantize(COLOURS)
    frames = [seen.quantize(palette=palette, dither=Image.Dither.NONE) for seen, _ in session.frames]
    target = DOCS / "first-edit.gif"
    times = [milliseconds for _, milliseconds in session.frames]
    frames[0].save(target, save_all=True, append_images=frames[1:], duration=times, loop=0, optimize=False)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size // 1000} kB, {len(frames)} frames")


def fetch_axe() -> None:
    """axe-core from npm; it is used by the tests only, and is no part of the project."""
    AXE.mkdir(parents=True, exist_ok=True)
    told = subprocess.run(["npm", "pack", "--silent", "axe-core"], cwd=AXE, check=True, capture_output=True, text=True)
    archive = AXE / told.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as packed:
        script = packed.extractfile("package/axe.min.js")
        assert script is not None
        (AXE / "axe.min.js").write_bytes(script.read())
    archive.unlink()
    print(AXE / "axe.min.js")


if __name__ == "__main__":
    if sys.argv[1:] == ["axe"]:
        fetch_axe()
    elif len(sys.argv) > 1:
        screenshots(sys.argv[1])
        film(sys.argv[1])
    else:
        for make in (film, screenshots):
            with server() as running:
                make(running)
