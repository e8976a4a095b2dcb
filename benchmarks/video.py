"""How well videos are edited: ten films with exact truth (cut-outs that move over photographs that move), overlap of masks, flicker against editing frame by frame, and time.

PIXWRIGHT_ASSETS=DIR python benchmarks/video.py --write docs/video.md     # after: pixwright assets fetch stamps photos
PIXWRIGHT_ASSETS=DIR python benchmarks/video.py --show docs               # the two animations and the sheet of docs/video.md
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image

from pixwright.build.contract import Catalogue, Layer, LayeredScene
from pixwright.build.scene.moving import MovingFrame, MovingScene
from pixwright.build.source.merged import MergedCatalogue
from pixwright.build.source.named import open_source
from pixwright.flow import Request, best_of
from pixwright.records.instruction import Instruction
from pixwright.records.sample import Split
from pixwright.systems import System, local
from pixwright.video import VideoJob, edit_video
from pixwright.video.contract import Followed
from pixwright.video.footage import Footage
from pixwright.video.measured import touched
from pixwright.video.pursuit import FollowedThing, Pursuit
from pixwright.video.run import VideoDone, VideoProgress
from pixwright.video.sheet import sheet
from pixwright.video.spool import KeptPlace, Spool, spot

SIZE = (540, 960)
FRAMES = 24
SOLID = 128
"""Level of a mask from which a pixel is the thing's."""
ALONE = 6
"""Frames that are edited one by one, to compare flicker."""
FINER = 2.0
"""Sigma, in pixels, of what flicker is measured over."""
BEGIN, END = "<!-- measured -->", "<!-- end -->"
Station = tuple[float, float, float, float]
"""x, foot y, height (of the frame's height) and angle of a thing."""
Crop = tuple[float, float, float, float]


@dataclass(frozen=True)
class Film:
    """Things (the first is edited) on their way from one station to the next, and the part of the background that is seen then."""

    name: str
    words: str
    background: str
    things: tuple[tuple[str, tuple[Station, ...]], ...]
    crops: tuple[Crop, ...]

    def scene(self, frames: int = FRAMES, size: tuple[int, int] = SIZE) -> MovingScene:
        """As a moving scene."""
        stations = []
        for k, crop in enumerate(self.crops):
            layers = tuple(Layer(f"stamps/{key}", key, *at[k]) for key, at in self.things)
            stations.append(LayeredScene(f"photos/{self.background}", "", layers, size[1], size[0], crop=crop))
        return MovingScene(tuple(stations), frames)


def _film(name: str, words: str, background: str, key: str, at: Sequence[Station], crops: Sequence[Crop]) -> Film:
    return Film(name, words, background, ((key, tuple(at)),), tuple(crops))


PAN = ((0.0, 0.0, 0.9, 0.9), (0.05, 0.0, 0.95, 0.9))
NEARER = ((0.1, 0.1, 0.9, 0.9), (0.2, 0.2, 0.8, 0.8))
FILMS = (
    _film("teapot", "make the teapot gold", "altai", "dishes/teapot", [(0.4, 0.8, 0.4, 0), (1.2, 0.85, 0.5, 20)], PAN),
    _film("ball", "make the basketball blue", "path", "basketball", [(0.4, 0.9, 0.4, 0), (1.3, 0.7, 0.4, 90)], PAN),
    Film("hidden", "make the apple red", "pastelhills",
         (("fruit/apple_green", ((0.3, 0.85, 0.4, 0), (1.5, 0.85, 0.4, 30))),
          ("garbagecan", ((0.9, 0.98, 0.5, 0), (0.9, 0.98, 0.5, 0)))), PAN),
    _film("car", "make the car out of wood", "storm", "auto/beetle", [(0.5, 0.92, 0.4, 0), (1.3, 0.9, 0.34, 0)], PAN),
    _film("cow", "make the cow purple", "pastelhills", "mammals/bovines/cow", [(1.0, 0.9, 0.4, 0), (0.8, 0.98, 0.75, 0)], NEARER),
    _film("rooster", "make the rooster blue", "dune", "birds/rooster", [(0.4, 0.9, 0.5, 0), (1.2, 0.9, 0.5, 0)], PAN),
    _film("penguin", "make the penguin out of marble", "icecold", "birds/penguin", [(1.3, 0.95, 0.7, 0), (0.5, 0.95, 0.6, 0)], NEARER),
    _film("horse", "make the horse black and white", "garden", "mammals/equines/horse", [(0.5, 0.95, 0.6, 0), (1.1, 0.95, 0.6, 0)], PAN),
    _film("guitar", "make the guitar red", "wood", "music/string/guitar_classical", [(0.8, 0.95, 0.8, -10), (0.95, 0.95, 0.8, 25)], NEARER),
    _film("pepper", "make the pepper gold", "blinds", "vegetables/pepper", [(0.5, 0.8, 0.4, 0), (1.2, 0.6, 0.55, -40)], PAN),
)  # fmt: skip
REMOVED = {"hidden": "remove the apple", "car": "remove the car", "rooster": "remove the rooster"}


