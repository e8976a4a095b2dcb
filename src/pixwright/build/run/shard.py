"""Samples <-> files: parquet with embedded pictures, and WebDataset tar. The same rows give the same bytes, on every run.

Pictures and instruction are called as MagicBrush calls them (img_id, turn_index, source_img, mask_img, instruction, target_img), captions as
InstructPix2Pix does (original_prompt, edited_prompt). Its `edit_prompt` would be a second name of `instruction` and is left out.
"""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import cv2
import numpy as np

from pixwright.build.run.quarantine import Quarantined
from pixwright.build.source.shards import arrow
from pixwright.errors import InvalidImage, InvalidOption, InvalidRecord
from pixwright.media.pixels import shrink
from pixwright.records.instruction import Array
from pixwright.records.kind import EditType
from pixwright.records.plan import Step
from pixwright.records.sample import Part, Reference, Sample

if TYPE_CHECKING:
    import pyarrow as pa

Row: TypeAlias = dict[str, Any]
"""A sample as it lies in a file: the columns of `columns()`, pictures and sounds as encoded `{bytes, path}`."""

THUMBNAIL = 160
"""Longer side, in pixels, of the pictures of rejected rows."""
TRIED = "tried"
"""Status of a try at a place that gave no pair."""
ROW_GROUP = 100
"""Rows in a group of a parquet file: what a reader must load to show one row."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_WORDS = ("instruction", "original_prompt", "edited_prompt", "type", "reasoning", "multimodal", "target", "step")
_BLOB, _TEXT, _INT, _FLOAT = ("bytes", "path"), "string", "int32", "float64"


def columns(*, rejected: bool = False) -> dict[str, Any]:
    """Column -> feature, in the notation of Hugging Face's `datasets` (a list holds the feature of its items).

    `scores` and `extra` are lists of name and value, because `datasets` has no maps. Rejected files have `status` (rejected,
    quarantined or tried) and `reason` besides.
    """

    def value(dtype: str) -> dict[str, str]:
        return {"dtype": dtype, "_type": "Value"}

    image, audio, text = {"_type": "Image"}, {"_type": "Audio"}, value(_TEXT)
    reference = {"number": value(_INT), "name": text, "caption": text, "image": image, "audio": audio}
    found = {
        "img_id": text,
        "turn_index": value(_INT),
        "source_img": image,
        "mask_img": image,
        "instruction": text,
        "target_img": image,
        **dict.fromkeys(_WORDS[1:], text),
        "canvas": [value(_INT)],
        "references": [reference],
        "parts": [dict.fromkeys(("key", "origin", "licence", "sha256"), text)],
        "scores": [{"name": text, "value": value(_FLOAT)}],
        "extra": [{"name": text, "value": text}],
        "dataset": text,
        "split": text,
    }
    return found | (dict.fromkeys(("status", "reason"), text) if rejected else {})


def encode_sample(sample: Sample, split: str, jpeg_quality: int | None = None) -> Row:
    """A kept sample as a row. Raises `InvalidRecord` for one that contradicts itself."""
    _check(sample)
    stem = sample.id

    def picture(pixels: Array, kind: str) -> Row:
        return _picture(pixels, f"{stem}.{kind}", jpeg_quality)

    return {
        "img_id": sample.id,
        "turn_index": 1,
        "source_img": picture(sample.source, "src"),
        "mask_img": None if sample.mask is None else _picture(sample.mask, f"{stem}.mask", None),
        "target_img": picture(sample.edited, "tgt"),
        "instruction": sample.instruction,
        "original_prompt": sample.source_caption,
        "edited_prompt": sample.edited_caption,
        "type": str(sample.type),
        "reasoning": sample.reasoning,
        "multimodal": sample.multimodal,
        "target": sample.target,
        "step": sample.step.model_dump_json(exclude_defaults=True),
        "canvas": None if sample.canvas is None else list(sample.canvas),
        "references": [
            {
                "number": one.number,
                "name": one.name,
                "caption": one.caption,
                "image": None if one.pixels is None else picture(one.pixels, f"ref{one.number}"),
                "audio": None if one.samples is None else _flac(one, f"{stem}.ref{one.number}"),
            }
            for one in sample.references
        ],
        "parts": [dict(vars(part)) for part in sample.parts],
        "scores": [{"name": name, "value": float(sample.scores[name])} for name in sorted(sample.scores)],
        "extra": [{"name": name, "value": sample.extra[name]} for name in sorted(sample.extra)],
        "dataset": sample.dataset,
        "split": split,
    }


def encode_rejected(row: Sample | Quarantined, split: str) -> Row:
    """A rejected sample with small pictures and no sounds, or a quarantined row without pictures. Raises as `encode_sample`."""
    if isinstance(row, Quarantined):
        parts = [{"key": row.id, "origin": row.origin, "licence": "", "sha256": ""}] if row.origin else []
        blank = dict.fromkeys(columns()) | dict.fromkeys(_WORDS, "")
        return blank | {
            "img_id": row.id,
            "turn_index": 1,
            "parts": parts,
            "split": split,
            "status": TRIED if row.trial else "quarantined",
            "type": row.type,
            "reason": row.reason,
        }
    full = encode_sample(row, split)
    stem = row.id
    small = {"source_img": (row.source, "src"), "target_img": (row.edited, "tgt")}
    full |= {name: _picture(shrink(pixels, THUMBNAIL), f"{stem}.{kind}", 85) for name, (pixels, kind) in small.items()}
    if row.mask is not None:
        full["mask_img"] = _picture(shrink(row.mask, THUMBNAIL), f"{stem}.mask", None)
    for held, one in zip(full["references"], row.references, strict=True):
        held["audio"] = None
        if one.pixels is not None:
            held["image"] = _picture(shrink(one.pixels, THUMBNAIL), f"{stem}.ref{one.number}", 85)
    return full | {"status": "rejected", "reason": row.rejected}


def decode_row(row: Row) -> Sample:
    """The sample that a row holds. Raises `InvalidImage` for a broken picture, `InvalidRecord` for a row without pictures."""
    if row["source_img"] is None or row["target_img"] is None:
        raise InvalidRecord(f"row '{row['img_id']}' has no pictures: {row.get('reason') or 'not a sample'}")
    references = []
    for one in row["references"] or []:
        samples, rate = (None, 0) if one["audio"] is None else _unflac(one["audio"]["bytes"])
        pixels = None if one["image"] is None else _pixels(one["image"])
        references.append(Reference(one["number"], one["name"], one["caption"], pixels, samples, rate))
    return Sample(
        id=row["img_id"],
        dataset=row["dataset"],
        type=EditType(row["type"]),
        source=_pixels(row["source_img"]),
        edited=_pixels(row["target_img"]),
        instruction=row["instruction"],
        step=Step.model_validate_json(row["step"]),
        source_caption=row["original_prompt"],
        edited_caption=row["edited_prompt"],
        reasoning=row["reasoning"],
        multimodal=row["multimodal"],
        target=row["target"],
        mask=None if row["mask_img"] is None else _pixels(row["mask_img"]),
        canvas=None if row["canvas"] is None else tuple(row["canvas"]),
        references=tuple(references),
        parts=tuple(Part(**part) for part in row["parts"] or []),
        scores={one["name"]: one["value"] for one in row["scores"] or []},
        rejected=row.get("reason") or "",
        extra={one["name"]: one["value"] for one in row["extra"] or []},
    )


def parquet_bytes(rows: Sequence[Row], *, rejected: bool = False) -> bytes:
    """The rows as a parquet file with the `huggingface` features in its schema. Raises `MissingExtra` without pyarrow."""
    pa, pq = arrow()
    features = columns(rejected=rejected)
    fields = [pa.field(name, _arrow_type(feature, pa)) for name, feature in features.items()]
    # `datasets` compares structs field by field, so the order here is the schema's.
    schema = pa.schema(fields, {"huggingface": json.dumps({"info": {"features": features}})})
    out = io.BytesIO()
    # Pictures are compressed already: dictionaries would only be tried and thrown away.
    pq.write_table(
        pa.Table.from_pylist(list(rows), schema=schema),
        out,
        row_group_size=ROW_GROUP,
        compression="snappy",
        use_dictionary=["type", "dataset", "split"],
        write_page_index=True,
        version="2.6",
        data_page_version="1.0",
    )
    return out.getvalue()


def tar_bytes(rows: Iterable[Row]) -> bytes:
    """The rows as a WebDataset tar: ID.src.png ID.tgt.png ID.mask.png ID.ref1.png|flac ID.json, no clock and no owner in it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for row in rows:
            for name, data in _members(row):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a shard, still encoded. Raises `InvalidOption` for a file that is neither .parquet nor .tar, or is broken."""
    if path.suffix == ".tar":
        try:
            yield from _tar_rows(path)
        except (OSError, tarfile.TarError, ValueError) as problem:
            raise InvalidOption(f"'{path}' is not a readable tar of samples ({problem}); build it again") from problem
        return
    if path.suffix != ".parquet":
        raise InvalidOption(f"'{path}' is not a shard; give a .parquet or .tar that `pixwright build` wrote")
    pa, pq = arrow()
    try:
        with pq.ParquetFile(path) as held:
            for batch in held.iter_batches(batch_size=16):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as problem:
        raise InvalidOption(f"'{path}' is not a readable parquet file ({problem}); build it again") from problem


def read_shard(path: Path) -> Iterator[Sample]:
    """The samples of a .parquet or .tar shard, in order; of a rejected file those with pictures, with `rejected` filled.

    Raises as `read_rows` and `decode_row`.
    """
    return (decode_row(row) for row in read_rows(path) if row.get("status") not in ("quarantined", TRIED))


def read_quarantined(path: Path) -> Iterator[Quarantined]:
    """The quarantined rows of a `rejected-*.parquet`."""
    for row in read_rows(path):
        if row.get("status") == "quarantined":
            origin = row["parts"][0]["origin"] if row["parts"] else ""
            yield Quarantined(row["img_id"], row["reason"], origin, row["type"] or "")


def _check(sample: Sample) -> None:
    problems = []
    if not _ID.fullmatch(sample.id):
        problems.append("its id may hold 1 to 80 letters, digits, _ and -")
    for name, pixels in (("source", sample.source), ("edited", sample.edited)):
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            problems.append(f"{name} is {pixels.dtype} {pixels.shape}, not HxWx3 uint8")
    if sample.mask is not None and (sample.mask.dtype != np.uint8 or sample.mask.shape != sample.edited.shape[:2]):
        problems.append(
            f"mask is {sample.mask.dtype} {sample.mask.shape}, the edited picture {sample.edited.shape[:2]}"
        )
    if [one.number for one in sample.references] != list(range(1, len(sample.references) + 1)):
        problems.append("its references are not numbered 1, 2, ...")
    if not sample.instruction.strip():
        problems.append("it has no instruction")
    if problems:
        raise InvalidRecord(f"sample '{sample.id}': {'; '.join(problems)}")


def _picture(pixels: Array, name: str, jpeg_quality: int | None) -> Row:
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    codes = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    bgr = pixels if channels == 1 else cv2.cvtColor(pixels, codes[channels])
    if jpeg_quality is not None and channels == 3:
        options = [cv2.IMWRITE_JPEG_QUALITY, jpeg_quality]
        options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
        return {"bytes": cv2.imencode(".jpg", bgr, options)[1].tobytes(), "path": f"{name}.jpg"}
    data = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes()
    return {"bytes": data, "path": f"{name}.png"}


def _pixels(held: Row) -> Array:
    found = cv2.imdecode(np.frombuffer(held["bytes"], np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise InvalidImage(f"'{held['path']}' in the shard is not a picture; build the shard again")
    if found.ndim == 3:
        found = cv2.cvtColor(found, cv2.COLOR_BGR2RGB if found.shape[2] == 3 else cv2.COLOR_BGRA2RGBA)
    pixels: Array = found
    return pixels


def _flac(reference: Reference, name: str) -> Row:
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, reference.samples, reference.rate, format="FLAC", subtype="PCM_16")
    return {"bytes": out.getvalue(), "path": f"{name}.flac"}


def _unflac(data: bytes) -> tuple[Any, int]:
    import soundfile

    samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    return samples, rate


def _arrow_type(feature: Any, pa: Any) -> pa.DataType:
    if isinstance(feature, list):
        return pa.list_(_arrow_type(feature[0], pa))
    kind = feature.get("_type")
    if kind == "Value":
        return {_TEXT: pa.string(), _INT: pa.int32(), _FLOAT: pa.float64()}[feature["dtype"]]
    if kind in ("Image", "Audio"):
        return pa.struct([(_BLOB[0], pa.binary()), (_BLOB[1], pa.string())])
    return pa.struct([(name, _arrow_type(one, pa)) for name, one in feature.items()])


def _blobs(row: Row) -> Iterator[Row]:
    """Every `{bytes, path}` of a row."""
    found = [row["source_img"], row["target_img"], row["mask_img"]]
    for one in row["references"] or []:
        found += [one["image"], one["audio"]]
    return (held for held in found if held is not None)


def _members(row: Row) -> Iterator[tuple[str, bytes]]:
    for held in _blobs(row):
        yield held["path"], held["bytes"]
    lean = {name: value for name, value in row.items() if not name.endswith("_img")}
    lean["references"] = [
        {name: value for name, value in one.items() if name not in ("image", "audio")} for one in row["references"]
    ]
    yield f"{row['img_id']}.json", json.dumps(lean, sort_keys=True, ensure_ascii=False).encode()


def _tar_rows(path: Path) -> Iterator[Row]:
    held: dict[str, Row] = {}
    with tarfile.open(path, "r:") as tar:
        for info in tar:
            stem, _, kind = info.name.partition(".")
            data = tar.extractfile(info)
            if data is None:
                raise InvalidOption(f"'{info.name}' in '{path}' is not a file; build the shard again")
            held[kind] = {"bytes": data.read(), "path": info.name}
            if kind == "json":  # the last member of a sample
                yield _joined(held)
                held = {}


def _joined(held: dict[str, Row]) -> Row:
    row: Row = json.loads(held["json"]["bytes"])

    def member(kind: str, *suffixes: str) -> Row | None:
        return next((held[f"{kind}.{suffix}"] for suffix in suffixes if f"{kind}.{suffix}" in held), None)

    row |= {
        "source_img": member("src", "png", "jpg"),
        "target_img": member("tgt", "png", "jpg"),
        "mask_img": member("mask", "png"),
    }
    for one in row["references"]:
        kind = f"ref{one['number']}"
        one |= {"image": member(kind, "png", "jpg"), "audio": member(kind, "flac")}
    return row
