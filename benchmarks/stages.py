"""What each stage of `--system instructedit` costs on a photograph of 512 px, beside the paper's 2 + 8 + 10 s, and the floor under it. Prints Markdown.

    python benchmarks/stages.py
    python benchmarks/stages.py --weights FOLDER --steps 50

A stage's time is that of the function that does it, inside a whole edit. The floor of the two stages that run the network is their calls of it, each at
the time that one call with as many rows takes alone. The paper's times are an A100's with GPT, Grounded-SAM and Stable Diffusion 1.5 at 512 px: other machines,
other networks, so the columns say where the time goes, not who is faster.
"""

from __future__ import annotations

import tempfile
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import torch
from skimage import data
from turns import Contestants, alone, alternate, arguments, encoders, machine, memory, prepare, table

from pixwright.edit.networks import coding
from pixwright.edit.networks import instructedit as editor
from pixwright.edit.networks.window import Window
from pixwright.flow import Request, edit_picture
from pixwright.records.instruction import Array, Instruction
from pixwright.systems.instructedit import RATIOS, instructedit

AUTO = "auto: " + ", ".join(f"{ratio:g}" for ratio in RATIOS)
WATCHED: dict[str, tuple[Any, str]] = {
    "encode": (coding, "encode"),
    "invert": (editor, "invert"),
    "denoise": (editor, "edit_inverted"),
    "decode": (coding, "decode"),
    "put": (Window, "put"),
    "choose": (editor.InstructEditor, "_scores"),
    "prefer": (editor, "caption_gains"),
}
"""Stage of the editor -> the function that does it."""


@dataclass
class Book:
    """One edit: seconds a stage, calls of the network by (stage, rows), and what was handed to it."""

    seconds: Counter[str] = field(default_factory=Counter)
    calls: Counter[tuple[str, int]] = field(default_factory=Counter)
    given: dict[int, tuple[Any, Any, Any]] = field(default_factory=dict)
    """Rows -> the network with a call's arguments."""
    denoising: tuple[Any, Any] = ((), {})
    """Arguments of the stage."""
    said: str = ""


@contextmanager
def watched(book: Book, device: str) -> Iterator[None]:
    """Let the editor's functions keep the book."""
    kept = {name: getattr(*place) for name, place in WATCHED.items()}
    for name, (home, attribute) in WATCHED.items():
        setattr(home, attribute, timed(name, kept[name], book, device))
    try:
        yield
    finally:
        for name, (home, attribute) in WATCHED.items():
            setattr(home, attribute, kept[name])


def timed(name: str, inner: Callable[..., Any], book: Book, device: str) -> Callable[..., Any]:
    """A function that enters its time and its calls of the network."""

    def outer(*args: Any, **named: Any) -> Any:
        unet = args[0].unet if name == "invert" else args[0] if name == "denoise" else None
        if name == "denoise":
            book.denoising = (args, named)

        def enter(network: Any, given: Any, more: Any) -> None:
            book.calls[name, len(given[0])] += 1
            book.given[len(given[0])] = (network, given, more)

        handle = unet.register_forward_pre_hook(enter, with_kwargs=True) if unet is not None else None
        began = now(device)
        found = inner(*args, **named)
        book.seconds[name] += now(device) - began
        if handle is not None:
            handle.remove()
        return found

    return outer


def now(device: str) -> float:
    """Seconds, when everything that was asked for is done."""
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def photograph() -> Array:
    """512 px wide."""
    cat = data.chelsea()
    return cv2.resize(cat, (512, round(512 * cat.shape[0] / cat.shape[1])), interpolation=cv2.INTER_CUBIC)


def contestants_of(args: Namespace) -> Contestants[list[Book]]:
    """Whole edits with the ratio that the judge chooses, and with each one alone. Every turn adds its book to the same list."""
    request, picture = Request(Instruction(args.instruction), seed=1), photograph()

    def ready(ratio: str) -> Callable[[], list[Book]]:
        told = {"weights": args.weights, "device": args.device, "dtype": args.dtype[0], "ratio": ratio}
        books: list[Book] = []
        system = instructedit(encoders(), told | {"steps": str(args.steps)})
        edit_picture(picture, request, system)  # the networks are read and packed

        def work() -> list[Book]:
            book = Book()
            with watched(book, args.device):
                # Another lowest bit: every turn is the first edit of its picture, whose coding is not known yet.
                result = edit_picture(picture ^ (1 + len(books)), request, system)
            book.seconds.update(result.report.timings)
            book.said = "; ".join([*result.notes, *result.report.reasons])
            books.append(book)
            return books

        return work

    ways = {AUTO: "auto"} | {f"{ratio:g} alone": str(ratio) for ratio in RATIOS}
    return {name: lambda ratio=ratio: ready(ratio) for name, ratio in ways.items()}


def best(books: Sequence[Book]) -> Counter[str]:
    """The least time of each stage."""
    found: Counter[str] = Counter({name: min(book.seconds[name] for book in books) for name in books[0].seconds})
    found["rest"] = max(0.0, found["edit"] - sum(found[name] for name in WATCHED))
    found["all"] = min(sum(book.seconds[name] for name in ("parse", "ground", "edit", "judge")) for book in books)
    return found


