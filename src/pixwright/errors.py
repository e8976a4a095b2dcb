"""Every error that a user can meet. One line each: the value, what is allowed, what to do next.

`PixwrightError` is a `ValueError`: the input, not the program, is wrong. An `assert` marks what would be our own fault.
`code` is stable and machine-readable; `exit_code` is what the command line returns (2: bad input).
"""

from __future__ import annotations

import re


class PixwrightError(ValueError):
    """A problem that the user can mend. `str(error)` is one line, ready to be shown."""

    code = "error"
    exit_code = 2


class InvalidImage(PixwrightError):
    """The bytes are not a picture in an accepted format."""

    code = "invalid_image"


class UnsupportedImage(PixwrightError):
    """A picture, but of a format, mode or kind (animation, SVG, ...) that is refused."""

    code = "unsupported_image"


class TruncatedImage(PixwrightError):
    """The picture's data ends too early: half a picture is never edited."""

    code = "truncated_image"


class ImageTooLarge(PixwrightError):
    """More pixels, or a longer side, than the limit; read from the header, before decoding."""

    code = "image_too_large"


class InvalidVideo(PixwrightError):
    """The file is no video, or one whose frames cannot all be decoded."""

    code = "invalid_video"


class UnsupportedVideo(PixwrightError):
    """A video, but of a kind that is not edited, or that the chosen codec or file cannot hold."""

    code = "unsupported_video"


class InvalidMask(PixwrightError):
    """A mask, box or point that does not fit the picture."""

    code = "invalid_mask"


class InvalidSound(PixwrightError):
    """Not a sound that can be decoded, or too long."""

    code = "invalid_sound"


class SilentSound(InvalidSound):
    """Silence is not an instruction."""

    code = "silent_sound"


class InvalidScene(PixwrightError):
    """Not a scene of Gaussians, or not its cameras."""

    code = "invalid_scene"


class UnclearInstruction(PixwrightError):
    """The instruction, or a part of it, was not understood; the message names that part."""

    code = "unclear_instruction"


class NotUnderstood(UnclearInstruction):
    """No rule knows the words; of an `UnclearInstruction` otherwise it is known what is wrong with it."""


class NothingFound(PixwrightError):
    """What was named is not in the picture; the message says how to point at it."""

    code = "nothing_found"
    exit_code = 3


class InvalidAttachment(PixwrightError):
    """The instruction names an attachment that was not given, or of the wrong kind."""

    code = "invalid_attachment"


class WeightsMissing(PixwrightError):
    """Named weights are not in the store."""

    code = "weights_missing"


class AccessDenied(WeightsMissing):
    """A model hub does not give weights to this user: gated, private, or a wrong token."""

    code = "access_denied"


class NoRoom(WeightsMissing):
    """The disk does not hold what is to be fetched."""

    code = "no_room"


class WeightsCorrupt(PixwrightError):
    """A weight file has the wrong hash or a refused format (pickle is never loaded)."""

    code = "weights_corrupt"


class PartFailed(PixwrightError):
    """A pulled network gave no usable answer; the embedded part takes over, so no user meets this."""

    code = "part_failed"


class MissingExtra(PixwrightError):
    """An optional dependency is needed; the message holds the `pip install` line."""

    code = "missing_extra"


class InvalidOption(PixwrightError):
    """An option outside its range."""

    code = "invalid_option"


class OutputExists(InvalidOption):
    """A file is there already, and nobody said that it may be replaced."""

    code = "output_exists"


class OutOfMemory(PixwrightError):
    """The machine's memory does not hold what the edit needs, at half the picture's size neither."""

    code = "out_of_memory"


class InvalidRecord(PixwrightError):
    """A result carries no record, or one that does not match its source."""

    code = "invalid_record"


class UnknownSession(PixwrightError):
    """No session, or no version, is called so."""

    code = "unknown_session"


class NothingToUndo(PixwrightError):
    """There is no version to go back or forward to."""

    code = "nothing_to_undo"


class Refused(PixwrightError):
    """What is asked for is not made for anybody here: the policy that is switched on forbids it."""

    code = "refused"
    exit_code = 3


_SPOKEN = {"point": "a click", "box": "a box", "mask": "a mask", "scribble": "strokes", "markup": "a drawing"}
"""Option -> what it is to somebody who has no command line."""
_OPTIONS = re.compile(rf"--({'|'.join(_SPOKEN)})(?![\w-])(?: (?:X0,Y0,X1,Y1|X,Y|FILE))?")


def without_options(words: str) -> str:
    """What is said to somebody who has no command line: "show it with --box X0,Y0,X1,Y1" is "show it with a box"."""
    return _OPTIONS.sub(lambda option: _SPOKEN[option.group(1)], words)