def catalogue() -> Catalogue:
    """Cut-outs and photographs that are not reserved for testing."""
    return MergedCatalogue(Split.TRAIN, (open_source("stamps"), open_source("photos")))


def write(path: Path, frames: Sequence[MovingFrame]) -> None:
    """As a camera would: H.264 of high quality."""
    with av.open(str(path), "w") as out:
        stream: Any = out.add_stream("libx264", rate=Fraction(25), options={"crf": "14"})
        stream.height, stream.width = frames[0].picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame.picture, format="rgb24")))
        out.mux(stream.encode(None))


def decoded(path: Path) -> list[Any]:
    """All frames, RGB."""
    with av.open(str(path)) as held:
        return [frame.to_ndarray(format="rgb24") for frame in held.decode(video=0)]


def masks_of(work: Path) -> Iterator[Any]:
    """What was touched of each frame, from the folder of a job that is about to be joined."""
    for path in sorted(work.glob("*.masks")):
        rows = json.loads(zlib.decompress(path.read_bytes()))
        yield from (touched(None if row is None else bytes.fromhex(row), SIZE) for row in rows)


def flicker(before: Sequence[Any], after: Sequence[Any], truth: Sequence[MovingFrame]) -> float:
    """By how much an edit changes from frame to frame, of 255: along the true motion, inside the thing, less what the input changes."""
    found = []
    for k in range(len(after) - 1):
        own = cv2.erode(truth[k].masks[0], np.ones((9, 9), np.uint8)) > 0
        y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
        place = np.dstack([x, y]) + truth[k].motion
        own &= cv2.remap(truth[k + 1].masks[0], place, None, cv2.INTER_NEAREST) > 0
        # Pixels are interpolated to be compared: what is finer than that says nothing.
        edit = [cv2.GaussianBlur(after[k + n].astype(np.float32) - before[k + n], (0, 0), FINER) for n in (0, 1)]
        off = np.abs(cv2.remap(edit[1], place, None, cv2.INTER_LINEAR) - edit[0])
        if own.any():
            found.append(float(off[own].mean()))
    return float(np.mean(found)) if found else float("nan")


class Outline:
    """The thing itself, followed: where it is in each frame, whatever an editor then makes of it. Hears of the pictures that it is carried over from."""

    def __init__(self, source: Path, done: VideoDone, system: System) -> None:
        self._footage, self._system = Footage(source), system
        self.step, key = done.report.plan.steps[0], done.report.shots[0].key
        assert key is not None
        self.key = key
        self.masks = {0: system.eyes().find_step(self._footage.frame(key).pixels, self.step, None).mask}

    def link(self, subject: FollowedThing, anchor: int, kept: KeptPlace, mask: Any) -> None:
        """From now on it is carried over from another picture."""
        self.masks[anchor] = mask

    def see(self, pixels: Any, things: Sequence[KeptPlace]) -> None:
        """Nothing: the spool has it."""

    def frames(self, folder: Path) -> list[Any]:
        """Its mask in every frame, HxW bool."""
        spool = Spool(folder)
        folder.mkdir(parents=True)
        subject = FollowedThing(0, 0, Followed(self.masks[0], phrase=True), self.step)
        Pursuit(self._footage, self._system, [subject], spool, self).run(0, self.key, FRAMES, lambda count: None)
        shown = self._footage.frames(0, FRAMES)
        return [self._mask(spool.get(one.index)[0], one.pixels) for one in shown]

    def _mask(self, kept: KeptPlace, pixels: Any) -> Any:
        mask = np.zeros(SIZE, np.uint8)
        if kept.anchor >= 0:
            found = spot(kept, pixels)
            own = cv2.remap(
                self.masks[kept.anchor], found.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
            )
            mask[found.part] = np.rint(own * (1 - found.hidden))
        return mask >= SOLID


