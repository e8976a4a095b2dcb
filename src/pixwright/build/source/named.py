"""Sources by what a recipe calls them, such as `packaged`, `stamps`, `folder:/data/walls` or `coco:instances.json;pictures=/data/train`."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from pixwright.build.source.assets import known, source
from pixwright.build.source.coco import CocoSource, unpacked
from pixwright.build.source.folder import FolderSource
from pixwright.build.source.hub import HubSource
from pixwright.build.source.merged import MergedSource
from pixwright.build.source.packaged import PackagedSource
from pixwright.errors import InvalidOption
from pixwright.records.sample import Split

_OPTIONS = {
    "folder": {"licence", "name"},
    "cutouts": {"licence", "name"},
    "coco": {"licence", "name", "pictures", "captions", "split"},
    "hub": {"licence", "name"},
}


def open_source(text: str) -> MergedSource:
    """`packaged`, the name of a fetched set, or `kind:PATH;option=value;...`.

    Kinds: `folder` and `cutouts` (`FolderSource`), `coco` (`CocoSource`: a file, or the folder as it is unpacked; `pictures` is by default found beside the annotations), `hub` (`HubSource`).
    Options: `licence`, `name`, for COCO `pictures`, `captions` and `split` too. Raises `InvalidOption` for anything else, and what the source raises.
    """
    kind, colon, rest = text.partition(":")
    if not colon:
        return PackagedSource() if text == "packaged" else source(text)
    if kind not in _OPTIONS:
        raise InvalidOption(
            f"'{text}' is no source; give packaged, {', '.join(known())}, or one of {', '.join(_OPTIONS)} with a path, as in folder:PATH"
        )
    where, *pairs = rest.split(";")
    options = {key.strip(): value.strip() for key, _, value in (pair.partition("=") for pair in pairs)}
    if wrong := sorted(set(options) - _OPTIONS[kind]):
        raise InvalidOption(f"'{wrong[0]}' is no option of {kind}; there are {', '.join(sorted(_OPTIONS[kind]))}")
    path = Path(where).expanduser()
    licence, name = options.get("licence", ""), options.get("name", "")
    makers: dict[str, Callable[[], MergedSource]] = {
        "folder": lambda: FolderSource(path, licence=licence, name=name),
        "cutouts": lambda: FolderSource(path, kind="cutout", licence=licence, name=name),
        "hub": lambda: HubSource(path, licence=licence, name=name),
        "coco": lambda: _coco(path, options, licence, name or "coco"),
    }
    return makers[kind]()


def _coco(path: Path, options: Mapping[str, str], licence: str, name: str) -> CocoSource:
    """COCO by its file, or as it is unpacked; what is named goes before what is found beside it."""
    annotations, pictures, captions = path, Path(), None
    if not ("pictures" in options and path.is_file()):
        annotations, pictures, captions = unpacked(path, options.get("split", ""))
    pictures = Path(options["pictures"]).expanduser() if "pictures" in options else pictures
    captions = Path(options["captions"]).expanduser() if "captions" in options else captions
    return CocoSource(annotations, pictures, captions=captions, licence=licence, name=name)


def check(found: MergedSource) -> None:
    """Raises `InvalidOption`, with the reasons, for a source that gives neither a picture nor a pair."""
    has_pairs = isinstance(found, HubSource) and any(found.pair_ids(split) for split in Split)
    if not found.assets and not has_pairs:
        raise InvalidOption(f"{account(found)}{_cure(found)}")


def account(found: MergedSource) -> str:
    """What a source gives and what it keeps back, such as `pics: 3 of 4 pictures taken: no licence (1)`."""
    reasons = Counter(row.reason.partition(":")[0].replace("_", " ") for row in found.quarantined)
    taken, lost = len(found.assets), sum(reasons.values())
    why = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
    return f"{found.name}: {taken} of {taken + lost} pictures taken{': ' if why else ''}{why}"


def _cure(found: MergedSource) -> str:
    if any(row.reason.startswith("no_licence") for row in found.quarantined):
        return "; add ;licence=NAME behind its path"
    return "; give pictures with captions" if found.quarantined else "; it holds no picture"


def identity(found: MergedSource) -> str:
    """`name@digest` of all that a source offers: another file, caption or licence gives another digest. For a recipe's `sources`."""
    rows = "\n".join(sorted(f"{a.key} {a.sha256} {a.caption} {a.licence}" for a in found.assets))
    return f"{found.name}@{hashlib.sha256(rows.encode()).hexdigest()[:16]}"
