"""Videos and scenes in the server's processes: what a stranger's file is, a frame or a turn of it, and the edit of the whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixwright.errors import ImageTooLarge, InvalidScene, Refused, without_options
from pixwright.media.formats import sniff
from pixwright.records.instruction import Array
from pixwright.serve.shapes import SCENE_VIEWS

if TYPE_CHECKING:
    from pixwright.flow import Progress
    from pixwright.systems import System
    from pixwright.video.run import VideoProgress

PLY = b"ply\n"
"""How a scene's file begins."""
_HELD = (".mp4", ".mov", ".mkv", ".webm")
"""Containers that a result can have too; others become MP4, and so does what no browser shows."""
_USUAL, _SCENE, _FILM = ".mp4", ".ply", ".webp"
_TURN, _TURN_SIDE = 16, 192
"""Frames and pixels of the turntable that the page shows before anything is edited."""
_SCENE_SIDE, _SHOWN_SIDE = 192, 384
"""Pixels of a view that an edit looks at, and of one that a person points in."""
_PROBES = 4
"""Frames of a video that the gate of `safety` looks at."""


def facts_of(path: Path, head: bytes, pixels: int, gaussians: int) -> dict[str, Any]:
    """What a posted video or scene is. Raises a PixwrightError for what cannot be read, or is too large."""
    if head.startswith(PLY):
        from pixwright.scene3d.splats.ply import read_ply

        count = len(read_ply(path).rows)
        if count > gaussians:
            raise InvalidScene(f"{count:,} Gaussians; at most {gaussians:,} are edited here: thin the scene out first")
        return {"kind": "scene", "format": "PLY", "gaussians": count}
    from pixwright.video.footage import Footage

    footage = Footage(path)
    facts = footage.facts
    if facts.width * facts.height > pixels:
        raise ImageTooLarge(f"frames of {facts.width}x{facts.height} pixels; at most {pixels:,} are taken")
    height, width = footage.at(0).pixels.shape[:2]
    counted = facts.counted or None
    seconds = None if counted is None else round(float(counted / facts.rate), 3)
    return {
        "kind": "video",
        "format": sniff.video_format(head),
        "width": width,
        "height": height,
        "frames": counted,
        "seconds": seconds,
    }


def endings(path: Path) -> tuple[str, ...]:
    """Of the files that an edit makes: the video, or the scene and its turntable."""
    if path.suffix == _SCENE:
        return _SCENE, _FILM
    return (path.suffix if path.suffix in _HELD else _USUAL,)


def frame_at(path: Path, seconds: float) -> Array:
    """HxWx3 uint8: what a video shows at a time; its last frame behind the end."""
    from pixwright.video.footage import Footage

    return Footage(path).at(seconds).pixels


def turned(path: Path) -> bytes:
    """A moving WebP of a scene."""
    from pixwright.scene3d.edit import turning_cameras
    from pixwright.scene3d.splats.gaussians import gaussians_of
    from pixwright.scene3d.splats.ply import read_ply
    from pixwright.scene3d.turntable import turntable

    scene = gaussians_of(read_ply(path))
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "turn.webp"
        turntable([scene], turning_cameras(scene, _TURN_SIDE, _TURN), target)
        return target.read_bytes()


def seen(path: Path, number: int) -> Array:
    """HxWx3 uint8: view `number` of a scene, from 1, as an edit of it sees it."""
    from pixwright.scene3d.splats.gaussians import gaussians_of
    from pixwright.scene3d.splats.ply import read_ply
    from pixwright.scene3d.splats.render import render
    from pixwright.scene3d.survey import Survey

    scene = gaussians_of(read_ply(path))
    return render(scene, Survey(views=SCENE_VIEWS, side=_SHOWN_SIDE, view=number).camera(scene))