class Clock:
    """Processor seconds of a job: until its key frame is edited, and of all frames after that."""

    def __init__(self, heard: Any = lambda at: None) -> None:
        self._heard, self._start, self.opened = heard, time.process_time(), 0.0

    def __call__(self, at: VideoProgress) -> None:
        if at.stage == "follow" and not self.opened:
            self.opened = time.process_time() - self._start
        self._heard(at)

    def each(self) -> float:
        """Of a frame, by now."""
        return (time.process_time() - self._start - self.opened) / FRAMES


def over(masks: Sequence[Any], truth: Sequence[MovingFrame]) -> list[float]:
    """Overlap with the thing, of the frames in which it is in sight."""
    seen = [(mask, frame.masks[0] > 0) for mask, frame in zip(masks, truth, strict=True) if frame.masks[0].any()]
    return [float((mask & own).sum() / (mask | own).sum()) for mask, own in seen]


def measure(film: Film, held: Catalogue, folder: Path) -> dict[str, Any]:
    """One film: overlap, flicker of both ways, seconds."""
    truth = list(film.scene().rendered(held))
    source, target = folder / f"{film.name}.mp4", folder / f"{film.name}-edited.mp4"
    write(source, truth)
    masks: list[Any] = []
    system = local()
    job = VideoJob(source, film.words, target, force=True, lossless=True)
    clock = Clock(lambda at: masks.extend(masks_of(job.work)) if at.stage == "join" else None)
    done = edit_video(job, system, clock)
    each = clock.each()
    row: dict[str, Any] = {"film": film.name, "words": film.words, "verdict": str(done.report.verdict)}
    if done.output is None:
        return row | {"overlap": 0.0}
    was, now = decoded(source), decoded(target)
    outlines = over(Outline(source, done, system).frames(folder / f"{film.name}-followed"), truth)
    words, plan = Instruction(film.words), done.report.plan
    first = (FRAMES - ALONE) // 2
    alone = [best_of(p, Request(words, plan=plan), system, 1).picture[..., :3] for p in was[first : first + ALONE]]
    part = slice(first, first + ALONE)
    return row | {
        "overlap": float(np.mean(outlines)), "worst": min(outlines), "edited": float(np.mean(over(masks, truth))),
        "flicker": flicker(was[part], now[part], truth[part]), "alone": flicker(was[part], alone, truth[part]),
        "each": each, "opened": clock.opened,
        "anew": len(done.report.grounded_frames), "outside": done.report.outside_max_difference, "kept": done.report.samples_kept,
    }  # fmt: skip


def removal(film: Film, words: str, held: Catalogue, folder: Path) -> dict[str, Any]:
    """Seconds, and how near the result comes to the film without the thing: mean difference of 255 where it was."""
    truth = list(film.scene().rendered(held))
    bare = film.scene()
    empty = MovingScene(tuple(one.with_layer(0, None) for one in bare.stations), FRAMES)
    clean = [frame.picture for frame in empty.rendered(held)]
    source, target = folder / f"{film.name}.mp4", folder / f"{film.name}-removed.mp4"
    write(source, truth)
    clock = Clock()
    done = edit_video(VideoJob(source, words, target, force=True, lossless=True), local(), clock)
    row = {"film": film.name, "words": words, "verdict": str(done.report.verdict), "each": clock.each()}
    if done.output is None:
        return row
    off = [np.abs(a.astype(int) - b)[t.masks[0] > 0] for a, b, t in zip(decoded(target), clean, truth, strict=True)]
    return row | {"off": float(np.mean([one.mean() for one in off if one.size]))}


