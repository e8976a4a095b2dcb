"""From file to file: `pixwright scene cut` and `scene render`. One thing of a scene as a scene of its own, and what a view shows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pixwright.errors import InvalidOption, NothingFound
from pixwright.media import check_target, save_plain
from pixwright.scene3d.finding import FoundGaussians, find_thing
from pixwright.scene3d.splats.gaussians import gaussians_of
from pixwright.scene3d.splats.ply import check_ply, read_ply, write_ply
from pixwright.scene3d.survey import ORBITED, Survey, pointed_at, staged
from pixwright.scene3d.views import views_of
from pixwright.systems import System
from pixwright.words import read


@dataclass(frozen=True)
class SceneCut:
    """One thing to be cut out of one scene: what the words name, or the survey points at."""

    scene: Path
    phrase: str | None
    output: Path
    survey: Survey = ORBITED
    rest: bool = False
    """Whether the output is the scene without the thing."""
    force: bool = False


def cut_scene(cut: SceneCut, system: System) -> FoundGaussians:
    """Write the Gaussians of the thing, or all others, byte for byte and in their order.

    Raises NothingFound, InvalidOption, InvalidScene, InvalidMask, OutputExists; then nothing was written.
    """
    cut.survey.check()
    check_ply(cut.output)
    check_target(cut.output, force=cut.force, inputs=(cut.scene, *cut.survey.files))
    scene = read_ply(cut.scene)
    stage = staged(cut.scene, scene, cut.survey)
    found = pointed_at(stage, cut.survey, system.encoders)
    if found is None:
        if not cut.phrase:
            raise InvalidOption("nothing was named; give a PHRASE, or point at it with --point, --box or --mask")
        found = find_thing(stage.gaussians, stage.views, stage.pictures, read(cut.phrase), system.eyes())
    if not found.chosen.any():
        raise NothingFound(found.note)
    if found.chosen.all():
        raise NothingFound("all Gaussians were taken for it: name it differently, or point at it")
    write_ply(scene.with_rows(scene.rows[found.chosen != cut.rest]), cut.output, replace=cut.force)
    return found


def render_scene(scene: Path, output: Path, survey: Survey, *, force: bool = False) -> None:
    """Write what the survey's view shows, the picture in which a place is pointed at, as PNG. Raises InvalidScene, InvalidOption, OutputExists."""
    survey.check()
    if output.suffix.lower() != ".png":
        raise InvalidOption(f"{output}: a view is written as .png; choose such a name")
    check_target(output, force=force, inputs=(scene, *survey.files))
    gaussians = gaussians_of(read_ply(scene))
    (picture,) = views_of(gaussians, [survey.camera(gaussians)], survey.backdrop).pictures(gaussians)
    save_plain(picture, output, replace=force)
