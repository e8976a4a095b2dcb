"""`pixwright build ...`: the data sets' part of the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pixwright.cli.say import say

build_app = typer.Typer(
    help="Data sets: build them resumably, report on them, look at them. The same command again goes on where it was.",
    no_args_is_help=True,
)

OutputOpt = Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Default: out/NAME.")]
RecipeOpt = Annotated[
    str | None,
    typer.Option("--recipe", metavar="FILE.py:FUNCTION", help="Your own recipe instead of the named one."),
]
CountOpt = Annotated[int | None, typer.Option("--count", help="Rows; default 500.")]
SeedOpt = Annotated[int | None, typer.Option("--seed", help="Same seed, same rows, to the byte.")]
SizeOpt = Annotated[int | None, typer.Option("--size", help="Longer side in pixels; default 256.")]
TypesOpt = Annotated[
    str | None, typer.Option("--types", metavar="A,B,...", help="Only these edit types; see `pixwright types`.")
]
ProportionsOpt = Annotated[str | None, typer.Option("--proportions", help="uniform, or paper: AnyEdit's table 7.")]
SourceOpt = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="NAME",
        help="packaged, a fetched set of assets, or folder:PATH, cutouts:PATH, hub:PATH, coco:ANNOTATIONS.json, each perhaps with "
        "';licence=...' for rows that state none. May be repeated; default packaged and every fetched set.",
    ),
]
PhotographsOpt = Annotated[
    float | None, typer.Option("--photographs", help="Share of rows made from photographs, 0 to 1.")
]
ParaphraseOpt = Annotated[
    bool,
    typer.Option(
        "--paraphrase",
        help="anyedit and reasonpix2pix: in the words of the language model that PIXWRIGHT_LLM_URL names.",
    ),
]
PairsOpt = Annotated[
    str | None,
    typer.Option(
        "--pairs",
        metavar="A,B,...",
        help="mm-inst: how the edited picture is made, in equal shares: scene (exact; the default), regeneration, prompt-to-prompt, plug-and-play (a diffusion model).",
    ),
]
PairWeightsOpt = Annotated[
    str | None,
    typer.Option("--weights", help="mm-inst: of that diffusion model: mini, or a folder or file; default mini."),
]
SplitOpt = Annotated[str | None, typer.Option("--split", help="train, or test: the reserved files.")]
FormatOpt = Annotated[str | None, typer.Option("--format", help="parquet, webdataset, or both with a comma between.")]
WorkersOpt = Annotated[int, typer.Option("--workers", help="Processes; 0 works in this one, without an engine.")]
ClusterOpt = Annotated[str | None, typer.Option("--cluster", metavar="ADDRESS", help="A running Ray cluster, or auto.")]
ThresholdsOpt = Annotated[
    Path | None, typer.Option("--thresholds", metavar="FILE.json", help="Your own limits for the filters.")
]
FiltersOpt = Annotated[bool, typer.Option("--filters/--no-filters", help="Measure only, reject nothing.")]
ForceOpt = Annotated[bool, typer.Option("--force", help="Make shards of another recipe in this folder again.")]


def _data_set(name: str, about: str) -> None:
    """`pixwright build NAME`: the data sets do not differ in what the command line can change."""

    def command(
        output: OutputOpt = None,
        recipe: RecipeOpt = None,
        count: CountOpt = None,
        seed: SeedOpt = None,
        size: SizeOpt = None,
        types: TypesOpt = None,
        proportions: ProportionsOpt = None,
        source: SourceOpt = None,
        photographs: PhotographsOpt = None,
        paraphrase: ParaphraseOpt = False,
        pairs: PairsOpt = None,
        weights: PairWeightsOpt = None,
        split: SplitOpt = None,
        formats: FormatOpt = None,
        workers: WorkersOpt = 0,
        cluster: ClusterOpt = None,
        thresholds: ThresholdsOpt = None,
        filters: FiltersOpt = True,
        force: ForceOpt = False,
    ) -> None:
        from pixwright.build.run import commands
        from pixwright.build.sets.bench import accounts

        made = commands.recipe_for(
            recipe or name,
            count=count,
            seed=seed,
            size=size,
            types=types,
            proportions=proportions,
            sources=source or (),
            split=split,
            formats=formats,
            photographs=photographs,
            paraphrase=paraphrase,
            pairs=pairs,
            weights=weights,
            filters=filters,
            thresholds=thresholds,
        )
        for line in accounts(made.sources):
            say(line, err=True)
        folder = output or Path("out") / made.name
        text, whole = commands.run(made, folder, workers=workers, cluster=cluster, force=force)
        say(text)
        if not whole:
            raise typer.Exit(3)

    command.__doc__ = about
    build_app.command(name)(command)


_data_set("anyedit", "Direct instructions of the 26 edit types (AnyEdit).")
_data_set("mm-inst", "Instructions that interleave words with pictures and sounds (InstructAny2Pix's MM-Inst).")
_data_set("reasonpix2pix", "Indirect instructions with their reasoning (ReasonPix2Pix), in three parts.")


@build_app.command("splits")
def splits(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the four of them.")] = Path(
        "out/splits"
    ),
    workers: WorkersOpt = 0,
) -> None:
    """Build the four mini benchmarks, from reserved files only."""
    from pixwright.build.sets.splits import build_all

    for line in build_all(output, workers):
        say(line)


@build_app.command("sift")
def sift(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `pixwright build` wrote.")],
    keep: Annotated[
        list[str],
        typer.Option(
            "--keep",
            metavar="RULE",
            help="A metric and its limit, as in 'aesthetic>=4.5', 'CLIP-dir>=0.2', 'recall>=1'; see docs/metrics.md. May be repeated.",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Where the sifted shards go.")],
    weights: Annotated[
        Path | None,
        typer.Option("--weights", metavar="DIR", help="Where published backbones lie; default: the weights' store."),
    ] = None,
) -> None:
    """Sift a built set by metrics that take published weights: CLIP, an aesthetic score, a detector; or by their packaged stand-ins."""
    from pixwright.evaluate.metrics.backbones import Backbones
    from pixwright.evaluate.run.sift import rule
    from pixwright.evaluate.run.sift import sift as sifted

    backbones = Backbones(weights)
    done = sifted(run, output, [rule(text, backbones) for text in keep], backbones)
    gone = ", ".join(f"{count} by {name}" for name, count in sorted(done.gone.items())) or "none went"
    again = f"; {done.found} shards lay there already" if done.found else ""
    say(f"{output}: {done.kept} rows kept, {gone}{again}")


@build_app.command("report")
def report(run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that `pixwright build` wrote.")]) -> None:
    """Draw the funnel of a run, per type and reason."""
    from pixwright.build.run.report import write_report

    text, path = write_report(run)
    say(f"{text}\n{path}")


@build_app.command("browse")
def browse(
    place: Annotated[Path, typer.Argument(metavar="SHARD|RUN", help="A shard, or the folder of a run.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Where to write the page; default: beside it.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="Show at most so many rows.")] = None,
    rejected: Annotated[bool, typer.Option("--rejected/--kept-only", help="Show rejected rows too.")] = True,
) -> None:
    """Write a static page that shows samples; it needs no server."""
    from pixwright.build.run.commands import browse as write

    say(write(place, output, limit, rejected))
