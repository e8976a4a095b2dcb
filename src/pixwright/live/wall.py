"""The social wall: people lay a picture and a track of one name into a folder, and the page shows the picture as the track sounds (InstructAny2Pix: appendix E.3)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path

from PIL import Image

from pixwright.errors import InvalidOption, PixwrightError
from pixwright.flow import Request, edit_picture
from pixwright.live.pages import HOST, serve
from pixwright.live.performance import MUSIC, TEMPLATE
from pixwright.media import load_picture
from pixwright.media.sound import load_sound
from pixwright.records.instruction import Instruction
from pixwright.systems import System

ANSWERS = "answers"
"""The folder of results, in the watched one."""
PICTURES, TRACKS = (".png", ".jpg", ".jpeg", ".webp"), (".wav", ".flac", ".ogg", ".mp3")
EVERY = 1.0
"""Seconds between two looks at the folder."""
_LIST = "answers.json"


@dataclass(frozen=True)
class Pair:
    """A picture and a track of one name."""

    name: str
    picture: Path
    track: Path

    @property
    def mark(self) -> tuple[int, ...]:
        """What changes while a file is still being written, or when it is replaced."""
        return tuple(
            value for path in (self.picture, self.track) for value in (path.stat().st_size, path.stat().st_mtime_ns)
        )


@dataclass
class Wall:
    """Watches `folder`. `look` is one look; the address of the page is `address` once it is open."""

    folder: Path
    system: System
    template: str = TEMPLATE
    say: Callable[[str], None] = lambda line: None
    answered: list[dict[str, str]] = field(default_factory=list)
    """What the page lists, the newest last."""

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise InvalidOption(f"{self.folder} is no folder; make it, and let people lay NAME.jpg and NAME.mp3 there")
        self._seen: dict[str, tuple[int, ...]] = {}
        self._done: dict[str, tuple[int, ...]] = {}
        (self.folder / ANSWERS).mkdir(exist_ok=True)

    def open(self, port: int) -> str:
        """Serve the page on loopback; port 0 takes a free one."""
        page = files("pixwright.live").joinpath("wall.html").read_text("utf-8")
        self._server = serve(port, page, answer=self._answer)
        return f"http://{HOST}:{self._server.server_port}/"

    def close(self) -> None:
        """The page is gone; the answers stay."""
        self._server.shutdown()
        self._server.server_close()

    def watch(self, until: Callable[[], bool] = lambda: False, wait: Callable[[float], None] = time.sleep) -> None:
        """Look again and again."""
        while not until():
            self.look()
            wait(EVERY)

    def look(self) -> list[str]:
        """Answer every pair that is new and whole (two looks see the same size and time); the names that were answered."""
        found = []
        for pair in pairs_in(self.folder):
            mark = pair.mark
            whole = self._seen.get(pair.name) == mark
            self._seen[pair.name] = mark
            if whole and self._done.get(pair.name) != mark:
                self._done[pair.name] = mark
                self._edit(pair)
                found.append(pair.name)
        return found

    def _edit(self, pair: Pair) -> None:
        entry = {"name": pair.name, "track": pair.track.name, "file": "", "said": ""}
        try:
            sound = replace(load_sound(pair.track), name=MUSIC)
            asked = Request(Instruction(self.template, (sound,)), anyway=True)
            result = edit_picture(load_picture(pair.picture).pixels, asked, self.system)
            file = self.folder / ANSWERS / f"{pair.name}.png"
            Image.fromarray(result.picture).save(file)
            entry |= {"file": file.name, "said": (result.notes or ("",))[0]}
        except PixwrightError as problem:
            entry["said"] = str(problem)
        self.answered.append(entry)
        self.say(f"{pair.name}: {entry['file'] or 'no picture'}  {entry['said']}")

    def _answer(self, path: str) -> tuple[str, bytes] | None:
        if path == f"/{_LIST}":
            return "application/json", json.dumps(self.answered[::-1]).encode()
        known = {row["file"] for row in self.answered if row["file"]}
        name = path.removeprefix(f"/{ANSWERS}/")
        if name not in known:
            return None
        return "image/png", (self.folder / ANSWERS / name).read_bytes()


def pairs_in(folder: Path) -> list[Pair]:
    """Every picture that has a track of its name beside it, by time of the later one."""
    held = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    tracks = {path.stem: path for path in held if path.suffix.lower() in TRACKS}
    pairs = [Pair(p.stem, p, tracks[p.stem]) for p in held if p.suffix.lower() in PICTURES and p.stem in tracks]
    return sorted(pairs, key=lambda pair: max(pair.picture.stat().st_mtime_ns, pair.track.stat().st_mtime_ns))
