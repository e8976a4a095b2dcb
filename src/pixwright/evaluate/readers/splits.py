"""The mini benchmarks that `pixwright build splits` writes, read as the benchmarks that they stand for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from pixwright.build.run.manifest import read_run
from pixwright.build.run.shard import read_shard
from pixwright.errors import InvalidOption
from pixwright.evaluate.run.example import BenchmarkExample
from pixwright.records.instruction import Array, Attachment, PictureAttachment, SoundAttachment
from pixwright.records.sample import Reference, Sample


def is_run(folder: Path) -> bool:
    """Whether `pixwright build` wrote the folder."""
    return (folder / "recipe.json").is_file()


def samples(folder: Path) -> Iterator[Sample]:
    """The kept rows of a run, in order. Raises `InvalidOption` if none is finished."""
    _, manifests = read_run(folder)
    if not manifests:
        raise InvalidOption(f"{folder} holds no finished shard; run the build again")
    for manifest in manifests:
        paths = [folder / name for name in sorted(manifest.files) if name.startswith("shard-")]
        for sample in read_shard(paths[0]):
            if not sample.rejected:
                yield sample


def reader(name: str, convert: Callable[[Sample], BenchmarkExample]) -> Callable[[Path], Iterator[BenchmarkExample]]:
    """A reader of runs of the data set `name`. Raises `InvalidOption` for another one's run."""

    def read(folder: Path) -> Iterator[BenchmarkExample]:
        held = read_run(folder)[0].name
        if held != name:
            raise InvalidOption(
                f"{folder} holds {held!r}; this suite needs {name!r}, which `pixwright build splits` makes"
            )
        return (convert(sample) for sample in samples(folder))

    return read


def direct(sample: Sample) -> BenchmarkExample:
    """The row with its direct instruction."""
    mask = sample.mask if sample.mask is not None and sample.mask.shape == sample.source.shape[:2] else None
    groups = {"type": str(sample.type), "group": str(sample.type.group)}
    groups |= {name: sample.extra[name] for name in ("kind", "part") if name in sample.extra}
    return BenchmarkExample(
        key=sample.id,
        instruction=sample.instruction,
        source=sample.source,
        target=sample.edited,
        caption=sample.edited_caption,
        source_caption=sample.source_caption,
        mask=mask,
        attachments=tuple(_attachment(one) for one in sample.references),
        groups=groups,
    )


def indirect(sample: Sample) -> BenchmarkExample:
    """The row with its reasoning instruction."""
    return replace(direct(sample), instruction=sample.reasoning or sample.instruction)


def interleaved(sample: Sample) -> BenchmarkExample:
    """The row with the number of things that it names, for figure 6 of the paper."""
    found = direct(sample)
    return replace(found, groups={"kind": found.groups.get("kind", ""), "references": str(len(sample.references))})


def in_words(sample: Sample) -> BenchmarkExample:
    """The row with its references put into words, as the paper does for systems that read only words (section 4.2)."""
    text = sample.instruction
    for one in sample.references:
        text = text.replace(f"[{one.number}]", one.caption)
    return replace(interleaved(sample), instruction=text, attachments=())


def on_background(sample: Sample) -> BenchmarkExample:
    """Dreambooth++, several pictures: the subject of [1] put on the background (appendix A.3.2). What all subjects' pictures share is drawn together."""
    first = _subject(sample)
    return replace(
        direct(sample),
        groups={},
        subject=first.name,
        reference=_shown(first),
        cluster=sample.extra.get("subject", ""),
    )


def in_context(sample: Sample) -> BenchmarkExample:
    """Dreambooth++, one picture: the subject's own picture is the input, the prompt says where it shall be. There is no ground truth."""
    first = _subject(sample)
    shown = _shown(first)
    place = sample.extra.get("background", "").rpartition("/")[2].rpartition("-")[0].replace("_", " ")
    return BenchmarkExample(
        key=sample.id,
        instruction=f"change the background to {place}" if place else f"make it: {sample.extra['prompt']}",
        source=shown,
        caption=sample.extra.get("prompt", sample.edited_caption),
        source_caption=first.caption,
        subject=first.name,
        reference=shown,
        cluster=sample.extra.get("subject", ""),
    )


def _subject(sample: Sample) -> Reference:
    if not sample.references or sample.references[0].pixels is None:
        raise InvalidOption(f"row '{sample.id}' has no picture of its subject; build the split again")
    return sample.references[0]


def _shown(reference: Reference) -> Array:
    assert reference.pixels is not None
    return np.ascontiguousarray(reference.pixels[..., :3])


def _attachment(one: Reference) -> Attachment:
    name = f"{one.number}-{one.name}"
    if one.pixels is not None:
        return PictureAttachment(name, one.pixels)
    if one.samples is None:
        raise InvalidOption(f"reference [{one.number}] is neither picture nor sound; build the split again")
    return SoundAttachment(name, one.samples, one.rate)
