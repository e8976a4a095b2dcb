"""The protocols of the papers by name: what is read, what is measured, and by what the tables are broken up."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pixwright.errors import InvalidOption
from pixwright.evaluate.readers import any2pix, splits
from pixwright.evaluate.readers.anyedit import anyedit_test
from pixwright.evaluate.readers.emu import emu_edit
from pixwright.evaluate.readers.listed import listed, reasoning
from pixwright.evaluate.readers.magicbrush import multi_turn, single_turn
from pixwright.evaluate.readers.pix2pix import instruct_pix2pix
from pixwright.evaluate.run.example import BenchmarkExample

Read: TypeAlias = Callable[[Path], Iterable[BenchmarkExample]]
SPLITS = Path("out/splits")
"""Where `pixwright build splits` writes unless it is told otherwise."""
_L14 = "@clip-vit-large-patch14"
_B32 = "@clip-vit-base-patch32"
_LISTS, _HELD = (".json", ".jsonl", ".csv"), (".parquet", ".tar")
"""Files by which a data set is told from another: by what is in them, and by their size."""
_TRUTH = ("L1", "L2", "CLIP-I", "DINO", "CLIP-T")
_ANY2PIX = ("CLIP-dir", f"CLIP-I~source{_L14}", "CLIP-out")


@dataclass(frozen=True)
class Suite:
    """A protocol. `mini` is the recipe of the mini split that stands for it, where there is one."""

    name: str
    paper: str
    metrics: tuple[str, ...]
    read: Read
    tables: tuple[str, ...] = ()
    """Groups by which the results are broken up."""
    mini: str = ""
    convert: Callable[..., BenchmarkExample] = splits.direct
    extra: tuple[str, ...] = ()
    """What is measured besides, where a mini split has exact masks."""
    curve: tuple[str, str] = ("CLIP-dir", "CLIP-I")
    """The metrics, x before y, that a sweep draws against each other."""


_OUTSIDE = ("outside-L1", "outside-SSIM")
_ALL = (
    Suite("magicbrush", "MagicBrush (Zhang et al. 2023), table 3: single-turn, every turn from the truth before", _TRUTH, single_turn, ("turn",)),
    Suite("magicbrush-multi", "MagicBrush (Zhang et al. 2023), table 3: multi-turn, the last turn of a chain of own results", _TRUTH, multi_turn, ("turn",)),
    Suite("emu-edit", "Emu Edit (Sheynin et al. 2023), table 2; AnyEdit, table 4", (f"CLIP-dir{_B32}", "CLIP-I~source", "CLIP-T", "L1~source", "DINO~source"), emu_edit, ("task",)),
    Suite("anyedit-test", "AnyEdit (Yu et al. 2024), tables 5 and 15 to 17", ("CLIP-I", "CLIP-T", "L1", "DINO"), anyedit_test, ("group", "type"), "anyedit-test-mini", extra=_OUTSIDE),
    Suite("instructpix2pix", "InstructPix2Pix (Brooks et al. 2023), figures 8 and 10; metrics/compute_metrics.py", (f"CLIP-I~source{_L14}", "CLIP-dir", f"CLIP-T{_L14}"), instruct_pix2pix),
    Suite("mm-inst-test", "InstructAny2Pix (Li et al. 2023), table 1, figure 6 and table A.6", _ANY2PIX, any2pix.interleaved, ("kind", "references"), "mm-inst-test-mini", splits.interleaved, curve=("CLIP-out", "CLIP-I")),
    Suite("mm-inst-test-text", "InstructAny2Pix (Li et al. 2023), table 1, rows (T): references put into words", _ANY2PIX, any2pix.in_words, ("kind", "references"), "mm-inst-test-mini", splits.in_words, curve=("CLIP-out", "CLIP-I")),
    Suite("dreamboothpp-single", "InstructAny2Pix (Li et al. 2023), tables 2 and A.7, single-image", (*_ANY2PIX, "DINO~source"), any2pix.in_context, (), "dreamboothpp-mini", splits.in_context),
    Suite("dreamboothpp-multi", "InstructAny2Pix (Li et al. 2023), tables 2 and A.7, multi-image", (*_ANY2PIX, "DINO_ref", "DINO_sub", "recall"), any2pix.on_background, (), "dreamboothpp-mini", splits.on_background),
    Suite("reasonpix2pix-direct", "ReasonPix2Pix (Jin et al. 2024), table 3, direct instruction", _TRUTH, listed, ("part", "type"), "reasonpix2pix-test-mini"),
    Suite("reasonpix2pix-reasoning", "ReasonPix2Pix (Jin et al. 2024), table 3, reasoning instruction", _TRUTH, reasoning, ("part", "type"), "reasonpix2pix-test-mini", splits.indirect),
    Suite("instructedit-30", "InstructEdit (Wang et al. 2023), table 1: 30 examples", ("BRISQUE", "LPIPS~source", "CLIP-score", "CLIP-dir"), listed),
    Suite("instructedit-85", "InstructEdit (Wang et al. 2023), section 5 and figure 10: 85 pictures, three wordings each", ("BRISQUE", "LPIPS~source", "CLIP-score", "CLIP-dir"), listed, ("wording",)),
)  # fmt: skip
SUITES: dict[str, Suite] = {suite.name: suite for suite in _ALL}


@dataclass(frozen=True, eq=False)
class Opened:
    """A suite with its data. `title` says when it is a mini split, whose numbers no paper has."""

    suite: Suite
    title: str
    data: Path
    examples: Callable[[], Iterable[BenchmarkExample]]
    metrics: tuple[str, ...]

    @property
    def identity(self) -> str:
        """What a folder of results is bound to: the data's name with a digest."""
        return _identity(self.data)


def _identity(folder: Path) -> str:
    """A folder's name with a digest of what lies at its top: two data sets of one name are told apart, one that was moved is the same."""
    seen = hashlib.sha256()
    for held in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
        if held.suffix in _LISTS:
            seen.update(held.name.encode() + held.read_bytes())
        elif held.suffix in _HELD:
            seen.update(f"{held.name} {held.stat().st_size}".encode())
    return f"{folder.name}@{seen.hexdigest()[:12]}"


def open_suite(name: str, data: Path | None = None) -> Opened:
    """The suite over the published files in `data`, or over a mini split (without `data`, the one below `SPLITS`).

    Raises `InvalidOption` for an unknown suite or where no data is; what the files lack is found while reading.
    """
    if name not in SUITES:
        raise InvalidOption(f"no suite is called {name!r}; there are: {', '.join(SUITES)}")
    suite = SUITES[name]
    if data is None and suite.mini and splits.is_run(SPLITS / suite.mini):
        data = SPLITS / suite.mini
    if data is None:
        build = ", or build the mini split: pixwright build splits" if suite.mini else ""
        raise InvalidOption(
            f"suite {name} needs its files: --data FOLDER (docs/evaluation.md says what it holds){build}"
        )
    if not data.exists():
        raise InvalidOption(f"{data} does not exist; give the folder of the data set")
    folder = data
    if splits.is_run(folder):
        if not suite.mini:
            raise InvalidOption(f"{folder} is a run of `pixwright build`; suite {name} has no mini split")
        read = splits.reader(suite.mini, suite.convert)
        return Opened(suite, f"{name} (mini split)", folder, lambda: read(folder), suite.metrics + suite.extra)
    return Opened(suite, name, folder, lambda: suite.read(folder), suite.metrics)
