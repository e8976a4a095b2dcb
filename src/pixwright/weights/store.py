"""The verified local store: a file is used only if its hash, measured here (`ledger`), is the recorded one. Pickle is never loaded.

Package files lie beside this module; everything else under `PIXWRIGHT_HOME` (default: the user's cache folder). What was pulled without a
known hash is pinned in `pins.json` there: a later difference is an error.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from pixwright.errors import WeightsCorrupt, WeightsMissing
from pixwright.media import write_atomically
from pixwright.weights.ledger import measured
from pixwright.weights.registry import Entry, entry, home

PICKLE_SUFFIXES = (".pth", ".pt", ".bin", ".ckpt", ".pkl", ".pickle", ".joblib")


def digest(path: Path) -> str:
    """sha256 of a file; of a folder: over the sorted list of its files' relative names and hashes."""
    if path.is_dir():
        lines = sorted(f"{p.relative_to(path).as_posix()} {digest(p)}" for p in path.rglob("*") if p.is_file())
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def place(row: Entry) -> Path:
    """Where the entry's file or folder lies, or would lie once pulled."""
    match row.kind:
        case "package":
            return Path(str(files("pixwright.weights").joinpath("data", row.file)))
        case "wheel":
            return home() / row.name / Path(row.file).name
        case "hub":
            return home() / row.name / Path(row.file).name if row.file else home() / row.name
        case "local":
            return home() / Path(row.file).expanduser()


def path(name: str) -> Path:
    """The file or folder of weights `name`: present, of the recorded size, and with the recorded hash when it was first used or last changed.

    Raises `WeightsMissing` if the name is unknown or the file is not there, `WeightsCorrupt` if it is pickle, of another size or of another hash.
    """
    row = entry(name)
    where = place(row)
    refuse_pickle(where)
    if not where.exists():
        own = {
            "package": "reinstall pixwright",
            "local": "put it there (`pixwright models convert` makes .safetensors of pickle)",
        }
        fix = own.get(row.kind, f"run: pixwright models pull {name}")
        raise WeightsMissing(f"weights '{name}' are not at {where}; {fix}")
    if row.size and where.is_file() and where.stat().st_size != row.size:
        raise WeightsCorrupt(f"{where} has {where.stat().st_size} bytes, expected {row.size}; {_fix(row, where)}")
    _compared(row, where, measured(where, digest))
    return where


def loaded_digest(name: str) -> str:
    """The sha256 that the weights `name` have, as measured; empty where they are gone by now."""
    where = place(entry(name))
    return measured(where, digest) if where.exists() else ""


def verify(name: str) -> str:
    """Hash the weights and compare with the registry, or with what the first pull recorded. Returns the sha256.

    Raises `WeightsMissing`, or `WeightsCorrupt` naming the file and the fix.
    """
    where = path(name)
    found = digest(where)
    _compared(entry(name), where, found)
    return found


def _compared(row: Entry, where: Path, found: str) -> None:
    """Raise `WeightsCorrupt` where a hash is another one than the recorded."""
    expected = expected_digest(row.name)
    if expected and found != expected:
        raise WeightsCorrupt(f"{where} has sha256 {found[:16]}..., expected {expected[:16]}...; {_fix(row, where)}")


def expected_digest(name: str) -> str:
    """The recorded sha256 of `name`, empty if nobody has recorded one."""
    return entry(name).sha256 or pins().get(name, {}).get("sha256", "")


def refuse_unfit(where: Path, trained_on: Mapping[str, str], again: str) -> None:
    """Raise `WeightsCorrupt` if the file was trained on other weights than those installed: what it says of their vectors would be noise.

    trained_on: names of the registry -> the sha256 that they had; again: what to do about it.
    """
    for name, digest_then in trained_on.items():
        now = expected_digest(name)
        if digest_then != now:
            raise WeightsCorrupt(
                f"{where} was trained on weights '{name}' of sha256 {digest_then[:16]}..., installed are {now[:16]}...; {again}"
            )


def pins() -> dict[str, dict[str, str]]:
    """What first pulls recorded: name -> {"sha256", "revision"}."""
    file = home() / "pins.json"
    if not file.is_file():
        return {}
    try:
        read = json.loads(file.read_text("utf-8"))
    except ValueError as problem:
        raise WeightsCorrupt(f"{file} is not JSON; delete it and pull again") from problem
    return read if isinstance(read, dict) else {}


def pin(name: str, sha256: str, revision: str = "") -> None:
    """Record the hash (and resolved commit) of weights that were pulled for the first time."""
    known = pins() | {name: {"sha256": sha256, "revision": revision}}
    home().mkdir(parents=True, exist_ok=True)
    write_atomically(home() / "pins.json", json.dumps(known, indent=1, sort_keys=True).encode())


def refuse_pickle(where: Path) -> None:
    """Raise `WeightsCorrupt` if the file is pickle by its suffix or its first bytes: loading pickle runs whatever code it holds."""
    if where.suffix.lower() in PICKLE_SUFFIXES or (where.is_file() and _starts_as_pickle(where)):
        raise WeightsCorrupt(
            f"{where} is pickle, which can run code when loaded; convert it to .safetensors or .onnx and use that"
        )


def _starts_as_pickle(where: Path) -> bool:
    """Pickle protocol 2 to 5 (0x80, version), or the zip that `torch.save` writes (its first member is `.../data.pkl`)."""
    with where.open("rb") as stream:
        head = stream.read(128)
    # A safetensors file starts with its header's length, whose first bytes may look the same, then zeros and the header's brace.
    safetensors = head[5:9] == b"\0\0\0{"
    return (len(head) > 1 and head[0] == 0x80 and 2 <= head[1] <= 5 and not safetensors) or (
        head[:2] == b"PK" and b"/data.pkl" in head
    )


def _fix(row: Entry, where: Path) -> str:
    if row.kind == "package":
        return "reinstall pixwright"
    if row.kind == "local":
        return "restore the file, or record its new hash in the registry"
    return f"delete it and run: pixwright models pull {row.name}"
