"""The command line is frozen: a changed option is a decision, made by updating the golden list in the same commit."""

from __future__ import annotations

from pathlib import Path

import click
import typer.main

from pixwright.cli.app import _called, app

GOLDEN = Path(__file__).parents[1] / "golden" / "cli" / "surface.txt"


def surface(command, path="pixwright"):
    lines = [f"{path} {' '.join(sorted(p.opts[0] for p in command.params))}".strip()]
    for name, sub in sorted(getattr(command, "commands", {}).items()):
        lines += surface(sub, f"{path} {name}")
    return lines


def test_the_surface_is_the_golden_one():
    now = "\n".join(surface(typer.main.get_command(app))) + "\n"
    assert now == GOLDEN.read_text(), f"the command line changed; if that is meant, write this to {GOLDEN}:\n{now}"


def test_a_new_option_is_found():
    command = typer.main.get_command(app)
    before = surface(command)
    planted = click.Option(["--planted"])
    command.commands["edit"].params.append(planted)
    try:
        assert surface(command) != before
    finally:
        command.commands["edit"].params.remove(planted)


def test_a_called_command_is_built_alone_and_as_it_is():
    every = typer.main.get_command(app).commands
    for name, command in every.items():
        alone = typer.main.get_command(_called([name, "--help"])).commands
        assert list(alone) == [name] and surface(alone[name]) == surface(command)
    for words in ([], ["--version"], ["unheard-of"]):
        assert list(typer.main.get_command(_called(words)).commands) == list(every)
