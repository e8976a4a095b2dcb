"""MM-Inst-Test and Dreambooth++ as InstructAny2Pix describes them (appendices A.3 and I): its notation, its subjects on its backgrounds.

The files were not published, so their names are ours:

    instructions.txt   a line each: `add [image:fireworks] to [image:base:a city at night] == [image:result:a city at night with fireworks]`
    media/N-base.png   the picture of line N, counted from 1; media/N-1.png, media/N-2.wav, ...: its references, in the order in which the line names them

    prompts.txt        a line each, with {} for the subject: `a photo of {} on the beach`
    backgrounds/N.png  of the prompt on line N
    subjects/NAME.png  called by what it shows

A folder without the first file of its kind is read as a list (`listed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pixwright.errors import InvalidOption
from pixwright.evaluate.readers import listed
from pixwright.evaluate.run.example import BenchmarkExample, pixels_of
from pixwright.media import load_attachment
from pixwright.records.instruction import Attachment, PictureAttachment
from pixwright.words.saying import article

INSTRUCTIONS, PROMPTS = "instructions.txt", "prompts.txt"
_MARK = re.compile(r"\[(image|audio)\s*:\s*(?:(base|result)\s*:\s*)?([^\]]*)\]", re.IGNORECASE)
_KINDS = ("add", "remove", "replace", "fit")
"""The kinds of figure A.4 that a line's first word tells; all else is one of the others."""


@dataclass(frozen=True)
class _Line:
    """A line of the paper's notation: what it says before `==`, the captions of its references, of its picture and of the result."""

    text: str
    references: tuple[str, ...]
    base: str
    result: str

    def said(self, by: Iterator[str]) -> str:
        """The instruction with "the picture" for the base, and one of `by` for each reference."""
        return _MARK.sub(lambda found: "the picture" if found[2] else next(by), self.text)


def interleaved(folder: Path) -> Iterator[BenchmarkExample]:
    """MM-Inst-Test with its pictures and sounds. Raises `InvalidOption`, naming the line, for one without a base or a file that is not there."""
    if not (folder / INSTRUCTIONS).is_file():
        yield from listed.listed(folder)
        return
    for number, line in _lines(folder):
        found = tuple(
            load_attachment(_file(folder / "media", f"{number}-{n}")) for n, _ in enumerate(line.references, 1)
        )
        yield _example(folder, number, line, line.said(f"[{n}]" for n in range(1, len(found) + 1)), found)


def in_words(folder: Path) -> Iterator[BenchmarkExample]:
    """MM-Inst-Test with its references put into words, as for systems that only read. Raises as `interleaved`."""
    if not (folder / INSTRUCTIONS).is_file():
        yield from listed.in_words(folder)
        return
    for number, line in _lines(folder):
        yield _example(folder, number, line, line.said(iter(line.references)), ())


def in_context(folder: Path) -> Iterator[BenchmarkExample]:
    """Dreambooth++ from one picture: each subject in each prompt. Raises `InvalidOption` for a prompt without `{}`, or where subjects or a background are missing."""
    if not (folder / PROMPTS).is_file():
        yield from listed.listed(folder)
        return
    for key, subject, prompt, _ in _pairs(folder):
        name = article(subject.stem.replace("_", " "))
        yield BenchmarkExample(
            key, f"make it {prompt.format(name)}", subject, caption=prompt.format(name), source_caption=name,
            subject=subject.stem.replace("_", " "), reference=pixels_of(subject), cluster=subject.stem,
        )  # fmt: skip


def on_background(folder: Path) -> Iterator[BenchmarkExample]:
    """Dreambooth++ from two pictures: each subject put on each background. Raises as `in_context`."""
    if not (folder / PROMPTS).is_file():
        yield from listed.listed(folder)
        return
    for key, subject, prompt, background in _pairs(folder):
        name = subject.stem.replace("_", " ")
        shown = pixels_of(subject)
        yield BenchmarkExample(
            key, "add [1] to the picture", background, caption=prompt.format(article(name)), source_caption=prompt.format("nothing"),
            subject=name, reference=shown, attachments=(PictureAttachment(subject.name, shown),), cluster=subject.stem,
        )  # fmt: skip


def _example(
    folder: Path, number: int, line: _Line, instruction: str, attachments: tuple[Attachment, ...]
) -> BenchmarkExample:
    first = instruction.split(maxsplit=1)[0].lower() if instruction.strip() else ""
    return BenchmarkExample(
        key=f"{number:05d}",
        instruction=instruction,
        source=_file(folder / "media", f"{number}-base"),
        caption=line.result,
        source_caption=line.base,
        attachments=attachments,
        groups={"kind": first if first in _KINDS else "others", "references": str(len(line.references))},
    )


def _lines(folder: Path) -> Iterator[tuple[int, _Line]]:
    for number, raw in enumerate((folder / INSTRUCTIONS).read_text("utf-8").splitlines(), 1):
        if not raw.strip():
            continue
        text, _, told = (part.strip() for part in raw.partition("=="))
        marks = list(_MARK.finditer(text))
        base = [mark[3].strip() for mark in marks if (mark[2] or "").lower() == "base"]
        result = _MARK.fullmatch(told)
        if len(base) != 1 or result is None or (result[2] or "").lower() != "result":
            raise InvalidOption(
                f"{folder / INSTRUCTIONS}, line {number} needs one [image:base:...] and, after ==, [image:result:...]"
            )
        references = tuple(mark[3].strip() for mark in marks if not mark[2])
        yield number, _Line(text, references, base[0], result[3].strip())


def _pairs(folder: Path) -> Iterator[tuple[str, Path, str, Path]]:
    prompts = [line.strip() for line in (folder / PROMPTS).read_text("utf-8").splitlines() if line.strip()]
    subjects = sorted(path for path in (folder / "subjects").glob("*") if path.is_file())
    if not subjects:
        raise InvalidOption(
            f"{folder / 'subjects'} holds no picture; put one there for each subject, called by its name"
        )
    for subject in subjects:
        for number, prompt in enumerate(prompts, 1):
            if prompt.count("{}") != 1:
                raise InvalidOption(
                    f"{folder / PROMPTS}, line {number} needs one {{}} for the subject: '{prompt[:60]}'"
                )
            yield f"{subject.stem}-{number:02d}", subject, prompt, _file(folder / "backgrounds", str(number))


def _file(folder: Path, stem: str) -> Path:
    """The one file of that name, whatever its format. Raises `InvalidOption` if there is none."""
    found = sorted(path for path in folder.glob(f"{stem}.*") if path.is_file())
    if not found:
        raise InvalidOption(f"{folder / stem}.* is not there; complete the data set")
    return found[0]
