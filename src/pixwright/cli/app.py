"""The command line: one thin app; every command's body is imported when it runs."""

from __future__ import annotations

import copy
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pixwright.cli.build import build_app
from pixwright.cli.evaluate import evaluate_app
from pixwright.cli.guard import guarded
from pixwright.cli.live import add_live
from pixwright.cli.mcp import mcp
from pixwright.cli.options import (
    AttachOpt,
    BoxOpt,
    CompareOpt,
    ControlOpt,
    FirstFrameOpt,
    ForceOpt,
    FormatOpt,
    FrameOpt,
    InSessionOpt,
    InstructionArg,
    JsonOpt,
    KeepGpsOpt,
    LibraryOpt,
    MarkOpt,
    MarkupOpt,
    MaskLimitsOpt,
    MaskOpt,
    NotPointOpt,
    OutputOpt,
    PictureArg,
    PointOpt,
    PolicyOpt,
    ProtectOpt,
    QuietOpt,
    ReportOpt,
    RowsOpt,
    ScribbleOpt,
    SeedOpt,
    SeedsOpt,
    SetControlOpt,
    SetOpt,
    SignOpt,
    SystemOpt,
    VerboseOpt,
    YesNo,
)
from pixwright.cli.pipe import DASH, piped
from pixwright.cli.provenance import provenance_app
from pixwright.cli.say import say, say_json
from pixwright.cli.scene import scene_app
from pixwright.cli.serve import serve
from pixwright.cli.session import edit_in, session_app
from pixwright.cli.stores import assets_app, models_app
from pixwright.cli.values import controls_from, place_from, settings_from
from pixwright.cli.video import video_app

if TYPE_CHECKING:
    from pixwright.records.region import Region

