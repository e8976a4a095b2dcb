"""`pixwright models ...` and `pixwright assets ...`: what is fetched once and kept."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from pixwright.cli.options import RowsOpt
from pixwright.cli.say import say, say_json

models_app = typer.Typer(
    help="The named weights: what they are, where they come from, whether they are intact.", no_args_is_help=True
)
assets_app = typer.Typer(
    help="Cut-outs, pictures, sounds and music for data sets, out of pinned packages.", no_args_is_help=True
)


@models_app.command("list")
def models_list(as_json: RowsOpt = False) -> None:
    """List the named weights and whether they are here."""
    from pixwright.weights.commands import list_rows, rows

    if as_json:
        say_json(rows())
        return
    for row in list_rows():
        say(row)


@models_app.command("pull")
def models_pull(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Weights, or a set: basic, laptop, gpu.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Fetch a set without asking.")] = False,
    memory: Annotated[
        float | None, typer.Option("--memory", metavar="GB", min=0, help="Of the card, for a set that needs one.")
    ] = None,
) -> None:
    """Fetch named weights into the store and verify them; a broken pull goes on where it broke off."""
    from pixwright.weights.commands import pull

    ask = typer.confirm if sys.stdin is not None and sys.stdin.isatty() else None
    for row in pull(names, memory, agreed=yes, ask=ask, told=say):
        say(row)


@models_app.command("convert")
def models_convert(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Published pickle: .bin, .pt, .pth, .ckpt.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The .safetensors; beside FILE if left out.")
    ] = None,
) -> None:
    """Rewrite a file of pickle as safetensors, read in a process that can do no harm."""
    from pixwright.weights.commands import convert

    say(convert(file, output))


@models_app.command("verify")
def models_verify(names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...")] = None) -> None:
    """Compare the weights that are here with their recorded sha256."""
    from pixwright.weights.commands import verify

    for row in verify(names or []):
        say(row)


@models_app.command("path")
def models_path(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print where named weights are."""
    from pixwright.weights.commands import path

    say(path(name))


@assets_app.command("fetch")
def assets_fetch(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="fluent, stamps, clipart, photos, music, sounds.")
    ],
) -> None:
    """Fetch sets of assets into the store; what is there and right is kept."""
    from pixwright.build.source.assets import fetch, folder_of

    for name in names:
        folder_of(name)
    for name in names:
        say(fetch(name))


@assets_app.command("list")
def assets_list(as_json: RowsOpt = False) -> None:
    """List the sets of assets and whether they are here."""
    from pixwright.build.source.assets import SHIPPED, fetched, known, list_rows, shipped

    if as_json:
        here = (SHIPPED, *fetched())
        rows = {SHIPPED: shipped(), **known()}
        say_json([{"name": name, "here": name in here, **row} for name, row in rows.items()])
        return
    for row in list_rows():
        say(row)


@assets_app.command("path")
def assets_path(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print where a set of assets is, or would be."""
    from pixwright.build.source.assets import folder_of

    say(folder_of(name))
