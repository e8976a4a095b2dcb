"""`pixwright evaluate ...`: the benchmarks' part of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixwright.cli.say import say
from pixwright.cli.study import study_app

evaluate_app = typer.Typer(
    help="Benchmarks: run a system through a paper's protocol, compare runs. The same command again goes on where it was.",
    no_args_is_help=True,
)

evaluate_app.add_typer(study_app, name="study")

SystemOpt = Annotated[
    str,
    typer.Option(
        "--system",
        metavar="NAME",
        help="A system (`pixwright systems`); copy, oracle or paste (floor and ceiling); outputs:FOLDER for results made elsewhere; FILE.py:FUNCTION for your own.",
    ),
]
DataOpt = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="The benchmark's files as published, or a mini split. Default: out/splits/."
    ),
]
OutputOpt = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="DIR", help="Default: out/evaluate/SUITE-SYSTEM.")
]
LimitOpt = Annotated[int | None, typer.Option("--limit", help="Only the first so many examples.")]
SeedOpt = Annotated[int, typer.Option("--seed", help="Same seed, same edits.")]
MetricsOpt = Annotated[
    str | None, typer.Option("--metrics", metavar="A,B,...", help="Instead of the protocol's; see docs/metrics.md.")
]
WeightsOpt = Annotated[
    Path | None,
    typer.Option("--weights", metavar="DIR", help="Where published backbones lie; default: the weights' store."),
]
JudgeOpt = Annotated[
    list[str] | None,
    typer.Option("--judge", metavar="NAME", help="viescore or imgedit, over PIXWRIGHT_JUDGE_URL. May be repeated."),
]
SetOpt = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="An option of the system; see `pixwright systems`."),
]
SweepOpt = Annotated[
    list[str] | None,
    typer.Option("--sweep", metavar="NAME=A,B,...", help="Run at each of these values; several options give a grid."),
]
TrackerOpt = Annotated[
    list[str] | None, typer.Option("--tracker", metavar="NAME", help="tensorboard and others, through accelerate.")
]


def _suite(name: str, about: str) -> None:
    """`pixwright evaluate NAME`: the suites do not differ in what the command line can change."""

    def command(
        system: SystemOpt = "local",
        data: DataOpt = None,
        output: OutputOpt = None,
        limit: LimitOpt = None,
        seed: SeedOpt = 0,
        metrics: MetricsOpt = None,
        weights: WeightsOpt = None,
        judge: JudgeOpt = None,
        setting: SetOpt = None,
        sweep: SweepOpt = None,
        tracker: TrackerOpt = None,
    ) -> None:
        from pixwright.evaluate.run import commands

        for line in commands.evaluate(
            name,
            system=system,
            data=data,
            output=output,
            limit=limit,
            seed=seed,
            metrics=metrics,
            weights=weights,
            judges=judge or (),
            settings=setting or (),
            sweep=sweep or (),
            trackers=tracker or (),
        ):
            say(line)

    command.__doc__ = about
    evaluate_app.command(name)(command)


_suite("magicbrush", "MagicBrush, single-turn: every turn from the truth before.")
_suite("magicbrush-multi", "MagicBrush, multi-turn: chains of own results, the last turn counts.")
_suite("emu-edit", "Emu Edit's test set.")
_suite("anyedit-test", "AnyEdit-Test, by type and group; mini split: 26 types.")
_suite("instructpix2pix", "InstructPix2Pix's test pairs; with --sweep its curve over guidance scales.")
_suite("mm-inst-test", "InstructAny2Pix's MM-Inst-Test: words, pictures and sounds; has a mini split.")
_suite("mm-inst-test-text", "The same with pictures and sounds put into words; has a mini split.")
_suite("dreamboothpp-single", "Dreambooth++ from one picture: a subject in another place; has a mini split.")
_suite("dreamboothpp-multi", "Dreambooth++ from two pictures: a subject on a background; has a mini split.")
_suite("reasonpix2pix-direct", "ReasonPix2Pix with direct instructions; has a mini split.")
_suite("reasonpix2pix-reasoning", "ReasonPix2Pix with reasoning instructions; has a mini split.")
_suite("instructedit-30", "InstructEdit's table 1 on examples of your own.")
_suite("instructedit-85", "InstructEdit's components and wordings on examples of your own.")


@evaluate_app.command("compare")
def compare(
    a: Annotated[Path, typer.Argument(metavar="A", help="A folder that `pixwright evaluate SUITE` wrote.")],
    b: Annotated[Path, typer.Argument(metavar="B", help="Another one, of the same suite and data.")],
    form: Annotated[str, typer.Option("--format", help="markdown or json.")] = "markdown",
) -> None:
    """Paired differences of two runs, with their significance."""
    from pixwright.evaluate.run.commands import compared

    say(compared(a, b, form).rstrip("\n"))


@evaluate_app.command("table")
def table(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of one suite.")],
    form: Annotated[str, typer.Option("--format", help="markdown, latex or json.")] = "markdown",
    group: Annotated[
        str | None, typer.Option("--by", metavar="GROUP", help="Broken up by type, group, task, turn, ...")
    ] = None,
) -> None:
    """One table of several runs, baselines last."""
    from pixwright.evaluate.run.commands import table as text

    say(text(runs, form, group).rstrip("\n"))