app = typer.Typer(
    name="pixwright",
    help="Edit a picture by instruction, and say what changed. Exit codes: 0 done, 3 a step was not done, 2 bad input.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(models_app, name="models")
app.add_typer(assets_app, name="assets")
app.add_typer(provenance_app, name="provenance")
app.add_typer(session_app, name="session")
app.add_typer(scene_app, name="scene")
app.add_typer(video_app, name="video")
app.command()(mcp)
app.add_typer(build_app, name="build")
app.add_typer(evaluate_app, name="evaluate")
add_live(app)
app.command("serve")(serve)


@app.command()
def edit(
    picture: PictureArg,
    instruction: InstructionArg,
    output: OutputOpt = None,
    form: FormatOpt = None,
    attach: AttachOpt = None,
    mask: MaskOpt = None,
    box: BoxOpt = None,
    point: PointOpt = None,
    not_point: NotPointOpt = None,
    scribble: ScribbleOpt = None,
    markup: MarkupOpt = None,
    mask_limits: MaskLimitsOpt = YesNo.YES,
    protect: ProtectOpt = None,
    frame: FrameOpt = None,
    first_frame: FirstFrameOpt = False,
    library: LibraryOpt = None,
    n: SeedsOpt = 1,
    seed: SeedOpt = 0,
    report: ReportOpt = None,
    compare: CompareOpt = None,
    force: ForceOpt = False,
    keep_gps: KeepGpsOpt = False,
    system: SystemOpt = "local",
    setting: SetOpt = None,
    set_control: SetControlOpt = None,
    sign: SignOpt = None,
    mark: MarkOpt = True,
    policy: PolicyOpt = False,
    session: InSessionOpt = None,
    as_json: JsonOpt = False,
    quiet: QuietOpt = False,
    verbose: VerboseOpt = False,
) -> None:
    """Edit a picture by instruction. Each step is done, partly (with what is missing) or not_done: docs/quality.md."""
    from pixwright.cli.account import show, write_accounts
    from pixwright.cli.watching import watching
    from pixwright.files import Job, edit_file

    place = place_from(mask, box, point, not_point, scribble, mask_limits, protect, markup)
    with piped(picture, output, form) as pipe:
        job = Job(
            pipe.picture, instruction, pipe.output, tuple(attach or ()), place, system, seed, n, library, force, keep_gps,
            settings_from(setting), controls_from(set_control), 1 if first_frame else frame,
            accounts=tuple(file for file in (report, compare) if file is not None), folder=pipe.folder,
            sign=sign, mark=mark, policy=policy,
        )  # fmt: skip
        if session is not None:
            edit_in(session, job, report=report, compare=compare, as_json=as_json, quiet=quiet)
            return
        with watching(quiet=quiet, verbose=verbose) as watch:
            done = pipe.sent(edit_file(job, watch=watch))
        write_accounts(done, report, compare, replace=force)
        show(done, as_json=as_json, quiet=quiet, verbose=verbose, shown="" if pipe.stdout is None else str(DASH))


@app.command()
def plan(
    instruction: Annotated[str, typer.Argument(metavar="INSTRUCTION")],
    picture: Annotated[Path | None, typer.Argument(metavar="[PICTURE]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The whole plan as JSON.")] = False,
    attach: AttachOpt = None,
    pointed: Annotated[
        bool, typer.Option("--pointed", help='As with --point, --box or --mask: what "it" means.')
    ] = False,
) -> None:
    """Say what an instruction means, without editing."""
    from pixwright.encoders.bundle import Encoders
    from pixwright.media import load_attachment, load_picture
    from pixwright.parse import parse
    from pixwright.records.instruction import Instruction

    pixels = None
    if picture is not None:
        with piped(picture, writes=False) as pipe:
            pixels = load_picture(pipe.picture).pixels[..., :3]
    asked = Instruction(instruction, tuple(load_attachment(a) for a in attach or ()), pointed=pointed)
    made = parse(asked, pixels, Encoders())
    if as_json:
        whole = made.model_dump(mode="json", exclude_none=True) | {"segmentation_prompt": made.segmentation_prompt}
        say(json.dumps(whole, indent=2, ensure_ascii=False))
        return
    for note in (*made.notes, *made.left_out):
        say(f"note: {note}", err=True)
    for number, step in enumerate(made.steps, 1):
        fields = step.model_dump(
            mode="json",
            exclude_none=True,
            exclude_defaults=True,
            exclude={"type", "instruction", "source_caption", "edited_caption", "why"},
        )
        words = ", ".join(f"{k}={json.dumps(_plainly(v), ensure_ascii=False)}" for k, v in fields.items())
        say(f"{number}. {step.type}: {words}" + (f"  because {step.why}" if step.why else ""))


def _plainly(value: Any) -> Any:
    """A thing as the words that it was said with; what else a step holds as it is."""
    if isinstance(value, dict):
        return value["text"] if "text" in value else {k: _plainly(v) for k, v in value.items()}
    return value


@app.command()
def mask(
    picture: PictureArg,
    phrase: Annotated[
        str | None, typer.Argument(metavar="PHRASE", help='Such as "the second cup from the left"; or point at it.')
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="MASK.png", help="Where to write the mask (white = found).")
    ] = None,
    box: BoxOpt = None,
    point: PointOpt = None,
    not_point: NotPointOpt = None,
    scribble: ScribbleOpt = None,
    everything: Annotated[
        bool, typer.Option("--all", help="List every thing that is seen: name, box, score. Writes nothing.")
    ] = False,
    force: ForceOpt = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print path, score, boxes and note as JSON; with --all the list.")
    ] = False,
) -> None:
    """Find a phrase in a picture, or what you point at, and write its mask; or list everything that is seen."""
    from pixwright.cutting import list_all, mask_file
    from pixwright.encoders.parts.account import heard

    if everything:
        with piped(picture, writes=False) as pipe:
            things = list_all(pipe.picture)
            if as_json:
                say_json([{"name": one.name, "score": round(one.score, 4), "box": one.box} for one in things])
            for seen in () if as_json else things:
                say(f"{seen.score:.2f}  {','.join(map(str, seen.box))}  {seen.name}")
        return
    place = place_from(None, box, point, not_point, scribble)
    with piped(picture, output, default="png") as pipe, heard() as told:
        region = mask_file(pipe.picture, phrase, place, pipe.output, force=force)
        pipe.send(pipe.output)
        if as_json:
            say_json(_found(output, region) | {"parts": told})
            return
        boxes = " ".join(",".join(map(str, box)) for box in region.boxes)
        say(f"{output or DASH} (score {region.score:.2f}, box {boxes})")
        for note in (*((region.note,) if region.note else ()), *told):
            say(f"note: {note}", err=True)


