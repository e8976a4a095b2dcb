"""`pixwright provenance`: content credentials and the invisible mark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from pixwright.cli.say import say

provenance_app = typer.Typer(
    help="Where a picture comes from: content credentials and the invisible mark.", no_args_is_help=True
)


@provenance_app.command()
def setup(
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="Where to; default: your configuration folder.")
    ] = None,
) -> None:
    """Make a local certificate; from then on results are signed where that is due."""
    from pixwright.provenance.certificate import CHAIN_VARIABLE, KEY_VARIABLE, make

    chain = make(folder)
    say(f"{chain} and its key were made")
    if folder is not None:
        say(f"set {CHAIN_VARIABLE} and {KEY_VARIABLE} to the two files, so that they are used")
    say(
        "It shows that a file is unchanged since it was signed here. It does not show who you are: nobody else trusts it."
    )


@provenance_app.command("check")
def check_file(
    picture: Annotated[Path, typer.Argument(metavar="PICTURE")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Say what a file says of itself: its content credentials, and whether it bears the invisible mark."""
    from pixwright.provenance.check import check

    found = check(picture)
    if as_json:
        say(json.dumps(found))
        return
    credentials, mark = found["credentials"], found["watermark"]
    say(f"content credentials: {credentials['state'].replace('_', ' ')}")
    for name in ("issuer", "generator", "signed_at"):
        if credentials[name]:
            say(f"  {name.replace('_', ' ')}: {credentials[name]}")
    for name in ("actions", "ingredients", "problems"):
        if credentials[name]:
            say(f"  {name}: {', '.join(credentials[name])}")
    if found["digital_source_type"]:
        say(f"digital source type (XMP): {found['digital_source_type']}")
    seen = "found" if mark["found"] else "not found"
    say(
        f"invisible mark: {seen} ({mark['strength']:.1f} standard deviations above chance; {mark['needed']} are needed)"
    )
