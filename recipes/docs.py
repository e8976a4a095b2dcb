"""Write the generated pages of docs/: the command line's help, the list of edit types, and the map of the rooms.

    python recipes/docs.py [--check]

With --check nothing is written, and the exit code is 1 if a page is not what it would be.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from typer.testing import CliRunner

from pixwright.cli.app import app
from pixwright.edit.dispatch import module_of
from pixwright.edit.painting.places import place_names
from pixwright.records import vocabulary
from pixwright.records.kind import EditType

ROOT = Path(__file__).parents[1]
DOCS, SRC = ROOT / "docs", ROOT / "src" / "pixwright"
LARGE = ("edit", "build", "evaluate")
"""Rooms of which every file is listed."""


def _paths(command: Any, path: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """Every command and group, as the words that call it."""
    yield list(path)
    for name, inner in getattr(command, "commands", {}).items():
        yield from _paths(inner, (*path, name))


def cli_page() -> str:
    """Every command's own help."""
    command = typer.main.get_command(app)
    names = list(_paths(command))
    lines = ["# Command line", "", "Written by `make docs` from the commands' own help.", ""]
    for name in names:
        shown = (
            CliRunner()
            .invoke(app, [*name, "--help"], env={"COLUMNS": "110", "TERM": "dumb"}, prog_name="pixwright")
            .stdout
        )
        text = "\n".join(line.rstrip() for line in shown.strip("\n").splitlines())
        lines += [f"## {' '.join(['pixwright', *name])}", "", "```text", text, "```", ""]
    return "\n".join(lines)


def types_page() -> str:
    """Every type with its example, its editor and the values it knows."""
    lines = [
        "# Edit types",
        "",
        "Written by `make docs`. The example's words are parsed by a test.",
        "",
        "| type | group | editor | an instruction |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{t}` | {t.group} | `{module_of(t).removeprefix('pixwright.').replace('.', '/')}.py` | {t.traits.example} |"
        for t in EditType
    ]
    lines += ["", "## Words that are known", ""]
    for title, words in (
        ("Colours (also with dark, light, bright, pale, deep before them, and #rrggbb)", tuple(vocabulary.COLOURS)),
        ("Materials", vocabulary.MATERIALS),
        ("Looks of a thing", vocabulary.APPEARANCES),
        ("Actions", vocabulary.ACTIONS),
        ("Backgrounds", tuple(dict.fromkeys((*vocabulary.BACKGROUNDS, *place_names())))),
        ("Tones: seasons, times, weather, looks, moods", vocabulary.TONES[: -len(vocabulary.CONTROLS)]),
        ("Photographic controls", vocabulary.CONTROLS),
        ("Repairs of a photograph", vocabulary.MENDED),
        ("Styles", vocabulary.STYLES),
    ):
        lines += [f"**{title}**: {', '.join(words)}.", ""]
    return "\n".join(lines)


def rooms_page() -> str:
    """What every room says of itself, and of the large ones what every file says."""
    lines = ["# The rooms", "", "Written by `make docs` from what the folders and files say of themselves.", ""]
    lines += ["Why they are as they are, and which may import which: [architecture.md](architecture.md).", ""]
    rooms = sorted(path.parent for path in SRC.glob("*/__init__.py"))
    for room in rooms:
        lines += [f"## {room.name}", "", _about(room / "__init__.py"), ""]
        if room.name not in LARGE:
            continue
        for folder in sorted({path.parent for path in room.rglob("*.py")}):
            if folder != room:
                lines += [f"### {folder.relative_to(SRC)}", "", _about(folder / "__init__.py"), ""]
            rows = [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]
            lines += ["| file | |", "|---|---|"] if rows else []
            lines += [f"| `{path.name}` | {_about(path).split(chr(10))[0].replace('|', ' or ')} |" for path in rows]
            lines += [""] if rows else []
    return "\n".join(lines)


def _about(file: Path) -> str:
    return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""


PAGES = {"cli.md": cli_page, "types.md": types_page, "rooms.md": rooms_page}


def main() -> None:
    """Write or check the pages."""
    stale = []
    for name, make in PAGES.items():
        path, text = DOCS / name, make()
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(str(path))
        else:
            path.write_text(text, encoding="utf-8")
    if stale:
        sys.exit(f"{', '.join(stale)}: not what `make docs` writes")


if __name__ == "__main__":
    main()
