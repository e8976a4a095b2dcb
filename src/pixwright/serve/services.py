"""What a request can use: the settings, the store, the queue and the looks; and the few things that several families of routes do with them."""

from __future__ import annotations

import ctypes
import hashlib
import json
import multiprocessing
import os
import threading
import time
from pathlib import Path
from typing import IO, Annotated, Any

from fastapi import Depends, Request

from pixwright.serve import urls
from pixwright.serve.bell import Bell
from pixwright.serve.decode import Decoders
from pixwright.serve.errors import Rejected
from pixwright.serve.film import moving
from pixwright.serve.looks import Looks
from pixwright.serve.queue import Queue
from pixwright.serve.settings import Settings
from pixwright.serve.shapes import FilmAsked, JobAsked
from pixwright.serve.store import JobRow, Store, Stored, check_room, new_id
from pixwright.sessions.store import Sessions

SUFFIXES = {"JPEG": ".jpg", "TIFF": ".tif"}
"""Of formats whose files do not end in the format's own name."""
_CHUNK = 1 << 20
_HOUR, _DAY = 3600.0, 86_400.0


class Services:
    """Made by `app.create`; `start` and `stop` go with the app's life."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bounds = settings.bounds
        self.store = Store(settings.data)
        self.bell = Bell()
        editing = multiprocessing.get_context("spawn").RawValue(ctypes.c_bool, False)
        self.queue = Queue(self.store, self.bell, settings.threads, settings.bounds, editing)
        self.looks = Looks(settings.threads, settings.bounds, editing)
        self.sessions = Sessions(settings.data / "sessions")
        self.decoders = Decoders(settings.bounds)
        self._stopping = threading.Event()
        self._forgetter = threading.Thread(target=self._forget, name="forget", daemon=True)

    def start(self) -> None:
        """Take up what is left of an earlier run, and work."""
        self.store.sweep()
        self.queue.start()
        self.decoders.start()
        self.looks.start()
        if self.settings.keep_days:
            self._forgetter.start()

    def stop(self) -> None:
        """End the processes; what runs is taken up at the next start."""
        self._stopping.set()
        self.queue.stop()
        self.looks.close()
        self.decoders.close()
        if self._forgetter.is_alive():
            self._forgetter.join()
        self.store.close()

    def _forget(self) -> None:
        """At the start and then every hour."""
        while True:
            self.store.forget(time.time() - self.settings.keep_days * _DAY)
            if self._stopping.wait(_HOUR):
                return

    # Pictures

    def add(self, source: IO[bytes] | bytes) -> Stored:
        """A stranger's file, read in a process of its own and then kept. Raises Rejected; then nothing is kept."""
        folder, id = self.store.folder / "pictures", new_id("pic")
        check_room(folder, self.bounds.free_bytes)
        part = folder / f".{id}.part"
        try:
            with part.open("wb") as held:
                if isinstance(source, bytes):
                    held.write(source)
                else:
                    while chunk := source.read(_CHUNK):
                        held.write(chunk)
                held.flush()
                os.fsync(held.fileno())
            about = self.decoders.look_at(part)
            about["bytes"] = part.stat().st_size
            path = folder / f"{id}{SUFFIXES.get(about['format'], '.' + about['format'].lower())}"
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        kept = Stored(id, path, about)
        self.store.keep("pictures", kept)
        return kept

    def add_address(self, address: str, param: str) -> Stored:
        """A picture in a `data:` address or in base64; with `--allow-urls` one at a public address. Raises Rejected."""
        if not address.startswith(("http:", "https:")):
            return self.add(urls.of_data(address))
        if not self.settings.allow_urls:
            why = "addresses are not fetched by this server: send the picture itself, or start it with --allow-urls"
            raise Rejected(400, "urls_not_allowed", why, param)
        return self.add(urls.fetch(address, self.bounds.body_bytes))

    def marks(self, path: Path) -> list[dict[str, Any]]:
        """What a picture's file says of where it comes from, a row for each kind of mark that is looked for."""
        return list(self.looks.ask("marks", {"picture": str(path)})["marks"])

    def picture(self, id: str, param: str = "picture") -> Stored:
        """A posted picture. Raises Rejected: 404, or 400 for a sound."""
        kept = self.store.stored("pictures", id, "picture")
        if kept.about["kind"] != "picture":
            raise Rejected(400, "invalid_image", f"{id} is a {kept.about['kind']}; give a picture", param)
        return kept

    def film(self, id: str, kind: str) -> Stored:
        """A posted "video" or "scene". Raises Rejected: 404, or 400 for something else."""
        kept = self.store.stored("pictures", id, kind)
        if kept.about["kind"] != kind:
            raise Rejected(400, "invalid_request", f"{id} is a {kept.about['kind']}; give a {kind}", kind)
        return kept

    def frame(self, id: str, seconds: float) -> Stored:
        """A frame of a video, kept as a picture."""
        video, new = self.film(id, "video"), new_id("pic")
        path = self.store.folder / "pictures" / f"{new}.png"
        question = {"video": str(video.path), "seconds": seconds, "file": str(path)}
        found = self.looks.ask("frame", question)
        about = {"kind": "picture", "format": "PNG", "bytes": path.stat().st_size, "transparent": False} | found
        kept = Stored(new, path, about)
        self.store.keep("pictures", kept)
        return kept

    def source(self, picture: str | None, version: str | None) -> Path:
        """The file that is edited or looked at. Raises Rejected."""
        if (picture is None) == (version is None):
            raise Rejected(400, "invalid_request", "give one of picture and version", "picture")
        if version is not None:
            session = self.sessions.holder(version)
            return self.sessions.picture(session, session.version(version))
        return self.picture(picture or "").path

    def attachment(self, id: str) -> Path:
        """A posted picture or sound. Raises Rejected (404)."""
        return self.store.stored("pictures", id, "attachment").path

    # Jobs

    def submit(self, asked: JobAsked, key: str | None = None, looks: int = 0) -> tuple[JobRow, bool]:
        """A job, on the disk, and whether it is new. `looks`: so many pictures on the way, at most, go to `queue.looks`. Raises Rejected for what can be known to be wrong before the work."""
        check_room(self.store.folder, self.bounds.free_bytes)
        if asked.n > self.bounds.candidates:
            raise Rejected(400, "invalid_option", f"n is {asked.n}; at most {self.bounds.candidates}", "n")
        picture = self.source(asked.picture, asked.version)
        results = [new_id("res") for _ in range(asked.n)]
        suffix = picture.suffix if asked.format == "same" else SUFFIXES.get(asked.format.upper(), f".{asked.format}")
        system = asked.system or self.settings.system
        work = {
            "picture": str(picture),
            "instruction": asked.instruction,
            "attachments": [str(self.attachment(one)) for one in asked.attachments],
            "place": self._place(asked, picture),
            "seed": asked.seed,
            "looks": looks,
            "form": asked.format.upper(),
            "system": system,
            "options": dict(self.settings.options if system == self.settings.system else {}) | asked.options,
            "controls": asked.controls,
            "session": self._session(asked),
            "version": asked.version,
            "sessions": str(self.sessions.root),
            "outputs": [str(self.store.folder / "results" / (id + suffix)) for id in results],
        }
        return self._queued(asked.model_dump(mode="json"), work, results, key)

    def submit_film(self, id: str, kind: str, asked: FilmAsked, key: str | None = None) -> tuple[JobRow, bool]:
        """The same of a "video" or a "scene" that was posted."""
        check_room(self.store.folder, self.bounds.free_bytes)
        film = self.film(id, kind)
        system = asked.system or self.settings.system
        files = {new_id("res"): ending for ending in moving.endings(film.path)}
        work = {
            "kind": kind,
            "picture": str(film.path),
            "instruction": asked.instruction,
            "place": {},
            "key": asked.seconds,
            "point": asked.point,
            "view": asked.view,
            "seed": asked.seed,
            "system": system,
            "options": dict(self.settings.options if system == self.settings.system else {}) | asked.options,
            "controls": asked.controls,
            "session": None,
            "outputs": [str(self.store.folder / "results" / (result + ending)) for result, ending in files.items()],
        }
        return self._queued(asked.model_dump(mode="json") | {kind: id}, work, list(files), key)

    def _queued(
        self, told: dict[str, Any], work: dict[str, Any], results: list[str], key: str | None
    ) -> tuple[JobRow, bool]:
        print = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
        request = {"asked": told, "work": work, "results": results}
        row, new = self.store.submit(request, key, print, self.bounds.queued)
        self.queue.wake()
        return row, new

    def cancel(self, id: str) -> JobRow:
        """The job, cancelled or about to be. Raises Rejected (404)."""
        row = self.store.cancel(id)
        self.bell.ring(id)
        return row

    def _session(self, asked: JobAsked) -> str | None:
        """The session that the words are said to. Raises UnknownSession, or Rejected where the picture is not one of its versions."""
        if asked.session is None:
            return None
        if asked.version is None or self.sessions.holder(asked.version).id != asked.session:
            raise Rejected(400, "invalid_option", "give a version of the session, and no picture", "version")
        return asked.session

    def _place(self, asked: JobAsked, picture: Path) -> dict[str, Any]:
        """What `pointing.UserPlace` takes."""
        given = [name for name in ("region", "mask", "markup") if getattr(asked, name) is not None]
        if len(given) > 1:
            raise Rejected(
                400, "invalid_option", f"{given[0]} and {given[1]} were both given; give one of them", given[1]
            )
        place: dict[str, Any] = {}
        if asked.markup is not None:
            place["markup"] = str(self._fitted(self.picture(asked.markup, "markup"), picture, drawing=True))
        if asked.mask is not None:
            place["mask"] = str(self._fitted(self.picture(asked.mask, "mask"), picture))
        if asked.protect is not None:
            place["protect"] = str(self._fitted(self.picture(asked.protect, "protect"), picture))
        if asked.region is not None:
            place |= _as_given(self.store.stored("regions", asked.region, "region"))
        return place

    def _fitted(self, mask: Stored, picture: Path, drawing: bool = False) -> Path:
        """The mask, or the drawing, in the picture's size: pages paint on a small version of it."""
        id = new_id("pic")
        path = self.store.folder / "pictures" / f"{id}.png"
        question = {"picture": str(picture), "mask": str(mask.path), "file": str(path), "drawing": drawing}
        known = self.store.about_of(picture)
        if known is not None and (known["width"], known["height"]) == (mask.about["width"], mask.about["height"]):
            return mask.path
        found = self.looks.ask("fit", question)
        if not found.pop("fitted"):
            return mask.path
        about = {"kind": "picture", "format": "PNG", "bytes": path.stat().st_size} | found
        self.store.keep("pictures", Stored(id, path, about))
        return path

    def write_region(self, asked: dict[str, Any], found: dict[str, Any], id: str, file: Path) -> Stored:
        """Note a region whose mask is written."""
        kept = Stored(id, file, {"asked": asked, "found": found})
        self.store.keep("regions", kept)
        return kept


def _as_given(region: Stored) -> dict[str, Any]:
    """Points are found again where they were clicked; all else is the outline that was found: it says which thing, and sets no limit."""
    points = region.about["asked"].get("points")
    if points:
        on, off = ([f"{x},{y}" for x, y, sign in points if sign is wanted] for wanted in (True, False))
        return {"points": on, "not_points": off}
    return {"found": str(region.path)}


def services_of(request: Request) -> Services:
    """Those of the app."""
    found: Services = request.app.state.services
    return found


Served = Annotated[Services, Depends(services_of)]
"""The parameter of a route that is the app's services."""
