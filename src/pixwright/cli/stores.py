"""`pixwright models ...` and `pixwright assets ...`: what is fetched once and kept."""

from __future__ import annotations

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
def models_pull(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Fetch named weights into the store and verify them."""
    from pixwright.weights.commands import pull

    say(pull(name))


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
    from pixwright.build.source.assets import fetched, known, list_rows

    if as_json:
        here = fetched()
        say_json([{"name": name, "here": name in here, **row} for name, row in known().items()])
        return
    for row in list_rows():
        say(row)


@assets_app.command("path")
def assets_path(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print where a set of assets is, or would be."""
    from pixwright.build.source.assets import folder_of

    say(folder_of(name))