def edited(job: dict[str, Any], system: System, heard: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    """Carry the job out, and say what each file is, as `work` does of a picture. `heard` is told how far it is; what it raises ends the job, and nothing of it stays."""
    return (_video if job["kind"] == "video" else _scene)(job, system, heard)


def forget(job: dict[str, Any]) -> None:
    """Remove what an edit that nobody wants any more has left beside its result."""
    output = Path(job["outputs"][0])
    shutil.rmtree(output.with_name(f".{output.name}.unfinished"), ignore_errors=True)


def _video(job: dict[str, Any], system: System, heard: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    from pixwright import safety
    from pixwright.video.footage import Footage
    from pixwright.video.run import VideoJob, edit_video

    source, output = Path(job["picture"]), Path(job["outputs"][0])
    probes = _probes(Footage(source))
    safety.check_words(job["instruction"], lambda: any(safety.person_in(one, system.encoders) for one in probes))
    asked = VideoJob(
        source, job["instruction"], output, key=job["key"], system=job["system"], seed=job["seed"],
        options=job["options"], controls=job["controls"], force=True,
    )  # fmt: skip

    def watch(progress: VideoProgress) -> None:
        heard(_told(progress.stage, progress.done, progress.total) | {"rate": progress.rate, "left": progress.left})

    done = edit_video(asked, system, watch)
    report = done.report.model_dump(mode="json")
    if done.output is not None:
        for before, after in zip(probes, _probes(Footage(done.output)), strict=False):
            try:
                safety.check_picture(before, after, system.encoders)
            except Refused:
                done.output.unlink()
                raise
    frames = report.pop("frames")
    report["changed_fraction"] = sum(one["changed_fraction"] for one in frames) / max(len(frames), 1)
    steps = [
        {"words": step.instruction, "told": outcome.lines(), **outcome.model_dump(mode="json")}
        for step, outcome in zip(done.report.plan.steps, done.report.shots[0].steps, strict=False)
    ]
    height, width = probes[0].shape[:2]
    return [
        _made("video", done.output, report, steps, done.notes)
        | {"width": width, "height": height, "plan": report.pop("plan")}
    ]


def _probes(footage: Any) -> list[Array]:
    last = len(footage.timeline.pts) - 1
    return [footage.frame(round(last * part / (_PROBES - 1))).pixels for part in range(_PROBES)]


def _scene(job: dict[str, Any], system: System, heard: Callable[[dict[str, Any]], None]) -> list[dict[str, Any]]:
    from pixwright.pointing import UserPlace
    from pixwright.scene3d.edit import SceneJob, edit_scene
    from pixwright.scene3d.survey import Survey

    output, film = map(Path, job["outputs"])
    survey = Survey(views=SCENE_VIEWS, side=_SCENE_SIDE, view=job.get("view", 1))
    if job.get("point") is not None:
        x, y = (int(share * _SCENE_SIDE) for share in job["point"])
        survey = replace(survey, place=UserPlace(points=(f"{x},{y}",)))
    asked = SceneJob(
        Path(job["picture"]), job["instruction"], output, survey=survey, turntable=film,
        system=job["system"], options=job["options"], controls=job["controls"], seed=job["seed"], force=True,
    )  # fmt: skip

    def watch(progress: Progress) -> None:
        heard(_told(progress.stage, progress.step, progress.steps))

    done = edit_scene(asked, system, watch)
    report = done.report.model_dump(mode="json")
    report |= {"changed_fraction": done.report.changed / max(done.report.gaussians, 1), "seed": job["seed"]}
    steps = [
        {"words": one.instruction, "told": list(one.reasons), **one.model_dump(mode="json")}
        for one in done.report.steps
    ]
    plan = {"plan": done.plan.model_dump(mode="json", exclude_none=True)}
    shown = None if done.output is None else film
    # Where the server keeps a file is no business of who asked for it.
    notes = [note for note in done.notes if str(film) not in note]
    return [
        _made(kind, file, report, steps, notes) | plan for kind, file in (("scene", done.output), ("turntable", shown))
    ]


def _told(stage: str, done: int, total: int) -> dict[str, Any]:
    return {"step": done, "steps": total, "what": "", "stage": stage, "candidate": 1, "understood": []}


def _made(
    kind: str, output: Path | None, report: dict[str, Any], steps: list[dict[str, Any]], notes: Any
) -> dict[str, Any]:
    return {
        "kind": kind,
        "file": None if output is None else str(output),
        "width": 0,
        "height": 0,
        "transparent": False,
        "report": report,
        "reasons": [without_options(one) for one in report["reasons"]],
        "steps": steps,
        "regions": [],
        "notes": [without_options(one) for one in notes],
    }
