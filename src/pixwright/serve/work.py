"""What runs in the process that edits: one job at a time with networks that stay warm, progress out, cancel in. No database here: its owner keeps the books."""

from __future__ import annotations

import base64
import io
import os
import queue
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pixwright.encoders.lean import give_back
from pixwright.errors import PixwrightError, without_options
from pixwright.records.plan import Plan
from pixwright.records.result import Report
from pixwright.serve.child import tell
from pixwright.serve.errors import is_full

_LOOK = 1024
"""Longer side, in pixels, of a picture on the way."""
_OPENED = 2
"""Systems that stay open: the newest ones."""


class _Cancelled(Exception):
    """Somebody no longer wants the result."""


class Systems:
    """The systems that jobs name, opened once."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, tuple[tuple[str, str], ...]], Any] = {}

    def get(self, name: str, options: Mapping[str, str]) -> Any:
        """Raises InvalidOption, MissingExtra, WeightsMissing."""
        from pixwright.systems import build

        key = name, tuple(sorted(options.items()))
        found = self._open.pop(key, None) or build(name, None, dict(options))
        self._open[key] = found
        while len(self._open) > _OPENED:
            del self._open[next(iter(self._open))]
        return found


def edits(pipe: Connection, threads: int) -> None:
    """Takes {"job": ..} and {"cancel": id}; answers {"progress"}, then one of {"done"}, {"failed"}, {"cancelled"}. Ends with its owner."""
    set_threads(threads)
    asked: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    cancelled: set[str] = set()
    threading.Thread(target=_listen, args=(pipe, asked.put, cancelled.add), daemon=True).start()
    systems = Systems()
    warm()
    while True:
        job = asked.get()
        try:
            run = _run if job.get("kind") is None else _film
            answer = {"done": run(pipe, job, systems, cancelled)}
        except _Cancelled:
            answer = {"cancelled": job["id"]}
        except PixwrightError as error:
            full = isinstance(error.__cause__, OSError) and is_full(error.__cause__)
            answer = {"failed": {"code": "disk_full" if full else error.code, "message": str(error)}}
        except MemoryError:
            answer = {
                "failed": {"code": "out_of_memory", "message": "the picture is too large for this machine's memory"}
            }
        except Exception as error:  # noqa: BLE001 - the runner's promise: a job that fails is an answer, and the next one runs
            traceback.print_exc()
            answer = {"failed": {"code": "internal", "message": f"{type(error).__name__}: {error}"}}
        cancelled.discard(job["id"])
        tell(pipe, answer)
        give_back()


def _listen(pipe: Connection, ask: Callable[[dict[str, Any]], None], cancel: Callable[[str], None]) -> None:
    """Read while the main thread works. The end of the pipe is the end of the server: nobody waits for what is being made."""
    import json

    while True:
        try:
            message = json.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)
        if "cancel" in message:
            cancel(message["cancel"])
        else:
            ask(message["job"])


def warm() -> None:
    """Import what the first job or click would wait for."""
    for name in ("pixwright.files", "pixwright.ground", "pixwright.edit.dispatch", "pixwright.judge", "onnxruntime"):
        import_module(name)


def set_threads(threads: int) -> None:
    """Of OpenCV and, by the environment that its owner set, of the networks."""
    if threads:
        import cv2

        cv2.setNumThreads(threads)


def _run(pipe: Connection, job: dict[str, Any], systems: Systems, cancelled: set[str]) -> dict[str, Any]:
    """Every candidate of a job, each written whole before the answer names it."""
    from pixwright.files import Job, UserPlace, edit_file
    from pixwright.flow import Progress

    system = systems.get(job["system"], job["options"])
    place = UserPlace(**{name: _placed(name, value) for name, value in job["place"].items()})
    made: list[dict[str, Any]] = []
    plan = None
    looks = _Looks(job.get("looks", 0), job.get("form", "PNG"), system.encoders)

    def watch(progress: Progress) -> None:
        if job["id"] in cancelled:
            raise _Cancelled
        if not made and (look := looks.at(progress)) is not None:
            tell(pipe, {"look": look})
        if progress.plan is not None:
            tell(pipe, {"progress": _progress(progress, len(made) + 1)})

    if job.get("session") is not None:
        from pixwright.serve.versions import spoken

        return {"said": spoken(job, place, system, watch)}
    for number, output in enumerate(job["outputs"]):
        one = Job(
            Path(job["picture"]),
            job["instruction"],
            Path(output),
            tuple(Path(path) for path in job["attachments"]),
            place,
            job["system"],
            job["seed"] + number,
            options=job["options"],
            controls=job["controls"],
            force=True,
            may_rename=True,
            policy=True,
        )
        done = edit_file(one, system, plan, watch=watch)
        plan = done.result.plan
        made.append(_told(done))
    return {"pictures": made}


def _told(done: Any) -> dict[str, Any]:
    """One candidate as the answer names it: its file, its size, and the account of it."""
    result, plan = done.result, done.result.plan
    height, width = result.picture.shape[:2]
    return {
        "file": None if done.output is None else str(done.output),
        "width": width,
        "height": height,
        "transparent": bool((result.picture[..., 3:] < 255).any()),
        "report": result.report.model_dump(mode="json"),
        "regions": [
            {"phrase": region.phrase, "boxes": region.boxes, "score": region.score, "source": region.source}
            for region in result.regions
        ],
    } | account(plan, result.report, done.notes)


class _Looks:
    """The pictures on the way that a stream asked for: each what whole steps have made, small; at most so many, spread over the steps."""

    def __init__(self, most: int, form: str, encoders: Any) -> None:
        self._most, self._form, self._encoders = most, form, encoders
        self._due = 0
        self._first: Any = None

    def at(self, progress: Any) -> dict[str, Any] | None:
        """The next one, where it is due. Raises Refused for what the policy would not let out as a result."""
        from pixwright.media.pixels import shrink
        from pixwright.safety import check_picture

        if not self._most or progress.so_far is None:
            return None
        if progress.step == 1:
            self._first = progress.so_far()
            return None
        due = (progress.step - 1) * (self._most + 1) // progress.steps
        if due == self._due or self._first is None:
            return None
        self._due, pixels = due, progress.so_far()
        check_picture(self._first, pixels, self._encoders)
        small = shrink(pixels, _LOOK)
        height, width = small.shape[:2]
        file = base64.b64encode(encoded(small, self._form)).decode()
        return {"file": file, "width": width, "height": height, "transparent": bool((small[..., 3:] < 255).any())}


def encoded(pixels: Any, form: str, quality: int = 90) -> bytes:
    """A file of HxWx3|4 uint8: "JPEG" (of a picture without alpha), "WEBP", "GIF", or PNG for every other one."""
    from PIL import Image

    out, image = io.BytesIO(), Image.fromarray(pixels)
    if form == "JPEG" and image.mode != "RGBA":
        image.save(out, "JPEG", quality=quality)
    elif form == "WEBP":
        image.save(out, "WEBP", quality=quality)
    elif form == "GIF":
        image.save(out, "GIF")
    else:
        image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _film(pipe: Connection, job: dict[str, Any], systems: Systems, cancelled: set[str]) -> dict[str, Any]:
    """A whole video or a scene. What was made of one that is cancelled goes; of one whose process dies it stays, for the next try."""
    from pixwright.serve.film.moving import edited, forget

    def heard(progress: dict[str, Any]) -> None:
        if job["id"] in cancelled:
            raise _Cancelled
        tell(pipe, {"progress": progress})

    try:
        return {"pictures": edited(job, systems.get(job["system"], job["options"]), heard)}
    except _Cancelled:
        forget(job)
        raise


def _placed(name: str, value: Any) -> Any:
    if name in ("points", "not_points"):
        return tuple(value)
    return value if name == "box" else Path(value)


def _progress(progress: Any, candidate: int) -> dict[str, Any]:
    return {
        "step": progress.step,
        "steps": progress.steps,
        "what": progress.words,
        "stage": progress.stage,
        "done": progress.working.done if progress.working else 0,
        "of": progress.working.of if progress.working else 0,
        "candidate": candidate,
        "understood": lines_of(progress.plan),
    }


def account(plan: Plan, report: Report, notes: Iterable[str]) -> dict[str, Any]:
    """What a report says in words, for people at a page or in another program: {"plan", "reasons", "steps", "notes"}; of each step its words, what was told of it, and its report."""
    return {
        "plan": plan.model_dump(mode="json", exclude_none=True),
        "reasons": _all(report.reasons),
        "steps": [
            {"words": step.instruction, "told": _all(outcome.lines())}
            | outcome.model_dump(mode="json")
            | {"reasons": _all(outcome.reasons)}
            for step, outcome in zip(plan.steps, report.steps)
        ],
        "notes": _all(notes),
    }


def _all(lines: Iterable[str]) -> list[str]:
    return [without_options(line) for line in lines]


def lines_of(plan: Any) -> list[str]:
    """What was understood, a line a step: "color alter -> the left car -> red"."""
    lines = []
    for step in plan.steps:
        amount = None if step.amount is None else f"{step.amount.value:g} {step.amount.unit.value}"
        parts = (str(step.type).replace("_", " "), step.target and str(step.target), step.value, amount)
        lines.append(" -> ".join(part for part in parts if part))
    return lines
