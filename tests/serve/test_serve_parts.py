"""The parts by themselves: what a stranger's file may take, what becomes of errors, and processes that die."""

from __future__ import annotations

import asyncio
import ctypes
import errno
import io
import multiprocessing
import os
import signal
import sqlite3
import struct
import threading
import wave
import zlib

import numpy as np
import pytest
from serving import picture
from starlette.testclient import TestClient

from pixwright import errors as typed
from pixwright.ground import from_points
from pixwright.serve import errors
from pixwright.serve.app import create
from pixwright.serve.bell import Bell
from pixwright.serve.child import Child, ChildDied
from pixwright.serve.decode import Decoders
from pixwright.serve.errors import Rejected, answer, is_full, of_code
from pixwright.serve.follow import pictures_of
from pixwright.serve.looking import OpenPictures, next_question
from pixwright.serve.looks import Looks
from pixwright.serve.settings import MEGABYTE, Bounds, Settings
from pixwright.serve.store import JobRow
from pixwright.serve.work import Systems, edits


@pytest.fixture
def decoders():
    made = Decoders(Bounds(decoders=1))
    yield made
    made.close()


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def bomb(width, height):
    """A PNG of few bytes and many pixels, all of them there."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = zlib.compress(b"\0" * (height * (1 + 4 * width)), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def sound(seconds=0.5):
    out = io.BytesIO()
    with wave.open(out, "wb") as held:
        held.setnchannels(1)
        held.setsampwidth(2)
        held.setframerate(8000)
        held.writeframes((np.sin(np.arange(int(8000 * seconds)) / 5) * 20000).astype("<i2").tobytes())
    return out.getvalue()


def test_what_a_file_is(decoders, tmp_path):
    for data, about in (
        (picture(), {"kind": "picture", "format": "PNG", "width": 96, "height": 64, "transparent": False}),
        (sound(), {"kind": "sound", "format": "WAV", "seconds": 0.5}),
    ):
        (tmp_path / "file").write_bytes(data)
        assert decoders.look_at(tmp_path / "file") == about


def test_a_file_that_takes_too_much_memory_or_time_breaks_nothing(tmp_path):
    (tmp_path / "bomb").write_bytes(bomb(6000, 6000))
    (tmp_path / "file").write_bytes(picture())
    for bounds in (Bounds(decoders=1, decode_bytes=400 * MEGABYTE), Bounds(decoders=1, decode_seconds=0.02)):
        decoders = Decoders(bounds)
        with pytest.raises(Rejected) as refused:
            decoders.look_at(tmp_path / "bomb")
        assert refused.value.status_code in (400, 413)
        if bounds.decode_seconds > 1:
            assert decoders.look_at(tmp_path / "file")["width"] == 96
        decoders.close()


def test_a_decoder_that_dies_is_replaced(decoders, tmp_path):
    (tmp_path / "file").write_bytes(picture())
    decoders.look_at(tmp_path / "file")
    child = decoders._idle.get()
    os.kill(child.pid, signal.SIGKILL)
    decoders._idle.put(child)
    for _ in range(2):  # the first may be asked before its death is known
        try:
            found = decoders.look_at(tmp_path / "file")
        except Rejected:
            continue
    assert found["width"] == 96


def test_what_a_click_needs_is_looked_at_ahead_but_not_while_a_job_runs(tmp_path):
    (tmp_path / "a.png").write_bytes(picture())
    opened, editing = OpenPictures(Systems()), multiprocessing.get_context("spawn").RawValue(ctypes.c_bool, False)
    ours, theirs = multiprocessing.Pipe()
    opened.look_ahead(str(tmp_path / "a.png"))
    editing.value = True
    later = threading.Timer(0.3, lambda: ours.send_bytes(b'{"what": "plan"}'))
    later.start()
    assert next_question(theirs, opened, editing) == {"what": "plan"}
    assert not opened._held, "the cores were the job's"
    editing.value = False
    while opened.idle():
        pass
    near = opened.get(str(tmp_path / "a.png")).near
    assert {"proposals", "pieces"} <= vars(near).keys()
    ahead = set(near.outlines)
    from_points(near, [(40, 24)])
    assert ahead, "windows about points were looked at"
    assert ahead <= set(near.outlines)
    assert len(set(near.outlines) - ahead) <= 2, "only the narrowest windows are left to a click"
    (tmp_path / "b.png").write_bytes(picture())
    assert opened.get(str(tmp_path / "b.png")).near is near, "a copy is the same picture"
    opened.look_ahead(str(tmp_path / "gone.png"))
    assert not opened.idle()


def test_looks_answer_after_their_process_died(tmp_path):
    (tmp_path / "a.png").write_bytes(picture())
    looks = Looks(1, Bounds(), multiprocessing.get_context("spawn").RawValue(ctypes.c_bool, False))
    asked = {"picture": str(tmp_path / "a.png"), "side": 32, "form": "PNG"}
    first = looks.picture("preview", asked)
    os.kill(looks._child.pid, signal.SIGKILL)
    for _ in range(2):
        try:
            again = looks.picture("preview", asked)
        except Rejected as refused:
            assert refused.status_code == 503
    assert again == first
    with pytest.raises(Rejected) as refused:
        looks.ask(
            "region",
            {
                "picture": str(tmp_path / "none.png"),
                "file": "",
                "phrase": "x",
                "points": None,
                "box": None,
                "mask": None,
            },
        )
    assert refused.value.status_code == 400
    looks.close()


def test_the_process_that_edits_ends_with_its_owner():
    child = Child(edits, 1)
    child.send({"job": {"id": "job_x", "system": "nothing", "options": {}, "place": {}}})
    assert child.receive()["failed"]["code"] == "invalid_option"
    child.close()
    assert not child.alive
    with pytest.raises(ChildDied):
        child.send({})


def test_systems_stay_open_and_the_oldest_is_closed():
    systems = Systems()
    first = systems.get("local", {})
    assert systems.get("local", {}) is first
    with pytest.raises(typed.InvalidOption):
        systems.get("local", {"no": "such"})


def test_every_typed_error_has_a_status_and_a_code():
    kinds = [one for one in vars(typed).values() if isinstance(one, type) and issubclass(one, typed.PixwrightError)]
    statuses = {one.code: of_code(one.code, "x").status_code for one in kinds}
    assert statuses["image_too_large"] == 413 and statuses["unclear_instruction"] == statuses["nothing_found"] == 422
    assert statuses["invalid_option"] == 400 and set(statuses.values()) <= {400, 404, 409, 413, 415, 422, 500, 501}
    assert set(errors.STATUS) <= set(statuses)


def test_what_may_succeed_later_may_be_tried_again():
    assert (
        "x-should-retry" not in answer(errors.too_many("x")).headers
        and answer(errors.too_many("x")).headers["retry-after"]
    )
    assert "x-should-retry" not in answer(errors.no_room()).headers
    assert answer(errors.not_found("job")).headers["x-should-retry"] == "false"


def test_a_full_disk_is_known_by_its_errors():
    assert is_full(OSError(errno.ENOSPC, "x")) and is_full(sqlite3.OperationalError("database or disk is full"))
    assert not is_full(OSError(errno.EIO, "x")) and not is_full(sqlite3.OperationalError("locked"))


def test_a_full_disk_takes_nothing_and_says_so(tmp_path):
    with TestClient(create(Settings(tmp_path, bounds=Bounds(free_bytes=2**62))), base_url="http://localhost") as client:
        posted = client.post("/v1/pictures", files={"file": picture()})
        job = client.post("/v1/jobs", json={"picture": "pic_x", "instruction": "x"})
        assert posted.status_code == job.status_code == 507 and job.json()["error"]["code"] == "disk_full"
        assert client.get("/v1/jobs").json() == [] and not list((tmp_path / "pictures").iterdir())


def test_how_jobs_end_for_a_client_that_waits():
    def row(**parts):
        whole = {"status": "failed", "result": None, "error": None} | parts
        return JobRow(
            "job_x",
            request={},
            created=0,
            started=0,
            completed=0,
            tries=1,
            cancel=False,
            understood=[],
            ahead=0,
            **whole,
        )

    ends = [
        ({"error": errors.body(400, "invalid_mask", "x")["error"]}, 400),
        ({"error": errors.body(422, "not_understood", "x")["error"]}, 422),
        ({"error": errors.body(500, "worker_died", "x")["error"]}, 500),
        ({"status": "cancelled"}, 409),
        ({"status": "completed", "result": {"pictures": [{"verdict": "not_done", "reasons": ["no dog"]}]}}, 422),
    ]
    for parts, status in ends:
        with pytest.raises(Rejected) as refused:
            pictures_of(row(**parts))
        assert refused.value.status_code == status and refused.value.headers["x-should-retry"] == "false"
    partly = {"verdict": "partly", "reasons": []}
    assert pictures_of(row(status="completed", result={"pictures": [partly]})) == [partly]


def test_a_bell_wakes_who_waits_for_that_job():
    async def waits():
        bell, heard = Bell(), []
        first, other = bell.enter("job_a"), bell.enter("job_b")
        threading.Timer(0.05, bell.ring, ("job_a",)).start()
        heard = [await bell.wait(first, 20), await bell.wait(other, 0.01)]
        bell.leave("job_a", first)
        bell.ring("job_a")
        return heard

    assert asyncio.run(waits()) == [True, False]
