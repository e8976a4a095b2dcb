"""`pixwright evaluate study ...`: studies with people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from pixwright.cli.say import say

study_app = typer.Typer(
    help="Studies with people on a local page: blind, resumable, answers in one SQLite file.", no_args_is_help=True
)
StudyArg = Annotated[Path, typer.Argument(metavar="STUDY.sqlite", help="The file that `study make` wrote.")]


@study_app.command("make")
def make(
    study: Annotated[Path, typer.Argument(metavar="STUDY.sqlite", help="Where to write the study.")],
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE...", help="Folders of runs, or one JSON-lines file of items.")
    ],
    protocol: Annotated[
        Literal["choice", "pair", "likert"],
        typer.Option("--protocol", help="choice: best of all; pair: one against one; likert: 1 to 5."),
    ] = "pair",
    questions: Annotated[
        str, typer.Option("--questions", help="anyedit, instructany2pix, instructedit or reasonpix2pix.")
    ] = "anyedit",
    against: Annotated[
        str | None, typer.Option("--against", metavar="SYSTEM", help="Only pairs with this one.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="So many items, drawn by the seed.")] = None,
    per_rater: Annotated[int | None, typer.Option("--per-rater", help="So many trials a rater; default all.")] = None,
    checks: Annotated[int, typer.Option("--checks", help="Attention checks a rater.")] = 0,
    title: Annotated[str, typer.Option("--title", help="What raters read first.")] = "Which edit is better?",
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="The benchmark's files that the runs were made on.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Decides which and in which order.")] = 0,
) -> None:
    """Make a study of the results of several systems."""
    from pixwright.evaluate.study import commands as study_commands
    from pixwright.evaluate.study.study import Options

    options = Options(
        questions=questions, against=against, limit=limit, per_rater=per_rater, checks=checks, title=title
    )
    for line in study_commands.make(study, sources, protocol, seed, options, data):
        say(line)


@study_app.command("serve")
def serve(
    study: StudyArg,
    host: Annotated[str, typer.Option("--host", help="0.0.0.0 lets others in your network take part.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port")] = 8000,
) -> None:
    """Serve the study's page until interrupted."""
    from pixwright.evaluate.study import commands as study_commands

    for line in study_commands.serve(study, host, port):
        say(line)


@study_app.command("report")
def report(
    study: StudyArg,
    form: Annotated[
        Literal["markdown", "json", "answers"], typer.Option("--format", help="answers: every one, a JSON line each.")
    ] = "markdown",
    drop_failing: Annotated[
        bool, typer.Option("--drop-failing", help="Leave out raters who failed an attention check.")
    ] = False,
) -> None:
    """Win rates with intervals, Bradley-Terry strengths, agreement between raters."""
    from pixwright.evaluate.study import commands as study_commands

    for line in study_commands.report(study, form, drop_failing):
        say(line)