def table(rows: list[dict[str, Any]], gone: list[dict[str, Any]]) -> str:
    """As Markdown."""
    lines = [
        f"Ten films of {FRAMES} frames, {SIZE[1]}x{SIZE[0]}, rendered by `build/scene`: photographed cut-outs that move, turn and grow over photographs that pan and zoom; truth is exact.", "",
        "| film | words | outline followed, mean (worst) | edited | flicker | frame by frame | s for the key frame | s a frame | verdict |", "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for one in rows:
        if "flicker" not in one:
            lines.append(f"| {one['film']} | {one['words']} | not found | | | | | | {one['verdict']} |")
            continue
        lines.append(
            f"| {one['film']} | {one['words']} | {one['overlap']:.2f} ({one['worst']:.2f}) | {one['edited']:.2f} | {one['flicker']:.2f} | {one['alone']:.2f} | {one['opened']:.1f} | {one['each']:.2f} | {one['verdict']} |"
        )
    good = [one for one in rows if "flicker" in one]
    means = {
        key: float(np.mean([one[key] for one in good])) for key in ("overlap", "edited", "flicker", "alone", "each")
    }
    lines += [
        f"| mean of those found | | {means['overlap']:.2f} | {means['edited']:.2f} | {means['flicker']:.2f} | {means['alone']:.2f} | | {means['each']:.2f} | |", "",
        "Outline followed: intersection over union of the thing that was found and followed with the true one, where it is in sight; edited: of what was edited, which a wood on a car (not on its windows) or a red on a guitar (not on its neck) means to be less. Flicker: by how much the change that an edit makes differs from frame to frame along the true motion, inside the thing, of 255, over 2 pixels.",
        f"Frame by frame: the same of `pixwright edit` on each of {ALONE} frames. Seconds are of one processor; those a frame hold following (and looking for the thing again), editing, encoding without loss and measuring.", "",
        "| film | words | difference from the film without the thing, of 255 | s a frame | verdict |", "|---|---|---|---|---|",
    ]  # fmt: skip
    lines += [
        f"| {o['film']} | {o['words']} | {o.get('off', float('nan')):.1f} | {o['each']:.2f} | {o['verdict']} |"
        for o in gone
    ]
    return "\n".join(lines)


def animation(path: Path, source: Path, target: Path, side: int = 300) -> None:
    """Before and after, side by side, as a GIF."""
    frames = []
    for was, now in zip(decoded(source), decoded(target), strict=True):
        both = np.hstack(
            [
                cv2.resize(one, (side, side * one.shape[0] // one.shape[1]), interpolation=cv2.INTER_AREA)
                for one in (was, now)
            ]
        )
        frames.append(Image.fromarray(both).quantize(64, dither=Image.Dither.NONE))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80, loop=0)


def show(folder: Path, made: Path) -> None:
    """The animations and the sheet of the docs, from what was measured into `made`."""
    animation(folder / "video-gold.gif", made / "teapot.mp4", made / "teapot-edited.mp4")
    animation(folder / "video-removed.gif", made / "car.mp4", made / "car-removed.mp4")
    rows = []
    for film in FILMS:
        if (made / f"{film.name}-edited.mp4").is_file():
            frames = decoded(made / f"{film.name}-edited.mp4")
            rows.append([cv2.resize(decoded(made / f"{film.name}.mp4")[0], (320, 180), interpolation=cv2.INTER_AREA)])
            rows[-1] += [cv2.resize(frames[k], (320, 180), interpolation=cv2.INTER_AREA) for k in (0, 8, 16, 23)]
    Image.fromarray(sheet(rows)).save(folder / "video.jpg", quality=80)


def main() -> None:
    """Measure, or show what was measured."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--write", type=Path, help="the page whose measured part is replaced")
    ask.add_argument("--show", type=Path, help="the folder for animations and the sheet")
    ask.add_argument("--made", type=Path, help="keep the films here")
    ask.add_argument("--films", nargs="*", default=[one.name for one in FILMS])
    given = ask.parse_args()
    made = given.made or Path(tempfile.mkdtemp())
    made.mkdir(parents=True, exist_ok=True)
    held = catalogue()
    chosen = [one for one in FILMS if one.name in given.films]
    rows, gone = [], []
    for film in chosen:
        rows.append(measure(film, held, made))
        print(json.dumps(rows[-1]), flush=True)
        if film.name in REMOVED:
            gone.append(removal(film, REMOVED[film.name], held, made))
            print(json.dumps(gone[-1]), flush=True)
    text = table(rows, gone)
    print(text)
    if given.write:
        page = given.write.read_text()
        before, _, rest = page.partition(BEGIN)
        given.write.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")
    if given.show:
        show(given.show, made)


if __name__ == "__main__":
    main()
