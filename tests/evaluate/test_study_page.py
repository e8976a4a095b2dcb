"""The page of a study in a real browser: one rater by keyboard, through a killed server; one on a phone by touch, on another device later."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from study_samples import SECRET, SYSTEMS, write_items

from pixwright.evaluate.study.design import Protocol
from pixwright.evaluate.study.report import results
from pixwright.evaluate.study.study import Options, create_study

SERVE = """
import sys; from pathlib import Path; from pixwright.evaluate.study.commands import serve
for line in serve(Path(sys.argv[1]), port=int(sys.argv[2])): print(line, flush=True)
"""


class Served:
    """A study served by a process of its own, which can be killed and started again at the same address."""

    def __init__(self, db: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.db, self.address = db, f"http://127.0.0.1:{self.port}/"
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-c", SERVE, str(self.db), str(self.port)], stdout=subprocess.PIPE, text=True)  # fmt: skip
        assert self.process.stdout is not None
        assert self.address in self.process.stdout.readline()

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()
            self.process = None

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.db)) as base:
            return base.execute(question).fetchall()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Any]:
    started: list[Served] = []

    def one(protocol: Protocol, options: Options, count: int, systems: tuple[str, ...] = SYSTEMS) -> Served:
        db = tmp_path / f"{protocol}.sqlite"
        create_study(db, write_items(tmp_path, count, systems), protocol, 5, options)
        started.append(Served(db))
        started[-1].start()
        return started[-1]

    yield one
    for each in started:
        each.kill()


def until(window: Any, script: str, seconds: float = 10) -> None:
    """Wait for a condition in the page."""
    end = time.monotonic() + seconds
    while not window.execute_script(f"return Boolean({script})"):
        if time.monotonic() > end:
            pytest.fail(f"{script} after {seconds} s; banner: {banner(window)!r}")
        time.sleep(0.03)


def banner(window: Any) -> str:
    return str(window.execute_script("return document.getElementById('banner').textContent"))


def at(window: Any, number: int) -> None:
    until(window, f"ready && document.getElementById('where').textContent.startsWith('{number} of')")


def test_by_keyboard_through_a_killed_server(serve: Any, browse: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    served, window = serve("pair", Options(against=SYSTEMS[0]), 2), browse(1200, 820)

    def press(*keys: str) -> None:
        for one in keys:
            ActionChains(window).send_keys(one).perform()

    window.get(served.address)
    until(window, "document.activeElement.id === 'rater'")
    press("kim-1", Keys.ENTER)
    at(window, 1)
    # A, then Tab and Space on "No difference": shortcuts and plain keyboard use go together.
    press("a", Keys.TAB, Keys.TAB, Keys.TAB, " ")
    assert window.execute_script("return given") == {"consistency": 0, "quality": -1}
    press(Keys.ENTER)
    at(window, 2)
    press("2", "b", Keys.ARROW_UP, Keys.ARROW_UP, "a", "z", Keys.ARROW_RIGHT)
    assert window.execute_script(
        "return [document.getElementById('zoom').open, document.getElementById('large').alt]"
    ) == [True, "B"]
    press("z")
    ActionChains(window).key_down("o").perform()
    assert (
        window.execute_script("return new Set([...document.querySelectorAll('#trial img')].map(i => i.src)).size") == 1
    )
    ActionChains(window).key_up("o").perform()
    assert window.execute_script("return given") == {"consistency": 0, "quality": 1}

    served.kill()
    press(Keys.ENTER)
    until(window, "!document.getElementById('banner').hidden")
    assert "No connection" in banner(window)
    assert len(served.rows("SELECT * FROM answers")) == 2
    assert served.rows("PRAGMA integrity_check") == [("ok",)]
    served.start()
    # The page sends by itself what the killed server did not keep.
    at(window, 3)
    assert banner(window) == ""
    served.kill()
    served.start()
    window.get(served.address)
    at(window, 3)
    press(Keys.BACKSPACE)
    at(window, 2)
    assert window.execute_script("return given") == {"consistency": 0, "quality": 1}
    press(Keys.ENTER)
    at(window, 3)
    press("0", "0", Keys.ENTER)
    at(window, 4)
    press("1", "2", Keys.ENTER)
    until(window, "!document.getElementById('end').hidden")
    kept = served.rows(
        "SELECT t.position, a.question, a.value FROM answers a JOIN trials t ON t.id = a.trial ORDER BY 1, 2"
    )
    assert [value for _, _, value in kept] == [0, -1, 0, 1, -1, -1, 0, 1]
    assert results(served.db)[-1].rows[0][:3] == ("kim-1", 4, 4)


def test_every_answer_that_was_acknowledged_survives_a_kill(serve: Any) -> None:
    served = serve("likert", Options(questions="instructedit"), 12)
    token = served.rows("SELECT value FROM meta WHERE key = 'token'")[0][0]
    kept: list[int] = []

    def post(path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(served.address + path, json.dumps(body).encode(), {"X-Study-Token": token})
        with urllib.request.urlopen(request, timeout=10) as reply:
            return dict(json.load(reply))

    def work() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            state = post("look", {"rater": "ann"})
            while state["trial"]:
                trial = state["trial"]
                body = {"rater": "ann", "trial": trial, "answers": {"applied": 1 + trial % 5}, "ms": 1}
                state = post("answer", body)
                kept.append(trial)

    for stop in (5, 17):
        worker = threading.Thread(target=work)
        worker.start()
        while len(kept) < stop and worker.is_alive():
            time.sleep(0.001)
        served.kill()
        worker.join()
        assert stop <= len(kept) < 36
        found = dict(served.rows("SELECT trial, value FROM answers"))
        assert [found[trial] for trial in kept] == [1 + trial % 5 for trial in kept]
        # One more may have reached the disk before the kill without the answer reaching us.
        assert len(found) - len(set(kept)) <= 1
        served.start()


def test_on_a_phone_by_touch_and_on_another_device_later(serve: Any, browse: Any) -> None:
    from selenium.webdriver.common.actions.action_builder import ActionBuilder
    from selenium.webdriver.common.actions.pointer_input import PointerInput

    served, window = serve("choice", Options(), 3), browse(390, 844, phone=True)

    def tap(css: str, number: int = 0) -> None:
        target = window.find_elements("css selector", css)[number]
        actions = ActionBuilder(window, mouse=PointerInput("touch", "finger"))
        actions.pointer_action.move_to(target).pointer_down().pointer_up()
        actions.perform()

    window.get(served.address + "#rater=lee")
    until(window, "document.getElementById('rater').value === 'lee'")
    tap("#join button")
    for number in (1, 2):
        at(window, number)
        # All is on the screen, nothing sticks out, and a finger can hit it.
        shape = window.execute_script(
            "const d = document.documentElement; return [d.scrollWidth, d.scrollHeight,"
            " Math.min(...[...document.querySelectorAll('#work footer button')].map(b => Math.min(b.offsetHeight, b.offsetWidth))),"
            " Math.min(...[...document.querySelectorAll('#trial img')].map(i => i.offsetWidth))]"
        )
        assert shape[:2] == [390, 844]
        assert shape[2] >= 42
        assert shape[3] >= 110
        tap("#made figure button", 2)
        until(window, "document.getElementById('zoom').open && document.getElementById('large').alt === 'C'")
        tap("#shut")
        tap("fieldset:first-child .choices button", 2)
        until(window, "active === 1")
        assert not window.find_element("id", "next").is_enabled()
        tap("fieldset:last-child .choices button", 0)
        until(window, "!document.getElementById('next').disabled")
        tap("#next")
    at(window, 3)
    seen = window.page_source + str(window.execute_script("return performance.getEntries().map(e => e.name)"))
    seen += str(window.execute_script("return [study, state]")) + str(window.execute_script("return {...localStorage}"))
    assert not [word for word in (*SYSTEMS, SECRET) if word in seen.lower()]
    assert "make thing" in seen
    assert not [entry for entry in window.get_log("browser") if entry["level"] == "SEVERE"]

    other = browse(1000, 700)
    other.get(served.address)
    until(other, "document.activeElement.id === 'rater'")
    other.find_element("id", "rater").send_keys("lee")
    other.find_element("css selector", "#join button").click()
    at(other, 3)
    for field in other.find_elements("css selector", "fieldset"):
        field.find_elements("css selector", "button")[1].click()
    other.find_element("id", "next").click()
    until(other, "!document.getElementById('end').hidden")
    assert "All 3 are answered and kept, lee" in other.find_element("id", "done").text
    # The recorded order turns places back into systems.
    kept = served.rows(
        "SELECT t.places, a.value FROM answers a JOIN trials t ON t.id = a.trial WHERE question = 'quality' ORDER BY t.position"
    )
    assert [value for _, value in kept] == [0, 0, 1]
    chosen = [sorted(SYSTEMS)[int(re.findall(r"\d", places)[value])] for places, value in kept]
    counted = {
        row[1]: row[2]
        for table in results(served.db)
        if table.title == "Chosen as the best"
        for row in table.rows
        if row[0] == "quality"
    }
    assert counted == {name: chosen.count(name) for name in SYSTEMS}
    other.find_element("id", "leave").click()
    until(other, "!document.getElementById('welcome').hidden")


def test_rating_by_keyboard(serve: Any, browse: Any) -> None:
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    served, window = serve("likert", Options(questions="instructedit"), 1), browse(1200, 820)
    window.get(served.address + "#rater=mo")
    until(window, "document.getElementById('rater').value === 'mo'")
    ActionChains(window).send_keys(Keys.ENTER).perform()
    for number, rating in enumerate("245", 1):
        at(window, number)
        ActionChains(window).send_keys(rating, Keys.ENTER).perform()
    until(window, "!document.getElementById('end').hidden")
    assert sorted(served.rows("SELECT value FROM answers")) == [(2,), (4,), (5,)]
    assert all(0 < ms < 60_000 for (ms,) in served.rows("SELECT ms FROM answers"))
