"""What a result bears when it is written: the invisible mark, a signature, and what its source bore. One place for the policy; docs/provenance.md says it in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pixwright.errors import InvalidOption
from pixwright.media.formats.sniff import picture_format
from pixwright.provenance import carried, certificate, credentials, terms, watermark
from pixwright.records.result import Origin, Result, Verdict

SIDECAR = ".source.c2pa"
"""What follows the result's name in the name of the file that keeps its source's credentials."""


@dataclass(frozen=True)
class Marked:
    """A file's bytes as they shall be written, a further file beside it (or None), and what the user is told."""

    data: bytes
    beside: bytes | None = None
    notes: tuple[str, ...] = ()
    signed: bool = False


def generated(result: Result) -> bool:
    """Whether a network painted something in it."""
    return any(s.added is Origin.GENERATED and s.verdict is not Verdict.NOT_DONE for s in result.report.steps)


def with_mark(result: Result) -> Result:
    """The result with the invisible mark where it was edited, if a network painted in it; else the same. Outside of the edit nothing changes."""
    if not generated(result):
        return result
    return replace(result, picture=watermark.embed(result.picture, result.effective_mask))


def signed(data: bytes, name: str, result: Result, source: bytes, wanted: bool | None) -> Marked:
    """The result's file with credentials, where they are due.

    `wanted` None: signed where a certificate is there and the result was put together or generated, or its source has credentials; True: always; False: never.
    What the source bears is an ingredient of a signed result; of an unsigned one it is kept beside it. Raises InvalidOption where `wanted` and no certificate is there, and MissingExtra.
    """
    due = terms.source_type(result.report) is not None or carried.carries(source)
    if not (due if wanted is None else wanted):
        return _unsigned(data, name, source, "")
    by = certificate.find() if wanted or certificate.named() else None
    if by is None and wanted:
        raise InvalidOption("no certificate was found to sign with; make a local one: pixwright provenance setup")
    found = picture_format(data, name)
    if by is None or found not in credentials.TYPES:
        why = f"{found} cannot hold content credentials" if by else "no certificate: see `pixwright provenance setup`"
        return _unsigned(data, name, source, why if carried.carries(source) or generated(result) else "")
    whole = credentials.sign(data, name, result.report, by, source, generated(result))
    worth = "; a local certificate proves only that the file is unchanged since" if by.local else ""
    return Marked(whole, None, (f"signed as '{by.name}'{worth}",), True)


def beside(target: Path) -> Path:
    """Where the credentials of an unsigned result's source are kept."""
    return target.with_name(target.name + SIDECAR)


def _unsigned(data: bytes, name: str, source: bytes, why: str) -> Marked:
    notes = (f"not signed ({why})",) if why else ()
    if not carried.carries(source):
        return Marked(data, None, notes)
    kept = carried.store(source)
    told = f"kept in {name}{SIDECAR}" if kept else "only in the input itself"
    return Marked(data, kept, (*notes, f"the content credentials of the input are {told}"))
