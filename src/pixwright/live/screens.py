"""Where a performance's pictures are shown: a folder, a stream on loopback, a window. Each is told the same."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol

from PIL import Image

from pixwright.errors import InvalidOption
from pixwright.extras import optional
from pixwright.live.pages import HOST, Feed, serve
from pixwright.records.instruction import Array

JOURNAL = "shown.jsonl"
"""Beside the pictures of a folder: a line each, with its times."""


@dataclass(frozen=True)
class ShownPicture:
    """What is said of a picture. Seconds since the listening began, but for `made_in`."""

    number: int
    what: str
    """piece or section."""
    began: float
    shown: float
    made_in: float
    """Seconds that the edit took."""
    said: tuple[str, ...]
    """What was heard and done."""
    verdict: str

    @property
    def latency(self) -> float:
        """Seconds from the beginning of the music to its picture."""
        return self.shown - self.began

    def line(self) -> str:
        """For the terminal."""
        return (
            f"{self.began:7.1f} s  new {self.what:7} picture {self.number} after {self.latency:4.1f} s "
            f"(made in {self.made_in:.1f} s, {self.verdict})  {self.said[0] if self.said else ''}"
        )


class Screen(Protocol):
    """Shows pictures."""

    def show(self, picture: Array, shown: ShownPicture) -> None:
        """A new picture HxWx3 uint8."""
        ...

    def close(self) -> None:
        """No more will come."""
        ...


class FolderScreen:
    """Every picture as a file, `latest.png` for whoever looks again and again, and a journal with the times."""

    def __init__(self, folder: Path) -> None:
        """Raises InvalidOption for a folder that cannot be made."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise InvalidOption(
                f"{folder} cannot be made ({problem.strerror}); give another with --output"
            ) from problem
        self.folder = folder

    def show(self, picture: Array, shown: ShownPicture) -> None:
        """Written beside, then renamed: nobody sees half a picture."""
        path = self.folder / f"{shown.number:03d}.png"
        Image.fromarray(picture).save(path)
        draft = self.folder / ".latest.png"
        Image.fromarray(picture).save(draft, "PNG")
        draft.replace(self.folder / "latest.png")
        with (self.folder / JOURNAL).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({**asdict(shown), "latency": round(shown.latency, 2), "file": path.name}) + "\n")

    def close(self) -> None:
        """Nothing is held."""


class StreamScreen:
    """A page on loopback with the newest picture as motion JPEG, and what was heard."""

    def __init__(self, port: int, first: Array) -> None:
        self.feed = Feed()
        self.feed.put(first, {})
        page = files("pixwright.live").joinpath("stage.html").read_text("utf-8")
        self._server = serve(port, page, self.feed)
        self.address = f"http://{HOST}:{self._server.server_port}/"

    def show(self, picture: Array, shown: ShownPicture) -> None:
        """To everybody who looks."""
        self.feed.put(picture, {**asdict(shown), "latency": round(shown.latency, 1)})

    def close(self) -> None:
        """The port is free again."""
        self.feed.close()
        self._server.shutdown()
        self._server.server_close()


class WindowScreen:
    """A window of the desktop, as large as the picture or the screen."""

    def __init__(self, first: Array) -> None:
        """Raises InvalidOption where there is no desktop, MissingExtra where Python has no Tk."""
        if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise InvalidOption("--window needs a desktop, and none is here; leave it out, and use --port or --output")
        tk = optional("tkinter", "a window", "python3-tk")
        optional("PIL.ImageTk", "a window", "python3-pil.imagetk")
        self._root: Any = tk.Tk()
        self._root.title("pixwright live")
        self._label: Any = tk.Label(self._root, borderwidth=0, background="black")
        self._label.pack(expand=True, fill="both")
        self._put(first)

    def show(self, picture: Array, shown: ShownPicture) -> None:
        """In place of the one before."""
        self._put(picture)

    def _put(self, picture: Array) -> None:
        from PIL import ImageTk

        image = Image.fromarray(picture)
        image.thumbnail((self._root.winfo_screenwidth(), self._root.winfo_screenheight()))
        self._held: Any = ImageTk.PhotoImage(image, master=self._root)
        self._label.configure(image=self._held)
        self._root.update()

    def close(self) -> None:
        """The window goes."""
        self._root.destroy()


class Several:
    """All of them at once."""

    def __init__(self, screens: Sequence[Screen]) -> None:
        self.screens = tuple(screens)

    def show(self, picture: Array, shown: ShownPicture) -> None:
        """On each."""
        for screen in self.screens:
            screen.show(picture, shown)

    def close(self) -> None:
        """Each."""
        for screen in self.screens:
            screen.close()


def screens_for(
    first: Array, output: Path | None, port: int | None, window: bool, say: Callable[[str], None]
) -> list[Screen]:
    """Those that were asked for; `say` is told where to look. Raises InvalidOption for none, and what each raises."""
    if output is None and port is None and not window:
        raise InvalidOption("nowhere to show it: give --output DIR, --port N or --window")
    screens: list[Screen] = [] if output is None else [FolderScreen(output)]
    if port is not None:
        stream = StreamScreen(port, first)
        say(f"look at {stream.address} (this machine only)")
        screens.append(stream)
    if window:
        screens.append(WindowScreen(first))
    return screens