def _found(path: Path | None, region: Region) -> dict[str, Any]:
    """Where something was found, and the file that was written."""
    found = {"score": round(region.score, 4), "boxes": region.boxes, "guess": region.guess, "note": region.note}
    return {"output": str(path), **found}


@app.command()
def cut(
    picture: PictureArg,
    phrase: Annotated[
        str | None, typer.Argument(metavar="PHRASE", help='Such as "the dog"; without it, what stands out.')
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="CUTOUT.png",
            help="PNG, WebP, AVIF or TIFF; - for standard output; default: beside the input, -cutout.png.",
        ),
    ] = None,
    form: FormatOpt = None,
    box: BoxOpt = None,
    point: PointOpt = None,
    not_point: NotPointOpt = None,
    scribble: ScribbleOpt = None,
    trim: Annotated[bool, typer.Option("--trim", help="Cut the picture to the thing.")] = False,
    margin: Annotated[
        str | None,
        typer.Option("--margin", metavar="N|N%", help="The same with a margin: pixels, or percent of the thing."),
    ] = None,
    shadow: Annotated[bool, typer.Option("--shadow", help="Keep its shadow, where the backdrop is plain.")] = False,
    force: ForceOpt = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print path, score, boxes and note as JSON.")] = False,
) -> None:
    """Cut a thing out: the same picture with everything else transparent."""
    from pixwright.cutting import Finish, cut_file, margin_from

    place = place_from(None, box, point, not_point, scribble)
    finish = Finish(trim, margin_from(margin), shadow)
    with piped(picture, output, form, default="png") as pipe:
        written, region, notes = cut_file(pipe.picture, phrase, place, pipe.output, force=force, finish=finish)
        pipe.send(written)
        if as_json:
            say_json(_found(written, region) | {"notes": notes})
            return
        say(f"{written if pipe.stdout is None else DASH} (score {region.score:.2f})")
        for note in (*((region.note,) if region.note else ()), *notes):
            say(f"note: {note}", err=True)


@app.command()
def redo(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="A file that `pixwright edit` wrote.")],
    output: OutputOpt = None,
    source: Annotated[
        Path | None, typer.Option("--source", metavar="PICTURE", help="The input, if it is not beside the result.")
    ] = None,
    attach: AttachOpt = None,
    setting: SetOpt = None,
    control: ControlOpt = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the path, whether it is identical, and notes as JSON.")
    ] = False,
) -> None:
    """Make a result again from the record that it carries, and compare; or make it with other values of its controls."""
    from pixwright.redoing import redo as redo_file

    changed = controls_from(control)
    path, same, notes = redo_file(result, output, source, settings_from(setting), changed, tuple(attach or ()))
    if as_json:
        say_json({"output": str(path), "identical": same, "controls": changed, "notes": notes})
    for note in () if as_json else notes:
        say(f"note: {note}", err=True)
    if changed:
        told = ", ".join(f"{name} {value:g}" for name, value in changed.items())
        same, line = True, f"{path}: {result} with {told}"
    else:
        line = f"{path}: {'identical to' if same else 'NOT identical to'} {result}"
    if not as_json:
        say(line)
    if not same:
        raise typer.Exit(3)


@app.command()
def batch(
    jobs: Annotated[
        Path,
        typer.Argument(
            metavar="JOBS.jsonl|FOLDER", help="Lines of {picture, instruction, ...}, or a folder of pictures."
        ),
    ],
    instruction: Annotated[
        str | None, typer.Argument(metavar="[INSTRUCTION]", help="For every picture of the folder.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the results and results.jsonl.")
    ] = Path("out"),
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Of a folder: its sub-folders too.")] = False,
    mask: Annotated[
        Path | None, typer.Option("--mask", metavar="FILE", help="Edit only here, in every picture.")
    ] = None,
    masks: Annotated[
        Path | None, typer.Option("--masks", metavar="DIR", help="A folder with a mask of each picture's name.")
    ] = None,
    box: BoxOpt = None,
    mask_limits: MaskLimitsOpt = YesNo.YES,
    seed: SeedOpt = 0,
    force: ForceOpt = False,
    system: SystemOpt = "local",
    setting: SetOpt = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress; print only what was not done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a row for every picture as JSON.")] = False,
) -> None:
    """Edit many pictures; the same command again goes on where it was."""
    from pixwright.batch import Common
    from pixwright.cli.account import show_batch

    limits = mask_limits is YesNo.YES
    common = Common(
        output, instruction, seed, system, settings_from(setting), force, recursive, _one_of(mask, masks), box, limits
    )
    show_batch(jobs, common, quiet=quiet, as_json=as_json)


