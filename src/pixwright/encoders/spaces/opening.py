"""Which published networks one text means."""

from __future__ import annotations

from collections.abc import Sequence

from pixwright.encoders.aligned import Aligned
from pixwright.errors import InvalidOption


def open_published(given: str, bridge: Sequence[str], device: str = "auto") -> Aligned:
    """`given`: the name, folder or file of ImageBind's weights, or two names or folders with a comma between them, CLIP's and CLAP's.

    `bridge`: texts that join CLIP and CLAP. Raises `InvalidOption` (a device, more than two), `WeightsMissing`, `WeightsCorrupt`, `MissingExtra`.
    """
    names = [name.strip() for name in given.split(",")]
    match names:
        case [one] if one:
            from pixwright.encoders.spaces.imagebind import open_imagebind

            return open_imagebind(one, device)
        case [clip, clap] if clip and clap:
            from pixwright.encoders.spaces.clip_clap import open_clip_clap

            return open_clip_clap(clip, clap, bridge, device)
        case _:
            raise InvalidOption(
                f"aligned={given!r}; allowed: mini, a folder of ImageBind's weights, or CLIP's and CLAP's folders with a comma between them"
            )
