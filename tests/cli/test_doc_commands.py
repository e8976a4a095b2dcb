"""Every command that README and docs print is one that exists, with options that it has; the cheap ones of README are run on the examples."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
import typer
import typer.main
from PIL import Image
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.errors import NothingFound

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATED = {"cli.md", "rooms.md"}
LINE = re.compile(r"^(?: {4,}|\$ )((?:pixwright|make|python) .*)$", re.MULTILINE)
INLINE = re.compile(r"`((?:pixwright|python) [^`]+|make [a-z-]+)`")
ANY = ("...", "SUITE")
"""What stands for any command of a group."""
ClickException = typer.BadParameter.__mro__[2]
"""Of the click that typer brings."""
CHEAP = {"edit", "plan", "mask", "batch", "redo", "types", "systems", "models list"}


def printed() -> list[tuple[str, str]]:
    """(page, command) of every command line, and of every one in the middle of a sentence."""
    found = []
    for page in PAGES:
        if page.name not in GENERATED:
            text = page.read_text(encoding="utf-8")
            blocks = "\n".join(
                re.findall(r"(?:^ {4}.*\n)+|^```(?:console|text|bash|sh)\n(?:.*\n)*?```", text, re.MULTILINE)
            )
            found += [
                (page.name, command)
                for pattern, where in ((LINE, blocks), (INLINE, text))
                for command in pattern.findall(where)
            ]
    return found


def check(command: str) -> None:
    """Raises if the command cannot be what somebody types. Nothing is run."""
    for part in re.split(r"\s&&\s", command):
        program, *words = shlex.split(part, comments=True)
        if program == "pixwright":
            _check_pixwright(words)
        elif program == "make":
            targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
            assert words[0] in targets, f"no `make {words[0]}`"
        else:
            script = f"{words[1].replace('.', '/')}.py" if words[0] == "-m" else words[0]
            assert (ROOT / script).is_file(), f"no file {script}"


def _check_pixwright(words: list[str]) -> None:
    """Groups and commands by name, then options and arguments by the command's own parser; a bare mention is only looked up."""
    command = typer.main.get_command(app)
    while hasattr(command, "commands") and words and words[0] not in ANY:
        name, *words = words
        assert name in command.commands, f"no command {name!r}"
        command = command.commands[name]
    if words and words[0] not in ANY:
        try:
            command.make_context(command.name, list(words))
        except ClickException as error:
            raise AssertionError(error.format_message()) from error


@pytest.mark.parametrize(("page", "command"), printed())
def test_every_printed_command_exists(page, command):
    check(command)


@pytest.mark.parametrize(
    "planted",
    [
        "pixwright conjure x",
        "pixwright edit a.png 'b' --magic",
        "pixwright edit a.png",
        "pixwright build everything",
        "make money",
        "python recipes/none.py",
        "python -m recipes.none",
    ],
)
def test_a_planted_command_is_found(planted):
    with pytest.raises(AssertionError):
        check(planted)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in which what README's commands name is there."""
    here = tmp_path_factory.mktemp("readme")
    for picture in (ROOT / "examples").glob("*.*g"):
        shutil.copy(picture, here)
    (here / "examples").mkdir()
    shutil.copy(ROOT / "examples" / "coffee.png", here / "examples")
    Image.open(here / "cat.png").convert("RGB").save(here / "cat.jpg")
    tone = np.sin(np.arange(3 * 16_000) / 16_000 * 2 * np.pi * 440).astype(np.float32)
    soundfile.write(here / "song.mp3", tone * 0.5, 16_000, format="WAV")
    (here / "pictures").mkdir()
    Image.open(here / "cat.png").resize((96, 64)).convert("RGB").save(here / "pictures" / "a.png")
    return here


STANDS_FOR = {
    "PICTURE": "coffee.png",
    "FOLDER": "pictures",
    "RESULT": "coffee-edited.png",
    "INSTRUCTION": "make the cup blue",
    "...": "make it warmer",
}
"""What the words in capitals are, in that folder."""


def cheap() -> list[list[str]]:
    """The commands of README that need no extra and no minutes, in its order."""
    lines = [
        shlex.split(command, comments=True)[1:]
        for page, command in printed()
        if page == "README.md" and command.startswith("pixwright")
    ]
    return [
        words
        for words in lines
        if (words[0] in CHEAP or " ".join(words[:2]) in CHEAP)
        and len(words) > (words[0] == "redo")
        and "anysd" not in words
    ]


def test_the_cheap_commands_of_the_readme_run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    ran = set()
    for words in cheap():
        done = CliRunner().invoke(app, [STANDS_FOR.get(word, word) for word in words])
        known = done.exception is None or isinstance(done.exception, SystemExit | NothingFound)
        assert known and (done.exit_code in (0, 3) or isinstance(done.exception, NothingFound)), (
            words,
            done.output,
            done.exception,
        )
        ran.add(words[0])
    assert ran >= {"edit", "plan", "mask", "batch", "redo", "types"}
