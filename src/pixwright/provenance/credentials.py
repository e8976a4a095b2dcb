"""Content credentials (C2PA): what was done to a file, signed, with what the file said before as an ingredient. Over the library c2pa.

Standard edits are marked as such; what is put together and what a network painted bears its IPTC term. Nothing is fetched from anywhere.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pixwright import __version__
from pixwright.errors import InvalidImage, InvalidOption
from pixwright.extras import optional
from pixwright.media.formats.sniff import picture_format
from pixwright.provenance.certificate import EXTRA, WHO, Certificate
from pixwright.provenance.terms import term_of
from pixwright.records.kind import Aspect
from pixwright.records.result import Report, StepReport, Verdict

TYPES = {"JPEG": "jpeg", "PNG": "png", "WEBP": "webp", "TIFF": "tiff", "GIF": "gif", "AVIF": "avif", "HEIF": "heic"}
"""Formats that can hold credentials, with the second half of their media type."""
_ACTIONS = {
    Aspect.COLOUR: "c2pa.adjustedColor",
    Aspect.TONE: "c2pa.adjustedColor",
    Aspect.STYLE: "c2pa.filtered",
    Aspect.TEXT: "c2pa.addedText",
}
"""What is changed -> C2PA's word for the action, where it has one of its own (2.2, section 18.15); `c2pa.edited` for the rest."""
_OPTIONS = {
    "verify": {"remote_manifest_fetch": False, "verify_trust": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
"""Of the library: nothing is fetched, and no second pictures are put into the file."""
_MARKED = "c2pa.watermarked.unbound"


class State(StrEnum):
    """What the credentials of a file are worth."""

    TRUSTED = "trusted"
    """Unchanged since, and signed by somebody whom the trust list of this machine knows."""
    VALID = "valid"
    """Unchanged since it was signed; who signed is not vouched for."""
    INVALID = "invalid"
    """Changed after it was signed, or damaged."""
    NOT_PRESENT = "not_present"


@dataclass(frozen=True)
class Credentials:
    """What a file says of itself."""

    state: State
    issuer: str | None = None
    generator: str | None = None
    signed_at: str | None = None
    """As the signer's time stamp says; None without one."""
    actions: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    """Codes of the standard, where the state is INVALID."""


def sign(data: bytes, title: str, report: Report, by: Certificate, source: bytes, marked: bool) -> bytes:
    """The file with credentials: its source as parent ingredient (with the credentials that it has), a word for each step that was done, and the mark.

    `data` and `source` are whole files, of `TYPES`. Raises InvalidImage for others, InvalidOption where the certificate cannot sign, and MissingExtra.
    """
    c2pa = optional("c2pa", WHO, EXTRA)
    media = _media_type(data)
    actions = [_action(step) for step in report.steps if step.verdict is not Verdict.NOT_DONE]
    if marked:
        actions.append({"action": _MARKED, "description": "invisible mark in what was generated"})
    manifest = {
        "claim_generator_info": [{"name": "pixwright", "version": __version__}],
        "format": media,
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }
    out = io.BytesIO()
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(_OPTIONS))
        builder = c2pa.Builder(json.dumps(manifest), context)
        builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
        parent = {"title": "the input", "relationship": "parentOf"}
        builder.add_ingredient(json.dumps(parent), _media_type(source), io.BytesIO(source))
        info = c2pa.C2paSignerInfo(
            alg=c2pa.C2paSigningAlg[by.algorithm], sign_cert=by.chain, private_key=by.key, ta_url=None
        )
        builder.sign(c2pa.Signer.from_info(info), media, io.BytesIO(data), out)
    except c2pa.C2paError as error:
        raise InvalidOption(
            f"the result could not be signed as '{by.name}' ({_line(error)}); use a certificate that C2PA allows for "
            "signing, or a local one: `pixwright provenance setup`"
        ) from error
    return out.getvalue()


def read(data: bytes) -> Credentials:
    """The credentials in a file. Raises InvalidImage for a file of no known kind, and MissingExtra."""
    c2pa = optional("c2pa", "reading content credentials", EXTRA)
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(_OPTIONS))
        reader = c2pa.Reader.try_create(_media_type(data), io.BytesIO(data), context=context)
        if reader is None:
            return Credentials(State.NOT_PRESENT)
        told = json.loads(reader.json())
        state = str(reader.get_validation_state())
    except c2pa.C2paError as error:
        return Credentials(State.INVALID, problems=(_line(error),))
    active = told["manifests"][told["active_manifest"]]
    signature = active.get("signature_info", {})
    generators = active.get("claim_generator_info") or [{}]
    return Credentials(
        {"Trusted": State.TRUSTED, "Valid": State.VALID}.get(state, State.INVALID),
        issuer=signature.get("common_name") or signature.get("issuer"),
        generator=" ".join(str(generators[0][key]) for key in ("name", "version") if generators[0].get(key)) or None,
        signed_at=signature.get("time"),
        actions=tuple(_actions(active)),
        ingredients=tuple(str(one.get("title", "")) for one in active.get("ingredients", ())),
        problems=tuple(sorted({str(one.get("code")) for one in told.get("validation_status", ())})),
    )


def _action(step: StepReport) -> dict[str, Any]:
    traits = step.type.traits
    named = _ACTIONS.get(traits.changes, "c2pa.placed" if traits.brings else "c2pa.edited")
    action: dict[str, Any] = {"action": named, "description": str(step.type).replace("_", " ")}
    term = term_of(step)
    return action | {"digitalSourceType": term} if term else action


def _actions(manifest: dict[str, Any]) -> list[str]:
    found = []
    for assertion in manifest.get("assertions", ()):
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            found += [str(action.get("action")) for action in assertion["data"].get("actions", ())]
    return found


def _media_type(data: bytes) -> str:
    found = picture_format(data, "the file")
    if found not in TYPES:
        raise InvalidImage(f"a {found} file cannot hold content credentials; those can: {', '.join(TYPES)}")
    return f"image/{TYPES[found]}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
