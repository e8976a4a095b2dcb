"""`-` as a picture or an output: bytes from standard input, bytes and nothing else on standard output, words on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from pixwright.errors import ImageTooLarge, InvalidOption

if TYPE_CHECKING:
    from pixwright.files import Done

DASH = Path("-")
_NAME = "stdin"
"""What a picture from standard input is called in a record, before its ending."""


@dataclass(frozen=True)
class Pipe:
    """What a command works with in place of the names that it was given."""

    picture: Path
    output: Path | None
    folder: Path | None = None
    """Where a result goes that has no name of its own; None: beside the picture."""
    stdout: BinaryIO | None = None
    """Where the result's bytes go in the end; None where it is a file."""

    def send(self, written: Path | None) -> None:
        """Write a file's bytes to standard output, if they are wanted there. Nothing for None."""
        if self.stdout is not None and written is not None:
            self.stdout.write(written.read_bytes())
            self.stdout.flush()

    def sent(self, done: Done) -> Done:
        """What became of an edit, after its file was sent."""
        self.send(done.output)
        return done


@contextmanager
def piped(
    picture: Path, output: Path | None = None, ending: str | None = None, *, default: str = "", writes: bool = True
) -> Iterator[Pipe]:
    """The names for a command: `-` stands for standard input as `picture`, and for standard output as `output`; a picture from there goes there too, unless a file is named.

    `ending`: of the format that was asked for, without a dot; `default`: of what the command writes if none was. Inside, what is printed goes to standard error where
    bytes are written. Raises InvalidOption for a terminal, or a format where a file's name says it; InvalidImage and ImageTooLarge for what is no picture.
    """
    reads = picture == DASH
    sends = writes and (output == DASH or (reads and output is None))
    if ending is not None and not sends:
        raise InvalidOption(f"--format {ending} was given for a file; the ending of its name says the format")
    if not reads and not sends:
        yield Pipe(picture, output)
        return
    if sends and sys.stdout.isatty():
        raise InvalidOption("standard output is a terminal; add -o FILE, or lead the bytes elsewhere with > FILE")
    with TemporaryDirectory(prefix="pixwright-") as name:
        folder = Path(name)
        pipe = Pipe(_from_stdin(folder) if reads else picture, output)
        if sends:
            wanted = ending or default
            named = folder / f"result.{wanted}" if wanted else None
            pipe = replace(pipe, output=named, folder=folder, stdout=sys.stdout.buffer)
        with redirect_stdout(sys.stderr) if sends else nullcontext():
            yield pipe


def _from_stdin(folder: Path) -> Path:
    from pixwright.media.formats.sniff import SUFFIXES, picture_format
    from pixwright.media.picture import Limits

    most = Limits().max_bytes
    data = sys.stdin.buffer.read(most + 1)
    if len(data) > most:
        raise ImageTooLarge(f"standard input has over {most:,} bytes; make the picture smaller first")
    found = picture_format(data, "standard input")
    path = folder / (_NAME + next(suffix for suffix, kind in SUFFIXES.items() if kind == found))
    path.write_bytes(data)
    return path
