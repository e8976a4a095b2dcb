"""Attachments: what `[1]` in an instruction is, decided by the file's content."""

from __future__ import annotations

from pathlib import Path

from pixwright.errors import InvalidAttachment
from pixwright.media.formats import sniff
from pixwright.media.load import load_picture
from pixwright.media.picture import Limits
from pixwright.media.sound import load_sound
from pixwright.records.instruction import Attachment, PictureAttachment


def load_attachment(path: Path) -> Attachment:
    """A picture (HxWx3|4 uint8 sRGB) or a sound (mono float32).

    Raises InvalidAttachment where there is no such file, and for a file what `load_picture` or `load_sound` raises.
    """
    shown = ascii(str(path))[:300]
    try:
        with path.open("rb") as held:
            head = held.read(64)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidAttachment(f"{shown} cannot be read ({reason}); check the path of the attachment") from error
    if sniff.sound_format(head) is not None:
        return load_sound(path)
    return PictureAttachment(path.name, load_picture(path, limits=Limits()).pixels)
