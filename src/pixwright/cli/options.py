"""The options that commands share, each written down once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class YesNo(StrEnum):
    """An option that is on or off."""

    YES = "yes"
    NO = "no"


PictureArg = Annotated[
    Path, typer.Argument(metavar="PICTURE", help="PNG, JPEG, WebP, AVIF, HEIC, TIFF, BMP or GIF; - for standard input.")
]
OutputOpt = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where to write, - for standard output; default: beside the input, -edited.",
    ),
]
MaskOpt = Annotated[
    Path | None, typer.Option("--mask", metavar="FILE", help="Edit only here: white = edit, or alpha 0 = edit.")
]
BoxOpt = Annotated[str | None, typer.Option("--box", metavar="X0,Y0,X1,Y1", help="Edit what is in this box (pixels).")]
PointOpt = Annotated[
    list[str] | None,
    typer.Option("--point", metavar="X,Y", help="The thing at this point (pixels); give it again for more."),
]
NotPointOpt = Annotated[
    list[str] | None,
    typer.Option("--not-point", metavar="X,Y", help="With --point: a point that is not on the thing."),
]
ScribbleOpt = Annotated[
    Path | None,
    typer.Option("--scribble", metavar="FILE", help="The thing under these strokes: white on black, or alpha."),
]
MarkupOpt = Annotated[
    Path | None,
    typer.Option(
        "--markup",
        metavar="FILE",
        help="A transparent drawing of the picture's size: a ring round the thing, an arrow.",
    ),
]
MaskLimitsOpt = Annotated[
    YesNo,
    typer.Option("--mask-limits", help="no: --mask and --box only say where; what is moved may land elsewhere."),
]
FormatOpt = Annotated[
    str | None,
    typer.Option("--format", metavar="ENDING", help="Of standard output: png, jpg, webp, ...; default: as the input."),
]
FrameOpt = Annotated[
    int | None,
    typer.Option(
        "--frame", min=1, metavar="N", help="Of an animation or of pages: this one alone, from 1; default: all."
    ),
]
FirstFrameOpt = Annotated[bool, typer.Option("--first-frame", help="The same as --frame 1.")]
ProtectOpt = Annotated[
    Path | None, typer.Option("--protect", metavar="FILE", help="What shall stay as it is, white; goes with any place.")
]
AttachOpt = Annotated[
    list[Path] | None,
    typer.Option("--attach", "-a", metavar="FILE", help="Picture or sound that the words call [1], [2], ..."),
]
SeedOpt = Annotated[int, typer.Option("--seed", help="Same seed, same result, to the byte.")]
ForceOpt = Annotated[bool, typer.Option("--force", help="Replace what is there; an input never.")]
SystemOpt = Annotated[
    str, typer.Option("--system", metavar="NAME", help="Which system edits; see `pixwright systems`.")
]
SetOpt = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="An option of the system; see `pixwright systems`."),
]
_CONTROL = "A control of a step, as the report lists them; 2.NAME=VALUE: of the second step only."
SetControlOpt = Annotated[list[str] | None, typer.Option("--set-control", metavar="NAME=VALUE", help=_CONTROL)]
ControlOpt = Annotated[list[str] | None, typer.Option("--control", metavar="NAME=VALUE", help=_CONTROL)]


InstructionArg = Annotated[str, typer.Argument(metavar="INSTRUCTION", help='Such as "make the left cup red".')]
LibraryOpt = Annotated[
    Path | None, typer.Option("--library", metavar="DIR", help="Your own cut-outs, for what is added.")
]
SeedsOpt = Annotated[int, typer.Option("--n", help="Try n seeds and keep the best by judge.")]
ReportOpt = Annotated[
    Path | None, typer.Option("--report", metavar="FILE.json", help="Write the account of what changed.")
]
CompareOpt = Annotated[
    Path | None, typer.Option("--compare", metavar="FILE.png", help="Write before and after side by side.")
]
KeepGpsOpt = Annotated[bool, typer.Option("--keep-gps", help="Keep the place where the photograph was taken.")]
SignOpt = Annotated[
    bool | None,
    typer.Option("--sign/--no-sign", help="Sign the result; default: where it is due (docs/provenance.md)."),
]
MarkOpt = Annotated[bool, typer.Option("--mark/--no-mark", help="An invisible mark in what a network painted.")]
PolicyOpt = Annotated[
    bool, typer.Option("--policy/--no-policy", help="Refuse sexual content about persons (docs/provenance.md).")
]
JsonOpt = Annotated[bool, typer.Option("--json", help="Print the account of what changed as JSON.")]
QuietOpt = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
InSessionOpt = Annotated[
    str | None,
    typer.Option(
        "--session", "-s", metavar="NAME", help="Keep the result in this session, and read the words against it."
    ),
]
VerboseOpt = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say what is being done, what each step found, and how long it took.")
]
RowsOpt = Annotated[bool, typer.Option("--json", help="Print the list as JSON.")]
