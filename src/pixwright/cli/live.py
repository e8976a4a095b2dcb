"""`pixwright design`, `live` and `wall`: pictures as music sounds. Bodies are imported when a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixwright.cli.say import say
from pixwright.cli.values import settings_from

SYSTEM = "instructany2pix"
"""What edits by music unless another is named."""
_INSTRUCTION = "modify the design of the picture based on [1]"

SystemOpt = Annotated[
    str, typer.Option("--system", metavar="NAME", help="Which system edits; local needs no more than the package.")
]
SetOpt = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="An option of the system; see `pixwright systems`."),
]
WordsOpt = Annotated[str, typer.Option("--instruction", metavar="WORDS", help="What is asked; [1] is the music.")]
PortOpt = Annotated[int | None, typer.Option("--port", metavar="N", help="A page on 127.0.0.1; 0 takes a free port.")]


def add_live(app: typer.Typer) -> None:
    """The three commands."""
    app.command()(design)
    app.command()(live)
    app.command()(wall)


def design(
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURE...", help="What is designed: a T-shirt, a cover.")],
    music: Annotated[list[Path], typer.Option("--music", metavar="TRACK", help="Music; give it again for more.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the pictures and the sheet.")
    ] = Path("design"),
    variations: Annotated[int, typer.Option("--variations", metavar="N", help="Of each pair, by seed.")] = 1,
    seed: Annotated[int, typer.Option("--seed", help="Of the first variation.")] = 0,
    instruction: WordsOpt = _INSTRUCTION,
    force: Annotated[bool, typer.Option("--force", help="Replace a sheet that is there.")] = False,
    system: SystemOpt = SYSTEM,
    setting: SetOpt = None,
) -> None:
    """Every picture by every piece of music, on one sheet."""
    from pixwright.live.design import Cell
    from pixwright.live.design import design as make
    from pixwright.systems import build

    def tell(cell: Cell) -> None:
        say(f"{cell.file.name}: {cell.verdict}  {cell.said[0] if cell.said else ''}")

    sheet, _ = make(
        pictures, music, output, build(system, options=settings_from(setting)),
        template=instruction, variations=variations, seed=seed, force=force, tell=tell,
    )  # fmt: skip
    say(str(sheet))


def live(
    picture: Annotated[Path, typer.Option("--picture", metavar="PICTURE", help="What every picture begins from.")],
    music: Annotated[
        str,
        typer.Option(
            "--music",
            metavar="FILE|microphone|-",
            help="A file as if played, the microphone, or raw 16 kHz mono samples (s16le) from a pipe.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="A folder for every picture, latest.png and the times."),
    ] = None,
    port: PortOpt = None,
    window: Annotated[bool, typer.Option("--window", help="A window of the desktop.")] = False,
    listen: Annotated[
        float,
        typer.Option("--listen", metavar="SECONDS", help="How much of a piece is heard before its picture is made."),
    ] = 10.0,
    instruction: WordsOpt = _INSTRUCTION,
    side: Annotated[
        int,
        typer.Option(
            "--side", metavar="PIXELS", help="Longer side of what is shown; larger pictures are made smaller first."
        ),
    ] = 1280,
    at_once: Annotated[bool, typer.Option("--at-once", help="Hear a file as fast as it can be read.")] = False,
    seed: Annotated[int, typer.Option("--seed")] = 0,
    system: SystemOpt = SYSTEM,
    setting: SetOpt = None,
) -> None:
    """A new picture about ten seconds after each new piece or section of the music begins."""
    from pixwright.live.performance import Act, Performance
    from pixwright.live.screens import Several, screens_for
    from pixwright.live.sources import blocks_of
    from pixwright.media import load_picture
    from pixwright.media.pixels import shrink
    from pixwright.systems import build

    shown = shrink(load_picture(picture).pixels[..., :3], side)
    act = Act(shown, build(system, options=settings_from(setting)), instruction, listen, seed)
    several = Several(screens_for(shown, output, port, window, say))
    performance = Performance(act, several, say)
    try:
        performance.follow(blocks_of(music, paced=not at_once))
    except KeyboardInterrupt:
        say("stopped")
    finally:
        several.close()
    say(performance.account())


def wall(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where people lay NAME.jpg and NAME.mp3.")],
    port: Annotated[
        int, typer.Option("--port", metavar="N", help="The page on 127.0.0.1; 0 takes a free port.")
    ] = 8765,
    instruction: WordsOpt = _INSTRUCTION,
    system: SystemOpt = SYSTEM,
    setting: SetOpt = None,
) -> None:
    """Watch a folder for pictures with music, and show each as its music sounds, on a page."""
    from pixwright.live.wall import Wall
    from pixwright.systems import build

    watched = Wall(folder, build(system, options=settings_from(setting)), instruction, say)
    say(f"look at {watched.open(port)} (this machine only); Ctrl-C ends it")
    try:
        watched.watch()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        watched.close()
