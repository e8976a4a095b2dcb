"""The page in a real browser, driven as a person would: pointer, fingers, keys, files."""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[3] / "examples"
DESKTOP, PHONE = (1280, 860), (390, 800)
PATIENCE = 40.0
"""Seconds after which something that should happen has not: far more than it takes on a busy machine."""

FILE = """
const [name, type, data] = arguments;
const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
const transfer = new DataTransfer();
transfer.items.add(new File([bytes], name, {type}));
"""
DROP = (
    FILE
    + """
const target = document.querySelector(arguments[3]);
for (const kind of ["dragenter", "dragover", "drop"]) target.dispatchEvent(new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true}));
"""
)
PASTE = (
    FILE
    + """
document.querySelector(arguments[3]).dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true}));
"""
)


class Page:
    """One window on one server."""

    def __init__(self, window: Any, address: str) -> None:
        self.window, self.address = window, address

    def js(self, script: str, *arguments: Any) -> Any:
        return self.window.execute_script(script, *arguments)

    def wait(self, script: str, *arguments: Any) -> Any:
        """The value of a promise."""
        return self.window.execute_async_script(
            f"const done = arguments[arguments.length - 1]; (async () => {{ {script} }})().then(done, error => done(String(error)))", *arguments
        )  # fmt: skip

    def until(self, condition: str, seconds: float = PATIENCE) -> None:
        """Wait for a condition in the page."""
        end = time.monotonic() + seconds
        while not self.js(f"return Boolean({condition})"):
            if time.monotonic() > end:
                pytest.fail(f"{condition} never came; it says {self.text('#toast')!r}; {self.errors()}")
            time.sleep(0.03)

    def until_here(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition on this side."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                pytest.fail(f"it never came; {self.errors()}")
            time.sleep(0.03)

    def errors(self) -> list[str]:
        """What the browser's console has to complain of."""
        return [entry["message"] for entry in self.window.get_log("browser") if entry["level"] == "SEVERE"]

    def visit(
        self, size: tuple[int, int] = DESKTOP, *, phone: bool = False, dark: bool = False, path: str = ""
    ) -> None:
        """A fresh visit; nothing is remembered of the last one."""
        if phone:
            # After a pinch this browser takes no more fingers in the same tab.
            self.window.switch_to.new_window("tab")
            new = self.window.current_window_handle
            for old in set(self.window.window_handles) - {new}:
                self.window.switch_to.window(old)
                self.window.close()
            self.window.switch_to.window(new)
        tell = self.window.execute_cdp_cmd
        shape = {"width": size[0], "height": size[1], "deviceScaleFactor": 2 if phone else 1, "mobile": phone}
        tell("Emulation.setDeviceMetricsOverride", shape)
        tell("Emulation.setTouchEmulationEnabled", {"enabled": phone, "maxTouchPoints": 5})
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        tell("Emulation.setEmulatedMedia", {"features": [scheme]})
        self.window.get("about:blank")
        self.window.get(self.address + path)
        self.js("localStorage.clear()")
        self.ready()

    def ready(self) -> None:
        self.wait("window.page = await import('./main.js')")
        self.until("document.querySelector('.chip')")

    def sample(self, **how: Any) -> None:
        """Visit, and open the sample."""
        self.visit(**how)
        self.click("#sample")
        self.opened()

    def opened(self) -> None:
        self.until("page.stage.after && document.getElementById('reading').hidden")

    def find(self, selector: str) -> Any:
        return self.window.find_element("css selector", selector)

    def count(self, selector: str) -> int:
        return len(self.window.find_elements("css selector", selector))

    def click(self, selector: str) -> None:
        self.find(selector).click()

    def text(self, selector: str) -> str:
        return str(self.js("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def write(self, words: str) -> None:
        box = self.find("#words")
        box.clear()
        box.send_keys(words)

    def edit(self, words: str) -> None:
        """Write, go, and wait for what becomes of it."""
        self.write(words)
        self.click("#go")
        self.idle()

    def idle(self) -> None:
        self.until("document.getElementById('working').hidden && !document.getElementById('go').disabled")
        # The picture of a new version follows its record.
        self.until("page.workspace.current.id === page.views.shown")

    @property
    def versions(self) -> int:
        return self.count(".version")

    def jobs(self) -> int:
        """How many the server has been asked for."""
        with urllib.request.urlopen(self.address + "v1/jobs") as reply:
            return len(json.load(reply))

    def client(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the picture is in the window."""
        at = self.js("const b = page.stage.canvas.getBoundingClientRect(), p = page.stage.viewport.toScreen(arguments[0], arguments[1]); return [p.x + b.left, p.y + b.top]", x, y)  # fmt: skip
        return at[0], at[1]

    def mouse(self, kind: str, x: float, y: float, **more: Any) -> None:
        """One event of the mouse at a pixel of the picture."""
        at = self.client(x, y)
        event = {"type": kind, "x": at[0], "y": at[1], "pointerType": "mouse", **more}
        self.window.execute_cdp_cmd("Input.dispatchMouseEvent", event)

    def drag(self, *points: tuple[float, float], modifiers: int = 0, button: str = "left") -> None:
        """A stroke over pixels of the picture. Modifiers: 1 Alt, 2 Ctrl, 8 Shift."""
        held = {"button": button, "buttons": 1 if button == "left" else 4, "modifiers": modifiers, "clickCount": 1}
        self.mouse("mouseMoved", *points[0], modifiers=modifiers)
        self.mouse("mousePressed", *points[0], **held)
        for point in points[1:]:
            self.mouse("mouseMoved", *point, **held)
        self.mouse("mouseReleased", *points[-1], **held)

    def tap(self, x: float, y: float, modifiers: int = 0) -> None:
        self.drag((x, y), modifiers=modifiers)

    def wheel(self, x: float, y: float, dx: float = 0, dy: float = 0, modifiers: int = 0) -> None:
        self.mouse("mouseWheel", x, y, deltaX=dx, deltaY=dy, modifiers=modifiers)

    def touch(self, *paths: Sequence[tuple[float, float]], hold: bool = False) -> None:
        """One finger along each path of places in the window, all at once; with `hold` they stay down."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        actions = ActionBuilder(self.window, duration=0)
        for number, path in enumerate(paths):
            finger = actions.add_pointer_input("touch", f"finger{number}")
            for step, (x, y) in enumerate(path):
                finger.create_pointer_move(duration=0, x=round(x), y=round(y))
                if step == 0:
                    finger.create_pointer_down(button=0)
            if not hold:
                finger.create_pointer_up(button=0)
        actions.perform()

    def lift(self) -> None:
        """Fingers that stayed down leave."""
        from selenium.webdriver.common.actions.action_builder import ActionBuilder

        ActionBuilder(self.window).clear_actions()

    def press(self, *keys: str, held: str = "") -> None:
        """Keys by their names in selenium or their letters; `held` stays down meanwhile."""
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.window, duration=0)
        if held:
            chain.key_down(held)
        chain.send_keys(*keys)
        if held:
            chain.key_up(held)
        chain.perform()

    def give(self, way: str, file: Path, onto: str, name: str = "", kind: str = "image/png") -> None:
        """Drop (DROP) or paste (PASTE) a file onto an element."""
        self.js(way, name or file.name, kind, base64.b64encode(file.read_bytes()).decode(), onto)

    def share(self, which: str = "selection") -> float:
        """Of the picture that is marked."""
        return float(self.js(f"page.marks.{which}.count(); return page.marks.{which}.share"))

    def pixel(self, x: int, y: int, bitmap: str = "after") -> list[int]:
        """Of what is shown, where the picture is shown at its own size."""
        return list(self.js("const c = new OffscreenCanvas(1, 1).getContext('2d'); c.drawImage(page.stage[arguments[2]], -arguments[0], -arguments[1]); return [...c.getImageData(0, 0, 1, 1).data]", x, y, bitmap))  # fmt: skip
