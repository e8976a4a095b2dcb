"""What the commands print: every text from outside (file names, a stranger's record, a model's words) loses what could steer a terminal."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import typer

_LINES = "\n\t"
_CONTROL = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode's categories of characters that are not shown but do something: control, direction, lone surrogates, separators of lines."""


def plain(text: object) -> str:
    """The text with its invisible characters written out, such as \\x1b; line ends and tabs stay."""
    return "".join(
        one if one in _LINES or unicodedata.category(one) not in _CONTROL else ascii(one)[1:-1] for one in str(text)
    )


def say(text: object, *, err: bool = False) -> None:
    """Print a line; what the terminal cannot show is written out."""
    stream = typer.get_text_stream("stderr" if err else "stdout")
    line = plain(text)
    typer.echo(line.encode(stream.encoding or "utf-8", "backslashreplace").decode(stream.encoding or "utf-8"), err=err)


def say_json(value: Any) -> None:
    """Print a value as JSON, for a program."""
    say(json.dumps(value, indent=2, ensure_ascii=False))
