"""`pixwright scene ...`: scenes of Gaussians. Bodies are imported when a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixwright.cli.options import (
    AttachOpt,
    ForceOpt,
    InstructionArg,
    JsonOpt,
    NotPointOpt,
    PointOpt,
    QuietOpt,
    SeedOpt,
    SetControlOpt,
    SetOpt,
    SystemOpt,
    VerboseOpt,
)
from pixwright.cli.say import say, say_json
from pixwright.cli.values import controls_from, place_from, settings_from

if TYPE_CHECKING:
    from pixwright.scene3d.edit import SceneDone
    from pixwright.scene3d.survey import Survey
    from pixwright.scene3d.views import Backdrop

scene_app = typer.Typer(
    help="Edit a scene of Gaussians (.ply) by instruction: what is not meant stays bit-identical.", no_args_is_help=True
)

SceneArg = Annotated[Path, typer.Argument(metavar="SCENE.ply", help="Gaussians in the usual layout, binary.")]
CamerasOpt = Annotated[
    Path | None,
    typer.Option("--cameras", metavar="FILE", help="nerfstudio's transforms.json; default: an orbit of the scene."),
]
ViewsOpt = Annotated[int, typer.Option("--views", metavar="N", help="Views that are looked at, 4 to 64.")]
SideOpt = Annotated[int, typer.Option("--side", metavar="PIXELS", help="Longer side of a view, 64 to 1024.")]
ShownMaskOpt = Annotated[
    Path | None, typer.Option("--mask", metavar="FILE", help="The thing in the view: white, or alpha 0.")
]
ShownBoxOpt = Annotated[
    str | None, typer.Option("--box", metavar="X0,Y0,X1,Y1", help="The thing in this box of the view (pixels).")
]
ViewOpt = Annotated[
    int, typer.Option("--view", metavar="N", help="The view in which --point, --box and --mask are, from 1.")
]
PlyOpt = Annotated[Path, typer.Option("--output", "-o", metavar="FILE.ply", help="Where the scene goes.")]
BackdropOpt = Annotated[
    str | None,
    typer.Option("--backdrop", metavar="COLOUR", help="Behind the scene: a name or #rrggbb; default: light."),
]


@scene_app.command("edit")
def edit(
    scene: SceneArg,
    instruction: InstructionArg,
    output: PlyOpt,
    mask: ShownMaskOpt = None,
    box: ShownBoxOpt = None,
    point: PointOpt = None,
    not_point: NotPointOpt = None,
    view: ViewOpt = 1,
    cameras: CamerasOpt = None,
    views: ViewsOpt = 16,
    side: SideOpt = 256,
    turntable: Annotated[
        Path | None,
        typer.Option("--turntable", metavar="FILE", help="A film, before and after: .mp4, .gif, .webp or .png."),
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="The account as JSON.")] = None,
    attach: AttachOpt = None,
    system: SystemOpt = "local",
    setting: SetOpt = None,
    set_control: SetControlOpt = None,
    rounds: Annotated[
        int, typer.Option("--rounds", metavar="N", help="Where a network paints: how often views are edited, 1 to 4.")
    ] = 2,
    backdrop: BackdropOpt = None,
    seed: SeedOpt = 0,
    force: ForceOpt = False,
    as_json: JsonOpt = False,
    quiet: QuietOpt = False,
    verbose: VerboseOpt = False,
) -> None:
    """Edit a scene: colours, materials, tones, styles; remove, move, resize, turn, repeat. docs/scene.md."""
    from pixwright.cli.watching import watching
    from pixwright.media import write_atomically
    from pixwright.scene3d.edit import SceneJob, edit_scene

    survey = _survey(mask, box, point, not_point, view, cameras, views, side, backdrop)
    job = SceneJob(
        scene, instruction, output, survey, tuple(attach or ()), turntable, report, system,
        settings_from(setting), controls_from(set_control), seed, rounds, force,
    )  # fmt: skip
    with watching(quiet=quiet, verbose=verbose) as watch:
        done = edit_scene(job, watch=watch)
    account = done.report.model_dump(mode="json") | {
        "output": None if done.output is None else str(done.output),
        "plan": done.plan.model_dump(mode="json", exclude_none=True),
        "notes": done.notes,
    }
    if report is not None:
        import json

        write_atomically(report, (json.dumps(account, indent=2, ensure_ascii=False) + "\n").encode(), replace=force)
    if as_json:
        say_json(account)
    elif not quiet:
        _say_done(done)
    if done.report.missed:
        raise typer.Exit(3)


def _say_done(done: SceneDone) -> None:
    for line in (*done.report.lines(), *done.notes):
        say(line)
    say(
        str(done.output) if done.output is not None else "nothing was changed, and nothing was written",
        err=done.output is None,
    )


@scene_app.command("turntable")
def turntable(
    scene: SceneArg,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A film: .mp4, .gif, .webp or .png.")],
    beside: Annotated[
        Path | None, typer.Option("--beside", metavar="SCENE.ply", help="Another scene, to the right of the first.")
    ] = None,
    frames: Annotated[int, typer.Option("--frames", metavar="N", min=1, max=720, help="Of one turn.")] = 36,
    side: SideOpt = 256,
    backdrop: BackdropOpt = None,
    force: ForceOpt = False,
) -> None:
    """Film a turn around a scene."""
    from pixwright.media import check_target
    from pixwright.scene3d.edit import turning_cameras
    from pixwright.scene3d.splats.gaussians import gaussians_of
    from pixwright.scene3d.splats.ply import read_ply
    from pixwright.scene3d.turntable import check_turntable
    from pixwright.scene3d.turntable import turntable as film

    check_target(output, force=force, inputs=[scene, *([beside] if beside else [])])
    check_turntable(output)
    shown = [gaussians_of(read_ply(path)) for path in (scene, beside) if path is not None]
    for line in film(shown, turning_cameras(shown[0], side, frames), output, _backdrop(backdrop), replace=force):
        say(line)


@scene_app.command("cut")
def cut(
    scene: SceneArg,
    phrase: Annotated[str | None, typer.Argument(metavar="PHRASE", help='Such as "the vase"; or point at it.')] = None,
    *,
    output: PlyOpt,
    rest: Annotated[bool, typer.Option("--rest", help="Everything else instead.")] = False,
    mask: ShownMaskOpt = None,
    box: ShownBoxOpt = None,
    point: PointOpt = None,
    not_point: NotPointOpt = None,
    view: ViewOpt = 1,
    cameras: CamerasOpt = None,
    views: ViewsOpt = 16,
    side: SideOpt = 256,
    force: ForceOpt = False,
) -> None:
    """Cut a thing out of a scene: its Gaussians alone, byte for byte."""
    from pixwright.scene3d.cut import SceneCut, cut_scene
    from pixwright.systems import build

    survey = _survey(mask, box, point, not_point, view, cameras, views, side, None)
    found = cut_scene(SceneCut(scene, phrase, output, survey, rest, force), build("local"))
    say(
        f"{output} ({int(found.chosen.sum()):,} of {len(found.chosen):,} Gaussians are it, by {len(found.views)} views)"
    )


@scene_app.command("render")
def render(
    scene: SceneArg,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.png", help="Where the picture goes.")],
    view: ViewOpt = 1,
    cameras: CamerasOpt = None,
    views: ViewsOpt = 16,
    side: SideOpt = 256,
    backdrop: BackdropOpt = None,
    force: ForceOpt = False,
) -> None:
    """Write what a view of a scene shows: the picture in which --point, --box and --mask are meant."""
    from pixwright.scene3d.cut import render_scene

    render_scene(scene, output, _survey(None, None, None, None, view, cameras, views, side, backdrop), force=force)
    say(str(output))


@scene_app.command("edit-photos")
def edit_photos(
    dataset: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="nerfstudio's layout: transforms.json and its pictures.")
    ],
    instruction: InstructionArg,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FOLDER", help="Where the edited data set goes.")],
    turntable: Annotated[
        Path | None, typer.Option("--turntable", metavar="FILE", help="A film: .mp4, .gif, .webp or .png.")
    ] = None,
    system: SystemOpt = "local",
    setting: SetOpt = None,
    side: Annotated[
        int | None,
        typer.Option(
            "--side", min=16, max=2048, metavar="PIXELS", help="Longer side of the pictures; default: 96, on a GPU 512."
        ),
    ] = None,
    iterations: Annotated[
        int | None, typer.Option("--iterations", min=1, metavar="N", help="Of the edit; default: 600, on a GPU 3000.")
    ] = None,
    fit_steps: Annotated[
        int | None,
        typer.Option("--fit-steps", min=1, metavar="N", help="Of the fit before it; default: 2000, on a GPU 30000."),
    ] = None,
    views: Annotated[
        int, typer.Option("--views", min=1, max=64, metavar="N", help="Photographs in which the thing is looked for.")
    ] = 16,
    device: Annotated[str, typer.Option("--device", metavar="NAME", help="auto, cpu, cuda, ...")] = "auto",
    seed: SeedOpt = 0,
    as_json: JsonOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Edit a scene of photographs through a radiance field: the pictures are edited one by one while it learns (Instruct-NeRF2NeRF). Needs the extra torch."""
    from pixwright.cli.watching import watching
    from pixwright.extras import require
    from pixwright.flow import Progress
    from pixwright.records.result import Verdict
    from pixwright.scene3d.turntable import check_turntable

    require(("torch",), "a scene of photographs", "torch")
    if turntable is not None:
        check_turntable(turntable)
    from pixwright.scene3d.nerf.edited import DatasetJob, edit_dataset, film

    job = DatasetJob(
        dataset=dataset, instruction=instruction, out=output, system=system, options=settings_from(setting), side=side,
        iterations=iterations, fit_steps=fit_steps, lifted_from=views, device=device, seed=seed,
    )  # fmt: skip
    with watching(quiet=quiet, verbose=False) as watch:
        scene = edit_dataset(job, watch=lambda stage, at, of: watch(Progress(stage, at + 1, of)))
    if turntable is not None:
        film(scene, turntable)
    if as_json:
        say_json(scene.report.model_dump(mode="json"))
    elif not quiet:
        for line in scene.report.lines():
            say(line)
        say(str(output))
    if any(step.verdict is Verdict.NOT_DONE for step in scene.report.steps):
        raise typer.Exit(3)


def _survey(
    mask: Path | None,
    box: str | None,
    points: list[str] | None,
    not_points: list[str] | None,
    view: int,
    cameras: Path | None,
    views: int,
    side: int,
    backdrop: str | None,
) -> Survey:
    from pixwright.scene3d.survey import Survey

    return Survey(cameras, views, side, place_from(mask, box, points, not_points), view, _backdrop(backdrop))


def _backdrop(given: str | None) -> Backdrop:
    """Raises InvalidOption for no colour."""
    from pixwright.errors import InvalidOption
    from pixwright.scene3d.splats.render import BACKDROP
    from pixwright.words.colours import rgb as named_colour

    if given is None:
        return BACKDROP
    rgb = named_colour(given)
    if rgb is None:
        raise InvalidOption(f"--backdrop {given}: a colour's name or #rrggbb is needed")
    red, green, blue = (value / 255 for value in rgb)
    return red, green, blue