@torch.no_grad()
def passes(book: Book, args: Namespace) -> dict[int, float]:
    """Rows -> seconds of one call of the network, the least of several."""
    found = {}
    for rows, (network, given, more) in sorted(book.given.items()):
        times = []
        for _ in range(2 if args.quick else 15):
            began = now(args.device)
            network(*given, **more)
            times.append(now(args.device) - began)
        found[rows] = min(times)
    return found


def stages(books: list[Book], each: dict[int, float]) -> str:
    """The table of an edit with the judge's ratio."""
    least, calls = best(books), books[0].calls
    floors = {s: sum(n * each[rows] for (at, rows), n in calls.items() if at == s) for s in ("invert", "denoise")}
    counts = {s: sum(n for (at, _), n in calls.items() if at == s) for s in floors}
    count = len(RATIOS)

    def row(about: str, name: str, paper: str = "") -> list[str]:
        floor = floors.get(name)
        over = "" if floor is None else f"{100 * (least[name] / floor - 1):.1f} %"
        return [about, f"{least[name]:.3f}", "" if floor is None else f"{floor:.3f}", over, paper]

    body = [
        row("language processor (rules)", "parse", "2"),
        row("segmenter (embedded)", "ground", "8"),
        row("editor", "edit", "10"),
        row("- encode", "encode"),
        row(f"- invert, {counts['invert']} calls", "invert"),
        row(f"- denoise {count} ratios, {counts['denoise']} calls", "denoise"),
        row(f"- decode {count + 1} pictures", "decode"),
        row(f"- back to full size, {count} times", "put"),
        row(f"- composite and judge {count} times", "choose"),
        row("- the network's own preference, where the judge has none", "prefer"),
        row("- rest: texts, masks, window, a look for what was painted", "rest"),
        row("judge", "judge"),
        row("altogether", "all", "20"),
    ]
    floor, spent = sum(floors.values()), least["edit"]
    rows = ", ".join(f"{size}: {1000 * seconds:.1f}" for size, seconds in each.items())
    said = [
        f"One call of the network, rows: milliseconds: {rows}.",
        f"The editor's floor is {floor:.3f} s of calls; {100 * (spent - floor) / spent:.1f} % of its {spent:.3f} s are spent elsewhere.",
        f"Result: {books[0].said}.",
    ]
    return "\n\n".join([table(["", "s", "floor, s", "above it", "paper, s (A100)"], body), "\n".join(said)])


@torch.no_grad()
def batched(book: Book, args: Namespace) -> str:
    """Several ratios in one batch, and one after the other, from the same inversion; in turn."""
    (unet, condition, levels, mask, _, *more), named = book.denoising

    def run(ratios: Sequence[float]) -> Any:
        return editor.edit_inverted(unet, condition, levels, mask, ratios, *more, **named)

    rows = []
    for ratios in ((0.7,), (0.7, 0.9), RATIOS, (0.5, 0.6, 0.7, 0.8, 0.9)):
        ways: Contestants[Any] = {
            "batch": lambda ratios=ratios: lambda: run(ratios),
            "turn": lambda ratios=ratios: lambda: torch.cat([run([ratio]) for ratio in ratios]),
        }
        turns = alternate(ways, args)
        gap = float((turns["batch"].value - turns["turn"].value).abs().max())
        times = [turns[name].wall for name in ("batch", "turn")]
        said = ", ".join(f"{ratio:g}" for ratio in ratios)
        rows.append([said, *(f"{t:.3f}" for t in times), f"{times[1] / times[0]:.2f} x", f"{gap:.0e}"])
    return table(["ratios", "one batch, s", "one after the other, s", "faster", "latents: largest difference"], rows)


def main() -> None:
    parser = arguments(__doc__ or "")
    parser.add_argument("--steps", type=int, default=0, help="rungs of the ladder; default: 50")
    parser.add_argument("--instruction", default="turn the cat into a dog")
    args = parser.parse_args()
    args.steps = args.steps or (10 if args.quick else 50)
    with tempfile.TemporaryDirectory() as scratch:
        prepare(args, Path(scratch))
        contestants = contestants_of(args)
        if args.alone:
            alone(contestants, args)
            return
        about, peaks = machine(args), memory(contestants, args)
        books = {name: turn.value for name, turn in alternate(contestants, args).items()}
        auto, (height, width) = books[AUTO], photograph().shape[:2]
        print(
            f"### stages of instructedit\n\n{about}\n\n{width}x{height} px, {args.dtype[0]}, ladder of {args.steps}.\n"
        )
        if not auto[0].given:
            raise SystemExit(f"nothing was edited: {auto[0].said}")
        print(f"{stages(auto, passes(auto[0], args))}\n\n{batched(auto[0], args)}\n")
        least = {name: best(rows) for name, rows in books.items()}
        rows = [
            [name, f"{one['edit']:.3f}", f"{one['all']:.3f}", f"{least[AUTO]['all'] / one['all']:.2f} x", peaks[name]]
            for name, one in least.items()
        ]
        print(table(["encoding ratio", "editor, s", "altogether, s", "auto costs", "peak memory"], rows))


if __name__ == "__main__":
    main()
