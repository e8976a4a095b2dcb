"""AnyEdit-Test (Yu et al. 2024, appendix E) as published: a folder a type with `edit_result.json`, whose items name `image_file`, `edited_file`, `edit`,
perhaps `visual_input`, `input` and `output` (weichow23/AnySD: `anybench/eval/anybench_gen_eval.py`).

Types without an `output` caption have no CLIP-T; the public script stores -100 for it, here it is missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pixwright.errors import InvalidOption
from pixwright.evaluate.readers.files import read_json
from pixwright.evaluate.run.example import BenchmarkExample
from pixwright.media import load_picture
from pixwright.records.instruction import PictureAttachment
from pixwright.records.kind import EditType

_ALIASES = {
    "relation": "relation_change",
    "implicit": "implicit_change",
    "visual_material_transfer": "material_transfer",
}


def anyedit_test(folder: Path) -> Iterator[BenchmarkExample]:
    """Every item of every type. Raises `InvalidOption` for a folder without any, an unknown type or a missing file."""
    lists = sorted(folder.glob("*/edit_result.json"))
    if not lists:
        raise InvalidOption(f"{folder} holds no TYPE/edit_result.json; give the folder of AnyEdit-Test")
    for path in lists:
        name = path.parent.name
        kind = _type(name)
        seen: Counter[str] = Counter()
        for item in read_json(path, "AnyEdit-Test's list of edits"):
            yield _example(folder, name, kind, item, seen)


def _type(name: str) -> EditType:
    try:
        return EditType(_ALIASES.get(name, name))
    except ValueError:
        raise InvalidOption(f"folder {name!r} is no edit type; there are: {', '.join(EditType)}") from None


def _example(folder: Path, name: str, kind: EditType, item: dict[str, Any], seen: Counter[str]) -> BenchmarkExample:
    if not isinstance(item, dict) or not all(item.get(one) for one in ("edit", "image_file", "edited_file")):
        raise InvalidOption(f"an item of {name}/edit_result.json lacks 'edit', 'image_file' or 'edited_file'")
    visual = item.get("visual_input")
    reference = (
        () if not visual else (PictureAttachment(Path(visual).name, load_picture(_place(folder, visual)).pixels),)
    )
    stem = Path(item["image_file"]).stem
    seen[stem] += 1
    # A picture may be edited twice; the published script would overwrite the first result.
    stem += f"-{seen[stem]}" if seen[stem] > 1 else ""
    return BenchmarkExample(
        key=f"{name}-{stem}",
        instruction=item["edit"],
        source=_place(folder, item["image_file"]),
        target=_place(folder, item["edited_file"]),
        caption=item.get("output") or "",
        source_caption=item.get("input") or "",
        attachments=reference,
        groups={"type": str(kind), "group": str(kind.group)},
        output=f"{name}/{stem}.png",
    )


def _place(folder: Path, name: str) -> Path:
    """The file, whether its name begins at the folder, above it (`anybench/...`) or within."""
    relative = Path(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise InvalidOption(f"{name!r} leads out of {folder}; name files inside the folder")
    for base in (folder, folder.parent, folder.parent.parent):
        if (base / relative).is_file():
            return base / relative
    raise InvalidOption(f"{folder / relative} is not there; complete the data set")
