"""Bytes <-> pictures and sound. Half a picture is a typed error.

Start at `load` (bytes -> `Picture`, or the frames of an animation one by one) and `save` (pixels -> a file like the one that was loaded; `save_frames` for many,
`save_jpeg` for blocks); `picture` says what travels between them, `placed` lays an input onto another canvas.
`formats/` knows what is in the bytes of each kind of file, `samples/` goes from a file's samples to sRGB and back. `mask`, `attachment` and `sound` read what a
user gives besides; `target` is how files get their names; `pixels` shrinks and fits pictures;
`matte` and `backdrop` tell a soft edge from what is behind it.
"""

from pixwright.media.attachment import load_attachment
from pixwright.media.load import load_frames, load_picture
from pixwright.media.markup import load_markup
from pixwright.media.mask import load_mask, mask_notice
from pixwright.media.picture import Frames, Kind, Limits, Picture, PictureFrame, Saved, Source
from pixwright.media.placed import grid_of, largest_difference, placed
from pixwright.media.save import format_for, read_record, said_source_type, save_picture
from pixwright.media.save_frames import EditedFrame, check_holds_frames, save_frames
from pixwright.media.sound import load_sound
from pixwright.media.target import check_target, free_path, runs, save_plain, write_atomically

__all__ = [
    "EditedFrame",
    "Frames",
    "Kind",
    "Limits",
    "Picture",
    "PictureFrame",
    "Saved",
    "Source",
    "check_holds_frames",
    "check_target",
    "format_for",
    "free_path",
    "grid_of",
    "largest_difference",
    "load_attachment",
    "load_frames",
    "load_markup",
    "load_mask",
    "load_picture",
    "load_sound",
    "mask_notice",
    "placed",
    "read_record",
    "runs",
    "said_source_type",
    "save_frames",
    "save_picture",
    "save_plain",
    "write_atomically",
]
