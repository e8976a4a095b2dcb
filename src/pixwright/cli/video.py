"""`pixwright video ...`: one instruction for a whole video. Bodies are imported when a command runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixwright.cli.options import (
    AttachOpt,
    BoxOpt,
    ForceOpt,
    InstructionArg,
    LibraryOpt,
    MaskLimitsOpt,
    MaskOpt,
    NotPointOpt,
    PointOpt,
    ProtectOpt,
    QuietOpt,
    ReportOpt,
    ScribbleOpt,
    SeedOpt,
    SeedsOpt,
    SetControlOpt,
    SetOpt,
    SystemOpt,
    YesNo,
)
from pixwright.cli.say import say
from pixwright.cli.values import controls_from, place_from, settings_from

if TYPE_CHECKING:
    from pixwright.video.run import VideoDone, VideoJob, VideoProgress

video_app = typer.Typer(help="Edit a video by instruction, every frame by one plan.", no_args_is_help=True)
_STAGES = {
    "open": "choosing and editing key frames",
    "follow": "following what is edited",
    "edit": "editing frames",
    "join": "putting the file together",
    "measure": "measuring the result",
}

VideoArg = Annotated[Path, typer.Argument(metavar="VIDEO", help="MP4, MOV, MKV, WebM, ... as FFmpeg reads it.")]
VideoOutputOpt = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="MP4, MOV, MKV or WebM; default: beside it, -edited."),
]
FromOpt = Annotated[
    float | None, typer.Option("--from", metavar="SECONDS", help="Edit from here on; what is before stays.")
]
ToOpt = Annotated[float | None, typer.Option("--to", metavar="SECONDS", help="Edit up to here; what is after stays.")]
OnlyOpt = Annotated[bool, typer.Option("--only", help="Write nothing but the part from --from to --to.")]
PreviewOpt = Annotated[
    int | None,
    typer.Option("--preview", min=1, max=12, metavar="N", help="Edit N frames only, onto one sheet, -preview.png."),
]
KeyOpt = Annotated[
    float | None,
    typer.Option("--key", metavar="SECONDS", help="The frame that is edited as a picture; default: chosen."),
]
CodecOpt = Annotated[
    str | None, typer.Option("--codec", metavar="NAME", help="h264, hevc, vp9, av1 or ffv1; default: as the ending.")
]
LosslessOpt = Annotated[
    bool, typer.Option("--lossless", help="Write without loss: what is not edited stays to the bit.")
]
FreshOpt = Annotated[
    bool, typer.Option("--fresh", help="Begin anew, where an earlier run of the same command was stopped.")
]
CanonicalOpt = Annotated[
    str,
    typer.Option(
        "--canonical",
        metavar="WAY",
        help="flow: the key frame, followed; codef, codef-small, codef-large: a picture that is fitted (GPU).",
    ),
]
VideoJsonOpt = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


@video_app.command("edit")
def edit(
    video: VideoArg,
    instruction: InstructionArg,
    output: VideoOutputOpt = None,
    start: FromOpt = None,
    end: ToOpt = None,
    only: OnlyOpt = False,
    preview: PreviewOpt = None,
    key: KeyOpt = None,
    attach: AttachOpt = None,
    mask: MaskOpt = None,
    box: BoxOpt = None,
    point: PointOpt = None,
    not_point: NotPointOpt = None,
    scribble: ScribbleOpt = None,
    mask_limits: MaskLimitsOpt = YesNo.YES,
    protect: ProtectOpt = None,
    library: LibraryOpt = None,
    n: SeedsOpt = 1,
    seed: SeedOpt = 0,
    codec: CodecOpt = None,
    lossless: LosslessOpt = False,
    canonical: CanonicalOpt = "flow",
    report: ReportOpt = None,
    force: ForceOpt = False,
    fresh: FreshOpt = False,
    system: SystemOpt = "local",
    setting: SetOpt = None,
    set_control: SetControlOpt = None,
    as_json: VideoJsonOpt = False,
    quiet: QuietOpt = False,
) -> None:
    """Edit a video by instruction. Sound, subtitles, times and everything outside of the edit stay. A place (--box, ...) is shown in the frame of --key, or the first one."""
    from pixwright.media import free_path
    from pixwright.video.run import VideoJob, edit_video

    place = place_from(mask, box, point, not_point, scribble, mask_limits, protect)
    target = output or free_path(video.with_name(f"{video.stem}-edited{video.suffix}"))
    job = VideoJob(
        video, instruction, target, start, end, only, key, tuple(attach or ()), place, system, seed, n, library,
        settings_from(setting), controls_from(set_control), codec, lossless, force, canonical, fresh,
        accounts=() if report is None else (report,),
    )  # fmt: skip
    if preview is not None:
        _preview(job, preview, quiet)
        return
    try:
        done = edit_video(job, watch=_silent if quiet or not sys.stderr.isatty() else _show)
    except KeyboardInterrupt:
        say(f"stopped; the same command goes on from here ({job.work} holds what is done)", err=True)
        raise typer.Exit(130) from None
    _wipe()
    _tell(done, report, as_json=as_json, quiet=quiet, force=force)


def _preview(job: VideoJob, count: int, quiet: bool) -> None:
    from pixwright.video.sheet import preview

    path, verdicts = preview(job, count)
    if not quiet:
        say(f"{path}: {', '.join(verdicts)}")


def _tell(done: VideoDone, report: Path | None, *, as_json: bool, quiet: bool, force: bool) -> None:
    from pixwright.media import write_atomically

    text = done.report.model_dump_json(indent=2)
    if report is not None:
        write_atomically(report, text.encode(), replace=force)
    if as_json:
        say(text)
    elif not quiet:
        found = done.report
        say(
            f"{done.output or 'nothing was written'}: {found.verdict}, {len(found.frames)} frames in {found.seconds:.0f} s"
        )
        for line in (*found.reasons, *(f"note: {note}" for note in (*found.plan.notes, *done.notes))):
            say(f"  {line}")
        if done.output is not None:
            kept = (
                "equal to the bit"
                if found.outside_psnr is None
                else f"{found.outside_psnr:.1f} dB after {found.written}"
            )
            say(f"  outside of the edit: largest difference {found.outside_max_difference} before encoding; {kept}")
    if done.output is None or done.report.missed or done.report.plan.unread:
        raise typer.Exit(3)


def _silent(progress: VideoProgress) -> None:
    """Nobody looks on."""


def _show(progress: VideoProgress) -> None:
    from pixwright.cli.watching import over

    left = f", about {progress.left:.0f} s left" if progress.left else ""
    rate = f", {progress.rate:.1f} frames/s" if progress.rate else ""
    text = f"{_STAGES[progress.stage]}: {progress.done} of {progress.total}{rate}{left}"
    over(text)


def _wipe() -> None:
    from pixwright.cli.watching import over

    if sys.stderr.isatty():
        over("")
