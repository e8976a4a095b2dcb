"""A performance: sound comes in, and after each new piece or section the picture changes to what is played."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, Queue

import numpy as np

from pixwright.encoders.signal import RATE
from pixwright.errors import InvalidOption, PixwrightError
from pixwright.flow import Request, edit_picture
from pixwright.live.changes import Began, ChangeDetector
from pixwright.live.screens import Screen, ShownPicture
from pixwright.records.instruction import Array, Instruction, Samples, SoundAttachment
from pixwright.records.result import Result
from pixwright.systems import System

TEMPLATE = "modify the design of the picture based on [1]"
"""What is asked of every piece (paper: appendix E.1)."""
MUSIC = "music.wav"
"""What every track is called in an edit: it is music because it was given as music, whatever its file is named."""
LISTEN = 10.0
"""Seconds of a piece that are listened to before its picture is made (paper: E.2)."""
LEAST = 3.0
"""Seconds of it without which nothing is made: the end of a performance may cut a section short."""
_TICK = 0.2
"""Seconds after which an edit that is being made is looked at again."""


@dataclass(frozen=True)
class Act:
    """What does not change during a performance."""

    picture: Array
    """HxWx3 uint8, what every edit begins from."""
    system: System
    template: str = TEMPLATE
    listen: float = LISTEN
    seed: int = 0

    def __post_init__(self) -> None:
        if "[1]" not in self.template:
            raise InvalidOption(f"--instruction {self.template!r} does not name the music; write [1] for it")
        if not self.listen >= LEAST:
            raise InvalidOption(f"--listen {self.listen:g}: at least {LEAST:g} seconds are needed to know a piece")


@dataclass
class Performance:
    """Follows one performance. `say` is told every line for a person."""

    act: Act
    screen: Screen
    say: Callable[[str], None] = lambda line: None
    shown: list[ShownPicture] = field(default_factory=list)
    """Every picture so far."""

    def __post_init__(self) -> None:
        self._detector = ChangeDetector()
        self._heard: Samples = np.zeros(0, np.float32)
        self._first = 0
        """Sample with which `_heard` begins: what nobody needs any more is forgotten."""
        self._waiting: Began | None = None
        self._making: tuple[Began, float, Future[Result]] | None = None

    def follow(self, blocks: Iterable[Samples]) -> list[ShownPicture]:
        """Until the sound ends: every picture that was shown. An edit is made while the listening goes on; what begins meanwhile waits, and of several only the newest.

        Raises what the source raises; an edit that fails is said, and the picture stays.
        """
        queue: Queue[Samples | BaseException | None] = Queue()
        threading.Thread(target=_listen, args=(blocks, queue), daemon=True).start()
        with ThreadPoolExecutor(1) as worker:
            while True:
                try:
                    block = queue.get(timeout=_TICK)
                except Empty:
                    self._look()
                    continue
                if block is None:
                    break
                if isinstance(block, BaseException):
                    raise block
                self._hear(block)
                self._look()
                self._begin(worker)
            self._begin(worker, over=True)
            self._look(wait=True)
            self._begin(worker, over=True)
            self._look(wait=True)
        return self.shown

    def account(self) -> str:
        """One line on the whole of it."""
        late = [one.latency for one in self.shown]
        if not late:
            return "no picture; silence is not an instruction"
        return f"{len(late)} pictures, {sum(late) / len(late):.1f} s after their music began on average"

    @property
    def now(self) -> float:
        """Seconds of sound so far."""
        return (self._first + len(self._heard)) / RATE

    def _hear(self, block: Samples) -> None:
        self._heard = np.concatenate([self._heard, block])
        for began in self._detector.hear(block):
            if self._waiting is not None:
                self.say(f"{self._waiting.at:7.1f} s  the {self._waiting.what} ended before it had a picture")
            self._waiting = began
        kept = self._waiting.at if self._waiting is not None else self.now - self.act.listen
        forget = max(0, int(kept * RATE) - self._first)
        if forget > RATE:
            self._heard, self._first = self._heard[forget:], self._first + forget

    def _begin(self, worker: ThreadPoolExecutor, over: bool = False) -> None:
        """Make the picture of what waits, if enough of it was heard and nothing else is being made."""
        if self._waiting is None or self._making is not None:
            return
        needed = LEAST if over else self.act.listen
        if self.now - self._waiting.at < needed:
            return
        start = int(self._waiting.at * RATE) - self._first
        piece = self._heard[max(0, start) : start + int(self.act.listen * RATE)].copy()
        began, self._waiting = self._waiting, None
        self._making = began, time.monotonic(), worker.submit(self._edit, piece)

    def _edit(self, piece: Samples) -> Result:
        sound = SoundAttachment(MUSIC, np.clip(piece, -1, 1), RATE)
        asked = Request(Instruction(self.act.template, (sound,)), seed=self.act.seed, anyway=True)
        return edit_picture(self.act.picture, asked, self.act.system)

    def _look(self, wait: bool = False) -> None:
        """Show the picture that is made, if it is ready."""
        if self._making is None or not (wait or self._making[2].done()):
            return
        began, started, future = self._making
        self._making = None
        try:
            result = future.result()
        except PixwrightError as problem:
            self.say(f"{began.at:7.1f} s  no picture for this {began.what}: {problem}")
            return
        took = time.monotonic() - started
        # The sound's own clock: a file that is not played in real time has one, too.
        at = max(began.at + self.act.listen + took, self.now if not wait else 0.0)
        said = result.notes or result.report.reasons
        shown = ShownPicture(
            len(self.shown) + 1,
            began.what,
            began.at,
            round(at, 2),
            round(took, 2),
            tuple(said),
            str(result.report.verdict),
        )
        self.shown.append(shown)
        self.screen.show(result.picture[..., :3], shown)
        self.say(shown.line())


def _listen(blocks: Iterable[Samples], queue: Queue[Samples | BaseException | None]) -> None:
    """Blocks into the queue as they come; an error goes the same way, for the thread that can tell of it."""
    try:
        for block in blocks:
            queue.put(block)
    except PixwrightError as problem:
        queue.put(problem)
    queue.put(None)