@app.command("watch")
def watch_folder(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Whose pictures are edited, now and as they come.")],
    instruction: Annotated[str, typer.Argument(metavar="INSTRUCTION", help="For every picture.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the results and results.jsonl.")
    ] = Path("out"),
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Its sub-folders too.")] = False,
    mask: Annotated[
        Path | None, typer.Option("--mask", metavar="FILE", help="Edit only here, in every picture.")
    ] = None,
    box: BoxOpt = None,
    idle: Annotated[
        float | None,
        typer.Option("--idle", metavar="SECONDS", help="End when nothing new came for so long; default: never."),
    ] = None,
    seed: SeedOpt = 0,
    system: SystemOpt = "local",
    setting: SetOpt = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print only what was not done.")] = False,
) -> None:
    """Edit pictures as they come into a folder, until Ctrl-C; the same command again goes on where it was."""
    from pixwright.batch import Common
    from pixwright.cli.account import show_watch
    from pixwright.watch import with_instruction

    common = Common(output, None, seed, system, settings_from(setting), False, recursive, mask, box)
    show_watch(folder, with_instruction(common, instruction), idle, quiet=quiet)


def _one_of(mask: Path | None, masks: Path | None) -> Path | None:
    """The mask for all, or the folder of masks. Raises InvalidOption."""
    from pixwright.errors import InvalidOption

    if mask is not None and masks is not None:
        raise InvalidOption("--mask and --masks were both given; give one of them")
    if masks is not None and not masks.is_dir():
        raise InvalidOption(f"--masks {masks} is not a folder; for one mask give --mask FILE")
    return masks or mask


@app.command()
def describe(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A picture, a sound or a piece of music.")],
    kind: Annotated[
        str,
        typer.Option("--as", metavar="KIND", help="auto, picture, sound or music: what the file is heard or seen as."),
    ] = "auto",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON: sentence, tags with likelihoods, facts.")
    ] = False,
) -> None:
    """Say what a picture, a sound or a piece of music is: a sentence, tags with likelihoods; of music tempo, key, mood and instruments."""
    from pixwright import api

    found = api.describe(file, kind=kind)
    say(found.json() if as_json else found.text())


@app.command()
def types(as_json: RowsOpt = False) -> None:
    """List the edit types, with an example of each."""
    from pixwright.records.kind import EditType

    if as_json:
        say_json([{"name": one, "group": one.group, "example": one.traits.example} for one in EditType])
        return
    for edit_type in EditType:
        say(f"{edit_type:20} {edit_type.group:9} {edit_type.traits.example}")


@app.command()
def systems(name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None, as_json: RowsOpt = False) -> None:
    """List the systems, or one system's options with their defaults."""
    from pixwright.systems import BUILDERS, describe, options_of

    if as_json:
        rows = [{"name": known, "about": builder.about} for known, builder in BUILDERS.items()]
        say_json(rows if name is None else options_of(name))
        return
    if name is None:
        for known, builder in BUILDERS.items():
            say(f"{known:16} {builder.about}")
        return
    for row in describe(name):
        say(row)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if version:
        from pixwright import __version__

        say(__version__)
        raise typer.Exit


def main() -> None:
    """Run the app; a problem that the user can mend is one line and exit code 2."""
    # numpy solves only small systems here: a second BLAS thread costs more in waiting than it brings.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(guarded(lambda: _called(sys.argv[1:])(standalone_mode=True)))


def _called(words: list[str]) -> typer.Typer:
    """The app with the one command that is called, or all of it: typer reads every option of every command before it calls one."""
    name = next(iter(words), "")
    alone = copy.copy(app)
    alone.registered_commands = [c for c in app.registered_commands if name in (c.name, _by_default(c.callback))]
    alone.registered_groups = [g for g in app.registered_groups if g.name == name]
    return alone if alone.registered_commands or alone.registered_groups else app


def _by_default(callback: Any) -> str:
    return callback.__name__.replace("_", "-") if callback else ""
