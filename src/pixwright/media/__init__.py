"""Bytes <-> pictures and sound. Half a picture is a typed error.

Start at `load` (bytes -> `Picture`) and `save` (pixels -> a file like the one that was loaded); `picture` says what travels between them.
`formats/` knows what is in the bytes of each kind of file, `samples/` goes from a file's samples to sRGB and back. `mask`, `attachment` and `sound` read what a
user gives besides; `target` is how files get their names; `pixels` shrinks and fits pictures.
"""

from pixwright.media.attachment import load_attachment
from pixwright.media.load import load_picture
from pixwright.media.mask import load_mask, mask_notice
from pixwright.media.picture import Kind, Limits, Picture, Saved, Source
from pixwright.media.save import format_for, read_record, save_picture
from pixwright.media.sound import load_sound
from pixwright.media.target import check_target, free_path, runs, save_plain, write_atomically

__all__ = [
    "Kind",
    "Limits",
    "Picture",
    "Saved",
    "Source",
    "check_target",
    "format_for",
    "free_path",
    "load_attachment",
    "load_mask",
    "load_picture",
    "load_sound",
    "mask_notice",
    "read_record",
    "runs",
    "save_picture",
    "save_plain",
    "write_atomically",
]
