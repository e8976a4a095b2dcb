"""A server for tests: the real app with its real processes, in this process or in one of its own."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from io import BytesIO

import cv2
import httpx
import numpy as np
from PIL import Image

from own_server import own_server

WORDS = "make it darker"
"""An edit that any picture can have, and that takes no network."""


def picture(width=96, height=64, form="PNG", alpha=False):
    """The bytes of a small picture: a red square on a gradient."""
    ramp = np.linspace(60, 200, width, dtype=np.uint8)
    pixels = np.dstack([np.tile(ramp, (height, 1))] * 3)
    pixels[height // 4 : height // 2, width // 4 : width // 2] = (200, 30, 30)
    if alpha:
        pixels = np.dstack([pixels, np.full((height, width), 255, np.uint8)])
    out = BytesIO()
    Image.fromarray(pixels).save(out, form)
    return out.getvalue()


def mask(width=96, height=64, form="white"):
    """The left half is to be edited: white on black, or alpha 0."""
    pixels = np.zeros((height, width), np.uint8)
    pixels[:, : width // 2] = 255
    if form == "alpha":
        pixels = np.dstack([np.zeros((height, width, 3), np.uint8), 255 - pixels])
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def arrow(width=96, height=64, tip=(36, 24)):
    """A transparent layer with an arrow to `tip` (x, y), by default the red square, from the right below."""
    pixels = np.zeros((height, width, 4), np.uint8)
    x, y = tip
    cv2.arrowedLine(pixels, (x + 45, y + 30), (x, y), (0, 0, 255, 255), 2, tipLength=0.3)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def post_picture(client, data=None):
    """Its id."""
    answer = client.post("/v1/pictures", files={"file": ("../../etc/passwd", data or picture())})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def post_job(client, **asked):
    """The record of a job that was taken."""
    answer = client.post("/v1/jobs", json={"instruction": WORDS} | asked)
    assert answer.status_code == 202, answer.text
    return answer.json()


def events(client, id):
    """A job's records, to its end."""
    with client.stream("GET", f"/v1/jobs/{id}/events") as stream:
        return [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]


def ended(client, id):
    """A job's record when it has ended."""
    return events(client, id)[-1]


@contextmanager
def running(data, *options):
    """`pixwright serve` in a process of its own: (the process, a client)."""
    with (
        own_server(data, "--threads", "1", *options) as (process, address),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        wait_for(client)
        yield process, client


def wait_for(client):
    """Until it answers."""
    for _ in range(100):
        try:
            client.get("/v1/health")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
